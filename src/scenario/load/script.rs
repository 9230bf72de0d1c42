//! From written events to orders with exactly these amounts, and what happens to them later.

use std::collections::BTreeMap;

use super::super::file::traffic::{
    Buyer, Discount, KeyOrder, Line, LineTax, Payment, Place, Repeat, Script, Shipping,
};
use super::super::file::wholesale::Wholesale as WholesaleKeys;
use super::super::wholesale::WholesaleEvent;
use super::super::{
    Profile, Scripted, ScriptedBuyer, ScriptedEvent, ScriptedLine, ScriptedOrder, ScriptedPayment,
    ScriptedShipping, ScriptedTax, Storefront,
};
use super::Clock;
use super::traffic::{LIABILITY_TENDERS, unknown_gateway};
use super::wholesale::{Events, Names};
use crate::domain::{Currency, Duration, InternalId, Money, Sku};
use crate::policy::document::{Placed, Refused, Sources};
use crate::policy::{grammar, load as policy_load};

mod aftermath;
mod settlement;

/// What later events may refer to.
struct Placing {
    at: Duration,
    shop: usize,
    lines: usize,
}

struct Stage<'s> {
    sources: &'s Sources,
    profile: &'s Profile,
    wholesale: &'s WholesaleKeys,
    placed: BTreeMap<String, Placing>,
    /// Names of gift cards that were issued.
    cards: Vec<Box<str>>,
}

/// The events in order of time.
pub(super) fn script(
    sources: &Sources,
    clock: &Clock,
    profile: &Profile,
    wholesale: &WholesaleKeys,
    written: &[Placed<Script>],
) -> Result<Vec<ScriptedEvent>, Refused> {
    let mut timed = Vec::with_capacity(written.len());
    for entry in written {
        let at = clock.moment(sources, &entry.get().at)?;
        if at >= clock.lasts {
            return Err(sources
                .error(
                    entry.get().at.span(),
                    "after-the-end",
                    format!("{at} after the start, traffic has ended"),
                )
                .remedy(format!("write a moment within `lasts`, {}", clock.lasts)));
        }
        let Some(repeat) = &entry.get().repeat else {
            timed.push((at, entry, None));
            continue;
        };
        let (times, every) = repetition(sources, clock, entry, repeat, at)?;
        timed.extend((0..times).map(|n| (at.plus(every.times(u64::from(n))), entry, Some(n + 1))));
    }
    timed.sort_by_key(|(at, ..)| *at);
    let mut stage = Stage { sources, profile, wholesale, placed: BTreeMap::new(), cards: Vec::new() };
    let event = |(at, entry, number)| Ok(ScriptedEvent { at, what: stage.event(at, entry, number)? });
    timed.into_iter().map(event).collect()
}

/// The most equal lines of an order, and the most equal orders of an event.
const TIMES_MAX: u32 = 2_000;

/// How often an order is placed, and how far apart.
fn repetition(
    sources: &Sources,
    clock: &Clock,
    entry: &Placed<Script>,
    repeat: &Repeat,
    at: Duration,
) -> Result<(u32, Duration), Refused> {
    if entry.get().place.is_none() {
        return Err(sources
            .error(repeat.times.span(), "unknown-key", "only an order that is placed can be repeated")
            .remedy("leave out `repeat`"));
    }
    let times = times(sources, Some(&repeat.times))?;
    let every = sources.read(&repeat.every, grammar::positive_duration)?;
    if at.plus(every.times(u64::from(times - 1))) >= clock.lasts {
        return Err(sources
            .error(repeat.every.span(), "after-the-end", "the last of them is placed after traffic has ended")
            .remedy(format!("let it be within `lasts`, {}", clock.lasts)));
    }
    Ok((times, every))
}

fn times(sources: &Sources, written: Option<&Placed<u32>>) -> Result<u32, Refused> {
    match written {
        None => Ok(1),
        Some(times) if (1..=TIMES_MAX).contains(times.get()) => Ok(*times.get()),
        Some(times) => Err(sources
            .error(times.span(), "out-of-range", format!("{} times is out of range", times.get()))
            .remedy(format!("write 1 to {TIMES_MAX}"))),
    }
}

impl Stage<'_> {
    /// `number` counts the orders of a repeated event from 1.
    fn event(
        &mut self,
        at: Duration,
        entry: &Placed<Script>,
        number: Option<u32>,
    ) -> Result<Scripted, Refused> {
        let keys = entry.get();
        let said = [
            keys.place.is_some(),
            keys.capture.is_some(),
            keys.edit.is_some(),
            keys.add_line.is_some(),
            keys.pay.is_some(),
            keys.touch.is_some(),
            keys.replay.is_some(),
            keys.capture_amount.is_some(),
            keys.release.is_some(),
            keys.ship.is_some(),
            keys.refund.is_some(),
            keys.settle_refund.is_some(),
            keys.cancel.is_some(),
            keys.address.is_some(),
            keys.hold.is_some(),
            keys.unhold.is_some(),
            keys.move_to.is_some(),
            keys.split.is_some(),
            keys.issue_card.is_some(),
            keys.expire_card.is_some(),
            keys.netsuite.is_some(),
            keys.buy.is_some(),
            keys.buyer_sees.is_some(),
            keys.price_change.is_some(),
            keys.pay_in_netsuite.is_some(),
            keys.adjust.is_some(),
            keys.key_order.is_some(),
            keys.balance_row.is_some(),
            keys.payout.is_some(),
            keys.dispute.is_some(),
            keys.dispute_ends.is_some(),
            keys.reserve.is_some(),
            keys.reserve_released.is_some(),
            keys.payout_fails.is_some(),
            keys.payout_canceled.is_some(),
            keys.bank_line.is_some(),
        ];
        if said.iter().filter(|said| **said).count() != 1 {
            return Err(self
                .sources
                .error(entry.span(), "not-one-event", "an event says exactly one thing that happens")
                .remedy(
                    "write one of `place`, `capture`, `capture-amount`, `edit`, `add-line`, `pay`, `touch`, `replay`, \
                     `release`, `ship`, `refund`, `settle-refund`, `cancel`, `address`, `hold`, `unhold`, `move`, \
                     `split`, `issue-card`, `expire-card`, `netsuite`, `buy`, `buyer-sees`, `price-change`, \
                     `pay-in-netsuite`, `adjust`, `key-order`, `balance-row`, `payout`, `dispute`, `dispute-ends`, `reserve`, \
                     `reserve-released`, `payout-fails`, `payout-canceled` and `bank-line` beside `at`",
                ));
        }
        if let Some(place) = &keys.place {
            return self.place(at, place, number).map(Scripted::Order);
        }
        if let Some(order) = &keys.capture {
            self.earlier(order)?;
            return Ok(Scripted::Capture { order: order.get().as_str().into() });
        }
        if let Some(edit) = &keys.edit {
            let lines = self.earlier(&edit.order)?.lines;
            let line = *edit.line.get();
            if line == 0 || line > lines {
                return Err(self
                    .sources
                    .error(edit.line.span(), "out-of-range", format!("the order has no line {line}"))
                    .remedy(format!("lines are counted from 1; at that moment there are {lines}")));
            }
            return Ok(Scripted::EditQuantity {
                order: edit.order.get().as_str().into(),
                line: line - 1,
                quantity: edit.quantity,
            });
        }
        if let Some(add) = &keys.add_line {
            let shop = self.earlier(&add.order)?.shop;
            let line = self.line(&add.line, self.profile.shops[shop].currency)?;
            self.placed.get_mut(add.order.get()).expect("found above").lines += 1;
            return Ok(Scripted::EditAddLine { order: add.order.get().as_str().into(), line });
        }
        if let Some(pay) = &keys.pay {
            let shop = &self.profile.shops[self.earlier(&pay.order)?.shop];
            self.gateway(&pay.gateway, shop)?;
            return Ok(Scripted::Pay {
                order: pay.order.get().as_str().into(),
                gateway: pay.gateway.get().as_str().into(),
                amount: self.amount(&pay.amount, shop.currency)?,
            });
        }
        if let Some(order) = &keys.replay {
            self.earlier(order)?;
            return Ok(Scripted::Replay { order: order.get().as_str().into() });
        }
        if let Some(event) = self.aftermath(keys)? {
            return Ok(event);
        }
        if let Some(event) = self.wholesale(at, keys)? {
            return Ok(Scripted::Wholesale(event));
        }
        if let Some(event) = self.settlement(keys)? {
            return Ok(Scripted::Settlement(event));
        }
        if let Some(adjust) = &keys.adjust {
            return Ok(Scripted::Adjust {
                sku: self.stocked(&adjust.sku)?,
                location: self.location(&adjust.location)?.0,
                by: adjust.by,
            });
        }
        if let Some(sale) = &keys.key_order {
            return self.key_order(sale);
        }
        let order = keys.touch.as_ref().expect("one of them is said");
        self.earlier(order)?;
        Ok(Scripted::Touch { order: order.get().as_str().into() })
    }

    fn wholesale(&mut self, at: Duration, keys: &Script) -> Result<Option<WholesaleEvent>, Refused> {
        let events =
            Events { sources: self.sources, profile: self.profile, names: Names::of(self.wholesale) };
        if let Some(buy) = &keys.buy {
            let purchase = events.buy(buy)?;
            if let Some(gateway) = &buy.gateway {
                let company = &self.profile.wholesale.companies[purchase.company];
                self.gateway(gateway, &self.profile.shops[company.shop])?;
            }
            let shop = self.profile.wholesale.companies[purchase.company].shop;
            self.name_order(&buy.name, buy.name.get(), Placing { at, shop, lines: purchase.lines.len() })?;
            return Ok(Some(WholesaleEvent::Buy(purchase)));
        }
        if let Some(sees) = &keys.buyer_sees {
            return events.sees(sees).map(Some);
        }
        if let Some(pay) = &keys.pay_in_netsuite {
            let currency = self.profile.shops[self.earlier(&pay.order)?.shop].currency;
            let amount = self.amount(&pay.amount, currency)?;
            let order = pay.order.get().as_str().into();
            return Ok(Some(WholesaleEvent::PayInNetSuite { order, amount }));
        }
        keys.price_change.as_ref().map(|change| events.change(change)).transpose()
    }

    fn name_order(&mut self, place: &Placed<String>, name: &str, placing: Placing) -> Result<(), Refused> {
        match self.placed.insert(name.to_owned(), placing) {
            None => Ok(()),
            Some(earlier) => {
                let cause = format!("an order `{name}` was placed {} after the start", earlier.at);
                Err(self.sources.error(place.span(), "duplicate-key", cause).remedy("name each order once"))
            }
        }
    }

    fn stocked(&self, sku: &Placed<String>) -> Result<Sku, Refused> {
        let known = self.profile.stock.items.iter().map(|item| &*item.sku.0);
        let at = self.sources.refer(sku, "stocked item", known)?;
        Ok(self.profile.stock.items[at].sku.clone())
    }

    /// A location at which stock is kept, and the position of its entity.
    fn location(&self, written: &Placed<u64>) -> Result<(InternalId, usize), Refused> {
        let id = InternalId::new(*written.get());
        let named =
            self.profile.shops.iter().any(|shop| shop.locations.iter().any(|(_, known)| *known == id));
        let owner = self.profile.subsidiaries.iter().position(|subsidiary| subsidiary.location == id);
        match owner.filter(|_| named) {
            Some(owner) => Ok((id, owner)),
            None => Err(self
                .sources
                .error(written.span(), "unknown-location", format!("no stock is kept at location {id}"))
                .remedy("name the NetSuite location of a shop's `locations`")),
        }
    }

    fn key_order(&self, keys: &KeyOrder) -> Result<Scripted, Refused> {
        let (location, owner) = self.location(&keys.location)?;
        let contact = self.profile.known_customers.iter().position(|contact| contact.subsidiary == owner);
        let contact = contact.ok_or_else(|| {
            self.sources
                .error(keys.location.span(), "missing-value", "the entity of this location knows no customer")
                .remedy("add a `[[known-customer]]` of that entity")
        })?;
        let quantity = crate::policy::load::at_least_one(self.sources, &keys.quantity, "quantity")?;
        let price = self.amount(&keys.price, self.profile.subsidiaries[owner].currency)?;
        let amount = price.checked_mul(i64::from(quantity)).map_err(|_| {
            self.sources
                .error(keys.price.span(), "out-of-range", "the amount is beyond the range")
                .remedy("an order comes to less than 9.2 × 10^18 minor units")
        })?;
        Ok(Scripted::KeyedOrder { contact, sku: self.stocked(&keys.sku)?, location, quantity, amount })
    }

    fn earlier(&self, order: &Placed<String>) -> Result<&Placing, Refused> {
        self.sources.refer(order, "order placed before", self.placed.keys().map(String::as_str))?;
        Ok(&self.placed[order.get()])
    }

    fn place(&mut self, at: Duration, keys: &Place, number: Option<u32>) -> Result<ScriptedOrder, Refused> {
        let sources = self.sources;
        let known = self.profile.shops.iter().map(|shop| shop.key.as_str());
        let shop_at = sources.refer(&keys.shop, "shop", known)?;
        let shop = &self.profile.shops[shop_at];
        let currency = shop.currency;
        if keys.lines.get().is_empty() {
            return Err(sources
                .error(keys.lines.span(), "missing-value", "the order has no lines")
                .remedy("add one, such as `{ sku = \"MUG\", quantity = 1, price = \"8.00 GBP\" }`"));
        }
        let mut lines = Vec::with_capacity(keys.lines.get().len());
        for line in keys.lines.get() {
            let times = times(sources, line.times.as_ref())?;
            let line = self.line(line, currency)?;
            lines.extend((0..times).map(|_| line.clone()));
        }
        self.refuse_overflow(keys, &lines)?;
        self.refuse_tax_of_exempt(keys, &lines)?;
        let presentment =
            keys.presentment.as_ref().map(|code| sources.read(code, grammar::currency)).transpose()?;
        let placing = Placing { at, shop: shop_at, lines: lines.len() };
        let name = match number {
            Some(number) => format!("{}-{number}", keys.name.get()),
            None => keys.name.get().clone(),
        };
        self.name_order(&keys.name, &name, placing)?;
        Ok(ScriptedOrder {
            name: name.into(),
            shop: shop.key,
            buyer: self.buyer(&keys.buyer)?,
            tax_exempt: keys.buyer.get().exempt,
            lines,
            shipping: keys.shipping.as_ref().map(|shipping| self.shipping(shipping, currency)).transpose()?,
            duties: keys.duties.as_ref().map(|text| self.amount(text, currency)).transpose()?,
            tip: keys.tip.as_ref().map(|text| self.amount(text, currency)).transpose()?,
            payments: keys
                .payments
                .iter()
                .map(|payment| self.payment(payment, shop, presentment))
                .collect::<Result<_, _>>()?,
            taxes_included: keys.taxes_included.unwrap_or(shop.taxes_included),
            presentment,
            ship_to_country: keys
                .ship_to
                .as_ref()
                .map(|code| policy_load::country(sources, code))
                .transpose()?,
        })
    }

    fn buyer(&self, written: &Placed<Buyer>) -> Result<ScriptedBuyer, Refused> {
        let Buyer { customer, company, guest, email, .. } = written.get();
        match (customer, company, guest) {
            (Some(name), None, false) => {
                Ok(ScriptedBuyer::Customer { name: name.get().as_str().into(), email: email.clone() })
            }
            (None, Some(name), false) => {
                Ok(ScriptedBuyer::Company { name: name.get().as_str().into(), email: email.clone() })
            }
            (None, None, true) => Ok(ScriptedBuyer::Guest { email: email.clone() }),
            _ => Err(self
                .sources
                .error(written.span(), "not-one-buyer", "a buyer is a customer, a company or a guest")
                .remedy("write exactly one of `customer = \"…\"`, `company = \"…\"` and `guest = true`")),
        }
    }

    fn line(&self, keys: &Line, currency: Currency) -> Result<ScriptedLine, Refused> {
        let sku = keys.sku.as_ref().map(|sku| Sku(sku.get().as_str().into()));
        let title =
            keys.title.as_ref().or(keys.sku.as_ref()).map_or("Custom item", |title| title.get().as_str());
        Ok(ScriptedLine {
            sku,
            title: title.into(),
            quantity: policy_load::at_least_one(self.sources, &keys.quantity, "quantity")?,
            price: self.amount(&keys.price, currency)?,
            discounts: self.discounts(&keys.discounts, currency)?,
            taxes: self.taxes(&keys.taxes, currency)?,
            is_gift_card: keys.gift_card,
        })
    }

    fn shipping(&self, keys: &Shipping, currency: Currency) -> Result<ScriptedShipping, Refused> {
        Ok(ScriptedShipping {
            title: keys.title.clone(),
            price: self.amount(&keys.price, currency)?,
            discounts: self.discounts(&keys.discounts, currency)?,
            taxes: self.taxes(&keys.taxes, currency)?,
        })
    }

    fn discounts(&self, keys: &[Discount], currency: Currency) -> Result<Vec<(Box<str>, Money)>, Refused> {
        keys.iter()
            .map(|discount| Ok((discount.label.clone(), self.amount(&discount.amount, currency)?)))
            .collect()
    }

    fn taxes(&self, keys: &[LineTax], currency: Currency) -> Result<Vec<ScriptedTax>, Refused> {
        keys.iter()
            .map(|tax| {
                Ok(ScriptedTax {
                    title: tax.title.clone(),
                    rate: self.sources.read(&tax.rate, grammar::rate_of_tax)?,
                    amount: self.amount(&tax.amount, currency)?,
                    channel_liable: tax.channel_liable,
                })
            })
            .collect()
    }

    fn refuse_tax_of_exempt(&self, keys: &Place, lines: &[ScriptedLine]) -> Result<(), Refused> {
        let taxed = lines.iter().any(|line| !line.taxes.is_empty())
            || keys.shipping.as_ref().is_some_and(|shipping| !shipping.taxes.is_empty());
        match keys.buyer.get().exempt && taxed {
            false => Ok(()),
            true => Err(self
                .sources
                .error(keys.buyer.span(), "exempt", "an exempt buyer pays no tax")
                .remedy("leave out the `taxes`, or `exempt`")),
        }
    }

    fn payment(
        &self,
        keys: &Payment,
        shop: &Storefront,
        presentment: Option<Currency>,
    ) -> Result<ScriptedPayment, Refused> {
        self.gateway(&keys.gateway, shop)?;
        Ok(ScriptedPayment {
            gateway: keys.gateway.get().as_str().into(),
            amount: self.amount(&keys.amount, shop.currency)?,
            presentment: match (&keys.presentment, presentment) {
                (None, _) => None,
                (Some(text), Some(currency)) => Some(self.amount(text, currency)?),
                (Some(text), None) => {
                    return Err(self
                        .sources
                        .error(text.span(), "wrong-currency", "the order names no presentment currency")
                        .remedy("add `presentment = \"…\"` to the order"));
                }
            },
            authorized: keys.authorized,
            succeeds: !keys.fails,
        })
    }

    fn gateway(&self, name: &Placed<String>, shop: &Storefront) -> Result<(), Refused> {
        let known = shop.clearing.iter().any(|(gateway, _)| gateway.as_ref() == name.get());
        match known || LIABILITY_TENDERS.contains(&name.get().as_str()) {
            true => Ok(()),
            false => Err(unknown_gateway(self.sources, name, self.profile)),
        }
    }

    fn amount(&self, text: &Placed<String>, currency: Currency) -> Result<Money, Refused> {
        let amount = self.sources.read(text, grammar::amount)?;
        if amount.currency() != currency {
            return Err(self
                .sources
                .error(text.span(), "wrong-currency", format!("this amount is in {currency}"))
                .remedy(format!("write it in {currency}")));
        }
        Ok(amount)
    }

    /// Twins and books keep amounts in 64 bits: what does not fit is refused here, where there is a place to
    /// point at.
    fn refuse_overflow(&self, keys: &Place, lines: &[ScriptedLine]) -> Result<(), Refused> {
        let sum = lines.iter().try_fold(0_i64, |sum, line| {
            let whole = line.price.checked_mul(i64::from(line.quantity)).ok()?.minor();
            let taxes = line.taxes.iter().try_fold(0_i64, |sum, tax| sum.checked_add(tax.amount.minor()))?;
            sum.checked_add(whole)?.checked_add(taxes)
        });
        match sum {
            Some(_) => Ok(()),
            None => Err(self
                .sources
                .error(keys.lines.span(), "out-of-range", "the amounts of the lines are beyond the range")
                .remedy("an order comes to less than 9.2 × 10^18 minor units")),
        }
    }
}
