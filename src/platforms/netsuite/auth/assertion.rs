//! The signed assertion with which a certificate buys an access token: a JWT, PS256 or ES256 by the kind of key.
//!
//! Source: netsuite.md §3.2.

use std::fmt;
use std::sync::Arc;

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PSS_SHA256, RsaKeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use serde::Serialize;

use super::TOKEN_PATH;
use crate::domain::{Duration, Timestamp};
use crate::platforms::base64;
use crate::platforms::https::Endpoint;
use crate::platforms::secret::Secret;

/// The private key of a certificate.
#[derive(Clone)]
pub struct AssertionKey(Arc<KeyPair>);

enum KeyPair {
    /// At least 2048 bits.
    Rsa(RsaKeyPair),
    EcP256(EcdsaKeyPair),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    #[error("the key is not PEM text of PKCS#8 (`BEGIN PRIVATE KEY`)")]
    NotPkcs8,
    #[error("the key is neither RSA of 2048 to 8192 bits nor EC P-256")]
    NotUsable,
}

/// An assertion is used at once; NetSuite allows an hour.
const LIVES: Duration = Duration::from_mins(5);

#[derive(Serialize)]
struct Header<'a> {
    typ: &'static str,
    alg: &'static str,
    kid: &'a str,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    /// The manual's prose separates scopes by commas; its sample has a list, as here. Records and queries are one.
    scope: [&'static str; 1],
    aud: String,
    iat: i64,
    exp: i64,
    jti: String,
}

impl AssertionKey {
    /// # Errors
    /// No PKCS#8 key, or one that NetSuite does not take.
    pub fn from_pem(pem: &Secret) -> Result<AssertionKey, BadKey> {
        let key = PrivateKeyDer::from_pem_slice(pem.expose().as_bytes()).map_err(|_| BadKey::NotPkcs8)?;
        let PrivateKeyDer::Pkcs8(der) = key else { return Err(BadKey::NotPkcs8) };
        let der = der.secret_pkcs8_der();
        if let Ok(pair) = RsaKeyPair::from_pkcs8(der) {
            return Ok(AssertionKey(Arc::new(KeyPair::Rsa(pair))));
        }
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der, &SystemRandom::new())
            .map(|pair| AssertionKey(Arc::new(KeyPair::EcP256(pair))))
            .map_err(|_| BadKey::NotUsable)
    }

    /// An assertion for the token endpoint there, made at that instant of the account's clock.
    pub(super) fn assertion(
        &self,
        client_id: &str,
        certificate_id: &str,
        endpoint: &Endpoint,
        at: Timestamp,
    ) -> Secret {
        let alg = match &*self.0 {
            KeyPair::Rsa(_) => "PS256",
            KeyPair::EcP256(_) => "ES256",
        };
        let claims = Claims {
            iss: client_id,
            scope: ["rest_webservices"],
            aud: format!("{endpoint}{TOKEN_PATH}"),
            iat: at.seconds(),
            exp: at.plus(LIVES).seconds(),
            jti: super::signature::nonce(),
        };
        let text = format!("{}.{}", part(&Header { typ: "JWT", alg, kid: certificate_id }), part(&claims));
        let signature = base64::url_safe(&self.sign(text.as_bytes()));
        Secret::new(&format!("{text}.{signature}"))
    }

    fn sign(&self, text: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &*self.0 {
            KeyPair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PSS_SHA256, &random, text, &mut signature)
                    .expect("a key of 2048 bits or more has room for the padding");
                signature
            }
            KeyPair::EcP256(pair) => pair
                .sign(&random, text)
                .expect("the system has entropy once it runs programs")
                .as_ref()
                .to_vec(),
        }
    }
}

fn part(value: &impl Serialize) -> String {
    base64::url_safe(&serde_json::to_vec(value).expect("a struct of texts and numbers"))
}

impl fmt::Debug for AssertionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests;
