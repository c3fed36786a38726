//! The writer's own tests of a finished script, from an estimate of its lengths: what fails here is never shown. The ids are those of
//! writing direction §7.

use std::collections::{BTreeMap, BTreeSet};

use contracts::{
    Id,
    canon::{Canon, CanonDiff, ThreadState},
    story::{BeatFn, Cast, Delivery, EpisodePlan, Hold, Line, Part, Script, Weight},
};

use crate::{
    lint,
    text::{NUMBERS, estimate_ms, has_phrase, lower_words, opening, syllables, words},
};

/// The title card, milliseconds.
pub(crate) const CARD_TITLE_MS: u64 = 1_800;
/// The end card, milliseconds.
pub(crate) const CARD_END_MS: u64 = 2_000;
const LEAD_MS: u64 = 200;
const GAP_MS: u64 = 250;
const SCENE_MS: u64 = 250;
const LINE_AFTER_MS: u64 = 600;

/// A beat on the clock.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    pub from: u64,
    pub to: u64,
    pub speech: Vec<(u64, u64)>,
}

/// The simplest reading of a script as time: beats one after the other, lines inside their actions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pace {
    pub at: u64,
    pub beats: Vec<Span>,
    pub first: Vec<(BeatFn, u64)>,
    started: bool,
}

impl Pace {
    /// A scene begins.
    pub fn scene(&mut self) {
        if self.started {
            self.at += SCENE_MS;
        }
        self.started = true;
    }

    /// A card stands.
    pub fn card(&mut self, ms: u64) {
        self.at += ms;
    }

    /// A beat plays: lines as (milliseconds, breath before).
    pub fn beat(&mut self, function: BeatFn, weight: Option<Weight>, line_after: Option<u32>, lines: &[(u64, Hold)], after: Hold) {
        let from = self.at;
        let mut now = from;
        let mut speech = Vec::new();
        if !lines.is_empty() {
            now += if weight.is_none() { LEAD_MS } else { LEAD_MS.max(line_after.map_or(LINE_AFTER_MS, u64::from)) };
            for (i, (ms, hold)) in lines.iter().enumerate() {
                now += if i > 0 { GAP_MS } else { 0 } + hold.ms();
                speech.push((now, now + ms));
                now += ms;
            }
            now += GAP_MS;
        }
        if let Some(weight) = weight {
            now = now.max(from + weight.ms());
        }
        now += after.ms();
        if !self.first.iter().any(|(f, _)| *f == function) {
            self.first.push((function, from));
        }
        self.beats.push(Span { from, to: now, speech });
        self.at = now;
    }

    /// A whole script by the length estimate.
    pub fn of(script: &Script) -> Self {
        let mut pace = Self::default();
        for scene in &script.scenes {
            pace.scene();
            for beat in &scene.beats {
                let lines: Vec<(u64, Hold)> = beat.lines.iter().map(|l| (estimate_ms(&l.text), l.hold_before)).collect();
                pace.beat(beat.function, beat.action.as_ref().map(|a| a.weight), beat.line_after_ms, &lines, beat.hold_after);
                if beat.id == script.title_after {
                    pace.card(CARD_TITLE_MS);
                }
            }
        }
        pace.card(CARD_END_MS);
        pace
    }
}

/// What was measured and what failed.
#[derive(Clone, Debug)]
pub struct Report {
    /// Estimated length of the film in milliseconds, both cards included.
    pub total_ms: u64,
    /// Lines.
    pub lines: usize,
    /// Words.
    pub words: usize,
    /// Failed tests: id and what was found.
    pub failed: Vec<(&'static str, String)>,
}

const ABSTRACT: &[&str] = &[
    "truth", "fate", "destiny", "hope", "fear", "love", "hate", "darkness", "silence", "memory", "memories", "soul", "past", "future",
    "secret", "secrets", "justice", "honor", "honour", "courage", "power", "freedom", "faith", "trust", "grief", "guilt", "sorrow",
    "mystery", "meaning", "purpose", "evil", "time", "life", "death", "heart", "hearts", "shadow", "shadows", "promise", "eternity",
    "beauty", "loss", "pain", "peace",
];
const FEELING: &[&str] = &[
    "afraid",
    "scared",
    "angry",
    "sad",
    "happy",
    "lonely",
    "sorry",
    "guilty",
    "ashamed",
    "worried",
    "nervous",
    "jealous",
    "proud",
    "furious",
    "terrified",
    "love",
    "hate",
    "miss",
    "hurt",
    "heartbroken",
    "grateful",
];
const STOCK: &[&str] = &[
    "we don't have much time",
    "you don't understand",
    "something is wrong",
    "something's wrong",
    "this changes everything",
    "not what it seems",
    "trust me",
    "what have you done",
    "no turning back",
    "a bad feeling",
    "nothing will ever be the same",
    "little did",
    "we need to talk",
    "are you sure about this",
    "it can't be",
    "that's impossible",
    "you have to believe me",
    "there's something you should know",
    "i can explain",
    "it was you all along",
    "some secrets",
    "the truth is",
    "as you know",
    "remember when",
    "let me explain",
    "we have to hurry",
    "stay with me",
    "i won't let you",
    "you were right",
    "it's too late",
    "who are you",
    "what do you mean",
    "i don't know what",
    "for the first time in",
];
const CAUSE: &[&str] = &["because", "therefore", "which means", "that means", "in order to", "so that", "that's why"];
const HOMOGRAPH: &[&str] = &[
    "read", "live", "lives", "lead", "leads", "tear", "tears", "wound", "row", "sow", "bass", "house", "refuse", "close", "bow", "perfect",
    "resume", "object",
];
const MAXIM_OPENING: &[&str] = &[
    "sometimes",
    "there are things",
    "there are some",
    "we all",
    "nothing is ever",
    "in the end",
    "the only",
    "the real",
    "no one ever",
    "not every",
    "some things",
    "some doors",
    "some lights",
    "some people",
];

pub(crate) fn is_feeling(word: &str) -> bool {
    FEELING.contains(&word)
}
pub(crate) fn is_homograph(word: &str) -> bool {
    HOMOGRAPH.contains(&word)
}
/// Stock phrases and cause words: what a line may not lean on.
pub(crate) fn is_stock(text: &[String]) -> bool {
    STOCK.iter().chain(CAUSE).any(|phrase| has_phrase(text, phrase))
}
/// A saying instead of a line.
pub(crate) fn is_maxim(text: &[String]) -> bool {
    MAXIM_OPENING.iter().any(|m| {
        let m = lower_words(m);
        text.starts_with(&m)
    }) || (text.first().is_some_and(|w| w == "every" || w == "all")
        && text.get(2).is_some_and(|w| ["is", "has", "needs", "are", "must"].contains(&w.as_str())))
}

fn percent(part: usize, whole: usize) -> usize {
    (100 * part + whole / 2) / whole.max(1)
}

/// Judges a script. `seen_before` are the props of earlier episodes.
pub fn judge(canon: &Canon, cast: &Cast, plan: &EpisodePlan, script: &Script, diff: &CanonDiff, seen_before: &[Id]) -> Report {
    let pace = Pace::of(script);
    let lines: Vec<&Line> = script.lines().map(|(.., l)| l).collect();
    let spoken: Vec<Vec<String>> = lines.iter().map(|l| lower_words(&l.text)).collect();
    let n = lines.len();
    let total_words: usize = spoken.iter().map(Vec::len).sum();
    let mut failed: Vec<(&'static str, String)> = Vec::new();
    let mut fail = |bad: bool, id: &'static str, what: String| {
        if bad {
            failed.push((id, what));
        }
    };
    let lexicon: BTreeSet<String> = canon
        .props
        .iter()
        .flat_map(|p| &p.words)
        .chain(canon.locations.iter().flat_map(|l| &l.words))
        .chain(&canon.world.particulars)
        .map(|w| w.to_lowercase())
        .chain(NUMBERS.iter().map(|w| (*w).to_owned()))
        .collect();
    let holds = |w: &String| lexicon.contains(w) || lexicon.contains(w.trim_end_matches('s'));
    let concrete = percent(spoken.iter().filter(|l| l.iter().any(holds)).count(), n);
    fail(concrete < 80, "W01", format!("{concrete}% of lines hold a concrete word"));
    let stock = spoken.iter().find(|l| STOCK.iter().any(|p| has_phrase(l, p)));
    fail(stock.is_some(), "W02", format!("stock phrase in {stock:?}"));
    let mut openings: BTreeMap<String, usize> = BTreeMap::new();
    for line in &lines {
        *openings.entry(opening(&line.text)).or_default() += 1;
    }
    let repeated = openings.iter().max_by_key(|(_, n)| **n).map_or((String::new(), 0), |(o, n)| (o.clone(), *n));
    fail(repeated.1 > 2, "W03", format!("{} lines open with `{}`", repeated.1, repeated.0));
    let speech: Vec<(u64, u64)> = pace.beats.iter().flat_map(|b| b.speech.clone()).collect();
    let first = speech.first().copied().unwrap_or((u64::MAX, u64::MAX));
    fail(first.0 > 1_000 || first.1 > 4_700, "W04", format!("first word at {} ms, first line done at {} ms", first.0, first.1));
    let total = pace.at;
    let share = |ms: u64| (100 * ms + total / 2) / total.max(1);
    let ids: Vec<&Id> = script.beats().map(|(_, b)| &b.id).collect();
    let question = ids.iter().position(|id| **id == plan.question_beat).and_then(|i| pace.beats.get(i)).map_or(100, |b| share(b.from));
    let asked = words(&plan.question).len();
    fail(question > 15 || asked > 9, "W05", format!("the question opens at {question}% and has {asked} words"));
    let at = |f: BeatFn| pace.first.iter().find(|(g, _)| *g == f).map(|(_, ms)| share(*ms));
    let turn = at(BeatFn::Turn);
    let learns = turn_learns(script, diff);
    fail(turn.is_none_or(|t| !(40..=65).contains(&t)) || !learns, "W06", format!("turn at {turn:?}%, somebody learns: {learns}"));
    let cost = at(BeatFn::Cost);
    let spends = script.beats().any(|(_, b)| matches!(b.function, BeatFn::Cost | BeatFn::Choice) && !b.effects.is_empty());
    fail(cost.is_none_or(|c| !(48..=82).contains(&c)) || !spends, "W07", format!("cost at {cost:?}%, something is spent: {spends}"));
    let last_words: usize = script.beats().last().map_or(0, |(_, b)| b.lines.iter().map(|l| words(&l.text).len()).sum());
    let open = diff.threads.iter().filter(|t| t.state == ThreadState::Open).count();
    fail(last_words > 1 || open == 0, "W08", format!("{last_words} words in the last picture, {open} threads open"));
    let causes = spoken.iter().filter(|l| CAUSE.iter().any(|p| has_phrase(l, p))).count();
    let facts = lines.iter().map(|l| l.states.len()).max().unwrap_or(0);
    let tells = |who: &Id| cast.members.iter().any(|m| m.id == *who && m.part == Part::Narrator);
    let written: usize = lines
        .iter()
        .filter(|l| matches!(l.delivery, Delivery::Write | Delivery::Read) || tells(&l.speaker_id))
        .map(|l| words(&l.text).len())
        .sum();
    let narration = percent(written, total_words);
    // A teller may say half of it, a book a quarter.
    let most = if cast.members.iter().any(|m| m.part == Part::Narrator) { 50 } else { 25 };
    fail(
        causes > 1 || facts > 2 || narration > most,
        "W09",
        format!("{causes} cause words, {facts} facts in a line, {narration}% narration"),
    );
    names(canon, cast, &lines, &mut fail);
    let abstracts = spoken.iter().flatten().filter(|w| ABSTRACT.contains(&w.as_str())).count();
    let maxim = spoken.iter().find(|l| is_maxim(l));
    fail(abstracts * 1000 > total_words * 15 || maxim.is_some(), "W11", format!("{abstracts} abstract nouns, maxim: {maxim:?}"));
    let feelings = spoken.iter().flatten().filter(|w| is_feeling(w)).count();
    fail(feelings > 1, "W12", format!("{feelings} feelings named"));
    speakable(&lines, &spoken, &mut fail);
    paced(&pace, &speech, script, &mut fail);
    let camera: Vec<String> = lint::camera(script);
    fail(!camera.is_empty(), "W15", format!("camera words: {camera:?}"));
    let shouts: usize = lines.iter().map(|l| l.text.matches('!').count()).sum();
    fail(shouts > 2, "W16", format!("{shouts} exclamation marks"));
    let asks = percent(lines.iter().filter(|l| l.text.ends_with('?')).count(), n);
    fail(asks > 30, "W19", format!("{asks}% of lines are questions"));
    let unplanted = unplanted(script, cast, seen_before);
    fail(!unplanted.is_empty(), "W20", format!("never seen before they decide: {unplanted:?}"));
    let mut run = 0;
    let mut longest = 0;
    for (_, beat) in script.beats() {
        run = if beat.action.is_some() { 0 } else { run + 1 };
        longest = longest.max(run);
    }
    let silent = script.beats().filter(|(_, b)| b.lines.is_empty()).count();
    fail(longest > 3 || silent == 0, "W21", format!("{longest} pictures of talk running, {silent} without words"));
    Report { total_ms: total, lines: n, words: total_words, failed }
}

fn names(canon: &Canon, cast: &Cast, lines: &[&Line], fail: &mut impl FnMut(bool, &'static str, String)) {
    let firsts: Vec<&str> = cast.members.iter().filter_map(|m| m.name.split_whitespace().next()).collect();
    let all: BTreeSet<&str> = firsts.iter().copied().chain(canon.world.names.iter().map(String::as_str)).collect();
    let said = all.iter().filter(|n| lines.iter().any(|l| has_phrase(&lower_words(&l.text), n))).count();
    // A name after a comma or at the start, before a mark: called out. Days and ships count with people, as a hearer counts them.
    let called = |text: &str, name: &str| {
        text.match_indices(name).any(|(i, _)| {
            let before = &text[..i];
            let after = text[i + name.len()..].chars().next();
            (before.is_empty() || before.ends_with(", ")) && after.is_some_and(|c| ",.!?".contains(c))
        })
    };
    let vocatives = lines.iter().filter(|l| all.iter().any(|n| called(&l.text, n.split_whitespace().next().unwrap_or(n)))).count();
    let initials: BTreeSet<char> = cast.members.iter().filter_map(|m| m.name.to_lowercase().chars().next()).collect();
    let clash = cast.members.len() - initials.len();
    fail(said > 5 || vocatives > 3 || clash > 0, "W10", format!("{said} names, {vocatives} vocatives, {clash} initials shared"));
}

fn speakable(lines: &[&Line], spoken: &[Vec<String>], fail: &mut impl FnMut(bool, &'static str, String)) {
    let n = lines.len();
    let longest = spoken.iter().map(Vec::len).max().unwrap_or(0);
    let body = percent(spoken.iter().filter(|l| (8..=14).contains(&l.len())).count(), n);
    let short = percent(spoken.iter().filter(|l| l.len() <= 4).count(), n);
    let commas = lines.iter().map(|l| l.text.matches(',').count()).max().unwrap_or(0);
    let bad: Vec<&String> = spoken.iter().flatten().filter(|w| is_homograph(w)).collect();
    let total: usize = spoken.iter().map(Vec::len).sum();
    let density = lines.iter().map(|l| syllables(&l.text)).sum::<u64>() * 100 / (total as u64).max(1);
    let fast = lines.iter().map(|l| l.text.chars().count() as u64 * 1000 / (estimate_ms(&l.text) + GAP_MS)).max().unwrap_or(0);
    let what = format!(
        "longest {longest} words, {body}% of 8 to 14, {short}% to 4, {commas} commas, homographs {bad:?}, {density} syllables per 100 words, {fast} characters a second"
    );
    fail(longest > 15 || body < 40 || short > 35 || commas > 2 || !bad.is_empty() || density > 150 || fast > 20, "W13", what);
}

fn paced(pace: &Pace, speech: &[(u64, u64)], script: &Script, fail: &mut impl FnMut(bool, &'static str, String)) {
    let pictures = script.beats().count() + 2;
    let shot = pace.beats.iter().map(|b| b.to - b.from).max().unwrap_or(0);
    let talk: u64 = speech.iter().map(|(a, b)| b - a).sum();
    let share = (100 * talk + pace.at / 2) / pace.at.max(1);
    let wordless = speech.windows(2).map(|w| w[1].0 - w[0].1).max().unwrap_or(0);
    let bad = !(45_000..=75_000).contains(&pace.at)
        || !(12..=20).contains(&pictures)
        || shot > 8_000
        || !(45..=65).contains(&share)
        || wordless > 7_000;
    fail(bad, "W14", format!("{} ms, {pictures} pictures, longest {shot} ms, speech {share}%, longest silence {wordless} ms", pace.at));
}

fn turn_learns(script: &Script, diff: &CanonDiff) -> bool {
    let beats: Vec<_> = script.beats().map(|(_, b)| b).collect();
    let turns: Vec<usize> = beats.iter().enumerate().filter(|(_, b)| b.function == BeatFn::Turn).map(|(i, _)| i).collect();
    let (Some(first), Some(last)) = (turns.first(), turns.last()) else { return false };
    let near: BTreeSet<&str> = beats[first.saturating_sub(3)..=*last].iter().map(|b| b.id.as_str()).collect();
    diff.learned.iter().any(|l| near.contains(l.cause.as_str()))
        || diff.added.iter().any(|f| f.attribute == "believes" && f.cause.as_ref().is_some_and(|c| near.contains(c.as_str())))
}

fn unplanted(script: &Script, cast: &Cast, seen_before: &[Id]) -> Vec<String> {
    let emblems: BTreeSet<String> =
        cast.members.iter().filter_map(|m| m.look.as_ref()).map(|l| format!("{:?}", l.emblem).to_lowercase()).collect();
    let mut seen: BTreeSet<&str> = seen_before.iter().map(Id::as_str).collect();
    let mut out = Vec::new();
    for (_, beat) in script.beats() {
        let Some(action) = &beat.action else { continue };
        if matches!(beat.function, BeatFn::Turn | BeatFn::Cost | BeatFn::Climax | BeatFn::Payoff) {
            for prop in &action.props {
                if !seen.contains(prop.as_str()) && !prop.split('_').any(|w| emblems.contains(w)) {
                    out.push(format!("{} in {}", prop, beat.id));
                }
            }
        }
        seen.extend(action.props.iter().map(Id::as_str));
    }
    out
}
