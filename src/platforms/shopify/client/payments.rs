//! The port `Payments` over the same calls.

use super::{Client, Transport, mismatched, next_page, not_converted, unreadable};
use crate::domain::ids::PayoutId;
use crate::domain::payout::{BalanceTransaction, Dispute, Payout};
use crate::domain::{ShopKey, Timestamp};
use crate::platforms::shopify::convert::{self, Unreadable};
use crate::platforms::shopify::operation::{Answer, PayoutVariables, Request, SearchVariables};
use crate::platforms::shopify::wire::payments::AccountData;
use crate::platforms::shopify::wire::{Connection, Gid};
use crate::ports::settlement::{Page, Payments};
use crate::ports::{Admission, Call, Platform, PlatformError};

impl<T: Transport, A: Admission> Payments for Client<T, A> {
    async fn payouts(
        &self,
        call: Call,
        shop: ShopKey,
        since: Timestamp,
        after: Option<String>,
    ) -> Result<Page<Payout>, PlatformError> {
        let variables = search(format!("issued_at:>='{}'", since.floor_second()), after);
        let answer = self.call(call, shop, Request::Payouts(variables)).await?;
        let Answer::Payouts(data) = answer else { return Err(mismatched()) };
        page(account(shop, data)?.payouts, convert::payout)
    }

    async fn payout(&self, call: Call, shop: ShopKey, id: PayoutId) -> Result<Option<Payout>, PlatformError> {
        let variables = PayoutVariables { id: Gid::new(id.get()) };
        let answer = self.call(call, shop, Request::Payout(variables)).await?;
        let Answer::Payout(data) = answer else { return Err(mismatched()) };
        match data.node.map(convert::payout).transpose().map_err(not_converted)? {
            Some(other) if other.id != id => {
                Err(unreadable(format!("payout {id} was asked for, and {} came", other.id)))
            }
            payout => Ok(payout),
        }
    }

    async fn balance_transactions(
        &self,
        call: Call,
        shop: ShopKey,
        payout: PayoutId,
        after: Option<String>,
    ) -> Result<Page<BalanceTransaction>, PlatformError> {
        self.rows(call, shop, format!("payments_transfer_id:{payout}"), after).await
    }

    async fn balance_transactions_since(
        &self,
        call: Call,
        shop: ShopKey,
        since: Timestamp,
        after: Option<String>,
    ) -> Result<Page<BalanceTransaction>, PlatformError> {
        self.rows(call, shop, format!("processed_at:>='{}'", since.floor_second()), after).await
    }

    async fn disputes(
        &self,
        call: Call,
        shop: ShopKey,
        since: Timestamp,
        after: Option<String>,
    ) -> Result<Page<Dispute>, PlatformError> {
        let variables = search(format!("initiated_at:>='{}'", since.floor_second()), after);
        let answer = self.call(call, shop, Request::Disputes(variables)).await?;
        let Answer::Disputes(data) = answer else { return Err(mismatched()) };
        page(account(shop, data)?.disputes, convert::dispute)
    }
}

impl<T: Transport, A: Admission> Client<T, A> {
    async fn rows(
        &self,
        call: Call,
        shop: ShopKey,
        query: String,
        after: Option<String>,
    ) -> Result<Page<BalanceTransaction>, PlatformError> {
        let request = Request::BalanceTransactions(search(query, after));
        let Answer::BalanceTransactions(data) = self.call(call, shop, request).await? else {
            return Err(mismatched());
        };
        page(account(shop, data)?.balance_transactions, convert::balance_transaction)
    }
}

fn search(query: String, after: Option<String>) -> SearchVariables {
    SearchVariables { query: query.into_boxed_str(), after: after.map(String::into_boxed_str) }
}

/// Null says that the shop never took payments by Shopify, not that it had none: a merchant who expects payouts of it
/// must hear so. Source: shopify.md §m.1.
fn account<D>(shop: ShopKey, data: AccountData<D>) -> Result<D, PlatformError> {
    data.shopify_payments_account.ok_or_else(|| PlatformError::BadReference {
        platform: Platform::Shopify,
        field: "shopifyPaymentsAccount".to_owned(),
        reason: format!("shop `{shop}` has no Shopify Payments account"),
    })
}

fn page<W, T>(
    page: Connection<W>,
    convert: impl Fn(W) -> Result<T, Unreadable>,
) -> Result<Page<T>, PlatformError> {
    Ok(Page {
        items: page.nodes.into_iter().map(convert).collect::<Result<_, _>>().map_err(not_converted)?,
        next: next_page(page.page_info)?.map(String::from),
    })
}
