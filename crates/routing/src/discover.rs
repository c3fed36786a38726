//! Which tools there are for a request, what each of them lacks, and what it would cost at worst (design §6, step 1).

use std::collections::{BTreeMap, BTreeSet};

use contracts::MicroUsd;
use contracts::choice::{
    Availability, Breaker, BudgetView, Candidate, CostTier, GateAnswer, OrderTable, Ranker, SelectionRequest, Snapshot, ToolId,
    ToolManifest, ToolStats, Trends,
};

use crate::manifest::{Catalogue, ordered_ms, units};

/// How a tool is, as whoever watches it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Whether it answers.
    pub availability: Availability,
    /// Its breaker.
    pub breaker: Breaker,
    /// Why it is not well.
    pub why: Option<String>,
}

impl Health {
    /// Nothing is known against it.
    pub const WELL: Self = Self { availability: Availability::Available, breaker: Breaker::Closed, why: None };
}

/// What is known around the tools. A tool that is not named in `health` is well.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// How tools are.
    pub health: BTreeMap<ToolId, Health>,
    /// Names of the variables that are set.
    pub environment: BTreeSet<String>,
    /// What past calls came to.
    pub stats: BTreeMap<ToolId, ToolStats>,
    /// What past runs say.
    pub trends: Option<Trends>,
    /// What gates said.
    pub gates: Vec<GateAnswer>,
    /// What may be spent.
    pub budget: BudgetView,
    /// How the learned ranking takes part.
    pub ranker: Ranker,
}

/// What of a request a tool cannot do, each in words with both values.
pub fn lacks(tool: &ToolManifest, request: &SelectionRequest) -> Vec<String> {
    let mut lacks = Vec::new();
    let limits = &tool.limits;
    if let Some(operation) = request.operation.as_ref().filter(|o| !tool.operations.contains(*o)) {
        lacks.push(format!("it cannot `{operation}`"));
    }
    if let Some(format) = request.format.as_ref().filter(|f| !limits.formats.is_empty() && !limits.formats.contains(f)) {
        lacks.push(format!("format `{format}` is not among {}", limits.formats.join(", ")));
    }
    for (name, wanted, most) in [("width", request.width, limits.max_width), ("height", request.height, limits.max_height)] {
        if let (Some(wanted), Some(most)) = (wanted, most)
            && wanted > most
        {
            lacks.push(format!("{name} {wanted} is above {most}"));
        }
    }
    if let Some(wanted) = request.duration_ms {
        let longest = limits.durations_ms.iter().max().copied().or(limits.max_duration_ms);
        if ordered_ms(tool, wanted).is_none() || limits.max_duration_ms.is_some_and(|most| wanted > most) {
            lacks.push(format!("{wanted} ms is longer than {} ms", longest.unwrap_or(0)));
        }
    }
    if let Some(aspect) = request.aspect.as_ref().filter(|a| !limits.aspects.is_empty() && !limits.aspects.contains(a)) {
        lacks.push(format!("aspect {aspect} is not among {}", limits.aspects.join(", ")));
    }
    if let Some(fps) = request.fps.filter(|f| !limits.fps.is_empty() && !limits.fps.contains(f)) {
        lacks.push(format!("{fps} frames a second are not among {:?}", limits.fps));
    }
    lacks.extend(request.needs.difference(&tool.supports).map(|feature| format!("it has no `{feature}`")));
    lacks
}

/// The worst case of a call, in whole micro-dollars rounded up; absent where nobody knows.
pub fn quote(tool: &ToolManifest, request: &SelectionRequest) -> Option<MicroUsd> {
    let Some(price) = tool.price else {
        return (tool.cost_tier == CostTier::Free).then_some(MicroUsd(0));
    };
    let each = price.micro_usd?;
    if each == 0 {
        return Some(MicroUsd(0));
    }
    let (count, of) = units(tool, request, price.per)?;
    let worst = (i128::from(each) * i128::from(count) + i128::from(of) - 1) / i128::from(of);
    i64::try_from(worst).ok().map(MicroUsd)
}

/// Tools that cover a request and are not unavailable: the well ones first, then by cost tier, then by name.
pub fn find_candidates<'a>(
    catalogue: &'a Catalogue,
    request: &SelectionRequest,
    health: &BTreeMap<ToolId, Health>,
) -> Vec<&'a ToolManifest> {
    let mut found: Vec<(Availability, CostTier, &ToolManifest)> = Vec::new();
    for tool in catalogue.making(request.modality, request.operation.as_deref()) {
        if request.max_cost_tier.is_some_and(|most| tool.cost_tier > most) || !lacks(tool, request).is_empty() {
            continue;
        }
        let state = health.get(&tool.tool).map_or(Availability::Available, |h| h.availability);
        if state != Availability::Unavailable {
            found.push((state, tool.cost_tier, tool));
        }
    }
    // Tools come by name, and the sort is stable.
    found.sort_by_key(|(state, tier, _)| (*state, *tier));
    found.into_iter().map(|(.., tool)| tool).collect()
}

/// A tool as a choice sees it.
pub fn candidate(tool: &ToolManifest, request: &SelectionRequest, around: &Surroundings) -> Candidate {
    let health = around.health.get(&tool.tool).unwrap_or(&Health::WELL);
    Candidate {
        tool: tool.tool.clone(),
        provider: tool.provider.clone(),
        capability: tool.capability.clone(),
        moves: tool.moves,
        tier: tool.tier.clone(),
        stability: tool.stability,
        runtime: tool.runtime,
        best_for: tool.best_for.clone(),
        supports: tool.supports.clone(),
        lacks: lacks(tool, request),
        quote_micro_usd: quote(tool, request),
        cost_tier: tool.cost_tier,
        latency_ms: tool.latency_ms,
        quality_ppm: tool.quality_ppm,
        output_licence: tool.output_licence.clone(),
        commercial: tool.commercial,
        data_classes: tool.data_classes.clone(),
        missing_environment: tool.environment.difference(&around.environment).cloned().collect(),
        availability: health.availability,
        breaker: health.breaker,
        why_unwell: health.why.clone(),
        fallback: tool.fallback.clone(),
        stats: around.stats.get(&tool.tool).copied(),
    }
}

/// Everything a choice for a request rests on.
pub fn snapshot(catalogue: &Catalogue, request: SelectionRequest, table: Option<OrderTable>, around: &Surroundings) -> Snapshot {
    let candidates = catalogue.making(request.modality, None).map(|tool| candidate(tool, &request, around)).collect();
    Snapshot {
        request,
        budget: around.budget,
        table,
        candidates,
        gates: around.gates.clone(),
        trends: around.trends,
        ranker: around.ranker.clone(),
    }
}
