//! A canary in every secret: whatever a platform answers, even what it was sent, no error and no `Debug` shows one.

use plimsoll::domain::ExternalId;
use plimsoll::domain::ids::OrderId;
use plimsoll::platforms::netsuite;
use plimsoll::platforms::netsuite::auth::assertion::AssertionKey;
use plimsoll::platforms::netsuite::auth::signature::TokenKeys;
use plimsoll::platforms::secret::Secret;
use plimsoll::platforms::shopify;
use plimsoll::ports::{NetSuite, Shopify};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::*;

const CANARY: &str = "canary";
const EC: &str = include_str!("../../../src/platforms/netsuite/auth/assertion/ec_for_tests.pem");

/// Gives back all that it was sent, as an error page, a redirect or a success would, in this status and kind.
struct Parrot {
    status: u16,
    kind: &'static str,
    /// Buys tokens instead of answering.
    sells: bool,
}

impl wiremock::Respond for Parrot {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let path = request.url.path();
        if self.sells && (path.ends_with("/token") || path.ends_with("/access_token")) {
            let body = r#"{"access_token":"canary-access","expires_in":3600,"refresh_token":"canary-next"}"#;
            return ResponseTemplate::new(200).set_body_raw(body, "application/json");
        }
        let heads: Vec<String> = request
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        let echo = format!("{} {}", heads.join(" "), String::from_utf8_lossy(&request.body));
        let tokens = ["x-shopify-access-token", "authorization"];
        let token = tokens.iter().find_map(|name| request.headers.get(*name));
        let token = token.map_or("", |token| token.to_str().unwrap()).to_owned();
        let body = match self.kind {
            "text/html" => format!("<html>{token} {echo}</html>"),
            // Where each reader looks for words to quote.
            _ => serde_json::json!({"data": token, "title": token, "error": token, "error_description": echo,
                "errors": [{"message": token}], "o:errorDetails": [{"detail": echo, "o:errorCode": token}]})
            .to_string(),
        };
        ResponseTemplate::new(self.status)
            .insert_header("Location", format!("https://x.example/{}", token.replace(['"', ' '], "")))
            .insert_header("X-Request-Id", token.clone())
            .insert_header("X-N-OperationId", token)
            .set_body_raw(body, self.kind)
    }
}

fn shopify_credentials(kept_in: &std::path::Path) -> Vec<shopify::auth::Credentials> {
    use shopify::auth::Credentials;
    let client_secret = || Secret::new("canary-client-secret");
    vec![
        Credentials::Lasting { token: Secret::new("canary-lasting") },
        Credentials::ClientCredentials { client_id: "app".into(), client_secret: client_secret() },
        Credentials::Refreshed {
            client_id: "app".into(),
            client_secret: client_secret(),
            kept_in: kept_in.to_owned(),
        },
    ]
}

fn netsuite_credentials() -> Vec<netsuite::auth::Credentials> {
    use netsuite::auth::Credentials;
    let key = AssertionKey::from_pem(&Secret::new(EC)).unwrap();
    vec![
        Credentials::Tokens(TokenKeys {
            consumer_key: "consumer".into(),
            consumer_secret: Secret::new("canary-consumer"),
            token: Secret::new("canary-token"),
            token_secret: Secret::new("canary-token-secret"),
        }),
        Credentials::Certificate { client_id: "client".into(), certificate_id: "id".into(), key },
    ]
}

#[test]
fn k1_no_secret_is_ever_shown() {
    let kept_in = std::env::temp_dir().join(format!("plimsoll-kept-{}", std::process::id()));
    std::fs::write(&kept_in, "canary-refresh").unwrap();
    let mut shown = Vec::new();
    block_on(async {
        for (status, kind) in [
            (200, "text/html"),
            (200, "application/json"),
            (302, "text/html"),
            (400, "application/json"),
            (401, "application/json"),
            (403, "text/html"),
            (429, "text/html"),
            (500, "application/json"),
            (503, "text/html"),
        ] {
            for sells in [true, false] {
                let server = MockServer::start().await;
                Mock::given(any()).respond_with(Parrot { status, kind, sells }).mount(&server).await;
                for credentials in shopify_credentials(&kept_in) {
                    shown.push(format!("{credentials:?}"));
                    let endpoint = server.uri().parse().unwrap();
                    let access = shopify::http::ShopAccess { endpoint, credentials };
                    let version = "2026-10".parse().unwrap();
                    let transport = shopify::http::HttpTransport::new(
                        SetClock::new(),
                        https(),
                        version,
                        [(shop(), access)],
                    );
                    let client = shopify::Client::new(Arc::new(transport), Arc::new(Open));
                    let read = client.order(call(), shop(), OrderId::new(1)).await.unwrap_err();
                    shown.extend([format!("{client:?}"), format!("{read:?} {read}")]);
                }
                for credentials in netsuite_credentials() {
                    shown.push(format!("{credentials:?}"));
                    let (id, endpoint) = ("1234567".parse().unwrap(), server.uri().parse().unwrap());
                    let access = netsuite::http::AccountAccess { id, endpoint, credentials };
                    let transport = netsuite::http::HttpTransport::new(SetClock::new(), https(), access);
                    let client = netsuite::Client::new(transport, Open);
                    let key = ExternalId::for_order(shop(), OrderId::new(1));
                    let read = client.customers_like(call(), &key, None).await.unwrap_err();
                    shown.extend([format!("{client:?}"), format!("{read:?} {read}")]);
                }
            }
        }
    });
    std::fs::remove_file(&kept_in).unwrap();
    assert!(shown.len() > 150);
    for text in shown {
        assert!(!text.contains(CANARY), "{text}");
    }
}
