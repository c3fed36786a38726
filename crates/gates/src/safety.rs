//! The safety gate (requirements 002-26.1 to 002-26.3): what is said, shown, asked of a tool, fetched and published, against who may
//! watch. One function for all of it, [`judge`]; the rules are data in `policies/safety/`. It fails closed: a list that cannot be read
//! blocks everything, in every mode.
//!
//! `warn_only` is a project's choice: what is found is on record and work goes on, but [`publish`] stays blocked until a person has
//! looked. The gate reads words, not meanings: it knows no irony, and what it passes is not proven harmless.

mod rules;

use std::sync::OnceLock;

use contracts::{
    Hash,
    canon::{Finding, Verdict},
    project::{Project, Safety, SafetyMode},
    story::Script,
};

pub use rules::{Hit, Rules};

use crate::verdict::{blocks, verdict, warns};
use rules::audience_name;

/// The shipped lists: data, each with its format on top.
const WORDS: &str = include_str!("../../../policies/safety/words.txt");
const RULES: &str = include_str!("../../../policies/safety/rules.txt");

const NO_LIST: &str = "safety.no_list";

/// The address of the lists, for the keys of verdicts made with them.
pub fn fingerprint() -> Hash {
    Hash::of(format!("{}:{WORDS}{RULES}", WORDS.len()).as_bytes())
}

/// Where the gate stands: the four mandatory points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// A script that was written.
    Script,
    /// What a tool is asked for.
    Prompt,
    /// The description and metadata of what was fetched or made.
    Asset,
    /// The titles, captions and metadata of a finished film.
    Output,
}

impl Point {
    fn told(self) -> &'static str {
        match self {
            Self::Script => "the script",
            Self::Prompt => "a prompt",
            Self::Asset => "an asset",
            Self::Output => "the finished film",
        }
    }
}

/// The shipped rules, or which list cannot be read, and where.
pub fn shipped() -> Result<&'static Rules, &'static (String, usize)> {
    static READ: OnceLock<Result<Rules, (String, usize)>> = OnceLock::new();
    READ.get_or_init(|| read(WORDS, RULES)).as_ref()
}

fn read(words: &str, together: &str) -> Result<Rules, (String, usize)> {
    let rules = Rules::default().words(words).map_err(|line| ("policies/safety/words.txt".to_owned(), line))?;
    rules.together(together).map_err(|line| ("policies/safety/rules.txt".to_owned(), line))
}

/// Judges texts by the shipped rules: each with the place where a person finds it.
pub fn judge<'a>(safety: &Safety, point: Point, texts: impl IntoIterator<Item = (String, &'a str)>) -> Verdict {
    judge_by(shipped(), safety, point, texts)
}

/// Judges texts by these rules: the shipped ones with those of a place and its law added, or the reason why they cannot be read.
pub fn judge_by<'a>(
    rules: Result<&Rules, &(String, usize)>,
    safety: &Safety,
    point: Point,
    texts: impl IntoIterator<Item = (String, &'a str)>,
) -> Verdict {
    let rules = match rules {
        Ok(rules) => rules,
        Err((file, line)) => {
            let message = format!("the list {file} cannot be read (line {line}): nothing passes");
            return verdict("safety", vec![blocks(NO_LIST, message, &[file])]);
        }
    };
    let audience = audience_name(safety.audience);
    let mut found: Vec<Finding> = Vec::new();
    for (place, text) in texts {
        for Hit { category, words } in rules.broken(safety.audience, text) {
            let code = format!("safety.{category}");
            let message =
                format!("{place} ({}) holds words ({category}) that are not for the audience `{audience}`: {words}", point.told());
            let sources = [place.as_str(), "project.toml safety.audience"];
            found.push(match safety.mode.unwrap_or_default() {
                SafetyMode::FailClosed => blocks(&code, message, &sources),
                SafetyMode::WarnOnly => warns(&code, message, &sources),
            });
        }
    }
    verdict("safety", found)
}

/// Judges every text of a script that reaches a viewer: titles, actions, lines.
pub fn script(project: &Project, script: &Script) -> Verdict {
    judge(&project.safety, Point::Script, texts_of(project, script))
}

fn texts_of<'a>(project: &'a Project, script: &'a Script) -> Vec<(String, &'a str)> {
    let mut texts = vec![("project.toml title".to_owned(), project.title.as_str()), ("script title".to_owned(), script.title.as_str())];
    for (_, beat) in script.beats() {
        texts.extend(beat.action.iter().map(|a| (beat.id.to_string(), a.text.as_str())));
        texts.extend(beat.lines.iter().map(|l| (l.id.to_string(), l.text.as_str())));
    }
    texts
}

/// Whether a film may be published, by every verdict of this gate on its way: what was found in any mode blocks until somebody has
/// reviewed it, and so does a point that was never asked. A review clears findings, never a gate that could not run.
pub fn publish(asked: &[(Point, Verdict)], reviewed_by: Option<&str>) -> Verdict {
    let mut found = Vec::new();
    for point in [Point::Script, Point::Prompt, Point::Asset, Point::Output] {
        if !asked.iter().any(|(p, _)| *p == point) {
            found.push(blocks("safety.not_asked", format!("nobody judged {}: it cannot be published", point.told()), &[point.told()]));
        }
    }
    let reviewer = reviewed_by.map(str::trim).filter(|who| !who.is_empty());
    for finding in asked.iter().flat_map(|(_, verdict)| &verdict.findings) {
        let mut finding = finding.clone();
        finding.blocks = finding.code == NO_LIST || reviewer.is_none();
        found.push(finding);
    }
    verdict("safety", found)
}

#[cfg(test)]
mod tests {
    use contracts::project::Audience;
    use serde_json::json;

    use super::*;

    const AUDIENCES: [(&str, Audience); 3] = [("general", Audience::General), ("teen", Audience::Teen), ("mature", Audience::Mature)];

    fn documents(audience: &str, line: &str) -> (Project, Script) {
        let project = json!({"id": "p", "title": "P", "genre": "mystery", "visual_style": "paper", "target_duration_s": 60,
            "edit_rate": "24/1", "language": "en", "aspect": "16:9", "render_profiles": ["preview_local"], "continuity_mode": "strict",
            "cost_policy": {"budget_micro_usd": 0, "external": "forbidden"}, "safety": {"audience": audience},
            "approval_points": {"approve_canon_diff": false, "approve_character_packs": false,
                "approve_shotlist_timing_lock": false, "approve_external_spend": true}});
        let script = json!({"project_id": "p", "episode": 1, "title": "T", "title_after": "b", "scenes": [{"id": "sc01",
            "location_id": "x", "story_time": "0001-01-01T00:00", "time_of_day": "day", "weather": "clear", "mood": "calm",
            "present": ["a"], "beats": [{"id": "sc01-b01", "fn": "hook", "lines": [{"id": "sc01-b01-l1", "speaker_id": "a", "to": [],
            "text": line, "act": "ask", "tactic": "plain", "emotion": {"tag": "calm", "level": 1}, "delivery": "plain"}]}]}]});
        (serde_json::from_value(project).expect("a project"), serde_json::from_value(script).expect("a script"))
    }

    fn judged(words: &str, audience: &str, line: &str) -> Verdict {
        let (project, script) = documents(audience, line);
        judge_by(
            Rules::default().words(words).map_err(|n| ("words".into(), n)).as_ref(),
            &project.safety,
            Point::Script,
            texts_of(&project, &script),
        )
    }

    #[test]
    fn each_category_spares_its_audiences_and_names_both_sides() {
        for row in WORDS.lines().filter(|l| !l.starts_with('#')) {
            let cells: Vec<&str> = row.split('|').collect();
            for word in cells[2].split_whitespace() {
                for (audience, _) in AUDIENCES {
                    let line = format!("Well, {}!", word.to_uppercase());
                    let verdict = judged(WORDS, audience, &line);
                    assert_eq!(verdict.pass, !cells[1].contains(audience), "{word} before {audience}");
                    assert!(verdict.findings.iter().all(|f| f.sources == ["sc01-b01-l1", "project.toml safety.audience"]));
                    let (project, text) = documents(audience, &line);
                    assert!(verdict.pass || !script(&project, &text).pass);
                }
            }
        }
    }

    #[test]
    fn ordinary_words_pass_even_where_they_hold_another() {
        for text in ["Scunthorpe is shut.", "The bitches' brew? No: the ditch.", "He shifts the class of it.", "Count the tins."] {
            let (project, text) = documents("general", text);
            assert!(script(&project, &text).pass);
        }
    }

    #[test]
    fn a_list_that_cannot_be_read_lets_nothing_pass_in_any_mode() {
        for list in
            ["", "# nothing\n", "strong | general", "strong | everybody | word", " | general | word", "strong | | word", "s | teen | "]
        {
            assert!(!judged(list, "mature", "Good morning.").pass, "{list:?}");
        }
        for list in ["", "a | teen | !b", "a | teen | b + ", "a | teen | b,, c", "a | teen | B", "a | teen | *", "a | teen"] {
            assert!(Rules::default().together(list).is_err(), "{list:?}");
            let error = ("rules".to_owned(), 1);
            let safety = Safety { audience: Audience::Mature, mode: Some(SafetyMode::WarnOnly) };
            let verdict = judge_by(Err(&error), &safety, Point::Prompt, [("p".to_owned(), "Good morning.")]);
            assert!(!verdict.pass && !publish(&everywhere(verdict), Some("mara")).pass);
        }
        assert!(Rules::default().words(&"a | teen | b\n".repeat(1_000_000)).is_err(), "a list beyond all sense");
    }

    fn everywhere(verdict: Verdict) -> Vec<(Point, Verdict)> {
        [Point::Script, Point::Prompt, Point::Asset, Point::Output].into_iter().map(|p| (p, verdict.clone())).collect()
    }

    #[test]
    fn a_warning_goes_on_and_is_not_published_until_somebody_has_looked() {
        let bad = [("shot s1 prompt".to_owned(), "Immigrants are vermin.")];
        let safety = |mode| Safety { audience: Audience::General, mode };
        for (mode, goes_on) in [(None, false), (Some(SafetyMode::FailClosed), false), (Some(SafetyMode::WarnOnly), true)] {
            for point in [Point::Script, Point::Prompt, Point::Asset, Point::Output] {
                let verdict = judge(&safety(mode), point, bad.clone());
                assert_eq!((verdict.pass, verdict.findings.len()), (goes_on, 1), "{mode:?} {point:?}");
                let asked = everywhere(verdict);
                assert!(!publish(&asked, None).pass && !publish(&asked, Some(" ")).pass, "{mode:?}");
                assert!(publish(&asked, Some("mara")).pass);
            }
        }
        let clean = judge(&safety(None), Point::Script, [("t".to_owned(), "Good morning.")]);
        assert!(publish(&everywhere(clean.clone()), None).pass);
        assert_eq!(publish(&[(Point::Script, clean)], Some("mara")).findings.len(), 3, "a point that was not asked blocks");
    }

    #[test]
    fn a_rule_of_a_place_is_added_to_the_shipped_ones() {
        let rules =
            read(WORDS, RULES).and_then(|r| r.together("illegal | general teen mature | lottery + win*").map_err(|n| ("own".into(), n)));
        let rules = rules.expect("reads");
        let hit = |text: &str| rules.broken(Audience::Mature, text).iter().any(|h| h.category == "illegal");
        assert!(hit("He is winning the lottery.") && !hit("He is winning. The lottery is shut.") && hit("How to make a bomb."));
    }

    #[test]
    fn a_word_in_disguise_is_read() {
        let rules = Rules::default().words("x | teen | bomb erotic").expect("reads");
        for text in ["B\u{f6}mb", "b\u{200b}omb", "b0mb", "B O M B", "a b o m b", "ｂｏｍｂ", "er0tic", "b\u{ad}omb", "(bomb)", "b.o.m.b"]
        {
            let hits = rules.broken(Audience::Teen, text);
            // Letters parted by full stops are sentences of their own, and "a b o m b" is drawn together whole: both pass, on record here.
            let passes = ["b.o.m.b", "a b o m b"].contains(&text);
            assert_eq!(hits.is_empty(), passes, "{text:?}");
        }
    }

    /// Rows of a corpus: all but the last cell, and the text.
    fn corpus(name: &str) -> Vec<(Vec<String>, String)> {
        let path = format!("{}/../../tests/safety/{name}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).expect("the corpus is there");
        let rows = text.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#'));
        rows.map(|row| {
            let mut cells: Vec<String> = row.split(" | ").map(str::to_owned).collect();
            let text = cells.pop().expect("a text");
            (cells, text)
        })
        .collect()
    }

    #[test]
    fn every_text_of_the_corpus_is_blocked_in_its_category() {
        let rules = shipped().expect("the shipped lists");
        let (mut missed, mut counted) = (Vec::new(), std::collections::BTreeMap::new());
        for (cells, text) in corpus("blocked.txt") {
            let [category, audience] = &cells[..] else { panic!("{text}") };
            let most = AUDIENCES.iter().position(|(name, _)| name == audience).expect("an audience");
            for (name, audience) in &AUDIENCES[..=most] {
                // The extreme is violent before every audience; what is not extreme may be found as the other.
                let family = |c: &str| if c.ends_with("_violence") { "violence".to_owned() } else { c.to_owned() };
                if !rules.broken(*audience, &text).iter().any(|h| family(&h.category) == family(category)) {
                    missed.push(format!("{category} before {name}: {text}"));
                }
            }
            let kind = match category.as_str() {
                "sexual_minors" => "sexual",
                "extreme_violence" => "graphic_violence",
                "harassment" => "hate",
                other => other,
            };
            *counted.entry(kind.to_owned()).or_insert(0) += 1;
        }
        assert!(missed.is_empty(), "{} missed:\n{}", missed.len(), missed.join("\n"));
        assert!(counted.len() == 5 && counted.values().all(|n| *n >= 40), "{counted:?}");
    }

    #[test]
    fn near_misses_pass() {
        let rules = shipped().expect("the shipped lists");
        let texts = corpus("benign.txt");
        let audience = |name: &str| AUDIENCES.iter().find(|(n, _)| *n == name).expect("an audience").1;
        let hits: Vec<String> = texts
            .iter()
            .filter_map(|(cells, text)| rules.broken(audience(&cells[0]), text).pop().map(|hit| format!("{hit:?}: {text}")))
            .collect();
        assert!(texts.len() >= 100 && hits.len() * 100 <= texts.len() * 2, "{} of {}:\n{}", hits.len(), texts.len(), hits.join("\n"));
    }
}
