//! Reading and validating a policy file.
//!
//! Lives here: from keys to a [`Policy`], with every refusal placed. The keys are in [`super::file`].

use std::ops::Range;
use std::path::Path;

use super::accounting::Accounting;
use super::document::{Keyed, Placed, Reader, Refused, Sources, Version, from_disk};
use super::file::{self, Engine, PolicyFile, Prices, Shop, Stock, Subsidiary, Text};
use super::grammar;
use super::products::ProductPolicy;
use super::settlement::SettlementPolicy;
use super::{
    EngineSettings, ExceptionPolicy, Late, NetSuitePolicy, Policy, PolicyAccounts, PricePolicy, ServiceItems,
    ShopPolicy, StockPolicy, SubsidiaryPolicy, TaxEntry, TermsPolicy, WarehousePolicy,
};
use crate::domain::customer::GuestRecords;
use crate::domain::{CauseCode, Currency, Duration, InternalId, Lane, ShopKey, Sku};

const VERSION: Version = Version { key: "plimsoll-policy", number: 1 };

/// Plans of Shopify by name: points restored per second.
///
/// Source: shopify.md §b.1.
pub const PLANS: [(&str, u32); 4] =
    [("standard", 100), ("advanced", 200), ("plus", 1_000), ("enterprise", 2_000)];

/// The bucket of a plan is this many seconds of refill.
///
/// Source: shopify.md §b.1, the 20× rule.
pub const BUCKET_SECONDS: u32 = 20;

/// Share of the limits that each lane keeps, and from hint to done. Assumption: no source states either. The
/// deadline for orders is the fifteen minutes at which polling connectors begin (traits.md §1).
const LANES: [(Lane, u8, Duration); Lane::ALL.len()] = [
    (Lane::Lock, 10, Duration::from_mins(2)),
    (Lane::Fulfillment, 10, Duration::from_mins(10)),
    (Lane::Orders, 30, Duration::from_mins(15)),
    (Lane::Refunds, 10, Duration::from_mins(30)),
    (Lane::Stock, 10, Duration::from_mins(10)),
    (Lane::Prices, 5, Duration::from_hours(1)),
    (Lane::Settlement, 5, Duration::from_hours(4)),
    (Lane::Backfill, 5, Duration::from_hours(24)),
];

impl Policy {
    /// Reads the file that the engine runs by.
    ///
    /// # Errors
    /// A file that cannot be read, or the first thing in it that is wrong.
    pub fn load(path: &Path) -> Result<Policy, Refused> {
        Policy::load_with(path, &from_disk)
    }

    /// As [`Policy::load`], reading by other means.
    ///
    /// # Errors
    /// As [`Policy::load`].
    pub fn load_with(path: &Path, reader: Reader<'_>) -> Result<Policy, Refused> {
        let mut sources = Sources::default();
        let file = sources.add(path, reader)?;
        Policy::from_sources(&sources, file)
    }

    /// Reads a policy from text; `name` is what messages call it.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn parse(name: &str, text: &str) -> Result<Policy, Refused> {
        let mut sources = Sources::default();
        let file = sources.add_text(Path::new(name), text.to_owned());
        Policy::from_sources(&sources, file)
    }

    fn from_sources(sources: &Sources, number: usize) -> Result<Policy, Refused> {
        let file: PolicyFile = sources.document(&[number], VERSION)?;
        let digest = ring::digest::digest(&ring::digest::SHA256, sources.text(number).as_bytes());
        let subsidiaries = file
            .subsidiary
            .0
            .iter()
            .map(|(key, written)| subsidiary(sources, key, written.get()))
            .collect::<Result<Vec<_>, _>>()?;
        refuse_same_ids(sources, &file, &subsidiaries)?;
        let shops = file
            .shop
            .0
            .iter()
            .map(|(key, written)| shop(sources, key, written.get(), written.span(), &subsidiaries))
            .collect::<Result<Vec<_>, _>>()?;
        if shops.is_empty() {
            return Err(sources
                .error(file.merchant.key.span(), "missing-key", "the policy names no shop")
                .remedy("add a table such as `[shop.uk]`"));
        }
        let settlement = SettlementPolicy::read(sources, &file, &subsidiaries, &shops)?;
        let items = file.items;
        Ok(Policy {
            settlement,
            merchant: sources.read(&file.merchant.key, grammar::merchant_key)?,
            hash: digest.as_ref().try_into().expect("SHA-256 has 32 bytes"),
            netsuite: NetSuitePolicy {
                zone: sources.read(&file.netsuite.zone, grammar::zone)?,
                slots: at_least_one(sources, &file.netsuite.slots, "slots")?,
            },
            subsidiaries,
            shops,
            items: ServiceItems {
                shipping: Sku(items.shipping),
                discount: Sku(items.discount),
                duties: Sku(items.duties),
                fees: Sku(items.fees),
                tip: Sku(items.tip),
                gift_card: Sku(items.gift_card),
                custom: Sku(items.custom),
                returns: Sku(items.returns),
                goodwill: Sku(items.goodwill),
                restocking: Sku(items.restocking),
                exchange: Sku(items.exchange),
            },
            exceptions: owners(sources, &file.owners)?,
            late: match &file.late.shut_period {
                None => Late::NextOpen,
                Some(written) => {
                    [Late::NextOpen, Late::Park][choice(sources, written, &["next-open", "park"])?]
                }
            },
            stock: stock(sources, &file.stock)?,
            engine: engine(sources, &file.engine)?,
            prices: file.prices.as_ref().map(|written| prices(sources, written)).transpose()?,
            warehouse: WarehousePolicy {
                silent_after: match &file.warehouse.silent_after {
                    Some(text) => Some(sources.read(text, grammar::positive_duration)?),
                    None => None,
                },
            },
            accounting: Accounting::read(sources, &file.accounting)?,
            terms: match (&file.terms, &file.prices) {
                (None, _) => None,
                (Some(written), None) => {
                    return Err(sources
                        .error(written.span(), "missing-key", "`[terms]` without `[prices]`")
                        .remedy("add `[prices]`: its polls are how payments are heard of"));
                }
                (Some(written), Some(_)) => Some(TermsPolicy {
                    paid_elsewhere: match &written.get().paid_elsewhere {
                        Some(gateway) => gateway.get().as_str().into(),
                        None => "manual".into(),
                    },
                }),
            },
            products: match &file.products {
                Some(written) => Some(ProductPolicy::read(sources, written)?),
                None => None,
            },
        })
    }
}

fn subsidiary(sources: &Sources, key: &Text, written: &Subsidiary) -> Result<SubsidiaryPolicy, Refused> {
    Ok(SubsidiaryPolicy {
        key: sources.read(key, grammar::shop_key)?,
        id: InternalId::new(*written.id.get()),
        currency: sources.read(&written.currency, grammar::currency)?,
        books_zone: sources.read(&written.books_zone, grammar::zone)?,
        bank_zone: sources.read(&written.bank_zone, grammar::zone)?,
        location: InternalId::new(*written.location.get()),
        gift_card_liability: InternalId::new(*written.gift_card_liability.get()),
        store_credit_liability: InternalId::new(*written.store_credit_liability.get()),
        accounts: accounts(&written.accounts),
        tax_code: InternalId::new(*written.tax_code.get()),
        marketplace_tax_code: InternalId::new(*written.marketplace_tax_code.get()),
        tax_schedule: written
            .tax_schedule
            .iter()
            .map(|entry| tax_entry(sources, entry))
            .collect::<Result<_, _>>()?,
    })
}

fn tax_entry(sources: &Sources, written: &Placed<file::TaxEntry>) -> Result<TaxEntry, Refused> {
    let keys = written.get();
    if keys.title.is_none() && keys.rate.is_none() && keys.country.is_none() {
        return Err(sources
            .error(written.span(), "missing-key", "the entry fits every tax")
            .remedy("add `title`, `rate` or `country`; the code for all other tax is `tax-code`"));
    }
    Ok(TaxEntry {
        title: keys.title.clone(),
        rate: keys.rate.as_ref().map(|rate| sources.read(rate, grammar::rate_of_tax)).transpose()?,
        country: keys.country.as_ref().map(|code| country(sources, code)).transpose()?,
        code: InternalId::new(*keys.code.get()),
    })
}

/// ISO 3166 alpha-2 code of a country.
///
/// # Errors
/// Anything but two capitals.
pub fn country(sources: &Sources, written: &Text) -> Result<Box<str>, Refused> {
    let code = written.get();
    if code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok(code.as_str().into());
    }
    Err(sources
        .error(written.span(), "not-a-country", format!("`{code}` is not a code of a country"))
        .remedy("write an ISO 3166 code of two capitals, such as `GB`"))
}

fn refuse_same_ids(sources: &Sources, file: &PolicyFile, known: &[SubsidiaryPolicy]) -> Result<(), Refused> {
    for (at, subsidiary) in known.iter().enumerate() {
        if let Some(earlier) = known[..at].iter().find(|earlier| earlier.id == subsidiary.id) {
            let cause = format!("subsidiary `{}` has the same id as `{}`", subsidiary.key, earlier.key);
            return Err(sources
                .error(file.subsidiary.0[at].1.get().id.span(), "duplicate-id", cause)
                .remedy("each subsidiary has an internal id of its own"));
        }
    }
    Ok(())
}

fn shop(
    sources: &Sources,
    key: &Text,
    written: &Shop,
    whole: Range<usize>,
    subsidiaries: &[SubsidiaryPolicy],
) -> Result<ShopPolicy, Refused> {
    let currency: Currency = sources.read(&written.currency, grammar::currency)?;
    let key: ShopKey = sources.read(key, grammar::shop_key)?;
    let keys = subsidiaries.iter().map(|subsidiary| subsidiary.key.as_str());
    let subsidiary = sources.refer(&written.subsidiary, "subsidiary", keys)?;
    let mut clearing: Vec<(Box<str>, InternalId)> = written
        .clearing
        .0
        .iter()
        .map(|(gateway, account)| (gateway.get().as_str().into(), InternalId::new(*account.get())))
        .collect();
    clearing.sort();
    if clearing.is_empty() {
        return Err(sources
            .error(whole, "missing-key", format!("shop `{key}` has no clearing account"))
            .remedy("name an account for each gateway, such as `clearing = { shopify_payments = 1110 }`"));
    }
    Ok(ShopPolicy {
        key,
        domain: domain(sources, &written.domain)?,
        currency,
        zone: sources.read(&written.zone, grammar::zone)?,
        restore_rate: PLANS[choice(sources, &written.plan, &PLANS.map(|(name, _)| name))?].1,
        subsidiary,
        guests: guests(sources, &written.guests)?,
        clearing,
        locations: locations(sources, &written.locations)?,
    })
}

/// Host name of a shop. It becomes part of a URL, so nothing but a host name of Shopify's is let in.
///
/// # Errors
/// Anything else.
pub fn domain(sources: &Sources, written: &Text) -> Result<Box<str>, Refused> {
    let label = written.get().strip_suffix(".myshopify.com").unwrap_or_default();
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if label.is_empty() || label.starts_with('-') || !label.bytes().all(allowed) {
        let cause = format!("`{}` is not the domain of a shop", written.get());
        return Err(sources
            .error(written.span(), "not-a-domain", cause)
            .remedy("write the permanent domain, such as `harbour-fr.myshopify.com`"));
    }
    Ok(written.get().as_str().into())
}

fn accounts(keys: &file::Accounts) -> PolicyAccounts {
    let id = |written: &Placed<u64>| InternalId::new(*written.get());
    PolicyAccounts {
        bank: id(&keys.bank),
        goodwill: id(&keys.goodwill),
        cogs: id(&keys.cogs),
        promotions: id(&keys.promotions),
        breakage: id(&keys.breakage),
        refunds_due: id(&keys.refunds_due),
        prepaid_tax: id(&keys.prepaid_tax),
        tax: id(&keys.tax),
    }
}

/// How orders without a customer are booked.
///
/// # Errors
/// Neither `per-shop` nor `per-email`.
pub fn guests(sources: &Sources, written: &Text) -> Result<GuestRecords, Refused> {
    let kinds = [GuestRecords::PerShop, GuestRecords::PerEmail];
    Ok(kinds[choice(sources, written, &["per-shop", "per-email"])?])
}

/// Position of one of a few words.
///
/// # Errors
/// Another word, with the most similar one.
pub fn choice(sources: &Sources, written: &Text, words: &[&str]) -> Result<usize, Refused> {
    words.iter().position(|word| word == written.get()).ok_or_else(|| {
        let cause = format!("`{}` is not known here", written.get());
        let error = sources.error(written.span(), "unknown-word", cause);
        match super::document::nearest(written.get(), words.iter().copied()) {
            Some(word) => error.remedy(format!("did you mean `{word}`?")),
            None => error.remedy(format!("write one of: {}", words.join(", "))),
        }
    })
}

/// A number that zero would make meaningless.
///
/// # Errors
/// Zero.
pub fn at_least_one(
    sources: &Sources,
    written: &super::document::Placed<u32>,
    what: &str,
) -> Result<u32, Refused> {
    match *written.get() {
        0 => Err(sources
            .error(written.span(), "out-of-range", format!("`{what}` is zero: nothing could be done"))
            .remedy("write 1 or more")),
        number => Ok(number),
    }
}

fn owners(
    sources: &Sources,
    written: &super::document::Placed<super::document::Keyed<super::file::Owner>>,
) -> Result<Vec<ExceptionPolicy>, Refused> {
    let entries = &written.get().0;
    let names = || CauseCode::ALL.iter().map(|code| code.name()).chain(["default"]);
    for (name, _) in entries {
        sources.refer(name, "cause", names())?;
    }
    let named = |wanted: &str| entries.iter().find(|(name, _)| name.get() == wanted).map(|(_, owner)| owner);
    CauseCode::ALL
        .into_iter()
        .map(|code| {
            let owner = named(code.name()).or_else(|| named("default")).ok_or_else(|| {
                sources
                    .error(written.span(), "missing-key", format!("nobody owns `{}`", code.name()))
                    .remedy("add `default = { owner = \"…\", deadline = \"4h\" }`")
            })?;
            if owner.owner.get().trim().is_empty() {
                return Err(sources
                    .error(owner.owner.span(), "missing-value", "the owner is empty")
                    .remedy("name a person or a team"));
            }
            Ok(ExceptionPolicy {
                code,
                owner: owner.owner.get().as_str().into(),
                deadline: sources.read(&owner.deadline, grammar::positive_duration)?,
            })
        })
        .collect()
}

/// An order whose webhooks are lost and which the search index shows later than this is found by nobody.
///
/// Source: shopify.md §p: lists were stale for 30 minutes; four times that.
const SWEEP_OVERLAP: Duration = Duration::from_hours(2);

/// 10,000 orders, for 520 points.
const BULK_AFTER_PAGES: u32 = 40;

/// Longer than the longest save: until then a row that was stamped earlier may still show up.
///
/// Source: netsuite.md §19, §10.2 (web-services request time: 15 minutes).
const MOVED_OVERLAP: Duration = Duration::from_mins(16);

fn stock(sources: &Sources, written: &Stock) -> Result<StockPolicy, Refused> {
    let length = |text: &Option<Text>, default: Duration| match text {
        Some(text) => sources.read(text, grammar::positive_duration),
        None => Ok(default),
    };
    Ok(StockPolicy {
        every: length(&written.every, Duration::from_mins(1))?,
        // Saves take minutes at the worst (netsuite.md §19, size unverified).
        overlap: length(&written.overlap, Duration::from_mins(5))?,
        whole_every: length(&written.whole_every, Duration::from_hours(1))?,
        buffer: i64::from(written.buffer.unwrap_or(0)),
        // Assumption: a few are a person's correction, more are another program.
        drift_alert: written.drift_alert.unwrap_or(10).max(1),
    })
}

/// Locations by their Shopify numbers, as policies and shop profiles write them.
///
/// # Errors
/// A key that is no number.
pub fn locations(sources: &Sources, written: &Keyed<Placed<u64>>) -> Result<Vec<(u64, InternalId)>, Refused> {
    let location = |(number, location): &(Text, Placed<u64>)| match number.get().parse() {
        Ok(number) => Ok((number, InternalId::new(*location.get()))),
        Err(_) => Err(sources
            .error(
                number.span(),
                "not-a-number",
                format!("`{}` is not the number of a location", number.get()),
            )
            .remedy(
                "write the digits at the end of its id, such as `7101` of `gid://shopify/Location/7101`",
            )),
    };
    written.0.iter().map(location).collect()
}

fn engine(sources: &Sources, written: &Engine) -> Result<EngineSettings, Refused> {
    let length = |text: &Option<Text>, default: Duration| match text {
        Some(text) => sources.read(text, grammar::positive_duration),
        None => Ok(default),
    };
    let (lane_floor_percent, lane_deadline) = lanes(sources, written)?;
    let settings = EngineSettings {
        steps_at_once: match &written.steps_at_once {
            Some(number) => at_least_one(sources, number, "steps-at-once")?,
            None => 64,
        },
        lease: length(&written.lease, Duration::from_mins(2))?,
        sweep_every: length(&written.sweep_every, Duration::from_mins(15))?,
        sweep_overlap: length(&written.sweep_overlap, SWEEP_OVERLAP)?,
        bulk_after_pages: match &written.bulk_after_pages {
            Some(number) => at_least_one(sources, number, "bulk-after-pages")?,
            None => BULK_AFTER_PAGES,
        },
        moved_every: length(&written.moved_every, Duration::from_mins(2))?,
        moved_overlap: length(&written.moved_overlap, MOVED_OVERLAP)?,
        subscriptions_every: length(&written.subscriptions_every, Duration::from_mins(10))?,
        backoff_first: length(&written.backoff_first, Duration::from_secs(1))?,
        backoff_max: length(&written.backoff_max, Duration::from_mins(2))?,
        patience: length(&written.patience, Duration::from_mins(30))?,
        lane_floor_percent,
        lane_deadline,
    };
    match &written.backoff_max {
        Some(text) if settings.backoff_max < settings.backoff_first => Err(sources
            .error(text.span(), "out-of-range", "`backoff-max` is shorter than `backoff-first`")
            .remedy("the wait between tries grows from the first to the longest")),
        _ => Ok(settings),
    }
}

/// Assumption: no source states how fresh prices are kept. Polls cost two queries; a buyer who was promised a price
/// at nine may order by ten.
fn prices(sources: &Sources, written: &Prices) -> Result<PricePolicy, Refused> {
    let length = |text: &Option<Text>, default: Duration| match text {
        Some(text) => sources.read(text, grammar::positive_duration),
        None => Ok(default),
    };
    let poll_every = length(&written.poll_every, Duration::from_mins(5))?;
    let settings = PricePolicy {
        poll_every,
        poll_overlap: length(&written.poll_overlap, poll_every.times(2))?,
        compare_every: length(&written.compare_every, Duration::from_hours(6))?,
        prove_within: length(&written.prove_within, Duration::from_mins(30))?,
    };
    match &written.poll_overlap {
        Some(text) if settings.poll_overlap < poll_every => Err(sources
            .error(text.span(), "out-of-range", "`poll-overlap` is shorter than `poll-every`")
            .remedy("look back at least as far as the last poll")),
        _ => Ok(settings),
    }
}

type Lanes = ([u8; Lane::ALL.len()], [Duration; Lane::ALL.len()]);

fn lanes(sources: &Sources, written: &Engine) -> Result<Lanes, Refused> {
    let mut floors = LANES.map(|(_, floor, _)| floor);
    let mut deadlines = LANES.map(|(_, _, deadline)| deadline);
    let mut last = None;
    for (name, lane) in &written.lanes.0 {
        let at = sources.refer(name, "lane", Lane::ALL.iter().map(|lane| lane.name()))?;
        if let Some(text) = &lane.floor {
            let ppm = sources.read(text, grammar::share)?;
            if !ppm.is_multiple_of(10_000) {
                return Err(sources
                    .error(text.span(), "too-precise", "a floor is a whole percentage")
                    .remedy("write a share such as `30%`"));
            }
            floors[at] = u8::try_from(ppm / 10_000).expect("a share is at most 100 %");
            last = Some(text.span());
        }
        if let Some(text) = &lane.deadline {
            deadlines[at] = sources.read(text, grammar::positive_duration)?;
        }
    }
    let sum: u32 = floors.iter().map(|floor| u32::from(*floor)).sum();
    match last {
        Some(place) if sum > 100 => Err(sources
            .error(place, "over-100-percent", format!("the floors of all lanes come to {sum} %"))
            .remedy("lower some floors: together they are at most 100 %, and the rest goes by urgency")),
        _ => Ok((floors, deadlines)),
    }
}

#[cfg(test)]
mod tests;
