//! One conformance suite for each port.

mod shopify;
mod store;
