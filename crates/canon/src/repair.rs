//! Repairs: what to change in a script so that a finding of the gate goes away. Never in canon (requirement 002-18.4).
//!
//! The gate proposes only what it has tried: applied to the script, the finding is gone and no other is there.

use contracts::{
    Id,
    canon::{Repair, ScriptEdit, ScriptField},
    story::{Beat, Line, Scene, Script, Truth},
};
use serde::{Serialize, de::DeserializeOwned};

/// The name by which an edit speaks of the script itself.
pub const SCRIPT: &str = "script";

/// A repair that does not fit the script it is meant for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the repair of {at} does not fit this script: {why}; judge the script again")]
pub struct RepairError {
    /// The scene, beat or line.
    pub at: Id,
    /// What does not fit.
    pub why: String,
}

/// An edit of one field.
pub(crate) fn edit(at: &Id, field: ScriptField, from: Option<&str>, to: Option<&str>) -> ScriptEdit {
    ScriptEdit { at: at.clone(), field, from: from.map(str::to_owned), to: to.map(str::to_owned) }
}

/// A proposal: what it does, and the edits.
pub(crate) fn repair(what: String, edits: Vec<ScriptEdit>) -> Repair {
    Repair { what, edits }
}

/// The claim of a line as an edit writes it: `FACT TRUTH`.
pub(crate) fn claim(fact: &Id, truth: Truth) -> String {
    format!("{fact} {}", word(&truth).unwrap_or_default())
}

fn word<T: Serialize>(value: &T) -> Option<String> {
    serde_json::to_value(value).ok()?.as_str().map(str::to_owned)
}

fn parsed<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()
}

/// The script with a repair in it.
///
/// # Errors
/// An edit names what the script does not hold, or what stands there is another than it says.
pub fn mended(script: &Script, repair: &Repair) -> Result<Script, RepairError> {
    let mut mended = script.clone();
    for edit in &repair.edits {
        make(&mut mended, edit).map_err(|why| RepairError { at: edit.at.clone(), why })?;
    }
    Ok(mended)
}

fn make(script: &mut Script, edit: &ScriptEdit) -> Result<(), String> {
    let missing = || format!("there is no `{}` with {:?}", edit.at, edit.field);
    match edit.field {
        ScriptField::TitleAfter => set(&mut script.title_after, edit),
        ScriptField::StoryTime => {
            let scene = scene(script, &edit.at).ok_or_else(missing)?;
            let was = scene.story_time.to_string();
            let to = swapped(&was, edit)?;
            scene.story_time = to.try_into()?;
            Ok(())
        }
        ScriptField::LocationId => set(&mut scene(script, &edit.at).ok_or_else(missing)?.location_id, edit),
        ScriptField::Present => list(&mut scene(script, &edit.at).ok_or_else(missing)?.present, edit),
        ScriptField::Heard => list(&mut scene(script, &edit.at).ok_or_else(missing)?.heard, edit),
        ScriptField::Who => list(&mut beat(script, &edit.at).and_then(|b| b.action.as_mut()).ok_or_else(missing)?.who, edit),
        ScriptField::Props => list(&mut beat(script, &edit.at).and_then(|b| b.action.as_mut()).ok_or_else(missing)?.props, edit),
        ScriptField::Effects => list(&mut beat(script, &edit.at).ok_or_else(missing)?.effects, edit),
        ScriptField::To => list(&mut line(script, &edit.at).ok_or_else(missing)?.to, edit),
        ScriptField::States => {
            let line = line(script, &edit.at).ok_or_else(missing)?;
            if let Some(from) = &edit.from {
                let place =
                    line.states.iter().position(|c| claim(&c.fact, c.truth) == *from).ok_or_else(|| format!("it claims no `{from}`"))?;
                match edit.to.as_deref().and_then(|to| to.split_once(' ')) {
                    Some((fact, truth)) => {
                        line.states[place].fact = Id::new(fact).map_err(|e| e.to_string())?;
                        line.states[place].truth = parsed(truth).ok_or_else(|| format!("`{truth}` is no truth of a claim"))?;
                    }
                    None => {
                        line.states.remove(place);
                    }
                }
            }
            Ok(())
        }
        ScriptField::Text => {
            let words = match line(script, &edit.at) {
                Some(line) => &mut line.text,
                None => &mut beat(script, &edit.at).and_then(|b| b.action.as_mut()).ok_or_else(missing)?.text,
            };
            *words = swapped(words, edit)?;
            Ok(())
        }
        ScriptField::Action => {
            let beat = beat(script, &edit.at).ok_or_else(missing)?;
            let was = beat.action.as_ref().map(|a| a.text.as_str());
            if was.is_none() || was != edit.from.as_deref() {
                return Err(format!("its action is {was:?}"));
            }
            beat.action = None;
            Ok(())
        }
        ScriptField::Line => {
            let lines = script.scenes.iter_mut().flat_map(|s| &mut s.beats).find(|b| b.lines.iter().any(|l| l.id == edit.at));
            lines.ok_or_else(missing)?.lines.retain(|l| l.id != edit.at);
            Ok(())
        }
    }
}

fn swapped(was: &str, edit: &ScriptEdit) -> Result<String, String> {
    match (&edit.from, &edit.to) {
        (Some(from), Some(to)) if from == was => Ok(to.clone()),
        _ => Err(format!("its {:?} is `{was}`", edit.field)),
    }
}

fn set(id: &mut Id, edit: &ScriptEdit) -> Result<(), String> {
    *id = Id::new(swapped(id, edit)?).map_err(|e| e.to_string())?;
    Ok(())
}

fn list(ids: &mut Vec<Id>, edit: &ScriptEdit) -> Result<(), String> {
    if let Some(from) = &edit.from {
        let before = ids.len();
        ids.retain(|id| id.as_str() != from);
        if ids.len() == before {
            return Err(format!("`{from}` is not in its {:?}", edit.field));
        }
    }
    if let Some(to) = &edit.to {
        ids.push(Id::new(to.as_str()).map_err(|e| e.to_string())?);
    }
    Ok(())
}

fn scene<'s>(script: &'s mut Script, id: &Id) -> Option<&'s mut Scene> {
    script.scenes.iter_mut().find(|s| s.id == *id)
}

fn beat<'s>(script: &'s mut Script, id: &Id) -> Option<&'s mut Beat> {
    script.scenes.iter_mut().flat_map(|s| &mut s.beats).find(|b| b.id == *id)
}

fn line<'s>(script: &'s mut Script, id: &Id) -> Option<&'s mut Line> {
    script.scenes.iter_mut().flat_map(|s| &mut s.beats).flat_map(|b| &mut b.lines).find(|l| l.id == *id)
}

/// A line is taken out.
pub(crate) fn unsaid(line: &Line) -> Repair {
    repair(format!("leave {} out", line.id), vec![edit(&line.id, ScriptField::Line, Some(&line.text), None)])
}

/// Somebody is taken out of a scene: presence, acts, lines, and whoever speaks to them.
pub(crate) fn gone(who: &Id, scene: &Scene) -> Repair {
    let mut edits = Vec::new();
    for (field, list) in [(ScriptField::Present, &scene.present), (ScriptField::Heard, &scene.heard)] {
        if list.contains(who) {
            edits.push(edit(&scene.id, field, Some(who), None));
        }
    }
    for beat in &scene.beats {
        edits.extend(beat.action.iter().filter(|a| a.who.contains(who)).map(|_| edit(&beat.id, ScriptField::Who, Some(who), None)));
        for line in &beat.lines {
            if line.speaker_id == *who {
                edits.push(edit(&line.id, ScriptField::Line, Some(&line.text), None));
            } else if line.to.contains(who) {
                edits.push(edit(&line.id, ScriptField::To, Some(who), None));
            }
        }
    }
    repair(format!("let {who} not be in {}", scene.id), edits)
}

/// One entry of a list goes.
pub(crate) fn without(at: &Id, field: ScriptField, entry: &str) -> Repair {
    repair(format!("take {entry} out of {at}"), vec![edit(at, field, Some(entry), None)])
}

/// One entry is added to a list.
pub(crate) fn with(at: &Id, field: ScriptField, entry: &str) -> Repair {
    repair(format!("add {entry} to {at}"), vec![edit(at, field, None, Some(entry))])
}

/// One value becomes another.
pub(crate) fn changed(at: &Id, field: ScriptField, from: &str, to: &str) -> Repair {
    let what = if field == ScriptField::Text { format!("write {at} as `{to}`") } else { format!("let {from} of {at} be {to}") };
    repair(what, vec![edit(at, field, Some(from), Some(to))])
}
