use super::*;

const ORDER: OrderId = OrderId::new(7);

fn shop() -> ShopKey {
    "uk".parse().unwrap()
}

fn at(minutes: u64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000).plus(Duration::from_mins(minutes))
}

fn street(line1: &str) -> Address {
    Address { line1: Some(line1.into()), line2: Some("".into()), ..Address::default() }
}

#[test]
fn a_parcel_with_the_old_address_is_a_misship_and_honours_what_was_shown_at_release() {
    let mut after = AfterPurchase::default();
    let (old, new) = (street("1 Mill Lane"), street("2 Mill Lane"));
    after.released(shop(), ORDER, at(0), Some(&old), Some(&Address { line2: None, ..old.clone() }));
    after.changed(shop(), ORDER, LateChange::Address, at(2));
    let left = after.parcel_left(shop(), ORDER, Some(&new));
    assert_eq!(left, ParcelLeft { as_shown_at_release: true, was_warned: false, is_misship: true });
    assert_eq!(after.parcels(), (1, 1));
    assert!(after.came_late(shop(), ORDER, LateChange::Address));
    assert!(!after.came_late(shop(), ORDER, LateChange::Lines));
}

#[test]
fn a_change_long_before_the_release_is_never_late() {
    let mut after = AfterPurchase::default();
    after.changed(shop(), ORDER, LateChange::Lines, at(0));
    after.released(shop(), ORDER, at(60), None, None);
    assert!(!after.came_late(shop(), ORDER, LateChange::Lines));
}

#[test]
fn a_cause_stands_until_the_world_ends_it() {
    let mut after = AfterPurchase::default();
    after.arose(shop(), ORDER, CauseCode::FulfillmentHeld);
    after.arose(shop(), OrderId::new(8), CauseCode::ShipmentUnmatched);
    assert_eq!(after.standing(shop(), ORDER).collect::<Vec<_>>(), [CauseCode::FulfillmentHeld]);
    after.ended(shop(), ORDER, CauseCode::FulfillmentHeld);
    assert_eq!(after.standing(shop(), ORDER).count(), 0);
}
