//! The deterministic simulation: executor, world, faults, oracle.

pub mod oracle;
