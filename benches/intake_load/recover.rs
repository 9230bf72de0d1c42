//! How soon the intake acknowledges again after its process was killed with a million hints pending.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::path::Path;
use std::time::{Duration, Instant};

use plimsoll::domain::{Flow, Lane, Timestamp};
use plimsoll::ports::store::{Cause, Hint};
use plimsoll::ports::{Entity, Store};
use plimsoll::store::FileStore;
use tokio::net::TcpStream;

use super::{SECRET, Shape, read_answer, write_all};
use crate::Server;

pub const PENDING: u64 = 1_000_000;

/// Orders that wait, far from those that senders name.
fn hint(record: u64) -> Hint {
    let merchant = "acme".parse().expect("it is a key");
    let shop = "fr".parse().expect("it is a key");
    let entity = Entity { merchant, shop, flow: Flow::Order, record: (1 << 40) + record };
    Hint { entity, lane: Lane::Orders, version: Timestamp::ORIGIN, cause: Cause::Delivery }
}

async fn fill(folder: &Path) {
    let store = FileStore::open(&folder.join(crate::FILE)).expect("the folder is ours");
    for batch in 0..PENDING / 10_000 {
        let hints: Vec<_> = (1..=10_000).map(|n| hint(batch * 10_000 + n)).collect();
        store.record(&hints, None, Timestamp::ORIGIN).await.expect("the disk has room");
    }
}

/// From the kill, in the middle of deliveries, to the first acknowledgement of the process that follows: its start, the
/// opening of the store and the commit are in it.
pub async fn run(folder: &Path, times: u64) -> Vec<Duration> {
    fill(folder).await;
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, SECRET);
    let mut recoveries = Vec::new();
    let mut server = Server::start("ours", folder);
    for round in 1..=times {
        let load = super::load(server.at, Shape::Webhook, 16, Duration::from_secs(1), round << 24);
        assert!(load.await.acknowledged > 0);
        let request = Shape::Webhook.request(round << 24 | 1 << 23, &key);
        // One delivery is under way when it is killed.
        let stream = TcpStream::connect(server.at).await.expect("the server listens");
        write_all(&stream, request.as_bytes()).await.ok();
        let began = Instant::now();
        server.kill();
        server = Server::start("ours", folder);
        let stream = TcpStream::connect(server.at).await.expect("the server listens");
        write_all(&stream, request.as_bytes()).await.expect("the server is there");
        let status = read_answer(&stream).await.expect("the server is there");
        assert_eq!(status, 200);
        recoveries.push(began.elapsed());
    }
    recoveries.sort_unstable();
    recoveries
}
