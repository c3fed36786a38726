//! Script → verdict of the safety gate, before anything of it is spoken or drawn. A no ends the run.

use std::sync::Arc;

use contracts::{canon::Verdict, story::Script};
use orchestrator::{Grade, Outputs};
use serde_json::json;

use super::{Made, Shop, json, step};
use crate::{failure::Failure, tell::Writing};

pub fn run(shop: &mut Shop, writing: &Writing, script: &Made<Script>) -> Result<(), Failure> {
    let (project, text) = (Arc::clone(&writing.project), Arc::clone(&script.doc));
    let projection =
        json!({"title": project.title, "audience": json(&project.safety), "script": script.hash, "words": gates::safety::fingerprint()});
    let work = step("safety", "safety", Grade::Pure, projection, move |_| {
        Ok(Outputs::new().with_facts(json(&gates::safety::script(&project, &text))))
    });
    let result = shop.one("safety", work)?;
    let verdict: Verdict = serde_json::from_value(result.outputs.facts).map_err(Failure::internal)?;
    if verdict.pass {
        return Ok(());
    }
    let found: Vec<String> =
        verdict.findings.iter().map(|f| format!("[{}] {} ({})", f.code, f.message, f.sources.join(" against "))).collect();
    Err(Failure::blocked(
        format!("the script is not for its audience: {}", found.join("; ")),
        "change the words (canon.toml, notes.toml, the screenplay), or `[safety] audience` in project.toml; no film was made",
    ))
}
