//! How things move: the camera's templates, the tracks of a plane, and what keeps a plane covering the frame.

use contracts::{
    EditRate, Seed,
    assets::{Key, Plane, Track, TrackProperty},
    picture::Canvas,
    shots::{Easing, MoveKind, Movement},
};

use super::{ACTORS, Layer, Rect, TimelineShot};

/// The largest extra scale that keeps a plane covering the frame, in millionths.
const MAX_COVER: f64 = 1_250_000.0;
/// As much of a plane as is seen when nothing else is said, thousandths.
const SEEN: i32 = 1000;
/// The most keys of a track.
const MAX_KEYS: usize = 1000;
/// How far a held camera trembles up and down, in thousandths of what it trembles sideways.
const TREMOR_HEIGHT: f64 = 700.0;
/// The waves of the tremor: the range of their speed in thousandths of a turn a second, and how much of it each is.
const WAVES: [(i64, i64, f64); 3] = [(210, 380, 0.55), (560, 950, 0.3), (1500, 2300, 0.15)];

/// Where a layer stands on a frame: canvas point `p` shows what stood at `c + (p - c - shift) / scale` at rest, `c`
/// being the centre of the frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placement {
    /// Scale about the centre.
    pub scale: f64,
    /// Shift to the right, pixels.
    pub dx: f64,
    /// Shift down, pixels.
    pub dy: f64,
    /// How much of it is seen, thousandths, 0 to 1000. What is not seen at all stands at rest.
    pub opacity: u32,
}

impl Placement {
    /// At rest.
    pub const REST: Self = Self { scale: 1.0, dx: 0.0, dy: 0.0, opacity: SEEN as u32 };
}

/// A move without what says nothing: one over no distance is a hold, a hold has no way to go, and only a hand trembles.
pub(super) fn plain(movement: Movement) -> Movement {
    let Movement { kind, amount, easing, seed } = movement;
    match kind {
        _ if amount == 0 => Movement::new(MoveKind::Hold, 0),
        MoveKind::Hold => Movement::new(MoveKind::Hold, 0),
        MoveKind::Handheld => Movement { seed, ..Movement::new(kind, amount) },
        _ => Movement { easing: easing.filter(|easing| *easing != kind.easing()), ..Movement::new(kind, amount) },
    }
}

/// A property's value when nothing is said of it, its least, its greatest, and its unit.
fn range(property: TrackProperty) -> (i32, i32, i32, &'static str) {
    match property {
        TrackProperty::X | TrackProperty::Y => (0, -16_384_000, 16_384_000, "thousandths of a pixel"),
        TrackProperty::Scale => (1_000_000, 10_000, 8_000_000, "millionths"),
        TrackProperty::Opacity => (SEEN, 0, SEEN, "thousandths"),
    }
}

/// The tracks of a plane, checked, in one form: in order of their properties, without those that change nothing.
pub(super) fn tracks(plane: &Plane) -> Result<Vec<Track>, String> {
    let mut kept: Vec<Track> = Vec::new();
    for track in &plane.tracks {
        let property = property_name(track.property);
        let fault = |fault: String| Err(format!("the {property} track of `{}` {fault}", plane.name));
        let (usual, least, greatest, unit) = range(track.property);
        if track.keys.is_empty() || track.keys.len() > MAX_KEYS {
            return fault(format!("has {} keys; it needs 1 to {MAX_KEYS}", track.keys.len()));
        }
        if let Some(pair) = track.keys.windows(2).find(|pair| pair[0].at_ms >= pair[1].at_ms) {
            return fault(format!("has a key at {} ms after one at {} ms; keys go forward in time", pair[1].at_ms, pair[0].at_ms));
        }
        if let Some(key) = track.keys.iter().find(|key| !(least..=greatest).contains(&key.value)) {
            return fault(format!("has the value {} at {} ms; it takes {least} to {greatest} {unit}", key.value, key.at_ms));
        }
        if plane.tracks.iter().filter(|other| other.property == track.property).count() > 1 {
            return fault("is there twice; a property has one track".into());
        }
        let first = track.keys[0].value;
        if track.keys.iter().any(|key| key.value != first) {
            kept.push(Track { repeat: track.repeat && track.keys.len() > 1, ..track.clone() });
        } else if first != usual {
            let keys = vec![Key { at_ms: 0, value: first }];
            kept.push(Track { property: track.property, keys, easing: Easing::default(), repeat: false });
        }
    }
    kept.sort_by_key(|track| track.property);
    Ok(kept)
}

fn property_name(property: TrackProperty) -> &'static str {
    match property {
        TrackProperty::X => "x",
        TrackProperty::Y => "y",
        TrackProperty::Scale => "scale",
        TrackProperty::Opacity => "opacity",
    }
}

/// The way gone at `t` of the time, both 0 to 1.
fn ease(easing: Easing, t: f64) -> f64 {
    match easing {
        Easing::Linear => t,
        Easing::In => t * t,
        Easing::Out => t * (2.0 - t),
        Easing::InOut => t * t * (3.0 - 2.0 * t),
    }
}

/// A track's value at a frame, in its unit.
fn value(track: &Track, rate: EditRate, frame: u64) -> f64 {
    let (Some(first), Some(last)) = (track.keys.first(), track.keys.last()) else { return f64::from(range(track.property).0) };
    // Times are exact, in 1/num of a millisecond.
    let ticks = |key: &Key| u128::from(key.at_ms) * u128::from(rate.num);
    let mut at = u128::from(frame) * 1000 * u128::from(rate.den);
    if track.repeat && at > ticks(last) {
        at = ticks(first) + (at - ticks(first)) % (ticks(last) - ticks(first)).max(1);
    }
    let after = track.keys.partition_point(|key| ticks(key) <= at);
    match (after.checked_sub(1).map(|i| &track.keys[i]), track.keys.get(after)) {
        (Some(before), Some(next)) => {
            let way = (at - ticks(before)) as f64 / (ticks(next) - ticks(before)) as f64;
            f64::from(before.value) + (f64::from(next.value) - f64::from(before.value)) * ease(track.easing, way)
        }
        (None, _) => f64::from(first.value),
        (_, None) => f64::from(last.value),
    }
}

/// What a plane's own tracks do to it: shift in pixels, scale about its centre, thousandths seen.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Own {
    x: f64,
    y: f64,
    scale: f64,
    opacity: u32,
}

impl Own {
    fn of(tracks: &[Track], value: impl Fn(&Track) -> f64) -> Self {
        let mut own = Self { x: 0.0, y: 0.0, scale: 1.0, opacity: SEEN as u32 };
        for track in tracks {
            let value = value(track);
            match track.property {
                TrackProperty::X => own.x = value / 1000.0,
                TrackProperty::Y => own.y = value / 1000.0,
                TrackProperty::Scale => own.scale = value / 1_000_000.0,
                TrackProperty::Opacity => own.opacity = (value + 0.5) as u32,
            }
        }
        own
    }
}

/// Where the camera's move puts a plane, `eased` of the way through; `tremor` is where a held camera is, −1 to 1 each way.
fn camera(canvas: Canvas, movement: Movement, parallax: u32, eased: f64, tremor: (f64, f64)) -> Placement {
    let amount = f64::from(movement.amount);
    let depth = f64::from(parallax) / f64::from(ACTORS);
    let share = amount * depth / 1000.0;
    let way = |side: u32| share * f64::from(side) * (eased - 0.5);
    let around = |side: u32| amount * (depth - 1.0) / 1000.0 * f64::from(side) * (eased - 0.5);
    let still = Placement::REST;
    match movement.kind {
        MoveKind::Hold => still,
        MoveKind::PushIn => Placement { scale: 1.0 + share * eased, ..still },
        MoveKind::PullOut => Placement { scale: 1.0 + share * (1.0 - eased), ..still },
        // The viewer looks left: what is seen moves right.
        MoveKind::PanLeft | MoveKind::TrackLeft => Placement { dx: way(canvas.width), ..still },
        MoveKind::PanRight | MoveKind::TrackRight => Placement { dx: -way(canvas.width), ..still },
        MoveKind::TiltUp => Placement { dy: way(canvas.height), ..still },
        MoveKind::TiltDown => Placement { dy: -way(canvas.height), ..still },
        // Round the actors: their plane stays.
        MoveKind::ParallaxLeft => Placement { dx: around(canvas.width), ..still },
        MoveKind::ParallaxRight => Placement { dx: -around(canvas.width), ..still },
        MoveKind::Handheld => {
            let reach = share * f64::from(canvas.width);
            Placement { dx: reach * tremor.0, dy: reach * TREMOR_HEIGHT / 1000.0 * tremor.1, ..still }
        }
    }
}

/// Where a held camera is at a frame, −1 to 1 each way: three slow waves, whose speeds and beginnings come from the seed.
fn tremor(seed: u32, rate: EditRate, frame: u64) -> (f64, f64) {
    let axis = |name: &str| {
        let mut seed = Seed::of(&["handheld", name, &seed.to_string()]);
        let wave = |(slow, fast, share): (i64, i64, f64)| {
            let speed = seed.between(slow, fast).unsigned_abs();
            let phase = seed.below(1000);
            // Turns, reduced exactly in integers before they become an angle.
            let whole = 1_000_000 * u128::from(rate.num);
            let gone = u128::from(frame) * u128::from(rate.den) * u128::from(speed) * 1000 + u128::from(phase) * whole / 1000;
            share * libm::sin((gone % whole) as f64 / whole as f64 * std::f64::consts::TAU)
        };
        WAVES.map(wave).iter().sum::<f64>()
    };
    (axis("x"), axis("y"))
}

/// The smallest scale, in millionths, with which a plane keeps covering the edges of the frame that it covers at rest. A
/// plane whose own tracks take it farther than a scale of [`MAX_COVER`] makes up for is meant to leave: only the camera's
/// move is made up for then.
pub(super) fn cover(shot: &TimelineShot, layer: &Layer) -> u32 {
    let leaves = need(shot, Movement::new(MoveKind::Hold, 0), layer, &layer.tracks) > MAX_COVER / 1_000_000.0;
    let need = need(shot, shot.movement, layer, if leaves { &[] } else { &layer.tracks });
    (need * 1_000_000.0).ceil().min(MAX_COVER) as u32
}

fn need(shot: &TimelineShot, movement: Movement, layer: &Layer, tracks: &[Track]) -> f64 {
    let (width, height) = (f64::from(shot.canvas.width), f64::from(shot.canvas.height));
    let Rect { x, y, .. } = layer.rect;
    let (left, top) = (f64::from(x), f64::from(y));
    let (right, bottom) = (left + f64::from(layer.rect.width), top + f64::from(layer.rect.height));
    let (sway_x, sway_y) = layer.sway.map_or((0.0, 0.0), |s| (f64::from(s.dx).abs() / 1000.0, f64::from(s.dy).abs() / 1000.0));
    // Between two keys a value lies between theirs.
    let least = Own::of(tracks, |track| f64::from(track.keys.iter().map(|key| key.value).min().unwrap_or(0)));
    let most = Own::of(tracks, |track| f64::from(track.keys.iter().map(|key| key.value).max().unwrap_or(0)));
    let mut need: f64 = 1.0;
    // At both ends of the way, at every corner of the tremor.
    for (eased, tremor) in [(0.0, (-1.0, -1.0)), (1.0, (1.0, 1.0))] {
        let place = camera(shot.canvas, movement, layer.parallax, eased, tremor);
        // How far an edge is from the centre of the frame, and how far it must be.
        let mut side = |covers: bool, reach: f64, wanted: f64| {
            if covers {
                need = need.max(if reach > 0.0 { wanted / (reach * place.scale) } else { f64::INFINITY });
            }
        };
        let half = |size: u32| f64::from(size) / 2.0 * least.scale;
        let (middle_x, middle_y) = (f64::midpoint(left, right), f64::midpoint(top, bottom));
        side(left <= 0.0, width / 2.0 - (middle_x - half(layer.rect.width) + most.x), width / 2.0 + place.dx + sway_x);
        side(right >= width, middle_x + half(layer.rect.width) + least.x - width / 2.0, width / 2.0 - place.dx + sway_x);
        side(top <= 0.0, height / 2.0 - (middle_y - half(layer.rect.height) + most.y), height / 2.0 + place.dy + sway_y);
        side(bottom >= height, middle_y + half(layer.rect.height) + least.y - height / 2.0, height / 2.0 - place.dy + sway_y);
    }
    need
}

impl TimelineShot {
    /// How far the move is at a frame, 0 to 1. Past its end it stands.
    pub fn eased(&self, frame: u64) -> f64 {
        let last = self.move_frames.max(2) - 1;
        ease(self.movement.easing.unwrap_or(self.movement.kind.easing()), frame.min(last) as f64 / last as f64)
    }
}

impl Layer {
    /// Where the layer stands at a frame of its shot, which may lie past the shot's end.
    pub fn placement(&self, shot: &TimelineShot, frame: u64) -> Placement {
        self.placement_as(shot, frame, frame)
    }

    /// Where it would stand if since the frame `still` only the camera had moved.
    pub fn placement_as(&self, shot: &TimelineShot, frame: u64, still: u64) -> Placement {
        let own = Own::of(&self.tracks, |track| value(track, shot.rate, still));
        if own.opacity == 0 {
            return Placement { opacity: 0, ..Placement::REST };
        }
        let tremor = if shot.movement.kind == MoveKind::Handheld { tremor(shot.movement.seed, shot.rate, frame) } else { (0.0, 0.0) };
        let mut place = camera(shot.canvas, shot.movement, self.parallax, shot.eased(frame), tremor);
        place.scale *= f64::from(self.cover) / 1_000_000.0;
        place.opacity = own.opacity;
        if !self.tracks.is_empty() {
            // The plane's own scale is about its own centre, and its shift is seen as the camera sees it.
            let own_centre = |at: i32, size: u32| f64::from(at) + f64::from(size) / 2.0;
            let off_x = own_centre(self.rect.x, self.rect.width) - f64::from(shot.canvas.width) / 2.0;
            let off_y = own_centre(self.rect.y, self.rect.height) - f64::from(shot.canvas.height) / 2.0;
            place.dx += place.scale * (off_x * (1.0 - own.scale) + own.x);
            place.dy += place.scale * (off_y * (1.0 - own.scale) + own.y);
            place.scale *= own.scale;
        }
        if let Some(sway) = self.sway {
            // The turn is reduced exactly, in integers, before it becomes an angle.
            let period = u128::from(sway.period_ms.max(1)) * u128::from(shot.rate.num);
            let at = (u128::from(still) * 1000 * u128::from(shot.rate.den)) % period;
            let turn = at as f64 / period as f64 + f64::from(sway.phase) / 1000.0;
            let wave = libm::sin(turn * std::f64::consts::TAU);
            place.dx += f64::from(sway.dx) / 1000.0 * wave;
            place.dy += f64::from(sway.dy) / 1000.0 * wave;
        }
        place
    }

    /// The least and the greatest scale at which the layer is seen in its shot.
    pub fn scales(&self, shot: &TimelineShot) -> (f64, f64) {
        let ends = [0.0, 1.0].map(|eased| camera(shot.canvas, shot.movement, self.parallax, eased, (0.0, 0.0)).scale);
        let own = self.tracks.iter().find(|track| track.property == TrackProperty::Scale);
        let keys: Vec<f64> = own.map_or(vec![1.0], |track| track.keys.iter().map(|key| f64::from(key.value) / 1_000_000.0).collect());
        let cover = f64::from(self.cover) / 1_000_000.0;
        let least = ends[0].min(ends[1]) * cover * keys.iter().copied().fold(f64::INFINITY, f64::min);
        let most = ends[0].max(ends[1]) * cover * keys.iter().copied().fold(0.0, f64::max);
        (least, most)
    }
}
