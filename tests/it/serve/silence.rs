//! Secrets stay where they are needed: in no log, metric, message or file.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};

use super::service::{CANARIES, Service, delivery, write_configuration};
use crate::intake::{Folder, block_on, get};

/// A platform that refuses everything, and repeats in its answer whatever it was sent.
fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut asked = [0; 16_384];
            let Ok(read) = stream.read(&mut asked) else { continue };
            let text: String = String::from_utf8_lossy(&asked[..read])
                .chars()
                .map(|c| if c.is_control() || c == '"' || c == '\\' { ' ' } else { c })
                .collect();
            let body = format!(r#"{{"title":"{text}","status":401,"errors":"{text}","error":"{text}"}}"#);
            let answer = format!(
                "HTTP/1.1 401 No\r\ncontent-type: application/json\r\nx-request-id: {text}\r\n\
                 content-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(answer.as_bytes()).ok();
        }
    });
    at
}

#[test]
fn k1_no_secret_is_in_any_output_or_file() {
    for form in ["text", "json"] {
        let folder = Folder::new(&format!("serve-canary-{form}"));
        write_configuration(folder.path(), &format!("http://{}", echo()));
        let mut service = Service::start_with(folder.path(), &["--log", form]);
        assert_eq!(block_on(delivery(5001).send(service.webhooks)), 200);
        service.wait_for("a step ended");
        let (_, metrics) = block_on(get(service.watch, "/metrics"));
        service.signal("TERM");
        let (code, said) = service.ended();
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("unauthorized") || said.contains("refused"), "the refusal was told: {said}");
        for canary in CANARIES {
            assert!(!said.contains(canary), "{canary} is in the log:\n{said}");
            assert!(!metrics.contains(canary), "{canary} is in the metrics");
            assert_eq!(folder.occurrences(canary), 0, "{canary} is in a file");
        }
    }
}
