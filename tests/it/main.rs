//! The one integration-test binary.

mod crash;
mod determinism;
mod governor;
mod layers;
mod plays;
mod ports;
mod scenarios;
