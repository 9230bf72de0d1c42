//! Drafts, terms, gift cards, subscriptions and bulk mutations, as an app meets them.

use serde_json::{Value, json};

use super::{Bench, bench, text};
use crate::domain::Duration;
use crate::mocks::shopify::tests::us;

fn ask(bench: &mut Bench, query: &str, variables: Value) -> Value {
    let body = json!({ "query": query, "variables": variables });
    let told = bench.graphql("shpat_lasting", &body.to_string());
    assert_eq!(told.status, 200, "{}", text(&told));
    let mut answer: Value = serde_json::from_slice(&told.body).unwrap();
    assert!(answer.get("errors").is_none(), "{answer}");
    answer["data"].take()
}

fn draft(bench: &mut Bench) -> String {
    let query = "mutation D($input: DraftOrderInput!) { draftOrderCreate(input: $input) {
        draftOrder { id name status totalPriceSet { shopMoney { amount } } } userErrors { field message } } }";
    let lines = json!([{ "title": "Service", "quantity": 2, "originalUnitPrice": "18.50" }]);
    let told = ask(bench, query, json!({ "input": { "email": "a@example.com", "lineItems": lines } }));
    let draft = &told["draftOrderCreate"]["draftOrder"];
    assert_eq!(draft["totalPriceSet"]["shopMoney"]["amount"], "37.0");
    assert_eq!((&draft["status"], &draft["name"]), (&json!("OPEN"), &json!("#D1")));
    draft["id"].as_str().unwrap().to_owned()
}

const TERMS: &str = "mutation T($id: ID!, $attrs: PaymentTermsCreateInput!) {
    paymentTermsCreate(referenceId: $id, paymentTermsAttributes: $attrs) {
        paymentTerms { id due overdue dueInDays paymentTermsName
            paymentSchedules(first: 2) { nodes { issuedAt dueAt completedAt amount { amount currencyCode } } } }
        userErrors { field message code } } }";

#[test]
fn a_draft_with_terms_becomes_an_order_that_waits_for_its_money() {
    let mut bench = bench();
    let id = draft(&mut bench);
    let attrs = |template: u64, schedules: Value| json!({ "paymentTermsTemplateId": format!("gid://shopify/PaymentTermsTemplate/{template}"), "paymentSchedules": schedules });
    let refused = [
        (99, json!([{}]), "Could not find payment terms template."),
        (7, json!([{}]), "A due date is required with fixed or net payment terms."),
        (
            1,
            json!([{ "dueAt": "2026-01-01T00:00:00Z" }]),
            "A due date cannot be set with event payment terms.",
        ),
        (4, json!([{}, {}]), "Cannot create payment terms with multiple payment schedules."),
    ];
    for (template, schedules, message) in refused {
        let told = ask(&mut bench, TERMS, json!({ "id": id, "attrs": attrs(template, schedules) }));
        assert_eq!(told["paymentTermsCreate"]["userErrors"][0]["message"], message);
    }
    let schedules = json!([{ "issuedAt": "2026-01-01T00:00:00Z" }]);
    let told = ask(&mut bench, TERMS, json!({ "id": id, "attrs": attrs(4, schedules.clone()) }));
    let terms = &told["paymentTermsCreate"]["paymentTerms"];
    assert_eq!(
        (&terms["due"], &terms["overdue"], &terms["dueInDays"]),
        (&json!(true), &json!(true), &json!(30))
    );
    let schedule = json!({ "issuedAt": "2026-01-01T00:00:00Z", "dueAt": "2026-01-31T00:00:00Z", "completedAt": null,
        "amount": { "amount": "37.0", "currencyCode": "USD" } });
    assert_eq!(terms["paymentSchedules"]["nodes"], json!([schedule]));
    let again = ask(&mut bench, TERMS, json!({ "id": id, "attrs": attrs(4, schedules) }));
    assert!(again["paymentTermsCreate"]["paymentTerms"].is_null());
    let complete = "mutation C($id: ID!) { draftOrderComplete(id: $id) { draftOrder { status completedAt
        order { name transactions(first: 3) { kind status gateway } paymentTerms { id } customer { displayName } } }
        userErrors { field message } } }";
    let told = ask(&mut bench, complete, json!({ "id": id }));
    let draft = &told["draftOrderComplete"]["draftOrder"];
    let waits = json!([{ "kind": "SALE", "status": "PENDING", "gateway": "manual" }]);
    assert_eq!((&draft["status"], &draft["order"]["transactions"]), (&json!("COMPLETED"), &waits));
    assert_eq!(draft["order"]["paymentTerms"]["id"], terms["id"]);
    assert_eq!(draft["order"]["customer"]["displayName"], "a@example.com");
    let again = ask(&mut bench, complete, json!({ "id": id }));
    assert_eq!(again["draftOrderComplete"]["userErrors"][0]["message"], "This order has been paid");
}

#[test]
fn terms_are_changed_and_taken_away() {
    let mut bench = bench();
    let id = draft(&mut bench);
    let net = json!({ "paymentTermsTemplateId": "gid://shopify/PaymentTermsTemplate/2",
        "paymentSchedules": [{ "issuedAt": "2027-05-01T00:00:00Z" }] });
    let told = ask(&mut bench, TERMS, json!({ "id": id, "attrs": net }));
    let terms = told["paymentTermsCreate"]["paymentTerms"]["id"].clone();
    let update = "mutation U($input: PaymentTermsUpdateInput!) { paymentTermsUpdate(input: $input) {
        paymentTerms { paymentTermsType dueInDays paymentSchedules(first: 1) { nodes { dueAt } } } userErrors { code } } }";
    let later = json!({ "paymentSchedules": [{ "issuedAt": "2027-06-01T00:00:00Z" }] });
    let told = ask(
        &mut bench,
        update,
        json!({ "input": { "paymentTermsId": terms, "paymentTermsAttributes": later } }),
    );
    let expected = json!({ "paymentTermsType": "NET", "dueInDays": 7,
        "paymentSchedules": { "nodes": [{ "dueAt": "2027-06-08T00:00:00Z" }] } });
    assert_eq!(told["paymentTermsUpdate"]["paymentTerms"], expected);
    let delete = "mutation X($input: PaymentTermsDeleteInput!) { paymentTermsDelete(input: $input) {
        deletedId userErrors { message code } } }";
    let told = ask(&mut bench, delete, json!({ "input": { "paymentTermsId": terms } }));
    assert_eq!(told["paymentTermsDelete"], json!({ "deletedId": terms, "userErrors": [] }));
    let told = ask(
        &mut bench,
        "query Q($id: ID!) { draftOrder(id: $id) { paymentTerms { id } } }",
        json!({ "id": id }),
    );
    assert!(told["draftOrder"]["paymentTerms"].is_null());
    let again = ask(&mut bench, delete, json!({ "input": { "paymentTermsId": terms } }));
    assert_eq!(again["paymentTermsDelete"]["userErrors"][0]["code"], "PAYMENT_TERMS_DELETE_UNSUCCESSFUL");
}

#[test]
fn what_is_wrong_with_a_draft_is_said_as_recorded() {
    let mut bench = bench();
    let query = "mutation D($input: DraftOrderInput!) { draftOrderCreate(input: $input) {
        draftOrder { id } userErrors { field message } } }";
    let line = |line: Value| json!({ "lineItems": [line] });
    let cases = [
        (json!({ "lineItems": [] }), json!(null), "Add at least 1 product"),
        (
            line(json!({ "title": "A", "quantity": 0, "originalUnitPrice": "1.00" })),
            json!(["lineItems", "0", "quantity"]),
            "Quantity must be greater than or equal to 1",
        ),
        (line(json!({ "quantity": 1 })), json!(null), "Merchandise title is empty."),
        (
            line(json!({ "title": "A", "quantity": 1, "originalUnitPrice": "-1.00" })),
            json!(null),
            "Cannot send negative price for line_item",
        ),
        (
            json!({ "email": "bad email", "lineItems": [{ "title": "A", "quantity": 1 }] }),
            json!(["email"]),
            "Email is invalid",
        ),
    ];
    for (input, field, message) in cases {
        let told = ask(&mut bench, query, json!({ "input": input }));
        let expected = json!({ "draftOrder": null, "userErrors": [{ "field": field, "message": message }] });
        assert_eq!(told["draftOrderCreate"], expected);
    }
}

#[test]
fn a_gift_card_is_made_and_written_on() {
    let mut bench = bench();
    let create = "mutation C($input: GiftCardCreateInput!) { giftCardCreate(input: $input) {
        giftCard { id note initialValue { amount } } giftCardCode userErrors { message code } } }";
    let input = json!({ "initialValue": "5.00", "code": "ABCD-efgh", "note": "hello" });
    let told = ask(&mut bench, create, json!({ "input": input }));
    assert_eq!(told["giftCardCreate"]["giftCardCode"], "abcdefgh");
    let id = told["giftCardCreate"]["giftCard"]["id"].clone();
    let update =
        "mutation U($id: ID!, $input: GiftCardUpdateInput!) { giftCardUpdate(id: $id, input: $input) {
        giftCard { note expiresOn } userErrors { field message } } }";
    let told =
        ask(&mut bench, update, json!({ "id": id, "input": { "note": null, "expiresOn": "2030-01-01" } }));
    assert_eq!(told["giftCardUpdate"]["giftCard"], json!({ "note": null, "expiresOn": "2030-01-01" }));
    let told = ask(&mut bench, update, json!({ "id": id, "input": {} }));
    let message = "At least one argument is required in the input.";
    assert_eq!(told["giftCardUpdate"]["userErrors"][0]["message"], message);
    let told = ask(&mut bench, create, json!({ "input": { "initialValue": "0.00" } }));
    assert_eq!(told["giftCardCreate"]["userErrors"][0]["code"], "GREATER_THAN");
}

#[test]
fn a_product_is_made_named_and_found_by_its_tag_after_a_while() {
    let mut bench = bench();
    let create = "mutation P($product: ProductCreateInput!) { productCreate(product: $product) { product { id title status
        tags variants(first: 1) { nodes { id sku price } } } userErrors { field message } } }";
    let told =
        ask(&mut bench, create, json!({ "product": { "title": "Tray", "tags": ["new", "blue", "new"] } }));
    let product = &told["productCreate"]["product"];
    assert_eq!((&product["status"], &product["tags"]), (&json!("ACTIVE"), &json!(["blue", "new"])));
    let variant = product["variants"]["nodes"][0].clone();
    assert_eq!((&variant["sku"], &variant["price"]), (&json!(null), &json!("0.00")));
    let name = "mutation N($id: ID!, $variants: [ProductVariantsBulkInput!]!) {
        productVariantsBulkUpdate(productId: $id, variants: $variants) {
            productVariants { sku price taxable inventoryItem { requiresShipping } } userErrors { message } } }";
    let said = json!([{ "id": variant["id"], "price": "19.95", "taxable": false,
        "inventoryItem": { "sku": "TRAY", "requiresShipping": false } }]);
    let told = ask(&mut bench, name, json!({ "id": product["id"], "variants": said }));
    let expected = json!([{ "sku": "TRAY", "price": "19.95", "taxable": false,
        "inventoryItem": { "requiresShipping": false } }]);
    assert_eq!(told["productVariantsBulkUpdate"]["productVariants"], expected);
    assert_eq!(bench.twin.product(us(), "TRAY").unwrap().price, 1_995);
    let search = "{ products(first: 5, query: \"tag:blue\") { nodes { title } } }";
    assert_eq!(ask(&mut bench, search, json!({}))["products"]["nodes"], json!([]));
    bench.now = bench.now.plus(Duration::from_secs(10));
    assert_eq!(ask(&mut bench, search, json!({}))["products"]["nodes"], json!([{ "title": "Tray" }]));
    let told = ask(&mut bench, create, json!({ "product": { "title": " " } }));
    assert_eq!(told["productCreate"]["userErrors"][0]["message"], "Title can't be blank");
}

#[test]
fn everything_that_is_wrong_with_a_subscription_is_said() {
    let mut bench = bench();
    let query = "mutation S($input: WebhookSubscriptionInput!) {
        webhookSubscriptionCreate(topic: RETURNS_APPROVE, webhookSubscription: $input) {
            webhookSubscription { callbackUrl endpoint { __typename ... on WebhookPubSubEndpoint { pubSubTopic } } }
            userErrors { message } } }";
    let cases = [
        (json!({ "uri": "https://a.example/hook", "format": "XML" }), 1),
        (json!({ "uri": "pubsub://project-one:1topic" }), 2),
        (json!({ "uri": "pubsub://project-one:" }), 2),
        (json!({ "uri": "arn:aws:events:us-east-1::event-source/aws.partner/shopify.com/1" }), 2),
        (json!({ "uri": "https://a.example/hook", "name": "" }), 2),
        (json!({ "uri": "https://a.example/hook", "filter": "id:1 bare" }), 1),
        (json!({ "uri": "https://a.example/hook", "filter": "title:'two words'" }), 0),
    ];
    for (input, count) in cases {
        let told = ask(&mut bench, query, json!({ "input": input }));
        let errors = told["webhookSubscriptionCreate"]["userErrors"].as_array().unwrap();
        assert_eq!(errors.len(), count, "{input}: {errors:?}");
    }
    let told = ask(&mut bench, query, json!({ "input": { "uri": "pubsub://project-one:a%25topic" } }));
    let endpoint = json!({ "__typename": "WebhookPubSubEndpoint", "pubSubTopic": "a%25topic" });
    assert_eq!(told["webhookSubscriptionCreate"]["webhookSubscription"]["endpoint"], endpoint);
}

const STAGE: &str = "mutation S($input: [StagedUploadInput!]!) { stagedUploadsCreate(input: $input) {
    stagedTargets { url parameters { name value } } userErrors { message } } }";
const RUN: &str = "mutation R($mutation: String!, $path: String!) {
    bulkOperationRunMutation(mutation: $mutation, stagedUploadPath: $path) {
        bulkOperation { id status type } userErrors { field message code } } }";
const READ: &str =
    "query B($id: ID!) { bulkOperation(id: $id) { status objectCount fileSize url completedAt } }";

fn stage(bench: &mut Bench, method: &str) -> (String, String) {
    let input = json!([{ "resource": "BULK_MUTATION_VARIABLES", "filename": "lines.jsonl", "mimeType": "text/jsonl",
        "httpMethod": method }]);
    let told = ask(bench, STAGE, json!({ "input": input }));
    let target = &told["stagedUploadsCreate"]["stagedTargets"][0];
    let url = target["url"].as_str().unwrap();
    let parameters = target["parameters"].as_array().unwrap().iter();
    let key = parameters.filter(|it| it["name"] == "key").find_map(|it| it["value"].as_str());
    let path = url.split_once("us.myshopify.com").unwrap().1;
    let key = key.unwrap_or_else(|| path.strip_prefix("/staged/").unwrap()).to_owned();
    (path.to_owned(), key)
}

#[test]
fn a_bulk_mutation_runs_for_every_line_that_was_handed_in() {
    let mut bench = bench();
    let mutation =
        "mutation C($input: GiftCardCreateInput!) { giftCardCreate(input: $input) { giftCard { id } } }";
    let host = [("host", "us.myshopify.com")];
    let (path, key) = stage(&mut bench, "PUT");
    let told = ask(&mut bench, RUN, json!({ "mutation": mutation, "path": key }));
    assert_eq!(told["bulkOperationRunMutation"]["userErrors"][0]["code"], "NO_SUCH_FILE");
    assert_eq!(bench.ask("PUT", &path, &host, "").status, 200);
    let told = ask(&mut bench, RUN, json!({ "mutation": mutation, "path": key }));
    assert_eq!(told["bulkOperationRunMutation"]["userErrors"][0]["message"], "The input file is empty.");
    let lines = "{\"input\":{\"initialValue\":\"5.00\"}}\n{\"input\":{\"initialValue\":\"6.00\"}}\n";
    assert_eq!(bench.ask("PUT", &path, &host, lines).status, 200);
    assert_eq!(bench.ask("PUT", "/staged/tmp/other", &host, lines).status, 403);
    let told = ask(&mut bench, RUN, json!({ "mutation": mutation, "path": key }));
    let operation = &told["bulkOperationRunMutation"]["bulkOperation"];
    assert_eq!((&operation["status"], &operation["type"]), (&json!("CREATED"), &json!("MUTATION")));
    let id = operation["id"].clone();
    bench.now = bench.now.plus(Duration::from_secs(5));
    let told = ask(&mut bench, READ, json!({ "id": id }));
    let read = &told["bulkOperation"];
    assert_eq!((&read["status"], &read["objectCount"]), (&json!("COMPLETED"), &json!("2")));
    let file = read["url"].as_str().unwrap().split_once("us.myshopify.com").unwrap().1.to_owned();
    let file = bench.ask("GET", &file, &host, "");
    let rows: Vec<Value> = text(&file).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(rows[1]["data"]["giftCardCreate"]["giftCard"]["id"].is_string(), "{rows:?}");
    assert_eq!((rows.len(), &rows[1]["__lineNumber"]), (2, &json!(1)));
    let told = ask(&mut bench, "{ giftCards(first: 5) { nodes { balance { amount } } } }", json!({}));
    assert_eq!(told["giftCards"]["nodes"].as_array().unwrap().len(), 2);
}

#[test]
fn a_file_is_handed_in_by_a_form_too_and_an_unknown_mutation_is_counted() {
    let mut bench = bench();
    let (path, key) = stage(&mut bench, "POST");
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\n{key}\r\n--b\r\nContent-Disposition: form-data; \
         name=\"file\"; filename=\"lines.jsonl\"\r\n\r\n{{\"a\":1}}\n\r\n--b--\r\n"
    );
    let headers = [("host", "us.myshopify.com"), ("content-type", "multipart/form-data; boundary=b")];
    let told = bench.ask("POST", &path, &headers, &body);
    assert_eq!(told.status, 201, "{}", text(&told));
    let mutation = "mutation M($a: Int) { themeCreate(a: $a) { id } }";
    let told = ask(&mut bench, RUN, json!({ "mutation": mutation, "path": key }));
    assert!(told["bulkOperationRunMutation"]["bulkOperation"]["id"].is_string(), "{told}");
    let unsupported = bench.face.counters().unsupported;
    assert!(unsupported.keys().any(|name| name.contains("themeCreate")), "{unsupported:?}");
}

#[test]
fn a_cancelled_bulk_operation_comes_last_by_completion() {
    let mut bench = bench();
    let run = "mutation R($q: String!) { bulkOperationRunQuery(query: $q) { bulkOperation { id } userErrors { message } } }";
    let nested = "{ orders { edges { node { id lineItems { edges { node { id } } } } } } }";
    let mut ids = Vec::new();
    for query in ["{ orders { edges { node { id } } } }", nested] {
        let told = ask(&mut bench, run, json!({ "q": query }));
        ids.push(told["bulkOperationRunQuery"]["bulkOperation"]["id"].clone());
        bench.now = bench.now.plus(Duration::from_secs(1));
    }
    let cancel = "mutation C($id: ID!) { bulkOperationCancel(id: $id) { bulkOperation { status completedAt } userErrors { message } } }";
    let told = ask(&mut bench, cancel, json!({ "id": ids[1] }));
    let cancelling = json!({ "status": "CANCELING", "completedAt": null });
    assert_eq!(told["bulkOperationCancel"]["bulkOperation"], cancelling);
    bench.now = bench.now.plus(Duration::from_mins(1));
    let list = "query L($by: BulkOperationsSortKeys) { bulkOperations(first: 5, sortKey: $by) { nodes { id status } } }";
    let expected = |at: [usize; 2]| {
        let status = ["COMPLETED", "CANCELED"];
        json!(at.map(|at| json!({ "id": ids[at], "status": status[at] })))
    };
    let by_creation = ask(&mut bench, list, json!({ "by": "CREATED_AT" }));
    assert_eq!(by_creation["bulkOperations"]["nodes"], expected([1, 0]));
    let by_completion = ask(&mut bench, list, json!({ "by": "COMPLETED_AT" }));
    assert_eq!(by_completion["bulkOperations"]["nodes"], expected([0, 1]));
}
