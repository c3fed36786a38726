//! The film of the workload: shots of five seconds at 24 frames a second, each a picture of 1920×1080 that one of four moves
//! carries over the frame, half a second of dissolve into each but the first, a line spoken and drawn in, music ducked under it.

use std::path::{Path, PathBuf};

use contracts::{
    Document, EditRate, Hash, Id,
    assets::{AssetManifest, Plane},
    package::RenderPackage,
    picture::Canvas,
    project::Aspect,
    render::{Overlay, RenderPlan},
    shots::{ShotList, timing_lock},
};
use serde_json::{Value, json};

use crate::{Options, captions, inner, pictures, sounds};

/// Frames of a shot.
pub const FRAMES: u64 = 120;
/// Frames of a dissolve.
pub const DISSOLVE: u64 = 12;
/// Samples of a shot.
const SAMPLES: u64 = 240_000;
/// A line sounds from 0.6 to 4.6 seconds of its shot.
pub const LINE: (u64, u64) = (28_800, 220_800);

/// The lines, in turn.
pub const LINES: [&str; 6] = [
    "The lamp has been out since the evening tide.",
    "Nobody rows this way at night without a reason.",
    "She counted the steps twice and the second time there was one more.",
    "Keep the rope dry, and keep your voice down.",
    "There was a boat here, the water remembers it.",
    "In the morning they will ask who lit it.",
];

/// The workload on disk.
pub struct Workload {
    /// Where its files are.
    pub folder: PathBuf,
    /// The plan.
    pub plan: RenderPlan,
    /// Its captions as they lie over the picture, and their files.
    pub drawn: (Vec<Overlay>, Vec<PathBuf>),
    /// Pictures, shot by shot.
    pub pictures: Vec<PathBuf>,
    /// What moves by itself over every picture.
    pub inner: Vec<PathBuf>,
    /// Lines, shot by shot.
    pub lines: Vec<PathBuf>,
    /// The music.
    pub music: PathBuf,
    /// Bytes of all pictures.
    pub picture_bytes: u64,
    /// Mean entropy of the pictures, bits a pixel.
    pub entropy: f64,
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    std::fs::write(path, bytes).map_err(|e| format!("{}: {e}", path.display()))
}

/// Makes the workload.
pub fn make(options: &Options) -> Result<Workload, String> {
    let folder = options.work.join("package");
    std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let (mut pictures, mut lines, mut hashes) = (Vec::new(), Vec::new(), Vec::new());
    let (mut picture_bytes, mut entropy) = (0, 0.0);
    for number in 0..options.shots {
        let (png, bits) = pictures::picture(number)?;
        let wav = sounds::line(number, (LINE.1 - LINE.0) as usize)?;
        let (picture, line) = (folder.join(format!("picture-{number:02}.png")), folder.join(format!("line-{number:02}.wav")));
        write(&picture, &png)?;
        write(&line, &wav)?;
        picture_bytes += png.len() as u64;
        entropy += bits / options.shots as f64;
        hashes.push((Hash::of(&png), Hash::of(&wav)));
        pictures.push(picture);
        lines.push(line);
    }
    let score = sounds::music(options.shots * SAMPLES as usize)?;
    let music = folder.join("music.wav");
    write(&music, &score)?;
    let (planes, inner) = if options.motion { inner::planes(canvas(options), &folder)? } else { (Vec::new(), Vec::new()) };
    let plan = plan(options, &hashes, &Hash::of(&score), |n| LINES[n % LINES.len()].to_owned(), &planes)?;
    let sprites = options.work.join("sprites");
    std::fs::create_dir_all(&sprites).map_err(|e| format!("{}: {e}", sprites.display()))?;
    let drawn = captions::drawn(&plan, &sprites)?;
    Ok(Workload { folder, plan, drawn, pictures, inner, lines, music, picture_bytes, entropy })
}

/// The frame.
fn canvas(options: &Options) -> Canvas {
    Canvas::of(Aspect::Wide, if options.standard { 1080 } else { 720 })
}

/// The plan over these pictures and lines, with planes that move by themselves over each picture.
fn plan(
    options: &Options,
    content: &[(Hash, Hash)],
    music: &Hash,
    text: impl Fn(usize) -> String,
    inner: &[Plane],
) -> Result<RenderPlan, String> {
    let Canvas { width, height } = canvas(options);
    let ids: Vec<Id> = (0..content.len()).map(|n| Id::new(format!("shot-{n:02}"))).collect::<Result<_, _>>().map_err(|e| e.to_string())?;
    let lock = timing_lock(EditRate::FILM, ids.iter().map(|id| (id, FRAMES))).map_err(|e| e.to_string())?;
    let shots: Vec<Value> = content
        .iter()
        .zip(&ids)
        .enumerate()
        .map(|(n, ((picture, _), id))| {
            let (kind, amount, thousandths, tracks) = motion(n, width, height);
            let (w, h) = (width * thousandths / 1000, height * thousandths / 1000);
            let start = n as u64 * FRAMES;
            let mut planes = vec![json!({
                "name": "picture", "image": picture, "x": (i64::from(width) - i64::from(w)) / 2, "y": (i64::from(height) - i64::from(h)) / 2,
                "width": w, "height": h, "parallax": 500, "depth": 500, "tracks": tracks
            })];
            planes.extend(inner.iter().map(|plane| json!(plane)));
            json!({
                "shot_id": id, "start_frame": start, "frames": FRAMES, "still": false, "sprites": [], "planes": planes,
                "movement": {"kind": kind, "amount": amount, "easing": "linear"},
                "transition": if n == 0 { json!({"kind": "cut"}) } else { json!({"kind": "dissolve", "frames": DISSOLVE}) },
            })
        })
        .collect();
    let mut plays = vec![json!({
        "need_id": "music", "bus": "music", "audio": music, "start": 0, "samples": content.len() as u64 * SAMPLES, "gain_cb": -900,
        "fade_in": 24_000, "fade_out": 96_000
    })];
    let mut captions = Vec::new();
    for (n, (_, wav)) in content.iter().enumerate() {
        let (start, end) = (n as u64 * SAMPLES + LINE.0, n as u64 * SAMPLES + LINE.1);
        plays.push(json!({
            "need_id": format!("line-{n:02}"), "bus": "voices", "audio": wav, "start": start, "samples": end - start, "gain_cb": 0,
            "fade_in": 0, "fade_out": 0
        }));
        captions.push(json!({
            "line_id": format!("line-{n:02}"), "speaker": "Agnes", "text": text(n), "start": start, "end": end, "words": []
        }));
    }
    let (profile, preset, crf, filter) =
        if options.standard { ("standard_local", "faster", 21, "cubic") } else { ("preview_local", "veryfast", 23, "linear") };
    let rights: serde_json::Map<String, Value> = plays
        .iter()
        .filter_map(|p| p["need_id"].as_str())
        .chain(["picture"])
        .map(|id| (id.to_owned(), json!({"licence": "CC0-1.0", "author": "the bench"})))
        .collect();
    let value = json!({
        "project_id": "bench", "episode": 1, "title": "Bench", "language": "en", "profile": profile, "render_runtime": "ffmpeg",
        "canvas": {"width": width, "height": height}, "edit_rate": "24/1", "timing_lock": lock,
        "total_frames": content.len() as u64 * FRAMES, "encode": {"preset": preset, "crf": crf, "audio_bit_rate": 160_000},
        "filter": filter, "burn_in": "plain", "shots": shots, "sounds": plays, "captions": captions, "chapters": [], "rights": rights,
        "stand_ins": [],
        "mix": {
            "duck_cb": -900, "duck_lookahead_ms": 120, "duck_attack_ms": 180, "duck_release_ms": 600, "loudness_cb": -1600,
            "true_peak_cb": -220
        }
    });
    contracts::document::from_value(value).map_err(|e| e.to_string())
}

/// The four moves of the workload: zoom in, zoom out, pan, zoom in on the way aside. Kind, amount, size of the picture's place
/// in thousandths of the frame, tracks.
fn motion(n: usize, width: u32, height: u32) -> (&'static str, u32, u32, Value) {
    match n % 4 {
        0 => ("push_in", 150, 1000, json!([])),
        1 => ("pull_out", 150, 1020, json!([])),
        2 => ("pan_right", 96, 1120, json!([])),
        _ => {
            let track = |property: &str, from: u32, to: i64| {
                let (from, to) = (i64::from(from) * 2, to);
                json!({"property": property, "easing": "linear", "keys": [{"at_ms": 0, "value": from}, {"at_ms": 5_500, "value": to}]})
            };
            // Thousandths of a pixel: from a little right of the middle to the left, and from below upwards.
            ("push_in", 160, 1040, json!([track("x", width, -i64::from(width) * 14), track("y", height, -i64::from(height) * 12)]))
        }
    }
}

impl Workload {
    /// The same film with one line in other words, spoken anew.
    pub fn edited(&self, options: &Options) -> Result<RenderPlan, String> {
        let number = options.shots / 2;
        let wav = sounds::line(number + 1000, (LINE.1 - LINE.0) as usize)?;
        write(&self.lines[number], &wav)?;
        let mut plan = self.plan.clone();
        plan.captions[number].text = "Stone keeps its own time, and so does the fog.".into();
        plan.sounds[number + 1].audio = Hash::of(&wav);
        Ok(plan)
    }

    /// Writes a package that asks for a plan's film, and says where it is.
    pub fn package(&self, plan: &RenderPlan, key: &str) -> Result<PathBuf, String> {
        let shots: Vec<Value> = plan
            .shots
            .iter()
            .map(|s| {
                let content = json!({"kind": "card", "card": "title", "text": ["Bench"], "small": []});
                json!({
                    "id": s.shot_id, "start_frame": s.start_frame, "frames": s.frames, "content": content, "movement": s.movement,
                    "transition": s.transition
                })
            })
            .collect();
        let list: ShotList = contracts::document::from_value(json!({
            "project_id": plan.project_id, "episode": plan.episode, "edit_rate": plan.edit_rate, "shots": shots, "lines": [], "sounds": [],
            "music": [], "total_frames": plan.total_frames, "timing_lock": plan.timing_lock
        }))
        .map_err(|e| e.to_string())?;
        let ids: Vec<&Id> = plan.shots.iter().map(|s| &s.shot_id).collect();
        let need = |id: &Id| {
            json!({
                "id": id, "tags": [], "used_by": ids,
                "spec": {"kind": "sound", "sound": "line", "samples": SAMPLES, "ambience": false}
            })
        };
        let manifest: AssetManifest = contracts::document::from_value(json!({
            "project_id": plan.project_id, "episode": plan.episode, "timing_lock": plan.timing_lock, "canvas": plan.canvas,
            "needs": plan.rights.keys().map(need).collect::<Vec<_>>()
        }))
        .map_err(|e| e.to_string())?;
        let name = |path: &PathBuf| format!("file:{}", path.file_name().unwrap_or_default().to_string_lossy());
        let media: Vec<String> = self.pictures.iter().chain(&self.inner).chain(&self.lines).chain([&self.music]).map(name).collect();
        let package: RenderPackage = contracts::document::from_value(json!({
            "request_id": "00000000-0000-4000-8000-000000000001", "idempotency_key": key, "tenant_id": "local",
            "render_profile": plan.profile, "desired_outputs": ["video", "captions", "run_summary"],
            "inputs": {
                "shotlist_ref": format!("file:{key}-shots.json"), "asset_manifest_ref": format!("file:{key}-needs.json"),
                "render_plan_ref": format!("file:{key}-plan.json"), "media": media
            }
        }))
        .map_err(|e| e.to_string())?;
        let seal = |name: &str, bytes: Result<(Vec<u8>, Hash), contracts::CanonicalError>| {
            let path = self.folder.join(format!("{key}-{name}.json"));
            write(&path, &bytes.map_err(|e| e.to_string())?.0).map(|()| path)
        };
        seal("shots", list.seal())?;
        seal("needs", manifest.seal())?;
        seal("plan", plan.seal())?;
        seal("package", package.seal())
    }
}
