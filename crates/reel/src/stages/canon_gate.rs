//! Canon + Script + CanonDiff → verdict, and the canon as it would stand. A contradiction ends the run: there is no film.

use std::sync::Arc;

use contracts::{
    canon::{Canon, CanonDiff, Verdict},
    promise::GateStage,
    story::{Cast, EpisodePlan, Script},
};
use orchestrator::{Grade, Outputs};
use serde_json::json;

use super::{Made, Shop, fault, json, step};
use crate::failure::Failure;

/// The judged diff, and the canon with it applied.
pub struct Judged {
    pub diff: Made<CanonDiff>,
    pub canon: Made<Canon>,
}

pub fn run(
    shop: &mut Shop,
    canon: &Made<Canon>,
    cast: &Made<Cast>,
    plan: &Made<EpisodePlan>,
    script: &Made<Script>,
    diff: &Made<CanonDiff>,
) -> Result<Judged, Failure> {
    let (world, people, planned, text, proposed) =
        (Arc::clone(&canon.doc), Arc::clone(&cast.doc), Arc::clone(&plan.doc), Arc::clone(&script.doc), Arc::clone(&diff.doc));
    let projection = json!({"canon": canon.hash, "cast": cast.hash, "plan": plan.hash, "script": script.hash, "diff": diff.hash});
    let work = step("canon_gate", "canon_gate", Grade::Pure, projection, move |cx| {
        let mut verdict = canon::gate(&world, &people, &text, &proposed);
        let planned = canon::gate_plan(&planned, &text);
        verdict.pass &= planned.pass;
        verdict.findings.extend(planned.findings);
        let facts = json(&verdict);
        let judged = canon::accept((*proposed).clone(), verdict.clone());
        let mut outputs = Outputs::new().with("canon_diff", cx.put_document(&judged)?).with_facts(facts);
        if verdict.pass {
            let after = canon::apply(&world, &judged, Some(&text)).map_err(fault)?;
            outputs = outputs.with("canon", cx.put_document(&after)?);
        }
        Ok(outputs)
    });
    let result = shop.one("canon_gate", work)?;
    let verdict: Verdict = serde_json::from_value(result.outputs.facts.clone()).map_err(Failure::internal)?;
    let id = format!("{}canon", shop.prefix);
    shop.gates.note(id, GateStage::Pre, &verdict);
    if !verdict.pass {
        return Err(Failure::contradiction(&verdict));
    }
    Ok(Judged { diff: shop.read(&result)?, canon: shop.read(&result)? })
}
