//! From short limits to promises and expected balances, each with its line for failure output.

use super::super::file::{Expect, Promises};
use super::super::{ExpectedBalance, Profile, Promise, PromiseKind};
use crate::domain::{Duration, InternalId, Lane};
use crate::policy::document::{Keyed, Placed, Refused, ShortOr, Sources};
use crate::policy::grammar;

/// Lanes that orders, their customers and their edits travel on. A promise about another lane could never be
/// broken, so it would prove nothing.
const EXERCISED: [Lane; 4] = [Lane::Lock, Lane::Orders, Lane::Stock, Lane::Backfill];

pub(super) fn promises(sources: &Sources, keys: &Promises) -> Result<Vec<Promise>, Refused> {
    let mut promises = Vec::new();
    lags(sources, "lag-p99", keys.lag_p99.as_ref(), &mut promises, |lane, at_most| PromiseKind::LagP99 {
        lane,
        at_most,
    })?;
    lags(sources, "lag-max", keys.lag_max.as_ref(), &mut promises, |lane, at_most| PromiseKind::LagMax {
        lane,
        at_most,
    })?;
    if let Some(text) = &keys.exceptions_open {
        let at_most = sources.read(text, |text| grammar::at_most_of(text, grammar::count))?;
        promises.push(promise(sources, "exceptions-open", text, PromiseKind::ExceptionsOpen { at_most }));
    }
    if let Some(text) = &keys.backlog_drained_within {
        let at_most = sources.read(text, |text| grammar::at_most_of(text, grammar::positive_duration))?;
        promises.push(promise(
            sources,
            "backlog-drained-within",
            text,
            PromiseKind::DrainedWithin { at_most },
        ));
    }
    if let Some(text) = &keys.shopify_throttled {
        let at_most_ppm = sources.read(text, share_or_zero)?;
        promises.push(promise(
            sources,
            "shopify-throttled",
            text,
            PromiseKind::ShopifyThrottled { at_most_ppm },
        ));
    }
    if let Some(text) = &keys.netsuite_throttled {
        let at_most_ppm = sources.read(text, share_or_zero)?;
        promises.push(promise(
            sources,
            "netsuite-throttled",
            text,
            PromiseKind::NetSuiteThrottled { at_most_ppm },
        ));
    }
    if let Some(text) = &keys.oversold_units {
        let at_most = sources.read(text, |text| grammar::at_most_of(text, grammar::count))?;
        promises.push(promise(sources, "oversold-units", text, PromiseKind::OversoldUnits { at_most }));
    }
    if let Some(text) = &keys.turned_away {
        let at_most = sources.read(text, |text| grammar::at_most_of(text, grammar::count))?;
        promises.push(promise(sources, "turned-away", text, PromiseKind::TurnedAway { at_most }));
    }
    promises.sort_by_key(|promise| promise.line);
    Ok(promises)
}

/// `= 0` needs no percent sign.
fn share_or_zero(text: &str) -> Result<u32, grammar::Misread> {
    grammar::at_most_of(text, |value| if value == "0" { Ok(0) } else { grammar::share(value) })
}

fn lags(
    sources: &Sources,
    name: &str,
    written: Option<&Placed<ShortOr<Keyed<Placed<String>>>>>,
    promises: &mut Vec<Promise>,
    kind: impl Fn(Lane, Duration) -> PromiseKind,
) -> Result<(), Refused> {
    let Some(written) = written else { return Ok(()) };
    let limit = |text: &Placed<String>| {
        sources.read(text, |text| grammar::at_most_of(text, grammar::positive_duration))
    };
    match written.get() {
        ShortOr::Short(text) => {
            let text = Placed::at(written.span(), text.clone());
            promises.push(promise(sources, name, &text, kind(Lane::Orders, limit(&text)?)));
        }
        ShortOr::Long(by_lane) => {
            for (lane, text) in &by_lane.0 {
                let at = sources.refer(lane, "lane", Lane::ALL.iter().map(|lane| lane.name()))?;
                if !EXERCISED.contains(&Lane::ALL[at]) {
                    let cause = format!("no traffic of a scenario travels on the lane `{}`", lane.get());
                    return Err(sources
                        .error(lane.span(), "never-exercised", cause)
                        .remedy("promise what this day can break: `lock`, `orders` or `backfill`"));
                }
                let name = format!("{name}.{}", lane.get());
                promises.push(promise(sources, &name, text, kind(Lane::ALL[at], limit(text)?)));
            }
        }
    }
    Ok(())
}

fn promise(sources: &Sources, name: &str, text: &Placed<String>, kind: PromiseKind) -> Promise {
    let (file, line, _) = sources.line(&text.span());
    Promise { name: name.into(), kind, file, line, text: text.get().as_str().into() }
}

pub(super) fn expectations(
    sources: &Sources,
    profile: &Profile,
    written: &[Expect],
) -> Result<Vec<ExpectedBalance>, Refused> {
    written.iter().map(|expect| expectation(sources, profile, expect)).collect()
}

fn expectation(sources: &Sources, profile: &Profile, expect: &Expect) -> Result<ExpectedBalance, Refused> {
    let id = InternalId::new(*expect.account.get());
    let account = profile.accounts.iter().find(|account| account.id == id).ok_or_else(|| {
        sources
            .error(expect.account.span(), "unknown-reference", format!("the merchant has no account {id}"))
            .remedy("write the id of an account of an entity or a shop")
    })?;
    let balance = sources.read(&expect.balance, grammar::money)?;
    if balance.currency() != account.currency {
        let cause = format!("{} is kept in {}", account.name, account.currency);
        return Err(sources
            .error(expect.balance.span(), "wrong-currency", cause)
            .remedy(format!("write the balance in {}", account.currency)));
    }
    let (file, line, _) = sources.line(&expect.account.span());
    Ok(ExpectedBalance { account: id, balance, file, line })
}
