//! The keys beside this file were made for these tests and open nothing.

use ring::signature::{ECDSA_P256_SHA256_FIXED, KeyPair as _, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::Value;

use super::*;

const RSA: &str = include_str!("rsa_for_tests.pem");
const EC: &str = include_str!("ec_for_tests.pem");

fn key(pem: &str) -> AssertionKey {
    AssertionKey::from_pem(&Secret::new(pem)).unwrap()
}

fn read(part: &str) -> Vec<u8> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits: Vec<u8> = part
        .chars()
        .flat_map(|letter| {
            let sextet = ALPHABET.find(letter).unwrap();
            (0..6).rev().map(move |bit| (sextet >> bit & 1) as u8)
        })
        .collect();
    bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |byte, bit| byte << 1 | bit)).collect()
}

fn assertion(key: &AssertionKey) -> (Value, Value, String, Vec<u8>) {
    let endpoint = "https://1234567-sb1.suitetalk.api.netsuite.com".parse().unwrap();
    let at = Timestamp::from_seconds(1_795_750_000);
    let text = key.assertion("client", "certificate", &endpoint, at).expose().to_owned();
    let (signed, signature) = text.rsplit_once('.').unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    let json = |part: &str| serde_json::from_slice(&read(part)).unwrap();
    (json(header), json(claims), signed.to_owned(), read(signature))
}

#[test]
fn an_rsa_key_signs_ps256_and_an_ec_key_es256() {
    let rsa = key(RSA);
    let (header, _, signed, signature) = assertion(&rsa);
    assert_eq!(header, serde_json::json!({"typ": "JWT", "alg": "PS256", "kid": "certificate"}));
    let KeyPair::Rsa(pair) = &*rsa.0 else { panic!("the key is RSA") };
    let public = UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, pair.public_key());
    public.verify(signed.as_bytes(), &signature).unwrap();

    let ec = key(EC);
    let (header, _, signed, signature) = assertion(&ec);
    assert_eq!(header["alg"], "ES256");
    let KeyPair::EcP256(pair) = &*ec.0 else { panic!("the key is EC") };
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key());
    public.verify(signed.as_bytes(), &signature).unwrap();
}

#[test]
fn the_claims_are_those_that_the_manual_asks_for() {
    let (_, claims, ..) = assertion(&key(EC));
    assert_eq!(claims["iss"], "client");
    assert_eq!(claims["scope"], serde_json::json!(["rest_webservices"]));
    let aud = "https://1234567-sb1.suitetalk.api.netsuite.com/services/rest/auth/oauth2/v1/token";
    assert_eq!(claims["aud"], aud);
    assert_eq!((&claims["iat"], &claims["exp"]), (&1_795_750_000.into(), &1_795_750_300.into()));
}

#[test]
fn other_keys_are_refused() {
    let refused = |pem: &str| AssertionKey::from_pem(&Secret::new(pem)).unwrap_err();
    assert_eq!(refused("no key"), BadKey::NotPkcs8);
    assert_eq!(refused(&EC.replace("PRIVATE KEY", "CERTIFICATE")), BadKey::NotPkcs8);
    assert_eq!(refused("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), BadKey::NotUsable);
    assert_eq!(format!("{:?}", key(EC)), "***");
}
