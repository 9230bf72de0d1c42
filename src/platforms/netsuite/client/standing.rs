//! [`BuyerAccounts`] over a [`Transport`].

use super::{Client, Transport, unexpected};
use crate::domain::price::PricingChange;
use crate::domain::sales_order::SalesOrderStatus;
use crate::domain::standing::{Standing, StandingOrder};
use crate::domain::{Currency, ExternalId, Money, Timestamp, Zone};
use crate::platforms::netsuite::operation::Request;
use crate::platforms::netsuite::operation::suiteql::prices::{OpenOrderRow, PriceQuery, PriceRows};
use crate::platforms::netsuite::wire::{JsonDecimal, LocalTime, OrderStatus, SalesOrderBody};
use crate::ports::{Admission, BuyerAccounts, Call, PlatformError};

impl<T: Transport, A: Admission> BuyerAccounts for Client<T, A> {
    async fn standing(
        &self,
        call: Call,
        key: &ExternalId,
        currency: Currency,
    ) -> Result<Option<Standing>, PlatformError> {
        let query = PriceQuery::Buyers { keys: vec![key.as_str().into()] };
        let PriceRows::Buyers(buyers) = self.price_rows(call, query).await? else {
            return Err(mismatched());
        };
        let Some(buyer) = buyers.into_iter().next() else { return Ok(None) };
        if !buyer.externalid.eq_ignore_ascii_case(key.as_str()) {
            return Err(unexpected(&format!("customer {key} was asked for, and {} came", buyer.externalid)));
        }
        let query = PriceQuery::Receivables { customer: buyer.id, currency };
        let PriceRows::Receivables(receivables) = self.price_rows(call, query).await? else {
            return Err(mismatched());
        };
        let query = PriceQuery::OpenOrders { customer: buyer.id, currency };
        let PriceRows::OpenOrders(orders) = self.price_rows(call, query).await? else {
            return Err(mismatched());
        };
        let unpaid = receivables.first().and_then(|row| row.unpaid);
        Ok(Some(Standing {
            terms: buyer.terms,
            credit_limit: buyer.creditlimit.map(|limit| money(limit, currency)).transpose()?,
            receivables: unpaid.map_or(Ok(Money::zero(currency)), |unpaid| money(unpaid, currency))?,
            orders: orders.into_iter().map(|row| order(row, currency)).collect::<Result<_, _>>()?,
        }))
    }

    async fn payments_changed(
        &self,
        call: Call,
        since: Timestamp,
        zone: &Zone,
    ) -> Result<Vec<PricingChange>, PlatformError> {
        self.changed(call, PriceQuery::PaymentsChanged { since: LocalTime::of(since, zone) }, zone).await
    }

    async fn approve_sales_order(&self, call: Call, key: &ExternalId) -> Result<(), PlatformError> {
        let body = SalesOrderBody {
            order_status: Some(OrderStatus(SalesOrderStatus::PendingFulfillment)),
            ..SalesOrderBody::default()
        };
        let request = Request::AmendSalesOrder { eid: key.as_str().into(), body: Box::new(body) };
        self.save(call, request).await.map(|_| ())
    }
}

fn order(row: OpenOrderRow, currency: Currency) -> Result<StandingOrder, PlatformError> {
    let status = OrderStatus::of_letter(&row.status)
        .ok_or_else(|| unexpected(&format!("`{}` is no status of a sales order", row.status)))?;
    let or_zero = |amount: Option<JsonDecimal>| {
        amount.map_or(Ok(Money::zero(currency)), |amount| money(amount, currency))
    };
    Ok(StandingOrder {
        internal_id: row.id,
        external_id: row.externalid.map(ExternalId::from_netsuite),
        status: status.0,
        total: money(row.foreigntotal, currency)?,
        paid: or_zero(row.paid)?,
        deposited: or_zero(row.deposited)?,
    })
}

fn money(amount: JsonDecimal, currency: Currency) -> Result<Money, PlatformError> {
    amount.to_money(currency).ok_or_else(|| unexpected(&format!("{amount} is not an amount of {currency}")))
}

fn mismatched() -> PlatformError {
    unexpected("a query was not answered with its rows")
}
