//! Shoppers: who buys what, when, and how it is paid, drawn one order at a time.
//!
//! [`World::purchase`] is a function of (scenario, seed, number): no order depends on another, except that a
//! returning buyer is one who bought under an earlier number. A purchase is a plain value that knows neither
//! twin; the driver hands it to Shopify as a checkout. Scripted and recorded events come beside it, exactly
//! as stated.
//!
//! Not here: names and addresses ([`people`]), when orders arrive ([`super::curve`]), taxes and totals
//! (Shopify's checkout computes them from the storefront).

pub mod afterwards;
mod basket;
mod buyer;
pub mod people;

use std::sync::Arc;

use super::curve::Curve;
use super::random::{Domain, Draws, draws};
use crate::domain::{Currency, Duration, Sku, Timestamp};
use crate::scenario::{
    AfterPurchase, DrawnTraffic, Latency, Profile, Scenario, Scripted, ScriptedEvent, Warehouse,
};
use people::{Email, Person};

/// One order as the shopper places it, and what becomes of it that day.
///
/// Amounts are in minor units of the storefront's currency. What the storefront has for all, such as tax
/// rates, is at `shop` in [`Profile::shops`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purchase {
    /// From 0, in order of arrival.
    pub number: u64,
    pub at: Timestamp,
    /// Position in [`Profile::shops`].
    pub shop: usize,
    pub buyer: Buyer,
    /// At least one line.
    pub lines: Vec<BasketLine>,
    /// Codes, in the order in which they were entered. The first is there if the second is.
    pub discounts: [Option<DiscountCode>; 2],
    /// Before tax or with it, as the storefront's prices are; 0 is free.
    pub shipping_minor: i64,
    /// What the shopper saw, if not the shop's own currency.
    pub presentment: Option<Currency>,
    pub payment: Payment,
    pub edit: Option<Edit>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Buyer {
    /// With an account. `email` is what the account says: with a typing error it is a second account of a person
    /// whom NetSuite knows already.
    Customer { person: Person, email: Email },
    /// Without an account; without an e-mail, too, where only a phone number was asked for.
    Guest { person: Person, email: Option<Email> },
    /// The location of a company.
    Company { company: u64 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BasketLine {
    /// Position in the catalogue: [`World::sku`].
    pub variant: u32,
    pub quantity: u32,
    pub unit_price_minor: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiscountCode {
    pub label: &'static str,
    pub off: Off,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Off {
    /// Of the goods, after the codes before it.
    Percent(u32),
    /// Of the goods altogether; no more than what they come to.
    Minor(i64),
}

/// How an order is paid: by one tender, or by two of which the first covers a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payment {
    /// Position in [`DrawnTraffic::tenders`]; it pays what is left.
    pub tender: usize,
    pub first: Option<FirstTender>,
    pub capture: Capture,
}

/// Typically a gift card that does not cover all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstTender {
    /// Position in [`DrawnTraffic::tenders`].
    pub tender: usize,
    /// Of the order's total; at least one minor unit and never all of it.
    pub share_ppm: u32,
}

/// When the money of a card is taken. Gift cards and store credit are taken at once in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capture {
    AtOnce,
    /// Authorised when placed.
    At(Timestamp),
    /// Authorised when placed, and still so when the day ends.
    NotToday,
}

/// A change of the order before it is shipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edit {
    pub at: Timestamp,
    pub what: EditKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditKind {
    /// Units of one line change; zero removes it. Never of an order's only unit.
    Quantity {
        line: usize,
        quantity: u32,
    },
    AddLine(BasketLine),
}

/// Everything that the outside does to the merchant in one run.
#[derive(Debug, Clone)]
pub struct World {
    seed: u64,
    starts: Timestamp,
    /// Nothing new happens from here on.
    ends: Timestamp,
    profile: Arc<Profile>,
    after_purchase: Option<AfterPurchase>,
    warehouse: Option<Warehouse>,
    drawn: Option<Drawn>,
    /// Scripted and recorded events in order of time.
    scripted: Vec<ScriptedEvent>,
}

/// Drawn traffic with what follows from it once.
#[derive(Debug, Clone)]
struct Drawn {
    traffic: DrawnTraffic,
    curve: Curve,
    skus: Arc<[Sku]>,
    /// Price by variant, in minor units.
    prices: Arc<[i64]>,
    /// Companies that share the orders of companies.
    companies: u64,
    /// Positions of `gift-card` and `store-credit` among the tenders.
    balances: [Option<usize>; 2],
}

/// How often a company buys in a day, on average.
///
/// Assumption: buyers of wholesale order weekly to daily; a handful of orders each exercises the shared customer.
const ORDERS_PER_COMPANY: u64 = 5;

impl World {
    pub fn of(scenario: &Scenario, seed: u64) -> World {
        let mut scripted = scenario.scripted.clone();
        if let Some(recorded) = &scenario.recorded {
            scripted.extend(recorded.orders.iter().cloned());
        }
        let mut world =
            World::new(seed, &scenario.profile, scenario.drawn.as_ref(), scenario.starts, scenario.lasts);
        world.scripted = in_order(scripted);
        world.after_purchase.clone_from(&scenario.after_purchase);
        world.warehouse.clone_from(&scenario.warehouse);
        world
    }

    /// A world without scripted events.
    pub fn new(
        seed: u64,
        profile: &Arc<Profile>,
        traffic: Option<&DrawnTraffic>,
        starts: Timestamp,
        lasts: Duration,
    ) -> World {
        World {
            seed,
            starts,
            ends: starts.plus(lasts),
            drawn: traffic
                .filter(|_| !profile.shops.is_empty() && profile.catalogue.count > 0)
                .map(|traffic| Drawn::new(seed, profile, traffic, starts, lasts)),
            profile: Arc::clone(profile),
            after_purchase: None,
            warehouse: None,
            scripted: Vec::new(),
        }
    }

    /// Orders that are drawn, numbered from 0.
    pub fn orders(&self) -> u64 {
        self.drawn.as_ref().map_or(0, |drawn| drawn.curve.arrivals())
    }

    /// When a drawn order is placed; later numbers never before earlier ones. `None` past the last.
    pub fn arrival(&self, number: u64) -> Option<Timestamp> {
        let drawn = self.drawn.as_ref().filter(|drawn| number < drawn.curve.arrivals())?;
        Some(drawn.curve.arrival(number))
    }

    /// The drawn order of that number; `None` past the last.
    pub fn purchase(&self, number: u64) -> Option<Purchase> {
        let at = self.arrival(number)?;
        let drawn = self.drawn.as_ref()?;
        let (shop, buyer) = self.buyer(drawn, number);
        let mut luck = draws(self.seed, Domain::Basket, number, 0, 0);
        let lines = drawn.lines(&mut luck, matches!(buyer, Buyer::Company { .. }));
        let goods = lines.iter().map(|line| line.unit_price_minor * i64::from(line.quantity)).sum();
        let storefront = &self.profile.shops[shop];
        let discounts = drawn.discounts(&mut luck, goods);
        let shipping_minor = basket::shipping(&mut luck, storefront.currency);
        let presentment = basket::presentment(&mut luck, storefront);
        let mut later = draws(self.seed, Domain::Afterwards, number, 0, 0);
        let payment = drawn.payment(&mut later, at, self.ends);
        let edit = drawn.edit(&mut later, at, &lines).filter(|edit| edit.at < self.ends);
        Some(Purchase {
            number,
            at,
            shop,
            buyer,
            lines,
            discounts,
            shipping_minor,
            presentment,
            payment,
            edit,
        })
    }

    /// An e-mail address as it was typed.
    pub fn email(&self, email: Email) -> String {
        match email {
            Email::Of { person, spelling } => person.email(spelling),
            Email::OfKnown { contact, spelling } => {
                people::misspell(&self.profile.known_customers[contact].email, spelling)
            }
        }
    }

    /// The gateway of a tender, as the scenario spells it; `gift-card` and `store-credit` are tenders as well.
    pub fn tender(&self, tender: usize) -> Option<&str> {
        self.drawn.as_ref()?.traffic.tenders.get(tender).map(|(name, _)| name.as_ref())
    }

    /// The SKUs of the catalogue, by variant.
    pub fn skus(&self) -> &[Sku] {
        self.drawn.as_ref().map_or(&[], |drawn| &drawn.skus)
    }

    /// # Panics
    /// The catalogue has no such variant.
    pub fn sku(&self, variant: u32) -> &Sku {
        &self.skus()[variant as usize]
    }

    /// Scripted and recorded events with their instants, in order of time.
    pub fn scripted(&self) -> impl Iterator<Item = (Timestamp, &Scripted)> {
        self.scripted.iter().map(|event| (self.starts.plus(event.at), &event.what))
    }

    pub fn profile(&self) -> &Arc<Profile> {
        &self.profile
    }

    /// The instant from which nothing new happens.
    pub fn ends(&self) -> Timestamp {
        self.ends
    }
}

/// Events of one instant stay as the file has them.
fn in_order(mut events: Vec<ScriptedEvent>) -> Vec<ScriptedEvent> {
    events.sort_by_key(|event| event.at);
    events
}

impl Drawn {
    fn new(
        seed: u64,
        profile: &Profile,
        traffic: &DrawnTraffic,
        starts: Timestamp,
        lasts: Duration,
    ) -> Drawn {
        let catalogue = &profile.catalogue;
        let (low, high) = catalogue.price_minor;
        let price = |variant: u32| draws(seed, Domain::Item, u64::from(variant), 0, 0).between(low, high);
        let of_companies = u128::from(traffic.total) * u128::from(traffic.b2b_ppm) / 1_000_000;
        let balance = |name: &str| traffic.tenders.iter().position(|(tender, _)| tender.as_ref() == name);
        Drawn {
            traffic: traffic.clone(),
            curve: Curve::new(
                seed,
                traffic.total,
                (starts, lasts),
                &profile.shops[0].zone,
                &traffic.curve,
                &traffic.spikes,
            ),
            skus: catalogue.skus().collect(),
            prices: (0..catalogue.count).map(price).collect(),
            companies: (of_companies as u64 / ORDERS_PER_COMPANY).max(1),
            balances: [balance("gift-card"), balance("store-credit")],
        }
    }

    fn payment(&self, luck: &mut Draws, at: Timestamp, ends: Timestamp) -> Payment {
        let traffic = &self.traffic;
        let tender = luck.weighted(traffic.tenders.iter().map(|(_, weight)| *weight)).unwrap_or(0);
        let (split, share_ppm) =
            (luck.chance(traffic.split_tender_ppm), luck.between(100_000, 700_000) as u32);
        // A gift card that falls short is what splits a payment most; the rest is then for money.
        let first = self.balances[0].or(self.balances[1]).filter(|_| split);
        let tender = match first {
            Some(_) => self.money_tender(tender),
            None => tender,
        };
        let late = luck.chance(traffic.late_capture_ppm);
        let delay = luck.latency(Latency {
            median: traffic.capture_delay_median,
            p99: traffic.capture_delay_median.times(CAPTURE_P99_MEDIANS),
        });
        let capture = match at.plus(delay) {
            _ if !late || self.is_balance(tender) => Capture::AtOnce,
            then if then < ends => Capture::At(then),
            _ => Capture::NotToday,
        };
        Payment { tender, first: first.map(|tender| FirstTender { tender, share_ppm }), capture }
    }

    fn is_balance(&self, tender: usize) -> bool {
        self.balances.contains(&Some(tender))
    }

    /// The tender itself, or the first by money where it is a balance.
    fn money_tender(&self, tender: usize) -> usize {
        if !self.is_balance(tender) {
            return tender;
        }
        (0..self.traffic.tenders.len()).find(|other| !self.is_balance(*other)).unwrap_or(tender)
    }

    fn edit(&self, luck: &mut Draws, at: Timestamp, lines: &[BasketLine]) -> Option<Edit> {
        if !luck.chance(self.traffic.edit_ppm) {
            return None;
        }
        let at = at.plus(luck.within(self.traffic.edit_within));
        let line = luck.below(lines.len() as u64) as usize;
        let units = lines[line].quantity;
        let what = match luck.below(3) {
            0 if lines.len() > 1 => EditKind::Quantity { line, quantity: 0 },
            1 if units > 1 => {
                EditKind::Quantity { line, quantity: luck.between(1, i64::from(units) - 1) as u32 }
            }
            1 => EditKind::Quantity { line, quantity: units + 1 },
            _ => EditKind::AddLine(self.line(luck.zipf(self.skus.len() as u32), 1)),
        };
        Some(Edit { at, what })
    }
}

/// From the median of the capture delay to its 99th percentile.
///
/// Source: traits.md §1, "Order-to-approval": card median 17 min, p99 53 h.
const CAPTURE_P99_MEDIANS: u64 = 187;

#[cfg(test)]
mod tests;
