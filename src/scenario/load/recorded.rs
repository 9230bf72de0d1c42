//! A recorded day, read back into events at its own local times.

use std::sync::Arc;

use super::super::file::traffic::Recorded;
use super::super::recording::{self, Entry, RecordedBuyer, RecordedOrder, RecordedReturn};
use super::super::{
    Aftermath, Profile, RecordedTraffic, RefundStanding, Scripted, ScriptedBuyer, ScriptedEvent,
    ScriptedLine, ScriptedOrder, ScriptedPayment, ScriptedRefund, ScriptedRefundLine, ScriptedRefundPayment,
    ScriptedShipping, Storefront,
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
    let (mut not_played, mut returns) = (Vec::new(), Vec::new());
    for entry in recording.entries {
        match entry {
            Entry::Order(order) => orders.push(event(clock, profile, shop, &zone, order).map_err(&refuse)?),
            Entry::Return(back) => returns.push(back),
            Entry::Carried { kind, lines, sum } => {
                let sum = sum.parse().map_err(|error: rust_decimal::Error| refuse(error.to_string()))?;
                let sum =
                    Money::round_half_up(sum, shop.currency).map_err(|error| refuse(error.to_string()))?;
                not_played.push((kind.into(), lines, sum));
            }
        }
    }
    for back in &returns {
        let event = returned(clock, shop, &zone, &orders, back).map_err(&refuse)?;
        orders.push(event);
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
                is_gift_card: line.gift_card,
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

/// What comes back is paid back by the tender that paid, at what it was sold for.
fn returned(
    clock: &Clock,
    shop: &Storefront,
    zone: &Zone,
    orders: &[ScriptedEvent],
    back: &RecordedReturn,
) -> Result<ScriptedEvent, String> {
    let RecordedReturn { credit, at, order: name, lines } = back;
    let local: jiff::civil::DateTime =
        at.parse().map_err(|_| format!("credit {credit}: `{at}` is not a local time"))?;
    let instant = zone.instant(local).map_err(|error| format!("credit {credit}: {error}"))?;
    if instant < clock.starts || instant >= clock.starts.plus(clock.lasts) {
        return Err(format!("credit {credit} of {instant} is outside of the run"));
    }
    let placed = orders.iter().find_map(|event| match &event.what {
        Scripted::Order(order) if *order.name == **name => Some(order),
        _ => None,
    });
    let placed = placed.ok_or_else(|| format!("credit {credit}: there is no order {name}"))?;
    let mut sum = Money::zero(shop.currency);
    let mut taken = Vec::with_capacity(lines.len());
    for (line, units) in lines.iter().copied() {
        let sold = placed.lines.get(line).filter(|sold| units > 0 && units <= sold.quantity);
        let sold = sold.ok_or_else(|| format!("credit {credit}: order {name} has no such units"))?;
        let amount = sold.price.checked_mul(i64::from(units)).and_then(|amount| sum.checked_add(amount));
        sum = amount.map_err(|error| format!("credit {credit}: {error}"))?;
        taken.push(ScriptedRefundLine { line, units, restock: None });
    }
    let gateway = placed.payments[0].gateway.clone();
    let payment = ScriptedRefundPayment {
        gateway,
        amount: sum,
        presentment: None,
        standing: RefundStanding::Succeeded,
    };
    let refund = ScriptedRefund {
        lines: taken,
        shipping: None,
        duties: None,
        tip: None,
        fees: Vec::new(),
        goodwill: None,
        is_return: false,
        exchange: Vec::new(),
        payments: vec![payment],
    };
    let what = Aftermath::Refund(Box::new(refund));
    Ok(ScriptedEvent {
        at: instant.since(clock.starts),
        what: Scripted::After { order: placed.name.clone(), what },
    })
}

fn total(shop: &Storefront, lines: &[ScriptedLine], shipping: Option<Money>) -> Option<Money> {
    let start = shipping.unwrap_or(Money::zero(shop.currency));
    lines.iter().try_fold(start, |sum, line| {
        let whole = line.price.checked_mul(i64::from(line.quantity)).ok()?;
        sum.checked_add(whole).ok()
    })
}
