//! The one door through which truth changes.

use std::collections::{BTreeMap, BTreeSet};

use contracts::{
    CanonicalError, Document, Hash, Id,
    canon::{Canon, CanonDiff, Fact, StoryTime, Verdict},
    story::Script,
};

/// Why a diff was not applied.
#[derive(Debug, thiserror::Error)]
pub enum DiffError {
    /// No gate has judged it.
    #[error("the canon gate has not judged this diff ({0}); judge it first")]
    NotJudged(String),
    /// The gate refused it.
    #[error("the canon gate refused this diff ({provenance}): {first}")]
    Refused {
        /// Who proposed it.
        provenance: String,
        /// The first blocking finding.
        first: String,
    },
    /// It was made for another canon.
    #[error("this diff was made for canon {wanted}, the canon here is {found}; write it again from this canon")]
    Stale {
        /// The address it was made for.
        wanted: String,
        /// The address of the canon at hand.
        found: String,
    },
    /// It names something the canon does not hold.
    #[error("this diff names `{0}`, which the canon does not hold")]
    Unknown(String),
    /// Someone learns in a beat whose time is not known here.
    #[error("`{who}` learns `{fact}` in `{cause}`, which is no beat of the script at hand")]
    NoTime {
        /// Who.
        who: Id,
        /// What.
        fact: Id,
        /// Where.
        cause: Id,
    },
    /// It cannot be undone by a diff.
    #[error("this diff brings in the person `{0}`; no diff takes a person back")]
    NoInverse(Id),
    /// The canon has no canonical form.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
}

/// What begins the provenance of a diff that takes another back: its facts keep the source they had.
const INVERSE: &str = "inverse of ";

/// The address a diff over this canon names as its base.
pub fn address(canon: &Canon) -> Result<Hash, CanonicalError> {
    Ok(canon.seal()?.1)
}

/// The diff with the gate's verdict in it.
pub fn accept(diff: CanonDiff, verdict: Verdict) -> CanonDiff {
    CanonDiff { verdict: Some(verdict), ..diff }
}

/// The canon after a diff. `script` gives the time of the beats in which somebody learns something; a diff without such may come
/// without one. Threads of the diff are all threads as they stand afterwards.
///
/// # Errors
/// A diff without a passing verdict, for another base, or naming what is not there.
pub fn apply(canon: &Canon, diff: &CanonDiff, script: Option<&Script>) -> Result<Canon, DiffError> {
    match &diff.verdict {
        None => return Err(DiffError::NotJudged(diff.provenance.clone())),
        Some(verdict) if !verdict.pass => {
            let first = verdict.findings.iter().find(|f| f.blocks).map_or_else(|| "no reason given".to_owned(), |f| f.message.clone());
            return Err(DiffError::Refused { provenance: diff.provenance.clone(), first });
        }
        Some(_) => {}
    }
    let found = address(canon)?;
    if found != diff.base {
        return Err(DiffError::Stale { wanted: diff.base.short().to_owned(), found: found.short().to_owned() });
    }
    let mut next = canon.clone();
    next.version += 1;
    next.facts.retain(|f| !diff.removed.contains(&f.id));
    for fact in &diff.modified {
        let slot = next.facts.iter_mut().find(|f| f.id == fact.id).ok_or_else(|| DiffError::Unknown(fact.id.to_string()))?;
        *slot = fact.clone();
    }
    let episode = script.map(|s| format!("ep{}", s.episode));
    for fact in &diff.added {
        let mut fact = fact.clone();
        if fact.source.is_none() && !diff.provenance.starts_with(INVERSE) {
            fact.source = episode.clone().or_else(|| Some(diff.provenance.clone()));
        }
        next.facts.push(fact);
    }
    for end in &diff.ended {
        let fact = next.facts.iter_mut().find(|f| f.id == end.fact).ok_or_else(|| DiffError::Unknown(end.fact.to_string()))?;
        fact.until = Some(end.until.clone());
    }
    let times: BTreeMap<&str, &StoryTime> =
        script.into_iter().flat_map(Script::beats).map(|(s, b)| (b.id.as_str(), &s.story_time)).collect();
    for learned in &diff.learned {
        let time = times.get(learned.cause.as_str()).ok_or_else(|| DiffError::NoTime {
            who: learned.who.clone(),
            fact: learned.fact.clone(),
            cause: learned.cause.clone(),
        })?;
        let fact = next.facts.iter_mut().find(|f| f.id == learned.fact).ok_or_else(|| DiffError::Unknown(learned.fact.to_string()))?;
        fact.known_by.entry(learned.who.clone()).or_insert_with(|| (*time).clone());
    }
    for person in &diff.characters {
        match next.characters.iter_mut().find(|c| c.id == person.id) {
            Some(slot) => *slot = person.clone(),
            None => next.characters.push(person.clone()),
        }
    }
    next.threads = diff.threads.clone();
    Ok(next)
}

/// The diff that takes `after` back to what `before` held, but for the version, which only grows. It carries no verdict: taking
/// back is judged like any other change.
///
/// # Errors
/// A diff that brought in a person.
pub fn inverse(before: &Canon, diff: &CanonDiff, after: &Canon) -> Result<CanonDiff, DiffError> {
    if let Some(new) = diff.characters.iter().find(|p| !before.characters.iter().any(|c| c.id == p.id)) {
        return Err(DiffError::NoInverse(new.id.clone()));
    }
    let old = |id: &Id| before.facts.iter().find(|f| f.id == *id);
    let mut touched: Vec<&Id> = diff.modified.iter().map(|f| &f.id).collect();
    touched.extend(diff.ended.iter().map(|e| &e.fact));
    touched.extend(diff.learned.iter().map(|l| &l.fact));
    touched.sort();
    touched.dedup();
    // A removed fact comes back to its place: from the first removed one on, the facts are laid down again in their order.
    let tail: &[Fact] = before.facts.iter().position(|f| diff.removed.contains(&f.id)).map_or(&[], |at| &before.facts[at..]);
    let again: BTreeSet<&Id> = tail.iter().map(|f| &f.id).collect();
    let removed = diff.added.iter().map(|f| &f.id).chain(again.iter().copied().filter(|id| !diff.removed.contains(id)));
    Ok(CanonDiff {
        project_id: diff.project_id.clone(),
        base: address(after)?,
        added: tail.to_vec(),
        modified: touched.into_iter().filter(|id| !again.contains(id)).filter_map(old).cloned().collect(),
        removed: removed.cloned().collect(),
        ended: vec![],
        learned: vec![],
        characters: diff.characters.iter().filter_map(|p| before.characters.iter().find(|c| c.id == p.id)).cloned().collect(),
        threads: before.threads.clone(),
        justification: format!("takes back: {}", diff.justification),
        provenance: format!("{INVERSE}{}", diff.provenance),
        verdict: None,
    })
}
