//! Room for steps: how many of each queue this process carries out at a time, and whose lease has run out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use registry::{Held, Registry, RegistryError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Interval, MissedTickBehavior};

use crate::step::Queue;

/// How long a holder may be silent before another takes over. Its beat comes three times in that time.
pub const LEASE: Duration = Duration::from_secs(30);

/// Room in each queue. Painting and encoding share the machine's processors.
#[derive(Clone, Debug)]
pub struct Pools {
    cores: Arc<Semaphore>,
    local_ai: Arc<Semaphore>,
    external_ai: Arc<Semaphore>,
    sizes: BTreeMap<String, u32>,
}

/// One place in a pool, given back when dropped.
#[derive(Debug)]
pub struct Permit(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

/// Requests to other's services at a time; each provider has a limit of its own below this.
const EXTERNAL: usize = 8;

impl Pools {
    /// Pools of a process that does `jobs` steps at a time (at least 1) on its processors: one model at a time on an
    /// accelerator, and eight requests to others (002-29.2).
    pub fn of(jobs: usize) -> Self {
        let jobs = jobs.clamp(1, 1_024);
        Self::only(jobs, &Queue::ALL)
    }

    /// As [`Pools::of`], of some queues; the others have no room.
    pub fn only(jobs: usize, queues: &[Queue]) -> Self {
        let jobs = jobs.clamp(1, 1_024);
        let room = |queue: Queue| match queue {
            Queue::Cpu | Queue::Media => jobs,
            Queue::LocalAi => 1,
            Queue::ExternalAi => EXTERNAL,
        };
        let size = |queue: Queue| if queues.contains(&queue) { room(queue) } else { 0 };
        let pool = |n: usize| Arc::new(Semaphore::new(n));
        Self {
            cores: pool(size(Queue::Cpu).max(size(Queue::Media))),
            local_ai: pool(size(Queue::LocalAi)),
            external_ai: pool(size(Queue::ExternalAi)),
            sizes: queues.iter().map(|queue| (queue.as_str().to_owned(), room(*queue) as u32)).collect(),
        }
    }

    /// How much each queue that is served takes at a time.
    pub fn sizes(&self) -> &BTreeMap<String, u32> {
        &self.sizes
    }

    fn pool(&self, queue: Queue) -> &Arc<Semaphore> {
        match queue {
            Queue::Cpu | Queue::Media => &self.cores,
            Queue::LocalAi => &self.local_ai,
            Queue::ExternalAi => &self.external_ai,
        }
    }

    /// Waits for room. The pools are never closed.
    pub(crate) async fn room(&self, queue: Queue) -> Option<Permit> {
        Arc::clone(self.pool(queue)).acquire_owned().await.ok().map(Permit)
    }

    /// Room, if there is some that nobody waits for.
    pub(crate) fn room_now(&self, queue: Queue) -> Option<Permit> {
        Arc::clone(self.pool(queue)).try_acquire_owned().ok().map(Permit)
    }
}

/// Whose beat stands still, and since when by this process's own clock: no clock of another machine, and no time of day,
/// decides about a lease (F11, F12).
#[derive(Debug, Default)]
pub(crate) struct Lapses {
    seen: BTreeMap<String, (i64, u64)>,
}

impl Lapses {
    /// Takes from holders that have been silent for `lease` what they hold. Returns how many steps wait again.
    pub(crate) async fn look(&mut self, registry: &Registry, lease: Duration) -> Result<usize, RegistryError> {
        let now = registry.clock().monotonic_ms();
        let held = registry.held_elsewhere().await?;
        self.seen.retain(|owner, _| held.iter().any(|held| held.owner == *owner));
        let mut txn = registry.begin();
        let mut taken = 0;
        for Held { run, step, fence, owner, beat } in held {
            let (was, since) = self.seen.entry(owner).or_insert((beat, now));
            if *was != beat {
                (*was, *since) = (beat, now);
            } else if u128::from(now.saturating_sub(*since)) >= lease.as_millis() {
                txn.step_expire(&run, &step, fence);
                taken += 1;
            }
        }
        if taken > 0 {
            txn.commit().await?;
        }
        Ok(taken)
    }
}

/// When to look for lapsed leases. It comes by itself three times in a lease, however often somebody rings meanwhile: a wait that
/// begins anew with every ring would not end in a busy home.
pub(crate) fn rounds(lease: Duration) -> Interval {
    let every = (lease / 3).max(Duration::from_millis(1));
    let mut rounds = tokio::time::interval_at(Instant::now() + every, every);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    rounds
}

/// Beats for this process while it takes work.
#[derive(Debug)]
pub(crate) struct Heart(tokio::task::JoinHandle<()>);

impl Heart {
    /// Says that this process serves these pools, and beats three times in a lease until dropped.
    pub(crate) async fn start(registry: &Registry, pools: &Pools, lease: Duration) -> Result<Self, RegistryError> {
        let sizes = pools.sizes().clone();
        let mut txn = registry.begin();
        txn.worker_up(&sizes, env!("CARGO_PKG_VERSION"));
        txn.commit_soon().await?;
        let weak = registry.downgrade();
        Ok(Self(tokio::spawn(async move {
            loop {
                tokio::time::sleep(lease / 3).await;
                let Some(registry) = weak.upgrade() else { return };
                let mut txn = registry.begin();
                txn.worker_up(&sizes, env!("CARGO_PKG_VERSION"));
                // A beat that cannot be written is one that is missing: others take over, and fences keep order.
                let _ = txn.commit_soon().await;
            }
        })))
    }
}

impl Drop for Heart {
    fn drop(&mut self) {
        self.0.abort();
    }
}
