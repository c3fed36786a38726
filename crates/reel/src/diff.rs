//! Two runs held against each other, from the registry alone: which values that were read are other ones, and which steps that
//! made run again.

use std::collections::{BTreeMap, BTreeSet};

use contracts::{Document, Hash, notes::Notes, project::Project, run::RunSummary};
use registry::{Registry, RegistryError, RunRow, StepRow};
use serde_json::{Map, Value, json};

/// Where a projection names the build of its tool.
const TOOLS: [&str; 3] = ["encoder", "decoder", "engine"];

/// Lists of things that have a name are held against each other by it, not by place.
const NAMES: [&str; 6] = ["id", "shot_id", "line_id", "beat_id", "need_id", "at"];

/// One value that is another one.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Where, as a JSON pointer into the newer document, or into the older one when it is gone.
    pub pointer: String,
    /// What it was; `None` when it is new.
    pub before: Option<Value>,
    /// What it is; `None` when it is gone.
    pub after: Option<Value>,
}

impl Change {
    fn json(&self) -> Value {
        let mut out = Map::new();
        out.insert("pointer".into(), json!(self.pointer));
        out.extend(self.before.clone().map(|v| ("before".to_owned(), v)));
        out.extend(self.after.clone().map(|v| ("after".to_owned(), v)));
        Value::Object(out)
    }
}

/// Why steps were other ones.
#[derive(Clone, Debug, PartialEq)]
pub enum Cause {
    /// A document that no step made: what a person wrote.
    Document { kind: String, before: Option<Hash>, after: Option<Hash>, changes: Vec<Change> },
    /// A file that no step made.
    File { step: String, pointer: String, before: Value, after: Value },
    /// This build makes something else of the same.
    Build { kind: String, before: u32, after: u32 },
    /// Another build of a tool.
    Tool { tool: String, before: Value, after: Value },
    /// Another take of a step was asked for.
    Take { step: String },
    /// Words of the command.
    Command { without: Vec<String>, with: Vec<String> },
    /// Values that the first step which changed has read.
    Read { step: String, changes: Vec<Change> },
    /// What a step has read is not on record.
    Unknown { step: String },
}

impl Cause {
    fn json(&self) -> Value {
        let list = |changes: &[Change]| changes.iter().map(Change::json).collect::<Vec<_>>();
        match self {
            Self::Document { kind, before, after, changes } => {
                json!({"cause": "document", "kind": kind, "before": before, "after": after, "changes": list(changes)})
            }
            Self::File { step, pointer, before, after } => {
                json!({"cause": "file", "step": step, "pointer": pointer, "before": before, "after": after})
            }
            Self::Build { kind, before, after } => json!({"cause": "build", "kind": kind, "before": before, "after": after}),
            Self::Tool { tool, before, after } => json!({"cause": "tool", "tool": tool, "before": before, "after": after}),
            Self::Take { step } => json!({"cause": "take", "step": step}),
            Self::Command { without, with } => json!({"cause": "command", "without": without, "with": with}),
            Self::Read { step, changes } => json!({"cause": "read", "step": step, "changes": list(changes)}),
            Self::Unknown { step } => json!({"cause": "unknown", "step": step}),
        }
    }
}

/// A step that is there in both runs, under another key.
pub struct Changed {
    pub step: String,
    /// It was made in the second run; else it was known from an earlier one.
    pub made: bool,
    /// What it made is the same as before: nothing spreads from it.
    pub same_result: bool,
    /// The values it read that are other ones; `None` when that is not on record.
    pub changes: Option<Vec<Change>>,
}

/// What became of a stage.
#[derive(Default)]
pub struct Effect {
    pub stage: String,
    /// Its steps in the second run.
    pub steps: usize,
    pub changed: Vec<Changed>,
    /// Steps that only the second run has, and whether it made them.
    pub new: Vec<(String, bool)>,
    /// Steps that only the first run has.
    pub gone: Vec<String>,
    /// Steps with the same key that were made again all the same: what was remembered of them was lost, or never finished.
    pub again: Vec<String>,
}

impl Effect {
    fn touched(&self) -> bool {
        !(self.changed.is_empty() && self.new.is_empty() && self.gone.is_empty() && self.again.is_empty())
    }
}

/// One of the two.
pub struct Side {
    pub row: RunRow,
    pub summary: Option<RunSummary>,
    steps: BTreeMap<String, StepRow>,
    asked: Option<Vec<String>>,
    made: BTreeMap<Hash, BTreeSet<Hash>>,
    reads: BTreeMap<Hash, Value>,
}

impl Side {
    /// Reads a run.
    pub async fn of(registry: &Registry, row: RunRow) -> Result<Self, RegistryError> {
        let rows = registry.steps(&row.id).await?;
        let keys: Vec<Hash> = rows.iter().map(|s| s.step.memo_key.clone()).collect();
        let made = registry.memo_outputs(&row.tenant, &keys).await?;
        let made = made.into_iter().map(|(key, outputs)| (key, outputs.files.into_values().map(|o| o.hash).collect())).collect();
        Ok(Self {
            summary: row.summary.as_ref().and_then(|hash| registry.artifact(hash).ok()),
            asked: row.request.clone(),
            reads: registry.memo_reads(&row.tenant, &keys).await?,
            steps: rows.into_iter().map(|s| (s.step.name.clone(), s)).collect(),
            made,
            row,
        })
    }

    /// The addresses it read that none of its steps made; and its project and notes, which steps read in parts.
    fn given(&self) -> BTreeSet<Hash> {
        let mut found = BTreeSet::new();
        self.reads.values().for_each(|value| addresses(value, &mut found));
        let made: BTreeSet<&Hash> = self.made.values().flatten().collect();
        found.retain(|hash| !made.contains(hash));
        let named = self.summary.iter().flat_map(|s| [Project::SCHEMA_ID, Notes::SCHEMA_ID].map(|kind| s.artifacts.get(kind).cloned()));
        found.extend(named.flatten());
        found
    }

    fn makes(&self, hash: &Value) -> bool {
        hash.as_str()
            .and_then(|h| Hash::try_from(h.to_owned()).ok())
            .is_some_and(|hash| self.made.values().any(|made| made.contains(&hash)))
    }

    /// Length of the film in milliseconds, and shots; of a run that made one.
    pub fn film(&self) -> Option<(u64, u64)> {
        self.summary.as_ref().filter(|s| s.frames > 0).map(|s| (s.duration_ms, s.shots))
    }
}

/// What is different.
pub struct Diff {
    pub causes: Vec<Cause>,
    pub effects: Vec<Effect>,
    /// Stages that are the same in both.
    pub same: Vec<String>,
    /// Shots whose picture is another one, made or known; in film order.
    pub shots: Vec<String>,
}

impl Diff {
    /// Holds two runs against each other.
    pub fn of(registry: &Registry, a: &Side, b: &Side) -> Self {
        let (effects, same) = effects(a, b);
        let causes = causes(registry, a, b, &effects);
        let of = effects.iter().filter(|e| e.stage == "shots");
        let shots = of.flat_map(|e| e.changed.iter().map(|c| &c.step).chain(e.new.iter().map(|(s, _)| s)));
        let shots = shots.map(|name| name.rsplit('/').next().unwrap_or(name).to_owned()).collect();
        Self { causes, effects, same, shots }
    }

    /// All of it, for programs.
    pub fn json(&self, a: &Side, b: &Side) -> Value {
        let effects: Vec<Value> = self
            .effects
            .iter()
            .map(|e| {
                let changed: Vec<Value> = e
                    .changed
                    .iter()
                    .map(|c| {
                        let changes = c.changes.as_ref().map(|list| list.iter().map(Change::json).collect::<Vec<_>>());
                        json!({"step": c.step, "made": c.made, "same_result": c.same_result, "changes": changes})
                    })
                    .collect();
                let new: Vec<Value> = e.new.iter().map(|(step, made)| json!({"step": step, "made": made})).collect();
                json!({"stage": e.stage, "steps": e.steps, "changed": changed, "new": new, "gone": e.gone, "again": e.again})
            })
            .collect();
        let side = |s: &Side| {
            json!({
                "run_id": s.row.id, "project": s.row.project, "episode": s.row.episode, "status": s.row.status,
                "duration_ms": s.film().map(|f| f.0), "shots": s.film().map(|f| f.1),
            })
        };
        json!({
            "a": side(a), "b": side(b), "causes": self.causes.iter().map(Cause::json).collect::<Vec<_>>(), "effects": effects,
            "same_stages": self.same, "shots": self.shots, "same": self.effects.is_empty(),
        })
    }
}

/// Stages in the order of the second run, then those that only the first one has.
fn effects(a: &Side, b: &Side) -> (Vec<Effect>, Vec<String>) {
    let mut places: BTreeMap<&str, (u8, u64)> = BTreeMap::new();
    for (rank, side) in [(0, b), (1, a)] {
        for step in side.steps.values() {
            let place = (rank, step.step.place);
            let at = places.entry(&step.step.stage).or_insert(place);
            *at = (*at).min(place);
        }
    }
    let mut order: Vec<(&str, (u8, u64))> = places.into_iter().collect();
    order.sort_by_key(|(_, place)| *place);
    let (mut touched, mut same) = (Vec::new(), Vec::new());
    for (stage, _) in order {
        let mut effect = Effect { stage: stage.to_owned(), ..Effect::default() };
        let mut steps: Vec<&StepRow> = b.steps.values().filter(|s| s.step.stage == stage).collect();
        steps.sort_by_key(|s| (s.step.place, s.step.name.clone()));
        effect.steps = steps.len();
        for step in steps {
            let (name, key) = (&step.step.name, &step.step.memo_key);
            match a.steps.get(name) {
                None => effect.new.push((name.clone(), !step.hit)),
                Some(was) if was.step.memo_key == *key => {
                    if a.row.id != b.row.id && !step.hit && step.attempt > 0 {
                        effect.again.push(name.clone());
                    }
                }
                Some(was) => {
                    let old = &was.step.memo_key;
                    let changes = a.reads.get(old).zip(b.reads.get(key)).map(|(before, after)| changes(before, after));
                    let made = (a.made.get(old), b.made.get(key));
                    let same_result = made.0.is_some() && made.0 == made.1;
                    effect.changed.push(Changed { step: name.clone(), made: !step.hit, same_result, changes });
                }
            }
        }
        let gone = a.steps.values().filter(|s| s.step.stage == stage && !b.steps.contains_key(&s.step.name));
        effect.gone = gone.map(|s| s.step.name.clone()).collect();
        if effect.touched() {
            touched.push(effect);
        } else {
            same.push(stage.to_owned());
        }
    }
    (touched, same)
}

fn causes(registry: &Registry, a: &Side, b: &Side, effects: &[Effect]) -> Vec<Cause> {
    let mut causes: Vec<Cause> = Vec::new();
    let mut add = |cause: Cause| {
        if !causes.contains(&cause) {
            causes.push(cause);
        }
    };
    for (kind, old, new) in documents(registry, a, b) {
        let read = |hash: &Option<Hash>| hash.as_ref().and_then(|h| document(registry, h)).map(|(_, doc)| doc);
        let (before, after) = (read(&old), read(&new));
        let none = |other: &Option<Value>| other.as_ref().map_or_else(|| json!({}), hollow);
        let changes = changes(&before.clone().unwrap_or_else(|| none(&after)), &after.unwrap_or_else(|| none(&before)));
        if !changes.is_empty() {
            add(Cause::Document { kind, before: old, after: new, changes });
        }
    }
    for changed in effects.iter().flat_map(|e| &e.changed) {
        let (was, is) = (&a.steps[&changed.step].step, &b.steps[&changed.step].step);
        if was.kind_version != is.kind_version {
            add(Cause::Build { kind: is.kind.clone(), before: was.kind_version, after: is.kind_version });
        }
        let Some(changes) = &changed.changes else { continue };
        if changes.is_empty() && was.kind_version == is.kind_version {
            add(Cause::Take { step: changed.step.clone() });
        }
        for change in changes {
            let (Some(before), Some(after)) = (&change.before, &change.after) else { continue };
            let name = change.pointer.rsplit('/').next().unwrap_or_default();
            if TOOLS.contains(&name) {
                add(Cause::Tool { tool: name.to_owned(), before: before.clone(), after: after.clone() });
                continue;
            }
            let hash = |value: &Value| value.as_str().and_then(|h| Hash::try_from(h.to_owned()).ok());
            let (Some(old), Some(new)) = (hash(before), hash(after)) else { continue };
            if a.makes(before) || b.makes(after) {
                continue;
            }
            let plain = |hash: &Hash| document(registry, hash).is_none() && registry.blobs().size(hash).is_ok_and(|size| size.is_some());
            if plain(&old) && plain(&new) {
                let (step, pointer) = (changed.step.clone(), change.pointer.clone());
                add(Cause::File { step, pointer, before: before.clone(), after: after.clone() });
            }
        }
    }
    if let (Some(was), Some(is)) = (&a.asked, &b.asked) {
        let missing = |from: &[String], of: &[String]| flags(from).into_iter().filter(|w| !flags(of).contains(w)).collect::<Vec<_>>();
        let (without, with) = (missing(was, is), missing(is, was));
        if !(without.is_empty() && with.is_empty()) {
            add(Cause::Command { without, with });
        }
    }
    if causes.is_empty()
        && let Some(first) = effects.iter().find(|e| !e.changed.is_empty())
    {
        for changed in &first.changed {
            causes.push(match &changed.changes {
                Some(changes) => Cause::Read { step: changed.step.clone(), changes: changes.clone() },
                None => Cause::Unknown { step: changed.step.clone() },
            });
        }
    }
    causes
}

/// The words of a command that change what is made: options with their values, without the place it is written to, how many
/// at a time, and who says yes.
fn flags(argv: &[String]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut words = argv.iter().skip(3).peekable();
    while let Some(word) = words.next() {
        let value = words.next_if(|next| !next.starts_with("--"));
        if !matches!(word.as_str(), "--out" | "--jobs" | "--yes") {
            out.push(value.map_or_else(|| word.clone(), |value| format!("{word} {value}")));
        }
    }
    out
}

/// The documents that no step made and that only one of the two read, by kind: what the older run read, and what the newer one
/// read in its place.
fn documents(registry: &Registry, a: &Side, b: &Side) -> Vec<(String, Option<Hash>, Option<Hash>)> {
    let (was, is) = (a.given(), b.given());
    let by_kind = |one: &BTreeSet<Hash>, other: &BTreeSet<Hash>| {
        let mut kinds: BTreeMap<String, Vec<Hash>> = BTreeMap::new();
        for hash in one.difference(other) {
            if let Some((kind, _)) = document(registry, hash) {
                kinds.entry(kind).or_default().push(hash.clone());
            }
        }
        kinds
    };
    let (olds, mut news) = (by_kind(&was, &is), by_kind(&is, &was));
    let mut out = Vec::new();
    for (kind, old) in olds {
        let new = news.remove(&kind).unwrap_or_default();
        for n in 0..old.len().max(new.len()) {
            out.push((kind.clone(), old.get(n).cloned(), new.get(n).cloned()));
        }
    }
    out.extend(news.into_iter().flat_map(|(kind, new)| new.into_iter().map(move |hash| (kind.clone(), None, Some(hash)))));
    out
}

/// A stored document as plain JSON, and its kind.
fn document(registry: &Registry, hash: &Hash) -> Option<(String, Value)> {
    // Larger content is a picture or a sound.
    if registry.blobs().size(hash).ok().flatten()? > 4_000_000 {
        return None;
    }
    let doc = serde_json::from_slice::<Value>(&registry.bytes(hash).ok()?).ok()?;
    Some((doc.get("schema_id")?.as_str()?.to_owned(), doc))
}

/// A document that says nothing, to hold one against that stands alone: its lists and tables are empty.
fn hollow(document: &Value) -> Value {
    let Some(map) = document.as_object() else { return json!({}) };
    let empty = |value: &Value| match value {
        Value::Array(_) => json!([]),
        Value::Object(_) => json!({}),
        other => other.clone(),
    };
    Value::Object(map.iter().map(|(name, value)| (name.clone(), empty(value))).collect())
}

/// The addresses in a value.
fn addresses(value: &Value, found: &mut BTreeSet<Hash>) {
    match value {
        Value::String(text) => found.extend(Hash::try_from(text.clone()).ok()),
        Value::Array(items) => items.iter().for_each(|item| addresses(item, found)),
        Value::Object(map) => map.values().for_each(|item| addresses(item, found)),
        _ => {}
    }
}

/// Every value that is another one, in the order of the newer side.
pub fn changes(before: &Value, after: &Value) -> Vec<Change> {
    let mut out = Vec::new();
    walk(before, after, &mut String::new(), &mut out);
    out
}

fn walk(before: &Value, after: &Value, at: &mut String, out: &mut Vec<Change>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            for (name, value) in new {
                under(at, name, |at| match old.get(name) {
                    Some(was) => walk(was, value, at, out),
                    None => out.push(Change { pointer: at.clone(), before: None, after: Some(value.clone()) }),
                });
            }
            for (name, value) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
                under(at, name, |at| out.push(Change { pointer: at.clone(), before: Some(value.clone()), after: None }));
            }
        }
        (Value::Array(old), Value::Array(new)) => lists(old, new, at, out),
        _ => out.push(Change { pointer: at.clone(), before: Some(before.clone()), after: Some(after.clone()) }),
    }
}

/// By name where all have one; else what both begin and end with is left out.
fn lists(old: &[Value], new: &[Value], at: &mut String, out: &mut Vec<Change>) {
    let pairs: Vec<(Option<usize>, Option<usize>)> = match (names(old), names(new)) {
        (Some(was), Some(is)) => {
            let mut pairs: Vec<_> = is.iter().enumerate().map(|(n, name)| (was.iter().position(|w| w == name), Some(n))).collect();
            pairs.extend(was.iter().enumerate().filter(|(_, name)| !is.contains(name)).map(|(n, _)| (Some(n), None)));
            pairs
        }
        _ => {
            let same = |pairs: &mut dyn Iterator<Item = (&Value, &Value)>| pairs.take_while(|(a, b)| a == b).count();
            let head = same(&mut old.iter().zip(new));
            let tail = same(&mut old[head..].iter().rev().zip(new[head..].iter().rev()));
            let (most, was, is) = (old.len().max(new.len()) - head - tail, old.len() - tail, new.len() - tail);
            (head..head + most).map(|n| ((n < was).then_some(n), (n < is).then_some(n))).collect()
        }
    };
    for (was, is) in pairs {
        let name = is.or(was).unwrap_or_default().to_string();
        under(at, &name, |at| match (was.map(|n| &old[n]), is.map(|n| &new[n])) {
            (Some(before), Some(after)) => walk(before, after, at, out),
            (before, after) => out.push(Change { pointer: at.clone(), before: before.cloned(), after: after.cloned() }),
        });
    }
}

/// The names of a list's things, when each has its own.
fn names(list: &[Value]) -> Option<Vec<&str>> {
    let key = NAMES.iter().find(|key| list.first().is_some_and(|v| v.get(**key).is_some_and(Value::is_string)))?;
    let names: Vec<&str> = list.iter().map(|v| v.get(*key).and_then(Value::as_str)).collect::<Option<_>>()?;
    let own: BTreeSet<&str> = names.iter().copied().collect();
    (own.len() == names.len()).then_some(names)
}

fn under(at: &mut String, name: &str, act: impl FnOnce(&mut String)) {
    let length = at.len();
    at.push('/');
    at.push_str(&name.replace('~', "~0").replace('/', "~1"));
    act(at);
    at.truncate(length);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(before: Value, after: Value) -> Vec<String> {
        let word = |v: &Option<Value>| v.as_ref().map_or("-".to_owned(), ToString::to_string);
        changes(&before, &after).iter().map(|c| format!("{} {} {}", c.pointer, word(&c.before), word(&c.after))).collect()
    }

    #[test]
    fn changes_are_named_by_pointer_and_an_inserted_thing_moves_no_other() {
        assert_eq!(told(json!({"a": {"b/c": 1, "same": 2}}), json!({"a": {"b/c": 3, "same": 2}})), ["/a/b~1c 1 3"]);
        assert_eq!(told(json!({"gone": 1}), json!({"new": [1]})), ["/new - [1]", "/gone 1 -"]);
        let list = |ids: &[&str]| json!(ids.iter().map(|id| json!({"id": id, "text": format!("says {id}")})).collect::<Vec<_>>());
        assert_eq!(told(list(&["a", "b"]), list(&["a", "x", "b"])), [r#"/1 - {"id":"x","text":"says x"}"#]);
        assert_eq!(told(list(&["a", "b"]), list(&["b", "a"])), Vec::<String>::new(), "an order is no value");
        assert_eq!(told(json!([1, 2, 3, 4]), json!([1, 9, 2, 3, 4])), ["/1 - 9"]);
        assert_eq!(told(json!([1, 2, 3]), json!([1, 3])), ["/1 2 -"]);
        assert_eq!(told(json!({"x": [1]}), json!({"x": {"y": 1}})), [r#"/x [1] {"y":1}"#]);
        assert_eq!(told(json!(1), json!(2)), [" 1 2"]);
    }

    #[test]
    fn a_command_is_its_options() {
        let argv = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let all = flags(&argv("reel produce here --episode 2 --out there --draft --jobs 3 --yes"));
        assert_eq!(all, ["--episode 2", "--draft"]);
    }
}
