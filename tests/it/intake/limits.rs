//! Bodies too large, peers too slow, too many of them, and a store that cannot keep up: attacks W7 to W10.

use std::net::SocketAddr;

use plimsoll::domain::Duration;
use plimsoll::intake::metrics::DeliveryResult;
use plimsoll::store::FileStore;
use tokio::net::TcpStream;

use super::house::Moody;
use super::{Folder, House, Post, SECRET, Wire, block_on, config, exchange, read_answer, sign, with_config};

const BODY_MAX: usize = 64 << 10;

fn small() -> plimsoll::intake::Config {
    let mut config = config();
    config.limits.body_bytes_max = BODY_MAX;
    config.limits.headers_within = Duration::from_millis(400);
    config.limits.body_within = Duration::from_millis(400);
    config
}

/// Connects and sends the beginning of something.
async fn begin(at: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(at).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream
}

/// Whether the peer closes the connection without an answer to it.
async fn is_closed(stream: &mut TcpStream) -> bool {
    let mut rest = Vec::new();
    let ended = stream.read_to_end(&mut rest).await;
    ended.is_err() || rest.is_empty() || rest.starts_with(b"HTTP/1.1 408")
}

#[test]
fn w7_a_body_over_the_limit_is_refused_before_it_is_read_or_at_the_cap() {
    with_config("large", small(), async |house| {
        let head = Post::order(1).head();
        let declared = format!("{head}content-length: {}\r\n\r\n", BODY_MAX + 1);
        assert_eq!(exchange(house.at, declared.as_bytes()).await.0, 413, "not a byte of the body was sent");
        let absurd = format!("{head}content-length: 18446744073709551615\r\n\r\n");
        let status = exchange(house.at, absurd.as_bytes()).await.0;
        assert!((400..500).contains(&status), "{status}");
        let chunk = format!("{:x}\r\n{}\r\n", 4_096, "x".repeat(4_096));
        let endless =
            format!("{head}transfer-encoding: chunked\r\n\r\n{}", chunk.repeat(BODY_MAX / 4_096 + 1));
        assert_eq!(exchange(house.at, endless.as_bytes()).await.0, 413, "chunked without end");
        let full = vec![b' '; BODY_MAX];
        assert_eq!(Post::new("orders/updated", full).send(house.at).await, 200, "at the limit it is read");
        assert_eq!(house.due().await, 0);
    });
}

#[test]
fn a_chunked_body_is_read_like_any_other() {
    with_config("chunked", small(), async |house| {
        let post = Post::order(5_001);
        let (first, second) = post.body.split_at(10);
        let mut bytes = format!("{}transfer-encoding: chunked\r\n\r\n", post.head()).into_bytes();
        for piece in [first, second, &[]] {
            bytes.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
            bytes.extend_from_slice(piece);
            bytes.extend_from_slice(b"\r\n");
        }
        assert_eq!(exchange(house.at, &bytes).await.0, 200);
        assert_eq!(house.due().await, 1);
    });
}

#[test]
fn w7_lengths_that_contradict_each_other_or_the_body_are_refused() {
    with_config("smuggling", small(), async |house| {
        let post = Post::order(5_001);
        let (head, length) = (post.head(), post.body.len());
        let body = String::from_utf8(post.body.clone()).unwrap();
        let forms = [
            format!("{head}content-length: {length}\r\ncontent-length: {}\r\n\r\n{body}", length + 1),
            format!("{head}content-length: {length}, {}\r\n\r\n{body}", length + 1),
            format!("{head}content-length: +{length}\r\n\r\n{body}"),
            format!("{head}content-length: -1\r\n\r\n{body}"),
            format!("{head}content-length: {length}\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
            format!("{head}transfer-encoding: gzip\r\n\r\n{body}"),
            format!("{head}transfer-encoding: chunked\r\n\r\nzz\r\n{body}"),
        ];
        for form in forms {
            let status = exchange(house.at, form.as_bytes()).await.0;
            assert!((400..500).contains(&status), "{status}: {form}");
        }
        let short = format!("{head}content-length: {}\r\n\r\n{body}", length - 1);
        assert_eq!(exchange(house.at, short.as_bytes()).await.0, 401, "what is cut off was signed");
        let long = format!("{head}content-length: {}\r\n\r\n{body}", length + 1);
        assert_eq!(exchange(house.at, long.as_bytes()).await.0, 408, "the last byte never comes");
        assert_eq!(house.due().await, 0);
    });
}

#[test]
fn w8_slow_peers_are_shown_out_while_others_are_served() {
    with_config("slow", small(), async |house| {
        let post = Post::order(1);
        let mut slow = Vec::new();
        for _ in 0..100 {
            // Headers that never end, a body that never ends, nothing at all, and a kept connection without
            // a next request.
            slow.push(begin(house.at, b"POST /webhooks/shopify HTTP/1.1\r\nhost: a\r\nx-").await);
            slow.push(
                begin(house.at, format!("{}content-length: 100\r\n\r\n{{", post.head()).as_bytes()).await,
            );
            slow.push(begin(house.at, b"").await);
        }
        let mut kept = begin(house.at, &post.bytes()).await;
        assert_eq!(read_answer(&mut kept).await.0, 200);
        slow.push(kept);
        for id in 2..50 {
            assert_eq!(Post::order(id).send(house.at).await, 200);
        }
        for stream in &mut slow {
            assert!(is_closed(stream).await);
        }
        assert_eq!(house.due().await, 49);
        assert_eq!(house.metrics.count(DeliveryResult::TooSlow), 100);
    });
}

#[test]
fn w8_connections_beyond_the_cap_are_closed_at_once_and_a_freed_place_is_taken() {
    for per_address in [false, true] {
        let mut config = small();
        let cap = if per_address {
            &mut config.limits.connections_per_address_max
        } else {
            &mut config.limits.connections_max
        };
        *cap = 2;
        config.limits.headers_within = Duration::from_secs(60);
        with_config(&format!("cap-{per_address}"), config, async |house| {
            let mut held = Vec::new();
            for id in 1..=2 {
                let mut stream = begin(house.at, &Post::order(id).bytes()).await;
                assert_eq!(read_answer(&mut stream).await.0, 200);
                held.push(stream);
            }
            let mut third = TcpStream::connect(house.at).await.unwrap();
            assert!(is_closed(&mut third).await);
            assert_eq!(super::get(house.watch, "/healthz").await.0, 200, "who watches has places of its own");
            let mut kept = held.pop().unwrap();
            kept.write_all(&Post::order(3).bytes()).await.unwrap();
            assert_eq!(read_answer(&mut kept).await.0, 200, "those that are open are served");
            drop(kept);
            // The place is free once the server has seen the end of the connection.
            while Post::order(4).send(house.at).await != 200 {
                tokio::task::yield_now().await;
            }
            assert_eq!(house.due().await, 4);
        });
    }
}

#[test]
fn w7_large_bodies_of_strangers_share_a_bounded_memory_and_small_ones_need_none() {
    let mut config = small();
    config.limits.buffered_bytes_max = BODY_MAX;
    config.limits.body_within = Duration::from_secs(60);
    with_config("memory", config, async |house| {
        let (forged, piece) = (Post::order(1), "x".repeat(BODY_MAX - 1));
        let bytes = format!("{}content-length: {BODY_MAX}\r\n\r\n{piece}", forged.head());
        let mut hogs = [begin(house.at, bytes.as_bytes()).await, begin(house.at, bytes.as_bytes()).await];
        // One of the two found no room; the other still waits for its last byte.
        let (one, other) = hogs.split_at_mut(1);
        let refused = tokio::select! {
            biased;
            answer = read_answer(&mut one[0]) => answer,
            answer = read_answer(&mut other[0]) => answer,
        };
        assert_eq!(refused.0, 503);
        assert!(refused.1.to_ascii_lowercase().contains("retry-after: 1"));
        assert_eq!(Post::order(2).send(house.at).await, 200);
    });
}

#[test]
fn w9_a_full_queue_is_answered_503_and_forgeries_take_no_place_in_it() {
    let mut config = small();
    config.limits.commits_waiting_max = 2;
    block_on(async {
        let store = Moody::new(0);
        let house = House::open(config, store.clone()).await;
        let mut waiting = Vec::new();
        for id in 1..=2 {
            waiting.push(begin(house.at, &Post::order(id).bytes()).await);
        }
        let (status, text) = loop {
            // The two are on their way; until they have arrived there is a place, and this one would wait.
            let mut third = begin(house.at, &Post::order(3).bytes()).await;
            tokio::select! {
                biased;
                answer = read_answer(&mut third) => break answer,
                () = async { for _ in 0..1_000 { tokio::task::yield_now().await } } => {}
            }
        };
        assert_eq!(status, 503);
        assert!(text.to_ascii_lowercase().contains("retry-after: 1"), "{text}");
        for _ in 0..50 {
            assert_eq!(Post::order(4).signed_with(b"forged").send(house.at).await, 401);
        }
        store.gate.add_permits(100);
        for mut stream in waiting {
            assert_eq!(read_answer(&mut stream).await.0, 200);
        }
        assert_eq!(Post::order(5).send(house.at).await, 200);
    });
}

#[test]
fn w9_a_delivery_is_acknowledged_only_after_its_commit() {
    block_on(async {
        let store = Moody::new(0);
        let house = House::open(small(), store.clone()).await;
        let mut waiting = begin(house.at, &Post::order(1).bytes()).await;
        let early = tokio::select! {
            biased;
            answer = read_answer(&mut waiting) => Some(answer),
            () = async { for _ in 0..10_000 { tokio::task::yield_now().await } } => None,
        };
        assert_eq!(early, None);
        assert!(store.kept.lock().unwrap().is_empty());
        store.gate.add_permits(1);
        assert_eq!(read_answer(&mut waiting).await.0, 200);
        assert_eq!(store.kept.lock().unwrap().len(), 1);
    });
}

#[test]
fn w10_a_store_that_fails_is_answered_503_and_shown_as_not_ready_until_it_works() {
    block_on(async {
        let store = Moody::new(100);
        let house = House::open(small(), store.clone()).await;
        assert_eq!(super::get(house.watch, "/readyz").await.0, 200);
        store.fail(true);
        let unreadable = Post::new("orders/updated", "{");
        assert_eq!(Post::order(1).send(house.at).await, 503);
        assert_eq!(unreadable.send(house.at).await, 503, "nor is what cannot be set aside");
        assert_eq!(super::get(house.watch, "/readyz").await.0, 503);
        assert_eq!(super::get(house.watch, "/healthz").await.0, 200);
        store.fail(false);
        assert_eq!(Post::order(1).send(house.at).await, 200);
        assert_eq!(super::get(house.watch, "/readyz").await.0, 200);
        assert_eq!(house.metrics.count(DeliveryResult::StoreFailed), 2);
    });
}

/// Another process, such as a repair by hand, holds the database for longer than SQLite waits.
#[test]
fn w10_a_locked_database_is_answered_503_and_nothing_is_lost() {
    let folder = Folder::new("locked");
    block_on(async {
        let house = House::open(config(), FileStore::open(&folder.store()).unwrap()).await;
        assert_eq!(Post::order(1).send(house.at).await, 200);
        let other = rusqlite::Connection::open(folder.store()).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let post = Post::order(2);
        assert_eq!(post.send(house.at).await, 503);
        other.execute_batch("ROLLBACK").unwrap();
        assert_eq!(post.send(house.at).await, 200);
        assert_eq!(house.due().await, 2);
    });
}

#[test]
fn w9_forgeries_are_refused_in_any_number_and_leave_nothing() {
    with_config("flood", small(), async |house| {
        let signature = sign(b"forged", &Post::order(1).body);
        let forged = Post::order(1).with("x-shopify-hmac-sha256", &signature).bytes();
        let mut stream = TcpStream::connect(house.at).await.unwrap();
        for _ in 0..2_000 {
            stream.write_all(&forged).await.unwrap();
            assert_eq!(read_answer(&mut stream).await.0, 401);
        }
        assert_eq!(Post::order(2).signed_with(SECRET).send(house.at).await, 200);
        assert_eq!((house.due().await, house.aside().await.len()), (1, 0));
    });
}

/// A megabyte of zeros packs into a kilobyte: nothing is unpacked, so nothing grows. Shopify sends none packed.
#[test]
fn w7_a_packed_body_is_refused_by_its_header() {
    with_config("packed", small(), async |house| {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut packer, &vec![0; 1 << 20]).unwrap();
        let bomb = Post::new("orders/updated", packer.finish().unwrap());
        for packing in ["gzip", "deflate", "br", "zstd", "identity"] {
            assert_eq!(bomb.clone().and("content-encoding", packing).send(house.at).await, 415, "{packing}");
        }
        assert_eq!(house.metrics.count(DeliveryResult::BadType), 5);
        assert_eq!((house.due().await, house.aside().await.len()), (0, 0));
    });
}

/// TLS ends at the ingress: who begins a handshake here, and goes on or not, is shown out.
#[test]
fn w8_half_a_tls_handshake_is_shown_out() {
    with_config("handshake", small(), async |house| {
        let hello =
            [&[0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03][..], &[7; 64]].concat();
        let mut stream = begin(house.at, &hello).await;
        let answer = read_answer(&mut stream).await;
        assert!(matches!(answer.0, 0 | 400 | 408), "{answer:?}");
        assert_eq!(Post::order(1).send(house.at).await, 200);
    });
}

#[test]
fn w8_the_usual_bounds_are_tight() {
    let limits = plimsoll::intake::Limits::default();
    assert!(limits.headers_within <= Duration::from_secs(5) && limits.body_within <= Duration::from_secs(10));
    assert!(limits.body_bytes_max <= 8 << 20 && limits.buffered_bytes_max <= 32 << 20);
}
