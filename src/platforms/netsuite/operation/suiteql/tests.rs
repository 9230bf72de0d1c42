use proptest::prelude::*;

use super::{Query, StockQuery};
use crate::domain::InternalId;

#[test]
fn a_hostile_email_stays_a_value() {
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
    let text = Query::DepositsOf { sales_order: InternalId::new(12) }.render();
    assert_eq!(Query::parse(&format!("{text} ")), None);
}

proptest! {
    /// No text, however hostile, changes what is asked.
    #[test]
    fn what_is_rendered_reads_back(key in any::<String>(), local in proptest::option::of(any::<String>())) {
        let query = Query::CustomersLike { external_id: key.into(), local_part: local.map(Into::into) };
        prop_assert_eq!(Query::parse(&query.render()), Some(query));
    }

    #[test]
    fn quotes_and_wildcards_read_back(key in r"['\\%_@ a]{0,12}", local in r"['\\%_@ a]{0,12}") {
        let query = Query::CustomersLike { external_id: key.into(), local_part: Some(local.into()) };
        prop_assert_eq!(Query::parse(&query.render()), Some(query));
    }

    #[test]
    fn deposits_read_back(number in any::<u64>()) {
        let query = Query::DepositsOf { sales_order: InternalId::new(number) };
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
