//! What settlement asks of the processor's ledger in Shopify, of the bank, and of NetSuite.

use std::future::Future;

use rust_decimal::Decimal;

use super::{Call, PlatformError};
use crate::domain::ids::PayoutId;
use crate::domain::payout::{BalanceTransaction, BankLine, Dispute, Payout};
use crate::domain::{BookDate, Currency, ExternalId, InternalId, Money, ShopKey, Timestamp};

/// A page of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<String>,
}

/// The processor's account as Shopify shows it. No webhook speaks of it (shopify.md §m.3).
pub trait Payments: Send + Sync {
    /// Payouts issued at or after `since`, oldest first. Statuses of old payouts change, so read with an overlap.
    fn payouts(
        &self,
        call: Call,
        shop: ShopKey,
        since: Timestamp,
        after: Option<String>,
    ) -> impl Future<Output = Result<Page<Payout>, PlatformError>> + Send;

    /// The payout as it is now; `None` if Shopify knows no such payout.
    fn payout(
        &self,
        call: Call,
        shop: ShopKey,
        id: PayoutId,
    ) -> impl Future<Output = Result<Option<Payout>, PlatformError>> + Send;

    /// The rows of a payout without its own transfer, oldest first.
    fn balance_transactions(
        &self,
        call: Call,
        shop: ShopKey,
        payout: PayoutId,
        after: Option<String>,
    ) -> impl Future<Output = Result<Page<BalanceTransaction>, PlatformError>> + Send;

    /// Rows processed at or after `since`, in a payout or not, transfers hidden, oldest first.
    fn balance_transactions_since(
        &self,
        call: Call,
        shop: ShopKey,
        since: Timestamp,
        after: Option<String>,
    ) -> impl Future<Output = Result<Page<BalanceTransaction>, PlatformError>> + Send;

    /// Disputes initiated at or after `since`, oldest first.
    fn disputes(
        &self,
        call: Call,
        shop: ShopKey,
        since: Timestamp,
        after: Option<String>,
    ) -> impl Future<Output = Result<Page<Dispute>, PlatformError>> + Send;
}

/// The statements of a merchant's bank accounts, each known by the NetSuite account that stands for it.
pub trait Bank: Send + Sync {
    /// Lines with a value date at or after `since`, oldest first. A line may show up days after its value date.
    fn statement(
        &self,
        call: Call,
        account: InternalId,
        since: BookDate,
        after: Option<String>,
    ) -> impl Future<Output = Result<Page<BankLine>, PlatformError>> + Send;

    /// Whether statements can be had at all. Without them, nothing is said of what the bank has.
    fn is_connected(&self) -> bool {
        true
    }
}

/// Of a merchant that gives us no statements.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoBank;

impl Bank for NoBank {
    async fn statement(
        &self,
        _call: Call,
        _account: InternalId,
        _since: BookDate,
        _after: Option<String>,
    ) -> Result<Page<BankLine>, PlatformError> {
        Ok(Page { items: vec![], next: None })
    }

    fn is_connected(&self) -> bool {
        false
    }
}

/// A document that moved a clearing account for one order transaction: a customer deposit, a payment or a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClearingRecord {
    pub internal_id: InternalId,
    pub external_id: ExternalId,
    pub account: Option<InternalId>,
    /// Debit of the account positive.
    pub amount: Money,
    /// The same in the base currency of its subsidiary, as NetSuite posted it.
    pub base: Money,
    /// Base currency per unit of its own.
    pub exchange_rate: Decimal,
    pub date: BookDate,
}

/// A journal entry as NetSuite reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownJournal {
    pub internal_id: InternalId,
    pub external_id: Option<ExternalId>,
    pub subsidiary: InternalId,
    pub currency: Currency,
    pub date: BookDate,
    /// What it posts, debits positive; none while it awaits approval. Of an intercompany entry, lines of both sides.
    pub lines: Vec<(InternalId, Money)>,
    /// Each line in the base currency of its subsidiary, as NetSuite posted it; none of an entry that was just written
    /// and not read back.
    pub bases: Vec<Money>,
    /// The date on which it is turned around, if it was.
    pub reversed_on: Option<BookDate>,
}

/// Two journals in one, each side of which balances in its own subsidiary (postings.md row 36).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntercompanyEntry {
    pub external_id: ExternalId,
    pub currency: Currency,
    pub date: BookDate,
    pub original_date: Option<BookDate>,
    pub memo: Box<str>,
    /// Subsidiary and its lines, debits positive.
    pub sides: [(InternalId, Vec<(InternalId, Money)>); 2],
    /// What each line of each side is of; none where nothing is to be said.
    pub memos: [Vec<Box<str>>; 2],
}

/// What settlement asks of NetSuite. Journals are posted by [`super::netsuite::Billing::post_journal`].
pub trait SettlementBooks: Send + Sync {
    /// Of these external ids (at most 500) the documents that exist.
    fn clearing_records(
        &self,
        call: Call,
        keys: &[ExternalId],
    ) -> impl Future<Output = Result<Vec<ClearingRecord>, PlatformError>> + Send;

    /// Of these external ids (at most 100) the journal entries that exist, with their lines.
    fn journals(
        &self,
        call: Call,
        keys: &[ExternalId],
    ) -> impl Future<Output = Result<Vec<KnownJournal>, PlatformError>> + Send;

    /// Like a journal, over two subsidiaries: one that carries the external id already is found, not made again.
    fn post_intercompany(
        &self,
        call: Call,
        entry: &IntercompanyEntry,
    ) -> impl Future<Output = Result<InternalId, PlatformError>> + Send;
}
