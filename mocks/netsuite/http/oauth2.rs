//! Access tokens: sold for a signed assertion, good for an hour.
//!
//! Source: netsuite.md §3.2; RFC 6749 §5.2 (error answers), RFC 7523 (assertions). What an access token looks like is
//! the account's own business; here it is a JSON Web Token sealed by the account, so that none needs to be remembered.

use ring::hmac;
use serde::{Deserialize, Serialize};

use super::address::Address;
use super::door::{CertificateEntry, Door};
use super::encoding::{base64, pairs};
use crate::domain::Timestamp;
use crate::mocks::http::{Asked, Told};
use crate::platforms::base64::url_safe;

pub(super) const TOKEN_PATH: &str = "/services/rest/auth/oauth2/v1/token";

const LIFE_SECONDS: i64 = 3_600;
/// How far an assertion may come from the future. Assumption: the clocks of both sides may differ by a minute.
const AHEAD_SECONDS: i64 = 60;
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const SCOPES: [&str; 3] = ["restlets", "rest_webservices", "suite_analytics"];
const REST: &str = "rest_webservices";

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    typ: Option<String>,
    kid: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    scope: OneOrMore,
    aud: OneOrMore,
    iat: i64,
    exp: i64,
}

/// The manual's prose separates by commas, its sample is a list.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    fn values(&self) -> Vec<&str> {
        match self {
            OneOrMore::One(text) => {
                text.split([',', ' ']).map(str::trim).filter(|part| !part.is_empty()).collect()
            }
            OneOrMore::More(texts) => texts.iter().map(String::as_str).collect(),
        }
    }
}

/// What stands in an access token.
#[derive(Serialize, Deserialize)]
struct Grant {
    /// Entity, role and account, as live tokens have them.
    sub: String,
    aud: Vec<String>,
    scope: Vec<String>,
    iss: String,
    oit: i64,
    iat: i64,
    exp: i64,
    jti: String,
}

#[derive(Serialize)]
struct Sold {
    access_token: String,
    expires_in: i64,
    token_type: &'static str,
}

#[derive(Serialize)]
struct Denied {
    error: &'static str,
}

impl Door {
    /// The token endpoint.
    pub fn sell_token(&mut self, asked: &Asked, address: &Address, now: Timestamp) -> Told {
        if asked.method != "POST" {
            return json(405, &Denied { error: "invalid_request" });
        }
        match self.sold(asked, address, now) {
            Ok(access_token) => {
                json(200, &Sold { access_token, expires_in: LIFE_SECONDS, token_type: "bearer" })
            }
            // Assumption: statuses are those of the RFC (netsuite.md §3.2 leaves the pairing open).
            Err(error) => json(if error == "invalid_client" { 401 } else { 400 }, &Denied { error }),
        }
    }

    fn sold(&mut self, asked: &Asked, address: &Address, now: Timestamp) -> Result<String, &'static str> {
        let kind = asked.header("content-type").unwrap_or_default();
        let is_form = kind
            .split(';')
            .next()
            .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"));
        let form = std::str::from_utf8(&asked.body).ok().filter(|_| is_form).and_then(pairs);
        let form = form.ok_or("invalid_request")?;
        let value =
            |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        if value("grant_type").ok_or("invalid_request")? != "client_credentials" {
            return Err("unsupported_grant_type");
        }
        if value("client_assertion_type") != Some(ASSERTION_TYPE) {
            return Err("invalid_request");
        }
        let assertion = value("client_assertion").ok_or("invalid_request")?;
        let (header, claims, signed, signature) = read(assertion).ok_or("invalid_request")?;
        let entry = self.entry(&claims.iss, &header.kid)?;
        if header.typ.is_some_and(|typ| typ != "JWT")
            || !entry.key.verifies(&header.alg, signed.as_bytes(), &signature)
        {
            return Err("invalid_client");
        }
        let now = now.seconds();
        let life = claims.exp.saturating_sub(claims.iat);
        let is_current = claims.iat <= now.saturating_add(AHEAD_SECONDS) && now < claims.exp;
        if !is_current || !(1..=LIFE_SECONDS).contains(&life) || !self.is_audience(&claims.aud, address) {
            return Err("invalid_grant");
        }
        let scope = claims.scope.values();
        if scope.is_empty() || scope.iter().any(|scope| !SCOPES.contains(scope)) {
            return Err("invalid_scope");
        }
        self.sold += 1;
        let grant = Grant {
            sub: format!("{};0;3;{};N", self.account, self.sold),
            aud: vec![format!("{};{}", claims.iss, self.account), claims.iss.clone()],
            scope: scope.into_iter().map(str::to_owned).collect(),
            iss: "https://system.netsuite.com".to_owned(),
            oit: now,
            iat: now,
            exp: now.saturating_add(LIFE_SECONDS),
            jti: format!("{}.{}", self.account, self.sold),
        };
        Ok(sealed(&grant, &self.seal))
    }

    fn entry(&self, client_id: &str, certificate_id: &str) -> Result<&CertificateEntry, &'static str> {
        let of_client = self.certificates.iter().filter(|known| *known.client_id == *client_id);
        let found = of_client.clone().find(|known| *known.certificate_id == *certificate_id);
        found.ok_or("invalid_client")
    }

    /// The token endpoint at the services host, at the RESTlet host, or at the host that was asked.
    fn is_audience(&self, audience: &OneOrMore, address: &Address) -> bool {
        let host = self.account.to_ascii_lowercase().replace('_', "-");
        let known = [
            format!("https://{host}.suitetalk.api.netsuite.com{TOKEN_PATH}"),
            format!("https://{host}.restlets.api.netsuite.com{TOKEN_PATH}"),
            format!("{}{TOKEN_PATH}", address.origin),
        ];
        let one = audience.values();
        !one.is_empty() && one.iter().all(|audience| known.iter().any(|known| known == audience))
    }
}

/// Header, claims, what was signed, and the signature.
fn read(assertion: &str) -> Option<(Header, Claims, &str, Vec<u8>)> {
    let (signed, signature) = assertion.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let header = serde_json::from_slice(&base64(header)?).ok()?;
    let claims = serde_json::from_slice(&base64(claims)?).ok()?;
    Some((header, claims, signed, base64(signature)?))
}

fn sealed(grant: &Grant, seal: &hmac::Key) -> String {
    let header = r#"{"kid":"s.TWIN.2026_1","typ":"JWT","alg":"HS256"}"#;
    let claims = serde_json::to_vec(grant).expect("a struct of texts and numbers");
    let text = format!("{}.{}", url_safe(header.as_bytes()), url_safe(&claims));
    let signature = url_safe(hmac::sign(seal, text.as_bytes()).as_ref());
    format!("{text}.{signature}")
}

/// Whether the account sold this token for its REST services, and its hour is not over.
pub(super) fn is_valid(token: &str, seal: &hmac::Key, account: &str, now: Timestamp) -> bool {
    let valid = || {
        let (text, signature) = token.rsplit_once('.')?;
        hmac::verify(seal, text.as_bytes(), &base64(signature)?).ok()?;
        let (_, claims) = text.split_once('.')?;
        let grant: Grant = serde_json::from_slice(&base64(claims)?).ok()?;
        let is_here = grant.jti.rsplit_once('.').is_some_and(|(of, _)| of == account);
        let is_current = grant.iat <= now.seconds() && now.seconds() < grant.exp;
        (is_here && is_current && grant.scope.iter().any(|scope| scope == REST)).then_some(())
    };
    valid().is_some()
}

fn json(status: u16, body: &impl Serialize) -> Told {
    Told {
        status,
        headers: vec![
            ("Content-Type", "application/json".to_owned()),
            ("Cache-Control", "no-store".to_owned()),
        ],
        body: serde_json::to_vec(body).expect("a struct of texts and numbers"),
    }
}
