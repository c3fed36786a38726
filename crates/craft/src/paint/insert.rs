//! One thing filling the frame: .52 of its height, on a surface, before its place out of focus, with one light and the hand
//! of its owner (art direction §2, insert).

use contracts::{
    Seed,
    picture::{Canvas, Facing, Framing, InsertSpec},
};

use super::PaintedPlane;
use crate::{
    light::{self, Lit},
    paper::{Group, Rgb, Xf, p},
    people::{self, Person},
    places::{
        self,
        interior::Woods,
        palette::{hex, mix},
        parallax,
        pen::Pen,
        plate::Plate,
        rig,
    },
    props,
};

/// Paints an insert, far to near.
pub fn insert(spec: &InsertSpec, canvas: Canvas) -> Vec<PaintedPlane> {
    let mut rig = rig::rig(&spec.place, Framing::Insert, Facing::Right, canvas);
    let stage = rig.stage;
    let (w, h, ub) = (stage.w, stage.h, stage.ub);
    let burns = spec.prop.lit && rig::is_lamp(&spec.prop);
    let number = |part: &str| Seed::of(&["insert", spec.prop.prop_id.as_str(), part]).next_u64();
    let size = (h * 0.52).min(w * 0.60);
    let (cx, cy) = (w * 0.5, h * 0.50);
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
    let foot = cy + size * 0.5;
    let half = stage.halved();
    let mut g = Group::of(half.rect(), number("surface"));
    {
        let mut pen = Pen::new(&mut g, &half, rig.style);
        let site = places::site(&rig, &spec.place, Framing::Insert);
        let (light, dark) = if rig.scene.indoors() {
            let woods = Woods::of(&site);
            (woods.table[0], woods.table[1])
        } else {
            // Turf on a headland, else stone.
            let stone = if rig.scene == places::Scene::Headland { 0.25 } else { 0.62 };
            (mix(rig.hour.land[0], rig.hour.wall, stone), mix(rig.hour.land[2], rig.hour.wall, stone * 0.3))
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
        pen.ellipse(cx - from * size * 0.10, foot + size * 0.01, size * 0.46, size * 0.05, Rgb(0.02, 0.02, 0.05), |q| {
            q.flat().tex(0.0).blur(10.0).alpha(0.5)
        });
        props::paint(&mut pen.at(cx, cy, k, 1.0), &spec.prop, rig.style).map(|f| (cx + f.x * k, cy + f.y * k))
    };
    let mut on = lamp(Lit::plain().ambient(mix(ambient, Rgb::WHITE, if burns { 0.35 } else { 0.10 })))
        .shadow(-from * 14.0 * ub, 10.0 * ub, 18.0 * ub, 0.5)
        .rim(-from * 3.0 * ub, 2.0 * ub, 1.6 * ub, rig.rim.0, rig.rim.1 * 0.8, None)
        .rim(from * 3.0 * ub, 2.0 * ub, 2.0 * ub, rig.counter.0, rig.counter.1, None);
    if let Some((x, y)) = flame {
        on = on.light(x * ub, y * ub, size * 0.9 * ub, Rgb(1.0, 0.78, 0.46), 0.5, 1.4);
    }
    plate.paper(&g, &on);
    if let Some((x, y)) = flame {
        plate.screen(&light::glow(x * ub, y * ub, size * 1.25 * ub, hex("#ffb45c"), 0.95, stage.rect(), number("glow")));
    }
    planes.push(plate.done(spec.prop.prop_id.as_str(), parallax::ACTORS, 650, None));
    if let Some(look) = &spec.hand {
        planes.push(hand(&rig, spec, look, size, (cx, cy), number("hand"), lamp(Lit::plain().ambient(ambient))));
    }
    planes.extend(top);
    planes
}

/// The owner's hand, from the lower left, touching the thing.
fn hand(rig: &rig::Rig, spec: &InsertSpec, look: &contracts::story::Look, size: f32, at: (f32, f32), seed: u64, lit: Lit) -> PaintedPlane {
    let stage = &rig.stage;
    let ub = stage.ub;
    let person = Person::from_look(look);
    let hu = (size / props::stature(spec.prop.shape.as_str())).clamp(stage.h * 0.52, stage.h * 0.74);
    let reach = match spec.prop.shape.as_str() {
        "book" => 0.62,
        "cloth" | "blanket" | "tarpaulin" | "letter" => 0.56,
        "card" => 0.52,
        "key" | "pen" | "candle" => 0.20,
        "lamp" | "star" | "lantern" | "bell" => 0.28,
        _ => 0.44,
    };
    // The finger tips come to the thing's side.
    let (tx, ty) = (at.0 - size * reach, at.1 + size * 0.30);
    let turn = -0.42f32;
    let (c, s) = (libm::cosf(turn), libm::sinf(turn));
    let (wx, wy) = (tx - 0.40 * hu * c, ty - 0.40 * hu * s);
    let mut g = Group::of(stage.rect(), seed);
    // The cuff lies over the wrist.
    let xf = Xf { ox: wx * ub, oy: wy * ub, k: hu * 1.18 * ub, m: 1.0, r: turn };
    people::hand(&mut g, &xf, &person, 1.0);
    {
        let mut pen = Pen { g: &mut g, xf: Xf::new(0.0, 0.0, ub), style: rig.style };
        let mut pen = pen.turned(wx, wy, hu / 215.0, turn);
        let [dark, coat, light] = [person.coat[0], person.coat[1], person.coat[2]];
        pen.shape(
            &[
                p(-900.0, 20.0),
                p(-420.0, -74.0),
                p(-120.0, -48.0),
                p(8.0, -34.0),
                p(14.0, 0.0),
                p(6.0, 34.0),
                p(-130.0, 64.0),
                p(-420.0, 150.0),
                p(-900.0, 330.0),
            ],
            coat,
            |q| q.sh(-4.0, 9.0, 12.0, 0.5).grad((0.0, -50.0), (-60.0, 90.0), light, dark),
        );
        pen.shape(
            &[p(-22.0, -38.0), p(12.0, -37.0), p(18.0, 0.0), p(10.0, 37.0), p(-24.0, 42.0), p(-14.0, 0.0)],
            mix(coat, dark, 0.55),
            |q| q.clean().sh(2.0, 3.0, 4.0, 0.4),
        );
    }
    let lit = lit.shadow(-6.0 * ub, 10.0 * ub, 14.0 * ub, 0.45).rim(-3.0 * ub, 1.0, 1.4 * ub, rig.rim.0, rig.rim.1 * 0.6, None);
    let mut plate = Plate::new(stage);
    plate.paper(&g, &lit);
    plate.done("hand", parallax::FRONT, 760, None)
}
