//! Both platforms, simulated: they behave as the real ones do, and fail as they do.

pub mod http;
pub mod netsuite;
pub mod shopify;
