//! Batches as clients send them: each record has a task and a result of its own.

use serde_json::{Value, json};

use crate::domain::Duration;
use crate::mocks::http::Told;
use crate::mocks::netsuite::http::records::tests::Account;
use crate::mocks::netsuite::http::tests::header;

const COLLECTION: (&str, &str) = ("content-type", "application/vnd.oracle.resource+json; type=collection");
const ASYNC: (&str, &str) = ("prefer", "respond-async");
const CUSTOMERS: &str = "/services/rest/record/v1/customer";

fn body(told: &Told) -> Value {
    serde_json::from_slice(&told.body).unwrap_or_default()
}

/// Posts three customers of whom the second has no name and no subsidiary; the path of the job.
fn three(account: &mut Account, headers: &[(&str, &str)]) -> String {
    let of = |name: &str| json!({"externalId": name, "companyName": name, "subsidiary": {"id": "2"}});
    let items = json!({"items": [of("fr-c-1"), {"email": "nobody"}, of("fr-c-3")]});
    let told = account.send("POST", CUSTOMERS, headers, &items.to_string());
    assert_eq!((told.status, told.body.len()), (202, 0), "{}", body(&told));
    let location = header(&told, "location").expect("it says where to look");
    location.split_once("8080").expect("a link to this host").1.to_owned()
}

#[test]
fn records_of_a_batch_succeed_and_fail_one_by_one() {
    let mut account = Account::new();
    let job = three(&mut account, &[COLLECTION, ASYNC]);
    let get = |account: &mut Account, rest: &str| {
        let told = account.send("GET", &format!("{job}{rest}"), &[], "");
        (told.status, body(&told))
    };
    assert_eq!(get(&mut account, "").1["progress"], "processing");
    assert_eq!(get(&mut account, "/task").1["totalResults"], 3);
    // One after the other, a second each: the first has ended before the last.
    account.now = account.now.plus(Duration::from_secs(1));
    assert_eq!(get(&mut account, "/task/1").1["progress"], "succeeded");
    assert_eq!(get(&mut account, "/task/2").1["progress"], "processing");
    assert_eq!(get(&mut account, "/task/2/result").0, 404, "not before it has ended");
    account.now = account.now.plus(Duration::from_secs(2));
    assert_eq!(get(&mut account, "").1["progress"], "failed");
    assert_eq!(get(&mut account, "/task/1/result").0, 204);
    let (status, refused) = get(&mut account, "/task/2/result");
    assert_eq!((status, &refused["status"]), (400, &json!(400)), "{refused}");
    assert_eq!(get(&mut account, "/task/3").1["progress"], "succeeded");
    assert_eq!(get(&mut account, "/task/4").0, 404);

    let told = account.send("GET", &format!("{CUSTOMERS}?ids=eid:fr-c-1,eid:fr-c-3,99999"), &[ASYNC], "");
    let job = header(&told, "location").unwrap().split_once("8080").unwrap().1.to_owned();
    account.now = account.now.plus(Duration::from_secs(3));
    let mut result = |number: u32| account.send("GET", &format!("{job}/task/{number}/result"), &[], "");
    assert_eq!(body(&result(1))["companyName"], "fr-c-1");
    assert_eq!(body(&result(2))["externalId"], "fr-c-3");
    assert_eq!(result(3).status, 404);
}

#[test]
fn a_batch_in_parallel_ends_at_once_and_its_key_holds_once() {
    let mut account = Account::new();
    let parallel = ("prefer", "batch-processing=\"parallel\"");
    let key = ("x-netsuite-idempotency-key", "5e1c");
    let job = three(&mut account, &[COLLECTION, ASYNC, parallel, key]);
    let again = account.send("POST", CUSTOMERS, &[COLLECTION, ASYNC, key], r#"{"items":[{}]}"#);
    assert_eq!(body(&again)["o:errorDetails"][0]["o:errorCode"], "IDEMPOTENCY_ERROR");
    account.now = account.now.plus(Duration::from_secs(1));
    assert_eq!(body(&account.send("GET", &format!("{job}/task/3"), &[], ""))["progress"], "succeeded");
}

#[test]
fn records_are_changed_by_either_name_and_put_by_their_own() {
    let mut account = Account::new();
    let first =
        account.save("PUT", "customer/eid:fr-c-1", &json!({"companyName": "A", "subsidiary": {"id": "2"}}));
    let send = |account: &mut Account, method: &str, items: Value| {
        let told =
            account.send(method, CUSTOMERS, &[COLLECTION, ASYNC], &json!({ "items": items }).to_string());
        (told.status, body(&told)["o:errorDetails"][0]["o:errorPath"].clone())
    };
    let by_id = json!([{"id": first.to_string(), "externalId": "not-this-one", "companyName": "B"}]);
    assert_eq!(send(&mut account, "PATCH", by_id).0, 202);
    let put = json!([{"externalId": "fr-c-2", "companyName": "C", "subsidiary": {"id": "2"}}]);
    assert_eq!(send(&mut account, "PUT", put).0, 202);
    let read =
        |account: &mut Account, key: &str| body(&account.send("GET", &format!("{CUSTOMERS}/{key}"), &[], ""));
    assert_eq!(read(&mut account, "eid:fr-c-1")["companyName"], "B");
    assert_eq!(read(&mut account, "eid:fr-c-2")["companyName"], "C");
    let nameless = json!([{"externalId": "fr-c-2"}, {"id": "1"}]);
    assert_eq!(send(&mut account, "PUT", nameless), (400, json!("items[1]")));
    let told = account.send("DELETE", &format!("{CUSTOMERS}?ids=eid:fr-c-2"), &[ASYNC], "");
    assert_eq!(told.status, 202);
    assert_eq!(read(&mut account, "eid:fr-c-2")["status"], 404);
}

#[test]
fn a_batch_that_is_none_is_refused_whole() {
    let mut account = Account::new();
    let many: Vec<Value> = (0..101).map(|_| json!({})).collect();
    for (headers, text) in [
        (&[COLLECTION][..], r#"{"items":[{}]}"#.to_owned()),
        (&[COLLECTION, ASYNC], r#"{"items":[]}"#.to_owned()),
        (&[COLLECTION, ASYNC], json!({ "items": many }).to_string()),
        (&[COLLECTION, ASYNC], r#"{"items":["x"]}"#.to_owned()),
        (&[COLLECTION, ASYNC], "{".to_owned()),
    ] {
        let told = account.send("POST", CUSTOMERS, headers, &text);
        assert_eq!(told.status, 400, "{text:.40}");
    }
}
