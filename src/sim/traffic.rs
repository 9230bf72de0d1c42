//! Shoppers at the till: drawn purchases and scripted events become checkouts, captures, payments and edits in
//! the Shopify twin, each at its instant.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use rust_decimal::Decimal;

use crate::domain::customer::Address;
use crate::domain::ids::{CompanyLocationId, CustomerId, OrderId};
use crate::domain::{Currency, FixedMap, Money, ShopKey, Timestamp};
use crate::mocks::shopify::{
    Checkout, CheckoutBuyer, CheckoutDiscount, CheckoutLine, CheckoutShipping, CheckoutTax, CompanyDetails,
    CustomerDetails, DiscountKind, DiscountTarget, DiscountValue, ExactLine, ExactOrder, ExactShipping,
    ExactTax, Payment, PaymentStanding, Presentment,
};
use crate::ports::Runtime;
use crate::scenario::{
    Scripted, ScriptedBuyer, ScriptedLine, ScriptedOrder, ScriptedPayment, ScriptedTax, Storefront,
};
use crate::sim::deliveries::{Door, dispatch};
use crate::sim::stage::{Scene, Stage, kind};
use crate::sim::world::people::{Email, Spelling};
use crate::sim::world::{BasketLine, Buyer, Capture, EditKind, Off, Purchase, World};

/// Plays one world into one stage.
pub struct Traffic<R> {
    pub stage: Arc<Stage>,
    pub world: Arc<World>,
    pub runtime: R,
    pub door: Door,
    people: Mutex<People>,
}

/// Who has an account, and whose e-mails look alike.
#[derive(Default)]
struct People {
    customers: FixedMap<(ShopKey, u64), CustomerId>,
    companies: FixedMap<(ShopKey, u64), CompanyLocationId>,
    scripted_companies: BTreeMap<(ShopKey, Box<str>), CompanyLocationId>,
    scripted_orders: BTreeMap<Box<str>, (ShopKey, OrderId)>,
    /// E-mails that may be misspelt, and what they may be misspellings of, by shop and name before the `@`.
    suspects: BTreeMap<(ShopKey, Box<str>), BTreeSet<Box<str>>>,
    titles: Titles,
}

/// Texts that many orders share.
struct Titles {
    standard: Arc<str>,
    skus: FixedMap<u32, Arc<str>>,
    texts: BTreeMap<Box<str>, Arc<str>>,
}

impl Default for Titles {
    fn default() -> Titles {
        Titles { standard: "Standard".into(), skus: FixedMap::default(), texts: BTreeMap::new() }
    }
}

impl Titles {
    fn text(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.texts.get(text) {
            return Arc::clone(known);
        }
        let shared: Arc<str> = text.into();
        self.texts.insert(text.into(), Arc::clone(&shared));
        shared
    }

    fn sku(&mut self, world: &World, variant: u32) -> Arc<str> {
        Arc::clone(self.skus.entry(variant).or_insert_with(|| (&*world.sku(variant).0).into()))
    }
}

impl<R: Runtime> Traffic<R> {
    pub fn new(stage: Arc<Stage>, world: Arc<World>, runtime: R, door: Door) -> Arc<Traffic<R>> {
        Arc::new(Traffic { stage, world, runtime, door, people: Mutex::default() })
    }

    /// Spawns the shoppers: one task for those that are drawn, one for the script.
    pub fn start(self: &Arc<Self>) {
        let drawn = Arc::clone(self);
        self.runtime.spawn(async move {
            for number in 0..drawn.world.orders() {
                let Some(at) = drawn.world.arrival(number) else { break };
                drawn.runtime.sleep_until(at).await;
                let Some(purchase) = drawn.world.purchase(number) else { break };
                drawn.buy(&purchase, at);
            }
        });
        let scripted = Arc::clone(self);
        self.runtime.spawn(async move {
            let world = Arc::clone(&scripted.world);
            for (at, event) in world.scripted() {
                scripted.runtime.sleep_until(at).await;
                scripted.perform(event, at);
            }
        });
    }

    /// Which accounts of a shop are under e-mails that one typing error tells apart: number and number, 0 for a
    /// contact that NetSuite alone knows.
    pub fn mistyped(&self) -> Vec<(ShopKey, u64, u64)> {
        let people = self.people();
        let scene = self.stage.scene();
        let mut pairs = Vec::new();
        for ((shop, name), emails) in &people.suspects {
            let known = self.world.profile().known_customers.iter().filter_map(|contact| {
                let (of, _) = contact.email.rsplit_once('@')?;
                (of.eq_ignore_ascii_case(name)).then(|| contact.email.to_lowercase())
            });
            let accounts: Vec<(&str, u64)> = emails
                .iter()
                .filter_map(|email| {
                    let customer = scene.shopify.customer_by_email(*shop, email)?;
                    Some((&**email, customer.get()))
                })
                .collect();
            for contact in known {
                pairs.extend(
                    accounts
                        .iter()
                        .filter(|(email, _)| alike(email, &contact))
                        .map(|(_, number)| (*shop, *number, 0)),
                );
            }
            for (at, (email, number)) in accounts.iter().enumerate() {
                let later = accounts[at + 1..].iter().filter(|(other, _)| alike(email, other));
                pairs.extend(later.map(|(_, other)| (*shop, *number, *other)));
            }
        }
        pairs
    }

    fn people(&self) -> MutexGuard<'_, People> {
        self.people.lock().expect("nothing panics among the people")
    }

    fn buy(self: &Arc<Self>, purchase: &Purchase, now: Timestamp) {
        let profile = Arc::clone(self.world.profile());
        let storefront = &profile.shops[purchase.shop];
        let mut people = self.people();
        let mut scene = self.stage.scene();
        let checkout = self.checkout(&mut people, &mut scene, purchase, storefront, now);
        let wanted = checkout.lines.iter().map(|line| (line.sku.as_deref(), line.quantity));
        if turned_away(&mut scene, storefront.key, wanted) {
            return;
        }
        let order = scene.shopify.checkout(storefront.key, &checkout, now);
        self.placed(&mut scene, storefront.key, order, now);
        drop(scene);
        drop(people);
        let shop = storefront.key;
        if let Capture::At(at) = purchase.payment.capture {
            self.later(at, move |traffic, now| traffic.change(shop, order, now, Change::Capture));
        }
        if let Some(edit) = purchase.edit {
            self.later(edit.at, move |traffic, now| {
                let change = match edit.what {
                    EditKind::Quantity { line, quantity } => Change::Quantity { line, quantity },
                    EditKind::AddLine(line) => Change::AddLine(Box::new(traffic.added_line(shop, &line))),
                };
                traffic.change(shop, order, now, change);
            });
        }
    }

    fn later(self: &Arc<Self>, at: Timestamp, act: impl FnOnce(&Traffic<R>, Timestamp) + Send + 'static) {
        let traffic = Arc::clone(self);
        let due = self.runtime.sleep_until(at);
        self.runtime.spawn(async move {
            due.await;
            act(&traffic, traffic.runtime.now());
        });
    }

    /// Counts what was paid at the till and sends out what Shopify has to say of it.
    fn placed(&self, scene: &mut Scene, shop: ShopKey, order: OrderId, now: Timestamp) {
        scene.orders += 1;
        scene.sold(shop, order, &[]);
        scene.trace.event(kind::ORDER_PLACED, now, order.get(), 0);
        self.announce(scene, shop, order, 0, now);
    }

    /// Tells the oracle of captures beyond the first `known` transactions, and lets webhooks go.
    fn announce(&self, scene: &mut Scene, shop: ShopKey, order: OrderId, known: usize, now: Timestamp) {
        let captures = scene.shopify.captures(shop, order);
        for (gateway, received) in captures.into_iter().skip(known) {
            scene.oracle.captured(shop, &gateway, received);
        }
        let lag = scene.faults.search_lag(order.get(), now.seconds().unsigned_abs(), now);
        scene.shopify.set_search_lag(lag);
        dispatch(&self.stage, scene, &self.runtime, &self.door, now);
    }

    fn change(&self, shop: ShopKey, order: OrderId, now: Timestamp, change: Change) {
        let mut scene = self.stage.scene();
        let known = scene.shopify.captures(shop, order).len();
        let before = scene.standing(shop, order);
        let changed = match &change {
            Change::Capture => scene.shopify.capture(shop, order, now),
            Change::Quantity { line, quantity } => {
                scene.shopify.edit_quantity(shop, order, *line, *quantity, now)
            }
            Change::AddLine(line) => scene.shopify.edit_add_line(shop, order, line, now),
            Change::Pay(payment) => scene.shopify.pay(shop, order, payment, now),
            Change::Touch => scene.shopify.touch(shop, order, now),
        };
        // What Shopify does not allow, such as a second removal of a line, changes nothing.
        if changed.is_ok() {
            scene.trace.event(kind::ORDER_CHANGED, now, order.get(), change.number());
            scene.sold(shop, order, &before);
            self.announce(&mut scene, shop, order, known, now);
        }
    }

    fn checkout(
        &self,
        people: &mut People,
        scene: &mut Scene,
        purchase: &Purchase,
        storefront: &Storefront,
        now: Timestamp,
    ) -> Checkout {
        let buyer = self.buyer(people, scene, purchase, storefront.key);
        let titles = &mut people.titles;
        let lines = purchase.lines.iter().map(|line| {
            let sku = titles.sku(&self.world, line.variant);
            CheckoutLine {
                title: Arc::clone(&sku),
                sku: Some(sku),
                quantity: line.quantity,
                unit_price: line.unit_price_minor,
                taxable: true,
                is_gift_card: false,
            }
        });
        let lines = lines.collect();
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

    fn presentment(
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

    fn added_line(&self, shop: ShopKey, line: &BasketLine) -> ExactLine {
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

    fn perform(&self, event: &Scripted, now: Timestamp) {
        let order_of = |name: &str| self.people().scripted_orders.get(name).copied();
        let (name, change) = match event {
            Scripted::Order(order) => return self.place(order, now),
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
            Scripted::Adjust { .. } | Scripted::Wholesale { .. } => return self.staff(event, now),
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
            Scripted::Adjust { sku, location, by }
                if scene.netsuite.adjust_stock(&sku.0, *location, *by, now) =>
            {
                scene.oracle.stock.adjusted(&sku.0, *location, *by, now);
            }
            Scripted::Wholesale { contact, sku, location, quantity, amount } => {
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
        self.placed(&mut scene, order.shop, id, now);
    }
}

/// Whether Shopify refuses a checkout, because a line wants more than is shown as available.
fn turned_away<'a>(
    scene: &mut Scene,
    shop: ShopKey,
    mut wanted: impl Iterator<Item = (Option<&'a str>, u32)>,
) -> bool {
    let refused = scene.oracle.stock.is_kept(shop)
        && wanted.any(|(sku, units)| sku.is_some_and(|sku| !scene.shopify.can_sell(shop, sku, units)));
    scene.oracle.stock.turned_away += u64::from(refused);
    refused
}

impl People {
    fn suspect(&mut self, shop: ShopKey, email: &str) {
        let email = email.to_lowercase();
        if let Some((name, _)) = email.rsplit_once('@') {
            self.suspects.entry((shop, name.into())).or_default().insert(email.clone().into());
        }
    }
}

/// What somebody does to an order that exists.
enum Change {
    Capture,
    Quantity { line: usize, quantity: u32 },
    AddLine(Box<ExactLine>),
    Pay(Payment),
    Touch,
}

impl Change {
    /// For the trace: never renumbered.
    fn number(&self) -> u64 {
        match self {
            Change::Capture => 1,
            Change::Quantity { .. } => 2,
            Change::AddLine(_) => 3,
            Change::Pay(_) => 4,
            Change::Touch => 5,
        }
    }
}

/// The account of this e-mail, or a new one.
fn customer(scene: &mut Scene, shop: ShopKey, name: Option<&str>, email: Option<&str>) -> CustomerId {
    if let Some(known) = email.and_then(|email| scene.shopify.customer_by_email(shop, email)) {
        return known;
    }
    let details = CustomerDetails { name: name.map(Arc::from), email: email.map(Arc::from), phone: None };
    scene.shopify.add_customer(shop, details).expect("names are given and the e-mail was not taken")
}

fn company_location(scene: &mut Scene, shop: ShopKey, name: &str, email: Option<&str>) -> CompanyLocationId {
    let contact = CustomerDetails { name: Some(name.into()), email: email.map(Arc::from), phone: None };
    let details = CompanyDetails { company: name.into(), location: name.into(), contact };
    scene.shopify.add_company_location(shop, details).expect("each company has a contact of its own")
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

fn exact_line(line: &ScriptedLine) -> ExactLine {
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
        channel_liable: false,
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

/// Shopify's name of a tender. Source: shopify.md §i.
fn gateway(tender: &str) -> &str {
    match tender {
        "gift-card" => "gift_card",
        "store-credit" => "shopify_store_credit",
        other => other,
    }
}

/// One letter too many, too few or other in the part after the `@`, or two neighbours exchanged: what the world
/// calls a typing error. Written without the engine's measure.
fn alike(left: &str, right: &str) -> bool {
    let (Some((left_name, left_domain)), Some((right_name, right_domain))) =
        (left.rsplit_once('@'), right.rsplit_once('@'))
    else {
        return false;
    };
    left_name == right_name
        && left_domain != right_domain
        && one_slip(left_domain.as_bytes(), right_domain.as_bytes())
}

fn one_slip(left: &[u8], right: &[u8]) -> bool {
    let (short, long) = if left.len() <= right.len() { (left, right) } else { (right, left) };
    let prefix = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let rest = |from: usize| (&short[from.min(short.len())..], &long[from.min(long.len())..]);
    match long.len() - short.len() {
        0 => {
            let (a, b) = rest(prefix);
            let other = a.get(1..) == b.get(1..);
            let exchanged = a.len() > 1 && a[0] == b[1] && a[1] == b[0] && a[2..] == b[2..];
            other || exchanged
        }
        1 => short[prefix..] == long[prefix + 1..],
        _ => false,
    }
}

#[cfg(test)]
mod tests;
