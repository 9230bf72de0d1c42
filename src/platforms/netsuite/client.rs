//! [`NetSuite`] over a [`Transport`]: asks for admission, sends, and says what an answer means.
//!
//! Not here: when to try again (the flow decides), JSON and HTTP (`operation`), conversion (`convert`).

use std::future::Future;

mod billing;

use super::convert::{self, NotConvertible};
use super::operation::suiteql::{Query, Rows};
use super::operation::{Answer, Request, Response};
use super::refusal;
use crate::domain::customer::CustomerRecord;
use crate::domain::sales_order::LineChange;
use crate::domain::{CustomerDeposit, Duration, ExternalId, InternalId, KnownCustomer, SalesOrder};
use crate::ports::netsuite::Booked;
use crate::ports::{Admission, Call, NetSuite, Platform, PlatformError};

mod items;
mod prices;
mod settlement;
mod standing;

/// Carries requests: HTTPS in production, the twin in simulation.
pub trait Transport: Send + Sync {
    fn send(
        &self,
        call: Call,
        request: Request,
    ) -> impl Future<Output = Result<Response, TransportError>> + Send;
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The request never left: no connection.
    #[error("the request was not sent: {reason}")]
    NotSent { reason: String },
    /// The request left and no answer came.
    #[error("no answer within {waited}")]
    NoAnswer { waited: Duration },
    /// An answer came that has not the documented shape.
    #[error("unreadable answer: {reason}")]
    Unreadable { reason: String },
    /// There is nothing to authorise the request with, and none to be had.
    #[error("no credentials: {reason}")]
    Unauthorized { reason: String },
    /// Another host than this program is set up for.
    #[error("{field}: {reason}")]
    Misconfigured { field: &'static str, reason: String },
}

#[derive(Debug, Clone)]
pub struct Client<T, A> {
    transport: T,
    admission: A,
}

/// Gives the slot back, also when the call is dropped half-way.
struct Admitted<'a, A: Admission> {
    admission: &'a A,
    throttled: bool,
}

impl<A: Admission> Drop for Admitted<'_, A> {
    fn drop(&mut self) {
        self.admission.netsuite_done(self.throttled);
    }
}

impl<T: Transport, A: Admission> Client<T, A> {
    pub const fn new(transport: T, admission: A) -> Client<T, A> {
        Client { transport, admission }
    }

    /// Writes and queries: an error answer is an error.
    async fn send(&self, call: Call, request: Request) -> Result<Answer, PlatformError> {
        let writes = request.writes();
        if let Request::SuiteQl(query) = &request {
            let platform = Platform::NetSuite;
            query.check().map_err(|reason| PlatformError::Refused { platform, reason })?;
        }
        let response = self.exchange(call, request).await?;
        response.answer.map_err(|body| refusal::platform_error(response.status, &body, writes))
    }

    async fn exchange(&self, call: Call, request: Request) -> Result<Response, PlatformError> {
        self.admission.netsuite(call.lane).await;
        let mut admitted = Admitted { admission: &self.admission, throttled: false };
        let answer = self.transport.send(call, request).await;
        if let Ok(response) = &answer {
            admitted.throttled = refusal::is_throttled(response);
        }
        let platform = Platform::NetSuite;
        answer.map_err(|error| match error {
            TransportError::NotSent { reason } => PlatformError::Unavailable { platform, reason },
            TransportError::NoAnswer { waited } => PlatformError::OutcomeUnknown { platform, waited },
            TransportError::Unreadable { reason } => PlatformError::Unreadable { platform, reason },
            TransportError::Unauthorized { reason } => PlatformError::Unauthorized { platform, reason },
            TransportError::Misconfigured { field, reason } => {
                PlatformError::BadReference { platform, field: field.to_owned(), reason }
            }
        })
    }

    async fn save(&self, call: Call, request: Request) -> Result<InternalId, PlatformError> {
        match self.send(call, request).await? {
            Answer::Saved { id } => Ok(id),
            _ => Err(unexpected("a save was not answered with a location")),
        }
    }
}

impl<T: Transport, A: Admission> NetSuite for Client<T, A> {
    async fn customers_like(
        &self,
        call: Call,
        key: &ExternalId,
        email: Option<&str>,
    ) -> Result<Vec<KnownCustomer>, PlatformError> {
        match self.send(call, convert::customers_like(key, email)).await? {
            Answer::Rows(Rows::Customers(rows)) => {
                Ok(rows.into_iter().map(convert::known_customer).collect())
            }
            _ => Err(unexpected("a query was not answered with its rows")),
        }
    }

    async fn upsert_customer(
        &self,
        call: Call,
        customer: &CustomerRecord,
    ) -> Result<InternalId, PlatformError> {
        self.save(call, convert::customer_request(customer)).await
    }

    async fn booked(&self, call: Call, key: &ExternalId) -> Result<Option<Booked>, PlatformError> {
        let response = self.exchange(call, Request::GetSalesOrder { eid: key.as_str().into() }).await?;
        let record = match response.answer {
            Ok(Answer::SalesOrder(record)) => *record,
            Ok(_) => return Err(unexpected("a read was not answered with the record")),
            Err(body) if response.status == 404 && is_nonexistent(&body) => return Ok(None),
            Err(body) => return Err(refusal::platform_error(response.status, &body, false)),
        };
        // Found by its external id, so it must say that one; letters' case is NetSuite's own affair.
        let other = record.external_id.as_deref().filter(|id| !id.eq_ignore_ascii_case(key.as_str()));
        if let Some(other) = other {
            return Err(unexpected(&format!("sales order {key} was asked for, and {other} came")));
        }
        let sales_order = convert::known_sales_order(record).map_err(unreadable)?;
        let query =
            Query::DocumentsOf { sales_order: sales_order.internal_id, external_id: key.as_str().into() };
        let Answer::Rows(Rows::Documents(rows)) = self.send(call, Request::SuiteQl(query)).await? else {
            return Err(unexpected("a query was not answered with its rows"));
        };
        convert::documents::booked(sales_order, rows).map(Some).map_err(unreadable)
    }

    async fn upsert_sales_order(&self, call: Call, order: &SalesOrder) -> Result<InternalId, PlatformError> {
        self.save(call, convert::sales_order_request(order).map_err(unsayable)?).await
    }

    async fn amend_sales_order(
        &self,
        call: Call,
        key: &ExternalId,
        changes: &[LineChange],
    ) -> Result<(), PlatformError> {
        let request = convert::amend_request(key, changes).map_err(unsayable)?;
        self.save(call, request).await.map(|_| ())
    }

    async fn upsert_customer_deposit(
        &self,
        call: Call,
        deposit: &CustomerDeposit,
    ) -> Result<InternalId, PlatformError> {
        self.save(call, convert::deposit_request(deposit)).await
    }
}

mod stock;

/// A 404 that speaks of the record; one that speaks of an unknown path is a fault of ours.
fn is_nonexistent(body: &super::wire::ErrorBody) -> bool {
    body.details.first().is_some_and(|detail| *detail.code == *"NONEXISTENT_ID")
}

/// A page that is asked for from behind an id brings only higher ones, in order: asking on would else never end.
fn is_behind(ids: impl IntoIterator<Item = InternalId>, after: InternalId) -> Result<(), PlatformError> {
    let mut last = after;
    for id in ids {
        if id <= last {
            return Err(unexpected(&format!("rows behind {after} were asked for in order, and {id} came")));
        }
        last = id;
    }
    Ok(())
}

fn unexpected(reason: &str) -> PlatformError {
    PlatformError::Unreadable { platform: Platform::NetSuite, reason: reason.to_owned() }
}

fn unreadable(error: NotConvertible) -> PlatformError {
    PlatformError::Unreadable { platform: Platform::NetSuite, reason: error.to_string() }
}

/// Our own record cannot be said in NetSuite's words: nothing was sent.
fn unsayable(error: NotConvertible) -> PlatformError {
    PlatformError::Refused { platform: Platform::NetSuite, reason: error.to_string() }
}
