//! The least that could receive durably: a handler that checks the signature and inserts id and body, unique, into SQLite
//! with full synchronisation and a commit shared by whatever waits. What the intake is measured against.

use std::path::Path;
use std::sync::mpsc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use ring::hmac;
use rusqlite::Connection;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::load::{SECRET, base64};

struct Row {
    id: String,
    body: Bytes,
    reply: oneshot::Sender<()>,
}

#[derive(Clone)]
struct Thin {
    key: hmac::Key,
    rows: mpsc::Sender<Row>,
}

pub const FILE: &str = "thin.db";

/// Serves until it is dropped.
pub async fn serve(folder: &Path, listener: TcpListener) {
    let connection = Connection::open(folder.join(FILE)).expect("the folder is ours");
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE IF NOT EXISTS delivery (id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID",
        )
        .expect("SQLite takes it");
    let (rows, arriving) = mpsc::channel::<Row>();
    std::thread::spawn(move || write(&connection, &arriving));
    let state = Thin { key: hmac::Key::new(hmac::HMAC_SHA256, SECRET), rows };
    let router = Router::new().route("/webhooks/shopify", post(keep)).with_state(state);
    let handle = tokio::runtime::Handle::current();
    loop {
        let (stream, _) = listener.accept().await.expect("descriptors are left");
        stream.set_nodelay(true).ok();
        let service = TowerToHyperService::new(router.clone());
        handle.spawn(async move {
            let http = hyper::server::conn::http1::Builder::new();
            http.serve_connection(TokioIo::new(stream), service).await.ok();
        });
    }
}

/// How many it has kept.
pub fn rows(folder: &Path) -> u64 {
    let reader = Connection::open(folder.join(FILE)).expect("the file is there");
    let count = reader.query_row("SELECT count(*) FROM delivery", [], |row| row.get::<_, i64>(0));
    count.expect("the table is there").cast_unsigned()
}

async fn keep(State(thin): State<Thin>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let expected = base64(hmac::sign(&thin.key, &body).as_ref());
    if header("x-shopify-hmac-sha256") != expected {
        return StatusCode::UNAUTHORIZED;
    }
    let (reply, answer) = oneshot::channel();
    let id = header("x-shopify-webhook-id").to_owned();
    match thin.rows.send(Row { id, body, reply }).is_ok() && answer.await.is_ok() {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn write(connection: &Connection, arriving: &mpsc::Receiver<Row>) {
    let mut group = Vec::new();
    while let Ok(first) = arriving.recv() {
        group.push(first);
        group.extend(arriving.try_iter().take(255));
        connection.execute_batch("BEGIN").expect("SQLite works");
        for row in &group {
            connection
                .prepare_cached("INSERT INTO delivery (id, body) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
                .and_then(|mut statement| statement.execute(rusqlite::params![row.id, &row.body[..]]))
                .expect("SQLite works");
        }
        connection.execute_batch("COMMIT").expect("the disk has room");
        for row in group.drain(..) {
            row.reply.send(()).ok();
        }
    }
}
