//! How customers stand: their open orders, what they owe, and payments that staff key.
//!
//! Source: netsuite.md §12.1 (balances), §14.3 (customerPayment). Not here: the general ledger's side of a payment,
//! which is that of the invoice that it settles (postings.md rows 5 and 12).

use std::collections::BTreeMap;

use super::{Customer, NONE, NetsuiteTwin, Transaction};
use crate::domain::sales_order::SalesOrderStatus;
use crate::domain::{Currency, InternalId, Money, Timestamp};
use crate::platforms::netsuite::operation::suiteql::prices::{ChangedRow, OpenOrderRow};
use crate::platforms::netsuite::wire::{JsonDecimal, LocalTime, OrderStatus};

/// Payments that settle the invoices of sales orders.
#[derive(Debug, Default)]
pub(super) struct Payments {
    /// When, by whom, for which order, in minor units of the order's currency; in the order of time.
    keyed: Vec<(Timestamp, u32, u32, i64)>,
    by_order: BTreeMap<u32, i64>,
}

impl Payments {
    /// When each was keyed, by whom, for which order, and how much in minor units of the order's currency.
    pub(super) fn keyed(&self) -> &[(Timestamp, u32, u32, i64)] {
        &self.keyed
    }

    /// What was paid for an order, in minor units.
    pub(super) fn of_order(&self, order: u32) -> i64 {
        self.by_order.get(&order).copied().unwrap_or_default()
    }
}

impl NetsuiteTwin {
    /// Staff key a payment by bank transfer for the invoice of a sales order. `false` if there is no such order.
    pub fn key_payment(&mut self, order: &str, minor: i64, now: Timestamp) -> bool {
        let Some(at) = self.find_order(order) else { return false };
        let customer = self.orders[at as usize].customer;
        self.payments.keyed.push((now.floor_second(), customer, at, minor));
        *self.payments.by_order.entry(at).or_default() += minor;
        true
    }

    pub(super) fn payments_changed(&self, since: LocalTime) -> Vec<ChangedRow> {
        let zone = &self.settings.zone;
        let row = |(number, (at, customer, ..)): (u64, &(Timestamp, u32, u32, i64))| {
            let changed = LocalTime::of(*at, zone);
            let key = self.customers[*customer as usize].key;
            (changed >= since).then(|| ChangedRow {
                id: InternalId::new(number),
                externalid: key.map(|key| self.names.text(key)),
                changed,
            })
        };
        (1..).zip(&self.payments.keyed).filter_map(row).collect()
    }

    /// What is billed and not paid, in minor units: payments by transfer settle the invoices of their order.
    pub(super) fn open_receivables(&self, customer: InternalId, currency: Currency) -> i64 {
        let Some(customer) = Customer::position(customer) else { return 0 };
        let mut by_order: BTreeMap<u32, i64> = BTreeMap::new();
        let of_customer = self
            .invoices
            .iter()
            .filter(|invoice| invoice.heading.customer == customer && invoice.heading.currency == currency);
        for invoice in of_customer {
            *by_order.entry(invoice.heading.order).or_default() += invoice.open();
        }
        let paid = |order: &u32| self.payments.by_order.get(order).copied().unwrap_or_default();
        by_order.iter().map(|(order, open)| (open - paid(order)).max(0)).sum()
    }

    pub(super) fn open_orders(&self, customer: InternalId, currency: Currency) -> Vec<OpenOrderRow> {
        let Some(customer) = Customer::position(customer) else { return Vec::new() };
        let orders = (0u32..).zip(&self.orders).filter(|(_, order)| {
            order.customer == customer
                && order.currency == currency
                && !matches!(order.status, SalesOrderStatus::Cancelled | SalesOrderStatus::Closed)
        });
        let money = |minor: i64| JsonDecimal::of_money(Money::new(minor, currency));
        orders
            .map(|(at, order)| {
                let mut deposited = 0;
                let mut next = order.first_deposit;
                while next != NONE {
                    let deposit = &self.deposits[next as usize];
                    deposited += deposit.payment;
                    next = deposit.next;
                }
                OpenOrderRow {
                    id: Transaction::id(order.transaction),
                    externalid: order.key.map(|key| self.names.text(key)),
                    status: OrderStatus(order.status).letter().into(),
                    foreigntotal: money(order.total().unwrap_or(i64::MAX)),
                    paid: self.payments.by_order.get(&at).map(|minor| money(*minor)),
                    deposited: (deposited != 0).then(|| money(deposited)),
                }
            })
            .collect()
    }
}
