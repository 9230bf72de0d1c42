//! Orders as they are, in domain values, for who compares the books with what happened. Read from the rows, by a
//! road of its own: not through the wire types that the client reads.

use std::sync::Arc;

use super::arithmetic::present;
use super::changes::shown;
use super::people::GuestContact;
use super::refunds::parts;
use super::rows::{
    BuyerRow, Charge, ChargeKind, NO_TEXT, OrderRow, RefundRow, Target, TransactionKind, TransactionRow,
    TransactionStatus,
};
use super::texts::Texts;
use super::{Shop, ShopifyTwin, ids, render};
use crate::domain::ids::OrderId;
use crate::domain::order::{self, Buyer, Discount, LineItem, ShippingLine, TaxLine, Tender, Transaction};
use crate::domain::refund::{Refund, RefundAdjustment, RefundFee, RefundLine, RefundShipping, Restock};
use crate::domain::{CustomerKey, Money, Order, ShopKey, Sku, Timestamp};

impl ShopifyTwin {
    /// The order as it stands; `None` if the shop has no such order.
    pub fn order_truth(&self, shop: ShopKey, id: OrderId) -> Option<Order> {
        let shop = self.shop(shop);
        shop.order_at(id).map(|n| truth(shop, &self.texts, n))
    }

    /// Gateway and what was received, rounding included, of each transaction that brought money in, oldest first.
    pub fn captures(&self, shop: ShopKey, id: OrderId) -> Vec<(Arc<str>, i64)> {
        let shop = self.shop(shop);
        let Some(n) = shop.order_at(id) else { return vec![] };
        let captured = shop.orders.get(n).transactions.iter().filter(|entry| entry.captured());
        captured
            .map(|entry| {
                (Arc::clone(self.texts.get(entry.gateway)), entry.amount + i64::from(entry.rounding))
            })
            .collect()
    }

    /// All orders of the shop, oldest first, each built when the iterator comes to it.
    pub fn orders_truth(&self, shop: ShopKey) -> impl Iterator<Item = Order> + '_ {
        let shop = self.shop(shop);
        (0..shop.orders.len()).map(|n| truth(shop, &self.texts, n))
    }
}

fn truth(shop: &Shop, texts: &Texts, n: usize) -> Order {
    let row = shop.orders.get(n);
    let currency = shop.settings.currency;
    let money = |minor: i64| Money::new(minor, currency);
    let at = Timestamp::from_seconds;
    let totals = row.totals();
    let (duties, fees, tip) = row.extras();
    Order {
        shop: shop.settings.key,
        id: ids::order(shop.ordinal, n),
        name: render::name(shop, n),
        created_at: at(row.created),
        processed_at: at(row.processed),
        updated_at: at(row.updated),
        cancelled_at: row.cancelled().map(at),
        currency,
        presentment_currency: row.presentment().map_or(currency, |(shown, _)| shown),
        taxes_included: row.taxes_included,
        buyer: buyer(shop, row),
        ship_to: row.ship_to.as_deref().cloned(),
        lines: row
            .lines
            .iter()
            .enumerate()
            .map(|(at, line)| {
                let charges = row.charges_on(Target::line(at));
                LineItem {
                    id: ids::line_item(shop.ordinal, n, at),
                    sku: (line.sku != NO_TEXT).then(|| Sku(Box::from(&**texts.get(line.sku)))),
                    title: Box::from(&**texts.get(line.title)),
                    quantity_ordered: line.ordered,
                    quantity: line.quantity,
                    unit_price: money(line.unit_price),
                    discounts: discounts(charges, texts, &money),
                    taxes: taxes(charges, texts, &money),
                    is_gift_card: line.is_gift_card,
                }
            })
            .collect(),
        shipping: row
            .shipping
            .iter()
            .enumerate()
            .map(|(at, line)| {
                let charges = row.charges_on(Target::shipping(at));
                ShippingLine {
                    id: ids::shipping_line(shop.ordinal, n, at),
                    title: Box::from(&**texts.get(line.title)),
                    price: money(line.price),
                    discounts: discounts(charges, texts, &money),
                    taxes: taxes(charges, texts, &money),
                }
            })
            .collect(),
        duties: money(duties),
        additional_fees: money(fees),
        tip: money(tip),
        tax: money(totals.tax),
        total: money(totals.total),
        total_presentment: Money::new(
            present(totals.total, currency, shown(row)),
            row.presentment().map_or(currency, |(shown, _)| shown),
        ),
        fulfillments: shop.fulfillments(texts, n),
        refunds: refunds(shop, row, n),
        transactions: row
            .transactions
            .iter()
            .enumerate()
            .map(|(at, entry)| transaction(shop, texts, row, n, at, entry))
            .collect(),
    }
}

fn refunds(shop: &Shop, row: &OrderRow, n: usize) -> Vec<Refund> {
    let mut lines_before = 0;
    let mut refunds = Vec::with_capacity(row.refunds().len());
    for (at, entry) in row.refunds().iter().enumerate() {
        refunds.push(refund(shop, row, (n, at), entry, lines_before));
        lines_before += entry.lines.len();
    }
    refunds
}

fn refund(
    shop: &Shop,
    row: &OrderRow,
    (n, at): (usize, usize),
    entry: &RefundRow,
    lines_before: usize,
) -> Refund {
    let currency = shop.settings.currency;
    let money = |minor: i64| Money::new(minor, currency);
    let seen = parts(row, currency, entry).seen;
    let seen_of_adjustment = entry.adjustment.map_or(0, |(.., seen)| seen);
    let lines = entry.lines.iter().enumerate().map(|(index, line)| RefundLine {
        id: ids::refund_line(shop.ordinal, n, lines_before + index),
        line: ids::line_item(shop.ordinal, n, usize::from(line.line)),
        quantity: line.units,
        subtotal: money(line.subtotal.own),
        tax: money(line.tax.own),
        restock: line.restock,
        location: (line.restock == Restock::Return).then(|| shop.location(0)),
    });
    Refund {
        id: ids::refund(shop.ordinal, n, at),
        created_at: Timestamp::from_seconds(entry.at),
        is_return: entry.is_return,
        lines: lines.collect(),
        shipping: entry
            .shipping
            .iter()
            .map(|back| RefundShipping {
                line: Some(ids::shipping_line(shop.ordinal, n, usize::from(back.line))),
                subtotal: money(back.net.own),
                tax: money(back.tax.own),
            })
            .collect(),
        duties: money(entry.duties.own),
        tip: money(entry.tip.own),
        fees: entry
            .fees
            .iter()
            .map(|(kind, amount, tax)| RefundFee { kind: *kind, amount: money(*amount), tax: money(*tax) })
            .collect(),
        adjustments: entry
            .adjustment
            .iter()
            .map(|(reason, amount, _)| RefundAdjustment {
                reason: *reason,
                amount: money(*amount),
                tax: money(0),
            })
            .collect(),
        presentment: Money::new(
            seen + seen_of_adjustment,
            row.presentment().map_or(currency, |(shown, _)| shown),
        ),
        transactions: entry
            .transactions
            .iter()
            .map(|position| ids::transaction(shop.ordinal, n, usize::from(*position)))
            .collect(),
    }
}

fn buyer(shop: &Shop, row: &OrderRow) -> Buyer {
    let text = |text: &std::sync::Arc<str>| Box::from(&**text);
    let contact = render::contact(shop, row.buyer);
    let email = contact.and_then(|it| it.email.as_ref()).map(text);
    let phone = contact.and_then(|it| it.phone.as_ref()).map(text);
    match row.buyer {
        BuyerRow::Customer(at) => Buyer {
            key: CustomerKey::Customer(ids::customer(shop.ordinal, at as usize)),
            name: contact.map(|details| text(&details.display_name())),
            email,
            phone,
        },
        BuyerRow::Company(at) => {
            let company = &shop.people.companies[at as usize];
            let name = if company.company == company.location {
                text(&company.company)
            } else {
                format!("{}, {}", company.company, company.location).into()
            };
            let key = CustomerKey::CompanyLocation(ids::company_location(shop.ordinal, at as usize));
            Buyer { key, name: Some(name), email, phone }
        }
        BuyerRow::Guest(_) | BuyerRow::Nobody => {
            let (email, phone) = match row.buyer {
                BuyerRow::Guest(at) => {
                    let GuestContact { email, phone } = &shop.people.guests[at as usize];
                    (email.as_ref().map(text), phone.as_ref().map(text))
                }
                _ => (None, None),
            };
            let name = row.ship_to.as_ref().and_then(|address| address.name.clone());
            Buyer { key: CustomerKey::Guest, name, email, phone }
        }
    }
}

fn discounts(charges: &[Charge], texts: &Texts, money: &impl Fn(i64) -> Money) -> Vec<Discount> {
    let discounts = charges.iter().filter(|charge| charge.kind == ChargeKind::Discount);
    discounts
        .map(|charge| Discount {
            label: Box::from(&**texts.discount(charge.label).label()),
            amount: money(charge.amount),
        })
        .collect()
}

fn taxes(charges: &[Charge], texts: &Texts, money: &impl Fn(i64) -> Money) -> Vec<TaxLine> {
    let taxes = charges.iter().filter(|charge| charge.kind == ChargeKind::Tax);
    taxes
        .map(|charge| {
            let kind = texts.tax(charge.label);
            TaxLine {
                title: Box::from(&*kind.title),
                rate: kind.rate,
                amount: money(charge.amount),
                channel_liable: kind.channel_liable,
            }
        })
        .collect()
}

fn transaction(
    shop: &Shop,
    texts: &Texts,
    row: &OrderRow,
    n: usize,
    at: usize,
    entry: &TransactionRow,
) -> Transaction {
    let currency = shop.settings.currency;
    let shown = row.presentment().map_or(currency, |(shown, _)| shown);
    Transaction {
        id: ids::transaction(shop.ordinal, n, at),
        kind: match entry.kind {
            TransactionKind::Authorization => order::TransactionKind::Authorization,
            TransactionKind::Capture => order::TransactionKind::Capture,
            TransactionKind::Sale => order::TransactionKind::Sale,
            TransactionKind::Refund => order::TransactionKind::Refund,
            TransactionKind::Void => order::TransactionKind::Void,
        },
        status: match entry.status {
            TransactionStatus::Success => order::TransactionStatus::Success,
            TransactionStatus::Pending => order::TransactionStatus::Pending,
            TransactionStatus::Failure => order::TransactionStatus::Failure,
        },
        tender: Tender::from_gateway(texts.get(entry.gateway)),
        amount: Money::new(entry.amount, currency),
        presentment: Money::new(entry.presentment, shown),
        rounding: Money::new(i64::from(entry.rounding), currency),
        parent: entry.parent().map(|parent| ids::transaction(shop.ordinal, n, parent)),
        processed_at: Timestamp::from_seconds(entry.at),
    }
}
