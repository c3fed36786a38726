//! Project + Canon → StoryArc, and the canon with the season's hidden truth in it, before anything is shown.

use std::sync::Arc;

use contracts::{canon::Canon, story::StoryArc};
use orchestrator::{Grade, Outputs};
use serde_json::json;
use world::StoryWriter;

use super::{Made, Shop, judged, step, untold};
use crate::{failure::Failure, tell::Writing};

pub fn run(shop: &mut Shop, writing: &Writing, canon: &Made<Canon>) -> Result<(Made<StoryArc>, Made<Canon>), Failure> {
    let (project, writer, world) = (Arc::clone(&writing.project), Arc::clone(&writing.writer), Arc::clone(&canon.doc));
    let (people, _) = writing.writer.casting(&canon.doc);
    let projection = json!({"project": writing.settings(), "canon": canon.hash, "written": writing.writer.numbers(), "people": people});
    let work = step("arc", "arc", Grade::Pure, projection, move |cx| {
        let arc = writer.arc(&project, &world).map_err(untold)?;
        let truth = writer.truth(&project, &world, &arc).map_err(untold)?;
        let known = canon::apply(&world, &judged(&world, truth)?, None).map_err(untold)?;
        Ok(Outputs::new().with("story_arc", cx.put_document(&arc)?).with("canon", cx.put_document(&known)?))
    });
    let result = shop.one("arc", work)?;
    Ok((shop.read(&result)?, shop.read(&result)?))
}
