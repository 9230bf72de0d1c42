//! The one integration-test binary.
#![allow(clippy::disallowed_macros, reason = "each `select!` here is biased")]

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
