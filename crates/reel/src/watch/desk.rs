//! What the page shows now: the latest draft, what is being made, what went wrong. The loop writes it, the server reads it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use contracts::Hash;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::{failure::Failure, storyboard::Board};

/// A draft that is finished.
pub struct Draft {
    /// From 1, in this session.
    pub number: u64,
    /// Its panels.
    pub board: Board,
    /// Which of them were made again for it.
    pub remade: Vec<bool>,
    /// The film and its captions, as names of [`Desk::file`].
    pub film: String,
    pub captions: String,
    /// The picture shows the captions already.
    pub drawn: bool,
    /// A picture a panel, as names of [`Desk::file`].
    pub stills: Vec<String>,
    /// What only has a stand-in, and why.
    pub stand_ins: Vec<(String, String)>,
    /// What was not as asked for.
    pub notes: Vec<String>,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u64,
}

/// Why there is no newer draft.
#[derive(Clone)]
pub struct Trouble {
    pub code: &'static str,
    pub message: String,
    pub hint: String,
}

impl Trouble {
    pub fn of(failure: &Failure) -> Self {
        Self { code: failure.code, message: failure.message.clone(), hint: failure.hint.to_string() }
    }
}

/// What the server may hand out under a name.
#[derive(Clone)]
pub struct File {
    /// Its media type.
    pub kind: &'static str,
    /// Where the registry keeps it.
    pub path: PathBuf,
}

/// What the page shows.
#[derive(Clone, Default)]
pub struct Now {
    /// What is being made; empty when nothing is.
    pub making: String,
    /// The latest draft.
    pub draft: Option<Arc<Draft>>,
    /// Why there is no newer one.
    pub trouble: Option<Trouble>,
    /// Counts drafts and troubles: the page asks for its panels again when it moves.
    pub version: u64,
}

impl Now {
    /// For the page's script.
    pub fn event(&self) -> Value {
        json!({"mood": self.mood(), "version": self.version, "film": self.draft.as_ref().map_or("", |d| &d.film),
            "captions": self.draft.as_ref().map_or("", |d| &d.captions), "drawn": self.draft.as_ref().is_some_and(|d| d.drawn), "line": self.line()})
    }

    /// How the line on how it stands is shown.
    pub fn mood(&self) -> &'static str {
        match (self.making.is_empty(), &self.trouble) {
            (false, _) => "making",
            (true, Some(_)) => "stuck",
            (true, None) => "",
        }
    }

    /// One line on how it stands.
    pub fn line(&self) -> String {
        if !self.making.is_empty() {
            return format!("making {}", self.making);
        }
        match (&self.draft, &self.trouble) {
            (None, None) => "starting".into(),
            (None, Some(_)) => "no draft yet".into(),
            (Some(draft), trouble) => {
                let again = match draft.remade.iter().filter(|r| **r).count() {
                    0 => "no shot made again".to_owned(),
                    again => format!("{again} of {} shots made", draft.remade.len()),
                };
                let seconds = format!("{}.{} s", draft.elapsed_ms / 1000, draft.elapsed_ms % 1000 / 100);
                let state = if trouble.is_some() { "stopped by an error: still showing draft" } else { "draft" };
                format!("{state} {} · {again}, in {seconds}", draft.number)
            }
        }
    }
}

/// What loop and server share.
pub struct Desk {
    now: Mutex<Now>,
    files: Mutex<BTreeMap<String, File>>,
    bell: watch::Sender<()>,
}

impl Desk {
    pub fn new() -> Arc<Self> {
        Arc::new(Self { now: Mutex::default(), files: Mutex::default(), bell: watch::Sender::new(()) })
    }

    /// How it stands.
    pub fn now(&self) -> Now {
        lock(&self.now).clone()
    }

    /// Changes what is shown, and tells every page.
    pub fn set(&self, change: impl FnOnce(&mut Now)) {
        change(&mut lock(&self.now));
        self.bell.send_replace(());
    }

    /// Rings when something changed.
    pub fn bell(&self) -> watch::Receiver<()> {
        self.bell.subscribe()
    }

    /// Lets the server hand out a stored file, under a name that is its address. What was handed out once stays: a page
    /// may still play it.
    pub fn offer(&self, hash: &Hash, path: PathBuf, end: &str, kind: &'static str) -> String {
        let name = format!("{hash}.{end}");
        lock(&self.files).insert(name.clone(), File { kind, path });
        name
    }

    /// A file that was offered under this very name.
    pub fn file(&self, name: &str) -> Option<File> {
        lock(&self.files).get(name).cloned()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
