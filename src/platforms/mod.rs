//! The real clients of both platforms: wire types, conversion, client, transport; and the statements of banks.

pub mod bank;
pub mod base64;
pub mod https;
pub mod netsuite;
pub mod secret;
pub mod shopify;
