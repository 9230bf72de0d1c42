use proptest::prelude::*;

use super::super::tests::{at, basket, line, off, payment, tax, twin, us};
use super::super::{
    CheckoutShipping, DiscountTarget, DiscountValue, ExactLine, PaymentStanding, Presentment, ShopifyTwin,
};
use super::*;
use crate::domain::fulfillment::FulfillmentOrderStatus;
use crate::domain::order::{Tender, TransactionKind as Kind, TransactionStatus as Status};
use crate::domain::{Currency, Order};

fn units(line: usize, units: u32, restock: Restock) -> RefundUnits {
    RefundUnits { line, units, restock: Some(restock) }
}

fn back(parent: Option<usize>, amount: i64) -> RefundPayment {
    RefundPayment { parent, amount, presentment: None, standing: MoneyBack::Succeeded }
}

/// Two of A at 10.00 and one of B at 30.00 with 20 % tax, delivery of 5.00: 66.00, paid by card.
fn sold(twin: &mut ShopifyTwin) -> OrderId {
    let mut checkout = basket(vec![line("A", 2, 1000), line("B", 1, 3000)]);
    checkout.taxes = vec![tax("0.2")];
    checkout.shipping = Some(CheckoutShipping { title: "Ground".into(), price: 500, taxable: true });
    twin.checkout(us(), &checkout, at(0))
}

fn shipped(twin: &mut ShopifyTwin) -> OrderId {
    let id = sold(twin);
    twin.fulfill_by_hand(us(), id, &[(0, 2), (1, 1)], &[], at(60)).unwrap();
    id
}

fn truth(twin: &ShopifyTwin, id: OrderId) -> Order {
    let order = twin.order_truth(us(), id).unwrap();
    assert_eq!(order.check(), Ok(()));
    order
}

#[test]
fn goods_that_come_back_shrink_the_order_by_what_was_charged_for_them() {
    let mut twin = twin(Currency::USD);
    let id = shipped(&mut twin);
    let entry = RefundEntry {
        lines: vec![units(0, 1, Restock::Return)],
        is_return: true,
        payments: vec![back(Some(0), 1200)],
        ..RefundEntry::default()
    };
    twin.refund(us(), id, &entry, at(120)).unwrap();
    let order = truth(&twin, id);
    assert_eq!((order.total.minor(), order.tax.minor(), order.lines[0].quantity), (5400, 900, 1));
    let refund = &order.refunds[0];
    assert_eq!((refund.lines[0].subtotal.minor(), refund.lines[0].tax.minor()), (1000, 200));
    assert_eq!((refund.adjustments.len(), refund.is_return, refund.created_at), (0, true, at(120)));
    assert_eq!(refund.parts(false).unwrap().minor(), 1200);
    let money = &order.transactions[1];
    assert_eq!(
        (money.kind, money.status, money.parent),
        (Kind::Refund, Status::Success, Some(order.transactions[0].id))
    );
    assert_eq!(refund.transactions, vec![money.id]);
    assert_eq!(order.updated_at, at(120));
}

#[test]
fn units_that_never_left_are_no_longer_to_ship() {
    let mut twin = twin(Currency::USD);
    let id = sold(&mut twin);
    let entry = RefundEntry {
        lines: vec![RefundUnits { line: 0, units: 1, restock: None }],
        payments: vec![back(Some(0), 1200)],
        ..RefundEntry::default()
    };
    twin.refund(us(), id, &entry, at(120)).unwrap();
    assert_eq!(truth(&twin, id).refunds[0].lines[0].restock, Restock::Cancel);
    let open = twin.fulfillment_orders(us(), id, at(200));
    assert_eq!(open[0].lines.iter().map(|line| line.remaining).collect::<Vec<_>>(), vec![1, 1]);
}

#[test]
fn money_for_units_that_are_to_ship_all_the_same_stands_in_a_discrepancy() {
    let mut twin = twin(Currency::USD);
    let id = sold(&mut twin);
    let entry = RefundEntry {
        lines: vec![units(1, 1, Restock::NoRestock)],
        payments: vec![back(Some(0), 3600)],
        ..RefundEntry::default()
    };
    twin.refund(us(), id, &entry, at(120)).unwrap();
    let order = truth(&twin, id);
    let refund = &order.refunds[0];
    assert_eq!((order.total.minor(), refund.lines[0].subtotal.minor()), (6600, 0));
    assert_eq!(refund.adjustments[0].amount.minor(), 3600);
    assert_eq!(refund.adjustments[0].reason, AdjustmentReason::RefundDiscrepancy);
    assert_eq!(twin.refund(us(), id, &entry, at(130)), Err(NotPossible::TooManyUnits));
}

#[test]
fn no_more_goes_back_than_was_received_but_as_store_credit() {
    let mut twin = twin(Currency::USD);
    let id = shipped(&mut twin);
    let of = |payment| RefundEntry { payments: vec![payment], ..RefundEntry::default() };
    let refused = twin.refund(us(), id, &of(back(Some(0), 6601)), at(100));
    assert_eq!(refused, Err(NotPossible::RefundExceedsPayment));
    assert_eq!(twin.refund(us(), id, &of(back(Some(7), 1)), at(100)), Err(NotPossible::WrongParent));
    twin.refund(us(), id, &of(back(None, 7000)), at(110)).unwrap();
    let order = truth(&twin, id);
    assert_eq!(order.transactions[1].tender, Tender::StoreCredit);
    assert_eq!((order.refunds[0].adjustments[0].amount.minor(), order.total.minor()), (7000, 6600));
    assert_eq!(twin.store_credit_outstanding(us()), 7000);
    assert_eq!(twin.refund(us(), id, &of(back(Some(0), 1)), at(120)), Err(NotPossible::RefundExceedsPayment));
}

#[test]
fn more_units_than_were_bought_do_not_come_back() {
    let mut twin = twin(Currency::USD);
    let id = shipped(&mut twin);
    let of = |lines| RefundEntry { lines, ..RefundEntry::default() };
    let too_many = of(vec![units(0, 1, Restock::Return), units(0, 2, Restock::Return)]);
    assert_eq!(twin.refund(us(), id, &too_many, at(100)), Err(NotPossible::TooManyUnits));
    let never = of(vec![units(0, 1, Restock::Cancel)]);
    assert_eq!(twin.refund(us(), id, &never, at(100)), Err(NotPossible::TooManyUnits));
    let unknown = of(vec![units(9, 1, Restock::Return)]);
    assert_eq!(twin.refund(us(), id, &unknown, at(100)), Err(NotPossible::NoSuchLine));
    let delivery = RefundEntry { shipping: Some(ShippingRefund::Part(501)), ..RefundEntry::default() };
    assert_eq!(twin.refund(us(), id, &delivery, at(100)), Err(NotPossible::NothingLeft));
    assert_eq!(truth(&twin, id).refunds, vec![]);
}

#[test]
fn delivery_duties_and_tip_go_back_and_are_no_longer_in_the_total() {
    let mut twin = twin(Currency::USD);
    let mut checkout = basket(vec![line("A", 1, 1000)]);
    checkout.taxes = vec![tax("0.2")];
    checkout.shipping = Some(CheckoutShipping { title: "Ground".into(), price: 500, taxable: true });
    (checkout.duties, checkout.tip) = (300, 200);
    let id = twin.checkout(us(), &checkout, at(0));
    let entry = RefundEntry {
        shipping: Some(ShippingRefund::Part(250)),
        duties: 100,
        tip: 200,
        payments: vec![back(Some(0), 600)],
        ..RefundEntry::default()
    };
    twin.refund(us(), id, &entry, at(100)).unwrap();
    let rest = RefundEntry {
        shipping: Some(ShippingRefund::All),
        payments: vec![back(Some(0), 300)],
        ..RefundEntry::default()
    };
    twin.refund(us(), id, &rest, at(110)).unwrap();
    let order = truth(&twin, id);
    assert_eq!((order.total.minor(), order.tax.minor()), (1400, 200));
    assert_eq!((order.duties.minor(), order.tip.minor(), order.refunds[0].tip.minor()), (300, 200, 200));
    assert_eq!(order.refunds[1].shipping[0].tax.minor(), 50);
    assert!(order.refunds.iter().all(|refund| refund.adjustments.is_empty()));
}

#[test]
fn a_fee_is_kept_with_the_tax_on_it() {
    for (included, fee_tax, paid) in [(false, 60, 3240), (true, 50, 2700)] {
        let mut twin = twin(Currency::USD);
        let mut checkout = basket(vec![line("B", 1, 3000)]);
        checkout.taxes = vec![tax("0.2")];
        checkout.taxes_included = included;
        let id = twin.checkout(us(), &checkout, at(0));
        twin.fulfill_by_hand(us(), id, &[(0, 1)], &[], at(60)).unwrap();
        let mut entry = RefundEntry {
            lines: vec![units(0, 1, Restock::NoRestock)],
            fees: vec![(RefundFeeKind::Restocking, 300)],
            is_return: true,
            ..RefundEntry::default()
        };
        entry.payments = twin.suggested_refund(us(), id, &entry).unwrap().payments;
        twin.refund(us(), id, &entry, at(120)).unwrap();
        let order = truth(&twin, id);
        let fee = order.refunds[0].fees[0];
        assert_eq!((fee.amount.minor(), fee.tax.minor()), (300, fee_tax));
        assert_eq!(order.transactions[1].amount.minor(), paid);
        assert_eq!(order.refunds[0].parts(included).unwrap().minor(), paid);
    }
}

#[test]
fn what_goes_out_in_exchange_waits_for_what_comes_back() {
    let mut twin = twin(Currency::USD);
    let id = shipped(&mut twin);
    let other = ExactLine {
        sku: Some("C".into()),
        title: "C".into(),
        quantity: 1,
        unit_price: 5000,
        discounts: vec![],
        taxes: vec![],
        is_gift_card: false,
    };
    let entry = RefundEntry {
        lines: vec![units(1, 1, Restock::Return)],
        is_return: true,
        exchange: vec![other],
        awaits_goods: true,
        ..RefundEntry::default()
    };
    assert_eq!(twin.suggested_refund(us(), id, &entry).unwrap().amount, 0);
    twin.refund(us(), id, &entry, at(120)).unwrap();
    let order = truth(&twin, id);
    assert_eq!((order.total.minor(), order.refunds[0].adjustments.len(), order.lines.len()), (8000, 0, 3));
    let of = |twin: &ShopifyTwin| twin.fulfillment_orders(us(), id, at(200)).pop().unwrap();
    assert_eq!(of(&twin).status, FulfillmentOrderStatus::OnHold);
    twin.receive_return(us(), id, at(300)).unwrap();
    assert_eq!((of(&twin).status, of(&twin).lines[0].remaining), (FulfillmentOrderStatus::Open, 1));
    assert_eq!(twin.cancel(us(), id, true, true, at(400)), Err(NotPossible::HasFulfillments));
}

#[test]
fn money_may_fail_after_it_was_said_to_have_arrived_and_be_sent_again() {
    let mut twin = twin(Currency::USD);
    let id = shipped(&mut twin);
    let pending = RefundPayment { standing: MoneyBack::Pending, ..back(Some(0), 1200) };
    let entry = RefundEntry {
        lines: vec![units(0, 1, Restock::Return)],
        payments: vec![pending],
        ..RefundEntry::default()
    };
    twin.refund(us(), id, &entry, at(100)).unwrap();
    let status = |twin: &ShopifyTwin| -> Vec<Status> {
        truth(twin, id).transactions.iter().skip(1).map(|it| it.status).collect()
    };
    assert_eq!(status(&twin), [Status::Pending]);
    assert_eq!(twin.settle_refund(us(), id, 0, true, at(200)).unwrap().len(), 1);
    assert_eq!(
        (status(&twin), truth(&twin, id).transactions[1].processed_at),
        (vec![Status::Success], at(200))
    );
    assert_eq!(twin.settle_refund(us(), id, 0, true, at(210)), Err(NotPossible::NoChange));
    assert!(!twin.has_failed_refund(us(), id, 0));
    twin.settle_refund(us(), id, 0, false, at(300)).unwrap();
    assert!(twin.has_failed_refund(us(), id, 0));
    twin.reissue_refund(us(), id, 0, at(400)).unwrap();
    assert_eq!(status(&twin), [Status::Failure, Status::Success]);
    assert_eq!(truth(&twin, id).refunds[0].transactions.len(), 2);
    assert_eq!(twin.reissue_refund(us(), id, 0, at(500)), Err(NotPossible::NoChange));
    assert_eq!(twin.settle_refund(us(), id, 1, true, at(500)), Err(NotPossible::NoSuchRefund));
}

#[test]
fn another_rate_at_the_refund_is_no_discrepancy() {
    let mut twin = twin("CAD".parse().unwrap());
    let mut checkout = basket(vec![line("A", 1, 600), line("B", 1, 750)]);
    checkout.presentment =
        Some(Presentment { currency: Currency::USD, rate: rust_decimal::Decimal::new(6_666_667, 7) });
    checkout.payments = vec![payment(None, PaymentStanding::Authorized)];
    let id = twin.checkout(us(), &checkout, at(0));
    assert_eq!(truth(&twin, id).total_presentment.minor(), 900);
    twin.capture_at_rate(us(), id, 1277, Some(900), at(50)).unwrap();
    let paid = RefundPayment { presentment: Some(500), ..back(Some(1), 710) };
    let entry = RefundEntry {
        lines: vec![units(1, 1, Restock::Cancel)],
        payments: vec![paid],
        ..RefundEntry::default()
    };
    twin.refund(us(), id, &entry, at(100)).unwrap();
    let order = truth(&twin, id);
    let refund = &order.refunds[0];
    assert_eq!((refund.lines[0].subtotal.minor(), refund.presentment.minor()), (750, 500));
    assert_eq!((order.transactions[2].amount.minor(), refund.adjustments.len()), (710, 0));
}

#[test]
fn a_cancellation_gives_back_what_was_paid_by_the_tenders_that_paid() {
    for restock in [true, false] {
        let mut twin = twin(Currency::USD);
        let mut checkout = basket(vec![line("A", 2, 1000)]);
        checkout.shipping = Some(CheckoutShipping { title: "Ground".into(), price: 500, taxable: true });
        checkout.taxes = vec![tax("0.1")];
        checkout.tip = 100;
        checkout.payments =
            vec![payment(Some(850), PaymentStanding::Captured), payment(None, PaymentStanding::Captured)];
        let id = twin.checkout(us(), &checkout, at(0));
        twin.cancel(us(), id, true, restock, at(5)).unwrap();
        let order = truth(&twin, id);
        assert_eq!((order.total.minor(), order.refunds.len(), order.transactions.len()), (0, 1, 4));
        let refund = &order.refunds[0];
        assert_eq!(
            (refund.parts(false).unwrap().minor(), refund.tip.minor(), refund.adjustments.len()),
            (2850, 100, 0)
        );
        let how = if restock { Restock::Cancel } else { Restock::NoRestock };
        assert_eq!((refund.lines[0].restock, refund.lines[0].subtotal.minor()), (how, 2000));
        let left: u32 = twin
            .fulfillment_orders(us(), id, at(100))
            .iter()
            .flat_map(|it| &it.lines)
            .map(|it| it.remaining)
            .sum();
        assert_eq!(left, 0);
    }
}

#[test]
fn a_cancellation_without_refund_keeps_the_money() {
    let mut twin = twin(Currency::USD);
    let id = sold(&mut twin);
    twin.cancel(us(), id, false, true, at(5)).unwrap();
    let order = truth(&twin, id);
    assert_eq!((order.total.minor(), order.transactions.len(), order.refunds.len()), (0, 1, 0));
}

/// What one step of a history asks for; whatever Shopify refuses changes nothing.
#[derive(Debug, Clone)]
enum Step {
    Ship(usize, u32),
    Refund { lines: Vec<(usize, u32, u8)>, shipping: Option<i64>, tip: i64, fee: i64, paid: Vec<(u8, i64)> },
    Suggested { line: usize, units: u32, fee: i64 },
    Edit(usize, u32),
    Settle(usize, bool),
    Reissue(usize),
    Cancel(bool, bool),
}

fn step() -> impl Strategy<Value = Step> {
    let lines = prop::collection::vec((0..3usize, 1..3u32, 0..4u8), 0..3);
    let paid = prop::collection::vec((0..4u8, 1..3_000i64), 0..3);
    let refund = (lines, prop::option::of(0..600i64), 0..150i64, 0..200i64, paid);
    prop_oneof![
        3 => (0..3usize, 1..4u32).prop_map(|(line, units)| Step::Ship(line, units)),
        4 => refund.prop_map(|(lines, shipping, tip, fee, paid)| Step::Refund { lines, shipping, tip, fee, paid }),
        4 => (0..3usize, 1..3u32, prop_oneof![Just(0i64), 0..200i64]).prop_map(|(line, units, fee)| Step::Suggested { line, units, fee }),
        1 => (0..3usize, 0..4u32).prop_map(|(line, quantity)| Step::Edit(line, quantity)),
        2 => (0..3usize, any::<bool>()).prop_map(|(refund, succeeds)| Step::Settle(refund, succeeds)),
        1 => (0..3usize).prop_map(Step::Reissue),
        1 => (any::<bool>(), any::<bool>()).prop_map(|(refund, restock)| Step::Cancel(refund, restock)),
    ]
}

fn play(twin: &mut ShopifyTwin, id: OrderId, step: &Step, now: Timestamp) -> Result<(), NotPossible> {
    match step {
        Step::Ship(line, units) => twin.fulfill_by_hand(us(), id, &[(*line, *units)], &[], now).map(drop),
        Step::Refund { lines, shipping, tip, fee, paid } => {
            let kinds = [None, Some(Restock::Cancel), Some(Restock::Return), Some(Restock::NoRestock)];
            let lines = lines.iter().map(|(line, units, how)| RefundUnits {
                line: *line,
                units: *units,
                restock: kinds[usize::from(*how)],
            });
            let standings = [MoneyBack::Succeeded, MoneyBack::Pending, MoneyBack::Failed];
            let payments = paid.iter().enumerate().map(|(at, (parent, amount))| RefundPayment {
                standing: standings[at % 3],
                ..back((*parent < 3).then_some(usize::from(*parent)), *amount)
            });
            let entry = RefundEntry {
                lines: lines.collect(),
                shipping: shipping.map(ShippingRefund::Part),
                tip: *tip,
                fees: vec![(RefundFeeKind::ReturnShipping, (*fee - 100).max(0))],
                payments: payments.collect(),
                ..RefundEntry::default()
            };
            twin.refund(us(), id, &entry, now).map(drop)
        }
        Step::Suggested { line, units, fee } => {
            let mut entry = RefundEntry {
                lines: vec![RefundUnits { line: *line, units: *units, restock: None }],
                fees: vec![(RefundFeeKind::Restocking, *fee / 2)],
                ..RefundEntry::default()
            };
            entry.payments = twin.suggested_refund(us(), id, &entry)?.payments;
            twin.refund(us(), id, &entry, now).map(drop)
        }
        Step::Edit(line, quantity) => twin.edit_quantity(us(), id, *line, *quantity, now),
        Step::Settle(refund, succeeds) => twin.settle_refund(us(), id, *refund, *succeeds, now).map(drop),
        Step::Reissue(refund) => twin.reissue_refund(us(), id, *refund, now),
        Step::Cancel(refund, restock) => twin.cancel(us(), id, *refund, *restock, now),
    }
}

proptest! {
    /// Whatever is asked of Shopify: the order adds up, and apart from store credit no more goes back than came.
    #[test]
    fn a_history_of_refunds_never_gives_back_more_than_was_received(
        prices in prop::array::uniform3(1..2_000i64),
        included in any::<bool>(),
        discount in 0..900i64,
        shown in any::<bool>(),
        steps in prop::collection::vec(step(), 1..10),
    ) {
        let mut twin = twin(Currency::USD);
        let lines = prices.iter().zip(["A", "B", "C"]).map(|(price, sku)| line(sku, 3, *price));
        let mut checkout = basket(lines.collect());
        checkout.taxes = vec![tax("0.07"), tax("0.0125")];
        checkout.taxes_included = included;
        checkout.discounts = vec![off(DiscountValue::Fixed(discount), DiscountTarget::AllLines)];
        checkout.shipping = Some(CheckoutShipping { title: "Ground".into(), price: 499, taxable: true });
        checkout.tip = 150;
        if shown {
            checkout.presentment =
                Some(Presentment { currency: Currency::EUR, rate: rust_decimal::Decimal::new(913, 3) });
        }
        checkout.payments = vec![
            payment(Some(1), PaymentStanding::Captured),
            payment(None, PaymentStanding::Captured),
        ];
        let id = twin.checkout(us(), &checkout, at(0));
        for (n, step) in steps.iter().enumerate() {
            let before = twin.order_truth(us(), id).unwrap();
            let played = play(&mut twin, id, step, at(60 + n as i64));
            let order = twin.order_truth(us(), id).unwrap();
            prop_assert_eq!(order.check(), Ok(()));
            if played.is_err() {
                prop_assert_eq!(&order, &before);
            }
            let came: i64 = order.captures().map(|it| it.presentment.minor()).sum();
            let by_tender = order.transactions.iter().filter(|it| {
                it.kind == Kind::Refund && it.status != Status::Failure && it.tender != Tender::StoreCredit
            });
            prop_assert!(by_tender.map(|it| it.presentment.minor()).sum::<i64>() <= came);
            // What moved is what Shopify states: credit-memo identity (shopify.md §h.1).
            for refund in order.refunds.iter().filter(|_| !shown) {
                let own = order.transactions.iter().filter(|it| refund.transactions.contains(&it.id));
                let moved: i64 = own.map(|it| it.amount.minor()).sum();
                let again: i64 = order
                    .transactions
                    .iter()
                    .filter(|it| refund.transactions.contains(&it.id) && it.status == Status::Failure)
                    .map(|it| it.amount.minor())
                    .sum();
                let parts = refund.parts(included).unwrap().minor();
                // Money that was sent again after it failed is in twice.
                prop_assert!(parts == moved || (again > 0 && moved - again <= parts));
            }
        }
    }
}
