use proptest::prelude::*;

use super::settlement::SettlementQuery;
use super::{ItemQuery, Query, SavedItemsQuery, StockQuery, TransactionType};
use crate::domain::{InternalId, Timestamp};
use crate::platforms::netsuite::wire::LocalTime;

fn documents(sales_order: u64, external_id: Box<str>) -> Query {
    Query::DocumentsOf { sales_order: InternalId::new(sales_order), external_id }
}

#[test]
fn q1_a_hostile_email_stays_a_value() {
    let query = Query::CustomersLike {
        external_id: "fr-customer-1".into(),
        local_part: Some("x' or '1'='1_%".into()),
    };
    let text = query.render();
    assert!(text.contains(r"LIKE 'x'' or ''1''=''1\_\%@%' ESCAPE '\'"), "{text}");
    assert_eq!(Query::parse(&text), Some(query));
}

#[test]
fn other_statements_are_not_ours() {
    for text in ["", "SELECT id FROM customer", "DROP TABLE customer"] {
        assert_eq!(Query::parse(text), None, "{text}");
    }
    let text = documents(12, "fr-order-1".into()).render();
    assert_eq!(Query::parse(&format!("{text} ")), None);
}

proptest! {
    /// No text, however hostile, changes what is asked.
    #[test]
    fn q1_what_is_rendered_reads_back(key in any::<String>(), local in proptest::option::of(any::<String>())) {
        let query = Query::CustomersLike { external_id: key.into(), local_part: local.map(Into::into) };
        prop_assert_eq!(Query::parse(&query.render()), Some(query));
    }

    #[test]
    fn quotes_and_wildcards_read_back(key in r"['\\%_@ a]{0,12}", local in r"['\\%_@ a]{0,12}") {
        let query = Query::CustomersLike { external_id: key.into(), local_part: Some(local.into()) };
        prop_assert_eq!(Query::parse(&query.render()), Some(query));
    }

    #[test]
    fn documents_read_back(number in any::<u64>(), key in any::<String>()) {
        let query = documents(number, key.into());
        prop_assert_eq!(Query::parse(&query.render()), Some(query));
    }

    #[test]
    fn moved_orders_read_back(since in 0i64..4_000_000_000, after in proptest::option::of((0i64..4_000_000_000, any::<u64>()))) {
        let after = after.map(|(at, order)| (Timestamp::from_seconds(at), InternalId::new(order)));
        let query = Query::OrdersMoved { since: Timestamp::from_seconds(since), after };
        prop_assert_eq!(Query::parse(&query.render()), Some(query));
    }

    #[test]
    fn an_item_reads_back(item in any::<String>()) {
        let query = Query::Item(ItemQuery { item: item.into(), currency: crate::domain::Currency::EUR });
        prop_assert_eq!(Query::parse(&query.render()), Some(query));
    }

    #[test]
    fn saved_items_read_back(at in 0i64..4_000_000_000, after in any::<u64>()) {
        let since = LocalTime::of(Timestamp::from_seconds(at), &crate::domain::Zone::named("UTC").unwrap());
        let query = Query::SavedItems(SavedItemsQuery { since, after: InternalId::new(after) });
        prop_assert_eq!(Query::parse(&query.render()), Some(query));
    }

    #[test]
    fn questions_of_settlement_read_back(
        keys in proptest::collection::vec(any::<String>(), 1..5),
        after in proptest::option::of((any::<u64>(), any::<u32>())),
    ) {
        let keys: Vec<Box<str>> = keys.into_iter().map(Into::into).collect();
        let after = after.map(|(journal, line)| (InternalId::new(journal), line));
        for query in
            [SettlementQuery::Clearing { keys: keys.clone() }, SettlementQuery::Journals { keys, after }]
        {
            let query = Query::Settlement(query);
            prop_assert_eq!(Query::parse(&query.render()), Some(query));
        }
    }

    #[test]
    fn a_named_document_reads_back(key in any::<String>()) {
        let query = Query::Named { kind: TransactionType::CustRfnd, external_id: key.into() };
        prop_assert_eq!(Query::parse(&query.render()), Some(query));
    }
}

#[test]
fn queries_of_stock_read_back() {
    let query = |since: Option<i64>| {
        Query::Stock(StockQuery {
            location: InternalId::new(21),
            orders: "o'uk-order-".into(),
            since: since.map(crate::domain::Timestamp::from_seconds),
            after: InternalId::new(1_042),
        })
    };
    for query in [query(None), query(Some(1_795_755_661)), Query::Kits] {
        assert_eq!(Query::parse(&query.render()), Some(query.clone()), "{}", query.render());
    }
    let text = query(Some(1_795_755_661)).render();
    assert!(
        text.contains("LIKE 'o''uk-order-%'") && text.contains("TO_TIMESTAMP_TZ('2026-11-27T05:01:01Z'"),
        "{text}"
    );
    assert_eq!(Query::parse(&text.replace("1000 ROWS", "5 ROWS")), None);
}
