//! Inventory adjustments: units on hand and their value, against a named account.
//!
//! Source: netsuite.md §14.4, §18; postings.md row 20.

use super::answers::{self, Refused};
use super::chart::PeriodPart;
use super::document::DocumentKind;
use super::heading::Heading;
use super::names::Name;
use super::{NONE, NetsuiteTwin, Transaction};
use crate::domain::{InternalId, Money, Timestamp};
use crate::platforms::netsuite::wire::{InventoryAdjustmentBody, JsonDecimal, Reference};

#[derive(Debug)]
pub(super) struct Adjustment {
    pub key: Option<Name>,
    pub lines: Box<[AdjustedLine]>,
    pub account: u32,
    pub heading: Heading,
    pub location: InternalId,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct AdjustedLine {
    /// Positive puts on hand.
    pub units: i64,
    /// Of all its units, in minor units of the base currency.
    pub value: i64,
    pub item: u32,
}

impl NetsuiteTwin {
    pub(super) fn create_adjustment(
        &mut self,
        body: &InventoryAdjustmentBody,
        now: Timestamp,
    ) -> Result<InternalId, Refused> {
        let key = self.new_key(DocumentKind::InventoryAdjustment, body.external_id.as_deref())?;
        let subsidiary = body.subsidiary.as_ref().ok_or_else(|| answers::missing_value("Subsidiary"))?;
        let subsidiary = self.chart.find_subsidiary(subsidiary)?;
        let account = body.account.as_ref().ok_or_else(|| answers::missing_value("Adjustment Account"))?;
        let account = self.chart.find_account(account, subsidiary, "account")?;
        let currency = self.chart.subsidiary(subsidiary).currency;
        let bodies = body.inventory.as_ref().map_or(&[][..], |lines| &lines.items);
        let mut lines = Vec::with_capacity(bodies.len());
        let mut location = self.chart.subsidiary(subsidiary).location;
        for (place, body) in bodies.iter().enumerate() {
            let item = self.chart.find_item(&body.item, place)?;
            if !self.is_fulfillable(item) {
                return Err(answers::refused("An inventory adjustment takes inventory items only."));
            }
            self.chart.check_location(&body.location, subsidiary)?;
            if let Reference::Id(id) = &body.location {
                location = *id;
            }
            let units = whole(body.adjust_qty_by).ok_or_else(|| answers::missing_value("Adjust Qty. By"))?;
            let cost = body.unit_cost.to_money(currency).ok_or_else(answers::unbalanced)?;
            let value = cost.checked_mul(units).map(Money::minor).map_err(|_| answers::unbalanced())?;
            lines.push(AdjustedLine { units, value, item });
        }
        if lines.is_empty() {
            return Err(answers::missing_value("Adjustments"));
        }
        let mut heading = Heading {
            transaction: NONE,
            customer: NONE,
            order: body.plimsoll_order.as_deref().and_then(|eid| self.find_order(eid)).unwrap_or(NONE),
            date: body.tran_date.unwrap_or_else(|| self.today(now)),
            subsidiary,
            currency,
        };
        self.chart.check_period(heading.date, subsidiary, PeriodPart::All)?;
        let at = u32::try_from(self.adjustments.len()).expect("fewer than 2³² adjustments");
        let document = Transaction::InventoryAdjustment(at);
        self.enter(document, &mut heading);
        self.keep_key(DocumentKind::InventoryAdjustment, key, heading.transaction);
        for line in &lines {
            self.restore(line.item, location, line.units);
        }
        let lines = lines.into_boxed_slice();
        self.adjustments.push(Adjustment { key, lines, account, heading, location });
        self.post(document, 1);
        Ok(Transaction::id(heading.transaction))
    }
}

/// A whole number of units other than none.
fn whole(value: JsonDecimal) -> Option<i64> {
    let (mantissa, digits) = value.normalised();
    (digits == 0 && mantissa != 0).then_some(mantissa)
}
