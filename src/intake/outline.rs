//! The outline of a body: what stands at its top, and whether two readers of JSON could disagree about it.
//!
//! Nested deeper than other readers go, or with one key twice at the top: such a body is nobody's to interpret.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

/// As deep as `serde_json` itself reads into a value that it does not skip.
const DEPTH_MAX: u32 = 127;

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Outline {
    pub admin_graphql_api_id: Option<Box<str>>,
    pub order_status_url: Option<Box<str>>,
    /// Number of the customer whose record or order it is.
    pub customer: Option<u64>,
}

impl Outline {
    /// # Errors
    /// It is no JSON object, too deep, or has a key twice at its top, if only in another case.
    pub fn read(body: &str) -> Result<Outline, String> {
        if depth(body.as_bytes()) > DEPTH_MAX {
            return Err(format!("nested deeper than {DEPTH_MAX}"));
        }
        serde_json::from_str(body).map_err(|error| error.to_string())
    }

    /// The kind in the global id, such as `Order`.
    pub fn kind(&self) -> Option<&str> {
        self.admin_graphql_api_id.as_deref()?.strip_prefix("gid://shopify/")?.split('/').next()
    }

    /// The `….myshopify.com` domain of the status page; `None` if the shop has a domain of its own.
    pub fn shop_domain(&self) -> Option<&str> {
        let host = self.order_status_url.as_deref()?.strip_prefix("https://")?.split('/').next()?;
        host.ends_with(".myshopify.com").then_some(host)
    }
}

/// Of brackets and braces outside strings. One pass, no recursion: a million levels cost a million bytes read.
fn depth(body: &[u8]) -> u32 {
    let (mut depth, mut deepest) = (0u32, 0u32);
    let mut bytes = body.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                while let Some(inside) = bytes.next() {
                    match inside {
                        b'"' => break,
                        b'\\' => drop(bytes.next()),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    deepest
}

#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(serde::Deserialize)]
struct Customer {
    id: u64,
}

impl<'de> Deserialize<'de> for Outline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Outline, D::Error> {
        struct Top;

        impl<'de> Visitor<'de> for Top {
            type Value = Outline;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Outline, A::Error> {
                let mut outline = Outline::default();
                let mut keys: Vec<Cow<'de, str>> = Vec::with_capacity(128);
                while let Some(Key(mut key)) = map.next_key()? {
                    let value: &RawValue = map.next_value()?;
                    match &*key {
                        "admin_graphql_api_id" => outline.admin_graphql_api_id = text(value),
                        "order_status_url" => outline.order_status_url = text(value),
                        "customer" => {
                            let customer: Option<Customer> = serde_json::from_str(value.get()).ok();
                            outline.customer = customer.map(|customer| customer.id);
                        }
                        _ => {}
                    }
                    if key.bytes().any(|byte| byte.is_ascii_uppercase()) {
                        key = Cow::Owned(key.to_ascii_lowercase());
                    }
                    keys.push(key);
                }
                keys.sort_unstable();
                match keys.windows(2).find(|pair| pair[0] == pair[1]) {
                    Some(_) => Err(A::Error::custom("a key stands twice")),
                    None => Ok(outline),
                }
            }
        }

        deserializer.deserialize_map(Top)
    }
}

fn text(value: &RawValue) -> Option<Box<str>> {
    serde_json::from_str(value.get()).ok()
}

#[cfg(test)]
mod tests;
