//! What an author makes true by hand: a diff judged over the whole canon it leaves, kept with what it changes as that was, so that
//! it can be laid over a canon that has moved on, or refused where that touches the same.

use std::collections::{BTreeMap, BTreeSet};

use contracts::{
    CanonicalError, Id,
    canon::{Canon, CanonDiff, Fact, Finding, StoryTime, Thread, Verdict},
};
use gates::{blocks, verdict};

use crate::{
    check::check,
    contradictions::gate_facts,
    diff::{DiffError, accept, address, apply},
};

/// A diff of an author's. Its `threads` are those that change, not all there are.
#[derive(Clone, Debug, PartialEq)]
pub struct Amendment {
    /// What changes; the base is the canon it was judged over, the verdict what the gate said then.
    pub diff: CanonDiff,
    /// The facts it changes or removes, as they were.
    pub facts_were: Vec<Fact>,
    /// The threads it changes, as they were.
    pub threads_were: Vec<Thread>,
}

/// Why a canon was not amended.
#[derive(Debug, thiserror::Error)]
pub enum AmendError {
    /// It was made for another canon than the one at hand.
    #[error("it was made over the canon {wanted}; the canon there is {found} (version {version})")]
    Stale {
        /// The address it names.
        wanted: String,
        /// The address of the canon at hand.
        found: String,
        /// Its version.
        version: u32,
    },
    /// What it changes is not what it was.
    #[error("what it changes is not what it was when it was made: {}", .0.join("; "))]
    Conflict(Vec<String>),
    /// It changes nothing.
    #[error("it changes nothing")]
    Nothing,
    /// It does what only an episode may do.
    #[error("{0}")]
    NotAnAuthors(String),
    /// The gate refused it.
    #[error("the canon gate refused it")]
    Refused(Verdict),
    /// It names what is not there, or has no inverse.
    #[error(transparent)]
    Diff(#[from] DiffError),
    /// A document has no canonical form.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
}

/// Judges an author's proposal over the canon at hand, by compare and set: its base must be that canon. Gives what is kept of it,
/// and the canon after it.
///
/// # Errors
/// A stale base; a gate that refuses; a proposal that changes nothing, or names what is not there.
pub fn amend(head: &Canon, proposal: &CanonDiff) -> Result<(Amendment, Canon), AmendError> {
    let found = address(head)?;
    if proposal.base != found {
        return Err(AmendError::Stale { wanted: proposal.base.to_string(), found: found.to_string(), version: head.version });
    }
    let old: BTreeMap<&Id, &Thread> = head.threads.iter().map(|t| (&t.id, t)).collect();
    let mut diff = proposal.clone();
    diff.threads.retain(|t| old.get(&t.id).is_none_or(|was| *was != t));
    let was = |id: &&Id| head.facts.iter().find(|f| f.id == **id).cloned();
    let touched = touched(&diff);
    let amendment = Amendment {
        facts_were: touched.iter().filter_map(was).collect(),
        threads_were: diff.threads.iter().filter_map(|t| old.get(&t.id).map(|t| (*t).clone())).collect(),
        diff,
    };
    let (judged, after) = lay(head, &amendment.diff)?;
    Ok((Amendment { diff: CanonDiff { threads: amendment.diff.threads.clone(), ..judged }, ..amendment }, after))
}

/// Lays an amendment over the canon at hand, which may have moved on: what it changes must be what it was, and the gate judges it
/// anew. Gives the whole diff, judged, and the canon after it.
///
/// # Errors
/// `Conflict` names what has changed meanwhile; a gate that refuses.
pub fn again(head: &Canon, amendment: &Amendment) -> Result<(CanonDiff, Canon), AmendError> {
    let mut conflicts = Vec::new();
    for id in touched(&amendment.diff) {
        let (was, is) = (amendment.facts_were.iter().find(|f| f.id == *id), head.facts.iter().find(|f| f.id == *id));
        conflicts.extend(differs("fact", id, was, is));
    }
    for thread in &amendment.diff.threads {
        let id = &thread.id;
        let (was, is) = (amendment.threads_were.iter().find(|t| t.id == *id), head.threads.iter().find(|t| t.id == *id));
        conflicts.extend(differs("thread", id, was, is));
    }
    if conflicts.is_empty() { lay(head, &amendment.diff) } else { Err(AmendError::Conflict(conflicts)) }
}

/// The proposal that takes an amendment back from the canon at hand. What it changed must stand as it left it.
///
/// # Errors
/// `Conflict` names what something else has changed since; a diff that opened a thread or brought in a person has no inverse.
pub fn take_back(head: &Canon, amendment: &Amendment) -> Result<CanonDiff, AmendError> {
    let diff = &amendment.diff;
    if let Some(thread) = diff.threads.iter().find(|t| amendment.threads_were.iter().all(|was| was.id != t.id)) {
        let message = format!("it opened the thread `{}`, and no diff takes a thread back: have an episode pay it", thread.id);
        return Err(AmendError::NotAnAuthors(message));
    }
    if let Some(person) = diff.characters.first() {
        return Err(DiffError::NoInverse(person.id.clone()).into());
    }
    let mut conflicts = Vec::new();
    let stands = |id: &Id| head.facts.iter().find(|f| f.id == *id);
    let left = |fact: &Fact| Fact { source: None, ..fact.clone() };
    for fact in diff.added.iter().chain(&diff.modified) {
        // What the diff itself ended, it left ended.
        let ended = diff.ended.iter().find(|e| e.fact == fact.id).map(|e| e.until.clone());
        let left_it = Fact { until: ended.or_else(|| fact.until.clone()), ..left(fact) };
        conflicts.extend(differs("fact", &fact.id, Some(&left_it), stands(&fact.id).map(left).as_ref()));
    }
    let ended: BTreeMap<&Id, &StoryTime> = diff.ended.iter().map(|e| (&e.fact, &e.until)).collect();
    for was in amendment.facts_were.iter().filter(|f| diff.modified.iter().all(|m| m.id != f.id)) {
        let left_it = ended.get(&was.id).map(|until| Fact { until: Some((*until).clone()), ..was.clone() });
        conflicts.extend(differs("fact", &was.id, left_it.as_ref(), stands(&was.id)));
    }
    for thread in &diff.threads {
        conflicts.extend(differs("thread", &thread.id, Some(thread), head.threads.iter().find(|t| t.id == thread.id)));
    }
    if !conflicts.is_empty() {
        return Err(AmendError::Conflict(conflicts));
    }
    let (back, there): (Vec<Fact>, Vec<Fact>) = amendment.facts_were.iter().cloned().partition(|f| diff.removed.contains(&f.id));
    Ok(CanonDiff {
        project_id: diff.project_id.clone(),
        base: address(head)?,
        added: back,
        modified: there,
        removed: diff.added.iter().map(|f| f.id.clone()).collect(),
        ended: vec![],
        learned: vec![],
        characters: vec![],
        threads: amendment.threads_were.clone(),
        justification: format!("takes back: {}", diff.justification),
        provenance: format!("inverse of {}", diff.provenance),
        verdict: None,
    })
}

/// Facts that a diff changes or removes, each once.
fn touched(diff: &CanonDiff) -> BTreeSet<&Id> {
    let added: BTreeSet<&Id> = diff.added.iter().map(|f| &f.id).collect();
    let all = diff.modified.iter().map(|f| &f.id).chain(&diff.removed).chain(diff.ended.iter().map(|e| &e.fact));
    all.filter(|id| !added.contains(id)).collect()
}

fn differs<T: PartialEq>(what: &str, id: &Id, was: Option<&T>, is: Option<&T>) -> Option<String> {
    match (was, is) {
        (was, is) if was == is => None,
        (Some(_), None) => Some(format!("the {what} `{id}` is not there any more")),
        (None, Some(_)) => Some(format!("the {what} `{id}` is there already")),
        _ => Some(format!("the {what} `{id}` has been changed")),
    }
}

/// The whole diff over this canon, judged, and the canon after it.
fn lay(head: &Canon, part: &CanonDiff) -> Result<(CanonDiff, Canon), AmendError> {
    if part.project_id != head.project_id {
        let message = format!("it belongs to the project `{}`, the canon to `{}`", part.project_id, head.project_id);
        return Err(AmendError::NotAnAuthors(message));
    }
    if let Some(learned) = part.learned.first() {
        let message = format!(
            "`{}` learns `{}` in a scene, which only an episode shows: an author's diff says it by `modified`, with `known_by`",
            learned.who, learned.fact
        );
        return Err(AmendError::NotAnAuthors(message));
    }
    let nothing = part.added.is_empty() && part.modified.is_empty() && part.removed.is_empty() && part.ended.is_empty();
    if nothing && part.characters.is_empty() && part.threads.is_empty() {
        return Err(AmendError::Nothing);
    }
    let mut threads = head.threads.clone();
    for thread in &part.threads {
        match threads.iter_mut().find(|t| t.id == thread.id) {
            Some(slot) => *slot = thread.clone(),
            None => threads.push(thread.clone()),
        }
    }
    let whole = CanonDiff { base: address(head)?, threads, verdict: None, ..part.clone() };
    let mut verdict = judged(head, &whole);
    if verdict.pass {
        let after = apply(head, &accept(whole.clone(), verdict.clone()), None)?;
        // What stood before is not this diff's doing.
        let before: BTreeSet<String> = check(head).findings.iter().map(gates::told).collect();
        let new: Vec<Finding> = check(&after).findings.into_iter().filter(|f| !before.contains(&gates::told(f))).collect();
        verdict.pass = !new.iter().any(|f| f.blocks);
        verdict.findings.extend(new);
        if verdict.pass {
            return Ok((accept(whole, verdict), after));
        }
    }
    Err(AmendError::Refused(verdict))
}

/// The gate over the facts that would stand: what is removed or changed does not speak against what takes its place.
fn judged(head: &Canon, diff: &CanonDiff) -> Verdict {
    let mut findings = Vec::new();
    let unknown = |id: &Id| !head.facts.iter().any(|f| f.id == *id);
    for id in diff.removed.iter().chain(diff.modified.iter().map(|f| &f.id)).filter(|id| unknown(id)) {
        findings.push(blocks("canon.unknown_fact", format!("{id} is changed or removed, but is no fact"), &[&diff.provenance]));
    }
    let mut rest = head.clone();
    rest.facts.retain(|f| !diff.removed.contains(&f.id) && diff.modified.iter().all(|m| m.id != f.id));
    let facts = diff.added.iter().chain(&diff.modified).cloned().collect();
    let stated = CanonDiff { added: facts, modified: vec![], removed: vec![], ..diff.clone() };
    findings.extend(gate_facts(&rest, &stated).findings);
    verdict("canon", findings)
}
