//! One thing filling the frame: .52 of its height, on a surface, before its place out of focus, with one light and the hand
//! of its owner, who holds it by its edge (art direction §2, insert).

use contracts::{
    Seed,
    assets::TrackProperty,
    picture::{Canvas, Facing, Framing, InsertSpec, Slot},
};

use super::{PaintedPlane, afloat};
use crate::{
    light::Lit,
    motion,
    paper::{Group, Rgb, Xf, c, p},
    people::{self, Person},
    places::{self, interior::Woods, palette::mix, parallax, pen::Pen, plate::Plate, rig},
    print, props,
};

/// How red the skin of its hand is in the light of its place ([`print::reddest`]).
pub(super) fn reddest(spec: &InsertSpec, canvas: Canvas) -> Option<f32> {
    let rig = rig::rig(&spec.place, Framing::Insert, Facing::Right, canvas);
    let warm = rig.flame || spec.prop.lit || rig.hour.low || rig.hour.lamps;
    spec.hand.as_ref().map(|look| print::reddest(Rgb::hex(&look.skin), warm))
}

/// Paints an insert, far to near.
pub fn insert(spec: &InsertSpec, canvas: Canvas) -> Vec<PaintedPlane> {
    if let Some(planes) = afloat::afloat(spec, canvas) {
        return planes;
    }
    let mut rig = rig::rig(&spec.place, Framing::Insert, Facing::Right, canvas);
    let stage = rig.stage;
    let (w, h, ub) = (stage.w, stage.h, stage.ub);
    let burns = spec.prop.lit && rig::is_lamp(&spec.prop);
    let number = |part: &str| Seed::of(&["insert", spec.prop.prop_id.as_str(), part]).next_u64();
    let size = (h * 0.52).min(w * 0.60);
    // What is light enough is held up before the surface.
    let held = spec.hand.is_some() && matches!(spec.prop.shape.as_str(), "card" | "letter" | "key" | "pen");
    let (cx, cy) = (w * 0.5, h * if held { 0.465 } else { 0.50 });
    if burns {
        // The thing is the light: its place falls back.
        (rig.key.x, rig.key.y) = (cx, cy);
        rig.flame = true;
    }
    let mut planes = places::behind(&rig, &spec.place, Framing::Insert);
    let top = planes.pop();
    let ambient = mix(rig.ambient, Rgb::WHITE, if rig.hour.lamps { 0.16 } else { 0.0 });
    let from = if rig.key.x >= cx { 1.0 } else { -1.0 };
    let lamp = |lit: Lit| {
        let k = if burns {
            0.55
        } else if rig.flame {
            rig.key.k
        } else {
            rig.key.k * 1.1
        };
        lit.light(rig.key.x * ub, rig.key.y * ub, rig.key.r * ub, rig.key.c, k, rig.key.p)
    };
    let mut plate = Plate::new(&stage);
    // What it stands on: the table's edge, or stone out of doors, a little out of focus.
    let foot = h * 0.50 + size * 0.5;
    let half = stage.halved();
    let mut g = Group::of(half.rect(), number("surface"));
    {
        let mut pen = Pen::new(&mut g, &half, rig.style);
        let site = places::site(&rig, &spec.place, Framing::Insert);
        let (light, dark) = if rig.scene.indoors() {
            let woods = Woods::of(&site);
            (woods.table[0], woods.table[1])
        } else {
            // Turf on a headland, sand on dry land, else stone.
            let stone = if rig.scene == places::Scene::Headland { 0.25 } else { 0.62 };
            if rig.scene.dry() {
                let sand = places::desert::sand(&rig, spec.place.time_of_day);
                (sand[2], sand[3])
            } else {
                (mix(rig.hour.land[0], rig.hour.wall, stone), mix(rig.hour.land[2], rig.hour.wall, stone * 0.3))
            }
        };
        let y = foot - size * 0.16;
        pen.rect(stage.left() - 8.0, y, stage.right() + 8.0, stage.bottom() + 8.0, light, |q| {
            q.grad((0.0, y), (0.0, h * 1.04), light, dark).tex(0.8)
        });
        for t in [0.25, 0.55, 0.85] {
            let yy = y + (h - y) * t;
            pen.line(&[(stage.left(), yy), (w * 0.4, yy + 3.0), (w * 0.7, yy - 2.0), (stage.right(), yy + 2.0)], dark, 2.0, 0.5, true);
        }
    }
    let mut small = Plate::new(&half);
    let on = Lit::plain().ambient(ambient).shadow(0.0, -4.0 * half.ub, 14.0 * half.ub, 0.5).blur(2.4 * half.ub).grain(0.0);
    let on =
        on.light(rig.key.x * half.ub, rig.key.y * half.ub, rig.key.r * half.ub, rig.key.c, if burns { 1.0 } else { rig.key.k }, rig.key.p);
    small.paper(&g, &on);
    plate.over(small.doubled(&stage).plane());
    let mut g = Group::of(stage.rect(), number("thing"));
    let flame = {
        let mut pen = Pen { g: &mut g, xf: Xf::new(0.0, 0.0, ub), style: rig.style };
        let k = size / 200.0;
        props::paint(&mut pen.at(cx, cy, k, 1.0), &spec.prop, rig.style).map(|f| (cx + f.x * k, cy + f.y * k))
    };
    // A lamp is taken by its foot, where it is not hot.
    let low = if rig::is_lamp(&spec.prop) { 90 } else { 64 };
    let left = match spec.hand_from {
        Some(slot) => slot != Slot::Right,
        None => Seed::new(number("side")).below(2) == 0,
    };
    let hand = spec.hand.as_ref().map(|look| Hand::at(&g, &rig, look, size, low, left));
    // On the surface lies the thing's own dark; a held thing throws a fainter one further down.
    let mut dark = Group::of(stage.rect(), number("contact"));
    {
        let mut pen = Pen { g: &mut dark, xf: Xf::new(0.0, 0.0, ub), style: rig.style };
        let (dy, soft, a) = if held { (size * 0.10, 22.0, 0.34) } else { (size * 0.01, 10.0, 0.5) };
        pen.ellipse(cx - from * size * 0.10, foot + dy, size * 0.46, size * 0.05, Rgb(0.02, 0.02, 0.05), |q| {
            q.flat().tex(0.0).blur(soft).alpha(a)
        });
    }
    plate.paper(&dark, &Lit::plain().grain(0.0));
    // What is in a hand is never quite still; what it is held before is.
    planes.push(plate.done("surface", parallax::ACTORS, 640, None));
    let mut plate = Plate::new(&stage);
    let glow = props::light_of(&spec.prop);
    let mut on = lamp(Lit::plain().ambient(mix(ambient, Rgb::WHITE, if burns { 0.35 } else { 0.10 })))
        .shadow(-from * 14.0 * ub, 10.0 * ub, 18.0 * ub, 0.5)
        .rim(-from * 3.0 * ub, 2.0 * ub, 1.6 * ub, rig.rim.0, rig.rim.1 * 0.8, None)
        .rim(from * 3.0 * ub, 2.0 * ub, 2.0 * ub, rig.counter.0, rig.counter.1, None);
    if let Some((x, y)) = flame {
        on = on.light(x * ub, y * ub, size * 0.9 * ub, mix(glow, Rgb::WHITE, 0.2), 0.5, 1.4);
    }
    let skin = lamp(Lit::plain().ambient(ambient)).shadow(-6.0 * ub, 10.0 * ub, 14.0 * ub, 0.45).rim(
        -3.0 * ub,
        1.0,
        1.4 * ub,
        rig.rim.0,
        rig.rim.1 * 0.6,
        None,
    );
    if let Some(hand) = &hand {
        let mut g = Group::of(stage.rect(), number("fingers"));
        people::fingers(&mut g, &hand.xf, &hand.person, hand.m);
        plate.paper(&g, &skin);
    }
    plate.paper(&g, &on);
    if let Some(hand) = &hand {
        let mut g = Group::of(stage.rect(), number("thumb"));
        people::thumb_over(&mut g, &hand.xf, &hand.person, hand.m);
        hand.sleeve(&mut g, &rig);
        plate.paper(&g, &skin);
    }
    if let Some((x, y)) = flame {
        let site = places::site(&rig, &spec.place, Framing::Insert);
        plate.fire(&site, (x * ub, y * ub), size * 1.25 * ub, glow, 0.95, number("glow"));
    }
    let mut thing = plate.done(spec.prop.prop_id.as_str(), parallax::ACTORS, 650, None);
    if hand.is_some() {
        let mut seed = Seed::new(number("tremor"));
        let reach = |units: f32| f64::from(units * ub) * 1000.0;
        thing.tracks = vec![
            motion::swing(&mut seed, TrackProperty::X, 0.0, reach(0.7), (4_300, 5_900)),
            motion::swing(&mut seed, TrackProperty::Y, 0.0, reach(1.3), (3_100, 4_200)),
        ];
    }
    planes.extend(thing.sheets());
    planes.extend(top);
    planes.sort_by_key(|q| q.depth);
    places::named_apart(&mut planes);
    planes
}

/// The owner's hand, from below on one side: the fingers behind the thing's edge there, the thumb over it.
struct Hand {
    person: Person,
    /// Origin at the wrist, pixels.
    xf: Xf,
    /// Wrist, units, and the size of a head.
    wrist: (f32, f32),
    hu: f32,
    turn: f32,
    /// 1 from the left, −1 from the right.
    m: f32,
}

impl Hand {
    /// Finds the edge of a painted thing at `low` hundredths of its height, so that any shape is taken where it begins.
    fn at(thing: &Group, rig: &rig::Rig, look: &contracts::story::Look, size: f32, low: i32, left: bool) -> Self {
        let (stage, ub) = (&rig.stage, rig.stage.ub);
        let person = Person::from_look(look);
        let window = thing.window;
        let solid = |x: i32, y: i32| {
            let i = ((y - window.y) as usize * window.w as usize + (x - window.x) as usize) * 4 + 3;
            thing.pixmap.data()[i] > 170
        };
        let wide = window.x..window.right();
        let rows: Vec<i32> = (window.y..window.bottom()).filter(|&y| wide.clone().any(|x| solid(x, y))).collect();
        let (top, bottom) = (rows.first().copied().unwrap_or(0), rows.last().copied().unwrap_or(0));
        let at = top + (bottom - top) * low / 100;
        let reach = ((bottom - top) / 24).max(1);
        let edge = (at - reach..=at + reach)
            .filter(|y| (window.y..window.bottom()).contains(y))
            .filter_map(|y| if left { wide.clone().find(|&x| solid(x, y)) } else { wide.clone().rev().find(|&x| solid(x, y)) })
            .reduce(|a, b| if left { a.min(b) } else { a.max(b) })
            .unwrap_or(stage.canvas.width as i32 / 2);
        let hu = (size * 1.05).clamp(stage.h * 0.40, stage.h * 0.66);
        let turn = -0.46f32;
        let k = hu * 1.18;
        let (c, s) = (libm::cosf(turn), libm::sinf(turn));
        let m = if left { 1.0 } else { -1.0 };
        let wrist = (edge as f32 / ub - people::HELD * k * c * m, at as f32 / ub - people::HELD * k * s);
        Self { person, xf: Xf { ox: wrist.0 * ub, oy: wrist.1 * ub, k: k * ub, m, r: turn * m }, wrist, hu, turn, m }
    }

    /// The sleeve and its cuff, which lies over the wrist.
    fn sleeve(&self, g: &mut Group, rig: &rig::Rig) {
        let mut pen = Pen { g, xf: Xf::new(0.0, 0.0, rig.stage.ub), style: rig.style };
        let mut pen = pen.at(self.wrist.0, self.wrist.1, self.hu / 215.0, self.m);
        let mut pen = pen.turned(0.0, 0.0, 1.0, self.turn);
        let [dark, coat, light] = self.person.coat;
        pen.shape(
            &[
                p(-900.0, 20.0),
                p(-420.0, -74.0),
                p(-120.0, -48.0),
                p(2.0, -36.0),
                p(8.0, 0.0),
                p(0.0, 36.0),
                p(-130.0, 64.0),
                p(-420.0, 150.0),
                p(-900.0, 330.0),
            ],
            coat,
            |q| q.sh(-4.0, 9.0, 12.0, 0.5).grad((0.0, -50.0), (-60.0, 90.0), light, dark),
        );
        for (x, y) in [(-150.0, -20.0), (-110.0, 16.0)] {
            pen.shape(&[c(x, y), p(x - 60.0, y + 18.0), c(x - 130.0, y + 22.0), p(x - 58.0, y + 6.0)], dark, |q| {
                q.flat().clean().alpha(0.6)
            });
        }
        pen.shape(
            &[p(-26.0, -40.0), p(4.0, -39.0), p(11.0, 0.0), p(3.0, 39.0), p(-28.0, 44.0), p(-20.0, 0.0)],
            mix(coat, dark, 0.55),
            |q| q.clean().sh(2.0, 3.0, 4.0, 0.4),
        );
    }
}
