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
        people::reaching(&mut group, &t, person, light, &Reach::pointing(person, if two { room.min(1.9) } else { room }, two));
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

/// How far a painted thing reaches from its grip, head units along the side faced: behind it (negative) and before it.
type Reaches = Option<(f32, f32)>;

/// Where one hand holds a thing before a bust, so that it covers no face and its forearm comes from the body: below the chin, and
/// where the frame leaves too little room for that, beside the cheek over the shoulder. `whole` is how far the thing reaches,
/// `beside` how far what of it is beside the face does. Returns how far aside the grip is, head units; nothing when the frame has
/// no room for it.
fn aside(framing: Framing, room: (f32, f32), whole: Reaches, beside: Reaches) -> Option<f32> {
    let (near, far) = whole.unwrap_or((-0.2, 0.2));
    let across = room.0;
    if framing == Framing::MediumTwo {
        // In a narrow frame the other's face is beside one's own breast: what is held stays before it.
        return Some(if across < 2.6 { 0.24 } else { (across - far - 0.1).clamp(0.28, 0.62) });
    }
    // A fist is as wide as it is.
    let most = across - far - 0.04;
    match beside {
        Some((near, _)) => Some(0.43 - near.min(-0.16)).filter(|x| *x <= most),
        None => Some((0.50 - near * 0.3).min(most).max(0.24)),
    }
}

/// How far below the head's centre a thing is held in one hand, head units; `above` is how far it reaches over the grip.
fn height(framing: Framing, room: (f32, f32), above: f32, hangs: bool) -> f32 {
    let below = room.1;
    let chin = 0.63 + above;
    match (framing, hangs, below > 1.2) {
        (Framing::MediumTwo, true, _) => 1.02f32.min(below - 0.22),
        (Framing::MediumTwo, false, _) => chin.max(1.12).min(below - 0.22).max(chin.min(below - 0.12)),
        (_, true, false) => 0.48,
        (_, true, true) => 0.92,
        (_, false, false) => chin.min(below - 0.16),
        (_, false, true) => chin.max(0.98).min(below - 0.30),
    }
}

/// Whether a thing is carried before the body with both hands.
fn carried(shape: &str, size: f32) -> bool {
    size >= 0.74 && props::grip(shape) == props::grip("")
}

/// One arm or two that hold something up, the thing, and the fingers over it. Returns its flame in pixels.
#[allow(clippy::too_many_arguments, reason = "one drawing; a struct for it would be named after this function")]
fn held(group: &mut Group, spec: &FigureSpec, rig: &Rig, prop: &PropSpec, w: &Person, at: &Mark, t: &Xf, light: f32) -> Option<(f32, f32)> {
    let shape = prop.shape.as_str();
    let hangs = matches!(shape, "lantern" | "star" | "can" | "bell" | "rope" | "key" | "basket");
    let room = room(rig, at);
    let size = props::stature(shape) * if spec.framing == Framing::Close { 0.9 } else { 1.0 };
    let s = size * at.hu / 200.0;
    let ub = rig.stage.ub;
    let thing = |group: &mut Group, x: f32, y: f32| {
        let mut pen = Pen { g: group, xf: Xf::new(0.0, 0.0, ub), style: rig.style };
        let mut q = pen.at(x, y, s, at.m);
        props::paint(&mut q, prop, rig.style).map(|f| q.xf.pt(f.x, f.y))
    };
    if carried(shape, size) && room.1 > 1.2 {
        // Before the breast, under the chin; the hands are where it ends, at its lower edge.
        let middle = (at.x + 0.06 * at.hu * at.m, at.y + (0.62 + size * 0.5).min(room.1 - size * 0.30) * at.hu);
        let mut alone = Group::of(rig.stage.rect(), 0);
        thing(&mut alone, middle.0, middle.1);
        let low = (middle.1 + size * 0.30 * at.hu).min(rig.stage.h - 0.16 * at.hu);
        let ends = ends(&alone, ((low - 0.05 * at.hu) * ub) as i32, ((low + 0.05 * at.hu) * ub) as i32);
        let (left, right) = ends.unwrap_or(((middle.0 * ub) as i32, (middle.0 * ub) as i32));
        let hand = |near: bool| {
            let edge = if near == (at.m > 0.0) { left } else { right } as f32 / ub;
            let inward = if near { 0.04 } else { -0.04 };
            Reach::holding(w, ((edge - at.x) / at.hu * at.m + inward, (low - at.y) / at.hu), near, false)
        };
        let hands = [true, false].map(|near| people::reaching(group, t, w, light, &hand(near)));
        let flame = thing(group, middle.0, middle.1);
        hands.iter().for_each(|hand| people::clasp(group, hand, w, light));
        return flame;
    }
    let grip = props::grip(shape);
    let above = ((grip.1 + 100.0) * size / 200.0).max(0.0);
    // Painted alone, it shows how far it reaches, all of it and what of it is beside the face.
    let middle = rig.stage.w * 0.5;
    let reaches = |hy: f32| {
        let mut alone = Group::of(rig.stage.rect(), 0);
        thing(&mut alone, middle - grip.0 * s * at.m, at.y + hy * at.hu - grip.1 * s);
        [rig.stage.h, at.y + 0.54 * at.hu].map(|bottom| {
            let (a, b) = ends(&alone, i32::MIN, (bottom * ub) as i32)?;
            let (a, b) = ((a as f32 / ub - middle) / at.hu, (b as f32 / ub - middle) / at.hu);
            Some(if at.m > 0.0 { (a, b) } else { (-b, -a) })
        })
    };
    let hy = height(spec.framing, room, above, hangs);
    let [whole, beside] = reaches(hy);
    // A fist that is up there is beside the face as well.
    let fist = (hy < 0.70).then_some((-0.16, 0.16));
    let (hx, hy) = match aside(spec.framing, room, whole, beside.or(fist)) {
        Some(hx) => (hx, hy),
        // No room beside the face: before the breast, cut by the frame.
        None => (0.30, 0.57 + above.max(0.17)),
    };
    let tucked = room.1 <= 1.2;
    let hand = people::reaching(group, t, w, light, &Reach::holding(w, (hx, hy), false, tucked));
    let flame = thing(group, at.x + hx * at.hu * at.m - grip.0 * s * at.m, at.y + hy * at.hu - grip.1 * s);
    people::clasp(group, &hand, w, light);
    flame
}

/// The first and the last solid column of what is painted between two rows.
fn ends(group: &Group, top: i32, bottom: i32) -> Option<(i32, i32)> {
    let window = group.window;
    let columns = (top.max(window.y)..bottom.min(window.bottom())).flat_map(|y| {
        let row = (y - window.y) as usize * window.w as usize;
        (0..window.w as usize).filter(move |x| group.pixmap.data()[(row + x) * 4 + 3] > 170).map(|x| x as i32)
    });
    let (least, most) = columns.fold((i32::MAX, i32::MIN), |(a, b), x| (a.min(x), b.max(x)));
    (least <= most).then(|| (window.x + least, window.x + most))
}

/// The reference's arm, its table edge brought to ours.
fn on_table(group: &mut Group, rig: &Rig, person: &Person, at: &Mark) {
    let stage = &rig.stage;
    // A child's arm is as much smaller as its body.
    let k = at.hu / 215.0 * person.bust_scale();
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
