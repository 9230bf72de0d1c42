//! The close of a month: trial balance, roll-forward of the accounts that must come to nothing or to something known,
//! and open items by age.
//!
//! Pure: it reads a ledger at rest and open exceptions, wherever they come from. Not here: how it is told (`report`).

pub mod items;

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::domain::{BookDate, CauseCode, Currency, InternalId, Money};
use crate::ledger::DocumentKind;
use crate::ledger::books::{AccountKind, Books, Entry};

/// A month of the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub first: BookDate,
    /// The first day after it.
    pub next: BookDate,
}

impl Period {
    /// The month that begins on that day.
    pub fn of(first: BookDate) -> Period {
        Period { first, next: first.first_of_next_month() }
    }

    pub fn last(&self) -> BookDate {
        BookDate::from_epoch_days(self.next.epoch_days() - 1)
    }
}

/// Accounts that are rolled forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Clearing,
    CustomerDeposits,
    GiftCards,
    Disputes,
    InTransit,
    Returned,
    Reserve,
    Accruals,
    ExchangeBridge,
    DueFrom,
    DueTo,
}

impl Role {
    pub const fn name(self) -> &'static str {
        match self {
            Role::Clearing => "clearing",
            Role::CustomerDeposits => "customer deposits",
            Role::GiftCards => "gift-card liability",
            Role::Disputes => "disputes receivable",
            Role::InTransit => "payouts in transit",
            Role::Returned => "payouts returned",
            Role::Reserve => "reserve receivable",
            Role::Accruals => "accruals",
            Role::ExchangeBridge => "exchange bridge",
            Role::DueFrom => "due from sister companies",
            Role::DueTo => "due to sister companies",
        }
    }

    /// Liabilities are told as what is owed.
    const fn sign(self) -> i128 {
        match self {
            Role::Clearing
            | Role::Disputes
            | Role::InTransit
            | Role::Returned
            | Role::Reserve
            | Role::ExchangeBridge
            | Role::DueFrom => 1,
            Role::CustomerDeposits | Role::GiftCards | Role::Accruals | Role::DueTo => -1,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Close {
    pub period: Period,
    pub trial: Vec<TrialRow>,
    pub rolls: Vec<Roll>,
}

/// An account in one currency: minor units, debits positive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialRow {
    pub subsidiary: InternalId,
    pub account: InternalId,
    pub kind: AccountKind,
    pub currency: Currency,
    pub base_currency: Currency,
    pub opening: i128,
    pub debits: i128,
    pub credits: i128,
    pub closing: i128,
    /// In the base currency, at the end of the period.
    pub base: i128,
}

/// How an account came from its opening to its closing balance. Liabilities count what is owed as above zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roll {
    pub role: Role,
    pub subsidiary: InternalId,
    pub account: InternalId,
    pub currency: Currency,
    pub opening: i128,
    /// By cause; additions and releases, both above zero.
    pub movements: BTreeMap<Cow<'static, str>, (i128, i128)>,
    pub closing: i128,
}

/// Balances at the start and end of the period, and what moved them.
pub fn close(books: &Books, roles: &BTreeMap<InternalId, Role>, period: Period) -> Close {
    let mut trial: BTreeMap<(InternalId, InternalId, Currency), TrialRow> = BTreeMap::new();
    let mut rolls: BTreeMap<(Role, InternalId, Currency), Roll> = BTreeMap::new();
    let accounts: BTreeMap<InternalId, (InternalId, AccountKind)> =
        books.accounts.iter().map(|account| (account.id, (account.subsidiary, account.kind))).collect();
    for entry in books.entries().iter().filter(|entry| entry.date < period.next) {
        let is_before = entry.date < period.first;
        for line in books.lines(entry) {
            let Some((subsidiary, kind)) = accounts.get(&line.account).copied() else { continue };
            let minor = i128::from(line.minor);
            let row = trial.entry((subsidiary, line.account, entry.currency)).or_insert_with(|| TrialRow {
                subsidiary,
                account: line.account,
                kind,
                currency: entry.currency,
                base_currency: books.base_currency(entry, subsidiary),
                opening: 0,
                debits: 0,
                credits: 0,
                closing: 0,
                base: 0,
            });
            match (is_before, minor > 0) {
                (true, _) => row.opening += minor,
                (false, true) => row.debits += minor,
                (false, false) => row.credits -= minor,
            }
            row.closing += minor;
            row.base += i128::from(line.base);
            let Some(role) = roles.get(&line.account).copied() else { continue };
            let roll = rolls.entry((role, line.account, entry.currency)).or_insert_with(|| Roll {
                role,
                subsidiary,
                account: line.account,
                currency: entry.currency,
                opening: 0,
                movements: BTreeMap::new(),
                closing: 0,
            });
            let moved = minor * role.sign();
            roll.closing += moved;
            if is_before {
                roll.opening += moved;
            } else if moved != 0 {
                let (additions, releases) = roll.movements.entry(cause(entry)).or_default();
                *(if moved > 0 { additions } else { releases }) += moved.abs();
            }
        }
    }
    Close { period, trial: trial.into_values().collect(), rolls: rolls.into_values().collect() }
}

impl Close {
    /// What each subsidiary's accounts come to in its base currency, and per currency of the documents: all zero.
    pub fn totals(&self) -> BTreeMap<(InternalId, Currency), (i128, i128)> {
        let mut totals: BTreeMap<(InternalId, Currency), (i128, i128)> = BTreeMap::new();
        for row in &self.trial {
            let sums = totals.entry((row.subsidiary, row.currency)).or_default();
            sums.0 += row.closing;
            sums.1 += row.base;
        }
        totals
    }

    /// What is due from sister companies, and what is due to them: the same in every currency (postings.md row 36).
    pub fn between_sisters(&self) -> BTreeMap<Currency, (i128, i128)> {
        let mut between: BTreeMap<Currency, (i128, i128)> = BTreeMap::new();
        for roll in &self.rolls {
            match roll.role {
                Role::DueFrom => between.entry(roll.currency).or_default().0 += roll.closing,
                Role::DueTo => between.entry(roll.currency).or_default().1 += roll.closing,
                _ => {}
            }
        }
        between
    }

    pub fn balances(&self) -> bool {
        self.totals().values().all(|sums| *sums == (0, 0))
            && self.between_sisters().values().all(|(from, to)| from == to)
    }
}

/// What moved an account, in the words of a bookkeeper.
fn cause(entry: &Entry) -> Cow<'static, str> {
    match entry.kind {
        DocumentKind::CustomerDeposit => "captured".into(),
        DocumentKind::CustomerRefund => "refunded".into(),
        DocumentKind::DepositApplication => "applied to invoices".into(),
        DocumentKind::Invoice => "billed".into(),
        DocumentKind::CreditMemo => "credited".into(),
        DocumentKind::ItemFulfillment => "shipped".into(),
        DocumentKind::InventoryAdjustment => "restocked".into(),
        DocumentKind::FxReval => "revaluation".into(),
        DocumentKind::SalesOrder => "ordered".into(),
        DocumentKind::JournalEntry => match &entry.external_id {
            None => "keyed by hand".into(),
            Some(key) => of_journal(key.as_str()),
        },
    }
}

/// `uk-payout-77-issued-2-1` is `payout issued`: kind and event of the key, without shop, numbers, part and edition
/// (postings.md N8).
fn of_journal(key: &str) -> Cow<'static, str> {
    for kind in ["payout", "dispute", "accrual", "card", "refund", "transaction"] {
        let Some((_, rest)) = key.split_once(&format!("-{kind}-")) else { continue };
        let is_word = |word: &&str| !word.is_empty() && !word.bytes().all(|byte| byte.is_ascii_digit());
        let event: Vec<&str> = rest.split('-').filter(is_word).collect();
        if rest.starts_with(|first: char| first.is_ascii_digit()) && !event.is_empty() {
            return format!("{kind} {}", event.join(" ")).into();
        }
    }
    "other journals".into()
}

/// What waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenItem {
    pub cause: CauseCode,
    pub owner: Box<str>,
    pub since: BookDate,
    pub at_risk: Option<Money>,
}

/// Days from which each column of ages begins: today and yesterday, a week, a month, more.
pub const AGES: [(i32, &str); 4] = [(0, "0–1 days"), (2, "2–7"), (8, "8–30"), (31, "over 30")];

/// Items of one cause and owner.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Aged {
    /// How many, by [`AGES`].
    pub items: [u64; AGES.len()],
    pub at_risk: BTreeMap<Currency, i128>,
}

/// Open items as of a day by cause and owner; what was opened later is none.
pub fn aged(items: &[OpenItem], as_of: BookDate) -> BTreeMap<(&'static str, &str), Aged> {
    let mut aged: BTreeMap<(&'static str, &str), Aged> = BTreeMap::new();
    for item in items.iter().filter(|item| item.since <= as_of) {
        let days = as_of.epoch_days() - item.since.epoch_days();
        let bucket = AGES.iter().rposition(|(from, _)| *from <= days).expect("the first column begins today");
        let row = aged.entry((item.cause.name(), &item.owner)).or_default();
        row.items[bucket] += 1;
        if let Some(at_risk) = item.at_risk {
            *row.at_risk.entry(at_risk.currency()).or_default() += i128::from(at_risk.minor());
        }
    }
    aged
}

#[cfg(test)]
pub(crate) mod tests;
