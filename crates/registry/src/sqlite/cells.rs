//! What a row says, as Rust types.

use contracts::run::Approval;
use contracts::{Hash, Id};
use kit::Timestamp;
use rusqlite::Row;

use crate::RegistryError;
use crate::rows::{
    ArtifactRow, AttemptRow, Claim, Control, EventRow, Grade, Held, Making, NewStep, RefMove, ReviewRow, RunRow, StepRow, StepState,
    WorkerRow,
};
use crate::store::MemoRow;

pub(super) fn approval(row: &Row<'_>) -> Result<Approval, RegistryError> {
    Ok(Approval {
        point: row.get("point")?,
        approver: row.get("approver")?,
        at: row.get("at")?,
        subject: hash(row, "subject")?,
        approved: row.get::<_, i64>("approved")? != 0,
        notes: row.get("notes")?,
    })
}

pub(super) fn hash(row: &Row<'_>, column: &'static str) -> Result<Hash, RegistryError> {
    let text: String = row.get(column)?;
    Hash::try_from(text).map_err(|e| RegistryError::row(column, e))
}

pub(super) fn id(row: &Row<'_>, column: &'static str) -> Result<Id, RegistryError> {
    let text: String = row.get(column)?;
    Id::new(text).map_err(|e| RegistryError::row(column, e))
}

pub(super) fn maybe_id(row: &Row<'_>, column: &'static str) -> Result<Option<Id>, RegistryError> {
    let text: Option<String> = row.get(column)?;
    text.map(|t| Id::new(t).map_err(|e| RegistryError::row(column, e))).transpose()
}

pub(super) fn number<T: TryFrom<i64>>(row: &Row<'_>, column: &'static str) -> Result<T, RegistryError> {
    let value: i64 = row.get(column)?;
    T::try_from(value).map_err(|_| RegistryError::row(column, format!("{value} is out of range")))
}

pub(super) fn time(row: &Row<'_>, column: &'static str) -> Result<Option<Timestamp>, RegistryError> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Timestamp))
}

pub(super) fn grade(row: &Row<'_>) -> Result<Grade, RegistryError> {
    let text: String = row.get("grade")?;
    Grade::parse(&text).ok_or_else(|| RegistryError::row("grade", text))
}

/// A memo's row.
pub(super) fn memo(row: &Row<'_>) -> Result<MemoRow, RegistryError> {
    Ok(MemoRow {
        key: hash(row, "key")?,
        grade: grade(row)?,
        kind: row.get("kind")?,
        kind_version: number(row, "kind_version")?,
        outputs: row.get("outputs")?,
        digest: row.get("digest")?,
    })
}

pub(super) fn ref_move(row: &Row<'_>) -> Result<RefMove, RegistryError> {
    Ok(RefMove {
        name: row.get("name")?,
        version: row.get("version")?,
        hash: hash(row, "hash")?,
        run: maybe_id(row, "run")?,
        at: Timestamp(row.get("at")?),
    })
}

pub(super) fn artifact_row(row: &Row<'_>) -> Result<ArtifactRow, RegistryError> {
    let made = match row.get::<_, Option<String>>("kind")? {
        None => None,
        Some(kind) => Some(Making {
            kind,
            kind_version: number(row, "kind_version")?,
            grade: grade(row)?,
            memo_key: hash(row, "memo_key")?,
            tool: row.get("tool")?,
            inputs: Vec::new(),
        }),
    };
    Ok(ArtifactRow {
        hash: hash(row, "hash")?,
        schema_id: row.get("schema_id")?,
        schema_version: row.get("schema_version")?,
        size: number(row, "size")?,
        created_at: Timestamp(row.get("created_at")?),
        run: maybe_id(row, "run")?,
        step: row.get("step")?,
        made,
    })
}

pub(super) fn run_row(row: &Row<'_>) -> Result<RunRow, RegistryError> {
    let summary: Option<String> = row.get("summary")?;
    let control: Option<String> = row.get("control")?;
    Ok(RunRow {
        id: id(row, "id")?,
        tenant: id(row, "tenant")?,
        project: id(row, "project")?,
        episode: number(row, "episode")?,
        status: row.get("status")?,
        owner: row.get("owner")?,
        started: Timestamp(row.get("started")?),
        ended: time(row, "ended")?,
        out_dir: row.get("out_dir")?,
        summary: summary.map(|s| Hash::try_from(s).map_err(|e| RegistryError::row("summary", e))).transpose()?,
        error: row.get("error")?,
        control: control.map(|c| Control::parse(&c).ok_or_else(|| RegistryError::row("control", c))).transpose()?,
        look: row.get::<_, i64>("look")? != 0,
        request: row
            .get::<_, Option<String>>("request")?
            .map(|text| serde_json::from_str(&text).map_err(|e| RegistryError::row("request", e)))
            .transpose()?,
    })
}

/// What a step is, of a row of `steps`.
pub(super) fn step_of(row: &Row<'_>) -> Result<NewStep, RegistryError> {
    let timeout: Option<i64> = row.get("timeout_ms")?;
    Ok(NewStep {
        run: id(row, "run")?,
        name: row.get("name")?,
        stage: row.get("stage")?,
        kind: row.get("kind")?,
        kind_version: number(row, "kind_version")?,
        grade: grade(row)?,
        memo_key: hash(row, "memo_key")?,
        queue: row.get("queue")?,
        place: number(row, "place")?,
        spec: row.get("spec")?,
        timeout_ms: timeout.and_then(|ms| u64::try_from(ms).ok()),
    })
}

pub(super) fn step_row(row: &Row<'_>) -> Result<StepRow, RegistryError> {
    let state: String = row.get("state")?;
    Ok(StepRow {
        step: step_of(row)?,
        state: StepState::parse(&state).ok_or_else(|| RegistryError::row("state", state))?,
        lease: row.get("lease")?,
        fence: row.get("fence")?,
        attempt: number(row, "attempt")?,
        hit: row.get::<_, i64>("hit")? != 0,
        enqueued: time(row, "enqueued")?,
        started: time(row, "started")?,
        ended: time(row, "ended")?,
        error: row.get("error")?,
    })
}

pub(super) fn event_row(row: &Row<'_>) -> Result<EventRow, RegistryError> {
    let seq: i64 = row.get("seq")?;
    let text: String = row.get("json")?;
    Ok(EventRow {
        seq,
        run: maybe_id(row, "run")?,
        at: Timestamp(row.get("at")?),
        kind: row.get("kind")?,
        json: serde_json::from_str(&text).map_err(|e| RegistryError::row(format!("event {seq}"), e))?,
    })
}

pub(super) fn attempt(row: &Row<'_>) -> Result<AttemptRow, RegistryError> {
    Ok(AttemptRow {
        step: row.get("step")?,
        n: number(row, "n")?,
        owner: row.get("owner")?,
        fence: row.get("fence")?,
        started: Timestamp(row.get("started")?),
        ended: time(row, "ended")?,
        outcome: row.get("outcome")?,
        error: row.get("error")?,
    })
}

pub(super) fn review(row: &Row<'_>) -> Result<ReviewRow, RegistryError> {
    Ok(ReviewRow {
        run: id(row, "run")?,
        point: row.get("point")?,
        subject: hash(row, "subject")?,
        what: row.get("what")?,
        at: Timestamp(row.get("at")?),
    })
}

pub(super) fn held(row: &Row<'_>) -> Result<Held, RegistryError> {
    Ok(Held { run: id(row, "run")?, step: row.get("name")?, fence: row.get("fence")?, owner: row.get("lease")?, beat: row.get("beat")? })
}

pub(super) fn worker(row: &Row<'_>) -> Result<WorkerRow, RegistryError> {
    let queues: String = row.get("queues")?;
    Ok(WorkerRow {
        owner: row.get("owner")?,
        queues: serde_json::from_str(&queues).map_err(|e| RegistryError::row("workers", e))?,
        build: row.get("build")?,
        started: Timestamp(row.get("started")?),
        beat: row.get("beat")?,
    })
}

/// What a row of `requests` says to another who asks.
pub(super) fn claim(row: &Row<'_>) -> Result<Claim, RegistryError> {
    let body = hash(row, "body")?;
    let response: Option<String> = row.get("response")?;
    Ok(match response {
        Some(text) => Claim::Answered { body, response: Hash::try_from(text).map_err(|e| RegistryError::row("response", e))? },
        None => Claim::Held { body, owner: row.get("owner")? },
    })
}
