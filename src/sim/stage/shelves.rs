//! Stocks both twins from the profile, shows the oracle what was sold, and what a write of levels came to.

use crate::domain::ids::OrderId;
use crate::domain::product::Value;
use crate::domain::{ShopKey, Sku, Timestamp};
use crate::mocks::netsuite::{KitMember, NetsuiteTwin};
use crate::mocks::shopify::{ShopifyTwin, Shown, Tracking};
use crate::scenario::Profile;
use crate::sim::oracle::seen::SeenLevel;
use crate::sim::oracle::stock::WorldStock;
use crate::sim::stage::Scene;
use std::sync::Arc;

pub(super) fn stock(
    shopify: &mut ShopifyTwin,
    netsuite: &mut NetsuiteTwin,
    profile: &Arc<Profile>,
    now: Timestamp,
) {
    netsuite.tell_time(now);
    let world = WorldStock::new(Arc::clone(profile));
    for kit in &profile.stock.kits {
        let member =
            |member: &'_ crate::scenario::KitMember| (member.sku.clone(), member.quantity, member.base_price);
        let members: Vec<_> = kit.members.iter().map(member).collect();
        let members: Vec<KitMember> = members
            .iter()
            .map(|(sku, quantity, base_price)| KitMember {
                sku: &sku.0,
                quantity: *quantity,
                base_price: *base_price,
            })
            .collect();
        netsuite.set_kit(&kit.sku.0, &members);
    }
    for shop in &profile.shops {
        for (number, location) in &shop.locations {
            shopify.add_location(shop.key, *number);
            for item in profile.stock.items.iter().filter(|item| !item.is_unmapped) {
                netsuite.set_stock(&item.sku.0, *location, item.on_hand, item.unit_cost);
            }
        }
        if shop.locations.is_empty() {
            continue;
        }
        let items = profile.stock.items.iter().map(|item| &item.sku);
        for sku in items.chain(profile.stock.kits.iter().map(|kit| &kit.sku)) {
            let is_bundle_parent = profile.stock.kits.iter().any(|kit| kit.sku == *sku && kit.is_immutable);
            let selling = Tracking { oversells: shop.oversells, is_bundle_parent };
            shopify.track(shop.key, &sku.0, selling);
            for (number, _) in shop.locations.iter().filter(|_| shop.is_published) {
                let shown = world.published(shop.key, *number, &sku.0).unwrap_or(0);
                shopify.set_available(shop.key, &sku.0, *number, shown);
            }
        }
    }
}

impl Scene {
    /// Units of each SKU that stand on an order.
    pub fn standing(&self, shop: ShopKey, order: OrderId) -> Vec<(Box<str>, i64)> {
        if !self.oracle.stock.is_kept(shop) {
            return Vec::new();
        }
        let lines = self.shopify.standing_lines(shop, order);
        lines.map(|(sku, units)| (sku.into(), i64::from(units))).collect()
    }

    /// Shows the oracle what an order takes more than before.
    pub fn sold(&mut self, shop: ShopKey, order: OrderId, before: &[(Box<str>, i64)]) {
        for (sku, units) in self.standing(shop, order) {
            self.oracle.stock.sold(shop, &sku, units);
        }
        for (sku, units) in before {
            self.oracle.stock.sold(shop, sku, -units);
        }
    }

    /// Shows the oracle what calls have shown to buyers since it last looked: levels set and products published.
    pub fn show_written(&mut self, now: Timestamp) {
        for shown in self.shopify.take_shown() {
            match shown {
                Shown::Level { shop, item, location } => {
                    let Some(level) = self.shopify.level(shop, item, location) else { continue };
                    let (location, sku, available) = (level.location, level.sku.into(), level.available);
                    self.oracle.level_written(&SeenLevel { shop, location, sku, available }, now);
                }
                Shown::Product { shop, id } => {
                    let Some((sku, price)) = self.shopify.product_by_id(shop, id) else { continue };
                    self.oracle.published(shop, &Sku((&*sku).into()), &Value::Price(price), now);
                }
            }
        }
    }
}
