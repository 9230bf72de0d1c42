//! The rolling hash over every event of a run, in order: two runs with equal hashes did the same.
//!
//! Frozen and fast, not cryptographic: it guards against accident. What is published for auditors is SHA-256
//! elsewhere.

use std::fmt;

use crate::domain::Timestamp;

/// Two lanes of 64 bits, each folding a full product of state and input.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceHash {
    left: u64,
    right: u64,
    events: u64,
}

// The fractional digits of π from the first on, a pair for the multipliers and a pair for the start: numbers
// that nobody chose.
const LEFT: u64 = 0x082E_FA98_EC4E_6C89;
const RIGHT: u64 = 0x4528_21E6_38D0_1377;

const fn fold(left: u64, right: u64) -> u64 {
    let product = left as u128 * right as u128;
    (product as u64) ^ ((product >> 64) as u64)
}

impl TraceHash {
    pub const fn new() -> TraceHash {
        TraceHash { left: 0x243F_6A88_85A3_08D3, right: 0x1319_8A2E_0370_7344, events: 0 }
    }

    /// Adds one event: its kind, when it happened and two words that say what it was.
    pub const fn event(&mut self, kind: u16, at: Timestamp, a: u64, b: u64) {
        self.events += 1;
        self.word(at.nanos() as u64 ^ ((kind as u64) << 48).rotate_left(16));
        self.word(a ^ ((kind as u64) << 48));
        self.word(b);
    }

    /// Events so far.
    pub const fn events(&self) -> u64 {
        self.events
    }

    /// The hash so far; the number of events counts in.
    pub const fn value(&self) -> u128 {
        let mut last = *self;
        last.word(self.events);
        last.word(LEFT);
        ((last.left as u128) << 64) | last.right as u128
    }

    const fn word(&mut self, word: u64) {
        // The sum keeps a lane alive that a product with zero would end.
        let left = fold(self.left ^ word, LEFT).wrapping_add(self.right);
        self.right = fold(self.right ^ word.rotate_left(32), RIGHT).wrapping_add(self.left.rotate_left(29));
        self.left = left;
    }
}

impl Default for TraceHash {
    fn default() -> TraceHash {
        TraceHash::new()
    }
}

/// 32 hexadecimal digits.
impl fmt::Display for TraceHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.value())
    }
}

impl fmt::Debug for TraceHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
