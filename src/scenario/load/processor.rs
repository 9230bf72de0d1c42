//! From short strings to the processor and the bank.

use rust_decimal::Decimal;

use super::super::file::ScenarioFile;
use super::super::file::processor::Processor as Keys;
use super::super::processor::{FeeRule, PaymentsAccount, Processor, ProcessorHabits, Schedule};
use super::super::{Latency, Profile};
use super::faults;
use crate::domain::{Currency, Duration, Money};
use crate::policy::document::{Placed, Refused, Sources};
use crate::policy::grammar::{self, Misread};

/// The gateway whose money the processor pays out.
pub const GATEWAY: &str = "shopify_payments";

const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Longest that money waits, and that a bank takes, in business days.
const WAIT_MAX: u32 = 30;

/// `None` if the file has no processor.
///
/// What it does not say: paid out daily, two business days after the charge, one unit of the currency or more, to a
/// bank that takes one to three business days (shopify.md §m.3). Disputes cost 15.00, come 35 days later in the median,
/// are decided within 75 days (traits.md §3 and §1, shopify.md §m.3). The rest is an assumption.
pub(super) fn processor(
    sources: &Sources,
    file: &ScenarioFile,
    profile: &Profile,
) -> Result<Option<Processor>, Refused> {
    let Some(written) = &file.processor else { return Ok(None) };
    let keys = written.get();
    let known = || profile.shops.iter().map(|shop| shop.key.as_str());
    let mut named = Vec::new();
    match &keys.shops {
        Some(shops) => {
            for shop in shops {
                let at = sources.refer(shop, "shop", known())?;
                require_gateway(sources, shop, profile, at)?;
                named.push(at);
            }
        }
        None => named.extend((0..profile.shops.len()).filter(|at| takes(profile, *at))),
    }
    named.sort_unstable();
    named.dedup();
    for (key, _) in &keys.shop.0 {
        let at = sources.refer(key, "shop", known())?;
        require_gateway(sources, key, profile, at)?;
    }
    let mut shops = Vec::with_capacity(named.len());
    for at in named {
        require_accounts(sources, written, profile, at)?;
        shops.push(account(sources, keys, profile, at)?);
    }
    if shops.is_empty() {
        return Err(sources
            .error(written.span(), "missing-value", "no shop takes money by this processor")
            .remedy(format!("name a clearing account for `{GATEWAY}` in a shop, or leave the table out")));
    }
    let holidays =
        keys.holidays.iter().map(|day| sources.read(day, grammar::date)).collect::<Result<_, _>>()?;
    let bank_delay = match &keys.bank_delay {
        Some(text) => sources.read(text, business_days)?,
        None => (1, 3),
    };
    let statement_delay = match &keys.statement_delay {
        Some(text) => faults::latency_of(sources, text)?,
        None => Latency { median: Duration::from_hours(8), p99: Duration::from_hours(30) },
    };
    Ok(Some(Processor {
        shops,
        holidays,
        bank_delay,
        statement_delay,
        other_gateways: keys.other_gateways,
        habits: habits(sources, keys)?,
    }))
}

fn takes(profile: &Profile, shop: usize) -> bool {
    profile.shops[shop].clearing.iter().any(|(gateway, _)| &**gateway == GATEWAY)
}

fn require_gateway(
    sources: &Sources,
    place: &Placed<String>,
    profile: &Profile,
    shop: usize,
) -> Result<(), Refused> {
    match takes(profile, shop) {
        true => Ok(()),
        false => Err(sources
            .error(
                place.span(),
                "unknown-gateway",
                format!("shop `{}` does not take `{GATEWAY}`", place.get()),
            )
            .remedy(format!("name a clearing account for `{GATEWAY}` in the shop, or leave it out here"))),
    }
}

/// Both the entity that sells and the one that is paid need the accounts, in a rate that is known.
fn require_accounts(
    sources: &Sources,
    written: &Placed<Keys>,
    profile: &Profile,
    shop: usize,
) -> Result<(), Refused> {
    let storefront = &profile.shops[shop];
    for at in [storefront.seller, storefront.payout_owner] {
        let entity = &profile.subsidiaries[at];
        if entity.settlement.is_none() {
            let cause = format!("subsidiary `{}` names no accounts for settlement", entity.key);
            return Err(sources
                .error(written.span(), "missing-key", cause)
                .remedy(format!("add a table `[subsidiary.{}.settlement]`", entity.key)));
        }
    }
    Ok(())
}

fn account(
    sources: &Sources,
    keys: &Keys,
    profile: &Profile,
    shop: usize,
) -> Result<PaymentsAccount, Refused> {
    let storefront = &profile.shops[shop];
    let currency = storefront.payout_currency;
    let own = keys.shop.0.iter().find(|(key, _)| key.get() == storefront.key.as_str());
    let own = own.map(|(_, own)| own.get());
    let fees = own.and_then(|own| own.fees.as_ref()).unwrap_or(&keys.fees);
    let schedule = own.and_then(|own| own.schedule.as_ref()).or(keys.schedule.as_ref());
    let delay = own.and_then(|own| own.delay.as_ref()).or(keys.delay.as_ref());
    let minimum = own.and_then(|own| own.minimum.as_ref()).or(keys.minimum.as_ref());
    let delay = match delay {
        Some(days) if *days.get() > WAIT_MAX => {
            return Err(sources
                .error(days.span(), "out-of-range", "money waits no longer than 30 business days")
                .remedy("write 0 to 30"));
        }
        Some(days) => *days.get(),
        None => 2,
    };
    Ok(PaymentsAccount {
        shop,
        fees: sources.read(fees, |text| fee_rule(text, currency))?,
        schedule: match schedule {
            Some(text) => sources.read(text, self::schedule)?,
            None => Schedule::Daily,
        },
        delay,
        minimum: i64::from(minimum.map_or(1, |units| *units.get())) * 10_i64.pow(currency.minor_digits()),
        withdraws: own.and_then(|own| own.withdraws).unwrap_or(keys.withdraws),
    })
}

fn habits(sources: &Sources, keys: &Keys) -> Result<ProcessorHabits, Refused> {
    let days = |median: u64, p99: u64| Latency {
        median: Duration::from_hours(median * 24),
        p99: Duration::from_hours(p99 * 24),
    };
    let mut habits = ProcessorHabits {
        dispute_lag: days(35, 110),
        decided_after: days(40, 75),
        won_ppm: 450_000,
        dispute_fee_hundredths: 1_500,
        fee_back_ppm: 500_000,
        reserve_share_ppm: 100_000,
        reserved_for: Duration::from_hours(30 * 24),
        ..ProcessorHabits::default()
    };
    for (slot, text) in [
        (&mut habits.disputed_ppm, &keys.disputes),
        (&mut habits.inquired_ppm, &keys.inquiries),
        (&mut habits.won_ppm, &keys.won),
        (&mut habits.partly_ppm, &keys.partly_won),
        (&mut habits.fee_back_ppm, &keys.fee_back),
        (&mut habits.reserved_ppm, &keys.reserves),
        (&mut habits.reserve_share_ppm, &keys.reserve_share),
        (&mut habits.failed_ppm, &keys.failures),
        (&mut habits.canceled_ppm, &keys.cancellations),
        (&mut habits.others_ppm, &keys.adjustments),
    ] {
        if let Some(text) = text {
            *slot = sources.read(text, grammar::share)?;
        }
    }
    for (slot, text) in
        [(&mut habits.dispute_lag, &keys.dispute_lag), (&mut habits.decided_after, &keys.decided_after)]
    {
        if let Some(text) = text {
            *slot = faults::latency_of(sources, text)?;
        }
    }
    if let Some(text) = &keys.reserved_for {
        habits.reserved_for = sources.read(text, grammar::positive_duration)?;
    }
    let over = [
        (habits.won_ppm + habits.partly_ppm, keys.partly_won.as_ref().or(keys.won.as_ref()), "disputes"),
        (
            habits.failed_ppm + habits.canceled_ppm,
            keys.cancellations.as_ref().or(keys.failures.as_ref()),
            "payouts",
        ),
        (
            habits.disputed_ppm + habits.inquired_ppm,
            keys.inquiries.as_ref().or(keys.disputes.as_ref()),
            "charges",
        ),
    ];
    for (sum, place, what) in over {
        if let Some(place) = place.filter(|_| sum > 1_000_000) {
            return Err(sources
                .error(
                    place.span(),
                    "over-100-percent",
                    format!("together they are over 100 % of the {what}"),
                )
                .remedy("lower one of the two shares"));
        }
    }
    Ok(habits)
}

/// `2.9% + 0.30`.
fn fee_rule(text: &str, currency: Currency) -> Result<FeeRule, Misread> {
    let refuse = |cause: String| Misread {
        at: 0..text.len(),
        cause,
        remedy: "write a share and a fixed part in the currency that is paid out, such as `2.9% + 0.30`"
            .to_owned(),
        code: "not-a-fee",
    };
    let Some((share, fixed)) = text.split_once('+') else {
        return Err(refuse(format!("`{text}` is not what a charge costs")));
    };
    let rate = grammar::rate_of_tax(share).map_err(|misread| refuse(misread.cause))?;
    let fixed = Money::parse(fixed.trim(), currency).map_err(|error| refuse(error.to_string()))?;
    if fixed.minor() < 0 || rate >= Decimal::ONE {
        return Err(refuse("a fee is neither negative nor all of the charge".to_owned()));
    }
    Ok(FeeRule { rate, fixed })
}

/// `daily`, `weekly monday`, `monthly 15`, `manual`.
fn schedule(text: &str) -> Result<Schedule, Misread> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let found = match words.as_slice() {
        ["daily"] => Some(Schedule::Daily),
        ["manual"] => Some(Schedule::Manual),
        ["weekly", day] => {
            DAYS.iter().zip(0_u8..).find(|(name, _)| *name == day).map(|(_, at)| Schedule::Weekly(at))
        }
        ["monthly", day] => day.parse().ok().filter(|day| (1..=31).contains(day)).map(Schedule::Monthly),
        _ => None,
    };
    found.ok_or_else(|| Misread {
        at: 0..text.len(),
        cause: format!("`{text}` does not say when payouts are made"),
        remedy: "write `daily`, `weekly monday`, `monthly 15` or `manual`".to_owned(),
        code: "not-a-schedule",
    })
}

/// `1 to 3`.
fn business_days(text: &str) -> Result<(u32, u32), Misread> {
    let number = |text: &str| text.trim().parse::<u32>().ok().filter(|days| *days <= WAIT_MAX);
    let both = text.split_once(" to ").and_then(|(least, most)| Some((number(least)?, number(most)?)));
    both.filter(|(least, most)| least <= most).ok_or_else(|| Misread {
        at: 0..text.len(),
        cause: format!("`{text}` is no span of business days"),
        remedy: "write least and most, such as `1 to 3`, up to 30".to_owned(),
        code: "not-business-days",
    })
}
