//! One conformance suite for each port.

mod netsuite;
mod store;
