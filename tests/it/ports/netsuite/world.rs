//! An account to test against: two subsidiaries, their accounts and items, and transports to it.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use plimsoll::domain::customer::CustomerRecord;
use plimsoll::domain::ids::{CustomerId, LineItemId, OrderId, TransactionId};
use plimsoll::domain::sales_order::{LineKey, LineTax, SalesOrderLine};
use plimsoll::domain::{
    BookDate, Currency, CustomerDeposit, ExternalId, Flow, InternalId, Lane, Money, SalesOrder, ShopKey, Sku,
    Timestamp, Zone,
};
use plimsoll::mocks::netsuite::{Account, AccountKind, AccountSettings, NetsuiteTwin, Subsidiary};
use plimsoll::platforms::netsuite::{Client, Request, Response, Transport, TransportError};
use plimsoll::ports::{Admission, Call, Entity, ThrottleStatus};

pub const FR: InternalId = InternalId::new(2);
pub const UK: InternalId = InternalId::new(3);
pub const FR_LOCATION: InternalId = InternalId::new(20);
pub const FR_CLEARING: InternalId = InternalId::new(201);
pub const FR_DEPOSITS: InternalId = InternalId::new(202);
pub const FR_GIFT_CARDS: InternalId = InternalId::new(203);
pub const FR_INCOME: InternalId = InternalId::new(204);
pub const FR_TAX: InternalId = InternalId::new(21);
pub const UK_CLEARING: InternalId = InternalId::new(301);
pub const UK_BANK_USD: InternalId = InternalId::new(303);
pub const UK_BANK_EUR: InternalId = InternalId::new(304);

pub fn shop() -> ShopKey {
    "fr".parse().unwrap()
}

pub fn call() -> Call {
    let entity = Entity { merchant: "harbour".parse().unwrap(), shop: shop(), flow: Flow::Order, record: 1 };
    Call { entity, lane: Lane::Orders, attempt: 0 }
}

pub fn day(text: &str) -> BookDate {
    text.parse().unwrap()
}

pub fn twin(slots: u32) -> NetsuiteTwin {
    let settings =
        AccountSettings { zone: Zone::named("Europe/London").unwrap(), slots, expanded_account_lists: true };
    let mut twin = NetsuiteTwin::new(settings);
    let accounts = [
        (FR, Currency::EUR, FR_LOCATION, FR_DEPOSITS),
        (UK, Currency::GBP, InternalId::new(30), InternalId::new(302)),
    ];
    for (id, currency, location, deposits_account) in accounts {
        twin.add_subsidiary(Subsidiary { id, currency, location, deposits_account });
        let kind = AccountKind::OtherCurrentLiability;
        twin.add_account(Account { id: deposits_account, kind, subsidiary: id, currency });
    }
    for (id, kind, subsidiary, currency) in [
        (FR_CLEARING, AccountKind::OtherCurrentAsset, FR, Currency::EUR),
        (FR_GIFT_CARDS, AccountKind::OtherCurrentLiability, FR, Currency::EUR),
        (FR_INCOME, AccountKind::Income, FR, Currency::EUR),
        (UK_CLEARING, AccountKind::OtherCurrentAsset, UK, Currency::GBP),
        (UK_BANK_USD, AccountKind::Bank, UK, Currency::USD),
        (UK_BANK_EUR, AccountKind::Bank, UK, Currency::EUR),
    ] {
        twin.add_account(Account { id, kind, subsidiary, currency });
    }
    twin.add_rate(Currency::USD, Currency::EUR, day("2026-01-01"), "0.92".parse().unwrap());
    twin.add_rate(Currency::USD, Currency::GBP, day("2026-01-01"), "0.7931".parse().unwrap());
    twin.add_items(["MUG-1", "MUG-2", "SHIPPING", "DISCOUNT"]);
    twin.add_item("GONE", true);
    twin.add_tax_code(FR_TAX, FR);
    twin
}

/// How a test speaks to the twin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fidelity {
    Typed,
    Bytes,
}

#[derive(Clone)]
pub struct Wire {
    pub twin: Arc<Mutex<NetsuiteTwin>>,
    pub fidelity: Fidelity,
    /// Answers given instead of the twin's, first one first.
    pub instead: Arc<Mutex<Vec<Result<Response, TransportError>>>>,
}

pub const NOW: Timestamp = Timestamp::from_seconds(1_795_750_000);

impl Transport for Wire {
    async fn send(&self, _: Call, request: Request) -> Result<Response, TransportError> {
        if let Some(answer) = self.instead.lock().unwrap().pop() {
            return answer;
        }
        let mut twin = self.twin.lock().unwrap();
        let slot = match twin.begin() {
            Ok(slot) => slot,
            Err(refused) => return Ok(*refused),
        };
        let answer = match self.fidelity {
            Fidelity::Typed => twin.execute(&request, NOW),
            Fidelity::Bytes => {
                let http = request.to_http();
                let body = http.body.as_deref().unwrap_or("");
                let text =
                    twin.execute_text(http.method.name(), &http.path, &http.query, &http.headers, body, NOW);
                Response::read(&request, text.status, text.header("location"), &text.body).unwrap()
            }
        };
        twin.end(slot);
        Ok(answer)
    }
}

/// Lets everything through and counts.
#[derive(Clone, Default)]
pub struct Gate {
    pub under_way: Arc<AtomicI64>,
    pub throttled: Arc<AtomicU64>,
}

impl Admission for Gate {
    async fn shopify(&self, _: ShopKey, _: Lane, _: u32) {}

    fn shopify_done(&self, _: ShopKey, _: u32, _: Option<ThrottleStatus>, _: bool) {}

    async fn netsuite(&self, _: Lane) {
        self.under_way.fetch_add(1, Ordering::Relaxed);
    }

    fn netsuite_done(&self, throttled: bool) {
        self.under_way.fetch_sub(1, Ordering::Relaxed);
        self.throttled.fetch_add(u64::from(throttled), Ordering::Relaxed);
    }
}

pub struct World {
    pub wire: Wire,
    pub gate: Gate,
    pub client: Client<Wire, Gate>,
}

pub fn world(fidelity: Fidelity) -> World {
    let wire =
        Wire { twin: Arc::new(Mutex::new(twin(5))), fidelity, instead: Arc::new(Mutex::new(Vec::new())) };
    let gate = Gate::default();
    World { client: Client::new(wire.clone(), gate.clone()), wire, gate }
}

impl World {
    pub fn twin(&self) -> std::sync::MutexGuard<'_, NetsuiteTwin> {
        self.wire.twin.lock().unwrap()
    }
}

/// Runs a future that never has to wait.
pub fn run<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing here waits"),
    }
}

pub fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

pub fn buyer() -> CustomerRecord {
    CustomerRecord {
        external_id: ExternalId::for_customer(shop(), CustomerId::new(7)),
        is_person: true,
        name: "Ana O'Neil".into(),
        email: Some("Ana.O'Neil@example.com".into()),
        phone: None,
        subsidiary: FR,
        currency: Currency::EUR,
    }
}

pub fn line(key: LineKey, item: &str, quantity: u32, minor: i64, tax: &[i64]) -> SalesOrderLine {
    let taxes = tax
        .iter()
        .map(|minor| LineTax { code: FR_TAX, rate: "0.2".parse().unwrap(), amount: eur(*minor) })
        .collect();
    SalesOrderLine { key, item: Sku(item.into()), quantity, amount: eur(minor), taxes, memo: None }
}

pub fn goods(number: u64) -> LineKey {
    LineKey::Goods(LineItemId::new(number))
}

/// Two goods lines of one SKU, a discount and delivery: 120.00 with tax.
pub fn order(number: u64) -> SalesOrder {
    SalesOrder {
        external_id: ExternalId::for_order(shop(), OrderId::new(number)),
        customer: buyer().external_id,
        subsidiary: FR,
        location: FR_LOCATION,
        currency: Currency::EUR,
        date: day("2026-11-27"),
        other_ref: format!("#{number}").into(),
        ship_to: None,
        is_held: false,
        lines: vec![
            line(goods(11), "MUG-1", 2, 5_000, &[1_000]),
            line(goods(12), "MUG-1", 1, 5_000, &[600, 400]),
            line(LineKey::GoodsDiscount(LineItemId::new(12), 0), "DISCOUNT", 1, -500, &[-100]),
            line(LineKey::Tip, "SHIPPING", 1, 600, &[]),
        ],
    }
}

pub fn deposit(transaction: u64, order: &SalesOrder, minor: i64) -> CustomerDeposit {
    CustomerDeposit {
        original_date: None,
        external_id: ExternalId::for_deposit(shop(), TransactionId::new(transaction)),
        customer: order.customer.clone(),
        sales_order: order.external_id.clone(),
        subsidiary: FR,
        currency: order.currency,
        date: order.date,
        payment: Money::new(minor, order.currency),
        account: FR_CLEARING,
    }
}
