//! The Shopify client: documents, wire types, conversion, price of a query, and the port over a transport.
//!
//! Reading order: [`wire`] (their JSON as types), [`operation`] (a call and its answer), [`cost`] (what a
//! document costs), [`convert`] (wire ↔ domain, nowhere else), [`client`] (the port), [`auth`] (tokens), [`http`] (the
//! real transport). Not here: the simulated transport.

pub mod auth;
pub mod client;
pub mod convert;
pub mod cost;
pub mod http;
pub mod operation;
pub mod survey;
pub mod wire;

pub use client::{Client, Transport, TransportError};
pub use operation::{Answer, Request, Response};
