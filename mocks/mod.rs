//! Both platforms, simulated: they behave as the real ones do, and fail as they do.

pub mod netsuite;
pub mod shopify;
