//! The deterministic simulation.
//!
//! [`executor`] runs everything on virtual time, [`random`] draws all luck by key, [`trace`] hashes what
//! happened. [`world`] says who buys what, [`curve`] when, [`faults`] what goes wrong on the way. [`oracle`]
//! computes the books as they must be; [`result`] is what one run came to.

pub mod curve;
pub mod executor;
pub mod faults;
pub mod oracle;
pub mod random;
pub mod result;
pub mod trace;
pub mod world;
