//! [`StockBooks`] over a transport.

use super::{Answer, Client, Query, Request, Rows, Transport, convert, is_behind, unexpected, unreadable};
use crate::domain::{InternalId, ShopKey, Timestamp};
use crate::platforms::netsuite::operation::suiteql::StockQuery;
use crate::ports::stock::{KitRow, StockRow};
use crate::ports::{Admission, Call, PlatformError, StockBooks};

impl<T: Transport, A: Admission> StockBooks for Client<T, A> {
    async fn stock(
        &self,
        call: Call,
        shop: ShopKey,
        location: InternalId,
        since: Option<Timestamp>,
        after: InternalId,
    ) -> Result<Vec<StockRow>, PlatformError> {
        let orders = format!("{shop}-order-").into_boxed_str();
        let query = Query::Stock(StockQuery { location, orders, since, after });
        let Answer::Rows(Rows::Stock(rows)) = self.send(call, Request::SuiteQl(query)).await? else {
            return Err(unexpected("a query was not answered with its rows"));
        };
        is_behind(rows.iter().map(|row| row.id), after)?;
        rows.into_iter().map(|row| convert::stock_row(row).map_err(unreadable)).collect()
    }

    async fn kits(&self, call: Call) -> Result<Vec<KitRow>, PlatformError> {
        let Answer::Rows(Rows::Kits(rows)) = self.send(call, Request::SuiteQl(Query::Kits)).await? else {
            return Err(unexpected("a query was not answered with its rows"));
        };
        rows.into_iter().map(|row| convert::kit_row(row).map_err(unreadable)).collect()
    }
}
