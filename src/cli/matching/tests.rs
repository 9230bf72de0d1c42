use std::fs;

use crate::cli::exit::Exit;
use crate::cli::tests::{MadeUp, command};

const HEADER: &str = "id,type,currency,amount,fee,source_order_transaction_id,processed_at\n";
const RECORDS: &str =
    "internal_id,external_id,type,currency,amount,date\n1,us-deposit-9,custdep,USD,1.00,2026-11-20\n";

fn matched(name: &str, rows: &str, options: &str) -> (Exit, String, String) {
    let folder = std::env::temp_dir().join(format!("plimsoll-match-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let (left, right) = (folder.join("left.csv"), folder.join("right.csv"));
    fs::write(&left, format!("{HEADER}{rows}")).unwrap();
    fs::write(&right, RECORDS).unwrap();
    let line = format!("plimsoll match {} {} {options}", left.display(), right.display());
    let done = command(&MadeUp::holding(), &line);
    fs::remove_dir_all(&folder).unwrap();
    done
}

#[test]
fn files_that_agree_exit_with_zero_and_files_that_differ_with_three() {
    let (exit, out, _) = matched("agree", "5,charge,USD,1.00,0.10,9,2026-11-20\n", "");
    assert_eq!((exit, out.contains("✓ MATCHED")), (Exit::Held, true), "{out}");
    let (exit, out, _) = matched("differ", "5,charge,USD,1.50,0.10,9,2026-11-20\n", "");
    assert_eq!((exit, out.contains("✗ DIFFERS   1 difference unexplained")), (Exit::Broken, true), "{out}");
}

#[test]
fn what_may_still_follow_is_not_held_against_the_books() {
    let rows = "5,charge,USD,1.00,0.10,9,2026-11-20\n6,charge,USD,7.00,0.10,10,2026-11-20\n";
    assert_eq!(matched("early", rows, "--as-of 2026-11-23").0, Exit::Held);
    assert_eq!(matched("late", rows, "--as-of 2026-11-24").0, Exit::Broken);
    assert_eq!(matched("lenient", rows, "--as-of 2026-11-24 --booked-within 4").0, Exit::Held);
}

#[test]
fn a_bad_file_exits_with_two_and_says_where() {
    let (exit, _, err) = matched("bad", "5,charge,USD,one,0.10,9,2026-11-20\n", "");
    assert_eq!(exit, Exit::Refused);
    assert!(err.contains("left.csv") && err.contains("line 2, column 4 (`amount`)"), "{err}");
    let (exit, _, err) = command(&MadeUp::holding(), "plimsoll match no/such.csv no/such.csv");
    assert_eq!((exit, err.contains("no/such.csv")), (Exit::Refused, true), "{err}");
}
