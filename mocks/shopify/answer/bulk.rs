//! What the API says of bulk operations, asked by the documents of our clients.

use super::super::ShopifyTwin;
use super::super::bulk::{Found, Kind, address};
use super::super::index::Search;
use super::{Executed, executed};
use crate::domain::{Duration, Timestamp};
use crate::platforms::shopify::operation::{
    Answer, BulkOperationVariables, BulkRunVariables, GraphQlError, search_in_bulk,
};
use crate::platforms::shopify::wire::bulk::{BulkOperation, BulkOperationData, BulkRunData, BulkRunPayload};
use crate::platforms::shopify::wire::{API_VERSION, Ref};

/// Points of a mutation, whether it succeeds or not. Source: shopify.md §b.2.
const MUTATION_COST: u32 = 10;

impl ShopifyTwin {
    /// Runs the one document of our clients. What its search is warned of is told nobody: it is read later than answered.
    pub(super) fn bulk_run(
        &mut self,
        at: usize,
        variables: &BulkRunVariables,
        now: Timestamp,
    ) -> Result<Executed, GraphQlError> {
        let not_modelled =
            |what: &str| GraphQlError::coded(format!("{what} is not modelled"), "NOT_MODELLED");
        let text = &*variables.query;
        let search = search_in_bulk(text).filter(|search| is_plain(search));
        let search = search.ok_or_else(|| not_modelled("another bulk query than that of orders"))?;
        let lag = self.search_lag;
        let shop = &mut self.shops[at];
        let payload = match shop.bulk.refuse_query(text, &API_VERSION.to_string(), now) {
            Some(refused) => BulkRunPayload { bulk_operation: None, user_errors: vec![refused] },
            None => {
                let search = Search::parse(search);
                if let Some(term) = search.not_modelled {
                    return Err(not_modelled(&format!("search term `{term}`")));
                }
                shop.index.advance(now, lag);
                let rows = shop.index.list(search.since, None, shop.orders.len()).rows;
                let found = Found::orders(shop.ordinal, rows);
                let begun = shop.bulk.begin((Kind::Query, text), found, Duration::ZERO, now);
                BulkRunPayload { bulk_operation: Some(Ref::new(begun.number)), user_errors: Vec::new() }
            }
        };
        let data = BulkRunData { bulk_operation_run_query: Some(payload) };
        Ok(executed(Answer::BulkRun(data), MUTATION_COST))
    }

    pub(super) fn bulk_operation(
        &self,
        at: usize,
        variables: &BulkOperationVariables,
        now: Timestamp,
    ) -> Executed {
        let found = self.shops[at].bulk.find(variables.id.number());
        let bulk_operation = found.map(|operation| BulkOperation {
            id: operation.id(),
            status: operation.status(now),
            error_code: None,
            object_count: operation.counts(now).0.to_string().into(),
            url: operation.has_file(now).then(|| address(operation.number)),
        });
        executed(Answer::BulkOperation(BulkOperationData { bulk_operation }), 1)
    }
}

/// Whether a text stands in a document as it is.
fn is_plain(search: &str) -> bool {
    !search.contains(|letter: char| matches!(letter, '"' | '\\') || letter.is_control())
}
