//! RenderPlan → the mix, and the mix → the film's sound.

use std::sync::Arc;

use contracts::{Hash, render::RenderPlan};
use orchestrator::{Grade, Outputs, StepResult};
use serde_json::json;

use super::{Made, Work, fault, json};
use crate::{failure::Failure, tools::Tools};

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

/// The mix as the film holds it, encoded. The shots run beside this too: at the join only packets are copied.
pub fn soundtrack(plan: &Made<RenderPlan>, mix: Hash, tools: &Arc<Tools>) -> Result<Work, Failure> {
    let (settings, tools) = (plan.doc.encode.clone(), Arc::clone(tools));
    let projection = json!({
        "mix": mix, "audio_bit_rate": settings.audio_bit_rate, "preset": settings.preset, "encoder": tools.encoder_fingerprint()?,
    });
    Ok(Work::new("soundtrack", "soundtrack", Grade::Pinned, projection, move |cx| {
        let out = cx.temp_dir()?.join("sound.mp4");
        render::join::encode_sound(&settings, &cx.path_of(&mix)?, &tools.ffmpeg, &out).map_err(fault)?;
        Ok(Outputs::new().with("sound", cx.put_file(&out)?))
    }))
}

/// What a step of these made.
pub fn made(result: Option<&StepResult>, name: &str) -> Result<Hash, Failure> {
    result.and_then(|r| r.outputs.hash(name).cloned()).ok_or_else(|| Failure::internal(format!("the mix was made without a {name}")))
}
