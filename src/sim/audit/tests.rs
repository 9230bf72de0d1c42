//! Method: the order of `order/shipped` on both twins, booked, shipped in two parcels and billed by hand of this test,
//! without an engine. The books of the oracle hold; with one amount, parcel or line of it spoilt they do not.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::books::books;
use crate::domain::billing::{Invoice, InvoiceLine};
use crate::domain::fulfillment::{Parcel, ShipStatus};
use crate::domain::ids::{FulfillmentId, OrderId};
use crate::domain::sales_order::{LineKey, LineTax};
use crate::domain::{CustomerDeposit, Duration, ExternalId, InternalId, Money, Order, ShopKey, Timestamp};
use crate::engine::order::translate;
use crate::engine::stock::kits::Kits;
use crate::mocks::netsuite::{DocumentKind, ShipmentEntry};
use crate::mocks::shopify::{
    CheckoutBuyer, ExactLine, ExactOrder, ExactShipping, ExactTax, Payment, PaymentStanding,
};
use crate::platforms::netsuite::convert;
use crate::platforms::netsuite::operation::Request;
use crate::scenario::Scenario;
use crate::scenario::load::LoadOptions;
use crate::sim::defect::Planted;
use crate::sim::oracle::shares::share;
use crate::sim::stage::Stage;

struct Day {
    stage: Arc<Stage>,
    scenario: Scenario,
    shop: ShopKey,
    order: OrderId,
    /// So many units of each line, by position, were billed.
    billed: Vec<u32>,
    /// Added to the first amount of the next invoice.
    off_by: i64,
}

impl Day {
    fn new() -> Day {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/order/shipped.toml");
        let scenario = Scenario::load(&path, LoadOptions::default()).unwrap();
        let stage = Stage::new(&scenario, 1, &[], Planted::new(None));
        let shop: ShopKey = "uk".parse().unwrap();
        let order = {
            let mut scene = stage.scene();
            let location = scenario.profile.subsidiaries[0].location;
            scene.netsuite.set_stock("MUG", location, 10, 400);
            scene.netsuite.set_stock("TOWEL", location, 10, 150);
            let order = scene.shopify.place_exact(shop, &exact(), scenario.starts);
            scene.oracle.captured(shop, "shopify_payments", 3_300);
            order
        };
        let mut day = Day { stage, scenario, shop, order, billed: vec![0, 0], off_by: 0 };
        day.book();
        day
    }

    fn at(&self, minutes: u64) -> Timestamp {
        self.scenario.starts.plus(Duration::from_mins(minutes))
    }

    fn truth(&self) -> Order {
        self.stage.scene().shopify.order_truth(self.shop, self.order).unwrap()
    }

    fn send(&self, request: &Request, minutes: u64) {
        let now = self.at(minutes);
        let mut scene = self.stage.scene();
        let response = scene.netsuite.execute(request, now);
        assert!(response.answer.is_ok(), "{response:?}");
        scene.show_postings(now);
    }

    fn book(&mut self) {
        let (order, policy) = (self.truth(), Arc::clone(&self.scenario.policy));
        let shop = policy.shop(self.shop).unwrap();
        let customer = translate::customer_record(&order, shop, &policy);
        self.send(&convert::customer_request(&customer), 1);
        let sales_order = translate::sales_order(&order, shop, &policy, &Kits::default()).unwrap();
        self.send(&convert::sales_order_request(&sales_order).unwrap(), 2);
        let paid = &order.transactions[0];
        self.send(
            &convert::deposit_request(&CustomerDeposit {
                external_id: ExternalId::for_deposit(self.shop, paid.id),
                customer: customer.external_id,
                sales_order: sales_order.external_id,
                subsidiary: sales_order.subsidiary,
                currency: order.currency,
                date: policy.book_date(shop, paid.processed_at),
                original_date: None,
                payment: paid.amount,
                account: policy.tender_account(shop, &paid.tender).unwrap(),
            }),
            3,
        );
    }

    fn sales_order(&self) -> InternalId {
        let scene = self.stage.scene();
        let key = format!("{}-order-{}", self.shop, self.order);
        scene.netsuite.document_by_key(DocumentKind::SalesOrder, &key).unwrap().internal_id()
    }

    /// Units of lines, by position, leave the warehouse.
    fn ship(&self, units: &[(usize, u32)], number: &str, minutes: u64) {
        let (order, id, now) = (self.truth(), self.sales_order(), self.at(minutes));
        let mut scene = self.stage.scene();
        let number_of = |at: usize| {
            let key = Some(LineKey::Goods(order.lines[at].id));
            let document = scene.netsuite.document(id).unwrap();
            document.lines().find(|line| line.key == key).unwrap().number
        };
        let entry = ShipmentEntry {
            lines: units.iter().map(|(at, units)| (number_of(*at), *units)).collect(),
            location: self.scenario.profile.subsidiaries[0].location,
            status: ShipStatus::Shipped,
            parcels: vec![parcel(number)],
        };
        assert!(scene.netsuite.ship(id, &entry, now).is_ok());
        scene.show_postings(now);
    }

    fn tell(&self, units: &[(usize, u32)], number: &str, minutes: u64) -> FulfillmentId {
        let now = self.at(minutes);
        let mut scene = self.stage.scene();
        scene.shopify.fulfill_by_hand(self.shop, self.order, units, &[parcel(number)], now).unwrap()
    }

    /// Bills units of lines, the first time with the delivery.
    fn bill(&mut self, fulfillment: FulfillmentId, units: &[(usize, u32)], minutes: u64) {
        let (order, id) = (self.truth(), self.sales_order());
        let first = self.billed.iter().all(|billed| *billed == 0);
        let mut lines = Vec::new();
        {
            let scene = self.stage.scene();
            let document = scene.netsuite.document(id).unwrap();
            for line in document.lines() {
                let part = |amount: Money, at: usize, units: u32, whole: u32| {
                    let until = |units| share(i128::from(amount.minor()), units, whole);
                    let minor = until(self.billed[at] + units) - until(self.billed[at]);
                    Money::new(i64::try_from(minor).unwrap(), amount.currency())
                };
                let of = |key| order.lines.iter().position(|known| LineKey::Goods(known.id) == key);
                let (quantity, amount, tax) = match line.key.unwrap() {
                    LineKey::Shipping(_) if first => (1, line.amount, line.tax),
                    key => {
                        let Some(at) = of(key) else { continue };
                        let Some((_, units)) = units.iter().find(|(known, _)| *known == at) else { continue };
                        let whole = line.quantity;
                        (*units, part(line.amount, at, *units, whole), part(line.tax, at, *units, whole))
                    }
                };
                let amount = Money::new(amount.minor() + std::mem::take(&mut self.off_by), amount.currency());
                let code = self.scenario.profile.subsidiaries[0].tax_codes[0];
                let taxes = vec![LineTax { code, rate: Decimal::new(2, 1), amount: tax }];
                let key = line.key.unwrap();
                lines.push(InvoiceLine { order_line: line.number, key, quantity, amount, taxes });
            }
        }
        for (at, units) in units {
            self.billed[*at] += units;
        }
        let invoice = Invoice {
            external_id: ExternalId::for_invoice(self.shop, fulfillment),
            sales_order: ExternalId::for_order(self.shop, self.order),
            date: self.scenario.profile.account_zone.book_date(self.at(minutes)),
            original_date: None,
            currency: order.currency,
            lines,
        };
        self.send(&convert::billing::invoice_request(id, &invoice).unwrap(), minutes);
    }

    fn all(&mut self, units: &[(usize, u32)], number: &str, minutes: u64) {
        self.ship(units, number, minutes);
        let told = self.tell(units, number, minutes + 1);
        self.bill(told, units, minutes + 2);
    }

    /// Invariants that broke, with the first thing said of each.
    fn broken(&self) -> BTreeSet<&'static str> {
        let mut scene = self.stage.scene();
        let _ = books(&mut scene, self.at(600));
        let broken = scene.oracle.tallies().filter(|(_, tally)| tally.broken > 0);
        broken.map(|(invariant, _)| invariant.name).collect()
    }

    #[track_caller]
    fn holds(&self) {
        let broken = self.broken();
        let scene = self.stage.scene();
        let said: Vec<String> =
            scene.oracle.tallies().flat_map(|(_, tally)| &tally.breaches).map(ToString::to_string).collect();
        assert!(broken.is_empty(), "{}", said.join("\n"));
    }

    #[track_caller]
    fn breaks(&self, invariants: &[&str]) {
        let broken = self.broken();
        assert!(invariants.iter().all(|name| broken.contains(name)), "{broken:?}");
    }
}

fn parcel(number: &str) -> Parcel {
    Parcel { carrier: Some("DHL".into()), number: number.into(), url: None }
}

/// 33.00, tax in: two mugs of 12.00, a towel of 6.00, delivery of 3.00.
fn exact() -> ExactOrder {
    let tax = |amount| {
        vec![ExactTax { title: "VAT".into(), rate: Decimal::new(2, 1), amount, channel_liable: false }]
    };
    let line = |sku: &str, quantity, unit_price, minor| ExactLine {
        sku: Some(sku.into()),
        title: sku.into(),
        quantity,
        unit_price,
        discounts: vec![],
        taxes: tax(minor),
        is_gift_card: false,
    };
    ExactOrder {
        buyer: CheckoutBuyer::Guest { email: Some("ada@example.com".into()), phone: None },
        lines: vec![line("MUG", 2, 1_200, 400), line("TOWEL", 1, 600, 100)],
        shipping: vec![ExactShipping {
            title: "Standard".into(),
            price: 300,
            discounts: vec![],
            taxes: tax(50),
        }],
        duties: 0,
        fees: 0,
        tip: 0,
        taxes_included: true,
        presentment: None,
        payments: vec![Payment {
            gateway: "shopify_payments".into(),
            amount: Some(3_300),
            presentment: None,
            rounding: 0,
            standing: PaymentStanding::Captured,
        }],
        ship_to: None,
        processed_at: None,
    }
}

#[test]
fn an_order_that_waits_is_a_deposit() {
    Day::new().holds();
}

#[test]
fn an_order_that_leaves_in_two_parcels_is_billed_in_two_parts() {
    let mut day = Day::new();
    day.all(&[(0, 1)], "JD1", 60);
    day.holds();
    let mut day = Day::new();
    day.all(&[(0, 1)], "JD1", 60);
    day.all(&[(0, 1), (1, 1)], "JD2", 120);
    day.holds();
}

#[test]
fn a_penny_on_an_invoice_is_found() {
    let mut day = Day::new();
    day.off_by = 1;
    day.all(&[(0, 2), (1, 1)], "JD1", 60);
    day.breaks(&["trial-balance-expected"]);
}

#[test]
fn a_parcel_that_nobody_was_told_of_is_found() {
    let day = Day::new();
    day.ship(&[(0, 2)], "JD1", 60);
    day.breaks(&["shipped-once"]);
}

#[test]
fn a_parcel_told_on_the_wrong_line_is_found() {
    let day = Day::new();
    day.ship(&[(0, 1)], "JD1", 60);
    day.tell(&[(1, 1)], "JD1", 61);
    day.breaks(&["shipped-once"]);
}

#[test]
fn a_parcel_that_is_told_and_not_billed_is_found() {
    let day = Day::new();
    day.ship(&[(0, 2)], "JD1", 60);
    day.tell(&[(0, 2)], "JD1", 61);
    day.breaks(&["shipped-once", "trial-balance-expected"]);
}
