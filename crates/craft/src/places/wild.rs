//! Forest, ported from the reference picture `forest_day`.

use contracts::{picture::Framing, story::TimeOfDay};

use super::{
    Site,
    palette::{hex, mix},
    parallax,
    pen::{Pen, sheet},
    plate::Plate,
    sky::{self, fog},
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
        w * 0.59 * u + stage.origin.0,
        -40.0 * u + stage.origin.1,
        900.0 * u,
        glow,
        if day { 0.9 } else { 0.5 },
        stage.rect(),
        site.number("glow"),
    ));
    let lift = if near { -0.02 } else { 0.0 };
    for i in 0..5 {
        let to = [0, 0, 1, 2, 3][i];
        let tone = tones[i];
        let mut seed = site.seed(&format!("trees-{i}"));
        let base = h * ([0.653, 0.701, 0.757, 0.819, 0.903][i] + lift);
        let mut g = sheet(stage, site.number("trees") ^ i as u64);
        {
            let mut pen = Pen::new(&mut g, stage, rig.style);
            let n = [9, 8, 6, 4, 3][i];
            let xs: Vec<f32> = match i {
                3 => [0.07, 0.235, 0.765, 0.93].map(|x| x * w).to_vec(),
                4 => [-0.025, 0.988, 0.883].map(|x| x * w).to_vec(),
                _ => (0..n).map(|j| w * j as f32 / (n - 1) as f32 + seed.range(-40.0, 40.0) as f32).collect(),
            };
            let bark = if i > 2 { hex("#8a6f72") } else { hex("#a89a94") };
            let trunk = mix(tone, if day { rig.style.tone(bark) } else { mix(hour.land[1], tone, 0.3) }, 0.42);
            for x in xs {
                let tw = [13.0, 18.0, 26.0, 40.0, 62.0][i] * seed.range(0.8, 1.25) as f32 * (w / 1280.0).clamp(0.7, 1.0);
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
            // Canopy from arcs of random radius, hanging lower at the sides, open over the middle.
            let r0 = [46.0, 58.0, 74.0, 92.0, 100.0][i];
            let cy = h * ([0.236, 0.1875, 0.139, 0.086, 0.014][i]);
            let mut points: Vec<Pt> = vec![p(stage.left() - 60.0, stage.top() - 60.0)];
            let mut x = stage.left() - 40.0;
            while x < stage.right() + 60.0 {
                let r = r0 * seed.range(0.55, 1.25) as f32;
                let v = (x - w * 0.55) / (w * 0.26);
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
                        c(w * 0.552, h * 0.803),
                        c(w * 0.577, h * 0.806),
                        p(w * 0.575, h * 0.836),
                        p(w * 0.539, h * 0.883),
                        p(w * 0.50, h * 1.028),
                        p(w * 0.258, h * 1.028),
                        p(w * 0.375, h * 0.922),
                        p(w * 0.508, h * 0.85),
                    ],
                    rig.style.tone(if day { hex("#ecdcb4") } else { hour.path }),
                    |q| q.edge(Edge::Soft).sh(0.0, 2.0, 5.0, 0.15),
                );
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
            let v = (x + y * 0.46) / k;
            let m: f32 = bands.iter().map(|&(c0, w0, s): &(f32, f32, f32)| s * (1.0 - (v - c0).abs() / w0).clamp(0.0, 1.0)).sum();
            let fade = (1.25 - y / (h * 0.89)).clamp(0.0, 1.0);
            m.min(1.0) * fade * 0.60 * part
        })
    };
    plate.over(&shaft(0.86)).breathing(site, "shafts", shaft(0.28));
}
