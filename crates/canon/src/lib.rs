//! Truth over story time: diffs, contradictions, and what a writer may know of it. Knows neither generation nor media.
//!
//! # Invariants
//! - Only an accepted [`contracts::canon::CanonDiff`] changes what is true: [`apply`] refuses one whose verdict is absent or not pass,
//!   or that was made for another version.
//! - [`gate`] is pure: canon, cast, script and diff in, a [`contracts::canon::Verdict`] out, each finding with the sources of both sides.
//! - Story time is text that sorts; ages and travel derive from it; no clock, no float.
//! - A writer gets a [`context`] pack: a part of the canon as of a moment, never an earlier script.
//! - [`recall`] gives names and never a value: no question about truth reaches it.
//! - A reveal adds knowledge, never a past fact: a diff that begins or ends a fact before its first scene is refused.

mod amend;
pub mod author;
mod check;
pub mod context;
mod contradictions;
pub mod derived;
mod diff;
pub mod facts;
mod gate;
pub mod recall;
pub mod repair;
mod said;
pub mod sources;
mod standing;
mod ties;
pub mod time;
mod words;

pub use amend::{AmendError, Amendment, again, amend, take_back};
pub use check::check;
pub use context::context;
pub use contradictions::gate_facts;
pub use diff::{DiffError, accept, address, apply, inverse};
pub use facts::{Book, Facts};
pub use gate::{gate, gate_over, gate_plan};
/// The shape of a finding, for writers that lint what they propose.
pub use gates::{blocks, told, verdict};
pub use said::CALENDAR;
pub use standing::{Beat, Known, PersonNow, Place, Standing, ThingNow, ThreadNow, holds, standing, worded};
