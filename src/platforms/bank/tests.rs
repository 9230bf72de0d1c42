use std::fs;
use std::path::PathBuf;

use super::StatementFolder;
use crate::domain::InternalId;

const HEAD: &str = "account,id,value-date,amount,currency,reference\n";

/// What account 11000 has when these files lie in a folder: ids and amounts, or why they cannot be read.
fn read(name: &str, files: &[(&str, &str)]) -> Result<Vec<String>, String> {
    let folder = std::env::temp_dir().join(format!("plimsoll-bank-{}-{name}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    for (file, rows) in files {
        fs::write(folder.join(file), format!("{HEAD}{rows}")).unwrap();
    }
    let lines = StatementFolder::new(Some(PathBuf::from(&folder))).lines(InternalId::new(11000));
    fs::remove_dir_all(&folder).unwrap();
    lines.map(|lines| lines.iter().map(|line| format!("{} {}", line.id, line.amount)).collect())
}

#[test]
fn lines_of_all_files_are_read_once_by_value_date() {
    let lines = read(
        "once",
        &[
            ("b.csv", "11000,2,2026-11-28,-3.00,GBP,FEE\n11000,1,2026-11-27,1204.11,GBP,\n"),
            ("a.csv", "11000,1,2026-11-27,1204.11,GBP,\n21000,1,2026-11-27,9.00,EUR,\n"),
            ("later.part", "no statement"),
        ],
    );
    assert_eq!(lines.unwrap(), ["1 1,204.11 GBP", "2 -3.00 GBP"]);
}

#[test]
fn a_line_that_contradicts_an_earlier_one_is_refused_with_its_place() {
    let rows = [("a.csv", "11000,1,2026-11-27,1.00,GBP,\n"), ("b.csv", "11000,1,2026-11-27,2.00,GBP,\n")];
    let error = read("contradicts", &rows).unwrap_err();
    assert!(error.contains("b.csv: line 2: `1` of account 11000"), "{error}");
}

#[test]
fn what_is_no_amount_date_currency_or_row_is_refused_with_its_line() {
    for (name, row) in [
        ("amount", "11000,1,2026-11-27,1.0.0,GBP,\n"),
        ("digits", "11000,1,2026-11-27,1.005,GBP,\n"),
        ("date", "11000,1,27.11.2026,1.00,GBP,\n"),
        ("currency", "11000,1,2026-11-27,1.00,gbp,\n"),
        ("account", "bank,1,2026-11-27,1.00,GBP,\n"),
        ("short", "11000,1\n"),
    ] {
        let error = read(name, &[("a.csv", row)]).unwrap_err();
        assert!(error.contains("line"), "{name}: {error}");
    }
}
