//! From a plan to a script: actions, line intents, candidates, ranked lines, and the change of canon they claim.

use std::collections::BTreeSet;

use canon::{Book, Facts, gate, gate_plan};
use contracts::{
    Id,
    canon::{CanonDiff, EndedFact, Learned, Thread, ThreadKind, ThreadState},
    story::{Action, Beat, Cast, Claim, EmotionTag, EpisodePlan, Line, PlannedScene, Scene, Script},
};

use crate::{
    WorldError,
    bind::archetype,
    judge::judge,
    lint,
    pack::{BeatT, EpisodeT, LineT, SceneT},
    plan::beat_id,
    rank::{Candidate, Draft, Intent, Rules, rank},
    season::no_change,
    template::{Desk, episode_tag},
    text::{capital, lower_words},
};

/// A kept beat with its template.
struct Kept<'t> {
    scene: &'t SceneT,
    planned: &'t PlannedScene,
    beat: &'t BeatT,
    id: Id,
}

pub(crate) fn script(desk: &Desk<'_>, plan: &EpisodePlan, cast: &Cast) -> Result<(Script, CanonDiff), WorldError> {
    let episode = desk.episode(plan.number)?;
    let kept = kept(episode, plan)?;
    let diff = diff(desk, episode, plan, &kept)?;
    let actions: Vec<Option<Action>> = actions(desk, plan, &kept)?;
    let intents = intents(desk, plan, cast, &kept, &actions)?;
    let names: BTreeSet<String> = cast
        .members
        .iter()
        .map(|m| m.name.as_str())
        .chain(desk.canon.world.names.iter().map(String::as_str))
        .flat_map(lower_words)
        .collect();
    let rules =
        Rules { kit: desk.bound.kit(), names, taboo: &desk.pack.taboo, stream: desk.stream(episode_tag(plan.number).as_str(), "line") };
    let drafts = rank(&intents, &rules)
        .map_err(|line| WorldError::NoScript { number: plan.number, why: format!("every candidate of {line} is refused") })?;
    let mut first_failure = None;
    for draft in &drafts {
        let script = assemble(desk, episode, plan, &kept, &actions, draft)?;
        let verdict = gate(desk.canon, cast, &script, &diff);
        let why = refusals(desk, plan, cast, &script, &diff);
        if verdict.pass && why.is_empty() {
            return Ok((script, diff));
        }
        first_failure.get_or_insert((verdict, why));
    }
    Err(match first_failure {
        // No other choice of words can heal a contradiction: it is the canon's, and named so.
        Some((verdict, _)) if !verdict.pass => WorldError::Refused(verdict),
        other => WorldError::NoScript { number: plan.number, why: other.map(|(_, why)| why).unwrap_or_default() },
    })
}

/// What a script must pass before it leaves, besides the canon gate; empty when it does.
fn refusals(desk: &Desk<'_>, plan: &EpisodePlan, cast: &Cast, script: &Script, diff: &CanonDiff) -> String {
    let mut why: Vec<String> = Vec::new();
    for verdict in [lint::script(script), gate_plan(plan, script)] {
        why.extend(verdict.findings.iter().filter(|f| f.blocks).map(|f| format!("{}: {}", f.code, f.message)));
    }
    let seen_before = seen_before(desk, plan.number).unwrap_or_default();
    why.extend(judge(desk.canon, cast, plan, script, diff, &seen_before).failed.iter().map(|(id, what)| format!("{id}: {what}")));
    why.join("; ")
}

/// Props the kernel shows in the episodes before this one.
fn seen_before(desk: &Desk<'_>, number: u32) -> Result<Vec<Id>, WorldError> {
    let before = desk.kernel.episodes.iter().filter(|e| e.number < number);
    let slots = before.flat_map(|e| &e.scenes).flat_map(|s| &s.beats).filter_map(|b| b.action.as_ref()).flat_map(|a| &a.props);
    slots.map(|s| desk.bound.id(s)).collect()
}

fn kept<'t>(episode: &'t EpisodeT, plan: &'t EpisodePlan) -> Result<Vec<Kept<'t>>, WorldError> {
    let mut kept = Vec::new();
    for planned in &plan.scenes {
        let scene = episode.scenes.iter().find(|s| s.id == planned.id).ok_or_else(|| foreign(plan, &planned.id))?;
        for id in &planned.beats {
            let mut found = None;
            for beat in &scene.beats {
                if beat_id(&scene.id, &beat.id)? == *id {
                    found = Some(beat);
                }
            }
            let beat = found.ok_or_else(|| foreign(plan, id))?;
            kept.push(Kept { scene, planned, beat, id: id.clone() });
        }
    }
    Ok(kept)
}

fn foreign(plan: &EpisodePlan, id: &Id) -> WorldError {
    WorldError::NoScript { number: plan.number, why: format!("the plan names `{id}`, which this build's kernel does not have") }
}

/// The actions: one of each beat's, so that no two running begin with the same word.
fn actions(desk: &Desk<'_>, plan: &EpisodePlan, kept: &[Kept<'_>]) -> Result<Vec<Option<Action>>, WorldError> {
    let mut last = String::new();
    let mut out = Vec::new();
    for beat in kept {
        let Some(template) = &beat.beat.action else {
            out.push(None);
            continue;
        };
        let stream = desk.stream(&format!("{} {}", episode_tag(plan.number), beat.id), "action");
        let mut best: Option<(u64, String, String)> = None;
        for (i, text) in template.texts.iter().enumerate() {
            let text = capital(&desk.bound.fill(text)?);
            let first = lower_words(&text).into_iter().next().unwrap_or_default();
            let score = stream.derive(&i.to_string()).below(10) + if first == last { 0 } else { 20 };
            if best.as_ref().is_none_or(|(s, ..)| score > *s) {
                best = Some((score, text, first));
            }
        }
        let Some((_, text, first)) = best else {
            return Err(WorldError::Pack { file: "kernel".into(), message: format!("{} has an action without a text", beat.id) });
        };
        last = first;
        out.push(Some(Action {
            text: sentences_capitalised(&text),
            who: desk.bound.ids(&template.who)?,
            verb: template.verb.clone(),
            props: desk.bound.ids(&template.props)?,
            weight: template.weight,
        }));
    }
    Ok(out)
}

/// Every sentence begins with a capital, whatever filled its first hole.
fn sentences_capitalised(text: &str) -> String {
    text.split_inclusive(". ").map(capital).collect()
}

fn candidates(desk: &Desk<'_>, line: &LineT, id: &Id, register: &str) -> Result<Vec<Candidate>, WorldError> {
    let moulds: Vec<(String, &String)> = if line.joint {
        let joints = desk.pack.joints.iter().filter(|j| j.act == line.act && j.tactic == line.tactic);
        joints.flat_map(|j| j.texts(register).iter().enumerate().map(move |(i, t)| (format!("j-{}-{}-{i}", j.act, j.tactic), t))).collect()
    } else {
        line.moulds.iter().enumerate().map(|(i, t)| (format!("{id}-{i}"), t)).collect()
    };
    let mut out: Vec<Candidate> = Vec::new();
    for (mould, text) in moulds {
        let text = sentences_capitalised(&capital(&desk.bound.fill(text)?));
        let long = spelled_out(&text);
        if long != text {
            out.push(Candidate { mould: format!("{mould}+"), text: long, stiff: true });
        }
        out.push(Candidate { mould, text, stiff: false });
    }
    // Sorted before anything is drawn.
    out.sort_by(|a, b| a.mould.cmp(&b.mould));
    Ok(out)
}

/// The safe transform: contractions written out.
fn spelled_out(text: &str) -> String {
    const PAIRS: &[(&str, &str)] = &[
        ("They're", "They are"),
        ("It's", "It is"),
        ("it's", "it is"),
        ("That's", "That is"),
        ("Nobody's", "Nobody is"),
        ("They'll", "They will"),
    ];
    PAIRS.iter().fold(text.to_owned(), |t, (short, long)| t.replace(short, long))
}

fn intents<'a>(
    desk: &'a Desk<'_>,
    plan: &EpisodePlan,
    cast: &'a Cast,
    kept: &[Kept<'a>],
    actions: &[Option<Action>],
) -> Result<Vec<Intent<'a>>, WorldError> {
    let mut out = Vec::new();
    for (beat, action) in kept.iter().zip(actions) {
        let shown = action.iter().flat_map(|a| &a.props);
        let picture: BTreeSet<String> = shown
            .filter_map(|id| desk.canon.props.iter().find(|p| p.id == *id))
            .filter_map(|p| p.words.first())
            .map(|w| w.to_lowercase())
            .collect();
        for (i, line) in beat.beat.lines.iter().enumerate() {
            let id = line_id(&beat.id, i)?;
            let speaker = desk.bound.id(&line.speaker)?;
            let member = cast
                .members
                .iter()
                .find(|m| m.id == speaker)
                .ok_or_else(|| WorldError::NoScript { number: plan.number, why: format!("{speaker} speaks in {id} but is not cast") })?;
            let slot = desk.kernel.people.iter().find(|s| s.slot == line.speaker);
            let marks = slot.map(|s| archetype(desk.pack, s)).transpose()?.map_or(&[][..], |a| a.marks.as_slice());
            out.push(Intent {
                candidates: candidates(desk, line, &id, member.voice.register.as_str())?,
                speaker,
                answers: !line.to.is_empty() && i == 0,
                band: line.words,
                conceals: line.conceals.iter().map(|w| w.to_lowercase()).collect(),
                echo_seed: line.echo_seed.as_ref(),
                echo_of: line.echo_of.as_ref(),
                picture: picture.clone(),
                marks,
                never: if line.mask_drops { &[] } else { &member.voice.never },
                most_words: member.voice.words_max as usize,
                id,
            });
        }
    }
    Ok(out)
}

fn line_id(beat: &Id, i: usize) -> Result<Id, WorldError> {
    beat.child(format!("l{}", i + 1)).map_err(|e| WorldError::Pack { file: "kernel".into(), message: e.to_string() })
}

fn assemble(
    desk: &Desk<'_>,
    episode: &EpisodeT,
    plan: &EpisodePlan,
    kept: &[Kept<'_>],
    actions: &[Option<Action>],
    draft: &Draft,
) -> Result<Script, WorldError> {
    let mut said = draft.lines.iter();
    let mut scenes: Vec<Scene> = Vec::new();
    for (beat, action) in kept.iter().zip(actions) {
        if scenes.last().is_none_or(|s| s.id != beat.scene.id) {
            scenes.push(Scene {
                id: beat.scene.id.clone(),
                location_id: beat.planned.location_id.clone(),
                story_time: beat.planned.story_time.clone(),
                time_of_day: beat.scene.time_of_day,
                weather: beat.scene.weather,
                mood: beat.scene.mood,
                present: desk.bound.ids(&beat.scene.present)?,
                heard: desk.bound.ids(&beat.scene.heard)?,
                beats: vec![],
            });
        }
        let mut lines = Vec::new();
        for (i, line) in beat.beat.lines.iter().enumerate() {
            let text = said.next().map(|c| c.text.clone()).unwrap_or_default();
            lines.push(Line {
                id: line_id(&beat.id, i)?,
                speaker_id: desk.bound.id(&line.speaker)?,
                to: desk.bound.ids(&line.to)?,
                text,
                act: line.act.clone(),
                tactic: line.tactic.clone(),
                emotion: EmotionTag { tag: line.emotion, level: line.level },
                delivery: line.delivery,
                hold_before: line.hold_before,
                states: line.states.iter().map(|(fact, truth)| Claim { fact: fact.clone(), truth: *truth }).collect(),
                echo_seed: line.echo_seed.clone(),
                echo_of: line.echo_of.clone(),
            });
        }
        if let Some(scene) = scenes.last_mut() {
            scene.beats.push(Beat {
                id: beat.id.clone(),
                function: beat.beat.function,
                action: action.clone(),
                lines,
                line_after_ms: beat.beat.line_after_ms,
                effects: beat.beat.begins.iter().map(|f| f.id.clone()).collect(),
                sounds: beat.beat.sounds.clone(),
                hold_after: beat.beat.hold_after,
            });
        }
    }
    Ok(Script {
        project_id: desk.project.id.clone(),
        episode: plan.number,
        title: plan.title.clone(),
        title_after: episode.title_after.clone(),
        scenes,
    })
}

fn diff(desk: &Desk<'_>, episode: &EpisodeT, plan: &EpisodePlan, kept: &[Kept<'_>]) -> Result<CanonDiff, WorldError> {
    let tag = episode_tag(plan.number);
    let provenance = format!("template:{} {} {tag}", desk.pack.id, desk.kernel.id);
    let why = "each fact it begins is shown by the beat it names; the past is only learned".to_owned();
    let mut diff = no_change(desk.canon, why, provenance)?;
    let book = Book::new(desk.canon);
    for beat in kept {
        for fact in &beat.beat.begins {
            diff.added.push(desk.bound.fact(fact, Some(&beat.planned.story_time), Some(&beat.id))?);
        }
        for fact in &beat.beat.ends {
            diff.ended.push(EndedFact { fact: fact.clone(), until: beat.planned.story_time.clone(), cause: beat.id.clone() });
        }
        for (who, fact) in &beat.beat.learns {
            let who = desk.bound.id(who)?;
            if book.known_since(&who, fact).is_none_or(|since| *since > beat.planned.story_time) {
                diff.learned.push(Learned { who, fact: fact.clone(), cause: beat.id.clone() });
            }
        }
    }
    for template in &episode.threads {
        let here = |beat: &Id| format!("{tag} {beat}");
        let slot = match diff.threads.iter().position(|t| t.id == template.id) {
            Some(slot) => slot,
            None => {
                diff.threads.push(Thread {
                    id: template.id.clone(),
                    question: capital(&desk.bound.fill(template.question.as_deref().unwrap_or_default())?),
                    kind: ThreadKind::Season,
                    state: ThreadState::Open,
                    opened_by: template.opened_by.as_ref().map(here),
                    advanced_by: vec![],
                    paid_by: None,
                    answer: vec![],
                    due: None,
                });
                diff.threads.len() - 1
            }
        };
        let thread = &mut diff.threads[slot];
        thread.advanced_by.extend(template.advanced_by.iter().map(here));
        if let Some(beat) = &template.paid_by {
            thread.state = ThreadState::Paid;
            thread.paid_by = Some(here(beat));
            thread.answer = template.answer.clone();
            thread.due = None;
        } else if template.due.is_some() {
            thread.due = template.due.clone();
        }
    }
    Ok(diff)
}
