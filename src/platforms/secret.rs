//! Text that must never be shown: tokens, client secrets, keys.
//!
//! Not here: where a secret is read from. Configuration holds references, and the edge resolves them.

use std::fmt;
use std::sync::Arc;

/// Prints as `***`, has no `Display` and cannot be serialised.
#[derive(Clone)]
pub struct Secret(Arc<str>);

/// What stands where a secret stood.
const MASK: &str = "***";

impl Secret {
    pub fn new(text: &str) -> Secret {
        Secret(text.into())
    }

    /// The text itself, to be put on the wire and nowhere else.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The text without this secret. A platform's error page may repeat what it was sent.
    pub fn masked(&self, text: String) -> String {
        match !self.0.is_empty() && text.contains(&*self.0) {
            true => text.replace(&*self.0, MASK),
            false => text,
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}
