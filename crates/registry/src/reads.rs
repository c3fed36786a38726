//! Reading: what the tables say, as Rust types.

use std::collections::BTreeMap;

use contracts::run::Approval;
use contracts::{Document, Hash, Id};
use kit::Timestamp;
use serde_json::{Value, json};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::rows::{
    ArtifactRow, Claim, Control, EventRow, Grade, Lineage, Making, Memo, MemoLookup, NewStep, Outputs, RefMove, RefRow, Relation, RunRow,
    StepRow, StepState,
};
use crate::txn::{claim_row, json_list, memo_digest};
use crate::{Registry, RegistryError};

/// Which runs to list.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    /// Of this project only.
    pub project: Option<Id>,
    /// Of this episode only.
    pub episode: Option<u32>,
    /// At most this many; 0 for all.
    pub limit: u32,
}

impl Registry {
    /// What the memo says about one key.
    pub async fn memo_get(&self, tenant: &Id, key: &Hash) -> Result<MemoLookup, RegistryError> {
        let mut answers = self.memo_get_many(tenant, std::slice::from_ref(key)).await?;
        Ok(answers.pop().unwrap_or(MemoLookup::Miss))
    }

    /// What the memo says about many keys, in their order, with one question to the database. A result counts only while
    /// its row holds its digest, it has not expired, and all its content is there at its size (its bytes are hashed when
    /// they are read). One that has expired is forgotten and leaves an event `memo_expired`. A pure
    /// or pinned result with lost content is forgotten and leaves an event `memo_lost`; a recorded one is an error, because
    /// asking again would be a new answer.
    pub async fn memo_get_many(&self, tenant: &Id, keys: &[Hash]) -> Result<Vec<MemoLookup>, RegistryError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let sql =
            "SELECT key, grade, kind, kind_version, outputs, digest FROM memo WHERE tenant = ? AND key IN (SELECT value FROM json_each(?))";
        let rows = sqlx::query(sql).bind(tenant.as_str()).bind(json_list(keys)).fetch_all(&mut *self.db().read().await).await?;
        let now = self.clock().now_utc();
        let mut found = BTreeMap::new();
        let mut forget = self.begin();
        for row in rows {
            let (key, kind, grade) = (hash(&row, "key")?, row.try_get::<String, _>("kind")?, grade(&row)?);
            let memo = memo(&row)?;
            if memo.as_ref().is_some_and(|m| m.outputs.expired(now)) {
                forget.memo_forget(tenant, &key);
                forget.event(None, "memo_expired", json!({"key": key, "kind": kind, "tenant": tenant}));
                continue;
            }
            let lost = match &memo {
                None => Some(key.clone()),
                Some(memo) => self.lost_of(memo)?,
            };
            let lookup = match (lost, memo) {
                (None, Some(memo)) => MemoLookup::Hit(memo),
                (lost, _) if grade == Grade::Recorded => {
                    return Err(RegistryError::RecordedLost { hash: lost.unwrap_or_else(|| key.clone()), key, kind });
                }
                (lost, memo) => {
                    let hash = lost.unwrap_or_else(|| key.clone());
                    forget.memo_forget(tenant, &key);
                    forget.event(None, "memo_lost", json!({"key": key, "kind": kind, "hash": hash, "tenant": tenant}));
                    MemoLookup::Lost { hash, was: memo.map(|m| m.outputs) }
                }
            };
            found.insert(key, lookup);
        }
        forget.commit_soon().await?;
        Ok(keys.iter().map(|key| found.get(key).cloned().unwrap_or(MemoLookup::Miss)).collect())
    }

    /// What the steps with these keys have read, where that is on record: results of older layouts, and those that were
    /// forgotten, have none.
    pub async fn memo_reads(&self, tenant: &Id, keys: &[Hash]) -> Result<BTreeMap<Hash, Value>, RegistryError> {
        let sql = "SELECT key, reads FROM memo WHERE tenant = ? AND reads IS NOT NULL AND key IN (SELECT value FROM json_each(?))";
        let rows = sqlx::query(sql).bind(tenant.as_str()).bind(json_list(keys)).fetch_all(&mut *self.db().read().await).await?;
        rows.iter()
            .map(|row| {
                let (key, text) = (hash(row, "key")?, row.try_get::<String, _>("reads")?);
                let reads = serde_json::from_str(&text).map_err(|e| RegistryError::row(format!("memo {key}"), e))?;
                Ok((key, reads))
            })
            .collect()
    }

    /// What the steps with these keys have made, as far as it is remembered; nothing is looked for on the disk.
    pub async fn memo_outputs(&self, tenant: &Id, keys: &[Hash]) -> Result<BTreeMap<Hash, Outputs>, RegistryError> {
        let sql = "SELECT key, outputs FROM memo WHERE tenant = ? AND key IN (SELECT value FROM json_each(?))";
        let rows = sqlx::query(sql).bind(tenant.as_str()).bind(json_list(keys)).fetch_all(&mut *self.db().read().await).await?;
        rows.iter()
            .map(|row| {
                let (key, text) = (hash(row, "key")?, row.try_get::<String, _>("outputs")?);
                let made = serde_json::from_str(&text).map_err(|e| RegistryError::row(format!("memo {key}"), e))?;
                Ok((key, made))
            })
            .collect()
    }

    /// The first output that is not there at its size.
    fn lost_of(&self, memo: &Memo) -> Result<Option<Hash>, RegistryError> {
        for output in memo.outputs.files.values() {
            if self.blobs().size(&output.hash)? != Some(output.size) {
                return Ok(Some(output.hash.clone()));
            }
        }
        Ok(None)
    }

    /// The bytes of stored content, checked. Blocks on the disk.
    pub fn bytes(&self, hash: &Hash) -> Result<Vec<u8>, RegistryError> {
        self.blobs().get_bytes(hash)
    }

    /// A stored artifact as its type, checked. Blocks on the disk.
    pub fn artifact<T: Document>(&self, hash: &Hash) -> Result<T, RegistryError> {
        contracts::read(&self.bytes(hash)?).map_err(|source| RegistryError::Read { hash: hash.clone(), source })
    }

    /// What is known beside an artifact.
    pub async fn artifact_row(&self, tenant: &Id, hash: &Hash) -> Result<Option<ArtifactRow>, RegistryError> {
        let sql = "SELECT * FROM artifacts WHERE tenant = ? AND hash = ?";
        let query = sqlx::query(sql).bind(tenant.as_str()).bind(hash.as_str());
        let row = query.fetch_optional(&mut *self.db().read().await).await?;
        row.map(|r| artifact_row(&r)).transpose()
    }

    /// Where a name points; `None` when it was never set.
    pub async fn get_ref(&self, tenant: &Id, name: &str) -> Result<Option<RefRow>, RegistryError> {
        let sql = "SELECT hash, version FROM refs WHERE tenant = ? AND name = ?";
        let row = sqlx::query(sql).bind(tenant.as_str()).bind(name).fetch_optional(&mut *self.db().read().await).await?;
        row.map(|r| Ok(RefRow { hash: hash(&r, "hash")?, version: r.try_get("version")? })).transpose()
    }

    /// Every move of a name, the oldest first.
    pub async fn ref_moves(&self, tenant: &Id, name: &str) -> Result<Vec<RefMove>, RegistryError> {
        let sql = "SELECT * FROM ref_moves WHERE tenant = ? AND name = ? ORDER BY version";
        let rows = sqlx::query(sql).bind(tenant.as_str()).bind(name).fetch_all(&mut *self.db().read().await).await?;
        rows.iter().map(ref_move).collect()
    }

    /// The moves of any name to this content, the oldest first.
    pub async fn ref_moves_to(&self, tenant: &Id, hash: &Hash) -> Result<Vec<RefMove>, RegistryError> {
        let sql = "SELECT * FROM ref_moves WHERE tenant = ? AND hash = ? ORDER BY at, name, version";
        let rows = sqlx::query(sql).bind(tenant.as_str()).bind(hash.as_str()).fetch_all(&mut *self.db().read().await).await?;
        rows.iter().map(ref_move).collect()
    }

    /// What stands directly above and below a piece of content. One step at a time: whoever wants more asks again, with a
    /// limit of its own.
    pub async fn lineage(&self, tenant: &Id, hash: &Hash) -> Result<Lineage, RegistryError> {
        let mut found = Lineage::default();
        let mut conn = self.db().read().await;
        for (sql, into) in [
            ("SELECT relation, parent FROM lineage WHERE tenant = ? AND child = ? ORDER BY relation, parent", &mut found.parents),
            ("SELECT relation, child FROM lineage WHERE tenant = ? AND parent = ? ORDER BY relation, child", &mut found.children),
        ] {
            for row in sqlx::query(sql).bind(tenant.as_str()).bind(hash.as_str()).fetch_all(&mut *conn).await? {
                let relation: String = row.try_get(0)?;
                let relation = Relation::parse(&relation).ok_or_else(|| RegistryError::row("lineage", relation))?;
                let other = Hash::try_from(row.try_get::<String, _>(1)?).map_err(|e| RegistryError::row("lineage", e))?;
                into.push((relation, other));
            }
        }
        Ok(found)
    }

    /// One run.
    pub async fn run(&self, id: &Id) -> Result<Option<RunRow>, RegistryError> {
        let row = sqlx::query("SELECT * FROM runs WHERE id = ?").bind(id.as_str()).fetch_optional(&mut *self.db().read().await).await?;
        row.map(|r| run_row(&r)).transpose()
    }

    /// Runs, the newest first.
    pub async fn runs(&self, tenant: &Id, filter: &RunFilter) -> Result<Vec<RunRow>, RegistryError> {
        let sql = "SELECT * FROM runs WHERE tenant = ?1 AND (?2 IS NULL OR project = ?2) AND (?3 IS NULL OR episode = ?3)
            ORDER BY started DESC, id DESC LIMIT ?4";
        let rows = sqlx::query(sql)
            .bind(tenant.as_str())
            .bind(filter.project.as_ref().map(Id::as_str))
            .bind(filter.episode.map(i64::from))
            .bind(if filter.limit == 0 { -1 } else { i64::from(filter.limit) })
            .fetch_all(&mut *self.db().read().await)
            .await?;
        rows.iter().map(run_row).collect()
    }

    /// How long a step of a kind took here on average, in milliseconds, over the newest thousand that ran.
    pub async fn usual_ms(&self, tenant: &Id) -> Result<BTreeMap<String, u64>, RegistryError> {
        let sql = "SELECT kind, CAST(avg(ended - started) AS INTEGER) AS ms FROM
            (SELECT s.kind, s.started, s.ended FROM steps s JOIN runs r ON r.id = s.run
             WHERE r.tenant = ? AND s.state = 'done' AND s.hit = 0 AND s.started IS NOT NULL ORDER BY s.ended DESC LIMIT 1000)
            GROUP BY kind";
        let rows = sqlx::query(sql).bind(tenant.as_str()).fetch_all(&mut *self.db().read().await).await?;
        rows.iter().map(|row| Ok((row.try_get("kind")?, u64::try_from(row.try_get::<i64, _>("ms")?).unwrap_or(0)))).collect()
    }

    /// The steps of a run, by name.
    pub async fn steps(&self, run: &Id) -> Result<Vec<StepRow>, RegistryError> {
        let sql = "SELECT * FROM steps WHERE run = ? ORDER BY name";
        let rows = sqlx::query(sql).bind(run.as_str()).fetch_all(&mut *self.db().read().await).await?;
        rows.iter().map(step_row).collect()
    }

    /// Events after a place in the log, oldest first: of one run, or of all.
    pub async fn events(&self, run: Option<&Id>, after: i64, limit: u32) -> Result<Vec<EventRow>, RegistryError> {
        let sql = "SELECT * FROM events WHERE (?1 IS NULL OR run = ?1) AND seq > ?2 ORDER BY seq LIMIT ?3";
        let query = sqlx::query(sql).bind(run.map(Id::as_str)).bind(after).bind(i64::from(limit));
        let rows = query.fetch_all(&mut *self.db().read().await).await?;
        rows.iter().map(event_row).collect()
    }

    /// The decisions recorded for a run, in order.
    pub async fn approvals(&self, run: &Id) -> Result<Vec<Approval>, RegistryError> {
        let sql = "SELECT * FROM approvals WHERE run = ? ORDER BY seq";
        let rows = sqlx::query(sql).bind(run.as_str()).fetch_all(&mut *self.db().read().await).await?;
        rows.iter().map(approval).collect()
    }

    /// The last decision of a tenant's people about this content at this point, whichever run asked: a yes to the same content
    /// stands however long ago it was said.
    pub async fn decided(&self, tenant: &Id, point: &str, subject: &Hash) -> Result<Option<(Id, Approval)>, RegistryError> {
        let sql = "SELECT a.* FROM approvals a JOIN runs r ON r.id = a.run
            WHERE a.point = ? AND a.subject = ? AND r.tenant = ? ORDER BY a.seq DESC LIMIT 1";
        let query = sqlx::query(sql).bind(point).bind(subject.as_str()).bind(tenant.as_str());
        let row = query.fetch_optional(&mut *self.db().read().await).await?;
        row.map(|r| Ok((id(&r, "run")?, approval(&r)?))).transpose()
    }

    /// Who has claimed a client's key, and what was answered; `None` when it is free.
    pub async fn request(&self, tenant: &Id, key: &str) -> Result<Option<Claim>, RegistryError> {
        let sql = "SELECT body, owner, response FROM requests
            WHERE tenant = ? AND key = ? AND (expires_at IS NULL OR expires_at > ?)";
        let query = sqlx::query(sql).bind(tenant.as_str()).bind(key).bind(self.clock().now_utc().ms());
        let row = query.fetch_optional(&mut *self.db().read().await).await?;
        row.map(|r| claim_row(&r)).transpose()
    }

    /// Processes that hold a run, a step or a request, by the name they signed with.
    pub(crate) async fn holders(&self) -> Result<Vec<String>, RegistryError> {
        let sql = "SELECT owner FROM runs WHERE ended IS NULL UNION SELECT lease FROM steps WHERE state = 'running' AND lease IS NOT NULL
            UNION SELECT owner FROM requests WHERE response IS NULL UNION SELECT owner FROM workers";
        let rows = sqlx::query(sql).fetch_all(&mut *self.db().read().await).await?;
        rows.iter().map(|r| Ok(r.try_get(0)?)).collect()
    }
}

pub(crate) fn approval(row: &SqliteRow) -> Result<Approval, RegistryError> {
    Ok(Approval {
        point: row.try_get("point")?,
        approver: row.try_get("approver")?,
        at: row.try_get("at")?,
        subject: hash(row, "subject")?,
        approved: row.try_get::<i64, _>("approved")? != 0,
        notes: row.try_get("notes")?,
    })
}

pub(crate) fn hash(row: &SqliteRow, column: &'static str) -> Result<Hash, RegistryError> {
    let text: String = row.try_get(column)?;
    Hash::try_from(text).map_err(|e| RegistryError::row(column, e))
}

pub(crate) fn id(row: &SqliteRow, column: &'static str) -> Result<Id, RegistryError> {
    let text: String = row.try_get(column)?;
    Id::new(text).map_err(|e| RegistryError::row(column, e))
}

pub(crate) fn maybe_id(row: &SqliteRow, column: &'static str) -> Result<Option<Id>, RegistryError> {
    let text: Option<String> = row.try_get(column)?;
    text.map(|t| Id::new(t).map_err(|e| RegistryError::row(column, e))).transpose()
}

pub(crate) fn number<T: TryFrom<i64>>(row: &SqliteRow, column: &'static str) -> Result<T, RegistryError> {
    let value: i64 = row.try_get(column)?;
    T::try_from(value).map_err(|_| RegistryError::row(column, format!("{value} is out of range")))
}

pub(crate) fn time(row: &SqliteRow, column: &'static str) -> Result<Option<Timestamp>, RegistryError> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(Timestamp))
}

pub(crate) fn grade(row: &SqliteRow) -> Result<Grade, RegistryError> {
    let text: String = row.try_get("grade")?;
    Grade::parse(&text).ok_or_else(|| RegistryError::row("grade", text))
}

/// A memo's row; `None` when it does not say what was written.
pub(crate) fn memo(row: &SqliteRow) -> Result<Option<Memo>, RegistryError> {
    let key = hash(row, "key")?;
    let text: String = row.try_get("outputs")?;
    let digest: Option<String> = row.try_get("digest")?;
    if digest.is_some_and(|d| d != memo_digest(&key, &text).as_str()) {
        return Ok(None);
    }
    let Ok(outputs) = serde_json::from_str(&text) else { return Ok(None) };
    Ok(Some(Memo { key, grade: grade(row)?, kind: row.try_get("kind")?, kind_version: number(row, "kind_version")?, outputs }))
}

fn ref_move(row: &SqliteRow) -> Result<RefMove, RegistryError> {
    Ok(RefMove {
        name: row.try_get("name")?,
        version: row.try_get("version")?,
        hash: hash(row, "hash")?,
        run: maybe_id(row, "run")?,
        at: Timestamp(row.try_get("at")?),
    })
}

fn artifact_row(row: &SqliteRow) -> Result<ArtifactRow, RegistryError> {
    let made = match row.try_get::<Option<String>, _>("kind")? {
        None => None,
        Some(kind) => Some(Making {
            kind,
            kind_version: number(row, "kind_version")?,
            grade: grade(row)?,
            memo_key: hash(row, "memo_key")?,
            tool: row.try_get("tool")?,
            inputs: Vec::new(),
        }),
    };
    Ok(ArtifactRow {
        hash: hash(row, "hash")?,
        schema_id: row.try_get("schema_id")?,
        schema_version: row.try_get("schema_version")?,
        size: number(row, "size")?,
        created_at: Timestamp(row.try_get("created_at")?),
        run: maybe_id(row, "run")?,
        step: row.try_get("step")?,
        made,
    })
}

fn run_row(row: &SqliteRow) -> Result<RunRow, RegistryError> {
    let summary: Option<String> = row.try_get("summary")?;
    let control: Option<String> = row.try_get("control")?;
    Ok(RunRow {
        id: id(row, "id")?,
        tenant: id(row, "tenant")?,
        project: id(row, "project")?,
        episode: number(row, "episode")?,
        status: row.try_get("status")?,
        owner: row.try_get("owner")?,
        started: Timestamp(row.try_get("started")?),
        ended: time(row, "ended")?,
        out_dir: row.try_get("out_dir")?,
        summary: summary.map(|s| Hash::try_from(s).map_err(|e| RegistryError::row("summary", e))).transpose()?,
        error: row.try_get("error")?,
        control: control.map(|c| Control::parse(&c).ok_or_else(|| RegistryError::row("control", c))).transpose()?,
        look: row.try_get::<i64, _>("look")? != 0,
        request: row
            .try_get::<Option<String>, _>("request")?
            .map(|text| serde_json::from_str(&text).map_err(|e| RegistryError::row("request", e)))
            .transpose()?,
    })
}

/// What a step is, of a row of `steps`.
pub(crate) fn step_of(row: &SqliteRow) -> Result<NewStep, RegistryError> {
    let timeout: Option<i64> = row.try_get("timeout_ms")?;
    Ok(NewStep {
        run: id(row, "run")?,
        name: row.try_get("name")?,
        stage: row.try_get("stage")?,
        kind: row.try_get("kind")?,
        kind_version: number(row, "kind_version")?,
        grade: grade(row)?,
        memo_key: hash(row, "memo_key")?,
        queue: row.try_get("queue")?,
        place: number(row, "place")?,
        spec: row.try_get("spec")?,
        timeout_ms: timeout.and_then(|ms| u64::try_from(ms).ok()),
    })
}

pub(crate) fn step_row(row: &SqliteRow) -> Result<StepRow, RegistryError> {
    let state: String = row.try_get("state")?;
    Ok(StepRow {
        step: step_of(row)?,
        state: StepState::parse(&state).ok_or_else(|| RegistryError::row("state", state))?,
        lease: row.try_get("lease")?,
        fence: row.try_get("fence")?,
        attempt: number(row, "attempt")?,
        hit: row.try_get::<i64, _>("hit")? != 0,
        enqueued: time(row, "enqueued")?,
        started: time(row, "started")?,
        ended: time(row, "ended")?,
        error: row.try_get("error")?,
    })
}

fn event_row(row: &SqliteRow) -> Result<EventRow, RegistryError> {
    let seq: i64 = row.try_get("seq")?;
    let text: String = row.try_get("json")?;
    Ok(EventRow {
        seq,
        run: maybe_id(row, "run")?,
        at: Timestamp(row.try_get("at")?),
        kind: row.try_get("kind")?,
        json: serde_json::from_str(&text).map_err(|e| RegistryError::row(format!("event {seq}"), e))?,
    })
}
