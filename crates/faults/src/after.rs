//! What must hold after a fault: the uncut run's bytes, nothing left behind, nothing done twice, and a registry that is whole.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, Row};

use crate::world::{Golden, files_of, objects_of, tree};

/// The folder and the store are those of the uncut run.
pub fn same(golden: &Golden, home: &Path, out: &Path) -> Result<(), String> {
    let files = files_of(out)?;
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    if names(&files) != names(&golden.files) {
        return Err(format!("the run folder holds {:?}, the uncut one {:?}", names(&files), names(&golden.files)));
    }
    if let Some((name, _)) = files.iter().find(|(name, bytes)| golden.files[*name] != **bytes) {
        return Err(format!("{name} is not the uncut run's"));
    }
    let objects = objects_of(home)?;
    // Records of runs hold times; everything else in the store is the same.
    let is_record = |hash: &&String| record_in(home, hash) || record_in(&golden.home, hash);
    if let Some(lost) = golden.objects.difference(&objects).find(|h| !is_record(h)) {
        return Err(format!("{lost} is not in the store"));
    }
    if let Some(other) = objects.difference(&golden.objects).find(|h| !is_record(h)) {
        return Err(format!("{other} is in the store and not in the uncut run's"));
    }
    Ok(())
}

pub fn record_in(home: &Path, hash: &str) -> bool {
    let path = home.join("objects").join(&hash[..2]).join(&hash[2..]);
    std::fs::read(path).is_ok_and(|b| serde_json::from_slice::<serde_json::Value>(&b).is_ok_and(|v| v["schema_id"] == "run_summary"))
}

/// No file under a temporary name, no folder of a dead process, nothing set aside.
pub fn clean(base: &Path) -> Result<(), String> {
    let stray = |path: &&PathBuf| {
        let inside = path.strip_prefix(base).unwrap_or(path);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let in_tmp = inside.starts_with("home/tmp") && inside != Path::new("home/tmp/lock");
        in_tmp || name.ends_with(kit::files::TEMP_SUFFIX) || name.starts_with('.') || inside.starts_with("home/quarantine")
    };
    match tree(base)?.iter().find(stray) {
        Some(path) => Err(format!("{} was left behind", path.strip_prefix(base).unwrap_or(path).display())),
        None => match std::fs::read_dir(base.join("home/tmp")).into_iter().flatten().flatten().find(|e| e.path().is_dir()) {
            Some(folder) => Err(format!("{} was left behind", folder.path().display())),
            None => Ok(()),
        },
    }
}

/// How long a process that is ending may hold the database.
const WAIT: Duration = Duration::from_secs(5);

/// What the registry's tables say, read from outside.
#[derive(Default)]
pub struct Journal {
    integrity: String,
    /// Steps that someone holds, and runs that have not ended.
    held: i64,
    /// Steps: run, name, memo key, state, whether the memo answered.
    steps: Vec<(String, String, String, String, bool)>,
    /// Keys the memo knows.
    memo: BTreeSet<String>,
    /// Every try at a step.
    pub attempts: Vec<Attempt>,
    /// Run and step of every `step_finished` on record.
    finished: Vec<(String, String)>,
    /// Results that were offered to the memo and were other ones than it had.
    kept: i64,
    /// Runs by id: how they stand, and why.
    pub runs: BTreeMap<String, (String, String)>,
    /// Who says that it takes work.
    pub workers: BTreeSet<String>,
    /// Steps that were given back by a worker that would make something else of them.
    pub refused: i64,
}

/// A row of `attempts`.
pub struct Attempt {
    pub run: String,
    pub step: String,
    pub owner: String,
    /// `done`, `failed`, `lost`; empty while it runs.
    pub outcome: String,
    /// Milliseconds since the epoch, by the clock of who took it.
    pub started: i64,
}

impl Journal {
    /// Reads a home; `None` when it holds no registry yet.
    pub fn read(home: &Path) -> Result<Option<Self>, String> {
        let path = home.join("registry.sqlite");
        if !path.is_file() {
            return Ok(None);
        }
        // Not read-only: what a kill left in the log is only seen by a reader that may recover it.
        let conn = Connection::open(&path).map_err(|e| format!("the registry cannot be opened: {e}"))?;
        let read = conn.busy_timeout(WAIT).and_then(|()| Self::tables(&conn));
        read.map_err(|e| format!("the registry cannot be read: {e}"))
    }

    fn tables(conn: &Connection) -> rusqlite::Result<Option<Self>> {
        let integrity: String = conn.query_row("PRAGMA integrity_check", [], |r| r.get(0))?;
        if number(conn, "SELECT count(*) FROM sqlite_schema WHERE name IN ('steps', 'attempts')")? < 2 {
            return Ok((integrity != "ok").then(|| Self { integrity, ..Self::default() }));
        }
        let sql = "SELECT (SELECT count(*) FROM steps WHERE state = 'running') + (SELECT count(*) FROM runs WHERE ended IS NULL)";
        let held = number(conn, sql)?;
        let steps = rows(conn, "SELECT run, name, memo_key, state, hit FROM steps", |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get::<_, i64>(4)? != 0))
        })?;
        let memo = rows(conn, "SELECT key FROM memo", |r| r.get(0))?;
        let attempts = rows(conn, "SELECT run, step, owner, coalesce(outcome, ''), started FROM attempts ORDER BY run, step, n", |r| {
            let (run, step, owner) = (r.get(0)?, r.get(1)?, r.get(2)?);
            Ok(Attempt { run, step, owner, outcome: r.get(3)?, started: r.get(4)? })
        })?;
        let sql = "SELECT run, json_extract(json, '$.step') FROM events WHERE kind = 'step_finished'";
        let finished = rows(conn, sql, |r| Ok((r.get(0)?, r.get(1)?)))?;
        let runs = rows(conn, "SELECT id, status, coalesce(error, '') FROM runs", |r| Ok((r.get(0)?, (r.get(1)?, r.get(2)?))))?;
        let workers = rows(conn, "SELECT owner FROM workers", |r| r.get(0))?;
        let kept = number(conn, "SELECT count(*) FROM events WHERE kind = 'memo_kept'")?;
        let refused = number(conn, "SELECT count(*) FROM events WHERE kind = 'step_refused'")?;
        Ok(Some(Self { integrity, held, steps, memo, attempts, finished, kept, runs, workers, refused }))
    }

    /// In every run, no step was finished twice, and what one worker made is what every other would have made.
    pub fn once(&self) -> Result<(), String> {
        let mut seen = BTreeSet::new();
        if let Some((run, step)) = self.finished.iter().find(|f| !seen.insert(*f)) {
            return Err(format!("step {step} of {run} was finished twice"));
        }
        let mut done = BTreeSet::new();
        if let Some(a) = self.attempts.iter().filter(|a| a.outcome == "done").find(|a| !done.insert((&a.run, &a.step))) {
            return Err(format!("two attempts at step {} of {} are done", a.step, a.run));
        }
        if let Some((run, step)) = done.iter().find(|(run, step)| !seen.contains(&((*run).clone(), (*step).clone()))) {
            return Err(format!("step {step} of {run} is done, and its end is not on record"));
        }
        if self.kept > 0 { Err(format!("{} results were other ones than those the memo had", self.kept)) } else { Ok(()) }
    }

    /// Milliseconds from a moment to the first step that a run took.
    pub fn first_taken(&self, run: &str, since: i64) -> Option<i64> {
        self.attempts.iter().filter(|a| a.run == run).map(|a| a.started - since).min()
    }

    /// The database is whole.
    pub fn whole(&self) -> Result<(), String> {
        if self.integrity == "ok" { Ok(()) } else { Err(format!("integrity_check: {}", self.integrity)) }
    }

    /// The database is whole, and nobody holds anything.
    pub fn sound(&self) -> Result<(), String> {
        self.whole()?;
        if self.held > 0 { Err(format!("{} leases are held by nobody", self.held)) } else { Ok(()) }
    }

    /// Every step the last run executed was unknown to the memo before, and none is left unfinished in it.
    pub fn nothing_twice(&self, before: Option<&Self>, run: &str) -> Result<(), String> {
        let steps: Vec<_> = self.steps.iter().filter(|s| s.0 == run).collect();
        if steps.is_empty() {
            return Err(format!("the run `{run}` has no steps"));
        }
        for (_, name, key, state, hit) in &steps {
            if state != "done" {
                return Err(format!("step {name} is `{state}`"));
            }
            let Some(before) = before else { continue };
            let finished = before.memo.contains(key) || before.steps.iter().any(|s| s.2 == *key && s.3 == "done");
            if finished && !hit {
                return Err(format!("step {name} was finished before the kill, and ran again"));
            }
        }
        Ok(())
    }
}

/// Whether the database of a home can be written just now.
pub fn writable(home: &Path) -> bool {
    let tried = || -> rusqlite::Result<()> {
        let conn = Connection::open(home.join("registry.sqlite"))?;
        conn.busy_timeout(Duration::from_millis(20))?;
        conn.execute_batch("BEGIN IMMEDIATE; ROLLBACK")
    };
    tried().is_ok()
}

fn number(conn: &Connection, sql: &str) -> rusqlite::Result<i64> {
    conn.query_row(sql, [], |r| r.get(0))
}

fn rows<T, C: FromIterator<T>>(conn: &Connection, sql: &str, row: impl Fn(&Row<'_>) -> rusqlite::Result<T>) -> rusqlite::Result<C> {
    conn.prepare(sql)?.query_map([], row)?.collect()
}
