//! Business buyers on the stage: set up in both twins from the profile, and what happens to them during the day.

use std::sync::Arc;

use crate::domain::ids::CompanyLocationId;
use crate::domain::price::BASE_LEVEL;
use crate::domain::sales_order::SalesOrderStatus;
use crate::domain::{CustomerKey, ExternalId, Money, ShopKey, Sku, Timestamp};
use crate::mocks::netsuite::{DocumentKind, ExistingCustomer, NetsuiteTwin, pricing::Agreed};
use crate::mocks::shopify::{
    Checkout, CheckoutBuyer, CheckoutLine, CheckoutTax, CompanyDetails, CustomerDetails, Payment,
    PaymentStanding, ShopifyTwin,
};
use crate::ports::Runtime;
use crate::scenario::Profile;
use crate::scenario::wholesale::{Agreement, AgreementChange, Purchase, WholesaleEvent};
use crate::sim::stage::Scene;
use crate::sim::traffic::Traffic;
use crate::sim::world::BasketLine;

/// Opens the companies in both twins: their locations with a catalog each, goods at retail, and in NetSuite what
/// was agreed. Returns the locations, in the order of the profile.
pub fn open(
    profile: &Profile,
    shopify: &mut ShopifyTwin,
    netsuite: &mut NetsuiteTwin,
    now: Timestamp,
) -> Vec<CompanyLocationId> {
    let wholesale = &profile.wholesale;
    for price in &wholesale.prices {
        let (currency, minor) = (price.price.currency(), Some(price.price.minor()));
        netsuite.set_price(&price.sku.0, price.level, price.from, currency, minor, now);
        if price.level == BASE_LEVEL && price.from == 1 {
            for shop in profile.shops.iter().filter(|shop| shop.currency == currency) {
                shopify.add_variant(shop.key, &price.sku.0, price.price.minor());
            }
        }
    }
    for (sku, group) in &wholesale.groups {
        netsuite.set_pricing_group(&sku.0, *group, now);
    }
    let mut locations = Vec::with_capacity(wholesale.companies.len());
    for company in &wholesale.companies {
        let shop = &profile.shops[company.shop];
        let contact = CustomerDetails {
            name: Some((&*company.name).into()),
            email: Some((&*company.email).into()),
            phone: None,
        };
        let name: Arc<str> = (&*company.name).into();
        let details = CompanyDetails { company: Arc::clone(&name), location: name, contact };
        let location =
            shopify.add_company_location(shop.key, details).expect("each company has a contact of its own");
        shopify.add_price_list(shop.key, shop.currency, &[location]);
        locations.push(location);
        let key = ExternalId::for_company_location(shop.key, location);
        netsuite.add_customer(ExistingCustomer {
            external_id: Some(key.as_str().into()),
            name: company.name.clone(),
            email: Some(company.email.clone()),
            subsidiary: profile.subsidiaries[shop.seller].id,
            currency: Some(shop.currency),
            terms: company.terms.clone(),
            price_level: None,
        });
        netsuite.set_price_level(key.as_str(), company.level, now);
        netsuite.set_credit_limit(key.as_str(), company.credit_limit, now);
        for (sku, agreement) in &company.items {
            netsuite.agree_item(key.as_str(), &sku.0, shop.currency, Some(agreed(*agreement)), now);
        }
        for (group, level) in &company.groups {
            netsuite.agree_group(key.as_str(), *group, *level, now);
        }
    }
    locations
}

fn agreed(agreement: Agreement) -> Agreed {
    match agreement {
        Agreement::Level(level) => Agreed::Level(level),
        Agreement::Price(price) => Agreed::Custom(price.minor()),
    }
}

impl Scene {
    /// Shop and location of a company.
    fn seat(&self, profile: &Profile, company: usize) -> (ShopKey, CompanyLocationId) {
        (profile.shops[profile.wholesale.companies[company].shop].key, self.companies[company])
    }

    /// Shows the oracle what every company is served for everything.
    pub fn show_prices(&mut self, profile: &Profile, now: Timestamp) {
        for company in 0..profile.wholesale.companies.len() {
            let (shop, location) = self.seat(profile, company);
            for (sku, quantity) in self.oracle.contracts().questions(company) {
                if let Some(served) = self.shopify.price_for(shop, location, &sku.0, quantity) {
                    self.oracle.served_at_rest(company, &sku, quantity, served, now);
                }
            }
        }
    }
}

impl Scene {
    /// Shows the oracle how every company's orders stand.
    pub fn show_terms(&mut self, profile: &Profile, now: Timestamp) {
        let Scene { shopify, netsuite, oracle, companies, .. } = self;
        for (company, agreed) in profile.wholesale.companies.iter().enumerate() {
            let shop = profile.shops[agreed.shop].key;
            let (mut released, mut held) = (0, Vec::new());
            for order in shopify.orders_truth(shop) {
                if order.buyer.key != CustomerKey::CompanyLocation(companies[company]) {
                    continue;
                }
                let days = shopify.terms_of(shop, order.id);
                let key = ExternalId::for_order(shop, order.id);
                oracle.order_on_terms(company, &order, days, now);
                let booked = netsuite.document_by_key(DocumentKind::SalesOrder, key.as_str());
                let Some(status) = booked.and_then(|document| document.status()) else { continue };
                let captured: i64 = order.captures().map(|capture| capture.amount.minor()).sum();
                let owed = (order.total.minor() - captured).max(0);
                match status {
                    SalesOrderStatus::PendingApproval => held.push(owed),
                    SalesOrderStatus::Cancelled | SalesOrderStatus::Closed => {}
                    _ => released += owed,
                }
            }
            oracle.credit(company, companies[company], released, &held, now);
        }
    }
}

impl<R: Runtime> Traffic<R> {
    /// Which of the profile's companies a drawn one is, if the profile has any in that shop.
    pub(super) fn company_of(&self, shop: ShopKey, drawn: u64) -> Option<usize> {
        let profile = self.world.profile();
        let of_shop = |at: &usize| profile.shops[profile.wholesale.companies[*at].shop].key == shop;
        let count = (0..profile.wholesale.companies.len()).filter(of_shop).count();
        let place = drawn.checked_rem(count as u64)?;
        (0..profile.wholesale.companies.len()).filter(of_shop).nth(place as usize)
    }

    /// What a company is served for a line, shown to the oracle; `None` for goods without agreed prices.
    pub(super) fn served(
        &self,
        scene: &mut Scene,
        company: usize,
        line: &BasketLine,
        now: Timestamp,
    ) -> Option<i64> {
        let profile = Arc::clone(self.world.profile());
        let sku = self.world.sku(line.variant);
        let (shop, location) = scene.seat(&profile, company);
        scene.shopify.price_for(shop, location, &sku.0, line.quantity)?;
        Some(self.look(scene, &profile, company, sku, line.quantity, None, now))
    }

    pub(super) fn deal(&self, event: &WholesaleEvent, now: Timestamp) {
        match event {
            WholesaleEvent::Change(change) => self.agree(change, now),
            WholesaleEvent::Buy(purchase) => self.buy_wholesale(purchase, now),
            WholesaleEvent::Sees { company, sku, quantity, price } => {
                let profile = Arc::clone(self.world.profile());
                let mut scene = self.stage.scene();
                self.look(&mut scene, &profile, *company, sku, *quantity, Some(*price), now);
            }
            WholesaleEvent::PayInNetSuite { order, amount } => {
                let placed = self.people().scripted_orders.get(order).copied();
                let (shop, id) = placed.expect("the loader lets no event name an order that was not placed");
                let mut scene = self.stage.scene();
                let key = ExternalId::for_order(shop, id);
                // What NetSuite does not have yet cannot be paid there.
                if scene.netsuite.key_payment(key.as_str(), amount.minor(), now) {
                    scene.oracle.transferred(shop, id, amount.minor());
                }
            }
        }
    }

    fn agree(&self, change: &AgreementChange, now: Timestamp) {
        let profile = Arc::clone(self.world.profile());
        let mut scene = self.stage.scene();
        let scene = &mut *scene;
        let key = |company: usize| {
            let (shop, location) = scene.seat(&profile, company);
            ExternalId::for_company_location(shop, location)
        };
        let done = match change {
            AgreementChange::Price(price) => {
                let (currency, minor) = (price.price.currency(), Some(price.price.minor()));
                scene.netsuite.set_price(&price.sku.0, price.level, price.from, currency, minor, now)
            }
            AgreementChange::Level { company, level } => {
                let key = key(*company);
                scene.netsuite.set_price_level(key.as_str(), Some(*level), now)
            }
            AgreementChange::Item { company, sku, agreement } => {
                let key = key(*company);
                let currency = profile.shops[profile.wholesale.companies[*company].shop].currency;
                scene.netsuite.agree_item(key.as_str(), &sku.0, currency, Some(agreed(*agreement)), now)
            }
            AgreementChange::CreditLimit { company, limit } => {
                let key = key(*company);
                scene.netsuite.set_credit_limit(key.as_str(), Some(*limit), now)
            }
        };
        assert!(done, "the loader lets no event name an item or a company that is not there");
        scene.oracle.agreed(change, now);
    }

    /// What a buyer is served, shown to the oracle.
    #[expect(clippy::too_many_arguments, reason = "who looks at what, and when")]
    fn look(
        &self,
        scene: &mut Scene,
        profile: &Profile,
        company: usize,
        sku: &Sku,
        quantity: u32,
        stated: Option<Money>,
        now: Timestamp,
    ) -> i64 {
        let (shop, location) = scene.seat(profile, company);
        let served = scene
            .shopify
            .price_for(shop, location, &sku.0, quantity)
            .expect("the loader lets nobody look at what has no price");
        let lists = scene.shopify.price_lists_of(shop, location);
        scene.oracle.served(company, sku, quantity, served, stated, &lists, now);
        served
    }

    fn buy_wholesale(&self, purchase: &Purchase, now: Timestamp) {
        let profile = Arc::clone(self.world.profile());
        let storefront = &profile.shops[profile.wholesale.companies[purchase.company].shop];
        let mut people = self.people();
        let mut scene = self.stage.scene();
        let mut lines = Vec::with_capacity(purchase.lines.len());
        for (sku, quantity) in &purchase.lines {
            let text: Arc<str> = (&*sku.0).into();
            lines.push(CheckoutLine {
                sku: Some(Arc::clone(&text)),
                title: text,
                quantity: *quantity,
                unit_price: self.look(&mut scene, &profile, purchase.company, sku, *quantity, None, now),
                taxable: true,
                is_gift_card: false,
            });
        }
        let taxes = storefront.taxes.iter().map(|tax| CheckoutTax {
            title: (&*tax.title).into(),
            rate: tax.rate,
            channel_liable: false,
        });
        let payments = purchase.gateway.iter().map(|gateway| Payment {
            gateway: (&**gateway).into(),
            amount: None,
            presentment: None,
            rounding: 0,
            standing: PaymentStanding::Captured,
        });
        let checkout = Checkout {
            buyer: CheckoutBuyer::Company(scene.companies[purchase.company]),
            lines,
            discounts: vec![],
            taxes: taxes.collect(),
            taxes_included: storefront.taxes_included,
            shipping: None,
            duties: 0,
            fees: 0,
            tip: 0,
            presentment: None,
            payments: payments.collect(),
            ship_to: None,
        };
        if let Some(stated) = purchase.total {
            let total = scene.shopify.total_of(storefront.key, &checkout);
            scene.oracle.asked(purchase.company, &purchase.name, stated, total, now);
        }
        let order = scene.shopify.checkout(storefront.key, &checkout, now);
        people.scripted_orders.insert(purchase.name.clone(), (storefront.key, order));
        self.placed(&mut scene, storefront.key, order, now);
    }
}
