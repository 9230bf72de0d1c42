use std::io::Write;

use super::*;
use crate::domain::{Currency, Money};
use crate::scenario::load::LoadOptions;
use crate::scenario::{Scenario, Scripted, ScriptedBuyer};

const HEADER: &str = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

/// A folder of one test's own, removed when it is done.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("plimsoll-import-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn options(&self) -> ImportOptions {
        ImportOptions { out: self.0.join("out"), per_day: false, days: None, shop: None, data: None }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn pounds(pence: i64) -> Money {
    Money::new(pence, Currency::GBP)
}

fn packed(text: &str) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

/// Imports lines and reads the scenario back.
fn round_trip(name: &str, lines: &str) -> (Imported, Scenario) {
    let folder = Folder::new(name);
    let path = folder.write("history.csv", format!("{HEADER}{lines}").as_bytes());
    let imported = import(&path, &folder.options()).unwrap();
    let scenario = Scenario::load(&imported.scenarios[0], LoadOptions::default()).unwrap();
    (imported, scenario)
}

fn orders(scenario: &Scenario) -> Vec<(String, &crate::scenario::ScriptedOrder)> {
    let events = scenario.recorded.as_ref().unwrap().orders.iter();
    events
        .filter_map(|event| match &event.what {
            Scripted::Order(order) => Some((scenario.starts.plus(event.at).to_string(), order)),
            _ => None,
        })
        .collect()
}

#[test]
fn each_kind_of_line_is_an_order_or_carried_by_name() {
    let (imported, scenario) = round_trip(
        "kinds",
        "1,A,Mug,2,2010-12-01 08:26:00,2.55,17850,United Kingdom\n\
         1,A,Mug,1,2010-12-01 08:26:00,2.55,17850,United Kingdom\n\
         1,FREE,Card,1,2010-12-01 08:26:00,0.00,17850,United Kingdom\n\
         1,POST,Postage,2,2010-12-01 08:26:00,4.00,17850,United Kingdom\n\
         1,M,Manual,1,2010-12-01 08:26:00,1.10,17850,United Kingdom\n\
         1,gift_0001_20,Voucher,1,2010-12-01 08:26:00,17.02,17850,United Kingdom\n\
         2,POST,Postage,1,2010-12-01 09:00:00,18.00,,Germany\n\
         3,B,Found,10,2010-12-01 09:10:00,0.00,,United Kingdom\n\
         4,B,Thrown away,-3,2010-12-01 09:20:00,0.00,,United Kingdom\n\
         5,B,Odd,-1,2010-12-01 09:20:00,1.00,,United Kingdom\n\
         C6,A,Mug,-1,2010-12-01 09:30:00,2.55,17850,United Kingdom\n\
         C7,D,Discount,-1,2010-12-01 09:40:00,27.50,17850,United Kingdom\n\
         C8,S,Samples,-1,2010-12-01 09:40:00,5.00,,United Kingdom\n\
         C9,BANK CHARGES,Charges,-1,2010-12-01 09:40:00,15.00,,United Kingdom\n\
         C10,AMAZONFEE,Fee,-1,2010-12-01 09:40:00,100.00,,United Kingdom\n\
         C11,CRUK,Commission,-1,2010-12-01 09:40:00,1.60,,United Kingdom\n\
         A12,B,Adjust bad debt,1,2010-12-01 09:50:00,-11.06,,United Kingdom\n",
    );
    let orders = orders(&scenario);
    assert_eq!(orders.len(), 1);
    let order = orders[0].1;
    assert_eq!(
        order.lines.len(),
        4,
        "repeated items stay apart; the free card and the voucher stay on the order"
    );
    assert_eq!(order.shipping.as_ref().unwrap().price, pounds(800));
    assert_eq!(order.payments[0].amount, pounds(3267));
    let names: Vec<&str> = imported.tally.carried.keys().map(|kind| kind.name()).collect();
    assert_eq!(
        names,
        [
            "discount",
            "manual",
            "sample",
            "bank-charge",
            "marketplace-fee",
            "donation",
            "bad-debt",
            "write-off",
            "carriage-alone",
            "nothing-payable",
            "negative-line"
        ]
    );
    assert_eq!(imported.tally.close(), Ok(()));
    assert_eq!((imported.tally.played.lines, imported.tally.returned.lines), (5, 1));
    let listed = &scenario.recorded.as_ref().unwrap().not_played;
    assert!(listed.contains(&("discount".into(), 1, pounds(-2750))));
    assert_eq!(scenario.not_covered.len(), names.len());
}

#[test]
fn rows_that_cannot_be_understood_are_rejected_by_line_and_still_counted() {
    let (imported, _) = round_trip(
        "rejections",
        "1,A,Mug,2,2010-12-01 08:26:00,2.55,1,France\n\
         2,A,Mug,two,2010-12-01 08:26:00,2.55,1,France\n\
         3,A,Mug,2,2010-12-01 08:26:00,dear,1,France\n\
         4,A,Mug,2,yesterday,2.55,1,France\n\
         5,A,Mug\n\
         6,A,Mug,0,2010-12-01 08:26:00,2.55,1,France\n\
         7,,Mug,2,2010-12-01 08:26:00,2.55,1,France\n\
         8,A,Mug,4000000,2010-12-01 08:26:00,99999999999999,1,France\n",
    );
    let shown: Vec<String> = imported
        .rejections
        .iter()
        .map(|rejection| format!("{}: {}", rejection.line, rejection.reason))
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r"
    3: `two` is not a quantity
    4: `dear` is not a unit price
    5: `yesterday` is not a date and time
    6: 3 fields, expected 8
    7: `0` units cannot be sold
    8: the stock code is empty
    9: the amount is beyond the range
    ");
    assert_eq!(imported.tally.rejected.lines, 7);
    assert_eq!(imported.tally.close(), Ok(()));
}

#[test]
fn local_times_in_the_spring_gap_move_forward_and_in_the_autumn_fold_mean_the_earlier() {
    let (_, spring) = round_trip("gap", "1,A,Mug,1,2011-03-27 01:30:00,2.55,,United Kingdom\n");
    assert_eq!(orders(&spring)[0].0, "2011-03-27T01:30:00Z");
    assert_eq!(spring.lasts.seconds(), 23 * 3_600);
    let (_, autumn) = round_trip("fold", "1,A,Mug,1,2011-10-30 01:30:00,2.55,,United Kingdom\n");
    assert_eq!(orders(&autumn)[0].0, "2011-10-30T00:30:00Z");
    assert_eq!(autumn.lasts.seconds(), 25 * 3_600);
}

#[test]
fn fractions_of_a_penny_are_rounded_by_line_and_named() {
    let (imported, scenario) = round_trip(
        "fractions",
        "1,A,Mug,1,2011-03-27 11:30:00,2.55,,United Kingdom\n\
         1,PADS,Pads,1,2011-03-27 11:30:00,0.001,,United Kingdom\n\
         1,B,Bead,8,2011-03-27 11:30:00,0.125,,United Kingdom\n\
         1,C,Pin,4,2011-03-27 11:30:00,0.115,,United Kingdom\n\
         1,E,Eye,3,2011-03-27 11:30:00,0.115,,United Kingdom\n",
    );
    let order = orders(&scenario)[0].1;
    let lines: Vec<(u32, i64)> = order.lines.iter().map(|line| (line.quantity, line.price.minor())).collect();
    assert_eq!(lines, [(1, 255), (1, 0), (1, 100), (1, 46), (1, 35)]);
    assert_eq!(imported.tally.fractions.to_string(), "-0.004");
    assert_eq!(imported.tally.close(), Ok(()));
}

#[test]
fn buyers_are_guests_customers_or_companies_by_their_whole_history() {
    let (_, scenario) = round_trip(
        "buyers",
        "1,A,Mug,1,2011-03-28 10:00:00,2.55,,United Kingdom\n\
         2,A,Mug,1,2011-03-28 10:01:00,2.55,100,France\n\
         3,A,Mug,1,2011-03-28 10:02:00,2.55,200,Japan\n\
         4,A,Mug,23,2011-03-28 10:03:00,2.55,200,Japan\n\
         5,A,Lamp,1,2011-03-28 10:04:00,500.00,300,EIRE\n",
    );
    let orders = orders(&scenario);
    let company = |at: usize| matches!(orders[at].1.buyer, ScriptedBuyer::Company { .. });
    assert!(matches!(orders[0].1.buyer, ScriptedBuyer::Guest { .. }));
    assert!(matches!(orders[1].1.buyer, ScriptedBuyer::Customer { .. }));
    assert!(company(2) && company(3) && company(4));
    assert_eq!(orders[1].1.presentment, Some(Currency::EUR));
    // 2.55 GBP at 131 yen.
    assert_eq!(orders[2].1.payments[0].presentment, Some(Money::new(334, Currency::JPY)));
    assert_eq!(orders[4].1.ship_to_country.as_deref(), Some("IE"));
}

#[test]
fn a_history_that_breaks_off_is_refused_with_its_line_and_nothing_is_written() {
    let folder = Folder::new("truncated");
    let line = "1,A,Mug,1,2011-03-28 10:00:00,2.55,,United Kingdom\n";
    let whole = packed(&format!("{HEADER}{}", line.repeat(500)));
    let path = folder.write("history.csv.gz", &whole[..whole.len() - 9]);
    let error = import(&path, &folder.options()).unwrap_err();
    assert!(matches!(error, ImportError::BrokenOff { line, .. } if line > 0), "{error}");
    assert!(!folder.options().out.exists());
    let path = folder.write("whole.csv.gz", &whole);
    assert_eq!(import(&path, &folder.options()).unwrap().tally.file.lines, 500);
}

#[test]
fn a_history_without_a_column_or_without_orders_is_refused_by_name() {
    let folder = Folder::new("columns");
    let path = folder.write("history.csv", b"InvoiceNo,StockCode\n1,A\n");
    assert!(matches!(
        import(&path, &folder.options()),
        Err(ImportError::NoColumn { column: "Description", .. })
    ));
    let path = folder.write("empty.csv", b"");
    assert!(matches!(import(&path, &folder.options()), Err(ImportError::NoColumn { .. })));
    let path = folder.write("none.csv", HEADER.as_bytes());
    assert!(matches!(import(&path, &folder.options()), Err(ImportError::NoOrders { .. })));
}

#[test]
fn days_are_told_apart_or_chosen_and_the_others_are_counted() {
    let folder = Folder::new("days");
    let text = format!(
        "{HEADER}1,A,Mug,1,2011-03-27 11:30:00,2.55,,United Kingdom\n\
         2,A,Mug,1,2011-03-28 11:30:00,2.55,,United Kingdom\n\
         2,A,Mug,1,2011-03-29 00:01:00,2.55,,United Kingdom\n\
         3,A,Mug,1,2011-03-30 11:30:00,2.55,,United Kingdom\n"
    );
    let path = folder.write("history.csv", text.as_bytes());
    let per_day = import(&path, &ImportOptions { per_day: true, ..folder.options() }).unwrap();
    assert_eq!(per_day.scenarios.len(), 3);
    let day = "2011-03-28".parse().unwrap();
    let one = import(&path, &ImportOptions { days: Some((day, day)), ..folder.options() }).unwrap();
    assert_eq!((one.tally.played.lines, one.tally.left_out.lines), (2, 2));
    assert_eq!(one.tally.close(), Ok(()));
}

#[test]
fn credits_become_returns_of_the_latest_sales_that_they_match() {
    let (imported, scenario) = round_trip(
        "credits",
        "1,A,Mug,5,2010-12-01 08:00:00,2.55,100,United Kingdom\n\
         1,B,Lamp,1,2010-12-01 08:00:00,9.00,100,United Kingdom\n\
         2,A,Mug,3,2010-12-01 09:00:00,2.55,100,United Kingdom\n\
         3,A,Mug,9,2010-12-01 12:00:00,2.55,100,United Kingdom\n\
         C4,A,Mug,-4,2010-12-01 10:00:00,2.55,100,United Kingdom\n\
         C4,B,Lamp,-1,2010-12-01 10:00:00,8.00,100,United Kingdom\n\
         C5,A,Mug,-5,2010-12-01 11:00:00,2.55,100,United Kingdom\n\
         C6,A,Mug,-1,2010-12-01 11:00:00,2.55,,United Kingdom\n",
    );
    let refunds: Vec<_> = scenario
        .recorded
        .as_ref()
        .unwrap()
        .orders
        .iter()
        .filter_map(|event| match &event.what {
            Scripted::After { order, what: crate::scenario::Aftermath::Refund(refund) } => Some((
                scenario.starts.plus(event.at).to_string(),
                order.to_string(),
                refund.lines.iter().map(|line| (line.line, line.units)).collect(),
                refund.payments[0].amount.minor(),
            )),
            _ => None,
        })
        .collect();
    let at = || "2010-12-01T10:00:00Z".to_owned();
    assert_eq!(
        refunds,
        [(at(), "1".to_owned(), vec![(0, 1)], 255), (at(), "2".to_owned(), vec![(0, 3)], 765)],
        "three of the later sale, one of the earlier; four are left, so five find no sale"
    );
    assert_eq!(
        (imported.tally.returned.lines, imported.tally.returned.sum.to_string()),
        (1, "-10.20".into())
    );
    let credits = &imported.tally.carried[&Kind::Credit];
    assert_eq!((credits.lines, credits.sum.to_string()), (3, "-23.30".into()));
    assert_eq!(imported.tally.close(), Ok(()));
}

#[test]
fn a_voucher_is_a_gift_card_on_its_order() {
    let (imported, scenario) = round_trip(
        "vouchers",
        "1,A,Mug,2,2010-12-01 08:26:00,2.55,17850,United Kingdom\n\
         1,gift_0001_20,Voucher,1,2010-12-01 08:26:00,17.02,17850,United Kingdom\n\
         C2,gift_0001_20,Voucher,-1,2010-12-01 09:26:00,17.02,17850,United Kingdom\n",
    );
    let cards: Vec<bool> = orders(&scenario)[0].1.lines.iter().map(|line| line.is_gift_card).collect();
    assert_eq!(cards, [false, true]);
    assert_eq!(imported.tally.carried[&Kind::GiftVoucher].lines, 1);
    assert_eq!(imported.tally.close(), Ok(()));
}

/// Found by fuzzing: a row as wide as the usual header, under one that has a column more.
#[test]
fn a_row_narrower_than_its_header_is_rejected_and_a_column_more_is_not_read() {
    let header = "More,InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";
    let whole = "x,536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850,United Kingdom\n";
    let narrow = "536366,85123A,HOLDER,6,2010-12-01 08:28:00,2.55,17850,United Kingdom\n";
    let text = format!("{header}{whole}{narrow}");
    let options = ImportOptions { out: PathBuf::new(), per_day: false, days: None, shop: None, data: None };
    let imported =
        rehearse(Path::new("wide.csv"), std::io::Cursor::new(text.into_bytes()), &options).unwrap();
    assert_eq!((imported.orders, imported.rejections.len()), (1, 1));
    assert_eq!(imported.rejections[0].reason, "8 fields, expected 9");
}
