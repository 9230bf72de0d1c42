//! Plimsoll: a sync engine between Shopify and NetSuite, and the simulation that certifies it.
//!
//! In reading order:
//!
//! - [`domain`]: the nouns. [`ledger`]: accounts, postings, trial balance. [`policy`]: the merchant's blueprint.
//! - [`ports`]: what the engine asks of platforms, store and runtime. [`reconcile`]: two sides compared.
//! - [`engine`]: the flows, each a pure `plan` and its driver, with queue, governor and sweep.
//! - [`platforms`]: the real clients. [`store`]: SQLite. [`intake`]: the webhook receiver. [`runtime`]: tokio.
//! - [`scenario`]: the file format, and the import of real days. [`mocks`]: both platforms, simulated.
//! - [`sim`]: executor, world, faults, oracle, campaigns. [`report`] and [`cli`]: what people see.

pub mod cli;
pub mod domain;
pub mod engine;
pub mod intake;
pub mod ledger;
#[path = "../mocks/mod.rs"]
pub mod mocks;
pub mod platforms;
pub mod policy;
pub mod ports;
pub mod reconcile;
pub mod report;
pub mod runtime;
pub mod scenario;
pub mod sim;
pub mod store;
