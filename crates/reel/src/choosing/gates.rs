//! What the shipped gates say of each tool that could do a thing, before one is chosen (design §6). The answers are part of what the
//! choice rests on, so that they are in its record.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use contracts::{
    MicroUsd,
    choice::{Candidate, GateAnswer, Modality, Snapshot, ToolId},
    project::{External, Project},
};
use gates::policy::{Policies, allows};
use routing::manifest::Catalogue;
use serde_json::{Value, json};

use crate::failure::Failure;

/// The gates, in the order in which they are asked.
const GATES: [&str; 4] = ["selection", "data_class", "budget", "pre_execution"];

/// Asks the gates of a run. The same question has the same answer, and is asked once.
#[derive(Debug)]
pub struct Gates {
    policies: &'static Policies,
    external: External,
    /// What a call may cost without anybody being asked.
    threshold: MicroUsd,
    answered: Mutex<BTreeMap<String, (bool, String)>>,
}

impl Gates {
    /// The shipped gates, with what the project says.
    pub fn of(project: &Project) -> Result<Self, Failure> {
        Self::with(project.cost_policy.external, project.approval_points.threshold())
    }

    fn with(external: External, threshold: MicroUsd) -> Result<Self, Failure> {
        let policies = Policies::shipped().map_err(Failure::internal)?;
        Ok(Self { policies, external, threshold, answered: Mutex::default() })
    }

    /// What they say of these tools of a snapshot.
    pub fn ask(&self, catalogue: &Catalogue, snapshot: &Snapshot, tools: &[ToolId]) -> Vec<GateAnswer> {
        let candidates = snapshot.candidates.iter().filter(|candidate| tools.contains(&candidate.tool));
        candidates
            .flat_map(|candidate| {
                let none = BTreeSet::new();
                let operations = catalogue.get(&candidate.tool).map_or(&none, |manifest| &manifest.operations);
                GATES.map(|gate| self.answer(gate, candidate, &self.input(gate, snapshot, candidate, operations)))
            })
            .collect()
    }

    fn answer(&self, gate: &str, candidate: &Candidate, input: &Value) -> GateAnswer {
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let (pass, reason) = answered.entry(format!("{gate} {input}")).or_insert_with(|| {
            let outcomes = self.policies.judge(gate, input);
            let failed: Vec<&str> = outcomes.iter().filter(|o| !o.passes()).map(|o| o.message.as_str()).collect();
            let reason = if failed.is_empty() { format!("{} checks passed", outcomes.len()) } else { failed.join("; ") };
            (allows(&outcomes), reason)
        });
        GateAnswer { gate: gate.to_owned(), tool: Some(candidate.tool.clone()), pass: *pass, reason: reason.clone() }
    }

    /// What a gate asks about: the head of its file in `policies/gates` says each field.
    fn input(&self, gate: &str, snapshot: &Snapshot, candidate: &Candidate, operations: &BTreeSet<String>) -> Value {
        let (request, local) = (&snapshot.request, candidate.runtime.is_local());
        // A missing quote stays missing: unknown is not zero.
        let quote = candidate.quote_micro_usd.map(|quote| quote.0);
        match gate {
            "selection" => json!({
                "tool": {
                    "id": candidate.tool, "provider": candidate.provider, "modality": [request.modality], "operations": operations,
                    "moves": candidate.moves,
                    // What is made or found here is the author's own, or has a licence that the gate of rights judges for each asset.
                    "licence_cleared": local || candidate.output_licence.is_some(),
                },
                "request": {
                    // Where no operation is named, any will do.
                    "modality": request.modality, "operation": request.operation.as_ref().or(operations.first()),
                    "motion_required": request.motion_required,
                },
                "tenant": {"denied": [], "allowed": "all"},
            }),
            "data_class" => json!({
                "data": {"class": request.data_class},
                "tool": {
                    "local": local, "data_class": candidate.data_classes.iter().next_back(),
                    "risk": if local { "low" } else { "high" },
                },
                "tenant": {"sensitive": false},
            }),
            "budget" => {
                let mut input = json!({
                    "run": {"remaining_micro_usd": snapshot.budget.remaining_micro_usd.map(|left| left.0)},
                    "tenant": {"remaining_micro_usd": "unlimited"},
                });
                if let Some(quote) = quote {
                    input["quote_micro_usd"] = quote.into();
                }
                input
            }
            _ => {
                let mut input = json!({
                    "task": task(request.modality),
                    "tool": {
                        "local": local, "availability": candidate.availability, "missing": candidate.missing_environment,
                        "writes": [request.modality],
                    },
                    "project": {"external": self.external, "writing_external": self.external},
                    "spend": {"threshold_micro_usd": self.threshold.0, "approved": false},
                });
                if let Some(quote) = quote {
                    input["spend"]["worst_micro_usd"] = quote.into();
                }
                input
            }
        }
    }
}

/// What the table of tasks calls what is made (`policies/gates/tables.json`).
fn task(modality: Modality) -> &'static str {
    match modality {
        Modality::Image => "background_plate",
        Modality::Video => "video",
        Modality::Speech => "voice",
        Modality::Music => "music",
        Modality::Sound => "effects",
        Modality::Text => "script",
        Modality::Runtime => "preview_render",
    }
}

#[cfg(test)]
mod tests {
    use contracts::choice::{Availability, BudgetView, ExclusionCode, SelectionRequest};
    use routing::Surroundings;

    use super::*;

    const HERE: &str = "tool = \"here\"\nprovider = \"own\"\ncapability = \"image_generation\"\nmodality = \"image\"\n\
        operations = [\"plate\"]\nstability = \"production\"\nruntime = \"local\"\ncost_tier = \"free\"\n\
        data_classes = [\"public\", \"internal\"]\n[price]\nper = \"call\"\nmicro_usd = 0\n";
    const THERE: &str = "tool = \"there\"\nprovider = \"elsewhere\"\npayer = \"elsewhere\"\ncapability = \"image_generation\"\n\
        modality = \"image\"\noperations = [\"plate\"]\nmoves = true\nstability = \"production\"\nruntime = \"api\"\ncost_tier = \"low\"\n\
        output_licence = \"CC0-1.0\"\ndata_classes = [\"public\", \"internal\"]\n[price]\nper = \"call\"\nmicro_usd = 40000\n";

    fn names(tools: &[&str]) -> Vec<ToolId> {
        tools.iter().map(|name| ToolId::new(*name).expect("a name")).collect()
    }

    /// The snapshot of a plate that both could make.
    fn asked(change: impl Fn(&mut Snapshot)) -> (Catalogue, Snapshot) {
        let (catalogue, faults) = Catalogue::load([("here.toml", HERE), ("there.toml", THERE)]);
        assert!(faults.is_empty(), "{faults:?}");
        let request = SelectionRequest { operation: Some("plate".into()), ..SelectionRequest::of("s1", Modality::Image) };
        let budget = BudgetView { remaining_micro_usd: Some(MicroUsd(100_000)) };
        let mut snapshot = routing::snapshot(&catalogue, request, None, &Surroundings { budget, ..Surroundings::default() });
        change(&mut snapshot);
        (catalogue, snapshot)
    }

    /// Which gates refuse the tool that is elsewhere; the one that is here passes them all.
    fn refused(gates: &Gates, change: impl Fn(&mut Snapshot)) -> Vec<String> {
        let (catalogue, snapshot) = asked(change);
        let answers = gates.ask(&catalogue, &snapshot, &names(&["here", "there"]));
        assert_eq!(answers.len(), 2 * GATES.len());
        assert!(answers.iter().filter(|a| a.tool == names(&["here"]).pop()).all(|a| a.pass), "{answers:?}");
        answers.into_iter().filter(|a| !a.pass).map(|a| a.gate).collect()
    }

    #[test]
    fn each_gate_refuses_what_it_is_there_for_and_nothing_else() {
        let open = Gates::with(External::Allowed, MicroUsd(50_000)).expect("gates");
        let there = |snapshot: &mut Snapshot, change: &dyn Fn(&mut Candidate)| {
            snapshot.candidates.iter_mut().filter(|c| c.tool.as_str() == "there").for_each(change);
        };
        assert_eq!(refused(&open, |_| {}), Vec::<String>::new());
        assert_eq!(refused(&open, |s| there(s, &|c| c.output_licence = None)), ["selection"]);
        assert_eq!(refused(&open, |s| s.request.data_class = contracts::choice::DataClass::Restricted), ["data_class"]);
        assert_eq!(refused(&open, |s| s.budget.remaining_micro_usd = Some(MicroUsd(39_999))), ["budget"]);
        assert_eq!(refused(&open, |s| there(s, &|c| c.quote_micro_usd = None)), ["budget", "pre_execution"], "unknown is not zero");
        assert_eq!(refused(&open, |s| there(s, &|c| c.availability = Availability::Unavailable)), ["pre_execution"]);
        let strict = Gates::with(External::Allowed, MicroUsd(39_999)).expect("gates");
        assert_eq!(refused(&strict, |_| {}), ["pre_execution"], "above what may be spent without asking");
        let closed = Gates::with(External::Forbidden, MicroUsd(50_000)).expect("gates");
        assert_eq!(refused(&closed, |_| {}), ["pre_execution"]);
    }

    #[test]
    fn a_no_is_an_exclusion_of_the_choice_and_an_answer_is_asked_once() {
        let gates = Gates::with(External::Forbidden, MicroUsd(50_000)).expect("gates");
        let (catalogue, mut snapshot) = asked(|_| {});
        snapshot.gates = gates.ask(&catalogue, &snapshot, &names(&["here", "there"]));
        let choice = routing::choose(&snapshot);
        assert_eq!(choice.order.iter().map(|p| p.tool.as_str()).collect::<Vec<_>>(), ["here"]);
        assert!(choice.exclusions.iter().any(|e| e.tool.as_str() == "there" && e.code == ExclusionCode::GateDenied));
        let once = gates.answered.lock().expect("whole").len();
        assert_eq!(gates.ask(&catalogue, &snapshot, &names(&["here", "there"])), snapshot.gates);
        assert_eq!(gates.answered.lock().expect("whole").len(), once);
    }
}
