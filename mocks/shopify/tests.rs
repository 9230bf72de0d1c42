use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;
use crate::domain::Order;
use crate::platforms::shopify::operation::{
    Answer, OrderLinesVariables, OrderVariables, OrdersUpdatedVariables, Request,
    WebhookSubscriptionCreateVariables, WebhookSubscriptionsVariables,
};
use crate::platforms::shopify::wire::{Gid, WebhookTopic};

const URI: &str = "https://engine.example.com/hooks";

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_795_755_600 + seconds)
}

pub(super) fn us() -> ShopKey {
    "us".parse().unwrap()
}

pub(super) fn twin(currency: Currency) -> ShopifyTwin {
    let mut twin = ShopifyTwin::new();
    twin.add_shop(ShopSettings {
        key: us(),
        domain: "us.myshopify.com".into(),
        currency,
        zone: Zone::named("America/New_York").unwrap(),
        restore_rate: 100,
        bucket: 2_000,
        order_number_start: 1001,
    });
    twin
}

pub(super) fn line(sku: &str, quantity: u32, unit_price: i64) -> CheckoutLine {
    CheckoutLine {
        sku: Some(sku.into()),
        title: sku.into(),
        quantity,
        unit_price,
        taxable: true,
        is_gift_card: false,
    }
}

pub(super) fn tax(rate: &str) -> CheckoutTax {
    CheckoutTax { title: "Tax".into(), rate: rate.parse().unwrap(), channel_liable: false }
}

pub(super) fn off(value: DiscountValue, target: DiscountTarget) -> CheckoutDiscount {
    CheckoutDiscount { label: "SAVE".into(), kind: DiscountKind::Code, value, target }
}

pub(super) fn payment(amount: Option<i64>, standing: PaymentStanding) -> Payment {
    Payment { gateway: "shopify_payments".into(), amount, presentment: None, rounding: 0, standing }
}

pub(super) fn basket(lines: Vec<CheckoutLine>) -> Checkout {
    Checkout {
        buyer: CheckoutBuyer::Guest { email: Some("a@example.com".into()), phone: None },
        lines,
        discounts: vec![],
        taxes: vec![],
        taxes_included: false,
        shipping: None,
        duties: 0,
        fees: 0,
        tip: 0,
        presentment: None,
        payments: vec![payment(None, PaymentStanding::Captured)],
        ship_to: None,
    }
}

fn placed(twin: &mut ShopifyTwin, checkout: &Checkout) -> Order {
    let id = twin.checkout(us(), checkout, at(0));
    twin.order_truth(us(), id).unwrap()
}

/// Tax and total of a checkout, in minor units.
#[test]
fn checkouts_come_to_what_shopify_charges() {
    let fixed = |minor, target| off(DiscountValue::Fixed(minor), target);
    let percent = |percent: i64, target| off(DiscountValue::Percent(percent.into()), target);
    for (case, checkout, tax_minor, total) in [
        (
            "a discount is stripped of its included tax",
            Checkout {
                discounts: vec![fixed(1299, DiscountTarget::AllLines)],
                taxes: vec![tax("0.2")],
                taxes_included: true,
                ..basket(vec![line("A", 1, 25_999)])
            },
            4117,
            24_700,
        ),
        (
            "tax is rounded on each of 40 lines",
            Checkout { taxes: vec![tax("0.08875")], ..basket((0..40).map(|_| line("A", 1, 1999)).collect()) },
            7080,
            40 * 1999 + 7080,
        ),
        (
            "2 x 100 and 13 % tax",
            Checkout { taxes: vec![tax("0.13")], ..basket(vec![line("A", 2, 10_000)]) },
            2600,
            22_600,
        ),
        (
            "net 100, 20 off, 10 % tax",
            Checkout {
                discounts: vec![fixed(2000, DiscountTarget::AllLines)],
                taxes: vec![tax("0.10")],
                ..basket(vec![line("A", 1, 10_000)])
            },
            800,
            8800,
        ),
        (
            "line 30 with 5 off the order, shipping 4",
            Checkout {
                discounts: vec![fixed(500, DiscountTarget::AllLines)],
                shipping: Some(CheckoutShipping { title: "Ground".into(), price: 400, taxable: false }),
                ..basket(vec![line("A", 1, 3000)])
            },
            0,
            2900,
        ),
        (
            "free shipping, and two jurisdictions inside the price",
            Checkout {
                discounts: vec![percent(100, DiscountTarget::Shipping)],
                taxes: vec![tax("0.05"), tax("0.07")],
                taxes_included: true,
                shipping: Some(CheckoutShipping { title: "Ground".into(), price: 999, taxable: true }),
                ..basket(vec![line("A", 1, 11_200)])
            },
            1200,
            11_200,
        ),
        (
            "3 off each item, and never more than the line",
            Checkout {
                discounts: vec![off(DiscountValue::Each(300), DiscountTarget::AllLines)],
                ..basket(vec![line("A", 2, 1000), line("B", 5, 200)])
            },
            0,
            1400,
        ),
        (
            "extras, and a discount larger than the basket",
            Checkout {
                discounts: vec![fixed(9_999, DiscountTarget::Lines(vec![0]))],
                duties: 300,
                fees: 20,
                tip: 100,
                ..basket(vec![line("A", 1, 1000), line("B", 1, 500)])
            },
            0,
            920,
        ),
    ] {
        let order = placed(&mut twin(Currency::USD), &checkout);
        assert_eq!((order.tax.minor(), order.total.minor()), (tax_minor, total), "{case}");
        assert_eq!(order.check(), Ok(()), "{case}");
    }
}

#[test]
fn left_over_pennies_go_to_the_first_lines() {
    let mut checkout = basket(vec![line("A", 1, 1000), line("B", 1, 1000), line("C", 1, 1000)]);
    checkout.discounts = vec![off(DiscountValue::Fixed(1000), DiscountTarget::AllLines)];
    let order = placed(&mut twin(Currency::USD), &checkout);
    let shares: Vec<i64> = order.lines.iter().map(|line| line.discounts[0].amount.minor()).collect();
    assert_eq!(shares, [334, 333, 333]);
}

/// The recorded edit: 2 × 100 and 13 % tax, then one unit. Source: shopify.md §d.1.
#[test]
fn an_edit_keeps_the_lines_charges_and_moves_the_current_totals() {
    let mut twin = twin(Currency::USD);
    let mut checkout = basket(vec![line("A", 2, 10_000)]);
    checkout.taxes = vec![tax("0.13")];
    let id = twin.checkout(us(), &checkout, at(0));
    twin.edit_quantity(us(), id, 0, 1, at(60)).unwrap();
    let order = twin.order_truth(us(), id).unwrap();
    assert_eq!((order.total.minor(), order.tax.minor()), (11_300, 1300));
    assert_eq!((order.lines[0].quantity_ordered, order.lines[0].quantity), (2, 1));
    assert_eq!(order.lines[0].taxes[0].amount.minor(), 2600);
    assert_eq!((order.updated_at, order.check()), (at(60), Ok(())));
    assert_eq!(twin.edit_quantity(us(), id, 0, 1, at(61)), Err(NotPossible::NoChange));
    assert_eq!(twin.edit_quantity(us(), id, 1, 1, at(61)), Err(NotPossible::NoSuchLine));
}

#[test]
fn a_cancelled_order_stands_for_nothing_and_gives_the_money_back() {
    let mut twin = twin(Currency::USD);
    let mut checkout = basket(vec![line("A", 2, 1000)]);
    checkout.shipping = Some(CheckoutShipping { title: "Ground".into(), price: 500, taxable: true });
    checkout.taxes = vec![tax("0.1")];
    checkout.tip = 100;
    let id = twin.checkout(us(), &checkout, at(0));
    twin.cancel(us(), id, true, true, at(5)).unwrap();
    let order = twin.order_truth(us(), id).unwrap();
    assert_eq!((order.total.minor(), order.check(), order.cancelled_at), (0, Ok(()), Some(at(5))));
    assert_eq!(order.transactions.len(), 2);
    assert_eq!(twin.cancel(us(), id, true, true, at(6)), Err(NotPossible::Cancelled));
}

#[test]
fn a_capture_takes_what_is_held_but_no_more_than_is_due() {
    let mut twin = twin(Currency::USD);
    let mut checkout = basket(vec![line("A", 2, 1000)]);
    checkout.payments = vec![payment(None, PaymentStanding::Authorized)];
    let id = twin.checkout(us(), &checkout, at(0));
    twin.edit_quantity(us(), id, 0, 1, at(1)).unwrap();
    twin.capture(us(), id, at(2)).unwrap();
    let order = twin.order_truth(us(), id).unwrap();
    assert_eq!(order.captures().map(|it| it.amount.minor()).collect::<Vec<_>>(), [1000]);
    assert_eq!(twin.capture(us(), id, at(3)), Err(NotPossible::NothingToCapture));
}

#[test]
fn a_shopper_abroad_pays_in_what_they_see() {
    let mut twin = twin(Currency::EUR);
    let mut checkout = basket(vec![line("A", 1, 10_000)]);
    let rate = "161.237".parse().unwrap();
    checkout.presentment = Some(Presentment { currency: Currency::JPY, rate });
    let order = placed(&mut twin, &checkout);
    assert_eq!(order.presentment_currency, Currency::JPY);
    assert_eq!(order.transactions[0].presentment, crate::domain::Money::new(16_124, Currency::JPY));
    assert_eq!(order.transactions[0].amount.minor(), 10_000);
}

#[test]
fn emails_and_phones_are_unique_in_a_shop() {
    let mut twin = twin(Currency::USD);
    let ada = CustomerDetails { email: Some("Ada@example.com".into()), ..CustomerDetails::default() };
    let id = twin.add_customer(us(), ada).unwrap();
    let again = CustomerDetails { email: Some("ada@example.com ".into()), ..CustomerDetails::default() };
    assert_eq!(&*twin.add_customer(us(), again).unwrap_err().message, "Email has already been taken");
    assert_eq!(twin.customer_by_email(us(), "ADA@example.com"), Some(id));
    let nobody = twin.add_customer(us(), CustomerDetails::default()).unwrap_err();
    assert_eq!(&*nobody.message, "A name, phone number, or email address must be present");
    let phone = CustomerDetails { phone: Some("+15550100".into()), ..CustomerDetails::default() };
    twin.add_customer(us(), phone.clone()).unwrap();
    assert_eq!(&*twin.add_customer(us(), phone).unwrap_err().message, "Phone has already been taken");
}

fn listed(
    twin: &mut ShopifyTwin,
    since: i64,
    after: Option<Box<str>>,
    now: Timestamp,
) -> (Vec<u64>, Option<Box<str>>) {
    let query = format!("updated_at:>='{}'", at(since)).into_boxed_str();
    let request = Request::OrdersUpdated(OrdersUpdatedVariables { query, after });
    let response = twin.answer(us(), &request, now);
    let Some(Answer::OrdersUpdated(data)) = response.data else { panic!("{:?}", response.errors) };
    let page = data.orders.page_info;
    let next = page.end_cursor.filter(|_| page.has_next_page);
    (data.orders.nodes.iter().map(|stamp| stamp.id.number()).collect(), next)
}

#[test]
fn listings_lag_behind_reads_by_id() {
    let mut twin = twin(Currency::USD);
    twin.set_search_lag(Duration::from_secs(30));
    let first = twin.checkout(us(), &basket(vec![line("A", 1, 100)]), at(0)).get();
    let second = twin.checkout(us(), &basket(vec![line("A", 1, 100)]), at(10)).get();
    assert_eq!(listed(&mut twin, 0, None, at(29)).0, [0u64; 0]);
    assert_eq!(listed(&mut twin, 0, None, at(30)).0, [first]);
    twin.touch(us(), OrderId::new(first), at(35)).unwrap();
    // The index still shows the first order where it was, and moves it later.
    assert_eq!(listed(&mut twin, 0, None, at(50)).0, [first, second]);
    assert_eq!(listed(&mut twin, 0, None, at(65)).0, [second, first]);
    assert_eq!(listed(&mut twin, 11, None, at(65)).0, [first]);
}

#[test]
fn every_order_of_a_burst_is_on_exactly_one_page() {
    let mut twin = twin(Currency::USD);
    let ids: Vec<u64> =
        (0..600).map(|n| twin.checkout(us(), &basket(vec![line("A", 1, 100)]), at(n / 400)).get()).collect();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let (page, next) = listed(&mut twin, 0, after, at(60));
        assert!(page.len() <= 250);
        seen.extend(page);
        match next {
            Some(cursor) => after = Some(cursor),
            None => break,
        }
    }
    assert_eq!(seen, ids);
}

#[test]
fn an_unknown_search_field_matches_all_and_warns() {
    let mut twin = twin(Currency::USD);
    twin.checkout(us(), &basket(vec![line("A", 1, 100)]), at(0));
    let search = |twin: &mut ShopifyTwin, query: &str| {
        let variables = OrdersUpdatedVariables { query: query.into(), after: None };
        twin.answer(us(), &Request::OrdersUpdated(variables), at(1))
    };
    let response = search(&mut twin, "modified_at:>='2030-01-01T00:00:00Z'");
    let Some(Answer::OrdersUpdated(data)) = &response.data else { panic!("no data") };
    assert_eq!(data.orders.nodes.len(), 1);
    assert_eq!(response.extensions.search[0].warnings[0].code.as_deref(), Some("invalid_field"));
    // What Shopify knows and the twin does not is an error, never another result.
    assert_eq!(search(&mut twin, "financial_status:paid").errors[0].code(), "NOT_MODELLED");
}

#[test]
fn an_empty_bucket_throttles_without_data() {
    let mut twin = twin(Currency::USD);
    let request = Request::Order(OrderVariables { id: Gid::new(1), lines: 250 });
    let mut now = at(0);
    let response = loop {
        let response = twin.answer(us(), &request, now);
        if response.data.is_none() {
            break response;
        }
        now = now.plus(Duration::from_nanos(1));
    };
    assert_eq!(response.errors[0].code(), "THROTTLED");
    let cost = response.extensions.cost.unwrap();
    assert_eq!(cost.actual_query_cost, None);
    assert!(cost.throttle_status.currently_available < f64::from(cost.requested_query_cost));
    let json = response.to_json();
    assert!(
        json.starts_with(r#"{"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED""#),
        "{json}"
    );
    assert!(!json.contains("\"data\"") && json.contains(r#""actualQueryCost":null"#), "{json}");
    let available = twin.bucket(us(), now).available();
    twin.set_restore_percent(us(), 50, now);
    assert_eq!(twin.bucket(us(), now.plus(Duration::from_secs(2))).available(), available + 100);
}

#[test]
fn subscriptions_are_refused_in_shopifys_words() {
    let mut twin = twin(Currency::USD);
    let mut create = |uri: &str| {
        let variables =
            WebhookSubscriptionCreateVariables { topic: WebhookTopic::OrdersPaid, uri: uri.into() };
        let response = twin.answer(us(), &Request::WebhookSubscriptionCreate(variables), at(0));
        let Some(Answer::WebhookSubscriptionCreate(data)) = response.data else { panic!("no data") };
        let errors = data.webhook_subscription_create.unwrap().user_errors;
        errors.first().map(|error| error.message.to_string()).unwrap_or_default()
    };
    for (uri, message) in [
        (URI, ""),
        (URI, "Address for this topic has already been taken"),
        ("http://engine.example.com", "Address protocol http:// is not supported"),
        (" ", "Address can't be blank"),
        ("engine", "Address is invalid"),
    ] {
        assert_eq!(create(uri), message, "{uri}");
    }
    let all = Request::WebhookSubscriptions(WebhookSubscriptionsVariables { after: None });
    let Some(Answer::WebhookSubscriptions(data)) = twin.answer(us(), &all, at(1)).data else { panic!() };
    assert_eq!(data.webhook_subscriptions.nodes.len(), 1);
}

fn subscribe_all(twin: &mut ShopifyTwin) {
    for topic in WebhookTopic::KNOWN {
        twin.create_subscription(0, topic, URI).unwrap();
    }
}

fn topics(twin: &mut ShopifyTwin) -> Vec<&'static str> {
    twin.take_deliveries().iter().map(|pending| pending.delivery.topic.header()).collect()
}

#[test]
fn each_change_says_what_shopify_says() {
    let mut twin = twin(Currency::USD);
    subscribe_all(&mut twin);
    let mut checkout = basket(vec![line("A", 2, 1000)]);
    let paid = twin.checkout(us(), &checkout, at(0));
    assert_eq!(topics(&mut twin), ["orders/create", "orders/paid", "orders/updated"]);
    checkout.payments = vec![payment(None, PaymentStanding::Authorized)];
    let held = twin.checkout(us(), &checkout, at(1));
    assert_eq!(topics(&mut twin), ["orders/create"]);
    twin.capture(us(), held, at(2)).unwrap();
    assert_eq!(topics(&mut twin), ["orders/paid", "orders/updated"]);
    twin.edit_quantity(us(), paid, 0, 3, at(3)).unwrap();
    assert_eq!(topics(&mut twin), ["orders/edited", "orders/updated"]);
    twin.pay(us(), paid, &payment(None, PaymentStanding::Captured), at(4)).unwrap();
    assert_eq!(topics(&mut twin), ["orders/paid", "orders/updated"]);
    twin.touch(us(), paid, at(5)).unwrap();
    assert_eq!(topics(&mut twin), ["orders/updated"]);
    twin.cancel(us(), paid, true, true, at(6)).unwrap();
    let deliveries = twin.take_deliveries();
    assert_eq!(deliveries[0].delivery.topic, WebhookTopic::OrdersCancelled);
    assert_eq!(deliveries[0].delivery.event_id, deliveries[1].delivery.event_id);
    assert_ne!(deliveries[0].delivery.webhook_id, deliveries[1].delivery.webhook_id);
    assert!(deliveries[0].delivery.payload.to_json().contains("-05:00"));
    assert!(twin.delete_subscription(us(), WebhookTopic::OrdersUpdated));
    twin.touch(us(), paid, at(7)).unwrap();
    assert!(!twin.has_deliveries());
}

#[test]
fn a_replay_says_what_was_said_when_the_order_was_made() {
    let mut twin = twin(Currency::USD);
    subscribe_all(&mut twin);
    let order = twin.checkout(us(), &basket(vec![line("A", 2, 1000)]), at(0));
    let first = twin.take_deliveries().remove(0).delivery;
    twin.edit_quantity(us(), order, 0, 3, at(60)).unwrap();
    twin.take_deliveries();
    assert!(twin.replay(us(), order, at(3_600)));
    let again = twin.take_deliveries();
    assert_eq!(again.len(), 1);
    let again = &again[0].delivery;
    assert_eq!((again.topic, &again.payload), (first.topic, &first.payload));
    assert_ne!(again.webhook_id, first.webhook_id);
    let other = OrderId::new(order.get() + 1_000_000);
    assert!(!twin.replay(us(), other, at(3_601)));
}

#[test]
fn a_delivery_that_fails_nine_times_takes_its_subscription_along() {
    for (succeeds_meanwhile, left) in [(false, 0), (true, 1)] {
        let mut twin = twin(Currency::USD);
        twin.create_subscription(0, WebhookTopic::OrdersCreate, URI).unwrap();
        let mut now = at(0);
        twin.checkout(us(), &basket(vec![line("A", 1, 100)]), now);
        let first = twin.take_deliveries().remove(0);
        let mut retries = 0;
        while let Some(next) = twin.delivered(first.id, false, now) {
            retries += 1;
            now = next;
            let again = twin.retry(first.id).unwrap();
            assert_eq!((again.attempt, &again.delivery), (retries, &first.delivery));
            if succeeds_meanwhile && retries == 4 {
                twin.checkout(us(), &basket(vec![line("A", 1, 100)]), now);
                let other = twin.take_deliveries().remove(0);
                assert_eq!(twin.delivered(other.id, true, now), None);
            }
        }
        assert_eq!(retries, 8);
        assert!(now.since(at(0)) <= Duration::from_hours(4));
        assert_eq!(twin.subscriptions(us()).len(), left);
        assert_eq!(twin.retry(first.id), None);
    }
}

#[test]
fn further_lines_follow_the_first_page() {
    let mut twin = twin(Currency::USD);
    let id = twin.checkout(us(), &basket((0..23).map(|_| line("A", 1, 100)).collect()), at(0));
    let request = Request::Order(OrderVariables { id: Gid::new(id.get()), lines: 10 });
    let Some(Answer::Order(data)) = twin.answer(us(), &request, at(1)).data else { panic!() };
    let first = data.order.unwrap().line_items;
    assert_eq!((first.nodes.len(), first.page_info.has_next_page), (10, true));
    let after = first.page_info.end_cursor.unwrap();
    let lines =
        |after| Request::OrderLines(OrderLinesVariables { id: Gid::new(id.get()), lines: 250, after });
    let Some(Answer::OrderLines(data)) = twin.answer(us(), &lines(after), at(1)).data else { panic!() };
    let rest = data.order.unwrap().line_items;
    assert_eq!((rest.nodes.len(), rest.page_info.has_next_page), (13, false));
    assert!(rest.nodes[0].id.number() > first.nodes[9].id.number());
    assert_eq!(twin.answer(us(), &lines("x".into()), at(1)).errors[0].message, "Malformed cursor");
}

#[test]
fn an_order_that_does_not_exist_is_null_and_costs_one() {
    let mut twin = twin(Currency::USD);
    let request = Request::Order(OrderVariables { id: Gid::new(7), lines: 10 });
    let json = twin.answer_bytes(us(), &request.body(), at(0));
    assert!(
        json.starts_with(
            r#"{"data":{"order":null},"extensions":{"cost":{"requestedQueryCost":55,"actualQueryCost":1,"#
        ),
        "{json}"
    );
}

#[test]
fn a_document_of_somebody_else_is_refused_by_name() {
    let mut twin = twin(Currency::USD);
    let body = r#"{"query":"query Mine { shop { name } }","variables":null,"operationName":"Mine"}"#;
    let json = twin.answer_bytes(us(), body, at(0));
    assert!(
        json.starts_with(r#"{"errors":[{"message":"document `Mine`"#) && !json.contains("cost"),
        "{json}"
    );
}

/// Guards the budget of a day of a million orders: rows, boxed slices and the log of the index.
#[test]
fn an_order_of_three_lines_stays_small() {
    let (lines, charges, transactions) = (3, 3 + 2 + 1, 1);
    let heap = lines * size_of::<rows::LineRow>()
        + charges * size_of::<rows::Charge>()
        + size_of::<rows::ShippingRow>()
        + transactions * size_of::<rows::TransactionRow>();
    // Four boxes with 16 bytes of an allocator's own, and two entries in the index.
    let total = size_of::<OrderRow>() + heap + 4 * 16 + 2 * 16 + 4;
    assert!(total <= 500, "{total} bytes, of which the row takes {}", size_of::<OrderRow>());
}

#[derive(Debug, Clone)]
enum Change {
    Quantity(usize, u32),
    Line(i64, u32),
    Pay(i64),
    Capture,
    Touch,
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (0usize..6, 0u32..9).prop_map(|(line, quantity)| Change::Quantity(line, quantity)),
        1 => (1i64..50_000, 1u32..4).prop_map(|(price, quantity)| Change::Line(price, quantity)),
        1 => (1i64..5_000).prop_map(Change::Pay),
        1 => Just(Change::Capture),
        1 => Just(Change::Touch),
    ]
}

prop_compose! {
    fn any_checkout()(
        lines in prop::collection::vec((1u32..8, 0i64..60_000, any::<bool>(), prop::bool::weighted(0.1)), 1..6),
        discounts in prop::collection::vec((0u8..3, 0i64..9_000, 0i64..=100, 0usize..3), 0..3),
        rates in prop::collection::vec(0i64..25_000, 0..3),
        taxes_included: bool,
        shipping in prop::option::of((0i64..3_000, any::<bool>())),
        (duties, fees, tip) in (0i64..500, 0i64..500, 0i64..500),
        authorized: bool,
        split in 0i64..3_000,
    ) -> Checkout {
        let standing = if authorized { PaymentStanding::Authorized } else { PaymentStanding::Captured };
        Checkout {
            lines: lines.into_iter().map(|(quantity, price, taxable, is_gift_card)| {
                CheckoutLine { taxable, is_gift_card, ..line("A", quantity, price) }
            }).collect(),
            discounts: discounts.into_iter().map(|(kind, minor, percent, target)| {
                let value = match kind {
                    0 => DiscountValue::Fixed(minor),
                    1 => DiscountValue::Each(minor),
                    _ => DiscountValue::Percent(percent.into()),
                };
                let targets = [DiscountTarget::AllLines, DiscountTarget::Lines(vec![0]), DiscountTarget::Shipping];
                off(value, targets[target].clone())
            }).collect(),
            taxes: rates.into_iter().map(|rate| CheckoutTax {
                title: format!("T{rate}").into(), rate: Decimal::new(rate, 5), channel_liable: false,
            }).collect(),
            taxes_included,
            shipping: shipping.map(|(price, taxable)| CheckoutShipping { title: "Ground".into(), price, taxable }),
            duties, fees, tip,
            payments: vec![
                payment(Some(split), PaymentStanding::Failed), payment(None, standing),
            ],
            ..basket(vec![])
        }
    }
}

proptest! {
    /// Whatever is put into the basket and done to the order, its parts add up to its totals, and discounts never
    /// exceed what they are taken off.
    #[test]
    fn totals_are_the_sum_of_what_stands(
        checkout in any_checkout(),
        changes in prop::collection::vec(change(), 0..8),
    ) {
        let mut twin = twin(Currency::USD);
        let id = twin.checkout(us(), &checkout, at(0));
        let order = twin.order_truth(us(), id).unwrap();
        prop_assert_eq!(order.check(), Ok(()));
        for line in &order.lines {
            let off: i64 = line.discounts.iter().map(|discount| discount.amount.minor()).sum();
            prop_assert!(off <= line.gross().unwrap().minor());
        }
        let due: i64 = order.transactions.iter().skip(1).map(|it| it.amount.minor()).sum();
        prop_assert_eq!(due, order.total.minor());
        for (second, change) in changes.into_iter().enumerate() {
            let now = at(second as i64 + 1);
            // A change that Shopify would refuse leaves the order as it was; either way it must add up.
            let _refused = match change {
                Change::Quantity(line, quantity) => twin.edit_quantity(us(), id, line, quantity, now).is_err(),
                Change::Line(unit_price, quantity) => {
                    let tax = ExactTax { title: "T".into(), rate: Decimal::new(7, 2), amount: 13, channel_liable: false };
                    let line = ExactLine {
                        sku: None, title: "Added".into(), quantity, unit_price,
                        discounts: vec![("D".into(), 1)], taxes: vec![tax], is_gift_card: false,
                    };
                    twin.edit_add_line(us(), id, &line, now).is_err()
                }
                Change::Pay(amount) => {
                    twin.pay(us(), id, &payment(Some(amount), PaymentStanding::Captured), now).is_err()
                }
                Change::Capture => twin.capture(us(), id, now).is_err(),
                Change::Touch => twin.touch(us(), id, now).is_err(),
            };
            let order = twin.order_truth(us(), id).unwrap();
            prop_assert_eq!(order.check(), Ok(()));
        }
    }

    /// Calls at any pace and price leave the bucket between empty and full, and what is refused takes nothing.
    #[test]
    fn the_bucket_stays_between_empty_and_full(
        calls in prop::collection::vec((0u64..3_000_000_000, 1u32..1_000, 0u32..1_000, 1u32..=100), 1..60),
    ) {
        let mut bucket = Bucket::full(2_000, 100);
        let mut now = at(0);
        for (pause, requested, spared, percent) in calls {
            now = now.plus(Duration::from_nanos(pause));
            let before = bucket.at(now).available();
            if bucket.take(requested, now) {
                prop_assert!(requested <= before);
                bucket.give_back(spared.min(requested));
            } else {
                prop_assert_eq!(bucket.available(), before);
            }
            bucket.set_restore_percent(percent, now);
            prop_assert!(bucket.available() <= bucket.maximum());
        }
    }
}
