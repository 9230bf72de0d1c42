//! Names and e-mail addresses of shoppers, written only when somebody asks.
//!
//! A person is a number: that of their first order. All names are invented, all addresses reserved by
//! RFC 2606.

use std::fmt;

/// A shopper, by the number of their first order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Person(pub u64);

/// An e-mail address as somebody typed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Email {
    Of {
        person: Person,
        spelling: Spelling,
    },
    /// Of a contact of the profile, by its position there.
    OfKnown {
        contact: usize,
        spelling: Spelling,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    Right,
    /// The same address in capitals.
    Capitals,
    /// Two letters before the `@` have changed places.
    WrongName,
    /// Two letters after the `@` have changed places.
    WrongDomain,
}

const FIRST: [&str; 32] = [
    "Ada", "Amara", "Anton", "Bea", "Carlos", "Chloe", "Daan", "Elif", "Emma", "Farid", "Greta", "Hana",
    "Ines", "Ivo", "Jonas", "Kofi", "Lea", "Linh", "Mateo", "Mira", "Nadia", "Noah", "Olga", "Omar", "Paula",
    "Quinn", "Rosa", "Sven", "Tara", "Uma", "Viktor", "Zoe",
];

const LAST: [&str; 32] = [
    "Abbott", "Baker", "Castro", "Dietz", "Evans", "Fontaine", "Garcia", "Haas", "Ivanova", "Jansen",
    "Keller", "Lindgren", "Moreau", "Nakamura", "Okafor", "Petrov", "Quist", "Rossi", "Silva", "Tanaka",
    "Ueda", "Vogel", "Walsh", "Xu", "Yilmaz", "Zeman", "Brandt", "Costa", "Dubois", "Eriksen", "Fischer",
    "Gruber",
];

const DOMAINS: [&str; 4] = ["example.com", "example.net", "example.org", "mail.example"];

impl Person {
    pub fn first_name(self) -> &'static str {
        FIRST[(self.0 % 32) as usize]
    }

    pub fn last_name(self) -> &'static str {
        LAST[(self.0 / 32 % 32) as usize]
    }

    pub fn name(self) -> String {
        format!("{} {}", self.first_name(), self.last_name())
    }

    /// No two persons share one.
    pub fn email(self, spelling: Spelling) -> String {
        let domain = DOMAINS[(self.0 / 1_024 % 4) as usize];
        let mut right = format!("{}.{}.{}@{domain}", self.first_name(), self.last_name(), self.0);
        right.make_ascii_lowercase();
        misspell(&right, spelling)
    }
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.first_name(), self.last_name())
    }
}

/// An address in that spelling. Without an `@`, or with nothing to exchange, it stays as it is.
pub fn misspell(address: &str, spelling: Spelling) -> String {
    let Some(at) = address.find('@') else { return address.to_owned() };
    let exchange = |from: usize, to: usize| {
        let mut bytes = address.as_bytes().to_vec();
        // The last neighbours that differ: exchanging equal letters would be no error.
        let place = (from..to.saturating_sub(1)).rev().find(|place| {
            let (left, right) = (bytes[*place], bytes[*place + 1]);
            left != right && left.is_ascii_alphabetic() && right.is_ascii_alphabetic()
        });
        if let Some(place) = place {
            bytes.swap(place, place + 1);
        }
        String::from_utf8(bytes).expect("only ASCII letters change places")
    };
    match spelling {
        Spelling::Right => address.to_owned(),
        Spelling::Capitals => address.to_ascii_uppercase(),
        Spelling::WrongName => exchange(0, at),
        // Not the ending: `example.ocm` would be caught by any form.
        Spelling::WrongDomain => exchange(at + 1, address.rfind('.').unwrap_or(address.len()).max(at + 1)),
    }
}
