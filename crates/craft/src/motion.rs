//! What moves by itself (art direction §9), as tracks that a renderer plays. Everything is small and slow enough to be looked
//! past, and nothing keeps step with anything else: periods and phases come from seeds.
//!
//! Every loop meets. Most tracks end on the value they begin with. What falls or rises cannot: it ends where its picture is
//! the same again ([`fall`]) or where it is not seen ([`puff`]).

use contracts::{
    Seed,
    assets::{Key, Sway, Track, TrackProperty},
    shots::Easing,
};

use crate::paint::PaintedPlane;

/// Keys of one turn of a wave: between them the way is straight.
const TURN: u32 = 24;

/// How a sheet moves by itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Motion {
    /// A slow turn about its place.
    pub sway: Option<Sway>,
    /// At most one track for each property.
    pub tracks: Vec<Track>,
}

impl Motion {
    /// These tracks.
    pub fn of(tracks: impl IntoIterator<Item = Track>) -> Self {
        Self { sway: None, tracks: tracks.into_iter().collect() }
    }
}

/// A track of straight ways that begins again after its last key.
fn round(property: TrackProperty, keys: impl IntoIterator<Item = (u32, i32)>) -> Track {
    let keys = keys.into_iter().map(|(at_ms, value)| Key { at_ms, value }).collect();
    Track { property, keys, easing: Easing::Linear, repeat: true }
}

fn whole(v: f64) -> i32 {
    v.round() as i32
}

/// A wave about `mid`, `reach` to either side, in the property's unit; `phase` is the part of a turn it begins at.
pub fn wave(property: TrackProperty, mid: f64, reach: f64, period_ms: u32, phase: f64) -> Track {
    let at = |i: u32| mid + reach * libm::sin((phase + f64::from(i % TURN) / f64::from(TURN)) * std::f64::consts::TAU);
    round(property, (0..=TURN).map(|i| (period_ms.max(TURN) * i / TURN, whole(at(i)))))
}

/// A wave of a part's own: period within `ms`, any phase.
pub fn swing(seed: &mut Seed, property: TrackProperty, mid: f64, reach: f64, ms: (i64, i64)) -> Track {
    let period = seed.between(ms.0, ms.1) as u32;
    wave(property, mid, reach, period, seed.unit())
}

/// A fire's restlessness between two opacities: it wanders three times a second and trembles nine times.
pub fn flicker(seed: &mut Seed, low: i32, high: i32) -> Track {
    let slow: Vec<f64> = (0..13 + seed.below(6)).map(|_| seed.unit()).collect();
    let n = slow.len() * 3;
    let fast: Vec<f64> = (0..n).map(|_| seed.unit()).collect();
    let step = seed.between(106, 122) as u32;
    let at = |i: usize| {
        let (a, b) = (slow[i / 3], slow[(i / 3 + 1) % slow.len()]);
        let t = (i % 3) as f64 / 3.0;
        0.68 * (a + (b - a) * t * t * (3.0 - 2.0 * t)) + 0.32 * fast[i]
    };
    round(TrackProperty::Opacity, (0..=n).map(|i| (step * i as u32, whole(f64::from(low) + f64::from(high - low) * at(i % n)))))
}

/// How far a sheet that drifts at a speed (units a second) goes to either side, in units: as far as the longest shot needs.
pub fn drift_reach(speed: f32) -> f32 {
    speed * 5.6
}

/// A drift at one speed, units a second, a unit being `u` pixels. It begins near one end, so that no shot sees it turn.
pub fn drift(seed: &mut Seed, speed: f32, u: f32) -> Track {
    let side = if seed.below(2) == 0 { 1.0 } else { -1.0 };
    let from = seed.range(0.86, 0.98);
    let reach = f64::from(drift_reach(speed));
    let px = |t: f64| whole(t * side * reach * f64::from(u) * 1000.0);
    let ms = |way: f64| (way * reach / f64::from(speed.max(0.01)) * 1000.0) as u32;
    let there = ms(1.0 + from);
    round(TrackProperty::X, [(0, px(-from)), (there, px(1.0)), (there + ms(2.0), px(-1.0)), (ms(4.0), px(-from))])
}

/// What falls: one period of its picture down, and `aside` pixels to the left, in `ms`. The picture repeats after that way, so
/// its end looks as its beginning did.
pub fn fall(period: i32, aside: i32, ms: u32) -> Vec<Track> {
    let way = |property, px: i32| round(property, [(0, 0), (ms, px * 1000)]);
    let mut tracks = vec![way(TrackProperty::Y, period)];
    if aside != 0 {
        tracks.push(way(TrackProperty::X, -aside));
    }
    tracks
}

/// A puff of smoke that comes, rises `up` pixels, goes `aside` pixels aside and is gone; `turn` is the part of its life it
/// begins at. It goes back to its beginning while it is not seen.
pub fn puff(up: f32, aside: f32, ms: u32, turn: f64, most: i32) -> Vec<Track> {
    let at = |property, value: &dyn Fn(f64) -> f64| {
        let split = (f64::from(ms) * (1.0 - turn)) as u32;
        let steps = 8;
        let ahead = (0..=steps).map(|i| (split * i / steps, turn + (1.0 - turn) * f64::from(i) / f64::from(steps)));
        let again = (0..=steps).map(|i| (split + 1 + (ms - split) * i / steps, turn * f64::from(i) / f64::from(steps)));
        let mut keys: Vec<(u32, i32)> = Vec::new();
        for (t, life) in ahead.chain(again) {
            if keys.last().is_none_or(|last| last.0 < t) {
                keys.push((t, whole(value(life))));
            }
        }
        round(property, keys)
    };
    vec![
        at(TrackProperty::X, &|life| f64::from(aside) * life * life * 1000.0),
        at(TrackProperty::Y, &|life| -f64::from(up) * life * 1000.0),
        at(TrackProperty::Opacity, &|life| f64::from(most) * (life * 5.0).min(1.0) * (1.0 - life)),
    ]
}

/// Lightning: one flash, its echo, and darkness until the next. Never more than one pair in five seconds.
pub fn flash(seed: &mut Seed) -> Track {
    let (at, echo) = (seed.between(900, 3_200) as u32, seed.between(150, 240) as u32);
    let rest = seed.between(5_200, 9_000) as u32;
    let keys = [
        (0, 0),
        (at, 0),
        (at + 30, 900),
        (at + 85, 780),
        (at + 130, 120),
        (at + echo, 120),
        (at + echo + 40, 520),
        (at + echo + 420, 0),
        (at + echo + rest, 0),
    ];
    round(TrackProperty::Opacity, keys)
}

/// Breath: a plane grows upwards from its foot by `rise` pixels and sinks back; with `side`, it leans as far aside.
pub fn breath(plane: &mut PaintedPlane, seed: &mut Seed, rise: f32, side: f32) {
    let (period, phase) = (seed.between(3_250, 4_350) as u32, seed.unit());
    let height = f64::from(plane.pixels.height.max(1));
    // About its centre a plane grows both ways: half of it is taken back, so that the foot stays.
    let grow = f64::from(rise) / height;
    let half = grow / 2.0 * 1_000_000.0;
    plane.tracks = vec![
        wave(TrackProperty::Scale, 1_000_000.0 + half, half, period, phase),
        wave(TrackProperty::Y, -f64::from(rise) * 250.0, -f64::from(rise) * 250.0, period, phase),
    ];
    if side > 0.0 {
        plane.tracks.push(swing(seed, TrackProperty::X, 0.0, f64::from(side) * 1000.0, (5_100, 7_400)));
    }
}

/// A walk: a paper figure rises a little with every step of `step_ms`.
pub fn walk(plane: &mut PaintedPlane, seed: &mut Seed, rise: f32, step_ms: u32) {
    plane.tracks = vec![wave(TrackProperty::Y, -f64::from(rise) * 500.0, f64::from(rise) * 500.0, step_ms, seed.unit())];
}

/// The way of a figure that goes on with its drawings: `advance` pixels with each, to the right or (negative) to the left, for
/// nine seconds. Between two drawings it stands, as the foot on the ground does. It is where it was painted one second into its
/// shot. Nothing for who goes nowhere.
pub fn onward(advance: f32, frame_ms: u32) -> Option<Track> {
    if advance == 0.0 {
        return None;
    }
    let (frame, before) = (frame_ms.max(2), 1_000 / frame_ms.max(2));
    let at = |n: u32| whole(f64::from(advance) * (f64::from(n) - f64::from(before)) * 1000.0);
    let steps = (1..=9_000 / frame).flat_map(|n| [Key { at_ms: n * frame - 1, value: at(n - 1) }, Key { at_ms: n * frame, value: at(n) }]);
    let keys = std::iter::once(Key { at_ms: 0, value: at(0) }).chain(steps).collect();
    Some(Track { property: TrackProperty::X, keys, easing: Easing::Linear, repeat: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(track: &Track) -> (Key, Key) {
        (track.keys[0], *track.keys.last().expect("a key"))
    }

    #[test]
    fn loops_meet_in_value_or_out_of_sight() {
        for n in 0..200 {
            let mut seed = Seed::new(n);
            let tracks = [
                swing(&mut seed, TrackProperty::X, 0.0, 4_000.0, (3_000, 5_000)),
                flicker(&mut seed, 100, 1000),
                drift(&mut seed, 7.0, 1.0),
                flash(&mut seed),
            ];
            for track in &tracks {
                let (first, last) = ends(track);
                assert!(track.repeat && track.changes() && first.value == last.value, "{track:?}");
                assert!(first.at_ms == 0 && track.keys.windows(2).all(|k| k[0].at_ms < k[1].at_ms), "{track:?}");
            }
            let smoke = puff(70.0, 20.0, 5_000, seed.range(0.02, 0.98), 600);
            let (seen, ways) = smoke.split_last().expect("tracks");
            for way in ways {
                let (first, last) = ends(way);
                assert!((first.value - last.value).abs() <= 1_200, "{way:?}");
                // Wherever it jumps, it is not seen.
                for pair in way.keys.windows(2).filter(|k| k[1].at_ms == k[0].at_ms + 1) {
                    let there = seen.keys.iter().filter(|k| k.at_ms == pair[0].at_ms || k.at_ms == pair[1].at_ms);
                    assert!(there.clone().count() == 2 && there.clone().all(|k| k.value == 0), "{smoke:?}");
                }
            }
        }
    }

    #[test]
    fn a_drift_turns_after_the_longest_shot() {
        for n in 0..100 {
            let track = drift(&mut Seed::new(n), 8.0, 1.0);
            assert!(track.keys[1].at_ms > 9_000, "{track:?}");
            let speed = f64::from((track.keys[1].value - track.keys[0].value).abs()) / f64::from(track.keys[1].at_ms);
            assert!((speed - 8.0).abs() < 0.1, "{speed} pixels a second");
        }
    }

    #[test]
    fn lightning_flashes_seldom() {
        for n in 0..100 {
            let track = flash(&mut Seed::new(n));
            let bright = track.keys.iter().filter(|k| k.value >= 500).count();
            assert!(bright == 3 && track.keys.last().expect("a key").at_ms >= 6_000, "{track:?}");
        }
    }
}
