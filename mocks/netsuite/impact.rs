//! G/L impact of every kind of document: the accounts, and what each is debited with.
//!
//! Source: netsuite.md §18; postings.md rows 2–20 and 37.

use rust_decimal::Decimal;

use super::bill::Bill;
use super::refund::PaidOut;
use super::{NetsuiteTwin, Transaction};
use crate::domain::{Currency, Money};

/// One account's side of a document: debits positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Side {
    pub account: u32,
    /// Minor units of the document's currency.
    pub minor: i64,
    /// Minor units of the subsidiary's base currency.
    pub base: i64,
}

impl NetsuiteTwin {
    /// Posts the document once more, or takes its posting back with −1.
    pub(super) fn post(&mut self, document: Transaction, times: i128) {
        let currency = self.heading(document).currency;
        for Side { account, minor, base } in self.impact(document) {
            self.ledger.post(account, currency, i128::from(minor) * times, i128::from(base) * times);
        }
    }

    /// Sides in their order on the document; none for one that does not post.
    pub(super) fn impact(&self, document: Transaction) -> Vec<Side> {
        match document {
            Transaction::SalesOrder(_) => Vec::new(),
            Transaction::CustomerDeposit(at) => {
                let deposit = &self.deposits[at as usize];
                pair(
                    deposit.account,
                    self.deposits_account(deposit.subsidiary),
                    deposit.payment,
                    deposit.base,
                )
            }
            Transaction::JournalEntry(at) => {
                let journal = &self.journals[at as usize];
                let lines = journal.lines.iter().filter(|_| !journal.is_pending);
                lines.map(|line| Side { account: line.account, minor: line.minor, base: line.base }).collect()
            }
            Transaction::ItemFulfillment(at) => {
                let record = &self.fulfillments[at as usize];
                if record.is_deleted {
                    return Vec::new();
                }
                let cost: i64 = record.lines.iter().map(|line| line.cost).sum();
                let subsidiary = self.chart.subsidiary(record.heading.subsidiary);
                let (cogs, inventory) = (subsidiary.cogs, subsidiary.inventory);
                pair(self.chart.set_up(cogs), self.chart.set_up(inventory), cost, cost)
            }
            Transaction::Invoice(at) => self.bill_impact(&self.invoices[at as usize], 1),
            Transaction::CreditMemo(at) => self.bill_impact(&self.credit_memos[at as usize], -1),
            Transaction::DepositApplication(at) => {
                let application = &self.applications[at as usize];
                let subsidiary = application.heading.subsidiary;
                let (debit, credit) = (self.deposits_account(subsidiary), self.receivable(subsidiary));
                pair(debit, credit, application.amount, application.base)
            }
            Transaction::CustomerRefund(at) => {
                let refund = &self.refunds[at as usize];
                let subsidiary = refund.heading.subsidiary;
                let mut sides =
                    vec![Side { account: refund.account, minor: -refund.amount, base: -refund.base }];
                sides.extend(refund.parts.iter().map(|part| Side {
                    account: match part.source {
                        PaidOut::CreditMemo(_) => self.receivable(subsidiary),
                        PaidOut::Deposit(_) => self.deposits_account(subsidiary),
                    },
                    minor: part.amount,
                    base: part.base,
                }));
                sides
            }
            Transaction::InventoryAdjustment(at) => {
                let record = &self.adjustments[at as usize];
                let value: i64 = record.lines.iter().map(|line| line.value).sum();
                let inventory = self.chart.subsidiary(record.heading.subsidiary).inventory;
                pair(self.chart.set_up(inventory), record.account, value, value)
            }
            Transaction::FxReval(at) => {
                let record = &self.revaluations[at as usize];
                let exchange = self.chart.subsidiary(record.heading.subsidiary).exchange;
                pair(record.account, self.chart.set_up(exchange), 0, record.base)
            }
        }
    }

    /// Receivables at the total, then income and tax. Sides are rounded to base one by one. Assumption: what that
    /// leaves over is carried by the last one, as receivables keep the rate of the document.
    fn bill_impact(&self, bill: &Bill, sign: i64) -> Vec<Side> {
        let subsidiary = bill.heading.subsidiary;
        let rate = bill.exchange_rate.to_decimal();
        let own = self.chart.subsidiary(subsidiary).currency;
        let in_base = |minor: i64| in_base(Money::new(minor, bill.heading.currency), own, rate);
        let mut sides = Vec::with_capacity(1 + bill.lines.len() + bill.taxes.len());
        let receivable = self.receivable(subsidiary);
        sides.push(Side { account: receivable, minor: sign * bill.total, base: sign * bill.base });
        let lines =
            bill.lines.iter().map(|line| (self.chart.income_account(line.item, subsidiary), line.amount));
        let taxes = bill.taxes.iter().map(|tax| (self.chart.tax_account(tax.kind, subsidiary), tax.amount));
        for (account, amount) in lines.chain(taxes).filter(|(_, amount)| *amount != 0) {
            sides.push(Side { account, minor: -sign * amount, base: -sign * in_base(amount) });
        }
        let residue: i64 = sides.iter().map(|side| side.base).sum();
        if let Some(last) = sides.last_mut() {
            last.base -= residue;
        }
        sides
    }
}

fn pair(debit: u32, credit: u32, minor: i64, base: i64) -> Vec<Side> {
    if minor == 0 && base == 0 {
        return Vec::new();
    }
    vec![Side { account: debit, minor, base }, Side { account: credit, minor: -minor, base: -base }]
}

/// The document's total fits, and no part of it is checked to be smaller: what does not fit is left to the residue.
fn in_base(amount: Money, base: Currency, rate: Decimal) -> i64 {
    if amount.currency() == base {
        return amount.minor();
    }
    let value = amount.to_decimal().checked_mul(rate);
    value.and_then(|value| Money::round_half_up(value, base).ok()).map_or(0, Money::minor)
}
