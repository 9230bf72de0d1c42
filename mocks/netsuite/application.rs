//! What pays what: deposits that meet invoices, credit memos that pay them, and the exchange difference when the two
//! were booked at different rates.
//!
//! Source: netsuite.md §14.3 (deposit application), §17.2 (realised difference), §18; postings.md rows 10, 21, 37 and
//! N5b.

use super::answers::{self, Refused};
use super::bill::share;
use super::chart::{PeriodPart, invalid};
use super::document::DocumentKind;
use super::heading::Heading;
use super::names::Name;
use super::{NONE, NetsuiteTwin, RecordKind, Transaction};
use crate::domain::{BookDate, InternalId, Money, Timestamp};
use crate::platforms::netsuite::wire::{ApplyBody, BillBody, DepositApplicationBody, Reference, Sublist};

/// Debits customer deposits, credits receivables.
#[derive(Debug, Clone, Copy)]
pub(super) struct Application {
    pub key: Option<Name>,
    pub amount: i64,
    /// What the deposit came to in base currency: the difference to the invoice's part is posted apart.
    pub base: i64,
    pub deposit: u32,
    pub invoice: u32,
    pub heading: Heading,
}

/// A realised exchange difference: no amount in the currency, only in base.
#[derive(Debug, Clone, Copy)]
pub(super) struct Revaluation {
    /// Receivables or customer deposits, and what it is debited with; the exchange account gets the opposite.
    pub account: u32,
    pub base: i64,
    pub heading: Heading,
}

impl NetsuiteTwin {
    /// What of a deposit neither an invoice nor a refund has used.
    pub(super) fn deposit_open(&self, at: u32) -> i64 {
        let deposit = &self.deposits[at as usize];
        deposit.payment - deposit.used
    }

    fn deposits_of_order(&self, order: u32) -> impl Iterator<Item = u32> + '_ {
        let first = self.orders.get(order as usize).map_or(NONE, |order| order.first_deposit);
        let at = |at: u32| (at != NONE).then_some(at);
        std::iter::successors(at(first), move |known| at(self.deposits[*known as usize].next))
    }

    /// A deposit is applied on the later of both days.
    fn applied_on(&self, deposit: u32, invoice: BookDate) -> BookDate {
        self.deposits[deposit as usize].date.max(invoice)
    }

    /// Whether the periods are open in which the order's deposits would meet an invoice of that day.
    pub(super) fn check_deposits_period(&self, order: u32, invoice: BookDate) -> Result<(), Refused> {
        let mut open = self.deposits_of_order(order).filter(|at| self.deposit_open(*at) > 0);
        open.try_for_each(|at| {
            let subsidiary = self.deposits[at as usize].subsidiary;
            self.chart.check_period(self.applied_on(at, invoice), subsidiary, PeriodPart::Receivables)
        })
    }

    /// NetSuite applies the open deposits of the order by itself when its invoice is saved: here oldest first.
    pub(super) fn apply_deposits_of(&mut self, invoice: u32) {
        let heading = self.invoices[invoice as usize].heading;
        let deposits: Vec<u32> = self.deposits_of_order(heading.order).collect();
        for deposit in deposits {
            let amount = self.deposit_open(deposit).min(self.invoices[invoice as usize].open());
            if amount > 0 {
                let date = self.applied_on(deposit, heading.date);
                self.insert_application(deposit, invoice, amount, date, None);
            }
        }
    }

    /// `POST customerDeposit/{id}/!transform/depositApplication`.
    pub(super) fn transform_deposit_application(
        &mut self,
        deposit: InternalId,
        body: &DepositApplicationBody,
        now: Timestamp,
    ) -> Result<InternalId, Refused> {
        let found = Transaction::position(deposit).and_then(|at| self.transactions.get(at));
        let Some(Transaction::CustomerDeposit(at)) = found.copied() else {
            return Err(Box::new(answers::nonexistent()));
        };
        self.check_lock(RecordKind::CustomerDeposit, at)?;
        let key = self.new_key(DocumentKind::DepositApplication, body.external_id.as_deref())?;
        let [line] = applied(body.apply.as_ref())[..] else {
            return Err(answers::refused("An application of a deposit names one document."));
        };
        let invoice = self.find_bill(&line.doc, DocumentKind::Invoice)?;
        self.check_lock(RecordKind::Invoice, invoice)?;
        let (of, to) = (self.deposits[at as usize], self.invoices[invoice as usize].heading);
        if (of.customer, of.currency, of.subsidiary) != (to.customer, to.currency, to.subsidiary) {
            return Err(invalid(&line.doc, "doc", "apply"));
        }
        let amount = line.amount.to_money(of.currency).map(Money::minor).ok_or_else(answers::unbalanced)?;
        check_open(amount, self.deposit_open(at).min(self.invoices[invoice as usize].open()))?;
        let date = body.tran_date.unwrap_or_else(|| self.today(now));
        let date = self.applied_on(at, to.date).max(date);
        self.chart.check_period(date, of.subsidiary, PeriodPart::Receivables)?;
        let position = self.insert_application(at, invoice, amount, date, key);
        Ok(Transaction::id(position))
    }

    fn insert_application(
        &mut self,
        deposit: u32,
        invoice: u32,
        amount: i64,
        date: BookDate,
        key: Option<Name>,
    ) -> u32 {
        let of = &mut self.deposits[deposit as usize];
        let base = share(of.base, of.payment, of.used, of.used + amount);
        of.used += amount;
        let paid = self.pay_invoice(invoice, amount);
        let mut heading = Heading { date, ..self.invoices[invoice as usize].heading };
        let at = u32::try_from(self.applications.len()).expect("fewer than 2³² applications");
        let document = Transaction::DepositApplication(at);
        self.enter(document, &mut heading);
        self.keep_key(DocumentKind::DepositApplication, key, heading.transaction);
        self.applications.push(Application { key, amount, base, deposit, invoice, heading });
        self.post(document, 1);
        self.revalue(self.receivable(heading.subsidiary), base - paid, heading);
        heading.transaction
    }

    /// Counts an amount as paid of an invoice: its part of the invoice's base amount.
    fn pay_invoice(&mut self, invoice: u32, amount: i64) -> i64 {
        let invoice = &mut self.invoices[invoice as usize];
        let paid = share(invoice.base, invoice.total, invoice.used, invoice.used + amount);
        invoice.used += amount;
        paid
    }

    /// Counts an amount as used of a credit memo: its part of the memo's base amount.
    pub(super) fn use_memo(&mut self, memo: u32, amount: i64) -> i64 {
        let memo = &mut self.credit_memos[memo as usize];
        let used = share(memo.base, memo.total, memo.used, memo.used + amount);
        memo.used += amount;
        used
    }

    pub(super) fn receivable(&self, subsidiary: u8) -> u32 {
        self.chart.set_up(self.chart.subsidiary(subsidiary).receivable)
    }

    /// Posts what a difference of rates left on the account; nothing if the rates were one.
    pub(super) fn revalue(&mut self, account: u32, base: i64, of: Heading) {
        if base == 0 {
            return;
        }
        let mut heading = of;
        let at = u32::try_from(self.revaluations.len()).expect("fewer than 2³² revaluations");
        let document = Transaction::FxReval(at);
        self.enter(document, &mut heading);
        self.revaluations.push(Revaluation { account, base, heading });
        self.post(document, 1);
    }

    /// `PATCH creditMemo/eid:…` with its list of invoices: an amount is what the memo pays of that invoice in all.
    pub(super) fn apply_credit_memo(
        &mut self,
        memo: &Reference,
        body: &BillBody,
        now: Timestamp,
    ) -> Result<InternalId, Refused> {
        let memo =
            self.find_bill(memo, DocumentKind::CreditMemo).map_err(|_| Box::new(answers::nonexistent()))?;
        self.check_lock(RecordKind::CreditMemo, memo)?;
        let payments = self.credits(Some(memo), self.credit_memos[memo as usize].heading, body)?;
        let wanted: i64 = payments.iter().map(|(_, more)| *more).sum();
        check_more(wanted, self.credit_memos[memo as usize].open())?;
        let date = self.today(now).max(self.credit_memos[memo as usize].heading.date);
        if wanted > 0 {
            let subsidiary = self.credit_memos[memo as usize].heading.subsidiary;
            self.chart.check_period(date, subsidiary, PeriodPart::Receivables)?;
        }
        self.pay(memo, &payments, date);
        Ok(Transaction::id(self.credit_memos[memo as usize].heading.transaction))
    }

    /// Invoices that a credit memo is to pay, each with what is added to what it pays already.
    pub(super) fn credits(
        &self,
        memo: Option<u32>,
        of: Heading,
        body: &BillBody,
    ) -> Result<Vec<(u32, i64)>, Refused> {
        let mut payments: Vec<(u32, i64)> = Vec::new();
        for line in applied(body.apply.as_ref()) {
            let invoice = self.find_bill(&line.doc, DocumentKind::Invoice)?;
            self.check_lock(RecordKind::Invoice, invoice)?;
            let to = self.invoices[invoice as usize].heading;
            let is_other =
                (of.customer, of.currency, of.subsidiary) != (to.customer, to.currency, to.subsidiary);
            if is_other || payments.iter().any(|(known, _)| *known == invoice) {
                return Err(invalid(&line.doc, "doc", "apply"));
            }
            let amount =
                line.amount.to_money(of.currency).map(Money::minor).ok_or_else(answers::unbalanced)?;
            let stands = memo.and_then(|memo| self.credits.get(&(memo, invoice)).copied()).unwrap_or(0);
            if amount < stands {
                return Err(answers::refused("You cannot take back what a credit memo has paid."));
            }
            check_more(amount - stands, self.invoices[invoice as usize].open())?;
            payments.push((invoice, amount - stands));
        }
        Ok(payments)
    }

    pub(super) fn pay(&mut self, memo: u32, payments: &[(u32, i64)], date: BookDate) {
        for (invoice, more) in payments.iter().copied().filter(|(_, more)| *more > 0) {
            let used = self.use_memo(memo, more);
            let paid = self.pay_invoice(invoice, more);
            *self.credits.entry((memo, invoice)).or_insert(0) += more;
            let heading = Heading { date, ..self.credit_memos[memo as usize].heading };
            self.revalue(self.receivable(heading.subsidiary), used - paid, heading);
        }
    }
}

/// Lines that are ticked.
pub(super) fn applied(list: Option<&Sublist<ApplyBody>>) -> Vec<&ApplyBody> {
    list.map_or_else(Vec::new, |list| list.items.iter().filter(|line| line.apply).collect())
}

pub(super) fn check_open(amount: i64, open: i64) -> Result<(), Refused> {
    if amount <= 0 {
        return Err(answers::refused("The amount to apply must be greater than zero."));
    }
    check_more(amount, open)
}

/// More than what is open is refused (`TRANS_APPLIED_AMTS_UNBALNCD`).
pub(super) fn check_more(amount: i64, open: i64) -> Result<(), Refused> {
    if amount > open {
        return Err(answers::refused("The amount to apply is greater than the amount that is due."));
    }
    Ok(())
}
