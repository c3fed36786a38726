//! Canonical JSON (RFC 8785, restricted to integers) and the content hash made from it.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The largest integer a JSON number may hold without loss: 2^53 − 1 (RFC 8785, appendix D).
pub const MAX_SAFE_INTEGER: i64 = (1 << 53) - 1;

/// A SHA-256 content address, 64 lower-case hexadecimal digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("pattern" = "^[0-9a-f]{64}$"))]
pub struct Hash(String);

impl Hash {
    /// The address of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let digest = Sha256::digest(bytes);
        Self(digest.iter().map(|b| format!("{b:02x}")).collect())
    }

    /// The 64 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first 12 digits, for display only.
    pub fn short(&self) -> &str {
        &self.0[..12]
    }

    /// The first eight bytes as an integer: a seed that comes from content.
    pub fn seed(&self) -> u64 {
        u64::from_str_radix(&self.0[..16], 16).unwrap_or(0)
    }
}

impl TryFrom<String> for Hash {
    type Error = String;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let hex = text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if hex { Ok(Self(text)) } else { Err(format!("`{text}` is not a content address: expected 64 lower-case hexadecimal digits")) }
    }
}

impl From<Hash> for String {
    fn from(hash: Hash) -> Self {
        hash.0
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({})", self.short())
    }
}

/// Why a value has no canonical form.
#[derive(Debug, thiserror::Error)]
pub enum CanonicalError {
    /// Hashed content holds integers only, so that every machine writes the same digits.
    #[error("{pointer}: the number {number} is not an integer below 2^53")]
    Number {
        /// Where, as a JSON pointer.
        pointer: String,
        /// The number as found.
        number: String,
    },
    /// Absent is not null.
    #[error("{pointer}: null is not allowed; leave the field out")]
    Null {
        /// Where, as a JSON pointer.
        pointer: String,
    },
    /// The value could not be turned into JSON at all.
    #[error("the document cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// The canonical bytes of any serialisable document: sorted keys (by UTF-16 code units), no white space, integers only.
pub fn canonical_bytes<T: Serialize + ?Sized>(document: &T) -> Result<Vec<u8>, CanonicalError> {
    canonical_value(&serde_json::to_value(document)?)
}

/// The canonical bytes of a JSON value.
pub fn canonical_value(value: &Value) -> Result<Vec<u8>, CanonicalError> {
    let mut out = Vec::with_capacity(1024);
    write_value(value, &mut String::new(), &mut out)?;
    Ok(out)
}

fn write_value(value: &Value, pointer: &mut String, out: &mut Vec<u8>) -> Result<(), CanonicalError> {
    match value {
        Value::Null => return Err(CanonicalError::Null { pointer: pointer.clone() }),
        Value::Bool(b) => out.extend_from_slice(if *b { b"true" } else { b"false" }),
        Value::Number(n) => {
            let safe = n.as_i64().filter(|i| (-MAX_SAFE_INTEGER..=MAX_SAFE_INTEGER).contains(i));
            match safe {
                Some(i) => out.extend_from_slice(i.to_string().as_bytes()),
                None => return Err(CanonicalError::Number { pointer: pointer.clone(), number: n.to_string() }),
            }
        }
        // serde_json escapes exactly what RFC 8785 asks for: `"`, `\`, and control characters, short forms first.
        Value::String(s) => serde_json::to_writer(out, s)?,
        Value::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                nested(pointer, &i.to_string(), |p| write_value(item, p, out))?;
            }
            out.push(b']');
        }
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_by(|a, b| a.encode_utf16().cmp(b.encode_utf16()));
            out.push(b'{');
            for (i, key) in keys.into_iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                serde_json::to_writer(&mut *out, key)?;
                out.push(b':');
                nested(pointer, key, |p| write_value(&map[key], p, out))?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

fn nested<T>(pointer: &mut String, step: &str, f: impl FnOnce(&mut String) -> T) -> T {
    let length = pointer.len();
    pointer.push('/');
    pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
    let result = f(pointer);
    pointer.truncate(length);
    result
}
