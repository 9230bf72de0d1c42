//! Payouts, balance transactions and disputes as the port lists them.

use super::{At, Unreadable, amount};
use crate::domain::Money;
use crate::domain::ids::{BalanceTransactionId, DisputeId, OrderId, PayoutId, TransactionId};
use crate::domain::payout::{BalanceTransaction, Dispute, DisputeStatus, Payout, PayoutStatus};
use crate::platforms::shopify::wire;
use crate::platforms::shopify::wire::payments::{self, DisputeType};

/// # Errors
/// An amount with more digits than its currency has, or a status that nobody has published.
pub fn payout(payout: payments::Payout) -> Result<Payout, Unreadable> {
    use payments::PayoutStatus as Wire;
    let at = At::root("payout");
    let status = match payout.status {
        Wire::Scheduled => PayoutStatus::Scheduled,
        // On its way to the bank: no row comes or goes any more.
        Wire::InTransit | Wire::Paid => PayoutStatus::Paid,
        Wire::Failed => PayoutStatus::Failed,
        Wire::Canceled => PayoutStatus::Canceled,
        Wire::Unknown => return Err(at.field("status").unreadable("is none that is published")),
    };
    Ok(Payout {
        id: PayoutId::new(payout.id.number()),
        issued_at: payout.issued_at.at(),
        net: money(payout.net, "net", &at)?,
        status,
        trace: payout.external_trace_id,
    })
}

/// A type that nobody has published stays as its text: whoever books decides.
///
/// # Errors
/// Amounts of two currencies, or that do not add up, or with more digits than their currency has.
pub fn balance_transaction(row: payments::BalanceTransaction) -> Result<BalanceTransaction, Unreadable> {
    let at = At::root("balanceTransaction");
    let gross = money(row.amount, "amount", &at)?;
    let fee = money(row.fee, "fee", &at)?;
    let net = money(row.net, "net", &at)?;
    // Source: shopify.md §m.1: net = amount − fee.
    if gross.checked_sub(fee) != Ok(net) {
        return Err(at.field("net").unreadable(format!("is {net}, not {gross} less {fee}")));
    }
    Ok(BalanceTransaction {
        id: BalanceTransactionId::new(row.id.number()),
        kind: row.kind.0,
        amount: gross,
        fee,
        net,
        order_transaction: row.source_order_transaction_id.map(|id| TransactionId::new(id.0)),
        dispute: row
            .source_id
            .filter(|_| row.source_type == Some(payments::SourceType::Dispute))
            .map(|id| DisputeId::new(id.0)),
        order: row.associated_order.map(|order| OrderId::new(order.id.number())),
        payout: row.associated_payout.id.map(|id| PayoutId::new(id.number())),
        processed_at: row.transaction_date.at(),
        reason: row.adjustment_reason.map(|text| Box::from(&*text)),
    })
}

/// # Errors
/// An amount with more digits than its currency has, or a type or status that nobody has published.
pub fn dispute(dispute: payments::Dispute) -> Result<Dispute, Unreadable> {
    use payments::DisputeStatus as Wire;
    let at = At::root("dispute");
    let status = match dispute.status {
        Wire::NeedsResponse => DisputeStatus::NeedsResponse,
        Wire::UnderReview => DisputeStatus::UnderReview,
        Wire::Accepted => DisputeStatus::Accepted,
        Wire::Won => DisputeStatus::Won,
        Wire::Lost => DisputeStatus::Lost,
        // The merchant gave the money back by a refund: the bank takes nothing.
        Wire::Prevented | Wire::ChargeRefunded => DisputeStatus::Prevented,
        Wire::Unknown => return Err(at.field("status").unreadable("is none that is published")),
    };
    let is_inquiry = match dispute.kind {
        DisputeType::Inquiry => true,
        DisputeType::Chargeback => false,
        DisputeType::Unknown => return Err(at.field("type").unreadable("is none that is published")),
    };
    Ok(Dispute {
        id: DisputeId::new(dispute.id.number()),
        order: dispute.order.map(|order| OrderId::new(order.id.number())),
        is_inquiry,
        status,
        amount: money(dispute.amount, "amount", &at)?,
        initiated_at: dispute.initiated_at.at(),
        finalized_on: dispute.finalized_on.map(wire::DateTime::at),
    })
}

fn money(value: wire::MoneyV2, name: &'static str, at: &At<'_>) -> Result<Money, Unreadable> {
    amount(value.amount, value.currency_code, &at.field(name))
}

#[cfg(test)]
mod tests;
