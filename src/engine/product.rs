//! The product flow: each field of a product says in Shopify what its owner says, and whoever changes a field that
//! the other side owns is told so.
//!
//! Lives here: `plan`, which decides for one variant. Reading and performing is [`driver`]; learning what has changed
//! is [`watch`]. NetSuite's items are read and never written: what NetSuite says of a field that Shopify owns is only
//! listened to, for somebody there may believe that it counts.

pub mod driver;
pub mod watch;

use std::collections::BTreeMap;

use super::exception::Finding;
use crate::domain::digest::digest_of;
use crate::domain::product::{CatalogueItem, Field, Fields, Owners, Side, SoldVariant, Value};
use crate::domain::{CauseCode, ShopKey};

/// What both sides last said of one field, by digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// What NetSuite said when it was last settled: brought over, found equal, or accepted as not counting.
    pub netsuite: u32,
    /// What Shopify said when it was last looked at, or was made to say.
    pub shopify: u32,
    /// What NetSuite had said before: an earlier write of ours may carry it.
    pub before: u32,
}

impl Known {
    fn settled(netsuite: u32, shopify: u32, known: Option<Known>) -> Known {
        let before = match known {
            None => netsuite,
            Some(known) if known.netsuite == netsuite => known.before,
            Some(known) => known.netsuite,
        };
        Known { netsuite, shopify, before }
    }
}

/// What both sides say of one variant, and what was known of it.
#[derive(Debug)]
pub struct Observed<'a> {
    pub shop: ShopKey,
    pub item: &'a CatalogueItem,
    pub variant: &'a SoldVariant,
    pub known: &'a BTreeMap<Field, Known>,
    /// An earlier write of ours may have landed after a later one.
    pub is_unsettled: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Fields of the variant itself.
    SetVariant(Fields),
    /// Fields of its product, after those of the variant: nothing is published before its price is right.
    SetProduct(Fields),
    Report(Finding),
}

/// What is to be done, and what is known of the fields once it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    pub actions: Vec<Action>,
    pub known: BTreeMap<Field, Known>,
}

/// What a field comes to.
enum Verdict {
    /// The sides agree, or the difference is the owner's to make.
    Rest,
    /// Shopify is to say what NetSuite says.
    Set,
    /// Somebody changed it who does not own it.
    Clash,
}

/// What is still to do for one variant.
///
/// Calling it again on the result of its own actions sets nothing and reports the same
/// (`a_variant_is_settled_by_its_own_actions` proves it for any fields and owners).
pub fn plan(seen: &Observed, owners: &Owners) -> Plan {
    let mut plan = Plan::default();
    let (mut of_variant, mut of_product, mut clashes) = (Fields::new(), Fields::new(), Vec::new());
    let mut unpriced = None;
    for (field, owner) in owners {
        let said = (seen.item.fields.get(field), seen.variant.fields.get(field));
        let (Some(netsuite), Some(shopify)) = said else {
            // A side that states nothing changes nothing; what was known of the field stays known.
            plan.known.extend(seen.known.get(field).map(|known| (*field, *known)));
            continue;
        };
        let known = seen.known.get(field).copied();
        let (verdict, known) = judge(seen, *owner, netsuite, shopify, known);
        match verdict {
            Verdict::Rest => {}
            Verdict::Set if *netsuite == Value::Published(true) && lacks_price(seen, owners) => {
                let detail =
                    format!("{} in {} is to be published and has no price", seen.item.sku, seen.shop);
                unpriced = Some(Finding::new(CauseCode::PriceRejected, None, detail));
                plan.known.extend(seen.known.get(field).map(|known| (*field, *known)));
                continue;
            }
            Verdict::Set if field.is_of_product() => {
                of_product.insert(*field, netsuite.clone());
            }
            Verdict::Set => {
                of_variant.insert(*field, netsuite.clone());
            }
            Verdict::Clash => clashes.push(format!(
                "{} is owned by {}: NetSuite says {netsuite}, Shopify says {shopify}",
                field.name(),
                owner.name()
            )),
        }
        plan.known.insert(*field, known);
    }
    if !of_variant.is_empty() {
        plan.actions.push(Action::SetVariant(of_variant));
    }
    if !of_product.is_empty() {
        plan.actions.push(Action::SetProduct(of_product));
    }
    if !clashes.is_empty() {
        let detail = format!("{} in {}: {}", seen.item.sku, seen.shop, clashes.join("; "));
        plan.actions.push(Action::Report(Finding::new(CauseCode::FieldOwnedElsewhere, None, detail)));
    }
    plan.actions.extend(unpriced.map(Action::Report));
    plan
}

/// NetSuite is to say what it costs, and says nothing for this shop.
fn lacks_price(seen: &Observed, owners: &Owners) -> bool {
    owners.get(&Field::Price) == Some(&Side::NetSuite) && !seen.item.fields.contains_key(&Field::Price)
}

fn judge(
    seen: &Observed,
    owner: Side,
    netsuite: &Value,
    shopify: &Value,
    known: Option<Known>,
) -> (Verdict, Known) {
    let (said, shown) = (digest(netsuite), digest(shopify));
    if netsuite == shopify {
        return (Verdict::Rest, Known::settled(said, shown, known));
    }
    match (owner, known) {
        // Nothing is known of it: the owner's word counts, and what NetSuite says of Shopify's field is where its
        // changes count from.
        (Side::NetSuite, None) => (Verdict::Set, Known::settled(said, said, None)),
        (Side::Shopify, None) => (Verdict::Rest, Known::settled(said, shown, None)),
        (Side::NetSuite, Some(known)) => {
            let netsuite_changed = known.netsuite != said;
            let shopify_changed = known.shopify != shown;
            let is_ours = seen.is_unsettled && shown == known.before && shopify_changed;
            // Where both have changed, the later change stands: neither is undone without a word.
            let is_later = seen.item.saved_at > seen.variant.saved_at;
            if is_ours || (netsuite_changed && (!shopify_changed || is_later)) {
                (Verdict::Set, Known::settled(said, said, Some(known)))
            } else {
                (Verdict::Clash, Known::settled(said, shown, Some(known)))
            }
        }
        (Side::Shopify, Some(known)) if known.netsuite == said => {
            (Verdict::Rest, Known::settled(said, shown, Some(known)))
        }
        // NetSuite's change stays one until it is taken back, or Shopify follows it.
        (Side::Shopify, Some(known)) => (Verdict::Clash, Known { shopify: shown, ..known }),
    }
}

/// Enough to tell one value of a field from another. An accident of 2⁻²¹ leaves a change unnoticed until the next.
fn digest(value: &Value) -> u32 {
    (digest_of(value) >> 43) as u32
}

impl Known {
    const BITS: u32 = 21;

    /// As the store keeps it.
    pub fn pack(self) -> u64 {
        u64::from(self.netsuite)
            | u64::from(self.shopify) << Known::BITS
            | u64::from(self.before) << (2 * Known::BITS)
    }

    pub fn unpack(packed: u64) -> Known {
        let part = |at: u32| (packed >> (at * Known::BITS) & ((1 << Known::BITS) - 1)) as u32;
        Known { netsuite: part(0), shopify: part(1), before: part(2) }
    }
}

#[cfg(test)]
mod tests;
