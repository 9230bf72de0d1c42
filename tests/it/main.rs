//! The one integration-test binary.

mod ports;
