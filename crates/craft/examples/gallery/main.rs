//! The gallery: the target frames made from structured data, sheets of people and styles, and a judgement of every figure.
//! `cargo xtask gallery` runs it and turns its pictures into `docs/gallery`.
//! Usage: `gallery DIR [--judge]`; it ends with a failure when a figure leaves its frame or a face cannot be read.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a tool for eyes, not part of the product")]

mod judge;

use std::{collections::BTreeMap, error::Error, fs::File, io::BufWriter, path::Path};

use contracts::{
    assets::NeedSpec,
    picture::{Canvas, FigureSpec},
    project::VisualStyle,
    story::Look,
};
use craft::{
    light,
    paint::{self, PaintedPlane},
};
use serde::Deserialize;
use serde_json::json;

const FRAMES: &str = include_str!("frames.json");
const PEOPLE: &str = include_str!("people.json");
/// The styles, in the order of the sheets.
pub const STYLES: [VisualStyle; 5] = [VisualStyle::Paper, VisualStyle::Ink, VisualStyle::Dusk, VisualStyle::Woodcut, VisualStyle::Pastel];
/// A frame of the film.
pub const CANVAS: Canvas = Canvas { width: 1280, height: 720 };

/// A picture made of needs, as an AssetManifest would say it.
#[derive(Clone, Deserialize)]
pub struct Frame {
    name: String,
    canvas: Canvas,
    needs: Vec<NeedSpec>,
}

/// An opaque picture.
#[derive(Clone)]
pub struct Picture {
    width: u32,
    height: u32,
    rgb: Vec<u8>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let dir = Path::new(args.first().ok_or("usage: gallery DIR [--judge]")?);
    std::fs::create_dir_all(dir)?;
    let frames: Vec<Frame> = serde_json::from_str(FRAMES)?;
    let people: BTreeMap<String, Look> = serde_json::from_str(PEOPLE)?;
    if args.iter().any(|a| a == "--judge") {
        return judge::all(&people);
    }
    for frame in &frames {
        save(dir, &frame.name, &painted(&frame.needs, frame.canvas))?;
    }
    // The same pictures in every style, from data: nothing is filtered.
    for name in ["study_two_shot", "coast_night_wide", "mara_close"] {
        let frame = frames.iter().find(|f| f.name == name).ok_or("a frame of that name")?;
        let styled = STYLES.map(|style| painted(&in_style(&frame.needs, style), frame.canvas));
        save(dir, &format!("styles_{name}"), &grid(&styled.map(|p| p.half()), 3))?;
    }
    for (name, look) in &people {
        save(dir, &format!("poses_{name}"), &poses(name, look)?)?;
        save(dir, &format!("faces_{name}"), &faces(name, look)?)?;
    }
    Ok(())
}

/// What is painted of needs, far to near.
pub fn planes(needs: &[NeedSpec], canvas: Canvas) -> Vec<PaintedPlane> {
    let mut planes: Vec<PaintedPlane> = needs
        .iter()
        .flat_map(|need| match need {
            NeedSpec::Background(spec) => paint::background(spec, canvas),
            NeedSpec::Figure(spec) => paint::figure(spec, canvas),
            NeedSpec::Insert(spec) => paint::insert(spec, canvas),
            NeedSpec::Card(spec) => paint::card(spec, canvas),
            NeedSpec::Voice(_) | NeedSpec::Music(_) | NeedSpec::Sound(_) => Vec::new(),
        })
        .collect();
    planes.sort_by_key(|p| p.depth);
    planes
}

/// The picture of needs.
pub fn painted(needs: &[NeedSpec], canvas: Canvas) -> Picture {
    let stack: Vec<light::Plane> = planes(needs, canvas).iter().map(PaintedPlane::as_plane).collect();
    let rgba = light::flatten(&stack, canvas.width, canvas.height);
    Picture { width: canvas.width, height: canvas.height, rgb: rgba.as_chunks::<4>().0.iter().flat_map(|p| [p[0], p[1], p[2]]).collect() }
}

fn in_style(needs: &[NeedSpec], style: VisualStyle) -> Vec<NeedSpec> {
    let mut needs = needs.to_vec();
    for need in &mut needs {
        match need {
            NeedSpec::Background(spec) => spec.place.style = style,
            NeedSpec::Figure(spec) => spec.place.style = style,
            NeedSpec::Insert(spec) => spec.place.style = style,
            NeedSpec::Card(spec) => (spec.style, spec.place.style) = (style, style),
            NeedSpec::Voice(_) | NeedSpec::Music(_) | NeedSpec::Sound(_) => {}
        }
    }
    needs
}

/// A plain room by day, in which people are judged.
pub fn stage(style: VisualStyle) -> serde_json::Value {
    json!({
        "location_id": "stage", "family": "interior_room", "look": "a bare room with a window", "time_of_day": "day",
        "weather": "clear", "mood": "calm", "style": style, "props": [],
    })
}

/// A person on that stage.
pub fn person(who: &str, look: &Look, change: serde_json::Value) -> Result<FigureSpec, Box<dyn Error>> {
    let mut spec = json!({
        "character_id": who, "look": look, "framing": "full", "slot": "centre", "facing": "right", "pose": "stand",
        "expression": "neutral", "speaks": true, "place": stage(VisualStyle::Paper),
    });
    if let (Some(spec), Some(change)) = (spec.as_object_mut(), change.as_object()) {
        spec.extend(change.clone());
    }
    Ok(serde_json::from_value(spec)?)
}

fn alone(spec: FigureSpec, toward: &str) -> Result<Picture, Box<dyn Error>> {
    let background = json!({"kind": "background", "place": spec.place, "framing": spec.framing, "toward": toward});
    Ok(painted(&[serde_json::from_value(background)?, NeedSpec::Figure(Box::new(spec))], CANVAS))
}

fn poses(who: &str, look: &Look) -> Result<Picture, Box<dyn Error>> {
    let mut cells = Vec::new();
    for facing in ["front", "right", "left", "away"] {
        cells.push(alone(person(who, look, json!({"facing": facing}))?, "front")?.cut(400, 30, 480, 690));
    }
    for pose in judge::poses() {
        cells.push(alone(person(who, look, json!({"pose": pose}))?, "front")?.cut(400, 30, 480, 690));
    }
    Ok(grid(&cells.iter().map(Picture::half).collect::<Vec<_>>(), 6))
}

fn faces(who: &str, look: &Look) -> Result<Picture, Box<dyn Error>> {
    let mut cells = Vec::new();
    for expression in judge::expressions() {
        let spec = person(who, look, json!({"framing": "close", "expression": expression}))?;
        cells.push(alone(spec, "right")?.cut(280, 20, 720, 700));
    }
    Ok(grid(&cells.iter().map(Picture::half).collect::<Vec<_>>(), 5))
}

impl Picture {
    fn cut(&self, x: u32, y: u32, width: u32, height: u32) -> Self {
        let row = |r: u32| {
            let from = ((y + r) * self.width + x) as usize * 3;
            &self.rgb[from..from + width as usize * 3]
        };
        Self { width, height, rgb: (0..height).flat_map(|r| row(r).to_vec()).collect() }
    }

    /// Half as large.
    fn half(&self) -> Self {
        let (width, height) = (self.width / 2, self.height / 2);
        let at = |x: u32, y: u32, c: u32| u32::from(self.rgb[((y * self.width + x) * 3 + c) as usize]);
        let mean = |x: u32, y: u32, c: u32| ((at(x, y, c) + at(x + 1, y, c) + at(x, y + 1, c) + at(x + 1, y + 1, c) + 2) / 4) as u8;
        let rgb = (0..height).flat_map(|y| (0..width).flat_map(move |x| (0..3).map(move |c| (x, y, c))));
        Self { width, height, rgb: rgb.map(|(x, y, c)| mean(2 * x, 2 * y, c)).collect() }
    }
}

/// Pictures of one size on dark paper, so many in a row.
fn grid(cells: &[Picture], columns: u32) -> Picture {
    const GAP: u32 = 10;
    let (w, h) = cells.first().map_or((1, 1), |c| (c.width, c.height));
    let rows = (cells.len() as u32).div_ceil(columns);
    let (width, height) = (GAP + columns * (w + GAP), GAP + rows * (h + GAP));
    let mut rgb: Vec<u8> = [0x2b, 0x33, 0x3f].repeat((width * height) as usize);
    for (i, cell) in cells.iter().enumerate() {
        let (x, y) = (GAP + (i as u32 % columns) * (w + GAP), GAP + (i as u32 / columns) * (h + GAP));
        for row in 0..h {
            let (to, from, n) = (((y + row) * width + x) as usize * 3, (row * w) as usize * 3, w as usize * 3);
            rgb[to..to + n].copy_from_slice(&cell.rgb[from..from + n]);
        }
    }
    Picture { width, height, rgb }
}

fn save(dir: &Path, name: &str, picture: &Picture) -> Result<(), Box<dyn Error>> {
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(dir.join(format!("{name}.png")))?), picture.width, picture.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    encoder.write_header()?.write_image_data(&picture.rgb)?;
    println!("{name}");
    Ok(())
}
