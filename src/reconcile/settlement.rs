//! The payout matcher: the processor's rows on the left, what the books hold of them on the right.
//!
//! Lives here: which lines of both sides say the same, and what each line that does not says instead. One payout's
//! dozen rows and a year's million lines go through the same function. Not here: what is to be posted
//! (`engine::settlement`), or how lines are read from files ([`files`]).
//!
//! Exact: there is no tolerance and no balancing item. Per currency, Σ left − Σ right is Σ of the differences'
//! left lines − Σ of their right lines, always; where every line states its account, also per account.

mod difference;
pub mod files;
mod groups;
mod identities;

use std::num::NonZeroU64;

use crate::domain::ids::{BalanceTransactionId, OrderId, TransactionId};
use crate::domain::payout::{BalanceKind, BalanceTransaction};
use crate::domain::{BookDate, Currency, InternalId, Money};
use crate::ports::settlement::ClearingRecord;

pub use difference::{Cause, Difference};

/// One line of a side. Seventy-two bytes: a million lines a side are held at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Number of the order transaction of a charge or refund; of the balance transaction for any other kind. Two lines
    /// of one shop, kind and identity speak of the same event.
    pub identity: Option<NonZeroU64>,
    /// Number of the order, which brings together lines without an identity.
    pub order: Option<NonZeroU64>,
    /// Left: the account on which it should stand. Right: the account on which it stands.
    pub account: Option<NonZeroU64>,
    /// Minor units of `currency`; above zero raises the clearing account.
    pub amount: i64,
    /// Minor units of `currency` that the processor kept. Zero on the right.
    pub fee: i64,
    /// Minor units of `origin_currency`: what the buyer was charged or given back.
    pub origin: i64,
    /// What the record said when it was posted: other than `amount` only if somebody changed it since.
    pub booked: i64,
    pub date: BookDate,
    pub shop: u16,
    /// `None` where the side does not say what the buyer saw.
    pub origin_currency: Option<Currency>,
    pub currency: Currency,
    pub kind: Kind,
}

/// What a line is of, as far as matching goes. Lines of different kinds never match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    Charge = 0,
    Refund = 1,
    /// The processor's own fee, as a row of its own.
    Fee = 2,
    Dispute = 3,
    Reserve = 4,
    /// Any other row that the processor makes by itself: adjustments, labels, duties, loans, payouts that came back.
    Adjustment = 5,
}

/// The dates by which a line without a counterpart is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    pub as_of: BookDate,
    /// Days within which a row of the processor is in the books.
    pub booked_within: u16,
    /// Days within which a record of the books is in a payout.
    pub paid_out_within: u16,
}

/// Which lines of both sides say the same, and all differences. Lines are known by their position in their side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settlement {
    /// Left and right line, matched one to one.
    pub pairs: Vec<(u32, u32)>,
    /// Lines that match in sum only: one to many, many to one, many to many.
    pub groups: Vec<Group>,
    pub differences: Vec<Difference>,
    /// The lines of groups and differences, one after the other.
    members: Vec<u32>,
}

/// Lines that agree in sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    lines: Lines,
}

/// Where the lines of both sides stand in [`Settlement::members`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Lines {
    start: u32,
    lefts: u32,
    rights: u32,
}

/// Compares both sides. Pure, and the same for any order of the same lines but for which of several equal lines is
/// paired with which.
///
/// Identity goes first; then what is left over is compared within one order and kind: one to one, one to many, many
/// to many, by exact sums. A line with an identity is never matched with one of another identity, however well the
/// amounts agree.
///
/// # Panics
/// A side of more than four billion lines.
pub fn settle(left: &[Line], right: &[Line], terms: &Terms) -> Settlement {
    assert!(left.len().max(right.len()) < u32::MAX as usize - 1, "positions are kept in 32 bits");
    let mut settling = Settling { left, right, terms, found: Settlement::default() };
    let open = identities::pair(&mut settling);
    groups::pair(&mut settling, open);
    let mut found = settling.found;
    let members = &found.members;
    // As a person reads them: down the left side, then what stands on the right only.
    found.differences.sort_by_key(|difference| {
        let lines = difference.lines;
        (lines.lefts == 0, members[lines.start as usize])
    });
    found
}

/// Both sides and what has been found so far.
struct Settling<'a> {
    left: &'a [Line],
    right: &'a [Line],
    terms: &'a Terms,
    found: Settlement,
}

/// Positions of lines for which no counterpart has been found yet.
#[derive(Debug, Default)]
struct Open {
    left: Vec<u32>,
    right: Vec<u32>,
}

impl Settlement {
    /// Whether every line of both sides has its counterpart.
    pub fn is_settled(&self) -> bool {
        self.differences.is_empty()
    }

    pub fn left_of_group(&self, group: &Group) -> &[u32] {
        self.lefts(group.lines)
    }

    pub fn right_of_group(&self, group: &Group) -> &[u32] {
        self.rights(group.lines)
    }

    pub fn left_of(&self, difference: &Difference) -> &[u32] {
        self.lefts(difference.lines)
    }

    pub fn right_of(&self, difference: &Difference) -> &[u32] {
        self.rights(difference.lines)
    }

    /// Differences that nothing but a person or another posting clears: all but those whose clear date has not passed.
    pub fn unexplained(&self, as_of: BookDate) -> impl Iterator<Item = &Difference> {
        self.differences.iter().filter(move |difference| !difference.is_explained(as_of))
    }

    fn lefts(&self, lines: Lines) -> &[u32] {
        &self.members[lines.start as usize..][..lines.lefts as usize]
    }

    fn rights(&self, lines: Lines) -> &[u32] {
        &self.members[(lines.start + lines.lefts) as usize..][..lines.rights as usize]
    }

    fn keep(&mut self, lefts: &[u32], rights: &[u32]) -> Lines {
        let start = u32::try_from(self.members.len()).expect("no line stands in two groups");
        self.members.extend_from_slice(lefts);
        self.members.extend_from_slice(rights);
        Lines { start, lefts: lefts.len() as u32, rights: rights.len() as u32 }
    }
}

impl Line {
    /// A line that says no more than its kind, amount and date.
    pub fn new(kind: Kind, amount: Money, date: BookDate) -> Line {
        Line {
            identity: None,
            order: None,
            account: None,
            amount: amount.minor(),
            fee: 0,
            origin: 0,
            booked: amount.minor(),
            date,
            shop: 0,
            origin_currency: None,
            currency: amount.currency(),
            kind,
        }
    }

    /// A row of the processor, dated in the books' zone. `account`: where a record of it should stand.
    pub fn of_row(row: &BalanceTransaction, account: Option<InternalId>, date: BookDate) -> Line {
        let kind = Kind::of(&row.kind);
        let identity = match (kind, row.order_transaction) {
            (Kind::Charge | Kind::Refund, Some(transaction)) => NonZeroU64::new(transaction.get()),
            (Kind::Charge | Kind::Refund, None) => None,
            _ => NonZeroU64::new(row.id.get()),
        };
        Line { fee: row.fee.minor(), ..Line::new(kind, row.amount, date) }
            .identified(identity)
            .on(account)
            .in_order(row.order)
    }

    /// What NetSuite holds of an order's transaction.
    pub fn of_record(record: &ClearingRecord, kind: Kind, transaction: TransactionId) -> Line {
        Line::new(kind, record.amount, record.date)
            .identified(NonZeroU64::new(transaction.get()))
            .on(record.account)
    }

    /// What NetSuite holds of a row that no order's transaction stands for.
    pub fn of_row_record(record: &ClearingRecord, kind: Kind, row: BalanceTransactionId) -> Line {
        Line::new(kind, record.amount, record.date).identified(NonZeroU64::new(row.get())).on(record.account)
    }

    #[must_use]
    pub fn identified(self, identity: Option<NonZeroU64>) -> Line {
        Line { identity, ..self }
    }

    #[must_use]
    pub fn in_order(self, order: Option<OrderId>) -> Line {
        Line { order: order.and_then(|order| NonZeroU64::new(order.get())), ..self }
    }

    #[must_use]
    pub fn on(self, account: Option<InternalId>) -> Line {
        Line { account: account.and_then(|account| NonZeroU64::new(account.get())), ..self }
    }

    /// What the buyer was charged or given back.
    #[must_use]
    pub fn charged_as(self, origin: Money) -> Line {
        Line { origin: origin.minor(), origin_currency: Some(origin.currency()), ..self }
    }
}

impl Kind {
    /// Of a row's type. Exhaustive in its effect: whatever is no charge, refund, fee, dispute or reserve is the
    /// processor's own doing, and no record of an order stands for it.
    ///
    /// Source: shopify.md §m.1.
    pub fn of(row: &BalanceKind) -> Kind {
        match row {
            BalanceKind::Charge => Kind::Charge,
            BalanceKind::Refund => Kind::Refund,
            BalanceKind::StripeFee
            | BalanceKind::ChargebackFee
            | BalanceKind::ChargebackFeeRefund
            | BalanceKind::ApplicationFeeRefund
            | BalanceKind::AchBankFailureDebitFee
            | BalanceKind::AchBankFailureDebitReversalFee
            | BalanceKind::ReferralFee
            | BalanceKind::ReferralFeeTax => Kind::Fee,
            BalanceKind::DisputeWithdrawal
            | BalanceKind::DisputeReversal
            | BalanceKind::ChargebackHold
            | BalanceKind::ChargebackHoldRelease => Kind::Dispute,
            BalanceKind::ReservedFunds
            | BalanceKind::ReservedFundsReversal
            | BalanceKind::ReservedFundsWithdrawal => Kind::Reserve,
            _ => Kind::Adjustment,
        }
    }

    pub const ALL: [Kind; 6] =
        [Kind::Charge, Kind::Refund, Kind::Fee, Kind::Dispute, Kind::Reserve, Kind::Adjustment];

    pub const fn name(self) -> &'static str {
        match self {
            Kind::Charge => "charge",
            Kind::Refund => "refund",
            Kind::Fee => "fee",
            Kind::Dispute => "dispute",
            Kind::Reserve => "reserve",
            Kind::Adjustment => "adjustment",
        }
    }
}

#[cfg(test)]
mod tests;
