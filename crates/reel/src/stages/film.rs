//! RenderPlan → RenderOutput: the stages from a plan to a film that was measured, for whoever has a plan: an episode's run,
//! or a client that sends one. Nothing of a story is read.

use std::sync::Arc;

use contracts::render::{RenderOutput, RenderPlan};

use super::{Made, Shop, burn, join, publish, publish::Said, shots, shots::Shot};
use crate::{failure::Failure, tools::Tools};

/// A film and its shots.
pub struct Filmed {
    /// In film order.
    pub shots: Vec<Shot>,
    /// The film, measured and judged.
    pub output: Made<RenderOutput>,
}

/// With `stems` the parts of the mix are kept beside it.
pub fn run(shop: &mut Shop, plan: &Made<RenderPlan>, said: &Said, stems: bool, tools: &Arc<Tools>) -> Result<Filmed, Failure> {
    let drawn = burn::run(shop, plan)?;
    let (shots, sound) = shots::run(shop, plan, &drawn, stems, tools)?;
    let joined = join::run(shop, plan, &shots, &sound.track, tools)?;
    let output = publish::run(shop, said, plan, &shots, &sound, &joined, tools)?;
    Ok(Filmed { shots, output })
}
