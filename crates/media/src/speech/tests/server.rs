//! A speech server for tests, of this crate and of the binary.

use std::io::{Read, Write};

use serde_json::Value;

/// A server that answers each call with what `answer` makes of its body, for as long as the test lives.
pub fn speech_server(answer: impl Fn(&Value) -> (u16, Vec<u8>) + Send + 'static) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    std::thread::spawn(move || {
        for line in listener.incoming() {
            let Ok(mut line) = line else { return };
            let (mut got, mut part) = (Vec::new(), [0u8; 4_096]);
            // Whoever only looks whether we listen hangs up again.
            while let Ok(n) = line.read(&mut part) {
                got.extend_from_slice(&part[..n]);
                let text = String::from_utf8_lossy(&got).into_owned();
                let Some((head, body)) = text.split_once("\r\n\r\n") else {
                    if n == 0 {
                        break;
                    }
                    continue;
                };
                if let Ok(asked) = serde_json::from_str(body) {
                    assert!(head.starts_with("POST /v1/audio/speech HTTP/1.1\r\n"), "{head}");
                    let (status, body) = answer(&asked);
                    let _ = write!(line, "HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n", body.len());
                    let _ = line.write_all(&body);
                    break;
                }
            }
        }
    });
    url
}
