//! Bare mountains: three ranges under the sky, a ledge with a path, rocks before it.

use contracts::story::TimeOfDay;

use super::{
    Site,
    desert::{crest, finished, ground, lie_of, lip, lit, standing},
    palette::{hex, mix},
    parallax,
    parts::{Tones, boulder, crag, lit_from, ridge, within},
    pen::{Pen, sheet},
    plate::Plate,
    rig::Rig,
    sky::{self, band, fog},
};
use crate::{
    paint::PaintedPlane,
    paper::{Edge, Rgb, p},
};

/// Four tones of bare rock, far to near.
pub(super) fn rocks(rig: &Rig, hour: TimeOfDay) -> [Rgb; 4] {
    let tones = match hour {
        TimeOfDay::Night => ["#4a6088", "#384c74", "#28395c", "#141f38"],
        TimeOfDay::Day | TimeOfDay::Morning => ["#a9b0b8", "#8c8f96", "#716c70", "#4a4448"],
        TimeOfDay::Dawn => ["#b98490", "#96667c", "#6e4a66", "#3a2843"],
        TimeOfDay::Dusk => ["#8a6a92", "#6a5080", "#493a66", "#221c3c"],
    };
    tones.map(|t| rig.style.tone(hex(t))).map(|c| if rig.hour.rain > 0.0 { mix(c, rig.hour.haze, 0.2) } else { c })
}

/// One range of mountains with its foot at `y`: peaks of seeded height, a light and a dark flank for each, snow if it is
/// said or high.
pub(super) fn range(pen: &mut Pen, site: &Site, part: &str, y: f32, high: f32, tone: Rgb, snow: Option<Rgb>) {
    let (rig, stage) = (site.rig, &site.stage);
    let mut seed = site.seed(part);
    let wide = stage.right() - stage.left();
    let n = 3 + seed.below(2) as usize + usize::from(wide > 1100.0) * 2;
    let shade = mix(tone, rig.hour.near, 0.34);
    let from = if rig.key.x > stage.w * 0.5 { 1.0 } else { -1.0 };
    let mut order: Vec<usize> = (0..=n).collect();
    order.sort_by_key(|i| (i * 7) % (n + 1));
    for i in order {
        let x = stage.left() + wide * (i as f32 + seed.range(-0.22, 0.22) as f32) / n as f32;
        let tall = high * seed.range(0.55, 1.0) as f32;
        let half = tall * seed.range(0.9, 1.35) as f32;
        let top = y - tall;
        let mut ridge: Vec<(f32, f32)> = vec![(x - half, y + 12.0)];
        for t in [0.22f32, 0.45, 0.66, 0.85] {
            ridge.push((x - half * (1.0 - t) + seed.range(-0.04, 0.04) as f32 * half, y - tall * (t + seed.range(-0.07, 0.05) as f32)));
        }
        ridge.push((x, top));
        for t in [0.84f32, 0.62, 0.42, 0.2] {
            ridge.push((x + half * (1.0 - t) + seed.range(-0.04, 0.04) as f32 * half, y - tall * (t + seed.range(-0.07, 0.05) as f32)));
        }
        ridge.push((x + half, y + 12.0));
        ridge.extend([(x + half, y + 60.0), (x - half, y + 60.0)]);
        let line = &ridge[..ridge.len() - 2];
        let tones = Tones { dark: shade, body: mix(tone, shade, 0.25), light: mix(tone, lip(rig), 0.26), lip: mix(tone, lip(rig), 0.45) };
        let body = crag(pen, &mut seed, line, y + 30.0, &tones, from);
        if let Some(white) = snow {
            let cap: Vec<(f32, f32)> =
                [(-0.5, 0.60), (-0.18, 0.66), (-0.10, 0.56), (0.03, 0.68), (0.12, 0.58), (0.2, 0.67), (0.5, 0.60), (0.3, 1.1), (-0.3, 1.1)]
                    .iter()
                    .map(|&(dx, t)| (x + half * dx, y - tall * t))
                    .collect();
            pen.poly(&cap, white, |q| q.flat().alpha(0.85).clip(&body));
        }
    }
}

/// The white of high places, where it is said or falls.
pub(super) fn snow(site: &Site) -> Option<Rgb> {
    let white = mix(site.rig.hour.cloud_core, Rgb::WHITE, 0.2);
    (site.says(&["snow", "snowy", "ice", "white", "high"]) || site.rig.hour.snow > 0.0).then_some(mix(white, site.rig.hour.haze, 0.25))
}

/// Bare mountains: three ranges under the sky, a ledge with a path, rocks before it.
pub fn paint(site: &Site) -> Vec<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let (w, h, u) = (stage.w, stage.h, stage.u);
    let at = lie_of(site);
    let rock = rocks(rig, site.place.time_of_day);
    let core = lip(rig);
    let base = h.min(w * 1.25) * (1.0 + 0.16 * rig.lay.spread);
    let mut plates = vec![Plate::new(stage), Plate::new(stage), Plate::new(stage), Plate::new(stage)];
    sky::sky(site, at.horizon, &mut plates[0]);
    let high_snow = snow(site).or_else(|| (!hour.lamps).then(|| mix(hour.cloud_core, hour.haze, 0.35)));
    for (i, (part, y, tall, white)) in
        [("peaks-far", 0.02, 0.34, high_snow), ("peaks-mid", 0.26, 0.32, snow(site)), ("peaks-low", 0.62, 0.20, None)]
            .into_iter()
            .enumerate()
    {
        let y = at.horizon + (at.ground - at.horizon) * y + 30.0;
        let mut g = band(site, y - base * 0.6, stage.bottom(), part);
        {
            let mut pen = Pen::new(&mut g, stage, rig.style);
            range(&mut pen, site, part, y, base * tall, rock[i], white);
            // One summit that the place is known by.
            if i == 1 && rig.lay.kind < 2 {
                let x = w * rig.lay.x([0.27, 0.74][rig.lay.kind] + 0.04 * rig.lay.spread);
                let (half, high) = (base * [0.34, 0.24][rig.lay.kind], base * [0.46, 0.56][rig.lay.kind]);
                let mut seed = site.seed("summit");
                let top = within(&mut seed, 0.36, 0.64);
                let line = ridge(&mut seed, x - half, x + half, y + 10.0, high, top);
                let tone = mix(rock[0], rock[1], 0.6);
                let tones = Tones { dark: mix(tone, hour.near, 0.42), body: tone, light: mix(tone, core, 0.42), lip: mix(tone, core, 0.6) };
                let body = crag(&mut pen, &mut seed, &line, y + 10.0, &tones, lit_from(site, x));
                if let Some(white) = high_snow {
                    let (sx, sy) = line.iter().fold((x, f32::MAX), |a, q| if q.1 < a.1 { *q } else { a });
                    let cap: Vec<(f32, f32)> =
                        [(-0.30, 0.34), (-0.14, 0.25), (-0.05, 0.36), (0.06, 0.22), (0.16, 0.32), (0.30, 0.28), (0.2, -0.1), (-0.2, -0.1)]
                            .iter()
                            .map(|&(dx, t)| (sx + half * dx, sy + high * t))
                            .collect();
                    pen.poly(&cap, white, |q| q.flat().alpha(0.9).clip(&body));
                }
            }
            pen.rect(stage.left() - 8.0, y + 40.0, stage.right() + 8.0, stage.bottom() + 8.0, rock[i], |q| q.flat());
        }
        let to = usize::from(i > 0);
        plates[to].paper(&g, &lit(site, y, [0.40, 0.24, 0.10][i]));
        fog(site, y - base * 0.06, y + 60.0, 1.0, &format!("peak-fog-{i}"), &mut plates[to]);
    }
    for (i, y) in [at.ground, at.near, at.near + (h - at.near) * 0.6].into_iter().enumerate() {
        let to = [2, 3, 3][i];
        let mut seed = site.seed(&format!("ledge-{i}"));
        let mut g = sheet(stage, site.number("ledge") ^ i as u64);
        {
            let mut pen = Pen::new(&mut g, stage, rig.style);
            let (line, top) = crest(stage, &mut seed, y, [8.0, 20.0, 26.0][i]);
            let color = mix(rock[2], rock[3], [0.25, 0.65, 1.0][i]);
            let body = ground(&mut pen, stage, &line, color, mix(color, core, 0.5 - 0.12 * i as f32));
            if i == 0 {
                let tone = mix(hour.path, color, 0.35);
                pen.shape(
                    &[
                        p(w * rig.lay.x(0.70), y + 6.0),
                        p(w * rig.lay.x(0.62), y + h * 0.03),
                        p(w * rig.lay.x(0.40), y + h * 0.07),
                        p(w * rig.lay.x(0.30), y + h * 0.3),
                        p(w * rig.lay.x(0.62), y + h * 0.3),
                        p(w * rig.lay.x(0.58), y + h * 0.08),
                        p(w * rig.lay.x(0.76), y + h * 0.03),
                    ],
                    tone,
                    |q| q.edge(Edge::Soft).flat().alpha(0.8).clip(&body),
                );
            }
            for _ in 0..7 {
                let x = seed.range(-0.05, 1.05) as f32 * w;
                let (k, yy) = (seed.range(10.0, 26.0) as f32 * (1.0 + i as f32 * 0.7), y + seed.range(14.0, 60.0) as f32);
                let away = (x - top.0).abs() > w * 0.08;
                if away {
                    let body = mix(color, rock[3], 0.15);
                    let tones = Tones { dark: mix(body, hour.near, 0.5), body, light: mix(body, core, 0.4), lip: mix(body, core, 0.6) };
                    boulder(&mut pen, &mut seed, x, yy, k * 2.0, k * 1.2, &tones, lit_from(site, x));
                }
            }
        }
        plates[to].paper(&g, &lit(site, y, 0.0).blur(if i == 2 { 1.2 * u } else { 0.0 }));
        if i == 0 {
            standing(site, at, &mut plates[to]);
        }
    }
    finished(
        plates,
        [("sky", parallax::SKY, 0), ("peaks", parallax::FAR, 300), ("ledge", parallax::ACTORS, 600), ("ledge-near", parallax::NEAR, 900)],
    )
}
