use super::*;

const NOW: Timestamp = Timestamp::from_seconds(1_000);

fn sign(secret: &[u8], body: &[u8]) -> [u8; 32] {
    hmac::sign(&key(secret), body).as_ref().try_into().unwrap()
}

#[test]
fn only_the_canonical_base64_of_32_bytes_is_read() {
    assert_eq!(decode(b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="), Some([0; 32]));
    assert_eq!(decode(b"//////////////////////////////////////////8="), Some([255; 32]));
    // The bits beyond the last byte are not zero: a second spelling of the same bytes.
    assert_eq!(decode(b"//////////////////////////////////////////9="), None);
    for malformed in [
        &b""[..],
        b"=",
        b"AAAA",
        b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        b"-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        b"0000000000000000000000000000000000000000000000000000000000000000",
    ] {
        assert_eq!(decode(malformed), None, "{malformed:?}");
    }
}

#[test]
fn the_secret_before_is_accepted_until_its_time_is_over() {
    let keys = Keys::new(b"old");
    let (old, new) = (sign(b"old", b"body"), sign(b"new", b"body"));
    assert!(keys.verify(b"body", &old, NOW) && !keys.verify(b"body", &new, NOW));
    keys.rotate(b"new", NOW);
    assert!(keys.verify(b"body", &new, NOW));
    assert!(keys.verify(b"body", &old, NOW.minus(crate::domain::Duration::from_nanos(1))));
    assert!(!keys.verify(b"body", &old, NOW), "after the window it is worth nothing");
    assert!(!keys.verify(b"bodY", &new, NOW));
}

#[test]
fn no_secret_is_printed() {
    let keys = Keys::new(b"canary-6f1c");
    keys.rotate(b"canary-77aa", NOW);
    assert_eq!(format!("{keys:?}"), "Keys(***)");
}
