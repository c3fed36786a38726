//! A model as a writer: its lines are ranked with the pack's, and whatever else it says or does changes nothing.

use std::collections::BTreeMap;

use contracts::{
    canon::{Canon, Verdict},
    story::Script,
};
use serde_json::{Value, json};
use world::{
    Episode, StoryWriter, TemplateWriter, WorldError,
    model::{Answer, Ask, Drafted, Fault, FaultClass, Finish, Model, ModelWriter, Reply, Told, draft},
    produce,
};

use super::{LIGHTHOUSE, author, failed, lighthouse, project};

/// A model that says what a function makes of a call.
struct Stub<F>(F, Vec<Ask>);

impl<F: FnMut(&Ask, &Value) -> Answer> Model for Stub<F> {
    fn name(&self) -> &str {
        "stub"
    }

    fn ask(&mut self, asks: &[Ask]) -> Result<Vec<Answer>, WorldError> {
        self.1.extend_from_slice(asks);
        let document = |ask: &Ask| serde_json::from_str::<Value>(&ask.turns[0].text).expect("the first turn is a document");
        Ok(asks.iter().map(|ask| (self.0)(ask, &document(ask))).collect())
    }
}

fn said(text: impl Into<String>) -> Answer {
    Answer::Said(Reply { text: text.into(), finish: Finish::Done, tokens_in: 3, tokens_out: 2 })
}

fn ids(ask: &Ask) -> Vec<String> {
    ask.schema["required"].as_array().expect("ids").iter().filter_map(|id| id.as_str().map(str::to_owned)).collect()
}

/// The draft of a line, as the model sees it.
fn draft_of<'d>(document: &'d Value, id: &str) -> &'d str {
    let lines = document["lines"].as_array().expect("lines");
    lines.iter().find(|l| l["id"] == id).and_then(|l| l["draft"].as_str()).expect("a draft")
}

/// The draft in other words.
fn reworded(draft: &str) -> Vec<String> {
    let low = |text: &str| {
        let first = text.split_whitespace().next().unwrap_or_default();
        if first == "I" || first.starts_with("I'") { text.to_owned() } else { text[..1].to_lowercase() + &text[1..] }
    };
    vec![format!("And {}", low(draft)), format!("So {}", low(draft)), format!("Still, {}", low(draft))]
}

fn good(ask: &Ask, document: &Value) -> Answer {
    let lines: BTreeMap<String, Vec<String>> = ids(ask).into_iter().map(|id| (id.clone(), reworded(draft_of(document, &id)))).collect();
    said(json!(lines).to_string())
}

fn pass(_: &Script) -> Verdict {
    canon::verdict("none", Vec::new())
}

fn drafted(e: &Episode, stub: &mut dyn Model) -> Drafted {
    let project = project("lighthouse");
    let told = Told { project: &project, canon: &e.before, arc: &e.arc, plan: &e.plan, cast: &e.cast };
    draft(told, stub, &pass).expect("a model is never why there is no script")
}

#[test]
fn what_a_model_says_well_stands_in_the_script_with_its_name() {
    let own = lighthouse(1);
    let before = canon::address(&own.before).expect("an address");
    let mut stub = Stub(good, Vec::new());
    let done = drafted(&own, &mut stub);
    assert_eq!(stub.1.len(), own.plan.scenes.len(), "one call a scene, and none again");
    assert!(done.by_model() >= 5, "{:?} {:?}", done.by, done.told);
    for (.., line) in done.script.lines() {
        let template = own.script.lines().find(|(.., l)| l.id == line.id).expect("the same lines").2;
        // Whoever found the words: what the line does and claims is the pack's.
        let mut words = line.clone();
        words.text.clone_from(&template.text);
        assert_eq!(&words, template);
        if done.by[&line.id] == "model:stub" {
            assert!(["And ", "So ", "Still, "].iter().any(|w| line.text.starts_with(w)), "{}", line.text);
        } else {
            assert!(done.by[&line.id].starts_with("template:"), "{:?}", done.by);
        }
    }
    assert_eq!(done.diff, TemplateWriter.script(&project("lighthouse"), &own.before, &own.arc, &own.plan, &own.cast).expect("writes").1);
    assert!(canon::gate(&own.before, &own.cast, &done.script, &done.diff).pass);
    assert_eq!(canon::address(&own.before).expect("an address"), before, "the canon is only read");
    // The same answers give the same script.
    assert_eq!(drafted(&own, &mut Stub(good, Vec::new())), done);
    // And it passes the writer's tests.
    let whole =
        produce(&ModelWriter::new(Stub(good, Vec::new())), &project("lighthouse"), Some(&author(LIGHTHOUSE)), 1).expect("is written");
    assert_eq!((whole.script.clone(), failed(&whole)), (done.script, Vec::<String>::new()));
}

#[test]
fn a_model_that_fails_refuses_or_talks_nonsense_leaves_the_packs_own_script() {
    let own = lighthouse(1);
    let fault = |class, reason: &str| Answer::Failed(Fault { class, reason: reason.into(), message: "what happened".into() });
    let reply = |text: &str, finish| Answer::Said(Reply { text: text.into(), finish, tokens_in: 0, tokens_out: 0 });
    let scenes = own.plan.scenes.len();
    type Case = (&'static str, Box<dyn Fn(&Ask) -> Answer>, usize, &'static str);
    let cases: Vec<Case> = vec![
        ("down", Box::new(move |_| fault(FaultClass::Transient, "overloaded")), scenes, "transient, overloaded: what happened"),
        (
            "refused",
            Box::new(move |_| reply("", Finish::Refused("I must not".into()))),
            scenes,
            "content_rejected: the model refused it (I must not)",
        ),
        ("cut", Box::new(move |_| reply("{\"sc01", Finish::Cut)), 3 * scenes, "after 3 calls: it was cut off"),
        ("prose", Box::new(|_| said("Sure! Here are the lines:")), 3 * scenes, "it is not one JSON object"),
        ("fenced", Box::new(|_| said("```json\n{}\n```")), 3 * scenes, "it is not one JSON object"),
        ("empty", Box::new(|_| said("{}")), 3 * scenes, "is missing"),
        ("null", Box::new(|_| said("null")), 3 * scenes, "it is not one JSON object"),
        ("other", Box::new(|_| said("{\"budget\": [\"1000000\"]}")), 3 * scenes, "a key that is no line"),
        ("number", Box::new(|ask| said(json!({ids(ask)[0].as_str(): 7}).to_string())), 3 * scenes, "it is not one JSON object"),
        ("deep", Box::new(|_| said("[".repeat(200_000))), 3 * scenes, "it is not one JSON object"),
        ("huge", Box::new(|_| said("x".repeat(300_000))), 3 * scenes, "at most 262144 are read"),
    ];
    for (name, answer, calls, told) in cases {
        let mut stub = Stub(|ask: &Ask, _: &Value| answer(ask), Vec::new());
        let done = drafted(&own, &mut stub);
        assert_eq!((&done.script, done.by_model()), (&own.script, 0), "{name}");
        assert_eq!(stub.1.len(), calls, "{name}");
        assert!(
            done.told.len() >= scenes && done.told.iter().all(|t| t.contains("keeps the pack's words") && t.contains(told)),
            "{name}: {:?}",
            done.told
        );
        let names: std::collections::BTreeSet<&str> = stub.1.iter().map(|a| a.id.as_str()).collect();
        assert_eq!(names.len(), calls, "{name}: each call has a name of its own");
    }
}

#[test]
fn a_model_that_errs_is_told_so_and_may_mend_it() {
    let own = lighthouse(1);
    let mut stub = Stub(
        |ask: &Ask, document: &Value| match ask.turns.len() {
            1 => said("not yet"),
            _ => {
                assert!(
                    ask.turns[1].models && ask.turns[1].text == "not yet" && ask.turns[2].text.contains("it is not one JSON object"),
                    "{ask:?}"
                );
                good(ask, document)
            }
        },
        Vec::new(),
    );
    let done = drafted(&own, &mut stub);
    assert_eq!(stub.1.len(), 2 * own.plan.scenes.len());
    assert_eq!(done, drafted(&own, &mut Stub(good, Vec::new())), "what it says in the end is what counts");
}

#[test]
fn a_line_that_contradicts_is_asked_for_again_with_the_contradiction_and_the_canon_stays() {
    let own = lighthouse(1);
    let before = canon::address(&own.before).expect("an address");
    // Everybody calls somebody that nobody knows, counts what nobody counted, films, shouts, or says what must not be said.
    let bad = [
        "Ask the keeper, Bartholomew.",
        "There are ninety of them now.",
        "Then cut to the lamp.",
        "I feel {joy} about it.",
        "The lamp was lit by the dead keeper Zed.",
    ];
    let mut stub = Stub(
        |ask: &Ask, document: &Value| {
            if ask.turns.len() > 1 {
                assert!(ask.turns[2].text.contains("cannot stand") && ask.turns[2].text.contains("Bartholomew"), "{}", ask.turns[2].text);
                return good(ask, document);
            }
            let lines: BTreeMap<String, Vec<&str>> = ids(ask).into_iter().map(|id| (id, bad[..3].to_vec())).collect();
            said(json!(lines).to_string())
        },
        Vec::new(),
    );
    let done = drafted(&own, &mut stub);
    assert!(done.by_model() >= 5 && done.told.iter().all(|t| !t.contains("after 3 calls")), "{:?}", done.told);
    let text: Vec<&str> = done.script.lines().map(|(.., l)| l.text.as_str()).collect();
    assert!(text.iter().all(|t| !bad.contains(t)), "{text:?}");
    // One that never mends it is given up, line by line, with the reason.
    let mut stub = Stub(
        |ask: &Ask, _: &Value| said(json!(ids(ask).into_iter().map(|id| (id, bad[3..].to_vec())).collect::<BTreeMap<_, _>>()).to_string()),
        Vec::new(),
    );
    let done = drafted(&own, &mut stub);
    assert_eq!((done.by_model(), &done.script), (0, &own.script));
    assert_eq!(done.told.len(), own.script.lines().count(), "{:?}", done.told);
    assert!(done.told.iter().all(|t| t.contains("after 3 calls")), "{:?}", done.told);
    assert_eq!(canon::address(&own.before).expect("an address"), before);
}

#[test]
fn a_gate_of_the_callers_keeps_lines_out_as_the_canons_does() {
    let own = lighthouse(1);
    let project = project("lighthouse");
    let told = Told { project: &project, canon: &own.before, arc: &own.arc, plan: &own.plan, cast: &own.cast };
    let allows = |script: &Script| {
        let found = script
            .lines()
            .filter(|(.., l)| l.text.starts_with("And "))
            .map(|(.., l)| canon::blocks("own.and", format!("{}: no And", l.id), &[&l.id]));
        canon::verdict("own", found.collect())
    };
    let done = draft(told, &mut Stub(good, Vec::new()), &allows).expect("writes");
    let models = done.script.lines().filter(|(.., l)| done.by[&l.id] == "model:stub");
    assert!(done.by_model() >= 3 && models.into_iter().all(|(.., l)| !l.text.starts_with("And ")), "{:?}", done.by);
}

#[test]
fn three_episodes_by_a_model_hold_together_and_no_old_line_is_shown_to_it() {
    let project = project("lighthouse");
    let author: Canon = author(LIGHTHOUSE);
    let third = produce(&TemplateWriter, &project, Some(&author), 3).expect("is written");
    let first = lighthouse(1);
    let mut stub = Stub(good, Vec::new());
    let done = drafted(&third, &mut stub);
    assert!(done.by_model() >= 4, "{:?}", done.told);
    for ask in &stub.1 {
        let here: Vec<&str> = third.script.lines().map(|(.., l)| l.text.as_str()).collect();
        for (.., line) in first.script.lines().filter(|(.., l)| l.text.split(' ').count() > 3 && !here.contains(&l.text.as_str())) {
            assert!(!ask.turns[0].text.contains(&line.text), "{} of episode 1 is shown for episode 3", line.id);
        }
    }
    let all = produce(&ModelWriter::new(Stub(good, Vec::new())), &project, Some(&author), 3).expect("a season by a model");
    assert_eq!(failed(&all), Vec::<String>::new());
}
