use std::path::PathBuf;

use plimsoll::domain::ids::OrderId;
use plimsoll::platforms::secret::Secret;
use plimsoll::platforms::shopify::auth::Credentials;
use plimsoll::platforms::shopify::http::{HttpTransport, ShopAccess};
use plimsoll::platforms::shopify::operation::{
    GraphQlError, Request, Response, WebhookSubscriptionsVariables,
};
use plimsoll::platforms::shopify::{Client, Transport};
use plimsoll::ports::shopify::Topic;
use plimsoll::ports::{PlatformError, Shopify};
use wiremock::matchers::{any, body_json, body_string_contains, header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;

const GRAPHQL: &str = "/admin/api/2026-10/graphql.json";
const GRANT: &str = "/admin/oauth/access_token";
/// A listing of no orders, which every read below asks for.
const NOTHING: &str = r#"{"data":{"order":null}}"#;

type ShopClient = Client<HttpTransport<SetClock>, Open>;

fn access(endpoint: &str, credentials: Credentials) -> ShopAccess {
    ShopAccess { endpoint: endpoint.parse().unwrap(), credentials }
}

fn lasting() -> Credentials {
    Credentials::Lasting { token: Secret::new("shpat_1") }
}

fn client_credentials() -> Credentials {
    Credentials::ClientCredentials { client_id: "app".into(), client_secret: Secret::new("shpss_1") }
}

fn client_of(https: Arc<Https>, clock: &SetClock, access: ShopAccess) -> ShopClient {
    let version = "2026-10".parse().unwrap();
    let transport = HttpTransport::new(clock.clone(), https, version, [(shop(), access)]);
    Client::new(Arc::new(transport), Arc::new(Open))
}

fn client(endpoint: &str, credentials: Credentials) -> ShopClient {
    client_of(https(), &SetClock::new(), access(endpoint, credentials))
}

async fn read(client: &ShopClient) -> Result<(), PlatformError> {
    client.order(call(), shop(), OrderId::new(1)).await.map(|_| ())
}

async fn write(client: &ShopClient) -> Result<(), PlatformError> {
    client.subscribe(call(), shop(), Topic::OrdersPaid, "https://x.example").await
}

fn name(result: Result<(), PlatformError>) -> String {
    match result {
        Ok(()) => "Ok".to_owned(),
        Err(error) => format!("{error:?}").split([' ', '{']).next().unwrap().to_owned(),
    }
}

fn json(text: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(text.to_owned(), "application/json; charset=utf-8")
}

async fn server(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

#[test]
fn a_request_is_sent_as_the_platform_wants_it() {
    block_on(async {
        let server = MockServer::start().await;
        let request = Request::WebhookSubscriptions(WebhookSubscriptionsVariables { after: None });
        let body: serde_json::Value = serde_json::from_str(&request.body()).unwrap();
        let answer = r#"{"data":{"webhookSubscriptions":{"nodes":[],"pageInfo":{"hasNextPage":false}}}}"#;
        Mock::given(method("POST"))
            .and(path(GRAPHQL))
            .and(header("X-Shopify-Access-Token", "shpat_1"))
            .and(header("Content-Type", "application/json"))
            .and(body_json(body))
            .respond_with(json(answer).insert_header("X-Shopify-API-Version", "2026-10"))
            .mount(&server)
            .await;
        let version = "2026-10".parse().unwrap();
        let shops = [(shop(), access(&server.uri(), lasting()))];
        let transport = HttpTransport::new(SetClock::new(), https(), version, shops);
        let response = transport.send(call(), shop(), request).await.unwrap();
        assert!(response.data.is_some(), "{response:?}");
        let other = Request::WebhookSubscriptions(WebhookSubscriptionsVariables { after: None });
        let unknown = transport.send(call(), "eu".parse().unwrap(), other).await.unwrap_err();
        assert_eq!(unknown.to_string(), "no credentials: no credentials for the shop eu");
    });
}

/// What a status, or an answer that breaks off, allows after a read and after a mutation. Source: shopify.md §b.3.
#[test]
fn q4_every_error_shape_says_what_may_be_done_next() {
    let page = |code| ResponseTemplate::new(code).set_body_raw("<html>nginx</html>", "text/html");
    let coded = |code: &str| {
        json(&Response::refused(GraphQlError::coded("Internal error.".to_owned(), code), None).to_json())
    };
    let refused_token =
        r#"{"errors":"[API] Invalid API key or access token (unrecognized login or wrong password)"}"#;
    let cases = [
        (coded("THROTTLED"), "Throttled", "Throttled"),
        (coded("INTERNAL_SERVER_ERROR"), "Unavailable", "OutcomeUnknown"),
        (coded("ACCESS_DENIED"), "Unauthorized", "Unauthorized"),
        (coded("MAX_COST_EXCEEDED"), "Refused", "Refused"),
        (page(400), "Refused", "Refused"),
        (page(401).set_body_raw(refused_token, "application/json"), "Unauthorized", "Unauthorized"),
        (page(402), "Unavailable", "Unavailable"),
        (page(403), "Unauthorized", "Unauthorized"),
        (page(404), "Refused", "Refused"),
        (page(423), "Unavailable", "Unavailable"),
        (page(429), "Throttled", "Throttled"),
        (page(430), "Unavailable", "Unavailable"),
        (page(500), "Unavailable", "OutcomeUnknown"),
        (page(502), "Unavailable", "OutcomeUnknown"),
        (page(503), "Unavailable", "OutcomeUnknown"),
        (page(504), "Unavailable", "OutcomeUnknown"),
        (page(520), "Unavailable", "OutcomeUnknown"),
        // A success that is none.
        (page(200), "Unreadable", "Unreadable"),
        (json(r#"{"data":{"order":nu"#), "Unreadable", "Unreadable"),
        (json(""), "Unreadable", "Unreadable"),
        (json("{}"), "Unreadable", "Unreadable"),
        (json(NOTHING).insert_header("X-Shopify-API-Version", "2026-07"), "BadReference", "BadReference"),
    ];
    block_on(async {
        for (answer, reading, writing) in cases {
            let server = server(answer).await;
            let client = client(&server.uri(), lasting());
            let (read, write) = (read(&client).await, write(&client).await);
            let told = format!("{read:?} {write:?}");
            assert_eq!((&*name(read), &*name(write)), (reading, writing), "{told}");
        }
    });
}

#[test]
fn q4_a_network_that_breaks_says_what_may_be_done_next() {
    let cut = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 999\r\n\r\n{\"data\":";
    let cases = [
        (nobody(), "Unavailable", "Unavailable"),
        (odd(Oddity::Says("")), "Unavailable", "OutcomeUnknown"),
        (odd(Oddity::Says(cut)), "Unavailable", "OutcomeUnknown"),
        (odd(Oddity::Says("SSH-2.0-OpenSSH_9.9\r\n\r\n")), "Unreadable", "Unreadable"),
        (odd(Oddity::Endless), "Unreadable", "Unreadable"),
        (odd(Oddity::Silent), "Unavailable", "OutcomeUnknown"),
    ];
    block_on(async {
        for (endpoint, reading, writing) in cases {
            let https = if reading == "Unreadable" { https() } else { impatient() };
            let client = client_of(https, &SetClock::new(), access(&endpoint.to_string(), lasting()));
            let (read, write) = (read(&client).await, write(&client).await);
            let told = format!("{read:?} {write:?}");
            assert_eq!((&*name(read), &*name(write)), (reading, writing), "{told}");
        }
    });
}

#[test]
fn an_error_names_the_request_for_the_support_of_the_platform() {
    block_on(async {
        for answer in [ResponseTemplate::new(503), json("<"), ResponseTemplate::new(403)] {
            let server = server(answer.insert_header("X-Request-Id", "4a1b-7")).await;
            let error = read(&client(&server.uri(), lasting())).await.unwrap_err();
            assert!(error.to_string().contains("(request 4a1b-7)"), "{error}");
        }
    });
}

#[test]
fn q4_a_redirect_is_not_followed() {
    block_on(async {
        let elsewhere = server(json(NOTHING)).await;
        for code in [301, 302, 303, 307, 308] {
            let location = format!("{}{GRAPHQL}?token=x", elsewhere.uri());
            let server = server(ResponseTemplate::new(code).insert_header("Location", location)).await;
            let error = read(&client(&server.uri(), lasting())).await.unwrap_err();
            assert_eq!(
                error.to_string(),
                "shopify does not accept endpoint: redirected to 127.0.0.1, which is not followed"
            );
        }
        assert_eq!(elsewhere.received_requests().await.unwrap().len(), 0);
    });
}

#[test]
fn an_edge_that_asks_for_time_gets_it() {
    block_on(async {
        let server = MockServer::start().await;
        let full = ResponseTemplate::new(429).insert_header("Retry-After", "2.0");
        Mock::given(any()).respond_with(full).up_to_n_times(1).mount(&server).await;
        Mock::given(any()).respond_with(json(NOTHING)).mount(&server).await;
        let clock = SetClock::new();
        let client = client_of(https(), &clock, access(&server.uri(), lasting()));
        // The second is refused here: nothing is sent.
        for _ in 0..2 {
            assert_eq!(name(read(&client).await), "Throttled");
        }
        assert_eq!(server.received_requests().await.unwrap().len(), 1);
        clock.set_ahead(3);
        assert_eq!(read(&client).await, Ok(()));
    });
}

async fn granted(server: &MockServer, body: serde_json::Value, token: &str, refresh: Option<&str>) {
    let mut answer = serde_json::json!({"access_token": token, "scope": "read_orders", "expires_in": 3600});
    if let Some(refresh) = refresh {
        answer["refresh_token"] = refresh.into();
    }
    Mock::given(path(GRANT))
        .and(body_json(body))
        .respond_with(json(&answer.to_string()))
        .up_to_n_times(1)
        .mount(server)
        .await;
}

async fn takes(server: &MockServer, token: &str, answer: ResponseTemplate) {
    let with_token = Mock::given(path(GRAPHQL)).and(header("X-Shopify-Access-Token", token));
    with_token.respond_with(answer).mount(server).await;
}

async fn grants_asked(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().iter().filter(|it| it.url.path() == GRANT).count()
}

#[test]
fn a_token_is_bought_once_and_again_before_it_ends() {
    block_on(async {
        let server = MockServer::start().await;
        let ask = serde_json::json!(
            {"client_id": "app", "client_secret": "shpss_1", "grant_type": "client_credentials"});
        granted(&server, ask.clone(), "first", None).await;
        granted(&server, ask, "second", None).await;
        takes(&server, "first", json(NOTHING)).await;
        takes(&server, "second", json(NOTHING)).await;
        let clock = SetClock::new();
        let client = client_of(https(), &clock, access(&server.uri(), client_credentials()));
        let (one, two) = (read(&client), read(&client));
        let (one, two) = tokio::join!(one, two);
        assert_eq!((one, two), (Ok(()), Ok(())));
        assert_eq!(grants_asked(&server).await, 1);
        // Five minutes before the hour is over.
        clock.set_ahead(3_600 - 301);
        assert_eq!(read(&client).await, Ok(()));
        assert_eq!(grants_asked(&server).await, 1);
        clock.set_ahead(3_600 - 299);
        assert_eq!(read(&client).await, Ok(()));
        assert_eq!(grants_asked(&server).await, 2);
    });
}

#[test]
fn a_token_that_was_revoked_is_replaced_once() {
    block_on(async {
        let server = MockServer::start().await;
        let ask = serde_json::json!(
            {"client_id": "app", "client_secret": "shpss_1", "grant_type": "client_credentials"});
        for token in ["first", "second", "third"] {
            granted(&server, ask.clone(), token, None).await;
        }
        takes(&server, "first", ResponseTemplate::new(401)).await;
        takes(&server, "second", json(NOTHING)).await;
        let client = client(&server.uri(), client_credentials());
        assert_eq!(read(&client).await, Ok(()));
        assert_eq!(grants_asked(&server).await, 2);
        // A token that is refused although it is new is no accident.
        let server = MockServer::start().await;
        for token in ["first", "second", "third"] {
            granted(&server, ask.clone(), token, None).await;
            takes(&server, token, ResponseTemplate::new(401)).await;
        }
        let client = self::client(&server.uri(), client_credentials());
        assert_eq!(name(read(&client).await), "Unauthorized");
        assert_eq!(grants_asked(&server).await, 2);
    });
}

/// A folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("plimsoll-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn a_refresh_token_is_kept_before_its_access_token_is_used() {
    block_on(async {
        let kept_in = folder("refresh").join("token");
        std::fs::write(&kept_in, "refresh-1\n").unwrap();
        let server = MockServer::start().await;
        for (old, new) in [(1, 2), (2, 3)] {
            let ask = serde_json::json!({"client_id": "app", "client_secret": "shpss_1",
                "grant_type": "refresh_token", "refresh_token": format!("refresh-{old}")});
            granted(&server, ask, &format!("access-{new}"), Some(&format!("refresh-{new}"))).await;
        }
        takes(&server, "access-2", json(NOTHING)).await;
        takes(&server, "access-3", json(NOTHING)).await;
        let credentials = || Credentials::Refreshed {
            client_id: "app".into(),
            client_secret: Secret::new("shpss_1"),
            kept_in: kept_in.clone(),
        };
        assert_eq!(read(&client(&server.uri(), credentials())).await, Ok(()));
        assert_eq!(std::fs::read_to_string(&kept_in).unwrap(), "refresh-2");
        // A new process goes on with what was kept.
        assert_eq!(read(&client(&server.uri(), credentials())).await, Ok(()));
        assert_eq!(std::fs::read_to_string(&kept_in).unwrap(), "refresh-3");
        std::fs::remove_dir_all(kept_in.parent().unwrap()).unwrap();
        let error = read(&client(&server.uri(), credentials())).await.unwrap_err();
        assert!(
            matches!(&error, PlatformError::Unauthorized { reason, .. } if reason.contains("no refresh token in"))
        );
    });
}

#[test]
fn a_grant_that_is_refused_asks_for_a_person_and_one_that_fails_for_patience() {
    let denied = |error: &str, text: &str| {
        let body = serde_json::json!({"error": error, "error_description": text}).to_string();
        ResponseTemplate::new(400).set_body_raw(body, "application/json")
    };
    let cases = [
        (
            denied("shop_not_permitted", "Client credentials cannot be performed on this shop."),
            "shopify refused our credentials: no token: shop_not_permitted: Client credentials cannot be performed \
             on this shop.",
        ),
        (
            denied("invalid_request", "This request requires an active refresh_token"),
            "shopify refused our credentials: no token: invalid_request: This request requires an active \
             refresh_token",
        ),
        (ResponseTemplate::new(404), "shopify refused our credentials: no token: http status 404"),
        (ResponseTemplate::new(503), "shopify is unavailable: no token: http status 503"),
        (ResponseTemplate::new(429), "shopify is unavailable: no token: http status 429"),
        (json("{}"), "shopify is unavailable: no token: the token endpoint answered without a token"),
    ];
    block_on(async {
        for (answer, text) in cases {
            let server = MockServer::start().await;
            Mock::given(path(GRANT))
                .and(body_string_contains("app"))
                .respond_with(answer)
                .mount(&server)
                .await;
            // Nothing was sent, so a mutation has no unknown outcome either.
            let error = write(&client(&server.uri(), client_credentials())).await.unwrap_err();
            assert_eq!(error.to_string(), text);
        }
    });
}

/// A file that Shopify wrote is asked for without the token, and only where Shopify keeps files, whatever the answer
/// names.
#[test]
fn c4_a_file_is_fetched_without_the_token_and_from_known_hosts_alone() {
    block_on(async {
        let shopify = MockServer::start().await;
        let rows = "{\"id\":1}\n{\"id\":2}\n";
        let file = ResponseTemplate::new(200).set_body_raw(rows, "application/jsonl");
        Mock::given(method("GET")).and(path("/bulk/7.jsonl")).respond_with(file).mount(&shopify).await;
        let elsewhere = server(ResponseTemplate::new(200).set_body_raw(rows, "application/jsonl")).await;
        let moved = ResponseTemplate::new(302).insert_header("Location", elsewhere.uri().as_str());
        Mock::given(path("/moved")).respond_with(moved).mount(&shopify).await;
        Mock::given(path("/large"))
            .respond_with(ResponseTemplate::new(200).set_body_bytes(vec![b'x'; 70 * 1024]))
            .mount(&shopify)
            .await;
        let limits = Limits { body_max: 1_024, file_max: 64 * 1024, ..Limits::default() };
        let https = Arc::new(Https::trusting(RootCertStore::empty(), limits));
        let shops = [(shop(), access(&shopify.uri(), lasting()))];
        let transport = HttpTransport::new(SetClock::new(), https, "2026-10".parse().unwrap(), shops);
        let fetch = async |url: String| {
            transport.fetch(call(), shop(), &url).await.map_err(|error| error.to_string())
        };
        assert_eq!(fetch(format!("{}/bulk/7.jsonl?signed=a%20b", shopify.uri())).await, Ok(rows.to_owned()));
        let asked = shopify.received_requests().await.unwrap();
        assert!(!asked[0].headers.contains_key("X-Shopify-Access-Token"), "{:?}", asked[0]);
        assert_eq!(asked[0].url.query(), Some("signed=a%20b"));

        let refused = [
            format!("{}/bulk/8.jsonl", shopify.uri()),
            format!("{}/moved", shopify.uri()),
            format!("{}/large", shopify.uri()),
            format!("{}/bulk/7.jsonl", elsewhere.uri()),
            "https://169.254.169.254/latest/meta-data".to_owned(),
            "https://[::ffff:169.254.169.254]/".to_owned(),
            "https://storage.googleapis.com.evil.example/7".to_owned(),
            "http://storage.googleapis.com/7".to_owned(),
            "https://storage.googleapis.com:444/7".to_owned(),
            "file:///etc/passwd".to_owned(),
            "//storage.example/7".to_owned(),
            "https://user:word@storage.googleapis.com/7".to_owned(),
            "7.jsonl".to_owned(),
            String::new(),
        ];
        for url in refused {
            assert!(fetch(url.clone()).await.is_err(), "{url}");
        }
        assert!(elsewhere.received_requests().await.unwrap().is_empty());
    });
}
