//! The port `Payments` over the twin's ledger.

use plimsoll::domain::ids::PayoutId;
use plimsoll::domain::payout::{BalanceKind, DisputeStatus, Payout, PayoutStatus};
use plimsoll::domain::{Currency, Duration, Money};
use plimsoll::mocks::shopify::payments::{BalanceRow, NewDispute, PayoutRows};
use plimsoll::mocks::shopify::{CheckoutBuyer, ShopifyTwin};
use plimsoll::platforms::shopify::operation::SearchVariables;
use plimsoll::platforms::shopify::{Request, Transport};
use plimsoll::ports::settlement::{Page, Payments};
use plimsoll::ports::{Platform, PlatformError};

use super::{basket, call, client, on_each, shop, start, twin};

/// Six hundred charges and one adjustment of a type that nobody has published, all in one payout; one charge more.
fn settled() -> (ShopifyTwin, PayoutId) {
    let mut twin = twin();
    twin.open_payments(shop(), Currency::EUR);
    let nobody = CheckoutBuyer::Guest { email: None, phone: None };
    let order = twin.checkout(shop(), &basket(nobody, 1), start());
    twin.capture(shop(), order, start().plus(Duration::from_secs(1))).unwrap();
    let taken = twin.received(shop(), start())[0];
    for n in 0..600 {
        let at = start().plus(Duration::from_secs(n / 7));
        let charge = BalanceRow {
            kind: BalanceKind::Charge,
            amount: 1_000 + n as i64,
            fee: 30,
            order_transaction: (n == 0).then_some(taken.transaction),
            dispute: None,
            order: None,
            processed_at: at,
            reason: None,
        };
        twin.add_balance_row(shop(), charge, at).unwrap();
    }
    let now = start().plus(Duration::from_hours(1));
    let novel = BalanceRow {
        kind: BalanceKind::from_name("MOON_LEVY"),
        amount: -7,
        fee: 0,
        order_transaction: None,
        dispute: None,
        order: Some(order),
        processed_at: now,
        reason: Some("full moon".into()),
    };
    twin.add_balance_row(shop(), novel.clone(), now).unwrap();
    let payout = twin.schedule_payout(shop(), PayoutRows::Before(now.plus(Duration::from_secs(1))), now, now);
    let payout = payout.unwrap();
    twin.set_payout_status(shop(), payout, PayoutStatus::Paid, now).unwrap();
    let pending = BalanceRow { kind: BalanceKind::Charge, amount: 500, reason: None, ..novel };
    twin.add_balance_row(shop(), pending, now.plus(Duration::from_secs(5))).unwrap();
    (twin, payout)
}

/// Every page of a listing.
async fn all<T>(page: impl AsyncFn(Option<String>) -> Result<Page<T>, PlatformError>) -> Vec<T> {
    let (mut items, mut after) = (Vec::new(), None);
    loop {
        let page = page(after).await.unwrap();
        items.extend(page.items);
        after = page.next;
        if after.is_none() {
            return items;
        }
    }
}

#[test]
fn rows_and_payouts_read_as_they_truly_are() {
    on_each(async |fidelity| {
        let (twin, payout) = settled();
        let rows: Vec<_> =
            twin.balance_rows(shop()).filter(|row| row.kind != BalanceKind::Transfer).collect();
        let truth: Vec<Payout> = twin.payouts(shop()).collect();
        let (client, _) = client(fidelity, twin);

        let of_payout =
            all(async |after| client.balance_transactions(call(), shop(), payout, after).await).await;
        assert_eq!(of_payout, rows[..601], "{fidelity:?}");
        assert_eq!(of_payout[600].kind, BalanceKind::Unknown("MOON_LEVY".into()));
        let since =
            all(async |after| client.balance_transactions_since(call(), shop(), start(), after).await).await;
        assert_eq!(since.len(), 602, "{fidelity:?}");
        assert_eq!(since.last().unwrap().payout, None);

        let payouts = all(async |after| client.payouts(call(), shop(), start(), after).await).await;
        assert_eq!(payouts, truth, "{fidelity:?}");
        assert_eq!(
            payouts[0].net,
            Money::new(rows[..601].iter().map(|row| row.net.minor()).sum(), Currency::EUR)
        );
        assert_eq!(client.payout(call(), shop(), payout).await.unwrap().as_ref(), truth.first());
        assert_eq!(client.payout(call(), shop(), PayoutId::new(5)).await, Ok(None));
        let later = start().plus(Duration::from_hours(2));
        assert_eq!(client.payouts(call(), shop(), later, None).await.unwrap().items, []);
    });
}

#[test]
fn disputes_are_listed_from_the_day_they_began() {
    on_each(async |fidelity| {
        let (mut twin, _) = settled();
        let opened = |n: u64| NewDispute {
            order: None,
            amount: 1_000,
            is_inquiry: n == 1,
            initiated_at: start().plus(Duration::from_hours(n)),
        };
        let ids: Vec<_> = (0..3).map(|n| twin.add_dispute(shop(), opened(n)).unwrap()).collect();
        twin.settle_dispute(shop(), ids[2], DisputeStatus::Lost, start().plus(Duration::from_hours(9)))
            .unwrap();
        let truth: Vec<_> = twin.disputes(shop()).collect();
        let (client, _) = client(fidelity, twin);
        let since = start().plus(Duration::from_mins(30));
        let read = all(async |after| client.disputes(call(), shop(), since, after).await).await;
        assert_eq!(read, truth[1..], "{fidelity:?}");
        assert!(read[1].status.is_lost());
    });
}

#[test]
fn a_shop_without_payments_and_an_app_without_scopes_are_told_apart() {
    on_each(async |fidelity| {
        let (client, transport) = client(fidelity, twin());
        let none = client.payouts(call(), shop(), start(), None).await.unwrap_err();
        assert!(none.to_string().contains("shop `eu` has no Shopify Payments account"), "{none}");
        {
            let (twin, _) = &mut *transport.world.lock().unwrap();
            twin.open_payments(shop(), Currency::EUR);
            twin.deny_payments(shop(), true);
        }
        let denied = client.disputes(call(), shop(), start(), None).await.unwrap_err();
        assert!(
            matches!(denied, PlatformError::Unauthorized { platform: Platform::Shopify, .. }),
            "{fidelity:?}: {denied:?}"
        );
    });
}

#[test]
fn a_search_field_that_shopify_does_not_know_matches_everything_and_says_so() {
    on_each(async |fidelity| {
        let (twin, _) = settled();
        let (_, transport) = client(fidelity, twin);
        let variables = SearchVariables { query: "issued:>='2030-01-01T00:00:00Z'".into(), after: None };
        let response = transport.send(call(), shop(), Request::Payouts(variables)).await.unwrap();
        assert_eq!(response.extensions.search.len(), 1);
        assert!(response.to_json().contains("gid://shopify/ShopifyPaymentsPayout/"), "{fidelity:?}");
    });
}
