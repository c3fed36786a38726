//! F05: media that is cut, or says what it is not. What accepts a film or a segment must refuse it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use contracts::{EditRate, Hash, render::RenderPlan};
use media::ffmpeg::{Ffmpeg, VideoFormat};
use render::measure::{Film, measure_film};

use crate::run::Tally;
use crate::world::{Golden, World};

/// What accepts media: a whole file, frames at the rate, their number, sound and picture that decode.
struct Gate {
    ffmpeg: Ffmpeg,
    rate: EditRate,
    format: VideoFormat,
    frames: u64,
    sound: bool,
}

impl Gate {
    fn accepts(&self, path: &Path) -> Result<(), String> {
        let video = self.ffmpeg.video(path).map_err(|e| e.to_string())?;
        let counted = video.constant_rate(path, self.rate).map_err(|e| e.to_string())?;
        if counted != self.frames {
            return Err(format!("{counted} frames, {} were planned", self.frames));
        }
        let mut decoder = self.ffmpeg.decode(path, self.format).map_err(|e| e.to_string())?;
        let mut decoded = 0;
        while decoder.next_frame().map_err(|e| e.to_string())?.is_some() {
            decoded += 1;
        }
        if decoded != self.frames {
            return Err(format!("{decoded} frames came out of the decoder, {} were planned", self.frames));
        }
        if self.sound {
            let fetch = |hash: &Hash| Err(format!("{hash} is not asked for").into());
            let film = Film { path, rate: self.rate, sounds: &[], captions: 0 };
            measure_film(film, &self.ffmpeg, &fetch).map_err(|e| e.to_string())?;
        }
        Ok(())
    }
}

pub fn run(world: &World) -> Result<Tally, String> {
    let golden = world.golden()?;
    let dir = world.folder("lies")?;
    let plan: RenderPlan = contracts::read(&golden.files["RenderPlan.json"]).map_err(|e| e.to_string())?;
    let format = VideoFormat { width: plan.canvas.width, height: plan.canvas.height, rate: plan.edit_rate };
    let gate = |frames, sound| -> Result<Gate, String> {
        Ok(Gate { ffmpeg: Ffmpeg::find().map_err(|e| e.to_string())?, rate: plan.edit_rate, format, frames, sound })
    };
    let mut tally = Tally::default();
    let (shortest, segment) = segment(golden, &plan)?;
    let cases = [("film", golden.files["final.mp4"].clone(), gate(plan.total_frames, true)?), ("segment", segment, gate(shortest, false)?)];
    for (what, bytes, gate) in &cases {
        let path = dir.join(format!("{what}.mp4"));
        fs::write(&path, bytes).map_err(|e| e.to_string())?;
        // The gate passes what is whole; otherwise it would prove nothing below.
        gate.accepts(&path).map_err(|why| format!("the uncut {what} is refused: {why}"))?;
        let mut refused = 0;
        for percent in 1..100 {
            fs::write(&path, &bytes[..bytes.len() * percent / 100]).map_err(|e| e.to_string())?;
            let held = gate.accepts(&path).is_err();
            refused += usize::from(held);
            tally.hold(held, || format!("a {what} cut to {percent} % is accepted"));
        }
        tally.note.push_str(&format!("{refused} of 99 cuts of a {what} refused; "));
        // Cut as well, and mended so that every part says a length that fits.
        for percent in (1..100).step_by(7) {
            let Some(mended) = mended(bytes, percent) else { continue };
            fs::write(&path, mended).map_err(|e| e.to_string())?;
            tally.hold(gate.accepts(&path).is_err(), || {
                format!("a {what} whose media is cut to {percent} % and whose lengths are mended is accepted")
            });
        }
        for (lie, bytes) in lies(bytes) {
            fs::write(&path, bytes).map_err(|e| e.to_string())?;
            tally.hold(gate.accepts(&path).is_err(), || format!("a {what} with {lie} is accepted"));
        }
    }
    let (_, film, gate) = &cases[0];
    for (lie, args) in [
        ("its sound dropped", &["-map", "0:v", "-c", "copy"][..]),
        ("its picture dropped", &["-map", "0:a", "-c", "copy"]),
        ("another frame rate", &["-map", "0", "-c", "copy", "-bsf:v", "setts=ts=TS*2"]),
        ("its last second missing", &["-map", "0", "-c", "copy", "-sseof", "-1"]),
    ] {
        let path = remade(&dir, film, args)?;
        tally.hold(gate.accepts(&path).is_err(), || format!("a film with {lie} is accepted"));
    }
    tally.note.truncate(tally.note.trim_end_matches("; ").len());
    Ok(tally)
}

/// The shortest segment: its frames and bytes.
fn segment(golden: &Golden, plan: &RenderPlan) -> Result<(u64, Vec<u8>), String> {
    let output: contracts::render::RenderOutput = contracts::read(&golden.files["RenderOutput.json"]).map_err(|e| e.to_string())?;
    let shortest = plan.shots.iter().zip(&output.segments).min_by_key(|(shot, _)| shot.frames).ok_or("the film has no shots")?;
    let (folder, name) = shortest.1.video.as_str().split_at(2);
    let bytes = fs::read(golden.home.join("objects").join(folder).join(name)).map_err(|e| e.to_string())?;
    Ok((shortest.0.frames, bytes))
}

/// Where a part of this kind begins, and its length.
fn part(bytes: &[u8], kind: &[u8; 4]) -> Option<(usize, usize)> {
    let at = bytes.windows(4).position(|w| w == kind)?.checked_sub(4)?;
    Some((at, u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize))
}

/// The media cut to a part of itself, its length corrected; `None` when it does not stand last.
fn mended(bytes: &[u8], percent: usize) -> Option<Vec<u8>> {
    let (at, length) = part(bytes, b"mdat")?;
    let kept = (length * percent / 100).max(8);
    let mut out = bytes[..at + kept].to_vec();
    out[at..at + 4].copy_from_slice(&(kept as u32).to_be_bytes());
    out.extend_from_slice(bytes.get(at + length..)?);
    Some(out)
}

/// Files that say what is not so.
fn lies(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut found = vec![
        ("nothing in it", Vec::new()),
        ("a page in it", b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>".to_vec()),
        ("only its first part in it", bytes[..32.min(bytes.len())].to_vec()),
    ];
    // A number of 32 bits in the first part of a kind, at an offset from its name.
    let mut lie = |name, kind: &[u8; 4], offset: usize, change: fn(u32) -> u32| {
        let Some((at, _)) = part(bytes, kind) else { return };
        let place = at + 4 + offset..at + 8 + offset;
        let Some(number) = bytes.get(place.clone()).and_then(|b| b.try_into().ok()).map(u32::from_be_bytes) else { return };
        let mut out = bytes.to_vec();
        out[place].copy_from_slice(&change(number).to_be_bytes());
        found.push((name, out));
    };
    lie("a clock of twice the rate", b"mdhd", 16, |n| n * 2);
    lie("one packet more than there are", b"stsz", 12, |n| n + 1);
    lie("one packet less than there are", b"stsz", 12, |n| n.saturating_sub(1));
    lie("longer frames", b"stts", 16, |n| n + 1);
    lie("a first packet that stands elsewhere", b"stco", 12, |n| n + 1);
    lie("two thousand million packets", b"stsz", 12, |_| 2_000_000_000);
    found
}

fn remade(dir: &Path, film: &[u8], args: &[&str]) -> Result<PathBuf, String> {
    let (from, to) = (dir.join("whole.mp4"), dir.join("remade.mp4"));
    fs::write(&from, film).map_err(|e| e.to_string())?;
    // An option of the input stands before it.
    let (before, after): (Vec<&str>, Vec<&str>) = match args.iter().position(|a| *a == "-sseof") {
        Some(_) => (vec!["-t", "1"], args.iter().copied().take_while(|a| *a != "-sseof").collect()),
        None => (Vec::new(), args.to_vec()),
    };
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-nostdin", "-y"]).args(before).arg("-i").arg(&from).args(after).arg(&to);
    let output = command.output().map_err(|e| format!("ffmpeg: {e}"))?;
    if output.status.success() { Ok(to) } else { Err(format!("ffmpeg made no such film: {}", String::from_utf8_lossy(&output.stderr))) }
}
