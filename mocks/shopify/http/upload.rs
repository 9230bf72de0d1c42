//! Files that are sent to an address of `stagedUploadsCreate`: by `PUT`, or in a form.
//!
//! Source: recorded uploads: 201 and a list of place and key for a form, 200 without a body for `PUT`. The storage is
//! not Shopify's own; its refusals here are those of any such storage.

use super::graphql::bulk::{Handed, Staged};
use super::reply::Reply;
use crate::mocks::http::Asked;

pub(super) fn take(staged: &mut Staged, asked: &Asked, key: &str) -> Reply {
    let sent = match asked.method.as_str() {
        "PUT" => Some((key.to_owned(), asked.body.as_slice())),
        "POST" => form(asked),
        _ => None,
    };
    let Some((key, content)) = sent else {
        return Reply::xml(400, "<Error><Code>InvalidArgument</Code></Error>".to_owned());
    };
    match staged.hand_in(&key, content) {
        Handed::Taken if asked.method == "PUT" => Reply::xml(200, String::new()),
        Handed::Taken => Reply::xml(201, format!("<PostResponse><Key>{key}</Key></PostResponse>")),
        Handed::Unknown => Reply::xml(403, "<Error><Code>AccessDenied</Code></Error>".to_owned()),
        Handed::TooLarge => Reply::xml(400, "<Error><Code>EntityTooLarge</Code></Error>".to_owned()),
    }
}

/// The fields `key` and `file` of a form in parts.
fn form(asked: &Asked) -> Option<(String, &[u8])> {
    let (_, boundary) = asked.header("content-type")?.split_once("boundary=")?;
    let mark = format!("--{}", boundary.trim_matches('"'));
    let (mut key, mut file) = (None, None);
    let mut rest = asked.body.as_slice();
    while let Some(at) = find(rest, mark.as_bytes()) {
        rest = &rest[at + mark.len()..];
        let part = &rest[..find(rest, mark.as_bytes()).unwrap_or(rest.len())];
        let Some(gap) = find(part, b"\r\n\r\n") else { continue };
        let content = part[gap + 4..].strip_suffix(b"\r\n").unwrap_or(&part[gap + 4..]);
        let head = String::from_utf8_lossy(&part[..gap]);
        if head.contains(" name=\"key\"") {
            key = Some(String::from_utf8_lossy(content).into_owned());
        } else if head.contains(" name=\"file\"") {
            file = Some(content);
        }
    }
    key.zip(file)
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}
