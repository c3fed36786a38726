//! Durable graph runner: steps, fan-out, memo, bounded parallelism. A step is `trait Step`, nothing more; it knows no engine.
//!
//! # Invariants
//! - A step's key is the hash of kind, version, projection, take and tenant ([`step_key`]). A step whose key the memo knows
//!   is not run; of several with one key, one runs.
//! - Results come in the order of the steps and do not depend on `jobs`, on time or on which step finished first.
//! - Lost content sends a run back to its first stage, at most twice for the same content: the memo answers what is whole,
//!   and what is not is made again and held against what it was ([`Runner::mend`]).
//! - Finishing a step is one durable commit of its artifacts, memo, event and journal row, fenced by its lease.
//! - Steps, stages and their order are data here; nothing in this crate knows what any of them does.

mod act;
mod ear;
mod graph;
mod limit;
mod observe;
mod pool;
mod runner;
mod step;
mod work;
mod worker;

pub use act::FnStep;
pub use graph::{Graph, GraphError, Inputs, Node, OnFailure, Ran};
pub use observe::{Observer, Progress, Silent};
pub use pool::{LEASE, Pools};
pub use registry::{Grade, OutputRef, Outputs};
pub use runner::{MadeAgain, RunError, RunSpec, Runner, StepResult};
pub use step::{Cancel, Queue, Step, StepCx, StepError, step_key, step_row};
pub use worker::{Kinds, Worked, Worker};

use contracts::{Hash, Id};
use kit::Timestamp;

/// A run's id, `{project}-e{NN}-{yyyymmdd-hhmmss}-{4 base-36 digits}`. A long project name is cut so that it stays an
/// [`Id`]; `salt` tells apart runs that start in one second.
pub fn run_id(project: &Id, episode: u32, at: Timestamp, salt: &str) -> Id {
    let mut number = Hash::of(salt.as_bytes()).seed();
    let mut digits = String::new();
    for _ in 0..4 {
        digits.push(char::from(b"0123456789abcdefghijklmnopqrstuvwxyz"[(number % 36) as usize]));
        number /= 36;
    }
    let tail = format!("-e{episode:02}-{}-{digits}", at.compact());
    let room = 63_usize.saturating_sub(tail.len()).min(project.len());
    // An id is ASCII, so a cut is a whole character; a year past 9999 only shortens the name.
    let name = project.as_str().get(..room).unwrap_or_default().trim_end_matches(['-', '_']);
    Id::new(format!("{name}{tail}")).unwrap_or_else(|_| Id::slug(&format!("run{tail}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_ids_are_ids() {
        let at = Timestamp(1_709_251_199_000);
        let id = run_id(&Id::slug("lighthouse"), 1, at, "a");
        assert!(id.starts_with("lighthouse-e01-20240229-235959-") && id.len() == 35, "{id}");
        assert_ne!(id, run_id(&Id::slug("lighthouse"), 1, at, "b"));
        let long = Id::new("a".repeat(37) + "-" + &"b".repeat(25)).expect("an id");
        let id = run_id(&long, 123, at, "a");
        assert!(id.starts_with(&format!("{}-e123-", "a".repeat(37))) && id.len() <= 63, "{id}");
    }
}
