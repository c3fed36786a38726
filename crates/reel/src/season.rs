//! The season as its accepted films tell it: which episodes there are, and how things stand after them. It only looks.

use contracts::{
    Hash, Id,
    canon::{Canon, StoryTime},
    project::Project,
    run::RunSummary,
    story::{EpisodePlan, Script, StoryArc},
};
use registry::Registry;
use tokio::runtime::Runtime;

use crate::{
    accept::{canon_of, film_of},
    failure::Failure,
    shop::tenant,
};

/// Most episodes that are looked for: a project's folders have two digits.
const MOST: u32 = 99;
/// Profiles whose films are accepted.
const PROFILES: [&str; 2] = ["preview_local", "standard_local"];

/// An episode with an accepted film.
pub struct Episode {
    /// From 1.
    pub number: u32,
    /// Its title.
    pub title: String,
    /// What comes out, in a sentence.
    pub recap: String,
    /// What it asks, and what is answered.
    pub question: String,
    pub answer: String,
    /// The run that made its newest film.
    pub run: Id,
    /// Its text: what is told of when and where.
    pub script: Script,
}

/// The season so far.
pub struct Season {
    /// Episodes with an accepted film, in order.
    pub episodes: Vec<Episode>,
    /// Episodes the season has, as far as an accepted film tells.
    pub of: Option<usize>,
    /// The canon after the last of them.
    pub canon: Option<(Hash, Canon)>,
}

impl Season {
    /// What the home holds of a project.
    pub fn of(registry: &Registry, runtime: &Runtime, project: &Project) -> Result<Self, Failure> {
        let mut season = Self { episodes: Vec::new(), of: None, canon: None };
        for number in 1..=MOST {
            let name = canon_of(&project.id, number);
            let Some(canon) = runtime.block_on(registry.get_ref(&tenant(), &name)).map_err(Failure::damaged)? else { continue };
            let films = PROFILES.map(|profile| film_of(&project.id, number, profile));
            let mut moves = Vec::new();
            for name in films.iter().chain([&name]) {
                moves.extend(runtime.block_on(registry.ref_moves(&tenant(), name)).map_err(Failure::damaged)?);
            }
            moves.sort_by_key(|m| m.at.ms());
            let Some(run) = moves.into_iter().rev().find_map(|m| m.run) else { continue };
            let Some(summary) = summary(registry, runtime, &run)? else { continue };
            let read = |id: &str| summary.artifacts.get(id).ok_or_else(|| Failure::damaged(format!("run {run} names no {id}")));
            let arc: StoryArc = registry.artifact(read("story_arc")?).map_err(Failure::damaged)?;
            let plan: EpisodePlan = registry.artifact(read("episode_plan")?).map_err(Failure::damaged)?;
            let script: Script = registry.artifact(read("script")?).map_err(Failure::damaged)?;
            let reveal = arc.episodes.iter().find(|e| e.number == number).map(|e| e.reveal.clone()).filter(|r| !r.trim().is_empty());
            season.of = Some(arc.episodes.len());
            season.canon = Some((canon.hash.clone(), registry.artifact(&canon.hash).map_err(Failure::damaged)?));
            season.episodes.push(Episode {
                number,
                title: script.title.clone(),
                recap: reveal.unwrap_or(plan.summary),
                question: plan.question,
                answer: plan.answer,
                run,
                script,
            });
        }
        Ok(season)
    }

    /// How things stand after the last episode, or at a moment.
    pub fn standing(&self, at: Option<&StoryTime>) -> Option<canon::Standing> {
        let scripts: Vec<&Script> = self.episodes.iter().map(|e| &e.script).collect();
        self.canon.as_ref().map(|(_, canon)| canon::standing(canon, &scripts, at))
    }
}

fn summary(registry: &Registry, runtime: &Runtime, run: &Id) -> Result<Option<RunSummary>, Failure> {
    let row = runtime.block_on(registry.run(run)).map_err(Failure::damaged)?;
    row.and_then(|row| row.summary).map(|hash| registry.artifact(&hash).map_err(Failure::damaged)).transpose()
}
