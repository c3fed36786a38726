//! Stone rooms: the vault with its long shelf and pegs, the winding stair of a tower.

use contracts::picture::Framing;

use super::{
    Site,
    interior::{Woods, arch, chair, floor, lit, room_glow},
    palette::{hex, mix},
    parallax,
    pen::{Pen, group, sheet},
    plate::Plate,
    rig::{self, is_great},
    shore::masonry,
    stood::{Spots, furnish, lamp_prop, lamp_with_glow},
};
use crate::{
    light::{self, Lit},
    paint::PaintedPlane,
    paper::{Pt, Rgb, p},
};

fn stone(site: &Site) -> Rgb {
    let mut seed = site.seed("stone");
    site.rig.style.tone(hex(["#6a665f", "#5f646a", "#6b6058"][seed.below(3) as usize]))
}

/// The opaque plate behind a stone room: what an opening shows.
pub(super) fn behind(site: &Site) -> PaintedPlane {
    let hour = &site.rig.hour;
    let stage = &site.stage;
    let mut plate = Plate::new(stage);
    let bands = [(0.0, hour.sky[0]), (0.3, hour.sky[1]), (0.6, hour.sky[2]), (1.2, hour.sky[2])];
    plate.over(&light::sky(&bands, 0.03, stage.canvas.height as f32, 0.014, stage.rect(), site.number("sky")));
    plate.done("outside", parallax::FAR, 0, None)
}

/// A row of square cans with a band on a board; every other location counts its own.
pub(super) fn cans(pen: &mut Pen, site: &Site, x0: f32, x1: f32, y: f32, h: f32) {
    let t = |s: &str| site.rig.style.tone(hex(s));
    let own = site.place.props.iter().find(|q| q.shape.as_str() == "can");
    let colour = |i: usize, other: &str| own.and_then(|q| q.colours.get(i)).map_or_else(|| t(other), |c| t(c));
    let (tin, band) = (colour(0, "#7d8078"), colour(1, "#a8433a"));
    let dark = mix(tin, t("#1c1c22"), 0.5);
    let mut seed = site.seed("cans");
    let w = h * 0.66;
    let mut x = x0;
    while x + w < x1 {
        if seed.below(9) == 0 {
            x += w * 1.1;
            continue;
        }
        let j = seed.range(-3.0, 3.0) as f32;
        pen.rect(x + j, y - h, x + w + j, y, tin, |q| {
            q.sh(3.0, 2.0, 4.0, 0.45).k(0.5).grad((x, 0.0), (x + w, 0.0), mix(tin, hex("#f0ead8"), 0.22), dark)
        });
        pen.rect(x + j, y - h * 0.62, x + w + j, y - h * 0.32, band, |q| {
            q.flat().k(0.4).grad((x, 0.0), (x + w, 0.0), band, mix(band, dark, 0.5))
        });
        pen.rect(x + w * 0.60 + j, y - h * 1.14, x + w * 0.82 + j, y - h, dark, |q| q.flat().k(0.3));
        pen.line(
            &[(x + w * 0.12 + j, y - h), (x + w * 0.2 + j, y - h * 1.10), (x + w * 0.46 + j, y - h * 1.10), (x + w * 0.52 + j, y - h)],
            dark,
            3.0,
            1.0,
            true,
        );
        x += w * 1.12;
    }
}

/// Pegs on a rail with an oilskin and a coil of rope.
fn pegs(pen: &mut Pen, site: &Site, woods: &Woods, x0: f32, x1: f32, y: f32, k: f32) {
    let t = |s: &str| site.rig.style.tone(hex(s));
    pen.rect(x0, y - 9.0 * k, x1, y + 9.0 * k, woods.frame, |q| q.sh(2.0, 5.0, 6.0, 0.45));
    let n = 4;
    for i in 0..n {
        let x = x0 + (x1 - x0) * (i as f32 + 0.5) / n as f32;
        pen.poly(
            &[(x - 4.0 * k, y - 2.0 * k), (x + 4.0 * k, y - 2.0 * k), (x + 7.0 * k, y + 16.0 * k), (x - 1.0 * k, y + 16.0 * k)],
            woods.board,
            |q| q.sh(2.0, 3.0, 3.0, 0.4).k(0.4),
        );
        match i {
            1 => {
                let coat = t("#8a7a34");
                let q = |u: f32, v: f32| (x + u * k, y + v * k);
                pen.curve(
                    &[
                        q(-8.0, 12.0),
                        q(10.0, 12.0),
                        q(38.0, 40.0),
                        q(44.0, 120.0),
                        q(40.0, 190.0),
                        q(0.0, 184.0),
                        q(-38.0, 192.0),
                        q(-42.0, 120.0),
                        q(-34.0, 42.0),
                    ],
                    coat,
                    |s| {
                        s.sh(5.0, 6.0, 8.0, 0.45).grad(
                            q(-40.0, 0.0),
                            q(44.0, 0.0),
                            mix(coat, hex("#fff0c0"), 0.15),
                            mix(coat, woods.deep, 0.55),
                        )
                    },
                );
                pen.line(&[q(2.0, 18.0), q(0.0, 100.0), q(4.0, 184.0)], mix(coat, woods.deep, 0.7), 2.0 * k, 0.7, true);
            }
            3 => {
                let hemp = t("#8a6f4a");
                for (r, dy) in [(34.0, 46.0), (30.0, 50.0), (26.0, 46.0)] {
                    let ring: Vec<(f32, f32)> = (0..=20)
                        .map(|j| core::f32::consts::TAU * j as f32 / 20.0)
                        .map(|a| (x + r * 0.72 * k * libm::cosf(a), y + (dy + r * libm::sinf(a)) * k))
                        .collect();
                    pen.line(&ring, mix(hemp, woods.deep, 0.6), 8.0 * k, 1.0, true);
                    pen.line(&ring, hemp, 5.5 * k, 1.0, true);
                }
            }
            _ => {}
        }
    }
}

/// Paints a vault.
pub fn paint(site: &Site) -> Vec<PaintedPlane> {
    let near = site.framing == Framing::MediumTwo;
    let (rig, stage) = (site.rig, &site.stage);
    let woods = Woods::of(site);
    let (w, h) = (stage.w, stage.h);
    let u = stage.u;
    let k = (w / 1280.0).clamp(0.68, 1.0);
    let rock = stone(site);
    let foot = if near { stage.bottom() + 8.0 } else { h * 0.765 };
    let mut planes = vec![behind(site)];
    let mut plate = Plate::new(stage);
    let mut g = sheet(stage, site.number("vault"));
    let (l, r, t, b) = (stage.left() - 8.0, stage.right() + 8.0, stage.top() - 8.0, stage.bottom() + 8.0);
    // A small grating high in the back wall: the room's only daylight.
    let lay = rig.lay;
    let (gw, gh) = ([140.0, 190.0, 104.0][lay.kind] * k, [104.0, 76.0, 132.0][lay.kind] * k);
    let (gx, gy) = (w * lay.x([0.5, 0.44, 0.53][lay.kind] + 0.025 * lay.spread) - gw * 0.5, h * if near { 0.10 } else { 0.20 });
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        pen.frame(
            &[vec![(l, t), (r, t), (r, b), (l, b)], vec![(gx, gy), (gx + gw, gy), (gx + gw, gy + gh), (gx, gy + gh)]],
            mix(rock, woods.deep, 0.35),
            |q| q.flat().tex(0.8),
        );
        let hole = crate::paper::Outline::new(
            [
                [(l, t), (gx, t), (gx, b), (l, b)],
                [(gx + gw, t), (r, t), (r, b), (gx + gw, b)],
                [(gx, gy + gh), (gx + gw, gy + gh), (gx + gw, b), (gx, b)],
                [(gx, t), (gx + gw, t), (gx + gw, gy), (gx, gy)],
            ]
            .iter()
            .flat_map(|q| pen.outline(q).polys().to_vec())
            .collect(),
            crate::paper::Rule::NonZero,
        );
        masonry(&mut pen, site, l, t, r, foot, 52.0 * k, rock, Some(&hole));
        let iron = mix(woods.deep, rig.hour.near, 0.5);
        for i in 1..5 {
            let x = gx + gw * i as f32 / 5.0;
            pen.line(&[(x, gy - 2.0), (x, gy + gh + 2.0)], iron, 6.0 * k, 1.0, false);
        }
        pen.frame(
            &[
                vec![(gx - 18.0, gy - 18.0), (gx + gw + 18.0, gy - 18.0), (gx + gw + 18.0, gy + gh + 18.0), (gx - 18.0, gy + gh + 18.0)],
                vec![(gx, gy), (gx + gw, gy), (gx + gw, gy + gh), (gx, gy + gh)],
            ],
            mix(rock, hex("#c8c0b0"), 0.16),
            |q| q.sh(0.0, 3.0, 8.0, 0.5),
        );
        if !near {
            floor(&mut pen, site, foot, mix(rock, woods.deep, 0.35), mix(rock, woods.deep, 0.75));
        }
    }
    plate.paper(&g, &lit(site, rig.room));
    let mut g = sheet(stage, site.number("fittings"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let rows: &[f32] = if near { &[0.34, 0.62] } else { [&[0.44, 0.62], &[0.36, 0.56], &[0.48, 0.645]][lay.kind] };
        let ends = if near {
            [(l, w * 0.5 - 330.0 * k), (w * 0.5 + 330.0 * k, r)]
        } else {
            let to = w * lay.x([0.36, 0.29, 0.40][lay.kind] + 0.03 * lay.spread);
            [if lay.flip { (to, r) } else { (l, to) }, (w * 0.62, w * 0.62)]
        };
        for (i, &y) in rows.iter().enumerate() {
            for (x0, x1) in ends {
                if x1 - x0 < 40.0 {
                    continue;
                }
                let y = h * y;
                if i == rows.len() - 1 || near {
                    cans(&mut pen, site, x0 + 24.0, x1 - 12.0, y, 100.0 * k * if near { 1.15 } else { 0.86 });
                } else {
                    let mut seed = site.seed("jars");
                    let mut x = x0 + 40.0;
                    while x < x1 - 40.0 {
                        let (rw, rh) = (seed.range(12.0, 22.0) as f32 * k, seed.range(40.0, 74.0) as f32 * k);
                        let glass = mix(rig.style.tone(hex("#6f8078")), woods.deep, seed.range(0.0, 0.4) as f32);
                        pen.curve(
                            &[
                                (x - rw, y),
                                (x - rw, y - rh * 0.7),
                                (x - rw * 0.4, y - rh),
                                (x + rw * 0.4, y - rh),
                                (x + rw, y - rh * 0.7),
                                (x + rw, y),
                            ],
                            glass,
                            |q| q.sh(2.0, 2.0, 3.0, 0.4).k(0.5),
                        );
                        // A cloth tied over its mouth, and the light on its shoulder.
                        let cloth = mix(rig.style.tone(hex("#b0a080")), woods.deep, 0.30);
                        pen.curve(
                            &[
                                (x - rw * 0.74, y - rh * 0.86),
                                (x - rw * 0.62, y - rh * 1.04),
                                (x + rw * 0.62, y - rh * 1.04),
                                (x + rw * 0.74, y - rh * 0.86),
                                (x, y - rh * 0.90),
                            ],
                            cloth,
                            |q| q.sh(0.0, 1.5, 2.0, 0.4).k(0.4),
                        );
                        pen.line(&[(x - rw * 0.66, y - rh * 0.91), (x + rw * 0.66, y - rh * 0.91)], woods.deep, 1.6, 0.7, false);
                        pen.line(&[(x + rw * 0.55, y - rh * 0.66), (x + rw * 0.60, y - rh * 0.25)], hex("#dfe8e4"), 2.0, 0.30, false);
                        x += rw * 2.6 + 12.0;
                    }
                }
                pen.rect(x0, y, x1, y + 18.0 * k, woods.board, |q| q.sh(0.0, 8.0, 8.0, 0.55));
                let mut x = x0 + 60.0;
                while x < x1 {
                    pen.poly(
                        &[(x - 6.0, y + 18.0 * k), (x + 6.0, y + 18.0 * k), (x + 4.0, y + 48.0 * k), (x - 4.0, y + 40.0 * k)],
                        woods.deep,
                        |q| q.sh(2.0, 2.0, 4.0, 0.4),
                    );
                    x += 210.0 * k;
                }
            }
        }
        if !near {
            // The door, its pegs beside it.
            let mid = w * lay.x(0.80) + lay.m() * 84.0 * k;
            let (x0, x1) = (mid - 84.0 * k, mid + 84.0 * k);
            pen.shape(&arch(x0 - 16.0, x1 + 16.0, h * 0.40, foot + 2.0, 96.0 * k), mix(rock, woods.deep, 0.45), |q| {
                q.sh(0.0, 4.0, 8.0, 0.5)
            });
            let door = mix(woods.frame, woods.deep, 0.35);
            pen.shape(&arch(x0, x1, h * 0.405, foot + 2.0, 84.0 * k), door, |q| {
                q.flat().grad((x0, 0.0), (x1, 0.0), mix(door, hex("#c8a070"), 0.15), woods.deep)
            });
            for i in 1..5 {
                let x = x0 + (x1 - x0) * i as f32 / 5.0;
                pen.line(&[(x, h * 0.37), (x, foot)], woods.deep, 2.4, 0.7, false);
            }
            for y in [0.47, 0.66] {
                pen.rect(x0 + 6.0, h * y, x1 - 30.0, h * y + 12.0, mix(woods.deep, rig.hour.near, 0.4), |q| {
                    q.sh(0.0, 2.0, 3.0, 0.4).k(0.5)
                });
            }
            let (a, b) = (w * lay.x(0.615), w * lay.x(0.775));
            pegs(&mut pen, site, &woods, a.min(b), a.max(b), h * 0.42, k);
        }
        // The vault's ribs.
        let rib = mix(rock, hex("#a8a090"), 0.10);
        let (spring, crown) = (h * if near { 0.20 } else { 0.30 }, h * if near { -0.06 } else { 0.045 });
        let mut points: Vec<Pt> = vec![p(l, t - 30.0), p(r, t - 30.0), p(r, spring + 120.0)];
        for i in 0..=12 {
            let x = r + (l - r) * i as f32 / 12.0;
            let v = (x - w * 0.5) / (r - l) * 2.0;
            points.push(p(x, crown + (spring + 110.0 - crown) * v * v * v.abs()));
        }
        points.push(p(l, spring + 120.0));
        pen.shape(&points, mix(rib, woods.deep, 0.45), |q| q.sh(0.0, 12.0, 16.0, 0.55).tex(0.7));
    }
    plate.paper(&g, &lit(site, rig.room).shadow(4.0 * u, 6.0 * u, 10.0 * u, 0.45).blur(if near { 0.8 * u } else { 0.0 }));
    room_glow(site, &mut plate);
    if !rig.hour.lamps && !rig.flame {
        daylight(site, &mut plate, (gx, gy, gw, gh), foot);
    }
    planes.push(plate.done("vault", parallax::SET, 500, None));
    planes.push(if near { bench(site, &woods) } else { store(site, &woods, foot, k) });
    planes
}

/// What little day there is comes through the grating: four slanting bands between its bars, fading before they reach the
/// floor, where whoever looks at the shelf stands.
fn daylight(site: &Site, plate: &mut Plate, (gx, gy, gw, gh): (f32, f32, f32, f32), foot: f32) {
    let (rig, stage) = (site.rig, &site.stage);
    let (s, (ox, oy)) = (stage.u, stage.origin);
    let color = mix(rig.hour.light, hex("#fff4de"), 0.5);
    let (start, end) = (gy + gh * 0.3, foot + stage.h * 0.16);
    let (slant, spread) = (-0.62, 0.75);
    let px = |x: f32, y: f32| ((x * s + ox) as i32, (y * s + oy) as i32);
    let (x0, y0) = px(gx + slant * (end - start) - gw, start);
    let (x1, y1) = px(gx + gw, end);
    let area = crate::paper::Rect::edges(x0, y0, x1, y1).meet(&stage.rect());
    let soft = |v: f32| {
        let v = v.clamp(0.0, 1.0);
        v * v * (3.0 - 2.0 * v)
    };
    plate.over(&light::mask(color, area, site.number("daylight"), |x, y| {
        let (x, y) = ((x - ox) / s, (y - oy) / s);
        let t = ((y - start) / (end - start)).clamp(0.0, 1.0);
        let wide = gw * (1.0 + spread * t);
        // Across the bundle, in bands.
        let v = (x - (gx + slant * (y - start) - gw * spread * t * 0.5)) / wide * 5.0;
        if !(0.0..5.0).contains(&v) {
            return 0.0;
        }
        let f = v - v.floor();
        let edge = 0.10 + 0.28 * t;
        let band = soft(f / edge) * soft((1.0 - f) / edge);
        let low = 0.55 * soft(t / 0.9);
        soft(t / 0.12) * (1.0 - t) * (low + (1.0 - low) * band) * 0.30
    }));
}

fn bench(site: &Site, woods: &Woods) -> PaintedPlane {
    let (rig, stage) = (site.rig, &site.stage);
    let (w, h) = (stage.w, stage.h);
    let u = stage.u;
    let top = h * 0.833;
    let mut plate = Plate::new(stage);
    let mut g = group(stage, stage.left(), top - 70.0, stage.right(), stage.bottom(), site.number("bench"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let (l, r, b) = (stage.left() - 6.0, stage.right() + 6.0, stage.bottom() + 6.0);
        let board = mix(woods.table[0], woods.deep, 0.25);
        pen.rect(l, top, r, b, board, |q| q.grad((0.0, top), (0.0, h + 20.0), board, woods.deep));
        for y in [34.0, 76.0] {
            pen.line(&[(l, top + y), (w * 0.4, top + y + 3.0), (r, top + y - 1.0)], woods.deep, 2.4, 0.7, true);
        }
        let mut seed = site.seed("nicks");
        for _ in 0..12 {
            let (x, y) = (seed.range(f64::from(l), f64::from(r)) as f32, top + seed.range(14.0, 110.0) as f32);
            pen.line(&[(x, y), (x + 26.0, y - 5.0)], woods.deep, 1.6, 0.5, false);
        }
    }
    let on = Lit::plain().ambient(rig.room).shadow(0.0, -7.0 * u, 14.0 * u, 0.5);
    plate.paper(&g, &on.light(rig.key.x * stage.ub, (rig.key.y + 170.0) * stage.ub, 760.0 * stage.ub, rig.key.c, rig.key.k, 1.3));
    if let Some(prop) = lamp_prop(site) {
        let (x, y, size) = rig::lamp_spot(rig.scene, Framing::MediumTwo, rig.side, is_great(prop), stage);
        lamp_with_glow(site, &mut plate, prop, x, y, size, 470.0);
    }
    plate.done("bench", parallax::ACTORS + 60, 720, None)
}

fn store(site: &Site, woods: &Woods, foot: f32, k: f32) -> PaintedPlane {
    let (rig, stage) = (site.rig, &site.stage);
    let (w, h) = (stage.w, stage.h);
    let u = stage.u;
    let mut plate = Plate::new(stage);
    let mut g = sheet(stage, site.number("store"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        // A barrel and a bench at the sides; the middle stays free for people.
        let lay = rig.lay;
        let (bx, by) = (w * lay.x(0.115), foot + 66.0);
        let cask = mix(woods.frame, woods.deep, 0.2);
        pen.ellipse(bx, by + 4.0, 92.0 * k, 14.0, rig.style.tone(hex("#0c0c12")), |q| q.flat().tex(0.0).blur(8.0).alpha(0.5));
        pen.curve(
            &[
                (bx - 62.0 * k, by),
                (bx - 76.0 * k, by - 90.0 * k),
                (bx - 60.0 * k, by - 178.0 * k),
                (bx + 60.0 * k, by - 178.0 * k),
                (bx + 76.0 * k, by - 90.0 * k),
                (bx + 62.0 * k, by),
            ],
            cask,
            |q| {
                q.sh(5.0, 5.0, 9.0, 0.45).clean().grad(
                    (bx - 70.0 * k, 0.0),
                    (bx + 76.0 * k, 0.0),
                    mix(cask, hex("#c8a070"), 0.25),
                    woods.deep,
                )
            },
        );
        for y in [30.0, 84.0, 140.0] {
            let half = (76.0 - ((y - 90.0) / 90.0) * ((y - 90.0) / 90.0) * 15.0) * k;
            pen.curve(
                &[
                    (bx - half, by - y * k),
                    (bx, by - (y - 8.0) * k),
                    (bx + half, by - y * k),
                    (bx + half, by - (y + 11.0) * k),
                    (bx, by - (y + 3.0) * k),
                    (bx - half, by - (y + 11.0) * k),
                ],
                mix(woods.deep, rig.hour.dark, 0.4),
                |q| q.clean().sh(0.0, 2.0, 3.0, 0.4),
            );
        }
        pen.ellipse(bx, by - 178.0 * k, 60.0 * k, 12.0 * k, mix(cask, hex("#c8a070"), 0.2), |q| q.clean().flat());
        chair(&mut pen, woods, w * lay.x(0.92), foot + 84.0, 1.0 * k, -lay.m());
        let spots = Spots {
            wall: &[(w * lay.x(0.56), h * 0.48), (w * lay.x(0.42), h * 0.48)],
            board: &[(w * lay.x(0.115), by - 182.0 * k), (w * lay.x(0.92), foot + 84.0 - 112.0 * k)],
            floor: &[
                (w * lay.x(0.235), foot + 74.0),
                (w * lay.x(0.77), foot + 70.0),
                (w * lay.x(0.30), foot + 40.0),
                (w * lay.x(0.69), foot + 40.0),
                (w * lay.x(0.47), foot + 30.0),
            ],
            head: 68.0 * k,
        };
        furnish(&mut pen, site, &spots, false);
    }
    plate.paper(&g, &lit(site, rig.room).shadow(4.0 * u, 5.0 * u, 9.0 * u, 0.45));
    if let Some(prop) = lamp_prop(site) {
        let great = is_great(prop);
        let (_, _, size) = rig::lamp_spot(rig.scene, site.framing, rig.side, great, stage);
        let size = if great { size } else { size * 1.1 };
        // It hangs from the vault on a chain, where the rig has its light.
        let (x, y) = (rig.key.x, rig.key.y + size * 0.12);
        if !great {
            let mut g = group(stage, x - 20.0, stage.top(), x + 20.0, y, site.number("chain"));
            Pen::new(&mut g, stage, rig.style).line(
                &[(x, stage.top() - 10.0), (x, y - size * 0.46)],
                rig.style.tone(hex("#2a2420")),
                3.0,
                1.0,
                false,
            );
            plate.paper(&g, &lit(site, rig.room));
        }
        lamp_with_glow(site, &mut plate, prop, x, y, size, 380.0);
    }
    plate.done("store", parallax::SET + 80, 560, None)
}

/// The winding stair: steps rise round a column, a slit of sky.
pub fn stair(site: &Site, near: bool) -> Vec<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.stage);
    let woods = Woods::of(site);
    let (w, h) = (stage.w, stage.h);
    let u = stage.u;
    let rock = stone(site);
    let mut planes = vec![behind(site)];
    let mut plate = Plate::new(stage);
    let (l, r, t, b) = (stage.left() - 8.0, stage.right() + 8.0, stage.top() - 8.0, stage.bottom() + 8.0);
    let mut g = sheet(stage, site.number("shaft"));
    let (sx, sw, sy, sh) = (w * 0.42 - 34.0, 68.0, h * if near { 0.06 } else { 0.14 }, h * 0.30);
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        pen.frame(
            &[vec![(l, t), (r, t), (r, b), (l, b)], vec![(sx, sy), (sx + sw, sy), (sx + sw, sy + sh), (sx, sy + sh)]],
            mix(rock, woods.deep, 0.35),
            |q| q.flat().tex(0.8),
        );
        for (x0, x1) in [(l, sx), (sx + sw, r)] {
            let clip = pen.outline(&[(x0, t), (x1, t), (x1, b), (x0, b)]);
            masonry(&mut pen, site, x0, t, x1, b, 50.0, rock, Some(&clip));
        }
        let clip = pen.outline(&[(sx, sy + sh), (sx + sw, sy + sh), (sx + sw, b), (sx, b)]);
        masonry(&mut pen, site, sx, sy + sh, sx + sw, b, 50.0, rock, Some(&clip));
        pen.poly(
            &[(sx - 26.0, sy + sh + 4.0), (sx + sw + 26.0, sy + sh + 4.0), (sx + sw + 34.0, sy + sh + 26.0), (sx - 34.0, sy + sh + 26.0)],
            mix(rock, hex("#c8c0b0"), 0.2),
            |q| q.sh(0.0, 4.0, 6.0, 0.45),
        );
        // The far flight climbs behind the column.
        for i in (0..9).rev() {
            let y = h * 0.80 - 52.0 * i as f32;
            let x = w * 0.50 + w * 0.062 * i as f32;
            let tone = mix(rock, woods.deep, 0.22 + 0.03 * i as f32);
            pen.poly(&[(x, y), (r, y - 10.0), (r, b), (x + 6.0, b)], tone, |q| q.sh(-6.0, 2.0, 10.0, 0.45).tex(0.6));
            pen.poly(&[(x - 8.0, y - 9.0), (r, y - 18.0), (r, y - 5.0), (x - 8.0, y + 6.0)], mix(rock, hex("#c8c0b0"), 0.24), |q| {
                q.sh(0.0, 4.0, 5.0, 0.4)
            });
        }
    }
    plate.paper(&g, &lit(site, rig.room));
    room_glow(site, &mut plate);
    planes.push(plate.done("shaft", parallax::SET, 500, None));
    let mut plate = Plate::new(stage);
    let mut g = sheet(stage, site.number("column"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let cw = w * 0.085;
        let cx = w * 0.20;
        pen.rect(cx - cw, t, cx + cw, b, rock, |q| {
            q.sh(8.0, 4.0, 16.0, 0.5)
                .grad((cx - cw, 0.0), (cx + cw, 0.0), mix(rock, woods.deep, 0.55), mix(rock, hex("#c8c0b0"), 0.12))
                .tex(0.7)
        });
        if !near {
            let top = h * 0.80;
            for i in 0..4 {
                let y = top + 46.0 * i as f32;
                pen.rect(l, y, r, y + 90.0, mix(rock, woods.deep, 0.30 + 0.05 * i as f32), |q| q.sh(0.0, -4.0, 8.0, 0.45));
                pen.rect(l, y - 7.0, r, y + 7.0, mix(rock, hex("#c8c0b0"), 0.22), |q| q.sh(0.0, 4.0, 5.0, 0.45));
            }
        }
        let spots = Spots { wall: &[(w * 0.38, h * 0.42)], board: &[], floor: &[(w * 0.12, h * 0.80), (w * 0.84, h * 0.80)], head: 66.0 };
        if !near {
            furnish(&mut pen, site, &spots, true);
        }
    }
    plate.paper(&g, &lit(site, rig.room).shadow(6.0 * u, 5.0 * u, 12.0 * u, 0.45));
    if let Some(prop) = lamp_prop(site).filter(|q| q.lit && !near) {
        let (x, y, size) = rig::lamp_spot(rig.scene, site.framing, rig.side, is_great(prop), stage);
        lamp_with_glow(site, &mut plate, prop, x, y, size, 380.0);
    }
    planes.push(plate.done("column", parallax::SET + 80, 560, None));
    planes
}
