//! The canon gate of an episode: what its script shows, says and changes against what is true.

use std::collections::{BTreeMap, BTreeSet};

use contracts::{
    Id,
    canon::{Canon, CanonDiff, FactValue, Finding, Repair, ScriptField, StoryTime, ThreadState, Verdict},
    story::{Beat, Cast, EpisodePlan, Line, Part, Scene, Script, Truth},
};
use gates::{blocks, verdict};

use crate::{
    contradictions::{Overlay, ends, lives, references, unique, values},
    derived,
    facts::{Book, Facts},
    repair::{self, changed, mended, unsaid, with, without},
    said::{Reader, Said},
    sources::{self, cast, fact as source, script as at},
    time,
    words::near,
};

mod rules;
mod things;

/// Acts that may say what the hearer knows: as a weapon or a measure, never as news.
const KNOWN_MAY_BE_SAID: &[&str] = &["accuse", "reproach", "confess", "count", "warn", "refuse", "plead", "object", "complain"];

/// Judges an episode. Pure: the same four documents give the same verdict anywhere.
pub fn gate(canon: &Canon, cast: &Cast, script: &Script, diff: &CanonDiff) -> Verdict {
    gate_over(&Book::new(canon), cast, script, diff)
}

/// [`gate`] over any store of facts, such as a [`Book`] that is read more than once.
pub fn gate_over<F: Facts>(base: &F, cast: &Cast, script: &Script, diff: &CanonDiff) -> Verdict {
    let (mut found, repairs) = findings(base, cast, script, diff);
    let told = |f: &Finding| (f.code.clone(), f.message.clone());
    let before: BTreeSet<(String, String)> = found.iter().map(told).collect();
    for (n, repair) in repairs.into_iter().take(MAX_TRIED) {
        let Some(finding) = found.get_mut(n).filter(|f| f.repair.is_none()) else { continue };
        // Only what has been tried is proposed.
        let Ok(mended) = mended(script, &repair) else { continue };
        let after = findings(base, cast, &mended, diff).0;
        if after.iter().map(told).all(|one| one != told(finding) && before.contains(&one)) {
            finding.repair = Some(Box::new(repair));
        }
    }
    verdict("canon", found)
}

/// The most repairs that are tried for one script.
const MAX_TRIED: usize = 64;

/// What is found, and what might make findings go away, by their place.
fn findings<F: Facts>(base: &F, cast: &Cast, script: &Script, diff: &CanonDiff) -> (Vec<Finding>, Vec<(usize, Repair)>) {
    let over = Overlay::new(base, diff);
    let mut gate =
        Gate { base, over, cast, script, diff, order: BTreeMap::new(), scene_of: BTreeMap::new(), found: vec![], repairs: vec![] };
    gate.index();
    gate.people();
    gate.scenes();
    gate.ways();
    gate.beats();
    gate.things();
    gate.said();
    gate.changes();
    gate.threads();
    gate.rules();
    (gate.found, gate.repairs)
}

struct Gate<'a, F: Facts> {
    base: &'a F,
    over: Overlay<'a, F>,
    cast: &'a Cast,
    script: &'a Script,
    diff: &'a CanonDiff,
    /// Beat → place in the order of beats.
    order: BTreeMap<&'a str, usize>,
    /// Beat → its scene.
    scene_of: BTreeMap<&'a str, &'a Scene>,
    found: Vec<Finding>,
    /// What might make a finding go away.
    repairs: Vec<(usize, Repair)>,
}

impl<'a, F: Facts> Gate<'a, F> {
    fn block(&mut self, code: &str, message: String, sources: &[&str]) {
        self.found.push(blocks(code, message, sources));
    }

    /// What might make the last finding go away; of several, the first that does is proposed.
    fn mend(&mut self, repair: Repair) {
        if let Some(last) = self.found.len().checked_sub(1) {
            self.repairs.push((last, repair));
        }
    }

    fn index(&mut self) {
        for (i, (scene, beat)) in self.script.beats().enumerate() {
            if self.order.insert(&beat.id, i).is_some() {
                self.block("canon.beat_twice", format!("beat {} stands twice in the script", beat.id), &[&at(&beat.id)]);
            }
            self.scene_of.insert(&beat.id, scene);
        }
        let mut lines = BTreeSet::new();
        for (.., line) in self.script.lines() {
            if !lines.insert(line.id.as_str()) {
                self.block("canon.line_twice", format!("line {} stands twice in the script", line.id), &[&at(&line.id)]);
            }
        }
        if !self.order.contains_key(self.script.title_after.as_str()) {
            let message = format!("the title stands after {}, which is no beat", self.script.title_after);
            self.block("canon.unknown_beat", message, &["script title_after"]);
            if let Some(beat) = self.script.scenes.first().and_then(|s| s.beats.last()) {
                let (here, from) = (Id::slug(repair::SCRIPT), self.script.title_after.clone());
                self.mend(changed(&here, ScriptField::TitleAfter, &from, &beat.id));
            }
        }
    }

    /// The cast against the canon: names, ages, births.
    fn people(&mut self) {
        let first = self.script.scenes.first().map(|s| s.story_time.clone());
        let here = self.script.scenes.first().map(|s| at(&s.id)).unwrap_or_default();
        for member in &self.cast.members {
            if member.part == Part::Narrator {
                continue;
            }
            let Some(person) = self.base.person(&member.id) else {
                self.block("canon.unknown_person", format!("{} is cast, but is no person of the canon", member.id), &[&cast(&member.id)]);
                continue;
            };
            if person.name != member.name {
                let message = format!("{} is `{}` in the canon and `{}` in the cast", member.id, person.name, member.name);
                self.block("canon.name", message, &[&sources::person(&member.id), &cast(&member.id)]);
            }
            let Some(first) = &first else { continue };
            if let Some(named) = self.base.at(&member.id, "name", first)
                && named.value != FactValue::Text(member.name.clone())
            {
                let message = format!("{} is `{}` in the cast, another name in canon", member.id, member.name);
                let from = source(named);
                self.block("canon.name", message, &[&from, &cast(&member.id)]);
            }
            let age = time::age(&person.born, first);
            if let Some(look) = &member.look
                && (i64::from(look.age) - age).abs() > 1
            {
                let message = format!("{} was born {}: {age} years at {first}, drawn as {}", member.id, person.born, look.age);
                self.block("canon.age", message, &[&sources::person(&member.id), &cast(&member.id)]);
            }
            if age > 120 {
                let message = format!("{} was born {} and would be {age} at {first}", member.id, person.born);
                self.block("canon.age", message, &[&sources::person(&member.id), &here]);
            }
        }
    }

    /// The death of somebody, when it lies before this beat (before the scene, when no beat is given): by canon, or by an
    /// earlier beat of this episode.
    fn dead(&self, who: &Id, scene: &Scene, beat: Option<&Beat>) -> Option<(StoryTime, String)> {
        if self.narrates(who) {
            return None;
        }
        let death = self.over.about(who, "dead").into_iter().next()?;
        let cause = self.over.begun_here(&death.id).and_then(|f| f.cause.as_ref()).and_then(|c| self.order.get(c.as_str()));
        let before = match (cause, beat) {
            (None, _) => death.from <= scene.story_time,
            (Some(_), None) => death.from < scene.story_time,
            (Some(then), Some(beat)) => self.order.get(beat.id.as_str()).is_some_and(|here| then < here),
        };
        before.then(|| (death.from.clone(), source(death)))
    }

    fn cast_has(&self, id: &Id) -> bool {
        self.cast.members.iter().any(|m| m.id == *id)
    }

    fn narrates(&self, id: &Id) -> bool {
        self.cast.members.iter().any(|m| m.id == *id && m.part == Part::Narrator)
    }

    /// Places, hours, who is where, who is alive.
    fn scenes(&mut self) {
        let mut before: Option<&Scene> = None;
        let mut where_at: BTreeMap<(&str, &StoryTime), &Scene> = BTreeMap::new();
        for scene in &self.script.scenes {
            if let Some(before) = before
                && scene.story_time < before.story_time
            {
                let message =
                    format!("time runs backwards: {} at {}, then {} at {}", before.id, before.story_time, scene.id, scene.story_time);
                self.block("canon.time_backwards", message, &[&at(&before.id), &at(&scene.id)]);
                self.mend(changed(&scene.id, ScriptField::StoryTime, scene.story_time.as_str(), before.story_time.as_str()));
            }
            before = Some(scene);
            if self.base.place(&scene.location_id).is_none() {
                self.block("canon.unknown_place", format!("{}: `{}` is no place", scene.id, scene.location_id), &[&at(&scene.id)]);
                let spelt = self.base.places().iter().filter(|p| near(&p.id, &scene.location_id)).map(|p| p.id.clone());
                let beside = self.script.scenes.iter().filter(|s| self.base.place(&s.location_id).is_some()).map(|s| s.location_id.clone());
                let places: BTreeSet<Id> = spelt.clone().chain(beside).collect();
                for place in spelt.chain(places) {
                    self.mend(changed(&scene.id, ScriptField::LocationId, &scene.location_id, &place));
                }
            }
            for who in scene.present.iter().chain(&scene.heard) {
                if !self.cast_has(who) {
                    self.block("canon.unknown_person", format!("{}: `{who}` is not cast", scene.id), &[&at(&scene.id)]);
                    self.mend(repair::gone(who, scene));
                }
                if let Some((since, from)) = self.dead(who, scene, None) {
                    let message = format!("{who} is dead from {since}, yet is in {} at {}", scene.id, scene.story_time);
                    self.block("canon.death", message, &[&from, &at(&scene.id)]);
                    self.mend(repair::gone(who, scene));
                }
                if let Some(person) = self.base.person(who)
                    && scene.story_time < person.born
                {
                    let message = format!("{who} is born {}, yet is in {} at {}", person.born, scene.id, scene.story_time);
                    self.block("canon.age", message, &[&sources::person(who), &at(&scene.id)]);
                    self.mend(repair::gone(who, scene));
                }
            }
            for who in &scene.present {
                if let Some(other) = where_at.insert((who.as_str(), &scene.story_time), scene)
                    && other.location_id != scene.location_id
                {
                    let message =
                        format!("{who} is in two places at {}: {} and {}", scene.story_time, other.location_id, scene.location_id);
                    self.block("canon.location", message, &[&at(&other.id), &at(&scene.id)]);
                    self.mend(repair::gone(who, scene));
                    self.mend(repair::gone(who, other));
                }
                let stated = self.over.at(who, "location", &scene.story_time);
                if let Some((place, from)) = stated.and_then(|f| match &f.value {
                    FactValue::Text(place) if *place != *scene.location_id.as_str() => Some((place.clone(), source(f))),
                    _ => None,
                }) {
                    let message =
                        format!("{who} is at {place} at {}, yet present at {} in {}", scene.story_time, scene.location_id, scene.id);
                    self.block("canon.location", message, &[&from, &at(&scene.id)]);
                    self.mend(repair::gone(who, scene));
                    self.mend(changed(&scene.id, ScriptField::LocationId, &scene.location_id, &place));
                }
            }
        }
    }

    /// The way between two scenes is as long as the canon says.
    fn ways(&mut self) {
        let mut last: BTreeMap<&str, &Scene> = BTreeMap::new();
        let mut found = Vec::new();
        for scene in &self.script.scenes {
            for who in &scene.present {
                let Some(from) = last.insert(who, scene) else { continue };
                let way = |a: &Id, b: &Id| self.base.place(a).and_then(|p| p.travel_min.get(b)).copied();
                let needs = way(&from.location_id, &scene.location_id).or_else(|| way(&scene.location_id, &from.location_id)).unwrap_or(0);
                let has = time::minutes(&scene.story_time) - time::minutes(&from.story_time);
                if from.location_id != scene.location_id && has < i64::from(needs) {
                    let message = format!(
                        "{who} needs {needs} minutes from {} to {} and has {has} between {} and {}",
                        from.location_id, scene.location_id, from.id, scene.id
                    );
                    let finding = blocks("canon.location", message, &[&at(&from.id), &at(&scene.id), &sources::place(&from.location_id)]);
                    let later = time::shift(&from.story_time, i64::from(needs)).ok();
                    let later = later.map(|later| changed(&scene.id, ScriptField::StoryTime, scene.story_time.as_str(), later.as_str()));
                    found.push((finding, later, repair::gone(who, scene)));
                }
            }
        }
        for (finding, later, gone) in found {
            self.found.push(finding);
            later.into_iter().for_each(|later| self.mend(later));
            self.mend(gone);
        }
    }

    fn beats(&mut self) {
        let script = self.script;
        for (scene, beat) in script.beats() {
            self.action(scene, beat);
            for line in &beat.lines {
                self.line(scene, beat, line);
            }
        }
    }

    /// What the words say, besides what they are tagged with.
    fn said(&mut self) {
        let (script, base) = (self.script, self.base);
        let reader = Reader::new(base, self.cast);
        let mut found: Vec<Said> = Vec::new();
        let mut dying: Vec<(&Id, &Beat)> = Vec::new();
        for (scene, beat) in script.beats() {
            let dead = |who: &Id| self.dead(who, scene, Some(beat)).map(|(_, from)| from);
            found.extend(reader.action(scene, beat, &dead));
            for line in &beat.lines {
                found.extend(reader.line(scene, line, &dead));
            }
            dying.extend(reader.dies(beat).into_iter().map(|who| (who, beat)));
        }
        for (who, beat) in dying {
            let died = self.scene_of.get(beat.id.as_str()).map(|s| &s.story_time);
            let later = script.scenes.iter().find(|s| s.present.contains(who) && died.is_some_and(|died| s.story_time > *died));
            if let (Some(later), None) = (later, self.over.about(who, "dead").first()) {
                let message = format!("{}: {who} dies, yet is present in {} at {}", beat.id, later.id, later.story_time);
                found.push(("canon.death", message, vec![at(&beat.id), at(&later.id)], vec![repair::gone(who, later)]));
            }
        }
        for (code, message, sources, repairs) in found {
            let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
            self.block(code, message, &sources);
            repairs.into_iter().for_each(|repair| self.mend(repair));
        }
    }

    fn action(&mut self, scene: &Scene, beat: &Beat) {
        for effect in &beat.effects {
            if self.over.fact(effect).is_none() {
                self.block("canon.unknown_fact", format!("{}: claims the effect `{effect}`, which is no fact", beat.id), &[&at(&beat.id)]);
                self.mend(without(&beat.id, ScriptField::Effects, effect));
            }
        }
        let Some(action) = &beat.action else { return };
        for prop in &action.props {
            if self.base.prop(prop).is_none() {
                self.block("canon.unknown_prop", format!("{}: `{prop}` is no prop", beat.id), &[&at(&beat.id)]);
                self.mend(without(&beat.id, ScriptField::Props, prop));
            }
        }
        for who in &action.who {
            if let Some((since, from)) = self.dead(who, scene, Some(beat)) {
                let message = format!("{}: {who} acts, dead from {since}", beat.id);
                self.block("canon.death", message, &[&from, &at(&beat.id)]);
                self.mend(without(&beat.id, ScriptField::Who, who));
                self.mend(repair::gone(who, scene));
            } else if !scene.present.contains(who) {
                self.block(
                    "canon.absent",
                    format!("{}: {who} acts but is not present in {}", beat.id, scene.id),
                    &[&at(&beat.id), &at(&scene.id)],
                );
                self.mend(with(&scene.id, ScriptField::Present, who));
                self.mend(without(&beat.id, ScriptField::Who, who));
            }
        }
    }

    /// Since when `who` knows `fact`: by canon, by the diff's own facts, or from an earlier beat (`strictly` before this one).
    fn knows(&self, who: &Id, fact: &str, scene: &Scene, beat: &Beat, strictly: bool) -> bool {
        let stated = self.over.fact(fact).and_then(|f| f.known_by.get(who)).is_some_and(|since| *since <= scene.story_time);
        let here = self.order.get(beat.id.as_str()).copied().unwrap_or(usize::MAX);
        let learned = self
            .diff
            .learned
            .iter()
            .filter(|l| l.who == *who && l.fact.as_str() == fact)
            .any(|l| self.order.get(l.cause.as_str()).is_some_and(|then| if strictly { *then < here } else { *then <= here }));
        // A fact this episode begins is known to its witnesses from the beat that begins it, not from the start of the scene.
        let own = self.over.begun_here(fact).and_then(|f| f.cause.as_ref()).and_then(|c| self.order.get(c.as_str()));
        let begun = own.is_none_or(|then| if strictly { *then < here } else { *then <= here });
        (stated && begun) || learned
    }

    fn line(&mut self, scene: &Scene, beat: &Beat, line: &Line) {
        let speaker = &line.speaker_id;
        if !scene.present.contains(speaker) && !scene.heard.contains(speaker) && !self.narrates(speaker) {
            let message = format!("{}: {speaker} speaks but is neither present nor heard in {}", line.id, scene.id);
            self.block("canon.absent", message, &[&at(&line.id), &at(&scene.id)]);
            self.mend(with(&scene.id, ScriptField::Heard, speaker));
            self.mend(unsaid(line));
        }
        if !self.cast_has(speaker) {
            self.block("canon.unknown_person", format!("{}: `{speaker}` speaks but is not cast", line.id), &[&at(&line.id)]);
            self.mend(unsaid(line));
        }
        if let Some((since, from)) = self.dead(speaker, scene, Some(beat)) {
            self.block("canon.death", format!("{}: {speaker} speaks, dead from {since}", line.id), &[&from, &at(&line.id)]);
            self.mend(unsaid(line));
            self.mend(repair::gone(speaker, scene));
        }
        for to in &line.to {
            if let Some((since, from)) = self.dead(to, scene, Some(beat)) {
                let message = format!("{}: spoken to {to}, dead from {since}", line.id);
                self.block("canon.death", message, &[&from, &at(&line.id)]);
                self.mend(without(&line.id, ScriptField::To, to));
            } else if !scene.present.contains(to) && !scene.heard.contains(to) {
                self.block(
                    "canon.absent",
                    format!("{}: spoken to {to}, who is not in {}", line.id, scene.id),
                    &[&at(&line.id), &at(&scene.id)],
                );
                self.mend(without(&line.id, ScriptField::To, to));
            }
        }
        for claim in &line.states {
            let Some((from, begins)) = self.over.fact(&claim.fact).map(|f| (source(f), f.from.clone())) else {
                self.block("canon.unknown_fact", format!("{}: states `{}`, which is no fact", line.id, claim.fact), &[&at(&line.id)]);
                self.mend(without(&line.id, ScriptField::States, &repair::claim(&claim.fact, claim.truth)));
                continue;
            };
            if begins > scene.story_time {
                let message = format!("{}: {} is not true before {begins}, the scene is at {}", line.id, claim.fact, scene.story_time);
                self.block("canon.not_yet_true", message, &[&from, &at(&line.id)]);
                self.mend(unsaid(line));
            }
            let knows = self.knows(speaker, &claim.fact, scene, beat, false);
            if matches!(claim.truth, Truth::True | Truth::Lie | Truth::Double) && !knows && !self.narrates(speaker) {
                let message = format!("{}: {speaker} does not know {} yet, so cannot say it as {:?}", line.id, claim.fact, claim.truth);
                self.block("canon.knowledge", message, &[&from, &at(&line.id)]);
                self.mend(unsaid(line));
            }
            if claim.truth == Truth::Mistaken && knows {
                let message = format!("{}: {speaker} knows {}, so it is a lie and no mistake", line.id, claim.fact);
                self.block("canon.knowledge", message, &[&from, &at(&line.id)]);
                let (from, to) = (repair::claim(&claim.fact, claim.truth), repair::claim(&claim.fact, Truth::Lie));
                self.mend(changed(&line.id, ScriptField::States, &from, &to));
            }
            if claim.truth == Truth::True && !KNOWN_MAY_BE_SAID.contains(&line.act.as_str()) {
                for to in &line.to {
                    if self.knows(to, &claim.fact, scene, beat, true) {
                        let message = format!("{}: tells {to} what {to} knows ({})", line.id, claim.fact);
                        self.block("canon.told_the_known", message, &[&from, &at(&line.id)]);
                        if line.to.len() > 1 {
                            self.mend(without(&line.id, ScriptField::To, to));
                        }
                        self.mend(unsaid(line));
                    }
                }
            }
        }
    }

    /// What the diff begins, ends and teaches.
    fn changes(&mut self) {
        let (diff, script) = (self.diff, self.script);
        let start = script.scenes.first().map(|s| s.story_time.clone());
        unique(self.base, diff, &mut self.found);
        let touched: Vec<(&str, &str)> = self.over.touched().collect();
        for (subject, attribute) in touched {
            values(&self.over, subject, attribute, &mut self.found);
        }
        let added: Vec<_> = diff.added.iter().collect();
        lives(&self.over, &added, &mut self.found);
        derived::stated(self.base, &added, &mut self.found);
        ends(&self.over, diff, &mut self.found);
        for fact in &diff.added {
            references(self.base, fact, &mut self.found);
            let from = source(fact);
            let claimed = fact.cause.as_ref().and_then(|c| script.beats().find(|(_, b)| b.id == *c));
            match (&fact.cause, claimed) {
                (Some(_), Some((scene, beat))) => {
                    if !beat.effects.contains(&fact.id) {
                        self.block("canon.unclaimed", format!("{}: beat {} does not claim it", fact.id, beat.id), &[&from, &at(&beat.id)]);
                        self.mend(with(&beat.id, ScriptField::Effects, &fact.id));
                    }
                    if time::minutes(&fact.from) - time::minutes(&scene.story_time) > 12 * 60 {
                        let message = format!("{} begins at {}, long after its cause at {}", fact.id, fact.from, scene.story_time);
                        self.block("canon.not_yet_true", message, &[&from, &at(&beat.id)]);
                    }
                }
                (cause, _) => {
                    let cause = cause.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string);
                    self.block("canon.unknown_beat", format!("{}: its cause {cause} is no beat", fact.id), &[&from]);
                }
            }
            if start.as_ref().is_some_and(|start| fact.from < *start) {
                let message = format!("{} begins at {}, before the episode: the past may be learned, not changed", fact.id, fact.from);
                self.block("canon.past_changed", message, &[&from, &at(&script.scenes[0].id)]);
            }
        }
        for end in &diff.ended {
            if !self.order.contains_key(end.cause.as_str()) {
                self.block("canon.unknown_beat", format!("{} is ended by {}, which is no beat", end.fact, end.cause), &[&at(&end.cause)]);
            }
            if start.as_ref().is_some_and(|start| end.until < *start) {
                let message = format!("{} ends at {}, before the episode: the past may be learned, not changed", end.fact, end.until);
                self.block("canon.past_changed", message, &[&at(&end.cause), &at(&script.scenes[0].id)]);
            }
        }
        for learned in &diff.learned {
            let fact = self.over.fact(&learned.fact).map(|f| (source(f), f.from.clone()));
            let scene = self.scene_of.get(learned.cause.as_str()).copied();
            match (fact, scene) {
                (None, _) => {
                    let message = format!("{} learns `{}`, which is no fact", learned.who, learned.fact);
                    self.block("canon.unknown_fact", message, &[&at(&learned.cause)]);
                }
                (_, None) => {
                    let message = format!("{} learns {} in {}, which is no beat", learned.who, learned.fact, learned.cause);
                    self.block("canon.unknown_beat", message, &[&at(&learned.cause)]);
                }
                (Some((from, begins)), Some(scene)) => {
                    if begins > scene.story_time {
                        let message =
                            format!("{} learns {} in {}, before it is true at {begins}", learned.who, learned.fact, learned.cause);
                        self.block("canon.not_yet_true", message, &[&from, &at(&learned.cause)]);
                    }
                    if !scene.present.contains(&learned.who) && !scene.heard.contains(&learned.who) {
                        let message = format!("{} learns {} in {}, where {} is not", learned.who, learned.fact, scene.id, learned.who);
                        self.block("canon.absent", message, &[&from, &at(&scene.id)]);
                        self.mend(with(&scene.id, ScriptField::Present, &learned.who));
                        self.mend(with(&scene.id, ScriptField::Heard, &learned.who));
                    }
                }
            }
        }
        if !(diff.modified.is_empty() && diff.removed.is_empty()) {
            let message = "an episode corrects or removes facts: only the author may".to_owned();
            self.block("canon.past_changed", message, &[&diff.provenance]);
        }
    }

    /// Nothing dropped, nothing paid before it was opened, every answer true and known to canon.
    fn threads(&mut self) {
        let diff = self.diff;
        let entry = |id: &str| sources::entry("threads", id);
        let here = format!("ep{} ", self.script.episode);
        let now: BTreeSet<&str> = diff.threads.iter().map(|t| t.id.as_str()).collect();
        let dropped: Vec<String> = self
            .base
            .threads()
            .iter()
            .filter(|t| t.state == ThreadState::Open && !now.contains(t.id.as_str()))
            .map(|t| t.id.to_string())
            .collect();
        for id in dropped {
            self.block("canon.thread_dropped", format!("the open thread {id} is missing after this episode"), &[&entry(&id)]);
        }
        for thread in &diff.threads {
            let mut places: BTreeMap<&str, usize> = BTreeMap::new();
            let moves = [("opened", &thread.opened_by), ("paid", &thread.paid_by)];
            let refs = moves.iter().filter_map(|(what, r)| r.as_ref().map(|r| (*what, r)));
            let refs: Vec<(&str, &String)> = refs.chain(thread.advanced_by.iter().map(|r| ("advanced", r))).collect();
            for (what, reference) in refs {
                let local = reference.strip_prefix(&here).or_else(|| (!reference.contains(' ')).then_some(reference.as_str()));
                let Some(beat) = local.filter(|b| *b != "author") else { continue };
                match self.order.get(beat) {
                    Some(place) => {
                        places.insert(what, *place);
                    }
                    None => {
                        self.block(
                            "canon.unknown_beat",
                            format!("{}: {what} by {reference}, which is no beat", thread.id),
                            &[&entry(&thread.id)],
                        );
                    }
                }
            }
            let known = self.base.threads().iter().any(|t| t.id == thread.id);
            if !known && !places.contains_key("opened") {
                self.block("canon.thread", format!("{} was never opened", thread.id), &[&entry(&thread.id)]);
            }
            if let (Some(opened), Some(paid)) = (places.get("opened"), places.get("paid"))
                && opened >= paid
            {
                self.block("canon.thread", format!("{} is paid before it is opened", thread.id), &[&entry(&thread.id)]);
            }
            if thread.state == ThreadState::Paid {
                if thread.paid_by.is_none() {
                    self.block("canon.thread", format!("{} is paid by nothing", thread.id), &[&entry(&thread.id)]);
                }
                for fact in &thread.answer {
                    if self.over.fact(fact).is_none() {
                        self.block(
                            "canon.unknown_fact",
                            format!("{} is answered by `{fact}`, which is no fact", thread.id),
                            &[&entry(&thread.id)],
                        );
                    }
                }
            }
        }
    }
}

/// Judges a plan against its script: every beat on the sheet in order, every clue planted before it pays.
pub fn gate_plan(plan: &EpisodePlan, script: &Script) -> Verdict {
    let ids: Vec<&Id> = script.beats().map(|(_, b)| &b.id).collect();
    let order: BTreeMap<&str, usize> = ids.iter().enumerate().map(|(i, id)| (id.as_str(), i)).collect();
    let mut found = Vec::new();
    let sheet: Vec<&Id> = plan.beat_sheet.iter().flat_map(|row| &row.script_beats).collect();
    if sheet != ids {
        found.push(blocks("plan.beat_sheet", "the beat sheet does not cover the script in order", &["plan beat_sheet", "script"]));
    }
    for clue in &plan.clues {
        let planted = order.get(clue.planted_by.as_str());
        if planted.is_none() && !clue.planted_by.starts_with("ep") {
            found.push(blocks(
                "plan.clue",
                format!("clue {} is planted nowhere: {}", clue.id, clue.planted_by),
                &[&format!("plan clue {}", clue.id)],
            ));
        }
        if let (Some(planted), Some(paid)) = (planted, clue.paid_by.as_ref().and_then(|p| order.get(p.as_str())))
            && paid <= planted
        {
            found.push(blocks(
                "plan.clue",
                format!("clue {} is paid in or before the beat that plants it", clue.id),
                &[&format!("plan clue {}", clue.id)],
            ));
        }
    }
    if !order.contains_key(plan.question_beat.as_str()) {
        found.push(blocks("plan.question", format!("{} opens the question, but is no beat", plan.question_beat), &["plan question_beat"]));
    }
    verdict("plan", found)
}
