//! Defects of arrival: what a naive connector does not hear of, hears of too early, or answers twice.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard};

use super::{Kind, Planted};
use crate::domain::{Duration, Timestamp, Zone};
use crate::mocks::netsuite::NetsuiteTwin;
use crate::platforms::netsuite::operation::Request;
use crate::platforms::netsuite::wire::{CustomerDepositBody, Reference};
use crate::platforms::shopify::wire::{Delivery, WebhookPayload, WebhookTopic};
use crate::policy::Policy;
use crate::ports::store::{Cause, Feed, Hint, Watermark};

/// How far a naive sweep looks back, and how far apart its runs are: each starts four minutes late (failures.md B1).
const LOOK_BACK: Duration = Duration::from_mins(10);
const LATE_RUNS: Duration = Duration::from_mins(14);

/// Connectors on a schedule leave what failed to the next run.
const NEXT_RUN: Duration = Duration::from_hours(1);

/// What the receiver was told, by order.
#[derive(Debug, Default)]
pub(super) struct Heard {
    orders: Mutex<Orders>,
}

#[derive(Debug, Default)]
struct Orders {
    created: BTreeSet<u64>,
    /// Of these something else was said first, and dropped.
    dropped: BTreeSet<u64>,
}

impl Heard {
    fn orders(&self) -> MutexGuard<'_, Orders> {
        self.orders.lock().expect("nothing panics at the door")
    }
}

impl Planted {
    /// The policy of a sweep that trusts its cursor alone.
    pub(super) fn spoil_cursor(&self, policy: &mut Policy) -> bool {
        if self.is(Kind::FixedLookBack) {
            policy.engine.sweep_every = LATE_RUNS;
            policy.engine.sweep_overlap = LOOK_BACK;
        } else if self.is(Kind::DateOnlyCursor) {
            policy.engine.sweep_every = Duration::from_hours(24);
            policy.engine.sweep_overlap = Duration::ZERO;
        } else {
            return false;
        }
        true
    }

    /// A watermark on its way into the store.
    pub fn kept_watermark(&self, watermark: Watermark, now: Timestamp) -> Watermark {
        if !self.is(Kind::DateOnlyCursor) || watermark.feed != Feed::OrdersUpdated {
            return watermark;
        }
        self.act();
        // The date by the server's clock, read back as a day of the account.
        let account = Zone::named("America/Los_Angeles").expect("a zone of the database");
        let (year, month, day) = Zone::utc().book_date(now).year_month_day();
        let midnight = jiff::civil::date(year, month, day).at(0, 0, 0, 0);
        let at = account.instant(midnight).expect("a day of the run is within range");
        Watermark { at, ..watermark }
    }

    /// A watermark on its way out of the store.
    pub fn read_watermark(&self, watermark: Watermark, now: Timestamp) -> Watermark {
        if !self.is(Kind::FixedLookBack) {
            return watermark;
        }
        self.act();
        Watermark { at: now, ..watermark }
    }

    /// A hint that a connector without a sweep never gets.
    pub(super) fn is_unheard(&self, hint: &Hint) -> bool {
        if hint.cause != Cause::Sweep {
            return false;
        }
        self.is(Kind::NoSweep)
            || self.is(Kind::EarlyPaymentDropped) && self.heard.orders().dropped.contains(&hint.entity.record)
    }

    /// A delivery that is acknowledged and thrown away.
    pub fn drops(&self, delivery: &Delivery) -> bool {
        if !self.is(Kind::EarlyPaymentDropped) {
            return false;
        }
        let WebhookPayload::Order(order) = &delivery.payload else { return false };
        let mut heard = self.heard.orders();
        if delivery.topic == WebhookTopic::OrdersCreate {
            heard.created.insert(order.id);
            return false;
        }
        if heard.created.contains(&order.id) {
            return false;
        }
        heard.dropped.insert(order.id);
        drop(heard);
        self.act();
        true
    }

    /// A deposit that a connector which dropped the payment's webhook would never have booked.
    pub(super) fn is_of_unknown_order(&self, body: &CustomerDepositBody) -> bool {
        if !self.is(Kind::EarlyPaymentDropped) {
            return false;
        }
        let Some(Reference::ExternalId(sales_order)) = &body.sales_order else { return false };
        let number = sales_order.rsplit_once('-').and_then(|(_, number)| number.parse().ok());
        number.is_some_and(|number| self.heard.orders().dropped.contains(&number))
    }

    /// How much longer a request waits that NetSuite refused at the door.
    pub fn wait_of_refused(&self) -> Duration {
        if !self.is(Kind::RefusedUntilNextRun) {
            return Duration::ZERO;
        }
        self.act();
        NEXT_RUN
    }

    /// The same order once more, by a handler that found nothing when it looked.
    pub(super) fn create_again(&self, twin: &mut NetsuiteTwin, request: &Request, now: Timestamp) {
        if !self.is(Kind::CheckThenCreate) {
            return;
        }
        let again = match request {
            Request::UpsertSalesOrder { eid, body } => {
                Request::UpsertSalesOrder { eid: format!("{eid}-copy").into(), body: body.clone() }
            }
            Request::UpsertCustomerDeposit { eid, body } => {
                let mut body = body.clone();
                if let Some(Reference::ExternalId(order)) = &mut body.sales_order {
                    *order = format!("{order}-copy").into();
                }
                Request::UpsertCustomerDeposit { eid: format!("{eid}-copy").into(), body }
            }
            _ => return,
        };
        if twin.execute(&again, now).answer.is_ok() {
            self.act();
        }
    }
}
