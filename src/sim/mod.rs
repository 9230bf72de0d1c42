//! The deterministic simulation.
//!
//! [`executor`] runs everything on virtual time, [`random`] draws all luck by key, [`trace`] hashes what
//! happened. [`curve`] says when shoppers come. [`oracle`] computes the books as they must be.

pub mod curve;
pub mod executor;
pub mod oracle;
pub mod random;
pub mod result;
pub mod trace;
