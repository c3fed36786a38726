//! The programs this machine has, found once a run; a missing one is said before any work starts.

use std::sync::Arc;

use contracts::{Hash, project::Project};
use kit::process::System;
use media::{ffmpeg::Ffmpeg, speech::Engine};

use crate::failure::Failure;

/// What a run works with.
pub struct Tools {
    /// Encoder and decoder.
    pub ffmpeg: Arc<Ffmpeg>,
    /// Who speaks; nobody in a film without voices.
    pub speech: Option<Engine>,
}

impl Tools {
    /// Finds what this project needs.
    pub fn find(project: &Project, voiced: bool) -> Result<Self, Failure> {
        let Self { ffmpeg, .. } = Self::encoder()?;
        let speech = if voiced { Some(speech(&project.language)?) } else { None };
        Ok(Self { ffmpeg, speech })
    }

    /// The encoder alone, for whoever has no line left to speak.
    pub fn encoder() -> Result<Self, Failure> {
        let ffmpeg = Ffmpeg::find().map_err(|_| Failure::tool_missing("ffmpeg", "ffmpeg", ""))?;
        let ffmpeg = Arc::new(ffmpeg);
        // It is asked who it is while a story is told or a package read; the first shot waits for its answer.
        let asked = Arc::clone(&ffmpeg);
        std::thread::spawn(move || drop(asked.fingerprint()));
        Ok(Self { ffmpeg, speech: None })
    }

    /// The build of the encoder, for the keys of what it makes.
    pub fn encoder_fingerprint(&self) -> Result<Hash, Failure> {
        self.ffmpeg.fingerprint().map(|f| Hash::of(f.as_bytes())).map_err(Failure::step)
    }

    /// The build of the speech engine, for the keys of what it says.
    pub fn speech_fingerprint(&self) -> Hash {
        Hash::of(self.speech.as_ref().map(Engine::fingerprint).unwrap_or_default().as_bytes())
    }
}

/// The speech engine of a language.
pub fn speech(language: &str) -> Result<Engine, Failure> {
    Engine::detect(&System, language).map_err(|error| {
        let (program, package) = if language.starts_with("en") { ("flite", "flite") } else { ("espeak-ng", "espeak-ng") };
        let mut failure = Failure::tool_missing(program, package, ", or make the film silent with --no-voice");
        failure.message = format!("no voice for `{language}`: {error}");
        failure
    })
}
