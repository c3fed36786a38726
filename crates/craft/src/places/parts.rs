//! Parts that places are built of: faceted rock, trees, bushes, hills, houses' windows, fire. Each is a few sheets with a lit
//! and a shaded side; the seed decides their shape, the place where they stand.

use contracts::Seed;

use super::{
    Site,
    palette::{Disc, hex, mix},
    pen::Pen,
    plate::Plate,
};
use crate::{
    light,
    paper::{Edge, Outline, Pt, Rgb, c, p},
};

/// A number of a seed between two.
pub fn within(seed: &mut Seed, a: f32, b: f32) -> f32 {
    seed.range(f64::from(a), f64::from(b)) as f32
}

/// A colour with most of its hue taken out: stone among turf.
pub fn stony(c: Rgb, k: f32) -> Rgb {
    let l = c.luma();
    mix(c, Rgb(l * 1.01, l, l * 0.985), k)
}

/// The tones of a solid thing: from the side away from the light to its torn lip.
#[derive(Clone, Copy, Debug)]
pub struct Tones {
    /// Away from the light.
    pub dark: Rgb,
    /// Its own colour.
    pub body: Rgb,
    /// Towards the light.
    pub light: Rgb,
    /// Its torn edge.
    pub lip: Rgb,
}

impl Tones {
    /// Rock of a depth: 0 far, 1 middle, 2 near.
    pub fn rock(site: &Site, depth: usize) -> Self {
        let hour = &site.rig.hour;
        // Stone is greyer than turf, and keeps its five steps by night too.
        let stone = mix(stony(hour.land[depth], if hour.lamps { 0.3 } else { 0.72 }), hour.wall, if hour.lamps { 0.12 } else { 0.10 });
        let lit = if hour.disc == Disc::None { 0.30 } else { 0.46 };
        Self {
            dark: mix(stone, mix(hour.near, hour.dark, 0.45), 0.58),
            body: stone,
            light: mix(stone, hour.land_core[0], lit),
            lip: mix(hour.land_core[depth.min(1)], hour.cloud_core, 0.12),
        }
    }

    /// Of a colour, shaded and lit by the hour.
    pub fn of(site: &Site, body: Rgb) -> Self {
        let hour = &site.rig.hour;
        Self {
            dark: mix(body, hour.near, 0.45),
            body,
            light: mix(body, mix(hour.light, Rgb::WHITE, 0.4), if hour.lamps { 0.16 } else { 0.26 }),
            lip: mix(body, hour.cloud_core, 0.5),
        }
    }

    /// Between the dark (−1) and the light (1), in five steps.
    pub fn step(&self, t: f32) -> Rgb {
        let t = libm::roundf(t.clamp(-1.0, 1.0) * 2.0) * 0.5;
        if t < 0.0 { mix(self.body, self.dark, -t) } else { mix(self.body, self.light, t) }
    }

    /// Seen through air.
    pub fn far(&self, haze: Rgb, t: f32) -> Self {
        let m = |c| mix(c, haze, t);
        Self { dark: m(self.dark), body: m(self.body), light: m(self.light), lip: m(self.lip) }
    }
}

/// The side the light comes from: −1 left, 1 right; seen from `x` in view units.
pub fn lit_from(site: &Site, x: f32) -> f32 {
    if super::sky::disc_spot(site.rig).0 < x { -1.0 } else { 1.0 }
}

/// The upper edge of a rock between two feet: steps and slabs, `high` at its summit, which stands at `top` (0 left, 1
/// right) of its width.
pub fn ridge(seed: &mut Seed, x0: f32, x1: f32, foot: f32, high: f32, top: f32) -> Vec<(f32, f32)> {
    let wide = x1 - x0;
    let n = 4 + seed.below(2) as usize;
    let mut up: Vec<(f32, f32)> = vec![(x0, foot)];
    let side = |from: f32, to: f32, seed: &mut Seed| {
        // Rock climbs in steep faces and short ledges.
        let mut line = Vec::new();
        for i in 0..n {
            let t = (i as f32 + 0.75) / (n as f32 + 0.6);
            let rise = libm::powf(t, 0.72);
            let x = from + (to - from) * t + within(seed, -0.025, 0.025) * wide;
            let y = foot - high * (rise * within(seed, 0.86, 1.02)).min(0.96);
            line.push((x, y));
            if seed.below(2) == 0 {
                line.push((x + (to - from) * within(seed, 0.04, 0.09), y - high * within(seed, -0.01, 0.03)));
            }
        }
        line
    };
    let summit = x0 + wide * top;
    up.extend(side(x0, summit, seed));
    up.push((summit, foot - high));
    if seed.below(2) == 0 {
        up.push((summit + wide * within(seed, 0.05, 0.10), foot - high * within(seed, 0.95, 0.99)));
    }
    let mut down = side(x1, summit, seed);
    down.reverse();
    up.extend(down);
    up.push((x1, foot));
    // The climb from either side keeps its order along x.
    let mut last = f32::MIN;
    for q in &mut up {
        q.0 = q.0.max(last + wide * 0.004);
        last = q.0;
    }
    up
}

/// A faceted rock below a ridge: every step of the ridge is the head of two planes that follow the fall line, lit or shaded
/// by the way they look.
pub fn crag(pen: &mut Pen, seed: &mut Seed, ridge: &[(f32, f32)], foot: f32, tones: &Tones, from: f32) -> Outline {
    let (Some(first), Some(last)) = (ridge.first(), ridge.last()) else {
        return pen.outline(&[]);
    };
    let mut around = ridge.to_vec();
    around.extend([(last.0 + 4.0, foot + 30.0), (first.0 - 4.0, foot + 30.0)]);
    let body = pen.poly(&around, tones.body, |q| q.edge(Edge::Torn).core(tones.lip).k(0.9).sh(-3.0, -2.0, 9.0, 0.4));
    let summit = ridge.iter().fold(*first, |a, b| if b.1 < a.1 { *b } else { a });
    let wide = (last.0 - first.0).max(1.0);
    let step = wide / ridge.len() as f32;
    let fall: Vec<[(f32, f32); 3]> = ridge
        .iter()
        .map(|&(x, y)| {
            let deep = (foot + 30.0 - y).max(2.0);
            let lean = (x - summit.0) * 0.22;
            let mid = (x + lean * 0.4 + within(seed, -0.42, 0.42) * step, y + deep * within(seed, 0.30, 0.56));
            let low = (x + lean + within(seed, -0.5, 0.5) * step, foot + 34.0);
            [(x, y + 3.0), mid, low]
        })
        .collect();
    for pair in fall.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let slope = (b[0].1 - a[0].1) / (b[0].0 - a[0].0).max(1.0);
        // A face that falls to the right looks to the right; a ledge looks up.
        let look = (slope * 0.7).clamp(-1.0, 1.0) * from;
        let flat = if slope.abs() < 0.25 { 0.35 } else { 0.0 };
        let up = (look * 0.75 + flat + within(seed, -0.18, 0.22)).clamp(-1.0, 1.0);
        let low = up - 0.42 + within(seed, -0.25, 0.25);
        pen.poly(&[a[0], b[0], b[1], a[1]], tones.step(up), |q| q.flat().alpha(0.92).clip(&body));
        pen.poly(&[a[1], b[1], b[2], a[2]], tones.step(low), |q| q.flat().alpha(0.92).clip(&body));
        if seed.below(3) == 0 {
            // A split across the face.
            let t = within(seed, 0.3, 0.7);
            let m = |p: (f32, f32), q: (f32, f32)| (p.0 + (q.0 - p.0) * t, p.1 + (q.1 - p.1) * t);
            pen.poly(&[m(a[0], a[1]), b[1], a[1]], tones.step(up - 0.5), |q| q.flat().alpha(0.85).clip(&body));
        }
    }
    // Light catches on the ledges.
    for pair in ridge.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let slope = (b.1 - a.1) / (b.0 - a.0).max(1.0);
        if slope.abs() < 0.3 && b.0 - a.0 > 5.0 {
            pen.line(&[(a.0, a.1 + 2.0), (b.0, b.1 + 2.0)], tones.lip, 2.2, 0.7, false);
        }
    }
    body
}

/// A loose boulder: a small crag with its foot at (x, y).
#[allow(clippy::too_many_arguments, reason = "a boulder is these numbers")]
pub fn boulder(pen: &mut Pen, seed: &mut Seed, x: f32, y: f32, wide: f32, high: f32, tones: &Tones, from: f32) {
    let top = within(seed, 0.28, 0.68);
    let a: Vec<(f32, f32)> = [(-0.50, 0.0), (-0.46, 0.42), (-0.28, 0.80), (top - 0.5, 1.0), (0.24, 0.84), (0.42, 0.46), (0.50, 0.0)]
        .iter()
        .map(|&(dx, dy)| (x + wide * (dx + within(seed, -0.03, 0.03)), y - high * dy * within(seed, 0.9, 1.06)))
        .collect();
    let body = pen.poly(&a, tones.body, |q| q.sh(4.0, 3.0, 6.0, 0.4).k(0.7));
    let (hx, hy) = (a[3].0, a[3].1);
    let heart = (hx + wide * 0.04 * from, hy + high * 0.42);
    // Three planes: the top, the lit side, the shaded side.
    pen.poly(&[a[1], a[2], a[3], heart], tones.step(if from < 0.0 { 0.9 } else { 0.1 }), |q| q.flat().clip(&body));
    pen.poly(&[a[3], a[4], a[5], heart], tones.step(if from < 0.0 { 0.0 } else { 0.9 }), |q| q.flat().clip(&body));
    pen.poly(&[a[0], a[1], heart, (heart.0 - wide * 0.1, y + 4.0)], tones.step(if from < 0.0 { 0.3 } else { -0.8 }), |q| {
        q.flat().clip(&body)
    });
    pen.poly(&[a[6], a[5], heart, (heart.0 + wide * 0.12, y + 4.0)], tones.step(if from < 0.0 { -0.9 } else { 0.4 }), |q| {
        q.flat().clip(&body)
    });
}

/// A cloud of leaves: arcs of uneven radius meeting in cusps, as cut with scissors.
#[allow(clippy::too_many_arguments, reason = "a clump is these numbers")]
pub fn clump(pen: &mut Pen, seed: &mut Seed, x: f32, y: f32, rx: f32, ry: f32, color: Rgb, core: Option<Rgb>, shadow: f32) -> Outline {
    let n = 7 + seed.below(3) as usize;
    let turn = core::f32::consts::TAU;
    let mut points: Vec<Pt> = Vec::with_capacity(n * 3);
    let start = within(seed, 0.0, turn);
    for i in 0..n {
        let a = start + turn * i as f32 / n as f32;
        let b = start + turn * (i as f32 + 1.0) / n as f32;
        let at = |a: f32, k: f32| (x + rx * k * libm::cosf(a), y + ry * k * libm::sinf(a));
        let out = within(seed, 1.0, 1.16);
        let (qx, qy) = at(a, 0.86);
        points.push(c(qx, qy));
        for t in [0.25, 0.5, 0.75] {
            let bulge = 0.90 + (out - 0.90) * (1.0 - (t - 0.5) * (t - 0.5) * 3.2);
            let (qx, qy) = at(a + (b - a) * t, bulge);
            points.push(p(qx, qy));
        }
    }
    pen.shape(&points, color, |q| {
        let q = q.edge(Edge::Soft).k(0.6).sh(2.0, 4.0, 7.0, shadow);
        match core {
            Some(core) => q.core(core),
            None => q,
        }
    })
}

/// What kind of tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tree {
    /// A round crown.
    Broad,
    /// Tiers of needles.
    Fir,
    /// A tall narrow crown.
    Poplar,
    /// Bare branches.
    Bare,
    /// A hanging crown.
    Willow,
}

/// A tree with its foot at (x, y), `high` units high.
#[allow(clippy::too_many_arguments, reason = "a tree is these numbers")]
pub fn tree(pen: &mut Pen, seed: &mut Seed, kind: Tree, x: f32, y: f32, high: f32, bark: Rgb, leaf: &Tones, from: f32) {
    let k = high / 100.0;
    let trunk = |pen: &mut Pen, top: f32, wide: f32, lean: f32| {
        pen.curve(
            &[
                (x - wide * 1.7, y + 2.0),
                (x - wide * 0.9, y - 7.0 * k),
                (x - wide * 0.7 + lean * 0.6, y - top * 0.6),
                (x - wide * 0.4 + lean, y - top),
                (x + wide * 0.4 + lean, y - top),
                (x + wide * 0.7 + lean * 0.6, y - top * 0.6),
                (x + wide * 0.9, y - 7.0 * k),
                (x + wide * 1.7, y + 2.0),
            ],
            bark,
            |q| {
                q.sh(3.0, 2.0, 4.0, 0.3).grad(
                    (x - wide, 0.0),
                    (x + wide, 0.0),
                    mix(bark, leaf.light, if from < 0.0 { 0.4 } else { 0.0 }),
                    mix(bark, if from < 0.0 { leaf.dark } else { leaf.light }, 0.4),
                )
            },
        );
    };
    match kind {
        Tree::Broad => {
            trunk(pen, 52.0 * k, 4.2 * k, within(seed, -4.0, 4.0) * k);
            let (rx, ry) = (30.0 * k * within(seed, 0.9, 1.15), 28.0 * k);
            let cy = y - 68.0 * k;
            clump(pen, seed, x - from * rx * 0.28, cy + ry * 0.22, rx, ry * 0.86, leaf.dark, None, 0.35);
            clump(
                pen,
                seed,
                x - rx * 0.52,
                cy + ry * 0.10,
                rx * 0.62,
                ry * 0.58,
                leaf.step(if from < 0.0 { 0.3 } else { -0.3 }),
                None,
                0.3,
            );
            clump(
                pen,
                seed,
                x + rx * 0.52,
                cy + ry * 0.06,
                rx * 0.60,
                ry * 0.60,
                leaf.step(if from < 0.0 { -0.3 } else { 0.3 }),
                None,
                0.3,
            );
            clump(
                pen,
                seed,
                x + from * rx * 0.10,
                cy - ry * 0.30,
                rx * 0.72,
                ry * 0.62,
                leaf.body,
                Some(mix(leaf.body, leaf.lip, 0.5)),
                0.3,
            );
            clump(pen, seed, x + from * rx * 0.34, cy - ry * 0.48, rx * 0.40, ry * 0.36, leaf.light, Some(leaf.lip), 0.22);
        }
        Tree::Fir => {
            trunk(pen, 20.0 * k, 3.2 * k, 0.0);
            let n = 5;
            for i in 0..n {
                let t = i as f32 / (n - 1) as f32;
                let (base, tip) = (y - (10.0 + 64.0 * t) * k, y - (42.0 + 58.0 * t) * k);
                let half = (27.0 - 19.0 * t) * k * within(seed, 0.9, 1.1);
                let mut points = vec![c(x, tip)];
                let teeth = 5 - i / 2;
                let mut under = Vec::new();
                for j in 0..=teeth {
                    let u = 1.0 - 2.0 * j as f32 / teeth as f32;
                    under.push(c(x + half * u, base + within(seed, -1.5, 2.5) * k - (1.0 - u.abs()) * 2.0 * k));
                    if j < teeth {
                        let u = 1.0 - 2.0 * (j as f32 + 0.5) / teeth as f32;
                        under.push(p(x + half * u, base - 5.0 * k));
                    }
                }
                points.push(p(x + half * 0.34, (tip + base) * 0.5));
                points.extend(under);
                points.push(p(x - half * 0.34, (tip + base) * 0.5));
                let tone = leaf.step(-0.5 + 0.9 * t);
                let body = pen.shape(&points, tone, |q| q.edge(Edge::Soft).k(0.5).sh(2.0, 4.0, 6.0, 0.32));
                pen.poly(
                    &[
                        (x, tip - 4.0),
                        (x + from * half * 1.2, tip),
                        (x + from * half * 1.2, base + 8.0 * k),
                        (x + from * 2.0, base + 8.0 * k),
                    ],
                    leaf.light,
                    |q| q.flat().alpha(0.45).clip(&body),
                );
            }
        }
        Tree::Poplar => {
            trunk(pen, 24.0 * k, 2.6 * k, 0.0);
            let mut points = Vec::new();
            for (s, order) in [(1.0f32, [0.0f32, 0.2, 0.45, 0.7, 0.9]), (-1.0, [0.9, 0.7, 0.45, 0.2, 0.0])] {
                for t in order {
                    let half = 11.0 * libm::sinf(core::f32::consts::PI * (0.12 + 0.85 * t)) * within(seed, 0.85, 1.1) * k;
                    points.push(p(x + s * half, y - (14.0 + 84.0 * t) * k));
                }
                if s > 0.0 {
                    points.push(c(x, y - 102.0 * k));
                }
            }
            let body = pen.shape(&points, leaf.body, |q| q.edge(Edge::Rag).k(0.5).sh(2.0, 4.0, 6.0, 0.32));
            pen.curve(
                &[
                    (x, y - 104.0 * k),
                    (x - from * 14.0 * k, y - 60.0 * k),
                    (x - from * 12.0 * k, y - 8.0 * k),
                    (x - from * 1.0, y - 12.0 * k),
                ],
                leaf.dark,
                |q| q.flat().alpha(0.7).clip(&body),
            );
            pen.curve(
                &[(x + from * 4.0 * k, y - 84.0 * k), (x + from * 9.0 * k, y - 60.0 * k), (x + from * 6.0 * k, y - 36.0 * k)],
                leaf.light,
                |q| q.flat().alpha(0.7).clip(&body),
            );
        }
        Tree::Bare => {
            trunk(pen, 58.0 * k, 4.0 * k, within(seed, -5.0, 5.0) * k);
            for i in 0..9 {
                let s = if i % 2 == 0 { 1.0 } else { -1.0 };
                let up = (26.0 + 5.2 * i as f32) * k;
                let reach = (34.0 - 2.0 * i as f32) * k * within(seed, 0.7, 1.1);
                let (bx, by) = (x, y - up);
                let tip = (x + s * reach, by - reach * within(seed, 0.7, 1.2));
                let mid = (x + s * reach * 0.55, by - reach * 0.32);
                pen.line(&[(bx, by), mid, tip], bark, (4.2 - 0.3 * i as f32) * k, 1.0, true);
                pen.line(
                    &[mid, (mid.0 + s * reach * 0.30, mid.1 - reach * 0.12), (mid.0 + s * reach * 0.52, mid.1 - reach * 0.36)],
                    bark,
                    1.8 * k,
                    1.0,
                    true,
                );
                pen.line(&[mid, (mid.0 + s * reach * 0.06, mid.1 - reach * 0.42)], bark, 1.6 * k, 1.0, true);
            }
        }
        Tree::Willow => {
            trunk(pen, 60.0 * k, 5.0 * k, within(seed, -6.0, 6.0) * k);
            clump(pen, seed, x, y - 72.0 * k, 34.0 * k, 22.0 * k, leaf.dark, None, 0.3);
            for i in 0..9 {
                let t = (i as f32 + 0.5) / 9.0 * 2.0 - 1.0;
                let fx = x + t * 38.0 * k;
                let long = (46.0 + 14.0 * (1.0 - t * t)) * k * within(seed, 0.8, 1.1);
                let top = y - (80.0 + 8.0 * (1.0 - t * t)) * k;
                pen.curve(
                    &[
                        (fx - 5.0 * k, top),
                        (fx + 5.0 * k, top),
                        (fx + 6.0 * k + t * 5.0 * k, top + long * 0.6),
                        (fx + t * 7.0 * k, top + long),
                        (fx - 6.0 * k + t * 4.0 * k, top + long * 0.6),
                    ],
                    leaf.step(if t * from > 0.2 {
                        0.7
                    } else if t * from < -0.3 {
                        -0.6
                    } else {
                        0.0
                    }),
                    |q| q.edge(Edge::Rag).k(0.5).sh(1.0, 3.0, 4.0, 0.25),
                );
            }
            clump(pen, seed, x + from * 8.0 * k, y - 86.0 * k, 20.0 * k, 10.0 * k, leaf.light, Some(leaf.lip), 0.2);
        }
    }
}

/// The leaves of a place at its hour: `green` as by day.
pub fn leaves(site: &Site, green: &str, depth: usize) -> Tones {
    let hour = &site.rig.hour;
    let own = site.rig.style.tone(hex(green));
    let t = if hour.lamps {
        0.78
    } else if hour.low {
        0.58
    } else {
        0.24
    };
    let mut body = mix(own, hour.land[depth], t);
    if hour.snow > 0.0 {
        body = mix(body, hour.land[depth], 0.5);
    }
    let mut tones = Tones::of(site, body);
    tones.light = mix(tones.light, hour.land_core[depth], 0.35);
    if hour.snow > 0.0 {
        tones.light = mix(tones.light, hour.cloud_core, 0.6);
        tones.lip = mix(tones.lip, Rgb::WHITE, 0.5);
    }
    tones
}

/// A soft hill line over the stage: `line` in view units, from left to right.
pub fn hill(pen: &mut Pen, site: &Site, line: &[(f32, f32)], color: Rgb, core: Rgb) -> Outline {
    let stage = &site.stage;
    let mut points: Vec<Pt> = line.iter().map(|q| p(q.0, q.1)).collect();
    points.extend([p(stage.right() + 60.0, stage.bottom() + 40.0), p(stage.left() - 60.0, stage.bottom() + 40.0)]);
    pen.shape(&points, color, |q| q.edge(Edge::Torn).k(0.9).core(core).sh(-2.0, -3.0, 10.0, 0.36))
}

/// A hill line from knots given as fractions of the stage: (x, y), completed to both ends of the overscan.
pub fn slope(site: &Site, knots: &[(f32, f32)]) -> Vec<(f32, f32)> {
    let (w, h) = (site.stage.w, site.stage.h);
    let mut line: Vec<(f32, f32)> = knots.iter().map(|q| (w * site.rig.lay.x(q.0), h * q.1)).collect();
    line.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (Some(&first), Some(&last)) = (line.first(), line.last()) else {
        return line;
    };
    line.insert(0, (site.stage.left().min(first.0) - 60.0, first.1));
    line.push((site.stage.right().max(last.0) + 60.0, last.1));
    line
}

/// The height of a line at x.
pub fn height_at(line: &[(f32, f32)], x: f32) -> f32 {
    for pair in line.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        if x >= a.0 && x <= b.0 {
            let t = (x - a.0) / (b.0 - a.0).max(1e-3);
            let s = t * t * (3.0 - 2.0 * t);
            return a.1 + (b.1 - a.1) * s;
        }
    }
    line.last().map_or(0.0, |q| q.1)
}

/// Tongues of fire above (x, y), `high` units high: three sheets, each lighter and smaller.
pub fn fire(pen: &mut Pen, seed: &mut Seed, x: f32, y: f32, high: f32) {
    for (k, color) in [(1.0f32, "#d8602c"), (0.76, "#f39a3c"), (0.48, "#ffe08a")] {
        let n = 3;
        let mut points: Vec<Pt> = vec![c(x - high * 0.52 * k, y)];
        for i in 0..n {
            let t = (i as f32 + 0.5) / n as f32 * 2.0 - 1.0;
            let tall = high * k * (1.0 - 0.42 * t * t) * within(seed, 0.8, 1.1);
            let fx = x + t * high * 0.40 * k;
            points.push(p(fx - high * 0.10 * k, y - tall * 0.45));
            points.push(c(fx + within(seed, -0.06, 0.06) * high, y - tall));
            points.push(p(fx + high * 0.11 * k, y - tall * 0.42));
        }
        points.push(c(x + high * 0.52 * k, y));
        pen.shape(&points, hex(color), |q| q.clean().flat().tex(0.15));
    }
}

/// A warm point of light that glows where it stands.
pub fn glow(site: &Site, plate: &mut Plate, x: f32, y: f32, r: f32, color: &str, k: f32) {
    let stage = &site.stage;
    let (px, py) = stage.xf().pt(x, y);
    let r = r * stage.u * site.rig.style.glow();
    plate.screen(&light::glow(px, py, r, hex(color), k, stage.rect(), site.number("glow") ^ (x as u64) ^ ((y as u64) << 20)));
}

/// Slivers of the sky's light on water below `y0`, in a column under the disc that widens towards the viewer.
pub fn glitter(pen: &mut Pen, site: &Site, seed: &mut Seed, y0: f32, y1: f32, count: usize) {
    let hour = &site.rig.hour;
    if hour.disc == Disc::None || hour.haze_k > 1.3 {
        return;
    }
    let (x, _, r) = super::sky::disc_spot(site.rig);
    let tint = mix(hour.disc_colours[0], Rgb::WHITE, 0.2);
    for _ in 0..count {
        let t = seed.unit() as f32;
        let t = t * (0.35 + 0.65 * t);
        let yy = y0 + (y1 - y0) * t;
        let spread = r * (0.45 + 1.1 * t);
        let xx = x + (seed.unit() + seed.unit() + seed.unit() - 1.5) as f32 * spread;
        let half = within(seed, 6.0, 24.0) * (0.5 + 1.5 * t);
        let tall = 1.0 + 1.8 * t;
        pen.shape(&[c(xx - half, yy), p(xx, yy - tall), c(xx + half, yy), p(xx, yy + tall)], tint, |q| {
            q.flat().clean().alpha(0.55).tex(0.2)
        });
    }
}

/// Short tufts on a field: three blades each, fewer and smaller with distance; `line` is the field's upper edge.
#[allow(clippy::too_many_arguments, reason = "a field is these numbers")]
pub fn tufts(pen: &mut Pen, seed: &mut Seed, line: &[(f32, f32)], x0: f32, x1: f32, deep: f32, count: usize, color: Rgb) {
    for _ in 0..count {
        let t = seed.unit() as f32;
        let x = within(seed, x0, x1);
        let y = height_at(line, x) + 14.0 + deep * t;
        for q in [-1.0f32, 0.0, 1.0] {
            let h = within(seed, 5.0, 11.0) * (0.6 + 0.8 * t);
            pen.shape(&[c(x + q * 3.0 - 1.5, y), p(x + q * 6.0, y - h), c(x + q * 3.0 + 1.5, y)], color, |s| {
                s.flat().clean().k(0.3).alpha(0.8)
            });
        }
    }
}
