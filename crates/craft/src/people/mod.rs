//! People: heads, busts and whole figures from a character's look (art direction §7, §8).
//!
//! Head units (hu): origin at the head's centre, crown −0.5, chin +0.5, x to the right; the transform's scale is the head's
//! height in pixels. A person faces +x; mirror the transform to face left. Figures are in the same units with their origin
//! on the ground.
//!
//! Every piece is keyed, so that a head painted again with another mouth or closed eyes differs only there
//! ([`mouth_box`], [`eyes_box`]).

#![allow(clippy::approx_constant, reason = "control points are drawn, not computed: .318 is a cheek")]

/// Control points: `(x, y)` smooth, `(x, y, c)` a corner.
macro_rules! pts {
    (@ $x:expr, $y:expr) => { $crate::paper::p($x, $y) };
    (@ $x:expr, $y:expr, c) => { $crate::paper::c($x, $y) };
    ($(($x:expr, $y:expr $(, $c:ident)?)),* $(,)?) => { [$(pts!(@ $x, $y $(, $c)?)),*] };
}

mod back;
mod bust;
mod emblem;
mod face;
mod figure;
mod garb;
mod hair;
mod hand;
mod hats;
mod head;
mod palette;
mod profile;
mod reach;
mod spirit;
mod stance;
mod tunic;
mod wear;

#[cfg(test)]
mod tests;

pub use back::head_back;
pub use bust::{bust, bust_back};
pub use emblem::emblem;
pub use figure::{Anchors, Body, Sheets, View, figure, going_box, head_of, lantern, resting_arm};
pub use hand::{HELD, clasp, fingers, hand, thumb_over};
pub use head::head;
pub use palette::{Person, Worn};
pub use profile::head_profile;
pub use reach::{Reach, reaching};
pub use stance::Manner;

use contracts::{picture::Expression, table_read::Mouth};

use crate::paper::{Group, Outline, Piece, Pt, Rect, Rgb, Xf};

/// The yaw of a head in profile: there is nothing to be seen between it and three quarters.
pub const PROFILE_YAW: f32 = 2.0;

/// Whether a yaw is the profile's.
pub(crate) fn in_profile(yaw: f32) -> bool {
    yaw > 1.5
}

/// A head's transform, bent by `tilt` radians towards +x about the top of the neck.
pub fn tilted(xf: &Xf, tilt: f32) -> Xf {
    let (x, y) = (-0.06, 0.44);
    let (c, s) = (libm::cosf(tilt), libm::sinf(tilt));
    xf.sub(x - (x * c - y * s), y - (x * s + y * c), 1.0, tilt, 1.0)
}

/// What a head does, and the light on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Face {
    /// 0 to the viewer, 1 three-quarter to +x, [`PROFILE_YAW`] in profile.
    pub yaw: f32,
    /// Expression.
    pub expression: Expression,
    /// Where the light is: 1 on the +x side, −1 on the other.
    pub light: f32,
    /// Depth of the shade on the side away from the light; 0 for none, .5–.62 by lamplight.
    pub shade: f32,
    /// Tint of that shade.
    pub tint: Rgb,
    /// A mouth shape of speech; the expression's own mouth without one.
    pub mouth: Option<Mouth>,
    /// Whether the lids are down.
    pub eyes_closed: bool,
    /// Where the eyes look: −1 to 1 along x; half the yaw without one.
    pub look: Option<f32>,
    /// Whether they look down.
    pub lowered: bool,
}

impl Face {
    /// A face by expression, lit from +x, without deep shade.
    pub fn new(yaw: f32, expression: Expression) -> Self {
        Self {
            yaw,
            expression,
            light: 1.0,
            shade: 0.0,
            tint: Rgb(0.2275, 0.1686, 0.2902),
            mouth: None,
            eyes_closed: false,
            look: None,
            lowered: false,
        }
    }

    /// With the light from a side: 1 from +x, −1 from −x.
    pub fn light(mut self, light: f32) -> Self {
        self.light = if light < 0.0 { -1.0 } else { 1.0 };
        self
    }

    /// With a deep shade on the side away from the light.
    pub fn shade(mut self, shade: f32, tint: Rgb) -> Self {
        (self.shade, self.tint) = (shade, tint);
        self
    }

    /// With a mouth shape.
    pub fn mouth(mut self, mouth: Option<Mouth>) -> Self {
        self.mouth = mouth;
        self
    }

    /// With the lids down.
    pub fn closed(mut self) -> Self {
        self.eyes_closed = true;
        self
    }

    /// The expression in numbers, its lids lowered where the eyes look down.
    pub(crate) fn mien(&self) -> Mien {
        let mut mien = Mien::of(self.expression);
        if self.lowered {
            mien.open *= 0.74;
            mien.gaze[1] = (mien.gaze[1] + 0.55).min(0.75);
        }
        mien
    }

    /// Looking aside.
    pub fn look(mut self, look: f32) -> Self {
        self.look = Some(look);
        self
    }
}

/// Lips: half width, corner (down positive), opening, press, in hu.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Lips {
    pub w: f32,
    pub corner: f32,
    pub open: f32,
    pub press: f32,
}

/// An expression in numbers (art direction §7).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mien {
    /// Brow inner, middle, outer (down positive).
    pub brow: [f32; 3],
    pub open: f32,
    pub squint: f32,
    pub slant: f32,
    pub gaze: [f32; 2],
    pub lips: Lips,
    /// How far speech opens the mouth, of the table's openings.
    pub voice: f32,
}

impl Mien {
    pub(crate) fn of(expression: Expression) -> Self {
        use Expression as E;
        let row: [f32; 12] = match expression {
            E::Neutral => [0.0, 0.0, 0.0, 1.0, 0.0, 0.05, 0.0, 0.0, 0.105, 0.0, 0.0, 0.0],
            E::Happy => [-0.008, -0.022, -0.006, 0.8, 0.75, 0.0, 0.0, 0.0, 0.15, -0.036, 0.04, 0.0],
            E::Sad => [-0.05, -0.006, 0.034, 0.7, 0.0, -0.55, 0.0, 0.35, 0.092, 0.026, 0.0, 0.2],
            E::Angry => [0.038, 0.004, -0.034, 0.85, 0.4, 0.95, 0.0, 0.0, 0.105, 0.026, 0.0, 0.7],
            E::Afraid => [-0.062, -0.036, 0.0, 1.36, 0.0, -0.35, 0.15, 0.0, 0.118, 0.026, 0.036, 0.0],
            E::Surprised => [-0.046, -0.066, -0.040, 1.34, 0.0, 0.0, 0.0, 0.0, 0.072, 0.006, 0.056, 0.0],
            E::Worried => [-0.052, -0.012, 0.022, 1.08, 0.0, -0.42, 0.25, 0.0, 0.094, 0.02, 0.010, 0.1],
            E::Determined => [0.026, 0.004, -0.018, 0.84, 0.35, 0.6, 0.0, -0.05, 0.11, -0.002, 0.0, 0.8],
            E::Stern => [0.024, 0.012, -0.006, 0.78, 0.3, 0.55, 0.2, 0.0, 0.1, 0.012, 0.0, 0.6],
            E::Soft => [-0.02, -0.012, 0.01, 0.95, 0.1, -0.1, 0.3, 0.1, 0.1, -0.008, 0.0, 0.0],
        };
        Self {
            brow: [row[0], row[1], row[2]],
            open: row[3],
            squint: row[4],
            slant: row[5],
            gaze: [row[6], row[7]],
            lips: Lips { w: row[8], corner: row[9], open: row[10], press: row[11] },
            voice: match expression {
                E::Angry | E::Afraid | E::Surprised | E::Happy => 0.70,
                _ => 0.58,
            },
        }
    }
}

impl Lips {
    /// What the mouth does: a shape of speech coloured by the expression, or the expression's own.
    pub(crate) fn of(mien: &Mien, mouth: Option<Mouth>) -> Self {
        let own = mien.lips;
        let corner = own.corner * 0.6;
        // Talk is not shouting: the table's openings belong to a cry. Strong feeling opens the mouth a little further.
        let k = mien.voice;
        match mouth {
            None => own,
            Some(Mouth::Rest) => Self { w: own.w.clamp(0.088, 0.13), corner: own.corner, open: 0.0, press: own.press.max(0.3) },
            Some(Mouth::Open) => Self { w: 0.098, corner: 0.004 + corner, open: 0.105 * k, press: 0.0 },
            Some(Mouth::Spread) => Self { w: 0.138, corner: -0.006 + corner, open: 0.05 * (0.3 + 0.7 * k), press: 0.0 },
            Some(Mouth::Round) => Self { w: 0.06, corner: 0.002 + corner * 0.5, open: 0.075 * (0.2 + 0.8 * k), press: 0.0 },
            Some(Mouth::Narrow) => Self { w: 0.108, corner, open: 0.03, press: 0.5 },
        }
    }
}

/// A shadow between sheets: dx, dy, blur, alpha.
pub(crate) type Cast = Option<(f32, f32, f32, f32)>;

/// Sheets being glued for one body: the group, where it is, and the light.
pub(crate) struct Desk<'g> {
    pub g: &'g mut Group,
    pub t: Xf,
    pub light: f32,
    /// Prefix of piece keys.
    pub part: &'static str,
}

impl Desk<'_> {
    /// The shadow of a sheet in a head, `m` times as deep.
    pub(crate) fn cast(&self, m: f32) -> Cast {
        let k = self.t.k;
        Some((-self.light * self.t.m * 0.0088 * k * m, 0.012 * k * m, 0.014 * k * m, 0.42))
    }

    /// Glues a sheet under a key. Knife edge and no shadow unless `style` says otherwise.
    pub(crate) fn put<'a>(&mut self, key: &str, points: &'a [Pt], color: Rgb, style: impl FnOnce(Piece<'a>) -> Piece<'a>) -> Outline {
        let piece = Piece::new(points, color).edge(crate::paper::Edge::Clean).no_shadow().xf(&self.t).key(format!("{}/{key}", self.part));
        let piece = style(piece);
        self.g.piece(&piece)
    }

    /// A thin line, `width` in hu but never thinner than `least` pixels.
    pub(crate) fn line(&mut self, points: &[Pt], color: Rgb, width: f32, least: f32, alpha: f32) {
        let width = (width * self.t.k).max(least);
        self.g.line(points, color, width, &self.t, alpha, true);
    }

    /// Whether the head is large enough for folds, lashes and wrinkles (art direction §7).
    pub(crate) fn fine(&self) -> bool {
        self.t.k >= 40.0
    }
}

/// The canvas rectangle around points in hu.
fn box_of(xf: &Xf, corners: [(f32, f32); 2]) -> Rect {
    let [(x0, y0), (x1, y1)] = corners;
    let points = xf.apply(&[crate::paper::p(x0, y0), crate::paper::p(x1, y0), crate::paper::p(x1, y1), crate::paper::p(x0, y1)]);
    Rect::around(&[points.iter().map(|q| [q.x, q.y]).collect()])
}

/// Where a mouth shape can change pixels: the patch of a `mouth:*` state. A full beard moves with the jaw, and a profile's
/// whole jaw does.
pub fn mouth_box(xf: &Xf, person: &Person, yaw: f32) -> Rect {
    let x = 0.118 * yaw.min(1.0);
    let rect = if person.is_spirit() {
        box_of(xf, [(x - 0.2, 0.215), (x + 0.2, 0.475)])
    } else if in_profile(yaw) {
        box_of(xf, [(-0.24, 0.18), (0.50, if person.has_full_beard() { 0.92 } else { 0.66 })])
    } else if person.has_full_beard() {
        box_of(xf, [(x - 0.48, 0.2), (x + 0.46, 0.92)])
    } else {
        box_of(xf, [(x - 0.2, 0.215), (x + 0.2, 0.475)])
    };
    rect.grow((0.04 * xf.k) as i32 + 5)
}

/// Where closed lids can change pixels: the patch of an `eyes:closed` state.
pub fn eyes_box(xf: &Xf, person: &Person, yaw: f32) -> Rect {
    let (x, y) = (0.10 * yaw.min(1.0), person.eye_line());
    let grown = (0.04 * xf.k) as i32 + 3;
    if in_profile(yaw) && !person.is_spirit() {
        return box_of(xf, [(0.12, y - 0.12), (0.33, y + 0.09)]).grow(grown);
    }
    box_of(xf, [(x - 0.32, y - 0.11), (x + 0.32, y + 0.115)]).grow(grown)
}

/// The face: brow to chin, cheek to cheek. What no edge of a frame and no other person may cover.
pub fn face_box(xf: &Xf, yaw: f32) -> Rect {
    if in_profile(yaw) {
        return box_of(xf, [(-0.16, -0.36), (0.42, 0.5)]);
    }
    let x = 0.06 * yaw;
    box_of(xf, [(x - 0.34, -0.36), (x + 0.34, 0.5)])
}

/// The head as it is seen, with hair and headwear but without what falls below the chin.
pub fn crown_box(xf: &Xf, person: &Person) -> Rect {
    use contracts::story::{HairStyle, Headwear};
    let (top, wide) = match (person.headwear, person.hair_style) {
        _ if person.is_spirit() => (0.82, 0.08),
        (Headwear::None | Headwear::Crown, HairStyle::Bun) => (0.80, 0.0),
        (Headwear::None, _) => (0.57, 0.0),
        (Headwear::Cap, _) => (0.66, 0.0),
        (Headwear::Knitted, _) => (0.69, 0.0),
        (Headwear::Turban | Headwear::Crown, _) => (0.71, 0.0),
        (Headwear::Hood, _) => (0.75, 0.0),
        (Headwear::Hat, _) => (0.80, 0.18),
        (Headwear::Helmet, _) => (0.74, 0.12),
    };
    box_of(xf, [(-0.52 - wide, -top), (0.46 + wide, 0.5)])
}

/// The room a head with its headwear takes.
pub fn head_box(xf: &Xf) -> Rect {
    box_of(xf, [(-1.1, -0.95), (0.75, 1.05)])
}

/// How far below the head's centre the paper of a bust ends, hu: beyond the lower edge of every frame, a tall one too.
pub(crate) const HEM: f32 = 4.6;

/// The room a bust with its head takes; its paper ends [`HEM`] below the head's centre.
pub fn bust_box(xf: &Xf) -> Rect {
    box_of(xf, [(-1.5, -0.95), (1.5, HEM + 0.5)])
}

/// The room a whole figure takes, arms stretched.
pub fn figure_box(xf: &Xf) -> Rect {
    box_of(xf, [(-2.6, -8.6), (2.9, 0.3)])
}
