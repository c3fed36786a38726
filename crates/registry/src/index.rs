//! Who names what: every row that refers to content, read at once, for looking over a whole home.

use std::collections::{BTreeMap, BTreeSet};

use contracts::{Hash, Id};

use crate::rows::{Grade, Outputs};
use crate::store::MemoRow;
use crate::{Registry, RegistryError, decisions};

/// A remembered result, with whose it is and when it was used.
#[derive(Clone, Debug, PartialEq)]
pub struct MemoEntry {
    /// Whose.
    pub tenant: Id,
    /// Its key.
    pub key: Hash,
    /// How it can be had again.
    pub grade: Grade,
    /// The step's kind.
    pub kind: String,
    /// When it was used last, milliseconds since the epoch.
    pub last_used: i64,
    /// The result; `None` when the row does not say what was written.
    pub outputs: Option<Outputs>,
}

impl MemoEntry {
    /// Of a row, which is held against its digest here.
    pub fn new(tenant: Id, last_used: i64, row: MemoRow) -> Self {
        let outputs = row.outputs();
        Self { tenant, key: row.key, grade: row.grade, kind: row.kind, last_used, outputs }
    }
}

/// A run, as far as it names content.
#[derive(Clone, Debug, PartialEq)]
pub struct RunEntry {
    /// Its id.
    pub id: Id,
    /// As in [`crate::RunRow`].
    pub status: String,
    /// Whether it has ended.
    pub ended: bool,
    /// The address of its summary.
    pub summary: Option<Hash>,
    /// Whether it was only a look.
    pub look: bool,
    /// Which it is, from 1, of the runs of its episode that are looks as it is, or no looks as it is; the newest first.
    pub place: usize,
}

impl RunEntry {
    /// Whether it is a look that newer looks at the same episode have replaced.
    pub(crate) fn faded(&self) -> bool {
        self.look && self.place > LOOKS
    }
}

/// So many looks at an episode, the newest, keep what they made.
const LOOKS: usize = 5;

/// All rows that refer to content.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Index {
    /// Content that is noted.
    pub blobs: BTreeSet<Hash>,
    /// Address, schema id, the run that stored it.
    pub artifacts: Vec<(Hash, String, Option<Id>)>,
    /// The least recently used first, then by key.
    pub memos: Vec<MemoEntry>,
    /// Name and address, of the present and of every earlier one; each pair once.
    pub refs: Vec<(String, Hash)>,
    /// All runs.
    pub runs: Vec<RunEntry>,
    /// Run, point and what was approved.
    pub approvals: Vec<(Id, String, Hash)>,
    /// Keys of the steps of runs that have not ended, and of runs that wait for a person or were told to go on and whose
    /// episode has no film since.
    pub busy: BTreeSet<Hash>,
    /// Clients' keys and the answers under them that have not expired.
    pub answers: Vec<(String, Hash)>,
}

impl Registry {
    /// Reads every row that refers to content.
    pub(crate) async fn index(&self) -> Result<Index, RegistryError> {
        self.store().index(self.clock().now_utc()).await
    }

    /// Who has ever made content, as the log has it: a result that was forgotten because it was lost is made again all the
    /// same. Of several grades the one that can be had again counts.
    pub(crate) async fn made_ever(&self) -> Result<BTreeMap<Hash, Grade>, RegistryError> {
        let mut made = BTreeMap::new();
        for (grade, text) in self.store().finished().await? {
            let Ok(event) = serde_json::from_str::<serde_json::Value>(&text) else { continue };
            let outputs: Outputs = serde_json::from_value(event["outputs"].clone()).unwrap_or_default();
            for output in outputs.files.into_values() {
                let known = made.entry(output.hash).or_insert(grade);
                *known = grade.min(*known);
            }
        }
        Ok(made)
    }

    /// What the database says of itself, and what is wrong with the decisions in it; empty when all is well.
    pub(crate) async fn database_complaints(&self) -> Result<Vec<String>, RegistryError> {
        let mut found = self.store().complaints().await?;
        match self.store().decisions().await {
            Ok(as_they_stand) => found.extend(decisions::complaints(as_they_stand)),
            Err(error) => found.push(format!("the decisions could not be looked over: {error}")),
        }
        Ok(found)
    }
}

/// How content can be had again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Makers {
    /// A pure or pinned step makes it.
    pub(crate) remakes: bool,
    /// A recorded result holds it.
    pub(crate) recorded: bool,
}

impl Index {
    /// For each address that a row names: who names it, in words. A row of `blobs` alone names nothing.
    pub(crate) fn named(&self) -> BTreeMap<&Hash, Vec<String>> {
        let mut named: BTreeMap<&Hash, Vec<String>> = BTreeMap::new();
        for (hash, schema, run) in &self.artifacts {
            let of = run.as_ref().map_or_else(String::new, |r| format!(" of run {r}"));
            named.entry(hash).or_default().push(format!("artifact {schema}{of}"));
        }
        for memo in &self.memos {
            for (name, output) in memo.outputs.iter().flat_map(|o| &o.files) {
                let name = if name == output.hash.as_str() { String::new() } else { format!(" `{name}`") };
                named.entry(&output.hash).or_default().push(format!(
                    "{} result{name} of a step {} ({})",
                    memo.grade,
                    memo.kind,
                    memo.key.short()
                ));
            }
        }
        for (name, hash) in &self.refs {
            named.entry(hash).or_default().push(format!("ref {name}"));
        }
        for run in &self.runs {
            if let Some(summary) = &run.summary {
                named.entry(summary).or_default().push(format!("summary of run {}", run.id));
            }
        }
        for (key, hash) in &self.answers {
            named.entry(hash).or_default().push(format!("answer to the request `{key}`"));
        }
        for (run, point, hash) in &self.approvals {
            named.entry(hash).or_default().push(format!("approval {point} of run {run}"));
        }
        named
    }

    /// For each address that a remembered result names: how it can be had again.
    pub(crate) fn makers(&self) -> BTreeMap<&Hash, Makers> {
        let mut makers: BTreeMap<&Hash, Makers> = BTreeMap::new();
        for memo in &self.memos {
            for output in memo.outputs.iter().flat_map(|o| o.files.values()) {
                let entry = makers.entry(&output.hash).or_default();
                match memo.grade {
                    Grade::Recorded => entry.recorded = true,
                    Grade::Pure | Grade::Pinned => entry.remakes = true,
                }
            }
        }
        makers
    }
}
