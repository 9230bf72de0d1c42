//! The NetSuite client against the twin, spoken to in types, in bytes and over a socket.

mod billing;
mod books;
mod exchange;
mod histories;
mod items;
mod refusals;
mod settlement;
mod shipping;
mod world;

use plimsoll::domain::customer::Address;
use plimsoll::domain::sales_order::{KnownLine, LineChange, SalesOrderStatus};
use plimsoll::domain::{Currency, InternalId, Sku};
use plimsoll::mocks::netsuite::{DocumentKind, ExistingCustomer, StaffEdit};
use plimsoll::ports::NetSuite;
use plimsoll::ports::netsuite::Booked;

use world::{FR, Fidelity, World, buyer, call, day, deposit, eur, goods, line, order, run, world};

fn in_each(test: impl Fn(&World)) {
    test(&world(Fidelity::Typed));
    test(&world(Fidelity::Bytes));
    test(&world(Fidelity::Http));
}

fn booked(world: &World, number: u64) -> Booked {
    run(world.client.booked(call(), &order(number).external_id)).unwrap().expect("the order was booked")
}

/// Customer, order and deposit as the flows write them.
fn write_all(world: &World) -> (InternalId, InternalId, InternalId) {
    let customer = run(world.client.upsert_customer(call(), &buyer())).unwrap();
    let sales_order = run(world.client.upsert_sales_order(call(), &order(5001))).unwrap();
    let money = deposit(9, &order(5001), 12_000);
    let deposit = run(world.client.upsert_customer_deposit(call(), &money)).unwrap();
    (customer, sales_order, deposit)
}

#[test]
fn what_is_written_is_read_back() {
    in_each(|world| {
        assert_eq!(run(world.client.booked(call(), &order(5001).external_id)).unwrap(), None);
        let (customer, id, deposit_id) = write_all(world);
        let Booked { sales_order, deposits, .. } = booked(world, 5001);
        assert_eq!((sales_order.internal_id, sales_order.customer), (id, customer));
        assert_eq!(sales_order.status, SalesOrderStatus::PendingFulfillment);
        assert_eq!(sales_order.total, eur(12_000));
        assert_eq!(sales_order.date, day("2026-11-27"));
        let expected: Vec<KnownLine> = (1..)
            .zip(order(5001).lines)
            .map(|(number, line)| KnownLine {
                line: number,
                key: Some(line.key),
                item: line.item,
                quantity: line.quantity,
                amount: line.amount,
                taxes: line.taxes,
                is_closed: false,
            })
            .collect();
        assert_eq!(sales_order.lines, expected);
        assert_eq!(deposits.len(), 1);
        assert_eq!((deposits[0].internal_id, deposits[0].payment), (deposit_id, eur(12_000)));
        assert_eq!(deposits[0].account, Some(world::FR_CLEARING));
    });
}

#[test]
fn types_and_bytes_tell_the_same() {
    let (typed, bytes) = (world(Fidelity::Typed), world(Fidelity::Bytes));
    assert_eq!(write_all(&typed), write_all(&bytes));
    assert_eq!(booked(&typed, 5001), booked(&bytes, 5001));
    let like = |world: &World| {
        run(world.client.customers_like(call(), &buyer().external_id, Some("ana.o'neil@other.org"))).unwrap()
    };
    assert_eq!(like(&typed), like(&bytes));
    assert_eq!(typed.twin().balances().collect::<Vec<_>>(), bytes.twin().balances().collect::<Vec<_>>());
}

#[test]
fn repeating_a_write_changes_nothing() {
    in_each(|world| {
        let first = write_all(world);
        let before = booked(world, 5001);
        let keys = |world: &World| {
            let twin = world.twin();
            let id = order(5001).external_id;
            let document = twin.document_by_key(DocumentKind::SalesOrder, id.as_str()).unwrap();
            document.lines().map(|line| (line.number, line.unique_key)).collect::<Vec<_>>()
        };
        let (keys_before, balances) = (keys(world), world.twin().balances().collect::<Vec<_>>());
        for _ in 0..3 {
            assert_eq!(write_all(world), first);
        }
        assert_eq!(booked(world, 5001), before);
        assert_eq!(keys(world), keys_before);
        assert_eq!(world.twin().balances().collect::<Vec<_>>(), balances);
        assert_eq!(world.twin().documents_count(), 2);
    });
}

#[test]
fn an_amendment_keeps_each_line_its_identity() {
    in_each(|world| {
        write_all(world);
        let key = order(5001).external_id;
        let changes = [
            LineChange::Set { line: 2, to: line(goods(12), "MUG-2", 3, 9_000, &[1_800]) },
            LineChange::Close { line: 3 },
            LineChange::Add(line(goods(13), "MUG-1", 1, 1_000, &[200])),
        ];
        run(world.client.amend_sales_order(call(), &key, &changes)).unwrap();
        let amended = booked(world, 5001).sales_order;
        let numbers: Vec<u32> = amended.lines.iter().map(|line| line.line).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5]);
        assert_eq!(amended.lines[0].amount, eur(5_000));
        assert_eq!(amended.lines[1].quantity, 3);
        assert_eq!(amended.lines[1].taxes.len(), 1);
        assert!(amended.lines[2].is_closed);
        assert_eq!(amended.lines[4].key, Some(goods(13)));
        // A closed line keeps its amount: 60 + 108 − 6 + 6 + 12.
        assert_eq!(amended.total, eur(18_000));
        // Closing every line closes the order; a line that is wanted again opens it.
        let closes: Vec<_> = numbers.iter().map(|line| LineChange::Close { line: *line }).collect();
        run(world.client.amend_sales_order(call(), &key, &closes)).unwrap();
        assert_eq!(booked(world, 5001).sales_order.status, SalesOrderStatus::Closed);
        let again = [LineChange::Set { line: 1, to: line(goods(11), "MUG-1", 2, 5_000, &[1_000]) }];
        run(world.client.amend_sales_order(call(), &key, &again)).unwrap();
        assert_eq!(booked(world, 5001).sales_order.status, SalesOrderStatus::PendingFulfillment);
    });
}

#[test]
fn numbers_of_lines_are_not_given_twice() {
    in_each(|world| {
        write_all(world);
        let key = order(5001).external_id;
        let staff = StaffEdit::AddLine { item: "MUG-2".into(), quantity: 1, minor: 100 };
        assert!(world.twin().edit_by_staff(key.as_str(), staff));
        assert_eq!(booked(world, 5001).sales_order.lines[4].key, None);
        // The upsert replaces the sublist: the staff's line goes, and its number with it.
        let mut longer = order(5001);
        run(world.client.upsert_sales_order(call(), &longer)).unwrap();
        longer.lines.push(line(goods(14), "MUG-1", 1, 100, &[]));
        run(world.client.upsert_sales_order(call(), &longer)).unwrap();
        let numbers: Vec<u32> = booked(world, 5001).sales_order.lines.iter().map(|line| line.line).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 6]);
    });
}

#[test]
fn likely_customers_are_found_by_key_and_by_the_name_before_the_at() {
    in_each(|world| {
        let id = run(world.client.upsert_customer(call(), &buyer())).unwrap();
        let known = world.twin().add_customer(ExistingCustomer {
            external_id: None,
            name: "O'Neil Ltd".into(),
            email: Some("ANA.O'NEIL@exmaple.com".into()),
            subsidiary: FR,
            currency: None,
            terms: Some("Net 30".into()),
            price_level: Some("Trade".into()),
        });
        let ask = |email| {
            let found = run(world.client.customers_like(call(), &buyer().external_id, email)).unwrap();
            found.into_iter().map(|customer| customer.internal_id).collect::<Vec<_>>()
        };
        assert_eq!(ask(None), [id]);
        assert_eq!(ask(Some(" ana.o'neil@shop.fr ")), [id, known]);
        assert_eq!(ask(Some("ana_o'neil@shop.fr")), [id]);
        // An e-mail that changed is found under the new one alone.
        let moved = plimsoll::domain::CustomerRecord { email: Some("zoe@example.com".into()), ..buyer() };
        assert_eq!(run(world.client.upsert_customer(call(), &moved)).unwrap(), id);
        let nobody = plimsoll::domain::ExternalId::from_netsuite("none-1");
        let found = run(world.client.customers_like(call(), &nobody, Some("ana.o'neil@a.b"))).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].terms.as_deref(), Some("Net 30"));
        assert_eq!((&*found[0].name, found[0].is_inactive), ("O'Neil Ltd", false));
    });
}

#[test]
fn a_person_with_one_name_is_written_and_read_with_it() {
    in_each(|world| {
        let mut single = buyer();
        single.name = "Madonna".into();
        run(world.client.upsert_customer(call(), &single)).unwrap();
        let found = run(world.client.customers_like(call(), &single.external_id, None)).unwrap();
        assert_eq!(&*found[0].name, "Madonna");
    });
}

#[test]
fn an_address_arrives_field_by_field() {
    in_each(|world| {
        write_all(world);
        let ship_to = Address {
            name: Some("Ana \"O\" Neil\nc/o Zoé".into()),
            city: Some("Paris".into()),
            country: Some("FR".into()),
            ..Address::default()
        };
        let mut moved = order(5001);
        moved.ship_to = Some(ship_to.clone());
        let id = run(world.client.upsert_sales_order(call(), &moved)).unwrap();
        assert_eq!(world.twin().document(id).unwrap().ship_to(), Some(ship_to));
    });
}

#[test]
fn an_item_of_staff_has_a_name_of_its_own_and_a_memo_stays() {
    in_each(|world| {
        write_all(world);
        let key = order(5001).external_id;
        assert!(world.twin().edit_by_staff(key.as_str(), StaffEdit::Memo("call before delivery".into())));
        assert!(world.twin().edit_by_staff(key.as_str(), StaffEdit::Amount { line: 1, minor: 4_999 }));
        assert!(!world.twin().edit_by_staff(key.as_str(), StaffEdit::CloseLine { line: 77 }));
        let sales_order = booked(world, 5001).sales_order;
        assert_eq!(sales_order.total, eur(11_999));
        assert_eq!(sales_order.lines[0].item, Sku("MUG-1".into()));
        assert_eq!(sales_order.currency, Currency::EUR);
    });
}

#[test]
fn a_query_names_fifty_customers_at_the_most_lowest_ids_first() {
    in_each(|world| {
        let ids: Vec<InternalId> = (0..60)
            .map(|at| {
                world.twin().add_customer(ExistingCustomer {
                    external_id: Some(format!("old-{at}").into()),
                    name: "Sam".into(),
                    email: Some(format!("sam@{at}.example").into()),
                    subsidiary: FR,
                    currency: None,
                    terms: None,
                    price_level: None,
                })
            })
            .collect();
        let key = plimsoll::domain::ExternalId::from_netsuite("old-55");
        let found = run(world.client.customers_like(call(), &key, Some("sam@x"))).unwrap();
        let found: Vec<_> = found.into_iter().map(|customer| customer.internal_id).collect();
        assert_eq!(found, ids[..50]);
    });
}
