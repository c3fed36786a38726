//! Migrations: how a stored document of an older version becomes one of this build (requirements 002-30.2 to 30.5).
//!
//! Each is a pure function from JSON to JSON, and idempotent: what it did once it finds done. Migrations are kept for ever
//! and never edited once released; a change is a new entry. A minor version needs one only where a default of the reader
//! would not say the same; a major version always does. The old document is never touched: migrating makes a new one.

use serde_json::{Map, Value};

use crate::{CanonicalError, Hash, ReadError, canonical_bytes, document::documents};

/// One step from a version line (`major.minor`) to a later one.
pub struct Migration {
    /// The kind of document.
    pub kind: &'static str,
    /// The line it reads, such as `0.1`.
    pub from: &'static str,
    /// The line it writes.
    pub to: &'static str,
    /// What it does, for a person.
    pub about: &'static str,
    /// Does it. An error says what in the document cannot be carried over.
    pub up: fn(&mut Map<String, Value>) -> Result<(), String>,
}

/// Every migration, oldest first.
pub const MIGRATIONS: &[Migration] = &[Migration {
    kind: "run_summary",
    from: "0.1",
    to: "0.2",
    about: "no list of shots made again: none was kept",
    up: |map| {
        map.entry("remade").or_insert_with(|| Value::Array(Vec::new()));
        Ok(())
    },
}];

/// A document brought to this build's version.
#[derive(Debug)]
pub struct Migrated {
    /// The kind of document.
    pub kind: &'static str,
    /// The version it had.
    pub from: String,
    /// The version it has now.
    pub to: &'static str,
    /// What was done to it, in order; empty when only the version's number moved, or nothing did.
    pub steps: Vec<&'static str>,
    /// Its canonical bytes.
    pub bytes: Vec<u8>,
    /// Their address.
    pub hash: Hash,
}

/// Why a document was not migrated.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// Not a document this build knows, or not one after the migration.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It was written by a newer build.
    #[error("/schema_version: {kind} {found} is newer than this build, which writes {ours}: use a build that writes {found}")]
    Newer {
        /// The schema id.
        kind: String,
        /// The version in the document.
        found: String,
        /// The version of this build.
        ours: String,
    },
    /// No migration leads here.
    #[error("/schema_version: no migration leads from {kind} {found} to {ours}: use a build that reads {found}")]
    NoPath {
        /// The schema id.
        kind: String,
        /// The version in the document.
        found: String,
        /// The version of this build.
        ours: String,
    },
    /// A migration refused.
    #[error("{kind} {from} → {to}: {message}")]
    Refused {
        /// The schema id.
        kind: String,
        /// The line it came from.
        from: String,
        /// The line it should have reached.
        to: String,
        /// What cannot be carried over.
        message: String,
    },
    /// It has no canonical form.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
}

/// `major.minor` of a version; `None` when it is not one.
pub(crate) fn line(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.');
    let (major, minor, patch) = (parts.next()?, parts.next()?, parts.next());
    let fits = parts.next().is_none() && patch.is_none_or(|p| p.parse::<u32>().is_ok());
    if fits { Some((major.parse().ok()?, minor.parse().ok()?)) } else { None }
}

/// The migrations from a version to another, in order; `None` when none leads there. Within one major version a line
/// without a migration is read as it is.
fn path<'a>(kind: &str, found: (u32, u32), ours: (u32, u32), table: &'a [Migration]) -> Option<Vec<&'a Migration>> {
    let mut at = found;
    let mut steps = Vec::new();
    while at < ours {
        // From this line or, inside its major version, from the next one that has a migration.
        let next = table
            .iter()
            .filter(|m| m.kind == kind)
            .filter_map(|m| Some((line(m.from)?, line(m.to)?, m)))
            .filter(|(from, to, _)| *from >= at && from.0 == at.0 && to > from && *to <= ours)
            .min_by_key(|(from, ..)| *from);
        match next {
            Some((_, to, migration)) => {
                steps.push(migration);
                at = to;
            }
            None if at.0 == ours.0 => break,
            None => return None,
        }
    }
    Some(steps)
}

/// What to do about a document of another major version.
pub(crate) fn advice(kind: &str, found: &str, ours: &str, table: &[Migration]) -> String {
    let (Some(from), Some(to)) = (line(found), line(ours)) else { return "expected major.minor.patch".into() };
    if from > to {
        format!("it was written by a newer build: use one that writes {kind} {found}")
    } else if path(kind, from, to, table).is_some() {
        format!("migrate it: `reel schema migrate FILE` ({kind} {found} → {ours})")
    } else {
        format!("this build has no migration {kind} {found} → {ours}: use a build that reads {found}")
    }
}

/// Brings a document to this build's version. One that has it already comes back with the same bytes, if they were
/// canonical. The document given is not changed, and both can be kept: each has its own address.
pub fn migrate(bytes: &[u8]) -> Result<Migrated, MigrateError> {
    let value: Value = serde_json::from_slice(bytes).map_err(ReadError::Json)?;
    let text = |key: &str| -> Result<String, ReadError> {
        let found = value.get(key).and_then(Value::as_str).map(str::to_owned);
        found.ok_or_else(|| ReadError::Field { pointer: format!("/{key}"), message: "required field is missing".into() })
    };
    let (id, found) = (text("schema_id")?, text("schema_version")?);
    let kind = documents().iter().find(|d| d.id == id).ok_or_else(|| ReadError::Field {
        pointer: "/schema_id".into(),
        message: format!("no document is called `{}`", id.escape_debug()),
    })?;
    let (value, steps) = carry(value, kind.id, &found, kind.version, MIGRATIONS)?;
    let bytes = canonical_bytes(&value)?;
    kind.check(&bytes)?;
    Ok(Migrated { kind: kind.id, from: found, to: kind.version, steps, hash: Hash::of(&bytes), bytes })
}

/// The document at version `ours`, and what was done.
fn carry(mut value: Value, kind: &str, found: &str, ours: &str, table: &[Migration]) -> Result<(Value, Vec<&'static str>), MigrateError> {
    let told = || (kind.to_owned(), found.to_owned(), ours.to_owned());
    let (Some(from), Some(to)) = (line(found), line(ours)) else {
        let message = format!("`{}` is not a version; expected major.minor.patch", found.escape_debug());
        return Err(ReadError::Field { pointer: "/schema_version".into(), message }.into());
    };
    if from > to {
        let (kind, found, ours) = told();
        return Err(MigrateError::Newer { kind, found, ours });
    }
    let steps = path(kind, from, to, table).ok_or_else(|| {
        let (kind, found, ours) = told();
        MigrateError::NoPath { kind, found, ours }
    })?;
    let Value::Object(map) = &mut value else {
        return Err(ReadError::Field { pointer: String::new(), message: "expected an object".into() }.into());
    };
    for step in &steps {
        (step.up)(map).map_err(|message| MigrateError::Refused {
            kind: kind.to_owned(),
            from: step.from.to_owned(),
            to: step.to.to_owned(),
            message,
        })?;
    }
    map.insert("schema_version".into(), ours.into());
    Ok((value, steps.iter().map(|s| s.about).collect()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A kind that has lived through three majors, so that the rules can be tried before the chain has.
    const PAST: &[Migration] = &[
        Migration {
            kind: "play",
            from: "1.0",
            to: "1.2",
            about: "acts are named",
            up: |map| {
                map.entry("acts").or_insert_with(|| json!([]));
                Ok(())
            },
        },
        Migration {
            kind: "play",
            from: "1.2",
            to: "2.0",
            about: "seconds become milliseconds",
            up: |map| {
                if let Some(seconds) = map.remove("length_s") {
                    let seconds = seconds.as_u64().ok_or("/length_s: expected whole seconds")?;
                    map.insert("length_ms".into(), json!(seconds * 1000));
                }
                Ok(())
            },
        },
        Migration {
            kind: "play",
            from: "2.1",
            to: "3.0",
            about: "acts are scenes",
            up: |map| {
                if let Some(acts) = map.remove("acts") {
                    map.insert("scenes".into(), acts);
                }
                Ok(())
            },
        },
    ];

    fn play(version: &str, from: Value) -> Result<(Value, Vec<&'static str>), MigrateError> {
        carry(from, "play", version, "3.1.0", PAST)
    }

    #[test]
    fn a_document_goes_through_every_major_on_its_way_and_keeps_what_nobody_asked_about() {
        let (value, steps) = play("1.0.0", json!({"schema_version": "1.0.0", "length_s": 60, "colour": "red"})).expect("migrates");
        assert_eq!(value, json!({"schema_version": "3.1.0", "length_ms": 60_000, "scenes": [], "colour": "red"}));
        assert_eq!(steps, ["acts are named", "seconds become milliseconds", "acts are scenes"]);
        // A minor between two that have migrations, and one after the last.
        assert_eq!(play("1.1.4", json!({"length_s": 1})).expect("migrates").1.len(), 2);
        assert_eq!(play("2.0.0", json!({"acts": [1]})).expect("migrates").0["scenes"], json!([1]));
        assert_eq!(play("3.0.0", json!({})).expect("migrates").1, Vec::<&str>::new());
    }

    #[test]
    fn doing_it_twice_is_doing_it_once() {
        for migration in PAST.iter().chain(MIGRATIONS) {
            let mut once = json!({"length_s": 7, "acts": ["one"], "remade": ["sc01-b01-s1"]}).as_object().cloned().unwrap_or_default();
            (migration.up)(&mut once).expect("migrates");
            let mut twice = once.clone();
            (migration.up)(&mut twice).expect("migrates");
            assert_eq!(once, twice, "{} {} → {}", migration.kind, migration.from, migration.to);
        }
    }

    #[test]
    fn an_older_major_is_refused_with_the_command_to_run() {
        assert_eq!(advice("play", "1.0.0", "3.1.0", PAST), "migrate it: `reel schema migrate FILE` (play 1.0.0 → 3.1.0)");
        assert_eq!(advice("play", "4.0.0", "3.1.0", PAST), "it was written by a newer build: use one that writes play 4.0.0");
        let none = advice("play", "0.9.0", "3.1.0", PAST);
        assert_eq!(none, "this build has no migration play 0.9.0 → 3.1.0: use a build that reads 0.9.0");
    }

    #[test]
    fn what_cannot_be_carried_over_is_refused_and_named() {
        assert!(matches!(play("4.0.0", json!({})), Err(MigrateError::Newer { .. })));
        assert!(matches!(play("0.9.0", json!({})), Err(MigrateError::NoPath { .. })));
        let error = play("1.2.0", json!({"length_s": "long"})).expect_err("is refused");
        assert_eq!(error.to_string(), "play 1.2 → 2.0: /length_s: expected whole seconds");
        assert!(play("one", json!({})).expect_err("is refused").to_string().contains("expected major.minor.patch"));
    }

    #[test]
    fn a_migration_moves_forward_and_no_two_leave_one_line() {
        for (n, one) in MIGRATIONS.iter().enumerate() {
            assert!(line(one.from) < line(one.to), "{}", one.kind);
            assert!(documents().iter().any(|d| d.id == one.kind && line(one.to) <= line(d.version)), "{} {}", one.kind, one.to);
            assert!(MIGRATIONS[n + 1..].iter().all(|m| (m.kind, m.from) != (one.kind, one.from)), "{} {}", one.kind, one.from);
        }
    }
}
