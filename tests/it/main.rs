//! The one integration-test binary.

mod amounts;
mod attacks;
mod crash;
mod determinism;
mod governor;
mod http;
mod intake;
mod layers;
mod matching;
mod plays;
mod ports;
mod reconcile;
mod recordings;
mod scenarios;
mod serve;
mod wire;
