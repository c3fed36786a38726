//! Tools, read off the table of verbs: a verb, or a command under one, is a tool; its arguments are the tool's. What a call
//! says becomes an argument vector of the same command line that a person types.

use std::any::TypeId;
use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, parser::ValueSource};
use serde_json::{Map, Value, json};

use super::confine::Root;
use crate::{
    failure::Failure,
    verbs::{self, Offer, VERBS},
};

/// Arguments that are a person's word, and are not an agent's to give: who says yes through `reel mcp` is written by us.
const PERSONS: [&str; 2] = ["yes", "by"];
/// Arguments of every verb that are no tool's.
const COMMON: [&str; 4] = ["help", "version", "json", "events"];
/// Arguments that write where the environment says: no folder that an agent is kept to holds it.
const ELSEWHERE: [&str; 1] = ["cm-paths"];
/// The most bytes of one value: a system takes no longer arguments.
const LONGEST: usize = 100_000;
/// The most values of one argument.
const MOST: usize = 1_000;

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Given or not.
    Flag,
    /// A whole number.
    Whole,
    /// A file or folder.
    Path,
    /// A run: its id, `latest`, or its folder.
    Run,
    /// A run, or a file.
    RunOrFile,
    /// Anything else.
    Text,
}

/// One argument of a tool.
struct Param {
    /// As a program names it: `no_voice`.
    key: String,
    /// As clap names it.
    id: String,
    /// `--no-voice`; none for an argument that is told by its place.
    long: Option<String>,
    kind: Kind,
    many: bool,
    required: bool,
    words: Vec<String>,
    default: Option<String>,
    help: String,
}

/// One tool.
pub struct Tool {
    /// Such as `produce`, or `artifacts_gc`.
    pub name: String,
    /// What it does, for a model that chooses.
    pub about: String,
    /// What it does to the world; never [`Offer::Each`] or [`Offer::No`].
    pub offer: Offer,
    /// The words of its command.
    words: Vec<&'static str>,
    params: Vec<Param>,
    /// Whether it records who decides.
    signed: bool,
    /// Whether it can tell what happens while it happens.
    pub tells: bool,
}

/// Every tool, in the order of the table.
pub fn tools() -> Vec<Tool> {
    let line = verbs::command();
    let mut out = Vec::new();
    for verb in VERBS {
        let Some(command) = line.find_subcommand(verb.name) else { continue };
        match verb.offer {
            Offer::No => {}
            Offer::Each(each) => {
                let under = |(name, offer): &(&'static str, Offer)| {
                    command.find_subcommand(name).map(|sub| Tool::of(vec![verb.name, name], sub, *offer))
                };
                out.extend(each.iter().filter_map(under));
            }
            offer => out.push(Tool::of(vec![verb.name], command, offer)),
        }
    }
    out
}

impl Tool {
    fn of(words: Vec<&'static str>, command: &Command, offer: Offer) -> Self {
        let shown = match offer {
            Offer::Shows(out) => Some(out),
            _ => None,
        };
        let given = |arg: &&Arg| {
            let id = arg.get_id().as_str();
            // What only looks writes no folder.
            let writes = offer == Offer::Reads && name_of(arg) == "DIR";
            !COMMON.contains(&id)
                && !PERSONS.contains(&id)
                && !ELSEWHERE.contains(&id)
                && Some(id) != shown
                && !writes
                && !arg.is_hide_set()
        };
        let params = command.get_arguments().filter(given).map(Param::of).collect();
        let mut about = command.get_about().map_or_else(String::new, ToString::to_string);
        if shown.is_some() {
            about.push_str(". The pictures are part of the answer");
        }
        if let Some(more) = command.get_after_help() {
            about.push_str("\n\n");
            about.push_str(&more.to_string());
        }
        let has = |id: &str| command.get_arguments().any(|arg| arg.get_id() == id);
        let (signed, tells) = (has("by"), has("events"));
        Self { name: words.join("_").replace('-', "_"), about, offer, words, params, signed, tells }
    }

    /// The JSON Schema of its arguments.
    pub fn schema(&self) -> Map<String, Value> {
        let properties: Map<String, Value> = self.params.iter().map(|p| (p.key.clone(), p.schema())).collect();
        let required: Vec<&str> = self.params.iter().filter(|p| p.required).map(|p| p.key.as_str()).collect();
        let mut schema = Map::new();
        schema.insert("type".into(), "object".into());
        schema.insert("properties".into(), properties.into());
        if !required.is_empty() {
            schema.insert("required".into(), json!(required));
        }
        schema.insert("additionalProperties".into(), false.into());
        schema
    }

    /// The arguments of the command that does what a call asks for.
    ///
    /// # Errors
    /// Names the argument, its value and what is expected.
    pub fn argv(&self, given: &Map<String, Value>, root: Option<&Root>, signer: &str, shown: Option<&str>) -> Result<Vec<String>, Failure> {
        let refuse =
            |why: String| Failure::usage(why, format!("`tools/list` says what `{}` takes; correct the call and repeat it", self.name));
        if let Some(key) = given.keys().find(|key| self.params.iter().all(|p| p.key != **key)) {
            let known: Vec<&str> = self.params.iter().map(|p| p.key.as_str()).collect();
            let key: String = key.escape_debug().take(60).collect();
            return Err(refuse(format!("`{}` has no argument `{key}`; it has: {}", self.name, known.join(", "))));
        }
        let mut argv: Vec<String> = self.words.iter().map(|w| (*w).to_owned()).collect();
        argv.push("--json".into());
        let mut placed = Vec::new();
        for param in &self.params {
            let value = given.get(&param.key).filter(|v| !v.is_null());
            let Some(value) = value else {
                if param.required {
                    return Err(refuse(format!("`{}` is missing: {}", param.key, param.help)));
                }
                continue;
            };
            if param.kind == Kind::Flag {
                match value {
                    Value::Bool(false) => {}
                    Value::Bool(true) => argv.extend(param.long.clone()),
                    other => return Err(refuse(param.told(other, "true or false"))),
                }
                continue;
            }
            for text in param.values(value).map_err(refuse)? {
                let text = param.confined(text, root)?;
                match &param.long {
                    Some(long) => argv.push(format!("{long}={text}")),
                    None => placed.push(text),
                }
            }
        }
        if self.signed {
            argv.push(format!("--by={signer}"));
        }
        if let (Offer::Shows(out), Some(shown)) = (self.offer, shown) {
            argv.push(format!("--{out}={shown}"));
        }
        // What a caller says is never taken for a flag.
        argv.push("--".into());
        argv.extend(placed);
        Ok(argv)
    }
}

/// What its value is called in help.
fn name_of(arg: &Arg) -> &str {
    arg.get_value_names().and_then(|names| names.first()).map_or("", |name| name.as_str())
}

impl Param {
    fn of(arg: &Arg) -> Self {
        let flag = matches!(arg.get_action(), ArgAction::SetTrue);
        let value_name = name_of(arg);
        let kind = if flag {
            Kind::Flag
        } else if value_name == "RUN|FILE" {
            Kind::RunOrFile
        } else if arg.get_value_parser().type_id() == TypeId::of::<PathBuf>() {
            Kind::Path
        } else {
            match value_name {
                "N" => Kind::Whole,
                // `reel diff A B` compares two runs.
                "RUN" | "A" | "B" => Kind::Run,
                _ => Kind::Text,
            }
        };
        let words = if flag { Vec::new() } else { arg.get_possible_values().iter().map(|v| v.get_name().to_owned()).collect() };
        Self {
            key: arg.get_id().as_str().replace('-', "_"),
            id: arg.get_id().as_str().to_owned(),
            long: arg.get_long().map(|long| format!("--{long}")),
            kind,
            many: matches!(arg.get_action(), ArgAction::Append),
            required: arg.is_required_set(),
            words,
            default: if flag { None } else { arg.get_default_values().first().map(|v| v.to_string_lossy().into_owned()) },
            help: arg.get_help().map_or_else(String::new, ToString::to_string),
        }
    }

    fn schema(&self) -> Value {
        let mut one = json!({"type": match self.kind {
            Kind::Flag => "boolean",
            Kind::Whole => "integer",
            _ => "string",
        }});
        if !self.words.is_empty() {
            one["enum"] = json!(self.words);
        }
        if self.kind == Kind::Whole {
            one["minimum"] = 0.into();
        }
        if let Some(default) = &self.default {
            one["default"] = default.as_str().into();
        }
        let mut schema = if self.many { json!({"type": "array", "items": one}) } else { one };
        schema["description"] = self.help.as_str().into();
        schema
    }

    /// A value's texts, as they stand on a command line.
    fn values(&self, value: &Value) -> Result<Vec<String>, String> {
        let values: Vec<&Value> = match value {
            Value::Array(list) if self.many && list.len() > MOST => {
                return Err(format!("`{}` has {} values; at most {MOST} are read", self.key, list.len()));
            }
            Value::Array(list) if self.many => list.iter().collect(),
            one => vec![one],
        };
        values.into_iter().map(|v| self.text(v)).collect()
    }

    fn text(&self, value: &Value) -> Result<String, String> {
        let text = match (self.kind, value) {
            (Kind::Whole, Value::Number(n)) if n.is_u64() => n.to_string(),
            (Kind::Whole, other) => return Err(self.told(other, "a whole number, 0 or more")),
            (_, Value::String(text)) => text.clone(),
            (_, other) => return Err(self.told(other, "a text")),
        };
        if text.contains('\0') {
            return Err(format!("`{}` holds a NUL byte, which no argument can", self.key));
        }
        if text.len() > LONGEST {
            return Err(format!("`{}` has {} bytes; at most {LONGEST} are read", self.key, text.len()));
        }
        Ok(text)
    }

    fn told(&self, value: &Value, expected: &str) -> String {
        let value: String = value.to_string().chars().take(60).collect();
        format!("`{}` is {value}; expected {expected}", self.key)
    }

    /// A path or a run's folder, inside the root where there is one.
    fn confined(&self, text: String, root: Option<&Root>) -> Result<String, Failure> {
        match (self.kind, root) {
            (Kind::Path | Kind::RunOrFile, _) if text == "-" => {
                let why = format!("`{}` is `-`: standard input carries the protocol", self.key);
                Err(Failure::usage(why, "give the path of a file"))
            }
            (Kind::Path, Some(root)) => root.inside(&self.key, &text),
            (Kind::Run | Kind::RunOrFile, Some(root)) if root.is_path(&text) => root.inside(&self.key, &text),
            _ => Ok(text),
        }
    }
}

/// A command line as a call of a tool, where an agent may make it.
pub fn call(tools: &[Tool], argv: &[String]) -> Option<Value> {
    let matches = verbs::command().try_get_matches_from(argv).ok()?;
    let (verb, mut args) = matches.subcommand()?;
    let mut words = vec![verb];
    while let Some((sub, under)) = args.subcommand() {
        words.push(sub);
        args = under;
    }
    let tool = tools.iter().find(|tool| tool.words == words)?;
    let mut arguments = Map::new();
    for id in args.ids().map(clap::Id::as_str) {
        if args.value_source(id) != Some(ValueSource::CommandLine) || COMMON.contains(&id) {
            continue;
        }
        let Some(param) = tool.params.iter().find(|p| p.id == id) else {
            // A picture's place is ours to choose; whatever else an agent cannot say makes it another call.
            if matches!(tool.offer, Offer::Shows(out) if out == id) { continue } else { return None }
        };
        let texts: Vec<String> = args.get_raw(id)?.map(|v| v.to_string_lossy().into_owned()).collect();
        let value = match param.kind {
            Kind::Flag => true.into(),
            Kind::Whole => texts.first()?.parse::<u64>().ok()?.into(),
            _ if param.many => json!(texts),
            _ => texts.first()?.as_str().into(),
        };
        arguments.insert(param.key.clone(), value);
    }
    Some(json!({"tool": tool.name, "arguments": arguments}))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(name: &str) -> Tool {
        tools().into_iter().find(|t| t.name == name).expect("the tool")
    }

    fn argv(name: &str, arguments: Value) -> Result<Vec<String>, Failure> {
        tool(name).argv(arguments.as_object().expect("an object"), None, "a person", None)
    }

    #[test]
    fn every_verb_is_a_tool_or_says_that_it_is_none() {
        let names: Vec<String> = tools().into_iter().map(|t| t.name).collect();
        for expected in ["new", "produce", "render", "show", "runs", "frame", "storyboard", "approve", "reject", "doctor"] {
            assert!(names.iter().any(|n| n == expected), "{expected} is missing in {names:?}");
        }
        for hidden in ["watch", "worker", "mcp", "top"] {
            assert!(names.iter().all(|n| n != hidden), "{hidden} is offered");
        }
        // A command under a verb without a mark would silently be no tool.
        let line = verbs::command();
        for verb in VERBS {
            let subs = line.find_subcommand(verb.name).map_or(0, |c| c.get_subcommands().count());
            let marked = if let Offer::Each(each) = verb.offer { each.len() } else { 0 };
            assert!(subs == marked || verb.offer == Offer::No, "{}: {subs} commands, {marked} marks", verb.name);
        }
        for tool in tools() {
            assert!(!tool.about.is_empty() && tool.params.iter().all(|p| !p.help.is_empty()), "{} lacks words", tool.name);
        }
    }

    #[test]
    fn a_value_that_could_be_a_path_is_known_as_one() {
        // With --root, paths and runs are confined by what they are: a path has the parser of paths, a run is named RUN, what may be
        // either RUN|FILE, and a whole number N. A new name below is a text that no verb opens as a file.
        const TEXTS: &[&str] = &[
            "STAGE", "STEP", "STATUS", "SHOT", "TAKE", "REASON", "TIME", "TEXT", "NAME", "ID", "GENRE", "LOOK", "SHAPE", "SIZE", "ETAG",
            "T", "POINT", "SCHEMA", "FEELING", "FRAMING", "LENGTH", "MOVE", "HOW", "MOOD", "WORD", "LETTERS", "NAMES", "POLICY", "USD",
            "FORMAT",
        ];
        let line = verbs::command();
        for tool in tools() {
            let command = tool.words.iter().fold(&line, |c, word| c.find_subcommand(word).expect("its command"));
            for param in tool.params.iter().filter(|p| p.kind == Kind::Text) {
                let arg = command.get_arguments().find(|a| a.get_id() == param.id.as_str()).expect("its argument");
                let name = name_of(arg);
                assert!(TEXTS.contains(&name), "{}: is <{name}> a path, a run, a number, or a text?", tool.name);
            }
        }
    }

    #[test]
    fn schemas_say_types_and_nobody_signs_for_a_person() {
        let schema = Value::Object(tool("produce").schema());
        assert_eq!(schema["required"], json!(["project"]));
        assert_eq!(schema["properties"]["episode"]["type"], "integer");
        assert_eq!(schema["properties"]["draft"]["type"], "boolean");
        assert_eq!(schema["properties"]["burn_in"]["enum"], json!(["none", "plain", "boxed", "highlight"]));
        assert!(schema["properties"].get("yes").is_none() && schema["properties"].get("json").is_none());
        assert!(Value::Object(tool("events").schema())["properties"].get("logs").is_none(), "a tool that only looks writes a folder");
        assert!(Value::Object(tool("approve").schema())["properties"].get("by").is_none());
        assert!(argv("approve", json!({"run": "r", "by": "somebody"})).is_err());
        assert!(argv("approve", json!({"run": "r"})).expect("an argv").contains(&"--by=a person".to_owned()));
    }

    #[test]
    fn values_are_never_flags_and_wrong_ones_are_named() {
        let line = argv("produce", json!({"project": "--yes", "episode": 2, "draft": true, "out": "--help", "no_voice": false}));
        assert_eq!(line.expect("an argv"), ["produce", "--json", "--episode=2", "--out=--help", "--draft", "--", "--yes"]);
        for (arguments, named) in [
            (json!({}), "`project` is missing"),
            (json!({"project": 7}), "`project` is 7; expected a text"),
            (json!({"project": "p", "episode": "two"}), "`episode` is \"two\"; expected a whole number"),
            (json!({"project": "p", "episode": -1}), "`episode` is -1"),
            (json!({"project": "p", "draft": "yes"}), "expected true or false"),
            (json!({"project": ["p"]}), "expected a text"),
            (json!({"project": "a\u{0}b"}), "NUL"),
            (json!({"project": "x".repeat(200_000)}), "at most 100000"),
            (json!({"project": "p", "yes": true}), "no argument `yes`"),
            (json!({"project": "p", "json": true}), "no argument `json`"),
        ] {
            let failure = argv("produce", arguments.clone()).expect_err("is refused");
            assert!(failure.code == "usage" && failure.message.contains(named), "{}: {}", arguments, failure.message);
        }
        for (verb, key) in [("render", "package"), ("explain", "file")] {
            assert!(argv(verb, json!({key: "-"})).is_err_and(|f| f.message.contains("protocol")));
        }
    }

    #[test]
    fn what_may_be_a_run_or_a_file_is_kept_inside_where_it_is_a_file() {
        let dir = kit::Scratch::open(&std::env::temp_dir().join("reel-tools"), "explain").expect("a folder");
        let inside = dir.temp_dir("root").expect("a folder");
        kit::Files::write_atomic(&kit::SystemFiles::new(), &inside.path().join("record.json"), b"{}").expect("writes");
        let root = Root::new(inside.path()).expect("a root");
        let last = |file: &str| tool("explain").argv(json!({"file": file}).as_object().expect("an object"), Some(&root), "", None);
        assert_eq!(last("latest").expect("a run").last().map(String::as_str), Some("latest"));
        assert_eq!(last("record.json").expect("a file").last().map(String::from), root.inside("file", "record.json").ok());
        assert!(last("/etc/passwd").is_err() && last("../record.json").is_err());
        assert!(tool("produce").params.iter().all(|p| p.key != "cm_paths"), "what writes outside of every root");
    }

    #[test]
    fn a_command_line_is_a_call_where_an_agent_may_make_it() {
        let tools = tools();
        let line = |argv: &[&str]| call(&tools, &argv.iter().map(|a| (*a).to_owned()).collect::<Vec<_>>());
        assert_eq!(
            line(&["reel", "approve", "run-1", "approve_canon_diff"]),
            Some(json!({"tool": "approve", "arguments": {"run": "run-1", "point": "approve_canon_diff"}}))
        );
        assert_eq!(
            line(&["reel", "produce", "p", "--episode", "2", "--draft"]),
            Some(json!({"tool": "produce", "arguments": {"project": "p", "episode": 2, "draft": true}}))
        );
        assert_eq!(line(&["reel", "artifacts", "gc", "--dry-run"]), Some(json!({"tool": "artifacts_gc", "arguments": {"dry_run": true}})));
        assert_eq!(line(&["reel", "produce", "p", "--yes"]), None);
        assert_eq!(line(&["reel", "watch", "p"]), None);
        assert_eq!(line(&["apt-get", "install", "-y", "ffmpeg"]), None);
    }
}
