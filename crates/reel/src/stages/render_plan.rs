//! ShotList + ResolvedAssets → RenderPlan, for one profile.

use std::sync::Arc;

use adapt::Profile;
use contracts::{
    assets::{AssetManifest, ResolvedAssets},
    promise::Terms,
    render::RenderPlan,
    shots::ShotList,
};
use orchestrator::Grade;
use serde_json::json;

use super::{Made, Shop, fault, json};
use crate::{failure::Failure, tell::Told};

pub fn run(
    shop: &mut Shop,
    told: &Arc<Told>,
    shots: &Made<ShotList>,
    manifest: &Made<AssetManifest>,
    resolved: &Made<ResolvedAssets>,
    plates: &Made<ResolvedAssets>,
    (profile, terms): (&Profile, &Terms),
) -> Result<Made<RenderPlan>, Failure> {
    let (inner, list, needs, assets, profile) =
        (Arc::clone(told), Arc::clone(&shots.doc), Arc::clone(&manifest.doc), Arc::clone(&plates.doc), profile.clone());
    let mut projection = json!({
        "story": told.projection(), "shots": shots.hash, "manifest": manifest.hash, "resolved": resolved.hash,
        "profile": {"id": profile.id, "short": profile.short, "filter": json(&profile.filter), "encode": json(&profile.encode), "burn_in": profile.burn_in.map_or(serde_json::Value::from("none"), |b| json(&b))},
    });
    projection["terms"] = json(terms);
    let terms = terms.clone();
    if plates.hash != resolved.hash {
        projection["plates"] = json(&plates.hash);
    }
    shop.document("render_plan", Grade::Pure, projection, move |_| {
        let plan = adapt::render_plan(&inner.story(), &list, &needs, &assets, &profile).map_err(fault)?;
        Ok(RenderPlan { terms: Some(terms.clone()), ..plan })
    })
}
