//! Inventory: what each location shows as available and holds as committed, moved by orders and set by apps.
//!
//! Online orders commit at the shop's first location. Assumption: order routing of several locations is not
//! modelled. Source: shopify.md §f (states, writes, messages), §b2 (idempotency), §j (bundle parents).

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use super::cursor::Cursor;
use super::rows::NO_TEXT;
use super::texts::{TextId, Texts};
use super::{Shop, ShopifyTwin, Shown, bill, ids};
use crate::domain::fixed_hash::FixedHasher;
use crate::domain::ids::OrderId;
use crate::domain::{Duration, FixedMap, ShopKey, Timestamp};
use crate::platforms::shopify::operation::{
    InventoryLevelsVariables, InventoryQuantityInput, InventorySetQuantitiesInput,
    InventorySetQuantitiesVariables,
};
use crate::platforms::shopify::wire::{
    Connection, Gid, InventoryAdjustmentGroup, InventoryItem, InventoryLevel, InventoryLevelsData,
    InventoryQuantity, InventorySetQuantitiesData, InventorySetQuantitiesPayload, InventoryUserError,
    PageInfo, QuantityName, StockedLocation,
};

/// `first` in the document `inventoryLevels`.
const LEVELS_FIRST: usize = 250;
/// Rows of one write.
const ROWS_MAX: usize = 250;
const QUANTITY_MAX: i64 = 1_000_000_000;
/// How long an idempotency key stands for its first request.
const KEY_LASTS: Duration = Duration::from_hours(24);
/// In the order Shopify prints them.
const REASONS: [&str; 17] = [
    "correction",
    "cycle_count_available",
    "damaged",
    "movement_canceled",
    "movement_created",
    "movement_received",
    "movement_updated",
    "other",
    "promotion",
    "quality_control",
    "received",
    "reservation_created",
    "reservation_deleted",
    "reservation_updated",
    "restock",
    "safety_stock",
    "shrinkage",
];

/// A variant's inventory item as a merchant sets it up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tracking {
    /// The variant's `inventoryPolicy` is `CONTINUE`: sold beyond what is available.
    pub oversells: bool,
    /// Parent of a bundle of Shopify's own: its level cannot be written.
    pub is_bundle_parent: bool,
}

#[derive(Debug, Clone, Copy)]
struct Item {
    sku: TextId,
    selling: Tracking,
}

#[derive(Debug, Clone, Copy, Default)]
struct Level {
    available: i64,
    committed: i64,
}

/// A level as an observer sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LevelView<'a> {
    pub sku: &'a str,
    /// The location's number.
    pub location: u64,
    pub available: i64,
    pub committed: i64,
}

#[derive(Default)]
pub(super) struct Inventory {
    /// Published numbers, chosen by the merchant's set-up.
    locations: Vec<u64>,
    items: Vec<Item>,
    by_sku: FixedMap<TextId, u32>,
    /// Item by item, each with all locations.
    levels: Vec<Level>,
    /// What a key stood for, and since when.
    keys: BTreeMap<Box<str>, (u64, Timestamp)>,
    groups: u64,
}

impl Inventory {
    fn place(&self, item: usize, location: usize) -> usize {
        item * self.locations.len() + location
    }

    fn level_of_orders(&mut self, sku: TextId) -> Option<&mut Level> {
        let item = *self.by_sku.get(&sku)?;
        let at = self.place(item as usize, 0);
        Some(&mut self.levels[at])
    }

    /// Units sold (or, below zero, given back before they were fulfilled): available and committed move.
    pub(super) fn sold(&mut self, sku: TextId, units: i64) {
        if let Some(level) = self.level_of_orders(sku) {
            level.available -= units;
            level.committed += units;
        }
    }

    /// Units fulfilled: they leave what is committed and on hand.
    pub(super) fn fulfilled(&mut self, sku: TextId, units: i64) {
        if let Some(level) = self.level_of_orders(sku) {
            level.committed -= units;
        }
    }

    /// Units of a refund with restock type `RETURN`: on hand and available again.
    pub(super) fn restocked(&mut self, sku: TextId, units: i64) {
        if let Some(level) = self.level_of_orders(sku) {
            level.available += units;
        }
    }
}

impl ShopifyTwin {
    /// Adds a location under its published number; the first is where online orders commit.
    ///
    /// # Panics
    /// Items are stocked already: a fault of the set-up.
    pub fn add_location(&mut self, shop: ShopKey, number: u64) {
        let inventory = &mut self.shop_mut(shop).inventory;
        assert!(inventory.items.is_empty(), "locations are added before items are stocked");
        inventory.locations.push(number);
    }

    /// Tracks a variant at all locations of the shop, with nothing available.
    pub fn track(&mut self, shop: ShopKey, sku: &str, selling: Tracking) {
        let sku = self.texts.keep(&sku.into());
        let inventory = &mut self.shop_mut(shop).inventory;
        let item = u32::try_from(inventory.items.len()).expect("fewer than 2³² variants");
        if inventory.by_sku.insert(sku, item).is_none() {
            inventory.items.push(Item { sku, selling });
            let room = inventory.locations.len();
            inventory.levels.extend(std::iter::repeat_n(Level::default(), room));
        }
    }

    /// A person sets what is available at a location, in the admin.
    pub fn set_available(&mut self, shop: ShopKey, sku: &str, location: u64, available: i64) -> bool {
        let Some(sku) = self.texts.find(sku) else { return false };
        let inventory = &mut self.shop_mut(shop).inventory;
        let item = inventory.by_sku.get(&sku).copied();
        let place = inventory.locations.iter().position(|known| *known == location);
        let (Some(item), Some(place)) = (item, place) else { return false };
        let at = inventory.place(item as usize, place);
        inventory.levels[at].available = available;
        true
    }

    /// Units of an item were fulfilled: they leave what is committed and on hand.
    pub fn units_fulfilled(&mut self, shop: ShopKey, sku: &str, units: u32) {
        let Some(sku) = self.texts.find(sku) else { return };
        self.shop_mut(shop).inventory.fulfilled(sku, i64::from(units));
    }

    /// Units came back with restock type `RETURN`: on hand and available again.
    pub fn units_restocked(&mut self, shop: ShopKey, sku: &str, units: u32) {
        let Some(sku) = self.texts.find(sku) else { return };
        self.shop_mut(shop).inventory.restocked(sku, i64::from(units));
    }

    /// Whether a checkout lets these units be sold: untracked variants and those that oversell always.
    pub fn can_sell(&self, shop: ShopKey, sku: &str, units: u32) -> bool {
        let inventory = &self.shop(shop).inventory;
        let Some(item) = self.texts.find(sku).and_then(|sku| inventory.by_sku.get(&sku).copied()) else {
            return true;
        };
        let level = &inventory.levels[inventory.place(item as usize, 0)];
        inventory.items[item as usize].selling.oversells || level.available >= i64::from(units)
    }

    /// One level, by the published numbers of item and location.
    pub fn level(&self, shop: ShopKey, item: u64, location: u64) -> Option<LevelView<'_>> {
        let shop = self.shop(shop);
        let inventory = &shop.inventory;
        let at = ids::inventory_item_position(shop.ordinal, item).filter(|at| *at < inventory.items.len())?;
        let place = inventory.locations.iter().position(|known| *known == location)?;
        let level = inventory.levels[inventory.place(at, place)];
        Some(LevelView {
            sku: self.texts.get(inventory.items[at].sku),
            location,
            available: level.available,
            committed: level.committed,
        })
    }

    /// SKUs and units of the lines that stand on an order.
    pub fn standing_lines(&self, shop: ShopKey, order: OrderId) -> impl Iterator<Item = (&str, u32)> {
        let shop = self.shop(shop);
        let row = shop.order_at(order).map(|n| shop.orders.get(n));
        let lines = row.into_iter().flat_map(|row| &row.lines);
        lines
            .filter(|line| line.sku != NO_TEXT && line.quantity > 0)
            .map(|line| (&**self.texts.get(line.sku), line.quantity))
    }

    /// All levels of a shop.
    pub fn levels(&self, shop: ShopKey) -> impl Iterator<Item = LevelView<'_>> {
        let inventory = &self.shop(shop).inventory;
        let room = inventory.locations.len().max(1);
        inventory.levels.iter().enumerate().map(move |(at, level)| LevelView {
            sku: self.texts.get(inventory.items[at / room].sku),
            location: inventory.locations[at % room],
            available: level.available,
            committed: level.committed,
        })
    }

    pub(super) fn inventory_levels(
        &self,
        at: usize,
        variables: &InventoryLevelsVariables,
    ) -> (InventoryLevelsData, u32) {
        let shop = &self.shops[at];
        let inventory = &shop.inventory;
        let place = inventory.locations.iter().position(|known| *known == variables.location.number());
        let Some(place) = place else { return (InventoryLevelsData { location: None }, 1) };
        let after = variables.after.as_deref().and_then(Cursor::decode);
        let from = after.map_or(0, |cursor| cursor.last_value as usize);
        let until = inventory.items.len().min(from + LEVELS_FIRST);
        let rows = inventory.items.get(from..until).unwrap_or_default();
        let nodes: Vec<InventoryLevel> = rows
            .iter()
            .enumerate()
            .map(|(row, _)| {
                let level = &inventory.levels[inventory.place(from + row, place)];
                InventoryLevel {
                    item: shop.inventory_item(&self.texts, from + row),
                    quantities: [
                        InventoryQuantity { name: QuantityName::Available, quantity: level.available },
                        InventoryQuantity { name: QuantityName::Committed, quantity: level.committed },
                    ],
                }
            })
            .collect();
        let has_next_page = until < inventory.items.len();
        let end_cursor = nodes
            .last()
            .map(|level| Cursor { last_id: level.item.id.number(), last_value: until as i64 }.encode());
        let actual = 1 + bill::connection(LEVELS_FIRST as u32, 3, nodes.len(), 3 * nodes.len() as u32);
        let page = Connection { nodes, page_info: PageInfo { has_next_page, end_cursor } };
        (InventoryLevelsData { location: Some(StockedLocation { inventory_levels: page }) }, actual)
    }

    pub(super) fn inventory_set_quantities(
        &mut self,
        at: usize,
        variables: &InventorySetQuantitiesVariables,
        now: Timestamp,
    ) -> InventorySetQuantitiesData {
        let shop = &mut self.shops[at];
        let user_errors = shop.set_quantities(variables, now);
        if user_errors.is_empty() {
            let key = shop.settings.key;
            let shown = variables.input.quantities.iter().map(|row| Shown::Level {
                shop: key,
                item: row.inventory_item_id.number(),
                location: row.location_id.number(),
            });
            self.shown.extend(shown);
        }
        let group = user_errors.is_empty().then(|| {
            shop.inventory.groups += 1;
            InventoryAdjustmentGroup {
                id: Gid::new(ids::adjustment_group(shop.ordinal, shop.inventory.groups)),
            }
        });
        let payload = InventorySetQuantitiesPayload { inventory_adjustment_group: group, user_errors };
        InventorySetQuantitiesData { inventory_set_quantities: Some(payload) }
    }
}

impl Shop {
    /// Published numbers of all locations: those with stock, then those that only ship.
    pub(super) fn locations(&self) -> Vec<u64> {
        let mut all = self.inventory.locations.clone();
        all.extend(
            self.shipping_locations().iter().filter(|known| !self.inventory.locations.contains(known)),
        );
        all
    }

    /// Whether levels are kept at a location.
    pub(super) fn stocks(&self, location: u64) -> bool {
        self.inventory.locations.contains(&location)
    }

    pub(super) fn items_count(&self) -> usize {
        self.inventory.items.len()
    }

    /// The position of an item by its published number.
    pub(super) fn item_at(&self, number: u64) -> Option<usize> {
        ids::inventory_item_position(self.ordinal, number).filter(|at| *at < self.inventory.items.len())
    }

    pub(super) fn item_of_sku(&self, sku: TextId) -> Option<usize> {
        self.inventory.by_sku.get(&sku).map(|at| *at as usize)
    }

    pub(super) fn inventory_item(&self, texts: &Texts, at: usize) -> InventoryItem {
        InventoryItem {
            id: Gid::new(ids::inventory_item(self.ordinal, at)),
            sku: Some(texts.get(self.inventory.items[at].sku).clone()),
            tracked: true,
        }
    }

    /// What is wrong with the request; nothing, and it is carried out.
    fn set_quantities(
        &mut self,
        variables: &InventorySetQuantitiesVariables,
        now: Timestamp,
    ) -> Vec<InventoryUserError> {
        let content = fingerprint(&variables.input);
        self.inventory.keys.retain(|_, (_, since)| now.since(*since) < KEY_LASTS);
        match self.inventory.keys.get(&variables.key) {
            Some((known, _)) if *known == content => return Vec::new(),
            Some(_) => {
                let text = "The same idempotency key cannot be used with different operation parameters.";
                return vec![error("IDEMPOTENCY_KEY_PARAMETER_MISMATCH", None, text)];
            }
            None => {}
        }
        let mut errors = self.refusals(&variables.input);
        if errors.is_empty() {
            errors = self.stale(&variables.input);
        }
        if errors.is_empty() {
            self.inventory.keys.insert(variables.key.clone(), (content, now));
            for row in &variables.input.quantities {
                let place = self.level_at(row).expect("checked before anything was set");
                let level = &mut self.inventory.levels[place];
                level.available = match variables.input.name {
                    QuantityName::OnHand => row.quantity - level.committed,
                    _ => row.quantity,
                };
            }
        }
        errors
    }

    /// Business checks that do not depend on the level.
    fn refusals(&self, input: &InventorySetQuantitiesInput) -> Vec<InventoryUserError> {
        if input.name == QuantityName::Committed {
            let text = "The quantity name must be either 'available' or 'on_hand'.";
            return vec![error("INVALID_NAME", Some(vec!["input".into(), "name".into()]), text)];
        }
        if !REASONS.contains(&&*input.reason) {
            let text = format!("The specified reason is invalid. Valid values are: {}.", REASONS.join(", "));
            return vec![error("INVALID_REASON", Some(vec!["input".into(), "reason".into()]), &text)];
        }
        let rows = &input.quantities;
        if rows.len() > ROWS_MAX {
            // The schema's own limit on the list; which text a longer one gets is not recorded.
            let field = Some(vec!["input".into(), "quantities".into()]);
            return vec![error(
                "INVALID_INPUT",
                field,
                "The input array size is greater than the maximum allowed.",
            )];
        }
        let mut errors = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let mut refuse =
                |code, field: &str, text: &str| errors.push(error(code, row_field(at, field), text));
            let item = ids::inventory_item_position(self.ordinal, row.inventory_item_id.number())
                .filter(|item| *item < self.inventory.items.len());
            let Some(item) = item else {
                refuse(
                    "INVALID_INVENTORY_ITEM",
                    "inventoryItemId",
                    "The specified inventory item could not be found.",
                );
                continue;
            };
            if !self.inventory.locations.contains(&row.location_id.number()) {
                refuse("INVALID_LOCATION", "locationId", "The specified location could not be found.");
                continue;
            }
            let same = |other: &InventoryQuantityInput| {
                other.inventory_item_id == row.inventory_item_id && other.location_id == row.location_id
            };
            if rows[..at].iter().any(same) {
                refuse(
                    "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR",
                    "locationId",
                    "The combination of inventoryItemId and locationId must be unique.",
                );
            }
            if self.inventory.items[item].selling.is_bundle_parent {
                // The text is not recorded; the code is (shopify.md §f).
                refuse(
                    "NON_MUTABLE_INVENTORY_ITEM",
                    "inventoryItemId",
                    "The specified inventory item is not allowed to be adjusted via API.",
                );
            }
            if row.quantity > QUANTITY_MAX {
                refuse(
                    "INVALID_QUANTITY_TOO_HIGH",
                    "quantity",
                    "The quantity can't be higher than 1,000,000,000.",
                );
            }
            if row.quantity < -QUANTITY_MAX {
                refuse(
                    "INVALID_QUANTITY_TOO_LOW",
                    "quantity",
                    "The quantity can't be lower than -1,000,000,000.",
                );
            }
            if row.quantity < 0 && input.name == QuantityName::OnHand {
                refuse("INVALID_QUANTITY_NEGATIVE", "quantity", "The quantity can't be negative.");
            }
        }
        errors
    }

    /// Rows whose level is no longer what they were compared with. The message text is not recorded.
    fn stale(&self, input: &InventorySetQuantitiesInput) -> Vec<InventoryUserError> {
        let stale = |(at, row): (usize, &InventoryQuantityInput)| {
            let level = self.inventory.levels[self.level_at(row)?];
            let stands = match input.name {
                QuantityName::OnHand => level.available + level.committed,
                _ => level.available,
            };
            (row.change_from_quantity? != stands).then(|| {
                let text = "The changeFromQuantity argument no longer matches the persisted quantity.";
                error("CHANGE_FROM_QUANTITY_STALE", row_field(at, "changeFromQuantity"), text)
            })
        };
        input.quantities.iter().enumerate().filter_map(stale).collect()
    }

    fn level_at(&self, row: &InventoryQuantityInput) -> Option<usize> {
        let item = ids::inventory_item_position(self.ordinal, row.inventory_item_id.number())?;
        let place = self.inventory.locations.iter().position(|known| *known == row.location_id.number())?;
        Some(self.inventory.place(item, place))
    }
}

fn error(code: &str, field: Option<Vec<Box<str>>>, message: &str) -> InventoryUserError {
    InventoryUserError { code: Some(code.into()), field, message: message.into() }
}

fn row_field(at: usize, field: &str) -> Option<Vec<Box<str>>> {
    Some(vec!["input".into(), "quantities".into(), at.to_string().into(), field.into()])
}

/// Equal for equal parameters, in their order.
fn fingerprint(input: &InventorySetQuantitiesInput) -> u64 {
    let mut hasher = FixedHasher::default();
    (input.name as u8).hash(&mut hasher);
    input.reason.hash(&mut hasher);
    input.reference_document_uri.hash(&mut hasher);
    for row in &input.quantities {
        let numbers = (row.inventory_item_id.number(), row.location_id.number());
        (numbers, row.quantity, row.change_from_quantity).hash(&mut hasher);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests;
