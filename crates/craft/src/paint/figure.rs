//! People in the light of their place, framed by the table (art direction §2), with the patches that let them speak and
//! blink.

use std::collections::BTreeMap;

use contracts::{
    Seed,
    picture::{Canvas, Facing, FigureSpec, Framing, Pose, PropSpec, Slot},
    table_read::Mouth,
};

use super::{PaintedPatch, PaintedPlane, Pixels};
use crate::{
    light::{self, Lit, Plane, finish_in},
    paper::{Group, Rect, Rgb, Xf, p},
    people::{self, Body, Face, Person, View, bust_box, eyes_box, figure_box, mouth_box},
    places::{
        desert,
        palette::{hex, mix},
        parallax,
        pen::Pen,
        plate::{Plate, painted},
        rig::{Beacon, Rig, rig_of},
        stand,
    },
    props,
};

/// A person, far to near: the body, then the arms that lie on a table before it.
pub fn figure(spec: &FigureSpec, canvas: Canvas) -> Vec<PaintedPlane> {
    let rig = rig_of(spec, canvas);
    match spec.framing {
        Framing::Wide | Framing::Full => vec![whole(spec, &rig)],
        Framing::OverShoulder if spec.facing == Facing::Away => vec![shoulder(spec, &rig)],
        _ => near(spec, &rig),
    }
}

/// Where a figure's face and head are on the canvas, in pixels, before the camera moves; nothing when it turns away.
pub fn head_boxes(spec: &FigureSpec, canvas: Canvas) -> Option<(Rect, Rect)> {
    if spec.facing == Facing::Away {
        return None;
    }
    let rig = rig_of(spec, canvas);
    let person = Person::from_look(&spec.look);
    let (t, yaw) = match spec.framing {
        Framing::Wide | Framing::Full => {
            let (t, body) = standing(spec, &rig, &person);
            (people::head_of(&t, &person, &body), body.face.yaw)
        }
        _ => {
            let at = mark(spec, &rig, &person);
            (xf(&rig, &at), at.yaw)
        }
    };
    Some((people::face_box(&t, yaw), people::crown_box(&t, &person)))
}

fn seed(spec: &FigureSpec, part: &str) -> u64 {
    Seed::of(&["figure", spec.character_id.as_str(), part]).next_u64()
}

fn depth(spec: &FigureSpec, narrow: bool) -> u32 {
    // Who stands between two others stands behind them; in a narrow two-shot the left one is the nearer.
    650 + match spec.slot {
        Slot::Centre => 0,
        Slot::Left => 1 + 2 * u32::from(narrow && spec.framing == Framing::MediumTwo),
        Slot::Right => 2,
    }
}

/// A light of the rig on a list, shifted and weighted.
fn lamp(lit: Lit, key: &Beacon, ub: f32, dy: f32, r: f32, k: f32, p: f32) -> Lit {
    lit.light(key.x * ub, (key.y + dy) * ub, r * ub, key.c, k, p)
}

/// A head's place in a framing: canvas units, the height of the head, and the mirror.
struct Mark {
    x: f32,
    y: f32,
    hu: f32,
    m: f32,
    yaw: f32,
}

fn mark(spec: &FigureSpec, rig: &Rig, person: &Person) -> Mark {
    let stage = &rig.stage;
    let (w, h) = (stage.w, stage.h);
    let m = rig.side;
    let yaw = if spec.facing == Facing::Front { 0.0 } else { 1.0 };
    let small = if person.is_child() { 0.90 } else { 1.0 };
    match spec.framing {
        Framing::MediumTwo => {
            let x = match spec.slot {
                Slot::Left => 0.31,
                Slot::Centre => 0.5,
                Slot::Right => 0.69,
            };
            // A narrow frame takes two people one behind the other: the left one nearer, larger and lower, so that the
            // faces stand apart though the shoulders overlap.
            let (x, y, hu) = if stage.tall() {
                match spec.slot {
                    Slot::Left => (0.315, 0.432, w * 0.370),
                    Slot::Centre => (0.5, 0.375, w * 0.330),
                    Slot::Right => (0.690, 0.352, w * 0.315),
                }
            } else if stage.narrow() {
                match spec.slot {
                    Slot::Left => (0.300, 0.440, w * 0.330),
                    Slot::Centre => (0.5, 0.400, w * 0.300),
                    Slot::Right => (0.695, 0.385, w * 0.282),
                }
            } else {
                (x, 0.372, h * 0.298)
            };
            let hu = hu * small;
            Mark { x: w * x, y: h * y + hu * (1.0 - small) * 2.2, hu, m, yaw }
        }
        // The face on the far side of the shoulder, in the part of the frame that it leaves.
        Framing::OverShoulder if spec.facing != Facing::Away => {
            let (aside, y, hu) = if stage.tall() {
                (0.13, 0.372, w * 0.480)
            } else if stage.narrow() {
                (0.14, 0.420, h * 0.390)
            } else {
                (0.14, 0.425, h * 0.400)
            };
            let hu = hu * small;
            Mark { x: w * (0.5 - aside * m), y: h * y + hu * (1.0 - small) * 1.6, hu, m, yaw }
        }
        // The shoulder: half out of the frame on its owner's side.
        Framing::OverShoulder => {
            let s = if spec.slot == Slot::Right { -1.0 } else { 1.0 };
            let (edge, y, hu) = if stage.tall() {
                (0.060, 0.570, w * 0.560)
            } else if stage.narrow() {
                (0.060, 0.540, h * 0.470)
            } else {
                (0.085, 0.510, h * 0.460)
            };
            Mark { x: w * (0.5 - (0.5 - edge) * s), y: h * y, hu: hu * small, m: s, yaw: 0.0 }
        }
        Framing::Medium => {
            let hu = (h * 0.350).min(w * 0.44) * small;
            Mark { x: w * (0.5 - 0.08 * m), y: h * 0.378 + hu * (1.0 - small) * 2.2, hu, m, yaw }
        }
        _ => {
            // In a tall frame the face fills the width, above the middle.
            let (aside, y, hu) = if stage.tall() { (0.05, 0.455, w * 0.70) } else { (0.08, 0.535, (h * 0.562).min(w * 0.62)) };
            Mark { x: w * (0.5 - aside * m), y: h * y, hu, m, yaw }
        }
    }
}

/// How a body near the viewer is lit.
fn bust_light(rig: &Rig, at: &Mark, framing: Framing) -> Lit {
    let ub = rig.stage.ub;
    let key = &rig.key;
    // Which side of the frame the light is on, seen from the person.
    let from = if key.x >= at.x { 1.0 } else { -1.0 };
    let (dx, dy, blur) = if framing == Framing::Close { (22.0, 14.0, 26.0) } else { (16.0, 12.0, 18.0) };
    let reach = if framing == Framing::Close { 950.0 } else { 660.0 };
    let (rx, soft) = if framing == Framing::Close { (5.0, 2.5) } else { (3.0, 1.4) };
    let shade = if rig.flame { 0.5 } else { 0.36 } * rig.style.shadow().min(1.1);
    let fade = rig.flame.then_some((key.x * ub, key.y * ub, reach * ub, 1.0));
    lamp(Lit::plain().ambient(rig.ambient), key, ub, 0.0, key.r, key.k, key.p)
        .shadow(-from * dx * ub, dy * ub, blur * ub, shade)
        .rim(-from * rx * ub, 2.0 * ub, soft * ub, rig.rim.0, rig.rim.1, fade)
        .rim(from * rx * ub, 3.0 * ub, (soft + 1.2) * ub, rig.counter.0, rig.counter.1, None)
}

fn xf(rig: &Rig, at: &Mark) -> Xf {
    let ub = rig.stage.ub;
    Xf { ox: at.x * ub, oy: at.y * ub, k: at.hu * ub, m: at.m, r: 0.0 }
}

/// A state of the face to paint.
#[derive(Clone, Copy, Default)]
struct State {
    mouth: Option<Mouth>,
    closed: bool,
}

/// Paints body and head on a window.
fn paint_bust(spec: &FigureSpec, rig: &Rig, person: &Person, at: &Mark, window: Rect, state: State) -> Group {
    let mut group = Group::of(window, seed(spec, "bust"));
    let t = xf(rig, at);
    let side = if rig.key.x >= at.x { 1.0 } else { -1.0 };
    let light = side * at.m;
    let shade = if spec.framing == Framing::Close { rig.shade } else { rig.shade * 0.82 };
    let mut face = Face::new(at.yaw, spec.expression).light(light).shade(shade, rig.shade_tint).mouth(state.mouth).look(0.75 * at.yaw);
    if state.closed {
        face = face.closed();
    }
    people::bust(&mut group, &t, person, at.yaw, light);
    people::head(&mut group, &t, person, &face);
    group
}

fn near(spec: &FigureSpec, rig: &Rig) -> Vec<PaintedPlane> {
    let person = Person::from_look(&spec.look);
    let at = mark(spec, rig, &person);
    let lit = bust_light(rig, &at, spec.framing);
    let t = xf(rig, &at);
    let all = rig.stage.rect();
    let window = bust_box(&t).grow(lit.margin()).meet(&all);
    let base = light::finish(&paint_bust(spec, rig, &person, &at, window, State::default()), &lit);
    let mut plane = painted(&base, spec.character_id.as_str(), parallax::ACTORS, depth(spec, rig.stage.narrow()), None);
    plane.states = states(spec, rig, &person, &at, &lit, &base);
    let mut planes = vec![plane];
    planes.extend(arms(spec, rig, &person, &at));
    planes
}

fn states(spec: &FigureSpec, rig: &Rig, person: &Person, at: &Mark, lit: &Lit, base: &Plane) -> BTreeMap<String, PaintedPatch> {
    let t = xf(rig, at);
    let mut wanted: Vec<(&str, Rect, State)> = vec![("eyes:closed", eyes_box(&t, person, at.yaw), State { mouth: None, closed: true })];
    if spec.speaks {
        let lips = mouth_box(&t, person, at.yaw);
        for (name, mouth) in
            [("mouth:open", Mouth::Open), ("mouth:spread", Mouth::Spread), ("mouth:round", Mouth::Round), ("mouth:narrow", Mouth::Narrow)]
        {
            wanted.push((name, lips, State { mouth: Some(mouth), closed: false }));
        }
    }
    let mut states = BTreeMap::new();
    for (name, area, state) in wanted {
        let area = area.meet(&base.rect());
        if area.is_empty() {
            continue;
        }
        let group = paint_bust(spec, rig, person, at, area.grow(lit.margin()).meet(&rig.stage.rect()), state);
        if let Some(patch) = patch(&finish_in(&group, lit, area), base) {
            states.insert(name.to_owned(), patch);
        }
    }
    states
}

/// The part of a plane that differs from its base, two pixels more on each side.
fn patch(changed: &Plane, base: &Plane) -> Option<PaintedPatch> {
    let area = changed.rect();
    let old = base.crop(area);
    let mut bounds: Option<Rect> = None;
    let w = area.w as usize;
    for (y, (a, b)) in changed.rgba.chunks_exact(w * 4).zip(old.rgba.chunks_exact(w * 4)).enumerate() {
        let differs = |x: &usize| a[x * 4..x * 4 + 4] != b[x * 4..x * 4 + 4];
        if let Some(first) = (0..w).find(differs) {
            let last = (0..w).rev().find(differs).unwrap_or(first);
            let row = Rect::new(area.x + first as i32, area.y + y as i32, (last + 1 - first) as i32, 1);
            bounds = Some(bounds.map_or(row, |b| b.join(&row)));
        }
    }
    let crop = bounds?.grow(2).meet(&area);
    let q = changed.crop(crop);
    Some(PaintedPatch { pixels: Pixels { width: q.w, height: q.h, rgba: q.rgba }, x: q.x, y: q.y })
}

/// Arms on the table, or the arm that holds something up.
fn arms(spec: &FigureSpec, rig: &Rig, person: &Person, at: &Mark) -> Option<PaintedPlane> {
    let table = spec.framing == Framing::MediumTwo && rig.scene.has_table();
    if !table && spec.holding.is_none() {
        return None;
    }
    let stage = &rig.stage;
    let ub = stage.ub;
    let k = at.hu / 215.0;
    let mut group = Group::of(stage.rect(), seed(spec, "arms"));
    let [dark, coat, lit_coat] = [person.coat[0], person.coat[1], person.coat[2]];
    let skin = person.skin;
    let mut flame = None;
    {
        let mut pen = Pen { g: &mut group, xf: Xf::new(0.0, 0.0, ub), style: rig.style };
        if table {
            // The reference's arm, its table edge brought to ours.
            let cx = at.x - 65.0 * k * at.m;
            let mut pen = pen.at(cx, stage.h * 0.833 - 600.0 * k, k, at.m);
            let foot = (stage.bottom() - (stage.h * 0.833 - 600.0 * k)) / k + 20.0;
            pen.shape(
                &[
                    p(-174.0, foot),
                    p(-170.0, 700.0),
                    p(-150.0, 560.0),
                    p(-60.0, 548.0),
                    p(60.0, 596.0),
                    p(120.0, 618.0),
                    p(118.0, 664.0),
                    p(40.0, 668.0),
                    p(-40.0, 720.0),
                    p(-50.0, foot),
                ],
                coat,
                |s| s.sh(-6.0, 8.0, 9.0, 0.5).grad((120.0, 600.0), (-160.0, 640.0), lit_coat, dark),
            );
            if let Some(prop) = &spec.holding {
                let size = props::stature(prop.shape.as_str()) * 215.0 * 0.92;
                let (gx, gy) = props::grip(prop.shape.as_str());
                let s = size / 200.0;
                let (px, py) = (150.0 - gx * s, 620.0 - gy * s);
                let mut q = pen.at(px, py.min(700.0 - size * 0.5), s, at.m);
                flame = props::paint(&mut q, prop, rig.style).map(|f| q.xf.pt(f.x, f.y));
            }
            let hx = 112.0;
            for j in 0..4 {
                let f = j as f32;
                let tip = 88.0 - (f - 1.0).abs() * 7.0;
                pen.curve(
                    &[
                        (hx + 34.0, 620.0 + f * 10.0),
                        (hx + tip, 627.0 + f * 9.0),
                        (hx + tip, 637.0 + f * 9.0),
                        (hx + 30.0, 634.0 + f * 9.0),
                    ],
                    skin,
                    |s| s.clean().sh(-1.0, 1.5, 1.5, 0.35),
                );
            }
            pen.curve(
                &[(hx - 6.0, 624.0), (hx + 26.0, 612.0), (hx + 48.0, 622.0), (hx + 50.0, 656.0), (hx + 20.0, 664.0), (hx - 6.0, 660.0)],
                skin,
                |s| s.clean().sh(-2.0, 2.0, 3.0, 0.4),
            );
            pen.curve(&[(hx + 10.0, 616.0), (hx + 44.0, 600.0), (hx + 60.0, 606.0), (hx + 40.0, 626.0)], skin, |s| {
                s.clean().sh(-1.0, 2.0, 2.0, 0.35)
            });
        } else if let Some(prop) = &spec.holding {
            flame = raised(&mut pen, rig, prop, at, [dark, coat, lit_coat], skin, stage.bottom());
        }
    }
    let key = &rig.key;
    let from = if key.x >= at.x { 1.0 } else { -1.0 };
    let mut lit = Lit::plain().ambient(rig.ambient).shadow(-from * 4.0 * ub, 8.0 * ub, 12.0 * ub, 0.42);
    lit =
        if table && rig.flame { lamp(lit, key, ub, 120.0, 640.0, key.k * 1.08, 1.2) } else { lamp(lit, key, ub, 0.0, key.r, key.k, key.p) };
    lit = lit.rim(-from * 3.0 * ub, ub, 1.4 * ub, rig.rim.0, rig.rim.1 * 0.7, None);
    if let Some((x, y)) = flame {
        lit = lit.light(x, y, at.hu * 1.6 * ub, Rgb(1.0, 0.74, 0.42), 0.7, 1.4);
    }
    let mut plane = light::finish(&group, &lit);
    if let Some((x, y)) = flame {
        let glow = light::glow(x, y, at.hu * 1.9 * ub, hex("#ffb45c"), 0.9, stage.rect(), seed(spec, "glow"));
        plane = union(&plane, &glow);
    }
    let parallax = if table { parallax::ACTORS + 60 } else { parallax::ACTORS };
    Some(painted(
        &plane,
        &format!("{}-arms", spec.character_id),
        parallax,
        if table { 760 } else { depth(spec, rig.stage.narrow()) + 10 },
        None,
    ))
}

/// An arm raised before the chest with a thing in the hand. Returns its flame in pixels.
fn raised(pen: &mut Pen, rig: &Rig, prop: &PropSpec, at: &Mark, coat: [Rgb; 3], skin: Rgb, bottom: f32) -> Option<(f32, f32)> {
    let k = at.hu / 215.0;
    // The hand: before the near shoulder, on the side faced.
    let hangs = matches!(prop.shape.as_str(), "lantern" | "star" | "can" | "bell" | "rope" | "key");
    let close = at.hu > rig.stage.h * 0.5;
    let (hx, hy) = match (close, hangs) {
        (true, true) => (112.0, 96.0),
        (true, false) => (100.0, 158.0),
        (false, true) => (150.0, 118.0),
        (false, false) => (128.0, 236.0),
    };
    let style = rig.style;
    let mut pen = pen.at(at.x, at.y, k, at.m);
    let foot = (bottom - at.y) / k + 30.0;
    pen.shape(
        &[
            p(-40.0, foot),
            p(10.0, foot - 120.0),
            p(hx - 44.0, hy + 64.0),
            p(hx - 26.0, hy + 26.0),
            p(hx + 24.0, hy + 26.0),
            p(hx + 34.0, hy + 70.0),
            p(hx + 66.0, foot - 60.0),
            p(hx + 60.0, foot),
        ],
        coat[1],
        |s| s.sh(-6.0, 6.0, 9.0, 0.5).grad((hx + 50.0, hy), (-60.0, foot), coat[2], coat[0]),
    );
    pen.shape(&[p(hx - 32.0, hy + 40.0), p(hx - 28.0, hy + 22.0), p(hx + 26.0, hy + 22.0), p(hx + 30.0, hy + 40.0)], coat[0], |s| {
        s.sh(0.0, 2.0, 3.0, 0.4).clean()
    });
    // Palm behind the thing, fingers before it.
    pen.curve(
        &[
            (hx - 22.0, hy + 30.0),
            (hx - 26.0, hy - 6.0),
            (hx - 6.0, hy - 22.0),
            (hx + 18.0, hy - 16.0),
            (hx + 24.0, hy + 10.0),
            (hx + 20.0, hy + 30.0),
        ],
        skin,
        |s| s.clean().sh(-1.0, 2.0, 3.0, 0.35),
    );
    let size = props::stature(prop.shape.as_str()) * 215.0;
    let (gx, gy) = props::grip(prop.shape.as_str());
    let s = size / 200.0;
    let mut q = pen.at(hx - gx * s, hy - gy * s, s, at.m);
    let flame = props::paint(&mut q, prop, style).map(|f| q.xf.pt(f.x, f.y));
    for j in 0..4 {
        let f = j as f32;
        let y = hy - 18.0 + f * 12.5;
        let reach = 20.0 - (f - 1.2).abs() * 3.0;
        pen.curve(
            &[(hx + 22.0, y - 5.0), (hx - reach * 0.2, y - 7.0), (hx - reach, y - 1.0), (hx - reach * 0.3, y + 6.5), (hx + 22.0, y + 6.0)],
            mix(skin, coat[0], 0.02 * f),
            |s| s.clean().sh(-1.0, 1.5, 1.5, 0.35),
        );
    }
    pen.curve(
        &[(hx - 24.0, hy + 14.0), (hx - 26.0, hy - 14.0), (hx - 12.0, hy - 26.0), (hx - 4.0, hy - 14.0), (hx - 10.0, hy + 10.0)],
        skin,
        |s| s.clean().sh(1.0, 1.5, 2.0, 0.35),
    );
    flame
}

/// Light screened onto a plane and around it.
fn union(plane: &Plane, glow: &Plane) -> Plane {
    let rect = plane.rect().join(&glow.rect());
    let mut out = plane.crop(rect);
    let area = glow.rect();
    for y in area.y..area.bottom() {
        for x in area.x..area.right() {
            let s = ((y - area.y) as usize * area.w as usize + (x - area.x) as usize) * 4;
            let d = ((y - rect.y) as usize * rect.w as usize + (x - rect.x) as usize) * 4;
            let light = &glow.rgba[s..s + 4];
            let most = u32::from(light[0].max(light[1]).max(light[2]));
            if most == 0 {
                continue;
            }
            for (c, l) in out.rgba[d..d + 3].iter_mut().zip(light) {
                let l = u32::from(*l);
                *c = (l + (u32::from(*c) * (255 - l) + 127) / 255).min(255) as u8;
            }
            let a = u32::from(out.rgba[d + 3]);
            out.rgba[d + 3] = (most + (a * (255 - most) + 127) / 255).min(255) as u8;
        }
    }
    out
}

/// Where a whole figure stands, and its body in the light of the place.
fn standing(spec: &FigureSpec, rig: &Rig, person: &Person) -> (Xf, Body) {
    let ub = rig.stage.ub;
    let (x, y, hu) = stand(rig, spec.framing, spec.slot);
    let hu = hu * person.stature();
    let m = if spec.facing == Facing::Left { -1.0 } else { 1.0 };
    let t = Xf { ox: x * ub, oy: y * ub, k: hu * ub, m, r: 0.0 };
    let view = match spec.facing {
        Facing::Left | Facing::Right => View::ThreeQuarter,
        Facing::Front => View::Front,
        Facing::Away => View::Back,
    };
    let from = if rig.key.x >= x { 1.0 } else { -1.0 };
    let face = Face::new(if view == View::ThreeQuarter { 1.0 } else { 0.0 }, spec.expression)
        .light(from * m)
        .shade(rig.shade * 0.7, rig.shade_tint);
    let mut body = Body::new(view, if spec.holding.is_some() && spec.pose == Pose::Stand { Pose::Hold } else { spec.pose }, face);
    body.lantern = false;
    (t, body)
}

/// A whole figure standing in its place.
fn whole(spec: &FigureSpec, rig: &Rig) -> PaintedPlane {
    let stage = &rig.stage;
    let ub = stage.ub;
    let person = Person::from_look(&spec.look);
    let (t, body) = standing(spec, rig, &person);
    let (x, y, hu, m) = (t.ox / ub, t.oy / ub, t.k / ub, t.m);
    let key = &rig.key;
    let from = if key.x >= x { 1.0 } else { -1.0 };
    let wide = spec.framing == Framing::Wide;
    let (sx, sy, sb) = if wide { (5.0, 3.0, 5.0) } else { (12.0, 6.0, 12.0) };
    let rim = if wide { 2.0 } else { 3.0 };
    let mut lit = lamp(Lit::plain().ambient(rig.ambient), key, ub, 0.0, key.r, key.k, key.p)
        .shadow(-from * sx * ub, sy * ub, sb * ub, 0.45)
        .rim(-from * rim * ub, ub, 0.9 * ub, rig.rim.0, rig.rim.1 * 0.8, None)
        .rim(from * rim * 0.6 * ub, 2.0 * ub, ub, rig.counter.0, rig.counter.1, None);
    let reach = (hu * ub) as i32;
    let window = figure_box(&t).grow(lit.margin() + reach).meet(&stage.rect());
    let shade = desert::long_shadow(rig, x, y, hu * 0.94);
    let window = match shade {
        Some(points) => {
            let reach = Rect::around(&[points.iter().map(|q| [q.0 * ub, q.1 * ub]).collect()]).grow((hu * ub) as i32);
            window.join(&reach).meet(&stage.rect())
        }
        None => window,
    };
    let window = if window.is_empty() { Rect::new(0, 0, 1, 1) } else { window };
    let mut group = Group::of(window, seed(spec, "body"));
    ground_shadow(&mut group, rig, x, y, hu, -from, if spec.pose == Pose::Sit { m } else { 0.0 });
    if let Some(points) = shade {
        let dark = mix(rig.hour.near, rig.hour.land[1], 0.35);
        let mut pen = Pen { g: &mut group, xf: Xf::new(0.0, 0.0, ub), style: rig.style };
        pen.poly(&points, dark, |q| q.flat().tex(0.0).blur(hu * 0.10).alpha(0.42));
    }
    if spec.pose == Pose::Sit {
        seat(&mut group, rig, x, y, hu, m);
    }
    let anchors = people::figure(&mut group, &t, &person, &body);
    let mut flame = None;
    // Nobody carries a boat, or what covers one, in a hand.
    if let Some(prop) = spec.holding.as_ref().filter(|q| !matches!(q.shape.as_str(), "tarpaulin" | "boat")) {
        let mut pen = Pen { g: &mut group, xf: Xf::new(0.0, 0.0, ub), style: rig.style };
        let size = props::stature(prop.shape.as_str()) * hu * 0.9;
        let s = size / 200.0;
        let (gx, gy) = props::grip(prop.shape.as_str());
        let (ax, ay) = (anchors.hand.0 / ub, anchors.hand.1 / ub);
        let mut q = pen.at(ax - gx * s * m, ay - gy * s, s, m);
        flame = props::paint(&mut q, prop, rig.style).map(|f| q.xf.pt(f.x, f.y));
    }
    if let Some((fx, fy)) = flame {
        lit = lit.light(fx, fy, hu * 9.0 * ub, Rgb(1.0, 0.72, 0.40), 1.2, 1.6);
    }
    let mut plane = light::finish(&group, &lit);
    if let Some((fx, fy)) = flame {
        let r = if wide { 190.0 } else { 330.0 };
        plane = union(&plane, &light::glow(fx, fy, r * ub, hex("#ffb04e"), 1.0, stage.rect(), seed(spec, "glow")));
    }
    painted(&plane, spec.character_id.as_str(), parallax::ACTORS, depth(spec, rig.stage.narrow()), None)
}

/// Whoever is spoken to, from behind: a dark mass of shoulder and head, out of focus, that frames the face beyond it. Painted
/// at half size, as everything in it is soft.
fn shoulder(spec: &FigureSpec, rig: &Rig) -> PaintedPlane {
    let person = Person::from_look(&spec.look);
    let at = mark(spec, rig, &person);
    let half = rig.stage.halved();
    let t = Xf { k: at.hu * half.ub, ox: at.x * half.ub, oy: at.y * half.ub, m: at.m, r: 0.0 };
    let mut group = Group::of(half.rect(), seed(spec, "shoulder"));
    people::bust_back(&mut group, &t, &person, 1.0);
    people::head_back(&mut group, &t, &person, 1.0);
    let dark = mix(rig.hour.near, Rgb(0.03, 0.03, 0.05), 0.5);
    let lit = Lit::plain().ambient(rig.ambient.scale(0.42)).haze(dark, 0.40).shadow(10.0 * half.ub, 4.0 * half.ub, 20.0 * half.ub, 0.5);
    let mut plate = Plate::new(&half);
    plate.paper(&group, &lit.blur(5.0 * half.ub).grain(0.0));
    plate.doubled(&rig.stage).done(spec.character_id.as_str(), parallax::NEAR, 905, None)
}

/// What a seated figure sits on: a stool indoors, a stone elsewhere. The hip is 2.1 heads above the ground.
fn seat(group: &mut Group, rig: &Rig, x: f32, y: f32, hu: f32, m: f32) {
    let mut pen = Pen { g: group, xf: Xf::new(0.0, 0.0, rig.stage.ub), style: rig.style };
    let mut pen = pen.at(x, y, hu / 100.0, m);
    if rig.scene.indoors() {
        let wood = rig.style.tone(hex("#6a4a34"));
        for x in [-72.0, 34.0] {
            pen.poly(&[(x, 0.0), (x + 8.0, -160.0), (x + 24.0, -160.0), (x + 16.0, 0.0)], mix(wood, rig.hour.near, 0.3), |q| {
                q.sh(3.0, 3.0, 5.0, 0.4)
            });
        }
        pen.rect(-84.0, -180.0, 66.0, -156.0, wood, |q| q.sh(0.0, 5.0, 6.0, 0.45));
    } else {
        let stone = mix(rig.hour.land[0], rig.hour.wall, 0.4);
        let side = mix(stone, rig.hour.near, 0.4);
        pen.curve(&[(-100.0, 4.0), (-96.0, -120.0), (-70.0, -176.0), (30.0, -180.0), (70.0, -130.0), (82.0, 4.0)], stone, |q| {
            q.sh(4.0, 4.0, 8.0, 0.4).grad((-90.0, 0.0), (80.0, 0.0), stone, side)
        });
    }
}

/// The soft dark under the feet, without which people float: wide and thin away from the light, dense where soles and the
/// legs of a stool touch. `sits` is the side a seated figure faces, else 0.
fn ground_shadow(group: &mut Group, rig: &Rig, x: f32, y: f32, hu: f32, away: f32, sits: f32) {
    let mut pen = Pen { g: group, xf: Xf::new(0.0, 0.0, rig.stage.ub), style: rig.style };
    let dark = mix(rig.hour.near, Rgb(0.02, 0.02, 0.06), 0.5);
    let (cx, rx) = if sits == 0.0 { (x + away * hu * 0.22, 0.95) } else { (x + (sits * 0.42 + away * 0.10) * hu, 1.55) };
    pen.ellipse(cx, y + hu * 0.03, hu * rx, hu * 0.15, dark, |q| q.flat().tex(0.0).blur(hu * 0.09).alpha(0.5));
    pen.ellipse(cx - away * hu * 0.06, y + hu * 0.01, hu * rx * 0.72, hu * 0.07, dark, |q| q.flat().tex(0.0).blur(hu * 0.035).alpha(0.55));
}
