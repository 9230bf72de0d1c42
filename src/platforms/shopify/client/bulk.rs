//! The port `BulkListings`: two operations, and a file that lies elsewhere.

use super::{Client, Transport, mismatched, transport_error, unreadable};
use crate::domain::{ShopKey, Timestamp};
use crate::platforms::shopify::convert;
use crate::platforms::shopify::operation::{
    Answer, BulkOperationVariables, BulkRunVariables, Operation, Request, orders_in_bulk,
};
use crate::platforms::shopify::wire::bulk::BulkStatus;
use crate::platforms::shopify::wire::{self, Gid};
use crate::ports::bulk::{BulkFile, BulkId, BulkListings, BulkState};
use crate::ports::shopify::OrderStamp;
use crate::ports::{Admission, Call, Platform, PlatformError};

impl<T: Transport, A: Admission> BulkListings for Client<T, A> {
    async fn list_orders_updated(
        &self,
        call: Call,
        shop: ShopKey,
        since: Timestamp,
    ) -> Result<Option<BulkId>, PlatformError> {
        let query = orders_in_bulk(&format!("updated_at:>='{}'", since.floor_second()));
        let answer = self.call(call, shop, Request::BulkRun(BulkRunVariables { query })).await?;
        let Answer::BulkRun(data) = answer else { return Err(mismatched()) };
        let payload = data.bulk_operation_run_query.ok_or_else(|| unreadable("no payload"))?;
        if let Some(operation) = payload.bulk_operation {
            return Ok(Some(BulkId(operation.id.number())));
        }
        match payload.user_errors.first() {
            Some(error) if error.code.as_deref() == Some("OPERATION_IN_PROGRESS") => Ok(None),
            Some(error) => Err(PlatformError::Refused {
                platform: Platform::Shopify,
                reason: format!("listing in bulk: {}", error.message),
            }),
            None => Err(unreadable("neither a bulk operation nor an error")),
        }
    }

    async fn bulk_state(&self, call: Call, shop: ShopKey, id: BulkId) -> Result<BulkState, PlatformError> {
        let variables = BulkOperationVariables { id: Gid::new(id.0) };
        let answer = self.call(call, shop, Request::BulkOperation(variables)).await?;
        let Answer::BulkOperation(data) = answer else { return Err(mismatched()) };
        let Some(operation) = data.bulk_operation else {
            return Ok(BulkState::Ended { reason: "it is not there any more".to_owned() });
        };
        Ok(match operation.status {
            BulkStatus::Created | BulkStatus::Running | BulkStatus::Canceling => BulkState::UnderWay,
            BulkStatus::Completed => {
                let rows = operation.object_count.parse();
                let rows = rows.map_err(|_| unreadable("a bulk operation without a count"))?;
                if rows > 0 && operation.url.is_none() {
                    return Err(unreadable("a bulk operation with rows and without a file"));
                }
                BulkState::Done(BulkFile { url: operation.url, rows })
            }
            BulkStatus::Canceled | BulkStatus::Failed | BulkStatus::Expired => BulkState::Ended {
                reason: operation.error_code.as_deref().unwrap_or("it was ended from outside").to_owned(),
            },
        })
    }

    async fn listed_orders(
        &self,
        call: Call,
        shop: ShopKey,
        file: &BulkFile,
    ) -> Result<Vec<OrderStamp>, PlatformError> {
        let text = match &file.url {
            Some(url) => self.transport.fetch(call, shop, url).await,
            None => Ok(String::new()),
        };
        let text = text.map_err(|error| transport_error(Operation::BulkOperation, error))?;
        let row = |line: &str| {
            serde_json::from_str(line).map(|stamp: wire::OrderStamp| convert::order_stamp(stamp))
        };
        let rows: Result<Vec<OrderStamp>, _> = text.lines().map(row).collect();
        let rows = rows.map_err(|error| unreadable(format!("a row of a bulk file: {error}")))?;
        if rows.len() as u64 != file.rows {
            let (found, said) = (rows.len(), file.rows);
            return Err(unreadable(format!("a bulk file of {found} rows in place of {said}")));
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests;
