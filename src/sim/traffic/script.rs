//! The script: scripted and recorded events, exactly as stated, each at its instant.

use std::sync::Arc;

use super::checkout::{company_location, customer, gateway};
use super::{Change, People, Traffic, turned_away};
use crate::domain::customer::Address;
use crate::domain::{Money, Timestamp};
use crate::mocks::shopify::{
    CheckoutBuyer, ExactLine, ExactOrder, ExactShipping, ExactTax, Payment, PaymentStanding,
};
use crate::ports::Runtime;
use crate::scenario::{Scripted, ScriptedBuyer, ScriptedLine, ScriptedOrder, ScriptedPayment, ScriptedTax};
use crate::sim::stage::Scene;
use crate::sim::stage::kind;

impl<R: Runtime> Traffic<R> {
    pub(super) fn perform(self: &Arc<Self>, event: &Scripted, now: Timestamp) {
        let order_of = |name: &str| self.people().scripted_orders.get(name).copied();
        let (name, change) = match event {
            Scripted::Order(order) => return self.place(order, now),
            Scripted::Wholesale(event) => return self.deal(event, now),
            Scripted::Merchandise(event) => return self.merchandise(event, now),
            Scripted::Capture { order } => (order, Change::Capture),
            Scripted::EditQuantity { order, line, quantity } => {
                (order, Change::Quantity { line: *line, quantity: *quantity })
            }
            Scripted::EditAddLine { order, line } => (order, Change::AddLine(Box::new(exact_line(line)))),
            Scripted::Pay { order, gateway: name, amount } => {
                let payment = Payment {
                    gateway: gateway(name).into(),
                    amount: Some(amount.minor()),
                    presentment: None,
                    rounding: 0,
                    standing: PaymentStanding::Captured,
                };
                (order, Change::Pay(payment))
            }
            Scripted::Touch { order } => (order, Change::Touch),
            Scripted::Adjust { .. } | Scripted::KeyedOrder { .. } => return self.staff(event, now),
            Scripted::Settlement(event) => return self.settle(event, now),
            Scripted::Replay { order } => (order, Change::Replay),
            Scripted::After { order, what } => {
                let (shop, order) =
                    order_of(order).expect("the loader lets no event name an order that was not placed");
                return self.follow(shop, order, what, now);
            }
            Scripted::IssueCard(card) => {
                let mut people = self.people();
                let mut scene = self.stage.scene();
                let id = scene.shopify.issue_gift_card(card.shop, card.value.minor(), card.expires, now);
                people.cards.insert(card.name.clone(), (card.shop, id));
                return;
            }
            Scripted::ExpireCard { card } => {
                let people = self.people();
                let (shop, id) = people.cards[card];
                let storefront = self.world.profile().shops.iter().find(|storefront| storefront.key == shop);
                let storefront =
                    storefront.expect("the loader lets no card name a shop that the profile has not");
                let on = storefront.zone.book_date(now);
                // One that is used up or disabled expires without anybody noticing.
                let _ = self.stage.scene().shopify.expire_gift_card(shop, id, on);
                return;
            }
        };
        // The loader lets no event name an order that was not placed, but a shopper may have been turned away.
        if let Some((shop, order)) = order_of(name) {
            self.change(shop, order, now, change);
        }
    }

    /// What staff do in NetSuite.
    fn staff(&self, event: &Scripted, now: Timestamp) {
        let mut scene = self.stage.scene();
        let scene = &mut *scene;
        match event {
            Scripted::Adjust { sku, location, by } => {
                let done = scene.netsuite.adjust_stock(&sku.0, *location, *by, now);
                if done {
                    scene.oracle.stock.adjusted(&sku.0, *location, *by, now);
                }
            }
            Scripted::KeyedOrder { contact, sku, location, quantity, amount } => {
                let line = (&*sku.0, *quantity, amount.minor());
                let buyer = scene.contacts[*contact];
                if scene.netsuite.wholesale_order(buyer, &[line], now).is_some() {
                    scene.oracle.stock.wholesale(&sku.0, *location, i64::from(*quantity), now);
                }
            }
            _ => {}
        }
        scene.trace.event(kind::STAFF, now, 0, 0);
    }

    fn place(&self, order: &ScriptedOrder, now: Timestamp) {
        let profile = Arc::clone(self.world.profile());
        let storefront = profile.shops.iter().find(|storefront| storefront.key == order.shop);
        let storefront = storefront.expect("the loader lets no order name a shop that the profile has not");
        let mut people = self.people();
        let mut scene = self.stage.scene();
        let buyer = scripted_buyer(&mut people, &mut scene, order);
        let minor = |amount: Option<Money>| amount.map_or(0, Money::minor);
        let address = order
            .ship_to_country
            .as_deref()
            .map(|country| Arc::new(Address { country: Some(country.into()), ..Address::default() }));
        let exact = ExactOrder {
            buyer,
            lines: order.lines.iter().map(exact_line).collect(),
            shipping: order
                .shipping
                .iter()
                .map(|shipping| ExactShipping {
                    title: (&*shipping.title).into(),
                    price: shipping.price.minor(),
                    discounts: labels(&shipping.discounts),
                    taxes: exact_taxes(&shipping.taxes),
                })
                .collect(),
            duties: minor(order.duties),
            fees: 0,
            tip: minor(order.tip),
            taxes_included: order.taxes_included,
            presentment: self.presentment(storefront, order.presentment, now),
            payments: order.payments.iter().map(scripted_payment).collect(),
            ship_to: address,
            processed_at: None,
        };
        let wanted = exact.lines.iter().map(|line| (line.sku.as_deref(), line.quantity));
        if turned_away(&mut scene, order.shop, wanted) {
            return;
        }
        let id = scene.shopify.place_exact(order.shop, &exact, now);
        people.scripted_orders.insert(order.name.clone(), (order.shop, id));
        if order.tax_exempt {
            scene.oracle.causes().tax_exempt(order.shop, id);
        }
        self.placed(&mut scene, order.shop, id, now);
    }
}

fn scripted_buyer(people: &mut People, scene: &mut Scene, order: &ScriptedOrder) -> CheckoutBuyer {
    match &order.buyer {
        ScriptedBuyer::Customer { name, email } => {
            let customer = customer(scene, order.shop, Some(name), email.as_deref());
            if let Some(email) = email {
                people.suspect(order.shop, email);
            }
            CheckoutBuyer::Customer(customer)
        }
        ScriptedBuyer::Company { name, email } => {
            let known = people.scripted_companies.get(&(order.shop, name.clone())).copied();
            CheckoutBuyer::Company(known.unwrap_or_else(|| {
                let location = company_location(scene, order.shop, name, email.as_deref());
                people.scripted_companies.insert((order.shop, name.clone()), location);
                location
            }))
        }
        ScriptedBuyer::Guest { email } => {
            let email: Option<Arc<str>> = email.as_deref().map(Arc::from);
            let phone = email.is_none().then(|| Arc::from("+442079460000"));
            CheckoutBuyer::Guest { email, phone }
        }
    }
}

pub(super) fn exact_line(line: &ScriptedLine) -> ExactLine {
    ExactLine {
        sku: line.sku.as_ref().map(|sku| (&*sku.0).into()),
        title: (&*line.title).into(),
        quantity: line.quantity,
        unit_price: line.price.minor(),
        discounts: labels(&line.discounts),
        taxes: exact_taxes(&line.taxes),
        is_gift_card: line.is_gift_card,
    }
}

fn labels(discounts: &[(Box<str>, Money)]) -> Vec<(Arc<str>, i64)> {
    discounts.iter().map(|(label, amount)| ((&**label).into(), amount.minor())).collect()
}

fn exact_taxes(taxes: &[ScriptedTax]) -> Vec<ExactTax> {
    let exact = |tax: &ScriptedTax| ExactTax {
        title: (&*tax.title).into(),
        rate: tax.rate,
        amount: tax.amount.minor(),
        channel_liable: tax.channel_liable,
    };
    taxes.iter().map(exact).collect()
}

fn scripted_payment(payment: &ScriptedPayment) -> Payment {
    Payment {
        gateway: gateway(&payment.gateway).into(),
        amount: Some(payment.amount.minor()),
        presentment: payment.presentment.map(Money::minor),
        rounding: 0,
        standing: match (payment.succeeds, payment.authorized) {
            (false, _) => PaymentStanding::Failed,
            (true, true) => PaymentStanding::Authorized,
            (true, false) => PaymentStanding::Captured,
        },
    }
}
