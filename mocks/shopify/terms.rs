//! Payment terms of orders and drafts, and orders marked as paid outside Shopify.
//!
//! Source: shopify.md §n (terms), recorded templates, §d.4 (marking as paid; the gateway's name `manual` is an assumption).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::answer::{Executed, executed};
use super::checkout::{Payment, PaymentStanding};
use super::{Shop, ShopifyTwin};
use crate::domain::ids::OrderId;
use crate::domain::{Duration, ShopKey, Timestamp};
use crate::platforms::shopify::operation::{
    Answer, GraphQlError, MarkAsPaidVariables, OrderTermsVariables, TermsCreateVariables,
};
use crate::platforms::shopify::wire::payment::{
    MarkAsPaidData, MarkAsPaidPayload, OrderRef, OrderTerms, OrderTermsData, PaymentTerms, Template,
    TemplatesData, TermsCreateData, TermsCreatePayload,
};
use crate::platforms::shopify::wire::prices::CodedUserError;
use crate::platforms::shopify::wire::{Gid, UserError, kind};

/// The code of every refusal to create terms.
pub(super) const NOT_CREATED: &str = "PAYMENT_TERMS_CREATION_UNSUCCESSFUL";
const NO_SUCH_TERMS: &str = "Could not find payment terms.";

pub(super) fn no_such_order(number: u64) -> String {
    format!("Cannot find the specific Order with id {number}.")
}

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

/// Payment terms of a shop's orders and drafts.
#[derive(Default)]
pub(super) struct Terms {
    rows: Vec<TermsRow>,
    by_owner: BTreeMap<Owner, usize>,
    /// Schedules ever made: changed terms have a new one.
    schedules: usize,
}

/// The record whose terms they are, by its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    Order(usize),
    Draft(usize),
}

#[derive(Debug, Clone, Copy)]
pub(super) struct TermsRow {
    pub owner: Owner,
    template: usize,
    /// Of terms by date: number of the schedule, when it was issued, when it is due.
    pub schedule: Option<(usize, Option<Timestamp>, Timestamp)>,
}

/// When a bill is issued and due, as a client says it.
pub(super) type Said = (Option<Timestamp>, Option<Timestamp>);

impl Terms {
    pub(super) fn of(&self, owner: Owner) -> Option<(usize, &TermsRow)> {
        let at = *self.by_owner.get(&owner)?;
        Some((at, &self.rows[at]))
    }

    /// Terms by position; none once they were taken away.
    pub(super) fn get(&self, at: usize) -> Option<&TermsRow> {
        self.rows.get(at).filter(|row| self.by_owner.get(&row.owner) == Some(&at))
    }

    /// What terms by a template come to. Source: recorded refusals.
    fn written(&mut self, owner: Owner, template: u64, said: &[Said]) -> Result<TermsRow, &'static str> {
        let found = TEMPLATES.iter().position(|(number, ..)| *number == template);
        let Some(template) = found else { return Err("Could not find payment terms template.") };
        if said.len() > 1 {
            return Err("Cannot create payment terms with multiple payment schedules.");
        }
        let (issued, due) = said.first().copied().unwrap_or_default();
        let (.., kind, days) = TEMPLATES[template];
        let after = |issued: Timestamp, days: u32| issued.plus(Duration::from_hours(u64::from(days) * 24));
        let due = match (kind, days) {
            ("NET", Some(days)) => issued.map(|issued| after(issued, days)).or(due),
            ("FIXED", _) => due,
            _ if due.is_some() => return Err("A due date cannot be set with event payment terms."),
            _ => return Ok(TermsRow { owner, template, schedule: None }),
        };
        let Some(due) = due else { return Err("A due date is required with fixed or net payment terms.") };
        self.schedules += 1;
        Ok(TermsRow { owner, template, schedule: Some((self.schedules, issued, due)) })
    }

    fn add(&mut self, row: TermsRow) {
        self.by_owner.insert(row.owner, self.rows.len());
        self.rows.push(row);
    }

    /// # Errors
    /// In Shopify's words; terms that are not there are refused as such.
    pub(super) fn change(
        &mut self,
        at: usize,
        template: Option<u64>,
        said: &[Said],
    ) -> Result<(), &'static str> {
        let Some(row) = self.get(at).copied() else { return Err(NO_SUCH_TERMS) };
        let template = template.unwrap_or(TEMPLATES[row.template].0);
        self.rows[at] = self.written(row.owner, template, said)?;
        Ok(())
    }

    /// # Errors
    /// They are not there.
    pub(super) fn take_away(&mut self, at: usize) -> Result<(), &'static str> {
        let row = self.get(at).ok_or(NO_SUCH_TERMS)?;
        let owner = row.owner;
        self.by_owner.remove(&owner);
        Ok(())
    }

    /// A draft became an order, or is gone.
    pub(super) fn hand_over(&mut self, from: Owner, to: Option<Owner>) {
        let Some(at) = self.by_owner.remove(&from) else { return };
        if let Some(to) = to {
            self.rows[at].owner = to;
            self.by_owner.insert(to, at);
        }
    }
}

impl TermsRow {
    /// Name, type and days of the template.
    pub(super) fn template(&self) -> (&'static str, &'static str, Option<u32>) {
        let (_, name, _, kind, days) = TEMPLATES[self.template];
        (name, kind, days)
    }

    /// Days in which it is to be paid.
    fn days(&self) -> Option<u32> {
        self.template().2
    }
}

impl Shop {
    /// Neither paid, cancelled nor given back. Source: shopify.md §d.4.
    fn may_be_marked_paid(&self, n: usize) -> bool {
        let row = self.orders.get(n);
        !row.is_paid && row.cancelled().is_none() && row.went_back() == 0
    }

    fn is_paid(&self, n: usize) -> bool {
        self.orders.get(n).is_paid
    }

    /// # Errors
    /// In Shopify's words. Source: recorded refusals, and their order.
    pub(super) fn give_terms(
        &mut self,
        owner: Owner,
        template: u64,
        said: &[Said],
    ) -> Result<usize, &'static str> {
        if let Owner::Order(n) = owner
            && self.is_paid(n)
        {
            return Err("Cannot create payment terms on an Order that has already been paid in full.");
        }
        let row = self.terms.written(owner, template, said)?;
        if self.terms.of(owner).is_some() {
            return Err("Payment terms already exist for this order.");
        }
        self.terms.add(row);
        Ok(self.terms.rows.len() - 1)
    }
}

impl ShopifyTwin {
    /// Days in which an order is to be paid; `None` without terms.
    pub fn terms_of(&self, shop: ShopKey, order: OrderId) -> Option<u32> {
        let shop = self.shop(shop);
        shop.terms.of(Owner::Order(shop.order_at(order)?))?.1.days()
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
            payment_terms: shop
                .terms
                .of(Owner::Order(n))
                .map(|(_, terms)| PaymentTerms { due_in_days: terms.days() }),
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
        let number = variables.reference_id.number();
        let said: Vec<Said> =
            attributes.payment_schedules.iter().map(|said| (Some(said.issued_at.at()), None)).collect();
        let template = attributes.payment_terms_template_id.number();
        let created = match shop.order_at(OrderId::new(number)) {
            None => Err(no_such_order(number)),
            Some(n) => {
                let given = shop.give_terms(Owner::Order(n), template, &said).map_err(str::to_owned);
                given.map(|at| PaymentTerms { due_in_days: shop.terms.rows[at].days() })
            }
        };
        let payload = match created {
            Ok(terms) => TermsCreatePayload { payment_terms: Some(terms), user_errors: vec![] },
            Err(message) => {
                let code = Some(NOT_CREATED.into());
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
