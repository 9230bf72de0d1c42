use super::*;
use crate::platforms::shopify::operation::{Answer, Operation, Response};

/// One order as Shopify writes it; the amounts are those of a recorded two-currency order with an edit.
const ORDER: &str = r##"{"data":{"order":{"id":"gid://shopify/Order/5001","name":"#1001",
  "createdAt":"2026-11-27T05:00:00Z","processedAt":"2026-11-27T04:59:58Z","updatedAt":"2026-11-27T05:10:00Z",
  "cancelledAt":null,"currencyCode":"EUR","presentmentCurrencyCode":"GBP","taxesIncluded":false,
  "email":"ada@example.com","phone":null,
  "customer":{"id":"gid://shopify/Customer/7001","displayName":"Ada Lovelace",
    "defaultEmailAddress":{"emailAddress":"ada@example.com"},"defaultPhoneNumber":null},
  "purchasingEntity":{"__typename":"PurchasingCompany","company":{"name":"Engines"},
    "location":{"id":"gid://shopify/CompanyLocation/9001","name":"Dock 4"}},
  "shippingAddress":{"name":"Ada","address1":"1 Quay","address2":null,"city":"Leith","provinceCode":null,
    "zip":"EH6","countryCodeV2":"GB","phone":null},
  "lineItems":{"nodes":[{"id":"gid://shopify/LineItem/1","sku":"A-1","title":"Anchor","quantity":2,
    "currentQuantity":1,"isGiftCard":false,"originalUnitPriceSet":{"shopMoney":{"amount":"48.0"}},
    "discountAllocations":[{"allocatedAmountSet":{"shopMoney":{"amount":"19.2"}},
      "discountApplication":{"__typename":"DiscountCodeApplication","code":"TWENTY"}}],
    "taxLines":[{"title":"VAT","rate":0.2,"channelLiable":null,
      "priceSet":{"shopMoney":{"amount":"15.36"}}}]}],
    "pageInfo":{"hasNextPage":false,"endCursor":"eyJ9"}},
  "shippingLines":{"nodes":[],"pageInfo":{"hasNextPage":false,"endCursor":null}},
  "currentTotalDutiesSet":null,"currentTotalAdditionalFeesSet":null,
  "totalTipReceivedSet":{"shopMoney":{"amount":"0.0"}},
  "currentTotalTaxSet":{"shopMoney":{"amount":"7.68"}},
  "currentTotalPriceSet":{"shopMoney":{"amount":"46.08"},
    "presentmentMoney":{"amount":"40.47","currencyCode":"GBP"}},
  "transactions":[{"id":"gid://shopify/OrderTransaction/3","parentTransaction":null,"kind":"SALE","status":"SUCCESS",
    "gateway":"shopify_payments","processedAt":"2026-11-27T05:00:01Z",
    "amountSet":{"shopMoney":{"amount":"92.16"},
      "presentmentMoney":{"amount":"80.94","currencyCode":"GBP"}},"amountRoundingSet":null},
    {"id":"gid://shopify/OrderTransaction/4",
    "parentTransaction":{"id":"gid://shopify/OrderTransaction/3"},"kind":"TELEPATHY","status":"DREAMT","gateway":null,
    "processedAt":null,"amountSet":{"shopMoney":{"amount":"0.0"},
      "presentmentMoney":{"amount":"0.0","currencyCode":"GBP"}},"amountRoundingSet":null}],
  "fulfillments":[{"id":"gid://shopify/Fulfillment/8","createdAt":"2026-11-27T05:08:00Z","status":"SUCCESS",
    "trackingInfo":[{"company":"UPS","number":"1Z","url":null},{"company":null,"number":null,"url":null}],
    "fulfillmentLineItems":{"nodes":[
      {"quantity":1,"lineItem":{"id":"gid://shopify/LineItem/1"}},
      {"quantity":1,"lineItem":{"id":"gid://shopify/LineItem/1"}}],
    "pageInfo":{"hasNextPage":false,"endCursor":"eyJ9"}}}],
  "refunds":[]}},
  "extensions":{"cost":{"requestedQueryCost":55,"actualQueryCost":12,
    "throttleStatus":{"maximumAvailable":2000,"currentlyAvailable":1988.0,"restoreRate":100}}}}"##;

fn read(json: &str) -> Result<Order, String> {
    let response = Response::parse(Operation::Order, json)?;
    let Some(Answer::Order(data)) = response.data else { return Err("no data".to_owned()) };
    let shop = "fr".parse().expect("a key");
    order(shop, data.order.ok_or("no order")?, vec![], None).map_err(|error| error.to_string())
}

#[test]
fn an_order_reads_as_domain_values() {
    let order = read(ORDER).unwrap();
    let eur = |minor| Money::new(minor, Currency::EUR);
    assert_eq!(order.check(), Ok(()));
    assert_eq!((order.total, order.tax), (eur(4608), eur(768)));
    assert_eq!(order.buyer.key, CustomerKey::CompanyLocation(CompanyLocationId::new(9001)));
    assert_eq!(order.buyer.name.as_deref(), Some("Engines, Dock 4"));
    assert_eq!(order.lines[0].taxes[0].rate, Decimal::new(2, 1));
    assert_eq!((order.lines[0].quantity_ordered, order.lines[0].quantity), (2, 1));
    assert_eq!(order.captures().count(), 1);
    assert_eq!(order.transactions[0].presentment, Money::new(8094, Currency::GBP));
    assert_eq!(order.total_presentment, Money::new(4047, Currency::GBP));
    assert_eq!(order.transactions[1].parent, Some(TransactionId::new(3)));
}

#[test]
fn a_fulfillment_names_each_line_once_and_only_parcels_with_a_number() {
    let order = read(ORDER).unwrap();
    assert_eq!(order.fulfillments[0].lines, [(LineItemId::new(1), 2)]);
    assert_eq!(order.fulfillments[0].parcels.len(), 1);
    assert!(!order.fulfillments[0].is_cancelled);
    assert!(
        read(&ORDER.replace(r#""status":"SUCCESS","#, r#""status":"CANCELLED","#)).unwrap().fulfillments[0]
            .is_cancelled
    );
}

#[test]
fn unknown_kinds_are_kept_and_move_no_money() {
    let order = read(ORDER).unwrap();
    assert_eq!(order.transactions[1].kind, TransactionKind::Other);
    assert_eq!(order.transactions[1].status, TransactionStatus::Other);
    assert_eq!(order.transactions[1].processed_at, order.created_at);
}

#[test]
fn every_failure_names_its_field() {
    for (from, to, message) in [
        (
            r#""amount":"15.36""#,
            r#""amount":"15.365""#,
            "`order.lineItems.0.taxLines.0.priceSet` is 15.365, which is no amount of EUR",
        ),
        (
            r#""currentQuantity":1"#,
            r#""currentQuantity":3"#,
            "`order.lineItems.0.currentQuantity` exceeds the quantity ordered",
        ),
        (
            r#""amount":"19.2""#,
            r#""amount":"-19.2""#,
            "`order.lineItems.0.discountAllocations.0` is negative",
        ),
        (
            r#""nodes":[],"pageInfo":{"hasNextPage":false"#,
            r#""nodes":[],"pageInfo":{"hasNextPage":true"#,
            "`order.shippingLines` has more entries than one page",
        ),
        (
            r#""amount":"80.94""#,
            r#""amount":"80.945""#,
            "`order.transactions.0.amountSet` is 80.945, which is no amount of GBP",
        ),
    ] {
        assert!(ORDER.contains(from), "{from}");
        assert_eq!(read(&ORDER.replace(from, to)).unwrap_err(), message);
    }
    let unknown = read(&ORDER.replace(r#""currencyCode":"EUR""#, r#""currencyCode":"XXX""#)).unwrap_err();
    assert!(unknown.contains("unknown currency `XXX`"), "{unknown}");
}

#[test]
fn what_was_read_is_written_back_the_same() {
    let response = Response::parse(Operation::Order, ORDER).unwrap();
    let again = Response::parse(Operation::Order, &response.to_json()).unwrap();
    assert_eq!(response.data.is_some(), again.data.is_some());
    assert_eq!(response.extensions, again.extensions);
    assert!(response.to_json().contains(r#""amount":"19.2""#));
}
