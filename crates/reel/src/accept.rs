//! What an accepted film changes: the canon of the project moves on, and the film is the episode's latest.

use contracts::Hash;
use serde_json::json;

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
pub fn film(shop: &Shop, film: &Film) -> Result<(), Failure> {
    let Change { before, diff, after } = &film.canon;
    let mut txn = shop.registry.begin();
    txn.event(Some(shop.runner.run_id()), "film_accepted", json!({"canon_before": before, "canon_diff": diff, "canon_after": after}));
    shop.runtime.block_on(txn.commit()).map(|_| ()).map_err(Failure::damaged)
}
