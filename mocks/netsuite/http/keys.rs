//! Public keys of the client-credentials mappings: read out of a certificate or a bare public key.
//!
//! Source: netsuite.md §3.2 (kinds of keys); RFC 5280 §4.1 (where a certificate holds its key).

use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384,
    RSA_PSS_2048_8192_SHA512, UnparsedPublicKey, VerificationAlgorithm,
};

use super::encoding::base64;

/// A key that signatures of assertions are checked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    kind: Kind,
    /// As `ring` takes it: PKCS#1 for RSA, the uncompressed point for a curve.
    bytes: Box<[u8]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rsa,
    P256,
    P384,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPublicKey {
    #[error(
        "the key is no PEM text of a certificate (`BEGIN CERTIFICATE`) or a public key (`BEGIN PUBLIC KEY`)"
    )]
    NotPem,
    #[error("the key is neither RSA nor EC P-256 or P-384")]
    NotUsable,
}

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OBJECT: u8 = 0x06;
const VERSION: u8 = 0xa0;
const RSA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const RSA_PSS: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
const EC: [u8; 7] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const P256: [u8; 8] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: [u8; 5] = [0x2b, 0x81, 0x04, 0x00, 0x22];

impl PublicKey {
    /// # Errors
    /// Another kind of text, or of key.
    pub fn from_pem(pem: &str) -> Result<PublicKey, BadPublicKey> {
        let is_certificate = pem.contains("-----BEGIN CERTIFICATE-----");
        if !is_certificate && !pem.contains("-----BEGIN PUBLIC KEY-----") {
            return Err(BadPublicKey::NotPem);
        }
        let lines = pem.lines().map(str::trim).skip_while(|line| !line.starts_with("-----BEGIN")).skip(1);
        let text: String = lines.take_while(|line| !line.starts_with("-----END")).collect();
        let der = base64(&text).ok_or(BadPublicKey::NotPem)?;
        let info = if is_certificate { key_of_certificate(&der) } else { Some(der.as_slice()) };
        info.ok_or(BadPublicKey::NotPem).and_then(|info| key_of(info).ok_or(BadPublicKey::NotUsable))
    }

    /// Whether the text is signed by this key in the way that `alg` names. RS256 is refused, and ES512 is not offered.
    pub(super) fn verifies(&self, alg: &str, text: &[u8], signature: &[u8]) -> bool {
        let algorithm: &'static dyn VerificationAlgorithm = match (self.kind, alg) {
            (Kind::Rsa, "PS256") => &RSA_PSS_2048_8192_SHA256,
            (Kind::Rsa, "PS384") => &RSA_PSS_2048_8192_SHA384,
            (Kind::Rsa, "PS512") => &RSA_PSS_2048_8192_SHA512,
            (Kind::P256, "ES256") => &ECDSA_P256_SHA256_FIXED,
            (Kind::P384, "ES384") => &ECDSA_P384_SHA384_FIXED,
            _ => return false,
        };
        UnparsedPublicKey::new(algorithm, &self.bytes).verify(text, signature).is_ok()
    }
}

/// The part `subjectPublicKeyInfo`: what follows serial number, algorithm, issuer, validity and subject.
fn key_of_certificate(der: &[u8]) -> Option<&[u8]> {
    let (certificate, _) = element(der, SEQUENCE)?;
    let (mut rest, _) = element(certificate, SEQUENCE)?;
    if let Some((_, after)) = element(rest, VERSION) {
        rest = after;
    }
    for tag in [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE] {
        (_, rest) = element(rest, tag)?;
    }
    let (_, after) = element(rest, SEQUENCE)?;
    Some(&rest[..rest.len() - after.len()])
}

fn key_of(info: &[u8]) -> Option<PublicKey> {
    let (info, _) = element(info, SEQUENCE)?;
    let (algorithm, rest) = element(info, SEQUENCE)?;
    let (object, parameters) = element(algorithm, OBJECT)?;
    let (bits, _) = element(rest, BIT_STRING)?;
    let kind = match object {
        object if object == RSA || object == RSA_PSS => Kind::Rsa,
        object if object == EC => match element(parameters, OBJECT)?.0 {
            curve if curve == P256 => Kind::P256,
            curve if curve == P384 => Kind::P384,
            _ => return None,
        },
        _ => return None,
    };
    // The first byte counts unused bits, of which a key has none.
    let bytes = bits.strip_prefix(&[0])?;
    Some(PublicKey { kind, bytes: bytes.into() })
}

/// Content of the element with that tag at the front, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = der.split_first()?;
    let (&length, rest) = rest.split_first()?;
    if first != tag {
        return None;
    }
    if length < 0x80 {
        return rest.split_at_checked(usize::from(length));
    }
    let (bytes, rest) =
        rest.split_at_checked(usize::from(length & 0x7f)).filter(|(bytes, _)| bytes.len() <= 4)?;
    let length = bytes.iter().fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
    rest.split_at_checked(length)
}
