use super::*;
use crate::domain::InternalId;
use crate::reconcile::settlement::files::{Clearing, balance_transactions, clearing_records};
use crate::reconcile::settlement::{Terms, settle};
use crate::report::document::{self, matching::MatchDocument};

const ROWS: &str = "\
id,type,currency,amount,fee,source_order_id,source_order_transaction_id,processed_at
11,charge,USD,120.00,2.05,501,901,2026-11-20
12,charge,USD,80.00,1.45,502,902,2026-11-27
13,charge,USD,50.00,1.00,503,903,2026-11-20
14,dispute,USD,-169.00,15.00,504,,2026-11-20
15,payout,USD,-245.50,0.00,,,2026-11-28
16,charge,JPY,500,0,505,905,2026-11-20
";

const RECORDS: &str = "\
internal_id,external_id,type,account,currency,amount,date
1,us-deposit-901,customerDeposit,1150,USD,118.00,2026-11-20
2,us-deposit-903,customerDeposit,1160,USD,50.00,2026-11-20
3,us-deposit-905,customerDeposit,1150,JPY,500,2026-11-20
";

fn told(what: impl Fn(&Matching<'_>) -> String) -> String {
    let clearing = Clearing { of_others: Some(InternalId::new(1150)), ..Clearing::default() };
    let left = balance_transactions(ROWS.as_bytes(), 0, &clearing).unwrap();
    let right = clearing_records(RECORDS.as_bytes(), 0).unwrap();
    let as_of = "2026-11-28".parse().unwrap();
    let settlement =
        settle(&left.lines, &right.lines, &Terms { as_of, booked_within: 3, paid_out_within: 5 });
    let names = ["payments.csv", "clearing.csv"];
    what(&Matching { names, left: &left, right: &right, settlement: &settlement, as_of })
}

#[test]
fn a_page_tells_sums_causes_and_the_verdict_last() {
    insta::assert_snapshot!(told(|matching| page(matching, false, Ink::PLAIN)));
}

#[test]
fn a_document_tells_every_difference() {
    insta::assert_snapshot!(told(|matching| document::text(&MatchDocument::new(matching))));
}
