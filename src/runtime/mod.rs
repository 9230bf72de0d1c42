//! The production runtime: [`tokio`] behind the `Runtime` port, and when to stop.

mod stop;
pub mod tokio;

pub use stop::stop_asked;
