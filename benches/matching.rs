//! Matching two files of a million lines, beside a bare hash join over the same files: what identity, grouping and
//! naming each difference cost on top of finding equal keys.
//!
//! `cargo bench --bench matching -- --write DIR` writes the files instead, for other programs to be run on;
//! `-- --once join DIR` and `-- --once match DIR` do the work once, to be measured from outside (`benches/peers/match`).

#[path = "match_data/mod.rs"]
mod match_data;

use std::fs::{self, File};
use std::hash::{BuildHasherDefault, Hasher};
use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{Criterion, Throughput, criterion_group};
use match_data::{CLEARING, planted, terms};
use plimsoll::domain::{Currency, InternalId};
use plimsoll::reconcile::settlement::files::separated::Separated;
use plimsoll::reconcile::settlement::files::{Clearing, Side, balance_transactions, clearing_records, value};
use plimsoll::reconcile::settlement::settle;

const LINES: usize = 1_000_000;

/// Writes both files; their paths, and how many disturbances are in them.
fn write(folder: &Path) -> (PathBuf, PathBuf, usize) {
    fs::create_dir_all(folder).expect("a folder of our own");
    let (left, right) = (folder.join("left.csv"), folder.join("right.csv"));
    let planted = planted(LINES);
    fs::write(&left, planted.left).expect("room for a hundred megabytes");
    fs::write(&right, planted.right).expect("room for a hundred megabytes");
    (left, right, planted.answers.len())
}

fn open(path: &Path) -> (File, u64) {
    let file = File::open(path).expect("just written");
    let size = file.metadata().expect("a file has a size").len();
    (file, size)
}

fn read(left: &Path, right: &Path) -> (Side, Side) {
    let clearing = Clearing { of_others: Some(InternalId::new(CLEARING)), ..Clearing::default() };
    let (left, size) = open(left);
    let left = balance_transactions(left, size, &clearing).expect("our own file");
    let (right, size) = open(right);
    (left, clearing_records(right, size).expect("our own file"))
}

/// A product of 128 bits, folded: as good a hash of integers as there is, so that the join is as fast as it can be.
#[derive(Default)]
struct Folded(u64);

impl Hasher for Folded {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("keys are integers")
    }

    fn write_u64(&mut self, word: u64) {
        let wide = u128::from(word ^ 0xA076_1D64_78BD_642F) * u128::from(0xE703_7ED1_A0B4_28DB_u64);
        self.0 = (wide >> 64) as u64 ^ wide as u64;
    }
}

#[expect(clippy::disallowed_types, reason = "what a plain join would use; its order decides nothing")]
type Joined = std::collections::HashMap<u64, i64, BuildHasherDefault<Folded>>;

/// Key and amount of each line of a file, by the position of their columns.
fn each(path: &Path, key: usize, amount: usize, mut seen: impl FnMut(&[u8], i64)) {
    let mut records = Separated::new(open(path).0);
    let is_header = records.next_record().expect("our own file").is_some();
    assert!(is_header, "the file begins with its header");
    while let Some(record) = records.next_record().expect("our own file") {
        let decimal = value::decimal(record.field(amount)).expect("an amount");
        seen(record.field(key), decimal.minor(Currency::USD).expect("cents"));
    }
}

/// Equal keys with equal amounts, and the sum of what is left: no kinds, accounts, duplicates, parts or causes.
fn bare_hash_join(left: &Path, right: &Path) -> (u64, i64) {
    let mut known = Joined::default();
    known.reserve(LINES);
    each(left, 12, 6, |key, amount| {
        if let Ok(Some(key)) = value::number(key) {
            known.insert(key.get(), amount);
        }
    });
    let (mut equal, mut rest) = (0, 0);
    each(right, 1, 5, |key, amount| {
        let number = key.rsplit(|byte| *byte == b'-').next().unwrap_or(key);
        let Ok(Some(key)) = value::number(number) else { return };
        match known.get(&key.get()) {
            Some(of) if *of == amount => equal += 1,
            Some(of) => rest += of - amount,
            None => rest -= amount,
        }
    });
    (equal, rest)
}

fn matching(criterion: &mut Criterion) {
    let (left, right, planted) = write(&std::env::temp_dir().join("plimsoll-matching"));
    let mut group = criterion.benchmark_group("a million lines a side");
    group.sample_size(10).throughput(Throughput::Elements(2 * LINES as u64));
    group.bench_function("bare hash join over both files", |bench| {
        bench.iter(|| black_box(bare_hash_join(&left, &right)));
    });
    group.bench_function("match both files", |bench| {
        bench.iter(|| {
            let (left, right) = read(&left, &right);
            black_box(settle(&left.lines, &right.lines, &terms()))
        });
    });
    let (left, right) = read(&left, &right);
    let found = settle(&left.lines, &right.lines, &terms());
    assert_eq!(found.differences.len(), planted, "what is measured finds what is planted");
    group.bench_function("match, lines in memory", |bench| {
        bench.iter(|| black_box(settle(&left.lines, &right.lines, &terms())));
    });
    group.finish();
}

criterion_group!(benches, matching);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--write", folder, ..] => drop(write(Path::new(folder))),
        ["--once", what, folder, ..] => {
            let (left, right) = (Path::new(folder).join("left.csv"), Path::new(folder).join("right.csv"));
            if *what == "join" {
                println!("{:?}", bare_hash_join(&left, &right));
            } else {
                let (left, right) = read(&left, &right);
                let found = settle(&left.lines, &right.lines, &terms());
                println!("{} pairs, {} differences", found.pairs.len(), found.differences.len());
            }
        }
        _ => {
            benches();
            Criterion::default().configure_from_args().final_summary();
        }
    }
}
