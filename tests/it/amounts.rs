//! From any basket at the till to the sales order: Shopify's arithmetic on one side, ours on the other, and not a
//! penny between them, whatever is discounted, stacked, taxed, or inside the price.

use std::collections::BTreeMap;
use std::path::Path;

use plimsoll::domain::sales_order::LineKey;
use plimsoll::domain::{Order, SalesOrder, ShopKey, Timestamp, Zone};
use plimsoll::engine::order::translate;
use plimsoll::mocks::shopify::{
    Checkout, CheckoutBuyer, CheckoutDiscount, CheckoutLine, CheckoutShipping, CheckoutTax, DiscountKind,
    DiscountTarget, DiscountValue, Payment, PaymentStanding, ShopSettings, ShopifyTwin,
};
use plimsoll::policy::Policy;
use proptest::prelude::*;
use rust_decimal::Decimal;

fn us() -> ShopKey {
    "us".parse().unwrap()
}

fn policy() -> Policy {
    Policy::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/policies/harbour.toml")).unwrap()
}

/// The order that the till makes of the basket, as Shopify states it.
fn placed(checkout: &Checkout, policy: &Policy) -> Order {
    let at = Timestamp::from_seconds(1_795_755_600);
    let mut twin = ShopifyTwin::new();
    twin.add_shop(ShopSettings {
        key: us(),
        domain: "harbour-us.myshopify.com".into(),
        currency: policy.shop(us()).unwrap().currency,
        zone: Zone::named("America/New_York").unwrap(),
        restore_rate: 1_000,
        bucket: 20_000,
        order_number_start: 1001,
    });
    let id = twin.checkout(us(), checkout, at);
    twin.order_truth(us(), id).unwrap()
}

const LABELS: [&str; 4] = ["SPRING10", "VIP", "Two for less", "Free delivery"];

/// State, city, and a marketplace's, each with a code of its own at Harbour.
const TAXES: [(&str, i64, bool, u64); 4] = [
    ("Illinois State Tax", 6_250, false, 403),
    ("Chicago City Tax", 1_250, false, 404),
    ("County Tax", 1_750, false, 401),
    ("Marketplace Tax", 7_500, true, 402),
];

prop_compose! {
    /// Across and each, on all lines, one of them or the delivery; by code, by itself or by hand.
    fn any_discount()(
        value in prop_oneof![
            (0i64..6_000).prop_map(DiscountValue::Fixed),
            (0i64..900).prop_map(DiscountValue::Each),
            (0i64..=100).prop_map(|percent| DiscountValue::Percent(percent.into())),
        ],
        target in prop_oneof![
            Just(DiscountTarget::AllLines),
            Just(DiscountTarget::Lines(vec![0])),
            Just(DiscountTarget::Shipping),
        ],
        label in 0usize..LABELS.len(),
        kind in 0usize..3,
    ) -> CheckoutDiscount {
        let kind = [DiscountKind::Code, DiscountKind::Automatic, DiscountKind::Manual][kind];
        CheckoutDiscount { label: LABELS[label].into(), kind, value, target }
    }
}

prop_compose! {
    fn any_basket()(
        lines in prop::collection::vec((1u32..9, 0i64..40_000, any::<bool>(), prop::bool::weighted(0.1)), 1..7),
        discounts in prop::collection::vec(any_discount(), 0..4),
        taxes in prop::sample::subsequence(TAXES.to_vec(), 0..=TAXES.len()),
        taxes_included: bool,
        delivery in prop::option::of((0i64..3_000, any::<bool>())),
        (duties, fees, tip) in (0i64..500, 0i64..500, 0i64..500),
    ) -> Checkout {
        let line = |(quantity, unit_price, taxable, is_gift_card): (u32, i64, bool, bool)| CheckoutLine {
            sku: Some("MUG".into()),
            title: "Mug".into(),
            quantity,
            unit_price,
            // A card is taxed when it is redeemed.
            taxable: taxable && !is_gift_card,
            is_gift_card,
        };
        let tax = |(title, thousandths, channel_liable, _): (&str, i64, bool, u64)| CheckoutTax {
            title: title.into(),
            rate: Decimal::new(thousandths, 5),
            channel_liable,
        };
        Checkout {
            buyer: CheckoutBuyer::Guest { email: Some("guest@example.com".into()), phone: None },
            lines: lines.into_iter().map(line).collect(),
            discounts,
            taxes: taxes.into_iter().map(tax).collect(),
            taxes_included,
            shipping: delivery.map(|(price, taxable)| CheckoutShipping { title: "Standard".into(), price, taxable }),
            duties,
            fees,
            tip,
            presentment: None,
            payments: vec![Payment {
                gateway: "shopify_payments".into(),
                amount: None,
                presentment: None,
                rounding: 0,
                standing: PaymentStanding::Captured,
            }],
            ship_to: None,
        }
    }
}

/// What Shopify let each label take off, in minor units.
fn stated_discounts(order: &Order) -> BTreeMap<String, i64> {
    let goods = order.lines.iter().flat_map(|line| &line.discounts);
    let delivery = order.shipping.iter().flat_map(|shipping| &shipping.discounts);
    let mut stated = BTreeMap::new();
    for discount in goods.chain(delivery).filter(|discount| !discount.amount.is_zero()) {
        *stated.entry(discount.label.to_string()).or_insert(0) += discount.amount.minor();
    }
    stated
}

fn booked_discounts(booked: &SalesOrder) -> BTreeMap<String, i64> {
    let mut by_label = BTreeMap::new();
    for line in &booked.lines {
        if matches!(line.key, LineKey::GoodsDiscount(..) | LineKey::ShippingDiscount(..)) {
            let label = line.memo.as_deref().expect("a discount bears its label").to_owned();
            *by_label.entry(label).or_insert(0) -= line.amount.minor();
        }
    }
    by_label
}

proptest! {
    #[test]
    fn any_basket_comes_to_the_same_in_netsuite(checkout in any_basket()) {
        let policy = policy();
        let order = placed(&checkout, &policy);
        let booked = translate::sales_order(&order, policy.shop(us()).unwrap(), &policy).unwrap();
        prop_assert_eq!(booked.total().unwrap(), order.total);

        let (mut stated, mut stands) = (BTreeMap::new(), BTreeMap::new());
        let rows = order.lines.iter().flat_map(|line| &line.taxes);
        for tax in rows.chain(order.shipping.iter().flat_map(|shipping| &shipping.taxes)) {
            let (.., code) = TAXES.iter().find(|(title, ..)| **title == *tax.title).unwrap();
            *stated.entry(*code).or_insert(0) += tax.amount.minor();
        }
        for tax in booked.lines.iter().flat_map(|line| &line.taxes) {
            *stands.entry(tax.code.get()).or_insert(0) += tax.amount.minor();
        }
        prop_assert_eq!(stands, stated);

        let (stated, kept) = (stated_discounts(&order), booked_discounts(&booked));
        let untaxed = order.lines.iter().all(|line| line.taxes.is_empty())
            && order.shipping.iter().all(|shipping| shipping.taxes.is_empty());
        if !order.taxes_included || untaxed {
            prop_assert_eq!(kept, stated);
        } else {
            // Net of the tax inside them: each is smaller, and none is another's.
            prop_assert!(kept.keys().all(|label| stated.contains_key(label)), "{kept:?} of {stated:?}");
            let rows = order.lines.len() as i64 + 1;
            for (label, minor) in &kept {
                prop_assert!(*minor <= stated[label] + rows, "{label}: {minor} of {stated:?}");
            }
        }
    }
}
