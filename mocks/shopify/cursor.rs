//! Cursors of connections: base64 of `{"last_id":…,"last_value":…}`. Source: shopify.md §b.5.

use serde::{Deserialize, Serialize};

/// The last row of a page: its number and its sort value (milliseconds where the sort is by time).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Cursor {
    pub last_id: u64,
    pub last_value: i64,
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

impl Cursor {
    pub(super) fn encode(self) -> Box<str> {
        let json = format!(r#"{{"last_id":{},"last_value":{}}}"#, self.last_id, self.last_value);
        let mut text = String::with_capacity(json.len().div_ceil(3) * 4);
        for chunk in json.as_bytes().chunks(3) {
            let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
            let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
            for at in 0..4 {
                let sextet = (bits >> (18 - 6 * at) & 63) as usize;
                text.push(if at <= chunk.len() { char::from(ALPHABET[sextet]) } else { '=' });
            }
        }
        text.into_boxed_str()
    }

    /// `None` for what is no cursor.
    pub(super) fn decode(text: &str) -> Option<Cursor> {
        let digits = text.trim_end_matches('=').as_bytes();
        let mut json = Vec::with_capacity(digits.len() * 3 / 4);
        for chunk in digits.chunks(4) {
            let mut bits = 0u32;
            for at in 0..4 {
                let sextet = match chunk.get(at) {
                    Some(digit) => ALPHABET.iter().position(|known| known == digit)? as u32,
                    None => 0,
                };
                bits = bits << 6 | sextet;
            }
            json.extend_from_slice(&bits.to_be_bytes()[1..chunk.len()]);
        }
        serde_json::from_slice(&json).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_read_back_and_garbage_does_not() {
        for last_id in [1, 22, 333, 5_400_000_032_768] {
            let cursor = Cursor { last_id, last_value: 1_795_755_600_000 };
            assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
        }
        let one = Cursor { last_id: 1, last_value: 2 };
        assert_eq!(&*one.encode(), "eyJsYXN0X2lkIjoxLCJsYXN0X3ZhbHVlIjoyfQ==");
        for text in ["", "abc", "not a cursor", "e30="] {
            assert_eq!(Cursor::decode(text), None, "{text}");
        }
    }
}
