//! Things: lamps, books, cans and what else is held, spent and seen. Every shape is drawn in units of its own: 200 high,
//! centred on the origin, so that it stands up to filling a frame. A shape nobody has drawn yet is the nearest one of its
//! kind ([`drawn_as`] says which, so that it can be recorded), and what is of no kind a wrapped parcel with a paper tag.

mod caravan;
mod gear;
mod home;
mod known;
mod lights;

use contracts::picture::PropSpec;
pub use known::{DRAWN, Rest, drawn_as, rest};
pub use lights::light_of;

use crate::{
    paper::{Edge, Pt, Rgb, c, p},
    places::{
        palette::{Style, hex, mix},
        pen::Pen,
    },
    text::{Face, Type, fit},
};

/// A flame of a painted prop, in the prop's units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flame {
    /// Across.
    pub x: f32,
    /// Down.
    pub y: f32,
    /// Reach of its glow in the air.
    pub r: f32,
}

/// Where a prop is held, in its own units: where the fist goes.
pub fn grip(shape: &str) -> (f32, f32) {
    match known::drawn(shape).0 {
        "staff" => (0.0, -12.0),
        "sword" => (22.0, -68.0),
        "basket" => (0.0, -94.0),
        "pot" => (0.0, -92.0),
        "spoon" => (-34.0, 70.0),
        "flower" => (0.0, 70.0),
        "wheel" => (0.0, 66.0),
        "helmet" | "crown" | "loaf" => (0.0, 80.0),
        "pencil" => (44.0, -52.0),
        "scale" => (0.0, -70.0),
        "lantern" | "star" => (0.0, -96.0),
        "lamp" | "candle" | "torch" => (0.0, 40.0),
        "can" => (0.0, -84.0),
        "bell" => (0.0, -86.0),
        "key" => (0.0, -60.0),
        "pen" => (-30.0, 40.0),
        "rope" => (0.0, -70.0),
        "cup" => (50.0, 10.0),
        "knife" => (-66.0, 38.0),
        "ring" => (0.0, 60.0),
        "string" => (94.0, -60.0),
        _ => (0.0, 46.0),
    }
}

/// Height of a prop against a head, when somebody holds it or it stands on a table.
pub fn stature(shape: &str) -> f32 {
    match known::drawn(shape).0 {
        "door" | "doors" => 8.6,
        "ladder" => 8.0,
        "camel" => 8.2,
        "staff" => 6.8,
        "sword" => 3.6,
        "chair" => 3.6,
        "wheel" => 1.6,
        "pot" | "basket" | "helmet" | "radio" => 1.05,
        "pack" => 1.5,
        "tray" => 0.9,
        "timer" | "mushroom" | "loaf" | "crown" | "scale" => 0.72,
        "mitten" | "spoon" | "flower" | "gauge" | "switch" => 0.6,
        "pencil" => 0.45,
        "chart" => 0.95,
        "lamp" => 1.25,
        "lantern" => 1.15,
        "star" => 1.5,
        "book" => 0.75,
        "can" => 1.2,
        "cloth" | "blanket" | "tarpaulin" => 0.85,
        "card" | "letter" => 0.7,
        "key" => 0.5,
        "bell" => 0.6,
        "rope" => 0.8,
        "pen" | "cup" => 0.45,
        "boat" => 3.0,
        "mule" => 5.4,
        "marker" => 9.0,
        "stone" => 3.6,
        "blocks" => 2.2,
        "ring" => 0.3,
        "string" => 0.6,
        _ => 0.8,
    }
}

/// How far a thing reaches to the left and right of its middle, in its own heights.
pub fn reach(shape: &str) -> (f32, f32) {
    match known::drawn(shape).0 {
        "camel" => (0.56, 0.76),
        "mule" => (0.60, 0.66),
        _ => (0.5, 0.5),
    }
}

struct Paints<'a> {
    prop: &'a PropSpec,
    style: Style,
}

impl Paints<'_> {
    /// The prop's own colour, else the shape's.
    fn own(&self, i: usize, other: &str) -> Rgb {
        self.style.tone(self.prop.colours.get(i).map_or_else(|| hex(other), |c| hex(c)))
    }

    /// What is written on and with: the lightest and the darkest of the prop's colours, if they can be told apart.
    fn paper(&self, paper: &str, ink: &str) -> (Rgb, Rgb) {
        let mut own: Vec<Rgb> = self.prop.colours.iter().map(|c| self.style.tone(hex(c))).collect();
        own.sort_by(|a, b| a.luma().total_cmp(&b.luma()));
        match own[..] {
            [dark, .., light] if light.luma() - dark.luma() > 0.35 => (light, dark),
            _ => (self.own(0, paper), self.tone(ink)),
        }
    }

    fn tone(&self, c: &str) -> Rgb {
        self.style.tone(hex(c))
    }

    fn says(&self, words: &[&str]) -> bool {
        let look = self.prop.look.to_lowercase();
        words.iter().any(|w| look.contains(w))
    }
}

/// Paints a prop and says where it burns. The pen is in the prop's units.
pub fn paint(pen: &mut Pen, prop: &PropSpec, style: Style) -> Option<Flame> {
    let q = Paints { prop, style };
    match known::drawn(prop.shape.as_str()).0 {
        "lamp" if crate::places::rig::is_great(prop) => lights::great_lamp(pen, &q),
        "lamp" => lights::oil_lamp(pen, &q),
        "candle" => lights::candle(pen, &q),
        "torch" => lights::torch(pen, &q),
        "lantern" => lights::lantern(pen, &q),
        "star" => lights::star_lamp(pen, &q),
        shape => {
            match shape {
                "book" => book(pen, &q),
                "can" => can(pen, &q),
                "cloth" | "blanket" => cloth(pen, &q),
                "tarpaulin" => tarpaulin(pen, &q),
                "card" => card(pen, &q),
                "letter" => letter(pen, &q),
                "key" => key(pen, &q),
                "bell" => bell(pen, &q),
                "rope" => rope(pen, &q),
                "boat" => boat(&mut pen.at(0.0, 74.0, 0.95, 1.0), &prop.colours, style),
                "pen" => quill(pen, &q),
                "cup" => cup(pen, &q),
                "mule" => caravan::mule(pen, &q),
                "marker" => caravan::marker(pen, &q),
                "blocks" => caravan::blocks(pen, &q),
                "stone" => caravan::stone(pen, &q),
                "ring" => caravan::ring(pen, &q),
                "knife" => caravan::knife(pen, &q),
                "string" => caravan::string(pen, &q),
                "door" => home::door(pen, &q),
                "doors" => home::three(pen, &q, home::door),
                "pot" => home::pot(pen, &q),
                "spoon" => home::spoon(pen, &q),
                "mitten" => home::mitten(pen, &q),
                "loaf" => home::loaf(pen, &q),
                "basket" => home::basket(pen, &q),
                "mushroom" => home::mushroom(pen, &q),
                "flower" => home::flower(pen, &q),
                "crown" => home::crown(pen, &q),
                "ladder" => home::ladder(pen, &q),
                "chair" => home::chair(pen, &q),
                "timer" => gear::timer(pen, &q),
                "gauge" => gear::gauge(pen, &q),
                "radio" => gear::radio(pen, &q),
                "chart" => gear::chart(pen, &q),
                "switch" => gear::switch(pen, &q),
                "wheel" => gear::wheel(pen, &q),
                "helmet" => gear::helmet(pen, &q),
                "scale" => gear::scale(pen, &q),
                "tray" => gear::tray(pen, &q),
                "staff" => gear::staff(pen, &q),
                "sword" => gear::sword(pen, &q),
                "camel" => gear::camel(pen, &q),
                "pack" => gear::pack(pen, &q),
                "pencil" => gear::pencil(pen, &q),
                _ => parcel(pen, &q),
            }
            None
        }
    }
}

/// An open ruled book with lines in one hand.
fn book(pen: &mut Pen, q: &Paints) {
    let cover = q.own(0, "#4a2a1c");
    let page = Some(q.paper("#e8dcbc", "#5a4a3c").0).filter(|page| *page != cover).unwrap_or_else(|| q.own(1, "#e8dcbc"));
    let ink = q.tone("#5a4a3c");
    let dark = mix(page, q.tone("#6a5438"), 0.35);
    pen.poly(&[(-150.0, 92.0), (-132.0, -82.0), (0.0, -70.0), (132.0, -82.0), (150.0, 92.0), (0.0, 104.0)], cover, |s| {
        s.sh(0.0, 8.0, 12.0, 0.55).k(1.0)
    });
    for (i, t) in [(0.0f32, 0.30f32), (3.5, 0.15), (7.0, 0.0)] {
        let c2 = mix(page, dark, t);
        pen.curve(
            &[
                (-142.0 + i, 84.0 - i),
                (-126.0 + i * 0.5, -80.0 - i),
                (-70.0, -92.0 - i),
                (0.0, -72.0 - i * 0.4),
                (0.0, 94.0 - i),
                (-66.0, 74.0 - i),
            ],
            c2,
            |s| s.sh(0.0, 2.0, 3.0, 0.35).clean(),
        );
        pen.curve(
            &[
                (142.0 - i, 84.0 - i),
                (126.0 - i * 0.5, -80.0 - i),
                (70.0, -92.0 - i),
                (0.0, -72.0 - i * 0.4),
                (0.0, 94.0 - i),
                (66.0, 74.0 - i),
            ],
            mix(c2, dark, 0.18),
            |s| s.sh(0.0, 2.0, 3.0, 0.35).clean(),
        );
    }
    pen.shape(&[c(0.0, -72.0), p(-16.0, 0.0), c(0.0, 88.0), p(16.0, 0.0)], q.tone("#4a3826"), |s| s.flat().tex(0.0).blur(5.0).alpha(0.35));
    let text = q.prop.inscription.as_deref();
    for side in [-1.0f32, 1.0] {
        for j in 0..9 {
            let t = j as f32 / 8.0;
            let (x0, x1) = (18.0, 108.0 + 12.0 * t);
            let y = -68.0 + 128.0 * t;
            let rise = |x: f32| y - (x / 130.0) * 12.0 * (1.0 - 0.6 * t) + 7.0 * ((40.0 - x) / 22.0).max(0.0);
            pen.line(&[(side * x0, rise(x0)), (side * 60.0, rise(60.0) - 2.0), (side * x1, rise(x1))], q.tone("#9a8a6a"), 0.9, 0.7, true);
            // Writing: words of uneven length above the rule; the last lines are still empty.
            if j < 7 - (side > 0.0) as usize * 3 && !(side > 0.0 && text.is_some()) {
                let mut x = x0 + 4.0;
                let mut n = j * 7 + 3;
                while x < x1 - 14.0 {
                    n = (n * 5 + 7) % 11;
                    let l = 8.0 + n as f32 * 1.7;
                    let end = (x + l).min(x1 - 6.0);
                    let wave: Vec<(f32, f32)> = (0..6)
                        .map(|i| {
                            let u = x + (end - x) * i as f32 / 5.0;
                            (side * u, rise(u) - 4.0 + [0.9, -1.8, 0.6, -0.8, 1.1, -1.4][(i + n) % 6])
                        })
                        .collect();
                    pen.line(&wave, ink, 1.3, 0.85, true);
                    x = end + 5.0;
                }
            }
        }
    }
    if let Some(words) = text {
        let set = fit(words, Type::new(Face::Italic, 22.0), 96.0, 70.0, 3);
        pen.words(&set, 66.0, -56.0, 1.0, ink, |s| s.flat().tex(0.2));
    }
}

/// A square can with a red band.
fn can(pen: &mut Pen, q: &Paints) {
    let tin = q.own(0, "#7d8078");
    let band = q.own(1, "#a8433a");
    let dark = mix(tin, q.tone("#1c1c22"), 0.55);
    let light = mix(tin, q.tone("#f0ead8"), 0.30);
    pen.line(&[(-22.0, -66.0), (-24.0, -86.0), (0.0, -94.0), (26.0, -86.0), (24.0, -66.0)], dark, 7.0, 1.0, true);
    pen.line(&[(-22.0, -68.0), (-22.0, -86.0), (0.0, -92.0)], light, 1.8, 0.6, true);
    pen.poly(&[(34.0, -54.0), (64.0, -66.0), (66.0, 84.0), (36.0, 100.0)], dark, |s| s.sh(5.0, 4.0, 8.0, 0.5).clean());
    let front = [(-64.0, -54.0), (36.0, -54.0), (38.0, 100.0), (-66.0, 100.0)];
    pen.poly(&front, tin, |s| s.sh(3.0, 4.0, 7.0, 0.45).clean().grad((-66.0, -40.0), (40.0, 80.0), light, mix(tin, dark, 0.35)));
    pen.poly(&[(-64.0, -54.0), (-34.0, -68.0), (64.0, -67.0), (36.0, -54.0)], light, |s| s.flat().clean());
    pen.poly(&[(-65.0, 4.0), (37.0, 4.0), (37.6, 50.0), (-65.6, 50.0)], band, |s| {
        s.flat().clean().grad((-60.0, 0.0), (38.0, 0.0), mix(band, hex("#ffe0c0"), 0.12), mix(band, dark, 0.3))
    });
    pen.poly(&[(35.0, 4.0), (65.2, -8.0), (65.6, 36.0), (36.0, 50.0)], mix(band, dark, 0.55), |s| s.flat().clean());
    pen.poly(&[(42.0, -62.0), (58.0, -68.0), (58.0, -84.0), (42.0, -80.0)], mix(tin, dark, 0.3), |s| s.clean().sh(2.0, 2.0, 3.0, 0.4));
    pen.ellipse(50.0, -82.0, 10.0, 4.5, light, |s| s.clean().sh(0.0, 2.0, 2.0, 0.4));
    pen.line(&[(-64.0, -50.0), (34.0, -50.0)], hex("#fff8e0"), 1.6, 0.4, false);
    pen.line(&[(-60.0, -44.0), (-61.0, 94.0)], hex("#fff8e0"), 1.8, 0.3, false);
    for (x, y, r) in [(-38.0, 76.0, 8.0), (12.0, -26.0, 6.0), (-20.0, -36.0, 4.0)] {
        pen.ellipse(x, y, r * 1.4, r, mix(tin, q.tone("#6a4a34"), 0.5), |s| s.flat().alpha(0.35).edge(Edge::Soft).k(0.4));
    }
    if let Some(words) = q.prop.inscription.as_deref() {
        let set = fit(words, Type::new(Face::Bold, 26.0), 88.0, 40.0, 2);
        pen.words(&set, -14.0, 10.0, 1.0, q.tone("#f4e6c4"), |s| s.flat().tex(0.4));
    }
}

/// A folded blanket with a corner turned over.
fn cloth(pen: &mut Pen, q: &Paints) {
    if q.says(&["tarpaulin", "over something"]) {
        return tarpaulin(pen, q);
    }
    let wool = q.own(0, "#83868c");
    let corner = q.own(1, "#9a3f38");
    let dark = mix(wool, q.tone("#1c1c28"), 0.5);
    let light = mix(wool, q.tone("#f4f0e4"), 0.25);
    for i in 0..4 {
        let y = 92.0 - 38.0 * i as f32;
        let x = if i % 2 == 0 { 0.0 } else { 5.0 };
        let tone = mix(wool, if i % 2 == 0 { dark } else { light }, 0.16);
        pen.curve(
            &[
                (-128.0 + x, y - 4.0),
                (-136.0 + x, y - 20.0),
                (-124.0 + x, y - 38.0),
                (-40.0, y - 42.0),
                (60.0, y - 38.0),
                (124.0 + x, y - 42.0),
                (134.0 + x, y - 22.0),
                (126.0 + x, y - 2.0),
                (40.0, y + 3.0),
                (-50.0, y),
            ],
            tone,
            |s| {
                s.sh(2.0, 4.0, 6.0, 0.45).edge(Edge::Soft).k(0.7).grad(
                    (-120.0, 0.0),
                    (130.0, 0.0),
                    mix(tone, light, 0.4),
                    mix(tone, dark, 0.35),
                )
            },
        );
        pen.line(&[(-118.0 + x, y - 20.0), (-20.0, y - 17.0), (118.0 + x, y - 20.0)], dark, 2.0, 0.4, true);
        // A blanket has bands.
        if known::drawn(q.prop.shape.as_str()).0 == "blanket" {
            for x in [-84.0, -66.0, 66.0, 84.0] {
                pen.line(&[(x, y - 38.0), (x + 3.0, y - 20.0), (x, y - 3.0)], corner, 7.0, 0.75, true);
            }
        }
    }
    // The topmost layer, its corner laid back: here is the red.
    pen.curve(
        &[(-120.0, -52.0), (-70.0, -84.0), (40.0, -92.0), (112.0, -66.0), (122.0, -44.0), (60.0, -52.0), (-40.0, -46.0)],
        light,
        |s| s.sh(0.0, 4.0, 6.0, 0.4).edge(Edge::Soft).k(0.7).grad((-100.0, -80.0), (110.0, -40.0), light, wool),
    );
    pen.shape(&[c(26.0, -50.0), p(70.0, -66.0), c(114.0, -60.0), p(112.0, -16.0), c(92.0, 22.0), p(60.0, -14.0)], corner, |s| {
        s.sh(-2.0, 5.0, 7.0, 0.5).grad((40.0, -60.0), (108.0, 20.0), mix(corner, hex("#ffd0b0"), 0.14), mix(corner, dark, 0.4)).k(0.6)
    });
    for i in 0..9 {
        let t = i as f32 / 8.0;
        let (x, y) = (96.0 + 16.0 * (1.0 - t) - 3.0, 18.0 - 70.0 * t);
        pen.line(&[(x, y), (x + 7.0, y + 5.0)], corner, 2.0, 0.9, false);
    }
    for i in 0..14 {
        let (x, y) = (-104.0 + 15.0 * i as f32, -18.0 + 13.0 * ((i * 5) % 7) as f32);
        pen.line(&[(x, y), (x + 9.0, y - 2.0)], light, 1.2, 0.35, false);
    }
}

/// Stiff brown cloth over something round.
fn tarpaulin(pen: &mut Pen, q: &Paints) {
    let cloth = q.own(0, "#6f5638");
    let dark = mix(cloth, q.tone("#140e10"), 0.6);
    let light = mix(cloth, q.tone("#f0dcb0"), 0.24);
    pen.curve(
        &[
            (-150.0, 98.0),
            (-128.0, 60.0),
            (-96.0, 20.0),
            (-72.0, -50.0),
            (-30.0, -86.0),
            (24.0, -90.0),
            (70.0, -58.0),
            (92.0, 6.0),
            (124.0, 54.0),
            (150.0, 96.0),
            (90.0, 90.0),
            (40.0, 99.0),
            (-20.0, 91.0),
            (-84.0, 100.0),
        ],
        cloth,
        |s| s.sh(4.0, 8.0, 12.0, 0.5).grad((-110.0, -60.0), (120.0, 60.0), light, mix(cloth, dark, 0.5)),
    );
    for f in [
        [(-30.0, -84.0), (-58.0, -10.0), (-104.0, 88.0), (-84.0, 92.0), (-44.0, 0.0)],
        [(10.0, -86.0), (2.0, -10.0), (-12.0, 88.0), (16.0, 92.0), (22.0, 0.0)],
        [(44.0, -78.0), (70.0, 0.0), (96.0, 86.0), (122.0, 80.0), (84.0, -6.0)],
    ] {
        pen.curve(&f, dark, |s| s.flat().alpha(0.45).k(0.6));
    }
    pen.curve(&[(-20.0, -80.0), (-24.0, -10.0), (-48.0, 84.0), (-32.0, 88.0), (-10.0, -4.0)], light, |s| s.flat().alpha(0.4).k(0.6));
    pen.line(&[(-118.0, 44.0), (-50.0, 58.0), (30.0, 50.0), (122.0, 48.0)], q.tone("#c8b088"), 5.0, 1.0, true);
    pen.line(&[(-118.0, 46.0), (-50.0, 60.0), (30.0, 52.0), (122.0, 50.0)], dark, 1.6, 0.5, true);
    for (x, y) in [(-132.0, 84.0), (-56.0, 88.0), (60.0, 86.0), (132.0, 84.0)] {
        pen.disc(x, y, 5.0, q.tone("#b9873a"), |s| s.clean().sh(0.0, 1.0, 1.0, 0.4));
        pen.disc(x, y, 2.2, dark, |s| s.clean().flat());
    }
}

/// A printed card on a nail.
fn card(pen: &mut Pen, q: &Paints) {
    let (paper, ink) = q.paper("#e8dcbc", "#3a2626");
    pen.poly(&[(-96.0, -88.0), (98.0, -92.0), (95.0, 92.0), (-99.0, 96.0)], paper, |s| {
        s.edge(Edge::Torn).core(mix(paper, hex("#fffaf0"), 0.7)).k(0.7).sh(3.0, 6.0, 9.0, 0.5).tex(0.9)
    });
    for (a, w) in [(82.0, 2.2), (76.0, 1.0)] {
        pen.line(&[(-a, -a + 6.0), (a + 1.0, -a + 4.0), (a - 1.0, a - 2.0), (-a - 1.0, a), (-a, -a + 6.0)], ink, w, 0.7, false);
    }
    let words = q.prop.inscription.clone().unwrap_or_default();
    let (head, rest) = words.split_once(',').map_or((words.as_str(), ""), |(a, b)| (a.trim(), b.trim()));
    if !head.is_empty() {
        let room = if rest.is_empty() { 96.0 } else { 50.0 };
        let set = fit(head, Type::new(Face::Bold, 30.0).tracked(0.08), 138.0, room, 3);
        pen.words(&set, 0.0, if rest.is_empty() { -set.height * 0.5 } else { -40.0 }, 1.0, ink, |s| s.flat().tex(0.3));
        pen.shape(&[c(-56.0, 14.0), p(0.0, 11.5), c(56.0, 14.0), p(0.0, 16.5)], q.tone("#8a6a42"), |s| {
            s.flat().clean().alpha(if rest.is_empty() { 0.0 } else { 1.0 })
        });
        if !rest.is_empty() {
            let set = fit(rest, Type::new(Face::Italic, 28.0), 138.0, 52.0, 2);
            pen.words(&set, 0.0, 18.0, 1.0, ink, |s| s.flat().tex(0.3));
        }
    } else {
        for i in 0..5 {
            let y = -40.0 + 24.0 * i as f32;
            pen.line(&[(-58.0, y), (-10.0, y - 2.0), (58.0 - 20.0 * (i % 2) as f32, y)], ink, 2.4, 0.7, true);
        }
    }
    // A slip or a ticket goes from hand to hand; any other card hangs on a nail.
    if !q.says(&["slip", "ticket", "ribbon"]) {
        pen.disc(1.0, -80.0, 6.0, q.tone("#4a4a50"), |s| s.clean().sh(2.0, 4.0, 4.0, 0.5));
        pen.disc(-1.0, -82.0, 2.2, q.tone("#b8b8bc"), |s| s.clean().flat());
    }
}

fn letter(pen: &mut Pen, q: &Paints) {
    let paper = q.own(0, "#e6dac0");
    let seal = q.own(1, "#9a3a34");
    let dark = mix(paper, q.tone("#5a4430"), 0.35);
    pen.poly(&[(-140.0, -88.0), (138.0, -92.0), (142.0, 90.0), (-142.0, 92.0)], paper, |s| {
        s.edge(Edge::Torn).core(mix(paper, hex("#fffaf0"), 0.7)).k(0.6).sh(3.0, 6.0, 10.0, 0.5).tex(0.8)
    });
    pen.poly(&[(-140.0, 90.0), (-20.0, -4.0), (20.0, -4.0), (140.0, 88.0)], mix(paper, dark, 0.25), |s| s.sh(0.0, -2.0, 4.0, 0.3));
    pen.poly(&[(-140.0, -86.0), (138.0, -90.0), (14.0, 24.0), (-14.0, 24.0)], mix(paper, hex("#fffaf0"), 0.25), |s| {
        s.sh(0.0, 4.0, 6.0, 0.4)
    });
    pen.disc(0.0, 20.0, 24.0, seal, |s| {
        s.edge(Edge::Soft).sh(1.0, 3.0, 4.0, 0.5).grad(
            (-20.0, 0.0),
            (24.0, 40.0),
            mix(seal, hex("#ffc0a0"), 0.25),
            mix(seal, q.tone("#1c0a0c"), 0.35),
        )
    });
    pen.poly(&lights::star_points(0.0, 20.0, 13.0), mix(seal, q.tone("#2a0c0c"), 0.4), |s| s.clean().flat());
}

fn key(pen: &mut Pen, q: &Paints) {
    let brass = q.own(0, "#b9873a");
    let dark = mix(brass, q.tone("#3a2010"), 0.55);
    let light = mix(brass, hex("#fff0c0"), 0.55);
    for (tone, dx, dy) in [(dark, 2.5, 4.0), (brass, 0.0, 0.0)] {
        let ring: Vec<(f32, f32)> = (0..=24)
            .map(|i| core::f32::consts::TAU * i as f32 / 24.0)
            .map(|a| (dx + 36.0 * libm::cosf(a), dy - 56.0 + 36.0 * libm::sinf(a)))
            .collect();
        pen.line(&ring, tone, 15.0, 1.0, true);
        pen.line(&[(dx, dy - 22.0), (dx, dy + 94.0)], tone, 15.0, 1.0, false);
        pen.line(&[(dx, dy + 88.0), (dx + 36.0, dy + 88.0)], tone, 14.0, 1.0, false);
        pen.line(&[(dx, dy + 58.0), (dx + 28.0, dy + 58.0)], tone, 13.0, 1.0, false);
    }
    for y in [-14.0, -4.0] {
        pen.line(&[(-11.0, y), (11.0, y)], dark, 4.0, 0.8, false);
    }
    pen.line(&[(-31.0, -70.0), (-22.0, -84.0), (-8.0, -92.0)], light, 5.0, 0.9, true);
    pen.line(&[(-4.0, 0.0), (-4.0, 80.0)], light, 3.0, 0.8, false);
}

fn bell(pen: &mut Pen, q: &Paints) {
    let brass = q.own(0, "#b9873a");
    let dark = mix(brass, q.tone("#2a180c"), 0.6);
    let light = mix(brass, hex("#fff0c0"), 0.4);
    let ring: Vec<(f32, f32)> =
        (0..=16).map(|i| core::f32::consts::TAU * i as f32 / 16.0).map(|a| (15.0 * libm::cosf(a), -82.0 + 14.0 * libm::sinf(a))).collect();
    pen.line(&ring, dark, 8.0, 1.0, true);
    pen.disc(0.0, 84.0, 14.0, dark, |s| s.clean());
    pen.curve(
        &[
            (-76.0, 74.0),
            (-58.0, 46.0),
            (-48.0, -6.0),
            (-38.0, -48.0),
            (-14.0, -68.0),
            (14.0, -68.0),
            (38.0, -48.0),
            (48.0, -6.0),
            (58.0, 46.0),
            (76.0, 74.0),
            (0.0, 84.0),
        ],
        brass,
        |s| s.clean().sh(0.0, 5.0, 8.0, 0.5).grad((-60.0, 0.0), (66.0, 0.0), light, dark),
    );
    pen.curve(&[(-78.0, 74.0), (-72.0, 64.0), (0.0, 72.0), (72.0, 64.0), (78.0, 74.0), (0.0, 86.0)], mix(brass, light, 0.4), |s| {
        s.clean().sh(0.0, 2.0, 3.0, 0.4)
    });
    pen.line(&[(-52.0, 38.0), (0.0, 46.0), (52.0, 38.0)], dark, 2.4, 0.6, true);
    pen.curve(&[(-40.0, 30.0), (-34.0, -20.0), (-24.0, -50.0), (-24.0, -14.0), (-30.0, 30.0)], hex("#fff4d0"), |s| {
        s.flat().clean().tex(0.0).alpha(0.45)
    });
}

fn rope(pen: &mut Pen, q: &Paints) {
    let hemp = q.own(0, "#8a6f4a");
    let dark = mix(hemp, q.tone("#1c1410"), 0.6);
    for (i, (rx, ry, y)) in [(96.0, 46.0, 48.0), (100.0, 48.0, 24.0), (97.0, 46.0, 0.0), (92.0, 44.0, -22.0)].into_iter().enumerate() {
        let ring: Vec<(f32, f32)> = (0..=28)
            .map(|k| core::f32::consts::TAU * k as f32 / 28.0 + i as f32)
            .map(|a| (rx * libm::cosf(a), y + ry * libm::sinf(a)))
            .collect();
        pen.line(&ring, dark, 27.0, 1.0, true);
        pen.line(&ring, mix(hemp, dark, 0.18 * (3 - i) as f32 / 3.0), 21.0, 1.0, true);
        for pair in ring.windows(2) {
            let (x, y) = pair[0];
            let (dx, dy) = (pair[1].0 - x, pair[1].1 - y);
            let l = (dx * dx + dy * dy).sqrt().max(1e-3);
            let (nx, ny) = (-dy / l * 9.0, dx / l * 9.0);
            pen.line(&[(x - nx - dx * 0.25, y - ny - dy * 0.25), (x + nx + dx * 0.25, y + ny + dy * 0.25)], dark, 2.4, 0.6, false);
        }
    }
    pen.line(&[(60.0, -50.0), (110.0, -72.0), (132.0, -40.0), (140.0, 30.0)], dark, 24.0, 1.0, true);
    pen.line(&[(60.0, -50.0), (110.0, -72.0), (132.0, -40.0), (140.0, 30.0)], hemp, 18.0, 1.0, true);
}

fn quill(pen: &mut Pen, q: &Paints) {
    let feather = q.own(0, "#d8d4cc");
    let dark = mix(feather, q.tone("#3a3a48"), 0.5);
    pen.shape(
        &[c(-62.0, 66.0), p(-20.0, 6.0), p(24.0, -54.0), p(70.0, -94.0), c(86.0, -98.0), p(84.0, -58.0), p(50.0, -6.0), p(6.0, 40.0)],
        feather,
        |s| s.sh(3.0, 5.0, 7.0, 0.45).edge(Edge::Rag).k(0.6).grad((-20.0, 0.0), (50.0, 10.0), feather, dark),
    );
    pen.line(&[(-92.0, 99.0), (-50.0, 52.0), (10.0, -14.0), (82.0, -94.0)], q.tone("#8a7a60"), 4.0, 1.0, true);
    for i in 0..9 {
        let t = i as f32 / 9.0;
        let (x, y) = (-46.0 + 116.0 * t, 44.0 - 128.0 * t);
        pen.line(&[(x, y), (x + 20.0, y - 2.0)], dark, 1.2, 0.5, false);
    }
    pen.shape(&[c(-94.0, 102.0), p(-84.0, 84.0), c(-70.0, 76.0), p(-80.0, 92.0)], q.tone("#1c1a24"), |s| s.clean().flat());
}

fn cup(pen: &mut Pen, q: &Paints) {
    let glaze = q.own(0, "#c9bfa8");
    let dark = mix(glaze, q.tone("#2a2430"), 0.5);
    let ear: Vec<(f32, f32)> = (0..=12)
        .map(|i| core::f32::consts::PI * (i as f32 / 12.0 - 0.5))
        .map(|a| (66.0 + 40.0 * libm::cosf(a), 10.0 + 42.0 * libm::sinf(a)))
        .collect();
    pen.line(&ear, dark, 17.0, 1.0, true);
    pen.line(&ear, glaze, 12.0, 1.0, true);
    pen.curve(
        &[(-74.0, -62.0), (-72.0, 20.0), (-52.0, 86.0), (0.0, 96.0), (52.0, 86.0), (72.0, 20.0), (74.0, -62.0), (0.0, -52.0)],
        glaze,
        |s| s.clean().sh(2.0, 6.0, 9.0, 0.5).grad((-70.0, 0.0), (76.0, 0.0), mix(glaze, hex("#fffaf0"), 0.3), dark),
    );
    pen.ellipse(0.0, -62.0, 74.0, 22.0, mix(glaze, hex("#fffaf0"), 0.25), |s| s.clean().flat());
    pen.ellipse(0.0, -58.0, 65.0, 16.0, q.tone("#3a241a"), |s| s.clean().flat());
    pen.line(&[(-66.0, -18.0), (0.0, -8.0), (68.0, -18.0)], q.own(1, "#4a6a7a"), 6.0, 0.8, true);
}

/// A rowing boat on its water line, 300 units long; also the one at the landing. The pen's origin is its middle at the
/// water.
pub fn boat(pen: &mut Pen, colours: &[String], style: Style) {
    let own = |i: usize, other: &str| style.tone(colours.get(i).map_or_else(|| hex(other), |c| hex(c)));
    let hull = own(0, "#3a3f4e");
    let trim = own(1, "#a8604a");
    let wood = own(2, "#7a5a3c");
    let dark = mix(hull, style.tone(hex("#0a0c14")), 0.5);
    pen.curve(
        &[(-142.0, -54.0), (-60.0, -42.0), (40.0, -40.0), (128.0, -52.0), (96.0, -20.0), (-100.0, -18.0)],
        mix(wood, dark, 0.55),
        |s| s.flat(),
    );
    for x in [-58.0, 6.0, 66.0] {
        pen.poly(&[(x - 20.0, -40.0), (x + 20.0, -40.0), (x + 16.0, -30.0), (x - 16.0, -30.0)], wood, |s| s.sh(0.0, 3.0, 3.0, 0.4).clean());
    }
    pen.line(&[(-36.0, -58.0), (60.0, -16.0), (150.0, 14.0)], mix(wood, dark, 0.2), 5.0, 1.0, false);
    let body: [Pt; 9] = [
        c(-152.0, -62.0),
        p(-128.0, -46.0),
        p(-50.0, -32.0),
        p(50.0, -31.0),
        p(118.0, -42.0),
        c(138.0, -58.0),
        p(124.0, -6.0),
        p(40.0, 22.0),
        p(-92.0, 18.0),
    ];
    let side = pen.shape(&body, hull, |s| {
        s.sh(0.0, 5.0, 8.0, 0.45).clean().grad((0.0, -44.0), (0.0, 22.0), mix(hull, style.tone(hex("#e8e0d0")), 0.20), dark)
    });
    for (i, y) in [(0, -20.0), (1, -8.0), (2, 4.0)] {
        pen.line(&[(-140.0, y - 22.0), (-50.0, y - 2.0), (50.0, y - 1.0), (132.0, y - 18.0)], dark, 1.8, 0.55 - 0.08 * i as f32, true);
    }
    let _ = side;
    pen.shape(
        &[
            c(-154.0, -66.0),
            p(-128.0, -50.0),
            p(-50.0, -37.0),
            p(50.0, -36.0),
            p(118.0, -46.0),
            c(140.0, -62.0),
            p(118.0, -37.0),
            p(50.0, -27.0),
            p(-50.0, -28.0),
            p(-130.0, -41.0),
        ],
        trim,
        |s| s.clean().sh(0.0, 2.0, 3.0, 0.35),
    );
    pen.curve(
        &[(-150.0, 16.0), (-60.0, 12.0), (40.0, 14.0), (140.0, 10.0), (60.0, 26.0), (-80.0, 28.0)],
        style.tone(hex("#0c1626")),
        |s| s.flat().alpha(0.4).tex(0.0).blur(4.0),
    );
}

/// What is of no kind that is drawn: wrapped, tied, tagged.
fn parcel(pen: &mut Pen, q: &Paints) {
    let paper = q.own(0, "#a08458");
    let string = q.tone("#d8c8a0");
    let dark = mix(paper, q.tone("#1c140c"), 0.5);
    pen.poly(&[(60.0, -60.0), (104.0, -80.0), (106.0, 74.0), (62.0, 98.0)], dark, |s| s.sh(4.0, 5.0, 9.0, 0.5));
    pen.poly(&[(-106.0, -58.0), (62.0, -60.0), (64.0, 98.0), (-108.0, 96.0)], paper, |s| {
        s.sh(3.0, 5.0, 8.0, 0.45).grad((-100.0, -50.0), (64.0, 96.0), mix(paper, hex("#fff0d0"), 0.2), mix(paper, dark, 0.35))
    });
    pen.poly(&[(-106.0, -58.0), (-64.0, -80.0), (104.0, -81.0), (62.0, -60.0)], mix(paper, hex("#fff0d0"), 0.25), |s| s.flat());
    pen.line(&[(-22.0, -58.0), (-21.0, 97.0)], string, 5.0, 1.0, false);
    pen.line(&[(-107.0, 16.0), (63.0, 17.0), (105.0, -4.0)], string, 5.0, 1.0, false);
    pen.line(&[(-22.0, -58.0), (20.0, -80.0)], string, 5.0, 1.0, false);
    for s in [-1.0f32, 1.0] {
        pen.line(&[(-22.0, 16.0), (-22.0 + s * 22.0, -4.0), (-22.0 + s * 30.0, 12.0), (-22.0, 16.0)], string, 4.0, 1.0, true);
    }
    pen.poly(&[(-4.0, 40.0), (10.0, 30.0), (50.0, 32.0), (50.0, 66.0), (8.0, 66.0), (-4.0, 56.0)], q.tone("#ece0c4"), |s| {
        s.sh(2.0, 3.0, 4.0, 0.4).clean()
    });
    pen.disc(6.0, 48.0, 2.6, dark, |s| s.clean().flat());
    if let Some(words) = q.prop.inscription.as_deref() {
        let set = fit(words, Type::new(Face::Italic, 14.0), 34.0, 28.0, 2);
        pen.words(&set, 30.0, 36.0, 1.0, q.tone("#3a2626"), |s| s.flat().tex(0.2));
    }
}
