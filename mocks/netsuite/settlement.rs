//! Answers to the queries of settlement: documents that moved a clearing account, and journals with their lines.
//!
//! Source: netsuite.md §11.5 (signs: a refund's main line is below zero; amounts in base currency), §18 (what awaits approval posts nothing).

use super::document::DocumentKind;
use super::{NetsuiteTwin, Transaction};
use crate::domain::{Currency, InternalId, Money};
use crate::platforms::netsuite::operation::suiteql::settlement::{
    ClearingRow, JournalRow, ROWS_MAX, SettlementQuery, SettlementRows,
};
use crate::platforms::netsuite::wire::JsonDecimal;

impl NetsuiteTwin {
    pub(super) fn settlement_rows(&self, query: &SettlementQuery) -> SettlementRows {
        match query {
            SettlementQuery::Clearing { keys } => SettlementRows::Clearing(self.clearing_rows(keys)),
            SettlementQuery::Journals { keys, after } => {
                SettlementRows::Journals(self.journal_rows(keys, *after))
            }
        }
    }

    fn clearing_rows(&self, keys: &[Box<str>]) -> Vec<ClearingRow> {
        let mut rows = Vec::with_capacity(keys.len());
        for text in keys {
            let Some(key) = self.names.find(text) else { continue };
            if let Some(at) = self.deposits_by_key.get(&key) {
                let deposit = &self.deposits[*at as usize];
                rows.push(ClearingRow {
                    id: Transaction::id(deposit.transaction),
                    externalid: text.clone(),
                    trandate: Some(deposit.date),
                    currency: deposit.currency,
                    account: Some(self.chart.account(deposit.account).id),
                    foreignamount: decimal(deposit.payment, deposit.currency),
                    basecurrency: self.chart.subsidiary(deposit.subsidiary).currency,
                    exchangerate: deposit.exchange_rate,
                    amount: Some(self.based(deposit.base, deposit.subsidiary)),
                });
            }
            let refund = self.documents_by_key.get(&(DocumentKind::CustomerRefund, key));
            if let Some(Transaction::CustomerRefund(at)) = refund.map(|at| self.transactions[*at as usize]) {
                let refund = &self.refunds[at as usize];
                rows.push(ClearingRow {
                    id: Transaction::id(refund.heading.transaction),
                    externalid: text.clone(),
                    trandate: Some(refund.heading.date),
                    currency: refund.heading.currency,
                    account: Some(self.chart.account(refund.account).id),
                    foreignamount: decimal(-refund.amount, refund.heading.currency),
                    basecurrency: self.chart.subsidiary(refund.heading.subsidiary).currency,
                    exchangerate: refund.exchange_rate,
                    amount: Some(self.based(-refund.base, refund.heading.subsidiary)),
                });
            }
        }
        rows.sort_unstable_by_key(|row| row.id);
        rows.dedup();
        rows
    }

    fn journal_rows(&self, keys: &[Box<str>], after: Option<(InternalId, u32)>) -> Vec<JournalRow> {
        let find = |text: &str| self.journals_by_key.get(&self.names.find(text)?).copied();
        let mut journals: Vec<u32> = keys.iter().filter_map(|text| find(text)).collect();
        journals.sort_unstable();
        journals.dedup();
        let mut rows = Vec::new();
        for at in journals {
            let journal = &self.journals[at as usize];
            let id = Transaction::id(journal.transaction);
            for (number, line) in (1u32..).zip(&journal.lines) {
                if after.is_some_and(|after| (id, number) <= after) {
                    continue;
                }
                if rows.len() == ROWS_MAX {
                    return rows;
                }
                let account = self.chart.account(line.account);
                let posts = !journal.is_pending;
                let base = self.chart.base_currency(account);
                rows.push(JournalRow {
                    id,
                    externalid: journal.key.map(|key| self.names.text(key)),
                    trandate: Some(journal.date),
                    reversaldate: journal.reversed_on,
                    currency: journal.currency,
                    line: InternalId::new(u64::from(number)),
                    subsidiary: account.subsidiary,
                    account: posts.then_some(account.id),
                    foreignamount: posts.then(|| decimal(line.minor, journal.currency)),
                    basecurrency: base,
                    amount: posts.then(|| decimal(line.base, base)),
                });
            }
        }
        rows
    }

    fn based(&self, base: i64, subsidiary: u8) -> JsonDecimal {
        decimal(base, self.chart.subsidiary(subsidiary).currency)
    }
}

fn decimal(minor: i64, currency: Currency) -> JsonDecimal {
    JsonDecimal::of_money(Money::new(minor, currency))
}
