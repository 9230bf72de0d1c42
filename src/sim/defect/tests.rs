//! Method: the same scenario and seed with and without each defect. With it, it acts and the invariant that names it
//! breaks; without it, everything holds.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::domain::Money;
use crate::scenario::Scenario;
use crate::scenario::load::LoadOptions;
use crate::sim::oracle::{Breach, invariants};
use crate::sim::rehearsal::RunOptions;
use crate::sim::result::RunResult;
use crate::sim::run::run;

/// Each defect, where it has something to spoil, and how many orders that takes.
const PLANTED: &[(Kind, &str, Option<u64>)] = &[
    (Kind::SwallowedWrite, "lost/webhooks", Some(60)),
    (Kind::AlteredAmount, "lost/webhooks", Some(20)),
    (Kind::RenamedCustomer, "lost/webhooks", Some(20)),
    (Kind::MergedLines, "lost/webhooks", Some(60)),
    (Kind::WrongPolicy, "failures/b07-french-storefront", None),
    (Kind::MiscountedPosting, "lost/webhooks", Some(20)),
    (Kind::MispostedTender, "tenders/split", None),
    (Kind::DoubledDeposit, "lost/webhooks", Some(20)),
    (Kind::ForgottenHint, "lost/webhooks", Some(60)),
    (Kind::GreedyGovernor, "peak/flash-sale", Some(6_000)),
    (Kind::EndlessBackoff, "lost/answers", Some(100)),
    (Kind::UnraisedException, "failures/b10-duplicate-customer", None),
    (Kind::FalseException, "lost/webhooks", Some(20)),
    (Kind::TamperedAudit, "lost/webhooks", Some(20)),
    (Kind::RecomputedTax, "failures/a06-tax-rounding", None),
    (Kind::DiscountNotStripped, "failures/a07-discount-base", None),
    (Kind::AddressKept, "order/readdressed", None),
    (Kind::MatchedBySku, "failures/b13-same-sku-twice", None),
    (Kind::DoubledRefund, "failures/a11-edit-after-pick", None),
    (Kind::CardAsRevenue, "failures/a08-gift-card", None),
    (Kind::NightlyPriceJob, "failures/b08-tier-changes-by-day", None),
    (Kind::RetailOnTimeout, "failures/b08-lookup-times-out", None),
    (Kind::TermsDropped, "failures/b08-over-the-limit", None),
    (Kind::StaleRetry, "failures/b04-stale-retry", None),
    (Kind::ParentRelieved, "failures/b09-bundle", None),
    (Kind::SwappedOwners, "products/owned-fields", None),
    (Kind::ForgetsWhatWasSettled, "products/clash", None),
    (Kind::PluggedPayout, "settlement/a01-late-record", None),
    (Kind::NettedFee, "settlement/b15-reserve", None),
    (Kind::PayoutAgain, "settlement/b15-failed-retried", None),
    (Kind::OverriddenPeriod, "refused/period-locked", None),
    (Kind::RatesIgnored, "settlement/rates-by-the-day", None),
    (Kind::OneSidedDebt, "settlement/intercompany", None),
];

/// What a run breaks (an invariant, a promise, or what the file states of an account or an order), and by how much.
type Costs = &'static [(&'static str, &'static str)];

/// Naive behaviours of failures.md, each where its entry is played, and what the entry says that it costs.
const WORKED: &[(Kind, &str, Costs)] = &[
    (
        Kind::CheckThenCreate,
        "failures/a04-redelivery",
        &[
            ("orders-complete", "96.00 GBP"),
            ("clearing-identity", "96.00 GBP"),
            ("account 11110", "96.00 GBP"),
            ("account 12200", "-96.00 GBP"),
        ],
    ),
    (
        Kind::NoSweep,
        "failures/a05-outage",
        &[("orders-complete", "75.00 GBP"), ("account 11110", "-3,525.00 GBP")],
    ),
    (
        Kind::RecomputedTax,
        "failures/a06-tax-rounding",
        &[
            ("tax-by-schedule", "0.16 USD"),
            ("totals-tie", "0.16 USD"),
            ("tax of W1", "0.16 USD"),
            ("tax of W2", "-0.16 GBP"),
        ],
    ),
    (
        Kind::DiscountAfterTax,
        "failures/a07-discount-base",
        &[("totals-tie", "2.00 USD"), ("total of D1", "2.00 USD"), ("tax-by-schedule", "2.00 USD")],
    ),
    (
        Kind::DiscountNotStripped,
        "failures/a07-discount-base",
        &[("totals-tie", "-2.60 GBP"), ("total of D2", "-2.60 GBP"), ("discounts-conserved", "2.16 GBP")],
    ),
    (Kind::PooledDiscounts, "discounts/stacked", &[("discounts-conserved", "-6.00 USD")]),
    (Kind::MarketplaceTaxKept, "tax/schedule", &[("tax-by-schedule", "4.50 USD")]),
    (
        Kind::FixedLookBack,
        "failures/b01-late-run",
        &[("orders-complete", "10.00 GBP"), ("account 11110", "-160.00 GBP")],
    ),
    (
        Kind::DateOnlyCursor,
        "failures/b01-date-only-cursor",
        &[("orders-complete", "50.00 GBP"), ("account 11110", "-200.00 GBP")],
    ),
    (Kind::RefusedUntilNextRun, "failures/b03-bulk-push", &[("lag-max", "")]),
    (
        Kind::WrongPolicy,
        "failures/b07-french-storefront",
        &[
            ("subsidiary-right", "120.00 EUR"),
            ("tax-by-schedule", "20.00 EUR"),
            ("account 21110", "-120.00 EUR"),
        ],
    ),
    (Kind::UnraisedException, "failures/b10-duplicate-customer", &[("exceptions-complete", "")]),
    (
        Kind::EarlyPaymentDropped,
        "failures/b12-paid-before-create",
        &[
            ("trial-balance-expected", "45.00 GBP"),
            ("account 11110", "-45.00 GBP"),
            ("account 12200", "45.00 GBP"),
        ],
    ),
    (
        Kind::CardAsRevenue,
        "failures/a08-gift-card",
        &[
            ("gift-card-liability", "-50.00 GBP"),
            ("account 12300", "50.00 GBP"),
            ("account 14000", "-50.00 GBP"),
        ],
    ),
    (
        Kind::FeeIgnored,
        "failures/a09-restocking-fee",
        &[("refunded-once", "2.00 GBP"), ("account 14500", "10.00 GBP"), ("account 11200", "-12.00 GBP")],
    ),
    (Kind::StockReturnedTwice, "failures/a09-restocking-fee", &[("refunded-once", "0.00 GBP")]),
    (
        Kind::PluggedExchange,
        "failures/a10-exchange-down",
        &[
            ("refunded-once", "-365.00 GBP"),
            ("account 14200", "-365.00 GBP"),
            ("account 11200", "365.00 GBP"),
        ],
    ),
    (
        Kind::DepositStays,
        "failures/a11-edit-after-pick",
        &[("refunded-once", "-18.00 GBP"), ("account 11110", "18.00 GBP")],
    ),
    (
        Kind::DoubledRefund,
        "failures/a11-edit-after-pick",
        &[("refunded-once", "18.00 GBP"), ("account 11110", "-18.00 GBP")],
    ),
    (
        Kind::PresentmentBooked,
        "failures/b05-presentment-money",
        &[("refunded-once", "4,374.12 GBP"), ("account 14300", "4,374.12 GBP")],
    ),
    (Kind::DatedByOrder, "failures/b06-wrong-period", &[("trial-balance-expected", "75.00 GBP")]),
    (
        Kind::DepositStays,
        "failures/b11-cancelled-at-once",
        &[("refunded-once", "-60.00 GBP"), ("account 11110", "60.00 GBP"), ("account 12200", "-60.00 GBP")],
    ),
    (
        Kind::PluggedPayout,
        "settlement/a01-late-record",
        &[("payouts-matched", "-78.55 GBP"), ("account 11110", "80.00 GBP"), ("account 16000", "-1.45 GBP")],
    ),
    (
        Kind::RatesIgnored,
        "settlement/rates-by-the-day",
        &[("trial-balance-expected", "0.87 EUR"), ("account 26300", "0.87 EUR")],
    ),
    (Kind::UnraisedException, "settlement/c01-stray-line", &[("exceptions-complete", "")]),
    (
        Kind::PayoutAgain,
        "settlement/b15-failed-retried",
        &[
            ("payouts-matched", "-10,152.54 GBP"),
            ("account 11150", "20,000.00 GBP"),
            ("account 11110", "-10,152.54 GBP"),
        ],
    ),
];

/// Further defects of invariants that are proved above: the invariant, and what it says of the difference.
const FURTHER: [(Kind, &str, &str, &str); 3] = [
    (
        Kind::HiddenErrors,
        "failures/b02-refused-batch",
        "stock-parity",
        "shows 0, must show 40: 40 units are invisible",
    ),
    (Kind::OnHandForAvailable, "failures/b14-committed-once", "stock-parity", "30 units are invisible"),
    (Kind::UnseenForgotten, "failures/b14-sold-and-not-booked", "stock-parity", "12 phantom units"),
];

fn play(scenario: &str, orders: Option<u64>, defect: Option<Defect>) -> RunResult {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scenarios/{scenario}.toml"));
    let scenario = Scenario::load(&path, LoadOptions { orders }).unwrap();
    run(&scenario, &RunOptions { seed: 7, defect, ..RunOptions::default() }, &mut |_| {}).unwrap()
}

fn broken(result: &RunResult) -> BTreeSet<&'static str> {
    result
        .invariants
        .iter()
        .filter(|invariant| invariant.broken > 0)
        .map(|invariant| invariant.name)
        .collect()
}

#[test]
fn each_defect_acts_and_breaks_the_invariant_that_names_it() {
    let (mut proved, mut unproved) = (BTreeSet::new(), Vec::new());
    for &(kind, scenario, orders) in PLANTED {
        let defect = Defect::plant(kind);
        let spoilt = play(scenario, orders, Some(defect));
        let (name, acted) = spoilt.defect.unwrap();
        let named = invariants::ALL
            .into_iter()
            .find(|invariant| invariant.defect.split(", ").any(|defect| defect == name));
        let named = named.unwrap_or_else(|| panic!("no invariant names {name}"));
        if acted == 0 || !broken(&spoilt).contains(named.name) {
            unproved.push(format!(
                "{name} acted {acted} times and broke {:?}, not {}",
                broken(&spoilt),
                named.name
            ));
            continue;
        }
        let breach = spoilt.invariants.iter().find(|invariant| invariant.name == named.name).unwrap();
        assert!(!breach.breaches.is_empty(), "{} says nothing of what it found", named.name);
        proved.insert(named.name);
    }
    assert!(unproved.is_empty(), "{}", unproved.join("\n"));
    assert_eq!(proved.len(), invariants::ALL.len(), "every invariant has a defect that breaks it");
}

/// The first effect of each is in a journal, and that journal breaks the invariant, long before the audit at rest.
#[test]
fn defects_of_payouts_and_periods_break_with_the_journal_that_they_spoil() {
    for (kind, scenario, invariant) in [
        (Kind::PluggedPayout, "settlement/a01-late-record", "payouts-matched"),
        (Kind::NettedFee, "settlement/b15-reserve", "payouts-matched"),
        (Kind::PayoutAgain, "settlement/b15-failed-retried", "payouts-matched"),
        (Kind::OverriddenPeriod, "refused/period-locked", "period-respected"),
        (Kind::OneSidedDebt, "settlement/intercompany", "clearing-identity"),
    ] {
        let spoilt = play(scenario, None, Some(Defect::plant(kind)));
        let found = spoilt.invariants.iter().find(|known| known.name == invariant).unwrap();
        let at_rest = spoilt.invariants.iter().flat_map(|known| &known.breaches).map(|it| it.at).max();
        let first = found.breaches.first().map(|breach| breach.at);
        assert!(first < at_rest && first.is_some(), "{scenario}: {:?}", found.breaches);
    }
}

/// What a run broke, each with the money that it names.
fn costs(result: &RunResult) -> BTreeSet<(String, String)> {
    let breaches = result.invariants.iter().flat_map(|invariant| {
        let money = |breach: &Breach| breach.money.map_or_else(String::new, |money| money.to_string());
        invariant.breaches.iter().map(move |breach| (invariant.name.to_owned(), money(breach)))
    });
    let off = |found: Money, stated: Money| found.checked_sub(stated).unwrap().to_string();
    let balances = result.expectations.iter().filter(|expected| expected.stated != expected.found);
    let orders = result.expected_orders.iter().filter(|expected| expected.stated != expected.found);
    let promises = result.promises.iter().filter(|promise| promise.held == Some(false));
    breaches
        .chain(promises.map(|promise| (promise.name.to_string(), String::new())))
        .chain(balances.map(|it| (format!("account {}", it.account), off(it.found, it.stated))))
        .chain(orders.map(|it| (format!("{} of {}", it.what.name(), it.order), off(it.found, it.stated))))
        .collect()
}

#[test]
fn each_naive_behaviour_costs_what_its_entry_works_out() {
    let mut unproved = Vec::new();
    for &(kind, scenario, worked) in WORKED {
        let spoilt = play(scenario, None, Some(Defect::plant(kind)));
        let (name, acted) = spoilt.defect.unwrap();
        let costs = costs(&spoilt);
        for (rule, money) in worked {
            if acted == 0 || !costs.contains(&((*rule).to_owned(), (*money).to_owned())) {
                unproved.push(format!("{name} acted {acted} times; {rule} is not off by {money}: {costs:?}"));
            }
        }
    }
    assert!(unproved.is_empty(), "{}", unproved.join("\n"));
}

#[test]
fn further_defects_of_stock_are_told_in_units() {
    for (kind, scenario, invariant, said) in FURTHER {
        let spoilt = play(scenario, None, Some(Defect::plant(kind)));
        let (name, acted) = spoilt.defect.unwrap();
        assert!(acted > 0, "{name} never acted");
        let found = spoilt.invariants.iter().find(|known| known.name == invariant).unwrap();
        let breaches: Vec<&str> = found.breaches.iter().map(|breach| breach.said.as_str()).collect();
        assert!(breaches.iter().any(|breach| breach.contains(said)), "{name}: {breaches:?}");
    }
}

/// Without a defect the same days are clean; with one, the field that suffers is named with its owner.
#[test]
fn defects_of_products_are_told_by_field_and_owner() {
    for (kind, scenario, what, said) in [
        (
            Kind::SwappedOwners,
            "products/owned-fields",
            "price of MUG in uk",
            "shopify says 12.00 GBP, must say 12.50 GBP; the owner is netsuite",
        ),
        (
            Kind::SwappedOwners,
            "products/clash",
            "title of MUG in fr",
            "shopify says `MUG STONEWARE 350ML`, must say `Stoneware mug`; the owner is shopify",
        ),
        (
            Kind::PublishedBare,
            "products/launch",
            "NEW-0001 in uk",
            "is published at 0.00 GBP, must cost 18.00 GBP",
        ),
        (
            Kind::ForgetsWhatWasSettled,
            "products/clash",
            "price of MUG in uk",
            "shopify says 12.00 GBP, must say 9.99 GBP; the owner is netsuite",
        ),
    ] {
        let clean = play(scenario, None, None);
        assert!(!clean.broken() && broken(&clean).is_empty(), "{scenario}: {:?}", broken(&clean));
        let spoilt = play(scenario, None, Some(Defect::plant(kind)));
        let (name, acted) = spoilt.defect.unwrap();
        assert!(acted > 0, "{name} never acted");
        let found = spoilt.invariants.iter().find(|known| known.name == "field-owned").unwrap();
        let told = |breach: &Breach| breach.what == what && breach.said == said;
        assert!(found.breaches.iter().any(told), "{name}: {:?}", found.breaches);
    }
}

/// Failures.md A3: looked at every fifteen minutes, ten are sold beside six of ten: six orders of 45.00 to refund.
#[test]
fn a_slow_feed_oversells_six() {
    let spoilt = play("failures/a03-oversell", None, Some(Defect::plant(Kind::SlowFeed)));
    let promise = spoilt.promises.iter().find(|promise| &*promise.name == "oversold-units").unwrap();
    assert_eq!((promise.held, promise.observed.as_str(), spoilt.orders), (Some(false), "6", 10));
    let prompt = play("failures/a03-oversell", None, None);
    let promise = prompt.promises.iter().find(|promise| &*promise.name == "oversold-units").unwrap();
    assert_eq!((promise.held, promise.observed.as_str(), prompt.orders), (Some(true), "0", 4));
}

#[test]
fn without_a_defect_the_same_runs_are_clean() {
    let mut runs: BTreeSet<(&str, Option<u64>)> =
        PLANTED.iter().map(|(_, scenario, orders)| (*scenario, *orders)).collect();
    runs.extend(WORKED.iter().map(|(_, scenario, _)| (*scenario, None)));
    for (scenario, orders) in runs {
        let clean = play(scenario, orders, None);
        assert_eq!(broken(&clean), BTreeSet::new(), "{scenario}");
        assert!(!clean.broken(), "{scenario}: {:?}", costs(&clean));
        assert!(clean.defect.is_none());
    }
}
