//! Refunds as domain values: parts in shop currency, and what the buyer saw of them.
//!
//! A return states its fees once, however many refunds it leads to: its first refund carries them here. Tips and the tax
//! on fees are in the order's agreements alone (shopify.md §d.1).

use super::{At, Unreadable, amount};
use crate::domain::ids::{LineItemId, RefundId, RefundLineId, ShippingLineId, TransactionId};
use crate::domain::refund::{
    AdjustmentReason, Refund, RefundAdjustment, RefundFee, RefundFeeKind, RefundLine, RefundShipping, Restock,
};
use crate::domain::{Currency, Money, Sum, Timestamp};
use crate::platforms::shopify::wire::{self, MoneyBag, PageInfo, Sale, SaleLineType};

/// What a refund takes from its order.
#[derive(Clone, Copy)]
pub(super) struct Terms {
    pub currency: Currency,
    pub presentment: Currency,
    pub taxes_included: bool,
    pub created_at: Timestamp,
}

/// Oldest first, as Shopify numbers them.
pub(super) fn refunds(
    stated: Option<wire::OrderRefunds>,
    terms: Terms,
    at: &At<'_>,
) -> Result<Vec<Refund>, Unreadable> {
    let Some(stated) = stated else { return Ok(Vec::new()) };
    one_page(&stated.agreements.page_info, &at.field("agreements"))?;
    for (index, agreement) in stated.agreements.nodes.iter().enumerate() {
        one_page(&agreement.sales.page_info, &at.item("agreements", index))?;
    }
    let agreements = stated.agreements.nodes;
    let mut entries = stated.refunds;
    entries.sort_by_key(|entry| entry.id.number());
    let mut returns_seen = Vec::new();
    let mut refunds = Vec::with_capacity(entries.len());
    for (index, entry) in entries.into_iter().enumerate() {
        let bears_fees = entry.return_.filter(|it| !returns_seen.contains(&it.id.number()));
        returns_seen.extend(entry.return_.map(|it| it.id.number()));
        let own = |it: &&wire::SalesAgreement| {
            it.refund.is_some_and(|refund| refund.id == entry.id)
                || it.return_.is_some_and(|it| bears_fees.is_some_and(|own| own.id == it.id))
        };
        let sales: Vec<Sale> =
            agreements.iter().filter(own).flat_map(|agreement| &agreement.sales.nodes).copied().collect();
        refunds.push(refund(entry, &sales, terms, &at.item("refunds", index))?);
    }
    Ok(refunds)
}

/// `sales` are those of the refund, and of its return if no earlier refund is of the same.
fn refund(entry: wire::Refund, sales: &[Sale], terms: Terms, at: &At<'_>) -> Result<Refund, Unreadable> {
    one_page(&entry.refund_line_items.page_info, &at.field("refundLineItems"))?;
    one_page(&entry.refund_shipping_lines.page_info, &at.field("refundShippingLines"))?;
    one_page(&entry.order_adjustments.page_info, &at.field("orderAdjustments"))?;
    one_page(&entry.transactions.page_info, &at.field("transactions"))?;
    let mut shown = Shown { terms, sum: Sum::new(terms.presentment) };
    let is_return = entry.return_.is_some();
    let mut lines = Vec::with_capacity(entry.refund_line_items.nodes.len());
    for (index, line) in entry.refund_line_items.nodes.into_iter().enumerate() {
        let at = at.item("refundLineItems", index);
        lines.push(RefundLine {
            id: RefundLineId::new(line.id.number()),
            line: LineItemId::new(line.line_item.id.number()),
            quantity: line.quantity,
            subtotal: shown.part(line.subtotal_set, 1, &at.field("subtotalSet"))?,
            tax: shown.tax(line.total_tax_set, 1, &at.field("totalTaxSet"))?,
            restock: restock(line.restock_type, &at)?,
            location: line.location.map(|location| location.id.number()),
        });
    }
    let mut shipping = Vec::with_capacity(entry.refund_shipping_lines.nodes.len());
    for (index, line) in entry.refund_shipping_lines.nodes.into_iter().enumerate() {
        let at = at.item("refundShippingLines", index);
        shipping.push(RefundShipping {
            line: line.shipping_line.map(|line| ShippingLineId::new(line.id.number())),
            subtotal: shown.part(line.subtotal_amount_set, 1, &at.field("subtotalAmountSet"))?,
            tax: shown.tax(line.tax_amount_set, 1, &at.field("taxAmountSet"))?,
        });
    }
    let duties = entry.duties.unwrap_or_default();
    let duties = shown.all(duties.into_iter().map(|duty| duty.amount_set), 1, &at.field("duties"))?;
    let of = |kind: SaleLineType| sales.iter().filter(move |sale| sale.line_type == kind);
    let tip = of(SaleLineType::Tip).map(|sale| sale.total_amount);
    let tip = shown.all(tip, -1, &at.field("agreements"))?;
    let mut fees = Vec::new();
    for sale in of(SaleLineType::Fee) {
        let at = at.field("agreements");
        let kind = match sale.fee {
            Some(wire::Fee::RestockingFee) => RefundFeeKind::Restocking,
            Some(wire::Fee::ReturnShippingFee) => RefundFeeKind::ReturnShipping,
            _ => return Err(at.unreadable("has a fee of a kind unknown here")),
        };
        let with_tax = shown.part(sale.total_amount, -1, &at)?;
        let tax = amount(sale.total_tax_amount.shop_money.amount, terms.currency, &at)?;
        let net = with_tax.checked_sub(tax).map_err(|error| at.unreadable(error.to_string()))?;
        fees.push(RefundFee { kind, amount: if terms.taxes_included { with_tax } else { net }, tax });
    }
    let mut adjustments = Vec::with_capacity(entry.order_adjustments.nodes.len());
    for (index, adjustment) in entry.order_adjustments.nodes.into_iter().enumerate() {
        let at = at.item("orderAdjustments", index);
        adjustments.push(RefundAdjustment {
            reason: reason(adjustment.reason),
            amount: shown.part(adjustment.amount_set, 1, &at.field("amountSet"))?,
            tax: shown.tax(adjustment.tax_amount_set, 1, &at.field("taxAmountSet"))?,
        });
    }
    Ok(Refund {
        id: RefundId::new(entry.id.number()),
        created_at: entry.created_at.map_or(terms.created_at, wire::DateTime::at),
        is_return,
        lines,
        shipping,
        duties,
        tip,
        fees,
        adjustments,
        presentment: shown.sum.total().map_err(|error| at.unreadable(error.to_string()))?,
        transactions: entry
            .transactions
            .nodes
            .iter()
            .map(|transaction| TransactionId::new(transaction.id.number()))
            .collect(),
    })
}

/// Reads parts in shop currency and sums up what the buyer saw of them.
struct Shown {
    terms: Terms,
    sum: Sum,
}

impl Shown {
    fn part(&mut self, bag: MoneyBag, sign: i64, at: &At<'_>) -> Result<Money, Unreadable> {
        let seen = bag.presentment_money;
        let seen = amount(seen.amount, seen.currency_code, at)?;
        seen.checked_mul(sign)
            .and_then(|seen| self.sum.add(seen))
            .map_err(|error| at.unreadable(error.to_string()))?;
        amount(bag.shop_money.amount, self.terms.currency, at)
    }

    /// The sum of parts, each times the sign.
    fn all(
        &mut self,
        bags: impl Iterator<Item = MoneyBag>,
        sign: i64,
        at: &At<'_>,
    ) -> Result<Money, Unreadable> {
        let mut sum = Sum::new(self.terms.currency);
        for bag in bags {
            let part = self.part(bag, sign, at)?;
            let signed = part.checked_mul(sign).and_then(|part| sum.add(part));
            signed.map_err(|error| at.unreadable(error.to_string()))?;
        }
        sum.total().map_err(|error| at.unreadable(error.to_string()))
    }

    /// Counts only where prices come without it.
    fn tax(&mut self, bag: MoneyBag, sign: i64, at: &At<'_>) -> Result<Money, Unreadable> {
        if self.terms.taxes_included {
            return amount(bag.shop_money.amount, self.terms.currency, at);
        }
        self.part(bag, sign, at)
    }
}

fn one_page(page: &PageInfo, at: &At<'_>) -> Result<(), Unreadable> {
    if page.has_next_page { Err(at.unreadable("has more entries than one page")) } else { Ok(()) }
}

fn restock(restock: wire::RestockType, at: &At<'_>) -> Result<Restock, Unreadable> {
    match restock {
        wire::RestockType::Cancel => Ok(Restock::Cancel),
        wire::RestockType::Return => Ok(Restock::Return),
        wire::RestockType::NoRestock => Ok(Restock::NoRestock),
        wire::RestockType::LegacyRestock => Ok(Restock::Legacy),
        // Whether units moved decides what is booked: a guess would be one.
        wire::RestockType::Unknown => Err(at.field("restockType").unreadable("is of a kind unknown here")),
    }
}

fn reason(reason: wire::AdjustmentReason) -> AdjustmentReason {
    use wire::AdjustmentReason as Wire;
    match reason {
        Wire::RefundDiscrepancy => AdjustmentReason::RefundDiscrepancy,
        Wire::PendingRefundDiscrepancy => AdjustmentReason::PendingRefundDiscrepancy,
        Wire::FullReturnBalancingAdjustment => AdjustmentReason::FullReturnBalancing,
        Wire::Restock => AdjustmentReason::Restock,
        Wire::Damage => AdjustmentReason::Damage,
        Wire::Customer => AdjustmentReason::Customer,
        Wire::Unknown => AdjustmentReason::Other,
    }
}
