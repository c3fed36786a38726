//! How long a run may take: what its steps may together, and a fifth more (003-36). Time counts while a stage is at work; not
//! while the run is paused, and not while a person is asked.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How much longer than its parts together a run may take, in hundredths.
pub(crate) const SLACK: u32 = 120;

/// The account of a run's time, in milliseconds of a clock that never goes back.
#[derive(Debug, Default)]
pub(crate) struct Limit(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    stages: u32,
    paused: bool,
    /// When it last began to count.
    since: u64,
    spent: u64,
    allowed: Duration,
    /// Some step may take for ever.
    endless: bool,
    /// Said for the whole run; steps no more count.
    given: Option<Duration>,
}

impl State {
    fn settle(&mut self, now: u64) {
        if self.stages > 0 && !self.paused {
            self.spent += now.saturating_sub(self.since);
        }
        self.since = now;
    }
}

impl Limit {
    fn at(&self, now: u64) -> MutexGuard<'_, State> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.settle(now);
        state
    }

    /// A stage begins; its steps may take this long, one after the other.
    pub(crate) fn enter(&self, now: u64, steps: impl Iterator<Item = Option<Duration>>) {
        let mut state = self.at(now);
        state.stages += 1;
        for allowed in steps {
            match allowed {
                Some(allowed) => state.allowed += allowed,
                None => state.endless = true,
            }
        }
    }

    /// A stage has ended.
    pub(crate) fn leave(&self, now: u64) {
        let mut state = self.at(now);
        state.stages = state.stages.saturating_sub(1);
    }

    /// The run holds still, or goes on.
    pub(crate) fn pause(&self, now: u64, paused: bool) {
        self.at(now).paused = paused;
    }

    /// The whole run may take this long, whatever its steps may.
    pub(crate) fn give(&self, now: u64, whole: Option<Duration>) {
        self.at(now).given = whole;
    }

    /// How long the run may take, as far as its steps are known; `None` without a limit.
    pub(crate) fn allowed(&self) -> Option<Duration> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.given.or_else(|| (!state.endless).then(|| state.allowed * SLACK / 100))
    }

    /// How long it may still take; `None` without a limit.
    pub(crate) fn left(&self, now: u64) -> Option<Duration> {
        let allowed = self.allowed()?;
        Some(allowed.saturating_sub(Duration::from_millis(self.at(now).spent)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_time_at_work_counts() {
        let limit = Limit::default();
        let second = || [Some(Duration::from_secs(1))].into_iter();
        limit.enter(1_000, second());
        assert_eq!(limit.left(1_500), Some(Duration::from_millis(700)));
        // Two stages beside each other take their time once.
        limit.enter(1_500, second());
        limit.leave(1_700);
        limit.leave(2_000);
        assert_eq!(limit.left(90_000), Some(Duration::from_millis(1_400)), "nobody is at work");
        limit.enter(90_000, second());
        limit.pause(90_100, true);
        limit.pause(500_000, false);
        assert_eq!(limit.left(500_100), Some(Duration::from_millis(3_600 - 1_200)));
        limit.enter(500_100, [None].into_iter());
        assert_eq!(limit.left(999_999), None, "a step that may take for ever");
        limit.give(999_999, Some(Duration::from_millis(1)));
        assert_eq!(limit.left(999_999), Some(Duration::ZERO));
    }
}
