//! ShotList → AssetManifest.

use std::sync::Arc;

use contracts::{assets::AssetManifest, shots::ShotList};
use orchestrator::Grade;
use serde_json::json;

use super::{Made, Shop, fault};
use crate::{failure::Failure, tell::Told};

/// Short side of the frame that needs are written for, and that pictures of the chain are painted for, in pixels.
pub const REFERENCE: u32 = 720;

pub fn run(shop: &mut Shop, told: &Arc<Told>, shots: &Made<ShotList>, short: u32) -> Result<Made<AssetManifest>, Failure> {
    let (inner, list) = (Arc::clone(told), Arc::clone(&shots.doc));
    let projection = json!({"story": told.projection(), "style": told.project.visual_style, "aspect": told.project.aspect, "shots": shots.hash, "short": short});
    shop.document("manifest", Grade::Pure, projection, move |_| adapt::manifest(&inner.story(), &list, short).map_err(fault))
}
