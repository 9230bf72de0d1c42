//! Method: the figures of `settlement/rates-by-the-day`, and of a payout that has not reached the bank.

use std::path::Path;

use super::*;
use crate::domain::ids::{BalanceTransactionId, TransactionId};
use crate::domain::payout::BalanceKind;
use crate::domain::{ShopKey, Timestamp};
use crate::scenario::Scenario;
use crate::scenario::load::LoadOptions;
use crate::sim::oracle::seen::settlement::SeenRecord;

const CLEARING: InternalId = InternalId::new(21_140);
const TRANSIT: InternalId = InternalId::new(21_150);
const EXCHANGE: InternalId = InternalId::new(26_300);

fn intent() -> Intent {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/settlement/rates-by-the-day.toml");
    Intent::new(Scenario::load(&path, LoadOptions::default()).unwrap().profile)
}

fn row(id: u64, kind: BalanceKind, amount: i64) -> SeenRow {
    SeenRow {
        shop: "com".parse::<ShopKey>().unwrap(),
        id: BalanceTransactionId::new(id),
        kind,
        currency: Currency::USD,
        amount,
        fee: 0,
        shop_amount: None,
        order_transaction: Some(TransactionId::new(id)),
        order: None,
        processed_at: Timestamp::ORIGIN,
        payout: None,
    }
}

fn record(key: &str) -> Option<SeenRecord> {
    let known = |minor: i64, day: &str| SeenRecord {
        account: CLEARING,
        amount: Money::new(minor, Currency::USD),
        date: day.parse().unwrap(),
    };
    match key {
        "com-deposit-1" => Some(known(8_000, "2026-11-11")),
        "com-refund-2" => Some(known(-2_000, "2026-11-12")),
        _ => None,
    }
}

/// $80.00 taken at 0.895 and $20.00 given back at 0.93 are cleared at 0.88: −1.20 and +1.00.
#[test]
fn documents_at_their_own_rates_and_the_payout_at_its_own_leave_a_difference() {
    let intent = intent();
    let parties = intent.parties("com".parse().unwrap()).unwrap();
    let rows = [row(1, BalanceKind::Charge, 8_000), row(2, BalanceKind::Refund, -2_000)];
    let mut posted = BTreeMap::from([
        (CLEARING, InBase { minor: -6_000, base: -5_280 }),
        (TRANSIT, InBase { minor: 5_855, base: 5_152 }),
    ]);
    let sheet = parties.realised(&intent, rows.iter(), &record, &posted);
    let of = |sheet: &Sheet, account| sheet.of(account, Currency::EUR);
    assert_eq!((of(&sheet, CLEARING), of(&sheet, EXCHANGE), of(&sheet, TRANSIT)), (-20, 20, 0));
    // At the bank at 0.89: 52.11 for what left as 51.52, a gain of 0.59.
    posted.insert(TRANSIT, InBase { minor: 0, base: 5_152 - 5_211 });
    let sheet = parties.realised(&intent, rows.iter(), &record, &posted);
    assert_eq!((of(&sheet, EXCHANGE), of(&sheet, TRANSIT)), (20 - 59, 59));
}

#[test]
fn rows_of_one_transaction_count_their_document_once() {
    let intent = intent();
    let parties = intent.parties("com".parse().unwrap()).unwrap();
    let mut rows = [row(1, BalanceKind::Charge, 5_000), row(3, BalanceKind::Charge, 3_000)];
    rows[1].order_transaction = rows[0].order_transaction;
    let posted = BTreeMap::from([(CLEARING, InBase { minor: -8_000, base: -7_040 })]);
    let sheet = parties.realised(&intent, rows.iter(), &record, &posted);
    assert_eq!(sheet.of(EXCHANGE, Currency::EUR), 120);
}
