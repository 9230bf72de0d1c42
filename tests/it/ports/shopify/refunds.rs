//! Refunds, returns and gift cards, read by both fidelities.

use plimsoll::domain::refund::{RefundFeeKind, Restock};
use plimsoll::mocks::shopify::{MoneyBack, RefundEntry, RefundPayment, RefundUnits, ShippingRefund};
use plimsoll::ports::shopify::GiftCards;

use super::*;

fn units(line: usize, units: u32, restock: Restock) -> RefundUnits {
    RefundUnits { line, units, restock: Some(restock) }
}

/// A paid order of some lines, two of them shipped, with as many refunds of every kind.
fn given_back(lines: usize) -> (ShopifyTwin, OrderId) {
    let mut twin = twin();
    let nobody = CheckoutBuyer::Guest { email: None, phone: None };
    let mut checkout = basket(nobody, lines);
    checkout.payments = vec![
        payment("gift_card", Some(1_000), PaymentStanding::Captured),
        payment("shopify_payments", None, PaymentStanding::Captured),
    ];
    let id = twin.checkout(shop(), &checkout, start());
    twin.fulfill_by_hand(shop(), id, &[(0, 2), (1, 1)], &[], start()).unwrap();
    let mut refund = |mut entry: RefundEntry, seconds: u64| {
        let at = start().plus(Duration::from_secs(seconds));
        entry.payments.extend(twin.suggested_refund(shop(), id, &entry).unwrap().payments);
        twin.refund(shop(), id, &entry, at).unwrap();
    };
    let returned = RefundEntry {
        lines: vec![units(0, 1, Restock::Return), units(1, 1, Restock::NoRestock)],
        fees: vec![(RefundFeeKind::Restocking, 100), (RefundFeeKind::ReturnShipping, 250)],
        is_return: true,
        ..RefundEntry::default()
    };
    refund(returned, 10);
    let called_off = (2..lines).map(|line| units(line, 1, Restock::Cancel));
    refund(RefundEntry { lines: called_off.collect(), duties: 20, tip: 200, ..RefundEntry::default() }, 20);
    refund(RefundEntry { shipping: Some(ShippingRefund::All), ..RefundEntry::default() }, 30);
    let goodwill =
        RefundPayment { parent: None, amount: 700, presentment: None, standing: MoneyBack::Pending };
    refund(RefundEntry { payments: vec![goodwill], ..RefundEntry::default() }, 40);
    (twin, id)
}

#[test]
fn refunds_read_as_they_truly_are() {
    on_each(async |fidelity| {
        // More lines than the first page of refunds has.
        for lines in [4, 24] {
            let (twin, id) = given_back(lines);
            let truth = twin.order_truth(shop(), id).unwrap();
            assert_eq!((truth.refunds.len(), truth.check()), (4, Ok(())));
            let (client, _) = client(fidelity, twin);
            let read = client.order(call(), shop(), id).await.unwrap().unwrap();
            assert_eq!(read, truth, "{fidelity:?}");
        }
    });
}

#[test]
fn gift_cards_are_listed_by_when_they_were_created() {
    on_each(async |fidelity| {
        let mut twin = twin();
        let later = start().plus(Duration::from_mins(5));
        twin.issue_gift_card(shop(), 1_000, None, start());
        let expires = "2027-11-27".parse().unwrap();
        for _ in 0..260 {
            twin.issue_gift_card(shop(), 2_500, Some(expires), later);
        }
        let (client, _) = client(fidelity, twin);
        let page = client.gift_cards(call(), shop(), later, None).await.unwrap();
        assert_eq!(page.cards.len(), 250, "{fidelity:?}");
        let first = &page.cards[0];
        assert_eq!((first.balance.minor(), first.sold_by, first.expires_on), (2_500, None, Some(expires)));
        let rest = client.gift_cards(call(), shop(), later, page.next).await.unwrap();
        assert_eq!((rest.cards.len(), rest.next), (10, None));
    });
}
