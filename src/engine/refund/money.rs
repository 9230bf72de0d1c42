//! The money of refunds, transaction by transaction: what moved, what is to move, what failed afterwards, and what is
//! beyond everything that was ever captured.

use std::collections::BTreeMap;

use crate::domain::ids::TransactionId;
use crate::domain::money::{MoneyError, Sum};
use crate::domain::order::{Transaction, TransactionKind, TransactionStatus};
use crate::domain::refund::Refund;
use crate::domain::{ExternalId, Money, Order};
use crate::engine::order::is_refunded;
use crate::ports::netsuite::Booked;

/// The transactions of one refund.
#[derive(Debug, Default)]
pub struct Moves<'a> {
    pub succeeded: Vec<&'a Transaction>,
    pub pending: Vec<&'a Transaction>,
    /// Failed after it had succeeded and was booked, with the transaction that issued it again if there is one.
    pub failed: Vec<(&'a Transaction, Option<&'a Transaction>)>,
    /// Failed at once: no money moved, and none is booked.
    pub never: usize,
}

impl<'a> Moves<'a> {
    pub fn of(order: &'a Order, refund: &Refund, booked: &Booked) -> Moves<'a> {
        let mut moves = Moves::default();
        let of_refund =
            |it: &&Transaction| it.kind == TransactionKind::Refund && refund.transactions.contains(&it.id);
        for transaction in order.transactions.iter().filter(of_refund) {
            match transaction.status {
                TransactionStatus::Success => moves.succeeded.push(transaction),
                TransactionStatus::Pending => moves.pending.push(transaction),
                TransactionStatus::Failure | TransactionStatus::Other => {
                    let key = ExternalId::for_customer_refund(order.shop, transaction.id);
                    let booked = booked.refunds.iter().any(|known| known.external_id.as_ref() == Some(&key));
                    if booked { moves.failed.push((transaction, None)) } else { moves.never += 1 }
                }
            }
        }
        // A later transaction of the same amount issues again what failed: its money leaves the account on which the
        // failure left it, not the credit memo a second time (row 22).
        for (failed, again) in &mut moves.failed {
            let at = moves
                .succeeded
                .iter()
                .position(|later| later.id > failed.id && later.amount == failed.amount);
            *again = at.map(|at| moves.succeeded.remove(at));
        }
        moves
    }

    /// What left or is to leave, as the shop counts it and as the buyer does.
    ///
    /// # Errors
    /// Out of range, or presentment amounts of several currencies.
    pub fn total(&self, order: &Order) -> Result<(Money, Money), MoneyError> {
        let mut shop = Sum::new(order.currency);
        let mut presentment = Sum::new(order.presentment_currency);
        // What failed was given back once by its booked refund, and again if it was issued again.
        let failed = self.failed.iter().map(|(failed, _)| *failed);
        for transaction in self.succeeded.iter().chain(&self.pending).copied().chain(failed) {
            shop.add(transaction.amount)?;
            presentment.add(transaction.presentment)?;
        }
        Ok((shop.total()?, presentment.total()?))
    }

    pub fn is_empty(&self) -> bool {
        self.succeeded.is_empty() && self.pending.is_empty() && self.failed.is_empty() && self.never == 0
    }
}

/// What of each refund is beyond what was captured, by transaction, counted from the first one on. Judged in both
/// currencies: what is over in one of them alone is the doing of rates and of the pennies that conversion leaves.
///
/// # Errors
/// Out of range, or amounts of several currencies.
pub fn beyond_captured(order: &Order) -> Result<BTreeMap<TransactionId, Money>, MoneyError> {
    let shown = Sum::of(order.presentment_currency, order.captures().map(|it| it.presentment))?;
    let taken = Sum::of(order.currency, order.captures().map(|it| it.amount))?;
    let (mut shown, mut taken) = (shown.minor().max(0), taken.minor().max(0));
    let mut refunds: Vec<&Transaction> = order.transactions.iter().filter(|it| is_refunded(it)).collect();
    refunds.sort_by_key(|it| (it.processed_at, it.id));
    let over = |left: &mut i64, paid: i64| {
        let met = paid.max(0).min(*left);
        *left -= met;
        paid.max(0) - met
    };
    let mut beyond = BTreeMap::new();
    for refund in refunds {
        let paid = refund.presentment.minor();
        let over_shown = over(&mut shown, paid);
        let over_taken = Money::new(over(&mut taken, refund.amount.minor()), refund.amount.currency());
        if over_shown > 0 && !over_taken.is_zero() {
            let share = refund.amount.share(over_shown, paid)?;
            beyond.insert(refund.id, if share.minor() < over_taken.minor() { share } else { over_taken });
        }
    }
    Ok(beyond)
}
