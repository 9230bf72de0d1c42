use plimsoll::domain::customer::CustomerRecord;
use plimsoll::domain::ids::{CustomerId, OrderId};
use plimsoll::domain::{Currency, ExternalId, InternalId};
use plimsoll::platforms::netsuite::auth::assertion::AssertionKey;
use plimsoll::platforms::netsuite::auth::signature::TokenKeys;
use plimsoll::platforms::netsuite::auth::{Credentials, TOKEN_PATH};
use plimsoll::platforms::netsuite::http::{AccountAccess, HttpTransport};
use plimsoll::platforms::netsuite::operation::SUITEQL_PATH;
use plimsoll::platforms::netsuite::operation::suiteql::{Query, Rows};
use plimsoll::platforms::netsuite::{Answer, Client, Request, Transport};
use plimsoll::platforms::secret::Secret;
use plimsoll::ports::{NetSuite, PlatformError};
use wiremock::matchers::{any, body_json, header, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;

type AccountClient = Client<HttpTransport<SetClock>, Open>;

const EC: &str = include_str!("../../../src/platforms/netsuite/auth/assertion/ec_for_tests.pem");

fn tokens() -> Credentials {
    Credentials::Tokens(TokenKeys {
        consumer_key: "consumer".into(),
        consumer_secret: Secret::new("consumer secret"),
        token: Secret::new("token"),
        token_secret: Secret::new("token secret"),
    })
}

fn certificate() -> Credentials {
    let key = AssertionKey::from_pem(&Secret::new(EC)).unwrap();
    Credentials::Certificate { client_id: "client".into(), certificate_id: "certificate".into(), key }
}

fn transport(https: Arc<Https>, clock: &SetClock, at: &str, as_whom: Credentials) -> HttpTransport<SetClock> {
    let id = "1234567_SB1".parse().unwrap();
    let access = AccountAccess { id, endpoint: at.parse().unwrap(), credentials: as_whom };
    HttpTransport::new(clock.clone(), https, access)
}

fn client(at: &str, as_whom: Credentials) -> AccountClient {
    Client::new(transport(https(), &SetClock::new(), at, as_whom), Open)
}

async fn read(client: &AccountClient) -> Result<(), PlatformError> {
    let key = ExternalId::for_order(shop(), OrderId::new(1));
    client.customers_like(call(), &key, None).await.map(|_| ())
}

async fn write(client: &AccountClient) -> Result<InternalId, PlatformError> {
    let buyer = CustomerRecord {
        external_id: ExternalId::for_customer(shop(), CustomerId::new(7)),
        is_person: true,
        name: "Ana O'Neil".into(),
        email: None,
        phone: None,
        subsidiary: InternalId::new(2),
        currency: Currency::EUR,
    };
    client.upsert_customer(call(), &buyer).await
}

fn name<T: std::fmt::Debug>(result: &Result<T, PlatformError>) -> String {
    match result {
        Ok(_) => "Ok".to_owned(),
        Err(error) => format!("{error:?}").split([' ', '{']).next().unwrap().to_owned(),
    }
}

fn json(code: u16, text: &str) -> ResponseTemplate {
    ResponseTemplate::new(code)
        .set_body_raw(text.to_owned(), "application/vnd.oracle.resource+json; type=error")
}

fn error(status: u16, code: &str, detail: &str) -> ResponseTemplate {
    let details = serde_json::json!([{"detail": detail, "o:errorCode": code}]);
    let body = serde_json::json!({"type": "about:blank", "title": "Bad Request", "status": status,
        "o:errorDetails": details});
    json(status, &body.to_string())
}

async fn server(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

/// One parameter of each request's signature.
async fn signed(server: &MockServer, parameter: &str) -> Vec<String> {
    let requests = server.received_requests().await.unwrap();
    let of = |request: &wiremock::Request| {
        let header = request.headers["authorization"].to_str().unwrap().to_owned();
        let (_, rest) = header.split_once(&format!("{parameter}=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    requests.iter().map(of).collect()
}

#[test]
fn an_upsert_goes_to_its_external_id_and_reads_the_location() {
    block_on(async {
        for (status, location) in [
            (204, "https://1234567-sb1.x.example/services/rest/record/v1/customer/647"),
            (201, "/services/rest/record/v1/customer/647"),
            (200, "/services/rest/record/v1/customer/647/"),
        ] {
            let server = MockServer::start().await;
            Mock::given(method("PUT"))
                .and(path("/services/rest/record/v1/customer/eid:us-customer-7"))
                .and(header("Content-Type", "application/json"))
                .and(header("X-NetSuite-PropertyNameValidation", "Error"))
                .respond_with(ResponseTemplate::new(status).insert_header("Location", location))
                .mount(&server)
                .await;
            assert_eq!(write(&client(&server.uri(), tokens())).await, Ok(InternalId::new(647)));
        }
        let server = server(ResponseTemplate::new(204)).await;
        assert_eq!(name(&write(&client(&server.uri(), tokens())).await), "Unreadable");
    });
}

#[test]
fn q4_a_record_of_another_account_is_not_what_was_saved() {
    block_on(async {
        for host in ["7654321.suitetalk.api.netsuite.com", "1234567-sb2.x.example", "x.example", "127.0.0.2"]
        {
            let location = format!("https://{host}/services/rest/record/v1/customer/647");
            let server = server(ResponseTemplate::new(204).insert_header("Location", location)).await;
            assert_eq!(name(&write(&client(&server.uri(), tokens())).await), "Unreadable", "{host}");
        }
    });
}

/// What an error answer allows after a query and after a write. Source: netsuite.md §9.2, §20.
#[test]
fn q4_every_error_shape_says_what_may_be_done_next() {
    let page = |code| ResponseTemplate::new(code).set_body_raw("<html>Oracle</html>", "text/html");
    let blocked = "Concurrent request limit exceeded. Request blocked.";
    let cases = [
        (error(400, "USER_ERROR", "Error while accessing a resource. No."), "Refused", "Refused"),
        (error(401, "INVALID_LOGIN", "Invalid login attempt."), "Unauthorized", "Unauthorized"),
        (error(403, "INSUFFICIENT_PERMISSION", "No."), "Unauthorized", "Unauthorized"),
        (error(429, "CONCURRENCY_LIMIT_EXCEEDED", blocked), "Throttled", "Throttled"),
        (error(400, "CONCURRENCY_LIMIT_EXCEEDED", blocked), "Throttled", "Throttled"),
        (error(400, "USER_ERROR", "Record has been changed"), "RecordChanged", "RecordChanged"),
        (
            error(
                400,
                "USER_ERROR",
                "You have entered an Invalid Field Value 9 for the following field: item",
            ),
            "BadReference",
            "BadReference",
        ),
        (error(500, "UNEXPECTED_ERROR", "An unexpected error occurred."), "Unavailable", "OutcomeUnknown"),
        (page(429), "Throttled", "Throttled"),
        (page(500), "Unavailable", "OutcomeUnknown"),
        (page(502), "Unavailable", "OutcomeUnknown"),
        (page(503), "Unavailable", "Unavailable"),
        (page(302).insert_header("Location", "https://other.example/"), "BadReference", "BadReference"),
        // Successes that are none: a page where rows or a location belong, and rows cut off.
        (page(200), "Unreadable", "Unreadable"),
        (json(200, r#"{"count":1,"hasMore":fal"#), "Unreadable", "Unreadable"),
    ];
    block_on(async {
        for (answer, reading, writing) in cases {
            let server = server(answer).await;
            let client = client(&server.uri(), tokens());
            let (read, write) = (read(&client).await, write(&client).await);
            assert_eq!((&*name(&read), &*name(&write)), (reading, writing), "{read:?} {write:?}");
        }
    });
}

#[test]
fn q4_a_network_that_breaks_says_what_may_be_done_next() {
    let cut = "HTTP/1.1 204 No Content\r\nLocation: /x";
    let cases = [
        (nobody(), "Unavailable"),
        (odd(Oddity::Says(cut)), "OutcomeUnknown"),
        (odd(Oddity::Says("hello\r\n\r\n")), "Unreadable"),
        (odd(Oddity::Endless), "Unreadable"),
        (odd(Oddity::Silent), "OutcomeUnknown"),
    ];
    block_on(async {
        for (endpoint, writing) in cases {
            let https = if writing == "Unreadable" { https() } else { impatient() };
            let transport = transport(https, &SetClock::new(), &endpoint.to_string(), tokens());
            let write = write(&Client::new(transport, Open)).await;
            assert_eq!(name(&write), writing, "{write:?}");
        }
    });
}

#[test]
fn an_error_names_the_operation_for_the_support_of_the_platform() {
    block_on(async {
        let text = "You have entered an Invalid Field Value 9 for the following field: item";
        for answer in [error(400, "USER_ERROR", text), json(200, "<")] {
            let server = server(answer.insert_header("X-N-OperationId", "5f-9")).await;
            let error = read(&client(&server.uri(), tokens())).await.unwrap_err();
            assert!(error.to_string().contains("(operation 5f-9)"), "{error}");
            if let PlatformError::BadReference { field, .. } = error {
                assert_eq!(field, "item");
            }
        }
    });
}

#[test]
fn no_two_requests_carry_one_signature() {
    block_on(async {
        let server = server(error(429, "CONCURRENCY_LIMIT_EXCEEDED", "")).await;
        let client = client(&server.uri(), tokens());
        for _ in 0..3 {
            assert_eq!(name(&write(&client).await), "Throttled");
        }
        let mut nonces = signed(&server, "oauth_nonce").await;
        nonces.sort();
        nonces.dedup();
        assert_eq!(nonces.len(), 3);
    });
}

/// The stamp of a clock that is half an hour slow is refused; the refusal tells the time.
#[test]
fn a_wrong_clock_is_mended_by_signing_anew() {
    block_on(async {
        let server = MockServer::start().await;
        let refused = error(401, "INVALID_LOGIN", "Invalid login attempt.");
        Mock::given(any()).respond_with(refused).up_to_n_times(1).mount(&server).await;
        let location = "/services/rest/record/v1/customer/647";
        let saved = ResponseTemplate::new(204).insert_header("Location", location);
        Mock::given(any()).respond_with(saved).mount(&server).await;
        let clock = SetClock::new();
        clock.set_ahead(-1_800);
        let client = Client::new(transport(https(), &clock, &server.uri(), tokens()), Open);
        for _ in 0..2 {
            assert_eq!(write(&client).await, Ok(InternalId::new(647)));
        }
        let stamps: Vec<i64> =
            signed(&server, "oauth_timestamp").await.iter().map(|stamp| stamp.parse().unwrap()).collect();
        let nonces = signed(&server, "oauth_nonce").await;
        assert_eq!(stamps.len(), 3, "once mended, it stays so");
        assert!((1_790..1_860).contains(&(stamps[1] - stamps[0])), "{stamps:?}");
        assert!(stamps[2] >= stamps[1] && nonces[0] != nonces[1]);
    });
}

#[test]
fn a_signature_that_is_refused_for_another_reason_is_not_repeated() {
    block_on(async {
        let server = server(error(401, "INVALID_LOGIN", "Invalid login attempt.")).await;
        assert_eq!(name(&write(&client(&server.uri(), tokens())).await), "Unauthorized");
        assert_eq!(server.received_requests().await.unwrap().len(), 1);
    });
}

async fn sells(server: &MockServer, token: &str, expires_in: serde_json::Value, answer: ResponseTemplate) {
    let bought = serde_json::json!({"access_token": token, "expires_in": expires_in, "token_type": "Bearer"})
        .to_string();
    let bought = ResponseTemplate::new(200).set_body_raw(bought, "application/json");
    let counter = Mock::given(method("POST")).and(path(TOKEN_PATH));
    counter.respond_with(bought).up_to_n_times(1).mount(server).await;
    let with_token = Mock::given(method("PUT")).and(header("Authorization", format!("Bearer {token}")));
    with_token.respond_with(answer).mount(server).await;
}

async fn bought(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().iter().filter(|it| it.url.path() == TOKEN_PATH).count()
}

#[test]
fn a_certificate_buys_a_token_for_an_hour() {
    block_on(async {
        let server = MockServer::start().await;
        let saved = || ResponseTemplate::new(204).insert_header("Location", "/customer/647");
        sells(&server, "first", 3600.into(), saved()).await;
        sells(&server, "second", "3600".into(), saved()).await;
        let clock = SetClock::new();
        let client = Client::new(transport(https(), &clock, &server.uri(), certificate()), Open);
        for (ahead, tokens) in [(0, 1), (3_600 - 330, 1), (3_600 - 270, 2), (3_700, 2)] {
            clock.set_ahead(ahead);
            assert_eq!(write(&client).await, Ok(InternalId::new(647)));
            assert_eq!(bought(&server).await, tokens, "{ahead} seconds later");
        }
        let form = String::from_utf8(server.received_requests().await.unwrap()[0].body.clone()).unwrap();
        let fields: Vec<&str> = form.split('&').map(|field| field.split('=').next().unwrap()).collect();
        assert_eq!(fields, ["grant_type", "client_assertion_type", "client_assertion"]);
        let kind = "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
        assert!(form.contains(kind), "{form}");
    });
}

#[test]
fn a_token_that_ended_early_is_bought_anew_once() {
    block_on(async {
        let server = MockServer::start().await;
        let refused = || error(401, "INVALID_LOGIN", "Invalid login attempt.");
        let saved = ResponseTemplate::new(204).insert_header("Location", "/customer/647");
        sells(&server, "first", 3600.into(), refused()).await;
        sells(&server, "second", 3600.into(), saved).await;
        assert_eq!(write(&client(&server.uri(), certificate())).await, Ok(InternalId::new(647)));
        let server = MockServer::start().await;
        for token in ["first", "second", "third"] {
            sells(&server, token, 3600.into(), refused()).await;
        }
        assert_eq!(name(&write(&client(&server.uri(), certificate())).await), "Unauthorized");
        assert_eq!(bought(&server).await, 2);
    });
}

#[test]
fn a_certificate_that_is_refused_asks_for_a_person_and_a_failure_for_patience() {
    let cases = [
        (json(400, r#"{"error":"invalid_grant"}"#), "Unauthorized", "no access token: invalid_grant"),
        (json(401, "<html>"), "Unauthorized", "no access token: http status 401"),
        (json(503, ""), "Unavailable", "no access token: http status 503"),
        (json(200, "{}"), "Unavailable", "no access token: the token endpoint answered without a token"),
    ];
    block_on(async {
        for (answer, kind, text) in cases {
            let server = server(answer).await;
            let write = write(&client(&server.uri(), certificate())).await;
            assert_eq!(name(&write), kind);
            assert!(write.unwrap_err().to_string().contains(text));
        }
    });
}

/// Kits from number `from` to before `to`, out of `total`, as one page.
fn kits(from: u64, to: u64, total: u64) -> ResponseTemplate {
    let items: Vec<_> =
        (from..to).map(|n| serde_json::json!({"links": [], "kit": format!("KIT-{n}")})).collect();
    let body = serde_json::json!({"links": [], "count": to - from, "hasMore": to < total, "offset": from,
        "totalResults": total, "items": items});
    let kind = "application/vnd.oracle.resource+json; type=collection";
    ResponseTemplate::new(200).set_body_raw(body.to_string(), kind)
}

async fn page_at(server: &MockServer, offset: &str, answer: ResponseTemplate) {
    Mock::given(method("POST"))
        .and(path(SUITEQL_PATH))
        .and(query_param("limit", "1000"))
        .and(query_param("offset", offset))
        .and(header("Prefer", "transient"))
        .and(body_json(serde_json::json!({"q": Query::Kits.render()})))
        .respond_with(answer)
        .mount(server)
        .await;
}

#[test]
fn a_query_is_read_past_a_thousand_rows() {
    block_on(async {
        let server = MockServer::start().await;
        for (offset, from, to) in [("0", 0, 1_000), ("1000", 1_000, 2_000), ("2000", 2_000, 2_345)] {
            page_at(&server, offset, kits(from, to, 2_345)).await;
        }
        let limits = Limits::default();
        let https = Arc::new(Https::trusting(RootCertStore::empty(), limits));
        let transport = transport(https, &SetClock::new(), &server.uri(), tokens());
        let response = transport.send(call(), Request::SuiteQl(Query::Kits)).await.unwrap();
        let Ok(Answer::Rows(Rows::Kits(rows))) = response.answer else { panic!("{response:?}") };
        assert_eq!(rows.len(), 2_345);
        assert!(rows.iter().zip(0..).all(|(row, n)| *row.kit == *format!("KIT-{n}")));
        // Each page is signed by itself.
        let mut nonces = signed(&server, "oauth_nonce").await;
        nonces.sort();
        nonces.dedup();
        assert_eq!(nonces.len(), 3);
    });
}

#[test]
fn q4_pages_that_do_not_fit_together_are_no_answer() {
    let blocked = || error(429, "CONCURRENCY_LIMIT_EXCEEDED", "Concurrent request limit exceeded.");
    let cases = [
        // A row came between the pages: one may have moved over the edge.
        (kits(1_000, 1_501, 1_501), "unreadable answer: the rows changed from one page to the next"),
        // The first page again: a server that does not heed the offset.
        (kits(0, 1_000, 1_500), "unreadable answer: rows from 1000 on were asked for, and others came"),
        (blocked(), "429"),
    ];
    block_on(async {
        for (second, text) in cases {
            let server = MockServer::start().await;
            page_at(&server, "0", kits(0, 1_000, 1_500)).await;
            page_at(&server, "1000", second).await;
            let https = Arc::new(Https::trusting(RootCertStore::empty(), Limits::default()));
            let transport = transport(https, &SetClock::new(), &server.uri(), tokens());
            match transport.send(call(), Request::SuiteQl(Query::Kits)).await {
                Ok(response) => assert_eq!(response.status.to_string(), text),
                Err(error) => assert_eq!(error.to_string(), text),
            }
        }
    });
}
