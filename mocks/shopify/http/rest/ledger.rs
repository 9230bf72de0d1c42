//! Payouts, balance transactions and disputes as REST spells them: lower case, amounts with all their digits, instants
//! in the shop's own time.
//!
//! Source: shopify.md §m.2, §b.5.

use serde_json::{Map, Value, json};

use super::super::super::texts::Texts;
use super::super::super::{Shop, ids};
use super::super::door::form_value;
use super::effective_query;
use crate::domain::ids::PayoutId;
use crate::domain::payout::BalanceKind;
use crate::domain::{BookDate, Currency, Timestamp};
use crate::platforms::shopify::wire::payments::{BalanceTransaction, Dispute, Payout, PayoutStatus};
use crate::platforms::shopify::wire::{DecimalText, OffsetInstant};

/// Payouts, newest first.
///
/// # Errors
/// The name of a filter whose value is none.
pub(super) fn payouts(shop: &Shop, query: &str) -> Result<Vec<Value>, String> {
    let query = effective_query(query);
    let filters = Filters::read(&query)?;
    let count = shop.payouts_count();
    let all = (0..count).rev().filter_map(|n| Some((n, shop.payout_at(n)?)));
    let kept = all.filter(|(_, payout)| filters.fit(shop, payout.id.number(), payout.issued_at.at()));
    let status = form_value(&query, "status");
    let shown = kept.map(|(n, payout)| payout_json(shop, n, &payout));
    Ok(shown.filter(|payout| status.as_ref().is_none_or(|status| payout["status"] == **status)).collect())
}

pub(super) fn payout(shop: &Shop, number: u64) -> Option<Value> {
    let n = ids::payout_position(shop.ordinal, PayoutId::new(number))?;
    Some(payout_json(shop, n, &shop.payout_at(n)?))
}

/// Balance transactions, newest first.
///
/// # Errors
/// As [`payouts`].
pub(super) fn transactions(shop: &Shop, texts: &Texts, query: &str) -> Result<Vec<Value>, String> {
    let query = effective_query(query);
    let filters = Filters::read(&query)?;
    let of_payout = number(&query, "payout_id")?;
    let rows = shop.balance_rows(texts).into_iter().rev();
    let kept = rows.filter(|row| {
        let payout = row.associated_payout.id.map(|id| id.number());
        of_payout.is_none_or(|wanted| payout == Some(wanted))
            && filters.fit(shop, row.id.number(), row.transaction_date.at())
    });
    Ok(kept.map(|row| transaction_json(shop, &row)).collect())
}

/// Disputes, newest first.
///
/// # Errors
/// As [`payouts`].
pub(super) fn disputes(shop: &Shop, query: &str) -> Result<Vec<Value>, String> {
    let query = effective_query(query);
    let filters = Filters::read(&query)?;
    let status = form_value(&query, "status");
    let all = (0..).map_while(|n| shop.dispute_at(n)).collect::<Vec<_>>().into_iter().rev();
    let kept = all.filter(|dispute| filters.fit(shop, dispute.id.number(), dispute.initiated_at.at()));
    let shown = kept.map(|dispute| dispute_json(shop, &dispute));
    Ok(shown.filter(|dispute| status.as_ref().is_none_or(|status| dispute["status"] == **status)).collect())
}

pub(super) fn dispute(shop: &Shop, number: u64) -> Option<Value> {
    let all = (0..).map_while(|n| shop.dispute_at(n));
    let found = all.into_iter().find(|dispute| dispute.id.number() == number)?;
    Some(dispute_json(shop, &found))
}

/// What is in no payout yet; `None` for a shop without Shopify Payments.
pub(super) fn balance(shop: &Shop) -> Option<Value> {
    let (currency, minor) = shop.pending_balance()?;
    Some(json!([{ "currency": currency, "amount": fixed(minor, currency) }]))
}

fn payout_json(shop: &Shop, n: usize, payout: &Payout) -> Value {
    let currency = payout.net.currency_code;
    json!({
        "id": payout.id.number(),
        "status": match payout.status {
            PayoutStatus::Scheduled => "scheduled",
            PayoutStatus::InTransit => "in_transit",
            PayoutStatus::Paid => "paid",
            PayoutStatus::Failed => "failed",
            PayoutStatus::Canceled => "canceled",
            PayoutStatus::Unknown => "unknown",
        },
        "date": shop.settings.zone.book_date(payout.issued_at.at()).to_string(),
        "currency": currency,
        "amount": text(payout.net.amount, currency),
        "summary": summary(&shop.payout_kinds(n), currency),
    })
}

/// What a payout is made of, by the groups of the summary.
fn summary(rows: &[(BalanceKind, i64, i64)], currency: Currency) -> Value {
    let groups = ["adjustments", "charges", "refunds", "reserved_funds", "retried_payouts"];
    let mut out = Map::new();
    for group in groups {
        let of_group = rows.iter().filter(|(kind, ..)| group_of(kind) == group);
        let (gross, fee) = of_group.fold((0, 0), |(gross, fee), row| (gross + row.1, fee + row.2));
        out.insert(format!("{group}_gross_amount"), json!(fixed(gross, currency)));
        out.insert(format!("{group}_fee_amount"), json!(fixed(fee, currency)));
    }
    Value::Object(out)
}

fn group_of(kind: &BalanceKind) -> &'static str {
    match kind {
        BalanceKind::Charge => "charges",
        BalanceKind::Refund | BalanceKind::RefundFailure => "refunds",
        BalanceKind::ReservedFunds
        | BalanceKind::ReservedFundsReversal
        | BalanceKind::ReservedFundsWithdrawal => "reserved_funds",
        BalanceKind::TransferFailure | BalanceKind::TransferCancel => "retried_payouts",
        _ => "adjustments",
    }
}

fn transaction_json(shop: &Shop, row: &BalanceTransaction) -> Value {
    let currency = row.amount.currency_code;
    let payout = row.associated_payout.id.map(|id| id.number());
    let status = payout.and_then(|number| Some(self::payout(shop, number)?["status"].clone()));
    json!({
        "id": row.id.number(),
        "type": row.kind.0.name().to_lowercase(),
        "test": false,
        "payout_id": payout,
        "payout_status": status.unwrap_or_else(|| json!("pending")),
        "currency": currency,
        "amount": text(row.amount.amount, currency),
        "fee": text(row.fee.amount, currency),
        "net": text(row.net.amount, currency),
        "source_order_id": row.associated_order.map(|order| order.id.number()),
        "source_order_transaction_id": row.source_order_transaction_id.map(|number| number.0),
        "processed_at": local(shop, row.transaction_date.at()),
        "adjustment_order_transactions": null,
        "adjustment_reason": row.adjustment_reason,
    })
}

fn dispute_json(shop: &Shop, dispute: &Dispute) -> Value {
    let spelled = |value: Value| value.as_str().unwrap_or_default().to_lowercase();
    json!({
        "id": dispute.id.number(),
        "order_id": dispute.order.map(|order| order.id.number()),
        "type": spelled(json!(dispute.kind)),
        "amount": text(dispute.amount.amount, dispute.amount.currency_code),
        "currency": dispute.amount.currency_code,
        "status": spelled(json!(dispute.status)),
        "initiated_at": local(shop, dispute.initiated_at.at()),
        "finalized_on": dispute.finalized_on.map(|at| local(shop, at.at())),
    })
}

fn local(shop: &Shop, at: Timestamp) -> String {
    OffsetInstant { at, offset: shop.settings.zone.offset_seconds(at) }.to_string()
}

fn text(amount: DecimalText, currency: Currency) -> String {
    fixed(amount.minor(currency.minor_digits()).unwrap_or_default(), currency)
}

/// With all the digits of the currency: `15.00`.
fn fixed(minor: i64, currency: Currency) -> String {
    let digits = currency.minor_digits();
    let unit = 10_u64.pow(digits);
    let sign = if minor < 0 { "-" } else { "" };
    let (whole, fraction) = (minor.unsigned_abs() / unit, minor.unsigned_abs() % unit);
    match digits {
        0 => format!("{sign}{whole}"),
        digits => format!("{sign}{whole}.{fraction:0width$}", width = digits as usize),
    }
}

/// Bounds that every listing takes.
struct Filters {
    since: Option<u64>,
    last: Option<u64>,
    from: Option<BookDate>,
    until: Option<BookDate>,
}

impl Filters {
    fn read(query: &str) -> Result<Filters, String> {
        let date = |name: &str| match form_value(query, name) {
            None => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| name.to_owned()),
        };
        let on = date("date")?;
        let from = date("date_min")?.or(on);
        let until = date("date_max")?.or(on);
        Ok(Filters { since: number(query, "since_id")?, last: number(query, "last_id")?, from, until })
    }

    fn fit(&self, shop: &Shop, number: u64, at: Timestamp) -> bool {
        let date = shop.settings.zone.book_date(at);
        self.since.is_none_or(|since| number > since)
            && self.last.is_none_or(|last| number < last)
            && self.from.is_none_or(|from| date >= from)
            && self.until.is_none_or(|until| date <= until)
    }
}

fn number(query: &str, name: &str) -> Result<Option<u64>, String> {
    match form_value(query, name) {
        None => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| name.to_owned()),
    }
}
