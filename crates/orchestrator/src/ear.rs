//! Hears what a person asks of a run, between its steps and under them.

use std::sync::Arc;
use std::time::Duration;

use contracts::Id;
use registry::{Control, Registry};

use crate::pool::rounds;
use crate::step::Cancel;
use crate::{Observer, Progress};

/// The least time between two looks: a run of many small steps rings often.
const GAP: Duration = Duration::from_millis(50);

/// Listens until dropped, or until the run has ended.
#[derive(Debug)]
pub(crate) struct Ear(tokio::task::JoinHandle<()>);

impl Ear {
    /// Listens for a run: draining stops it between two steps, cancelling at once. Whoever claims for a paused run gets nothing.
    /// Where no ring arrives, a process in a network of its own for one, it is heard three times in a lease.
    pub(crate) fn open(registry: &Registry, run: &Id, cancel: &Cancel, observer: &Arc<dyn Observer>, lease: Duration) -> Self {
        let (woken, weak) = (Arc::clone(registry.woken()), registry.downgrade());
        let (run, cancel, observer) = (run.clone(), cancel.clone(), Arc::clone(observer));
        Self(tokio::spawn(async move {
            let (mut asked, mut rounds) = (None, rounds(lease));
            loop {
                let mut told = std::pin::pin!(woken.notified());
                // Registered before the look, so that nothing is missed between the two.
                told.as_mut().enable();
                let Some(registry) = weak.upgrade() else { return };
                let row = registry.run(&run).await;
                drop(registry);
                // What cannot be read now is read at the next ring.
                if let Ok(row) = row {
                    let Some(row) = row.filter(|row| row.ended.is_none()) else { return };
                    if row.control != asked {
                        asked = row.control;
                        observer.note(Progress::Asked(asked));
                    }
                    match asked {
                        Some(Control::Drain) => cancel.cancel(),
                        Some(Control::Cancel) => cancel.abort(),
                        Some(Control::Pause) | None => {}
                    }
                }
                tokio::select! {
                    () = told => {}
                    _ = rounds.tick() => {}
                }
                tokio::time::sleep(GAP).await;
            }
        }))
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.0.abort();
    }
}
