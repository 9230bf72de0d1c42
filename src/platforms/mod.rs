//! The real clients of both platforms: wire types, conversion, client, transport.

pub mod netsuite;
pub mod shopify;
