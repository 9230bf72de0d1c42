//! From written events to orders with exactly these amounts, and what happens to them later.

use std::collections::BTreeMap;

use super::super::file::traffic::{
    Buyer, Discount, Line, LineTax, Payment, Place, Script, Shipping, Wholesale,
};
use super::super::{
    Profile, Scripted, ScriptedBuyer, ScriptedEvent, ScriptedLine, ScriptedOrder, ScriptedPayment,
    ScriptedShipping, ScriptedTax, Storefront,
};
use super::traffic::{LIABILITY_TENDERS, unknown_gateway};
use super::{Clock, profile};
use crate::domain::{Currency, Duration, InternalId, Money, Sku};
use crate::policy::document::{Placed, Refused, Sources};
use crate::policy::grammar;

/// What later events may refer to.
struct Placing {
    at: Duration,
    shop: usize,
    lines: usize,
}

struct Stage<'s> {
    sources: &'s Sources,
    profile: &'s Profile,
    placed: BTreeMap<String, Placing>,
}

/// The events in order of time.
pub(super) fn script(
    sources: &Sources,
    clock: &Clock,
    profile: &Profile,
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
        timed.push((at, entry));
    }
    timed.sort_by_key(|(at, _)| *at);
    let mut stage = Stage { sources, profile, placed: BTreeMap::new() };
    timed.into_iter().map(|(at, entry)| Ok(ScriptedEvent { at, what: stage.event(at, entry)? })).collect()
}

impl Stage<'_> {
    fn event(&mut self, at: Duration, entry: &Placed<Script>) -> Result<Scripted, Refused> {
        let keys = entry.get();
        let said = [
            keys.place.is_some(),
            keys.capture.is_some(),
            keys.edit.is_some(),
            keys.add_line.is_some(),
            keys.pay.is_some(),
            keys.touch.is_some(),
            keys.adjust.is_some(),
            keys.wholesale.is_some(),
        ];
        if said.iter().filter(|said| **said).count() != 1 {
            return Err(self
                .sources
                .error(entry.span(), "not-one-event", "an event says exactly one thing that happens")
                .remedy(
                    "write one of `place`, `capture`, `edit`, `add-line`, `pay`, `touch`, `adjust` and `wholesale` beside `at`",
                ));
        }
        if let Some(place) = &keys.place {
            return self.place(at, place).map(Scripted::Order);
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
        if let Some(adjust) = &keys.adjust {
            return Ok(Scripted::Adjust {
                sku: self.stocked(&adjust.sku)?,
                location: self.location(&adjust.location)?.0,
                by: adjust.by,
            });
        }
        if let Some(sale) = &keys.wholesale {
            return self.wholesale(sale);
        }
        let order = keys.touch.as_ref().expect("one of them is said");
        self.earlier(order)?;
        Ok(Scripted::Touch { order: order.get().as_str().into() })
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

    fn wholesale(&self, keys: &Wholesale) -> Result<Scripted, Refused> {
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
        Ok(Scripted::Wholesale { contact, sku: self.stocked(&keys.sku)?, location, quantity, amount })
    }

    fn earlier(&self, order: &Placed<String>) -> Result<&Placing, Refused> {
        self.sources.refer(order, "order placed before", self.placed.keys().map(String::as_str))?;
        Ok(&self.placed[order.get()])
    }

    fn place(&mut self, at: Duration, keys: &Place) -> Result<ScriptedOrder, Refused> {
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
        let lines =
            keys.lines.get().iter().map(|line| self.line(line, currency)).collect::<Result<Vec<_>, _>>()?;
        self.refuse_overflow(keys, &lines)?;
        let presentment =
            keys.presentment.as_ref().map(|code| sources.read(code, grammar::currency)).transpose()?;
        let placing = Placing { at, shop: shop_at, lines: lines.len() };
        if let Some(earlier) = self.placed.insert(keys.name.get().clone(), placing) {
            let cause = format!("an order `{}` was placed {} after the start", keys.name.get(), earlier.at);
            return Err(sources
                .error(keys.name.span(), "duplicate-key", cause)
                .remedy("name each order once"));
        }
        Ok(ScriptedOrder {
            name: keys.name.get().as_str().into(),
            shop: shop.key,
            buyer: self.buyer(&keys.buyer)?,
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
            ship_to_country: keys.ship_to.as_ref().map(|code| profile::country(sources, code)).transpose()?,
        })
    }

    fn buyer(&self, written: &Placed<Buyer>) -> Result<ScriptedBuyer, Refused> {
        let Buyer { customer, company, guest, email } = written.get();
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
            quantity: crate::policy::load::at_least_one(self.sources, &keys.quantity, "quantity")?,
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
                })
            })
            .collect()
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
