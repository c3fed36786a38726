//! Every framing, pose, expression and style of every person: in frame, the face whole, eyes and mouth to be read.

use std::{collections::BTreeMap, error::Error};

use contracts::{
    picture::{Expression, Framing, Pose},
    story::Look,
};
use craft::{light, paint, paper::Rect};
use serde_json::{Value, json};

use crate::{CANVAS, STYLES, person, stage};

const FRAMINGS: [Framing; 6] = [Framing::Wide, Framing::Full, Framing::MediumTwo, Framing::OverShoulder, Framing::Medium, Framing::Close];
/// By how much of full range the darkest and the lightest tenth of the eyes' and of the mouth's band must differ in a close-up.
const EYES: f32 = 0.16;
const MOUTH: f32 = 0.08;

/// Every variant of a type, by the words of its schema.
fn variants<T: schemars::JsonSchema>() -> Vec<Value> {
    let schema = serde_json::to_value(schemars::schema_for!(T)).unwrap_or_default();
    let list = |v: &Value| v.as_array().cloned().unwrap_or_default();
    let apart =
        list(&schema["oneOf"]).into_iter().flat_map(|s| if s["const"].is_null() { list(&s["enum"]) } else { vec![s["const"].clone()] });
    list(&schema["enum"]).into_iter().chain(apart).collect()
}

/// All poses.
pub fn poses() -> Vec<Value> {
    variants::<Pose>()
}

/// All expressions.
pub fn expressions() -> Vec<Value> {
    variants::<Expression>()
}

/// Judges everybody; a failure names the figures that cannot be shown.
pub fn all(people: &BTreeMap<String, Look>) -> Result<(), Box<dyn Error>> {
    let (mut judged, mut bad) = (0, Vec::new());
    for (who, look) in people {
        for style in STYLES {
            for framing in FRAMINGS {
                for pose in poses() {
                    judged += 1;
                    let spec = person(who, look, json!({"framing": framing, "pose": pose, "place": stage(style)}))?;
                    let planes = paint::figure(&spec, CANVAS);
                    let seen = planes.iter().any(|p| meets(p.rect()) && p.pixels.rgba.chunks_exact(4).any(|px| px[3] > 200));
                    let whole = paint::head_boxes(&spec, CANVAS).is_some_and(|(face, _)| inside(face));
                    if !seen || !whole {
                        bad.push(format!("{who} {style:?} {framing:?} {pose}: seen {seen}, face in frame {whole}"));
                    }
                }
            }
            for expression in expressions() {
                judged += 1;
                let spec = person(who, look, json!({"framing": "close", "expression": expression, "place": stage(style)}))?;
                let Some((face, _)) = paint::head_boxes(&spec, CANVAS) else {
                    bad.push(format!("{who} {style:?} {expression}: no face"));
                    continue;
                };
                let stack: Vec<light::Plane> = paint::figure(&spec, CANVAS).iter().map(paint::PaintedPlane::as_plane).collect();
                let rgba = light::flatten(&stack, CANVAS.width, CANVAS.height);
                let band = |from: f32, to: f32| {
                    let y = face.y + (face.h as f32 * from) as i32;
                    contrast(&rgba, Rect::new(face.x + face.w / 5, y, face.w * 3 / 5, (face.h as f32 * (to - from)) as i32))
                };
                let (eyes, mouth) = (band(0.05, 0.45), band(0.62, 0.92));
                if eyes < EYES || mouth < MOUTH {
                    bad.push(format!("{who} {style:?} {expression}: eyes {eyes:.2} of {EYES}, mouth {mouth:.2} of {MOUTH}"));
                }
            }
        }
    }
    println!("{judged} figures judged, {} unfit", bad.len());
    if bad.is_empty() { Ok(()) } else { Err(bad.join("\n").into()) }
}

fn frame() -> Rect {
    Rect::new(0, 0, CANVAS.width as i32, CANVAS.height as i32)
}

fn meets(rect: Rect) -> bool {
    let both = rect.meet(&frame());
    both.w > 0 && both.h > 0
}

fn inside(rect: Rect) -> bool {
    rect.x >= 0 && rect.y >= 0 && rect.right() <= CANVAS.width as i32 && rect.bottom() <= CANVAS.height as i32
}

/// The distance of the darkest and the lightest tenth, 0 to 1.
fn contrast(rgba: &[u8], rect: Rect) -> f32 {
    let rect = rect.meet(&frame());
    let mut lumas: Vec<f32> = (rect.y..rect.bottom())
        .flat_map(|y| (rect.x..rect.right()).map(move |x| (y as usize * CANVAS.width as usize + x as usize) * 4))
        .map(|i| (f32::from(rgba[i]) * 0.299 + f32::from(rgba[i + 1]) * 0.587 + f32::from(rgba[i + 2]) * 0.114) / 255.0)
        .collect();
    lumas.sort_by(f32::total_cmp);
    let at = |part: f32| lumas.get((lumas.len() as f32 * part) as usize).copied().unwrap_or(0.0);
    at(0.95) - at(0.05)
}
