//! What is said of lines that do not match: a cause, and the date by which it clears where there is one.

use super::{Kind, Line, Lines, Settling};
use crate::domain::BookDate;

/// Lines that do not agree. It comes to Σ of its left lines − Σ of its right lines, per currency and account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    pub cause: Cause,
    /// Until then the other side may still follow; `None` where waiting does not help.
    pub clears: Option<BookDate>,
    pub(super) lines: Lines,
}

/// Why lines do not agree. A closed list: nothing is "other".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Cause {
    /// One side only so far, and the other may still follow.
    Timing = 0,
    /// One side only, and the other is overdue.
    Missing = 1,
    /// The same event once more on the same side.
    Duplicate = 2,
    /// Both sides know the event, and its amounts differ for no reason that they state.
    Amount = 3,
    /// The books hold what was left after the processor's fee.
    Fee = 4,
    /// Both sides agree on what the buyer saw, and differ in the currency of the books.
    Exchange = 5,
    /// The amounts differ by less than the roundings of as many lines can make. A difference like any other.
    Rounding = 6,
    /// A dispute's row that stands on one side only.
    Dispute = 7,
    /// Money held back or released that stands on one side only.
    Reserve = 8,
    /// A row that the processor made by itself, fees of their own among them, and that stands on one side only.
    Adjustment = 9,
    /// The right amount on a wrong account.
    Mapping = 10,
    /// The record no longer says what it said when it was posted.
    UnauthorisedChange = 11,
}

impl Cause {
    pub const ALL: [Cause; 12] = [
        Cause::Timing,
        Cause::Missing,
        Cause::Duplicate,
        Cause::Amount,
        Cause::Fee,
        Cause::Exchange,
        Cause::Rounding,
        Cause::Dispute,
        Cause::Reserve,
        Cause::Adjustment,
        Cause::Mapping,
        Cause::UnauthorisedChange,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Cause::Timing => "timing",
            Cause::Missing => "missing",
            Cause::Duplicate => "duplicate",
            Cause::Amount => "amount",
            Cause::Fee => "fee",
            Cause::Exchange => "exchange",
            Cause::Rounding => "rounding",
            Cause::Dispute => "dispute",
            Cause::Reserve => "reserve",
            Cause::Adjustment => "adjustment",
            Cause::Mapping => "mapping",
            Cause::UnauthorisedChange => "unauthorised-change",
        }
    }
}

impl Difference {
    /// Whether waiting is all that is to be done as of a day.
    pub fn is_explained(&self, as_of: BookDate) -> bool {
        self.clears.is_some_and(|clears| as_of <= clears)
    }
}

impl Settling<'_> {
    pub fn differ(&mut self, cause: Cause, lefts: &[u32], rights: &[u32]) {
        let lines = self.found.keep(lefts, rights);
        self.found.differences.push(Difference { cause, clears: None, lines });
    }

    /// A line that the other side does not have.
    pub fn alone(&mut self, lefts: &[u32], rights: &[u32]) {
        let (line, within) = match (lefts, rights) {
            ([left], []) => (&self.left[*left as usize], self.terms.booked_within),
            ([], [right]) => (&self.right[*right as usize], self.terms.paid_out_within),
            _ => unreachable!("one line is alone"),
        };
        let clears = BookDate::from_epoch_days(line.date.epoch_days().saturating_add(i32::from(within)));
        let is_due = self.terms.as_of > clears;
        let cause = match line.kind {
            Kind::Charge | Kind::Refund if is_due => Cause::Missing,
            Kind::Charge | Kind::Refund => Cause::Timing,
            Kind::Dispute => Cause::Dispute,
            Kind::Reserve => Cause::Reserve,
            Kind::Fee | Kind::Adjustment => Cause::Adjustment,
        };
        let lines = self.found.keep(lefts, rights);
        self.found.differences.push(Difference { cause, clears: Some(clears), lines });
    }

    /// Two lines of one event: a pair, or what keeps them from being one.
    pub fn compare(&mut self, left: u32, right: u32) {
        match discord(&self.left[left as usize], &self.right[right as usize]) {
            None => self.found.pairs.push((left, right)),
            Some(cause) => self.differ(cause, &[left], &[right]),
        }
    }

    /// Lines of one event that were split differently: equal in sum, or what keeps them from it.
    pub fn compare_sums(&mut self, lefts: &[u32], rights: &[u32]) {
        if let ([left], [right]) = (lefts, rights) {
            return self.compare(*left, *right);
        }
        let fees: i128 = lefts.iter().map(|at| i128::from(self.left[*at as usize].fee)).sum();
        let changed = |at: &u32| self.right[*at as usize].booked != self.right[*at as usize].amount;
        let cause = match total(self.left, lefts) - total(self.right, rights) {
            _ if rights.iter().any(changed) => Some(Cause::UnauthorisedChange),
            0 if !self.on_one_account(lefts, rights) => Some(Cause::Mapping),
            0 => None,
            difference if difference == fees => Some(Cause::Fee),
            difference if is_rounding(difference, lefts.len() + rights.len()) => Some(Cause::Rounding),
            _ => Some(Cause::Amount),
        };
        match cause {
            None => {
                let lines = self.found.keep(lefts, rights);
                self.found.groups.push(super::Group { lines });
            }
            Some(cause) => self.differ(cause, lefts, rights),
        }
    }

    fn on_one_account(&self, lefts: &[u32], rights: &[u32]) -> bool {
        let lefts = lefts.iter().map(|at| self.left[*at as usize].account);
        let rights = rights.iter().map(|at| self.right[*at as usize].account);
        let mut stated = lefts.chain(rights).flatten();
        stated.next().is_none_or(|first| stated.all(|other| other == first))
    }
}

pub fn total(side: &[Line], lines: &[u32]) -> i128 {
    lines.iter().map(|at| i128::from(side[*at as usize].amount)).sum()
}

/// What keeps two lines of one event from saying the same. The first reason that holds is the cause: somebody's
/// change explains any amount, and a fee that explains it to the minor unit comes before a rate, which explains any.
pub fn discord(left: &Line, right: &Line) -> Option<Cause> {
    if right.booked != right.amount {
        return Some(Cause::UnauthorisedChange);
    }
    if left.currency != right.currency {
        return Some(Cause::Exchange);
    }
    if left.amount == right.amount {
        let on_another = matches!((left.account, right.account), (Some(due), Some(stands)) if due != stands);
        return on_another.then_some(Cause::Mapping);
    }
    let difference = i128::from(left.amount) - i128::from(right.amount);
    if left.fee != 0 && difference == i128::from(left.fee) {
        return Some(Cause::Fee);
    }
    let same_origin = left.origin_currency.is_some()
        && left.origin_currency == right.origin_currency
        && left.origin == right.origin;
    // The buyer's currency is another: where it is the same, both sides state one amount twice.
    if same_origin && left.origin_currency != Some(left.currency) {
        return Some(Cause::Exchange);
    }
    Some(if is_rounding(difference, 2) { Cause::Rounding } else { Cause::Amount })
}

/// Each line may have been rounded by half a minor unit.
fn is_rounding(difference: i128, lines: usize) -> bool {
    difference.unsigned_abs() * 2 <= lines as u128
}
