//! Who is let in, word for word. Assertions beside this file were signed by OpenSSL with the keys of the client's tests,
//! which were made for tests and open nothing.

use super::*;
use crate::domain::{Currency, InternalId, Zone};
use crate::mocks::netsuite::{Account, AccountKind, AccountSettings, ItemKind, Subsidiary};
use keys::PublicKey;

const ACCOUNT: &str = "1234567_SB1";
const HOST: &str = "1234567-sb1.suitetalk.api.netsuite.com";
pub(super) const NOW: Timestamp = Timestamp::from_seconds(1_795_750_010);

/// The keys of the manual's samples. Source: netsuite.md §3.1.
fn manual() -> TokenEntry {
    TokenEntry {
        consumer_key: "ef40afdd8abaac111b13825dd5e5e2ddddb44f86d5a0dd6dcf38c20aae6b67e4".into(),
        consumer_secret: "d26ad321a4b2f23b0741c8d38392ce01c3e23e109df6c96eac6d099e9ab9e8b5".into(),
        token: "2b0ce516420110bcbd36b69e99196d1b7f6de3c6234c5afb799b73d87569f5cc".into(),
        token_secret: "c29a677df7d5439a458c063654187e3d678d73aca8e3c9d8bea1478a3eb0d295".into(),
    }
}

pub(super) fn face(account: &str) -> Face {
    let entry = |id: &str, pem: &str| CertificateEntry {
        client_id: "client".into(),
        certificate_id: id.into(),
        key: PublicKey::from_pem(pem).unwrap(),
    };
    Face::new(FaceSettings {
        account: account.into(),
        scheme: "http",
        tokens: vec![manual()],
        certificates: vec![entry("certificate", include_str!("tests/rsa_certificate.pem"))],
        seal: [7; 32],
    })
}

pub(super) fn twin() -> NetsuiteTwin {
    let zone = Zone::utc();
    let mut twin = NetsuiteTwin::new(AccountSettings { zone, slots: 5, expanded_account_lists: true });
    let of = InternalId::new;
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
        (255, AccountKind::OtherCurrentLiability),
    ] {
        twin.add_account(Account { id: of(id), kind, subsidiary: of(2), currency: Currency::EUR });
    }
    twin.add_items(["MUG-1", "MUG-2", "SHIPPING", "MUG-RETURN"]);
    twin.set_item_kind("SHIPPING", ItemKind::Service);
    twin.set_item_kind("MUG-RETURN", ItemKind::Service);
    twin.add_tax_code(of(21), of(2), of(255));
    twin.set_stock("MUG-1", of(20), 100, 250);
    twin
}

pub(super) fn asked(method: &str, host: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Asked {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut all = vec![("host".to_owned(), host.to_owned())];
    all.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    Asked {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: all,
        body: body.as_bytes().to_vec(),
    }
}

pub(super) fn header<'a>(told: &'a Told, name: &str) -> Option<&'a str> {
    told.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

fn sample(signature: &str) -> String {
    let TokenEntry { consumer_key, token, .. } = manual();
    format!(
        "OAuth realm=\"123456\", oauth_consumer_key=\"{consumer_key}\", oauth_token=\"{token}\", \
         oauth_nonce=\"fjaLirsIcCGVZWzBX0pg\", oauth_timestamp=\"1508242306\", \
         oauth_signature_method=\"HMAC-SHA256\", oauth_version=\"1.0\", oauth_signature=\"{signature}\""
    )
}

const SERVICES: &str = "123456.suitetalk.api.netsuite.com";
const SCRIPTS: &str = "123456.restlets.api.netsuite.com";
const EMPLOYEE: &str = "/services/rest/record/v1/employee/40";
const SIGNED: &str = "B5OIWznZ2YP0OB7VrJrGkYsTh%2B8H%2B5T9Hag%2Bo92q0zY%3D";
const SCRIPT: &str =
    "/app/site/hosting/restlet.nl?script=6&deploy=1&customParam=someValue&testParam=someOtherValue";
const SIGNED_SCRIPT: &str = "%2BKK4SKNgz4ZiILGLwOMtfYlgcXSy1eis8ldE9X90azQ%3D";

/// Both vectors of the manual, and what turns each into a refusal. Source: netsuite.md §3.1.
#[test]
fn the_manuals_signatures_are_let_in_once_and_nothing_else_is() {
    let at = Timestamp::from_seconds(1_508_242_306);
    let five_minutes = crate::domain::Duration::from_secs(300);
    let check = |host: &str, target: &str, method: &str, header: &str, now: Timestamp| {
        let request = asked(method, host, target, &[("authorization", header)], "");
        let mut face = face("123456");
        let first = face.answer(&mut twin(), &request, now).status;
        (first, face.answer(&mut twin(), &request, now).status)
    };
    let good = sample(SIGNED);
    // Inside, there is no such record type; a second time, the nonce is used.
    assert_eq!(check(SERVICES, EMPLOYEE, "GET", &good, at), (404, 401));
    assert_eq!(check(SCRIPTS, SCRIPT, "POST", &sample(SIGNED_SCRIPT), at), (404, 401));
    assert_eq!(check(&format!("{SERVICES}:443"), EMPLOYEE, "GET", &good, at).0, 404);
    assert_eq!(check(SERVICES, EMPLOYEE, "GET", &good, at.plus(five_minutes)).0, 404);
    for (host, target, method, header, now) in [
        (
            SERVICES,
            EMPLOYEE,
            "GET",
            good.as_str(),
            at.plus(five_minutes).plus(crate::domain::Duration::from_secs(1)),
        ),
        (SERVICES, EMPLOYEE, "POST", &good, at),
        (SERVICES, "/services/rest/record/v1/employee/41", "GET", &good, at),
        (SERVICES, "/services/rest/record/v1/employee/40?limit=1", "GET", &good, at),
        ("654321.suitetalk.api.netsuite.com", EMPLOYEE, "GET", &good, at),
        (SCRIPTS, EMPLOYEE, "GET", &good, at),
        (SERVICES, EMPLOYEE, "GET", &good.replace("\"123456\"", "\"654321\""), at),
        (SERVICES, EMPLOYEE, "GET", &good.replace("HMAC-SHA256", "HMAC-SHA1"), at),
        (SERVICES, EMPLOYEE, "GET", &good.replace("oauth_token=\"2", "oauth_token=\"3"), at),
        (SERVICES, EMPLOYEE, "GET", &good.replace("oauth_timestamp=\"1508242306\", ", ""), at),
        (SERVICES, EMPLOYEE, "GET", "OAuth", at),
        (SERVICES, EMPLOYEE, "GET", "Basic YTpi", at),
        (SERVICES, EMPLOYEE, "GET", "", at),
    ] {
        assert_eq!(check(host, target, method, header, now).0, 401, "{method} {host}{target} {header}");
    }
}

#[test]
fn a_refusal_says_no_more_than_the_platform_does() {
    let request = asked("GET", HOST, "/services/rest/record/v1/customer", &[], "");
    let told = face(ACCOUNT).answer(&mut twin(), &request, NOW);
    let body: serde_json::Value = serde_json::from_slice(&told.body).unwrap();
    assert_eq!((told.status, &body["status"]), (401, &401.into()));
    assert_eq!(body["o:errorDetails"][0]["o:errorCode"], "INVALID_LOGIN");
    let text = body["o:errorDetails"][0]["detail"].as_str().unwrap();
    assert!(text.starts_with("Invalid login attempt. For more details, see the Login Audit Trail"), "{text}");
    assert_eq!(header(&told, "content-type"), Some("application/vnd.oracle.resource+json; type=error"));
    assert!(header(&told, "www-authenticate").unwrap().starts_with("OAuth realm=\"1234567_SB1\""));
}

fn buy(face: &mut Face, assertion: &str, host: &str, now: Timestamp) -> (u16, serde_json::Value) {
    let form = format!(
        "grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3A\
         jwt-bearer&client_assertion={}",
        assertion.trim()
    );
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let told = face.answer(&mut twin(), &asked("POST", host, oauth2::TOKEN_PATH, &kind, &form), now);
    (told.status, serde_json::from_slice(&told.body).unwrap())
}

const PS256: &str = include_str!("tests/ps256.jwt");

#[test]
fn an_assertion_buys_a_token_of_an_hour() {
    let mut face = face(ACCOUNT);
    let (status, sold) = buy(&mut face, PS256, HOST, NOW);
    assert_eq!(
        (status, &sold["expires_in"], &sold["token_type"]),
        (200, &3600.into(), &"bearer".into()),
        "{sold}"
    );
    let bearer = format!("Bearer {}", sold["access_token"].as_str().unwrap());
    let mut options = |header: &str, now| {
        let request = asked("OPTIONS", HOST, "/services/rest/*", &[("authorization", header)], "");
        let told = face.answer(&mut twin(), &request, now);
        (told.status, header_of(&told))
    };
    assert_eq!(options(&bearer, NOW).0, 204);
    let hour = crate::domain::Duration::from_secs(3_600);
    assert_eq!(options(&bearer, NOW.plus(crate::domain::Duration::from_secs(3_599))).0, 204);
    let (status, challenge) = options(&bearer, NOW.plus(hour));
    assert_eq!(status, 401);
    assert!(challenge.starts_with("Bearer realm=\"1234567_SB1\", error=\"invalid_token\""), "{challenge}");
    let last = if bearer.ends_with('A') { "B" } else { "A" };
    assert_eq!(options(&format!("{}{last}", &bearer[..bearer.len() - 1]), NOW).0, 401);
}

fn header_of(told: &Told) -> String {
    header(told, "www-authenticate").unwrap_or_default().to_owned()
}

#[test]
fn other_kinds_of_keys_are_read_and_rs256_is_refused() {
    let with = |pem: &str, assertion: &str| {
        let entry = CertificateEntry {
            client_id: "client".into(),
            certificate_id: "certificate".into(),
            key: PublicKey::from_pem(pem).unwrap(),
        };
        let mut face = face(ACCOUNT);
        face.door.certificates = vec![entry];
        buy(&mut face, assertion, HOST, NOW)
    };
    let (rsa, ec) = (include_str!("tests/rsa_certificate.pem"), include_str!("tests/ec_public_key.pem"));
    assert_eq!(with(rsa, include_str!("tests/ps512.jwt")).0, 200);
    assert_eq!(with(ec, include_str!("tests/es256.jwt")).0, 200);
    let invalid_client = (401, serde_json::json!({"error": "invalid_client"}));
    assert_eq!(with(rsa, include_str!("tests/rs256.jwt")), invalid_client);
    assert_eq!(with(ec, PS256), invalid_client);
    assert!(PublicKey::from_pem("no key").is_err());
    assert!(PublicKey::from_pem(&rsa.replace("MII", "MIJ")).is_err());
}

#[test]
fn an_assertion_out_of_its_time_or_for_another_account_buys_nothing() {
    let minute = crate::domain::Duration::from_mins(1);
    let issued = Timestamp::from_seconds(1_795_750_000);
    let invalid_grant = (400, serde_json::json!({"error": "invalid_grant"}));
    assert_eq!(buy(&mut face(ACCOUNT), PS256, HOST, issued.minus(minute)).0, 200);
    let early = issued.minus(minute).minus(crate::domain::Duration::from_secs(1));
    assert_eq!(buy(&mut face(ACCOUNT), PS256, HOST, early), invalid_grant);
    let late = issued.plus(crate::domain::Duration::from_hours(1));
    assert_eq!(buy(&mut face(ACCOUNT), PS256, HOST, late), invalid_grant);
    assert_eq!(buy(&mut face("7654321"), PS256, "localhost:8080", NOW), invalid_grant);
    assert_eq!(buy(&mut face(ACCOUNT), "a.b.c", HOST, NOW).1["error"], "invalid_request");
    let mut bare = face(ACCOUNT);
    bare.door.certificates.clear();
    assert_eq!(buy(&mut bare, PS256, HOST, NOW).1["error"], "invalid_client");
}
