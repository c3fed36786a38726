//! The film → RenderOutput: decoded, measured, judged. Success is said of this file and of nothing else (law 9).

use std::sync::Arc;

use contracts::{
    Hash,
    canon::Verdict,
    project::Safety,
    promise::GateStage,
    render::{Bus, Measured, PlannedSound, RenderOutput, RenderPlan, Segment},
};
use gates::{
    promise::{Cut, Measure},
    safety::Point,
};
use orchestrator::{Grade, Outputs};
use render::measure::{Film, measure_film};
use serde_json::json;

use super::{
    Made, Shop, fault,
    join::Joined,
    json,
    proposal::Promised,
    shots::{Shot, Sound},
    step,
};
use crate::{failure::Failure, gated, pledge, tell::Told, tools::Tools};

/// What a film should say.
pub struct Said {
    /// The text of every line, in order.
    pub lines: Vec<String>,
    /// How many of them must be heard: all but those nobody could speak, or none in a film without voices.
    pub spoken: u64,
    /// What it was promised to be, and for whom; nothing where no proposal stands behind it.
    pub kept: Option<Kept>,
}

/// What a finished film is held to beside its plan.
pub struct Kept {
    /// The promise.
    pub promised: Promised,
    /// Its cuts, as they were composed.
    pub cuts: Vec<Cut>,
    /// Who watches.
    pub safety: Safety,
    /// What its cards say, with the shots they stand in.
    pub cards: Vec<(String, String)>,
}

impl Kept {
    /// Judges the finished film: the promise on what was measured, and every text that a viewer meets.
    fn judge(&self, shop: &mut Shop, output: &RenderOutput, plan: &RenderPlan, shown: &[String]) -> (Verdict, Result<(), Failure>) {
        let promise = self.promised.pledge.rendered(output, plan, &self.cuts);
        shop.gates.note("promise.rendered", GateStage::Post, &promise);
        let cuts = pledge::measured(&self.cuts, &output.segments);
        shop.gates.outcomes.extend(self.promised.pledge.outcomes("rendered", &cuts, Measure::Decoded));
        let mut texts = vec![("the film's title".to_owned(), plan.title.as_str())];
        texts.extend(plan.chapters.iter().map(|c| (format!("chapter at frame {}", c.start_frame), c.title.as_str())));
        texts.extend(plan.captions.iter().flat_map(|c| [c.speaker.as_str(), c.text.as_str()].map(|text| (c.line_id.to_string(), text))));
        texts.extend(shown.iter().enumerate().map(|(n, text)| (format!("caption {}", n + 1), text.as_str())));
        texts.extend(self.cards.iter().map(|(shot, text)| (shot.clone(), text.as_str())));
        for (need, rights) in &plan.rights {
            let words = [Some(&rights.author), rights.attribution.as_ref()];
            texts.extend(words.into_iter().flatten().map(|text| (format!("credit of {need}"), text.as_str())));
        }
        let verdict = gated::texts(&self.safety, Point::Output, texts);
        (promise, shop.gates.safety("", Point::Output, verdict))
    }
}

impl Said {
    /// Asked of the story itself: a plan that forgot a line must not pass.
    pub fn of_story(story: &Told) -> Self {
        let lines: Vec<String> = story.script.doc.lines().map(|(_, _, line)| line.text.clone()).collect();
        // A line that no engine could speak is recorded as such, and not listened for.
        let spoken = if story.read.doc.voiced { lines.len() as u64 - story.read.doc.unspoken() } else { 0 };
        Self { lines, spoken, kept: None }
    }

    /// Where there is a plan and no story: what it shows, and what it plays.
    pub fn of_plan(plan: &RenderPlan) -> Self {
        let lines = plan.captions.iter().map(|c| c.text.clone()).collect();
        Self { kept: None, lines, spoken: plan.sounds.iter().filter(|s| s.bus == Bus::Voices).count() as u64 }
    }
}

pub fn run(
    shop: &mut Shop,
    said: &Said,
    plan: &Made<RenderPlan>,
    shots: &[Shot],
    sound: &Sound,
    joined: &Joined,
    tools: &Arc<Tools>,
) -> Result<Made<RenderOutput>, Failure> {
    let segments: Vec<Segment> = shots.iter().map(|s| s.segment.clone()).collect();
    let mut measured = measure(shop, plan, joined, tools)?;
    let captions = joined.captions.get("srt").ok_or_else(|| Failure::internal("no captions"))?;
    let shown = shop.registry.blobs().get_bytes(captions).map_err(Failure::damaged)?;
    // What is judged is the file.
    let cues = render::captions::read_srt(&String::from_utf8_lossy(&shown));
    measured.caption_ms = cues.iter().map(|c| c.end_ms.saturating_sub(c.start_ms)).sum();
    let shown: Vec<String> = cues.iter().map(|c| c.lines.join(" ")).collect();
    let form: Vec<gates::captions::Shown> = cues
        .iter()
        .map(|c| gates::captions::Shown {
            start_ms: c.start_ms,
            end_ms: c.end_ms,
            columns: c.lines.iter().map(|l| render::captions::columns(l)).collect(),
        })
        .collect();
    let mut verdicts = gates::film::film(&gates::film::Finished {
        plan: &plan.doc,
        segments: &segments,
        measured: &measured,
        lines: &said.lines,
        captions: &shown,
        spoken: said.spoken,
    });
    verdicts.push(gates::captions::captions(&form));
    verdicts.push(gates::rights::rights(&plan.doc.rights));
    for verdict in &verdicts {
        shop.gates.note(format!("film.{}", verdict.gate), GateStage::Post, verdict);
    }
    let film_gates = verdicts.len();
    let mut output = RenderOutput {
        project_id: plan.doc.project_id.clone(),
        episode: plan.doc.episode,
        render_plan: plan.hash.clone(),
        timing_lock: plan.doc.timing_lock.clone(),
        terms: plan.doc.terms.clone(),
        film: joined.film.clone(),
        captions: joined.captions.clone(),
        contact_sheet: joined.contact_sheet.clone(),
        mix: sound.mix.mix.clone(),
        soundtrack: Some(sound.track.clone()),
        stems: sound.mix.stems.clone(),
        segments,
        measured,
        verdicts,
    };
    let mut refused = None;
    if let Some(kept) = &said.kept {
        let (promise, safe) = kept.judge(shop, &output, &plan.doc, &shown);
        // What was made is written whatever its gates say, with their answers in it.
        refused = safe.and_then(|()| kept.promised.hold(&promise)).err();
        output.verdicts.push(promise);
        output.verdicts.extend(shop.gates.safe());
    }
    let made = shop.document("publish", Grade::Pinned, json(&output), move |_| Ok(output.clone()))?;
    if let Some(refused) = refused {
        return Err(refused);
    }
    let found: Vec<String> = made.doc.verdicts[..film_gates]
        .iter()
        .flat_map(|v| &v.findings)
        .filter(|f| f.blocks)
        .map(|f| format!("[{}] {}", f.code, f.message))
        .collect();
    if found.is_empty() {
        Ok(made)
    } else {
        Err(Failure::blocked(
            format!("the film is not what was planned: {}", found.join("; ")),
            "this is worth a report: the film was not published",
        ))
    }
}

fn measure(shop: &mut Shop, plan: &Made<RenderPlan>, joined: &Joined, tools: &Arc<Tools>) -> Result<Measured, Failure> {
    let voices: Vec<PlannedSound> = plan.doc.sounds.iter().filter(|s| s.bus == Bus::Voices).cloned().collect();
    let captions = plan.doc.captions.len() as u64;
    let projection = json!({
        "film": joined.film, "rate": json(&plan.doc.edit_rate), "voices": json(&voices), "captions": captions, "decoder": tools.encoder_fingerprint()?,
    });
    let (film, rate, tools) = (joined.film.clone(), plan.doc.edit_rate, Arc::clone(tools));
    let work = step("measure", "measure", Grade::Pinned, projection, move |cx| {
        let fetch = |hash: &Hash| super::mix::source(cx, hash);
        let path = cx.path_of(&film)?;
        let measured = measure_film(Film { path: &path, rate, sounds: &voices, captions }, &tools.ffmpeg, &fetch).map_err(fault)?;
        Ok(Outputs::new().with_facts(json(&measured)))
    });
    let result = shop.one("publish", work)?;
    serde_json::from_value(result.outputs.facts).map_err(Failure::internal)
}
