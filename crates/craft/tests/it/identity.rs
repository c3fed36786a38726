//! Who somebody is, and where one is, survives light, framing side, expression and style: judged in greyscale, with the mean
//! and the spread of every picture taken away, so that neither a dark hour nor a pale style decides.

use contracts::{
    picture::{BackgroundSpec, Canvas, FigureSpec, PlaceSpec},
    project::VisualStyle,
};
use craft::{light, paint};
use serde_json::{Value, json};

const CANVAS: Canvas = Canvas { width: 640, height: 360 };
const STYLES: [VisualStyle; 5] = [VisualStyle::Paper, VisualStyle::Ink, VisualStyle::Dusk, VisualStyle::Woodcut, VisualStyle::Pastel];

fn place(id: &str, family: &str, look: &str, hour: &str, style: VisualStyle) -> Value {
    json!({
        "location_id": id, "family": family, "look": look, "time_of_day": hour, "weather": "clear", "mood": "calm",
        "style": style, "props": [],
    })
}

/// Two who wear the same coat and trim.
fn look(other: bool) -> Value {
    let mut look = json!({
        "figure": "woman", "age": 34, "build": "slight", "skin": "#d9a583", "hair": "#a54f2c", "hair_style": "bun", "beard": "none",
        "headwear": "none", "eyes": "#4c6a4a", "coat": "#1f4a3b", "accent": "#b9873a", "scarf": false, "emblem": "key", "words": "",
    });
    if other {
        look["hair_style"] = json!("loose");
        look["hair"] = json!("#2a1c18");
        look["age"] = json!(61);
    }
    look
}

/// A picture of so many cells without its mean and spread.
fn plain(mut cells: Vec<f32>) -> Vec<f32> {
    let n = cells.len() as f32;
    let mean = cells.iter().sum::<f32>() / n;
    cells.iter_mut().for_each(|c| *c -= mean);
    let spread = (cells.iter().map(|c| c * c).sum::<f32>() / n).sqrt().max(1e-6);
    cells.iter_mut().for_each(|c| *c /= spread);
    cells
}

fn distance(a: &[f32], b: &[f32]) -> f32 {
    (a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f32>() / a.len() as f32).sqrt()
}

/// Mean greys of `rect` in a raster of cells, on mid grey, mirrored when asked.
fn cells(planes: &[light::Plane], rect: craft::paper::Rect, (columns, rows): (usize, usize), mirrored: bool) -> Vec<f32> {
    let (w, h) = (rect.w as usize, rect.h as usize);
    let moved: Vec<light::Plane> = planes.iter().map(|p| light::Plane { x: p.x - rect.x, y: p.y - rect.y, ..p.clone() }).collect();
    let ground = light::Plane { x: 0, y: 0, w: rect.w as u32, h: rect.h as u32, rgba: [128, 128, 128, 255].repeat(w * h) };
    let stack: Vec<light::Plane> = std::iter::once(ground).chain(moved).collect();
    let rgba = light::flatten(&stack, rect.w as u32, rect.h as u32);
    let mut sums = vec![(0f32, 0f32); columns * rows];
    for (i, px) in rgba.chunks_exact(4).enumerate() {
        let (x, y) = (i % w, i / w);
        let x = if mirrored { w - 1 - x } else { x };
        let cell = &mut sums[(y * rows / h) * columns + x * columns / w];
        cell.0 += f32::from(px[0]) * 0.299 + f32::from(px[1]) * 0.587 + f32::from(px[2]) * 0.114;
        cell.1 += 1.0;
    }
    plain(sums.into_iter().map(|(sum, count)| sum / count).collect())
}

/// Five close-ups of somebody: other hours, sides and faces.
fn closes(other: bool, style: VisualStyle) -> Vec<Vec<f32>> {
    let shots = [
        ("day", "right", "neutral"),
        ("night", "left", "worried"),
        ("dusk", "right", "happy"),
        ("dawn", "left", "stern"),
        ("morning", "right", "surprised"),
    ];
    let one = |(hour, facing, expression): (&str, &str, &str)| {
        let spec: FigureSpec = serde_json::from_value(json!({
            "character_id": if other { "lena" } else { "mara" }, "look": look(other), "framing": "close", "slot": "left", "facing": facing,
            "pose": "stand", "expression": expression, "speaks": false, "place": place("room", "interior_room", "a room with a window", hour, style),
        }))
        .expect("a figure");
        let planes: Vec<light::Plane> = paint::figure(&spec, CANVAS).iter().map(paint::PaintedPlane::as_plane).collect();
        let (_, head) = paint::head_boxes(&spec, CANVAS).expect("a head");
        cells(&planes, head, (20, 24), facing == "left")
    };
    shots.into_iter().map(one).collect()
}

/// Of all pictures of two kinds: how many are nearer, in the mean, to their own kind.
fn own_kind(a: &[Vec<f32>], b: &[Vec<f32>]) -> (usize, usize) {
    let mean = |x: &Vec<f32>, others: &[Vec<f32>]| {
        let far: Vec<f32> = others.iter().filter(|o| !std::ptr::eq(*o, x)).map(|o| distance(x, o)).collect();
        far.iter().sum::<f32>() / far.len() as f32
    };
    let nearer = |mine: &[Vec<f32>], theirs: &[Vec<f32>]| mine.iter().filter(|x| mean(x, mine) < mean(x, theirs)).count();
    (nearer(a, b) + nearer(b, a), a.len() + b.len())
}

#[test]
fn a_face_is_nearer_to_itself_than_to_another_in_the_same_clothes_in_every_style() {
    for style in STYLES {
        let (near, all) = own_kind(&closes(false, style), &closes(true, style));
        assert_eq!(near, all, "{style:?}");
    }
}

#[test]
fn a_place_is_nearer_to_itself_than_to_another_of_its_family_in_every_style() {
    for (family, look) in [("village", "cottages around a green"), ("mountain", "bare ridges above a ledge")] {
        for style in STYLES {
            let views = |id: &str| -> Vec<Vec<f32>> {
                ["dawn", "morning", "day", "dusk", "night"]
                    .into_iter()
                    .map(|hour| {
                        let place: PlaceSpec = serde_json::from_value(place(id, family, look, hour, style)).expect("a place");
                        let spec: BackgroundSpec =
                            serde_json::from_value(json!({"place": place, "framing": "wide", "toward": "front"})).expect("a background");
                        let planes: Vec<light::Plane> =
                            paint::background(&spec, CANVAS).iter().map(paint::PaintedPlane::as_plane).collect();
                        // The hour is a slope from top to bottom, and not the place's own: each row counts against its own mean.
                        let mut grey = cells(&planes, craft::paper::Rect::new(0, 0, 640, 360), (24, 14), false);
                        for row in grey.chunks_mut(24) {
                            let mean = row.iter().sum::<f32>() / 24.0;
                            row.iter_mut().for_each(|c| *c -= mean);
                        }
                        plain(grey)
                    })
                    .collect()
            };
            let (near, all) = own_kind(&views("upper-place"), &views("lower-place"));
            // Pale mountains at dawn and at night have little but their sky: two in ten may be mistaken.
            assert!(near * 10 >= all * 8, "{family} {style:?}: {near} of {all}");
        }
    }
}
