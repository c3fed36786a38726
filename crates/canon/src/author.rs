//! `canon.toml`: the canon as a person writes it. Everything that can be left out can be left out.

use std::collections::{BTreeMap, BTreeSet};

use contracts::{
    Id,
    canon::{
        Canon, Character, Fact, FactKind, FactValue, Location, PlaceFamily, Prop, Relationship, RuleOf, RulePolicy, StoryTime, Thread,
        ThreadKind, ThreadState, TimelineEvent, World, WorldRule,
    },
    project::Audience,
    story::{Look, Voice},
};
use serde::Deserialize;

/// What is wrong with a `canon.toml`, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{field}: {message}", .line.map(|l| format!("line {l}, ")).unwrap_or_default())]
pub struct AuthorError {
    /// The field, such as `facts[2].subject`.
    pub field: String,
    /// The line, from 1, when it is known.
    pub line: Option<usize>,
    /// What is wrong there.
    pub message: String,
}

/// The id of a canon whose author named no project: the caller puts the project's there.
pub const NO_PROJECT: &str = "untitled";

/// Times may be a day, `0122-11-03`, or a minute, `0122-11-03T23:45`.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
struct When(StoryTime);

impl TryFrom<String> for When {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let full = if text.len() == 10 { format!("{text}T00:00") } else { text };
        StoryTime::try_from(full).map(Self)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    project_id: Option<Id>,
    version: Option<u32>,
    #[serde(default)]
    world: WrittenWorld,
    #[serde(default, alias = "character")]
    characters: Vec<WrittenCharacter>,
    #[serde(default, alias = "location", alias = "places")]
    locations: Vec<WrittenLocation>,
    #[serde(default, alias = "prop")]
    props: Vec<WrittenProp>,
    #[serde(default, alias = "rules")]
    world_rules: Vec<WrittenRule>,
    #[serde(default)]
    relationships: Vec<Relationship>,
    #[serde(default, alias = "events")]
    timeline_events: Vec<WrittenEvent>,
    #[serde(default, alias = "fact")]
    facts: Vec<WrittenFact>,
    #[serde(default)]
    threads: Vec<WrittenThread>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenWorld {
    name: Option<String>,
    audience: Option<Audience>,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    particulars: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenCharacter {
    id: Option<Id>,
    name: String,
    born: When,
    #[serde(default)]
    role: String,
    #[serde(default)]
    want: String,
    #[serde(default)]
    fear: String,
    #[serde(default)]
    lie: String,
    #[serde(default)]
    contradiction: String,
    look: Option<Look>,
    voice: Option<Voice>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenLocation {
    id: Option<Id>,
    name: String,
    family: PlaceFamily,
    look: String,
    #[serde(default)]
    words: Vec<String>,
    #[serde(default)]
    sounds: Vec<String>,
    #[serde(default)]
    holds: Vec<Id>,
    #[serde(default)]
    travel_min: BTreeMap<Id, u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenProp {
    id: Option<Id>,
    name: String,
    look: String,
    shape: Id,
    #[serde(default)]
    words: Vec<String>,
    #[serde(default)]
    affordances: Vec<String>,
    #[serde(default)]
    colours: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRule {
    id: Id,
    text: String,
    policy: Option<WrittenPolicy>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPolicy {
    #[serde(default)]
    of: RuleOf,
    kept: Bodies,
}

/// One body of a rule, or several of which one has to hold.
#[derive(Deserialize)]
#[serde(untagged)]
enum Bodies {
    One(String),
    Several(Vec<String>),
}

impl From<Bodies> for Vec<String> {
    fn from(bodies: Bodies) -> Self {
        match bodies {
            Bodies::One(body) => vec![body],
            Bodies::Several(bodies) => bodies,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenEvent {
    id: Option<Id>,
    at: When,
    text: String,
    #[serde(default)]
    who: Vec<Id>,
    #[serde(default)]
    after: Vec<Id>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFact {
    id: Option<Id>,
    subject: Id,
    attribute: String,
    value: FactValue,
    kind: Option<FactKind>,
    from: Option<When>,
    until: Option<When>,
    #[serde(default)]
    known_by: BTreeMap<Id, When>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenThread {
    id: Id,
    question: String,
    kind: Option<ThreadKind>,
    due: Option<String>,
}

/// Reads a `canon.toml`.
///
/// Left out: `project_id` (becomes [`NO_PROJECT`]), `version` (0), ids (made from the first word of a person's name, from a fact's
/// subject and attribute, else from the name without its article), `words` (the last word of the name), `kind` of a fact (stateful; immutable for name, born and dead),
/// `from` of a fact (the year 0001), every list.
///
/// # Errors
/// The field and the line of the first thing that does not fit.
pub fn parse(text: &str) -> Result<Canon, AuthorError> {
    let deserializer = toml::Deserializer::parse(text).map_err(|e| at(text, "canon.toml".into(), &e))?;
    let written: Written = serde_path_to_error::deserialize(deserializer).map_err(|e| {
        let field = e.path().to_string();
        at(text, if field == "." { "canon.toml".into() } else { field }, e.inner())
    })?;
    let name = written.world.name.clone().unwrap_or_else(|| "the world of this story".to_owned());
    Ok(Canon {
        project_id: written.project_id.unwrap_or_else(|| Id::slug(NO_PROJECT)),
        version: written.version.unwrap_or(0),
        world: World {
            name,
            audience: written.world.audience.unwrap_or(Audience::General),
            names: written.world.names,
            particulars: written.world.particulars,
        },
        characters: written.characters.into_iter().map(character).collect(),
        locations: written.locations.into_iter().map(location).collect(),
        props: written.props.into_iter().map(prop).collect(),
        world_rules: written
            .world_rules
            .into_iter()
            .map(|r| WorldRule { id: r.id, text: r.text, policy: r.policy.map(|p| RulePolicy { of: p.of, kept: p.kept.into() }) })
            .collect(),
        relationships: written.relationships,
        timeline_events: written
            .timeline_events
            .into_iter()
            .map(|e| TimelineEvent { id: e.id.unwrap_or_else(|| Id::slug(&e.text)), at: e.at.0, text: e.text, who: e.who, after: e.after })
            .collect(),
        facts: facts(written.facts),
        threads: written
            .threads
            .into_iter()
            .map(|t| Thread {
                id: t.id,
                question: t.question,
                kind: t.kind.unwrap_or(ThreadKind::Season),
                state: ThreadState::Open,
                opened_by: Some("author".into()),
                advanced_by: vec![],
                paid_by: None,
                answer: vec![],
                due: t.due,
            })
            .collect(),
    })
}

fn at(text: &str, field: String, error: &toml::de::Error) -> AuthorError {
    let line = error.span().map(|span| text.get(..span.start).unwrap_or("").matches('\n').count() + 1);
    AuthorError { field, line, message: error.message().to_owned() }
}

fn bare(name: &str) -> &str {
    let lower = name.to_lowercase();
    ["the ", "a ", "an "].iter().find(|article| lower.starts_with(**article)).map_or(name, |article| &name[article.len()..])
}

fn words(given: Vec<String>, name: &str) -> Vec<String> {
    if !given.is_empty() {
        return given;
    }
    bare(name).split_whitespace().last().map(str::to_lowercase).into_iter().collect()
}

fn character(c: WrittenCharacter) -> Character {
    let first = c.name.split_whitespace().next().unwrap_or("somebody").to_owned();
    Character {
        id: c.id.unwrap_or_else(|| Id::slug(&first)),
        name: c.name,
        born: c.born.0,
        role: c.role,
        want: c.want,
        fear: c.fear,
        lie: c.lie,
        contradiction: c.contradiction,
        look: c.look,
        voice: c.voice,
    }
}

fn slug(name: &str) -> Id {
    Id::new(Id::slug(bare(name)).replace('-', "_")).unwrap_or_else(|_| Id::slug(bare(name)))
}

fn location(l: WrittenLocation) -> Location {
    Location {
        id: l.id.unwrap_or_else(|| slug(&l.name)),
        words: words(l.words, &l.name),
        name: l.name,
        family: l.family,
        look: l.look,
        sounds: l.sounds,
        holds: l.holds,
        travel_min: l.travel_min,
    }
}

fn prop(p: WrittenProp) -> Prop {
    Prop {
        id: p.id.unwrap_or_else(|| slug(&p.name)),
        words: words(p.words, &p.name),
        name: p.name,
        look: p.look,
        affordances: p.affordances,
        shape: p.shape,
        colours: p.colours,
    }
}

/// The facts; of two that would get the same id because the author gave none, the later ones are numbered.
fn facts(written: Vec<WrittenFact>) -> Vec<Fact> {
    let mut taken: BTreeSet<Id> = written.iter().filter_map(|f| f.id.clone()).collect();
    let mut numbers: BTreeMap<Id, u32> = BTreeMap::new();
    let mut out = Vec::with_capacity(written.len());
    for one in written {
        let given = one.id.is_some();
        let mut fact = fact(one);
        if !given {
            let plain = fact.id.clone();
            while !taken.insert(fact.id.clone()) {
                let n = numbers.entry(plain.clone()).or_insert(1);
                *n += 1;
                fact.id = Id::slug(&format!("{:.48}-{n}", plain.as_str()));
            }
        }
        out.push(fact);
    }
    out
}

fn fact(f: WrittenFact) -> Fact {
    let fixed = matches!(f.attribute.as_str(), "name" | "born");
    let default = match f.attribute.as_str() {
        "dead" => FactKind::OneWay,
        _ if fixed => FactKind::Immutable,
        _ => FactKind::Stateful,
    };
    Fact {
        id: f.id.unwrap_or_else(|| Id::slug(&format!("{}-{}", f.subject, f.attribute))),
        subject: f.subject,
        attribute: f.attribute,
        value: f.value,
        kind: f.kind.unwrap_or(default),
        from: f.from.map_or_else(crate::time::epoch, |w| w.0),
        until: f.until.map(|w| w.0),
        known_by: f.known_by.into_iter().map(|(who, when)| (who, when.0)).collect(),
        cause: None,
        source: Some("author".into()),
    }
}
