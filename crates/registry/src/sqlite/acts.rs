//! Writing: each act of a list as statements.

use contracts::run::{Approval, RunStatus};
use contracts::{Hash, Id};
use kit::Timestamp;
use sqlx::{Row, SqliteConnection};

use super::{cells, json_list, queue};
use crate::RegistryError;
use crate::decisions::decision_digest;
use crate::op::{Committed, Op};
use crate::rows::{Claim, Making, Memo, MemoPut, Outputs, status_name};
use crate::store::memo_digest;

fn to_i64(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Applies one act inside the transaction that is open on the connection.
pub(super) async fn apply(conn: &mut SqliteConnection, op: &Op, now: Timestamp, answer: &mut Committed) -> Result<(), RegistryError> {
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
            sqlx::query(sql).bind(now).bind(tenant.as_str()).bind(json_list(keys)).execute(conn).await?;
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
                .bind(status_name(*status))
                .bind(now)
                .bind(summary.as_ref().map(Hash::as_str))
                .bind(error.as_deref())
                .bind(run.as_str())
                .execute(&mut *conn)
                .await?;
            if done.rows_affected() == 0 {
                return Err(RegistryError::RunNotRunning { run: run.clone() });
            }
            if matches!(status, RunStatus::Completed | RunStatus::Degraded) {
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
            record(conn, run, approval).await?;
        }
    }
    Ok(())
}

pub(super) async fn event(conn: &mut SqliteConnection, run: Option<&Id>, now: i64, kind: &str, json: &str) -> Result<(), RegistryError> {
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
    cells::claim(&sqlx::query(sql).bind(tenant.as_str()).bind(key).fetch_one(conn).await?)
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

/// Records a decision. Who waited for one about this content at this point waits no more, in whichever run.
async fn record(conn: &mut SqliteConnection, run: &Id, decision: &Approval) -> Result<(), RegistryError> {
    let sql = "SELECT digest FROM approvals WHERE digest IS NOT NULL ORDER BY seq DESC LIMIT 1";
    let before: Option<String> = sqlx::query(sql).fetch_optional(&mut *conn).await?.map(|row| row.try_get(0)).transpose()?;
    let digest = decision_digest(before.as_deref().unwrap_or_default(), run, decision)?;
    let sql = "INSERT INTO approvals (run, point, approver, at, subject, approved, notes, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    sqlx::query(sql)
        .bind(run.as_str())
        .bind(&decision.point)
        .bind(&decision.approver)
        .bind(&decision.at)
        .bind(decision.subject.as_str())
        .bind(i64::from(decision.approved))
        .bind(decision.notes.as_deref())
        .bind(digest.as_str())
        .execute(&mut *conn)
        .await?;
    let sql = "DELETE FROM reviews WHERE point = ? AND subject = ?
        AND run IN (SELECT r.id FROM runs r JOIN runs me ON me.tenant = r.tenant WHERE me.id = ?)";
    sqlx::query(sql).bind(&decision.point).bind(decision.subject.as_str()).bind(run.as_str()).execute(conn).await?;
    Ok(())
}

/// Asks a person to decide. What the same episode was waiting for at this point about other content is no question any more:
/// nobody would see that content.
pub(super) async fn ask(
    conn: &mut SqliteConnection,
    run: &Id,
    point: &str,
    subject: &Hash,
    what: &str,
    now: i64,
) -> Result<(), RegistryError> {
    let sql = "DELETE FROM reviews WHERE point = ? AND subject <> ? AND run IN (SELECT r.id FROM runs r JOIN runs me
        ON me.tenant = r.tenant AND me.project = r.project AND me.episode = r.episode WHERE me.id = ?)";
    sqlx::query(sql).bind(point).bind(subject.as_str()).bind(run.as_str()).execute(&mut *conn).await?;
    let sql = "INSERT INTO reviews (run, point, subject, what, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
    sqlx::query(sql).bind(run.as_str()).bind(point).bind(subject.as_str()).bind(what).bind(now).execute(conn).await?;
    Ok(())
}
