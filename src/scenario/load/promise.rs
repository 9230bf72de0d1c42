//! From short limits to promises and expected balances, each with its line for failure output.

use super::super::file::{Expect, Promises};
use super::super::{
    ExpectedAmount, ExpectedBalance, ExpectedCount, ExpectedOrder, Profile, Promise, PromiseKind, Scripted,
    ScriptedEvent, ScriptedOrder,
};
use super::expect;
use crate::domain::{Currency, Duration, InternalId, Lane, Money};
use crate::policy::document::{Keyed, Placed, Refused, ShortOr, Sources};
use crate::policy::grammar;

/// Lanes that orders, their customers and their edits, levels, prices and products travel on. A promise about another lane could never be
/// broken, so it would prove nothing.
const EXERCISED: [Lane; 5] = [Lane::Lock, Lane::Orders, Lane::Stock, Lane::Prices, Lane::Backfill];

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

/// Stated balances, stated amounts of sales orders, and stated numbers of exceptions and documents.
type Expectations = (Vec<ExpectedBalance>, Vec<ExpectedOrder>, Vec<ExpectedCount>);

pub(super) fn expectations(
    sources: &Sources,
    profile: &Profile,
    scripted: &[ScriptedEvent],
    written: &[Placed<Expect>],
) -> Result<Expectations, Refused> {
    let (mut balances, mut orders, mut counts) = (Vec::new(), Vec::new(), Vec::new());
    for entry in written {
        let keys = entry.get();
        let of_order = keys.total.is_some() || keys.tax.is_some() || keys.discount.is_some();
        let of_account = keys.balance.as_ref().or(keys.in_base.as_ref());
        match (&keys.account, of_account, &keys.order) {
            (Some(account), Some(_), None) if !of_order => {
                for (text, is_in_base) in [(&keys.balance, false), (&keys.in_base, true)] {
                    if let Some(text) = text {
                        balances.push(balance(sources, profile, account, text, is_in_base)?);
                    }
                }
            }
            (None, None, Some(order)) => {
                let (before, counted) = (orders.len(), expect::counts(sources, scripted, entry)?);
                amounts(sources, profile, scripted, order, keys, &mut orders)?;
                if orders.len() == before && counted.is_empty() {
                    return Err(sources
                        .error(order.span(), "missing-value", "nothing is said of the sales order")
                        .remedy("add `total`, `tax` or `discount`, or a number of documents"));
                }
                counts.extend(counted);
            }
            (None, None, None) if keys.total.is_none() => {
                let counted = expect::counts(sources, scripted, entry)?;
                if counted.is_empty() {
                    return Err(nothing_expected(sources, entry));
                }
                counts.extend(counted);
            }
            _ => return Err(nothing_expected(sources, entry)),
        }
    }
    Ok((balances, orders, counts))
}

fn nothing_expected(sources: &Sources, entry: &Placed<Expect>) -> Refused {
    sources
        .error(entry.span(), "not-one-thing", "an expectation is of an account, of an order, or a number")
        .remedy(
            "write `account` and `balance` or `in-base`, `order` with `total`, `tax` or `discount`, or a number such as `invoices`",
        )
}

fn balance(
    sources: &Sources,
    profile: &Profile,
    written: &Placed<u64>,
    text: &Placed<String>,
    is_in_base: bool,
) -> Result<ExpectedBalance, Refused> {
    let id = InternalId::new(*written.get());
    let account = profile.accounts.iter().find(|account| account.id == id).ok_or_else(|| {
        sources
            .error(written.span(), "unknown-reference", format!("the merchant has no account {id}"))
            .remedy("write the id of an account of an entity or a shop")
    })?;
    let base = profile.subsidiaries[account.subsidiary].currency;
    let stated = sources.read(text, grammar::money)?.currency();
    // Documents on it are in the currency of a shop or of a payout, or in base currency.
    let posts = |currency: Currency| {
        let mut shops = profile
            .shops
            .iter()
            .filter(|shop| [shop.seller, shop.payout_owner].contains(&account.subsidiary));
        currency == base || shops.any(|shop| [shop.currency, shop.payout_currency].contains(&currency))
    };
    let currency = match is_in_base {
        true => base,
        false if posts(stated) => stated,
        false => account.currency,
    };
    let balance = amount(sources, text, currency, &account.name)?;
    let (file, line, _) = sources.line(&written.span());
    Ok(ExpectedBalance { account: id, balance, is_in_base, file, line })
}

fn amounts(
    sources: &Sources,
    profile: &Profile,
    scripted: &[ScriptedEvent],
    order: &Placed<String>,
    keys: &Expect,
    expected: &mut Vec<ExpectedOrder>,
) -> Result<(), Refused> {
    let placed: Vec<&ScriptedOrder> = scripted
        .iter()
        .filter_map(|event| if let Scripted::Order(order) = &event.what { Some(order) } else { None })
        .collect();
    let at = sources.refer(order, "scripted order", placed.iter().map(|order| &*order.name))?;
    let shop = profile.shops.iter().find(|shop| shop.key == placed[at].shop);
    let currency = shop.expect("a scripted order names a shop of the profile").currency;
    for (what, text) in [
        (ExpectedAmount::Total, &keys.total),
        (ExpectedAmount::Tax, &keys.tax),
        (ExpectedAmount::Discount, &keys.discount),
    ] {
        let Some(text) = text else { continue };
        let amount = amount(sources, text, currency, &format!("order {}", order.get()))?;
        let (file, line, _) = sources.line(&text.span());
        expected.push(ExpectedOrder { order: order.get().as_str().into(), what, amount, file, line });
    }
    Ok(())
}

fn amount(
    sources: &Sources,
    text: &Placed<String>,
    currency: Currency,
    of_what: &str,
) -> Result<Money, Refused> {
    let amount = sources.read(text, grammar::money)?;
    if amount.currency() != currency {
        let cause = format!("{of_what} is kept in {currency}");
        return Err(sources
            .error(text.span(), "wrong-currency", cause)
            .remedy(format!("write the amount in {currency}")));
    }
    Ok(amount)
}
