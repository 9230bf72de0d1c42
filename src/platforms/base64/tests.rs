use super::*;

#[test]
fn the_vectors_of_the_rfc_are_met() {
    for (plain, encoded) in [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ] {
        assert_eq!(standard(plain.as_bytes()), encoded);
        assert_eq!(url_safe(plain.as_bytes()), encoded.trim_end_matches('='));
    }
    assert_eq!((&*standard(&[251, 255]), &*url_safe(&[251, 255])), ("+/8=", "-_8"));
}
