//! The production runtime: [`tokio`] behind the `Runtime` port, and everything wired together.
//!
//! In reading order: [`config`] (what the service is told), [`serve`] (what it is made of, and how it stops), [`log`]
//! and [`gauges`] (what it says of itself).

pub mod check;
pub mod config;
pub mod gauges;
pub mod log;
pub mod reconcile;
pub mod rotation;
pub mod serve;
mod stop;
pub mod tokio;
mod watched;

pub use stop::stop_asked;
