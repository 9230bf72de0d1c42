//! Scripted events that follow an order: shipments, refunds, cancellations, what staff key by hand.

use super::super::super::file::afterwards::{
    Cancel, Card, Readdress, Refund, RefundPayment, SettleRefund, Ship, Staff, Units,
};
use super::super::super::file::traffic::Script;
use super::super::super::{
    Aftermath, RefundStanding, Scripted, ScriptedCard, ScriptedParcel, ScriptedRefund, ScriptedRefundLine,
    ScriptedRefundPayment, ScriptedShipment, ShippingBack, StaffAct, Storefront,
};
use super::Stage;
use crate::domain::customer::Address;
use crate::domain::refund::{RefundFeeKind, Restock};
use crate::domain::{Currency, InternalId, Money, Sku};
use crate::policy::document::{Placed, Refused};
use crate::policy::{grammar, load as policy_load};

impl Stage<'_> {
    /// The event, if it is one that follows an order.
    pub(super) fn aftermath(&mut self, keys: &Script) -> Result<Option<Scripted>, Refused> {
        let after = |order: &Placed<String>, what| {
            Ok(Some(Scripted::After { order: order.get().as_str().into(), what }))
        };
        self.refuse_unplayed(keys)?;
        if let Some(capture) = &keys.capture_amount {
            let shop = self.shop_of(&capture.order)?;
            let amount = self.amount(&capture.amount, shop.currency)?;
            let presentment =
                capture.presentment.as_ref().map(|text| self.sources.read(text, grammar::amount));
            return after(
                &capture.order,
                Aftermath::Capture { amount, presentment: presentment.transpose()? },
            );
        }
        if let Some(release) = &keys.release {
            self.earlier(&release.order)?;
            let delay = release.lock_delay.as_ref();
            let lock_delay = delay.map(|text| self.sources.read(text, grammar::duration)).transpose()?;
            return after(&release.order, Aftermath::Release { lock_delay });
        }
        if let Some(ship) = &keys.ship {
            return after(&ship.order, self.shipment(ship)?);
        }
        if let Some(refund) = &keys.refund {
            return after(&refund.order, self.refund(refund)?);
        }
        if let Some(SettleRefund { order, refund, succeeds }) = &keys.settle_refund {
            self.earlier(order)?;
            let refund = match refund {
                Some(counted) if *counted.get() == 0 => {
                    return Err(self.not_counted_from_one(counted.span(), "refunds"));
                }
                Some(counted) => counted.get() - 1,
                None => 0,
            };
            return after(order, Aftermath::SettleRefund { refund, succeeds: *succeeds });
        }
        if let Some(Cancel { order, refund, restock }) = &keys.cancel {
            self.earlier(order)?;
            return after(order, Aftermath::Cancel { refund: *refund, restock: *restock });
        }
        if let Some(address) = &keys.address {
            self.earlier(&address.order)?;
            return after(&address.order, Aftermath::Readdress(self.new_address(address)?));
        }
        if let Some(to) = &keys.move_to {
            self.earlier(&to.order)?;
            return after(&to.order, Aftermath::Move { location: to.location });
        }
        if let Some(split) = &keys.split {
            let lines = self.units(&split.order, &split.lines)?;
            return after(&split.order, Aftermath::Split { lines });
        }
        if let Some(staff) = &keys.netsuite {
            return after(&staff.order, Aftermath::Staff(self.staff(staff)?));
        }
        for (order, what) in [(&keys.hold, Aftermath::Hold), (&keys.unhold, Aftermath::Unhold)] {
            if let Some(order) = order {
                self.earlier(order)?;
                return after(order, what);
            }
        }
        if let Some(card) = &keys.issue_card {
            return self.card(card).map(|card| Some(Scripted::IssueCard(card)));
        }
        if let Some(card) = &keys.expire_card {
            self.sources.refer(card, "gift card issued before", self.cards.iter().map(|card| &**card))?;
            return Ok(Some(Scripted::ExpireCard { card: card.get().as_str().into() }));
        }
        Ok(None)
    }

    /// Events that the format names and nobody in the world acts on yet.
    fn refuse_unplayed(&self, keys: &Script) -> Result<(), Refused> {
        let unplayed = [
            ("refund", keys.refund.is_some()),
            ("settle-refund", keys.settle_refund.is_some()),
            ("issue-card", keys.issue_card.is_some()),
            ("expire-card", keys.expire_card.is_some()),
        ];
        match unplayed.into_iter().find(|(_, said)| *said) {
            None => Ok(()),
            Some((name, _)) => Err(self
                .sources
                .error(keys.at.span(), "not-played", format!("`{name}` is read, and nobody plays it yet"))
                .remedy("leave the event out: a rehearsal must not look as if it had happened")),
        }
    }

    fn shop_of(&self, order: &Placed<String>) -> Result<&Storefront, Refused> {
        Ok(&self.profile.shops[self.earlier(order)?.shop])
    }

    fn not_counted_from_one(&self, place: std::ops::Range<usize>, what: &str) -> Refused {
        self.sources
            .error(place, "out-of-range", format!("{what} are counted from 1"))
            .remedy("write 1 for the first")
    }

    /// From 0.
    fn line_at(&self, order: &Placed<String>, line: &Placed<usize>) -> Result<usize, Refused> {
        let lines = self.earlier(order)?.lines;
        match *line.get() {
            at if at > 0 && at <= lines => Ok(at - 1),
            at => Err(self
                .sources
                .error(line.span(), "out-of-range", format!("the order has no line {at}"))
                .remedy(format!("lines are counted from 1; at that moment there are {lines}"))),
        }
    }

    fn units(&self, order: &Placed<String>, written: &[Units]) -> Result<Vec<(usize, u32)>, Refused> {
        self.earlier(order)?;
        let one = |keys: &Units| {
            let units = policy_load::at_least_one(self.sources, &keys.units, "units")?;
            Ok((self.line_at(order, &keys.line)?, units))
        };
        written.iter().map(one).collect()
    }

    fn shipment(&self, keys: &Ship) -> Result<Aftermath, Refused> {
        Ok(Aftermath::Ship(ScriptedShipment {
            lines: self.units(&keys.order, &keys.lines)?,
            location: keys.location.as_ref().map(|location| InternalId::new(*location.get())),
            parcels: keys
                .parcels
                .iter()
                .map(|parcel| ScriptedParcel {
                    carrier: parcel.carrier.clone(),
                    number: parcel.number.clone(),
                })
                .collect(),
        }))
    }

    fn refund(&mut self, keys: &Refund) -> Result<Aftermath, Refused> {
        let sources = self.sources;
        let currency = self.shop_of(&keys.order)?.currency;
        let mut lines = Vec::with_capacity(keys.lines.len());
        for line in &keys.lines {
            let kinds = [Restock::Cancel, Restock::Return, Restock::NoRestock];
            let names = ["cancel", "return", "no-restock"];
            let restock = match &line.restock {
                Some(text) => Some(kinds[policy_load::choice(sources, text, &names)?]),
                None => None,
            };
            lines.push(ScriptedRefundLine {
                line: self.line_at(&keys.order, &line.line)?,
                units: policy_load::at_least_one(sources, &line.units, "units")?,
                restock,
            });
        }
        let amount =
            |text: &Option<Placed<String>>| text.as_ref().map(|text| self.amount(text, currency)).transpose();
        let shipping = match &keys.shipping {
            Some(text) if text.get() == "all" => Some(ShippingBack::All),
            Some(text) => Some(ShippingBack::Part(self.amount(text, currency)?)),
            None => None,
        };
        let mut fees = Vec::new();
        for (kind, text) in [
            (RefundFeeKind::Restocking, &keys.restocking_fee),
            (RefundFeeKind::ReturnShipping, &keys.return_shipping_fee),
        ] {
            fees.extend(amount(text)?.map(|fee| (kind, fee)));
        }
        let exchange =
            keys.exchange.iter().map(|line| self.line(line, currency)).collect::<Result<Vec<_>, _>>()?;
        let refund = ScriptedRefund {
            lines,
            shipping,
            duties: amount(&keys.duties)?,
            tip: amount(&keys.tip)?,
            fees,
            goodwill: keys.goodwill.as_ref().map(|text| self.signed(text, currency)).transpose()?,
            is_return: keys.is_return || !keys.exchange.is_empty(),
            exchange,
            payments: keys
                .payments
                .iter()
                .map(|payment| self.refund_payment(&keys.order, payment))
                .collect::<Result<_, _>>()?,
        };
        let added = refund.exchange.len();
        self.placed.get_mut(keys.order.get()).expect("found above").lines += added;
        Ok(Aftermath::Refund(Box::new(refund)))
    }

    fn refund_payment(
        &self,
        order: &Placed<String>,
        keys: &RefundPayment,
    ) -> Result<ScriptedRefundPayment, Refused> {
        let shop = self.shop_of(order)?;
        self.gateway(&keys.gateway, shop)?;
        let standings = [RefundStanding::Succeeded, RefundStanding::Pending, RefundStanding::Failed];
        let standing = keys.standing.as_ref().map_or(Ok(0), |text| {
            policy_load::choice(self.sources, text, &["succeeded", "pending", "failed"])
        });
        Ok(ScriptedRefundPayment {
            gateway: keys.gateway.get().as_str().into(),
            amount: self.amount(&keys.amount, shop.currency)?,
            presentment: keys
                .presentment
                .as_ref()
                .map(|text| self.sources.read(text, grammar::amount))
                .transpose()?,
            standing: standings[standing?],
        })
    }

    pub(super) fn signed(&self, text: &Placed<String>, currency: Currency) -> Result<Money, Refused> {
        let amount = self.sources.read(text, grammar::money)?;
        match amount.currency() == currency {
            true => Ok(amount),
            false => Err(self
                .sources
                .error(text.span(), "wrong-currency", format!("this amount is in {currency}"))
                .remedy(format!("write it in {currency}"))),
        }
    }

    fn new_address(&self, keys: &Readdress) -> Result<Address, Refused> {
        Ok(Address {
            name: keys.name.clone(),
            line1: Some(keys.line1.get().as_str().into()),
            city: keys.city.clone(),
            zip: keys.zip.clone(),
            country: Some(policy_load::country(self.sources, &keys.country)?),
            ..Address::default()
        })
    }

    fn staff(&self, keys: &Staff) -> Result<StaffAct, Refused> {
        let shop = self.shop_of(&keys.order)?;
        let said = [
            keys.key_invoice,
            keys.key_credit_memo.is_some(),
            keys.key_shipment,
            keys.close_line.is_some(),
            keys.substitute.is_some(),
        ];
        if said.iter().filter(|said| **said).count() != 1 {
            return Err(self
                .sources
                .error(keys.order.span(), "not-one-event", "staff do exactly one thing at a time")
                .remedy(
                    "write one of `key-invoice`, `key-credit-memo`, `key-shipment`, `close-line` and `substitute`",
                ));
        }
        if keys.key_invoice {
            return Ok(StaffAct::KeyInvoice);
        }
        if keys.key_shipment {
            return Ok(StaffAct::KeyShipment);
        }
        if let Some(text) = &keys.key_credit_memo {
            return Ok(StaffAct::KeyCreditMemo { amount: self.amount(text, shop.currency)? });
        }
        if let Some(line) = &keys.close_line {
            return Ok(StaffAct::CloseLine { line: self.line_at(&keys.order, line)? });
        }
        let substitute = keys.substitute.as_ref().expect("one of them is said");
        Ok(StaffAct::Substitute {
            line: self.line_at(&keys.order, &substitute.line)?,
            sku: Sku(substitute.sku.get().as_str().into()),
        })
    }

    fn card(&mut self, keys: &Card) -> Result<ScriptedCard, Refused> {
        let at = self.sources.refer(
            &keys.shop,
            "shop",
            self.profile.shops.iter().map(|shop| shop.key.as_str()),
        )?;
        let shop = &self.profile.shops[at];
        let name: Box<str> = keys.name.get().as_str().into();
        if self.cards.contains(&name) {
            return Err(self
                .sources
                .error(keys.name.span(), "duplicate-key", format!("a card `{name}` was issued before"))
                .remedy("name each card once"));
        }
        let card = ScriptedCard {
            name: name.clone(),
            shop: shop.key,
            value: self.amount(&keys.value, shop.currency)?,
            expires: keys.expires.as_ref().map(|text| self.sources.read(text, grammar::date)).transpose()?,
        };
        self.cards.push(name);
        Ok(card)
    }
}
