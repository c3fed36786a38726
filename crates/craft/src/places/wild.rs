//! Forest, ported from the reference picture `forest_day`; round hills.

use contracts::{picture::Framing, project::VisualStyle, story::TimeOfDay};

use super::{
    Site,
    palette::{hex, mix},
    parallax,
    parts::{self, within},
    pen::{Pen, sheet},
    plate::Plate,
    river,
    sky::{self, fog},
    stood::{Spots, burn, furnish},
    village,
};
use crate::{
    light::{self, Lit},
    paint::PaintedPlane,
    paper::{Edge, Pt, Rgb, c, p},
};

/// Five tones of a forest at this hour: pale and far to near.
fn greens(site: &Site) -> [Rgb; 5] {
    let day = ["#c2d8bc", "#9cc4ac", "#78ac98", "#568c80", "#386a66"].map(hex);
    let hour = &site.rig.hour;
    let t = |c: Rgb| site.rig.style.tone(c);
    match site.place.time_of_day {
        // Pastel by day is what these colours were picked as; lifted once more they are fog.
        TimeOfDay::Day | TimeOfDay::Morning if site.rig.style.0 == VisualStyle::Pastel => day.map(|c| mix(c, t(c), 0.15)),
        TimeOfDay::Day | TimeOfDay::Morning => day.map(t),
        TimeOfDay::Night => ["#3f6280", "#2f4e68", "#234054", "#183040", "#0c1c28"].map(|s| t(hex(s))),
        _ => [0, 1, 2, 3, 4].map(|i| mix(mix(day[i], hour.land[(i / 2).min(2)], 0.62), hour.haze, 0.20 - 0.04 * i as f32)).map(t),
    }
}

/// Paints a forest.
pub fn paint(site: &Site) -> Vec<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let (w, h) = (stage.w, stage.h);
    let u = stage.u;
    let lay = rig.lay;
    let near = site.framing == Framing::MediumTwo;
    let day = !hour.lamps;
    let tones = greens(site);
    let pale = if day { hex("#fffbe8") } else { hour.cloud_core };
    let mut planes = Vec::new();
    let mut plates: Vec<Plate> = vec![Plate::new(stage), Plate::new(stage), Plate::new(stage), Plate::new(stage)];
    let bands = if day {
        [(0.0, mix(hex("#f4efcf"), hour.sky[2], 0.3)), (0.5, hex("#dcead0")), (1.0, hex("#c4dcc0"))].map(|(y, c)| (y, rig.style.tone(c)))
    } else {
        [(0.0, hour.sky[0]), (0.5, hour.sky[1]), (1.0, hour.sky[2])]
    };
    plates[0].over(&light::sky(&bands, 0.03, stage.canvas.height as f32, 0.014, stage.rect(), site.number("sky")));
    let glow = if day { hex("#fff6c8") } else { hour.disc_colours[3] };
    plates[0].screen(&light::glow(
        w * lay.x(0.59 + 0.10 * lay.spread) * u + stage.origin.0,
        -40.0 * u + stage.origin.1,
        900.0 * u,
        glow,
        if day { 0.9 } else { 0.5 },
        stage.rect(),
        site.number("glow"),
    ));
    let lift = if near { -0.02 } else { 0.012 * lay.lift };
    for i in 0..5 {
        let to = [0, 0, 1, 2, 3][i];
        let tone = tones[i];
        let mut seed = site.seed(&format!("trees-{i}"));
        let base = h * ([0.653, 0.701, 0.757, 0.819, 0.903][i] + lift);
        let mut g = sheet(stage, site.number("trees") ^ i as u64);
        {
            let mut pen = Pen::new(&mut g, stage, rig.style);
            let n = [[9, 8, 6, 4, 3], [13, 9, 5, 4, 3], [7, 10, 8, 4, 3]][lay.kind][i];
            let xs: Vec<f32> = match i {
                3 => [[0.07, 0.235, 0.765, 0.93], [0.02, 0.30, 0.845, 0.97], [0.16, 0.70, 0.80, 0.965]][lay.kind]
                    .map(|x| lay.x(x) * w)
                    .to_vec(),
                4 => [[-0.025, 0.988, 0.883], [0.105, 0.985, -0.02], [0.015, 0.94, 1.02]][lay.kind].map(|x| lay.x(x) * w).to_vec(),
                _ => (0..n).map(|j| w * j as f32 / (n - 1) as f32 + seed.range(-40.0, 40.0) as f32).collect(),
            };
            let bark = if i > 2 { hex("#8a6f72") } else { hex("#a89a94") };
            let trunk = mix(tone, if day { rig.style.tone(bark) } else { mix(hour.land[1], tone, 0.3) }, 0.42);
            for x in xs {
                let tw = [13.0, 18.0, 26.0, 40.0, 62.0][i]
                    * seed.range(0.8, 1.25) as f32
                    * (w / 1280.0).clamp(0.7, 1.0)
                    * (1.0 + 0.32 * lay.spread);
                let b = seed.range(-14.0, 14.0) as f32;
                let top = stage.top() - 30.0;
                let points = [
                    (x - tw * 0.55 + b * 1.5, top),
                    (x + tw * 0.55 + b * 1.5, top),
                    (x + tw * 0.5 + b, base * 0.5),
                    (x + tw * 0.62, base - 30.0),
                    (x + tw * 1.25, base + 14.0),
                    (x - tw * 1.25, base + 14.0),
                    (x - tw * 0.62, base - 30.0),
                    (x - tw * 0.5 + b, base * 0.5),
                ];
                pen.curve(&points, trunk, |q| {
                    q.sh(5.0, 3.0, 8.0, 0.2).grad(
                        (x + tw * 0.7, 0.0),
                        (x - tw * 0.7, 0.0),
                        mix(trunk, glow, 0.40),
                        mix(trunk, hour.near, 0.10),
                    )
                });
                if i > 1 {
                    for _ in 0..2 {
                        let s = if seed.below(2) == 0 { 1.0 } else { -1.0 };
                        let y = seed.range(90.0, f64::from(base) * 0.55) as f32;
                        pen.shape(
                            &[
                                c(x + s * tw * 0.2, y + tw * 0.34),
                                p(x + s * tw * 0.9, y - tw * 0.1),
                                p(x + s * tw * 1.5, y - tw * 0.9),
                                c(x + s * tw * 1.75, y - tw * 2.0),
                                p(x + s * tw * 1.3, y - tw),
                                p(x + s * tw * 0.8, y - tw * 0.42),
                                c(x + s * tw * 0.2, y - tw * 0.2),
                            ],
                            trunk,
                            |q| q.clean().flat(),
                        );
                    }
                    for _ in 0..4 {
                        let y = seed.range(60.0, f64::from(base) - 60.0) as f32;
                        pen.shape(
                            &[c(x - tw * 0.2, y), p(x - tw * 0.1, y + tw * 0.5), c(x - tw * 0.2, y + tw), p(x - tw * 0.3, y + tw * 0.5)],
                            mix(trunk, hour.near, 0.2),
                            |q| q.clean().flat().alpha(0.6),
                        );
                    }
                }
            }
            // Young firs between the trunks, in the woods that have them.
            let firs = lay.kind == 2 || site.says(&["pine", "pines", "fir", "firs", "spruce"]);
            if firs && i < 4 {
                let leaf = parts::Tones {
                    dark: mix(tone, hour.near, 0.30),
                    body: mix(tone, hour.near, 0.10),
                    light: mix(tone, pale, 0.34),
                    lip: mix(tone, pale, 0.5),
                };
                for _ in 0..[7, 6, 4, 2][i] {
                    let t = within(&mut seed, -0.04, 1.04);
                    let tall = [120.0, 150.0, 190.0, 250.0][i] * within(&mut seed, 0.6, 1.15);
                    if i < 3 || !(0.24..0.76).contains(&t) {
                        parts::tree(
                            &mut pen,
                            &mut seed,
                            parts::Tree::Fir,
                            w * t,
                            base + 6.0,
                            tall,
                            mix(tone, hour.near, 0.3),
                            &leaf,
                            parts::lit_from(site, w * t),
                        );
                    }
                }
            }
            // Canopy from arcs of random radius, hanging lower at the sides, open over the middle.
            let r0 = [46.0, 58.0, 74.0, 92.0, 100.0][i];
            let cy = h * ([0.236, 0.1875, 0.139, 0.086, 0.014][i]);
            let mut points: Vec<Pt> = vec![p(stage.left() - 60.0, stage.top() - 60.0)];
            let mut x = stage.left() - 40.0;
            while x < stage.right() + 60.0 {
                let r = r0 * seed.range(0.55, 1.25) as f32;
                let v = (x - w * lay.x(0.55 + 0.08 * lay.spread)) / (w * [0.26, 0.20, 0.32][lay.kind]);
                let hang = (1.0 - libm::expf(-v * v)) * r0 * 1.1;
                let y = cy + seed.range(-0.5, 0.5) as f32 * r0 + hang;
                points.extend([c(x, y - r * 0.25), p(x + r * 0.25, y + r * 0.28), p(x + r * 0.8, y + r * 0.34), p(x + r * 1.2, y)]);
                x += r * 1.3;
            }
            points.push(p(stage.right() + 120.0, stage.top() - 60.0));
            pen.shape(&points, mix(tone, hex("#ffffff"), if day { 0.06 } else { 0.0 }), |q| {
                q.edge(Edge::Soft).core(mix(tone, pale, if day { 0.5 } else { 0.25 })).sh(0.0, 5.0, 10.0, 0.2)
            });
            // The ground of this depth.
            let amp = [8.0, 10.0, 12.0, 14.0, 20.0][i];
            let n = 18 + i;
            let mut points: Vec<Pt> = (0..n)
                .map(|j| {
                    let x = stage.left() - 20.0 + (stage.right() - stage.left() + 40.0) * j as f32 / (n - 1) as f32;
                    p(x, base + amp * if j % 2 == 0 { -1.0 } else { 1.0 } * seed.range(0.4, 1.2) as f32)
                })
                .collect();
            points.extend([p(stage.right() + 20.0, stage.bottom() + 40.0), p(stage.left() - 20.0, stage.bottom() + 40.0)]);
            let soil = mix(tone, if day { rig.style.tone(hex("#e8d8b0")) } else { hour.land[1] }, 0.12);
            pen.shape(&points, soil, |q| {
                q.edge(Edge::Rag).k(1.0).core(mix(tone, pale, if day { 0.55 } else { 0.25 })).sh(0.0, -3.0, 9.0, 0.16)
            });
            if i == 3 && !near {
                pen.shape(
                    &[
                        c(w * lay.x(0.552), h * 0.803),
                        c(w * lay.x(0.577), h * 0.806),
                        p(w * lay.x(0.575), h * 0.836),
                        p(w * lay.x(0.539), h * 0.883),
                        p(w * lay.x(0.50), h * 1.028),
                        p(w * lay.x(0.258), h * 1.028),
                        p(w * lay.x(0.375), h * 0.922),
                        p(w * lay.x(0.508), h * 0.85),
                    ],
                    rig.style.tone(if day { hex("#ecdcb4") } else { hour.path }),
                    |q| q.edge(Edge::Soft).sh(0.0, 2.0, 5.0, 0.15),
                );
            }
        }
        if i == 3 && !near {
            plates[to].paper(
                &g,
                &Lit::plain()
                    .shadow(0.0, 4.0 * u, 10.0 * u, 0.14)
                    .haze(if day { rig.style.tone(hex("#f2f0d2")) } else { hour.haze }, (0.06 * hour.haze_k).min(0.8)),
            );
            g = sheet(stage, site.number("undergrowth"));
            let mut pen = Pen::new(&mut g, stage, rig.style);
            undergrowth(&mut pen, site, base, tone, pale);
            let floors = [(0.36, 0.905), (0.68, 0.90), (0.27, 0.93), (0.77, 0.93)].map(|(x, y)| (w * lay.x(x), h * y));
            let head = if site.framing == Framing::Full { 70.0 } else { 30.0 };
            let flames = furnish(&mut pen, site, &Spots { wall: &[], board: &floors[1..], floor: &floors, head }, true);
            plates[to].paper(&g, &Lit::plain().shadow(0.0, 3.0 * u, 6.0 * u, 0.2));
            burn(site, &mut plates[to], &flames);
            if day && hour.rain <= 0.0 {
                shafts(site, &mut plates[to]);
            }
            continue;
        }
        if i == 4 {
            let mut pen = Pen::new(&mut g, stage, rig.style);
            let mut seed = site.seed("ferns");
            let tone = if day { mix(tone, tones[3], 0.55) } else { mix(tone, hour.near, 0.3) };
            for _ in 0..6 {
                let t = within(&mut seed, -0.03, 0.22);
                let x = w * if seed.below(2) == 0 { t } else { 1.0 - t };
                let (y, size) = (h * within(&mut seed, 0.99, 1.05), within(&mut seed, 90.0, 150.0));
                fern(&mut pen, &mut seed, x, y, size, tone, mix(tone, pale, if day { 0.30 } else { 0.12 }));
            }
        }
        let hz = [0.45, 0.30, 0.16, 0.06, 0.0][i] * hour.haze_k;
        let blur = [1.2, 0.6, 0.0, 0.0, 2.0][i];
        let haze = if day { rig.style.tone(hex("#f2f0d2")) } else { hour.haze };
        plates[to].paper(&g, &Lit::plain().shadow(0.0, 4.0 * u, 10.0 * u, 0.14).haze(haze, hz.min(0.8)).blur(blur * u));
        if i == 2 {
            fog(site, h * 0.46, h * 0.85, 1.0, "wood-fog", &mut plates[to]);
        }
        if i == 3 && day && hour.rain <= 0.0 {
            shafts(site, &mut plates[to]);
        }
    }
    let depths = [
        ("wood-far", parallax::FAR, 0),
        ("wood-mid", parallax::MID, 400),
        ("wood", parallax::ACTORS, 560),
        ("wood-near", parallax::NEAR, 900),
    ];
    for (plate, (name, parallax, depth)) in plates.into_iter().zip(depths) {
        planes.push(plate.done(name, parallax, depth, None));
    }
    // The nearest leaves move in the wind, out of focus as they are.
    if let Some(near) = planes.last_mut() {
        near.tracks = sky::wind(site, "leaves").tracks;
    }
    planes
}

/// A fern: blades from one root, each with a lit half.
fn fern(pen: &mut Pen, seed: &mut contracts::Seed, x: f32, y: f32, size: f32, dark: Rgb, light: Rgb) {
    for i in 0..7 {
        let a = (i as f32 - 3.0) * 0.40 + within(seed, -0.08, 0.08);
        let long = size * within(seed, 0.75, 1.1) * (1.0 - 0.10 * (i as f32 - 3.0).abs());
        let (dx, dy) = (libm::sinf(a), -libm::cosf(a));
        let (nx, ny) = (-dy, dx);
        let at =
            |t: f32, s: f32| (x + dx * long * t + nx * s * size * 0.11, y + dy * long * t + ny * s * size * 0.11 + long * 0.16 * t * t);
        pen.curve(
            &[at(0.0, 0.2), at(0.35, 1.0), at(0.7, 0.8), at(1.0, 0.0), at(0.7, -0.8), at(0.35, -1.0), at(0.0, -0.2)],
            mix(dark, light, 0.14 * (i % 3) as f32),
            |q| q.clean().sh(2.0, 3.0, 5.0, 0.28),
        );
        pen.curve(&[at(0.05, 0.0), at(0.4, 0.9), at(0.75, 0.6), at(1.0, 0.0), at(0.5, 0.05)], light, |q| q.clean().flat().alpha(0.6));
    }
}

/// What grows between the trunks: mushrooms, a fallen log, stones, by the wood.
fn undergrowth(pen: &mut Pen, site: &Site, base: f32, tone: Rgb, pale: Rgb) {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let lay = rig.lay;
    let w = stage.w;
    let mut seed = site.seed("undergrowth");
    let dim = if hour.lamps {
        0.6
    } else if hour.low {
        0.35
    } else {
        0.0
    };
    match lay.kind {
        0 => {
            let cap = mix(rig.style.tone(hex("#d8705c")), hour.land[1], dim);
            for (t, k) in [(0.328f32, 1.0f32), (0.352, 0.66), (0.708, 0.8), (0.20, 0.6)] {
                let (x, y) = (w * lay.x(t), base + 56.0 + within(&mut seed, -8.0, 14.0));
                pen.poly(
                    &[(x - 4.0 * k, y - 20.0 * k), (x + 4.0 * k, y - 20.0 * k), (x + 6.0 * k, y), (x - 6.0 * k, y)],
                    mix(hex("#f4ecdc"), hour.land[1], dim),
                    |q| q.sh(2.0, 2.0, 3.0, 0.25).clean(),
                );
                pen.curve(
                    &[
                        (x - 15.0 * k, y - 18.0 * k),
                        (x - 10.0 * k, y - 30.0 * k),
                        (x, y - 35.0 * k),
                        (x + 10.0 * k, y - 30.0 * k),
                        (x + 15.0 * k, y - 18.0 * k),
                    ],
                    cap,
                    |q| q.sh(1.0, 2.0, 3.0, 0.3).clean(),
                );
                for (dx, dy) in [(-6.0f32, -24.0f32), (3.0, -29.0), (8.0, -23.0)] {
                    pen.disc(x + dx * k, y + dy * k, 2.2 * k, hex("#f8f2e4"), |q| q.clean().flat());
                }
            }
        }
        1 => {
            // A fallen trunk with moss.
            let (x, y, l) = (w * lay.x(0.20), base + 62.0, w * 0.20);
            let bark = mix(mix(tone, rig.style.tone(hex("#7a6256")), 0.5), hour.near, 0.12);
            pen.curve(
                &[
                    (x - l * 0.5, y - 20.0),
                    (x, y - 27.0),
                    (x + l * 0.5, y - 21.0),
                    (x + l * 0.52, y + 14.0),
                    (x, y + 18.0),
                    (x - l * 0.5, y + 12.0),
                ],
                bark,
                |q| q.sh(3.0, 6.0, 8.0, 0.3).grad((0.0, y - 26.0), (0.0, y + 16.0), mix(bark, pale, 0.3), mix(bark, hour.near, 0.3)),
            );
            pen.curve(
                &[
                    (x - l * 0.42, y - 22.0),
                    (x - l * 0.1, y - 31.0),
                    (x + l * 0.26, y - 26.0),
                    (x + l * 0.1, y - 15.0),
                    (x - l * 0.2, y - 13.0),
                ],
                mix(tone, pale, 0.18),
                |q| q.edge(Edge::Rag).flat(),
            );
            let ex = x + l * 0.52 * lay.m();
            pen.ellipse(ex, y - 3.0, 9.0, 19.0, mix(bark, pale, 0.45), |q| q.sh(0.0, 2.0, 3.0, 0.25));
            pen.ellipse(ex, y - 3.0, 5.0, 11.0, mix(bark, pale, 0.2), |q| q.flat());
        }
        _ => {
            let stone = parts::Tones {
                dark: mix(tone, hour.near, 0.35),
                body: mix(tone, rig.style.tone(hex("#9a9a94")), 0.45),
                light: mix(tone, pale, 0.55),
                lip: pale,
            };
            for (t, s) in [(0.24f32, 66.0f32), (0.285, 40.0), (0.74, 54.0)] {
                let x = w * lay.x(t);
                parts::boulder(pen, &mut seed, x, base + 58.0, s, s * 0.66, &stone, parts::lit_from(site, x));
            }
        }
    }
}

/// Shafts of day light by normal blend: screen would vanish on pale paper.
fn shafts(site: &Site, plate: &mut Plate) {
    let stage = &site.stage;
    let (ox, oy) = stage.origin;
    let u = stage.u;
    let k = stage.w / 1280.0;
    let bands = [(520.0, 46.0, 0.7), (640.0, 30.0, 0.5), (735.0, 70.0, 1.0), (860.0, 38.0, 0.7), (985.0, 80.0, 0.9), (1130.0, 36.0, 0.55)];
    let h = stage.h;
    let shaft = |part: f32| {
        light::mask(site.rig.style.tone(hex("#fff6c8")), stage.rect(), site.number("shafts"), |x, y| {
            let (x, y) = ((x - ox) / u, (y - oy) / u);
            let x = if site.rig.lay.flip { stage.w - x } else { x };
            let v = (x + y * 0.46) / k;
            let m: f32 = bands.iter().map(|&(c0, w0, s): &(f32, f32, f32)| s * (1.0 - (v - c0).abs() / w0).clamp(0.0, 1.0)).sum();
            let fade = (1.25 - y / (h * 0.89)).clamp(0.0, 1.0);
            m.min(1.0) * fade * 0.60 * part
        })
    };
    plate.over(&shaft(0.86)).breathing(site, "shafts", shaft(0.28));
}

/// Round hills above a valley: a hill people stand on, the valley with its roofs, far ranges; bare, or with a tree, a door, a
/// ring of stones.
pub fn hills(site: &Site) -> Vec<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let lay = rig.lay;
    let (w, h, u) = (stage.w, stage.h, stage.u);
    let near = site.framing == Framing::MediumTwo;
    let full = site.framing == Framing::Full;
    let k = stage.scale();
    let horizon = h * (0.44 + 0.04 * lay.lift);
    let ground = match site.framing {
        Framing::Wide => 0.745,
        Framing::Full => 0.765,
        _ => 0.875,
    };
    let mut planes = Vec::new();
    let mut far = Plate::new(stage);
    sky::sky(site, horizon, &mut far);
    let mut windows = Vec::new();
    let mut seed = site.seed("downs");
    let high = [0.16, 0.42, 0.80][lay.kind];
    for i in 0..3 {
        let base = horizon / h + [-0.04, 0.05, 0.15][i];
        let knots: Vec<(f32, f32)> = (0..7)
            .map(|j| j as f32 / 6.0)
            .map(|x| {
                let d = (x - high - 0.12 * i as f32) / 0.24;
                (x, base - 0.13 * libm::expf(-d * d) * [1.0, 0.7, 0.4][i] + within(&mut seed, -0.025, 0.025))
            })
            .collect();
        let line = parts::slope(site, &knots);
        let mut g = sky::band(site, horizon - h * 0.34, stage.bottom(), &format!("downs-{i}"));
        {
            let mut pen = Pen::new(&mut g, stage, rig.style);
            let tone = mix(hour.land[0], hour.land[1], 0.12 * i as f32);
            let body = parts::hill(&mut pen, site, &line, tone, hour.land_core[0]);
            // The shaded flank of every rise.
            for _ in 0..4 {
                let x = within(&mut seed, -0.05, 0.95) * w;
                let y = parts::height_at(&line, x);
                let from = parts::lit_from(site, x);
                let l = within(&mut seed, 90.0, 210.0);
                pen.curve(
                    &[
                        (x, y + 3.0),
                        (x - from * l * 0.4, y + 40.0),
                        (x - from * l, y + 130.0),
                        (x - from * l * 0.2, y + 120.0),
                        (x + from * 8.0, y + 60.0),
                    ],
                    mix(tone, hour.near, 0.22),
                    |q| q.flat().alpha(0.5).clip(&body).edge(Edge::Soft),
                );
            }
            if i == 1 && site.says(&["village", "roofs", "valley", "town", "houses", "cottages", "mill"]) && !near {
                for j in 0..5 {
                    let x = w * lay.x(0.60 + 0.058 * j as f32);
                    let y = parts::height_at(&line, x) + 26.0 + 9.0 * (j % 2) as f32;
                    let mut own = site.seed(&format!("roof-{j}"));
                    windows.extend(village::cottage(&mut pen, site, &mut own, x - 22.0 * k, y, 42.0 * k, 34.0 * k, 0.16).0);
                }
                if site.says(&["mill"]) {
                    let x = w * lay.x(0.54);
                    village::windmill(&mut pen, site, x, parts::height_at(&line, x) + 20.0, 104.0 * k, 0.14);
                }
            } else if i > 0 {
                river::row(&mut pen, site, &mut seed, &line, stage.left(), stage.right(), 40.0 * k * (1.0 + 0.5 * i as f32), 6, 0, 0.16);
            }
        }
        far.paper(&g, &Lit::plain().haze(hour.haze, ([0.46, 0.28, 0.14][i] * hour.haze_k).min(0.8)).shadow(0.0, -3.0 * u, 9.0 * u, 0.26));
        fog(site, horizon + h * 0.08 * i as f32, horizon + h * (0.1 + 0.1 * i as f32), 0.8, &format!("downs-fog-{i}"), &mut far);
    }
    for (x, y) in windows {
        parts::glow(site, &mut far, x, y, 26.0, "#ffb85a", 0.6);
    }
    planes.push(far.done("sky", parallax::SKY, 0, None));
    let mut plate = Plate::new(stage);
    let mut g = sheet(stage, site.number("brow"));
    let flames;
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let mut seed = site.seed("brow");
        let d = ground;
        let line = match lay.kind {
            0 => parts::slope(
                site,
                &[(-0.05, d + 0.09), (0.15, d + 0.035), (0.38, d - 0.01), (0.56, d - 0.012), (0.78, d + 0.05), (1.05, d + 0.16)],
            ),
            1 => parts::slope(
                site,
                &[(-0.05, d - 0.06), (0.18, d - 0.035), (0.42, d), (0.64, d + 0.012), (0.86, d + 0.05), (1.05, d + 0.10)],
            ),
            _ => parts::slope(
                site,
                &[(-0.05, d + 0.02), (0.22, d + 0.012), (0.46, d), (0.70, d - 0.014), (0.90, d - 0.05), (1.05, d - 0.09)],
            ),
        };
        let body = parts::hill(&mut pen, site, &line, hour.land[1], hour.land_core[1]);
        let x = |t: f32| w * lay.x(t);
        pen.curve(
            &[
                (x(0.52), h * d + 6.0),
                (x(0.56), h * d + 6.0),
                (x(0.60), h * (d + 0.08)),
                (x(0.74), h * 1.06),
                (x(0.36), h * 1.06),
                (x(0.50), h * (d + 0.08)),
            ],
            mix(hour.path, hour.land[1], 0.25),
            |q| q.flat().alpha(0.7).clip(&body).edge(Edge::Soft),
        );
        parts::tufts(&mut pen, &mut seed, &line, w * -0.05, w * 1.05, h * (1.0 - d), 46, mix(hour.land[1], hour.land[2], 0.5));
        if !near {
            let zoom = if full { 1.8 } else { 1.0 } * k;
            let sx = x([0.20, 0.86, 0.16][lay.kind]);
            let sy = parts::height_at(&line, sx) + 6.0;
            let leaf = parts::leaves(site, "#5f8f58", 1);
            let bark = mix(mix(rig.style.tone(hex("#6a5648")), hour.land[1], 0.4), hour.near, 0.15);
            if site.says(&["door"]) || site.place.location_id.as_str().contains("door") {
                hill_door(&mut pen, site, sx, sy, 112.0 * zoom);
            } else if !site.says(&["bare"]) {
                match lay.kind {
                    0 => parts::tree(
                        &mut pen,
                        &mut seed,
                        river::grove(site)[0],
                        sx,
                        sy,
                        210.0 * zoom,
                        bark,
                        &leaf,
                        parts::lit_from(site, sx),
                    ),
                    1 => {
                        for (dx, s) in [(-90.0f32, 70.0f32), (-28.0, 92.0), (44.0, 78.0), (104.0, 60.0)] {
                            let bx = sx + dx * zoom;
                            let by = parts::height_at(&line, bx) + 10.0;
                            parts::boulder(
                                &mut pen,
                                &mut seed,
                                bx,
                                by,
                                s * 0.55 * zoom,
                                s * zoom,
                                &parts::Tones::rock(site, 1),
                                parts::lit_from(site, bx),
                            );
                        }
                    }
                    _ => parts::tree(&mut pen, &mut seed, parts::Tree::Bare, sx, sy, 220.0 * zoom, bark, &leaf, parts::lit_from(site, sx)),
                }
            }
            let head = if full { 70.0 } else { 24.0 };
            let y = if full { 0.91 } else { 0.865 };
            let floors = [(x(0.34), h * y), (x(0.70), h * (y + 0.012)), (x(0.27), h * (y + 0.03)), (x(0.78), h * (y + 0.04))];
            flames = furnish(&mut pen, site, &Spots { wall: &[], board: &floors[1..], floor: &floors, head }, true);
        } else {
            flames = Vec::new();
        }
    }
    let amb = if hour.lamps { mix(hour.ambient, Rgb::WHITE, 0.45) } else { mix(hour.ambient, Rgb::WHITE, 0.6) };
    plate.paper(&g, &rig.key.on(Lit::plain().ambient(amb).shadow(0.0, -5.0 * u, 14.0 * u, 0.4), stage.ub));
    burn(site, &mut plate, &flames);
    planes.push(plate.done("brow", parallax::ACTORS, 600, None));
    let mut front = Plate::new(stage);
    let mut g = sky::band(site, h * 0.82, stage.bottom(), "front-grass");
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let mut seed = site.seed("front-grass");
        let (a, b) = if near { (1.0, 0.0) } else { (0.22, 0.80) };
        sky::grass(&mut pen, &mut seed, stage.left(), w * a, h * 1.04, (30.0, 88.0), if near { 64 } else { 24 }, hour.near);
        sky::grass(&mut pen, &mut seed, w * b, stage.right(), h * 1.04, (30.0, 88.0), 24, hour.near);
    }
    front.paper(&g, &Lit::plain().blur(2.0 * u).shadow(2.0, 3.0, 6.0 * u, 0.4));
    planes.push(front.done("grass", parallax::NEAR, 900, None));
    planes
}

/// A door that stands in the open with nothing behind it, in the colour of the place's door.
fn hill_door(pen: &mut Pen, site: &Site, x: f32, y: f32, high: f32) {
    let hour = &site.rig.hour;
    let own = site
        .place
        .props
        .iter()
        .find(|q| q.shape.as_str() == "door")
        .and_then(|q| q.colours.first())
        .map_or_else(|| hex("#3f7a52"), |c| hex(c));
    let dim = if hour.lamps { 0.35 } else { 0.05 };
    let leaf = mix(site.rig.style.tone(own), hour.land[1], dim);
    let post = mix(mix(site.rig.style.tone(hex("#6a5238")), hour.land[1], dim), hour.near, 0.1);
    let mut pen = pen.at(x, y, high / 100.0, 1.0);
    pen.poly(&[(-26.0, 2.0), (26.0, 2.0), (60.0, 14.0), (-4.0, 14.0)], hour.near, |q| q.flat().tex(0.0).blur(4.0).alpha(0.4));
    pen.rect(-27.0, -102.0, 27.0, 2.0, post, |q| q.sh(4.0, 3.0, 6.0, 0.45));
    pen.rect(-21.0, -96.0, 21.0, 2.0, leaf, |q| {
        q.flat().grad((-21.0, 0.0), (21.0, 0.0), mix(leaf, Rgb::WHITE, 0.14), mix(leaf, hour.near, 0.35))
    });
    for i in -1i32..=1 {
        pen.line(&[(10.5 * i as f32, -96.0), (10.5 * i as f32, 2.0)], mix(leaf, hour.near, 0.5), 1.0, 0.8, false);
    }
    for yy in [-80.0, -20.0] {
        pen.rect(-21.0, yy, 12.0, yy + 4.0, mix(hour.dark, hour.near, 0.3), |q| q.sh(0.0, 1.0, 2.0, 0.4));
    }
    pen.disc(14.0, -46.0, 2.6, mix(hour.dark, hour.near, 0.2), |q| q.clean());
}
