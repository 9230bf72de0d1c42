//! The service as a process: it starts, receives, stops and tells, whatever its platforms do.

mod configuration;
mod lifecycle;
mod service;
mod silence;
