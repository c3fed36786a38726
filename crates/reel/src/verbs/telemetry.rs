//! `reel telemetry routing|lineage`: what runs wrote down of their choices, summed, filtered and by the day.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command};
use kit::{Clock, SystemClock};
use serde_json::{Value, json};

use super::{Offer, Report, Verb, number, runs::since, text};
use crate::{
    choosing::records::{Lines, Places, read_lines},
    failure::Failure,
};

pub const VERB: Verb = Verb {
    name: "telemetry",
    about: "Sum what runs wrote down of their choices of tools",
    args,
    offer: Offer::Each(&[("routing", Offer::Reads), ("lineage", Offer::Reads)]),
    run,
};

/// Records shown whole.
const SAMPLE: usize = 10;

const AFTER_HELP: &str = "\
examples: reel telemetry routing --since 7d --trend
          reel telemetry lineage --scene sc01-b02-s1
lines that are no records are passed over and counted; with --cm-paths content-machine's files are read";

fn args(command: Command) -> Command {
    command
        .subcommand_required(true)
        .after_help(AFTER_HELP)
        .subcommand(filters(Command::new("routing").about("One record a run: policy, providers, attempts, fallbacks, cost")))
        .subcommand(filters(Command::new("lineage").about("One record a shot: which picture, from whom, by which content")))
}

fn filters(command: Command) -> Command {
    let word = |name: &'static str, value: &'static str, help: &'static str| Arg::new(name).long(name).value_name(value).help(help);
    command
        .after_help(AFTER_HELP)
        .arg(word("since", "TIME", "Only records since then: 90m, 36h, 7d, 2026-11-20 or 2026-11-20T08:00 (UTC)"))
        .arg(word("provider", "NAME", "Only records in which this provider, or a tool of this name, takes part"))
        .arg(word("policy", "NAME", "Only records of this routing policy"))
        .arg(word("asset", "NAME", "Only records of this picture: a need's id, a content hash or a path"))
        .arg(word("scene", "ID", "Only records of this shot"))
        .arg(word("pipeline", "RUN", "Only records of this run"))
        .arg(word("limit", "N", "At most this many, the newest (default 200)"))
        .arg(Arg::new("trend").long("trend").action(ArgAction::SetTrue).help("Sums of each day (UTC)"))
        .arg(
            Arg::new("path")
                .long("path")
                .value_name("FILE")
                .value_parser(clap::value_parser!(PathBuf))
                .help("Read this file (default: the data home's)"),
        )
        .arg(Arg::new("cm-paths").long("cm-paths").action(ArgAction::SetTrue).help("Read the file that content-machine's readers know"))
}

fn run(args: &ArgMatches) -> Result<Report, Failure> {
    match args.subcommand() {
        Some(("routing", sub)) => report(sub, Lines::Routing),
        Some(("lineage", sub)) => report(sub, Lines::Lineage),
        _ => Err(Failure::usage("telemetry needs one of routing, lineage", "run `reel telemetry --help`")),
    }
}

fn report(args: &ArgMatches, lines: Lines) -> Result<Report, Failure> {
    let limit = number(args, "limit", 1, 1_000_000)?.unwrap_or(200) as usize;
    let wanted = Wanted::of(args)?;
    let home = kit::home::data_home().map_err(|e| Failure::unwritable(std::path::Path::new("the data home"), e))?;
    let path = match args.get_one::<PathBuf>("path") {
        Some(path) => Some(path.clone()),
        None => Places::of(args.get_flag("cm-paths")).file(&home, lines)?,
    };
    let Some(path) = path else {
        return Err(Failure::usage("CM_VISUALS_OBSERVABILITY switches these records off", "unset it, or name a file with --path"));
    };
    let (all, passed_over) = read_lines(&path, lines)
        .map_err(|e| Failure::usage(format!("{} cannot be read: {e}", path.display()), "name a file of one JSON record a line"))?;
    let mut found: Vec<&Value> = all.iter().filter(|record| wanted.takes(record, lines)).collect();
    found.drain(..found.len().saturating_sub(limit));
    let mut sums = Sums::default();
    found.iter().for_each(|record| sums.add(record, lines));
    let trend = args.get_flag("trend").then(|| by_day(&found, lines));
    let shown = path.display().to_string();
    let mut json = sums.json();
    json["path"] = json!(shown);
    json["passed_over"] = json!(passed_over);
    json["sample"] = json!(found[found.len().saturating_sub(SAMPLE)..]);
    if let Some(trend) = &trend {
        json["trend"] = trend.iter().map(|(day, sums)| with(sums.json(), "day", json!(day))).collect();
    }
    let newest = found.last().and_then(|record| record["pipelineId"].as_str());
    json["next_actions"] = match newest {
        Some(run) => json!([["reel", "explain", run]]),
        None => json!([["reel", "runs"]]),
    };
    Ok(Report::new(json, told(&sums, trend.as_deref(), &shown, passed_over)))
}

fn with(mut value: Value, key: &str, to: Value) -> Value {
    value[key] = to;
    value
}

/// What is asked for.
struct Wanted {
    since: Option<String>,
    words: BTreeMap<&'static str, String>,
}

impl Wanted {
    fn of(args: &ArgMatches) -> Result<Self, Failure> {
        let since = text(args, "since").map(|given| since(&given, SystemClock::new().now_utc())).transpose()?;
        let names = ["provider", "policy", "asset", "scene", "pipeline"];
        Ok(Self { since, words: names.into_iter().filter_map(|name| Some((name, text(args, name)?))).collect() })
    }

    fn takes(&self, record: &Value, lines: Lines) -> bool {
        let late = self.since.as_ref().is_none_or(|since| record["recordedAt"].as_str().is_some_and(|at| at >= since.as_str()));
        late && self.words.iter().all(|(name, word)| fits(record, lines, name, word))
    }
}

/// The values of a field of every entry of a list.
fn each<'a>(record: &'a Value, list: &str, field: &'a str) -> impl Iterator<Item = &'a Value> {
    record.pointer(list).and_then(Value::as_array).into_iter().flatten().map(move |entry| &entry[field])
}

fn fits(record: &Value, lines: Lines, name: &str, word: &str) -> bool {
    let is = |value: &Value| value.as_str() == Some(word);
    let ours = &record["reelwright"];
    match (name, lines) {
        ("pipeline", _) => is(&record["pipelineId"]),
        ("policy", _) => is(&record["routingPolicy"]) || is(&ours["asked_policy"]),
        ("provider", Lines::Routing) => {
            let chain = record["providerChain"].as_array().is_some_and(|chain| chain.iter().any(is));
            chain || each(record, "/providerSummary", "provider").any(is) || each(record, "/reelwright/attempts", "tool").any(is)
        }
        ("provider", Lines::Lineage) => is(&record["selectedProvider"]) || is(&ours["tool"]),
        ("scene", Lines::Routing) => each(record, "/reelwright/attempts", "scenes").any(|s| s.as_array().is_some_and(|s| s.iter().any(is))),
        ("scene", Lines::Lineage) => is(&record["sceneId"]),
        ("asset", Lines::Routing) => ["subject", "content"].iter().any(|field| each(record, "/reelwright/attempts", field).any(is)),
        ("asset", Lines::Lineage) => {
            let path = record["assetPath"].as_str().unwrap_or_default();
            let own = path == word || path.strip_prefix("sha256:") == Some(word) || is(&ours["need"]) || is(&ours["content"]);
            own || ["need", "content"].iter().any(|field| each(record, "/reelwright/pictures", field).any(is))
        }
        _ => true,
    }
}

/// Sums over records.
#[derive(Default)]
struct Sums {
    records: u64,
    scenes: u64,
    fallbacks: u64,
    generated: u64,
    cost: i64,
    providers: BTreeMap<String, Provider>,
    policies: BTreeMap<String, u64>,
    sources: BTreeMap<String, u64>,
    skipped: BTreeMap<(String, String), u64>,
}

#[derive(Default)]
struct Provider {
    attempts: u64,
    successes: u64,
    failures: u64,
    /// Milliseconds, and the calls that were waited for.
    wait: f64,
    waited: u64,
}

impl Sums {
    fn add(&mut self, record: &Value, lines: Lines) {
        self.records += 1;
        let count = |value: &Value| value.as_u64().or_else(|| value.as_f64().filter(|n| *n >= 0.0).map(|n| n as u64)).unwrap_or(0);
        let money = |dollars: &Value| (dollars.as_f64().unwrap_or(0.0) * 1e6).round() as i64;
        let word = |value: &Value| value.as_str().unwrap_or("none").to_owned();
        let ours = record["reelwright"]["cost_micro_usd"].as_i64();
        *self.policies.entry(word(&record["routingPolicy"])).or_default() += 1;
        match lines {
            Lines::Routing => {
                self.scenes += count(&record["sceneCount"]);
                self.fallbacks += count(&record["fallbacks"]);
                self.generated += count(&record["fromGenerated"]);
                self.cost += ours.unwrap_or_else(|| money(&record["totalGenerationCostUsd"]));
                // Waits are those of calls; what was remembered waited for nobody.
                let timed = |name: &str| {
                    let mine = |a: &&Value| a["provider"].as_str() == Some(name) && a["latency_ms"].is_u64();
                    record["reelwright"]["attempts"].as_array().map(|all| all.iter().filter(mine).count() as u64)
                };
                for summary in record["providerSummary"].as_array().into_iter().flatten() {
                    let name = word(&summary["provider"]);
                    let attempts = count(&summary["attempts"]);
                    let waited = timed(&name).unwrap_or(attempts);
                    let own = self.providers.entry(name).or_default();
                    own.attempts += attempts;
                    own.successes += count(&summary["successes"]);
                    own.failures += count(&summary["failures"]);
                    own.wait += summary["avgLatencyMs"].as_f64().unwrap_or(0.0) * waited as f64;
                    own.waited += waited;
                }
                for skipped in record["skippedProviders"].as_array().into_iter().flatten() {
                    *self.skipped.entry((word(&skipped["provider"]), word(&skipped["reason"]))).or_default() += 1;
                }
            }
            Lines::Lineage => {
                self.scenes += 1;
                self.fallbacks += u64::from(record["isFallback"] == true);
                self.cost += ours.unwrap_or_else(|| money(&record["generationCostUsd"]));
                *self.sources.entry(word(&record["source"])).or_default() += 1;
                self.providers.entry(word(&record["selectedProvider"])).or_default().attempts += 1;
            }
        }
    }

    /// Most attempts first.
    fn ranked(&self) -> Vec<(&String, &Provider)> {
        let mut ranked: Vec<(&String, &Provider)> = self.providers.iter().collect();
        ranked.sort_by_key(|(_, own)| std::cmp::Reverse(own.attempts));
        ranked
    }

    fn json(&self) -> Value {
        let providers = self.ranked().into_iter().map(|(name, own)| {
            let mut told = json!({"provider": name, "attempts": own.attempts});
            if own.successes + own.failures > 0 {
                told["successes"] = json!(own.successes);
                told["failures"] = json!(own.failures);
                told["success_ppm"] = json!(ppm(own.successes, own.attempts));
            }
            if own.waited > 0 {
                told["avg_latency_ms"] = json!((own.wait / own.waited as f64).round() as u64);
            }
            told
        });
        let skipped =
            self.skipped.iter().map(|((provider, reason), records)| json!({"provider": provider, "reason": reason, "records": records}));
        let mut told = json!({
            "records": self.records, "scenes": self.scenes, "fallbacks": self.fallbacks, "fallback_ppm": ppm(self.fallbacks, self.scenes),
            "cost_micro_usd": self.cost, "policies": self.policies, "providers": providers.collect::<Vec<_>>(),
        });
        if self.sources.is_empty() {
            told["from_generated"] = json!(self.generated);
            told["skipped"] = skipped.collect();
        } else {
            told["sources"] = json!(self.sources);
        }
        told
    }
}

fn ppm(part: u64, whole: u64) -> u64 {
    (u128::from(part) * 1_000_000).checked_div(u128::from(whole)).map_or(0, |share| u64::try_from(share).unwrap_or(u64::MAX))
}

/// Sums of each day, in order.
fn by_day(found: &[&Value], lines: Lines) -> Vec<(String, Sums)> {
    let mut days: BTreeMap<String, Sums> = BTreeMap::new();
    for record in found {
        let day: String = record["recordedAt"].as_str().unwrap_or_default().chars().take(10).collect();
        days.entry(day).or_default().add(record, lines);
    }
    days.into_iter().collect()
}

fn told(sums: &Sums, trend: Option<&[(String, Sums)]>, path: &str, passed_over: u64) -> String {
    let percent = |part, whole| format!("{} %", ppm(part, whole) / 10_000);
    let mut text = format!(
        "{}: {} records, {} scenes, {} fallbacks ({}), {}\n",
        path,
        sums.records,
        sums.scenes,
        sums.fallbacks,
        percent(sums.fallbacks, sums.scenes),
        contracts::MicroUsd(sums.cost)
    );
    if passed_over > 0 {
        text.push_str(&format!("  {passed_over} lines are no such records and were passed over\n"));
    }
    for (name, own) in sums.ranked() {
        text.push_str(&format!("  {name:<20} {:>6}", own.attempts));
        if own.successes + own.failures > 0 {
            text.push_str(&format!("  {} worked", percent(own.successes, own.attempts)));
        }
        if own.waited > 0 {
            text.push_str(&format!(", {} ms on average", (own.wait / own.waited as f64).round()));
        }
        text.push('\n');
    }
    for ((provider, reason), records) in &sums.skipped {
        text.push_str(&format!("  left out {provider}: {reason} ({records})\n"));
    }
    for (day, sums) in trend.into_iter().flatten() {
        text.push_str(&format!(
            "  {day}  {:>4} records {:>5} scenes  {} fallbacks  {}\n",
            sums.records,
            sums.scenes,
            percent(sums.fallbacks, sums.scenes),
            contracts::MicroUsd(sums.cost)
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routing(run: &str, day: &str, provider: &str, latency: u64) -> Value {
        json!({
            "schemaVersion": 1, "recordedAt": format!("{day}T10:00:00.000Z"), "pipelineId": run, "routingPolicy": "configured",
            "providerChain": [provider], "sceneCount": 4, "fromGenerated": 4, "fallbacks": 1, "totalGenerationCostUsd": 0.04,
            "providerSummary": [{"provider": provider, "attempts": 4, "successes": 3, "failures": 1, "avgLatencyMs": latency}],
            "skippedProviders": [],
            "reelwright": {"attempts": [{"subject": "bay", "provider": provider, "tool": "t", "scenes": ["s1"], "latency_ms": latency}]},
        })
    }

    #[test]
    fn filters_take_what_they_name_and_days_are_summed_apart() {
        let all =
            [routing("r1", "2026-01-01", "craft", 100), routing("r2", "2026-01-01", "craft", 300), routing("r3", "2026-01-02", "lib", 7)];
        let wanted = |pairs: &[(&'static str, &str)], since: Option<&str>| {
            let words = pairs.iter().map(|(name, word)| (*name, (*word).to_owned())).collect();
            let wanted = Wanted { since: since.map(str::to_owned), words };
            all.iter().filter(|record| wanted.takes(record, Lines::Routing)).count()
        };
        assert_eq!(wanted(&[], None), 3);
        assert_eq!((wanted(&[("provider", "craft")], None), wanted(&[("provider", "t")], None)), (2, 3));
        assert_eq!((wanted(&[("pipeline", "r2")], None), wanted(&[("policy", "balanced")], None)), (1, 0));
        assert_eq!((wanted(&[("scene", "s1")], None), wanted(&[("asset", "bay"), ("pipeline", "r9")], None)), (3, 0));
        assert_eq!((wanted(&[], Some("2026-01-02")), wanted(&[], Some("2026-01-01T10:00:00.001Z"))), (1, 1));
        let days = by_day(&all.iter().collect::<Vec<_>>(), Lines::Routing);
        assert_eq!(days.iter().map(|(day, sums)| (day.as_str(), sums.records)).collect::<Vec<_>>(), [("2026-01-01", 2), ("2026-01-02", 1)]);
        let first = days[0].1.json();
        assert_eq!((&first["scenes"], &first["fallback_ppm"], &first["cost_micro_usd"]), (&json!(8), &json!(250_000), &json!(80_000)));
        assert_eq!((&first["providers"][0]["avg_latency_ms"], &first["providers"][0]["success_ppm"]), (&json!(200), &json!(750_000)));
    }

    #[test]
    fn a_line_of_lineage_is_found_by_any_of_its_pictures() {
        let line = json!({
            "schemaVersion": 1, "recordedAt": "2026-01-01T10:00:00.000Z", "pipelineId": "r1", "sceneId": "sc01-b01-s1", "assetPath": "sha256:ab",
            "source": "user-footage", "assetType": "image", "selectedProvider": "craft",
            "reelwright": {"need": "bay", "content": "ab", "tool": "craft.painter", "pictures": [{"need": "mara", "content": "cd"}]},
        });
        for (name, word, takes) in [
            ("asset", "ab", true),
            ("asset", "sha256:ab", true),
            ("asset", "mara", true),
            ("asset", "cd", true),
            ("asset", "ef", false),
            ("scene", "sc01-b01-s1", true),
            ("scene", "sc01-b01-s2", false),
            ("provider", "craft.painter", true),
            ("provider", "x", false),
        ] {
            assert_eq!(fits(&line, Lines::Lineage, name, word), takes, "{name} {word}");
        }
    }
}
