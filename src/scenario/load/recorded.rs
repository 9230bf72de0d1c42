//! A recorded day, read back into events at its own local times.

use std::sync::Arc;

use super::super::file::traffic::Recorded;
use super::super::recording::{self, Entry, RecordedBuyer, RecordedOrder};
use super::super::{
    Profile, RecordedTraffic, Scripted, ScriptedBuyer, ScriptedEvent, ScriptedLine, ScriptedOrder,
    ScriptedPayment, ScriptedShipping, Storefront,
};
use super::{Clock, missing_file};
use crate::domain::{Money, Sku, Zone};
use crate::policy::document::{Reader, Refused, Sources};
use crate::policy::grammar;

pub(super) fn recorded(
    sources: &Sources,
    clock: &Clock,
    profile: &Profile,
    keys: &Recorded,
    reader: Reader<'_>,
) -> Result<RecordedTraffic, Refused> {
    let shop_at = sources.refer(&keys.shop, "shop", profile.shops.iter().map(|shop| shop.key.as_str()))?;
    let shop = &profile.shops[shop_at];
    for gateway in [recording::RETAIL_GATEWAY, recording::WHOLESALE_GATEWAY] {
        if !shop.clearing.iter().any(|(known, _)| known.as_ref() == gateway) {
            let cause = format!("shop `{}` has no clearing account for `{gateway}`", shop.key);
            return Err(sources
                .error(keys.shop.span(), "unknown-reference", cause)
                .remedy("recorded orders are paid by card and by transfer: name an account for both"));
        }
    }
    let path = sources.beside(&keys.file);
    let bytes =
        reader(&path).map_err(|error| missing_file(sources, &keys.file, &path, &error.to_string()))?;
    let refuse = |cause: String| {
        sources
            .error(keys.file.span(), "bad-recording", format!("`{}`: {cause}", path.display()))
            .remedy("import the day again with `plimsoll import`")
    };
    let recording = recording::read(&bytes).map_err(|error| refuse(error.to_string()))?;
    let zone = Zone::named(&recording.zone).map_err(|error| refuse(error.to_string()))?;
    let mut orders = Vec::with_capacity(recording.entries.len());
    let mut not_played = Vec::new();
    for entry in recording.entries {
        match entry {
            Entry::Order(order) => orders.push(event(clock, profile, shop, &zone, order).map_err(&refuse)?),
            Entry::Carried { kind, lines, sum } => {
                let sum = sum.parse().map_err(|error: rust_decimal::Error| refuse(error.to_string()))?;
                let sum =
                    Money::round_half_up(sum, shop.currency).map_err(|error| refuse(error.to_string()))?;
                not_played.push((kind.into(), lines, sum));
            }
        }
    }
    orders.sort_by_key(|event| event.at);
    Ok(RecordedTraffic { orders: Arc::new(orders), not_played })
}

fn event(
    clock: &Clock,
    profile: &Profile,
    shop: &Storefront,
    zone: &Zone,
    order: RecordedOrder,
) -> Result<ScriptedEvent, String> {
    let name = order.invoice;
    let local: jiff::civil::DateTime =
        order.at.parse().map_err(|_| format!("order {name}: `{}` is not a local time", order.at))?;
    let instant = zone.instant(local).map_err(|error| format!("order {name}: {error}"))?;
    if instant < clock.starts || instant >= clock.starts.plus(clock.lasts) {
        return Err(format!("order {name} of {instant} is outside of the run"));
    }
    let lines = order
        .lines
        .into_iter()
        .map(|line| {
            let price = Money::parse(&line.price, shop.currency).map_err(|error| error.to_string())?;
            Ok(ScriptedLine {
                sku: Some(Sku(line.sku.into())),
                title: line.title.into(),
                quantity: line.quantity,
                price,
                discounts: Vec::new(),
                taxes: Vec::new(),
                is_gift_card: false,
            })
        })
        .collect::<Result<Vec<_>, String>>()
        .map_err(|error| format!("order {name}: {error}"))?;
    let shipping = match order.shipping {
        None => None,
        Some(text) => {
            Some(Money::parse(&text, shop.currency).map_err(|error| format!("order {name}: {error}"))?)
        }
    };
    let paid = total(shop, &lines, shipping)
        .ok_or_else(|| format!("order {name}: the total is beyond the range"))?;
    let currency = match order.presentment {
        None => None,
        Some(code) => {
            Some(grammar::currency(&code).map_err(|error| format!("order {name}: {}", error.cause))?)
        }
    };
    let presentment = match currency {
        None => None,
        Some(currency) => {
            let day = profile.account_zone.book_date(instant);
            let rate = profile
                .rate(shop.currency, currency, day)
                .ok_or_else(|| format!("order {name}: no rate from {} to {currency}", shop.currency))?;
            let shown = paid
                .to_decimal()
                .checked_mul(rate)
                .and_then(|shown| Money::round_half_up(shown, currency).ok());
            Some(shown.ok_or_else(|| format!("order {name}: the amount in {currency} is beyond the range"))?)
        }
    };
    let (buyer, gateway) = match order.buyer {
        RecordedBuyer::Guest => (ScriptedBuyer::Guest { email: None }, recording::RETAIL_GATEWAY),
        RecordedBuyer::Customer(number) => {
            let buyer = ScriptedBuyer::Customer {
                name: format!("Customer {number}").into(),
                email: Some(format!("customer-{number}@example.com").into()),
            };
            (buyer, recording::RETAIL_GATEWAY)
        }
        RecordedBuyer::Company(number) => {
            let buyer = ScriptedBuyer::Company {
                name: format!("Company {number}").into(),
                email: Some(format!("company-{number}@example.com").into()),
            };
            (buyer, recording::WHOLESALE_GATEWAY)
        }
    };
    Ok(ScriptedEvent {
        at: instant.since(clock.starts),
        what: Scripted::Order(ScriptedOrder {
            name: name.into(),
            shop: shop.key,
            buyer,
            tax_exempt: false,
            lines,
            shipping: shipping.map(|price| ScriptedShipping {
                title: "Carriage".into(),
                price,
                discounts: Vec::new(),
                taxes: Vec::new(),
            }),
            duties: None,
            tip: None,
            payments: vec![ScriptedPayment {
                gateway: gateway.into(),
                amount: paid,
                presentment,
                authorized: false,
                succeeds: true,
            }],
            taxes_included: true,
            presentment: currency,
            ship_to_country: order.country.map(Into::into),
        }),
    })
}

fn total(shop: &Storefront, lines: &[ScriptedLine], shipping: Option<Money>) -> Option<Money> {
    let start = shipping.unwrap_or(Money::zero(shop.currency));
    lines.iter().try_fold(start, |sum, line| {
        let whole = line.price.checked_mul(i64::from(line.quantity)).ok()?;
        sum.checked_add(whole).ok()
    })
}
