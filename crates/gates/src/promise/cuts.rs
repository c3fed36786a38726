//! Whether the cuts of a film keep its promise: by count and by time, in whole numbers, and after render on motion that was
//! measured in the decoded picture with the camera's own move taken out (law 9).
//!
//! Stricter than [`crate::compat::validate_cuts`], which counts cuts by their file's ending: a type's floor always holds, a long
//! still weighs more than a short one, what does not move is no motion whatever it is called, painted animation never counts as
//! generated video (design §12), and what stands in for a promised clip is a downgrade.

use contracts::{
    canon::{Finding, Verdict},
    promise::DeliveryPromise,
};

use serde::{Deserialize, Serialize};

use super::rule;
use crate::verdict::{blocks, verdict};

/// What a cut is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CutKind {
    /// A clip that a camera or a video generator made.
    Video,
    /// A speaking figure that a generator made.
    Avatar,
    /// Painted pictures that move.
    Animation,
    /// An animated card or chart.
    Slide,
    /// A picture under a moving camera, or none.
    Still,
}

impl CutKind {
    /// Whether it is one of the kinds that move.
    fn moves(self) -> bool {
        matches!(self, Self::Video | Self::Avatar | Self::Animation)
    }
}

/// One cut of a film.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cut {
    /// The shot.
    pub shot_id: String,
    /// Its length in whole frames.
    pub frames: u64,
    /// What it is, after everything that was to be found or made has been.
    pub kind: CutKind,
    /// Whether it shows footage of the author.
    #[serde(default)]
    pub from_source: bool,
    /// Whether it stands in for something that was promised and could not be had.
    #[serde(default)]
    pub stand_in: bool,
    /// Whether something in the decoded picture moves by itself; `None`: nobody has measured it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moving: Option<bool>,
}

/// What motion is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The kind of cut: before anything is drawn.
    Planned,
    /// The decoded picture. A cut that nobody measured does not pass.
    Decoded,
}

/// A share in whole numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// How many.
    pub part: u64,
    /// Of how many.
    pub whole: u64,
}

impl Share {
    /// In millionths, rounded down; nothing of nothing is nothing.
    pub fn ppm(self) -> i64 {
        let ppm = (u128::from(self.part) * 1_000_000).checked_div(u128::from(self.whole)).unwrap_or(0);
        i64::try_from(ppm).unwrap_or(i64::MAX)
    }

    fn below(self, percent: u32) -> bool {
        u128::from(self.part) * 100 < u128::from(self.whole) * u128::from(percent)
    }
}

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Cuts that count as motion.
    pub by_count: Share,
    /// Their frames.
    pub by_time: Share,
}

/// Counts the cuts that count as motion under a promise.
pub fn count(promise: &DeliveryPromise, cuts: &[Cut], measure: Measure) -> Counted {
    let painted = !rule(promise.promise_type).requires_video_generation;
    let counts = |cut: &&Cut| {
        cut.kind.moves() && (painted || cut.kind != CutKind::Animation) && (measure == Measure::Planned || cut.moving == Some(true))
    };
    let frames = |cuts: &mut dyn Iterator<Item = &Cut>| cuts.fold(0_u64, |sum, cut| sum.saturating_add(cut.frames));
    Counted {
        by_count: Share { part: cuts.iter().filter(counts).count() as u64, whole: cuts.len() as u64 },
        by_time: Share { part: frames(&mut cuts.iter().filter(counts)), whole: frames(&mut cuts.iter()) },
    }
}

/// Judges the cuts of a film.
pub fn check(promise: &DeliveryPromise, cuts: &[Cut], measure: Measure) -> Verdict {
    verdict("promise", findings(promise, cuts, measure))
}

pub(super) fn findings(promise: &DeliveryPromise, cuts: &[Cut], measure: Measure) -> Vec<Finding> {
    let (name, rule) = (promise.promise_type.name(), rule(promise.promise_type));
    let counted = count(promise, cuts, measure);
    if counted.by_time.whole == 0 {
        return vec![blocks("promise.no_cuts", "there is no cut with a frame: nothing can keep a promise", &["cuts"])];
    }
    let mut found = Vec::new();
    let mut say = |code: &str, message: String, sources: &[&str]| found.push(blocks(code, message, sources));
    if let Some(empty) = cuts.iter().find(|c| c.frames == 0) {
        say("promise.no_cuts", format!("{} has no frame", empty.shot_id), &[&empty.shot_id]);
    }
    if measure == Measure::Decoded {
        let unmeasured = cuts.iter().filter(|c| c.moving.is_none());
        for cut in unmeasured {
            say("promise.not_measured", format!("nobody measured whether {} moves: it cannot be judged", cut.shot_id), &[&cut.shot_id]);
        }
    }
    let what = if rule.requires_video_generation { "moving clips (painted animation is none)" } else { "cuts that move" };
    for (share, unit) in [(counted.by_count, "cuts"), (counted.by_time, "frames")] {
        let percent = rule.min_motion_percent;
        if share.below(percent) {
            let message = format!(
                "{} of {} {unit} ({}.{} %) are of {what}; {name} promises {percent} % at least",
                share.part,
                share.whole,
                share.ppm() / 10_000,
                share.ppm() / 1_000 % 10
            );
            say("promise.motion_floor", message, &["cuts", "delivery_promise.promise_type"]);
        }
    }
    if promise.motion_required && counted.by_time.part == 0 {
        say(
            "promise.motionless",
            format!("motion is required, and none of the cuts are of {what}"),
            &["cuts", "delivery_promise.motion_required"],
        );
    }
    if promise.source_required && !cuts.iter().any(|c| c.from_source) {
        say(
            "promise.no_source",
            "the author's footage was promised, and no cut shows any".into(),
            &["cuts", "delivery_promise.source_required"],
        );
    }
    if !rule.still_fallback_allowed && promise.approved_fallback.is_none() {
        for cut in cuts.iter().filter(|c| c.stand_in) {
            let message = format!("{} stands in for what {name} promised, and no fallback was approved", cut.shot_id);
            say("promise.stand_in", message, &[&cut.shot_id, "delivery_promise.approved_fallback"]);
        }
        let rest = Share { part: counted.by_time.whole - counted.by_time.part, whole: counted.by_time.whole };
        if rest.part > rest.whole / 2 {
            let message =
                format!("{} of {} frames do not move, and {name} allows no still-led film unless it is approved", rest.part, rest.whole);
            say("promise.still_led", message, &["cuts", "delivery_promise.approved_fallback"]);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use contracts::promise::PromiseType;

    use super::*;

    fn cut(n: usize, kind: CutKind, frames: u64, moving: Option<bool>) -> Cut {
        Cut { shot_id: format!("s{n}"), frames, kind, from_source: false, stand_in: false, moving }
    }

    fn codes(promise: &DeliveryPromise, cuts: &[Cut], measure: Measure) -> Vec<String> {
        check(promise, cuts, measure).findings.into_iter().map(|f| f.code).collect()
    }

    fn film(moving: usize, kind: CutKind, of: usize) -> Vec<Cut> {
        (0..of).map(|n| if n < moving { cut(n, kind, 48, Some(true)) } else { cut(n, CutKind::Still, 48, Some(false)) }).collect()
    }

    #[test]
    fn every_type_holds_its_floor_whether_or_not_motion_is_required() {
        for kind in PromiseType::ALL {
            let promise = DeliveryPromise::of(kind);
            let floor = rule(kind).min_motion_percent as usize;
            for moving in 0..=100 {
                let verdict = check(&promise, &film(moving, CutKind::Video, 100), Measure::Decoded);
                let still_led = !rule(kind).still_fallback_allowed && moving < 50;
                assert_eq!(verdict.pass, moving >= floor && !still_led, "{} at {moving} %", kind.name());
            }
        }
    }

    #[test]
    fn a_long_still_weighs_more_than_a_short_one() {
        let promise = DeliveryPromise::of(PromiseType::MotionLed);
        let mut cuts = film(8, CutKind::Video, 10);
        assert!(check(&promise, &cuts, Measure::Decoded).pass);
        cuts[9].frames = 1_000;
        assert_eq!(codes(&promise, &cuts, Measure::Decoded), ["promise.motion_floor", "promise.still_led"]);
        let mut cuts = film(2, CutKind::Video, 10);
        cuts[0].frames = 100_000;
        assert_eq!(codes(&promise, &cuts, Measure::Decoded), ["promise.motion_floor"], "by count alone");
    }

    #[test]
    fn what_is_called_motion_and_does_not_move_is_none_once_it_is_decoded() {
        let promise = DeliveryPromise { motion_required: true, ..DeliveryPromise::of(PromiseType::Hybrid) };
        let cuts: Vec<Cut> = (0..4).map(|n| cut(n, CutKind::Video, 24, Some(false))).collect();
        assert!(check(&promise, &cuts, Measure::Planned).pass);
        assert_eq!(codes(&promise, &cuts, Measure::Decoded), ["promise.motion_floor", "promise.motion_floor", "promise.motionless"]);
        let unmeasured = vec![cut(0, CutKind::Video, 24, None), cut(1, CutKind::Video, 24, Some(true))];
        assert_eq!(codes(&promise, &unmeasured, Measure::Decoded), ["promise.not_measured"]);
    }

    #[test]
    fn painted_animation_never_counts_as_generated_video() {
        let cuts = film(10, CutKind::Animation, 10);
        assert!(check(&DeliveryPromise::of(PromiseType::Hybrid), &cuts, Measure::Decoded).pass);
        assert!(!check(&DeliveryPromise::of(PromiseType::MotionLed), &cuts, Measure::Decoded).pass);
    }

    #[test]
    fn a_stand_in_is_a_downgrade_where_the_promise_allows_none() {
        let mut cuts = film(10, CutKind::Video, 10);
        cuts[3].stand_in = true;
        let mut promise = DeliveryPromise::of(PromiseType::MotionLed);
        assert_eq!(codes(&promise, &cuts, Measure::Decoded), ["promise.stand_in"]);
        promise.approved_fallback = Some("still_led".into());
        assert!(check(&promise, &cuts, Measure::Decoded).pass);
        assert!(!check(&promise, &film(0, CutKind::Video, 10), Measure::Decoded).pass, "a fallback does not waive the floor");
    }

    #[test]
    fn nothing_keeps_no_promise_and_footage_must_be_seen() {
        let mut promise = DeliveryPromise::of(PromiseType::Localization);
        for cuts in [vec![], vec![cut(0, CutKind::Video, 0, Some(true))]] {
            assert_eq!(codes(&promise, &cuts, Measure::Decoded), ["promise.no_cuts"]);
        }
        promise.source_required = true;
        let mut cuts = film(1, CutKind::Video, 2);
        assert_eq!(codes(&promise, &cuts, Measure::Decoded), ["promise.no_source"]);
        cuts[0].from_source = true;
        assert!(check(&promise, &cuts, Measure::Decoded).pass);
        cuts[1].frames = u64::MAX;
        assert!(check(&promise, &cuts, Measure::Decoded).pass, "a length beyond all sense is no panic");
    }
}
