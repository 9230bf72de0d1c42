//! What rates of exchange leave over in base currency when a payout has cleared (postings.md N5b, N5c).
//!
//! A document of an order keeps the rate of its own day, the payout's journal has that of the day of issue, and the line
//! that the bank's statement brings about has a third. In the currency of the accounts they meet exactly; what is left in
//! base currency is a realised difference. It is taken row by row from what NetSuite says that it posted, so that each
//! line names the transaction that gained or lost; no rate is assumed here.

use std::collections::{BTreeMap, VecDeque};

use super::journals::{Books, LINES_MAX, Leg, Own, Part};
use super::matching::{Against, Booked};
use super::{Action, Desk, ISSUED};
use crate::domain::money::{MoneyError, Sum};
use crate::domain::payout::Payout;
use crate::domain::{BookDate, Currency, InternalId, Money};
use crate::policy::settlement::ShopSettlement;
use crate::policy::{Policy, ShopPolicy};

/// Between documents and the payout: clearing, and the bridge between two currencies.
pub const CLEARED: &str = "exchange";
/// Between the payout and the bank: payouts in transit.
pub const BANKED: &str = "exchange-at-bank";

/// Journals of the payout were written and not read back, so that nobody knows yet what they posted in base currency.
pub fn is_awaited(
    shop: &ShopPolicy,
    payout: &Payout,
    of_shop: &ShopSettlement,
    policy: &Policy,
    own: &Own,
) -> bool {
    let currencies = [shop.currency, payout.net.currency()];
    let bases = [policy.seller(shop).currency, policy.subsidiaries[of_shop.owner].currency];
    let differs = currencies.iter().any(|currency| bases.iter().any(|base| base != currency));
    differs && own.journals.values().any(|known| known.bases.len() != known.lines.len())
}

/// Brings the journals of what clearing and the bridge realised by this payout, in the base currency of the seller.
///
/// # Errors
/// A document of another subsidiary, or amounts out of range.
pub(super) fn cleared(
    desk: &Desk<'_>,
    booked: &[Booked<'_>],
    parts: &[Part],
    actions: &mut Vec<Action>,
) -> Result<(), MoneyError> {
    let base = desk.policy.seller(desk.seen.shop).currency;
    let paid_in = desk.seen.payout.net.currency();
    if desk.seen.shop.currency == base && paid_in == base {
        return Ok(());
    }
    let Some(mut posted) = Posted::read(desk, parts) else { return Ok(()) };
    let exchange = desk.shop.accounts.exchange;
    let mut pairs: Vec<[Leg; 2]> = Vec::new();
    for Booked { row, against, base: taken } in booked {
        let (Against::Record(record), Some(taken)) = (against, taken) else { continue };
        let clearing = record.account.unwrap_or(desk.shop.clearing);
        let is_bridged = record.amount.currency() != paid_in;
        let amount = if is_bridged { record.amount } else { row.amount };
        let Some(gone) = posted.take(clearing, amount.checked_neg()?) else { return Ok(()) };
        let mut pair = |account: InternalId, left: Money, said: &str| {
            if !left.is_zero() {
                let of =
                    format!("{}: balance transaction {}, {}", row.kind.name(), row.id, record.external_id);
                let memo: Box<str> = format!("{of}: {said}").into();
                let back = left.checked_neg()?;
                pairs.push([
                    Leg { account, amount: back, memo: memo.clone() },
                    Leg { account: exchange, amount: left, memo },
                ]);
            }
            Ok::<_, MoneyError>(())
        };
        let left = taken.checked_add(gone)?;
        let rate = record.exchange_rate.normalize();
        pair(clearing, left, &format!("booked as {taken} at {rate}, cleared as {}", gone.checked_neg()?))?;
        if is_bridged {
            let bridge = desk.shop.accounts.exchange_bridge;
            let Some(paid) = posted.take(bridge, row.amount.checked_neg()?) else { return Ok(()) };
            // The other side of the bridge is one line for all rows of a journal; in base currency it is what they are.
            let left = paid.checked_sub(gone)?;
            let said = format!("cleared as {}, paid out as {}", gone.checked_neg()?, paid.checked_neg()?);
            pair(bridge, left, &said)?;
        }
    }
    let seller = desk.policy.seller(desk.seen.shop).id;
    let memo = format!("exchange differences of payout {}", desk.seen.payout.id);
    let chunks = pairs.chunks(LINES_MAX / 2);
    let wanted: Vec<Part> =
        chunks.map(|pairs| part(base, desk.issued_on(), &memo, seller, pairs.concat())).collect();
    desk.with_unit(CLEARED, |unit| unit.bring(desk.seen.own, &wanted, actions));
    Ok(())
}

/// Brings the journal of what payouts in transit realised, once nothing of this payout is in transit any more.
///
/// # Errors
/// Amounts out of range.
pub(super) fn banked(desk: &Desk<'_>, actions: &mut Vec<Action>) -> Result<(), MoneyError> {
    let owner = &desk.policy.subsidiaries[desk.shop.owner];
    let currency = desk.seen.payout.net.currency();
    if owner.currency == currency {
        return Ok(());
    }
    let transit = desk.shop.owner_accounts.in_transit;
    let (mut amounts, mut bases, mut last) = (Vec::new(), Vec::new(), desk.issued_on());
    // What somebody turned around is neither in transit nor at the bank.
    let standing = desk.seen.own.journals.values().filter(|known| known.reversed_on.is_none());
    for known in standing.filter(|known| known.currency == currency) {
        if known.bases.len() != known.lines.len() {
            return Ok(());
        }
        let lines = known.lines.iter().zip(&known.bases);
        for ((_, amount), base) in lines.filter(|((account, _), _)| *account == transit) {
            amounts.push(*amount);
            bases.push(*base);
            last = last.max(known.date);
        }
    }
    let is_gone = Sum::of(currency, amounts)?.is_zero();
    let left = Sum::of(owner.currency, bases)?;
    let mut wanted = Vec::new();
    if is_gone && !left.is_zero() {
        let memo = format!("exchange difference of payout {} on its way", desk.seen.payout.id);
        let legs = vec![
            Leg { account: transit, amount: left.checked_neg()?, memo: memo.as_str().into() },
            Leg { account: desk.shop.owner_accounts.exchange, amount: left, memo: memo.as_str().into() },
        ];
        wanted.push(part(owner.currency, last, &memo, owner.id, legs));
    }
    desk.with_unit(BANKED, |unit| unit.bring(desk.seen.own, &wanted, actions));
    Ok(())
}

fn part(currency: Currency, date: BookDate, memo: &str, subsidiary: InternalId, legs: Vec<Leg>) -> Part {
    Part { currency, date, memo: memo.into(), books: Books::One(subsidiary, legs) }
}

/// What the journals of the payout's rows posted in base currency, line by line.
struct Posted {
    left: BTreeMap<(InternalId, Money), VecDeque<Money>>,
}

impl Posted {
    /// `None` while these journals do not stand, or were not read back.
    fn read(desk: &Desk<'_>, parts: &[Part]) -> Option<Posted> {
        let own = desk.seen.own;
        let edition = desk.with_unit(ISSUED, |unit| unit.standing(own, parts))?;
        let mut left: BTreeMap<_, VecDeque<Money>> = BTreeMap::new();
        for number in 0..parts.len() {
            let known = own.journals.get(&desk.with_unit(ISSUED, |unit| unit.part(number, edition)))?;
            if known.bases.len() != known.lines.len() {
                return None;
            }
            for (line, base) in known.lines.iter().zip(&known.bases) {
                left.entry(*line).or_default().push_back(*base);
            }
        }
        Some(Posted { left })
    }

    /// The next line of that account and amount.
    fn take(&mut self, account: InternalId, amount: Money) -> Option<Money> {
        if amount.is_zero() {
            return Some(Money::zero(self.left.values().flatten().next()?.currency()));
        }
        self.left.get_mut(&(account, amount))?.pop_front()
    }
}

#[cfg(test)]
mod tests;
