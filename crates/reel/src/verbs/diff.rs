//! `reel diff A B`: what is different between two runs, and what that caused.

use clap::{Arg, ArgMatches, Command};
use serde_json::{Value, json};

use super::{
    Offer, Report, Verb,
    runs::{find, with_registry},
    show::{cut, seconds},
    text,
};
use crate::{
    diff::{Cause, Change, Diff, Effect, Side},
    failure::Failure,
};

pub const VERB: Verb =
    Verb { name: "diff", about: "Say what changed between two runs, and what it caused", args, offer: Offer::Reads, run };

/// Changed values of one document that are told; --json has them all.
const SHOWN: usize = 8;

fn args(command: Command) -> Command {
    command
        .arg(Arg::new("a").value_name("A").required(true).help("The earlier run: its id"))
        .arg(Arg::new("b").value_name("B").help("The later run: its id (default, and `latest`: the newest)"))
        .after_help("Values are named by JSON pointer, in what a person wrote or in what the first step that changed has read.")
}

fn run(args: &ArgMatches) -> Result<Report, Failure> {
    with_registry(|registry, runtime| {
        let side = |name: &str| {
            let row = find(registry, runtime, &text(args, name).unwrap_or_else(|| "latest".to_owned()))?;
            runtime.block_on(Side::of(registry, row)).map_err(Failure::damaged)
        };
        let (a, b) = (side("a")?, side("b")?);
        let diff = Diff::of(registry, &a, &b);
        let mut json = diff.json(&a, &b);
        json["next_actions"] = json!([["reel", "show", b.row.id.as_str()]]);
        let width = kit::terminal::size().map_or(80, |(columns, _)| columns.clamp(60, 160));
        Ok(Report::new(json, told(&diff, &a, &b, width)))
    })
}

fn told(diff: &Diff, a: &Side, b: &Side, width: usize) -> String {
    let line = |name: &str, s: &Side| {
        let film = s.film().map_or_else(String::new, |(ms, shots)| format!(", {}.{} s, {shots} shots", ms / 1000, ms % 1000 / 100));
        format!("{name}  {}  {}{film}\n", s.row.id, s.row.status)
    };
    let mut text = line("A", a) + &line("B", b);
    if a.row.project != b.row.project || a.row.episode != b.row.episode {
        text.push_str("   of other stories: what differs may have no common cause\n");
    }
    if a.row.id == b.row.id {
        return text + "they are one run\n";
    }
    if diff.effects.is_empty() {
        text.push_str("nothing differs: every step read the same\n");
        return text + &film(a, b);
    }
    text.push_str("why\n");
    let mut hidden = false;
    for cause in &diff.causes {
        for row in why(cause, &mut hidden) {
            text.push_str(&format!("  {}\n", cut(&row, width - 2)));
        }
    }
    if diff.causes.is_empty() {
        text.push_str("  nothing that was read is another one\n");
    }
    text.push_str("what it caused\n");
    for effect in &diff.effects {
        for (n, row) in caused(effect).into_iter().enumerate() {
            let stage = if n == 0 { cut(&effect.stage, 12) } else { String::new() };
            text.push_str(&format!("  {stage:<12} {}\n", cut(&row, width - 15)));
        }
    }
    text.push_str(&film(a, b));
    if !diff.same.is_empty() {
        text.push_str(&wrapped("same      ", &diff.same.join(", "), width));
    }
    if hidden {
        text.push_str("  `--json` has every value\n");
    }
    text
}

fn film(a: &Side, b: &Side) -> String {
    match (a.film(), b.film()) {
        (Some(was), Some(is)) if was != is => {
            let tenths = |ms: u64| format!("{}.{} s", ms / 1000, ms % 1000 / 100);
            let shots = if was.1 == is.1 { format!("{} shots", is.1) } else { format!("{} -> {} shots", was.1, is.1) };
            format!("  {:<12} {} -> {}, {shots}\n", "film", tenths(was.0), tenths(is.0))
        }
        (Some(was), Some(_)) => format!("  {:<12} as long as before: {}\n", "film", seconds(was.0)),
        (None, Some(_)) => format!("  {:<12} only B made one\n", "film"),
        (Some(_), None) => format!("  {:<12} B made none\n", "film"),
        (None, None) => String::new(),
    }
}

fn why(cause: &Cause, hidden: &mut bool) -> Vec<String> {
    match cause {
        Cause::Document { kind, changes, .. } => listed(kind, changes, hidden),
        Cause::File { step, pointer, before, after } => {
            vec![format!("file: {step} read another one at {pointer}: {} -> {}", shown(before), shown(after))]
        }
        Cause::Build { kind, before, after } => vec![format!("build: `{kind}` is made another way: version {before} -> {after}")],
        Cause::Tool { tool, before, after } => vec![format!("tool: another {tool}: {} -> {}", shown(before), shown(after))],
        Cause::Take { step } => vec![format!("take: another take of {step} was asked for")],
        Cause::Command { without, with } => {
            let part = |words: &[String], verb: &str| (!words.is_empty()).then(|| format!("{verb} {}", words.join(" ")));
            let parts: Vec<String> = [part(without, "without"), part(with, "with")].into_iter().flatten().collect();
            vec![format!("command: {}", parts.join(", "))]
        }
        Cause::Read { step, changes } => listed(&format!("read by {step}"), changes, hidden),
        Cause::Unknown { step } => vec![format!("what {step} read in A or B is not on record (an older build, or collected)")],
    }
}

fn listed(head: &str, changes: &[Change], hidden: &mut bool) -> Vec<String> {
    let mut rows: Vec<String> = changes.iter().take(SHOWN).map(|change| format!("{head}: {}", value(change))).collect();
    if changes.len() > SHOWN {
        *hidden = true;
        rows.push(format!("{head}: and {} more", changes.len() - SHOWN));
    }
    rows
}

fn value(change: &Change) -> String {
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => format!("{} {} -> {}", change.pointer, shown(before), shown(after)),
        (None, Some(after)) => format!("{} new: {}", change.pointer, shown(after)),
        (Some(before), None) => format!("{} gone: {}", change.pointer, shown(before)),
        (None, None) => change.pointer.clone(),
    }
}

/// A value in a few words; an address by its beginning.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) => format!("{}…", &text[..8]),
        other => cut(&other.to_string(), 48),
    }
}

fn caused(effect: &Effect) -> Vec<String> {
    let short = |step: &str| step.strip_prefix(&format!("{}/", effect.stage)).unwrap_or(step).to_owned();
    let mut rows = Vec::new();
    let made: Vec<String> = effect.changed.iter().filter(|c| c.made).map(|c| short(&c.step)).collect();
    let known: Vec<String> = effect.changed.iter().filter(|c| !c.made).map(|c| short(&c.step)).collect();
    let of = |names: &[String], word: &str| match (names.len(), effect.steps) {
        (1, 1) => word.to_owned(),
        (n, all) if n == all => format!("all {all} {word}"),
        (n, all) => format!("{n} of {all} {word}: {}", names.join(", ")),
    };
    if !made.is_empty() {
        rows.push(of(&made, "made again"));
    }
    if !known.is_empty() {
        rows.push(of(&known, "other ones, known from an earlier run"));
    }
    let same = effect.changed.iter().filter(|c| c.same_result).count();
    if same > 0 {
        let which = if same == effect.changed.len() { "came out the same".to_owned() } else { format!("{same} came out the same") };
        rows.push(format!("{which}: nothing spreads from there"));
    }
    let list = |names: Vec<String>, word: &str| (!names.is_empty()).then(|| format!("{} {word}: {}", names.len(), names.join(", ")));
    rows.extend(list(effect.new.iter().map(|(step, _)| short(step)).collect(), "new"));
    rows.extend(list(effect.gone.iter().map(|step| short(step)).collect(), "gone"));
    rows.extend(list(effect.again.iter().map(|step| short(step)).collect(), "read the same and were made again"));
    rows
}

/// Words within a width, the following rows under the first.
fn wrapped(head: &str, words: &str, width: usize) -> String {
    let (mut text, mut row) = (String::new(), head.to_owned());
    for word in words.split(' ') {
        if row.chars().count() + word.chars().count() + 1 > width {
            text.push_str(row.trim_end());
            text.push('\n');
            row = " ".repeat(head.len());
        }
        row.push_str(word);
        row.push(' ');
    }
    text + row.trim_end() + "\n"
}
