//! Signatures of token-based authentication, verified: OAuth 1.0a with HMAC-SHA256.
//!
//! Source: netsuite.md §3.1; RFC 5849 §3.2 (verification: a nonce is used once with its timestamp), §3.4.1 (base string).
//! A timestamp may be five minutes from the account's clock, a nonce has six characters (Oracle's table of TBA errors).

use std::collections::BTreeSet;

use ring::hmac;

use super::TokenEntry;
use super::address::Address;
use super::encoding::{base64, unescaped};
use crate::domain::Timestamp;
use crate::mocks::http::Asked;
use crate::platforms::netsuite::auth::signature::{base_string, escaped};

const WINDOW_SECONDS: i64 = 300;
const NONCE_MIN: usize = 6;

/// Nonces that were used within the window: second, token, nonce.
#[derive(Debug, Default)]
pub(super) struct Seen(BTreeSet<(i64, Box<str>, Box<str>)>);

impl Seen {
    /// `false` if the nonce was used before.
    fn note(&mut self, second: i64, token: &str, nonce: &str, now: i64) -> bool {
        let oldest = now.saturating_sub(WINDOW_SECONDS);
        self.0 = self.0.split_off(&(oldest, Box::default(), Box::default()));
        self.0.insert((second, token.into(), nonce.into()))
    }
}

/// `None` unless the request is signed by a known token. `parameters` is what follows the scheme in the header
/// `Authorization`.
pub(super) fn verified(
    asked: &Asked,
    address: &Address,
    parameters: &str,
    account: &str,
    tokens: &[TokenEntry],
    seen: &mut Seen,
    now: Timestamp,
) -> Option<()> {
    let parameters = read(parameters)?;
    let value = |name: &str| {
        let mut found = parameters.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        // A parameter that comes twice says nothing (RFC 5849 §3.1).
        found.next().filter(|_| found.next().is_none())
    };
    let holds = |is: bool| is.then_some(());
    holds(value("realm")? == account)?;
    holds(value("oauth_signature_method")? == "HMAC-SHA256")?;
    holds(value("oauth_version").is_none_or(|version| version == "1.0"))?;
    let (consumer, token) = (value("oauth_consumer_key")?, value("oauth_token")?);
    let entry = tokens.iter().find(|known| *known.consumer_key == *consumer && *known.token == *token)?;
    let (stamp, nonce) = (value("oauth_timestamp")?, value("oauth_nonce")?);
    let second: i64 = stamp.parse().ok()?;
    holds(second.abs_diff(now.seconds()) <= WINDOW_SECONDS.unsigned_abs())?;
    holds(nonce.len() >= NONCE_MIN)?;
    let signature = base64(value("oauth_signature")?)?;
    let signed: Vec<(&str, &str)> = parameters
        .iter()
        .filter(|(name, _)| name != "realm" && name != "oauth_signature")
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let query: Vec<(&str, &str)> =
        address.query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let key = format!("{}&{}", escaped(&entry.consumer_secret), escaped(&entry.token_secret));
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let url = format!("{}{}", address.origin, asked.path);
    let text = base_string(&asked.method, &url, &query, &signed);
    hmac::verify(&key, text.as_bytes(), &signature).ok()?;
    holds(seen.note(second, token, nonce, now.seconds()))
}

/// `name="value"` between commas, both escaped.
fn read(parameters: &str) -> Option<Vec<(String, String)>> {
    let pairs = parameters.split(',').map(str::trim).filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let value = value.trim().strip_prefix('"')?.strip_suffix('"')?;
        Some((unescaped(name.trim())?, unescaped(value)?))
    });
    pairs.collect()
}
