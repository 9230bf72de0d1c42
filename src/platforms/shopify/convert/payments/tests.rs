use super::*;
use crate::domain::payout::BalanceKind;
use crate::domain::{Currency, Money};
use crate::platforms::shopify::operation::{Answer, Operation, Response};

/// One row in Shopify's own spelling.
fn rows(kind: &str, net: &str, payout: &str) -> Result<BalanceTransaction, Unreadable> {
    let body = format!(
        r#"{{"data":{{"shopifyPaymentsAccount":{{"balanceTransactions":{{"nodes":[{{
            "id":"gid://shopify/ShopifyPaymentsBalanceTransaction/1001","type":"{kind}",
            "amount":{{"amount":"120.0","currencyCode":"USD"}},"fee":{{"amount":"2.05","currencyCode":"USD"}},
            "net":{{"amount":"{net}","currencyCode":"USD"}},"sourceOrderTransactionId":"9007199254740993",
            "associatedOrder":{{"id":"gid://shopify/Order/5001"}},"associatedPayout":{{"id":{payout}}},
            "adjustmentReason":null,"transactionDate":"2026-11-27T05:00:00Z"}}],
            "pageInfo":{{"hasNextPage":false,"endCursor":"x"}}}}}}}}}}"#
    );
    let response = Response::parse(Operation::BalanceTransactions, &body).unwrap();
    let Some(Answer::BalanceTransactions(data)) = response.data else { panic!("{body}") };
    let account = data.shopify_payments_account.unwrap();
    balance_transaction(account.balance_transactions.nodes.into_iter().next().unwrap())
}

fn status(status: &str) -> Result<PayoutStatus, Unreadable> {
    let body = format!(
        r#"{{"data":{{"node":{{"id":"gid://shopify/ShopifyPaymentsPayout/77","issuedAt":"2026-11-30T00:00:00Z",
            "net":{{"amount":"-0.5","currencyCode":"USD"}},"status":"{status}","externalTraceId":null}}}}}}"#
    );
    let response = Response::parse(Operation::Payout, &body).unwrap();
    let Some(Answer::Payout(data)) = response.data else { panic!("{body}") };
    payout(data.node.unwrap()).map(|payout| payout.status)
}

#[test]
fn a_row_keeps_its_transaction_beyond_two_to_the_53_and_may_be_in_no_payout() {
    let row = rows("CHARGE", "117.95", "null").unwrap();
    assert_eq!((row.kind, row.net), (BalanceKind::Charge, Money::new(11_795, Currency::USD)));
    assert_eq!(row.order_transaction, Some(TransactionId::new(9_007_199_254_740_993)));
    assert_eq!((row.order, row.payout), (Some(OrderId::new(5001)), None));
    let paid = rows("CHARGE", "117.95", r#""gid://shopify/ShopifyPaymentsPayout/77""#).unwrap();
    assert_eq!(paid.payout, Some(PayoutId::new(77)));
}

#[test]
fn a_type_that_nobody_has_published_is_kept_by_its_text() {
    let row = rows("MOON_LEVY", "117.95", "null").unwrap();
    assert_eq!(row.kind, BalanceKind::Unknown("MOON_LEVY".into()));
}

#[test]
fn every_published_type_reads_back() {
    for kind in BalanceKind::PUBLISHED {
        assert_eq!(rows(kind.name(), "117.95", "null").unwrap().kind, *kind);
    }
}

#[test]
fn a_net_that_is_not_the_amount_less_the_fee_is_unreadable() {
    let error = rows("CHARGE", "120.0", "null").unwrap_err();
    assert_eq!(error.field, "balanceTransaction.net");
}

#[test]
fn what_is_on_its_way_counts_as_paid_and_an_unknown_status_is_unreadable() {
    assert_eq!(status("IN_TRANSIT"), Ok(PayoutStatus::Paid));
    assert_eq!(status("CANCELED"), Ok(PayoutStatus::Canceled));
    assert_eq!(status("ASTRAY").unwrap_err().field, "payout.status");
}
