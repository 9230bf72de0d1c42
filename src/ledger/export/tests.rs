use super::*;
use crate::domain::ExternalId;
use crate::ledger::books::Heading;
use crate::ledger::{DocumentKind, reading};

/// A deposit in base currency, one in a foreign one, a revaluation, and a residue of the other sign.
pub fn books() -> Books {
    let account = |id, kind| Account { id: InternalId::new(id), kind, subsidiary: InternalId::new(2) };
    let mut books = Books::default();
    books.accounts = vec![
        account(1150, AccountKind::OtherCurrentAsset),
        account(2100, AccountKind::OtherCurrentLiability),
        account(8100, AccountKind::Expense),
        account(9999, AccountKind::Bank),
    ];
    let mut add = |number, key: &str, kind, day: &str, currency, lines: &[(u64, i64, i64)]| {
        let heading = Heading {
            number: InternalId::new(number),
            external_id: (!key.is_empty()).then(|| ExternalId::from_netsuite(key)),
            kind,
            date: day.parse().unwrap(),
            currency,
            base_currency: Currency::GBP,
        };
        let line = |(id, minor, base): &(u64, i64, i64)| Line {
            account: InternalId::new(*id),
            minor: *minor,
            base: *base,
        };
        books.add(heading, lines.iter().map(line));
    };
    use DocumentKind::{CustomerDeposit, FxReval, JournalEntry, SalesOrder};
    let (eur, gbp) = (Currency::EUR, Currency::GBP);
    add(3, "a\"b\\c;d", JournalEntry, "2026-11-28", eur, &[(1150, 3, 0), (2100, -2, 1), (8100, -1, -1)]);
    add(
        1,
        "uk-deposit-1",
        CustomerDeposit,
        "2026-11-27",
        gbp,
        &[(1150, 1_250, 1_250), (2100, -1_250, -1_250)],
    );
    add(
        2,
        "uk-deposit-2",
        CustomerDeposit,
        "2026-11-27",
        eur,
        &[(1150, 10_000, 8_600), (2100, -10_000, -8_600)],
    );
    add(4, "", FxReval, "2026-11-30", eur, &[(1150, 0, -100), (8100, 0, 100)]);
    add(5, "uk-order-1", SalesOrder, "2026-11-30", eur, &[]);
    books
}

fn exported(format: Format) -> String {
    let mut text = String::new();
    write(&books(), "A \"quoted\" day", format, &mut text).unwrap();
    text
}

#[test]
fn a_ledger_is_written_for_beancount() {
    insta::assert_snapshot!(exported(Format::Beancount));
}

#[test]
fn a_ledger_is_written_for_hledger() {
    insta::assert_snapshot!(exported(Format::Hledger));
}

/// `format 1000. JPY` is what ledger refuses and `format 1000 JPY` is what hledger refuses.
#[test]
fn a_currency_without_minor_units_is_named_without_a_format() {
    let mut books = books();
    let heading = Heading {
        number: InternalId::new(6),
        external_id: None,
        kind: DocumentKind::JournalEntry,
        date: "2026-11-30".parse().unwrap(),
        currency: Currency::JPY,
        base_currency: Currency::GBP,
    };
    let line = |id, minor, base| Line { account: InternalId::new(id), minor, base };
    books.add(heading, [line(1150, 1_000, 500), line(2100, -1_000, -500)]);
    let mut text = String::new();
    write(&books, "yen", Format::Hledger, &mut text).unwrap();
    let lines: Vec<&str> =
        text.lines().filter(|line| line.contains("commodity") || line.contains("format")).collect();
    assert_eq!(
        lines,
        ["commodity EUR", "  format 1000.00 EUR", "commodity GBP", "  format 1000.00 GBP", "commodity JPY"]
    );
    assert_eq!(reading::read(text.as_bytes()).unwrap().out_of_balance_count, 0);
}

#[test]
fn what_was_written_is_rebuilt_with_the_same_totals() {
    for format in [Format::Beancount, Format::Hledger] {
        let rebuilt = reading::read(exported(format).as_bytes()).unwrap();
        assert_eq!((rebuilt.entries, rebuilt.postings, rebuilt.out_of_balance_count), (4, 10, 0));
        let books = books();
        let mut weights: BTreeMap<String, i128> = BTreeMap::new();
        for ((at, currency), sum) in &rebuilt.weights {
            assert_eq!(*currency, Currency::GBP, "everything weighs what it costs in the base currency");
            *weights.entry(rebuilt.accounts[*at as usize].clone()).or_default() += sum;
        }
        for account in &books.accounts {
            let balances = books.balances();
            let of_account = balances.iter().filter(|((of, _), _)| *of == account.id);
            let base: i128 = of_account.map(|(_, (_, base))| base).sum();
            assert_eq!(weights.get(&account_name(account)).copied().unwrap_or(0), base);
        }
    }
}
