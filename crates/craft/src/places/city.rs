//! A city: a street between tall fronts, a row of fronts across a pavement, a square with its tower. Lamps stand in all of
//! them and burn at night. A castle's yard is the same in bare stone.

use contracts::{Seed, canon::PlaceFamily, picture::Framing};

use super::{
    Site,
    palette::{hex, mix},
    parallax,
    parts::{self, within},
    pen::{Pen, sheet},
    plate::Plate,
    sky::{self, band, fog},
    stood::{Spots, burn, furnish},
    village::{cobbles, well},
};
use crate::{
    light::{self, Lit},
    paint::PaintedPlane,
    paper::{Edge, Rgb, c, p},
};

/// A front in perspective: its left and right edge, ground and roof line, view units.
#[derive(Clone, Copy)]
struct Front {
    left: (f32, f32, f32),
    right: (f32, f32, f32),
}

impl Front {
    /// From x, ground and roof line of either edge.
    fn new(left: (f32, f32, f32), right: (f32, f32, f32)) -> Self {
        if left.0 <= right.0 { Self { left, right } } else { Self { left: right, right: left } }
    }

    /// A point of it: `u` along from 0 to 1 in true lengths, `v` up from 0 to 1.
    fn at(&self, u: f32, v: f32) -> (f32, f32) {
        let (a, b) = (self.left.1 - self.left.2, self.right.1 - self.right.2);
        let s = if (a - b).abs() < 1.0 { u } else { (1.0 / (1.0 / a + (1.0 / b - 1.0 / a) * u) - a) / (b - a) };
        let m = |p: f32, q: f32| p + (q - p) * s;
        let (x, foot, top) = (m(self.left.0, self.right.0), m(self.left.1, self.right.1), m(self.left.2, self.right.2));
        (x, foot + (top - foot) * v)
    }

    fn quad(&self, u0: f32, u1: f32, v0: f32, v1: f32) -> [(f32, f32); 4] {
        [self.at(u0, v0), self.at(u1, v0), self.at(u1, v1), self.at(u0, v1)]
    }
}

/// What a front is made of.
struct Make {
    floors: usize,
    bays: usize,
    wall: Rgb,
    trim: Rgb,
    far: f32,
    stone: bool,
}

/// Whether the place is a castle's yard: bare stone, few windows.
fn castle(site: &Site) -> bool {
    site.place.family == PlaceFamily::Hall || site.says(&["castle", "courtyard", "ramparts", "battlements", "fortress", "citadel"])
}

fn make(site: &Site, seed: &mut Seed, far: f32) -> Make {
    let hour = &site.rig.hour;
    let t = |s: &str| site.rig.style.tone(hex(s));
    let stone = castle(site);
    let plaster = if stone {
        t(["#8e8880", "#857f7a", "#969088"][seed.below(3) as usize])
    } else {
        t(["#b8a088", "#9c6a54", "#c4b08c", "#8a8f94", "#a87a5c", "#b49a90", "#7c8a84"][seed.below(7) as usize])
    };
    let dim = if hour.lamps { 0.52 } else { 0.10 };
    let wall = mix(mix(plaster, hour.land[0], dim), hour.haze, far);
    Make {
        floors: if stone { 2 } else { 3 + seed.below(2) as usize },
        bays: 2 + seed.below(3) as usize,
        wall,
        trim: mix(wall, mix(hour.wall, Rgb::WHITE, 0.3), if hour.lamps { 0.20 } else { 0.45 }),
        far,
        stone,
    }
}

/// Paints a front and returns its lit windows: x, y and size.
fn front(pen: &mut Pen, site: &Site, seed: &mut Seed, at: Front, make: &Make, shade: f32) -> Vec<(f32, f32, f32)> {
    let hour = &site.rig.hour;
    let t = |s: &str| site.rig.style.tone(hex(s));
    let mut lamps = Vec::new();
    let dark = mix(mix(make.wall, hour.near, 0.62), hour.haze, make.far * 0.6);
    let wall = mix(make.wall, hour.near, shade);
    let trim = mix(make.trim, hour.near, shade);
    let high = (at.left.1 - at.left.2).max(at.right.1 - at.right.2);
    let mid = at.at(0.5, 0.5);
    pen.poly(&at.quad(0.0, 1.0, -0.01, 1.0), wall, |q| {
        q.sh(4.0, 2.0, 9.0, 0.42).grad((mid.0, at.at(0.5, 1.0).1), (mid.0, at.at(0.5, 0.0).1), mix(wall, trim, 0.25), mix(wall, dark, 0.30))
    });
    let n = make.floors as f32;
    let b = make.bays as f32;
    if make.stone {
        for _ in 0..22 {
            let (u, v) = (seed.unit() as f32 * 0.92, seed.unit() as f32 * 0.96);
            let tone = if seed.below(2) == 0 { trim } else { dark };
            pen.poly(&at.quad(u, u + 0.07, v, v + 0.03), tone, |q| q.flat().alpha(0.28));
        }
        // A crown of battlements.
        for i in 0..make.bays * 2 + 1 {
            let u = i as f32 / (b * 2.0 + 1.0);
            pen.poly(&at.quad(u, u + 0.6 / (b * 2.0 + 1.0), 0.99, 1.05), wall, |q| q.sh(2.0, 2.0, 4.0, 0.35));
        }
    } else {
        pen.poly(&at.quad(-0.01, 1.01, 0.975, 1.02), trim, |q| q.sh(0.0, 5.0, 6.0, 0.45).k(0.6));
        pen.poly(&at.quad(0.0, 1.0, 0.92 / n, 1.02 / n), trim, |q| q.sh(0.0, 3.0, 4.0, 0.4).k(0.6));
    }
    // Windows of the upper floors.
    for j in 1..make.floors {
        for i in 0..make.bays {
            if make.stone && seed.below(3) != 0 {
                continue;
            }
            let (u, v) = ((i as f32 + 0.5) / b, (j as f32 + 0.52) / n);
            let (du, dv) = (if make.stone { 0.10 } else { 0.22 } / b, 0.27 / n);
            let lit = hour.lamps && seed.below(5) < 2;
            let glass = if lit {
                mix(hex("#ffca70"), hour.haze, make.far * 0.5)
            } else {
                mix(dark, hour.sky[1], if hour.lamps { 0.18 } else { 0.42 })
            };
            pen.poly(&at.quad(u - du * 1.28, u + du * 1.28, v - dv * 1.12, v + dv * 1.14), trim, |q| q.sh(1.0, 2.0, 3.0, 0.4).k(0.5));
            pen.poly(&at.quad(u - du, u + du, v - dv, v + dv), glass, |q| q.flat().k(0.4).tex(0.3));
            let (a, z) = (at.at(u, v - dv), at.at(u, v + dv));
            pen.line(&[a, z], mix(dark, trim, 0.25), (high * 0.006).max(0.8), 1.0, false);
            let (a, z) = (at.at(u - du, v + dv * 0.2), at.at(u + du, v + dv * 0.2));
            pen.line(&[a, z], mix(dark, trim, 0.25), (high * 0.005).max(0.8), 1.0, false);
            pen.poly(&at.quad(u - du * 1.5, u + du * 1.5, v - dv * 1.30, v - dv * 1.06), mix(trim, Rgb::WHITE, 0.08), |q| {
                q.sh(0.0, 3.0, 3.0, 0.45).k(0.4)
            });
            if !make.stone && seed.below(6) == 0 {
                // A box of flowers.
                pen.poly(
                    &at.quad(u - du * 1.2, u + du * 1.2, v - dv * 1.22, v - dv * 0.92),
                    mix(t("#a8504a"), wall, make.far + if hour.lamps { 0.45 } else { 0.1 }),
                    |q| q.edge(Edge::Rag).k(0.6).sh(0.0, 2.0, 3.0, 0.35),
                );
            }
            if lit {
                let (x, y) = at.at(u, v);
                lamps.push((x, y, high / n * 0.42));
            }
        }
    }
    // The ground floor: a door, and shops between.
    let door = seed.below(make.bays as u64) as usize;
    for i in 0..make.bays {
        let u = (i as f32 + 0.5) / b;
        if i == door || make.stone {
            if make.stone && i != door {
                continue;
            }
            let leaf = mix(
                t(["#3e5548", "#5a2f2c", "#33465c", "#5a452e"][seed.below(4) as usize]),
                dark,
                make.far + if hour.lamps { 0.5 } else { 0.15 },
            );
            let du = if make.stone { 0.26 } else { 0.17 } / b;
            let tall = 0.66 / n;
            let (l, r, m) = (at.at(u - du * 1.3, 0.0), at.at(u + du * 1.3, 0.0), at.at(u, tall * 1.14));
            let (l2, r2) = (at.at(u - du * 1.3, tall * 0.8), at.at(u + du * 1.3, tall * 0.8));
            pen.shape(&[c(l.0, l.1), c(l2.0, l2.1), p(m.0, m.1), c(r2.0, r2.1), c(r.0, r.1)], trim, |q| q.sh(0.0, 2.0, 4.0, 0.45).k(0.5));
            let (l, r, m) = (at.at(u - du, 0.0), at.at(u + du, 0.0), at.at(u, tall));
            let (l2, r2) = (at.at(u - du, tall * 0.76), at.at(u + du, tall * 0.76));
            pen.shape(&[c(l.0, l.1), c(l2.0, l2.1), p(m.0, m.1), c(r2.0, r2.1), c(r.0, r.1)], leaf, |q| q.flat().k(0.5));
            continue;
        }
        let lit = hour.lamps && seed.below(5) < 3;
        let glass = if lit { hex("#ffc878") } else { mix(dark, hour.sky[1], if hour.lamps { 0.14 } else { 0.36 }) };
        let glass = mix(glass, hour.haze, make.far * 0.5);
        pen.poly(&at.quad(u - 0.40 / b, u + 0.40 / b, 0.10 / n, 0.80 / n), mix(dark, leaf_of(site, seed), 0.4), |q| {
            q.sh(0.0, 2.0, 4.0, 0.4).k(0.5)
        });
        pen.poly(&at.quad(u - 0.34 / b, u + 0.34 / b, 0.20 / n, 0.66 / n), glass, |q| q.flat().k(0.4).tex(0.3));
        // What is in the window: a few dark shapes.
        for m in 0..4 {
            let uu = u + (m as f32 - 1.5) * 0.15 / b;
            let tall = within(seed, 0.10, 0.22) / n;
            pen.poly(&at.quad(uu - 0.045 / b, uu + 0.045 / b, 0.20 / n, 0.20 / n + tall), mix(dark, glass, 0.25), |q| q.flat().k(0.4));
        }
        if seed.below(2) == 0 {
            // An awning of two colours.
            let cloth = [leaf_of(site, seed), mix(t("#e6dcc4"), wall, if hour.lamps { 0.5 } else { 0.1 })];
            for m in 0..6 {
                let (a, z) = (u - 0.43 / b + 0.86 / b * m as f32 / 6.0, u - 0.43 / b + 0.86 / b * (m as f32 + 1.0) / 6.0);
                let drop = 0.03 / n;
                let q = [at.at(a, 0.86 / n), at.at(z, 0.86 / n), at.at(z, 0.68 / n - drop), at.at(a, 0.68 / n - drop)];
                let down = high * 0.012;
                pen.poly(
                    &[q[0], q[1], (q[2].0, q[2].1 + down), (q[3].0, q[3].1 + down)],
                    mix(cloth[m % 2], hour.haze, make.far * 0.6),
                    |s| s.sh(0.0, 4.0, 5.0, 0.4).k(0.4),
                );
            }
        }
        if lit {
            let (x, y) = at.at(u, 0.4 / n);
            lamps.push((x, y, high / n * 0.8));
        }
    }
    lamps
}

fn leaf_of(site: &Site, seed: &mut Seed) -> Rgb {
    let t = site.rig.style.tone(hex(["#3e5a4c", "#6a332e", "#2f4a66", "#7a5a2c"][seed.below(4) as usize]));
    mix(t, site.rig.hour.near, if site.rig.hour.lamps { 0.35 } else { 0.05 })
}

/// A street lamp with its foot at (x, y); returns its light.
fn lantern(pen: &mut Pen, site: &Site, x: f32, y: f32, high: f32) -> (f32, f32) {
    let hour = &site.rig.hour;
    let iron = mix(hour.dark, hour.near, 0.4);
    let lip = mix(iron, hour.land_core[0], 0.25);
    let k = high / 100.0;
    let mut pen = pen.at(x, y, k, 1.0);
    pen.poly(&[(-4.5, 2.0), (-3.0, -8.0), (-1.5, -14.0), (-1.2, -82.0), (1.2, -82.0), (1.5, -14.0), (3.0, -8.0), (4.5, 2.0)], iron, |q| {
        q.sh(3.0, 2.0, 4.0, 0.4).clean().grad((-2.0, 0.0), (2.0, 0.0), lip, iron)
    });
    pen.line(&[(-6.0, -78.0), (6.0, -78.0)], iron, 1.2, 1.0, false);
    let glass = if hour.lamps { hex("#ffe2a0") } else { mix(hour.sky[2], iron, 0.3) };
    pen.poly(&[(-3.0, -82.0), (-5.0, -94.0), (5.0, -94.0), (3.0, -82.0)], glass, |q| q.clean().flat().tex(0.0));
    pen.poly(&[(-6.5, -94.0), (0.0, -101.0), (6.5, -94.0)], iron, |q| q.clean().sh(0.0, 1.0, 2.0, 0.4));
    pen.line(&[(-3.0, -82.0), (-5.0, -94.0)], iron, 1.0, 1.0, false);
    pen.line(&[(3.0, -82.0), (5.0, -94.0)], iron, 1.0, 1.0, false);
    (x, y - 88.0 * k)
}

/// Roofs, domes and chimneys far off.
fn skyline(pen: &mut Pen, site: &Site, seed: &mut Seed, foot: f32, high: f32, tone: Rgb) {
    let stage = &site.stage;
    let mut x = stage.left() - 30.0;
    let mut spire = 2 + seed.below(4) as i32;
    while x < stage.right() + 30.0 {
        let w = within(seed, 46.0, 110.0);
        let tall = high * within(seed, 0.45, 1.0);
        let y = foot - tall;
        let lean = mix(tone, site.rig.hour.near, within(seed, 0.0, 0.10));
        pen.rect(x, y, x + w + 3.0, stage.bottom(), lean, |q| q.sh(3.0, 0.0, 6.0, 0.22));
        spire -= 1;
        match seed.below(4) {
            0 => {
                pen.poly(&[(x - 4.0, y + 2.0), (x + w * 0.5, y - w * 0.42), (x + w + 4.0, y + 2.0)], lean, |q| q.sh(2.0, 0.0, 4.0, 0.2));
            }
            1 if !castle(site) => {
                pen.curve(
                    &[
                        (x + w * 0.12, y + 2.0),
                        (x + w * 0.2, y - w * 0.34),
                        (x + w * 0.5, y - w * 0.52),
                        (x + w * 0.8, y - w * 0.34),
                        (x + w * 0.88, y + 2.0),
                    ],
                    lean,
                    |q| q.sh(2.0, 0.0, 4.0, 0.2),
                );
                pen.line(&[(x + w * 0.5, y - w * 0.5), (x + w * 0.5, y - w * 0.86)], lean, 2.4, 1.0, false);
            }
            2 => {
                pen.rect(x + w * 0.2, y - 22.0, x + w * 0.34, y + 4.0, lean, |q| q.flat());
                pen.rect(x + w * 0.62, y - 16.0, x + w * 0.74, y + 4.0, lean, |q| q.flat());
            }
            _ => {}
        }
        if spire == 0 {
            let cx = x + w * 0.5;
            pen.rect(cx - 13.0, y - high * 0.5, cx + 13.0, y + 4.0, lean, |q| q.flat());
            pen.poly(&[(cx - 17.0, y - high * 0.5 + 2.0), (cx, y - high * 1.05), (cx + 17.0, y - high * 0.5 + 2.0)], lean, |q| q.flat());
        }
        if site.rig.hour.lamps {
            for _ in 0..3 {
                if seed.below(2) == 0 {
                    let (wx, wy) = (x + within(seed, 0.15, 0.8) * w, y + within(seed, 8.0, 60.0));
                    pen.rect(wx, wy, wx + 4.0, wy + 6.0, hex("#ffca70"), |q| q.clean().flat().tex(0.0).alpha(0.8));
                }
            }
        }
        x += w;
    }
}

/// Paints a street.
pub fn paint(site: &Site) -> Vec<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let lay = rig.lay;
    let (w, h, u) = (stage.w, stage.h, stage.u);
    let near = site.framing == Framing::MediumTwo;
    let mut planes = Vec::new();
    let vy = h * (0.50 + 0.03 * lay.lift);
    let vx = w * lay.x([0.55, 0.5, 0.66][lay.kind] + 0.05 * lay.spread);
    let mut far = Plate::new(stage);
    sky::sky(site, h * 0.55, &mut far);
    let mut seed = site.seed("skyline");
    for (i, (t, k, dy)) in [(0.46f32, 0.30f32, 0.0f32), (0.28, 0.20, 0.05)].into_iter().enumerate() {
        let mut g = band(site, 0.0, stage.bottom(), &format!("skyline-{i}"));
        skyline(
            &mut Pen::new(&mut g, stage, rig.style),
            site,
            &mut seed,
            vy + h * dy,
            h * k * if lay.kind == 0 { 1.0 } else { 1.25 },
            hour.land[0],
        );
        far.paper(&g, &Lit::plain().haze(hour.haze, (t * hour.haze_k).min(0.8)));
    }
    fog(site, vy - 120.0, vy + 60.0, 0.8, "city-fog", &mut far);
    planes.push(far.done("sky", parallax::SKY, 0, None));
    // Fronts, far ones first.
    let mut set = Plate::new(stage);
    let mut g = sheet(stage, site.number("fronts"));
    let mut lamps = Vec::new();
    let zoom = zoom(site);
    let ground = h * if near { 0.87 } else { 0.74 };
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        match lay.kind {
            1 => across(&mut pen, site, zoom, ground, &mut lamps),
            kind => {
                if kind == 2 {
                    plaza(&mut pen, site, vx, vy, zoom, &mut lamps);
                }
                flanks(&mut pen, site, vx, vy, zoom, kind == 0, &mut lamps);
            }
        }
    }
    let amb = if hour.lamps { Rgb(0.74, 0.76, 0.92) } else { mix(hour.ambient, Rgb::WHITE, 0.6) };
    set.paper(
        &g,
        &rig.key
            .on(Lit::plain().ambient(amb).shadow(0.0, 4.0 * u, 12.0 * u, 0.35).haze(hour.haze, (0.05 * hour.haze_k).min(0.3)), stage.ub),
    );
    for (x, y, r) in lamps {
        parts::glow(site, &mut set, x, y, r.max(24.0), "#ffb85a", 0.5);
    }
    fog(site, vy - 40.0, h * 0.8, 0.6, "street-fog", &mut set);
    planes.push(set.done("fronts", parallax::SET, 500, None));
    planes.push(pavement(site, vx, vy, near));
    planes.push(railing(site, near));
    planes
}

/// Two rows of fronts that run to the vanishing point; one only when the other side is open.
fn flanks(pen: &mut Pen, site: &Site, vx: f32, vy: f32, zoom: f32, both: bool, lamps: &mut Vec<(f32, f32, f32)>) {
    let (stage, hour) = (&site.stage, &site.rig.hour);
    let (w, h) = (stage.w, stage.h);
    let m = site.rig.lay.m();
    let eye = h * 0.52 * zoom;
    let edges = [0.80f32, 1.22, 1.72, 2.5, 3.6, 5.4];
    let lit = parts::lit_from(site, vx);
    if both {
        // What closes the street.
        let mut seed = site.seed("closing");
        let make = make(site, &mut seed, 0.32);
        let d = 5.6;
        let (foot, top) = (vy + eye / d, vy - h * 1.1 / d);
        let at = Front::new((vx - w * 0.2 / d * 3.0, foot, top), (vx + w * 0.2 / d * 3.0, foot, top));
        front(pen, site, &mut seed, at, &make, 0.0);
        let tower = Front::new((vx - 22.0, foot, top - h * 0.12), (vx + 22.0, foot, top - h * 0.12));
        front(pen, site, &mut seed, tower, &make, 0.05);
        pen.poly(
            &[(vx - 28.0, top - h * 0.118), (vx, top - h * 0.21), (vx + 28.0, top - h * 0.118)],
            mix(mix(hour.dark, hour.land[0], 0.3), hour.haze, 0.3),
            |q| q.sh(0.0, 2.0, 4.0, 0.3),
        );
    }
    for side in [-1.0f32, 1.0] {
        if !both && side * m > 0.0 {
            continue;
        }
        let reach = if side < 0.0 { vx + w * 0.02 } else { w - vx + w * 0.02 } * (1.0 + 0.12 * (zoom - 1.0));
        let mut seed = site.seed(if side * m < 0.0 { "flank-a" } else { "flank-b" });
        let makes: Vec<(Make, f32)> = (0..5)
            .map(|i| {
                let far = [0.0, 0.04, 0.10, 0.18, 0.28][i] * site.rig.hour.haze_k.min(1.6);
                (make(site, &mut seed, far.min(0.5)), within(&mut seed, 0.86, 1.30) * h)
            })
            .collect();
        for i in (0..5).rev() {
            let (d0, d1) = (edges[i], edges[i + 1]);
            let (make, tall) = &makes[i];
            let at = |d: f32| (vx + side * reach / d, vy + eye / d, vy - tall / d);
            // The side away from the light stands in shade.
            let shade = if side * lit > 0.0 { 0.0 } else { 0.22 };
            let mut own = site.seed(&format!("front-{side}-{i}"));
            lamps.extend(front(pen, site, &mut own, Front::new(at(d0), at(d1)), make, shade));
            // A roof edge towards us closes the corner.
            let (x, foot, top) = at(d1);
            if i < 4 {
                let next = &makes[i + 1];
                let step = vy - next.1 / d1;
                if step > top + 4.0 {
                    pen.rect(x.min(x - side * 12.0), top, x.max(x - side * 12.0), step.min(foot), mix(make.wall, hour.near, 0.45), |q| {
                        q.flat()
                    });
                }
            }
        }
        // Lamps along the kerb.
        for d in [3.2f32, 2.1, 1.42] {
            let (x, y) = (vx + side * reach * 0.80 / d, vy + eye / d);
            let (lx, ly) = lantern(pen, site, x, y, h * 0.52 / d);
            if hour.lamps {
                lamps.push((lx, ly, h * 0.30 / d));
            }
        }
    }
}

/// The open side of a square: a row across it, lower and further, and the tower that rises over it.
fn plaza(pen: &mut Pen, site: &Site, vx: f32, vy: f32, zoom: f32, lamps: &mut Vec<(f32, f32, f32)>) {
    let (stage, hour) = (&site.stage, &site.rig.hour);
    let (w, h) = (stage.w, stage.h);
    let lay = site.rig.lay;
    let foot = vy + h * 0.13 * zoom;
    let mut seed = site.seed("plaza");
    let tower = make(site, &mut seed, 0.16);
    let tx = vx + w * 0.02 * lay.m() * zoom;
    let half = 44.0 * zoom;
    let top = vy - h * 0.37 * zoom;
    let make_row: Vec<Make> = (0..5).map(|_| make(site, &mut seed, 0.12)).collect();
    let face = Front::new((tx - half, foot, top), (tx + half, foot, top));
    lamps.extend(front(pen, site, &mut seed, face, &Make { floors: 4, bays: 1, ..tower }, 0.0));
    let roof = mix(mix(hour.dark, hour.land[0], 0.25), hour.haze, 0.12);
    pen.poly(&[(tx - half - 8.0, top + 3.0), (tx, top - half * 1.9), (tx + half + 8.0, top + 3.0)], roof, |q| q.sh(3.0, 4.0, 6.0, 0.4));
    // The clock.
    let (cy, r) = (top + half * 0.92, half * 0.58);
    pen.disc(tx, cy, r, mix(hour.wall, Rgb::WHITE, if hour.lamps { 0.1 } else { 0.5 }), |q| q.clean().sh(0.0, 2.0, 4.0, 0.4));
    pen.line(&[(tx, cy), (tx, cy - r * 0.74)], hour.dark, 2.6, 1.0, false);
    pen.line(&[(tx, cy), (tx + r * 0.5, cy + r * 0.12)], hour.dark, 2.6, 1.0, false);
    if hour.lamps {
        lamps.push((tx, cy, r * 2.2));
    }
    let edge = if lay.flip { stage.left() - 20.0 } else { stage.right() + 20.0 };
    let mut x = vx - w * 0.06 * lay.m();
    for make in make_row {
        let wide = w * within(&mut seed, 0.09, 0.14) * zoom * lay.m();
        if (edge - x) * lay.m() < 0.0 {
            break;
        }
        let top = vy - h * within(&mut seed, 0.15, 0.24) * zoom;
        let roof = mix(
            mix(mix(make.wall, site.rig.style.tone(hex("#6a3f38")), 0.6), hour.land[0], if hour.lamps { 0.4 } else { 0.1 }),
            hour.haze,
            0.12,
        );
        let (a, b) = (x.min(x + wide), x.max(x + wide));
        pen.poly(
            &[(a - 6.0, top + 4.0), (a + 14.0, top - h * 0.07 * zoom), (b - 14.0, top - h * 0.07 * zoom), (b + 6.0, top + 4.0)],
            roof,
            |q| q.sh(2.0, 3.0, 5.0, 0.35),
        );
        lamps.extend(front(pen, site, &mut seed, Front::new((a, foot, top), (b, foot, top)), &make, 0.0));
        x += wide;
    }
}

/// A row of fronts seen straight on, with a narrow lane between two of them.
fn across(pen: &mut Pen, site: &Site, zoom: f32, foot: f32, lamps: &mut Vec<(f32, f32, f32)>) {
    let (stage, hour) = (&site.stage, &site.rig.hour);
    let (w, h) = (stage.w, stage.h);
    let lay = site.rig.lay;
    let mut seed = site.seed("across");
    let lane = w * lay.x(0.60 + 0.06 * lay.spread);
    let gap = 46.0 * zoom;
    // The lane: a far strip of front and sky.
    let depth = make(site, &mut seed, 0.30);
    front(
        pen,
        site,
        &mut seed,
        Front::new((lane - gap * 1.2, foot - h * 0.05, h * 0.16), (lane + gap * 1.2, foot - h * 0.05, h * 0.22)),
        &depth,
        0.1,
    );
    for side in [-1.0f32, 1.0] {
        let mut x = lane + side * gap;
        while if side < 0.0 { x > stage.left() - 20.0 } else { x < stage.right() + 20.0 } {
            let make = make(site, &mut seed, 0.02);
            let wide = w * within(&mut seed, 0.17, 0.26) * zoom;
            let tall = h * within(&mut seed, 0.44, 0.66) * zoom;
            let (a, b) = (x.min(x + side * wide), x.max(x + side * wide));
            let top = foot - tall;
            let tiles = site.rig.style.tone(hex(["#6a3f38", "#4a4a58", "#5c4a40"][seed.below(3) as usize]));
            let roof = mix(mix(tiles, hour.land[0], if hour.lamps { 0.5 } else { 0.12 }), hour.near, 0.1);
            let cx = a + (b - a) * within(&mut seed, 0.2, 0.8);
            pen.rect(cx - 16.0, top - tall * 0.26, cx + 16.0, top, mix(roof, hour.near, 0.3), |q| q.sh(2.0, 3.0, 4.0, 0.35));
            if seed.below(2) == 0 {
                pen.poly(&[(a - 6.0, top + 4.0), ((a + b) * 0.5, top - tall * 0.26), (b + 6.0, top + 4.0)], roof, |q| {
                    q.sh(2.0, 4.0, 6.0, 0.4)
                });
            } else {
                pen.poly(
                    &[
                        (a - 4.0, top + 4.0),
                        (a + wide * 0.12, top - tall * 0.16),
                        (b - wide * 0.12, top - tall * 0.16),
                        (b + 4.0, top + 4.0),
                    ],
                    roof,
                    |q| q.sh(2.0, 4.0, 6.0, 0.4),
                );
            }
            lamps.extend(front(pen, site, &mut seed, Front::new((a, foot, top), (b, foot, top)), &make, 0.0));
            x += side * wide;
        }
    }
    for t in [0.10f32, 0.46, 0.86] {
        let x = w * lay.x(t);
        let (lx, ly) = lantern(pen, site, x, foot + h * 0.035, h * 0.38 * zoom);
        if hour.lamps {
            lamps.push((lx, ly, h * 0.22 * zoom));
        }
    }
}

/// How much nearer the street is than in a wide view.
fn zoom(site: &Site) -> f32 {
    match site.framing {
        Framing::MediumTwo => 1.45,
        Framing::Full => 1.25,
        _ => 1.0,
    }
}

/// The street people stand on: kerbs, stones, wet light.
fn pavement(site: &Site, vx: f32, vy: f32, near: bool) -> PaintedPlane {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let lay = rig.lay;
    let (w, h, u) = (stage.w, stage.h, stage.u);
    let full = site.framing == Framing::Full;
    let zoom = zoom(site);
    let eye = h * 0.52 * zoom;
    let mut plate = Plate::new(stage);
    let mut g = sheet(stage, site.number("pavement"));
    let stone = mix(mix(parts::stony(hour.land[1], 0.7), hour.wall, if hour.lamps { 0.22 } else { 0.50 }), hour.path, 0.25);
    let flames;
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let b = stage.bottom() + 30.0;
        let (l, r) = (stage.left() - 20.0, stage.right() + 20.0);
        let light = mix(stone, hour.land_core[0], 0.3);
        if lay.kind == 1 {
            let y = h * if near { 0.87 } else { 0.74 };
            pen.rect(l, y, r, b, mix(stone, light, 0.4), |q| {
                q.sh(0.0, -3.0, 8.0, 0.4).grad((0.0, y), (0.0, h), light, mix(stone, hour.near, 0.3))
            });
            let mut x = l;
            while x < r {
                pen.line(&[(x, y + 2.0), (w * 0.5 + (x - w * 0.5) * 1.16, y + h * 0.05)], mix(stone, hour.near, 0.4), 1.6, 0.6, false);
                x += 70.0;
            }
            pen.rect(l, y + h * 0.05, r, y + h * 0.068, mix(light, Rgb::WHITE, 0.06), |q| q.sh(0.0, 5.0, 5.0, 0.5));
            cobbles(&mut pen, site, l, r, y + h * 0.09, h * 1.08, stone, 120);
        } else {
            // The roadway narrows to the vanishing point; pavements beside it.
            let d = if lay.kind == 0 { 5.4 } else { 3.4 };
            let y = vy + eye / d;
            pen.rect(l, y, r, b, stone, |q| q.sh(0.0, -3.0, 8.0, 0.35).grad((0.0, y), (0.0, h), light, mix(stone, hour.near, 0.35)));
            cobbles(&mut pen, site, l, r, y + 16.0, h * 1.08, stone, 150);
            for side in [-1.0f32, 1.0] {
                if lay.kind == 2 && side * lay.m() > 0.0 {
                    continue;
                }
                let reach = if side < 0.0 { vx } else { w - vx };
                let at = |d: f32, k: f32| (vx + side * reach * k / d, vy + eye / d);
                pen.poly(&[at(d, 1.02), at(0.7, 1.02), at(0.7, 0.74), at(d, 0.74)], mix(light, stone, 0.3), |q| {
                    q.sh(-side * 2.0, 4.0, 5.0, 0.45)
                });
                for k in [0.84, 0.93] {
                    pen.line(&[at(d, k), at(0.7, k)], mix(stone, hour.near, 0.35), 1.6, 0.5, false);
                }
                let mut s = 1.0;
                while s < d {
                    pen.line(&[at(s, 1.02), at(s, 0.74)], mix(stone, hour.near, 0.35), 1.8 / s, 0.55, false);
                    s *= 1.13;
                }
            }
        }
        if lay.kind == 2 && !near {
            well(&mut pen, site, w * lay.x(0.84), vy + h * 0.25 * zoom, 96.0 * zoom);
        }
        if !near {
            let floors =
                [(w * lay.x(0.34), h * 0.93), (w * lay.x(0.70), h * 0.91), (w * lay.x(0.80), h * 0.95), (w * lay.x(0.26), h * 0.95)];
            let head = if full { 70.0 } else { 26.0 };
            flames = furnish(&mut pen, site, &Spots { wall: &[], board: &floors[1..], floor: &floors, head }, true);
        } else {
            flames = Vec::new();
        }
    }
    let amb = if hour.lamps { mix(hour.ambient, Rgb::WHITE, 0.4) } else { mix(hour.ambient, Rgb::WHITE, 0.55) };
    plate.paper(&g, &rig.key.on(Lit::plain().ambient(amb).shadow(0.0, -2.0 * u, 10.0 * u, 0.35), stage.ub));
    if hour.lamps || hour.rain > 0.0 {
        // Lamplight, or the sky, on stones.
        let warm = if hour.lamps { hex("#ffb85a") } else { hour.sky[2] };
        for (x, y, rx) in [(lay.x(0.30), 0.86, 300.0), (lay.x(0.66), 0.80, 220.0), (lay.x(0.52), 0.95, 380.0)] {
            let (px, py) = stage.xf().pt(w * x, h * y);
            plate.screen(&light::rad_squeezed(
                px,
                py,
                (rx * u, rx * 0.24 * u),
                1.5,
                warm,
                0.26,
                stage.rect(),
                site.number("wet") ^ rx as u64,
            ));
        }
    }
    burn(site, &mut plate, &flames);
    plate.done("pavement", parallax::ACTORS, 600, None)
}

/// Before everything: before two people an iron railing, else a dark kerb post at one side.
fn railing(site: &Site, near: bool) -> PaintedPlane {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let (w, h) = (stage.w, stage.h);
    let mut plate = Plate::new(stage);
    let mut g = band(site, h * 0.55, stage.bottom(), "railing");
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let iron = mix(hour.near, hour.dark, 0.5);
        let b = stage.bottom() + 10.0;
        if near {
            let y = h * 0.915;
            let mut x = stage.left() - 10.0;
            while x < stage.right() + 20.0 {
                pen.rect(x - 5.0, y - 26.0, x + 5.0, b, iron, |q| q.sh(3.0, 2.0, 5.0, 0.4));
                pen.poly(&[(x - 9.0, y - 26.0), (x, y - 52.0), (x + 9.0, y - 26.0)], iron, |q| q.clean().flat());
                x += 58.0;
            }
            for yy in [y, y + 14.0 + h * 0.06] {
                pen.rect(stage.left() - 10.0, yy - 6.0, stage.right() + 10.0, yy + 6.0, mix(iron, hour.land_core[1], 0.12), |q| {
                    q.sh(0.0, 4.0, 6.0, 0.45)
                });
            }
        } else {
            for (t, k) in [(-0.01f32, 1.0f32), (0.13, 0.8)] {
                let x = w * rig.lay.x(t);
                let top = h * (1.0 - 0.26 * k);
                pen.curve(
                    &[
                        (x - 26.0 * k, b),
                        (x - 20.0 * k, top + 30.0),
                        (x - 24.0 * k, top + 8.0),
                        (x, top - 12.0),
                        (x + 24.0 * k, top + 8.0),
                        (x + 20.0 * k, top + 30.0),
                        (x + 26.0 * k, b),
                    ],
                    iron,
                    |q| q.sh(5.0, 3.0, 9.0, 0.45),
                );
                pen.rect(x - 22.0 * k, top + 26.0, x + 22.0 * k, top + 36.0, mix(iron, hour.land_core[1], 0.15), |q| q.flat());
            }
        }
    }
    let ambient = if rig.flame { rig.ambient } else { mix(rig.ambient, Rgb::WHITE, 0.3) };
    plate.paper(&g, &Lit::plain().ambient(ambient).blur(if near { 1.8 } else { 3.0 } * stage.u).shadow(2.0, 3.0, 8.0 * stage.u, 0.4));
    plate.done("railing", parallax::NEAR, 900, None)
}
