//! Spoken lines: flite for English, espeak-ng for other languages, as child processes (writing direction §3.2); before them
//! whatever an operator set up: a server that speaks the OpenAI interface, or piper.
//!
//! A line is spoken sentence by sentence, because the engine's own pause at a full stop runs two sentences together; each
//! sentence loses its own silence and they are joined with 260 ms. Text reaches an engine as the value of one option or by
//! its standard input: it can become neither an option nor a path, whatever it holds.

mod casting;
mod espeak;
mod flite;
mod marks;
mod outside;
mod respell;
mod tone;

use std::time::Duration;

use contracts::{
    story::VoiceType,
    table_read::{Mouth, MouthMark, WordMark},
};
use kit::{
    egress::EgressError,
    process::{Invocation, ProcessError, Runner, Tool},
};

use crate::{
    resample::Resampler,
    wav::{self, WavError},
};

pub use casting::{Casting, cast};
pub use marks::MOUTH_HOLD;
pub use outside::{PiperSettings, PiperVoice, ServerSettings, SpeechSettings};
pub use respell::{Respelled, respell};

/// Silence between the sentences of a line: 260 ms.
pub const JOINT: usize = 12_480;
/// The longest line that is spoken, in characters.
pub const MAX_CHARS: usize = 2_000;
/// Changes when what is made of an engine's sound changes, so that step keys do.
const MAKING: u32 = 1;
/// The longest a single sentence may take an engine.
const DEADLINE: Duration = Duration::from_secs(60);

/// A spoken line.
#[derive(Clone, Debug, PartialEq)]
pub struct Spoken {
    /// 48 kHz mono. The voiced part stands at −20 dBFS RMS, no sample above −3 dBFS.
    pub samples: Vec<i16>,
    /// One mark for every word of the text that white space separates, in order, inside the line.
    pub words: Vec<WordMark>,
    /// What the mouth does, from sample 0 on, each shape held [`MOUTH_HOLD`] samples or more.
    pub mouth: Vec<MouthMark>,
    /// `flite` or `espeak-ng`.
    pub engine: String,
    /// Voice with its settings, such as `slt stretch=0.99 f0=175`.
    pub voice: String,
}

/// Why a line was not spoken.
#[derive(Debug, thiserror::Error)]
pub enum SpeechError {
    /// No engine speaks the language here.
    #[error("no voice for `{language}`: {reason}")]
    NoEngine {
        /// The language asked for.
        language: String,
        /// Each engine and why it cannot.
        reason: String,
    },
    /// The line holds no letter or digit the engine can read.
    #[error("nothing to say in `{text}`: it holds no letter and no digit that {engine} can read")]
    NothingToSay {
        /// The engine.
        engine: &'static str,
        /// The line.
        text: String,
    },
    /// The line is longer than [`MAX_CHARS`].
    #[error("a line of {chars} characters is too long to speak; at most {MAX_CHARS}")]
    TooLong {
        /// Its length.
        chars: usize,
    },
    /// The engine spoke and nothing was heard.
    #[error("`{engine}` gave silence for `{text}`")]
    Silent {
        /// The engine.
        engine: &'static str,
        /// The sentence.
        text: String,
    },
    /// The engine answered with something that is not a sound.
    #[error("`{engine}` gave no usable sound for `{text}`")]
    BadSound {
        /// The engine.
        engine: &'static str,
        /// The sentence.
        text: String,
        /// What is wrong with it.
        #[source]
        source: WavError,
    },
    /// The engine did not run to its end.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The server could not be asked.
    #[error(transparent)]
    Egress(#[from] EgressError),
    /// The server answered, and not with a sound.
    #[error("the speech server answered with status {status}: {said}")]
    Refused {
        /// Its status.
        status: u16,
        /// The begin of what it said.
        said: String,
    },
}

impl SpeechError {
    /// Whether the line is at fault and not the hour: asked again, the engine would fail again.
    pub fn lasts(&self) -> bool {
        match self {
            Self::NothingToSay { .. } | Self::TooLong { .. } | Self::Silent { .. } | Self::BadSound { .. } => true,
            Self::Process(error) => matches!(error, ProcessError::Failed { .. } | ProcessError::Deadline { .. }),
            Self::Refused { status, .. } => (400..500).contains(status) && !matches!(status, 401 | 403 | 404 | 408 | 429),
            Self::NoEngine { .. } | Self::Egress(_) => false,
        }
    }
}

/// A speech engine that was found on this machine and speaks the language.
#[derive(Clone, Debug)]
pub struct Engine {
    kind: Kind,
    note: Option<String>,
}

#[derive(Clone, Debug)]
enum Kind {
    Flite {
        tool: Tool,
        version: String,
    },
    /// With its voice for the language.
    Espeak {
        tool: Tool,
        version: String,
        voice: String,
    },
    Piper(outside::Piper),
    Server(outside::Server),
}

/// A sentence as an engine gave it: its own silence taken off, at 48 kHz.
struct Sentence {
    sound: Vec<f64>,
    /// Phones inside `sound`, in order; empty when the engine does not tell.
    phones: Vec<marks::Phone>,
}

impl Engine {
    /// Finds the engine for a BCP 47 language tag: flite for English when all its voices are there, else espeak-ng.
    ///
    /// # Errors
    /// [`SpeechError::NoEngine`] with the reason for each engine, when none can speak.
    pub fn detect(runner: &dyn Runner, language: &str) -> Result<Self, SpeechError> {
        Self::choose(runner, language, Tool::find("flite"), Tool::find("espeak-ng"))
    }

    /// Every engine an operator set up, by the name it has in `speech.toml`: what it is, or why it cannot speak. A server is
    /// looked for and told nothing; one on another machine is left in peace, as a project may not let it be asked.
    pub fn survey(settings: &SpeechSettings) -> Vec<(&'static str, Result<String, String>)> {
        let first = |languages: &Option<Vec<String>>| languages.as_ref().and_then(|l| l.first()).map_or("en", String::as_str).to_owned();
        let mut found = Vec::new();
        if let Some(server) = &settings.server {
            let about = format!("{}, model {}, voice {}", server.url, server.model, server.voice);
            let answer = match outside::elsewhere(server) {
                Ok(true) => {
                    Ok(format!("{about}; on another machine: asked by projects that say external = \"allowed\", not looked for now"))
                }
                Ok(false) => outside::Server::find(server, &first(&server.languages), false).map(|_| format!("{about}; somebody listens")),
                Err(why) => Err(why),
            };
            found.push(("server", answer.map_err(|why| format!("{}: {why}", server.url))));
        }
        if let Some(piper) = &settings.piper {
            let about = format!("{}, model {}", piper.command, piper.model.display());
            let answer = outside::Piper::find(piper, &first(&piper.languages)).map(|_| about);
            found.push(("piper", answer));
        }
        let plain = |text: String| outside::plain(&text);
        found.into_iter().map(|(name, answer)| (name, answer.map(plain).map_err(plain))).collect()
    }

    /// What an operator set up for a language, the first choice first, and why the rest cannot speak. `away`: whether the
    /// project lets anything leave this machine.
    pub fn configured(settings: &SpeechSettings, language: &str, away: bool) -> (Vec<Self>, Vec<String>) {
        let (mut engines, mut reasons) = (Vec::new(), Vec::new());
        if let Some(server) = &settings.server {
            match outside::Server::find(server, language, away) {
                Ok(server) => engines.push(Self { kind: Kind::Server(server), note: None }),
                Err(why) => reasons.push(format!("the speech server of speech.toml is not asked: {why}")),
            }
        }
        if let Some(piper) = &settings.piper {
            match outside::Piper::find(piper, language) {
                Ok(piper) => engines.push(Self { kind: Kind::Piper(piper), note: None }),
                Err(why) => reasons.push(format!("the piper of speech.toml is not used: {why}")),
            }
        }
        (engines, reasons)
    }

    /// As [`Engine::detect`], with the tools already looked up.
    ///
    /// # Errors
    /// As [`Engine::detect`].
    pub fn choose(
        runner: &dyn Runner,
        language: &str,
        flite: Result<Tool, ProcessError>,
        espeak: Result<Tool, ProcessError>,
    ) -> Result<Self, SpeechError> {
        let mut reasons = Vec::new();
        if is_english(language) {
            match flite.map_err(|e| e.to_string()).and_then(|tool| flite::probe(runner, &tool).map(|version| (tool, version))) {
                Ok((tool, version)) => return Ok(Self { kind: Kind::Flite { tool, version }, note: None }),
                Err(reason) => reasons.push(reason),
            }
        }
        match espeak.map_err(|e| e.to_string()).and_then(|tool| espeak::probe(runner, &tool, language).map(|found| (tool, found))) {
            Ok((tool, (version, voice))) => {
                let note = reasons.pop().map(|reason| format!("English is spoken by espeak-ng, because {reason}"));
                Ok(Self { kind: Kind::Espeak { tool, version, voice }, note })
            }
            Err(reason) => {
                reasons.push(reason);
                Err(SpeechError::NoEngine { language: language.escape_debug().to_string(), reason: reasons.join("; ") })
            }
        }
    }

    /// `flite`, `espeak-ng`, `piper` or `server`.
    pub fn name(&self) -> &'static str {
        match self.kind {
            Kind::Flite { .. } => "flite",
            Kind::Espeak { .. } => "espeak-ng",
            Kind::Piper(_) => "piper",
            Kind::Server(_) => "server",
        }
    }

    /// Why this engine speaks in place of the first choice, when it does.
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// Whether it says the same line in the same way again.
    pub fn repeats(&self) -> bool {
        matches!(self.kind, Kind::Flite { .. } | Kind::Espeak { .. })
    }

    /// Part of every key of a spoken line: the tool's own version text, its voice for the language, and our making.
    pub fn fingerprint(&self) -> String {
        match &self.kind {
            Kind::Flite { version, .. } => format!("flite [{version}] en making={MAKING}"),
            Kind::Espeak { version, voice, .. } => format!("espeak-ng [{version}] {voice} making={MAKING}"),
            Kind::Piper(piper) => format!("piper [{}] making={MAKING}", piper.version()),
            Kind::Server(server) => format!("server [{}] making={MAKING}", server.version()),
        }
    }

    /// The voice with its settings that a casting gets from this engine.
    pub fn voice(&self, voice: VoiceType, casting: Casting) -> String {
        match &self.kind {
            Kind::Flite { .. } => flite::Setting::of(voice, casting).describe(),
            Kind::Espeak { voice: language, .. } => espeak::Setting::of(voice, casting).describe(language),
            Kind::Piper(piper) => piper.describe(voice, casting),
            Kind::Server(server) => server.describe(voice, casting),
        }
    }

    /// Speaks a line as a person of a casting.
    ///
    /// # Errors
    /// A line that is too long or holds nothing to say, and whatever goes wrong with the engine.
    pub fn speak(&self, runner: &dyn Runner, text: &str, voice: VoiceType, casting: Casting) -> Result<Spoken, SpeechError> {
        let chars = text.chars().count();
        if chars > MAX_CHARS {
            return Err(SpeechError::TooLong { chars });
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        let pieces: Vec<Vec<String>> = words.iter().map(|w| self.pieces(w)).collect();
        if !pieces.iter().flatten().any(|p| p.chars().any(char::is_alphanumeric)) {
            return Err(SpeechError::NothingToSay { engine: self.name(), text: text.escape_debug().to_string() });
        }
        let alone = match &self.kind {
            Kind::Flite { tool, .. } => flite::words_alone(runner, tool, flite::Setting::of(voice, casting), &pieces)?,
            _ => None,
        };

        let mut line = Vec::new();
        let mut spans = Vec::with_capacity(words.len());
        let mut mouths = Vec::new();
        for (number, range) in sentences(&words).into_iter().enumerate() {
            if number > 0 {
                line.resize(line.len() + JOINT, 0.0);
                mouths.push((line.len() as u64 - JOINT as u64, Mouth::Rest));
            }
            let spoken = pieces[range.clone()].concat().join(" ");
            if !spoken.chars().any(char::is_alphanumeric) {
                spans.extend(range.map(|_| None));
                continue;
            }
            let sentence = self.sentence(runner, &spoken, voice, casting)?;
            let offset = line.len() as u64;
            let (own, shapes) = self.place(&sentence, &words[range.clone()], alone.as_ref().map(|a| &a[range.clone()]));
            spans.extend(own.into_iter().map(|s| s.map(|(a, b)| (a + offset, b + offset))));
            mouths.extend(shapes.into_iter().map(|(at, shape)| (at + offset, shape)));
            line.extend(sentence.sound);
        }
        let total = line.len() as u64;
        tone::warm(&mut line);
        Ok(Spoken {
            samples: tone::level(&line),
            words: marks::word_marks(&words, &spans, total),
            mouth: marks::mouth_marks(&mouths, total),
            engine: self.name().to_owned(),
            voice: self.voice(voice, casting),
        })
    }

    /// What an engine is given for a word of the text: the parts of it that are spoken with a pause between them.
    fn pieces(&self, word: &str) -> Vec<String> {
        let plain = match self.kind {
            Kind::Flite { .. } => flite::plain(word),
            Kind::Espeak { .. } => espeak::plain(word),
            Kind::Piper(_) | Kind::Server(_) => outside::plain(word),
        };
        plain.split_whitespace().map(str::to_owned).collect()
    }

    fn sentence(&self, runner: &dyn Runner, text: &str, voice: VoiceType, casting: Casting) -> Result<Sentence, SpeechError> {
        let bad = |source| SpeechError::BadSound { engine: self.name(), text: text.to_owned(), source };
        let mut faster = 1.0;
        let (sound, times) = match &self.kind {
            Kind::Flite { tool, .. } => flite::speak(runner, tool, text, flite::Setting::of(voice, casting))?,
            Kind::Espeak { tool, voice: language, .. } => {
                (espeak::speak(runner, tool, text, language, espeak::Setting::of(voice, casting))?, Vec::new())
            }
            Kind::Piper(piper) => {
                let (sound, pitch) = piper.speak(runner, text, voice, casting)?;
                faster = pitch;
                (sound, Vec::new())
            }
            Kind::Server(server) => {
                let (sound, pitch) = server.speak(text, voice, casting)?;
                faster = pitch;
                (sound, Vec::new())
            }
        };
        let sound = wav::read_stream(&sound).map_err(bad)?;
        if sound.channels != 1 {
            return Err(bad(WavError::Unsupported { what: format!("{} channels", sound.channels) }));
        }
        let Some((first, last)) = tone::sounding(&sound.samples) else {
            return Err(SpeechError::Silent { engine: self.name(), text: text.to_owned() });
        };
        let voiced: Vec<f64> = sound.samples[first..=last].iter().map(|s| f64::from(*s) / 32768.0).collect();
        // Played faster it is higher: steps of 50 Hz keep the resampler's table small.
        let rate = if faster == 1.0 { sound.rate } else { ((f64::from(sound.rate) * faster / 50.0).round() as u32).max(1) * 50 };
        let mut sound48 = Resampler::new(rate, 48_000).run(&voiced);
        // The start is a consonant as often as not: a long fade would take its attack away.
        tone::fade(&mut sound48, 192, 576);
        let (origin, end) = (first as f64 / f64::from(sound.rate), sound48.len() as u64);
        let at = |seconds: f64| (((seconds - origin) * 48_000.0).round().max(0.0) as u64).min(end);
        let mut phones = Vec::new();
        let mut start = 0;
        for (name, seconds) in times {
            let until = at(seconds).max(start);
            if until > start {
                phones.push(marks::Phone { name, start, end: until });
            }
            start = until;
        }
        // The engine's end times and its sound may differ by a few samples: the last phone lasts to the end.
        if let Some(last) = phones.iter_mut().rfind(|p| !p.is_pause()) {
            last.end = end;
        }
        phones.retain(|p| !p.is_pause() || p.end < end);
        Ok(Sentence { sound: sound48, phones })
    }

    /// Word spans and mouth shapes of one sentence, in its own samples.
    #[allow(clippy::type_complexity, reason = "two short lists that go straight into the line's")]
    fn place(&self, sentence: &Sentence, words: &[&str], alone: Option<&[Vec<String>]>) -> (Vec<Option<(u64, u64)>>, Vec<(u64, Mouth)>) {
        let letters = |w: &&str| w.chars().filter(|c| c.is_alphanumeric()).count() as u64;
        let weights: Vec<u64> = words.iter().map(letters).collect();
        if !sentence.phones.is_empty() {
            let heard: Vec<&str> = sentence.phones.iter().filter(|p| !p.is_pause()).map(|p| p.name.as_str()).collect();
            let owners = match alone {
                Some(alone) if alone.iter().any(|a| !a.is_empty()) => marks::align(alone, &heard),
                _ => marks::share(&weights, heard.len()),
            };
            let mut owners = owners.into_iter();
            let owner: Vec<Option<usize>> = sentence.phones.iter().map(|p| if p.is_pause() { None } else { owners.next() }).collect();
            let shapes = sentence.phones.iter().map(|p| (p.start, marks::mouth_of(&p.name))).collect();
            return (marks::spans(words.len(), &sentence.phones, &owner), shapes);
        }
        // No phones: time in proportion to letters, and a mouth that follows them.
        let (total, end) = (weights.iter().sum::<u64>().max(1), sentence.sound.len() as u64);
        let (mut spans, mut shapes, mut sum) = (Vec::new(), Vec::new(), 0);
        for (word, weight) in words.iter().zip(&weights) {
            let (from, to) = (sum * end / total, (sum + weight) * end / total);
            spans.push((*weight > 0).then_some((from, to)));
            for (k, letter) in word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).take(*weight as usize).enumerate()
            {
                shapes.push((from + (to - from) * k as u64 / weight.max(&1), marks::mouth_of_letter(letter)));
            }
            sum += weight;
        }
        (spans, shapes)
    }
}

/// Ranges of words that are spoken as one: a sentence ends with a word that ends in `.`, `!` or `?`.
fn sentences(words: &[&str]) -> Vec<std::ops::Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    for (k, word) in words.iter().enumerate() {
        if word.ends_with(['.', '!', '?']) || k + 1 == words.len() {
            ranges.push(start..k + 1);
            start = k + 1;
        }
    }
    ranges
}

/// Whether a BCP 47 tag names English.
/// The phones that flite says beside its sound, with their end times in seconds, which rise. What is not of its form
/// ends the list.
pub fn read_phones(said: &str) -> Vec<(String, f64)> {
    flite::phones(said)
}

fn is_english(language: &str) -> bool {
    let primary = language.split(['-', '_']).next().unwrap_or_default();
    primary.eq_ignore_ascii_case("en") || primary.eq_ignore_ascii_case("eng")
}

/// An invocation that cannot run away: a sentence is a second of work and a megabyte of sound.
fn invocation(tool: &Tool) -> Invocation {
    Invocation::new(tool).deadline(DEADLINE)
}

#[cfg(test)]
mod tests;
