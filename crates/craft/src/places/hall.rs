//! A hall of stone: a nave of columns before a great window, a long wall of windows and banners, a gallery over a stair. Day
//! falls through the windows in bands; torches burn in the evening.

use contracts::picture::Framing;

use super::{
    Site,
    interior::{Woods, arch, lit, room_glow, table},
    palette::{hex, mix},
    parallax,
    parts::{self, Tones, fire, within},
    pen::{Pen, sheet},
    plate::Plate,
    rig::{self, is_great},
    shore::masonry,
    stood::{Spots, burn, furnish, lamp_prop, lamp_with_glow},
    workshop::behind,
};
use crate::{
    light,
    paint::PaintedPlane,
    paper::{Outline, Rule, c, p},
};

/// How a room is seen: whole, or from nearer for two people at a table. Fractions of the stage to view units, on the
/// location's side.
pub struct View {
    w: f32,
    h: f32,
    z: f32,
    flip: bool,
    /// Where wall and floor meet.
    pub foot: f32,
}

impl View {
    /// The view of a framing: `foot` the floor line of the whole picture in fractions of the height.
    pub fn of(site: &Site, foot: f32) -> Self {
        let z = if site.framing == Framing::MediumTwo { 1.42 } else { 1.0 };
        let mut view = Self { w: site.stage.w, h: site.stage.h, z, flip: site.rig.lay.flip, foot: 0.0 };
        view.foot = view.y(foot);
        view
    }

    /// Across.
    pub fn x(&self, t: f32) -> f32 {
        let t = if self.flip { 1.0 - t } else { t };
        self.w * (0.5 + (t - 0.5) * self.z)
    }

    /// Down.
    pub fn y(&self, t: f32) -> f32 {
        self.h * (0.36 + (t - 0.36) * self.z)
    }

    /// A length given in units of the whole picture.
    pub fn k(&self, v: f32) -> f32 {
        v * self.z * (self.w / 1280.0).clamp(0.62, 1.0)
    }

    /// 1, or −1 when left and right change sides.
    pub fn m(&self) -> f32 {
        if self.flip { -1.0 } else { 1.0 }
    }
}

/// A window's opening: middle, upper and lower edge, half its width.
#[derive(Clone, Copy)]
struct Opening {
    x: f32,
    top: f32,
    foot: f32,
    half: f32,
}

impl Opening {
    fn points(&self, grow: f32) -> Vec<crate::paper::Pt> {
        let half = self.half + grow;
        arch(self.x - half, self.x + half, self.top + self.half * 1.1, self.foot + grow, self.half * 1.1 + grow)
    }

    fn contour(&self) -> Vec<(f32, f32)> {
        self.points(0.0).iter().map(|q| (q.x, q.y)).collect()
    }
}

fn openings(site: &Site, v: &View) -> Vec<Opening> {
    // Each hall has windows of its own height and width, and sets them at its own distance.
    let mut seed = site.seed("openings");
    let (wide, up, down) = (within(&mut seed, 0.72, 1.30), within(&mut seed, -0.03, 0.05), within(&mut seed, -0.07, 0.05));
    let at =
        |x: f32, top: f32, foot: f32, half: f32| Opening { x: v.x(x), top: v.y(top + up), foot: v.y(foot + down), half: v.k(half * wide) };
    let s = 0.045 * site.rig.lay.spread;
    match site.rig.lay.kind {
        0 => vec![at(0.5, 0.06, 0.52, 118.0)],
        1 => [0.14, 0.38, 0.62, 0.86].iter().map(|&x| at(x + s, 0.10, 0.50, 48.0)).collect(),
        _ => vec![at(0.20 + s, 0.10, 0.36, 44.0), at(0.40 + s, 0.10, 0.36, 44.0)],
    }
}

/// Paints a hall.
pub fn paint(site: &Site) -> Vec<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let near = site.framing == Framing::MediumTwo;
    let woods = Woods::of(site);
    let u = stage.u;
    let lay = rig.lay;
    let v = View::of(site, 0.755);
    let mut seed = site.seed("hall");
    let rock = rig.style.tone(hex(["#77716a", "#6a6f76", "#7a6a5c", "#6e7268"][seed.below(4) as usize]));
    let rock = mix(rock, hour.land[0], if hour.lamps { 0.12 } else { 0.0 });
    let stone = Tones {
        dark: mix(rock, woods.deep, 0.62),
        body: rock,
        light: mix(rock, hex("#e8dcc4"), 0.34),
        lip: mix(rock, hex("#fff2dc"), 0.5),
    };
    let banner = [["#7a2f2c", "#c8963c"], ["#2c4a6a", "#d8d0b8"], ["#3a5a44", "#c8a04c"], ["#5a3a66", "#d0b070"]][seed.below(4) as usize];
    let windows = openings(site, &v);
    let mut planes = vec![behind(site)];
    let mut plate = Plate::new(stage);
    let (l, r, t, b) = (stage.left() - 8.0, stage.right() + 8.0, stage.top() - 8.0, stage.bottom() + 8.0);
    let mut g = sheet(stage, site.number("hall"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let mut contours = vec![vec![(l, t), (r, t), (r, b), (l, b)]];
        contours.extend(windows.iter().map(Opening::contour));
        pen.frame(&contours, mix(rock, woods.deep, 0.30), |q| q.flat().tex(0.8));
        let polys = contours.iter().flat_map(|q| pen.outline(q).polys().to_vec()).collect();
        let clip = Outline::new(polys, Rule::EvenOdd);
        masonry(&mut pen, site, l, t, r, v.foot, v.k([46.0, 58.0, 78.0][seed.below(3) as usize]), mix(rock, woods.deep, 0.12), Some(&clip));
        for o in &windows {
            glass(&mut pen, site, o, &stone);
        }
        // The floor: slabs in perspective.
        let slab = mix(rock, woods.deep, 0.28);
        pen.rect(l, v.foot, r, b, slab, |q| {
            q.sh(0.0, -2.0, 6.0, 0.4).grad((0.0, v.foot), (0.0, b), mix(slab, woods.deep, 0.35), mix(slab, stone.light, 0.12))
        });
        let (vx, vy) = (v.x(0.5), v.y(0.40));
        for i in -14i32..=14 {
            let x = vx + v.k(96.0) * i as f32;
            let k = (b + 40.0 - vy) / (v.foot - vy);
            pen.line(&[(x, v.foot), (vx + (x - vx) * k, b + 40.0)], mix(slab, woods.deep, 0.7), 2.0, 0.6, false);
        }
        let mut y = v.foot + v.k(14.0);
        let mut step = v.k(16.0);
        while y < b {
            pen.line(&[(l, y), (r, y)], mix(slab, woods.deep, 0.7), 1.8, 0.55, false);
            step *= 1.45;
            y += step;
        }
        pen.rect(l, v.foot - v.k(18.0), r, v.foot + 4.0, stone.step(-0.2), |q| q.sh(0.0, 5.0, 6.0, 0.5));
    }
    plate.paper(&g, &lit(site, rig.room));
    let mut flames = Vec::new();
    let mut g = sheet(stage, site.number("fittings"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        match lay.kind {
            0 => {
                carpet(&mut pen, site, &v, banner[0]);
                dais(&mut pen, site, &v, &stone, &woods, banner[0]);
                for x in [0.335f32, 0.665] {
                    hang(&mut pen, site, v.x(x), v.y(0.12), v.k(34.0), v.k(196.0), banner);
                }
            }
            1 => {
                for x in [0.26f32, 0.74] {
                    hang(&mut pen, site, v.x(x + 0.02 * lay.spread), v.y(0.10), v.k(40.0), v.k(230.0), banner);
                }
                hearth(&mut pen, site, &v, 0.5 + 0.02 * lay.spread, &stone, hour.lamps, &mut flames);
                bench(&mut pen, &v, 0.12, &woods);
                bench(&mut pen, &v, 0.88, &woods);
            }
            _ => {
                gallery(&mut pen, site, &v, &stone, &woods);
                hang(&mut pen, site, v.x(0.08 + 0.04 * lay.spread), v.y(0.52), v.k(30.0 + 12.0 * lay.lift), v.k(120.0), banner);
                hang(&mut pen, site, v.x(0.52 - 0.05 * lay.spread), v.y(0.50), v.k(30.0 + 12.0 * lay.lift), v.k(120.0), banner);
            }
        }
        if lay.kind != 1 {
            let aside = 0.05 * lay.spread;
            for x in [0.255f32 - aside, 0.745 + aside] {
                torch(&mut pen, site, v.x(if lay.kind == 2 { x - 0.12 } else { x }), v.y(0.40), v.k(1.0), hour.lamps, &mut flames);
            }
        }
    }
    plate.paper(&g, &lit(site, rig.room).shadow(4.0 * u, 6.0 * u, 10.0 * u, 0.45).blur(if near { 0.9 * u } else { 0.0 }));
    if hour.lamps {
        for &(x, y, r) in &flames {
            parts::glow(site, &mut plate, x, y, r, "#ffa850", 0.8);
        }
    } else {
        shafts(site, &mut plate, &windows, v.foot);
    }
    room_glow(site, &mut plate);
    planes.push(plate.done("hall", parallax::SET, 500, None));
    if near {
        planes.push(table(site, &woods));
    } else {
        planes.push(before(site, &v, &stone));
    }
    planes
}

/// Leaded panes in an opening, and its stone frame.
fn glass(pen: &mut Pen, site: &Site, o: &Opening, stone: &Tones) {
    let hour = &site.rig.hour;
    let clip = pen.shape(&o.points(0.0), mix(hour.sky[1], hour.sky[2], 0.5), |q| q.flat().tex(0.1).alpha(0.14));
    let mut seed = site.seed("panes");
    let lead = mix(hour.dark, hour.near, 0.4);
    let tints = ["#b0563c", "#4a6a8c", "#c8a04c", "#4f7a58"].map(|s| site.rig.style.tone(hex(s)));
    let cell = o.half * 0.42;
    let mut y = o.top - o.half * 0.2;
    while y < o.foot {
        let mut x = o.x - o.half;
        while x < o.x + o.half {
            if seed.below(4) == 0 {
                let tint = tints[seed.below(4) as usize];
                pen.poly(&[(x, y + cell * 0.5), (x + cell * 0.5, y), (x + cell, y + cell * 0.5), (x + cell * 0.5, y + cell)], tint, |q| {
                    q.flat().tex(0.1).alpha(if hour.lamps { 0.30 } else { 0.55 }).clip(&clip)
                });
            }
            x += cell;
        }
        y += cell;
    }
    pen.g.set_clip(Some(&clip));
    let n = (o.half * 2.0 / cell) as i32 + 12;
    for i in -n..n {
        let x = o.x - o.half + cell * i as f32;
        pen.line(&[(x, o.top - o.half), (x + (o.foot - o.top + o.half), o.foot)], lead, 1.4, 0.7, false);
        pen.line(&[(x, o.foot), (x + (o.foot - o.top + o.half), o.top - o.half)], lead, 1.4, 0.7, false);
    }
    if o.half > 60.0 {
        for dx in [-0.34f32, 0.34] {
            pen.rect(o.x + o.half * dx - 5.0, o.top - o.half, o.x + o.half * dx + 5.0, o.foot, stone.body, |q| q.flat());
        }
    } else {
        pen.rect(o.x - 3.5, o.top - o.half, o.x + 3.5, o.foot, stone.body, |q| q.flat());
    }
    pen.g.set_clip(None);
    let outer = o.points(o.half * 0.16 + 6.0);
    let inner = o.points(0.0);
    let flat = |q: &[crate::paper::Pt]| q.iter().map(|q| (q.x, q.y)).collect::<Vec<_>>();
    pen.frame(&[flat(&outer), flat(&inner)], stone.step(0.4), |q| q.sh(2.0, 4.0, 7.0, 0.45));
    let half = o.half * 1.28 + 8.0;
    pen.rect(o.x - half, o.foot + o.half * 0.1, o.x + half, o.foot + o.half * 0.1 + 14.0, stone.step(0.7), |q| q.sh(0.0, 5.0, 6.0, 0.5));
}

/// A banner: its pole at the top, a swallow tail below, a plain device.
fn hang(pen: &mut Pen, site: &Site, x: f32, y: f32, half: f32, long: f32, colours: [&str; 2]) {
    let t = |s: &str| site.rig.style.tone(hex(s));
    let (cloth, device) = (t(colours[0]), t(colours[1]));
    let dark = mix(cloth, hex("#140c14"), 0.45);
    pen.rect(x - half - 8.0, y - 4.0, x + half + 8.0, y + 3.0, t("#5a4630"), |q| q.sh(2.0, 4.0, 5.0, 0.45));
    let body = pen.shape(
        &[
            c(x - half, y),
            c(x + half, y),
            p(x + half * 0.94, y + long * 0.5),
            c(x + half, y + long),
            c(x, y + long - half * 0.7),
            c(x - half, y + long),
            p(x - half * 0.94, y + long * 0.5),
        ],
        cloth,
        |q| q.sh(5.0, 6.0, 9.0, 0.45).grad((x - half, 0.0), (x + half, 0.0), cloth, mix(cloth, dark, 0.6)),
    );
    for k in [-0.45f32, 0.1, 0.55] {
        pen.curve(
            &[(x + half * k, y), (x + half * (k + 0.12), y), (x + half * (k + 0.2), y + long * 0.6), (x + half * k, y + long)],
            dark,
            |q| q.flat().alpha(0.4).clip(&body),
        );
    }
    let (cy, r) = (y + long * 0.40, half * 0.52);
    match site.seed("device").below(3) {
        0 => {
            pen.disc(x, cy, r, device, |q| q.clean().sh(1.0, 2.0, 2.0, 0.3));
            pen.disc(x + r * 0.35, cy - r * 0.15, r * 0.78, cloth, |q| q.clean().flat());
        }
        1 => {
            pen.poly(&[(x, cy - r * 1.2), (x + r * 0.8, cy), (x, cy + r * 1.2), (x - r * 0.8, cy)], device, |q| {
                q.clean().sh(1.0, 2.0, 2.0, 0.3)
            });
        }
        _ => {
            pen.poly(
                &[
                    (x - r, cy - r * 0.7),
                    (x - r * 0.4, cy - r * 0.1),
                    (x, cy - r),
                    (x + r * 0.4, cy - r * 0.1),
                    (x + r, cy - r * 0.7),
                    (x + r * 0.8, cy + r * 0.7),
                    (x - r * 0.8, cy + r * 0.7),
                ],
                device,
                |q| q.clean().sh(1.0, 2.0, 2.0, 0.3),
            );
        }
    }
    pen.rect(x - half, y + long * 0.66, x + half, y + long * 0.70, device, |q| q.flat().clip(&body));
}

fn torch(pen: &mut Pen, site: &Site, x: f32, y: f32, k: f32, burns: bool, flames: &mut Vec<(f32, f32, f32)>) {
    let hour = &site.rig.hour;
    let iron = mix(hour.dark, hour.near, 0.3);
    pen.poly(&[(x - 9.0 * k, y), (x + 9.0 * k, y), (x + 4.0 * k, y + 46.0 * k), (x - 4.0 * k, y + 46.0 * k)], iron, |q| {
        q.sh(3.0, 4.0, 5.0, 0.45)
    });
    pen.rect(x - 13.0 * k, y - 3.0 * k, x + 13.0 * k, y + 4.0 * k, mix(iron, hour.land_core[0], 0.2), |q| q.sh(0.0, 2.0, 3.0, 0.4));
    if burns {
        fire(pen, &mut site.seed("torch"), x, y, 36.0 * k);
        flames.push((x, y - 14.0 * k, 210.0 * k));
    }
}

fn hearth(pen: &mut Pen, site: &Site, v: &View, at: f32, stone: &Tones, burns: bool, flames: &mut Vec<(f32, f32, f32)>) {
    let (x, foot) = (v.x(at), v.foot + v.k(8.0));
    let (half, high) = (v.k(112.0), v.k(172.0));
    pen.poly(
        &[(x - half * 0.8, foot - high), (x - half * 0.52, v.y(0.02)), (x + half * 0.52, v.y(0.02)), (x + half * 0.8, foot - high)],
        stone.step(-0.1),
        |q| q.sh(5.0, 4.0, 9.0, 0.45).grad((x - half, 0.0), (x + half, 0.0), stone.step(0.4), stone.step(-0.5)),
    );
    pen.rect(x - half, foot - high, x + half, foot, stone.step(0.1), |q| q.sh(5.0, 4.0, 9.0, 0.5));
    pen.rect(x - half * 1.12, foot - high - v.k(16.0), x + half * 1.12, foot - high + v.k(8.0), stone.step(0.6), |q| {
        q.sh(0.0, 6.0, 7.0, 0.5)
    });
    let soot = mix(stone.dark, hex("#0c080c"), 0.6);
    pen.shape(&arch(x - half * 0.68, x + half * 0.68, foot - high * 0.52, foot, high * 0.24), soot, |q| q.flat());
    for dx in [-0.3f32, 0.0, 0.3] {
        pen.line(
            &[(x + half * (dx - 0.22), foot - 8.0), (x + half * (dx + 0.22), foot - v.k(14.0))],
            mix(soot, hex("#6a4630"), 0.5),
            v.k(11.0),
            1.0,
            false,
        );
    }
    if burns || site.rig.hour.snow > 0.0 || site.rig.hour.rain > 0.0 {
        fire(pen, &mut site.seed("hearth"), x, foot - v.k(8.0), v.k(78.0));
        flames.push((x, foot - v.k(40.0), v.k(330.0)));
    }
}

fn bench(pen: &mut Pen, v: &View, at: f32, woods: &Woods) {
    let (x, foot) = (v.x(at), v.foot + v.k(26.0));
    for s in [-1.0f32, 1.0] {
        pen.rect(x + s * v.k(70.0) - v.k(7.0), foot - v.k(50.0), x + s * v.k(70.0) + v.k(7.0), foot, woods.table[1], |q| {
            q.sh(3.0, 2.0, 4.0, 0.4)
        });
    }
    pen.rect(x - v.k(92.0), foot - v.k(62.0), x + v.k(92.0), foot - v.k(48.0), woods.table[0], |q| q.sh(0.0, 5.0, 6.0, 0.5));
}

/// A carpet from the viewer to the end of the hall.
fn carpet(pen: &mut Pen, site: &Site, v: &View, color: &str) {
    let t = |s: &str| site.rig.style.tone(hex(s));
    let (x, b) = (v.x(0.5), site.stage.bottom() + 10.0);
    let cloth = t(color);
    let (a, z) = (v.k(70.0), v.k(70.0) * 2.1);
    let body = pen.poly(&[(x - a, v.foot + 4.0), (x + a, v.foot + 4.0), (x + z * 1.2, b), (x - z * 1.2, b)], cloth, |q| {
        q.sh(0.0, 2.0, 4.0, 0.35).grad((0.0, v.foot), (0.0, b), mix(cloth, hex("#140c14"), 0.4), cloth)
    });
    for s in [-1.0f32, 1.0] {
        pen.poly(
            &[(x + s * a * 0.84, v.foot), (x + s * a * 0.90, v.foot), (x + s * z * 1.08, b), (x + s * z * 1.0, b)],
            t("#c8963c"),
            |q| q.flat().alpha(0.7).clip(&body),
        );
    }
}

/// Steps under the great window, and a high seat on them.
fn dais(pen: &mut Pen, site: &Site, v: &View, stone: &Tones, woods: &Woods, color: &str) {
    let x = v.x(0.5);
    for i in 0..3 {
        let y = v.foot - v.k(22.0) + v.k(15.0) * i as f32;
        let half = v.k(150.0 + 30.0 * i as f32);
        pen.rect(x - half, y, x + half, y + v.k(18.0), stone.step(0.5 - 0.4 * i as f32), |q| q.sh(0.0, 4.0, 6.0, 0.45));
    }
    if site.says(&["throne", "king", "queen", "seat", "chair"]) || site.place.location_id.as_str().contains("throne") {
        let (foot, cloth) = (v.foot - v.k(20.0), site.rig.style.tone(hex(color)));
        let gold = site.rig.style.tone(hex("#b9873a"));
        pen.poly(
            &[
                (x - v.k(42.0), foot),
                (x - v.k(40.0), foot - v.k(150.0)),
                (x, foot - v.k(184.0)),
                (x + v.k(40.0), foot - v.k(150.0)),
                (x + v.k(42.0), foot),
            ],
            mix(woods.frame, gold, 0.4),
            |q| q.sh(4.0, 5.0, 8.0, 0.5),
        );
        pen.poly(
            &[
                (x - v.k(29.0), foot - v.k(50.0)),
                (x - v.k(28.0), foot - v.k(140.0)),
                (x, foot - v.k(160.0)),
                (x + v.k(28.0), foot - v.k(140.0)),
                (x + v.k(29.0), foot - v.k(50.0)),
            ],
            cloth,
            |q| q.flat().grad((x - v.k(28.0), 0.0), (x + v.k(28.0), 0.0), cloth, mix(cloth, woods.deep, 0.5)),
        );
        pen.rect(x - v.k(46.0), foot - v.k(62.0), x + v.k(46.0), foot - v.k(46.0), mix(woods.table[0], gold, 0.3), |q| {
            q.sh(0.0, 5.0, 6.0, 0.5)
        });
    }
}

/// A gallery on brackets with its balusters, and the stair that leads up to it.
fn gallery(pen: &mut Pen, site: &Site, v: &View, stone: &Tones, woods: &Woods) {
    let floor = v.y(0.46 + 0.035 * site.rig.lay.lift);
    let m = v.m();
    let (a, z) = (if m > 0.0 { site.stage.left() - 10.0 } else { site.stage.right() + 10.0 }, v.x(0.62));
    let (l, r) = (a.min(z), a.max(z));
    pen.rect(l, floor - 4.0, r, floor + v.k(20.0), woods.frame, |q| q.sh(0.0, 10.0, 12.0, 0.55));
    let mut x = l + v.k(14.0);
    while x < r - 6.0 {
        pen.rect(x - v.k(4.0), floor - v.k(62.0), x + v.k(4.0), floor, mix(woods.frame, woods.table[0], 0.4), |q| q.sh(2.0, 3.0, 4.0, 0.4));
        x += v.k(30.0);
    }
    pen.rect(l, floor - v.k(72.0), r, floor - v.k(58.0), mix(woods.table[0], woods.frame, 0.3), |q| q.sh(0.0, 4.0, 5.0, 0.45));
    for t in [0.10f32, 0.34, 0.58] {
        let x = v.x(t);
        pen.poly(
            &[(x - 8.0, floor + v.k(18.0)), (x + 8.0, floor + v.k(18.0)), (x + 5.0, v.foot), (x - 5.0, v.foot)],
            stone.step(0.2),
            |q| q.sh(4.0, 3.0, 6.0, 0.45),
        );
    }
    // The stair: from the gallery's end down to the floor at the side.
    let n = 9;
    for i in 0..n {
        let t = i as f32 / n as f32;
        let x0 = v.x(0.62 + 0.30 * t);
        let x1 = v.x(0.62 + 0.30 * (t + 1.0 / n as f32));
        let y = floor + (v.foot - floor) * (t + 0.5 / n as f32);
        let (p0, p1) = (x0.min(x1), x0.max(x1));
        pen.rect(p0 - 1.0, y, p1 + 1.0, v.foot + v.k(10.0), stone.step(0.3 - 0.7 * t), |q| q.sh(2.0 * m, 0.0, 4.0, 0.35));
        pen.rect(p0 - 4.0, y - v.k(5.0), p1 + 4.0, y + v.k(4.0), stone.step(0.8), |q| q.sh(0.0, 3.0, 4.0, 0.45).k(0.6));
    }
    let rail: Vec<(f32, f32)> =
        (0..=8).map(|i| i as f32 / 8.0).map(|t| (v.x(0.62 + 0.30 * t), floor - v.k(62.0) + (v.foot - floor) * t)).collect();
    for &(x, y) in &rail {
        pen.rect(x - v.k(3.5), y, x + v.k(3.5), y + v.k(64.0), woods.frame, |q| q.sh(2.0, 2.0, 4.0, 0.4));
    }
    pen.line(&rail, mix(woods.table[0], woods.frame, 0.3), v.k(12.0), 1.0, false);
}

/// Bands of day through the windows onto the floor.
fn shafts(site: &Site, plate: &mut Plate, windows: &[Opening], foot: f32) {
    let (rig, stage) = (site.rig, &site.stage);
    let (s, (ox, oy)) = (stage.u, stage.origin);
    let color = mix(rig.hour.light, hex("#fff2d8"), 0.5);
    let strength = if rig.hour.rain > 0.0 || rig.hour.haze_k > 1.3 { 0.14 } else { 0.30 };
    let slant = -0.55 * rig.lay.m();
    let windows: Vec<(f32, f32, f32, f32)> = windows.iter().map(|o| (o.x, o.top, o.foot, o.half)).collect();
    plate.over(&light::mask(color, stage.rect(), site.number("shafts"), |x, y| {
        let (x, y) = ((x - ox) / s, (y - oy) / s);
        let mut m: f32 = 0.0;
        for &(wx, top, low, half) in &windows {
            if y < top {
                continue;
            }
            let mid = (top + low) * 0.5;
            let t = ((y - mid) / (foot + stage.h * 0.2 - mid)).clamp(0.0, 1.0);
            let cx = wx + slant * (y - mid);
            let d = ((x - cx).abs() / (half * (0.85 + 0.5 * t))).min(2.0);
            let edge = ((1.0 - d) / 0.22).clamp(0.0, 1.0);
            m = m.max(edge * (1.0 - t) * (if y < mid { ((y - top) / (mid - top)).clamp(0.0, 1.0) } else { 1.0 }));
        }
        m * strength
    }));
}

/// Columns between the viewer and the hall, and the place's things on its floor.
fn before(site: &Site, v: &View, stone: &Tones) -> PaintedPlane {
    let (rig, stage) = (site.rig, &site.stage);
    let (h, u) = (stage.h, stage.u);
    let mut plate = Plate::new(stage);
    let mut g = sheet(stage, site.number("columns"));
    let flames;
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let t = stage.top() - 10.0;
        let spots: &[(f32, f32)] = match rig.lay.kind {
            0 => &[(0.17, 0.80), (0.83, 0.80), (0.035, 1.25), (0.965, 1.25)],
            1 => &[(0.0, 1.2), (1.0, 1.2)],
            _ => &[(0.97, 1.3)],
        };
        for &(x, k) in spots {
            let x = v.x(x);
            let (half, foot) = (34.0 * k, v.foot + 60.0 * k - 30.0);
            let body = pen.rect(x - half, t, x + half, foot, stone.body, |q| {
                q.sh(8.0, 4.0, 14.0, 0.5).grad((x - half, 0.0), (x + half, 0.0), stone.step(0.6), stone.step(-0.9))
            });
            for i in 0..6 {
                let y = t + (foot - t) * (i as f32 + 0.6) / 6.0;
                pen.line(&[(x - half, y), (x + half, y + 2.0)], stone.dark, 2.0, 0.45, false);
            }
            pen.rect(x + half * 0.3, t, x + half * 1.1, foot, stone.dark, |q| q.flat().alpha(0.35).clip(&body));
            pen.poly(
                &[
                    (x - half * 1.4, foot + 6.0),
                    (x - half * 1.15, foot - 20.0 * k),
                    (x + half * 1.15, foot - 20.0 * k),
                    (x + half * 1.4, foot + 6.0),
                ],
                stone.step(0.3),
                |q| q.sh(4.0, 4.0, 7.0, 0.5),
            );
            // The spring of its arch.
            let top = h * 0.10;
            pen.poly(
                &[
                    (x - half * 1.1, top),
                    (x - half * 1.7, top - 26.0 * k),
                    (x - half * 3.0, t),
                    (x + half * 3.0, t),
                    (x + half * 1.7, top - 26.0 * k),
                    (x + half * 1.1, top),
                ],
                stone.step(-0.3),
                |q| q.sh(5.0, 8.0, 10.0, 0.5),
            );
        }
        let boards = [(v.x(0.16), v.foot - v.k(36.0)), (v.x(0.84), v.foot - v.k(36.0))];
        let floors = [(v.x(0.72), v.foot + 50.0), (v.x(0.27), v.foot + 50.0), (v.x(0.80), v.foot + 70.0), (v.x(0.5), v.foot + 30.0)];
        let nails = [(v.x(0.30), v.y(0.56)), (v.x(0.70), v.y(0.56))];
        let head = 66.0 * stage.scale();
        flames = furnish(
            &mut pen,
            site,
            &Spots { wall: &nails, board: if rig.lay.kind == 1 { &boards } else { &floors[1..3] }, floor: &floors, head },
            false,
        );
    }
    plate.paper(&g, &lit(site, rig.room).shadow(6.0 * u, 4.0 * u, 12.0 * u, 0.45));
    burn(site, &mut plate, &flames);
    if let Some(prop) = lamp_prop(site) {
        let (x, y, size) = rig::lamp_spot(rig.scene, site.framing, rig.side, is_great(prop), stage);
        // A stand for the lamp.
        let mut g = sheet(stage, site.number("stand"));
        {
            let mut pen = Pen::new(&mut g, stage, rig.style);
            let top = y + size * 0.5;
            pen.poly(&[(x - 34.0, top), (x + 34.0, top), (x + 26.0, v.foot + 50.0), (x - 26.0, v.foot + 50.0)], stone.step(-0.1), |q| {
                q.sh(4.0, 4.0, 8.0, 0.45).grad((x - 34.0, 0.0), (x + 34.0, 0.0), stone.step(0.5), stone.step(-0.7))
            });
            pen.rect(x - 42.0, top - 5.0, x + 42.0, top + 9.0, stone.step(0.6), |q| q.sh(0.0, 4.0, 6.0, 0.45));
        }
        plate.paper(&g, &lit(site, rig.room).shadow(0.0, 5.0, 9.0, 0.4));
        lamp_with_glow(site, &mut plate, prop, x, y, size, 400.0);
    }
    plate.done("columns", parallax::SET + 80, 560, None)
}
