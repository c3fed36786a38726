//! A pure choice: request, capabilities, policy, promise, budget view and health in; ordered tools with reasons out.
//!
//! # Invariants
//! - Nothing here calls, waits, reads a file, a clock or the environment: what is known is handed in, and what is chosen can be
//!   computed again from the record alone.
//! - Hard limits come before any order: a tool that is unavailable, denied, over budget or unable to keep the promise is no
//!   candidate, and every one of them is named with its reason.
//! - The order in which tools were found changes nothing; an order that a person configured is an input.
//! - Money is whole micro-dollars. Doubles live in [`compat`] and in scores, never in what is hashed.
//! - This crate knows no HTTP, no runs and no story.

pub mod choose;
pub mod compat;
pub mod discover;
pub mod log;
pub mod manifest;
pub mod policy_file;
pub mod rank;
pub mod replay;
pub mod table;
pub mod trends;
pub mod views;

pub use choose::{SelectError, choose, policy, select};
pub use discover::{Surroundings, find_candidates, snapshot};
pub use manifest::Catalogue;
pub use table::Tables;
