use std::num::NonZeroU64;

use super::*;
use crate::domain::BookDate;

const ROWS: &str = "\
id,type,payout_id,currency,amount,fee,net,source_order_id,source_order_transaction_id,processed_at
11,charge,7,USD,120.00,2.05,117.95,501,901,2026-11-27T14:22:07-05:00
12,REFUND,7,USD,-40.00,0.00,-40.00,501,902,2026-11-28T09:00:00-05:00
13,payout,7,USD,-245.50,0.00,-245.50,,,2026-11-29
14,chargeback,7,USD,-169.00,15.00,-184.00,,,2026-11-29
";

const RECORDS: &str = "\
internal_id,external_id,type,account,currency,amount,date,order_id,booked_amount
1,us-deposit-901,customerDeposit,1150,USD,120.00,2026-11-27,501,
2,us-refund-902,CustRfnd,1150,USD,-40,2026-11-28,501,-41.00
3,,dispute,1160,USD,-169.00,2026-11-29,,
";

#[test]
fn both_sides_are_read_by_the_names_of_their_columns() {
    let clearing = Clearing { of_others: Some(InternalId::new(1150)), ..Clearing::default() };
    let left = balance_transactions(ROWS.as_bytes(), ROWS.len() as u64, &clearing).unwrap();
    assert_eq!((left.lines.len(), left.left_out, left.ids.as_slice()), (3, 1, &[11, 12, 14][..]));
    let charge = &left.lines[0];
    assert_eq!((charge.amount, charge.fee, charge.kind), (12_000, 205, Kind::Charge));
    assert_eq!((charge.identity, charge.account), (NonZeroU64::new(901), NonZeroU64::new(1150)));
    assert_eq!(charge.date, "2026-11-27".parse::<BookDate>().unwrap());
    assert_eq!((left.lines[2].kind, left.lines[2].identity), (Kind::Dispute, NonZeroU64::new(14)));
    let right = clearing_records(RECORDS.as_bytes(), 0).unwrap();
    assert_eq!(right.lines[0].identity, NonZeroU64::new(901));
    assert_eq!((right.lines[1].amount, right.lines[1].booked), (-4_000, -4_100));
    assert_eq!((right.lines[2].kind, right.lines[2].identity), (Kind::Dispute, None));
}

fn refused(rows: &str) -> String {
    balance_transactions(rows.as_bytes(), 0, &Clearing::default()).unwrap_err().to_string()
}

#[test]
fn what_is_wrong_is_told_with_line_column_and_remedy() {
    let of = |from: &str, to: &str| refused(&ROWS.replace(from, to));
    insta::assert_snapshot!([
        of("currency", "valuta"),
        of("120.00", "1,20.00"),
        of("120.00", "120.005"),
        of("120.00", "12e1"),
        of("117.95", "120.00"),
        of("-40.00,0.00", "-40.00,zero"),
        of("2026-11-28T", "28.11.2026T"),
        of("12,REFUND,7,USD", "12,REFUND,7,XXX"),
        of("902", "nine"),
        of("payout_id", "\"payout_id"),
    ].join("\n"), @r"
        line 1: there is no column `currency`; export the balance transactions with `type`, `currency`, `amount`, `fee` and their date
        line 2: it has 11 fields where the header has 10; put quotes around a text that holds a comma, and export the file again if it was cut short
        line 2, column 5 (`amount`): it says `120.005`, which has more digits after the point than its currency; correct it, or export the file again
        line 2, column 5 (`amount`): it says `12e1`, which is not a plain decimal number such as `-1204.30`; correct it, or export the file again
        line 2, column 7 (`net`): it says `120.00`, which is not the amount less the fee; export the rows again: one of the three is not the processor's
        line 3, column 6 (`fee`): it says `zero`, which is not a plain decimal number such as `-1204.30`; correct it, or export the file again
        line 3, column 10 (`processed_at`): it says `28.11.2026T09:00:00-05:00`, which does not begin with a date such as `2026-11-27`; correct it, or export the file again
        line 3, column 4 (`currency`): it says `XXX`, which is no currency that this program knows, such as `USD`; correct it, or export the file again
        line 3, column 9 (`source_order_transaction_id`): it says `nine`, which is no number; correct it, or export the file again
        line 1: a quote is never closed; close it, or write two quotes for one within a text
        ");
}
