//! Requests that clients do not wait for: jobs, their tasks, and the result of each.
//!
//! Source: netsuite.md §7, §8. What they leave open: here a job is carried out as it is accepted, and each task shows as
//! processing for a second; results are kept until many younger ones have pushed them out, and used keys with them.

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
    /// At least one; more for a batch.
    results: Vec<Told>,
    order: Order,
}

/// When the tasks of a job are carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    OneAfterTheOther,
    AtOnce,
}

impl Job {
    /// When the task at this position ends.
    fn ends(&self, at: usize) -> Timestamp {
        match self.order {
            Order::AtOnce => self.accepted.plus(TAKES),
            Order::OneAfterTheOther => (0..=at).fold(self.accepted, |ended, _| ended.plus(TAKES)),
        }
    }
}

/// How a task, or all of a job, stands.
fn progress(is_completed: bool, has_succeeded: bool) -> &'static str {
    match (is_completed, has_succeeded) {
        (false, _) => "processing",
        (true, true) => "succeeded",
        (true, false) => "failed",
    }
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

    /// Keeps what a request came to, task by task; the answer is where to look for it.
    pub fn accept(
        &mut self,
        results: Vec<Told>,
        order: Order,
        key: Option<&str>,
        address: &Address,
        now: Timestamp,
    ) -> Told {
        self.accepted += 1;
        let number = self.accepted;
        if self.jobs.len() >= KEPT_MAX
            && let Some(oldest) = self.jobs.pop_front()
            && let Some(key) = oldest.key
        {
            self.by_key.remove(&key);
        }
        self.by_key.extend(key.map(|key| (key.to_owned(), number)));
        self.jobs.push_back(Job { number, accepted: now, key: key.map(str::to_owned), results, order });
        let headers = vec![
            ("Preference-Applied", "respond-async".to_owned()),
            ("Location", format!("{}{ROOT}/{number}", address.origin)),
        ];
        Told { status: 202, headers, body: Vec::new() }
    }

    /// `job/{id}`, `job/{id}/task`, `job/{id}/task/{n}` and its result; `None` if there is none.
    pub fn get(&self, parts: &[&str], address: &Address, now: Timestamp) -> Option<Told> {
        let job =
            self.jobs.iter().find(|job| Some(job.number) == parts.first().and_then(|id| id.parse().ok()))?;
        let href = |rest: &str| Json::text(format!("{}{ROOT}/{}{rest}", address.origin, job.number));
        let link = |rel: &str, rest: &str| {
            Json::Map(vec![("rel".to_owned(), Json::text(rel)), ("href".to_owned(), href(rest))])
        };
        let pair = |name: &str, value: Json| (name.to_owned(), value);
        let task = |number: &str| -> Option<(usize, &Told)> {
            let at = number.parse::<usize>().ok()?.checked_sub(1)?;
            Some((at, job.results.get(at)?))
        };
        let body = match parts[1..] {
            [] => {
                let is_completed = job.ends(job.results.len() - 1) <= now;
                let has_succeeded = job.results.iter().all(|result| (200..300).contains(&result.status));
                Json::Map(vec![
                    pair("links", Json::List(vec![link("self", "")])),
                    pair("id", Json::text(job.number)),
                    pair("completed", Json::Bool(is_completed)),
                    pair("progress", Json::text(progress(is_completed, has_succeeded))),
                    pair("task", Json::Map(vec![pair("links", Json::List(vec![link("self", "/task")]))])),
                ])
            }
            ["task"] => {
                let items = (1..=job.results.len()).map(|number| {
                    let links = Json::List(vec![link("self", &format!("/task/{number}"))]);
                    Json::Map(vec![pair("links", links), pair("id", Json::text(number))])
                });
                Json::Map(vec![
                    pair("links", Json::List(vec![link("self", "/task")])),
                    pair("items", Json::List(items.collect())),
                    pair("count", Json::number(job.results.len())),
                    pair("hasMore", Json::Bool(false)),
                    pair("offset", Json::number(0)),
                    pair("totalResults", Json::number(job.results.len())),
                ])
            }
            ["task", number] => {
                let (at, result) = task(number)?;
                let is_completed = job.ends(at) <= now;
                let path = format!("/task/{number}");
                let links = vec![link("self", &path), link("result", &format!("{path}/result"))];
                let begins =
                    if at == 0 || job.order == Order::AtOnce { job.accepted } else { job.ends(at - 1) };
                let mut pairs = vec![
                    pair("links", Json::List(links)),
                    pair("id", Json::text(number)),
                    pair("completed", Json::Bool(is_completed)),
                    pair("progress", Json::text(progress(is_completed, (200..300).contains(&result.status)))),
                    pair("startTime", Json::text(begins.floor_second())),
                ];
                if is_completed {
                    pairs.push(pair("endTime", Json::text(job.ends(at).floor_second())));
                }
                Json::Map(pairs)
            }
            ["task", number, "result"] => {
                let (at, result) = task(number)?;
                return (job.ends(at) <= now).then(|| result.clone());
            }
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
