//! Payment terms over the API: created, changed, taken away, and shown with their schedule.
//!
//! Source: recorded exchanges and refusals. A schedule is of the whole amount, in the currency that the buyer sees;
//! terms by event have none. The rules are in the twin's `terms`.

use serde_json::{Map, Value, json};

use super::super::super::arithmetic::present;
use super::super::super::changes::shown;
use super::super::super::terms::{NOT_CREATED, Owner, Said, TermsRow, no_such_order};
use super::super::super::{Shop, ids};
use super::object::Session;
use super::page::{kind_of, number_of};
use super::records::gid;
use super::refusal::Refusal;
use crate::domain::Timestamp;
use crate::domain::ids::OrderId;
use crate::platforms::shopify::wire::{DateTime, DecimalText};

impl Session<'_> {
    /// # Errors
    /// Terms for what can have none.
    pub(super) fn terms_create(&self, arguments: &Map<String, Value>) -> Result<Value, Refusal> {
        let id = arguments.get("referenceId").and_then(Value::as_str).unwrap_or_default();
        let number = number_of(id).unwrap_or_default();
        let attributes = arguments.get("paymentTermsAttributes").cloned().unwrap_or_default();
        let template = template(&attributes).unwrap_or_default();
        let mut twin = self.twin.borrow_mut();
        let shop = &mut twin.shops[self.at];
        let owner = match kind_of(id) {
            Some("Order") => {
                shop.order_at(OrderId::new(number)).map(Owner::Order).ok_or_else(|| no_such_order(number))
            }
            Some("DraftOrder") => shop
                .draft_at(number)
                .map(Owner::Draft)
                .ok_or_else(|| format!("Cannot find the specific Draft order with id {number}.")),
            _ => return Err(Refusal::invalid_id(id)),
        };
        let given = owner
            .and_then(|owner| shop.give_terms(owner, template, &said(&attributes)).map_err(str::to_owned));
        Ok(match given {
            Ok(at) => changed(shop, at),
            Err(message) => refused("paymentTerms", &message, NOT_CREATED),
        })
    }

    /// # Errors
    /// An id of another type.
    pub(super) fn terms_update(&self, arguments: &Map<String, Value>) -> Result<Value, Refusal> {
        let input = arguments.get("input").cloned().unwrap_or_default();
        let attributes = &input["paymentTermsAttributes"];
        let mut twin = self.twin.borrow_mut();
        let shop = &mut twin.shops[self.at];
        let at = self.terms_of_input(shop, &input)?;
        Ok(match shop.terms.change(at, template(attributes), &said(attributes)) {
            Ok(()) => changed(shop, at),
            Err(message) => refused("paymentTerms", message, "PAYMENT_TERMS_UPDATE_UNSUCCESSFUL"),
        })
    }

    /// # Errors
    /// An id of another type.
    pub(super) fn terms_delete(&self, arguments: &Map<String, Value>) -> Result<Value, Refusal> {
        let input = arguments.get("input").cloned().unwrap_or_default();
        let mut twin = self.twin.borrow_mut();
        let shop = &mut twin.shops[self.at];
        let at = self.terms_of_input(shop, &input)?;
        Ok(match shop.terms.take_away(at) {
            Ok(()) => json!({ "deletedId": input["paymentTermsId"], "userErrors": [] }),
            Err(message) => refused("deletedId", message, "PAYMENT_TERMS_DELETE_UNSUCCESSFUL"),
        })
    }

    /// A position; one that no terms have for a number that none has.
    fn terms_of_input(&self, shop: &Shop, input: &Value) -> Result<usize, Refusal> {
        let id = self.checked_id(input["paymentTermsId"].as_str().unwrap_or_default(), "PaymentTerms")?;
        let number = number_of(id).unwrap_or_default();
        Ok(ids::payment_terms_position(shop.ordinal, number).unwrap_or(usize::MAX))
    }
}

fn template(attributes: &Value) -> Option<u64> {
    attributes["paymentTermsTemplateId"].as_str().and_then(number_of)
}

fn said(attributes: &Value) -> Vec<Said> {
    let instant = |value: &Value| value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
    let schedules = attributes["paymentSchedules"].as_array().into_iter().flatten();
    schedules.map(|said| (instant(&said["issuedAt"]), instant(&said["dueAt"]))).collect()
}

fn changed(shop: &Shop, at: usize) -> Value {
    let id = gid("PaymentTerms", ids::payment_terms(shop.ordinal, at));
    json!({ "paymentTerms": { "id": id }, "userErrors": [] })
}

fn refused(name: &str, message: &str, code: &str) -> Value {
    json!({ name: null, "userErrors": [{ "field": null, "message": message, "code": code }] })
}

impl Shop {
    /// Terms with every field that the twin has of them.
    pub(super) fn render_terms(&self, at: usize, now: Timestamp) -> Option<Value> {
        let row = self.terms.get(at)?;
        let (name, kind, days) = row.template();
        let id = gid("PaymentTerms", ids::payment_terms(self.ordinal, at));
        let owner = match row.owner {
            Owner::Order(n) => (gid("Order", ids::order(self.ordinal, n).get()), Value::Null),
            Owner::Draft(n) => {
                (String::new(), json!({ "id": gid("DraftOrder", ids::draft_order(self.ordinal, n)) }))
            }
        };
        let order = (!owner.0.is_empty()).then(|| json!({ "id": owner.0 }));
        let schedule = row.schedule.map(|schedule| self.render_schedule(row, schedule, &id, now));
        let is_due = schedule.as_ref().is_some_and(|schedule| schedule["due"] == true);
        let is_open = schedule.as_ref().is_some_and(|schedule| schedule["completedAt"].is_null());
        Some(json!({
            "id": id, "due": is_due, "overdue": is_due && is_open, "dueInDays": days,
            "paymentTermsName": name, "translatedName": name, "paymentTermsType": kind,
            "order": order, "draftOrder": owner.1,
            "paymentSchedules": { "nodes": schedule.into_iter().collect::<Vec<_>>() },
        }))
    }

    fn render_schedule(
        &self,
        row: &TermsRow,
        (number, issued, due): (usize, Option<Timestamp>, Timestamp),
        terms: &str,
        now: Timestamp,
    ) -> Value {
        let own = self.settings.currency;
        let (total, open, currency, paid) = match row.owner {
            Owner::Draft(n) => {
                let total = self.drafts[n].total().unwrap_or(i64::MAX);
                (total, total, own, None)
            }
            Owner::Order(n) => {
                let order = self.orders.get(n);
                let total = order.totals().total;
                let seen = |minor: i64| present(minor, own, shown(order));
                let open = (total - order.received()).max(0);
                let paid = order.transactions.iter().filter(|taken| taken.captured()).map(|taken| taken.at);
                let paid = paid.max().filter(|_| order.is_paid);
                (seen(total), seen(open), order.presentment().map_or(own, |(currency, _)| currency), paid)
            }
        };
        let money = |minor: i64| {
            let digits = currency.minor_digits() as u8;
            json!({ "amount": DecimalText::from_minor(minor, digits), "currencyCode": currency })
        };
        json!({
            "id": gid("PaymentSchedule", ids::payment_schedule(self.ordinal, number)),
            "issuedAt": issued.map(DateTime::of), "dueAt": DateTime::of(due), "due": due <= now,
            "completedAt": paid.map(|at| DateTime::of(Timestamp::from_seconds(at))),
            "amount": money(total), "balanceDue": money(open), "totalBalance": money(open),
            "paymentTerms": { "id": terms },
        })
    }
}
