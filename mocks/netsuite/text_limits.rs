//! Texts that are too long for their field: the whole write is refused, nothing is cut.
//!
//! Assumption: the lengths of [`field_limit`](crate::domain::field_limit), and the sentence as the platform's scripts
//! word it.

use super::answers::{self, Refused};
use crate::domain::field_limit as limits;
use crate::domain::field_limit::FieldLimit;
use crate::platforms::netsuite::wire::{AddressBody, CustomerBody, SalesOrderBody};

pub(super) fn check_customer(body: &CustomerBody) -> Result<(), Refused> {
    check(&[
        (limits::COMPANY_NAME, &body.company_name),
        (limits::FIRST_NAME, &body.first_name),
        (limits::LAST_NAME, &body.last_name),
        (limits::EMAIL, &body.email),
        (limits::PHONE, &body.phone),
    ])
}

pub(super) fn check_sales_order(body: &SalesOrderBody) -> Result<(), Refused> {
    check(&[(limits::OTHER_REF_NUM, &body.other_ref_num)])?;
    body.shipping_address.as_deref().map_or(Ok(()), check_address)?;
    let lines = body.item.as_ref().map_or(&[][..], |items| &items.items);
    lines.iter().try_for_each(|line| check(&[(limits::DESCRIPTION, &line.description)]))
}

fn check_address(body: &AddressBody) -> Result<(), Refused> {
    check(&[
        (limits::ADDRESSEE, &body.addressee),
        (limits::ADDRESS_LINE_1, &body.addr1),
        (limits::ADDRESS_LINE_2, &body.addr2),
        (limits::CITY, &body.city),
        (limits::STATE, &body.state),
        (limits::ZIP, &body.zip),
        (limits::ADDRESS_PHONE, &body.addr_phone),
    ])
}

fn check(fields: &[(FieldLimit, &Option<Box<str>>)]) -> Result<(), Refused> {
    let too_long = |(limit, text): &&(FieldLimit, &Option<Box<str>>)| {
        text.as_deref().is_some_and(|text| !limit.takes(text))
    };
    match fields.iter().find(too_long) {
        None => Ok(()),
        Some((limit, _)) => Err(answers::refused(&format!(
            "The field {} contained more than the maximum number ( {} ) of characters allowed.",
            limit.field, limit.characters
        ))),
    }
}
