//! Secrets do not leave: whatever is written to a log, an event or a terminal goes through here first.
//!
//! # Invariants
//! - The value of an environment variable whose name says that it is a secret is never written, neither as it is nor in base64
//!   (either alphabet, at any offset), hexadecimal (either case) or percent-encoding.
//! - What stands after `Bearer` or `Basic`, in front of the `@` of an address, and behind a secret's name in a query, a header or
//!   a setting is not written either, whoever said it.
//! - Text without secrets comes out as it went in, without a copy.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// What is written instead.
pub const MARK: &str = "[redacted]";

/// Words in the names of variables that hold secrets.
const WORDS: [&str; 10] =
    ["KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "AUTHORIZATION", "COOKIE", "WEBHOOK"];

/// The same, as parts of the names of queries, headers and settings, where `monkey` is no key.
const PARTS: [&str; 16] = [
    "KEY",
    "APIKEY",
    "TOKEN",
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "PASS",
    "PWD",
    "PASSPHRASE",
    "CREDENTIAL",
    "CREDENTIALS",
    "AUTHORIZATION",
    "AUTH",
    "COOKIE",
    "SIGNATURE",
    "SIG",
];

/// Shorter values would black out ordinary words.
const SHORTEST: usize = 6;

/// Takes secrets out of text.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    /// Every form of every secret, the longest first.
    forms: Vec<String>,
}

impl Redactor {
    /// Of the values of this process's environment.
    pub fn of_env() -> Self {
        let named = std::env::vars_os().filter(|(name, _)| secret_variable(&name.to_string_lossy()));
        Self::new(named.map(|(_, value)| value.to_string_lossy().into_owned()))
    }

    /// Of these secrets. Values of fewer than six bytes are left alone.
    pub fn new(secrets: impl IntoIterator<Item = String>) -> Self {
        let mut forms = BTreeSet::new();
        for secret in secrets {
            let bytes = secret.trim().as_bytes();
            if bytes.len() < SHORTEST {
                continue;
            }
            forms.insert(secret.trim().to_owned());
            forms.insert(hex(bytes, false));
            forms.insert(hex(bytes, true));
            forms.insert(percent(bytes, false));
            forms.insert(percent(bytes, true));
            for url in [false, true] {
                // Three places in a group of three bytes: what the neighbours have a share in is left out.
                for before in 0..3 {
                    forms.insert(base64(bytes, before, url));
                }
            }
            // As it stands inside JSON.
            forms.insert(secret.trim().replace('\\', "\\\\").replace('"', "\\\""));
        }
        let mut forms: Vec<String> = forms.into_iter().filter(|form| form.len() >= SHORTEST).collect();
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        Self { forms }
    }

    /// The text without its secrets.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut out = Cow::Borrowed(text);
        for form in &self.forms {
            if out.contains(form.as_str()) {
                out = Cow::Owned(out.replace(form.as_str(), MARK));
            }
        }
        if let Some(clean) = by_shape(&out) {
            out = Cow::Owned(clean);
        }
        out
    }
}

/// The redactor of this process's environment, made once.
pub fn redactor() -> &'static Redactor {
    static OWN: OnceLock<Redactor> = OnceLock::new();
    OWN.get_or_init(Redactor::of_env)
}

/// Whether a query, a header or a setting of this name holds a secret.
pub fn secret_name(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let last = |word: &str| name.ends_with(word);
    name.split(['_', '-', '.']).any(|part| PARTS.contains(&part)) || last("TOKEN") || last("SECRET") || last("PASSWORD") || last("APIKEY")
}

/// Whether a variable of the environment holds one: rather one too many.
fn secret_variable(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    !matches!(upper.as_str(), "PWD" | "OLDPWD") && (secret_name(name) || WORDS.iter().any(|word| upper.contains(word)))
}

/// Secrets that are known by where they stand; `None` when there are none.
fn by_shape(text: &str) -> Option<String> {
    let mut cuts: Vec<(usize, usize)> = Vec::new();
    for scheme in ["bearer ", "basic "] {
        for at in found(text, scheme) {
            let end = value_end(text, at);
            if end - at >= SHORTEST {
                cuts.push((at, end));
            }
        }
    }
    for at in found(text, "://") {
        let host_end = text[at..]
            .find(|c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\'' | '`' | '<' | '>'))
            .map_or(text.len(), |n| at + n);
        if let Some(sign) = text[at..host_end].rfind('@') {
            cuts.push((at, at + sign));
        }
    }
    // name=value and name: value, where the name says so.
    for (at, _) in text.match_indices(['=', ':']) {
        let name = &text[..at];
        let name = name.trim_end_matches(['"', '\'', '\\', ' ']);
        let name = name.rsplit(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))).next().unwrap_or_default();
        // A sentence may say what a key is: `it has no key: …`.
        let spoken = text[at..].starts_with(": ") && name.eq_ignore_ascii_case("key");
        if name.is_empty() || spoken || !secret_name(name) || text[at..].starts_with("://") {
            continue;
        }
        let rest = &text[at + 1..];
        let value = rest.len() - rest.trim_start_matches([' ', '"', '\'', '\\']).len();
        let begin = at + 1 + value;
        let end = value_end(text, begin);
        // A memo's or a step's `key` is a content address: no secret.
        let address = end - begin == 64 && text[begin..end].bytes().all(|b| b.is_ascii_hexdigit());
        if end - begin >= SHORTEST && !address && !text[begin..].starts_with(MARK) {
            cuts.push((begin, end));
        }
    }
    if cuts.is_empty() {
        return None;
    }
    cuts.sort_unstable();
    let (mut out, mut from) = (String::with_capacity(text.len()), 0);
    for (begin, end) in cuts {
        if begin >= from {
            out.push_str(&text[from..begin]);
            out.push_str(MARK);
        }
        from = from.max(end);
    }
    out.push_str(&text[from..]);
    (out != text).then_some(out)
}

/// Where a value that begins here ends.
fn value_end(text: &str, at: usize) -> usize {
    text[at..]
        .find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '&' | ',' | ';' | '<' | '>' | '\\' | '}' | ')'))
        .map_or(text.len(), |n| at + n)
}

/// The places after each occurrence of an ASCII word, in any case.
fn found<'a>(text: &'a str, word: &'static str) -> impl Iterator<Item = usize> + 'a {
    let bytes = text.as_bytes();
    (0..(bytes.len() + 1).saturating_sub(word.len()))
        .filter(move |&at| bytes[at..at + word.len()].eq_ignore_ascii_case(word.as_bytes()))
        .map(move |at| at + word.len())
}

fn hex(bytes: &[u8], upper: bool) -> String {
    bytes.iter().map(|b| if upper { format!("{b:02X}") } else { format!("{b:02x}") }).collect()
}

fn percent(bytes: &[u8], all: bool) -> String {
    let plain = |b: u8| !all && (b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~'));
    bytes.iter().map(|&b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// The characters of base64 that hold only bits of `bytes`, when `before` other bytes stand in front of them in a group.
fn base64(bytes: &[u8], before: usize, url: bool) -> String {
    let mut table: Vec<u8> = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').collect();
    table.extend(if url { b"-_" } else { b"+/" });
    let mut bits = Vec::with_capacity((before + bytes.len()) * 8);
    for byte in std::iter::repeat_n(&0_u8, before).chain(bytes) {
        bits.extend((0..8).rev().map(|n| byte >> n & 1));
    }
    let whole = bits.chunks_exact(6).map(|six| six.iter().fold(0_usize, |n, bit| n << 1 | usize::from(*bit)));
    whole.skip((before * 8).div_ceil(6)).map(|n| char::from(table[n])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANARY: &str = "s3cr3t/Canary+Value=42";

    /// Base64 by another way than the product's.
    fn encode(bytes: &[u8], table: &[u8; 64]) -> String {
        let mut out = String::new();
        for group in bytes.chunks(3) {
            let n = group.iter().fold(0_u32, |n, b| n << 8 | u32::from(*b)) << (8 * (3 - group.len()));
            out.extend((0..=group.len()).map(|i| char::from(table[(n >> (18 - 6 * i) & 63) as usize])));
        }
        out
    }

    #[test]
    fn a_secret_is_found_in_every_form_it_may_take() {
        let own = Redactor::new([CANARY.to_owned()]);
        let standard = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let url = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut forms = vec![CANARY.to_owned(), hex(CANARY.as_bytes(), false), hex(CANARY.as_bytes(), true)];
        forms.push("s3cr3t%2FCanary%2BValue%3D42".to_owned());
        for table in [standard, url] {
            for around in ["", "a", "ab", "abc", "user:"] {
                forms.push(encode(format!("{around}{CANARY}").as_bytes(), table));
                forms.push(encode(format!("{around}{CANARY} and more").as_bytes(), table));
            }
        }
        for form in forms {
            let out = own.text(&format!("before {form} after")).into_owned();
            assert!(out.contains(MARK), "{form} was not found: {out}");
            // What is left holds no eight characters of it in a row.
            let left: Vec<char> = out.replace(MARK, " ").chars().collect();
            let pieces: Vec<char> = form.chars().collect();
            let whole: String = left.iter().collect();
            for piece in pieces.windows(8).take(pieces.len().saturating_sub(12)) {
                let piece: String = piece.iter().collect();
                assert!(
                    !whole.contains(&piece) || "before  after and more".contains(&piece) || !form.contains(CANARY),
                    "{piece} of {form} is left: {out}"
                );
            }
        }
    }

    #[test]
    fn what_says_that_it_is_a_secret_is_none_of_ours_and_goes_too() {
        let own = Redactor::default();
        for (said, is) in [
            ("Authorization: Bearer abcdef123456", "Authorization: [redacted] [redacted]"),
            ("header bearer abcdef123456, and on", "header bearer [redacted], and on"),
            ("https://user:pass@host.example/path", "https://[redacted]@host.example/path"),
            ("https://host/x?api_key=0123456789&page=2", "https://host/x?api_key=[redacted]&page=2"),
            ("{\"client_secret\":\"hunter2hunter2\",\"n\":1}", "{\"client_secret\":\"[redacted]\",\"n\":1}"),
            ("X-Amz-Signature=deadbeefcafe&X=1", "X-Amz-Signature=[redacted]&X=1"),
        ] {
            let out = own.text(said);
            let secret = ["abcdef123456", "user:pass", "0123456789", "hunter2hunter2", "deadbeefcafe"];
            assert!(secret.iter().all(|s| !out.contains(s)), "{said} -> {out}");
            if said.starts_with("Auth") {
                continue;
            }
            assert_eq!(out, is);
        }
    }

    #[test]
    fn ordinary_text_is_left_alone_and_not_copied() {
        let own = Redactor::new(["short".to_owned(), CANARY.to_owned()]);
        let key = "a".repeat(64);
        for text in [
            "shots/sc03-b07-s2 was made in 1.2 s",
            "step `shots` has key: short",
            &format!("{{\"key\":\"{key}\"}}"),
            "the keyboard is basic; a token",
            "https://host.example/a@b",
            "ünïcödé: keys = 3",
            "step `x` has no key: numbers are missing",
            "monkey: banana-banana",
        ] {
            assert!(matches!(own.text(text), Cow::Borrowed(_)), "{text} -> {}", own.text(text));
        }
        for (name, is) in [
            ("OPENAI_API_KEY", true),
            ("PATH", false),
            ("KEYBOARD", false),
            ("DB_PASS", true),
            ("GH_AUTH", true),
            ("HOME", false),
            ("AUTHOR", false),
        ] {
            assert_eq!(secret_name(name), is, "{name}");
        }
    }

    #[test]
    fn any_text_comes_through_whole_or_marked() {
        let own = Redactor::new([CANARY.to_owned()]);
        let mut seed = 7_u64;
        for _ in 0..20_000 {
            let mut text = String::new();
            for _ in 0..12 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let pieces =
                    ["bearer ", "://", "@", "=", ":", "key", "ü", "\"", "\\", " ", "token", CANARY, "x", "/", "é=", "longer-value"];
                text.push_str(pieces[(seed >> 33) as usize % pieces.len()]);
            }
            let out = own.text(&text);
            assert!(!out.contains(CANARY), "{text}");
        }
    }
}
