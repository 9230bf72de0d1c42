//! Item fulfilments: made by people in the browser from a sales order, picked, packed and shipped. Cost leaves the
//! books when one is shipped.
//!
//! Source: netsuite.md §6.4 (only by transform), §13.3 (status), §14.1 (fields, ship status), §18 (impact).

use super::answers::{self, Refused};
use super::chart::{ItemKind, PeriodPart};
use super::heading::Heading;
use super::names::Name;
use super::sales_order::status;
use super::{NONE, NetsuiteTwin, RecordKind, Transaction, moved};
use crate::domain::fulfillment::{Parcel, ShipStatus};
use crate::domain::sales_order::SalesOrderStatus;
use crate::domain::{FixedSet, InternalId, Timestamp};
use crate::platforms::netsuite::wire::Reference;

#[derive(Debug)]
pub(super) struct ItemFulfillment {
    pub lines: Box<[Shipped]>,
    /// Carrier among the labels, and number.
    pub parcels: Box<[(u32, Name)]>,
    pub heading: Heading,
    pub location: InternalId,
    pub status: ShipStatus,
    pub is_deleted: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Shipped {
    /// Relieved, in minor units of the base currency; zero before it is shipped.
    pub cost: i64,
    pub item: u32,
    pub units: u32,
    /// The order's line.
    pub line: u16,
}

/// A fulfilment as a person keys it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShipmentEntry {
    /// Line numbers of the sales order with units; lines that are not named are left out.
    pub lines: Vec<(u32, u32)>,
    pub location: InternalId,
    pub status: ShipStatus,
    /// All of one carrier: it is a field of the document. Links are not kept.
    pub parcels: Vec<Parcel>,
}

impl NetsuiteTwin {
    /// A person fulfils lines of a sales order, dated today.
    ///
    /// # Errors
    /// No such order or line; the order is not approved, closed or locked; more units than remain or are on hand; a
    /// tracking number twice; a period that is shut, when it is shipped at once.
    pub fn ship(
        &mut self,
        sales_order: InternalId,
        entry: &ShipmentEntry,
        now: Timestamp,
    ) -> Result<InternalId, Refused> {
        self.tell_time(now);
        let order = self.order_to_transform(sales_order)?;
        let record = &self.orders[order as usize];
        self.chart.check_location(&Reference::Id(entry.location), record.subsidiary)?;
        let mut lines: Vec<Shipped> = Vec::with_capacity(entry.lines.len());
        for (number, units) in entry.lines.iter().copied().filter(|(_, units)| *units > 0) {
            let line = record.lines.iter().find(|line| u32::from(line.number) == number);
            let line =
                line.ok_or_else(|| answers::invalid_value(&number.to_string(), "orderline", "item"))?;
            let left = line.to_ship(self.chart.item_kind(line.item));
            let picked = self.picked(order, line.number).saturating_sub(line.fulfilled);
            let entered: u32 =
                lines.iter().filter(|known| known.line == line.number).map(|known| known.units).sum();
            if units > left.saturating_sub(picked).saturating_sub(entered) {
                return Err(answers::refused(
                    "The quantity to fulfill is greater than what remains of the line.",
                ));
            }
            if !self.is_on_hand(line.item, entry.location, units) {
                return Err(answers::refused(
                    "You cannot fulfill more than what is on hand at this location.",
                ));
            }
            lines.push(Shipped { cost: 0, item: line.item, units, line: line.number });
        }
        if lines.is_empty() {
            return Err(answers::refused("You must fulfill at least one line of the order."));
        }
        let subsidiary = record.subsidiary;
        let mut heading = Heading {
            transaction: NONE,
            customer: record.customer,
            order,
            date: self.today(now),
            subsidiary,
            // What it posts is cost, which has no currency but the books' own.
            currency: self.chart.subsidiary(subsidiary).currency,
        };
        if entry.status == ShipStatus::Shipped {
            self.chart.check_period(heading.date, subsidiary, PeriodPart::All)?;
        }
        let parcels = self.keep_parcels(&entry.parcels)?;
        let at = u32::try_from(self.fulfillments.len()).expect("fewer than 2³² fulfilments");
        self.enter(Transaction::ItemFulfillment(at), &mut heading);
        self.fulfillments.push(ItemFulfillment {
            lines: lines.into_boxed_slice(),
            parcels,
            heading,
            location: entry.location,
            status: ShipStatus::Picked,
            is_deleted: false,
        });
        self.bring_to(at, entry.status);
        self.touch(order, now);
        Ok(Transaction::id(heading.transaction))
    }

    /// A person moves a fulfilment on; when it is shipped, it is dated that day.
    ///
    /// # Errors
    /// No such fulfilment, a step back, stock that is gone, a period that is shut.
    pub fn set_ship_status(
        &mut self,
        fulfillment: InternalId,
        status: ShipStatus,
        now: Timestamp,
    ) -> Result<(), Refused> {
        self.tell_time(now);
        let at = self.fulfillment_at(fulfillment)?;
        let record = &self.fulfillments[at as usize];
        if status < record.status {
            return Err(answers::refused("You cannot bring a fulfillment back to an earlier status."));
        }
        let order = record.heading.order;
        if status == ShipStatus::Shipped && record.status != ShipStatus::Shipped {
            let date = self.today(now);
            self.chart.check_period(date, record.heading.subsidiary, PeriodPart::All)?;
            let is_there = |line: &Shipped| self.is_on_hand(line.item, record.location, line.units);
            if !record.lines.iter().all(is_there) {
                return Err(answers::refused(
                    "You cannot fulfill more than what is on hand at this location.",
                ));
            }
            self.fulfillments[at as usize].heading.date = date;
        }
        let transaction = self.fulfillments[at as usize].heading.transaction;
        self.saved[transaction as usize] = moved::seconds(now);
        self.bring_to(at, status);
        self.touch(order, now);
        Ok(())
    }

    /// A person deletes a fulfilment of which nothing was billed: its units are open again and back on hand.
    ///
    /// # Errors
    /// No such fulfilment, its units were billed, a period that is shut.
    pub fn cancel_shipment(&mut self, fulfillment: InternalId, now: Timestamp) -> Result<(), Refused> {
        self.tell_time(now);
        let at = self.fulfillment_at(fulfillment)?;
        let record = &self.fulfillments[at as usize];
        let (order, location) = (record.heading.order, record.location);
        if record.status == ShipStatus::Shipped {
            self.chart.check_period(record.heading.date, record.heading.subsidiary, PeriodPart::All)?;
            let lines = record.lines.to_vec();
            let before = self.orders[order as usize].lines.iter();
            for line in before {
                let units: u32 = lines
                    .iter()
                    .filter(|shipped| shipped.line == line.number)
                    .map(|shipped| shipped.units)
                    .sum();
                if units > 0 && line.billed > line.fulfilled - units {
                    return Err(answers::refused(
                        "This transaction cannot be deleted because it is linked to by one or more transactions.",
                    ));
                }
            }
            self.post(Transaction::ItemFulfillment(at), -1);
            let committed = self.committed(order);
            for shipped in &lines {
                let known = self.orders[order as usize].lines.iter_mut();
                for line in known.filter(|line| line.number == shipped.line) {
                    line.fulfilled -= shipped.units;
                }
                self.restore(shipped.item, location, i64::from(shipped.units));
            }
            self.restate(order);
            self.recommit(order, committed);
        }
        self.fulfillments[at as usize].is_deleted = true;
        self.touch(order, now);
        Ok(())
    }

    /// Units of the line on fulfilments, whatever their status.
    pub(super) fn picked(&self, order: u32, line: u16) -> u32 {
        let documents = self.documents_of_order(order).filter_map(|document| match document {
            Transaction::ItemFulfillment(at) => Some(&self.fulfillments[at as usize]),
            _ => None,
        });
        let lines = documents.filter(|document| !document.is_deleted).flat_map(|document| &document.lines);
        lines.filter(|shipped| shipped.line == line).map(|shipped| shipped.units).sum()
    }

    /// The order of a transform by a person: approved, open, not locked.
    fn order_to_transform(&self, sales_order: InternalId) -> Result<u32, Refused> {
        let order = self.order_at(sales_order).ok_or_else(|| Box::new(answers::nonexistent()))?;
        self.check_lock(RecordKind::SalesOrder, order)?;
        match self.orders[order as usize].status {
            SalesOrderStatus::PendingApproval | SalesOrderStatus::Cancelled | SalesOrderStatus::Closed => {
                Err(answers::refused("Invalid reference: the order is not open for fulfillment or billing."))
            }
            _ => Ok(order),
        }
    }

    fn fulfillment_at(&self, id: InternalId) -> Result<u32, Refused> {
        match Transaction::position(id).and_then(|at| self.transactions.get(at)) {
            Some(Transaction::ItemFulfillment(at)) if !self.fulfillments[*at as usize].is_deleted => Ok(*at),
            _ => Err(Box::new(answers::nonexistent())),
        }
    }

    /// Shipping relieves stock, posts its cost and counts as fulfilled.
    fn bring_to(&mut self, at: u32, status: ShipStatus) {
        let record = &mut self.fulfillments[at as usize];
        let before = std::mem::replace(&mut record.status, status);
        if status != ShipStatus::Shipped || before == ShipStatus::Shipped {
            return;
        }
        let (order, location) = (record.heading.order, record.location);
        for place in 0..record.lines.len() {
            let Shipped { item, units, line, .. } = self.fulfillments[at as usize].lines[place];
            let cost = self.relieve(item, location, units);
            self.fulfillments[at as usize].lines[place].cost = cost;
            let known = self.orders[order as usize].lines.iter_mut();
            for known in known.filter(|known| known.number == line) {
                known.fulfilled += units;
            }
        }
        self.restate(order);
        self.post(Transaction::ItemFulfillment(at), 1);
    }

    /// Computes the order's status anew.
    pub(super) fn restate(&mut self, order: u32) {
        let order = &mut self.orders[order as usize];
        order.status = status::after(order.status, &order.lines, &self.chart);
    }

    /// Blanks and commas set several numbers apart; a number given twice is refused (`DUP_TRACKING_NUM`).
    fn keep_parcels(&mut self, parcels: &[Parcel]) -> Result<Box<[(u32, Name)]>, Refused> {
        let mut seen = FixedSet::default();
        let mut kept = Vec::with_capacity(parcels.len());
        for parcel in parcels {
            let carrier = parcel.carrier.as_deref().map_or(NONE, |carrier| self.keep_label(carrier));
            for number in parcel.number.split([' ', ',']).filter(|number| !number.is_empty()) {
                if !seen.insert(number) {
                    return Err(answers::refused("Duplicate tracking numbers are not allowed."));
                }
                kept.push((carrier, self.names.keep(number)));
            }
        }
        Ok(kept.into_boxed_slice())
    }

    /// Whether a line of this kind of item is fulfilled at all.
    pub(super) fn is_fulfillable(&self, item: u32) -> bool {
        self.chart.item_kind(item) == ItemKind::Goods
    }
}
