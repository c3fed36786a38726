//! Canon + StoryArc → Cast: look and voice of everyone, accepted into canon before a line is written.

use std::sync::Arc;

use contracts::{
    canon::Canon,
    story::{Cast, StoryArc},
};
use orchestrator::{Grade, Outputs};
use serde_json::json;
use world::StoryWriter;

use super::{Made, Shop, judged, step, untold};
use crate::{failure::Failure, tell::Writing};

pub fn run(shop: &mut Shop, writing: &Writing, canon: &Made<Canon>, arc: &Made<StoryArc>) -> Result<(Made<Cast>, Made<Canon>), Failure> {
    let (project, writer) = (Arc::clone(&writing.project), Arc::clone(&writing.writer));
    let (world, season) = (Arc::clone(&canon.doc), Arc::clone(&arc.doc));
    let (people, starts) = writing.writer.casting(&canon.doc);
    let starts = starts.map_or_else(String::new, String::from);
    let projection = json!({"project": writing.settings(), "canon": canon.hash, "arc": arc.hash, "people": people, "starts": starts});
    let work = step("cast", "cast", Grade::Pure, projection, move |cx| {
        let (cast, looks) = writer.cast(&project, &world, &season).map_err(untold)?;
        let known = canon::apply(&world, &judged(&world, looks)?, None).map_err(untold)?;
        Ok(Outputs::new().with("cast", cx.put_document(&cast)?).with("canon", cx.put_document(&known)?))
    });
    let result = shop.one("cast", work)?;
    Ok((shop.read(&result)?, shop.read(&result)?))
}
