//! Whole figures: two-bone limbs, a coat of one piece, a head (art direction §8).

use contracts::{picture::Pose, story::Emblem};

use super::{Cast, Desk, Face, Person, emblem, hair, hand::hand, head, head_back, head_profile};
use crate::paper::{Edge, Group, Outline, Pt, Rgb, Xf, p};

/// From where a figure is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum View {
    /// Facing the viewer.
    Front,
    /// Three quarters, to +x.
    ThreeQuarter,
    /// To +x.
    Profile,
    /// From behind.
    Back,
}

/// A whole figure: body, face, what it carries.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Body {
    /// View.
    pub view: View,
    /// Pose.
    pub pose: Pose,
    /// Face and light; yaw comes from the view.
    pub face: Face,
    /// Whether `Pose::Hold` holds a lantern; else the hand is left empty for another thing.
    pub lantern: bool,
}

impl Body {
    /// A body in a view and pose.
    pub fn new(view: View, pose: Pose, face: Face) -> Self {
        Self { view, pose, face, lantern: true }
    }
}

/// Where things are on a painted figure, canvas pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Anchors {
    /// The near or working hand.
    pub hand: (f32, f32),
    /// The lantern's flame, when one is held.
    pub lamp: Option<(f32, f32)>,
    /// The head's centre.
    pub head: (f32, f32),
    /// Transform of the head, in hu, for eye and mouth boxes.
    pub head_xf: Xf,
}

#[derive(Clone, Copy)]
enum Grip {
    Rest,
    Fist,
    Point,
}

type V = (f32, f32);

/// Feet and hands of a pose; the body follows.
struct Stance {
    feet: [V; 2],
    hands: [V; 2],
    grip: [Grip; 2],
    lean: f32,
    sit: bool,
    /// Whether the working arm is the second one, before the body.
    reach: bool,
}

impl Stance {
    fn of(pose: Pose, flat: bool, shoulder: f32, sy: f32) -> Self {
        use Grip::{Fist, Point, Rest};
        let still = Self {
            feet: [(-0.26, 0.0), (0.28, 0.0)],
            hands: [(-0.46, -3.26), (0.40, -3.28)],
            grip: [Rest, Rest],
            lean: 0.0,
            sit: false,
            reach: false,
        };
        match pose {
            Pose::Stand if flat => Self { hands: [(-shoulder - 0.16, sy + 2.42), (shoulder + 0.16, sy + 2.42)], ..still },
            Pose::Stand => still,
            Pose::Walk => {
                Self { feet: [(-0.85, -0.06), (0.80, 0.0)], hands: [(0.62, -3.5), (-0.72, -3.45)], grip: [Fist, Fist], lean: 0.06, ..still }
            }
            Pose::Point => Self {
                feet: [(-0.3, 0.0), (0.38, 0.0)],
                hands: [(-0.62, -3.3), (2.2, -5.75)],
                grip: [Rest, Point],
                lean: 0.03,
                reach: true,
                ..still
            },
            Pose::Hold => {
                Self { feet: [(-0.22, 0.0), (0.3, 0.0)], hands: [(-0.5, -3.3), (1.15, -4.45)], grip: [Rest, Fist], reach: true, ..still }
            }
            Pose::Sit => Self { feet: [(0.95, 0.0), (1.35, 0.0)], hands: [(1.05, -2.75), (0.9, -2.7)], sit: true, ..still },
        }
    }
}

/// Elbow or knee and hand or foot of a two-bone limb from `a` towards `b`.
fn limb(a: V, b: V, la: f32, lb: f32, bend: f32) -> (V, V) {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let length = (dx * dx + dy * dy).sqrt().max(1e-4);
    let reach = length.min((la + lb) * 0.999);
    let end = if length > reach { (a.0 + dx / length * reach, a.1 + dy / length * reach) } else { b };
    let cosine = ((la * la + reach * reach - lb * lb) / (2.0 * la * reach)).clamp(-1.0, 1.0);
    let angle = libm::atan2f(dy, dx) + bend * libm::acosf(cosine);
    ((a.0 + la * libm::cosf(angle), a.1 + la * libm::sinf(angle)), end)
}

/// An outline around a chain of points with a half width at each.
fn tube(chain: &[V], widths: &[f32]) -> Vec<Pt> {
    let n = chain.len();
    let side = |i: usize, s: f32| {
        let (a, b) = (chain[i.saturating_sub(1)], chain[(i + 1).min(n - 1)]);
        let (tx, ty) = (b.0 - a.0, b.1 - a.1);
        let l = (tx * tx + ty * ty).sqrt() + 1e-9;
        p(chain[i].0 - ty / l * widths[i] * s, chain[i].1 + tx / l * widths[i] * s)
    };
    (0..n).map(|i| side(i, 1.0)).chain((0..n).rev().map(|i| side(i, -1.0))).collect()
}

fn mid(a: V, b: V) -> V {
    ((a.0 + b.0) * 0.5, (a.1 + b.1) * 0.5)
}

fn cast(d: &Desk, m: f32) -> Cast {
    let k = d.t.k;
    Some((-d.light * d.t.m * 0.03 * k * m, 0.04 * k * m, 0.05 * k * m, 0.4))
}

fn grip_points(grip: Grip) -> Vec<Pt> {
    match grip {
        Grip::Point => pts![
            (-0.05, -0.09),
            (0.12, -0.12),
            (0.24, -0.07),
            (0.44, -0.06),
            (0.45, -0.015),
            (0.26, 0.0),
            (0.24, 0.09),
            (0.08, 0.13),
            (-0.05, 0.09)
        ]
        .to_vec(),
        Grip::Fist => pts![(-0.05, -0.09), (0.1, -0.13), (0.22, -0.09), (0.24, 0.06), (0.12, 0.13), (-0.05, 0.09)].to_vec(),
        Grip::Rest => pts![
            (-0.05, -0.08),
            (0.12, -0.11),
            (0.30, -0.07),
            (0.40, -0.01),
            (0.30, 0.05),
            (0.16, 0.06),
            (0.17, 0.13),
            (0.08, 0.14),
            (-0.05, 0.08)
        ]
        .to_vec(),
    }
}

fn small_hand(d: &mut Desk, at: V, angle: f32, w: &Person, grip: Grip, key: &str) {
    let home = d.t;
    let size = if w.is_soft() { 1.0 } else { 1.1 };
    let s = cast(d, 0.4);
    d.t = home.sub(at.0, at.1, size, angle, 1.0);
    d.put(key, &grip_points(grip), w.skin, |q| q.cast(s).k(0.4).tex(0.5));
    d.t = home;
}

/// A forearm laid on a table before a bust, its hand at rest: paint it on a group of its own over the table, with the
/// transform, yaw side and light of the bust. Returns the hand's place on the canvas.
pub fn resting_arm(g: &mut Group, xf: &Xf, w: &Person, light: f32) -> (f32, f32) {
    let t = if w.is_child() { xf.sub(0.0, 0.17, 0.64, 0.0, 1.0) } else { *xf };
    let mut desk = Desk { g, t, light, part: "resting" };
    let d = &mut desk;
    let k = t.k;
    let place = t.sub(0.235, 1.745, if w.is_soft() { 1.04 } else { 1.15 }, 0.04, 1.0);
    hand(d.g, &place, w, light);
    let sleeve = pts![
        (-1.09, 2.4),
        (-1.0, 1.36),
        (-0.58, 1.30),
        (-0.02, 1.526),
        (0.24, 1.62, c),
        (0.262, 1.73),
        (0.24, 1.845, c),
        (-0.116, 1.86),
        (-0.48, 2.4)
    ];
    let (a, b) = (t.pt(0.256, 1.55), t.pt(-1.05, 1.73));
    let shadow = (0.012 * k * t.m, 0.037 * k, 0.036 * k, 0.5);
    let cloth = d.put("sleeve", &sleeve, w.coat[1], |q| q.edge(Edge::Cut).cast(Some(shadow)).tex(0.5).grad(a, b, w.coat[2], w.coat[0]));
    let cuff = pts![(0.15, 1.4, c), (0.32, 1.4, c), (0.32, 2.0, c), (0.15, 2.0, c), (0.175, 1.73)];
    d.put("cuff", &cuff, w.coat[0].scale(0.85), |q| q.alpha(0.6).tex(0.4).clip(&cloth));
    let fold = pts![(-0.70, 1.42, c), (-0.45, 1.50), (-0.22, 1.74, c), (-0.47, 1.545)];
    d.put("sleeve/fold", &fold, w.coat[0], |q| q.alpha(0.6).tex(0.4).clip(&cloth));
    place.pt(0.2, 0.0)
}

/// A lantern hanging from (x, y) in `xf`, `k` times its usual half unit; glows when lit.
pub fn lantern(g: &mut Group, xf: &Xf, x: f32, y: f32, k: f32, lit: bool) {
    let mut d = Desk { g, t: xf.sub(x, y, k, 0.0, 1.0), light: 1.0, part: "lantern" };
    let iron = Rgb::hex("#2a1f18");
    let kk = d.t.k;
    let t = d.t;
    d.g.line(&pts![(-0.14, 0.12), (-0.1, -0.04), (0.0, -0.08), (0.1, -0.04), (0.14, 0.12)], iron, (0.03 * kk).max(1.0), &t, 1.0, true);
    d.put("roof", &pts![(-0.19, 0.2), (-0.1, 0.08), (0.1, 0.08), (0.19, 0.2)], iron, |q| q.straight().edge(Edge::Cut).k(0.5).tex(0.2));
    let glass = if lit { Rgb::hex("#ffcf6a") } else { Rgb::hex("#666677") };
    d.put("glass", &pts![(-0.15, 0.2), (0.15, 0.2), (0.17, 0.62), (-0.17, 0.62)], glass, |q| q.straight().k(0.3).tex(0.0));
    if lit {
        d.put("flame", &pts![(0.0, 0.28, c), (0.06, 0.44), (0.0, 0.56), (-0.06, 0.44)], Rgb::hex("#fff6d8"), |q| q.k(0.2).tex(0.0));
    }
    for x in [-0.15, 0.0, 0.15] {
        d.g.line(&[p(x, 0.2), p(x, 0.62)], iron, (0.022 * kk).max(0.8), &t, 1.0, false);
    }
    d.put("base", &pts![(-0.21, 0.6), (0.21, 0.6), (0.19, 0.72), (-0.19, 0.72)], iron, |q| q.straight().edge(Edge::Cut).k(0.4).tex(0.2));
}

/// The measures of one figure that its parts share.
struct Frame {
    flat: bool,
    back: bool,
    vw: f32,
    hy: f32,
    sy: f32,
    sx: f32,
    shw: f32,
    hips: [V; 2],
    shoulders: [V; 2],
    stance: Stance,
}

/// Where the head of a figure is: the transform of its head units.
pub fn head_of(xf: &Xf, w: &Person, body: &Body) -> Xf {
    let flat = matches!(body.view, View::Front | View::Back);
    let sy = if body.pose == Pose::Sit { -2.1 } else { -3.55 } - 2.15;
    let lean = Stance::of(body.pose, flat, 0.0, sy).lean;
    let hc = (lean * 2.2 + lean + if flat { 0.0 } else { 0.08 }, sy - 0.80);
    xf.sub(hc.0, hc.1, w.head_scale(), lean * 0.6, 1.0)
}

/// Paints a whole figure standing on the origin of `xf`, facing +x; the scale is the height of an adult head in pixels.
pub fn figure(g: &mut Group, xf: &Xf, w: &Person, body: &Body) -> Anchors {
    let light = body.face.light;
    let soft = w.in_long_coat();
    let flat = matches!(body.view, View::Front | View::Back);
    let vw = match body.view {
        View::Front | View::Back => 1.0,
        View::ThreeQuarter => 0.86,
        View::Profile => 0.6,
    } * w.girth;
    let sit = body.pose == Pose::Sit;
    let hy = if sit { -2.1 } else { -3.55 };
    let sy = hy - 2.15;
    let shw = if soft { 0.50 } else { 0.62 } * vw;
    let stance = Stance::of(body.pose, flat, shw, sy);
    let sx = stance.lean * 2.2;
    let hips = [(-0.3 * vw, hy), (0.3 * vw, hy)];
    let shoulders =
        if flat { [(sx - shw, sy + 0.1), (sx + shw, sy + 0.1)] } else { [(sx - shw * 0.7, sy + 0.12), (sx + shw * 0.75, sy + 0.12)] };
    let f = Frame { flat, back: body.view == View::Back, vw, hy, sy, sx, shw, hips, shoulders, stance };
    let mut desk = Desk { g, t: *xf, light, part: "figure" };
    let d = &mut desk;
    let (far, near) = if flat { (0, 1) } else { (1, 0) };
    let hc = (sx + f.stance.lean + if flat { 0.0 } else { 0.08 }, sy - 0.80);
    let head_xf = head_of(xf, w, body);
    if body.view != View::Back {
        let yaw = if flat { 0.0 } else { 1.0 };
        if body.view != View::Profile {
            hair::fall(d.g, &head_xf, w, yaw, light);
        }
    }
    leg(d, w, &f, far, !flat || f.back);
    leg(d, w, &f, near, false);
    if !flat {
        arm(d, w, &f, if f.stance.reach { 0 } else { far }, true, body);
    }
    let s = cast(d, 0.4);
    if soft {
        let collar =
            pts![(sx - 0.40, sy + 0.3), (sx - 0.33, sy - 0.2), (sx - 0.1, sy - 0.36), (sx + 0.25, sy - 0.3), (sx + 0.36, sy + 0.1)];
        d.put("collar-back", &collar, w.coat[0].scale(0.8), |q| q.cast(s).tex(0.5));
    }
    let nx = hc.0 - if flat { 0.0 } else { 0.10 };
    let neck = pts![(nx - 0.15, hc.1 + 0.25), (nx + 0.13, hc.1 + 0.3), (nx + 0.18, sy + 0.25), (nx - 0.2, sy + 0.25)];
    d.put("neck", &neck, Rgb::mix(w.skin, w.skin_shade, 0.5), |q| q.tex(0.5));
    let coat = coat(d, w, &f);
    folds(d, w, &f, &coat);
    front(d, w, &f, s);
    let face = Face { yaw: if body.view == View::ThreeQuarter { 1.0 } else { 0.0 }, ..body.face };
    match body.view {
        View::Front | View::ThreeQuarter => {
            head(d.g, &head_xf, w, &face);
        }
        View::Profile => {
            head_profile(d.g, &head_xf, w, &face);
        }
        View::Back => head_back(d.g, &head_xf, w, light),
    }
    if soft && f.back && !w.is_child() {
        let s = cast(d, 0.5);
        let collar = pts![
            (sx - 0.32, sy - 0.28),
            (sx, sy - 0.2),
            (sx + 0.32, sy - 0.28),
            (sx + 0.36, sy + 0.12),
            (sx, sy + 0.22),
            (sx - 0.36, sy + 0.12)
        ];
        d.put("collar", &collar, w.coat[1], |q| q.edge(Edge::Cut).cast(s).k(0.5).tex(0.5));
    }
    let mut last = (0.0, 0.0);
    let working: &[usize] = if f.stance.reach {
        &[1]
    } else if flat {
        &[0, 1]
    } else {
        &[near]
    };
    if flat && f.stance.reach {
        arm(d, w, &f, 0, false, body);
    }
    for &i in working {
        last = arm(d, w, &f, i, false, body);
    }
    let lamp = (body.pose == Pose::Hold && body.lantern).then(|| xf.pt(last.0 + 0.12, last.1 + 0.55));
    Anchors { hand: xf.pt(last.0, last.1), lamp, head: xf.pt(hc.0, hc.1), head_xf }
}

fn leg(d: &mut Desk, w: &Person, f: &Frame, i: usize, dark: bool) {
    let foot = f.stance.feet[i];
    let bend = if !f.flat || i == 1 { -1.0 } else { 1.0 };
    let (mut knee, mut ankle) = limb(f.hips[i], foot, 1.78, 1.78, bend);
    if f.stance.sit {
        knee = (foot.0 + 0.08, f.hy - 0.05);
        ankle = foot;
    }
    let bare = w.worn.bare;
    let skin = if dark { Rgb::mix(w.skin, w.skin_shade, 0.6) } else { w.skin };
    let cloth = if dark { Rgb::hex("#1a1c22") } else { Rgb::hex("#262830") };
    if bare {
        let shin = [knee, mid(knee, ankle), (ankle.0, ankle.1 - 0.10)];
        let s = cast(d, 0.5);
        d.put(if i == 0 { "shin/0" } else { "shin/1" }, &tube(&shin, &[0.17, 0.155, 0.095]), skin, |q| q.cast(s).k(0.5).tex(0.5));
    }
    let below = if bare { mid(knee, ankle) } else { (ankle.0, ankle.1 - 0.12) };
    let below = if bare { mid(knee, below) } else { below };
    let chain = [f.hips[i], mid(f.hips[i], knee), knee, mid(knee, below), below];
    let s = cast(d, 0.5);
    d.put(if i == 0 { "leg/0" } else { "leg/1" }, &tube(&chain, &[0.30, 0.26, 0.20, 0.19, 0.13]), cloth, |q| q.cast(s).k(0.5).tex(0.5));
    let (x, y) = ankle;
    let toe: f32 = if !f.flat {
        1.0
    } else if i == 0 {
        -0.55
    } else {
        0.55
    };
    let (a, b) = (toe.max(0.0), toe.min(0.0));
    let boot = pts![
        (x - 0.17, y - 0.85),
        (x + 0.17, y - 0.85),
        (x + 0.16, y - 0.22),
        (x + 0.16 + 0.30 * a, y - 0.13),
        (x + 0.18 + 0.34 * a, y),
        (x - 0.18 + 0.34 * b, y),
        (x - 0.16 + 0.30 * b, y - 0.13),
        (x - 0.16, y - 0.22)
    ];
    let s = cast(d, 0.4);
    if bare {
        let foot: Vec<Pt> = boot.iter().map(|q| Pt { y: q.y.max(y - 0.24), ..*q }).collect();
        d.put(if i == 0 { "foot/0" } else { "foot/1" }, &foot, skin, |q| q.cast(s).k(0.5).tex(0.5));
        let sole = pts![
            (x - 0.19 + 0.34 * b, y - 0.055),
            (x + 0.19 + 0.34 * a, y - 0.055),
            (x + 0.18 + 0.34 * a, y + 0.005),
            (x - 0.18 + 0.34 * b, y + 0.005)
        ];
        d.put(if i == 0 { "sole/0" } else { "sole/1" }, &sole, w.boot, |q| q.k(0.4).tex(0.4));
        return;
    }
    d.put(if i == 0 { "boot/0" } else { "boot/1" }, &boot, if dark { w.boot.scale(0.7) } else { w.boot }, |q| q.cast(s).k(0.5).tex(0.5));
}

/// Paints an arm; returns where its hand is, in the figure's units.
fn arm(d: &mut Desk, w: &Person, f: &Frame, i: usize, dark: bool, body: &Body) -> V {
    let (shoulder, target) = (f.shoulders[i], f.stance.hands[i]);
    let bend = if f.flat {
        if i == 0 { 1.0 } else { -1.0 }
    } else if target.1 > f.sy + 0.6 {
        1.0
    } else {
        0.6
    };
    let (elbow, wrist) = limb(shoulder, target, 1.22, 1.12, bend);
    let angle = libm::atan2f(wrist.1 - elbow.1, wrist.0 - elbow.0);
    let keys = [["arm/0", "hand/0"], ["arm/1", "hand/1"]][i];
    if body.pose == Pose::Hold && body.lantern && i == 1 {
        lantern(d.g, &d.t, wrist.0 + 0.12, wrist.1 + 0.02, 1.1, true);
    }
    small_hand(d, wrist, angle, w, f.stance.grip[i], keys[1]);
    // The sleeve starts within the shoulder and widens below it, so that it falls instead of puffing.
    let inward = if f.sx > shoulder.0 { 0.10 } else { -0.10 };
    let chain =
        [(shoulder.0 + inward, shoulder.1 - 0.07), (shoulder.0, shoulder.1 + 0.08), mid(shoulder, elbow), elbow, mid(elbow, wrist), wrist];
    let g = w.girth;
    let sleeve = tube(&chain, &[0.09, 0.185 * g, 0.215 * g, 0.185 * g, 0.18, 0.165]);
    let (a, b) = (d.t.pt(shoulder.0 + d.light * 0.3, f.sy), d.t.pt(shoulder.0 - d.light * 0.3, f.sy + 2.0));
    let coat = w.coat;
    let s = cast(d, 0.9);
    d.put(keys[0], &sleeve, if dark { coat[0] } else { coat[1] }, |q| {
        let q = q.edge(Edge::Cut).cast(s).k(0.6).tex(0.5);
        if dark { q } else { q.grad(a, b, coat[2], coat[1]) }
    });
    wrist
}

/// Height of the hem above the ground.
fn hem(w: &Person) -> f32 {
    if w.is_child() {
        1.7
    } else if w.worn.robe {
        0.42
    } else if w.in_long_coat() {
        1.25
    } else {
        2.3
    }
}

fn coat(d: &mut Desk, w: &Person, f: &Frame) -> Outline {
    let Frame { vw, hy, sy, sx, shw, .. } = *f;
    let soft = w.in_long_coat();
    let x = f.stance.feet.map(|q| q.0);
    let (x0, x1) = (x[0].min(x[1]), x[0].max(x[1]));
    let shape: Vec<Pt> = if f.stance.sit {
        let kx = x1 + 0.3;
        pts![
            (sx - 0.2, sy - 0.12),
            (sx - shw * 0.95, sy + 0.12),
            (sx - shw - 0.05, sy + 0.7),
            (-0.52, hy - 0.9),
            (-0.62, hy + 0.1),
            (-0.55, hy + 0.55),
            (0.1, hy + 0.62),
            (kx - 0.75, hy + 0.75),
            (kx - 0.5, if soft { -0.95 } else { -1.25 }),
            (kx + 0.05, if soft { -0.85 } else { -1.2 }),
            (kx + 0.06, hy),
            (kx - 0.25, hy - 0.36),
            (0.75, hy - 0.42),
            (0.48, hy - 0.95),
            (sx + shw, sy + 0.75),
            (sx + shw * 0.95, sy + 0.12),
            (sx + 0.2, sy - 0.12)
        ]
        .to_vec()
    } else {
        let flare = if soft { 0.52 } else { 0.24 };
        let h0 = (x0 * 0.86).min(-0.5 * vw) - flare;
        let h1 = (x1 * 0.80).max(0.5 * vw) + flare - 0.04;
        let cl = hem(w);
        pts![
            (sx - 0.2, sy - 0.12),
            (sx - shw * 0.85, sy + 0.05),
            (sx - shw * 1.12, sy + 0.5),
            (-0.40 * vw + sx * 0.5, hy - 0.85),
            (-0.56 * vw, hy - 0.1),
            (h0 * 0.8, hy + 1.1),
            (h0 - 0.04, -cl + 0.02, c),
            ((h0 * 2.0 + h1) / 3.0, -cl + 0.1),
            ((h0 + h1 * 2.0) / 3.0, -cl + 0.03),
            (h1 + 0.04, -cl - 0.02, c),
            (h1 * 0.82, hy + 1.1),
            (0.56 * vw, hy - 0.1),
            (0.40 * vw + sx * 0.5, hy - 0.85),
            (sx + shw * 1.12, sy + 0.5),
            (sx + shw * 0.85, sy + 0.05),
            (sx + 0.2, sy - 0.12)
        ]
        .to_vec()
    };
    let (a, b) = (d.t.pt(d.light * 0.8, sy), d.t.pt(-d.light * 0.8, hy));
    let s = cast(d, 1.0);
    d.put("coat", &shape, w.coat[1], |q| q.edge(Edge::Cut).cast(s).k(0.8).tex(0.5).grad(a, b, w.coat[2], w.coat[0]))
}

fn folds(d: &mut Desk, w: &Person, f: &Frame, coat: &Outline) {
    let Frame { vw, hy, sy, sx, .. } = *f;
    let (light, c0, c2) = (d.light, w.coat[0], w.coat[2]);
    let x = f.stance.feet.map(|q| q.0);
    let middle = (x[0] + x[1]) / 2.0;
    let cl = hem(w);
    let o = if f.flat { 0.03 } else { 0.22 };
    let mut fold = |key: &str, points: &[Pt], color: Rgb, alpha: f32| {
        d.put(key, points, color, |q| q.alpha(alpha).k(0.5).tex(0.5).clip(coat));
    };
    if f.stance.sit {
        fold(
            "fold/lap",
            &pts![
                (-0.62, hy + 0.20, c),
                (0.2, hy + 0.24),
                (0.9, hy + 0.10),
                (1.38, hy + 0.02, c),
                (1.22, hy + 0.5),
                (0.9, hy + 1.0),
                (0.1, hy + 0.9),
                (-0.7, hy + 0.8)
            ],
            c0,
            0.6,
        );
        fold("fold/hip", &pts![(-0.2, hy - 0.30, c), (0.25, hy - 0.20), (0.72, hy - 0.42, c), (0.28, hy - 0.08)], c0.scale(0.8), 0.7);
        fold("fold/knee", &pts![(1.15, hy + 0.3, c), (1.25, hy + 0.9), (1.15, -0.9), (1.05, -0.9), (1.1, hy + 0.9)], c0.scale(0.7), 0.8);
    } else {
        fold(
            "fold/shade",
            &pts![
                (sx * 0.4 - light * 0.25, hy - 0.7, c),
                (-light * 0.42, hy + 1.0),
                (-light * 0.62 + middle, -cl + 0.3),
                (-light * 0.95 + middle, -cl + 0.3),
                (-light * 0.6, hy + 0.8)
            ],
            c0.scale(0.8),
            0.8,
        );
        fold(
            "fold/light",
            &pts![
                (0.25 * light, hy - 0.6, c),
                (light * 0.40, hy + 1.0),
                (light * 0.62, -cl + 0.2),
                (light * 0.45, -cl + 0.2),
                (light * 0.28, hy + 1.0)
            ],
            c2,
            0.55,
        );
        if f.back {
            fold("fold/seam", &pts![(0.0, hy + 0.2, c), (0.05, -cl + 0.2), (-0.06, -cl + 0.2)], c0.scale(0.6), 0.8);
        } else {
            fold(
                "fold/seam",
                &pts![
                    (sx + o, sy + 0.5, c),
                    (o + 0.05, hy),
                    (middle + o + 0.08, -cl + 0.2),
                    (middle + o - 0.03, -cl + 0.2),
                    (o - 0.03, hy)
                ],
                c0.scale(0.6),
                0.8,
            );
        }
    }
    if w.in_long_coat() {
        let belt = pts![
            (sx * 0.5 - 0.55 * vw, hy - 0.72),
            (sx * 0.5 + 0.55 * vw, hy - 0.72),
            (sx * 0.5 + 0.56 * vw, hy - 0.5),
            (sx * 0.5 - 0.56 * vw, hy - 0.5)
        ];
        fold("belt", &belt, c0.scale(0.7), 0.95);
    }
}

/// Lapels, emblem, scarf.
fn front(d: &mut Desk, w: &Person, f: &Frame, small: Cast) {
    let Frame { sy, sx, .. } = *f;
    let o = if f.flat { 0.03 } else { 0.22 };
    let light = d.light;
    if !f.back && (w.in_long_coat() || !w.scarf) {
        for (s, key) in [(-1.0f32, "lapel/0"), (1.0, "lapel/1")] {
            let lapel = pts![
                (sx + o + s * 0.08, sy - 0.25, c),
                (sx + o * 0.6 + s * 0.32, sy - 0.14),
                (sx + o * 0.7 + s * 0.36, sy + 0.35, c),
                (sx + o, sy + 0.9, c)
            ];
            d.put(key, &lapel, if s == light { w.coat[2] } else { w.coat[1] }, |q| q.cast(small).k(0.5).tex(0.5));
        }
        if !w.scarf && w.emblem == Emblem::None {
            let trim = pts![
                (sx + o - 0.05, sy - 0.2, c),
                (sx + o + 0.05, sy - 0.2, c),
                (sx + o + 0.02, sy + 0.9, c),
                (sx + o - 0.01, sy + 0.9, c)
            ];
            d.put("trim", &trim, w.accent[1], |q| q.k(0.4).tex(0.4));
        }
    }
    if !f.back && w.emblem != Emblem::None {
        let at = d.t.sub(sx + o * 0.5 - 0.30, sy + 0.62, 1.0, 0.0, 1.0);
        emblem(d.g, &at, w, light);
    }
    if !w.scarf {
        return;
    }
    let a = w.accent;
    if !f.back {
        let end = pts![(sx + o - 0.05, sy + 0.1), (sx + o + 0.22, sy + 0.1), (sx + o + 0.28, sy + 1.35), (sx + o, sy + 1.38)];
        d.put("scarf-end", &end, a[0], |q| q.edge(Edge::Cut).cast(small).k(0.5).tex(0.5));
    }
    let wound = pts![
        (sx - 0.40, sy - 0.25),
        (sx, sy - 0.32),
        (sx + 0.40 + o * 0.3, sy - 0.25),
        (sx + 0.44 + o * 0.3, sy + 0.1),
        (sx, sy + 0.26),
        (sx - 0.44, sy + 0.1)
    ];
    let s = cast(d, 0.5);
    d.put("scarf", &wound, a[1], |q| q.edge(Edge::Cut).cast(s).k(0.6).tex(0.5));
    d.put("scarf/fold", &pts![(sx - 0.4, sy - 0.05, c), (sx, sy + 0.1), (sx + 0.42, sy - 0.02, c), (sx, sy + 0.16)], a[0], |q| q.tex(0.5));
}
