//! How a style puts a lit plane on paper (art direction §4, style variants). *Paper* is as painted. *Ink* and *woodcut* print:
//! each plane is cut into its own few values, so that a dark plane keeps its shapes beside a bright one, and light becomes
//! what the press can do: a white wash, or lines. *Dusk* and *pastel* pick their place colours before the light (see
//! [`Style::tone`]); here people get the same ones.
//!
//! A pixel depends on its plane's values, its own neighbours and its place on the canvas, so a patch (a mouth, an eyelid)
//! printed within its plane meets it without a seam.

use contracts::{Seed, picture::Canvas, project::VisualStyle};

use crate::{
    cards::SHADE,
    paint::{PaintedPatch, PaintedPlane, Pixels},
    paper::{Rect, Rgb, vnoise_in},
    places::palette::{Style, mix},
};

/// The inks of a woodcut: black, the paper, and the second block.
const BLACK: Rgb = Rgb(0.106, 0.102, 0.118);
const SHEET: Rgb = Rgb(0.788, 0.714, 0.561);
const RED: Rgb = Rgb(0.557, 0.247, 0.220);
/// The four values of ink, and what they are of a pure white.
const VALUES: [f32; 4] = [0.08, 0.28, 0.62, 0.93];
/// How much of a plane that is brighter than paper in every part is cut all the same.
const PALE_CUT: f32 = 0.66;
/// The colour of the ink's paper, by channel.
const WASH: Rgb = Rgb(0.985, 0.985, 0.965);
/// Where the values part on the whole picture: luma to the power of ¾ for ink, of 0.7 for a woodcut's black and paper.
const INK_PARTS: [f32; 3] = [0.17, 0.34, 0.60];
const CUT_PARTS: [f32; 2] = [0.30, 0.60];
/// How far a plane's own values count against those of the whole picture.
const OWN: f32 = 0.5;
/// From this opacity on a pixel counts as paper and not as light or shadow.
const SOLID: u8 = 200;
/// Distance of two cuts in a picture of 720 lines, pixels.
const PITCH: f32 = 5.6;
/// The plane of a card that holds its letters: light ones or dark ones, nothing between.
const WORDS: &str = "words";
const WORDS_PART: f32 = 0.46;
/// By how much more light what lies under letters must have, to be printed as light.
const UNDER_WORDS: f32 = 0.13;
/// What is looked at around a pixel.
const AROUND: i32 = 4;

/// Prints the planes of a place or a thing.
pub fn scenery(planes: Vec<PaintedPlane>, style: VisualStyle, canvas: Canvas) -> Vec<PaintedPlane> {
    pressed(planes, style, canvas, 0.0, None)
}

/// Prints a thing and a hand that holds it. `skin`: see [`reddest`].
pub fn handled(planes: Vec<PaintedPlane>, style: VisualStyle, canvas: Canvas, skin: Option<f32>) -> Vec<PaintedPlane> {
    pressed(planes, style, canvas, 0.0, skin)
}

/// Prints the planes of a card: its letters stand out, because what lies under them is printed darker, or on paper stays light.
pub fn card(planes: Vec<PaintedPlane>, style: VisualStyle, canvas: Canvas) -> Vec<PaintedPlane> {
    pressed(planes, style, canvas, UNDER_WORDS, None)
}

fn pressed(planes: Vec<PaintedPlane>, style: VisualStyle, canvas: Canvas, darker: f32, skin: Option<f32>) -> Vec<PaintedPlane> {
    match style {
        VisualStyle::Ink | VisualStyle::Woodcut => planes.into_iter().map(|plane| printed(plane, style, canvas, darker, skin)).collect(),
        VisualStyle::Paper | VisualStyle::Dusk | VisualStyle::Pastel => planes,
    }
}

/// Prints the planes of a person, whose colours no palette has touched. `skin`: see [`reddest`].
pub fn person(planes: Vec<PaintedPlane>, style: VisualStyle, canvas: Canvas, skin: Option<f32>) -> Vec<PaintedPlane> {
    match style {
        VisualStyle::Paper => planes,
        VisualStyle::Ink | VisualStyle::Woodcut => handled(planes, style, canvas, skin),
        VisualStyle::Dusk | VisualStyle::Pastel => planes.into_iter().map(|plane| toned(plane, Style(style))).collect(),
    }
}

/// Green against red where skin is reddest: in its shade and its blush, and by a flame or a low sun, which take a third of its
/// green.
pub fn reddest(skin: Rgb, warm: bool) -> f32 {
    skin.1 / skin.0.max(0.05) * if warm { 0.54 } else { 0.74 }
}

/// Every pixel in the style's colours. People stay nearer to their own than walls do: they are known by them.
fn toned(mut plane: PaintedPlane, style: Style) -> PaintedPlane {
    let part = if style.0 == VisualStyle::Pastel { 0.8 } else { 0.6 };
    let tone = |pixels: &mut Pixels| {
        // Neighbours are alike: the last colour is often the next one too.
        let mut last = ([0u8; 4], [0u8; 4]);
        for px in pixels.rgba.as_chunks_mut::<4>().0 {
            if px[3] == 0 {
                continue;
            }
            if last.0 != *px {
                let colour = colour_of(px);
                last = (*px, pixel(mix(colour, style.tone(colour), part), px[3]));
            }
            *px = last.1;
        }
    };
    tone(&mut plane.pixels);
    plane.states.values_mut().for_each(|patch| tone(&mut patch.pixels));
    plane
}

/// A premultiplied pixel's own colour.
fn colour_of(px: &[u8; 4]) -> Rgb {
    let a = f32::from(px[3].max(1));
    Rgb(f32::from(px[0]) / a, f32::from(px[1]) / a, f32::from(px[2]) / a)
}

/// A colour at an opacity, premultiplied.
fn pixel(c: Rgb, alpha: u8) -> [u8; 4] {
    let a = f32::from(alpha);
    let part = |v: f32| (v.clamp(0.0, 1.0) * a + 0.5) as u8;
    [part(c.0), part(c.1), part(c.2), alpha]
}

/// What a plane is printed by.
struct Plate {
    style: VisualStyle,
    /// Where its values part.
    parts: [f32; 3],
    /// Nothing in it is solid: it is light or air.
    air: bool,
    /// Letters: no pixel is smoothed into its neighbours.
    crisp: bool,
    /// What lies under letters: solid, and cut at its edge alone.
    shade: bool,
    /// Direction of the cuts: cosine and sine against the vertical.
    across: (f32, f32),
    /// Distance of two cuts, pixels.
    pitch: f32,
    seed: u64,
    canvas: Canvas,
    /// See [`reddest`]: what is no redder takes no red block.
    skin: Option<f32>,
}

fn printed(plane: PaintedPlane, style: VisualStyle, canvas: Canvas, darker: f32, skin: Option<f32>) -> PaintedPlane {
    let plate = Plate { skin, ..Plate::of(&plane, style, canvas, darker) };
    let pixels = plate.print(&plane.pixels, (plane.x, plane.y));
    let states = plane.states.iter().map(|(name, patch)| (name.clone(), plate.patch(&plane, patch))).collect();
    PaintedPlane { pixels, states, ..plane }
}

impl Plate {
    fn of(plane: &PaintedPlane, style: VisualStyle, canvas: Canvas, darker: f32) -> Self {
        let curve = curve(style);
        let (mut bins, mut solid, mut seen) = ([0u32; 256], 0u32, 0u32);
        for px in plane.pixels.rgba.as_chunks::<4>().0 {
            seen += u32::from(px[3] > 8);
            if px[3] >= SOLID {
                solid += 1;
                bins[(curve[luma8(px)] * 255.0) as usize] += 1;
            }
        }
        let share = |part: f32| {
            let wanted = (solid as f32 * part) as u32;
            let mut sum = 0;
            bins.iter().position(|n| (sum += n, sum > wanted).1).unwrap_or(128) as f32 / 255.0
        };
        let own = |part: f32, whole: f32| if darker > 0.0 { whole + darker } else { whole + (share(part) - whole) * OWN };
        let parts = match style {
            _ if plane.name == WORDS => [WORDS_PART, WORDS_PART + 0.06, WORDS_PART + 0.10],
            VisualStyle::Woodcut => {
                let (low, high) = (own(0.20, CUT_PARTS[0]), own(0.80, CUT_PARTS[1]));
                // What would be all paper, as a bright sky over bare ground, has its darker part cut: thin lines that fade out.
                let pale = darker == 0.0 && share(0.10) >= high;
                [low, if pale { share(PALE_CUT) } else { high }, 0.0]
            }
            _ => [own(0.22, INK_PARTS[0]), own(0.55, INK_PARTS[1]), own(0.86, INK_PARTS[2])],
        };
        let air = plane.name == SHADE || solid * 10 < seen && plane.name != WORDS;
        // All light is cut the same way: lines of two lights that lie over each other nest, and make no moiré.
        let mut seed = Seed::of(&["print", if air { "air" } else { &plane.name }]);
        let turn = if air { 0.0 } else { seed.range(-0.20, 0.20) as f32 };
        Self {
            style,
            // A plane of one value has no parts of its own to tell.
            parts: [parts[0], parts[1].max(parts[0] + 0.06), parts[2].max(parts[1] + 0.04)],
            air,
            crisp: plane.name == WORDS,
            shade: plane.name == SHADE,
            across: (libm::cosf(turn), libm::sinf(turn)),
            pitch: PITCH * canvas.width.min(canvas.height) as f32 / 720.0,
            seed: seed.next_u64(),
            canvas,
            skin: None,
        }
    }

    /// A patch, printed as the part of its plane that it becomes.
    fn patch(&self, plane: &PaintedPlane, patch: &PaintedPatch) -> PaintedPatch {
        let own = Rect::new(patch.x, patch.y, patch.pixels.width as i32, patch.pixels.height as i32);
        let wide = Rect::new(own.x - AROUND, own.y - AROUND, own.w + 2 * AROUND, own.h + 2 * AROUND);
        let mut whole = plane.as_plane().crop(wide);
        for row in 0..own.h as usize {
            let to = ((row + AROUND as usize) * wide.w as usize + AROUND as usize) * 4;
            let n = own.w as usize * 4;
            whole.rgba[to..to + n].copy_from_slice(&patch.pixels.rgba[row * n..(row + 1) * n]);
        }
        let pixels = Pixels { width: wide.w as u32, height: wide.h as u32, rgba: whole.rgba };
        let done = self.print(&pixels, (wide.x, wide.y));
        let cut = crate::light::Plane { x: wide.x, y: wide.y, w: done.width, h: done.height, rgba: done.rgba }.crop(own);
        PaintedPatch { pixels: Pixels { width: cut.w, height: cut.h, rgba: cut.rgba }, x: own.x, y: own.y }
    }

    fn print(&self, pixels: &Pixels, at: (i32, i32)) -> Pixels {
        let rgba = match (self.style, self.air) {
            (VisualStyle::Woodcut, false) => self.cut(pixels, at),
            (VisualStyle::Woodcut, true) => self.rays(pixels, at),
            (_, false) => self.washed(pixels, at),
            (_, true) => pixels.rgba.as_chunks::<4>().0.iter().flat_map(|px| self.bleached(px)).collect(),
        };
        Pixels { width: pixels.width, height: pixels.height, rgba }
    }

    /// Light in ink: white where it lightens, a thin grey where it darkens.
    fn bleached(&self, px: &[u8; 4]) -> [u8; 4] {
        let bright = colour_of(px).luma();
        let alpha = if bright > 0.4 || self.shade { px[3] } else { (u32::from(px[3]) * 6 / 10) as u8 };
        let value = if bright > 0.4 { VALUES[3] } else { VALUES[0] };
        pixel(Rgb(WASH.0 * value, WASH.1 * value, WASH.2 * value), alpha)
    }

    /// Four values and one accent.
    fn washed(&self, pixels: &Pixels, (x0, y0): (i32, i32)) -> Vec<u8> {
        let (w, h) = (pixels.width as usize, pixels.height as usize);
        let values = self.values(pixels);
        let cell = 140.0 * self.pitch / PITCH;
        let noise = vnoise_in(Rect::new(x0, y0, w as i32, h as i32), cell, 2, 0.5, self.seed);
        let mut out = Vec::with_capacity(pixels.rgba.len());
        for ((px, v), n) in pixels.rgba.as_chunks::<4>().0.iter().zip(&values).zip(&noise) {
            if px[3] == 0 {
                out.extend_from_slice(&[0; 4]);
                continue;
            }
            let mut value = VALUES[0];
            for (part, step) in self.parts.iter().zip(VALUES.windows(2)) {
                let t = ((v - part) / 0.035 + 0.5).clamp(0.0, 1.0);
                value += (step[1] - step[0]) * t;
            }
            if self.crisp {
                value = if *v > self.parts[0] { VALUES[3] } else { VALUES[0] };
            }
            // The wash is never even; black and letters are.
            let n = if self.crisp { &0.5 } else { n };
            value *= 1.0 + (n - 0.5) * 0.22 * value.min(0.7);
            let own = colour_of(px);
            let warm = ((own.0 - own.2 - 0.30) / 0.14).clamp(0.0, 1.0) * ((own.0 - 0.34) / 0.16).clamp(0.0, 1.0);
            // Skin is warm too, and stays grey: an accent is saturated.
            let deep = ((own.0 - own.2) / own.0.max(0.05) - 0.52).clamp(0.0, 0.18) / 0.18;
            let grey = Rgb(WASH.0 * value, WASH.1 * value, WASH.2 * value);
            let accent = Rgb(0.80, 0.52, 0.16).scale((value / 0.62).clamp(0.45, 1.15));
            out.extend_from_slice(&pixel(mix(grey, accent, 0.85 * warm * deep), px[3]));
        }
        out
    }

    /// Black and paper parted by lines, and the second block where it is warm.
    fn cut(&self, pixels: &Pixels, (x0, y0): (i32, i32)) -> Vec<u8> {
        let (w, h) = (pixels.width as usize, pixels.height as usize);
        let values = self.values(pixels);
        let grain = self.grain(x0, y0, w, h);
        let mut out = Vec::with_capacity(pixels.rgba.len());
        let [low, high, _] = self.parts;
        for (i, (px, v)) in pixels.rgba.as_chunks::<4>().0.iter().zip(&values).enumerate() {
            if px[3] == 0 {
                out.extend_from_slice(&[0; 4]);
                continue;
            }
            let duty = (v - low) / (high - low);
            let duty = if self.crisp { f32::from(u8::from(*v > low)) } else { duty };
            let white = self.line((x0 + (i % w) as i32) as f32, (y0 + (i / w) as i32) as f32, grain[i], duty);
            let own = colour_of(px);
            let warm = ((own.0 - own.2 - 0.19) / 0.06).clamp(0.0, 1.0) * ((high + 0.10 - v) / 0.05).clamp(0.0, 1.0);
            // Brown skin by day is no red block: it is cut like any other; only what is deeply red, or lies in lamplight, is.
            let warm = warm * (((own.0 - own.2) / own.0.max(0.05) - 0.58) / 0.07).clamp(0.0, 1.0);
            // Nor is skin by a flame or a low sun: red is what is redder.
            let warm = warm * self.skin.map_or(1.0, |skin| ((skin - own.1 / own.0.max(0.05)) / 0.04).clamp(0.0, 1.0));
            let light = mix(SHEET, RED, warm);
            // Deep in the red only its shadows are cut: a block of colour, not of lines.
            let white = white.max(warm * ((v - low * 0.72) / 0.05).clamp(0.0, 1.0));
            // The edge of a shape is cut, not torn: half-transparent is neither paper nor air.
            out.extend_from_slice(&pixel(mix(BLACK, light, white), px[3]));
        }
        out
    }

    /// Light and air as lines: as wide as they are strong.
    fn rays(&self, pixels: &Pixels, (x0, y0): (i32, i32)) -> Vec<u8> {
        let (w, h) = (pixels.width as usize, pixels.height as usize);
        let grain = self.grain(x0, y0, w, h);
        let mut out = Vec::with_capacity(pixels.rgba.len());
        for (i, px) in pixels.rgba.as_chunks::<4>().0.iter().enumerate() {
            if px[3] == 0 {
                out.extend_from_slice(&[0; 4]);
                continue;
            }
            let strength = f32::from(px[3]) / 255.0;
            let bright = colour_of(px).luma() > 0.4;
            let duty = if self.shade {
                strength * 1.2 - 0.10
            } else if bright {
                strength * 1.15 - 0.10
            } else {
                strength * 0.9 - 0.12
            };
            let on = self.line((x0 + (i % w) as i32) as f32, (y0 + (i / w) as i32) as f32, grain[i], duty);
            out.extend_from_slice(&pixel(if bright { SHEET } else { BLACK }, (on * 255.0 + 0.5) as u8));
        }
        out
    }

    /// The value of every pixel.
    fn values(&self, pixels: &Pixels) -> Vec<f32> {
        let curve = curve(self.style);
        let raw = pixels.rgba.as_chunks::<4>().0.iter().map(|px| curve[luma8(px)]).collect();
        if self.crisp { raw } else { smoothed(raw, pixels) }
    }

    /// How much of a pixel a cut of this width covers: 0 to 1, all of it from a duty of 1 on.
    fn line(&self, x: f32, y: f32, grain: f32, duty: f32) -> f32 {
        if duty <= 0.06 || duty >= 0.94 {
            return f32::from(u8::from(duty > 0.5));
        }
        let t = (y * self.across.0 + x * self.across.1) / self.pitch + grain;
        let from_middle = (t - libm::floorf(t) - 0.5).abs() * 2.0;
        ((duty - from_middle) * self.pitch * 0.5 + 0.5).clamp(0.0, 1.0)
    }

    /// The wander of the cuts: the knife follows the wood.
    fn grain(&self, x0: i32, y0: i32, w: usize, h: usize) -> Vec<f32> {
        let cell = self.canvas.width as f32 / 9.0;
        let mut noise = vnoise_in(Rect::new(x0, y0, w as i32, h as i32), cell, 2, 0.4, self.seed);
        noise.iter_mut().for_each(|n| *n *= 3.0);
        noise
    }
}

/// Luma of a pixel's own colour, 0 to 255.
fn luma8(px: &[u8; 4]) -> usize {
    let weighed = u32::from(px[0]) * 77 + u32::from(px[1]) * 150 + u32::from(px[2]) * 29;
    ((weighed * 255 / (u32::from(px[3].max(1)) * 256)).min(255)) as usize
}

/// What a luma counts in a style.
fn curve(style: VisualStyle) -> [f32; 256] {
    let power = if style == VisualStyle::Woodcut { 0.70 } else { 0.75 };
    std::array::from_fn(|i| libm::powf(i as f32 / 255.0, power))
}

/// Values with the paper's own texture smoothed away.
fn smoothed(mut now: Vec<f32>, pixels: &Pixels) -> Vec<f32> {
    let (w, h) = (pixels.width as usize, pixels.height as usize);
    // What is transparent has no value: its neighbours' edges are not to be darkened by it.
    let solid: Vec<bool> = pixels.rgba.as_chunks::<4>().0.iter().map(|px| px[3] > 8).collect();
    let mut next = now.clone();
    for (step, count) in [(1, w), (w, h), (1, w), (w, h)] {
        for i in 0..now.len() {
            let place = if step == 1 { i % w } else { i / w };
            let near = |j: usize, is: bool| if is && solid[j] { now[j] } else { now[i] };
            let before = near(i.wrapping_sub(step).min(now.len() - 1), place > 0);
            let after = near((i + step).min(now.len() - 1), place + 1 < count);
            next[i] = 0.25 * before + 0.5 * now[i] + 0.25 * after;
        }
        std::mem::swap(&mut now, &mut next);
    }
    now
}
