use super::*;

#[test]
fn top_of_an_order_is_read() {
    let body = r#"{"id":1,"admin_graphql_api_id":"gid://shopify/Order/1","customer":{"id":7,"email":"a@b"},
        "order_status_url":"https://fr.myshopify.com/1/orders/x/authenticate?key=1","note":"]}\"{["}"#;
    let outline = Outline::read(body).unwrap();
    assert_eq!((outline.kind(), outline.shop_domain()), (Some("Order"), Some("fr.myshopify.com")));
    assert_eq!(outline.customer, Some(7));
}

#[test]
fn a_key_that_stands_twice_is_refused_even_in_another_case() {
    for body in [r#"{"id":1,"id":2}"#, r#"{"id":1,"ID":2}"#, r#"{"total":"1","\u0074otal":"2"}"#] {
        assert!(Outline::read(body).is_err(), "{body}");
    }
}

#[test]
fn depth_127_is_read_and_128_is_refused() {
    let nested = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
    assert!(Outline::read(&nested(127)).is_ok());
    assert!(Outline::read(&nested(128)).is_err());
    assert!(Outline::read(&nested(1_000_000)).is_err());
}

#[test]
fn what_is_no_object_is_refused() {
    for body in ["", "[]", "1", "null", "{", "\u{feff}{}", "{\"a\":\"\0\"}"] {
        assert!(Outline::read(body).is_err(), "{body:?}");
    }
}

#[test]
fn half_a_character_is_refused_and_a_whole_one_is_read() {
    for text in [r"\ud83d\udc69", r"\\ud800", r"\\\ud83d\udc69", r"\u0041", r"\\"] {
        assert!(Outline::read(&format!("{{\"note\":\"{text}\"}}")).is_ok(), "{text}");
    }
    for text in [r"\ud800", r"\uDC00", r"\ud83d\ud83d\udc69", r"\ud83d\\udc69", r"\ud83dx", r"\\\ud800"] {
        assert!(Outline::read(&format!("{{\"note\":\"{text}\"}}")).is_err(), "{text}");
    }
}
