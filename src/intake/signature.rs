//! Whether a body was signed with a shop's secret.
//!
//! The code is compared in constant time over the bytes as they came; JSON that was read and written again signs
//! differently. Source: shopify.md §c.2.

use std::fmt;
use std::sync::{PoisonError, RwLock};

use ring::hmac;

use crate::domain::Timestamp;

/// Characters of 32 bytes in base64, with the padding.
const SIGNATURE_LENGTH: usize = 44;

/// The secret in force and, while it is being rotated, the one before. Neither can be read back.
pub struct Keys(RwLock<Ring>);

struct Ring {
    current: hmac::Key,
    /// And until when it is still accepted.
    previous: Option<(hmac::Key, Timestamp)>,
}

impl Keys {
    pub fn new(secret: &[u8]) -> Keys {
        Keys(RwLock::new(Ring { current: key(secret), previous: None }))
    }

    /// From now on deliveries are signed with this secret; those with the one before are accepted until an
    /// instant. Shopify needs up to an hour for the change.
    pub fn rotate(&self, secret: &[u8], previous_until: Timestamp) {
        let mut ring = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let previous = std::mem::replace(&mut ring.current, key(secret));
        ring.previous = Some((previous, previous_until));
    }

    pub fn verify(&self, body: &[u8], signature: &[u8; 32], now: Timestamp) -> bool {
        let ring = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if hmac::verify(&ring.current, body, signature).is_ok() {
            return true;
        }
        ring.previous
            .as_ref()
            .is_some_and(|(key, until)| now < *until && hmac::verify(key, body, signature).is_ok())
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(***)")
    }
}

fn key(secret: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret)
}

/// The header's 32 bytes. Only the one canonical spelling in base64 is read.
pub(super) fn decode(text: &[u8]) -> Option<[u8; 32]> {
    let digits = text.strip_suffix(b"=").filter(|digits| digits.len() == SIGNATURE_LENGTH - 1)?;
    let mut bytes = [0; 32];
    let mut at = 0;
    let (mut held, mut bits) = (0u32, 0);
    for digit in digits {
        held = held << 6 | sextet(*digit)?;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes[at] = (held >> bits) as u8;
            at += 1;
            held &= (1 << bits) - 1;
        }
    }
    (held == 0).then_some(bytes)
}

fn sextet(digit: u8) -> Option<u32> {
    Some(u32::from(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests;
