//! Named points where a test may make the program fail or die, and the list of those a run passes. Off unless
//! `REELWRIGHT_FAILPOINT` says otherwise.
//!
//! Syntax: `name=kill`, `name=stop` or `name=error`, optionally `@n` for the n-th time the point is reached (from 1, the
//! default); several are separated by commas; the name `*` is any point, and `name about` is the point while the program is
//! about something whose name begins so (`orchestrator.after_step shots/`). `kill` is SIGKILL: nothing is flushed, nothing is
//! cleaned up. `stop` is SIGSTOP: the process stands still, its locks held, until somebody lets it go on. `record:FILE` alone
//! appends a line `name@n detail` to FILE for every point that is reached, in the order in which they are.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustix::process::{Signal, getpid, kill_process};

/// The environment variable.
pub const VARIABLE: &str = "REELWRIGHT_FAILPOINT";

/// A failure that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("failpoint `{name}` was told to fail")]
pub struct Injected {
    /// The point.
    pub name: String,
}

impl From<Injected> for std::io::Error {
    fn from(injected: Injected) -> Self {
        Self::other(injected)
    }
}

/// A setting that is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a failpoint: expected name=kill, name=stop or name=error, with @n for the n-th time, or record:FILE")]
pub struct BadFailpoint {
    /// As given.
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Kill,
    Stop,
    Error,
}

#[derive(Debug)]
struct Point {
    name: String,
    act: Act,
    nth: u64,
    reached: AtomicU64,
}

impl Point {
    fn is(&self, name: &str, detail: &str) -> bool {
        match self.name.split_once(' ') {
            Some((point, about)) => point == name && detail.starts_with(about),
            None => self.name == "*" || self.name == name,
        }
    }
}

/// The list of the points that were reached; the file is made when the first one is.
#[derive(Debug)]
struct Record {
    path: PathBuf,
    state: Mutex<(Option<fs::File>, BTreeMap<String, u64>)>,
}

impl Record {
    fn note(&self, name: &str, detail: &str) -> Result<(), Injected> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (file, reached) = &mut *state;
        let n = reached.entry(name.to_owned()).or_default();
        *n += 1;
        let line = format!("{name}@{n} {detail}\n");
        let written = (|| {
            if file.is_none() {
                *file = Some(fs::File::options().create(true).append(true).open(&self.path)?);
            }
            file.as_mut().map_or(Ok(()), |f| f.write_all(line.as_bytes()))
        })();
        // A list that is not whole must not be taken for one.
        written.map_err(|e: std::io::Error| Injected { name: format!("record:{}: {e}", self.path.display()) })
    }
}

/// A set of armed points. Cloning shares the counters.
#[derive(Debug, Clone, Default)]
pub struct Failpoints(Option<Arc<Armed>>);

#[derive(Debug)]
struct Armed {
    points: Vec<Point>,
    record: Option<Record>,
}

impl Failpoints {
    /// Nothing armed.
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads a setting. Touches no file.
    pub fn parse(setting: &str) -> Result<Self, BadFailpoint> {
        let bad = |text: &str| BadFailpoint { text: text.to_owned() };
        if let Some(path) = setting.strip_prefix("record:") {
            let record = Record { path: PathBuf::from(path), state: Mutex::default() };
            return if path.is_empty() { Err(bad(setting)) } else { Ok(Self::armed(Vec::new(), Some(record))) };
        }
        let point = |text: &str| -> Option<Point> {
            let (name, rest) = text.split_once('=')?;
            let (act, nth) = rest.split_once('@').unwrap_or((rest, "1"));
            let act = match act {
                "kill" => Act::Kill,
                "stop" => Act::Stop,
                "error" => Act::Error,
                _ => return None,
            };
            let nth = nth.parse().ok().filter(|n| *n > 0)?;
            Some(Point { name: name.to_owned(), act, nth, reached: AtomicU64::new(0) })
        };
        let texts = setting.split(',').map(str::trim).filter(|t| !t.is_empty());
        let points: Vec<Point> = texts.map(|t| point(t).ok_or_else(|| bad(t))).collect::<Result<_, _>>()?;
        Ok(if points.is_empty() { Self::none() } else { Self::armed(points, None) })
    }

    fn armed(points: Vec<Point>, record: Option<Record>) -> Self {
        Self(Some(Arc::new(Armed { points, record })))
    }

    /// Says that the program is at this point. Ends the process or returns an error when it was told to.
    pub fn hit(&self, name: &str) -> Result<(), Injected> {
        self.hit_at(name, "")
    }

    /// As [`Failpoints::hit`], with what the program is about, for the record.
    pub fn hit_at(&self, name: &str, detail: &str) -> Result<(), Injected> {
        let Some(armed) = &self.0 else { return Ok(()) };
        if let Some(record) = &armed.record {
            record.note(name, detail)?;
        }
        for point in armed.points.iter().filter(|p| p.is(name, detail)) {
            if point.reached.fetch_add(1, Ordering::SeqCst) + 1 == point.nth {
                match point.act {
                    Act::Kill => die(),
                    Act::Stop => drop(kill_process(getpid(), Signal::STOP)),
                    Act::Error => return Err(Injected { name: name.to_owned() }),
                }
            }
        }
        Ok(())
    }
}

/// SIGKILL to ourselves, which no handler, buffer or destructor sees.
fn die() -> ! {
    let _ = kill_process(getpid(), Signal::KILL);
    std::process::abort()
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
        let any = Failpoints::parse("*=error@2").expect("parses");
        assert_eq!((any.hit("a").is_ok(), any.hit("b").is_err()), (true, true), "the second point, whichever it is");
    }

    #[test]
    fn nonsense_is_named() {
        for text in ["a", "a=boom", "a=kill@0", "a=kill@x", "record:"] {
            assert_eq!(Failpoints::parse(text).expect_err("refused").text, text);
        }
        assert!(Failpoints::parse("").is_ok());
    }

    #[test]
    fn every_point_that_is_reached_is_on_the_record() {
        let path = std::env::temp_dir().join(format!("kit-failpoints-{}", std::process::id()));
        let points = Failpoints::parse(&format!("record:{}", path.display())).expect("parses");
        assert!(!path.exists(), "a setting alone makes no file");
        for (name, detail) in [("a", "one"), ("b", ""), ("a", "two")] {
            points.hit_at(name, detail).expect("is noted");
        }
        assert_eq!(fs::read_to_string(&path).expect("the record"), "a@1 one\nb@1 \na@2 two\n");
        fs::remove_file(&path).expect("removes");
        let nowhere = Failpoints::parse("record:/nonexistent/folder/list").expect("parses");
        assert!(nowhere.hit("a").is_err(), "a record that cannot be kept is an error");
    }
}
