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
fn k1_no_secret_is_shown_in_the_configuration() {
    let shown = format!("{:?}", config());
    assert!(!shown.contains("hush"), "{shown}");
}

#[cfg(unix)]
#[test]
fn a_signal_asks_to_stop() {
    block_on(async {
        // The handler stands from here on, whether or not anybody waits yet.
        let asked = plimsoll::runtime::stop_asked().unwrap();
        let own = std::process::id().to_string();
        let sent = std::process::Command::new("kill").args(["-TERM", &own]).status().unwrap();
        assert!(sent.success());
        asked.await;
    });
}

/// A secret planted in the configuration, and its base64 and hex, in nothing that the intake keeps or says: the files
/// of the store, the metrics, the exceptions, what was set aside, the answers.
#[test]
fn k1_a_planted_secret_is_in_no_output_of_the_intake() {
    const CANARY: &[u8] = b"canary-7f3a9c-signing-secret";
    let folder = super::Folder::new("canary");
    block_on(async {
        let config = config();
        config.shops[0].keys.rotate(CANARY, super::later());
        let shown = format!("{config:?}");
        let store = plimsoll::store::FileStore::open(&folder.store()).unwrap();
        let house = House::open(config, store).await;
        let genuine = Post::order(1).signed_with(CANARY);
        let contradiction = Post { body: b"{".to_vec(), ..genuine.clone() }.signed_with(CANARY);
        let unknown = Post::new("products/update", "{}").signed_with(CANARY);
        let mut said = vec![shown];
        for post in [genuine, contradiction, unknown, Post::order(2).signed_with(b"forged")] {
            said.push(super::exchange(house.at, &post.bytes()).await.1);
        }
        for path in ["/metrics", "/readyz", "/healthz"] {
            said.push(get(house.watch, path).await.1);
        }
        said.push(format!(
            "{:?}",
            plimsoll::ports::Store::open_exceptions(&house.store, super::merchant()).await
        ));
        said.push(format!("{:?}", house.aside().await));
        assert_eq!(house.aside().await.len(), 2);
        let hex: String = CANARY.iter().map(|byte| format!("{byte:02x}")).collect();
        for canary in ["canary-7f3a9c".to_owned(), super::base64(CANARY), hex] {
            for text in &said {
                assert!(!text.contains(&canary), "{text}");
            }
            assert_eq!(folder.occurrences(&canary), 0, "{canary}");
        }
    });
}

/// What stands in the arguments of a process can be read by everybody on the machine.
#[test]
fn k1_no_argument_of_the_program_takes_a_secret() {
    use clap::CommandFactory;
    let mut commands = vec![plimsoll::cli::args::Arguments::command()];
    let mut seen = 0;
    while let Some(command) = commands.pop() {
        for argument in command.get_arguments() {
            seen += 1;
            let name = argument.get_id().as_str();
            let hints = ["secret", "token", "password", "credential", "api_key"];
            assert!(!hints.iter().any(|hint| name.contains(hint)), "{} {name}", command.get_name());
        }
        commands.extend(command.get_subcommands().cloned());
    }
    assert!(seen > 10);
}
