//! What is written down holds no secrets: events and errors pass here on their way into the database, and again on their way
//! out of it.

use kit::redact::{MARK, redactor, secret_name};
use serde_json::Value;

/// The same value without secrets: in its texts, and under names that say so.
pub fn redacted(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(redactor().text(&text).into_owned()),
        Value::Array(items) => Value::Array(items.into_iter().map(redacted).collect()),
        Value::Object(map) => {
            let clean = map.into_iter().map(|(name, value)| {
                let hidden = secret_name(&name) && value.as_str().is_some_and(|text| !text.is_empty() && !address(text));
                let value = if hidden { Value::from(MARK) } else { redacted(value) };
                (name, value)
            });
            Value::Object(clean.collect())
        }
        other => other,
    }
}

/// A step's `key` is the address of what it reads: no secret.
fn address(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_that_say_so_and_texts_are_cleaned_at_any_depth_and_addresses_stay() {
        let key = "0a".repeat(32);
        let said = json!({"key": key, "n": 1, "list": [{"api_key": "whatever it is", "error": "Bearer abcdef123456 was refused"}]});
        let clean = redacted(said);
        assert_eq!(clean["key"], key.as_str());
        assert_eq!(clean["list"][0]["api_key"], MARK);
        assert_eq!(clean["list"][0]["error"], format!("Bearer {MARK} was refused"));
    }
}
