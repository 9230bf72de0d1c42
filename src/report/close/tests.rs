use super::*;
use crate::domain::{CauseCode, Money};
use crate::reconcile::close::items;
use crate::reconcile::close::{OpenItem, Period, aged, close, tests};
use crate::report::document::{self, close::CloseDocument};

fn told(what: impl Fn(&Closing<'_>) -> String) -> String {
    let close = close(&tests::books(), &tests::roles(), Period::of("2026-11-01".parse().unwrap()));
    let as_of = close.period.last();
    let open = [OpenItem {
        cause: CauseCode::PeriodShut,
        owner: "finance".into(),
        since: "2026-11-20".parse().unwrap(),
        at_risk: Some(Money::new(12_345, Currency::GBP)),
    }];
    let aged = aged(&open, as_of);
    let subsidiaries = BTreeMap::from([(InternalId::new(2), "Harbour, Ltd".into())]);
    let itemised = items::items(&tests::books(), &tests::roles(), &tests::around(as_of));
    what(&Closing {
        title: "a month",
        subsidiaries: &subsidiaries,
        close: &close,
        as_of,
        aged: &aged,
        itemised: &itemised,
    })
}

#[test]
fn a_close_is_told_on_one_page() {
    insta::assert_snapshot!(told(|closing| page(closing, Ink::PLAIN)));
}

#[test]
fn a_close_is_written_as_tables() {
    insta::assert_snapshot!(told(|closing| {
        tables(closing).into_iter().map(|(name, text)| format!("{name}\n{text}\n")).collect()
    }));
}

#[test]
fn a_close_is_one_document() {
    insta::assert_snapshot!(told(|closing| document::text(&CloseDocument::new(closing))));
}
