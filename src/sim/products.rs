//! Products on the stage: set up in both twins from the profile, and what merchandising does to them during the day.

use crate::domain::price::BASE_LEVEL;
use crate::domain::product::{Field, Fields, Value};
use crate::domain::{Money, Timestamp};
use crate::mocks::netsuite::NetsuiteTwin;
use crate::mocks::netsuite::items::Description;
use crate::mocks::shopify::ShopifyTwin;
use crate::mocks::shopify::products::{ProductEdit, ProductView};
use crate::ports::Runtime;
use crate::scenario::Profile;
use crate::scenario::products::ProductEvent;
use crate::sim::oracle::seen::SeenProduct;
use crate::sim::stage::{Scene, kind};
use crate::sim::traffic::Traffic;
use std::sync::Arc;

/// Puts the profile's products on sale in both twins.
pub fn open(profile: &Profile, shopify: &mut ShopifyTwin, netsuite: &mut NetsuiteTwin, now: Timestamp) {
    for product in &profile.products.items {
        let sku = &*product.sku.0;
        netsuite.describe_item(sku, |item| describe(item, &product.fields), now);
        for price in &product.prices {
            let (currency, minor) = (price.currency(), price.minor());
            netsuite.set_price(sku, BASE_LEVEL, 1, currency, Some(minor), now);
            for shop in profile.shops.iter().filter(|shop| shop.currency == currency) {
                shopify.add_variant(shop.key, sku, if product.is_new { 0 } else { minor });
                let edit = match product.is_new {
                    true => ProductEdit { is_active: Some(false), ..ProductEdit::default() },
                    false => edit(&product.fields),
                };
                shopify.edit_product(shop.key, sku, &edit, now);
            }
        }
    }
}

/// Writes fields into an item; the price is kept elsewhere.
fn describe(item: &mut Description, fields: &Fields) {
    for (field, value) in fields {
        match (field, value) {
            (Field::Title, Value::Text(title)) => item.display_name = Some(title.clone()),
            (Field::Barcode, Value::Text(code)) => {
                item.upc_code = Some(code.clone()).filter(|code| !code.is_empty());
            }
            (_, Value::Weight(weight)) => item.weight = Some(*weight),
            (_, Value::Published(is_online)) => item.is_online = *is_online,
            _ => {}
        }
    }
}

fn edit(fields: &Fields) -> ProductEdit {
    let mut edit = ProductEdit::default();
    for (field, value) in fields {
        match (field, value) {
            (Field::Title, Value::Text(title)) => edit.title = Some(title.clone()),
            (Field::Barcode, Value::Text(code)) => edit.barcode = Some(code.clone()),
            (_, Value::Weight(weight)) => edit.weight = Some(*weight),
            (_, Value::Published(is_active)) => edit.is_active = Some(*is_active),
            (_, Value::Price(price)) => edit.price = Some(price.minor()),
            _ => {}
        }
    }
    edit
}

impl<R: Runtime> Traffic<R> {
    /// Merchandising saves an item or a product; the oracle sees it.
    pub(super) fn merchandise(&self, event: &ProductEvent, now: Timestamp) {
        let profile = Arc::clone(self.world.profile());
        let mut scene = self.stage.scene();
        let scene = &mut *scene;
        let done = match event {
            ProductEvent::Item { sku, fields } => {
                let mut done = scene.netsuite.describe_item(&sku.0, |item| describe(item, fields), now);
                if let Some(Value::Price(price)) = fields.get(&Field::Price) {
                    let (currency, minor) = (price.currency(), Some(price.minor()));
                    done &= scene.netsuite.set_price(&sku.0, BASE_LEVEL, 1, currency, minor, now);
                }
                scene.oracle.ownership.item_changed(sku, fields);
                done
            }
            ProductEvent::Product { shop, sku, fields } => {
                let shop = profile.shops[*shop].key;
                scene.oracle.ownership.product_changed(shop, sku, fields);
                scene.shopify.edit_product(shop, &sku.0, &edit(fields), now)
            }
        };
        assert!(done, "the loader lets no event name an item that is not there");
        scene.trace.event(kind::MERCHANDISED, now, 0, 0);
    }
}

impl Scene {
    /// Shows the oracle what both twins say of every product of the profile.
    pub fn show_products(&mut self, profile: &Profile, now: Timestamp) {
        let Scene { shopify, netsuite, oracle, .. } = self;
        for product in &profile.products.items {
            for shop in &profile.shops {
                if !product.prices.iter().any(|price| price.currency() == shop.currency) {
                    continue;
                }
                let (key, sku) = (shop.key, product.sku.clone());
                let Some(shown) = shopify.product(key, &sku.0) else { continue };
                let price = netsuite.base_price(&sku.0, shop.currency);
                let price = price.map(|minor| Money::new(minor, shop.currency));
                let said = netsuite.description(&sku.0).map(|item| of_item(item, price)).unwrap_or_default();
                let record = shown.variant.get();
                let shown = of_product(shown, shop.currency);
                oracle.product(&SeenProduct { shop: key, record, sku, netsuite: said, shopify: shown }, now);
            }
        }
    }
}

fn of_item(item: &Description, price: Option<Money>) -> Fields {
    let mut fields = Fields::from([
        (Field::Barcode, Value::Text(item.upc_code.clone().unwrap_or_default())),
        (Field::Status, Value::Published(item.is_online)),
    ]);
    fields.extend(item.display_name.clone().map(|title| (Field::Title, Value::Text(title))));
    fields.extend(item.weight.map(|weight| (Field::Weight, Value::Weight(weight))));
    fields.extend(price.map(|price| (Field::Price, Value::Price(price))));
    fields
}

fn of_product(product: ProductView, currency: crate::domain::Currency) -> Fields {
    Fields::from([
        (Field::Title, Value::Text(product.title)),
        (Field::Price, Value::Price(Money::new(product.price, currency))),
        (Field::Barcode, Value::Text(product.barcode.unwrap_or_default())),
        (Field::Weight, Value::Weight(product.weight)),
        (Field::Status, Value::Published(product.is_active)),
    ])
}
