use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::domain::customer::{Address, CustomerKey};
use crate::domain::ids::{LineItemId, OrderId, RefundId, RefundLineId, TransactionId};
use crate::domain::order::{
    Buyer, Discount, LineItem, TaxLine, Tender, Transaction, TransactionKind, TransactionStatus,
};
use crate::domain::refund::{Refund, RefundLine, Restock};
use crate::domain::{Money, Sku};
use crate::scenario::{Aftermath, Scripted};

const POLICY: &str = "scenarios/policies/harbour.toml";
const SHOPS: &str = "scenarios/shops/harbour.toml";

fn gbp(text: &str) -> Money {
    format!("{text} GBP").parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Two mugs of 12.00 with tax inside, one pound off; paid by gift card and by card.
fn order(id: u64) -> Order {
    let nothing = Money::zero(crate::domain::Currency::GBP);
    let paid = |id, tender, amount| Transaction {
        id: TransactionId::new(id),
        kind: TransactionKind::Sale,
        status: TransactionStatus::Success,
        tender,
        amount: gbp(amount),
        presentment: gbp(amount),
        rounding: nothing,
        processed_at: at("2026-11-10T23:30:00Z"),
        parent: None,
    };
    let address = Address {
        name: Some("Ada Wells".into()),
        line1: Some("1 Quay Street".into()),
        line2: None,
        city: Some("Bristol".into()),
        province: None,
        zip: Some("BS1 4DJ".into()),
        country: Some("GB".into()),
        phone: Some("+441170000000".into()),
    };
    Order {
        shop: "uk".parse().unwrap(),
        id: OrderId::new(id),
        name: format!("#{id}").into(),
        created_at: at("2026-11-10T23:30:00Z"),
        processed_at: at("2026-11-10T23:30:00Z"),
        updated_at: at("2026-11-10T23:31:00Z"),
        cancelled_at: None,
        currency: nothing.currency(),
        presentment_currency: nothing.currency(),
        taxes_included: true,
        buyer: Buyer {
            key: CustomerKey::Customer(crate::domain::ids::CustomerId::new(77_001)),
            name: Some("Ada Wells".into()),
            email: Some("ada@quay.example".into()),
            phone: Some("+441170000000".into()),
        },
        ship_to: Some(address),
        lines: vec![LineItem {
            id: LineItemId::new(1),
            sku: Some(Sku("MUG".into())),
            title: "Mug".into(),
            quantity_ordered: 2,
            quantity: 2,
            unit_price: gbp("12.00"),
            discounts: vec![Discount { label: "ADA10".into(), amount: gbp("1.00") }],
            taxes: vec![TaxLine {
                title: "VAT".into(),
                rate: "0.2".parse().unwrap(),
                amount: gbp("3.83"),
                channel_liable: false,
            }],
            is_gift_card: false,
        }],
        shipping: vec![],
        duties: nothing,
        additional_fees: nothing,
        tip: nothing,
        tax: gbp("3.83"),
        total: gbp("23.00"),
        total_presentment: gbp("23.00"),
        transactions: vec![
            paid(1, Tender::GiftCard, "3.00"),
            paid(2, Tender::Gateway("shopify_payments".into()), "20.00"),
        ],
        fulfillments: vec![],
        refunds: vec![],
    }
}

/// One mug goes back at that time, to the card.
fn with_refund(mut order: Order, when: &str) -> Order {
    let nothing = Money::zero(order.currency);
    let back = Transaction {
        id: TransactionId::new(3),
        kind: TransactionKind::Refund,
        amount: gbp("11.50"),
        presentment: gbp("11.50"),
        processed_at: at(when),
        parent: Some(TransactionId::new(2)),
        ..order.transactions[1].clone()
    };
    order.transactions.push(back);
    order.lines[0].quantity = 1;
    order.refunds.push(Refund {
        id: RefundId::new(9),
        created_at: at(when),
        is_return: false,
        lines: vec![RefundLine {
            id: RefundLineId::new(1),
            line: LineItemId::new(1),
            quantity: 1,
            subtotal: gbp("9.58"),
            tax: gbp("1.92"),
            restock: Restock::Cancel,
            location: None,
        }],
        shipping: vec![],
        duties: nothing,
        tip: nothing,
        fees: vec![],
        adjustments: vec![],
        presentment: gbp("11.50"),
        transactions: vec![TransactionId::new(3)],
    });
    order
}

struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Scratch {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Scratch(std::env::temp_dir().join(format!("plimsoll-record-{}-{number}", std::process::id())))
    }

    /// Records these orders in a process of their own, as it were.
    fn record(&self, orders: &[Order]) {
        let policy = Policy::load(Path::new(POLICY)).unwrap();
        let recorder =
            Recorder::start(&self.0, &[SHOPS.into()], &policy, at("2026-11-10T12:00:00Z")).unwrap();
        let witness = recorder.witness();
        orders.iter().for_each(|order| witness.order_read(order));
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }

    fn scenario(&self, name: &str) -> Scenario {
        Scenario::load(&self.0.join(name), LoadOptions::default()).unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

const DATA: &str = "uk-2026-11-10.orders.jsonl";
const SCENARIO: &str = "uk-2026-11-10.toml";

#[test]
fn amounts_and_tenders_are_kept_and_nobody_can_be_known_again() {
    let scratch = Scratch::new();
    scratch.record(&[order(5_001), order(5_002)]);
    let text = scratch.text(DATA);
    for known in ["Ada", "ada@", "ADA10", "Quay", "Bristol", "BS1", "44117", "77001", "5001", "5002"] {
        assert!(!text.contains(known), "{known}: {text}");
    }
    let scenario = scratch.scenario(SCENARIO);
    let events = &scenario.recorded.as_ref().unwrap().orders;
    let orders: Vec<_> = events
        .iter()
        .map(|event| match &event.what {
            Scripted::Order(order) => order,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(orders.len(), 2);
    assert_ne!(orders[0].name, orders[1].name);
    assert_eq!(format!("{:?}", orders[0].buyer), format!("{:?}", orders[1].buyer), "one person, one number");
    let [line] = &orders[0].lines[..] else { panic!("{:?}", orders[0].lines) };
    assert_eq!((line.quantity, line.price, line.discounts[0].1), (2, gbp("12.00"), gbp("1.00")));
    assert_eq!(line.taxes[0].amount, gbp("3.83"));
    let paid: Vec<_> = orders[0].payments.iter().map(|it| (&*it.gateway, it.amount)).collect();
    assert_eq!(paid, [("gift-card", gbp("3.00")), ("shopify_payments", gbp("20.00"))]);
    // Half past eleven at night in London, where it is winter.
    assert_eq!(events[0].at, crate::domain::Duration::from_mins(23 * 60 + 30));
}

#[test]
fn an_order_that_is_read_again_takes_the_place_of_what_it_was() {
    let scratch = Scratch::new();
    let refunded = with_refund(order(5_001), "2026-11-10T23:45:00Z");
    scratch.record(&[order(5_001), order(5_001), refunded.clone()]);
    let lines = scratch.text(DATA).lines().count();
    assert_eq!(lines, 3, "a head, an order and its refund: what was said already is not said again");
    // Another process, after one that was cut off in the middle of a line.
    OpenOptions::new().append(true).open(scratch.0.join(DATA)).unwrap().write_all(b"{\"order\":").unwrap();
    let mut cancelled = order(5_002);
    scratch.record(&[refunded, cancelled.clone()]);
    cancelled.cancelled_at = Some(cancelled.created_at);
    scratch.record(&[cancelled]);
    let scenario = scratch.scenario(SCENARIO);
    let recorded = scenario.recorded.as_ref().unwrap();
    let kinds: Vec<&str> = recorded
        .orders
        .iter()
        .map(|event| match &event.what {
            Scripted::Order(_) => "order",
            Scripted::After { what: Aftermath::Refund(back), .. } => {
                assert_eq!(back.payments[0].amount, gbp("11.50"));
                "refund"
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(kinds, ["order", "refund"]);
    assert_eq!(recorded.not_played, [("cancelled".into(), 1, gbp("23.00"))]);
}

#[test]
fn what_cannot_be_said_is_counted_with_its_reason() {
    let scratch = Scratch::new();
    let mut edited = order(1);
    edited.lines[0].quantity = 1;
    let mut fees = order(2);
    fees.additional_fees = gbp("1.00");
    let late = with_refund(order(3), "2026-11-11T09:00:00Z");
    let mut pending = with_refund(order(4), "2026-11-10T23:50:00Z");
    pending.transactions[2].status = TransactionStatus::Pending;
    scratch.record(&[edited, fees, late, pending]);
    let not_played = |name| scratch.scenario(name).recorded.unwrap().not_played;
    assert_eq!(
        not_played(SCENARIO),
        [
            ("edited".into(), 1, gbp("23.00")),
            ("additional-fees".into(), 1, gbp("23.00")),
            ("refund-not-settled".into(), 1, gbp("-11.50"))
        ]
    );
    let next_day = scratch.text("uk-2026-11-11.orders.jsonl");
    assert!(next_day.ends_with("\"kind\":\"refund-of-another-day\",\"sum\":\"-11.50\"}}\n"), "{next_day}");
    assert!(!scratch.0.join("uk-2026-11-11.toml").exists(), "there is nothing to play");
}

#[test]
fn a_profile_that_lacks_a_shop_of_the_policy_is_refused_before_anything_is_recorded() {
    let scratch = Scratch::new();
    let policy = Policy::load(Path::new(POLICY)).unwrap();
    let refused = Recorder::start(
        &scratch.0,
        &["scenarios/shops/retailer.toml".into()],
        &policy,
        at("2026-11-10T12:00:00Z"),
    );
    assert!(matches!(refused, Err(Trouble::Files(_))));
}

#[test]
fn a_way_leads_up_to_what_is_shared_and_down_again() {
    let way =
        relative(Path::new("/srv/plimsoll/recorded"), Path::new("/srv/plimsoll/scenarios/shops/x.toml"));
    assert_eq!(way, Path::new("../scenarios/shops/x.toml"));
}
