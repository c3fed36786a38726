//! The clock: the only place that reads the time of day, with a seeded twin for tests.
#![allow(clippy::disallowed_methods, reason = "this module is the guarded act: everything else takes a `Clock`")]

use std::fmt;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A moment: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted. `Display` writes RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Milliseconds since the epoch.
    pub fn ms(self) -> i64 {
        self.0
    }

    /// RFC 3339 in UTC with milliseconds, `2026-11-20T09:08:07.123Z`.
    pub fn rfc3339(self) -> String {
        let c = self.civil();
        format!("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", c.year, c.month, c.day, c.hour, c.minute, c.second, c.ms)
    }

    /// `yyyymmdd-hhmmss` in UTC, for names.
    pub fn compact(self) -> String {
        let c = self.civil();
        format!("{:04}{:02}{:02}-{:02}{:02}{:02}", c.year, c.month, c.day, c.hour, c.minute, c.second)
    }

    /// The date in the proleptic Gregorian calendar (Howard Hinnant, "chrono-compatible low-level date algorithms").
    fn civil(self) -> Civil {
        let days = self.0.div_euclid(86_400_000);
        let rest = self.0.rem_euclid(86_400_000);
        let z = days + 719_468;
        let era = z.div_euclid(146_097);
        let day_of_era = z.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Civil { year, month, day, hour: rest / 3_600_000, minute: rest / 60_000 % 60, second: rest / 1000 % 60, ms: rest % 1000 }
    }
}

struct Civil {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    ms: i64,
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

/// What tells the time. No time ever reaches hashed content.
pub trait Clock: Send + Sync {
    /// The time of day, UTC. It may jump either way.
    fn now_utc(&self) -> Timestamp;

    /// Milliseconds since an arbitrary start. It never goes back; spans and expiry are measured with it.
    fn monotonic_ms(&self) -> u64;
}

/// The machine's clock.
#[derive(Clone, Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// The machine's clock; monotonic time starts now.
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now_utc(&self) -> Timestamp {
        let ms = |d: Duration| i64::try_from(d.as_millis()).unwrap_or(i64::MAX);
        // A clock set before 1970 is wrong, yet still a time.
        Timestamp(SystemTime::now().duration_since(UNIX_EPOCH).map_or_else(|e| -ms(e.duration()), ms))
    }

    fn monotonic_ms(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// The clock of a seeded world: it starts where it is told and moves by a fixed tick at every look, or when pushed.
#[derive(Debug)]
pub struct SeededClock {
    state: Mutex<SeededTime>,
}

#[derive(Debug)]
struct SeededTime {
    utc: i64,
    monotonic: u64,
    tick: u64,
}

impl SeededClock {
    /// A clock at `start` that moves `tick_ms` after every look.
    pub fn new(start: Timestamp, tick_ms: u64) -> Self {
        Self { state: Mutex::new(SeededTime { utc: start.0, monotonic: 0, tick: tick_ms }) }
    }

    /// Lets time pass on both clocks.
    pub fn advance(&self, ms: u64) {
        self.with(|t| {
            t.utc += i64::try_from(ms).unwrap_or(i64::MAX);
            t.monotonic += ms;
        });
    }

    /// Sets the time of day forward or back, as an administrator or a time server does; monotonic time does not notice.
    pub fn jump_utc(&self, ms: i64) {
        self.with(|t| t.utc += ms);
    }

    fn with<T>(&self, f: impl FnOnce(&mut SeededTime) -> T) -> T {
        f(&mut self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

impl Clock for SeededClock {
    fn now_utc(&self) -> Timestamp {
        self.with(|t| {
            let now = t.utc;
            t.utc += i64::try_from(t.tick).unwrap_or(i64::MAX);
            t.monotonic += t.tick;
            Timestamp(now)
        })
    }

    fn monotonic_ms(&self) -> u64 {
        self.with(|t| {
            let now = t.monotonic;
            t.monotonic += t.tick;
            t.utc += i64::try_from(t.tick).unwrap_or(i64::MAX);
            now
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_civil() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_709_251_199_000, "2024-02-29T23:59:59.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(Timestamp(ms).rfc3339(), text);
        }
        assert_eq!(Timestamp(1_709_251_199_000).compact(), "20240229-235959");
    }

    #[test]
    fn a_jump_of_the_wall_clock_leaves_monotonic_time_alone() {
        let clock = SeededClock::new(Timestamp(1000), 0);
        clock.jump_utc(-5000);
        clock.advance(10);
        assert_eq!((clock.now_utc().ms(), clock.monotonic_ms()), (-3990, 10));
    }
}
