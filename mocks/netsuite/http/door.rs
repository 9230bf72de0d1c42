//! Who may come in: by a signature of each request, or by an access token that a certificate bought.
//!
//! Source: netsuite.md §3.1, §3.2, §9.2. The login audit, which tells the reasons apart, is not a service: on the wire
//! every failure is the same 401.

use ring::hmac;

use super::address::Address;
use super::keys::PublicKey;
use super::oauth1::{self, Seen};
use super::{FaceSettings, oauth2, problem};
use crate::domain::Timestamp;
use crate::mocks::http::{Asked, Told};

/// The four keys of one token of token-based authentication.
#[derive(Debug, Clone)]
pub struct TokenEntry {
    pub consumer_key: Box<str>,
    pub consumer_secret: Box<str>,
    pub token: Box<str>,
    pub token_secret: Box<str>,
}

/// One mapping of the client-credentials set-up.
#[derive(Debug, Clone)]
pub struct CertificateEntry {
    /// Of the integration record.
    pub client_id: Box<str>,
    /// The id that the mapping shows: `kid` of assertions.
    pub certificate_id: Box<str>,
    pub key: PublicKey,
}

#[derive(Debug)]
pub(super) struct Door {
    pub account: Box<str>,
    tokens: Vec<TokenEntry>,
    pub certificates: Vec<CertificateEntry>,
    pub seal: hmac::Key,
    seen: Seen,
    /// Access tokens sold so far.
    pub sold: u64,
}

impl Door {
    pub fn new(settings: &FaceSettings) -> Door {
        Door {
            account: settings.account.clone(),
            tokens: settings.tokens.clone(),
            certificates: settings.certificates.clone(),
            seal: hmac::Key::new(hmac::HMAC_SHA256, &settings.seal),
            seen: Seen::default(),
            sold: 0,
        }
    }

    /// # Errors
    /// The 401 to answer with.
    pub fn check(&mut self, asked: &Asked, address: &Address, now: Timestamp) -> Result<(), Told> {
        let header = asked.header("authorization").unwrap_or_default();
        let (scheme, rest) = header.split_once(' ').unwrap_or((header, ""));
        let is_other_account = address.account().is_some_and(|named| *named != *self.account);
        let (challenge, is_known) = if scheme.eq_ignore_ascii_case("bearer") {
            let is_known = self.is_sold(rest.trim(), now);
            (format!("Bearer realm=\"{}\", error=\"invalid_token\"", self.account), is_known)
        } else {
            let is_known = scheme.eq_ignore_ascii_case("oauth")
                && oauth1::verified(asked, address, rest, &self.account, &self.tokens, &mut self.seen, now)
                    .is_some();
            (format!("OAuth realm=\"{}\", error=\"token_rejected\"", self.account), is_known)
        };
        if is_known && !is_other_account {
            return Ok(());
        }
        let mut told = problem::invalid_login().told();
        // Assumption: that a challenge comes with it, and in these words (netsuite.md §3.2 leaves it open).
        told.headers
            .push(("WWW-Authenticate", format!("{challenge}, error_description=\"Invalid login attempt.\"")));
        Err(told)
    }

    fn is_sold(&self, token: &str, now: Timestamp) -> bool {
        oauth2::is_valid(token, &self.seal, &self.account, now)
    }
}
