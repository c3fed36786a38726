//! Things: who has one, and whether there still is one.

use contracts::{
    canon::{Fact, FactKind, FactValue, ScriptField},
    story::{Beat, Scene},
};

use super::Gate;
use crate::{
    facts::Facts,
    repair::without,
    sources::{fact as source, script as at},
};

/// How a state begins that leaves nothing to be used.
const GONE: &[&str] = &["gone", "lost", "destroyed", "burned", "burnt", "sunk", "spent", "eaten", "drowned"];

impl<F: Facts> Gate<'_, F> {
    /// Whoever uses a thing has it here, and it is not gone.
    pub(super) fn things(&mut self) {
        let script = self.script;
        let mut found = Vec::new();
        for (scene, beat) in script.beats() {
            for prop in beat.action.iter().flat_map(|action| &action.props) {
                if let Some(gone) = self.before(prop, "state", scene, beat, true).filter(|f| is_gone(f)) {
                    let message = format!("{}: {prop} is used, and is `{}` since {}", beat.id, text(gone), gone.from);
                    found.push((message, source(gone), &beat.id, prop));
                }
                let Some(held) = self.before(prop, "holder", scene, beat, false) else { continue };
                let holder = text(held);
                let here = scene.present.iter().chain(&scene.heard).any(|who| who.as_str() == holder);
                if self.base.person(holder).is_some() && !here {
                    let message =
                        format!("{}: {prop} is used, but {holder} has it since {} and is not in {}", beat.id, held.from, scene.id);
                    found.push((message, source(held), &beat.id, prop));
                }
            }
        }
        for (message, fact, beat, prop) in found {
            self.block("canon.possession", message, &[&fact, &at(beat)]);
            self.mend(without(beat, ScriptField::Props, prop));
        }
    }

    /// What holds of a thing when a beat begins (`strictly`), or once it has ended: by canon, or by a beat of this episode.
    pub(super) fn before(&self, subject: &str, attribute: &str, scene: &Scene, beat: &Beat, strictly: bool) -> Option<&Fact> {
        let here = self.order.get(beat.id.as_str()).copied()?;
        let passed = |cause: Option<&usize>| cause.is_some_and(|then| if strictly { *then < here } else { *then <= here });
        let begun = |fact: &Fact| match self.over.begun_here(&fact.id) {
            Some(own) => passed(own.cause.as_ref().and_then(|c| self.order.get(c.as_str()))),
            None => fact.from <= scene.story_time,
        };
        let ended = |fact: &Fact| {
            let by = self.diff.ended.iter().find(|e| e.fact == fact.id);
            by.map_or_else(
                || fact.until.as_ref().is_some_and(|until| *until <= scene.story_time),
                |end| passed(self.order.get(end.cause.as_str())),
            )
        };
        self.over.about(subject, attribute).into_iter().rfind(|f| begun(f) && !ended(f))
    }
}

fn text(fact: &Fact) -> &str {
    match &fact.value {
        FactValue::Text(text) => text,
        FactValue::Number(_) => "",
    }
}

/// A state that never ends and leaves nothing: `burned by Nessa` is one, `half burned` is none.
fn is_gone(fact: &Fact) -> bool {
    let first = text(fact).split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_lowercase();
    fact.kind == FactKind::OneWay && GONE.contains(&first.as_str())
}
