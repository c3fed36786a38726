//! `reel frame RUN T`: one exact frame of a film as a picture.

use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command};
use contracts::EditRate;
use kit::files::{Files, SystemFiles};
use media::image::encode_rgb;
use serde_json::json;

use super::{Offer, Report, Verb, run_arg, runs::with_registry, text};
use crate::{
    failure::Failure,
    finished::Finished,
    storyboard::{Board, Documents, frames_a_second, timecode},
};

pub const VERB: Verb = Verb { name: "frame", about: "Take one exact frame out of a film, as a PNG", args, offer: Offer::Shows("out"), run };

/// What a moment may look like.
const FORMS: &str = "give seconds `12.5s`, milliseconds `12500ms`, a frame `300f`, a timecode `00:00:12:12`, or a shot: \
                     `sc01-b02-s1` for its middle, `sc01-b02-s1+10f` for its frame 10";

fn args(command: Command) -> Command {
    command
        .arg(run_arg("The id of a run, its folder, or `latest`").required(true))
        .arg(
            Arg::new("at").value_name("T").required(true).help(
                "12.5s, 12500ms, 300f (from 0), a timecode 00:00:12:12, or a shot id for its middle; sc01-b02-s1+10f is its frame 10",
            ),
        )
        .arg(super::out_arg("F.png", "Where it goes (default: RUN-FRAME.png here)"))
}

fn run(args: &ArgMatches) -> Result<Report, Failure> {
    with_registry(|registry, runtime| {
        let run = Finished::find(registry, runtime, &text(args, "run").unwrap_or_default())?;
        let documents = Documents::of(&run)?;
        let board = Board::of(&documents);
        let number = moment(&board, &text(args, "at").unwrap_or_default())?;
        let panel = board.at(number).ok_or_else(|| Failure::internal(format!("no shot shows frame {number}")))?;
        let frame = run.frames(&documents.plan, &[number])?.remove(&number);
        let frame = frame.ok_or_else(|| Failure::internal(format!("frame {number} was not decoded")))?;
        let png = encode_rgb(frame.width as u32, frame.height as u32, &frame.rgb()).map_err(Failure::internal)?;
        let named = args.get_one::<PathBuf>("out").cloned();
        let path = named.unwrap_or_else(|| PathBuf::from(format!("{}-{number:06}.png", run.summary.run_id)));
        SystemFiles::new().write_atomic(&path, &png).map_err(|e| Failure::unwritable(&path, e))?;
        let sample = board.rate.samples_at(number);
        let line = documents.plan.captions.iter().find(|c| (c.start..c.end).contains(&sample));
        let (time, inside) = (timecode(board.rate, number), number - panel.start_frame);
        let mut told = format!(
            "{}\nframe {number} of {}, {time}: shot {} ({}), its frame {inside} of {}\n",
            path.display(),
            board.frames,
            panel.shot_id,
            panel.framing,
            panel.frames
        );
        if let Some(line) = line {
            told.push_str(&format!("  {}: {}  [{}]\n", line.speaker, line.text, line.line_id));
        }
        let shown = std::path::absolute(&path).unwrap_or_else(|_| path.clone()).display().to_string();
        let mut answer = json!({
            "run_id": run.summary.run_id, "file": shown, "frame": number, "frames": board.frames, "timecode": time, "ms": board.rate.ms(number),
            "shot_id": panel.shot_id, "frame_in_shot": inside, "width": frame.width, "height": frame.height,
        });
        if let Some(line) = line {
            answer["line"] = json!({"line_id": line.line_id, "speaker": line.speaker, "text": line.text});
        }
        Ok(Report::new(answer, told))
    })
}

/// The frame that shows at a moment.
fn moment(board: &Board, given: &str) -> Result<u64, Failure> {
    let unclear = || Failure::usage(format!("`{given}` is no moment of a film"), FORMS);
    let shot = |id: &str| board.panels.iter().find(|p| p.shot_id.as_str() == id);
    let frame = if let Some(panel) = shot(given) {
        panel.start_frame + panel.frames / 2
    } else if let Some((id, offset)) = given.rsplit_once('+') {
        let Some(panel) = shot(id) else { return Err(no_shot(board, id)) };
        let offset: u64 = whole(offset.strip_suffix('f').unwrap_or_default()).ok_or_else(unclear)?;
        if offset >= panel.frames {
            return Err(Failure::usage(
                format!("{id} has no frame {offset}: it has {} frames", panel.frames),
                format!("give +0f to +{}f", panel.frames - 1),
            ));
        }
        panel.start_frame + offset
    } else if let Some(ms) = given.strip_suffix("ms").and_then(whole) {
        at_ms(board.rate, ms, 1_000)
    } else if let Some(frame) = given.strip_suffix('f').and_then(whole) {
        frame
    } else if let Some((number, scale)) = given.strip_suffix('s').and_then(decimal) {
        at_ms(board.rate, number, scale)
    } else if given.contains(':') {
        code(board.rate, given).ok_or_else(unclear)?
    } else if given.starts_with("sc") || given.contains('-') {
        return Err(no_shot(board, given));
    } else {
        return Err(unclear());
    };
    if frame < board.frames {
        return Ok(frame);
    }
    let last = board.frames.saturating_sub(1);
    Err(Failure::usage(
        format!("`{given}` is frame {frame}; the film has {} frames", board.frames),
        format!(
            "give 0f to {last}f, that is 0s to {}.{:03}s or 00:00:00:00 to {}",
            board.rate.ms(last) / 1000,
            board.rate.ms(last) % 1000,
            timecode(board.rate, last)
        ),
    ))
}

fn no_shot(board: &Board, id: &str) -> Failure {
    let ids: Vec<&str> = board.panels.iter().map(|p| p.shot_id.as_str()).collect();
    Failure::usage(format!("the film has no shot `{}`", id.escape_debug()), format!("its shots are {}", ids.join(", ")))
}

/// The frame that shows after `number` parts of a second, `scale` of which make one. No float: a frame is exact.
fn at_ms(rate: EditRate, number: u64, scale: u64) -> u64 {
    let frame = u128::from(number) * u128::from(rate.num) / (u128::from(rate.den) * u128::from(scale));
    u64::try_from(frame).unwrap_or(u64::MAX)
}

fn whole(text: &str) -> Option<u64> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().unwrap_or(u64::MAX))
}

/// `12.5` as 125 tenths.
fn decimal(text: &str) -> Option<(u64, u64)> {
    let (before, after) = text.split_once('.').unwrap_or((text, ""));
    let digits = whole(before).is_some() && (after.is_empty() != text.contains('.')) && after.bytes().all(|b| b.is_ascii_digit());
    // Beyond nine decimals no frame is told from another.
    let after = after.get(..9).unwrap_or(after);
    (digits && before.len() <= 9).then(|| Some((format!("{before}{after}").parse().ok()?, 10_u64.pow(after.len() as u32))))?
}

/// `hours:minutes:seconds:frames`.
fn code(rate: EditRate, text: &str) -> Option<u64> {
    let parts: Vec<u64> = text.split(':').map(|p| if p.len() <= 2 { whole(p) } else { None }).collect::<Option<_>>()?;
    let &[h, m, s, f] = parts.as_slice() else { return None };
    (m < 60 && s < 60 && f < frames_a_second(rate)).then_some(((h * 60 + m) * 60 + s) * frames_a_second(rate) + f)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storyboard::Panel;
    use contracts::{Hash, Id, picture::Canvas};

    fn board(rate: EditRate) -> Board {
        let panel = |number: usize, id: &str, start_frame, frames| Panel {
            number,
            shot_id: Id::new(id).expect("an id"),
            scene_id: None,
            start_frame,
            frames,
            picture: start_frame,
            purpose: None,
            framing: String::new(),
            movement: String::new(),
            transition: None,
            place: None,
            who: Vec::new(),
            action: String::new(),
            lines: Vec::new(),
            sounds: Vec::new(),
            music: None,
            stand_in: false,
        };
        Board {
            title: "t".into(),
            project_id: Id::slug("p"),
            episode: 1,
            canvas: Canvas { width: 64, height: 36 },
            rate,
            frames: 400,
            lock: Hash::of(b""),
            panels: vec![panel(1, "sc01-b01-s1", 0, 100), panel(2, "sc01-b02-s1", 100, 300)],
        }
    }

    #[test]
    fn every_form_names_its_exact_frame() {
        let film = board(EditRate::FILM);
        for (given, frame) in [
            ("0s", 0),
            ("12.5s", 300),
            ("12500ms", 300),
            ("300f", 300),
            ("00:00:12:12", 300),
            ("sc01-b01-s1", 50),
            ("sc01-b02-s1", 250),
            ("sc01-b02-s1+10f", 110),
            ("16.62s", 398),
            ("16.6249999999s", 398),
            ("16.625s", 399),
            ("0.0416s", 0),
            ("0.0417s", 1),
        ] {
            assert_eq!(moment(&film, given).map_err(|e| e.message), Ok(frame), "{given}");
        }
        let ntsc = board(EditRate { num: 30_000, den: 1001 });
        assert_eq!((moment(&ntsc, "1s").ok(), moment(&ntsc, "00:00:01:00").ok()), (Some(29), Some(30)));
    }

    #[test]
    fn what_is_no_moment_of_the_film_is_refused_with_the_range() {
        let film = board(EditRate::FILM);
        for given in [
            "",
            "s",
            "f",
            "-1s",
            "1e3s",
            "1..2s",
            ".5s",
            "5.s",
            "12",
            "00:00:61:00",
            "0:0:0:24",
            "1:2:3",
            "sc01-b02-s1+s",
            "+10f",
            "99999999999999999999s",
            "\u{0}",
        ] {
            assert!(moment(&film, given).is_err(), "{given:?}");
        }
        let late = moment(&film, "99999999999999999999999f").expect_err("late");
        assert!(late.hint.contains("399f") && late.hint.contains("16.625s") && late.hint.contains("00:00:16:15"), "{}", late.hint);
        let late = moment(&film, "16.667s").expect_err("late");
        assert!(late.message.contains("frame 400"), "{}", late.message);
        let shot = moment(&film, "sc09-b01-s1").expect_err("no shot");
        assert!(shot.hint.contains("sc01-b02-s1"));
        assert!(moment(&film, "sc01-b01-s1+100f").expect_err("past the shot").hint.contains("+99f"));
    }
}
