//! Bundles: which items NetSuite knows as kits, and what a unit of each takes.
//!
//! NetSuite masters the definition; it is read when first needed and again by the feed's timer.

use std::sync::{Arc, Mutex};

use crate::domain::{FixedMap, Sku};
use crate::ports::stock::KitRow;

/// One member of a kit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub sku: Sku,
    /// Units in one kit, at least 1.
    pub quantity: u32,
    /// Of one unit: the weight by which the kit's price is spread over its members.
    pub base_price: u64,
}

/// All kits. `None` stands for a kit that cannot be resolved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kits(FixedMap<Sku, Option<Box<[Member]>>>);

impl Kits {
    /// One missing member makes the whole kit unresolved: its units cannot be sold without it.
    pub fn of_rows(rows: Vec<KitRow>) -> Kits {
        let mut kits: FixedMap<Sku, Option<Vec<Member>>> = FixedMap::default();
        for row in rows {
            let members = kits.entry(row.kit).or_insert_with(|| Some(Vec::new()));
            match (row.member, members.as_mut()) {
                (Some(sku), Some(known)) => {
                    known.push(Member { sku, quantity: row.quantity, base_price: row.base_price });
                }
                _ => *members = None,
            }
        }
        Kits(kits.into_iter().map(|(kit, members)| (kit, members.map(Vec::into_boxed_slice))).collect())
    }

    /// `None` if the item is no kit, `Some(None)` if it is one that cannot be resolved.
    pub fn members(&self, sku: &Sku) -> Option<Option<&[Member]>> {
        self.0.get(sku).map(|members| members.as_deref())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The kits as last read; nothing before the first reading.
#[derive(Debug, Default)]
pub struct KnownKits(Mutex<Option<Arc<Kits>>>);

impl KnownKits {
    pub fn get(&self) -> Option<Arc<Kits>> {
        self.0.lock().expect("no code panics while it holds the kits").clone()
    }

    pub fn set(&self, kits: Kits) -> Arc<Kits> {
        let kits = Arc::new(kits);
        *self.0.lock().expect("no code panics while it holds the kits") = Some(Arc::clone(&kits));
        kits
    }
}
