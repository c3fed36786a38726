use std::collections::BTreeSet;

use canon::author;
use contracts::{
    Id, Seed,
    canon::Canon,
    picture::Framing,
    project::{ApprovalPoints, Aspect, Audience, ContinuityMode, CostPolicy, External, Project, Safety, VisualStyle},
    shots::{MoveKind, Transition},
    story::{Cast, Delivery, Emotion, FigureKind, Hold, Part as Role, Script},
};

use super::*;
use crate::{StoryWriter, lint, produce};

const WELL: &str = include_str!("../../../../tests/fountain/dry_well.fountain");
const WATCH: &str = include_str!("../../../../tests/fountain/lighthouse_02.fountain");
const LIGHTHOUSE: &str = include_str!("../../../../examples/lighthouse/canon.toml");

fn project(id: &str, genre: &str) -> Project {
    Project {
        id: Id::slug(id),
        title: "A Project".into(),
        genre: Id::slug(genre),
        kernel: None,
        visual_style: VisualStyle::Paper,
        target_duration_s: 60,
        edit_rate: contracts::EditRate::try_from("24/1".to_owned()).expect("a rate"),
        language: "en".into(),
        aspect: Aspect::Wide,
        premise: None,
        captions: None,
        render_profiles: vec![Id::slug("preview_local")],
        continuity_mode: ContinuityMode::Strict,
        promise: None,
        cost_policy: CostPolicy { budget_micro_usd: contracts::MicroUsd(0), external: External::Forbidden },
        safety: Safety { audience: Audience::General, mode: None },
        approval_points: ApprovalPoints::default(),
        pronounce: std::collections::BTreeMap::new(),
        writing: None,
    }
}

fn lighthouse() -> Canon {
    author::parse(LIGHTHOUSE).expect("the example's canon")
}

/// Cast, script, change of canon and hints of an author's own episode.
fn told(genre: &str, canon: Option<&Canon>, text: &str) -> Result<(Cast, Script, contracts::canon::CanonDiff, Notes, Opened), WorldError> {
    let project = project("p", genre);
    let opened = open(&project, canon, vec![Manuscript::read(1, "episodes/01/script.fountain", text)?])?;
    let writer = &opened.writer;
    let arc = writer.arc(&project, &opened.canon)?;
    let (cast, looks) = writer.cast(&project, &opened.canon, &arc)?;
    let verdict = canon::gate_facts(&opened.canon, &looks);
    assert!(verdict.pass, "{verdict:?}");
    let canon = canon::apply(&opened.canon, &canon::accept(looks, verdict), None)?;
    let plan = writer.plan(&project, &canon, &arc, 1)?;
    let (script, diff) = writer.script(&project, &canon, &arc, &plan, &cast)?;
    let hints = writer.hints(&project, &canon, 1)?;
    for verdict in [canon::gate_plan(&plan, &script), canon::gate(&canon, &cast, &script, &diff)] {
        if !verdict.pass {
            return Err(WorldError::Refused(verdict));
        }
    }
    Ok((cast, script, diff, hints, opened))
}

use contracts::notes::Notes;

fn refusal(canon: Option<&Canon>, text: &str) -> String {
    told("western", canon, text).err().map_or_else(|| panic!("it was not refused: {text}"), |e| e.to_string())
}

fn beats(script: &Script) -> Vec<(String, String)> {
    let words = |b: &contracts::story::Beat| {
        let lines = b.lines.iter().map(|l| l.text.clone());
        b.action.iter().map(|a| a.text.clone()).chain(lines).collect::<Vec<_>>().join(" / ")
    };
    script.beats().map(|(_, b)| (b.id.to_string(), words(b))).collect()
}

#[test]
fn the_parts_of_a_screenplay_are_what_the_format_says() {
    let play = parse(WELL).expect("it is read");
    assert_eq!(play.titled("title").as_deref(), Some("THE DRY WELL"));
    let kinds: Vec<&Kind> = play.elements.iter().map(|e| &e.kind).collect();
    assert!(matches!(kinds[0], Kind::Section(1, t) if t == "One"));
    assert!(matches!(kinds[1], Kind::Synopsis(_)) && matches!(kinds[2], Kind::Transition(t) if t == "FADE IN:"));
    assert!(!format!("{kinds:?}").contains("CANYON"), "a boneyard is no film");
    let hank = play.elements.iter().find(|e| matches!(&e.kind, Kind::Dialogue { cue, .. } if cue == "HANK")).expect("a cue");
    assert_eq!(hank.line, 31, "lines keep their numbers behind a boneyard");
    let Kind::Dialogue { parts, .. } = &hank.kind else { panic!() };
    assert_eq!(parts, &[Part::How("calling".into()), Part::Say("That well's been dry since March!".into())]);
    let forced = parse(
        ".SNIPER SCOPE POV #7A#\n\n!INT. nothing\n\n@McCLANE (O.S.) (CONT'D) ^\n(low) Yippee.\n  \nAgain.\n\n> CUT TO BLACK.\n\n===\n\n> Centred <\n",
    )
    .expect("it is read");
    let kinds: Vec<Kind> = forced.elements.into_iter().map(|e| e.kind).collect();
    assert_eq!(kinds[0], Kind::Heading { text: "SNIPER SCOPE POV".into(), number: Some("7A".into()) });
    assert_eq!(kinds[1], Kind::Action("INT. nothing".into()));
    let parts = vec![Part::How("low".into()), Part::Say("Yippee. Again.".into())];
    let cue = "McCLANE".to_owned();
    assert_eq!(kinds[2], Kind::Dialogue { cue, extensions: vec!["O.S.".into(), "CONT'D".into()], dual: true, parts });
    assert_eq!(kinds[3..], [Kind::Transition("CUT TO BLACK.".into()), Kind::PageBreak, Kind::Action("Centred".into())]);
}

#[test]
fn marks_of_emphasis_are_taken_off_and_escapes_kept() {
    let plain = super::parse::plain;
    assert_eq!(
        plain("***Big*** **bold** *thin* _under_ snake_case 5 * 3 * 2 \\*star\\*"),
        "Big bold thin under snake_case 5 * 3 * 2 *star*"
    );
    assert_eq!(plain("_**BRICK & STEEL**_"), "BRICK & STEEL");
}

#[test]
fn a_screenplay_without_canon_or_pack_is_a_film_of_its_own_people_and_places() {
    let (cast, script, diff, hints, opened) = told("western", None, WELL).expect("it is told");
    let josie = cast.members.iter().find(|m| m.id.as_str() == "josie-carr").expect("Josie is cast");
    let look = josie.look.as_ref().expect("she is seen");
    assert_eq!((josie.name.as_str(), look.age, look.figure), ("Josie Carr", 34, FigureKind::Woman));
    let hank = cast.members.iter().find(|m| m.name == "Hank").expect("Hank is cast");
    assert_eq!(hank.look.as_ref().map(|l| (l.age, l.figure)), Some((61, FigureKind::Man)));
    assert!(cast.members.iter().any(|m| m.part == Role::Narrator) && josie.voice.reference != hank.voice.reference);
    assert!(opened.notes.iter().any(|n| n == "taken from the screenplay: Josie Carr, 34, woman"), "{:?}", opened.notes);
    let places: Vec<&str> = script.scenes.iter().map(|s| s.location_id.as_str()).collect();
    assert_eq!(places, ["trail", "village-square", "stable", "village-square"]);
    let times: Vec<String> = script.scenes.iter().map(|s| s.story_time.to_string()).collect();
    assert!(times.windows(2).all(|w| w[0] < w[1]), "{times:?}");
    assert!(diff.added.is_empty() && script.title == "THE DRY WELL");
    assert!(lint::camera(&script).is_empty(), "{:?}", lint::camera(&script));
    // Camera words are hints on the beats they stood at.
    let at = |words: &str| beats(&script).into_iter().find(|(_, w)| w.contains(words)).map(|(id, _)| id).unwrap_or_default();
    let hint =
        |words: &str| hints.shots.iter().find(|n| n.at.as_str() == at(words)).cloned().unwrap_or_else(|| panic!("no hint at {words}"));
    assert_eq!(hint("White heat").framing, Some(Framing::Wide));
    assert_eq!(hint("A rope.").framing, Some(Framing::Insert), "close on a thing");
    assert_eq!(hint("Dust in the last light").transition, Some(Transition::Cut));
    assert_eq!(hint("The letter").framing, Some(Framing::Insert), "an angle on a thing");
    // What a scene cannot show is not asked.
    let alone = told("western", None, "EXT. HILL - DAY\n\nTWO SHOT. Grass.\n\nANGLE ON the sky. Clouds.\n").expect("it is told").3;
    assert!(alone.shots.is_empty(), "{:?}", alone.shots);
    assert!(matches!(hint("Water shines").transition, Some(Transition::Dissolve { .. })));
    assert_eq!(hint("Two people at a well").movement, Some(MoveKind::PullOut));
}

#[test]
fn parentheticals_say_how_a_line_is_said() {
    let (_, script, ..) = told("western", None, WELL).expect("it is told");
    let line = |words: &str| script.lines().find(|(.., l)| l.text.contains(words)).map(|(.., l)| l.clone()).expect("a line");
    assert_eq!(line("since March").delivery, Delivery::Call);
    assert_eq!((line("The habit").hold_before, line("Did you").emotion.tag), (Hold::Short, Emotion::Fear));
    assert_eq!((line("counted the pages").delivery, line("guarding").emotion.tag), (Delivery::Low, Emotion::Irony));
    assert_eq!(line("where the water was").speaker_id.as_str(), "narrator");
}

#[test]
fn an_unknown_name_is_refused_with_its_line_when_the_author_wrote_a_canon() {
    let text = "INT. LAMP ROOM - NIGHT\n\nA lamp.\n\nNESA\nWho is there?\n";
    let said = refusal(Some(&lighthouse()), text);
    assert!(
        said.starts_with("episodes/01/script.fountain line 5: ") && said.contains("`NESA`") && said.contains("did you mean Nessa Roan?"),
        "{said}"
    );
    let said = refusal(Some(&lighthouse()), "INT. WINE CELLAR - NIGHT\n\nDark.\n");
    assert!(said.contains("line 1: ") && said.contains("`WINE CELLAR`") && said.contains("the oil store"), "{said}");
    let two = "INT. A - DAY\n\nIt is.\n\nTOM HALE\nYes.\n\nTOM REED\nNo.\n\nTOM\nWho?\n";
    let mut canon = told("western", None, &two.replace("\n\nTOM\nWho?", "")).expect("two Toms").4.canon;
    canon.project_id = Id::slug("p");
    assert!(refusal(Some(&canon), two).contains("line 11: `TOM` may be Tom Hale or Tom Reed"));
}

#[test]
fn what_is_inserted_renames_nothing_else() {
    let of = |text: &str| beats(&told("western", None, text).expect("it is told").1);
    let ids = |text: &str| of(text).into_iter().map(|(id, _)| id).collect::<BTreeSet<_>>();
    let before = ids(WELL);
    assert_eq!(before.len(), of(WELL).len());
    for (what, at, new) in [
        ("a scene", "INT. STABLE - DUSK", "EXT. TRAIL - DAY\n\nA cloud crosses the sun.\n\nINT. STABLE - DUSK"),
        ("an action", "HANK (61) watches", "Flies.\n\nHANK (61) watches"),
        ("a line", "HANK\n(beat)\nThe habit.", "HANK\nNothing.\n\nHANK\n(beat)\nThe habit."),
        ("a first scene", "EXT. TRAIL - DAY", "EXT. RIVER - DAY\n\nNo river.\n\nEXT. TRAIL - DAY"),
    ] {
        let after = ids(&WELL.replacen(at, new, 1));
        assert!(before.is_subset(&after) && after.len() > before.len(), "{what}: {:?}", before.difference(&after).collect::<Vec<_>>());
    }
    // Other words in a dialogue rename neither its picture, which is the action's, nor any other.
    let other = ids(&WELL.replace("That well's been dry", "It has been dry"));
    assert_eq!(other, before);
    // Scenes are called by their number, else by their heading.
    let numbered = WELL.replace("INT. STABLE - DUSK", "INT. STABLE - DUSK #12A#");
    let scenes =
        |text: &str| told("western", None, text).expect("it is told").1.scenes.into_iter().map(|s| s.id.to_string()).collect::<Vec<_>>();
    assert_eq!(scenes(&numbered)[2], "sc12a");
    assert_eq!(scenes(WELL)[2], "sc-int-stable-dusk");
}

#[test]
fn notes_name_pictures_set_the_clock_and_make_facts() {
    let text = "INT. LAMP ROOM - NIGHT [[time: 0131-11-02T23:40]] [[mood: heavy]]\n\n[[id: fall]] Bram falls. [[dies: bram]]\n\nNESSA\nBram. [[fact: great_lamp state dark]]\n";
    let (_, script, diff, ..) = told("western", Some(&lighthouse()), text).expect("it is told");
    assert_eq!((script.scenes[0].story_time.as_str(), script.scenes[0].beats[0].id.as_str()), ("0131-11-02T23:40", "fall"));
    let facts: Vec<String> = diff.added.iter().map(|f| format!("{} {} {:?} {}", f.subject, f.attribute, f.cause, f.from)).collect();
    assert_eq!(facts.len(), 2, "{facts:?}");
    assert!(
        diff.added.iter().any(|f| f.attribute == "dead" && f.subject.as_str() == "bram" && f.kind == contracts::canon::FactKind::OneWay)
    );
    // The gate judges a screenplay as any other script.
    let after = format!("{text}\nEXT. LANDING - NIGHT\n\nBRAM\nI am here.\n");
    assert!(told("western", Some(&lighthouse()), text).is_ok());
    let grave = LIGHTHOUSE.to_owned() + "\n[[facts]]\nsubject = \"bram\"\nattribute = \"dead\"\nvalue = \"true\"\nfrom = \"0120-01-01\"\n";
    let said = refusal(Some(&author::parse(&grave).expect("a canon")), &after.replace("[[dies: bram]]", ""));
    assert!(said.contains("bram is dead from 0120-01-01"), "{said}");
    for (note, why) in [
        ("[[time: yesterday]]", "[[time]]: story time `yesterday`"),
        ("[[mood: blue]]", "[[mood: blue]]: expected one of calm"),
        ("[[id: Big One]]", "[[id: Big One]]: an id has"),
        ("[[fact: bram]]", "expected `fact: subject attribute value`"),
        ("[[dies: nobody]]", "`nobody` is no person"),
    ] {
        let said = refusal(Some(&lighthouse()), &format!("INT. LAMP ROOM - NIGHT\n\nThe lamp burns. {note}\n"));
        assert!(said.contains("line 3: ") && said.contains(why), "{said}");
    }
}

#[test]
fn a_pack_writes_what_stands_before_the_first_screenplay_and_nothing_after() {
    let (project, canon) = (project("lighthouse", "mystery"), lighthouse());
    let second = || vec![Manuscript::read(2, "episodes/02/script.fountain", WATCH).expect("it is read")];
    let opened = open(&project, Some(&canon), second()).expect("it opens");
    let arc = opened.writer.arc(&project, &opened.canon).expect("an arc");
    assert_eq!(arc.episodes.iter().map(|e| e.number).collect::<Vec<_>>(), [1, 2]);
    assert_eq!((arc.pack.as_str(), arc.episodes[1].question.as_str()), ("mystery@1", ""));
    let done = season(&opened, &project, 2);
    assert_eq!(done.title, "The Second Watch");
    assert_eq!(done.scenes[0].heard, [Id::slug("bram")], "who is off screen is only heard");
    assert!(done.scenes[0].story_time > contracts::canon::StoryTime::try_from("0131-10-22T21:30".to_owned()).expect("a time"));
    // A genre no pack writes: the author alone, and the reason is said.
    let mut western = project.clone();
    western.genre = Id::slug("western");
    let opened = open(&western, Some(&canon), second()).expect("it opens");
    assert!(!opened.writer.asks_pack() && opened.notes[0].contains("no pack writes the genre `western`"), "{:?}", opened.notes);
}

/// Every episode up to one, with every gate; the script of the last.
fn season(opened: &Opened, project: &Project, last: u32) -> Script {
    let writer = &opened.writer;
    let arc = writer.arc(project, &opened.canon).expect("an arc");
    let pass = |diff: contracts::canon::CanonDiff, canon: &Canon| {
        let verdict = canon::gate_facts(canon, &diff);
        canon::apply(canon, &canon::accept(diff, verdict), None).expect("applies")
    };
    let canon = pass(writer.truth(project, &opened.canon, &arc).expect("a truth"), &opened.canon);
    let (cast, looks) = writer.cast(project, &canon, &arc).expect("a cast");
    let mut canon = pass(looks, &canon);
    for number in 1..=last {
        let plan = writer.plan(project, &canon, &arc, number).expect("a plan");
        let (script, diff) = writer.script(project, &canon, &arc, &plan, &cast).expect("a script");
        let verdict = canon::gate(&canon, &cast, &script, &diff);
        assert!(verdict.pass, "{verdict:?}");
        canon = canon::apply(&canon, &canon::accept(diff, verdict), Some(&script)).expect("applies");
        if number == last {
            return script;
        }
    }
    panic!("no episode");
}

#[test]
fn the_template_s_episode_comes_back_from_its_own_screenplay() {
    let project = project("lighthouse", "mystery");
    let made = produce(&crate::TemplateWriter, &project, Some(&lighthouse()), 1).expect("an episode");
    let text = print(&screenplay(&made.script, &made.cast, &made.before));
    let read = Manuscript::read(1, "ep", &text).expect("it is read");
    let back = build::build(&project, &made.before, &read).unwrap_or_else(|e| panic!("{e}\n{text}"));
    let lines = |s: &Script| {
        let lines = s.lines().map(|(_, b, l)| {
            (b.id.clone(), l.id.clone(), l.speaker_id.clone(), l.to.clone(), l.text.clone(), l.emotion, l.delivery, l.hold_before)
        });
        lines.collect::<Vec<_>>()
    };
    assert_eq!(lines(&back.script), lines(&made.script));
    let scenes = |s: &Script| {
        let scenes = s.scenes.iter().map(|s| {
            (
                s.id.clone(),
                s.location_id.clone(),
                s.story_time.clone(),
                s.time_of_day,
                s.weather,
                s.mood,
                s.present.clone(),
                s.heard.clone(),
            )
        });
        scenes.collect::<Vec<_>>()
    };
    assert_eq!(scenes(&back.script), scenes(&made.script));
    let actions =
        |s: &Script| s.beats().map(|(_, b)| (b.id.clone(), b.function, b.action.as_ref().map(|a| a.text.clone()))).collect::<Vec<_>>();
    assert_eq!(actions(&back.script), actions(&made.script));
    assert_eq!((&back.script.title, &back.script.title_after), (&made.script.title, &made.script.title_after));
}

/// A screenplay whose lines have no numbers: printing moves them.
fn bare(play: &Screenplay) -> Screenplay {
    let mut play = play.clone();
    play.elements.iter_mut().for_each(|e| e.line = 0);
    play
}

/// Bits of screenplays and of mischief, in any order.
fn jumble(seed: &mut Seed) -> String {
    const BITS: &[&str] = &[
        "INT. ROOM - DAY",
        "EXT. HILL",
        ".FORCED",
        "#12#",
        "NESSA",
        "BRAM (O.S.)",
        "@Mc\u{e9}",
        "^",
        "(afraid)",
        "(",
        ")",
        "!",
        "~",
        "> ",
        " <",
        "CUT TO:",
        "===",
        "=",
        "# Act",
        "[[",
        "]]",
        "/*",
        "*/",
        "*",
        "**",
        "***",
        "_",
        "\\",
        "\\*",
        "Title: X",
        "FADE IN:",
        "words go here",
        "a",
        "\n",
        "\n",
        "\n",
        "\n\n",
        "\n\n",
        " ",
        "  ",
        "\t",
        "\r\n",
        "\r",
        "\0",
        "\u{202e}",
        "\u{200f}",
        "\u{1}",
        "\u{2}",
        "\u{feff}",
        "\u{5b57}\u{5e55}",
        "\u{43f}\u{440}\u{438}",
        "\u{e9}",
        "e\u{301}",
        "'s",
        "[[id: x]]",
        "CLOSE ON:",
        "WE PUSH IN",
        ":",
        ".",
        "?",
        "1",
        "#",
        "<",
        "@",
        "[",
        "]",
    ];
    let n = seed.below(40);
    (0..n).filter_map(|_| seed.pick(BITS).copied()).collect()
}

#[test]
fn any_text_is_read_and_prints_as_what_was_read() {
    let mut seed = Seed::of(&["fountain", "jumble"]);
    for case in 0..4_000 {
        let text = jumble(&mut seed);
        let play = parse(&text).expect("short texts are read");
        let printed = print(&play);
        let again = parse(&printed).expect("what is printed is read");
        assert_eq!(bare(&again), bare(&play), "case {case}\n--- text\n{text:?}\n--- printed\n{printed:?}");
        // What it means may be refused, but never panics.
        if case % 8 == 0
            && let Ok(read) = Manuscript::read(1, "x", &text)
        {
            let project = project("p", "western");
            if let Ok(opened) = open(&project, None, vec![read.clone()]) {
                let _ = build::build(&project, &opened.canon, &read);
            }
        }
    }
}

#[test]
fn hostile_text_is_refused_with_its_number_and_costs_no_time() {
    let scenes = "INT. A - DAY\n\nX.\n\n".repeat(2_000);
    assert!(refusal(None, &scenes).contains("a film has at most 200"), "scenes");
    let said =
        refusal(None, &("INT. A - DAY\n\n".to_owned() + &"A long day passes, and another one, and one more after it.\n\n".repeat(900)));
    assert!(said.contains("the film would last about ") && said.contains("at most 600 s"), "{said}");
    assert!(refusal(None, &"x".repeat(MAX_BYTES + 1)).contains("1048577 bytes; a screenplay may have 1048576"));
    assert!(refusal(None, "").contains("nothing to show"));
    assert!(refusal(None, "Nessa wakes.\n").contains("line 1: this stands before any scene"));
    for hostile in [
        "/*".repeat(500_000),
        "[[".repeat(500_000),
        "[[ a\n".repeat(200_000),
        "/* */".repeat(200_000),
        "[[a]]".repeat(200_000),
        "(".repeat(1_000_000),
        "INT. A\n\nB\n".to_owned() + &"(".repeat(900_000),
        "*a".repeat(500_000),
        "_a ".repeat(300_000),
        "\\".repeat(1_000_000),
        "\0\u{202e}".repeat(200_000),
        "a\n\n".repeat(300_000),
        "INT. A - DAY\n\n".to_owned() + &"word ".repeat(200_000),
        "INT. A - DAY\n\nB\n".to_owned() + &"word ".repeat(20_000),
        (0..900).map(|n| format!("INT. A{n}\n\n@P{n}\nHi.\n\n")).collect(),
    ] {
        let Ok(read) = Manuscript::read(1, "x", &hostile) else { continue };
        if let Ok(opened) = open(&project("p", "western"), None, vec![read.clone()]) {
            let _ = build::build(&project("p", "western"), &opened.canon, &read);
        }
    }
}

#[test]
fn other_scripts_of_the_world_are_people_and_places_too() {
    let text = "INT. \u{5bb6} - NIGHT\n\n\u{96e8}\u{304c}\u{964d}\u{308b}\u{3002}\n\n@\u{592a}\u{90ce}\n\u{8ab0}\u{3060}\u{ff1f}\n\n\u{41c}\u{410}\u{420}\u{418}\u{42f}\n\u{41a}\u{442}\u{43e} \u{442}\u{430}\u{43c}?\n";
    let (cast, script, ..) = told("drama", None, text).expect("it is told");
    assert_eq!(
        cast.members.iter().map(|m| m.name.as_str()).collect::<Vec<_>>(),
        ["\u{592a}\u{90ce}", "\u{41c}\u{430}\u{440}\u{438}\u{44f}"]
    );
    assert_eq!(script.lines().count(), 2);
}

#[test]
fn a_long_speech_is_cut_between_sentences_and_loses_no_word() {
    let speech = "I walked all day, and I walked all night. Nobody asked me where I came from. Nobody asked me where I was going, either. \
                  So I told the mule everything, and the mule told nobody, which is more than I can say of the people in this town.";
    let lines = pieces::spoken(speech);
    assert!(lines.len() >= 2 && lines.iter().all(|l| l.chars().count() <= 160), "{lines:?}");
    assert_eq!(lines.join(" "), speech);
    let long = "word, and ".repeat(60);
    assert_eq!(pieces::spoken(long.trim()).join(" "), long.trim());
}

#[test]
fn every_screenplay_of_the_corpus_prints_as_what_was_read() {
    let folder = format!("{}/../../tests/corpus/fountain", env!("CARGO_MANIFEST_DIR"));
    for entry in std::fs::read_dir(folder).expect("the corpus").map(|e| e.expect("an entry").path()) {
        let Ok(text) = std::fs::read_to_string(&entry) else { continue };
        let play = parse(&text).expect("is read");
        let printed = print(&play);
        assert_eq!(bare(&parse(&printed).expect("is read again")), bare(&play), "{}\n--- printed\n{printed}", entry.display());
    }
}
