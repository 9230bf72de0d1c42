//! From plain words to scheduled faults.

use super::super::file::{How, Weather as WeatherKeys};
use super::super::{Profile, Weather, WeatherKind};
use super::Clock;
use crate::domain::{Duration, ShopKey, Sku};
use crate::policy::document::{Placed, Refused, Sources};
use crate::policy::{grammar, load};

/// What a kind is called, whether it lasts, and the details that it takes.
struct Form {
    what: &'static str,
    lasts: bool,
    takes: &'static [&'static str],
}

const FORMS: [Form; 14] = [
    Form {
        what: "webhooks misbehave",
        lasts: true,
        takes: &["drop", "drop-first", "duplicate", "out-of-order", "late"],
    },
    Form { what: "webhook subscription is deleted", lasts: false, takes: &["shop"] },
    Form { what: "webhook receiver is down", lasts: true, takes: &[] },
    Form { what: "netsuite slows down", lasts: true, takes: &["latency", "slots"] },
    Form { what: "netsuite is down", lasts: true, takes: &[] },
    Form { what: "answers are lost", lasts: true, takes: &["after-save", "before-save"] },
    Form { what: "shopify restores slowly", lasts: true, takes: &["restore"] },
    Form { what: "other integrations are busy", lasts: true, takes: &["slots"] },
    Form { what: "records are locked", lasts: true, takes: &["share"] },
    Form { what: "period is locked", lasts: true, takes: &["date"] },
    Form { what: "item is inactive", lasts: true, takes: &["sku"] },
    Form { what: "search index lags", lasts: true, takes: &["by"] },
    Form { what: "engine is killed", lasts: false, takes: &["times", "every"] },
    Form { what: "lock is late", lasts: true, takes: &["by"] },
];

/// What lasts until after the end, unless the file says how long: nobody mends it.
const STAYS: &str = "item is inactive";

pub(super) fn weather(
    sources: &Sources,
    clock: &Clock,
    profile: &Profile,
    written: &[Placed<WeatherKeys>],
) -> Result<Vec<Weather>, Refused> {
    written.iter().enumerate().map(|(index, entry)| one(sources, clock, profile, index, entry)).collect()
}

fn one(
    sources: &Sources,
    clock: &Clock,
    profile: &Profile,
    index: usize,
    entry: &Placed<WeatherKeys>,
) -> Result<Weather, Refused> {
    let keys = entry.get();
    let kind = load::choice(sources, &keys.what, &FORMS.map(|form| form.what))?;
    let form = &FORMS[kind];
    refuse_foreign_details(sources, form, &keys.how)?;
    let at = clock.moment(sources, &keys.at)?;
    let lasts = match &keys.lasts {
        Some(written) if form.lasts => sources.read(written, grammar::positive_duration)?,
        Some(written) => {
            return Err(sources
                .error(written.span(), "unknown-key", format!("`{}` happens in an instant", form.what))
                .remedy("leave out `for`"));
        }
        None if form.lasts && form.what != STAYS => {
            return Err(sources
                .error(entry.span(), "missing-key", format!("`{}` does not say how long", form.what))
                .remedy("add `for = \"45m\"`"));
        }
        None => Duration::ZERO,
    };
    let what = details(sources, profile, kind, entry)?;
    let ends = match &what {
        WeatherKind::EngineKilled { times, every } => {
            at.plus(every.times(u64::from(times.saturating_sub(1))))
        }
        _ => at.plus(lasts),
    };
    if at >= clock.lasts || ends > clock.lasts {
        return Err(sources
            .error(
                keys.at.span(),
                "after-the-end",
                format!("weather until {ends} is after the end at {}", clock.lasts),
            )
            .remedy("let it end within `lasts`: while the backlog settles, nothing new goes wrong"));
    }
    Ok(Weather { index, at, lasts, what })
}

fn details(
    sources: &Sources,
    profile: &Profile,
    kind: usize,
    entry: &Placed<WeatherKeys>,
) -> Result<WeatherKind, Refused> {
    let how = &entry.get().how;
    let share = |text: &Option<Placed<String>>| match text {
        Some(text) => sources.read(text, grammar::share),
        None => Ok(0),
    };
    let need = |key: &str, example: &str| {
        sources
            .error(entry.span(), "missing-key", format!("`{}` needs `{key}`", FORMS[kind].what))
            .remedy(format!("add `how = {{ {key} = {example} }}`"))
    };
    Ok(match kind {
        0 => {
            let late = |text: &str| {
                let inner = text.strip_prefix("up to ").unwrap_or(text);
                grammar::duration(inner)
            };
            let webhooks = WeatherKind::Webhooks {
                lost_ppm: share(&how.drop)?,
                duplicated_ppm: share(&how.duplicate)?,
                reordered_ppm: share(&how.out_of_order)?,
                late_up_to: how.late.as_ref().map_or(Ok(Duration::ZERO), |text| sources.read(text, late))?,
                lose_first: how.drop_first.as_ref().map_or(0, |count| *count.get()),
            };
            let nothing = WeatherKind::Webhooks {
                lost_ppm: 0,
                duplicated_ppm: 0,
                reordered_ppm: 0,
                late_up_to: Duration::ZERO,
                lose_first: 0,
            };
            if webhooks == nothing {
                return Err(need("drop", "\"0.3%\""));
            }
            webhooks
        }
        1 => WeatherKind::SubscriptionDeleted {
            shop: how.shop.as_ref().map(|shop| shop_of(sources, profile, shop)).transpose()?,
        },
        2 => WeatherKind::ReceiverDown,
        3 => {
            let latency = how.latency.as_ref().map(|text| sources.read(text, grammar::factor)).transpose()?;
            let slots =
                how.slots.as_ref().map(|slots| load::at_least_one(sources, slots, "slots")).transpose()?;
            if latency.is_none() && slots.is_none() {
                return Err(need("latency", "\"x8\""));
            }
            WeatherKind::NetSuiteSlow { latency_percent: latency.unwrap_or(100), slots }
        }
        4 => WeatherKind::NetSuiteDown,
        5 => {
            let (after_ppm, before_ppm) = (share(&how.after_save)?, share(&how.before_save)?);
            if after_ppm == 0 && before_ppm == 0 {
                return Err(need("after-save", "\"5%\""));
            }
            WeatherKind::AnswersLost { after_ppm, before_ppm }
        }
        6 => {
            let text = how.restore.as_ref().ok_or_else(|| need("restore", "\"50%\""))?;
            let ppm = sources.read(text, grammar::share)?;
            if ppm == 0 || !ppm.is_multiple_of(10_000) {
                return Err(sources
                    .error(
                        text.span(),
                        "out-of-range",
                        "the restore rate is cut to a whole percentage above zero",
                    )
                    .remedy("write `1%` to `100%`"));
            }
            WeatherKind::ShopifySlow { restore_percent: ppm / 10_000 }
        }
        7 => {
            let slots = how.slots.as_ref().ok_or_else(|| need("slots", "5"))?;
            WeatherKind::OthersBusy { slots: load::at_least_one(sources, slots, "slots")? }
        }
        8 => {
            how.share.as_ref().ok_or_else(|| need("share", "\"2%\""))?;
            WeatherKind::RecordsLocked { ppm: share(&how.share)? }
        }
        9 => {
            let text = how.date.as_ref().ok_or_else(|| need("date", "\"2026-11-30\""))?;
            WeatherKind::PeriodLocked { month: sources.read(text, grammar::date)? }
        }
        10 => {
            let text = how.sku.as_ref().ok_or_else(|| need("sku", "\"MUG\""))?;
            WeatherKind::ItemInactive { sku: Sku(text.get().as_str().into()) }
        }
        11 => {
            let text = how.by.as_ref().ok_or_else(|| need("by", "\"5m\""))?;
            WeatherKind::SearchLags { by: sources.read(text, grammar::positive_duration)? }
        }
        13 => {
            let text = how.by.as_ref().ok_or_else(|| need("by", "\"4m\""))?;
            WeatherKind::LockLate { by: sources.read(text, grammar::positive_duration)? }
        }
        _ => {
            let times =
                how.times.as_ref().map_or(Ok(1), |times| load::at_least_one(sources, times, "times"))?;
            let every = match &how.every {
                Some(text) => sources.read(text, grammar::positive_duration)?,
                None if times > 1 => return Err(need("every", "\"7m\"")),
                None => Duration::ZERO,
            };
            WeatherKind::EngineKilled { times, every }
        }
    })
}

fn shop_of(sources: &Sources, profile: &Profile, written: &Placed<String>) -> Result<ShopKey, Refused> {
    let at = sources.refer(written, "shop", profile.shops.iter().map(|shop| shop.key.as_str()))?;
    Ok(profile.shops[at].key)
}

fn refuse_foreign_details(sources: &Sources, form: &Form, how: &How) -> Result<(), Refused> {
    let text = |text: &Option<Placed<String>>| text.as_ref().map(Placed::span);
    let number = |number: &Option<Placed<u32>>| number.as_ref().map(Placed::span);
    let written = [
        ("drop", text(&how.drop)),
        ("drop-first", number(&how.drop_first)),
        ("duplicate", text(&how.duplicate)),
        ("out-of-order", text(&how.out_of_order)),
        ("late", text(&how.late)),
        ("shop", text(&how.shop)),
        ("latency", text(&how.latency)),
        ("slots", number(&how.slots)),
        ("after-save", text(&how.after_save)),
        ("before-save", text(&how.before_save)),
        ("restore", text(&how.restore)),
        ("share", text(&how.share)),
        ("date", text(&how.date)),
        ("sku", text(&how.sku)),
        ("by", text(&how.by)),
        ("times", number(&how.times)),
        ("every", text(&how.every)),
    ];
    for (key, place) in written {
        let Some(place) = place else { continue };
        if !form.takes.contains(&key) {
            let error = sources.error(place, "unknown-key", format!("`{}` takes no `{key}`", form.what));
            return Err(match form.takes {
                [] => error.remedy("leave out `how`"),
                takes => error.remedy(format!("it takes: {}", takes.join(", "))),
            });
        }
    }
    Ok(())
}
