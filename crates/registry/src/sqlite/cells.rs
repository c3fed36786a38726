//! What a row says, as Rust types.

use contracts::run::Approval;
use contracts::{Hash, Id};
use kit::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::RegistryError;
use crate::rows::{
    ArtifactRow, AttemptRow, Claim, Control, EventRow, Grade, Held, Making, NewStep, RefMove, ReviewRow, RunRow, StepRow, StepState,
    WorkerRow,
};
use crate::store::MemoRow;

pub(super) fn approval(row: &SqliteRow) -> Result<Approval, RegistryError> {
    Ok(Approval {
        point: row.try_get("point")?,
        approver: row.try_get("approver")?,
        at: row.try_get("at")?,
        subject: hash(row, "subject")?,
        approved: row.try_get::<i64, _>("approved")? != 0,
        notes: row.try_get("notes")?,
    })
}

pub(super) fn hash(row: &SqliteRow, column: &'static str) -> Result<Hash, RegistryError> {
    let text: String = row.try_get(column)?;
    Hash::try_from(text).map_err(|e| RegistryError::row(column, e))
}

pub(super) fn id(row: &SqliteRow, column: &'static str) -> Result<Id, RegistryError> {
    let text: String = row.try_get(column)?;
    Id::new(text).map_err(|e| RegistryError::row(column, e))
}

pub(super) fn maybe_id(row: &SqliteRow, column: &'static str) -> Result<Option<Id>, RegistryError> {
    let text: Option<String> = row.try_get(column)?;
    text.map(|t| Id::new(t).map_err(|e| RegistryError::row(column, e))).transpose()
}

pub(super) fn number<T: TryFrom<i64>>(row: &SqliteRow, column: &'static str) -> Result<T, RegistryError> {
    let value: i64 = row.try_get(column)?;
    T::try_from(value).map_err(|_| RegistryError::row(column, format!("{value} is out of range")))
}

pub(super) fn time(row: &SqliteRow, column: &'static str) -> Result<Option<Timestamp>, RegistryError> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(Timestamp))
}

pub(super) fn grade(row: &SqliteRow) -> Result<Grade, RegistryError> {
    let text: String = row.try_get("grade")?;
    Grade::parse(&text).ok_or_else(|| RegistryError::row("grade", text))
}

/// A memo's row.
pub(super) fn memo(row: &SqliteRow) -> Result<MemoRow, RegistryError> {
    Ok(MemoRow {
        key: hash(row, "key")?,
        grade: grade(row)?,
        kind: row.try_get("kind")?,
        kind_version: number(row, "kind_version")?,
        outputs: row.try_get("outputs")?,
        digest: row.try_get("digest")?,
    })
}

pub(super) fn ref_move(row: &SqliteRow) -> Result<RefMove, RegistryError> {
    Ok(RefMove {
        name: row.try_get("name")?,
        version: row.try_get("version")?,
        hash: hash(row, "hash")?,
        run: maybe_id(row, "run")?,
        at: Timestamp(row.try_get("at")?),
    })
}

pub(super) fn artifact_row(row: &SqliteRow) -> Result<ArtifactRow, RegistryError> {
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

pub(super) fn run_row(row: &SqliteRow) -> Result<RunRow, RegistryError> {
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
pub(super) fn step_of(row: &SqliteRow) -> Result<NewStep, RegistryError> {
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

pub(super) fn step_row(row: &SqliteRow) -> Result<StepRow, RegistryError> {
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

pub(super) fn event_row(row: &SqliteRow) -> Result<EventRow, RegistryError> {
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

pub(super) fn attempt(row: &SqliteRow) -> Result<AttemptRow, RegistryError> {
    Ok(AttemptRow {
        step: row.try_get("step")?,
        n: number(row, "n")?,
        owner: row.try_get("owner")?,
        fence: row.try_get("fence")?,
        started: Timestamp(row.try_get("started")?),
        ended: time(row, "ended")?,
        outcome: row.try_get("outcome")?,
        error: row.try_get("error")?,
    })
}

pub(super) fn review(row: &SqliteRow) -> Result<ReviewRow, RegistryError> {
    Ok(ReviewRow {
        run: id(row, "run")?,
        point: row.try_get("point")?,
        subject: hash(row, "subject")?,
        what: row.try_get("what")?,
        at: Timestamp(row.try_get("at")?),
    })
}

pub(super) fn held(row: &SqliteRow) -> Result<Held, RegistryError> {
    Ok(Held {
        run: id(row, "run")?,
        step: row.try_get("name")?,
        fence: row.try_get("fence")?,
        owner: row.try_get("lease")?,
        beat: row.try_get("beat")?,
    })
}

pub(super) fn worker(row: &SqliteRow) -> Result<WorkerRow, RegistryError> {
    let queues: String = row.try_get("queues")?;
    Ok(WorkerRow {
        owner: row.try_get("owner")?,
        queues: serde_json::from_str(&queues).map_err(|e| RegistryError::row("workers", e))?,
        build: row.try_get("build")?,
        started: Timestamp(row.try_get("started")?),
        beat: row.try_get("beat")?,
    })
}

/// What a row of `requests` says to another who asks.
pub(super) fn claim(row: &SqliteRow) -> Result<Claim, RegistryError> {
    let body = hash(row, "body")?;
    let response: Option<String> = row.try_get("response")?;
    Ok(match response {
        Some(text) => Claim::Answered { body, response: Hash::try_from(text).map_err(|e| RegistryError::row("response", e))? },
        None => Claim::Held { body, owner: row.try_get("owner")? },
    })
}
