//! Payment terms of orders, and orders marked as paid outside Shopify.
//!
//! Source: shopify.md §n (terms), §d.4 (marking as paid; the gateway's name `manual` is an assumption).

use std::collections::BTreeMap;

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
use crate::platforms::shopify::wire::{Gid, UserError};

/// Days of the templates of type `NET`; a template's number follows from its place.
const NET_DAYS: [u32; 6] = [7, 15, 30, 45, 60, 90];

/// Days in which orders are to be paid, by position of the order.
pub(super) type Terms = BTreeMap<usize, u32>;

impl Shop {
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
        let actual = if order.as_ref().is_some_and(|order| order.payment_terms.is_some()) { 2 } else { 1 };
        Ok(executed(Answer::OrderTerms(OrderTermsData { order }), actual))
    }

    pub(super) fn templates(&self) -> Executed {
        let template = |(at, days): (u64, u32)| Template { id: Gid::new(at), due_in_days: Some(days) };
        let data = TemplatesData { payment_terms_templates: (1..).zip(NET_DAYS).map(template).collect() };
        executed(Answer::PaymentTermsTemplates(data), 1)
    }

    pub(super) fn payment_terms_create(&mut self, at: usize, variables: &TermsCreateVariables) -> Executed {
        let shop = &mut self.shops[at];
        let attributes = &variables.payment_terms_attributes;
        let found = shop.order_at(OrderId::new(variables.reference_id.number()));
        let template = attributes.payment_terms_template_id.number();
        let days = template.checked_sub(1).and_then(|at| NET_DAYS.get(at as usize)).copied();
        let created = match (found, days) {
            (None, _) => Err("The order does not exist."),
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
        let open = shop.order_at(id).filter(|n| !shop.is_paid(*n));
        let payment = Payment {
            gateway: "manual".into(),
            amount: None,
            presentment: None,
            rounding: 0,
            standing: PaymentStanding::Captured,
        };
        let marked = open.is_some() && self.pay(key, id, &payment, now).is_ok();
        let payload = if marked {
            MarkAsPaidPayload { order: Some(OrderRef { id: variables.input.id }), user_errors: vec![] }
        } else {
            let field = Some(vec!["id".into()]);
            let error = UserError { field, message: "Order cannot be marked as paid.".into() };
            MarkAsPaidPayload { order: None, user_errors: vec![error] }
        };
        let data = MarkAsPaidData { order_mark_as_paid: Some(payload) };
        executed(Answer::OrderMarkAsPaid(data), 10)
    }
}
