//! The lock of a proposal held against what is edited, what is composed and what was rendered. At each of the three places a promise
//! that is missing blocks, and one that is not the locked one blocks too, unless an approved change names its options (requirements
//! 001-14, 001-15, 001-18, 001-19).

use contracts::{
    Hash,
    canon::{Finding, Verdict},
    promise::{BudgetVerdict, CostEstimate, PromiseOption, PromiseType, Proposal, RenderRuntime, Terms, TermsChange},
};
use serde_json::Value;

use super::{Cut, Measure, cuts::findings, rule};
use crate::verdict::{blocks, verdict, warns};

/// Where the terms are held against the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// When a film is put together from its shots.
    Edit,
    /// Before it is drawn.
    Compose,
    /// After it was decoded and measured.
    Rendered,
}

impl Place {
    fn told(self) -> &'static str {
        match self {
            Self::Edit => "the edit",
            Self::Compose => "the render plan",
            Self::Rendered => "the finished film",
        }
    }
}

/// The terms in force: those of the proposal, or of the last approved change in order. Every change must be whole; one that is not
/// blocks, because nobody can say what is in force.
pub fn in_force(proposal: &Proposal, changes: &[TermsChange]) -> Result<Terms, Vec<Finding>> {
    let lock = lock(&proposal.terms).map_err(|f| vec![f])?;
    if lock != proposal.locked {
        let message = format!("the proposal's terms have the hash {}, and it was locked as {}", lock.short(), proposal.locked.short());
        return Err(vec![blocks("promise.lock_broken", message, &["proposal.terms", "proposal.locked"])]);
    }
    let (mut terms, mut at, mut found) = (&proposal.terms, lock, Vec::new());
    for change in changes {
        match chosen(change, &at) {
            Ok((option, hash)) => (terms, at) = (&option.terms, hash),
            Err(why) => found.push(blocks(
                "promise.change_refused",
                format!("decision {} changes nothing: {why}", change.decision_id),
                &[change.decision_id.as_str(), "decision log"],
            )),
        }
    }
    if found.is_empty() { Ok(terms.clone()) } else { Err(found) }
}

fn lock(terms: &Terms) -> Result<Hash, Finding> {
    terms.lock().map_err(|e| blocks("promise.lock_broken", format!("the terms cannot be hashed: {e}"), &["proposal.terms"]))
}

/// The option a change chose, and its lock; else what the change lacks.
fn chosen<'a>(change: &'a TermsChange, at: &Hash) -> Result<(&'a PromiseOption, Hash), String> {
    if change.departs_from != *at {
        return Err(format!("it departs from {}, and {} is in force", change.departs_from.short(), at.short()));
    }
    if change.approved_by.as_deref().is_none_or(|who| who.trim().is_empty()) {
        return Err("nobody has approved it".into());
    }
    if change.reason.trim().is_empty() {
        return Err("it gives no reason".into());
    }
    let mut seen = Vec::new();
    let mut selected = None;
    for option in &change.options {
        let hash = option.terms.lock().map_err(|e| format!("option {} cannot be hashed: {e}", option.option_id))?;
        if seen.iter().any(|(id, _)| *id == &option.option_id) {
            return Err(format!("two options are named {}", option.option_id));
        }
        if option.option_id == change.selected {
            selected = Some((option, hash.clone()));
        }
        seen.push((&option.option_id, hash));
    }
    if !seen.iter().any(|(_, hash)| hash == at) {
        return Err("the promise as it was is not among the options that were presented".into());
    }
    if !seen.iter().any(|(_, hash)| hash != at) {
        return Err("no other option was presented".into());
    }
    let (option, hash) = selected.ok_or_else(|| format!("`{}` was chosen and is none of the options", change.selected))?;
    match &option.blocked_because {
        Some(why) => Err(format!("option {} is blocked: {why}", option.option_id)),
        None => Ok((option, hash)),
    }
}

/// What is held at every place: there is a promise, and it is the one in force. The terms in force come back when they are known.
fn held(place: Place, proposal: Option<&Proposal>, found: Option<&Terms>, changes: &[TermsChange]) -> (Vec<Finding>, Option<Terms>) {
    let Some(proposal) = proposal else {
        let message = format!("no proposal says what {} was promised to be", place.told());
        return (vec![blocks("promise.missing", message, &["proposal"])], None);
    };
    let terms = match in_force(proposal, changes) {
        Ok(terms) => terms,
        Err(findings) => return (findings, None),
    };
    let Some(carried) = found else {
        let message = format!("{} carries no promise", place.told());
        return (vec![blocks("promise.missing", message, &[place.told(), "proposal.locked"])], Some(terms));
    };
    let findings = differences(&json(&terms), &json(carried), "").into_iter().map(|(field, was, is)| {
        let message = format!("{} says {field} = {is}, and {was} was promised; no approved decision changes it", place.told());
        blocks("promise.changed", message, &[place.told(), "proposal.locked"])
    });
    (findings.collect(), Some(terms))
}

fn json(terms: &Terms) -> Value {
    serde_json::to_value(terms).unwrap_or(Value::Null)
}

/// Every leaf that differs: its field, what was promised, what is there.
fn differences(was: &Value, is: &Value, field: &str) -> Vec<(String, String, String)> {
    let told = |v: Option<&Value>| v.map_or("nothing".to_owned(), Value::to_string);
    match (was, is) {
        (Value::Object(a), Value::Object(b)) => {
            let mut keys: Vec<&String> = a.keys().chain(b.keys()).collect();
            keys.sort();
            keys.dedup();
            let name = |key: &str| if field.is_empty() { key.to_owned() } else { format!("{field}.{key}") };
            keys.into_iter()
                .flat_map(|key| match (a.get(key), b.get(key)) {
                    (Some(x), Some(y)) => differences(x, y, &name(key)),
                    (x, y) => vec![(name(key), told(x), told(y))],
                })
                .collect()
        }
        _ if was == is => Vec::new(),
        _ => vec![(field.to_owned(), told(Some(was)), told(Some(is)))],
    }
}

fn runtime(place: Place, terms: Option<&Terms>, acting: RenderRuntime) -> Option<Finding> {
    let terms = terms.filter(|terms| terms.render_runtime != acting)?;
    let message = format!(
        "{} is made by {}, and {} was promised: a runtime is refused, never swapped",
        place.told(),
        acting.name(),
        terms.render_runtime.name()
    );
    Some(blocks("promise.runtime", message, &["terms.render_runtime", "proposal.locked"]))
}

/// Holds an edit (what is carried toward a render plan) against the lock.
pub fn edit(proposal: Option<&Proposal>, edit: Option<&Terms>, changes: &[TermsChange]) -> Verdict {
    verdict("promise", held(Place::Edit, proposal, edit, changes).0)
}

/// Holds what is about to be composed by `acting` against the lock, and its cuts against the promise.
pub fn compose(proposal: Option<&Proposal>, plan: Option<&Terms>, acting: RenderRuntime, cuts: &[Cut], changes: &[TermsChange]) -> Verdict {
    both(Place::Compose, Measure::Planned, (proposal, plan, changes), acting, cuts)
}

/// Holds what was composed by `acting`, decoded and measured, against the lock and the promise.
pub fn rendered(
    proposal: Option<&Proposal>,
    output: Option<&Terms>,
    acting: RenderRuntime,
    cuts: &[Cut],
    changes: &[TermsChange],
) -> Verdict {
    both(Place::Rendered, Measure::Decoded, (proposal, output, changes), acting, cuts)
}

type Held<'a> = (Option<&'a Proposal>, Option<&'a Terms>, &'a [TermsChange]);

fn both(place: Place, measure: Measure, (proposal, carried, changes): Held<'_>, acting: RenderRuntime, cuts: &[Cut]) -> Verdict {
    let (mut found, terms) = held(place, proposal, carried, changes);
    found.extend(runtime(place, terms.as_ref(), acting));
    // The cuts are held against what is in force, never against what the film says of itself.
    if let Some(terms) = &terms {
        found.extend(findings(&terms.delivery_promise, cuts, measure));
    }
    verdict("promise", found)
}

/// Judges a proposal by itself, before anybody is asked to approve it.
pub fn proposal(proposal: &Proposal) -> Verdict {
    let mut found = in_force(proposal, &[]).err().unwrap_or_default();
    let mut say = |code: &str, message: String, sources: &[&str]| found.push(blocks(code, message, sources));
    let ids: Vec<_> = proposal.options.iter().map(|o| &o.option_id).collect();
    if let Some(twice) = ids.iter().enumerate().find(|(n, id)| ids[..*n].contains(id)) {
        say("promise.options", format!("two options are named {}", twice.1), &["proposal.options"]);
    }
    match proposal.options.iter().find(|o| o.option_id == proposal.selected) {
        None => {
            let message = format!("`{}` is proposed and is none of the {} options", proposal.selected, proposal.options.len());
            say("promise.options", message, &["proposal.selected", "proposal.options"]);
        }
        Some(option) if option.terms != proposal.terms => {
            let message = format!("the terms are not those of the option `{}`", option.option_id);
            say("promise.options", message, &["proposal.terms", "proposal.options"]);
        }
        Some(PromiseOption { blocked_because: Some(why), option_id, .. }) => {
            say("promise.options", format!("`{option_id}` is proposed and cannot be: {why}"), &["proposal.selected"]);
        }
        Some(_) => {}
    }
    let promise = &proposal.terms.delivery_promise;
    if promise.promise_type == PromiseType::MotionLed && !promise.motion_required {
        let message = "a motion_led film whose pictures need not move contradicts itself: promise `hybrid`, or require motion".to_owned();
        say("promise.contradictory", message, &["delivery_promise.promise_type", "delivery_promise.motion_required"]);
    }
    let video = &proposal.provider_rankings.video;
    if rule(promise.promise_type).requires_video_generation && !video.iter().any(|r| r.blocked_because.is_none()) {
        let message = format!("{} needs a tool that makes video, and of {} none can be asked", promise.promise_type.name(), video.len());
        say("promise.no_tool", message, &["provider_rankings.video", "delivery_promise.promise_type"]);
    }
    let cost = &proposal.cost;
    if CostEstimate::of(cost.worst_micro_usd, cost.budget_micro_usd).verdict != cost.verdict {
        say("promise.cost", "the cost verdict is not that of its own numbers".into(), &["proposal.cost"]);
    }
    match cost.verdict {
        BudgetVerdict::OverBudget => say("promise.cost", "it costs more than the budget, at worst".into(), &["proposal.cost"]),
        BudgetVerdict::UnknownCost => {
            found.push(warns("promise.cost", "nobody can say what it costs: somebody is asked before money is spent", &["proposal.cost"]));
        }
        _ => {}
    }
    verdict("proposal", found)
}
