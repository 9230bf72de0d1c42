//! A short digest of a value, to tell whether a newer version of it says anything new.

use std::hash::{Hash, Hasher};

/// The first 64 bits of SHA-256 over the value's `Hash` input. Equal in every run and build of one version of
/// the program; after an upgrade a changed digest only means that a record is compared once more.
pub fn digest_of(value: &impl Hash) -> u64 {
    let mut input = Input(Vec::with_capacity(512));
    value.hash(&mut input);
    let digest = ring::digest::digest(&ring::digest::SHA256, &input.0);
    u64::from_be_bytes(digest.as_ref()[..8].try_into().expect("SHA-256 has 32 bytes"))
}

struct Input(Vec<u8>);

impl Hasher for Input {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        unreachable!("digest_of reads the bytes, not a finished hash")
    }
}
