//! How orders come to be: a shopper's checkout, or exact amounts from an API client.
//!
//! Not here: what happens to them later ([`super::changes`]), or the sums ([`super::arithmetic`]).

use std::sync::Arc;

use super::arithmetic::{self, Computed};
use super::changes::{exact_charges, exact_line, is_paid_in_full, pay};
use super::checkout::{Checkout, CheckoutBuyer, ExactOrder, Payment, Presentment};
use super::noted::Noted;
use super::people::GuestContact;
use super::rows::{BuyerRow, OrderRow, Rare, ShippingRow, Target, TransactionStatus};
use super::{Shop, ShopifyTwin, ids};
use crate::domain::customer::Address;
use crate::domain::ids::OrderId;
use crate::domain::{ShopKey, Timestamp};
use crate::platforms::shopify::wire::WebhookTopic;

/// What both ways of placing an order share.
struct Placed {
    buyer: CheckoutBuyer,
    ship_to: Option<Arc<Address>>,
    computed: Computed,
    taxes_included: bool,
    extras: (i64, i64, i64),
    presentment: Option<Presentment>,
    processed_at: Timestamp,
    noted: Option<Noted>,
}

impl ShopifyTwin {
    /// A shopper's checkout. An order that is paid at once says `create`, `paid` and `updated`, another one
    /// `create` only.
    ///
    /// # Panics
    /// A buyer or line position that does not exist, or an amount beyond its currency: mistakes of the world.
    pub fn checkout(&mut self, shop: ShopKey, checkout: &Checkout, now: Timestamp) -> OrderId {
        let currency = self.shop(shop).settings.currency;
        let placed = Placed {
            buyer: checkout.buyer.clone(),
            ship_to: checkout.ship_to.clone(),
            computed: arithmetic::compute(checkout, currency, &mut self.texts),
            taxes_included: checkout.taxes_included,
            extras: (checkout.duties, checkout.fees, checkout.tip),
            presentment: checkout.presentment,
            processed_at: now,
            noted: None,
        };
        self.place(shop, placed, &checkout.payments, now)
    }

    /// What a checkout would come to, in minor units, without placing it.
    ///
    /// # Panics
    /// As [`ShopifyTwin::checkout`].
    pub fn total_of(&mut self, shop: ShopKey, checkout: &Checkout) -> i64 {
        let currency = self.shop(shop).settings.currency;
        let computed = arithmetic::compute(checkout, currency, &mut self.texts);
        let row = OrderRow {
            created: 0,
            processed: 0,
            updated: 0,
            buyer: BuyerRow::Nobody,
            ship_to: None,
            lines: computed.lines.into_boxed_slice(),
            charges: computed.charges.into_boxed_slice(),
            shipping: computed.shipping.into_boxed_slice(),
            transactions: Box::default(),
            work: None,
            rare: None,
            taxes_included: checkout.taxes_included,
            is_paid: false,
        };
        row.totals().total + checkout.duties + checkout.fees + checkout.tip
    }

    /// An order with exactly these amounts, as an API client supplies them.
    ///
    /// # Panics
    /// As [`ShopifyTwin::checkout`].
    pub fn place_exact(&mut self, shop: ShopKey, order: &ExactOrder, now: Timestamp) -> OrderId {
        self.place_given(shop, order, None, now)
    }

    /// As [`ShopifyTwin::place_exact`], with what the order carries besides.
    pub(super) fn place_noted(
        &mut self,
        shop: ShopKey,
        order: &ExactOrder,
        noted: Noted,
        now: Timestamp,
    ) -> OrderId {
        self.place_given(shop, order, Some(noted), now)
    }

    fn place_given(
        &mut self,
        shop: ShopKey,
        order: &ExactOrder,
        noted: Option<Noted>,
        now: Timestamp,
    ) -> OrderId {
        let mut computed = Computed {
            lines: Vec::with_capacity(order.lines.len()),
            charges: Vec::new(),
            shipping: Vec::new(),
        };
        for (at, line) in order.lines.iter().enumerate() {
            computed.lines.push(exact_line(line, &mut self.texts));
            let target = Target::line(at);
            exact_charges(&line.discounts, &line.taxes, target, &mut self.texts, &mut computed.charges);
        }
        for (at, line) in order.shipping.iter().enumerate() {
            computed.shipping.push(ShippingRow { price: line.price, title: self.texts.keep(&line.title) });
            let target = Target::shipping(at);
            exact_charges(&line.discounts, &line.taxes, target, &mut self.texts, &mut computed.charges);
        }
        let placed = Placed {
            buyer: order.buyer.clone(),
            ship_to: order.ship_to.clone(),
            computed,
            taxes_included: order.taxes_included,
            extras: (order.duties, order.fees, order.tip),
            presentment: order.presentment,
            processed_at: order.processed_at.unwrap_or(now),
            noted,
        };
        self.place(shop, placed, &order.payments, now)
    }

    fn place(&mut self, shop: ShopKey, placed: Placed, payments: &[Payment], now: Timestamp) -> OrderId {
        let at = self.position(shop);
        let shop = &mut self.shops[at];
        let Placed { buyer, ship_to, computed, taxes_included, extras, presentment, processed_at, noted } =
            placed;
        let is_rare = extras != (0, 0, 0) || presentment.is_some() || noted.is_some();
        let rare = is_rare.then(|| {
            Box::new(Rare {
                cancelled: None,
                duties: extras.0,
                fees: extras.1,
                tip: extras.2,
                presentment: presentment.map(|shown| (shown.currency, shown.rate)),
                noted: noted.map(Box::new),
                refunds: Vec::new(),
            })
        });
        let mut row = OrderRow {
            created: now.seconds(),
            processed: processed_at.seconds(),
            updated: now.seconds(),
            buyer: shop.buyer_row(buyer),
            ship_to,
            lines: computed.lines.into_boxed_slice(),
            charges: computed.charges.into_boxed_slice(),
            shipping: computed.shipping.into_boxed_slice(),
            transactions: Box::default(),
            work: None,
            rare,
            taxes_included,
            is_paid: false,
        };
        let mut transactions = Vec::with_capacity(payments.len());
        let mut rest = row.totals().total;
        for payment in payments {
            let taken = pay(&row, shop.settings.currency, payment, rest, now, &mut self.texts);
            if taken.status != TransactionStatus::Failure {
                rest -= taken.amount;
            }
            transactions.push(taken);
        }
        for taken in &transactions {
            shop.pots.draw(&self.texts, taken);
        }
        row.transactions = transactions.into_boxed_slice();
        row.is_paid = is_paid_in_full(&row, shop.settings.currency);
        let topics: &[WebhookTopic] = if row.is_paid {
            &[WebhookTopic::OrdersCreate, WebhookTopic::OrdersPaid, WebhookTopic::OrdersUpdated]
        } else {
            &[WebhookTopic::OrdersCreate]
        };
        for (line, sold) in row.lines.iter().enumerate() {
            shop.inventory.sold(row.stock_of(line), i64::from(sold.quantity));
        }
        let n = shop.orders.len();
        shop.orders.push(row);
        let id = ids::order(shop.ordinal, n);
        self.changed(at, n, now, topics);
        self.ship_gift_cards(at, n, now);
        id
    }
}

impl Shop {
    fn buyer_row(&mut self, buyer: CheckoutBuyer) -> BuyerRow {
        match buyer {
            CheckoutBuyer::Customer(id) => match ids::customer_position(self.ordinal, id) {
                Some(at) if at < self.people.customers.len() => BuyerRow::Customer(at as u32),
                _ => panic!("shop {} has no customer {id}", self.settings.key),
            },
            CheckoutBuyer::Company(id) => match ids::company_location_position(self.ordinal, id) {
                Some(at) if at < self.people.companies.len() => BuyerRow::Company(at as u32),
                _ => panic!("shop {} has no company location {id}", self.settings.key),
            },
            CheckoutBuyer::Guest { email: None, phone: None } => BuyerRow::Nobody,
            CheckoutBuyer::Guest { email, phone } => {
                self.people.guests.push(GuestContact { email, phone });
                BuyerRow::Guest(self.people.guests.len() as u32 - 1)
            }
        }
    }
}
