//! Bulk operations, asked for by the document of our clients: the face and the typed path answer alike, from one state.

use serde_json::Value;

use super::{Bench, bench, text};
use crate::domain::{Duration, Timestamp};
use crate::mocks::shopify::tests::{at, basket, line, us};
use crate::platforms::shopify::operation::{
    BulkOperationVariables, BulkRunVariables, Request, orders_in_bulk,
};
use crate::platforms::shopify::wire::Gid;

/// Orders of ten minutes, of which some changed later.
fn busy() -> Bench {
    let mut bench = bench();
    let orders: Vec<_> =
        (0..600).map(|n| bench.twin.checkout(us(), &basket(vec![line("A", 2, 1_000)]), at(n))).collect();
    for (n, order) in orders.iter().enumerate().step_by(7) {
        bench.twin.cancel(us(), *order, true, true, at(700 + n as i64 % 5)).unwrap();
    }
    bench.now = at(1_000);
    bench
}

fn run(search: &str) -> Request {
    Request::BulkRun(BulkRunVariables { query: orders_in_bulk(search) })
}

fn look(number: u64) -> Request {
    Request::BulkOperation(BulkOperationVariables { id: Gid::new(number) })
}

fn typed(bench: &mut Bench, request: &Request) -> Value {
    let now = bench.now;
    serde_json::from_str(&bench.twin.answer(us(), request, now).to_json()).unwrap()
}

fn over_http(bench: &mut Bench, request: &Request) -> Value {
    serde_json::from_slice(&bench.graphql("shpat_lasting", &request.body()).body).unwrap()
}

fn number(told: &Value) -> u64 {
    let id = told["data"]["bulkOperationRunQuery"]["bulkOperation"]["id"].as_str();
    id.unwrap_or_else(|| panic!("{told}")).rsplit('/').next().unwrap().parse().unwrap()
}

/// What stands behind the address, with the address taken out of the answer.
fn file_of(bench: &mut Bench, told: &mut Value) -> Option<String> {
    let url = told["data"]["bulkOperation"]["url"].take();
    let url = url.as_str()?;
    match url.strip_prefix("http://us.myshopify.com") {
        Some(path) => {
            let file = bench.ask("GET", path, &[("host", "us.myshopify.com")], "");
            (file.status == 200).then(|| text(&file).to_owned())
        }
        None => bench.twin.bulk_file(us(), url, bench.now),
    }
}

#[test]
fn both_ways_list_the_same_bytes_in_the_same_states_at_the_same_instants() {
    let middle = at(300);
    for (search, rows) in [
        ("updated_at:>='2026-01-01T00:00:00Z'".to_owned(), 600),
        (format!("updated_at:>='{middle}'"), 343),
        (format!("updated_at:>'{middle}'"), 342),
        (format!("updated_at:>='{middle}' AND updated_at:>='{}'", at(700)), 86),
        (format!("updated_at:>='{}'", at(900)), 0),
        ("colour:red".to_owned(), 600),
        (String::new(), 600),
    ] {
        let (mut ours, mut face) = (busy(), busy());
        let begun = typed(&mut ours, &run(&search));
        assert_eq!(begun, over_http(&mut face, &run(&search)), "{search}");
        let number = number(&begun);
        let mut files = Vec::new();
        for after in [0, 299, 300, 301, 390, 402, 479, 480, 1_000, 604_800_200, 604_800_700] {
            ours.now = at(1_000).plus(Duration::from_millis(after));
            face.now = ours.now;
            let (mut expected, mut told) =
                (typed(&mut ours, &look(number)), over_http(&mut face, &look(number)));
            let file = file_of(&mut ours, &mut expected);
            assert_eq!(file, file_of(&mut face, &mut told), "{search} after {after} ms");
            assert_eq!(expected, told, "{search} after {after} ms");
            files.extend(file);
        }
        let lines = files.first().map_or(0, |file| file.lines().count());
        assert_eq!(lines, rows, "{search}");
        assert!(files.windows(2).all(|pair| pair[0] == pair[1]), "a file does not change");
    }
}

#[test]
fn both_ways_refuse_the_sixth_and_what_is_not_modelled_alike() {
    let (mut ours, mut face) = (busy(), busy());
    for _ in 0..5 {
        assert_eq!(typed(&mut ours, &run("")), over_http(&mut face, &run("")));
    }
    let refused = typed(&mut ours, &run(""));
    assert_eq!(refused, over_http(&mut face, &run("")));
    let error = &refused["data"]["bulkOperationRunQuery"]["userErrors"][0];
    assert_eq!(error["code"], "OPERATION_IN_PROGRESS", "{refused}");
    assert_eq!(error["message"].as_str().unwrap().matches("gid://shopify/BulkOperation/").count(), 5);
    let long = run(&"x".repeat(70_000));
    let refused = typed(&mut ours, &long);
    assert_eq!(refused, over_http(&mut face, &long));
    assert_eq!(refused["data"]["bulkOperationRunQuery"]["userErrors"][0]["code"], "INVALID");
    (ours.now, face.now) = (at(1_010), at(1_010));
    for search in ["sku:A", "anchor"] {
        let (expected, told) = (typed(&mut ours, &run(search)), over_http(&mut face, &run(search)));
        for part in ["message", "code"] {
            let of = |answer: &Value| match part {
                "code" => answer["errors"][0]["extensions"]["code"].clone(),
                _ => answer["errors"][0]["message"].clone(),
            };
            assert_eq!(of(&expected), of(&told), "{search}");
            assert!(of(&told).is_string(), "{search}: {told}");
        }
        assert_eq!(expected["extensions"], told["extensions"], "{search}");
    }
}

#[test]
fn only_the_document_of_our_clients_runs_without_json() {
    let mut bench = busy();
    let unescaped = orders_in_bulk("").replacen("query: \"", "query: \"\\u0069d:1", 1);
    let quoted = orders_in_bulk("\") { edges { node { id } } } }");
    for query in ["{ orders { edges { node { id } } } }", "", &*unescaped, &*quoted] {
        let told = typed(&mut bench, &Request::BulkRun(BulkRunVariables { query: query.into() }));
        assert_eq!(told["errors"][0]["extensions"]["code"], "NOT_MODELLED", "{query}: {told}");
        assert!(told["data"].is_null());
    }
}

#[test]
fn both_ways_see_one_state() {
    let mut bench = busy();
    let first = number(&typed(&mut bench, &run("")));
    let others: Vec<u64> = (0..2).map(|_| number(&over_http(&mut bench, &run("")))).collect();
    number(&typed(&mut bench, &run("")));
    number(&typed(&mut bench, &run("")));
    for told in [typed(&mut bench, &run("")), over_http(&mut bench, &run(""))] {
        let error = &told["data"]["bulkOperationRunQuery"]["userErrors"][0];
        assert_eq!(error["code"], "OPERATION_IN_PROGRESS", "{told}");
    }
    bench.now = bench.now.plus(Duration::from_secs(1));
    let mut files = Vec::new();
    for number in [first, others[0]] {
        let (mut ours, mut theirs) = (typed(&mut bench, &look(number)), over_http(&mut bench, &look(number)));
        files.push(file_of(&mut bench, &mut ours).unwrap());
        files.push(file_of(&mut bench, &mut theirs).unwrap());
    }
    assert!(files.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(files[0].lines().count(), 600);
}

#[test]
fn an_operation_sees_what_the_search_shows_when_it_is_asked_for() {
    let stamps = |bench: &mut Bench, number: u64| {
        let mut told = typed(bench, &look(number));
        file_of(bench, &mut told).map_or(0, |file| file.lines().count())
    };
    let mut bench = busy();
    bench.twin.set_search_lag(Duration::from_secs(60));
    bench.twin.checkout(us(), &basket(vec![line("A", 1, 1_000)]), at(1_000));
    let begun: Vec<u64> = [at(1_000), at(1_059), at(1_060)]
        .map(|now: Timestamp| {
            bench.now = now;
            number(&typed(&mut bench, &run("")))
        })
        .to_vec();
    bench.now = at(1_100);
    let found: Vec<usize> = begun.iter().map(|number| stamps(&mut bench, *number)).collect();
    assert_eq!(found, [600, 600, 601]);
}
