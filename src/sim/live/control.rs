//! The port by which a run is watched and steered. Not for the integration under test.
//!
//! | request | does |
//! | --- | --- |
//! | `GET /verdict` | how far the run is and what was found; with `?audit=now` everything is compared at once |
//! | `GET /clock` | the virtual time and its speed |
//! | `POST /speed` `{"speed": 120}` | changes how fast time passes |
//! | `POST /advance` `{"seconds": 1800}` | skips time |
//! | `POST /exceptions` `[…]` | the open exceptions of the integration, replacing those before |
//! | `POST /finish` | the last word: compares everything, and the world stands still |

use std::sync::mpsc::Sender;

use serde::Deserialize;
use tokio::sync::oneshot;

use super::document::ReportedException;
use super::host::{Host, Message};
use super::sockets::Answers;
use crate::domain::Duration;
use crate::mocks::http::{Asked, Told};

pub(super) struct Control {
    pub host: Sender<Message>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Speed {
    speed: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: u64,
}

/// What the host says: JSON, or why not.
type Said = Result<serde_json::Value, String>;

impl Answers for Control {
    async fn answer(&self, asked: Asked) -> Option<Told> {
        let said = match (asked.method.as_str(), asked.path.as_str()) {
            ("GET", "/verdict") => {
                let audited = asked.query.split('&').any(|pair| pair == "audit=now");
                self.ask(move |host| json(&host.document(audited))).await
            }
            ("GET", "/clock") => {
                self.ask(|host| {
                    Ok(serde_json::json!({
                        "now": host.pace.now().to_string(), "speed": host.pace.speed(),
                    }))
                })
                .await
            }
            ("POST", "/speed") => match read::<Speed>(&asked.body) {
                Ok(Speed { speed: 0 }) => Err("`speed` is at least 1".to_owned()),
                Ok(Speed { speed }) => {
                    self.ask(move |host| {
                        host.pace.set_speed(speed);
                        Ok(serde_json::json!({ "speed": speed }))
                    })
                    .await
                }
                Err(cause) => Err(cause),
            },
            ("POST", "/advance") => match read::<Advance>(&asked.body) {
                Ok(Advance { seconds }) => {
                    self.ask(move |host| {
                        host.pace.advance(Duration::from_secs(seconds));
                        // Whoever asks next sees what happened meanwhile.
                        host.catch_up();
                        Ok(serde_json::json!({ "now": host.pace.now().to_string() }))
                    })
                    .await
                }
                Err(cause) => Err(cause),
            },
            ("POST", "/exceptions") => match read::<Vec<ReportedException>>(&asked.body) {
                Ok(reported) => {
                    self.ask(move |host| {
                        host.report(&reported).map(|()| serde_json::json!({ "open": reported.len() }))
                    })
                    .await
                }
                Err(cause) => Err(cause),
            },
            ("POST", "/finish") => {
                self.ask(|host| {
                    host.finish();
                    json(&host.document(true))
                })
                .await
            }
            _ => {
                return Some(told(404, &serde_json::json!({ "error": "no such path; GET /verdict is one" })));
            }
        };
        Some(match said {
            Ok(value) => told(200, &value),
            Err(cause) => told(400, &serde_json::json!({ "error": cause })),
        })
    }
}

impl Control {
    async fn ask(&self, ask: impl FnOnce(&mut Host) -> Said + Send + 'static) -> Said {
        let (reply, said) = oneshot::channel();
        let command = Box::new(move |host: &mut Host| {
            // Whoever asked may be gone.
            let _ = reply.send(ask(host));
        });
        let gone = || "the host has stopped".to_owned();
        self.host.send(Message::Command(command)).map_err(|_| gone())?;
        said.await.map_err(|_| gone())?
    }
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| format!("the body cannot be read: {error}"))
}

fn json(value: &impl serde::Serialize) -> Said {
    serde_json::to_value(value).map_err(|error| error.to_string())
}

fn told(status: u16, value: &serde_json::Value) -> Told {
    let headers = vec![("Content-Type", "application/json".to_owned())];
    Told { status, headers, body: format!("{value:#}\n").into_bytes() }
}
