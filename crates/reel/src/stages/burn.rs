//! RenderPlan → captions drawn into the picture, when the plan asks for it. Each caption is a step of its own, keyed by its
//! words, its look and the fonts it takes, and never by when it stands: a line that moves is not drawn again.

use std::collections::BTreeMap;
use std::sync::Arc;

use contracts::{
    EditRate, Hash,
    render::{BurnIn, Overlay, RenderPlan},
    time::samples_of_ms,
};
use craft::{captions::Letters, frame::Margins};
use media::image;
use orchestrator::{Grade, Outputs};
use render::captions::{Cue, Screen, cues_within};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{FnStep, Made, Shop, fault, json, step};
use crate::{
    failure::Failure,
    fonts::{Fonts, SCRIPTS, script_of},
};

/// Between two words less than this long, the first stands out until the second does, milliseconds.
const PAUSE_MS: u64 = 350;

/// A drawn caption, or one of its states.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Drawn {
    image: Hash,
    x: i32,
    y: i32,
    width: u32,
    height: u32,
}

/// The screen that a plan's captions are laid out for.
pub fn screen(plan: &RenderPlan) -> Screen {
    let safe = Margins::title(plan.canvas).within(plan.canvas);
    let (side, bottom) = (safe.x.max(0) as u32, (plan.canvas.height as i32 - safe.bottom()).max(0) as u32);
    Screen { canvas: plan.canvas, side, bottom }
}

/// Draws the captions of a plan. Without `burn_in` there is nothing to do, and no step.
pub fn run(shop: &mut Shop, plan: &Made<RenderPlan>) -> Result<Vec<Overlay>, Failure> {
    let Some(look) = plan.doc.burn_in else { return Ok(Vec::new()) };
    let screen = screen(&plan.doc);
    let cues = cues_within(&plan.doc.captions, screen.columns());
    let texts = || cues.iter().flat_map(|c| c.lines.iter().map(String::as_str));
    let fonts = Fonts::of(texts(), &plan.doc.language);
    gate(&fonts.missing(texts()))?;
    let mut known: BTreeMap<Vec<Hash>, Arc<Letters>> = BTreeMap::new();
    let works = cues.iter().map(|cue| {
        let chosen = fonts.for_text(&cue.lines.join(" "));
        let hashes: Vec<Hash> = chosen.iter().map(|c| c.hash.clone()).collect();
        let letters = known.entry(hashes.clone()).or_insert_with(|| Arc::new(fonts.letters(&chosen)));
        work(cue, look, &screen, &hashes, Arc::clone(letters))
    });
    let works = works.collect();
    let results = shop.all("burn", works)?;
    let mut overlays = Vec::new();
    for (cue, result) in cues.iter().zip(results) {
        let drawn: Vec<Drawn> = serde_json::from_value(result.outputs.facts).map_err(Failure::internal)?;
        overlays.extend(placed(cue, &drawn, plan.doc.edit_rate, plan.doc.total_frames));
    }
    Ok(overlays)
}

/// A letter that no font has would be left out of the picture: nothing is drawn before that is mended.
fn gate(missing: &std::collections::BTreeSet<String>) -> Result<(), Failure> {
    if missing.is_empty() {
        return Ok(());
    }
    let some: Vec<String> = missing.iter().take(12).map(|c| format!("`{c}`")).collect();
    let more = if missing.len() > some.len() { format!(" and {} more", missing.len() - some.len()) } else { String::new() };
    let scripts: std::collections::BTreeSet<usize> = missing.iter().flat_map(|c| c.chars()).map(script_of).collect();
    let packages: std::collections::BTreeSet<&str> = scripts.iter().filter_map(|s| SCRIPTS.get(*s)).map(|s| s.package).collect();
    let names: Vec<&str> = scripts.iter().filter_map(|s| SCRIPTS.get(*s)).map(|s| s.name).collect();
    let packages: Vec<&str> = packages.into_iter().collect();
    Err(Failure::glyphs(
        format!("no font here has {}{more} ({}), and the captions are to be drawn into the picture", some.join(", "), names.join("; ")),
        &packages,
    ))
}

fn work(cue: &Cue, look: BurnIn, screen: &Screen, fonts: &[Hash], letters: Arc<Letters>) -> FnStep {
    let words: Vec<(usize, usize, usize)> = cue.words.iter().map(|w| (w.line, w.from, w.to)).collect();
    let (lines, canvas, size, from_right) = (cue.lines.clone(), screen.canvas, screen.size(), cue.from_right);
    // Where words begin changes only what stands out.
    let marks = if look == BurnIn::Highlight { words } else { Vec::new() };
    let projection = json!({
        "lines": lines, "words": json(&marks), "from_right": from_right, "canvas": json(&canvas), "size": size, "look": json(&look), "fonts": json(fonts),
    });
    let grade = if fonts.is_empty() { Grade::Pure } else { Grade::Pinned };
    step(format!("{}-{}", cue.line_id, cue.part), "burn", grade, projection, move |cx| {
        let caption = craft::captions::Caption { lines: &lines, words: &marks, from_right, canvas, size, look };
        let mut outputs = Outputs::new();
        let mut drawn = Vec::new();
        for sprite in craft::captions::draw(&letters, &caption) {
            let (width, height) = (sprite.pixels.width, sprite.pixels.height);
            let png = image::encode(&image::Image { width, height, rgba: sprite.pixels.rgba }).map_err(fault)?;
            let stored = cx.put_bytes(&png)?;
            drawn.push(Drawn { image: stored.hash.clone(), x: sprite.x, y: sprite.y, width, height });
            outputs.files.insert(stored.hash.to_string(), stored);
        }
        Ok(outputs.with_facts(json(&drawn)))
    })
}

/// The states of a caption in the frames of the film: each frame shows one of them, none before its word.
fn placed(cue: &Cue, drawn: &[Drawn], rate: EditRate, total: u64) -> Vec<Overlay> {
    let frame = |sample: u64| rate.frames_to_hold(sample).min(total);
    let (start, end) = (frame(cue.start), frame(cue.end));
    // From a frame on, this state: 0 is the one in which no word stands out.
    let mut states: Vec<(u64, usize)> = vec![(start, 0)];
    if drawn.len() == cue.words.len() + 1 {
        for (k, word) in cue.words.iter().enumerate() {
            states.push((frame(word.start).clamp(start, end), k + 1));
            let next = cue.words.get(k + 1).map_or(u64::MAX, |next| next.start);
            if next.saturating_sub(word.end) > samples_of_ms(PAUSE_MS) {
                states.push((frame(word.end).clamp(start, end), 0));
            }
        }
    }
    let mut overlays: Vec<Overlay> = Vec::new();
    for (at, &(from, state)) in states.iter().enumerate() {
        let until = states.get(at + 1).map_or(end, |next| next.0);
        let Some(picture) = drawn.get(state).filter(|_| until > from) else { continue };
        let Drawn { image, x, y, width, height } = picture.clone();
        overlays.push(Overlay { image, x, y, width, height, start_frame: from, frames: until - from });
    }
    overlays
}

#[cfg(test)]
mod tests {
    use super::*;
    use contracts::Id;
    use render::captions::CueWord;

    fn cue(words: &[(u64, u64)]) -> Cue {
        let word = |(k, (start, end)): (usize, &(u64, u64))| CueWord {
            line: 0,
            from: k,
            to: k + 1,
            start: samples_of_ms(*start),
            end: samples_of_ms(*end),
        };
        Cue {
            line_id: Id::slug("l"),
            part: 1,
            speaker: String::new(),
            lines: vec!["x".into()],
            from_right: false,
            words: words.iter().enumerate().map(word).collect(),
            start: samples_of_ms(1_000),
            end: samples_of_ms(3_000),
        }
    }

    fn shown(cue: &Cue, states: usize) -> Vec<(u8, u64, u64)> {
        let drawn: Vec<Drawn> = (0..states).map(|k| Drawn { image: Hash::of(&[k as u8]), x: 0, y: 0, width: 1, height: 1 }).collect();
        let state = |hash: &Hash| (0..9u8).find(|k| Hash::of(&[*k]) == *hash).expect("a state");
        placed(cue, &drawn, EditRate::FILM, 60).iter().map(|o| (state(&o.image), o.start_frame, o.frames)).collect()
    }

    #[test]
    fn every_frame_of_a_caption_shows_one_state_and_no_word_stands_out_early() {
        assert_eq!(shown(&cue(&[(1_000, 1_400)]), 1), [(0, 24, 36)]);
        // A short breath does not let go of the word; a long one does, and so does the end of speech.
        let spoken = cue(&[(1_020, 1_300), (1_400, 1_500), (2_000, 2_100)]);
        assert_eq!(shown(&spoken, 4), [(0, 24, 1), (1, 25, 9), (2, 34, 2), (0, 36, 12), (3, 48, 3), (0, 51, 9)]);
        let frames: u64 = shown(&spoken, 4).iter().map(|s| s.2).sum();
        assert_eq!(frames, 36);
    }

    #[test]
    fn a_caption_some_frames_later_is_the_same_some_frames_later() {
        // 7 frames are no whole number of milliseconds; the first word begins on a frame.
        let mut spoken = cue(&[(1_000, 1_300), (1_417, 1_500), (2_000, 2_100)]);
        spoken.end = samples_of_ms(2_200);
        let mut later = spoken.clone();
        let by = 7 * 2_000;
        (later.start, later.end) = (later.start + by, later.end + by);
        later.words.iter_mut().for_each(|w| (w.start, w.end) = (w.start + by, w.end + by));
        let moved: Vec<_> = shown(&spoken, 4).into_iter().map(|(state, from, frames)| (state, from + 7, frames)).collect();
        assert_eq!(shown(&later, 4), moved);
    }
}
