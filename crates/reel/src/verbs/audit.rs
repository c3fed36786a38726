//! `reel audit RUN`: whether what is on record about a run holds.

use clap::{ArgMatches, Command};
use serde_json::json;

use super::{Offer, Report, Verb, run_arg, runs::find, text, with_registry};
use crate::{
    audit::audit,
    failure::{Failure, exit},
};

pub const VERB: Verb = Verb { name: "audit", about: "Check that what is on record about a run holds", args, offer: Offer::Reads, run };

const AFTER_HELP: &str = "\
Reads everything again: content against its addresses, documents against their schemas, lineage, the order of the stages, that
nothing ran twice, totals, approvals, the film against its timing lock. Exits with 7 when something does not hold.";

fn args(command: Command) -> Command {
    command.arg(run_arg("Its id (default, and `latest`: the newest)")).after_help(AFTER_HELP)
}

fn run(args: &ArgMatches) -> Result<Report, Failure> {
    with_registry(|registry, runtime| {
        let row = find(registry, runtime, &text(args, "run").unwrap_or_else(|| "latest".to_owned()))?;
        let checks = audit(registry, runtime, &row)?;
        let faults: u64 = checks.iter().map(|check| check.faults.len() as u64).sum();
        let mut said = format!("run       {} ({})\n", row.id, row.status);
        for check in &checks {
            let word = if check.faults.is_empty() { "holds" } else { "FAILS" };
            said.push_str(&format!("  {word}  {:<10} {:>5} looked at: {}\n", check.name, check.looked_at, check.claim));
            for fault in &check.faults {
                said.push_str(&format!("           {fault}\n"));
            }
        }
        if checks.is_empty() {
            said.push_str("  nothing is on record about it but its row\n");
        }
        let next = if faults == 0 { vec!["reel", "show", row.id.as_str()] } else { vec!["reel", "artifacts", "verify"] };
        said.push_str(&match faults {
            0 => "everything on record holds\n".to_owned(),
            n => format!(
                "{n} {} not hold\n  next: `{}` says what is damaged; `reel rerun {}` makes again what can be\n",
                if n == 1 { "thing does" } else { "things do" },
                next.join(" "),
                row.id
            ),
        });
        let json = json!({"run_id": row.id, "status": row.status, "holds": faults == 0, "checks": checks, "next_actions": [next]});
        Ok(Report { exit: if faults == 0 { 0 } else { exit::DAMAGED }, ..Report::new(json, said) })
    })
}
