//! A certificate that vouches for itself: for this machine's own names, on a key of P-256.
//!
//! Source: RFC 5280 §4.1 (the fields of a certificate), RFC 5480 §2 (keys on curves), RFC 5758 §3.2 (the signature),
//! X.690 (how all of it becomes bytes).

use std::io;

use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};

use crate::platforms::base64;

/// Both as PEM text.
pub struct Made {
    pub certificate: String,
    pub key: String,
}

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT: u8 = 0x06;
const UTF8_STRING: u8 = 0x0C;
const UTC_TIME: u8 = 0x17;
/// Tags of the context: explicit 0 and 3 of a certificate, implicit 2 and 7 of a name.
const VERSION: u8 = 0xA0;
const EXTENSIONS: u8 = 0xA3;
const DNS_NAME: u8 = 0x82;
const IP_ADDRESS: u8 = 0x87;

const ECDSA_WITH_SHA256: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02];
const EC_PUBLIC_KEY: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
const PRIME256V1: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1D, 0x11];

/// The machine's clock has no part in it, so that a wrong one does no harm.
const FROM: &[u8] = b"200101000000Z";
const UNTIL: &[u8] = b"491231235959Z";

/// # Errors
/// The system has no entropy.
pub fn self_signed() -> io::Result<Made> {
    let random = SystemRandom::new();
    let no_entropy = |_| io::Error::other("no entropy");
    let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
    let key = EcdsaKeyPair::generate_pkcs8(algorithm, &random).map_err(no_entropy)?;
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &random)
        .expect("a key that was just made can be read");
    let mut serial = [0; 8];
    random.fill(&mut serial).map_err(no_entropy)?;
    // Positive, and without a leading zero.
    serial[0] = serial[0] & 0x7F | 0x40;

    let signature_kind = tagged(SEQUENCE, &[&tagged(OBJECT, &[ECDSA_WITH_SHA256])]);
    let common_name = [tagged(OBJECT, &[COMMON_NAME]), tagged(UTF8_STRING, &[b"plimsoll twin"])];
    let name =
        tagged(SEQUENCE, &[&tagged(SET, &[&tagged(SEQUENCE, &common_name.each_ref().map(Vec::as_slice))])]);
    let validity = tagged(SEQUENCE, &[&tagged(UTC_TIME, &[FROM]), &tagged(UTC_TIME, &[UNTIL])]);
    let curve = tagged(SEQUENCE, &[&tagged(OBJECT, &[EC_PUBLIC_KEY]), &tagged(OBJECT, &[PRIME256V1])]);
    let public = tagged(SEQUENCE, &[&curve, &tagged(BIT_STRING, &[&[0], pair.public_key().as_ref()])]);
    let names =
        tagged(SEQUENCE, &[&tagged(DNS_NAME, &[b"localhost"]), &tagged(IP_ADDRESS, &[&[127, 0, 0, 1]])]);
    let extension =
        tagged(SEQUENCE, &[&tagged(OBJECT, &[SUBJECT_ALT_NAME]), &tagged(OCTET_STRING, &[&names])]);
    let to_be_signed = tagged(
        SEQUENCE,
        &[
            &tagged(VERSION, &[&tagged(INTEGER, &[&[2]])]),
            &tagged(INTEGER, &[&serial]),
            &signature_kind,
            &name,
            &validity,
            &name,
            &public,
            &tagged(EXTENSIONS, &[&tagged(SEQUENCE, &[&extension])]),
        ],
    );
    let signature = pair.sign(&random, &to_be_signed).map_err(no_entropy)?;
    let signed = tagged(BIT_STRING, &[&[0], signature.as_ref()]);
    let certificate = tagged(SEQUENCE, &[&to_be_signed, &signature_kind, &signed]);
    Ok(Made { certificate: pem("CERTIFICATE", &certificate), key: pem("PRIVATE KEY", key.as_ref()) })
}

/// Tag, length, and the parts one after the other.
fn tagged(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut bytes = vec![tag];
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => bytes.push(short),
        Ok(long) => bytes.extend([0x81, long]),
        Err(_) => {
            bytes.push(0x82);
            bytes.extend(u16::try_from(length).expect("a certificate is short").to_be_bytes());
        }
    }
    parts.iter().for_each(|part| bytes.extend_from_slice(part));
    bytes
}

/// Source: RFC 7468 §2: lines of 64 characters.
fn pem(what: &str, der: &[u8]) -> String {
    let encoded = base64::standard(der);
    let mut text = format!("-----BEGIN {what}-----\n");
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        text.extend([line, "\n"]);
        rest = after;
    }
    text + &format!("-----END {what}-----\n")
}
