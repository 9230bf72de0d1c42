//! What the API says of payouts, balance transactions and disputes.

use super::ledger::Row;
use super::search::{self, Fields, Search};
use super::{Account, Shop, ShopifyTwin, ids, truth};
use crate::domain::Money;
use crate::domain::ids::PayoutId;
use crate::domain::payout::{self, BalanceKind};
use crate::mocks::shopify::answer::{Executed, executed, malformed_cursor};
use crate::mocks::shopify::bill;
use crate::mocks::shopify::cursor::Cursor;
use crate::mocks::shopify::render::date_time;
use crate::mocks::shopify::texts::Texts;
use crate::platforms::shopify::operation::{
    Answer, GraphQlError, PayoutVariables, SearchReport, SearchVariables,
};
use crate::platforms::shopify::wire::payments::{
    AccountData, AssociatedPayout, BalanceTransaction, BalanceTransactions, BigInt, Dispute, DisputeStatus,
    DisputeType, Disputes, Payout, PayoutData, PayoutStatus, Payouts, RowType, SourceType,
};
use crate::platforms::shopify::wire::{Connection, DecimalText, Gid, MoneyV2, PageInfo, Ref};

/// `first` in the documents `payouts`, `balanceTransactions` and `disputes`.
const FIRST: usize = 250;

/// Rows of a page by position, each with the second that it sorts by.
struct Listing {
    rows: Vec<(usize, i64)>,
    has_next_page: bool,
}

impl ShopifyTwin {
    pub(in crate::mocks::shopify) fn payouts_page(
        &self,
        at: usize,
        variables: &SearchVariables,
    ) -> Result<Executed, GraphQlError> {
        let shop = &self.shops[at];
        let fields = &search::PAYOUTS;
        let (search, after) = asked(variables, fields)?;
        let account = shop.readable_account()?;
        let page = account.map(|account| {
            let id = |n: usize| ids::payout(shop.ordinal, n).get();
            let all = account.ledger.payouts.iter().map(|payout| payout.issued).enumerate();
            let listing = list(all, &search, after, id, FIRST);
            connection(&listing, id, |n| payout_node(shop, account, n))
        });
        let actual = cost(page.as_ref(), 1);
        let data = AccountData { shopify_payments_account: page.map(|payouts| Payouts { payouts }) };
        Ok(Executed {
            answer: Answer::Payouts(data),
            actual,
            search: search.reports(&variables.query, fields),
        })
    }

    pub(in crate::mocks::shopify) fn payout_node(
        &self,
        at: usize,
        variables: &PayoutVariables,
    ) -> Result<Executed, GraphQlError> {
        let shop = &self.shops[at];
        let id = PayoutId::new(variables.id.number());
        let node = shop.readable_account()?.and_then(|account| {
            let found = account.ledger.payout_position(shop.ordinal, id).ok()?;
            Some(payout_node(shop, account, found))
        });
        Ok(executed(Answer::Payout(PayoutData { node }), 1))
    }

    /// Of a payout or since a moment, transfers hidden.
    pub(in crate::mocks::shopify) fn balance_transactions_page(
        &self,
        at: usize,
        variables: &SearchVariables,
    ) -> Result<Executed, GraphQlError> {
        let shop = &self.shops[at];
        let fields = &search::BALANCE_TRANSACTIONS;
        let (search, after) = asked(variables, fields)?;
        let page = shop.readable_account()?.map(|account| {
            let id = |n: usize| ids::balance_transaction(shop.ordinal, n).get();
            let listing = rows_of(shop, account, &search, after, FIRST);
            connection(&listing, id, |n| balance_transaction(shop, account, &self.texts, n))
        });
        let actual = cost(page.as_ref(), 3);
        let page = page.map(|balance_transactions| BalanceTransactions { balance_transactions });
        let answer = Answer::BalanceTransactions(AccountData { shopify_payments_account: page });
        Ok(Executed { answer, actual, search: search.reports(&variables.query, fields) })
    }

    pub(in crate::mocks::shopify) fn disputes_page(
        &self,
        at: usize,
        variables: &SearchVariables,
    ) -> Result<Executed, GraphQlError> {
        let shop = &self.shops[at];
        let fields = &search::DISPUTES;
        let (search, after) = asked(variables, fields)?;
        let page = shop.readable_account()?.map(|account| {
            let id = |n: usize| ids::dispute(shop.ordinal, n).get();
            let all = account.disputes.iter().map(|row| row.initiated).enumerate();
            let listing = list(all, &search, after, id, FIRST);
            connection(&listing, id, |n| dispute(shop, account, n))
        });
        let actual = cost(page.as_ref(), 2);
        let data = AccountData { shopify_payments_account: page.map(|disputes| Disputes { disputes }) };
        Ok(Executed {
            answer: Answer::Disputes(data),
            actual,
            search: search.reports(&variables.query, fields),
        })
    }
}

/// Published number and second of each row of a listing, with what its search text was warned of.
type Rows = (Vec<(u64, i64)>, Vec<SearchReport>);

impl ShopifyTwin {
    /// Every row of a listing below the account, in the order in which it is shown.
    pub(in crate::mocks::shopify) fn account_rows(
        &self,
        at: usize,
        listing: &str,
        variables: &SearchVariables,
    ) -> Result<Rows, GraphQlError> {
        let shop = &self.shops[at];
        let fields = match listing {
            "payouts" => &search::PAYOUTS,
            "disputes" => &search::DISPUTES,
            _ => &search::BALANCE_TRANSACTIONS,
        };
        let (search, _) = asked(variables, fields)?;
        let reports = search.reports(&variables.query, fields);
        let Some(account) = shop.readable_account()? else { return Ok((Vec::new(), reports)) };
        let ordinal = shop.ordinal;
        let payout = |n: usize| ids::payout(ordinal, n).get();
        let dispute = |n: usize| ids::dispute(ordinal, n).get();
        let row = |n: usize| ids::balance_transaction(ordinal, n).get();
        let numbered = |rows: Vec<(usize, i64)>, id: &dyn Fn(usize) -> u64| {
            rows.into_iter().map(|(n, second)| (id(n), second)).collect()
        };
        let rows = match listing {
            "payouts" => {
                let all = account.ledger.payouts.iter().map(|payout| payout.issued).enumerate();
                numbered(list(all, &search, None, payout, usize::MAX).rows, &payout)
            }
            "disputes" => {
                let all = account.disputes.iter().map(|row| row.initiated).enumerate();
                numbered(list(all, &search, None, dispute, usize::MAX).rows, &dispute)
            }
            _ => numbered(rows_of(shop, account, &search, None, usize::MAX).rows, &row),
        };
        Ok((rows, reports))
    }
}

impl Shop {
    /// Whether the shop has Shopify Payments.
    ///
    /// # Errors
    /// Without the scopes, the whole field is denied.
    pub(in crate::mocks::shopify) fn has_payments(&self) -> Result<bool, GraphQlError> {
        self.readable_account().map(|account| account.is_some())
    }

    pub(in crate::mocks::shopify) fn payout_at(&self, n: usize) -> Option<Payout> {
        let account = self.payments.account.as_ref()?;
        (n < account.ledger.payouts.len()).then(|| payout_node(self, account, n))
    }

    pub(in crate::mocks::shopify) fn balance_row_at(
        &self,
        texts: &Texts,
        n: usize,
    ) -> Option<BalanceTransaction> {
        let account = self.payments.account.as_ref()?;
        (n < account.ledger.by_time().len()).then(|| balance_transaction(self, account, texts, n))
    }

    pub(in crate::mocks::shopify) fn payouts_count(&self) -> usize {
        self.payments.account.as_ref().map_or(0, |account| account.ledger.payouts.len())
    }

    /// Type, amount and fee of the rows that a payout is made of.
    pub(in crate::mocks::shopify) fn payout_kinds(&self, n: usize) -> Vec<(BalanceKind, i64, i64)> {
        let Some(account) = self.payments.account.as_ref() else { return Vec::new() };
        let rows = account.ledger.payouts.get(n).map_or(&[][..], |payout| &payout.rows);
        let rows = rows.iter().map(|at| account.ledger.row(*at as usize));
        rows.map(|row| (account.ledger.kind(row).clone(), row.amount, row.fee)).collect()
    }

    /// Every row, oldest first, transfers among them.
    pub(in crate::mocks::shopify) fn balance_rows(&self, texts: &Texts) -> Vec<BalanceTransaction> {
        let Some(account) = self.payments.account.as_ref() else { return Vec::new() };
        let rows = account.ledger.by_time().iter();
        rows.map(|at| balance_transaction(self, account, texts, *at as usize)).collect()
    }

    /// Net of the rows that are in no payout, in minor units of the account's currency.
    pub(in crate::mocks::shopify) fn pending_balance(&self) -> Option<(crate::domain::Currency, i64)> {
        let account = self.payments.account.as_ref()?;
        let rows = account.ledger.by_time().iter().map(|at| account.ledger.row(*at as usize));
        let pending = rows.filter(|row| row.payout().is_none());
        let net = pending.filter(|row| *account.ledger.kind(row) != BalanceKind::Transfer).map(Row::net);
        Some((account.currency, net.sum()))
    }

    pub(in crate::mocks::shopify) fn dispute_at(&self, n: usize) -> Option<Dispute> {
        let account = self.payments.account.as_ref()?;
        (n < account.disputes.len()).then(|| dispute(self, account, n))
    }

    /// `None` for a shop without Shopify Payments.
    ///
    /// # Errors
    /// Without the scopes, the whole field is denied (shopify.md §m.1, §b.3).
    fn readable_account(&self) -> Result<Option<&Account>, GraphQlError> {
        if self.payments.is_denied {
            let message = "Access denied for shopifyPaymentsAccount field. Required access: \
                           `read_shopify_payments_accounts` access scope.";
            return Err(GraphQlError::coded(message.to_owned(), "ACCESS_DENIED"));
        }
        Ok(self.payments.account.as_ref())
    }
}

fn asked(variables: &SearchVariables, fields: &Fields) -> Result<(Search, Option<(i64, u64)>), GraphQlError> {
    let search = Search::parse(&variables.query, fields).map_err(|term| {
        GraphQlError::coded(format!("search term `{term}` is not modelled"), "NOT_MODELLED")
    })?;
    let after = match &variables.after {
        Some(text) => {
            let cursor = Cursor::decode(text).ok_or_else(malformed_cursor)?;
            Some((cursor.last_value.div_euclid(1_000), cursor.last_id))
        }
        None => None,
    };
    Ok((search, after))
}

/// Few enough to be sorted anew for each page.
fn list(
    all: impl Iterator<Item = (usize, i64)>,
    search: &Search,
    after: Option<(i64, u64)>,
    id: impl Fn(usize) -> u64,
    first: usize,
) -> Listing {
    let mut rows: Vec<(usize, i64)> = all
        .filter(|(n, second)| {
            *second >= search.since
                && search.number.is_none_or(|number| number == id(*n))
                && after.is_none_or(|after| (*second, id(*n)) > after)
        })
        .collect();
    rows.sort_unstable_by_key(|(n, second)| (*second, *n));
    let has_next_page = rows.len() > first;
    rows.truncate(first);
    Listing { rows, has_next_page }
}

fn rows_of(
    shop: &Shop,
    account: &Account,
    search: &Search,
    after: Option<(i64, u64)>,
    first: usize,
) -> Listing {
    let ledger = &account.ledger;
    let sorted = match search.number {
        None => ledger.by_time(),
        Some(number) => match ledger.payout_position(shop.ordinal, PayoutId::new(number)) {
            Ok(payout) => &ledger.payouts[payout].rows[..],
            Err(_) => &[],
        },
    };
    let id = |at: u32| ids::balance_transaction(shop.ordinal, at as usize).get();
    let sort_key = |at: u32| (ledger.row(at as usize).processed, id(at));
    let from = sorted.partition_point(|at| {
        let key = sort_key(*at);
        key.0 < search.since || after.is_some_and(|after| key <= after)
    });
    let is_shown = |row: &Row| *ledger.kind(row) != BalanceKind::Transfer;
    let mut rows = sorted[from..]
        .iter()
        .map(|at| (*at as usize, ledger.row(*at as usize)))
        .filter(|(_, row)| is_shown(row))
        .map(|(at, row)| (at, row.processed));
    let page = rows.by_ref().take(first).collect();
    Listing { rows: page, has_next_page: rows.next().is_some() }
}

fn connection<T>(listing: &Listing, id: impl Fn(usize) -> u64, node: impl Fn(usize) -> T) -> Connection<T> {
    let last = listing.rows.last();
    let end_cursor = last.map(|(n, second)| Cursor { last_id: id(*n), last_value: second * 1_000 }.encode());
    Connection {
        nodes: listing.rows.iter().map(|(n, _)| node(*n)).collect(),
        page_info: PageInfo { has_next_page: listing.has_next_page, end_cursor },
    }
}

/// The account costs 1 whether it is there or not. Source: shopify.md §b.2.
fn cost<T>(page: Option<&Connection<T>>, row: u32) -> u32 {
    let rows = |page: &Connection<T>| {
        let count = page.nodes.len();
        bill::connection(FIRST as u32, row, count, row * count as u32)
    };
    1 + page.map_or(0, rows)
}

fn money(account: &Account, minor: i64) -> MoneyV2 {
    let amount = DecimalText::from_money(Money::new(minor, account.currency));
    MoneyV2 { amount, currency_code: account.currency }
}

fn payout_node(shop: &Shop, account: &Account, n: usize) -> Payout {
    let row = &account.ledger.payouts[n];
    Payout {
        id: Gid::new(ids::payout(shop.ordinal, n).get()),
        issued_at: date_time(row.issued),
        net: money(account, row.net),
        status: match row.status {
            payout::PayoutStatus::Scheduled => PayoutStatus::Scheduled,
            payout::PayoutStatus::Paid => PayoutStatus::Paid,
            payout::PayoutStatus::Failed => PayoutStatus::Failed,
            payout::PayoutStatus::Canceled => PayoutStatus::Canceled,
        },
        external_trace_id: truth::trace(shop.ordinal, n, row),
    }
}

fn balance_transaction(shop: &Shop, account: &Account, texts: &Texts, n: usize) -> BalanceTransaction {
    let row = account.ledger.row(n);
    let of = row.order();
    let dispute = account.ledger.dispute_of(n);
    BalanceTransaction {
        id: Gid::new(ids::balance_transaction(shop.ordinal, n).get()),
        kind: RowType(account.ledger.kind(row).clone()),
        amount: money(account, row.amount),
        fee: money(account, row.fee),
        net: money(account, row.net()),
        // Assumption: of the other types the source is of the processor's own, and nobody else can tell it.
        source_id: dispute.map(|at| BigInt(ids::dispute(shop.ordinal, at).get())),
        source_type: dispute.map(|_| SourceType::Dispute),
        source_order_transaction_id: of
            .zip(row.transaction())
            .map(|(order, at)| BigInt(ids::transaction(shop.ordinal, order, at).get())),
        associated_order: of.map(|order| Ref::new(ids::order(shop.ordinal, order).get())),
        associated_payout: AssociatedPayout {
            id: row.payout().map(|payout| Gid::new(ids::payout(shop.ordinal, payout).get())),
        },
        adjustment_reason: row.reason().map(|text| texts.get(text).clone()),
        transaction_date: date_time(row.processed),
    }
}

fn dispute(shop: &Shop, account: &Account, n: usize) -> Dispute {
    let row = &account.disputes[n];
    Dispute {
        id: Gid::new(ids::dispute(shop.ordinal, n).get()),
        kind: if row.is_inquiry { DisputeType::Inquiry } else { DisputeType::Chargeback },
        status: match row.status {
            payout::DisputeStatus::NeedsResponse => DisputeStatus::NeedsResponse,
            payout::DisputeStatus::UnderReview => DisputeStatus::UnderReview,
            payout::DisputeStatus::Accepted => DisputeStatus::Accepted,
            payout::DisputeStatus::Won => DisputeStatus::Won,
            payout::DisputeStatus::Lost => DisputeStatus::Lost,
            payout::DisputeStatus::Prevented => DisputeStatus::Prevented,
        },
        amount: money(account, row.amount),
        order: row.order.map(|order| Ref::new(ids::order(shop.ordinal, order as usize).get())),
        initiated_at: date_time(row.initiated),
        finalized_on: row.finalized.map(date_time),
    }
}
