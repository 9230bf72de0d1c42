//! The warehouse: what is picked, packed, shipped, deleted and released, and what that makes of the sales order.

use plimsoll::domain::fulfillment::ShipStatus;
use plimsoll::domain::sales_order::{LineChange, SalesOrderStatus};
use plimsoll::domain::{Duration, InternalId, Sku, Timestamp};
use plimsoll::mocks::netsuite::{DocumentKind, StaffEdit};
use plimsoll::ports::netsuite::{Billing, MovedOrder};
use plimsoll::ports::{NetSuite, PlatformError};

use super::books::assert_balanced;
use super::world::{
    FR_COGS, FR_INVENTORY, FR_LOCATION, NOW, World, balance, buyer, call, day, eur, goods, invoice, line,
    order, run, ship, try_to_ship,
};
use super::{booked, in_each, write_all};

fn moved(world: &World, since: Timestamp, after: Option<MovedOrder>) -> Vec<MovedOrder> {
    run(world.client.orders_moved(call(), since, after)).unwrap()
}

#[test]
fn cost_leaves_the_books_when_a_fulfilment_is_shipped_and_returns_when_it_is_deleted() {
    in_each(|world| {
        let (_, id, _) = write_all(world);
        world.twin().set_stock("MUG-1", FR_LOCATION, 2, 400);
        let picked = try_to_ship(world, id, &[(1, 2)], ShipStatus::Picked).unwrap();
        assert_eq!(booked(world, 5001).shipments[0].status, ShipStatus::Picked);
        assert_eq!((balance(world, FR_COGS), balance(world, FR_INVENTORY)), (0, 0));
        // What is picked is not free for another fulfilment, and not yet fulfilled.
        assert!(try_to_ship(world, id, &[(1, 1)], ShipStatus::Picked).is_err());
        assert_eq!(booked(world, 5001).sales_order.status, SalesOrderStatus::PendingFulfillment);
        world.twin().set_ship_status(picked, ShipStatus::Packed, NOW).unwrap();
        world.twin().set_ship_status(picked, ShipStatus::Shipped, NOW).unwrap();
        assert!(world.twin().set_ship_status(picked, ShipStatus::Packed, NOW).is_err());
        assert_eq!((balance(world, FR_COGS), balance(world, FR_INVENTORY)), (800, -800));
        let seen = booked(world, 5001);
        assert_eq!(seen.sales_order.status, SalesOrderStatus::PendingBillingPartiallyFulfilled);
        let shipment = &seen.shipments[0];
        assert_eq!((shipment.internal_id, &shipment.external_id), (picked, &None));
        assert_eq!((shipment.location, shipment.date), (FR_LOCATION, day("2026-11-27")));
        assert_eq!(shipment.parcels[0].carrier.as_deref(), Some("Colissimo"));
        assert_eq!(&*shipment.parcels[0].number, "6A01234");
        let shipped = &shipment.lines[0];
        assert_eq!((shipped.order_line, shipped.key, shipped.quantity), (1, Some(goods(11)), 2));
        assert_eq!((&shipped.item, shipped.cost), (&Sku("MUG-1".into()), eur(800)));
        // Nothing is left on the shelf for the other line.
        assert!(try_to_ship(world, id, &[(2, 1)], ShipStatus::Shipped).is_err());
        assert_balanced(&world.twin());
        world.twin().cancel_shipment(picked, NOW).unwrap();
        let seen = booked(world, 5001);
        assert_eq!(
            (seen.shipments.len(), seen.sales_order.status),
            (0, SalesOrderStatus::PendingFulfillment)
        );
        assert_eq!((balance(world, FR_COGS), balance(world, FR_INVENTORY)), (0, 0));
        assert_eq!(world.twin().stock_of("MUG-1", FR_LOCATION).unwrap().on_hand, 2);
        assert_balanced(&world.twin());
    });
}

#[test]
fn what_was_fulfilled_stands() {
    in_each(|world| {
        let (_, id, _) = write_all(world);
        let key = order(5001).external_id;
        let shipment = ship(world, id, &[(1, 1)]);
        run(world.client.bill(call(), id, &invoice(1, &[(1, 1, 2_500, 500)]))).unwrap();
        let fewer = [LineChange::Set { line: 1, to: line(goods(11), "MUG-1", 0, 0, &[]) }];
        let other = [LineChange::Set { line: 1, to: line(goods(11), "MUG-2", 2, 5_000, &[1_000]) }];
        for changes in [fewer, other] {
            let refused = run(world.client.amend_sales_order(call(), &key, &changes)).unwrap_err();
            assert!(matches!(refused, PlatformError::Refused { .. }), "{refused}");
        }
        let mut shorter = order(5001);
        shorter.lines.truncate(2);
        run(world.client.upsert_sales_order(call(), &shorter)).unwrap();
        let mut gone = order(5001);
        gone.lines.remove(0);
        gone.lines.truncate(1);
        // The sublist is keyed by number: what was line 2 would become line 1, with its own quantity.
        gone.lines[0].item = Sku("MUG-2".into());
        assert!(run(world.client.upsert_sales_order(call(), &gone)).is_err());
        let staff = |edit| world.twin().edit_by_staff(key.as_str(), edit);
        assert!(!staff(StaffEdit::Status(SalesOrderStatus::Cancelled)));
        assert!(!staff(StaffEdit::Quantity { line: 1, quantity: 0 }));
        assert!(!staff(StaffEdit::Substitute { line: 1, item: "MUG-2".into() }));
        assert!(staff(StaffEdit::Substitute { line: 2, item: "MUG-2".into() }));
        assert_eq!(booked(world, 5001).sales_order.lines[1].key, Some(goods(12)));
        // Billed units keep their fulfilment, and their order its buyer.
        assert!(world.twin().cancel_shipment(shipment, NOW).is_err());
        let mut sold_to_another = order(5001);
        sold_to_another.customer = plimsoll::domain::ExternalId::from_netsuite("fr-customer-8");
        let other =
            plimsoll::domain::CustomerRecord { external_id: sold_to_another.customer.clone(), ..buyer() };
        run(world.client.upsert_customer(call(), &other)).unwrap();
        assert!(run(world.client.upsert_sales_order(call(), &sold_to_another)).is_err());
        // The rest is closed: what was shipped is billed.
        for line in [1, 2] {
            assert!(staff(StaffEdit::CloseLine { line }));
        }
        assert_eq!(booked(world, 5001).sales_order.status, SalesOrderStatus::Closed);
    });
}

#[test]
fn an_order_that_is_not_open_is_neither_fulfilled_nor_billed() {
    in_each(|world| {
        let (_, id, _) = write_all(world);
        let key = order(5001).external_id;
        for status in [SalesOrderStatus::PendingApproval, SalesOrderStatus::Cancelled] {
            assert!(world.twin().edit_by_staff(key.as_str(), StaffEdit::Status(status)));
            assert!(try_to_ship(world, id, &[(1, 1)], ShipStatus::Shipped).is_err());
            assert!(run(world.client.bill(call(), id, &invoice(1, &[(4, 1, 600, 0)]))).is_err());
        }
        let nothing = InternalId::new(999_999);
        assert!(try_to_ship(world, nothing, &[(1, 1)], ShipStatus::Shipped).is_err());
        assert_eq!(
            world.twin().documents().filter(|known| known.kind() == DocumentKind::ItemFulfillment).count(),
            0
        );
    });
}

#[test]
fn orders_that_moved_are_listed_by_second_and_then_by_id() {
    in_each(|world| {
        run(world.client.upsert_customer(call(), &buyer())).unwrap();
        let ids: Vec<InternalId> = (1..=4)
            .map(|number| run(world.client.upsert_sales_order(call(), &order(number))).unwrap())
            .collect();
        // An order that was only created has not moved, nor has one saved again in that second.
        assert_eq!(moved(world, NOW, None), []);
        let at = |seconds| NOW.plus(Duration::from_secs(seconds));
        for (order, seconds, visible) in [(3, 10, 70), (1, 10, 20), (2, 10, 20), (1, 30, 30)] {
            assert!(world.twin().release(ids[order - 1], at(seconds), at(visible)));
        }
        world.twin().tell_time(at(25));
        assert_eq!(world.twin().document(ids[2]).unwrap().released_at(), Some(at(10)));
        let seen = moved(world, at(20), None);
        let found: Vec<_> = seen.iter().map(|order| (order.internal_id, order.modified_at)).collect();
        assert_eq!(found, [(ids[0], at(20)), (ids[1], at(20))]);
        assert_eq!(seen[0].external_id, Some(order(1).external_id));
        assert_eq!(moved(world, at(20), Some(seen[0].clone())), seen[1..]);
        assert_eq!(moved(world, at(20), Some(seen[1].clone())), []);
        assert_eq!(moved(world, at(21), None), []);
        // An order that moves again is listed where it stands now.
        world.twin().tell_time(at(40));
        assert!(world.twin().edit_by_staff(order(1).external_id.as_str(), StaffEdit::CloseLine { line: 1 }));
        world.twin().tell_time(at(80));
        let seen = moved(world, at(20), None);
        let found: Vec<_> = seen.iter().map(|order| order.internal_id).collect();
        assert_eq!(found, [ids[1], ids[0], ids[2]]);
    });
}

#[test]
fn a_release_shows_on_the_record_when_its_lock_has_arrived() {
    in_each(|world| {
        let (_, id, _) = write_all(world);
        let at = NOW.minus(Duration::from_secs(240));
        world.twin().release(id, at, NOW.plus(Duration::from_secs(1)));
        assert_eq!(booked(world, 5001).sales_order.released_at, None);
        let (_, id) = (
            run(world.client.upsert_sales_order(call(), &order(5002))).unwrap(),
            world
                .twin()
                .document_by_key(DocumentKind::SalesOrder, order(5002).external_id.as_str())
                .unwrap()
                .internal_id(),
        );
        world.twin().release(id, at, NOW);
        assert_eq!(booked(world, 5002).sales_order.released_at, Some(at));
    });
}

#[test]
fn an_address_is_changed_and_nothing_else() {
    in_each(|world| {
        write_all(world);
        let key = order(5001).external_id;
        let before = booked(world, 5001);
        let ship_to = plimsoll::domain::customer::Address {
            name: Some("Ana O'Neil".into()),
            city: Some("Lyon".into()),
            country: Some("FR".into()),
            ..Default::default()
        };
        run(world.client.readdress_sales_order(call(), &key, &ship_to)).unwrap();
        let mut expected = before;
        expected.sales_order.ship_to = Some(ship_to);
        assert_eq!(booked(world, 5001), expected);
    });
}
