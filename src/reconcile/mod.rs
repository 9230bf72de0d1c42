//! Two-sided comparison of what the platforms say. Pure; runs in production and in simulation.

pub mod close;
pub mod discrepancy;
pub mod order;
pub mod sales_order;
pub mod settlement;
