//! What is done to the product to break it: kills at every durable act, hostile input, and one fuzz target a parser with
//! the corpora that are replayed on every change. `cargo xtask faults`, `fuzz-corpus` and `fuzz` start it; nothing of the
//! product depends on it.
//!
//! # Invariants
//! - One seed decides every choice, and is printed: a failure can be had again.
//! - A check that cannot run fails. What needs a part that does not exist yet is counted as skipped, with that part's
//!   name, never as passed.
//! - The product is driven from outside, as the binary its users have; only parsers and media readers are called inside.
#![allow(
    clippy::disallowed_methods,
    reason = "it starts the built binary, lays out hostile folders and measures time; the product's guards are under test, not in use"
)]
#![allow(clippy::print_stdout, reason = "it talks to a person at a terminal")]

pub mod corpus;
pub mod mutate;
pub mod rng;
pub mod run;
pub mod targets;

mod after;
mod bombs;
mod clocks;
mod elsewhere;
mod full;
mod hands;
mod hostile;
mod injection;
mod kills;
mod lies;
mod paths;
pub mod races;
mod replay;
mod rot;
mod skew;
mod trivial;
mod world;
mod zombies;
