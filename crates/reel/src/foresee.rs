//! `reel produce --plan`: what a run would do, before it does it. The stages that cost little and decide everything else (the
//! story, the table read, the shots, their needs) are gone through, and what they make is kept for the run to come; of the
//! others only the memo is asked. Nothing is painted, rendered, asked for or paid.

use std::collections::BTreeSet;
use std::sync::Arc;

use contracts::{Id, assets::AssetManifest, shots::ShotList};
use orchestrator::Step;

use crate::{
    failure::Failure,
    stages::{graph, run_failure},
};

/// What was seen so far.
#[derive(Default)]
pub struct Foreseen {
    /// Stages in the order in which the run comes to them.
    pub stages: Vec<Stage>,
    /// What the episode needs, once that is known.
    pub manifest: Option<Arc<AssetManifest>>,
    /// Its shots, once they are known.
    pub shots: Option<Arc<ShotList>>,
    /// Approval points at which the run would wait.
    pub waits: Vec<(String, String)>,
}

/// One stage of the run to come.
pub struct Stage {
    /// Its name.
    pub name: String,
    /// Its steps.
    pub steps: u64,
    /// Of them those that the memo answers.
    pub known: u64,
    /// Kinds of the steps that would run, one for each.
    pub kinds: Vec<&'static str>,
    /// Names of the steps that would run, without the stage's.
    pub missing: Vec<String>,
    /// Whether `steps` is the most there can be: what is before it decides.
    pub at_most: bool,
}

impl Stage {
    /// Steps that would run.
    pub fn to_make(&self) -> u64 {
        self.steps - self.known
    }
}

impl Foreseen {
    /// Notes a stage. Whether the run to come can be followed further: everything is known, or is made at once.
    pub fn note(&mut self, stage: &str, steps: &[Arc<dyn Step>], known: &[bool]) -> bool {
        let part = graph::stage(stage);
        let missing = || steps.iter().zip(known).filter(|(_, known)| !**known).map(|(step, _)| step);
        let short = |step: &Arc<dyn Step>| step.name().rsplit_once(&format!("{stage}/")).map_or(step.name(), |(_, name)| name).to_owned();
        let next = Stage {
            name: part.map_or(stage, |p| p.name).to_owned(),
            steps: steps.len() as u64,
            known: known.iter().filter(|known| **known).count() as u64,
            kinds: missing().map(|step| step.kind()).collect(),
            missing: missing().map(short).collect(),
            at_most: false,
        };
        let whole = next.missing.is_empty();
        match self.stages.iter_mut().find(|s| s.name == next.name) {
            Some(same) => {
                same.steps += next.steps;
                same.known += next.known;
                same.kinds.extend(next.kinds);
                same.missing.extend(next.missing);
            }
            None => self.stages.push(next),
        }
        whole || part.is_some_and(|p| p.thinks)
    }

    /// Shots whose picture changes, because something they show would be made.
    fn touched(&self) -> Option<BTreeSet<Id>> {
        let (manifest, shots) = (self.manifest.as_ref()?, self.shots.as_ref()?);
        let made: BTreeSet<&str> =
            self.stages.iter().filter(|s| s.name == "assets" || s.name == "plates").flat_map(|s| &s.missing).map(String::as_str).collect();
        let seen = |need: &&contracts::assets::Need| {
            use contracts::assets::NeedSpec::{Background, Card, Figure, Insert, Music, Sound, Voice};
            match need.spec {
                Background(_) | Figure(_) | Insert(_) | Card(_) => true,
                Voice(_) | Music(_) | Sound(_) => false,
            }
        };
        let needs = manifest.needs.iter().filter(seen).filter(|need| made.contains(need.id.as_str()));
        let direct: BTreeSet<&Id> = needs.flat_map(|need| &need.used_by).collect();
        // A shot that dissolves out of another shows it too.
        let shown = |at: usize| {
            let shot = &shots.shots[at];
            direct.contains(&shot.id)
                || at.checked_sub(1).is_some_and(|b| shot.transition.shows_previous() && direct.contains(&shots.shots[b].id))
        };
        Some((0..shots.shots.len()).filter(|&at| shown(at)).map(|at| shots.shots[at].id.clone()).collect())
    }

    /// Adds the stages that could not be looked at, as far as the graph tells how much work they are at most.
    pub fn complete(&mut self) {
        let mut unmade: BTreeSet<&'static str> = self
            .stages
            .iter()
            .filter(|s| s.to_make() > 0)
            .filter_map(|s| graph::stage(&s.name))
            .filter(|p| !p.thinks)
            .map(|p| p.name)
            .collect();
        let touched = self.touched();
        // A stage that fans out gathers what came of it in one step more.
        for stage in self.stages.iter_mut().filter(|s| unmade.contains(s.name.as_str())) {
            if let Some(part) = graph::stage(&stage.name).filter(|p| !p.each.is_empty() && p.kinds.contains(&p.name)) {
                stage.steps += 1;
                stage.kinds.push(part.name);
                stage.missing.push(part.name.to_owned());
            }
        }
        for part in graph::EPISODE {
            if self.stages.iter().any(|s| s.name == part.name) || !part.needs.iter().any(|need| unmade.contains(need)) {
                continue;
            }
            unmade.insert(part.name);
            // Pictures of another size, caption sprites and the author's pieces are no part of every film.
            let names = match (part.each, &touched) {
                ("shot", Some(touched)) if !touched.is_empty() => touched.iter().map(ToString::to_string).collect(),
                ("shot", _) => self.shots.iter().flat_map(|list| &list.shots).map(|shot| shot.id.to_string()).collect(),
                ("", _) => part.kinds.iter().map(|kind| (*kind).to_owned()).collect::<Vec<_>>(),
                _ => continue,
            };
            let all = if part.each == "shot" { self.shots.as_ref().map_or(0, |list| list.shots.len()) } else { names.len() } as u64;
            let kind = |name: &String| part.kinds.iter().find(|k| *k == name).or(part.kinds.first()).copied().unwrap_or_default();
            self.stages.push(Stage {
                name: part.name.to_owned(),
                steps: all,
                known: all - names.len() as u64,
                kinds: names.iter().map(kind).collect(),
                missing: names,
                at_most: true,
            });
        }
    }
}

/// Asks the memo about a stage of the run to come; ends the walk where what comes next rests on what is not made yet.
pub fn look(
    foreseen: &mut Foreseen,
    runner: &orchestrator::Runner,
    runtime: &tokio::runtime::Runtime,
    stages: &[(&str, &[Arc<dyn Step>])],
) -> Result<(), Failure> {
    let mut further = true;
    for (stage, steps) in stages {
        let known = runtime.block_on(runner.known(steps)).map_err(run_failure)?;
        further &= foreseen.note(stage, steps, &known);
    }
    if further { Ok(()) } else { Err(Failure::foreseen()) }
}

/// What is said of a request before it is carried out.
pub struct Plan {
    /// The run that looked.
    pub run: Id,
    /// What it saw.
    pub foreseen: Foreseen,
    /// How long a step of a kind took on this machine, on average, in milliseconds.
    pub usual: std::collections::BTreeMap<String, u64>,
}

impl Plan {
    /// Milliseconds of work in a stage, by what its kinds took here before; `None` when one of them never ran.
    pub fn work_ms(&self, stage: &Stage) -> Option<u64> {
        stage.kinds.iter().map(|kind| self.usual.get(*kind).copied()).sum()
    }
}
