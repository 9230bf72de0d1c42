use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::domain::payout::DisputeStatus;
use crate::domain::{Duration, Zone};
use crate::mocks::shopify::{
    Checkout, CheckoutBuyer, CheckoutLine, Payment, PaymentStanding, Presentment, ShopSettings,
};
use crate::platforms::shopify::operation::{Answer, Request, SearchVariables};

fn shop() -> ShopKey {
    "us".parse().unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_795_755_600 + seconds)
}

fn twin() -> ShopifyTwin {
    let mut twin = ShopifyTwin::new();
    twin.add_shop(ShopSettings {
        key: shop(),
        domain: "us.myshopify.com".into(),
        currency: Currency::USD,
        zone: Zone::named("America/New_York").unwrap(),
        restore_rate: 1_000,
        bucket: 1_000_000,
        order_number_start: 1001,
    });
    twin.open_payments(shop(), Currency::USD);
    twin
}

fn row(kind: BalanceKind, amount: i64, fee: i64, seconds: i64) -> BalanceRow {
    BalanceRow {
        kind,
        amount,
        fee,
        order_transaction: None,
        dispute: None,
        order: None,
        processed_at: at(seconds),
        reason: None,
    }
}

fn sold(twin: &mut ShopifyTwin, gateway: &str, standing: PaymentStanding, seconds: i64) -> OrderId {
    let checkout = Checkout {
        buyer: CheckoutBuyer::Guest { email: None, phone: None },
        lines: vec![CheckoutLine {
            sku: Some("A-1".into()),
            title: "Anchor".into(),
            quantity: 1,
            unit_price: 5_000,
            taxable: false,
            is_gift_card: false,
        }],
        discounts: vec![],
        taxes: vec![],
        taxes_included: false,
        shipping: None,
        duties: 0,
        fees: 0,
        tip: 0,
        presentment: Some(Presentment { currency: Currency::EUR, rate: "0.9".parse().unwrap() }),
        payments: vec![Payment {
            gateway: gateway.into(),
            amount: None,
            presentment: None,
            rounding: 0,
            standing,
        }],
        ship_to: None,
    };
    twin.checkout(shop(), &checkout, at(seconds))
}

/// Numbers of the rows that the API lists for a search, page by page.
fn listed(twin: &mut ShopifyTwin, query: &str) -> Vec<u64> {
    let (mut ids, mut after) = (Vec::new(), None);
    loop {
        let request =
            Request::BalanceTransactions(SearchVariables { query: query.into(), after: after.take() });
        let answer = twin.answer(shop(), &request, at(1_000_000)).data;
        let Some(Answer::BalanceTransactions(data)) = answer else { panic!("{answer:?}") };
        let page = data.shopify_payments_account.unwrap().balance_transactions;
        ids.extend(page.nodes.iter().map(|row| row.id.number()));
        if !page.page_info.has_next_page {
            return ids;
        }
        after = page.page_info.end_cursor;
    }
}

#[test]
fn what_the_processor_took_is_received_until_a_row_settles_it() {
    let mut twin = twin();
    let sale = sold(&mut twin, GATEWAY, PaymentStanding::Captured, 10);
    let held = sold(&mut twin, GATEWAY, PaymentStanding::Authorized, 20);
    sold(&mut twin, "gift_card", PaymentStanding::Captured, 30);
    sold(&mut twin, GATEWAY, PaymentStanding::Failed, 40);
    let received = twin.received(shop(), at(0));
    assert_eq!(received.len(), 1);
    let taken = received[0];
    assert_eq!((taken.order, taken.kind), (sale, TransactionKind::Sale));
    assert_eq!((taken.amount.minor(), taken.presentment), (5_000, Money::new(4_500, Currency::EUR)));
    assert_eq!(twin.received(shop(), at(11)), []);

    let settles =
        BalanceRow { order_transaction: Some(taken.transaction), ..row(BalanceKind::Charge, 5_000, 175, 10) };
    let id = twin.add_balance_row(shop(), settles, at(50)).unwrap();
    let known = twin.balance_rows(shop()).next().unwrap();
    assert_eq!((known.id, known.order, known.net.minor()), (id, Some(sale), 4_825));
    assert_eq!(twin.received(shop(), at(0)), []);

    twin.capture(shop(), held, at(60)).unwrap();
    twin.cancel(shop(), sale, true, true, at(70)).unwrap();
    let received = twin.received(shop(), at(60));
    let kinds: Vec<_> = received.iter().map(|taken| (taken.kind, taken.order)).collect();
    assert_eq!(kinds, [(TransactionKind::Capture, held), (TransactionKind::Refund, sale)]);
    assert_eq!(received[1].amount.minor(), 5_000);
    assert!(received[0].parent.is_some(), "a capture names what was authorised");
}

#[test]
fn a_row_of_an_unknown_order_or_shop_without_payments_is_not_possible() {
    let mut twin = twin();
    let order = sold(&mut twin, GATEWAY, PaymentStanding::Captured, 10);
    let unknown = BalanceRow {
        order_transaction: Some(TransactionId::new(7)),
        ..row(BalanceKind::Charge, 5_000, 0, 1)
    };
    assert_eq!(twin.add_balance_row(shop(), unknown, at(1)), Err(NotPossible::UnknownOrder));
    let dispute = NewDispute { order: Some(order), amount: 5_000, is_inquiry: false, initiated_at: at(2) };
    let id = twin.add_dispute(shop(), dispute).unwrap();
    twin.answer_dispute(shop(), id).unwrap();
    twin.settle_dispute(shop(), id, DisputeStatus::Lost, at(9)).unwrap();
    assert_eq!(twin.settle_dispute(shop(), id, DisputeStatus::Won, at(9)), Err(NotPossible::Decided));
    assert_eq!(twin.disputes(shop()).next().unwrap().finalized_on, Some(at(9)));
    let mut without = ShopifyTwin::new();
    without.add_shop(twin.shop(shop()).settings.clone());
    let nothing = without.add_balance_row(shop(), row(BalanceKind::Charge, 1, 0, 1), at(1));
    assert_eq!(nothing, Err(NotPossible::NoAccount));
    assert_eq!(without.received(shop(), at(0)), []);
}

#[test]
fn a_payout_is_traced_once_it_went_to_the_bank_and_old_ones_may_fail() {
    let mut twin = twin();
    let mut payout = |seconds| {
        twin.add_balance_row(shop(), row(BalanceKind::Charge, 900, 100, seconds), at(seconds)).unwrap();
        twin.schedule_payout(shop(), PayoutRows::Before(at(seconds + 1)), at(seconds), at(seconds)).unwrap()
    };
    let (paid, canceled) = (payout(1), payout(2));
    assert_eq!(twin.payout_truth(shop(), paid).unwrap().trace, None);
    let mut set = |payout, status| twin.set_payout_status(shop(), payout, status, at(3));
    set(paid, PayoutStatus::Paid).unwrap();
    set(paid, PayoutStatus::Failed).unwrap();
    set(canceled, PayoutStatus::Canceled).unwrap();
    let back = set(paid, PayoutStatus::Paid);
    assert_eq!(back, Err(NotPossible::Status { from: PayoutStatus::Failed, to: PayoutStatus::Paid }));
    let traces: Vec<_> = twin.payouts(shop()).map(|payout| payout.trace).collect();
    assert_eq!(traces, [Some("091000100000001".into()), None]);
    assert_eq!(
        twin.schedule_payout(shop(), PayoutRows::Before(at(9)), at(9), at(9)),
        Err(NotPossible::Empty)
    );
}

#[derive(Debug, Clone)]
enum Deed {
    Row { kind: usize, amount: i64, fee: i64, seconds: i64 },
    ScheduleBefore(i64),
    ScheduleThese(Vec<usize>),
    Move { row: usize, to: Option<usize> },
    Status { payout: usize, status: PayoutStatus },
}

fn deed() -> impl Strategy<Value = Deed> {
    let status =
        prop_oneof![Just(PayoutStatus::Paid), Just(PayoutStatus::Failed), Just(PayoutStatus::Canceled)];
    prop_oneof![
        6 => (0..BalanceKind::PUBLISHED.len(), -90_000i64..90_000, -500i64..500, 0i64..900)
            .prop_map(|(kind, amount, fee, seconds)| Deed::Row { kind, amount, fee, seconds }),
        1 => (0i64..900).prop_map(Deed::ScheduleBefore),
        1 => prop::collection::vec(0usize..40, 0..4).prop_map(Deed::ScheduleThese),
        2 => (0usize..40, prop::option::of(0usize..5)).prop_map(|(row, to)| Deed::Move { row, to }),
        2 => (0usize..5, status).prop_map(|(payout, status)| Deed::Status { payout, status }),
    ]
}

fn carry_out(twin: &mut ShopifyTwin, deed: Deed, now: Timestamp) {
    let rows: Vec<_> = twin.balance_rows(shop()).map(|row| row.id).collect();
    let payouts: Vec<_> = twin.payouts(shop()).map(|payout| payout.id).collect();
    // What is not possible changes nothing, which the invariants below show.
    match deed {
        Deed::Row { kind, amount, fee, seconds } => {
            let row = row(BalanceKind::PUBLISHED[kind].clone(), amount, fee, seconds);
            twin.add_balance_row(shop(), row, now).unwrap();
        }
        Deed::ScheduleBefore(seconds) => {
            let _ = twin.schedule_payout(shop(), PayoutRows::Before(at(seconds)), now, now);
        }
        Deed::ScheduleThese(picked) => {
            let picked: Vec<_> = picked.iter().filter_map(|at| rows.get(*at).copied()).collect();
            let _ = twin.schedule_payout(shop(), PayoutRows::These(&picked), now, now);
        }
        Deed::Move { row, to } => {
            let Some(row) = rows.get(row) else { return };
            let to = to.and_then(|to| payouts.get(to).copied());
            let _ = twin.move_balance_row(shop(), *row, to);
        }
        Deed::Status { payout, status } => {
            let Some(payout) = payouts.get(payout) else { return };
            let _ = twin.set_payout_status(shop(), *payout, status, now);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn rows_of_a_payout_come_to_its_net_and_each_row_is_in_one_at_most(
        deeds in prop::collection::vec(deed(), 1..60),
    ) {
        let mut twin = twin();
        let mut now = at(0);
        for deed in deeds {
            now = now.plus(Duration::from_secs(7));
            let submitted: Vec<_> = twin.payouts(shop()).filter(|it| it.status != PayoutStatus::Scheduled).collect();
            carry_out(&mut twin, deed, now);
            let after: BTreeMap<_, _> = twin.payouts(shop()).map(|payout| (payout.id, payout.net)).collect();
            for payout in submitted {
                prop_assert_eq!(after[&payout.id], payout.net, "a submitted payout changed");
            }
        }
        let rows: BTreeMap<u64, _> = twin.balance_rows(shop()).map(|row| (row.id.get(), row)).collect();
        let mut seen = BTreeSet::new();
        for payout in twin.payouts(shop()).collect::<Vec<_>>() {
            let is_own_transfer = |row: &&crate::domain::payout::BalanceTransaction| {
                row.kind == BalanceKind::Transfer && row.net.minor() == -payout.net.minor()
            };
            let own: Vec<_> = rows.values().filter(|row| row.payout == Some(payout.id)).collect();
            let transfers = own.iter().filter(|row| is_own_transfer(row)).count();
            prop_assert!(transfers >= 1, "no transfer of {:?}", payout);
            let all: i64 = own.iter().map(|row| row.net.minor()).sum();
            prop_assert_eq!(all, 0, "rows and transfer of {:?}", payout);
            let ids = listed(&mut twin, &format!("payments_transfer_id:{}", payout.id));
            for id in &ids {
                prop_assert!(seen.insert(*id), "row {} is in two payouts", id);
            }
            let shown = own.iter().filter(|row| row.kind != BalanceKind::Transfer).count();
            prop_assert_eq!(ids.len(), shown);
            let order: Vec<_> = ids.iter().map(|id| (rows[id].processed_at, *id)).collect();
            prop_assert!(order.is_sorted(), "oldest first");
        }
        for row in rows.values() {
            prop_assert_eq!(row.net.minor(), row.amount.minor() - row.fee.minor());
        }
        let since = listed(&mut twin, "processed_at:>='2026-11-27T05:00:00Z'");
        let hidden = rows.values().filter(|row| row.kind == BalanceKind::Transfer).count();
        prop_assert_eq!(since.len(), rows.len() - hidden);
    }
}
