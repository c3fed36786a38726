//! Rules of the world: what an episode shows, as plain facts for the rules an author wrote.

use contracts::{
    canon::{Fact, FactValue},
    story::{Beat, Scene},
};
use gates::rules::Rules;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Gate;
use crate::{
    derived,
    facts::Facts,
    repair::unsaid,
    sources::{entry, script as at},
    time,
    words::words,
};

/// A word of a closed list as JSON writes it.
fn word<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

fn low(text: &str) -> Vec<String> {
    words(text).into_iter().map(|w| w.low).collect()
}

fn value(fact: &Fact) -> Value {
    match &fact.value {
        FactValue::Number(n) => json!(n),
        FactValue::Text(text) => json!(text),
    }
}

impl<F: Facts> Gate<'_, F> {
    /// Every rule with a policy holds of everything it is asked of; one that cannot be asked does not.
    pub(super) fn rules(&mut self) {
        let code = "canon.world_rule";
        let rules = match Rules::load(self.base.rules()) {
            Ok(rules) if rules.is_empty() => return,
            Ok(rules) => rules,
            Err(faults) => {
                for fault in faults {
                    self.block(code, format!("{}: {}", fault.rule, fault.message), &[&entry("world_rules", &fault.rule)]);
                }
                return;
            }
        };
        let facts = self.shown(&rules);
        for broken in rules.broken(&facts) {
            let text = self.base.rules().iter().find(|r| r.id.as_str() == broken.rule).map_or("", |r| &r.text).to_owned();
            let from = entry("world_rules", &broken.rule);
            let message = match &broken.fault {
                None => format!("{} breaks {}: {text}", broken.at, broken.rule),
                Some(why) => format!("{} could not be asked of this episode, and so is not kept: {why}", broken.rule),
            };
            self.block(code, message, &[&from, &at(&broken.at)]);
            if let Some((.., line)) = self.script.lines().find(|(.., line)| line.id.as_str() == broken.at) {
                self.mend(unsaid(line));
            }
        }
    }

    /// What an episode shows, as the page of `canon.world_rule` describes it.
    fn shown(&self, rules: &Rules) -> Value {
        let named: Vec<String> = rules.names().into_iter().collect();
        let (mut scenes, mut beats, mut lines) = (Vec::new(), Vec::new(), Vec::new());
        let mut before: Option<i64> = None;
        for (n, scene) in self.script.scenes.iter().enumerate() {
            let minute = time::minutes(&scene.story_time);
            let mut told = self.hour(scene);
            told.extend(fields(json!({
                "id": scene.id, "n": n, "time_of_day": word(&scene.time_of_day), "weather": word(&scene.weather), "mood": word(&scene.mood),
                "present": scene.present, "heard": scene.heard, "since_minutes": before.map_or(0, |b| minute - b),
                "facts": scene.beats.first().map_or_else(|| json!({}), |beat| self.holds(&named, scene, beat, true)),
            })));
            before = Some(minute);
            scenes.push(Value::Object(told));
        }
        for (n, (scene, beat)) in self.script.beats().enumerate() {
            let holds = self.holds(&named, scene, beat, true);
            for line in &beat.lines {
                let knows = |id: &&String| self.over.fact(id).is_some() && self.knows(&line.speaker_id, id, scene, beat, false);
                let states: Vec<Value> = line.states.iter().map(|c| json!({"id": c.fact, "text": word(&c.truth)})).collect();
                let mut told = self.hour(scene);
                told.extend(fields(json!({
                    "id": line.id, "n": lines.len(), "beat": beat.id, "scene": scene.id, "speaker": line.speaker_id, "to": line.to,
                    "text": line.text, "words": low(&line.text), "act": line.act, "tactic": line.tactic, "delivery": word(&line.delivery),
                    "emotion": word(&line.emotion.tag), "states": states, "facts": holds.clone(),
                    "knows": named.iter().filter(knows).collect::<Vec<_>>(),
                })));
                lines.push(Value::Object(told));
            }
            let text = beat.action.as_ref().map_or("", |a| &a.text);
            let mut told = self.hour(scene);
            told.extend(fields(json!({
                "id": beat.id, "n": n, "scene": scene.id, "time_of_day": word(&scene.time_of_day), "weather": word(&scene.weather),
                "mood": word(&scene.mood), "present": scene.present, "heard": scene.heard, "fn": word(&beat.function),
                "verb": beat.action.as_ref().map(|a| &a.verb), "who": beat.action.as_ref().map(|a| &a.who),
                "props": beat.action.iter().flat_map(|a| &a.props).collect::<Vec<_>>(), "text": text, "words": low(text),
                "effects": beat.effects, "sounds": beat.sounds, "lines": beat.lines.iter().map(|l| &l.id).collect::<Vec<_>>(),
                "facts": holds, "after": self.holds(&named, scene, beat, false),
            })));
            beats.push(Value::Object(told));
        }
        let edge = |found: Option<(&Scene, &Beat)>, strictly| found.map_or_else(|| json!({}), |(s, b)| self.holds(&named, s, b, strictly));
        let last = self.script.beats().last();
        let start = self.script.scenes.first().map(|s| &s.story_time);
        let places: Map<String, Value> = self
            .script
            .scenes
            .iter()
            .filter_map(|s| self.base.place(&s.location_id))
            .map(|p| (p.id.to_string(), json!({"id": p.id, "family": word(&p.family), "minutes_to": p.travel_min})))
            .collect();
        let people: Map<String, Value> = self
            .cast
            .members
            .iter()
            .filter_map(|m| self.base.person(&m.id))
            .map(|p| {
                let age = start.map(|start| time::age(&p.born, start));
                (p.id.to_string(), json!({"id": p.id, "name": p.name, "born": p.born, "age": age}))
            })
            .collect();
        json!({
            "episode": {
                "id": "episode", "number": self.script.episode, "title": self.script.title,
                "facts": edge(self.script.beats().next(), true), "after": edge(last, false),
            },
            "scenes": scenes, "beats": beats, "lines": lines, "places": places, "people": people,
        })
    }

    fn hour(&self, scene: &Scene) -> Map<String, Value> {
        let minute = time::minutes(&scene.story_time);
        fields(json!({
            "place": scene.location_id, "at": scene.story_time, "minute": minute, "hour": minute.div_euclid(60).rem_euclid(24),
            "day": minute.div_euclid(1440), "weekday": derived::weekday(self.base, &scene.story_time),
        }))
    }

    /// subject → attribute → value, for the names the rules speak of and for who and what is seen, as it stands when the beat begins
    /// (`strictly`), or when it is over.
    fn holds(&self, named: &[String], scene: &Scene, beat: &Beat, strictly: bool) -> Value {
        let seen = scene.present.iter().chain(beat.action.iter().flat_map(|a| &a.props)).chain([&scene.location_id]);
        let mut all = Map::new();
        for subject in seen.map(|id| id.as_str()).chain(named.iter().map(String::as_str)) {
            if all.contains_key(subject) {
                continue;
            }
            let held = named.iter().filter_map(|name| {
                let stated = self.before(subject, name, scene, beat, strictly).map(value);
                let computed = || derived::value(self.base, subject, name, &scene.story_time).map(|v| word(&v));
                Some((name.clone(), stated.or_else(computed)?))
            });
            let held: Map<String, Value> = held.collect();
            if !held.is_empty() {
                all.insert(subject.to_owned(), Value::Object(held));
            }
        }
        Value::Object(all)
    }
}

fn fields(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
