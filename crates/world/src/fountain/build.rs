//! A screenplay over a canon → plan, script, change of canon, and what its camera words ask of shots.

use std::collections::{BTreeMap, BTreeSet};

use canon::time;
use contracts::{
    Hash, Id,
    canon::{Canon, CanonDiff, Fact, FactKind, FactValue, Location, StoryTime, ThreadState},
    notes::ShotNote,
    picture::Framing,
    project::Project,
    shots::Transition,
    story::{
        Action, Beat, BeatFn, BeatSheetRow, Delivery, EpisodePlan, FigureKind, Forms, Line, Mood, PlannedScene, Scene, Script, Weather,
        Weight,
    },
};

use super::{
    FountainError, MAX_FILM_MS, Manuscript,
    clock::Clock,
    names::{self, Token, Who, tokens},
    parse::{Element, Kind, Part},
    people,
    pieces::{LONGEST_LINE, pieces, spoken},
    words::{self, Camera, When},
};
use crate::text::{capital, estimate_ms};

/// Everything an episode's screenplay says.
pub(super) struct Built {
    pub plan: EpisodePlan,
    pub script: Script,
    pub diff: CanonDiff,
    pub shots: Vec<ShotNote>,
}

/// A scene on its way.
pub(super) struct Draft {
    line: u32,
    id: Id,
    heading: String,
    pub place: Location,
    pub when: Option<When>,
    pub at: Option<String>,
    weather: Option<Weather>,
    mood: Option<Mood>,
    present: Option<Vec<Id>>,
    heard: Vec<Id>,
    what: String,
    beats: Vec<BeatDraft>,
}

/// A picture on its way.
#[derive(Default)]
struct BeatDraft {
    line: u32,
    id: Option<Id>,
    function: Option<BeatFn>,
    title: bool,
    action: Option<String>,
    said: Vec<Said>,
    sounds: Vec<Id>,
    facts: Vec<(u32, String, String, String)>,
    camera: Camera,
    transition: Option<Transition>,
}

struct Said {
    speaker: Id,
    heard: bool,
    text: String,
    how: words::How,
}

fn fault(line: u32, message: impl Into<String>) -> FountainError {
    FountainError { line, message: message.into() }
}

/// Builds an episode.
pub(super) fn build(project: &Project, canon: &Canon, manuscript: &Manuscript) -> Result<Built, FountainError> {
    let mut desk =
        Desk { canon, scenes: Vec::new(), pending: BeatDraft::default(), headings: BTreeMap::new(), synopsis: Vec::new(), ahead: vec![] };
    for element in &manuscript.play.elements {
        desk.element(element)?;
    }
    let Desk { mut scenes, .. } = desk;
    scenes.retain(|s| !s.beats.is_empty());
    if scenes.is_empty() {
        return Err(fault(1, "there is nothing to show: write a heading such as INT. KITCHEN - DAY and what happens there"));
    }
    name_beats(&mut scenes)?;
    let title = manuscript.play.titled("Title").unwrap_or_else(|| project.title.clone());
    let title: String = title.chars().take(60).collect();
    finish(project, canon, manuscript, title, scenes)
}

struct Desk<'a> {
    canon: &'a Canon,
    scenes: Vec<Draft>,
    /// What camera words and transitions ask of the next picture.
    pending: BeatDraft,
    headings: BTreeMap<Id, u32>,
    synopsis: Vec<String>,
    /// Notes on scenes that stand before the first heading.
    ahead: Vec<(u32, String)>,
}

impl Desk<'_> {
    fn element(&mut self, element: &Element) -> Result<(), FountainError> {
        let line = element.line;
        match &element.kind {
            Kind::Heading { text, number } => {
                self.heading(line, text, number.as_deref())?;
                for (at, note) in std::mem::take(&mut self.ahead) {
                    self.scene_note(at, &note)?;
                }
                element.notes.iter().try_for_each(|n| self.scene_note(line, n).map(|_| ()))
            }
            // The film has an end card of its own.
            Kind::Action(text) if matches!(text.to_uppercase().trim_end_matches('.'), "THE END" | "END" | "FIN") => self.later(element),
            Kind::Action(text) => {
                self.here(line)?;
                let from = self.beats();
                for (camera, piece) in pieces(text) {
                    if camera != Camera::default() {
                        self.pending.camera = camera;
                    }
                    if !piece.is_empty() {
                        self.action(line, piece);
                    }
                }
                self.notes(element, from)
            }
            Kind::Dialogue { cue, extensions, parts, .. } => {
                self.here(line)?;
                let from = self.beats();
                self.dialogue(line, cue, extensions, parts, element.notes.iter().any(|n| n.starts_with("id:")))?;
                self.notes(element, from)
            }
            Kind::Transition(text) => {
                self.pending.transition = words::transition_kind(text).or(self.pending.transition);
                self.later(element)
            }
            Kind::Synopsis(text) => {
                self.synopsis.push(text.clone());
                if let Some(scene) = self.scenes.last_mut().filter(|s| s.what.is_empty()) {
                    scene.what.clone_from(text);
                }
                self.later(element)
            }
            Kind::Section(..) | Kind::PageBreak | Kind::Nothing => self.later(element),
        }
    }

    /// Notes on what is no picture: of the scene they stand in, else of the next one.
    fn later(&mut self, element: &Element) -> Result<(), FountainError> {
        for note in &element.notes {
            if self.scenes.is_empty() {
                self.ahead.push((element.line, note.clone()));
            } else {
                self.scene_note(element.line, note)?;
            }
        }
        Ok(())
    }

    fn here(&self, line: u32) -> Result<&Draft, FountainError> {
        let missing = || fault(line, "this stands before any scene: begin with a heading such as INT. KITCHEN - DAY");
        self.scenes.last().ok_or_else(missing)
    }

    fn beats(&self) -> usize {
        self.scenes.last().map_or(0, |s| s.beats.len())
    }

    fn heading(&mut self, line: u32, text: &str, number: Option<&str>) -> Result<(), FountainError> {
        let heading = names::heading(text);
        let place = names::place(&self.canon.locations, &heading).ok_or_else(|| {
            let known: Vec<&str> = self.canon.locations.iter().map(|l| l.name.as_str()).collect();
            let near = names::nearest(&heading.place, known.iter().copied());
            let hint =
                if near.is_empty() { format!("known: {}", known.join(", ")) } else { format!("did you mean {}?", near.join(" or ")) };
            fault(line, format!("no place of the canon is called `{}`; {hint}", shown(&heading.place)))
        })?;
        let wanted = match number {
            Some(number) => {
                let slug = number.to_lowercase().replace(['.', '_'], "-");
                let digits = slug.chars().take_while(char::is_ascii_digit).count();
                if digits > 0 { format!("sc{:0>2}{}", &slug[..digits], &slug[digits..]) } else { names::id_of(&slug, 30).to_string() }
            }
            None => format!("sc-{}", names::id_of(&text.to_lowercase(), 30)),
        };
        let wanted = names::id_of(&wanted, 36);
        let times = self.headings.entry(wanted.clone()).or_insert(0);
        *times += 1;
        let id = match *times {
            1 => wanted,
            _ if number.is_some() => {
                return Err(fault(line, format!("the scene number #{}# stands twice", shown(number.unwrap_or_default()))));
            }
            n => wanted.child(n).map_err(|e| fault(line, e.to_string()))?,
        };
        self.scenes.push(Draft {
            line,
            id,
            heading: text.to_owned(),
            place: place.clone(),
            when: heading.when,
            at: None,
            weather: heading.weather,
            mood: None,
            present: None,
            heard: vec![],
            what: String::new(),
            beats: vec![],
        });
        Ok(())
    }

    fn action(&mut self, line: u32, text: String) {
        let pending = std::mem::take(&mut self.pending);
        if let Some(scene) = self.scenes.last_mut() {
            scene.beats.push(BeatDraft { line, action: Some(text), ..pending });
        }
    }

    fn dialogue(&mut self, line: u32, cue: &str, extensions: &[String], parts: &[Part], own: bool) -> Result<(), FountainError> {
        let speaker = self.speaker(line, cue)?;
        let unseen = extensions.iter().any(|e| {
            let letters: String = e.to_uppercase().chars().filter(char::is_ascii_alphanumeric).collect();
            matches!(
                letters.as_str(),
                "OS" | "VO" | "OC" | "OFF" | "OFFSCREEN" | "VOICEOVER" | "PHONE" | "ONPHONE" | "ONRADIO" | "RADIO" | "FILTERED"
            )
        });
        let mut said = Vec::new();
        let mut how = words::How::default();
        for part in parts {
            match part {
                Part::How(text) => how = words::how(text),
                Part::Say(text) => {
                    for text in spoken(text) {
                        if text.chars().count() > LONGEST_LINE {
                            let n = text.chars().count();
                            return Err(fault(line, format!("{n} letters without a space cannot be spoken; at most {LONGEST_LINE}")));
                        }
                        said.push(Said { speaker: speaker.clone(), heard: unseen, text, how: how.clone() });
                        how.hold = contracts::story::Hold::None;
                    }
                }
            }
        }
        said.retain(|s| s.text.chars().any(char::is_alphanumeric));
        let asked = self.pending.camera != Camera::default() || self.pending.transition.is_some();
        let pending = std::mem::take(&mut self.pending);
        let Some(scene) = self.scenes.last_mut() else { return Ok(()) };
        match scene.beats.last_mut() {
            Some(beat) if beat.said.is_empty() && !own && !asked => beat.said = said,
            _ if said.is_empty() => {}
            _ => scene.beats.push(BeatDraft { line, said, ..pending }),
        }
        Ok(())
    }

    fn speaker(&self, line: u32, cue: &str) -> Result<Id, FountainError> {
        let people = &self.canon.characters;
        match names::person(people, cue) {
            Who::One(person) => Ok(person.id.clone()),
            Who::Many(who) => Err(fault(line, format!("`{}` may be {}; write the whole name", shown(cue), who.join(" or ")))),
            Who::Nobody if people::narrates(people, cue) => Ok(people::narrator()),
            Who::Nobody => {
                let known: Vec<&str> = people.iter().map(|p| p.name.as_str()).collect();
                let near = names::nearest(cue, known.iter().copied());
                let mean = if near.is_empty() { String::new() } else { format!("did you mean {}? ", near.join(" or ")) };
                let message = format!("nobody in canon.toml is called `{}`; {mean}known: {}, NARRATOR", shown(cue), known.join(", "));
                Err(fault(line, message))
            }
        }
    }

    /// Notes of a paragraph, on the pictures it made.
    fn notes(&mut self, element: &Element, from: usize) -> Result<(), FountainError> {
        for note in &element.notes {
            let line = element.line;
            if self.scene_note(line, note)? {
                continue;
            }
            let subjects = |this: &Self, name: &str| this.subject(line, name);
            let (key, value) = note.split_once(':').map_or((note.as_str(), ""), |(k, v)| (k.trim(), v.trim()));
            let mut fact = None;
            let id = match key {
                "id" => Some(Id::new(value).ok().filter(|id| id.len() <= 40).ok_or_else(|| {
                    fault(line, format!("[[id: {}]]: an id has 1 to 40 lower-case letters, digits, `-` and `_`", shown(value)))
                })?),
                "fact" => {
                    let mut words = value.splitn(3, ' ');
                    let (Some(subject), Some(attribute), Some(value)) = (words.next(), words.next(), words.next()) else {
                        return Err(fault(line, format!("[[{}]]: expected `fact: subject attribute value`", shown(note))));
                    };
                    if attribute.is_empty() || !attribute.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
                        let message = format!(
                            "[[{}]]: the attribute `{}` may have lower-case letters, digits and `_`",
                            shown(note),
                            shown(attribute)
                        );
                        return Err(fault(line, message));
                    }
                    fact = Some((line, subjects(self, subject)?, attribute.to_owned(), value.trim().to_owned()));
                    None
                }
                "dies" => {
                    fact = Some((line, subjects(self, value)?, "dead".to_owned(), "true".to_owned()));
                    None
                }
                _ => None,
            };
            let beats = self.scenes.last_mut().map(|s| &mut s.beats);
            let beats = beats.and_then(|b| {
                let n = b.len();
                b.get_mut(from.min(n.saturating_sub(1))..)
            });
            let Some((first, last)) = beats.and_then(|b| match b {
                [] => None,
                [one] => Some((one, None)),
                [first, .., last] => Some((first, Some(last))),
            }) else {
                continue;
            };
            if id.is_some() {
                first.id = id;
            }
            first.title |= key == "title";
            match key {
                "fn" => first.function = Some(variant(line, key, value)?),
                "sound" => first.sounds.push(Id::new(value).map_err(|e| fault(line, format!("[[sound]]: {e}")))?),
                _ => {}
            }
            last.unwrap_or(first).facts.extend(fact);
        }
        Ok(())
    }

    /// What a fact is about: a person, place or thing by name or id, or a word of this world.
    fn subject(&self, line: u32, name: &str) -> Result<String, FountainError> {
        if let Who::One(person) = names::person(&self.canon.characters, name) {
            return Ok(person.id.to_string());
        }
        if let Some(place) = names::same_place(&self.canon.locations, name, words::Side::Unsaid) {
            return Ok(place.id.to_string());
        }
        let known = self.canon.props.iter().map(|p| &p.id).chain(self.canon.facts.iter().map(|f| &f.subject)).any(|id| id.as_str() == name);
        if known {
            Ok(name.to_owned())
        } else {
            Err(fault(line, format!("`{}` is no person, place, thing or word of the canon", shown(name))))
        }
    }

    /// A note on the whole scene; whether it was one.
    fn scene_note(&mut self, line: u32, note: &str) -> Result<bool, FountainError> {
        let Some((key, value)) = note.split_once(':').map(|(k, v)| (k.trim(), v.trim())) else { return Ok(false) };
        let people = |this: &Self| -> Result<Vec<Id>, FountainError> {
            value.split(',').map(str::trim).filter(|n| !n.is_empty()).map(|n| this.speaker(line, n)).collect()
        };
        match key {
            "time" => {
                let day = if value.len() == 10 { format!("{value}T00:00") } else { value.to_owned() };
                StoryTime::try_from(day).map_err(|e| fault(line, format!("[[time]]: {e}")))?;
                if let Some(scene) = self.scenes.last_mut() {
                    scene.at = Some(value.to_owned());
                }
            }
            "weather" | "mood" => {
                let (weather, mood) =
                    if key == "mood" { (None, Some(variant(line, key, value)?)) } else { (Some(variant(line, key, value)?), None) };
                if let Some(scene) = self.scenes.last_mut() {
                    scene.weather = weather.or(scene.weather);
                    scene.mood = mood.or(scene.mood);
                }
            }
            "present" => {
                let who = people(self)?;
                if let Some(scene) = self.scenes.last_mut() {
                    scene.present = Some(who);
                }
            }
            "heard" => {
                let who = people(self)?;
                if let Some(scene) = self.scenes.last_mut() {
                    scene.heard = who;
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn variant<T: serde::de::DeserializeOwned>(line: u32, key: &str, value: &str) -> Result<T, FountainError> {
    let known = match key {
        "mood" => "calm, uneasy, wary, tense, heavy, watchful, tender, hopeful",
        "weather" => "clear, fog, rain, storm, snow",
        _ => "hook, question, pressure, clue, turn, cost, choice, test, climax, payoff, image, last_image",
    };
    words::named(value).ok_or_else(|| fault(line, format!("[[{key}: {}]]: expected one of {known}", shown(value))))
}

/// A user's words in a message, cut.
fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}

/// Every beat gets an id from its own words, so that what is put before or after it renames nothing.
fn name_beats(scenes: &mut [Draft]) -> Result<(), FountainError> {
    let mut used: BTreeSet<Id> = BTreeSet::new();
    for beat in scenes.iter().flat_map(|s| &s.beats) {
        if let Some(id) = &beat.id
            && !used.insert(id.clone())
        {
            return Err(fault(beat.line, format!("[[id: {id}]] stands twice; an id names one picture")));
        }
    }
    for beat in scenes.iter_mut().flat_map(|s| &mut s.beats).filter(|b| b.id.is_none()) {
        let first = beat.said.first().map(|s| s.text.clone()).unwrap_or_default();
        let words = beat.action.clone().unwrap_or(first);
        let short: Vec<&str> = words.split_whitespace().take(3).collect();
        let own = format!("{}-{}", names::id_of(&short.join(" "), 24), Hash::of(words.as_bytes()).short().get(..5).unwrap_or_default());
        let wanted = Id::new(own).map_err(|e| fault(beat.line, e.to_string()))?;
        let mut id = wanted.clone();
        let mut n = 2;
        while !used.insert(id.clone()) {
            id = wanted.child(n).map_err(|e| fault(beat.line, e.to_string()))?;
            n += 1;
        }
        beat.id = Some(id);
    }
    Ok(())
}

fn finish(project: &Project, canon: &Canon, manuscript: &Manuscript, title: String, drafts: Vec<Draft>) -> Result<Built, FountainError> {
    let roll = names::Roll::new(&canon.characters);
    let opens = people::opening(canon, manuscript.number);
    let figure = |id: &Id| canon.characters.iter().find(|c| c.id == *id).and_then(|c| c.look.as_ref()).map(|l| l.figure);
    let mut clock = Clock { now: None, last: BTreeMap::new() };
    let (mut scenes, mut shots, mut planned, mut sheet, mut added) = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::<Fact>::new());
    let last_beat = drafts.last().and_then(|s| s.beats.last()).and_then(|b| b.id.clone());
    let first_beat = drafts.first().and_then(|s| s.beats.first()).and_then(|b| b.id.clone());
    let title_after = drafts.iter().flat_map(|s| &s.beats).find(|b| b.title).and_then(|b| b.id.clone()).or_else(|| first_beat.clone());
    let mut question = None;
    let mut length = 0u64;
    let mut cut = 0;
    for draft in drafts {
        let texts: Vec<Vec<Token>> = draft.beats.iter().map(|b| b.action.as_deref().map(tokens).unwrap_or_default()).collect();
        let acting: Vec<Vec<Id>> = texts.iter().map(|t| roll.named(t)).collect();
        let mut present: Vec<Id> = Vec::new();
        let mut heard = draft.heard.clone();
        for (beat, acting) in draft.beats.iter().zip(&acting) {
            if draft.present.is_none() {
                present.extend(acting.iter().cloned());
            }
            for said in beat.said.iter().filter(|s| s.speaker != people::narrator()) {
                if said.heard { &mut heard } else { &mut present }.push(said.speaker.clone());
            }
        }
        let mut present = unique(draft.present.clone().unwrap_or_default().into_iter().chain(present));
        present.retain(|p| *p != people::narrator());
        let heard: Vec<Id> = unique(heard.into_iter()).into_iter().filter(|h| !present.contains(h) && *h != people::narrator()).collect();
        let (minute, light) = clock.set(&draft, &opens, canon, &present);
        let story_time = time::shift(&time::epoch(), minute - time::minutes(&time::epoch())).map_err(|e| fault(draft.line, e))?;
        let said_words: Vec<String> = texts.iter().flatten().map(|t| t.word.clone()).collect();
        let follows = matches!(draft.when, Some(When::After(_)) | None);
        let before = clock.now.as_ref().filter(|_| follows).map(|(_, _, w, _)| *w);
        let weather = draft.weather.or_else(|| words::weather(&said_words)).or(before).unwrap_or(Weather::Clear);
        let mood = draft.mood.unwrap_or_else(|| words::mood(&said_words, weather, light));
        clock.now = Some((minute, light, weather, draft.place.id.clone()));
        clock.last.extend(present.iter().map(|p| (p.clone(), (minute, draft.place.id.clone()))));
        let mut beats = Vec::new();
        let mut actor: Option<Id> = None;
        for ((beat, text), acting) in draft.beats.into_iter().zip(texts).zip(acting) {
            let id = beat.id.clone().ok_or_else(|| fault(beat.line, "a picture without a name"))?;
            let mut who: Vec<Id> = acting.into_iter().filter(|a| present.contains(a)).collect();
            if who.is_empty() {
                who.extend(pronoun(&text, &present, actor.as_ref(), &figure));
            }
            actor = who.last().cloned().or(actor);
            let plain: Vec<String> = text.iter().map(|t| if t.owner { format!("{}'s", t.word) } else { t.word.clone() }).collect();
            let props = names::things(canon, &draft.place, &text);
            let action = beat.action.map(|text| {
                let verb = words::verb(&plain).filter(|_| !who.is_empty()).unwrap_or(if who.is_empty() { "appear" } else { "be" });
                let weight = match plain.len() {
                    0..=6 => Weight::Quick,
                    7..=20 => Weight::Normal,
                    _ => Weight::Slow,
                };
                Action { text, who: who.clone(), verb: words::id(verb), props, weight }
            });
            let lines = lines(&id, beat.said, mood, &present, &heard, canon).map_err(|e| fault(beat.line, e))?;
            if question.is_none()
                && let Some(line) = lines.iter().find(|l| l.text.trim_end().ends_with('?'))
            {
                question = Some((line.text.clone(), id.clone()));
            }
            let mut sounds = beat.sounds;
            if sounds.is_empty() {
                sounds.extend(words::sounds(&plain).iter().map(|s| words::id(s)));
            }
            let mut effects = Vec::new();
            for (line, subject, attribute, value) in beat.facts {
                let fact = fact(canon, manuscript.number, &added, &story_time, &id, &present, line, subject, attribute, value)?;
                effects.push(fact.id.clone());
                added.push(fact);
            }
            let function = beat.function.unwrap_or_else(|| {
                if Some(&id) == first_beat.as_ref() {
                    BeatFn::Hook
                } else if Some(&id) == last_beat.as_ref() {
                    BeatFn::LastImage
                } else if lines.iter().any(|l| l.text.trim_end().ends_with('?')) {
                    BeatFn::Question
                } else if lines.is_empty() && action.as_ref().is_some_and(|a| a.who.is_empty()) {
                    BeatFn::Image
                } else if action.as_ref().is_some_and(|a| !a.props.is_empty()) {
                    BeatFn::Clue
                } else {
                    BeatFn::Pressure
                }
            });
            shots.extend(hint(&id, beat.camera, beat.transition.filter(|_| length > 0), action.as_ref(), present.len()));
            let mut ms: u64 = lines.iter().map(|l| estimate_ms(&l.text) + 250 + l.hold_before.ms()).sum();
            ms = if ms > 0 { ms + 450 } else { 0 };
            length += ms.max(action.as_ref().map_or(0, |a| a.weight.ms()));
            if length > MAX_FILM_MS && cut == 0 {
                cut = beat.line;
            }
            beats.push(Beat {
                id,
                function,
                action,
                lines,
                line_after_ms: None,
                effects,
                sounds,
                hold_after: contracts::story::Hold::None,
            });
        }
        let ids: Vec<Id> = beats.iter().map(|b| b.id.clone()).collect();
        let what = if draft.what.is_empty() { draft.heading } else { draft.what };
        sheet.push(BeatSheetRow { beat: draft.id.clone(), what, script_beats: ids.clone() });
        planned.push(PlannedScene {
            id: draft.id.clone(),
            location_id: draft.place.id.clone(),
            story_time: story_time.clone(),
            goal: String::new(),
            obstacle: String::new(),
            price: String::new(),
            reversal: String::new(),
            beats: ids,
        });
        scenes.push(Scene {
            id: draft.id,
            location_id: draft.place.id,
            story_time,
            time_of_day: light,
            weather,
            mood,
            present,
            heard,
            beats,
        });
    }
    if length > MAX_FILM_MS {
        let message = format!(
            "the film would last about {} s; at most {} s are made: the picture of this line is the first beyond them",
            length.div_ceil(1000),
            MAX_FILM_MS / 1000
        );
        return Err(fault(cut, message));
    }
    // The dead learn nothing, not even in the minute of their death.
    let deaths: Vec<(Id, StoryTime)> =
        added.iter().filter(|f| f.attribute == "dead").map(|f| (f.subject.clone(), f.from.clone())).collect();
    for fact in &mut added {
        fact.known_by.retain(|who, since| !deaths.iter().any(|(dead, from)| dead == who && *since >= *from));
    }
    let first = first_beat.ok_or_else(|| fault(1, "there is nothing to show"))?;
    let (question, question_beat) = question.unwrap_or_else(|| (String::new(), first.clone()));
    let written = Id::slug("as-written");
    let plan = EpisodePlan {
        project_id: project.id.clone(),
        number: manuscript.number,
        title: title.clone(),
        arc_reference: manuscript.number,
        summary: manuscript.summary(),
        question,
        question_beat,
        answer: String::new(),
        turn: String::new(),
        cost: String::new(),
        forms: Forms { hook: written.clone(), turn: written.clone(), cost: written.clone(), last_image: written },
        scenes: planned,
        beat_sheet: sheet,
        clues: vec![],
        new_facts: added.iter().map(|f| f.id.clone()).collect(),
        unresolved_threads: canon.threads.iter().filter(|t| t.state == ThreadState::Open).map(|t| t.id.clone()).collect(),
    };
    let mut diff = crate::season::no_change(canon, "what the screenplay says becomes true".into(), manuscript.name.clone())
        .map_err(|e| fault(1, e.to_string()))?;
    diff.added = added;
    let script =
        Script { project_id: project.id.clone(), episode: manuscript.number, title, title_after: title_after.unwrap_or(first), scenes };
    Ok(Built { plan, script, diff, shots })
}

fn unique(ids: impl Iterator<Item = Id>) -> Vec<Id> {
    let mut seen = BTreeSet::new();
    ids.filter(|id| seen.insert(id.clone())).collect()
}

/// Who `she`, `he` and `they` are: whoever acted last and fits, else the only one there who does.
fn pronoun(text: &[Token], present: &[Id], actor: Option<&Id>, figure: &dyn Fn(&Id) -> Option<FigureKind>) -> Option<Id> {
    let female = text.iter().take(12).find_map(|t| match t.word.as_str() {
        "she" => Some(true),
        "he" => Some(false),
        _ => None,
    })?;
    let fits = |id: &Id| figure(id).is_some_and(|f| matches!(f, FigureKind::Woman | FigureKind::Girl) == female);
    if let Some(actor) = actor.filter(|a| fits(a)) {
        return Some(actor.clone());
    }
    let mut fitting = present.iter().filter(|p| fits(p));
    fitting.next().filter(|_| fitting.next().is_none()).cloned()
}

fn lines(beat: &Id, said: Vec<Said>, mood: Mood, present: &[Id], heard: &[Id], canon: &Canon) -> Result<Vec<Line>, String> {
    let mut out = Vec::new();
    for (n, said) in said.into_iter().enumerate() {
        let here = |id: &Id| present.contains(id) || heard.contains(id);
        let to = match &said.how.to {
            Some(names) => {
                let found = names.iter().filter_map(|name| match names::person(&canon.characters, name) {
                    Who::One(person) => Some(person.id.clone()),
                    _ => None,
                });
                found.filter(|id| here(id) && *id != said.speaker).collect()
            }
            None if said.speaker == people::narrator() => vec![],
            None => present.iter().filter(|p| **p != said.speaker).cloned().collect(),
        };
        let asks = said.text.trim_end().ends_with('?');
        let shouts = said.text.chars().filter(|c| c.is_alphabetic()).all(|c| !c.is_lowercase()) && said.text.trim_end().ends_with('!');
        out.push(Line {
            id: beat.child(format!("l{}", n + 1)).map_err(|e| e.to_string())?,
            speaker_id: said.speaker,
            to,
            act: Id::slug(if asks { "ask" } else { "tell" }),
            tactic: Id::slug("as-written"),
            emotion: said.how.emotion.unwrap_or_else(|| words::feeling(&said.text, mood)),
            delivery: said.how.delivery.unwrap_or(if shouts { Delivery::Call } else { Delivery::Plain }),
            hold_before: said.how.hold,
            states: vec![],
            echo_seed: None,
            echo_of: None,
            text: said.text,
        });
    }
    Ok(out)
}

#[allow(clippy::too_many_arguments, reason = "everything a fact hangs on, once")]
fn fact(
    canon: &Canon,
    number: u32,
    added: &[Fact],
    at: &StoryTime,
    cause: &Id,
    present: &[Id],
    line: u32,
    subject: String,
    attribute: String,
    value: String,
) -> Result<Fact, FountainError> {
    let value = match attribute.as_str() {
        "location" => names::same_place(&canon.locations, &value, words::Side::Unsaid).map_or(value, |p| p.id.to_string()),
        "holder" => match names::person(&canon.characters, &value) {
            Who::One(person) => person.id.to_string(),
            _ => value,
        },
        _ => value,
    };
    let wanted =
        Id::new(format!("ep{number}-{}", names::id_of(&format!("{subject}-{attribute}"), 48))).map_err(|e| fault(line, e.to_string()))?;
    let taken = |id: &Id| added.iter().chain(&canon.facts).any(|f| f.id == *id);
    let id = std::iter::once(Ok(wanted.clone())).chain((2..100).map(|n| wanted.child(n))).flatten().find(|id| !taken(id));
    let kind = match attribute.as_str() {
        "dead" => FactKind::OneWay,
        "name" | "born" => FactKind::Immutable,
        _ => FactKind::Stateful,
    };
    Ok(Fact {
        id: id.ok_or_else(|| fault(line, format!("{subject} has a hundred facts `{attribute}`")))?,
        known_by: present.iter().map(|p| (p.clone(), at.clone())).collect(),
        subject: Id::new(subject).map_err(|e| fault(line, e.to_string()))?,
        attribute,
        value: value.parse().map_or(FactValue::Text(value), FactValue::Number),
        kind,
        from: at.clone(),
        until: None,
        cause: Some(cause.clone()),
        source: None,
    })
}

/// What camera words ask of a picture; nothing when they ask nothing.
fn hint(beat: &Id, camera: Camera, transition: Option<Transition>, action: Option<&Action>, seen: usize) -> Option<ShotNote> {
    let thing = action.is_some_and(|a| a.who.is_empty() && !a.props.is_empty());
    let framing = match camera.framing {
        // A close look at a thing, or an angle on it, is an insert; an insert of nothing the canon has is a close look.
        Some(Framing::Close | Framing::Medium) if thing => Some(Framing::Insert),
        Some(Framing::Insert) if action.is_none_or(|a| a.props.is_empty()) => Some(Framing::Close),
        other => other,
    };
    // A hint is no order: what this scene cannot show stays with the director.
    let framing = framing.filter(|f| match f {
        Framing::MediumTwo => seen >= 2,
        Framing::Medium | Framing::Close => seen >= 1,
        _ => true,
    });
    let asks = framing.is_some() || camera.movement.is_some() || transition.is_some();
    asks.then(|| ShotNote { at: beat.clone(), library_id: None, framing, length_ms: None, movement: camera.movement, transition })
}

/// The first letter of a picture's words in capitals, shouted words in small letters: `NESSA'S HANDS` → `Nessa's hands`.
pub(super) fn calm(text: &str) -> String {
    let text = text.trim();
    if text.chars().any(char::is_lowercase) { capital(text) } else { capital(&text.to_lowercase()) }
}
