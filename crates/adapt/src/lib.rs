//! Script + TableRead → ShotList → AssetManifest, with the timing lock; and, once needs are met, → RenderPlan.
//!
//! # Invariants
//! - Pure: the same documents give the same bytes on any machine. No clock, no choice that is not seeded by an id.
//! - Shots last whole frames, never more than [`MAX_SHOT_MS`], and are sized around lines that were really spoken.
//! - Shot ids hang on beats, so that an inserted beat renames nothing.
//! - The crate knows neither the canon store nor the renderer nor any provider: it reads values, and the manifest it
//!   writes names needs and nobody who could meet them.

mod direct;
mod hand;
mod manifest;
mod plan;
mod takes;
mod time;
mod titles;

pub use hand::check_notes;
pub use manifest::manifest;
pub use plan::{MUSIC_CB, Profile, mix_settings, planned_shot, render_plan};
pub use takes::{NoTake, takeable, with_takes};
pub use time::{MAX_SHOT_MS, shot_list};

use contracts::{
    canon::Canon,
    notes::{NoteFault, Notes},
    project::Project,
    story::{Cast, Script},
    table_read::TableRead,
};

/// What is adapted: values, not stores.
#[derive(Clone, Copy)]
pub struct Story<'a> {
    /// The project.
    pub project: &'a Project,
    /// The world as it stands during the episode: the canon with the episode's own facts, each with its cause.
    pub canon: &'a Canon,
    /// Who is seen and heard.
    pub cast: &'a Cast,
    /// Scenes, beats, lines.
    pub script: &'a Script,
    /// What a person decided about shots and music; the lines among them are already in the script.
    pub notes: &'a Notes,
    /// The lines, spoken.
    pub read: &'a TableRead,
}

/// Why a script cannot be adapted.
#[derive(Debug, thiserror::Error)]
pub enum AdaptError {
    /// The script names something the other documents do not have.
    #[error("{place}: {what} `{id}` is named but not in the {missing_from}")]
    Unknown {
        /// The scene, beat or line.
        place: String,
        /// What kind of thing.
        what: &'static str,
        /// Its id.
        id: String,
        /// Where it should be.
        missing_from: &'static str,
    },
    /// Nothing to show.
    #[error("the script has no beats: an episode needs at least one scene with one beat")]
    Empty,
    /// A note of the author's that cannot be followed.
    #[error(transparent)]
    Note(#[from] NoteFault),
    /// A name grew too long to be an id.
    #[error(transparent)]
    Id(#[from] contracts::IdError),
    /// A document has no canonical form.
    #[error(transparent)]
    Canonical(#[from] contracts::CanonicalError),
}
