//! From a plan to a script: actions, line intents, candidates, ranked lines, and the change of canon they claim.

use std::collections::{BTreeMap, BTreeSet};

use canon::{Book, Facts, gate, gate_plan};
use contracts::{
    Id,
    canon::{CanonDiff, EndedFact, Learned, Thread, ThreadKind, ThreadState, Verdict},
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

/// How many times a script that was refused is written again with what was refused kept out.
pub(crate) const REPAIRS: usize = 2;
/// How often chance is drawn anew for a script that only the writer's own tests refuse.
const REDRAWS: usize = 6;

pub(crate) fn script(desk: &Desk<'_>, plan: &EpisodePlan, cast: &Cast) -> Result<(Script, CanonDiff), WorldError> {
    let mut board = Board::new(desk, plan, cast)?;
    let (script, _) = board.settle()?;
    Ok((script, board.diff))
}

/// An episode before its words: what is shown, what every line must do, and the ways to say it.
pub(crate) struct Board<'a> {
    pub desk: &'a Desk<'a>,
    pub plan: &'a EpisodePlan,
    pub cast: &'a Cast,
    pub diff: CanonDiff,
    pub intents: Vec<Intent<'a>>,
    pub rules: Rules<'a>,
    episode: &'a EpisodeT,
    kept: Vec<Kept<'a>>,
    actions: Vec<Option<Action>>,
    seen_before: Vec<Id>,
}

/// A beat that is kept: its id, what is done in it, and its lines.
type Shown<'b> = (&'b Id, Option<&'b Action>, &'b [LineT]);

/// Why a script does not leave.
pub(crate) struct Refusal {
    /// What the canon gate said.
    pub verdict: Verdict,
    /// What the writer's own tests said; empty when they pass.
    pub why: String,
}

impl<'a> Board<'a> {
    pub fn new(desk: &'a Desk<'a>, plan: &'a EpisodePlan, cast: &'a Cast) -> Result<Self, WorldError> {
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
        let stream = desk.stream(episode_tag(plan.number).as_str(), "line");
        let rules = Rules { kit: desk.bound.kit(), names, taboo: &desk.pack.taboo, stream };
        let seen_before = seen_before(desk, plan.number).unwrap_or_default();
        Ok(Self { desk, plan, cast, diff, intents, rules, episode, kept, actions, seen_before })
    }

    /// The script of the best draft that passes. When none does, the ways of saying that were refused are kept out and the rest is ranked
    /// again, at most [`REPAIRS`] times; the canon is only read. When only the writer's own tests refuse, chance is drawn anew, at most
    /// [`REDRAWS`] times.
    pub fn settle(&mut self) -> Result<(Script, Draft), WorldError> {
        let mut first: Option<Refusal> = None;
        let (mut repairs, mut redrawn) = (0, 0);
        loop {
            let drafts = match rank(&self.intents, &self.rules) {
                Ok(drafts) => drafts,
                Err(line) if first.is_none() => {
                    let why = format!("every candidate of {line} is refused");
                    return Err(WorldError::NoScript { number: self.plan.number, why });
                }
                Err(_) => break,
            };
            let mut offending: BTreeMap<usize, Draft> = BTreeMap::new();
            for draft in drafts {
                let script = self.assemble(&draft.lines)?;
                let Some(refusal) = self.refusal(&script) else { return Ok((script, draft)) };
                for at in self.named(&refusal.verdict) {
                    offending.entry(at).or_insert_with(|| draft.clone());
                }
                first.get_or_insert(refusal);
            }
            // What only the writer's own tests refuse is drawn again: other ways of saying come first.
            if offending.is_empty() {
                if redrawn == REDRAWS {
                    break;
                }
                redrawn += 1;
                self.rules.stream = self.rules.stream.derive("again");
                continue;
            }
            if repairs == REPAIRS {
                break;
            }
            repairs += 1;
            for (at, draft) in offending {
                self.keep_out(at, &draft)?;
            }
        }
        Err(match first {
            // No other choice of words can heal a contradiction: it is the canon's, and named so.
            Some(Refusal { verdict, .. }) if !verdict.pass => WorldError::Refused(verdict),
            other => WorldError::NoScript { number: self.plan.number, why: other.map(|r| r.why).unwrap_or_default() },
        })
    }

    /// Keeps out every way to say a line that the gate still names in this draft.
    fn keep_out(&mut self, at: usize, draft: &Draft) -> Result<(), WorldError> {
        let mut lines = draft.lines.clone();
        let mut kept = Vec::new();
        for candidate in std::mem::take(&mut self.intents[at].candidates) {
            lines[at].clone_from(&candidate);
            let verdict = gate(self.desk.canon, self.cast, &self.assemble(&lines)?, &self.diff);
            if !self.named(&verdict).contains(&at) {
                kept.push(candidate);
            }
        }
        self.intents[at].candidates = kept;
        Ok(())
    }

    /// What keeps a script from leaving; nothing when it may go.
    pub fn refusal(&self, script: &Script) -> Option<Refusal> {
        let verdict = gate(self.desk.canon, self.cast, script, &self.diff);
        let mut why: Vec<String> = Vec::new();
        for verdict in [lint::script(script), gate_plan(self.plan, script)] {
            why.extend(verdict.findings.iter().filter(|f| f.blocks).map(|f| format!("{}: {}", f.code, f.message)));
        }
        let report = judge(self.desk.canon, self.cast, self.plan, script, &self.diff, &self.seen_before);
        why.extend(report.failed.iter().map(|(id, what)| format!("{id}: {what}")));
        (!verdict.pass || !why.is_empty()).then(|| Refusal { verdict, why: why.join("; ") })
    }

    /// The places of the lines that a verdict blocks.
    pub fn named(&self, verdict: &Verdict) -> BTreeSet<usize> {
        let blocking = verdict.findings.iter().filter(|f| f.blocks).flat_map(|f| &f.sources);
        blocking
            .filter_map(|source| self.intents.iter().position(|i| source.strip_prefix(canon::sources::SCRIPT) == Some(i.id.as_str())))
            .collect()
    }

    /// The script that says these.
    pub fn assemble(&self, lines: &[Candidate]) -> Result<Script, WorldError> {
        assemble(self.desk, self.episode, self.plan, &self.kept, &self.actions, lines)
    }

    /// Scenes with the beats that are kept of them: the plan's scene, and of each beat its id, what is done in it, and its lines.
    pub fn scenes(&self) -> Vec<(&PlannedScene, &SceneT, Vec<Shown<'_>>)> {
        let mut out: Vec<(&PlannedScene, &SceneT, Vec<Shown<'_>>)> = Vec::new();
        for (beat, action) in self.kept.iter().zip(&self.actions) {
            if out.last().is_none_or(|(planned, ..)| planned.id != beat.planned.id) {
                out.push((beat.planned, beat.scene, Vec::new()));
            }
            if let Some((.., beats)) = out.last_mut() {
                beats.push((&beat.id, action.as_ref(), beat.beat.lines.as_slice()));
            }
        }
        out
    }
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
    lines: &[Candidate],
) -> Result<Script, WorldError> {
    let mut said = lines.iter();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{StoryWriter, TemplateWriter, complete_canon, template::with_desk};
    use contracts::project::Project;

    fn lighthouse() -> (Project, contracts::canon::Canon) {
        let project = include_str!("../../../examples/lighthouse/project.toml");
        let project: Project = toml::from_str(project).expect("a project");
        let author = canon::author::parse(include_str!("../../../examples/lighthouse/canon.toml")).expect("a canon");
        let canon = complete_canon(&project, &author).expect("complete");
        (project, canon)
    }

    /// The board of episode 1, with the cast and the season's truth in the canon.
    fn on_board(act: impl FnOnce(Board<'_>)) {
        let (project, start) = lighthouse();
        let arc = TemplateWriter.arc(&project, &start).expect("an arc");
        let with = |canon: &contracts::canon::Canon, diff: CanonDiff| {
            let verdict = canon::gate_facts(canon, &diff);
            canon::apply(canon, &canon::accept(diff, verdict), None).expect("applies")
        };
        let known = with(&start, TemplateWriter.truth(&project, &start, &arc).expect("a truth"));
        let (cast, looks) = TemplateWriter.cast(&project, &known, &arc).expect("a cast");
        let known = with(&known, looks);
        let plan = TemplateWriter.plan(&project, &known, &arc, 1).expect("a plan");
        let before = canon::address(&known).expect("an address");
        with_desk(&project, &known, Some(&arc), |desk| {
            act(Board::new(desk, &plan, &cast)?);
            Ok(())
        })
        .expect("a desk");
        assert_eq!(canon::address(&known).expect("an address"), before, "no repair touches the canon");
    }

    /// A sentence that contradicts the canon, in ways that all outrank the pack's.
    fn contradicting(board: &Board<'_>, at: usize, ways: usize) -> Vec<Candidate> {
        let who = &board.cast.members[0];
        let name = who.name.split_whitespace().next().expect("a name");
        let kit: Vec<&String> =
            board.rules.kit.iter().filter(|w| crate::rank::refusal(&board.intents[at], w, &board.rules).is_none()).collect();
        let way = |k: usize| Candidate {
            mould: format!("bad-{k:02}"),
            text: format!("{name} is ninety years old, {} and {}.", kit[k % kit.len()], kit[(k + 1 + k / kit.len()) % kit.len()]),
            stiff: false,
        };
        (0..ways).map(way).collect()
    }

    #[test]
    fn words_that_contradict_are_kept_out_and_the_rest_is_ranked_again() {
        on_board(|mut board| {
            let (own, _) = board.settle().expect("the pack's");
            let at = board.intents.len() - 1;
            let bad = contradicting(&board, at, 30);
            let mut lines = board.settle().expect("the same").1.lines;
            lines[at] = bad[0].clone();
            let refusal = board.refusal(&board.assemble(&lines).expect("a script")).expect("is refused");
            assert!(!refusal.verdict.pass && board.named(&refusal.verdict).contains(&at), "{:?}", refusal.verdict);
            // More of them than the ranking keeps: every draft of the first round is refused.
            board.intents[at].candidates.extend(bad);
            let drafts = rank(&board.intents, &board.rules).expect("drafts");
            assert!(drafts.iter().all(|d| d.lines[at].mould.starts_with("bad-")), "the repair is not needed");
            let (script, draft) = board.settle().expect("is repaired");
            assert!(!draft.lines[at].mould.starts_with("bad-"));
            assert_eq!(script.lines().count(), own.lines().count());
        });
    }

    #[test]
    fn what_no_words_can_heal_is_given_up_with_both_sides() {
        on_board(|mut board| {
            let at = board.intents.len() - 1;
            let bad = contradicting(&board, at, 3);
            board.intents[at].candidates = bad;
            let Err(WorldError::Refused(verdict)) = board.settle() else { panic!("a contradiction is told as one") };
            let finding = verdict.findings.iter().find(|f| f.blocks).expect("a finding");
            let line = board.intents[at].id.as_str();
            assert!(finding.sources.iter().any(|s| s.ends_with(line)) && finding.sources.len() >= 2, "{finding:?}");
            let told = WorldError::Refused(verdict).to_string();
            assert!(told.contains(line) && told.contains("canon.toml [[characters]]"), "{told}");
        });
    }
}
