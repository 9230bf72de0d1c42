//! An account to test against: two subsidiaries, their accounts and items, and transports to it.

use std::future::Future;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use plimsoll::domain::billing::{
    CreditCause, CreditLine, CreditMemo, CustomerRefund, Invoice, InvoiceLine, RefundSource,
};
use plimsoll::domain::customer::CustomerRecord;
use plimsoll::domain::fulfillment::{Parcel, ShipStatus};
use plimsoll::domain::ids::{CustomerId, FulfillmentId, LineItemId, OrderId, RefundId, TransactionId};
use plimsoll::domain::sales_order::{LineKey, LineTax, SalesOrderLine};
use plimsoll::domain::{
    BookDate, Currency, CustomerDeposit, ExternalId, Flow, InternalId, Lane, Money, SalesOrder, ShopKey, Sku,
    Timestamp, Zone,
};
use plimsoll::mocks::http::Asked;
use plimsoll::mocks::netsuite::http::{self, Face, FaceSettings, TokenEntry};
use plimsoll::mocks::netsuite::{
    Account, AccountKind, AccountSettings, ItemKind, NetsuiteTwin, Refused, ShipmentEntry, Subsidiary,
};
use plimsoll::platforms::https::{Https, Limits};
use plimsoll::platforms::netsuite::auth::Credentials;
use plimsoll::platforms::netsuite::auth::signature::TokenKeys;
use plimsoll::platforms::netsuite::http::{AccountAccess, HttpTransport};
use plimsoll::platforms::netsuite::{Client, Request, Response, Transport, TransportError};
use plimsoll::platforms::secret::Secret;
use plimsoll::ports::{Admission, Call, Entity, ThrottleStatus};
use plimsoll::runtime::tokio::TokioRuntime;
use rustls::RootCertStore;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::OnceCell;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

pub const FR: InternalId = InternalId::new(2);
pub const UK: InternalId = InternalId::new(3);
pub const FR_LOCATION: InternalId = InternalId::new(20);
pub const FR_CLEARING: InternalId = InternalId::new(201);
pub const FR_DEPOSITS: InternalId = InternalId::new(202);
pub const FR_GIFT_CARDS: InternalId = InternalId::new(203);
pub const FR_INCOME: InternalId = InternalId::new(204);
pub const FR_TAX: InternalId = InternalId::new(21);
pub const FR_TAX_OWED: InternalId = InternalId::new(255);
pub const FR_RECEIVABLE: InternalId = InternalId::new(250);
pub const FR_INVENTORY: InternalId = InternalId::new(251);
pub const FR_COGS: InternalId = InternalId::new(252);
pub const FR_EXCHANGE: InternalId = InternalId::new(253);
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
        // Receivables, inventory, cost, exchange and sales follow the subsidiary's own numbers.
        let of = |number: u64| InternalId::new(id.get() * 100 + number);
        twin.add_subsidiary(Subsidiary {
            id,
            currency,
            location,
            deposits_account,
            receivable: of(50),
            inventory: of(51),
            cogs: of(52),
            exchange: of(53),
            income: of(54),
        });
        for (account, kind) in [
            (deposits_account, AccountKind::OtherCurrentLiability),
            (of(50), AccountKind::Receivable),
            (of(51), AccountKind::OtherCurrentAsset),
            (of(52), AccountKind::CostOfGoodsSold),
            (of(53), AccountKind::Income),
            (of(54), AccountKind::Income),
        ] {
            twin.add_account(Account { id: account, kind, subsidiary: id, currency });
        }
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
    twin.add_items(["MUG-1", "MUG-2", "SHIPPING", "DISCOUNT", "MUG-RETURN"]);
    twin.add_item("GONE", true);
    twin.set_item_kind("SHIPPING", ItemKind::Service);
    twin.set_item_kind("MUG-RETURN", ItemKind::Service);
    twin.set_item_kind("DISCOUNT", ItemKind::Discount);
    let owed = Account {
        id: FR_TAX_OWED,
        kind: AccountKind::OtherCurrentLiability,
        subsidiary: FR,
        currency: Currency::EUR,
    };
    twin.add_account(owed);
    twin.add_tax_code(FR_TAX, FR, FR_TAX_OWED);
    twin
}

/// How a test speaks to the twin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fidelity {
    Typed,
    Bytes,
    /// By the real transport, over a socket.
    Http,
}

#[derive(Clone)]
pub struct Wire {
    http: Arc<OnceCell<(MockServer, HttpTransport<TokioRuntime>)>>,
    pub twin: Arc<Mutex<NetsuiteTwin>>,
    pub fidelity: Fidelity,
    /// Answers given instead of the twin's, first one first.
    pub instead: Arc<Mutex<Vec<Result<Response, TransportError>>>>,
}

pub const NOW: Timestamp = Timestamp::from_seconds(1_795_750_000);

/// [`NOW`] as a header states it.
const DATE: &str = "Fri, 27 Nov 2026 03:26:40 GMT";

/// The twin behind a socket, as any client finds it.
struct AtDoor {
    twin: Arc<Mutex<NetsuiteTwin>>,
    face: Mutex<Face>,
}

impl AtDoor {
    fn new(twin: &Arc<Mutex<NetsuiteTwin>>) -> AtDoor {
        let face = Face::new(FaceSettings {
            account: "1234567_SB1".into(),
            scheme: "http",
            tokens: vec![TokenEntry {
                consumer_key: "consumer".into(),
                consumer_secret: "consumer secret".into(),
                token: "token".into(),
                token_secret: "token secret".into(),
            }],
            certificates: Vec::new(),
            seal: [0; 32],
        });
        AtDoor { twin: Arc::clone(twin), face: Mutex::new(face) }
    }
}

impl wiremock::Respond for AtDoor {
    fn respond(&self, request: &wiremock::Request) -> ResponseTemplate {
        let headers = request.headers.iter();
        let headers =
            headers.map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap().to_owned()));
        let asked = Asked {
            method: request.method.to_string(),
            path: request.url.path().to_owned(),
            query: request.url.query().unwrap_or_default().to_owned(),
            headers: headers.collect(),
            body: request.body.clone(),
        };
        let mut twin = self.twin.lock().unwrap();
        let told = match twin.begin() {
            Ok(slot) => {
                let told = self.face.lock().unwrap().answer(&mut twin, &asked, NOW);
                twin.end(slot);
                told
            }
            Err(refused) => http::refusal(&refused),
        };
        // The client sets its stamps by it.
        let mut answer = ResponseTemplate::new(told.status).insert_header("Date", DATE);
        let mut kind = "text/plain";
        for (name, value) in &told.headers {
            match *name {
                "Content-Type" => kind = value,
                name => answer = answer.insert_header(name, value.as_str()),
            }
        }
        if told.body.is_empty() { answer } else { answer.set_body_raw(told.body, kind) }
    }
}

impl Wire {
    async fn http(&self) -> &HttpTransport<TokioRuntime> {
        let start = async || {
            let server = MockServer::start().await;
            let door = AtDoor::new(&self.twin);
            Mock::given(any()).respond_with(door).mount(&server).await;
            let access = AccountAccess {
                id: "1234567_SB1".parse().unwrap(),
                endpoint: server.uri().parse().unwrap(),
                credentials: Credentials::Tokens(TokenKeys {
                    consumer_key: "consumer".into(),
                    consumer_secret: Secret::new("consumer secret"),
                    token: Secret::new("token"),
                    token_secret: Secret::new("token secret"),
                }),
            };
            let https = Arc::new(Https::trusting(RootCertStore::empty(), Limits::default()));
            let runtime = TokioRuntime::on_wall_clock(Handle::current());
            (server, HttpTransport::new(runtime, https, access))
        };
        &self.http.get_or_init(start).await.1
    }
}

impl Transport for Wire {
    async fn send(&self, call: Call, request: Request) -> Result<Response, TransportError> {
        let instead = self.instead.lock().unwrap().pop();
        if let Some(answer) = instead {
            return answer;
        }
        if self.fidelity == Fidelity::Http {
            return self.http().await.send(call, request).await;
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
            Fidelity::Http => unreachable!("sent over a socket"),
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
    let wire = Wire {
        http: Arc::new(OnceCell::new()),
        twin: Arc::new(Mutex::new(twin(5))),
        fidelity,
        instead: Arc::new(Mutex::new(Vec::new())),
    };
    let gate = Gate::default();
    World { client: Client::new(wire.clone(), gate.clone()), wire, gate }
}

impl World {
    pub fn twin(&self) -> std::sync::MutexGuard<'_, NetsuiteTwin> {
        self.wire.twin.lock().unwrap()
    }
}

thread_local! {
    /// One for each test, so that its connections stay open between calls.
    static RUNTIME: Runtime = Builder::new_current_thread().enable_all().build().unwrap();
}

pub fn run<T>(future: impl Future<Output = T>) -> T {
    RUNTIME.with(|runtime| runtime.block_on(future))
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

/// Bills these units of order 5001's lines, by line number, with net amount and tax in minor units.
pub fn invoice(fulfillment: u64, lines: &[(u32, u32, i64, i64)]) -> Invoice {
    let order = order(5001);
    let lines = lines.iter().map(|(number, quantity, amount, tax)| InvoiceLine {
        order_line: *number,
        key: order.lines[*number as usize - 1].key,
        quantity: *quantity,
        amount: eur(*amount),
        taxes: vec![LineTax { code: FR_TAX, rate: "0.2".parse().unwrap(), amount: eur(*tax) }],
    });
    Invoice {
        external_id: ExternalId::for_invoice(shop(), FulfillmentId::new(fulfillment)),
        sales_order: order.external_id.clone(),
        date: order.date,
        original_date: None,
        currency: Currency::EUR,
        lines: lines.collect(),
    }
}

/// A credit of these amounts on the item `MUG-RETURN`, without tax.
pub fn credit(refund: u64, minor: &[i64]) -> CreditMemo {
    let order = order(5001);
    let lines = minor.iter().map(|minor| CreditLine {
        cause: CreditCause::Goods,
        item: Sku("MUG-RETURN".into()),
        quantity: 1,
        amount: eur(*minor),
        taxes: vec![],
        sku: Some(Sku("MUG-1".into())),
        line: Some(LineItemId::new(11)),
    });
    CreditMemo {
        external_id: ExternalId::for_credit_memo(shop(), RefundId::new(refund)),
        order: order.external_id.clone(),
        customer: order.customer.clone(),
        subsidiary: FR,
        location: FR_LOCATION,
        currency: Currency::EUR,
        date: day("2026-11-28"),
        original_date: None,
        lines: lines.collect(),
        apply: vec![],
    }
}

pub fn refund(transaction: u64, out_of: &[(RefundSource, i64)]) -> CustomerRefund {
    let order = order(5001);
    CustomerRefund {
        external_id: ExternalId::for_customer_refund(shop(), TransactionId::new(transaction)),
        order: order.external_id.clone(),
        customer: order.customer.clone(),
        subsidiary: FR,
        currency: Currency::EUR,
        date: day("2026-11-28"),
        original_date: None,
        account: FR_CLEARING,
        out_of: out_of.iter().map(|(source, minor)| (*source, eur(*minor))).collect(),
    }
}

/// Staff fulfil these lines of an order at once.
pub fn ship(world: &World, order: InternalId, lines: &[(u32, u32)]) -> InternalId {
    try_to_ship(world, order, lines, ShipStatus::Shipped).unwrap()
}

pub fn try_to_ship(
    world: &World,
    order: InternalId,
    lines: &[(u32, u32)],
    status: ShipStatus,
) -> Result<InternalId, Refused> {
    let parcel = Parcel { carrier: Some("Colissimo".into()), number: "6A01234".into(), url: None };
    let parcels = vec![parcel];
    let entry = ShipmentEntry { lines: lines.to_vec(), location: FR_LOCATION, status, parcels };
    world.twin().ship(order, &entry, NOW)
}

/// Balance of an account in euro, in minor units; debits positive.
pub fn balance(world: &World, account: InternalId) -> i128 {
    let twin = world.twin();
    let of = twin.balances().filter(|balance| balance.account == account);
    of.map(|balance| balance.minor).sum()
}
