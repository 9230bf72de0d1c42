use rusqlite::Connection;

use super::*;

#[test]
fn every_reason_reads_back_from_its_number() {
    for reason in AsideReason::ALL {
        assert_eq!(AsideReason::from_number(reason as u8), Some(reason));
    }
    assert_eq!(AsideReason::from_number(0), None);
}

#[test]
fn forgetting_takes_the_oldest_and_no_more_than_it_is_told() {
    let mut core = Core::open(Connection::open_in_memory().unwrap()).unwrap();
    let merchant: MerchantKey = "acme".parse().unwrap();
    for n in 1..=5u8 {
        let receipt = Receipt { merchant, shop: None, delivery: Some(n.into()), digest: [n; 32] };
        let aside = Aside {
            receipt,
            reason: AsideReason::UnknownShop,
            shop_domain: "x.myshopify.com".into(),
            topic: "orders/create".into(),
            customer: None,
            body: [n; 8].into(),
            exception: None,
            policy_hash: [7; 32],
        };
        core.set_aside(&aside, Timestamp::from_seconds(n.into())).unwrap();
    }
    let before = Timestamp::from_seconds(4);
    assert_eq!(core.forget_deliveries(merchant, before, Timestamp::ORIGIN, 2).unwrap(), 2);
    assert_eq!(core.forget_deliveries(merchant, before, before, 100).unwrap(), 1 + 3);
    let left = core.aside(merchant, 0, 100).unwrap();
    assert_eq!(left.iter().filter(|aside| aside.body.is_some()).count(), 2);
    assert_eq!(left.len(), 5, "that it came stays known");
}
