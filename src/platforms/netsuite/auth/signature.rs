//! Signatures of token-based authentication: OAuth 1.0a with HMAC-SHA256.
//!
//! Source: netsuite.md §3.1; RFC 5849 §3.4 (base string), §3.6 (percent encoding).

use std::fmt::Write;

use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

use crate::platforms::base64;
use crate::platforms::secret::Secret;

/// The four keys of one token.
#[derive(Debug, Clone)]
pub struct TokenKeys {
    pub consumer_key: Box<str>,
    pub consumer_secret: Secret,
    pub token: Secret,
    pub token_secret: Secret,
}

impl TokenKeys {
    /// The value of the header `Authorization`. `url` is escaped and without query, `query` is not escaped.
    pub fn header(
        &self,
        realm: &str,
        method: &str,
        url: &str,
        query: &[(&str, &str)],
        nonce: &str,
        at_seconds: i64,
    ) -> Secret {
        let stamp = at_seconds.to_string();
        let own = [
            ("oauth_token", self.token.expose()),
            ("oauth_consumer_key", &self.consumer_key),
            ("oauth_nonce", nonce),
            ("oauth_timestamp", &stamp),
            ("oauth_signature_method", "HMAC-SHA256"),
            ("oauth_version", "1.0"),
        ];
        let signature = self.sign(&base_string(method, url, query, &own));
        // The realm is not signed.
        let mut header = format!("OAuth realm=\"{}\"", escaped(realm));
        for (name, value) in own.into_iter().chain([("oauth_signature", &*signature)]) {
            write!(header, ", {name}=\"{}\"", escaped(value)).expect("a String takes any text");
        }
        Secret::new(&header)
    }

    fn sign(&self, text: &str) -> String {
        let key =
            format!("{}&{}", escaped(self.consumer_secret.expose()), escaped(self.token_secret.expose()));
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
        base64::standard(hmac::sign(&key, text.as_bytes()).as_ref())
    }
}

/// What is signed: method, address and every parameter but the realm. A JSON body is not part of it.
pub fn base_string(method: &str, url: &str, query: &[(&str, &str)], own: &[(&str, &str)]) -> String {
    let mut parameters: Vec<(String, String)> =
        query.iter().chain(own).map(|(name, value)| (escaped(name), escaped(value))).collect();
    parameters.sort();
    let parameters: Vec<String> =
        parameters.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{method}&{}&{}", escaped(url), escaped(&parameters.join("&")))
}

/// Pairs as a form, or as the query of an address.
pub fn form(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
    pairs.join("&")
}

/// Everything but letters, digits, `-`, `.`, `_` and `~` as `%XX`.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 4);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            escaped.push(char::from(byte));
        } else {
            write!(escaped, "%{byte:02X}").expect("a String takes any text");
        }
    }
    escaped
}

/// New for each try: a nonce that was seen before is refused.
pub fn nonce() -> String {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).expect("the system has entropy once it runs programs");
    bytes.iter().fold(String::with_capacity(32), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes any text");
        text
    })
}

#[cfg(test)]
mod tests;
