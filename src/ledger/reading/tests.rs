use super::*;

const GOOD: &str = "\
option \"title\" \"x\"

2026-11-01 open Assets:A USD
2026-11-01 open Income:B USD,EUR

2026-11-27 * \"invoice\"
  id: \"1\"
  external-id: \"us-invoice-1\"
  Assets:A  12.30 USD
  Income:B  -12.30 USD

2026-11-28 * (2) invoice  ; external-id:us-invoice-2
  Assets:A  0.50 USD
  Income:B  -0.45 EUR @@ 0.50 USD
";

#[test]
fn an_export_is_summed_by_account_and_currency() {
    let read = read(GOOD.as_bytes()).unwrap();
    assert_eq!((read.entries, read.postings, read.accounts.len()), (2, 4, 2));
    let expected = [((0, Currency::USD), 1_280), ((1, Currency::EUR), -45), ((1, Currency::USD), -1_230)];
    assert_eq!(read.balances, BTreeMap::from(expected));
    assert_eq!(read.out_of_balance_count, 0);
}

#[test]
fn an_entry_that_does_not_balance_is_told_by_its_line() {
    let read = read(GOOD.replace("-12.30", "-12.31").as_bytes()).unwrap();
    assert_eq!(read.out_of_balance, [(6, Currency::USD, -1)]);
}

#[test]
fn what_an_export_never_says_is_refused_with_its_line() {
    for (from, to, line, problem) in [
        ("Income:B  -12.30", "Income:C  -12.30", 10, "account Income:C is posted to and was never declared"),
        ("(2)", "(1)", 12, "entry 1 stands here a second time"),
        ("open Income:B", "open Assets:A", 4, "account Assets:A is declared a second time"),
        ("12.30 USD\n", "12.3 USD\n", 9, "`Assets:A  12.3 USD` is in no form"),
        ("12.30 USD\n", "12.30 XXX\n", 9, "`Assets:A  12.30 XXX` is in no form"),
        ("-0.45 EUR @@", "-0.45 EUR @", 14, "`Income:B  -0.45 EUR @ 0.50 USD` is in no form"),
        ("2026-11-28 *", "2026-13-28 *", 12, "`2026-13-28 * (2)"),
        ("option", "include", 1, "`include"),
    ] {
        let refused = read(GOOD.replace(from, to).as_bytes()).unwrap_err();
        assert!(refused.line == line && refused.problem.starts_with(problem), "{refused}");
    }
}
