//! The video engine: a Timeline in; frames, PCM, segments and a film out. Knows neither story nor storage nor how a plate
//! was made.
//!
//! # Invariants
//! - Composed frames and mixed samples are the same bytes on every machine; encoded ones for one build of ffmpeg.
//! - A shot's segment depends on its [`timeline::TimelineShot`], on that of the shot before it when it dissolves, and on
//!   the encoder's settings, and on nothing else. Calls share nothing and use one thread each.
//! - Success is said of a file that was decoded and counted.

pub mod captions;
pub mod clip;
pub mod compositor;
pub mod join;
pub mod look;
pub mod measure;
pub mod mix;
pub mod package;
pub mod player;
pub mod sheet;
pub mod shot;
pub mod soundtrack;
pub mod timeline;

/// Why a film or a part of it was not rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A picture is absent or unfit.
    #[error("{shot}: {error}")]
    Compose {
        /// The shot.
        shot: contracts::Id,
        /// What is wrong.
        error: compositor::ComposeError,
    },
    /// A tool failed, or a file is not what it should be.
    #[error("{what}: {error}")]
    Media {
        /// The shot, or `film`.
        what: String,
        /// What happened.
        error: media::MediaError,
    },
    /// What came out is not what was asked for.
    #[error("{what}: {fault}")]
    Fault {
        /// The shot, or `film`.
        what: String,
        /// What is wrong with it.
        fault: String,
    },
}

impl RenderError {
    fn media(what: &str) -> impl FnOnce(media::MediaError) -> Self + '_ {
        move |error| Self::Media { what: what.to_owned(), error }
    }

    fn fault(what: &str, fault: impl Into<String>) -> Self {
        Self::Fault { what: what.to_owned(), fault: fault.into() }
    }
}
