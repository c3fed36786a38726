//! Above the ground: a floor of cloud under open sky, and the dark between worlds with bare ground or a hull to stand on.

use contracts::picture::Framing;

use super::{
    Scene, Site,
    palette::{Disc, hex, mix},
    parallax,
    parts::{self, Tones, boulder, crag, ridge, within},
    pen::{Pen, sheet},
    plate::Plate,
    sky::{self, band, fog},
    stood::{Spots, burn, furnish},
};
use crate::{
    light::{self, Lit},
    paint::PaintedPlane,
    paper::{Edge, Pt, Rgb, c, p},
};

/// Paints a floor of cloud, or space.
pub fn paint(site: &Site) -> Vec<PaintedPlane> {
    if site.rig.scene == Scene::Space { space(site) } else { air(site) }
}

/// The opaque dark with its stars: the same at every hour, in two or three faint bands of colour.
pub fn stars(site: &Site, plate: &mut Plate, k: f32) {
    let (rig, stage) = (site.rig, &site.stage);
    let t = |s: &str| rig.style.tone(hex(s));
    let mut seed = site.seed("deep");
    let tints = [["#05070f", "#0c1226", "#1a1f3c"], ["#06060c", "#150f22", "#2a1a34"], ["#04080c", "#0a1a22", "#142c34"]]
        [seed.below(3) as usize]
        .map(t);
    let bands = [(0.0, tints[0]), (0.5, tints[1]), (1.0, tints[2]), (1.2, tints[2])];
    plate.over(&light::sky(&bands, 0.03, stage.canvas.height as f32, 0.014, stage.rect(), site.number("deep")));
    // A band of far dust across the sky.
    let (u, (ox, oy)) = (stage.u, stage.origin);
    let (a, b) = (within(&mut seed, 0.1, 0.5) * stage.h, within(&mut seed, -0.35, 0.35));
    let dust = mix(t(["#5a6fa0", "#8a5a80", "#4a8090"][seed.below(3) as usize]), tints[2], 0.3);
    let noise = site.number("dust-band");
    plate.over(&light::mask(dust, stage.rect(), noise, |x, y| {
        let (x, y) = ((x - ox) / u, (y - oy) / u);
        let d = (y - a - b * (x - stage.w * 0.5)) / (stage.h * 0.16);
        let n = 0.5 + 0.5 * libm::sinf(x * 0.011 + libm::sinf(y * 0.017) * 1.6);
        (1.0 - d * d).max(0.0) * (0.12 + 0.20 * n) * k
    }));
    let mut g = sheet(stage, site.number("stars"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        for i in 0..170 {
            let (x, y) = (within(&mut seed, -0.08, 1.08) * stage.w, within(&mut seed, -0.10, 1.0) * stage.h);
            let d = (y - a - b * (x - stage.w * 0.5)).abs() / (stage.h * 0.2);
            let r = [0.7, 0.8, 0.8, 1.0, 1.0, 1.3, 1.9][seed.below(7) as usize] * if d < 1.0 { 0.9 } else { 1.0 };
            let color = [hex("#e8f0ff"), hex("#fff0d8"), hex("#c8d8ff")][i % 3];
            let alpha = within(&mut seed, 0.35, 0.95);
            pen.disc(x, y, r, color, |q| q.clean().flat().tex(0.0).alpha(alpha));
            if r > 1.8 {
                pen.line(&[(x - 6.0, y), (x + 6.0, y)], color, 0.8, 0.4, false);
                pen.line(&[(x, y - 6.0), (x, y + 6.0)], color, 0.8, 0.4, false);
            }
        }
    }
    plate.paper(&g, &Lit::plain().grain(0.0));
}

/// A world: bands, seas or craters by the location, a shaded limb, now and then a ring.
pub fn world(site: &Site, plate: &mut Plate, x: f32, y: f32, r: f32) {
    let (rig, stage) = (site.rig, &site.stage);
    let t = |s: &str| rig.style.tone(hex(s));
    let mut seed = site.seed("world");
    let set = [
        ["#c08a5c", "#8a5540", "#e8c898"],
        ["#4a7a94", "#2c4a66", "#a8d0d8"],
        ["#9a9488", "#635e5a", "#d0c8b8"],
        ["#8a6a94", "#4f3a62", "#d0a8c8"],
        ["#6a8a6a", "#3c5648", "#c8d8a8"],
    ][seed.below(5) as usize]
        .map(t);
    let kind = seed.below(3);
    let m = rig.lay.m();
    let mut g = sheet(stage, site.number("world") ^ x as u64);
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let ringed = kind == 0 && seed.below(2) == 0;
        let band = |front: bool| -> Vec<Pt> {
            let half = |k: f32, s: f32| -> Vec<(f32, f32)> {
                (0..=16)
                    .map(|i| core::f32::consts::PI * i as f32 / 16.0)
                    .map(|a| (r * k * libm::cosf(a), s * r * k * 0.20 * libm::sinf(a)))
                    .collect()
            };
            let s = if front { 1.0 } else { -1.0 };
            let mut points = half(2.0, s);
            points.extend(half(1.42, s).into_iter().rev());
            points.iter().map(|q| p(x + q.0 - q.1 * 0.4, y + q.1 + q.0 * 0.22 * m)).collect()
        };
        if ringed {
            pen.shape(&band(false), mix(set[2], set[1], 0.4), |q| q.clean().sh(0.0, 2.0, 4.0, 0.3).alpha(0.85));
        }
        for (k, a) in [(1.5f32, 0.05f32), (1.25, 0.08)] {
            pen.disc(x, y, r * k, set[2], |q| q.edge(Edge::Soft).alpha(a).flat().tex(0.3));
        }
        let body = pen.disc(x, y, r, set[0], |q| q.edge(Edge::Soft).tex(0.8).sh(3.0, 5.0, 10.0, 0.3).core(mix(set[2], Rgb::WHITE, 0.3)));
        match kind {
            0 => {
                for i in 0..7 {
                    let yy = y - r + r * 2.0 * (i as f32 + within(&mut seed, 0.2, 0.8)) / 7.0;
                    let thick = r * within(&mut seed, 0.05, 0.16);
                    let tone = mix(set[i % 3], set[0], 0.3);
                    pen.curve(
                        &[
                            (x - r * 1.1, yy - r * 0.22 * m),
                            (x, yy + thick * 0.4),
                            (x + r * 1.1, yy + r * 0.22 * m),
                            (x + r * 1.1, yy + thick + r * 0.22 * m),
                            (x, yy + thick * 1.5),
                            (x - r * 1.1, yy + thick - r * 0.22 * m),
                        ],
                        tone,
                        |q| q.flat().alpha(0.75).clip(&body).edge(Edge::Torn).k(0.6),
                    );
                }
            }
            1 => {
                for _ in 0..5 {
                    let (cx, cy) = (x + within(&mut seed, -0.8, 0.8) * r, y + within(&mut seed, -0.8, 0.8) * r);
                    let rr = r * within(&mut seed, 0.2, 0.46);
                    let around: Vec<(f32, f32)> = (0..9)
                        .map(|i| core::f32::consts::TAU * i as f32 / 9.0)
                        .map(|a| {
                            let k = within(&mut seed, 0.6, 1.2);
                            (cx + rr * k * libm::cosf(a), cy + rr * 0.7 * k * libm::sinf(a))
                        })
                        .collect();
                    pen.curve(&around, set[1], |q| q.flat().alpha(0.75).clip(&body).edge(Edge::Torn).k(0.6));
                }
                for _ in 0..3 {
                    let yy = y + within(&mut seed, -0.7, 0.7) * r;
                    pen.curve(
                        &[(x - r, yy), (x, yy - r * 0.10), (x + r, yy + r * 0.04), (x, yy + r * 0.03)],
                        mix(set[2], Rgb::WHITE, 0.4),
                        |q| q.flat().alpha(0.55).clip(&body),
                    );
                }
            }
            _ => {
                for _ in 0..11 {
                    let (cx, cy, rr) =
                        (x + within(&mut seed, -0.85, 0.85) * r, y + within(&mut seed, -0.85, 0.85) * r, r * within(&mut seed, 0.05, 0.18));
                    pen.disc(cx, cy, rr, set[1], |q| q.flat().alpha(0.6).clip(&body));
                    pen.disc(cx + rr * 0.2 * m, cy + rr * 0.2, rr * 0.8, mix(set[0], set[1], 0.35), |q| q.flat().alpha(0.7).clip(&body));
                }
            }
        }
        // Night on the side away from its sun: two steps.
        let dark = mix(set[1], t("#05060c"), 0.75);
        for (k, a) in [(0.42f32, 0.45f32), (0.05, 0.55)] {
            let half = |k: f32, i: i32| {
                let q = core::f32::consts::PI * (i as f32 / 20.0 - 0.5);
                (x + m * r * k * libm::cosf(q), y + r * 1.05 * libm::sinf(q))
            };
            let mut shade: Vec<(f32, f32)> = (0..=20).map(|i| half(1.06, i)).collect();
            shade.extend((0..=20).rev().map(|i| half(k, i)));
            pen.curve(&shade, dark, |q| q.flat().alpha(a).tex(0.2).clip(&body));
        }
        if ringed {
            pen.shape(&band(true), mix(set[2], set[0], 0.25), |q| q.clean().sh(0.0, 4.0, 5.0, 0.4));
        }
    }
    plate.paper(&g, &Lit::plain());
}

/// Where a floor begins in a framing, in fractions of the height.
fn floor_at(site: &Site) -> f32 {
    match site.framing {
        Framing::Wide => 0.775,
        Framing::Full => 0.765,
        _ => 0.875,
    }
}

/// A bank of cloud from one end of the stage to the other: heaps of seeded size along a line.
#[allow(clippy::too_many_arguments, reason = "a bank is these numbers")]
fn bank(pen: &mut Pen, site: &Site, part: &str, y: f32, size: f32, flat: f32, color: Rgb, core: Rgb) {
    let stage = &site.stage;
    let mut seed = site.seed(part);
    let mut points: Vec<Pt> = vec![c(stage.left() - 60.0, stage.bottom() + 40.0), p(stage.left() - 60.0, y)];
    let mut x = stage.left() - 50.0;
    while x < stage.right() + 40.0 {
        let wide = size * within(&mut seed, 0.35, 1.7);
        let tall = wide * within(&mut seed, 0.30, 0.62) * flat;
        points.extend([
            c(x, y - tall * 0.12),
            p(x + wide * 0.16, y - tall * 0.66),
            p(x + wide * 0.42, y - tall),
            p(x + wide * 0.72, y - tall * 0.86),
            p(x + wide * 0.92, y - tall * 0.4),
        ]);
        x += wide * 0.96;
    }
    points.extend([p(stage.right() + 60.0, y), c(stage.right() + 60.0, stage.bottom() + 40.0)]);
    pen.shape(&points, color, |q| q.edge(Edge::Soft).core(core).sh(0.0, -3.0, 10.0, 0.3).k(0.9));
}

/// A tower of cloud: heaps on heaps, lit on the side of the light.
#[allow(clippy::too_many_arguments, reason = "a cloud is these numbers")]
fn heap(pen: &mut Pen, site: &Site, part: &str, x: f32, foot: f32, wide: f32, high: f32, tones: &Tones) {
    let mut seed = site.seed(part);
    let from = parts::lit_from(site, x);
    let rows = 4;
    for i in (0..rows).rev() {
        let t = i as f32 / (rows - 1) as f32;
        let y = foot - high * t * 0.8;
        let half = wide * 0.5 * (1.0 - 0.55 * t);
        let n = 3 + (rows - i) / 2;
        for j in 0..n {
            let s = if n == 1 { 0.0 } else { j as f32 / (n - 1) as f32 * 2.0 - 1.0 };
            let (cx, cy) = (x + s * half * 0.8 + within(&mut seed, -0.1, 0.1) * half, y + within(&mut seed, -0.06, 0.06) * high);
            let (rx, ry) = (half * within(&mut seed, 0.42, 0.62), high * within(&mut seed, 0.17, 0.25));
            let tone = tones.step((s * from * 0.7 + 0.5 * t - 0.1).clamp(-1.0, 1.0));
            parts::clump(pen, &mut seed, cx, cy, rx, ry, tone, Some(mix(tone, tones.lip, 0.6)), 0.24);
        }
    }
}

/// Cloud colours, far to near.
fn vapour(site: &Site) -> [Rgb; 4] {
    let hour = &site.rig.hour;
    let white = mix(hour.cloud_core, Rgb::WHITE, if hour.lamps { 0.0 } else { 0.3 });
    [
        mix(hour.sky[2], white, 0.30),
        mix(hour.clouds[2], white, 0.34),
        mix(hour.clouds[1], white, 0.22),
        mix(hour.clouds[0], hour.near, 0.22),
    ]
}

fn air(site: &Site) -> Vec<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let lay = rig.lay;
    let near = site.framing == Framing::MediumTwo;
    let full = site.framing == Framing::Full;
    let (w, h, u) = (stage.w, stage.h, stage.u);
    let k = stage.scale();
    let horizon = h * (0.58 + 0.05 * lay.lift);
    let floor = h * floor_at(site);
    let tint = vapour(site);
    let core = mix(hour.cloud_core, Rgb::WHITE, if hour.lamps { 0.1 } else { 0.4 });
    let mut planes = Vec::new();
    let mut far = Plate::new(stage);
    sky::heaven(site, horizon, &mut far);
    if lay.kind == 1 {
        // Through a gap in the floor: the land far below.
        let mut g = band(site, horizon - 20.0, stage.bottom(), "below");
        {
            let mut pen = Pen::new(&mut g, stage, rig.style);
            let mut seed = site.seed("below");
            pen.rect(stage.left() - 10.0, horizon, stage.right() + 10.0, stage.bottom() + 10.0, mix(hour.land[0], hour.haze, 0.5), |q| {
                q.flat()
            });
            for _ in 0..26 {
                let (x, y) = (within(&mut seed, -0.05, 1.05) * w, horizon + within(&mut seed, 6.0, h * 0.22));
                let l = within(&mut seed, 30.0, 120.0);
                let tone = mix(hour.land[seed.below(2) as usize], hour.haze, 0.38);
                pen.poly(&[(x, y), (x + l, y - 4.0), (x + l * 1.2, y + 9.0), (x - l * 0.2, y + 12.0)], tone, |q| q.flat().alpha(0.8));
            }
            let river: Vec<(f32, f32)> = (0..=8)
                .map(|i| i as f32 / 8.0)
                .map(|t| (w * lay.x(0.2 + 0.5 * t) + 60.0 * libm::sinf(9.0 * t), horizon + 6.0 + h * 0.2 * t))
                .collect();
            pen.line(&river, mix(hour.sky[2], Rgb::WHITE, 0.2), 5.0, 0.8, true);
        }
        far.paper(&g, &Lit::plain().haze(hour.haze, (0.4 * hour.haze_k).min(0.8)));
    }
    // Far banks and towers.
    let mut g = sheet(stage, site.number("far-cloud"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let tones = Tones { dark: mix(tint[1], hour.sky[1], 0.4), body: tint[0], light: mix(tint[0], core, 0.6), lip: core };
        bank(&mut pen, site, "bank-far", horizon + 10.0, 90.0 * k, 0.8, mix(tint[0], hour.sky[2], 0.3), mix(tint[0], core, 0.5));
        let heaps: &[(f32, f32, f32)] = match lay.kind {
            0 => &[(0.10, 0.34, 0.40), (0.90, 0.28, 0.30)],
            1 => &[(0.74, 0.40, 0.34)],
            _ => &[(0.24, 0.26, 0.22), (0.62, 0.22, 0.17), (0.95, 0.34, 0.42)],
        };
        for (i, &(x, wide, high)) in heaps.iter().enumerate() {
            let x = w * lay.x(x + 0.03 * lay.spread);
            heap(&mut pen, site, &format!("heap-{i}"), x, horizon + 20.0, w * wide, h * high, &tones);
        }
        bank(&mut pen, site, "bank-low", horizon + h * 0.05, 150.0 * k, 0.7, tint[1], mix(tint[1], core, 0.6));
    }
    let (lx, ly) = stage.xf().pt(sky::disc_spot(rig).0, sky::disc_spot(rig).1);
    let glow = if hour.disc == Disc::None { 0.0 } else { 0.40 };
    far.paper(&g, &Lit::plain().haze(hour.haze, (0.22 * hour.haze_k).min(0.7)).light(lx, ly, 800.0 * u, hour.light, glow, 1.5));
    planes.push(far.done("sky", parallax::SKY, 0, None));
    let mut mid = Plate::new(stage);
    let mut g = band(site, horizon - 200.0, stage.bottom(), "mid-cloud");
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let y = horizon + (floor - horizon) * 0.52;
        bank(&mut pen, site, "bank-mid", y, 210.0 * k, 0.55, mix(tint[1], tint[2], 0.5), mix(tint[1], core, 0.6));
    }
    mid.paper(&g, &Lit::plain().shadow(0.0, -5.0 * u, 14.0 * u, 0.25).light(lx, ly, 900.0 * u, hour.light, glow * 0.6, 1.5));
    fog(site, horizon, floor + 20.0, 0.8, "cloud-fog", &mut mid);
    let slow = contracts::assets::Sway { dx: (14_000.0 * u) as i32, dy: 0, period_ms: 21_000, phase: (site.number("slow") % 1000) as u32 };
    planes.push(mid.done("clouds", parallax::MID, 400, Some(slow)));
    // The floor people stand on.
    let mut plate = Plate::new(stage);
    let mut g = band(site, floor - 160.0, stage.bottom(), "floor");
    let flames;
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let body = mix(tint[2], tint[1], 0.45);
        bank(&mut pen, site, "bank-floor", floor, 190.0 * k, 0.20, body, mix(body, core, 0.75));
        let mut seed = site.seed("puffs");
        // Puffs on the floor: shade below, light above.
        for i in 0..16 {
            let t = (i as f32 + seed.unit() as f32) / 16.0;
            let y = floor + 26.0 + (h * 1.04 - floor) * t;
            let x = within(&mut seed, -0.06, 1.06) * w;
            let rx = within(&mut seed, 60.0, 150.0) * (0.6 + 0.8 * t);
            let tone = mix(body, if seed.below(2) == 0 { core } else { tint[3] }, 0.16);
            parts::clump(&mut pen, &mut seed, x, y, rx, rx * 0.15, tone, Some(mix(tone, core, 0.4)), 0.16);
        }
        if near {
            flames = Vec::new();
        } else {
            let head = if full { 70.0 } else { 26.0 };
            let y = if full { 0.90 } else { 0.86 };
            let floors = [
                (w * lay.x(0.34), h * y),
                (w * lay.x(0.70), h * (y + 0.01)),
                (w * lay.x(0.26), h * (y + 0.03)),
                (w * lay.x(0.80), h * (y + 0.03)),
            ];
            if site.says(&["chair", "seat"]) {
                let woods = super::interior::Woods::of(site);
                super::interior::chair(&mut pen, &woods, w * lay.x(0.66), h * (y + 0.012), head / 62.0, -lay.m());
            }
            if site.says(&["door", "doors"]) {
                let t = |s: &str| rig.style.tone(hex(s));
                let (x, foot, k) = (w * lay.x(0.245), h * (y - 0.01), head / 26.0);
                pen.rect(x - 44.0 * k, foot - 206.0 * k, x + 44.0 * k, foot, t("#5a452e"), |q| q.sh(5.0, 4.0, 9.0, 0.45));
                pen.rect(x - 36.0 * k, foot - 198.0 * k, x + 36.0 * k, foot, t("#3f7a52"), |q| q.flat());
                for i in -2i32..=2 {
                    pen.line(
                        &[(x + 14.0 * k * i as f32, foot - 196.0 * k), (x + 14.0 * k * i as f32, foot)],
                        t("#254a34"),
                        1.8,
                        0.7,
                        false,
                    );
                }
                pen.disc(x + 26.0 * k, foot - 96.0 * k, 4.0 * k, t("#2a2a30"), |q| q.clean());
            }
            flames = furnish(&mut pen, site, &Spots { wall: &[], board: &floors[1..], floor: &floors, head }, true);
        }
    }
    let amb = if hour.lamps { mix(hour.ambient, Rgb::WHITE, 0.55) } else { mix(hour.ambient, Rgb::WHITE, 0.7) };
    plate
        .paper(&g, &Lit::plain().ambient(amb).shadow(0.0, -6.0 * u, 16.0 * u, 0.32).light(lx, ly, 1000.0 * u, hour.light, glow * 0.7, 1.4));
    burn(site, &mut plate, &flames);
    planes.push(plate.done("floor", parallax::ACTORS, 600, None));
    let mut front = Plate::new(stage);
    let mut g = band(site, h * 0.6, stage.bottom(), "front-cloud");
    bank(
        &mut Pen::new(&mut g, stage, rig.style),
        site,
        "bank-front",
        h * if near { 0.97 } else { 1.02 },
        260.0 * k,
        0.42,
        tint[3],
        mix(tint[3], core, 0.35),
    );
    front.paper(&g, &Lit::plain().blur(2.4 * u).shadow(0.0, -6.0 * u, 14.0 * u, 0.32));
    planes.push(front.done("front", parallax::NEAR, 900, None));
    planes
}

fn space(site: &Site) -> Vec<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let lay = rig.lay;
    let near = site.framing == Framing::MediumTwo;
    let full = site.framing == Framing::Full;
    let (w, h, u) = (stage.w, stage.h, stage.u);
    let k = stage.scale();
    let t = |s: &str| rig.style.tone(hex(s));
    let floor = h * floor_at(site);
    let hull = site.says(&["hull", "station", "steel", "ship", "tug", "deck"]);
    let mut planes = Vec::new();
    let mut far = Plate::new(stage);
    stars(site, &mut far, 1.0);
    let zoom = if near { 1.25 } else { 1.0 };
    match lay.kind {
        0 => world(site, &mut far, w * lay.x(0.24 + 0.04 * lay.spread), h * (0.32 + 0.04 * lay.lift), 118.0 * k * zoom),
        1 => world(site, &mut far, w * lay.x(0.72 + 0.04 * lay.spread), h * (0.58 + 0.03 * lay.lift), 250.0 * k * zoom),
        _ => {
            world(site, &mut far, w * lay.x(0.80), h * 0.24, 62.0 * k * zoom);
            world(site, &mut far, w * lay.x(0.60 + 0.03 * lay.spread), h * 0.40, 24.0 * k * zoom);
        }
    }
    planes.push(far.done("sky", parallax::SKY, 0, None));
    let mut set = Plate::new(stage);
    let mut g = sheet(stage, site.number("far-ground"));
    let from = if lay.flip { 1.0 } else { -1.0 };
    let rock = t(["#6a6870", "#7a6458", "#5c6a70"][site.seed("regolith").below(3) as usize]);
    let tones = Tones {
        dark: mix(rock, t("#08090f"), 0.72),
        body: mix(rock, t("#08090f"), 0.22),
        light: mix(rock, t("#e8e4d8"), 0.42),
        lip: mix(rock, t("#f4f0e4"), 0.62),
    };
    let mut lamps = Vec::new();
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let mut seed = site.seed("far-ground");
        if hull {
            gantry(&mut pen, site, floor, k * zoom, &tones, &mut lamps);
        } else {
            // Hills of bare rock with hard edges, lit from one side only.
            for (a, b, high, top) in [(-0.15f32, 0.34f32, 0.15f32, 0.4f32), (0.58, 1.12, 0.22, 0.55), (0.30, 0.66, 0.08, 0.5)] {
                let (x0, x1) = (w * lay.x(a), w * lay.x(b));
                let foot = floor - h * 0.02;
                let tall = h * high * within(&mut seed, 0.8, 1.2);
                let line = ridge(&mut seed, x0.min(x1), x0.max(x1), foot, tall, if lay.flip { 1.0 - top } else { top });
                crag(&mut pen, &mut seed, &line, foot, &tones, from);
            }
        }
    }
    set.paper(&g, &Lit::plain().shadow(0.0, -3.0 * u, 10.0 * u, 0.4));
    for &(x, y, r) in &lamps {
        parts::glow(site, &mut set, x, y, r, "#ffb860", 0.8);
    }
    planes.push(set.done("far-ground", parallax::SET, 500, None));
    let mut plate = Plate::new(stage);
    let mut g = band(site, floor - 60.0, stage.bottom(), "ground");
    let flames;
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let mut seed = site.seed("ground");
        let b = stage.bottom() + 20.0;
        let line =
            parts::slope(site, &[(-0.05, floor / h + 0.02), (0.3, floor / h - 0.006), (0.62, floor / h + 0.004), (1.05, floor / h + 0.03)]);
        if hull {
            let steel = Tones { dark: t("#20262e"), body: t("#565f6a"), light: t("#98a4ae"), lip: t("#c8d0d6") };
            let mut points: Vec<Pt> = line.iter().map(|q| p(q.0, q.1)).collect();
            points.extend([p(stage.right() + 60.0, b), p(stage.left() - 60.0, b)]);
            let body = pen.shape(&points, steel.body, |q| {
                q.edge(Edge::Cut).sh(0.0, -4.0, 10.0, 0.45).grad((0.0, floor), (0.0, h), mix(steel.light, steel.body, 0.4), steel.dark)
            });
            pen.g.set_clip(Some(&body));
            for i in -9i32..=9 {
                let x = w * 0.5 + 150.0 * i as f32;
                pen.line(
                    &[(w * 0.5 + (x - w * 0.5) * 0.72, floor - 20.0), (w * 0.5 + (x - w * 0.5) * 1.5, b)],
                    steel.dark,
                    2.6,
                    0.8,
                    false,
                );
            }
            for (j, y) in [0.03f32, 0.09, 0.18].iter().enumerate() {
                let y = floor + h * y;
                pen.line(&[(stage.left(), y + 8.0), (w * 0.5, y - 4.0), (stage.right(), y + 10.0)], steel.dark, 2.2 + j as f32, 0.8, true);
            }
            for _ in 0..14 {
                let (x, y) = (within(&mut seed, -0.05, 1.05) * w, floor + within(&mut seed, 0.02, 0.24) * h);
                let l = within(&mut seed, 26.0, 80.0);
                let tone = steel.step(within(&mut seed, -0.8, 0.8));
                pen.poly(&[(x, y), (x + l, y - 1.0), (x + l * 1.06, y + l * 0.26), (x - l * 0.06, y + l * 0.27)], tone, |q| {
                    q.sh(1.0, 2.0, 3.0, 0.4).alpha(0.85)
                });
            }
            pen.g.set_clip(None);
            // A hand line on short posts.
            let n = 7;
            let mut wire = Vec::new();
            for i in 0..n {
                let x = w * lay.x(0.04 + 0.155 * i as f32);
                let y = parts::height_at(&line, x) + 10.0;
                pen.rect(x - 3.0, y - 50.0 * zoom, x + 3.0, y + 4.0, steel.light, |q| q.sh(2.0, 2.0, 3.0, 0.4));
                wire.push((x, y - 48.0 * zoom));
            }
            pen.line(&wire, hex("#d8a040"), 2.6, 1.0, false);
        } else {
            let body = parts::hill(&mut pen, site, &line, mix(tones.body, tones.light, 0.25), tones.lip);
            for _ in 0..12 {
                let t = seed.unit() as f32;
                let (x, y) = (within(&mut seed, -0.05, 1.05) * w, floor + 16.0 + (h - floor) * t);
                let rx = (26.0 + 84.0 * t) * within(&mut seed, 0.6, 1.2);
                pen.ellipse(x, y, rx, rx * 0.26, tones.dark, |q| q.flat().clip(&body).alpha(0.75));
                pen.ellipse(x - from * rx * 0.08, y + rx * 0.05, rx * 0.86, rx * 0.19, mix(tones.body, tones.dark, 0.3), |q| {
                    q.flat().clip(&body)
                });
                pen.line(
                    &[(x + from * rx * 0.9, y - rx * 0.04), (x + from * rx * 0.2, y + rx * 0.27), (x - from * rx * 0.5, y + rx * 0.24)],
                    tones.lip,
                    2.0,
                    0.7,
                    true,
                );
            }
            for _ in 0..if near { 0 } else { 7 } {
                let (x, kk) = (within(&mut seed, 0.0, 1.0) * w, within(&mut seed, 18.0, 52.0));
                if (x / w - 0.5).abs() > 0.16 {
                    let y = parts::height_at(&line, x) + within(&mut seed, 20.0, 120.0);
                    boulder(&mut pen, &mut seed, x, y, kk, kk * 0.7, &tones, from);
                }
            }
        }
        flames = if near {
            Vec::new()
        } else {
            let head = if full { 70.0 } else { 26.0 };
            let y = if full { 0.91 } else { 0.88 };
            let floors = [
                (w * lay.x(0.34), h * y),
                (w * lay.x(0.70), h * (y + 0.01)),
                (w * lay.x(0.26), h * (y + 0.03)),
                (w * lay.x(0.80), h * (y + 0.03)),
            ];
            furnish(&mut pen, site, &Spots { wall: &[], board: &floors[1..], floor: &floors, head }, true)
        };
    }
    plate.paper(&g, &Lit::plain().ambient(mix(hour.ambient, Rgb::WHITE, 0.75)).shadow(0.0, -5.0 * u, 14.0 * u, 0.45));
    burn(site, &mut plate, &flames);
    planes.push(plate.done("ground", parallax::ACTORS, 600, None));
    let mut front = Plate::new(stage);
    let mut g = band(site, h * 0.74, stage.bottom(), "front-ground");
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let mut seed = site.seed("front-ground");
        let near_tones =
            Tones { dark: t("#07080d"), body: t("#10131b"), light: mix(t("#10131b"), rock, 0.4), lip: mix(t("#10131b"), rock, 0.5) };
        if near {
            let y = h * 0.93;
            pen.rect(stage.left() - 10.0, y, stage.right() + 10.0, stage.bottom() + 10.0, near_tones.body, |q| q.sh(0.0, -4.0, 9.0, 0.45));
            pen.rect(stage.left() - 10.0, y - 6.0, stage.right() + 10.0, y + 6.0, near_tones.light, |q| q.flat());
        } else {
            for (x, wide, high) in [(0.02f32, 0.26f32, 0.13f32), (0.97, 0.22, 0.09)] {
                boulder(&mut pen, &mut seed, w * lay.x(x), stage.bottom() + 10.0, w * wide, h * high + 60.0, &near_tones, from);
            }
        }
    }
    front.paper(&g, &Lit::plain().blur(2.4 * u).shadow(0.0, -4.0 * u, 12.0 * u, 0.4));
    planes.push(front.done("front", parallax::NEAR, 900, None));
    planes
}

/// What stands on a hull: a mast with dishes, panes of cells, lamps.
fn gantry(pen: &mut Pen, site: &Site, floor: f32, k: f32, tones: &Tones, lamps: &mut Vec<(f32, f32, f32)>) {
    let w = site.stage.w;
    let lay = site.rig.lay;
    let t = |s: &str| site.rig.style.tone(hex(s));
    let (steel, dark, blue) = (t("#7a8690"), t("#262c36"), t("#22385e"));
    // A lattice mast.
    let x = w * lay.x(0.84);
    let top = floor - 330.0 * k;
    for s in [-1.0f32, 1.0] {
        pen.line(&[(x + s * 26.0 * k, floor + 10.0), (x + s * 8.0 * k, top)], steel, 4.0 * k, 1.0, false);
    }
    for i in 0..9 {
        let (a, b) = (i as f32 / 9.0, (i as f32 + 1.0) / 9.0);
        let at = |t: f32, s: f32| (x + s * (26.0 - 18.0 * t) * k, floor + 10.0 + (top - floor - 10.0) * t);
        pen.line(&[at(a, -1.0), at(b, 1.0)], steel, 2.2 * k, 1.0, false);
        pen.line(&[at(a, 1.0), at(b, -1.0)], dark, 2.2 * k, 1.0, false);
    }
    pen.curve(
        &[
            (x - 60.0 * k, top + 8.0 * k),
            (x - 30.0 * k, top - 30.0 * k),
            (x + 34.0 * k, top - 46.0 * k),
            (x + 46.0 * k, top - 34.0 * k),
            (x + 6.0 * k, top + 12.0 * k),
        ],
        tones.light,
        |q| q.sh(3.0, 4.0, 6.0, 0.4).grad((x - 50.0 * k, 0.0), (x + 40.0 * k, 0.0), t("#c8d0d6"), steel),
    );
    pen.disc(x, top - 60.0 * k, 5.0 * k, hex("#ff7a5a"), |q| q.clean().flat());
    lamps.push((x, top - 60.0 * k, 90.0 * k));
    // Wings of cells.
    let m = lay.m();
    let px = w * lay.x(0.14);
    for i in 0..3 {
        let y = floor - (60.0 + 84.0 * i as f32) * k;
        let a = [
            (px - 150.0 * k, y),
            (px + 110.0 * k, y - 26.0 * k * m),
            (px + 126.0 * k, y - 92.0 * k - 26.0 * k * m),
            (px - 128.0 * k, y - 66.0 * k),
        ];
        let body = pen.poly(&a, blue, |q| q.sh(4.0, 5.0, 8.0, 0.45).grad(a[0], a[2], blue, mix(blue, t("#8fb0e0"), 0.35)));
        pen.g.set_clip(Some(&body));
        for j in 0..9 {
            let f = j as f32 / 8.0;
            pen.line(
                &[
                    (a[0].0 + (a[1].0 - a[0].0) * f, a[0].1 + (a[1].1 - a[0].1) * f),
                    (a[3].0 + (a[2].0 - a[3].0) * f, a[3].1 + (a[2].1 - a[3].1) * f),
                ],
                steel,
                1.6,
                0.8,
                false,
            );
        }
        pen.line(
            &[((a[0].0 + a[3].0) * 0.5, (a[0].1 + a[3].1) * 0.5), ((a[1].0 + a[2].0) * 0.5, (a[1].1 + a[2].1) * 0.5)],
            steel,
            1.6,
            0.8,
            false,
        );
        pen.g.set_clip(None);
    }
    pen.rect(px - 7.0 * k, floor - 330.0 * k, px + 7.0 * k, floor + 12.0, steel, |q| q.sh(3.0, 3.0, 5.0, 0.4));
    // A lock with its lamp.
    let lx = w * lay.x(0.40);
    pen.curve(
        &[
            (lx - 74.0 * k, floor + 14.0),
            (lx - 70.0 * k, floor - 46.0 * k),
            (lx - 40.0 * k, floor - 66.0 * k),
            (lx + 40.0 * k, floor - 66.0 * k),
            (lx + 70.0 * k, floor - 46.0 * k),
            (lx + 74.0 * k, floor + 14.0),
        ],
        steel,
        |q| q.sh(4.0, 4.0, 8.0, 0.45).grad((lx - 70.0 * k, 0.0), (lx + 70.0 * k, 0.0), t("#a8b4bc"), dark),
    );
    pen.disc(lx, floor - 22.0 * k, 24.0 * k, dark, |q| q.clean());
    pen.disc(lx, floor - 22.0 * k, 15.0 * k, hex("#ffc870"), |q| q.clean().flat());
    lamps.push((lx, floor - 22.0 * k, 120.0 * k));
}
