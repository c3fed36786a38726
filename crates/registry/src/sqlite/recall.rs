//! The index of recall in a file of its own: words by FTS5, vectors beside them. What stands in it can be lost without loss: nothing
//! true is read from it, and whoever owns the canon fills it again.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use contracts::Id;
use rusqlite::{Connection, params};

use super::{open, ready};
use crate::RegistryError;

/// The most words of a question that are looked up.
const WORDS: usize = 64;

const LAYOUT: &str = "
CREATE VIRTUAL TABLE IF NOT EXISTS remembered USING fts5(project UNINDEXED, name UNINDEXED, body, tokenize = 'porter unicode61');
CREATE TABLE IF NOT EXISTS vectors (
    project TEXT NOT NULL, name TEXT NOT NULL, embedder TEXT NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (project, name)
) WITHOUT ROWID;
";

/// A text to be found again under a name, with its vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// What is found.
    pub name: String,
    /// By what it is found.
    pub text: String,
    /// Where it lies in the space of the embedder.
    pub vector: Vec<i16>,
}

/// An index of what may be recalled, by project. Blocks on the disk.
pub struct RecallIndex(Mutex<Connection>);

impl RecallIndex {
    /// Opens an index, and makes it when it is missing.
    ///
    /// # Errors
    /// The file cannot be opened, or is no such index: it may be removed, for nothing stands in it alone.
    pub fn open(path: &Path) -> Result<Self, RegistryError> {
        let opened = open(path, false).and_then(|conn| Ok(conn.execute_batch(LAYOUT).map(|()| conn)?));
        opened.map(|conn| Self(Mutex::new(conn))).map_err(|error| match error {
            RegistryError::Database(source) => RegistryError::CannotOpen { path: path.to_owned(), source },
            other => other,
        })
    }

    /// One in memory, gone with the process.
    ///
    /// # Errors
    /// The database refuses.
    pub fn in_memory() -> Result<Self, RegistryError> {
        let conn = ready(Connection::open_in_memory()?)?;
        conn.execute_batch(LAYOUT)?;
        Ok(Self(Mutex::new(conn)))
    }

    fn conn(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts entries in, all or none; one of a name already there takes its place. `embedder` names who made the vectors.
    ///
    /// # Errors
    /// The database refuses.
    pub fn remember(&self, project: &Id, embedder: &str, entries: &[Remembered]) -> Result<(), RegistryError> {
        let mut conn = self.conn();
        let all = conn.transaction()?;
        for entry in entries {
            all.prepare_cached("DELETE FROM remembered WHERE rowid IN (SELECT rowid FROM remembered WHERE project = ?1 AND name = ?2)")?
                .execute(params![project.as_str(), entry.name])?;
            all.prepare_cached("INSERT INTO remembered (project, name, body) VALUES (?1, ?2, ?3)")?.execute(params![
                project.as_str(),
                entry.name,
                entry.text
            ])?;
            let bytes: Vec<u8> = entry.vector.iter().flat_map(|n| n.to_le_bytes()).collect();
            all.prepare_cached("INSERT OR REPLACE INTO vectors (project, name, embedder, vector) VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![project.as_str(), entry.name, embedder, bytes])?;
        }
        Ok(all.commit()?)
    }

    /// Names whose texts share words with a question, the nearest first; of equals, by name. Any text may be asked: it is taken
    /// for words, never for the language of the index.
    ///
    /// # Errors
    /// The database refuses.
    pub fn by_words(&self, project: &Id, text: &str, most: usize) -> Result<Vec<String>, RegistryError> {
        let words: Vec<String> =
            text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).take(WORDS).map(|w| format!("\"{w}\"")).collect();
        if words.is_empty() {
            return Ok(vec![]);
        }
        let conn = self.conn();
        let mut asked = conn.prepare_cached(
            "SELECT name FROM remembered WHERE remembered MATCH ?1 AND project = ?2 ORDER BY CAST(rank * 1000 AS INTEGER), name LIMIT ?3",
        )?;
        let found =
            asked.query_map(params![words.join(" OR "), project.as_str(), i64::try_from(most).unwrap_or(i64::MAX)], |row| row.get(0))?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// Every name with its vector, by name, of those the embedder of this name made.
    ///
    /// # Errors
    /// The database refuses.
    pub fn vectors(&self, project: &Id, embedder: &str) -> Result<Vec<(String, Vec<i16>)>, RegistryError> {
        let conn = self.conn();
        let mut asked = conn.prepare_cached("SELECT name, vector FROM vectors WHERE project = ?1 AND embedder = ?2 ORDER BY name")?;
        let found = asked.query_map(params![project.as_str(), embedder], |row| {
            let bytes: Vec<u8> = row.get(1)?;
            let pairs = bytes.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]]));
            Ok((row.get(0)?, pairs.collect()))
        })?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// Forgets all of a project.
    ///
    /// # Errors
    /// The database refuses.
    pub fn forget(&self, project: &Id) -> Result<(), RegistryError> {
        let conn = self.conn();
        conn.execute("DELETE FROM remembered WHERE rowid IN (SELECT rowid FROM remembered WHERE project = ?1)", params![project.as_str()])?;
        conn.execute("DELETE FROM vectors WHERE project = ?1", params![project.as_str()])?;
        Ok(())
    }
}
