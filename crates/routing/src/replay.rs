//! The past, asked again: whether a Decision follows from what it rested on, and what another policy would have done.

use contracts::choice::{AttemptResult, Choice, Decision, Policy, RankerMode, ToolId, WHOLE};
use contracts::{Document, MicroUsd, ReadError};
use serde::Serialize;

use crate::choose::{choose, choose_under};

/// The choice of a Decision, made again from its snapshot alone: nothing of the recorded choice is read.
pub fn recompute(decision: &Decision) -> Choice {
    choose(&decision.snapshot)
}

/// A Decision out of its bytes, without building a tree of values first: a long past is read in one pass. What does not fit is
/// read once more, slowly, to say where.
pub fn read(bytes: &[u8]) -> Result<Decision, ReadError> {
    // A quote inside a text is escaped, so that these are keys with their values.
    let ours = [format!("\"schema_id\":\"{}\"", Decision::SCHEMA_ID), format!("\"schema_version\":\"{}\"", Decision::SCHEMA_VERSION)];
    let text = std::str::from_utf8(bytes).ok().filter(|text| ours.iter().all(|mark| text.contains(mark.as_str())));
    match text.map(serde_json::from_str) {
        Some(Ok(decision)) => Ok(decision),
        _ => contracts::read(bytes),
    }
}

/// Whether the recorded choice follows from what it rested on, and whether the attempts follow from the choice; else what differs.
pub fn verify(decision: &Decision) -> Result<(), String> {
    let again = recompute(decision);
    let then = &decision.choice;
    let first = |choice: &Choice| choice.first.as_ref().map_or("no tool".to_owned(), |tool| format!("`{tool}`"));
    if again.first != then.first {
        return Err(format!("the record says {}, and what it rested on says {}", first(then), first(&again)));
    }
    let tools = |choice: &Choice| choice.order.iter().map(|p| p.tool.to_string()).collect::<Vec<_>>().join(", ");
    if tools(&again) != tools(then) {
        return Err(format!("the recorded order is {}, and what it rested on gives {}", tools(then), tools(&again)));
    }
    if again != *then {
        return Err("the order is right, and a reason, an exclusion, a score or the ranking is not".to_owned());
    }
    let listed = |tool: &ToolId| then.order.iter().any(|p| p.tool == *tool);
    if let Some(attempt) = decision.attempts.iter().find(|a| !listed(&a.tool)) {
        return Err(format!("`{}` was tried, and was no candidate", attempt.tool));
    }
    if let Some(chosen) = decision.chosen.as_ref().filter(|c| !listed(c)) {
        return Err(format!("`{chosen}` was taken, and was no candidate"));
    }
    let cost = decision.attempts.iter().fold(0_i64, |sum, a| sum.saturating_add(a.cost_micro_usd.0));
    if cost != decision.cost_micro_usd.0 {
        return Err(format!("the attempts cost {}, and the record says {}", MicroUsd(cost), decision.cost_micro_usd));
    }
    Ok(())
}

/// What can be said of a share that nobody watched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Estimate {
    /// Nothing, and why.
    NotEstimable {
        /// Always `not estimable`.
        estimate: &'static str,
        /// In words.
        reason: String,
    },
    /// A mean with its 95 % interval, parts per million.
    Interval {
        /// The mean.
        mean_ppm: i64,
        /// Its lower end.
        low_ppm: i64,
        /// Its upper end.
        high_ppm: i64,
        /// How many even observations it is worth.
        effective_samples: u64,
    },
}

/// Weighted observations: self-normalised inverse propensity (Hajek), with the variance of its linearisation.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    explored: u64,
    matched: u64,
    w: f64,
    w2: f64,
    wr: f64,
    w2r: f64,
    w2r2: f64,
}

impl Sums {
    fn add(&mut self, weight: f64, reward: f64) {
        self.matched += 1;
        self.w += weight;
        self.w2 += weight * weight;
        self.wr += weight * reward;
        self.w2r += weight * weight * reward;
        self.w2r2 += weight * weight * reward * reward;
    }

    fn estimate(&self, what: &str) -> Estimate {
        let no = |reason: String| Estimate::NotEstimable { estimate: "not estimable", reason };
        if self.explored == 0 {
            return no("no choice was drawn by lot: nothing says how tools do that the policy did not try".into());
        }
        if self.matched < 2 {
            return no(format!(
                "{} of {} drawn choices are this policy's, with their {what} known: two are the least",
                self.matched, self.explored
            ));
        }
        let mean = self.wr / self.w;
        let variance = (self.w2r2 - 2.0 * mean * self.w2r + mean * mean * self.w2).max(0.0) / (self.w * self.w);
        let half = 1.959_964 * variance.sqrt();
        let ppm = |share: f64| (share.clamp(0.0, 1.0) * WHOLE as f64).round() as i64;
        Estimate::Interval {
            mean_ppm: ppm(mean),
            low_ppm: ppm(mean - half),
            high_ppm: ppm(mean + half),
            effective_samples: (self.w * self.w / self.w2) as u64,
        }
    }
}

/// What another policy would have done, one Decision after the other; it holds sums only.
#[derive(Clone, Debug)]
pub struct PolicyReplay {
    policy: Policy,
    report: ReplayReport,
    quality: Sums,
    failure: Sums,
}

/// What came of a replay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReplayReport {
    /// The policy that was tried.
    pub policy: &'static str,
    /// Decisions.
    pub decisions: u64,
    /// Of them, those in which it puts the same tool first.
    pub same_first: u64,
    /// Those in which it puts another tool first.
    pub other_first: u64,
    /// Those in which no tool is feasible.
    pub none_feasible: u64,
    /// What the recorded attempts cost.
    pub recorded_cost_micro_usd: MicroUsd,
    /// The worst case of the tools that the record put first.
    pub recorded_quote_micro_usd: MicroUsd,
    /// The worst case of the tools it puts first.
    pub quote_micro_usd: MicroUsd,
    /// First tools whose cost nobody knows; they are in no sum.
    pub unknown_quotes: u64,
    /// How good the results would have been.
    pub quality: Option<Estimate>,
    /// How often the first attempt would have failed.
    pub failure: Option<Estimate>,
}

impl PolicyReplay {
    /// A replay of a policy.
    pub fn new(policy: Policy) -> Self {
        let report = ReplayReport {
            policy: policy.name(),
            decisions: 0,
            same_first: 0,
            other_first: 0,
            none_feasible: 0,
            recorded_cost_micro_usd: MicroUsd(0),
            recorded_quote_micro_usd: MicroUsd(0),
            quote_micro_usd: MicroUsd(0),
            unknown_quotes: 0,
            quality: None,
            failure: None,
        };
        Self { policy, report, quality: Sums::default(), failure: Sums::default() }
    }

    /// One Decision: chosen again under the policy, without the learned ranking.
    pub fn add(&mut self, decision: &Decision) {
        let choice = choose_under(&decision.snapshot, self.policy, RankerMode::Off);
        let report = &mut self.report;
        report.decisions += 1;
        // A record may hold any number.
        let add = |sum: &mut MicroUsd, more: MicroUsd| sum.0 = sum.0.saturating_add(more.0);
        add(&mut report.recorded_cost_micro_usd, decision.cost_micro_usd);
        let quote = |choice: &Choice| choice.order.first().and_then(|p| p.quote_micro_usd);
        add(&mut report.recorded_quote_micro_usd, quote(&decision.choice).unwrap_or_default());
        match (&choice.first, quote(&choice)) {
            (None, _) => report.none_feasible += 1,
            (Some(_), None) => report.unknown_quotes += 1,
            (Some(_), Some(quote)) => add(&mut report.quote_micro_usd, quote),
        }
        let same = choice.first.is_some() && choice.first == decision.choice.first;
        report.same_first += u64::from(same);
        report.other_first += u64::from(choice.first.is_some() && !same);
        let Some(ranking) = decision.choice.ranking.as_ref().filter(|r| r.propensity_ppm < WHOLE) else { return };
        self.quality.explored += 1;
        self.failure.explored += 1;
        let tried = decision.attempts.first().filter(|a| Some(&a.tool) == decision.choice.first.as_ref());
        let Some(tried) = tried.filter(|_| same) else { return };
        let weight = WHOLE as f64 / ranking.propensity_ppm.max(1) as f64;
        if tried.result != AttemptResult::Unknown {
            self.failure.add(weight, f64::from(u8::from(tried.result != AttemptResult::Success)));
        }
        if let Some(quality) = tried.quality_ppm {
            self.quality.add(weight, quality as f64 / WHOLE as f64);
        }
    }

    /// What came of it.
    pub fn report(&self) -> ReplayReport {
        let mut report = self.report.clone();
        report.quality = Some(self.quality.estimate("quality"));
        report.failure = Some(self.failure.estimate("outcome"));
        report
    }
}
