//! Strangers' texts as NetSuite's fields take them, and what is lost where they are too long.
//!
//! What does not fit is cut before anything is compared, so that what was written equals what is wanted. Each loss is
//! recorded with the write that caused it: field and lengths, never the text.

use crate::domain::Order;
use crate::domain::customer::Address;
use crate::domain::field_limit::{
    ADDRESS_LINE_1, ADDRESS_LINE_2, ADDRESS_PHONE, ADDRESSEE, CITY, COMPANY_NAME, DESCRIPTION, EMAIL,
    FIRST_NAME, FieldLimit, LAST_NAME, Loss, OTHER_REF_NUM, PHONE, STATE, ZIP,
};

pub fn text(limit: FieldLimit, text: &str) -> Box<str> {
    limit.cut(text).into()
}

pub fn optional(limit: FieldLimit, text: Option<&str>) -> Option<Box<str>> {
    text.map(|text| limit.cut(text).into())
}

/// A cut address would be another person's: one that is too long is left out.
pub fn email(email: Option<&str>) -> Option<Box<str>> {
    email.filter(|email| EMAIL.takes(email)).map(Into::into)
}

pub fn address(address: &Address) -> Address {
    let cut = |limit, text: &Option<Box<str>>| optional(limit, text.as_deref());
    Address {
        name: cut(ADDRESSEE, &address.name),
        line1: cut(ADDRESS_LINE_1, &address.line1),
        line2: cut(ADDRESS_LINE_2, &address.line2),
        city: cut(CITY, &address.city),
        province: cut(STATE, &address.province),
        zip: cut(ZIP, &address.zip),
        country: address.country.clone(),
        phone: cut(ADDRESS_PHONE, &address.phone),
    }
}

/// A name as its fields take it: of a person first and last name apart, which the last blank divides.
pub fn name(name: &str, is_person: bool) -> Box<str> {
    match name.trim().rsplit_once(' ').filter(|_| is_person) {
        Some((first, last)) => format!("{} {}", FIRST_NAME.cut(first.trim_end()), LAST_NAME.cut(last)).into(),
        None if is_person => FIRST_NAME.cut(name).into(),
        None => COMPANY_NAME.cut(name).into(),
    }
}

/// What a sales order cannot carry of its order.
pub fn losses_of_order(order: &Order) -> Vec<Loss> {
    let mut losses: Vec<Loss> = OTHER_REF_NUM.loss(&order.name).into_iter().collect();
    losses.extend(order.ship_to.iter().flat_map(losses_of_address));
    let discounts = order.lines.iter().flat_map(|line| &line.discounts);
    let discounts = discounts.chain(order.shipping.iter().flat_map(|line| &line.discounts));
    losses.extend(discounts.filter_map(|discount| DESCRIPTION.loss(&discount.label)));
    losses
}

pub fn losses_of_address(address: &Address) -> Vec<Loss> {
    let loss = |limit: FieldLimit, text: &Option<Box<str>>| limit.loss(text.as_deref()?);
    [
        loss(ADDRESSEE, &address.name),
        loss(ADDRESS_LINE_1, &address.line1),
        loss(ADDRESS_LINE_2, &address.line2),
        loss(CITY, &address.city),
        loss(STATE, &address.province),
        loss(ZIP, &address.zip),
        loss(ADDRESS_PHONE, &address.phone),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What a customer record cannot carry of the order's buyer.
pub fn losses_of_buyer(order: &Order, is_person: bool) -> Vec<Loss> {
    let buyer = &order.buyer;
    let of_name =
        buyer.name.as_deref().and_then(|full| match full.trim().rsplit_once(' ').filter(|_| is_person) {
            Some((first, last)) => FIRST_NAME.loss(first.trim_end()).or_else(|| LAST_NAME.loss(last)),
            None if is_person => FIRST_NAME.loss(full),
            None => COMPANY_NAME.loss(full),
        });
    let of_email =
        buyer.email.as_deref().and_then(|email| EMAIL.loss(email)).map(|loss| Loss { kept: 0, ..loss });
    let of_phone = buyer.phone.as_deref().and_then(|phone| PHONE.loss(phone));
    [of_name, of_email, of_phone].into_iter().flatten().collect()
}
