//! Reading: each question as a query.

use std::collections::BTreeMap;

use contracts::run::Approval;
use contracts::{Hash, Id};
use kit::Timestamp;
use rusqlite::{Connection, params};

use super::cells::{
    approval, artifact_row, attempt, claim, event_row, hash, held, id, memo, number, ref_move, review, run_row, step_row, worker,
};
use super::{all, first, json_list, kind_list, one};
use crate::RegistryError;
use crate::rows::{
    ArtifactRow, AttemptRow, Claim, EventRow, Held, Lineage, RefMove, RefRow, Relation, ReviewRow, RunFilter, RunRow, StepRow, WorkerRow,
};
use crate::store::{MemoRow, Moves};

type Asked<T> = Result<T, RegistryError>;

pub(super) fn memos(conn: &Connection, tenant: &Id, keys: &[Hash]) -> Asked<Vec<MemoRow>> {
    let sql =
        "SELECT key, grade, kind, kind_version, outputs, digest FROM memo WHERE tenant = ? AND key IN (SELECT value FROM json_each(?))";
    all(conn, sql, params![tenant.as_str(), json_list(keys)], memo)
}

pub(super) fn memo_reads(conn: &Connection, tenant: &Id, keys: &[Hash]) -> Asked<Vec<(Hash, String)>> {
    let sql = "SELECT key, reads FROM memo WHERE tenant = ? AND reads IS NOT NULL AND key IN (SELECT value FROM json_each(?))";
    all(conn, sql, params![tenant.as_str(), json_list(keys)], |row| Ok((hash(row, "key")?, row.get("reads")?)))
}

pub(super) fn artifact(conn: &Connection, tenant: &Id, hash: &Hash) -> Asked<Option<ArtifactRow>> {
    let sql = "SELECT * FROM artifacts WHERE tenant = ? AND hash = ?";
    first(conn, sql, params![tenant.as_str(), hash.as_str()], artifact_row)
}

pub(super) fn lineage(conn: &Connection, tenant: &Id, hash: &Hash) -> Asked<Lineage> {
    let mut found = Lineage::default();
    for (sql, into) in [
        ("SELECT relation, parent FROM lineage WHERE tenant = ? AND child = ? ORDER BY relation, parent", &mut found.parents),
        ("SELECT relation, child FROM lineage WHERE tenant = ? AND parent = ? ORDER BY relation, child", &mut found.children),
    ] {
        *into = all(conn, sql, params![tenant.as_str(), hash.as_str()], |row| {
            let relation: String = row.get(0)?;
            let relation = Relation::parse(&relation).ok_or_else(|| RegistryError::row("lineage", relation))?;
            let other = Hash::try_from(row.get::<_, String>(1)?).map_err(|e| RegistryError::row("lineage", e))?;
            Ok((relation, other))
        })?;
    }
    Ok(found)
}

pub(super) fn get_ref(conn: &Connection, tenant: &Id, name: &str) -> Asked<Option<RefRow>> {
    let sql = "SELECT hash, version FROM refs WHERE tenant = ? AND name = ?";
    first(conn, sql, params![tenant.as_str(), name], |r| Ok(RefRow { hash: hash(r, "hash")?, version: r.get("version")? }))
}

/// The question about moves of names, and what it asks for.
pub(super) fn moves(of: Moves<'_>) -> (&'static str, String) {
    match of {
        Moves::Of(name) => ("SELECT * FROM ref_moves WHERE tenant = ? AND name = ? ORDER BY version", name.to_owned()),
        Moves::To(hash) => ("SELECT * FROM ref_moves WHERE tenant = ? AND hash = ? ORDER BY at, name, version", hash.to_string()),
    }
}

pub(super) fn ref_moves(conn: &Connection, tenant: &Id, sql: &str, which: &str) -> Asked<Vec<RefMove>> {
    all(conn, sql, params![tenant.as_str(), which], ref_move)
}

pub(super) fn run(conn: &Connection, id: &Id) -> Asked<Option<RunRow>> {
    first(conn, "SELECT * FROM runs WHERE id = ?", params![id.as_str()], run_row)
}

pub(super) fn runs(conn: &Connection, tenant: &Id, filter: &RunFilter) -> Asked<Vec<RunRow>> {
    let sql = "SELECT * FROM runs WHERE tenant = ?1 AND (?2 IS NULL OR project = ?2) AND (?3 IS NULL OR episode = ?3)
        ORDER BY started DESC, id DESC LIMIT ?4";
    all(
        conn,
        sql,
        params![
            tenant.as_str(),
            filter.project.as_ref().map(Id::as_str),
            filter.episode.map(i64::from),
            if filter.limit == 0 { -1 } else { i64::from(filter.limit) }
        ],
        run_row,
    )
}

pub(super) fn usual_ms(conn: &Connection, tenant: &Id) -> Asked<BTreeMap<String, u64>> {
    let sql = "SELECT kind, CAST(avg(ended - started) AS INTEGER) AS ms FROM
        (SELECT s.kind, s.started, s.ended FROM steps s JOIN runs r ON r.id = s.run
         WHERE r.tenant = ? AND s.state = 'done' AND s.hit = 0 AND s.started IS NOT NULL ORDER BY s.ended DESC LIMIT 1000)
        GROUP BY kind";
    all(conn, sql, params![tenant.as_str()], |row| Ok((row.get("kind")?, u64::try_from(row.get::<_, i64>("ms")?).unwrap_or(0))))
}

/// `names`: a JSON list.
pub(super) fn steps(conn: &Connection, run: &Id, names: Option<&str>) -> Asked<Vec<StepRow>> {
    match names {
        None => all(conn, "SELECT * FROM steps WHERE run = ? ORDER BY name", params![run.as_str()], step_row),
        Some(names) => {
            let sql = "SELECT * FROM steps WHERE run = ? AND name IN (SELECT value FROM json_each(?))";
            all(conn, sql, params![run.as_str(), names], step_row)
        }
    }
}

pub(super) fn attempts(conn: &Connection, run: &Id) -> Asked<Vec<AttemptRow>> {
    let sql = "SELECT * FROM attempts WHERE run = ? ORDER BY step, n";
    all(conn, sql, params![run.as_str()], attempt)
}

pub(super) fn waiting(conn: &Connection, queue: &str, kinds: &[(String, u32)]) -> Asked<usize> {
    let sql = "SELECT count(*) AS n FROM steps s JOIN runs r ON r.id = s.run
        WHERE s.state = 'ready' AND s.queue = ? AND s.spec IS NOT NULL AND r.ended IS NULL AND r.control IS NULL
            AND s.kind || ' ' || s.kind_version IN (SELECT value FROM json_each(?))";
    one(conn, sql, params![queue, kind_list(kinds)], |row| number(row, "n"))
}

pub(super) fn elsewhere(conn: &Connection, not_by: &str) -> Asked<Vec<Held>> {
    let sql = "SELECT s.run, s.name, s.fence, s.lease, coalesce(w.beat, 0) AS beat FROM steps s
        JOIN runs r ON r.id = s.run LEFT JOIN workers w ON w.owner = s.lease
        WHERE s.state = 'running' AND s.lease <> ? AND r.ended IS NULL ORDER BY s.run, s.name";
    all(conn, sql, params![not_by], held)
}

pub(super) fn workers(conn: &Connection) -> Asked<Vec<WorkerRow>> {
    all(conn, "SELECT * FROM workers ORDER BY owner", params![], worker)
}

pub(super) fn holders(conn: &Connection) -> Asked<Vec<String>> {
    let sql = "SELECT owner FROM runs WHERE ended IS NULL UNION SELECT lease FROM steps WHERE state = 'running' AND lease IS NOT NULL
        UNION SELECT owner FROM requests WHERE response IS NULL UNION SELECT owner FROM workers";
    all(conn, sql, params![], |r| Ok(r.get(0)?))
}

pub(super) fn events(conn: &Connection, run: Option<&Id>, after: i64, limit: u32) -> Asked<Vec<EventRow>> {
    let sql = "SELECT * FROM events WHERE (?1 IS NULL OR run = ?1) AND seq > ?2 ORDER BY seq LIMIT ?3";
    all(conn, sql, params![run.map(Id::as_str), after, i64::from(limit)], event_row)
}

pub(super) fn approvals(conn: &Connection, run: &Id) -> Asked<Vec<Approval>> {
    let sql = "SELECT * FROM approvals WHERE run = ? ORDER BY seq";
    all(conn, sql, params![run.as_str()], approval)
}

pub(super) fn decided(conn: &Connection, tenant: &Id, point: &str, subject: &Hash) -> Asked<Option<(Id, Approval)>> {
    let sql = "SELECT a.* FROM approvals a JOIN runs r ON r.id = a.run
        WHERE a.point = ? AND a.subject = ? AND r.tenant = ? ORDER BY a.seq DESC LIMIT 1";
    first(conn, sql, params![point, subject.as_str(), tenant.as_str()], |r| Ok((id(r, "run")?, approval(r)?)))
}

pub(super) fn reviews(conn: &Connection, run: Option<&Id>) -> Asked<Vec<ReviewRow>> {
    let sql = "SELECT * FROM reviews WHERE ?1 IS NULL OR run = ?1 ORDER BY at, run, point, subject";
    all(conn, sql, params![run.map(Id::as_str)], review)
}

pub(super) fn request(conn: &Connection, tenant: &Id, key: &str, now: Timestamp) -> Asked<Option<Claim>> {
    let sql = "SELECT body, owner, response FROM requests
        WHERE tenant = ? AND key = ? AND (expires_at IS NULL OR expires_at > ?)";
    first(conn, sql, params![tenant.as_str(), key, now.ms()], claim)
}
