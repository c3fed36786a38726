//! The season: its arc, its hidden truth, its cast, and the chain that leads to one episode.

use std::collections::BTreeMap;

use canon::{accept, apply, gate, gate_facts, gate_plan};
use contracts::{
    canon::{Canon, CanonDiff, Character},
    project::Project,
    story::{ArcEpisode, Cast, CastMember, EpisodePlan, Script, StoryArc},
};

use crate::{
    StoryWriter, WorldError,
    bind::{archetype, look_of, voice_of},
    template::{Desk, complete_canon, starter_canon},
    text::capital,
};

pub(crate) fn arc(desk: &Desk<'_>) -> Result<StoryArc, WorldError> {
    let fill = |text: &str| desk.bound.fill(text).map(|t| capital(&t));
    let mut threads: Vec<_> = desk.kernel.episodes.iter().flat_map(|e| e.threads.iter().map(|t| t.id.clone())).collect();
    threads.sort();
    threads.dedup();
    Ok(StoryArc {
        project_id: desk.project.id.clone(),
        pack: format!("{}@{}", desk.pack.id, desk.pack.version),
        kernel: desk.kernel.id.clone(),
        truth_type: desk.kernel.truth_type.clone(),
        premise: fill(&desk.kernel.premise)?,
        truth: desk.kernel.truth_in_words.iter().map(|t| fill(t)).collect::<Result<_, _>>()?,
        decoy: fill(&desk.kernel.decoy)?,
        totem: desk.bound.id(&desk.kernel.totem)?,
        sound: desk.kernel.sound.clone(),
        roles: desk.bound.slots.clone(),
        threads,
        episodes: desk
            .kernel
            .episodes
            .iter()
            .map(|e| Ok(ArcEpisode { number: e.number, value: fill(&e.value)?, question: fill(&e.question)?, reveal: fill(&e.reveal)? }))
            .collect::<Result<_, WorldError>>()?,
    })
}

/// A diff over this canon that changes nothing yet.
pub(crate) fn no_change(canon: &Canon, justification: String, provenance: String) -> Result<CanonDiff, WorldError> {
    Ok(CanonDiff {
        project_id: canon.project_id.clone(),
        base: canon::address(canon)?,
        added: vec![],
        modified: vec![],
        removed: vec![],
        ended: vec![],
        learned: vec![],
        characters: vec![],
        threads: canon.threads.clone(),
        justification,
        provenance,
        verdict: None,
    })
}

pub(crate) fn truth(desk: &Desk<'_>) -> Result<CanonDiff, WorldError> {
    let provenance = format!("template:{} kernel {}", desk.pack.id, desk.kernel.id);
    let why = format!("what secretly happened, before anything is shown: {}", desk.pack.promise);
    let mut diff = no_change(desk.canon, why, provenance)?;
    for template in &desk.kernel.truth {
        // A truth the author has written already stays the author's.
        if desk.canon.facts.iter().any(|f| f.id == template.id) {
            continue;
        }
        diff.added.push(desk.bound.fact(template, None, None)?);
    }
    Ok(diff)
}

pub(crate) fn cast(desk: &Desk<'_>) -> Result<(Cast, CanonDiff), WorldError> {
    let night = desk.bound.moment(&format!("{}+1 00:00", desk.kernel.anchor))?;
    let mut members = Vec::new();
    let mut characters = Vec::new();
    let mut taken = Vec::new();
    for slot in &desk.kernel.people {
        let Some(person) = desk.bound.person(&slot.slot) else { continue };
        let archetype = archetype(desk.pack, slot)?;
        let look = look_of(desk.project, person, archetype, &night);
        let voice = voice_of(person, archetype, &taken);
        taken.push(voice.reference);
        characters.push(Character { look: look.clone(), voice: Some(voice.clone()), ..person.clone() });
        members.push(CastMember { id: person.id.clone(), name: person.name.clone(), part: slot.part, look, voice });
    }
    let provenance = format!("template:{} cast", desk.pack.id);
    let mut diff = no_change(desk.canon, "looks and voices, fixed before a line is written".into(), provenance)?;
    diff.characters = characters;
    Ok((Cast { project_id: desk.project.id.clone(), members }, diff))
}

/// One episode with everything it was made from.
pub struct Episode {
    /// The season.
    pub arc: StoryArc,
    /// What was true before it.
    pub before: Canon,
    /// Look and voice.
    pub cast: Cast,
    /// The plan.
    pub plan: EpisodePlan,
    /// The script.
    pub script: Script,
    /// Its change of canon, with the verdict.
    pub diff: CanonDiff,
    /// What is true after it.
    pub after: Canon,
    /// Props seen in the episodes before it.
    pub seen_before: Vec<contracts::Id>,
}

/// The whole chain up to an episode, every gate on the way: from an author's canon, or from the pack's when there is none.
///
/// # Errors
/// Whatever a writer or a gate says.
pub fn produce(writer: &dyn StoryWriter, project: &Project, author: Option<&Canon>, number: u32) -> Result<Episode, WorldError> {
    let start = match author {
        Some(author) => complete_canon(project, author)?,
        None => starter_canon(project)?,
    };
    let arc = writer.arc(project, &start)?;
    if !arc.episodes.iter().any(|e| e.number == number) {
        let numbers: Vec<u32> = arc.episodes.iter().map(|e| e.number).collect();
        return Err(WorldError::NoEpisode { kernel: arc.kernel, wanted: number, known: numbered(&numbers) });
    }
    let truth = judged(writer.truth(project, &start, &arc)?, &start)?;
    let canon = apply(&start, &truth, None)?;
    let (cast, looks) = writer.cast(project, &canon, &arc)?;
    let looks = judged(looks, &canon)?;
    let mut before = apply(&canon, &looks, None)?;
    let mut seen: BTreeMap<contracts::Id, ()> = BTreeMap::new();
    for n in 1..=number {
        let plan = writer.plan(project, &before, &arc, n)?;
        let (script, diff) = writer.script(project, &before, &arc, &plan, &cast)?;
        let plan_verdict = gate_plan(&plan, &script);
        if !plan_verdict.pass {
            return Err(WorldError::Refused(plan_verdict));
        }
        let verdict = gate(&before, &cast, &script, &diff);
        if !verdict.pass {
            return Err(WorldError::Refused(verdict));
        }
        let diff = accept(diff, verdict);
        let after = apply(&before, &diff, Some(&script))?;
        if n == number {
            let seen_before = seen.into_keys().collect();
            return Ok(Episode { arc, before, cast, plan, script, diff, after, seen_before });
        }
        for (_, beat) in script.beats() {
            seen.extend(beat.action.iter().flat_map(|a| a.props.iter().map(|p| (p.clone(), ()))));
        }
        before = after;
    }
    Err(WorldError::NoEpisode { kernel: arc.kernel, wanted: number, known: "episodes from 1".into() })
}

/// `episode 1`, `episodes 1, 2, 3`.
pub(crate) fn numbered(numbers: &[u32]) -> String {
    match numbers {
        [] => "no episode".to_owned(),
        [one] => format!("episode {one}"),
        many => format!("episodes {}", many.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")),
    }
}

fn judged(diff: CanonDiff, canon: &Canon) -> Result<CanonDiff, WorldError> {
    let verdict = gate_facts(canon, &diff);
    if verdict.pass { Ok(accept(diff, verdict)) } else { Err(WorldError::Refused(verdict)) }
}
