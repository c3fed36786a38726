//! EpisodePlan + Cast → Script and the CanonDiff it proposes.

use std::{collections::BTreeMap, sync::Arc};

use contracts::{
    Id,
    canon::{Canon, CanonDiff},
    story::{Cast, EpisodePlan, Script, StoryArc},
};
use orchestrator::{Grade, Outputs};
use serde_json::json;
use world::{
    StoryWriter, WorldError,
    model::{Drafted, Told, draft},
};

use super::{Made, Shop, json, step, untold};
use crate::{failure::Failure, tell::Writing, writing::Recorded};

/// Who found the words of an episode, where a model was asked for them.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Words {
    /// Line → `model:NAME` or `template:MOULD`.
    pub by: BTreeMap<Id, String>,
    /// What did not go as asked, and what stands instead.
    pub told: Vec<String>,
}

/// A script as it was written.
pub struct Scripted {
    pub script: Made<Script>,
    /// What it claims to change.
    pub diff: Made<CanonDiff>,
    /// Who found its words, where a model was asked.
    pub words: Option<Words>,
}

pub fn run(
    shop: &mut Shop,
    writing: &Writing,
    canon: &Made<Canon>,
    arc: &Made<StoryArc>,
    cast: &Made<Cast>,
    plan: &Made<EpisodePlan>,
) -> Result<Scripted, Failure> {
    let (project, writer) = (Arc::clone(&writing.project), Arc::clone(&writing.writer));
    let (world, season, people, inner) = (Arc::clone(&canon.doc), Arc::clone(&arc.doc), Arc::clone(&cast.doc), Arc::clone(&plan.doc));
    let mut projection = json!({
        "project": writing.settings(), "canon": canon.hash, "arc": arc.hash, "cast": cast.hash, "plan": plan.hash,
        "source": writing.source(plan.doc.number),
    });
    let told = Told { project: &project, canon: &world, arc: &season, plan: &inner, cast: &people };
    let drafted = match proposed(shop, writing, told)? {
        // What came of the calls is what the script rests on, and nothing else of the model.
        Some((drafted, answers)) => {
            let safety = gates::safety::fingerprint();
            projection["model"] = json!({"name": writing.model.as_ref().map_or("", |m| m.name()), "answers": answers, "safety": safety});
            Some(drafted)
        }
        None => None,
    };
    let (told_project, told_people) = (Arc::clone(&project), Arc::clone(&people));
    let (world, season, inner) = (Arc::clone(&world), Arc::clone(&season), Arc::clone(&inner));
    let work = step("script", "script", Grade::Pure, projection, move |cx| {
        let Some(drafted) = &drafted else {
            let (script, diff) = writer.script(&told_project, &world, &season, &inner, &told_people).map_err(untold)?;
            return Ok(Outputs::new().with("script", cx.put_document(&script)?).with("canon_diff", cx.put_document(&diff)?));
        };
        let words = Words { by: drafted.by.clone(), told: drafted.told.clone() };
        let outputs = Outputs::new().with("script", cx.put_document(&drafted.script)?);
        Ok(outputs.with("canon_diff", cx.put_document(&drafted.diff)?).with_facts(json(&words)))
    });
    let result = shop.one("script", work)?;
    let words = serde_json::from_value(result.outputs.facts.clone()).ok();
    Ok(Scripted { script: shop.read(&result)?, diff: shop.read(&result)?, words })
}

/// What a model and the pack wrote together, and the answers it rests on; nothing where no model may be asked, where the author wrote,
/// and where the pack itself has no script.
fn proposed(shop: &mut Shop, writing: &Writing, told: Told<'_>) -> Result<Option<(Drafted, Vec<contracts::Hash>)>, Failure> {
    let Some(model) = writing.model.as_ref().filter(|_| writing.writer.manuscript(told.plan.number).is_none()) else { return Ok(None) };
    let mut recorded = Recorded::new(shop, Arc::clone(model));
    let drafted = draft(told, &mut recorded, &|script| gates::safety::script(told.project, script));
    match (drafted, recorded.ended) {
        (Err(WorldError::Stopped), Some(failure)) => Err(failure),
        (Ok(drafted), _) => Ok(Some((drafted, recorded.answers))),
        // The pack's own script says what is wrong, in its own step.
        (Err(_), _) => Ok(None),
    }
}
