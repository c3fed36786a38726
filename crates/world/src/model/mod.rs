//! A language model as a writer: it proposes ways to say the lines of an episode, and nothing else.
//!
//! The pack's plan, actions and line intents stand. For each scene the model is asked for other ways to say its lines; what it answers is
//! data: it is read against a schema, each proposal is held against the intent, the canon gate and the writer's tests, and what passes
//! is ranked together with the pack's moulds. A line for which nothing passes keeps the pack's words, and that is told. No answer can
//! add a claim, a fact, a line or a person, and nothing but lines of text is taken from it.

mod prompt;
mod sieve;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

use contracts::{
    Id,
    canon::{Canon, CanonDiff, Verdict},
    project::Project,
    story::{Cast, EpisodePlan, Script, StoryArc},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    StoryWriter, TemplateWriter, WorldError,
    rank::{Candidate, rank},
    template::with_desk,
    write::{Board, REPAIRS},
};

/// What a model is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// Names the call within its episode: `sc01`, then `sc01-again-1` when it is asked again.
    pub id: Id,
    /// What it is to do.
    pub system: String,
    /// The talk so far; the first and the last turn are ours.
    pub turns: Vec<Turn>,
    /// The JSON schema the answer must meet.
    pub schema: Value,
    /// The most tokens the answer may take.
    pub most_tokens: u32,
}

/// One turn of a talk with a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// Whether it is the model's.
    pub models: bool,
    /// What was said.
    pub text: String,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It answered.
    Said(Reply),
    /// It did not.
    Failed(Fault),
}

/// What a model said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// Its text, as it came.
    pub text: String,
    /// Why it stopped.
    pub finish: Finish,
    /// Tokens it was sent, as the server counts them.
    pub tokens_in: u64,
    /// Tokens it sent.
    pub tokens_out: u64,
}

/// Why a model stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// It had said everything.
    Done,
    /// It was cut off: the answer is no whole one.
    Cut,
    /// It refused, or its keeper took the answer out; in its own words, as far as there are any.
    Refused(String),
}

/// Why a call gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What kind of failure.
    pub class: FaultClass,
    /// Which, in one word: `overloaded`, `quota`, `auth`, `schema`.
    pub reason: String,
    /// What happened, in a sentence.
    pub message: String,
}

/// The kinds of failure of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultClass {
    /// It may go well another time.
    Transient,
    /// It was asked too often.
    RateLimit,
    /// What was asked is refused: the same request would be again.
    ContentRejected,
    /// It cannot go well.
    Fatal,
}

impl FaultClass {
    /// Its name in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::RateLimit => "rate_limit",
            Self::ContentRejected => "content_rejected",
            Self::Fatal => "fatal",
        }
    }
}

impl Fault {
    /// A failure that another time may not meet.
    pub fn passes(&self) -> bool {
        matches!(self.class, FaultClass::Transient | FaultClass::RateLimit)
    }
}

/// A language model, whoever it is and wherever it stands.
pub trait Model {
    /// What lines say of who wrote them.
    fn name(&self) -> &str;

    /// One answer to each ask, in their order. An answer that is kept is not asked for again: the same asks give the same answers.
    ///
    /// # Errors
    /// Only what ends the whole work, such as a person who stopped it; a call that failed is an answer.
    fn ask(&mut self, asks: &[Ask]) -> Result<Vec<Answer>, WorldError>;
}

/// A script, who wrote each line, and what did not go as asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Drafted {
    /// The script.
    pub script: Script,
    /// The change of canon it claims: the pack's, whoever found the words.
    pub diff: CanonDiff,
    /// Line → `model:NAME`, or `template:MOULD`.
    pub by: BTreeMap<Id, String>,
    /// What a person should know: calls that failed, lines that kept the pack's words, and why.
    pub told: Vec<String>,
}

impl Drafted {
    /// How many lines are a model's.
    pub fn by_model(&self) -> usize {
        self.by.values().filter(|by| by.starts_with(MODEL)).count()
    }
}

const MODEL: &str = "model:";

/// A gate a caller holds scripts against beside the canon's: nothing it blocks becomes a line.
pub type Allows<'a> = dyn Fn(&Script) -> Verdict + 'a;

/// Writes lines by a model where the pack leaves them to be said; everything else is the pack's.
pub struct ModelWriter<M> {
    model: Mutex<M>,
}

impl<M: Model> ModelWriter<M> {
    /// A writer by this model.
    pub fn new(model: M) -> Self {
        Self { model: Mutex::new(model) }
    }
}

impl<M: Model> StoryWriter for ModelWriter<M> {
    fn arc(&self, project: &Project, canon: &Canon) -> Result<StoryArc, WorldError> {
        TemplateWriter.arc(project, canon)
    }

    fn truth(&self, project: &Project, canon: &Canon, arc: &StoryArc) -> Result<CanonDiff, WorldError> {
        TemplateWriter.truth(project, canon, arc)
    }

    fn cast(&self, project: &Project, canon: &Canon, arc: &StoryArc) -> Result<(Cast, CanonDiff), WorldError> {
        TemplateWriter.cast(project, canon, arc)
    }

    fn plan(&self, project: &Project, canon: &Canon, arc: &StoryArc, number: u32) -> Result<EpisodePlan, WorldError> {
        TemplateWriter.plan(project, canon, arc, number)
    }

    fn script(
        &self,
        project: &Project,
        canon: &Canon,
        arc: &StoryArc,
        plan: &EpisodePlan,
        cast: &Cast,
    ) -> Result<(Script, CanonDiff), WorldError> {
        let mut model = self.model.lock().unwrap_or_else(PoisonError::into_inner);
        let all = |_: &Script| canon::verdict("none", Vec::new());
        draft(Told { project, canon, arc, plan, cast }, &mut *model, &all).map(|d| (d.script, d.diff))
    }
}

/// What was decided before a line is written.
#[derive(Clone, Copy)]
pub struct Told<'a> {
    /// The project.
    pub project: &'a Project,
    /// The canon, with the season's truth and the cast in it.
    pub canon: &'a Canon,
    /// The season.
    pub arc: &'a StoryArc,
    /// The episode.
    pub plan: &'a EpisodePlan,
    /// The cast.
    pub cast: &'a Cast,
}

/// A line still to be found: its place among the intents, and what was wrong with the ways to say it so far.
type Wanted = BTreeMap<usize, Vec<String>>;

/// A talk about a scene.
struct Talk {
    scene: Id,
    turns: Vec<Turn>,
    wanted: Wanted,
}

/// Writes an episode's script with a model. What it proposes and nobody refuses is ranked with the pack's moulds; what is refused is
/// asked for again with the reason, at most twice; then the pack's words stand.
///
/// # Errors
/// What the pack's own script would fail with, and what ends the whole work. A model that fails is no error.
pub fn draft(told: Told<'_>, model: &mut dyn Model, allows: &Allows<'_>) -> Result<Drafted, WorldError> {
    with_desk(told.project, told.canon, Some(told.arc), |desk| {
        let mut board = Board::new(desk, told.plan, told.cast)?;
        // The pack's own script stands before a model is asked: it is what everything falls back to.
        let (script, own) = board.settle()?;
        let mut notes = Vec::new();
        let name = format!("{MODEL}{}", model.name());
        let found = proposals(&board, told, &script, &own.lines, model, allows, &mut notes)?;
        for (at, texts) in found {
            for (k, text) in texts.into_iter().enumerate() {
                let mould = format!("{MODEL}{}-{k}", board.intents[at].id);
                board.intents[at].candidates.push(Candidate { mould, text, stiff: false });
            }
        }
        let (script, lines) = chosen(&board, (script, own.lines), allows, &mut notes)?;
        let by = board.intents.iter().zip(&lines).map(|(intent, line)| {
            let by = if line.mould.starts_with(MODEL) { name.clone() } else { format!("template:{}", line.mould) };
            (intent.id.clone(), by)
        });
        Ok(Drafted { script, by: by.collect(), diff: board.diff.clone(), told: notes })
    })
}

/// Asks until every line has a way to be said that passes, or nobody may be asked again.
fn proposals(
    board: &Board<'_>,
    told: Told<'_>,
    script: &Script,
    own: &[Candidate],
    model: &mut dyn Model,
    allows: &Allows<'_>,
    notes: &mut Vec<String>,
) -> Result<BTreeMap<usize, Vec<String>>, WorldError> {
    let sieve = sieve::Sieve::new(board, script, own, allows);
    let mut found: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut talks = prompt::talks(board, told, own, notes)?;
    let mut given_up: Option<Fault> = None;
    for round in 0..=REPAIRS {
        if talks.is_empty() {
            break;
        }
        let asks: Vec<Ask> = talks.iter().map(|talk| prompt::ask(board, talk, round)).collect::<Result<_, _>>()?;
        let answers = model.ask(&asks)?;
        let mut again = Vec::new();
        for (mut talk, answer) in talks.into_iter().zip(answers) {
            let reply = match answer {
                Answer::Said(reply) => reply,
                Answer::Failed(fault) => {
                    notes.push(kept(&talk.scene, &format!("{}, {}: {}", fault.class.as_str(), fault.reason, fault.message)));
                    given_up.get_or_insert(fault);
                    continue;
                }
            };
            let ids: BTreeSet<Id> = talk.wanted.keys().map(|at| board.intents[*at].id.clone()).collect();
            let read = match &reply.finish {
                Finish::Refused(why) => {
                    let why = if why.is_empty() { "no reason given".to_owned() } else { plain(why) };
                    notes.push(kept(&talk.scene, &format!("content_rejected: the model refused it ({why})")));
                    continue;
                }
                Finish::Cut => Err("it was cut off before its end: say less".to_owned()),
                Finish::Done => prompt::read(&reply.text, &ids),
            };
            let complaint = match read {
                // The whole answer is asked for again.
                Err(why) => {
                    if round == REPAIRS {
                        notes.push(kept(&talk.scene, &format!("its answer does not meet the schema after {} calls: {why}", round + 1)));
                    }
                    prompt::misread(&why)
                }
                Ok(texts) => {
                    let mut wanted = Wanted::new();
                    for (at, said) in talk.wanted.keys().copied().zip(ids_in_order(board, &talk.wanted, texts)) {
                        let (good, bad) = sieve.sift(at, said);
                        if good.is_empty() {
                            wanted.insert(at, bad);
                        } else {
                            found.entry(at).or_default().extend(good);
                        }
                    }
                    if round == REPAIRS {
                        notes.extend(wanted.iter().map(|(at, bad)| {
                            let why = bad.last().map_or("nothing was proposed", String::as_str);
                            format!("{} keeps the pack's words after {} calls: {why}", board.intents[*at].id, round + 1)
                        }));
                    }
                    talk.wanted = wanted;
                    prompt::refused(board, &talk.wanted)
                }
            };
            if !talk.wanted.is_empty() {
                // Only what it said last stands in the talk: an answer that was cut or no JSON is not given back whole.
                talk.turns.truncate(1);
                talk.turns.push(Turn { models: true, text: excerpt(&reply.text) });
                talk.turns.push(Turn { models: false, text: complaint });
                again.push(talk);
            }
        }
        // Whoever cannot be reached at all is not asked a second time in this episode.
        talks = if given_up.is_some() { Vec::new() } else { again };
    }
    Ok(found)
}

/// What was said of each wanted line, in the order of the lines.
fn ids_in_order(board: &Board<'_>, wanted: &Wanted, mut texts: BTreeMap<Id, Vec<String>>) -> Vec<Vec<String>> {
    wanted.keys().map(|at| texts.remove(&board.intents[*at].id).unwrap_or_default()).collect()
}

/// The best script of all candidates that passes; where none does, lines of the model's are taken back for the pack's, one after the
/// other, those the gate names first, until it passes. The pack's own script is the last of that row.
fn chosen(
    board: &Board<'_>,
    own: (Script, Vec<Candidate>),
    allows: &Allows<'_>,
    notes: &mut Vec<String>,
) -> Result<(Script, Vec<Candidate>), WorldError> {
    let Ok(drafts) = rank(&board.intents, &board.rules) else { return Ok(own) };
    // What is said of the pack's own script is no matter of the model's.
    let before: BTreeSet<String> = allows(&own.0).findings.iter().map(canon::told).collect();
    let why = |script: &Script| {
        let refusal = board.refusal(script);
        let mut allowed = allows(script);
        allowed.findings.retain(|f| !before.contains(&canon::told(f)));
        let named: BTreeSet<usize> =
            refusal.iter().map(|r| &r.verdict).chain([&allowed]).flat_map(|verdict| board.named(verdict)).collect();
        let first = refusal.map(|r| match r.verdict.findings.iter().find(|f| f.blocks) {
            Some(finding) => canon::told(finding),
            None => r.why,
        });
        first.or_else(|| allowed.findings.iter().find(|f| f.blocks).map(canon::told)).map(|what| (named, what))
    };
    let mut best = None;
    for draft in drafts {
        let script = board.assemble(&draft.lines)?;
        match why(&script) {
            None => return Ok((script, draft.lines)),
            Some(refused) if best.is_none() => best = Some((draft.lines, refused)),
            Some(_) => {}
        }
    }
    let Some((mut lines, (mut named, mut what))) = best else { return Ok(own) };
    loop {
        let models = |at: &usize| lines[*at].mould.starts_with(MODEL);
        let next = named.iter().copied().find(|at| models(at)).or_else(|| (0..lines.len()).rev().find(|at| models(at)));
        let Some(at) = next else { return Ok(own) };
        notes.push(format!("{} keeps the pack's words: with the model's, {what}", board.intents[at].id));
        lines[at].clone_from(&own.1[at]);
        let script = board.assemble(&lines)?;
        match why(&script) {
            None => return Ok((script, lines)),
            Some((n, w)) => (named, what) = (n, w),
        }
    }
}

fn kept(scene: &Id, why: &str) -> String {
    format!("{scene} keeps the pack's words: {why}")
}

/// A model's words in a message: short, and without anything that is not a letter of it.
fn plain(text: &str) -> String {
    let text: String = text.chars().take(160).collect();
    text.chars().filter(|c| !c.is_control() && !sieve::turns_text(*c)).collect()
}

/// As much of an answer as is given back to whoever said it.
fn excerpt(text: &str) -> String {
    let cut: String = text.chars().take(6_000).collect();
    if cut.is_empty() { "(nothing)".into() } else { cut }
}
