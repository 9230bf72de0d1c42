//! One recorded order, or one refund of it, as an event of the run.

use super::super::super::recording::{
    RecordedBuyer, RecordedLine, RecordedOrder, RecordedPayment, RecordedReturn, RecordedTax,
};
use super::super::super::{
    Aftermath, Profile, RefundStanding, Scripted, ScriptedBuyer, ScriptedEvent, ScriptedLine, ScriptedOrder,
    ScriptedPayment, ScriptedRefund, ScriptedRefundLine, ScriptedRefundPayment, ScriptedShipping,
    ScriptedTax, ShippingBack, Storefront,
};
use super::super::Clock;
use super::usual_gateway;
use crate::domain::{Currency, Duration, Money, Sku, Timestamp, Zone};
use crate::policy::grammar;

/// What a file is read against.
pub(super) struct Day<'a> {
    pub clock: &'a Clock,
    pub profile: &'a Profile,
    pub shop: &'a Storefront,
    /// In which the file states its times.
    pub zone: &'a Zone,
}

impl Day<'_> {
    /// # Errors
    /// What is wrong with the order, naming it.
    pub fn placed(&self, order: RecordedOrder) -> Result<ScriptedEvent, String> {
        let name = order.invoice.clone();
        self.order(order).map_err(|cause| format!("order {name}{cause}"))
    }

    fn order(&self, order: RecordedOrder) -> Result<ScriptedEvent, String> {
        let (instant, at) = self.moment(&order.at)?;
        let colon = |cause: String| format!(": {cause}");
        let lines = order.lines.into_iter().map(|line| self.line(line));
        let lines = lines.collect::<Result<Vec<_>, String>>().map_err(colon)?;
        let shipping = order.shipping.as_deref().map(|text| self.amount(text)).transpose().map_err(colon)?;
        let currency = order.presentment.as_deref().map(grammar::currency).transpose();
        let currency = currency.map_err(|error| colon(error.cause.to_string()))?;
        let payments = match &order.payments {
            Some(payments) => {
                payments.iter().map(|payment| self.payment(payment, currency)).collect::<Result<_, _>>()
            }
            None => self
                .paid_at_once(&order.buyer, &lines, shipping, currency, instant)
                .map(|payment| vec![payment]),
        };
        Ok(ScriptedEvent {
            at,
            what: Scripted::Order(ScriptedOrder {
                name: order.invoice.into(),
                shop: self.shop.key,
                buyer: buyer(order.buyer),
                tax_exempt: false,
                lines,
                shipping: match shipping {
                    None => None,
                    Some(price) => Some(ScriptedShipping {
                        title: "Carriage".into(),
                        price,
                        discounts: self.discounts(&order.shipping_discounts).map_err(colon)?,
                        taxes: self.taxes(&order.shipping_taxes).map_err(colon)?,
                    }),
                },
                duties: order.duties.as_deref().map(|text| self.amount(text)).transpose().map_err(colon)?,
                tip: order.tip.as_deref().map(|text| self.amount(text)).transpose().map_err(colon)?,
                payments: payments.map_err(colon)?,
                taxes_included: order.taxes_included.unwrap_or(true),
                presentment: currency,
                ship_to_country: order.country.map(Into::into),
            }),
        })
    }

    /// The instant that a local clock reading means, and how long after the start it is.
    fn moment(&self, local: &str) -> Result<(Timestamp, Duration), String> {
        let read: jiff::civil::DateTime =
            local.parse().map_err(|_| format!(": `{local}` is not a local time"))?;
        let instant = self.zone.instant(read).map_err(|error| format!(": {error}"))?;
        let Clock { starts, lasts, .. } = self.clock;
        if instant < *starts || instant >= starts.plus(*lasts) {
            return Err(format!(" of {instant} is outside of the run"));
        }
        Ok((instant, instant.since(*starts)))
    }

    fn line(&self, line: RecordedLine) -> Result<ScriptedLine, String> {
        Ok(ScriptedLine {
            sku: (!line.sku.is_empty()).then(|| Sku(line.sku.into())),
            title: line.title.into(),
            quantity: line.quantity,
            price: self.amount(&line.price)?,
            discounts: self.discounts(&line.discounts)?,
            taxes: self.taxes(&line.taxes)?,
            is_gift_card: line.gift_card,
        })
    }

    fn amount(&self, text: &str) -> Result<Money, String> {
        Money::parse(text, self.shop.currency).map_err(|error| error.to_string())
    }

    fn discounts(&self, texts: &[String]) -> Result<Vec<(Box<str>, Money)>, String> {
        texts.iter().map(|text| Ok(("Discount".into(), self.amount(text)?))).collect()
    }

    fn taxes(&self, written: &[RecordedTax]) -> Result<Vec<ScriptedTax>, String> {
        let one = |tax: &RecordedTax| {
            let rate: Result<_, rust_decimal::Error> = tax.rate.parse();
            Ok(ScriptedTax {
                title: tax.title.as_str().into(),
                rate: rate.map_err(|error| format!("the rate `{}`: {error}", tax.rate))?,
                amount: self.amount(&tax.amount)?,
                channel_liable: tax.channel_liable,
            })
        };
        written.iter().map(one).collect()
    }

    fn payment(
        &self,
        written: &RecordedPayment,
        currency: Option<Currency>,
    ) -> Result<ScriptedPayment, String> {
        Ok(ScriptedPayment {
            gateway: written.gateway.as_str().into(),
            amount: self.amount(&written.amount)?,
            presentment: presentment(written, currency)?,
            authorized: false,
            succeeds: true,
        })
    }

    /// All of it, by the tender of the buyer's kind, at the rate of the day.
    fn paid_at_once(
        &self,
        buyer: &RecordedBuyer,
        lines: &[ScriptedLine],
        shipping: Option<Money>,
        currency: Option<Currency>,
        instant: Timestamp,
    ) -> Result<ScriptedPayment, String> {
        let shop = self.shop;
        let paid = total(shop, lines, shipping).ok_or("the total is beyond the range")?;
        let shown = |currency| {
            let day = self.profile.account_zone.book_date(instant);
            let rate = self
                .profile
                .rate(shop.currency, currency, day)
                .ok_or_else(|| format!("no rate from {} to {currency}", shop.currency))?;
            let shown = paid
                .to_decimal()
                .checked_mul(rate)
                .and_then(|shown| Money::round_half_up(shown, currency).ok());
            shown.ok_or_else(|| format!("the amount in {currency} is beyond the range"))
        };
        Ok(ScriptedPayment {
            gateway: usual_gateway(buyer).into(),
            amount: paid,
            presentment: currency.map(shown).transpose()?,
            authorized: false,
            succeeds: true,
        })
    }

    /// What comes back is paid back as the file says, or else by the tender that paid, at what it was sold for.
    ///
    /// # Errors
    /// What is wrong with the refund, naming it.
    pub fn returned(&self, orders: &[ScriptedEvent], back: &RecordedReturn) -> Result<ScriptedEvent, String> {
        self.refund(orders, back).map_err(|cause| format!("credit {}{cause}", back.credit))
    }

    fn refund(&self, orders: &[ScriptedEvent], back: &RecordedReturn) -> Result<ScriptedEvent, String> {
        let (_, at) = self.moment(&back.at)?;
        let name = &back.order;
        let placed = orders.iter().find_map(|event| match &event.what {
            Scripted::Order(order) if *order.name == **name => Some(order),
            _ => None,
        });
        let placed = placed.ok_or_else(|| format!(": there is no order {name}"))?;
        let mut sum = Money::zero(self.shop.currency);
        let mut taken = Vec::with_capacity(back.lines.len());
        for (line, units) in back.lines.iter().copied() {
            let sold = placed.lines.get(line).filter(|sold| units > 0 && units <= sold.quantity);
            let sold = sold.ok_or_else(|| format!(": order {name} has no such units"))?;
            let amount = sold.price.checked_mul(i64::from(units)).and_then(|amount| sum.checked_add(amount));
            sum = amount.map_err(|error| format!(": {error}"))?;
            taken.push(ScriptedRefundLine { line, units, restock: None });
        }
        let colon = |cause: String| format!(": {cause}");
        let payments = match &back.payments {
            Some(payments) => payments
                .iter()
                .map(|payment| {
                    Ok(ScriptedRefundPayment {
                        gateway: payment.gateway.as_str().into(),
                        amount: self.amount(&payment.amount)?,
                        presentment: presentment(payment, placed.presentment)?,
                        standing: RefundStanding::Succeeded,
                    })
                })
                .collect::<Result<Vec<_>, String>>()
                .map_err(colon)?,
            None => {
                let paid = placed.payments.first().ok_or_else(|| format!(": order {name} was never paid"))?;
                vec![ScriptedRefundPayment {
                    gateway: paid.gateway.clone(),
                    amount: sum,
                    presentment: None,
                    standing: RefundStanding::Succeeded,
                }]
            }
        };
        let amount = |text: &Option<String>| text.as_deref().map(|text| self.amount(text)).transpose();
        let refund = ScriptedRefund {
            lines: taken,
            shipping: amount(&back.shipping).map_err(colon)?.map(ShippingBack::Part),
            duties: amount(&back.duties).map_err(colon)?,
            tip: amount(&back.tip).map_err(colon)?,
            fees: Vec::new(),
            goodwill: None,
            is_return: false,
            exchange: Vec::new(),
            payments,
        };
        let what = Aftermath::Refund(Box::new(refund));
        Ok(ScriptedEvent { at, what: Scripted::After { order: placed.name.clone(), what } })
    }
}

/// People as numbers: the recording knows nothing more of them.
fn buyer(recorded: RecordedBuyer) -> ScriptedBuyer {
    match recorded {
        RecordedBuyer::Guest => ScriptedBuyer::Guest { email: None },
        RecordedBuyer::Customer(number) => ScriptedBuyer::Customer {
            name: format!("Customer {number}").into(),
            email: Some(format!("customer-{number}@example.com").into()),
        },
        RecordedBuyer::Company(number) => ScriptedBuyer::Company {
            name: format!("Company {number}").into(),
            email: Some(format!("company-{number}@example.com").into()),
        },
    }
}

fn presentment(written: &RecordedPayment, currency: Option<Currency>) -> Result<Option<Money>, String> {
    match (&written.presentment, currency) {
        (None, _) => Ok(None),
        (Some(text), Some(currency)) => {
            Money::parse(text, currency).map(Some).map_err(|error| error.to_string())
        }
        (Some(_), None) => Err("an amount in a currency that the order does not name".to_owned()),
    }
}

fn total(shop: &Storefront, lines: &[ScriptedLine], shipping: Option<Money>) -> Option<Money> {
    let start = shipping.unwrap_or(Money::zero(shop.currency));
    lines.iter().try_fold(start, |sum, line| {
        let whole = line.price.checked_mul(i64::from(line.quantity)).ok()?;
        sum.checked_add(whole).ok()
    })
}
