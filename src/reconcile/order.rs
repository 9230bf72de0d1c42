//! One order as Shopify states it, against every document that NetSuite holds of it.
//!
//! Compared is what both sides say of money and units, not what the service would write: each capture against its
//! deposit, each refund against its customer refund, what was shipped against what the buyer was told, and the total
//! of an order of which nothing was given back.

use std::collections::BTreeMap;

use super::discrepancy::{Discrepancy, Kind};
use crate::domain::fulfillment::ShipStatus;
use crate::domain::ids::LineItemId;
use crate::domain::order::{Order, Transaction, TransactionKind, TransactionStatus};
use crate::domain::sales_order::LineKey;
use crate::domain::{ExternalId, Flow, InternalId, Lane, Money, MoneyError, Sum, Timestamp};
use crate::policy::{Policy, ShopPolicy};
use crate::ports::netsuite::Booked;

/// What both sides disagree on. `booked` is `None` if NetSuite has no sales order with the order's external id.
///
/// # Errors
/// Amounts of different currencies, or out of range.
pub fn compare(
    order: &Order,
    booked: Option<&Booked>,
    shop: &ShopPolicy,
    policy: &Policy,
) -> Result<Vec<Discrepancy>, MoneyError> {
    let mut comparing = Comparing { order, shop, policy, found: vec![] };
    match booked {
        None => comparing.missing()?,
        Some(booked) => {
            comparing.total(booked)?;
            comparing.deposits(booked)?;
            comparing.refunds(booked)?;
            comparing.shipments(booked);
        }
    }
    Ok(comparing.found)
}

struct Comparing<'a> {
    order: &'a Order,
    shop: &'a ShopPolicy,
    policy: &'a Policy,
    found: Vec<Discrepancy>,
}

/// A document that stands for a transaction, as both kinds have it.
struct Stands<'a> {
    external_id: Option<&'a ExternalId>,
    amount: Money,
    account: Option<InternalId>,
    internal_id: InternalId,
}

impl Comparing<'_> {
    fn note(&mut self, kind: Kind, detail: String, amount: Option<Money>) {
        let lane = match kind {
            Kind::RefundMissing | Kind::RefundAmount | Kind::RefundAccount => Lane::Refunds,
            Kind::ShipmentUnconfirmed | Kind::ShipmentMissing => Lane::Fulfillment,
            _ => Lane::Orders,
        };
        let within = self.policy.engine.lane_deadline[lane.index()];
        let mut found = Discrepancy::new(kind, self.order.shop, Flow::Order, self.order.id.get(), detail)
            .clearing(self.order.updated_at.plus(within));
        found.amount = amount;
        self.found.push(found);
    }

    /// An order that came to nothing and brought nothing needs no sales order.
    fn missing(&mut self) -> Result<(), MoneyError> {
        let mut captured = Sum::new(self.order.currency);
        for capture in self.order.captures() {
            captured.add(capture.received()?)?;
        }
        let is_void =
            self.order.cancelled_at.is_some() || self.order.lines.iter().all(|line| line.quantity == 0);
        let captured = captured.total()?;
        if is_void && captured.is_zero() {
            return Ok(());
        }
        let at_stake = if captured.is_zero() { self.order.total } else { captured };
        let key = ExternalId::for_order(self.order.shop, self.order.id);
        self.note(Kind::SalesOrderMissing, format!("no sales order {key}"), Some(at_stake));
        Ok(())
    }

    /// Shopify lowers an order's total by what is given back, NetSuite keeps the order and credits: so totals are
    /// compared where nothing was given back.
    fn total(&mut self, booked: &Booked) -> Result<(), MoneyError> {
        if !self.order.refunds.is_empty() || self.order.cancelled_at.is_some() {
            return Ok(());
        }
        let mut standing = Sum::new(booked.sales_order.currency);
        for line in booked.sales_order.lines.iter().filter(|line| !line.is_closed) {
            standing.add(line.amount)?;
            for tax in &line.taxes {
                standing.add(tax.amount)?;
            }
        }
        let differs = self.order.total.checked_sub(standing.total()?)?;
        if !differs.is_zero() {
            let id = booked.sales_order.internal_id;
            self.note(Kind::OrderTotal, format!("sales order {id} comes to another total"), Some(differs));
        }
        Ok(())
    }

    fn deposits(&mut self, booked: &Booked) -> Result<(), MoneyError> {
        let mut standing: Vec<Stands<'_>> = booked
            .deposits
            .iter()
            .map(|deposit| Stands {
                external_id: deposit.external_id.as_ref(),
                amount: deposit.payment,
                account: deposit.account,
                internal_id: deposit.internal_id,
            })
            .collect();
        let order = self.order;
        for capture in order.captures().filter(|capture| !self.policy.is_paid_elsewhere(order, capture)) {
            let received = capture.received()?;
            if received.is_zero() {
                continue;
            }
            let key = ExternalId::for_deposit(order.shop, capture.id);
            let kinds = [Kind::DepositMissing, Kind::DepositAmount, Kind::DepositAccount];
            self.transaction(capture, received, &key, &mut standing, kinds)?;
        }
        self.left_over(&standing, Kind::DepositUnmatched, -1)
    }

    fn refunds(&mut self, booked: &Booked) -> Result<(), MoneyError> {
        let mut standing: Vec<Stands<'_>> = booked
            .refunds
            .iter()
            .map(|refund| Stands {
                external_id: refund.external_id.as_ref(),
                amount: refund.amount,
                account: refund.account,
                internal_id: refund.internal_id,
            })
            .collect();
        let order = self.order;
        let is_refund = |transaction: &&Transaction| {
            transaction.kind == TransactionKind::Refund && transaction.status == TransactionStatus::Success
        };
        for refund in order.transactions.iter().filter(is_refund) {
            if self.policy.is_paid_elsewhere(order, refund) || refund.amount.is_zero() {
                continue;
            }
            let key = ExternalId::for_customer_refund(order.shop, refund.id);
            let kinds = [Kind::RefundMissing, Kind::RefundAmount, Kind::RefundAccount];
            self.transaction(refund, refund.amount, &key, &mut standing, kinds)?;
        }
        self.left_over(&standing, Kind::RefundUnmatched, 1)
    }

    /// One transaction against the document with its external id, which is taken out of those that stand.
    fn transaction(
        &mut self,
        transaction: &Transaction,
        amount: Money,
        key: &ExternalId,
        standing: &mut Vec<Stands<'_>>,
        [missing, differs, account]: [Kind; 3],
    ) -> Result<(), MoneyError> {
        // Money back leaves: Shopify's side is below zero.
        let sign = if missing == Kind::RefundMissing { -1 } else { 1 };
        let Some(at) = standing.iter().position(|document| document.external_id == Some(key)) else {
            self.note(missing, format!("no document {key}"), Some(amount.checked_mul(sign)?));
            return Ok(());
        };
        let document = standing.swap_remove(at);
        let less = amount.checked_sub(document.amount)?;
        if !less.is_zero() {
            self.note(differs, format!("{key} has another amount"), Some(less.checked_mul(sign)?));
        }
        let wanted = self.policy.tender_account(self.shop, &transaction.tender);
        if let (Some(wanted), Some(booked)) = (wanted, document.account)
            && wanted != booked
        {
            // On both accounts the whole amount is amiss.
            let detail = format!("{key} stands on account {booked}, not on {wanted}");
            self.note(account, detail, Some(amount.checked_mul(sign)?));
        }
        Ok(())
    }

    fn left_over(&mut self, standing: &[Stands<'_>], kind: Kind, sign: i64) -> Result<(), MoneyError> {
        for document in standing {
            let named = document.external_id.map_or_else(String::new, |key| format!(" ({key})"));
            let detail = format!("document {}{named} has no transaction in Shopify", document.internal_id);
            self.note(kind, detail, Some(document.amount.checked_mul(sign)?));
        }
        Ok(())
    }

    /// Units by line. Bundles are shipped as their members, so their lines are left out.
    fn shipments(&mut self, booked: &Booked) {
        let mut units: BTreeMap<LineItemId, i64> = BTreeMap::new();
        for fulfillment in self.order.fulfillments.iter().filter(|it| !it.is_cancelled) {
            for (line, quantity) in &fulfillment.lines {
                *units.entry(*line).or_default() += i64::from(*quantity);
            }
        }
        let mut told = units.clone();
        for shipment in booked.shipments.iter().filter(|it| it.status == ShipStatus::Shipped) {
            for line in &shipment.lines {
                if let Some(LineKey::Goods(id)) = line.key {
                    *units.entry(id).or_default() -= i64::from(line.quantity);
                }
            }
        }
        let is_goods = |id: LineItemId| {
            let lines = &booked.sales_order.lines;
            lines.iter().any(|line| line.key == Some(LineKey::Goods(id)))
                && !self.order.lines.iter().any(|line| line.id == id && line.is_gift_card)
        };
        let differing: Vec<(LineItemId, i64)> =
            units.into_iter().filter(|(id, units)| *units != 0 && is_goods(*id)).collect();
        for (line, units) in differing {
            let told = told.remove(&line).unwrap_or_default();
            let (kind, size) = match units {
                ..0 => (Kind::ShipmentUnconfirmed, -units),
                _ => (Kind::ShipmentMissing, units),
            };
            self.note(kind, format!("line {line}: {told} units told to the buyer, {size} differ"), None);
        }
    }
}

/// The order that a sales order's external id is of, if it is one of ours.
pub fn order_of(shop: crate::domain::ShopKey, key: &ExternalId) -> Option<u64> {
    key.as_str().strip_prefix(shop.as_str())?.strip_prefix("-order-")?.parse().ok()
}

/// A sales order of ours whose order Shopify does not know.
pub fn unknown(shop: crate::domain::ShopKey, number: u64, moved_at: Timestamp) -> Discrepancy {
    Discrepancy::new(
        Kind::OrderUnknown,
        shop,
        Flow::Order,
        number,
        format!("shopify knows no order {number}"),
    )
    .clearing(moved_at)
}
