//! The letters of cards: their colours by style, and the shade under them that keeps every line legible whatever is painted
//! there (a contrast of 4.5 : 1 and more).

use contracts::{picture::CardSpec, project::VisualStyle};

use super::{Proscenium, number, size_of};
use crate::{
    light::{self, Lit, Plane},
    paper::{Rect, Rgb},
    places::{
        palette::{Style, hex, mix},
        pen::{Pen, group},
        plate::Plate,
        rig::{Rig, Stage},
    },
    text::{Face, Setting, Type, fit},
};

/// What a shade is measured to reach: letters lose a little to their own texture.
const CONTRAST: f32 = 6.4;

/// The colours of words in a style: light on dark, and dark on light in pastel, whose skies are light.
#[derive(Clone, Copy)]
pub struct Inks {
    /// The large line.
    pub letters: Rgb,
    /// Small lines.
    pub soft: Rgb,
    /// Lines nobody needs to read at once.
    pub quiet: Rgb,
    /// What lies under words where the picture is not quiet enough.
    pub shade: Rgb,
    /// The paper of a place's strip, its torn lip, the sheet under it and that one's lip.
    pub strip: [Rgb; 4],
    /// Whether the words are the dark ones.
    pub dark: bool,
}

impl Inks {
    /// The colours of a style.
    pub fn of(style: Style) -> Self {
        if style.0 == VisualStyle::Pastel {
            return Self {
                letters: hex("#1f2742"),
                soft: hex("#2f3756"),
                quiet: hex("#3a4262"),
                shade: hex("#fbf6ea"),
                strip: [hex("#f4ecdc"), hex("#fffaf0"), style.tone(hex("#2b2c48")), style.tone(hex("#8f86a0"))],
                dark: true,
            };
        }
        let soft = hex("#d8c8a4");
        let tone = |s: &str| style.tone(hex(s));
        Self {
            letters: hex("#f4e6c4"),
            soft,
            quiet: mix(soft, hex("#8fa0b4"), 0.25),
            shade: hex("#0b1020"),
            strip: [tone("#1d1e36"), tone("#6a6480"), tone("#2b2c48"), tone("#8f86a0")],
            dark: false,
        }
    }
}

/// How brightly a colour shines, as contrast is reckoned (WCAG 2, relative luminance).
fn shines(c: Rgb) -> f32 {
    let linear = |v: f32| if v <= 0.04045 { v / 12.92 } else { libm::powf((v + 0.055) / 1.055, 2.4) };
    0.2126 * linear(c.0) + 0.7152 * linear(c.1) + 0.0722 * linear(c.2)
}

/// Contrast of two colours, 1 to 21.
fn contrast(a: Rgb, b: Rgb) -> f32 {
    let (a, b) = (shines(a), shines(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Words that have been set and where they stand, units: the upper centre of their block.
pub struct Lettering {
    pub set: Setting,
    pub x: f32,
    pub y: f32,
    pub color: Rgb,
    pub shadow: bool,
    pub seed: u64,
}

impl Lettering {
    /// Glues the letters onto a plate. What will be printed has no shadow: the press would cut it into the letters.
    pub fn paint(&self, plate: &mut Plate, rig: &Rig) {
        let (stage, set, x, y) = (&rig.stage, &self.set, self.x, self.y);
        let printed = matches!(rig.style.0, VisualStyle::Ink | VisualStyle::Woodcut);
        let mut g = group(stage, x - set.width * 0.5 - 20.0, y - 10.0, x + set.width * 0.5 + 20.0, y + set.height + 20.0, self.seed);
        {
            let mut pen = Pen::new(&mut g, stage, rig.style);
            pen.words(set, x, y, 1.0, self.color, |q| match (printed, self.shadow) {
                (true, _) => q.flat().tex(0.0),
                (false, true) => q.sh(3.0, 4.0, 4.0, 0.55).tex(0.45),
                (false, false) => q.flat().tex(0.35),
            });
        }
        plate.paper(&g, &Lit::plain());
    }

    /// From the top of the first line's capitals to the foot of the last line's descenders, pixels.
    pub fn rect(&self, stage: &Stage) -> Rect {
        let (first, last) = (self.set.lines.first(), self.set.lines.last());
        let (first, last) = (first.map_or(0.0, |l| l.baseline), last.map_or(0.0, |l| l.baseline));
        self.rect_of(stage, (first, last), self.set.width)
    }

    fn rect_of(&self, stage: &Stage, (first, last): (f32, f32), width: f32) -> Rect {
        let (set, u) = (&self.set, stage.u);
        let (x0, x1) = (self.x - width * 0.5, self.x + width * 0.5);
        let (y0, y1) = (self.y + first - set.size * 0.72, self.y + last + set.size * 0.24);
        Rect::edges((x0 * u).floor() as i32, (y0 * u).floor() as i32, (x1 * u).ceil() as i32, (y1 * u).ceil() as i32)
    }

    /// The same, line by line.
    fn rows(&self, stage: &Stage) -> Vec<Rect> {
        self.set.lines.iter().filter(|l| !l.text.is_empty()).map(|l| self.rect_of(stage, (l.baseline, l.baseline), l.width)).collect()
    }
}

/// How much shade must lie between a line and what is painted under it.
fn needed(color: Rgb, inks: &Inks, under: &[&Plane], area: Rect) -> f32 {
    let mut seen = Plate::empty(area);
    for plane in under {
        seen.over(plane);
    }
    let mut all: Vec<(f32, [u8; 4])> =
        seen.plane().rgba.as_chunks::<4>().0.iter().step_by(3).map(|px| (shines(Rgb::of8(px)), *px)).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    // The few pixels that are worst are dots, not ground.
    let at = if inks.dark { all.len() / 50 } else { all.len().saturating_sub(1 + all.len() / 50) };
    let Some((_, worst)) = all.get(at) else { return 0.0 };
    let worst = Rgb::of8(worst);
    (0..=19).map(|n| n as f32 * 0.05).find(|a| contrast(color, mix(worst, inks.shade, *a)) >= CONTRAST).unwrap_or(0.97)
}

/// How far a shade reaches.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The whole sky above the last line deepens.
    Sky,
    /// Around the lines alone.
    Lines,
}

/// The shade under words: as strong as what lies under each line asks for, and on a press solid, with cuts for its edge.
/// Nothing where the picture is quiet already.
pub fn shade(words: &[Lettering], rig: &Rig, inks: &Inks, under: &[&Plane], reach: Reach, seed: u64) -> Plate {
    let stage = &rig.stage;
    let u = stage.u;
    let printed = matches!(rig.style.0, VisualStyle::Ink | VisualStyle::Woodcut);
    let mut rows: Vec<(Rect, f32)> = Vec::new();
    for word in words {
        for row in word.rows(stage) {
            let k = if printed { 1.0 } else { needed(word.color, inks, under, row.grow((4.0 * u) as i32)) };
            rows.push((row, k));
        }
    }
    let mut plate = Plate::new(stage);
    if rows.iter().all(|(_, k)| *k <= 0.0) {
        return plate;
    }
    let soft = match (reach, printed) {
        (Reach::Sky, _) => 120.0,
        (Reach::Lines, true) => 26.0,
        (Reach::Lines, false) => 46.0,
    } * u;
    let pad = 9.0 * u;
    let sky = reach == Reach::Sky;
    let all = rows.iter().map(|(r, _)| *r).reduce(|a, b| a.join(&b)).unwrap_or(Rect::new(0, 0, 1, 1));
    let area = all.grow((pad + soft) as i32 + 2).meet(&stage.rect());
    let area = if sky { Rect::edges(stage.rect().x, stage.rect().y, stage.rect().right(), area.bottom()) } else { area };
    plate.over(&light::mask(inks.shade, area, seed, |x, y| {
        rows.iter().fold(0.0f32, |most, (row, k)| {
            let (dx, above) = ((row.x as f32 - pad - x).max(x - row.right() as f32 - pad).max(0.0), (row.y as f32 - pad - y).max(0.0));
            let (dx, above) = if sky { (0.0, 0.0) } else { (dx, above) };
            let dy = above.max(y - row.bottom() as f32 - pad);
            let dy = dy.max(0.0);
            let t = (1.0 - (dx * dx + dy * dy).sqrt() / soft).clamp(0.0, 1.0);
            most.max(k * t * t * (3.0 - 2.0 * t))
        })
    }));
    plate
}

/// The words of a title: the episode, and the series under it.
pub fn title_words(spec: &CardSpec, rig: &Rig, at: &Proscenium) -> Vec<Lettering> {
    let stage = &rig.stage;
    let (h, k) = (stage.h, size_of(stage));
    let inks = Inks::of(rig.style);
    let width = at.rx * 1.72;
    let caps: String = spec.text.join(" ").to_uppercase();
    let set = fit(&caps, Type::new(Face::Bold, 76.0 * k.max(0.8)).tracked(0.118), width, h * 0.22, 2);
    // The last base line at .26 H when there is one line; two lines stand a little higher.
    let first = set.lines.first().map_or(0.0, |l| l.baseline);
    let y = h * if set.lines.len() > 1 { 0.195 } else { 0.26 } - first;
    let last = set.lines.last().map_or(0.0, |l| l.baseline);
    let mut words = vec![Lettering { set, x: at.cx, y, color: inks.letters, shadow: !inks.dark, seed: number(spec, "words") }];
    let mut y = y + last + 26.0 * k;
    // Small lines stay above the motif's lamp.
    let lines = spec.small.iter().take(3).count().max(1) as f32;
    let room = (h * 0.395 - y).max(24.0) / lines;
    for (i, small) in spec.small.iter().take(3).enumerate() {
        let set = fit(small, Type::new(Face::Italic, 30.0 * k.max(0.8)).tracked(0.07), width * 0.9, room.min(42.0), 1);
        let height = set.height;
        words.push(Lettering { set, x: at.cx, y, color: inks.soft, shadow: !inks.dark, seed: number(spec, "small") ^ i as u64 });
        y += height;
    }
    words
}

/// Small lines of an end card that are the film's own; those after them name others, and may wrap.
pub const CREDITS: usize = 2;
/// The smallest letters in which others are named, units.
const SMALLEST: f32 = 17.0;

/// The words of an end card.
pub struct EndWords {
    /// Title, series, credits.
    pub words: Vec<Lettering>,
    /// Where the rule under the title lies.
    pub rule: f32,
    /// Whether they take the whole opening: nothing else is painted under them then.
    pub long: bool,
}

/// The words of an end card on one axis: the title, a rule with a star, the series in italics, then credits, smaller and
/// quieter. The block is centred in the sky above the motif, a little above the middle, where the eye expects it. When
/// those who are named are too many for that, the words take the motif's place too.
pub fn end_words(spec: &CardSpec, rig: &Rig, at: &Proscenium) -> EndWords {
    let whole = end_words_in(spec, rig, at, 0.50);
    let smallest = whole.words.iter().skip(1 + CREDITS).map(|w| w.set.size).fold(f32::MAX, f32::min);
    if whole.words.iter().skip(1 + CREDITS).all(is_whole) && smallest >= SMALLEST {
        return whole;
    }
    EndWords { long: true, ..end_words_in(spec, rig, at, 0.795) }
}

fn is_whole(words: &Lettering) -> bool {
    !words.set.lines.last().is_some_and(|l| l.text.ends_with('…'))
}

fn end_words_in(spec: &CardSpec, rig: &Rig, at: &Proscenium, foot: f32) -> EndWords {
    let stage = &rig.stage;
    let (h, k) = (stage.h, size_of(stage).max(0.8));
    let caps: String = spec.text.join(" ").to_uppercase();
    let inks = Inks::of(rig.style);
    let width = at.rx * 1.72;
    let sky = (h * 0.125, h * foot);
    let set = fit(&caps, Type::new(Face::Bold, 60.0 * k).tracked(0.118), width * 0.86, h * 0.16, 2);
    let own = spec.small.len().clamp(1, CREDITS) as f32;
    let owed = spec.small.len().saturating_sub(CREDITS) as f32;
    // What is owed to others may take two lines.
    let n = own + if owed > 0.0 { owed + 1.0 } else { 0.0 };
    let rule = 46.0 * k;
    let line = ((sky.1 - sky.0 - set.height - rule) / (n + 0.25)).min(44.0 * k);
    let tall = set.height + rule + line * (n + 0.25);
    let mut y = sky.0 + if foot > 0.6 { 0.0 } else { ((sky.1 - sky.0 - tall) * 0.42).max(0.0) };
    let height = set.height;
    let shadow = !inks.dark;
    let mut words = vec![Lettering { set, x: at.cx, y, color: inks.letters, shadow, seed: number(spec, "words") }];
    y += height + rule * 0.5;
    let star = y;
    y += rule * 0.5;
    for (i, small) in spec.small.iter().enumerate() {
        let (kind, part, color) = if i == 0 {
            (Type::new(Face::Italic, line * 0.66).tracked(0.05), 0.80, inks.soft)
        } else {
            (Type::new(Face::Regular, (line * 0.50).max(19.0 * k)).tracked(0.06), 0.72, inks.quiet)
        };
        let (room, lines) = if i < CREDITS { (line * 1.02, 1) } else { ((sky.1 - y).max(line), 4) };
        let set = fit(small, kind, width * part, room, lines);
        let tall = if i < CREDITS { line } else { set.height };
        words.push(Lettering { set, x: at.cx, y, color, shadow, seed: number(spec, "small") ^ i as u64 });
        y += if i == 0 { line * 1.25 } else { tall };
    }
    EndWords { words, rule: star, long: false }
}
