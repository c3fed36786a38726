//! Writing: the acts of the queue. Steps are put in, claimed, finished, lost, taken over; who works, and what a person asks of a
//! run.

use contracts::Id;
use rusqlite::{Connection, params};

use super::acts::{ask, event};
use super::cells::{id, number, step_of};
use super::{all, exec, first, kind_list, one};
use crate::RegistryError;
use crate::op::{Committed, Op};
use crate::rows::{Claimed, Control, NewStep, Scope, StepState};

/// How many workers may die over a step before nobody takes it again.
const DEATHS: i64 = 3;

/// Applies one act of the queue inside the transaction that is open on the connection.
pub(super) fn apply(conn: &Connection, op: &Op, now: i64, answer: &mut Committed) -> Result<(), RegistryError> {
    match op {
        Op::StepAdd { step, hit } => add(conn, step, *hit, now),
        Op::StepAgain { step, hit } => again(conn, step, *hit, now),
        Op::StepTake { run, name, owner } => {
            answer.fences.push(take(conn, run, name, owner, now)?);
            Ok(())
        }
        Op::Claim { queue, limit, scope, owner } => {
            answer.claimed.push(claim(conn, queue, *limit, scope, owner, now)?);
            Ok(())
        }
        Op::StepSkip { run, name } => {
            let sql = "UPDATE steps SET state = 'skipped', ended = ? WHERE run = ? AND name = ? AND state = 'ready'";
            let done = exec(conn, sql, params![now, run.as_str(), name])?;
            if done == 1 { Ok(()) } else { Err(taken(conn, run, name)?) }
        }
        Op::StepRetry { run, name } => {
            let sql =
                "UPDATE steps SET state = 'ready', attempt = 0, lease = NULL, error = NULL, enqueued = ?, started = NULL, ended = NULL
                WHERE run = ? AND name = ? AND state IN ('failed', 'lost', 'dead', 'skipped')";
            let done = exec(conn, sql, params![now, run.as_str(), name])?;
            if done == 1 { Ok(()) } else { Err(taken(conn, run, name)?) }
        }
        Op::StepRelease { run, name, fence } => {
            let sql = "UPDATE steps SET state = 'ready', lease = NULL, attempt = attempt - 1, started = NULL
                WHERE run = ? AND name = ? AND fence = ? AND state = 'running'";
            exec(conn, sql, params![run.as_str(), name, fence])?;
            let sql = "DELETE FROM attempts WHERE run = ? AND step = ? AND fence = ? AND ended IS NULL";
            exec(conn, sql, params![run.as_str(), name, fence])?;
            Ok(())
        }
        Op::StepExpire { run, name, fence } => expire(conn, run, name, *fence, now),
        Op::StepEnd { run, name, fence, state, error } => end(conn, run, name, *fence, *state, error.as_deref(), now),
        Op::WorkerUp { owner, queues, build } => {
            let sql = "INSERT INTO workers (owner, queues, build, started) VALUES (?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET queues = excluded.queues, build = excluded.build, beat = beat + 1";
            exec(conn, sql, params![owner, serde_json::to_string(queues).unwrap_or_default(), build, now])?;
            Ok(())
        }
        Op::WorkerGone { owner } => {
            exec(conn, "DELETE FROM workers WHERE owner = ?", params![owner])?;
            Ok(())
        }
        Op::Control { run, control } => {
            let sql = "UPDATE runs SET control = ? WHERE id = ? AND ended IS NULL";
            let done = exec(conn, sql, params![control.map(Control::as_str), run.as_str()])?;
            if done == 1 { Ok(()) } else { Err(RegistryError::RunNotRunning { run: run.clone() }) }
        }
        Op::ReviewAsk { run, point, subject, what } => ask(conn, run, point, subject, what, now),
        Op::ReviewEnd { run, point, subject } => {
            let sql = "DELETE FROM reviews WHERE run = ? AND point = ? AND subject = ?";
            exec(conn, sql, params![run.as_str(), point, subject.as_str()])?;
            Ok(())
        }
        Op::OwnerDied { owner } => died(conn, owner, now),
        // The other acts are the transaction's own.
        _ => Ok(()),
    }
}

fn again(conn: &Connection, step: &NewStep, hit: bool, now: i64) -> Result<(), RegistryError> {
    let sql = "INSERT INTO steps (run, name, stage, kind, kind_version, grade, state, memo_key, hit, enqueued, started, ended, queue,
            place, spec, timeout_ms)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET stage = excluded.stage, kind = excluded.kind, kind_version = excluded.kind_version,
            grade = excluded.grade, state = excluded.state, memo_key = excluded.memo_key, hit = excluded.hit,
            enqueued = excluded.enqueued, started = excluded.started, ended = excluded.ended, queue = excluded.queue,
            place = excluded.place, spec = excluded.spec, timeout_ms = excluded.timeout_ms, lease = NULL, error = NULL
        WHERE state <> 'running'";
    put(conn, sql, step, hit, now)
}

fn add(conn: &Connection, step: &NewStep, hit: bool, now: i64) -> Result<(), RegistryError> {
    let sql = "INSERT INTO steps (run, name, stage, kind, kind_version, grade, state, memo_key, hit, enqueued, started, ended, queue,
            place, spec, timeout_ms)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
    put(conn, sql, step, hit, now)
}

fn put(conn: &Connection, sql: &'static str, step: &NewStep, hit: bool, now: i64) -> Result<(), RegistryError> {
    let at = hit.then_some(now);
    let done = exec(
        conn,
        sql,
        params![
            step.run.as_str(),
            &step.name,
            &step.stage,
            &step.kind,
            i64::from(step.kind_version),
            step.grade.as_str(),
            if hit { StepState::Done } else { StepState::Ready }.as_str(),
            step.memo_key.as_str(),
            i64::from(hit),
            now,
            at,
            at,
            &step.queue,
            i64::try_from(step.place).unwrap_or(i64::MAX),
            if hit { None } else { step.spec.as_deref() },
            step.timeout_ms.map(|ms| i64::try_from(ms).unwrap_or(i64::MAX))
        ],
    )?;
    if done == 1 { Ok(()) } else { Err(taken(conn, &step.run, &step.name)?) }
}

/// Why a step cannot be had.
fn taken(conn: &Connection, run: &Id, name: &str) -> Result<RegistryError, RegistryError> {
    let sql = "SELECT state FROM steps WHERE run = ? AND name = ?";
    let state: Option<String> = first(conn, sql, params![run.as_str(), name], |row| Ok(row.get(0)?))?;
    Ok(RegistryError::Taken { run: run.clone(), step: name.to_owned(), state: state.unwrap_or_else(|| "unknown".to_owned()) })
}

/// The next number of a lease. Its upper half is the epoch, which each process that leases raises durably once: a number that
/// a power cut took back is never given again.
fn next_fence(conn: &Connection) -> Result<i64, RegistryError> {
    one(conn, "UPDATE meta SET value = value + 1 WHERE key = 'fence' RETURNING value", params![], |row| Ok(row.get(0)?))
}

/// Raises the epoch.
pub(super) fn raise_epoch(conn: &Connection) -> Result<(), RegistryError> {
    exec(conn, "UPDATE meta SET value = ((value >> 32) + 1) << 32 WHERE key = 'fence'", params![])?;
    Ok(())
}

fn take(conn: &Connection, run: &Id, name: &str, owner: &str, now: i64) -> Result<i64, RegistryError> {
    let fence = next_fence(conn)?;
    let sql = "UPDATE steps SET state = 'running', lease = ?, fence = ?, attempt = attempt + 1, started = ?, ended = NULL, error = NULL
        WHERE run = ? AND name = ? AND state IN ('ready', 'failed', 'lost')";
    if exec(conn, sql, params![owner, fence, now, run.as_str(), name])? != 1 {
        return Err(taken(conn, run, name)?);
    }
    begin_attempts(conn, owner, fence)?;
    Ok(fence)
}

/// The attempts of the steps that were just taken under a fence. A step that is taken again in a later round of its run counts
/// on.
fn begin_attempts(conn: &Connection, owner: &str, fence: i64) -> Result<(), RegistryError> {
    let sql = "INSERT INTO attempts (run, step, n, owner, fence, started)
        SELECT run, name, 1 + (SELECT count(*) FROM attempts a WHERE a.run = s.run AND a.step = s.name), lease, fence, started
        FROM steps s WHERE lease = ? AND state = 'running' AND fence = ?";
    exec(conn, sql, params![owner, fence])?;
    Ok(())
}

/// One statement takes what is there, so that no two workers have the same.
fn claim(conn: &Connection, queue: &str, limit: u32, scope: &Scope, owner: &str, now: i64) -> Result<Vec<Claimed>, RegistryError> {
    let fence = next_fence(conn)?;
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
    let mut claimed: Vec<Claimed> = all(conn, sql, params![owner, fence, now, queue, limit, run, which], |row| {
        Ok(Claimed { step: step_of(row)?, tenant: id(row, "tenant")?, fence, attempt: number(row, "attempt")? })
    })?;
    claimed.sort_by(|a, b| {
        let order = |c: &Claimed| (c.step.place, c.step.run.clone(), c.step.name.clone());
        order(a).cmp(&order(b))
    });
    if !claimed.is_empty() {
        begin_attempts(conn, owner, fence)?;
    }
    Ok(claimed)
}

fn end(conn: &Connection, run: &Id, name: &str, fence: i64, state: StepState, error: Option<&str>, now: i64) -> Result<(), RegistryError> {
    // Nobody rebuilds what is done: what it reads need not be kept here a second time.
    let sql = "UPDATE steps SET state = ?1, ended = ?2, error = ?3, spec = CASE ?1 WHEN 'done' THEN NULL ELSE spec END
        WHERE run = ?4 AND name = ?5 AND fence = ?6 AND state = 'running'";
    if exec(conn, sql, params![state.as_str(), now, error, run.as_str(), name, fence])? == 0 {
        return Err(RegistryError::Fenced { run: run.clone(), step: name.to_owned(), fence });
    }
    let sql = "UPDATE attempts SET ended = ?, outcome = ?, error = ? WHERE run = ? AND step = ? AND fence = ?";
    exec(conn, sql, params![now, state.as_str(), error, run.as_str(), name, fence])?;
    Ok(())
}

/// A step whose holder is gone waits again, or is dead.
fn expire(conn: &Connection, run: &Id, name: &str, fence: i64, now: i64) -> Result<(), RegistryError> {
    let sql = "UPDATE steps SET state = CASE WHEN attempt >= ?1 THEN 'dead' ELSE 'ready' END, lease = NULL, enqueued = ?2,
            error = CASE WHEN attempt >= ?1 THEN 'the workers that took it died over it, ' || attempt || ' in a row' END
        WHERE run = ?3 AND name = ?4 AND fence = ?5 AND state = 'running'";
    if exec(conn, sql, params![DEATHS, now, run.as_str(), name, fence])? == 0 {
        return Ok(());
    }
    let sql = "UPDATE attempts SET ended = ?, outcome = 'lost' WHERE run = ? AND step = ? AND fence = ?";
    exec(conn, sql, params![now, run.as_str(), name, fence])?;
    let json = serde_json::json!({"step": name, "fence": fence}).to_string();
    event(conn, Some(run), now, "lease_lost", &json)
}

/// What a dead process held of its own runs is lost, and they have failed: the memo lets the next run go on where they
/// stopped. What it held of other's runs waits for the next worker.
fn died(conn: &Connection, owner: &str, now: i64) -> Result<(), RegistryError> {
    let sql = "SELECT s.run, s.name, s.fence FROM steps s JOIN runs r ON r.id = s.run
        WHERE s.lease = ?1 AND s.state = 'running' AND r.owner <> ?1 AND r.ended IS NULL";
    let held: Vec<(Id, String, i64)> = all(conn, sql, params![owner], |row| Ok((id(row, "run")?, row.get("name")?, row.get("fence")?)))?;
    for (run, name, fence) in held {
        expire(conn, &run, &name, fence, now)?;
    }
    let sql = "UPDATE attempts SET ended = ?, outcome = 'lost' WHERE owner = ? AND ended IS NULL
        AND (run, step) IN (SELECT run, name FROM steps WHERE lease = ? AND state = 'running')";
    exec(conn, sql, params![now, owner, owner])?;
    let sql = "UPDATE steps SET state = 'lost', ended = ? WHERE lease = ? AND state = 'running'";
    exec(conn, sql, params![now, owner])?;
    // What waited in a run that is gone waits for nobody.
    let sql = "UPDATE steps SET state = 'lost', ended = ?1 WHERE state = 'ready' AND run IN (SELECT id FROM runs WHERE owner = ?2 AND ended IS NULL)";
    exec(conn, sql, params![now, owner])?;
    let sql = "INSERT INTO events (run, at, kind, json) SELECT id, ?, 'run_interrupted', '{}' FROM runs WHERE owner = ? AND ended IS NULL";
    exec(conn, sql, params![now, owner])?;
    exec(conn, "DELETE FROM requests WHERE owner = ? AND response IS NULL", params![owner])?;
    exec(conn, "DELETE FROM workers WHERE owner = ?", params![owner])?;
    // Some of it is done: the same command goes on from there (003-34).
    let sql = "UPDATE runs SET status = CASE WHEN EXISTS (SELECT 1 FROM steps WHERE run = runs.id AND state = 'done')
            THEN 'partial' ELSE 'failed' END, ended = ?, error = 'interrupted: its process ended without finishing it'
        WHERE owner = ? AND ended IS NULL";
    exec(conn, sql, params![now, owner])?;
    Ok(())
}
