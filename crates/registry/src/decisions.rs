//! People's decisions: rows that nothing changes and nothing removes. The database itself refuses to, and every row carries the
//! digest of itself and of the row before it, so that one which was changed or taken out behind its back is found.

use contracts::run::Approval;
use contracts::{Hash, Id};
use serde_json::json;

use crate::RegistryError;
use crate::store::Decisions;

/// What guards a decision: what it says, and the digest of the decision before it, empty for the first.
pub fn decision_digest(before: &str, run: &Id, decision: &Approval) -> Result<Hash, RegistryError> {
    let mut row = json!({
        "before": before, "run": run, "point": decision.point, "approver": decision.approver, "at": decision.at,
        "subject": decision.subject, "approved": decision.approved,
    });
    if let Some(notes) = &decision.notes {
        row["notes"] = json!(notes);
    }
    Ok(Hash::of(&contracts::canonical_value(&row)?))
}

/// What is wrong with the decisions as they stand; empty when all is well.
pub(crate) fn complaints(decisions: Decisions) -> Vec<String> {
    let mut found = Vec::new();
    let mut before = String::new();
    let mut last = 0;
    for row in decisions.rows {
        last = row.seq;
        let expected = row.said.and_then(|(run, said)| decision_digest(&before, &run, &said).ok());
        match (row.digest, expected) {
            // Written before digests were.
            (None, _) if before.is_empty() => {}
            (Some(digest), Some(expected)) if digest == expected.as_str() => before = digest,
            (digest, _) => {
                let (seq, run) = (row.seq, row.run);
                found.push(format!("decision {seq} of `approvals`, of run `{run}`, is not what was recorded, or one before it is missing"));
                before = digest.unwrap_or(before);
            }
        }
    }
    if decisions.ever > last {
        let ever = decisions.ever;
        found.push(format!("decisions are missing: the last of `approvals` is number {last}, and {ever} were recorded"));
    }
    found
}
