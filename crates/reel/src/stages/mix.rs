//! RenderPlan → the mix.

use contracts::{Hash, render::RenderPlan};
use orchestrator::{Grade, Outputs};
use serde_json::json;

use super::{Made, Shop, Work, fault, json};
use crate::failure::Failure;

pub fn run(shop: &mut Shop, plan: &Made<RenderPlan>) -> Result<Hash, Failure> {
    let samples = plan.doc.edit_rate.samples_at(plan.doc.total_frames);
    let (sounds, settings) = (plan.doc.sounds.clone(), plan.doc.mix.clone());
    let projection = json!({"sounds": json(&sounds), "mix": json(&settings), "samples": samples});
    let work = Work::new("mix", "mix", Grade::Pure, projection, move |cx| {
        let fetch = |hash: &Hash| cx.get_bytes(hash).map_err(Into::into);
        let mix = render::mix::mix(&sounds, &settings, samples, &fetch).map_err(fault)?;
        let facts = json!({"loudness_cb": mix.loudness_cb, "true_peak_cb": mix.true_peak_cb, "gain_cb": mix.gain_cb});
        Ok(Outputs::new().with("mix", cx.put_bytes(&mix.wav)?).with_facts(facts))
    });
    let result = shop.one("mix", work)?;
    result.outputs.hash("mix").cloned().ok_or_else(|| Failure::internal("the mix step made no mix"))
}
