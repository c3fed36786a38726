//! Whole figures: a stance, two-bone limbs, a garment, a head (art direction §8).

use contracts::{picture::Pose, story::FigureKind};

use super::{
    Cast, Desk, Face, Person, box_of,
    bust::below,
    garb::{self, Cut},
    hair,
    hand::{hand, small},
    head, head_back, head_profile, spirit,
    stance::{Grip, Manner, STEP, Stance, TORSO, V, limb},
    tilted,
};
use crate::paper::{Edge, Group, Pt, Rect, Rgb, Xf, p};

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

impl View {
    /// The yaw of a head in this view (see [`Face::yaw`]).
    pub fn yaw(self) -> f32 {
        match self {
            Self::Front | Self::Back => 0.0,
            Self::ThreeQuarter => 1.0,
            Self::Profile => super::PROFILE_YAW,
        }
    }
}

/// Which sheets of a figure are wanted: an arm around somebody lies on a plane of its own, before both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sheets {
    /// Everything.
    #[default]
    All,
    /// Everything but the near arm.
    Body,
    /// The near arm alone.
    Arm,
}

/// A whole figure: body, face, what it carries.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Body {
    /// View.
    pub view: View,
    /// Pose.
    pub pose: Pose,
    /// What the hands of somebody who stands do.
    pub manner: Manner,
    /// Which moment of a double step, 0 to 1, of somebody who walks or runs.
    pub phase: f32,
    /// How long the steps of somebody who walks or runs are against the longest.
    pub stride: f32,
    /// How far the head is bent towards the side faced, radians.
    pub tilt: f32,
    /// Face and light; yaw comes from the view.
    pub face: Face,
    /// Whether `Pose::Hold` holds a lantern; else the hand is left empty for another thing.
    pub lantern: bool,
    /// Which sheets.
    pub sheets: Sheets,
}

impl Body {
    /// How far the body goes on in a double step of walking, in figure units, while a foot on the ground stays where it is.
    pub fn double_step(&self) -> f32 {
        4.0 * STEP * self.stride
    }

    /// A body in a view and pose.
    pub fn new(view: View, pose: Pose, face: Face) -> Self {
        Self { view, pose, manner: Manner::Easy, phase: 0.08, stride: 1.0, tilt: 0.0, face, lantern: true, sheets: Sheets::All }
    }
}

/// Where things are on a painted figure, canvas pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Anchors {
    /// The near or working hand.
    pub hand: (f32, f32),
    /// Transform of that hand, for fingers over what it holds ([`super::clasp`]).
    pub hand_xf: Xf,
    /// The lantern's flame, when one is held.
    pub lamp: Option<(f32, f32)>,
    /// The head's centre.
    pub head: (f32, f32),
    /// Transform of the head, in hu, for eye and mouth boxes.
    pub head_xf: Xf,
}

/// An outline around a chain of points with a half width at each.
pub(super) fn tube(chain: &[V], widths: &[f32]) -> Vec<Pt> {
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
    between(a, b, 0.5)
}

fn between(a: V, b: V, t: f32) -> V {
    (a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t)
}

pub(super) fn cast(d: &Desk, m: f32) -> Cast {
    let k = d.t.k;
    Some((-d.light * d.t.m * 0.03 * k * m, 0.04 * k * m, 0.05 * k * m, 0.4))
}

/// A forearm laid on a table before a bust, its hand at rest: paint it on a group of its own over the table, with the
/// transform, yaw side and light of the bust. Returns the hand's place on the canvas.
pub fn resting_arm(g: &mut Group, xf: &Xf, w: &Person, light: f32) -> (f32, f32) {
    let t = below(xf, w, 0.0);
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
    let cloth = w.sleeve_cloth();
    let (a, b) = (t.pt(0.256, 1.55), t.pt(-1.05, 1.73));
    let shadow = (0.012 * k * t.m, 0.037 * k, 0.036 * k, 0.5);
    let arm = d.put("sleeve", &sleeve, cloth[1], |q| q.edge(Edge::Cut).cast(Some(shadow)).tex(0.5).grad(a, b, cloth[2], cloth[0]));
    let cuff = pts![(0.15, 1.4, c), (0.32, 1.4, c), (0.32, 2.0, c), (0.15, 2.0, c), (0.175, 1.73)];
    d.put("cuff", &cuff, cloth[0].scale(0.85), |q| q.alpha(0.6).tex(0.4).clip(&arm));
    let fold = pts![(-0.70, 1.42, c), (-0.45, 1.50), (-0.22, 1.74, c), (-0.47, 1.545)];
    d.put("sleeve/fold", &fold, cloth[0], |q| q.alpha(0.6).tex(0.4).clip(&arm));
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
pub(super) struct Frame {
    pub flat: bool,
    pub back: bool,
    pub sit: bool,
    pub kneel: bool,
    /// Width of the view against the front.
    pub vw: f32,
    /// Height of the hip, and of the shoulders.
    pub hy: f32,
    pub sy: f32,
    /// Where hip and chest are, across.
    pub px: f32,
    pub sx: f32,
    /// Half the width of the shoulders.
    pub shw: f32,
    pub hips: [V; 2],
    pub shoulders: [V; 2],
    pub stance: Stance,
}

impl Frame {
    fn of(w: &Person, body: &Body) -> Self {
        let flat = matches!(body.view, View::Front | View::Back);
        let vw = match body.view {
            View::Front | View::Back => 1.0,
            View::ThreeQuarter => 0.86,
            View::Profile => 0.66,
        } * w.girth;
        let shw = if w.is_soft() { 0.50 } else { 0.62 } * vw;
        let stance = Stance::of(body.pose, body.manner, body.view, shw, (body.phase, body.stride));
        let hy = stance.hip;
        let sy = hy - TORSO;
        let px = stance.shift;
        let sx = stance.lean * 2.2;
        let drop = stance.drop;
        let hips = [(px - 0.3 * vw, hy + 0.02), (px + 0.3 * vw, hy - 0.02)];
        let shoulders = if flat {
            [(sx - shw, sy + 0.1 + drop), (sx + shw, sy + 0.1 - drop)]
        } else {
            [(sx - shw * 0.7, sy + 0.12 + drop), (sx + shw * 0.75, sy + 0.12 - drop)]
        };
        Self {
            flat,
            back: body.view == View::Back,
            sit: body.pose == Pose::Sit,
            kneel: body.pose == Pose::Kneel,
            vw,
            hy,
            sy,
            px,
            sx,
            shw,
            hips,
            shoulders,
            stance,
        }
    }

    fn head(&self) -> V {
        (self.sx + self.stance.lean + if self.flat { 0.0 } else { 0.08 }, self.sy - 0.80)
    }
}

/// What of a walking or running figure moves: everything below its neck.
pub fn going_box(xf: &Xf, w: &Person, body: &Body) -> Rect {
    let f = Frame::of(w, body);
    let reach = if body.pose == Pose::Run { 2.1 } else { 1.75 };
    box_of(xf, [(-reach, f.sy - 0.12), (reach, 0.2)])
}

/// Where the head of a figure is: the transform of its head units.
pub fn head_of(xf: &Xf, w: &Person, body: &Body) -> Xf {
    let f = Frame::of(w, body);
    let hc = f.head();
    let t = xf.sub(hc.0, hc.1, w.head_scale(), f.stance.lean * 0.5, 1.0);
    tilted(&t, body.tilt)
}

/// Paints a whole figure standing on the origin of `xf`, facing +x; the scale is the height of an adult head in pixels.
pub fn figure(g: &mut Group, xf: &Xf, w: &Person, body: &Body) -> Anchors {
    let light = body.face.light;
    let f = Frame::of(w, body);
    let cut = garb::cut(w);
    let mut desk = Desk { g, t: *xf, light, part: "figure" };
    let d = &mut desk;
    let hc = f.head();
    let head_xf = head_of(xf, w, body);
    let near_only = body.sheets == Sheets::Arm;
    if w.kind == FigureKind::Spirit {
        return spirit::figure(d, w, &f, body, &head_xf);
    }
    if !near_only {
        if matches!(body.view, View::Front | View::ThreeQuarter) {
            hair::fall(d.g, &head_xf, w, body.view.yaw(), light);
        }
        let (far, near) = if f.flat { (0, 1) } else { (1, 0) };
        leg(d, w, &f, &cut, far, !f.flat || f.back);
        leg(d, w, &f, &cut, near, false);
        if f.sit && !f.back {
            thighs(d, &f, &cut);
        }
        // From behind, hands before the body are behind it.
        let hidden: &[usize] = match (f.flat, behind(&f, body)) {
            (true, true) => &[0, 1],
            (false, _) if !f.stance.over => &[1],
            _ => &[],
        };
        for &i in hidden {
            arm(d, w, &f, &cut, i, true, body);
        }
        let s = cast(d, 0.4);
        let (sx, sy) = (f.sx, f.sy);
        if cut.collar {
            let collar =
                pts![(sx - 0.40, sy + 0.3), (sx - 0.33, sy - 0.2), (sx - 0.1, sy - 0.36), (sx + 0.25, sy - 0.3), (sx + 0.36, sy + 0.1)];
            d.put("collar-back", &collar, cut.body[0].scale(0.8), |q| q.cast(s).tex(0.5));
        }
        let nx = hc.0 - if f.flat { 0.0 } else { 0.10 };
        let neck = pts![(nx - 0.15, hc.1 + 0.25), (nx + 0.13, hc.1 + 0.3), (nx + 0.18, sy + 0.25), (nx - 0.2, sy + 0.25)];
        d.put("neck", &neck, Rgb::mix(w.skin, w.skin_shade, 0.5), |q| q.tex(0.5));
        garb::dress(d, w, &f, &cut);
        let face = Face { yaw: body.view.yaw(), ..body.face };
        match body.view {
            View::Front | View::ThreeQuarter => {
                head(d.g, &head_xf, w, &face);
            }
            View::Profile => {
                head_profile(d.g, &head_xf, w, &face);
            }
            View::Back => head_back(d.g, &head_xf, w, light),
        }
        if f.back && cut.collar && !w.is_child() {
            let s = cast(d, 0.5);
            let collar = pts![
                (sx - 0.32, sy - 0.28),
                (sx, sy - 0.2),
                (sx + 0.32, sy - 0.28),
                (sx + 0.36, sy + 0.12),
                (sx, sy + 0.22),
                (sx - 0.36, sy + 0.12)
            ];
            d.put("collar", &collar, cut.body[1], |q| q.edge(Edge::Cut).cast(s).k(0.5).tex(0.5));
        }
    }
    // The working hand is the one whose arm lies before the body; else the near one.
    let mut last = None;
    let order: &[usize] = match (near_only, f.flat, f.stance.over) {
        (true, ..) => &[0],
        (_, true, _) if behind(&f, body) => &[],
        (_, true, _) | (_, false, true) => &[0, 1],
        (_, false, false) => &[0],
    };
    for &i in order {
        if body.sheets == Sheets::Body && i == 0 && !f.flat {
            continue;
        }
        last = Some(arm(d, w, &f, &cut, i, false, body));
    }
    let (wrist, hand_xf) = last.unwrap_or(((hc.0, f.sy + 2.0), *xf));
    let lamp = (body.pose == Pose::Hold && body.lantern).then(|| xf.pt(wrist.0 + 0.12, wrist.1 + 0.55));
    Anchors { hand: hand_xf.pt(0.12, 0.02), hand_xf, lamp, head: xf.pt(hc.0, hc.1), head_xf }
}

/// Whether both arms are hidden by a body seen from behind.
fn behind(f: &Frame, body: &Body) -> bool {
    f.back && matches!(body.pose, Pose::Hold | Pose::Sit | Pose::Kneel | Pose::Embrace)
}

/// Knee and ankle of a leg.
fn joints(f: &Frame, i: usize) -> (V, V) {
    let foot = f.stance.feet[i];
    let bend = if !f.flat || i == 1 { -1.0 } else { 1.0 };
    match f.stance.knees {
        Some(knees) => (knees[i], foot),
        None => {
            let hip = f.hips[i];
            let bone = f.stance.slack.map_or(1.78, |slack| {
                let (x, y) = (foot.0 - hip.0, foot.1 - hip.1);
                (x * x + y * y).sqrt() * (0.5 + slack[i])
            });
            limb(hip, foot, bone, bone, bend)
        }
    }
}

/// The thighs of somebody who sits, over the legs: without them a lap is a hole between knee and coat.
fn thighs(d: &mut Desk, f: &Frame, cut: &Cut) {
    let Some(knees) = f.stance.knees else { return };
    for (i, dark) in [(1usize, true), (0, false)] {
        let chain = [f.hips[i], mid(f.hips[i], knees[i]), knees[i], (knees[i].0 + 0.02, knees[i].1 + 0.30)];
        let s = cast(d, 0.6);
        let cloth = cut.legs[usize::from(!dark)];
        let k = cut.thick;
        d.put(if i == 0 { "thigh/0" } else { "thigh/1" }, &tube(&chain, &[0.30 * k, 0.29 * k, 0.25 * k, 0.20 * k]), cloth, |q| {
            q.cast(s).k(0.5).tex(0.5)
        });
    }
}

fn leg(d: &mut Desk, w: &Person, f: &Frame, cut: &Cut, i: usize, dark: bool) {
    let (knee, ankle) = joints(f, i);
    let bare = w.worn.bare && cut.bare;
    let skin = if dark { Rgb::mix(w.skin, w.skin_shade, 0.6) } else { w.skin };
    let cloth = cut.legs[usize::from(!dark)];
    if bare {
        let shin = [knee, mid(knee, ankle), (ankle.0, ankle.1 - 0.10)];
        let s = cast(d, 0.5);
        d.put(if i == 0 { "shin/0" } else { "shin/1" }, &tube(&shin, &[0.17, 0.155, 0.095]), skin, |q| q.cast(s).k(0.5).tex(0.5));
    }
    // The ankle lies above the sole, along the shin.
    let (dx, dy) = (ankle.0 - knee.0, ankle.1 - knee.1);
    let length = (dx * dx + dy * dy).sqrt().max(1e-3);
    let above = (ankle.0 - dx / length * 0.12, ankle.1 - dy / length * 0.12);
    let below = if bare { mid(knee, mid(knee, ankle)) } else { above };
    let chain = [f.hips[i], mid(f.hips[i], knee), knee, mid(knee, below), below];
    let s = cast(d, 0.5);
    let k = cut.thick;
    let widths = [0.30, 0.27, 0.205, 0.195, 0.14].map(|v| v * k);
    d.put(if i == 0 { "leg/0" } else { "leg/1" }, &tube(&chain, &widths), cloth, |q| q.cast(s).k(0.5).tex(0.5));
    let toe: f32 = if !f.flat {
        1.0
    } else if i == 0 {
        -0.55
    } else {
        0.55
    };
    // A foot on the ground is level; one in the air stands square to its shin.
    let turn = libm::atan2f(dy, dx) - core::f32::consts::FRAC_PI_2;
    let turn = if ankle.1 > -0.02 || f.flat { 0.0 } else { turn * 0.9 };
    let home = d.t;
    d.t = home.sub(ankle.0, ankle.1, 1.0, turn, 1.0);
    foot(d, w, cut, i, dark, toe, if bare { Some(skin) } else { None });
    d.t = home;
}

/// A boot, a shoe or a bare foot in a sandal, its ankle over the origin.
fn foot(d: &mut Desk, w: &Person, cut: &Cut, i: usize, dark: bool, toe: f32, bare: Option<Rgb>) {
    let (a, b) = (toe.max(0.0), toe.min(0.0));
    let top = -cut.boot;
    let k = cut.thick.max(1.0);
    let boot = pts![
        (-0.17 * k, top),
        (0.17 * k, top),
        (0.155 * k, -0.24),
        (0.16 + 0.26 * a, -0.165),
        (0.19 + 0.36 * a, -0.075),
        (0.19 + 0.36 * a, 0.0),
        (-0.19 + 0.36 * b, 0.0),
        (-0.19 + 0.36 * b, -0.075),
        (-0.16 + 0.26 * b, -0.165),
        (-0.16 * k, -0.24)
    ];
    let s = cast(d, 0.4);
    if let Some(skin) = bare {
        let foot: Vec<Pt> = boot.iter().map(|q| Pt { y: q.y.max(-0.24), ..*q }).collect();
        d.put(if i == 0 { "foot/0" } else { "foot/1" }, &foot, skin, |q| q.cast(s).k(0.5).tex(0.5));
        let sole = pts![(-0.19 + 0.34 * b, -0.055), (0.19 + 0.34 * a, -0.055), (0.18 + 0.34 * a, 0.005), (-0.18 + 0.34 * b, 0.005)];
        d.put(if i == 0 { "sole/0" } else { "sole/1" }, &sole, w.boot, |q| q.k(0.4).tex(0.4));
        return;
    }
    let leather = if dark { cut.shoe.scale(0.7) } else { cut.shoe };
    let shape = d.put(if i == 0 { "boot/0" } else { "boot/1" }, &boot, leather, |q| q.cast(s).k(0.5).tex(0.5));
    let sole = pts![(-0.20 + 0.37 * b, -0.055), (0.20 + 0.37 * a, -0.055), (0.20 + 0.37 * a, 0.02), (-0.20 + 0.37 * b, 0.02)];
    d.put(if i == 0 { "sole/0" } else { "sole/1" }, &sole, leather.scale(0.55), |q| q.straight().k(0.3).tex(0.2).clip(&shape));
}

/// Paints an arm; returns where its hand is, in the figure's units, and the hand's transform.
fn arm(d: &mut Desk, w: &Person, f: &Frame, cut: &Cut, i: usize, dark: bool, body: &Body) -> (V, Xf) {
    let (shoulder, target) = (f.shoulders[i], f.stance.hands[i]);
    let (elbow, wrist) = limb(shoulder, target, 1.22, 1.12, f.stance.elbow[i]);
    let angle = libm::atan2f(wrist.1 - elbow.1, wrist.0 - elbow.0);
    let grip = f.stance.grip[i];
    let part = ["hand/0", "hand/1"][i];
    if body.pose == Pose::Hold && body.lantern && i == 1 {
        lantern(d.g, &d.t, wrist.0 + 0.12, wrist.1 + 0.02, 1.1, true);
    }
    let size = if w.is_soft() { 0.94 } else { 1.06 } * cut.thick.clamp(1.0, 1.25);
    // Thumbs are on the side of the body that faces on; a hand that lies on the other arm turns a little down.
    let flip = f.flat && i == 1;
    let turn = match (grip, f.flat) {
        (Grip::Flat, false) if matches!(body.pose, Pose::Sit | Pose::Kneel) => angle * 0.35 + 0.18,
        (Grip::Open, false) => angle * 0.6 - 0.10,
        (Grip::Rest, false) => angle - 0.10,
        _ => angle,
    };
    let hand_xf =
        if flip { d.t.sub(wrist.0, wrist.1, size, turn + core::f32::consts::PI, -1.0) } else { d.t.sub(wrist.0, wrist.1, size, turn, 1.0) };
    let glove = cut.glove.map(|c| w.gloved(c));
    small(d.g, &hand_xf, glove.as_ref().unwrap_or(w), d.light, grip, part);
    // The sleeve starts within the shoulder and widens below it, so that it falls instead of puffing.
    let inward = if f.sx > shoulder.0 { 0.10 } else { -0.10 };
    let (upper, lower) = (mid(shoulder, elbow), between(elbow, wrist, 0.5));
    let chain = [(shoulder.0 + inward, shoulder.1 - 0.07), (shoulder.0, shoulder.1 + 0.08), upper, elbow, lower, wrist];
    let g = w.girth * cut.sleeve;
    let widths = [0.09, 0.185 * g, 0.21 * g, 0.185 * g, 0.172 * g * cut.wide, 0.148 * g * cut.wide * cut.wide];
    let sleeve = tube(&chain, &widths);
    let (a, b) = (d.t.pt(shoulder.0 + d.light * 0.3, f.sy), d.t.pt(shoulder.0 - d.light * 0.3, f.sy + 2.0));
    let cloth = cut.arm;
    let s = cast(d, 0.9);
    let key = ["arm/0", "arm/1"][i];
    let shape = d.put(key, &sleeve, if dark { cloth[0] } else { cloth[1] }, |q| {
        let q = q.edge(Edge::Cut).cast(s).k(0.6).tex(0.5);
        if dark { q } else { q.grad(a, b, cloth[2], cloth[1]) }
    });
    // A cuff, and the crease inside the elbow.
    let near = between(elbow, wrist, 0.84);
    let far = between(elbow, wrist, 1.06);
    let cuff = tube(&[near, far], &[0.26 * g * cut.wide, 0.26 * g * cut.wide]);
    let tone = if dark { cut.cuff.scale(0.72) } else { cut.cuff };
    d.put(["cuff/0", "cuff/1"][i], &cuff, tone, |q| q.straight().alpha(0.9).k(0.3).tex(0.4).clip(&shape));
    let bent = {
        let (ux, uy) = (shoulder.0 - elbow.0, shoulder.1 - elbow.1);
        let (vx, vy) = (wrist.0 - elbow.0, wrist.1 - elbow.1);
        let (lu, lv) = ((ux * ux + uy * uy).sqrt().max(1e-3), (vx * vx + vy * vy).sqrt().max(1e-3));
        let (bx, by) = (ux / lu + vx / lv, uy / lu + vy / lv);
        let l = (bx * bx + by * by).sqrt();
        (l > 0.35).then(|| (bx / l, by / l))
    };
    if let (Some((bx, by)), true) = (bent, d.t.k >= 24.0) {
        // From the inner side of the elbow towards its point.
        let inner = (elbow.0 + bx * 0.22 * g, elbow.1 + by * 0.22 * g);
        let (nx, ny) = (-by, bx);
        for (j, t) in [-0.10f32, 0.10].into_iter().enumerate() {
            let from = (inner.0 + nx * t, inner.1 + ny * t);
            let to = (elbow.0 + nx * t * 2.2 - bx * 0.02, elbow.1 + ny * t * 2.2 - by * 0.02);
            let m = (mid(from, to).0 + nx * t * 0.5, mid(from, to).1 + ny * t * 0.5);
            let crease = pts![(from.0, from.1, c), (m.0 + nx * 0.02, m.1 + ny * 0.02), (to.0, to.1, c), (m.0 - nx * 0.02, m.1 - ny * 0.02)];
            d.put(&format!("{key}/crease/{j}"), &crease, cloth[0].scale(0.7), |q| q.alpha(0.75).k(0.2).tex(0.3).clip(&shape));
        }
    }
    if let Some(band) = cut.band.filter(|_| !dark) {
        let (a, b) = (between(shoulder, elbow, 0.42), between(shoulder, elbow, 0.56));
        let stripe = tube(&[a, b], &[0.30 * g, 0.30 * g]);
        d.put(["band/0", "band/1"][i], &stripe, band, |q| q.straight().k(0.3).tex(0.4).clip(&shape));
    }
    (wrist, hand_xf)
}
