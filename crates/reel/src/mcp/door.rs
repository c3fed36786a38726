//! Standard input and output as the protocol's transport: one message a line, of bounded length. What is no message is
//! answered by name instead of being dropped in silence; the library behind would pass it over.

use std::io::{BufRead, Write};

use rmcp::{
    RoleServer,
    model::{ErrorCode, ErrorData, RequestId},
    service::{RxJsonRpcMessage, TxJsonRpcMessage},
    transport::Transport,
};
use serde_json::Value;
use tokio::sync::mpsc;

/// The most bytes of one message. A call is some hundred bytes; a whole file of notes some ten thousand.
pub const MAX_MESSAGE: usize = 1 << 20;

/// A line that came in.
enum Line {
    Whole(Vec<u8>),
    TooLong,
}

/// Both ends.
pub struct Door {
    lines: mpsc::Receiver<Line>,
    out: Option<mpsc::Sender<Vec<u8>>>,
    writer: Option<std::thread::JoinHandle<()>>,
}

impl Door {
    /// Takes standard input and output. The thread that reads ends with its input, or with the process.
    pub fn open() -> Self {
        // One line waits at most: who sends faster than we answer is made to wait by the pipe.
        let (line, lines) = mpsc::channel(1);
        std::thread::spawn(move || read(&mut std::io::stdin().lock(), &mut |l| line.blocking_send(l).is_ok()));
        let (out, mut said) = mpsc::channel::<Vec<u8>>(16);
        let writer = std::thread::spawn(move || {
            while let Some(bytes) = said.blocking_recv() {
                let mut stdout = std::io::stdout().lock();
                if stdout.write_all(&bytes).and_then(|()| stdout.flush()).is_err() {
                    break;
                }
            }
        });
        Self { lines, out: Some(out), writer: Some(writer) }
    }

    async fn refuse(&self, code: ErrorCode, why: String, id: Option<RequestId>) {
        let message = TxJsonRpcMessage::<RoleServer>::error(ErrorData::new(code, why, None), id);
        if let (Some(out), Ok(bytes)) = (&self.out, line(&message)) {
            let _ = out.send(bytes).await;
        }
    }
}

fn line(message: &TxJsonRpcMessage<RoleServer>) -> Result<Vec<u8>, std::io::Error> {
    let mut bytes = serde_json::to_vec(message)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Reads lines until the input ends or nobody wants them. A last line without its end is no message.
fn read(input: &mut impl BufRead, give: &mut dyn FnMut(Line) -> bool) {
    let mut held = Vec::new();
    let mut too_long = false;
    loop {
        let (used, ended) = match input.fill_buf() {
            Ok([]) => return,
            Ok(bytes) => {
                let end = bytes.iter().position(|b| *b == b'\n');
                let part = &bytes[..end.unwrap_or(bytes.len())];
                too_long |= held.len() + part.len() > MAX_MESSAGE;
                if too_long {
                    held = Vec::new();
                } else {
                    held.extend_from_slice(part);
                }
                (end.map_or(bytes.len(), |at| at + 1), end.is_some())
            }
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(_) => return,
        };
        input.consume(used);
        if ended {
            let line = if std::mem::take(&mut too_long) { Line::TooLong } else { Line::Whole(std::mem::take(&mut held)) };
            if !give(line) {
                return;
            }
        }
    }
}

/// Why a line is no message, and its id as far as it has one.
type NoMessage = (ErrorCode, String, Option<RequestId>);

/// A message, or why it is none. `None` for what is passed over: empty lines, and notices
/// that nobody here knows.
fn parse(bytes: &[u8]) -> Option<Result<RxJsonRpcMessage<RoleServer>, NoMessage>> {
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return None;
    }
    let value: Value = match serde_json::from_slice(bytes) {
        Ok(value) => value,
        Err(e) => return Some(Err((ErrorCode::PARSE_ERROR, format!("the line is not JSON: {e}"), None))),
    };
    let id = value.get("id").cloned().and_then(|id| serde_json::from_value::<RequestId>(id).ok());
    let (asked, method) = (value.get("id").is_some(), value.get("method").is_some_and(Value::is_string));
    match serde_json::from_value(value) {
        Ok(message) => Some(Ok(message)),
        Err(_) if method && !asked => None,
        Err(e) => {
            let why = format!("the line is no JSON-RPC 2.0 message of this protocol: {e}");
            Some(Err((ErrorCode::INVALID_REQUEST, why, id)))
        }
    }
}

impl Transport<RoleServer> for Door {
    type Error = std::io::Error;

    fn send(&mut self, item: TxJsonRpcMessage<RoleServer>) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        let out = self.out.clone();
        async move {
            let closed = || std::io::Error::from(std::io::ErrorKind::BrokenPipe);
            out.ok_or_else(closed)?.send(line(&item)?).await.map_err(|_| closed())
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            match self.lines.recv().await? {
                Line::TooLong => {
                    let why = format!("the message is longer than {MAX_MESSAGE} bytes, and was not read");
                    self.refuse(ErrorCode::INVALID_REQUEST, why, None).await;
                }
                Line::Whole(bytes) => match parse(&bytes) {
                    Some(Ok(message)) => return Some(message),
                    Some(Err((code, why, id))) => self.refuse(code, why, id).await,
                    None => {}
                },
            }
        }
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        // What was said is written before we end.
        self.out = None;
        if let Some(writer) = self.writer.take() {
            let _ = tokio::task::spawn_blocking(move || writer.join()).await;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<Option<usize>> {
        let mut out = Vec::new();
        read(&mut std::io::BufReader::with_capacity(7, bytes), &mut |line| {
            out.push(match line {
                Line::Whole(bytes) => Some(bytes.len()),
                Line::TooLong => None,
            });
            true
        });
        out
    }

    #[test]
    fn lines_are_bounded_and_the_next_one_is_read() {
        assert_eq!(lines(b"one\n\nthree\nno end"), [Some(3), Some(0), Some(5)]);
        let mut long = vec![b'x'; MAX_MESSAGE + 1];
        long.extend_from_slice(b"\nafter\n");
        assert_eq!(lines(&long), [None, Some(5)]);
        assert_eq!(lines(&[&vec![b'x'; MAX_MESSAGE][..], b"\n"].concat()), [Some(MAX_MESSAGE)]);
    }

    #[test]
    fn what_is_no_message_is_named() {
        let code = |text: &str| match parse(text.as_bytes()) {
            Some(Ok(_)) => "message".to_owned(),
            Some(Err((code, _, id))) => format!("{} {}", code.0, serde_json::to_string(&id).unwrap_or_default()),
            None => "nothing".to_owned(),
        };
        assert_eq!(code(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#), "message");
        assert_eq!(code(r#"{"jsonrpc":"2.0","method":"notifications/of_nobody","params":7}"#), "nothing");
        assert_eq!(code("  "), "nothing");
        for text in ["{", "nonsense", "{\"jsonrpc\":\"2.0\",}", "\u{1}", &"[".repeat(100_000)] {
            assert_eq!(code(text), "-32700 null", "{text:.20}");
        }
        for text in ["1", "[]", "{}", "\"x\"", r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#] {
            assert_eq!(code(text), "-32600 null", "{text}");
        }
        assert_eq!(code(r#"{"id":7,"method":"ping"}"#), "-32600 7");
        assert_eq!(code(r#"{"jsonrpc":"1.0","id":"a","method":"ping"}"#), "-32600 \"a\"");
    }
}
