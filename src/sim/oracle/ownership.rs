//! What every product must say, by the world's own record: who changed what, and whose word counts.
//!
//! Written from the shop profile; knows no reading of either platform, nor what the engine remembers.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::product::{Field, Fields, Side, Value};
use crate::domain::{Currency, ShopKey, Sku};
use crate::scenario::Profile;
use crate::scenario::products::Product;

/// One field of one product.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    /// What NetSuite says, if it states the field at all.
    said: Option<Value>,
    /// What Shopify must show.
    shown: Value,
    /// What NetSuite said when nobody had anything against it.
    accepted: Option<Value>,
}

/// The words of all products.
#[derive(Clone)]
pub struct Ownership {
    profile: Arc<Profile>,
    words: BTreeMap<(ShopKey, Sku, Field), Word>,
}

/// A difference that people must be told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    pub field: Field,
    pub owner: Side,
    pub netsuite: Value,
    pub shopify: Value,
}

impl Ownership {
    pub fn new(profile: Arc<Profile>) -> Ownership {
        let mut words = BTreeMap::new();
        for product in &profile.products.items {
            for shop in &profile.shops {
                let Some(said) = stated(product, shop.currency) else { continue };
                let before = if product.is_new { unknown(&product.sku, shop.currency) } else { said.clone() };
                for field in Field::ALL {
                    let said = said.get(&field).cloned();
                    let before = before.get(&field).cloned().unwrap_or_else(|| nothing(shop.currency, field));
                    // What NetSuite owns is brought over before the day is old.
                    let owned = profile.products.owners.get(&field) == Some(&Side::NetSuite);
                    let shown = said.clone().filter(|_| owned).unwrap_or(before);
                    let word = Word { accepted: said.clone(), said, shown };
                    words.insert((shop.key, product.sku.clone(), field), word);
                }
            }
        }
        Ownership { profile, words }
    }

    /// Somebody saved an item in NetSuite.
    pub fn item_changed(&mut self, sku: &Sku, fields: &Fields) {
        for shop in &self.profile.shops {
            for (field, value) in fields {
                // A price is that of the shops of its currency.
                if matches!(value, Value::Price(price) if price.currency() != shop.currency) {
                    continue;
                }
                let Some(word) = self.words.get_mut(&(shop.key, sku.clone(), *field)) else { continue };
                if word.said.as_ref() == Some(value) {
                    continue;
                }
                word.said = Some(value.clone());
                if self.profile.products.owners.get(field) == Some(&Side::NetSuite) {
                    word.shown = value.clone();
                }
                word.agree();
            }
        }
    }

    /// Somebody saved a product in Shopify.
    pub fn product_changed(&mut self, shop: ShopKey, sku: &Sku, fields: &Fields) {
        for (field, value) in fields {
            if let Some(word) = self.words.get_mut(&(shop, sku.clone(), *field)) {
                word.shown = value.clone();
                word.agree();
            }
        }
    }

    /// What Shopify must show of a field, and what NetSuite must still say.
    pub fn words(&self, shop: ShopKey, sku: &Sku, field: Field) -> Option<(&Value, Option<&Value>)> {
        let word = self.words.get(&(shop, sku.clone(), field))?;
        Some((&word.shown, word.said.as_ref()))
    }

    pub fn has_products(&self) -> bool {
        !self.words.is_empty()
    }

    pub fn owner(&self, field: Field) -> Option<Side> {
        self.profile.products.owners.get(&field).copied()
    }

    /// The differences of one product that are somebody's to settle.
    pub fn clashes(&self, shop: ShopKey, sku: &Sku) -> Vec<Clash> {
        let clash = |(field, owner): (&Field, &Side)| {
            let word = self.words.get(&(shop, sku.clone(), *field))?;
            let said = word.said.clone()?;
            let is_open = said != word.shown
                && match owner {
                    Side::NetSuite => true,
                    // Shopify may say of its own what it likes; NetSuite may not change it.
                    Side::Shopify => word.said != word.accepted,
                };
            let shopify = word.shown.clone();
            is_open.then_some(Clash { field: *field, owner: *owner, netsuite: said, shopify })
        };
        self.profile.products.owners.iter().filter_map(clash).collect()
    }
}

impl Word {
    fn agree(&mut self) {
        if self.said.as_ref() == Some(&self.shown) {
            self.accepted.clone_from(&self.said);
        }
    }
}

/// What NetSuite says of a product when the day begins; `None` for a shop that does not sell it.
fn stated(product: &Product, currency: Currency) -> Option<Fields> {
    let price = product.prices.iter().find(|price| price.currency() == currency)?;
    let mut fields = product.fields.clone();
    fields.insert(Field::Price, Value::Price(*price));
    Some(fields)
}

/// What Shopify says of a product of which it knows nothing but the SKU.
fn unknown(sku: &Sku, currency: Currency) -> Fields {
    let mut fields: Fields = Field::ALL.into_iter().map(|field| (field, nothing(currency, field))).collect();
    fields.insert(Field::Title, Value::Text(sku.0.clone()));
    fields
}

fn nothing(currency: Currency, field: Field) -> Value {
    match field {
        Field::Title | Field::Barcode => Value::Text("".into()),
        Field::Price => Value::Price(crate::domain::Money::new(0, currency)),
        Field::Weight => Value::Weight(crate::domain::product::Weight::from_milligrams(0)),
        Field::Status => Value::Published(false),
    }
}
