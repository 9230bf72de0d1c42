//! What a stranger with a token sends to the NetSuite twin, request after request: SuiteQL text, and records of any
//! type. It is answered, and the twin goes on. Requests stand one after the other with a zero byte between them: the first
//! byte chooses the method, the first line is what is asked for, the rest is the body.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll::domain::{Currency, InternalId, Timestamp, Zone};
use plimsoll::mocks::http::Asked;
use plimsoll::mocks::netsuite::http::{Face, FaceSettings, TokenEntry};
use plimsoll::mocks::netsuite::{Account, AccountKind, AccountSettings, NetsuiteTwin, Subsidiary};
use plimsoll::platforms::netsuite::auth::signature::TokenKeys;
use plimsoll::platforms::secret::Secret;

const NOW: Timestamp = Timestamp::from_seconds(1_795_755_600);
const HOST: &str = "twin1.suitetalk.api.netsuite.com";
const KEY: &str = "key";

fuzz_target!(|data: &[u8]| {
    let mut twin = twin();
    let mut face = Face::new(FaceSettings {
        account: "TWIN1".into(),
        scheme: "https",
        tokens: vec![TokenEntry {
            consumer_key: KEY.into(),
            consumer_secret: KEY.into(),
            token: KEY.into(),
            token_secret: KEY.into(),
        }],
        certificates: vec![],
        seal: [7; 32],
    });
    for (number, part) in data.split(|byte| *byte == 0).take(4).enumerate() {
        let Some((kind, part)) = part.split_first() else { continue };
        let text = String::from_utf8_lossy(part);
        let (target, body) = text.split_once('\n').unwrap_or((&text, ""));
        let (method, path, body) = match kind % 8 {
            0..=3 => {
                let query = serde_json::json!({ "q": text }).to_string();
                ("POST", "/services/rest/query/v1/suiteql".to_owned(), query)
            }
            kind => {
                let method = ["GET", "POST", "PATCH", "PUT"][usize::from(kind) - 4];
                (method, format!("/services/rest/record/v1/{target}"), body.to_owned())
            }
        };
        let told = face.answer(&mut twin, &asked(method, &path, body, number), NOW);
        assert_ne!(told.status, 401, "who has a token is let in");
    }
});

/// A signed request. A path that no address can have is not signed as one: it is sent without its odd letters.
fn asked(method: &str, path: &str, body: String, number: usize) -> Asked {
    let path: String = path.chars().filter(|c| c.is_ascii_alphanumeric() || "/!-_.:()=".contains(*c)).collect();
    let keys = TokenKeys {
        consumer_key: KEY.into(),
        consumer_secret: Secret::new(KEY),
        token: Secret::new(KEY),
        token_secret: Secret::new(KEY),
    };
    let url = format!("https://{HOST}{path}");
    let nonce = format!("nonce-{number:06}");
    let signed = keys.header("TWIN1", method, &url, &[], &nonce, NOW.seconds());
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Asked {
        method: method.to_owned(),
        path,
        query: String::new(),
        headers: vec![
            header("host", HOST),
            header("authorization", signed.expose()),
            header("content-type", "application/json"),
            header("prefer", "transient"),
        ],
        body: body.into_bytes(),
    }
}

fn twin() -> NetsuiteTwin {
    let of = InternalId::new;
    let settings = AccountSettings { zone: Zone::utc(), slots: 5, expanded_account_lists: true };
    let mut twin = NetsuiteTwin::new(settings);
    twin.add_subsidiary(Subsidiary {
        id: of(2),
        currency: Currency::EUR,
        location: of(20),
        deposits_account: of(202),
        receivable: of(250),
        inventory: of(251),
        cogs: of(252),
        exchange: of(253),
        income: of(254),
    });
    for (id, kind) in [
        (201, AccountKind::OtherCurrentAsset),
        (202, AccountKind::OtherCurrentLiability),
        (250, AccountKind::Receivable),
        (251, AccountKind::OtherCurrentAsset),
        (252, AccountKind::CostOfGoodsSold),
        (253, AccountKind::Income),
        (254, AccountKind::Income),
    ] {
        twin.add_account(Account { id: of(id), kind, subsidiary: of(2), currency: Currency::EUR });
    }
    twin.add_items(["MUG-1", "MUG-2"]);
    twin.set_stock("MUG-1", of(20), 100, 250);
    twin
}
