//! How much text a field of NetSuite takes, and cutting text to it without breaking a letter.
//!
//! Not here: whose text it is, or where a loss is recorded (`engine::order::translate::fit`).
//!
//! Source: NetSuite's own import template for customers (company name and addressee 83, address lines 150, telephone
//! 21 characters). The others are assumptions, to be compared with a real account before go-live: none is stated.

use std::fmt;

use unicode_segmentation::UnicodeSegmentation;

/// The most that one field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldLimit {
    /// As NetSuite names the field.
    pub field: &'static str,
    /// In units of UTF-16, as the platform counts.
    pub characters: usize,
}

const fn limit(field: &'static str, characters: usize) -> FieldLimit {
    FieldLimit { field, characters }
}

pub const COMPANY_NAME: FieldLimit = limit("companyname", 83);
pub const FIRST_NAME: FieldLimit = limit("firstname", 32);
pub const LAST_NAME: FieldLimit = limit("lastname", 32);
pub const EMAIL: FieldLimit = limit("email", 254);
pub const PHONE: FieldLimit = limit("phone", 21);
pub const OTHER_REF_NUM: FieldLimit = limit("otherrefnum", 45);
pub const DESCRIPTION: FieldLimit = limit("description", 4_000);
pub const ADDRESSEE: FieldLimit = limit("addressee", 83);
pub const ADDRESS_LINE_1: FieldLimit = limit("addr1", 150);
pub const ADDRESS_LINE_2: FieldLimit = limit("addr2", 150);
pub const CITY: FieldLimit = limit("city", 50);
pub const STATE: FieldLimit = limit("state", 30);
pub const ZIP: FieldLimit = limit("zip", 36);
pub const ADDRESS_PHONE: FieldLimit = limit("addrphone", 21);

impl FieldLimit {
    pub fn takes(self, text: &str) -> bool {
        // No text has more units of UTF-16 than it has bytes.
        text.len() <= self.characters || characters(text) <= self.characters
    }

    /// As much of the text as fits, without half a letter at its end: accents, flags and joined emoji stay whole. Only
    /// a letter that is larger than the field by itself is cut inside.
    pub fn cut(self, text: &str) -> &str {
        if self.takes(text) {
            return text;
        }
        match fitting(
            text.grapheme_indices(true).map(|(at, letter)| (at, letter.len())),
            text,
            self.characters,
        ) {
            0 => {
                let inside = text.char_indices().map(|(at, character)| (at, character.len_utf8()));
                &text[..fitting(inside, text, self.characters)]
            }
            end => &text[..end],
        }
    }

    /// What is lost when the text is cut.
    pub fn loss(self, text: &str) -> Option<Loss> {
        let kept = self.cut(text);
        (kept.len() < text.len()).then(|| Loss {
            field: self.field,
            had: characters(text),
            kept: characters(kept),
        })
    }
}

/// Where the last part ends that fits as a whole.
fn fitting(parts: impl Iterator<Item = (usize, usize)>, text: &str, most: usize) -> usize {
    let (mut end, mut taken) = (0, 0);
    for (at, length) in parts {
        taken += characters(&text[at..at + length]);
        if taken > most {
            break;
        }
        end = at + length;
    }
    end
}

fn characters(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// That text was cut, and by how much: never the text itself, which may be anybody's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    pub field: &'static str,
    pub had: usize,
    pub kept: usize,
}

/// `addr1 from 180 to 150 characters`.
impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} from {} to {} characters", self.field, self.had, self.kept)
    }
}

#[cfg(test)]
mod tests;
