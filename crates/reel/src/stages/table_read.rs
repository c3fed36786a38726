//! Script → TableRead: every line spoken once; each line is a step of its own, so one changed line misses one line.

use std::sync::Arc;

use contracts::{
    SAMPLE_RATE,
    notes::Notes,
    story::{Cast, Line, Script, VoiceType},
    table_read::{ReadLine, TableRead, WordMark},
    time::samples_of_ms,
};
use kit::process::System;
use media::{speech::respell, wav};
use orchestrator::Grade;
use serde_json::json;

use super::{Made, Shop, Work, fault, json};
use crate::{failure::Failure, tools::Tools};

pub fn run(
    shop: &mut Shop,
    script: &Made<Script>,
    cast: &Made<Cast>,
    notes: &Notes,
    tools: &Arc<Tools>,
) -> Result<Made<TableRead>, Failure> {
    let voiced = tools.speech.is_some();
    let fingerprint = tools.speech_fingerprint();
    let lines: Vec<(Line, VoiceType)> = script
        .doc
        .lines()
        .map(|(_, _, line)| {
            let voice = cast.doc.members.iter().find(|m| m.id == line.speaker_id).map_or(VoiceType::Teller, |m| m.voice.reference);
            (line.clone(), voice)
        })
        .collect();
    let works = lines
        .iter()
        .map(|(line, voice)| {
            let (tools, line, voice) = (Arc::clone(tools), line.clone(), *voice);
            // Only a line that holds a respelled word is spoken again.
            let respelled = voiced.then(|| respell(&line.text, &notes.pronounce)).flatten();
            let mut projection = json!({"line_id": line.id, "speaker_id": line.speaker_id, "text": line.text, "voice": json(&voice), "voiced": voiced, "engine": fingerprint});
            if let Some(respelled) = &respelled {
                projection["spoken"] = json!(respelled.text);
            }
            Work::new(line.id.to_string(), "speak", Grade::Pinned, projection, move |cx| {
                let read = match &tools.speech {
                    None => silent(&line),
                    Some(engine) => {
                        let spoken = engine.speak(&System, respelled.as_ref().map_or(&line.text, |r| &r.text), voice).map_err(fault)?;
                        let audio = cx.put_bytes(&wav::write(SAMPLE_RATE as u32, 1, &spoken.samples).map_err(fault)?)?;
                        let read = ReadLine {
                            line_id: line.id.clone(),
                            speaker_id: line.speaker_id.clone(),
                            text: line.text.clone(),
                            engine: spoken.engine,
                            voice: spoken.voice,
                            samples: spoken.samples.len() as u64,
                            audio: Some(audio.hash.clone()),
                            words: match &respelled {
                                Some(respelled) => respelled.as_written(&line.text, &spoken.words),
                                None => spoken.words,
                            },
                            mouth: spoken.mouth,
                        };
                        return Ok(orchestrator::Outputs::new().with("audio", audio).with_facts(json(&read)));
                    }
                };
                Ok(orchestrator::Outputs::new().with_facts(json(&read)))
            })
        })
        .collect();
    let results = shop.all("table_read", works)?;
    let read = results
        .iter()
        .map(|r| serde_json::from_value(r.outputs.facts.clone()).map_err(Failure::internal))
        .collect::<Result<Vec<ReadLine>, _>>()?;
    let table = TableRead { project_id: script.doc.project_id.clone(), episode: script.doc.episode, voiced, lines: read };
    let projection = json(&table);
    shop.document("table_read", Grade::Pinned, projection, move |_| Ok(table.clone()))
}

/// A line that is read on a card: 15 characters a second after a moment to find it (at most 20 are readable).
fn silent(line: &Line) -> ReadLine {
    // A card stands half a second longer than its line, and no shot lasts eight seconds.
    let samples = samples_of_ms((700 + line.text.chars().count() as u64 * 1000 / 15).clamp(1_400, 7_400));
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
    }
}
