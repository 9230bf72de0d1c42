//! The matcher over files: every planted disturbance is told by its name, and nothing else is told.

#[path = "../../benches/match_data/mod.rs"]
mod match_data;

use match_data::{CLEARING, planted, terms};
use plimsoll::domain::InternalId;
use plimsoll::reconcile::settlement::files::{Clearing, balance_transactions, clearing_records};
use plimsoll::reconcile::settlement::{Cause, settle};

#[test]
fn every_planted_disturbance_is_told_by_its_name() {
    let planted = planted(100_000);
    let clearing = Clearing { of_others: Some(InternalId::new(CLEARING)), ..Clearing::default() };
    let left = balance_transactions(planted.left.as_bytes(), planted.left.len() as u64, &clearing).unwrap();
    let right = clearing_records(planted.right.as_bytes(), planted.right.len() as u64).unwrap();
    let found = settle(&left.lines, &right.lines, &terms());
    let mut told: Vec<(u64, Cause)> = found
        .differences
        .iter()
        .map(|difference| {
            let line = match (found.left_of(difference), found.right_of(difference)) {
                ([at, ..], _) => &left.lines[*at as usize],
                ([], at) => &right.lines[at[0] as usize],
            };
            (line.identity.expect("disturbed lines are named").get(), difference.cause)
        })
        .collect();
    let mut answers = planted.answers;
    told.sort_unstable();
    answers.sort_unstable();
    for cause in Cause::ALL {
        let planted = answers.iter().filter(|(_, of)| *of == cause).count();
        assert!((900..1_100).contains(&planted), "{planted} lines of cause {}", cause.name());
    }
    let wrong: Vec<_> = told.iter().zip(&answers).filter(|(told, answer)| told != answer).take(5).collect();
    assert!(
        wrong.is_empty() && told.len() == answers.len(),
        "{} of {}: {wrong:?}",
        told.len(),
        answers.len()
    );
    assert!(found.groups.len() > 900, "charges booked in parts match their sum");
    let sum = |lines: &[plimsoll::reconcile::settlement::Line]| -> i64 {
        lines.iter().map(|line| line.amount).sum()
    };
    let of = |lines: &[plimsoll::reconcile::settlement::Line], at: &[u32]| -> i64 {
        at.iter().map(|at| lines[*at as usize].amount).sum()
    };
    let differences = found.differences.iter();
    let differences: i64 = differences
        .map(|told| of(&left.lines, found.left_of(told)) - of(&right.lines, found.right_of(told)))
        .sum();
    assert_eq!(sum(&left.lines) - sum(&right.lines), differences, "to the cent");
}
