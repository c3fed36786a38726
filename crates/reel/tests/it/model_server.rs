//! A server of a language model for tests: it answers each call with what a function makes of it.

use std::io::{Read, Write};

use serde_json::{Value, json};

/// A call as it came: the head, and the body.
pub struct Asked {
    /// The first line and the headers.
    pub head: String,
    /// What was asked.
    pub body: Value,
}

impl Asked {
    /// The ids of the lines that are asked for.
    pub fn ids(&self) -> Vec<String> {
        let chat = &self.body["response_format"]["json_schema"]["schema"]["required"];
        let messages = &self.body["output_config"]["format"]["schema"]["required"];
        let ids = chat.as_array().or(messages.as_array()).cloned().unwrap_or_default();
        ids.iter().filter_map(|id| id.as_str().map(str::to_owned)).collect()
    }

    /// The document of the scene.
    pub fn document(&self) -> Value {
        let messages = self.body["messages"].as_array().cloned().unwrap_or_default();
        let first = messages.iter().find(|m| m["role"] == "user").and_then(|m| m["content"].as_str()).unwrap_or_default().to_owned();
        serde_json::from_str(&first).unwrap_or_default()
    }

    /// The drafts in other words, as JSON text.
    pub fn reworded(&self) -> String {
        let document = self.document();
        let draft = |id: &String| {
            let lines = document["lines"].as_array().cloned().unwrap_or_default();
            let line = lines.iter().find(|l| l["id"] == id.as_str()).cloned().unwrap_or_default();
            let draft = line["draft"].as_str().unwrap_or("x").to_owned();
            let first = draft.split_whitespace().next().unwrap_or_default().to_owned();
            let low = if first.starts_with('I') { draft } else { draft[..1].to_lowercase() + &draft[1..] };
            json!([format!("And {low}"), format!("So {low}"), format!("Still, {low}")])
        };
        let lines: serde_json::Map<String, Value> = self.ids().iter().map(|id| (id.clone(), draft(id))).collect();
        Value::Object(lines).to_string()
    }
}

/// A completion that says this.
pub fn chat(text: &str) -> (u16, String) {
    let choice = json!({"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"});
    (200, json!({"choices": [choice], "usage": {"prompt_tokens": 11, "completion_tokens": 7}}).to_string())
}

/// A server for as long as the test lives; its address.
pub fn model_server(answer: impl Fn(&Asked) -> (u16, String) + Send + 'static) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    std::thread::spawn(move || {
        for line in listener.incoming() {
            let Ok(mut line) = line else { return };
            let (mut got, mut part) = (Vec::new(), [0u8; 16_384]);
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
                if let Ok(body) = serde_json::from_str(body) {
                    let (status, body) = answer(&Asked { head: head.to_owned(), body });
                    let _ = write!(line, "HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n{body}", body.len());
                    break;
                }
                if n == 0 {
                    break;
                }
            }
        }
    });
    url
}
