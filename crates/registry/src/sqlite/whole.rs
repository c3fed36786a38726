//! Questions about the whole database: every row that names content, and whether all is as it should be.

use kit::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::cells::{approval, grade, hash, id, maybe_id, memo, number};
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

pub(super) async fn index(conn: &mut SqliteConnection, now: Timestamp) -> Result<Index, RegistryError> {
    let mut all = async |sql: &'static str| -> Result<Vec<SqliteRow>, RegistryError> { Ok(sqlx::query(sql).fetch_all(&mut *conn).await?) };
    let blobs = all("SELECT hash FROM blobs").await?.iter().map(|r| hash(r, "hash")).collect::<Result<_, _>>()?;
    let artifacts = all("SELECT hash, schema_id, run FROM artifacts").await?;
    let artifacts = artifacts.iter().map(|r| Ok((hash(r, "hash")?, r.try_get("schema_id")?, maybe_id(r, "run")?)));
    let artifacts = artifacts.collect::<Result<_, RegistryError>>()?;
    let memos = all("SELECT * FROM memo ORDER BY last_used, key").await?;
    let memos = memos.iter().map(|r| Ok(MemoEntry::new(id(r, "tenant")?, r.try_get("last_used")?, memo(r)?)));
    let memos = memos.collect::<Result<_, RegistryError>>()?;
    let refs = all("SELECT name, hash FROM refs UNION SELECT name, hash FROM ref_moves").await?;
    let refs = refs.iter().map(|r| Ok((r.try_get("name")?, hash(r, "hash")?))).collect::<Result<_, RegistryError>>()?;
    let sql = "SELECT id, status, ended, summary, look, row_number()
        OVER (PARTITION BY tenant, project, episode, look ORDER BY started DESC, id DESC) AS place FROM runs";
    let runs = all(sql).await?;
    let runs = runs.iter().map(run).collect::<Result<_, _>>()?;
    let approvals = all("SELECT run, point, subject FROM approvals").await?;
    let approvals = approvals.iter().map(|r| Ok((id(r, "run")?, r.try_get("point")?, hash(r, "subject")?)));
    let approvals = approvals.collect::<Result<_, RegistryError>>()?;
    let busy = all(BUSY).await?;
    let busy = busy.iter().map(|r| hash(r, "memo_key")).collect::<Result<_, _>>()?;
    let sql = "SELECT key, response FROM requests WHERE response IS NOT NULL AND expires_at > ?";
    let answers = sqlx::query(sql).bind(now.ms()).fetch_all(&mut *conn).await?;
    let answers = answers.iter().map(|r| Ok((r.try_get("key")?, hash(r, "response")?))).collect::<Result<_, RegistryError>>()?;
    Ok(Index { blobs, artifacts, memos, refs, runs, approvals, busy, answers })
}

fn run(row: &SqliteRow) -> Result<RunEntry, RegistryError> {
    let summary: Option<String> = row.try_get("summary")?;
    Ok(RunEntry {
        id: id(row, "id")?,
        status: row.try_get("status")?,
        look: row.try_get::<i64, _>("look")? != 0,
        place: number(row, "place")?,
        ended: row.try_get::<Option<i64>, _>("ended")?.is_some(),
        summary: summary.map(contracts::Hash::try_from).transpose().map_err(|e| RegistryError::row("summary", e))?,
    })
}

pub(super) async fn finished(conn: &mut SqliteConnection) -> Result<Vec<(Grade, String)>, RegistryError> {
    let sql = "SELECT s.grade, e.json FROM events e JOIN steps s ON s.run = e.run AND s.name = json_extract(e.json, '$.step')
        WHERE e.kind = 'step_finished'";
    let rows = sqlx::query(sql).fetch_all(conn).await?;
    rows.iter().map(|row| Ok((grade(row)?, row.try_get("json")?))).collect()
}

pub(super) async fn decisions(conn: &mut SqliteConnection) -> Result<Decisions, RegistryError> {
    let rows = sqlx::query("SELECT * FROM approvals ORDER BY seq").fetch_all(&mut *conn).await?;
    let rows = rows.iter().map(|row| {
        let said = id(row, "run").and_then(|run| Ok((run, approval(row)?))).ok();
        Ok(DecisionRow { seq: row.try_get("seq")?, run: row.try_get("run")?, said, digest: row.try_get("digest")? })
    });
    let rows = rows.collect::<Result<_, RegistryError>>()?;
    let ever = sqlx::query("SELECT seq FROM sqlite_sequence WHERE name = 'approvals'").fetch_optional(conn).await?;
    Ok(Decisions { rows, ever: ever.map(|row| row.try_get(0)).transpose()?.unwrap_or(0) })
}

/// What SQLite says of its own file, and rows that point to rows which are not there.
pub(super) async fn complaints(conn: &mut SqliteConnection) -> Result<Vec<String>, RegistryError> {
    let mut found = Vec::new();
    match sqlx::query("PRAGMA integrity_check").fetch_all(&mut *conn).await {
        Ok(rows) => {
            for row in rows {
                let line: String = row.try_get(0)?;
                if line != "ok" {
                    found.push(line);
                }
            }
        }
        // Pages so damaged that SQLite stops looking.
        Err(error) => found.push(format!("the integrity check could not end: {error}")),
    }
    match sqlx::query("PRAGMA foreign_key_check").fetch_all(conn).await {
        Ok(rows) => {
            for row in rows {
                let (table, parent): (String, String) = (row.try_get(0)?, row.try_get(2)?);
                found.push(format!("a row of `{table}` names a row of `{parent}` that is not there"));
            }
        }
        Err(error) => found.push(format!("the foreign key check could not end: {error}")),
    }
    Ok(found)
}
