//! What past runs say, for the `adaptive` policy: lines of telemetry summed in whole numbers (public-projects 1.8, with latency used).

use std::collections::BTreeMap;

use contracts::MicroUsd;
use contracts::choice::{Trends, WHOLE};
use serde::Serialize;

use crate::compat::recommend::Telemetry;

/// A wait that is no trend yet, milliseconds.
const QUICK_MS: f64 = 1_000.0;

/// A provider that has become slow: its newer half takes more than twice its older half, and more than a second.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Slowed {
    /// Its name.
    pub provider: String,
    /// Mean wait of a call in the older half of the runs, milliseconds.
    pub before_ms: i64,
    /// In the newer half.
    pub now_ms: i64,
}

/// The newest runs, as many as the window holds, summed; and the providers that have become slow over them. The lines may come in
/// any order. A line that says what cannot be is an error that names its place, from 0, and its field.
pub fn of(records: &[Telemetry], window: u32, min_records: u32) -> Result<(Trends, Vec<Slowed>), String> {
    for (at, record) in records.iter().enumerate() {
        check(record).map_err(|why| format!("/{at}{why}"))?;
    }
    let mut newest: Vec<&Telemetry> = records.iter().collect();
    // At the same time the run decides, so that the order of the lines does not.
    newest.sort_by(|a, b| (&b.recorded_at, &b.pipeline_id).cmp(&(&a.recorded_at, &a.pipeline_id)));
    newest.truncate(window as usize);
    let mut trends = Trends { records: u32::try_from(newest.len()).unwrap_or(u32::MAX), min_records, ..Trends::default() };
    for record in &newest {
        trends.scenes += whole(record.scene_count);
        trends.fallbacks += whole(record.fallbacks);
        trends.cost_micro_usd.0 += (record.total_generation_cost_usd * WHOLE as f64).round() as i64;
        for provider in &record.provider_summary {
            trends.attempts += whole(provider.attempts);
            trends.successes += whole(provider.successes);
        }
    }
    let (newer, older) = newest.split_at(newest.len().div_ceil(2));
    let (now, before) = (waits(newer), waits(older));
    let slowed = |(provider, now_ms): (&&str, &f64)| {
        let before_ms = *before.get(provider)?;
        let slow = *now_ms > QUICK_MS && *now_ms > 2.0 * before_ms;
        slow.then(|| Slowed { provider: (*provider).to_owned(), before_ms: before_ms.round() as i64, now_ms: now_ms.round() as i64 })
    };
    let slowed = if newest.len() < 4 { Vec::new() } else { now.iter().filter_map(slowed).collect() };
    Ok((trends, slowed))
}

/// The mean wait of a call by provider, over calls that were made.
fn waits<'a>(records: &[&'a Telemetry]) -> BTreeMap<&'a str, f64> {
    let mut sums: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for one in records.iter().flat_map(|record| &record.provider_summary) {
        let sum = sums.entry(&one.provider).or_default();
        sum.0 += one.avg_latency_ms * one.attempts;
        sum.1 += one.attempts;
    }
    sums.into_iter().filter(|(_, (_, calls))| *calls > 0.0).map(|(name, (ms, calls))| (name, ms / calls)).collect()
}

fn whole(count: f64) -> u64 {
    count as u64
}

fn check(record: &Telemetry) -> Result<(), String> {
    let counted = |field: &str, value: f64| {
        let fits = value.fract() == 0.0 && (0.0..=1e9).contains(&value);
        if fits { Ok(()) } else { Err(format!("/{field}: {value}; expected a whole number, 0 to 1000000000")) }
    };
    counted("sceneCount", record.scene_count)?;
    counted("fallbacks", record.fallbacks)?;
    if record.fallbacks > record.scene_count {
        return Err(format!("/fallbacks: {} of {} scenes", record.fallbacks, record.scene_count));
    }
    if !(0.0..=1e6).contains(&record.total_generation_cost_usd) {
        return Err(format!("/totalGenerationCostUsd: {}; expected 0 to 1000000", record.total_generation_cost_usd));
    }
    for (at, one) in record.provider_summary.iter().enumerate() {
        let field = |name: &str| format!("providerSummary/{at}/{name}");
        counted(&field("attempts"), one.attempts)?;
        counted(&field("successes"), one.successes)?;
        if one.successes > one.attempts {
            return Err(format!("/{}: {} of {} attempts", field("successes"), one.successes, one.attempts));
        }
        if !(0.0..=1e12).contains(&one.avg_latency_ms) {
            return Err(format!("/{}: {}; expected 0 to 1000000000000", field("avgLatencyMs"), one.avg_latency_ms));
        }
    }
    Ok(())
}

/// How sure a recommendation is, by the number of runs, parts per million: whole at twice the fewest that say anything.
pub fn confidence_ppm(trends: &Trends) -> i64 {
    let twice = i64::from(trends.min_records.max(1)) * 2;
    (i64::from(trends.records) * WHOLE / twice).min(WHOLE)
}

/// What one shot cost on average; nothing where there was none.
pub fn cost_a_scene(trends: &Trends) -> Option<MicroUsd> {
    let scenes = i64::try_from(trends.scenes).ok().filter(|scenes| *scenes > 0)?;
    Some(MicroUsd(trends.cost_micro_usd.0 / scenes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compat::recommend::ProviderSummary;

    fn run(day: u32, latency: f64) -> Telemetry {
        Telemetry {
            schema_version: 1,
            recorded_at: format!("2026-01-{day:02}T00:00:00Z"),
            pipeline_id: Some(format!("run-{day}")),
            topic: None,
            routing_policy: "balanced".into(),
            provider_chain: vec!["p".into()],
            scene_count: 4.0,
            from_generated: 0.0,
            fallbacks: 1.0,
            total_generation_cost_usd: 0.04 * 3.0,
            provider_summary: vec![ProviderSummary {
                provider: "p".into(),
                attempts: 4.0,
                successes: 3.0,
                failures: 1.0,
                avg_latency_ms: latency,
            }],
            skipped_providers: Vec::new(),
        }
    }

    #[test]
    fn runs_are_summed_in_whole_numbers_and_a_slower_half_is_seen() {
        let mut runs = vec![run(4, 2_100.0), run(1, 1_000.0), run(3, 2_101.0), run(2, 1_000.0)];
        let (trends, slowed) = of(&runs, 200, 2).expect("sums");
        assert_eq!((trends.records, trends.scenes, trends.fallbacks, trends.cost_micro_usd.0), (4, 16, 4, 480_000));
        assert_eq!((trends.attempts, trends.successes, confidence_ppm(&trends)), (16, 12, WHOLE));
        assert_eq!((slowed.len(), slowed[0].before_ms, slowed[0].now_ms), (1, 1_000, 2_101));
        runs.reverse();
        assert_eq!(of(&runs, 200, 2).expect("sums").1, slowed, "the order of the lines changes nothing");
        // Twice is no trend; and a window sees the newest.
        assert!(of(&[run(1, 1_000.0), run(2, 1_000.0), run(3, 2_000.0), run(4, 2_000.0)], 200, 2).expect("sums").1.is_empty());
        assert_eq!(of(&runs, 1, 2).expect("sums").0.records, 1);
        let mut wrong = run(1, 1.0);
        wrong.provider_summary[0].successes = 5.0;
        assert_eq!(of(&[run(2, 1.0), wrong], 9, 1).expect_err("five of four"), "/1/providerSummary/0/successes: 5 of 4 attempts");
    }
}
