//! Arms before a bust: on a table, around a thing, pointing, around somebody. Lengths are head units of the bust.

use contracts::picture::{Facing, FigureSpec, Framing, Pose, PropSpec};

use super::{
    PaintedPlane,
    figure::{Mark, depth, lamp, seed, union},
};
use crate::{
    light::{self, Lit},
    paper::{Group, Rgb, Xf, p},
    people::{self, Person, Reach},
    places::{palette::hex, parallax, pen::Pen, plate::painted, rig::Rig},
    props,
};

/// The arms that a near framing shows, as one plane over the body; nothing when they hang.
pub(super) fn arms(spec: &FigureSpec, rig: &Rig, person: &Person, at: &Mark) -> Option<PaintedPlane> {
    let table = spec.framing == Framing::MediumTwo && rig.scene.has_table() && !matches!(spec.pose, Pose::Point | Pose::Embrace);
    let embrace = spec.framing == Framing::MediumTwo && spec.pose == Pose::Embrace;
    let points = matches!(spec.framing, Framing::MediumTwo | Framing::Medium) && spec.pose == Pose::Point;
    if !table && !embrace && !points && spec.holding.is_none() {
        return None;
    }
    let stage = &rig.stage;
    let ub = stage.ub;
    let key = &rig.key;
    let from = if key.x >= at.x { 1.0 } else { -1.0 };
    let mut group = Group::of(stage.rect(), seed(spec, "arms"));
    let mut flame = None;
    let t = Xf { ox: at.x * ub, oy: at.y * ub, k: at.hu * ub, m: at.m, r: 0.0 };
    let light = from * at.m;
    if table && spec.holding.is_none() {
        on_table(&mut group, rig, person, at);
    } else if let Some(prop) = &spec.holding {
        flame = held(&mut group, spec, rig, prop, person, at, &t, light);
    } else if embrace {
        people::reaching(&mut group, &t, person, light, &Reach::around(spec.facing == Facing::Right));
    } else if points {
        let room = room(rig, at).0;
        let two = spec.framing == Framing::MediumTwo;
        people::reaching(&mut group, &t, person, light, &Reach::pointing(if two { room.min(1.9) } else { room }, two));
    }
    let mut lit = Lit::plain().ambient(rig.ambient).shadow(-from * 4.0 * ub, 8.0 * ub, 12.0 * ub, 0.42);
    lit =
        if table && rig.flame { lamp(lit, key, ub, 120.0, 640.0, key.k * 1.08, 1.2) } else { lamp(lit, key, ub, 0.0, key.r, key.k, key.p) };
    lit = lit.rim(-from * 3.0 * ub, ub, 1.4 * ub, rig.rim.0, rig.rim.1 * 0.7, None);
    if let Some((x, y)) = flame {
        lit = lit.light(x, y, at.hu * 1.6 * ub, Rgb(1.0, 0.74, 0.42), 0.38, 1.4);
    }
    let mut plane = light::finish(&group, &lit);
    if let Some((x, y)) = flame {
        let glow = light::glow(x, y, at.hu * 1.9 * ub, hex("#ffb45c"), 0.62, stage.rect(), seed(spec, "glow"));
        plane = union(&plane, &glow);
    }
    let on_table = table && spec.holding.is_none();
    let parallax = if on_table { parallax::ACTORS + 60 } else { parallax::ACTORS };
    // An arm around somebody lies over both of them.
    let depth = match (on_table, embrace) {
        (true, _) => 760,
        (_, true) => 690 + u32::from(spec.facing == Facing::Left),
        _ => depth(spec, rig.stage.narrow()) + 3,
    };
    Some(painted(&plane, &format!("{}-arms", spec.character_id), parallax, depth, None))
}

/// Head units from the head's centre to the frame's edge on the side faced, and to its lower edge.
fn room(rig: &Rig, at: &Mark) -> (f32, f32) {
    let across = if at.m > 0.0 { rig.stage.w - at.x } else { at.x };
    (across / at.hu, (rig.stage.h - at.y) / at.hu)
}

/// Where a thing is held before a bust, so that it covers no face: beside the person's own where the frame has room on the
/// side faced, else below the chin; with somebody else in the frame, below both. Returns the grip.
pub(super) fn hold_at(framing: Framing, room: (f32, f32), size: f32, grip: (f32, f32), hangs: bool) -> (f32, f32) {
    let s = size / 200.0;
    let (half, above) = (size * 0.5, (grip.1 + 100.0) * s);
    let (across, below) = room;
    let chin = 0.62 + above.max(0.0);
    if framing == Framing::MediumTwo {
        let y = if hangs { 1.02 } else { chin.max(1.12) };
        // In a narrow frame the other's face is beside one's own breast: what is held stays before it.
        let aside = if across < 2.6 { 0.24 } else { (across - half - 0.1).clamp(0.28, 0.62) };
        return (aside, y.min(below - 0.22).max(chin.min(below - 0.12)));
    }
    let beside = 0.62 + half + grip.0.abs() * s;
    if across >= beside + half + 0.05 {
        let y: f32 = match (framing, hangs) {
            (Framing::Close, true) => 0.10,
            (Framing::Close, false) => 0.52,
            (_, true) => 0.62,
            (_, false) => 1.05,
        };
        return ((beside + 0.12).min(across - half - 0.05), y.min(below - 0.2));
    }
    (0.26, if hangs { 0.70 } else { chin.max(0.66) })
}

/// An arm that holds something up, the thing, and the fingers over it. Returns its flame in pixels.
#[allow(clippy::too_many_arguments, reason = "one drawing; a struct for it would be named after this function")]
fn held(group: &mut Group, spec: &FigureSpec, rig: &Rig, prop: &PropSpec, w: &Person, at: &Mark, t: &Xf, light: f32) -> Option<(f32, f32)> {
    let shape = prop.shape.as_str();
    let hangs = matches!(shape, "lantern" | "star" | "can" | "bell" | "rope" | "key" | "basket");
    let size = props::stature(shape) * if spec.framing == Framing::Close { 0.9 } else { 1.0 };
    let grip = props::grip(shape);
    let (hx, hy) = hold_at(spec.framing, room(rig, at), size, grip, hangs);
    let reach = Reach::holding(hx, hy, hangs);
    let hand = people::reaching(group, t, w, light, &reach);
    let s = size * at.hu / 200.0;
    let (x, y) = (at.x + hx * at.hu * at.m, at.y + hy * at.hu);
    let mut pen = Pen { g: group, xf: Xf::new(0.0, 0.0, rig.stage.ub), style: rig.style };
    let mut q = pen.at(x - grip.0 * s * at.m, y - grip.1 * s, s, at.m);
    let flame = props::paint(&mut q, prop, rig.style).map(|f| q.xf.pt(f.x, f.y));
    people::clasp(group, &hand, w, light);
    flame
}

/// The reference's arm, its table edge brought to ours.
fn on_table(group: &mut Group, rig: &Rig, person: &Person, at: &Mark) {
    let stage = &rig.stage;
    let k = at.hu / 215.0;
    let [dark, coat, lit_coat] = person.sleeve_cloth();
    let skin = person.skin;
    let mut pen = Pen { g: group, xf: Xf::new(0.0, 0.0, stage.ub), style: rig.style };
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
    let hx = 112.0;
    for j in 0..4 {
        let f = j as f32;
        let tip = 88.0 - (f - 1.0).abs() * 7.0;
        pen.curve(
            &[(hx + 34.0, 620.0 + f * 10.0), (hx + tip, 627.0 + f * 9.0), (hx + tip, 637.0 + f * 9.0), (hx + 30.0, 634.0 + f * 9.0)],
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
}
