//! `reel promise classify|check FILE`: what a brief promises, and whether cuts keep a promise.

use clap::{Arg, ArgAction, ArgMatches, Command};
use contracts::promise::DeliveryPromise;
use gates::promise::cuts::{self, Counted, Share};
use gates::promise::{Brief, Cut, Measure, classify, rule};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Offer, Report, Verb,
    given::{self, Given},
};
use crate::failure::{Failure, exit};

pub const VERB: Verb = Verb {
    name: "promise",
    about: "Say what a brief promises, and whether cuts keep it",
    args,
    offer: Offer::Each(&[("classify", Offer::Reads), ("check", Offer::Reads)]),
    run,
};

const CLASSIFY: &str = "\
example:
  echo '{\"pipeline_type\": \"cinematic\", \"user_intent\": {\"motion_required\": true, \"tone\": \"noir\"}}' | reel promise classify -
pipeline_type is what none knows a mixture of (hybrid); user_intent may say motion_required, has_footage, tone, quality";

const CHECK: &str = "\
example:
  echo '{\"promise\": {\"promise_type\": \"motion_led\", \"motion_required\": true}, \"cuts\": [
    {\"shot_id\": \"s1\", \"frames\": 96, \"kind\": \"video\"}, {\"shot_id\": \"s2\", \"frames\": 48, \"kind\": \"still\"}]}' | reel promise check -
kind is video, avatar, animation, slide or still; a cut may say from_source, stand_in, and whether it was measured to be moving. Where
one says so, all must: then motion is taken from the measured picture. A film that breaks its promise, or has none, ends with 5";

/// The most cuts of one film.
const MOST: usize = 100_000;
/// The most frames of one cut: more than a day.
const LONGEST: u64 = 10_000_000;

fn args(command: Command) -> Command {
    let file = || given::arg("What is asked, as JSON; `-` for standard input");
    let compat = |help: &'static str| Arg::new("compat").long("compat").action(ArgAction::SetTrue).help(help);
    command
        .subcommand_required(true)
        .subcommand(
            Command::new("classify")
                .about("The promise a brief asks for")
                .after_help(CLASSIFY)
                .arg(file())
                .arg(compat("As OpenMontage reads it: what it does not know it passes over")),
        )
        .subcommand(
            Command::new("check")
                .about("Whether cuts keep a promise: by count, by time and, where they were measured, by what moves")
                .after_help(CHECK)
                .arg(file())
                .arg(compat("As OpenMontage counts: cuts {source, type} by the ending of their file")),
        )
}

fn run(args: &ArgMatches) -> Result<Report, Failure> {
    match args.subcommand() {
        Some(("classify", sub)) => classified(sub),
        Some(("check", sub)) => checked(sub),
        _ => Err(Failure::usage("promise needs one of classify, check", "run `reel promise --help`")),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(default)]
    pipeline_type: String,
    #[serde(default)]
    user_intent: Intent,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Intent {
    #[serde(default)]
    motion_required: Option<bool>,
    #[serde(default)]
    has_footage: bool,
    #[serde(default)]
    tone: Option<String>,
    #[serde(default)]
    quality: Option<String>,
}

/// What a type allows, for programs.
#[derive(Serialize)]
struct Ruled {
    still_fallback_allowed: bool,
    requires_video_generation: bool,
    min_motion_percent: u32,
}

fn ruled(promise: &DeliveryPromise) -> Ruled {
    let rule = rule(promise.promise_type);
    Ruled {
        still_fallback_allowed: rule.still_fallback_allowed,
        requires_video_generation: rule.requires_video_generation,
        min_motion_percent: rule.min_motion_percent,
    }
}

fn classified(args: &ArgMatches) -> Result<Report, Failure> {
    let given = Given::of(args, &["promise", "classify"]);
    let value = given.value()?;
    if args.get_flag("compat") {
        let json = gates::compat::classify_from_brief(&value);
        let text = format!("{}\n", json["promise_type"].as_str().unwrap_or_default());
        return Ok(Report::new(json!({"promise": json}), text));
    }
    let Asked { pipeline_type, user_intent } = given.read(value, "")?;
    let Intent { motion_required, has_footage, tone, quality } = user_intent;
    let promise = classify(&Brief { pipeline_type, motion_required, has_footage, tone, quality });
    let rule = ruled(&promise);
    let yes = |so: bool| if so { "yes" } else { "no" };
    let text = format!(
        "{}: at least {} % of it moves\n  motion required  {}\n  source required  {}\n  stills may stand in for most of it  {}\n  tone {}, quality {}\n",
        promise.promise_type.name(),
        rule.min_motion_percent,
        yes(promise.motion_required),
        yes(promise.source_required),
        yes(rule.still_fallback_allowed),
        promise.tone_mode,
        promise.quality_floor,
    );
    Ok(Report::new(json!({"promise": promise, "rule": rule}), text))
}

fn share(share: Share) -> Value {
    json!({"part": share.part, "whole": share.whole, "ppm": share.ppm()})
}

fn checked(args: &ArgMatches) -> Result<Report, Failure> {
    let given = Given::of(args, &["promise", "check"]);
    let value = given.value()?;
    if args.get_flag("compat") {
        let json = gates::compat::validate_cuts(&value);
        if let Some(why) = json["error"].as_str() {
            return Err(given.refuse(format!("/{why}")));
        }
        let valid = json["valid"] == true;
        let text = match json["violations"].as_array().filter(|v| !v.is_empty()) {
            Some(violations) => violations.iter().map(|v| format!("  {}\n", v.as_str().unwrap_or_default())).collect(),
            None => "the promise is kept\n".to_owned(),
        };
        return Ok(Report { json, text, exit: if valid { 0 } else { exit::BLOCKED } });
    }
    let Some(map) = value.as_object() else { return Err(given.refuse("/: expected an object with `promise` and `cuts`")) };
    if let Some(key) = map.keys().find(|key| !matches!(key.as_str(), "promise" | "cuts")) {
        return Err(given.refuse(format!("/{}: no such key; there are promise, cuts", key.chars().take(60).collect::<String>())));
    }
    let cuts: Vec<Cut> = given.read(value.get("cuts").cloned().unwrap_or(Value::Null), "/cuts")?;
    if cuts.len() > MOST {
        return Err(given.refuse(format!("/cuts: {} of them; at most {MOST} are read", cuts.len())));
    }
    if let Some((at, cut)) = cuts.iter().enumerate().find(|(_, cut)| cut.frames > LONGEST) {
        return Err(given.refuse(format!("/cuts/{at}/frames: {}; at most {LONGEST}", cut.frames)));
    }
    let promise = match value.get("promise").filter(|p| !p.is_null()) {
        Some(promise) => Some(given.read::<DeliveryPromise>(promise.clone(), "/promise")?),
        None => None,
    };
    let measured = cuts.iter().any(|cut| cut.moving.is_some());
    let measure = if measured { Measure::Decoded } else { Measure::Planned };
    let (verdict, counted) = match &promise {
        Some(promise) => (cuts::check(promise, &cuts, measure), Some(cuts::count(promise, &cuts, measure))),
        None => {
            let found = gates::blocks("promise.missing", "nothing says what these cuts were promised to be", &["promise"]);
            (gates::verdict("promise", vec![found]), None)
        }
    };
    let word = if measured { "decoded" } else { "planned" };
    let mut text = match (&promise, verdict.pass) {
        (Some(promise), true) => format!("the promise is kept: {}, as {word}\n", promise.promise_type.name()),
        (Some(promise), false) => format!("the promise is broken: {}, as {word}\n", promise.promise_type.name()),
        (None, _) => "there is no promise to keep\n".to_owned(),
    };
    for finding in &verdict.findings {
        text.push_str(&format!("  {}\n", gates::told(finding)));
    }
    let mut json = json!({"valid": verdict.pass, "measure": word, "verdict": verdict});
    if let (Some(promise), Some(Counted { by_count, by_time })) = (&promise, counted) {
        text.push_str(&format!(
            "  {} of {} cuts and {} of {} frames count as motion\n",
            by_count.part, by_count.whole, by_time.part, by_time.whole
        ));
        json["counted"] = json!({"by_count": share(by_count), "by_time": share(by_time)});
        json["rule"] = json!(ruled(promise));
    }
    Ok(Report { json, text, exit: if verdict.pass { 0 } else { exit::BLOCKED } })
}
