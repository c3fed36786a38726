//! Writing: the acts of the queue. Steps are put in, claimed, finished, lost, taken over; who works, and what a person asks of a
//! run.

use contracts::Id;
use sqlx::{Row, SqliteConnection};

use super::acts::{ask, event};
use super::cells::{id, number, step_of};
use super::kind_list;
use crate::RegistryError;
use crate::op::{Committed, Op};
use crate::rows::{Claimed, Control, NewStep, Scope, StepState};

/// How many workers may die over a step before nobody takes it again.
const DEATHS: i64 = 3;

/// Applies one act of the queue inside the transaction that is open on the connection.
pub(super) async fn apply(conn: &mut SqliteConnection, op: &Op, now: i64, answer: &mut Committed) -> Result<(), RegistryError> {
    match op {
        Op::StepAdd { step, hit } => add(conn, step, *hit, now).await,
        Op::StepAgain { step, hit } => again(conn, step, *hit, now).await,
        Op::StepTake { run, name, owner } => {
            answer.fences.push(take(conn, run, name, owner, now).await?);
            Ok(())
        }
        Op::Claim { queue, limit, scope, owner } => {
            answer.claimed.push(claim(conn, queue, *limit, scope, owner, now).await?);
            Ok(())
        }
        Op::StepSkip { run, name } => {
            let sql = "UPDATE steps SET state = 'skipped', ended = ? WHERE run = ? AND name = ? AND state = 'ready'";
            let done = sqlx::query(sql).bind(now).bind(run.as_str()).bind(name).execute(&mut *conn).await?;
            if done.rows_affected() == 1 { Ok(()) } else { Err(taken(conn, run, name).await?) }
        }
        Op::StepRetry { run, name } => {
            let sql =
                "UPDATE steps SET state = 'ready', attempt = 0, lease = NULL, error = NULL, enqueued = ?, started = NULL, ended = NULL
                WHERE run = ? AND name = ? AND state IN ('failed', 'lost', 'dead', 'skipped')";
            let done = sqlx::query(sql).bind(now).bind(run.as_str()).bind(name).execute(&mut *conn).await?;
            if done.rows_affected() == 1 { Ok(()) } else { Err(taken(conn, run, name).await?) }
        }
        Op::StepRelease { run, name, fence } => {
            let sql = "UPDATE steps SET state = 'ready', lease = NULL, attempt = attempt - 1, started = NULL
                WHERE run = ? AND name = ? AND fence = ? AND state = 'running'";
            sqlx::query(sql).bind(run.as_str()).bind(name).bind(fence).execute(&mut *conn).await?;
            let sql = "DELETE FROM attempts WHERE run = ? AND step = ? AND fence = ? AND ended IS NULL";
            sqlx::query(sql).bind(run.as_str()).bind(name).bind(fence).execute(conn).await?;
            Ok(())
        }
        Op::StepExpire { run, name, fence } => expire(conn, run, name, *fence, now).await,
        Op::StepEnd { run, name, fence, state, error } => end(conn, run, name, *fence, *state, error.as_deref(), now).await,
        Op::WorkerUp { owner, queues, build } => {
            let sql = "INSERT INTO workers (owner, queues, build, started) VALUES (?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET queues = excluded.queues, build = excluded.build, beat = beat + 1";
            sqlx::query(sql)
                .bind(owner)
                .bind(serde_json::to_string(queues).unwrap_or_default())
                .bind(build)
                .bind(now)
                .execute(conn)
                .await?;
            Ok(())
        }
        Op::WorkerGone { owner } => {
            sqlx::query("DELETE FROM workers WHERE owner = ?").bind(owner).execute(conn).await?;
            Ok(())
        }
        Op::Control { run, control } => {
            let sql = "UPDATE runs SET control = ? WHERE id = ? AND ended IS NULL";
            let done = sqlx::query(sql).bind(control.map(Control::as_str)).bind(run.as_str()).execute(conn).await?;
            if done.rows_affected() == 1 { Ok(()) } else { Err(RegistryError::RunNotRunning { run: run.clone() }) }
        }
        Op::ReviewAsk { run, point, subject, what } => ask(conn, run, point, subject, what, now).await,
        Op::ReviewEnd { run, point, subject } => {
            let sql = "DELETE FROM reviews WHERE run = ? AND point = ? AND subject = ?";
            sqlx::query(sql).bind(run.as_str()).bind(point).bind(subject.as_str()).execute(conn).await?;
            Ok(())
        }
        Op::OwnerDied { owner } => died(conn, owner, now).await,
        // The other acts are the transaction's own.
        _ => Ok(()),
    }
}

async fn again(conn: &mut SqliteConnection, step: &NewStep, hit: bool, now: i64) -> Result<(), RegistryError> {
    let sql = "INSERT INTO steps (run, name, stage, kind, kind_version, grade, state, memo_key, hit, enqueued, started, ended, queue,
            place, spec, timeout_ms)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET stage = excluded.stage, kind = excluded.kind, kind_version = excluded.kind_version,
            grade = excluded.grade, state = excluded.state, memo_key = excluded.memo_key, hit = excluded.hit,
            enqueued = excluded.enqueued, started = excluded.started, ended = excluded.ended, queue = excluded.queue,
            place = excluded.place, spec = excluded.spec, timeout_ms = excluded.timeout_ms, lease = NULL, error = NULL
        WHERE state <> 'running'";
    put(conn, sql, step, hit, now).await
}

async fn add(conn: &mut SqliteConnection, step: &NewStep, hit: bool, now: i64) -> Result<(), RegistryError> {
    let sql = "INSERT INTO steps (run, name, stage, kind, kind_version, grade, state, memo_key, hit, enqueued, started, ended, queue,
            place, spec, timeout_ms)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
    put(conn, sql, step, hit, now).await
}

async fn put(conn: &mut SqliteConnection, sql: &'static str, step: &NewStep, hit: bool, now: i64) -> Result<(), RegistryError> {
    let at = hit.then_some(now);
    let done = sqlx::query(sql)
        .bind(step.run.as_str())
        .bind(&step.name)
        .bind(&step.stage)
        .bind(&step.kind)
        .bind(i64::from(step.kind_version))
        .bind(step.grade.as_str())
        .bind(if hit { StepState::Done } else { StepState::Ready }.as_str())
        .bind(step.memo_key.as_str())
        .bind(i64::from(hit))
        .bind(now)
        .bind(at)
        .bind(at)
        .bind(&step.queue)
        .bind(i64::try_from(step.place).unwrap_or(i64::MAX))
        .bind(if hit { None } else { step.spec.as_deref() })
        .bind(step.timeout_ms.map(|ms| i64::try_from(ms).unwrap_or(i64::MAX)))
        .execute(&mut *conn)
        .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(taken(conn, &step.run, &step.name).await?) }
}

/// Why a step cannot be had.
async fn taken(conn: &mut SqliteConnection, run: &Id, name: &str) -> Result<RegistryError, RegistryError> {
    let row = sqlx::query("SELECT state FROM steps WHERE run = ? AND name = ?").bind(run.as_str()).bind(name).fetch_optional(conn).await?;
    let state = row.map_or(Ok("unknown".to_owned()), |r| r.try_get(0))?;
    Ok(RegistryError::Taken { run: run.clone(), step: name.to_owned(), state })
}

/// The next number of a lease. Its upper half is the epoch, which each process that leases raises durably once: a number that
/// a power cut took back is never given again.
async fn next_fence(conn: &mut SqliteConnection) -> Result<i64, RegistryError> {
    let row = sqlx::query("UPDATE meta SET value = value + 1 WHERE key = 'fence' RETURNING value").fetch_one(conn).await?;
    Ok(row.try_get(0)?)
}

/// Raises the epoch.
pub(super) async fn raise_epoch(conn: &mut SqliteConnection) -> Result<(), RegistryError> {
    sqlx::query("UPDATE meta SET value = ((value >> 32) + 1) << 32 WHERE key = 'fence'").execute(conn).await?;
    Ok(())
}

async fn take(conn: &mut SqliteConnection, run: &Id, name: &str, owner: &str, now: i64) -> Result<i64, RegistryError> {
    let fence = next_fence(conn).await?;
    let sql = "UPDATE steps SET state = 'running', lease = ?, fence = ?, attempt = attempt + 1, started = ?, ended = NULL, error = NULL
        WHERE run = ? AND name = ? AND state IN ('ready', 'failed', 'lost')";
    let query = sqlx::query(sql).bind(owner).bind(fence).bind(now).bind(run.as_str()).bind(name);
    if query.execute(&mut *conn).await?.rows_affected() != 1 {
        return Err(taken(conn, run, name).await?);
    }
    begin_attempts(conn, owner, fence).await?;
    Ok(fence)
}

/// The attempts of the steps that were just taken under a fence. A step that is taken again in a later round of its run counts
/// on.
async fn begin_attempts(conn: &mut SqliteConnection, owner: &str, fence: i64) -> Result<(), RegistryError> {
    let sql = "INSERT INTO attempts (run, step, n, owner, fence, started)
        SELECT run, name, 1 + (SELECT count(*) FROM attempts a WHERE a.run = s.run AND a.step = s.name), lease, fence, started
        FROM steps s WHERE lease = ? AND state = 'running' AND fence = ?";
    sqlx::query(sql).bind(owner).bind(fence).execute(conn).await?;
    Ok(())
}

/// One statement takes what is there, so that no two workers have the same.
async fn claim(
    conn: &mut SqliteConnection,
    queue: &str,
    limit: u32,
    scope: &Scope,
    owner: &str,
    now: i64,
) -> Result<Vec<Claimed>, RegistryError> {
    let fence = next_fence(conn).await?;
    let sql = "UPDATE steps SET state = 'running', lease = ?1, fence = ?2, attempt = attempt + 1, started = ?3, ended = NULL, error = NULL
        WHERE (run, name) IN (SELECT s.run, s.name FROM steps s JOIN runs r ON r.id = s.run
            WHERE s.state = 'ready' AND s.queue = ?4 AND r.ended IS NULL AND r.control IS NULL
                AND CASE WHEN ?6 IS NOT NULL THEN s.run = ?6 AND s.stage = ?7
                    ELSE s.spec IS NOT NULL AND s.kind || ' ' || s.kind_version IN (SELECT value FROM json_each(?7)) END
            ORDER BY s.place, s.run, s.name LIMIT ?5)
        RETURNING *, (SELECT tenant FROM runs WHERE runs.id = steps.run) AS tenant";
    let (run, which) = match scope {
        Scope::Stage(run, stage) => (Some(run.as_str()), stage.clone()),
        Scope::Anyone(kinds) => (None, kind_list(kinds)),
    };
    let query = sqlx::query(sql).bind(owner).bind(fence).bind(now).bind(queue).bind(i64::from(limit)).bind(run).bind(which);
    let rows = query.fetch_all(&mut *conn).await?;
    let mut claimed = Vec::with_capacity(rows.len());
    for row in &rows {
        claimed.push(Claimed { step: step_of(row)?, tenant: id(row, "tenant")?, fence, attempt: number(row, "attempt")? });
    }
    claimed.sort_by(|a, b| {
        let order = |c: &Claimed| (c.step.place, c.step.run.clone(), c.step.name.clone());
        order(a).cmp(&order(b))
    });
    if !claimed.is_empty() {
        begin_attempts(conn, owner, fence).await?;
    }
    Ok(claimed)
}

async fn end(
    conn: &mut SqliteConnection,
    run: &Id,
    name: &str,
    fence: i64,
    state: StepState,
    error: Option<&str>,
    now: i64,
) -> Result<(), RegistryError> {
    // Nobody rebuilds what is done: what it reads need not be kept here a second time.
    // Both in one go, for each way to the database's thread and back costs more than what is done there. The attempt ends only
    // with the step.
    let sql = "UPDATE steps SET state = ?1, ended = ?2, error = ?3, spec = CASE ?1 WHEN 'done' THEN NULL ELSE spec END
        WHERE run = ?4 AND name = ?5 AND fence = ?6 AND state = 'running';
        UPDATE attempts SET ended = ?2, outcome = ?1, error = ?3 WHERE run = ?4 AND step = ?5 AND fence = ?6 AND changes() = 1";
    let query = sqlx::query(sql).bind(state.as_str()).bind(now).bind(error).bind(run.as_str()).bind(name).bind(fence);
    match query.execute(conn).await?.rows_affected() {
        0 => Err(RegistryError::Fenced { run: run.clone(), step: name.to_owned(), fence }),
        _ => Ok(()),
    }
}

/// A step whose holder is gone waits again, or is dead.
async fn expire(conn: &mut SqliteConnection, run: &Id, name: &str, fence: i64, now: i64) -> Result<(), RegistryError> {
    let sql = "UPDATE steps SET state = CASE WHEN attempt >= ?1 THEN 'dead' ELSE 'ready' END, lease = NULL, enqueued = ?2,
            error = CASE WHEN attempt >= ?1 THEN 'the workers that took it died over it, ' || attempt || ' in a row' END
        WHERE run = ?3 AND name = ?4 AND fence = ?5 AND state = 'running'";
    let query = sqlx::query(sql).bind(DEATHS).bind(now).bind(run.as_str()).bind(name).bind(fence);
    if query.execute(&mut *conn).await?.rows_affected() == 0 {
        return Ok(());
    }
    let sql = "UPDATE attempts SET ended = ?, outcome = 'lost' WHERE run = ? AND step = ? AND fence = ?";
    sqlx::query(sql).bind(now).bind(run.as_str()).bind(name).bind(fence).execute(&mut *conn).await?;
    let json = serde_json::json!({"step": name, "fence": fence}).to_string();
    event(conn, Some(run), now, "lease_lost", &json).await
}

/// What a dead process held of its own runs is lost, and they have failed: the memo lets the next run go on where they
/// stopped. What it held of other's runs waits for the next worker.
async fn died(conn: &mut SqliteConnection, owner: &str, now: i64) -> Result<(), RegistryError> {
    let sql = "SELECT s.run, s.name, s.fence FROM steps s JOIN runs r ON r.id = s.run
        WHERE s.lease = ?1 AND s.state = 'running' AND r.owner <> ?1 AND r.ended IS NULL";
    for row in sqlx::query(sql).bind(owner).fetch_all(&mut *conn).await? {
        let (run, name): (Id, String) = (id(&row, "run")?, row.try_get("name")?);
        expire(conn, &run, &name, row.try_get("fence")?, now).await?;
    }
    let sql = "UPDATE attempts SET ended = ?, outcome = 'lost' WHERE owner = ? AND ended IS NULL
        AND (run, step) IN (SELECT run, name FROM steps WHERE lease = ? AND state = 'running')";
    sqlx::query(sql).bind(now).bind(owner).bind(owner).execute(&mut *conn).await?;
    let sql = "UPDATE steps SET state = 'lost', ended = ? WHERE lease = ? AND state = 'running'";
    sqlx::query(sql).bind(now).bind(owner).execute(&mut *conn).await?;
    // What waited in a run that is gone waits for nobody.
    let sql = "UPDATE steps SET state = 'lost', ended = ?1 WHERE state = 'ready' AND run IN (SELECT id FROM runs WHERE owner = ?2 AND ended IS NULL)";
    sqlx::query(sql).bind(now).bind(owner).execute(&mut *conn).await?;
    let sql = "INSERT INTO events (run, at, kind, json) SELECT id, ?, 'run_interrupted', '{}' FROM runs WHERE owner = ? AND ended IS NULL";
    sqlx::query(sql).bind(now).bind(owner).execute(&mut *conn).await?;
    sqlx::query("DELETE FROM requests WHERE owner = ? AND response IS NULL").bind(owner).execute(&mut *conn).await?;
    sqlx::query("DELETE FROM workers WHERE owner = ?").bind(owner).execute(&mut *conn).await?;
    // Some of it is done: the same command goes on from there (003-34).
    let sql = "UPDATE runs SET status = CASE WHEN EXISTS (SELECT 1 FROM steps WHERE run = runs.id AND state = 'done')
            THEN 'partial' ELSE 'failed' END, ended = ?, error = 'interrupted: its process ended without finishing it'
        WHERE owner = ? AND ended IS NULL";
    sqlx::query(sql).bind(now).bind(owner).execute(conn).await?;
    Ok(())
}
