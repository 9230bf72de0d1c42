//! Customer deposits: debit the named account, credit the subsidiary's customer deposits.
//!
//! Source: netsuite.md §14.3, §17 (periods, currencies), §18; postings.md rows 2 and 3, open assumptions 1 and 2.

use super::answers::{self, Refused};
use super::chart::{AccountKind, PeriodPart, invalid};
use super::names::Name;
use super::{NONE, NetsuiteTwin, RecordKind, Transaction};
use crate::domain::{BookDate, Currency, InternalId, Money, Timestamp};
use crate::platforms::netsuite::wire::JsonDecimal;
use crate::platforms::netsuite::wire::{CustomerDepositBody, Reference};

#[derive(Debug, Clone, Copy)]
pub(super) struct Deposit {
    pub key: Option<Name>,
    /// Minor units of `currency`.
    pub payment: i64,
    /// Minor units of the base currency.
    pub base: i64,
    /// What applications and refunds have used of it.
    pub used: i64,
    pub exchange_rate: JsonDecimal,
    pub transaction: u32,
    pub customer: u32,
    /// Position of the sales order that it names, or [`NONE`].
    pub order: u32,
    /// The next deposit of the same order, or [`NONE`].
    pub next: u32,
    pub account: u32,
    pub date: BookDate,
    pub subsidiary: u8,
    pub currency: Currency,
}

impl Deposit {
    /// What decides its postings: a save that leaves this as it is has no G/L impact.
    fn impact(&self) -> (i64, i64, u32, BookDate, u8, Currency) {
        (self.payment, self.base, self.account, self.date, self.subsidiary, self.currency)
    }
}

impl NetsuiteTwin {
    pub(super) fn save_deposit(
        &mut self,
        eid: &str,
        body: &CustomerDepositBody,
        now: Timestamp,
    ) -> Result<InternalId, Refused> {
        let known = self.names.find(eid).and_then(|key| self.deposits_by_key.get(&key).copied());
        self.save_deposit_at(known, Some(eid), body, now)
    }

    /// Saves over the one at that position, or creates one with this external id.
    pub(super) fn save_deposit_at(
        &mut self,
        known: Option<u32>,
        eid: Option<&str>,
        body: &CustomerDepositBody,
        now: Timestamp,
    ) -> Result<InternalId, Refused> {
        if let Some(at) = known {
            self.check_lock(RecordKind::CustomerDeposit, at)?;
        }
        let before = known.map(|at| self.deposits[at as usize]);
        let entered = self.entered_deposit(eid, before, body, now)?;
        if before.map(|before| before.impact()) == Some(entered.impact()) {
            // No change of G/L impact: periods do not matter, and nothing is posted again.
            let at = known.expect("it was there before");
            self.deposits[at as usize] = entered;
            return Ok(Transaction::id(entered.transaction));
        }
        if let Some(before) = before {
            if before.used > 0 {
                return Err(answers::refused(
                    "You cannot edit a customer deposit that was applied or refunded.",
                ));
            }
            self.chart.check_period(before.date, before.subsidiary, PeriodPart::Receivables)?;
        }
        self.chart.check_period(entered.date, entered.subsidiary, PeriodPart::Receivables)?;
        let at = match known {
            Some(at) => {
                self.post_deposit(at, -1);
                self.deposits[at as usize] = entered;
                at
            }
            None => self.insert_deposit(entered),
        };
        self.post_deposit(at, 1);
        Ok(Transaction::id(self.deposits[at as usize].transaction))
    }

    fn entered_deposit(
        &mut self,
        eid: Option<&str>,
        before: Option<Deposit>,
        body: &CustomerDepositBody,
        now: Timestamp,
    ) -> Result<Deposit, Refused> {
        let order = match (&body.sales_order, before) {
            (Some(reference), _) => self.find_order_reference(reference)?,
            (None, Some(before)) => before.order,
            (None, None) => NONE,
        };
        if before.is_some_and(|before| before.order != order) {
            return Err(answers::refused("You cannot change the sales order of a customer deposit."));
        }
        let named = body.subsidiary.as_ref().map(|known| self.chart.find_subsidiary(known)).transpose()?;
        let customer = match (&body.customer, before) {
            (Some(reference), _) => self.find_customer(reference, named, "customer")?,
            (None, Some(before)) => before.customer,
            (None, None) => return Err(answers::missing_value("Customer")),
        };
        let record = &self.customers[customer as usize];
        let subsidiary = named.or(before.map(|before| before.subsidiary)).unwrap_or(record.subsidiary);
        let base = self.chart.subsidiary(subsidiary).currency;
        let currency = body
            .currency
            .map(|currency| currency.0)
            .or(before.map(|before| before.currency))
            .or(record.currency)
            .unwrap_or(base);
        if record.currency.is_some_and(|own| own != currency) {
            return Err(answers::invalid_value(currency.code(), "currency", "currency"));
        }
        if order != NONE {
            let order = &self.orders[order as usize];
            // It is reserved for that order, so it is of the same buyer, books and currency.
            if order.customer != customer || order.subsidiary != subsidiary || order.currency != currency {
                let id = Transaction::id(order.transaction);
                return Err(answers::invalid_value(&id.to_string(), "salesorder", "salesOrder"));
            }
        }
        let account = match (&body.account, before) {
            (Some(reference), _) => self.find_receiving_account(reference, subsidiary, currency)?,
            (None, Some(before)) => before.account,
            (None, None) => return Err(answers::missing_value("Account")),
        };
        let payment = match (body.payment, before) {
            (Some(payment), _) => payment.to_money(currency).ok_or_else(answers::unbalanced)?,
            (None, Some(before)) => Money::new(before.payment, currency),
            (None, None) => return Err(answers::missing_value("Payment Amount")),
        };
        if payment.minor() <= 0 {
            return Err(answers::refused("The payment amount must be greater than zero."));
        }
        let date = body
            .tran_date
            .or(before.map(|before| before.date))
            .unwrap_or_else(|| self.settings.zone.book_date(now));
        let rate = self.chart.rate(currency, subsidiary, date)?;
        Ok(Deposit {
            key: before.map_or_else(|| eid.map(|eid| self.names.keep(eid)), |before| before.key),
            payment: payment.minor(),
            base: self.chart.in_base(payment, subsidiary, rate)?,
            used: before.map_or(0, |before| before.used),
            exchange_rate: JsonDecimal::of_decimal(rate).ok_or_else(answers::unbalanced)?,
            transaction: before.map_or(NONE, |before| before.transaction),
            customer,
            order,
            next: before.map_or(NONE, |before| before.next),
            account,
            date,
            subsidiary,
            currency,
        })
    }

    /// An account that may receive money: banks always, others only where the account preference that expands
    /// account lists is on; a bank in a foreign currency takes only that currency.
    pub(super) fn find_receiving_account(
        &self,
        reference: &Reference,
        subsidiary: u8,
        currency: Currency,
    ) -> Result<u32, Refused> {
        let at = self.chart.find_account(reference, subsidiary, "account")?;
        let account = self.chart.account(at);
        let base = self.chart.subsidiary(subsidiary).currency;
        let fits = match account.kind {
            AccountKind::Bank => account.currency == currency || account.currency == base,
            AccountKind::OtherCurrentAsset | AccountKind::OtherCurrentLiability => {
                self.settings.expanded_account_lists
            }
            AccountKind::Receivable
            | AccountKind::Income
            | AccountKind::CostOfGoodsSold
            | AccountKind::Expense => false,
        };
        if fits { Ok(at) } else { Err(invalid(reference, "account", "account")) }
    }

    fn find_order_reference(&self, reference: &Reference) -> Result<u32, Refused> {
        let found = match reference {
            Reference::ExternalId(id) => self.find_order(id),
            Reference::Id(id) => self.order_at(*id),
        };
        found.ok_or_else(|| invalid(reference, "salesorder", "salesOrder"))
    }

    fn insert_deposit(&mut self, mut deposit: Deposit) -> u32 {
        let at = u32::try_from(self.deposits.len()).expect("fewer than 2³² deposits");
        deposit.transaction = self.next_transaction(Transaction::CustomerDeposit(at));
        self.deposits_by_key.extend(deposit.key.map(|key| (key, at)));
        self.deposits.push(deposit);
        self.customers[deposit.customer as usize].has_transactions = true;
        if deposit.order != NONE {
            let order = &mut self.orders[deposit.order as usize];
            match order.last_deposit {
                NONE => order.first_deposit = at,
                last => self.deposits[last as usize].next = at,
            }
            order.last_deposit = at;
        }
        at
    }

    /// Posts the deposit once more, or takes its posting back with −1.
    fn post_deposit(&mut self, at: u32, times: i128) {
        let Deposit { payment, base, account, subsidiary, currency, .. } = self.deposits[at as usize];
        let credited = self.deposits_account(subsidiary);
        let (minor, base) = (i128::from(payment) * times, i128::from(base) * times);
        self.ledger.post(account, currency, minor, base);
        self.ledger.post(credited, currency, -minor, -base);
    }

    pub(super) fn deposits_account(&self, subsidiary: u8) -> u32 {
        let id = self.chart.subsidiary(subsidiary).deposits_account;
        self.chart.account_position(id).expect("a subsidiary's deposits account is set up before documents")
    }
}
