//! One episode in the shape the season judge reads (`cargo xtask story-check`).

use contracts::{
    Id,
    canon::{Canon, CanonDiff, Thread},
    project::Project,
    story::{Cast, EpisodePlan, Part, Script, StoryArc},
};
use serde_json::{Map, Value, json};

use crate::text::capital;

/// The episode as one JSON document. `canon` is what was true before it; `seen_before` are the props earlier episodes showed.
///
/// # Errors
/// A document that has no JSON form.
#[allow(clippy::too_many_arguments, reason = "the documents of one episode, each once")]
pub fn sample_shape(
    project: &Project,
    canon: &Canon,
    arc: &StoryArc,
    plan: &EpisodePlan,
    cast: &Cast,
    script: &Script,
    diff: &CanonDiff,
    seen_before: &[Id],
) -> Result<Value, serde_json::Error> {
    let here = format!("ep{} ", script.episode);
    let members = cast.members.iter().map(|m| member(canon, m)).collect::<Result<Vec<_>, _>>()?;
    let scenes = script.scenes.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>()?;
    let mut episode = json!({
        "number": plan.number,
        "title": plan.title,
        "question": plan.question,
        "question_beat": plan.question_beat,
        "answer": plan.answer,
        "turn": plan.turn,
        "cost": plan.cost,
        "forms": plan.forms,
        "summary": plan.summary,
        "sounds_signature": [arc.sound],
    });
    if let Value::Object(map) = &mut episode {
        map.insert("arc".into(), serde_json::to_value(arc.episodes.iter().find(|e| e.number == plan.arc_reference))?);
    }
    Ok(json!({
        "schema_id": "reelwright.sample_episode",
        "schema_version": "0.1.0",
        "project": {
            "id": project.id,
            "title": project.title,
            "genre": project.genre,
            "visual_style": project.visual_style,
            "target_duration_s": project.target_duration_s,
            "edit_rate": project.edit_rate,
        },
        "episode": episode,
        "cast": members,
        "locations": canon.locations,
        "props": canon.props,
        "props_seen_before": seen_before,
        "names": canon.world.names,
        "particulars": canon.world.particulars,
        "world_rules": canon.world_rules,
        "canon_in": canon.facts,
        "canon_diff": {
            "added": diff.added,
            "ended": diff.ended,
            "removed": diff.removed,
            "learned": diff.learned,
            "justification": diff.justification,
        },
        "threads": diff.threads.iter().map(|t| thread(t, &here)).collect::<Vec<_>>(),
        "clues": plan.clues,
        "beat_sheet": plan.beat_sheet,
        "script": {
            "schema_id": "script",
            "schema_version": "0.1.0",
            "title_card": {"after": script.title_after, "text": script.title},
            "scenes": scenes,
        },
    }))
}

fn member(canon: &Canon, member: &contracts::story::CastMember) -> Result<Value, serde_json::Error> {
    let mut value = serde_json::to_value(member)?;
    let person = canon.characters.iter().find(|c| c.id == member.id);
    if let Value::Object(map) = &mut value {
        if let Some(person) = person {
            for (key, text) in [
                ("born", person.born.as_str()),
                ("role", &person.role),
                ("want", &person.want),
                ("fear", &person.fear),
                ("lie", &person.lie),
                ("contradiction", &person.contradiction),
            ] {
                map.insert(key.into(), capital(text).into());
            }
        }
        map.entry("look").or_insert_with(|| json!({"emblem": "none"}));
        if member.part == Part::Narrator {
            map.insert("role_in_scene".into(), "narrator".into());
        }
    }
    Ok(value)
}

/// References of this episode stand bare, those of others keep their `epN`.
fn thread(thread: &Thread, here: &str) -> Value {
    let bare = |text: &String| Value::from(text.strip_prefix(here).unwrap_or(text));
    let mut map = Map::new();
    map.insert("id".into(), thread.id.as_str().into());
    map.insert("question".into(), thread.question.as_str().into());
    map.insert("kind".into(), json!(thread.kind));
    map.insert("state".into(), json!(thread.state));
    if let Some(opened) = &thread.opened_by {
        map.insert("opened_by".into(), bare(opened));
    }
    map.insert("advanced_by".into(), thread.advanced_by.iter().map(bare).collect());
    if let Some(paid) = &thread.paid_by {
        map.insert("paid_by".into(), bare(paid));
        map.insert("answer".into(), json!(thread.answer));
    }
    if let Some(due) = &thread.due {
        map.insert("due".into(), due.as_str().into());
    }
    Value::Object(map)
}
