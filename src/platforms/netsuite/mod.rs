//! The NetSuite client: REST records and SuiteQL.
//!
//! In reading order: [`wire`] (their JSON as types) and [`decimal`] (its numbers), [`suiteql`] (typed queries),
//! [`operation`] (what may be asked, and how it travels), [`refusal`] (their errors as ours), [`convert`]
//! (wire ↔ domain, nowhere else), [`client`] (the port over a [`client::Transport`]).

pub mod client;
pub mod convert;
pub mod decimal;
pub mod operation;
pub mod refusal;
pub mod suiteql;
pub mod wire;

pub use client::{Client, Transport, TransportError};
pub use operation::{Answer, Request, Response};
