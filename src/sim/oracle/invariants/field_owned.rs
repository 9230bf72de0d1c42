//! Claim: each field of a product says what its owner says, and nobody's change is undone without a word.
//!
//! Checked whenever the engine publishes a product (by then it has its price) and at rest, field by field, from the world's own record of who changed what: a field that NetSuite owns says
//! what NetSuite says, unless somebody changed it in Shopify since; then it is as they left it, and an open exception
//! names field, owner and both values. A field that Shopify owns, or that nobody does, is as Shopify's people left it.
//! A look-up a field. Proved by the defects `published-bare` (what buyers see first has no price yet), `swapped-owners` (the connector takes each side's fields for the other's)
//! and `forgets-what-was-settled` (NetSuite's word is set again whatever happened since).

use super::super::ownership::{Clash, Ownership};
use super::super::seen::{SeenException, SeenProduct};
use super::super::{Breach, Tally};
use super::{Invariant, Invariants, Name};
use crate::domain::product::{Field, Side, Value};
use crate::domain::{ShopKey, Sku, Timestamp};

pub const INVARIANT: Invariant = Invariant {
    name: "field-owned",
    claim: "each field of a product says what its owner says, and nobody's change is undone without a word",
    checked: "whenever a product is published, and at rest for every field of every product",
    cost: "a look-up a field",
    defect: "swapped-owners, forgets-what-was-settled, published-bare",
};

/// The engine showed a product to buyers: by then it has the price that it must have.
pub fn published(
    invariants: &mut Invariants,
    ownership: &Ownership,
    (shop, sku): (ShopKey, &Sku),
    price: &Value,
    now: Timestamp,
) {
    let Some((wanted, _)) = ownership.words(shop, sku, Field::Price) else { return };
    invariants.tally(Name::FieldOwned).check(wanted == price, || Breach {
        at: now,
        money: None,
        what: format!("{sku} in {shop}"),
        said: format!("is published at {price}, must cost {wanted}"),
    });
}

/// One product at rest.
pub fn at_rest(invariants: &mut Invariants, ownership: &Ownership, seen: &SeenProduct, now: Timestamp) {
    let tally = invariants.tally(Name::FieldOwned);
    for field in Field::ALL {
        let Some((shown, said)) = ownership.words(seen.shop, &seen.sku, field) else { continue };
        let owner = ownership.owner(field);
        check(tally, seen, (field, owner, Side::Shopify), Some(shown), seen.shopify.get(&field), now);
        check(tally, seen, (field, owner, Side::NetSuite), said, seen.netsuite.get(&field), now);
    }
}

fn check(
    tally: &mut Tally,
    seen: &SeenProduct,
    (field, owner, side): (Field, Option<Side>, Side),
    wanted: Option<&Value>,
    found: Option<&Value>,
    now: Timestamp,
) {
    let text = |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), ToString::to_string);
    tally.check(wanted == found, || Breach {
        at: now,
        money: match (field, wanted, found) {
            (Field::Price, Some(Value::Price(wanted)), Some(Value::Price(found))) => {
                found.checked_sub(*wanted).ok()
            }
            _ => None,
        },
        what: format!("{} of {} in {}", field.name(), seen.sku, seen.shop),
        said: format!(
            "{} says {}, must say {}; the owner is {}",
            side.name(),
            text(found),
            text(wanted),
            owner.map_or("nobody", Side::name)
        ),
    });
}

/// A difference that people must have been told of, with the exception of the product, if one is open.
pub fn told(
    invariants: &mut Invariants,
    product: &str,
    clash: &Clash,
    exception: Option<&SeenException>,
    now: Timestamp,
) {
    let named = exception.is_some_and(|exception| {
        let words = [
            clash.field.name().to_owned(),
            clash.owner.name().to_owned(),
            clash.netsuite.to_string(),
            clash.shopify.to_string(),
        ];
        words.iter().all(|word| exception.detail.contains(word.as_str()))
    });
    invariants.tally(Name::FieldOwned).check(named, || Breach {
        at: now,
        money: None,
        what: format!("{} of {product}", clash.field.name()),
        said: format!(
            "nobody was told that NetSuite says {}, Shopify {}, and that {} owns it",
            clash.netsuite,
            clash.shopify,
            clash.owner.name()
        ),
    });
}
