//! Reading a scenario file.
//!
//! Lives here: the order of reading, the frame of a run, and the checks that need more than one part. Each
//! part of the file has a module of its own below; the keys are in [`super::file`].

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::file::ScenarioFile;
use super::{Limits, Scenario, Seeds};
use crate::domain::{Duration, Timestamp, Zone};
use crate::policy::document::{Placed, Reader, Refused, Sources, Version, from_disk};
use crate::policy::{Policy, grammar, load as policy_load};

mod after_purchase;
mod expect;
mod faults;
mod processor;
mod profile;
mod promise;
mod recorded;
mod script;
mod stock;
mod traffic;
mod warehouse;
mod weather;
mod wholesale;

/// The JSON Schema of scenario files, for editors. A test keeps it in step with the structs.
pub const SCHEMA: &str = include_str!("schema.json");

const VERSION: Version = Version { key: "plimsoll", number: 1 };

/// Files that build on files that build on files: beyond this it is a circle.
const NESTING_MAX: usize = 8;

/// What the command line changes of a scenario.
#[derive(Debug, Clone, Copy, Default)]
pub struct LoadOptions {
    /// Draw so many orders instead of `total`; bursts keep their shares.
    pub orders: Option<u64>,
}

impl Scenario {
    /// Reads a scenario, the files that it builds on, its policy and its recorded day.
    ///
    /// # Errors
    /// A file that cannot be read, or the first thing in one that is wrong.
    pub fn load(path: &Path, options: LoadOptions) -> Result<Scenario, Refused> {
        Scenario::load_with(path, options, &from_disk)
    }

    /// As [`Scenario::load`], reading by other means: from memory, for built-in scenarios and tests.
    ///
    /// # Errors
    /// As [`Scenario::load`].
    pub fn load_with(path: &Path, options: LoadOptions, reader: Reader<'_>) -> Result<Scenario, Refused> {
        let mut sources = Sources::default();
        let mut order = Vec::new();
        gather(&mut sources, path.to_owned(), reader, 0, &mut order)?;
        let file: ScenarioFile = sources.document(&order, VERSION)?;
        scenario(&sources, &file, path, options, reader)
    }
}

/// The file after those that it builds on, so that later ones override.
fn gather(
    sources: &mut Sources,
    path: PathBuf,
    reader: Reader<'_>,
    depth: usize,
    order: &mut Vec<usize>,
) -> Result<(), Refused> {
    let number = sources.add(&path, reader)?;
    for written in sources.strings_at_top(number, "use")? {
        if depth == NESTING_MAX {
            return Err(sources
                .error(written.span(), "circle", "files build on each other in a circle")
                .remedy("leave out the `use` that leads back"));
        }
        let fragment = sources.beside(&written);
        let exists = reader(&fragment).map(|_| ());
        if let Err(error) = exists {
            return Err(missing_file(sources, &written, &fragment, &error.to_string()));
        }
        gather(sources, fragment, reader, depth + 1, order)?;
    }
    order.push(number);
    Ok(())
}

fn missing_file(sources: &Sources, written: &Placed<String>, path: &Path, cause: &str) -> Refused {
    sources
        .error(written.span(), "missing-file", format!("`{}` cannot be read: {cause}", path.display()))
        .remedy("paths are relative to the file in which they are written")
}

/// The frame in which moments are read.
struct Clock {
    starts: Timestamp,
    zone: Zone,
    lasts: Duration,
}

impl Clock {
    fn moment(&self, sources: &Sources, written: &Placed<String>) -> Result<Duration, Refused> {
        sources.read(written, grammar::moment).map(|moment| self.after_start(moment))
    }

    /// A time of day means the first one at or after the start, by the clock of the start's zone.
    fn after_start(&self, moment: grammar::Moment) -> Duration {
        let time = match moment {
            grammar::Moment::AfterStart(length) => return length,
            grammar::Moment::Clock(time) => time,
        };
        let (year, month, day) = self.zone.book_date(self.starts).year_month_day();
        let today = jiff::civil::date(year, month, day);
        let on = |date: jiff::civil::Date| {
            self.zone.instant(date.to_datetime(time)).expect("a day of the run is within range")
        };
        match on(today) {
            instant if instant >= self.starts => instant.since(self.starts),
            _ => on(today.tomorrow().expect("a day of the run is within range")).since(self.starts),
        }
    }
}

fn scenario(
    sources: &Sources,
    file: &ScenarioFile,
    path: &Path,
    options: LoadOptions,
    reader: Reader<'_>,
) -> Result<Scenario, Refused> {
    let (starts, zone) = sources.read(&file.run.starts, grammar::start)?;
    let lasts = sources.read(&file.run.lasts, grammar::positive_duration)?;
    let settle = match &file.run.settle {
        Some(text) => sources.read(text, grammar::duration)?,
        None => Duration::from_hours(6),
    };
    let clock = Clock { starts, zone, lasts };
    require_words_of_release_gate(sources, file)?;
    let mut profile = profile::profile(sources, file)?;
    profile.processor = processor::processor(sources, file, &profile)?;
    let policy = self::policy(sources, file, &profile, reader)?;
    let drawn = traffic::drawn(sources, &clock, &profile, &file.traffic.orders, options.orders)?;
    let after_purchase = after_purchase::after_purchase(sources, file.traffic.after_purchase.as_ref())?;
    let warehouse = warehouse::warehouse(sources, &clock, &profile, file.warehouse.as_ref())?;
    let scripted = script::script(sources, &clock, &profile, &file.wholesale, &file.script)?;
    let recorded = match &file.traffic.recorded {
        None => None,
        Some(keys) => Some(recorded::recorded(sources, &clock, &profile, keys, reader)?),
    };
    let quiet = drawn.as_ref().is_none_or(|drawn| drawn.total == 0) && scripted.is_empty();
    if quiet && recorded.as_ref().is_none_or(|recorded| recorded.orders.is_empty()) {
        return Err(sources
            .error(
                file.scenario.title.span(),
                "no-traffic",
                "nobody buys anything: there is no traffic at all",
            )
            .remedy("add `[traffic.orders]` with `total`, a `[[script]]`, or `[traffic.recorded]`"));
    }
    if options.orders.is_some() && drawn.is_none() {
        return Err(sources
            .error(
                file.scenario.title.span(),
                "no-traffic",
                "no orders are drawn here, so their number cannot be set",
            )
            .remedy("leave out `--orders`: scripted and recorded orders are played as they are written"));
    }
    name_goods(file, &mut profile, &scripted, recorded.as_ref());
    let (faults, swarm) = faults::faults(sources, file.faults.as_ref())?;
    let weather = weather::weather(sources, &clock, &profile, &file.weather)?;
    let (expectations, expected_orders, expected_counts) =
        promise::expectations(sources, &profile, &scripted, &file.expect)?;
    let not_covered =
        file.not_covered.0.iter().map(|(key, why)| (key.get().as_str().into(), why.get().as_str().into()));
    let seeds = file.run.seeds.as_ref();
    Ok(Scenario {
        name: claim(path),
        title: file.scenario.title.get().as_str().into(),
        owner: file.scenario.owner.clone(),
        why: file.scenario.why.clone(),
        tags: file.scenario.tags.iter().map(|tag| tag.get().as_str().into()).collect(),
        starts,
        lasts,
        settle,
        seeds: seeds.map_or(Seeds { pinned: vec![1], sweep: 0 }, |seeds| Seeds {
            pinned: seeds.pinned.clone(),
            sweep: seeds.sweep,
        }),
        limits: limits(sources, file)?,
        profile: Arc::new(profile),
        policy: Arc::new(policy),
        drawn,
        after_purchase,
        warehouse,
        scripted,
        recorded,
        faults,
        swarm,
        weather,
        promises: promise::promises(sources, &file.promise)?,
        expectations,
        expected_orders,
        expected_counts,
        not_covered: not_covered.collect(),
    })
}

/// The file's path below `scenarios/`, without its ending.
fn claim(path: &Path) -> Box<str> {
    let stem = path.with_extension("");
    let parts: Vec<String> = stem.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let below = parts.iter().rposition(|part| part == "scenarios").map_or(parts.len() - 1, |at| at + 1);
    parts[below.min(parts.len() - 1)..].join("/").into()
}

fn require_words_of_release_gate(sources: &Sources, file: &ScenarioFile) -> Result<(), Refused> {
    let head = &file.scenario;
    let Some(tag) = head.tags.iter().find(|tag| tag.get() == "release-gate") else { return Ok(()) };
    let missing = [
        ("owner", head.owner.as_ref().is_none_or(|owner| owner.trim().is_empty())),
        ("why", head.why.as_ref().is_none_or(|why| why.trim().is_empty())),
        ("[not-covered]", file.not_covered.0.is_empty()),
    ];
    match missing.into_iter().find(|(_, missing)| *missing) {
        None => Ok(()),
        Some((key, _)) => {
            Err(sources.error(tag.span(), "missing-key", format!("a release gate needs `{key}`")).remedy(
                "say who decides, why, and what this rehearsal does not look at: the certificate prints it",
            ))
        }
    }
}

fn policy(
    sources: &Sources,
    file: &ScenarioFile,
    profile: &super::Profile,
    reader: Reader<'_>,
) -> Result<Policy, Refused> {
    let written = &file.engine.config;
    let path = sources.beside(written);
    if let Err(error) = reader(&path) {
        return Err(missing_file(sources, written, &path, &error.to_string()));
    }
    let policy = Policy::load_with(&path, reader)?;
    if policy.merchant != profile.merchant {
        let cause = format!("the policy is of merchant `{}`, not `{}`", policy.merchant, profile.merchant);
        return Err(sources
            .error(written.span(), "wrong-merchant", cause)
            .remedy("name the policy of this merchant, or correct the key"));
    }
    Ok(policy)
}

fn limits(sources: &Sources, file: &ScenarioFile) -> Result<Limits, Refused> {
    let plans = policy_load::PLANS;
    let restore_rate = match &file.limits.shopify {
        Some(name) => plans[policy_load::choice(sources, name, &plans.map(|(name, _)| name))?].1,
        None => plans[2].1,
    };
    let keys = &file.limits.netsuite;
    // A service tier 1 account without SuiteCloud Plus. Source: netsuite.md, concurrency; traits.md §1.
    let slots =
        keys.slots.as_ref().map_or(Ok(15), |slots| policy_load::at_least_one(sources, slots, "slots"))?;
    let others = keys.others.as_ref().map_or(0, |others| *others.get());
    if others >= slots {
        let place = keys.others.as_ref().expect("zero is below one").span();
        return Err(sources
            .error(place, "out-of-range", format!("others may hold all {slots} slots, so nothing is left"))
            .remedy("leave at least one slot to the engine"));
    }
    Ok(Limits {
        shopify_restore_rate: restore_rate,
        shopify_bucket: restore_rate * policy_load::BUCKET_SECONDS,
        netsuite_slots: slots,
        netsuite_others: others,
    })
}

/// NetSuite holds what scripts and recorded days sell, but for what the file says is missing.
fn name_goods(
    file: &ScenarioFile,
    profile: &mut super::Profile,
    scripted: &[super::ScriptedEvent],
    recorded: Option<&super::RecordedTraffic>,
) {
    use super::wholesale::WholesaleEvent;
    use super::{Aftermath, Scripted, StaffAct};
    let mut sold = std::collections::BTreeSet::new();
    for event in scripted.iter().chain(recorded.iter().flat_map(|recorded| recorded.orders.iter())) {
        match &event.what {
            Scripted::Order(order) => sold.extend(order.lines.iter().filter_map(|line| line.sku.clone())),
            Scripted::EditAddLine { line, .. } => sold.extend(line.sku.clone()),
            Scripted::After { what: Aftermath::Refund(refund), .. } => {
                sold.extend(refund.exchange.iter().filter_map(|line| line.sku.clone()));
            }
            Scripted::After { what: Aftermath::Staff(StaffAct::Substitute { sku, .. }), .. } => {
                sold.insert(sku.clone());
            }
            Scripted::Wholesale(WholesaleEvent::Buy(purchase)) => {
                sold.extend(purchase.lines.iter().map(|(sku, _)| sku.clone()));
            }
            _ => {}
        }
    }
    sold.extend(profile.wholesale.prices.iter().map(|price| price.sku.clone()));
    sold.extend(profile.stock.items.iter().map(|item| item.sku.clone()));
    sold.extend(file.kit.iter().map(|kit| super::Sku(kit.sku.get().as_str().into())));
    let missing: Vec<&str> = file.catalogue.missing.iter().map(|sku| sku.get().as_str()).collect();
    sold.retain(|sku| !missing.contains(&sku.0.as_ref()) && !profile.catalogue.named.contains(sku));
    profile.catalogue.named.extend(sold);
}

#[cfg(test)]
mod tests;
