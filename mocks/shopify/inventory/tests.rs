use super::*;
use crate::domain::{Currency, Zone};
use crate::mocks::shopify::ShopSettings;

const LEEDS: u64 = 7_121;

fn shop() -> ShopKey {
    "uk".parse().unwrap()
}

fn at(hour: i64) -> Timestamp {
    Timestamp::from_seconds(1_795_755_600 + hour * 3_600)
}

/// Two items with 10 and 20 available, and a bundle parent.
fn twin() -> ShopifyTwin {
    let mut twin = ShopifyTwin::new();
    twin.add_shop(ShopSettings {
        key: shop(),
        domain: "harbour-uk.myshopify.com".into(),
        currency: Currency::GBP,
        zone: Zone::utc(),
        restore_rate: 100,
        bucket: 2_000,
        order_number_start: 1_001,
    });
    twin.add_location(shop(), LEEDS);
    for (sku, available, is_bundle_parent) in [("A", 10, false), ("B", 20, false), ("SET", 0, true)] {
        twin.track(shop(), sku, Tracking { oversells: false, is_bundle_parent });
        assert!(twin.set_available(shop(), sku, LEEDS, available));
    }
    twin
}

fn row(item: usize, from: Option<i64>, to: i64) -> InventoryQuantityInput {
    InventoryQuantityInput {
        inventory_item_id: Gid::new(ids::inventory_item(0, item)),
        location_id: Gid::new(LEEDS),
        quantity: to,
        change_from_quantity: from,
    }
}

fn input(rows: &[InventoryQuantityInput]) -> InventorySetQuantitiesInput {
    InventorySetQuantitiesInput {
        name: QuantityName::Available,
        reason: "correction".into(),
        reference_document_uri: "gid://plimsoll/Test/1".into(),
        quantities: rows.to_vec(),
    }
}

/// `code field` of each error; what is available then.
fn set(
    twin: &mut ShopifyTwin,
    key: &str,
    input: InventorySetQuantitiesInput,
    now: Timestamp,
) -> (Vec<String>, Vec<i64>) {
    let variables = InventorySetQuantitiesVariables { input, key: key.into() };
    let payload = twin.inventory_set_quantities(0, &variables, now).inventory_set_quantities.unwrap();
    let said = |error: &InventoryUserError| {
        let field = error.field.as_ref().map(|field| field.join(".")).unwrap_or_default();
        format!("{} {field}", error.code.as_deref().unwrap())
    };
    assert_eq!(payload.user_errors.is_empty(), payload.inventory_adjustment_group.is_some());
    (
        payload.user_errors.iter().map(said).collect(),
        twin.levels(shop()).map(|level| level.available).collect(),
    )
}

#[test]
fn all_rows_are_set_or_none() {
    let mut twin = twin();
    let all = input(&[row(0, Some(10), 4), row(1, Some(20), 5)]);
    assert_eq!(set(&mut twin, "1", all, at(0)), (vec![], vec![4, 5, 0]));
    let stale = input(&[row(0, Some(4), 9), row(1, Some(20), 9)]);
    let said = vec!["CHANGE_FROM_QUANTITY_STALE input.quantities.1.changeFromQuantity".to_owned()];
    assert_eq!(set(&mut twin, "2", stale, at(0)), (said, vec![4, 5, 0]));
    let parent = input(&[row(0, Some(4), 9), row(2, Some(0), 9)]);
    let said = vec!["NON_MUTABLE_INVENTORY_ITEM input.quantities.1.inventoryItemId".to_owned()];
    assert_eq!(set(&mut twin, "3", parent, at(0)), (said, vec![4, 5, 0]));
    let unchecked = input(&[row(0, None, -2)]);
    assert_eq!(set(&mut twin, "4", unchecked, at(0)), (vec![], vec![-2, 5, 0]));
}

#[test]
fn each_bad_row_is_named() {
    let mut twin = twin();
    let elsewhere = InventoryQuantityInput { location_id: Gid::new(1), ..row(0, None, 1) };
    let rows = [row(9, None, 1), elsewhere, row(1, None, 2_000_000_000), row(1, None, 3)];
    let (said, left) = set(&mut twin, "1", input(&rows), at(0));
    assert_eq!(
        said,
        [
            "INVALID_INVENTORY_ITEM input.quantities.0.inventoryItemId",
            "INVALID_LOCATION input.quantities.1.locationId",
            "INVALID_QUANTITY_TOO_HIGH input.quantities.2.quantity",
            "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR input.quantities.3.locationId",
        ]
    );
    assert_eq!(left, [10, 20, 0]);
    let reason = InventorySetQuantitiesInput { reason: "because".into(), ..input(&[row(0, None, 1)]) };
    assert_eq!(set(&mut twin, "1", reason, at(0)).0, ["INVALID_REASON input.reason"]);
}

#[test]
fn a_key_stands_for_its_first_request_for_a_day() {
    let mut twin = twin();
    let first = input(&[row(0, Some(10), 4)]);
    assert_eq!(set(&mut twin, "1", first.clone(), at(0)).1, [4, 20, 0]);
    twin.set_available(shop(), "A", LEEDS, 10);
    // The same again is the same call, and does nothing more.
    assert_eq!(set(&mut twin, "1", first.clone(), at(23)), (vec![], vec![10, 20, 0]));
    let other = input(&[row(0, Some(10), 5)]);
    assert_eq!(set(&mut twin, "1", other, at(23)).0, ["IDEMPOTENCY_KEY_PARAMETER_MISMATCH "]);
    assert_eq!(set(&mut twin, "1", first, at(24)).1, [4, 20, 0]);
}

#[test]
fn what_is_committed_is_taken_off_what_is_on_hand() {
    let mut twin = twin();
    let sku = twin.texts.find("A").unwrap();
    twin.shop_mut(shop()).inventory.sold(sku, 3);
    let level = twin.level(shop(), ids::inventory_item(0, 0), LEEDS).unwrap();
    assert_eq!((level.available, level.committed), (7, 3));
    // Failures.md B14: 7 written as on hand shows 4.
    let on_hand = InventorySetQuantitiesInput { name: QuantityName::OnHand, ..input(&[row(0, Some(10), 7)]) };
    assert_eq!(set(&mut twin, "1", on_hand, at(0)), (vec![], vec![4, 20, 0]));
    twin.units_fulfilled(shop(), "A", 2);
    twin.units_restocked(shop(), "A", 1);
    let level = twin.level(shop(), ids::inventory_item(0, 0), LEEDS).unwrap();
    assert_eq!((level.available, level.committed), (5, 1));
    assert!(twin.can_sell(shop(), "A", 5) && !twin.can_sell(shop(), "A", 6) && twin.can_sell(shop(), "Z", 6));
}
