use super::clean;
use crate::platforms::secret::Secret;

#[test]
fn k1_a_secret_is_masked_in_any_line() {
    let secrets = [Secret::new("shpat_canary"), Secret::new("hush")];
    assert_eq!(clean("token shpat_canary, hush\n", &secrets), "token ***, ***\n");
}

#[test]
fn no_text_forges_a_line_or_moves_a_cursor() {
    for (written, shown) in [
        ("two\nlines\n", "two\\u{a}lines\n"),
        ("\u{1b}[2Jgone\n", "\\u{1b}[2Jgone\n"),
        ("back\r\n", "back\\u{d}\n"),
        ("\u{202e}txet\n", "\\u{202e}txet\n"),
        ("naïve 日本\n", "naïve 日本\n"),
    ] {
        assert_eq!(clean(written, &[]), shown);
    }
}
