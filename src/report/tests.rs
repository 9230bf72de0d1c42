//! Made-up results for the tests of this room and of the commands.

use super::finding::Place;
use super::*;
use crate::domain::{CauseCode, Currency, Duration, Lane, Money};
use crate::sim::oracle::Breach;
use crate::sim::result::{
    Calls, ExpectationResult, InvariantResult, LaneLag, OpenException, PromiseResult, Refusals, WeatherResult,
};
use crate::sim::volumes::Volumes;

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

pub fn subject(name: &str) -> Subject {
    Subject {
        name: name.into(),
        title: "One answer in five is lost for an hour".into(),
        owner: Some("integration@harbour.example".into()),
        why: None,
        path: format!("scenarios/{name}.toml").into(),
        starts: at("2026-11-27T05:00:00Z"),
        zone: Zone::named("America/New_York").unwrap(),
        orders: None,
        fidelity: "typed",
        share: None,
        accounts: [(InternalId::new(12200), Box::from("UK deposits"))].into(),
        not_covered: vec![("tax-engine".into(), "taxes are taken from Shopify as given".into())],
    }
}

/// Everything held.
pub fn held(seed: u64) -> RunResult {
    let invariant = |name, claim, checked| InvariantResult {
        name,
        claim,
        checked,
        broken: 0,
        breaches: vec![],
        called_for: true,
    };
    RunResult {
        scenario: "lost/answers".into(),
        title: "One answer in five is lost for an hour".into(),
        seed,
        orders: 300,
        calls: Calls { shopify: 1_204, netsuite: 2_017, deliveries: 611 },
        steps: 640,
        crashes: 0,
        virtual_time: Duration::from_mins(250),
        trace_hash: format!("{:032x}", u128::from(seed) * 0x9E37_79B9_7F4A_7C15),
        ledger_hash: "c0ffee".repeat(10),
        policy_hash: "beef".repeat(16),
        invariants: vec![
            invariant("orders-complete", "every order is in NetSuite exactly once", 300),
            invariant("totals-tie", "every amount of an order is the same in Shopify and in NetSuite", 300),
        ],
        promises: vec![PromiseResult {
            name: "lag-max".into(),
            limit: "<= 1h".into(),
            observed: "12m 4s".into(),
            held: Some(true),
            file: "scenarios/lost/answers.toml".into(),
            line: 25,
        }],
        expectations: vec![ExpectationResult {
            account: InternalId::new(12200),
            stated: usd(-50_000),
            found: usd(-50_000),
            file: "scenarios/lost/answers.toml".into(),
            line: 28,
        }],
        expected_orders: vec![],
        expected_counts: vec![],
        volumes: Volumes::default(),
        tax_drift: vec![],
        exceptions: vec![OpenException {
            shop: "us".parse().unwrap(),
            flow: "order",
            record: 5_017,
            code: CauseCode::PeriodShut,
            owner: "finance-ops".into(),
            raised_at: at("2026-11-27T14:22:07Z"),
            deadline: at("2026-11-28T22:00:00Z"),
            at_risk: Some(usd(4_250)),
            detail: "November is locked".into(),
            next_step: "open the period, or post to December".into(),
        }],
        lag: vec![LaneLag {
            lane: Lane::Orders,
            count: 300,
            p50: Duration::from_millis(2_250),
            p99: Duration::from_secs(70),
            max: Duration::from_secs(724),
        }],
        faults: vec![("webhook-lost", 4)],
        weather: vec![WeatherResult { what: "09:30 answers are lost".into(), took_effect: 31 }],
        refusals: Refusals { injected: 3, ..Refusals::default() },
        timeline: vec![],
        not_played: vec![("credit".into(), 17, usd(-7_729_725))],
        not_covered: vec![("tax-engine".into(), "taxes are taken from Shopify as given".into())],
        spent: None,
        defect: None,
    }
}

pub fn doubled(order: &str, minor: i64) -> Breach {
    Breach {
        at: at("2026-11-27T19:22:09Z"),
        money: Some(usd(minor)),
        what: format!("sales order us-order-{order}"),
        said: "stands for no order of any shop, or stands for one a second time".into(),
    }
}

/// An order twice, and a promise broken.
pub fn broken(seed: u64) -> RunResult {
    let mut run = held(seed);
    run.invariants[0].broken = 2;
    run.invariants[0].breaches = vec![doubled("5417", 18_420), doubled("5418", 590)];
    run.promises[0].held = Some(false);
    run.promises[0].observed = "1h 4m".into();
    run.timeline = vec![
        (at("2026-11-27T19:21:58Z"), "create sales order us-order-5417: no answer for 30s, saved".into()),
        (at("2026-11-27T19:22:07Z"), "create sales order again: saved again".into()),
        (at("2026-11-27T19:22:09Z"), "sales order SO88219 released to the warehouse".into()),
    ];
    run
}

pub const SCENARIO_LINE: &str = "lag-max = \"<= 1h\"        # with a lost answer\n";

pub fn reader(_: &str, line: usize) -> Option<String> {
    (line == 25).then(|| SCENARIO_LINE.to_owned())
}

pub fn outcome(name: &str, results: Vec<RunResult>) -> Outcome {
    let effort = Effort {
        wall: std::time::Duration::from_millis(1_240),
        cpu: Some(std::time::Duration::from_millis(1_100)),
        peak_rss_bytes: Some(48 << 20),
        load_average: Some([0.5, 0.25, 0.125]),
    };
    Outcome {
        subject: subject(name),
        seeds: results.iter().map(|run| run.seed).collect(),
        efforts: vec![effort; results.len()],
        results,
    }
}

pub fn certification(outcomes: Vec<Outcome>) -> Certification {
    let mut findings = Findings::default();
    for (position, outcome) in outcomes.iter().enumerate() {
        for run in &outcome.results {
            findings.add(position, &outcome.subject, run, &reader);
        }
    }
    let effort = outcomes[0].efforts[0];
    Certification {
        outcomes,
        findings,
        cut_short: None,
        allow_inconclusive: false,
        fidelity: "typed",
        effort,
    }
}

#[test]
fn seeds_that_break_the_same_way_are_one_finding_and_the_smallest_is_shown() {
    let mut small = broken(9);
    small.orders = 40;
    let certification = certification(vec![outcome("lost/answers", vec![broken(7), held(8), small])]);
    let findings = certification.findings.all();
    assert_eq!(findings.len(), 2, "an invariant and a promise");
    assert_eq!(findings[0].seeds, [7, 9]);
    assert_eq!((findings[0].seed, findings[0].orders), (9, 40));
}

#[test]
fn breaches_with_other_words_are_another_finding() {
    let mut run = broken(7);
    run.invariants[0].breaches[1].said = "is not in NetSuite; it was placed in us at 2026".into();
    let certification = certification(vec![outcome("lost/answers", vec![run])]);
    let names: Vec<&str> = certification.findings.all().iter().map(|finding| finding.rule.name()).collect();
    assert_eq!(names, ["orders-complete", "orders-complete", "lag-max"]);
}

#[test]
fn the_timeline_goes_with_what_broke_first() {
    let both = certification(vec![outcome("lost/answers", vec![broken(7)])]);
    let lengths: Vec<usize> = both.findings.all().iter().map(|finding| finding.timeline.len()).collect();
    assert_eq!(lengths, [3, 0]);
    let mut late = broken(7);
    late.invariants[0].broken = 0;
    let certification = certification(vec![outcome("lost/answers", vec![late])]);
    assert!(certification.findings.all()[0].timeline.is_empty(), "a promise alone has no first breach");
}

#[test]
fn a_line_of_the_file_is_kept_when_the_finding_is_made() {
    let certification = certification(vec![outcome("lost/answers", vec![broken(7)])]);
    let finding::Rule::Promise { at: Place { text, .. }, .. } = &certification.findings.all()[1].rule else {
        panic!("the promise comes after the invariant");
    };
    assert_eq!(text.as_deref(), Some(SCENARIO_LINE));
}

#[test]
fn seeds_that_did_not_run_leave_a_scenario_inconclusive() {
    let mut cut = outcome("lost/answers", vec![held(7)]);
    cut.seeds.push(8);
    assert_eq!(cut.verdict(), Verdict::Inconclusive);
    assert_eq!(cut.open_questions(), ["1 of 2 seeds were not run"]);
}

#[test]
fn one_broken_scenario_breaks_the_certification() {
    let broken = certification(vec![outcome("a", vec![held(1)]), outcome("b", vec![broken(1)])]);
    assert_eq!(broken.verdict(), Verdict::Broken);
    assert_eq!(broken.sentence(), "2 findings in 1 of 2 scenarios, 2 runs, 600 orders");
    let held = certification(vec![outcome("a", vec![held(1)])]);
    assert_eq!(held.verdict(), Verdict::Held);
}
