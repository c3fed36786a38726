//! Making room: what nothing keeps may go, and of what can be made again, what was not used for longest.
//!
//! Kept, whatever is asked: what a ref points or has pointed to, what a run that made a film names, what any run's summary
//! and any approval names, what a recorded result holds, what a client was answered under a key that has not expired,
//! everything these name in turn, and whatever a run that is going has touched. A remembered result goes only when none of
//! its content is kept. A look at work in hand keeps what it made while it is among the newest looks of its episode; of an
//! older one its summary stays, and nothing for its sake. A result that has expired keeps nothing, and goes first.

use std::collections::{BTreeMap, BTreeSet};

use contracts::{Hash, Id};

use crate::blobs::Blob;
use crate::index::{Index, MemoEntry};
use crate::rows::Grade;
use crate::{Registry, RegistryError};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// What may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Results used within so many days stay, unless `max_bytes` asks for more room.
    pub keep_days: u32,
    /// Make the store this small, if what may go is enough; the least recently used goes first.
    pub max_bytes: Option<u64>,
}

/// Why a piece of content may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// No row and no document names it: an unfinished run left it, or a look that newer ones replaced.
    Orphan,
    /// Only results that can be made again name it, and the last was used so many days ago.
    Unused {
        /// The kind of step.
        kind: String,
        /// How it can be had again.
        grade: Grade,
        /// Whole days since it was used.
        days: i64,
    },
}

/// A piece of content that may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Victim {
    /// What.
    pub blob: Blob,
    /// Why.
    pub why: Why,
}

/// What a collection would take.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collection {
    /// Content that goes, in the order it goes.
    pub victims: Vec<Victim>,
    /// Remembered results that go with it: whose, and the key.
    pub memos: Vec<(Id, Hash)>,
    /// Bytes stored now.
    pub bytes: u64,
    /// Bytes of the victims.
    pub freed: u64,
    /// Runs that have not ended. While there is one, nothing is removed.
    pub running: Vec<Id>,
}

impl Registry {
    /// Says what would go. Changes nothing. Fails with `Corrupt` or `Missing` when a document that keeps others cannot be
    /// read: what it keeps is then unknown.
    pub async fn plan_collection(&self, room: Room) -> Result<Collection, RegistryError> {
        let index = self.index().await?;
        let listing = self.blobs().list()?.blobs;
        let stored: BTreeMap<Hash, u64> = listing.into_iter().map(|b| (b.hash, b.size)).collect();
        let kept = self.kept(&index, &stored)?;
        let mut plan = Collection { bytes: stored.values().sum(), ..Collection::default() };
        plan.running = index.runs.iter().filter(|r| !r.ended).map(|r| r.id.clone()).collect();
        // Results that may go, the least recently used first, and how many of those that stay hold each piece of content.
        let now = self.clock().now_utc();
        let expired = |memo: &MemoEntry| memo.outputs.as_ref().is_some_and(|o| o.expired(now));
        let mut holders: BTreeMap<&Hash, u64> = BTreeMap::new();
        let mut may_go = Vec::new();
        let (old, rest): (Vec<_>, Vec<_>) = index.memos.iter().partition(|memo| expired(memo));
        for memo in old.into_iter().chain(rest) {
            let files: BTreeSet<&Hash> = memo.outputs.iter().flat_map(|o| o.files.values()).map(|o| &o.hash).collect();
            for hash in &files {
                *holders.entry(hash).or_default() += 1;
            }
            let free = (memo.grade != Grade::Recorded || expired(memo))
                && !index.busy.contains(&memo.key)
                && files.iter().all(|h| !kept.contains(*h));
            if free && !files.is_empty() {
                may_go.push((memo, files));
            }
        }
        let mut gone: BTreeSet<Hash> = BTreeSet::new();
        for (hash, size) in &stored {
            let named = kept.contains(hash) || holders.contains_key(hash);
            if !named {
                plan.freed += size;
                plan.victims.push(Victim { blob: Blob { hash: hash.clone(), size: *size }, why: Why::Orphan });
            }
        }
        for (memo, files) in may_go {
            let days = now.ms().saturating_sub(memo.last_used) / DAY;
            let too_large = room.max_bytes.is_some_and(|max| plan.bytes.saturating_sub(plan.freed) > max);
            if days < i64::from(room.keep_days) && !too_large && !expired(memo) {
                continue;
            }
            plan.memos.push((memo.tenant.clone(), memo.key.clone()));
            for hash in files {
                let left = holders.entry(hash).or_default();
                *left = left.saturating_sub(1);
                if *left == 0 && gone.insert(hash.clone()) {
                    let size = stored.get(hash).copied().unwrap_or(0);
                    plan.freed += size;
                    let why = Why::Unused { kind: memo.kind.clone(), grade: memo.grade, days };
                    plan.victims.push(Victim { blob: Blob { hash: hash.clone(), size }, why });
                }
            }
        }
        Ok(plan)
    }

    /// Removes what a plan made now would name, unless a run is going: then nothing, and the plan says which. No process
    /// can open this home meanwhile. Results go before their content, so that a kill leaves nothing that names what is gone.
    pub async fn collect(&self, room: Room) -> Result<Collection, RegistryError> {
        let door = self.close_door()?;
        let plan = self.plan_collection(room).await?;
        if !plan.running.is_empty() {
            return Ok(plan);
        }
        let mut txn = self.begin();
        for (tenant, key) in &plan.memos {
            txn.memo_forget(tenant, key);
        }
        let json = serde_json::json!({"memos": plan.memos.len(), "blobs": plan.victims.len(), "bytes": plan.freed});
        txn.event(None, "collected", json);
        txn.commit().await?;
        let mut rows = self.begin();
        for victim in &plan.victims {
            self.blobs().remove(&victim.blob.hash)?;
            rows.gone(&victim.blob.hash);
        }
        rows.commit().await?;
        drop(door);
        Ok(plan)
    }

    /// Everything that must stay.
    fn kept(&self, index: &Index, stored: &BTreeMap<Hash, u64>) -> Result<BTreeSet<Hash>, RegistryError> {
        let now = self.clock().now_utc();
        let mut waiting: Vec<Hash> = index.refs.iter().map(|(_, h)| h.clone()).collect();
        waiting.extend(index.runs.iter().filter(|r| !r.faded()).filter_map(|r| r.summary.clone()));
        waiting.extend(index.answers.iter().map(|(_, h)| h.clone()));
        waiting.extend(index.approvals.iter().map(|(_, _, h)| h.clone()));
        let films: BTreeSet<&Id> =
            index.runs.iter().filter(|r| (made_a_film(&r.status) && !r.faded()) || !r.ended).map(|r| &r.id).collect();
        let by_film = |run: &Option<Id>| run.as_ref().is_some_and(|r| films.contains(r));
        waiting.extend(index.artifacts.iter().filter(|(_, _, run)| by_film(run)).map(|(h, _, _)| h.clone()));
        for memo in &index.memos {
            let expired = memo.outputs.as_ref().is_some_and(|o| o.expired(now));
            if (memo.grade == Grade::Recorded && !expired) || index.busy.contains(&memo.key) {
                waiting.extend(memo.outputs.iter().flat_map(|o| o.files.values()).map(|o| o.hash.clone()));
            }
        }
        let mut kept = BTreeSet::new();
        kept.extend(index.runs.iter().filter(|r| r.faded()).filter_map(|r| r.summary.clone()));
        while let Some(hash) = waiting.pop() {
            // What is not there keeps nothing; `verify` speaks of it.
            if !stored.contains_key(&hash) || !kept.insert(hash.clone()) {
                continue;
            }
            waiting.extend(self.blobs().scan(&hash)?.names.into_iter().filter(|n| stored.contains_key(n)));
        }
        Ok(kept)
    }
}

/// As in `RunStatus`.
fn made_a_film(status: &str) -> bool {
    status == "completed" || status == "degraded"
}
