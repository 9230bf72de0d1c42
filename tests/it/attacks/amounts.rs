//! Money and time at their edges: attacks M1 to M4, D1 and D2. What flows do with such orders is tested beside them.

use plimsoll::domain::allocation::{Rounding, allocate};
use plimsoll::domain::{Currency, Duration, Money, MoneyError, Sum, Timestamp, Zone};
use plimsoll::ports::inbox::AsideReason;
use plimsoll::ports::{Runtime, Store};
use plimsoll::runtime::tokio::TokioRuntime;
use plimsoll::scenario::Scenario;
use plimsoll::scenario::load::LoadOptions;
use plimsoll::sim::rehearsal::RunOptions;
use std::path::Path;

use crate::intake::{Post, order, with_house};
use crate::plays::{breaches, play, scenarios};

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

#[test]
fn m1_no_arithmetic_wraps_or_panics_at_the_ends_of_the_range() {
    let (most, least) = (usd(i64::MAX), usd(i64::MIN));
    let beyond = Err(MoneyError::OutOfRange { currency: Currency::USD });
    assert_eq!(most.checked_add(usd(1)), beyond);
    assert_eq!(least.checked_sub(usd(1)), beyond);
    assert_eq!(least.checked_neg(), beyond);
    assert_eq!(most.checked_mul(2), beyond);
    assert_eq!(most.share(2, 1), beyond);
    assert_eq!(most.share(i64::MAX, i64::MAX), Ok(most));
    assert_eq!(least.share(1, i64::MIN), Ok(usd(1)));
    assert_eq!(least.share(i64::MIN, 1), beyond);
    assert_eq!(most.share(1, 0), beyond);
    assert_eq!(usd(1).share(1, 2), Ok(usd(1)), "a half goes away from zero");
    assert_eq!(usd(-1).share(1, 2), Ok(usd(-1)));
    assert_eq!(usd(-5).share(1, 3), Ok(usd(-2)));
    assert_eq!(
        Sum::of(Currency::USD, [most, most, least, least]),
        Ok(usd(-2)),
        "sums pass the range and come back"
    );
    assert_eq!(Sum::of(Currency::USD, [most, usd(1)]), beyond);
    assert_eq!(Money::parse("92233720368547758.07", Currency::USD), Ok(most));
    assert_eq!(Money::parse("92233720368547758.08", Currency::USD), beyond);
    assert_eq!(Money::parse(&format!("1{}", "0".repeat(28)), Currency::USD), beyond);
    assert_eq!(Money::parse("-92233720368547758.08", Currency::USD), Ok(least));
    for currency in Currency::all() {
        for minor in [i64::MIN, i64::MAX, -1, 0] {
            assert!(!Money::new(minor, currency).to_string().is_empty());
        }
    }
}

#[test]
fn m3_digits_come_from_the_currency_and_unknown_ones_are_refused() {
    for (code, text, minor) in [
        ("JPY", "500", 500),
        ("USD", "5.00", 500),
        ("KWD", "0.500", 500),
        ("ISK", "500.0", 500),
        ("BHD", "0.5", 500),
    ] {
        let currency: Currency = code.parse().unwrap();
        assert_eq!(Money::parse(text, currency), Ok(Money::new(minor, currency)), "{code}");
    }
    assert!(Money::parse("0.5", Currency::JPY).is_err());
    assert!(Money::parse("0.005", Currency::USD).is_err());
    assert!(Money::parse("0.0005", Currency::KWD).is_err());
    for code in ["XXX", "usd", "US", "USDT", "", "ＵＳＤ", "BTC"] {
        assert!(code.parse::<Currency>().is_err(), "{code}");
    }
    assert_eq!(usd(7).share(0, 5), Ok(usd(0)), "a rate of nothing");
}

#[test]
fn m4_a_penny_for_three_and_ten_thousand_halves_lose_nothing() {
    let shares = |minor, weights: &[u64], rounding| {
        allocate(usd(minor), weights, rounding).unwrap().iter().map(|part| part.minor()).collect::<Vec<_>>()
    };
    assert_eq!(shares(1, &[1, 1, 1], Rounding::LargestRemainder), [1, 0, 0]);
    assert_eq!(shares(-1, &[1, 1, 1], Rounding::FirstToLast), [-1, 0, 0]);
    assert_eq!(shares(1, &[1, 1, 2], Rounding::LargestRemainder), [0, 0, 1]);
    // Ten thousand lines of half a cent of tax: fifty dollars in all, on whole cents.
    let lines = shares(5_000, &[1; 10_000], Rounding::LargestRemainder);
    assert_eq!((lines.iter().sum::<i64>(), lines.iter().filter(|cent| **cent == 1).count()), (5_000, 5_000));
    for (minor, weights) in [(i64::MAX, vec![u64::MAX; 3]), (i64::MIN, vec![u64::MAX, 1]), (7, vec![0, 0])] {
        for rounding in [Rounding::FirstToLast, Rounding::LargestRemainder] {
            let parts = allocate(usd(minor), &weights, rounding).unwrap();
            assert_eq!(Sum::of(Currency::USD, parts), Ok(usd(minor)));
        }
    }
}

#[test]
fn d1_instants_are_utc_and_days_belong_to_a_zone() {
    let (new_york, kiritimati, niue) = (
        Zone::named("America/New_York").unwrap(),
        Zone::named("Pacific/Kiritimati").unwrap(),
        Zone::named("Pacific/Niue").unwrap(),
    );
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    // The hour that is missing in spring, and the one that comes twice in autumn: two instants, one reading.
    let local = |text: &str| text.parse::<jiff::civil::DateTime>().unwrap();
    assert_eq!(new_york.instant(local("2026-03-08T02:30:00")).unwrap(), at("2026-03-08T07:30:00Z"));
    assert_eq!(new_york.instant(local("2026-11-01T01:30:00")).unwrap(), at("2026-11-01T05:30:00Z"));
    assert_ne!(at("2026-11-01T01:30:00-04:00"), at("2026-11-01T01:30:00-05:00"));
    // Fourteen hours ahead and eleven behind: one instant, two days.
    let midnight = at("2026-12-31T12:00:00Z");
    assert_eq!(kiritimati.book_date(midnight).to_string(), "2027-01-01");
    assert_eq!(niue.book_date(midnight).to_string(), "2026-12-31");
    assert_eq!(at("2026-12-31T23:59:59+14:00"), at("2026-12-31T09:59:59Z"));
    assert_eq!(at("2026-12-31T00:00:00-12:00"), at("2026-12-31T12:00:00Z"));
    assert_eq!(Zone::utc().book_date(at("2028-02-29T23:59:59Z")).to_string(), "2028-02-29");
    assert!("2027-02-29T00:00:00Z".parse::<Timestamp>().is_err());
    // A leap second is the second before it, never the next day.
    assert_eq!(at("2026-12-31T23:59:60Z"), at("2026-12-31T23:59:59Z"));
}

/// The books are dated by the zones of the policy. A shop that moves to the other side of the date line, which the policy
/// does not know of, leaves the same ledger; and where the processor follows the shop's day, all still ties.
#[test]
fn d1_a_shop_whose_zone_changes_moves_no_day_of_the_books() {
    let played = |name: &str, zone: &str| {
        let reader = |path: &Path| {
            let bytes = std::fs::read(path)?;
            if !path.ends_with("shops/harbour.toml") {
                return Ok(bytes);
            }
            let text = String::from_utf8(bytes).unwrap();
            let (before, after) =
                ("zone = \"Europe/London\"\nseller = \"uk\"", format!("zone = \"{zone}\"\nseller = \"uk\""));
            assert_eq!(text.matches(before).count(), 1);
            Ok(text.replace(before, &after).into_bytes())
        };
        let path = scenarios().join(format!("{name}.toml"));
        let scenario = Scenario::load_with(&path, LoadOptions::default(), &reader).unwrap();
        play(&scenario, &RunOptions { seed: 1, ..RunOptions::default() })
    };
    for zone in ["Pacific/Kiritimati", "Pacific/Niue"] {
        let [before, after] = ["Europe/London", zone].map(|zone| played("tenders/split", zone));
        assert_eq!(before.ledger_hash, after.ledger_hash, "{zone}");
        for name in ["tenders/split", "settlement/a02-split-tender"] {
            let moved = played(name, zone);
            assert_eq!(breaches(&moved), [""; 0], "{name} in {zone}");
            assert!(moved.orders > 0);
        }
    }
}

#[test]
fn d2_instants_beyond_all_books_are_kept_or_refused_and_never_wrap() {
    for text in
        ["1970-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "2262-04-11T23:47:16Z", "1677-09-21T00:12:44Z"]
    {
        assert_eq!(text.parse::<Timestamp>().unwrap().to_string(), text);
    }
    for text in
        ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "-000001-01-01T00:00:00Z", "2262-04-12T00:00:00Z"]
    {
        assert!(text.parse::<Timestamp>().is_err(), "{text}");
    }
    // The very first fraction of a second has no whole second that starts before it.
    let first = Timestamp::from_nanos(i64::MIN);
    assert!(first.floor_second() >= first);
    assert_eq!(Timestamp::from_seconds(i64::MAX), Timestamp::END);
    assert_eq!(Timestamp::END.plus(Duration::from_secs(1)), Timestamp::END);
}

/// The order's number decides, the time only which version is newer: an order of 1970 is work, one of the year 9999 is
/// nobody's to interpret, and one of tomorrow is read as it stands today.
#[test]
fn d2_events_of_other_times_are_work_or_set_aside() {
    with_house("d2", async |house| {
        for (id, version, is_work) in [
            (1, "1970-01-01T00:00:00Z", true),
            (2, "9999-12-31T23:59:59Z", false),
            (3, "2026-12-31T23:59:60+00:00", true),
            (4, "2262-04-11T00:00:00+14:00", true),
            (5, "1677-09-21T00:12:43.2Z", true),
        ] {
            let before = (house.due().await, house.aside().await.len());
            assert_eq!(
                Post::new("orders/updated", order(id, version)).send(house.at).await,
                200,
                "{version}"
            );
            let after = (house.due().await, house.aside().await.len());
            assert_eq!(after, (before.0 + u64::from(is_work), before.1 + usize::from(!is_work)), "{version}");
        }
        assert!(house.aside().await.iter().all(|one| one.reason == AsideReason::Unreadable));
    });
}

/// A lease whose holder's clock was set back ends late, never early; one that ends early by a clock set forward is
/// fenced: the late commit of its first holder is refused.
#[test]
fn d2_a_clock_that_is_set_costs_time_and_no_effect() {
    use plimsoll::domain::Lane;
    use plimsoll::ports::store::{LaneRoom, StoreError};
    with_house("d2-clock", async |house| {
        assert_eq!(Post::order(1).send(house.at).await, 200);
        let runtime = TokioRuntime::on_wall_clock(tokio::runtime::Handle::current());
        let (now, lanes) = (runtime.now(), Lane::ALL.map(|lane| LaneRoom { lane, room: 9 }));
        let lease = |at: Timestamp| at.plus(Duration::from_mins(2));
        let merchant = crate::intake::merchant();
        let first = house.store.claim(merchant, &lanes, now, lease(now)).await.unwrap().remove(0);
        let back = now.minus(Duration::from_hours(1));
        assert!(
            house.store.claim(merchant, &lanes, back, lease(back)).await.unwrap().is_empty(),
            "an hour back"
        );
        let forward = now.plus(Duration::from_hours(24 * 365));
        let second = house.store.claim(merchant, &lanes, forward, lease(forward)).await.unwrap().remove(0);
        assert_eq!(second.entity, first.entity);
        let late = house.store.renew(first.entity, first.lease, lease(now)).await;
        assert!(matches!(late, Err(StoreError::LeaseLost { .. })), "{late:?}");
        house.store.renew(second.entity, second.lease, lease(forward)).await.unwrap();
    });
}
