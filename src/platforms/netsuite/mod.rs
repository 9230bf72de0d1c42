//! The NetSuite client.
