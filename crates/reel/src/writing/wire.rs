//! The two ways models are spoken to: OpenAI-compatible chat completions, and Anthropic messages. What is sent, what of an answer is
//! read, and which failure is of which kind.

use kit::egress::EgressError;
use serde_json::{Value, json};
use world::model::{Ask, Fault, FaultClass, Finish, Reply};

use super::Api;

/// The largest answer, in bytes.
pub const LARGEST: usize = 1024 * 1024;

/// The version of the messages that are spoken.
const MESSAGES: &str = "2023-06-01";

/// What follows the address.
pub fn path(api: Api) -> &'static str {
    match api {
        Api::Openai => "/chat/completions",
        Api::Anthropic => "/v1/messages",
    }
}

/// The headers of a call.
pub fn headers(api: Api, key: Option<&str>) -> Vec<(&'static str, String)> {
    let mut headers = vec![("Content-Type", "application/json".to_owned())];
    match api {
        Api::Openai => headers.extend(key.map(|key| ("Authorization", format!("Bearer {key}")))),
        Api::Anthropic => {
            headers.push(("anthropic-version", MESSAGES.to_owned()));
            headers.extend(key.map(|key| ("x-api-key", key.to_owned())));
        }
    }
    headers
}

/// The body of a call.
pub fn request(api: Api, model: &str, ask: &Ask, most_tokens: u32) -> Value {
    let most = ask.most_tokens.min(most_tokens);
    let turn = |models: bool, text: &str| json!({"role": if models { "assistant" } else { "user" }, "content": text});
    let turns = ask.turns.iter().map(|t| turn(t.models, &t.text));
    match api {
        Api::Openai => {
            let messages: Vec<Value> = std::iter::once(json!({"role": "system", "content": ask.system})).chain(turns).collect();
            let format = json!({"type": "json_schema", "json_schema": {"name": "spoken_lines", "strict": true, "schema": ask.schema}});
            json!({"model": model, "messages": messages, "response_format": format, "max_tokens": most, "stream": false})
        }
        Api::Anthropic => json!({
            "model": model, "system": ask.system, "messages": turns.collect::<Vec<_>>(), "max_tokens": most,
            "output_config": {"format": {"type": "json_schema", "schema": ask.schema}},
        }),
    }
}

fn fault(class: FaultClass, reason: &str, message: impl Into<String>) -> Fault {
    Fault { class, reason: reason.to_owned(), message: message.into() }
}

/// A call that no answer came to.
pub fn unanswered(error: &EgressError) -> Fault {
    let (class, reason) = match error {
        EgressError::Deadline { .. } => (FaultClass::Transient, "timeout"),
        EgressError::Unreachable { .. } => (FaultClass::Transient, "unreachable"),
        EgressError::NotHttp { .. } => (FaultClass::Transient, "not_http"),
        EgressError::TooMuch { .. } => (FaultClass::Fatal, "too_large"),
        EgressError::Address { .. } | EgressError::Elsewhere { .. } | EgressError::Header { .. } => (FaultClass::Fatal, "address"),
    };
    fault(class, reason, error.to_string())
}

/// Reads an answer.
///
/// # Errors
/// What kind of failure it is.
pub fn read(api: Api, status: u16, body: &[u8]) -> Result<Reply, Fault> {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    if status != 200 {
        return Err(refused(status, &said, body));
    }
    let read = match api {
        Api::Openai => completion(&said),
        Api::Anthropic => message(&said),
    };
    read.ok_or_else(|| fault(FaultClass::Transient, "not_understood", "it answered with something that is no answer of this interface"))
}

fn completion(said: &Value) -> Option<Reply> {
    let choice = said["choices"].get(0)?;
    let message = choice.get("message")?;
    let refusal = message["refusal"].as_str().filter(|r| !r.is_empty());
    let finish = match (refusal, choice["finish_reason"].as_str()) {
        (Some(refusal), _) => Finish::Refused(short(refusal)),
        (None, Some("content_filter")) => Finish::Refused("its answer was taken out by a filter".into()),
        (None, Some("length")) => Finish::Cut,
        (None, _) => Finish::Done,
    };
    let text = message["content"].as_str().unwrap_or_default().to_owned();
    (finish != Finish::Done || !text.is_empty()).then_some(())?;
    let count = |name: &str| said["usage"][name].as_u64().unwrap_or_default();
    Some(Reply { text, finish, tokens_in: count("prompt_tokens"), tokens_out: count("completion_tokens") })
}

fn message(said: &Value) -> Option<Reply> {
    let blocks = said["content"].as_array()?;
    let text: String = blocks.iter().filter(|b| b["type"] == "text").filter_map(|b| b["text"].as_str()).collect();
    let finish = match said["stop_reason"].as_str() {
        Some("refusal") => Finish::Refused(short(said["stop_details"]["explanation"].as_str().unwrap_or_default())),
        Some("max_tokens" | "model_context_window_exceeded" | "pause_turn") => Finish::Cut,
        _ => Finish::Done,
    };
    (finish != Finish::Done || !text.is_empty()).then_some(())?;
    let count = |name: &str| said["usage"][name].as_u64().unwrap_or_default();
    Some(Reply { text, finish, tokens_in: count("input_tokens"), tokens_out: count("output_tokens") })
}

/// A status that is no answer. The body's words are read for what they are called, never for what they say.
fn refused(status: u16, said: &Value, body: &[u8]) -> Fault {
    let error = if said["error"].is_object() { &said["error"] } else { said };
    let word = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    let (code, kind) = (word("code"), word("type"));
    let named = |words: &[&str]| words.iter().any(|w| code == *w || kind == *w);
    let (class, reason) = match status {
        _ if named(&["content_policy_violation", "content_filter", "moderation_blocked"]) => (FaultClass::ContentRejected, "content"),
        _ if named(&["insufficient_quota", "billing_error", "billing_hard_limit_reached"]) => (FaultClass::Fatal, "quota"),
        401 | 403 => (FaultClass::Fatal, "auth"),
        402 => (FaultClass::Fatal, "quota"),
        404 => (FaultClass::Fatal, "not_found"),
        408 | 504 => (FaultClass::Transient, "timeout"),
        409 | 425 => (FaultClass::Transient, "conflict"),
        413 => (FaultClass::Fatal, "too_large"),
        429 => (FaultClass::RateLimit, "too_often"),
        503 | 529 => (FaultClass::Transient, "overloaded"),
        500.. => (FaultClass::Transient, "server_error"),
        300..=399 => (FaultClass::Fatal, "redirect"),
        _ => (FaultClass::Fatal, "invalid_request"),
    };
    let words = word("message");
    let words = if words.is_empty() { String::from_utf8_lossy(body).into_owned() } else { words };
    fault(class, reason, format!("the server answered with the status {status}: {}", short(&words)))
}

/// Somebody else's words in a message of ours.
fn short(text: &str) -> String {
    text.chars().take(200).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use contracts::Id;
    use world::model::Turn;

    fn ask() -> Ask {
        let turns = vec![
            Turn { models: false, text: "one".into() },
            Turn { models: true, text: "two".into() },
            Turn { models: false, text: "three".into() },
        ];
        Ask { id: Id::slug("sc01"), system: "be brief".into(), turns, schema: json!({"type": "object"}), most_tokens: 500 }
    }

    #[test]
    fn each_interface_is_sent_its_own_form() {
        let chat = request(Api::Openai, "m", &ask(), 4_000);
        let roles: Vec<&str> = chat["messages"].as_array().expect("messages").iter().filter_map(|m| m["role"].as_str()).collect();
        assert_eq!(roles, ["system", "user", "assistant", "user"]);
        assert_eq!(chat["response_format"]["json_schema"]["schema"], json!({"type": "object"}));
        assert_eq!((&chat["response_format"]["type"], &chat["max_tokens"]), (&json!("json_schema"), &json!(500)));
        let message = request(Api::Anthropic, "m", &ask(), 300);
        assert_eq!((&message["system"], &message["max_tokens"]), (&json!("be brief"), &json!(300)));
        assert_eq!(message["messages"].as_array().map(Vec::len), Some(3));
        assert_eq!(message["output_config"]["format"]["type"], "json_schema");
        let names = |api| headers(api, Some("k")).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names(Api::Openai), ["Content-Type", "Authorization"]);
        assert_eq!(names(Api::Anthropic), ["Content-Type", "anthropic-version", "x-api-key"]);
        assert_eq!(headers(Api::Openai, None).len(), 1);
    }

    #[test]
    fn answers_are_read_with_why_they_end() {
        let chat = |message: Value, finish: &str| {
            let body =
                json!({"choices": [{"message": message, "finish_reason": finish}], "usage": {"prompt_tokens": 7, "completion_tokens": 5}});
            read(Api::Openai, 200, body.to_string().as_bytes())
        };
        let done = chat(json!({"content": "{}"}), "stop").expect("is one");
        assert_eq!((done.text.as_str(), &done.finish, done.tokens_in, done.tokens_out), ("{}", &Finish::Done, 7, 5));
        assert_eq!(chat(json!({"content": "{\"a"}), "length").expect("is one").finish, Finish::Cut);
        assert_eq!(chat(json!({"content": null, "refusal": "no"}), "stop").expect("is one").finish, Finish::Refused("no".into()));
        assert!(matches!(chat(json!({"content": ""}), "content_filter").expect("is one").finish, Finish::Refused(_)));
        assert_eq!(chat(json!({"content": null}), "tool_calls").expect_err("says nothing").reason, "not_understood");
        let message = |content: Value, stop: &str| {
            let body = json!({"content": content, "stop_reason": stop, "stop_details": {"explanation": "no"}, "usage": {"input_tokens": 7, "output_tokens": 5}});
            read(Api::Anthropic, 200, body.to_string().as_bytes())
        };
        let text = json!([{"type": "thinking", "thinking": "x"}, {"type": "text", "text": "{"}, {"type": "text", "text": "}"}]);
        let done = message(text.clone(), "end_turn").expect("is one");
        assert_eq!((done.text.as_str(), &done.finish, done.tokens_in), ("{}", &Finish::Done, 7));
        assert_eq!(message(text, "max_tokens").expect("is one").finish, Finish::Cut);
        assert_eq!(message(json!([]), "refusal").expect("is one").finish, Finish::Refused("no".into()));
        for body in ["", "[]", "null", "{\"choices\": []}", "{\"choices\": 3}", "<html>", "\u{0}"] {
            for api in [Api::Openai, Api::Anthropic] {
                assert_eq!(read(api, 200, body.as_bytes()).expect_err(body).reason, "not_understood");
            }
        }
    }

    #[test]
    fn failures_are_of_the_kind_that_says_whether_to_ask_again() {
        let of = |status: u16, body: Value| {
            let fault = read(Api::Openai, status, body.to_string().as_bytes()).expect_err("a failure");
            (fault.class.as_str().to_owned(), fault.reason, fault.class == FaultClass::Transient || fault.class == FaultClass::RateLimit)
        };
        let error = |code: Value, kind: &str| json!({"error": {"code": code, "type": kind, "message": "words"}});
        for (status, body, class, reason) in [
            (500, error(json!(500), "server_error"), "transient", "server_error"),
            (503, json!({"error": "loading"}), "transient", "overloaded"),
            (529, error(json!(null), "overloaded_error"), "transient", "overloaded"),
            (504, json!(null), "transient", "timeout"),
            (429, error(json!("rate_limit_exceeded"), "requests"), "rate_limit", "too_often"),
            (429, error(json!("insufficient_quota"), "insufficient_quota"), "fatal", "quota"),
            (402, error(json!(null), "billing_error"), "fatal", "quota"),
            (401, error(json!("invalid_api_key"), "x"), "fatal", "auth"),
            (404, error(json!("model_not_found"), "x"), "fatal", "not_found"),
            (400, error(json!(400), "exceed_context_size_error"), "fatal", "invalid_request"),
            (400, error(json!("content_policy_violation"), "x"), "content_rejected", "content"),
            (302, json!(""), "fatal", "redirect"),
        ] {
            let (got, why, again) = of(status, body);
            assert_eq!((got.as_str(), why.as_str()), (class, reason), "{status}");
            assert_eq!(again, matches!(class, "transient" | "rate_limit"));
        }
        let long = read(Api::Openai, 500, "x\u{1b}[2J".repeat(1_000).as_bytes()).expect_err("a failure");
        assert!(long.message.len() < 3_000 && !long.message.contains('\u{1b}'), "{}", long.message);
    }
}
