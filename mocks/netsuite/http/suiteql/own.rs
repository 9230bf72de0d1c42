//! Every query of our own client, by both roads: as a type, and as text through the evaluator. Both must say the same.

use proptest::prelude::*;
use serde_json::json;

use crate::domain::{Currency, InternalId, Money, Timestamp};
use crate::mocks::netsuite::NetsuiteTwin;
use crate::mocks::netsuite::http::records::tests::{Account, both};
use crate::mocks::netsuite::http::tests::NOW;
use crate::mocks::netsuite::inventory::KitMember;
use crate::mocks::netsuite::pricing::Agreed;
use crate::platforms::netsuite::operation::Answer;
use crate::platforms::netsuite::operation::suiteql::prices::{PriceQuery, PriceRows};
use crate::platforms::netsuite::operation::suiteql::settlement::SettlementQuery;
use crate::platforms::netsuite::operation::suiteql::{
    DocumentRow, ItemQuery, Query, Rows, SavedItemsQuery, StockQuery, StockRow, TransactionType,
};
use crate::platforms::netsuite::wire::{JsonDecimal, LocalTime};

/// Columns that the typed road leaves out, because its reader has no use for them on that line, are not compared.
fn as_typed(typed: &DocumentRow, http: DocumentRow) -> DocumentRow {
    fn kept<T>(typed: &Option<T>, http: Option<T>) -> Option<T> {
        http.filter(|_| typed.is_some())
    }
    DocumentRow {
        externalid: kept(&typed.externalid, http.externalid),
        status: kept(&typed.status, http.status),
        trandate: kept(&typed.trandate, http.trandate),
        foreigntotal: kept(&typed.foreigntotal, http.foreigntotal),
        foreignamountunpaid: kept(&typed.foreignamountunpaid, http.foreignamountunpaid),
        account: kept(&typed.account, http.account),
        location: kept(&typed.location, http.location),
        linkedtrackingnumberlist: kept(&typed.linkedtrackingnumberlist, http.linkedtrackingnumberlist),
        quantity: kept(&typed.quantity, http.quantity),
        foreignamount: kept(&typed.foreignamount, http.foreignamount),
        // What an adjustment or a memo relieves on its main line is nobody's cost here.
        cost: if typed.mainline { typed.cost } else { http.cost },
        ..http
    }
}

fn check(account: &mut Account, query: Query) {
    let asked = format!("{query:?}");
    match both(account, query) {
        (Answer::Rows(Rows::Documents(typed)), Answer::Rows(Rows::Documents(http))) => {
            assert_eq!(typed.len(), http.len(), "{asked}\n{typed:#?}\n{http:#?}");
            for (typed, http) in typed.iter().zip(http) {
                assert_eq!(as_typed(typed, http), *typed, "{asked}");
            }
        }
        // A sum of nothing is null in SQL.
        (
            Answer::Rows(Rows::Prices(PriceRows::Receivables(typed))),
            Answer::Rows(Rows::Prices(PriceRows::Receivables(http))),
        ) => {
            let open = |rows: &[crate::platforms::netsuite::operation::suiteql::prices::ReceivablesRow]| {
                rows[0].unpaid.map_or(0, |unpaid| unpaid.to_money(Currency::EUR).unwrap().minor())
            };
            assert_eq!(open(&typed), open(&http), "{asked}");
        }
        (Answer::Rows(Rows::Stock(typed)), Answer::Rows(Rows::Stock(http))) => {
            let counted = |rows: Vec<StockRow>| -> Vec<StockRow> {
                let none = || JsonDecimal::whole(0);
                rows.into_iter()
                    .map(|row| StockRow { ofshop: Some(row.ofshop.unwrap_or_else(none)), ..row })
                    .collect()
            };
            assert_eq!(counted(typed), counted(http), "{asked}");
        }
        (typed, http) => assert_eq!(typed, http, "{asked}"),
    }
}

fn every_query(account: &mut Account, orders: u32) {
    let start = NOW.minus(crate::domain::Duration::from_hours(1));
    let since = LocalTime::of(start, &crate::domain::Zone::utc());
    let customer = InternalId::new(101);
    let texts = |what: &str| {
        (1..=orders).map(|number| format!("fr-{what}-{number}").into()).collect::<Vec<Box<str>>>()
    };
    for number in 1..=orders {
        let external_id: Box<str> = format!("fr-order-{number}").into();
        let order = account
            .twin
            .document_by_key(crate::mocks::netsuite::DocumentKind::SalesOrder, &external_id)
            .unwrap();
        let sales_order = order.internal_id();
        check(account, Query::DocumentsOf { sales_order, external_id });
    }
    for kind in [
        TransactionType::CustDep,
        TransactionType::CustInvc,
        TransactionType::CustCred,
        TransactionType::CustRfnd,
        TransactionType::InvAdjst,
        TransactionType::DepAppl,
        TransactionType::Journal,
    ] {
        for what in ["deposit", "invoice", "memo", "refund", "adjustment", "journal"] {
            check(account, Query::Named { kind, external_id: format!("fr-{what}-1").into() });
        }
    }
    check(account, Query::OrdersMoved { since: start, after: None });
    check(account, Query::OrdersMoved { since: start, after: Some((NOW, InternalId::new(5_002))) });
    for local_part in [None, Some("ana".into()), Some("nobody".into())] {
        check(account, Query::CustomersLike { external_id: "fr-customer-1".into(), local_part });
    }
    for query in [
        PriceQuery::ItemsChanged { since },
        PriceQuery::CustomersChanged { since },
        PriceQuery::PaymentsChanged { since },
        PriceQuery::Buyers { keys: vec!["fr-customer-1".into(), "none".into()] },
        PriceQuery::AgreedItems { customers: vec![customer], currency: Currency::EUR },
        PriceQuery::AgreedItems { customers: vec![], currency: Currency::EUR },
        PriceQuery::AgreedGroups { customers: vec![customer] },
        PriceQuery::ItemPrices {
            currency: Currency::EUR,
            levels: vec![InternalId::new(1), InternalId::new(5)],
            after: InternalId::new(0),
        },
        PriceQuery::OpenOrders { customer, currency: Currency::EUR },
        PriceQuery::Receivables { customer, currency: Currency::EUR },
    ] {
        check(account, Query::Prices(query));
    }
    for (since, after) in [
        (None, 0),
        (Some(start), 0),
        (Some(NOW.plus(crate::domain::Duration::from_hours(9))), 0),
        (None, 1_001),
    ] {
        check(
            account,
            Query::Stock(StockQuery {
                location: InternalId::new(20),
                orders: "fr-order-".into(),
                since,
                after: InternalId::new(after),
            }),
        );
    }
    check(account, Query::Kits);
    check(account, Query::Item(ItemQuery { item: "MUG-1".into(), currency: Currency::EUR }));
    check(account, Query::Item(ItemQuery { item: "O'NEIL".into(), currency: Currency::EUR }));
    check(account, Query::SavedItems(SavedItemsQuery { since, after: InternalId::new(0) }));
    let mut keys = texts("deposit");
    keys.extend(texts("refund"));
    check(account, Query::Settlement(SettlementQuery::Clearing { keys }));
    check(account, Query::Settlement(SettlementQuery::Journals { keys: texts("journal"), after: None }));
    check(
        account,
        Query::Settlement(SettlementQuery::Journals {
            keys: texts("journal"),
            after: Some((InternalId::new(5_001), 1)),
        }),
    );
}

fn price_lists(twin: &mut NetsuiteTwin, now: Timestamp) {
    let of = InternalId::new;
    twin.set_price("MUG-1", of(1), 0, Currency::EUR, Some(1_000), now);
    twin.set_price("MUG-1", of(5), 10, Currency::EUR, Some(900), now);
    twin.set_price("MUG-2", of(1), 0, Currency::EUR, Some(700), now);
    twin.set_pricing_group("MUG-2", of(3), now);
    twin.set_price_level("fr-customer-1", Some(of(5)), now);
    twin.set_credit_limit("fr-customer-1", Some(Money::new(500_000, Currency::EUR)), now);
    twin.agree_item("fr-customer-1", "MUG-1", Currency::EUR, Some(Agreed::Custom(850)), now);
    twin.agree_item("fr-customer-1", "MUG-2", Currency::EUR, Some(Agreed::Level(of(5))), now);
    twin.agree_group("fr-customer-1", of(3), of(5), now);
    twin.add_items(["SET"]);
    twin.set_kit(
        "SET",
        &[
            KitMember { sku: "MUG-1", quantity: 1, base_price: 1_000 },
            KitMember { sku: "MUG-2", quantity: 2, base_price: 700 },
        ],
    );
}

/// What happens to one order.
#[derive(Debug, Clone, Copy)]
struct Life {
    paid: bool,
    shipped: u32,
    billed: bool,
    transfer: bool,
    credited: bool,
    refunded: bool,
    adjusted: bool,
}

fn live(account: &mut Account, number: u32, life: Life) {
    let order = account.order(number);
    let later = |account: &mut Account| account.now = account.now.plus(crate::domain::Duration::from_secs(7));
    later(account);
    if life.paid {
        account.save("PUT", &format!("customerDeposit/eid:fr-deposit-{number}"), &json!({
            "customer": {"externalId": "fr-customer-1"}, "salesOrder": {"id": order}, "payment": 41.4, "account": "201",
        }));
    }
    later(account);
    if life.shipped > 0 {
        account.save("POST", &format!("salesOrder/{order}/!transform/itemFulfillment"), &json!({
            "shipStatus": if life.shipped == 3 { "C" } else { "B" },
            "item": {"items": [{"orderLine": 1, "quantity": life.shipped}]},
            "package": {"items": [{"packageTrackingNumber": format!("1Z{number}"), "packageDescr": "UPS"}, {"packageTrackingNumber": format!("2Z{number}"), "packageDescr": "UPS"}]},
        }));
    }
    later(account);
    if life.billed && life.shipped == 3 {
        account.save(
            "POST",
            &format!("salesOrder/{order}/!transform/invoice"),
            &json!({"externalId": format!("fr-invoice-{number}")}),
        );
        // Documents show what is unpaid before transfers, which only receivables take in.
        if life.transfer && !life.paid {
            account.twin.key_payment(&format!("fr-order-{number}"), 0, account.now);
        }
    }
    later(account);
    if life.credited {
        account.save("POST", "creditMemo", &json!({
            "externalId": format!("fr-memo-{number}"), "entity": {"externalId": "fr-customer-1"}, "custbody_plimsoll_order": format!("fr-order-{number}"),
            "item": {"items": [{"item": {"externalId": "MUG-RETURN"}, "quantity": 1, "amount": 10}]},
        }));
    }
    if life.refunded && life.credited {
        account.save("POST", "customerRefund", &json!({
            "externalId": format!("fr-refund-{number}"), "customer": {"externalId": "fr-customer-1"}, "account": {"id": "201"},
            "custbody_plimsoll_order": format!("fr-order-{number}"),
            "apply": {"items": [{"doc": {"externalId": format!("fr-memo-{number}")}, "apply": true, "amount": 10}]},
        }));
    }
    if life.adjusted {
        account.save("POST", "inventoryAdjustment", &json!({
            "externalId": format!("fr-adjustment-{number}"), "subsidiary": {"id": "2"}, "account": {"id": "252"}, "custbody_plimsoll_order": format!("fr-order-{number}"),
            "inventory": {"items": [{"item": {"externalId": "MUG-1"}, "location": {"id": "20"}, "adjustQtyBy": 2, "unitCost": 2.5}]},
        }));
    }
    account.save("POST", "journalEntry", &json!({
        "externalId": format!("fr-journal-{number}"), "subsidiary": {"id": "2"},
        "line": {"items": [{"account": {"id": "201"}, "debit": 1.5}, {"account": {"id": "252"}, "debit": 0.5}, {"account": {"id": "254"}, "credit": 2}]},
    }));
}

fn life() -> impl Strategy<Value = Life> {
    (any::<bool>(), 0u32..=3, any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>())
        .prop_map(|(paid, shipped, billed, transfer, credited, refunded, adjusted)| Life {
            paid,
            shipped,
            billed,
            transfer,
            credited,
            refunded,
            adjusted,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn types_and_text_say_the_same(lives in prop::collection::vec(life(), 1..5), awaits in any::<bool>()) {
        let mut account = Account::new();
        account.buyer();
        price_lists(&mut account.twin, NOW);
        account.twin.require_journal_approval(awaits);
        for (number, life) in (1..).zip(&lives) {
            live(&mut account, number, *life);
        }
        every_query(&mut account, u32::try_from(lives.len()).unwrap());
    }
}
