//! Scripted events of the processor and of the bank.

use super::super::super::file::processor::{BankLine, DisputeEnds, OnePayout, Reserve};
use super::super::super::file::traffic::Script;
use super::super::super::processor::{
    BankReference, DisputeOutcome, PaymentsAccount, ScriptedBankLine, ScriptedRow, SettlementEvent,
    WhichPayout,
};
use super::super::super::{Profile, Storefront};
use super::Stage;
use crate::domain::Money;
use crate::domain::payout::BalanceKind;
use crate::policy::document::{Placed, Refused};
use crate::policy::load as policy_load;

impl Stage<'_> {
    /// The event, if it is one of the processor or of the bank.
    pub(super) fn settlement(&self, keys: &Script) -> Result<Option<SettlementEvent>, Refused> {
        if let Some(row) = &keys.balance_row {
            let shop = self.paid_out(&row.shop)?;
            let kind = row.kind.get();
            let is_spelt = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
            if kind.is_empty() || !kind.bytes().all(is_spelt) {
                return Err(self
                    .sources
                    .error(row.kind.span(), "not-a-type", format!("`{kind}` is no type of a row"))
                    .remedy("spell it as Shopify does, such as `SHIPPING_LABEL`"));
            }
            if let Some(order) = &row.order {
                self.order_of(order, shop)?;
            }
            return Ok(Some(SettlementEvent::Row(ScriptedRow {
                shop: shop.key,
                kind: BalanceKind::from_name(kind),
                amount: self.signed(&row.amount, shop.payout_currency)?,
                fee: self.optional(row.fee.as_ref(), shop)?.unwrap_or(Money::zero(shop.payout_currency)),
                order: row.order.as_ref().map(|order| order.get().as_str().into()),
                reason: row.reason.clone(),
            })));
        }
        if let Some(payout) = &keys.payout {
            return Ok(Some(SettlementEvent::Payout { shop: self.paid_out(&payout.shop)?.key }));
        }
        if let Some(dispute) = &keys.dispute {
            let shop = self.shop_paid_out(&dispute.order)?;
            let fee = self.optional(dispute.fee.as_ref(), shop)?;
            if let (true, Some(text)) = (dispute.inquiry, &dispute.fee) {
                return Err(self
                    .sources
                    .error(text.span(), "unknown-key", "an inquiry moves no money")
                    .remedy("leave out the `fee`, or `inquiry`"));
            }
            return Ok(Some(SettlementEvent::Dispute {
                order: dispute.order.get().as_str().into(),
                amount: self.amount(&dispute.amount, shop.payout_currency)?,
                fee: (!dispute.inquiry).then(|| fee.unwrap_or(Money::zero(shop.payout_currency))),
            }));
        }
        if let Some(ends) = &keys.dispute_ends {
            return self.dispute_ends(ends).map(Some);
        }
        for (reserve, is_held) in [(&keys.reserve, true), (&keys.reserve_released, false)] {
            if let Some(Reserve { shop, amount }) = reserve {
                let shop = self.paid_out(shop)?;
                let amount = self.amount(amount, shop.payout_currency)?;
                return Ok(Some(match is_held {
                    true => SettlementEvent::Reserve { shop: shop.key, amount },
                    false => SettlementEvent::ReserveReleased { shop: shop.key, amount },
                }));
            }
        }
        if let Some(payout) = &keys.payout_fails {
            return self.one_payout(payout).map(|payout| Some(SettlementEvent::PayoutFails(payout)));
        }
        if let Some(payout) = &keys.payout_canceled {
            return self.one_payout(payout).map(|payout| Some(SettlementEvent::PayoutCanceled(payout)));
        }
        match &keys.bank_line {
            Some(line) => self.bank_line(line).map(Some),
            None => Ok(None),
        }
    }

    fn dispute_ends(&self, written: &Placed<DisputeEnds>) -> Result<SettlementEvent, Refused> {
        let keys = written.get();
        let shop = self.shop_paid_out(&keys.order)?;
        let part = self.optional(keys.amount.as_ref(), shop)?;
        let outcome = policy_load::choice(self.sources, &keys.outcome, &["won", "lost", "partly"])?;
        let outcome = match (outcome, part) {
            (0, None) => DisputeOutcome::Won,
            (1, None) => DisputeOutcome::Lost,
            (2, Some(part)) => DisputeOutcome::Partly(part),
            _ => {
                return Err(self
                    .sources
                    .error(written.span(), "not-one-event", "`amount` is what comes back of one partly won")
                    .remedy("state it for `partly`, and for nothing else"));
            }
        };
        Ok(SettlementEvent::DisputeEnds {
            order: keys.order.get().as_str().into(),
            outcome,
            fee_back: self.optional(keys.fee_back.as_ref(), shop)?,
        })
    }

    fn bank_line(&self, written: &Placed<BankLine>) -> Result<SettlementEvent, Refused> {
        let keys = written.get();
        let known = self.profile.subsidiaries.iter().map(|entity| entity.key.as_str());
        let entity = &self.profile.subsidiaries[self.sources.refer(&keys.subsidiary, "subsidiary", known)?];
        let reference = match (&keys.reference, &keys.trace_of) {
            (Some(_), Some(_)) => {
                return Err(self
                    .sources
                    .error(written.span(), "not-one-event", "a line has one reference")
                    .remedy("write `reference` or `trace-of`"));
            }
            (Some(text), None) => Some(BankReference::Text(text.clone())),
            (None, Some(payout)) => Some(BankReference::Trace(self.one_payout(payout)?)),
            (None, None) => None,
        };
        Ok(SettlementEvent::BankLine(ScriptedBankLine {
            account: entity.accounts.bank,
            amount: self.signed(&keys.amount, entity.currency)?,
            reference,
        }))
    }

    fn one_payout(&self, keys: &OnePayout) -> Result<WhichPayout, Refused> {
        let shop = self.paid_out(&keys.shop)?.key;
        let number = match &keys.payout {
            Some(counted) if *counted.get() == 0 => {
                return Err(self
                    .sources
                    .error(counted.span(), "out-of-range", "payouts are counted from 1")
                    .remedy("write 1 for the first"));
            }
            Some(counted) => Some(counted.get() - 1),
            None => None,
        };
        Ok(WhichPayout { shop, number })
    }

    fn optional(&self, text: Option<&Placed<String>>, shop: &Storefront) -> Result<Option<Money>, Refused> {
        text.map(|text| self.amount(text, shop.payout_currency)).transpose()
    }

    /// A shop that has an account with the processor.
    fn paid_out(&self, name: &Placed<String>) -> Result<&Storefront, Refused> {
        let at = self.sources.refer(name, "shop", self.profile.shops.iter().map(|shop| shop.key.as_str()))?;
        match account_of(self.profile, at) {
            Some(_) => Ok(&self.profile.shops[at]),
            None => Err(self.nobody_pays(name)),
        }
    }

    fn shop_paid_out(&self, order: &Placed<String>) -> Result<&Storefront, Refused> {
        let at = self.earlier(order)?.shop;
        match account_of(self.profile, at) {
            Some(_) => Ok(&self.profile.shops[at]),
            None => Err(self.nobody_pays(order)),
        }
    }

    fn nobody_pays(&self, place: &Placed<String>) -> Refused {
        self.sources
            .error(place.span(), "no-processor", "no processor pays out to this shop")
            .remedy("add a table `[processor]`, or name the shop in its `shops`")
    }

    fn order_of(&self, order: &Placed<String>, shop: &Storefront) -> Result<(), Refused> {
        match self.profile.shops[self.earlier(order)?.shop].key == shop.key {
            true => Ok(()),
            false => Err(self
                .sources
                .error(order.span(), "wrong-shop", "the order was placed in another shop")
                .remedy("name an order of this shop")),
        }
    }
}

fn account_of(profile: &Profile, shop: usize) -> Option<&PaymentsAccount> {
    profile.processor.as_ref()?.shops.iter().find(|account| account.shop == shop)
}
