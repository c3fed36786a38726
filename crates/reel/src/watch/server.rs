//! The server of the page: on this machine only, fixed routes, files by their address alone.
//!
//! # Invariants
//! - It listens on 127.0.0.1 and answers only who asked for it by such a name: a web site whose name was made to lead here
//!   (DNS rebinding) is refused by its Host header.
//! - No part of a URL reaches the file system: a name is looked up among those that were offered.
//! - Nothing can be changed through it.

use std::convert::Infallible;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response, Sse, sse},
    routing::get,
};
use futures_util::stream;

use super::{desk::Desk, page};
use crate::failure::Failure;

/// What the page may load: from here alone.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// Bytes that are read at a time.
const PART: u64 = 256 * 1024;
/// Ports that are tried after the one that was asked for.
const NEXT: u16 = 9;

/// A server that runs until the runtime ends.
pub struct Server {
    /// Where it listens.
    pub port: u16,
    /// Whether the port that was asked for was taken.
    pub moved: bool,
}

impl Server {
    /// Starts it on `port`, or near it when that is taken.
    pub fn start(runtime: &tokio::runtime::Runtime, desk: &Arc<Desk>, port: u16) -> Result<Self, Failure> {
        let near = (port..=port.saturating_add(NEXT)).chain([0]);
        let failed = |e: std::io::Error| {
            Failure::usage(format!("no port of 127.0.0.1 can be listened on: {e}"), "give another with --port, or allow it")
        };
        let mut found = Err(std::io::Error::other("none was tried"));
        for port in near {
            found = TcpListener::bind((Ipv4Addr::LOCALHOST, port));
            if found.is_ok() {
                break;
            }
        }
        let listener = found.map_err(failed)?;
        let at = listener.local_addr().map_err(failed)?.port();
        listener.set_nonblocking(true).map_err(failed)?;
        let app = router(Arc::clone(desk), at);
        runtime.spawn(async move {
            if let Ok(listener) = tokio::net::TcpListener::from_std(listener) {
                let _ = axum::serve(listener, app).await;
            }
        });
        Ok(Self { port: at, moved: port != 0 && at != port })
    }

    /// The page's address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }
}

fn router(desk: Arc<Desk>, port: u16) -> Router {
    let hosts: Arc<[String]> = ["127.0.0.1", "localhost"].map(|host| format!("{host}:{port}")).into();
    let fixed = |kind: &'static str, text: &'static str| get(move || async move { ([(header::CONTENT_TYPE, kind)], text) });
    Router::new()
        .route("/", get(whole))
        .route("/board", get(board))
        .route("/events", get(events))
        .route("/file/{name}", get(file))
        .route("/page.css", fixed("text/css; charset=utf-8", include_str!("page.css")))
        .route("/page.js", fixed("text/javascript; charset=utf-8", include_str!("page.js")))
        .with_state(desk)
        .layer(from_fn_with_state(hosts, guard))
}

/// Refuses who came by another name, and says to every answer what a browser may do with it.
async fn guard(State(hosts): State<Arc<[String]>>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|h| h.to_str().ok());
    let known = host.is_some_and(|host| hosts.iter().any(|known| known.eq_ignore_ascii_case(host)));
    let mut response = if known {
        next.run(request).await
    } else {
        (StatusCode::MISDIRECTED_REQUEST, "this page is only shown under 127.0.0.1\n").into_response()
    };
    let headers = response.headers_mut();
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", POLICY),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-frame-options", "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn html(text: String) -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response()
}

async fn whole(State(desk): State<Arc<Desk>>) -> Response {
    html(page::whole(&desk.now()))
}

async fn board(State(desk): State<Arc<Desk>>) -> Response {
    html(page::board(&desk.now()).into_string())
}

/// How it stands, now and whenever that changes.
async fn events(State(desk): State<Arc<Desk>>) -> Response {
    let mut bell = desk.bell();
    bell.mark_changed();
    let told = stream::unfold((desk, bell), |(desk, mut bell)| async move {
        bell.changed().await.ok()?;
        let event = sse::Event::default().data(desk.now().event().to_string());
        Some((Ok::<_, Infallible>(event), (desk, bell)))
    });
    Sse::new(told).keep_alive(sse::KeepAlive::default()).into_response()
}

/// A file that was offered, or the part of it that is asked for.
async fn file(State(desk): State<Arc<Desk>>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(offered) = desk.file(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let opened = tokio::task::spawn_blocking(move || File::open(offered.path).and_then(|f| f.metadata().map(|m| (f, m.len())))).await;
    let Ok(Ok((file, length))) = opened else { return StatusCode::NOT_FOUND.into_response() };
    let mut out = HeaderMap::new();
    let mut say = |name, value: String| HeaderValue::from_str(&value).map(|value| out.insert(name, value));
    let range = headers.get(header::RANGE).and_then(|r| r.to_str().ok()).and_then(|r| part(r, length));
    let (status, from, count) = match range {
        None => (StatusCode::OK, 0, length),
        Some(Some((from, to))) => {
            let _ = say(header::CONTENT_RANGE, format!("bytes {from}-{to}/{length}"));
            (StatusCode::PARTIAL_CONTENT, from, to + 1 - from)
        }
        Some(None) => {
            let _ = say(header::CONTENT_RANGE, format!("bytes */{length}"));
            return (StatusCode::RANGE_NOT_SATISFIABLE, out).into_response();
        }
    };
    let _ = say(header::CONTENT_TYPE, offered.kind.to_owned());
    let _ = say(header::CONTENT_LENGTH, count.to_string());
    let _ = say(header::ACCEPT_RANGES, "bytes".to_owned());
    // The name is the content's address: it can never mean other bytes.
    let _ = say(header::CACHE_CONTROL, "private, max-age=31536000, immutable".to_owned());
    (status, out, Body::from_stream(parts(file, from, count))).into_response()
}

/// The bytes of a file from a place on, read as they are asked for.
fn parts(file: File, from: u64, count: u64) -> impl stream::Stream<Item = std::io::Result<Bytes>> + Send {
    stream::unfold(Some((file, from, count)), |state| async move {
        let (mut file, from, left) = state.filter(|(_, _, left)| *left > 0)?;
        let read = tokio::task::spawn_blocking(move || {
            let mut bytes = vec![0; left.min(PART) as usize];
            file.seek(SeekFrom::Start(from))?;
            file.read_exact(&mut bytes)?;
            Ok((Bytes::from(bytes), file))
        });
        match read.await.unwrap_or_else(|e| Err(std::io::Error::other(e))) {
            Ok((bytes, file)) => {
                let n = bytes.len() as u64;
                Some((Ok(bytes), Some((file, from + n, left - n))))
            }
            Err(error) => Some((Err(error), None)),
        }
    })
}

/// A Range header (RFC 9110 §14.1.2) over `length` bytes: first and last byte; `Some(None)` when no byte of the file is
/// meant; `None` for what is to be passed over, several ranges among it.
fn part(range: &str, length: u64) -> Option<Option<(u64, u64)>> {
    let (first, last) = range.strip_prefix("bytes=")?.trim().split_once('-')?;
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !digits(first) || !digits(last) {
        return None;
    }
    let number = |text: &str| text.parse::<u64>().unwrap_or(u64::MAX);
    match (first, last) {
        ("", "") => None,
        ("", last) => Some((number(last) > 0 && length > 0).then(|| (length.saturating_sub(number(last)), length - 1))),
        (first, "") => Some((number(first) < length).then(|| (number(first), length - 1))),
        (first, last) if number(first) > number(last) => None,
        (first, last) => Some((number(first) < length).then(|| (number(first), number(last).min(length - 1)))),
    }
}

#[cfg(test)]
mod tests {
    use super::part;

    #[test]
    fn ranges_are_those_of_the_standard() {
        for (range, wanted) in [
            ("bytes=0-", Some(Some((0, 99)))),
            ("bytes=10-19", Some(Some((10, 19)))),
            ("bytes=90-200", Some(Some((90, 99)))),
            ("bytes=-10", Some(Some((90, 99)))),
            ("bytes=-1000", Some(Some((0, 99)))),
            ("bytes=100-", Some(None)),
            ("bytes=99999999999999999999-", Some(None)),
            ("bytes=-0", Some(None)),
            ("bytes=9-1", None),
            ("bytes=-", None),
            ("bytes=0-1,5-6", None),
            ("bytes=a-b", None),
            ("lines=0-1", None),
        ] {
            assert_eq!(part(range, 100), wanted, "{range}");
        }
        assert_eq!((part("bytes=0-", 0), part("bytes=-5", 0)), (Some(None), Some(None)));
    }
}
