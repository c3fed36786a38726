//! Reading: each question as a query.

use std::collections::BTreeMap;

use contracts::run::Approval;
use contracts::{Hash, Id};
use kit::Timestamp;
use sqlx::{Row, SqliteConnection};

use super::cells::{
    approval, artifact_row, attempt, claim, event_row, hash, held, id, memo, number, ref_move, review, run_row, step_row, worker,
};
use super::{json_list, kind_list};
use crate::RegistryError;
use crate::rows::{
    ArtifactRow, AttemptRow, Claim, EventRow, Held, Lineage, RefMove, RefRow, Relation, ReviewRow, RunFilter, RunRow, StepRow, WorkerRow,
};
use crate::store::{MemoRow, Moves};

type Asked<T> = Result<T, RegistryError>;

pub(super) async fn memos(conn: &mut SqliteConnection, tenant: &Id, keys: &[Hash]) -> Asked<Vec<MemoRow>> {
    let sql =
        "SELECT key, grade, kind, kind_version, outputs, digest FROM memo WHERE tenant = ? AND key IN (SELECT value FROM json_each(?))";
    let rows = sqlx::query(sql).bind(tenant.as_str()).bind(json_list(keys)).fetch_all(conn).await?;
    rows.iter().map(memo).collect()
}

pub(super) async fn memo_reads(conn: &mut SqliteConnection, tenant: &Id, keys: &[Hash]) -> Asked<Vec<(Hash, String)>> {
    let sql = "SELECT key, reads FROM memo WHERE tenant = ? AND reads IS NOT NULL AND key IN (SELECT value FROM json_each(?))";
    let rows = sqlx::query(sql).bind(tenant.as_str()).bind(json_list(keys)).fetch_all(conn).await?;
    rows.iter().map(|row| Ok((hash(row, "key")?, row.try_get("reads")?))).collect()
}

pub(super) async fn artifact(conn: &mut SqliteConnection, tenant: &Id, hash: &Hash) -> Asked<Option<ArtifactRow>> {
    let sql = "SELECT * FROM artifacts WHERE tenant = ? AND hash = ?";
    let row = sqlx::query(sql).bind(tenant.as_str()).bind(hash.as_str()).fetch_optional(conn).await?;
    row.map(|r| artifact_row(&r)).transpose()
}

pub(super) async fn lineage(conn: &mut SqliteConnection, tenant: &Id, hash: &Hash) -> Asked<Lineage> {
    let mut found = Lineage::default();
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

pub(super) async fn get_ref(conn: &mut SqliteConnection, tenant: &Id, name: &str) -> Asked<Option<RefRow>> {
    let sql = "SELECT hash, version FROM refs WHERE tenant = ? AND name = ?";
    let row = sqlx::query(sql).bind(tenant.as_str()).bind(name).fetch_optional(conn).await?;
    row.map(|r| Ok(RefRow { hash: hash(&r, "hash")?, version: r.try_get("version")? })).transpose()
}

pub(super) async fn ref_moves(conn: &mut SqliteConnection, tenant: &Id, of: Moves<'_>) -> Asked<Vec<RefMove>> {
    let (sql, which) = match of {
        Moves::Of(name) => ("SELECT * FROM ref_moves WHERE tenant = ? AND name = ? ORDER BY version", name),
        Moves::To(hash) => ("SELECT * FROM ref_moves WHERE tenant = ? AND hash = ? ORDER BY at, name, version", hash.as_str()),
    };
    let rows = sqlx::query(sql).bind(tenant.as_str()).bind(which).fetch_all(conn).await?;
    rows.iter().map(ref_move).collect()
}

pub(super) async fn run(conn: &mut SqliteConnection, id: &Id) -> Asked<Option<RunRow>> {
    let row = sqlx::query("SELECT * FROM runs WHERE id = ?").bind(id.as_str()).fetch_optional(conn).await?;
    row.map(|r| run_row(&r)).transpose()
}

pub(super) async fn runs(conn: &mut SqliteConnection, tenant: &Id, filter: &RunFilter) -> Asked<Vec<RunRow>> {
    let sql = "SELECT * FROM runs WHERE tenant = ?1 AND (?2 IS NULL OR project = ?2) AND (?3 IS NULL OR episode = ?3)
        ORDER BY started DESC, id DESC LIMIT ?4";
    let rows = sqlx::query(sql)
        .bind(tenant.as_str())
        .bind(filter.project.as_ref().map(Id::as_str))
        .bind(filter.episode.map(i64::from))
        .bind(if filter.limit == 0 { -1 } else { i64::from(filter.limit) })
        .fetch_all(conn)
        .await?;
    rows.iter().map(run_row).collect()
}

pub(super) async fn usual_ms(conn: &mut SqliteConnection, tenant: &Id) -> Asked<BTreeMap<String, u64>> {
    let sql = "SELECT kind, CAST(avg(ended - started) AS INTEGER) AS ms FROM
        (SELECT s.kind, s.started, s.ended FROM steps s JOIN runs r ON r.id = s.run
         WHERE r.tenant = ? AND s.state = 'done' AND s.hit = 0 AND s.started IS NOT NULL ORDER BY s.ended DESC LIMIT 1000)
        GROUP BY kind";
    let rows = sqlx::query(sql).bind(tenant.as_str()).fetch_all(conn).await?;
    rows.iter().map(|row| Ok((row.try_get("kind")?, u64::try_from(row.try_get::<i64, _>("ms")?).unwrap_or(0)))).collect()
}

pub(super) async fn steps(conn: &mut SqliteConnection, run: &Id, names: Option<&[&str]>) -> Asked<Vec<StepRow>> {
    let rows = match names {
        None => sqlx::query("SELECT * FROM steps WHERE run = ? ORDER BY name").bind(run.as_str()).fetch_all(conn).await?,
        Some(names) => {
            let sql = "SELECT * FROM steps WHERE run = ? AND name IN (SELECT value FROM json_each(?))";
            let names = serde_json::to_string(names).unwrap_or_default();
            sqlx::query(sql).bind(run.as_str()).bind(names).fetch_all(conn).await?
        }
    };
    rows.iter().map(step_row).collect()
}

pub(super) async fn attempts(conn: &mut SqliteConnection, run: &Id) -> Asked<Vec<AttemptRow>> {
    let sql = "SELECT * FROM attempts WHERE run = ? ORDER BY step, n";
    let rows = sqlx::query(sql).bind(run.as_str()).fetch_all(conn).await?;
    rows.iter().map(attempt).collect()
}

pub(super) async fn waiting(conn: &mut SqliteConnection, queue: &str, kinds: &[(String, u32)]) -> Asked<usize> {
    let sql = "SELECT count(*) AS n FROM steps s JOIN runs r ON r.id = s.run
        WHERE s.state = 'ready' AND s.queue = ? AND s.spec IS NOT NULL AND r.ended IS NULL AND r.control IS NULL
            AND s.kind || ' ' || s.kind_version IN (SELECT value FROM json_each(?))";
    let row = sqlx::query(sql).bind(queue).bind(kind_list(kinds)).fetch_one(conn).await?;
    number(&row, "n")
}

pub(super) async fn elsewhere(conn: &mut SqliteConnection, not_by: &str) -> Asked<Vec<Held>> {
    let sql = "SELECT s.run, s.name, s.fence, s.lease, coalesce(w.beat, 0) AS beat FROM steps s
        JOIN runs r ON r.id = s.run LEFT JOIN workers w ON w.owner = s.lease
        WHERE s.state = 'running' AND s.lease <> ? AND r.ended IS NULL ORDER BY s.run, s.name";
    let rows = sqlx::query(sql).bind(not_by).fetch_all(conn).await?;
    rows.iter().map(held).collect()
}

pub(super) async fn workers(conn: &mut SqliteConnection) -> Asked<Vec<WorkerRow>> {
    let rows = sqlx::query("SELECT * FROM workers ORDER BY owner").fetch_all(conn).await?;
    rows.iter().map(worker).collect()
}

pub(super) async fn holders(conn: &mut SqliteConnection) -> Asked<Vec<String>> {
    let sql = "SELECT owner FROM runs WHERE ended IS NULL UNION SELECT lease FROM steps WHERE state = 'running' AND lease IS NOT NULL
        UNION SELECT owner FROM requests WHERE response IS NULL UNION SELECT owner FROM workers";
    let rows = sqlx::query(sql).fetch_all(conn).await?;
    rows.iter().map(|r| Ok(r.try_get(0)?)).collect()
}

pub(super) async fn events(conn: &mut SqliteConnection, run: Option<&Id>, after: i64, limit: u32) -> Asked<Vec<EventRow>> {
    let sql = "SELECT * FROM events WHERE (?1 IS NULL OR run = ?1) AND seq > ?2 ORDER BY seq LIMIT ?3";
    let rows = sqlx::query(sql).bind(run.map(Id::as_str)).bind(after).bind(i64::from(limit)).fetch_all(conn).await?;
    rows.iter().map(event_row).collect()
}

pub(super) async fn approvals(conn: &mut SqliteConnection, run: &Id) -> Asked<Vec<Approval>> {
    let sql = "SELECT * FROM approvals WHERE run = ? ORDER BY seq";
    let rows = sqlx::query(sql).bind(run.as_str()).fetch_all(conn).await?;
    rows.iter().map(approval).collect()
}

pub(super) async fn decided(conn: &mut SqliteConnection, tenant: &Id, point: &str, subject: &Hash) -> Asked<Option<(Id, Approval)>> {
    let sql = "SELECT a.* FROM approvals a JOIN runs r ON r.id = a.run
        WHERE a.point = ? AND a.subject = ? AND r.tenant = ? ORDER BY a.seq DESC LIMIT 1";
    let row = sqlx::query(sql).bind(point).bind(subject.as_str()).bind(tenant.as_str()).fetch_optional(conn).await?;
    row.map(|r| Ok((id(&r, "run")?, approval(&r)?))).transpose()
}

pub(super) async fn reviews(conn: &mut SqliteConnection, run: Option<&Id>) -> Asked<Vec<ReviewRow>> {
    let sql = "SELECT * FROM reviews WHERE ?1 IS NULL OR run = ?1 ORDER BY at, run, point, subject";
    let rows = sqlx::query(sql).bind(run.map(Id::as_str)).fetch_all(conn).await?;
    rows.iter().map(review).collect()
}

pub(super) async fn request(conn: &mut SqliteConnection, tenant: &Id, key: &str, now: Timestamp) -> Asked<Option<Claim>> {
    let sql = "SELECT body, owner, response FROM requests
        WHERE tenant = ? AND key = ? AND (expires_at IS NULL OR expires_at > ?)";
    let row = sqlx::query(sql).bind(tenant.as_str()).bind(key).bind(now.ms()).fetch_optional(conn).await?;
    row.map(|r| claim(&r)).transpose()
}
