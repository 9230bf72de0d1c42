//! Both twins in this process: ports, webhooks as they leave, and the control port.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use plimsoll::platforms::base64;
use plimsoll::scenario::Scenario;
use plimsoll::scenario::built_in;
use plimsoll::sim::live::keys::Keys;
use plimsoll::sim::live::{Live, Setup};
use ring::hmac;
use serde_json::{Value, json};

const SEED: [u8; 32] = [3; 32];

fn setup(scenario: Scenario, port: u16, ingress: Option<&str>) -> Setup {
    Setup {
        scenario,
        seed: 1,
        speed: 600,
        keys: Keys::from_seed(&SEED),
        port,
        ingress: ingress.map(|url| url.parse().unwrap()),
        statements: None,
        virtual_door: false,
        tls: None,
    }
}

/// Where webhooks go that nobody waits for.
const NOBODY: Option<&str> = Some("http://127.0.0.1:9");

fn asked(address: std::net::SocketAddr, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let mut stream = TcpStream::connect(address).unwrap();
    let body = body.to_string();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), serde_json::from_str(body).unwrap_or_default())
}

#[test]
fn a_port_that_is_taken_is_passed_over_and_that_is_said() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let live = Live::open(setup(built_in::bad_friday(), port, NOBODY)).unwrap();
    let addresses = live.addresses.clone();
    assert!(addresses.moved);
    let mut ports = vec![port, addresses.control.port(), addresses.netsuite.port()];
    ports.extend(addresses.shops.iter().map(|(_, _, at)| at.port()));
    let all = ports.len();
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports.len(), all, "each has a port of its own: {addresses:?}");
    live.close();
    let again = TcpListener::bind(addresses.control);
    assert!(again.is_ok(), "a port is free when its twin is gone: {again:?}");
}

/// Receives one delivery and acknowledges it: its headers in lower case, and its body.
fn one_delivery(receiver: &TcpListener) -> (Vec<String>, Vec<u8>) {
    let (stream, _) = receiver.accept().unwrap();
    let mut reader = BufReader::new(stream);
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.trim_end() {
            "" => break,
            line => headers.push(line.to_owned()),
        }
    }
    let length = header(&headers, "content-length").parse().unwrap();
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
    (headers, body)
}

fn header(headers: &[String], name: &str) -> String {
    let found = headers
        .iter()
        .filter_map(|line| line.split_once(": "))
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.unwrap_or_else(|| panic!("{name} in {headers:?}")).1.to_owned()
}

#[test]
fn webhooks_leave_signed_with_the_secret_of_their_shop() {
    let receiver = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", receiver.local_addr().unwrap());
    let live = Live::open(setup(built_in::bad_friday(), 0, Some(&url))).unwrap();
    live.ask(|host| host.subscribe("https://shop.example/hooks")).unwrap().unwrap();
    let (done, came) = mpsc::channel();
    thread::spawn(move || done.send(one_delivery(&receiver)));
    let (headers, body) = came.recv_timeout(Duration::from_secs(30)).unwrap();
    assert_eq!(headers[0], "POST /hooks HTTP/1.1");
    let domain = header(&headers, "x-shopify-shop-domain");
    let (key, _, _) = live.addresses.shops.iter().find(|(_, known, _)| **known == *domain).unwrap();
    let secret = Keys::from_seed(&SEED).app(*key).client_secret;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    assert_eq!(header(&headers, "x-shopify-hmac-sha256"), base64::standard(hmac::sign(&key, &body).as_ref()));
    assert!(header(&headers, "x-shopify-topic").contains('/'));
    live.close();
}

#[test]
fn a_judgement_on_the_way_leaves_the_last_one_as_it_was() {
    let live = Live::open(setup(built_in::bad_friday(), 0, NOBODY)).unwrap();
    let control = live.addresses.control;
    let (status, _) = asked(control, "POST", "/advance", &json!({ "seconds": 7_200 }));
    assert_eq!(status, 200);
    let rows = |found: &[plimsoll::sim::live::document::InvariantRow]| -> Vec<(u64, u64)> {
        found.iter().map(|row| (row.checked, row.broken)).collect()
    };
    let (before, first, after, second) = live
        .ask(move |host| {
            let before = rows(&host.document(false).invariants);
            let first = rows(&host.document(true).invariants);
            let after = rows(&host.document(false).invariants);
            (before, first, after, rows(&host.document(true).invariants))
        })
        .unwrap();
    assert_eq!(before, after);
    assert_eq!(first, second);
    assert_ne!(before, first, "what nobody booked is only found when everything is compared");
    let (status, last) = asked(control, "POST", "/finish", &Value::Null);
    assert_eq!((status, &last["verdict"], &last["audited"]), (200, &json!("broken"), &json!(true)));
    let (_, again) = asked(control, "GET", "/verdict", &Value::Null);
    assert_eq!(again["invariants"], last["invariants"], "after the last word nothing changes");
    live.close();
}

#[test]
fn exceptions_of_an_integration_are_taken_whole_or_refused_with_their_place() {
    let live = Live::open(setup(built_in::bad_friday(), 0, NOBODY)).unwrap();
    let control = live.addresses.control;
    let exception = json!({
        "shop": "uk", "flow": "order", "record": 5_400_000_032_768_u64, "code": "reference-rejected",
        "owner": "merchandising", "raised-at": "2026-11-27T09:05:00Z", "deadline": "2026-11-27T17:00:00Z",
        "at-risk": "76.88 GBP",
    });
    let (status, said) = asked(control, "POST", "/exceptions", &json!([exception]));
    assert_eq!((status, said), (200, json!({ "open": 1 })));
    for (field, value, named) in [
        ("code", "lost", "`code`"),
        ("flow", "sales", "`flow`"),
        ("at-risk", "much", "`at-risk`"),
        ("deadline", "soon", "`deadline`"),
    ] {
        let mut wrong = exception.clone();
        wrong[field] = json!(value);
        let (status, said) = asked(control, "POST", "/exceptions", &json!([exception, wrong]));
        let said = said["error"].as_str().unwrap().to_owned();
        assert!(status == 400 && said.starts_with("exception 1: ") && said.contains(named), "{said}");
    }
    let (_, verdict) = asked(control, "GET", "/verdict", &Value::Null);
    assert_eq!(verdict["exceptions_reported"], 1, "what was refused has changed nothing");
    let (status, _) = asked(control, "POST", "/speed", &json!({ "speed": 0 }));
    assert_eq!(status, 400);
    assert_eq!(asked(control, "GET", "/nothing", &Value::Null).0, 404);
    live.close();
}
