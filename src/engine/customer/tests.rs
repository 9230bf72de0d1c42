use super::*;
use crate::domain::{Currency, ExternalId, InternalId};

fn known(external_id: Option<&str>, email: &str, terms: Option<&str>) -> KnownCustomer {
    KnownCustomer {
        internal_id: InternalId::new(107),
        external_id: external_id.map(ExternalId::from_netsuite),
        name: "A record".into(),
        email: Some(email.into()),
        subsidiary: Some(InternalId::new(1)),
        terms: terms.map(Into::into),
        price_level: None,
        is_inactive: false,
    }
}

fn check(candidate: KnownCustomer, expected: Option<&str>) {
    let record = CustomerRecord {
        external_id: ExternalId::from_netsuite("uk-customer-5"),
        is_person: true,
        name: "Joe".into(),
        email: Some("joe@abc.co".into()),
        phone: None,
        subsidiary: InternalId::new(1),
        currency: Currency::GBP,
    };
    let finding = likely_duplicate("uk".parse().unwrap(), &record, std::slice::from_ref(&candidate), None);
    assert_eq!(finding.map(|finding| finding.detail).as_deref(), expected, "{candidate:?}");
}

/// failures.md B10: the second record has neither Net 30 nor the price level.
#[test]
fn a_typing_error_is_shown_with_both_records_and_the_terms_at_stake() {
    check(
        known(None, "joe@abc.com", Some("Net 30")),
        Some("uk-customer-5 is likely customer 107, which has terms Net 30 and price level none"),
    );
    check(
        known(Some("uk-customer-4"), "JOE@abc.con ", None),
        Some(
            "uk-customer-5 is likely customer 107 (uk-customer-4), which has no terms or price level of its own",
        ),
    );
}

#[test]
fn records_that_are_two_by_design_are_not_compared() {
    check(known(Some("uk-customer-5"), "joe@abc.co", None), None);
    check(known(Some("fr-customer-9"), "joe@abc.co", None), None);
    check(known(Some("uk-guest-00ff"), "joe@abc.co", None), None);
    check(KnownCustomer { is_inactive: true, ..known(None, "joe@abc.com", None) }, None);
}

#[test]
fn other_people_at_similar_domains_are_no_duplicates() {
    check(known(None, "jo@abc.co", None), None);
    check(known(None, "joe@example.com", None), None);
    check(known(None, "joe", None), None);
}
