use std::path::Path;

use super::super::LoadOptions;
use super::*;
use crate::scenario::Scenario;

const SHOP: &str = include_str!("../../../../scenarios/shops/harbour.toml");
const SETTLES: &str = include_str!("../../../../scenarios/shops/harbour-settles.toml");
const POLICY: &str = include_str!("../../../../scenarios/policies/harbour-settles.toml");

const FRAME: &str = r#"plimsoll = 1
use = ["shops/harbour-settles.toml"]
scenario = { title = "A payout" }
run = { starts = "2026-11-09T08:00:00[Europe/London]", lasts = "48h" }
traffic = { orders = { total = 5 } }
"#;

fn loaded(more: &str) -> Result<Scenario, Refused> {
    let text = format!("{FRAME}{more}");
    let reader = |path: &Path| match path.to_str() {
        Some("day.toml") => Ok(text.as_bytes().to_vec()),
        Some("shops/harbour.toml") => Ok(SHOP.as_bytes().to_vec()),
        Some("shops/harbour-settles.toml") => Ok(SETTLES.as_bytes().to_vec()),
        Some("policies/harbour-settles.toml") => Ok(POLICY.as_bytes().to_vec()),
        _ => Err(std::io::Error::new(std::io::ErrorKind::NotFound, "no such file")),
    };
    Scenario::load_with(Path::new("day.toml"), LoadOptions::default(), &reader)
}

#[test]
fn a_shop_may_depart_from_what_the_processor_does_for_all() {
    let scenario = loaded(
        "[processor]\nfees = \"2.9% + 0.30\"\nschedule = \"weekly friday\"\nshops = [\"us\", \"uk\"]\n\
         [processor.shop.us]\nschedule = \"monthly 31\"\ndelay = 4\n",
    )
    .unwrap();
    let processor = scenario.profile.processor.as_ref().unwrap();
    let [uk, us] = processor.shops.as_slice() else { panic!("{processor:?}") };
    assert_eq!(
        (uk.shop, uk.schedule, uk.delay, uk.fees.fixed.to_string()),
        (0, Schedule::Weekly(4), 2, "0.30 GBP".into())
    );
    assert_eq!((us.shop, us.schedule, us.delay, us.minimum), (2, Schedule::Monthly(31), 4, 100));
}

#[test]
fn what_is_wrong_is_refused_where_it_is_written() {
    let event = |what: &str| format!("[[script]]\nat = \"1h\"\n{what}\n");
    for (text, code) in [
        ("[processor]\nfees = \"cheap\"\n".to_owned(), "not-a-fee"),
        ("[processor]\nfees = \"1% + 0.305\"\n".to_owned(), "not-a-fee"),
        ("[processor]\nschedule = \"weekly someday\"\n".to_owned(), "not-a-schedule"),
        ("[processor]\nschedule = \"monthly 32\"\n".to_owned(), "not-a-schedule"),
        ("[processor]\nbank-delay = \"3 to 1\"\n".to_owned(), "not-business-days"),
        ("[processor]\ndelay = 31\n".to_owned(), "out-of-range"),
        ("[processor]\nshops = [\"uk\", \"se\"]\n".to_owned(), "unknown-reference"),
        ("[processor]\nwon = \"60%\"\npartly-won = \"50%\"\n".to_owned(), "over-100-percent"),
        ("[shop.uk]\npayout-owner = \"treasury\"\n".to_owned(), "unknown-reference"),
        ("[shop.uk]\npayout-currency = \"CHF\"\n".to_owned(), "missing-rate"),
        ("[subsidiary.uk.settlement]\nfees = 11000\n".to_owned(), "duplicate-id"),
        ("[processor]\nshops = [\"fr\"]\n".to_owned() + &event("payout = { shop = \"uk\" }"), "no-processor"),
        (event("payout-fails = { shop = \"uk\", payout = 0 }"), "out-of-range"),
        (event("balance-row = { shop = \"uk\", kind = \"label\", amount = \"1.00 GBP\" }"), "not-a-type"),
        (
            event("balance-row = { shop = \"uk\", kind = \"ADVANCE\", amount = \"1.00 EUR\" }"),
            "wrong-currency",
        ),
        (event("reserve = { shop = \"uk\", amount = \"-1.00 GBP\" }"), "negative"),
        (event("dispute = { order = \"X\", amount = \"1.00 GBP\" }"), "unknown-reference"),
        (event("change-journal = { shop = \"uk\", from = 16000, to = 1 }"), "unknown-reference"),
    ] {
        match loaded(&text) {
            Err(refused) => assert_eq!(refused.code, code, "{text}"),
            Ok(_) => panic!("{text} was not refused"),
        }
    }
}
