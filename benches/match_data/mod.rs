//! Two files of a processor and of the books, with a known share of lines disturbed in every way that has a name.
//!
//! Shared by the bench, the test that every disturbance is told by its name, and the comparison with peers.

use std::fmt::Write;

use plimsoll::domain::BookDate;
use plimsoll::reconcile::settlement::{Cause, Terms};

/// The clearing account on which everything should stand.
pub const CLEARING: u64 = 1150;

/// Both files, and what is to be found in them: the identity of each disturbed line, and its cause.
pub struct Planted {
    pub left: String,
    pub right: String,
    pub answers: Vec<(u64, Cause)>,
}

/// Days of the files; charges are spread over the first twenty-five.
const FIRST_DAY: i32 = 20_789;

pub fn terms() -> Terms {
    Terms { as_of: BookDate::from_epoch_days(FIRST_DAY + 30), booked_within: 3, paid_out_within: 3 }
}

/// How far apart neighbours of the left file stand in the right one: a prime, so that each line has its place.
const STRIDE: usize = 7_368_787;

/// About `lines` a side: one in a hundred for each cause, as many charges that were booked in parts, and as many
/// records that carry no key.
pub fn planted(lines: usize) -> Planted {
    let mut made = Made { left: String::new(), records: Vec::new(), answers: Vec::new() };
    made.left.push_str(
        "id,type,test,payout_id,payout_status,currency,amount,fee,net,source_id,source_type,source_order_id,\
         source_order_transaction_id,processed_at,presentment_amount,presentment_currency\n",
    );
    for number in 0..lines {
        made.event(number as u64, lines as u64);
    }
    let mut right = String::from(
        "internal_id,external_id,type,account,currency,amount,date,order_id,booked_amount,presentment_amount,\
         presentment_currency,memo\n",
    );
    let records = made.records.len();
    assert!(!records.is_multiple_of(STRIDE), "the stride reaches every record");
    for at in 0..records {
        right.push_str(&made.records[at * STRIDE % records]);
    }
    Planted { left: made.left, right, answers: made.answers }
}

struct Made {
    left: String,
    records: Vec<String>,
    answers: Vec<(u64, Cause)>,
}

/// An event as its record should be.
#[derive(Clone)]
struct Record {
    number: u64,
    transaction: Option<u64>,
    is_refund: bool,
    account: u64,
    amount: i64,
    booked: Option<i64>,
    day: i32,
    seen: Option<i64>,
}

impl Made {
    fn event(&mut self, number: u64, of: u64) {
        let luck = mixed(number);
        let is_refund = luck % 20 == 7;
        let size = 500 + (luck >> 20) as i64 % 50_000;
        let amount = if is_refund { -size } else { size };
        let fee = if is_refund { 0 } else { size * 29 / 1_000 + 30 };
        let day = FIRST_DAY + (number * 25 / of) as i32;
        let transaction = 7_000_000_000_000 + number * 3;
        let row = 9_000_000_000_000 + number;
        let record = Record {
            number,
            transaction: Some(transaction),
            is_refund,
            account: CLEARING,
            amount,
            booked: None,
            day,
            seen: (luck >> 40).is_multiple_of(4).then_some(amount * 9 / 10),
        };
        let kind = if is_refund { "refund" } else { "charge" };
        let pick = (luck >> 8) % 100;
        let cause = Cause::ALL.get(pick as usize).copied();
        let own = match cause {
            Some(Cause::Dispute) => Some("dispute"),
            Some(Cause::Reserve) => Some("reserve"),
            Some(Cause::Adjustment) => Some("adjustment"),
            _ => None,
        };
        if let (Some(own), Some(cause)) = (own, cause) {
            self.row(row, own, &record, 0);
            self.answers.push((row, cause));
            return;
        }
        self.answers.extend(cause.map(|cause| (transaction, cause)));
        let is_left_only = luck >> 60 & 1 == 0;
        match cause {
            Some(Cause::Timing) => {
                let fresh = Record { day: FIRST_DAY + 29, ..record };
                match is_left_only {
                    true => self.row(row, kind, &fresh, fee),
                    false => self.record(&fresh),
                }
                return;
            }
            Some(Cause::Missing) if is_left_only => return self.row(row, kind, &record, fee),
            Some(Cause::Missing) => return self.record(&record),
            _ => {}
        }
        let seen = record.seen.or((cause == Some(Cause::Exchange)).then_some(amount * 9 / 10));
        let record = Record { seen, ..record };
        match cause {
            None if pick == 98 => {
                let part = amount / 3;
                self.record(&Record { amount: part, ..record.clone() });
                self.record(&Record { amount: amount - part, ..record.clone() });
            }
            None if pick == 99 => self.record(&Record { transaction: None, ..record.clone() }),
            None => self.record(&record),
            Some(Cause::Duplicate) => {
                self.record(&record);
                self.record(&record);
            }
            Some(Cause::Fee) => self.record(&Record { amount: amount - fee.max(30), ..record.clone() }),
            Some(Cause::Exchange) => self.record(&Record { amount: amount - 37, ..record.clone() }),
            Some(Cause::Rounding) => {
                self.record(&Record { amount: amount + 1, seen: None, ..record.clone() });
            }
            Some(Cause::Mapping) => self.record(&Record { account: CLEARING + 10, ..record.clone() }),
            Some(Cause::UnauthorisedChange) => {
                self.record(&Record { amount: amount - 500, booked: Some(amount), ..record.clone() });
            }
            Some(_) => self.record(&Record { amount: amount - 123, seen: None, ..record.clone() }),
        }
        let fee = if cause == Some(Cause::Fee) { fee.max(30) } else { fee };
        self.row(row, kind, &record, fee);
    }

    fn row(&mut self, id: u64, kind: &str, of: &Record, fee: i64) {
        let (amount, net, fee) = (decimal(of.amount), decimal(of.amount - fee), decimal(fee));
        let (payout, order) = (55_000_000_000 + of.day as u64, 5_400_000_000_000 + of.number);
        let transaction = of.transaction.map_or(String::new(), |number| number.to_string());
        let (seen, currency) = seen(of);
        let day = BookDate::from_epoch_days(of.day);
        writeln!(
            self.left,
            "{id},{kind},false,{payout},paid,USD,{amount},{fee},{net},{order},charge,{order},{transaction},\
             {day}T14:22:07-05:00,{seen},{currency}"
        )
        .expect("a string takes any text");
    }

    fn record(&mut self, of: &Record) {
        let id = 800_000 + self.records.len();
        let (kind, part) =
            if of.is_refund { ("customerRefund", "refund") } else { ("customerDeposit", "deposit") };
        let key = of.transaction.map_or(String::new(), |number| format!("us-{part}-{number}"));
        let booked = of.booked.map_or(String::new(), decimal);
        let (seen, currency) = seen(of);
        let (account, amount, order) = (of.account, decimal(of.amount), 5_400_000_000_000 + of.number);
        let day = BookDate::from_epoch_days(of.day);
        self.records.push(format!(
            "{id},{key},{kind},{account},USD,{amount},{day},{order},{booked},{seen},{currency},\"Order #{}\"\n",
            1_001 + of.number
        ));
    }
}

fn seen(of: &Record) -> (String, &'static str) {
    of.seen.map_or((String::new(), ""), |minor| (decimal(minor), "EUR"))
}

fn decimal(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", minor.unsigned_abs() / 100, minor.unsigned_abs() % 100)
}

/// Source: the finaliser of SplitMix64 (Steele, Lea, Flood, 2014).
fn mixed(number: u64) -> u64 {
    let mut word = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}
