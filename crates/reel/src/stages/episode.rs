//! StoryArc → EpisodePlan.

use std::sync::Arc;

use contracts::{
    canon::Canon,
    story::{EpisodePlan, StoryArc},
};
use orchestrator::Grade;
use serde_json::json;
use world::StoryWriter;

use super::{Made, Shop, untold};
use crate::{failure::Failure, tell::Writing};

pub fn run(
    shop: &mut Shop,
    writing: &Writing,
    canon: &Made<Canon>,
    arc: &Made<StoryArc>,
    number: u32,
) -> Result<Made<EpisodePlan>, Failure> {
    let (project, writer) = (Arc::clone(&writing.project), Arc::clone(&writing.writer));
    let (world, inner) = (Arc::clone(&canon.doc), Arc::clone(&arc.doc));
    let projection =
        json!({"project": writing.settings(), "canon": canon.hash, "arc": arc.hash, "number": number, "source": writing.source(number)});
    shop.document("episode", Grade::Pure, projection, move |_| writer.plan(&project, &world, &inner, number).map_err(untold))
}
