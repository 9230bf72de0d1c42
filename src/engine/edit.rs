//! Edits, new addresses and cancellations of an order that is booked: the sales order follows until the warehouse has
//! it; after that a person there must hear of it before the pick wave (failures.md A11, A12, B11).
//!
//! Pure. What a sales order should say is `order::translate`; that the warehouse has it is a fact that may become
//! visible late, so a write that landed in between is found here afterwards.

use std::collections::BTreeMap;

use super::exception::Finding;
use super::order::Action;
use crate::domain::fulfillment::ShipStatus;
use crate::domain::sales_order::{KnownLine, LineChange, LineKey, SalesOrderStatus};
use crate::domain::{CauseCode, Order, SalesOrder, Timestamp};
use crate::ports::netsuite::Booked;
use crate::reconcile::sales_order::differences;

/// When the engine last changed a sales order that existed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    pub lines: Option<Timestamp>,
    pub address: Option<Timestamp>,
}

/// Who has the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Nobody: it may be changed.
    Ours,
    /// Released for a pick wave, nothing shipped yet.
    Released,
    /// Some or all of it has left or is billed; lines that were never on it may be added.
    UnderWay,
    /// Cancelled or closed: nothing may be changed.
    Ended,
}

fn standing(booked: &Booked) -> Standing {
    match booked.sales_order.status {
        SalesOrderStatus::PendingApproval | SalesOrderStatus::PendingFulfillment => {
            let moved = booked.sales_order.released_at.is_some() || !booked.shipments.is_empty();
            if moved { Standing::Released } else { Standing::Ours }
        }
        SalesOrderStatus::PartiallyFulfilled
        | SalesOrderStatus::PendingBillingPartiallyFulfilled
        | SalesOrderStatus::PendingBilling
        | SalesOrderStatus::Billed => Standing::UnderWay,
        SalesOrderStatus::Cancelled | SalesOrderStatus::Closed => Standing::Ended,
    }
}

/// What is to be done so that NetSuite's sales order says what the order says.
pub fn plan(order: &Order, wanted: &SalesOrder, booked: &Booked, written: Written) -> Vec<Action> {
    let mut actions = lines(order, wanted, booked, written);
    actions.extend(address(order, wanted, booked, written));
    actions
}

fn lines(order: &Order, wanted: &SalesOrder, booked: &Booked, written: Written) -> Vec<Action> {
    let key = &wanted.external_id;
    let changes = differences(wanted, &booked.sales_order);
    let amend = |changes: Vec<LineChange>| Action::Amend { key: key.clone(), changes };
    let standing = standing(booked);
    if standing == Standing::Ours {
        return if changes.is_empty() { vec![] } else { vec![amend(changes)] };
    }
    let shipped = Shipped::of(booked);
    let for_warehouse = match order.cancelled_at {
        // What left although it was called off is for people to get back.
        Some(_) if wanted.lines.is_empty() && !booked.shipments.is_empty() => changes.len(),
        _ => changes.iter().filter(|change| shipped.concerns_warehouse(change, booked)).count(),
    };
    let mut actions = Vec::new();
    match standing {
        Standing::Released if for_warehouse == 0 && !changes.is_empty() => actions.push(amend(changes)),
        Standing::UnderWay => {
            let ours = |change: &&LineChange| is_new(change, booked) || shipped.is_double(change, booked);
            let ours: Vec<LineChange> = changes.iter().filter(ours).cloned().collect();
            let late = for_warehouse
                - ours.iter().filter(|change| shipped.concerns_warehouse(change, booked)).count();
            if !ours.is_empty() {
                actions.push(amend(ours));
            }
            if late > 0 {
                actions.push(Action::Report(late_change(order, wanted, booked, late)));
            }
        }
        _ if for_warehouse > 0 => {
            actions.push(Action::Report(late_change(order, wanted, booked, for_warehouse)));
        }
        _ => {}
    }
    // Once a parcel has left, what is added is known to be: the goods of an exchange.
    let unseen = standing == Standing::Released
        && shipped.is_open(booked)
        && landed_after_release(booked, written.lines);
    if unseen && !actions.iter().any(|action| matches!(action, Action::Report(_))) {
        actions.push(Action::Report(Finding::new(
            cause(order),
            Some(order.total),
            format!("{key} was changed after its release, before the release was visible"),
        )));
    }
    actions
}

fn cause(order: &Order) -> CauseCode {
    match order.cancelled_at {
        Some(_) => CauseCode::CancelledAfterRelease,
        None => CauseCode::ChangedAfterRelease,
    }
}

fn late_change(order: &Order, wanted: &SalesOrder, booked: &Booked, lines: usize) -> Finding {
    let status = booked.sales_order.status;
    let released = if booked.sales_order.released_at.is_some() { ", released" } else { "" };
    Finding::new(
        cause(order),
        Some(order.total),
        format!("{} differs in {lines} lines and is {status:?}{released}", wanted.external_id),
    )
}

fn address(order: &Order, wanted: &SalesOrder, booked: &Booked, written: Written) -> Option<Action> {
    let ship_to = wanted.ship_to.as_ref()?;
    let key = &wanted.external_id;
    let late = |what: &str| {
        let detail = format!("{key} {what}");
        Action::Report(Finding::new(CauseCode::AddressChangedAfterRelease, Some(order.total), detail))
    };
    if booked.sales_order.ship_to.as_ref() == Some(ship_to) {
        return landed_after_release(booked, written.address)
            .then(|| late("was readdressed after its release, before the release was visible"));
    }
    match standing(booked) {
        Standing::Ours => Some(Action::Readdress { key: key.clone(), ship_to: ship_to.clone() }),
        // Nothing to deliver, nothing to stop.
        _ if wanted.lines.is_empty() => None,
        _ => Some(late("goes to the address that it had when the warehouse took it")),
    }
}

fn landed_after_release(booked: &Booked, written: Option<Timestamp>) -> bool {
    booked.sales_order.released_at.zip(written).is_some_and(|(released, written)| written > released)
}

/// Units shipped, by NetSuite's line.
struct Shipped(BTreeMap<u32, u32>);

impl Shipped {
    fn of(booked: &Booked) -> Shipped {
        let mut shipped: BTreeMap<u32, u32> = BTreeMap::new();
        let left = booked.shipments.iter().filter(|known| known.status == ShipStatus::Shipped);
        for line in left.flat_map(|known| &known.lines) {
            *shipped.entry(line.order_line).or_default() += line.quantity;
        }
        Shipped(shipped)
    }

    /// Units of a line that are still to leave.
    fn waiting(&self, line: &KnownLine) -> u32 {
        if line.is_closed { 0 } else { line.quantity.saturating_sub(*self.0.get(&line.line).unwrap_or(&0)) }
    }

    fn is_open(&self, booked: &Booked) -> bool {
        let goods = |line: &&KnownLine| line.key.is_some_and(is_goods);
        booked.sales_order.lines.iter().filter(goods).any(|line| self.waiting(line) > 0)
    }

    /// Takes off a line that was added twice, because the answer to the first write never came.
    fn is_double(&self, change: &LineChange, booked: &Booked) -> bool {
        let LineChange::Close { line } = change else { return false };
        let lines = &booked.sales_order.lines;
        let Some(double) = lines.iter().find(|known| known.line == *line) else { return false };
        let is_same = |known: &KnownLine| known.key == double.key && known.line != *line && !known.is_closed;
        double.key.is_some() && self.waiting(double) == double.quantity && lines.iter().any(is_same)
    }

    /// Whether the pick list would be another one, or is by now. Amounts alone concern nobody there, and another item
    /// that has left is judged by the parcel (`fulfillment::plan`).
    fn concerns_warehouse(&self, change: &LineChange, booked: &Booked) -> bool {
        let known = |number: u32| booked.sales_order.lines.iter().find(|line| line.line == number);
        match change {
            LineChange::Add(line) if !is_goods(line.key) => false,
            // A line that somebody closed after all that is wanted of it had left needs no second one.
            LineChange::Add(line) => {
                let closed = booked.sales_order.lines.iter().filter(|known| known.key == Some(line.key));
                let shipped: u32 = closed.map(|known| *self.0.get(&known.line).unwrap_or(&0)).sum();
                shipped < line.quantity
            }
            LineChange::Set { line, to } => known(*line).is_some_and(|known| {
                let is_other = known.item != to.item && self.waiting(known) > 0;
                is_goods(to.key) && (known.quantity != to.quantity || is_other)
            }),
            LineChange::Close { line } => known(*line).is_some_and(|known| known.key.is_some_and(is_goods)),
        }
    }
}

fn is_goods(key: LineKey) -> bool {
    matches!(key, LineKey::Goods(_) | LineKey::Component(..))
}

/// Added by an edit or an exchange: not a component that the sales order ever had.
fn is_new(change: &LineChange, booked: &Booked) -> bool {
    let LineChange::Add(line) = change else { return false };
    booked.sales_order.lines.iter().all(|known| known.key != Some(line.key))
}

#[cfg(test)]
mod tests;
