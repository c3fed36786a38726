//! Adding to a decision log, and finding out whether somebody changed it.

use contracts::choice::{Choice, Decision, WHOLE};
use contracts::decision_log::{DecisionLog, LogEntry, LogOption, Logged};
use contracts::{CanonicalError, Hash};

/// Why nothing was added.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// There was nothing to choose among.
    #[error("/options_considered: a decision names at least one option")]
    NoOption,
    /// What was taken was no option.
    #[error("/selected: `{selected}` is not among the options {options}")]
    NotAnOption {
        /// As it was given.
        selected: String,
        /// The ids there are.
        options: String,
    },
    /// A share beyond the whole.
    #[error("{field}: {value} is not between 0 and {WHOLE}")]
    Share {
        /// Where, as a JSON pointer.
        field: String,
        /// As it was given.
        value: i64,
    },
    /// The id is taken: what was decided is never written over.
    #[error("/decision_id: `{0}` is in the log already")]
    Twice(String),
    /// The log is not as it was written.
    #[error("the log was changed: {0}")]
    Broken(String),
    /// The entry has no canonical form.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
}

fn digest(seq: u64, logged: &Logged, before: Option<&Hash>) -> Result<Hash, CanonicalError> {
    let mut value = serde_json::to_value(logged)?;
    value["seq"] = seq.into();
    if let Some(before) = before {
        value["before"] = before.as_str().into();
    }
    Ok(Hash::of(&contracts::canonical_value(&value)?))
}

/// Adds what was decided. A log that was changed takes nothing more.
pub fn append(log: &mut DecisionLog, logged: Logged) -> Result<Hash, LogError> {
    if logged.options_considered.is_empty() {
        return Err(LogError::NoOption);
    }
    if !logged.options_considered.iter().any(|o| o.option_id == logged.selected) {
        let options: Vec<&str> = logged.options_considered.iter().map(|o| o.option_id.as_str()).collect();
        return Err(LogError::NotAnOption { selected: logged.selected, options: options.join(", ") });
    }
    let shares = logged.options_considered.iter().enumerate().map(|(n, o)| (format!("/options_considered/{n}/score_ppm"), o.score_ppm));
    let shares = shares.chain(logged.confidence_ppm.map(|c| ("/confidence_ppm".to_owned(), c)));
    if let Some((field, value)) = shares.into_iter().find(|(_, value)| !(0..=WHOLE).contains(value)) {
        return Err(LogError::Share { field, value });
    }
    if log.decisions.iter().any(|entry| entry.logged.decision_id == logged.decision_id) {
        return Err(LogError::Twice(logged.decision_id.to_string()));
    }
    if let Some(complaint) = complaints(log)?.into_iter().next() {
        return Err(LogError::Broken(complaint));
    }
    let before = log.decisions.last().map(|entry| entry.digest.clone());
    let seq = log.decisions.len() as u64 + 1;
    let digest = digest(seq, &logged, before.as_ref())?;
    log.decisions.push(LogEntry { seq, logged, before, digest: digest.clone() });
    Ok(digest)
}

/// What is wrong with a log; empty where nothing is. Entries taken off its end cannot be seen from inside: hold [`extends`]
/// against what was known.
pub fn complaints(log: &DecisionLog) -> Result<Vec<String>, CanonicalError> {
    let mut found = Vec::new();
    let mut before: Option<&Hash> = None;
    for (at, entry) in log.decisions.iter().enumerate() {
        let seq = at as u64 + 1;
        if entry.seq != seq {
            found.push(format!("entry {seq} says that it is number {}", entry.seq));
        }
        if entry.before.as_ref() != before {
            found.push(format!("entry {seq} does not follow the one before it"));
        }
        if digest(entry.seq, &entry.logged, entry.before.as_ref())? != entry.digest {
            found.push(format!("entry {seq}, `{}`, is not what was written", entry.logged.decision_id));
        }
        before = Some(&entry.digest);
    }
    Ok(found)
}

/// Whether a log is an older one with entries added, and nothing else.
pub fn extends(older: &DecisionLog, newer: &DecisionLog) -> bool {
    older.project_id == newer.project_id && newer.decisions.starts_with(&older.decisions)
}

/// The options of a choice, for the log: feasible tools with their scores, excluded ones with what spoke against them.
pub fn options(choice: &Choice) -> Vec<LogOption> {
    let count = choice.order.len().max(1) as i64;
    let feasible = choice.order.iter().enumerate().map(|(at, placed)| LogOption {
        option_id: placed.tool.to_string(),
        label: placed.tool.to_string(),
        // Where nothing was scored, by its place.
        score_ppm: placed.score_ppm.unwrap_or(WHOLE * (count - at as i64) / count).clamp(0, WHOLE),
        reason: placed.reason.clone(),
        rejected_because: (at > 0).then(|| format!("`{}` stands before it", choice.order[0].tool)),
    });
    let mut options: Vec<LogOption> = feasible.collect();
    for exclusion in &choice.exclusions {
        let why = format!("{}: {}", exclusion.code.name(), exclusion.reason);
        match options.iter_mut().find(|o| o.option_id == exclusion.tool.as_str()) {
            Some(option) => option.rejected_because = Some(format!("{}; {why}", option.rejected_because.clone().unwrap_or_default())),
            None => options.push(LogOption {
                option_id: exclusion.tool.to_string(),
                label: exclusion.tool.to_string(),
                score_ppm: 0,
                reason: "it was no candidate".into(),
                rejected_because: Some(why),
            }),
        }
    }
    options
}

/// The content hash of a Decision, for [`Logged::decision`].
pub fn address(decision: &Decision) -> Result<Hash, CanonicalError> {
    use contracts::Document;
    decision.seal().map(|(_, hash)| hash)
}
