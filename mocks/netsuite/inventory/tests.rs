use super::super::{AccountSettings, ExistingCustomer, NetsuiteTwin, Subsidiary};
use super::KitMember;
use crate::domain::{Currency, InternalId, Timestamp, Zone};

const UK: InternalId = InternalId::new(3);
const LEEDS: InternalId = InternalId::new(30);

fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(1_795_755_600 + second)
}

/// Belts 7 at 4.00, wallets 10 at 2.50, and a set of one belt and two wallets; a buyer by telephone.
fn twin() -> (NetsuiteTwin, InternalId) {
    let settings = AccountSettings { zone: Zone::utc(), slots: 5, expanded_account_lists: true };
    let mut twin = NetsuiteTwin::new(settings);
    let deposits_account = InternalId::new(302);
    let [receivable, inventory, cogs, exchange, income] = [303, 304, 305, 306, 307].map(InternalId::new);
    twin.add_subsidiary(Subsidiary {
        id: UK,
        currency: Currency::GBP,
        location: LEEDS,
        deposits_account,
        receivable,
        inventory,
        cogs,
        exchange,
        income,
    });
    twin.add_items(["belt", "wallet", "set", "engraving"]);
    twin.tell_time(at(0));
    twin.set_stock("belt", LEEDS, 7, 400);
    twin.set_stock("wallet", LEEDS, 10, 250);
    let member = |sku, quantity, base_price| KitMember { sku, quantity, base_price };
    twin.set_kit("set", &[member("belt", 1, 3_000), member("wallet", 2, 2_000)]);
    let buyer = twin.add_customer(ExistingCustomer {
        external_id: None,
        name: "Pier 9 Trading".into(),
        email: None,
        subsidiary: UK,
        currency: None,
        terms: None,
        price_level: None,
    });
    (twin, buyer)
}

fn quantities(twin: &NetsuiteTwin, sku: &str) -> [i64; 4] {
    let stock = twin.stock_of(sku, LEEDS).unwrap();
    [stock.on_hand, stock.committed, stock.back_ordered, stock.available]
}

#[test]
fn an_approved_order_commits_what_is_there_and_back_orders_the_rest() {
    let (mut twin, buyer) = twin();
    twin.wholesale_order(buyer, &[("belt", 6, 6_000)], at(1)).unwrap();
    assert_eq!(quantities(&twin, "belt"), [7, 6, 0, 1]);
    twin.wholesale_order(buyer, &[("belt", 4, 4_000), ("engraving", 4, 100)], at(2)).unwrap();
    assert_eq!(quantities(&twin, "belt"), [7, 7, 3, 0]);
    assert!(twin.stock_of("engraving", LEEDS).is_none());
}

#[test]
fn a_kit_commits_and_relieves_its_members_at_their_cost() {
    let (mut twin, buyer) = twin();
    twin.wholesale_order(buyer, &[("set", 3, 15_000)], at(1)).unwrap();
    assert_eq!((quantities(&twin, "belt"), quantities(&twin, "wallet")), ([7, 3, 0, 4], [10, 6, 0, 4]));
    let set = twin.item_position("set").unwrap();
    assert_eq!(twin.unit_cost(set, LEEDS), 900);
    assert_eq!(twin.relieve(set, LEEDS, 3), 2_700);
    assert_eq!((quantities(&twin, "belt"), quantities(&twin, "wallet")), ([4, 0, 0, 4], [4, 0, 0, 4]));
    twin.restore(set, LEEDS, 1);
    assert_eq!((quantities(&twin, "belt"), quantities(&twin, "wallet")), ([5, 0, 0, 5], [6, 0, 0, 6]));
}

#[test]
fn only_a_change_of_what_is_available_is_stamped() {
    let (mut twin, buyer) = twin();
    let stamp = |twin: &NetsuiteTwin| twin.stock_of("belt", LEEDS).unwrap().available_changed;
    twin.wholesale_order(buyer, &[("belt", 7, 7_000)], at(5)).unwrap();
    assert_eq!(stamp(&twin), at(5));
    twin.wholesale_order(buyer, &[("belt", 2, 2_000)], at(6)).unwrap();
    assert_eq!((stamp(&twin), quantities(&twin, "belt")), (at(5), [7, 7, 2, 0]));
    assert!(twin.adjust_stock("belt", LEEDS, 3, at(7)));
    assert_eq!((stamp(&twin), quantities(&twin, "belt")), (at(7), [10, 9, 0, 1]));
    assert!(!twin.adjust_stock("engraving", LEEDS, 3, at(8)));
}

#[test]
fn shipping_what_was_committed_leaves_what_is_available_alone() {
    let (mut twin, buyer) = twin();
    twin.wholesale_order(buyer, &[("wallet", 4, 4_000)], at(1)).unwrap();
    let wallet = twin.item_position("wallet").unwrap();
    twin.tell_time(at(9));
    assert_eq!(twin.relieve(wallet, LEEDS, 4), 1_000);
    assert_eq!(quantities(&twin, "wallet"), [6, 0, 0, 6]);
    assert_eq!(twin.stock_of("wallet", LEEDS).unwrap().available_changed, at(1));
}
