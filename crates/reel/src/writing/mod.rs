//! A language model that whoever runs this machine has set up to write lines: `writing.toml` in the data home names it. What it may be
//! asked, how, and what is said when it may not be.

mod wire;

use std::{path::PathBuf, sync::Arc, time::Duration};

use contracts::{
    Hash,
    project::{External, Project},
};
use kit::egress::{Endpoint, Limits};
use orchestrator::{Grade, Outputs, Queue, StepError};
use serde::Deserialize;
use serde_json::{Value, json};
use world::{
    WorldError,
    model::{Answer, Ask, Fault, FaultClass, Model},
};

use crate::{
    failure::Failure,
    project::{from_toml, read_text},
    stages::{Shop, json as value, step},
};

/// The operator's file, in the data home.
pub const WRITING_FILE: &str = "writing.toml";

/// The code of a call that gave nothing. It ends no run: the pack's words stand.
pub const FAILED: &str = "model.failed";

/// What an operator set up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The model that is asked for lines.
    pub model: Option<ModelSettings>,
}

/// A model and where it is asked.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelSettings {
    /// Where: everything before `/chat/completions`, or before `/v1/messages`.
    pub url: String,
    /// The model's name, as the server knows it.
    pub model: String,
    /// How it is spoken to.
    #[serde(default)]
    pub api: Api,
    /// The variable of the environment that holds the key. The key itself stands in no file.
    pub key_env: Option<String>,
    /// Hosts beside this machine that may be called.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// The operator's word that nobody is billed for a model on another machine.
    #[serde(default)]
    pub free: bool,
    /// How long one answer may take, seconds.
    #[serde(default = "two_minutes")]
    pub timeout_s: u64,
    /// The most tokens of one answer, whatever its lines would need.
    #[serde(default = "four_thousand")]
    pub max_tokens: u32,
}

fn two_minutes() -> u64 {
    120
}

fn four_thousand() -> u32 {
    4_000
}

/// The two ways models are spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Api {
    /// `POST …/chat/completions` with a `response_format`: Ollama, llama.cpp, vLLM, LM Studio, and others.
    #[default]
    Openai,
    /// `POST …/v1/messages` with an `output_config`.
    Anthropic,
}

impl Api {
    fn as_str(self) -> &'static str {
        match self {
            Self::Openai => "openai",
            Self::Anthropic => "anthropic",
        }
    }
}

/// The operator's file, by where it is; nothing when there is none.
pub fn set_up() -> Result<Option<(PathBuf, Settings)>, Failure> {
    let home = kit::home::data_home().map_err(|e| Failure::unwritable(std::path::Path::new("the data home"), e))?;
    let file = home.join(WRITING_FILE);
    let Some(text) = read_text(&file)? else { return Ok(None) };
    let settings: Settings = from_toml(&text).map_err(|why| Failure::project_malformed(&file, why))?;
    if let Some(model) = &settings.model {
        model.check().map_err(|why| Failure::project_malformed(&file, format!("model.{why}")))?;
    }
    Ok(Some((file, settings)))
}

impl ModelSettings {
    /// Ranges that types do not hold.
    fn check(&self) -> Result<(), String> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/@+".contains(c);
        if !(1..=120).contains(&self.model.len()) || !self.model.chars().all(plain) {
            return Err(format!("model is `{}`; expected 1 to 120 letters, digits and `-_.:/@+`", self.model.escape_debug()));
        }
        if !(1..=600).contains(&self.timeout_s) {
            return Err(format!("timeout_s is {}; expected 1 to 600", self.timeout_s));
        }
        if !(256..=64_000).contains(&self.max_tokens) {
            return Err(format!("max_tokens is {}; expected 256 to 64000", self.max_tokens));
        }
        if let Some(name) = &self.key_env {
            let named = !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
            if !named || !kit::redact::secret_name(name) {
                let given: String = name.chars().take(4).flat_map(char::escape_debug).collect();
                return Err(format!(
                    "key_env begins with `{given}`; expected the name of a variable such as `OPENAI_API_KEY`: in capitals, with `KEY` or `TOKEN` in it, and never the key itself"
                ));
            }
        }
        Endpoint::service(&self.url, &self.hosts).map(drop).map_err(|e| format!("url: {e}"))
    }
}

/// A model that may be asked.
#[derive(Clone, Debug)]
pub struct Writer {
    settings: ModelSettings,
    endpoint: Endpoint,
    key: Option<String>,
}

impl Writer {
    /// The model a project may ask; nothing when none is set up.
    ///
    /// # Errors
    /// Why the one that is set up may not be asked.
    pub fn open(settings: &Settings, project: &Project) -> Result<Option<Self>, String> {
        let external = project.writing.is_some_and(|w| w.external == External::Allowed);
        let Some(model) = &settings.model else { return Ok(None) };
        Self::of(model, external).map(Some)
    }

    fn of(settings: &ModelSettings, external: bool) -> Result<Self, String> {
        let endpoint = Endpoint::service(&settings.url, &settings.hosts).map_err(|e| e.to_string())?;
        let host = endpoint.authority();
        if endpoint.leaves_machine() && !external {
            return Err(format!("`{host}` is another machine, and the project does not say `[writing] external = \"allowed\"`"));
        }
        if endpoint.leaves_machine() && !settings.free {
            return Err(format!(
                "`{host}` is another machine, and what costs money is not asked for lines by this build; where nobody is billed, say `free = true`"
            ));
        }
        let read =
            |name: &String| std::env::var(name).ok().filter(|key| !key.is_empty()).ok_or(format!("the variable `{name}` is not set"));
        let key = settings.key_env.as_ref().map(read).transpose()?;
        if key.is_some() && !endpoint.keeps_secrets() {
            return Err(format!("`{host}` would be sent the key in the clear; use https://"));
        }
        Ok(Self { settings: settings.clone(), endpoint, key })
    }

    /// What is said of it before anything is asked: who it is, where it stands, and whether somebody listens there.
    ///
    /// # Errors
    /// Why it is not asked.
    pub fn survey(settings: &ModelSettings) -> Result<String, String> {
        let writer = Self::of(settings, true)?;
        let about = format!("{} at {} ({})", settings.model, writer.endpoint.authority(), settings.api.as_str());
        // Nobody on another machine is called only to see whether it is there.
        if writer.endpoint.leaves_machine() {
            return Ok(format!("{about}; asked only by projects that say `[writing] external = \"allowed\"`"));
        }
        writer.endpoint.listens(Duration::from_secs(3)).map_err(|e| e.to_string())?;
        Ok(format!("{about}; somebody listens"))
    }

    /// What lines say of who wrote them.
    pub fn name(&self) -> &str {
        &self.settings.model
    }

    /// What a call depends on. Where the model runs does not change what it says.
    fn projection(&self, ask: &Ask) -> Value {
        json!({"model": self.settings.model, "api": self.settings.api.as_str(), "max_tokens": self.settings.max_tokens, "ask": value(ask)})
    }

    /// One call, tried again a few times when another time may go better.
    fn call(&self, ask: &Ask, stopped: &dyn Fn() -> bool) -> Result<(Answer, Vec<Fault>), Fault> {
        let limits = Limits { deadline: Duration::from_secs(self.settings.timeout_s), answer: wire::LARGEST };
        let mut attempts = Vec::new();
        loop {
            let sent = wire::request(self.settings.api, &self.settings.model, ask, self.settings.max_tokens);
            let headers = wire::headers(self.settings.api, self.key.as_deref());
            let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
            let answer = self.endpoint.post_with(wire::path(self.settings.api), &headers, sent.to_string().as_bytes(), limits);
            let (fault, after) = match answer {
                Ok(answer) => match wire::read(self.settings.api, answer.status, &answer.body) {
                    Ok(reply) => return Ok((Answer::Said(reply), attempts)),
                    Err(fault) => (fault, answer.retry_after),
                },
                Err(error) => (wire::unanswered(&error), None),
            };
            // What a server says may repeat what it was sent.
            let fault = Fault { message: kit::redact::redactor().text(&fault.message).into_owned(), ..fault };
            let wait = after.unwrap_or(1 << attempts.len());
            if !fault.passes() || attempts.len() + 1 >= ATTEMPTS || wait > PATIENCE || stopped() {
                return match fault.class {
                    // The same request would be refused again: that is an answer, and is kept.
                    FaultClass::ContentRejected => Ok((Answer::Failed(fault), attempts)),
                    _ => Err(fault),
                };
            }
            attempts.push(fault);
            std::thread::sleep(Duration::from_secs(wait));
        }
    }
}

/// Calls of one ask in all.
const ATTEMPTS: usize = 3;
/// The longest a server is waited for between two of them, seconds.
const PATIENCE: u64 = 20;

/// A model whose every call is a step of the run: recorded, first answer kept, never asked again for the same.
pub struct Recorded<'a> {
    shop: &'a mut Shop,
    writer: Arc<Writer>,
    round: usize,
    /// What ended the work, when it is no matter of the model's.
    pub ended: Option<Failure>,
    /// Answers as they were kept, for the key of what is made of them.
    pub answers: Vec<Hash>,
}

impl<'a> Recorded<'a> {
    pub fn new(shop: &'a mut Shop, writer: Arc<Writer>) -> Self {
        Self { shop, writer, round: 0, ended: None, answers: Vec::new() }
    }

    fn one(&mut self, stage: &str, ask: &Ask) -> Result<Answer, Failure> {
        let (writer, asked) = (Arc::clone(&self.writer), ask.clone());
        let broken: Arc<std::sync::OnceLock<Fault>> = Arc::default();
        let said = Arc::clone(&broken);
        let queue = if self.writer.endpoint.leaves_machine() { Queue::ExternalAi } else { Queue::LocalAi };
        let work = step(ask.id.to_string(), "ask", Grade::Recorded, self.writer.projection(ask), move |cx| {
            match writer.call(&asked, &|| cx.cancel().is_cancelled()) {
                Ok((answer, attempts)) => Ok(Outputs::new().with_facts(json!({"answer": value(&answer), "attempts": value(&attempts)}))),
                Err(fault) => {
                    let error = StepError::new(FAILED, format!("{}, {}: {}", fault.class.as_str(), fault.reason, fault.message));
                    let _ = said.set(fault);
                    Err(error)
                }
            }
        });
        let result = match self.shop.one(stage, work.on(queue)) {
            Ok(result) => result,
            Err(failure) => return broken.get().cloned().map(Answer::Failed).ok_or(failure),
        };
        let answer: Answer = serde_json::from_value(result.outputs.facts["answer"].clone()).map_err(Failure::internal)?;
        if let (Answer::Said(reply), false) = (&answer, result.hit) {
            let spent = json!({"step": result.name, "tokens_in": reply.tokens_in, "tokens_out": reply.tokens_out});
            self.shop.note("spent", spent)?;
        }
        Ok(answer)
    }
}

impl Model for Recorded<'_> {
    fn name(&self) -> &str {
        self.writer.name()
    }

    fn ask(&mut self, asks: &[Ask]) -> Result<Vec<Answer>, WorldError> {
        self.round += 1;
        let stage = if self.round == 1 { "model".to_owned() } else { format!("model_{}", self.round) };
        let mut answers: Vec<Answer> = Vec::new();
        let mut broken: Option<Fault> = None;
        for ask in asks {
            // One after the other: whoever serves a model here serves one call at a time, and which calls were made never hangs on time.
            let answer = match &broken {
                Some(fault) => Answer::Failed(Fault { message: format!("not asked after {}", fault.reason), ..fault.clone() }),
                None => self.one(&stage, ask).map_err(|failure| {
                    self.ended = Some(failure);
                    WorldError::Stopped
                })?,
            };
            if let Answer::Failed(fault) = &answer
                && fault.class != FaultClass::ContentRejected
            {
                broken.get_or_insert_with(|| fault.clone());
            }
            let bytes = contracts::canonical_value(&value(&answer))?;
            self.answers.push(Hash::of(&bytes));
            answers.push(answer);
        }
        Ok(answers)
    }
}
