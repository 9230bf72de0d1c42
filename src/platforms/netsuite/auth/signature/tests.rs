use super::*;

/// The keys of the manual's samples. Source: netsuite.md §3.1.
fn keys() -> TokenKeys {
    TokenKeys {
        consumer_key: "ef40afdd8abaac111b13825dd5e5e2ddddb44f86d5a0dd6dcf38c20aae6b67e4".into(),
        consumer_secret: Secret::new("d26ad321a4b2f23b0741c8d38392ce01c3e23e109df6c96eac6d099e9ab9e8b5"),
        token: Secret::new("2b0ce516420110bcbd36b69e99196d1b7f6de3c6234c5afb799b73d87569f5cc"),
        token_secret: Secret::new("c29a677df7d5439a458c063654187e3d678d73aca8e3c9d8bea1478a3eb0d295"),
    }
}

fn signature(method: &str, url: &str, query: &[(&str, &str)]) -> String {
    let header = keys().header("123456", method, url, query, "fjaLirsIcCGVZWzBX0pg", 1_508_242_306);
    let (_, signature) = header.expose().split_once("oauth_signature=\"").unwrap();
    signature.trim_end_matches('"').to_owned()
}

#[test]
fn both_vectors_of_the_manual_are_met() {
    let read = "https://123456.suitetalk.api.netsuite.com/services/rest/record/v1/employee/40";
    assert_eq!(signature("GET", read, &[]), escaped("B5OIWznZ2YP0OB7VrJrGkYsTh+8H+5T9Hag+o92q0zY="));
    let script = "https://123456.restlets.api.netsuite.com/app/site/hosting/restlet.nl";
    let query =
        [("script", "6"), ("deploy", "1"), ("customParam", "someValue"), ("testParam", "someOtherValue")];
    assert_eq!(signature("POST", script, &query), escaped("+KK4SKNgz4ZiILGLwOMtfYlgcXSy1eis8ldE9X90azQ="));
}

/// RFC 5849 §3.4.1.1, with the parameters of its query and form.
#[test]
fn the_base_string_of_the_rfc_is_met() {
    let query = [("b5", "=%3D"), ("a3", "a"), ("c@", ""), ("a2", "r b"), ("c2", ""), ("a3", "2 q")];
    let own = [
        ("oauth_consumer_key", "9djdj82h48djs9d2"),
        ("oauth_token", "kkk9d7dh3k39sjv7"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "137131201"),
        ("oauth_nonce", "7d8f3e4a"),
    ];
    assert_eq!(
        base_string("POST", "http://example.com/request", &query, &own),
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D\
         %26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3D\
         HMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
    );
}

#[test]
fn a_header_names_everything_but_the_secrets() {
    let header =
        keys().header("1234567_SB1", "GET", "https://x.example/y", &[("limit", "1000")], "abcdef", 7);
    let header = header.expose();
    assert!(header.starts_with("OAuth realm=\"1234567_SB1\", oauth_token=\"2b0c"), "{header}");
    for part in ["oauth_nonce=\"abcdef\"", "oauth_timestamp=\"7\"", "oauth_version=\"1.0\""] {
        assert!(header.contains(part), "{header}");
    }
    assert!(
        !header.contains(keys().consumer_secret.expose()) && !header.contains(keys().token_secret.expose())
    );
}

#[test]
fn no_two_nonces_are_the_same() {
    assert_ne!(nonce(), nonce());
    assert_eq!(nonce().len(), 32);
}
