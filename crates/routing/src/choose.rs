//! The choice itself: exclude with every reason, then order (design §6, steps 2 and 3). A [`Choice`] is a function of its
//! [`Snapshot`] and of nothing else; the order in which the snapshot lists its candidates changes nothing.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use contracts::choice::{
    Availability, Breaker, Candidate, Choice, Exclusion, ExclusionCode, Placed, Policy, RankerMode, SelectionRequest, Snapshot, ToolId,
    Trends, WHOLE,
};
use contracts::{MicroUsd, Seed};
use serde::Serialize;
use serde_json::{Value, json};

use crate::compat::score::{Task, Traits, WEIGHTS};
use crate::rank;

/// The policy of a name, or what the names are.
pub fn policy(name: &str) -> Result<Policy, SelectError> {
    let unknown = || SelectError::UnknownPolicy { name: name.chars().take(80).collect() };
    Policy::named(name).ok_or_else(unknown)
}

/// Why nothing is chosen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// No policy has this name.
    #[error("policy `{name}`: there is none of that name; there are {}", policies())]
    UnknownPolicy {
        /// As it was given.
        name: String,
    },
    /// Every tool was excluded, or there was none.
    #[error("no tool can do `{subject}`: {}", told(&choice.exclusions))]
    NoTool {
        /// What was wanted.
        subject: String,
        /// The empty choice, with every exclusion.
        choice: Box<Choice>,
    },
    /// A tool was asked for by name that cannot keep the promise. One of the two must give way, and not in silence.
    #[error(
        "`{tool}` is preferred for `{subject}`, and motion was promised, which it cannot give: prefer another tool, or change the promise by an approved decision"
    )]
    Contradiction {
        /// What was wanted.
        subject: String,
        /// The tool.
        tool: ToolId,
        /// The empty choice, with every exclusion.
        choice: Box<Choice>,
    },
}

fn policies() -> String {
    Policy::ALL.iter().map(|policy| policy.name()).collect::<Vec<_>>().join(", ")
}

fn told(exclusions: &[Exclusion]) -> String {
    if exclusions.is_empty() {
        return "there is no tool of that kind".to_owned();
    }
    exclusions.iter().map(|e| format!("{} ({}: {})", e.tool, e.code.name(), e.reason)).collect::<Vec<_>>().join("; ")
}

/// Chooses, or says why nothing is chosen.
pub fn select(snapshot: &Snapshot) -> Result<Choice, SelectError> {
    let choice = choose(snapshot);
    let subject = || snapshot.request.subject.clone();
    if let Some(tool) = contradiction(snapshot) {
        return Err(SelectError::Contradiction { subject: subject(), tool: tool.clone(), choice: Box::new(choice) });
    }
    if choice.first.is_none() {
        return Err(SelectError::NoTool { subject: subject(), choice: Box::new(choice) });
    }
    Ok(choice)
}

/// A preferred tool that cannot move where motion was promised. A preferred provider is a contradiction when none of its tools
/// can.
fn contradiction(snapshot: &Snapshot) -> Option<&ToolId> {
    let request = &snapshot.request;
    request.preferred.iter().filter(|_| request.motion_required).find(|name| {
        let mut meant = snapshot.candidates.iter().filter(|c| names(c, name)).peekable();
        meant.peek().is_some() && meant.all(|c| !c.moves)
    })
}

/// Whether a name in a request means this tool: its own name, or its provider's.
fn names(candidate: &Candidate, name: &ToolId) -> bool {
    candidate.tool == *name || candidate.provider == *name
}

/// Everything that speaks against a tool.
fn against(candidate: &Candidate, snapshot: &Snapshot, local_only: bool, out: &mut Vec<Exclusion>) {
    use ExclusionCode as Code;
    let request = &snapshot.request;
    let mut no = |code: Code, reason: String| out.push(Exclusion { tool: candidate.tool.clone(), code, reason });
    if !candidate.lacks.is_empty() {
        no(Code::NotCovered, candidate.lacks.join("; "));
    }
    if !request.allowed.is_empty() && !request.allowed.iter().any(|name| names(candidate, name)) {
        no(Code::NotAllowed, "it is not among those that were asked for".into());
    }
    if candidate.availability == Availability::Unavailable {
        no(Code::Unavailable, candidate.why_unwell.clone().unwrap_or_else(|| "it does not answer".into()));
    }
    if candidate.breaker == Breaker::Open {
        no(Code::BreakerOpen, candidate.why_unwell.clone().unwrap_or_else(|| "too many calls failed".into()));
    }
    if !candidate.missing_environment.is_empty() {
        no(Code::EnvironmentMissing, format!("{} is not set", candidate.missing_environment.join(", ")));
    }
    if request.motion_required && !candidate.moves {
        no(Code::PromiseMotion, "motion was promised, and what it makes does not move".into());
    }
    for gate in snapshot.gates.iter().filter(|g| !g.pass && g.tool.as_ref().is_none_or(|tool| *tool == candidate.tool)) {
        no(Code::GateDenied, format!("{}: {}", gate.gate, gate.reason));
    }
    if !candidate.data_classes.contains(&request.data_class) {
        no(Code::DataClass, format!("it may not be handed `{}` data", request.data_class.name()));
    }
    if request.commercial && !candidate.commercial {
        let licence = candidate.output_licence.as_deref().unwrap_or("an unknown licence");
        no(Code::Rights, format!("what it makes comes under {licence}, and may not be sold"));
    }
    if local_only && !candidate.runtime.is_local() {
        no(Code::NotLocal, "this task never leaves this machine".into());
    }
    if let Some(most) = request.max_cost_tier.filter(|most| candidate.cost_tier > *most) {
        no(Code::CostTier, format!("tier `{}` is above `{}`", candidate.cost_tier.name(), most.name()));
    }
    if let Some(MicroUsd(left)) = snapshot.budget.remaining_micro_usd {
        match candidate.quote_micro_usd {
            None => no(Code::CostUnknown, format!("nobody knows what it costs, and {} remain", MicroUsd(left))),
            Some(MicroUsd(quote)) if quote > left.max(0) => {
                no(Code::OverBudget, format!("its worst case {} is more than the {} that remain", MicroUsd(quote), MicroUsd(left)));
            }
            Some(_) => {}
        }
    }
}

/// The policy that orders, and why; `adaptive` becomes one of the others (public-projects 1.8, over whole numbers).
pub fn resolve(policy: Policy, trends: Option<&Trends>) -> (Policy, String) {
    if policy != Policy::Adaptive {
        return (policy, String::new());
    }
    let Some(trends) = trends.filter(|t| t.records >= t.min_records.max(1)) else {
        return (Policy::Balanced, "too few runs to adapt to".into());
    };
    let share = |part: u64, whole: u64, without: i64| {
        if whole == 0 { without } else { i64::try_from(u128::from(part) * 1_000_000 / u128::from(whole)).unwrap_or(i64::MAX) }
    };
    let success = share(trends.successes, trends.attempts, 0);
    let fallbacks = share(trends.fallbacks, trends.scenes, WHOLE);
    let each = if trends.scenes == 0 { 0 } else { i128::from(trends.cost_micro_usd.0) * 1_000 / i128::from(trends.scenes) };
    if success < 600_000 || fallbacks > 350_000 {
        (Policy::QualityFirst, format!("{success} ppm of calls work and {fallbacks} ppm of shots fall back"))
    } else if each > 50_000_000 {
        (Policy::CostFirst, "past runs cost more than 0.05 USD a shot".into())
    } else {
        (Policy::Balanced, "past runs are well".into())
    }
}

/// Whether a tool has become slow: its later half takes more than twice its earlier half, and more than a second.
fn slowed(candidate: &Candidate) -> bool {
    candidate.stats.is_some_and(|s| s.samples >= 4 && s.latency_ms > 1_000 && s.latency_ms > s.latency_before_ms.saturating_mul(2))
}

/// Stated quality, or what stability suggests, parts per million.
fn quality(candidate: &Candidate) -> i64 {
    use contracts::choice::Stability::{Beta, Experimental, Production};
    candidate.quality_ppm.map_or(
        match candidate.stability {
            Production => 900_000,
            Beta => 700_000,
            Experimental => 400_000,
        },
        i64::from,
    )
}

/// The seven dimensions of tools and their weighted sum, in the order in which they come.
fn dimensions(tools: &[&Candidate], snapshot: &Snapshot) -> Vec<([f64; 7], f64)> {
    let task = Task::of(&context(&snapshot.request, snapshot.budget.remaining_micro_usd));
    let ppm = |share: i64| share as f64 / WHOLE as f64;
    let one = |c: &&Candidate| {
        let best_for: Vec<&str> = c.best_for.iter().map(String::as_str).collect();
        let stats = c.stats.filter(|s| s.samples > 0);
        let traits = Traits {
            name: c.tool.as_str(),
            provider: c.provider.as_str(),
            capability: &c.capability,
            tier: &c.tier,
            stability: c.stability.name(),
            runtime: c.runtime.name(),
            status: c.availability.name(),
            best_for: &best_for,
            supports_nothing: c.supports.is_empty(),
            supports: &|feature| c.supports.contains(feature),
            // Unknown is not free: it scores as the dearest band.
            cost_usd: c.quote_micro_usd.map_or(f64::MAX, |q| q.0 as f64 / 1_000_000.0),
            success_rate: stats.map(|s| ppm(s.success_ppm)),
            quality: c.quality_ppm.map(|q| ppm(i64::from(q))),
            latency_s: stats.map(|s| s.latency_ms as f64 / 1_000.0).or_else(|| c.latency_ms.map(|ms| f64::from(ms) / 1_000.0)),
        };
        task.score(&traits)
    };
    tools.iter().map(one).collect()
}

fn in_ppm(share: f64) -> i64 {
    (share * WHOLE as f64).round() as i64
}

/// What a tool scores, parts per million.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Scored {
    /// The tool.
    pub tool: ToolId,
    /// The seven dimensions, each with its name, in the order of their weights.
    pub dimensions: BTreeMap<&'static str, i64>,
    /// The weighted sum.
    pub score_ppm: i64,
}

/// The seven dimensions of every feasible tool, best first, and why the others have none.
pub fn scored(snapshot: &Snapshot) -> (Vec<Scored>, Vec<Exclusion>) {
    let (feasible, exclusions) = divide(snapshot);
    let scores = dimensions(&feasible, snapshot);
    let one = |(candidate, (seven, sum)): (&&Candidate, ([f64; 7], f64))| Scored {
        tool: candidate.tool.clone(),
        dimensions: WEIGHTS.iter().zip(seven).map(|((name, _), value)| (*name, in_ppm(value))).collect(),
        score_ppm: in_ppm(sum),
    };
    let mut scored: Vec<Scored> = feasible.iter().zip(scores).map(one).collect();
    // Tools come by name, and the sort is stable.
    scored.sort_by_key(|s| Reverse(s.score_ppm));
    (scored, exclusions)
}

/// Tools nothing speaks against, by name, and everything that speaks against the others.
fn divide(snapshot: &Snapshot) -> (Vec<&Candidate>, Vec<Exclusion>) {
    let local_only = snapshot.request.local_only || snapshot.table.as_ref().is_some_and(|table| table.local_only);
    let mut candidates: Vec<&Candidate> = snapshot.candidates.iter().collect();
    candidates.sort_by(|a, b| a.tool.cmp(&b.tool));
    let mut exclusions = Vec::new();
    let mut feasible: Vec<&Candidate> = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        let before = exclusions.len();
        against(candidate, snapshot, local_only, &mut exclusions);
        if exclusions.len() == before {
            feasible.push(candidate);
        }
    }
    (feasible, exclusions)
}

/// A request as the scorer reads it.
pub fn context(request: &SelectionRequest, remaining: Option<MicroUsd>) -> Value {
    use contracts::choice::Modality::{Image, Music, Speech, Video};
    let mut context = json!({
        "intent": request.intent, "style_keywords": request.style, "motion_required": request.motion_required,
        "locked_providers": request.locked,
    });
    let asset = match request.modality {
        Video => Some("video"),
        Image => Some("image"),
        Speech => Some("voice"),
        Music => Some("music"),
        _ => None,
    };
    if let Some(asset) = asset {
        context["asset_type"] = json!(asset);
    }
    if let Some(left) = remaining {
        context["budget_remaining_usd"] = json!(left.0 as f64 / 1_000_000.0);
    }
    context
}

/// Where a tool stands before its ties are broken.
struct Stand<'a> {
    candidate: &'a Candidate,
    /// Place among the preferred.
    preferred: usize,
    /// Unwell tools and, under `adaptive`, slow ones come after the others.
    unwell: bool,
    slow: bool,
    policy: [i64; 3],
    hinted: bool,
    place: usize,
    chain: usize,
    score: Option<i64>,
}

impl Stand<'_> {
    fn key(&self) -> impl Ord + '_ {
        (self.preferred, self.unwell, self.slow, self.policy, Reverse(self.hinted), self.place, self.chain, &self.candidate.tool)
    }
}

/// Chooses. Where nothing is feasible, or a preference contradicts the promise, the order is empty and every reason is there.
pub fn choose(snapshot: &Snapshot) -> Choice {
    choose_under(snapshot, snapshot.request.policy, snapshot.ranker.mode)
}

/// The same under another policy, or with the learned ranking in another part.
pub(crate) fn choose_under(snapshot: &Snapshot, asked: Policy, mode: RankerMode) -> Choice {
    let request = &snapshot.request;
    let (feasible, exclusions) = divide(snapshot);
    let (policy, mut rationale) = resolve(asked, snapshot.trends.as_ref());
    let empty = |rationale: String, exclusions| Choice { policy, rationale, order: Vec::new(), first: None, exclusions, ranking: None };
    if let Some(tool) = contradiction(snapshot) {
        return empty(format!("`{tool}` is preferred and cannot move, and motion was promised: nothing is chosen"), exclusions);
    }
    if feasible.is_empty() {
        return empty("no tool is feasible".to_owned(), exclusions);
    }
    let adaptive = asked == Policy::Adaptive;
    let mut stands = stands(&feasible, snapshot, policy, adaptive);
    stands.sort_by(|a, b| a.key().cmp(&b.key()));
    chain(&mut stands);
    stands.sort_by(|a, b| a.key().cmp(&b.key()));
    let ranking = rank::take_part(&mut stands, snapshot, mode);
    rationale = match (adaptive, policy) {
        (true, _) => format!("adaptive: ordered by `{}`: {rationale}", policy.name()),
        (false, Policy::Configured) => match (&snapshot.table, request.chain.is_empty()) {
            (_, false) => "the configured chain, then the ordering table".to_owned(),
            (Some(table), true) => format!("ordering table {} {}", table.task.as_deref().unwrap_or(table.modality.name()), table.version),
            (None, true) => "no ordering table: local tools first, then by cost".to_owned(),
        },
        (false, _) => format!("ordered by `{}`", policy.name()),
    };
    if ranking.as_ref().is_some_and(|r| r.mode == RankerMode::Active) {
        rationale.push_str("; the learned ranking is active");
    }
    let explored = ranking.as_ref().is_some_and(|r| r.explored);
    let order: Vec<Placed> = stands.iter().enumerate().map(|(at, stand)| placed(stand, policy, explored && at == 0)).collect();
    Choice { policy, rationale, first: order.first().map(|p| p.tool.clone()), order, exclusions, ranking }
}

fn stands<'a>(feasible: &[&'a Candidate], snapshot: &Snapshot, policy: Policy, adaptive: bool) -> Vec<Stand<'a>> {
    let request = &snapshot.request;
    let scores: Vec<i64> = match policy {
        Policy::Scored => dimensions(feasible, snapshot).into_iter().map(|(_, sum)| in_ppm(sum)).collect(),
        _ => Vec::new(),
    };
    let mut places: BTreeMap<&ToolId, usize> = BTreeMap::new();
    for name in request.chain.iter().chain(snapshot.table.iter().flat_map(|t| &t.order)) {
        let next = places.len();
        places.entry(name).or_insert(next);
    }
    let stand = |(at, candidate): (usize, &&'a Candidate)| {
        let candidate: &'a Candidate = candidate;
        let place = [&candidate.tool, &candidate.provider].into_iter().filter_map(|name| places.get(name)).min().copied();
        let place = place.unwrap_or(usize::MAX);
        let still = i64::from(!candidate.moves);
        // Unknown is not zero: it stands behind every price.
        let quote = candidate.quote_micro_usd.map_or(i64::MAX, |q| q.0);
        let good = -quality(candidate);
        Stand {
            candidate,
            preferred: request.preferred.iter().position(|name| names(candidate, name)).unwrap_or(usize::MAX),
            unwell: candidate.availability == Availability::Degraded || candidate.breaker == Breaker::HalfOpen,
            slow: adaptive && slowed(candidate),
            policy: match policy {
                Policy::Configured => [i64::try_from(place).unwrap_or(i64::MAX), i64::from(!candidate.runtime.is_local()), 0],
                Policy::CostFirst => [quote, still, good],
                Policy::QualityFirst => [still, good, quote],
                Policy::Scored => [-scores.get(at).copied().unwrap_or(0), 0, 0],
                Policy::Balanced | Policy::Adaptive => [still, quote, good],
            },
            hinted: request.hint.as_ref().is_some_and(|hint| names(candidate, hint)),
            place,
            chain: usize::MAX,
            score: scores.get(at).copied(),
        }
    };
    feasible.iter().enumerate().map(stand).collect()
}

/// Numbers the tools of the first one's declared fallback chain, and of theirs: the last thing that breaks a tie.
fn chain(stands: &mut [Stand<'_>]) {
    let Some(first) = stands.first() else { return };
    let mut way: Vec<ToolId> = first.candidate.fallback.clone();
    let mut at = 0;
    while at < way.len() && way.len() <= stands.len() * 4 {
        let next = stands.iter().find(|s| s.candidate.tool == way[at]).map(|s| s.candidate.fallback.clone()).unwrap_or_default();
        way.extend(next.into_iter().filter(|tool| !way.contains(tool)).collect::<Vec<_>>());
        at += 1;
    }
    for stand in stands.iter_mut() {
        stand.chain = way.iter().position(|tool| *tool == stand.candidate.tool).unwrap_or(usize::MAX);
    }
    if let Some(first) = stands.first_mut() {
        first.chain = 0;
    }
}

fn placed(stand: &Stand<'_>, policy: Policy, explored: bool) -> Placed {
    let candidate = stand.candidate;
    let money = || candidate.quote_micro_usd.map_or("an unknown cost".to_owned(), |q| q.to_string());
    let moves = if candidate.moves { "moves" } else { "stands still" };
    let mut reason = match policy {
        _ if explored => "drawn by lot, to learn about it".to_owned(),
        _ if stand.preferred != usize::MAX => "preferred".to_owned(),
        Policy::Configured if stand.place == usize::MAX => format!("in no table; {}", candidate.runtime.name()),
        Policy::Configured => format!("place {}", stand.place + 1),
        Policy::Scored => format!("score {}", stand.score.unwrap_or(0)),
        Policy::CostFirst => format!("{}, {moves}, quality {}", money(), quality(candidate)),
        Policy::QualityFirst => format!("{moves}, quality {}, {}", quality(candidate), money()),
        Policy::Balanced | Policy::Adaptive => format!("{moves}, {}, quality {}", money(), quality(candidate)),
    };
    for (so, why) in [(stand.unwell, "degraded"), (stand.slow, "it has become slow"), (stand.hinted, "hinted by the environment")] {
        if so {
            reason.push_str("; ");
            reason.push_str(why);
        }
    }
    Placed { tool: candidate.tool.clone(), quote_micro_usd: candidate.quote_micro_usd, score_ppm: stand.score, reason }
}

impl rank::Standing for Stand<'_> {
    fn candidate(&self) -> &Candidate {
        self.candidate
    }

    fn is_preferred(&self) -> bool {
        self.preferred != usize::MAX
    }
}

/// The stream of lots for a request of a tenant: the same request draws the same.
pub(crate) fn lots(snapshot: &Snapshot) -> Seed {
    let request = contracts::canonical_bytes(&snapshot.request).unwrap_or_default();
    Seed::of(&[&snapshot.ranker.tenant, contracts::Hash::of(&request).as_str(), "explore"])
}
