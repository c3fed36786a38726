//! Project → Proposal: what is promised, by which tools and at what cost, before a word is written; and what is held against it at
//! the edit and before the film is drawn.

use std::sync::Arc;

use contracts::{
    assets::{AssetManifest, ResolvedAssets},
    promise::{GateStage, Proposal},
    render::RenderPlan,
    shots::ShotList,
};
use gates::promise::Measure;
use orchestrator::Grade;

use super::{Made, Shop, json};
use crate::{
    choosing::Choosing,
    failure::Failure,
    pledge::{self, Pledge},
    project::ProjectFolder,
    proposal::{lock, propose},
};

/// What a run is held to. `look`: nobody is given a film, so what breaks the promise is on record and stops nothing.
#[derive(Clone)]
pub struct Promised {
    /// What is promised.
    pub pledge: Pledge,
    /// The document.
    pub made: Made<Proposal>,
    look: bool,
}

/// Proposes the episode, and holds it against what it was locked to.
pub fn run(shop: &mut Shop, folder: &ProjectFolder, choosing: &Choosing, episode: u32, look: bool) -> Result<Promised, Failure> {
    let proposal = propose(folder, episode, choosing)?;
    let made = shop.document("proposal", Grade::Pinned, json(&proposal), move |_| Ok(proposal.clone()))?;
    let locked = if look { None } else { lock(&shop.registry, &shop.runtime, &folder.project.id, episode)? };
    let pledge =
        Pledge { proposal: Arc::clone(&made.doc), lock: locked.map(|(lock, _)| Arc::new(lock)), said: folder.project.promise.is_some() };
    let promised = Promised { pledge, made, look };
    let verdict = promised.pledge.proposed();
    shop.gates.note("promise.proposal", GateStage::Pre, &verdict);
    promised.hold(&verdict)?;
    Ok(promised)
}

impl Promised {
    /// Goes on where a verdict lets it, and where nobody is given the film.
    pub fn hold(&self, verdict: &contracts::canon::Verdict) -> Result<(), Failure> {
        if verdict.pass || self.look { Ok(()) } else { Err(Failure::promise(verdict)) }
    }

    /// At the edit: terms and planned cuts; whether the film is about to be a slideshow.
    pub fn edit(&self, shop: &mut Shop, folder: &ProjectFolder, list: &ShotList, manifest: &AssetManifest) -> Result<(), Failure> {
        let cuts = pledge::planned(list, manifest, &folder.library);
        let verdict = self.pledge.edit(&cuts);
        shop.gates.note("promise.edit", GateStage::Pre, &verdict);
        shop.gates.outcomes.extend(self.pledge.outcomes("edit", &cuts, Measure::Planned));
        self.hold(&verdict)?;
        let scenes = pledge::scenes(list, &cuts);
        let verdict = gates::slideshow::gate(&scenes, self.pledge.terms().renderer_family.as_deref());
        shop.gates.outcomes.push(pledge::slideshow(&scenes, self.pledge.terms(), &verdict));
        self.hold(&verdict)
    }

    /// Before anything is drawn: the terms that the plan carries, and its cuts, which come back for the finished film.
    pub fn compose(
        &self,
        shop: &mut Shop,
        list: &ShotList,
        plan: &RenderPlan,
        manifest: &AssetManifest,
        resolved: &ResolvedAssets,
    ) -> Result<Vec<gates::promise::Cut>, Failure> {
        let cuts = pledge::composed(list, plan, manifest, resolved);
        let verdict = self.pledge.compose(plan, &cuts);
        shop.gates.note("promise.compose", GateStage::Pre, &verdict);
        shop.gates.outcomes.extend(self.pledge.outcomes("compose", &cuts, Measure::Planned));
        self.hold(&verdict)?;
        Ok(cuts)
    }
}
