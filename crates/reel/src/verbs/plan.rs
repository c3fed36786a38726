//! What `reel produce --plan` says.

use serde_json::{Value, json};

use crate::{
    foresee::{Plan, Stage},
    produce::Request,
};

/// Names shown of a list; a program gets them all.
const SHOWN: usize = 6;

pub fn json(request: &Request, plan: &Plan) -> Value {
    let stage = |s: &Stage| {
        json!({
            "name": s.name, "steps": s.steps, "from_memory": s.known, "to_make": s.to_make(), "at_most": s.at_most, "names": s.missing,
            "work_ms": plan.work_ms(s),
        })
    };
    let waits: Vec<Value> = plan.foreseen.waits.iter().map(|(point, what)| json!({"point": point, "what": what})).collect();
    json!({
        "run_id": plan.run, "status": if to_make(plan) == 0 { "remembered" } else { "planned" },
        "stages": plan.foreseen.stages.iter().map(stage).collect::<Vec<_>>(),
        "to_make": to_make(plan), "work_ms": work_ms(plan), "waits": waits, "cost_micro_usd": 0, "next_actions": [request.argv("")],
    })
}

/// Steps that would run.
fn to_make(plan: &Plan) -> u64 {
    plan.foreseen.stages.iter().map(Stage::to_make).sum()
}

fn work_ms(plan: &Plan) -> Option<u64> {
    plan.foreseen.stages.iter().map(|s| plan.work_ms(s)).sum()
}

pub fn text(request: &Request, plan: &Plan) -> String {
    let mut text = String::new();
    for s in &plan.foreseen.stages {
        let most = if s.at_most { "at most " } else { "" };
        let all = s.known == s.steps;
        let what = if all { format!("{} from memory", s.steps) } else { format!("{most}{} of {} to make", s.to_make(), s.steps) };
        let time = plan
            .work_ms(s)
            .filter(|ms| !all && *ms >= 100)
            .map_or(String::new(), |ms| format!("about {}.{} s", ms / 1000, ms % 1000 / 100));
        // On a first run everything is made: names say something when some are not.
        let few = s.known > 0 && !all;
        let names: Vec<&str> = s.missing.iter().filter(|_| few).take(SHOWN).map(String::as_str).collect();
        let more = if few && s.missing.len() > SHOWN { format!(" and {} more", s.missing.len() - SHOWN) } else { String::new() };
        text.push_str(format!("  {:<12} {what:<28} {time:<14} {}{more}", s.name, names.join(", ")).trim_end());
        text.push('\n');
    }
    let work = match work_ms(plan) {
        _ if to_make(plan) == 0 => "everything is remembered: the film only has to be handed over".to_owned(),
        Some(ms) => format!("about {} s of work, by what such steps took here before", ms.div_ceil(1000)),
        None => "how long it takes is known when each kind of step has run here once".to_owned(),
    };
    text.push_str(&format!("{work}; nothing is paid: every step runs on this machine\n"));
    for (point, what) in &plan.foreseen.waits {
        text.push_str(&format!("  it would wait for a yes at {point}: {what}\n"));
    }
    text + &format!("  next: {}\n", request.argv("").join(" "))
}
