//! Rows, payouts and disputes as they are, in domain values, for who compares the books with what happened.

use super::disputes::DisputeRow;
use super::ledger::{PayoutRow, Row};
use super::{Account, ShopifyTwin, ids};
use crate::domain::ids::PayoutId;
use crate::domain::payout::{BalanceTransaction, Dispute, Payout};
use crate::domain::{Currency, Money, ShopKey, Timestamp};
use crate::mocks::shopify::texts::Texts;

impl ShopifyTwin {
    /// The currency that the shop's account pays out; none without an account.
    pub fn payout_currency(&self, shop: ShopKey) -> Option<Currency> {
        self.shop(shop).payments.account.as_ref().map(|account| account.currency)
    }

    /// All payouts of the shop in the order in which they were scheduled.
    pub fn payouts(&self, shop: ShopKey) -> impl Iterator<Item = Payout> + '_ {
        let shop = self.shop(shop);
        let account = shop.payments.account.as_ref();
        account.into_iter().flat_map(move |account| {
            account.ledger.payouts.iter().enumerate().map(move |(n, row)| Payout {
                id: ids::payout(shop.ordinal, n),
                issued_at: Timestamp::from_seconds(row.issued),
                net: Money::new(row.net, account.currency),
                status: row.status,
                trace: trace(shop.ordinal, n, row),
            })
        })
    }

    /// One payout.
    pub fn payout_truth(&self, shop: ShopKey, id: PayoutId) -> Option<Payout> {
        let at = ids::payout_position(self.shop(shop).ordinal, id)?;
        self.payouts(shop).nth(at)
    }

    /// All rows of the shop's account, transfers too, in the order in which they were booked.
    pub fn balance_rows(&self, shop: ShopKey) -> impl Iterator<Item = BalanceTransaction> + '_ {
        let shop = self.shop(shop);
        let account = shop.payments.account.as_ref();
        account.into_iter().flat_map(move |account| {
            let row = move |at| balance_transaction(account, &self.texts, shop.ordinal, at);
            (0..account.ledger.len()).map(row)
        })
    }

    /// All disputes of the shop in the order in which they were opened.
    pub fn disputes(&self, shop: ShopKey) -> impl Iterator<Item = Dispute> + '_ {
        let shop = self.shop(shop);
        let account = shop.payments.account.as_ref();
        account.into_iter().flat_map(move |account| {
            account.disputes.iter().enumerate().map(move |(n, row)| dispute(account, shop.ordinal, n, row))
        })
    }
}

fn balance_transaction(account: &Account, texts: &Texts, shop: u64, at: usize) -> BalanceTransaction {
    let row: &Row = account.ledger.row(at);
    let money = |minor| Money::new(minor, account.currency);
    BalanceTransaction {
        id: ids::balance_transaction(shop, at),
        kind: account.ledger.kind(row).clone(),
        amount: money(row.amount),
        fee: money(row.fee),
        net: money(row.net()),
        order_transaction: row.order().zip(row.transaction()).map(|(n, at)| ids::transaction(shop, n, at)),
        dispute: account.ledger.dispute_of(at).map(|n| ids::dispute(shop, n)),
        order: row.order().map(|n| ids::order(shop, n)),
        payout: row.payout().map(|n| ids::payout(shop, n)),
        processed_at: Timestamp::from_seconds(row.processed),
        reason: row.reason().map(|text| Box::from(&**texts.get(text))),
    }
}

fn dispute(account: &Account, shop: u64, n: usize, row: &DisputeRow) -> Dispute {
    Dispute {
        id: ids::dispute(shop, n),
        order: row.order.map(|n| ids::order(shop, n as usize)),
        is_inquiry: row.is_inquiry,
        status: row.status,
        amount: Money::new(row.amount, account.currency),
        initiated_at: Timestamp::from_seconds(row.initiated),
        finalized_on: row.finalized.map(Timestamp::from_seconds),
    }
}

/// Fifteen digits, as a US bank's trace; none before the payout went to the bank.
pub(super) fn trace(shop: u64, n: usize, row: &PayoutRow) -> Option<Box<str>> {
    row.was_submitted.then(|| format!("0910{:03}{:08}", shop + 1, n + 1).into_boxed_str())
}
