//! Items over the client: what staff save is what is read, and when.

use plimsoll::domain::price::BASE_LEVEL;
use plimsoll::domain::product::{Field, Fields, Value, Weight};
use plimsoll::domain::{Currency, Duration, Sku, Zone};
use plimsoll::mocks::netsuite::items::Description;
use plimsoll::ports::Items;

use super::in_each;
use super::world::{NOW, World, call, eur, run};

fn london() -> Zone {
    Zone::named("Europe/London").unwrap()
}

fn item(world: &World, sku: &str) -> Option<plimsoll::domain::product::CatalogueItem> {
    run(world.client.item(call(), &Sku(sku.into()), Currency::EUR, &london())).unwrap()
}

#[test]
fn an_item_reads_as_staff_saved_it() {
    in_each(|world| {
        let online = |item: &mut Description| {
            *item = Description {
                display_name: Some("Mug, Ana's".into()),
                upc_code: Some("5012345678900".into()),
                weight: Some(Weight::from_milligrams(350_125)),
                is_online: true,
            };
        };
        assert!(world.twin().describe_item("MUG-1", online, NOW));
        assert!(!world.twin().describe_item("NOTHING", online, NOW));
        assert!(world.twin().set_price("MUG-1", BASE_LEVEL, 1, Currency::EUR, Some(1_400), NOW));
        // Neither a break nor another currency is the base price of one.
        assert!(world.twin().set_price("MUG-1", BASE_LEVEL, 12, Currency::EUR, Some(900), NOW));
        assert!(world.twin().set_price("MUG-1", BASE_LEVEL, 1, Currency::GBP, Some(1_200), NOW));
        let seen = item(world, "MUG-1").unwrap();
        assert_eq!(
            seen.fields,
            Fields::from([
                (Field::Title, Value::Text("Mug, Ana's".into())),
                (Field::Price, Value::Price(eur(1_400))),
                (Field::Barcode, Value::Text("5012345678900".into())),
                (Field::Weight, Value::Weight(Weight::from_milligrams(350_125))),
                (Field::Status, Value::Published(true)),
            ])
        );
        assert_eq!(seen.saved_at, NOW.floor_second());
    });
}

#[test]
fn an_item_states_only_what_it_has_and_an_inactive_one_nothing() {
    in_each(|world| {
        let seen = item(world, "MUG-2").unwrap();
        assert_eq!(
            seen.fields,
            Fields::from([
                (Field::Barcode, Value::Text("".into())),
                (Field::Status, Value::Published(false)),
            ])
        );
        assert_eq!(item(world, "GONE"), None);
        assert_eq!(item(world, "IT'S NOTHING"), None);
    });
}

#[test]
fn saving_a_field_moves_the_time_at_which_the_item_changed() {
    in_each(|world| {
        let later = NOW.plus(Duration::from_mins(7));
        world.twin().describe_item("MUG-1", |item| item.is_online = true, NOW);
        world.twin().set_price("MUG-2", BASE_LEVEL, 1, Currency::EUR, Some(5), later);
        let since = NOW.plus(Duration::from_mins(1));
        let saved = run(world.client.items_saved(call(), since, &london())).unwrap();
        assert_eq!(saved, [(Sku("MUG-2".into()), later.floor_second())]);
    });
}

#[test]
fn more_items_than_a_page_holds_are_all_named_once() {
    in_each(|world| {
        let skus: Vec<String> = (0..2_345).map(|number| format!("NEW-{number:04}")).collect();
        world.twin().add_items(skus.iter().map(String::as_str));
        for (sku, at) in skus.iter().rev().zip(0..) {
            world.twin().describe_item(
                sku,
                |item| item.is_online = true,
                NOW.plus(Duration::from_secs(at % 60)),
            );
        }
        let saved = run(world.client.items_saved(call(), NOW, &london())).unwrap();
        let names: Vec<&str> = saved.iter().map(|(sku, _)| &*sku.0).collect();
        assert_eq!(names, skus);
    });
}
