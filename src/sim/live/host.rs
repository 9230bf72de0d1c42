//! The thread on which the world of a scenario lives, in step with the machine's clock.
//!
//! Everything that happens to the world happens here, in order: what is due, requests of whoever connects, and what
//! people ask of the host. Not here: sockets ([`super::sockets`]), one request ([`super::exchange`]), the judgement
//! ([`super::verdict`]).

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Weak};

use tokio::sync::oneshot;

use super::exchange::{Exchange, Outcome};
use super::pace::Pace;
use super::statements::Statements;
use super::verdict::{Due, Landing};
use crate::domain::{Duration, ShopKey, Timestamp};
use crate::mocks::http::Asked;
use crate::ports::Runtime;
use crate::ports::store::Exception;
use crate::scenario::Scenario;
use crate::sim::executor::{Executor, SimRuntime};
use crate::sim::rehearsal::Rehearsal;
use crate::sim::result::RunResult;

/// What reaches the host from other threads.
pub(super) enum Message {
    Asked {
        of: Of,
        asked: Asked,
        /// Alive for as long as whoever asked is connected.
        caller: Weak<()>,
        reply: oneshot::Sender<Outcome>,
    },
    Command(Box<dyn FnOnce(&mut Host) + Send>),
    /// A task of the world was woken from outside.
    Woken,
    Stop,
}

/// Whose door a request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Shopify(ShopKey),
    NetSuite,
}

/// The longest that the host looks away.
const LOOK_AWAY_MAX: std::time::Duration = std::time::Duration::from_millis(50);

/// How often it is looked whether there is rest, and whether the banks have news.
const LOOK: Duration = Duration::from_mins(1);

/// The world and what is known of it.
pub struct Host {
    pub(super) scenario: Arc<Scenario>,
    pub(super) seed: u64,
    pub(super) executor: Executor,
    pub(super) rehearsal: Rehearsal<SimRuntime>,
    pub(super) world: SimRuntime,
    pub(super) exchange: Arc<Exchange>,
    pub(super) pace: Pace,
    /// What the integration says that people must act on; `None` if it never said anything.
    pub(super) reported: Option<Vec<Exception>>,
    pub(super) statements: Option<Statements>,
    /// Why the world stands still.
    pub(super) failed: Option<String>,
    /// Since when there is rest.
    pub(super) rest_since: Option<Timestamp>,
    /// The judgement at the end, once it is made.
    pub(super) judged: Option<RunResult>,
    /// The exceptions that had to be open then.
    pub(super) due_at_end: BTreeSet<Due>,
    pub(super) looked_at: Timestamp,
    pub(super) landing: Landing,
}

impl Host {
    /// Plays until somebody says stop, or everybody who could is gone.
    pub(super) fn play(mut self, inbox: &Receiver<Message>) -> Host {
        loop {
            self.catch_up();
            let next = self.executor.next_timer().map_or(LOOK_AWAY_MAX, |at| self.pace.until(at));
            let message = match inbox.recv_timeout(next.min(LOOK_AWAY_MAX)) {
                Ok(message) => message,
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => return self,
            };
            self.catch_up();
            if !self.take(message) {
                return self;
            }
            while let Ok(message) = inbox.try_recv() {
                if !self.take(message) {
                    return self;
                }
            }
        }
    }

    /// Lets everything happen that is due by now.
    pub(super) fn catch_up(&mut self) {
        let now = self.pace.now();
        if self.failed.is_some() || self.judged.is_some() {
            return;
        }
        let played = catch_unwind(AssertUnwindSafe(|| self.executor.run_until(now)));
        match played {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => self.failed = Some(format!("the world cannot go on: {error}")),
            Err(_) => self.failed = Some("a task of the world panicked".to_owned()),
        }
        if self.failed.is_none() && now.since(self.looked_at) >= LOOK {
            self.looked_at = now;
            self.look();
        }
    }

    fn look(&mut self) {
        self.note_landed();
        if let Some(statements) = &mut self.statements {
            let scene = self.rehearsal.stage.scene();
            if let Err(error) = statements.write(&scene.banks, self.executor.now()) {
                self.failed = Some(error.to_string());
            }
        }
        self.note_rest();
    }

    /// False when the host is to stop.
    fn take(&mut self, message: Message) -> bool {
        match message {
            Message::Stop => return false,
            Message::Woken => {}
            Message::Command(command) => command(self),
            // The sender is dropped: the connection is cut, as by a platform that is gone.
            Message::Asked { .. } if self.failed.is_some() || self.judged.is_some() => {}
            Message::Asked { of, asked, caller, reply } => {
                let exchange = Arc::clone(&self.exchange);
                self.world.spawn(async move {
                    let outcome = match of {
                        Of::Shopify(shop) => exchange.shopify(shop, asked).await,
                        Of::NetSuite => exchange.netsuite(asked, caller).await,
                    };
                    // Whoever asked may be gone.
                    let _ = reply.send(outcome);
                });
            }
        }
        true
    }
}
