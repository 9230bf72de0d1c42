//! The handshake. The certificate beside this file was made for these tests and is trusted by nobody else.

use std::sync::Arc;

use plimsoll::platforms::https::{Failure, Outgoing};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::*;

const CERTIFICATE: &[u8] = include_bytes!("tls_for_tests.crt");
const KEY: &[u8] = include_bytes!("tls_for_tests.key");

fn certificate() -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(CERTIFICATE).unwrap()
}

/// Answers each request on a connection of its own.
fn tls_server() -> u16 {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let tls = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(tls, connection.unwrap());
            let mut head = [0; 4096];
            // A client that does not trust us hangs up here.
            if stream.read(&mut head).is_ok() {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").unwrap();
                stream.conn.send_close_notify();
                drop(stream.flush());
            }
        }
    });
    port
}

#[test]
fn only_a_server_that_is_trusted_by_its_name_is_spoken_to() {
    block_on(async {
        let port = tls_server();
        let exchange = async |roots: RootCertStore, host: &str| {
            let endpoint: Endpoint = format!("https://{host}:{port}").parse().unwrap();
            let request = Outgoing::new(hyper::Method::GET, &endpoint, "/", String::new());
            let limits = Limits { answer: Duration::from_secs(20), ..Limits::default() };
            let answer = Https::trusting(roots, limits).exchange(&SetClock::new(), request).await;
            answer.map(|answer| (answer.status, answer.text(&[])))
        };
        let trusting = || {
            let mut roots = RootCertStore::empty();
            roots.add(certificate()).unwrap();
            roots
        };
        assert_eq!(exchange(trusting(), "127.0.0.1").await, Ok((200, "ok".to_owned())));
        for (roots, host) in [(RootCertStore::empty(), "127.0.0.1"), (trusting(), "localhost")] {
            let refused = exchange(roots, host).await.unwrap_err();
            assert!(matches!(&refused, Failure::NotSent { .. }), "{refused:?}");
        }
    });
}
