use std::num::NonZeroU32;

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;
use crate::domain::billing::BilledLine;
use crate::domain::fulfillment::{
    Fulfillment, FulfillmentOrder, FulfillmentOrderLine, FulfillmentOrderStatus, KnownShipment,
};
use crate::domain::ids::{FulfillmentOrderId, FulfillmentOrderLineId, LineItemId, ShippingLineId};
use crate::domain::order::{Discount, ShippingLine, TaxLine};
use crate::domain::sales_order::LineKey;
use crate::domain::{Duration, Sku};
use crate::engine::fixtures::*;
use crate::engine::order::translate;
use crate::engine::stock::kits::Kits;

/// Two mugs at 9.00 and a cup at 18.00, delivery 5.00; nothing shipped yet.
fn mugs() -> Order {
    let mut order = order(vec![line(1, "MUG", 2, 900), line(2, "CUP", 1, 1_800)], vec![card(8, 4_100)]);
    order.shipping = vec![ShippingLine {
        id: ShippingLineId::new(1),
        title: "Standard".into(),
        price: eur(500),
        discounts: vec![],
        taxes: vec![],
    }];
    settle(&mut order);
    order
}

fn wanted(order: &Order) -> SalesOrder {
    let policy = policy();
    translate::sales_order(order, &policy.shops[0], &policy, &Kits::default()).unwrap()
}

fn look(order: &Order, booked: &Booked, now: Timestamp) -> Vec<Action> {
    let policy = policy();
    let (units, wanted) = (Units::of(order), wanted(order));
    plan(&Observed { order, units: &units, shop: &policy.shops[0], wanted: &wanted, booked }, &policy, now)
}

/// The plan in short.
fn told(actions: &[Action]) -> String {
    let word = |action: &Action| match action {
        Action::Fulfill { shipment, lines, .. } => {
            let lines: Vec<_> = lines.iter().map(|(id, units)| format!("{id}×{units}")).collect();
            format!("fulfill {shipment} {}", lines.join(" "))
        }
        Action::Retrack { fulfillment, parcels } => format!("retrack {fulfillment} {}", parcels[0].number),
        Action::Bill { invoice, .. } => {
            let lines: Vec<_> = invoice
                .lines
                .iter()
                .map(|line| format!("{}×{} {}", line.key, line.quantity, line.amount.minor()))
                .collect();
            format!("bill {} on {}: {}", invoice.external_id, invoice.date, lines.join(", "))
        }
        Action::Adopt { fulfillment, invoice } => format!("adopt {invoice} for {fulfillment}"),
        Action::Report(finding) => format!("report {}", finding.code.name()),
    };
    actions.iter().map(word).collect::<Vec<_>>().join("; ")
}

fn check(order: &Order, booked: &Booked, expected: &str) {
    assert_eq!(told(&look(order, booked, at(60))), expected);
}

fn shipped(order: &Order, shipments: Vec<KnownShipment>) -> Booked {
    let mut booked = booked(&wanted(order), order);
    booked.sales_order.status = SalesOrderStatus::PendingBillingPartiallyFulfilled;
    booked.sales_order.released_at = Some(at(0));
    booked.shipments = shipments;
    booked
}

#[test]
fn what_is_picked_or_packed_is_told_to_nobody() {
    let order = mugs();
    let mut parcel = shipment(50, "P1", &[(1, 1, "MUG", 2)]);
    parcel.status = ShipStatus::Packed;
    check(&order, &shipped(&order, vec![parcel]), "");
}

#[test]
fn each_parcel_is_told_once_and_billed_once_with_delivery_on_the_first() {
    let mut order = mugs();
    let first = shipment(50, "P1", &[(1, 1, "MUG", 1)]);
    let mut booked = shipped(&order, vec![first]);
    check(&order, &booked, "fulfill 50 1×1");
    order.fulfillments = vec![fulfillment(70, 5, "P1", &[(1, 1)])];
    check(&order, &booked, "bill fr-invoice-70 on 2026-11-29: l1×1 900, s1×1 500");
    let actions = look(&order, &booked, at(60));
    bill(&mut booked, &actions);
    check(&order, &booked, "");
    booked.shipments.push(shipment(51, "P2", &[(1, 1, "MUG", 1), (3, 2, "CUP", 1)]));
    check(&order, &booked, "fulfill 51 1×1 2×1");
    order.fulfillments.push(fulfillment(71, 9, "P2", &[(1, 1), (2, 1)]));
    check(&order, &booked, "bill fr-invoice-71 on 2026-11-29: l1×1 900, l2×1 1800");
}

/// failures.md B13: identity never rests on the SKU, and the same lines in two parcels are two parcels.
#[test]
fn parcels_are_told_apart_by_their_numbers() {
    let mut order = mugs();
    let booked = shipped(
        &order,
        vec![shipment(50, "P1", &[(1, 1, "MUG", 1)]), shipment(51, "P2", &[(1, 1, "MUG", 1)])],
    );
    order.fulfillments = vec![fulfillment(70, 5, "P2", &[(1, 1)])];
    let actions = told(&look(&order, &booked, at(60)));
    assert!(actions.starts_with("fulfill 50 1×1; bill fr-invoice-70"), "{actions}");
}

#[test]
fn a_corrected_number_replaces_the_one_that_the_buyer_was_told() {
    let mut order = mugs();
    let booked = shipped(&order, vec![shipment(50, "NEW", &[(1, 1, "MUG", 2)])]);
    order.fulfillments = vec![fulfillment(70, 5, "OLD", &[(1, 2)])];
    let actions = told(&look(&order, &booked, at(60)));
    assert!(actions.starts_with("retrack 70 NEW; bill fr-invoice-70"), "{actions}");
}

#[test]
fn what_the_order_does_not_name_is_a_finding_and_the_rest_is_told() {
    let order = mugs();
    let substituted = shipment(50, "P1", &[(1, 1, "MUG-BLUE", 2), (3, 2, "CUP", 1)]);
    check(&order, &shipped(&order, vec![substituted]), "report shipment-unmatched; fulfill 50 2×1");
    let too_many = shipment(50, "P1", &[(1, 1, "MUG", 3)]);
    check(&order, &shipped(&order, vec![too_many]), "report shipment-unmatched; fulfill 50 1×2");
    let mut by_hand = shipment(50, "P1", &[(9, 1, "PEN", 1)]);
    by_hand.lines[0].key = None;
    check(&order, &shipped(&order, vec![by_hand]), "report shipment-unmatched");
}

#[test]
fn a_fulfillment_without_a_shipment_is_a_finding_and_is_not_billed() {
    let mut order = mugs();
    order.fulfillments = vec![fulfillment(70, 5, "P1", &[(2, 1)])];
    check(&order, &shipped(&order, vec![]), "report fulfilled-in-shopify");
}

#[test]
fn a_gift_card_is_billed_on_the_day_on_which_it_is_issued() {
    let mut order = order(vec![line(1, "CARD-50", 1, 5_000)], vec![card(8, 5_000)]);
    order.lines[0].is_gift_card = true;
    settle(&mut order);
    order.fulfillments = vec![fulfillment(70, 0, "", &[(1, 1)])];
    order.fulfillments[0].created_at = "2026-11-30T23:30:00Z".parse().unwrap();
    check(&order, &shipped(&order, vec![]), "bill fr-invoice-70 on 2026-12-01: l1×1 5000");
}

#[test]
fn a_bundle_has_left_when_all_its_components_have() {
    let mut order = order(vec![line(1, "SET", 2, 3_000)], vec![card(8, 6_000)]);
    settle(&mut order);
    let mut wanted = wanted(&order);
    let mut wallet = wanted.lines[0].clone();
    wallet.key = LineKey::Component(LineItemId::new(1), 1);
    (wallet.item, wallet.amount) = (Sku("WALLET".into()), eur(4_000));
    wanted.lines[0].key = LineKey::Component(LineItemId::new(1), 0);
    (wanted.lines[0].item, wanted.lines[0].amount) = (Sku("BELT".into()), eur(2_000));
    wanted.lines.push(wallet);
    let mut booked = booked(&wanted, &order);
    booked.sales_order.status = SalesOrderStatus::PendingBillingPartiallyFulfilled;
    let component = |id, at: u16, sku: &str, units| {
        let mut parcel = shipment(id, &format!("P{id}"), &[(u32::from(at) + 1, 1, sku, units)]);
        parcel.lines[0].key = Some(LineKey::Component(LineItemId::new(1), at));
        parcel
    };
    let policy = policy();
    let units = Units::of(&order);
    let look = |order: &Order, booked: &Booked| {
        let shop = &policy.shops[0];
        let seen = Observed { order, units: &units, shop, wanted: &wanted, booked };
        told(&plan(&seen, &policy, at(60)))
    };
    booked.shipments = vec![component(50, 0, "BELT", 2)];
    assert_eq!(look(&order, &booked), "");
    booked.shipments.push(component(51, 1, "WALLET", 1));
    assert_eq!(look(&order, &booked), "fulfill 51 1×1");
    order.fulfillments = vec![fulfillment(70, 5, "P51", &[(1, 1)])];
    assert_eq!(look(&order, &booked), "bill fr-invoice-70 on 2026-11-29: l1-c0×1 1000, l1-c1×1 2000");
}

#[test]
fn an_invoice_that_a_person_keyed_is_adopted_if_it_says_the_same_and_reported_if_not() {
    let mut order = mugs();
    let mut booked = shipped(&order, vec![shipment(50, "P1", &[(1, 1, "MUG", 2)])]);
    order.fulfillments = vec![fulfillment(70, 5, "P1", &[(1, 2)])];
    let actions = look(&order, &booked, at(60));
    bill(&mut booked, &actions);
    booked.invoices[0].external_id = None;
    let id = booked.invoices[0].internal_id;
    check(&order, &booked, &format!("adopt {id} for 70"));
    booked.invoices[0].lines[0].amount = eur(1_799);
    check(&order, &booked, "report keyed-by-hand");
}

#[test]
fn no_invoice_is_planned_that_netsuite_would_refuse_for_the_order_s_state() {
    use SalesOrderStatus::*;
    let mut order = mugs();
    let mut booked = shipped(&order, vec![shipment(50, "P1", &[(1, 1, "MUG", 2)])]);
    order.fulfillments = vec![fulfillment(70, 5, "P1", &[(1, 2)])];
    for (status, expected) in [
        (PendingFulfillment, "bill"),
        (PartiallyFulfilled, "bill"),
        (PendingBillingPartiallyFulfilled, "bill"),
        (PendingBilling, "bill"),
        (PendingApproval, "report keyed-by-hand"),
        (Cancelled, "report keyed-by-hand"),
        (Billed, "report keyed-by-hand"),
        (Closed, "report keyed-by-hand"),
    ] {
        booked.sales_order.status = status;
        let actions = told(&look(&order, &booked, at(60)));
        assert!(actions.starts_with(expected), "{status:?}: {actions}");
    }
}

#[test]
fn silence_after_a_release_is_a_finding_when_its_time_has_come() {
    let order = mugs();
    let mut booked = booked(&wanted(&order), &order);
    booked.sales_order.released_at = Some(at(0));
    assert_eq!(told(&look(&order, &booked, at(60))), "");
    assert_eq!(told(&look(&order, &booked, at(24 * 60))), "report silent-order");
    assert_eq!(silent_until(&booked, &policy()), Some(at(0).plus(Duration::from_hours(24))));
    booked.sales_order.status = SalesOrderStatus::PartiallyFulfilled;
    assert_eq!(silent_until(&booked, &policy()), None);
}

#[test]
fn a_shipment_closes_open_work_by_location_and_says_what_is_held_or_gone() {
    let work = |id: u64, status, location, line: u64, remaining| FulfillmentOrder {
        id: FulfillmentOrderId::new(id),
        status,
        location: Some(location),
        lines: vec![FulfillmentOrderLine {
            id: FulfillmentOrderLineId::new(id * 10),
            line: LineItemId::new(line),
            remaining,
        }],
    };
    let mut orders = vec![
        work(1, FulfillmentOrderStatus::Closed, 1, 1, 0),
        work(2, FulfillmentOrderStatus::Open, 1, 1, 1),
        work(3, FulfillmentOrderStatus::InProgress, 2, 1, 1),
        work(4, FulfillmentOrderStatus::OnHold, 1, 2, 1),
    ];
    let line = LineItemId::new;
    let shipped = LineUnits::from([(line(1), 3), (line(2), 1)]);
    let allotted = allot::allot(&shipped, &[parcel("P1")], &mut orders);
    let units: Vec<_> = allotted.fulfillments.iter().map(|(_, units)| units.clone()).collect();
    assert_eq!(units, [LineUnits::from([(line(1), 1)]), LineUnits::from([(line(1), 1)])]);
    assert_eq!(allotted.held, LineUnits::from([(line(2), 1)]));
    assert_eq!(allotted.refused, LineUnits::from([(line(1), 1)]));
    let again = allot::allot(&shipped, &[parcel("P1")], &mut orders);
    assert!(again.fulfillments.is_empty(), "what one shipment took the next one does not find");
}

/// What NetSuite holds after the invoices were written.
fn bill(booked: &mut Booked, actions: &[Action]) {
    for action in actions {
        let Action::Bill { invoice, .. } = action else { continue };
        let lines: Vec<BilledLine> = invoice
            .lines
            .iter()
            .map(|line| BilledLine {
                key: Some(line.key),
                quantity: line.quantity,
                amount: line.amount,
                tax: eur(line.taxes.iter().map(|tax| tax.amount.minor()).sum()),
            })
            .collect();
        let total = eur(lines.iter().map(|line| line.amount.minor() + line.tax.minor()).sum());
        booked.invoices.push(KnownInvoice {
            internal_id: InternalId::new(100 + booked.invoices.len() as u64),
            external_id: Some(invoice.external_id.clone()),
            date: invoice.date,
            total,
            open: total,
            lines,
        });
    }
}

prop_compose! {
    fn any_goods()(
        quantity in 1u32..12,
        price in 1i64..50_000,
        off in prop::option::of(1i64..100),
        rates in prop::collection::vec(1u32..2_500, 0..3),
        cuts in prop::collection::vec(0u32..12, 0..4),
    ) -> (crate::domain::order::LineItem, Vec<u32>) {
        let mut goods = line(1, "MUG", quantity, price);
        let gross = price * i64::from(quantity);
        goods.discounts = off
            .iter()
            .map(|share| Discount { label: "OFF".into(), amount: eur(gross * share / 300) })
            .collect();
        let paid = gross - goods.discounts.iter().map(|it| it.amount.minor()).sum::<i64>();
        goods.taxes = rates
            .iter()
            .map(|rate| TaxLine {
                title: "tax".into(),
                rate: Decimal::new(i64::from(*rate), 4),
                amount: eur(paid * i64::from(*rate) / 20_000),
                channel_liable: *rate % 5 == 0,
            })
            .collect();
        (goods, cuts)
    }
}

proptest! {
    /// Whatever the split, what is billed comes to the whole line by line and tax code by tax code, and each round is
    /// settled by its own actions.
    #[test]
    fn the_parts_of_a_bill_come_to_the_whole((goods, cuts) in any_goods(), taxes_included: bool) {
        let whole = NonZeroU32::new(goods.quantity).unwrap().get();
        let mut order = order(vec![goods], vec![]);
        order.taxes_included = taxes_included;
        settle(&mut order);
        let mut booked = shipped(&order, vec![]);
        let mut left = whole;
        let mut at_id = 0;
        let mut by_code: std::collections::BTreeMap<InternalId, i64> = Default::default();
        for cut in cuts.into_iter().chain([whole]) {
            let units = cut.min(left);
            if units == 0 { continue; }
            left -= units;
            at_id += 1;
            let number = format!("P{at_id}");
            booked.shipments.push(shipment(at_id, &number, &[(1, 1, "MUG", units)]));
            let actions = look(&order, &booked, at(60));
            prop_assert_eq!(told(&actions), format!("fulfill {at_id} 1×{units}"));
            order.fulfillments.push(Fulfillment { ..fulfillment(at_id, at_id, &number, &[(1, units)]) });
            let actions = look(&order, &booked, at(60));
            for action in &actions {
                let Action::Bill { invoice, .. } = action else { panic!("{}", told(&actions)) };
                for tax in invoice.lines.iter().flat_map(|line| &line.taxes) {
                    *by_code.entry(tax.code).or_default() += tax.amount.minor();
                }
            }
            bill(&mut booked, &actions);
            prop_assert_eq!(told(&look(&order, &booked, at(60))), "");
        }
        let billed: i64 = booked.invoices.iter().map(|invoice| invoice.total.minor()).sum();
        prop_assert_eq!(billed, order.total.minor());
        for line in wanted(&order).lines {
            let of_line = booked.invoices.iter().flat_map(|it| &it.lines).filter(|it| it.key == Some(line.key));
            prop_assert_eq!(of_line.map(|it| it.amount.minor()).sum::<i64>(), line.amount.minor());
            for tax in line.taxes {
                *by_code.entry(tax.code).or_default() -= tax.amount.minor();
            }
        }
        prop_assert!(by_code.values().all(|left| *left == 0), "{by_code:?}");
    }
}
