use super::*;

#[test]
fn a_payload_is_read_for_three_fields_and_the_rest_is_ignored() {
    let body = r#"{"id":820982911946154508,"admin_graphql_api_id":"gid://shopify/Order/820982911946154508",
        "app_id":null,"total_price":"403.00","updated_at":"2021-12-31T19:00:00-05:00","line_items":[{"id":1}]}"#;
    let payload = WebhookPayload::parse(WebhookTopic::OrdersPaid, body).unwrap();
    assert_eq!(payload.order_id(), OrderId::new(820_982_911_946_154_508));
    assert_eq!(payload.updated_at(), "2022-01-01T00:00:00Z".parse().unwrap());
    assert_eq!(WebhookPayload::parse(WebhookTopic::OrdersPaid, &payload.to_json()), Ok(payload));
    assert!(payload.to_json().contains("2021-12-31T19:00:00-05:00"));
}

#[test]
fn an_edit_names_its_order_in_another_place() {
    let body = r#"{"order_edit":{"id":78912328793,"app_id":null,"committed_at":"2026-11-27T10:00:00+05:30",
        "order_id":820982911946154508,"line_items":{"additions":[],"removals":[]}}}"#;
    let payload = WebhookPayload::parse(WebhookTopic::OrdersEdited, body).unwrap();
    assert_eq!(payload.order_id(), OrderId::new(820_982_911_946_154_508));
    assert_eq!(payload.updated_at(), "2026-11-27T04:30:00Z".parse().unwrap());
}

#[test]
fn topics_read_back_from_their_header_and_unknown_ones_are_other() {
    for topic in WebhookTopic::KNOWN {
        assert_eq!(WebhookTopic::from_header(topic.header()), topic);
    }
    assert_eq!(WebhookTopic::from_header("app/uninstalled"), WebhookTopic::Other);
    assert_eq!(serde_json::from_str::<WebhookTopic>("\"SHOP_UPDATE\"").unwrap(), WebhookTopic::Other);
}
