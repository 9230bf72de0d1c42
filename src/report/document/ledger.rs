//! An exported ledger, rebuilt and summed, as one document.

use serde::Serialize;

use super::VERSION;
use crate::ledger::reading::Rebuilt;
use crate::report::figures::plain_amount;

#[derive(Debug, Serialize)]
struct LedgerDocument<'a> {
    plimsoll: u32,
    document: &'static str,
    version: &'static str,
    entries: u64,
    postings: u64,
    out_of_balance: u64,
    balances: Vec<BalanceEntry<'a>>,
}

#[derive(Debug, Serialize)]
struct BalanceEntry<'a> {
    account: &'a str,
    currency: &'static str,
    balance: String,
}

pub fn text(rebuilt: &Rebuilt) -> String {
    let balance = |((at, currency), minor): (&(u32, crate::domain::Currency), &i128)| BalanceEntry {
        account: &rebuilt.accounts[*at as usize],
        currency: currency.code(),
        balance: plain_amount(*minor, *currency),
    };
    super::text(&LedgerDocument {
        plimsoll: VERSION,
        document: "ledger",
        version: env!("CARGO_PKG_VERSION"),
        entries: rebuilt.entries,
        postings: rebuilt.postings,
        out_of_balance: rebuilt.out_of_balance_count,
        balances: rebuilt.balances.iter().map(balance).collect(),
    })
}
