//! Writing: each act of a list as statements.

use contracts::run::{Approval, RunStatus};
use contracts::{Hash, Id};
use kit::Timestamp;
use rusqlite::{Connection, params};

use super::{cells, exec, first, json_list, one, queue};
use crate::RegistryError;
use crate::decisions::decision_digest;
use crate::op::{Committed, Op};
use crate::rows::{Claim, Making, Memo, MemoPut, Outputs, status_name};
use crate::store::memo_digest;

fn to_i64(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Applies one act inside the transaction that is open on the connection.
pub(super) fn apply(conn: &Connection, op: &Op, now: Timestamp, answer: &mut Committed) -> Result<(), RegistryError> {
    let now = now.ms();
    match op {
        Op::Blob { hash, size } => {
            exec(conn, "INSERT INTO blobs VALUES (?, ?, ?) ON CONFLICT DO NOTHING", params![hash.as_str(), to_i64(*size), now])?;
        }
        Op::Artifact { tenant, output, origin } => {
            exec(
                conn,
                "INSERT INTO artifacts (tenant, hash, schema_id, schema_version, size, created_at, run, step)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                params![
                    tenant.as_str(),
                    output.hash.as_str(),
                    output.schema_id.as_deref().unwrap_or_default(),
                    output.schema_version.as_deref().unwrap_or_default(),
                    to_i64(output.size),
                    now,
                    origin.run.as_ref().map(Id::as_str),
                    origin.step.as_deref()
                ],
            )?;
        }
        Op::Memo { tenant, memo, run } => {
            let put = memo_put(conn, tenant, memo, run.as_ref(), now)?;
            answer.memos.push(put);
        }
        Op::MemoReads { tenant, key, reads } => {
            let sql = "UPDATE memo SET reads = ? WHERE tenant = ? AND key = ? AND reads IS NULL";
            exec(conn, sql, params![reads, tenant.as_str(), key.as_str()])?;
        }
        Op::MemoForget { tenant, key } => {
            let sql = "DELETE FROM memo WHERE tenant = ? AND key = ?";
            exec(conn, sql, params![tenant.as_str(), key.as_str()])?;
        }
        Op::MemoUsed { tenant, keys } => {
            let sql = "UPDATE memo SET last_used = max(last_used, ?) WHERE tenant = ? AND key IN (SELECT value FROM json_each(?))";
            exec(conn, sql, params![now, tenant.as_str(), json_list(keys)])?;
        }
        Op::Ref { tenant, name, expected, hash, run } => {
            let version = ref_cas(conn, tenant, name, *expected, hash, now)?;
            exec(
                conn,
                "INSERT INTO ref_moves (tenant, name, version, hash, run, at) VALUES (?, ?, ?, ?, ?, ?)",
                params![tenant.as_str(), name, version, hash.as_str(), run.as_ref().map(Id::as_str), now],
            )?;
            answer.versions.push(version);
        }
        Op::Making { tenant, hash, making } => made(conn, tenant, hash, making)?,
        Op::Link { tenant, child, relation, parent } => {
            let sql = "INSERT INTO lineage (tenant, child, relation, parent) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING";
            exec(conn, sql, params![tenant.as_str(), child.as_str(), relation.as_str(), parent.as_str()])?;
        }
        Op::Gone { hash } => {
            for sql in ["DELETE FROM blobs WHERE hash = ?", "DELETE FROM artifacts WHERE hash = ?", "DELETE FROM lineage WHERE child = ?"] {
                exec(conn, sql, params![hash.as_str()])?;
            }
        }
        Op::Event { run, kind, json } => event(conn, run.as_ref(), now, kind, &json.to_string())?,
        Op::RunStart { run, owner } => {
            let sql = "INSERT INTO runs (id, tenant, project, episode, status, owner, started, out_dir, look, request)
                VALUES (?, ?, ?, ?, 'running', ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
            let done = exec(
                conn,
                sql,
                params![
                    run.id.as_str(),
                    run.tenant.as_str(),
                    run.project.as_str(),
                    i64::from(run.episode),
                    owner,
                    now,
                    run.out_dir.as_deref(),
                    i64::from(run.look),
                    run.request.as_ref().map(|argv| serde_json::to_string(argv).unwrap_or_default())
                ],
            )?;
            if done == 0 {
                return Err(RegistryError::RunExists { run: run.id.clone() });
            }
        }
        Op::RunEnd { run, status, summary, error } => {
            let sql = "UPDATE runs SET status = ?, ended = ?, summary = ?, error = ? WHERE id = ? AND ended IS NULL";
            let done =
                exec(conn, sql, params![status_name(*status), now, summary.as_ref().map(Hash::as_str), error.as_deref(), run.as_str()])?;
            if done == 0 {
                return Err(RegistryError::RunNotRunning { run: run.clone() });
            }
            if matches!(status, RunStatus::Completed | RunStatus::Degraded) {
                // A film was made: what its episode waited for before is no question any more. A look answers none.
                let sql = "DELETE FROM reviews WHERE run IN (SELECT r.id FROM runs r JOIN runs me
                    ON me.tenant = r.tenant AND me.project = r.project AND me.episode = r.episode WHERE me.id = ? AND me.look = 0)";
                exec(conn, sql, params![run.as_str()])?;
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
        | Op::OwnerDied { .. } => queue::apply(conn, op, now, answer)?,
        Op::RequestClaim { tenant, key, body, owner } => {
            let claim = request_claim(conn, tenant, key, body, owner, now)?;
            answer.claims.push(claim);
        }
        Op::RequestAnswer { tenant, key, owner, response, expires_at } => {
            let sql = "UPDATE requests SET response = ?, expires_at = ? WHERE tenant = ? AND key = ? AND owner = ? AND response IS NULL";
            if exec(conn, sql, params![response.as_str(), expires_at, tenant.as_str(), key, owner])? == 0 {
                return Err(RegistryError::NotClaimed { key: key.clone() });
            }
        }
        Op::RequestRelease { tenant, key, owner } => {
            let sql = "DELETE FROM requests WHERE tenant = ? AND key = ? AND owner = ? AND response IS NULL";
            exec(conn, sql, params![tenant.as_str(), key, owner])?;
        }
        Op::Approval { run, approval } => {
            record(conn, run, approval)?;
        }
    }
    Ok(())
}

pub(super) fn event(conn: &Connection, run: Option<&Id>, now: i64, kind: &str, json: &str) -> Result<(), RegistryError> {
    let sql = "INSERT INTO events (run, at, kind, json) VALUES (?, ?, ?, ?)";
    exec(conn, sql, params![run.map(Id::as_str), now, kind, json])?;
    Ok(())
}

fn request_claim(conn: &Connection, tenant: &Id, key: &str, body: &Hash, owner: &str, now: i64) -> Result<Claim, RegistryError> {
    let sql = "DELETE FROM requests WHERE tenant = ? AND key = ? AND expires_at <= ?";
    exec(conn, sql, params![tenant.as_str(), key, now])?;
    let sql = "INSERT INTO requests (tenant, key, body, owner, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
    if exec(conn, sql, params![tenant.as_str(), key, body.as_str(), owner, now])? == 1 {
        return Ok(Claim::Mine);
    }
    let sql = "SELECT body, owner, response FROM requests WHERE tenant = ? AND key = ?";
    one(conn, sql, params![tenant.as_str(), key], cells::claim)
}

/// The first creation parameters stay; parents are those inputs that are stored content.
fn made(conn: &Connection, tenant: &Id, hash: &Hash, making: &Making) -> Result<(), RegistryError> {
    let sql = "UPDATE artifacts SET kind = ?, kind_version = ?, grade = ?, memo_key = ?, tool = ?
        WHERE tenant = ? AND hash = ? AND kind IS NULL";
    exec(
        conn,
        sql,
        params![
            &making.kind,
            i64::from(making.kind_version),
            making.grade.as_str(),
            making.memo_key.as_str(),
            making.tool.as_deref(),
            tenant.as_str(),
            hash.as_str()
        ],
    )?;
    if making.inputs.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO lineage (tenant, child, relation, parent)
        SELECT ?1, ?2, 'made_from', hash FROM blobs WHERE hash IN (SELECT value FROM json_each(?3)) AND hash <> ?2
        ON CONFLICT DO NOTHING";
    exec(conn, sql, params![tenant.as_str(), hash.as_str(), json_list(&making.inputs)])?;
    Ok(())
}

fn memo_put(conn: &Connection, tenant: &Id, memo: &Memo, run: Option<&Id>, now: i64) -> Result<MemoPut, RegistryError> {
    let outputs = serde_json::to_string(&memo.outputs).map_err(|e| RegistryError::row("memo", e))?;
    let digest = memo_digest(&memo.key, &outputs);
    let sql = "INSERT INTO memo (tenant, key, grade, kind, kind_version, outputs, created_at, last_used, run, digest)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET grade = excluded.grade, kind = excluded.kind, kind_version = excluded.kind_version,
            outputs = excluded.outputs, created_at = excluded.created_at, last_used = excluded.last_used, run = excluded.run,
            digest = excluded.digest
        WHERE CASE WHEN json_valid(outputs) THEN json_extract(outputs, '$.expires_at') <= excluded.created_at END";
    // What has expired is replaced; all else stays.
    let done = exec(
        conn,
        sql,
        params![
            tenant.as_str(),
            memo.key.as_str(),
            memo.grade.as_str(),
            &memo.kind,
            i64::from(memo.kind_version),
            outputs,
            now,
            now,
            run.map(Id::as_str),
            digest.as_str()
        ],
    )?;
    if done == 1 {
        return Ok(MemoPut::Stored);
    }
    let sql = "SELECT outputs FROM memo WHERE tenant = ? AND key = ?";
    let text: String = one(conn, sql, params![tenant.as_str(), memo.key.as_str()], |row| Ok(row.get(0)?))?;
    let kept: Outputs = serde_json::from_str(&text).map_err(|e| RegistryError::row(format!("memo {}", memo.key), e))?;
    if kept == memo.outputs {
        return Ok(MemoPut::Same);
    }
    let json = serde_json::json!({"key": memo.key, "kind": memo.kind, "grade": memo.grade, "offered": memo.outputs, "kept": kept});
    event(conn, run, now, "memo_kept", &json.to_string())?;
    Ok(MemoPut::Kept(kept))
}

fn ref_cas(conn: &Connection, tenant: &Id, name: &str, expected: i64, hash: &Hash, now: i64) -> Result<i64, RegistryError> {
    let sql = if expected == 0 {
        "INSERT INTO refs (hash, updated_at, tenant, name, version) VALUES (?, ?, ?, ?, ? + 1) ON CONFLICT DO NOTHING"
    } else {
        "UPDATE refs SET hash = ?, updated_at = ?, version = version + 1 WHERE tenant = ? AND name = ? AND version = ?"
    };
    if exec(conn, sql, params![hash.as_str(), now, tenant.as_str(), name, expected])? == 1 {
        return Ok(expected + 1);
    }
    let sql = "SELECT version FROM refs WHERE tenant = ? AND name = ?";
    let found = first(conn, sql, params![tenant.as_str(), name], |row| Ok(row.get(0)?))?.unwrap_or(0);
    Err(RegistryError::RefMoved { name: name.to_owned(), expected, found })
}

/// Records a decision. Who waited for one about this content at this point waits no more, in whichever run.
fn record(conn: &Connection, run: &Id, decision: &Approval) -> Result<(), RegistryError> {
    let sql = "SELECT digest FROM approvals WHERE digest IS NOT NULL ORDER BY seq DESC LIMIT 1";
    let before: Option<String> = first(conn, sql, params![], |row| Ok(row.get(0)?))?;
    let digest = decision_digest(before.as_deref().unwrap_or_default(), run, decision)?;
    let sql = "INSERT INTO approvals (run, point, approver, at, subject, approved, notes, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    exec(
        conn,
        sql,
        params![
            run.as_str(),
            &decision.point,
            &decision.approver,
            &decision.at,
            decision.subject.as_str(),
            i64::from(decision.approved),
            decision.notes.as_deref(),
            digest.as_str()
        ],
    )?;
    let sql = "DELETE FROM reviews WHERE point = ? AND subject = ?
        AND run IN (SELECT r.id FROM runs r JOIN runs me ON me.tenant = r.tenant WHERE me.id = ?)";
    exec(conn, sql, params![&decision.point, decision.subject.as_str(), run.as_str()])?;
    Ok(())
}

/// Asks a person to decide. What the same episode was waiting for at this point about other content is no question any more:
/// nobody would see that content.
pub(super) fn ask(conn: &Connection, run: &Id, point: &str, subject: &Hash, what: &str, now: i64) -> Result<(), RegistryError> {
    let sql = "DELETE FROM reviews WHERE point = ? AND subject <> ? AND run IN (SELECT r.id FROM runs r JOIN runs me
        ON me.tenant = r.tenant AND me.project = r.project AND me.episode = r.episode WHERE me.id = ?)";
    exec(conn, sql, params![point, subject.as_str(), run.as_str()])?;
    let sql = "INSERT INTO reviews (run, point, subject, what, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
    exec(conn, sql, params![run.as_str(), point, subject.as_str(), what, now])?;
    Ok(())
}
