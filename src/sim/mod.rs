//! The deterministic simulation.
//!
//! [`executor`] runs everything on virtual time, [`random`] draws all luck by key, [`trace`] hashes what
//! happened. [`world`] says who buys what, [`curve`] when, [`faults`] what goes wrong on the way.

pub mod curve;
pub mod executor;
pub mod faults;
pub mod random;
pub mod trace;
pub mod world;
