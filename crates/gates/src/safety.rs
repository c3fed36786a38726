//! The safety gate of a script: what is said, shown and written against who may watch (requirement 002-26.2a, its first
//! phase: words). It fails closed: a word list that cannot be read blocks every script.

use contracts::{
    Hash,
    canon::{Finding, Verdict},
    project::{Audience, Project},
    story::Script,
};

use crate::verdict::{blocks, verdict};

/// The shipped list: data, with its format on top.
const WORDS: &str = include_str!("../../../policies/safety/words.txt");

/// The address of the word list, for the keys of verdicts made with it.
pub fn fingerprint() -> Hash {
    Hash::of(WORDS.as_bytes())
}

/// Judges every text of a script that reaches a viewer: titles, actions, lines.
pub fn script(project: &Project, script: &Script) -> Verdict {
    script_by(WORDS, project, script)
}

fn script_by(list: &str, project: &Project, script: &Script) -> Verdict {
    let audience = match project.safety.audience {
        Audience::General => "general",
        Audience::Teen => "teen",
        Audience::Mature => "mature",
    };
    let rows = match rows(list) {
        Ok(rows) => rows,
        Err(line) => {
            let message = format!("the word list cannot be read (line {line}): nothing passes");
            return verdict("safety", vec![blocks("safety.no_list", message, &["policies/safety/words.txt"])]);
        }
    };
    let mut texts = vec![("project.toml title".to_owned(), project.title.as_str()), ("script title".to_owned(), script.title.as_str())];
    for (_, beat) in script.beats() {
        texts.extend(beat.action.iter().map(|a| (beat.id.to_string(), a.text.as_str())));
        texts.extend(beat.lines.iter().map(|l| (l.id.to_string(), l.text.as_str())));
    }
    let mut found: Vec<Finding> = Vec::new();
    for (place, text) in texts {
        for word in text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase) {
            for (category, spared, words) in &rows {
                if spared.contains(&audience) && words.contains(&word.as_str()) {
                    let message = format!("{place} holds a word ({category}) that the audience `{audience}` does not hear: {word}");
                    found.push(blocks(&format!("safety.{category}"), message, &[&place, "project.toml safety.audience"]));
                }
            }
        }
    }
    verdict("safety", found)
}

type Row<'a> = (&'a str, Vec<&'a str>, Vec<&'a str>);

/// The rows of a list, or the number of the line that is none. A list without a row is none.
fn rows(list: &str) -> Result<Vec<Row<'_>>, usize> {
    let mut rows = Vec::new();
    for (number, line) in list.lines().enumerate().filter(|(_, l)| !l.trim().is_empty() && !l.starts_with('#')) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [category, spared, words] = cells[..] else { return Err(number + 1) };
        let (spared, words): (Vec<&str>, Vec<&str>) = (spared.split_whitespace().collect(), words.split_whitespace().collect());
        if category.is_empty() || words.is_empty() || !spared.iter().all(|a| ["general", "teen", "mature"].contains(a)) {
            return Err(number + 1);
        }
        rows.push((category, spared, words));
    }
    if rows.is_empty() { Err(0) } else { Ok(rows) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn judged(list: &str, audience: &str, line: &str) -> Verdict {
        let project = json!({"id": "p", "title": "P", "genre": "mystery", "visual_style": "paper", "target_duration_s": 60,
            "edit_rate": "24/1", "language": "en", "aspect": "16:9", "render_profiles": ["preview_local"], "continuity_mode": "strict",
            "cost_policy": {"budget_micro_usd": 0, "external": "forbidden"}, "safety": {"audience": audience},
            "approval_points": {"approve_canon_diff": false, "approve_character_packs": false,
                "approve_shotlist_timing_lock": false, "approve_external_spend": true}});
        let script = json!({"project_id": "p", "episode": 1, "title": "T", "title_after": "b", "scenes": [{"id": "sc01",
            "location_id": "x", "story_time": "0001-01-01T00:00", "time_of_day": "day", "weather": "clear", "mood": "calm",
            "present": ["a"], "beats": [{"id": "sc01-b01", "fn": "hook", "lines": [{"id": "sc01-b01-l1", "speaker_id": "a", "to": [],
            "text": line, "act": "ask", "tactic": "plain", "emotion": {"tag": "calm", "level": 1}, "delivery": "plain"}]}]}]});
        let project: Project = serde_json::from_value(project).expect("a project");
        let script: Script = serde_json::from_value(script).expect("a script");
        script_by(list, &project, &script)
    }

    #[test]
    fn each_category_spares_its_audiences_and_names_both_sides() {
        for (_, spared, words) in rows(WORDS).expect("the shipped list") {
            for word in words {
                for audience in ["general", "teen", "mature"] {
                    let verdict = judged(WORDS, audience, &format!("Well, {}!", word.to_uppercase()));
                    assert_eq!(verdict.pass, !spared.contains(&audience), "{word} before {audience}");
                    assert!(verdict.findings.iter().all(|f| f.sources == ["sc01-b01-l1", "project.toml safety.audience"]));
                }
            }
        }
    }

    #[test]
    fn ordinary_words_pass_even_where_they_hold_another() {
        for text in ["Scunthorpe is shut.", "The bitches' brew? No: the ditch.", "He shifts the class of it.", "Count the tins."] {
            assert!(judged(WORDS, "general", text).pass, "{text}");
        }
    }

    #[test]
    fn a_list_that_cannot_be_read_lets_nothing_pass() {
        for list in ["", "# nothing\n", "strong | general", "strong | everybody | word", " | general | word"] {
            assert!(!judged(list, "mature", "Good morning.").pass, "{list:?}");
        }
    }
}
