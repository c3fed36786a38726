//! Where feet and hands are: the body follows. Figure units: the ground is 0, a grown figure is 7.1 high, it faces +x.

use contracts::picture::Pose;

use super::figure::View;

/// A point in figure units.
pub(super) type V = (f32, f32);

/// What a hand does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grip {
    /// Hangs, fingers a little bent.
    Rest,
    /// Closed.
    Fist,
    /// One finger out.
    Point,
    /// Open, palm up.
    Open,
    /// Laid on something.
    Flat,
    /// In a pocket.
    Hidden,
}

/// How somebody stands who does nothing else: what hands do while people listen and talk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Manner {
    /// Arms hang, a little bent.
    #[default]
    Easy,
    /// Hands one in the other before the belt.
    Clasped,
    /// One hand on the hip.
    Hip,
    /// One hand in the coat.
    Pocket,
    /// One hand at the breast.
    Chest,
    /// One hand open before the body, as people talk.
    Talk,
}

/// Feet and hands of a pose.
pub(super) struct Stance {
    /// Near (or left) and far (or right) foot: the ankle's place on the ground.
    pub feet: [V; 2],
    /// Near and far hand.
    pub hands: [V; 2],
    /// What they do.
    pub grip: [Grip; 2],
    /// Which way the elbows go: 1 backwards and down, −1 forwards and up.
    pub elbow: [f32; 2],
    /// Knees that do not follow from hip and foot.
    pub knees: Option<[V; 2]>,
    /// How much longer near and far leg are than the way from hip to foot, in parts of it: how far the knee bends. Without
    /// it the bones have their own length.
    pub slack: Option<[f32; 2]>,
    /// Height of the hip (negative: up).
    pub hip: f32,
    /// How far the hip is pushed over the leg that carries.
    pub shift: f32,
    /// How much lower the near shoulder is than the far one.
    pub drop: f32,
    /// How far the chest leans forward.
    pub lean: f32,
    /// Whether the far arm lies before the body.
    pub over: bool,
}

/// How far before and behind the hip a foot of the longest walking step touches the ground.
pub(super) const STEP: f32 = 0.82;
/// Height of the shoulders above the hip.
pub(super) const TORSO: f32 = 2.15;

impl Stance {
    /// The stance of a pose. `flat` from front and back; `shoulder` is half the width of the shoulders; `phase` counts one
    /// double step of walking or running from 0 to 1, and `stride` is how long its steps are against the longest.
    pub fn of(pose: Pose, manner: Manner, view: View, shoulder: f32, (phase, stride): (f32, f32)) -> Self {
        use Grip::{Fist, Flat, Open, Point, Rest};
        let flat = matches!(view, View::Front | View::Back);
        let hip = -3.50;
        let sy = hip - TORSO;
        // The weight is on the near leg; the far knee is a little bent and its foot set forward.
        let still = Self {
            feet: if flat { [(-0.24, 0.0), (0.38, 0.0)] } else { [(-0.20, 0.0), (0.36, 0.0)] },
            hands: if flat {
                [(-shoulder - 0.13, sy + 2.42), (shoulder + 0.15, sy + 2.38)]
            } else {
                [(-shoulder * 0.7 + 0.10, sy + 2.34), (shoulder + 0.12, sy + 2.28)]
            },
            grip: [Rest, Rest],
            elbow: if flat { [1.0, -1.0] } else { [1.0, 1.0] },
            knees: None,
            slack: Some(if flat { [0.001, 0.004] } else { [0.001, 0.012] }),
            hip,
            shift: -0.06,
            drop: 0.07,
            lean: 0.0,
            over: false,
        };
        match pose {
            Pose::Stand => still.with(manner, flat, shoulder, sy),
            Pose::Walk | Pose::Run if flat => still.towards(pose == Pose::Run, phase, shoulder, sy),
            Pose::Walk => Self::walk(phase, stride),
            Pose::Run => Self::run(phase, stride),
            Pose::Point => {
                let far = if flat { (shoulder + 1.55, sy + 0.12) } else { (2.28, sy - 0.10) };
                Self {
                    feet: [(-0.38, 0.0), (0.46, 0.0)],
                    hands: [still.hands[0], far],
                    grip: [Rest, Point],
                    elbow: [still.elbow[0], 0.35],
                    lean: if flat { 0.0 } else { 0.04 },
                    over: true,
                    ..still
                }
            }
            Pose::Hold => {
                let far = if flat { (shoulder * 0.4, sy + 1.25) } else { (1.10, sy + 1.22) };
                Self { hands: [still.hands[0], far], grip: [Rest, Fist], elbow: [still.elbow[0], 1.0], over: true, ..still }
            }
            Pose::Sit => {
                let hip = -2.1;
                if flat {
                    return Self {
                        feet: [(-0.46, 0.0), (0.46, 0.0)],
                        hands: [(-0.34, -2.12), (0.34, -2.12)],
                        grip: [Flat, Flat],
                        knees: Some([(-0.48, -1.72), (0.48, -1.72)]),
                        hip,
                        shift: 0.0,
                        drop: 0.0,
                        ..still
                    };
                }
                Self {
                    feet: [(0.98, 0.0), (1.42, 0.0)],
                    hands: [(1.02, -2.52), (0.86, -2.42)],
                    grip: [Flat, Flat],
                    knees: Some([(1.04, hip - 0.05), (1.46, hip - 0.05)]),
                    hip,
                    shift: 0.0,
                    drop: 0.04,
                    ..still
                }
            }
            Pose::Embrace => Self {
                feet: [(-0.30, 0.0), (0.34, 0.0)],
                hands: [(1.16, sy + 0.95), (1.10, sy + 0.45)],
                grip: [Flat, Flat],
                elbow: [0.75, 0.75],
                lean: 0.05,
                over: false,
                ..still
            },
            Pose::Kneel => {
                let hip = -1.98;
                let sy = hip - TORSO;
                let hands = if flat { [(-0.42, -1.95), (0.40, -1.98)] } else { [(0.92, -2.12), (0.74, sy + 2.02)] };
                Self {
                    feet: if flat { [(-0.40, 0.0), (0.52, 0.0)] } else { [(-1.52, -0.46), (0.92, 0.0)] },
                    hands,
                    grip: [Flat, Open],
                    knees: Some(if flat { [(-0.44, -0.40), (0.50, -1.70)] } else { [(-0.12, -0.22), (0.98, -1.86)] }),
                    hip,
                    shift: 0.0,
                    drop: 0.0,
                    lean: if flat { 0.0 } else { 0.05 },
                    ..still
                }
            }
        }
    }

    /// The hands of somebody who stands.
    fn with(self, manner: Manner, flat: bool, shoulder: f32, sy: f32) -> Self {
        use Grip::{Flat, Hidden, Open, Rest};
        let side = |near: V, front: V| if flat { front } else { near };
        match manner {
            Manner::Easy => self,
            Manner::Clasped => Self {
                hands: [side((0.40, sy + 1.78), (0.02, sy + 1.80)), side((0.52, sy + 1.84), (-0.02, sy + 1.88))],
                grip: [Flat, Flat],
                over: true,
                ..self
            },
            Manner::Hip => Self {
                hands: [side((-0.36, sy + 1.62), (-shoulder * 0.86, sy + 1.62)), self.hands[1]],
                grip: [Flat, Rest],
                shift: -0.10,
                drop: -0.05,
                ..self
            },
            Manner::Pocket => {
                Self { hands: [side((-0.08, sy + 1.98), (-shoulder * 0.92, sy + 1.98)), self.hands[1]], grip: [Hidden, Rest], ..self }
            }
            Manner::Chest => {
                Self { hands: [side((0.36, sy + 0.86), (0.10, sy + 0.90)), self.hands[1]], grip: [Flat, Rest], drop: -0.04, ..self }
            }
            Manner::Talk => Self {
                hands: [self.hands[0], side((1.02, sy + 1.42), (shoulder + 0.34, sy + 1.52))],
                grip: [Rest, Open],
                over: true,
                ..self
            },
        }
    }

    /// Walking or running towards the viewer or away: one foot is lifted, the arms swing.
    fn towards(self, runs: bool, phase: f32, shoulder: f32, sy: f32) -> Self {
        let s = libm::cosf(core::f32::consts::TAU * phase);
        let (lift, bend) = if runs { (0.78, 0.62) } else { (0.26, 0.16) };
        let foot = |x: f32, up: f32| (x, -lift * up.max(0.0));
        Self {
            feet: [foot(-0.24, s), foot(0.26, -s)],
            hands: [(-shoulder - 0.06, sy + 2.26 - bend * (1.0 + s)), (shoulder + 0.06, sy + 2.26 - bend * (1.0 - s))],
            grip: [if runs { Grip::Fist } else { Grip::Rest }; 2],
            elbow: if runs { [0.45, -0.45] } else { [0.8, -0.8] },
            slack: Some([0.002 + 0.06 * lift * s.max(0.0), 0.002 + 0.06 * lift * (-s).max(0.0)]),
            shift: 0.05 * s,
            drop: 0.05 * s,
            ..self
        }
    }

    /// One moment of a double step: `phase` 0 is the near heel's touch, 0.5 the far one's. A foot on the ground goes back evenly,
    /// so that it stays where it is while the body goes on evenly: by [`STEP`] · `stride` · 4 in a double step. The head keeps
    /// its place.
    fn walk(phase: f32, stride: f32) -> Self {
        let reach = STEP * stride;
        let lift = 0.34 * stride.min(1.0).sqrt();
        let foot = |p: f32| {
            let p = p - libm::floorf(p);
            if p < 0.5 {
                return (reach * (1.0 - 4.0 * p), 0.0);
            }
            // It swings forward in the second half of its double step, lifted.
            let a = core::f32::consts::PI * (p - 0.5) * 2.0;
            (-reach * libm::cosf(a), -lift * libm::sinf(a))
        };
        let c = libm::cosf(core::f32::consts::TAU * phase);
        let hip = -3.44 - 0.06 * (1.0 - stride).clamp(0.0, 1.0);
        let sy = hip - TORSO;
        let swing = 0.74 * stride.min(1.0).sqrt() * c;
        Self {
            feet: [foot(phase), foot(phase + 0.5)],
            hands: [(-0.10 - swing, sy + 2.06 - 0.10 * c.abs()), (0.12 + swing, sy + 2.04 - 0.10 * c.abs())],
            grip: [Grip::Rest, Grip::Rest],
            elbow: [1.0, 1.0],
            knees: None,
            slack: None,
            hip,
            shift: 0.0,
            drop: 0.04 * c,
            lean: 0.07,
            over: false,
        }
    }

    /// One moment of a double step of running.
    fn run(phase: f32, stride: f32) -> Self {
        let (c, s) = {
            let a = core::f32::consts::TAU * phase;
            (libm::cosf(a), libm::sinf(a))
        };
        let foot = |c: f32, s: f32| {
            // Before the body low, behind it high.
            let (x, y) = if c >= 0.0 { (1.22 * c, -0.42 * (-s).max(0.0)) } else { (1.46 * c, -1.14 * -c - 0.06) };
            (x * stride, y * stride.sqrt())
        };
        let hip = -3.38;
        let sy = hip - TORSO;
        Self {
            feet: [foot(-c, -s), foot(c, s)],
            hands: [(0.22 + 0.72 * c, sy + 1.28 - 0.34 * c), (0.22 - 0.86 * c, sy + 1.42 + 0.18 * c)],
            grip: [Grip::Fist, Grip::Fist],
            elbow: [1.0, 1.0],
            knees: None,
            slack: None,
            hip,
            shift: 0.0,
            drop: 0.05,
            lean: 0.20,
            over: false,
        }
    }
}

/// Elbow or knee and hand or foot of a two-bone limb from `a` towards `b`.
pub(super) fn limb(a: V, b: V, la: f32, lb: f32, bend: f32) -> (V, V) {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let length = (dx * dx + dy * dy).sqrt().max(1e-4);
    let reach = length.min((la + lb) * 0.999);
    let end = if length > reach { (a.0 + dx / length * reach, a.1 + dy / length * reach) } else { b };
    let cosine = ((la * la + reach * reach - lb * lb) / (2.0 * la * reach)).clamp(-1.0, 1.0);
    let angle = libm::atan2f(dy, dx) + bend * libm::acosf(cosine);
    ((a.0 + la * libm::cosf(angle), a.1 + la * libm::sinf(angle)), end)
}
