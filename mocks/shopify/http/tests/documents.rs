//! Documents that are not ours: every feature of GraphQL, and refusals in Shopify's words.

use serde_json::{Value, json};

use super::{Bench, bench, header, text};
use crate::domain::Duration;
use crate::mocks::shopify::tests::{at, basket, line, us};

fn ask(bench: &mut Bench, body: Value) -> Value {
    let told = bench.graphql("shpat_lasting", &body.to_string());
    assert_eq!(told.status, 200, "{}", text(&told));
    serde_json::from_slice(&told.body).unwrap()
}

fn selling() -> Bench {
    let mut bench = bench();
    for second in 0..3 {
        bench.twin.checkout(us(), &basket(vec![line("A", 2, 1_050)]), at(second));
    }
    bench.now = at(60);
    bench
}

#[test]
fn aliases_fragments_variables_and_directives_work_together() {
    let mut bench = selling();
    let query = "query Mine($n: Int = 2, $more: Boolean!) {
        newest: orders(first: $n, reverse: true, sortKey: CREATED_AT) {
            edges { cursor node { ...Head } }
            pageInfo { hasNextPage hasPreviousPage }
        }
        orders(first: 1) @include(if: $more) { nodes { id } }
        __typename
    }
    fragment Head on Order { name total: currentTotalPriceSet { shopMoney { amount currencyCode } } }";
    let told = ask(&mut bench, json!({ "query": query, "variables": { "more": false } }));
    let names: Vec<&str> =
        (0..2).filter_map(|n| told["data"]["newest"]["edges"][n]["node"]["name"].as_str()).collect();
    assert_eq!(names, ["#1003", "#1002"]);
    let total = json!({ "shopMoney": { "amount": "21.0", "currencyCode": "USD" } });
    assert_eq!(told["data"]["newest"]["edges"][0]["node"]["total"], total);
    assert_eq!(told["data"]["newest"]["pageInfo"], json!({ "hasNextPage": true, "hasPreviousPage": false }));
    assert_eq!(told["data"]["__typename"], "QueryRoot");
    assert!(told["data"].get("orders").is_none());
}

#[test]
fn a_cursor_leads_to_the_next_page_and_back() {
    let mut bench = selling();
    let page = |arguments: &str| {
        format!(
            "{{ orders({arguments}) {{ nodes {{ name }} pageInfo {{ endCursor startCursor hasNextPage }} }} }}"
        )
    };
    let first = ask(&mut bench, json!({ "query": page("first: 2") }));
    let end = first["data"]["orders"]["pageInfo"]["endCursor"].as_str().unwrap();
    let second = ask(&mut bench, json!({ "query": page(&format!("first: 2, after: \"{end}\"")) }));
    assert_eq!(second["data"]["orders"]["nodes"], json!([{ "name": "#1003" }]));
    assert_eq!(second["data"]["orders"]["pageInfo"]["hasNextPage"], false);
    let start = second["data"]["orders"]["pageInfo"]["startCursor"].as_str().unwrap();
    let back = ask(&mut bench, json!({ "query": page(&format!("last: 1, before: \"{start}\"")) }));
    assert_eq!(back["data"]["orders"]["nodes"], json!([{ "name": "#1002" }]));
}

#[test]
fn introspection_shows_the_schema() {
    let mut bench = bench();
    let query = "{ __schema { queryType { name } mutationType { name } } __type(name: \"Order\") { kind fields { name } } }";
    let told = ask(&mut bench, json!({ "query": query }));
    assert_eq!(told["data"]["__schema"]["queryType"]["name"], "QueryRoot");
    assert_eq!(told["data"]["__type"]["kind"], "OBJECT");
}

#[test]
fn the_operation_must_be_named_where_there_are_several() {
    let mut bench = bench();
    let query = "query A { shop { name } } query B { shop { id } }";
    let told = ask(&mut bench, json!({ "query": query, "operationName": null, "variables": null }));
    assert_eq!(told, json!({ "errors": [{ "message": "An operation name is required" }] }));
    let told = ask(&mut bench, json!({ "query": query, "operationName": "Missing" }));
    assert_eq!(told, json!({ "errors": [{ "message": "No operation named \"Missing\"" }] }));
    let told = ask(&mut bench, json!({ "query": query, "operationName": "A" }));
    assert_eq!(told["data"], json!({ "shop": { "name": "us" } }));
}

#[test]
fn what_is_wrong_with_a_document_is_said_as_recorded() {
    for (document, variables, expected) in [
        (
            "mutation M {\n  fulfillmentCancel { userErrors { field message } }\n}",
            json!({}),
            json!({
                "message": "Field 'fulfillmentCancel' is missing required arguments: id",
                "locations": [{ "line": 2, "column": 3 }],
                "path": ["mutation M", "fulfillmentCancel"],
                "extensions": {
                    "code": "missingRequiredArguments", "className": "Field", "name": "fulfillmentCancel",
                    "arguments": "id",
                },
            }),
        ),
        (
            "mutation M {\n  fulfillmentCancel(id: null) { userErrors { field message } }\n}",
            json!({}),
            json!({
                "message": "Argument 'id' on Field 'fulfillmentCancel' has an invalid value (null). Expected type 'ID!'.",
                "locations": [{ "line": 2, "column": 3 }],
                "path": ["mutation M", "fulfillmentCancel", "id"],
                "extensions": {
                    "code": "argumentLiteralsIncompatible", "typeName": "Field", "argumentName": "id",
                },
            }),
        ),
        (
            "{ shop { colour } }",
            json!({}),
            json!({
                "message": "Field 'colour' doesn't exist on type 'Shop'",
                "locations": [{ "line": 1, "column": 10 }],
                "path": ["query", "shop", "colour"],
                "extensions": { "code": "undefinedField", "typeName": "Shop", "fieldName": "colour" },
            }),
        ),
        (
            "query Q($id: ID!) { order(id: $id) { id } }",
            json!({}),
            json!({
                "message": "Variable $id of type ID! was provided invalid value",
                "locations": [{ "line": 1, "column": 9 }],
                "extensions": {
                    "code": "INVALID_VARIABLE", "value": null,
                    "problems": [{ "path": [], "explanation": "Expected value to not be null" }],
                },
            }),
        ),
        (
            "query Q($id: ID!) { order(id: $id) { id } }",
            json!({ "id": "17" }),
            json!({
                "message": "Variable $id of type ID! was provided invalid value",
                "locations": [{ "line": 1, "column": 9 }],
                "extensions": {
                    "code": "INVALID_VARIABLE", "value": "17",
                    "problems": [{
                        "path": [], "explanation": "Invalid global id '17'", "message": "Invalid global id '17'",
                    }],
                },
            }),
        ),
        (
            "query Q($n: Int) { shop { name } }",
            json!({}),
            json!({
                "message": "Variable $n is declared by Q but not used",
                "locations": [{ "line": 1, "column": 1 }],
                "path": ["query Q"],
                "extensions": { "code": "variableNotUsed", "variableName": "n" },
            }),
        ),
    ] {
        let told = ask(&mut bench(), json!({ "query": document, "variables": variables }));
        assert_eq!(told, json!({ "errors": [expected] }), "{document}");
    }
}

#[test]
fn what_a_resolver_refuses_is_null_beside_its_error_and_costs() {
    for (document, field, code, message) in [
        ("{ orders { nodes { id } } }", "orders", "BAD_REQUEST", "you must provide one of first or last"),
        ("{ orders(first: 1, after: \"x\") { nodes { id } } }", "orders", "BAD_REQUEST", "Malformed cursor"),
        (
            "{ order(id: \"gid://shopify/Product/1\") { id } }",
            "order",
            "RESOURCE_NOT_FOUND",
            "Invalid id: gid://shopify/Product/1",
        ),
        ("{ order(id: \"gid://shopify/Order/0\") { id } }", "order", "RESOURCE_NOT_FOUND", "invalid id"),
    ] {
        let told = ask(&mut selling(), json!({ "query": document }));
        let error = &told["errors"][0];
        assert_eq!(
            (&error["message"], &error["extensions"]["code"]),
            (&json!(message), &json!(code)),
            "{told}"
        );
        assert_eq!(error["path"], json!([field]));
        assert!(told["extensions"]["cost"]["actualQueryCost"].is_u64());
    }
    let unknown =
        ask(&mut selling(), json!({ "query": "{ order(id: \"gid://shopify/Order/404\") { id } }" }));
    assert_eq!(unknown["data"], json!({ "order": null }));
    assert!(unknown.get("errors").is_none());
}

#[test]
fn a_query_beyond_the_bucket_is_throttled_and_one_beyond_any_bucket_refused() {
    let mut bench = bench();
    let deep = "{ orders(first: 250) { nodes {
        lineItems(first: 250) { nodes { id taxLines { title } } }
        fulfillmentOrders(first: 250) { nodes { lineItems(first: 250) { nodes { id lineItem { id } } } } }
    } } }";
    let told = ask(&mut bench, json!({ "query": deep }));
    assert_eq!(told["errors"][0]["extensions"]["maxCost"], 1_000);
    assert!(told["extensions"]["cost"]["actualQueryCost"].is_null());
    let dear = "{ orders(first: 250) { nodes { lineItems(first: 50) { nodes { id } } customer { id } } } }";
    let mut throttled = None;
    for _ in 0..200 {
        let told = ask(&mut bench, json!({ "query": dear }));
        if told["errors"][0]["extensions"]["code"] == "THROTTLED" {
            throttled = Some(told);
            break;
        }
    }
    let throttled = throttled.expect("the bucket runs dry");
    assert!(throttled.get("data").is_none());
    bench.now = bench.now.plus(Duration::from_secs(20));
    assert!(ask(&mut bench, json!({ "query": dear })).get("errors").is_none());
}

#[test]
fn lists_longer_than_any_may_be_are_refused_before_they_are_read() {
    let query = "query Q($ids: [ID!]!) {\n  nodes(ids: $ids) { id }\n}";
    let ids: Vec<String> = (1..=251).map(|n| format!("gid://shopify/Order/{n}")).collect();
    let told = ask(&mut bench(), json!({ "query": query, "variables": { "ids": ids } }));
    assert_eq!(told["errors"][0]["extensions"]["code"], "MAX_INPUT_SIZE_EXCEEDED");
    assert_eq!(told["errors"][0]["path"], json!(["nodes", "ids"]));
    assert!(told.get("data").is_none());
}

#[test]
fn stock_is_set_only_with_a_key_and_a_comparison() {
    let document = |directive: &str| {
        format!(
            "mutation S($i: InventorySetQuantitiesInput!) {{ inventorySetQuantities(input: $i) {directive} {{ userErrors {{ code field message }} }} }}"
        )
    };
    let input = |comparison: Value| {
        let mut row = json!({
            "inventoryItemId": "gid://shopify/InventoryItem/1", "locationId": "gid://shopify/Location/1",
            "quantity": 1,
        });
        if !comparison.is_null() {
            row["changeFromQuantity"] = comparison;
        }
        json!({ "i": { "name": "available", "reason": "correction", "quantities": [row] } })
    };
    let told = ask(&mut bench(), json!({ "query": document(""), "variables": input(json!(0)) }));
    let message = "The @idempotent directive is required for this mutation but was not provided.";
    assert_eq!(told["errors"][0]["message"], message);
    assert_eq!(told["data"], json!({ "inventorySetQuantities": null }));
    let keyed = document("@idempotent(key: \"k\")");
    let told = ask(&mut bench(), json!({ "query": keyed, "variables": input(Value::Null) }));
    let message = "InventoryQuantityInput must include the following argument: changeFromQuantity.";
    assert_eq!(told["errors"][0]["message"], message);
    let told = ask(&mut bench(), json!({ "query": keyed, "variables": input(json!(0)) }));
    assert_eq!(told["data"]["inventorySetQuantities"]["userErrors"][0]["code"], "INVALID_INVENTORY_ITEM");
}

#[test]
fn a_subscription_lives_from_its_creation_to_its_deletion() {
    let mut bench = bench();
    let create = "mutation C($s: WebhookSubscriptionInput!) { webhookSubscriptionCreate(topic: SHOP_UPDATE, webhookSubscription: $s) { webhookSubscription { id topic uri format filter includeFields apiVersion { handle } } userErrors { field message } } }";
    let wanted = json!({ "s": { "uri": "https://hooks.example.com/a", "includeFields": ["id"] } });
    let made = ask(&mut bench, json!({ "query": create, "variables": wanted }));
    let made_one = &made["data"]["webhookSubscriptionCreate"]["webhookSubscription"];
    assert_eq!(made_one["topic"], "SHOP_UPDATE");
    assert_eq!((&made_one["format"], &made_one["filter"]), (&json!("JSON"), &Value::Null));
    assert_eq!(made_one["apiVersion"]["handle"], "2026-10");
    let again = ask(&mut bench, json!({ "query": create, "variables": wanted }));
    let message = "Address for this topic has already been taken";
    assert_eq!(again["data"]["webhookSubscriptionCreate"]["userErrors"][0]["message"], message);
    let id = made_one["id"].clone();
    let update = "mutation U($id: ID!) { webhookSubscriptionUpdate(id: $id, webhookSubscription: { uri: \"https://hooks.example.com/b\" }) { webhookSubscription { uri includeFields } userErrors { message } } }";
    let told = ask(&mut bench, json!({ "query": update, "variables": { "id": id } }));
    let updated = json!({ "uri": "https://hooks.example.com/b", "includeFields": ["id"] });
    assert_eq!(told["data"]["webhookSubscriptionUpdate"]["webhookSubscription"], updated);
    let delete = "mutation D($id: ID!) { webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId userErrors { message } } }";
    for _ in 0..2 {
        let told = ask(&mut bench, json!({ "query": delete, "variables": { "id": id } }));
        assert_eq!(told["data"]["webhookSubscriptionDelete"]["deletedWebhookSubscriptionId"], id);
    }
    let gone = ask(
        &mut bench,
        json!({ "query": "query Q($id: ID!) { webhookSubscription(id: $id) { id } }", "variables": { "id": id } }),
    );
    assert!(gone["data"]["webhookSubscription"].is_null());
    let never = "gid://shopify/WebhookSubscription/999999999999";
    let told = ask(&mut bench, json!({ "query": delete, "variables": { "id": never } }));
    let message = "Webhook subscription does not exist";
    assert_eq!(told["data"]["webhookSubscriptionDelete"]["userErrors"][0]["message"], message);
}

#[test]
fn a_bulk_operation_leaves_its_lines_behind_an_address() {
    let mut bench = selling();
    let inner = "{ orders { edges { node { id name lineItems { edges { node { id sku } } } } } } }";
    let run = "mutation R($q: String!) { bulkOperationRunQuery(query: $q) { bulkOperation { id status url objectCount } userErrors { code field message } } }";
    let told = ask(&mut bench, json!({ "query": run, "variables": { "q": inner } }));
    let operation = &told["data"]["bulkOperationRunQuery"]["bulkOperation"];
    assert_eq!(
        (&operation["status"], &operation["url"], &operation["objectCount"]),
        (&json!("CREATED"), &Value::Null, &json!("0"))
    );
    bench.now = bench.now.plus(Duration::from_secs(60));
    let current = "{ currentBulkOperation { id status url objectCount rootObjectCount } }";
    let done = ask(&mut bench, json!({ "query": current }));
    let done = &done["data"]["currentBulkOperation"];
    assert_eq!(
        (&done["status"], &done["objectCount"], &done["rootObjectCount"]),
        (&json!("COMPLETED"), &json!("6"), &json!("3"))
    );
    let url = done["url"].as_str().unwrap();
    let path = url.strip_prefix("http://us.myshopify.com").unwrap();
    let file = bench.ask("GET", path, &[("host", "us.myshopify.com")], "");
    assert_eq!(header(&file, "Content-Type"), Some("application/jsonl"));
    let lines: Vec<Value> = text(&file).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 6);
    assert_eq!(lines[1]["__parentId"], lines[0]["id"]);
    let told = ask(&mut bench, json!({ "query": run, "variables": { "q": "{ shop { name } }" } }));
    let message = "Bulk queries must contain at least one connection.";
    assert_eq!(told["data"]["bulkOperationRunQuery"]["userErrors"][0]["message"], message);
}

#[test]
fn documents_are_read_once_and_what_is_not_served_is_counted_by_name() {
    let mut bench = bench();
    for _ in 0..3 {
        ask(&mut bench, json!({ "query": "{ shop { name } }" }));
    }
    ask(&mut bench, json!({ "query": "{ markets(first: 1) { nodes { id } } }" }));
    let counters = bench.face.counters();
    assert_eq!((counters.documents_known, counters.documents_new), (2, 2));
    assert_eq!(counters.unsupported.get("QueryRoot.markets"), Some(&1));
}

#[test]
fn rest_pages_by_links_and_counts_its_calls() {
    let mut bench = bench();
    let headers = [("host", "127.0.0.1:9"), ("x-shopify-access-token", "shpat_lasting")];
    let shop = bench.ask("GET", "/us.myshopify.com/admin/api/2026-10/shop.json", &headers, "");
    assert_eq!(header(&shop, "X-Shopify-Shop-Api-Call-Limit"), Some("1/40"));
    let shop: Value = serde_json::from_slice(&shop.body).unwrap();
    assert_eq!(shop["shop"]["myshopify_domain"], "us.myshopify.com");
    for _ in 0..39 {
        bench.ask("GET", "/us.myshopify.com/admin/api/2026-10/shop.json", &headers, "");
    }
    let told = bench.ask("GET", "/us.myshopify.com/admin/api/2026-10/shop.json", &headers, "");
    assert_eq!((told.status, header(&told, "Retry-After")), (429, Some("2.0")));
}

#[test]
fn payouts_are_read_by_rest_page_by_page() {
    use crate::domain::Currency;
    use crate::domain::payout::BalanceKind;
    use crate::mocks::shopify::payments::{BalanceRow, PayoutRows};
    let mut bench = bench();
    bench.twin.open_payments(us(), Currency::USD);
    for day in 0..3 {
        let row = BalanceRow {
            kind: BalanceKind::Charge,
            amount: 10_000,
            fee: 320,
            order_transaction: None,
            dispute: None,
            order: None,
            processed_at: at(day * 86_400),
            reason: None,
        };
        bench.twin.add_balance_row(us(), row, at(day * 86_400)).unwrap();
        let then = at(day * 86_400 + 10);
        bench.twin.schedule_payout(us(), PayoutRows::Before(then), then, then).unwrap();
    }
    let headers = [("host", "us.myshopify.com"), ("x-shopify-access-token", "shpat_lasting")];
    let first = "/admin/api/2026-10/shopify_payments/payouts.json?limit=2&status=scheduled";
    let told = bench.ask("GET", first, &headers, "");
    let link = header(&told, "Link").expect("there is a further page");
    let next = link.strip_prefix("<http://us.myshopify.com").and_then(|rest| rest.split_once('>')).unwrap();
    assert_eq!(next.1, "; rel=\"next\"");
    let body: Value = serde_json::from_slice(&told.body).unwrap();
    assert_eq!(body["payouts"].as_array().unwrap().len(), 2);
    assert_eq!(body["payouts"][0]["amount"], "96.80");
    assert_eq!(body["payouts"][0]["summary"]["charges_gross_amount"], "100.00");
    assert_eq!(body["payouts"][0]["summary"]["charges_fee_amount"], "3.20");
    let told = bench.ask("GET", next.0, &headers, "");
    let rest: Value = serde_json::from_slice(&told.body).unwrap();
    assert_eq!(rest["payouts"].as_array().unwrap().len(), 1);
    let oldest = rest["payouts"][0]["id"].as_u64().unwrap();
    let rows = format!("/admin/api/2026-10/shopify_payments/balance/transactions.json?payout_id={oldest}");
    let told = bench.ask("GET", &rows, &headers, "");
    let rows: Value = serde_json::from_slice(&told.body).unwrap();
    let charge = rows["transactions"].as_array().unwrap().iter().find(|row| row["type"] == "charge").unwrap();
    assert_eq!((&charge["net"], &charge["payout_status"]), (&json!("96.80"), &json!("scheduled")));
    let both = format!("{}&status=paid", next.0);
    assert_eq!(bench.ask("GET", &both, &headers, "").status, 400);
}
