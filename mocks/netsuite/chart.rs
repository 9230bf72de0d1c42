//! What an account is set up with: subsidiaries, accounts, locations, items, tax codes, rates and periods; and
//! the checks of references against it.
//!
//! Source: netsuite.md §17.1–17.3.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::answers::{self, Refused};
use crate::domain::{BookDate, Currency, FixedMap, InternalId, Money};
use crate::platforms::netsuite::wire::JsonDecimal;
use crate::platforms::netsuite::wire::Reference;

/// Kind of an account, as far as rules depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountKind {
    Bank,
    /// Clearing accounts: never revalued, and open to any currency.
    OtherCurrentAsset,
    /// Gift cards, store credit, and the system's customer deposits.
    OtherCurrentLiability,
    /// Only documents of customers post to it (postings.md N7).
    Receivable,
    Income,
    CostOfGoodsSold,
    Expense,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subsidiary {
    pub id: InternalId,
    /// The base currency.
    pub currency: Currency,
    pub location: InternalId,
    /// The system account that customer deposits are credited to.
    pub deposits_account: InternalId,
    /// Accounts receivable: what invoices debit.
    pub receivable: InternalId,
    /// Asset and cost account of every stocked item.
    pub inventory: InternalId,
    pub cogs: InternalId,
    /// Realised exchange differences.
    pub exchange: InternalId,
    /// Income account of items that have none of their own.
    pub income: InternalId,
}

/// What an item is, as far as orders and their documents depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemKind {
    /// Is fulfilled, then billed.
    Goods,
    /// Is billed by units, never fulfilled: delivery, fee, gift card.
    Service,
    /// Is billed by amount alone and never decides an order's status.
    Discount,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: InternalId,
    pub kind: AccountKind,
    pub subsidiary: InternalId,
    pub currency: Currency,
}

/// State of a month's accounting period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PeriodState {
    Locked,
    Closed,
}

/// What is locked of a month, subsidiary by subsidiary. Source: netsuite.md §17.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PeriodPart {
    /// Invoices, credit memos, deposits, their applications and refunds.
    Receivables,
    Payables,
    Payroll,
    /// Everything that posts.
    All,
}

/// Why a period is not opened or closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeriodRefusal {
    #[error("the period is closed: reopen it first")]
    Closed,
    #[error("all of the period is locked: unlock all first")]
    AllLocked,
    #[error("a subsidiary is not locked yet")]
    NotLocked,
    #[error("an earlier period is not closed yet")]
    EarlierOpen,
}

#[derive(Debug)]
struct Item {
    external_id: Box<str>,
    kind: ItemKind,
    is_inactive: bool,
}

/// Tax code and rate of a line's tax, interned: a day of orders knows few.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TaxKind {
    pub code: InternalId,
    /// In percent.
    pub rate: JsonDecimal,
}

/// Items have ids of their own from here on.
const FIRST_ITEM: u64 = 1_001;

#[derive(Debug, Default)]
pub(super) struct Chart {
    subsidiaries: Vec<Subsidiary>,
    accounts: Vec<Account>,
    account_at: BTreeMap<InternalId, u32>,
    items: Vec<Item>,
    item_at: FixedMap<Box<str>, u32>,
    /// Code, subsidiary and the account that its tax is credited to.
    tax_codes: Vec<(InternalId, InternalId, InternalId)>,
    /// By position of the item, and subsidiary.
    income: BTreeMap<(u32, u8), InternalId>,
    tax_kinds: Vec<TaxKind>,
    tax_kind_at: BTreeMap<(InternalId, (i64, u8)), u32>,
    /// Since when, and one unit of `from` in `to`; in the order of days.
    rates: BTreeMap<(Currency, Currency), Vec<(BookDate, Decimal)>>,
    periods: BTreeMap<(i16, i8), PeriodState>,
    /// Parts that are locked of one subsidiary's books.
    locks: BTreeSet<((i16, i8), u8, PeriodPart)>,
}

impl Chart {
    pub fn add_subsidiary(&mut self, subsidiary: Subsidiary) {
        assert!(self.subsidiaries.len() < 256, "more subsidiaries than a twin holds");
        self.subsidiaries.push(subsidiary);
    }

    pub fn add_account(&mut self, account: Account) {
        let at = u32::try_from(self.accounts.len()).expect("fewer than 2³² accounts");
        let before = self.account_at.insert(account.id, at);
        assert!(before.is_none(), "account {} exists", account.id);
        self.accounts.push(account);
    }

    /// Adds the item, or sets whether it is inactive.
    pub fn set_item(&mut self, external_id: &str, is_inactive: bool) {
        if let Some(at) = self.item_at.get(external_id) {
            self.items[*at as usize].is_inactive = is_inactive;
            return;
        }
        let at = u32::try_from(self.items.len()).expect("fewer than 2³² items");
        self.item_at.insert(external_id.into(), at);
        self.items.push(Item { external_id: external_id.into(), kind: ItemKind::Goods, is_inactive });
    }

    pub fn add_tax_code(&mut self, id: InternalId, subsidiary: InternalId, account: InternalId) {
        self.tax_codes.push((id, subsidiary, account));
    }

    pub fn set_item_kind(&mut self, item: u32, kind: ItemKind) {
        self.items[item as usize].kind = kind;
    }

    pub fn set_income_account(&mut self, item: u32, subsidiary: u8, account: InternalId) {
        self.income.insert((item, subsidiary), account);
    }

    pub fn items_count(&self) -> u32 {
        u32::try_from(self.items.len()).expect("fewer than 2³² items")
    }

    pub fn subsidiaries(&self) -> &[Subsidiary] {
        &self.subsidiaries
    }

    pub fn is_period_closed(&self, day: BookDate) -> bool {
        self.periods.get(&month_of(day)) == Some(&PeriodState::Closed)
    }

    /// Locked as a whole, or closed.
    pub fn is_period_locked(&self, day: BookDate) -> bool {
        self.periods.contains_key(&month_of(day))
    }

    pub fn item_kind(&self, at: u32) -> ItemKind {
        self.items[at as usize].kind
    }

    /// Position of the account that a sale of the item credits.
    pub fn income_account(&self, item: u32, subsidiary: u8) -> u32 {
        let own = self.income.get(&(item, subsidiary)).copied();
        self.set_up(own.unwrap_or(self.subsidiary(subsidiary).income))
    }

    /// Position of the account that a tax is credited to.
    pub fn tax_account(&self, kind: u32, subsidiary: u8) -> u32 {
        let (code, own) = (self.tax_kind(kind).code, self.subsidiary(subsidiary).id);
        let known = self.tax_codes.iter().find(|(id, of, _)| (*id, *of) == (code, own));
        let (.., account) = known.expect("tax was entered with a code of the subsidiary");
        self.set_up(*account)
    }

    /// Position of an account of the set-up.
    pub fn set_up(&self, id: InternalId) -> u32 {
        self.account_position(id)
            .expect("accounts of subsidiary, items and taxes are set up before documents")
    }

    /// Whether only documents of their own post to the account (postings.md N7).
    pub fn is_closed_to_journals(&self, account: u32, subsidiary: u8) -> bool {
        let (account, own) = (self.account(account), self.subsidiary(subsidiary));
        account.kind == AccountKind::Receivable
            || [own.deposits_account, own.inventory, own.receivable].contains(&account.id)
    }

    pub fn add_rate(&mut self, from: Currency, to: Currency, since: BookDate, rate: Decimal) {
        let known = self.rates.entry((from, to)).or_default();
        let at = known.partition_point(|(day, _)| *day <= since);
        known.insert(at, (since, rate));
    }

    pub fn lock_period(&mut self, month: BookDate) {
        self.periods.entry(month_of(month)).or_insert(PeriodState::Locked);
    }

    pub fn close_period(&mut self, month: BookDate) {
        self.periods.insert(month_of(month), PeriodState::Closed);
    }

    /// Opens the month's period; a closed one opens all later ones with it.
    pub fn open_period(&mut self, month: BookDate) {
        match self.periods.remove(&month_of(month)) {
            Some(PeriodState::Closed) => {
                self.periods.retain(|known, _| *known < month_of(month));
                self.locks.retain(|(known, ..)| *known < month_of(month));
            }
            Some(PeriodState::Locked) | None => {}
        }
    }

    /// Whether a change of G/L impact on that day is let through, in that part of a subsidiary's books.
    pub fn check_period(&self, date: BookDate, subsidiary: u8, part: PeriodPart) -> Result<(), Refused> {
        let month = month_of(date);
        let is_shut = self.periods.contains_key(&month)
            || self.locks.contains(&(month, subsidiary, PeriodPart::All))
            || self.locks.contains(&(month, subsidiary, part));
        if is_shut { Err(answers::period_closed()) } else { Ok(()) }
    }

    pub fn lock_part(&mut self, month: BookDate, subsidiary: u8, part: PeriodPart) {
        self.locks.insert((month_of(month), subsidiary, part));
    }

    pub fn unlock_part(
        &mut self,
        month: BookDate,
        subsidiary: u8,
        part: PeriodPart,
    ) -> Result<(), PeriodRefusal> {
        let month = month_of(month);
        match self.periods.get(&month) {
            Some(PeriodState::Closed) => return Err(PeriodRefusal::Closed),
            Some(PeriodState::Locked) => return Err(PeriodRefusal::AllLocked),
            None => {}
        }
        if part != PeriodPart::All && self.locks.contains(&(month, subsidiary, PeriodPart::All)) {
            return Err(PeriodRefusal::AllLocked);
        }
        self.locks.remove(&(month, subsidiary, part));
        Ok(())
    }

    pub fn finish_period(&mut self, month: BookDate) -> Result<(), PeriodRefusal> {
        let of = month_of(month);
        let is_closed = |month: &(i16, i8)| self.periods.get(month) == Some(&PeriodState::Closed);
        let locked = self.locks.iter().map(|(month, ..)| month);
        let mut earlier = self.periods.keys().chain(locked).filter(|month| **month < of);
        if earlier.any(|month| !is_closed(month)) {
            return Err(PeriodRefusal::EarlierOpen);
        }
        let all = self.subsidiaries.len();
        let is_locked = |at: usize| {
            u8::try_from(at).is_ok_and(|at| self.locks.contains(&(of, at, PeriodPart::All)))
                || self.periods.contains_key(&of)
        };
        if !(0..all).all(is_locked) {
            return Err(PeriodRefusal::NotLocked);
        }
        self.close_period(month);
        Ok(())
    }

    pub fn subsidiary_position(&self, id: InternalId) -> Option<u8> {
        let at = self.subsidiaries.iter().position(|known| known.id == id)?;
        u8::try_from(at).ok()
    }

    /// Of the books that an account is in.
    pub fn base_currency(&self, account: &Account) -> Currency {
        let own = self.subsidiary_position(account.subsidiary);
        own.map_or(account.currency, |at| self.subsidiary(at).currency)
    }

    pub fn subsidiary(&self, at: u8) -> &Subsidiary {
        &self.subsidiaries[usize::from(at)]
    }

    pub fn account(&self, at: u32) -> &Account {
        &self.accounts[at as usize]
    }

    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    pub fn account_position(&self, id: InternalId) -> Option<u32> {
        self.account_at.get(&id).copied()
    }

    pub fn tax_kind(&self, at: u32) -> TaxKind {
        self.tax_kinds[at as usize]
    }

    pub fn item_external_id(&self, at: u32) -> &str {
        &self.items[at as usize].external_id
    }

    pub fn is_active(&self, at: u32) -> bool {
        !self.items[at as usize].is_inactive
    }

    pub fn item_id(at: u32) -> InternalId {
        InternalId::new(FIRST_ITEM + u64::from(at))
    }

    /// Position that an internal id would have, whether or not there is such an item.
    pub fn item_at_id(id: InternalId) -> Option<u32> {
        id.get().checked_sub(FIRST_ITEM).and_then(|at| u32::try_from(at).ok())
    }

    pub fn find_subsidiary(&self, reference: &Reference) -> Result<u8, Refused> {
        let Reference::Id(id) = reference else {
            return Err(invalid(reference, "subsidiary", "subsidiary"));
        };
        self.subsidiary_position(*id).ok_or_else(|| invalid(reference, "subsidiary", "subsidiary"))
    }

    /// The location must exist and belong to the subsidiary: cross-subsidiary fulfilment is not set up.
    pub fn check_location(&self, reference: &Reference, subsidiary: u8) -> Result<(), Refused> {
        let Reference::Id(id) = reference else {
            return Err(invalid(reference, "location", "location"));
        };
        let own = self.subsidiary(subsidiary);
        if own.location == *id {
            return Ok(());
        }
        if self.subsidiaries.iter().any(|known| known.location == *id) {
            return Err(answers::not_of_subsidiary("location", id.get(), own.id.get()));
        }
        Err(invalid(reference, "location", "location"))
    }

    /// An account of that subsidiary.
    pub fn find_account(&self, reference: &Reference, subsidiary: u8, path: &str) -> Result<u32, Refused> {
        let known = match reference {
            Reference::Id(id) => self.account_position(*id),
            Reference::ExternalId(_) => None,
        };
        let at = known.ok_or_else(|| invalid(reference, "account", path))?;
        let own = self.subsidiary(subsidiary).id;
        let account = self.account(at);
        if account.subsidiary != own {
            return Err(answers::not_of_subsidiary("account", account.id.get(), own.get()));
        }
        Ok(at)
    }

    /// An active item, for the line at this place of the body.
    pub fn find_item(&self, reference: &Reference, at_line: usize) -> Result<u32, Refused> {
        let refuse = || invalid(reference, "item", &format!("item.items[{at_line}].item"));
        let at = match reference {
            Reference::ExternalId(id) => *self.item_at.get(id).ok_or_else(refuse)?,
            Reference::Id(id) => id
                .get()
                .checked_sub(FIRST_ITEM)
                .and_then(|at| u32::try_from(at).ok())
                .filter(|at| (*at as usize) < self.items.len())
                .ok_or_else(refuse)?,
        };
        if self.items[at as usize].is_inactive { Err(refuse()) } else { Ok(at) }
    }

    /// The position of an item by its external id, active or not.
    pub fn item_position(&self, external_id: &str) -> Option<u32> {
        self.item_at.get(external_id).copied()
    }

    pub fn is_inactive(&self, at: u32) -> bool {
        self.items[at as usize].is_inactive
    }

    /// The tax code of that subsidiary, with its rate.
    pub fn find_tax_kind(
        &mut self,
        reference: &Reference,
        rate: JsonDecimal,
        subsidiary: u8,
        path: &str,
    ) -> Result<u32, Refused> {
        let own = self.subsidiary(subsidiary).id;
        let code = match reference {
            Reference::Id(id) if self.tax_codes.iter().any(|(known, of, _)| (*known, *of) == (*id, own)) => {
                *id
            }
            _ => return Err(invalid(reference, "taxCode", path)),
        };
        let kinds = &mut self.tax_kinds;
        Ok(*self.tax_kind_at.entry((code, rate.normalised())).or_insert_with(|| {
            kinds.push(TaxKind { code, rate });
            u32::try_from(kinds.len() - 1).expect("fewer than 2³² tax rates")
        }))
    }

    /// Base currency of the subsidiary per unit of `currency`, in force on that day.
    pub fn rate(&self, currency: Currency, subsidiary: u8, date: BookDate) -> Result<Decimal, Refused> {
        let base = self.subsidiary(subsidiary).currency;
        if currency == base {
            return Ok(Decimal::ONE);
        }
        let known = self.rates.get(&(currency, base)).map(Vec::as_slice).unwrap_or_default();
        let after = known.partition_point(|(day, _)| *day <= date);
        after
            .checked_sub(1)
            .map(|at| known[at].1)
            .ok_or_else(|| answers::invalid_value(currency.code(), "currency", "currency"))
    }

    /// The amount in the base currency of its subsidiary, half away from zero.
    pub fn in_base(&self, amount: Money, subsidiary: u8, rate: Decimal) -> Result<i64, Refused> {
        let base = self.subsidiary(subsidiary).currency;
        if amount.currency() == base {
            return Ok(amount.minor());
        }
        amount
            .to_decimal()
            .checked_mul(rate)
            .and_then(|value| Money::round_half_up(value, base).ok())
            .map(Money::minor)
            .ok_or_else(answers::unbalanced)
    }
}

fn month_of(date: BookDate) -> (i16, i8) {
    let (year, month, _) = date.year_month_day();
    (year, month)
}

pub(super) fn invalid(reference: &Reference, field: &str, path: &str) -> Refused {
    match reference {
        Reference::Id(id) => answers::invalid_value(&id.to_string(), field, path),
        Reference::ExternalId(id) => answers::invalid_value(id, field, path),
    }
}
