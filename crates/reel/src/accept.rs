//! What an accepted film changes: the canon of the project moves on, and the film is the episode's latest.

use contracts::Hash;

use crate::{failure::Failure, produce::Film, stages::Shop};

/// A change of canon that an episode brings.
pub struct Change {
    /// The canon the episode began with.
    pub before: Hash,
    /// What it makes true, judged.
    pub diff: Hash,
    /// The canon after it.
    pub after: Hash,
}

/// Records a film that was measured and accepted.
pub fn film(_shop: &Shop, _film: &Film) -> Result<(), Failure> {
    Ok(())
}
