use super::*;

#[test]
fn the_table_is_sorted_and_the_constants_point_at_their_codes() {
    assert!(TABLE.windows(2).all(|pair| pair[0].0 < pair[1].0));
    let named = [Currency::EUR, Currency::GBP, Currency::JPY, Currency::KWD, Currency::USD];
    assert_eq!(named.map(Currency::code), ["EUR", "GBP", "JPY", "KWD", "USD"]);
}

#[test]
fn every_code_reads_back_as_itself() {
    for currency in Currency::all() {
        assert_eq!(currency.code().parse(), Ok(currency));
    }
}

#[test]
fn m3_an_unknown_code_is_named() {
    assert_eq!("XYZ".parse::<Currency>().unwrap_err().to_string(), "unknown currency `XYZ`");
}
