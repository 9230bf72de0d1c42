use super::*;

const GOOD: &str = include_str!("../../../scenarios/policies/harbour.toml");

fn shown(error: &super::super::file_error::FileError) -> String {
    let mut text = String::new();
    miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::unicode_nocolor())
        .render_report(&mut text, error)
        .unwrap();
    text
}

#[test]
fn a_policy_is_what_its_file_says_and_defaults_where_it_is_silent() {
    let policy = Policy::parse("harbour.toml", GOOD).unwrap();
    let keys: Vec<&str> = policy.shops.iter().map(|shop| shop.key.as_str()).collect();
    assert_eq!(keys, ["uk", "fr", "us"], "in the order of the file");
    let french = policy.shop("fr".parse().unwrap()).unwrap();
    assert_eq!(policy.seller(french).currency, Currency::EUR);
    assert_eq!(french.restore_rate, 1_000);
    assert!(french.clearing.is_sorted());
    assert_eq!(policy.engine.steps_at_once, 64);
    assert_eq!(policy.engine.sweep_every, Duration::from_mins(15));
    assert!(policy.engine.lane_floor_percent.iter().map(|floor| u32::from(*floor)).sum::<u32>() <= 100);
    for code in CauseCode::ALL {
        assert!(!policy.exception(code).owner.is_empty());
    }
}

#[test]
fn the_hash_is_of_the_bytes() {
    let one = Policy::parse("a", GOOD).unwrap().hash;
    assert_eq!(one, Policy::parse("b", GOOD).unwrap().hash);
    assert_ne!(one, Policy::parse("a", &format!("{GOOD}# a remark\n")).unwrap().hash);
}

/// Each row spoils a good file in one place.
#[test]
fn what_is_wrong_is_shown_with_place_cause_and_remedy() {
    let table = [
        ("plimsoll-policy = 1", ""),
        ("plimsoll-policy = 1", "plimsoll-policy = 2"),
        ("slots = 15", "slots = 0"),
        ("slots = 15", "slots = -1"),
        ("slots = 15", "slot = 15"),
        ("slots = 15", "slots = 15\nslots = 16"),
        ("books-zone = \"Europe/Paris\"", "books-zone = \"Europe/Pari\""),
        ("currency = \"EUR\"", "currency = \"EURO\""),
        ("subsidiary = \"fr\"", "subsidiary = \"fra\""),
        ("plan = \"plus\"", "plan = \"pluss\""),
        ("guests = \"per-email\"", "guests = \"one\""),
        ("[shop.fr]", "[shop.uk]"),
        ("[shop.fr]", "[shop.FR]"),
        ("id = 3", "id = 2"),
        ("harbour-fr.myshopify.com", "evil.example/harbour-fr.myshopify.com"),
        ("default = { owner", "defaults = { owner"),
        ("deadline = \"4h\"", "deadline = \"4 hours\""),
        ("country = \"DE\", rate = \"19%\", code = 303", "code = 303"),
        ("shut-period = \"next-open\"", "shut-period = \"next-open\"\n\n[engine]\nsteps-at-once = 0"),
        (
            "shut-period = \"next-open\"",
            "shut-period = \"next-open\"\n\n[engine.lanes]\norders = { floor = \"90%\" }",
        ),
        ("[late]", "[late"),
    ];
    let mut all = String::new();
    for (good, bad) in table {
        assert!(GOOD.contains(good), "{good}");
        let error = Policy::parse("policy.toml", &GOOD.replacen(good, bad, 1)).unwrap_err();
        assert!(error.remedy.is_some(), "{error}");
        all.push_str(&shown(&error));
        all.push('\n');
    }
    insta::assert_snapshot!(all);
}

const SETTLES: &str = include_str!("../../../scenarios/policies/harbour-settles.toml");

#[test]
fn payouts_are_settled_only_if_policy_says_how() {
    assert!(Policy::parse("harbour.toml", GOOD).unwrap().settlement.is_none());
    let policy = Policy::parse("harbour-settles.toml", SETTLES).unwrap();
    let settlement = policy.settlement.as_ref().unwrap();
    assert_eq!(settlement.every, Duration::from_hours(1));
    assert_eq!(settlement.settling_window, Duration::from_hours(72));
    assert!(settlement.overlap >= settlement.bank_window);
    for shop in &policy.shops {
        let known = settlement.shop(shop.key).unwrap();
        assert_eq!(
            (known.owner, known.currency),
            (shop.subsidiary, shop.currency),
            "by default the seller's"
        );
        assert_eq!(known.accounts, known.owner_accounts);
        assert_eq!(known.accounts.adjustments, known.accounts.fees, "by default");
    }
    let paid = SETTLES.replacen("subsidiary = \"fr\"", "subsidiary = \"fr\"\npayout-owner = \"uk\"", 1);
    let policy = Policy::parse("harbour-settles.toml", &paid).unwrap();
    let known = policy.settlement.as_ref().unwrap().shop("fr".parse().unwrap()).unwrap();
    assert_eq!(policy.subsidiaries[known.owner].key.as_str(), "uk");
    assert_ne!(known.accounts, known.owner_accounts);
}

/// Each row spoils the good file in one place.
#[test]
fn what_is_wrong_about_settlement_is_shown_with_place_cause_and_remedy() {
    let table = [
        ("settlement = { in-transit", "settlment = { in-transit"),
        ("in-transit = 21150, ", ""),
        ("every = \"1h\"", "every = \"hourly\""),
        ("every = \"1h\"", "overlap = \"2d\""),
        ("unknown-type = \"park\"", "unknown-type = \"holding-account\""),
        ("unknown-type = \"park\"", "unknown-type = \"parked\""),
        ("unknown-type = \"park\"", "fee-tax = \"recoverable\""),
        ("unknown-type = \"park\"", "dispute-lost = \"credit-memo\""),
        ("unknown-type = \"park\"", "posting = \"deposit-record\""),
        ("subsidiary = \"fr\"", "subsidiary = \"fr\"\npayout-owner = \"es\""),
        ("subsidiary = \"fr\"", "subsidiary = \"fr\"\npayout-currency = \"EURO\""),
    ];
    let mut all = String::new();
    for (good, bad) in table {
        assert!(SETTLES.contains(good), "{good}");
        let error = Policy::parse("policy.toml", &SETTLES.replacen(good, bad, 1)).unwrap_err();
        assert!(error.remedy.is_some(), "{error}");
        all.push_str(&shown(&error));
        all.push('\n');
    }
    let bare = format!("{GOOD}\n[settlement]\n");
    all.push_str(&shown(&Policy::parse("policy.toml", &bare).unwrap_err()));
    insta::assert_snapshot!(all);
}
