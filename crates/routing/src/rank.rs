//! The learned ranking (003 §4): windows of outcomes, a weighted score, exploration by seeded lots, shadow before active, and the
//! criterion by which a person may make it active. Times are handed in.

use contracts::MicroUsd;
use contracts::choice::{Candidate, RankerMode, Ranking, Snapshot, ToolId, ToolStats, WHOLE};
use serde::{Deserialize, Serialize};

use crate::choose::lots;

/// How many outcomes of a tool count, newest first.
pub const WINDOW: usize = 100;

/// What exploration is set to where somebody switches it on without a number.
pub const EPSILON_PPM: i64 = 50_000;

/// What is assumed of a tool that nobody has called.
pub const COLD: ToolStats = ToolStats {
    samples: 0,
    success_ppm: 800_000,
    quality_ppm: 700_000,
    latency_ms: 2_000,
    latency_before_ms: 2_000,
    cost_micro_usd: MicroUsd(0),
};

/// What came of one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// The tool, not its provider: two tools of one provider are two.
    pub tool: ToolId,
    /// Seconds since 1970.
    pub at_s: i64,
    /// Whether it brought what was wanted.
    pub success: bool,
    /// The wait, milliseconds.
    pub latency_ms: i64,
    /// How good it was, where somebody said. 0 is bad, and is not unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality_ppm: Option<i64>,
    /// What it cost.
    pub cost_micro_usd: MicroUsd,
}

/// What the newest outcomes of a tool come to; nothing where there are none. The history may come in any order.
pub fn stats(tool: &ToolId, history: &[Outcome], window: usize) -> Option<ToolStats> {
    let mut seen: Vec<&Outcome> = history.iter().filter(|o| o.tool == *tool).collect();
    // Newest first; at the same second the rest of the outcome decides, so that the history's order does not.
    seen.sort_by_key(|o| std::cmp::Reverse((o.at_s, o.success, o.latency_ms, o.quality_ppm, o.cost_micro_usd)));
    seen.truncate(window);
    if seen.is_empty() {
        return None;
    }
    let mean = |values: &[i64], without: i64| match i128::try_from(values.len()) {
        Ok(count) if count > 0 => i64::try_from(values.iter().map(|v| i128::from(*v)).sum::<i128>() / count).unwrap_or(without),
        _ => without,
    };
    let waits = |of: &[&Outcome]| of.iter().filter(|o| o.success).map(|o| o.latency_ms).collect::<Vec<_>>();
    let worked = seen.iter().filter(|o| o.success).count();
    let quality: Vec<i64> = seen.iter().filter(|o| o.success).filter_map(|o| o.quality_ppm).collect();
    let cost: Vec<i64> = seen.iter().map(|o| o.cost_micro_usd.0).collect();
    let (newer, older) = seen.split_at(seen.len().div_ceil(2));
    let latency = mean(&waits(newer), mean(&waits(&seen), 0));
    Some(ToolStats {
        samples: u32::try_from(seen.len()).unwrap_or(u32::MAX),
        success_ppm: worked as i64 * WHOLE / seen.len() as i64,
        quality_ppm: mean(&quality, WHOLE / 2),
        latency_ms: latency,
        latency_before_ms: mean(&waits(older), latency),
        cost_micro_usd: MicroUsd(mean(&cost, 0)),
    })
}

/// 0.4 success, 0.3 quality, 0.2 quickness (10 s is slow), 0.1 cheapness (10 cents is dear), parts per million.
pub fn score(stats: &ToolStats) -> i64 {
    let quick = WHOLE - stats.latency_ms.saturating_mul(100).clamp(0, WHOLE);
    let cheap = WHOLE - stats.cost_micro_usd.0.saturating_mul(10).clamp(0, WHOLE);
    // A record may hold any number: beyond the whole nothing is better, and nothing overflows.
    let (success, quality) = (stats.success_ppm.clamp(0, WHOLE), stats.quality_ppm.clamp(0, WHOLE));
    (4 * success + 3 * quality + 2 * quick + cheap) / 10
}

/// What the ranking needs of a place in the order.
pub(crate) trait Standing {
    fn candidate(&self) -> &Candidate;
    fn is_preferred(&self) -> bool;
}

/// Ranks the feasible tools. In shadow that is all; active, the order becomes the ranking's, behind what a person preferred, and
/// now and then another tool is drawn to stand first.
pub(crate) fn take_part<S: Standing>(stands: &mut Vec<S>, snapshot: &Snapshot, mode: RankerMode) -> Option<Ranking> {
    let ranker = &snapshot.ranker;
    if mode == RankerMode::Off {
        return None;
    }
    let of = |stand: &S| score(stand.candidate().stats.as_ref().unwrap_or(&COLD));
    let mut order: Vec<(usize, i64)> = stands.iter().map(of).enumerate().collect();
    // Ties keep the policy's order.
    order.sort_by_key(|(_, score)| std::cmp::Reverse(*score));
    let named: Vec<(ToolId, i64)> = order.iter().map(|(at, score)| (stands[*at].candidate().tool.clone(), *score)).collect();
    let preferred = stands.first().is_some_and(Standing::is_preferred);
    // What a person preferred is no disagreement: the ranking was not asked.
    let diverged = !preferred && order.first().is_some_and(|(at, _)| *at != 0);
    let mut ranking = Ranking { mode, order: named, diverged, explored: false, propensity_ppm: WHOLE };
    if mode != RankerMode::Active {
        return Some(ranking);
    }
    let place = |tool: &ToolId| ranking.order.iter().position(|(name, _)| name == tool);
    stands.sort_by_key(|stand| (!stand.is_preferred(), if stand.is_preferred() { None } else { place(&stand.candidate().tool) }));
    let epsilon = ranker.epsilon_ppm.clamp(0, WHOLE);
    if epsilon == 0 || preferred {
        return Some(ranking);
    }
    let count = stands.len() as u64;
    let each = epsilon / count as i64;
    let mut lots = lots(snapshot);
    let drawn = if (lots.below(WHOLE as u64) as i64) < epsilon { lots.below(count) as usize } else { 0 };
    ranking.explored = drawn != 0;
    ranking.propensity_ppm = if drawn == 0 { WHOLE - epsilon + each } else { each.max(1) };
    let first = stands.remove(drawn);
    stands.insert(0, first);
    Some(ranking)
}

/// One choice that was ranked in shadow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shadowed {
    /// Seconds since 1970.
    pub at_s: i64,
    /// Whether the ranking's first differed from the policy's.
    pub diverged: bool,
}

/// Whether the ranking may be made active.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Activation {
    /// Whether every one of the last seven days had choices, and less than a tenth of them diverged.
    pub ready: bool,
    /// Choices in the seven days.
    pub samples: u64,
    /// Share of them that diverged.
    pub divergence_ppm: i64,
    /// What is missing, in words.
    pub reason: String,
}

/// The criterion of 003 §4.2: less than 10 % divergence for seven days, each of them.
pub fn activation(history: &[Shadowed], now_s: i64) -> Activation {
    const DAY: i64 = 86_400;
    let mut days = [(0_u64, 0_u64); 7];
    for one in history {
        let back = now_s.saturating_sub(one.at_s);
        // The youngest day is 0; what is yet to come counts nowhere.
        if back >= 0
            && let Some(day) = usize::try_from(back / DAY).ok().and_then(|day| days.get_mut(day))
        {
            day.0 += 1;
            day.1 += u64::from(one.diverged);
        }
    }
    let (samples, diverged) = days.iter().fold((0, 0), |(s, d), day| (s + day.0, d + day.1));
    let divergence_ppm = if samples == 0 { WHOLE } else { (u128::from(diverged) * 1_000_000 / u128::from(samples)) as i64 };
    let quiet = days.iter().position(|(seen, _)| *seen == 0);
    let loud = days.iter().position(|(seen, diverged)| diverged * 10 >= *seen && *seen > 0);
    let reason = match (quiet, loud) {
        (Some(day), _) => format!("no choice was ranked {day} to {} days ago", day + 1),
        (None, Some(day)) => format!("{} of {} choices diverged {day} to {} days ago: a tenth or more", days[day].1, days[day].0, day + 1),
        (None, None) => "less than a tenth diverged on each of seven days".to_owned(),
    };
    Activation { ready: quiet.is_none() && loud.is_none(), samples, divergence_ppm, reason }
}
