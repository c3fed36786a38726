//! Who names what: every row that refers to content, read at once, for looking over a whole home.

use std::collections::{BTreeMap, BTreeSet};

use contracts::{Hash, Id};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::reads::{grade, hash, id, maybe_id, memo, number};
use crate::rows::{Grade, Outputs};
use crate::{Registry, RegistryError};

/// A remembered result, with whose it is and when it was used.
pub(crate) struct MemoEntry {
    pub(crate) tenant: Id,
    pub(crate) key: Hash,
    pub(crate) grade: Grade,
    pub(crate) kind: String,
    pub(crate) last_used: i64,
    /// `None` when the row does not say what was written.
    pub(crate) outputs: Option<Outputs>,
}

/// A run, as far as it names content.
pub(crate) struct RunEntry {
    pub(crate) id: Id,
    pub(crate) status: String,
    pub(crate) ended: bool,
    pub(crate) summary: Option<Hash>,
    /// A look that newer looks at the same episode have replaced.
    pub(crate) faded: bool,
}

/// A run that stopped at an approval point goes on from what it has made, however long the answer takes: until a film of its
/// episode is made, what it has made is not used up.
const BUSY: &str = "SELECT memo_key FROM steps JOIN runs ON runs.id = steps.run WHERE runs.ended IS NULL OR (runs.status = 'blocked'
    AND (EXISTS (SELECT 1 FROM reviews w WHERE w.run = runs.id)
        OR EXISTS (SELECT 1 FROM approvals a WHERE a.run = runs.id AND a.approved = 1))
    AND NOT EXISTS (SELECT 1 FROM runs later WHERE later.tenant = runs.tenant AND later.project = runs.project
        AND later.episode = runs.episode AND later.look = 0 AND later.started > runs.started
        AND later.status IN ('completed', 'degraded')))";

/// So many looks at an episode, the newest, keep what they made.
const LOOKS: usize = 5;

/// All rows that refer to content.
pub(crate) struct Index {
    pub(crate) blobs: BTreeSet<Hash>,
    /// Address, schema id, the run that stored it.
    pub(crate) artifacts: Vec<(Hash, String, Option<Id>)>,
    pub(crate) memos: Vec<MemoEntry>,
    /// Name and address, of the present and of every earlier one.
    pub(crate) refs: Vec<(String, Hash)>,
    pub(crate) runs: Vec<RunEntry>,
    /// Run, point and what was approved.
    pub(crate) approvals: Vec<(Id, String, Hash)>,
    /// Keys of the steps of runs that have not ended, and of runs that wait for a person or were told to go on.
    pub(crate) busy: BTreeSet<Hash>,
    /// Clients' keys and the answers under them that have not expired.
    pub(crate) answers: Vec<(String, Hash)>,
}

impl Registry {
    /// Reads every row that refers to content.
    pub(crate) async fn index(&self) -> Result<Index, RegistryError> {
        let mut conn = self.db().read().await;
        let mut all =
            async |sql: &'static str| -> Result<Vec<SqliteRow>, RegistryError> { Ok(sqlx::query(sql).fetch_all(&mut *conn).await?) };
        let blobs = all("SELECT hash FROM blobs").await?.iter().map(|r| hash(r, "hash")).collect::<Result<_, _>>()?;
        let artifacts = all("SELECT hash, schema_id, run FROM artifacts").await?;
        let artifacts = artifacts.iter().map(|r| Ok((hash(r, "hash")?, r.try_get("schema_id")?, maybe_id(r, "run")?)));
        let artifacts = artifacts.collect::<Result<_, RegistryError>>()?;
        let memos = all("SELECT * FROM memo ORDER BY last_used, key").await?;
        let memos = memos.iter().map(memo_entry).collect::<Result<_, _>>()?;
        let refs = all("SELECT name, hash FROM refs UNION SELECT name, hash FROM ref_moves").await?;
        let refs = refs.iter().map(|r| Ok((r.try_get("name")?, hash(r, "hash")?))).collect::<Result<_, RegistryError>>()?;
        let sql = "SELECT id, status, ended, summary, look, row_number()
            OVER (PARTITION BY tenant, project, episode, look ORDER BY started DESC, id DESC) AS place FROM runs";
        let runs = all(sql).await?;
        let runs = runs.iter().map(run_entry).collect::<Result<_, _>>()?;
        let approvals = all("SELECT run, point, subject FROM approvals").await?;
        let approvals = approvals.iter().map(|r| Ok((id(r, "run")?, r.try_get("point")?, hash(r, "subject")?)));
        let approvals = approvals.collect::<Result<_, RegistryError>>()?;
        let busy = all(BUSY).await?;
        let busy = busy.iter().map(|r| hash(r, "memo_key")).collect::<Result<_, _>>()?;
        let sql = "SELECT key, response FROM requests WHERE response IS NOT NULL AND expires_at > ?";
        let answers = sqlx::query(sql).bind(self.clock().now_utc().ms()).fetch_all(&mut *conn).await?;
        let answers = answers.iter().map(|r| Ok((r.try_get("key")?, hash(r, "response")?))).collect::<Result<_, RegistryError>>()?;
        Ok(Index { blobs, artifacts, memos, refs, runs, approvals, busy, answers })
    }

    /// Who has ever made content, as the log has it: a result that was forgotten because it was lost is made again all the
    /// same. Of several grades the one that can be had again counts.
    pub(crate) async fn made_ever(&self) -> Result<BTreeMap<Hash, Grade>, RegistryError> {
        let sql = "SELECT s.grade, e.json FROM events e JOIN steps s ON s.run = e.run AND s.name = json_extract(e.json, '$.step')
            WHERE e.kind = 'step_finished'";
        let mut made = BTreeMap::new();
        for row in sqlx::query(sql).fetch_all(&mut *self.db().read().await).await? {
            let (grade, text) = (grade(&row)?, row.try_get::<String, _>("json")?);
            let Ok(event) = serde_json::from_str::<serde_json::Value>(&text) else { continue };
            let outputs: Outputs = serde_json::from_value(event["outputs"].clone()).unwrap_or_default();
            for output in outputs.files.into_values() {
                let known = made.entry(output.hash).or_insert(grade);
                *known = grade.min(*known);
            }
        }
        Ok(made)
    }

    /// What SQLite says of its own file, and rows that point to rows which are not there; empty when all is well.
    pub(crate) async fn database_complaints(&self) -> Result<Vec<String>, RegistryError> {
        let mut conn = self.db().read().await;
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
        match sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut *conn).await {
            Ok(rows) => {
                for row in rows {
                    let (table, parent): (String, String) = (row.try_get(0)?, row.try_get(2)?);
                    found.push(format!("a row of `{table}` names a row of `{parent}` that is not there"));
                }
            }
            Err(error) => found.push(format!("the foreign key check could not end: {error}")),
        }
        match crate::decisions::complaints(&mut conn).await {
            Ok(wrong) => found.extend(wrong),
            Err(error) => found.push(format!("the decisions could not be looked over: {error}")),
        }
        Ok(found)
    }
}

fn memo_entry(row: &SqliteRow) -> Result<MemoEntry, RegistryError> {
    Ok(MemoEntry {
        tenant: id(row, "tenant")?,
        key: hash(row, "key")?,
        grade: grade(row)?,
        kind: row.try_get("kind")?,
        last_used: row.try_get("last_used")?,
        outputs: memo(row)?.map(|m| m.outputs),
    })
}

fn run_entry(row: &SqliteRow) -> Result<RunEntry, RegistryError> {
    let summary: Option<String> = row.try_get("summary")?;
    Ok(RunEntry {
        id: id(row, "id")?,
        status: row.try_get("status")?,
        faded: row.try_get::<i64, _>("look")? != 0 && number::<usize>(row, "place")? > LOOKS,
        ended: row.try_get::<Option<i64>, _>("ended")?.is_some(),
        summary: summary.map(Hash::try_from).transpose().map_err(|e| RegistryError::row("summary", e))?,
    })
}

/// How content can be had again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Makers {
    /// A pure or pinned step makes it.
    pub(crate) remakes: bool,
    /// A recorded result holds it.
    pub(crate) recorded: bool,
}

impl Index {
    /// For each address that a row names: who names it, in words. A row of `blobs` alone names nothing.
    pub(crate) fn named(&self) -> BTreeMap<&Hash, Vec<String>> {
        let mut named: BTreeMap<&Hash, Vec<String>> = BTreeMap::new();
        for (hash, schema, run) in &self.artifacts {
            let of = run.as_ref().map_or_else(String::new, |r| format!(" of run {r}"));
            named.entry(hash).or_default().push(format!("artifact {schema}{of}"));
        }
        for memo in &self.memos {
            for (name, output) in memo.outputs.iter().flat_map(|o| &o.files) {
                let name = if name == output.hash.as_str() { String::new() } else { format!(" `{name}`") };
                named.entry(&output.hash).or_default().push(format!(
                    "{} result{name} of a step {} ({})",
                    memo.grade,
                    memo.kind,
                    memo.key.short()
                ));
            }
        }
        for (name, hash) in &self.refs {
            named.entry(hash).or_default().push(format!("ref {name}"));
        }
        for run in &self.runs {
            if let Some(summary) = &run.summary {
                named.entry(summary).or_default().push(format!("summary of run {}", run.id));
            }
        }
        for (key, hash) in &self.answers {
            named.entry(hash).or_default().push(format!("answer to the request `{key}`"));
        }
        for (run, point, hash) in &self.approvals {
            named.entry(hash).or_default().push(format!("approval {point} of run {run}"));
        }
        named
    }

    /// For each address that a remembered result names: how it can be had again.
    pub(crate) fn makers(&self) -> BTreeMap<&Hash, Makers> {
        let mut makers: BTreeMap<&Hash, Makers> = BTreeMap::new();
        for memo in &self.memos {
            for output in memo.outputs.iter().flat_map(|o| o.files.values()) {
                let entry = makers.entry(&output.hash).or_default();
                match memo.grade {
                    Grade::Recorded => entry.recorded = true,
                    Grade::Pure | Grade::Pinned => entry.remakes = true,
                }
            }
        }
        makers
    }
}
