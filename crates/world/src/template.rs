//! The template writer: packs of data, no model, no network.

use contracts::{
    Id, Seed,
    canon::{Canon, CanonDiff, World},
    project::Project,
    story::{Cast, EpisodePlan, Script, StoryArc},
};

use crate::{
    StoryWriter, WorldError,
    bind::{Bound, complete, fit},
    pack::{EpisodeT, Kernel, Pack, pack},
    plan, season, write,
};

/// Writes from the packs of this build.
#[derive(Clone, Copy, Debug, Default)]
pub struct TemplateWriter;

/// The pack of a project, its kernel and the canon it is bound to.
pub(crate) struct Desk<'a> {
    pub project: &'a Project,
    pub canon: &'a Canon,
    pub pack: &'a Pack,
    pub kernel: &'a Kernel,
    pub bound: Bound<'a>,
}

impl Desk<'_> {
    /// The template of an episode.
    pub fn episode(&self, number: u32) -> Result<&EpisodeT, WorldError> {
        self.kernel.episodes.iter().find(|e| e.number == number).ok_or_else(|| {
            let numbers: Vec<u32> = self.kernel.episodes.iter().map(|e| e.number).collect();
            let known = season::numbered(&numbers);
            WorldError::NoEpisode { kernel: self.kernel.id.clone(), wanted: number, known }
        })
    }

    /// The stream of one decision: (project, what is decided, layer).
    pub fn stream(&self, what: &str, layer: &str) -> Seed {
        Seed::of(&[self.project.id.as_str(), what, layer])
    }
}

/// The kernel of a season: the one the project names; else the one that takes up most of the canon, drawn by the project's id where
/// several take up as much. A completed canon gives the kernel it was completed for.
pub(crate) fn kernel<'p>(project: &Project, pack: &'p Pack, canon: &Canon) -> Result<&'p Kernel, WorldError> {
    if let Some(named) = &project.kernel {
        return pack.kernels.iter().find(|k| k.id == *named).ok_or_else(|| WorldError::UnknownKernel {
            genre: pack.id.clone(),
            kernel: named.clone(),
            known: pack.kernels.iter().map(|k| k.id.as_str()).collect::<Vec<_>>().join(", "),
        });
    }
    let drawn = |k: &Kernel| Seed::of(&[project.id.as_str(), "kernel", k.id.as_str()]).below(u64::MAX);
    let best = pack.kernels.iter().max_by_key(|k| (fit(canon, k), drawn(k)));
    best.ok_or_else(|| WorldError::Pack { file: pack.id.to_string(), message: "no kernel".into() })
}

/// The kernel a project without a canon is written from when it names none.
///
/// # Errors
/// An unknown genre.
pub fn drawn(project: &Id, genre: &Id) -> Result<&'static Id, WorldError> {
    let pack = pack(genre)?;
    let seed = |k: &&Kernel| Seed::of(&[project.as_str(), "kernel", k.id.as_str()]).below(u64::MAX);
    let best = pack.kernels.iter().max_by_key(seed).map(|k| &k.id);
    best.ok_or_else(|| WorldError::Pack { file: genre.to_string(), message: "no kernel".into() })
}

pub(crate) fn with_desk<T>(
    project: &Project,
    canon: &Canon,
    arc: Option<&StoryArc>,
    act: impl FnOnce(&Desk<'_>) -> Result<T, WorldError>,
) -> Result<T, WorldError> {
    let pack = pack(&project.genre)?;
    let [low, high] = pack.seconds;
    if !(low..=high).contains(&project.target_duration_s) {
        return Err(WorldError::Length { genre: project.genre.clone(), wanted: project.target_duration_s, low, high });
    }
    let kernel = match arc {
        Some(arc) => pack.kernels.iter().find(|k| k.id == arc.kernel).ok_or_else(|| WorldError::Pack {
            file: pack.id.to_string(),
            message: format!("the season was written from `{}`, which this build does not have", arc.kernel),
        })?,
        None => kernel(project, pack, canon)?,
    };
    let bound = Bound::new(canon, pack, kernel)?;
    act(&Desk { project, canon, pack, kernel, bound })
}

/// The canon of a project that has nothing but a title and a genre: people, places, things and rules from the pack.
///
/// # Errors
/// An unknown genre.
pub fn starter_canon(project: &Project) -> Result<Canon, WorldError> {
    complete_canon(project, &empty(project))
}

/// A canon without anybody.
pub(crate) fn empty(project: &Project) -> Canon {
    Canon {
        project_id: project.id.clone(),
        version: 0,
        world: World { name: project.title.clone(), audience: project.safety.audience, names: vec![], particulars: vec![] },
        characters: vec![],
        locations: vec![],
        props: vec![],
        world_rules: vec![],
        relationships: vec![],
        timeline_events: vec![],
        facts: vec![],
        threads: vec![],
    }
}

/// An author's canon with everything the story needs: what is written stays as it is, what is missing comes from the pack. A complete
/// canon comes back unchanged.
///
/// # Errors
/// An unknown genre, people a listener would confuse, a value the situation cannot use, or a canon the gate refuses.
pub fn complete_canon(project: &Project, author: &Canon) -> Result<Canon, WorldError> {
    // A subject the pack knows, such as the fleet, is introduced below; everything else must be sound already.
    let mut given = canon::check(author);
    given.findings.retain(|f| f.blocks && f.code != "canon.unknown_subject");
    if !given.findings.is_empty() {
        return Err(WorldError::Refused(given));
    }
    let pack = pack(&project.genre)?;
    let kernel = kernel(project, pack, author)?;
    let complete = complete(project, author, pack, kernel)?;
    let verdict = canon::check(&complete);
    if verdict.pass { Ok(complete) } else { Err(WorldError::Refused(verdict)) }
}

impl StoryWriter for TemplateWriter {
    fn arc(&self, project: &Project, canon: &Canon) -> Result<StoryArc, WorldError> {
        with_desk(project, canon, None, season::arc)
    }

    fn truth(&self, project: &Project, canon: &Canon, arc: &StoryArc) -> Result<CanonDiff, WorldError> {
        with_desk(project, canon, Some(arc), season::truth)
    }

    fn cast(&self, project: &Project, canon: &Canon, arc: &StoryArc) -> Result<(Cast, CanonDiff), WorldError> {
        with_desk(project, canon, Some(arc), season::cast)
    }

    fn plan(&self, project: &Project, canon: &Canon, arc: &StoryArc, number: u32) -> Result<EpisodePlan, WorldError> {
        with_desk(project, canon, Some(arc), |desk| plan::plan(desk, number))
    }

    fn script(
        &self,
        project: &Project,
        canon: &Canon,
        arc: &StoryArc,
        plan: &EpisodePlan,
        cast: &Cast,
    ) -> Result<(Script, CanonDiff), WorldError> {
        with_desk(project, canon, Some(arc), |desk| write::script(desk, plan, cast))
    }
}

/// The id of a thing that names an episode in canon, `ep1`.
pub(crate) fn episode_tag(number: u32) -> Id {
    Id::slug(&format!("ep{number}"))
}
