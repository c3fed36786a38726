//! Guarded acts, each once: clock, atomic files, child processes, calls to servers of this machine,
//! failpoints, and their seeded twins for tests. A thing
//! belongs here only if clippy bans it elsewhere. Knows no word of the domain.
//!
//! # Invariants
//! - A file under its final name is whole; a write that returned has reached the medium ([`files`]).
//! - Nothing here reads the time, the disk or a process for a pure result; callers keep them out of hashed content.
//! - Failpoints are off unless the environment names one ([`failpoint`]).

pub mod bell;
pub mod clock;
pub mod egress;
pub mod failpoint;
pub mod files;
pub mod home;
pub mod inside;
pub mod process;
pub mod redact;
pub mod scratch;
pub mod terminal;
pub mod working;

pub use bell::Bell;
pub use clock::{Clock, SeededClock, SystemClock, Timestamp};
pub use failpoint::Failpoints;
pub use files::{Files, MemoryFiles, SystemFiles};
pub use scratch::{Scratch, TempDir};
