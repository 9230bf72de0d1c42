//! From keys to products, and to what happens to them.

use std::collections::BTreeSet;

use super::super::file::products::{Item, ItemChange, ProductChange, Products as Keys};
use super::super::products::{Product, ProductEvent, Products};
use super::super::{Profile, Storefront};
use crate::domain::product::{Field, Fields, Owners, Value, Weight};
use crate::domain::{Money, Sku};
use crate::policy::document::{Placed, Refused, Sources};
use crate::policy::{grammar, load, products};

type Text = Placed<String>;

pub(super) fn products(sources: &Sources, keys: &Keys, shops: &[Storefront]) -> Result<Products, Refused> {
    let mut items: Vec<Product> = Vec::with_capacity(keys.item.len());
    let mut skus = BTreeSet::new();
    for written in &keys.item {
        let of_entry = self::items(sources, written.get(), shops)?;
        if of_entry.iter().any(|item| !skus.insert(item.sku.clone())) {
            let sku = &written.get().sku;
            return Err(sources
                .error(sku.span(), "duplicate-key", format!("{} is described twice", sku.get()))
                .remedy("describe each item once"));
        }
        items.extend(of_entry);
    }
    let owners = match &keys.owns {
        Some(owns) => products::owners(sources, owns)?,
        None => Owners::new(),
    };
    match keys.item.first() {
        Some(first) if owners.is_empty() => Err(sources
            .error(first.span(), "missing-key", "nobody owns any field of this item")
            .remedy("add `owns` to `[products]`, such as `owns = { price = \"netsuite\" }`")),
        _ => Ok(Products { owners, items }),
    }
}

/// The most items of one entry: a launch.
const COUNT_MAX: u32 = 20_000;

/// The items of one entry: one, or so many with a number each.
fn items(sources: &Sources, keys: &Item, shops: &[Storefront]) -> Result<Vec<Product>, Refused> {
    let item = item(sources, keys, shops)?;
    let Some(count) = &keys.count else { return Ok(vec![item]) };
    if !(1..=COUNT_MAX).contains(count.get()) {
        return Err(sources
            .error(count.span(), "out-of-range", format!("{} items are out of range", count.get()))
            .remedy(format!("write 1 to {COUNT_MAX}")));
    }
    let numbered = |number: u32| {
        let sku = Sku(format!("{}-{number:04}", item.sku).into());
        Product { sku, ..item.clone() }
    };
    Ok((1..=*count.get()).map(numbered).collect())
}

fn item(sources: &Sources, keys: &Item, shops: &[Storefront]) -> Result<Product, Refused> {
    let price = |text: &Text| {
        let price = sources.read(text, grammar::amount)?;
        match shops.iter().any(|shop| shop.currency == price.currency()) {
            true => Ok(price),
            false => Err(sources
                .error(text.span(), "wrong-currency", format!("no shop sells in {}", price.currency()))
                .remedy("write prices in the currencies of the shops")),
        }
    };
    let prices = keys.prices.get().iter().map(price).collect::<Result<Vec<Money>, Refused>>()?;
    if prices.is_empty() {
        return Err(sources
            .error(keys.prices.span(), "missing-value", "no shop sells this item")
            .remedy("add a price in the currency of each shop that sells it"));
    }
    let written = Written {
        title: keys.title.as_deref(),
        price: None,
        barcode: keys.barcode.as_deref(),
        weight: keys.weight.as_ref(),
        status: keys.status.as_ref(),
    };
    let mut fields = written.read(sources)?;
    let sku = Sku(keys.sku.get().as_str().into());
    // What both sides show of an item of which nothing else is said.
    fields.entry(Field::Title).or_insert_with(|| Value::Text(sku.0.clone()));
    fields.entry(Field::Barcode).or_insert_with(|| Value::Text("".into()));
    fields.entry(Field::Status).or_insert(Value::Published(true));
    Ok(Product { sku, prices, fields, is_new: keys.new })
}

/// Fields as items and changes write them.
struct Written<'k> {
    title: Option<&'k str>,
    price: Option<&'k Text>,
    barcode: Option<&'k str>,
    weight: Option<&'k Text>,
    status: Option<&'k Text>,
}

impl Written<'_> {
    fn read(&self, sources: &Sources) -> Result<Fields, Refused> {
        let mut fields = Fields::new();
        if let Some(title) = self.title {
            fields.insert(Field::Title, Value::Text(title.into()));
        }
        if let Some(price) = self.price {
            fields.insert(Field::Price, Value::Price(sources.read(price, grammar::amount)?));
        }
        if let Some(barcode) = self.barcode {
            fields.insert(Field::Barcode, Value::Text(barcode.into()));
        }
        if let Some(weight) = self.weight {
            fields.insert(Field::Weight, Value::Weight(self::weight(sources, weight)?));
        }
        if let Some(status) = self.status {
            let is_published = load::choice(sources, status, &["draft", "published"])? == 1;
            fields.insert(Field::Status, Value::Published(is_published));
        }
        Ok(fields)
    }
}

/// A weight, to the milligram.
fn weight(sources: &Sources, written: &Text) -> Result<Weight, Refused> {
    let text = written.get().trim();
    let (number, digits) = match (text.strip_suffix("kg"), text.strip_suffix('g')) {
        (Some(number), _) => (number, 6),
        (None, Some(number)) => (number, 3),
        (None, None) => (text, 0),
    };
    let milligrams = |number: &str| {
        let (whole, fraction) = number.trim().split_once('.').unwrap_or((number.trim(), ""));
        if fraction.len() > digits || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let whole = whole.parse::<u32>().ok()?;
        let fraction = format!("{fraction:0<digits$}").parse::<i64>().ok()?;
        i64::from(whole).checked_mul(10_i64.pow(u32::try_from(digits).ok()?))?.checked_add(fraction)
    };
    match milligrams(number).filter(|_| digits > 0) {
        Some(milligrams) => Ok(Weight::from_milligrams(milligrams)),
        None => Err(sources
            .error(written.span(), "not-a-weight", format!("`{text}` is not a weight"))
            .remedy("write grams or kilograms, such as `350 g` or `1.2 kg`")),
    }
}

/// Reads events about products.
pub(super) struct Events<'s> {
    pub sources: &'s Sources,
    pub profile: &'s Profile,
}

impl Events<'_> {
    pub fn item(&self, written: &Placed<ItemChange>) -> Result<ProductEvent, Refused> {
        let keys = written.get();
        let sku = self.sku(&keys.sku)?;
        let fields = Written {
            title: keys.title.as_deref(),
            price: keys.price.as_ref(),
            barcode: keys.barcode.as_deref(),
            weight: keys.weight.as_ref(),
            status: keys.status.as_ref(),
        };
        let fields = self.some(written, fields.read(self.sources)?)?;
        Ok(ProductEvent::Item { sku: sku.sku.clone(), fields })
    }

    pub fn product(&self, written: &Placed<ProductChange>) -> Result<ProductEvent, Refused> {
        let (sources, keys) = (self.sources, written.get());
        let shop =
            sources.refer(&keys.shop, "shop", self.profile.shops.iter().map(|shop| shop.key.as_str()))?;
        let currency = self.profile.shops[shop].currency;
        let product = self.sku(&keys.sku)?;
        if !product.prices.iter().any(|price| price.currency() == currency) {
            let cause = format!("shop `{}` does not sell {}", keys.shop.get(), product.sku);
            return Err(sources
                .error(keys.sku.span(), "unknown-reference", cause)
                .remedy(format!("give the item a price in {currency}")));
        }
        let fields = Written {
            title: keys.title.as_deref(),
            price: keys.price.as_ref(),
            barcode: keys.barcode.as_deref(),
            weight: keys.weight.as_ref(),
            status: keys.status.as_ref(),
        };
        let fields = self.some(written, fields.read(sources)?)?;
        match (fields.get(&Field::Price), &keys.price) {
            (Some(Value::Price(price)), Some(text)) if price.currency() != currency => Err(sources
                .error(text.span(), "wrong-currency", format!("this shop sells in {currency}"))
                .remedy(format!("write it in {currency}"))),
            _ => Ok(ProductEvent::Product { shop, sku: product.sku.clone(), fields }),
        }
    }

    fn sku(&self, written: &Text) -> Result<&Product, Refused> {
        let items = &self.profile.products.items;
        let at =
            self.sources.refer(written, "item of `[[products.item]]`", items.iter().map(|it| &*it.sku.0))?;
        Ok(&items[at])
    }

    fn some<T>(&self, written: &Placed<T>, fields: Fields) -> Result<Fields, Refused> {
        if !fields.is_empty() {
            return Ok(fields);
        }
        Err(self
            .sources
            .error(written.span(), "missing-value", "nothing is changed")
            .remedy("add at least one of `title`, `price`, `barcode`, `weight` and `status`"))
    }
}
