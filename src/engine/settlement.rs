//! Payouts: a journal for each that says row by row what it is made of, the bank's statement against it, what came
//! back, what disputes cost in the end, and what the processor still holds when a month ends.
//!
//! Lives here: `plan`, which decides for one payout. Which type of row goes where is [`rules`], rows against documents is
//! [`matching`], how journals stand is [`journals`], what rates of exchange leave over is [`exchange`], disputes are
//! [`dispute`], months are [`accrual`], lines of the bank that are of no payout are [`stray`]; reading, performing
//! and recording is [`driver`], and what finds the work is [`sweep`].
//!
//! There is no line that makes a journal come out even: either every row has its counterpart, or nothing is posted and
//! what is missing has a name and a date (failures.md A1, B16).
//!
//! Source: postings.md rows 26–36; shopify.md §m.

pub mod accrual;
pub mod dispute;
pub mod driver;
pub mod exchange;
pub mod journals;
pub mod matching;
pub mod rules;
pub mod stray;
pub mod sweep;

use super::exception::Finding;
use super::posting::Document;
use crate::domain::ids::{BalanceTransactionId, DisputeId, PayoutId};
use crate::domain::money::{MoneyError, Sum};
use crate::domain::payout::{BalanceTransaction, BankLine, Payout, PayoutStatus};
use crate::domain::{BookDate, CauseCode, ExternalId, InternalId, Money, Timestamp};
use crate::policy::settlement::{SettlementPolicy, ShopSettlement};
use crate::policy::{Policy, ShopPolicy};
use crate::ports::settlement::ClearingRecord;
use journals::{Books, Leg, Own, Part, Unit, total};
use matching::{Against, Booked, Matched};

/// What one entity of the flow is about. Its number in the store says which: a payout's is Shopify's own, which stays
/// far below the marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    Payout(PayoutId),
    Dispute(DisputeId),
    /// A line of the bank's statement that is of no payout, by [`BankLine::number`].
    Line(u64),
    /// What the processor holds at the end of a month.
    Month {
        year: i16,
        month: i8,
    },
}

const LINE_MARK: u64 = 1 << 60;
const DISPUTE_MARK: u64 = 1 << 61;
const MONTH_MARK: u64 = 1 << 62;

impl Subject {
    pub fn record(self) -> u64 {
        match self {
            Subject::Payout(id) => id.get(),
            Subject::Dispute(id) => DISPUTE_MARK | id.get(),
            Subject::Line(number) => LINE_MARK | number,
            Subject::Month { year, month } => {
                MONTH_MARK | (u64::from(year.unsigned_abs()) * 100 + u64::from(month.unsigned_abs()))
            }
        }
    }

    pub fn of(record: u64) -> Subject {
        if record & MONTH_MARK != 0 {
            let number = record & !MONTH_MARK;
            let year = i16::try_from(number / 100).unwrap_or(i16::MAX);
            return Subject::Month { year, month: (number % 100) as i8 };
        }
        if record & DISPUTE_MARK != 0 {
            return Subject::Dispute(DisputeId::new(record & !DISPUTE_MARK));
        }
        if record & LINE_MARK != 0 {
            return Subject::Line(record & !LINE_MARK);
        }
        Subject::Payout(PayoutId::new(record))
    }
}

/// What is said of one payout: by the processor, by NetSuite, and by the bank.
#[derive(Debug)]
pub struct Observed<'a> {
    pub shop: &'a ShopPolicy,
    pub payout: &'a Payout,
    /// All of them, without its own transfer.
    pub rows: &'a [BalanceTransaction],
    /// Documents that [`matching::keys`] of the rows name.
    pub records: &'a [ClearingRecord],
    pub own: &'a Own,
    /// Lines of the statement that carry its trace; `None` where no statement can be had.
    pub bank: Option<&'a [BankLine]>,
    /// The payout that took the money of a failed one along.
    pub carried_by: Option<PayoutId>,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    Post {
        document: Document,
        at_risk: Option<Money>,
    },
    /// Nothing, because the other side may still follow. It is looked at again, at `until` at the latest.
    Wait {
        until: Timestamp,
        /// Rows without a counterpart, each with the document that is waited for; empty if the bank is waited for.
        items: Vec<TimingItem>,
    },
    Report(Finding),
}

/// A row whose counterpart is not there yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimingItem {
    pub row: BalanceTransactionId,
    pub awaits: ExternalId,
    pub amount: Money,
}

impl Action {
    pub fn writes(&self) -> bool {
        matches!(self, Action::Post { .. })
    }
}

/// The units of journals of a payout.
pub const ISSUED: &str = "issued";
pub const AT_BANK: &str = "at-bank";
pub const BACK_FROM_BANK: &str = "back-from-bank";
pub const RETURNED: &str = "returned";
pub const UNITS: [&str; 6] = [ISSUED, exchange::CLEARED, exchange::BANKED, AT_BANK, BACK_FROM_BANK, RETURNED];
/// Those with a line or more a row, which may be many journals.
pub const LONG_UNITS: [&str; 2] = [ISSUED, exchange::CLEARED];

/// What is still to do for one payout. Settled by its own actions.
pub fn plan(seen: &Observed, policy: &Policy, now: Timestamp) -> Vec<Action> {
    let mut actions = Vec::new();
    let known = policy.settlement.as_ref().and_then(|known| Some((known, known.shop(seen.shop.key)?)));
    // Rows of a scheduled payout may still come and go (shopify.md §m.3).
    let Some((settlement, shop)) = known.filter(|_| seen.payout.status != PayoutStatus::Scheduled) else {
        return actions;
    };
    let desk = Desk { seen, policy, settlement, shop, now };
    if let Err(error) = desk.decide(&mut actions) {
        let detail = format!("payout {}: {error}", seen.payout.id);
        let code = CauseCode::PayoutNotBalanced;
        actions.push(Action::Report(Finding::new(code, Some(seen.payout.net), detail)));
    }
    actions
}

/// One payout's desk: what is known, and by which rules.
struct Desk<'a> {
    seen: &'a Observed<'a>,
    policy: &'a Policy,
    settlement: &'a SettlementPolicy,
    shop: &'a ShopSettlement,
    now: Timestamp,
}

impl<'a> Desk<'a> {
    fn decide(&self, actions: &mut Vec<Action>) -> Result<(), MoneyError> {
        let payout = self.seen.payout;
        let issued = self.issued(actions)?;
        let (arrived, came_back) = self.at_bank(issued, actions)?;
        let failed = matches!(payout.status, PayoutStatus::Failed | PayoutStatus::Canceled);
        // What failed and is at the bank all the same is for a person to explain before anything is turned around.
        let mut returned = Vec::new();
        if failed && issued && (arrived.is_none() || came_back) && !payout.net.is_zero() {
            let owner = &self.shop.owner_accounts;
            let memo = format!("payout {} came back", payout.id);
            returned.push(self.two_legs(owner.returned, owner.in_transit, payout.net, self.today(), memo)?);
        }
        self.with_unit(RETURNED, |unit| unit.bring(self.seen.own, &returned, actions));
        exchange::banked(self, actions)?;
        if failed && !self.gave_its_rows_back() && !payout.net.is_zero() && self.seen.carried_by.is_none() {
            let said = if payout.status == PayoutStatus::Failed { "failed" } else { "was cancelled" };
            let detail =
                format!("payout {} of {} {said}; no later one has carried it", payout.id, payout.net);
            actions.push(Action::Report(Finding::new(CauseCode::PayoutFailed, Some(payout.net), detail)));
        }
        Ok(())
    }

    /// A cancelled payout may give its rows back, each to be paid out by another.
    fn gave_its_rows_back(&self) -> bool {
        self.seen.rows.is_empty() && self.seen.payout.status == PayoutStatus::Canceled
    }

    /// The journal of its rows (postings.md rows 26–31, 36). True if it stands or will by these actions.
    fn issued(&self, actions: &mut Vec<Action>) -> Result<bool, MoneyError> {
        let (payout, rows) = (self.seen.payout, self.seen.rows);
        let stood = self.with_unit(ISSUED, |unit| unit.edition(self.seen.own) > 0);
        if self.gave_its_rows_back() {
            self.with_unit(ISSUED, |unit| unit.bring(self.seen.own, &[], actions));
            self.with_unit(exchange::CLEARED, |unit| unit.bring(self.seen.own, &[], actions));
            return Ok(false);
        }
        let sum = Sum::of(payout.net.currency(), rows.iter().map(|row| row.net))?;
        let crooked = rows.iter().find(|row| row.amount.checked_sub(row.fee) != Ok(row.net));
        if sum != payout.net || crooked.is_some() {
            let mut detail = format!("payout {}: rows come to {sum}, its net is {}", payout.id, payout.net);
            if let Some(row) = crooked {
                detail.push_str(&format!("; net of balance transaction {} is not amount less fee", row.id));
            }
            let at_risk = payout.net.checked_sub(sum)?;
            let finding = Finding::new(CauseCode::PayoutNotBalanced, Some(at_risk), detail);
            actions.push(Action::Report(finding));
            return Ok(stood);
        }
        let clears = payout.issued_at.plus(self.settlement.settling_window);
        let matched = matching::of(self.shop, rows, self.seen.records, self.today(), self.now >= clears)?;
        if matched.waiting.is_empty() && matched.findings.is_empty() {
            let parts = self.parts(&matched.booked)?;
            self.with_unit(ISSUED, |unit| unit.bring(self.seen.own, &parts, actions));
            exchange::cleared(self, &matched.booked, &parts, actions)?;
            return Ok(true);
        }
        self.wait(matched, clears, actions);
        Ok(stood)
    }

    /// What stands is left as it is until all rows have their counterparts again.
    fn wait(&self, matched: Matched<'a>, until: Timestamp, actions: &mut Vec<Action>) {
        actions.extend(matched.findings.into_iter().map(Action::Report));
        let items: Vec<TimingItem> = matched
            .waiting
            .iter()
            .filter_map(|row| {
                let awaits = matching::keys(self.seen.shop.key, row).into_iter().next()?;
                Some(TimingItem { row: row.id, awaits, amount: row.amount })
            })
            .collect();
        if !items.is_empty() {
            actions.push(Action::Wait { until, items });
        }
    }

    /// Every row as lines, split into journals that balance.
    fn parts(&self, booked: &[Booked<'_>]) -> Result<Vec<Part>, MoneyError> {
        let net = self.seen.payout.net;
        // In the currency that is paid out: of the seller, and of the one that is paid.
        let mut legs: Vec<Leg> = Vec::with_capacity(booked.len() * 2);
        // In the currency of the shop, where that is another: the other side of the bridge.
        let mut bridged: Vec<Leg> = Vec::new();
        for Booked { row, against, .. } in booked {
            let of = row.order_transaction.map(|id| format!(", transaction {id}")).unwrap_or_default();
            let kind = row.kind.name();
            let memo = match against {
                Against::Record(record) => format!(
                    "{kind}: balance transaction {}{of}, {} ({})",
                    row.id, record.external_id, record.internal_id
                ),
                Against::Account(_) => format!("{kind}: balance transaction {}{of}", row.id),
            };
            let memo: Box<str> = memo.into();
            let (account, amount) = match against {
                Against::Account(account) => (account.in_books(self.shop), row.amount),
                Against::Record(record) => {
                    let clearing = record.account.unwrap_or(self.shop.clearing);
                    if record.amount.currency() == net.currency() {
                        (clearing, row.amount)
                    } else {
                        let amount = record.amount.checked_neg()?;
                        bridged.push(Leg { account: clearing, amount, memo: memo.clone() });
                        (self.shop.accounts.exchange_bridge, row.amount)
                    }
                }
            };
            if !amount.is_zero() {
                legs.push(Leg { account, amount: amount.checked_neg()?, memo: memo.clone() });
            }
            if !row.fee.is_zero() {
                let account = rules::fee_account(&row.kind).in_books(self.shop);
                legs.push(Leg { account, amount: row.fee, memo });
            }
        }
        let mut parts = Part::split(&legs, |legs| self.balanced_by_payout(legs))?;
        parts.extend(Part::split(&bridged, |legs| self.balanced_by_bridge(legs))?);
        Ok(parts)
    }

    /// Closes lines with the payout itself; between two subsidiaries, with what one owes the other.
    fn balanced_by_payout(&self, legs: &[Leg]) -> Result<Option<Part>, MoneyError> {
        let payout = self.seen.payout;
        let currency = payout.net.currency();
        let transit = self.shop.owner_accounts.in_transit;
        let memo = || format!("payout {}", payout.id).into_boxed_str();
        let close = |legs: &mut Vec<Leg>, account: InternalId| {
            let amount = total(currency, legs)?.checked_neg()?;
            if !amount.is_zero() {
                legs.insert(0, Leg { account, amount, memo: memo() });
            }
            Ok(())
        };
        let books = match self.sides() {
            [seller, owner] if seller != owner => {
                let theirs = [self.shop.owner_accounts.returned, transit];
                let (mut paid, mut sold): (Vec<Leg>, Vec<Leg>) =
                    legs.iter().cloned().partition(|leg| theirs.contains(&leg.account));
                close(&mut sold, self.shop.accounts.due_from)?;
                let net = total(currency, legs)?.checked_neg()?;
                if !net.is_zero() {
                    paid.insert(0, Leg { account: transit, amount: net, memo: memo() });
                }
                close(&mut paid, self.shop.owner_accounts.due_to)?;
                Books::Two([(seller, sold), (owner, paid)])
            }
            [seller, _] => {
                let mut legs = legs.to_vec();
                close(&mut legs, transit)?;
                Books::One(seller, legs)
            }
        };
        Ok(Some(Part { currency, date: self.issued_on(), memo: memo(), books }))
    }

    /// The other side of the bridge, in the currency that buyers paid (postings.md N5c).
    fn balanced_by_bridge(&self, legs: &[Leg]) -> Result<Option<Part>, MoneyError> {
        let Some(first) = legs.first() else { return Ok(None) };
        let currency = first.amount.currency();
        let mut legs = legs.to_vec();
        let memo: Box<str> =
            format!("payout {} in {}", self.seen.payout.id, self.seen.payout.net.currency()).into();
        let amount = total(currency, &legs)?.checked_neg()?;
        if !amount.is_zero() {
            legs.insert(0, Leg { account: self.shop.accounts.exchange_bridge, amount, memo: memo.clone() });
        }
        let books = Books::One(self.sides()[0], legs);
        Ok(Some(Part { currency, date: self.issued_on(), memo, books }))
    }

    /// The statement against the payout (row 33): the line by which it arrived, and whether the bank sent it back.
    ///
    /// It is booked once the payout itself is: payouts in transit are what was issued less what is at the bank
    /// (postings.md, Identities), and nothing leaves that account which was never put on it. A payout whose rows wait
    /// says so by its own exception.
    fn at_bank(
        &self,
        issued: bool,
        actions: &mut Vec<Action>,
    ) -> Result<(Option<&'a BankLine>, bool), MoneyError> {
        let payout = self.seen.payout;
        let Some(lines) = self.seen.bank else { return Ok((None, false)) };
        let bank = self.policy.subsidiaries[self.shop.owner].accounts.bank;
        let transit = self.shop.owner_accounts.in_transit;
        let back = payout.net.checked_neg()?;
        let mut others: Vec<&BankLine> = lines.iter().collect();
        others.sort_by_key(|line| (line.value_date, &line.id));
        let mut take = |amount: Money| {
            let at = others.iter().position(|line| line.amount == amount)?;
            Some(others.remove(at))
        };
        let arrived = take(payout.net);
        let came_back = arrived.and_then(|_| take(back));
        let journal = |line: Option<&BankLine>, said: &str| {
            let Some(line) = line else { return Ok(vec![]) };
            let memo = format!("payout {} {said}: line {}", payout.id, line.id);
            Ok::<_, MoneyError>(vec![self.two_legs(bank, transit, line.amount, line.value_date, memo)?])
        };
        if issued {
            let parts = journal(arrived, "at the bank")?;
            self.with_unit(AT_BANK, |unit| unit.bring(self.seen.own, &parts, actions));
            let parts = journal(came_back, "sent back by the bank")?;
            self.with_unit(BACK_FROM_BANK, |unit| unit.bring(self.seen.own, &parts, actions));
        }
        let stays = arrived.is_some() && came_back.is_none();
        let due = payout.issued_at.plus(self.settlement.bank_window);
        let complaint = if let Some(line) = others.first() {
            Some(format!("line {} of {} is not the payout of {}", line.id, line.amount, payout.net))
        } else if payout.status == PayoutStatus::Paid {
            match (stays, arrived.is_some()) {
                (true, _) => None,
                (false, true) => Some("the bank sent it back; Shopify shows it as paid".to_owned()),
                (false, false) if payout.net.is_zero() => None,
                (false, false) if self.now < due => {
                    actions.push(Action::Wait { until: due, items: vec![] });
                    None
                }
                (false, false) => Some("it is not on the bank's statement".to_owned()),
            }
        } else if stays {
            Some("the bank has it; Shopify shows it as failed".to_owned())
        } else {
            None
        };
        if let Some(said) = complaint {
            let detail = format!("payout {}: {said}", payout.id);
            actions.push(Action::Report(Finding::new(CauseCode::BankDiffers, Some(payout.net), detail)));
        }
        Ok((arrived, came_back.is_some()))
    }

    /// Debit one account, credit another, in the books of the one that is paid.
    fn two_legs(
        &self,
        debit: InternalId,
        credit: InternalId,
        amount: Money,
        date: BookDate,
        memo: String,
    ) -> Result<Part, MoneyError> {
        let memo: Box<str> = memo.into();
        let legs = vec![
            Leg { account: debit, amount, memo: memo.clone() },
            Leg { account: credit, amount: amount.checked_neg()?, memo: memo.clone() },
        ];
        let books = Books::One(self.sides()[1], legs);
        Ok(Part { currency: amount.currency(), date, memo, books })
    }

    fn with_unit<T>(&self, name: &'static str, work: impl FnOnce(&Unit<'_>) -> T) -> T {
        let (shop, payout) = (self.seen.shop.key, self.seen.payout.id);
        let key = |part: &str, edition| ExternalId::for_payout(shop, payout, part, edition);
        let owner = &self.shop.owner_accounts;
        let sides = self.sides();
        let meets = name == ISSUED && sides[0] != sides[1];
        let second = meets.then_some(([owner.in_transit, owner.due_to, owner.returned], sides));
        work(&Unit { name, key: &key, second })
    }

    /// The subsidiary that sells and the one that is paid.
    fn sides(&self) -> [InternalId; 2] {
        [self.policy.seller(self.seen.shop).id, self.policy.subsidiaries[self.shop.owner].id]
    }

    fn issued_on(&self) -> BookDate {
        self.policy.book_date(self.seen.shop, self.seen.payout.issued_at)
    }

    fn today(&self) -> BookDate {
        self.policy.book_date(self.seen.shop, self.now)
    }
}

/// The edition of the payout's rows that stands in NetSuite, and what it says; `None` while anything is missing.
pub fn standing(seen: &Observed, policy: &Policy, now: Timestamp) -> Option<(u32, Vec<Part>)> {
    let settlement = policy.settlement.as_ref()?;
    let shop = settlement.shop(seen.shop.key)?;
    let desk = Desk { seen, policy, settlement, shop, now };
    let matched = matching::of(shop, seen.rows, seen.records, desk.today(), false).ok()?;
    if !matched.waiting.is_empty() || !matched.findings.is_empty() {
        return None;
    }
    let parts = desk.parts(&matched.booked).ok()?;
    let edition = desk.with_unit(ISSUED, |unit| unit.standing(seen.own, &parts))?;
    Some((edition, parts))
}

#[cfg(test)]
mod tests;
