use super::*;
use crate::report::tests::{broken, certification, held, outcome};

/// Names of the elements in the order of their ends, after checking that tags nest and that text and attributes
/// are escaped. Knows no more of XML than this room writes.
fn elements(xml: &str) -> Vec<String> {
    let mut open: Vec<String> = Vec::new();
    let mut closed = Vec::new();
    let mut rest = xml.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").expect("a declaration");
    while let Some(start) = rest.find('<') {
        check_escapes(&rest[..start]);
        let end = start + rest[start..].find('>').expect("tags end");
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        let name: String = tag.trim_start_matches('/').chars().take_while(|c| c.is_alphanumeric()).collect();
        if tag.starts_with('/') {
            assert_eq!(open.pop().as_ref(), Some(&name), "tags nest");
            closed.push(name);
            continue;
        }
        assert!(!tag.contains('<'), "{tag}");
        assert!(tag.matches('"').count().is_multiple_of(2), "{tag}");
        check_escapes(tag);
        if tag.ends_with('/') { closed.push(name) } else { open.push(name) }
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "one root, and nothing after it");
    closed
}

fn check_escapes(text: &str) {
    for (at, _) in text.match_indices('&') {
        let known = ["&amp;", "&lt;", "&gt;", "&quot;", "&apos;"];
        assert!(known.iter().any(|entity| text[at..].starts_with(entity)), "{}", &text[at..]);
    }
    assert!(text.chars().all(|c| c == '\n' || c == '\t' || c >= ' '), "{text:?}");
}

#[test]
fn the_file_is_well_formed_whatever_the_platforms_say() {
    let mut run = broken(7);
    run.invariants[0].breaches[0].said = "<b>\"Fish & Chips\"</b> ]]> \u{7} 'x'".into();
    run.weather[0].what = "a < b & \"c\"".into();
    let certification =
        certification(vec![outcome("lost/<answers>", vec![run]), outcome("b", vec![held(1)])]);
    let elements = elements(&xml(&certification));
    assert_eq!(elements.iter().filter(|name| *name == "testcase").count(), 10);
    assert_eq!(elements.last().map(String::as_str), Some("testsuites"));
}

#[test]
fn what_was_never_exercised_is_skipped_and_does_not_pass() {
    let mut run = held(7);
    run.weather[0].took_effect = 0;
    run.promises[0].held = None;
    run.invariants[1].checked = 0;
    let xml = xml(&certification(vec![outcome("lost/answers", vec![run])]));
    assert!(xml.contains("tests=\"5\" failures=\"0\" skipped=\"3\""), "{xml}");
}

#[test]
fn each_rule_fails_once_with_the_whole_block() {
    let xml = xml(&certification(vec![outcome("lost/answers", vec![broken(7), broken(8)])]));
    insta::assert_snapshot!(xml);
}
