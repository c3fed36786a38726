//! Questions about the whole database: every row that names content, and whether all is as it should be.

use kit::Timestamp;
use rusqlite::{Connection, Row, params};

use super::cells::{approval, grade, hash, id, maybe_id, memo, number};
use super::{all, first};
use crate::RegistryError;
use crate::index::{Index, MemoEntry, RunEntry};
use crate::rows::Grade;
use crate::store::{DecisionRow, Decisions};

/// A run that stopped at an approval point goes on from what it has made, however long the answer takes: until a film of its
/// episode is made, what it has made is not used up.
const BUSY: &str = "SELECT memo_key FROM steps JOIN runs ON runs.id = steps.run WHERE runs.ended IS NULL OR (runs.status = 'blocked'
    AND (EXISTS (SELECT 1 FROM reviews w WHERE w.run = runs.id)
        OR EXISTS (SELECT 1 FROM approvals a WHERE a.run = runs.id AND a.approved = 1))
    AND NOT EXISTS (SELECT 1 FROM runs later WHERE later.tenant = runs.tenant AND later.project = runs.project
        AND later.episode = runs.episode AND later.look = 0 AND later.started > runs.started
        AND later.status IN ('completed', 'degraded')))";

pub(super) fn index(conn: &Connection, now: Timestamp) -> Result<Index, RegistryError> {
    let blobs = all(conn, "SELECT hash FROM blobs", params![], |r| hash(r, "hash"))?;
    let sql = "SELECT hash, schema_id, run FROM artifacts";
    let artifacts = all(conn, sql, params![], |r| Ok((hash(r, "hash")?, r.get("schema_id")?, maybe_id(r, "run")?)))?;
    let sql = "SELECT * FROM memo ORDER BY last_used, key";
    let memos = all(conn, sql, params![], |r| Ok(MemoEntry::new(id(r, "tenant")?, r.get("last_used")?, memo(r)?)))?;
    let sql = "SELECT name, hash FROM refs UNION SELECT name, hash FROM ref_moves";
    let refs = all(conn, sql, params![], |r| Ok((r.get("name")?, hash(r, "hash")?)))?;
    let sql = "SELECT id, status, ended, summary, look, row_number()
        OVER (PARTITION BY tenant, project, episode, look ORDER BY started DESC, id DESC) AS place FROM runs";
    let runs = all(conn, sql, params![], run)?;
    let sql = "SELECT run, point, subject FROM approvals";
    let approvals = all(conn, sql, params![], |r| Ok((id(r, "run")?, r.get("point")?, hash(r, "subject")?)))?;
    let busy = all(conn, BUSY, params![], |r| hash(r, "memo_key"))?;
    let sql = "SELECT key, response FROM requests WHERE response IS NOT NULL AND expires_at > ?";
    let answers = all(conn, sql, params![now.ms()], |r| Ok((r.get("key")?, hash(r, "response")?)))?;
    Ok(Index { blobs, artifacts, memos, refs, runs, approvals, busy, answers })
}

fn run(row: &Row<'_>) -> Result<RunEntry, RegistryError> {
    let summary: Option<String> = row.get("summary")?;
    Ok(RunEntry {
        id: id(row, "id")?,
        status: row.get("status")?,
        look: row.get::<_, i64>("look")? != 0,
        place: number(row, "place")?,
        ended: row.get::<_, Option<i64>>("ended")?.is_some(),
        summary: summary.map(contracts::Hash::try_from).transpose().map_err(|e| RegistryError::row("summary", e))?,
    })
}

pub(super) fn finished(conn: &Connection) -> Result<Vec<(Grade, String)>, RegistryError> {
    let sql = "SELECT s.grade, e.json FROM events e JOIN steps s ON s.run = e.run AND s.name = json_extract(e.json, '$.step')
        WHERE e.kind = 'step_finished'";
    all(conn, sql, params![], |row| Ok((grade(row)?, row.get("json")?)))
}

pub(super) fn decisions(conn: &Connection) -> Result<Decisions, RegistryError> {
    let rows = all(conn, "SELECT * FROM approvals ORDER BY seq", params![], |row| {
        let said = id(row, "run").and_then(|run| Ok((run, approval(row)?))).ok();
        Ok(DecisionRow { seq: row.get("seq")?, run: row.get("run")?, said, digest: row.get("digest")? })
    })?;
    let ever = first(conn, "SELECT seq FROM sqlite_sequence WHERE name = 'approvals'", params![], |row| Ok(row.get(0)?))?;
    Ok(Decisions { rows, ever: ever.unwrap_or(0) })
}

/// What SQLite says of its own file, and rows that point to rows which are not there.
pub(super) fn complaints(conn: &Connection) -> Result<Vec<String>, RegistryError> {
    let mut found = Vec::new();
    match all::<String, Vec<_>>(conn, "PRAGMA integrity_check", params![], |row| Ok(row.get(0)?)) {
        Ok(lines) => found.extend(lines.into_iter().filter(|line| line != "ok")),
        // Pages so damaged that SQLite stops looking.
        Err(error) => found.push(format!("the integrity check could not end: {error}")),
    }
    match all::<(String, String), Vec<_>>(conn, "PRAGMA foreign_key_check", params![], |row| Ok((row.get(0)?, row.get(2)?))) {
        Ok(rows) => {
            let told = rows.iter().map(|(table, parent)| format!("a row of `{table}` names a row of `{parent}` that is not there"));
            found.extend(told);
        }
        Err(error) => found.push(format!("the foreign key check could not end: {error}")),
    }
    Ok(found)
}
