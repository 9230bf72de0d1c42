//! One conformance suite for each port.

mod store;
