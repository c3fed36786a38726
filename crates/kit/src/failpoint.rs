//! Named points where a test may make the program fail or die. Off unless `REELWRIGHT_FAILPOINT` says otherwise.
//!
//! Syntax: `name=kill` or `name=error`, optionally `@n` for the n-th time the point is reached (from 1, the default);
//! several are separated by commas. `kill` ends the process at once, without flushing or cleaning up, as `kill -9` does.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// The environment variable.
pub const VARIABLE: &str = "REELWRIGHT_FAILPOINT";

/// A failure that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("failpoint `{name}` was told to fail")]
pub struct Injected {
    /// The point.
    pub name: String,
}

/// A setting that is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a failpoint: expected name=kill or name=error, with @n for the n-th time")]
pub struct BadFailpoint {
    /// As given.
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Kill,
    Error,
}

#[derive(Debug)]
struct Point {
    name: String,
    act: Act,
    nth: u64,
    reached: AtomicU64,
}

/// A set of armed points. Cloning shares the counters.
#[derive(Debug, Clone, Default)]
pub struct Failpoints(Arc<Vec<Point>>);

impl Failpoints {
    /// Nothing armed.
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads a setting.
    pub fn parse(setting: &str) -> Result<Self, BadFailpoint> {
        let point = |text: &str| -> Option<Point> {
            let (name, rest) = text.split_once('=')?;
            let (act, nth) = rest.split_once('@').unwrap_or((rest, "1"));
            let act = match act {
                "kill" => Act::Kill,
                "error" => Act::Error,
                _ => return None,
            };
            let nth = nth.parse().ok().filter(|n| *n > 0)?;
            Some(Point { name: name.to_owned(), act, nth, reached: AtomicU64::new(0) })
        };
        let texts = setting.split(',').map(str::trim).filter(|t| !t.is_empty());
        texts.map(|t| point(t).ok_or_else(|| BadFailpoint { text: t.to_owned() })).collect::<Result<_, _>>().map(|p| Self(Arc::new(p)))
    }

    /// Says that the program is at this point. Ends the process or returns an error when it was told to.
    pub fn hit(&self, name: &str) -> Result<(), Injected> {
        for point in self.0.iter().filter(|p| p.name == name) {
            if point.reached.fetch_add(1, Ordering::SeqCst) + 1 == point.nth {
                match point.act {
                    Act::Kill => std::process::abort(),
                    Act::Error => return Err(Injected { name: name.to_owned() }),
                }
            }
        }
        Ok(())
    }
}

/// The points armed by the environment, read once. A malformed setting arms nothing and is returned by [`from_env`].
pub fn global() -> &'static Failpoints {
    static GLOBAL: OnceLock<Failpoints> = OnceLock::new();
    GLOBAL.get_or_init(|| from_env().unwrap_or_default())
}

/// Reads the environment variable; absent means nothing armed.
pub fn from_env() -> Result<Failpoints, BadFailpoint> {
    std::env::var(VARIABLE).map_or_else(|_| Ok(Failpoints::none()), |text| Failpoints::parse(&text))
}

/// Says that the program is at this point, against [`global`].
pub fn hit(name: &str) -> Result<(), Injected> {
    global().hit(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nth_time_fails_once() {
        let points = Failpoints::parse("a=error@2, b=error").expect("parses");
        let fails: Vec<bool> = (0..3).map(|_| points.hit("a").is_err()).collect();
        assert_eq!(fails, [false, true, false]);
        assert_eq!(points.hit("b"), Err(Injected { name: "b".into() }));
        assert_eq!(points.hit("c"), Ok(()));
    }

    #[test]
    fn nonsense_is_named() {
        for text in ["a", "a=boom", "a=kill@0", "a=kill@x"] {
            assert_eq!(Failpoints::parse(text).expect_err("refused").text, text);
        }
        assert!(Failpoints::parse("").is_ok());
    }
}
