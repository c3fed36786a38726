//! A river between its banks: it comes towards the viewer, or runs across the picture, or falls over rocks; with a bridge, a
//! mill or stepping stones where the look names them. People stand on the near bank.

use contracts::{Seed, picture::Framing};

use super::{
    Site,
    palette::{hex, mix},
    parallax,
    parts::{self, Tones, Tree, boulder, crag, glitter, hill, leaves, lit_from, ridge, slope, tree, within},
    pen::{Pen, sheet},
    plate::Plate,
    sky::{self, band, drift, fog, grass},
    stood::{Spots, burn, furnish},
    village,
};
use crate::{
    light::Lit,
    paint::PaintedPlane,
    paper::{Edge, Outline, Pt, Rgb, Rule, c, p},
};

/// The trees of a location: one kind that is its own, and a second one between.
pub fn grove(site: &Site) -> [Tree; 2] {
    let mut seed = site.seed("grove");
    let kinds = [Tree::Broad, Tree::Willow, Tree::Poplar, Tree::Fir];
    let own = seed.below(4) as usize;
    let pair = [kinds[own], kinds[(own + 1 + seed.below(3) as usize) % 4]];
    if site.rig.hour.snow > 0.0 { pair.map(|k| if k == Tree::Fir { k } else { Tree::Bare }) } else { pair }
}

/// Trees along a line in view units between two x, their feet on it.
#[allow(clippy::too_many_arguments, reason = "a row of trees is these numbers")]
pub fn row(
    pen: &mut Pen,
    site: &Site,
    seed: &mut Seed,
    line: &[(f32, f32)],
    x0: f32,
    x1: f32,
    high: f32,
    count: usize,
    depth: usize,
    far: f32,
) {
    let hour = &site.rig.hour;
    let kinds = grove(site);
    let greens = [leaves(site, "#5f8f58", depth).far(hour.haze, far), leaves(site, "#7a9650", depth).far(hour.haze, far)];
    let bark = mix(mix(site.rig.style.tone(hex("#6a5648")), hour.land[depth], if hour.lamps { 0.65 } else { 0.2 }), hour.haze, far);
    for i in 0..count {
        let t = (i as f32 + 0.5 + within(seed, -0.42, 0.42)) / count as f32;
        let x = x0 + (x1 - x0) * t;
        let own = usize::from(seed.below(4) == 0);
        let tall = high * within(seed, 0.72, 1.18) * if kinds[own] == Tree::Poplar { 1.25 } else { 1.0 };
        let y = parts::height_at(line, x) + within(seed, 2.0, 8.0);
        tree(pen, seed, kinds[own], x, y, tall, bark, &greens[own], lit_from(site, x));
    }
}

/// Where land and water meet in a framing: horizon, upper edge of the water, near bank; view units.
fn lie(site: &Site) -> (f32, f32, f32) {
    let h = site.stage.h;
    let lift = site.rig.lay.lift;
    let (horizon, water, ground) = match site.framing {
        Framing::Wide => (0.455 + 0.045 * lift, 0.545 + 0.03 * lift, 0.815),
        Framing::Full => (0.43 + 0.03 * lift, 0.52 + 0.03 * lift, 0.79),
        _ => (0.46 + 0.04 * lift, 0.57 + 0.03 * lift, 0.885),
    };
    (h * horizon, h * water, h * ground)
}

/// Paints a river.
pub fn paint(site: &Site) -> Vec<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let (w, h, u) = (stage.w, stage.h, stage.u);
    let near = site.framing == Framing::MediumTwo;
    let zoom = match site.framing {
        Framing::Wide => 1.0,
        Framing::Full => 1.35,
        _ => 1.5,
    } * (w / 1280.0).clamp(0.62, 1.0);
    let lay = rig.lay;
    let (horizon, shore, ground) = lie(site);
    let mut planes = Vec::new();
    // Sky and the far land.
    let mut far = Plate::new(stage);
    sky::sky(site, horizon, &mut far);
    let mut seed = site.seed("far-land");
    let knots: &[(f32, f32)] = match lay.kind {
        0 => &[(0.0, -0.10), (0.22, -0.15), (0.42, -0.035), (0.55, -0.01), (0.72, -0.08), (1.0, -0.17)],
        1 => &[(0.0, -0.03), (0.25, -0.06), (0.5, -0.13), (0.72, -0.20), (0.88, -0.12), (1.0, -0.06)],
        _ => &[(0.0, -0.22), (0.14, -0.24), (0.34, -0.11), (0.6, -0.05), (0.8, -0.07), (1.0, -0.03)],
    };
    for (i, (k, dy, t)) in [(1.0f32, 0.0f32, 0.42f32), (0.55, 0.03, 0.26)].into_iter().enumerate() {
        let line: Vec<(f32, f32)> =
            knots.iter().map(|q| (q.0 + within(&mut seed, -0.03, 0.03) + 0.08 * i as f32, horizon / h + q.1 * k + dy)).collect();
        let line = slope(site, &line);
        let mut g = band(site, horizon - h * 0.32, stage.bottom(), &format!("far-{i}"));
        {
            let mut pen = Pen::new(&mut g, stage, rig.style);
            hill(&mut pen, site, &line, hour.land[0], hour.land_core[0]);
            if i == 1 {
                row(&mut pen, site, &mut seed, &line, stage.left(), stage.right(), 44.0 * zoom, 15, 0, 0.18);
            }
        }
        far.paper(&g, &Lit::plain().haze(hour.haze, (t * hour.haze_k).min(0.75)).shadow(0.0, -3.0 * u, 8.0 * u, 0.25));
        fog(site, horizon - 40.0, shore + 40.0, 0.9, &format!("far-fog-{i}"), &mut far);
    }
    planes.push(far.done("sky", parallax::SKY, 0, None));
    planes.push(water(site, shore, ground));
    // Far bank, what stands on it, and what crosses the water.
    let mut set = Plate::new(stage);
    let mut g = sheet(stage, site.number("banks"));
    let mut seed = site.seed("banks");
    let mut windows = Vec::new();
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        banks(&mut pen, site, &mut seed, shore, ground, zoom, &mut windows);
        if site.says(&["bridge", "bridges", "arch", "arches"]) {
            bridge(&mut pen, site, shore, ground, zoom);
        } else if site.says(&["stones", "stepping", "ford"]) {
            stepping(&mut pen, site, &mut seed, shore, ground, zoom);
        }
    }
    let amb = if hour.lamps { Rgb(0.80, 0.84, 0.96) } else { mix(hour.ambient, Rgb::WHITE, 0.7) };
    set.paper(
        &g,
        &rig.key
            .on(Lit::plain().ambient(amb).shadow(0.0, 5.0 * u, 12.0 * u, 0.32).haze(hour.haze, (0.07 * hour.haze_k).min(0.4)), stage.ub),
    );
    for (x, y) in windows {
        parts::glow(site, &mut set, x, y, 44.0 * zoom, "#ffb85a", 0.7);
    }
    fog(site, shore - 20.0, ground, 0.7, "river-fog", &mut set);
    planes.push(set.done("banks", parallax::SET, 500, None));
    planes.push(bank(site, ground, near));
    planes.push(reeds(site, near));
    planes
}

/// The water itself: sheets from far to near, its glitter and its current.
fn water(site: &Site, shore: f32, ground: f32) -> PaintedPlane {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let u = stage.u;
    let mut plate = Plate::new(stage);
    let deep = ground + (stage.bottom() - ground) * 0.4;
    for i in 0..3 {
        let t = [0.0, 0.24, 0.60][i];
        let y = shore + (deep - shore) * t;
        let color = mix(hour.sea[i + 1], rig.style.tone(hex("#4a6a58")), if hour.lamps { 0.06 } else { 0.16 });
        let mut g = band(site, y - 20.0, stage.bottom(), &format!("river-{i}"));
        let mut seed = site.seed(&format!("river-{i}"));
        let amp = [2.0, 5.0, 9.0][i];
        sky::waves(
            &mut Pen::new(&mut g, stage, rig.style),
            &mut seed,
            (stage.left(), stage.right()),
            y,
            stage.bottom(),
            amp,
            [90.0, 150.0, 230.0][i],
            color,
            mix(color, hour.sea_core, 0.45),
        );
        let (lx, ly) = stage.xf().pt(sky::disc_spot(rig).0, y + 20.0);
        plate.paper(
            &g,
            &Lit::plain().haze(hour.haze, ([0.34, 0.16, 0.04][i] * hour.haze_k).min(0.7)).light(lx, ly, 420.0 * u, hour.light, 0.4, 1.7),
        );
    }
    let mut g = band(site, shore, stage.bottom(), "current");
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let mut seed = site.seed("current");
        glitter(&mut pen, site, &mut seed, shore + 6.0, deep, 46);
        // The current: long thin slivers of sky.
        let pale = mix(hour.sky[2], hour.sea_core, 0.4);
        for _ in 0..44 {
            let t = seed.unit() as f32;
            let y = shore + 8.0 + (deep - shore) * t * t;
            let x = within(&mut seed, -0.08, 1.08) * stage.w;
            let half = within(&mut seed, 20.0, 70.0) * (0.4 + 1.2 * t);
            let bend = within(&mut seed, -2.0, 2.0);
            pen.shape(&[c(x - half, y + bend), p(x, y - 1.2 - t), c(x + half, y - bend), p(x, y + 1.0 + t)], pale, |q| {
                q.flat().clean().alpha(0.34).tex(0.2)
            });
        }
    }
    plate.paper(&g, &Lit::plain().grain(0.0));
    plate.done("river", parallax::MID, 400, drift(site, "drift-river", 0.35))
}

/// The bank across the water and the ones the river turns round.
fn banks(pen: &mut Pen, site: &Site, seed: &mut Seed, shore: f32, ground: f32, zoom: f32, windows: &mut Vec<(f32, f32)>) {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let (w, h) = (stage.w, stage.h);
    let lay = rig.lay;
    let x = |t: f32| w * lay.x(t);
    let span = ground - shore;
    // A tongue of land from one side: its tip at (tip, y), its foot wide at the frame's edge.
    let tongue = |pen: &mut Pen, seed: &mut Seed, side: f32, tip: f32, y: f32, thick: f32, rise: f32, depth: usize, trees: usize| {
        let edge = if side > 0.0 {
            if lay.flip { stage.left() - 60.0 } else { stage.right() + 60.0 }
        } else if lay.flip {
            stage.right() + 60.0
        } else {
            stage.left() - 60.0
        };
        let tipx = x(tip);
        let at = |t: f32| tipx + (edge - tipx) * t;
        let upper: Vec<(f32, f32)> = [(0.0f32, 0.0f32), (0.10, 0.34), (0.28, 0.62), (0.52, 0.84), (0.78, 1.0), (1.0, 0.96)]
            .iter()
            .map(|&(t, k)| (at(t), y - rise * k * within(seed, 0.92, 1.08)))
            .collect();
        let mut points: Vec<Pt> = upper.iter().map(|q| p(q.0, q.1)).collect();
        points.extend([p(at(1.0), y + thick), p(at(0.6), y + thick * 0.92), p(at(0.28), y + thick * 0.62), p(at(0.08), y + thick * 0.24)]);
        let color = hour.land[depth];
        let body = pen.shape(&points, color, |q| q.edge(Edge::Torn).core(hour.land_core[depth]).sh(0.0, 4.0, 9.0, 0.4).k(0.8));
        // Wet earth where the water takes it.
        let mut lower: Vec<Pt> = vec![
            p(at(-0.02), y + 2.0),
            p(at(0.10), y + thick * 0.16),
            p(at(0.32), y + thick * 0.46),
            p(at(0.64), y + thick * 0.72),
            p(at(1.02), y + thick * 0.78),
        ];
        lower.extend([p(at(1.02), y + thick * 1.2), p(at(0.0), y + thick * 1.2)]);
        pen.shape(&lower, mix(color, hour.near, 0.42), |q| q.edge(Edge::Soft).flat().clip(&body));
        let mut line = upper;
        line.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (a, b) = if at(0.16) < at(0.98) { (at(0.16), at(0.98)) } else { (at(0.98), at(0.16)) };
        row(pen, site, seed, &line, a, b, (92.0 + 26.0 * depth as f32) * zoom, trees, depth, 0.08 * (1 - depth.min(1)) as f32);
        line
    };
    match lay.kind {
        // It winds towards us between tongues of land.
        0 => {
            let line = tongue(pen, seed, 1.0, 0.50, shore + span * 0.06, span * 0.14, span * 0.20, 0, 4);
            mill(pen, site, &line, x(0.80), zoom, windows);
            tongue(pen, seed, -1.0, 0.56 - 0.06 * lay.spread, shore + span * 0.26, span * 0.22, span * 0.26, 0, 4);
            tongue(pen, seed, 1.0, 0.60 + 0.05 * lay.spread, shore + span * 0.52, span * 0.36, span * 0.34, 1, 2);
        }
        // It runs across; the far bank is a wall of trees, or of rock.
        1 => {
            let line: Vec<(f32, f32)> = (0..=6)
                .map(|i| (stage.left() + (stage.right() - stage.left()) * i as f32 / 6.0, shore + within(seed, -8.0, 8.0)))
                .collect();
            let mut points: Vec<Pt> = line.iter().map(|q| p(q.0, q.1 - span * 0.10)).collect();
            points.extend(line.iter().rev().map(|q| p(q.0, q.1 + span * 0.12)));
            let body = pen.shape(&points, hour.land[0], |q| q.edge(Edge::Torn).core(hour.land_core[0]).sh(0.0, 4.0, 9.0, 0.4));
            pen.rect(
                stage.left() - 20.0,
                shore + span * 0.05,
                stage.right() + 20.0,
                shore + span * 0.2,
                mix(hour.land[0], hour.near, 0.42),
                |q| q.flat().clip(&body).k(2.0),
            );
            let top: Vec<(f32, f32)> = line.iter().map(|q| (q.0, q.1 - span * 0.09)).collect();
            row(pen, site, seed, &top, x(0.52).min(x(1.05)), x(0.52).max(x(1.05)), 118.0 * zoom, 7, 0, 0.06);
            row(pen, site, seed, &top, x(-0.05).min(x(0.30)), x(-0.05).max(x(0.30)), 96.0 * zoom, 4, 0, 0.06);
            mill(pen, site, &top, x(0.40), zoom, windows);
            tongue(pen, seed, -1.0, 0.26 + 0.08 * lay.spread, shore + span * 0.58, span * 0.30, span * 0.30, 1, 2);
        }
        // It falls over rocks at one side.
        _ => {
            let tones = Tones::rock(site, 0);
            let from = lit_from(site, x(0.2));
            let foot = shore + span * 0.30;
            let cliff = |pen: &mut Pen, seed: &mut Seed, a: f32, b: f32, high: f32, top: f32| {
                let (a, b) = (x(a).min(x(b)), x(a).max(x(b)));
                let edge = ridge(seed, a, b, foot, high, if lay.flip { 1.0 - top } else { top });
                crag(pen, seed, &edge, foot, &tones, from);
            };
            cliff(pen, seed, -0.12, 0.17, h * 0.34, 0.35);
            cliff(pen, seed, 0.27, 0.50, h * 0.26, 0.30);
            falls(pen, site, seed, x(0.165), x(0.265), shore - h * 0.12, foot + 6.0);
            let line = tongue(pen, seed, 1.0, 0.46, shore + span * 0.10, span * 0.16, span * 0.16, 0, 5);
            mill(pen, site, &line, x(0.72), zoom, windows);
            for _ in 0..5 {
                let (bx, k) = (x(within(seed, 0.06, 0.52)), within(seed, 26.0, 64.0) * zoom);
                let by = foot + within(seed, 0.08, 0.42) * span;
                boulder(pen, seed, bx, by, k, k * 0.66, &Tones::rock(site, 1), from);
                foam(pen, site, seed, bx, by + 3.0, k * 0.62);
            }
        }
    }
}

/// A few slivers of foam round a foot in the water.
fn foam(pen: &mut Pen, site: &Site, seed: &mut Seed, x: f32, y: f32, half: f32) {
    let white = mix(site.rig.hour.sea_core, Rgb::WHITE, 0.2);
    for _ in 0..4 {
        let (fx, fy) = (x + within(seed, -0.7, 0.7) * half, y + within(seed, -2.0, 5.0));
        let l = half * within(seed, 0.3, 0.7);
        pen.shape(&[c(fx - l, fy), p(fx, fy - 2.4), c(fx + l, fy + 1.0), p(fx, fy + 2.2)], white, |q| q.flat().clean().alpha(0.6).tex(0.2));
    }
}

/// Falling water between two x: strips that break at ledges, and mist at their foot.
fn falls(pen: &mut Pen, site: &Site, seed: &mut Seed, a: f32, b: f32, top: f32, foot: f32) {
    let hour = &site.rig.hour;
    let (a, b) = (a.min(b), a.max(b));
    let white = mix(hour.sea_core, Rgb::WHITE, 0.25);
    let body = mix(hour.sea[1], white, 0.45);
    let edge = |t: f32, s: f32| {
        let x = if s < 0.0 { a } else { b };
        (x + s * (3.0 + 9.0 * t * t), top + (foot - top) * t)
    };
    let around = [
        c(a + 2.0, top - 2.0),
        p((a + b) * 0.5, top + 4.0),
        c(b - 2.0, top - 2.0),
        p(edge(0.10, 1.0).0, edge(0.10, 1.0).1),
        p(edge(0.55, 1.0).0, edge(0.55, 1.0).1),
        c(edge(1.0, 1.0).0, foot),
        c(edge(1.0, -1.0).0, foot),
        p(edge(0.55, -1.0).0, edge(0.55, -1.0).1),
        p(edge(0.10, -1.0).0, edge(0.10, -1.0).1),
    ];
    pen.shape(&around, body, |q| q.edge(Edge::Soft).k(0.6).core(white).sh(0.0, 4.0, 8.0, 0.35));
    for i in 0..9 {
        let t = (i as f32 + 0.5) / 9.0;
        let x = a + (b - a) * t;
        let (y0, y1) = (top + within(seed, 0.0, 0.35) * (foot - top), foot - within(seed, 0.0, 0.25) * (foot - top));
        let wide = (b - a) * within(seed, 0.02, 0.05);
        pen.curve(
            &[(x - wide, y0), (x + wide, y0), (x + wide * 1.8, y1), (x - wide * 1.2, y1)],
            if i % 3 == 0 { hour.sea[2] } else { white },
            |q| q.flat().alpha(0.5).edge(Edge::Soft).k(0.5),
        );
    }
    for _ in 0..7 {
        let x = within(seed, a - 20.0, b + 20.0);
        let r = within(seed, 12.0, 26.0);
        pen.ellipse(x, foot + 4.0, r * 1.6, r * 0.7, white, |q| q.flat().alpha(0.42).blur(5.0).tex(0.1));
    }
}

/// A mill at the water with its wheel, where the look names one.
fn mill(pen: &mut Pen, site: &Site, line: &[(f32, f32)], x: f32, zoom: f32, windows: &mut Vec<(f32, f32)>) {
    if !site.says(&["mill", "house", "cottage", "farm", "hut"]) {
        return;
    }
    let mut seed = site.seed("mill");
    let (wide, high) = (110.0 * zoom, 86.0 * zoom);
    let y = parts::height_at(line, x) + 18.0 * zoom;
    windows.extend(village::cottage(pen, site, &mut seed, x - wide * 0.5, y, wide, high, 0.04).0);
    if !site.says(&["mill"]) {
        return;
    }
    let hour = &site.rig.hour;
    let wood = mix(site.rig.style.tone(hex("#5c432e")), hour.near, if hour.lamps { 0.5 } else { 0.15 });
    let (cx, cy, r) = (x - wide * 0.56 * site.rig.lay.m(), y - high * 0.16, high * 0.46);
    let ring = |r: f32| -> Vec<(f32, f32)> {
        (0..=24).map(|i| core::f32::consts::TAU * i as f32 / 24.0).map(|a| (cx + r * libm::cosf(a), cy + r * libm::sinf(a))).collect()
    };
    pen.line(&ring(r), wood, 6.0 * zoom, 1.0, true);
    pen.line(&ring(r * 0.74), wood, 3.0 * zoom, 1.0, true);
    for i in 0..10 {
        let a = core::f32::consts::TAU * (i as f32 + 0.3) / 10.0;
        let (dx, dy) = (libm::cosf(a), libm::sinf(a));
        pen.line(&[(cx, cy), (cx + dx * r, cy + dy * r)], wood, 2.6 * zoom, 1.0, false);
        pen.line(
            &[
                (cx + dx * r - dy * 7.0 * zoom, cy + dy * r + dx * 7.0 * zoom),
                (cx + dx * r + dy * 7.0 * zoom, cy + dy * r - dx * 7.0 * zoom),
            ],
            wood,
            5.0 * zoom,
            1.0,
            false,
        );
    }
    pen.disc(cx, cy, 6.0 * zoom, mix(wood, hour.land_core[0], 0.3), |q| q.clean());
}

/// A bridge of stone: one to three arches, a hump and a parapet.
fn bridge(pen: &mut Pen, site: &Site, shore: f32, ground: f32, zoom: f32) {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let w = stage.w;
    let lay = rig.lay;
    let stone = mix(mix(hour.land[0], hour.wall, if hour.lamps { 0.34 } else { 0.62 }), rig.style.tone(hex("#8a7f72")), 0.25);
    let tones = Tones::of(site, stone);
    let span = ground - shore;
    let foot = shore + span * [0.34, 0.20, 0.44][lay.kind];
    let (a, b) = (w * [0.16, 0.08, 0.30][lay.kind], w * [0.92, 0.80, 1.06][lay.kind]);
    let (a, b) = if lay.flip { (w - b, w - a) } else { (a, b) };
    let hump = [62.0, 34.0, 86.0][lay.kind] * zoom;
    let deck = |x: f32| {
        let t = ((x - a) / (b - a)).clamp(0.0, 1.0) * 2.0 - 1.0;
        foot - 34.0 * zoom - hump * (1.0 - t * t)
    };
    let n = [2usize, 3, 1][lay.kind];
    let mut outer: Vec<(f32, f32)> =
        (0..=20).map(|i| a - 60.0 + (b - a + 120.0) * i as f32 / 20.0).map(|x| (x, deck(x) - 20.0 * zoom)).collect();
    outer.extend([(b + 60.0, foot + 16.0), (a - 60.0, foot + 16.0)]);
    let mut contours = vec![outer];
    let pier = 0.13;
    for i in 0..n {
        let (x0, x1) = (a + (b - a) * (i as f32 + pier) / n as f32, a + (b - a) * (i as f32 + 1.0 - pier) / n as f32);
        let cx = (x0 + x1) * 0.5;
        let top = deck(cx) + 16.0 * zoom;
        let mut arch = vec![(x1, foot + 16.0)];
        arch.extend((0..=14).map(|j| {
            let t = core::f32::consts::PI * j as f32 / 14.0;
            (cx + (x1 - x0) * 0.5 * libm::cosf(t), foot - (foot - top) * libm::sinf(t))
        }));
        arch.push((x0, foot + 16.0));
        // The underside: dark, then the opening is cut a little to the side.
        let shift = if lit_from(site, cx) < 0.0 { -10.0 } else { 10.0 } * 1.6 * zoom;
        let mut under: Vec<(f32, f32)> = arch[1..arch.len() - 1].to_vec();
        under.extend(arch[1..arch.len() - 1].iter().rev().map(|q| (q.0 + shift, q.1 + shift.abs() * 0.35)));
        pen.poly(&under, mix(tones.dark, hour.near, 0.25), |q| q.flat());
        contours.push(arch);
    }
    let whole = contours.clone();
    pen.frame(&contours, tones.body, |q| {
        q.sh(0.0, 6.0, 10.0, 0.45).grad(
            (0.0, foot - hump - 60.0 * zoom),
            (0.0, foot),
            mix(tones.body, tones.light, 0.5),
            mix(tones.body, tones.dark, 0.4),
        )
    });
    let clip = {
        let polys = whole.iter().flat_map(|c| pen.outline(c).polys().to_vec()).collect();
        Outline::new(polys, Rule::EvenOdd)
    };
    let mut seed = site.seed("bridge");
    // Courses, in patches, as stone shows.
    for _ in 0..(60.0 * (b - a) / 900.0) as usize {
        let x = within(&mut seed, a, b);
        let y = within(&mut seed, deck(x), foot + 8.0);
        let l = within(&mut seed, 14.0, 30.0) * zoom;
        pen.rect(x, y, x + l, y + 9.0 * zoom, tones.step(within(&mut seed, -0.7, 0.8)), |q| q.flat().alpha(0.6).k(0.6).clip(&clip));
    }
    for contour in &whole[1..] {
        pen.line(&contour[1..contour.len() - 1], tones.light, 6.0 * zoom, 0.55, true);
    }
    // The parapet.
    let top: Vec<Pt> = (0..=20).map(|i| a - 60.0 + (b - a + 120.0) * i as f32 / 20.0).map(|x| p(x, deck(x) - 26.0 * zoom)).collect();
    let low: Vec<Pt> = (0..=20).rev().map(|i| a - 60.0 + (b - a + 120.0) * i as f32 / 20.0).map(|x| p(x, deck(x) - 14.0 * zoom)).collect();
    pen.shape(&[top, low].concat(), mix(tones.light, tones.body, 0.3), |q| q.sh(0.0, 4.0, 5.0, 0.45).k(0.7));
}

/// Flat stones in a line across the water.
fn stepping(pen: &mut Pen, site: &Site, seed: &mut Seed, shore: f32, ground: f32, zoom: f32) {
    let w = site.stage.w;
    let tones = Tones::rock(site, 1);
    let n = 9;
    for i in 0..n {
        let t = (i as f32 + 0.4) / n as f32;
        let x = w * site.rig.lay.x(0.60 - 0.20 * t + 0.05 * libm::sinf(5.0 * t));
        let y = shore + (ground - shore) * (0.08 + 0.88 * t * t);
        let k = (16.0 + 44.0 * t) * zoom * within(seed, 0.85, 1.15);
        pen.ellipse(x, y + k * 0.22, k * 0.62, k * 0.24, tones.dark, |q| q.sh(0.0, 3.0, 5.0, 0.4));
        pen.ellipse(x, y, k * 0.60, k * 0.20, tones.step(0.5), |q| q.flat());
        foam(pen, site, seed, x, y + k * 0.34, k * 0.7);
    }
}

/// The bank people stand on, with its path, stones and the place's things.
fn bank(site: &Site, ground: f32, near: bool) -> PaintedPlane {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let (w, h, u) = (stage.w, stage.h, stage.u);
    let wide = site.framing == Framing::Wide;
    let mut plate = Plate::new(stage);
    let mut g = band(site, ground - 120.0, stage.bottom(), "bank");
    let mut flames = Vec::new();
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let mut seed = site.seed("bank");
        let dip = [0.0, 0.02, -0.01][rig.lay.kind];
        let g0 = ground / h;
        let line = slope(
            site,
            &[
                (-0.05, g0 - 0.045),
                (0.16, g0 - 0.03),
                (0.36, g0 + 0.005),
                (0.52, g0 + 0.012 + dip),
                (0.70, g0),
                (0.86, g0 - 0.025),
                (1.05, g0 - 0.06 - dip),
            ],
        );
        let body = hill(&mut pen, site, &line, hour.land[1], hour.land_core[1]);
        pen.curve(
            &[
                (w * rig.lay.x(0.40), ground + 12.0),
                (w * rig.lay.x(0.60), ground + 10.0),
                (w * rig.lay.x(0.72), h * 0.93),
                (w * rig.lay.x(0.96), stage.bottom() + 10.0),
                (w * rig.lay.x(0.44), stage.bottom() + 10.0),
                (w * rig.lay.x(0.36), h * 0.92),
            ],
            mix(hour.path, hour.land[1], 0.25),
            |q| q.edge(Edge::Soft).flat().alpha(0.6).clip(&body),
        );
        let tones = Tones::rock(site, 1);
        for _ in 0..if near { 0 } else { 6 } {
            let t = within(&mut seed, 0.0, 0.30);
            let x = w * if seed.below(2) == 0 { t } else { 1.0 - t };
            let k = within(&mut seed, 20.0, 54.0) * if wide { 1.0 } else { 1.5 };
            let y = parts::height_at(&line, x) + within(&mut seed, 12.0, 70.0);
            boulder(&mut pen, &mut seed, x, y, k, k * 0.62, &tones, lit_from(site, x));
        }
        parts::tufts(&mut pen, &mut seed, &line, w * -0.05, w * 1.05, h - ground, 40, mix(hour.land[1], hour.land[2], 0.5));
        if !near {
            let floors = [(w * 0.52, h * 0.905), (w * 0.78, h * 0.90), (w * 0.25, h * 0.90), (w * 0.88, h * 0.93)];
            let head = if wide { 26.0 } else { 70.0 };
            flames = furnish(&mut pen, site, &Spots { wall: &[], board: &floors[1..], floor: &floors, head }, true);
        }
    }
    let amb = if hour.lamps { mix(hour.ambient, Rgb::WHITE, 0.45) } else { mix(hour.ambient, Rgb::WHITE, 0.6) };
    plate.paper(&g, &rig.key.on(Lit::plain().ambient(amb).shadow(0.0, -5.0 * u, 14.0 * u, 0.4), stage.ub));
    burn(site, &mut plate, &flames);
    plate.done("bank", parallax::ACTORS, 600, None)
}

/// Reeds and grass before everything, at the sides; before two people a low hedge of them.
fn reeds(site: &Site, near: bool) -> PaintedPlane {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let (w, h) = (stage.w, stage.h);
    let mut plate = Plate::new(stage);
    let mut g = band(site, h * 0.5, stage.bottom(), "reeds");
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let mut seed = site.seed("reeds");
        let y = h * if near { 1.05 } else { 1.02 };
        let wide = 0.22 + 0.05 * rig.lay.spread;
        let tall = if near { (60.0, 120.0) } else { (44.0, 120.0) };
        grass(&mut pen, &mut seed, stage.left(), w * wide, y, tall, 26, hour.near);
        grass(&mut pen, &mut seed, w * (1.0 - wide * 0.8), stage.right(), y, tall, 22, hour.near);
        if near {
            grass(&mut pen, &mut seed, w * 0.2, w * 0.8, h * 1.07, (30.0, 74.0), 46, hour.near);
        }
        // Bulrushes on one side.
        for _ in 0..6 {
            let x = w * rig.lay.x(within(&mut seed, -0.02, 0.12));
            let top = h * within(&mut seed, 0.72, 0.84);
            let lean = within(&mut seed, -16.0, 16.0);
            pen.line(&[(x, stage.bottom()), (x + lean * 0.4, (top + stage.bottom()) * 0.5), (x + lean, top)], hour.near, 3.4, 1.0, true);
            pen.ellipse(x + lean, top + 14.0, 6.0, 20.0, mix(hour.near, rig.style.tone(hex("#6a4a2c")), 0.3), |q| q.clean().flat());
        }
    }
    plate.paper(&g, &Lit::plain().blur(1.8 * stage.u).shadow(2.0, 3.0, 6.0 * stage.u, 0.4));
    plate.done("reeds", parallax::NEAR, 900, None)
}
