//! Customer refunds: credit an account, debit receivables out of credit memos and customer deposits out of deposits.
//!
//! Source: netsuite.md §6.5 (created by REST since 2026.1), §14.3, §18; postings.md rows 14 and 19, N5b.

use super::answers::{self, Refused};
use super::application::{applied, check_open};
use super::bill::share;
use super::chart::{PeriodPart, invalid};
use super::document::DocumentKind;
use super::heading::Heading;
use super::names::Name;
use super::{NONE, NetsuiteTwin, RecordKind, Transaction};
use crate::domain::{InternalId, Money, Timestamp};
use crate::platforms::netsuite::wire::{CustomerRefundBody, JsonDecimal, Reference};

#[derive(Debug)]
pub(super) struct CustomerRefund {
    pub key: Option<Name>,
    pub parts: Box<[Part]>,
    pub amount: i64,
    pub base: i64,
    pub account: u32,
    pub exchange_rate: JsonDecimal,
    pub heading: Heading,
}

/// What one document gives, with its part of the refund's base amount.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub source: PaidOut,
    pub amount: i64,
    pub base: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PaidOut {
    CreditMemo(u32),
    Deposit(u32),
}

impl NetsuiteTwin {
    pub(super) fn create_customer_refund(
        &mut self,
        body: &CustomerRefundBody,
        now: Timestamp,
    ) -> Result<InternalId, Refused> {
        let key = self.new_key(DocumentKind::CustomerRefund, body.external_id.as_deref())?;
        let subsidiary =
            body.subsidiary.as_ref().map(|known| self.chart.find_subsidiary(known)).transpose()?;
        let customer = body.customer.as_ref().ok_or_else(|| answers::missing_value("Customer"))?;
        let customer = self.find_customer(customer, subsidiary, "customer")?;
        let record = &self.customers[customer as usize];
        let subsidiary = subsidiary.unwrap_or(record.subsidiary);
        let own = self.chart.subsidiary(subsidiary).currency;
        let currency = body.currency.map(|currency| currency.0).or(record.currency).unwrap_or(own);
        let account = body.account.as_ref().ok_or_else(|| answers::missing_value("Account"))?;
        let account = self.find_receiving_account(account, subsidiary, currency)?;
        let mut heading = Heading {
            transaction: NONE,
            customer,
            order: body.plimsoll_order.as_deref().and_then(|eid| self.find_order(eid)).unwrap_or(NONE),
            date: body.tran_date.unwrap_or_else(|| self.today(now)),
            subsidiary,
            currency,
        };
        let taken = self.taken(body, &heading)?;
        let sum = taken.iter().map(|(_, amount)| i128::from(*amount)).sum::<i128>();
        let amount = i64::try_from(sum).map_err(|_| answers::unbalanced())?;
        if amount == 0 {
            return Err(answers::refused("You must choose at least one document to refund."));
        }
        let rate = self.chart.rate(currency, subsidiary, heading.date)?;
        let base = self.chart.in_base(Money::new(amount, currency), subsidiary, rate)?;
        let exchange_rate = JsonDecimal::of_decimal(rate).ok_or_else(answers::unbalanced)?;
        self.chart.check_period(heading.date, subsidiary, PeriodPart::Receivables)?;
        let mut before = 0;
        let parts = taken.into_iter().map(|(source, part)| {
            let from = before;
            before += part;
            Part { source, amount: part, base: share(base, amount, from, before) }
        });
        let parts: Box<[Part]> = parts.collect();
        let at = u32::try_from(self.refunds.len()).expect("fewer than 2³² customer refunds");
        let document = Transaction::CustomerRefund(at);
        self.enter(document, &mut heading);
        self.keep_key(DocumentKind::CustomerRefund, key, heading.transaction);
        self.refunds.push(CustomerRefund {
            key,
            parts: parts.clone(),
            amount,
            base,
            account,
            exchange_rate,
            heading,
        });
        self.post(document, 1);
        for part in parts {
            self.pay_out(part, heading);
        }
        Ok(Transaction::id(heading.transaction))
    }

    /// The documents that the body ticks: of the same buyer, books and currency, each once, none beyond what is open.
    fn taken(&self, body: &CustomerRefundBody, heading: &Heading) -> Result<Vec<(PaidOut, i64)>, Refused> {
        let mut taken: Vec<(PaidOut, i64)> = Vec::new();
        let memos = applied(body.apply.as_ref()).into_iter().map(|line| (line, true));
        let deposits = applied(body.deposit.as_ref()).into_iter().map(|line| (line, false));
        for (line, is_memo) in memos.chain(deposits) {
            let (source, whose, open) = if is_memo {
                let at = self.find_bill(&line.doc, DocumentKind::CreditMemo)?;
                self.check_lock(RecordKind::CreditMemo, at)?;
                let memo = &self.credit_memos[at as usize];
                let whose = (memo.heading.customer, memo.heading.currency, memo.heading.subsidiary);
                (PaidOut::CreditMemo(at), whose, memo.open())
            } else {
                let at = self.find_deposit(&line.doc).ok_or_else(|| invalid(&line.doc, "doc", "deposit"))?;
                self.check_lock(RecordKind::CustomerDeposit, at)?;
                let deposit = &self.deposits[at as usize];
                let whose = (deposit.customer, deposit.currency, deposit.subsidiary);
                (PaidOut::Deposit(at), whose, self.deposit_open(at))
            };
            let is_other = whose != (heading.customer, heading.currency, heading.subsidiary);
            if is_other || taken.iter().any(|(known, _)| *known == source) {
                return Err(invalid(&line.doc, "doc", "apply"));
            }
            let amount = line.amount.to_money(heading.currency).map(Money::minor);
            let amount = amount.ok_or_else(answers::unbalanced)?;
            check_open(amount, open)?;
            taken.push((source, amount));
        }
        Ok(taken)
    }

    fn pay_out(&mut self, part: Part, heading: Heading) {
        let (account, stood) = match part.source {
            PaidOut::CreditMemo(at) => (self.receivable(heading.subsidiary), self.use_memo(at, part.amount)),
            PaidOut::Deposit(at) => {
                let deposit = &mut self.deposits[at as usize];
                let stood = share(deposit.base, deposit.payment, deposit.used, deposit.used + part.amount);
                deposit.used += part.amount;
                (self.deposits_account(heading.subsidiary), stood)
            }
        };
        self.revalue(account, stood - part.base, heading);
    }

    fn find_deposit(&self, reference: &Reference) -> Option<u32> {
        match reference {
            Reference::Id(id) => match self.transactions.get(Transaction::position(*id)?)? {
                Transaction::CustomerDeposit(at) => Some(*at),
                _ => None,
            },
            Reference::ExternalId(eid) => self.deposits_by_key.get(&self.names.find(eid)?).copied(),
        }
    }
}
