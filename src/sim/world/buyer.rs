//! Who buys: a new customer, one who has bought before, a guest, a company, or a person whom NetSuite knows under
//! another spelling.

use super::people::{Email, Person, Spelling};
use super::{Buyer, Drawn, World};
use crate::sim::random::{Domain, Draws, draws};

/// What the draw of an order says of its buyer, before anyone who bought earlier is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Company,
    Guest { returning: bool },
    New,
    Returning,
}

/// Guests who leave a phone number only. Assumption.
const GUEST_WITHOUT_EMAIL_PPM: u32 = 20_000;
/// Guests who come back and write their e-mail in other capitals. Assumption.
const CAPITALS_PPM: u32 = 100_000;
/// Typing errors in the part after the `@`, where the name before it still gives the person away. Assumption.
const TYPO_IN_DOMAIN_PPM: u32 = 750_000;
/// Typing errors by a contact that the profile names, if there is one. Assumption.
const TYPO_OF_KNOWN_PPM: u32 = 500_000;

impl World {
    /// The storefront and the buyer. A customer belongs to one storefront and comes back to it.
    pub(super) fn buyer(&self, drawn: &Drawn, number: u64) -> (usize, Buyer) {
        let mut luck = self.luck(number);
        match self.kind(drawn, number, &mut luck) {
            Kind::Company => {
                let company = luck.zipf(u32::try_from(drawn.companies).unwrap_or(u32::MAX));
                let mut seat = draws(self.seed, Domain::Other, u64::from(company), 0, 0);
                (self.storefront(&mut seat), Buyer::Company { company: u64::from(company) })
            }
            Kind::Guest { returning } => {
                let nameless = luck.chance(GUEST_WITHOUT_EMAIL_PPM);
                let capitals = luck.chance(CAPITALS_PPM);
                let first = if returning { self.earlier(drawn, number, luck, is_new_guest) } else { None };
                let person = Person(first.unwrap_or(number));
                let spelling = if first.is_some() && capitals { Spelling::Capitals } else { Spelling::Right };
                let email = Some(Email::Of { person, spelling }).filter(|_| !nameless);
                (self.home_of(person), Buyer::Guest { person, email })
            }
            Kind::Returning => {
                let first = self.earlier(drawn, number, luck, is_new_customer).unwrap_or(0);
                self.new_customer(drawn, first)
            }
            Kind::New => self.new_customer(drawn, number),
        }
    }

    /// The customer whose first order has that number. The same whichever of their orders asks.
    fn new_customer(&self, drawn: &Drawn, number: u64) -> (usize, Buyer) {
        let mut luck = draws(self.seed, Domain::Buyer, number, 1, 0);
        let person = Person(number);
        let own = Email::Of { person, spelling: Spelling::Right };
        let (typo, of_known) = (luck.chance(drawn.traffic.typo_ppm), luck.chance(TYPO_OF_KNOWN_PPM));
        let in_domain = luck.chance(TYPO_IN_DOMAIN_PPM);
        let spelling = if in_domain { Spelling::WrongDomain } else { Spelling::WrongName };
        let known = self.profile.known_customers.len() as u64;
        let email = match typo {
            true if known > 0 && (of_known || number == 0) => {
                Email::OfKnown { contact: luck.below(known) as usize, spelling }
            }
            true if number > 0 => {
                let whose = self.earlier(drawn, number, luck, is_new_customer).unwrap_or(0);
                Email::Of { person: Person(whose), spelling }
            }
            _ => own,
        };
        (self.home_of(person), Buyer::Customer { person, email })
    }

    /// An earlier order whose buyer is of the kind asked for, found by going back from a random one.
    ///
    /// Each step halves what is left, on average, so a few tell even for a million orders.
    fn earlier(&self, drawn: &Drawn, number: u64, mut luck: Draws, wanted: fn(Kind) -> bool) -> Option<u64> {
        let mut number = number;
        while number > 0 {
            number = luck.below(number);
            let mut its = self.luck(number);
            if wanted(self.kind(drawn, number, &mut its)) {
                return Some(number);
            }
        }
        None
    }

    fn kind(&self, drawn: &Drawn, number: u64, luck: &mut Draws) -> Kind {
        let traffic = &drawn.traffic;
        let (company, guest) = (luck.chance(traffic.b2b_ppm), luck.chance(traffic.guest_ppm));
        let returning = luck.chance(traffic.returning_ppm);
        match (company, guest, returning) {
            (true, ..) => Kind::Company,
            (false, true, returning) => Kind::Guest { returning },
            (false, false, true) if number > 0 => Kind::Returning,
            (false, false, _) => Kind::New,
        }
    }

    fn luck(&self, number: u64) -> Draws {
        draws(self.seed, Domain::Buyer, number, 0, 0)
    }

    /// The storefront at which a person buys, by weight.
    fn home_of(&self, person: Person) -> usize {
        self.storefront(&mut draws(self.seed, Domain::Buyer, person.0, 2, 0))
    }

    fn storefront(&self, luck: &mut Draws) -> usize {
        luck.weighted(self.profile.shops.iter().map(|shop| shop.weight)).unwrap_or(0)
    }
}

fn is_new_customer(kind: Kind) -> bool {
    kind == Kind::New
}

fn is_new_guest(kind: Kind) -> bool {
    kind == Kind::Guest { returning: false }
}
