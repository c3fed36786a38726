//! Speech engines that whoever runs this machine has set up beside those that come with it: piper with a model, or a server
//! that speaks the OpenAI interface. Both may speak the same line differently each time: what they say is recorded.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use contracts::{Hash, story::VoiceType};
use kit::{
    egress::{Answer, Endpoint, Limits},
    process::{Runner, Tool},
};
use serde::Deserialize;

use super::{SpeechError, casting::Casting, invocation};

/// What an operator set up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpeechSettings {
    /// piper.
    pub piper: Option<PiperSettings>,
    /// A server. It is asked before piper when both are there.
    pub server: Option<ServerSettings>,
}

/// piper and its models.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PiperSettings {
    /// A name on the PATH, or the absolute path of the program.
    #[serde(default = "piper_name")]
    pub command: String,
    /// The model, an absolute path.
    pub model: PathBuf,
    /// Which of the model's speakers.
    pub speaker: Option<u32>,
    /// Other models or speakers for casting types.
    #[serde(default)]
    pub voices: BTreeMap<VoiceType, PiperVoice>,
    /// Languages it speaks, such as `["en"]`; all when absent.
    pub languages: Option<Vec<String>>,
}

fn piper_name() -> String {
    "piper".into()
}

/// The voice of a casting type.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PiperVoice {
    /// The model, when it is another.
    pub model: Option<PathBuf>,
    /// Which of its speakers.
    pub speaker: Option<u32>,
}

/// A server.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerSettings {
    /// Where, such as `http://127.0.0.1:8880`.
    pub url: String,
    /// The model it is asked for.
    pub model: String,
    /// The voice of every casting type that `voices` does not name.
    pub voice: String,
    /// Voices of casting types.
    #[serde(default)]
    pub voices: BTreeMap<VoiceType, String>,
    /// Hosts beside this machine that may be called.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Languages it speaks; all when absent.
    pub languages: Option<Vec<String>>,
}

/// piper, found.
#[derive(Clone, Debug)]
pub struct Piper {
    tool: Tool,
    settings: PiperSettings,
}

/// A server that listens.
#[derive(Clone, Debug)]
pub struct Server {
    endpoint: Endpoint,
    settings: ServerSettings,
}

/// How long a server is waited for when it is looked for.
const GREETING: Duration = Duration::from_secs(3);
/// One sentence: a minute at most, and ten minutes of sound.
const LIMITS: Limits = Limits { deadline: Duration::from_secs(60), answer: 64 * 1024 * 1024 };

fn speaks(languages: Option<&Vec<String>>, language: &str) -> Result<(), String> {
    let primary = |tag: &str| tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    match languages {
        Some(known) if !known.iter().any(|k| primary(k) == primary(language)) => {
            Err(format!("it is set up for {}, not for `{}`", known.join(", "), language.escape_debug()))
        }
        _ => Ok(()),
    }
}

/// What a casting type asks of a voice that has none of its own for it: cents and thousandths.
fn colour(voice: VoiceType) -> Casting {
    let (pitch_cents, rate_pm) = match voice {
        VoiceType::Woman | VoiceType::Man | VoiceType::ManBright => (0, 0),
        VoiceType::Girl | VoiceType::Boy => (180, 30),
        VoiceType::WomanOld | VoiceType::ManOld => (-120, -80),
        VoiceType::Teller | VoiceType::RadioSoft => (0, -60),
        VoiceType::Radio => (0, 20),
    };
    Casting { pitch_cents, rate_pm }
}

/// Both together.
fn joined(own: bool, voice: VoiceType, casting: Casting) -> Casting {
    let type_of = if own { Casting::default() } else { colour(voice) };
    Casting {
        pitch_cents: (type_of.pitch_cents + casting.pitch_cents).clamp(-300, 300),
        rate_pm: (type_of.rate_pm + casting.rate_pm).clamp(-100, 100),
    }
}

impl Piper {
    /// Looks for the program and its models.
    ///
    /// # Errors
    /// What is missing.
    pub fn find(settings: &PiperSettings, language: &str) -> Result<Self, String> {
        speaks(settings.languages.as_ref(), language)?;
        let command = Path::new(&settings.command);
        let tool = match (command.parent(), command.file_name().and_then(|n| n.to_str())) {
            (Some(folder), Some(name)) if command.is_absolute() => Tool::find_in(name, "piper", folder.as_os_str()),
            _ => Tool::find(&settings.command),
        };
        let tool = tool.map_err(|_| format!("`{}` was not found", settings.command.escape_debug()))?;
        let models = settings.voices.values().filter_map(|v| v.model.as_ref()).chain([&settings.model]);
        for model in models {
            if !model.is_absolute() || !model.is_file() {
                return Err(format!("its model {} is no file with an absolute path", model.display()));
            }
        }
        Ok(Self { tool, settings: settings.clone() })
    }

    fn voice_of(&self, voice: VoiceType) -> (&Path, Option<u32>, bool) {
        let own = self.settings.voices.get(&voice);
        let model = own.and_then(|v| v.model.as_deref()).unwrap_or(&self.settings.model);
        (model, own.map_or(self.settings.speaker, |v| v.speaker), own.is_some())
    }

    /// Such as `en_US-amy-medium speaker=3 pitch=120 rate=-45`.
    pub fn describe(&self, voice: VoiceType, casting: Casting) -> String {
        let (model, speaker, own) = self.voice_of(voice);
        let name = model.file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let speaker = speaker.map_or_else(String::new, |s| format!(" speaker={s}"));
        let Casting { pitch_cents, rate_pm } = joined(own, voice, casting);
        format!("{name}{speaker} pitch={pitch_cents} rate={rate_pm}")
    }

    /// What is known of the models without reading hundreds of megabytes: their names, lengths, ends and settings.
    pub fn version(&self) -> String {
        let models = self.settings.voices.values().filter_map(|v| v.model.as_ref()).chain([&self.settings.model]);
        let mut known: Vec<String> = models.map(|m| about(m)).collect();
        known.sort();
        known.dedup();
        known.join(" ")
    }

    /// Speaks a sentence: its WAV, to be played faster by the factor that comes with it.
    pub fn speak(&self, runner: &dyn Runner, text: &str, voice: VoiceType, casting: Casting) -> Result<(Vec<u8>, f64), SpeechError> {
        let (model, speaker, own) = self.voice_of(voice);
        let casting = joined(own, voice, casting);
        let pitch = casting.pitch();
        // It is slowed down by what the pitch will hasten.
        let length = (pitch * 1_000_000.0 / f64::from(casting.pace())).round() as u32;
        let length = format!("{}.{:03}", length / 1_000, length % 1_000);
        let mut call = invocation(&self.tool).arg("--model").arg(model);
        if let Some(speaker) = speaker {
            call = call.args(["--speaker".to_owned(), speaker.to_string()]);
        }
        let call = call.args(["--length_scale", &length, "--output_file", "-"]).stdin(format!("{text}\n"));
        Ok((runner.run(call)?.stdout, pitch))
    }
}

/// A model in few words.
fn about(model: &Path) -> String {
    use std::io::{Read, Seek, SeekFrom};
    const END: u64 = 1 << 20;
    let look = || -> std::io::Result<Vec<u8>> {
        let mut file = std::fs::File::open(model)?;
        let length = file.metadata()?.len();
        let mut seen = length.to_le_bytes().to_vec();
        file.by_ref().take(END).read_to_end(&mut seen)?;
        file.seek(SeekFrom::Start(length.saturating_sub(END)))?;
        file.take(END).read_to_end(&mut seen)?;
        let mut settings = model.as_os_str().to_owned();
        settings.push(".json");
        if let Ok(file) = std::fs::File::open(settings) {
            file.take(END).read_to_end(&mut seen)?;
        }
        Ok(seen)
    };
    Hash::of(&look().unwrap_or_default()).to_string()
}

/// Whether a server is on another machine.
///
/// # Errors
/// Why its address may not be called at all.
pub fn elsewhere(settings: &ServerSettings) -> Result<bool, String> {
    Endpoint::parse(&settings.url, &settings.hosts).map(|e| e.leaves_machine()).map_err(|e| e.to_string())
}

impl Server {
    /// Looks whether it listens. `away`: whether the project lets anything leave this machine.
    ///
    /// # Errors
    /// Why it may not be asked, or does not answer.
    pub fn find(settings: &ServerSettings, language: &str, away: bool) -> Result<Self, String> {
        speaks(settings.languages.as_ref(), language)?;
        let endpoint = Endpoint::parse(&settings.url, &settings.hosts).map_err(|e| e.to_string())?;
        if endpoint.leaves_machine() && !away {
            return Err(format!("`{}` is another machine, and the project says `external = \"forbidden\"`", endpoint.authority()));
        }
        endpoint.listens(GREETING).map_err(|e| e.to_string())?;
        Ok(Self { endpoint, settings: settings.clone() })
    }

    fn voice_of(&self, voice: VoiceType) -> (&str, bool) {
        self.settings.voices.get(&voice).map_or((&self.settings.voice, false), |v| (v, true))
    }

    /// Such as `alloy pitch=120 rate=-45`.
    pub fn describe(&self, voice: VoiceType, casting: Casting) -> String {
        let (name, own) = self.voice_of(voice);
        let Casting { pitch_cents, rate_pm } = joined(own, voice, casting);
        format!("{name} pitch={pitch_cents} rate={rate_pm}")
    }

    /// The model. Where it runs does not change what it says.
    pub fn version(&self) -> String {
        self.settings.model.clone()
    }

    /// Asks for a sentence: its WAV, to be played faster by the factor that comes with it.
    pub fn speak(&self, text: &str, voice: VoiceType, casting: Casting) -> Result<(Vec<u8>, f64), SpeechError> {
        let (name, own) = self.voice_of(voice);
        let casting = joined(own, voice, casting);
        let pitch = casting.pitch();
        let speed = (f64::from(casting.pace()) / pitch).round() / 1_000.0;
        let ask = serde_json::json!({
            "model": self.settings.model, "input": text, "voice": name, "response_format": "wav", "speed": speed,
        });
        let Answer { status, body, .. } = self.endpoint.post("/v1/audio/speech", "application/json", ask.to_string().as_bytes(), LIMITS)?;
        if status != 200 {
            let said: String = String::from_utf8_lossy(&body).chars().take(200).flat_map(char::escape_debug).collect();
            return Err(SpeechError::Refused { status, said });
        }
        Ok((body, pitch))
    }
}

/// A word without control characters.
pub fn plain(word: &str) -> String {
    word.chars().filter(|c| !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')).collect()
}
