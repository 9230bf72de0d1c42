//! Method: one order of 100.00 + 20.00 tax with delivery of 5.00 + 1.00, the example of failures.md A9, and what each
//! of its fates must leave on the accounts, in minor units, debits positive.

use std::path::Path;

use rust_decimal::Decimal;

use super::billing::Ratio;
use super::order_books::OrderBooks;
use super::units::Units;
use super::*;
use crate::domain::fulfillment::Fulfillment;
use crate::domain::ids::{
    FulfillmentId, LineItemId, OrderId, RefundId, RefundLineId, ShippingLineId, TransactionId,
};
use crate::domain::order::{Buyer, LineItem, ShippingLine, Tender};
use crate::domain::refund::{
    AdjustmentReason, Refund, RefundAdjustment, RefundFee, RefundFeeKind, RefundLine, RefundShipping, Restock,
};
use crate::domain::sales_order::LineKey;
use crate::domain::{CauseCode, Money, Sku};
use crate::scenario::Scenario;
use crate::scenario::load::LoadOptions;
use crate::sim::oracle::seen::after_purchase::AfterPurchase;
use crate::sim::oracle::seen::documents::{SeenCustomerRefund, SeenDocuments, SeenShipment, SeenShippedLine};
use crate::sim::oracle::seen::{SeenLine, SeenSalesOrder};

const GBP: &str = "GBP";

fn gbp(minor: i64) -> Money {
    Money::new(minor, GBP.parse().unwrap())
}

fn at(minutes: u64) -> Timestamp {
    Timestamp::from_seconds(1_764_000_000).plus(crate::domain::Duration::from_mins(minutes))
}

fn intent() -> Intent {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/tenders/split.toml");
    Intent::new(Scenario::load(&path, LoadOptions::default()).unwrap().profile)
}

fn entry(id: u64, kind: TransactionKind, tender: Tender, minor: i64) -> Transaction {
    Transaction {
        id: TransactionId::new(id),
        kind,
        status: TransactionStatus::Success,
        tender,
        amount: gbp(minor),
        presentment: gbp(minor),
        rounding: gbp(0),
        processed_at: at(1),
        parent: None,
    }
}

fn card() -> Tender {
    Tender::from_gateway("shopify_payments")
}

fn vat(minor: i64) -> TaxLine {
    TaxLine { title: "VAT".into(), rate: Decimal::new(2, 1), amount: gbp(minor), channel_liable: false }
}

/// One order, and what the warehouse did.
struct Case {
    order: Order,
    is_shipped: bool,
    /// Its refund was booked, and failed after that.
    failed_later: bool,
}

fn case() -> Case {
    let line = LineItem {
        id: LineItemId::new(1),
        sku: Some(Sku("SKU-1".into())),
        title: "Lamp".into(),
        quantity_ordered: 1,
        quantity: 1,
        unit_price: gbp(10_000),
        discounts: vec![],
        taxes: vec![vat(2_000)],
        is_gift_card: false,
    };
    let delivery = ShippingLine {
        id: ShippingLineId::new(2),
        title: "Standard".into(),
        price: gbp(500),
        discounts: vec![],
        taxes: vec![vat(100)],
    };
    let order = Order {
        shop: "uk".parse().unwrap(),
        id: OrderId::new(5),
        name: "#1001".into(),
        created_at: at(0),
        processed_at: at(0),
        updated_at: at(0),
        cancelled_at: None,
        currency: GBP.parse().unwrap(),
        presentment_currency: GBP.parse().unwrap(),
        taxes_included: false,
        buyer: Buyer { key: CustomerKey::Guest, name: None, email: None, phone: None },
        ship_to: None,
        lines: vec![line],
        shipping: vec![delivery],
        duties: gbp(0),
        additional_fees: gbp(0),
        tip: gbp(0),
        tax: gbp(2_100),
        total: gbp(12_600),
        total_presentment: gbp(12_600),
        transactions: vec![entry(10, TransactionKind::Sale, card(), 12_600)],
        fulfillments: vec![],
        refunds: vec![],
    };
    Case { order, is_shipped: false, failed_later: false }
}

impl Case {
    fn shipped(mut self) -> Case {
        self.is_shipped = true;
        self.order.fulfillments.push(Fulfillment {
            id: FulfillmentId::new(30),
            created_at: at(60),
            is_cancelled: false,
            lines: self.order.lines.iter().map(|line| (line.id, line.quantity_ordered)).collect(),
            parcels: vec![],
        });
        self
    }

    /// A refund two hours after the order, with its money by one tender.
    fn refunded(mut self, tender: Tender, minor: i64, state: impl FnOnce(&mut Refund)) -> Case {
        let mut refund = Refund {
            id: RefundId::new(40),
            created_at: at(120),
            is_return: false,
            lines: vec![],
            shipping: vec![],
            duties: gbp(0),
            tip: gbp(0),
            fees: vec![],
            adjustments: vec![],
            presentment: gbp(minor),
            transactions: vec![],
        };
        if minor != 0 {
            self.order.transactions.push(entry(11, TransactionKind::Refund, tender, minor));
            refund.transactions.push(TransactionId::new(11));
        }
        state(&mut refund);
        for line in &refund.lines {
            self.order.lines[0].quantity -= line.quantity;
        }
        let parts = refund.parts(false).unwrap().minor();
        self.order.total = gbp(self.order.total.minor() - parts.min(self.order.total.minor()));
        self.order.total_presentment = self.order.total;
        self.order.refunds.push(refund);
        self
    }

    fn sales_order(&self, intent: &Intent) -> SeenSalesOrder {
        let code = intent.seller(self.order.shop).unwrap().tax_codes[0];
        let units = Units::of(&self.order);
        let mut lines = vec![];
        let mut tax_rows = vec![];
        let mut add = |key, quantity: u32, amount_minor: i64, tax_minor: i64| {
            if quantity > 0 {
                tax_rows.push((u32::try_from(lines.len()).unwrap(), code, tax_minor));
                let item = Sku("item".into());
                lines.push(SeenLine { key: Some(key), item, quantity, amount_minor, tax_minor, label: None });
            }
        };
        for (line, of) in self.order.lines.iter().zip(&units.lines) {
            let tax = line.taxes.iter().map(|tax| tax.amount.minor()).sum();
            add(LineKey::Goods(line.id), of.standing, line.unit_price.minor() * i64::from(of.standing), tax);
        }
        if units.lines.iter().any(|of| of.standing > 0) {
            for line in &self.order.shipping {
                let tax = line.taxes.iter().map(|tax| tax.amount.minor()).sum();
                add(LineKey::Shipping(line.id), 1, line.price.minor(), tax);
            }
        }
        SeenSalesOrder {
            external_id: "uk-order-5".into(),
            customer_external_id: "uk-guest".into(),
            subsidiary: intent.seller(self.order.shop).unwrap().id,
            currency: self.order.currency,
            date: intent.day(self.order.shop, at(0)),
            total: self.order.total,
            lines,
            taxes: vec![],
            tax_rows,
        }
    }

    fn documents(&self, intent: &Intent) -> SeenDocuments {
        let mut documents = SeenDocuments::default();
        if self.is_shipped {
            let line = |line: &LineItem| SeenShippedLine {
                key: Some(LineKey::Goods(line.id)),
                quantity: line.quantity_ordered,
                cost_minor: 4_000 * i64::from(line.quantity_ordered),
            };
            documents.shipments.push(SeenShipment {
                is_shipped: true,
                date: intent.day(self.order.shop, at(60)),
                lines: self.order.lines.iter().map(line).collect(),
                parcels: vec![],
            });
        }
        if self.failed_later {
            documents.refunds.push(SeenCustomerRefund {
                external_id: Some("uk-refund-11".into()),
                date: intent.day(self.order.shop, at(120)),
                account: intent.account(self.order.shop, "shopify_payments").unwrap(),
                amount_minor: 12_600,
            });
        }
        documents
    }

    /// What must stand on the accounts, by name; accounts that are not named must stand at zero.
    fn must_leave(&self, wanted: &[(&str, i128)]) -> OrderBooks {
        let intent = intent();
        let seller = intent.seller(self.order.shop).unwrap();
        let captures: Vec<_> = self
            .order
            .captures()
            .map(|entry| {
                let account = intent.account(self.order.shop, entry.tender.gateway()).unwrap();
                (account, i128::from(entry.amount.minor()))
            })
            .collect();
        let units = Units::of(&self.order);
        let (sales_order, documents) = (self.sales_order(&intent), self.documents(&intent));
        let mut after = AfterPurchase::default();
        if self.failed_later {
            after.refund_failed(self.order.shop, TransactionId::new(11));
        }
        let books = OrderBooks::of(
            &intent,
            seller,
            &self.order,
            &units,
            &sales_order,
            &documents,
            &after,
            &captures,
            Ratio::Now,
        );
        let accounts = &seller.accounts;
        let named = |name: &str| match name {
            "clearing" => intent.account(self.order.shop, "shopify_payments").unwrap(),
            "store credit" => seller.store_credit_liability,
            "gift cards" => seller.gift_card_liability,
            "deposits" => seller.deposits,
            "receivable" => accounts.receivable,
            "sales" => accounts.income,
            "returns" => accounts.returns,
            "shipping" => accounts.shipping,
            "goodwill" => accounts.goodwill,
            "restocking" => accounts.restocking,
            "tax" => accounts.tax[0],
            "cost" => accounts.cogs,
            "inventory" => accounts.inventory,
            "exchange" => accounts.exchange,
            "refunds due" => accounts.refunds_due,
            other => panic!("no account is called {other}"),
        };
        let mut sheet = Sheet::default();
        for (name, minor) in wanted {
            sheet.add(named(name), self.order.currency, *minor);
        }
        let off = sheet.difference(&books.sheet);
        let said = off.map(|(account, _, wanted, found)| (intent.account_name(account), wanted, found));
        assert_eq!(said, None, "account, wanted, found");
        books
    }
}

/// All of the goods, after tax, and whether they are back on the shelf.
fn goods(refund: &mut Refund, restock: Restock) {
    refund.lines.push(RefundLine {
        id: RefundLineId::new(41),
        line: LineItemId::new(1),
        quantity: 1,
        subtotal: gbp(10_000),
        tax: gbp(2_000),
        restock,
        location: None,
    });
}

fn delivery(refund: &mut Refund) {
    let line = Some(ShippingLineId::new(2));
    refund.shipping.push(RefundShipping { line, subtotal: gbp(500), tax: gbp(100) });
}

#[test]
fn what_was_paid_and_not_shipped_is_a_deposit() {
    case().must_leave(&[("clearing", 12_600), ("deposits", -12_600)]);
}

#[test]
fn what_was_shipped_is_sold_and_its_cost_is_gone() {
    case().shipped().must_leave(&[
        ("clearing", 12_600),
        ("sales", -10_000),
        ("shipping", -500),
        ("tax", -2_100),
        ("cost", 4_000),
        ("inventory", -4_000),
    ]);
}

#[test]
fn delivery_given_back_is_six_pounds_of_shipping_and_tax() {
    case().shipped().refunded(card(), 600, delivery).must_leave(&[
        ("clearing", 12_000),
        ("sales", -10_000),
        ("tax", -2_000),
        ("cost", 4_000),
        ("inventory", -4_000),
    ]);
}

#[test]
fn a_restocking_fee_of_a_tenth_leaves_a_refund_of_108() {
    let books = case()
        .shipped()
        .refunded(card(), 10_800, |refund| {
            goods(refund, Restock::Return);
            let kind = RefundFeeKind::Restocking;
            refund.fees.push(RefundFee { kind, amount: gbp(1_000), tax: gbp(200) });
        })
        .must_leave(&[
            ("clearing", 1_800),
            ("sales", -10_000),
            ("returns", 10_000),
            ("restocking", -1_000),
            ("shipping", -500),
            ("tax", -300),
        ]);
    assert_eq!(books.given_back.refunds[0].credited, 10_800);
    assert_eq!(books.given_back.refunds[0].restocked, [(RefundLineId::new(41), 4_000)]);
}

#[test]
fn goodwill_is_an_expense_and_touches_no_tax() {
    case()
        .shipped()
        .refunded(card(), 750, |refund| {
            let reason = AdjustmentReason::RefundDiscrepancy;
            refund.adjustments.push(RefundAdjustment { reason, amount: gbp(750), tax: gbp(0) });
        })
        .must_leave(&[
            ("clearing", 11_850),
            ("sales", -10_000),
            ("shipping", -500),
            ("tax", -2_100),
            ("goodwill", 750),
            ("cost", 4_000),
            ("inventory", -4_000),
        ]);
}

#[test]
fn before_the_invoice_all_of_it_comes_out_of_the_deposit_without_tax() {
    let books = case()
        .refunded(card(), 12_600, |refund| {
            goods(refund, Restock::Cancel);
            delivery(refund);
        })
        .must_leave(&[]);
    assert_eq!((books.given_back.credited, books.given_back.paid_from_deposits), (0, 12_600));
}

#[test]
fn store_credit_beyond_what_was_captured_is_goodwill() {
    case()
        .shipped()
        .refunded(Tender::StoreCredit, 13_000, |refund| {
            goods(refund, Restock::NoRestock);
            delivery(refund);
        })
        .must_leave(&[
            ("clearing", 12_600),
            ("store credit", -13_000),
            ("sales", -10_000),
            ("returns", 10_000),
            ("goodwill", 400),
            ("cost", 4_000),
            ("inventory", -4_000),
        ]);
}

#[test]
fn money_beyond_what_was_captured_is_not_posted_and_needs_a_person() {
    let case = case().shipped().refunded(card(), 13_000, |refund| {
        goods(refund, Restock::NoRestock);
        delivery(refund);
        let reason = AdjustmentReason::RefundDiscrepancy;
        refund.adjustments.push(RefundAdjustment { reason, amount: gbp(400), tax: gbp(0) });
    });
    let books =
        case.must_leave(&[("sales", -10_000), ("returns", 10_000), ("cost", 4_000), ("inventory", -4_000)]);
    assert_eq!(books.given_back.due, [CauseCode::RefundExceedsCaptured]);
}

#[test]
fn an_exchange_credits_what_came_back_and_bills_what_went_out() {
    let mut case = case();
    case.order.shipping.clear();
    case.order.lines[0].taxes.clear();
    case.order.transactions = vec![
        entry(10, TransactionKind::Sale, card(), 10_000),
        entry(12, TransactionKind::Sale, card(), 15_000),
    ];
    let mut dearer = case.order.lines[0].clone();
    (dearer.id, dearer.unit_price) = (LineItemId::new(3), gbp(25_000));
    case.order.lines.push(dearer);
    case.order.total = gbp(35_000);
    let books = case
        .shipped()
        .refunded(card(), 0, |refund| {
            goods(refund, Restock::NoRestock);
            refund.lines[0].tax = gbp(0);
        })
        .must_leave(&[
            ("clearing", 25_000),
            ("sales", -35_000),
            ("returns", 10_000),
            ("cost", 8_000),
            ("inventory", -8_000),
        ]);
    assert_eq!(books.given_back.due, []);
}

#[test]
fn a_buyer_who_paid_in_full_in_another_currency_owes_nothing() {
    let mut case = case();
    case.order.presentment_currency = "USD".parse().unwrap();
    let usd = |minor| Money::new(minor, "USD".parse().unwrap());
    case.order.total_presentment = usd(8_400);
    case.order.transactions[0].amount = gbp(12_527);
    case.order.transactions[0].presentment = usd(8_400);
    case.shipped().must_leave(&[
        ("clearing", 12_527),
        ("exchange", 73),
        ("sales", -10_000),
        ("shipping", -500),
        ("tax", -2_100),
        ("cost", 4_000),
        ("inventory", -4_000),
    ]);
}

#[test]
fn a_refund_that_failed_later_is_owed_again() {
    let mut case = case().shipped().refunded(card(), 12_600, |refund| {
        goods(refund, Restock::NoRestock);
        delivery(refund);
    });
    case.failed_later = true;
    case.order.transactions[1].status = TransactionStatus::Failure;
    let books = case.must_leave(&[
        ("clearing", 12_600),
        ("refunds due", -12_600),
        ("sales", -10_000),
        ("returns", 10_000),
        ("cost", 4_000),
        ("inventory", -4_000),
    ]);
    assert_eq!(books.given_back.due, [CauseCode::RefundFailed]);
}

#[test]
fn a_refund_at_another_rate_leaves_the_rate_a_gain() {
    let mut case = case();
    case.order.presentment_currency = "USD".parse().unwrap();
    let usd = |minor| Money::new(minor, "USD".parse().unwrap());
    case.order.transactions[0].presentment = usd(8_400);
    let mut case = case.shipped().refunded(card(), 710, |refund| {
        let reason = AdjustmentReason::RefundDiscrepancy;
        refund.adjustments.push(RefundAdjustment { reason, amount: gbp(750), tax: gbp(0) });
    });
    case.order.total = gbp(12_600);
    case.order.total_presentment = usd(8_400);
    case.order.transactions[1].presentment = usd(500);
    case.order.refunds[0].presentment = usd(500);
    case.must_leave(&[
        ("clearing", 11_890),
        ("goodwill", 750),
        ("exchange", -40),
        ("sales", -10_000),
        ("shipping", -500),
        ("tax", -2_100),
        ("cost", 4_000),
        ("inventory", -4_000),
    ]);
}
