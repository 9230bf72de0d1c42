//! [`OrderPayment`] over a [`Transport`].

use super::{Client, Transport, mismatched, unreadable};
use crate::domain::ids::OrderId;
use crate::domain::standing::OrderTerms;
use crate::domain::{ShopKey, Timestamp};
use crate::platforms::shopify::operation::{
    Answer, MarkAsPaidInput, MarkAsPaidVariables, OrderTermsVariables, Request, TemplatesVariables,
    TermsCreateVariables,
};
use crate::platforms::shopify::wire::payment::{ScheduleInput, TermsInput};
use crate::platforms::shopify::wire::{DateTime, Gid};
use crate::ports::{Admission, Call, OrderPayment, Platform, PlatformError};

impl<T: Transport, A: Admission> OrderPayment for Client<T, A> {
    async fn order_terms(
        &self,
        call: Call,
        shop: ShopKey,
        order: OrderId,
    ) -> Result<Option<OrderTerms>, PlatformError> {
        let request = Request::OrderTerms(OrderTermsVariables { id: Gid::new(order.get()) });
        let Answer::OrderTerms(data) = self.call(call, shop, request).await? else {
            return Err(mismatched());
        };
        let terms = data.order.and_then(|order| order.payment_terms);
        Ok(terms.map(|terms| OrderTerms { due_in_days: terms.due_in_days }))
    }

    async fn give_terms(
        &self,
        call: Call,
        shop: ShopKey,
        order: OrderId,
        due_in_days: u32,
        issued_at: Timestamp,
    ) -> Result<(), PlatformError> {
        let request = Request::PaymentTermsTemplates(TemplatesVariables {});
        let Answer::PaymentTermsTemplates(data) = self.call(call, shop, request).await? else {
            return Err(mismatched());
        };
        let of_days = |days: Option<u32>| days == Some(due_in_days);
        let template = data.payment_terms_templates.iter().find(|template| of_days(template.due_in_days));
        let Some(template) = template else {
            return Err(refused(format!("there is no payment terms template of {due_in_days} days")));
        };
        let variables = TermsCreateVariables {
            reference_id: Gid::new(order.get()),
            payment_terms_attributes: TermsInput {
                payment_terms_template_id: template.id,
                payment_schedules: vec![ScheduleInput { issued_at: DateTime::of(issued_at) }],
            },
        };
        let Answer::PaymentTermsCreate(data) =
            self.call(call, shop, Request::PaymentTermsCreate(Box::new(variables))).await?
        else {
            return Err(mismatched());
        };
        let payload = data.payment_terms_create.ok_or_else(|| unreadable("no payload"))?;
        match payload.user_errors.first() {
            None => Ok(()),
            Some(error) => Err(refused(format!("terms of order {order}: {}", error.message))),
        }
    }

    async fn mark_as_paid(&self, call: Call, shop: ShopKey, order: OrderId) -> Result<(), PlatformError> {
        let variables = MarkAsPaidVariables { input: MarkAsPaidInput { id: Gid::new(order.get()) } };
        let Answer::OrderMarkAsPaid(data) =
            self.call(call, shop, Request::OrderMarkAsPaid(variables)).await?
        else {
            return Err(mismatched());
        };
        let payload = data.order_mark_as_paid.ok_or_else(|| unreadable("no payload"))?;
        match payload.user_errors.first() {
            None => Ok(()),
            Some(error) => Err(refused(format!("order {order}: {}", error.message))),
        }
    }
}

fn refused(reason: String) -> PlatformError {
    PlatformError::Refused { platform: Platform::Shopify, reason }
}
