//! Payment terms of orders, and orders marked as paid outside Shopify.
//!
//! Source: shopify.md §n (terms), recorded templates, §d.4 (marking as paid; the gateway's name `manual` is an assumption).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::answer::{Executed, executed};
use super::checkout::{Payment, PaymentStanding};
use super::{Shop, ShopifyTwin};
use crate::domain::ids::OrderId;
use crate::domain::{ShopKey, Timestamp};
use crate::platforms::shopify::operation::{
    Answer, GraphQlError, MarkAsPaidVariables, OrderTermsVariables, TermsCreateVariables,
};
use crate::platforms::shopify::wire::payment::{
    MarkAsPaidData, MarkAsPaidPayload, OrderRef, OrderTerms, OrderTermsData, PaymentTerms, Template,
    TemplatesData, TermsCreateData, TermsCreatePayload,
};
use crate::platforms::shopify::wire::prices::CodedUserError;
use crate::platforms::shopify::wire::{Gid, UserError, kind};

/// Every shop's templates, as recorded: number, name, description, type, and the days of those of type `NET`.
const TEMPLATES: [(u64, &str, &str, &str, Option<u32>); 9] = [
    (1, "Due on receipt", "Due on receipt", "RECEIPT", None),
    (9, "Due on fulfillment", "Due on fulfillment", "FULFILLMENT", None),
    (2, "Net 7", "Within 7 days", "NET", Some(7)),
    (3, "Net 15", "Within 15 days", "NET", Some(15)),
    (4, "Net 30", "Within 30 days", "NET", Some(30)),
    (8, "Net 45", "Within 45 days", "NET", Some(45)),
    (5, "Net 60", "Within 60 days", "NET", Some(60)),
    (6, "Net 90", "Within 90 days", "NET", Some(90)),
    (7, "Fixed", "Fixed date", "FIXED", None),
];

/// The templates of a type, or all of them, each with every field that it has.
pub(super) fn templates_of(kind: Option<&str>) -> impl Iterator<Item = Value> {
    let of_kind = TEMPLATES.iter().filter(move |template| kind.is_none_or(|kind| template.3 == kind));
    of_kind.map(|(number, name, description, kind, days)| {
        json!({
            "id": Gid::<kind::PaymentTermsTemplate>::new(*number).to_string(),
            "name": name,
            "translatedName": name,
            "description": description,
            "paymentTermsType": kind,
            "dueInDays": days,
        })
    })
}

/// Days in which orders are to be paid, by position of the order.
pub(super) type Terms = BTreeMap<usize, u32>;

impl Shop {
    /// The terms of an order, with every field that the twin has of them.
    pub(super) fn payment_terms(&self, n: usize) -> Option<Value> {
        let days = self.terms.get(&n)?;
        let mut terms = templates_of(Some("NET")).find(|template| template["dueInDays"] == *days)?;
        let name = terms["name"].take();
        Some(json!({
            "id": format!("gid://shopify/PaymentTerms/{}", super::ids::payment_terms(self.ordinal, n)),
            "dueInDays": days, "paymentTermsName": name, "translatedName": name, "paymentTermsType": "NET",
        }))
    }

    /// Neither paid, cancelled nor given back. Source: shopify.md §d.4.
    fn may_be_marked_paid(&self, n: usize) -> bool {
        let row = self.orders.get(n);
        !row.is_paid && row.cancelled().is_none() && row.went_back() == 0
    }

    fn is_paid(&self, n: usize) -> bool {
        self.orders.get(n).is_paid
    }
}

impl ShopifyTwin {
    /// Days in which an order is to be paid; `None` without terms.
    pub fn terms_of(&self, shop: ShopKey, order: OrderId) -> Option<u32> {
        let shop = self.shop(shop);
        shop.terms.get(&shop.order_at(order)?).copied()
    }

    pub(super) fn order_terms(
        &self,
        at: usize,
        variables: &OrderTermsVariables,
    ) -> Result<Executed, GraphQlError> {
        let shop = &self.shops[at];
        let found = shop.order_at(OrderId::new(variables.id.number()));
        let order = found.map(|n| OrderTerms {
            id: variables.id,
            payment_terms: shop.terms.get(&n).map(|days| PaymentTerms { due_in_days: Some(*days) }),
        });
        // The terms cost their own point, there or not. Source: shopify.md §b.2.
        let actual = if order.is_some() { 2 } else { 1 };
        Ok(executed(Answer::OrderTerms(OrderTermsData { order }), actual))
    }

    pub(super) fn templates(&self) -> Executed {
        let net = TEMPLATES.iter().filter(|(.., days)| days.is_some());
        let template = |(number, .., days): &(u64, _, _, _, Option<u32>)| Template {
            id: Gid::new(*number),
            due_in_days: *days,
        };
        let data = TemplatesData { payment_terms_templates: net.map(template).collect() };
        executed(Answer::PaymentTermsTemplates(data), 1)
    }

    pub(super) fn payment_terms_create(&mut self, at: usize, variables: &TermsCreateVariables) -> Executed {
        let shop = &mut self.shops[at];
        let attributes = &variables.payment_terms_attributes;
        let found = shop.order_at(OrderId::new(variables.reference_id.number()));
        let template = attributes.payment_terms_template_id.number();
        let days = TEMPLATES.iter().find(|(number, ..)| *number == template).and_then(|(.., days)| *days);
        let number = variables.reference_id.number();
        let missing = format!("Cannot find the specific Order with id {number}.");
        let created = match (found, days) {
            (None, _) => Err(missing.as_str()),
            (Some(n), _) if shop.is_paid(n) => {
                Err("Cannot create payment terms on an Order that has already been paid in full.")
            }
            (Some(n), _) if shop.terms.contains_key(&n) => Err("Payment terms already exist for this order."),
            (_, None) => Err("Could not find payment terms template."),
            _ if attributes.payment_schedules.is_empty() => {
                Err("A due date is required with fixed or net payment terms.")
            }
            _ if attributes.payment_schedules.len() > 1 => {
                Err("Cannot create payment terms with multiple payment schedules.")
            }
            (Some(n), Some(days)) => {
                shop.terms.insert(n, days);
                Ok(PaymentTerms { due_in_days: Some(days) })
            }
        };
        let payload = match created {
            Ok(terms) => TermsCreatePayload { payment_terms: Some(terms), user_errors: vec![] },
            Err(message) => {
                let code = Some("PAYMENT_TERMS_CREATION_UNSUCCESSFUL".into());
                let error = CodedUserError { field: None, message: message.into(), code };
                TermsCreatePayload { payment_terms: None, user_errors: vec![error] }
            }
        };
        let data = TermsCreateData { payment_terms_create: Some(payload) };
        executed(Answer::PaymentTermsCreate(data), 10)
    }

    pub(super) fn order_mark_as_paid(
        &mut self,
        at: usize,
        variables: &MarkAsPaidVariables,
        now: Timestamp,
    ) -> Executed {
        let shop = &self.shops[at];
        let (key, id) = (shop.settings.key, OrderId::new(variables.input.id.number()));
        let known = shop.order_at(id);
        let is_open = known.is_some_and(|n| shop.may_be_marked_paid(n));
        let payment = Payment {
            gateway: "manual".into(),
            amount: None,
            presentment: None,
            rounding: 0,
            standing: PaymentStanding::Captured,
        };
        let marked = is_open && self.pay(key, id, &payment, now).is_ok();
        let payload = if marked {
            MarkAsPaidPayload { order: Some(OrderRef { id: variables.input.id }), user_errors: vec![] }
        } else {
            let field = Some(vec!["id".into()]);
            let message = match known {
                Some(_) => "Order cannot be marked as paid.",
                None => "Order does not exist",
            };
            let error = UserError { field, message: message.into() };
            let order = known.map(|_| OrderRef { id: variables.input.id });
            MarkAsPaidPayload { order, user_errors: vec![error] }
        };
        let data = MarkAsPaidData { order_mark_as_paid: Some(payload) };
        executed(Answer::OrderMarkAsPaid(data), 10)
    }
}
