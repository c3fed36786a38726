//! Rooms: the study, the round lamp room of glass, the winding stair. The near framings are the reference's `study`; the
//! far ones show the same furniture from across the room.

use contracts::picture::{Framing, PropSpec};

use super::{
    Scene, Site,
    palette::{hex, mix},
    parallax,
    pen::{Pen, Sheet, group, sheet},
    plate::Plate,
    rig::{self, is_great, is_lamp},
    sky::{fog, waves, wet_glass},
    stood::{Spots, furnish, lamp_on, lamp_prop, lamp_with_glow, stand},
};
use crate::{
    light::{self, Lit},
    paint::PaintedPlane,
    paper::{Outline, Rgb, c, p},
    props,
};

/// The wood and cloth of rooms, each location with its own.
pub struct Woods {
    /// Wall.
    pub wall: Rgb,
    /// Lines of the panelling.
    pub seam: Rgb,
    /// Frames and rails.
    pub frame: Rgb,
    /// The inside of shelves.
    pub deep: Rgb,
    /// Shelf boards.
    pub board: Rgb,
    /// Table: lit edge and far shade.
    pub table: [Rgb; 2],
    /// Curtains: cloth and fold.
    pub curtain: [Rgb; 2],
    /// Book covers.
    pub books: [Rgb; 7],
}

impl Woods {
    /// The choice of a location.
    pub fn of(site: &Site) -> Self {
        let t = |s: &str| site.rig.style.tone(hex(s));
        let mut seed = site.seed("woods");
        let wall = ["#5a4c42", "#544a4a", "#4c5048", "#4a4f58", "#5e4640"][seed.below(5) as usize];
        let curtain =
            [["#6b2f2a", "#4c1f20"], ["#2f4a5c", "#1f3042"], ["#5c4a2a", "#40321e"], ["#3e5a44", "#28402e"], ["#5a3a56", "#3c263c"]]
                [seed.below(5) as usize];
        Self {
            wall: t(wall),
            seam: t("#3a302c"),
            frame: t("#6a4a34"),
            deep: t("#33261f"),
            board: t("#6b4a32"),
            table: [t("#7a5234"), t("#3a2418")],
            curtain: curtain.map(t),
            books: ["#6e4632", "#7a5a34", "#3e5548", "#404a62", "#8a6a3c", "#5a2f2c", "#a08a62"].map(t),
        }
    }
}

/// The room's light on a plane.
pub fn lit(site: &Site, ambient: Rgb) -> Lit {
    site.rig.key.on(Lit::plain().ambient(ambient), site.stage.ub)
}

/// Paints a room.
pub fn paint(site: &Site) -> Vec<PaintedPlane> {
    let near = site.framing == Framing::MediumTwo;
    match (site.rig.scene, near) {
        (Scene::LampRoom, _) => super::glasshouse::paint(site, near),
        (Scene::Stair, _) => super::workshop::stair(site, near),
        (_, true) => study(site),
        (_, false) => room(site),
    }
}

/// What is seen through a window: opaque, the whole stage.
pub(super) fn outside(site: &Site, horizon: f32) -> PaintedPlane {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let mut plate = Plate::new(stage);
    let bands = [(0.0, hour.sky[0]), (horizon / stage.h * 0.8, hour.sky[1]), (horizon / stage.h * 1.1, hour.sky[2]), (1.2, hour.sky[2])];
    plate.over(&light::sky(&bands, 0.03, stage.canvas.height as f32, 0.014, stage.rect(), site.number("sky")));
    let mut seed = site.seed("outside");
    let hills = [(0.0, 0.35, hour.sea[1]), (52.0, 0.1, hour.sea[4])];
    for (dy, hz, color) in hills {
        let mut g = group(stage, stage.left(), horizon - 80.0, stage.right(), stage.bottom(), site.number("hills") ^ dy as u64);
        waves(
            &mut Pen::new(&mut g, stage, rig.style),
            &mut seed,
            (stage.left(), stage.right()),
            horizon + dy,
            stage.bottom(),
            22.0,
            170.0,
            color,
            mix(color, hour.sea_core, 0.35),
        );
        plate.paper(&g, &Lit::plain().haze(hour.haze, hz * hour.haze_k.min(1.6)));
    }
    if hour.haze_k > 1.3 {
        fog(site, horizon - 160.0, horizon + 120.0, 1.0, "outside-fog", &mut plate);
    }
    plate.done("outside", parallax::FAR, 0, None)
}

/// Rain or snow on a pane, or the shine of glass.
pub(super) fn pane(pen: &mut Pen, site: &Site, x0: f32, y0: f32, x1: f32, y1: f32) {
    let hour = &site.rig.hour;
    let clip = pen.outline(&[(x0, y0), (x1, y0), (x1, y1), (x0, y1)]);
    let mut seed = site.seed("pane");
    if hour.rain > 0.0 {
        wet_glass(pen, &mut seed, x0, y0, x1, y1, &clip);
    } else {
        let shine = mix(hour.sky[2], hex("#ffffff"), 0.4);
        let w = x1 - x0;
        for (t, width) in [(0.18, 0.10), (0.34, 0.04)] {
            let x = x0 + w * t;
            pen.poly(&[(x, y0), (x + w * width, y0), (x + w * width - 60.0, y1), (x - 60.0, y1)], shine, |q| {
                q.flat().tex(0.0).alpha(0.08).clip(&clip)
            });
        }
        if hour.snow > 0.0 {
            for _ in 0..16 {
                let (x, y) = (seed.range(f64::from(x0), f64::from(x1)) as f32, seed.range(f64::from(y0), f64::from(y1)) as f32);
                pen.disc(x, y, seed.range(1.4, 3.0) as f32, hex("#f4f6fa"), |q| q.clean().flat().tex(0.0).alpha(0.8).clip(&clip));
            }
        }
    }
    // The inner shadow of the opening.
    let shadow = Rgb(0.016, 0.024, 0.063);
    let edge = |q: Sheet<'static>| q.flat().tex(0.0).blur(9.0).alpha(0.55);
    pen.g.set_clip(Some(&clip));
    pen.rect(x0 - 20.0, y0 - 26.0, x1 + 20.0, y0 + 5.0, shadow, edge);
    pen.rect(x0 - 26.0, y0 - 20.0, x0 + 4.0, y1 + 20.0, shadow, edge);
    pen.rect(x1 - 1.0, y0 - 20.0, x1 + 26.0, y1 + 20.0, shadow, edge);
    pen.g.set_clip(None);
}

/// A wall with a hole: panelling or plaster.
pub(super) fn wall(pen: &mut Pen, site: &Site, woods: &Woods, hole: (f32, f32, f32, f32), foot: f32) {
    let stage = &site.stage;
    let (l, t, r) = (stage.left() - 6.0, stage.top() - 6.0, stage.right() + 6.0);
    let (x0, y0, x1, y1) = hole;
    pen.frame(&[vec![(l, t), (r, t), (r, foot), (l, foot)], vec![(x0, y0), (x1, y0), (x1, y1), (x0, y1)]], woods.wall, |q| {
        q.flat().tex(0.8)
    });
    let clip = Outline::new(
        [
            [(l, t), (x0 - 2.0, t), (x0 - 2.0, foot), (l, foot)],
            [(x1 + 2.0, t), (r, t), (r, foot), (x1 + 2.0, foot)],
            [(x0 - 2.0, y1 + 2.0), (x1 + 2.0, y1 + 2.0), (x1 + 2.0, foot), (x0 - 2.0, foot)],
        ]
        .iter()
        .flat_map(|q| pen.outline(q).polys().to_vec())
        .collect(),
        crate::paper::Rule::NonZero,
    );
    let mut seed = site.seed("wall-kind");
    let kind = seed.below(3);
    let board = [64.0, 92.0, 46.0][seed.below(3) as usize];
    if kind == 2 {
        // Papered in stripes.
        let paper = mix(woods.wall, woods.curtain[0], 0.30);
        let mut x = l - l.rem_euclid(board * 2.0);
        while x < r {
            pen.rect(x, t, x + board, foot, paper, |q| q.flat().alpha(0.6).clip(&clip));
            x += board * 2.0;
        }
    }
    // Boards to the ceiling, or up to a rail.
    let rail = if kind == 0 { t } else { site.stage.h * [0.50, 0.56, 0.44][site.rig.lay.kind] };
    if kind > 0 {
        pen.rect(l, rail, r, foot, mix(woods.wall, woods.frame, 0.5), |q| q.flat().clip(&clip));
    }
    let mut x = l - l.rem_euclid(board);
    while x < r {
        pen.rect(x, rail, x + 3.0, foot, woods.seam, |q| q.flat().alpha(0.5).clip(&clip));
        x += board;
    }
    if kind > 0 {
        pen.rect(l, rail - 7.0, r, rail + 7.0, woods.frame, |q| q.sh(0.0, 5.0, 6.0, 0.45).clip(&clip));
    }
}

/// Frames on a wall with a small landscape in each; `spots` their middles, of which the location keeps some.
fn pictures(pen: &mut Pen, site: &Site, woods: &Woods, spots: &[(f32, f32)], k: f32) {
    let mut seed = site.seed("pictures");
    let hour = &site.rig.hour;
    for &(x, y) in spots {
        if seed.below(3) == 0 {
            continue;
        }
        let (a, b) = (seed.range(26.0, 52.0) as f32 * k, seed.range(24.0, 48.0) as f32 * k);
        let y = y + seed.range(-20.0, 20.0) as f32 * k;
        pen.rect(x - a - 7.0 * k, y - b - 7.0 * k, x + a + 7.0 * k, y + b + 7.0 * k, mix(woods.frame, woods.table[0], 0.4), |q| {
            q.sh(3.0, 5.0, 7.0, 0.5)
        });
        let inner = pen.rect(x - a, y - b, x + a, y + b, mix(woods.books[6], hour.sky[2], 0.3), |q| q.flat());
        let tone = woods.books[seed.below(6) as usize];
        let rise = seed.range(-0.4, 0.4) as f32;
        pen.curve(
            &[
                (x - a, y + b * 0.2),
                (x - a * 0.3, y - b * 0.2 + rise * b),
                (x + a * 0.4, y + b * 0.3),
                (x + a, y - b * 0.1),
                (x + a, y + b),
                (x - a, y + b),
            ],
            tone,
            |q| q.flat().clip(&inner),
        );
    }
}

/// A press with two doors, a stove with its pipe, or a settle: what else a room has against its wall.
fn piece(pen: &mut Pen, site: &Site, woods: &Woods, x: f32, foot: f32, k: f32) {
    let mut pen = pen.at(x, foot, k, 1.0);
    let wood = mix(woods.frame, woods.deep, 0.25);
    let brass = site.rig.style.tone(hex("#b9873a"));
    match site.seed("piece").below(3) {
        0 => {
            pen.rect(-84.0, -270.0, 84.0, 0.0, wood, |q| q.sh(6.0, 5.0, 10.0, 0.5));
            pen.rect(-94.0, -284.0, 94.0, -264.0, woods.table[0], |q| q.sh(0.0, 6.0, 7.0, 0.5));
            for s in [-1.0f32, 1.0] {
                pen.rect(s * 42.0 - 34.0, -250.0, s * 42.0 + 34.0, -14.0, mix(wood, woods.table[0], 0.35), |q| q.sh(2.0, 3.0, 4.0, 0.4));
                pen.disc(s * 12.0, -128.0, 4.5, brass, |q| q.clean());
            }
        }
        1 => {
            let iron = mix(woods.deep, Rgb(0.10, 0.10, 0.12), 0.7);
            let lit = mix(iron, Rgb::WHITE, 0.16);
            pen.rect(-13.0, -560.0, 13.0, -170.0, iron, |q| q.sh(5.0, 3.0, 8.0, 0.45).grad((-13.0, 0.0), (13.0, 0.0), lit, iron));
            pen.rect(-64.0, -180.0, 64.0, -14.0, iron, |q| q.sh(6.0, 5.0, 10.0, 0.5).grad((-64.0, 0.0), (64.0, 0.0), lit, iron));
            pen.rect(-72.0, -192.0, 72.0, -174.0, lit, |q| q.sh(0.0, 5.0, 6.0, 0.45));
            pen.rect(-40.0, -140.0, 40.0, -66.0, if site.rig.hour.lamps || site.rig.hour.snow > 0.0 { hex("#f0903c") } else { lit }, |q| {
                q.sh(1.0, 2.0, 3.0, 0.4)
            });
            for dx in [-20.0f32, 0.0, 20.0] {
                pen.line(&[(dx, -140.0), (dx, -66.0)], iron, 4.0, 1.0, false);
            }
            for s in [-1.0f32, 1.0] {
                pen.poly(&[(s * 50.0 - 8.0, -16.0), (s * 50.0 + 8.0, -16.0), (s * 58.0 + 5.0, 8.0), (s * 58.0 - 5.0, 8.0)], iron, |q| {
                    q.flat()
                });
            }
        }
        _ => {
            pen.rect(-130.0, -190.0, 130.0, -60.0, wood, |q| q.sh(6.0, 5.0, 10.0, 0.5));
            for i in -2i32..=2 {
                pen.line(&[(46.0 * i as f32, -186.0), (46.0 * i as f32, -64.0)], woods.deep, 2.4, 0.7, false);
            }
            pen.rect(-136.0, -84.0, 136.0, -58.0, woods.table[0], |q| q.sh(0.0, 6.0, 8.0, 0.5));
            pen.rect(-128.0, -60.0, 128.0, 4.0, mix(wood, woods.deep, 0.4), |q| q.flat());
            pen.curve(&[(-118.0, -84.0), (-108.0, -128.0), (-56.0, -132.0), (-44.0, -86.0)], woods.curtain[0], |q| {
                q.sh(3.0, 4.0, 6.0, 0.45)
            });
        }
    }
}

/// A window's frame, bars, sill and curtains around an opening.
#[allow(clippy::too_many_arguments, reason = "furniture is these numbers")]
pub(super) fn window(pen: &mut Pen, woods: &Woods, x: f32, y: f32, w: f32, h: f32, k: f32, curtains: bool) {
    let frame = woods.frame;
    let outer = [
        (x - 26.0 * k, y - 24.0 * k),
        (x + w + 26.0 * k, y - 24.0 * k),
        (x + w + 26.0 * k, y + h + 24.0 * k),
        (x - 26.0 * k, y + h + 24.0 * k),
    ];
    pen.frame(&[outer.to_vec(), vec![(x, y), (x + w, y), (x + w, y + h), (x, y + h)]], frame, |q| q.sh(5.0, 7.0, 10.0, 0.5));
    pen.rect(x + w * 0.5 - 8.0 * k, y - 2.0, x + w * 0.5 + 8.0 * k, y + h + 2.0, frame, |q| q.sh(3.0, 4.0, 5.0, 0.5));
    pen.rect(x - 2.0, y + h * 0.467, x + w + 2.0, y + h * 0.467 + 14.0 * k, frame, |q| q.sh(3.0, 4.0, 5.0, 0.5));
    let sill = mix(frame, hex("#c8a070"), 0.18);
    pen.poly(
        &[
            (x - 40.0 * k, y + h + 8.0 * k),
            (x + w + 40.0 * k, y + h + 8.0 * k),
            (x + w + 44.0 * k, y + h + 34.0 * k),
            (x - 44.0 * k, y + h + 34.0 * k),
        ],
        sill,
        |q| q.sh(2.0, 5.0, 6.0, 0.45),
    );
    if !curtains {
        return;
    }
    let rod = y - 64.0 * h / 300.0;
    pen.rect(x - 100.0 * k, rod - 5.0 * k, x + w + 100.0 * k, rod + 5.0 * k, mix(woods.deep, frame, 0.4), |q| q.sh(0.0, 4.0, 5.0, 0.45));
    let [cloth, fold] = woods.curtain;
    for s in [1.0f32, -1.0] {
        let x = if s > 0.0 { x - 78.0 * k } else { x + w + 78.0 * k };
        let at = |u: f32, v: f32| (x + s * u * k, y + v * h / 300.0);
        let (a, b, q, d, e, f) = (at(0.0, -64.0), at(120.0, -64.0), at(96.0, 90.0), at(40.0, 210.0), at(62.0, 380.0), at(-14.0, 384.0));
        let hem = [c(a.0, a.1), c(b.0, b.1), p(q.0, q.1), p(d.0, d.1), p(e.0, e.1), p(f.0, f.1)];
        pen.shape(&hem, cloth, |q| q.sh(s * 5.0, 6.0, 9.0, 0.5));
        for u in [20.0, 46.0, 74.0] {
            pen.curve(&[at(u, -60.0), at(u + 14.0, -60.0), at(u * 0.55 + 8.0, 200.0), at(u * 0.7, 380.0), at(u * 0.5, 200.0)], fold, |q| {
                q.flat().alpha(0.7)
            });
        }
    }
}

/// Shelves of books and bottles between two uprights, boards at the given heights.
#[allow(clippy::too_many_arguments, reason = "furniture is these numbers")]
pub fn shelves(pen: &mut Pen, site: &Site, woods: &Woods, part: &str, x0: f32, x1: f32, top: f32, bottom: f32, rows: &[f32], k: f32) {
    let mut seed = site.seed(part);
    pen.rect(x0, top, x1, bottom, woods.deep, |q| q.sh(6.0, 6.0, 12.0, 0.5));
    let glass = site.rig.style.tone(hex("#7f8f86"));
    for &y in rows {
        let mut x = x0 + 14.0 * k;
        while x < x1 - 28.0 * k {
            let (w, h) = (seed.range(13.0, 30.0) as f32 * k, seed.range(66.0, 112.0) as f32 * k);
            let cover = woods.books[seed.below(7) as usize];
            let kind = seed.unit();
            let mut step = w;
            if kind < 0.80 {
                let t = if seed.below(5) == 0 { 8.0 * k } else { 0.0 };
                pen.poly(&[(x + t, y - h), (x + w - 2.0 * k + t, y - h), (x + w - 2.0 * k, y), (x, y)], cover, |q| {
                    q.sh(2.0, 2.0, 3.0, 0.4).k(0.6)
                });
                pen.rect(
                    x + 2.0 * k + t * 0.75,
                    y - h * 0.78,
                    x + w - 4.0 * k + t * 0.75,
                    y - h * 0.70,
                    mix(cover, hex("#c8a760"), 0.75),
                    |q| q.flat().k(0.3).alpha(0.6),
                );
            } else if kind < 0.90 {
                let q = |u: f32, v: f32| (x + u * k, y - v * k);
                pen.curve(
                    &[q(0.0, 0.0), q(2.0, 30.0), q(9.0, 44.0), q(9.0, 58.0), q(19.0, 58.0), q(19.0, 44.0), q(26.0, 30.0), q(28.0, 0.0)],
                    glass,
                    |s| s.sh(2.0, 2.0, 3.0, 0.4).k(0.5),
                );
                step = 30.0 * k;
            }
            x += step;
        }
        pen.rect(x0, y, x1, y + 13.0 * k, woods.board, |q| q.sh(0.0, 6.0, 6.0, 0.55).k(0.6));
    }
}

/// The near room: window between shelves, table before it.
fn study(site: &Site) -> Vec<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.stage);
    let woods = Woods::of(site);
    let (w, h) = (stage.w, stage.h);
    let k = (w / 1280.0).clamp(0.70, 1.0);
    let lay = rig.lay;
    let cx = w * lay.x([0.5, 0.43, 0.55][lay.kind]);
    let (ww, wh) = ([328.0, 420.0, 250.0][lay.kind] * k, [300.0, 262.0, 330.0][lay.kind] * k * if stage.tall() { 1.5 } else { 1.0 });
    let (wx, wy) = (cx - ww * 0.5, h * 0.055);
    let mut planes = vec![outside(site, wy + wh * 0.72)];
    let mut plate = Plate::new(stage);
    let mut g = sheet(stage, site.number("wall"));
    wall(&mut Pen::new(&mut g, stage, rig.style), site, &woods, (wx, wy, wx + ww, wy + wh), stage.bottom() + 6.0);
    plate.paper(&g, &lit(site, rig.room));
    let mut g = sheet(stage, site.number("window"));
    pane(&mut Pen::new(&mut g, stage, rig.style), site, wx, wy, wx + ww, wy + wh);
    plate.paper(&g, &Lit::plain());
    let mut g = sheet(stage, site.number("furniture"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        window(&mut pen, &woods, wx, wy, ww, wh, k, true);
    }
    plate.paper(&g, &lit(site, rig.room).shadow(5.0, 7.0, 9.0, 0.45));
    let mut g = sheet(stage, site.number("shelves"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let rows: Vec<f32> = (0..12).map(|i| h * 0.153 + 143.0 * k * i as f32).filter(|y| *y < h * 0.80).collect();
        let foot = rows.last().map_or(h * 0.78, |y| y + 22.0);
        let left = (stage.left() - 8.0, cx - (176.0 * k + ww * 0.5));
        let right = (cx + 181.0 * k + ww * 0.5, stage.right() + 8.0);
        if left.1 > left.0 + 60.0 {
            shelves(&mut pen, site, &woods, "shelf-left", left.0, left.1, stage.top() - 8.0, foot, &rows, k);
        }
        if right.1 > right.0 + 60.0 {
            shelves(&mut pen, site, &woods, "shelf-right", right.0, right.1, stage.top() - 8.0, foot, &rows, k);
        }
    }
    plate.paper(&g, &lit(site, rig.room).blur(1.0 * stage.u).shadow(6.0, 6.0, 12.0, 0.4));
    room_glow(site, &mut plate);
    planes.push(plate.done("room", parallax::SET, 500, None));
    planes.push(table(site, &woods));
    planes
}

/// What a burning lamp does to the air of a room.
pub fn room_glow(site: &Site, plate: &mut Plate) {
    let (rig, stage) = (site.rig, &site.stage);
    if rig.flame {
        let (x, y) = (rig.key.x * stage.ub, rig.key.y * stage.ub);
        let r = 620.0 * stage.ub * rig.style.glow();
        plate.fire(site, (x, y), r, hex("#ff9c45"), 0.5, site.number("room-glow"));
        let y = |v: f32| v * stage.h * stage.u + stage.origin.1;
        plate.over(&light::fog(
            site.rig.style.tone(hex("#7a5a3a")),
            y(0.14),
            y(0.9),
            0.12,
            220.0 * stage.u,
            stage.rect(),
            site.number("room-fog"),
        ));
    } else {
        // Light of the window: a pale fall into the room.
        let (x, y) = (rig.key.x * stage.ub, rig.key.y * stage.ub);
        let k = if rig.hour.lamps { 0.16 } else { 0.24 };
        let fall = |k: f32| light::rad(x, y, 640.0 * stage.ub, 1.8, rig.hour.disc_colours[3], k, stage.rect(), site.number("window-light"));
        plate.screen(&fall(k * 0.86)).breathing(site, "window-light", fall(k * 0.28));
    }
}

/// Table top with what lies on it; before people.
pub(super) fn table(site: &Site, woods: &Woods) -> PaintedPlane {
    let (rig, stage) = (site.rig, &site.stage);
    let (w, h) = (stage.w, stage.h);
    let top = h * 0.833;
    let mut plate = Plate::new(stage);
    let mut g = group(stage, stage.left(), top - 70.0, stage.right(), stage.bottom(), site.number("table"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let (l, r, b) = (stage.left() - 6.0, stage.right() + 6.0, stage.bottom() + 6.0);
        pen.rect(l, top, r, b, woods.table[0], |q| q.grad((0.0, top), (0.0, h + 20.0), woods.table[0], woods.table[1]));
        for y in [22.0, 50.0, 90.0] {
            pen.line(
                &[(l, top + y), (w * 0.31, top + y + 3.0), (w * 0.7, top + y - 2.0), (r, top + y + 2.0)],
                woods.table[1],
                1.6,
                0.5,
                true,
            );
        }
    }
    let u = stage.u;
    let mut on = Lit::plain().ambient(rig.room).shadow(0.0, -7.0 * u, 14.0 * u, 0.5);
    on = on.light(rig.key.x * stage.ub, (rig.key.y + 170.0) * stage.ub, 760.0 * stage.ub, rig.key.c, rig.key.k, 1.3);
    plate.paper(&g, &on);
    let great = lamp_prop(site).is_some_and(is_great);
    let (lx, ly, size) = rig::lamp_spot(rig.scene, Framing::MediumTwo, rig.side, great, stage);
    let lamp = lamp_prop(site);
    let mut g = group(stage, w * 0.3, ly - size * 0.62, w * 0.7, stage.bottom(), site.number("on-table"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let wide = (w / 1280.0).clamp(0.62, 1.0);
        // What the shot names lies between the two; a book where it names nothing and the room has books.
        let named: Vec<&PropSpec> =
            site.place.props.iter().filter(|q| !is_lamp(q) && props::rest(&q.shape) != props::Rest::Floor).take(3).collect();
        for (prop, (x, y)) in named.iter().zip([(0.5, 0.945), (0.428, 0.905), (0.572, 0.905)]) {
            let height = (props::stature(prop.shape.as_str()) * 150.0).clamp(58.0, 128.0) * wide;
            stand(&mut pen, prop, w * x, h * y - height * 0.5, height, rig);
        }
        if named.is_empty() && matches!(rig.scene, Scene::Room | Scene::Hall) {
            open_book(&mut pen.at(w * 0.5, h * 0.917, 0.72 * wide, 1.0), site);
        }
    }
    let near = Lit::plain().ambient(rig.room).shadow(0.0, 8.0 * u, 12.0 * u, 0.45);
    plate.paper(
        &g,
        &near.clone().light(rig.key.x * stage.ub, (rig.key.y + 120.0) * stage.ub, 640.0 * stage.ub, rig.key.c, rig.key.k * 1.05, 1.2),
    );
    if let Some(prop) = lamp {
        lamp_with_glow(site, &mut plate, prop, lx, ly, size, 470.0);
    }
    plate.done("table", parallax::ACTORS + 60, 720, None)
}

/// An open book, as it lies on a table.
fn open_book(pen: &mut Pen, site: &Site) {
    let (cover, page) = (site.rig.style.tone(hex("#4a2a1c")), site.rig.style.tone(hex("#e8dcbc")));
    let ink = site.rig.style.tone(hex("#6a5a48"));
    pen.poly(&[(-156.0, 42.0), (-111.0, -44.0), (0.0, -28.0), (111.0, -44.0), (156.0, 42.0), (0.0, 61.0)], cover, |q| {
        q.sh(0.0, 9.0, 12.0, 0.55)
    });
    pen.curve(&[(-144.0, 33.0), (-103.0, -50.0), (-56.0, -56.0), (0.0, -36.0), (0.0, 50.0), (-69.0, 31.0)], page, |q| {
        q.k(0.5).sh(0.0, 2.0, 3.0, 0.4)
    });
    pen.curve(&[(0.0, -36.0), (56.0, -56.0), (103.0, -50.0), (144.0, 33.0), (69.0, 31.0), (0.0, 50.0)], mix(page, cover, 0.10), |q| {
        q.k(0.5).sh(0.0, 2.0, 3.0, 0.4)
    });
    for j in 0..5 {
        let y = -34.0 + 14.0 * j as f32;
        pen.line(&[(-92.0 - 7.0 * j as f32, y), (-11.0, y + 11.0)], ink, 1.8, 0.6, false);
        pen.line(&[(14.0, y + 11.0), (92.0 + 7.0 * j as f32, y)], ink, 1.8, 0.6, false);
    }
}

/// A plain table with two legs: its top's middle at (x, y).
pub fn plain_table(pen: &mut Pen, woods: &Woods, x: f32, y: f32, wide: f32, foot: f32) {
    for s in [-1.0f32, 1.0] {
        let lx = x + s * wide * 0.42;
        pen.poly(&[(lx - 9.0, y + 10.0), (lx + 9.0, y + 10.0), (lx + 7.0, foot), (lx - 7.0, foot)], woods.table[1], |q| {
            q.sh(4.0, 3.0, 6.0, 0.4)
        });
    }
    pen.rect(x - wide * 0.46, y + 8.0, x + wide * 0.46, y + 34.0, mix(woods.table[0], woods.table[1], 0.6), |q| q.sh(0.0, 4.0, 6.0, 0.45));
    pen.poly(
        &[(x - wide * 0.5, y + 12.0), (x - wide * 0.47, y - 8.0), (x + wide * 0.47, y - 8.0), (x + wide * 0.5, y + 12.0)],
        woods.table[0],
        |q| {
            q.sh(0.0, 5.0, 7.0, 0.5).grad(
                (x - wide * 0.5, 0.0),
                (x + wide * 0.5, 0.0),
                woods.table[0],
                mix(woods.table[0], woods.table[1], 0.35),
            )
        },
    );
}

/// A chair seen from the side; `s` is 1 when it faces right.
pub fn chair(pen: &mut Pen, woods: &Woods, x: f32, foot: f32, k: f32, s: f32) {
    let mut pen = pen.at(x, foot, k, s);
    let (lit, dark) = (mix(woods.frame, woods.table[0], 0.4), woods.deep);
    pen.poly(&[(-40.0, 0.0), (-34.0, -100.0), (-46.0, -230.0), (-34.0, -232.0), (-22.0, -100.0), (-30.0, 0.0)], lit, |q| {
        q.sh(3.0, 3.0, 5.0, 0.4)
    });
    pen.poly(&[(44.0, 0.0), (38.0, -96.0), (50.0, -96.0), (54.0, 0.0)], lit, |q| q.sh(3.0, 3.0, 5.0, 0.4));
    pen.poly(&[(30.0, -4.0), (28.0, -96.0), (36.0, -96.0), (38.0, -4.0)], dark, |q| q.flat());
    pen.poly(&[(-44.0, -112.0), (56.0, -112.0), (58.0, -96.0), (-42.0, -96.0)], woods.table[0], |q| q.sh(0.0, 5.0, 6.0, 0.45));
    for y in [-206.0, -176.0, -146.0] {
        pen.poly(&[(-46.0, y), (-20.0, y + 4.0), (-20.0, y + 14.0), (-44.0, y + 10.0)], woods.table[0], |q| {
            q.sh(2.0, 2.0, 3.0, 0.4).k(0.5)
        });
    }
}

/// Floor boards running to the viewer.
pub fn floor(pen: &mut Pen, site: &Site, y: f32, color: Rgb, seam: Rgb) {
    let stage = &site.stage;
    let (l, r, b) = (stage.left() - 6.0, stage.right() + 6.0, stage.bottom() + 6.0);
    pen.rect(l, y, r, b, color, |q| q.grad((0.0, y), (0.0, b), mix(color, seam, 0.30), color).flat().tex(0.7));
    let cx = stage.w * 0.5;
    let board = [58.0, 74.0, 104.0][site.seed("floor").below(3) as usize];
    for i in -14i32..=14 {
        let x = cx + board * i as f32;
        pen.line(&[(x, y), (cx + (x - cx) * 2.1, b + 60.0)], seam, 2.0, 0.55, false);
    }
    let mut seed = site.seed("boards");
    for _ in 0..14 {
        let t = seed.unit() as f32;
        let yy = y + (b - y) * t * t;
        let x = seed.range(f64::from(l), f64::from(r)) as f32;
        pen.line(&[(x, yy), (x + 60.0 + 60.0 * t, yy)], seam, 1.6, 0.45, false);
    }
}

/// The room seen whole.
fn room(site: &Site) -> Vec<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.stage);
    let woods = Woods::of(site);
    let (w, h) = (stage.w, stage.h);
    let k = stage.scale();
    let foot = h * 0.745;
    let lay = rig.lay;
    let mut own = site.seed("room-plan");
    let (ww, wh) = (
        [250.0, 330.0, 190.0][lay.kind] * own.range(0.80, 1.25) as f32 * k,
        [232.0, 200.0, 250.0][lay.kind] * own.range(0.80, 1.12) as f32 * k,
    );
    let wx = w * lay.x([0.5, 0.44, 0.60][lay.kind] + own.range(-0.06, 0.06) as f32) - ww * 0.5;
    let wy = h * ([0.16, 0.18, 0.13][lay.kind] + own.range(-0.02, 0.04) as f32);
    let curtained = own.below(3) != 0;
    let seat = if own.below(2) == 0 { lay.m() } else { -lay.m() };
    let mut planes = vec![outside(site, wy + wh * 0.7)];
    let mut plate = Plate::new(stage);
    let mut g = sheet(stage, site.number("wall"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        wall(&mut pen, site, &woods, (wx, wy, wx + ww, wy + wh), foot + 4.0);
        floor(&mut pen, site, foot, mix(woods.table[0], woods.deep, 0.35), woods.deep);
        pen.rect(stage.left() - 6.0, foot - 16.0, stage.right() + 6.0, foot + 3.0, woods.frame, |q| q.sh(0.0, 5.0, 6.0, 0.5));
        // Beams under the ceiling.
        pen.rect(stage.left() - 6.0, stage.top() - 6.0, stage.right() + 6.0, h * 0.035, mix(woods.deep, woods.frame, 0.4), |q| {
            q.sh(0.0, 9.0, 12.0, 0.5)
        });
        let beams: &[f32] = [&[0.10, 0.37, 0.63, 0.90][..], &[0.20, 0.50, 0.80][..], &[0.06, 0.28, 0.50, 0.72, 0.94][..]]
            [site.seed("beams").below(3) as usize];
        for &t in beams {
            pen.poly(
                &[
                    (w * t - 22.0, stage.top() - 6.0),
                    (w * t + 22.0, stage.top() - 6.0),
                    (w * t + 20.0, h * 0.062),
                    (w * t - 20.0, h * 0.062),
                ],
                woods.frame,
                |q| q.sh(3.0, 6.0, 8.0, 0.45),
            );
        }
    }
    plate.paper(&g, &lit(site, rig.room));
    let mut g = sheet(stage, site.number("window"));
    pane(&mut Pen::new(&mut g, stage, rig.style), site, wx, wy, wx + ww, wy + wh);
    plate.paper(&g, &Lit::plain());
    let mut g = sheet(stage, site.number("furniture"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        window(&mut pen, &woods, wx, wy, ww, wh, 0.78 * k, curtained);
        let rows: Vec<f32> = (0..4).map(|i| h * 0.25 + 104.0 * k * i as f32).filter(|y| *y < foot - 30.0).collect();
        // Shelves fill one end of the wall, or stand between window and door, low or high.
        let (from, to) = [(-0.1, 0.24), (-0.1, 0.17), (0.13, 0.40)][lay.kind];
        let wider = own.range(-0.03, 0.06) as f32;
        let rise = [0.0f32, 0.12, 0.26][own.below(3) as usize];
        let top = h * ([0.10, 0.10, 0.24][lay.kind] + rise).min(0.40);
        let (a, b) = (w * lay.x(from), w * lay.x(to + wider));
        let rows: Vec<f32> = rows.into_iter().filter(|y| *y > top + 60.0).collect();
        shelves(&mut pen, site, &woods, "shelf-left", a.min(b), a.max(b), top, foot - 10.0, &rows, 0.76 * k);
        if lay.kind == 1 {
            let (a, b) = (w * lay.x(0.64), w * lay.x(0.77));
            shelves(&mut pen, site, &woods, "shelf-right", a.min(b), a.max(b), h * 0.10, foot - 10.0, &rows, 0.76 * k);
        }
        pictures(
            &mut pen,
            site,
            &woods,
            &[
                [(0.66, 0.30), (0.33, 0.30), (0.74, 0.27)],
                [(0.585, 0.30), (0.22, 0.28), (0.80, 0.30)],
                [(0.47, 0.32), (0.76, 0.30), (0.90, 0.28)],
            ][lay.kind]
                .map(|(x, y)| (w * lay.x(x), h * y)),
            k,
        );
        piece(&mut pen, site, &woods, w * lay.x([0.72, 0.25, 0.86][lay.kind] + 0.06 * lay.spread), foot + 6.0, 0.82 * k);
        // A door at the other end.
        let (dx, dw) = (w * lay.x([0.88, 0.90, 0.03][lay.kind]), 84.0 * k);
        pen.rect(dx - dw - 14.0, h * 0.15, dx + dw + 14.0, foot - 2.0, woods.frame, |q| q.sh(5.0, 5.0, 9.0, 0.45));
        pen.rect(dx - dw, h * 0.172, dx + dw, foot - 2.0, mix(woods.frame, woods.deep, 0.55), |q| q.flat());
        for (a, b) in [(0.205, 0.40), (0.445, 0.70)] {
            pen.rect(dx - dw * 0.74, h * a, dx + dw * 0.74, h * b, mix(woods.frame, woods.deep, 0.25), |q| q.sh(2.0, 3.0, 4.0, 0.45));
        }
        pen.disc(dx - dw * 0.80, h * 0.49, 6.0, rig.style.tone(hex("#b9873a")), |q| q.clean());
    }
    plate.paper(&g, &lit(site, rig.room).shadow(5.0, 7.0, 10.0, 0.45));
    room_glow(site, &mut plate);
    planes.push(plate.done("room", parallax::SET, 500, None));
    let mut plate = Plate::new(stage);
    let mut g = group(stage, 0.0, h * 0.3, w, stage.bottom(), site.number("table"));
    let (tx, ty) = (w * 0.5, h * 0.61);
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        pen.ellipse(tx, foot + 56.0, 230.0 * k, 16.0, rig.style.tone(hex("#120e14")), |q| q.flat().tex(0.0).blur(8.0).alpha(0.45));
        chair(&mut pen, &woods, tx + seat * 196.0 * k, foot + 48.0, 1.12 * k, -seat);
        plain_table(&mut pen, &woods, tx, ty, 330.0 * k, foot + 54.0);
        let boards = [(tx - 60.0 * k, ty - 4.0), (tx + 96.0 * k, ty - 4.0), (tx - 110.0 * k, ty - 4.0)];
        let floors = [(w * 0.77, foot + 60.0), (w * 0.245, foot + 44.0), (w * 0.17, foot + 66.0), (w * 0.42, foot + 70.0)];
        let nails = [(w * lay.x([0.725, 0.60, 0.80][lay.kind]), h * 0.34), (w * lay.x([0.30, 0.235, 0.455][lay.kind]), h * 0.30)];
        furnish(&mut pen, site, &Spots { wall: &nails, board: &boards, floor: &floors, head: 66.0 * k }, false);
    }
    plate.paper(&g, &lit(site, rig.room).shadow(0.0, 5.0, 9.0, 0.4));
    lamp_on(site, &mut plate, ty - 8.0);
    planes.push(plate.done("furniture", parallax::SET + 80, 560, None));
    planes
}

/// Points for an arch: used by doors and vaults.
pub fn arch(x0: f32, x1: f32, spring: f32, foot: f32, rise: f32) -> Vec<crate::paper::Pt> {
    let cx = (x0 + x1) * 0.5;
    let half = (x1 - x0) * 0.5;
    vec![
        c(x0, foot),
        c(x0, spring),
        p(cx - half * 0.86, spring - rise * 0.52),
        p(cx - half * 0.48, spring - rise * 0.88),
        p(cx, spring - rise),
        p(cx + half * 0.48, spring - rise * 0.88),
        p(cx + half * 0.86, spring - rise * 0.52),
        c(x1, spring),
        c(x1, foot),
    ]
}
