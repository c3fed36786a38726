//! The sky and the sea that several places share.

use contracts::{
    Seed,
    assets::{Sway, TrackProperty},
    story::Weather,
};

use super::{
    Lay, Scene, Site,
    palette::{Disc, Hour, hex, mix},
    pen::{Pen, group},
    plate::{Plate, unlit},
    rig::{Rig, Stage},
};
use crate::{
    light::{self, Lit},
    motion::{self, Motion},
    paper::{Edge, Group, Pt, Rgb, c, p},
};

/// In how many handfuls stars twinkle and water glitters, each in its own time.
const TWINKLES: usize = 2;
const GLITTERS: usize = 2;

/// Where the moon or sun stands: view units, and its radius.
pub fn disc_spot(rig: &Rig) -> (f32, f32, f32) {
    disc_at(&rig.stage, &rig.hour, rig.scene, rig.lay)
}

/// Where the moon or sun stands over a scene: over dry land it is large, and low at the ends of the day.
pub fn disc_at(stage: &Stage, hour: &Hour, scene: Scene, lay: Lay) -> (f32, f32, f32) {
    let (x, y, r) = disc_of(stage, hour, scene);
    let (dx, dy) = [(0.0, 0.0), (0.06, -0.03), (-0.05, 0.03)][lay.kind];
    // A large low sun stays where the land is open.
    let k = if scene.dry() && hour.low { 0.4 } else { 1.0 };
    (stage.w * lay.x(x / stage.w + dx * k), y + stage.h * dy * k, r)
}

fn disc_of(stage: &Stage, hour: &Hour, scene: Scene) -> (f32, f32, f32) {
    let (w, h) = (stage.w, stage.h);
    if scene.dry() {
        let short = w.min(h);
        return match (hour.low, hour.disc) {
            (true, _) if stage.tall() => (w * 0.54, h * 0.435, short * 0.285),
            (true, _) if stage.narrow() => (w * 0.54, h * 0.445, short * 0.25),
            (true, _) => (w * 0.54, h * 0.45, short * 0.255),
            (false, Disc::Moon) => (w * 0.62, h * 0.235, short * 0.115),
            _ => (w * 0.68, h * 0.165, short * 0.085),
        };
    }
    let r = if hour.disc == Disc::Sun { 74.0 } else { 62.0 };
    if stage.tall() { (w * 0.36, h * 0.22, r * 1.15) } else { (w * 0.234, h * 0.23, r) }
}

/// The opaque far plate: gradient, stars, rings, disc, clouds. `horizon` in view units.
pub fn sky(site: &Site, horizon: f32, plate: &mut Plate) {
    heaven(site, horizon, plate);
    let mut aloft = Plate::new(&site.stage);
    clouds(site, horizon, &mut aloft);
    if !aloft.is_empty() {
        plate.passing("clouds", aloft.plane(), Motion { sway: Some(cloud_drift(site)), ..Motion::default() }, 20);
    }
}

/// Clouds go so slowly that no shot sees them turn back: three units a second where they are quickest, and there they begin.
fn cloud_drift(site: &Site) -> Sway {
    let mut seed = site.seed("cloud-drift");
    let side = if seed.below(2) == 0 { 1 } else { -1 };
    Sway { dx: rig_px(site, 26.0) * side, dy: 0, period_ms: seed.between(48_000, 58_000) as u32, phase: seed.below(40) as u32 }
}

/// The sky without its clouds.
pub fn heaven(site: &Site, horizon: f32, plate: &mut Plate) {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let u = stage.u;
    let px = |y: f32| y * u + stage.origin.1;
    let height = stage.canvas.height as f32;
    let bands = [
        (px(0.0) / height, hour.sky[0]),
        (px(horizon * 0.72) / height, hour.sky[1]),
        (px(horizon * 1.02) / height, hour.sky[2]),
        (px(horizon * 1.8) / height, hour.sky[2]),
    ];
    plate.over(&light::sky(&bands, 0.03, height, 0.016, stage.rect(), site.number("sky")));
    let (dx, dy, r) = disc_spot(rig);
    let mut seed = site.seed("stars");
    if hour.stars {
        let mut g = group(stage, stage.left(), stage.top(), stage.right(), horizon * 0.85, site.number("stars"));
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let mut twinkling = Vec::new();
        for _ in 0..90 {
            let (x, y) = (seed.range(-0.08, 1.08) as f32 * stage.w, seed.range(-0.12, 0.80) as f32 * horizon);
            let r = [0.7, 0.7, 0.9, 0.9, 1.2, 1.7][seed.below(6) as usize];
            let a = seed.range(0.3, 0.9) as f32 * (1.0 - (y / horizon).max(0.0) * 0.9);
            let away = ((x - dx) * (x - dx) + (y - dy) * (y - dy)).sqrt();
            if away > 80.0 {
                // The brightest are restless: a part of each comes and goes.
                let part = if r > 1.0 { 0.35 } else { 1.0 };
                pen.disc(x, y, r, hex("#dfe8ff"), |q| q.clean().flat().tex(0.0).alpha(a * part));
                if r > 1.0 {
                    twinkling.push((x, y, r, a));
                }
            }
        }
        plate.paper(&g, &Lit::plain().grain(0.0));
        for n in 0..TWINKLES {
            let mut seed = site.seed(&format!("twinkle-{n}"));
            let mut g = group(stage, stage.left(), stage.top(), stage.right(), horizon * 0.85, site.number("stars"));
            let mut pen = Pen::new(&mut g, stage, rig.style);
            for (x, y, r, a) in twinkling.iter().skip(n).step_by(TWINKLES) {
                pen.disc(*x, *y, r * 1.2, hex("#f2f6ff"), |q| q.clean().flat().tex(0.0).alpha(*a));
            }
            let twinkle = motion::swing(&mut seed, TrackProperty::Opacity, 560.0, 440.0, (1_500, 3_400));
            plate.upon(&format!("twinkle-{n}"), unlit(&g), Motion::of([twinkle]));
        }
    }
    if hour.disc != Disc::None {
        let foggy = hour.haze_k > 1.3;
        let [face, lip, ring, glow] = hour.disc_colours;
        // Stacked vellum around a sun as large as the reference's.
        let large = r > 110.0;
        let (rings, shade): (&[(f32, f32)], f32) = if large {
            (&[(2.3, 0.20), (1.8, 0.26), (1.38, 0.34)], 0.22)
        } else if hour.disc == Disc::Sun {
            (&[(2.3, 0.14), (1.8, 0.19), (1.35, 0.26)], 0.10)
        } else {
            (&[(3.8, 0.035), (2.7, 0.05), (1.8, 0.07)], 0.0)
        };
        let reach = r * 4.0;
        let mut g = group(stage, dx - reach, dy - reach, dx + reach, dy + reach, site.number("disc"));
        let mut pen = Pen::new(&mut g, stage, rig.style);
        if !foggy {
            for (k, a) in rings {
                pen.disc(dx, dy, r * k, ring, |q| q.edge(Edge::Soft).alpha(*a).sh(0.0, 3.0, 10.0, shade).tex(0.4));
            }
        }
        let a = if foggy { 0.45 } else { 1.0 };
        pen.disc(dx, dy, r, face, |q| {
            let q = q.edge(Edge::Soft).tex(0.8).alpha(a).sh(3.0, 5.0, 10.0, 0.25 * a);
            if foggy { q } else { q.core(lip) }
        });
        if hour.disc == Disc::Moon && !foggy {
            for (x, y, q) in [(-20.0, -12.0, 13.0), (16.0, 14.0, 17.0), (24.0, -24.0, 8.0), (-12.0, 26.0, 7.0)] {
                let s = r / 62.0;
                pen.disc(dx + x * s, dy + y * s, q * s, mix(face, hex("#b8a888"), 0.45), |q| q.flat().alpha(0.6).k(0.5));
            }
        }
        plate.paper(&g, &Lit::plain());
        let (gx, gy) = stage.xf().pt(dx, dy);
        let k = if hour.disc == Disc::Sun { 0.55 } else { 0.42 };
        plate.screen(&light::glow(
            gx,
            gy,
            r * if large { 3.0 } else { 6.8 } * u,
            glow,
            k * if foggy { 0.6 } else { 1.0 },
            stage.rect(),
            site.number("disc-glow"),
        ));
    }
}

/// The clouds of the sky.
pub fn clouds(site: &Site, horizon: f32, plate: &mut Plate) {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let mut seed = site.seed("clouds");
    let w = stage.w;
    let (dx, dy, r) = disc_spot(rig);
    let n = if hour.disc == Disc::None { 5 } else { 3 };
    for i in 0..n {
        // Each composition has its own sky; the first is the reference's.
        let rows = [
            [(0.28, -0.10, 0.28), (0.59, 0.30, 1.12), (0.75, -0.08, 0.58), (0.16, 0.42, 1.14), (0.42, -0.10, 0.72)],
            [(0.20, 0.52, 1.12), (0.50, -0.12, 0.34), (0.68, 0.40, 0.86), (0.34, -0.10, 0.46), (0.80, -0.12, 0.50)],
            [(0.16, 0.26, 0.66), (0.40, 0.70, 1.14), (0.82, 0.06, 1.12), (0.56, -0.12, 0.40), (0.28, -0.12, 0.30)],
        ];
        let (y, a, b) = rows[rig.lay.kind][i.min(4)];
        let (a, b) = (rig.lay.x(a), rig.lay.x(b));
        let (y, x0, x1) = (horizon * (y + 0.05 * rig.lay.spread), a.min(b), a.max(b));
        // Before a large low sun they keep to its sides.
        let (y, x0, x1) = match i {
            0 if r > 110.0 => (horizon * 0.36, -0.12, 0.30),
            1 if r > 110.0 => (horizon * 0.54, 0.74, 1.14),
            2 if r > 110.0 => (horizon * 0.74, -0.14, 0.22),
            _ => (y, x0, x1),
        };
        let y = y + seed.range(-14.0, 14.0) as f32;
        let (x0, x1) = ((x0 + seed.range(-0.05, 0.05) as f32) * w, (x1 + seed.range(-0.06, 0.06) as f32) * w);
        let color = hour.clouds[i % 3];
        let mut points: Vec<Pt> = (0..9)
            .map(|j| {
                let t = j as f32 / 8.0;
                let lift = libm::sinf(core::f32::consts::PI * t) * seed.range(0.5, 1.3) as f32;
                p(x0 + (x1 - x0) * t, y - 34.0 * lift - if j % 2 == 1 { 14.0 } else { 0.0 })
            })
            .collect();
        points.extend([p(x1 - 60.0, y + 22.0), p((x0 + x1) * 0.5, y + 34.0), p(x0 + 60.0, y + 24.0)]);
        let mut g = group(stage, x0 - 60.0, y - 100.0, x1 + 60.0, y + 80.0, site.number("cloud") ^ i as u64);
        let core = mix(color, hour.cloud_core, 0.40);
        let soft = hour.disc == Disc::None || hour.haze_k > 1.3;
        Pen::new(&mut g, stage, rig.style).shape(&points, color, |q| {
            let q = q.edge(Edge::Torn).sh(3.0, 7.0, 10.0, 0.30);
            if soft { q.alpha(0.8) } else { q.core(core) }
        });
        let (lx, ly) = stage.xf().pt(dx, dy);
        plate.paper(
            &g,
            &Lit::plain().light(lx, ly, r * 6.8 * stage.u, Rgb(0.55, 0.62, 0.75), if hour.disc == Disc::None { 0.0 } else { 0.45 }, 1.7),
        );
    }
}

/// How a stretch of water lies in the frame.
#[derive(Clone, Copy)]
pub struct Sea {
    /// Horizon, view units.
    pub horizon: f32,
    /// Height from the horizon to the lowest crest; the reference's sea is 226.
    pub span: f32,
    /// Size of the nearest waves against the reference's.
    pub scale: f32,
}

/// One sheet of waves from a line down to the bottom of the stage.
#[allow(clippy::too_many_arguments, reason = "a wave is these numbers")]
pub fn waves(pen: &mut Pen, seed: &mut Seed, x: (f32, f32), y: f32, bottom: f32, amp: f32, length: f32, color: Rgb, core: Rgb) {
    let mut points: Vec<Pt> = Vec::new();
    let mut at = x.0 - 80.0;
    while at < x.1 + 80.0 {
        let w = length * seed.range(0.7, 1.3) as f32;
        let a = amp * seed.range(0.5, 1.2) as f32;
        let yy = y + seed.range(-0.2, 0.2) as f32 * amp;
        points.extend([c(at, yy), p(at + w * 0.35, yy + a * 0.55), p(at + w * 0.7, yy + a * 0.1), p(at + w * 0.92, yy - a * 0.55)]);
        at += w;
    }
    points.extend([c(at, y), c(at, bottom + 30.0), c(x.0 - 80.0, bottom + 30.0)]);
    pen.shape(&points, color, |q| q.edge(Edge::Soft).core(core).sh(0.0, -3.0, 7.0, 0.35).k(0.8));
}

/// Sheets `from..to` of the sea (0 far, 4 near) with moon glitter and the fog between them.
pub fn sea(site: &Site, sea: Sea, from: usize, to: usize, plate: &mut Plate) {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let rise = [0.0, 0.15, 0.354, 0.633, 1.0];
    let (mx, _, _) = disc_spot(rig);
    let light_k = if hour.disc == Disc::None { 0.15 } else { 0.55 };
    for i in from..to {
        let y = sea.horizon + sea.span * rise[i];
        let amp = [5.0, 9.0, 14.0, 22.0, 32.0][i] * sea.scale;
        let length = [60.0, 90.0, 130.0, 190.0, 270.0][i] * sea.scale;
        let color = hour.sea[i];
        let core = mix(color, hour.sea_core, if i < 4 { 0.55 } else { 0.40 });
        let bottom = if i + 1 < to { sea.horizon + sea.span * rise[i + 1] + 90.0 } else { stage.bottom() };
        let bottom = bottom.min(stage.bottom());
        let mut g = group(stage, stage.left(), y - amp * 2.0 - 14.0, stage.right(), bottom, site.number("sea") ^ i as u64);
        let mut seed = site.seed(&format!("sea-{i}"));
        waves(&mut Pen::new(&mut g, stage, rig.style), &mut seed, (stage.left(), stage.right()), y, bottom, amp, length, color, core);
        let (lx, ly) = stage.xf().pt(mx, y + 18.0 + 12.0 * i as f32);
        let t = [0.45, 0.30, 0.16, 0.06, 0.0][i] * hour.haze_k;
        plate.paper(
            &g,
            &Lit::plain().haze(hour.haze, t.min(0.85)).light(
                lx,
                ly,
                330.0 * stage.u,
                Rgb(0.7, 0.8, 0.95),
                (light_k - 0.08 * i as f32).max(0.0),
                1.7,
            ),
        );
        if hour.disc != Disc::None && hour.haze_k < 1.3 {
            let tint = mix(hour.disc_colours[0], hex("#ffffff"), 0.2);
            // Two handfuls: the water turns one to the light while it takes another away.
            for n in 0..GLITTERS {
                let mut g = group(stage, mx - 420.0, y - 4.0, mx + 420.0, y + 90.0, site.number("glitter") ^ i as u64);
                let mut pen = Pen::new(&mut g, stage, rig.style);
                for _ in 0..7 {
                    let spread = 30.0 + 16.0 * i as f32;
                    let x = mx + (seed.unit() + seed.unit() + seed.unit() - 1.5) as f32 * 2.0 * spread;
                    let yy = y + seed.range(6.0, 38.0 + 8.0 * i as f64) as f32 * sea.span / 226.0;
                    let w = seed.range(8.0, 30.0 + 10.0 * i as f64) as f32;
                    let h = 1.6 + 0.3 * i as f32;
                    pen.shape(&[c(x - w, yy), p(x, yy - h), c(x + w, yy), p(x, yy + h)], tint, |q| q.flat().alpha(0.62).clean().tex(0.2));
                }
                let mut own = site.seed(&format!("glint-{i}-{n}"));
                let period = own.between(1_350, 1_900) as u32;
                let phase = (n as f64 + own.range(-0.12, 0.12)) / GLITTERS as f64;
                let glint = motion::wave(TrackProperty::Opacity, 520.0, 480.0, period, phase);
                plate.upon(&format!("glitter-{n}"), unlit(&g), Motion::of([glint]));
            }
        }
        if (1..4).contains(&i) {
            fog(site, y - 40.0, y + 90.0, 0.8, &format!("sea-fog-{i}"), plate);
        }
    }
}

/// A band of fog in the strength of the weather, `k` against the hour's.
pub fn fog(site: &Site, y0: f32, y1: f32, k: f32, part: &str, plate: &mut Plate) {
    let (rig, stage) = (site.rig, &site.stage);
    let y = |v: f32| v * stage.u + stage.origin.1;
    let k = (rig.hour.fog_k * k).min(0.9);
    plate.over(&light::fog(rig.hour.fog, y(y0), y(y1), k, 220.0 * stage.u, stage.rect(), site.number(part)));
}

/// The slow motion of a sheet of water: nearer sheets slide further.
pub fn drift(site: &Site, part: &str, near: f32) -> Option<Sway> {
    let mut seed = site.seed(part);
    let px = rig_px(site, 6.0 + 18.0 * near);
    let side = if seed.below(2) == 0 { 1 } else { -1 };
    Some(Sway {
        dx: px * side,
        dy: rig_px(site, 0.6 + 1.4 * near),
        period_ms: seed.between(4600, 6900) as u32,
        phase: seed.below(1000) as u32,
    })
}

fn rig_px(site: &Site, units: f32) -> i32 {
    (units * site.stage.u * 1000.0) as i32
}

/// Streaks and drops on a window pane.
pub fn wet_glass(pen: &mut Pen, seed: &mut Seed, x0: f32, y0: f32, x1: f32, y1: f32, clip: &crate::paper::Outline) {
    let area = (x1 - x0) * (y1 - y0) / (328.0 * 300.0);
    pen.g.set_clip(Some(clip));
    for _ in 0..(75.0 * area) as usize {
        let (a, b) = (seed.range(f64::from(x0), f64::from(x1) + 30.0) as f32, seed.range(f64::from(y0) - 30.0, f64::from(y1)) as f32);
        let l = seed.range(16.0, 50.0) as f32;
        let (w, k) = (seed.range(0.7, 1.7) as f32, seed.range(0.2, 0.6) as f32);
        pen.line(&[(a, b), (a - l * 0.22, b + l)], hex("#b8cadd"), w, k, false);
    }
    for _ in 0..(26.0 * area) as usize {
        let (a, b) = (seed.range(f64::from(x0), f64::from(x1)) as f32, seed.range(f64::from(y0), f64::from(y1)) as f32);
        let r = seed.range(1.2, 2.6) as f32;
        pen.disc(a, b, r, hex("#cfe0ee"), |q| q.clean().flat().tex(0.0).alpha(0.6));
    }
    pen.g.set_clip(None);
}

/// Tufts of grass along a line: `h` the heights.
#[allow(clippy::too_many_arguments, reason = "grass is these numbers")]
pub fn grass(pen: &mut Pen, seed: &mut Seed, x0: f32, x1: f32, y: f32, h: (f32, f32), count: usize, color: Rgb) {
    for _ in 0..count {
        let x = seed.range(f64::from(x0), f64::from(x1)) as f32;
        let y = y + seed.range(-22.0, 20.0) as f32;
        let h = seed.range(f64::from(h.0), f64::from(h.1)) as f32;
        let l = seed.range(-0.5, 0.2) as f32;
        pen.shape(
            &[
                c(x - 4.0, y + 20.0),
                p(x - 1.0 + h * l * 0.4, y - h * 0.5),
                c(x + h * l, y - h),
                p(x + 3.0 + h * l * 0.4, y - h * 0.5),
                c(x + 4.0, y + 20.0),
            ],
            color,
            |q| q.flat().clean().k(0.4).tex(0.3),
        );
    }
}

/// What the wind does to grass and leaves: a few units aside, in two waves that do not keep step.
pub fn wind(site: &Site, part: &str) -> Motion {
    let mut seed = site.seed(&format!("wind-{part}"));
    let gust = match site.place.weather {
        Weather::Storm => 9.0,
        Weather::Rain | Weather::Snow => 5.5,
        _ => 3.6,
    };
    let reach = |k: f32| f64::from(gust * k * site.stage.u) * 1000.0;
    let long = motion::swing(&mut seed, TrackProperty::X, 0.0, reach(1.0), (3_300, 4_700));
    let short = motion::swing(&mut seed, TrackProperty::Y, 0.0, reach(0.22), (1_700, 2_600));
    Motion::of([long, short])
}

/// What warm air does to what is seen through it: two units aside, coming and going.
pub fn tremble(site: &Site, part: &str) -> Motion {
    let mut seed = site.seed(&format!("tremble-{part}"));
    let reach = f64::from(2.0 * site.stage.u) * 1000.0;
    Motion::of([
        motion::swing(&mut seed, TrackProperty::X, 0.0, reach, (900, 1_400)),
        motion::swing(&mut seed, TrackProperty::Opacity, 680.0, 320.0, (1_300, 2_100)),
    ])
}

/// A group over a band of the stage.
pub fn band(site: &Site, y0: f32, y1: f32, part: &str) -> Group {
    group(&site.stage, site.stage.left(), y0, site.stage.right(), y1, site.number(part))
}
