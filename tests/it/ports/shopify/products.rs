//! Products over the client: what is set is read back, and what cannot be set changes nothing.

use plimsoll::domain::Money;
use plimsoll::domain::ids::{ProductId, VariantId};
use plimsoll::domain::product::{Field, Fields, Value, Weight};
use plimsoll::mocks::shopify::products::ProductEdit;
use plimsoll::ports::Products;

use super::*;

fn eur(minor: i64) -> Value {
    Value::Price(Money::new(minor, Currency::EUR))
}

fn all(title: &str, price: i64, barcode: &str, milligrams: i64, published: bool) -> Fields {
    Fields::from([
        (Field::Title, Value::Text(title.into())),
        (Field::Price, eur(price)),
        (Field::Barcode, Value::Text(barcode.into())),
        (Field::Weight, Value::Weight(Weight::from_milligrams(milligrams))),
        (Field::Status, Value::Published(published)),
    ])
}

/// A mug of which only the SKU is known, and its number.
fn with_mug() -> (ShopifyTwin, VariantId) {
    let mut twin = twin();
    twin.add_variant(shop(), "ANCHOR", 1);
    let mug = twin.add_variant(shop(), "MUG", 1_200);
    (twin, mug)
}

#[test]
fn fields_that_are_set_read_back() {
    on_each(async |fidelity| {
        let (twin, mug) = with_mug();
        let (client, _) = client(fidelity, twin);
        let read = async || client.sold_variant(call(), shop(), mug, Currency::EUR).await.unwrap().unwrap();
        let before = read().await;
        assert_eq!(before.fields, all("MUG", 1_200, "", 0, true));
        assert_eq!(before.sku.as_ref().map(|sku| &*sku.0), Some("MUG"));
        let wanted = all("Stoneware \"mug\" – 350 ml", 1_250, "5012345678900", 350_125, false);
        let (of_product, of_variant): (Fields, Fields) =
            wanted.clone().into_iter().partition(|(field, _)| field.is_of_product());
        for _ in 0..2 {
            client.set_variant(call(), shop(), &before, &of_variant).await.unwrap();
            client.set_product(call(), shop(), before.product, &of_product).await.unwrap();
            let after = read().await;
            assert_eq!(after.fields, wanted);
            assert!(after.saved_at > before.saved_at);
        }
        // A field that is not named stays.
        let cleared = Fields::from([(Field::Barcode, Value::Text("".into()))]);
        client.set_variant(call(), shop(), &before, &cleared).await.unwrap();
        let unmarked = all("Stoneware \"mug\" – 350 ml", 1_250, "", 350_125, false);
        assert_eq!(read().await.fields, unmarked);
    });
}

#[test]
fn what_somebody_edits_by_hand_is_read_and_moves_the_time() {
    on_each(async |fidelity| {
        let (mut twin, mug) = with_mug();
        let at = start().plus(Duration::from_hours(1));
        let edit = ProductEdit { title: Some("Mug".into()), price: Some(999), ..ProductEdit::default() };
        assert!(twin.edit_product(shop(), "MUG", &edit, at));
        assert!(!twin.edit_product(shop(), "KETTLE", &edit, at));
        let (client, _) = client(fidelity, twin);
        let seen = client.sold_variant(call(), shop(), mug, Currency::EUR).await.unwrap().unwrap();
        assert_eq!(seen.fields, all("Mug", 999, "", 0, true));
        assert_eq!(seen.saved_at, at.floor_second());
    });
}

#[test]
fn what_does_not_exist_or_cannot_be_said_is_refused_and_changes_nothing() {
    on_each(async |fidelity| {
        let (twin, mug) = with_mug();
        let (client, _) = client(fidelity, twin);
        let nobody = VariantId::new(mug.get() + 1);
        assert_eq!(client.sold_variant(call(), shop(), nobody, Currency::EUR).await.unwrap(), None);
        let known = client.sold_variant(call(), shop(), mug, Currency::EUR).await.unwrap().unwrap();
        let price = |minor: i64| Fields::from([(Field::Price, eur(minor))]);
        let title = |text: &str| Fields::from([(Field::Title, Value::Text(text.into()))]);
        let stranger = plimsoll::domain::product::SoldVariant { id: nobody, ..known.clone() };
        let refused = [
            client.set_variant(call(), shop(), &known, &price(-1)).await,
            client.set_variant(call(), shop(), &stranger, &price(5)).await,
            client.set_product(call(), shop(), known.product, &title(" ")).await,
            client.set_product(call(), shop(), ProductId::new(7), &title("Mug")).await,
            // Fields of the other record never leave the house.
            client.set_product(call(), shop(), known.product, &price(5)).await,
            client.set_variant(call(), shop(), &known, &title("Mug")).await,
        ];
        for answer in refused {
            assert!(matches!(answer, Err(PlatformError::Refused { .. })), "{answer:?}");
        }
        let after = client.sold_variant(call(), shop(), mug, Currency::EUR).await.unwrap().unwrap();
        assert_eq!(after.fields, known.fields);
    });
}
