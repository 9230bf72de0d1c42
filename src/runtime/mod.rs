//! The production runtime: [`tokio`] behind the `Runtime` port.

pub mod tokio;
