//! Cards: title, end, intertitle, the strip that names a place, and the tag of a stand-in (art direction §11, the reference's `title_card` and
//! `intertitle`). They take the colours and the shapes of their place.

use contracts::{
    Seed,
    picture::{BackgroundSpec, Canvas, CardKind, CardSpec, Facing, Framing, PropSpec, StandInSpec},
};

use crate::{
    light::{self, Lit},
    paint::PaintedPlane,
    paper::{Edge, Group, Pt, Rect, Rgb, c, p},
    places::{
        self, Scene,
        palette::{hex, mix},
        parallax,
        pen::{Pen, group, sheet},
        plate::Plate,
        rig::{Rig, Stage, rig},
        sky::waves,
    },
    props,
    text::{Face, Setting, Type, fit},
};

/// Paints a card.
pub fn card(spec: &CardSpec, canvas: Canvas) -> Vec<PaintedPlane> {
    let rig = rig_of(spec, canvas);
    match spec.card {
        CardKind::Title => title(spec, &rig, false),
        CardKind::End => title(spec, &rig, true),
        CardKind::Intertitle => intertitle(spec, &rig),
        CardKind::Location => location(spec, &rig),
    }
}

fn number(spec: &CardSpec, part: &str) -> u64 {
    Seed::of(&["card", spec.place.location_id.as_str(), part]).next_u64()
}

/// A closed torn ring by a super-ellipse: half axes and exponents of the reference's proscenium.
fn opening(cx: f32, cy: f32, rx: f32, ry: f32, seed: &mut Seed, k: f32) -> Vec<(f32, f32)> {
    let n = 220;
    let wave = |seed: &mut Seed, n: usize| -> Vec<f32> { (0..n).map(|_| seed.range(-1.0, 1.0) as f32).collect() };
    let rings: Vec<(f32, Vec<f32>)> = [(2.6, 34), (1.5, 90), (0.8, 220)].into_iter().map(|(a, n)| (a * k, wave(seed, n))).collect();
    let at = |ring: &[f32], t: f32| {
        let u = t * ring.len() as f32;
        let i = u as usize;
        let f = u - i as f32;
        let f = f * f * (3.0 - 2.0 * f);
        ring[i % ring.len()] * (1.0 - f) + ring[(i + 1) % ring.len()] * f
    };
    (0..n)
        .map(|i| {
            let t = i as f32 / n as f32;
            let a = t * core::f32::consts::TAU;
            let (s, c) = (libm::sinf(a), libm::cosf(a));
            let power = |v: f32, e: f32| libm::powf(v.abs(), e) * if v < 0.0 { -1.0 } else { 1.0 };
            let d: f32 = rings.iter().map(|(a, r)| a * at(r, t)).sum();
            (cx + (rx + d) * power(c, 0.55), cy + (ry + d) * power(s, 0.62))
        })
        .collect()
}

/// Words that have been set and where they stand, units: the upper centre of their block.
struct Lettering {
    set: Setting,
    x: f32,
    y: f32,
    color: Rgb,
    shadow: bool,
    seed: u64,
}

impl Lettering {
    fn paint(&self, plate: &mut Plate, rig: &Rig) {
        let (stage, set, x, y) = (&rig.stage, &self.set, self.x, self.y);
        let mut g = group(stage, x - set.width * 0.5 - 20.0, y - 10.0, x + set.width * 0.5 + 20.0, y + set.height + 20.0, self.seed);
        {
            let mut pen = Pen::new(&mut g, stage, rig.style);
            pen.words(set, x, y, 1.0, self.color, |q| if self.shadow { q.sh(3.0, 4.0, 4.0, 0.55).tex(0.45) } else { q.flat().tex(0.35) });
        }
        plate.paper(&g, &Lit::plain());
    }

    /// From the top of the first line's capitals to the foot of the last line's descenders, pixels.
    fn rect(&self, stage: &Stage) -> Rect {
        let (set, u) = (&self.set, stage.u);
        let first = set.lines.first().map_or(0.0, |l| l.baseline);
        let last = set.lines.last().map_or(0.0, |l| l.baseline);
        let (x0, x1) = (self.x - set.width * 0.5, self.x + set.width * 0.5);
        let (y0, y1) = (self.y + first - set.size * 0.72, self.y + last + set.size * 0.24);
        Rect::edges((x0 * u).floor() as i32, (y0 * u).floor() as i32, (x1 * u).ceil() as i32, (y1 * u).ceil() as i32)
    }
}

/// Where the words of a card stand, in pixels.
pub fn text_boxes(spec: &CardSpec, canvas: Canvas) -> Vec<Rect> {
    let rig = rig_of(spec, canvas);
    let at = proscenium(&rig.stage);
    let words = match spec.card {
        CardKind::Title => title_words(spec, &rig, &at),
        CardKind::End => credit_words(spec, &rig, &at).0,
        CardKind::Intertitle => spoken_words(spec, &rig, &slip(&rig.stage)),
        CardKind::Location => place_words(spec, &rig).0,
    };
    words.iter().filter(|w| !w.set.lines.is_empty()).map(|w| w.rect(&rig.stage)).collect()
}

fn rig_of(spec: &CardSpec, canvas: Canvas) -> Rig {
    let mut place = spec.place.clone();
    place.style = spec.style;
    rig(&place, Framing::Wide, Facing::Front, canvas)
}

/// Where the title's scene and frames lie.
struct Proscenium {
    cx: f32,
    cy: f32,
    rx: f32,
    ry: f32,
}

fn proscenium(stage: &Stage) -> Proscenium {
    Proscenium { cx: stage.w * 0.5, cy: stage.h * 0.479, rx: stage.w * 0.39, ry: stage.h * 0.417 }
}

fn title(spec: &CardSpec, rig: &Rig, end: bool) -> Vec<PaintedPlane> {
    let stage = &rig.stage;
    let (h, u) = (stage.h, stage.u);
    let area = stage.rect();
    let hour = &rig.hour;
    let tone = |s: &str| rig.style.tone(hex(s));
    let at = proscenium(stage);
    let k = size_of(stage);
    let mut planes = Vec::new();
    // Far: the sky of the reference, tinted by the place's hour.
    let deep = |a: &str, b: Rgb| mix(tone(a), b, 0.30);
    let bands = [(0.0, deep("#16223e", hour.sky[0])), (1.0, deep("#3a5578", hour.sky[2]))];
    let mut far = Plate::new(stage);
    far.over(&light::sky(&bands, 0.03, stage.canvas.height as f32, 0.016, area, number(spec, "sky")));
    let (mx, my) = motif_at(&at, stage, k, end);
    far.screen(&light::glow(
        mx * u,
        (my - 126.0 * k * if end { END_MOTIF } else { 1.0 }) * u,
        620.0 * k * u,
        hex("#ffcf86"),
        if end { 0.55 } else { 0.72 },
        area,
        number(spec, "glow"),
    ));
    let water = !rig.scene.dry();
    let seas = [("#3b5a80", 0.675, 10.0, 120.0), ("#1f3556", 0.747, 15.0, 170.0), ("#142542", 0.833, 22.0, 240.0)];
    let sheet_of = |i: usize, plate: &mut Plate| {
        let (color, y, amp, length) = seas[i];
        let mut seed = Seed::of(&["card", spec.place.location_id.as_str(), "sea", &i.to_string()]);
        let color = mix(tone(color), hour.sea[[0, 3, 4][i]], 0.25);
        let core = mix(color, hex("#dfe8f0"), if i == 0 { 0.8 } else { 0.45 });
        let mut g = group(stage, stage.left(), h * y - 60.0, stage.right(), stage.bottom(), number(spec, "sea") ^ i as u64);
        waves(
            &mut Pen::new(&mut g, stage, rig.style),
            &mut seed,
            (stage.left(), stage.right()),
            h * y,
            stage.bottom(),
            amp * k,
            length * k,
            color,
            core,
        );
        plate.paper(&g, &Lit::plain().shadow(0.0, -4.0 * u, 9.0 * u, 0.38));
    };
    if water {
        sheet_of(0, &mut far);
    }
    far.over(&light::fog(mix(tone("#d8b890"), hour.fog, 0.2), h * 0.528 * u, h * 0.75 * u, 0.3, 220.0 * u, area, number(spec, "fog")));
    planes.push(far.done("sky", parallax::SKY, 0, None));
    let mut set = Plate::new(stage);
    motif(spec, rig, &mut set, &at, k, end);
    planes.push(set.done("motif", parallax::MID, 300, None));
    let mut near = Plate::new(stage);
    if water {
        sheet_of(1, &mut near);
        sheet_of(2, &mut near);
    }
    if !near.is_empty() {
        planes.push(near.done("sea", parallax::SET, 420, None));
    }
    // Three nested frames; the words hang between the second and the third.
    let mut frames = Plate::new(stage);
    let frame = [("#2b2c48", "#8f86a0"), ("#1d1e36", "#6a6480"), ("#11121f", "#4a4860")];
    for (i, (color, core)) in frame.into_iter().enumerate() {
        let mut g = sheet(stage, number(spec, "frame") ^ i as u64);
        {
            let mut seed = Seed::of(&["card", spec.place.location_id.as_str(), "frame", &i.to_string()]);
            let grow = i as f32 * k;
            let hole = opening(at.cx, at.cy, at.rx + 52.0 * grow, at.ry + 38.0 * grow, &mut seed, 1.9);
            let (l, r, t, b) = (stage.left() - 9.0, stage.right() + 9.0, stage.top() - 9.0, stage.bottom() + 9.0);
            let outer = vec![(l, t), (r, t), (r, b), (l, b)];
            let inner: Vec<(f32, f32)> = hole
                .iter()
                .enumerate()
                .map(|(j, &(x, y))| {
                    let lip = 1.006 + 0.0045 * libm::sinf(j as f32 * 0.29 + i as f32) * libm::sinf(j as f32 * 0.11);
                    (at.cx + (x - at.cx) * lip, at.cy + (y - at.cy) * lip)
                })
                .collect();
            let mut pen = Pen::new(&mut g, stage, rig.style);
            pen.frame(&[outer.clone(), hole], tone(core), |q| q.flat().tex(0.3));
            pen.frame(&[outer, inner], tone(color), |q| q.flat().tex(0.6));
        }
        let glow = (at.cx * u, h * 0.458 * u, 640.0 * k * u, 1.0);
        frames.paper(&g, &Lit::plain().shadow(0.0, 8.0 * u, 18.0 * u, 0.6).rim(0.0, -3.0 * u, 2.0 * u, hex("#ffcf86"), 0.35, Some(glow)));
    }
    let corners = light::vignette(0.3, (0.5, 0.5), stage.canvas.width as f32, stage.canvas.height as f32, area, number(spec, "vignette"));
    let mut letters = Plate::new(stage);
    if end {
        credits(spec, rig, &at, &mut letters);
    } else {
        title_words(spec, rig, &at).iter().for_each(|w| w.paint(&mut letters, rig));
    }
    planes.push(letters.done("words", parallax::MID, 600, None));
    frames.over(&corners);
    planes.push(frames.done("frames", parallax::FRONT, 900, None));
    planes
}

/// Size of things on a card against the reference's.
fn size_of(stage: &Stage) -> f32 {
    (stage.w / 1280.0).clamp(0.6, 1.0)
}

fn title_words(spec: &CardSpec, rig: &Rig, at: &Proscenium) -> Vec<Lettering> {
    let stage = &rig.stage;
    let (h, k) = (stage.h, size_of(stage));
    let letters = hex("#f4e6c4");
    let soft = hex("#d8c8a4");
    let width = at.rx * 1.72;
    let caps: String = spec.text.join(" ").to_uppercase();
    let set = fit(&caps, Type::new(Face::Bold, 76.0 * k.max(0.8)).tracked(0.118), width, h * 0.22, 2);
    // The last base line at .26 H when there is one line; two lines stand a little higher.
    let first = set.lines.first().map_or(0.0, |l| l.baseline);
    let y = h * if set.lines.len() > 1 { 0.195 } else { 0.26 } - first;
    let last = set.lines.last().map_or(0.0, |l| l.baseline);
    let mut words = vec![Lettering { set, x: at.cx, y, color: letters, shadow: true, seed: number(spec, "words") }];
    let mut y = y + last + 26.0 * k;
    // Small lines stay above the motif's lamp.
    let lines = spec.small.iter().take(3).count().max(1) as f32;
    let room = (h * 0.395 - y).max(24.0) / lines;
    for (i, small) in spec.small.iter().take(3).enumerate() {
        let set = fit(small, Type::new(Face::Italic, 28.0 * k.max(0.8)).tracked(0.07), width * 0.9, room.min(42.0), 1);
        let height = set.height;
        words.push(Lettering { set, x: at.cx, y, color: soft, shadow: true, seed: number(spec, "small") ^ i as u64 });
        y += height;
    }
    words
}

/// The words of an end card on one axis: the title, a rule with a star, the series in italics, then credits, smaller and
/// quieter. The block is centred in the sky above the motif, a little above the middle, where the eye expects it.
fn credits(spec: &CardSpec, rig: &Rig, at: &Proscenium, plate: &mut Plate) {
    let stage = &rig.stage;
    let k = size_of(stage).max(0.8);
    let (words, y) = credit_words(spec, rig, at);
    words[0].paint(plate, rig);
    star_rule(spec, rig, at.cx, y, k, plate);
    words[1..].iter().for_each(|w| w.paint(plate, rig));
}

/// The words of an end card, and where the rule under its title lies.
fn credit_words(spec: &CardSpec, rig: &Rig, at: &Proscenium) -> (Vec<Lettering>, f32) {
    let stage = &rig.stage;
    let (h, k) = (stage.h, size_of(stage).max(0.8));
    let caps: String = spec.text.join(" ").to_uppercase();
    let (letters, soft) = (hex("#f4e6c4"), hex("#d8c8a4"));
    let width = at.rx * 1.72;
    let sky = (h * 0.125, h * 0.50);
    let set = fit(&caps, Type::new(Face::Bold, 60.0 * k).tracked(0.118), width * 0.86, h * 0.16, 2);
    // What is owed to others may take two lines.
    let n = spec.small.len().max(1) as f32 + if spec.small.len() > CREDITS { 1.0 } else { 0.0 };
    let rule = 46.0 * k;
    let line = ((sky.1 - sky.0 - set.height - rule) / (n + 0.25)).min(44.0 * k);
    let tall = set.height + rule + line * (n + 0.25);
    let mut y = sky.0 + ((sky.1 - sky.0 - tall) * 0.42).max(0.0);
    let height = set.height;
    let mut words = vec![Lettering { set, x: at.cx, y, color: letters, shadow: true, seed: number(spec, "words") }];
    y += height + rule * 0.5;
    let star = y;
    y += rule * 0.5;
    for (i, small) in spec.small.iter().enumerate() {
        let (kind, part, color) = if i == 0 {
            (Type::new(Face::Italic, line * 0.66).tracked(0.05), 0.80, soft)
        } else {
            (Type::new(Face::Regular, line * 0.50).tracked(0.06), 0.72, mix(soft, hex("#3a5578"), 0.25))
        };
        let (room, lines) = if i < CREDITS { (line * 1.02, 1) } else { ((sky.1 - y).max(line), 4) };
        let set = fit(small, kind, width * part, room, lines);
        let tall = if i < CREDITS { line } else { set.height };
        words.push(Lettering { set, x: at.cx, y, color, shadow: true, seed: number(spec, "small") ^ i as u64 });
        y += if i == 0 { line * 1.25 } else { tall };
    }
    (words, star)
}

/// A rule with a star in its middle.
fn star_rule(spec: &CardSpec, rig: &Rig, cx: f32, y: f32, k: f32, plate: &mut Plate) {
    let stage = &rig.stage;
    let mut g = group(stage, cx - 200.0 * k, y - 20.0, cx + 200.0 * k, y + 20.0, number(spec, "rule"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let brass = rig.style.tone(hex("#c8a25c"));
        for s in [-1.0f32, 1.0] {
            let x = |v: f32| cx + s * v * k;
            pen.shape(&[c(x(22.0), y), p(x(80.0), y - 1.7), c(x(150.0), y), p(x(80.0), y + 1.7)], brass, |q| q.flat().clean().k(0.3));
        }
        let r = 7.0 * k;
        pen.poly(
            &[
                (cx, y - r),
                (cx + r * 0.3, y - r * 0.3),
                (cx + r, y),
                (cx + r * 0.3, y + r * 0.3),
                (cx, y + r),
                (cx - r * 0.3, y + r * 0.3),
                (cx - r, y),
                (cx - r * 0.3, y - r * 0.3),
            ],
            brass,
            |q| q.flat().clean().k(0.2),
        );
    }
    plate.paper(&g, &Lit::plain());
}

/// Small lines of an end card that are the film's own; those after them name others, and may wrap.
const CREDITS: usize = 2;

/// Size of the motif on an end card against a title's.
const END_MOTIF: f32 = 0.50;

/// Where the motif stands: in the middle; on an end card further out and lower, under the words.
fn motif_at(at: &Proscenium, stage: &Stage, k: f32, end: bool) -> (f32, f32) {
    (at.cx, if end { stage.h * 0.675 - 12.0 * k } else { stage.h * 0.633 })
}

/// The small thing in the middle of a title: what the place is known by.
fn motif(spec: &CardSpec, rig: &Rig, plate: &mut Plate, at: &Proscenium, k: f32, end: bool) {
    let stage = &rig.stage;
    let (h, u) = (stage.h, stage.u);
    let area = stage.rect();
    let tone = |s: &str| rig.style.tone(hex(s));
    let (land, core, dark) = (tone("#22385a"), tone("#7f97b4"), tone("#101b33"));
    let (cx, base) = motif_at(at, stage, k, end);
    let k = if end { k * END_MOTIF } else { k };
    let reach = if rig.scene.dry() { stage.w } else { 420.0 };
    let mut g = group(stage, cx - reach, h * 0.3, cx + reach, stage.bottom(), number(spec, "motif"));
    let mut lamps: Vec<(f32, f32, f32)> = Vec::new();
    let tower = matches!(
        rig.scene,
        Scene::Headland | Scene::Landing | Scene::Gallery | Scene::Water | Scene::LampRoom | Scene::Stair | Scene::Vault
    );
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let mut pen = pen.at(cx, base, k, 1.0);
        let island: [Pt; 7] =
            [p(-120.0, 64.0), p(-50.0, 14.0), p(0.0, -4.0), p(60.0, 14.0), p(150.0, 84.0), p(150.0, 420.0), p(-120.0, 420.0)];
        match rig.scene {
            _ if tower => {
                pen.shape(&island, land, |q| q.edge(Edge::Torn).core(core));
                pen.poly(&[(-22.0, 0.0), (-12.0, -126.0), (12.0, -126.0), (22.0, 0.0)], tone("#1a2a48"), |q| q.sh(3.0, 4.0, 6.0, 0.4));
                pen.rect(-18.0, -130.0, 18.0, -126.0, dark, |q| q.k(0.5));
                pen.poly(&[(-11.0, -130.0), (11.0, -130.0), (10.0, -156.0), (-10.0, -156.0)], hex("#ffe9b0"), |q| {
                    q.clean().flat().tex(0.0)
                });
                pen.poly(&[(-16.0, -155.0), (16.0, -155.0), (0.0, -176.0)], dark, |q| q.flat().k(0.5));
                lamps.push((cx, base - 143.0 * k, 240.0));
            }
            Scene::Forest => {
                let mut seed = Seed::of(&["card", spec.place.location_id.as_str(), "trees"]);
                for i in 0..9 {
                    let x = -260.0 + 65.0 * i as f32;
                    let s = 0.7 + 0.5 * seed.unit() as f32;
                    pen.shape(
                        &[c(x, -120.0 * s), p(x + 34.0 * s, -20.0), c(x + 46.0 * s, 60.0), c(x - 46.0 * s, 60.0), p(x - 34.0 * s, -20.0)],
                        mix(land, dark, 0.5 * seed.unit() as f32),
                        |q| q.edge(Edge::Rag).sh(3.0, 3.0, 7.0, 0.4),
                    );
                }
                lamps.push((cx, base - 40.0 * k, 220.0));
            }
            scene if scene.dry() => {
                pen.disc(0.0, -40.0, 84.0, rig.style.tone(hex("#fff0c0")), |q| q.edge(Edge::Soft).core(hex("#fffbe6")));
                for (i, tone) in rig.hour.land.iter().enumerate() {
                    let y = 20.0 + 60.0 * i as f32;
                    pen.shape(
                        &[
                            p(-1600.0, y),
                            p(-300.0, y - 26.0),
                            p(0.0, y + 14.0),
                            p(320.0, y - 22.0),
                            p(1600.0, y),
                            p(1600.0, 500.0),
                            p(-1600.0, 500.0),
                        ],
                        *tone,
                        |q| q.edge(Edge::Torn).core(rig.hour.land_core[i]).sh(0.0, -3.0, 9.0, 0.35),
                    );
                }
                lamps.push((cx, base - 40.0 * k, 300.0));
            }
            _ => {
                // Cottages on a rise, one window lit.
                pen.shape(
                    &[p(-260.0, 74.0), p(-140.0, 28.0), p(0.0, 10.0), p(140.0, 26.0), p(280.0, 80.0), p(280.0, 420.0), p(-260.0, 420.0)],
                    land,
                    |q| q.edge(Edge::Torn).core(core),
                );
                for (x, y, s, lit) in [(-104.0, 38.0, 0.8, false), (74.0, 34.0, 0.9, true), (-24.0, 24.0, 1.15, true)] {
                    let mut house = pen.at(x, y, s, 1.0);
                    house.poly(&[(-36.0, 0.0), (-36.0, -50.0), (0.0, -84.0), (36.0, -50.0), (36.0, 0.0)], tone("#1a2a48"), |q| {
                        q.sh(3.0, 4.0, 6.0, 0.4)
                    });
                    house.poly(&[(-44.0, -46.0), (0.0, -92.0), (44.0, -46.0), (38.0, -42.0), (0.0, -80.0), (-38.0, -42.0)], dark, |q| {
                        q.sh(2.0, 3.0, 4.0, 0.4)
                    });
                    house.rect(14.0, -88.0, 24.0, -66.0, dark, |q| q.flat());
                    house.rect(-8.0, -38.0, 8.0, -20.0, if lit { hex("#ffca70") } else { dark }, |q| q.clean().flat().tex(0.0));
                    if lit {
                        lamps.push((cx + (x) * k, base + (y - 29.0 * s) * k, 130.0));
                    }
                }
            }
        }
    }
    if tower {
        let (x, y, _) = lamps[0];
        let pi = core::f32::consts::PI;
        for (part, angle) in [("beam-left", pi - 0.12), ("beam-right", 0.12)] {
            plate.screen(&light::beam(x * u, y * u, angle, 0.15, 700.0 * k * u, hex("#ffe3a0"), 0.8, area, number(spec, part)));
        }
    }
    plate.paper(&g, &Lit::plain().shadow(4.0 * u, 4.0 * u, 9.0 * u, 0.35));
    for (x, y, r) in lamps {
        plate.screen(&light::glow(x * u, y * u, r * k * u, hex("#ffdc92"), 0.95, area, number(spec, "lamp") ^ r as u64));
    }
}

/// The words of a location's strip, from one left edge; and the strip: its upper edge, right end and height, units.
fn place_words(spec: &CardSpec, rig: &Rig) -> (Vec<Lettering>, [f32; 3]) {
    let stage = &rig.stage;
    let (w, h, k) = (stage.w, stage.h, size_of(stage).max(0.8));
    let left = w * 0.112;
    let room = w * if stage.narrow() { 0.66 } else { 0.44 };
    let caps: String = spec.text.join(" ").to_uppercase();
    let name = fit(&caps, Type::new(Face::Bold, 27.0 * k).tracked(0.11), room, h * 0.10, 1);
    let hour = fit(&spec.small.join(" "), Type::new(Face::Italic, 21.0 * k).tracked(0.05), room, 32.0 * k, 1);
    let (gap, pad) = (8.0 * k, 11.0 * k);
    let tall = name.height + if spec.small.is_empty() { 0.0 } else { gap + hour.height } + 2.0 * pad;
    // Above captions in a wide frame; in a tall one under the player's upper bar, as people fill the rest.
    let top = if stage.narrow() { h * 0.112 } else { h * 0.735 - tall };
    let right = left + name.width.max(hour.width) + 46.0 * k;
    let (letters, soft) = (hex("#f4e6c4"), hex("#d8c8a4"));
    let mut words = Vec::new();
    let below = top + pad + name.height + gap;
    for (set, y, color, part) in [(name, top + pad, letters, "words"), (hour, below, soft, "small")] {
        if set.lines.iter().any(|line| !line.text.is_empty()) {
            // Lines are set about their middle: each block hangs by its left edge.
            let x = left + set.width * 0.5;
            words.push(Lettering { set, x, y, color, shadow: false, seed: number(spec, part) });
        }
    }
    (words, [top, right, tall])
}

/// A strip of the title's dark paper that comes in from the left edge, with the place, a rule and the hour.
fn location(spec: &CardSpec, rig: &Rig) -> Vec<PaintedPlane> {
    let (stage, u) = (&rig.stage, rig.stage.u);
    let tone = |s: &str| rig.style.tone(hex(s));
    let (words, [top, right, tall]) = place_words(spec, rig);
    let k = size_of(stage).max(0.8);
    let foot = top + tall;
    let mut plate = Plate::new(stage);
    for (grow, color, core, part) in [(5.0 * k, "#2b2c48", "#8f86a0", "under"), (0.0, "#1d1e36", "#6a6480", "strip")] {
        let mut g = group(stage, stage.left(), top - 60.0, right + 90.0, foot + 60.0, number(spec, part));
        let (l, r) = (stage.left() - 30.0, right + grow);
        Pen::new(&mut g, stage, rig.style).poly(
            &[(l, top - grow), (r, top - grow - 2.0), (r + 15.0 * k, top + tall * 0.48), (r - 3.0, foot + grow + 2.0), (l, foot + grow)],
            tone(color),
            |q| q.edge(Edge::Torn).k(1.2).core(tone(core)).tex(0.6).flat(),
        );
        plate.paper(&g, &Lit::plain().shadow(3.0 * u, 6.0 * u, 11.0 * u, 0.5));
    }
    if let [name, hour] = words.as_slice() {
        let mut g = group(stage, 0.0, top, right, foot, number(spec, "rule"));
        let (x0, y) = (name.x - name.set.width * 0.5, hour.y - 2.0 * k);
        let x1 = x0 + name.set.width.max(hour.set.width).min(190.0 * k);
        Pen::new(&mut g, stage, rig.style).shape(
            &[c(x0, y - 1.5), p((x0 + x1) * 0.5, y - 1.1), c(x1, y), p((x0 + x1) * 0.5, y + 1.1), c(x0, y + 1.5)],
            tone("#c8a25c"),
            |q| q.flat().clean().k(0.3),
        );
        plate.paper(&g, &Lit::plain());
    }
    words.iter().for_each(|word| word.paint(&mut plate, rig));
    vec![plate.done("location", parallax::SKY, 1000, None)]
}

/// Where the paper of an intertitle lies, units: left, upper edge, width, height.
fn slip(stage: &Stage) -> [f32; 4] {
    let (w, h) = (stage.w, stage.h);
    let (pw, ph) = ((w * 0.64).max(w.min(760.0) * 0.82), if stage.tall() { h * 0.34 } else { h * 0.50 });
    [(w - pw) * 0.5, h * 0.49 - ph * 0.5, pw, ph]
}

fn spoken_words(spec: &CardSpec, rig: &Rig, slip: &[f32; 4]) -> Vec<Lettering> {
    let [x0, y0, pw, ph] = *slip;
    let tone = |s: &str| rig.style.tone(hex(s));
    let x = x0 + pw * 0.5;
    let ink = tone("#3a2626");
    let text = spec.text.join(" ");
    let small = spec.small.join(" ");
    let room = ph * if small.is_empty() { 0.56 } else { 0.47 };
    let set = fit(&text, Type::new(Face::Italic, 52.0), pw * 0.86, room, 3);
    let y = y0 + ph * 0.36 + (room - set.height) * 0.5;
    let mut words = vec![Lettering { set, x, y, color: ink, shadow: false, seed: number(spec, "words") }];
    if !small.is_empty() {
        let set = fit(&small, Type::new(Face::Regular, 24.0).tracked(0.06), pw * 0.8, ph * 0.10, 1);
        let color = mix(ink, tone("#8a6a42"), 0.5);
        words.push(Lettering { set, x, y: y0 + ph * 0.85, color, shadow: false, seed: number(spec, "small") });
    }
    words
}

/// A dark sea, a torn plate, the words in italics.
fn intertitle(spec: &CardSpec, rig: &Rig) -> Vec<PaintedPlane> {
    let stage = &rig.stage;
    let (w, h, u) = (stage.w, stage.h, stage.u);
    let area = stage.rect();
    let tone = |s: &str| rig.style.tone(hex(s));
    let mut planes = Vec::new();
    let mut far = Plate::new(stage);
    let bands = [(0.0, tone("#141c30")), (1.0, tone("#22304a"))];
    far.over(&light::sky(&bands, 0.03, stage.canvas.height as f32, 0.016, area, number(spec, "sky")));
    for (i, (y, color)) in [(0.611, "#243656"), (0.722, "#1c2c49"), (0.833, "#14213a")].into_iter().enumerate() {
        let color = tone(color);
        let mut seed = Seed::of(&["card", spec.place.location_id.as_str(), "sea", &i.to_string()]);
        let mut g = group(stage, stage.left(), h * y - 70.0, stage.right(), stage.bottom(), number(spec, "sea") ^ i as u64);
        let (amp, length) = (16.0 + 6.0 * i as f32, 150.0 + 60.0 * i as f32);
        waves(
            &mut Pen::new(&mut g, stage, rig.style),
            &mut seed,
            (stage.left(), stage.right()),
            h * y,
            stage.bottom(),
            amp,
            length,
            color,
            mix(color, hex("#cfdcec"), 0.4),
        );
        far.paper(&g, &Lit::plain().shadow(0.0, -4.0 * u, 9.0 * u, 0.4).haze(tone("#3a5070"), 0.2 - 0.08 * i as f32));
    }
    far.screen(&light::glow(w * 0.5 * u, h * 0.444 * u, 800.0 * u, hex("#ffb866"), 0.45, area, number(spec, "glow")));
    planes.push(far.done("sea", parallax::FAR, 0, None));
    let paper = slip(stage);
    let [x0, y0, pw, ph] = paper;
    let mut plate = Plate::new(stage);
    torn_plate(stage, rig, &mut plate, x0, y0, pw, ph, number(spec, "plate"));
    let emblem = h * 0.094;
    let key = PropSpec {
        prop_id: contracts::Id::slug("card-emblem"),
        shape: contracts::Id::slug("key"),
        colours: Vec::new(),
        look: String::new(),
        lit: false,
        inscription: None,
    };
    let mut g = group(stage, x0, y0, x0 + pw, y0 + ph, number(spec, "emblem"));
    let ey = y0 + ph * 0.215;
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        props::paint(&mut pen.at(w * 0.5, ey, emblem * 0.9 / 200.0, 1.0), &key, rig.style);
        for s in [-1.0f32, 1.0] {
            let x = |v: f32| w * 0.5 + s * v * pw / 820.0;
            pen.shape(&[c(x(40.0), ey), p(x(120.0), ey - 3.0), c(x(210.0), ey), p(x(120.0), ey + 3.0)], tone("#8a6a42"), |q| {
                q.flat().clean()
            });
        }
    }
    plate.paper(&g, &Lit::plain().shadow(2.0 * u, 3.0 * u, 3.0 * u, 0.4));
    spoken_words(spec, rig, &paper).iter().for_each(|w| w.paint(&mut plate, rig));
    planes.push(plate.done("plate", parallax::SET, 600, None));
    let mut top = Plate::new(stage);
    top.over(&light::vignette(0.4, (0.5, 0.5), stage.canvas.width as f32, stage.canvas.height as f32, area, number(spec, "vignette")));
    planes.push(top.done("near", parallax::NEAR, 1000, None));
    planes
}

#[allow(clippy::too_many_arguments, reason = "a plate is these numbers")]
fn torn_plate(stage: &Stage, rig: &Rig, plate: &mut Plate, x: f32, y: f32, w: f32, h: f32, seed: u64) {
    let u = stage.u;
    let tone = |s: &str| rig.style.tone(hex(s));
    let around = |g: f32| group(stage, x - g, y - g, x + w + g, y + h + g, seed);
    let mut g: Group = around(60.0);
    Pen::new(&mut g, stage, rig.style).poly(
        &[(x - 22.0, y - 18.0), (x + w + 18.0, y - 26.0), (x + w + 24.0, y + h + 20.0), (x - 28.0, y + h + 28.0)],
        tone("#3a2a2a"),
        |q| q.edge(Edge::Torn).k(1.4).core(tone("#8a6a52")).flat(),
    );
    plate.paper(&g, &Lit::plain().shadow(8.0 * u, 14.0 * u, 24.0 * u, 0.55));
    let mut g: Group = around(40.0);
    Pen::new(&mut g, stage, rig.style).poly(
        &[(x, y), (x + w, y - 8.0), (x + w + 4.0, y + h - 4.0), (x - 5.0, y + h + 4.0)],
        tone("#e4d6b6"),
        |q| q.edge(Edge::Torn).k(1.5).core(tone("#fbf3df")).tex(0.9).flat(),
    );
    plate.paper(
        &g,
        &Lit::plain().shadow(5.0 * u, 8.0 * u, 12.0 * u, 0.5).ambient(Rgb(0.80, 0.78, 0.80)).light(
            (x + w * 0.5) * u,
            (y + h * 0.4) * u,
            w * 0.78 * u,
            Rgb(1.0, 0.8, 0.5),
            0.28,
            1.7,
        ),
    );
}

/// The place, dimmed, with a paper tag bearing what is missing: in style, and clearly no finished picture.
pub fn stand_in(spec: &StandInSpec, canvas: Canvas) -> Vec<PaintedPlane> {
    let background = BackgroundSpec { place: spec.place.clone(), framing: spec.framing, toward: Facing::Front };
    let rig = rig(&spec.place, spec.framing, Facing::Front, canvas);
    let stage = &rig.stage;
    let (w, h, u) = (stage.w, stage.h, stage.u);
    let seed = Seed::of(&["stand-in", spec.missing_id.as_str()]).next_u64();
    let mut far = Plate::new(stage);
    for plane in places::paint(&background, canvas) {
        far.over(&plane.as_plane());
    }
    far.dim(mix(rig.hour.near, Rgb(0.12, 0.12, 0.16), 0.5), 0.55);
    let mut planes = vec![far.done("place", parallax::MID, 0, None)];
    let mut plate = Plate::new(stage);
    let (tw, th) = ((w * 0.46).max(w.min(760.0) * 0.7), h * if stage.tall() { 0.17 } else { 0.28 });
    let (x, y) = ((w - tw) * 0.5, h * 0.5 - th * 0.5);
    let mut g = group(stage, x - 90.0, stage.top(), x + tw + 40.0, y + th + 60.0, seed);
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let tone = |s: &str| rig.style.tone(hex(s));
        pen.line(&[(x + 34.0, y + th * 0.5), (x + tw * 0.2, y * 0.6), (w * 0.44, stage.top() - 10.0)], tone("#c8b48a"), 4.0, 1.0, true);
        pen.poly(
            &[
                (x, y + th * 0.28),
                (x + th * 0.24, y),
                (x + tw, y + 4.0),
                (x + tw + 3.0, y + th - 4.0),
                (x + th * 0.24, y + th),
                (x, y + th * 0.72),
            ],
            tone("#e4d6b6"),
            |q| q.edge(Edge::Torn).core(tone("#fbf3df")).tex(0.9).sh(5.0, 8.0, 12.0, 0.5),
        );
        pen.disc(x + 34.0, y + th * 0.5, 12.0, tone("#8a6a52"), |q| q.clean().flat());
        pen.disc(x + 34.0, y + th * 0.5, 7.0, tone("#2a2028"), |q| q.clean().flat());
        let ink = tone("#3a2626");
        let cx = x + tw * 0.53;
        let small = fit("this picture is missing", Type::new(Face::Italic, 26.0), tw * 0.78, th * 0.24, 1);
        pen.words(&small, cx, y + th * 0.14, 1.0, mix(ink, tone("#8a6a42"), 0.5), |q| q.flat().tex(0.3));
        let id = fit(spec.missing_id.as_str(), Type::new(Face::Bold, 44.0), tw * 0.78, th * 0.5, 2);
        pen.words(&id, cx, y + th * 0.62 - id.height * 0.5, 1.0, ink, |q| q.flat().tex(0.3));
    }
    plate.paper(&g, &Lit::plain().shadow(8.0 * u, 14.0 * u, 22.0 * u, 0.55));
    planes.push(plate.done("tag", parallax::ACTORS, 900, None));
    planes
}
