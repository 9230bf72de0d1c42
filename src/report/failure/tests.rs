use super::*;
use crate::domain::{Currency, Money};
use crate::report::tests::{broken, certification, doubled, held, outcome};

fn blocks(results: Vec<crate::sim::result::RunResult>) -> String {
    let certification = certification(vec![outcome("lost/answers", results)]);
    let outcome = &certification.outcomes[0];
    let blocks = certification.findings.all().iter().map(|finding| {
        let replay = outcome.subject.replay_command(finding.seed);
        block(finding, &outcome.subject, outcome.results.len(), &replay, Ink::PLAIN)
    });
    blocks.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_failure_tells_money_what_led_there_the_rule_and_how_to_see_it_again() {
    insta::assert_snapshot!(blocks(vec![held(7), broken(1207), broken(1301)]));
}

#[test]
fn a_stated_balance_points_into_the_file_even_if_it_cannot_be_read_again() {
    let mut run = held(7);
    run.expectations[0].found = Money::new(-49_000, Currency::USD);
    insta::assert_snapshot!(blocks(vec![run]));
}

#[test]
fn more_breaches_than_are_shown_are_counted_and_what_was_not_kept_makes_a_sum_a_least() {
    let mut run = held(7);
    run.invariants[0].broken = 40;
    run.invariants[0].breaches = (0..20).map(|order| doubled(&order.to_string(), 100)).collect();
    let text = blocks(vec![run]);
    assert!(text.contains("and 17 more; in all at least 20.00 USD at risk"), "{text}");
}

#[test]
fn a_long_timeline_keeps_its_last_six_lines() {
    let mut run = broken(7);
    let last = run.timeline[2].clone();
    run.timeline = vec![last; 30];
    assert_eq!(blocks(vec![run]).matches("SO88219").count(), 6);
}
