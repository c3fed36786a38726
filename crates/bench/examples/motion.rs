//! Composes frames of painted places as the renderer plays them, in one sheet a place:
//! `cargo run --release -p bench --example motion -- OUTDIR [PART-OF-NAME] [MILLISECONDS-BETWEEN-FRAMES] [SHORT-SIDE]`.
//! For eyes: the tests judge what can be counted.
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "an example that shows pictures; nothing depends on its files")]

use std::{collections::BTreeMap, env, path::Path};

use contracts::{
    EditRate, Hash, Id,
    assets::Plane,
    picture::{BackgroundSpec, Canvas, CardSpec, FigureSpec, InsertSpec},
    project::Aspect,
    render::RenderPlan,
};
use craft::paint::{self, PaintedPlane};
use media::image;
use render::{
    compositor::Planes,
    player::{NoClips, Player, Sources},
    sheet::contact_sheet,
    timeline::lower,
};
use serde_json::{Value, json};

fn place(family: &str, look: &str, hour: &str, weather: &str, lit: bool) -> Value {
    let id: String = look.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    json!({
        "location_id": id, "family": family, "look": look, "time_of_day": hour, "weather": weather, "mood": "calm", "style": "paper",
        "props": if lit { json!([prop("lamp", true)]) } else { json!([]) }
    })
}

fn prop(shape: &str, lit: bool) -> Value {
    json!({"prop_id": shape, "shape": shape, "colours": [], "look": shape, "lit": lit})
}

fn look() -> Value {
    json!({
        "figure": "woman", "age": 40, "build": "average", "skin": "#d9a583", "hair": "#8a3a20", "hair_style": "bun", "beard": "none",
        "headwear": "none", "eyes": "#4c6a4a", "coat": "#1f4a3b", "accent": "#b57a26", "scarf": false, "emblem": "key", "words": ""
    })
}

/// A place in a framing, with a person in it or not, and a strip that names it or not.
fn shot(place: &Value, framing: &str, person: bool, title: Option<&str>, canvas: Canvas) -> Vec<PaintedPlane> {
    let read = |value: Value| serde_json::from_value(value);
    let mut planes = Vec::new();
    if framing == "insert" {
        let spec: InsertSpec =
            serde_json::from_value(json!({"prop": prop("card", false), "hand": look(), "place": place})).expect("an insert");
        planes.extend(paint::insert(&spec, canvas));
    } else {
        let spec: BackgroundSpec = serde_json::from_value(json!({"place": place, "framing": framing, "toward": "right"})).expect("a place");
        planes.extend(paint::background(&spec, canvas));
    }
    if person {
        let spec: FigureSpec = read(json!({
            "character_id": "mara", "look": look(), "framing": framing, "slot": "left", "facing": "right", "pose": "stand",
            "expression": "neutral", "speaks": false, "place": place
        }))
        .expect("a person");
        planes.extend(paint::figure(&spec, canvas));
    }
    if let Some(title) = title {
        let spec: CardSpec = serde_json::from_value(json!({
            "card": "location", "text": [title], "small": ["at dusk"], "style": "paper", "place": place
        }))
        .expect("a strip");
        planes.extend(paint::card(&spec, canvas));
    }
    planes.sort_by_key(|q| q.depth);
    planes
}

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    let dir = args.first().expect("a directory").clone();
    let part = args.get(1).cloned().unwrap_or_default();
    let step: u64 = args.get(2).and_then(|s| s.parse().ok()).unwrap_or(400);
    let short: u32 = args.get(3).and_then(|s| s.parse().ok()).unwrap_or(720);
    let canvas = Canvas::of(Aspect::Wide, short);
    let coast = |look: &str, hour: &str, weather: &str| place("coast", look, hour, weather, false);
    let scenes: Vec<(&str, Value, &str, bool, Option<&str>)> = vec![
        ("rain", coast("stone steps, a small boat", "dusk", "rain"), "wide", true, None),
        ("rain-close", coast("stone steps, a small boat", "dusk", "rain"), "close", true, None),
        ("storm", coast("a white tower on a headland", "night", "storm"), "wide", true, None),
        ("snow", place("mountain", "bare peaks", "day", "snow", false), "wide", true, None),
        ("fog", coast("two black rocks, a channel", "dawn", "fog"), "full", true, None),
        ("flicker", place("interior_room", "a room with a window", "night", "clear", true), "full", true, None),
        ("flicker-close", place("interior_room", "a room with a window", "night", "clear", true), "close", true, None),
        ("sea", coast("an iron balcony, a rail", "night", "clear"), "wide", true, None),
        ("light", coast("a white tower on a headland", "night", "clear"), "wide", true, Some("Harrow Head")),
        ("location", coast("stone steps, a small boat", "dusk", "clear"), "wide", true, Some("Landing below the light")),
        ("village", place("village", "a street above the quay", "dusk", "clear", false), "wide", true, None),
        ("forest", place("forest", "trees", "day", "clear", false), "full", true, None),
        ("dunes", place("desert", "dunes", "dawn", "clear", false), "wide", true, None),
        ("salt", place("desert", "a salt flat", "dusk", "clear", false), "full", true, None),
        ("vault", place("workshop", "low vault", "day", "clear", false), "medium_two", true, None),
        ("insert", place("interior_room", "a room with a window", "day", "clear", false), "insert", false, None),
    ];
    for (name, place, framing, person, title) in scenes.into_iter().filter(|s| s.0.contains(&part)) {
        let mut blobs = BTreeMap::new();
        let mut planes: Vec<Plane> = Vec::new();
        for painted in shot(&place, framing, person, title, canvas) {
            let (width, height) = (painted.pixels.width, painted.pixels.height);
            let png = image::encode(&image::Image { width, height, rgba: painted.pixels.rgba }).expect("a picture");
            let hash = Hash::of(&png);
            blobs.insert(hash.clone(), png);
            planes.push(Plane {
                name: painted.name,
                image: hash,
                x: painted.x,
                y: painted.y,
                width,
                height,
                parallax: painted.parallax,
                depth: painted.depth,
                states: BTreeMap::new(),
                sway: painted.sway,
                tracks: painted.tracks,
                cycles: Vec::new(),
            });
        }
        let list: Vec<String> = planes.iter().map(|q| format!("{}@{}{}", q.name, q.depth, if q.moves() { "*" } else { "" })).collect();
        for q in &planes {
            if !q.moves() {
                println!("   {} {} tracks {:?}", q.name, q.tracks.len(), q.tracks.first().map(|t| &t.keys[..2]));
            }
        }
        println!("{name}: {} planes: {}", list.len(), list.join(" "));
        let rate = EditRate::FILM;
        let plan: RenderPlan = contracts::document::from_value(json!({
            "project_id": "motion", "episode": 1, "title": name, "language": "en", "profile": "preview_local", "render_runtime": "ffmpeg",
            "canvas": canvas, "edit_rate": "24/1", "timing_lock": Hash::of(b"motion"), "total_frames": 192,
            "encode": {"preset": "veryfast", "crf": 23, "audio_bit_rate": 160_000},
            "shots": [{
                "shot_id": "shot", "start_frame": 0, "frames": 192, "planes": planes, "movement": {"kind": "hold", "amount": 0},
                "transition": {"kind": "cut"}, "sprites": [], "still": false
            }],
            "sounds": [], "captions": [], "chapters": [], "rights": {}, "stand_ins": [],
            "mix": {
                "duck_cb": -900, "duck_lookahead_ms": 120, "duck_attack_ms": 180, "duck_release_ms": 600, "loudness_cb": -1600,
                "true_peak_cb": -220
            }
        }))
        .expect("a plan");
        let timeline = lower(&plan, &[]).expect("a timeline");
        let fetch = |hash: &Hash| blobs.get(hash).cloned().ok_or_else(|| "not painted".to_owned());
        let all = Planes::default();
        let mut player = Player::new(&timeline.shots[0], None, Sources { fetch: &fetch, clips: &NoClips, planes: &all }).expect("a player");
        let mut frames = Vec::new();
        for n in 0..8u64 {
            let at = rate.frames_from_ms(n * step).min(191);
            let frame = player.frame(at).expect("a frame").0;
            let (width, height, rgb) = frame.half_rgb();
            frames.push(image::encode_rgb(width, height, &rgb).expect("a picture"));
        }
        let id = Id::slug(name);
        std::fs::write(Path::new(&dir).join(format!("{id}.png")), contact_sheet(&frames).expect("a sheet")).expect("a folder to write");
    }
}
