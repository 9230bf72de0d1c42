//! Customers: listed and counted, and what they bought. Orders are counted here too.
//!
//! Source: shopify.md §d.3 (listings), §e.

use serde_json::{Map, Value, json};

use super::super::super::cursor::Cursor;
use super::super::super::rows::BuyerRow;
use super::super::super::{Shop, ids};
use super::object::{Found, Object, Session};
use super::records::gid;
use super::refusal::Refusal;
use crate::domain::ids::CustomerId;
use crate::platforms::shopify::wire::DecimalText;

/// Up to how many rows are counted unless the request says otherwise.
const COUNT_LIMIT: u64 = 10_000;

impl Session<'_> {
    pub(super) fn customers(&self, arguments: &Map<String, Value>) -> Result<Found, Refusal> {
        let window = self.window(arguments)?;
        // Numbers rise with age.
        if let Some(key @ ("NAME" | "LOCATION" | "UPDATED_AT")) =
            arguments.get("sortKey").and_then(Value::as_str)
        {
            return Err(Refusal::not_modelled(&format!("customers sorted by {key}")));
        }
        let twin = self.twin.borrow();
        let shop = &twin.shops[self.at];
        let found = found(shop, query(arguments))?;
        let number = |at: usize| ids::customer(shop.ordinal, at).get();
        let keys = found.iter().map(|at| Cursor { last_id: number(*at), last_value: number(*at) as i64 });
        let node = |at: usize| json!({ "id": gid("Customer", number(found[at])) });
        Ok(Found::Paged(window.page(keys.collect(), node)))
    }

    pub(super) fn customers_count(&self, arguments: &Map<String, Value>) -> Result<Value, Refusal> {
        let twin = self.twin.borrow();
        let count = found(&twin.shops[self.at], query(arguments))?.len();
        Ok(counted(count, arguments))
    }

    pub(super) fn orders_count(&self, arguments: &Map<String, Value>) -> Result<Value, Refusal> {
        let mut twin = self.twin.borrow_mut();
        let lag = twin.search_lag;
        let shop = &mut twin.shops[self.at];
        shop.index.advance(self.now, lag);
        let search = super::search::Orders::parse(query(arguments))?;
        self.search.borrow_mut().extend(search.reports(query(arguments)));
        let rows = shop.index.list(i64::MIN, None, shop.orders.len()).rows;
        let count = rows.into_iter().filter(|(n, second)| search.fits(shop, *n as usize, *second)).count();
        Ok(counted(count, arguments))
    }

    /// What a customer bought.
    pub(super) fn of_customer(
        &self,
        object: &Object<'_, '_>,
        name: &str,
        arguments: &Map<String, Value>,
    ) -> Result<Option<Found>, Refusal> {
        if !matches!(name, "amountSpent" | "lastOrder" | "numberOfOrders" | "orders") {
            return Ok(None);
        }
        let twin = self.twin.borrow();
        let shop = &twin.shops[self.at];
        let at =
            object.number().and_then(|number| ids::customer_position(shop.ordinal, CustomerId::new(number)));
        let is_own = |n: &usize| match shop.orders.get(*n).buyer {
            BuyerRow::Customer(buyer) => Some(buyer as usize) == at,
            BuyerRow::Company(company) => {
                Some(shop.people.companies[company as usize].contact as usize) == at
            }
            BuyerRow::Guest(_) | BuyerRow::Nobody => false,
        };
        let own: Vec<usize> = (0..shop.orders.len()).filter(is_own).collect();
        let number = |n: usize| ids::order(shop.ordinal, n).get();
        let order = |n: usize| json!({ "id": gid("Order", number(n)) });
        Ok(Some(match name {
            "numberOfOrders" => Found::Whole(json!(own.len().to_string())),
            "lastOrder" => Found::Whole(own.last().map_or(Value::Null, |n| order(*n))),
            "amountSpent" => {
                let kept = |n: &usize| shop.orders.get(*n).received();
                let spent = DecimalText::from_minor(own.iter().map(kept).sum(), shop.digits());
                Found::Whole(json!({ "amount": spent.to_string() }))
            }
            _ => {
                let keys = own.iter().map(|n| Cursor { last_id: number(*n), last_value: number(*n) as i64 });
                let page = self.window(arguments)?.page(keys.collect(), |at| order(own[at]));
                Found::Paged(page)
            }
        }))
    }
}

fn query(arguments: &Map<String, Value>) -> &str {
    arguments.get("query").and_then(Value::as_str).unwrap_or_default()
}

fn counted(count: usize, arguments: &Map<String, Value>) -> Value {
    let limit = arguments.get("limit").and_then(Value::as_u64).unwrap_or(COUNT_LIMIT);
    let count = count as u64;
    match count > limit {
        true => json!({ "count": limit, "precision": "AT_LEAST" }),
        false => json!({ "count": count, "precision": "EXACT" }),
    }
}

/// Positions of the customers that a search text asks for.
///
/// # Errors
/// A term that the twin does not model.
fn found(shop: &Shop, query: &str) -> Result<Vec<usize>, Refusal> {
    let terms = super::search::terms(query)?;
    for (field, value) in &terms {
        if !matches!(*field, "email" | "id" | "phone" | "tag") {
            return Err(Refusal::not_modelled(&format!("search term `{field}:{value}`")));
        }
    }
    let fits = |at: &usize| {
        let details = &shop.people.customers[*at];
        terms.iter().all(|(field, value)| match *field {
            "email" => details.email.as_ref().is_some_and(|email| email.eq_ignore_ascii_case(value)),
            "phone" => details.phone.as_deref() == Some(*value),
            "id" => value.parse() == Ok(ids::customer(shop.ordinal, *at).get()),
            _ => {
                let tags = shop.people.notes.get(at).map_or(&[][..], |note| &note.tags);
                tags.iter().any(|tag| tag.eq_ignore_ascii_case(value))
            }
        })
    };
    Ok((0..shop.people.customers.len()).filter(fits).collect())
}
