//! What is seen from outside, and a stop in good order.

use tokio::net::TcpStream;

use super::house::Moody;
use super::{House, Post, Wire, block_on, config, get, read_answer, with_house};

#[test]
fn metrics_tell_deliveries_by_result_depth_by_lane_and_commit_latency() {
    with_house("metrics", async |house| {
        let post = Post::order(1);
        for _ in 0..2 {
            assert_eq!(post.send(house.at).await, 200);
        }
        let refund = r#"{"id":9,"order_id":3,"created_at":"2026-11-27T09:00:00+01:00"}"#;
        assert_eq!(Post::new("refunds/create", refund).send(house.at).await, 200);
        assert_eq!(post.signed_with(b"x").send(house.at).await, 401);
        let (status, text) = get(house.watch, "/metrics").await;
        assert_eq!(status, 200);
        assert!(text.contains("content-type: text/plain; version=0.0.4"), "{text}");
        for line in [
            r#"plimsoll_intake_deliveries_total{result="kept"} 2"#,
            r#"plimsoll_intake_deliveries_total{result="repeated"} 1"#,
            r#"plimsoll_intake_deliveries_total{result="bad-signature"} 1"#,
            r#"plimsoll_queue_depth{lane="orders"} 1"#,
            r#"plimsoll_queue_depth{lane="refunds"} 1"#,
            r#"plimsoll_queue_depth{lane="stock"} 0"#,
            r#"plimsoll_intake_commit_seconds_bucket{le="+Inf"} 3"#,
            "plimsoll_intake_commit_seconds_count 3",
        ] {
            assert!(text.lines().any(|known| known == line), "{line} is not in\n{text}");
        }
        assert_eq!(get(house.watch, "/webhooks/shopify").await.0, 404);
        assert_eq!(get(house.at, "/metrics").await.0, 404, "nor do strangers see them");
    });
}

#[test]
fn a_stop_answers_what_is_under_way_and_accepts_no_more() {
    block_on(async {
        let store = Moody::new(0);
        let mut house = House::open(config(), store.clone()).await;
        let mut waiting = TcpStream::connect(house.at).await.unwrap();
        waiting.write_all(&Post::order(1).bytes()).await.unwrap();
        let mut idle = TcpStream::connect(house.at).await.unwrap();
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        let at = house.at;
        house.ask_to_stop();
        while TcpStream::connect(at).await.is_ok() {
            tokio::task::yield_now().await;
        }
        store.gate.add_permits(1);
        assert_eq!(read_answer(&mut waiting).await.0, 200);
        assert_eq!(read_answer(&mut idle).await.0, 0);
        let store = house.close().await;
        assert_eq!(store.kept.lock().unwrap().len(), 1);
    });
}

#[test]
fn a_configuration_without_shops_or_path_is_refused() {
    block_on(async {
        for spoil in [
            (|config: &mut plimsoll::intake::Config| config.shops.clear()) as fn(&mut _),
            |config| config.path = "webhooks".into(),
            |config| config.path = "/{any}".into(),
        ] {
            let mut config = config();
            spoil(&mut config);
            let listen = || tokio::net::TcpListener::bind("127.0.0.1:0");
            let listeners = plimsoll::intake::Listeners {
                deliveries: listen().await.unwrap(),
                watch: listen().await.unwrap(),
            };
            let runtime =
                plimsoll::runtime::tokio::TokioRuntime::on_wall_clock(tokio::runtime::Handle::current());
            let store = Moody::new(0);
            let served =
                plimsoll::intake::serve(config, listeners, store, runtime, Default::default(), async {});
            assert!(served.await.is_err());
        }
    });
}

#[test]
fn no_secret_is_shown_in_the_configuration() {
    let shown = format!("{:?}", config());
    assert!(!shown.contains("hush"), "{shown}");
}

#[cfg(unix)]
#[test]
fn a_signal_asks_to_stop() {
    block_on(async {
        let asked = plimsoll::runtime::stop_asked();
        let signalled = async {
            // The handler stands once the future was polled.
            tokio::task::yield_now().await;
            let own = std::process::id().to_string();
            let sent = std::process::Command::new("kill").args(["-TERM", &own]).status().unwrap();
            assert!(sent.success());
        };
        let (asked, ()) = tokio::join!(asked, signalled);
        asked.unwrap();
    });
}
