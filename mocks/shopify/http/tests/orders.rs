//! Orders that an app creates, ships, holds, takes back, refunds and cancels, all by the API.

use serde_json::{Value, json};

use super::{Bench, bench};
use crate::domain::Duration;
use crate::mocks::shopify::tests::us;

fn ask(bench: &mut Bench, query: &str, variables: Value) -> Value {
    let body = json!({ "query": query, "variables": variables }).to_string();
    let told = bench.graphql("shpat_lasting", &body);
    let answer: Value = serde_json::from_slice(&told.body).unwrap();
    assert!(answer.get("errors").is_none(), "{answer}");
    bench.now = bench.now.plus(Duration::from_secs(1));
    answer["data"].clone()
}

const CREATE: &str = "mutation($order: OrderCreateOrderInput!) { made: orderCreate(order: $order) {
    order { id name email note tags displayFinancialStatus displayFulfillmentStatus
        customer { email } transactions { id }
        currentTotalPriceSet { shopMoney { amount currencyCode } } totalOutstandingSet { shopMoney { amount } }
        fulfillmentOrders(first: 2) { nodes { id lineItems(first: 2) { nodes { id totalQuantity } } } } }
    userErrors { field message code } } }";

/// Three units at 10.00, paid if `is_paid`.
fn create(bench: &mut Bench, is_paid: bool) -> Value {
    let amount = |amount: &str| json!({ "shopMoney": { "amount": amount, "currencyCode": "USD" } });
    let paid =
        json!([{ "kind": "SALE", "status": "SUCCESS", "gateway": "manual", "amountSet": amount("30.00") }]);
    let order = json!({
        "email": "ada@example.com",
        "note": "by hand",
        "tags": ["b", "a"],
        "lineItems": [{ "title": "Board", "quantity": 3, "priceSet": amount("10.00") }],
        "transactions": if is_paid { paid } else { json!([]) },
    });
    ask(bench, CREATE, json!({ "order": order }))["made"]["order"].clone()
}

const CANCEL: &str =
    "mutation($id: ID!) { done: orderCancel(orderId: $id, reason: OTHER, restock: true, refund: true) {
    job { id done } orderCancelUserErrors { message code } userErrors { field message } } }";

const STANDS: &str =
    "query($id: ID!) { order(id: $id) { closed cancelledAt cancelReason displayFinancialStatus
    displayFulfillmentStatus returnStatus currentTotalPriceSet { shopMoney { amount } }
    totalRefundedSet { shopMoney { amount } } refunds { note } } }";

fn stands(bench: &mut Bench, order: &Value) -> Value {
    ask(bench, STANDS, json!({ "id": order["id"] }))["order"].clone()
}

fn ship(bench: &mut Bench, order: &Value) -> Value {
    let query = "mutation($id: ID!) { made: fulfillmentCreate(fulfillment: {
        lineItemsByFulfillmentOrder: [{ fulfillmentOrderId: $id }] }) {
        fulfillment { displayStatus fulfillmentLineItems(first: 1) { nodes { id quantity } } }
        userErrors { message } } }";
    let id = &order["fulfillmentOrders"]["nodes"][0]["id"];
    ask(bench, query, json!({ "id": id }))["made"].clone()
}

#[test]
fn an_order_stands_as_it_was_stated() {
    let mut bench = bench();
    let order = create(&mut bench, true);
    assert_eq!(order["tags"], json!(["a", "b"]));
    assert_eq!(order["note"], "by hand");
    assert_eq!(order["customer"]["email"], "ada@example.com");
    assert_eq!(
        order["currentTotalPriceSet"]["shopMoney"],
        json!({ "amount": "30.0", "currencyCode": "USD" })
    );
    assert_eq!(order["totalOutstandingSet"]["shopMoney"]["amount"], "0.0");
    assert_eq!(order["displayFinancialStatus"], "PAID");
    assert_eq!(order["fulfillmentOrders"]["nodes"][0]["lineItems"]["nodes"][0]["totalQuantity"], 3);
    let unpaid = create(&mut bench, false);
    assert_eq!(unpaid["displayFinancialStatus"], Value::Null, "nothing was said of its payment");
    assert!(bench.twin.customer_by_email(us(), "ada@example.com").is_some());
}

#[test]
fn what_an_order_lacks_is_said_with_its_place() {
    let mut bench = bench();
    for (order, field, code) in [
        (json!({}), json!(["order", "lineItems"]), "INVALID"),
        (
            json!({ "processedAt": "2099-01-01T00:00:00Z" }),
            json!(["order", "processedAt"]),
            "PROCESSED_AT_INVALID",
        ),
        (
            json!({ "lineItems": [{ "title": "A", "quantity": 1, "taxLines": [{ "title": "T", "rate": "" }] }] }),
            json!(["order", "lineItems", 0, "taxLines", 0, "rate"]),
            "TAX_LINE_RATE_MISSING",
        ),
    ] {
        let made = ask(&mut bench, CREATE, json!({ "order": order }))["made"].clone();
        assert_eq!(made["order"], Value::Null);
        assert_eq!((&made["userErrors"][0]["field"], &made["userErrors"][0]["code"]), (&field, &json!(code)));
    }
}

#[test]
fn a_cancellation_takes_a_while_and_is_done_once() {
    let mut bench = bench();
    let order = create(&mut bench, true);
    let id = json!({ "id": order["id"] });
    assert_eq!(ask(&mut bench, CANCEL, id.clone())["done"]["job"]["done"], false);
    assert_eq!(stands(&mut bench, &order)["cancelledAt"], Value::Null);
    let again = ask(&mut bench, CANCEL, id.clone())["done"].clone();
    assert_eq!(again["userErrors"][0]["message"], "Cancellation is already in progress");
    bench.now = bench.now.plus(Duration::from_secs(60));
    let done = stands(&mut bench, &order);
    assert!(done["cancelledAt"].is_string() && done["closed"] == true, "{done}");
    assert_eq!(done["cancelReason"], "OTHER");
    assert_eq!(done["displayFinancialStatus"], "REFUNDED");
    assert_eq!(done["currentTotalPriceSet"]["shopMoney"]["amount"], "0.0");
    let late = ask(&mut bench, CANCEL, id)["done"].clone();
    assert_eq!(late["orderCancelUserErrors"][0]["code"], "INVALID");
    assert_eq!(late["userErrors"][0]["message"], "Cannot cancel an order that has already been canceled");
}

#[test]
fn what_was_paid_and_shipped_is_archived_and_not_cancelled() {
    let mut bench = bench();
    let order = create(&mut bench, true);
    assert_eq!(ship(&mut bench, &order)["fulfillment"]["displayStatus"], "FULFILLED");
    assert_eq!(stands(&mut bench, &order)["closed"], false, "a moment later");
    bench.now = bench.now.plus(Duration::from_secs(5));
    let shipped = stands(&mut bench, &order);
    assert_eq!(
        (&shipped["closed"], &shipped["displayFulfillmentStatus"]),
        (&json!(true), &json!("FULFILLED"))
    );
    let refused = ask(&mut bench, CANCEL, json!({ "id": order["id"] }))["done"].clone();
    assert_eq!(refused["job"], Value::Null);
    assert_eq!(
        refused["userErrors"][0]["message"],
        "Cannot cancel an order that has outstanding fulfillments"
    );
}

#[test]
fn a_refund_is_made_once_for_its_key() {
    let mut bench = bench();
    let order = create(&mut bench, true);
    let query = "mutation($input: RefundInput!, $key: String!) { made: refundCreate(input: $input)
        @idempotent(key: $key) { refund { id note } order { id } userErrors { field message } } }";
    let refund = |amount: &str, kind: &str, parent: &Value| {
        json!({ "orderId": order["id"], "note": "sorry", "transactions": [{
            "orderId": order["id"], "parentId": parent, "gateway": "other", "kind": kind, "amount": amount }] })
    };
    let payment = order["transactions"][0]["id"].clone();
    let mut made = |amount: &str, kind: &str, parent: &Value, key: &str| {
        let variables = json!({ "input": refund(amount, kind, parent), "key": key });
        ask(&mut bench, query, variables)["made"].clone()
    };
    let first = made("10.00", "REFUND", &payment, "a");
    assert_eq!(first["refund"]["note"], "sorry", "{first}");
    assert_eq!(made("10.00", "REFUND", &payment, "a")["refund"]["id"], first["refund"]["id"]);
    let foreign = json!("gid://shopify/OrderTransaction/999");
    for (told, message) in [
        (
            made("11.00", "REFUND", &payment, "a"),
            "The same idempotency key cannot be used with different operation parameters.",
        ),
        (
            made("21.00", "REFUND", &payment, "b"),
            "Refund amount $21.00 is greater than net payment received $20.00",
        ),
        (made("1.00", "AUTHORIZATION", &payment, "c"), "Kind authorization is not a valid transaction"),
        (made("1.00", "REFUND", &foreign, "d"), "Transactions require a parent_id associated with the order"),
    ] {
        assert_eq!(told["userErrors"][0]["message"], message);
        assert_eq!(told["order"]["id"], order["id"], "the order is shown all the same");
    }
    let stands = stands(&mut bench, &order);
    assert_eq!(stands["totalRefundedSet"]["shopMoney"]["amount"], "10.0");
    assert_eq!(stands["displayFinancialStatus"], "PARTIALLY_REFUNDED");
}

#[test]
fn a_return_is_asked_for_approved_processed_and_closed() {
    let mut bench = bench();
    let order = create(&mut bench, true);
    let line = ship(&mut bench, &order)["fulfillment"]["fulfillmentLineItems"]["nodes"][0]["id"].clone();
    let request = "mutation($input: ReturnRequestInput!) { made: returnRequest(input: $input) {
        return { id name status returnLineItems(first: 1) { nodes { id quantity } } }
        userErrors { field message code } } }";
    let input = |units: u32| {
        json!({ "input": { "orderId": order["id"], "returnLineItems": [
            { "fulfillmentLineItemId": line, "quantity": units, "returnReason": "OTHER" }] } })
    };
    let made = ask(&mut bench, request, input(2))["made"]["return"].clone();
    assert_eq!(made["status"], "REQUESTED");
    assert_eq!(stands(&mut bench, &order)["returnStatus"], "RETURN_REQUESTED");
    let over = ask(&mut bench, request, input(2))["made"].clone();
    assert_eq!(over["userErrors"][0]["message"], "Return line item has an invalid quantity.");
    let mut step = |field: &str| {
        let id = made["id"].as_str().unwrap();
        let item = made["returnLineItems"]["nodes"][0]["id"].as_str().unwrap();
        let field = field.replace("$id", &format!("\"{id}\"")).replace("$item", &format!("\"{item}\""));
        let query = format!(
            "mutation {{ made: {field} {{ return {{ status closedAt returnLineItems(first: 1) {{ nodes {{ \
             unprocessedQuantity }} }} order {{ returnStatus }} }} userErrors {{ message code }} }} }}"
        );
        ask(&mut bench, &query, json!({}))["made"].clone()
    };
    assert_eq!(step("returnClose(id: $id)")["userErrors"][0]["message"], "Return status is invalid.");
    assert_eq!(
        step("returnApproveRequest(input: { id: $id })")["return"]["order"]["returnStatus"],
        "IN_PROGRESS"
    );
    let all = "returnProcess(input: { returnId: $id, returnLineItems: [{ id: $item, quantity: 2 }] })";
    assert_eq!(step(all)["return"]["returnLineItems"]["nodes"][0]["unprocessedQuantity"], 0);
    assert_eq!(step("returnCancel(id: $id)")["userErrors"][0]["message"], "Return is not cancelable.");
    let closed = step("returnClose(id: $id)");
    assert!(closed["return"]["closedAt"].is_string(), "{closed}");
    assert_eq!(closed["return"]["order"]["returnStatus"], "RETURNED");
}

#[test]
fn units_are_split_off_held_and_let_go() {
    let mut bench = bench();
    let order = create(&mut bench, true);
    let first = &order["fulfillmentOrders"]["nodes"][0];
    let split = "mutation($splits: [FulfillmentOrderSplitInput!]!) { made: fulfillmentOrderSplit(
        fulfillmentOrderSplits: $splits) { fulfillmentOrderSplits {
        fulfillmentOrder { id lineItems(first: 1) { nodes { remainingQuantity } } }
        remainingFulfillmentOrder { id lineItems(first: 1) { nodes { remainingQuantity } } } }
        userErrors { message } } }";
    let asked = |units: u32| {
        json!({ "splits": [{ "fulfillmentOrderId": first["id"], "fulfillmentOrderLineItems": [
            { "id": first["lineItems"]["nodes"][0]["id"], "quantity": units }] }] })
    };
    let refused = ask(&mut bench, split, asked(3))["made"].clone();
    let message = "Invalid fulfillment order line item quantity requested.";
    assert_eq!(refused["userErrors"][0]["message"], message);
    let made = ask(&mut bench, split, asked(1))["made"]["fulfillmentOrderSplits"][0].clone();
    let units = |order: &Value| order["lineItems"]["nodes"][0]["remainingQuantity"].clone();
    assert_eq!(
        (units(&made["fulfillmentOrder"]), units(&made["remainingFulfillmentOrder"])),
        (json!(2), json!(1))
    );
    let hold =
        "mutation($id: ID!) { made: fulfillmentOrderHold(id: $id, fulfillmentHold: { reason: OTHER }) {
        fulfillmentHold { id displayReason heldByRequestingApp } fulfillmentOrder { status
        supportedActions { action } lineItems(first: 1) { nodes { lineItem { fulfillableQuantity } } } } } }";
    let held =
        ask(&mut bench, hold, json!({ "id": made["remainingFulfillmentOrder"]["id"] }))["made"].clone();
    assert_eq!(held["fulfillmentOrder"]["status"], "ON_HOLD");
    assert_eq!(held["fulfillmentHold"]["heldByRequestingApp"], true);
    let line = &held["fulfillmentOrder"]["lineItems"]["nodes"][0]["lineItem"];
    assert_eq!(line["fulfillableQuantity"], 2, "what is on hold may not ship");
    let release =
        "mutation($id: ID!, $holds: [ID!]) { made: fulfillmentOrderReleaseHold(id: $id, holdIds: $holds) {
        fulfillmentOrder { status } userErrors { message } } }";
    let variables =
        json!({ "id": made["remainingFulfillmentOrder"]["id"], "holds": [held["fulfillmentHold"]["id"]] });
    assert_eq!(ask(&mut bench, release, variables)["made"]["fulfillmentOrder"]["status"], "OPEN");
}

/// What no shop sells is refused loudly before anything of it is kept, and an order after it is as any other.
#[test]
fn amounts_that_no_shop_has_leave_nothing_behind() {
    let mut bench = bench();
    let usd = |amount: &str| json!({ "shopMoney": { "amount": amount, "currencyCode": "USD" } });
    let line =
        |price: &str, units: u64| json!({ "title": "Board", "quantity": units, "priceSet": usd(price) });
    let both = |own: &str, seen: &str| {
        let seen = json!({ "amount": seen, "currencyCode": "JPY" });
        json!({ "title": "Board", "quantity": 1, "priceSet": {
            "shopMoney": usd(own)["shopMoney"], "presentmentMoney": seen } })
    };
    let with = |line: &Value, name: &str, value: Value| {
        let mut line = line.clone();
        line[name] = value;
        json!({ "lineItems": [line] })
    };
    let board = line("10.00", 1);
    let mut orders = vec![
        json!({ "lineItems": [line("999999999999999.00", 1)] }),
        json!({ "lineItems": [line("1000000.00", 2_000_000)] }),
        json!({ "lineItems": [line("0.00", 2_000_000_000), line("0.00", 2_000_000_000)] }),
        json!({ "lineItems": [line("-10.00", 1)] }),
        json!({ "lineItems": [line("600000000000.00", 1), line("600000000000.00", 1)] }),
        json!({ "lineItems": [board], "shippingLines": [{ "title": "Air", "priceSet": usd("9999999999999999") }] }),
        json!({ "lineItems": [board], "presentmentCurrency": "JPY" }),
        json!({ "lineItems": [both("0.01", "90000000000000")], "presentmentCurrency": "JPY",
            "shippingLines": [{ "title": "Air", "priceSet": usd("1000") }] }),
        json!({ "lineItems": [both("0.01", "79228162514264337593543950335")], "presentmentCurrency": "JPY" }),
    ];
    for rate in ["1000000", "-0.2", "0.1234567890123", "79228162514264337593543950335"] {
        orders.push(with(&board, "taxLines", json!([{ "title": "VAT", "rate": rate }])));
    }
    let taxed = json!([{ "title": "VAT", "rate": "0.2", "priceSet": usd("92233720368547758.07") }]);
    orders.push(with(&board, "taxLines", taxed));
    let paid = json!([{ "kind": "SALE", "status": "SUCCESS", "amountSet": usd("10000000000000.00") }]);
    orders.push(json!({ "lineItems": [board], "transactions": paid }));
    let refused = |bench: &mut Bench, query: &str, variables: Value| {
        let told =
            bench.graphql("shpat_lasting", &json!({ "query": query, "variables": variables }).to_string());
        let answer: Value = serde_json::from_slice(&told.body).unwrap();
        assert_eq!(answer["errors"][0]["extensions"]["code"], "NOT_MODELLED", "{variables} {answer}");
    };
    for order in orders {
        refused(&mut bench, CREATE, json!({ "order": order }));
    }
    let all = ask(&mut bench, "{ orders(first: 5) { nodes { id } } }", json!({}));
    assert_eq!(all["orders"]["nodes"], json!([]));

    let order = create(&mut bench, true);
    let query = "mutation($id: ID!, $paid: ID!, $amount: Money!) { refundCreate(input: { orderId: $id,
        transactions: [{ orderId: $id, parentId: $paid, kind: REFUND, gateway: \"manual\", amount: $amount }] })
        @idempotent(key: \"a\") { refund { id } userErrors { message } } }";
    for amount in ["-5.00", "92233720368547758.07"] {
        let paid = &order["transactions"][0]["id"];
        let variables = json!({ "id": order["id"], "paid": paid, "amount": amount });
        refused(&mut bench, query, variables);
    }
}
