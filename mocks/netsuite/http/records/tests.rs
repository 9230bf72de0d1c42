//! What clients do with records, request by request, behind the door.

use serde_json::{Value, json};

use crate::domain::{Duration, InternalId, Timestamp};
use crate::mocks::http::Told;
use crate::mocks::netsuite::http::Face;
use crate::mocks::netsuite::http::address::Address;
use crate::mocks::netsuite::http::tests::{NOW, asked, face, header, twin};
use crate::mocks::netsuite::{DocumentKind, NetsuiteTwin, RecordKind};
use crate::platforms::netsuite::operation::suiteql::Query;
use crate::platforms::netsuite::operation::{Answer, Request, Response};

/// An account, and a client that was let in.
pub(in crate::mocks::netsuite::http) struct Account {
    pub twin: NetsuiteTwin,
    pub face: Face,
    pub now: Timestamp,
}

const HOST: &str = "twin.example:8080";

impl Account {
    pub fn new() -> Account {
        Account { twin: twin(), face: face("1234567_SB1"), now: NOW }
    }

    pub fn send(&mut self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Told {
        let request = asked(method, HOST, target, headers, body);
        let address = Address::of(&request, &self.face.settings).unwrap();
        self.face.served(&mut self.twin, &request, &address, self.now)
    }

    fn record(&mut self, method: &str, target: &str, body: &Value) -> Told {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(method, &format!("/services/rest/record/v1/{target}"), &[], &body)
    }

    /// Saves, and returns the internal id from the location.
    pub fn save(&mut self, method: &str, target: &str, body: &Value) -> u64 {
        let told = self.record(method, target, body);
        assert_eq!(told.status, 204, "{method} {target}: {}", String::from_utf8_lossy(&told.body));
        assert!(told.body.is_empty());
        let location = header(&told, "location").unwrap();
        assert!(location.starts_with("http://twin.example:8080/services/rest/record/v1/"), "{location}");
        location.rsplit('/').next().unwrap().parse().unwrap()
    }

    fn get(&mut self, target: &str) -> Value {
        let told = self.record("GET", target, &Value::Null);
        let body: Value = serde_json::from_slice(&told.body).unwrap();
        assert_eq!(told.status, 200, "{target}: {body}");
        body
    }

    /// Status, code and text of a refusal.
    fn refused(&mut self, method: &str, target: &str, body: &Value) -> String {
        let told = self.record(method, target, body);
        let body: Value = serde_json::from_slice(&told.body).unwrap();
        let detail = &body["o:errorDetails"][0];
        assert_eq!(body["status"], told.status);
        let place = detail["o:errorPath"].as_str().unwrap_or("-");
        format!(
            "{} {} {place}: {}",
            told.status,
            detail["o:errorCode"].as_str().unwrap(),
            detail["detail"].as_str().unwrap()
        )
    }

    pub fn buyer(&mut self) {
        self.save(
            "PUT",
            "customer/eid:fr-customer-1",
            &json!({"companyName": "Ana Ltd", "email": "ana@x.example", "subsidiary": {"id": "2"}}),
        );
    }

    /// A buyer and an approved order of three mugs at 10.00 and delivery, with tax.
    pub fn order(&mut self, number: u32) -> u64 {
        self.buyer();
        let target = format!("salesOrder/eid:fr-order-{number}?replace=item,taxDetails");
        self.save("PUT", &target, &json!({
            "entity": {"externalId": "fr-customer-1"}, "orderStatus": {"id": "B"}, "currency": {"id": "11"},
            "item": {"items": [
                {"item": {"externalId": "MUG-1"}, "quantity": 3, "rate": 10.00, "taxDetailsReference": "A"},
                {"item": "1003", "amount": 4.5, "taxDetailsReference": "B"},
            ]},
            "taxDetailsOverride": true,
            "taxDetails": {"items": [
                {"taxDetailsReference": {"id": "A"}, "taxCode": "21", "taxBasis": 30, "taxRate": 20, "taxAmount": 6},
                {"taxDetailsReference": "B", "taxCode": {"id": "21"}, "taxBasis": 4.5, "taxRate": 20, "taxAmount": 0.9},
            ]},
        }))
    }

    fn count(&mut self, statement: &str) -> String {
        let body = json!({"q": statement}).to_string();
        let told = self.send("POST", "/services/rest/query/v1/suiteql", &[("prefer", "transient")], &body);
        let body: Value = serde_json::from_slice(&told.body).unwrap();
        body["items"][0]["n"].as_str().unwrap_or("-").to_owned()
    }
}

#[test]
fn a_customer_is_created_read_changed_listed_and_deleted() {
    let mut account = Account::new();
    let body = json!({"entityStatus": 6, "firstName": "Ana", "lastName": "Bo", "subsidiary": "2", "companyName": "Ana Ltd"});
    let id = account.save("POST", "customer", &body);
    let read = account.get(&format!("customer/{id}"));
    assert_eq!(
        (&read["id"], &read["companyName"], &read["firstName"]),
        (&json!(id.to_string()), &json!("Ana Ltd"), &json!("Ana"))
    );
    assert_eq!(read["entityStatus"]["id"], "6");
    assert_eq!(
        read["subsidiary"]["links"][0]["href"],
        "http://twin.example:8080/services/rest/record/v1/subsidiary/2"
    );
    assert_eq!(read["currency"]["refName"], "EUR");
    account.save("PATCH", &format!("customer/{id}"), &json!({"email": "ana@x.example"}));
    assert_eq!(account.get(&format!("customer/{id}?fields=email"))["email"], "ana@x.example");
    assert!(account.get(&format!("customer/{id}?fields=email"))["companyName"].is_null());
    let person = json!({"isPerson": true, "firstName": "Cy", "lastName": "Dee", "subsidiary": {"id": 2}, "externalId": "C-2"});
    account.save("POST", "customer", &person);
    assert_eq!(account.get("customer/eid:C-2")["lastName"], "Dee");
    account.save("PATCH", "customer/eid:C-2", &json!({"lastName": "Eff"}));
    assert_eq!(account.get("customer/eid:C-2")["firstName"], "Cy");
    let list = account.get("Customer/?limit=1&offset=1");
    assert_eq!(
        (&list["count"], &list["totalResults"], &list["hasMore"]),
        (&json!(1), &json!(2), &json!(false))
    );
    let found = account.get("customer?q=email%20IS%20ana@x.example%20OR%20lastName%20START_WITH%20%22zz%22");
    assert_eq!((&found["count"], &found["items"][0]["id"]), (&json!(1), &json!(id.to_string())));
    assert_eq!(account.record("DELETE", &format!("customer/{id}"), &Value::Null).status, 204);
    assert_eq!(
        account.refused("GET", &format!("customer/{id}"), &Value::Null),
        "404 NONEXISTENT_ID -: The record instance does not exist. Provide a valid record instance ID."
    );
    assert_eq!(account.get("customer")["totalResults"], 1);
    assert_eq!(account.count("SELECT COUNT(*) AS n FROM customer"), "1");
}

/// Source: netsuite.md §9.2.
#[test]
fn refusals_are_in_the_platforms_words() {
    let mut account = Account::new();
    account.order(1);
    let mut check = |method: &str, target: &str, body: Value, expected: &str| {
        let told = account.refused(method, target, &body);
        assert!(told.starts_with(expected), "{method} {target}: {told}");
    };
    check("GET", "customer/-1", Value::Null, "404 NONEXISTENT_ID -: The record instance does not exist.");
    check("GET", "bad-path", Value::Null, "404 NONEXISTENT_ID -: Record type 'bad-path' does not exist");
    check(
        "GET",
        "invoice/5001",
        Value::Null,
        "400 USER_ERROR -: Error while accessing a resource. Transaction type specified is incorrect.",
    );
    check(
        "POST",
        "customer",
        json!({}),
        "400 USER_ERROR -: Error while accessing a resource. Please enter value(s) for: Company Name",
    );
    check(
        "POST",
        "customer",
        json!({"companyName": "X", "subsidiary": "2", "externalId": "fr-customer-1"}),
        "400 USER_ERROR -: Error while accessing a resource. This entity already exists.",
    );
    check(
        "POST",
        "salesOrder",
        json!({"externalId": "fr-order-1"}),
        "400 USER_ERROR -: Error while accessing a resource. This record already exists",
    );
    check(
        "POST",
        "salesOrder",
        json!({"entity": {"id": 99}}),
        "400 USER_ERROR entity: Error while accessing a resource. You have entered an Invalid Field Value 99 for the following field: entity",
    );
    check(
        "POST",
        "salesOrder",
        json!({"entity": {"externalId": "fr-customer-1"}, "item": {"items": [{"item": {"id": "9999"}, "amount": 1}]}}),
        "400 USER_ERROR item.items[0].item:",
    );
    check(
        "POST",
        "salesOrder",
        json!({"total": 5}),
        "400 USER_ERROR total: Error while accessing a resource. You do not have permissions to set a value for element total",
    );
    check(
        "POST",
        "salesOrder",
        json!({"shippingCost": 5}),
        "400 USER_ERROR shippingCost: Error while accessing a resource. You do not have permissions",
    );
    check(
        "POST",
        "salesOrder",
        json!({"memo": 5}),
        "400 INVALID_CONTENT memo: Invalid content in the request body.",
    );
    check(
        "POST",
        "salesOrder",
        json!({"item": {"items": [{"quantity": "3"}]}}),
        "400 INVALID_CONTENT item.items[0].quantity:",
    );
    check("POST", "salesOrder", json!([1]), "400 INVALID_CONTENT -: Invalid content in the request body");
    check("PUT", "customer/101", json!({}), "400 INVALID_REQUEST");
    check("GET", "customer?limit=1001", Value::Null, "400 INVALID_PARAMETER");
    check("GET", "customer?limit=10&offset=5", Value::Null, "400 INVALID_PARAMETER -: Invalid offset");
    check(
        "GET",
        "customer?q=lastModifiedDate%20AFTER%202026-11-23T00:00:00Z",
        Value::Null,
        "400 INVALID_PARAMETER -: Invalid search query",
    );
    check("POST", "salesOrder/5001/!transform/cashSale", json!({}), "400 USER_ERROR");
    check("DELETE", "customer/101", Value::Null, "400 USER_ERROR");
    let counted: Vec<&str> = account.face.counters().keys().map(String::as_str).collect();
    assert_eq!(
        counted,
        ["property salesOrder shippingCost", "record type bad-path", "transform salesOrder to cashSale"]
    );
    let told = account.send("POST", "/services/rest/record/v1/customer", &[], "{\"a\":");
    assert_eq!(told.status, 400);
    assert!(account.twin.lock_record(RecordKind::SalesOrder, "fr-order-1"));
    assert!(
        account
            .refused("GET", "salesOrder/eid:fr-order-1", &Value::Null)
            .ends_with("This record has been locked by a user defined workflow.")
    );
}

#[test]
fn unknown_properties_are_warned_of_refused_or_ignored_as_asked() {
    let mut account = Account::new();
    let body = json!({"companyName": "X", "subsidiary": "2", "nope": 1}).to_string();
    let mut send =
        |header: &[(&str, &str)]| account.send("POST", "/services/rest/record/v1/customer", header, &body);
    let told = send(&[]);
    assert_eq!((told.status, header(&told, "x-netsuite-propertyvalidation")), (204, Some("nope")));
    let name = "x-netsuite-propertynamevalidation";
    let told = send(&[(name, "ignore")]);
    assert_eq!((told.status, header(&told, name)), (204, None));
    assert_eq!(send(&[(name, "ERROR")]).status, 400);
    assert_eq!(send(&[(name, "perhaps")]).status, 400);
}

#[test]
fn an_order_is_shipped_and_billed_by_transforms() {
    let mut account = Account::new();
    let order = account.order(1);
    let read = account.get(&format!("salesOrder/{order}?expandSubResources=true"));
    assert_eq!((&read["status"]["id"], &read["total"]), (&json!("B"), &json!(41.4)));
    assert_eq!(read["item"]["items"][0]["amount"], 30.0);
    assert_eq!(read["item"]["totalResults"], 2);
    let short = account.get(&format!("salesOrder/{order}?simpleEnumFormat=true"));
    assert_eq!(short["status"], "B");
    assert!(short["item"]["items"].is_null());
    assert_eq!(account.get(&format!("salesOrder/{order}/item/1?expandSubResources=true"))["quantity"], 3);
    let shipped = account.save(
        "POST",
        &format!("salesOrder/{order}/!transform/itemFulfillment"),
        &json!({
            "shipStatus": "A", "item": {"items": [{"orderLine": 1, "quantity": 2}]},
            "package": {"items": [{"packageTrackingNumber": "1Z9", "packageDescr": "UPS"}]},
        }),
    );
    assert_eq!(account.get(&format!("itemFulfillment/{shipped}"))["shipStatus"]["refName"], "Picked");
    account.save("PATCH", &format!("itemFulfillment/{shipped}"), &json!({"shipStatus": {"id": "C"}}));
    assert_eq!(account.get(&format!("salesOrder/{order}"))["status"]["id"], "E");
    let invoice = account.save(
        "POST",
        &format!("salesOrder/{order}/!transform/invoice"),
        &json!({"externalId": "fr-invoice-1"}),
    );
    let read = account.get("invoice/eid:fr-invoice-1?expandSubResources=true");
    // Two of three mugs with their tax, and delivery: 24.00 and 5.40.
    assert_eq!((&read["id"], &read["total"]), (&json!(invoice.to_string()), &json!(29.4)));
    assert_eq!(read["createdFrom"]["id"], order.to_string());
    account.save("POST", &format!("salesOrder/{order}/!transform/itemFulfillment"), &json!({}));
    account.save("POST", &format!("salesOrder/{order}/!transform/invoice"), &json!({}));
    assert_eq!(account.get(&format!("salesOrder/{order}"))["status"]["refName"], "Billed");
    assert!(
        account
            .refused("POST", &format!("salesOrder/{order}/!transform/itemFulfillment"), &json!({}))
            .starts_with("400 USER_ERROR")
    );
    assert_eq!(account.count("SELECT SUM(amount) AS n FROM transactionaccountingline"), "0");
    assert_eq!(
        account.count("SELECT SUM(credit) AS n FROM transactionaccountingline WHERE account = 254"),
        "34.5"
    );
}

#[test]
fn a_request_that_nobody_waits_for_is_looked_up_later_and_its_key_works_once() {
    let mut account = Account::new();
    let body = json!({"companyName": "X", "subsidiary": "2"}).to_string();
    let headers = [("prefer", "respond-async"), ("x-netsuite-idempotency-key", "7d0a")];
    let told = account.send("POST", "/services/rest/record/v1/customer", &headers, &body);
    let location = header(&told, "location").unwrap().replace("http://twin.example:8080", "");
    assert_eq!((told.status, header(&told, "preference-applied")), (202, Some("respond-async")));
    let again = account.send("POST", "/services/rest/record/v1/customer", &headers, &body);
    let again: (u16, Value) = (again.status, serde_json::from_slice(&again.body).unwrap());
    assert_eq!(
        (again.0, &again.1["title"], &again.1["o:errorDetails"][0]["o:errorCode"]),
        (400, &json!("Conflict"), &json!("IDEMPOTENCY_ERROR"))
    );
    let read = |account: &mut Account, rest: &str| account.send("GET", &format!("{location}{rest}"), &[], "");
    let job = |told: &Told| serde_json::from_slice::<Value>(&told.body).unwrap();
    assert_eq!(job(&read(&mut account, ""))["progress"], "processing");
    assert_eq!(read(&mut account, "/task/1/result").status, 404);
    account.now = NOW.plus(crate::domain::Duration::from_secs(2));
    assert_eq!(job(&read(&mut account, "/task/1"))["progress"], "succeeded");
    assert_eq!(read(&mut account, "/task/1/result").status, 204);
    // Without the preference the key is ignored.
    let key = [("x-netsuite-idempotency-key", "7d0a")];
    assert_eq!(account.send("POST", "/services/rest/record/v1/customer", &key, &body).status, 204);
    assert_eq!(account.get("customer")["totalResults"], 2);
}

#[test]
fn the_catalog_describes_what_is_offered() {
    let mut account = Account::new();
    let list = account.get("metadata-catalog");
    assert!(list["items"].as_array().unwrap().iter().any(|item| item["name"] == "salesOrder"));
    let read = |account: &mut Account, target: &str, accept: &str| {
        let target = format!("/services/rest/record/v1/metadata-catalog{target}");
        let told = account.send("GET", &target, &[("accept", accept)], "");
        (told.status, serde_json::from_slice::<Value>(&told.body).unwrap())
    };
    let (_, schema) = read(&mut account, "/customer", "application/schema+json");
    assert_eq!(schema["properties"]["email"]["type"], "string");
    let (_, api) = read(&mut account, "?select=customer,salesOrder", "application/swagger+json");
    assert_eq!(api["openapi"], "3.0.1");
    assert!(api["components"]["schemas"]["salesOrder"]["properties"]["item"].is_object());
    assert_eq!(read(&mut account, "/transaction", "application/schema+json").0, 404);
    let limits = account.send("GET", "/services/rest/system/v1/governanceLimits", &[], "");
    assert_eq!(serde_json::from_slice::<Value>(&limits.body).unwrap()["accountConcurrencyLimit"], 5);
}

#[test]
fn pages_of_a_query_follow_each_other() {
    let mut account = Account::new();
    for number in 1..=5 {
        account.order(number);
    }
    let mut target = "/services/rest/query/v1/suiteql?limit=2".to_owned();
    let body = json!({"q": "SELECT id, externalid AS \"Key\", memo FROM transaction WHERE type = 'SalesOrd' ORDER BY id"}).to_string();
    let mut keys = Vec::new();
    loop {
        let told = account.send("POST", &target, &[("prefer", "transient")], &body);
        let page: Value = serde_json::from_slice(&told.body).unwrap();
        assert_eq!((told.status, &page["totalResults"]), (200, &json!(5)));
        let items = page["items"].as_array().unwrap();
        assert!(items.iter().all(|item| item["memo"].is_null() && item["links"] == json!([])));
        keys.extend(items.iter().map(|item| item["key"].as_str().unwrap().to_owned()));
        let next = page["links"].as_array().unwrap().iter().find(|link| link["rel"] == "next");
        assert_eq!(next.is_some(), page["hasMore"] == true);
        let Some(next) = next else { break };
        target = next["href"].as_str().unwrap().replace("http://twin.example:8080", "");
    }
    assert_eq!(keys, ["fr-order-1", "fr-order-2", "fr-order-3", "fr-order-4", "fr-order-5"]);
    assert_eq!(account.send("POST", &target, &[], &body).status, 400);
}

/// What both roads say of one of our own queries.
pub(in crate::mocks::netsuite::http) fn both(account: &mut Account, query: Query) -> (Answer, Answer) {
    let request = Request::SuiteQl(query);
    let typed = account.twin.execute(&request, account.now).answer.unwrap();
    let http = request.to_http();
    let target = format!("{}?limit=1000&offset=0", http.path);
    let told = account.send("POST", &target, &[("prefer", "transient")], http.body.as_deref().unwrap());
    let body = String::from_utf8(told.body).unwrap();
    let read = Response::read(&request, told.status, None, &body).unwrap();
    (typed, read.answer.unwrap_or_else(|error| panic!("{error:?}\n{}", http.body.unwrap())))
}

#[test]
fn a_deposit_is_applied_and_a_journal_balances() {
    let mut account = Account::new();
    let order = account.order(1);
    let deposit = account.save("POST", "customerDeposit", &json!({
        "customer": {"externalId": "fr-customer-1"}, "salesOrder": {"id": order}, "payment": 41.4, "account": "201", "undepFunds": false,
    }));
    assert_eq!(account.get(&format!("customerDeposit/{deposit}"))["payment"], 41.4);
    account.save("POST", &format!("salesOrder/{order}/!transform/itemFulfillment"), &json!({}));
    let invoice = account.save("POST", &format!("salesOrder/{order}/!transform/invoice"), &json!({}));
    // NetSuite applies the order's deposit by itself.
    assert_eq!(account.get(&format!("invoice/{invoice}"))["status"]["refName"], "Paid In Full");
    let line = |account: &str, side: &str| json!({"account": {"id": account}, side: 10});
    let balanced =
        json!({"subsidiary": {"id": "2"}, "line": {"items": [line("201", "debit"), line("254", "credit")]}});
    account.save("POST", "journalEntry", &balanced);
    let unbalanced = json!({"subsidiary": {"id": "2"}, "line": {"items": [line("201", "debit")]}});
    assert!(account.refused("POST", "journalEntry", &unbalanced).contains("must balance"));
    assert_eq!(
        account.twin.documents().filter(|known| known.kind() == DocumentKind::JournalEntry).count(),
        1
    );
}

/// A query alone, with no other request around it, tells when the warehouse took an order.
#[test]
fn a_query_sees_a_release_from_its_time_on() {
    let mut account = Account::new();
    let order = account.order(1);
    let visible = account.now.plus(Duration::from_secs(60));
    assert!(account.twin.release(InternalId::new(order), account.now, visible));
    let moved = format!(
        "SELECT COUNT(*) AS n FROM transaction WHERE lastmodifieddate >= TO_DATE('{}', 'YYYY-MM-DD HH24:MI:SS')",
        visible.to_string().replace('T', " ").trim_end_matches('Z')
    );
    for (at, count) in [(59, "0"), (60, "1")] {
        account.now = visible.minus(Duration::from_secs(60)).plus(Duration::from_secs(at));
        assert_eq!(account.count(&moved), count, "after {at} s");
    }
}
