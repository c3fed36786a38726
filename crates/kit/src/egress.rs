//! The one place where something is asked over the network: one HTTP/1.1 POST at a time, to a server on this machine, or on a
//! host that whoever runs this machine has named. No redirects, no cookies, no proxies; a deadline over the whole exchange and
//! a cap on the answer.
//!
//! # Invariants
//! - Nobody is called whose name is neither the loopback nor on the list; a loopback name must resolve to a loopback address.
//! - A hook that leaves this machine is sealed (TLS), and leads to a public address: never into the network this machine is in.
//! - What the caller sends becomes body or nothing: the address and the path are checked characters, so no header can be
//!   slipped in.
//! - An answer is read to the end that its head announces, never beyond the cap, never beyond the deadline.
#![allow(clippy::disallowed_methods, reason = "this module is the guarded act: a deadline needs a clock that only runs forward")]

use std::{
    io,
    net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs},
    time::{Duration, Instant},
};

mod line;

use line::{Line, Timed};

/// The largest head of an answer, in bytes.
const MAX_HEAD: usize = 64 * 1024;

/// Why nothing was answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EgressError {
    /// The address is not one.
    #[error("`{url}` is no address to call: {why}; expected such as `http://127.0.0.1:8880`")]
    Address {
        /// As it was given.
        url: String,
        /// What is wrong.
        why: &'static str,
    },
    /// The host is elsewhere, and nobody named it.
    #[error("`{host}` is not on this machine and is not called: only the loopback and named hosts are")]
    Elsewhere {
        /// The host.
        host: String,
    },
    /// Nobody listens there, or the connection broke.
    #[error("`{host}` could not be asked: {reason}")]
    Unreachable {
        /// Host and port.
        host: String,
        /// What the system said.
        reason: String,
    },
    /// It took too long.
    #[error("`{host}` did not answer within {} s", .deadline.as_secs_f64())]
    Deadline {
        /// Host and port.
        host: String,
        /// How long it was given.
        deadline: Duration,
    },
    /// It said more than it may.
    #[error("`{host}` answered with more than {cap} bytes")]
    TooMuch {
        /// Host and port.
        host: String,
        /// The cap in bytes.
        cap: usize,
    },
    /// A header that is none. Its value may be a secret, and is not repeated.
    #[error("the header `{name}` for `{host}` holds more than visible letters")]
    Header {
        /// Host and port.
        host: String,
        /// Its name.
        name: String,
    },
    /// What it said is not HTTP, or ends early.
    #[error("`{host}` answered with something that is not HTTP: {what}")]
    NotHttp {
        /// Host and port.
        host: String,
        /// What is wrong with it.
        what: &'static str,
    },
}

/// A server that may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    host: String,
    port: u16,
    /// Put before every path; empty or `/such`.
    base: String,
    /// What follows every path: empty or `?such=this`.
    query: String,
    /// Whether it is called because it was named, not because it is here.
    elsewhere: bool,
    /// Whether what is said is sealed.
    sealed: bool,
    /// A certificate a test trusts.
    #[cfg(test)]
    own: Option<Vec<u8>>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status, such as 200.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
    /// How many seconds it asks to be left alone, when it says so in a number.
    pub retry_after: Option<u64>,
}

/// How much an exchange may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From the call to the last byte of the answer.
    pub deadline: Duration,
    /// The largest body, in bytes.
    pub answer: usize,
}

impl Endpoint {
    /// Reads `http://HOST[:PORT][/BASE]`. `named` are the hosts beside the loopback that may be called.
    ///
    /// # Errors
    /// An address of another form, or a host that nobody named.
    pub fn parse(url: &str, named: &[String]) -> Result<Self, EgressError> {
        let bad = |why| EgressError::Address { url: url.chars().take(200).flat_map(char::escape_debug).collect(), why };
        let rest = url.strip_prefix("http://").ok_or_else(|| bad("it does not begin with http://"))?;
        let mut read = Self::read(rest, "80", false).map_err(bad)?;
        read.base.truncate(read.base.trim_end_matches('/').len());
        if read.elsewhere && !named.iter().any(|n| n.eq_ignore_ascii_case(&read.host)) {
            return Err(EgressError::Elsewhere { host: read.host });
        }
        Ok(read)
    }

    /// Reads the address of a service: what [`Self::parse`] reads, or `https://HOST[:PORT][/BASE]` of a host that is named.
    ///
    /// # Errors
    /// An address of another form, or a host that nobody named.
    pub fn service(url: &str, named: &[String]) -> Result<Self, EgressError> {
        let Some(rest) = url.strip_prefix("https://") else { return Self::parse(url, named) };
        let bad = |why| EgressError::Address { url: url.chars().take(200).flat_map(char::escape_debug).collect(), why };
        let mut read = Self::read(rest, "443", true).map_err(bad)?;
        read.base.truncate(read.base.trim_end_matches('/').len());
        if read.elsewhere && !named.iter().any(|n| n.eq_ignore_ascii_case(&read.host)) {
            return Err(EgressError::Elsewhere { host: read.host });
        }
        Ok(read)
    }

    /// Whether nobody between here and there can read what is said.
    pub fn keeps_secrets(&self) -> bool {
        self.sealed || !self.elsewhere
    }

    /// Reads an address that is told of things: `https://HOST[:PORT][/PATH][?QUERY]`, or `http://` on this machine alone. Such an
    /// address often is a secret: no error repeats more of it than its host.
    ///
    /// # Errors
    /// An address of another form, or `http` to another machine.
    pub fn hook(url: &str) -> Result<Self, EgressError> {
        let bad = |why| EgressError::Address { url: "the hook".into(), why };
        let (rest, sealed) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
            (Some(rest), _) => (rest, true),
            (_, Some(rest)) => (rest, false),
            _ => return Err(bad("it begins neither with https:// nor with http://")),
        };
        let (rest, query) = rest.split_once('?').map_or((rest, None), |(rest, query)| (rest, Some(query)));
        if !query.unwrap_or_default().bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~%&=+/:@,".contains(&b)) {
            return Err(bad("its query holds more than letters, digits and `-_.~%&=+/:@,`"));
        }
        let mut read = Self::read(rest, if sealed { "443" } else { "80" }, sealed).map_err(bad)?;
        if read.elsewhere && !sealed {
            return Err(bad("http:// in the clear is for this machine alone; use https://"));
        }
        read.query = query.map_or(String::new(), |query| format!("?{query}"));
        Ok(read)
    }

    fn read(rest: &str, usual: &str, sealed: bool) -> Result<Self, &'static str> {
        let (place, base) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        if !base.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-_.~".contains(&b)) || base.contains("..") {
            return Err("its path holds more than letters, digits, `/`, `-`, `_`, `.` and `~`");
        }
        let (host, port) = if let Some(inner) = place.strip_prefix('[') {
            let (host, after) = inner.split_once(']').ok_or("its `[` is not closed")?;
            (host, after.strip_prefix(':').or_else(|| after.is_empty().then_some(usual)).ok_or("a port follows `]` after `:`")?)
        } else {
            place.split_once(':').unwrap_or((place, usual))
        };
        let port = port.parse::<u16>().ok().filter(|p| *p > 0).ok_or("its port is no number from 1 to 65535")?;
        if host.is_empty() || host.len() > 253 || !host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:".contains(&b)) {
            return Err("its host is no name and no number");
        }
        let host = host.to_ascii_lowercase();
        let here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        Ok(Self {
            host,
            port,
            base: base.to_owned(),
            query: String::new(),
            elsewhere: !here,
            sealed,
            #[cfg(test)]
            own: None,
        })
    }

    /// Whether what is sent to it leaves this machine.
    pub fn leaves_machine(&self) -> bool {
        self.elsewhere
    }

    /// Host and port, as messages and the `Host` header name them.
    pub fn authority(&self) -> String {
        if self.host.contains(':') { format!("[{}]:{}", self.host, self.port) } else { format!("{}:{}", self.host, self.port) }
    }

    fn address(&self) -> Result<Vec<SocketAddr>, EgressError> {
        let unreachable = |reason: String| EgressError::Unreachable { host: self.authority(), reason };
        let found = (self.host.as_str(), self.port).to_socket_addrs().map_err(|e| unreachable(e.to_string()))?;
        // A name of this machine that a resolver sends elsewhere is not followed, and no hook into the network around it.
        let may = |ip: IpAddr| if self.elsewhere { !self.sealed || public(ip) } else { ip.is_loopback() };
        let found: Vec<SocketAddr> = found.filter(|a| may(a.ip())).collect();
        if found.is_empty() { Err(unreachable("its name leads to no address that may be called".into())) } else { Ok(found) }
    }

    /// Opens a connection, within a time.
    fn connect(&self, until: Instant, deadline: Duration) -> Result<TcpStream, EgressError> {
        let mut line = Err(self.late(deadline));
        for address in self.address()? {
            let rest = until.checked_duration_since(Instant::now()).filter(|d| !d.is_zero()).ok_or_else(|| self.late(deadline))?;
            line = TcpStream::connect_timeout(&address, rest).map_err(|e| self.broken(&e, deadline));
            if line.is_ok() {
                break;
            }
        }
        line
    }

    /// A certificate that is trusted beside those of the public authorities: a test's.
    fn own(&self) -> Option<&[u8]> {
        #[cfg(test)]
        return self.own.as_deref();
        #[cfg(not(test))]
        None
    }

    fn late(&self, deadline: Duration) -> EgressError {
        EgressError::Deadline { host: self.authority(), deadline }
    }

    fn broken(&self, error: &io::Error, deadline: Duration) -> EgressError {
        match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => self.late(deadline),
            _ => EgressError::Unreachable { host: self.authority(), reason: error.to_string() },
        }
    }

    /// Whether somebody listens there.
    ///
    /// # Errors
    /// Nobody does, or not in time.
    pub fn listens(&self, deadline: Duration) -> Result<(), EgressError> {
        self.connect(Instant::now() + deadline, deadline).map(drop)
    }

    /// Sends `body` to `path` (which begins with `/`) and waits for the whole answer, whatever its status.
    ///
    /// # Errors
    /// Nobody there, too late, too much, or not HTTP.
    pub fn post(&self, path: &str, content_type: &str, body: &[u8], limits: Limits) -> Result<Answer, EgressError> {
        self.post_with(path, &[("Content-Type", content_type)], body, limits)
    }

    /// [`Self::post`] with headers of the caller's, the content type among them.
    ///
    /// # Errors
    /// As [`Self::post`]; a header that is more than a name and visible letters.
    pub fn post_with(&self, path: &str, headers: &[(&str, &str)], body: &[u8], limits: Limits) -> Result<Answer, EgressError> {
        let until = Instant::now() + limits.deadline;
        let host = self.authority();
        let named = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let visible = |value: &str| value.bytes().all(|b| (b' '..=b'~').contains(&b));
        if let Some((name, _)) = headers.iter().find(|(name, value)| !named(name) || !visible(value)) {
            return Err(EgressError::Header { host, name: name.chars().take(60).flat_map(char::escape_debug).collect() });
        }
        let broken = |e: io::Error| self.broken(&e, limits.deadline);
        let timed = Timed::new(self.connect(until, limits.deadline)?, until);
        let mut line: Box<dyn Line> =
            if self.sealed { Box::new(line::sealed(&self.host, timed, self.own()).map_err(broken)?) } else { Box::new(timed) };
        let asked = format!("{}{path}{}", self.base, self.query);
        let own: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: {host}\r\n{own}Content-Length: {}\r\nAccept: */*\r\nConnection: close\r\n\r\n",
            if asked.starts_with('/') { asked } else { format!("/{asked}") },
            body.len()
        );
        line.write_all(head.as_bytes()).and_then(|()| line.write_all(body)).and_then(|()| line.flush()).map_err(broken)?;

        let mut got = Vec::new();
        let mut part = [0u8; 16 * 1024];
        loop {
            match answer_of(&got, false, limits.answer).map_err(|e| e.at(&host, limits.answer))? {
                Some(answer) => return Ok(answer),
                None => match line.read(&mut part) {
                    Ok(0) => {
                        let ended = answer_of(&got, true, limits.answer).map_err(|e| e.at(&host, limits.answer))?;
                        return ended.ok_or_else(|| Flaw::Cut.at(&host, limits.answer));
                    }
                    Ok(n) => got.extend_from_slice(&part[..n]),
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                    Err(e) => return Err(broken(e)),
                },
            }
        }
    }
}

/// Whether an address is one of the public network: neither this machine's, nor of the network it is in, nor kept for anything.
fn public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            let kept = matches!((a, b), (0 | 10 | 127 | 240.., _) | (100, 64..128) | (198, 18..20) | (192, 0));
            !(kept || v4.is_private() || v4.is_link_local() || v4.is_documentation() || v4.is_multicast())
        }
        IpAddr::V6(v6) => {
            // Only what is given out to the public, and nothing of the old network in disguise.
            let global = v6.segments()[0] & 0xe000 == 0x2000;
            let disguised = v6.segments()[0] == 0x2002 || (v6.segments()[0] == 0x2001 && v6.segments()[1] < 0x0200);
            let documented = v6.segments()[0] == 0x2001 && v6.segments()[1] == 0x0db8;
            global && !disguised && !documented
        }
    }
}

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    Head,
    Length,
    Chunk,
    Cut,
    TooMuch,
}

impl Flaw {
    fn at(self, host: &str, cap: usize) -> EgressError {
        let what = match self {
            Self::Head => "its head cannot be read",
            Self::Length => "its length is no number",
            Self::Chunk => "its chunks do not add up",
            Self::Cut => "it ends before its end",
            Self::TooMuch => return EgressError::TooMuch { host: host.to_owned(), cap },
        };
        EgressError::NotHttp { host: host.to_owned(), what }
    }
}

/// The answer in what has come so far; `None` while more has to come. `ended`: nothing more will.
fn answer_of(got: &[u8], ended: bool, cap: usize) -> Result<Option<Answer>, Flaw> {
    let mut from = 0;
    loop {
        let Some(end) = got[from..].windows(4).position(|w| w == b"\r\n\r\n").map(|at| from + at) else {
            return if got.len() - from > MAX_HEAD { Err(Flaw::Head) } else { Ok(None) };
        };
        let head = std::str::from_utf8(&got[from..end]).map_err(|_| Flaw::Head)?;
        let mut lines = head.split("\r\n");
        let mut first = lines.next().unwrap_or_default().split(' ');
        if !first.next().is_some_and(|v| v.starts_with("HTTP/1.")) {
            return Err(Flaw::Head);
        }
        let status = first.next().and_then(|s| s.parse::<u16>().ok()).filter(|s| (100..600).contains(s)).ok_or(Flaw::Head)?;
        let (mut length, mut chunked, mut retry_after) = (None, false, None);
        for line in lines {
            let (name, value) = line.split_once(':').ok_or(Flaw::Head)?;
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = Some(value.trim().parse::<usize>().map_err(|_| Flaw::Length)?),
                // A date instead of a number says nothing here: its reader has a clock, and no zone.
                "retry-after" => retry_after = value.trim().parse::<u64>().ok(),
                "transfer-encoding" => chunked = value.to_ascii_lowercase().contains("chunked"),
                _ => {}
            }
        }
        let rest = &got[end + 4..];
        if (100..200).contains(&status) {
            // "Go on": the answer itself follows.
            from = end + 4;
            continue;
        }
        if chunked {
            return Ok(chunks(rest, cap)?.map(|body| Answer { status, body, retry_after }));
        }
        if length.unwrap_or(rest.len()) > cap {
            return Err(Flaw::TooMuch);
        }
        return Ok(match length {
            Some(length) if rest.len() >= length => Some(Answer { status, body: rest[..length].to_vec(), retry_after }),
            None if ended || matches!(status, 204 | 304) => Some(Answer { status, body: rest.to_vec(), retry_after }),
            _ => None,
        });
    }
}

/// The body of an answer in chunks; `None` while its last one is missing. Asked after every read, it copies nothing before
/// the end is there.
fn chunks(mut rest: &[u8], cap: usize) -> Result<Option<Vec<u8>>, Flaw> {
    let (mut parts, mut length) = (Vec::new(), 0);
    loop {
        let Some(end) = rest.windows(2).position(|w| w == b"\r\n") else {
            return if rest.len() > 1_024 { Err(Flaw::Chunk) } else { Ok(None) };
        };
        let size = std::str::from_utf8(&rest[..end]).ok().and_then(|l| l.split(';').next()).map(str::trim);
        let size = size.filter(|s| !s.is_empty() && s.len() <= 8).and_then(|s| usize::from_str_radix(s, 16).ok()).ok_or(Flaw::Chunk)?;
        if size == 0 {
            return Ok(Some(parts.concat()));
        }
        if length + size > cap {
            return Err(Flaw::TooMuch);
        }
        let data = &rest[end + 2..];
        if data.len() < size + 2 {
            return Ok(None);
        }
        if &data[size..size + 2] != b"\r\n" {
            return Err(Flaw::Chunk);
        }
        parts.push(&data[..size]);
        length += size;
        rest = &data[size + 2..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::sync::Arc;

    const CERTIFICATE: &[u8] = include_bytes!("egress/localhost.crt.der");
    const KEY: &[u8] = include_bytes!("egress/localhost.key.der");

    const LIMITS: Limits = Limits { deadline: Duration::from_secs(5), answer: 1_000 };

    /// A server of one answer, given in pieces; hands back what it was asked.
    fn server(pieces: Vec<Vec<u8>>, hold: Duration) -> (Endpoint, std::thread::JoinHandle<Vec<u8>>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let endpoint = Endpoint::parse(&format!("http://{}/api/", listener.local_addr().expect("bound")), &[]).expect("loopback");
        let thread = std::thread::spawn(move || {
            let (mut line, _) = listener.accept().expect("a caller");
            let mut asked = Vec::new();
            let mut part = [0u8; 4_096];
            while !asked.ends_with(b"body") {
                match line.read(&mut part) {
                    Ok(n) if n > 0 => asked.extend_from_slice(&part[..n]),
                    _ => break,
                }
            }
            for piece in pieces {
                let _ = line.write_all(&piece);
                let _ = line.flush();
            }
            std::thread::sleep(hold);
            asked
        });
        (endpoint, thread)
    }

    fn answers(text: &str) -> Result<Answer, EgressError> {
        // Byte by byte as well: a head or a chunk may arrive cut anywhere.
        let (endpoint, _) = server(text.bytes().map(|b| vec![b]).collect(), Duration::ZERO);
        let slow = endpoint.post("/v1/x", "text/plain", b"body", LIMITS);
        let (endpoint, _) = server(vec![text.as_bytes().to_vec()], Duration::ZERO);
        let fast = endpoint.post("/v1/x", "text/plain", b"body", LIMITS);
        assert_eq!(slow.is_ok(), fast.is_ok(), "{text:?}");
        fast
    }

    #[test]
    fn what_is_asked_is_one_plain_post() {
        let (endpoint, thread) = server(vec![b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".to_vec()], Duration::ZERO);
        assert_eq!(
            endpoint.post("/v1/x", "text/plain", b"body", LIMITS),
            Ok(Answer { status: 200, body: b"ok".to_vec(), retry_after: None })
        );
        let asked = String::from_utf8(thread.join().expect("it ends")).expect("text");
        assert!(asked.starts_with("POST /api/v1/x HTTP/1.1\r\nHost: 127.0.0.1:") && asked.ends_with("\r\n\r\nbody"), "{asked}");
        assert!(asked.contains("Content-Length: 4\r\n") && asked.contains("Connection: close\r\n"), "{asked}");
    }

    #[test]
    fn headers_of_the_caller_are_said_and_cannot_hold_another() {
        let (endpoint, thread) = server(vec![b"HTTP/1.1 429 No\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n".to_vec()], Duration::ZERO);
        let answer = endpoint.post_with("/x", &[("X-Api-Key", "s3cret"), ("Content-Type", "a/b")], b"body", LIMITS).expect("an answer");
        assert_eq!((answer.status, answer.retry_after), (429, Some(7)));
        let asked = String::from_utf8(thread.join().expect("it ends")).expect("text");
        assert!(asked.contains("\r\nX-Api-Key: s3cret\r\nContent-Type: a/b\r\nContent-Length: 4\r\n"), "{asked}");
        for header in [("X-Key", "s3cret\r\nX: y"), ("X Key", "a"), ("", "a"), ("X-Key", "s3cret\u{e9}"), ("X\r\n", "a")] {
            let error = endpoint.post_with("/x", &[header], b"body", LIMITS).expect_err("no header");
            assert!(matches!(error, EgressError::Header { .. }) && !error.to_string().contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn a_service_elsewhere_is_named_and_only_then_called() {
        let named = ["api.example.org".to_owned()];
        let service = Endpoint::service("https://api.example.org/v1/", &named).expect("named");
        assert!(service.leaves_machine() && service.keeps_secrets() && service.authority() == "api.example.org:443");
        let near = Endpoint::service("http://127.0.0.1:8080/v1", &[]).expect("here");
        assert!(!near.leaves_machine() && near.keeps_secrets());
        assert!(!Endpoint::service("http://api.example.org", &named).expect("named").keeps_secrets(), "it is in the clear");
        assert!(matches!(Endpoint::service("https://other.example.org", &named), Err(EgressError::Elsewhere { .. })));
        assert!(matches!(Endpoint::service("https://api.example.org/v1?x=y", &named), Err(EgressError::Address { .. })));
    }

    #[test]
    fn answers_end_by_length_by_chunks_or_by_hanging_up() {
        for (text, body) in [
            ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", "hello"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n", "hello"),
            ("HTTP/1.0 200 OK\r\n\r\nhello", "hello"),
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello"),
        ] {
            assert_eq!(answers(text).expect(text).body, body.as_bytes(), "{text}");
        }
        assert_eq!(answers("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n").expect("an answer").status, 404);
        // A redirect is an answer like any other: nobody follows it.
        assert_eq!(answers("HTTP/1.1 302 F\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n").expect("an answer").status, 302);
    }

    #[test]
    fn broken_answers_are_errors() {
        for text in [
            "",
            "hello",
            "SSH-2.0-x\r\n\r\n",
            "HTTP/1.1 999 X\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n",
        ] {
            assert!(matches!(answers(text), Err(EgressError::NotHttp { .. } | EgressError::Unreachable { .. })), "{text:?}");
        }
        for text in ["HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n"]
        {
            assert!(matches!(answers(text), Err(EgressError::TooMuch { .. })), "{text:?}");
        }
        let endless = format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(1_001));
        let (endpoint, _) = server(vec![endless.into_bytes()], Duration::ZERO);
        assert!(matches!(endpoint.post("/", "text/plain", b"body", LIMITS), Err(EgressError::TooMuch { .. })));
    }

    #[test]
    fn a_server_that_waits_is_not_waited_for() {
        let (endpoint, _) = server(vec![b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhel".to_vec()], Duration::from_secs(2));
        let limits = Limits { deadline: Duration::from_millis(150), answer: 100 };
        assert!(matches!(endpoint.post("/", "text/plain", b"body", limits), Err(EgressError::Deadline { .. })));
        let gone = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port");
        let endpoint = Endpoint::parse(&format!("http://{gone}"), &[]).expect("loopback");
        assert!(matches!(endpoint.post("/", "text/plain", b"body", LIMITS), Err(EgressError::Unreachable { .. })));
    }

    #[test]
    fn only_this_machine_and_named_hosts_are_called() {
        for url in ["http://127.0.0.1:8880", "http://localhost/v2/", "http://[::1]:80", "http://LOCALHOST:1"] {
            assert!(!Endpoint::parse(url, &[]).expect(url).leaves_machine(), "{url}");
        }
        for url in ["http://example.org", "http://192.0.2.7:80", "http://localhost.example.org", "http://0.0.0.0", "http://169.254.169.254"]
        {
            assert!(matches!(Endpoint::parse(url, &[]), Err(EgressError::Elsewhere { .. })), "{url}");
        }
        assert!(Endpoint::parse("http://tts.example.org:5000", &["TTS.example.org".into()]).expect("named").leaves_machine());
        for url in [
            "https://localhost",
            "localhost:80",
            "http://",
            "http://user@localhost",
            "http://localhost:0",
            "http://localhost:99999",
            "http://localhost/a?b",
            "http://localhost/a b",
            "http://localhost/a\r\nX: y",
            "http://local\nhost",
            "http://localhost/../x",
            "http://[::1",
        ] {
            assert!(matches!(Endpoint::parse(url, &[]), Err(EgressError::Address { .. })), "{url:?}");
        }
    }

    #[test]
    fn a_hook_is_sealed_or_on_this_machine_and_is_never_repeated() {
        for url in ["https://hooks.example.org/services/T0/B0/s3cret?token=a%20b&c=d", "https://192.0.2.1:8443", "https://[2001:db8::1]/x"]
        {
            assert!(Endpoint::hook(url).expect(url).leaves_machine(), "{url}");
        }
        for url in ["http://127.0.0.1:9/x/?y=z", "http://localhost", "https://localhost:8443/x"] {
            assert!(!Endpoint::hook(url).expect(url).leaves_machine(), "{url}");
        }
        for url in [
            "http://hooks.example.org/s3cret",
            "ftp://hooks.example.org/s3cret",
            "hooks.example.org/s3cret",
            "https://user:s3cret@hooks.example.org/",
            "https://hooks.example.org/s3cret\r\nX: y",
            "https://hooks.example.org/x?s3cret\r\nX: y",
            "https://hooks.example.org/../s3cret",
            "https:///s3cret",
            "",
        ] {
            let error = Endpoint::hook(url).expect_err(url);
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
        let hook = Endpoint::hook("https://10.0.0.7/s3cret").expect("is an address");
        let refused = hook.post("", "text/plain", b"body", LIMITS).expect_err("is private");
        assert!(
            matches!(&refused, EgressError::Unreachable { reason, .. } if reason.contains("no address that may be called")),
            "{refused}"
        );
    }

    #[test]
    fn what_is_no_public_address_is_known() {
        let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
        for text in ["8.8.8.8", "100.63.0.1", "172.32.0.1", "2606:4700::1111"] {
            assert!(public(ip(text)), "{text}");
        }
        for text in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "203.0.113.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:8.8.8.8",
            "fe80::1",
            "fc00::1",
            "fd00::1",
            "ff02::1",
            "2001:db8::1",
            "2002:a00:1::",
            "2001::1",
            "64:ff9b::a00:1",
        ] {
            assert!(!public(ip(text)), "{text}");
        }
    }

    /// A sealed server of one answer; hands back what it was asked.
    fn sealed_server() -> (u16, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let key = rustls::pki_types::PrivateKeyDer::Pkcs8(KEY.to_vec().into());
        let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![CERTIFICATE.to_vec().into()], key)
            .expect("a certificate");
        let thread = std::thread::spawn(move || {
            let (socket, _) = listener.accept().expect("a caller");
            let session = rustls::ServerConnection::new(Arc::new(config)).expect("a session");
            let mut line = rustls::StreamOwned::new(session, socket);
            let (mut asked, mut part) = (Vec::new(), [0u8; 4_096]);
            while !asked.ends_with(b"body") {
                match line.read(&mut part) {
                    Ok(n) if n > 0 => asked.extend_from_slice(&part[..n]),
                    _ => break,
                }
            }
            let _ = line.write_all(b"HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n");
            let _ = line.flush();
            String::from_utf8_lossy(&asked).into_owned()
        });
        (port, thread)
    }

    #[test]
    fn a_sealed_hook_is_heard_by_the_host_that_somebody_vouches_for_and_by_no_other() {
        let (port, server) = sealed_server();
        let mut hook = Endpoint::hook(&format!("https://localhost:{port}/told/?a=b")).expect("an address");
        hook.own = Some(CERTIFICATE.to_vec());
        let answer = hook.post("", "application/json", b"body", LIMITS).expect("is told");
        assert_eq!(answer.status, 204);
        let asked = server.join().expect("served");
        assert!(asked.starts_with("POST /told/?a=b HTTP/1.1\r\n") && asked.ends_with("\r\n\r\nbody"), "{asked}");
        // Nobody public vouches for it.
        let (port, server) = sealed_server();
        let hook = Endpoint::hook(&format!("https://localhost:{port}/told")).expect("an address");
        assert!(matches!(hook.post("", "text/plain", b"body", LIMITS), Err(EgressError::Unreachable { .. })));
        assert_eq!(server.join().expect("served"), "", "not a word was said to it");
        // Nor does anything go out in the clear to a server that does not seal.
        let (plain, server) = self::server(vec![b"HTTP/1.1 200 OK\r\n\r\n".to_vec()], Duration::ZERO);
        let mut hook = Endpoint::hook(&format!("https://{}", plain.authority())).expect("an address");
        hook.own = Some(CERTIFICATE.to_vec());
        let limits = Limits { deadline: Duration::from_millis(300), answer: 100 };
        assert!(hook.post("", "text/plain", b"body", limits).is_err());
        assert!(!String::from_utf8_lossy(&server.join().expect("served")).contains("POST"));
    }
}
