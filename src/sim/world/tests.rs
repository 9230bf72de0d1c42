use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::people::{Spelling, misspell};
use super::*;
use crate::domain::customer::GuestRecords;
use crate::domain::{Money, Zone};
use crate::scenario::{Catalogue, KnownContact, ServiceItemNames, Storefront};

const START: Timestamp = Timestamp::from_seconds(1_795_755_600);
const DAY: Duration = Duration::from_hours(24);

fn storefront(key: &str, currency: Currency, weight: u32) -> Storefront {
    Storefront {
        key: key.parse().unwrap(),
        domain: format!("harbour-{key}.myshopify.com").into(),
        currency,
        zone: Zone::utc(),
        seller: 0,
        guests: GuestRecords::PerEmail,
        weight,
        taxes_included: false,
        taxes: Vec::new(),
        nexus: Vec::new(),
        clearing: Vec::new(),
        presentment: vec![(Currency::GBP, Decimal::from(12))],
        locations: Vec::new(),
        buffer: 0,
        oversells: false,
        is_published: true,
        stock_lag: Duration::from_mins(5),
        payout_owner: 0,
        payout_currency: currency,
    }
}

fn profile(variants: u32) -> Arc<Profile> {
    let sku = |name: &str| Sku(name.into());
    Arc::new(Profile {
        merchant: "harbour".parse().unwrap(),
        account_zone: Zone::utc(),
        subsidiaries: Vec::new(),
        shops: vec![storefront("us", Currency::USD, 3), storefront("eu", Currency::EUR, 1)],
        accounts: Vec::new(),
        rates: Vec::new(),
        service_items: ServiceItemNames {
            shipping: sku("shipping"),
            discount: sku("discount"),
            duties: sku("duties"),
            fees: sku("fees"),
            tip: sku("tip"),
            gift_card: sku("gift-card"),
            custom: sku("custom"),
            returns: sku("returns"),
            goodwill: sku("goodwill"),
            restocking: sku("restocking"),
            exchange: sku("exchange"),
        },
        catalogue: Catalogue {
            prefix: "HB".into(),
            count: variants,
            price_minor: (500, 9_900),
            named: Vec::new(),
        },
        wholesale: Default::default(),
        known_customers: vec![KnownContact {
            name: "Pier 9 Trading".into(),
            email: "orders@pier9.example".into(),
            subsidiary: 0,
            terms: Some("Net 30".into()),
            price_level: None,
        }],
        stock: crate::scenario::Stock::default(),
        processor: None,
    })
}

fn traffic(total: u64) -> DrawnTraffic {
    DrawnTraffic {
        total,
        curve: [1; 24],
        spikes: Vec::new(),
        tenders: vec![("shopify_payments".into(), 70), ("paypal".into(), 25), ("gift-card".into(), 5)],
        lines_typical: 2,
        lines_heaviest: 45,
        units_typical: 3,
        discounted_ppm: 350_000,
        stacked_ppm: 80_000,
        split_tender_ppm: 40_000,
        guest_ppm: 200_000,
        returning_ppm: 300_000,
        b2b_ppm: 15_000,
        typo_ppm: 10_000,
        repeated_sku_ppm: 30_000,
        late_capture_ppm: 50_000,
        capture_delay_median: Duration::from_mins(17),
        edit_ppm: 20_000,
        edit_within: Duration::from_hours(2),
    }
}

fn world(total: u64) -> World {
    World::new(11, &profile(3_000), Some(&traffic(total)), START, DAY)
}

fn share(purchases: &[Purchase], of: impl Fn(&Purchase) -> bool) -> u64 {
    let hits = purchases.iter().filter(|purchase| of(purchase)).count() as u64;
    hits * 1_000 / purchases.len() as u64
}

fn all(world: &World) -> Vec<Purchase> {
    (0..world.orders()).map(|number| world.purchase(number).unwrap()).collect()
}

#[test]
fn an_order_is_the_same_whoever_asks_and_when() {
    let (one, other) = (world(5_000), world(5_000));
    let forward = all(&one);
    for number in (0..5_000).rev().step_by(7) {
        assert_eq!(other.purchase(number).as_ref(), Some(&forward[number as usize]));
    }
    assert_eq!(one.purchase(5_000), None);
    assert_ne!(
        World::new(12, &profile(3_000), Some(&traffic(5_000)), START, DAY).purchase(1),
        one.purchase(1)
    );
}

#[test]
fn traffic_has_the_shares_that_the_scenario_states() {
    let purchases = all(&world(20_000));
    let near = |found: u64, expected: u64, off: u64| {
        assert!(found.abs_diff(expected) <= off, "{found} in a thousand, not {expected}");
    };
    near(share(&purchases, |it| it.shop == 0), 750, 12);
    near(share(&purchases, |it| matches!(it.buyer, Buyer::Company { .. })), 15, 3);
    near(share(&purchases, |it| matches!(it.buyer, Buyer::Guest { .. })), 197, 10);
    near(share(&purchases, |it| it.discounts[0].is_some()), 350, 12);
    near(share(&purchases, |it| it.discounts[1].is_some()), 80, 7);
    near(share(&purchases, |it| it.payment.first.is_some()), 40, 5);
    near(share(&purchases, |it| it.presentment == Some(Currency::GBP)), 120, 8);
    near(share(&purchases, |it| it.payment.capture != Capture::AtOnce), 48, 5);
    near(share(&purchases, |it| it.edit.is_some()), 19, 4);
    let lines: usize = purchases.iter().map(|it| it.lines.len()).sum();
    // Two lines each, companies fifteen and more, and three in a hundred repeat one.
    assert!((2_200..2_600).contains(&(lines / 20)), "{lines}");
    let repeated = |it: &Purchase| {
        it.lines.iter().map(|line| line.variant).collect::<BTreeSet<_>>().len() < it.lines.len()
    };
    near(share(&purchases, repeated), 30, 4);
    assert!(purchases.iter().any(|it| it.lines.len() > 20 && !matches!(it.buyer, Buyer::Company { .. })));
}

#[test]
fn returning_buyers_bought_before_at_the_same_storefront_under_the_same_address() {
    let purchases = all(&world(20_000));
    let mut known: BTreeMap<Person, (usize, Email)> = BTreeMap::new();
    let mut returned = 0;
    for it in &purchases {
        if let Buyer::Customer { person, email } = it.buyer {
            if person == Person(it.number) {
                assert!(known.insert(person, (it.shop, email)).is_none());
            } else {
                returned += 1;
                assert_eq!(known.get(&person), Some(&(it.shop, email)), "order {}", it.number);
            }
        }
    }
    assert!((4_400..5_000).contains(&returned), "{returned} orders of returning customers");
}

#[test]
fn guests_come_back_in_other_capitals() {
    let world = world(20_000);
    let purchases = all(&world);
    let mut capitals = 0;
    let mut nameless = 0;
    for it in &purchases {
        let Buyer::Guest { person, email } = it.buyer else { continue };
        assert!(person.0 <= it.number);
        match email {
            None => nameless += 1,
            Some(email) => {
                let typed = world.email(email);
                capitals += u32::from(typed != typed.to_lowercase());
                assert_eq!(typed.to_lowercase(), person.email(Spelling::Right));
            }
        }
    }
    assert!(capitals > 50 && nameless > 40, "{capitals} in capitals, {nameless} without an address");
}

#[test]
fn a_typing_error_is_one_of_an_earlier_person_or_a_known_contact() {
    let world = world(20_000);
    let mut of_people = 0;
    let mut of_known = BTreeSet::new();
    for it in all(&world) {
        let Buyer::Customer { person, email } = it.buyer else { continue };
        match email {
            Email::Of { person: whose, .. } if whose != person => {
                of_people += 1;
                assert!(whose < person);
                assert_ne!(world.email(email), whose.email(Spelling::Right));
            }
            Email::OfKnown { .. } => {
                of_known.insert(world.email(email));
            }
            Email::Of { .. } => {}
        }
    }
    assert!(of_people > 30, "{of_people}");
    let spellings = ["orders@pire9.example", "ordesr@pier9.example"];
    assert_eq!(of_known.iter().map(String::as_str).collect::<Vec<_>>(), spellings);
}

#[test]
fn what_follows_an_order_happens_after_it_and_within_the_day() {
    let world = world(20_000);
    for it in all(&world) {
        assert!(it.at >= START && it.at < world.ends());
        assert!(it.lines.iter().all(|line| line.quantity >= 1 && line.unit_price_minor >= 500));
        if let Capture::At(at) = it.payment.capture {
            assert!(at >= it.at && at < world.ends());
        }
        if let Some(edit) = it.edit {
            assert!(edit.at >= it.at && edit.at < world.ends());
            if let EditKind::Quantity { line, quantity } = edit.what {
                assert_ne!(it.lines[line].quantity, quantity);
                assert!(quantity > 0 || it.lines.len() > 1);
            }
        }
        if let Some(first) = it.payment.first {
            assert!(first.tender != it.payment.tender && first.share_ppm < 1_000_000);
            assert_eq!((world.tender(first.tender), world.tender(3)), (Some("gift-card"), None));
        }
    }
}

#[test]
fn a_catalogue_of_one_and_a_day_without_options_still_sell() {
    let bare = DrawnTraffic {
        lines_heaviest: 0,
        lines_typical: 0,
        units_typical: 0,
        discounted_ppm: 0,
        tenders: vec![("cash".into(), 0)],
        edit_ppm: 1_000_000,
        returning_ppm: 1_000_000,
        b2b_ppm: 0,
        ..traffic(200)
    };
    let world = World::new(1, &profile(1), Some(&bare), START, DAY);
    for it in all(&world) {
        assert!(
            !it.lines.is_empty()
                && it.lines.iter().all(|line| world.sku(line.variant).0.as_ref() == "HB-0001")
        );
        assert_eq!((it.payment.tender, it.discounts), (0, [None, None]));
    }
    let nothing = World::new(1, &profile(0), Some(&bare), START, DAY);
    assert_eq!((nothing.orders(), nothing.purchase(0), nothing.arrival(0)), (0, None, None));
    assert_eq!(World::new(1, &profile(5), None, START, DAY).orders(), 0);
}

#[test]
fn spellings_differ_where_they_say() {
    let right = Person(4_711).email(Spelling::Right);
    assert_eq!(misspell(&right, Spelling::Right), right);
    assert_eq!(misspell(&right, Spelling::Capitals).to_lowercase(), right);
    let (name, domain) = right.split_once('@').unwrap();
    let (wrong, same) = (misspell(&right, Spelling::WrongName), misspell(&right, Spelling::WrongDomain));
    assert!(wrong.ends_with(domain) && !wrong.starts_with(name), "{wrong}");
    assert!(same.starts_with(name) && !same.ends_with(domain), "{same}");
    assert_eq!(misspell("nobody", Spelling::WrongName), "nobody");
    assert_eq!(misspell("a@b", Spelling::WrongDomain), "a@b");
    // Text that people type is not all ASCII.
    assert_eq!(misspell("zoë@exämple.com", Spelling::WrongName), "ozë@exämple.com");
}

#[test]
fn scripted_events_come_in_order_of_time() {
    let touch = |hours, order: &str| ScriptedEvent {
        at: Duration::from_hours(hours),
        what: Scripted::Touch { order: order.into() },
    };
    let mut world = world(1);
    world.scripted = in_order(vec![touch(5, "b"), touch(2, "a"), touch(5, "c")]);
    let seen: Vec<_> = world
        .scripted()
        .map(|(at, what)| match what {
            Scripted::Touch { order } => (at.since(START), order.to_string()),
            _ => panic!("only touches are scripted"),
        })
        .collect();
    let hours = Duration::from_hours;
    assert_eq!(seen, [(hours(2), "a".into()), (hours(5), "b".into()), (hours(5), "c".into())]);
}

/// The frozen purchase: a change of it changes what every published seed means.
#[test]
fn a_purchase_means_the_same_forever() {
    let purchase = world(20_000).purchase(4_711).unwrap();
    assert_eq!(purchase.at.to_string(), "2026-11-27T10:39:15.65339158Z");
    let goods: i64 = purchase.lines.iter().map(|it| it.unit_price_minor * i64::from(it.quantity)).sum();
    assert_eq!((purchase.lines.len(), Money::new(goods, Currency::USD).to_string()), (1, "56.19 USD".into()));
}
