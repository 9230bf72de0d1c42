//! The deterministic simulation.
//!
//! [`run`] plays one scenario with one seed: it puts a [`rehearsal`] together on the [`executor`] and has the
//! [`audit`] compare. Its [`subject`] is the engine, or the [`naive`] connector that everybody writes first. On the [`stage`] stand both twins; [`world`] says who buys what and [`curve`] when,
//! [`traffic`] does it; the [`processor`] pays out into the [`bank`]; [`faults`] decides what goes wrong, [`climate`] what was scheduled; [`transports`] and
//! [`deliveries`] carry calls and webhooks; [`live`] is all of it on sockets, in step with the machine's clock. [`random`] draws all luck by key, [`trace`] hashes what happened,
//! [`oracle`] computes the books as they must be, [`result`] is what one run came to, and [`meter`] where its time went. [`defect`] plants the
//! mistakes that prove each invariant.

pub mod audit;
pub mod bank;
pub mod climate;
pub mod curve;
pub mod defect;
pub mod deliveries;
pub mod executor;
pub mod faults;
pub mod lag;
pub mod live;
pub mod meter;
pub mod naive;
pub mod oracle;
pub mod planted_store;
pub mod processor;
pub mod products;
pub mod random;
pub mod refusals;
pub mod rehearsal;
pub mod result;
pub mod run;
pub mod snapshot;
pub mod stage;
pub mod subject;
pub mod trace;
pub mod traffic;
pub mod transports;
pub mod volumes;
pub mod wholesale;
pub mod world;
