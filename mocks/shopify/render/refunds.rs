//! Refunds as wire types: what each gives back, and the agreements that say what a tip and a fee came to; and gift
//! cards.

use super::super::rows::{OrderRow, Part, RefundRow};
use super::super::{Shop, ids};
use super::{both, date_time, page};
use crate::domain::refund::{AdjustmentReason, RefundFeeKind, Restock};
use crate::platforms::shopify::wire::{
    self, Connection, DecimalText, Gid, MoneyBag, MoneyV2, OrderAdjustment, OrderRefunds, PageInfo, Ref,
    RefundDuty, RefundLineItem, RefundShippingLine, RestockType, Sale, SaleLineType, SalesAgreement,
};

/// `first` of agreements in the document `orderRefunds`.
pub(in super::super) const AGREEMENTS_FIRST: usize = 25;

/// Every refund of the order, each with its first lines, oldest first.
pub(in super::super) fn order_refunds(shop: &Shop, n: usize, first: usize) -> OrderRefunds {
    let row = shop.orders.get(n);
    let mut lines_before = 0;
    let mut refunds = Vec::with_capacity(row.refunds().len());
    for (at, entry) in row.refunds().iter().enumerate() {
        refunds.push(refund(shop, n, at, entry, lines_before, first));
        lines_before += entry.lines.len();
    }
    let agreements = all_agreements(shop, n, first);
    OrderRefunds {
        id: Gid::new(ids::order(shop.ordinal, n).get()),
        updated_at: date_time(row.updated),
        refunds,
        agreements: page(agreements, 0, AGREEMENTS_FIRST, |_| 0),
    }
}

/// Every agreement that unsold something, with all its sales.
pub(in super::super) fn order_agreements(shop: &Shop, n: usize) -> Vec<SalesAgreement> {
    all_agreements(shop, n, usize::MAX)
}

fn all_agreements(shop: &Shop, n: usize, first: usize) -> Vec<SalesAgreement> {
    let row = shop.orders.get(n);
    let refunds = row.refunds().iter().enumerate();
    refunds.flat_map(|(at, entry)| agreements_of(shop, row, n, at, entry, first)).collect()
}

fn refund(
    shop: &Shop,
    n: usize,
    at: usize,
    entry: &RefundRow,
    lines_before: usize,
    first: usize,
) -> wire::Refund {
    let row = shop.orders.get(n);
    let bag = |part: Part| as_seen(shop, row, part);
    let lines = entry.lines.iter().enumerate().map(|(index, line)| RefundLineItem {
        id: Gid::new(ids::refund_line(shop.ordinal, n, lines_before + index).get()),
        quantity: line.units,
        restock_type: match line.restock {
            Restock::Cancel => RestockType::Cancel,
            Restock::Return => RestockType::Return,
            Restock::NoRestock => RestockType::NoRestock,
            Restock::Legacy => RestockType::LegacyRestock,
        },
        line_item: Ref::new(ids::line_item(shop.ordinal, n, usize::from(line.line)).get()),
        location: (line.restock == Restock::Return).then(|| Ref::new(shop.location(0))),
        subtotal_set: bag(line.subtotal),
        total_tax_set: bag(line.tax),
    });
    let shipping = entry.shipping.iter().map(|back| RefundShippingLine {
        shipping_line: Some(Ref::new(ids::shipping_line(shop.ordinal, n, usize::from(back.line)).get())),
        subtotal_amount_set: bag(back.net),
        tax_amount_set: bag(back.tax),
    });
    let adjustments = entry.adjustment.iter().map(|(reason, amount, seen)| OrderAdjustment {
        reason: adjustment_reason(*reason),
        amount_set: bag(Part { own: *amount, seen: *seen }),
        tax_amount_set: bag(Part::default()),
    });
    let transactions: Vec<Ref<wire::kind::OrderTransaction>> = entry
        .transactions
        .iter()
        .map(|position| Ref::new(ids::transaction(shop.ordinal, n, usize::from(*position)).get()))
        .collect();
    wire::Refund {
        id: Gid::new(ids::refund(shop.ordinal, n, at).get()),
        created_at: Some(date_time(entry.at)),
        return_: entry.is_return.then(|| Ref::new(ids::return_of(shop.ordinal, n, at))),
        refund_line_items: page(lines.collect(), 0, first, |line| line.id.number()),
        refund_shipping_lines: whole(shipping.collect()),
        duties: Some(
            (entry.duties.own != 0)
                .then(|| RefundDuty { amount_set: bag(entry.duties) })
                .into_iter()
                .collect(),
        ),
        order_adjustments: whole(adjustments.collect()),
        transactions: whole(transactions),
    }
}

fn as_seen(shop: &Shop, row: &OrderRow, part: Part) -> MoneyBag {
    let seen = row.presentment().map_or(shop.currency_of(row), |(currency, _)| currency);
    MoneyBag {
        shop_money: wire::Amount { amount: DecimalText::from_minor(part.own, shop.digits()) },
        presentment_money: MoneyV2 {
            amount: DecimalText::from_minor(part.seen, seen.minor_digits() as u8),
            currency_code: seen,
        },
    }
}

/// The ledger of what a refund unsold: goods and delivery too, which the refund itself states.
fn agreements_of(
    shop: &Shop,
    row: &OrderRow,
    n: usize,
    at: usize,
    entry: &RefundRow,
    first: usize,
) -> Vec<SalesAgreement> {
    let sale = |line_type, total: Part, tax: Part| {
        let minus = |part: Part| as_seen(shop, row, Part { own: -part.own, seen: -part.seen });
        Sale { line_type, total_amount: minus(total), total_tax_amount: minus(tax), fee: None }
    };
    let with_tax = |net: Part, tax: Part| match row.taxes_included {
        true => net,
        false => Part { own: net.own + tax.own, seen: net.seen + tax.seen },
    };
    let goods = entry.lines.iter().map(|line| (SaleLineType::Product, line.subtotal, line.tax));
    let delivery = entry.shipping.iter().map(|back| (SaleLineType::Shipping, back.net, back.tax));
    let mut sales: Vec<Sale> =
        goods.chain(delivery).map(|(kind, net, tax)| sale(kind, with_tax(net, tax), tax)).collect();
    if entry.tip.own != 0 {
        sales.push(sale(SaleLineType::Tip, entry.tip, Part::default()));
    }
    let mut agreements = vec![SalesAgreement {
        refund: Some(Ref::new(ids::refund(shop.ordinal, n, at).get())),
        return_: None,
        sales: page(sales, 0, first, |_| 0),
    }];
    if !entry.fees.is_empty() {
        let fees = entry.fees.iter().map(|(kind, amount, tax)| {
            let fee = match kind {
                RefundFeeKind::Restocking => wire::Fee::RestockingFee,
                RefundFeeKind::ReturnShipping => wire::Fee::ReturnShippingFee,
            };
            let total = amount + if row.taxes_included { 0 } else { *tax };
            Sale {
                line_type: SaleLineType::Fee,
                total_amount: both(shop, row, total),
                total_tax_amount: both(shop, row, *tax),
                fee: Some(fee),
            }
        });
        agreements.push(SalesAgreement {
            refund: None,
            return_: Some(Ref::new(ids::return_of(shop.ordinal, n, at))),
            sales: page(fees.collect(), 0, first, |_| 0),
        });
    }
    agreements
}

/// Cards made in or after a second, behind the number `after`, oldest first.
pub(in super::super) fn gift_cards(
    shop: &Shop,
    since: i64,
    after: u64,
    first: usize,
) -> Connection<wire::GiftCard> {
    let currency = shop.settings.currency;
    let money = |minor: i64| MoneyV2 {
        amount: DecimalText::from_minor(minor, shop.digits()),
        currency_code: currency,
    };
    // Cards are kept in the order in which they were made.
    let from = shop.pots.cards.partition_point(|card| card.created < since);
    let known = |at: &usize| ids::gift_card(shop.ordinal, *at).get() > after;
    let cards: Vec<wire::GiftCard> = (from..shop.pots.cards.len())
        .filter(known)
        .take(first + 1)
        .map(|at| {
            let card = &shop.pots.cards[at];
            wire::GiftCard {
                id: Gid::new(ids::gift_card(shop.ordinal, at).get()),
                created_at: date_time(card.created),
                initial_value: money(card.initial),
                balance: money(card.balance),
                enabled: card.is_enabled,
                expires_on: card.expires.map(|date| date.to_string().into_boxed_str()),
                order: card
                    .sold_by
                    .map(|(order, _)| Ref::new(ids::order(shop.ordinal, order as usize).get())),
            }
        })
        .collect();
    page(cards, 0, first, |card| card.id.number())
}

fn whole<T>(nodes: Vec<T>) -> Connection<T> {
    Connection { nodes, page_info: PageInfo::default() }
}

fn adjustment_reason(reason: AdjustmentReason) -> wire::AdjustmentReason {
    use wire::AdjustmentReason as Wire;
    match reason {
        AdjustmentReason::RefundDiscrepancy => Wire::RefundDiscrepancy,
        AdjustmentReason::PendingRefundDiscrepancy => Wire::PendingRefundDiscrepancy,
        AdjustmentReason::FullReturnBalancing => Wire::FullReturnBalancingAdjustment,
        AdjustmentReason::Restock => Wire::Restock,
        AdjustmentReason::Damage => Wire::Damage,
        AdjustmentReason::Customer => Wire::Customer,
        AdjustmentReason::Other => Wire::Unknown,
    }
}
