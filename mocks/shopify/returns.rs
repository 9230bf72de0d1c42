//! Returns that apps ask for and carry through: requested, approved or declined, processed, closed, reopened, cancelled.
//! What they give back in money is a refund's (`refunds`); what they put back on the shelf is its too.
//!
//! Source: shopify.md §h.3, and recorded exchanges for states and messages.

use super::rows::OrderRow;
use super::{ShopifyTwin, ids};
use crate::domain::Timestamp;
use crate::domain::ids::OrderId;
use crate::platforms::shopify::wire::WebhookTopic;

/// Positions of these returns among an order's begin here: those of refunds stand before.
const FIRST: usize = 16_384;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReturnStatus {
    Requested,
    Open,
    Closed,
    Declined,
    Cancelled,
}

/// A return of an order.
#[derive(Debug, Clone)]
pub struct ReturnRow {
    pub(super) status: ReturnStatus,
    pub(super) closed: Option<i64>,
    pub(super) lines: Vec<ReturnLineRow>,
    /// A name of the enumeration `ReturnDeclineReason`, and what was said beside it.
    pub(super) decline: Option<(Box<str>, Option<Box<str>>)>,
}

#[derive(Debug, Clone)]
pub(super) struct ReturnLineRow {
    /// Counts the lines of all returns of the order.
    pub number: usize,
    /// Position of the fulfillment, and of the line within it.
    pub shipment: usize,
    pub line: usize,
    pub units: u32,
    pub processed: u32,
    /// A name of the enumeration `ReturnReason`.
    pub reason: Box<str>,
    pub reason_note: Box<str>,
    pub customer_note: Option<Box<str>>,
}

/// One line that is to come back.
pub(super) struct AskedLine {
    /// The number of the line of a fulfillment.
    pub fulfillment_line: u64,
    pub units: u32,
    pub reason: Box<str>,
    pub reason_note: Box<str>,
    pub customer_note: Option<Box<str>>,
}

/// What is to happen to a return.
pub(super) enum Step {
    Approve,
    Decline(Box<str>, Option<Box<str>>),
    Close,
    Reopen,
    Cancel,
    /// Numbers of return lines, and units.
    Process(Vec<(u64, u32)>),
    Remove(Vec<(u64, u32)>),
}

/// Why not: the path below the input, text and code.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotReturned {
    pub path: Vec<Box<str>>,
    pub message: &'static str,
    pub code: &'static str,
}

fn refused(path: &[&str], message: &'static str, code: &'static str) -> NotReturned {
    NotReturned { path: path.iter().copied().map(Box::from).collect(), message, code }
}

impl OrderRow {
    /// `Order.returnStatus`: the most pressing of its returns.
    pub(super) fn return_status(&self) -> &'static str {
        let returns = self.noted().map_or(&[][..], |noted| &noted.returns);
        let is = |status: ReturnStatus| returns.iter().any(|it| it.status == status);
        match () {
            () if is(ReturnStatus::Requested) => "RETURN_REQUESTED",
            () if is(ReturnStatus::Open) => "IN_PROGRESS",
            () if is(ReturnStatus::Closed) || self.has_returns() => "RETURNED",
            () => "NO_RETURN",
        }
    }

    /// Units of a line of a fulfillment that no return has claimed.
    fn returnable(&self, shipment: usize, line: usize) -> u32 {
        let left = self.work.as_ref().and_then(|work| work.shipments.get(shipment));
        let units = left.filter(|it| !it.is_cancelled).and_then(|it| it.lines.get(line)).map_or(0, |it| it.1);
        let returns = self.noted().map_or(&[][..], |noted| &noted.returns);
        let stands = |it: &&ReturnRow| !matches!(it.status, ReturnStatus::Declined | ReturnStatus::Cancelled);
        let claimed = returns.iter().filter(stands).flat_map(|it| &it.lines);
        let same = claimed.filter(|it| (it.shipment, it.line) == (shipment, line));
        units.saturating_sub(same.map(|it| it.units).sum())
    }

    /// The fulfillment and the line within it that a number among the order's counts to.
    fn fulfillment_line(&self, number: usize) -> Option<(usize, usize)> {
        let mut before = 0;
        for (at, shipment) in self.work.as_ref()?.shipments.iter().enumerate() {
            if number < before + shipment.lines.len() {
                return Some((at, number - before));
            }
            before += shipment.lines.len();
        }
        None
    }
}

/// The published number of an order's return.
pub(super) fn number(shop: u64, order: usize, at: usize) -> u64 {
    ids::return_of(shop, order, FIRST + at)
}

/// The published number of a line of these returns.
pub(super) fn line_number(shop: u64, order: usize, at: usize) -> u64 {
    ids::return_line(shop, order, FIRST + at)
}

impl ShopifyTwin {
    /// Asks for a return, or opens one at once. Its published number.
    pub(super) fn ask_return(
        &mut self,
        at: usize,
        order: OrderId,
        lines: Vec<AskedLine>,
        is_open: bool,
        now: Timestamp,
    ) -> Result<u64, NotReturned> {
        let shop = &mut self.shops[at];
        let ordinal = shop.ordinal;
        let n = shop.order_at(order).ok_or_else(|| refused(&["orderId"], "Order not found.", "NOT_FOUND"))?;
        let row = shop.orders.get(n);
        let before: usize = row.noted().map_or(0, |it| it.returns.iter().map(|it| it.lines.len()).sum());
        let mut rows = Vec::with_capacity(lines.len());
        for (place, asked) in lines.into_iter().enumerate() {
            let path = ["returnLineItems", &place.to_string(), "fulfillmentLineItemId"].map(String::from);
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            let found = ids::fulfillment_line_position(ordinal, asked.fulfillment_line);
            let found = found.filter(|(of, _)| *of == n).and_then(|(_, number)| row.fulfillment_line(number));
            let (shipment, line) =
                found.ok_or_else(|| refused(&path, "Fulfillment Line Item was not found.", "NOT_FOUND"))?;
            if asked.units == 0 || asked.units > row.returnable(shipment, line) {
                let path = [path[0], path[1], "quantity"];
                return Err(refused(&path, "Return line item has an invalid quantity.", "INVALID"));
            }
            rows.push(ReturnLineRow {
                number: before + place,
                shipment,
                line,
                units: asked.units,
                processed: 0,
                reason: asked.reason,
                reason_note: asked.reason_note,
                customer_note: asked.customer_note,
            });
        }
        let status = if is_open { ReturnStatus::Open } else { ReturnStatus::Requested };
        let returns = &mut shop.orders.get_mut(n).noted_mut().returns;
        returns.push(ReturnRow { status, closed: None, lines: rows, decline: None });
        let made = number(ordinal, n, returns.len() - 1);
        self.changed(at, n, now, &[WebhookTopic::OrdersUpdated]);
        Ok(made)
    }

    /// Carries a return on.
    pub(super) fn step_return(
        &mut self,
        at: usize,
        id: u64,
        step: Step,
        now: Timestamp,
    ) -> Result<(), NotReturned> {
        let shop = &mut self.shops[at];
        let ordinal = shop.ordinal;
        let missing = || refused(&[], "Return not found.", "NOT_FOUND");
        let found = ids::return_position(ordinal, id).filter(|(n, _)| *n < shop.orders.len());
        let (n, position) = found.ok_or_else(missing)?;
        let position = position.checked_sub(FIRST).ok_or_else(missing)?;
        let returns = &shop.orders.get(n).noted().ok_or_else(missing)?.returns;
        let mut row = returns.get(position).ok_or_else(missing)?.clone();
        row.step(step, now, |at| line_number(ordinal, n, at))?;
        shop.orders.get_mut(n).noted_mut().returns[position] = row;
        self.changed(at, n, now, &[WebhookTopic::OrdersUpdated]);
        Ok(())
    }
}

impl ReturnRow {
    fn step(&mut self, step: Step, now: Timestamp, id: impl Fn(usize) -> u64) -> Result<(), NotReturned> {
        use ReturnStatus::{Cancelled, Closed, Declined, Open, Requested};
        let invalid = Err(refused(&[], "Return status is invalid.", "INVALID_STATE"));
        match (step, self.status) {
            (Step::Approve, Requested) => self.status = Open,
            (Step::Approve, _) => {
                let message = "Return is not approvable. Only returns with status REQUESTED can be approved.";
                return Err(refused(&[], message, "INVALID_STATE"));
            }
            (Step::Decline(reason, note), Requested) => {
                self.status = Declined;
                self.decline = Some((reason, note));
            }
            // What is closed stays so, and the same for what is open or cancelled.
            (Step::Close, Closed) | (Step::Reopen, Open) | (Step::Cancel, Cancelled) => {}
            (Step::Close, Open) => (self.status, self.closed) = (Closed, Some(now.seconds())),
            (Step::Reopen, Closed) => (self.status, self.closed) = (Open, None),
            (Step::Cancel, Open | Requested) if self.lines.iter().all(|line| line.processed == 0) => {
                self.status = Cancelled;
            }
            (Step::Cancel, _) => return Err(refused(&[], "Return is not cancelable.", "INVALID_STATE")),
            (Step::Process(asked), Open) => {
                for (place, (number, units)) in asked.into_iter().enumerate() {
                    let line = self.line_mut(number, place, &id)?;
                    if units == 0 || units > line.units - line.processed {
                        let path = ["returnLineItems", &place.to_string(), "quantity"];
                        return Err(refused(&path, "Return line item has an invalid quantity.", "INVALID"));
                    }
                    line.processed += units;
                }
            }
            (Step::Remove(asked), Open | Requested) => {
                for (place, (number, units)) in asked.into_iter().enumerate() {
                    let line = self.line_mut(number, place, &id)?;
                    if units == 0 || units > line.units - line.processed {
                        let path = ["returnLineItems", &place.to_string(), "quantity"];
                        return Err(refused(&path, "Return line item has an invalid quantity.", "INVALID"));
                    }
                    line.units -= units;
                }
                self.lines.retain(|line| line.units > 0);
                if self.lines.is_empty() {
                    (self.status, self.closed) = (Closed, Some(now.seconds()));
                }
            }
            _ => return invalid,
        }
        Ok(())
    }

    fn line_mut(
        &mut self,
        number: u64,
        place: usize,
        id: impl Fn(usize) -> u64,
    ) -> Result<&mut ReturnLineRow, NotReturned> {
        let missing = || {
            let path = ["returnLineItems", &place.to_string(), "id"];
            refused(&path, "Return line item was not found.", "NOT_FOUND")
        };
        self.lines.iter_mut().find(|line| id(line.number) == number).ok_or_else(missing)
    }
}
