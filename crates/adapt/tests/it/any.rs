//! Any valid script gives a valid shot list (002-8): scripts drawn by seed, of every length, cast, silence and shape.

use contracts::{
    EditRate, Id, SAMPLE_RATE, Seed,
    notes::Notes,
    project::Aspect,
    shots::{MoveKind, Purpose, Shot, ShotContent, ShotList, Transition},
    story::{Action, Beat, BeatFn, Delivery, Emotion, EmotionTag, Hold, Line, Part, Scene, Script, Weight},
    table_read::{ReadLine, TableRead},
};

use super::{Told, sound};

const FUNCTIONS: [BeatFn; 12] = [
    BeatFn::Hook,
    BeatFn::Question,
    BeatFn::Pressure,
    BeatFn::Clue,
    BeatFn::Turn,
    BeatFn::Choice,
    BeatFn::Cost,
    BeatFn::Test,
    BeatFn::Climax,
    BeatFn::Payoff,
    BeatFn::Image,
    BeatFn::LastImage,
];
const VERBS: [&str; 12] =
    ["stand", "walk", "run", "sit", "embrace", "kneel", "point", "hold_up", "write", "open", "fold_a_map_nobody_knows", "count"];
const EMOTIONS: [Emotion; 8] =
    [Emotion::Calm, Emotion::Grief, Emotion::Anger, Emotion::Fear, Emotion::Shame, Emotion::Wonder, Emotion::Resolve, Emotion::Irony];
const HOLDS: [Hold; 4] = [Hold::None, Hold::Short, Hold::Medium, Hold::Long];

/// One of a few, by the stream.
fn one<'a, T>(seed: &mut Seed, of: &'a [T]) -> &'a T {
    &of[seed.below(of.len() as u64) as usize]
}

/// Some of a few, in their order.
fn some(seed: &mut Seed, of: &[Id]) -> Vec<Id> {
    of.iter().filter(|_| seed.below(2) == 0).cloned().collect()
}

/// A script nobody wrote, over the fixture's people, places and things, with the lines as long as the stream says.
fn drawn(n: u64) -> Told {
    let mut told = Told::lighthouse();
    let mut seed = Seed::of(&["any script", &n.to_string()]);
    let people: Vec<Id> = told.cast.members.iter().filter(|m| m.part != Part::Narrator).map(|m| m.id.clone()).collect();
    let props: Vec<Id> = told.canon.props.iter().map(|p| p.id.clone()).collect();
    let places: Vec<Id> = told.canon.locations.iter().map(|l| l.id.clone()).collect();
    let old = told.script.scenes.clone();
    let mut scenes = Vec::new();
    let mut lines = Vec::new();
    for s in 0..=seed.below(9) {
        let like = one(&mut seed, &old).clone();
        let present = some(&mut seed, &people);
        let mut beats = Vec::new();
        for b in 0..=seed.below(7) {
            let id = Id::new(format!("sc{:02}-b{:02}", s + 1, b + 1)).expect("an id");
            let act = seed.below(3) > 0;
            let action = act.then(|| Action {
                text: "Something is done.".into(),
                who: some(&mut seed, &present),
                verb: Id::slug(VERBS[seed.below(VERBS.len() as u64) as usize]),
                props: some(&mut seed, &props).into_iter().take(3).collect(),
                weight: *one(&mut seed, &[Weight::Quick, Weight::Normal, Weight::Slow]),
            });
            let count = if present.is_empty() { 0 } else { seed.below(4) };
            let spoken: Vec<Line> = (0..count)
                .map(|l| Line {
                    id: id.child(format!("l{}", l + 1)).expect("an id"),
                    speaker_id: one(&mut seed, &present).clone(),
                    to: vec![],
                    text: "Nine went out, and ten came home.".into(),
                    act: Id::slug("tell"),
                    tactic: Id::slug("plain"),
                    emotion: EmotionTag { tag: *one(&mut seed, &EMOTIONS), level: 1 + seed.below(3) as u8 },
                    delivery: Delivery::Plain,
                    hold_before: *one(&mut seed, &HOLDS),
                    states: vec![],
                    echo_seed: None,
                    echo_of: None,
                })
                .collect();
            for line in &spoken {
                // From a sigh to a speech that fills three pictures.
                let seconds = if seed.below(8) == 0 { 30 } else { 5 };
                let samples = 1 + seed.below(seconds * SAMPLE_RATE);
                lines.push(ReadLine {
                    line_id: line.id.clone(),
                    speaker_id: line.speaker_id.clone(),
                    text: line.text.clone(),
                    engine: "none".into(),
                    voice: "none".into(),
                    samples,
                    audio: None,
                    words: vec![],
                    mouth: vec![],
                    unspoken: None,
                    instead: None,
                });
            }
            let wait = seed.below(3) == 0;
            beats.push(Beat {
                id,
                function: *one(&mut seed, &FUNCTIONS),
                action,
                lines: spoken,
                line_after_ms: wait.then(|| seed.below(9_000) as u32),
                effects: vec![],
                sounds: if seed.below(4) == 0 { vec![Id::slug("bell"), Id::slug("boots_stop")] } else { vec![] },
                hold_after: *one(&mut seed, &HOLDS),
            });
        }
        scenes.push(Scene {
            id: Id::new(format!("sc{:02}", s + 1)).expect("an id"),
            location_id: one(&mut seed, &places).clone(),
            present,
            heard: vec![],
            beats,
            ..like
        });
    }
    let beats: Vec<Id> = scenes.iter().flat_map(|s| s.beats.iter().map(|b| b.id.clone())).collect();
    told.script = Script { title_after: one(&mut seed, &beats).clone(), scenes, ..told.script };
    told.read = TableRead { voiced: seed.below(4) > 0, lines, ..told.read };
    told.notes = Notes::none(Id::slug("lighthouse"), 1);
    told.project.aspect = *one(&mut seed, &[Aspect::Wide, Aspect::Tall, Aspect::Square]);
    let rate = *one(&mut seed, &["24/1", "25/1", "30/1", "30000/1001", "12/1"]);
    told.project.edit_rate = EditRate::try_from(rate.to_owned()).expect("a rate");
    told
}

/// What the grammar promises of every film, however its script came about.
fn directed(told: &Told, list: &ShotList) {
    let picture = |s: &Shot| matches!(s.content, ShotContent::Picture(_));
    for shot in &list.shots {
        assert_eq!(shot.purpose.is_some(), picture(shot), "{}: a picture says what it is for, a card does not", shot.id);
        let ShotContent::Picture(p) = &shot.content else { continue };
        let scene = told.script.scenes.iter().find(|s| Some(&s.id) == shot.scene_id.as_ref()).expect("its scene");
        assert!(p.figures.iter().all(|f| scene.present.contains(&f.character_id)), "{}: somebody is seen who is not there", shot.id);
        assert!(p.figures.len() <= 3, "{}", shot.id);
        assert!(p.framing != contracts::picture::Framing::Insert || !p.props.is_empty(), "{}: an insert of nothing", shot.id);
        assert!(shot.movement.kind != MoveKind::Handheld, "{}: nobody asked for it", shot.id);
    }
    for scene in &told.script.scenes {
        let shots: Vec<&Shot> = list.shots.iter().filter(|s| s.scene_id.as_ref() == Some(&scene.id)).collect();
        let first = shots.first().expect("a scene is seen");
        assert!(!picture(first) || matches!(first.purpose, Some(Purpose::Establish)), "{}: a scene opens on {:?}", first.id, first.purpose);
        // Dissolves stand at changes of scene only; within one it is cut.
        assert!(shots.iter().skip(1).all(|s| s.transition == Transition::Cut), "{}", scene.id);
    }
    for cue in &list.lines {
        let shot = list.shots.iter().find(|s| s.id == cue.shot_id).expect("its shot");
        let (from, to) = (list.edit_rate.samples_at(shot.start_frame), list.edit_rate.samples_at(shot.start_frame + shot.frames));
        assert!((from..to).contains(&cue.start), "{} begins outside its picture", cue.line_id);
    }
}

#[test]
fn any_valid_script_gives_a_valid_shot_list() {
    let mut opened_on_a_card = 0;
    let mut purposes = std::collections::BTreeMap::new();
    for n in 0..400 {
        let told = drawn(n);
        let list = adapt::shot_list(&told.story()).unwrap_or_else(|e| panic!("script {n}: {e}"));
        sound(&told, &list);
        directed(&told, &list);
        opened_on_a_card += u32::from(!matches!(list.shots[0].content, ShotContent::Picture(_)));
        assert_eq!(list, adapt::shot_list(&told.story()).expect("again"), "script {n}: the same script, another list");
        adapt::manifest(&told.story(), &list, 720).unwrap_or_else(|e| panic!("script {n}: {e}"));
        for purpose in list.shots.iter().filter_map(|s| s.purpose) {
            *purposes.entry(purpose).or_insert(0) += 1;
        }
    }
    // Its first beat shows nothing and the title stands after it.
    assert!(opened_on_a_card > 0, "no script drawn opens on its title");
    assert_eq!(purposes.len(), 5, "a purpose is never served: {purposes:?}");
}
