//! Every document that crosses a boundary of Reelwright: types, versions, canonical JSON, content hash, ids, money,
//! frames. No I/O, no clock, no async: a document means the same on every machine.
//!
//! # Invariants
//! - A document is `{schema_id, schema_version, …}`; its address is the SHA-256 of its stored canonical bytes (RFC 8785),
//!   never of a re-serialised struct ([`canonical`]).
//! - Hashed content holds no floats, no clock, no path, no map order. Integers stay below 2^53; absent is not null.
//! - Ids that reach a path are [`Id`]; nothing else may.
//! - Shot and line ids hang on story beats (`sc03-b07-s2`), never on position.
//! - This crate knows no files, network, SQL, ffmpeg or async, and no engine.

pub mod assets;
pub mod bundle;
pub mod canon;
pub mod canonical;
pub mod choice;
pub mod context;
pub mod decision_log;
pub mod document;
pub mod id;
pub mod lexicon;
pub mod migrate;
pub mod money;
pub mod notes;
pub mod package;
pub mod picture;
pub mod project;
pub mod promise;
pub mod render;
pub mod run;
pub mod seed;
pub mod shots;
pub mod story;
pub mod table_read;
pub mod takes;
pub mod text;
pub mod time;
pub mod tool;

pub use canonical::{CanonicalError, Hash, canonical_bytes, canonical_value};
pub use document::{Document, DocumentKind, ReadError, documents, read};
pub use id::{Id, IdError};
pub use money::MicroUsd;
pub use seed::Seed;
pub use text::nfc;
pub use time::{EditRate, SAMPLE_RATE};
