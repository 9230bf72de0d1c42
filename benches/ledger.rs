//! Rebuilding an exported ledger: 100,000 entries of four legs, read, checked and summed.
//!
//! `cargo bench --bench ledger -- --write DIR` writes the exports instead, for other programs to be run on.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group};
use plimsoll::domain::{BookDate, Currency, ExternalId, InternalId};
use plimsoll::ledger::DocumentKind;
use plimsoll::ledger::books::{Account, AccountKind, Books, Heading, Line};
use plimsoll::ledger::export::{Format, write};
use plimsoll::ledger::reading::read;

const ENTRIES: u64 = 100_000;

/// A month of payouts: transit and fees against clearing, every fourth in a foreign currency.
fn books() -> Books {
    let account = |id, kind| Account { id: InternalId::new(id), kind, subsidiary: InternalId::new(2) };
    let mut books = Books::default();
    books.accounts = vec![
        account(1150, AccountKind::OtherCurrentAsset),
        account(1300, AccountKind::OtherCurrentAsset),
        account(6100, AccountKind::Expense),
        account(6110, AccountKind::Expense),
    ];
    for number in 0..ENTRIES {
        let (gross, fee, tax) =
            (1_000 + number as i64 * 7 % 90_000, 30 + number as i64 % 70, number as i64 % 9 + 1);
        let is_foreign = number.is_multiple_of(4);
        let line = |account, minor: i64| Line {
            account: InternalId::new(account),
            minor,
            base: if is_foreign { minor * 2 } else { minor },
        };
        let heading = Heading {
            number: InternalId::new(5_001 + number),
            external_id: Some(ExternalId::from_netsuite(format!("uk-payout-{number}-issued-1"))),
            kind: DocumentKind::JournalEntry,
            date: BookDate::from_epoch_days(20_758 + (number * 30 / ENTRIES) as i32),
            currency: if is_foreign { Currency::EUR } else { Currency::GBP },
            base_currency: Currency::GBP,
        };
        let net = gross - fee - tax;
        books.add(heading, [line(1300, net), line(6100, fee), line(6110, tax), line(1150, -gross)]);
    }
    books
}

fn exported(format: Format) -> String {
    let mut text = String::new();
    write(&books(), "payouts", format, &mut text).expect("a string takes any text");
    text
}

fn ledger(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("100,000 entries of four legs");
    group.sample_size(10).throughput(Throughput::Elements(ENTRIES));
    for format in [Format::Beancount, Format::Hledger] {
        let text = exported(format);
        group.bench_function(format!("rebuild from {}", format.name()), |bench| {
            bench.iter(|| black_box(read(text.as_bytes())).expect("our own export"));
        });
    }
    group.finish();
}

criterion_group!(benches, ledger);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--write", folder, ..] => {
            for format in [Format::Beancount, Format::Hledger] {
                let path = Path::new(folder).join(format!("ledger.{}", format.name()));
                std::fs::write(path, exported(format)).expect("room for a few megabytes");
            }
        }
        _ => {
            benches();
            Criterion::default().configure_from_args().final_summary();
        }
    }
}
