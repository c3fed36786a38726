//! RenderPlan → the mix.

use contracts::{Hash, render::RenderPlan};
use orchestrator::{Grade, Outputs, StepResult};
use serde_json::json;

use super::{Made, Work, fault, json};
use crate::failure::Failure;

/// The step, which the shots run beside.
pub fn work(plan: &Made<RenderPlan>) -> Work {
    let samples = plan.doc.edit_rate.samples_at(plan.doc.total_frames);
    let (sounds, settings) = (plan.doc.sounds.clone(), plan.doc.mix.clone());
    let projection = json!({"sounds": json(&sounds), "mix": json(&settings), "samples": samples});
    Work::new("mix", "mix", Grade::Pure, projection, move |cx| {
        let fetch = |hash: &Hash| cx.get_bytes(hash).map_err(Into::into);
        let mix = render::mix::mix(&sounds, &settings, samples, &fetch).map_err(fault)?;
        let facts = json!({"loudness_cb": mix.loudness_cb, "true_peak_cb": mix.true_peak_cb, "gain_cb": mix.gain_cb});
        Ok(Outputs::new().with("mix", cx.put_bytes(&mix.wav)?).with_facts(facts))
    })
}

/// What it made.
pub fn made(result: Option<&StepResult>) -> Result<Hash, Failure> {
    result.and_then(|r| r.outputs.hash("mix").cloned()).ok_or_else(|| Failure::internal("the mix step made no mix"))
}
