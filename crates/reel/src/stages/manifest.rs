//! ShotList → AssetManifest.

use std::sync::Arc;

use contracts::{assets::AssetManifest, shots::ShotList, takes::Selections};
use orchestrator::Grade;
use serde_json::json;

use super::{Made, Shop, fault};
use crate::{failure::Failure, tell::Told};

/// Short side of the frame that needs are written for, and that pictures of the chain are painted for, in pixels.
pub const REFERENCE: u32 = 720;

/// With `chosen`, for the takes that a person has chosen in place of the director's pictures.
pub fn run(
    shop: &mut Shop,
    told: &Arc<Told>,
    shots: &Made<ShotList>,
    short: u32,
    chosen: Option<&Made<Selections>>,
) -> Result<Made<AssetManifest>, Failure> {
    let (inner, list) = (Arc::clone(told), Arc::clone(&shots.doc));
    let projection = json!({"story": told.projection(), "style": told.project.visual_style, "aspect": told.project.aspect, "shots": shots.hash, "short": short});
    let base = shop.document("manifest", Grade::Pure, projection, move |_| adapt::manifest(&inner.story(), &list, short).map_err(fault))?;
    let Some(chosen) = chosen else { return Ok(base) };
    let (list, before, takes) = (Arc::clone(&shots.doc), base.clone(), chosen.doc.shots.clone());
    let projection = json!({"manifest": base.hash, "shots": shots.hash, "chosen": takes});
    shop.document("takes", Grade::Pure, projection, move |_| {
        let taken = adapt::with_takes((*before.doc).clone(), &list, &takes).map_err(fault)?;
        // Choices that change nothing leave the manifest what it is.
        let base = (taken != *before.doc).then(|| before.hash.clone());
        Ok(AssetManifest { base, ..taken })
    })
}
