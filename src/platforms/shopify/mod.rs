//! The Shopify client.
