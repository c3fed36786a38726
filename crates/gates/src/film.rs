//! The gate of a finished film: what was decoded and measured against what was planned (law 9: judge the product).

use contracts::{
    canon::{Finding, Verdict},
    render::{Bus, Measured, PlannedShot, PlannedSound, RenderPlan, Segment},
    shots::{DipColour, Transition, timing_lock},
};

use crate::verdict::{blocks, verdict, warns};

/// Loudness may miss its target by this many hundredths of a LU (EBU R 128 asks for ±1.0 in live work).
const LOUDNESS_TOLERANCE_CB: i32 = 100;
/// Ceiling of the decoded sound, hundredths of dBTP.
const TRUE_PEAK_CB: i32 = -100;
/// A frozen run shorter than this many milliseconds is a held breath, not a fault.
const FREEZE_MS: u64 = 1_500;
/// A voiced film that is silent for longer than this many milliseconds is worth a look: a sound may be missing.
const SILENCE_MS: u64 = 5_000;
/// Music under a voice must step back by at least this much, hundredths of a decibel.
const DUCK_CB: i32 = -300;
/// Voices must be measured in this share of the lines.
const HEARD_PERCENT: u64 = 95;

/// A finished film, and what it should be.
#[derive(Clone, Copy, Debug)]
pub struct Finished<'a> {
    /// What was planned.
    pub plan: &'a RenderPlan,
    /// The shots as they were encoded and decoded again, in order.
    pub segments: &'a [Segment],
    /// The film as it was decoded.
    pub measured: &'a Measured,
    /// The text of every line of the script, in order.
    pub lines: &'a [String],
    /// What the caption files say, in order.
    pub captions: &'a [String],
    /// Lines that must be heard: all of them, or none in a film without voices.
    pub spoken: u64,
}

/// Judges a film.
pub fn film(film: &Finished<'_>) -> Vec<Verdict> {
    let Finished { plan, segments, measured, lines, captions, spoken } = *film;
    vec![
        frames(plan, segments, measured),
        pictures(plan, segments),
        loudness(plan, measured),
        silence(measured, spoken),
        voices(plan, measured, spoken),
        caption_text(lines, captions),
    ]
}

fn frames(plan: &RenderPlan, segments: &[Segment], measured: &Measured) -> Verdict {
    let mut found = Vec::new();
    let lock = timing_lock(plan.edit_rate, plan.shots.iter().map(|s| (&s.shot_id, s.frames)));
    if !lock.is_ok_and(|lock| lock == plan.timing_lock) {
        found.push(blocks("film.timing_lock", "the plan's shots are not those that were locked", &[]));
    }
    if measured.frames != plan.total_frames {
        found.push(blocks("film.frames", format!("the film has {} frames, {} were planned", measured.frames, plan.total_frames), &[]));
    }
    if segments.len() != plan.shots.len() {
        found.push(blocks("film.segments", format!("{} segments for {} shots", segments.len(), plan.shots.len()), &[]));
    }
    for (shot, segment) in plan.shots.iter().zip(segments) {
        if shot.frames != segment.frames || shot.shot_id != segment.shot_id {
            let message =
                format!("{} decodes to {} frames, {} were planned for {}", segment.shot_id, segment.frames, shot.frames, shot.shot_id);
            found.push(blocks("film.shot_frames", message, &[shot.shot_id.as_str()]));
        }
    }
    verdict("frames", found)
}

fn pictures(plan: &RenderPlan, segments: &[Segment]) -> Verdict {
    let mut found = Vec::new();
    for (shot, segment) in plan.shots.iter().zip(segments) {
        let planned_black = match shot.transition {
            Transition::FromBlack { frames } | Transition::Dip { frames, colour: DipColour::Black } => frames,
            _ => 0,
        };
        if segment.black_frames > planned_black {
            let message = format!("{} shows {} black frames, {} were planned", shot.shot_id, segment.black_frames, planned_black);
            found.push(blocks("film.black", message, &[shot.shot_id.as_str()]));
        }
        let freeze = plan.edit_rate.ms(segment.longest_freeze);
        if !shot.still && freeze > FREEZE_MS {
            let message = format!("{} stands still for {} ms, and it was planned to move", shot.shot_id, freeze);
            found.push(blocks("film.frozen", message, &[shot.shot_id.as_str()]));
        }
        let (planned, seen) = segment.caption_frames;
        if seen < planned {
            let message = format!("{}: what lies over it is seen in {seen} of {planned} frames", shot.shot_id);
            found.push(blocks("film.overlay_unseen", message, &[shot.shot_id.as_str()]));
        }
        let warns = |code: &str, message: String| Finding { blocks: false, ..blocks(code, message, &[shot.shot_id.as_str()]) };
        // A motion may be hidden by what stands before it, or too small to be seen: that is no fault of the film.
        if moves(shot) && !segment.moving {
            found.push(warns("film.still", format!("{} was planned to move by itself, and measures still", shot.shot_id)));
        }
        if segment.held_frames > 0 {
            let message = format!("the clip of {} is too short: its last frame stands for {} frames", shot.shot_id, segment.held_frames);
            found.push(warns("film.clip_short", message));
        }
    }
    verdict("pictures", found)
}

/// Whether something in a shot should move by itself once its transition is over.
fn moves(shot: &PlannedShot) -> bool {
    // A cue back to the bare picture changes nothing in a shot that shows no other state.
    let states = shot.sprites.iter().any(|cue| !cue.state.is_empty());
    let planned = shot.clip.is_some() || states || shot.planes.iter().any(|p| p.sway.is_some() || !p.tracks.is_empty());
    planned && shot.frames > shot.transition.frames() + 1
}

fn loudness(plan: &RenderPlan, measured: &Measured) -> Verdict {
    let mut found = Vec::new();
    let target = plan.mix.loudness_cb;
    // A film that was planned without a sound has no loudness to miss.
    if !plan.sounds.is_empty() && (measured.loudness_cb - target).abs() > LOUDNESS_TOLERANCE_CB {
        let message = format!(
            "loudness is {} LUFS, {} ±{} was planned",
            decibels(measured.loudness_cb),
            decibels(target),
            decibels(LOUDNESS_TOLERANCE_CB)
        );
        found.push(blocks("film.loudness", message, &[]));
    }
    if measured.true_peak_cb > TRUE_PEAK_CB {
        let message =
            format!("the decoded true peak is {} dBTP, the ceiling is {}", decibels(measured.true_peak_cb), decibels(TRUE_PEAK_CB));
        found.push(blocks("film.true_peak", message, &[]));
    }
    if measured.clipped_samples > 0 {
        let message = format!("{} samples of the decoded sound are at or beyond full scale", measured.clipped_samples);
        found.push(blocks("film.clipped", message, &[]));
    }
    verdict("loudness", found)
}

/// Warns: a story may fall silent, and who made it should know how long.
fn silence(measured: &Measured, spoken: u64) -> Verdict {
    let mut found = Vec::new();
    if spoken > 0 && measured.longest_silence_ms > SILENCE_MS {
        let message = format!("nothing sounds for {} ms; more than {SILENCE_MS} ms is rarely meant", measured.longest_silence_ms);
        found.push(warns("film.silence", message, &[]));
    }
    verdict("silence", found)
}

fn voices(plan: &RenderPlan, measured: &Measured, spoken: u64) -> Verdict {
    let mut found = Vec::new();
    let end = |s: &PlannedSound| s.start.saturating_add(s.samples);
    let on = |bus| plan.sounds.iter().filter(move |s| s.bus == bus);
    let under = on(Bus::Music).find(|music| on(Bus::Voices).any(|voice| music.start < end(voice) && voice.start < end(music)));
    if let Some(music) = under.filter(|_| plan.mix.duck_cb > DUCK_CB) {
        let message = format!(
            "music sounds under voices and steps back by {} dB, at least {} were due",
            decibels(-plan.mix.duck_cb),
            decibels(-DUCK_CB)
        );
        found.push(blocks("film.ducking", message, &[music.need_id.as_str()]));
    }
    if measured.lines_planned != spoken {
        let message = format!("{spoken} lines were spoken, {} were listened for", measured.lines_planned);
        found.push(blocks("film.voices", message, &[]));
    }
    if measured.lines_heard * 100 < measured.lines_planned * HEARD_PERCENT {
        let message = format!("a voice was measured in {} of {} lines", measured.lines_heard, measured.lines_planned);
        found.push(blocks("film.voices", message, &[]));
    }
    verdict("voices", found)
}

fn caption_text(script: &[String], captions: &[String]) -> Verdict {
    // A line may end inside what has no spaces, and a file's end of line is one: letters are compared, and told by their words.
    let letters = |texts: &[String]| {
        let words = texts.iter().flat_map(|t| t.split_whitespace().map(str::to_owned)).enumerate();
        // A word joiner is what keeps text text in caption files, and nobody sees the author's own.
        let seen = |c: &char| !c.is_control() && *c != '\u{2060}';
        words.flat_map(|(n, w)| w.chars().filter(seen).map(|c| (c, n)).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    let (said, shown) = (letters(script), letters(captions));
    let mut found = Vec::new();
    if let Some(at) = (0..said.len().max(shown.len())).find(|&i| said.get(i).map(|l| l.0) != shown.get(i).map(|l| l.0)) {
        let word = |all: &[(char, usize)]| {
            let number = all.get(at).map(|l| l.1);
            let word: String = all.iter().filter(|l| Some(l.1) == number).map(|l| l.0).collect();
            if word.is_empty() { "nothing".to_owned() } else { format!("`{word}`") }
        };
        let number = said.get(at).map_or_else(|| said.last().map_or(1, |l| l.1 + 2), |l| l.1 + 1);
        let message = format!("word {number} of the script is {}, the captions say {}", word(&said), word(&shown));
        found.push(blocks("film.captions", message, &[]));
    }
    verdict("captions", found)
}

/// Hundredths as a decimal, `-16.00`.
fn decibels(hundredths: i32) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", hundredths.abs() / 100, hundredths.abs() % 100)
}

#[cfg(test)]
mod tests {
    use contracts::canon::Finding;

    use super::*;

    /// A film of one shot in which everything is as planned.
    fn judged(change: impl FnOnce(&mut Measured, &mut Segment, &mut Vec<String>)) -> Vec<String> {
        codes(48, change)
    }

    fn codes(frames: u64, change: impl FnOnce(&mut Measured, &mut Segment, &mut Vec<String>)) -> Vec<String> {
        found(|plan| plan.shots[0].frames = frames, change).into_iter().filter(|f| f.blocks).map(|f| f.code).collect()
    }

    /// What is found when the plan is changed after its timing was locked, or what came of it.
    fn found(replan: impl FnOnce(&mut RenderPlan), change: impl FnOnce(&mut Measured, &mut Segment, &mut Vec<String>)) -> Vec<Finding> {
        let sound = |id: &str, bus: &str, start: u64| {
            serde_json::json!({
                "need_id": id, "bus": bus, "audio": "0".repeat(64), "start": start, "samples": 48_001, "gain_cb": 0, "fade_in": 0,
                "fade_out": 0
            })
        };
        let mut plan: RenderPlan = contracts::document::from_value(serde_json::json!({
            "project_id": "p", "episode": 1, "title": "T", "language": "en", "profile": "preview_local", "render_runtime": "ffmpeg",
            "canvas": {"width": 64, "height": 36}, "edit_rate": "24/1", "timing_lock": "0".repeat(64), "total_frames": 48,
            "encode": {"preset": "veryfast", "crf": 23, "audio_bit_rate": 160000},
            "shots": [{
                "shot_id": "s1", "start_frame": 0, "frames": 48, "planes": [], "movement": {"kind": "push_in", "amount": 30},
                "transition": {"kind": "from_black", "frames": 8}, "sprites": [], "still": false
            }],
            "sounds": [sound("music", "music", 0), sound("voice", "voices", 48_000)], "captions": [], "chapters": [], "rights": {}, "stand_ins": [],
            "mix": {
                "duck_cb": -900, "duck_lookahead_ms": 120, "duck_attack_ms": 180, "duck_release_ms": 600, "loudness_cb": -1600,
                "true_peak_cb": -220
            }
        }))
        .expect("a plan");
        plan.timing_lock = timing_lock(plan.edit_rate, plan.shots.iter().map(|s| (&s.shot_id, s.frames))).expect("a lock");
        replan(&mut plan);
        let mut segment: Segment = contracts::document::from_value(serde_json::json!({
            "shot_id": "s1", "video": "0".repeat(64), "frames": 48, "composed": "0".repeat(64), "black_frames": 8, "longest_freeze": 36
        }))
        .expect("a segment");
        let mut measured = Measured {
            frames: 48,
            duration_ms: 2_000,
            loudness_cb: -1_700,
            true_peak_cb: -100,
            lines_heard: 19,
            lines_planned: 20,
            captions: 20,
            caption_ms: 2_000,
            longest_silence_ms: 0,
            clipped_samples: 0,
            bytes: 1,
        };
        let lines: Vec<String> = (0..20).map(|n| format!("line number {n}")).collect();
        let mut captions = lines.clone();
        change(&mut measured, &mut segment, &mut captions);
        let film = Finished {
            plan: &plan,
            segments: &[segment],
            measured: &measured,
            lines: &lines,
            captions: &captions,
            spoken: lines.len() as u64,
        };
        super::film(&film).into_iter().flat_map(|v| v.findings).collect()
    }

    #[test]
    fn a_film_at_the_edge_of_what_was_planned_passes_and_one_step_further_does_not() {
        assert!(judged(|_, _, _| ()).is_empty());
        assert_eq!(judged(|m, _, _| m.frames = 47), ["film.frames"]);
        assert_eq!(codes(47, |_, s, _| s.frames = 47), ["film.timing_lock"]);
        assert_eq!(judged(|_, s, _| s.frames = 47), ["film.shot_frames"]);
        assert_eq!(judged(|_, s, _| s.black_frames = 9), ["film.black"]);
        assert_eq!(judged(|_, s, _| s.longest_freeze = 37), ["film.frozen"]);
        assert!(judged(|_, s, _| s.caption_frames = (20, 20)).is_empty());
        assert_eq!(judged(|_, s, _| s.caption_frames = (20, 19)), ["film.overlay_unseen"]);
        // A short clip is told and blocks nothing.
        assert!(judged(|_, s, _| s.held_frames = 3).is_empty());
        assert_eq!(judged(|m, _, _| m.loudness_cb = -1_701), ["film.loudness"]);
        assert_eq!(judged(|m, _, _| m.true_peak_cb = -99), ["film.true_peak"]);
        assert_eq!(judged(|m, _, _| m.lines_heard = 18), ["film.voices"]);
        assert_eq!(judged(|_, _, c| c.swap(3, 4)), ["film.captions"]);
        assert_eq!(judged(|_, _, c| drop(c.pop())), ["film.captions"]);
        assert_eq!(judged(|_, _, c| c.push("more".into())), ["film.captions"]);
        assert!(judged(|_, _, c| c[3] = "li ne number\n3".into()).is_empty(), "a line may be broken where it has no space");
        assert!(judged(|_, _, c| c[3] = "line num\u{2060}ber 3".into()).is_empty());
    }

    #[test]
    fn a_clipped_sound_blocks_a_silence_warns_and_a_film_without_sound_has_no_loudness() {
        assert_eq!(judged(|m, _, _| m.clipped_samples = 1), ["film.clipped"]);
        let said = |ms| found(|_| (), |m, _, _| m.longest_silence_ms = ms).into_iter().map(|f| (f.code, f.blocks)).collect::<Vec<_>>();
        assert!(said(5_000).is_empty());
        assert_eq!(said(5_001), [("film.silence".to_owned(), false)]);
        found(
            |_| (),
            |m, _, _| {
                m.longest_silence_ms = 5_001;
                assert!(super::silence(m, 0).findings.is_empty(), "nobody was to speak");
            },
        );
        let quiet = |m: &mut Measured, _: &mut Segment, _: &mut Vec<String>| (m.loudness_cb, m.true_peak_cb) = (-7_000, -12_000);
        assert!(found(|p| p.sounds.clear(), quiet).is_empty());
        assert_eq!(found(|_| (), quiet)[0].code, "film.loudness");
    }

    #[test]
    fn a_shot_that_was_to_move_and_is_still_is_told_and_one_that_shows_a_single_state_was_not_to_move() {
        let cue = |state: &str| {
            let cue = serde_json::json!({"plane": "ida", "group": "mouth", "state": state, "frame": 20});
            found(|plan| plan.shots[0].sprites = vec![serde_json::from_value(cue).expect("a cue")], |_, _, _| ())
        };
        let said = |found: Vec<Finding>| found.into_iter().map(|f| (f.code, f.blocks)).collect::<Vec<_>>();
        assert_eq!(said(cue("mouth:open")), [("film.still".to_owned(), false)]);
        assert!(cue("").is_empty());
    }

    #[test]
    fn music_that_does_not_step_back_under_a_voice_blocks() {
        let codes = |replan: fn(&mut RenderPlan)| found(replan, |_, _, _| ()).into_iter().map(|f| f.code).collect::<Vec<_>>();
        assert!(codes(|p| p.mix.duck_cb = -300).is_empty());
        assert_eq!(codes(|p| p.mix.duck_cb = -299), ["film.ducking"]);
        // Apart by a sample there is nothing to step back from.
        assert!(codes(|p| (p.mix.duck_cb, p.sounds[0].samples) = (0, 48_000)).is_empty());
    }

    #[test]
    fn a_spoken_film_that_listened_for_no_voice_is_refused() {
        assert_eq!(judged(|m, _, _| (m.lines_heard, m.lines_planned) = (0, 0)), ["film.voices"]);
    }
}
