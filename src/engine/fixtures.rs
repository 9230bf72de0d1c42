//! What the tests of the flows begin with: a policy, an order, and NetSuite as it holds a sales order.
//!
//! Only tests see this.

use crate::domain::customer::{CustomerKey, GuestRecords};
use crate::domain::fulfillment::{Fulfillment, KnownShipment, Parcel, ShipStatus, ShippedLine};
use crate::domain::ids::{
    CustomerId, FulfillmentId, LineItemId, OrderId, RefundId, RefundLineId, TransactionId,
};
use crate::domain::order::{Buyer, LineItem, Tender, Transaction, TransactionKind, TransactionStatus};
use crate::domain::refund::{Refund, RefundLine, Restock};
use crate::domain::sales_order::{KnownLine, LineKey, SalesOrderLine, SalesOrderStatus};
use crate::domain::{
    CauseCode, Currency, Duration, InternalId, KnownDeposit, KnownSalesOrder, Lane, Money, Order, SalesOrder,
    Sku, Timestamp, Zone,
};
use crate::policy::accounting::Accounting;
use crate::policy::*;
use crate::ports::netsuite::Booked;

pub fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

pub fn policy() -> Policy {
    let id = InternalId::new;
    let sku = |name: &str| Sku(name.into());
    Policy {
        stock: StockPolicy {
            every: Duration::from_mins(1),
            overlap: Duration::from_mins(5),
            whole_every: Duration::from_hours(1),
            buffer: 0,
            drift_alert: 10,
        },
        merchant: "harbour".parse().unwrap(),
        hash: [7; 32],
        netsuite: NetSuitePolicy { zone: Zone::utc(), slots: 5 },
        subsidiaries: vec![SubsidiaryPolicy {
            key: "fr".parse().unwrap(),
            id: id(2),
            currency: Currency::EUR,
            books_zone: Zone::named("Europe/Paris").unwrap(),
            bank_zone: Zone::named("Europe/Paris").unwrap(),
            location: id(20),
            gift_card_liability: id(2210),
            store_credit_liability: id(2220),
            accounts: PolicyAccounts {
                bank: id(1000),
                goodwill: id(4400),
                cogs: id(5000),
                promotions: id(6200),
                breakage: id(4600),
                refunds_due: id(2600),
                prepaid_tax: id(2420),
                tax: id(2400),
            },
            tax_code: id(11),
            marketplace_tax_code: id(12),
            tax_schedule: vec![TaxEntry {
                title: Some("MwSt".into()),
                rate: None,
                country: Some("DE".into()),
                code: id(13),
            }],
        }],
        shops: vec![ShopPolicy {
            locations: vec![],
            key: "fr".parse().unwrap(),
            domain: "harbour-fr.myshopify.com".into(),
            currency: Currency::EUR,
            zone: Zone::named("Europe/Paris").unwrap(),
            restore_rate: 100,
            subsidiary: 0,
            guests: GuestRecords::PerEmail,
            clearing: vec![("shopify_payments".into(), id(1110))],
        }],
        items: ServiceItems {
            shipping: sku("SHIPPING"),
            discount: sku("DISCOUNT"),
            duties: sku("DUTIES"),
            fees: sku("FEES"),
            tip: sku("TIP"),
            gift_card: sku("GIFTCARD"),
            custom: sku("CUSTOM"),
            returns: sku("RETURNS"),
            goodwill: sku("GOODWILL"),
            restocking: sku("RESTOCKING"),
            exchange: sku("EXCHANGE"),
        },
        exceptions: CauseCode::ALL
            .map(|code| ExceptionPolicy { code, owner: "finance".into(), deadline: Duration::from_hours(4) })
            .to_vec(),
        late: Late::NextOpen,
        prices: None,
        terms: None,
        products: None,
        settlement: None,
        engine: EngineSettings {
            steps_at_once: 8,
            lease: Duration::from_mins(2),
            sweep_every: Duration::from_mins(15),
            sweep_overlap: Duration::from_mins(10),
            bulk_after_pages: 40,
            moved_every: Duration::from_mins(2),
            moved_overlap: Duration::from_mins(16),
            subscriptions_every: Duration::from_mins(10),
            backoff_first: Duration::from_secs(1),
            backoff_max: Duration::from_mins(2),
            patience: Duration::from_mins(30),
            lane_floor_percent: [5; Lane::ALL.len()],
            lane_deadline: [Duration::from_mins(15); Lane::ALL.len()],
        },
        warehouse: WarehousePolicy { silent_after: Some(Duration::from_hours(24)) },
        accounting: Accounting::default(),
    }
}

pub fn line(id: u64, sku: &str, quantity: u32, price: i64) -> LineItem {
    LineItem {
        id: LineItemId::new(id),
        sku: Some(Sku(sku.into())),
        title: sku.into(),
        quantity_ordered: quantity,
        quantity,
        unit_price: eur(price),
        discounts: vec![],
        taxes: vec![],
        is_gift_card: false,
    }
}

/// A sales order that nothing followed yet.
pub fn nothing_but(sales_order: KnownSalesOrder) -> Booked {
    Booked {
        sales_order,
        deposits: vec![],
        shipments: vec![],
        invoices: vec![],
        credit_memos: vec![],
        refunds: vec![],
        adjustments: vec![],
    }
}

pub fn transaction(id: u64, tender: Tender, minor: i64) -> Transaction {
    Transaction {
        id: TransactionId::new(id),
        kind: TransactionKind::Sale,
        status: TransactionStatus::Success,
        tender,
        amount: eur(minor),
        presentment: eur(minor),
        rounding: eur(0),
        processed_at: "2026-11-30T23:30:00Z".parse().unwrap(),
        parent: None,
    }
}

pub fn card(id: u64, minor: i64) -> Transaction {
    transaction(id, Tender::Gateway("shopify_payments".into()), minor)
}

pub fn order(lines: Vec<LineItem>, transactions: Vec<Transaction>) -> Order {
    let at: Timestamp = "2026-11-27T10:00:00Z".parse().unwrap();
    let mut order = Order {
        shop: "fr".parse().unwrap(),
        id: OrderId::new(5001),
        name: "#1001".into(),
        created_at: at,
        processed_at: at,
        updated_at: at,
        cancelled_at: None,
        currency: Currency::EUR,
        presentment_currency: Currency::EUR,
        taxes_included: true,
        buyer: Buyer {
            key: CustomerKey::Customer(CustomerId::new(77)),
            name: Some("Joe Bloggs".into()),
            email: Some("joe@abc.com".into()),
            phone: None,
        },
        ship_to: None,
        lines,
        shipping: vec![],
        duties: eur(0),
        additional_fees: eur(0),
        tip: eur(0),
        tax: eur(0),
        total: eur(0),
        total_presentment: eur(0),
        transactions,
        fulfillments: vec![],
        refunds: vec![],
    };
    settle(&mut order);
    order
}

/// Brings the stated totals to what the parts come to.
pub fn settle(order: &mut Order) {
    let mut tax = 0;
    let mut total = order.duties.minor() + order.additional_fees.minor() + order.tip.minor();
    for line in &order.lines {
        total += line.gross().unwrap().minor();
        total -= line.discounts.iter().map(|d| line.standing(d.amount).unwrap().minor()).sum::<i64>();
        tax += line.taxes.iter().map(|t| line.standing(t.amount).unwrap().minor()).sum::<i64>();
    }
    for shipping in &order.shipping {
        total += shipping.price.minor() - shipping.discounts.iter().map(|d| d.amount.minor()).sum::<i64>();
        tax += shipping.taxes.iter().map(|t| t.amount.minor()).sum::<i64>();
    }
    for refund in &order.refunds {
        total -= refund.duties.minor() + refund.tip.minor();
        total -= refund.shipping.iter().map(|back| back.subtotal.minor()).sum::<i64>();
        tax -= refund.shipping.iter().map(|back| back.tax.minor()).sum::<i64>();
    }
    order.tax = eur(tax);
    order.total = eur(if order.taxes_included { total } else { total + tax });
    order.total_presentment = order.total;
}

pub fn known(number: u32, line: &SalesOrderLine) -> KnownLine {
    KnownLine {
        line: number,
        key: Some(line.key),
        item: line.item.clone(),
        quantity: line.quantity,
        amount: line.amount,
        taxes: line.taxes.clone(),
        is_closed: false,
    }
}

/// NetSuite with this sales order, open, and one deposit for each capture.
pub fn booked(wanted: &SalesOrder, order: &Order) -> Booked {
    let lines = wanted.lines.iter().enumerate().map(|(at, line)| known(at as u32 + 1, line)).collect();
    let sales_order = KnownSalesOrder {
        internal_id: InternalId::new(1),
        customer: InternalId::new(2),
        subsidiary: wanted.subsidiary,
        currency: wanted.currency,
        date: wanted.date,
        status: SalesOrderStatus::PendingFulfillment,
        lines,
        total: wanted.total().unwrap(),
        ship_to: wanted.ship_to.clone(),
        released_at: None,
    };
    let mut booked = nothing_but(sales_order);
    booked.deposits = order
        .captures()
        .map(|capture| KnownDeposit {
            internal_id: InternalId::new(10_000 + capture.id.get()),
            external_id: Some(crate::domain::ExternalId::for_deposit(order.shop, capture.id)),
            payment: capture.amount,
            unapplied: capture.amount,
            date: wanted.date,
            account: Some(InternalId::new(1110)),
        })
        .collect();
    booked
}

pub fn at(minutes: u64) -> Timestamp {
    "2026-11-28T10:00:00Z".parse::<Timestamp>().unwrap().plus(Duration::from_mins(minutes))
}

pub fn parcel(number: &str) -> Parcel {
    Parcel { carrier: Some("DPD".into()), number: number.into(), url: None }
}

/// A shipped item fulfillment of whole goods lines: order line, line, item, units. Each unit costs 3.00.
pub fn shipment(id: u64, number: &str, lines: &[(u32, u64, &str, u32)]) -> KnownShipment {
    KnownShipment {
        internal_id: InternalId::new(id),
        external_id: None,
        status: ShipStatus::Shipped,
        date: "2026-11-29".parse().unwrap(),
        location: InternalId::new(20),
        lines: lines
            .iter()
            .map(|(order_line, line, sku, quantity)| ShippedLine {
                order_line: *order_line,
                key: Some(LineKey::Goods(LineItemId::new(*line))),
                item: Sku((*sku).into()),
                quantity: *quantity,
                cost: eur(300 * i64::from(*quantity)),
            })
            .collect(),
        parcels: vec![parcel(number)],
    }
}

pub fn fulfillment(id: u64, minutes: u64, number: &str, lines: &[(u64, u32)]) -> Fulfillment {
    Fulfillment {
        id: FulfillmentId::new(id),
        created_at: at(minutes),
        is_cancelled: false,
        lines: lines.iter().map(|(line, units)| (LineItemId::new(*line), *units)).collect(),
        parcels: vec![parcel(number)],
    }
}

/// A refund with nothing in it.
pub fn refund(id: u64, minutes: u64) -> Refund {
    Refund {
        id: RefundId::new(id),
        created_at: at(minutes),
        is_return: false,
        lines: vec![],
        shipping: vec![],
        duties: eur(0),
        tip: eur(0),
        fees: vec![],
        adjustments: vec![],
        presentment: eur(0),
        transactions: vec![],
    }
}

/// A line of a refund: its own number is the line's and the units'.
pub fn refund_line(line: u64, quantity: u32, subtotal: i64, restock: Restock) -> RefundLine {
    RefundLine {
        id: RefundLineId::new(line * 100 + u64::from(quantity)),
        line: LineItemId::new(line),
        quantity,
        subtotal: eur(subtotal),
        tax: eur(0),
        restock,
        location: None,
    }
}

/// Money back, of a card that was captured by transaction `parent`.
pub fn money_back(id: u64, parent: u64, minor: i64) -> Transaction {
    let mut back = card(id, minor);
    back.kind = TransactionKind::Refund;
    back.parent = Some(TransactionId::new(parent));
    back
}
