//! The light of a shot. Backgrounds and figures read the same rig, so that people are lit by the place they stand in.
//! Lengths are units: the short side of the canvas is 720 units, `x` and `y` start at the canvas' upper left corner.

use contracts::{
    picture::{Canvas, Facing, FigureSpec, Framing, PlaceSpec, PropSpec, Slot},
    story::TimeOfDay,
};

use super::{
    Lay, Scene,
    palette::{Hour, Style, hex, mix},
    sky,
};
use crate::{
    light::Lit,
    paper::{Rect, Rgb, Xf},
};

/// The sheet a picture is laid out on, and the part of the place it shows. Canvas units count from the canvas' corner;
/// view units are those the place is drawn in. They differ only when a near framing looks at a part of a larger picture.
#[derive(Clone, Copy, Debug)]
pub struct Stage {
    /// The canvas in pixels.
    pub canvas: Canvas,
    /// Pixels per canvas unit.
    pub ub: f32,
    /// Pixels per view unit.
    pub u: f32,
    /// Pixel of the view's origin.
    pub origin: (f32, f32),
    /// Width of the canvas in canvas units.
    pub w: f32,
    /// Height of the canvas in canvas units.
    pub h: f32,
    /// Overscan at the left and right, in whole pixels.
    pub mx: i32,
    /// Overscan above and below, in whole pixels.
    pub my: i32,
}

/// How far planes reach beyond the canvas on each side, in thousandths of its width and height.
pub const OVERSCAN: u32 = 80;

impl Stage {
    /// How much smaller things are than in a wide frame, so that a narrow one holds them.
    pub fn scale(&self) -> f32 {
        (self.w / 1280.0).clamp(0.66, 1.0)
    }

    /// The stage of a canvas.
    pub fn new(canvas: Canvas) -> Self {
        let u = canvas.width.min(canvas.height).max(16) as f32 / 720.0;
        let over = |n: u32| ((n * OVERSCAN).div_ceil(1000)) as i32;
        Self {
            canvas,
            ub: u,
            u,
            origin: (0.0, 0.0),
            w: canvas.width as f32 / u,
            h: canvas.height as f32 / u,
            mx: over(canvas.width),
            my: over(canvas.height),
        }
    }

    /// The same canvas at half the pixels, for what will be out of focus. Overscan is kept to a whole pixel more.
    pub fn halved(&self) -> Self {
        let canvas = Canvas { width: self.canvas.width.div_ceil(2), height: self.canvas.height.div_ceil(2) };
        Self {
            canvas,
            ub: self.ub * 0.5,
            u: self.u * 0.5,
            origin: (self.origin.0 * 0.5, self.origin.1 * 0.5),
            mx: self.mx / 2 + 1,
            my: self.my / 2 + 1,
            ..*self
        }
    }

    /// Looks at the part of the place around (x, y), `zoom` times as large; that point comes to the canvas' (`ax`, `ay`).
    pub fn look(&self, zoom: f32, x: f32, y: f32, ax: f32, ay: f32) -> Self {
        let u = self.ub * zoom;
        Self { u, origin: (ax * self.ub - x * u, ay * self.ub - y * u), ..*self }
    }

    /// Left end of the overscan, in view units.
    pub fn left(&self) -> f32 {
        (-(self.mx as f32) - self.origin.0) / self.u
    }

    /// Right end of the overscan, in view units.
    pub fn right(&self) -> f32 {
        ((self.canvas.width as i32 + self.mx) as f32 - self.origin.0) / self.u
    }

    /// Upper end of the overscan, in view units.
    pub fn top(&self) -> f32 {
        (-(self.my as f32) - self.origin.1) / self.u
    }

    /// Lower end of the overscan, in view units.
    pub fn bottom(&self) -> f32 {
        ((self.canvas.height as i32 + self.my) as f32 - self.origin.1) / self.u
    }

    /// View units to canvas pixels.
    pub fn xf(&self) -> Xf {
        Xf::new(self.origin.0, self.origin.1, self.u)
    }

    /// Everything that is painted, in pixels.
    pub fn rect(&self) -> Rect {
        Rect::edges(-self.mx, -self.my, self.canvas.width as i32 + self.mx, self.canvas.height as i32 + self.my)
    }

    /// Whether two faces side by side would be small or crowded in it: a frame that is no wider than a fifth more than high.
    pub fn narrow(&self) -> bool {
        self.w < self.h * 1.2
    }

    /// Whether the frame is higher than wide.
    pub fn tall(&self) -> bool {
        self.canvas.height > self.canvas.width
    }
}

/// A light that falls off: where, how far, colour, strength, exponent of the fall-off.
#[derive(Clone, Copy, Debug)]
pub struct Beacon {
    /// Across.
    pub x: f32,
    /// Down.
    pub y: f32,
    /// Radius.
    pub r: f32,
    /// Colour; components may exceed 1.
    pub c: Rgb,
    /// Strength.
    pub k: f32,
    /// Exponent of the fall-off.
    pub p: f32,
}

impl Beacon {
    /// Onto a plane's light list.
    pub fn on(&self, lit: Lit, ub: f32) -> Lit {
        lit.light(self.x * ub, self.y * ub, self.r * ub, self.c, self.k, self.p)
    }
}

/// Everything that decides how a shot is lit.
#[derive(Clone, Debug)]
pub struct Rig {
    /// The sheet.
    pub stage: Stage,
    /// What is painted.
    pub scene: Scene,
    /// How its parts stand.
    pub lay: Lay,
    /// Colours of the hour.
    pub hour: Hour,
    /// The style's transform.
    pub style: Style,
    /// Ambient light on people and on what stands before the far planes.
    pub ambient: Rgb,
    /// Ambient light on walls and furniture.
    pub room: Rgb,
    /// The dominant light.
    pub key: Beacon,
    /// Whether the key is a flame in the picture.
    pub flame: bool,
    /// Rim on the side of the key.
    pub rim: (Rgb, f32),
    /// Rim on the other side.
    pub counter: (Rgb, f32),
    /// The side the answer-space is on: 1 right, -1 left.
    pub side: f32,
    /// Split shade on faces, 0 to 1.
    pub shade: f32,
    /// Its tint.
    pub shade_tint: Rgb,
}

/// The lit lamp of a place, if one burns there.
pub fn lamp(place: &PlaceSpec) -> Option<&PropSpec> {
    place.props.iter().find(|p| p.lit && is_lamp(p))
}

/// Whether a prop is made to give light.
pub fn is_lamp(prop: &PropSpec) -> bool {
    matches!(crate::props::drawn_as(&prop.shape).0, "lamp" | "lantern" | "star" | "candle" | "torch")
}

/// Whether a lamp is one of those that fill a room: as high as a person's chest.
pub fn is_great(prop: &PropSpec) -> bool {
    let look = prop.look.to_lowercase();
    prop.prop_id.as_str().contains("great") || ["drum", "feet high", "great", "ribbed"].iter().any(|w| look.contains(w))
}

/// Which side a figure leaves empty: the side it faces; when it faces us or turns away, the side it does not stand on.
pub fn side_of(facing: Facing, slot: Slot) -> f32 {
    match (facing, slot) {
        (Facing::Right, _) => 1.0,
        (Facing::Left, _) => -1.0,
        (_, Slot::Right) => -1.0,
        _ => 1.0,
    }
}

/// The rig of a background.
pub fn rig(place: &PlaceSpec, framing: Framing, toward: Facing, canvas: Canvas) -> Rig {
    build(place, framing, side_of(toward, Slot::Left), canvas)
}

/// The rig a figure stands in. Two people in a frame share the light between them.
pub fn rig_of(spec: &FigureSpec, canvas: Canvas) -> Rig {
    let mut rig = build(&spec.place, spec.framing, side_of(spec.facing, spec.slot), canvas);
    // A burning lamp in the hand outshines the place when the place has no flame of its own.
    if !rig.flame && spec.holding.as_ref().is_some_and(|p| p.lit && is_lamp(p)) && !matches!(spec.framing, Framing::Wide | Framing::Full) {
        rig.flame = true;
        let strength = match spec.framing {
            Framing::Close => 1.7,
            _ => 1.1,
        };
        rig.key.c = Rgb(1.0, 0.70, 0.38);
        rig.key.k = strength;
        rig.key.y = rig.stage.h * 0.78;
        rig.rim = (hex("#ffc888"), 0.85);
    }
    rig
}

/// Where the lamp stands in a framing: units, and the height of the lamp.
pub fn lamp_spot(scene: Scene, framing: Framing, side: f32, great: bool, stage: &Stage) -> (f32, f32, f32) {
    let (w, h) = (stage.w, stage.h);
    let u = if stage.tall() { 0.62 } else { 1.0 };
    match framing {
        Framing::MediumTwo if great => (w * 0.5, h * 0.52, 430.0 * u),
        Framing::MediumTwo => (w * 0.5, h * 0.65, 300.0 * u),
        Framing::Medium | Framing::OverShoulder | Framing::Close if great => (w * (0.5 + 0.37 * side), h * 0.66, 560.0),
        Framing::Medium | Framing::OverShoulder => (w * (0.5 + 0.30 * side), h * 0.70, 300.0 * u),
        Framing::Close => (w * (0.5 + 0.38 * side), h * 0.66, 430.0),
        Framing::Insert => (w * 0.84, h * 0.30, 260.0),
        Framing::Wide | Framing::Full if scene == Scene::LampRoom || great => (w * 0.5, h * 0.47, 330.0),
        Framing::Wide | Framing::Full => (w * 0.5, h * 0.545, 104.0),
    }
}

fn build(place: &PlaceSpec, framing: Framing, side: f32, canvas: Canvas) -> Rig {
    let stage = Stage::new(canvas);
    let scene = Scene::of(place);
    let lay = Lay::of(place);
    let hour = Hour::of(place);
    let style = Style(place.style);
    let (w, h) = (stage.w, stage.h);
    let far = matches!(framing, Framing::Wide | Framing::Full);
    let indoors = scene.indoors();
    let lamp = lamp(place);
    let night = hour.lamps;
    let tense = if place.mood == contracts::story::Mood::Tense { 0.85 } else { 1.0 };
    let warm = Rgb(1.0, 0.74, 0.42);
    let close_warm = Rgb(1.0, 0.70, 0.38);
    let hearth = lamp.is_none() && scene.has_hearth() && night;
    if hearth || lamp.is_some() && (indoors || !far) {
        let great = lamp.is_some_and(is_great);
        let (x, y, size) = lamp_spot(scene, framing, side, great, &stage);
        let y = y - size * if great { 0.05 } else { 0.12 };
        let (r, k, p, c) = match framing {
            Framing::Close => (1500.0, 1.85, 1.7, close_warm),
            Framing::Medium | Framing::OverShoulder => (1250.0, 1.45, 1.5, close_warm),
            Framing::MediumTwo => (820.0, 1.15, 1.1, warm),
            Framing::Insert => (1150.0, 1.30, 1.5, warm),
            Framing::Wide | Framing::Full => (900.0, 1.10, 1.3, warm),
        };
        // By day a lamp only adds to what comes through the window.
        let day = if night { 0.0 } else { 0.55 };
        let dark = match framing {
            Framing::Close => Rgb(0.36, 0.40, 0.62),
            _ => Rgb(0.36, 0.38, 0.52),
        };
        return Rig {
            stage,
            scene,
            lay,
            ambient: mix(dark, hour.ambient, day),
            room: mix(Rgb(0.36, 0.38, 0.52), hour.ambient, day),
            key: Beacon { x, y, r: r * tense, c, k: k * (1.0 - day * 0.45), p },
            flame: true,
            rim: (hex("#ffc888"), 0.85),
            counter: (hex("#6088c8"), 0.30),
            side,
            shade: 0.60,
            shade_tint: hex("#3b2d5c"),
            hour,
            style,
        };
    }
    // No flame: the window or the sky is the key.
    let low = hour.low;
    let (x, y) = match framing {
        Framing::Close | Framing::Medium | Framing::OverShoulder | Framing::Insert => (w * (0.5 + 0.42 * side), h * 0.26),
        Framing::MediumTwo => (w * 0.5, h * 0.10),
        Framing::Wide | Framing::Full if indoors => (w * 0.5, h * 0.26),
        Framing::Wide | Framing::Full => {
            let (x, y, _) = sky::disc_at(&stage, &hour, scene, lay);
            (x, y)
        }
    };
    let soft = if indoors { 0.86 } else { 1.0 };
    let scale = |c: Rgb, k: f32| Rgb(c.0 * k, c.1 * k, c.2 * k);
    let (r, k) = match framing {
        Framing::Wide | Framing::Full if indoors => (1000.0, hour.light_k * 1.25),
        // Before a low sun people are dark shapes with bright rims.
        Framing::Wide | Framing::Full if scene.dry() && low => (1000.0, hour.light_k * 0.42),
        Framing::Wide | Framing::Full => (1400.0, hour.light_k * 0.9),
        Framing::MediumTwo => (1000.0, hour.light_k * 1.25),
        _ => (1500.0, hour.light_k * 1.5),
    };
    // Out of doors the sky behind a head is its rim: stronger at the hours of low light.
    let (rim, counter) = if night {
        (0.78, 0.40)
    } else if low {
        (if scene.dry() { 0.85 } else { 0.62 }, 0.26)
    } else {
        (0.45, 0.16)
    };
    // Moonlit skin must stay skin: near people get a little of the sky's grey in place of its blue.
    let near = !far && night;
    let ambient = if near { mix(hour.ambient, Rgb(0.66, 0.55, 0.58), 0.34) } else { hour.ambient };
    let light = if near { mix(hour.light, Rgb(1.0, 0.92, 0.86), 0.45) } else { hour.light };
    Rig {
        stage,
        scene,
        lay,
        // Between stars it is the same at every hour: instruments give the light.
        ambient: if scene == Scene::Cockpit { Rgb(0.62, 0.60, 0.66) } else { scale(ambient, soft) },
        room: if scene == Scene::Cockpit { Rgb(0.62, 0.62, 0.68) } else { scale(hour.ambient, soft * 0.95) },
        key: Beacon { x, y, r: r * tense, c: light, k, p: 1.5 },
        flame: false,
        rim: (mix(hour.light, hex("#ffffff"), 0.35), rim),
        counter: (mix(hour.haze, hex("#6088c8"), 0.4), counter),
        side,
        shade: if place.time_of_day == TimeOfDay::Night {
            0.56
        } else if low {
            0.46
        } else {
            0.34
        },
        shade_tint: if night { hex("#2f2d5c") } else { hex("#4a3a5c") },
        hour,
        style,
    }
}
