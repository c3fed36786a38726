//! `reel route select`: a choice, with a reason for every tool that is left out; from a snapshot, or from a request and the catalogue.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use clap::ArgMatches;
use contracts::MicroUsd;
use contracts::choice::{
    Availability, Breaker, BudgetView, Decision, GateAnswer, OrderTable, Ranker, SelectionRequest, Snapshot, ToolId, ToolStats, Trends,
    WHOLE,
};
use routing::Surroundings;
use routing::discover::Health;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::catalogue::{self, Shelf};
use crate::failure::Failure;
use crate::verbs::{Report, given::Given};

pub const AFTER_HELP: &str = "\
example:
  echo '{\"subject\": \"sc01-b01-s1\", \"modality\": \"image\", \"operation\": \"plate\", \"data_class\": \"public\",
    \"policy\": \"configured\"}' | reel route select -
FILE is a SelectionRequest; or {\"request\": {..}} with what is known around it: budget, table, gates, trends, ranker, health, stats; or
a whole Snapshot with its candidates (`reel schema export --id decision` has all three). A request is answered from the manifests that
are built in and those of a person's folder. The answer holds the Decision: `reel explain` makes the choice again from it. No feasible
tool ends with 5 (choice.no_tool) and every exclusion";

/// Providers whose tools hand out what a project holds.
const OF_A_PROJECT: [&str; 2] = ["library", "author"];

/// A snapshot, and what was wrong with manifests on the way to it.
pub struct Asked {
    pub snapshot: Snapshot,
    faults: Vec<Value>,
}

/// A request with what is known around it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Around {
    request: Value,
    #[serde(default)]
    budget: Value,
    #[serde(default)]
    table: Option<OrderTable>,
    #[serde(default)]
    gates: Vec<GateAnswer>,
    #[serde(default)]
    trends: Option<Trends>,
    #[serde(default)]
    ranker: Ranker,
    #[serde(default)]
    health: BTreeMap<ToolId, Stands>,
    #[serde(default)]
    stats: BTreeMap<ToolId, ToolStats>,
}

/// How a tool is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stands {
    availability: Availability,
    #[serde(default)]
    breaker: Option<Breaker>,
    #[serde(default)]
    why: Option<String>,
}

impl Asked {
    /// Names manifests that were left out, where there are any.
    pub fn faults_into(&self, json: &mut Value) {
        if !self.faults.is_empty() {
            json["faults"] = json!(self.faults);
        }
    }
}

/// What a file asks.
pub fn asked(given: &Given, value: &Value, args: &ArgMatches) -> Result<Asked, Failure> {
    if value.get("candidates").is_some() {
        let snapshot: Snapshot = given.read(value.clone(), "")?;
        let mut seen = BTreeSet::new();
        if let Some((at, twice)) = snapshot.candidates.iter().enumerate().find(|(_, c)| !seen.insert(&c.tool)) {
            return Err(given.refuse(format!("/candidates/{at}/tool: `{}` stands twice", twice.tool)));
        }
        check(given, snapshot.budget, "/budget")?;
        sane(given, &snapshot)?;
        return Ok(Asked { snapshot, faults: Vec::new() });
    }
    let (around, at): (Around, &str) = match value.get("request") {
        Some(_) => (given.read(value.clone(), "")?, "/request"),
        None => (given.read(json!({"request": value}), "")?, ""),
    };
    let request: SelectionRequest = given.read_strictly(&around.request, at)?;
    let budget: BudgetView = match &around.budget {
        Value::Null => BudgetView::default(),
        budget => given.read_strictly(budget, "/budget")?,
    };
    check(given, budget, "/budget")?;
    let folder = args.get_one::<std::path::PathBuf>("providers");
    let shelf = Shelf::open(folder.map(std::path::PathBuf::as_path))?;
    for fault in &shelf.faults {
        let _ = writeln!(std::io::stderr().lock(), "left out: {fault}");
    }
    let mut health = catalogue::health();
    for tool in shelf.catalogue.tools().iter().filter(|t| OF_A_PROJECT.contains(&t.provider.as_str())) {
        health.insert(tool.tool.clone(), catalogue::unavailable("no project is named, and what it gives lies in one"));
    }
    // What is said of a tool is said by who knows better.
    for (tool, stands) in around.health {
        let Stands { availability, breaker, why } = stands;
        health.insert(tool, Health { availability, breaker: breaker.unwrap_or(Breaker::Closed), why });
    }
    let known = Surroundings {
        health,
        environment: shelf.environment(),
        stats: around.stats,
        trends: around.trends,
        gates: around.gates,
        budget,
        ranker: around.ranker,
    };
    let table = around.table.or_else(|| shelf.table(&request));
    let snapshot = routing::snapshot(&shelf.catalogue, request, table, &known);
    sane(given, &snapshot)?;
    let fault =
        |f: &routing::manifest::ManifestError| json!({"file": f.file, "field": f.field.trim_end_matches([':', ' ']), "message": f.message});
    Ok(Asked { snapshot, faults: shelf.faults.iter().map(fault).collect() })
}

fn check(given: &Given, budget: BudgetView, at: &str) -> Result<(), Failure> {
    match budget.remaining_micro_usd {
        Some(MicroUsd(left)) if !(-1_000_000_000_000..=1_000_000_000_000).contains(&left) => {
            Err(given.refuse(format!("{at}/remaining_micro_usd: {left}; expected whole micro-dollars, -1000000000000 to 1000000000000")))
        }
        _ => Ok(()),
    }
}

/// Numbers that cannot be are refused: a negative cost would be the cheapest of all.
fn sane(given: &Given, snapshot: &Snapshot) -> Result<(), Failure> {
    let most = 1_000_000_000_000;
    let refuse = |pointer: String, value: i64, most: i64| Err(given.refuse(format!("{pointer}: {value}; expected 0 to {most}")));
    if !(0..=WHOLE).contains(&snapshot.ranker.epsilon_ppm) {
        return refuse("/ranker/epsilon_ppm".into(), snapshot.ranker.epsilon_ppm, WHOLE);
    }
    for candidate in &snapshot.candidates {
        let mut numbers = vec![
            ("quote_micro_usd", candidate.quote_micro_usd.unwrap_or_default().0, most),
            ("quality_ppm", i64::from(candidate.quality_ppm.unwrap_or(0)), WHOLE),
        ];
        if let Some(stats) = &candidate.stats {
            numbers.extend([
                ("stats/success_ppm", stats.success_ppm, WHOLE),
                ("stats/quality_ppm", stats.quality_ppm, WHOLE),
                ("stats/latency_ms", stats.latency_ms, most),
                ("stats/latency_before_ms", stats.latency_before_ms, most),
                ("stats/cost_micro_usd", stats.cost_micro_usd.0, most),
            ]);
        }
        if let Some((field, value, most)) = numbers.into_iter().find(|(_, value, most)| !(0..=*most).contains(value)) {
            return refuse(format!("`{}` {field}", candidate.tool), value, most);
        }
    }
    // What has no canonical form could be kept by nobody.
    contracts::canonical_bytes(snapshot).map(drop).map_err(|e| given.refuse(e))
}

pub fn run(args: &ArgMatches) -> Result<Report, Failure> {
    let given = Given::of(args, &["route", "select"]);
    let value = given.value()?;
    let asked = asked(&given, &value, args)?;
    let choice = routing::select(&asked.snapshot).map_err(Failure::not_chosen)?;
    let text = super::told(&choice);
    let decision = Decision {
        snapshot: asked.snapshot.clone(),
        choice: choice.clone(),
        attempts: Vec::new(),
        chosen: None,
        cost_micro_usd: MicroUsd(0),
        content: None,
    };
    let sealed = contracts::Document::seal(&decision).map_err(Failure::internal)?.0;
    let decision: Value = serde_json::from_slice(&sealed).map_err(Failure::internal)?;
    let mut json = json!({"choice": choice, "decision": decision});
    asked.faults_into(&mut json);
    Ok(Report::new(json, text))
}
