//! Cards: title, end, intertitle, the strip that names a place, and the tag of a stand-in (art direction §11, the reference's `title_card` and
//! `intertitle`). They take the colours and the shapes of their place.

mod emblem;
mod strip;
mod words;

use contracts::{
    Seed,
    picture::{BackgroundSpec, Canvas, CardKind, CardSpec, Facing, Framing, PropSpec, StandInSpec},
    project::VisualStyle,
};

use self::{
    emblem::{END_MOTIF, Emblem, motif_at},
    words::{Inks, Lettering, Reach, end_words, title_words},
};

use crate::{
    light::{self, Lit},
    paint::PaintedPlane,
    paper::{Edge, Group, Rect, Rgb, c, p},
    places::{
        self,
        palette::{hex, mix},
        parallax,
        pen::{Pen, group, sheet},
        plate::Plate,
        rig::{Rig, Stage, rig},
        sky::waves,
    },
    props,
    text::{Face, Type, fit},
};

/// The plane under words, where they need one; the press prints it solid.
pub const SHADE: &str = "shade";

/// Paints a card.
pub fn card(spec: &CardSpec, canvas: Canvas) -> Vec<PaintedPlane> {
    let rig = rig_of(spec, canvas);
    match spec.card {
        CardKind::Title => title(spec, &rig, false),
        CardKind::End => title(spec, &rig, true),
        CardKind::Intertitle => intertitle(spec, &rig),
        CardKind::Location => strip::location(spec, &rig),
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

/// Where the words of a card stand, in pixels.
pub fn text_boxes(spec: &CardSpec, canvas: Canvas) -> Vec<Rect> {
    let rig = rig_of(spec, canvas);
    lettering(spec, &rig).iter().filter(|w| !w.set.lines.is_empty()).map(|w| w.rect(&rig.stage)).collect()
}

/// What a card says as it is set: each block's lines, and the size of its letters in units (720 to the short side).
pub fn lines(spec: &CardSpec, canvas: Canvas) -> Vec<(Vec<String>, f32)> {
    let blocks = lettering(spec, &rig_of(spec, canvas));
    blocks.into_iter().map(|w| (w.set.lines.into_iter().map(|l| l.text).collect(), w.set.size)).collect()
}

fn lettering(spec: &CardSpec, rig: &Rig) -> Vec<Lettering> {
    let at = proscenium(&rig.stage);
    match spec.card {
        CardKind::Title => title_words(spec, rig, &at),
        CardKind::End => end_words(spec, rig, &at).words,
        CardKind::Intertitle => spoken_words(spec, rig, &slip(&rig.stage)),
        CardKind::Location => strip::words(spec, rig),
    }
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
    let inks = Inks::of(rig.style);
    let closing = end.then(|| end_words(spec, rig, &at));
    let long = closing.as_ref().is_some_and(|c| c.long);
    let emblem = Emblem::of(spec, rig);
    let mut planes = Vec::new();
    // Far: the sky of the reference, tinted by the place's hour; a light one where words are dark.
    let deep = |a: &str, b: Rgb| {
        let sky = mix(tone(a), b, 0.30);
        if inks.dark { mix(sky, hex("#f8f3ea"), 0.62) } else { sky }
    };
    let bands = if emblem == Emblem::Stars && !inks.dark {
        [(0.0, deep("#070a16", hex("#05070f"))), (1.0, deep("#1c2444", hex("#1a1f3c")))]
    } else {
        [(0.0, deep("#16223e", hour.sky[0])), (1.0, deep("#3a5578", hour.sky[2]))]
    };
    let mut far = Plate::new(stage);
    far.over(&light::sky(&bands, 0.03, stage.canvas.height as f32, 0.016, area, number(spec, "sky")));
    let (mx, my) = motif_at(&at, stage, k, end);
    // A lamp lights the sky around it; what has none stands before the paler air at its foot.
    let (rise, glow) = match emblem {
        Emblem::Tower => (126.0, 1.0),
        Emblem::Stars => (40.0, 0.30),
        _ => (30.0, 0.62),
    };
    let (small, strong) = if end { (END_MOTIF, 0.55) } else { (1.0, 0.72) };
    let (gx, gy) = (mx * u, (my - rise * k * small) * u);
    far.screen(&light::glow(gx, gy, 620.0 * k * u, hex("#ffcf86"), strong * glow, area, number(spec, "glow")));
    emblem::ground(spec, rig, emblem, 0, &mut far);
    if emblem != Emblem::Stars {
        far.over(&light::fog(mix(tone("#d8b890"), hour.fog, 0.2), h * 0.528 * u, h * 0.75 * u, 0.3, 220.0 * u, area, number(spec, "fog")));
    }
    let mut set = Plate::new(stage);
    if !long {
        emblem::motif(spec, rig, emblem, &mut set, &at, k, end);
    }
    let mut near = Plate::new(stage);
    emblem::ground(spec, rig, emblem, 1, &mut near);
    emblem::ground(spec, rig, emblem, 2, &mut near);
    // The words, and what shade they need over all this.
    let mut letters = Plate::new(stage);
    let words = match closing {
        Some(closing) => {
            star_rule(spec, rig, at.cx, closing.rule, size_of(stage).max(0.8), &inks, &mut letters);
            closing.words
        }
        None => title_words(spec, rig, &at),
    };
    let shade = words::shade(&words, rig, &inks, &[far.plane(), set.plane(), near.plane()], Reach::Sky, number(spec, "shade"));
    words.iter().for_each(|w| w.paint(&mut letters, rig));
    planes.push(far.done("sky", parallax::SKY, 0, None));
    if !set.is_empty() {
        planes.push(set.done("motif", parallax::MID, 300, None));
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
    if !shade.is_empty() {
        planes.push(shade.done(SHADE, parallax::MID, 590, None));
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

/// A rule with a star in its middle.
fn star_rule(spec: &CardSpec, rig: &Rig, cx: f32, y: f32, k: f32, inks: &Inks, plate: &mut Plate) {
    let stage = &rig.stage;
    let mut g = group(stage, cx - 200.0 * k, y - 20.0, cx + 200.0 * k, y + 20.0, number(spec, "rule"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let brass = if inks.dark { mix(inks.quiet, hex("#a07c3c"), 0.4) } else { rig.style.tone(hex("#c8a25c")) };
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

/// Where the paper of an intertitle lies, units: left, upper edge, width, height.
fn slip(stage: &Stage) -> [f32; 4] {
    let (w, h) = (stage.w, stage.h);
    let (pw, ph) = ((w * 0.64).max(w.min(760.0) * 0.82), if stage.tall() { h * 0.34 } else { h * 0.50 });
    [(w - pw) * 0.5, h * 0.49 - ph * 0.5, pw, ph]
}

/// Dark words on light paper, in every style.
fn spoken_inks(rig: &Rig) -> Inks {
    let tone = |s: &str| rig.style.tone(hex(s));
    let ink = if rig.style.0 == VisualStyle::Pastel { hex("#3a2626") } else { tone("#3a2626") };
    Inks { letters: ink, soft: ink, quiet: mix(ink, hex("#8a6a42"), 0.25), shade: tone("#fbf3df"), dark: true, ..Inks::of(rig.style) }
}

fn spoken_words(spec: &CardSpec, rig: &Rig, slip: &[f32; 4]) -> Vec<Lettering> {
    let [x0, y0, pw, ph] = *slip;
    let inks = spoken_inks(rig);
    let x = x0 + pw * 0.5;
    let text = spec.text.join(" ");
    let small = spec.small.join(" ");
    let room = ph * if small.is_empty() { 0.56 } else { 0.47 };
    let set = fit(&text, Type::new(Face::Italic, 52.0), pw * 0.86, room, 3);
    let y = y0 + ph * 0.36 + (room - set.height) * 0.5;
    let mut words = vec![Lettering { set, x, y, color: inks.letters, shadow: false, seed: number(spec, "words") }];
    if !small.is_empty() {
        let set = fit(&small, Type::new(Face::Regular, 24.0).tracked(0.06), pw * 0.8, ph * 0.10, 1);
        words.push(Lettering { set, x, y: y0 + ph * 0.85, color: inks.quiet, shadow: false, seed: number(spec, "small") });
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
    let words = spoken_words(spec, rig, &paper);
    let inks = spoken_inks(rig);
    let shade = words::shade(&words, rig, &inks, &[far.plane(), plate.plane()], Reach::Lines, number(spec, "shade"));
    let mut letters = Plate::new(stage);
    words.iter().for_each(|w| w.paint(&mut letters, rig));
    planes.push(far.done("sea", parallax::FAR, 0, None));
    planes.push(plate.done("plate", parallax::SET, 600, None));
    if !shade.is_empty() {
        planes.push(shade.done(SHADE, parallax::SET, 601, None));
    }
    planes.push(letters.done("words", parallax::SET, 602, None));
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
    }
    plate.paper(&g, &Lit::plain().shadow(8.0 * u, 14.0 * u, 22.0 * u, 0.55));
    planes.push(plate.done("tag", parallax::ACTORS, 900, None));
    let mut letters = Plate::new(stage);
    let mut g = group(stage, x, y, x + tw, y + th, seed);
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let inks = spoken_inks(&rig);
        let cx = x + tw * 0.53;
        let small = fit("this picture is missing", Type::new(Face::Italic, 26.0), tw * 0.78, th * 0.24, 1);
        pen.words(&small, cx, y + th * 0.14, 1.0, inks.quiet, |q| q.flat().tex(0.3));
        let id = fit(spec.missing_id.as_str(), Type::new(Face::Bold, 44.0), tw * 0.78, th * 0.5, 2);
        pen.words(&id, cx, y + th * 0.62 - id.height * 0.5, 1.0, inks.letters, |q| q.flat().tex(0.3));
    }
    letters.paper(&g, &Lit::plain());
    planes.push(letters.done("words", parallax::ACTORS, 901, None));
    planes
}
