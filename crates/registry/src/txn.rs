//! Writing: a transaction is a list of acts that happen together or not at all, in one durable commit.

use std::collections::BTreeMap;

use contracts::run::{Approval, RunStatus};
use contracts::{Document, Hash, Id};
use kit::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::decisions;
use crate::queue;
use crate::redact::redacted;
use crate::rows::{
    Claim, Claimed, Control, Making, Memo, MemoPut, NewRun, NewStep, Origin, OutputRef, Outputs, Relation, Scope, StepState,
};
use crate::{Registry, RegistryError};

/// One act. Everything it needs is in it, so that the writer can apply it without asking anyone.
pub(crate) enum Op {
    Blob { hash: Hash, size: u64 },
    Artifact { tenant: Id, output: OutputRef, origin: Origin },
    Memo { tenant: Id, memo: Memo, run: Option<Id> },
    MemoReads { tenant: Id, key: Hash, reads: String },
    MemoForget { tenant: Id, key: Hash },
    MemoUsed { tenant: Id, keys: String },
    Making { tenant: Id, hash: Hash, making: Making },
    Link { tenant: Id, child: Hash, relation: Relation, parent: Hash },
    Gone { hash: Hash },
    Ref { tenant: Id, name: String, expected: i64, hash: Hash, run: Option<Id> },
    Event { run: Option<Id>, kind: String, json: Value },
    RunStart { run: NewRun, owner: String },
    RunEnd { run: Id, status: &'static str, summary: Option<Hash>, error: Option<String> },
    StepAdd { step: NewStep, hit: bool },
    StepAgain { step: NewStep, hit: bool },
    StepTake { run: Id, name: String, owner: String },
    Claim { queue: String, limit: u32, scope: Scope, owner: String },
    StepSkip { run: Id, name: String },
    StepRetry { run: Id, name: String },
    StepRelease { run: Id, name: String, fence: i64 },
    StepExpire { run: Id, name: String, fence: i64 },
    WorkerUp { owner: String, queues: String, build: String },
    WorkerGone { owner: String },
    Control { run: Id, control: Option<Control> },
    ReviewAsk { run: Id, point: String, subject: Hash, what: String },
    ReviewEnd { run: Id, point: String, subject: Hash },
    StepEnd { run: Id, name: String, fence: i64, state: StepState, error: Option<String> },
    OwnerDied { owner: String },
    Approval { run: Id, approval: Approval },
    RequestClaim { tenant: Id, key: String, body: Hash, owner: String },
    RequestAnswer { tenant: Id, key: String, owner: String, response: Hash, expires_at: i64 },
    RequestRelease { tenant: Id, key: String, owner: String },
}

impl Op {
    /// Whether somebody who waits has something to do once this has happened.
    pub(crate) fn wakes(&self) -> bool {
        match self {
            Self::StepAdd { hit, .. } | Self::StepAgain { hit, .. } => !hit,
            Self::StepEnd { .. }
            | Self::StepRetry { .. }
            | Self::StepRelease { .. }
            | Self::StepExpire { .. }
            | Self::StepSkip { .. }
            | Self::Control { .. }
            | Self::Approval { .. }
            | Self::RunEnd { .. }
            | Self::OwnerDied { .. } => true,
            _ => false,
        }
    }

    /// Whether it gives a lease.
    pub(crate) fn leases(&self) -> bool {
        matches!(self, Self::StepTake { .. } | Self::Claim { .. })
    }
}

/// What a commit answered, each list in the order of its acts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Committed {
    /// For each `memo_put`.
    pub memos: Vec<MemoPut>,
    /// For each `step_take`: the fence to show when finishing.
    pub fences: Vec<i64>,
    /// For each `claim`: what was there to take, in the order of the queue.
    pub claimed: Vec<Vec<Claimed>>,
    /// For each `ref_cas`: the new version.
    pub versions: Vec<i64>,
    /// For each `request_claim`: what came of it.
    pub claims: Vec<Claim>,
}

/// A transaction being put together. Dropping it undoes nothing, because nothing has happened; content that was already
/// stored stays as unreferenced bytes for a later collection.
pub struct Txn {
    registry: Registry,
    ops: Vec<Op>,
    run: Option<Id>,
}

#[derive(Deserialize)]
struct Envelope {
    schema_id: String,
    schema_version: String,
}

/// What an artifact's bytes say they are.
pub(crate) fn envelope(bytes: &[u8]) -> Result<(String, String), RegistryError> {
    let envelope: Envelope = serde_json::from_slice(bytes).map_err(|e| RegistryError::Envelope { reason: e.to_string() })?;
    Ok((envelope.schema_id, envelope.schema_version))
}

impl Txn {
    pub(crate) fn new(registry: Registry) -> Self {
        Self { registry, ops: Vec::new(), run: None }
    }

    fn op(&mut self, op: Op) -> &mut Self {
        self.ops.push(op);
        self
    }

    /// Stores an artifact's bytes as received and records it. Blocks on the disk.
    pub fn put_artifact(&mut self, tenant: &Id, bytes: &[u8], origin: Origin) -> Result<OutputRef, RegistryError> {
        let output = self.registry.put_artifact_bytes(bytes)?;
        self.record(tenant, &output, origin);
        Ok(output)
    }

    /// Seals a document, stores it and records it. Blocks on the disk.
    pub fn put_document<T: Document>(&mut self, tenant: &Id, document: &T, origin: Origin) -> Result<OutputRef, RegistryError> {
        self.put_artifact(tenant, &document.seal()?.0, origin)
    }

    /// Records content that is stored already: a blob, and an artifact when it is one.
    pub fn record(&mut self, tenant: &Id, output: &OutputRef, origin: Origin) -> &mut Self {
        self.op(Op::Blob { hash: output.hash.clone(), size: output.size });
        if output.schema_id.is_some() {
            self.op(Op::Artifact { tenant: tenant.clone(), output: output.clone(), origin });
        }
        self
    }

    /// Offers a result to the memo. The first result stays; [`Committed::memos`] says which it was.
    pub fn memo_put(&mut self, tenant: &Id, memo: Memo, run: Option<&Id>) -> &mut Self {
        self.op(Op::Memo { tenant: tenant.clone(), memo, run: run.cloned() })
    }

    /// Records beside a remembered result what its step has read: its projection, canonical JSON. The first stays.
    pub fn memo_reads(&mut self, tenant: &Id, key: &Hash, reads: String) -> &mut Self {
        self.op(Op::MemoReads { tenant: tenant.clone(), key: key.clone(), reads })
    }

    /// Removes a remembered result, because its content is lost.
    pub fn memo_forget(&mut self, tenant: &Id, key: &Hash) -> &mut Self {
        self.op(Op::MemoForget { tenant: tenant.clone(), key: key.clone() })
    }

    /// Marks remembered results as used now, for eviction by least recent use.
    pub fn memo_used(&mut self, tenant: &Id, keys: &[Hash]) -> &mut Self {
        if keys.is_empty() {
            return self;
        }
        self.op(Op::MemoUsed { tenant: tenant.clone(), keys: json_list(keys) })
    }

    /// Records how content that this transaction (or an earlier one) stores was made: its creation parameters, of which the
    /// first stay, and its parents.
    pub fn making(&mut self, tenant: &Id, hash: &Hash, making: Making) -> &mut Self {
        self.op(Op::Making { tenant: tenant.clone(), hash: hash.clone(), making })
    }

    /// Links two pieces of content. Both are kept; nothing about either changes.
    pub fn link(&mut self, tenant: &Id, child: &Hash, relation: Relation, parent: &Hash) -> &mut Self {
        self.op(Op::Link { tenant: tenant.clone(), child: child.clone(), relation, parent: parent.clone() })
    }

    /// Names the run on whose behalf the names in this transaction move.
    pub fn on_behalf_of(&mut self, run: &Id) -> &mut Self {
        self.run = Some(run.clone());
        self
    }

    /// Moves a name from `expected` (0 for absent) to this content, or fails the transaction with `RefMoved`. Every move is
    /// kept ([`Registry::ref_moves`]).
    pub fn ref_cas(&mut self, tenant: &Id, name: &str, expected: i64, hash: &Hash) -> &mut Self {
        let run = self.run.clone();
        self.op(Op::Ref { tenant: tenant.clone(), name: name.to_owned(), expected, hash: hash.clone(), run })
    }

    /// Forgets that content was stored, after its file was removed because nothing refers to it.
    pub(crate) fn gone(&mut self, hash: &Hash) -> &mut Self {
        self.op(Op::Gone { hash: hash.clone() })
    }

    /// Appends an event.
    pub fn event(&mut self, run: Option<&Id>, kind: &str, json: Value) -> &mut Self {
        self.op(Op::Event { run: run.cloned(), kind: kind.to_owned(), json: redacted(json) })
    }

    /// Starts a run, owned by this process. Fails with `RunExists` when the id is taken.
    pub fn run_start(&mut self, run: NewRun) -> &mut Self {
        let owner = self.registry.owner().to_owned();
        self.op(Op::RunStart { run, owner })
    }

    /// Ends a run. Fails with `RunNotRunning` when it has ended before.
    pub fn run_end(&mut self, run: &Id, status: RunStatus, summary: Option<&Hash>, error: Option<&str>) -> &mut Self {
        self.op(Op::RunEnd { run: run.clone(), status: status_name(status), summary: summary.cloned(), error: error.map(clean) })
    }

    /// Adds a step that waits to be taken.
    pub fn step_add(&mut self, step: NewStep) -> &mut Self {
        self.op(Op::StepAdd { step, hit: false })
    }

    /// Adds a step that the memo has answered.
    pub fn step_hit(&mut self, step: NewStep) -> &mut Self {
        self.op(Op::StepAdd { step, hit: true })
    }

    /// Puts a step of this run that has ended or never began back to be taken again, or marks it answered by the memo. Fails
    /// with `Taken` while somebody holds it.
    pub fn step_again(&mut self, step: NewStep, hit: bool) -> &mut Self {
        self.op(Op::StepAgain { step, hit })
    }

    /// Takes a step for this process. Its fence is in [`Committed::fences`]; fails with `Taken` when it is held or done.
    pub fn step_take(&mut self, run: &Id, name: &str) -> &mut Self {
        let owner = self.registry.owner().to_owned();
        self.op(Op::StepTake { run: run.clone(), name: name.to_owned(), owner })
    }

    /// Takes what waits in a queue, at most `limit` steps, for this process: [`Committed::claimed`].
    pub fn claim(&mut self, queue: &str, limit: u32, scope: Scope) -> &mut Self {
        let owner = self.registry.owner().to_owned();
        self.op(Op::Claim { queue: queue.to_owned(), limit, scope, owner })
    }

    /// Leaves out a step that waits.
    pub fn step_skip(&mut self, run: &Id, name: &str) -> &mut Self {
        self.op(Op::StepSkip { run: run.clone(), name: name.to_owned() })
    }

    /// Puts a step that has failed, was lost or is dead back into its queue, its attempts counted anew.
    pub fn step_retry(&mut self, run: &Id, name: &str) -> &mut Self {
        self.op(Op::StepRetry { run: run.clone(), name: name.to_owned() })
    }

    /// Gives a step back that this process took and cannot do: it waits for another, and the attempt never was.
    pub fn step_release(&mut self, run: &Id, name: &str, fence: i64) -> &mut Self {
        self.op(Op::StepRelease { run: run.clone(), name: name.to_owned(), fence })
    }

    /// Takes a step from a holder that beats no more: it waits again, or is dead when that happened too often. Nothing happens
    /// when the holder has ended it meanwhile.
    pub fn step_expire(&mut self, run: &Id, name: &str, fence: i64) -> &mut Self {
        self.op(Op::StepExpire { run: run.clone(), name: name.to_owned(), fence })
    }

    /// Says that this process takes work, from which queues how much at a time. Said again, it is a beat: this process lives.
    pub fn worker_up(&mut self, queues: &BTreeMap<String, u32>, build: &str) -> &mut Self {
        let owner = self.registry.owner().to_owned();
        let queues = serde_json::to_string(queues).unwrap_or_default();
        self.op(Op::WorkerUp { owner, queues, build: build.to_owned() })
    }

    /// Says that this process takes no more work.
    pub fn worker_gone(&mut self) -> &mut Self {
        let owner = self.registry.owner().to_owned();
        self.op(Op::WorkerGone { owner })
    }

    /// Asks something of a run that is going, or lifts what was asked. Fails with `RunNotRunning` when it has ended.
    pub fn control(&mut self, run: &Id, control: Option<Control>) -> &mut Self {
        self.op(Op::Control { run: run.clone(), control })
    }

    /// Asks a person to decide. Asked twice, it stands once, since the first time.
    pub fn review_ask(&mut self, run: &Id, point: &str, subject: &Hash, what: &str) -> &mut Self {
        self.op(Op::ReviewAsk { run: run.clone(), point: point.to_owned(), subject: subject.clone(), what: what.to_owned() })
    }

    /// Takes a question back, because it was answered or is none any more.
    pub fn review_end(&mut self, run: &Id, point: &str, subject: &Hash) -> &mut Self {
        self.op(Op::ReviewEnd { run: run.clone(), point: point.to_owned(), subject: subject.clone() })
    }

    /// Finishes a step. Fails with `Fenced`, and everything with it, when the step is not held under this fence.
    pub fn step_finish(&mut self, run: &Id, name: &str, fence: i64) -> &mut Self {
        self.op(Op::StepEnd { run: run.clone(), name: name.to_owned(), fence, state: StepState::Done, error: None })
    }

    /// Records that an attempt failed; the step can be taken again. Fenced as [`Txn::step_finish`].
    pub fn step_fail(&mut self, run: &Id, name: &str, fence: i64, error: &str) -> &mut Self {
        let error = Some(clean(error));
        self.op(Op::StepEnd { run: run.clone(), name: name.to_owned(), fence, state: StepState::Failed, error })
    }

    /// Records a person's decision, which nothing can change afterwards. Who waited for it waits no more.
    pub fn approval(&mut self, run: &Id, approval: Approval) -> &mut Self {
        self.op(Op::Approval { run: run.clone(), approval })
    }

    /// Claims a key under which a client asks once for what `body` says. [`Committed::claims`] says who has it now.
    pub fn request_claim(&mut self, tenant: &Id, key: &str, body: &Hash) -> &mut Self {
        let owner = self.registry.owner().to_owned();
        self.op(Op::RequestClaim { tenant: tenant.clone(), key: key.to_owned(), body: body.clone(), owner })
    }

    /// Answers a request this process has claimed: the document stays, with all it names, until it expires, and then the
    /// key is free again. Fails with `NotClaimed` when the claim is not this process's any more.
    pub fn request_answer(&mut self, tenant: &Id, key: &str, response: &Hash, expires: Timestamp) -> &mut Self {
        let owner = self.registry.owner().to_owned();
        let (tenant, key, response) = (tenant.clone(), key.to_owned(), response.clone());
        self.op(Op::RequestAnswer { tenant, key, owner, response, expires_at: expires.ms() })
    }

    /// Gives a claim back without an answer: the next who asks may work.
    pub fn request_release(&mut self, tenant: &Id, key: &str) -> &mut Self {
        let owner = self.registry.owner().to_owned();
        self.op(Op::RequestRelease { tenant: tenant.clone(), key: key.to_owned(), owner })
    }

    pub(crate) fn owner_died(&mut self, owner: &str) -> &mut Self {
        self.op(Op::OwnerDied { owner: owner.to_owned() })
    }

    /// Whether there is nothing to commit.
    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    /// Commits everything or nothing. When this returns, it has reached the medium.
    pub async fn commit(self) -> Result<Committed, RegistryError> {
        self.registry.db().commit(self.ops, true).await
    }

    /// Commits everything or nothing without waiting for the medium: visible to all at once, lost in a power cut unless a
    /// later durable commit follows, which carries it along. For what can be done again: taking a step, a hit, an event.
    pub async fn commit_soon(self) -> Result<Committed, RegistryError> {
        self.registry.db().commit(self.ops, false).await
    }
}

/// A message without secrets.
fn clean(text: &str) -> String {
    kit::redact::redactor().text(text).into_owned()
}

/// Addresses as a JSON list, for `json_each`.
pub(crate) fn json_list(hashes: &[Hash]) -> String {
    let quoted: Vec<String> = hashes.iter().map(|h| format!("\"{h}\"")).collect();
    format!("[{}]", quoted.join(","))
}

/// What guards a memo's row: under which key which outputs were remembered.
pub(crate) fn memo_digest(key: &Hash, outputs: &str) -> Hash {
    Hash::of(format!("{key} {outputs}").as_bytes())
}

/// The name of a run's status in the database.
pub(crate) fn status_name(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Running => "running",
        RunStatus::Completed => "completed",
        RunStatus::Degraded => "degraded",
        RunStatus::Blocked => "blocked",
        RunStatus::Failed => "failed",
        RunStatus::Partial => "partial",
        RunStatus::Cancelled => "cancelled",
    }
}

fn to_i64(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Applies one act inside the transaction that is open on the connection.
pub(crate) async fn apply(conn: &mut SqliteConnection, op: &Op, now: Timestamp, answer: &mut Committed) -> Result<(), RegistryError> {
    let now = now.ms();
    match op {
        Op::Blob { hash, size } => {
            sqlx::query("INSERT INTO blobs VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
                .bind(hash.as_str())
                .bind(to_i64(*size))
                .bind(now)
                .execute(conn)
                .await?;
        }
        Op::Artifact { tenant, output, origin } => {
            sqlx::query(
                "INSERT INTO artifacts (tenant, hash, schema_id, schema_version, size, created_at, run, step)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            )
            .bind(tenant.as_str())
            .bind(output.hash.as_str())
            .bind(output.schema_id.as_deref().unwrap_or_default())
            .bind(output.schema_version.as_deref().unwrap_or_default())
            .bind(to_i64(output.size))
            .bind(now)
            .bind(origin.run.as_ref().map(Id::as_str))
            .bind(origin.step.as_deref())
            .execute(conn)
            .await?;
        }
        Op::Memo { tenant, memo, run } => {
            let put = memo_put(conn, tenant, memo, run.as_ref(), now).await?;
            answer.memos.push(put);
        }
        Op::MemoReads { tenant, key, reads } => {
            let sql = "UPDATE memo SET reads = ? WHERE tenant = ? AND key = ? AND reads IS NULL";
            sqlx::query(sql).bind(reads).bind(tenant.as_str()).bind(key.as_str()).execute(conn).await?;
        }
        Op::MemoForget { tenant, key } => {
            let sql = "DELETE FROM memo WHERE tenant = ? AND key = ?";
            sqlx::query(sql).bind(tenant.as_str()).bind(key.as_str()).execute(conn).await?;
        }
        Op::MemoUsed { tenant, keys } => {
            let sql = "UPDATE memo SET last_used = max(last_used, ?) WHERE tenant = ? AND key IN (SELECT value FROM json_each(?))";
            sqlx::query(sql).bind(now).bind(tenant.as_str()).bind(keys).execute(conn).await?;
        }
        Op::Ref { tenant, name, expected, hash, run } => {
            let version = ref_cas(conn, tenant, name, *expected, hash, now).await?;
            sqlx::query("INSERT INTO ref_moves (tenant, name, version, hash, run, at) VALUES (?, ?, ?, ?, ?, ?)")
                .bind(tenant.as_str())
                .bind(name)
                .bind(version)
                .bind(hash.as_str())
                .bind(run.as_ref().map(Id::as_str))
                .bind(now)
                .execute(conn)
                .await?;
            answer.versions.push(version);
        }
        Op::Making { tenant, hash, making } => made(conn, tenant, hash, making).await?,
        Op::Link { tenant, child, relation, parent } => {
            let sql = "INSERT INTO lineage (tenant, child, relation, parent) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING";
            let query = sqlx::query(sql).bind(tenant.as_str()).bind(child.as_str()).bind(relation.as_str()).bind(parent.as_str());
            query.execute(conn).await?;
        }
        Op::Gone { hash } => {
            for sql in ["DELETE FROM blobs WHERE hash = ?", "DELETE FROM artifacts WHERE hash = ?", "DELETE FROM lineage WHERE child = ?"] {
                sqlx::query(sql).bind(hash.as_str()).execute(&mut *conn).await?;
            }
        }
        Op::Event { run, kind, json } => event(conn, run.as_ref(), now, kind, &json.to_string()).await?,
        Op::RunStart { run, owner } => {
            let sql = "INSERT INTO runs (id, tenant, project, episode, status, owner, started, out_dir, look, request)
                VALUES (?, ?, ?, ?, 'running', ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
            let done = sqlx::query(sql)
                .bind(run.id.as_str())
                .bind(run.tenant.as_str())
                .bind(run.project.as_str())
                .bind(i64::from(run.episode))
                .bind(owner)
                .bind(now)
                .bind(run.out_dir.as_deref())
                .bind(i64::from(run.look))
                .bind(run.request.as_ref().map(|argv| serde_json::to_string(argv).unwrap_or_default()))
                .execute(conn)
                .await?;
            if done.rows_affected() == 0 {
                return Err(RegistryError::RunExists { run: run.id.clone() });
            }
        }
        Op::RunEnd { run, status, summary, error } => {
            let sql = "UPDATE runs SET status = ?, ended = ?, summary = ?, error = ? WHERE id = ? AND ended IS NULL";
            let done = sqlx::query(sql)
                .bind(*status)
                .bind(now)
                .bind(summary.as_ref().map(Hash::as_str))
                .bind(error.as_deref())
                .bind(run.as_str())
                .execute(&mut *conn)
                .await?;
            if done.rows_affected() == 0 {
                return Err(RegistryError::RunNotRunning { run: run.clone() });
            }
            if matches!(*status, "completed" | "degraded") {
                // A film was made: what its episode waited for before is no question any more. A look answers none.
                let sql = "DELETE FROM reviews WHERE run IN (SELECT r.id FROM runs r JOIN runs me
                    ON me.tenant = r.tenant AND me.project = r.project AND me.episode = r.episode WHERE me.id = ? AND me.look = 0)";
                sqlx::query(sql).bind(run.as_str()).execute(conn).await?;
            }
        }
        Op::StepAdd { .. }
        | Op::StepAgain { .. }
        | Op::StepTake { .. }
        | Op::Claim { .. }
        | Op::StepSkip { .. }
        | Op::StepRetry { .. }
        | Op::StepRelease { .. }
        | Op::StepExpire { .. }
        | Op::StepEnd { .. }
        | Op::WorkerUp { .. }
        | Op::WorkerGone { .. }
        | Op::Control { .. }
        | Op::ReviewAsk { .. }
        | Op::ReviewEnd { .. }
        | Op::OwnerDied { .. } => queue::apply(conn, op, now, answer).await?,
        Op::RequestClaim { tenant, key, body, owner } => {
            let claim = request_claim(conn, tenant, key, body, owner, now).await?;
            answer.claims.push(claim);
        }
        Op::RequestAnswer { tenant, key, owner, response, expires_at } => {
            let sql = "UPDATE requests SET response = ?, expires_at = ? WHERE tenant = ? AND key = ? AND owner = ? AND response IS NULL";
            let query = sqlx::query(sql).bind(response.as_str()).bind(expires_at).bind(tenant.as_str()).bind(key).bind(owner);
            if query.execute(conn).await?.rows_affected() == 0 {
                return Err(RegistryError::NotClaimed { key: key.clone() });
            }
        }
        Op::RequestRelease { tenant, key, owner } => {
            let sql = "DELETE FROM requests WHERE tenant = ? AND key = ? AND owner = ? AND response IS NULL";
            sqlx::query(sql).bind(tenant.as_str()).bind(key).bind(owner).execute(conn).await?;
        }
        Op::Approval { run, approval } => {
            decisions::record(conn, run, approval).await?;
        }
    }
    Ok(())
}

pub(crate) async fn event(conn: &mut SqliteConnection, run: Option<&Id>, now: i64, kind: &str, json: &str) -> Result<(), RegistryError> {
    let sql = "INSERT INTO events (run, at, kind, json) VALUES (?, ?, ?, ?)";
    sqlx::query(sql).bind(run.map(Id::as_str)).bind(now).bind(kind).bind(json).execute(conn).await?;
    Ok(())
}

async fn request_claim(
    conn: &mut SqliteConnection,
    tenant: &Id,
    key: &str,
    body: &Hash,
    owner: &str,
    now: i64,
) -> Result<Claim, RegistryError> {
    let sql = "DELETE FROM requests WHERE tenant = ? AND key = ? AND expires_at <= ?";
    sqlx::query(sql).bind(tenant.as_str()).bind(key).bind(now).execute(&mut *conn).await?;
    let sql = "INSERT INTO requests (tenant, key, body, owner, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
    let query = sqlx::query(sql).bind(tenant.as_str()).bind(key).bind(body.as_str()).bind(owner).bind(now);
    if query.execute(&mut *conn).await?.rows_affected() == 1 {
        return Ok(Claim::Mine);
    }
    let sql = "SELECT body, owner, response FROM requests WHERE tenant = ? AND key = ?";
    claim_row(&sqlx::query(sql).bind(tenant.as_str()).bind(key).fetch_one(conn).await?)
}

/// What a row of `requests` says to another who asks.
pub(crate) fn claim_row(row: &SqliteRow) -> Result<Claim, RegistryError> {
    let body = crate::reads::hash(row, "body")?;
    let response: Option<String> = row.try_get("response")?;
    Ok(match response {
        Some(text) => Claim::Answered { body, response: Hash::try_from(text).map_err(|e| RegistryError::row("response", e))? },
        None => Claim::Held { body, owner: row.try_get("owner")? },
    })
}

/// The first creation parameters stay; parents are those inputs that are stored content.
async fn made(conn: &mut SqliteConnection, tenant: &Id, hash: &Hash, making: &Making) -> Result<(), RegistryError> {
    let sql = "UPDATE artifacts SET kind = ?, kind_version = ?, grade = ?, memo_key = ?, tool = ?
        WHERE tenant = ? AND hash = ? AND kind IS NULL";
    sqlx::query(sql)
        .bind(&making.kind)
        .bind(i64::from(making.kind_version))
        .bind(making.grade.as_str())
        .bind(making.memo_key.as_str())
        .bind(making.tool.as_deref())
        .bind(tenant.as_str())
        .bind(hash.as_str())
        .execute(&mut *conn)
        .await?;
    if making.inputs.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO lineage (tenant, child, relation, parent)
        SELECT ?1, ?2, 'made_from', hash FROM blobs WHERE hash IN (SELECT value FROM json_each(?3)) AND hash <> ?2
        ON CONFLICT DO NOTHING";
    sqlx::query(sql).bind(tenant.as_str()).bind(hash.as_str()).bind(json_list(&making.inputs)).execute(conn).await?;
    Ok(())
}

async fn memo_put(conn: &mut SqliteConnection, tenant: &Id, memo: &Memo, run: Option<&Id>, now: i64) -> Result<MemoPut, RegistryError> {
    let outputs = serde_json::to_string(&memo.outputs).map_err(|e| RegistryError::row("memo", e))?;
    let digest = memo_digest(&memo.key, &outputs);
    let sql = "INSERT INTO memo (tenant, key, grade, kind, kind_version, outputs, created_at, last_used, run, digest)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET grade = excluded.grade, kind = excluded.kind, kind_version = excluded.kind_version,
            outputs = excluded.outputs, created_at = excluded.created_at, last_used = excluded.last_used, run = excluded.run,
            digest = excluded.digest
        WHERE CASE WHEN json_valid(outputs) THEN json_extract(outputs, '$.expires_at') <= excluded.created_at END";
    // What has expired is replaced; all else stays.
    let done = sqlx::query(sql)
        .bind(tenant.as_str())
        .bind(memo.key.as_str())
        .bind(memo.grade.as_str())
        .bind(&memo.kind)
        .bind(i64::from(memo.kind_version))
        .bind(outputs)
        .bind(now)
        .bind(now)
        .bind(run.map(Id::as_str))
        .bind(digest.as_str())
        .execute(&mut *conn)
        .await?;
    if done.rows_affected() == 1 {
        return Ok(MemoPut::Stored);
    }
    let sql = "SELECT outputs FROM memo WHERE tenant = ? AND key = ?";
    let row = sqlx::query(sql).bind(tenant.as_str()).bind(memo.key.as_str()).fetch_one(&mut *conn).await?;
    let text: String = row.try_get(0)?;
    let kept: Outputs = serde_json::from_str(&text).map_err(|e| RegistryError::row(format!("memo {}", memo.key), e))?;
    if kept == memo.outputs {
        return Ok(MemoPut::Same);
    }
    let json = serde_json::json!({"key": memo.key, "kind": memo.kind, "grade": memo.grade, "offered": memo.outputs, "kept": kept});
    event(conn, run, now, "memo_kept", &json.to_string()).await?;
    Ok(MemoPut::Kept(kept))
}

async fn ref_cas(conn: &mut SqliteConnection, tenant: &Id, name: &str, expected: i64, hash: &Hash, now: i64) -> Result<i64, RegistryError> {
    let sql = if expected == 0 {
        "INSERT INTO refs (hash, updated_at, tenant, name, version) VALUES (?, ?, ?, ?, ? + 1) ON CONFLICT DO NOTHING"
    } else {
        "UPDATE refs SET hash = ?, updated_at = ?, version = version + 1 WHERE tenant = ? AND name = ? AND version = ?"
    };
    let query = sqlx::query(sql).bind(hash.as_str()).bind(now).bind(tenant.as_str()).bind(name).bind(expected);
    if query.execute(&mut *conn).await?.rows_affected() == 1 {
        return Ok(expected + 1);
    }
    let sql = "SELECT version FROM refs WHERE tenant = ? AND name = ?";
    let row = sqlx::query(sql).bind(tenant.as_str()).bind(name).fetch_optional(conn).await?;
    let found = row.map_or(Ok(0), |r| r.try_get(0))?;
    Err(RegistryError::RefMoved { name: name.to_owned(), expected, found })
}
