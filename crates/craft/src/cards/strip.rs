//! The strip that names a place over the picture that opens a scene there. It lies where it covers least of what that
//! picture is for: its people, its things, and then whatever is full of detail.

use contracts::picture::{BackgroundSpec, Canvas, CardSpec, Facing, Framing, Over, PlaceSpec};

use super::{
    Inks, Lettering, SHADE, number, size_of,
    words::{self, Reach},
};
use crate::{
    light::{self, Lit},
    paint::{self, PaintedPlane},
    paper::{Edge, Rect, c, p},
    places::{
        palette::hex,
        parallax,
        pen::{Pen, group},
        plate::Plate,
        rig::{Rig, is_lamp},
    },
    text::{Face, Type, fit},
};

/// Where a strip lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Corner {
    right: bool,
    upper: bool,
}

/// A strip that has been set, units.
struct Strip {
    words: Vec<Lettering>,
    /// From the frame's edge to its torn end: left end, right end.
    x: (f32, f32),
    /// Upper edge and foot.
    y: (f32, f32),
    right: bool,
}

/// The words of a strip.
pub fn words(spec: &CardSpec, rig: &Rig) -> Vec<Lettering> {
    set(spec, rig, corner(spec, rig)).words
}

fn set(spec: &CardSpec, rig: &Rig, at: Corner) -> Strip {
    let stage = &rig.stage;
    let (w, h, k) = (stage.w, stage.h, size_of(stage).max(0.8));
    let room = w * if stage.narrow() { 0.66 } else { 0.44 };
    let caps: String = spec.text.join(" ").to_uppercase();
    let name = fit(&caps, Type::new(Face::Bold, 27.0 * k).tracked(0.11), room, h * 0.10, 1);
    let hour = fit(&spec.small.join(" "), Type::new(Face::Italic, 22.0 * k).tracked(0.05), room, 33.0 * k, 1);
    let (gap, pad) = (8.0 * k, 11.0 * k);
    let tall = name.height + if spec.small.is_empty() { 0.0 } else { gap + hour.height } + 2.0 * pad;
    // Above captions in a wide frame, or high; in a tall one under the player's upper bar, as people fill the rest.
    let top = match (stage.narrow(), at.upper) {
        (true, _) => h * 0.112,
        (false, true) => h * 0.125,
        (false, false) => h * 0.735 - tall,
    };
    let wide = name.width.max(hour.width);
    let left = if at.right { w * 0.888 - wide } else { w * 0.112 };
    let end = if at.right { left - 46.0 * k } else { left + wide + 46.0 * k };
    let inks = Inks::of(rig.style);
    let mut words = Vec::new();
    let below = top + pad + name.height + gap;
    for (set, y, color, part) in [(name, top + pad, inks.letters, "words"), (hour, below, inks.soft, "small")] {
        if set.lines.iter().any(|line| !line.text.is_empty()) {
            // Lines are set about their middle: each block hangs by its left edge.
            let x = left + set.width * 0.5;
            words.push(Lettering { set, x, y, color, shadow: false, seed: number(spec, part) });
        }
    }
    let x = if at.right { (end, stage.right() + 30.0) } else { (stage.left() - 30.0, end) };
    Strip { words, x, y: (top, top + tall), right: at.right }
}

/// Short side of the picture in which a strip looks for its place.
const SMALL: u32 = 90;

/// The corner in which the strip covers least. Of two that cover as little, the lower and the left one.
fn corner(spec: &CardSpec, rig: &Rig) -> Corner {
    let usual = Corner { right: false, upper: false };
    let Some(over) = &spec.over else { return usual };
    let canvas = small(rig.stage.canvas);
    let burden = Burden::of(over, &spec.place, canvas);
    let u = canvas.width as f32 / rig.stage.w;
    let choices: &[(bool, bool)] =
        if rig.stage.narrow() { &[(false, true), (true, true)] } else { &[(false, false), (true, false), (false, true), (true, true)] };
    let cost = |(n, &(right, upper)): (usize, &(bool, bool))| {
        let strip = set(spec, rig, Corner { right, upper });
        // A camera that moves brings what stands beside it under it.
        let area = Rect::edges(
            ((strip.x.0 - 16.0) * u) as i32,
            ((strip.y.0 - 14.0) * u) as i32,
            ((strip.x.1 + 16.0) * u) as i32,
            ((strip.y.1 + 14.0) * u) as i32,
        );
        (burden.within(&area) + [0, 3, 6, 9][n], Corner { right, upper })
    };
    choices.iter().enumerate().map(cost).min_by_key(|(cost, _)| *cost).map_or(usual, |(_, at)| at)
}

fn small(canvas: Canvas) -> Canvas {
    let short = canvas.width.min(canvas.height).max(1);
    let of = |n: u32| (n * SMALL).div_ceil(short);
    Canvas { width: of(canvas.width), height: of(canvas.height) }
}

/// What it costs to cover a pixel of the small picture.
struct Burden {
    w: i32,
    h: i32,
    cost: Vec<u32>,
}

impl Burden {
    fn of(over: &Over, place: &PlaceSpec, canvas: Canvas) -> Self {
        let (w, h) = (canvas.width, canvas.height);
        let painted = |props: bool| {
            let mut place = place.clone();
            place.props.retain(|q| props || is_lamp(q));
            let spec = BackgroundSpec { place, framing: over.framing, toward: Facing::Front };
            let planes: Vec<light::Plane> =
                paint::viewed(over.view, canvas, |canvas| paint::background(&spec, canvas)).iter().map(PaintedPlane::as_plane).collect();
            light::flatten(&planes, w, h)
        };
        let whole = painted(true);
        let bare = if place.props.iter().all(is_lamp) { whole.clone() } else { painted(false) };
        let mut people = vec![0u8; whole.len()];
        for figure in &over.figures {
            let view = over.view.filter(|_| over.framing != Framing::Close);
            for plane in paint::viewed(view, canvas, |canvas| paint::figure(figure, canvas)) {
                let drawn = light::flatten(&[light::Plane { rgba: shape(&plane.pixels.rgba), ..plane.as_plane() }], w, h);
                people.iter_mut().zip(drawn).for_each(|(a, b)| *a = (*a).max(b));
            }
        }
        let luma = |i: usize| -> u32 { whole[i * 4..i * 4 + 3].iter().map(|v| u32::from(*v)).sum() };
        let cost = (0..(w * h) as usize)
            .map(|i| {
                let px = i * 4..i * 4 + 3;
                let thing = whole[px.clone()].iter().zip(&bare[px]).any(|(a, b)| a.abs_diff(*b) > 20);
                let (x, y) = (i as u32 % w, i as u32 / w);
                let beside = if x + 1 < w { luma(i).abs_diff(luma(i + 1)) } else { 0 };
                let below = if y + 1 < h { luma(i).abs_diff(luma(i + w as usize)) } else { 0 };
                let person = if people[i * 4] > 90 { 900 } else { 0 };
                person + if thing { 500 } else { 0 } + (beside + below).min(90)
            })
            .collect();
        Self { w: w as i32, h: h as i32, cost }
    }

    /// What covering an area costs, a pixel of it.
    fn within(&self, area: &Rect) -> u32 {
        let area = area.meet(&Rect::new(0, 0, self.w, self.h));
        let mut sum = 0u64;
        for y in area.y..area.bottom() {
            let row = (y * self.w) as usize;
            sum += self.cost[row + area.x as usize..row + area.right() as usize].iter().map(|c| u64::from(*c)).sum::<u64>();
        }
        (sum / area.area().max(1) as u64) as u32
    }
}

/// A picture's shape in white; shadows do not count.
fn shape(rgba: &[u8]) -> Vec<u8> {
    rgba.as_chunks::<4>().0.iter().flat_map(|px| if px[3] > 200 { [255u8; 4] } else { [0; 4] }).collect()
}

/// A strip of the title's dark paper that comes in from its edge, with the place, a rule and the hour.
pub fn location(spec: &CardSpec, rig: &Rig) -> Vec<PaintedPlane> {
    let (stage, u) = (&rig.stage, rig.stage.u);
    let strip = set(spec, rig, corner(spec, rig));
    let inks = Inks::of(rig.style);
    let k = size_of(stage).max(0.8);
    let ((x0, x1), (top, foot)) = (strip.x, strip.y);
    let tall = foot - top;
    let mut plate = Plate::new(stage);
    for (grow, color, core, part) in [(5.0 * k, inks.strip[2], inks.strip[3], "under"), (0.0, inks.strip[0], inks.strip[1], "strip")] {
        let mut g = group(stage, x0 - 90.0, top - 60.0, x1 + 90.0, foot + 60.0, number(spec, part));
        // As it lies at the left; at the right it is the same, mirrored.
        let (l, r, m) = if strip.right { (-x1, -x0 + grow, -1.0) } else { (x0, x1 + grow, 1.0) };
        Pen::new(&mut g, stage, rig.style).poly(
            &[(l, top - grow), (r, top - grow - 2.0), (r + 15.0 * k, top + tall * 0.48), (r - 3.0, foot + grow + 2.0), (l, foot + grow)]
                .map(|(x, y)| (x * m, y)),
            color,
            |q| q.edge(Edge::Torn).k(1.2).core(core).tex(0.6).flat(),
        );
        plate.paper(&g, &Lit::plain().shadow(3.0 * u, 6.0 * u, 11.0 * u, 0.5));
    }
    let shade = words::shade(&strip.words, rig, &inks, &[plate.plane()], Reach::Lines, number(spec, "shade"));
    let mut letters = Plate::new(stage);
    if let [name, hour] = strip.words.as_slice() {
        let mut g = group(stage, x0, top, x1, foot, number(spec, "rule"));
        let (x0, y) = (name.x - name.set.width * 0.5, hour.y - 2.0 * k);
        let x1 = x0 + name.set.width.max(hour.set.width).min(190.0 * k);
        Pen::new(&mut g, stage, rig.style).shape(
            &[c(x0, y - 1.5), p((x0 + x1) * 0.5, y - 1.1), c(x1, y), p((x0 + x1) * 0.5, y + 1.1), c(x0, y + 1.5)],
            if inks.dark { inks.quiet } else { rig.style.tone(hex("#c8a25c")) },
            |q| q.flat().clean().k(0.3),
        );
        letters.paper(&g, &Lit::plain());
    }
    strip.words.iter().for_each(|word| word.paint(&mut letters, rig));
    let mut planes = vec![plate.done("location", parallax::SKY, 1000, None)];
    if !shade.is_empty() {
        planes.push(shade.done(SHADE, parallax::SKY, 1000, None));
    }
    planes.push(letters.done("words", parallax::SKY, 1000, None));
    planes
}
