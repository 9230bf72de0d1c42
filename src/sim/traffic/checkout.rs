//! Shoppers at the till: a drawn purchase becomes a checkout in the Shopify twin.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::{People, Titles, Traffic};
use crate::domain::ids::{CompanyLocationId, CustomerId};
use crate::domain::{Currency, Money, ShopKey, Timestamp};
use crate::mocks::shopify::{
    Checkout, CheckoutBuyer, CheckoutDiscount, CheckoutLine, CheckoutShipping, CheckoutTax, CompanyDetails,
    CustomerDetails, DiscountKind, DiscountTarget, DiscountValue, ExactLine, ExactTax, Payment,
    PaymentStanding, Presentment,
};
use crate::ports::Runtime;
use crate::scenario::Storefront;
use crate::sim::stage::Scene;
use crate::sim::world::people::{Email, Spelling};
use crate::sim::world::{BasketLine, Buyer, Capture, Off, Purchase};

impl<R: Runtime> Traffic<R> {
    pub(super) fn checkout(
        &self,
        people: &mut People,
        scene: &mut Scene,
        purchase: &Purchase,
        storefront: &Storefront,
        now: Timestamp,
    ) -> Checkout {
        let buyer = self.buyer(people, scene, purchase, storefront.key);
        let company = match purchase.buyer {
            Buyer::Company { company } => self.company_of(storefront.key, company),
            _ => None,
        };
        let titles = &mut people.titles;
        let lines = purchase.lines.iter().map(|line| {
            let sku = titles.sku(&self.world, line.variant);
            let served = company.and_then(|company| self.served(scene, company, line, now));
            CheckoutLine {
                title: Arc::clone(&sku),
                sku: Some(sku),
                quantity: line.quantity,
                unit_price: served.unwrap_or(line.unit_price_minor),
                taxable: true,
                is_gift_card: false,
            }
        });
        let mut lines: Vec<CheckoutLine> = lines.collect();
        let card = self.world.second_thoughts(purchase.number, now).gift_card_minor;
        if let Some(hundredths) = card {
            lines.push(CheckoutLine {
                title: titles.text("Gift card"),
                sku: None,
                quantity: 1,
                unit_price: of_hundredths(hundredths, storefront.currency),
                taxable: false,
                is_gift_card: true,
            });
            scene.volumes.gift_cards_sold += 1;
        }
        let discounts = purchase.discounts.iter().flatten().map(|code| CheckoutDiscount {
            label: titles.text(code.label),
            kind: DiscountKind::Code,
            value: match code.off {
                Off::Percent(percent) => DiscountValue::Percent(Decimal::from(percent)),
                Off::Minor(minor) => DiscountValue::Fixed(minor),
            },
            target: DiscountTarget::AllLines,
        });
        let discounts = discounts.collect();
        let taxes = storefront.taxes.iter().map(|tax| CheckoutTax {
            title: titles.text(&tax.title),
            rate: tax.rate,
            channel_liable: false,
        });
        let taxes = taxes.collect();
        let shipping = CheckoutShipping {
            title: Arc::clone(&titles.standard),
            price: purchase.shipping_minor,
            taxable: true,
        };
        let mut checkout = Checkout {
            buyer,
            lines,
            discounts,
            taxes,
            taxes_included: storefront.taxes_included,
            shipping: Some(shipping),
            duties: 0,
            fees: 0,
            tip: 0,
            presentment: self.presentment(storefront, purchase.presentment, now),
            payments: vec![],
            ship_to: None,
        };
        checkout.payments = self.payments(titles, scene, purchase, &checkout);
        checkout
    }

    fn payments(
        &self,
        titles: &mut Titles,
        scene: &mut Scene,
        purchase: &Purchase,
        checkout: &Checkout,
    ) -> Vec<Payment> {
        let mut payments = Vec::with_capacity(2);
        let mut pay = |tender: usize, amount, standing| {
            let gateway = gateway(self.world.tender(tender).unwrap_or_default());
            let gateway = titles.text(gateway);
            payments.push(Payment { gateway, amount, presentment: None, rounding: 0, standing });
        };
        if let Some(first) = purchase.payment.first {
            let total = scene.shopify.total_of(self.world.profile().shops[purchase.shop].key, checkout);
            let share = i128::from(total) * i128::from(first.share_ppm) / 1_000_000;
            let amount =
                i64::try_from(share).expect("a share is smaller than the whole").clamp(1, (total - 1).max(1));
            if total > 1 {
                pay(first.tender, Some(amount), PaymentStanding::Captured);
            }
        }
        let standing = match purchase.payment.capture {
            Capture::AtOnce => PaymentStanding::Captured,
            Capture::At(_) | Capture::NotToday => PaymentStanding::Authorized,
        };
        pay(purchase.payment.tender, None, standing);
        payments
    }

    pub(super) fn presentment(
        &self,
        storefront: &Storefront,
        shown: Option<Currency>,
        now: Timestamp,
    ) -> Option<Presentment> {
        let currency = shown.filter(|currency| *currency != storefront.currency)?;
        let day = storefront.zone.book_date(now);
        let rate = self.world.profile().rate(storefront.currency, currency, day)?;
        Some(Presentment { currency, rate })
    }

    fn buyer(
        &self,
        people: &mut People,
        scene: &mut Scene,
        purchase: &Purchase,
        shop: ShopKey,
    ) -> CheckoutBuyer {
        match purchase.buyer {
            Buyer::Customer { person, email } => {
                let known = people.customers.get(&(shop, person.0)).copied();
                CheckoutBuyer::Customer(known.unwrap_or_else(|| {
                    let text = self.world.email(email);
                    let name = Some(person.name());
                    let customer = customer(scene, shop, name.as_deref(), Some(&text));
                    people.customers.insert((shop, person.0), customer);
                    if let Email::Of { spelling: Spelling::Right, .. } = email {
                        return customer;
                    }
                    people.suspect(shop, &text);
                    if let Email::Of { person, .. } = email {
                        people.suspect(shop, &person.email(Spelling::Right));
                    }
                    customer
                }))
            }
            Buyer::Guest { email, .. } => {
                let email = email.map(|email| Arc::from(self.world.email(email)));
                let phone = email.is_none().then(|| Arc::from("+442079460000"));
                CheckoutBuyer::Guest { email, phone }
            }
            Buyer::Company { company } => {
                if let Some(seat) = self.company_of(shop, company) {
                    return CheckoutBuyer::Company(scene.companies[seat]);
                }
                let known = people.companies.get(&(shop, company)).copied();
                CheckoutBuyer::Company(known.unwrap_or_else(|| {
                    let email = format!("buyer.{company}@{shop}.wholesale.example");
                    let location = company_location(scene, shop, &format!("Company {company}"), Some(&email));
                    people.companies.insert((shop, company), location);
                    location
                }))
            }
        }
    }

    pub(super) fn added_line(&self, shop: ShopKey, line: &BasketLine) -> ExactLine {
        let sku = self.people().titles.sku(&self.world, line.variant);
        let storefront = self.world.profile().shops.iter().find(|storefront| storefront.key == shop);
        let storefront = storefront.expect("an edited order was placed in a storefront of the profile");
        let base = line.unit_price_minor * i64::from(line.quantity);
        let taxes = storefront.taxes.iter().map(|tax| {
            let minor = Money::new(base, storefront.currency);
            let share = if storefront.taxes_included {
                let all: Decimal = storefront.taxes.iter().map(|tax| tax.rate).sum();
                minor.to_decimal() * tax.rate / (Decimal::ONE + all)
            } else {
                minor.to_decimal() * tax.rate
            };
            let amount = Money::round_half_up(share, storefront.currency).map_or(0, Money::minor);
            ExactTax { title: (&*tax.title).into(), rate: tax.rate, amount, channel_liable: false }
        });
        ExactLine {
            title: Arc::clone(&sku),
            sku: Some(sku),
            quantity: line.quantity,
            unit_price: line.unit_price_minor,
            discounts: vec![],
            taxes: taxes.collect(),
            is_gift_card: false,
        }
    }
}

/// From hundredths of a unit of currency to its minor units; where it has none, a unit is worth about a hundredth.
fn of_hundredths(hundredths: i64, currency: Currency) -> i64 {
    match currency.minor_digits() {
        0 => hundredths,
        digits => hundredths * 10i64.pow(digits - 2),
    }
}

/// The account of this e-mail, or a new one.
pub(super) fn customer(
    scene: &mut Scene,
    shop: ShopKey,
    name: Option<&str>,
    email: Option<&str>,
) -> CustomerId {
    if let Some(known) = email.and_then(|email| scene.shopify.customer_by_email(shop, email)) {
        return known;
    }
    let details = CustomerDetails { name: name.map(Arc::from), email: email.map(Arc::from), phone: None };
    scene.shopify.add_customer(shop, details).expect("names are given and the e-mail was not taken")
}

pub(super) fn company_location(
    scene: &mut Scene,
    shop: ShopKey,
    name: &str,
    email: Option<&str>,
) -> CompanyLocationId {
    let contact = CustomerDetails { name: Some(name.into()), email: email.map(Arc::from), phone: None };
    let details = CompanyDetails { company: name.into(), location: name.into(), contact };
    scene.shopify.add_company_location(shop, details).expect("each company has a contact of its own")
}
/// Shopify's name of a tender. Source: shopify.md §i.
pub(super) fn gateway(tender: &str) -> &str {
    match tender {
        "gift-card" => "gift_card",
        "store-credit" => "shopify_store_credit",
        other => other,
    }
}
