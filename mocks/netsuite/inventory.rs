//! Stock of inventory items by location: on hand, demand of open sales orders, unit cost; and kits, which have no
//! stock of their own but members.
//!
//! Demand is kept as a sum for each item and location. What of it is committed and what is back-ordered follows:
//! committed is as much as is on hand, the rest waits. Assumption: stock that comes in or is released goes to
//! back-ordered lines at once; an account may run that as a process of its own.
//!
//! Source: netsuite.md §13.3 (when orders commit), §15.2 (quantities), §15.3 (kits).

use rust_decimal::Decimal;

use super::NetsuiteTwin;
use super::chart::Chart;
use super::names::Name;
use super::sales_order::{Line, SalesOrder};
use crate::domain::sales_order::SalesOrderStatus;
use crate::domain::{FixedMap, InternalId, Timestamp};
use crate::platforms::netsuite::operation::suiteql::{KitRow, StockQuery, StockRow};
use crate::platforms::netsuite::wire::JsonDecimal;

/// Rows of one page: what the statement asks for.
const ROWS_FIRST: usize = 1_000;

/// Stock of one item at one location.
#[derive(Debug)]
struct Cell {
    item: u32,
    location: u8,
    /// May fall below zero: an account may allow it, and a count corrects it later.
    on_hand: i64,
    /// Units on open lines of approved sales orders.
    demand: i64,
    /// The part of the demand that stands on orders with an external id, by what the id begins with.
    keyed: Vec<(u32, i64)>,
    /// Of one unit, in minor units of the location's base currency. Fixed (postings.md open assumption 7).
    unit_cost: i64,
    available_changed: Timestamp,
}

impl Cell {
    fn available(&self) -> i64 {
        (self.on_hand - self.demand).max(0)
    }

    fn committed(&self) -> i64 {
        self.demand.min(self.on_hand.max(0))
    }
}

/// A member of a kit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Member {
    item: u32,
    /// Units in one kit.
    quantity: u32,
    /// The member's own price, in minor units of the base currency: by it a kit's price is spread.
    base_price: i64,
}

/// A member of a kit as it is set up and read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KitMember<'a> {
    pub sku: &'a str,
    /// Units in one kit.
    pub quantity: u32,
    /// Of one unit, in minor units of the base currency.
    pub base_price: i64,
}

/// What the account says of an item at a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StockView<'a> {
    /// The item's external id.
    pub sku: &'a str,
    pub location: InternalId,
    pub on_hand: i64,
    pub committed: i64,
    pub back_ordered: i64,
    /// On hand less committed, never below zero.
    pub available: i64,
    /// In minor units of the base currency.
    pub unit_cost: i64,
    /// When `available` last changed.
    pub available_changed: Timestamp,
}

#[derive(Debug, Default)]
pub(super) struct Inventory {
    cells: Vec<Cell>,
    at: FixedMap<u64, u32>,
    locations: Vec<InternalId>,
    kits: FixedMap<u32, Box<[Member]>>,
    /// Time of the latest request or act: what changes now is stamped with it.
    now: Timestamp,
}

impl Inventory {
    fn key(item: u32, location: u8) -> u64 {
        u64::from(item) << 8 | u64::from(location)
    }

    /// Changes from here on are stamped with this time.
    pub fn tell_time(&mut self, now: Timestamp) {
        self.now = now;
    }

    pub fn now(&self) -> Timestamp {
        self.now
    }

    fn location(&self, id: InternalId) -> Option<u8> {
        self.locations.iter().position(|known| *known == id).and_then(|at| u8::try_from(at).ok())
    }

    fn keep_location(&mut self, id: InternalId) -> u8 {
        self.location(id).unwrap_or_else(|| {
            self.locations.push(id);
            u8::try_from(self.locations.len() - 1).expect("an account here has fewer than 256 locations")
        })
    }

    fn cell(&self, item: u32, location: InternalId) -> Option<&Cell> {
        let at = self.at.get(&Inventory::key(item, self.location(location)?))?;
        Some(&self.cells[*at as usize])
    }

    /// Changes a cell and stamps it if that changed what is available. Nothing happens to an item without stock.
    fn change(&mut self, item: u32, location: u8, change: impl FnOnce(&mut Cell)) {
        let Some(at) = self.at.get(&Inventory::key(item, location)) else { return };
        let cell = &mut self.cells[*at as usize];
        let before = cell.available();
        change(cell);
        if cell.available() != before {
            cell.available_changed = self.now;
        }
    }

    /// The stocked items that one unit of `item` takes, with units of each: a kit's members, or itself.
    fn parts(&self, item: u32) -> impl Iterator<Item = (u32, i64)> + '_ {
        let members = self.kits.get(&item).map(|members| &**members);
        let own = if members.is_none() { Some((item, 1)) } else { None };
        let members = members.unwrap_or_default().iter();
        own.into_iter().chain(members.map(|member| (member.item, i64::from(member.quantity))))
    }

    /// Adds `units` of the line's item to the demand at a location, on orders of that kind of key.
    fn demand(&mut self, item: u32, location: u8, key: Option<u32>, units: i64) {
        let parts: Vec<(u32, i64)> = self.parts(item).collect();
        for (part, quantity) in parts {
            self.change(part, location, |cell| {
                cell.demand += units * quantity;
                let Some(key) = key else { return };
                match cell.keyed.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, sum)) => *sum += units * quantity,
                    None => cell.keyed.push((key, units * quantity)),
                }
            });
        }
    }
}

/// Units of a line that still ask for stock.
fn open_units(line: &Line) -> i64 {
    if line.is_closed { 0 } else { i64::from(line.quantity) - i64::from(line.fulfilled) }
}

/// What an order asks for: item and units, an item as often as it has lines.
fn open_demand(order: &SalesOrder) -> Vec<(u32, i64)> {
    let commits = matches!(
        order.status,
        SalesOrderStatus::PendingFulfillment
            | SalesOrderStatus::PartiallyFulfilled
            | SalesOrderStatus::PendingBillingPartiallyFulfilled
    );
    if !commits {
        return Vec::new();
    }
    order.lines.iter().map(|line| (line.item, open_units(line))).filter(|(_, units)| *units != 0).collect()
}

/// An order's demand before a change of it: give it back to [`NetsuiteTwin::recommit`] afterwards.
#[must_use = "the change of demand is only known when it is compared"]
pub(super) struct Committed(Vec<(u32, i64)>);

impl NetsuiteTwin {
    /// Stocks an item at a location: from then on it is an inventory item there. An existing stock is counted anew.
    ///
    /// # Panics
    /// No such item: a fault of the set-up.
    pub fn set_stock(&mut self, sku: &str, location: InternalId, on_hand: i64, unit_cost: i64) {
        let item = self.item_position(sku).expect("stock is set for items that exist");
        let inventory = &mut self.inventory;
        let place = inventory.keep_location(location);
        let key = Inventory::key(item, place);
        if inventory.at.contains_key(&key) {
            inventory.change(item, place, |cell| {
                cell.on_hand = on_hand;
                cell.unit_cost = unit_cost;
            });
            return;
        }
        let at = u32::try_from(inventory.cells.len()).expect("fewer than 2³² stocks");
        let available_changed = inventory.now;
        inventory.cells.push(Cell {
            item,
            location: place,
            on_hand,
            demand: 0,
            keyed: Vec::new(),
            unit_cost,
            available_changed,
        });
        inventory.at.insert(key, at);
    }

    /// Makes an item a kit of members, each with its units in one kit; a kit that exists is defined anew.
    ///
    /// Open orders keep asking for the members they were saved with until they are saved again: what changes is
    /// what later saves and fulfilments take (netsuite.md §15.3).
    ///
    /// # Panics
    /// An item does not exist, or a member is a kit: a fault of the set-up.
    pub fn set_kit(&mut self, sku: &str, members: &[KitMember]) {
        let kit = self.item_position(sku).expect("kits are made of items that exist");
        let members: Box<[Member]> = members
            .iter()
            .map(|member| {
                let item = self.item_position(member.sku).expect("members are items that exist");
                assert!(!self.inventory.kits.contains_key(&item), "member {} is a kit itself", member.sku);
                Member { item, quantity: member.quantity, base_price: member.base_price }
            })
            .collect();
        self.inventory.kits.insert(kit, members);
    }

    /// A person counts or adjusts stock by so many units; `false` if the item is not stocked there.
    pub fn adjust_stock(&mut self, sku: &str, location: InternalId, by: i64, now: Timestamp) -> bool {
        self.tell_time(now);
        let Some(item) = self.item_position(sku) else { return false };
        if self.inventory.cell(item, location).is_none() {
            return false;
        }
        self.restore(item, location, by);
        true
    }

    /// What is on hand and committed of every stocked item, in the order of set-up.
    pub fn stock(&self) -> impl Iterator<Item = StockView<'_>> {
        self.inventory.cells.iter().map(|cell| self.stock_view(cell))
    }

    /// The stock of one item at a location; `None` if it is not stocked there.
    pub fn stock_of(&self, sku: &str, location: InternalId) -> Option<StockView<'_>> {
        self.inventory.cell(self.item_position(sku)?, location).map(|cell| self.stock_view(cell))
    }

    /// Units of an item that are committed or back-ordered at a location for sales orders whose external ids begin
    /// with `front`.
    pub fn demand_of(&self, sku: &str, location: InternalId, front: &str) -> i64 {
        let (Some(item), Some(front)) = (self.item_position(sku), self.names.find_front(front)) else {
            return 0;
        };
        let keyed = self.inventory.cell(item, location).map(|cell| cell.keyed.as_slice()).unwrap_or_default();
        keyed.iter().find(|(known, _)| *known == front).map_or(0, |(_, units)| *units)
    }

    /// The members of a kit; `None` if the item is no kit.
    pub fn kit_members(&self, sku: &str) -> Option<impl Iterator<Item = KitMember<'_>>> {
        let members = self.inventory.kits.get(&self.item_position(sku)?)?;
        Some(members.iter().map(|member| KitMember {
            sku: self.chart.item_external_id(member.item),
            quantity: member.quantity,
            base_price: member.base_price,
        }))
    }

    /// Takes shipped units off hand and off what was committed to them; a kit's members for a kit. The cost that
    /// left, in minor units of the base currency.
    pub fn relieve(&mut self, item: u32, location: InternalId, units: u32) -> i64 {
        let Some(place) = self.inventory.location(location) else { return 0 };
        let parts: Vec<(u32, i64)> = self.inventory.parts(item).collect();
        let mut cost = 0;
        for (part, quantity) in parts {
            let units = i64::from(units) * quantity;
            self.inventory.change(part, place, |cell| {
                cell.on_hand -= units;
                cell.demand -= units;
                cost += units * cell.unit_cost;
                // The caller does not say whose order ships; orders of shops are what ships here.
                if let Some((_, sum)) = cell.keyed.iter_mut().max_by_key(|(_, sum)| *sum) {
                    *sum = (*sum - units).max(0);
                }
            });
        }
        cost
    }

    /// Whether so many units are on hand, of every member for a kit. An item without stock there always is.
    pub fn is_on_hand(&self, item: u32, location: InternalId, units: u32) -> bool {
        self.inventory.parts(item).all(|(part, quantity)| {
            let cell = self.inventory.cell(part, location);
            cell.is_none_or(|cell| cell.on_hand >= i64::from(units) * quantity)
        })
    }

    /// Puts units on hand, or takes them off: an adjustment. Nothing for an item without stock there.
    pub fn restore(&mut self, item: u32, location: InternalId, units: i64) {
        let Some(place) = self.inventory.location(location) else { return };
        let parts: Vec<(u32, i64)> = self.inventory.parts(item).collect();
        for (part, quantity) in parts {
            self.inventory.change(part, place, |cell| cell.on_hand += units * quantity);
        }
    }

    /// Cost of one unit, in minor units of the base currency; that of its members for a kit; 0 without stock.
    pub fn unit_cost(&self, item: u32, location: InternalId) -> i64 {
        self.inventory
            .parts(item)
            .filter_map(|(part, quantity)| {
                self.inventory.cell(part, location).map(|cell| cell.unit_cost * quantity)
            })
            .sum()
    }

    /// To be asked before anything of an order changes that its demand depends on.
    pub(super) fn committed(&self, order: u32) -> Committed {
        let known = self.orders.get(order as usize);
        let stocked = known.filter(|_| !self.inventory.cells.is_empty());
        Committed(stocked.map(open_demand).unwrap_or_default())
    }

    /// Brings demand to what the order now asks for.
    pub(super) fn recommit(&mut self, order: u32, before: Committed) {
        if self.inventory.cells.is_empty() {
            return;
        }
        let order = &self.orders[order as usize];
        let location = self.chart.subsidiary(order.subsidiary).location;
        let Some(place) = self.inventory.location(location) else { return };
        let front = order.key.map(Name::front);
        let mut wanted = open_demand(order);
        // Only differences: an order saved as it was touches no stock.
        for (item, units) in before.0 {
            match wanted.iter_mut().find(|(known, _)| *known == item) {
                Some((_, now)) => *now -= units,
                None => wanted.push((item, -units)),
            }
        }
        for (item, units) in wanted {
            if units != 0 {
                self.inventory.demand(item, place, front, units);
            }
        }
    }

    /// Kits in the order of their ids, members in the kit's order.
    pub(super) fn kit_rows(&self) -> Vec<KitRow> {
        let mut kits: Vec<u32> =
            self.inventory.kits.keys().copied().filter(|kit| self.chart.is_active(*kit)).collect();
        kits.sort_unstable();
        let mut rows = Vec::new();
        for kit in kits {
            let name: Box<str> = self.chart.item_external_id(kit).into();
            let members = &self.inventory.kits[&kit];
            if members.is_empty() {
                rows.push(KitRow { kit: name, member: None, quantity: None, unitprice: None });
                continue;
            }
            rows.extend(members.iter().map(|member| {
                let active = self.chart.is_active(member.item);
                KitRow {
                    kit: name.clone(),
                    member: active.then(|| self.chart.item_external_id(member.item).into()),
                    quantity: Some(JsonDecimal::whole(i64::from(member.quantity))),
                    // Base prices of an account are kept in its own currency, which here has two decimals.
                    unitprice: JsonDecimal::of_decimal(Decimal::new(member.base_price, 2)).filter(|_| active),
                }
            }));
        }
        rows
    }

    pub(super) fn stock_rows(&self, query: &StockQuery) -> Vec<StockRow> {
        let front = self.names.find_front(&query.orders);
        let Some(place) = self.inventory.location(query.location) else { return Vec::new() };
        let mut found: Vec<&Cell> = self
            .inventory
            .cells
            .iter()
            .filter(|cell| cell.location == place && Chart::item_id(cell.item) > query.after)
            .filter(|cell| query.since.is_none_or(|since| cell.available_changed >= since.floor_second()))
            .collect();
        found.sort_unstable_by_key(|cell| cell.item);
        found.truncate(ROWS_FIRST);
        found
            .into_iter()
            .map(|cell| {
                let of_shop = cell.keyed.iter().find(|(known, _)| Some(*known) == front);
                StockRow {
                    id: Chart::item_id(cell.item),
                    externalid: Some(self.chart.item_external_id(cell.item).into()),
                    quantityavailable: JsonDecimal::whole(cell.available()),
                    quantitybackordered: JsonDecimal::whole(cell.demand - cell.committed()),
                    ofshop: of_shop.map(|(_, units)| JsonDecimal::whole(*units)),
                }
            })
            .collect()
    }

    fn item_position(&self, sku: &str) -> Option<u32> {
        self.chart.item_position(sku)
    }

    fn stock_view(&self, cell: &Cell) -> StockView<'_> {
        StockView {
            sku: self.chart.item_external_id(cell.item),
            location: self.inventory.locations[usize::from(cell.location)],
            on_hand: cell.on_hand,
            committed: cell.committed(),
            back_ordered: cell.demand - cell.committed(),
            available: cell.available(),
            unit_cost: cell.unit_cost,
            available_changed: cell.available_changed,
        }
    }
}

#[cfg(test)]
mod tests;
