//! `canon/0001.json` …: what the author makes true by hand, in the order in which it was applied. Each file is one diff, before the
//! episode it names. The next number is taken by one writer only: that is the compare and set on the author's canon.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use canon::{AmendError, Amendment};
use contracts::{
    Document,
    canon::{CanonDiff, Fact, Thread},
    document::from_value,
};
use kit::{
    files::{Files, SystemFiles, read_at_most},
    inside::inside,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::failure::Failure;

/// The folder in a project.
pub const FOLDER: &str = "canon";
/// The most diffs of an author's.
const MOST: u32 = 9_999;
/// The largest of them, in bytes.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// One diff of the author's.
#[derive(Clone, Debug)]
pub struct Amended {
    /// Its number, from 1.
    pub number: u32,
    /// The episode before which it stands.
    pub before: u32,
    /// What it says.
    pub amendment: Amendment,
}

/// A file of it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Filed {
    /// The episode before which it stands.
    before: u32,
    /// The facts it changes or removes, as they were.
    facts_were: Vec<Fact>,
    /// The threads it changes, as they were.
    threads_were: Vec<Thread>,
    /// A `canon_diff`; its threads are those that change.
    diff: Value,
}

impl Amended {
    /// Its file, as the author calls it.
    pub fn file(&self) -> String {
        file(self.number)
    }

    /// Puts it beside the others, if nobody has taken its number; says whether it did.
    pub fn put(&self, root: &Path) -> Result<bool, Failure> {
        let diff = self.amendment.diff.seal().map_err(Failure::internal)?.0;
        let filed = Filed {
            before: self.before,
            facts_were: self.amendment.facts_were.clone(),
            threads_were: self.amendment.threads_were.clone(),
            diff: serde_json::from_slice(&diff).map_err(Failure::internal)?,
        };
        let text = serde_json::to_string_pretty(&filed).map_err(Failure::internal)? + "\n";
        let folder = root.join(FOLDER);
        std::fs::create_dir_all(&folder).map_err(|e| Failure::unwritable(&folder, e))?;
        let path = root.join(self.file());
        SystemFiles::new().put_if_absent(&path, text.as_bytes()).map_err(|e| Failure::unwritable(&path, e))
    }

    /// Why it does not stand in the canon that is there now.
    pub fn failure(&self, root: &Path, error: AmendError) -> Failure {
        let file = self.file();
        match error {
            // A fact of a diff names the diff's provenance: the file, where nobody gave another.
            AmendError::Refused(verdict) => Failure::contradiction(&verdict).located(|source| {
                let own = source == self.amendment.diff.provenance && source != file;
                if own { format!("{file}, {source}") } else { source.to_owned() }
            }),
            AmendError::Conflict(_) => Failure::canon_conflict(&file, &error, root, self.before),
            error => Failure::canon_malformed(&root.join(&file), error),
        }
    }
}

/// The file of a number, as the author calls it.
pub fn file(number: u32) -> String {
    format!("{FOLDER}/{number:04}.json")
}

/// The author's diffs of a project, by number.
pub fn read(root: &Path) -> Result<Vec<Amended>, Failure> {
    let folder = root.join(FOLDER);
    let mut names: BTreeMap<u32, PathBuf> = BTreeMap::new();
    for path in SystemFiles::new().list(&folder).map_err(|e| Failure::project_malformed(&folder, format!("it cannot be read: {e}")))? {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let number = name.strip_suffix(".json").filter(|n| n.bytes().all(|b| b.is_ascii_digit())).and_then(|n| n.parse::<u32>().ok());
        // What is no number is the author's own file.
        if let Some(number) = number.filter(|n| file(*n) == format!("{FOLDER}/{name}")) {
            names.insert(number, path);
        }
    }
    let mut out = Vec::new();
    for (at, (number, path)) in names.into_iter().enumerate() {
        let malformed = |why: String| Failure::project_malformed(&path, why);
        if number as usize != at + 1 || number > MOST {
            return Err(malformed(format!(
                "the author's diffs are numbered from 1 without a gap, to {MOST} at most; expected {}",
                file(at as u32 + 1)
            )));
        }
        let path = inside(root, Path::new(&file(number))).map_err(|e| malformed(e.to_string()))?;
        let bytes = read_at_most(&path, MAX_BYTES).map_err(|e| malformed(format!("it cannot be read: {e}")))?;
        let value: Value = serde_json::from_slice(&bytes).map_err(|e| malformed(format!("not valid JSON: {e}")))?;
        let filed: Filed = from_value(value).map_err(|e| malformed(e.to_string()))?;
        let sealed = serde_json::to_vec(&filed.diff).map_err(Failure::internal)?;
        let diff: CanonDiff = contracts::read(&sealed).map_err(|e| malformed(format!("diff: {e}")))?;
        let amendment = Amendment { diff, facts_were: filed.facts_were, threads_were: filed.threads_were };
        out.push(Amended { number, before: filed.before, amendment });
    }
    Ok(out)
}
