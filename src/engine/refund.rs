//! What was given back: a credit memo for what was billed, a customer refund for each refund transaction that moved
//! money, stock back where it came back, and what exchange rates leave over.
//!
//! Lives here: `plan`, which decides. What a memo says is [`memo`], which money moved is [`money`], stock is [`restock`],
//! what is left over is [`settling`]; reading, performing and recording is [`driver`].
//!
//! One way only: nothing here can make a refund in Shopify, because the port has no such call (failures.md A9).

pub mod driver;
pub mod memo;
pub mod money;
pub mod restock;
pub mod settling;

use std::collections::BTreeMap;

use super::exception::Finding;
use super::order::units::Units;
use super::posting::Document;
use crate::domain::billing::{CreditCause, CreditLine, CreditMemo, CustomerRefund, JournalEntry};
use crate::domain::ids::{LineItemId, TransactionId};
use crate::domain::money::{MoneyError, Sum};
use crate::domain::order::{Tender, Transaction};
use crate::domain::refund::Refund;
use crate::domain::{BookDate, CauseCode, ExternalId, InternalId, Money, Order, SalesOrder};
use crate::policy::{Policy, ShopPolicy};
use crate::ports::netsuite::Booked;
use crate::ports::store::LinkKind;
use memo::Breakdown;
use money::Moves;
use settling::Pools;

/// What both sides say of one order's refunds.
#[derive(Debug)]
pub struct Observed<'a> {
    pub order: &'a Order,
    pub units: &'a Units,
    pub shop: &'a ShopPolicy,
    pub wanted: &'a SalesOrder,
    pub booked: &'a Booked,
    /// Journals of this order that were posted: nothing in NetSuite ties them to it.
    pub journals: &'a [ExternalId],
}

/// A write that the plan decided on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// With what it is the document of, and how much is at risk without it.
    Post {
        document: Document,
        link: Option<(LinkKind, u64)>,
        at_risk: Option<Money>,
    },
    /// The rest of a credit memo pays an invoice.
    ApplyCredit {
        memo: ExternalId,
        invoice: InternalId,
        amount: Money,
    },
    /// The rest of a deposit pays an invoice.
    ApplyDeposit {
        deposit: InternalId,
        invoice: InternalId,
        amount: Money,
    },
    Report(Finding),
}

impl Action {
    pub fn writes(&self) -> bool {
        !matches!(self, Action::Report(_))
    }
}

/// Whether anything here may be due: most orders are paid once, billed once and never given back.
pub fn may_owe(order: &Order, booked: &Booked) -> bool {
    let is_open = booked.invoices.iter().any(|invoice| invoice.open.minor() > 0)
        && booked.deposits.iter().any(|deposit| deposit.unapplied.minor() > 0);
    let converted = order.presentment_currency != order.currency && !order.fulfillments.is_empty();
    !order.refunds.is_empty() || is_open || converted
}

/// What is to do next. A document that needs the number of another one waits until that exists: the driver plans again
/// after each round, until there is nothing left to write.
pub fn plan(seen: &Observed, policy: &Policy) -> Vec<Action> {
    let planned = (|| {
        let mut actions = refunds(seen, policy)?;
        actions.extend(restock::plan(seen, policy)?);
        if !actions.iter().any(Action::writes) {
            actions.extend(settling::plan(seen, policy)?);
        }
        Ok(actions)
    })();
    planned.unwrap_or_else(|error: MoneyError| {
        let detail = format!("refunds of order {}: {error}", seen.order.id);
        vec![Action::Report(Finding::new(CauseCode::AmountsDisagree, Some(seen.order.total), detail))]
    })
}

fn refunds(seen: &Observed, policy: &Policy) -> Result<Vec<Action>, MoneyError> {
    let mut actions = Vec::new();
    let beyond = money::beyond_captured(seen.order)?;
    let mut pools = Pools::of(seen.booked);
    for at in 0..seen.order.refunds.len() {
        one(seen, policy, at, &beyond, &mut pools, &mut actions)?;
    }
    Ok(actions)
}

fn one(
    seen: &Observed,
    policy: &Policy,
    at: usize,
    beyond: &BTreeMap<TransactionId, Money>,
    pools: &mut Pools,
    actions: &mut Vec<Action>,
) -> Result<(), MoneyError> {
    let (order, refund) = (seen.order, &seen.order.refunds[at]);
    let zero = Money::zero(order.currency);
    let moves = Moves::of(order, refund, seen.booked);
    let mut parts = Breakdown::of(order, refund, &seen.units.refunds[at], policy, policy.seller(seen.shop))?;
    let over = Sum::of(order.currency, moves.succeeded.iter().filter_map(|it| beyond.get(&it.id).copied()))?;
    let (moved, moved_presentment) = moves.total(order)?;
    let stated = refund.parts(order.taxes_included)?;
    // What is beyond the captures is booked by its own row, or not at all: no memo owes it too (rows 18, 23).
    let stated = if over.minor() > 0 && stated == moved {
        parts.without_goodwill(over)?;
        stated.checked_sub(over)?
    } else {
        stated
    };
    let difference = moved.checked_sub(over)?.checked_sub(stated)?;
    let by_rate = order.presentment_currency != order.currency && moved_presentment == refund.presentment;
    if by_rate && difference.minor() > 0 && parts.credited(zero)?.minor() > 0 {
        parts.credit.push(exchange_line(policy, difference));
    }
    let memo_key = ExternalId::for_credit_memo(order.shop, refund.id);
    let credited = parts.credited(zero)?;
    let memo_exists =
        seen.booked.credit_memos.iter().any(|known| known.external_id.as_ref() == Some(&memo_key));
    let memo_due = credited.minor() > 0 && !memo_exists;
    if memo_due && let Some(hand) = keyed_by_hand(seen) {
        actions.push(Action::Report(hand));
        return Ok(());
    }
    if memo_due {
        let date = policy.book_date(seen.shop, refund.created_at);
        let document = Document::CreditMemo(memo(seen, memo_key.clone(), date, parts.credit.clone(), vec![]));
        let link = Some((LinkKind::CreditMemo, refund.id.get()));
        actions.push(Action::Post { document, link, at_risk: Some(credited) });
    }
    report_disagreement(seen, refund, &moves, difference, by_rate, &memo_key, actions)?;
    failures(seen, policy, refund, &moves, actions)?;
    excess(seen, policy, refund, &moves, beyond, actions)?;
    // The memo's number is not known yet: its money follows in the next round.
    if memo_due {
        return Ok(());
    }
    for transaction in &moves.succeeded {
        let over = beyond.get(&transaction.id).copied().unwrap_or(zero);
        let amount = transaction.amount.checked_sub(over)?;
        pay_out(seen, policy, refund, transaction, amount, &memo_key, by_rate, pools, actions)?;
    }
    Ok(())
}

/// One customer refund: out of the refund's memo first, then out of deposits.
#[expect(clippy::too_many_arguments, reason = "the parts of one document")]
fn pay_out(
    seen: &Observed,
    policy: &Policy,
    refund: &Refund,
    transaction: &Transaction,
    amount: Money,
    memo_key: &ExternalId,
    by_rate: bool,
    pools: &mut Pools,
    actions: &mut Vec<Action>,
) -> Result<(), MoneyError> {
    let order = seen.order;
    let external_id = ExternalId::for_customer_refund(order.shop, transaction.id);
    let is_booked = seen.booked.refunds.iter().any(|known| known.external_id.as_ref() == Some(&external_id));
    if amount.is_zero() || is_booked {
        return Ok(());
    }
    let Some(account) = policy.tender_account(seen.shop, &transaction.tender) else {
        let detail = format!(
            "{external_id} left by `{}`, for which policy names no clearing account",
            transaction.tender.gateway()
        );
        actions.push(Action::Report(Finding::new(CauseCode::GatewayUnmapped, Some(amount), detail)));
        return Ok(());
    };
    let difference_key = settling::refund_difference(order, refund);
    let parent = transaction.parent.map(|parent| ExternalId::for_deposit(order.shop, parent));
    let out_of = pools.take(amount, &[memo_key, &difference_key], parent.as_ref())?;
    let found = Sum::of(order.currency, out_of.iter().map(|(_, part)| *part))?;
    let short = amount.checked_sub(found)?;
    if short.minor() > 0 && by_rate && !has_memo(seen, &difference_key) {
        // More shop money left than the deposits hold, though the buyer got what was paid (postings.md N5a).
        pools.give_back(&out_of)?;
        let date = policy.book_date(seen.shop, transaction.processed_at);
        let lines = vec![exchange_line(policy, short)];
        let document = Document::CreditMemo(memo(seen, difference_key, date, lines, vec![]));
        let link = Some((LinkKind::CreditMemo, refund.id.get()));
        actions.push(Action::Post { document, link, at_risk: Some(short) });
        return Ok(());
    }
    if found.is_zero() {
        let detail =
            format!("{external_id}: neither a credit memo nor a deposit is left to pay {amount} from");
        actions.push(Action::Report(Finding::new(CauseCode::RefundDisagrees, Some(amount), detail)));
        return Ok(());
    }
    let document = Document::CustomerRefund(CustomerRefund {
        external_id,
        order: seen.wanted.external_id.clone(),
        customer: seen.wanted.customer.clone(),
        subsidiary: seen.wanted.subsidiary,
        currency: order.currency,
        date: policy.book_date(seen.shop, transaction.processed_at),
        original_date: None,
        account,
        out_of,
    });
    let link = Some((LinkKind::CustomerRefund, transaction.id.get()));
    actions.push(Action::Post { document, link, at_risk: Some(amount) });
    Ok(())
}

/// A refund whose parts are not its money, and Shopify does not say why.
fn report_disagreement(
    seen: &Observed,
    refund: &Refund,
    moves: &Moves,
    difference: Money,
    by_rate: bool,
    memo_key: &ExternalId,
    actions: &mut Vec<Action>,
) -> Result<(), MoneyError> {
    let explained = difference.is_zero() || by_rate || moves.is_empty() || moves.never > 0;
    // What a return gave back less of than it came to is the buyer's credit for the exchange (row 21).
    if explained || (refund.is_return && difference.minor() < 0) {
        return Ok(());
    }
    // A person has posted the difference: then as much has left the books as left the shop.
    let booked = Sum::of(seen.order.currency, seen.booked.refunds.iter().map(|known| known.amount))?;
    let moved = Sum::of(
        seen.order.currency,
        seen.order.transactions.iter().filter(|it| super::order::is_refunded(it)).map(|it| it.amount),
    )?;
    let memo = seen.booked.credit_memos.iter().find(|known| known.external_id.as_ref() == Some(memo_key));
    let is_open = match memo {
        Some(memo) => memo.unapplied.minor() > 0,
        None => true,
    };
    if moved == booked && !is_open {
        return Ok(());
    }
    let parts = refund.parts(seen.order.taxes_included)?;
    let detail = format!("refund {} comes to {parts}, its transactions differ by {difference}", refund.id);
    actions.push(Action::Report(Finding::new(CauseCode::RefundDisagrees, Some(difference), detail)));
    Ok(())
}

/// Refunds that failed after they had succeeded: the money is back with us until it is issued again (row 22).
fn failures(
    seen: &Observed,
    policy: &Policy,
    refund: &Refund,
    moves: &Moves,
    actions: &mut Vec<Action>,
) -> Result<(), MoneyError> {
    let order = seen.order;
    let due = policy.seller(seen.shop).accounts.refunds_due;
    for (failed, again) in &moves.failed {
        let key = ExternalId::for_transaction_journal(order.shop, failed.id, "failed");
        let memo = format!("refund {} failed after it had succeeded", refund.id);
        let date = policy.book_date(seen.shop, order.updated_at);
        if let Some(clearing) = policy.tender_account(seen.shop, &failed.tender) {
            let lines = vec![(clearing, failed.amount), (due, failed.amount.checked_neg()?)];
            actions.extend(journal(seen, policy, key, date, memo, lines, failed.id.get()));
        }
        let Some(again) = again else {
            let detail =
                format!("refund {}: transaction {} failed after it had succeeded", refund.id, failed.id);
            actions.push(Action::Report(Finding::new(CauseCode::RefundFailed, Some(failed.amount), detail)));
            continue;
        };
        let key = ExternalId::for_transaction_journal(order.shop, again.id, "reissue");
        let memo = format!("refund {} was issued again", refund.id);
        let date = policy.book_date(seen.shop, again.processed_at);
        if let Some(clearing) = policy.tender_account(seen.shop, &again.tender) {
            let lines = vec![(due, again.amount), (clearing, again.amount.checked_neg()?)];
            actions.extend(journal(seen, policy, key, date, memo, lines, again.id.get()));
        }
    }
    Ok(())
}

/// More given back than was ever captured: store credit is goodwill (row 23), anything else is refused.
fn excess(
    seen: &Observed,
    policy: &Policy,
    refund: &Refund,
    moves: &Moves,
    beyond: &BTreeMap<TransactionId, Money>,
    actions: &mut Vec<Action>,
) -> Result<(), MoneyError> {
    let order = seen.order;
    let seller = policy.seller(seen.shop);
    let mut granted = Sum::new(order.currency);
    let mut granted_at = None;
    for transaction in &moves.succeeded {
        let Some(over) = beyond.get(&transaction.id) else { continue };
        if transaction.tender == Tender::StoreCredit {
            granted.add(*over)?;
            granted_at = granted_at.or(Some(transaction.processed_at));
        } else {
            let detail = format!("transaction {} gave back {over} more than was captured", transaction.id);
            actions.push(Action::Report(Finding::new(CauseCode::RefundExceedsCaptured, Some(*over), detail)));
        }
    }
    if let Some(at) = granted_at {
        let over = granted.total()?;
        let key = ExternalId::for_refund_journal(order.shop, refund.id, "excess");
        let memo = format!("store credit of refund {} beyond what was captured", refund.id);
        let lines =
            vec![(seller.accounts.goodwill, over), (seller.store_credit_liability, over.checked_neg()?)];
        let date = policy.book_date(seen.shop, at);
        actions.extend(journal(seen, policy, key, date, memo, lines, refund.id.get()));
    }
    Ok(())
}

/// A journal that was not posted yet.
fn journal(
    seen: &Observed,
    policy: &Policy,
    external_id: ExternalId,
    date: BookDate,
    memo: String,
    lines: Vec<(InternalId, Money)>,
    record: u64,
) -> Option<Action> {
    if seen.journals.contains(&external_id) {
        return None;
    }
    let at_risk = lines.first().map(|(_, amount)| *amount);
    let document = Document::Journal(JournalEntry {
        external_id,
        subsidiary: policy.seller(seen.shop).id,
        currency: seen.order.currency,
        date,
        original_date: None,
        memo: memo.into(),
        lines,
        memos: vec![],
    });
    Some(Action::Post { document, link: Some((LinkKind::JournalEntry, record)), at_risk })
}

/// A credit memo of this order.
fn memo(
    seen: &Observed,
    external_id: ExternalId,
    date: BookDate,
    lines: Vec<CreditLine>,
    apply: Vec<(InternalId, Money)>,
) -> CreditMemo {
    CreditMemo {
        external_id,
        order: seen.wanted.external_id.clone(),
        customer: seen.wanted.customer.clone(),
        subsidiary: seen.wanted.subsidiary,
        location: seen.wanted.location,
        currency: seen.wanted.currency,
        date,
        original_date: None,
        lines,
        apply,
    }
}

fn exchange_line(policy: &Policy, amount: Money) -> CreditLine {
    CreditLine {
        cause: CreditCause::ExchangeDifference,
        item: policy.items.exchange.clone(),
        quantity: 1,
        amount,
        taxes: vec![],
        sku: None,
        line: None,
    }
}

fn has_memo(seen: &Observed, key: &ExternalId) -> bool {
    seen.booked.credit_memos.iter().any(|known| known.external_id.as_ref() == Some(key))
}

/// A credit memo that a person keyed for this order: what it credits is not credited a second time before somebody
/// has said which refund it is of.
fn keyed_by_hand(seen: &Observed) -> Option<Finding> {
    let ours = |key: &ExternalId| {
        let rest = key.as_str().strip_prefix(seen.order.shop.as_str());
        rest.is_some_and(|rest| rest.starts_with("-credit-") || rest.starts_with("-fx-"))
    };
    let hand = seen.booked.credit_memos.iter().find(|known| !known.external_id.as_ref().is_some_and(ours))?;
    let detail = format!(
        "credit memo {} of {} over {} was keyed by hand",
        hand.internal_id, seen.wanted.external_id, hand.total
    );
    Some(Finding::new(CauseCode::KeyedByHand, Some(hand.total), detail))
}

/// Units of a line that came back before.
fn billed_before(returned: &[(LineItemId, u32)], line: LineItemId) -> u32 {
    returned.iter().filter(|(known, _)| *known == line).map(|(_, units)| units).sum()
}

#[cfg(test)]
mod tests;
