//! Script → TableRead: every line spoken once; each line is a step of its own, so one changed line misses one line.
//!
//! A person has one voice in a scene: where the first engine cannot speak a line, the next one speaks all that this person
//! says in that scene. A line that no engine can speak stays silent and is recorded; the film is made, and is degraded. An
//! engine that breaks down (a server that is gone) is left for the rest of the run, and the table is read again without it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use contracts::{
    Hash, Id, SAMPLE_RATE,
    notes::Notes,
    story::{Cast, Line, Script, VoiceType},
    table_read::{ReadLine, TableRead, WordMark},
    time::samples_of_ms,
};
use kit::process::System;
use media::{
    speech::{Casting, Engine, Respelled, cast, respell},
    wav,
};
use orchestrator::{Grade, Outputs, StepCx, StepError};
use serde_json::json;

use super::{FnStep, Made, Shop, fault, json, step};
use crate::{failure::Failure, project::ProjectFolder, tools::Tools};

/// A line, and how it is to be spoken.
#[derive(Clone)]
struct Asked {
    scene: Id,
    line: Line,
    voice: VoiceType,
    casting: Casting,
    /// As the engine is to read it, where that differs.
    respelled: Option<Arc<Respelled>>,
}

pub fn run(
    shop: &mut Shop,
    folder: &ProjectFolder,
    script: &Made<Script>,
    cast: &Made<Cast>,
    notes: &Notes,
    tools: &Arc<Tools>,
) -> Result<Made<TableRead>, Failure> {
    let voiced = !tools.speech.is_empty();
    let lexicon = lexicon(&folder.project.pronounce, &notes.pronounce);
    let asked = asked(&script.doc, &cast.doc, if voiced { Some(&lexicon) } else { None });
    let read =
        if voiced { voices(shop, &asked, tools)? } else { all(shop, "table_read", &asked, None).map_err(|broken| *broken.failure)? };
    let table = TableRead { project_id: script.doc.project_id.clone(), episode: script.doc.episode, voiced, lines: read };
    let projection = json(&table);
    shop.document("table_read", Grade::Pinned, projection, move |_| Ok(table.clone()))
}

/// What a person must hear of how the lines were spoken.
pub fn said(read: &TableRead) -> Vec<String> {
    let mut others: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for line in &read.lines {
        if let Some(why) = &line.instead {
            *others.entry((&line.engine, why)).or_default() += 1;
        }
    }
    let lines = |n: u64| if n == 1 { "1 line is".to_owned() } else { format!("{n} lines are") };
    others.into_iter().map(|((engine, why), n)| format!("{} spoken by {engine} in place of the first choice: {why}", lines(n))).collect()
}

/// The project's words, and those of the episode over them.
fn lexicon(project: &BTreeMap<String, String>, episode: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    project.iter().chain(episode).map(|(word, sound)| (word.to_lowercase(), sound.clone())).collect()
}

fn asked(script: &Script, people: &Cast, lexicon: Option<&BTreeMap<String, String>>) -> Vec<Asked> {
    let castings = cast(people.members.iter().map(|m| (&m.id, m.voice.reference)));
    let voice_of = |who: &Id| people.members.iter().find(|m| &m.id == who).map_or(VoiceType::Teller, |m| m.voice.reference);
    script
        .lines()
        .map(|(scene, _, line)| Asked {
            scene: scene.id.clone(),
            line: line.clone(),
            voice: voice_of(&line.speaker_id),
            casting: castings.get(&line.speaker_id).copied().unwrap_or_default(),
            respelled: lexicon.and_then(|sounds| respell(&line.text, sounds)).map(Arc::new),
        })
        .collect()
}

/// Why a stage of lines did not come to its end.
struct Broken {
    failure: Box<Failure>,
    /// What the engine said, when it is the engine that broke down.
    engine: Option<String>,
}

/// Every line by the first engine that works, in the order in which they were chosen; people of a scene in which it cannot speak a
/// line by the next one.
fn voices(shop: &mut Shop, asked: &[Asked], tools: &Arc<Tools>) -> Result<Vec<ReadLine>, Failure> {
    let ready: Vec<&str> = tools.speech.iter().map(Engine::name).collect();
    let order = tools.choosing()?.voices(&ready)?;
    let stage = |k: usize| if k == 0 { "table_read".to_owned() } else { format!("table_read_{}", k + 1) };
    let mut broken_down = None;
    let mut k = 0;
    let mut read = loop {
        match all(shop, &stage(k), asked, order.get(k).map(|at| (tools, *at))) {
            Ok(read) => break read,
            Err(Broken { engine: Some(why), .. }) if k + 1 < order.len() => {
                broken_down = Some(format!("{} broke down: {why}", tools.speech[order[k]].name()));
                k += 1;
            }
            Err(broken) => return Err(*broken.failure),
        }
    };
    read.iter_mut().for_each(|line| line.instead.clone_from(&broken_down));
    for (other, engine) in order.iter().enumerate().skip(k + 1) {
        let group = |at: usize| (asked[at].scene.clone(), asked[at].line.speaker_id.clone());
        let mut reasons: BTreeMap<(Id, Id), String> = BTreeMap::new();
        for (at, line) in read.iter().enumerate() {
            if let Some(why) = &line.unspoken {
                reasons.entry(group(at)).or_insert_with(|| why.clone());
            }
        }
        if reasons.is_empty() {
            break;
        }
        let places: Vec<usize> = (0..asked.len()).filter(|at| reasons.contains_key(&group(*at))).collect();
        let again: Vec<Asked> = places.iter().map(|at| asked[*at].clone()).collect();
        let spoken = match all(shop, &stage(other), &again, Some((tools, *engine))) {
            Ok(spoken) => spoken,
            // Whoever stands in and breaks down leaves things as they were.
            Err(Broken { engine: Some(_), .. }) => continue,
            Err(broken) => return Err(*broken.failure),
        };
        let silent = |lines: &mut dyn Iterator<Item = (usize, &ReadLine)>| -> BTreeMap<(Id, Id), u64> {
            let mut counts = BTreeMap::new();
            for (at, line) in lines {
                *counts.entry(group(at)).or_default() += u64::from(line.unspoken.is_some());
            }
            counts
        };
        let before = silent(&mut places.iter().map(|at| (*at, &read[*at])));
        let after = silent(&mut places.iter().copied().zip(&spoken));
        let better: BTreeSet<(Id, Id)> = reasons.keys().filter(|g| after.get(*g) < before.get(*g)).cloned().collect();
        for (at, mut line) in places.into_iter().zip(spoken) {
            if better.contains(&group(at)) {
                line.instead = reasons.get(&group(at)).cloned();
                read[at] = line;
            }
        }
    }
    Ok(read)
}

/// All these lines by one engine, or on cards.
fn all(shop: &mut Shop, stage: &str, asked: &[Asked], by: Option<(&Arc<Tools>, usize)>) -> Result<Vec<ReadLine>, Broken> {
    let broken: Arc<OnceLock<String>> = Arc::default();
    let works = asked.iter().map(|one| work(one, by, &broken)).collect();
    let results = shop.all(stage, works).map_err(|failure| Broken { failure: Box::new(failure), engine: broken.get().cloned() })?;
    let read = results.iter().map(|r| serde_json::from_value(r.outputs.facts.clone()).map_err(Failure::internal));
    read.collect::<Result<_, _>>().map_err(|failure| Broken { failure: Box::new(failure), engine: None })
}

fn work(asked: &Asked, by: Option<(&Arc<Tools>, usize)>, broken: &Arc<OnceLock<String>>) -> FnStep {
    let Asked { line, voice, casting, respelled, .. } = asked.clone();
    let Some((tools, k)) = by.map(|(tools, k)| (Arc::clone(tools), k)) else {
        let projection = json!({"line_id": line.id, "speaker_id": line.speaker_id, "text": line.text, "voiced": false});
        return step(line.id.to_string(), "speak", Grade::Pure, projection, move |_| Ok(Outputs::new().with_facts(json(&silent(&line)))));
    };
    let engine = &tools.speech[k];
    let mut projection = json!({
        "line_id": line.id, "speaker_id": line.speaker_id, "text": line.text, "voice": json(&voice), "voiced": true,
        "pitch_cents": casting.pitch_cents, "rate_pm": casting.rate_pm, "engine": Hash::of(engine.fingerprint().as_bytes()),
    });
    // Only a line that holds a respelled word is spoken again.
    if let Some(respelled) = &respelled {
        projection["spoken"] = json!(respelled.text);
    }
    let grade = if engine.repeats() { Grade::Pinned } else { Grade::Recorded };
    let broken = Arc::clone(broken);
    step(line.id.to_string(), "speak", grade, projection, move |cx| {
        speak(cx, &tools.speech[k], &line, voice, casting, respelled.as_deref(), &broken)
    })
}

fn speak(
    cx: &StepCx,
    engine: &Engine,
    line: &Line,
    voice: VoiceType,
    casting: Casting,
    respelled: Option<&Respelled>,
    broken: &OnceLock<String>,
) -> Result<Outputs, StepError> {
    let spoken = match engine.speak(&System, respelled.map_or(&line.text, |r| &r.text), voice, casting) {
        Ok(spoken) => spoken,
        // Asked again it would fail again: that is a result, and kept as one.
        Err(error) if error.lasts() => {
            let read = ReadLine { unspoken: Some(error.to_string()), ..silent(line) };
            return Ok(Outputs::new().with_facts(json(&read)));
        }
        Err(error) => {
            let _ = broken.set(error.to_string());
            return Err(fault(error));
        }
    };
    let audio = cx.put_bytes(&wav::write(SAMPLE_RATE as u32, 1, &spoken.samples).map_err(fault)?)?;
    let read = ReadLine {
        line_id: line.id.clone(),
        speaker_id: line.speaker_id.clone(),
        text: line.text.clone(),
        engine: spoken.engine,
        voice: spoken.voice,
        samples: spoken.samples.len() as u64,
        audio: Some(audio.hash.clone()),
        words: match respelled {
            Some(respelled) => respelled.as_written(&line.text, &spoken.words),
            None => spoken.words,
        },
        mouth: spoken.mouth,
        unspoken: None,
        instead: None,
    };
    Ok(Outputs::new().with("audio", audio).with_facts(json(&read)))
}

/// A line that is read on a card: 15 characters a second after a moment to find it (at most 20 are readable).
fn silent(line: &Line) -> ReadLine {
    // However long it takes: what no card can hold for eight seconds is laid on several.
    let samples = samples_of_ms((700 + line.text.chars().count() as u64 * 1000 / 15).max(1_400));
    let texts: Vec<&str> = line.text.split_whitespace().collect();
    let letters: u64 = texts.iter().map(|t| t.chars().count() as u64 + 1).sum();
    let mut at = 0;
    let words = texts
        .iter()
        .map(|text| {
            let start = samples * at / letters.max(1);
            at += text.chars().count() as u64 + 1;
            WordMark { text: (*text).to_owned(), start, end: samples * at / letters.max(1) }
        })
        .collect();
    ReadLine {
        line_id: line.id.clone(),
        speaker_id: line.speaker_id.clone(),
        text: line.text.clone(),
        engine: "none".into(),
        voice: "none".into(),
        samples,
        audio: None,
        words,
        mouth: Vec::new(),
        unspoken: None,
        instead: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_episode_outranks_the_project_on_how_a_word_is_said() {
        let words = |list: &[(&str, &str)]| list.iter().map(|(w, s)| ((*w).to_owned(), (*s).to_owned())).collect::<BTreeMap<_, _>>();
        let both = lexicon(&words(&[("Combs", "koomz"), ("Tobias", "to bye us")]), &words(&[("combs", "kohmz")]));
        assert_eq!(both, words(&[("combs", "kohmz"), ("tobias", "to bye us")]));
        assert_eq!(respell("Combs and Tobias.", &both).map(|r| r.text).as_deref(), Some("kohmz and to bye us."));
    }

    #[test]
    fn what_another_engine_spoke_is_said_once_with_its_reason() {
        let line = |n: u32, instead: Option<&str>| ReadLine {
            line_id: Id::slug(&format!("l{n}")),
            speaker_id: Id::slug("mara"),
            text: "Cold.".into(),
            engine: "flite".into(),
            voice: "slt".into(),
            samples: 1,
            audio: None,
            words: Vec::new(),
            mouth: Vec::new(),
            unspoken: None,
            instead: instead.map(str::to_owned),
        };
        let lines = vec![line(1, None), line(2, Some("it refused")), line(3, Some("it refused"))];
        let read = TableRead { project_id: Id::slug("p"), episode: 1, voiced: true, lines };
        assert_eq!(said(&read), ["2 lines are spoken by flite in place of the first choice: it refused"]);
    }
}
