//! A trading history, and the two files of a settlement: what does not add up is refused, never dropped.

#![no_main]

use std::io::Cursor;
use std::path::{Path, PathBuf};

use libfuzzer_sys::fuzz_target;
use plimsoll::domain::{Currency, InternalId};
use plimsoll::reconcile::settlement::files::{Clearing, balance_transactions, clearing_records};
use plimsoll::scenario::import::{ImportOptions, rehearse};

fuzz_target!(|data: &[u8]| {
    let Some((kind, data)) = data.split_first() else { return };
    match kind % 3 {
        0 => {
            let options = ImportOptions {
                out: PathBuf::new(),
                per_day: kind & 4 == 0,
                days: None,
                shop: None,
                data: None,
            };
            if let Ok(imported) = rehearse(Path::new("history.csv"), Cursor::new(data.to_vec()), &options) {
                imported.tally.close().unwrap();
            }
        }
        1 => {
            let clearing = Clearing {
                of_currency: vec![(Currency::EUR, InternalId::new(1))],
                of_others: Some(InternalId::new(2)),
            };
            if let Ok(side) = balance_transactions(data, data.len() as u64, &clearing) {
                assert_eq!(side.lines.len(), side.ids.len());
            }
        }
        _ => {
            if let Ok(side) = clearing_records(data, data.len() as u64) {
                assert_eq!(side.lines.len(), side.ids.len());
            }
        }
    }
});
