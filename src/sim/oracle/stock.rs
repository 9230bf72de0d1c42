//! What stock there is, by the world's own record: what was on hand when the day began, what staff did to it, and
//! what was sold. And what shoppers must be shown of it.
//!
//! Written from the shop profile and from postings.md; knows no reading of either platform.

use std::sync::Arc;

use crate::domain::{FixedMap, InternalId, ShopKey, Sku, Timestamp};
use crate::scenario::{Profile, Storefront};

/// One item at one location.
#[derive(Debug, Clone, Copy, Default)]
struct Held {
    on_hand: i64,
    /// Sold by shops or by staff, and not shipped.
    sold: i64,
}

/// Units that staff took at a moment.
#[derive(Debug, Clone, Copy)]
struct Taken {
    at: Timestamp,
    place: usize,
    units: i64,
}

/// Stock by the world's record.
#[derive(Clone)]
pub struct WorldStock {
    profile: Arc<Profile>,
    locations: Vec<InternalId>,
    items: FixedMap<Box<str>, usize>,
    /// Members of kits by position, with units in one kit; a member that is named twice once, with all its units.
    kits: FixedMap<Box<str>, Vec<(usize, i64)>>,
    /// Item by item, each with all locations.
    held: Vec<Held>,
    taken: Vec<Taken>,
    pub turned_away: u64,
}

impl WorldStock {
    pub fn new(profile: Arc<Profile>) -> WorldStock {
        let mut locations: Vec<InternalId> =
            profile.shops.iter().flat_map(|shop| shop.locations.iter().map(|(_, known)| *known)).collect();
        locations.sort_unstable();
        locations.dedup();
        let stocked = &profile.stock.items;
        let items: FixedMap<Box<str>, usize> = stocked
            .iter()
            .enumerate()
            .filter(|(_, item)| !item.is_unmapped)
            .map(|(at, item)| (item.sku.0.clone(), at))
            .collect();
        let mut kits = FixedMap::default();
        for kit in &profile.stock.kits {
            let mut members: Vec<(usize, i64)> = Vec::new();
            for member in &kit.members {
                let Some(at) = items.get(&member.sku.0).copied() else { continue };
                let units = i64::from(member.quantity);
                match members.iter_mut().find(|(known, _)| *known == at) {
                    Some((_, sum)) => *sum += units,
                    None => members.push((at, units)),
                }
            }
            kits.insert(kit.sku.0.clone(), members);
        }
        let held = stocked
            .iter()
            .flat_map(|item| locations.iter().map(|_| Held { on_hand: item.on_hand, sold: 0 }))
            .collect();
        WorldStock { profile, locations, items, kits, held, taken: Vec::new(), turned_away: 0 }
    }

    /// Whether stock is kept for the shop at all.
    pub fn is_kept(&self, shop: ShopKey) -> bool {
        self.storefront(shop).is_some_and(|shop| !shop.locations.is_empty())
    }

    /// A shop sold units; below zero it took them back before they were shipped.
    pub fn sold(&mut self, shop: ShopKey, sku: &str, units: i64) {
        let Some((_, location)) = self.storefront(shop).and_then(|shop| shop.locations.first().copied())
        else {
            return;
        };
        self.demand(sku, location, units);
    }

    /// Staff sold units in NetSuite.
    pub fn wholesale(&mut self, sku: &str, location: InternalId, units: i64, at: Timestamp) {
        self.demand(sku, location, units);
        self.take(sku, location, units, at);
    }

    /// Staff found or missed units.
    pub fn adjusted(&mut self, sku: &str, location: InternalId, by: i64, at: Timestamp) {
        for (place, units) in self.parts(sku, location) {
            self.held[place].on_hand += by * units;
        }
        self.take(sku, location, -by, at);
    }

    /// Units that are sold and not there, over all items and locations.
    pub fn oversold(&self) -> u64 {
        self.held.iter().map(|held| (held.sold - held.on_hand).max(0).unsigned_abs()).sum()
    }

    /// The numbers of a shop's locations at which any item is oversold.
    pub fn oversold_locations(&self, shop: ShopKey) -> Vec<u64> {
        let room = self.locations.len().max(1);
        let oversold = |location: InternalId| {
            let at = self.locations.iter().position(|known| *known == location);
            let here = self.held.iter().enumerate().filter(|(place, _)| Some(place % room) == at);
            here.into_iter().any(|(_, held)| held.sold > held.on_hand)
        };
        let known = self.storefront(shop).map(|shop| shop.locations.as_slice()).unwrap_or_default();
        known.iter().filter(|(_, location)| oversold(*location)).map(|(number, _)| *number).collect()
    }

    /// What must be shown; `None` where nobody can say, because the item is not stocked or the bundle has no members.
    pub fn published(&self, shop: ShopKey, number: u64, sku: &str) -> Option<i64> {
        self.published_if(shop, number, sku, |_| 0)
    }

    /// The most that may be shown at that moment: what staff took within the promised lag may not be known yet.
    pub fn published_at_most(&self, shop: ShopKey, number: u64, sku: &str, now: Timestamp) -> Option<i64> {
        let lag = self.storefront(shop)?.stock_lag;
        let recent = |place: usize| {
            let fresh = self.taken.iter().filter(|taken| taken.place == place && now.since(taken.at) <= lag);
            fresh.map(|taken| taken.units.max(0)).sum()
        };
        self.published_if(shop, number, sku, recent)
    }

    /// The NetSuite location behind a Shopify location.
    pub fn location(&self, shop: ShopKey, number: u64) -> Option<InternalId> {
        let known = &self.storefront(shop)?.locations;
        known.iter().find(|(known, _)| *known == number).map(|(_, location)| *location)
    }

    pub fn is_immutable(&self, sku: &Sku) -> bool {
        self.profile.stock.kits.iter().any(|kit| kit.sku == *sku && kit.is_immutable)
    }

    pub fn is_kit(&self, sku: &Sku) -> bool {
        self.kits.contains_key(&sku.0)
    }

    /// Members of a kit in its own order, as the profile writes them.
    pub fn members(&self, sku: &Sku) -> Option<&[crate::scenario::KitMember]> {
        self.profile.stock.kits.iter().find(|kit| kit.sku == *sku).map(|kit| kit.members.as_slice())
    }

    fn published_if(
        &self,
        shop: ShopKey,
        number: u64,
        sku: &str,
        allowance: impl Fn(usize) -> i64,
    ) -> Option<i64> {
        let buffer = self.storefront(shop)?.buffer;
        let parts = self.parts(sku, self.location(shop, number)?);
        let free = |place: usize| {
            let held = self.held[place];
            (held.on_hand.max(0) - held.sold + allowance(place) - buffer).max(0)
        };
        parts.into_iter().map(|(place, units)| free(place) / units).min()
    }

    fn storefront(&self, shop: ShopKey) -> Option<&Storefront> {
        self.profile.shops.iter().find(|known| known.key == shop)
    }

    /// What a unit takes at a location: places, each with its units.
    fn parts(&self, sku: &str, location: InternalId) -> Vec<(usize, i64)> {
        let Some(at) = self.locations.iter().position(|known| *known == location) else { return Vec::new() };
        let place = |item: usize| item * self.locations.len() + at;
        match (self.kits.get(sku), self.items.get(sku)) {
            (Some(members), _) => members.iter().map(|(item, units)| (place(*item), *units)).collect(),
            (None, Some(item)) => vec![(place(*item), 1)],
            (None, None) => Vec::new(),
        }
    }

    fn demand(&mut self, sku: &str, location: InternalId, units: i64) {
        for (place, each) in self.parts(sku, location) {
            self.held[place].sold += units * each;
        }
    }

    fn take(&mut self, sku: &str, location: InternalId, units: i64, at: Timestamp) {
        for (place, each) in self.parts(sku, location) {
            self.taken.push(Taken { at, place, units: units * each });
        }
    }
}
