//! Files that are handed in for bulk mutations: addresses given out, and what was sent there.
//!
//! Source: recorded `stagedUploadsCreate` exchanges and uploads; shopify.md §d.5 (100 MB). The storage behind the real
//! addresses checks a signed policy; here only a key that was given out opens a place. Targets of other resources are
//! images and documents that the twin has no use for.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::super::super::super::ids;
use super::super::object::Session;
use super::super::refusal::Refusal;
use crate::domain::Timestamp;

const FILE_BYTES_MAX: usize = 100 * 1024 * 1024;
/// Marks these keys among all that the twin numbers.
const KEYS: u64 = 0;

/// By key: what was sent, if anything was.
#[derive(Debug, Default)]
pub(in super::super::super) struct Staged {
    files: BTreeMap<Box<str>, Option<Box<str>>>,
}

/// What became of a file that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super::super) enum Handed {
    Taken,
    /// Nobody was given this key.
    Unknown,
    TooLarge,
}

impl Staged {
    /// Takes a file that was sent to an address of `stagedUploadsCreate`.
    pub(in super::super::super) fn hand_in(&mut self, key: &str, content: &[u8]) -> Handed {
        match self.files.get_mut(key) {
            None => Handed::Unknown,
            Some(_) if content.len() > FILE_BYTES_MAX => Handed::TooLarge,
            Some(place) => {
                *place = Some(String::from_utf8_lossy(content).into());
                Handed::Taken
            }
        }
    }

    /// What was sent under a key.
    pub(super) fn file(&self, key: &str) -> Option<&str> {
        self.files.get(key)?.as_deref()
    }

    fn open(&mut self, shop: u64, name: &str) -> String {
        let number = self.files.len() as u64 + 1;
        let key = format!("tmp/{shop}/bulk/{}/{name}", ids::uuid(KEYS, number));
        self.files.insert(key.as_str().into(), None);
        key
    }
}

impl Session<'_> {
    /// # Errors
    /// A target for anything but the variables of a bulk mutation.
    pub(in super::super) fn stage(&self, arguments: &Map<String, Value>) -> Result<Value, Refusal> {
        let shop = ids::shop(self.twin.borrow().shops[self.at].ordinal);
        let inputs = arguments.get("input").and_then(Value::as_array);
        let mut targets = Vec::new();
        for input in inputs.into_iter().flatten() {
            let text = |name: &str| input[name].as_str().unwrap_or_default();
            if text("resource") != "BULK_MUTATION_VARIABLES" {
                return Err(Refusal::not_modelled(&format!("a staged upload of {}", text("resource"))));
            }
            let key = self.staged.borrow_mut().open(shop, text("filename"));
            targets.push(match text("httpMethod") {
                "POST" => self.form(&key, text("mimeType")),
                _ => {
                    let url = format!("{}/staged/{key}", self.base);
                    let parameters = [("content_type", text("mimeType")), ("acl", "private")];
                    target(&url, &parameters)
                }
            });
        }
        Ok(json!({ "stagedTargets": targets, "userErrors": [] }))
    }

    /// The fields of a form that takes the file; the last ones sign it at the real storage.
    fn form(&self, key: &str, mime: &str) -> Value {
        let date = compact(self.now);
        let credential = format!("twin/{}/auto/storage/goog4_request", &date[..8]);
        let signature = ids::uuid(KEYS, self.now.nanos().unsigned_abs()).to_string();
        let parameters = [
            ("Content-Type", mime),
            ("success_action_status", "201"),
            ("acl", "private"),
            ("key", key),
            ("x-goog-date", &date),
            ("x-goog-credential", &credential),
            ("x-goog-algorithm", "GOOG4-RSA-SHA256"),
            ("x-goog-signature", &signature),
            ("policy", &signature),
        ];
        target(&format!("{}/staged/", self.base), &parameters)
    }
}

fn target(url: &str, parameters: &[(&str, &str)]) -> Value {
    let parameters = parameters.iter().map(|(name, value)| json!({ "name": name, "value": value }));
    json!({ "url": url, "resourceUrl": url, "parameters": parameters.collect::<Vec<_>>() })
}

/// `20260505T200341Z`.
fn compact(at: Timestamp) -> String {
    at.floor_second().to_string().chars().filter(|letter| !matches!(letter, '-' | ':')).collect()
}
