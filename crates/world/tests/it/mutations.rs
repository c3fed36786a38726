//! Generated episodes of every pack, each broken in every way there is, by a seed: the gate catches each break with the code it should,
//! and finds nothing in what was not broken (the proof of requirement 002-6.3a).

use std::collections::BTreeMap;

use canon::{check, gate};
use contracts::{
    Id, Seed,
    canon::{
        Canon, CanonDiff, Fact, FactKind, FactValue, Finding, Relationship, RuleOf, RulePolicy, StoryTime, ThreadState, TimelineEvent,
        WorldRule,
    },
    story::{Cast, Claim, Line, Part, Scene, Script, Truth},
};
use world::{Episode, TemplateWriter, produce};

use crate::{id, project};

/// A generated episode that may be broken.
struct Story {
    canon: Canon,
    cast: Cast,
    script: Script,
    diff: CanonDiff,
}

impl Story {
    fn of(e: &Episode) -> Self {
        Self { canon: e.before.clone(), cast: e.cast.clone(), script: e.script.clone(), diff: e.diff.clone() }
    }

    fn found(&self) -> Vec<Finding> {
        gate(&self.canon, &self.cast, &self.script, &self.diff).findings
    }

    fn narrates(&self, who: &Id) -> bool {
        self.cast.members.iter().any(|m| m.id == *who && m.part == Part::Narrator)
    }

    /// Scene and line numbers of lines somebody of the canon says.
    fn spoken(&self) -> Vec<(usize, usize, usize)> {
        let mut all = Vec::new();
        for (s, scene) in self.script.scenes.iter().enumerate() {
            for (b, beat) in scene.beats.iter().enumerate() {
                for (l, line) in beat.lines.iter().enumerate() {
                    if !self.narrates(&line.speaker_id) && self.canon.characters.iter().any(|c| c.id == line.speaker_id) {
                        all.push((s, b, l));
                    }
                }
            }
        }
        all
    }

    fn line(&mut self, at: (usize, usize, usize)) -> &mut Line {
        &mut self.script.scenes[at.0].beats[at.1].lines[at.2]
    }

    fn fact(&self, name: &str, subject: &Id, attribute: &str, value: &str, from: &StoryTime) -> Fact {
        Fact {
            id: id(name),
            subject: subject.clone(),
            attribute: attribute.into(),
            value: FactValue::Text(value.into()),
            kind: FactKind::Stateful,
            from: from.clone(),
            until: None,
            known_by: BTreeMap::new(),
            cause: None,
            source: Some("author".into()),
        }
    }
}

fn pick<T>(all: Vec<T>, seed: &mut Seed) -> Option<T> {
    let n = all.len() as u64;
    if n == 0 { None } else { all.into_iter().nth(usize::try_from(seed.below(n)).ok()?) }
}

fn before(time: &StoryTime, minutes: i64) -> StoryTime {
    canon::time::shift(time, -minutes).expect("a time")
}

/// A way to break a story: none when this one has nothing to break so.
type Break = fn(&mut Story, &mut Seed) -> Option<()>;

fn words(story: &mut Story, seed: &mut Seed, text: String) -> Option<()> {
    let at = pick(story.spoken(), seed)?;
    let line = story.line(at);
    (line.text, line.states, line.act) = (text, vec![], id("say"));
    Some(())
}

fn wrong_name(story: &mut Story, seed: &mut Seed) -> Option<()> {
    let named = |c: &contracts::canon::Character| {
        let parts: Vec<String> = c.name.split_whitespace().map(str::to_owned).collect();
        // A pet name is no mistake: the end of a name stays as it is.
        parts.into_iter().find(|p| p.chars().count() >= 5 && p.is_ascii() && !p.contains('-'))
    };
    let name = pick(story.canon.characters.iter().filter(|c| !story.narrates(&c.id)).filter_map(named).collect(), seed)?;
    let mut letters: Vec<char> = name.chars().collect();
    let at = (1..letters.len() - 2).find(|n| letters[*n] != letters[n + 1])?;
    letters.swap(at, at + 1);
    let wrong: String = letters.into_iter().collect();
    words(story, seed, format!("They sent for {wrong} before the tide."))
}

fn wrong_age(story: &mut Story, seed: &mut Seed) -> Option<()> {
    let at = pick(story.spoken(), seed)?;
    let scene = story.script.scenes[at.0].story_time.clone();
    let who = story.line(at).speaker_id.clone();
    let born = &story.canon.characters.iter().find(|c| c.id == who)?.born;
    let age = canon::time::age(born, &scene) + 2 + i64::try_from(seed.below(30)).ok()?;
    let line = story.line(at);
    (line.text, line.states, line.act) = (format!("I am {age} years old."), vec![], id("say"));
    Some(())
}

fn wrong_look(story: &mut Story, seed: &mut Seed) -> Option<()> {
    let drawn: Vec<usize> = (0..story.cast.members.len()).filter(|n| story.cast.members[*n].look.is_some()).collect();
    let member = pick(drawn, seed)?;
    story.cast.members[member].look.as_mut()?.age += 3 + u32::try_from(seed.below(20)).ok()?;
    Some(())
}

fn someone_present(story: &Story, seed: &mut Seed) -> Option<(Id, StoryTime)> {
    let there = |s: &Scene| {
        let people = s.present.iter().filter(|who| story.canon.characters.iter().any(|c| c.id == **who) && !story.narrates(who));
        people.map(|who| (who.clone(), s.story_time.clone())).collect::<Vec<_>>()
    };
    pick(story.script.scenes.iter().flat_map(there).collect(), seed)
}

fn died_before(story: &mut Story, seed: &mut Seed) -> Option<()> {
    let (who, at) = someone_present(story, seed)?;
    let dead = Fact { kind: FactKind::OneWay, ..story.fact("broken-death", &who, "dead", "drowned", &before(&at, 60)) };
    story.canon.facts.push(dead);
    Some(())
}

fn not_born(story: &mut Story, seed: &mut Seed) -> Option<()> {
    let (who, at) = someone_present(story, seed)?;
    story.canon.characters.iter_mut().find(|c| c.id == who)?.born = canon::time::shift(&at, 600).ok()?;
    Some(())
}

/// Two scenes after one another that share somebody and not the place.
fn crossing(story: &Story, seed: &mut Seed) -> Option<usize> {
    let shares = |n: &usize| {
        let (a, b) = (&story.script.scenes[n - 1], &story.script.scenes[*n]);
        a.location_id != b.location_id && a.present.iter().any(|who| b.present.contains(who))
    };
    pick((1..story.script.scenes.len()).filter(shares).collect(), seed)
}

fn two_places(story: &mut Story, seed: &mut Seed) -> Option<()> {
    let n = crossing(story, seed)?;
    story.script.scenes[n].story_time = story.script.scenes[n - 1].story_time.clone();
    Some(())
}

fn too_far(story: &mut Story, seed: &mut Seed) -> Option<()> {
    let n = crossing(story, seed)?;
    let (a, b) = (story.script.scenes[n - 1].clone(), story.script.scenes[n].clone());
    let gap = canon::time::minutes(&b.story_time) - canon::time::minutes(&a.story_time);
    let from = story.canon.locations.iter_mut().find(|l| l.id == a.location_id)?;
    from.travel_min.insert(b.location_id, u32::try_from(gap + 1).ok()?);
    Some(())
}

fn elsewhere_by_canon(story: &mut Story, seed: &mut Seed) -> Option<()> {
    let (who, at) = someone_present(story, seed)?;
    let scenes: Vec<Id> = story.script.scenes.iter().filter(|s| s.story_time == at).map(|s| s.location_id.clone()).collect();
    let other = pick(story.canon.locations.iter().filter(|l| !scenes.contains(&l.id)).map(|l| l.id.clone()).collect(), seed)?;
    let there = story.fact("broken-place", &who, "location", &other, &at);
    story.canon.facts.push(there);
    Some(())
}

fn time_backwards(story: &mut Story, seed: &mut Seed) -> Option<()> {
    let n = 1 + usize::try_from(seed.below(story.script.scenes.len() as u64 - 1)).ok()?;
    let at = before(&story.script.scenes[n - 1].story_time, 1 + i64::try_from(seed.below(600)).ok()?);
    story.script.scenes[n].story_time = at;
    Some(())
}

fn claim(story: &mut Story, seed: &mut Seed, fits: impl Fn(&Fact, &Line, &StoryTime) -> bool, truth: Truth) -> Option<()> {
    let mut ways = Vec::new();
    for at in story.spoken() {
        let scene = story.script.scenes[at.0].story_time.clone();
        let line = story.line(at).clone();
        for fact in story.canon.facts.iter().filter(|f| f.from <= scene && fits(f, &line, &scene)) {
            ways.push((at, fact.id.clone()));
        }
    }
    let (at, fact) = pick(ways, seed)?;
    let line = story.line(at);
    line.act = id("tell");
    line.states = vec![Claim { fact, truth }];
    Some(())
}

fn knows(fact: &Fact, who: &Id, at: &StoryTime) -> bool {
    fact.known_by.get(who).is_some_and(|since| since <= at)
}

fn says_unknown(story: &mut Story, seed: &mut Seed) -> Option<()> {
    // Nobody learns it in this episode either.
    let learned: Vec<Id> = story.diff.learned.iter().map(|l| l.fact.clone()).collect();
    let truth = if seed.below(2) == 0 { Truth::True } else { Truth::Lie };
    claim(story, seed, |f, line, _| !f.known_by.contains_key(&line.speaker_id) && !learned.contains(&f.id), truth)
}

fn mistakes_the_known(story: &mut Story, seed: &mut Seed) -> Option<()> {
    claim(story, seed, |f, line, at| knows(f, &line.speaker_id, at), Truth::Mistaken)
}

fn tells_the_known(story: &mut Story, seed: &mut Seed) -> Option<()> {
    claim(story, seed, |f, line, at| knows(f, &line.speaker_id, at) && line.to.iter().any(|to| knows(f, to, at)), Truth::True)
}

fn states_no_fact(story: &mut Story, seed: &mut Seed) -> Option<()> {
    let at = pick(story.spoken(), seed)?;
    story.line(at).states.push(Claim { fact: id("no-such-fact"), truth: Truth::True });
    Some(())
}

fn uses(story: &Story, seed: &mut Seed) -> Option<(usize, usize, Id)> {
    let mut all = Vec::new();
    for (s, scene) in story.script.scenes.iter().enumerate() {
        for (b, beat) in scene.beats.iter().enumerate() {
            all.extend(beat.action.iter().flat_map(|a| &a.props).map(|prop| (s, b, prop.clone())));
        }
    }
    pick(all, seed)
}

fn used_and_gone(story: &mut Story, seed: &mut Seed) -> Option<()> {
    let (s, _, prop) = uses(story, seed)?;
    let at = before(&story.script.scenes[s].story_time, 30);
    let state = ["burned", "gone", "sunk", "spent"][usize::try_from(seed.below(4)).ok()?];
    // What the canon says of its state later, it says no more: this state never ends.
    story.canon.facts.retain(|f| f.subject != prop || f.attribute != "state");
    story.diff.added.retain(|f| f.subject != prop || f.attribute != "state");
    let gone = Fact { kind: FactKind::OneWay, ..story.fact("broken-state", &prop, "state", state, &at) };
    story.canon.facts.push(gone);
    Some(())
}

fn used_by_another(story: &mut Story, seed: &mut Seed) -> Option<()> {
    let (s, _, prop) = uses(story, seed)?;
    let scene = story.script.scenes[s].clone();
    let away = story.canon.characters.iter().filter(|c| !scene.present.contains(&c.id) && !scene.heard.contains(&c.id));
    let holder = pick(away.map(|c| c.id.clone()).collect(), seed)?;
    story.canon.facts.retain(|f| f.subject != prop || f.attribute != "holder");
    story.diff.added.retain(|f| f.subject != prop || f.attribute != "holder");
    let held = story.fact("broken-holder", &prop, "holder", &holder, &before(&scene.story_time, 30));
    story.canon.facts.push(held);
    Some(())
}

fn no_such_prop(story: &mut Story, seed: &mut Seed) -> Option<()> {
    let (s, b, prop) = uses(story, seed)?;
    let props = &mut story.script.scenes[s].beats[b].action.as_mut()?.props;
    let slot = props.iter_mut().find(|p| **p == prop)?;
    *slot = id("no_such_thing");
    Some(())
}

fn no_such_place(story: &mut Story, seed: &mut Seed) -> Option<()> {
    let n = usize::try_from(seed.below(story.script.scenes.len() as u64)).ok()?;
    story.script.scenes[n].location_id = id("no_such_place");
    Some(())
}

fn a_stranger_speaks(story: &mut Story, seed: &mut Seed) -> Option<()> {
    let at = pick(story.spoken(), seed)?;
    story.line(at).speaker_id = id("a-stranger");
    Some(())
}

fn speaks_from_afar(story: &mut Story, seed: &mut Seed) -> Option<()> {
    let at = pick(story.spoken(), seed)?;
    let who = story.line(at).speaker_id.clone();
    let scene = &mut story.script.scenes[at.0];
    scene.present.retain(|p| *p != who);
    scene.heard.retain(|p| *p != who);
    Some(())
}

fn past_is_changed(story: &mut Story, seed: &mut Seed) -> Option<()> {
    let n = pick((0..story.diff.added.len()).collect(), seed)?;
    let start = story.script.scenes.first()?.story_time.clone();
    story.diff.added[n].from = before(&start, 60 + i64::try_from(seed.below(100_000)).ok()?);
    Some(())
}

fn unclaimed(story: &mut Story, seed: &mut Seed) -> Option<()> {
    let n = pick((0..story.diff.added.len()).collect(), seed)?;
    let fact = story.diff.added[n].id.clone();
    for beat in story.script.scenes.iter_mut().flat_map(|s| &mut s.beats) {
        beat.effects.retain(|e| *e != fact);
    }
    Some(())
}

fn added_twice(story: &mut Story, seed: &mut Seed) -> Option<()> {
    let twice = pick(story.diff.added.clone(), seed)?;
    story.diff.added.push(twice);
    Some(())
}

fn effect_of_nothing(story: &mut Story, seed: &mut Seed) -> Option<()> {
    let (s, b, _) = uses(story, seed)?;
    story.script.scenes[s].beats[b].effects.push(id("no-such-fact"));
    Some(())
}

fn thread_dropped(story: &mut Story, seed: &mut Seed) -> Option<()> {
    let open = story.canon.threads.iter().filter(|t| t.state == ThreadState::Open).map(|t| t.id.clone()).collect();
    let dropped: Id = pick(open, seed)?;
    story.diff.threads.retain(|t| t.id != dropped);
    Some(())
}

fn paid_by_nothing(story: &mut Story, seed: &mut Seed) -> Option<()> {
    let n = pick((0..story.diff.threads.len()).collect(), seed)?;
    story.diff.threads[n].state = ThreadState::Paid;
    story.diff.threads[n].paid_by = None;
    Some(())
}

fn never_opened(story: &mut Story, seed: &mut Seed) -> Option<()> {
    let mut thread = pick(story.diff.threads.clone(), seed)?;
    (thread.id, thread.opened_by) = (id("broken-thread"), None);
    story.diff.threads.push(thread);
    Some(())
}

fn rule_of_place(story: &mut Story, seed: &mut Seed) -> Option<()> {
    let place = pick(story.script.scenes.iter().map(|s| s.location_id.clone()).collect(), seed)?;
    let policy = RulePolicy { of: RuleOf::Scene, kept: vec![format!("it.place != \"{place}\"")] };
    story.canon.world_rules.push(WorldRule { id: id("broken-rule"), text: format!("Nobody goes to {place}."), policy: Some(policy) });
    Some(())
}

fn rule_of_words(story: &mut Story, seed: &mut Seed) -> Option<()> {
    let at = pick(story.spoken(), seed)?;
    let words: Vec<String> = story.line(at).text.split_whitespace().map(|w| w.to_lowercase()).collect();
    let word = words.into_iter().find(|w| w.chars().all(|c| c.is_ascii_lowercase()))?;
    let who = story.line(at).speaker_id.clone();
    let kept = vec![format!("it.speaker != \"{who}\""), format!("not \"{word}\" in it.words")];
    let policy = RulePolicy { of: RuleOf::Line, kept };
    story.canon.world_rules.push(WorldRule { id: id("broken-rule"), text: format!("{who} never says {word}."), policy: Some(policy) });
    Some(())
}

fn computed_otherwise(story: &mut Story, seed: &mut Seed) -> Option<()> {
    let (who, at) = someone_present(story, seed)?;
    let mut age = story.fact("broken-age", &who, "age", "", &at);
    (age.value, age.kind) = (FactValue::Number(200 + i64::try_from(seed.below(50)).ok()?), FactKind::Derived);
    story.diff.added.push(age);
    Some(())
}

fn one_sided(story: &mut Story, seed: &mut Seed) -> Option<()> {
    let people: Vec<Id> = story.canon.characters.iter().map(|c| c.id.clone()).collect();
    let (a, b) = (pick(people.clone(), seed)?, pick(people, seed)?);
    let tie = |from: &Id, to: &Id| Relationship { from: from.clone(), to: to.clone(), kind: "employs".into() };
    story.canon.relationships.extend([tie(&a, &b), tie(&b, &a)]);
    Some(())
}

fn events_in_a_ring(story: &mut Story, seed: &mut Seed) -> Option<()> {
    let at = pick(story.script.scenes.iter().map(|s| s.story_time.clone()).collect(), seed)?;
    let event =
        |name: &str, after: &str| TimelineEvent { id: id(name), at: at.clone(), text: name.into(), who: vec![], after: vec![id(after)] };
    story.canon.timeline_events.extend([event("ring-a", "ring-b"), event("ring-b", "ring-a")]);
    Some(())
}

/// Each kind of break, the code that has to be among the findings, and whether the canon alone is judged.
const BREAKS: &[(&str, &str, bool, Break)] = &[
    ("a name with two letters exchanged", "canon.name", false, wrong_name),
    ("an age said wrong", "canon.age", false, wrong_age),
    ("drawn too old", "canon.age", false, wrong_look),
    ("dead an hour before", "canon.death", false, died_before),
    ("not yet born", "canon.age", false, not_born),
    ("in two places at once", "canon.location", false, two_places),
    ("a way that is too long", "canon.location", false, too_far),
    ("elsewhere by canon", "canon.location", false, elsewhere_by_canon),
    ("time runs backwards", "canon.time_backwards", false, time_backwards),
    ("says what nobody told them", "canon.knowledge", false, says_unknown),
    ("a mistake about what they know", "canon.knowledge", false, mistakes_the_known),
    ("news that is none", "canon.told_the_known", false, tells_the_known),
    ("claims what is no fact", "canon.unknown_fact", false, states_no_fact),
    ("a beat begins what is no fact", "canon.unknown_fact", false, effect_of_nothing),
    ("uses what is gone", "canon.possession", false, used_and_gone),
    ("uses what another has", "canon.possession", false, used_by_another),
    ("uses what is no thing", "canon.unknown_prop", false, no_such_prop),
    ("plays where there is no place", "canon.unknown_place", false, no_such_place),
    ("a stranger speaks", "canon.unknown_person", false, a_stranger_speaks),
    ("speaks without being there", "canon.absent", false, speaks_from_afar),
    ("the past is changed", "canon.past_changed", false, past_is_changed),
    ("a fact no beat claims", "canon.unclaimed", false, unclaimed),
    ("a fact added twice", "canon.fact_twice", false, added_twice),
    ("an open thread is gone", "canon.thread_dropped", false, thread_dropped),
    ("a thread is paid by nothing", "canon.thread", false, paid_by_nothing),
    ("a thread nobody opened", "canon.thread", false, never_opened),
    ("a rule about a place", "canon.world_rule", false, rule_of_place),
    ("a rule about a word", "canon.world_rule", false, rule_of_words),
    ("an age stated otherwise than computed", "canon.derived", false, computed_otherwise),
    ("each employs the other", "canon.relationship", true, one_sided),
    ("two events each after the other", "canon.event_order", true, events_in_a_ring),
];

/// Seasons of every pack: genre and the number of the title.
fn episodes(titles: u32) -> impl Iterator<Item = Episode> {
    world::genres().into_iter().flat_map(move |genre| {
        (0..titles).flat_map(move |n| {
            let mut project = project(&format!("{}-{n}", genre.replace('_', "-")));
            project.genre = id(genre);
            (1..=3).map(move |number| {
                produce(&TemplateWriter, &project, None, number).unwrap_or_else(|e| panic!("{} episode {number}: {e}", project.id))
            })
        })
    })
}

#[test]
fn more_than_five_hundred_breaks_of_generated_scripts_are_all_caught() {
    let mut made: BTreeMap<&str, u32> = BTreeMap::new();
    let mut missed = Vec::new();
    for e in episodes(2) {
        let name = format!("{} episode {}", e.script.project_id, e.script.episode);
        assert_eq!(Story::of(&e).found(), vec![], "{name} is sound");
        for (what, code, of_canon, break_it) in BREAKS {
            let mut seed = Seed::of(&[&name, what]);
            let mut story = Story::of(&e);
            if break_it(&mut story, &mut seed).is_none() {
                continue;
            }
            *made.entry(what).or_default() += 1;
            let found = if *of_canon { check(&story.canon).findings } else { story.found() };
            if !found.iter().any(|f| f.code == *code && f.blocks && !f.sources.is_empty()) {
                missed.push(format!("{name}, {what}: no {code} in {found:#?}"));
            }
        }
    }
    assert!(missed.is_empty(), "{} missed:\n{}", missed.len(), missed.join("\n"));
    assert_eq!(made.len(), BREAKS.len(), "each kind of break was made: {made:?}");
    assert!(made.values().sum::<u32>() >= 500, "{made:?}");
}

/// The whole of it: `cargo test --release -p world --test it a_thousand -- --ignored`.
#[test]
#[ignore = "a thousand episodes take minutes"]
fn a_thousand_generated_episodes_raise_no_false_alarm() {
    let mut judged = 0_u32;
    for e in episodes(84) {
        assert_eq!(Story::of(&e).found(), vec![], "{} episode {}", e.script.project_id, e.script.episode);
        judged += 1;
    }
    assert!(judged >= 1_000, "{judged}");
}
