//! People's decisions: rows that nothing changes and nothing removes. The database itself refuses to, and every row carries the
//! digest of itself and of the row before it, so that one which was changed or taken out behind its back is found.

use contracts::run::Approval;
use contracts::{Hash, Id};
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::RegistryError;
use crate::reads::{approval, id};

/// What guards a row: what was decided, and the digest of the decision before it.
fn digest(before: &str, run: &Id, decision: &Approval) -> Result<Hash, RegistryError> {
    let mut row = json!({
        "before": before, "run": run, "point": decision.point, "approver": decision.approver, "at": decision.at,
        "subject": decision.subject, "approved": decision.approved,
    });
    if let Some(notes) = &decision.notes {
        row["notes"] = json!(notes);
    }
    Ok(Hash::of(&contracts::canonical_value(&row)?))
}

/// Records a decision. Who waited for one about this content at this point waits no more, in whichever run.
pub(crate) async fn record(conn: &mut SqliteConnection, run: &Id, decision: &Approval) -> Result<(), RegistryError> {
    let sql = "SELECT digest FROM approvals WHERE digest IS NOT NULL ORDER BY seq DESC LIMIT 1";
    let before: Option<String> = sqlx::query(sql).fetch_optional(&mut *conn).await?.map(|row| row.try_get(0)).transpose()?;
    let digest = digest(before.as_deref().unwrap_or_default(), run, decision)?;
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
pub(crate) async fn ask(
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

/// What is wrong with the decisions as they stand; empty when all is well.
pub(crate) async fn complaints(conn: &mut SqliteConnection) -> Result<Vec<String>, RegistryError> {
    let mut found = Vec::new();
    let mut before = String::new();
    let mut last = 0;
    for row in sqlx::query("SELECT * FROM approvals ORDER BY seq").fetch_all(&mut *conn).await? {
        let seq: i64 = row.try_get("seq")?;
        last = seq;
        match (row.try_get::<Option<String>, _>("digest")?, expected(&before, &row)) {
            // Written before digests were.
            (None, _) if before.is_empty() => {}
            (Some(digest), Ok(expected)) if digest == expected.as_str() => before = digest,
            (digest, _) => {
                let run: String = row.try_get("run")?;
                found.push(format!("decision {seq} of `approvals`, of run `{run}`, is not what was recorded, or one before it is missing"));
                before = digest.unwrap_or(before);
            }
        }
    }
    let ever = sqlx::query("SELECT seq FROM sqlite_sequence WHERE name = 'approvals'").fetch_optional(conn).await?;
    let ever: i64 = ever.map(|row| row.try_get(0)).transpose()?.unwrap_or(0);
    if ever > last {
        found.push(format!("decisions are missing: the last of `approvals` is number {last}, and {ever} were recorded"));
    }
    Ok(found)
}

fn expected(before: &str, row: &SqliteRow) -> Result<Hash, RegistryError> {
    digest(before, &id(row, "run")?, &approval(row)?)
}
