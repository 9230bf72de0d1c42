//! What documents leave open between them: rests of memos and deposits meet open invoices, and what exchange rates
//! alone leave over is booked as that (postings.md rows 10, 21, N5a).

use crate::domain::billing::{RefundSource, StandaloneInvoice};
use crate::domain::ids::ExchangeOf;
use crate::domain::money::{MoneyError, Sum};
use crate::domain::order::{Transaction, TransactionKind, TransactionStatus};
use crate::domain::refund::Refund;
use crate::domain::{ExternalId, InternalId, Money, Order};
use crate::engine::fulfillment::invoice::Ledger;
use crate::engine::order::{is_paid_exactly, is_refunded};
use crate::engine::posting::Document;
use crate::policy::Policy;
use crate::ports::netsuite::Booked;
use crate::ports::store::LinkKind;

use super::money::Moves;
use super::{Action, Observed, exchange_line, has_memo, memo};

/// What is left in memos and deposits, while a plan spends it.
#[derive(Debug)]
pub struct Pools {
    memos: Vec<(InternalId, Option<ExternalId>, Money)>,
    deposits: Vec<(InternalId, Option<ExternalId>, Money)>,
}

impl Pools {
    pub fn of(booked: &Booked) -> Pools {
        let memos = &booked.credit_memos;
        let deposits = &booked.deposits;
        Pools {
            memos: memos.iter().map(|it| (it.internal_id, it.external_id.clone(), it.unapplied)).collect(),
            deposits: deposits
                .iter()
                .map(|it| (it.internal_id, it.external_id.clone(), it.unapplied))
                .collect(),
        }
    }

    /// Up to `amount`: out of these memos in turn, then the deposit named, then the other deposits.
    ///
    /// # Errors
    /// Amounts of different currencies.
    pub fn take(
        &mut self,
        amount: Money,
        memos: &[&ExternalId],
        deposit: Option<&ExternalId>,
    ) -> Result<Vec<(RefundSource, Money)>, MoneyError> {
        let mut open = amount;
        let mut taken = Vec::new();
        for key in memos {
            for (id, known, left) in self.memos.iter_mut().filter(|(_, known, _)| known.as_ref() == Some(key))
            {
                let _ = known;
                take(&mut open, left, RefundSource::CreditMemo(*id), &mut taken)?;
            }
        }
        self.deposits.sort_by_key(|(id, known, _)| (deposit.is_none() || known.as_ref() != deposit, *id));
        for (id, _, left) in &mut self.deposits {
            take(&mut open, left, RefundSource::Deposit(*id), &mut taken)?;
        }
        Ok(taken)
    }

    /// Undoes a [`Pools::take`].
    ///
    /// # Errors
    /// Out of range.
    pub fn give_back(&mut self, taken: &[(RefundSource, Money)]) -> Result<(), MoneyError> {
        for (source, amount) in taken {
            let (pool, id) = match source {
                RefundSource::CreditMemo(id) => (&mut self.memos, id),
                RefundSource::Deposit(id) => (&mut self.deposits, id),
            };
            if let Some((_, _, left)) = pool.iter_mut().find(|(known, _, _)| known == id) {
                *left = left.checked_add(*amount)?;
            }
        }
        Ok(())
    }
}

fn take(
    open: &mut Money,
    left: &mut Money,
    source: RefundSource,
    taken: &mut Vec<(RefundSource, Money)>,
) -> Result<(), MoneyError> {
    let part = Money::new(left.minor().clamp(0, open.minor().max(0)), open.currency());
    if part.is_zero() {
        return Ok(());
    }
    *open = open.checked_sub(part)?;
    *left = left.checked_sub(part)?;
    taken.push((source, part));
    Ok(())
}

/// The document of the exchange difference of one refund.
pub fn refund_difference(order: &Order, refund: &Refund) -> ExternalId {
    ExternalId::for_exchange_difference(order.shop, ExchangeOf::Refund(refund.id))
}

/// The document of the exchange difference of a whole order.
fn order_difference(order: &Order) -> ExternalId {
    ExternalId::for_exchange_difference(order.shop, ExchangeOf::Order(order.id))
}

/// What to do when every refund has its documents.
pub fn plan(seen: &Observed, policy: &Policy) -> Result<Vec<Action>, MoneyError> {
    if let Some(action) = meet(seen)? {
        return Ok(vec![action]);
    }
    // Money that is still to leave is not left over.
    if seen.order.presentment_currency == seen.order.currency || owed(seen)?.minor() > 0 {
        return Ok(vec![]);
    }
    let of_refund =
        seen.order.refunds.iter().find_map(|refund| left_by_refund(seen, policy, refund).transpose());
    match of_refund {
        Some(action) => Ok(vec![action?]),
        None => Ok(left_by_order(seen, policy)?.into_iter().collect()),
    }
}

/// A rest of a deposit or a memo, and an invoice that is open.
fn meet(seen: &Observed) -> Result<Option<Action>, MoneyError> {
    let Some(invoice) = seen.booked.invoices.iter().find(|invoice| invoice.open.minor() > 0) else {
        return Ok(None);
    };
    let min = |left: Money| Money::new(left.minor().min(invoice.open.minor()), left.currency());
    let unapplied = Sum::of(seen.order.currency, seen.booked.deposits.iter().map(|it| it.unapplied))?;
    if unapplied.minor() > owed(seen)?.minor()
        && let Some(deposit) = seen.booked.deposits.iter().find(|it| it.unapplied.minor() > 0)
    {
        let free = unapplied.checked_sub(owed(seen)?)?;
        let amount = min(Money::new(deposit.unapplied.minor().min(free.minor()), free.currency()));
        return Ok(Some(Action::ApplyDeposit {
            deposit: deposit.internal_id,
            invoice: invoice.internal_id,
            amount,
        }));
    }
    // The rest of a return is the buyer's credit for what goes out in exchange; the rest that a rate left meets the
    // invoice of the same difference.
    for refund in &seen.order.refunds {
        let key = ExternalId::for_credit_memo(seen.order.shop, refund.id);
        let known = seen.booked.credit_memos.iter().find(|known| known.external_id.as_ref() == Some(&key));
        let Some(known) = known.filter(|known| known.unapplied.minor() > 0) else { continue };
        let of_rate = [refund_difference(seen.order, refund), order_difference(seen.order)]
            .iter()
            .any(|key| invoice.external_id.as_ref() == Some(key));
        let moves = Moves::of(seen.order, refund, seen.booked);
        if (refund.is_return || of_rate) && moves.pending.is_empty() && all_paid(seen, &moves.succeeded) {
            return Ok(Some(Action::ApplyCredit {
                memo: key,
                invoice: invoice.internal_id,
                amount: min(known.unapplied),
            }));
        }
    }
    Ok(None)
}

fn all_paid(seen: &Observed, succeeded: &[&Transaction]) -> bool {
    succeeded.iter().all(|transaction| is_paid(seen, transaction))
}

fn is_paid(seen: &Observed, transaction: &Transaction) -> bool {
    let key = ExternalId::for_customer_refund(seen.order.shop, transaction.id);
    seen.booked.refunds.iter().any(|known| known.external_id.as_ref() == Some(&key))
}

/// Refunds that are to leave, or have left and have no document yet.
fn owed(seen: &Observed) -> Result<Money, MoneyError> {
    let open = seen.order.transactions.iter().filter(|it| {
        let pending = it.kind == TransactionKind::Refund && it.status == TransactionStatus::Pending;
        pending || is_refunded(it) && !is_paid(seen, it)
    });
    Sum::of(seen.order.currency, open.map(|it| it.amount))
}

/// A refund was paid at a better rate for us than the order's: its memo keeps a rest.
fn left_by_refund(seen: &Observed, policy: &Policy, refund: &Refund) -> Result<Option<Action>, MoneyError> {
    let order = seen.order;
    let memo_key = ExternalId::for_credit_memo(order.shop, refund.id);
    let known = seen.booked.credit_memos.iter().find(|known| known.external_id.as_ref() == Some(&memo_key));
    let Some(rest) = known.map(|known| known.unapplied).filter(|rest| rest.minor() > 0) else {
        return Ok(None);
    };
    let moves = Moves::of(order, refund, seen.booked);
    let (_, presentment) = moves.total(order)?;
    let external_id = refund_difference(order, refund);
    let is_invoiced = seen.booked.invoices.iter().any(|it| it.external_id.as_ref() == Some(&external_id));
    if moves.is_empty() || presentment != refund.presentment || is_invoiced {
        return Ok(None);
    }
    Ok(Some(invoice(seen, policy, external_id, rest, refund.created_at)))
}

/// The order is billed and paid as the buyer sees it, and shop money is left open or left over.
fn left_by_order(seen: &Observed, policy: &Policy) -> Result<Option<Action>, MoneyError> {
    let order = seen.order;
    let mut billed = Ledger::new(order.currency);
    for invoice in &seen.booked.invoices {
        billed.count(invoice)?;
    }
    if !is_paid_exactly(order) || !billed.is_whole(seen.wanted) {
        return Ok(None);
    }
    let external_id = order_difference(order);
    let paid_at = order.transactions.iter().filter(|it| it.captured()).map(|it| it.processed_at).max();
    let shipped_at = order.fulfillments.iter().filter(|it| !it.is_cancelled).map(|it| it.created_at).max();
    let at = paid_at.max(shipped_at).unwrap_or(order.updated_at);
    let open: Vec<(InternalId, Money)> = seen
        .booked
        .invoices
        .iter()
        .filter(|invoice| invoice.open.minor() > 0)
        .map(|invoice| (invoice.internal_id, invoice.open))
        .collect();
    if !open.is_empty() {
        let short = Sum::of(order.currency, open.iter().map(|(_, open)| *open))?;
        if has_memo(seen, &external_id) {
            return Ok(None);
        }
        let date = policy.book_date(seen.shop, at);
        let lines = vec![exchange_line(policy, short)];
        let document = Document::CreditMemo(memo(seen, external_id, date, lines, open));
        let link = Some((LinkKind::CreditMemo, order.id.get()));
        return Ok(Some(Action::Post { document, link, at_risk: Some(short) }));
    }
    // Nobody owes anybody anything any more, so the rest of a memo is as much the rate's as that of a deposit.
    let of_memos = seen.booked.credit_memos.iter().map(|it| it.unapplied);
    let of_deposits = seen.booked.deposits.iter().map(|it| it.unapplied);
    let rest = Sum::of(order.currency, of_deposits.chain(of_memos))?;
    let is_invoiced = seen.booked.invoices.iter().any(|it| it.external_id.as_ref() == Some(&external_id));
    if rest.minor() <= 0 || is_invoiced {
        return Ok(None);
    }
    Ok(Some(invoice(seen, policy, external_id, rest, at)))
}

fn invoice(
    seen: &Observed,
    policy: &Policy,
    external_id: ExternalId,
    amount: Money,
    at: crate::domain::Timestamp,
) -> Action {
    let document = Document::StandaloneInvoice(StandaloneInvoice {
        external_id,
        order: seen.wanted.external_id.clone(),
        customer: seen.wanted.customer.clone(),
        subsidiary: seen.wanted.subsidiary,
        location: seen.wanted.location,
        currency: seen.wanted.currency,
        date: policy.book_date(seen.shop, at),
        original_date: None,
        item: policy.items.exchange.clone(),
        amount,
    });
    Action::Post { document, link: Some((LinkKind::Invoice, 0)), at_risk: Some(amount) }
}
