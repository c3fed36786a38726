//! Ids that may reach a path, a log line or a URL.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An id of the form `[a-z0-9][a-z0-9_-]{0,62}` (design §4). Model and tool names are other types and never reach a path.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("pattern" = "^[a-z0-9][a-z0-9_-]{0,62}$"))]
pub struct Id(String);

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an id: it must match [a-z0-9][a-z0-9_-]{{0,62}} (lower-case letters, digits, `_`, `-`; at most 63)")]
pub struct IdError {
    /// The text as given, cut to 80 characters.
    pub text: String,
}

impl Id {
    /// Checks a text and makes it an id.
    pub fn new(text: impl Into<String>) -> Result<Self, IdError> {
        let text = text.into();
        let ok = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let bytes = text.as_bytes();
        let valid = (1..=63).contains(&bytes.len()) && ok(bytes[0]) && bytes.iter().all(|&b| ok(b) || b == b'_' || b == b'-');
        if valid { Ok(Self(text)) } else { Err(IdError { text: text.escape_debug().to_string().chars().take(80).collect() }) }
    }

    /// Makes an id from a title: lower case, runs of anything else become one `-`.
    pub fn slug(title: &str) -> Self {
        let mut slug = String::new();
        for c in title.chars().flat_map(char::to_lowercase) {
            if c.is_ascii_alphanumeric() {
                slug.push(c);
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
            if slug.len() >= 60 {
                break;
            }
        }
        let slug = slug.trim_end_matches('-');
        Self(if slug.is_empty() { "untitled".to_owned() } else { slug.to_owned() })
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// This id with a suffix, `{self}-{suffix}`.
    pub fn child(&self, suffix: impl fmt::Display) -> Result<Self, IdError> {
        Self::new(format!("{}-{suffix}", self.0))
    }
}

impl TryFrom<String> for Id {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(text)
    }
}

impl TryFrom<&str> for Id {
    type Error = IdError;
    fn try_from(text: &str) -> Result<Self, Self::Error> {
        Self::new(text)
    }
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        id.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::ops::Deref for Id {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for Id {
    fn borrow(&self) -> &str {
        &self.0
    }
}
