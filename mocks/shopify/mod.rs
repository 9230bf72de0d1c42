//! The Shopify twin.
