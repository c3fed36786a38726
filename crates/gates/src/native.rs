//! Gates of visuals that need no policy language (requirement 000-3), before and after the work, and what it means to enforce one:
//! the work is refused, and what was made is written all the same.

use contracts::promise::{GateOutcome, GateStage, GateStatus};

use crate::promise::cuts::Share;

/// The code of a refusal by an enforced gate.
pub const POLICY_GATE_FAILED: &str = "POLICY_GATE_FAILED";

fn outcome(id: &str, stage: GateStage, pass: bool, message: &str, metric: Option<i64>, threshold: i64, unit: &str) -> GateOutcome {
    GateOutcome {
        id: id.into(),
        stage,
        status: if pass { GateStatus::Pass } else { GateStatus::Fail },
        message: message.into(),
        metric,
        threshold: Some(threshold),
        unit: Some(unit.into()),
    }
}

fn whole(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Before the work: at least `least` providers can be asked for every scene.
pub fn providers_feasible(feasible: u64, least: u64) -> GateOutcome {
    let (pass, id) = (feasible >= least, "visuals.min-feasible-providers");
    let message = if pass { "Enough providers can be asked" } else { "Too few providers can be asked" };
    outcome(id, GateStage::Pre, pass, message, Some(whole(feasible)), whole(least), "count")
}

/// Before the work: what it costs at worst is at most `most`, micro-USD. What nobody can estimate fails.
pub fn worst_cost(worst: Option<i64>, most: i64) -> GateOutcome {
    let pass = worst.is_some_and(|worst| (0..=most).contains(&worst));
    let message = match worst {
        Some(_) if pass => "The worst case is within the budget",
        Some(_) => "The worst case exceeds the budget",
        None => "Nobody can say what it costs at worst; unknown is not zero",
    };
    outcome("visuals.max-worst-cost", GateStage::Pre, pass, message, worst, most, "micro_usd")
}

/// After the work: at most `most` millionths of the assets are fallbacks. No asset: no fallback.
pub fn fallback_rate(fallbacks: u64, assets: u64, most: u32) -> GateOutcome {
    let pass = u128::from(fallbacks) * 1_000_000 <= u128::from(assets) * u128::from(most) || assets == 0;
    let message = if pass { "Fallback rate within threshold" } else { "Fallback rate exceeds threshold" };
    let rate = Share { part: fallbacks, whole: assets }.ppm();
    outcome("visuals.max-fallback-rate", GateStage::Post, pass, message, Some(rate), i64::from(most), "ppm")
}

/// After the work: at least `least` millionths of the attempts succeeded. No attempt: nothing failed.
pub fn provider_success_rate(successes: u64, attempts: u64, least: u32) -> GateOutcome {
    let pass = u128::from(successes) * 1_000_000 >= u128::from(attempts) * u128::from(least);
    let message = if pass { "Provider success rate within threshold" } else { "Provider success rate below threshold" };
    let rate = if attempts == 0 { 1_000_000 } else { Share { part: successes, whole: attempts }.ppm() };
    outcome("visuals.min-provider-success-rate", GateStage::Post, pass, message, Some(rate), i64::from(least), "ppm")
}

/// Something that was made, with what its gates say. It can always be taken out and written; whether work goes on is another question.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Gated<T> {
    /// What was made: it is written whatever the gates say, with their outcomes in it.
    pub artifact: T,
    /// Every outcome, passed and failed.
    pub outcomes: Vec<GateOutcome>,
    /// Why work stops here; `None`: it goes on.
    pub refused: Option<Refused>,
}

/// A refusal by enforced gates.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} of the policy's gates failed: {}", failed.len(), told(failed))]
pub struct Refused {
    /// The outcomes that failed.
    pub failed: Vec<GateOutcome>,
}

impl Refused {
    /// The stable code.
    pub const CODE: &'static str = POLICY_GATE_FAILED;
    /// What to do next.
    pub const FIX: &'static str = "Loosen policy thresholds, improve provider chain quality, or disable enforce mode";
}

fn told(failed: &[GateOutcome]) -> String {
    failed.iter().map(|o| format!("{}: {}", o.id, o.message)).collect::<Vec<_>>().join("; ")
}

impl<T> Gated<T> {
    /// What was made, and its gates. Unless they are enforced, a failed one is on record and stops nothing.
    pub fn new(artifact: T, outcomes: Vec<GateOutcome>, enforce: bool) -> Self {
        let failed: Vec<GateOutcome> = outcomes.iter().filter(|o| !o.passes()).cloned().collect();
        let refused = (enforce && !failed.is_empty()).then_some(Refused { failed });
        Self { artifact, outcomes, refused }
    }

    /// Writes what was made, then says whether work goes on. Nothing is refused before it is written.
    pub fn written<W, E: From<Refused>>(self, write: impl FnOnce(T, Vec<GateOutcome>) -> Result<W, E>) -> Result<W, E> {
        let written = write(self.artifact, self.outcomes)?;
        self.refused.map_or(Ok(written), |refused| Err(refused.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_at_its_threshold_passes_and_one_beyond_does_not() {
        for (fallbacks, assets, most, pass) in [
            (0, 0, 0, true),
            (1, 2, 500_000, true),
            (1, 3, 333_333, false),
            (1, 3, 333_334, true),
            (2, 3, 500_000, false),
            (1, 1, 1_000_000, true),
            (u64::MAX, u64::MAX, 999_999, false),
        ] {
            let outcome = fallback_rate(fallbacks, assets, most);
            assert_eq!((outcome.passes(), outcome.threshold), (pass, Some(i64::from(most))), "{fallbacks} of {assets}");
        }
        for (successes, attempts, least, pass) in
            [(0, 0, 1_000_000, true), (1, 2, 500_000, true), (1, 3, 333_334, false), (1, 3, 333_333, true), (0, 4, 1, false)]
        {
            assert_eq!(provider_success_rate(successes, attempts, least).passes(), pass, "{successes} of {attempts}");
        }
        assert_eq!(provider_success_rate(0, 0, 1).metric, Some(1_000_000));
    }

    #[test]
    fn before_the_work_unknown_is_not_zero() {
        for (worst, most, pass) in [(Some(0), 0, true), (Some(5), 5, true), (Some(6), 5, false), (None, 5, false), (Some(-1), 5, false)] {
            assert_eq!(worst_cost(worst, most).passes(), pass, "{worst:?}");
        }
        assert!(providers_feasible(1, 1).passes() && !providers_feasible(0, 1).passes());
    }

    #[test]
    fn an_enforced_gate_refuses_and_what_was_made_is_written() {
        let failed = fallback_rate(1, 1, 500_000);
        for (enforce, outcome, goes_on) in
            [(true, failed.clone(), false), (false, failed, true), (true, fallback_rate(0, 1, 500_000), true)]
        {
            let mut written = None;
            let end = Gated::new("visuals.json", vec![outcome], enforce).written(|artifact, outcomes| {
                written = Some((artifact, outcomes.len()));
                Ok::<(), Refused>(())
            });
            assert_eq!((written, end.is_ok()), (Some(("visuals.json", 1)), goes_on));
            if let Err(refused) = end {
                assert_eq!(
                    refused.to_string(),
                    "1 of the policy's gates failed: visuals.max-fallback-rate: Fallback rate exceeds threshold"
                );
            }
        }
    }
}
