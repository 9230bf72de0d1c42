//! A GraphQL document by a stranger: it has a price or an error, and the price is found in bounded time.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use plimsoll::platforms::shopify::cost::{Schema, requested};
use plimsoll::platforms::shopify::operation::Request;

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    Schema::parse(include_str!("../../src/platforms/shopify/documents/schema.graphql")).unwrap()
});

fuzz_target!(|document: &str| {
    let _ = requested(&SCHEMA, document, &|_| Some(250));
    let _ = Schema::parse(document);
    let _ = Request::parse(document);
});
