//! RenderPlan → the mix, with its stems when somebody asked for them, and the mix → the film's sound.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

use contracts::{
    Hash,
    render::{MixSettings, PlannedSound, RenderPlan},
};
use media::wav;
use orchestrator::{Grade, Outputs, StepCx, StepResult};
use render::{
    mix::{STEM_NAMES, mix_to_folder},
    soundtrack::soundtrack,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{FnStep, Made, fault, json, step};
use crate::{failure::Failure, tools::Tools};

/// The mix, and its parts by name; none when nobody asked for them.
pub struct Mixed {
    pub mix: Hash,
    pub stems: BTreeMap<String, Hash>,
}

/// Everything a mix reads.
#[derive(Deserialize, Serialize)]
pub struct MixSpec {
    sounds: Vec<PlannedSound>,
    mix: MixSettings,
    samples: u64,
    /// Whether the parts of the mix are kept beside it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    stems: bool,
}

/// The step, which the shots run beside. With `stems` it keeps the parts of the mix beside it.
pub fn work(plan: &Made<RenderPlan>, stems: bool) -> FnStep {
    let samples = plan.doc.edit_rate.samples_at(plan.doc.total_frames);
    mixing("mix".to_owned(), MixSpec { sounds: plan.doc.sounds.clone(), mix: plan.doc.mix.clone(), samples, stems })
}

/// The step that mixes what it reads.
pub fn mixing(name: String, spec: MixSpec) -> FnStep {
    let reads = json(&spec);
    let act = move |cx: &StepCx| {
        let MixSpec { sounds, mix, samples, stems } = &spec;
        let (mix, files) = mix_to_folder(sounds, mix, *samples, &|hash| source(cx, hash), cx.temp_dir()?, *stems).map_err(fault)?;
        let facts = json!({"loudness_cb": mix.loudness_cb, "true_peak_cb": mix.true_peak_cb, "gain_cb": mix.gain_cb});
        let mut outputs = Outputs::new().with_facts(facts);
        for (name, path) in &files {
            outputs = outputs.with(*name, cx.put_file(path)?);
        }
        Ok(outputs)
    };
    step(name, "mix", Grade::Pure, reads, act).portable()
}

/// A stored sound, for reading by parts, after its content was checked.
pub fn source(cx: &StepCx, hash: &Hash) -> Result<wav::Source, Box<dyn Error + Send + Sync>> {
    Ok(wav::Source::File(cx.path_of(hash)?))
}

/// The mix as the film holds it, encoded. The shots run beside this too: at the join only packets are copied.
pub fn encoded(plan: &Made<RenderPlan>, mix: Hash, tools: &Arc<Tools>) -> Result<FnStep, Failure> {
    let (settings, wanted, tools) = (plan.doc.encode.clone(), plan.doc.mix.clone(), Arc::clone(tools));
    let projection = json!({
        "mix": mix, "wanted": json(&wanted), "audio_bit_rate": settings.audio_bit_rate, "preset": settings.preset, "encoder": tools.encoder_fingerprint()?,
    });
    Ok(step("soundtrack", "soundtrack", Grade::Pinned, projection, move |cx| {
        let work = cx.temp_dir()?;
        let out = work.join("sound.mp4");
        let made = soundtrack(&wanted, &settings, &cx.path_of(&mix)?, &tools.ffmpeg, work, &out).map_err(fault)?;
        let facts = json!({"loudness_cb": made.loudness_cb, "true_peak_cb": made.true_peak_cb, "looks": made.looks});
        Ok(Outputs::new().with("sound", cx.put_file(&out)?).with_facts(facts))
    }))
}

/// What a step of these made.
pub fn made(result: Option<&StepResult>, name: &str) -> Result<Hash, Failure> {
    result.and_then(|r| r.outputs.hash(name).cloned()).ok_or_else(|| Failure::internal(format!("the mix was made without a {name}")))
}

/// The mix and its parts, of the step that made them.
pub fn mixed(result: Option<&StepResult>) -> Result<Mixed, Failure> {
    let stem = |name: &&str| Some(((*name).to_owned(), made(result, name).ok()?));
    Ok(Mixed { mix: made(result, "mix")?, stems: STEM_NAMES.iter().filter_map(stem).collect() })
}
