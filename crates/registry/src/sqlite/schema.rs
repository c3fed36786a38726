//! The layout of the database and how older ones become it. Migrations go forward only and are never edited once
//! released; a change is a new entry.

use rusqlite::{Connection, params};

use super::{exec, first, one};
use crate::RegistryError;

/// One entry a layout: entry `n` makes layout `n + 1` from layout `n`.
const MIGRATIONS: &[&str] = &[LAYOUT_1, LAYOUT_2, LAYOUT_3, LAYOUT_4, LAYOUT_5, LAYOUT_6];

/// The layout this build reads and writes.
pub(super) const LAYOUT: i64 = MIGRATIONS.len() as i64;

/// Times are milliseconds since the epoch, UTC. `fence` in `meta` is the counter every lease takes its number from.
/// Events and approvals are append-only, approvals by decree of the database itself.
const LAYOUT_1: &str = "
CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES ('layout', 1), ('fence', 0);

CREATE TABLE blobs (hash TEXT PRIMARY KEY, size INTEGER NOT NULL, created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE artifacts (
    tenant TEXT NOT NULL, hash TEXT NOT NULL, schema_id TEXT NOT NULL, schema_version TEXT NOT NULL, size INTEGER NOT NULL,
    created_at INTEGER NOT NULL, run TEXT, step TEXT,
    PRIMARY KEY (tenant, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX artifacts_by_run ON artifacts (run) WHERE run IS NOT NULL;

CREATE TABLE memo (
    tenant TEXT NOT NULL, key TEXT NOT NULL, grade TEXT NOT NULL CHECK (grade IN ('pure', 'pinned', 'recorded')),
    kind TEXT NOT NULL, kind_version INTEGER NOT NULL, outputs TEXT NOT NULL, created_at INTEGER NOT NULL,
    last_used INTEGER NOT NULL, run TEXT,
    PRIMARY KEY (tenant, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE refs (
    tenant TEXT NOT NULL, name TEXT NOT NULL, hash TEXT NOT NULL, version INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    id TEXT PRIMARY KEY, tenant TEXT NOT NULL, project TEXT NOT NULL, episode INTEGER NOT NULL, status TEXT NOT NULL,
    owner TEXT NOT NULL, started INTEGER NOT NULL, ended INTEGER, out_dir TEXT, summary TEXT, error TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX runs_by_project ON runs (tenant, project, episode, started);
CREATE INDEX runs_open ON runs (owner) WHERE ended IS NULL;

CREATE TABLE steps (
    run TEXT NOT NULL REFERENCES runs (id), name TEXT NOT NULL, stage TEXT NOT NULL, kind TEXT NOT NULL,
    kind_version INTEGER NOT NULL, grade TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('ready', 'running', 'done', 'failed', 'lost')),
    lease TEXT, fence INTEGER NOT NULL DEFAULT 0, attempt INTEGER NOT NULL DEFAULT 0, memo_key TEXT NOT NULL,
    hit INTEGER NOT NULL DEFAULT 0, started INTEGER, ended INTEGER, error TEXT,
    PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX steps_running ON steps (lease) WHERE state = 'running';

CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT, at INTEGER NOT NULL, kind TEXT NOT NULL, json TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_run ON events (run, seq);

CREATE TABLE approvals (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL REFERENCES runs (id), point TEXT NOT NULL,
    approver TEXT NOT NULL, at TEXT NOT NULL, subject TEXT NOT NULL, approved INTEGER NOT NULL, notes TEXT
) STRICT;
CREATE INDEX approvals_by_run ON approvals (run, seq);
CREATE TRIGGER approvals_stand BEFORE UPDATE ON approvals BEGIN SELECT RAISE(ABORT, 'an approval is never changed'); END;
CREATE TRIGGER approvals_stay BEFORE DELETE ON approvals BEGIN SELECT RAISE(ABORT, 'an approval is never removed'); END;
";

/// Lineage: what an artifact was made from and how, what a film replaced, and every move a name has made. A memo row carries
/// the digest of what it says, because the database's own pages have none. What older layouts did not record stays null.
const LAYOUT_2: &str = "
CREATE TABLE lineage (
    tenant TEXT NOT NULL, child TEXT NOT NULL, relation TEXT NOT NULL CHECK (relation IN ('made_from', 'supersedes')),
    parent TEXT NOT NULL,
    PRIMARY KEY (tenant, child, relation, parent)
) STRICT, WITHOUT ROWID;
CREATE INDEX lineage_by_parent ON lineage (tenant, parent);

ALTER TABLE artifacts ADD COLUMN kind TEXT;
ALTER TABLE artifacts ADD COLUMN kind_version INTEGER;
ALTER TABLE artifacts ADD COLUMN grade TEXT;
ALTER TABLE artifacts ADD COLUMN memo_key TEXT;
ALTER TABLE artifacts ADD COLUMN tool TEXT;

ALTER TABLE memo ADD COLUMN digest TEXT;

CREATE TABLE ref_moves (
    tenant TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, hash TEXT NOT NULL, run TEXT, at INTEGER NOT NULL,
    PRIMARY KEY (tenant, name, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX ref_moves_by_hash ON ref_moves (tenant, hash);
INSERT INTO ref_moves SELECT tenant, name, version, hash, NULL, updated_at FROM refs;
";

/// What a client asked for under a key of its own, and what it was answered; and which runs were only looks.
const LAYOUT_3: &str = "
CREATE TABLE requests (
    tenant TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, owner TEXT NOT NULL, at INTEGER NOT NULL,
    response TEXT, expires_at INTEGER,
    PRIMARY KEY (tenant, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX requests_open ON requests (owner) WHERE response IS NULL;

ALTER TABLE runs ADD COLUMN look INTEGER NOT NULL DEFAULT 0;
";

/// Steps stand in queues, in an order, and may be taken by any process that can rebuild them from what they read (`spec`).
/// Every attempt is a row; whoever takes work says so (`workers`) and beats. What a run waits for a person to decide stands in
/// `reviews`, and what a person asks of a run that is going, in `control`. A table's states cannot be widened: `steps` is
/// written anew.
const LAYOUT_4: &str = "
CREATE TABLE steps_4 (
    run TEXT NOT NULL REFERENCES runs (id), name TEXT NOT NULL, stage TEXT NOT NULL, kind TEXT NOT NULL,
    kind_version INTEGER NOT NULL, grade TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('ready', 'running', 'done', 'failed', 'lost', 'dead', 'skipped')),
    queue TEXT NOT NULL, place INTEGER NOT NULL, spec TEXT, timeout_ms INTEGER,
    lease TEXT, fence INTEGER NOT NULL DEFAULT 0, attempt INTEGER NOT NULL DEFAULT 0, memo_key TEXT NOT NULL,
    hit INTEGER NOT NULL DEFAULT 0, enqueued INTEGER, started INTEGER, ended INTEGER, error TEXT,
    PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;
INSERT INTO steps_4 (run, name, stage, kind, kind_version, grade, state, queue, place, lease, fence, attempt, memo_key, hit,
        started, ended, error)
    SELECT run, name, stage, kind, kind_version, grade, state, 'cpu', 0, lease, fence, attempt, memo_key, hit, started, ended, error
    FROM steps;
DROP TABLE steps;
ALTER TABLE steps_4 RENAME TO steps;
CREATE INDEX steps_running ON steps (lease) WHERE state = 'running';
CREATE INDEX steps_ready ON steps (queue, place) WHERE state = 'ready';

CREATE TABLE attempts (
    run TEXT NOT NULL, step TEXT NOT NULL, n INTEGER NOT NULL, owner TEXT NOT NULL, fence INTEGER NOT NULL,
    started INTEGER NOT NULL, ended INTEGER, outcome TEXT CHECK (outcome IN ('done', 'failed', 'lost')), error TEXT,
    PRIMARY KEY (run, step, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE workers (
    owner TEXT PRIMARY KEY, queues TEXT NOT NULL, build TEXT NOT NULL, started INTEGER NOT NULL, beat INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE reviews (
    run TEXT NOT NULL REFERENCES runs (id), point TEXT NOT NULL, subject TEXT NOT NULL, what TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (run, point, subject)
) STRICT, WITHOUT ROWID;

ALTER TABLE runs ADD COLUMN control TEXT CHECK (control IN ('pause', 'drain', 'cancel'));
ALTER TABLE runs ADD COLUMN request TEXT;
CREATE INDEX approvals_by_subject ON approvals (point, subject, seq);
";

/// A decision carries the digest of what it says and of the one before it. Those of older layouts have none.
const LAYOUT_5: &str = "
ALTER TABLE approvals ADD COLUMN digest TEXT;
";

/// What a remembered step has read stands beside what it made, so that two runs can be held against each other value by value.
/// What older layouts did not record stays null.
const LAYOUT_6: &str = "ALTER TABLE memo ADD COLUMN reads TEXT;";

/// The layout of a database; 0 for an empty one.
fn layout(conn: &Connection) -> Result<i64, RegistryError> {
    let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'meta'";
    if one::<i64>(conn, sql, params![], |row| Ok(row.get(0)?))? == 0 {
        return Ok(0);
    }
    let layout = first(conn, "SELECT value FROM meta WHERE key = 'layout'", params![], |row| Ok(row.get(0)?))?;
    layout.ok_or_else(|| RegistryError::row("meta", "the layout is not recorded"))
}

/// Brings a database to this build's layout, all or nothing. `Err(found)` inside when it is newer.
pub(super) fn migrate(conn: &Connection) -> Result<Result<(), i64>, RegistryError> {
    match layout(conn)? {
        LAYOUT => return Ok(Ok(())),
        newer if newer > LAYOUT => return Ok(Err(newer)),
        _ => {}
    }
    conn.execute_batch("BEGIN IMMEDIATE")?;
    let result = step_up(conn);
    let end = if matches!(result, Ok(Ok(()))) { "COMMIT" } else { "ROLLBACK" };
    conn.execute_batch(end)?;
    result
}

fn step_up(conn: &Connection) -> Result<Result<(), i64>, RegistryError> {
    // Asked again under the lock: another process may have been first.
    let from = layout(conn)?;
    if from > LAYOUT {
        return Ok(Err(from));
    }
    for (n, sql) in MIGRATIONS.iter().enumerate().skip(usize::try_from(from).unwrap_or(0)) {
        conn.execute_batch(sql)?;
        exec(conn, "UPDATE meta SET value = ? WHERE key = 'layout'", params![n as i64 + 1])?;
    }
    Ok(Ok(()))
}
