//! The one door to media tools and files: ffmpeg, speech engines, PNG and WAV, font files. Knows neither story nor timelines.
//!
//! # Invariants
//! - No file is believed by its name or its header: formats are forced, and what counts is what was decoded.
//! - Text never becomes part of a filter, a list or an option; it travels as one argument or as an escaped line.
//! - What is written here is the same bytes for one build of a tool, whose [`ffmpeg::Ffmpeg::fingerprint`] goes into keys.

use std::path::PathBuf;

pub mod clip;
mod cover;
pub mod ffmpeg;
pub mod fonts;
mod h264;
pub mod image;
pub mod import;
mod mp4;
pub mod music;
pub mod probe;
pub mod resample;
pub mod segment;
pub mod speech;
pub mod wav;

/// Why a film or a part of it could not be made or read.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// A tool is missing, failed, or ran too long.
    #[error(transparent)]
    Process(#[from] kit::process::ProcessError),
    /// A file could not be read or written.
    #[error("{}: {error}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// A file, or what a tool said of it, is not what it should be.
    #[error("{what}: {fault}")]
    Fault {
        /// Which file or setting.
        what: String,
        /// What is wrong with it.
        fault: String,
    },
}

/// Begins a file in a folder of the caller's own, for what is written piece by piece.
///
/// # Errors
/// What the system said, with the file's name.
pub fn create(path: &std::path::Path) -> Result<std::fs::File, MediaError> {
    kit::working::create(path).map_err(|error| MediaError::File { path: path.to_owned(), error })
}

impl MediaError {
    /// A fault of a file, named by its path.
    pub fn of_file(path: &std::path::Path, fault: impl Into<String>) -> Self {
        Self::Fault { what: path.display().to_string(), fault: fault.into() }
    }
}
