//! The Shopify port: one suite, run by the client over the twin with wire types handed across (`typed`), with JSON text
//! in between (`bytes`), and by the real transport over a socket (`http`). All must read the same domain values, and
//! those of the twin's own truth.

mod bulk;
mod payments;
mod products;

use std::sync::{Arc, Mutex};

use plimsoll::domain::customer::Address;
use plimsoll::domain::ids::OrderId;
use plimsoll::domain::{Currency, CustomerKey, Duration, Flow, Lane, ShopKey, Timestamp, Zone};
use plimsoll::mocks::shopify::{
    Checkout, CheckoutBuyer, CheckoutDiscount, CheckoutLine, CheckoutShipping, CheckoutTax, CompanyDetails,
    CustomerDetails, DiscountKind, DiscountTarget, DiscountValue, Payment, PaymentStanding, Presentment,
    ShopSettings, ShopifyTwin,
};
use plimsoll::platforms::https::{Https, Limits};
use plimsoll::platforms::secret::Secret;
use plimsoll::platforms::shopify::auth::Credentials;
use plimsoll::platforms::shopify::http::{HttpTransport, ShopAccess};
use plimsoll::platforms::shopify::{Client, Request, Response, Transport, TransportError};
use plimsoll::ports::shopify::Topic;
use plimsoll::ports::{Admission, Call, Entity, PlatformError, Shopify, ThrottleStatus};
use plimsoll::runtime::tokio::TokioRuntime;
use rustls::RootCertStore;
use tokio::runtime::Handle;
use tokio::sync::OnceCell;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

mod refunds;

/// Lets every call through, one virtual second apart, so that only the twin decides.
struct Open;

impl Admission for Open {
    async fn shopify(&self, _: ShopKey, _: Lane, _: u32) {}
    fn shopify_done(&self, _: ShopKey, _: u32, _: Option<ThrottleStatus>, _: bool) {}
    async fn netsuite(&self, _: Lane) {}
    fn netsuite_done(&self, _: bool) {}
}

#[derive(Clone, Copy, Debug)]
enum Fidelity {
    Typed,
    Bytes,
    Http,
}

struct ToTwin {
    fidelity: Fidelity,
    /// The twin and the clock, which every call moves by a second.
    world: Arc<Mutex<(ShopifyTwin, Timestamp)>>,
    http: OnceCell<(MockServer, HttpTransport<TokioRuntime>)>,
}

/// Where files lie, for which the server of a test stands in.
const STORAGE: &str = "https://storage.googleapis.com";

/// The twin behind a socket.
struct AtDoor(Arc<Mutex<(ShopifyTwin, Timestamp)>>);

impl wiremock::Respond for AtDoor {
    fn respond(&self, request: &wiremock::Request) -> ResponseTemplate {
        let mut world = self.0.lock().expect("no test panics while it holds the twin");
        let (twin, now) = &mut *world;
        *now = now.plus(Duration::from_secs(1));
        if request.method.as_str() == "GET" {
            assert!(request.headers.get("x-shopify-access-token").is_none(), "storage is told no token");
            let url = format!("{STORAGE}{}", request.url.path());
            return match twin.bulk_file(shop(), &url, *now) {
                Some(text) => ResponseTemplate::new(200).set_body_raw(text, "application/jsonl"),
                None => ResponseTemplate::new(404),
            };
        }
        assert_eq!(
            (request.method.as_str(), request.url.path()),
            ("POST", "/admin/api/2026-10/graphql.json")
        );
        assert_eq!(request.headers["x-shopify-access-token"], "shpat_test");
        let text = twin.answer_bytes(shop(), std::str::from_utf8(&request.body).unwrap(), *now);
        ResponseTemplate::new(200)
            .insert_header("X-Shopify-API-Version", "2026-10")
            .set_body_raw(text, "application/json; charset=utf-8")
    }
}

impl ToTwin {
    async fn http(&self) -> &(MockServer, HttpTransport<TokioRuntime>) {
        let start = async || {
            let server = MockServer::start().await;
            let door = AtDoor(Arc::clone(&self.world));
            Mock::given(any()).respond_with(door).mount(&server).await;
            let access = ShopAccess {
                endpoint: server.uri().parse().unwrap(),
                credentials: Credentials::Lasting { token: Secret::new("shpat_test") },
            };
            let https = Arc::new(Https::trusting(RootCertStore::empty(), Limits::default()));
            let runtime = TokioRuntime::on_wall_clock(Handle::current());
            let version = "2026-10".parse().unwrap();
            (server, HttpTransport::new(runtime, https, version, [(shop(), access)]))
        };
        self.http.get_or_init(start).await
    }
}

impl Transport for ToTwin {
    async fn send(&self, call: Call, shop: ShopKey, request: Request) -> Result<Response, TransportError> {
        if let Fidelity::Http = self.fidelity {
            return self.http().await.1.send(call, shop, request).await;
        }
        let mut world = self.world.lock().expect("no test panics while it holds the twin");
        let (twin, now) = &mut *world;
        *now = now.plus(Duration::from_secs(1));
        match self.fidelity {
            Fidelity::Typed => Ok(twin.answer(shop, &request, *now)),
            Fidelity::Bytes => {
                let text = twin.answer_bytes(shop, &request.body(), *now);
                Response::parse(request.operation(), &text)
                    .map_err(|reason| TransportError::Unreadable { reason })
            }
            Fidelity::Http => unreachable!("sent over a socket"),
        }
    }

    async fn fetch(&self, call: Call, shop: ShopKey, url: &str) -> Result<String, TransportError> {
        if let Fidelity::Http = self.fidelity {
            let (server, transport) = self.http().await;
            return transport.fetch(call, shop, &url.replacen(STORAGE, &server.uri(), 1)).await;
        }
        let mut world = self.world.lock().expect("no test panics while it holds the twin");
        let (twin, now) = &mut *world;
        *now = now.plus(Duration::from_secs(1));
        twin.bulk_file(shop, url, *now).ok_or(TransportError::Status { code: 404, request_id: None })
    }
}

fn shop() -> ShopKey {
    "eu".parse().unwrap()
}

fn start() -> Timestamp {
    "2026-11-27T05:00:00.25Z".parse().unwrap()
}

fn call() -> Call {
    let entity = Entity { merchant: "m".parse().unwrap(), shop: shop(), flow: Flow::Order, record: 1 };
    Call { entity, lane: Lane::Orders, attempt: 0 }
}

fn twin() -> ShopifyTwin {
    let mut twin = ShopifyTwin::new();
    twin.add_shop(ShopSettings {
        key: shop(),
        domain: "eu.myshopify.com".into(),
        currency: Currency::EUR,
        zone: Zone::named("Europe/Paris").unwrap(),
        restore_rate: 1_000,
        bucket: 20_000,
        order_number_start: 1001,
    });
    twin
}

fn line(sku: Option<&str>, quantity: u32, unit_price: i64) -> CheckoutLine {
    CheckoutLine {
        sku: sku.map(Into::into),
        title: "Anchor \"small\" – 4 kg".into(),
        quantity,
        unit_price,
        taxable: true,
        is_gift_card: sku.is_none(),
    }
}

fn payment(gateway: &str, amount: Option<i64>, standing: PaymentStanding) -> Payment {
    Payment { gateway: gateway.into(), amount, presentment: None, rounding: 0, standing }
}

fn basket(buyer: CheckoutBuyer, lines: usize) -> Checkout {
    let mut all: Vec<CheckoutLine> = (0..lines).map(|n| line(Some("A-1"), 2, 1999 + n as i64)).collect();
    all.push(line(None, 1, 5_000));
    Checkout {
        buyer,
        lines: all,
        discounts: vec![
            CheckoutDiscount {
                label: "BLACK".into(),
                kind: DiscountKind::Code,
                value: DiscountValue::Percent(15.into()),
                target: DiscountTarget::AllLines,
            },
            CheckoutDiscount {
                label: "Free delivery".into(),
                kind: DiscountKind::Automatic,
                value: DiscountValue::Percent(100.into()),
                target: DiscountTarget::Shipping,
            },
        ],
        taxes: vec![CheckoutTax { title: "TVA".into(), rate: "0.2".parse().unwrap(), channel_liable: false }],
        taxes_included: true,
        shipping: Some(CheckoutShipping { title: "Colissimo".into(), price: 690, taxable: true }),
        duties: 120,
        fees: 30,
        tip: 200,
        presentment: Some(Presentment { currency: Currency::JPY, rate: "161.5".parse().unwrap() }),
        payments: vec![
            payment("shopify_payments", Some(900), PaymentStanding::Failed),
            payment("gift_card", Some(1_000), PaymentStanding::Captured),
            payment("shopify_payments", None, PaymentStanding::Authorized),
        ],
        ship_to: Some(Arc::new(Address {
            name: Some("Grace Hopper".into()),
            country: Some("FR".into()),
            ..Address::default()
        })),
    }
}

/// Every kind of buyer, one to thirty lines, captures, edits, a cancellation.
fn busy_shop() -> (ShopifyTwin, Vec<OrderId>) {
    let mut twin = twin();
    let details = CustomerDetails {
        name: Some("Grace Hopper".into()),
        email: Some("grace@example.com".into()),
        phone: None,
    };
    let customer = twin.add_customer(shop(), details).unwrap();
    let company = twin
        .add_company_location(
            shop(),
            CompanyDetails {
                company: "Engines".into(),
                location: "Dock 4".into(),
                contact: CustomerDetails {
                    email: Some("dock@example.com".into()),
                    ..CustomerDetails::default()
                },
            },
        )
        .unwrap();
    let guest = CheckoutBuyer::Guest { email: Some("g@example.com".into()), phone: Some("+33100".into()) };
    let nobody = CheckoutBuyer::Guest { email: None, phone: None };
    let mut ids = Vec::new();
    for (n, buyer) in [CheckoutBuyer::Customer(customer), CheckoutBuyer::Company(company), guest, nobody]
        .into_iter()
        .enumerate()
    {
        let at = start().plus(Duration::from_secs(n as u64));
        ids.push(twin.checkout(shop(), &basket(buyer, 1 + n * 10), at));
    }
    let at = start().plus(Duration::from_secs(9));
    twin.capture(shop(), ids[0], at).unwrap();
    twin.edit_quantity(shop(), ids[1], 0, 1, at).unwrap();
    twin.edit_quantity(shop(), ids[2], 0, 5, at).unwrap();
    twin.cancel(shop(), ids[3], true, true, at).unwrap();
    (twin, ids)
}

fn client(fidelity: Fidelity, twin: ShopifyTwin) -> (Client<ToTwin, Open>, Arc<ToTwin>) {
    let now = start().plus(Duration::from_mins(1));
    let world = Arc::new(Mutex::new((twin, now)));
    let transport = Arc::new(ToTwin { fidelity, world, http: OnceCell::new() });
    (Client::new(Arc::clone(&transport), Arc::new(Open)), transport)
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn on_each(test: impl AsyncFn(Fidelity)) {
    for fidelity in [Fidelity::Typed, Fidelity::Bytes, Fidelity::Http] {
        block_on(test(fidelity));
    }
}

#[test]
fn an_order_reads_as_it_truly_is() {
    on_each(async |fidelity| {
        let (twin, ids) = busy_shop();
        let truth: Vec<_> = twin.orders_truth(shop()).collect();
        let (client, _) = client(fidelity, twin);
        for (id, truth) in ids.iter().zip(truth) {
            let read = client.order(call(), shop(), *id).await.unwrap().unwrap();
            assert_eq!(read.check(), Ok(()), "{fidelity:?}");
            assert_eq!(read, truth, "{fidelity:?}");
        }
    });
}

#[test]
fn buyers_keep_their_keys_and_contacts() {
    on_each(async |fidelity| {
        let (twin, ids) = busy_shop();
        let (client, _) = client(fidelity, twin);
        for (n, name, email) in [
            (0, "Grace Hopper", Some("grace@example.com")),
            (1, "Engines, Dock 4", Some("dock@example.com")),
            (2, "Grace Hopper", Some("g@example.com")),
            (3, "Grace Hopper", None),
        ] {
            let buyer = client.order(call(), shop(), ids[n]).await.unwrap().unwrap().buyer;
            assert_eq!((buyer.name.as_deref(), buyer.email.as_deref()), (Some(name), email), "{fidelity:?}");
            assert_eq!(matches!(buyer.key, CustomerKey::Guest), n > 1);
        }
    });
}

#[test]
fn an_order_that_does_not_exist_is_none() {
    on_each(async |fidelity| {
        let (client, _) = client(fidelity, twin());
        assert_eq!(client.order(call(), shop(), OrderId::new(42)).await, Ok(None));
    });
}

#[test]
fn listings_hold_every_order_since_then_once() {
    on_each(async |fidelity| {
        let (mut twin, ids) = busy_shop();
        let later = start().plus(Duration::from_secs(30));
        let nobody = CheckoutBuyer::Guest { email: None, phone: None };
        let more: Vec<OrderId> =
            (0..300).map(|_| twin.checkout(shop(), &basket(nobody.clone(), 1), later)).collect();
        let (client, _) = client(fidelity, twin);
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = client.orders_updated(call(), shop(), start(), after).await.unwrap();
            seen.extend(page.orders.iter().map(|stamp| stamp.id));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, [ids, more.clone()].concat(), "{fidelity:?}");
        let page = client.orders_updated(call(), shop(), later, None).await.unwrap();
        assert_eq!(page.orders.len(), 250);
        assert_eq!(page.orders[0].id, more[0]);
        assert_eq!(page.orders[0].updated_at, later.floor_second());
    });
}

#[test]
fn a_cursor_of_somebody_else_is_refused() {
    on_each(async |fidelity| {
        let (client, _) = client(fidelity, twin());
        let refused = client.orders_updated(call(), shop(), start(), Some("garbage".to_owned())).await;
        assert!(matches!(refused, Err(PlatformError::Refused { .. })), "{refused:?}");
    });
}

#[test]
fn subscribing_twice_is_once() {
    on_each(async |fidelity| {
        let (client, transport) = client(fidelity, twin());
        let uri = "https://engine.example.com/hooks";
        for _ in 0..2 {
            for topic in Topic::ALL {
                client.subscribe(call(), shop(), topic, uri).await.unwrap();
            }
        }
        let mut topics: Vec<Topic> =
            client.subscriptions(call(), shop()).await.unwrap().iter().map(|it| it.topic).collect();
        topics.sort();
        assert_eq!(topics, Topic::ALL);
        assert_eq!(transport.world.lock().unwrap().0.subscriptions(shop()).len(), Topic::ALL.len());
        let refused = client.subscribe(call(), shop(), Topic::OrdersPaid, "http://x.example").await;
        assert!(matches!(refused, Err(PlatformError::Refused { .. })), "{refused:?}");
    });
}

#[test]
fn a_full_bucket_that_runs_dry_throttles() {
    on_each(async |fidelity| {
        let (mut twin, ids) = busy_shop();
        twin.set_restore_percent(shop(), 0, start());
        let (client, transport) = client(fidelity, twin);
        let refused = loop {
            match client.order(call(), shop(), ids[0]).await {
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert!(matches!(refused, PlatformError::Throttled { .. }), "{refused:?}");
        let world = transport.world.lock().unwrap();
        assert!(world.0.bucket(shop(), world.1).available() < 55);
    });
}
