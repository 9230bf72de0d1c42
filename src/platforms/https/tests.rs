use super::*;

#[test]
fn an_endpoint_is_a_host_over_https_or_this_machine() {
    let origin = |text: &str| text.parse::<Endpoint>().map(|endpoint| endpoint.to_string());
    let malformed = |text: &str| Err(BadEndpoint::Malformed { text: text.to_owned() });
    let plain = |text: &str| Err(BadEndpoint::NotEncrypted { text: text.to_owned() });
    for (text, expected) in [
        ("https://acme.myshopify.com", Ok("https://acme.myshopify.com".to_owned())),
        ("HTTPS://Acme.MyShopify.com:443/", Ok("https://acme.myshopify.com".to_owned())),
        ("https://proxy.example:8443", Ok("https://proxy.example:8443".to_owned())),
        ("http://127.0.0.1:8080", Ok("http://127.0.0.1:8080".to_owned())),
        ("http://[::1]:8080", Ok("http://[::1]:8080".to_owned())),
        ("http://acme.myshopify.com", plain("http://acme.myshopify.com")),
        ("http://127.0.0.1.example.com", plain("http://127.0.0.1.example.com")),
        ("https://acme.myshopify.com/admin", malformed("https://acme.myshopify.com/admin")),
        ("https://user@acme.myshopify.com", malformed("https://user@acme.myshopify.com")),
        ("ftp://acme.myshopify.com", malformed("ftp://acme.myshopify.com")),
        ("acme.myshopify.com", malformed("acme.myshopify.com")),
    ] {
        assert_eq!(origin(text), expected, "{text}");
    }
}

#[test]
fn the_date_of_an_answer_is_read() {
    let mut headers = HeaderMap::new();
    headers.insert("date", HeaderValue::from_static("Fri, 27 Nov 2026 05:00:09 GMT"));
    let answer = HttpAnswer { status: 204, headers, body: Vec::new() };
    assert_eq!(answer.date(), Some("2026-11-27T05:00:09Z".parse().unwrap()));
}

#[test]
fn a_redirect_tells_its_host_only() {
    let mut headers = HeaderMap::new();
    headers.insert("location", HeaderValue::from_static("https://other.example/login?token=abc"));
    let answer = HttpAnswer { status: 302, headers, body: Vec::new() };
    assert!(answer.is_redirect());
    assert_eq!(answer.redirects_to(), "other.example");
}
