//! Steps that any process of a home can carry out: rebuilt from what they read. The key that comes out must be the one that was
//! asked for, so that a worker with another encoder, or of another build, takes nothing it would make differently.

use std::sync::Arc;

use orchestrator::{Kinds, Step, StepError};
use render::compositor::Planes;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{FnStep, assets, json, mix, music, shots, version};
use crate::tools::Tools;

/// The kinds that are portable.
const KINDS: [&str; 5] = ["paint", "sound", "score", "mix", "shot"];

/// Rebuilds them on this machine.
pub struct Rebuilt {
    /// Its tools.
    pub tools: Arc<Tools>,
}

impl Kinds for Rebuilt {
    fn known(&self) -> Vec<(String, u32)> {
        KINDS.iter().map(|kind| ((*kind).to_owned(), version(kind))).collect()
    }

    fn build(&self, name: &str, kind: &str, mut spec: Value) -> Result<Arc<dyn Step>, StepError> {
        // The encoder that would do the work is the one of this machine: the key must say so, or it would be the asker's.
        if let Some(encoder) = spec.get_mut("encoder") {
            *encoder = json(&self.tools.encoder_fingerprint().map_err(|e| StepError::new("orchestrator.not_rebuilt", e.message))?);
        }
        let work: FnStep = match kind {
            "paint" => assets::painting(name.to_owned(), read(name, spec)?),
            "sound" => assets::sounding(name.to_owned(), read(name, spec)?),
            "score" => music::scoring(name.to_owned(), read(name, spec)?),
            "mix" => mix::mixing(name.to_owned(), read(name, spec)?),
            // A worker holds no pictures between two shots: it may wait long for the next.
            "shot" => shots::work(name.to_owned(), read(name, spec)?, Arc::clone(&self.tools), Arc::new(Planes::default())),
            other => return Err(StepError::new("orchestrator.not_rebuilt", format!("`{other}` is not carried out by workers"))),
        };
        Ok(Arc::new(work))
    }
}

fn read<T: DeserializeOwned>(name: &str, spec: Value) -> Result<T, StepError> {
    let why = |e: serde_json::Error| StepError::new("orchestrator.not_rebuilt", format!("what `{name}` reads is not understood: {e}"));
    serde_json::from_value(spec).map_err(why)
}

#[cfg(test)]
mod tests {
    use contracts::{Document, Id, render::RenderPlan};
    use orchestrator::step_key;

    use super::*;
    use crate::stages::{Made, mix};

    #[test]
    fn a_mix_is_the_same_step_when_another_process_builds_it() {
        let text = include_str!("../../../../tests/old/render_plan/0.2.0.json");
        let doc: RenderPlan = contracts::read(text.as_bytes()).expect("a plan");
        let plan = Made { hash: doc.seal().expect("a document").1, doc: Arc::new(doc) };
        let rebuilt = Rebuilt { tools: Arc::new(Tools::encoder().expect("ffmpeg")) };
        for stems in [false, true] {
            let asked = mix::work(&plan, stems);
            let built = rebuilt.build("mix", "mix", asked.projection()).expect("builds");
            let key = |step: &dyn Step| step_key(step, &Id::slug("local")).expect("a key");
            assert_eq!(key(built.as_ref()), key(&asked));
        }
    }
}
