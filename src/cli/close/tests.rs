//! Months of whole scenarios: nothing on an account is left without an item, and what is closed stays closed.

use std::path::{Path, PathBuf};

use super::super::args::Fidelity;
use super::super::simulation::Simulation;
use super::*;
use crate::domain::BookDate;
use crate::ledger::DocumentKind;
use crate::ledger::books::{Books, Entry};
use crate::ledger::export::{Format, write};
use crate::reconcile::close::items::{ITEMISED, Itemised, Statement};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/settlement")
}

fn load(name: &str, orders: Option<u64>) -> Scenario {
    Simulation.load(&folder().join(format!("{name}.toml")), orders).unwrap()
}

fn play(scenario: &Scenario) -> (RunResult, Books, Vec<Statement>) {
    let seed = campaign::seeds(&scenario.seeds, Some(0))[0];
    let request = RunRequest { seed, fidelity: Fidelity::Typed, profile: false };
    Simulation.run_to_close(scenario, &request, &mut |_| {}).unwrap()
}

fn itemised(
    scenario: &Scenario,
    played: &(RunResult, Books, Vec<Statement>),
    as_of: BookDate,
) -> Vec<Itemised> {
    let (result, books, statements) = played;
    let complaints = complaints(result);
    let around = Around { as_of, statements, complaints: &complaints, windows: windows(scenario) };
    items(books, &roles(&scenario.profile), &around)
}

/// Every balance that [`ITEMISED`] accounts have at the end of each month and at rest is the sum of a list.
#[test]
fn every_balance_of_settlement_is_a_list_of_items_that_sums_to_it() {
    let files = std::fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path());
    let mut names: Vec<String> =
        files.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    names.sort();
    assert!(names.len() >= 15, "{names:?}");
    let mut listed_count = 0;
    for name in names {
        let scenario = load(&name, (name == "l-quarter").then_some(140));
        let played = play(&scenario);
        let roles = roles(&scenario.profile);
        let rested = scenario.profile.account_zone.book_date(scenario.starts.plus(played.0.virtual_time));
        let months = (0..4)
            .map(|months| scenario.profile.account_zone.book_date(scenario.starts).last_of_month(months));
        for as_of in months.filter(|day| *day < rested).chain([rested]) {
            let books = played.1.within(BookDate::from_epoch_days(0), as_of.tomorrow());
            let of_roles = |account: &InternalId| roles.get(account).filter(|role| ITEMISED.contains(role));
            let balances = books.balances();
            let due: Vec<_> = balances
                .into_iter()
                .filter(|((account, _), (minor, _))| of_roles(account).is_some() && *minor != 0)
                .map(|((account, currency), (minor, _))| (account, currency, minor))
                .collect();
            let lists = itemised(&scenario, &played, as_of);
            let mut sums: Vec<_> = lists
                .iter()
                .filter(|list| list.balance != 0)
                .map(|list| (list.account, list.currency, list.sum()))
                .collect();
            sums.sort_unstable();
            assert_eq!(sums, due, "{name} as of {as_of}");
            listed_count += lists.iter().map(|list| list.items.len()).sum::<usize>();
        }
    }
    assert!(listed_count > 20, "there were items to be listed: {listed_count}");
}

#[test]
fn what_is_left_on_clearing_names_the_exception_that_keeps_it_there() {
    let scenario = load("c01-unmatched", None);
    let played = play(&scenario);
    let lists = itemised(&scenario, &played, "2026-11-25".parse().unwrap());
    let clearing = lists.iter().find(|list| list.role == Role::Clearing).unwrap();
    let told: Vec<_> =
        clearing.items.iter().map(|item| (item.minor, item.why.name(), &*item.owner)).collect();
    assert_eq!(told, [(4_000, "payout-line-unmatched", "finance"); 4]);
}

#[test]
fn disputes_reserves_and_debts_between_sisters_roll_forward() {
    let rolled = |name: &str, month: &str| {
        let scenario = load(name, None);
        let (_, books, _) = play(&scenario);
        let period = Period::of(format!("{month}-01").parse().unwrap());
        let close = close(&books, &roles(&scenario.profile), period);
        assert!(close.balances(), "{name}: {:?}", close.totals());
        close
    };
    let disputes = rolled("b15-dispute", "2026-03");
    let roll = disputes.rolls.iter().find(|roll| roll.role == Role::Disputes).unwrap();
    assert_eq!((roll.opening, roll.closing), (0, 4 * 16_900));
    let disputes = rolled("b15-dispute", "2026-05");
    let roll = disputes.rolls.iter().find(|roll| roll.role == Role::Disputes).unwrap();
    let (taken, moved): (i128, Vec<&str>) =
        (roll.closing, roll.movements.keys().map(|cause| &**cause).collect());
    assert_eq!((roll.opening, taken, moved), (4 * 16_900, 0, vec!["dispute lost", "payout issued"]));
    let sisters = rolled("intercompany", "2026-11");
    let between: Vec<(i128, i128)> = sisters.between_sisters().into_values().collect();
    assert_eq!(between, [(16_695, 16_695)]);
    let accrued = rolled("month-end-saturday", "2026-10");
    let roll = accrued.rolls.iter().find(|roll| roll.role == Role::Accruals).unwrap();
    let moved: Vec<_> = roll.movements.iter().map(|(cause, of)| (&**cause, *of)).collect();
    assert_eq!((moved, roll.closing), (vec![("accrual accrued", (200, 0))], 200));
}

fn of_month(books: &Books, first: &str) -> String {
    let period = Period::of(first.parse().unwrap());
    let mut text = String::new();
    write(&books.within(period.first, period.next), "a month", Format::Hledger, &mut text).unwrap();
    text
}

/// The same run is played to the moment at which November is closed, and to its end: thirty events later.
#[test]
fn a_closed_month_is_untouched_to_the_byte_and_the_next_one_names_what_it_corrects() {
    let scenario = load("closed-month", None);
    let closed_after = Duration::from_hours(94);
    let late = scenario.scripted.iter().filter(|event| event.at > Duration::from_hours(85));
    // Four lines of the bank are late too, and no part of the script.
    assert!(late.count() >= 30);
    let mut at_close = scenario.clone();
    (at_close.lasts, at_close.settle) = (closed_after, Duration::from_secs(1));
    let (_, before, _) = play(&at_close);
    let (result, after, _) = play(&scenario);
    assert!(result.exceptions.is_empty(), "{:?}", result.exceptions);
    for stated in &result.expectations {
        assert_eq!(stated.stated, stated.found, "account {}", stated.account);
    }
    let november = of_month(&before, "2026-11-01");
    assert!(november.lines().count() > 100, "{november}");
    assert_eq!(november, of_month(&after, "2026-11-01"));
    let first: BookDate = "2026-12-01".parse().unwrap();
    let corrections: Vec<(&Entry, BookDate, &str)> = after
        .entries()
        .iter()
        .filter(|entry| entry.date >= first)
        .filter_map(|entry| {
            let note = after.note(entry)?;
            Some((entry, note.original_date?, note.memo.as_deref().unwrap_or_default()))
        })
        .collect();
    for (entry, original, memo) in &corrections {
        assert!(*original < first && entry.date == first && !memo.is_empty(), "{entry:?}: {memo}");
    }
    let count = |kind: DocumentKind, said: &str| {
        corrections.iter().filter(|(entry, _, memo)| entry.kind == kind && memo.contains(said)).count()
    };
    // Four captures and three payments on top, five refunds, four payouts at the bank, and one that was issued.
    assert_eq!(count(DocumentKind::CustomerDeposit, "capture of 2026-11-30"), 7);
    assert_eq!(count(DocumentKind::CustomerRefund, "money given back of 2026-11-30"), 5);
    assert_eq!(count(DocumentKind::JournalEntry, "at the bank"), 4);
    assert_eq!(count(DocumentKind::JournalEntry, "payout "), 5);
    let close = close(&after, &roles(&scenario.profile), Period::of(first));
    assert!(close.balances());
}
