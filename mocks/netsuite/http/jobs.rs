//! Requests that clients do not wait for: jobs, their one task, and its result.
//!
//! Source: netsuite.md §7. What it leaves open: here a job is carried out as it is accepted and shows as processing for a
//! second; results are kept until many younger ones have pushed them out, and used keys with them.

use std::collections::{BTreeMap, VecDeque};

use super::address::Address;
use super::json::Json;
use super::problem::Problem;
use crate::domain::{Duration, Timestamp};
use crate::mocks::http::Told;

const ROOT: &str = "/services/rest/async/v1/job";
const KEPT_MAX: usize = 10_000;
const TAKES: Duration = Duration::from_secs(1);

#[derive(Debug)]
struct Job {
    number: u64,
    accepted: Timestamp,
    key: Option<String>,
    result: Told,
}

#[derive(Debug, Default)]
pub(super) struct Jobs {
    jobs: VecDeque<Job>,
    by_key: BTreeMap<String, u64>,
    accepted: u64,
}

impl Jobs {
    /// The refusal of a key that was used before.
    pub fn used(&self, key: Option<&str>, address: &Address) -> Option<Told> {
        let number = self.by_key.get(key?)?;
        let text = "The idempotency key was used by an earlier request.";
        let mut told = Problem::new(400, "IDEMPOTENCY_ERROR", text).told();
        told.headers.push(("Location", format!("{}{ROOT}/{number}", address.origin)));
        Some(told)
    }

    /// Keeps what a request came to; the answer is where to look for it.
    pub fn accept(&mut self, result: Told, key: Option<&str>, address: &Address, now: Timestamp) -> Told {
        self.accepted += 1;
        let number = self.accepted;
        if self.jobs.len() >= KEPT_MAX
            && let Some(oldest) = self.jobs.pop_front()
            && let Some(key) = oldest.key
        {
            self.by_key.remove(&key);
        }
        self.by_key.extend(key.map(|key| (key.to_owned(), number)));
        self.jobs.push_back(Job { number, accepted: now, key: key.map(str::to_owned), result });
        let headers = vec![
            ("Preference-Applied", "respond-async".to_owned()),
            ("Location", format!("{}{ROOT}/{number}", address.origin)),
        ];
        Told { status: 202, headers, body: Vec::new() }
    }

    /// `job/{id}`, `job/{id}/task`, `job/{id}/task/1` and its result; `None` if there is none.
    pub fn get(&self, parts: &[&str], address: &Address, now: Timestamp) -> Option<Told> {
        let job =
            self.jobs.iter().find(|job| Some(job.number) == parts.first().and_then(|id| id.parse().ok()))?;
        let ended = job.accepted.plus(TAKES);
        let is_completed = ended <= now;
        let progress = match (is_completed, job.result.status) {
            (false, _) => "processing",
            (true, 200..300) => "succeeded",
            (true, _) => "failed",
        };
        let href = |rest: &str| Json::text(format!("{}{ROOT}/{}{rest}", address.origin, job.number));
        let link = |rel: &str, rest: &str| {
            Json::Map(vec![("rel".to_owned(), Json::text(rel)), ("href".to_owned(), href(rest))])
        };
        let pair = |name: &str, value: Json| (name.to_owned(), value);
        let body = match parts[1..] {
            [] => Json::Map(vec![
                pair("links", Json::List(vec![link("self", "")])),
                pair("id", Json::text(job.number)),
                pair("completed", Json::Bool(is_completed)),
                pair("progress", Json::text(progress)),
                pair("task", Json::Map(vec![pair("links", Json::List(vec![link("self", "/task")]))])),
            ]),
            ["task"] => {
                let item = vec![
                    pair("links", Json::List(vec![link("self", "/task/1")])),
                    pair("id", Json::text("1")),
                ];
                Json::Map(vec![
                    pair("links", Json::List(vec![link("self", "/task")])),
                    pair("items", Json::List(vec![Json::Map(item)])),
                    pair("count", Json::number(1)),
                    pair("hasMore", Json::Bool(false)),
                    pair("offset", Json::number(0)),
                    pair("totalResults", Json::number(1)),
                ])
            }
            ["task", "1"] => {
                let links = vec![link("self", "/task/1"), link("result", "/task/1/result")];
                let mut pairs = vec![
                    pair("links", Json::List(links)),
                    pair("id", Json::text("1")),
                    pair("completed", Json::Bool(is_completed)),
                    pair("progress", Json::text(progress)),
                    pair("startTime", Json::text(job.accepted.floor_second())),
                ];
                if is_completed {
                    pairs.push(pair("endTime", Json::text(ended.floor_second())));
                }
                Json::Map(pairs)
            }
            ["task", "1", "result"] if is_completed => return Some(job.result.clone()),
            _ => return None,
        };
        Some(singular(&body))
    }
}

/// A body of one resource.
pub(super) fn singular(body: &Json) -> Told {
    let content = "application/vnd.oracle.resource+json; type=singular".to_owned();
    Told { status: 200, headers: vec![("Content-Type", content)], body: body.to_string().into_bytes() }
}
