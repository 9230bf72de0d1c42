use proptest::prelude::*;

use super::*;

#[test]
fn t1_text_is_cut_between_letters() {
    let five = limit("x", 5);
    for (text, kept) in [
        ("", ""),
        ("abcde", "abcde"),
        ("abcdef", "abcde"),
        // An accent that stands by itself, after the letter.
        ("abcde\u{301}f", "abcd"),
        // Two units of UTF-16 each.
        ("ab\u{1f600}\u{1f600}", "ab\u{1f600}"),
        // A family of three, joined.
        ("a\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}", "a"),
        // A flag is two letters.
        ("ab\u{1f1eb}\u{1f1f7}", "ab"),
        ("abcd\r\ne", "abcd"),
    ] {
        assert_eq!(five.cut(text), kept, "{text:?}");
    }
    let piled = format!("e{}", "\u{301}".repeat(9));
    assert_eq!(five.cut(&piled).chars().count(), 5, "one letter larger than the field is cut inside");
    let loss = ADDRESSEE.loss(&"x".repeat(100)).unwrap();
    assert_eq!(loss.to_string(), "addressee from 100 to 83 characters");
    assert_eq!(ADDRESSEE.loss("Jo"), None);
}

proptest! {
    #[test]
    fn t1_what_is_cut_fits_and_is_the_beginning(text in any::<String>(), most in 1usize..40) {
        let limit = limit("x", most);
        let kept = limit.cut(&text);
        prop_assert!(text.starts_with(kept) && limit.takes(kept));
        prop_assert_eq!(limit.takes(&text), kept == text);
        prop_assert_eq!(limit.cut(kept), kept);
    }
}
