//! The programs this machine has, found once a run; a missing one is said before any work starts.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use contracts::{
    Hash,
    project::{External, Project},
};
use kit::process::{ProcessError, System, Tool};
use media::{
    ffmpeg::Ffmpeg,
    speech::{Engine, SpeechSettings},
};

use crate::{
    choosing::{
        Choosing,
        asked::{Asked, Said},
        records::Places,
    },
    failure::Failure,
    project::{ProjectFolder, from_toml, read_text},
};

/// What the operator of this machine set up for speech, in the data home.
pub const SPEECH_FILE: &str = "speech.toml";

/// What a run works with.
pub struct Tools {
    /// Encoder and decoder.
    pub ffmpeg: Arc<Ffmpeg>,
    /// Who speaks, the first choice first; nobody in a film without voices.
    pub speech: Vec<Engine>,
    /// Why an engine that was set up is not among them, and why one stands in for another.
    pub notes: Vec<String>,
    /// What the tools of an episode are chosen by; nothing where no episode is made.
    choosing: Option<Choosing>,
}

impl Tools {
    /// Finds what this project needs.
    pub fn find(folder: &ProjectFolder, voiced: bool, asked: &Asked) -> Result<Self, Failure> {
        let said = Said::read(&folder.root, asked)?;
        let mut tools = Self::encoder()?;
        if voiced {
            (tools.speech, tools.notes) = speakers(&settings()?, &folder.project, said.compares_voices())?;
        }
        let engines: Vec<&str> = tools.speech.iter().map(Engine::name).collect();
        let choosing = Choosing::open(&folder.project, said, &engines, Places::of(asked.cm_paths))?;
        tools.notes.extend(choosing.notes.iter().cloned());
        tools.choosing = Some(choosing);
        Ok(tools)
    }

    /// What the tools of an episode are chosen by.
    pub fn choosing(&self) -> Result<&Choosing, Failure> {
        self.choosing.as_ref().ok_or_else(|| Failure::internal("nothing is chosen where no episode is made"))
    }

    /// The encoder alone, for whoever has no line left to speak.
    pub fn encoder() -> Result<Self, Failure> {
        let ffmpeg = Ffmpeg::find().map_err(|_| Failure::tool_missing("ffmpeg", "ffmpeg", ""))?;
        let ffmpeg = Arc::new(ffmpeg);
        // It is asked who it is while a story is told or a package read; the first shot waits for its answer.
        let asked = Arc::clone(&ffmpeg);
        std::thread::spawn(move || drop(asked.fingerprint()));
        Ok(Self { ffmpeg, speech: Vec::new(), notes: Vec::new(), choosing: None })
    }

    /// The build of the encoder, for the keys of what it makes.
    pub fn encoder_fingerprint(&self) -> Result<Hash, Failure> {
        self.ffmpeg.fingerprint().map(|f| Hash::of(f.as_bytes())).map_err(Failure::step)
    }
}

/// The operator's file; nothing set up when there is none.
pub fn settings() -> Result<SpeechSettings, Failure> {
    Ok(set_up()?.map(|(_, settings)| settings).unwrap_or_default())
}

/// The operator's file, by where it is.
pub fn set_up() -> Result<Option<(PathBuf, SpeechSettings)>, Failure> {
    let home = kit::home::data_home().map_err(|e| Failure::unwritable(Path::new("the data home"), e))?;
    let file = home.join(SPEECH_FILE);
    match read_text(&file)? {
        Some(text) => from_toml(&text).map(|settings| Some((file.clone(), settings))).map_err(|why| Failure::project_malformed(&file, why)),
        None => Ok(None),
    }
}

/// Who speaks for a project: what was set up, then what comes with the machine; all of it where voices are compared.
fn speakers(settings: &SpeechSettings, project: &Project, compare: bool) -> Result<(Vec<Engine>, Vec<String>), Failure> {
    let away = project.cost_policy.external == External::Allowed;
    let (mut engines, mut notes) = Engine::configured(settings, &project.language, away);
    match speech(&project.language) {
        Ok(engine) => {
            notes.extend(engine.note().filter(|_| engines.is_empty()).map(str::to_owned));
            engines.push(engine);
        }
        Err(failure) if engines.is_empty() => return Err(failure),
        Err(_) => {}
    }
    if compare && !engines.iter().any(|engine| engine.name() == "espeak-ng") {
        let passed = ProcessError::Missing { program: "flite".into(), package: "flite".into() };
        engines.extend(Engine::choose(&System, &project.language, Err(passed), Tool::find("espeak-ng")).ok());
    }
    Ok((engines, notes))
}

/// The speech engine of a language that comes with the machine.
pub fn speech(language: &str) -> Result<Engine, Failure> {
    Engine::detect(&System, language).map_err(|error| {
        let (program, package) = if language.starts_with("en") { ("flite", "flite") } else { ("espeak-ng", "espeak-ng") };
        let mut failure = Failure::tool_missing(program, package, ", or make the film silent with --no-voice");
        failure.message = format!("no voice for `{language}`: {error}");
        failure
    })
}
