//! The gate of a finished film: what was decoded and measured against what was planned (law 9: judge the product).

use contracts::{
    Id,
    canon::{Finding, Verdict},
    render::{Measured, RenderPlan, Segment},
};

/// Loudness may miss its target by this many hundredths of a LU (EBU R 128 asks for ±1.0 in live work).
const LOUDNESS_TOLERANCE_CB: i32 = 100;
/// Ceiling of the decoded sound, hundredths of dBTP.
const TRUE_PEAK_CB: i32 = -100;
/// A frozen run shorter than this many milliseconds is a held breath, not a fault.
const FREEZE_MS: u64 = 1_500;
/// Voices must be measured in this share of the lines.
const HEARD_PERCENT: u64 = 95;

/// Judges a film. `script_text` is the text of every line in order, `caption_text` what the caption files say.
pub fn film(plan: &RenderPlan, segments: &[Segment], measured: &Measured, script_text: &[String], caption_text: &[String]) -> Vec<Verdict> {
    vec![
        frames(plan, segments, measured),
        pictures(plan, segments),
        loudness(plan, measured),
        voices(measured),
        captions(script_text, caption_text),
    ]
}

fn verdict(gate: &str, findings: Vec<Finding>) -> Verdict {
    let gate = Id::slug(gate);
    Verdict { gate, pass: !findings.iter().any(|f| f.blocks), findings }
}

fn blocks(code: &str, message: String, sources: Vec<String>) -> Finding {
    Finding { code: code.into(), message, sources, blocks: true }
}

fn frames(plan: &RenderPlan, segments: &[Segment], measured: &Measured) -> Verdict {
    let mut found = Vec::new();
    if measured.frames != plan.total_frames {
        found.push(blocks("film.frames", format!("the film has {} frames, {} were planned", measured.frames, plan.total_frames), vec![]));
    }
    if segments.len() != plan.shots.len() {
        found.push(blocks("film.segments", format!("{} segments for {} shots", segments.len(), plan.shots.len()), vec![]));
    }
    for (shot, segment) in plan.shots.iter().zip(segments) {
        if shot.frames != segment.frames || shot.shot_id != segment.shot_id {
            let message =
                format!("{} decodes to {} frames, {} were planned for {}", segment.shot_id, segment.frames, shot.frames, shot.shot_id);
            found.push(blocks("film.shot_frames", message, vec![shot.shot_id.to_string()]));
        }
    }
    verdict("frames", found)
}

fn pictures(plan: &RenderPlan, segments: &[Segment]) -> Verdict {
    let mut found = Vec::new();
    for (shot, segment) in plan.shots.iter().zip(segments) {
        let planned_black = match shot.transition {
            contracts::shots::Transition::FromBlack { frames } => frames,
            _ => 0,
        };
        if segment.black_frames > planned_black {
            let message = format!("{} shows {} black frames, {} were planned", shot.shot_id, segment.black_frames, planned_black);
            found.push(blocks("film.black", message, vec![shot.shot_id.to_string()]));
        }
        let freeze = plan.edit_rate.ms(segment.longest_freeze);
        if !shot.still && freeze > FREEZE_MS {
            let message = format!("{} stands still for {} ms, and it was planned to move", shot.shot_id, freeze);
            found.push(blocks("film.frozen", message, vec![shot.shot_id.to_string()]));
        }
    }
    verdict("pictures", found)
}

fn loudness(plan: &RenderPlan, measured: &Measured) -> Verdict {
    let mut found = Vec::new();
    let target = plan.mix.loudness_cb;
    if (measured.loudness_cb - target).abs() > LOUDNESS_TOLERANCE_CB {
        let message = format!(
            "loudness is {} LUFS, {} ±{} was planned",
            decibels(measured.loudness_cb),
            decibels(target),
            decibels(LOUDNESS_TOLERANCE_CB)
        );
        found.push(blocks("film.loudness", message, vec![]));
    }
    if measured.true_peak_cb > TRUE_PEAK_CB {
        let message =
            format!("the decoded true peak is {} dBTP, the ceiling is {}", decibels(measured.true_peak_cb), decibels(TRUE_PEAK_CB));
        found.push(blocks("film.true_peak", message, vec![]));
    }
    verdict("loudness", found)
}

fn voices(measured: &Measured) -> Verdict {
    let mut found = Vec::new();
    if measured.lines_heard * 100 < measured.lines_planned * HEARD_PERCENT {
        let message = format!("a voice was measured in {} of {} lines", measured.lines_heard, measured.lines_planned);
        found.push(blocks("film.voices", message, vec![]));
    }
    verdict("voices", found)
}

fn captions(script: &[String], captions: &[String]) -> Verdict {
    let words = |texts: &[String]| texts.iter().flat_map(|t| t.split_whitespace().map(str::to_owned)).collect::<Vec<_>>();
    let (said, shown) = (words(script), words(captions));
    let mut found = Vec::new();
    if let Some(at) = (0..said.len().max(shown.len())).find(|&i| said.get(i) != shown.get(i)) {
        let word = |w: Option<&String>| w.map_or_else(|| "nothing".to_owned(), |w| format!("`{w}`"));
        let message = format!("word {} of the script is {}, the captions say {}", at + 1, word(said.get(at)), word(shown.get(at)));
        found.push(blocks("film.captions", message, vec![]));
    }
    verdict("captions", found)
}

/// Hundredths as a decimal, `-16.00`.
fn decibels(hundredths: i32) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", hundredths.abs() / 100, hundredths.abs() % 100)
}
