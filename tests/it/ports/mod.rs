//! One conformance suite for each port.

mod netsuite;
mod shopify;
mod store;
