//! Texts kept small. A million orders carry external ids such as `fr-order-5001` and names such as `#5001`:
//! a text in front, and a number that alone differs. Kept as 16 bytes, the front interned.

use std::collections::BTreeMap;
use std::fmt::Write;

/// A text that [`Names`] keeps. Equal for equal texts of one `Names`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Name {
    number: u64,
    front: u32,
    has_number: bool,
}

impl Name {
    /// Position of the text before the number: equal for all names of one kind and shop.
    pub fn front(self) -> u32 {
        self.front
    }
}

/// The fronts. What strangers write (a person's external id, a label) is interned whole, in an ordered map.
#[derive(Debug, Default)]
pub(super) struct Names {
    texts: Vec<Box<str>>,
    known: BTreeMap<Box<str>, u32>,
}

impl Names {
    /// The name of a text, kept from now on.
    pub fn keep(&mut self, text: &str) -> Name {
        let (front, number) = split(text);
        let at = match self.known.get(front) {
            Some(at) => *at,
            None => {
                let at = u32::try_from(self.texts.len()).expect("fewer than 2³² distinct texts");
                self.texts.push(front.into());
                self.known.insert(front.into(), at);
                at
            }
        };
        Name { number: number.unwrap_or(0), front: at, has_number: number.is_some() }
    }

    /// The name of a text that was kept before.
    pub fn find(&self, text: &str) -> Option<Name> {
        let (front, number) = split(text);
        let at = *self.known.get(front)?;
        Some(Name { number: number.unwrap_or(0), front: at, has_number: number.is_some() })
    }

    /// Position of a text that names began with.
    pub fn find_front(&self, text: &str) -> Option<u32> {
        self.known.get(text).copied()
    }

    pub fn text(&self, name: Name) -> Box<str> {
        let front = &self.texts[name.front as usize];
        if !name.has_number {
            return front.clone();
        }
        let mut text = String::with_capacity(front.len() + 20);
        text.push_str(front);
        write!(text, "{}", name.number).expect("a String takes any text");
        text.into_boxed_str()
    }
}

/// The text's front and the number at its end, if writing that number again gives the same text.
fn split(text: &str) -> (&str, Option<u64>) {
    let digits = text.bytes().rev().take_while(u8::is_ascii_digit).count();
    // Leading zeros belong to the front, and so does what an u64 does not hold.
    let mut at = text.len() - digits.min(19);
    while at + 1 < text.len() && text.as_bytes()[at] == b'0' {
        at += 1;
    }
    match text[at..].parse() {
        Ok(number) => (&text[..at], Some(number)),
        Err(_) => (text, None),
    }
}

#[cfg(test)]
mod tests;
