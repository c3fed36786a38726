//! Reading: what the store says, held against what is stored.

use std::collections::BTreeMap;

use contracts::run::Approval;
use contracts::{Document, Hash, Id};
use serde_json::{Value, json};

use crate::rows::{
    ArtifactRow, AttemptRow, Claim, EventRow, Grade, Held, Lineage, MemoLookup, Outputs, RefMove, RefRow, ReviewRow, RunFilter, RunRow,
    StepRow, WorkerRow,
};
use crate::store::Moves;
use crate::{Registry, RegistryError};

impl Registry {
    /// What the memo says about one key.
    pub async fn memo_get(&self, tenant: &Id, key: &Hash) -> Result<MemoLookup, RegistryError> {
        let mut answers = self.memo_get_many(tenant, std::slice::from_ref(key)).await?;
        Ok(answers.pop().unwrap_or(MemoLookup::Miss))
    }

    /// What the memo says about many keys, in their order, with one question to the database. A result counts only while
    /// its row holds its digest, it has not expired, and all its content is there at its size (its bytes are hashed when
    /// they are read). One that has expired is forgotten and leaves an event `memo_expired`. A pure
    /// or pinned result with lost content is forgotten and leaves an event `memo_lost`; a recorded one is an error, because
    /// asking again would be a new answer.
    pub async fn memo_get_many(&self, tenant: &Id, keys: &[Hash]) -> Result<Vec<MemoLookup>, RegistryError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.store().memos(tenant, keys).await?;
        let now = self.clock().now_utc();
        let mut found = BTreeMap::new();
        let mut forget = self.begin();
        for row in rows {
            let outputs = row.outputs();
            if outputs.as_ref().is_some_and(|o| o.expired(now)) {
                forget.memo_forget(tenant, &row.key);
                forget.event(None, "memo_expired", json!({"key": row.key, "kind": row.kind, "tenant": tenant}));
                continue;
            }
            let lost = match &outputs {
                None => Some(row.key.clone()),
                Some(outputs) => self.lost_of(outputs)?,
            };
            let key = row.key.clone();
            let lookup = match (lost, outputs) {
                (None, Some(outputs)) => MemoLookup::Hit(row.with(outputs)),
                (lost, _) if row.grade == Grade::Recorded => {
                    return Err(RegistryError::RecordedLost { hash: lost.unwrap_or_else(|| key.clone()), key, kind: row.kind });
                }
                (lost, was) => {
                    let hash = lost.unwrap_or_else(|| key.clone());
                    forget.memo_forget(tenant, &key);
                    forget.event(None, "memo_lost", json!({"key": key, "kind": row.kind, "hash": hash, "tenant": tenant}));
                    MemoLookup::Lost { hash, was }
                }
            };
            found.insert(key, lookup);
        }
        forget.commit_soon().await?;
        Ok(keys.iter().map(|key| found.get(key).cloned().unwrap_or(MemoLookup::Miss)).collect())
    }

    /// What the steps with these keys have read, where that is on record: results of older layouts, and those that were
    /// forgotten, have none.
    pub async fn memo_reads(&self, tenant: &Id, keys: &[Hash]) -> Result<BTreeMap<Hash, Value>, RegistryError> {
        let rows = self.store().memo_reads(tenant, keys).await?;
        let parsed = rows.into_iter().map(|(key, text)| match serde_json::from_str(&text) {
            Ok(reads) => Ok((key, reads)),
            Err(error) => Err(RegistryError::row(format!("memo {key}"), error)),
        });
        parsed.collect()
    }

    /// What the steps with these keys have made, as far as it is remembered; nothing is looked for on the disk.
    pub async fn memo_outputs(&self, tenant: &Id, keys: &[Hash]) -> Result<BTreeMap<Hash, Outputs>, RegistryError> {
        let rows = self.store().memos(tenant, keys).await?;
        let parsed = rows.into_iter().map(|row| match serde_json::from_str(&row.outputs) {
            Ok(made) => Ok((row.key, made)),
            Err(error) => Err(RegistryError::row(format!("memo {}", row.key), error)),
        });
        parsed.collect()
    }

    /// The first output that is not there at its size.
    fn lost_of(&self, outputs: &Outputs) -> Result<Option<Hash>, RegistryError> {
        for output in outputs.files.values() {
            if self.blobs().size(&output.hash)? != Some(output.size) {
                return Ok(Some(output.hash.clone()));
            }
        }
        Ok(None)
    }

    /// The bytes of stored content, checked. Blocks on the disk.
    pub fn bytes(&self, hash: &Hash) -> Result<Vec<u8>, RegistryError> {
        self.blobs().get_bytes(hash)
    }

    /// A stored artifact as its type, checked. Blocks on the disk.
    pub fn artifact<T: Document>(&self, hash: &Hash) -> Result<T, RegistryError> {
        contracts::read(&self.bytes(hash)?).map_err(|source| RegistryError::Read { hash: hash.clone(), source })
    }

    /// What is known beside an artifact.
    pub async fn artifact_row(&self, tenant: &Id, hash: &Hash) -> Result<Option<ArtifactRow>, RegistryError> {
        self.store().artifact(tenant, hash).await
    }

    /// Where a name points; `None` when it was never set.
    pub async fn get_ref(&self, tenant: &Id, name: &str) -> Result<Option<RefRow>, RegistryError> {
        self.store().get_ref(tenant, name).await
    }

    /// Every move of a name, the oldest first.
    pub async fn ref_moves(&self, tenant: &Id, name: &str) -> Result<Vec<RefMove>, RegistryError> {
        self.store().ref_moves(tenant, Moves::Of(name)).await
    }

    /// The moves of any name to this content, the oldest first.
    pub async fn ref_moves_to(&self, tenant: &Id, hash: &Hash) -> Result<Vec<RefMove>, RegistryError> {
        self.store().ref_moves(tenant, Moves::To(hash)).await
    }

    /// What stands directly above and below a piece of content. One step at a time: whoever wants more asks again, with a
    /// limit of its own.
    pub async fn lineage(&self, tenant: &Id, hash: &Hash) -> Result<Lineage, RegistryError> {
        self.store().lineage(tenant, hash).await
    }

    /// One run.
    pub async fn run(&self, id: &Id) -> Result<Option<RunRow>, RegistryError> {
        self.store().run(id).await
    }

    /// Runs, the newest first.
    pub async fn runs(&self, tenant: &Id, filter: &RunFilter) -> Result<Vec<RunRow>, RegistryError> {
        self.store().runs(tenant, filter).await
    }

    /// How long a step of a kind took here on average, in milliseconds, over the newest thousand that ran.
    pub async fn usual_ms(&self, tenant: &Id) -> Result<BTreeMap<String, u64>, RegistryError> {
        self.store().usual_ms(tenant).await
    }

    /// The steps of a run, by name.
    pub async fn steps(&self, run: &Id) -> Result<Vec<StepRow>, RegistryError> {
        self.store().steps(run, None).await
    }

    /// Events after a place in the log, oldest first: of one run, or of all.
    pub async fn events(&self, run: Option<&Id>, after: i64, limit: u32) -> Result<Vec<EventRow>, RegistryError> {
        self.store().events(run, after, limit).await
    }

    /// The decisions recorded for a run, in order.
    pub async fn approvals(&self, run: &Id) -> Result<Vec<Approval>, RegistryError> {
        self.store().approvals(run).await
    }

    /// The last decision of a tenant's people about this content at this point, whichever run asked: a yes to the same content
    /// stands however long ago it was said.
    pub async fn decided(&self, tenant: &Id, point: &str, subject: &Hash) -> Result<Option<(Id, Approval)>, RegistryError> {
        self.store().decided(tenant, point, subject).await
    }

    /// Who has claimed a client's key, and what was answered; `None` when it is free.
    pub async fn request(&self, tenant: &Id, key: &str) -> Result<Option<Claim>, RegistryError> {
        self.store().request(tenant, key, self.clock().now_utc()).await
    }

    /// Processes that hold a run, a step or a request, by the name they signed with.
    pub(crate) async fn holders(&self) -> Result<Vec<String>, RegistryError> {
        self.store().holders().await
    }

    /// The attempts at the steps of a run, by step and number.
    pub async fn attempts(&self, run: &Id) -> Result<Vec<AttemptRow>, RegistryError> {
        self.store().attempts(run).await
    }

    /// How many steps of these kinds wait in a queue that any process may take.
    pub async fn waiting(&self, queue: &str, kinds: &[(String, u32)]) -> Result<usize, RegistryError> {
        self.store().waiting(queue, kinds).await
    }

    /// How these steps of a run stand; those it has not are left out.
    pub async fn step_states(&self, run: &Id, names: &[&str]) -> Result<BTreeMap<String, StepRow>, RegistryError> {
        let steps = self.store().steps(run, Some(names)).await?;
        Ok(steps.into_iter().map(|step| (step.step.name.clone(), step)).collect())
    }

    /// Who takes work in this home, by name.
    pub async fn workers(&self) -> Result<Vec<WorkerRow>, RegistryError> {
        self.store().workers().await
    }

    /// What waits for a person to decide: of one run, or of all.
    pub async fn reviews(&self, run: Option<&Id>) -> Result<Vec<ReviewRow>, RegistryError> {
        self.store().reviews(run).await
    }

    /// Steps of runs that are going, held by others than this process.
    pub async fn held_elsewhere(&self) -> Result<Vec<Held>, RegistryError> {
        self.store().held(self.owner()).await
    }
}
