//! EpisodePlan + Cast → Script and the CanonDiff it proposes.

use std::sync::Arc;

use contracts::{
    canon::{Canon, CanonDiff},
    story::{Cast, EpisodePlan, Script, StoryArc},
};
use orchestrator::{Grade, Outputs};
use serde_json::json;
use world::StoryWriter;

use super::{Made, Shop, step, untold};
use crate::{failure::Failure, tell::Writing};

pub fn run(
    shop: &mut Shop,
    writing: &Writing,
    canon: &Made<Canon>,
    arc: &Made<StoryArc>,
    cast: &Made<Cast>,
    plan: &Made<EpisodePlan>,
) -> Result<(Made<Script>, Made<CanonDiff>), Failure> {
    let (project, writer) = (Arc::clone(&writing.project), Arc::clone(&writing.writer));
    let (world, season, people, inner) = (Arc::clone(&canon.doc), Arc::clone(&arc.doc), Arc::clone(&cast.doc), Arc::clone(&plan.doc));
    let projection = json!({
        "project": writing.settings(), "canon": canon.hash, "arc": arc.hash, "cast": cast.hash, "plan": plan.hash,
        "source": writing.source(plan.doc.number),
    });
    let work = step("script", "script", Grade::Pure, projection, move |cx| {
        let (script, diff) = writer.script(&project, &world, &season, &inner, &people).map_err(untold)?;
        Ok(Outputs::new().with("script", cx.put_document(&script)?).with("canon_diff", cx.put_document(&diff)?))
    });
    let result = shop.one("script", work)?;
    Ok((shop.read(&result)?, shop.read(&result)?))
}
