//! The outline of a body: what stands at its top, and whether two readers of JSON could disagree about it.
//!
//! Nested deeper than other readers go, or with one key twice where something is read, if only in another case or in
//! letters that look alike: such a body is nobody's to interpret.

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
    /// It is no JSON object, too deep, has half a character in a text, or has a key twice, if only in another case, or
    /// one of letters that Shopify does not use: at its top, or in the part in which an edit names its order.
    pub fn read(body: &str) -> Result<Outline, String> {
        if depth(body.as_bytes()) > DEPTH_MAX {
            return Err(format!("nested deeper than {DEPTH_MAX}"));
        }
        if has_half_character(body.as_bytes()) {
            return Err("half a character: a surrogate without its other half".to_owned());
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

/// Whether an escape stands for half of a pair, in texts that are read and in those that are skipped: readers disagree
/// on what it means. Outside of texts JSON has no backslash.
///
/// Source: RFC 8259 §8.2.
fn has_half_character(body: &[u8]) -> bool {
    let mut at = 0;
    while let Some(found) = body.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'\\')) {
        let escape = at + found;
        at = match unit_at(body, escape) {
            Some(0xD800..=0xDBFF) => match unit_at(body, escape + 6) {
                Some(0xDC00..=0xDFFF) => escape + 12,
                _ => return true,
            },
            Some(0xDC00..=0xDFFF) => return true,
            Some(_) => escape + 6,
            None => escape + 2,
        };
    }
    false
}

/// The unit of UTF-16 that `\uXXXX` at this place names.
fn unit_at(body: &[u8], at: usize) -> Option<u16> {
    let digits = body.get(at..at + 6)?.strip_prefix(b"\\u")?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// The keys of one object.
struct Keys<'a>(Vec<Cow<'a, str>>);

impl<'a> Keys<'a> {
    fn add(&mut self, mut key: Cow<'a, str>) {
        if key.bytes().any(|byte| byte.is_ascii_uppercase()) {
            key = Cow::Owned(key.to_ascii_lowercase());
        }
        self.0.push(key);
    }

    fn check(&mut self) -> Result<(), &'static str> {
        self.0.sort_unstable();
        if self.0.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err("a key stands twice");
        }
        // Shopify's keys are plain ASCII: another letter is there to look like one of them.
        if self.0.iter().any(|key| !key.is_ascii()) {
            return Err("a key has letters that no field has");
        }
        Ok(())
    }
}

/// An object of which only the keys are looked at.
struct Part;

impl<'de> Deserialize<'de> for Part {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Part, D::Error> {
        struct Inside;

        impl<'de> Visitor<'de> for Inside {
            type Value = Part;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Part, A::Error> {
                let mut keys = Keys(Vec::new());
                while let Some(Key(key)) = map.next_key()? {
                    map.next_value::<&RawValue>()?;
                    keys.add(key);
                }
                keys.check().map_err(A::Error::custom)?;
                Ok(Part)
            }
        }

        deserializer.deserialize_map(Inside)
    }
}

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
                let mut keys = Keys(Vec::with_capacity(128));
                while let Some(Key(key)) = map.next_key()? {
                    let value: &RawValue = map.next_value()?;
                    match &*key {
                        "admin_graphql_api_id" => outline.admin_graphql_api_id = text(value),
                        "order_status_url" => outline.order_status_url = text(value),
                        "customer" => {
                            let customer: Option<Customer> = serde_json::from_str(value.get()).ok();
                            outline.customer = customer.map(|customer| customer.id);
                        }
                        // The one object below the top of which a field decides what is done.
                        "order_edit" => {
                            serde_json::from_str::<Part>(value.get()).map_err(A::Error::custom)?;
                        }
                        _ => {}
                    }
                    keys.add(key);
                }
                keys.check().map_err(A::Error::custom)?;
                Ok(outline)
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
