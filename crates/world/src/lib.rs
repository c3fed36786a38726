//! Arc, plan, cast, script and CanonDiff from canon and goals, by a template writer behind `StoryWriter`. Knows neither media nor storage.
//!
//! The writer works in layers, each pure, and read by the gate before the next: pack → kernel → season (arc and hidden truth)
//! → episode plan → actions → line intents → candidate moulds → ranked lines → gate. Nothing below the intents invents a fact; nothing
//! above them holds a finished sentence but a kernel's own moulds.
//!
//! # Invariants
//! - The same project and canon give the same documents to the byte: every choice is drawn from a stream keyed by project, beat and layer.
//! - A script leaves this crate only when the canon gate, the lint and the judge pass it; otherwise an error says what failed.
//! - No word of camera stands in a script.
//! - Pack data is text beside the source; no file is read at run time.

mod bind;
pub mod edit;
pub mod export;
pub mod fountain;
pub mod judge;
pub mod lint;
pub mod model;
mod pack;
mod plan;
mod rank;
mod season;
mod template;
pub mod text;
mod write;

use contracts::{
    CanonicalError, Id,
    canon::{Canon, CanonDiff, Verdict},
    project::Project,
    story::{Cast, EpisodePlan, Script, StoryArc},
};

pub use pack::{fingerprint, genres, kernels, seconds};
pub use season::{Episode, produce};
pub use template::{TemplateWriter, complete_canon, drawn, starter_canon};

/// Whoever writes: each call takes what was decided before and gives the next document of the chain.
pub trait StoryWriter {
    /// What the season asks, hides and pays, from a complete canon.
    fn arc(&self, project: &Project, canon: &Canon) -> Result<StoryArc, WorldError>;

    /// What secretly happened, as one diff that is accepted before episode 1: no later reveal can then be a retcon. It carries no
    /// verdict; `canon::gate_facts` judges it.
    fn truth(&self, project: &Project, canon: &Canon, arc: &StoryArc) -> Result<CanonDiff, WorldError>;

    /// Look and voice of everyone, and the diff that accepts them into canon (`canon::gate_facts` judges it).
    fn cast(&self, project: &Project, canon: &Canon, arc: &StoryArc) -> Result<(Cast, CanonDiff), WorldError>;

    /// One episode before a line is written. `canon` holds what the episodes before it left.
    fn plan(&self, project: &Project, canon: &Canon, arc: &StoryArc, number: u32) -> Result<EpisodePlan, WorldError>;

    /// Scenes, actions and lines, and the change of canon they claim (without a verdict; `canon::gate` judges it).
    fn script(
        &self,
        project: &Project,
        canon: &Canon,
        arc: &StoryArc,
        plan: &EpisodePlan,
        cast: &Cast,
    ) -> Result<(Script, CanonDiff), WorldError>;
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// No pack of this genre.
    #[error("no pack writes the genre `{genre}`; this build writes: {known}")]
    UnknownGenre {
        /// The genre asked for.
        genre: Id,
        /// The genres there are.
        known: String,
    },
    /// The pack has no such situation.
    #[error("kernel = `{kernel}`: the `{genre}` pack has no such situation; it has: {known}")]
    UnknownKernel {
        /// The genre.
        genre: Id,
        /// The kernel asked for.
        kernel: Id,
        /// The kernels there are.
        known: String,
    },
    /// The season has no such episode.
    #[error("episode {wanted} does not exist: the situation `{kernel}` carries {known}")]
    NoEpisode {
        /// The kernel.
        kernel: Id,
        /// The number asked for.
        wanted: u32,
        /// The episodes there are, in words.
        known: String,
    },
    /// An episode asked for before the one it follows is in canon.
    #[error("episode {wanted} follows episode {needs}, which the canon does not hold yet; produce episode {needs} first")]
    TooEarly {
        /// The number asked for.
        wanted: u32,
        /// The number that is missing.
        needs: u32,
    },
    /// A length this pack does not write.
    #[error("target_duration_s = {wanted}: the `{genre}` pack writes episodes of {low} to {high} seconds; set a target between them")]
    Length {
        /// The genre.
        genre: Id,
        /// The seconds asked for.
        wanted: u32,
        /// The shortest.
        low: u32,
        /// The longest.
        high: u32,
    },
    /// The situation cannot be bound to this canon.
    #[error("the canon cannot carry this story: `{slot}` {why}")]
    Binding {
        /// The slot of the kernel.
        slot: String,
        /// Why nothing fits it.
        why: String,
    },
    /// Two people a listener would confuse.
    #[error("`{one}` and `{other}` begin with the same letter; give one of them another name")]
    Names {
        /// One.
        one: String,
        /// The other.
        other: String,
    },
    /// A canon of another project.
    #[error("this canon belongs to the project `{canon}`, not to `{project}`")]
    OtherProject {
        /// The project named in the canon.
        canon: Id,
        /// The project at hand.
        project: Id,
    },
    /// A gate refused.
    #[error("the {} gate refused: {}", .0.gate, .0.findings.iter().filter(|f| f.blocks).map(canon::told).collect::<Vec<_>>().join("; "))]
    Refused(Verdict),
    /// No candidate script passes.
    #[error("no script of episode {number} passes the writer's own tests: {why}")]
    NoScript {
        /// The episode.
        number: u32,
        /// What the best one failed.
        why: String,
    },
    /// Whoever asked the model was stopped.
    #[error("the work was stopped while a model was asked")]
    Stopped,
    /// A screenplay cannot be made into a film.
    #[error("{file}{}: {message}", if *.line > 0 { format!(" line {line}") } else { String::new() })]
    Fountain {
        /// The file, as the author calls it.
        file: String,
        /// The line, from 1; 0 for the whole file.
        line: u32,
        /// What is wrong there, and what is allowed.
        message: String,
    },
    /// The pack's own data is wrong.
    #[error("pack data `{file}`: {message}")]
    Pack {
        /// Which.
        file: String,
        /// What is wrong.
        message: String,
    },
    /// A diff was not applied.
    #[error(transparent)]
    Diff(#[from] canon::DiffError),
    /// A document has no canonical form.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
}
