//! The service as a process: it starts, receives, stops and tells, whatever its platforms do.

mod check;
mod configuration;
mod lifecycle;
#[cfg(unix)]
mod rotation;
mod service;
mod silence;
mod stores;
