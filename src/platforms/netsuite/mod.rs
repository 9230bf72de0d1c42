//! The NetSuite client: REST records and SuiteQL.
//!
//! In reading order: [`wire`] (their JSON as types, and its exact numbers), [`operation`] (what may be asked, typed
//! queries included, and how it travels), [`refusal`] (their errors as ours), [`convert`] (wire ↔ domain, nowhere
//! else), [`client`] (the port over a [`client::Transport`]), [`auth`] (signatures and access tokens), [`http`] (the real
//! transport).

pub mod auth;
pub mod client;
pub mod convert;
pub mod http;
pub mod operation;
pub mod refusal;
pub mod survey;
pub mod wire;

pub use client::{Client, Transport, TransportError};
pub use operation::{Answer, Request, Response};
