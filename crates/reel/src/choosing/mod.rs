//! Which tool makes what of a film: every picture, voice, score and sound is asked of `routing`, over what is built in and what a
//! person's folder adds. What a choice rested on is recorded whole, so that it is computed again from the record alone.
//!
//! Only tools that this build can carry out are chosen: a manifest without an adapter is listed as unavailable, with that reason.

pub mod asked;
mod gates;
pub mod records;
pub mod visuals;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use contracts::{
    Hash, Id, MicroUsd,
    assets::{AssetSource, Media, Need, NeedSpec, ResolvedAsset},
    choice::{
        Attempt, AttemptResult, BudgetView, Choice, DataClass, Decided, Decision, Modality, SelectionRequest, Snapshot, ToolId, ToolStats,
        Trends,
    },
    picture::{Canvas, Framing},
    project::{External, Project},
    table_read::ReadLine,
};
use routing::Surroundings;

use self::asked::Said;
use crate::{
    catalogue::{Shelf, unavailable},
    failure::Failure,
};

/// What this build can carry out, by the name of the tool.
mod adapter {
    pub const PAINTER: &str = "craft.painter";
    pub const LIBRARY_PICTURE: &str = "library.picture";
    pub const STAND_IN: &str = "standin.picture";
    pub const SCORE: &str = "craft.score";
    pub const LIBRARY_MUSIC: &str = "library.music";
    pub const FOLEY: &str = "craft.foley";
    pub const AUTHOR: &str = "author.script";
    pub const PACK: &str = "pack.writer";
    pub const RUNTIME: &str = "ffmpeg";
    /// Speech engines are called what their tools are.
    pub const ENGINES: [&str; 4] = ["server", "piper", "flite", "espeak-ng"];

    /// All but the engines.
    pub const MAKERS: [&str; 9] = [PAINTER, LIBRARY_PICTURE, STAND_IN, SCORE, LIBRARY_MUSIC, FOLEY, AUTHOR, PACK, RUNTIME];
}
pub use adapter::{LIBRARY_MUSIC, LIBRARY_PICTURE, STAND_IN};

/// Stages of the policy file, and what is made in them.
fn stage_of(modality: Modality) -> &'static str {
    match modality {
        Modality::Image | Modality::Video => "visuals",
        Modality::Speech | Modality::Music | Modality::Sound => "audio",
        Modality::Text => "script",
        Modality::Runtime => "render",
    }
}

/// What the author's library has for a need, as far as choosing asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// Nothing.
    Nothing,
    /// Something that may be used.
    File,
    /// Something that cannot be used, and why.
    Unusable(String),
}

/// What a run chooses by.
#[derive(Clone, Debug)]
pub struct Choosing {
    gates: Arc<gates::Gates>,
    shelf: Shelf,
    said: Said,
    around: Surroundings,
    budget: MicroUsd,
    local_only: bool,
    style: String,
    aspect: String,
    /// What a person should hear: files that were left out, names nobody has.
    pub notes: Vec<String>,
    /// Where records of this run go.
    pub records: records::Places,
}

impl Choosing {
    /// Reads the catalogue and, where the policy asks for it, past runs. `engines` are the speech engines that are ready.
    pub fn open(project: &Project, said: Said, engines: &[&str], records: records::Places) -> Result<Self, Failure> {
        let mut choosing = Self::over(Shelf::open(None)?, said, project, engines, records)?;
        choosing.look_back();
        Ok(choosing)
    }

    fn over(shelf: Shelf, said: Said, project: &Project, engines: &[&str], records: records::Places) -> Result<Self, Failure> {
        let known = |name: &ToolId| shelf.catalogue.tools().iter().any(|tool| tool.tool == *name || tool.provider == *name);
        if let Some(stranger) = said.named_by_flags().iter().find(|name| !known(name)) {
            let names: BTreeSet<&str> =
                shelf.catalogue.making(Modality::Image, None).flat_map(|tool| [tool.tool.as_str(), tool.provider.as_str()]).collect();
            let names = names.into_iter().collect::<Vec<_>>().join(", ");
            return Err(Failure::usage(
                format!("`{stranger}` is the name of no tool and no provider; of pictures there are {names}"),
                "correct the name, or put a manifest of that tool into the providers folder (docs/choosing.md)",
            ));
        }
        let mut notes: Vec<String> = shelf.faults.iter().map(|fault| format!("left out of the catalogue: {fault}")).collect();
        for stage in routing::policy_file::STAGES {
            for name in said.chain(stage).iter().filter(|name| !known(name)) {
                notes.push(format!("the policy's chain for {stage} names `{name}`, which has no manifest: it is passed over"));
            }
        }
        let mut health = BTreeMap::new();
        for tool in shelf.catalogue.tools() {
            let name = tool.tool.as_str();
            let why = if adapter::ENGINES.contains(&name) {
                (!engines.contains(&name)).then_some("it is not among the engines that this run found and set up")
            } else {
                (!adapter::MAKERS.contains(&name)).then_some("this build has no adapter for it")
            };
            if let Some(why) = why {
                health.insert(tool.tool.clone(), unavailable(why));
            }
        }
        let around = Surroundings { health, environment: shelf.environment(), ..Surroundings::default() };
        let text = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        Ok(Self {
            around,
            gates: Arc::new(gates::Gates::of(project)?),
            budget: project.cost_policy.budget_micro_usd,
            local_only: project.cost_policy.external == External::Forbidden,
            style: text(crate::stages::json(&project.visual_style)),
            aspect: text(crate::stages::json(&project.aspect)),
            said,
            shelf,
            notes,
            records,
        })
    }

    /// What past runs say: only `adaptive` asks, so that no other choice hangs on what happened before.
    fn look_back(&mut self) {
        let policy = self.said.stage("visuals");
        if self.said.policy("visuals") == contracts::choice::Policy::Adaptive {
            let past = self.records.past(&policy);
            (self.around.trends, self.around.stats) = (Some(past.trends), past.stats);
        }
    }

    /// What the policy file says of a stage.
    pub fn stage(&self, name: &str) -> routing::policy_file::StagePolicy {
        self.said.stage(name)
    }

    /// What a stage may spend.
    pub fn most(&self, stage: &str) -> MicroUsd {
        self.said.most(stage, self.budget)
    }

    /// A request of a stage, as files and flags say it.
    fn request(&self, subject: &str, modality: Modality, operation: &str) -> SelectionRequest {
        let stage = stage_of(modality);
        let chain = self.said.chain(stage);
        let allowed = if self.said.only(stage) { chain.iter().cloned().collect() } else { BTreeSet::new() };
        SelectionRequest {
            operation: Some(operation.to_owned()),
            // A story nobody has published is not for everybody.
            data_class: DataClass::Internal,
            local_only: self.local_only,
            policy: self.said.policy(stage),
            chain,
            allowed,
            ..SelectionRequest::of(subject, modality)
        }
    }

    /// What would be asked for a kind of thing, before a story says what there is to make; `unwell` are tools that have nothing for it.
    pub fn survey(
        &self,
        modality: Modality,
        operation: Option<&str>,
        motion_required: bool,
        unwell: &[(&str, &str)],
    ) -> (Snapshot, Choice) {
        let operation = operation.map(str::to_owned);
        let request = SelectionRequest { operation, motion_required, ..self.request("proposal", modality, "") };
        let snapshot = self.snapshot(request, unwell.iter().map(|(tool, why)| (*tool, (*why).to_owned())).collect());
        let choice = routing::choose(&snapshot);
        (snapshot, choice)
    }

    /// Everything a choice rests on; `unwell` are tools that cannot do this one thing.
    fn snapshot(&self, request: SelectionRequest, unwell: Vec<(&str, String)>) -> Snapshot {
        let mut around = self.around.clone();
        let named = |name: &str| ToolId::new(name).ok();
        around.health.extend(unwell.into_iter().filter_map(|(tool, why)| Some((named(tool)?, unavailable(why)))));
        around.budget = BudgetView { remaining_micro_usd: Some(self.most(stage_of(request.modality))) };
        let table = self.shelf.table(&request);
        let mut snapshot = routing::snapshot(&self.shelf.catalogue, request, table, &around);
        // Gates are asked of what could be taken: whatever cannot has its reasons already.
        let feasible: Vec<ToolId> = routing::choose(&snapshot).order.into_iter().map(|placed| placed.tool).collect();
        snapshot.gates = self.gates.ask(&self.shelf.catalogue, &snapshot, &feasible);
        snapshot
    }

    /// Chooses for a need that is met in this stage; of a voice, which the table read has met, see [`Choosing::voice`].
    pub fn of_need(&self, need: &Need, held: &Held, canvas: Canvas) -> Result<Chosen, Failure> {
        let mut unwell: Vec<(&str, String)> = Vec::new();
        let request = |modality, operation: &str| self.request(need.id.as_str(), modality, operation);
        let words = need.tags.join(" ");
        let request = match &need.spec {
            NeedSpec::Background(_) | NeedSpec::Insert(_) | NeedSpec::Figure(_) | NeedSpec::Card(_) => {
                let whole = matches!(need.spec, NeedSpec::Background(_) | NeedSpec::Insert(_));
                let wide = matches!(&need.spec, NeedSpec::Background(b) if b.framing == Framing::Wide);
                if !whole {
                    let why = "people and cards are drawn here: from a library come whole pictures";
                    unwell.push((LIBRARY_PICTURE, why.to_owned()));
                    unwell.push((STAND_IN, "it stands in for whole pictures only".to_owned()));
                }
                let mut request = SelectionRequest {
                    task: wide.then(|| "establishing".to_owned()),
                    format: Some("png".to_owned()),
                    width: Some(canvas.width),
                    height: Some(canvas.height),
                    aspect: Some(self.aspect.clone()),
                    style: vec![self.style.clone()],
                    ..request(Modality::Image, "plate")
                };
                match held {
                    Held::Nothing if whole => unwell.push((LIBRARY_PICTURE, "no entry of the library fits this need".to_owned())),
                    Held::Unusable(why) => unwell.push((LIBRARY_PICTURE, why.clone())),
                    Held::Nothing | Held::File => {}
                }
                // What the author has put there is not painted over in silence: only a chain that somebody wrote down does that, and
                // nothing does where the author named the picture.
                if *held != Held::Nothing && (request.chain.is_empty() || need.library_id.is_some()) {
                    request.allowed = [LIBRARY_PICTURE, STAND_IN].into_iter().filter_map(|name| ToolId::new(name).ok()).collect();
                }
                request
            }
            NeedSpec::Music(spec) => {
                match held {
                    Held::Nothing => unwell.push((LIBRARY_MUSIC, "no piece of the library fits a stretch of this film".to_owned())),
                    Held::Unusable(why) => unwell.push((LIBRARY_MUSIC, why.clone())),
                    Held::File => {}
                }
                let duration_ms = milliseconds(spec.samples);
                SelectionRequest { duration_ms, format: Some("wav".to_owned()), ..request(Modality::Music, "score") }
            }
            NeedSpec::Sound(spec) => {
                let operation = if spec.ambience { "ambience" } else { "effect" };
                let duration_ms = milliseconds(spec.samples);
                SelectionRequest { duration_ms, format: Some("wav".to_owned()), ..request(Modality::Sound, operation) }
            }
            NeedSpec::Voice(spec) => {
                let duration_ms = milliseconds(spec.samples);
                SelectionRequest { duration_ms, ..self.speaking(need.id.as_str()) }
            }
        };
        self.decide(SelectionRequest { intent: words, ..request }, unwell)
    }

    fn speaking(&self, subject: &str) -> SelectionRequest {
        SelectionRequest { format: Some("wav".to_owned()), ..self.request(subject, Modality::Speech, "speak") }
    }

    fn decide(&self, request: SelectionRequest, unwell: Vec<(&str, String)>) -> Result<Chosen, Failure> {
        let snapshot = self.snapshot(request, unwell);
        let choice = routing::select(&snapshot).map_err(Failure::not_chosen)?;
        Ok(Chosen { snapshot, choice })
    }

    /// Who writes an episode: where the author has, nobody else does.
    pub fn writer(&self, authored: bool) -> Result<Chosen, Failure> {
        let mut request = self.request("script", Modality::Text, "screenplay");
        let mut unwell = Vec::new();
        if authored {
            request.allowed = ToolId::new(adapter::AUTHOR).into_iter().collect();
        } else {
            unwell.push((adapter::AUTHOR, "the author wrote no screenplay of this episode".to_owned()));
        }
        self.decide(request, unwell)
    }

    /// Who puts the film together.
    pub fn runtime(&self) -> Result<Chosen, Failure> {
        let request = self.request("film", Modality::Runtime, "render");
        self.decide(SelectionRequest { format: Some("mp4".to_owned()), ..request }, Vec::new())
    }

    /// Speech engines in the order in which they are asked: places in `engines`, which are ready.
    pub fn voices(&self, engines: &[&str]) -> Result<Vec<usize>, Failure> {
        let chosen = self.decide(self.speaking("voices"), Vec::new())?;
        let place = |tool: &ToolId| engines.iter().position(|name| *name == tool.as_str());
        Ok(chosen.choice.order.iter().filter_map(|placed| place(&placed.tool)).collect())
    }
}

fn milliseconds(samples: u64) -> Option<u32> {
    u32::try_from(samples.saturating_mul(1_000) / contracts::SAMPLE_RATE).ok()
}

/// A choice, and what it rested on.
#[derive(Clone, Debug)]
pub struct Chosen {
    snapshot: Snapshot,
    choice: Choice,
}

impl Chosen {
    /// The name of the tool that is tried first.
    pub fn first(&self) -> &str {
        self.choice.first.as_ref().map_or("", ToolId::as_str)
    }

    fn tool(name: &str, phase: &str, error: Option<String>) -> Option<Attempt> {
        let result = if error.is_some() { AttemptResult::Failure } else { AttemptResult::Success };
        let (phase, tool) = (phase.to_owned(), ToolId::new(name).ok()?);
        Some(Attempt { tool, phase, result, error, latency_ms: None, cost_micro_usd: MicroUsd(0), quality_ppm: None })
    }

    fn decided(self, need: &Need, attempts: Vec<Attempt>, content: Option<Hash>) -> Decided {
        Decided { used_by: need.used_by.clone(), ..self.record(need.id.clone(), attempts, content) }
    }

    fn record(self, need_id: Id, attempts: Vec<Attempt>, content: Option<Hash>) -> Decided {
        let chosen = attempts.last().filter(|a| a.result == AttemptResult::Success).map(|a| a.tool.clone());
        let Self { snapshot, choice } = self;
        let decision = Decision { snapshot, choice, attempts, chosen, cost_micro_usd: MicroUsd(0), content };
        Decided { need_id, used_by: Vec::new(), decision }
    }

    /// The record of a script that was written.
    pub fn wrote(self, script: &Hash) -> Decided {
        let attempts = Self::tool(self.first(), "primary", None).into_iter().collect();
        self.record(Id::slug("script"), attempts, Some(script.clone()))
    }

    /// The record of a choice whose work is still to come.
    pub fn ahead(self, what: &str) -> Decided {
        self.record(Id::slug(what), Vec::new(), None)
    }

    /// The record, with what came of it.
    pub fn met(self, need: &Need, asset: &ResolvedAsset) -> Decided {
        let first = self.first().to_owned();
        let failed = asset.stand_in.as_ref().map(|missing| missing.reason.clone());
        let attempts = match (&need.spec, failed) {
            // It was tried, and what stands there says that it is missing.
            (_, Some(why)) if first == LIBRARY_PICTURE => {
                [Self::tool(&first, "primary", Some(why)), Self::tool(STAND_IN, "fallback", None)].into_iter().flatten().collect()
            }
            (NeedSpec::Music(_), why) if first == LIBRARY_MUSIC && asset.source != AssetSource::Library && asset.parts.is_empty() => {
                let why = why.unwrap_or_else(|| "no piece could be played".to_owned());
                [Self::tool(&first, "primary", Some(why)), Self::tool(adapter::SCORE, "fallback", None)].into_iter().flatten().collect()
            }
            (NeedSpec::Sound(_), why @ Some(_)) => Self::tool(&first, "primary", why).into_iter().collect(),
            _ => Self::tool(&first, "primary", None).into_iter().collect(),
        };
        let content = content(&asset.media);
        self.decided(need, attempts, content)
    }

    /// The record of a line's voice, as the table read met it.
    pub fn spoken(self, need: &Need, line: Option<&ReadLine>) -> Decided {
        let mut attempts = Vec::new();
        for placed in &self.choice.order {
            let name = placed.tool.as_str();
            let phase = if attempts.is_empty() { "primary" } else { "fallback" };
            match line {
                Some(line) if line.engine == name => {
                    attempts.extend(Self::tool(name, phase, None));
                    break;
                }
                Some(line) => {
                    let why = line.instead.clone().or_else(|| line.unspoken.clone());
                    attempts.extend(Self::tool(name, phase, Some(why.unwrap_or_else(|| "it did not speak this line".to_owned()))));
                }
                None => {}
            }
        }
        let content = line.and_then(|line| line.audio.clone());
        self.decided(need, attempts, content)
    }
}

/// The address of what was taken: the file, where it is one; else of the list of its planes.
fn content(media: &Media) -> Option<Hash> {
    match media {
        Media::Sound { audio, .. } => Some(audio.clone()),
        Media::Picture { planes, .. } => match planes.as_slice() {
            [plane] => Some(plane.image.clone()),
            _ => contracts::canonical_bytes(media).ok().map(|bytes| Hash::of(&bytes)),
        },
        Media::Silence => None,
    }
}

/// What past runs come to.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// For the policy.
    pub trends: Trends,
    /// By tool.
    pub stats: BTreeMap<ToolId, ToolStats>,
}
