//! The one integration-test binary.

mod crash;
mod determinism;
mod layers;
mod plays;
mod ports;
mod scenarios;
