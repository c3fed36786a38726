//! The director's grammar: which framing, who stands where, which face, which move. A table of small rules; every choice
//! follows from the script's tags (art direction §2, design §7).

use contracts::{
    Id, Seed,
    canon::{Location, PlaceFamily},
    picture::{Expression, Facing, Framing, Gaze, Pose, Slot, Take, Turn},
    project::Aspect,
    shots::{MoveKind, Movement, Purpose, ShotFigure},
    story::{Beat, BeatFn, Cast, Emotion, EmotionTag, Line, Mood, Part, Scene},
};

/// What the viewer has just seen in this scene, and through which window: the grammar depends on both.
#[derive(Clone)]
pub struct Coverage {
    aspect: Aspect,
    /// Which scene of the film this is, from 0: scenes do not all go on from their first picture in one way.
    scene: usize,
    framings: Vec<Framing>,
    /// Who was to be in the last of them.
    people: Vec<Id>,
    /// The picture before as it is; nothing when a person asked for it.
    seen: Option<(Framing, Vec<Id>)>,
    inserts: Vec<Id>,
    faces: std::collections::BTreeMap<Id, Expression>,
    spoke: Vec<Id>,
}

impl Coverage {
    /// A scene of which nothing was seen yet.
    pub fn new(aspect: Aspect, scene: usize) -> Self {
        Self {
            aspect,
            scene,
            framings: Vec::new(),
            people: Vec::new(),
            seen: None,
            inserts: Vec::new(),
            faces: std::collections::BTreeMap::new(),
            spoke: Vec::new(),
        }
    }

    /// Whether two faces side by side would be small or crowded: such a frame takes them one behind the other.
    fn narrow(&self) -> bool {
        self.aspect != Aspect::Wide
    }

    /// Whom somebody talks to: who spoke last before them, else the first other person present.
    fn partner<'a>(&self, who: &Id, seen: &[&'a Id]) -> Option<&'a Id> {
        let last = self.spoke.iter().rev().find(|id| *id != who && seen.contains(id));
        let found = last.and_then(|id| seen.iter().find(|s| **s == id));
        found.or_else(|| seen.iter().find(|s| **s != who)).copied()
    }

    fn last(&self) -> Option<Framing> {
        self.framings.last().copied()
    }

    /// Whether a choice is the last one again: the same people at the same size, to which one does not cut. A thing or a
    /// place alone has no size to repeat.
    fn repeats(&self, framing: Framing, people: &[&Id]) -> bool {
        self.last() == Some(framing) && !people.is_empty() && self.people.iter().eq(people.iter().copied())
    }

    /// The same, against the picture that is really seen before.
    fn jumps(&self, framing: Framing, people: &[&Id]) -> bool {
        let same = |(f, p): &(Framing, Vec<Id>)| *f == framing && p.iter().eq(people.iter().copied());
        !people.is_empty() && self.seen.as_ref().is_some_and(same)
    }

    /// How two who talk are seen: by turns beside each other and past a shoulder.
    fn pair(&self) -> Framing {
        let people = self.framings.iter().filter(|f| **f != Framing::Insert).count();
        if (people + self.scene) % 2 == 1 { Framing::MediumTwo } else { Framing::OverShoulder }
    }

    fn ran(&self, framing: Framing, times: usize) -> bool {
        self.framings.len() >= times && self.framings.iter().rev().take(times).all(|f| *f == framing)
    }
}

/// What was decided for a shot.
pub struct Direction {
    pub purpose: Purpose,
    pub framing: Framing,
    pub toward: Facing,
    pub figures: Vec<ShotFigure>,
    pub insert: Option<Id>,
    pub movement: Movement,
}

/// Whether a place has walls: its establishing picture is the whole room with whole people, not a speck in a landscape.
pub fn indoors(family: PlaceFamily) -> bool {
    matches!(family, PlaceFamily::InteriorRoom | PlaceFamily::Workshop | PlaceFamily::Hall | PlaceFamily::Vehicle)
}

/// Directs one beat. `spoken` are the lines that sound in this stretch of it, `asked` the framing a person asked for: the
/// shots after it are then chosen as if nobody had asked.
pub fn direct(
    cast: &Cast,
    scene: &Scene,
    beat: &Beat,
    location: &Location,
    spoken: &[&Line],
    asked: Option<Framing>,
    coverage: &mut Coverage,
) -> Direction {
    let speaker = spoken.first().copied();
    let seen: Vec<&Id> = scene.present.iter().filter(|id| cast.members.iter().any(|m| &m.id == *id && m.look.is_some())).collect();
    let speaking = speaker.map(|l| &l.speaker_id).filter(|id| seen.contains(id));
    let actors: Vec<&Id> = beat.action.iter().flat_map(|a| a.who.iter()).filter(|id| seen.contains(id)).collect();
    for line in &beat.lines {
        coverage.faces.insert(line.speaker_id.clone(), face(line.emotion));
    }
    let level = speaker.map_or(1, |l| l.emotion.level);
    let axis = axis(cast, &seen);
    let talk = |id: &Id| spoken.iter().any(|l| l.speaker_id == *id);
    let shot = Stretch { beat, seen: &seen, axis: &axis, speaking, actors: &actors, level };
    let shows = |framing: Framing| shown(&shot, framing, &talk, coverage);
    let purpose = purpose(scene, &shot, coverage);
    let wanted = choose_framing(purpose, location, &shot, coverage);
    // No cut to the same people at the same size: the nearest other way to see them is taken.
    let usual = if coverage.repeats(wanted, &shows(wanted)) {
        others(wanted, &shot, coverage).into_iter().find(|f| !coverage.repeats(*f, &shows(*f))).unwrap_or(wanted)
    } else {
        wanted
    };
    // Two who talk in one picture are both in it, beside each other or past the one's shoulder. What comes after is chosen as
    // if only the first of them spoke, so that a line that is added changes no other picture.
    let both = (seen.iter().filter(|id| talk(id)).count() >= 2).then(|| coverage.pair());
    let directed = both.unwrap_or(usual);
    let directed = if coverage.jumps(directed, &shows(directed)) {
        let ways = if both.is_some() { vec![Framing::MediumTwo, Framing::OverShoulder] } else { others(directed, &shot, coverage) };
        ways.into_iter().find(|f| !coverage.jumps(*f, &shows(*f))).unwrap_or(directed)
    } else {
        directed
    };
    let framing = asked.unwrap_or(directed);
    let fresh = fresh_prop(beat, coverage);
    let insert = match framing {
        Framing::Insert => fresh.clone().or_else(|| beat.action.as_ref().and_then(|a| a.props.last().cloned())),
        _ => None,
    };
    let place = |id: &Id| axis.iter().position(|a| *a == id).unwrap_or(0);
    let subject = shot.subject(coverage);
    let chosen: Vec<Id> = shows(usual).into_iter().cloned().collect();
    let shown = shows(framing);
    coverage.inserts.extend(fresh.filter(|_| usual == Framing::Insert));
    let feels = |id: &Id| spoken.iter().find(|l| l.speaker_id == *id).map(|l| l.emotion);
    let figures: Vec<ShotFigure> = shown
        .iter()
        .enumerate()
        .map(|(n, id)| {
            // Who stands further to the right on the axis looks left at whoever stands further to the left.
            let right = match (shown.len(), coverage.partner(id, &seen)) {
                (2, _) => n == 1,
                (_, Some(other)) => place(id) > place(other),
                (_, None) => !leads(cast, id),
            };
            let away = framing == Framing::OverShoulder && Some(*id) != subject;
            let acts = actors.contains(id);
            let asked = beat.action.as_ref().map_or(Pose::Stand, |a| pose(&a.verb));
            // Two embrace, though only one may be said to act; everything else is done by whoever does it.
            let pose = match asked {
                Pose::Embrace if shown.len() == 2 && shown.iter().any(|s| actors.contains(s)) => Pose::Embrace,
                Pose::Embrace => Pose::Stand,
                pose if acts => pose,
                _ => Pose::Stand,
            };
            let pose = if seen_in(pose, framing) && !away { pose } else { Pose::Stand };
            // A thing is in one hand: that of whoever is named first.
            let holds = pose == Pose::Hold && !away && actors.first() == Some(id);
            let holding = holds.then(|| beat.action.as_ref().and_then(|a| a.props.first().cloned())).flatten();
            // Whose hands are empty does not stand there as if they were full.
            let pose = if pose == Pose::Hold && holding.is_none() { Pose::Stand } else { pose };
            ShotFigure {
                character_id: (*id).clone(),
                slot: match (shown.len(), n) {
                    (1, _) if right => Slot::Right,
                    (3, 1) => Slot::Centre,
                    (0 | 1, _) | (_, 0) => Slot::Left,
                    _ => Slot::Right,
                },
                facing: match right {
                    _ if away => Facing::Away,
                    true => Facing::Left,
                    false => Facing::Right,
                },
                pose,
                expression: coverage.faces.get(*id).copied().unwrap_or_else(|| listening(scene.mood)),
                holding,
                speaks: talk(id) && !away,
                take: if away { Take::default() } else { take(scene, beat, framing, pose, talk(id), feels(id), coverage) },
            }
        })
        .collect();
    let toward = match framing {
        Framing::Close | Framing::Medium => figures.first().map_or(Facing::Front, |f| f.facing),
        Framing::OverShoulder => figures.iter().find(|f| f.facing != Facing::Away).map_or(Facing::Front, |f| f.facing),
        _ => Facing::Front,
    };
    coverage.framings.push(usual);
    coverage.people = chosen;
    coverage.seen = asked.is_none().then(|| (framing, shown.iter().map(|id| (*id).clone()).collect()));
    coverage.spoke.extend(beat.lines.iter().map(|l| l.speaker_id.clone()));
    Direction { purpose, framing, toward, figures, insert, movement: movement(beat, framing, toward, coverage.aspect) }
}

/// What a shot is chosen from.
struct Stretch<'a> {
    beat: &'a Beat,
    /// Who is there to be seen.
    seen: &'a [&'a Id],
    /// The same, from left to right.
    axis: &'a [&'a Id],
    speaking: Option<&'a Id>,
    actors: &'a [&'a Id],
    /// How strongly the first line is felt, 1 to 3.
    level: u8,
}

impl<'a> Stretch<'a> {
    /// Whom a near picture is of: who speaks, who acts; in silence whoever listened.
    fn subject(&self, coverage: &Coverage) -> Option<&'a Id> {
        let last = coverage.spoke.last();
        let listener = || self.seen.iter().find(|id| Some(**id) != last && last.is_some_and(|l| self.seen.contains(&l))).copied();
        self.speaking.or(self.actors.first().copied()).or_else(listener).or(self.seen.first().copied())
    }
}

/// Who is in the picture, from left to right.
fn shown<'a>(shot: &Stretch<'a>, framing: Framing, talk: &impl Fn(&Id) -> bool, coverage: &Coverage) -> Vec<&'a Id> {
    let subject = shot.subject(coverage);
    let mut shown: Vec<&Id> = match framing {
        Framing::Insert => Vec::new(),
        Framing::Close | Framing::Medium => subject.into_iter().collect(),
        // The two who talk; a third is in the next single, or waits for the next whole picture.
        Framing::MediumTwo | Framing::OverShoulder => {
            let other = subject.and_then(|id| {
                let answers = shot.seen.iter().find(|s| **s != id && talk(s)).or_else(|| shot.actors.iter().find(|a| **a != id));
                answers.copied().or_else(|| coverage.partner(id, shot.seen))
            });
            subject.into_iter().chain(other).collect()
        }
        Framing::Wide | Framing::Full => {
            // An image without anybody acting or speaking stays without people.
            if shot.actors.is_empty() && shot.speaking.is_none() && shot.beat.action.is_some() {
                Vec::new()
            } else {
                let first = shot.speaking.into_iter().chain(shot.actors.iter().copied()).chain(shot.axis.iter().copied());
                let mut whole: Vec<&Id> = Vec::new();
                first.for_each(|id| {
                    if whole.len() < 3 && !whole.contains(&id) {
                        whole.push(id);
                    }
                });
                whole
            }
        }
    };
    shown.sort_by_key(|id| shot.axis.iter().position(|a| a == id).unwrap_or(0));
    shown
}

fn weighty(beat: &Beat) -> bool {
    matches!(beat.function, BeatFn::Turn | BeatFn::Cost | BeatFn::Choice | BeatFn::Climax | BeatFn::Payoff)
}

/// Whether what is done shows nothing from the hip up: it wants whole people.
fn whole_body(beat: &Beat) -> bool {
    beat.action.as_ref().is_some_and(|a| matches!(pose(&a.verb), Pose::Walk | Pose::Run | Pose::Kneel))
}

/// What the picture is for: the rules in their order.
fn purpose(scene: &Scene, shot: &Stretch<'_>, coverage: &Coverage) -> Purpose {
    let Stretch { beat, seen, speaking, actors, .. } = *shot;
    let first = coverage.framings.is_empty();
    // An image of the place itself: nobody acts, or the film ends on it. Somebody's look comes before what they see, and
    // a word spoken over the last image does not take it away.
    if actors.is_empty() && beat.action.is_some() && (speaking.is_none() || beat.function == BeatFn::LastImage) {
        if beat.function == BeatFn::Image && seen_next(scene, beat) && !seen.is_empty() && !first {
            return Purpose::React;
        }
        let thing = fresh_prop(beat, coverage).is_some();
        let large = thing && !first && (coverage.last() != Some(Framing::Insert) || beat.function == BeatFn::LastImage);
        return if large { Purpose::Reveal } else { Purpose::Establish };
    }
    if first {
        return Purpose::Establish;
    }
    // A thing handled is seen once, large, before faces take over again.
    let handled = beat.action.as_ref().is_some_and(|a| handles(&a.verb));
    if handled && fresh_prop(beat, coverage).is_some() && coverage.last() != Some(Framing::Insert) && !coverage.ran(Framing::Insert, 1) {
        let inserts = coverage.framings.iter().filter(|f| **f == Framing::Insert).count();
        if inserts < 2 && (matches!(beat.function, BeatFn::Clue | BeatFn::Cost | BeatFn::Image) || speaking.is_none()) {
            return Purpose::Reveal;
        }
    }
    let near = |f: &Framing| !matches!(f, Framing::Wide | Framing::Full | Framing::Insert);
    let begun = coverage.framings.iter().any(near);
    match speaking {
        Some(_) if weighty(beat) || shot.level >= 2 => Purpose::Confront,
        Some(_) if seen.len() >= 2 && begun => Purpose::Confront,
        Some(_) => Purpose::Approach,
        None if !actors.is_empty() || whole_body(beat) => Purpose::Approach,
        None => Purpose::React,
    }
}

/// How it is framed. What is done by two together is seen in a two-shot. Whoever speaks alone is seen alone or past the
/// other's shoulder, and nearer as it weighs more; in silence one sees who listens.
fn choose_framing(purpose: Purpose, location: &Location, shot: &Stretch<'_>, coverage: &Coverage) -> Framing {
    let Stretch { beat, seen, speaking, actors, .. } = *shot;
    let two = seen.len() >= 2;
    // From the whole picture to people: scenes take turns between both, past a shoulder, and one alone. A narrow frame has
    // no room for two beside each other.
    let entry = match coverage.scene % 3 {
        0 if !coverage.narrow() => Framing::MediumTwo,
        2 => Framing::Medium,
        _ => Framing::OverShoulder,
    };
    let again = match coverage.last() {
        Some(Framing::OverShoulder) => Framing::Close,
        _ => Framing::OverShoulder,
    };
    match purpose {
        Purpose::Establish if indoors(location.family) => Framing::Full,
        Purpose::Establish => Framing::Wide,
        Purpose::Reveal => Framing::Insert,
        Purpose::Confront if weighty(beat) || shot.level >= 2 => match (coverage.ran(Framing::Close, 2), two) {
            (false, _) => Framing::Close,
            (true, true) => again,
            (true, false) => Framing::Medium,
        },
        Purpose::Confront => match coverage.last() {
            Some(Framing::MediumTwo | Framing::Close) => again,
            Some(Framing::OverShoulder) if coverage.ran(Framing::OverShoulder, 2) => Framing::Close,
            Some(Framing::OverShoulder) => Framing::OverShoulder,
            Some(Framing::Medium) => Framing::Medium,
            _ => Framing::Close,
        },
        Purpose::Approach if speaking.is_some() => match coverage.last() {
            _ if two => entry,
            Some(Framing::Medium) => Framing::Close,
            _ => Framing::Medium,
        },
        Purpose::Approach if whole_body(beat) => Framing::Full,
        // What two do together; what one does is seen of that one, with what is in their hands.
        Purpose::Approach if actors.len() >= 2 && coverage.aspect == Aspect::Tall => Framing::Full,
        Purpose::Approach if actors.len() >= 2 => Framing::MediumTwo,
        Purpose::Approach if coverage.last() == Some(Framing::Medium) => Framing::Full,
        Purpose::Approach => Framing::Medium,
        // A look at what is seen next is near, also of one who is alone.
        Purpose::React if two || beat.action.is_some() => Framing::Close,
        Purpose::React if coverage.last() == Some(Framing::Medium) => Framing::Full,
        Purpose::React => Framing::Medium,
    }
}

/// The other ways to see the same beat, the best first.
fn others(wanted: Framing, shot: &Stretch<'_>, coverage: &Coverage) -> Vec<Framing> {
    let two = shot.seen.len() >= 2;
    let all = match wanted {
        Framing::Close if two => [Framing::OverShoulder, Framing::Medium, Framing::MediumTwo, Framing::Full],
        Framing::Close => [Framing::Medium, Framing::Full, Framing::Wide, Framing::Full],
        Framing::Wide | Framing::Full if shot.actors.len() == 1 || !two => [Framing::Medium, Framing::Close, Framing::Full, Framing::Wide],
        Framing::Wide | Framing::Full => [Framing::MediumTwo, Framing::OverShoulder, Framing::Full, Framing::Wide],
        Framing::Medium if weighty(shot.beat) || shot.level >= 2 || coverage.narrow() => {
            [Framing::Close, Framing::OverShoulder, Framing::Full, Framing::Full]
        }
        _ => [Framing::OverShoulder, Framing::Medium, Framing::Close, Framing::Full],
    };
    // Past a shoulder one sees who speaks; without two there is no shoulder.
    let can = |f: &Framing| match f {
        Framing::OverShoulder => two && shot.speaking.is_some(),
        Framing::MediumTwo => two,
        _ => true,
    };
    all.into_iter().filter(|f| can(f)).collect()
}

/// The last prop of the beat that has not filled a frame in this scene.
fn fresh_prop(beat: &Beat, coverage: &Coverage) -> Option<Id> {
    beat.action.as_ref()?.props.iter().rev().find(|p| !coverage.inserts.contains(p)).cloned()
}

/// Whether the beat after this one ends the film on a thing that is seen here too.
fn seen_next(scene: &Scene, beat: &Beat) -> bool {
    let next = scene.beats.iter().skip_while(|b| b.id != beat.id).nth(1).filter(|b| b.function == BeatFn::LastImage);
    let props = |b: &Beat| b.action.iter().flat_map(|a| a.props.clone()).collect::<Vec<_>>();
    next.is_some_and(|n| props(n).iter().any(|p| props(beat).contains(p)))
}

/// Verbs of hands on things.
fn handles(verb: &str) -> bool {
    const HANDS: &[&str] = &[
        "touch",
        "hold",
        "hold_up",
        "count",
        "write",
        "blot",
        "strike_out",
        "sign",
        "open",
        "close",
        "light",
        "put_out",
        "pour",
        "cut",
        "give",
        "take",
        "cover",
        "uncover",
        "turn",
        "lay",
        "lift",
        "wipe",
        "read",
        "stamp",
        "fold",
        "tie",
        "untie",
        "set",
        "set_down",
        "find",
        "burn",
        "tear",
    ];
    HANDS.contains(&verb)
}

fn pose(verb: &str) -> Pose {
    match verb {
        "sit" | "sit_down" | "wake" | "write" | "read" | "blot" | "sleep" | "sign" | "row" | "rest" | "lie" | "sink" => Pose::Sit,
        "walk" | "cross" | "leave" | "climb" | "enter" | "push_off" | "come" | "go" | "step" | "lead_off" | "follow" | "pace" => Pose::Walk,
        "run" | "flee" | "chase" | "rush" | "race" | "bolt" | "dash" => Pose::Run,
        "embrace" | "hug" | "cling" | "comfort" => Pose::Embrace,
        "kneel" | "crouch" | "dig" | "plant" | "bow" | "pray" => Pose::Kneel,
        "point" | "show" | "send" | "order" => Pose::Point,
        "hold" | "hold_up" | "hold_out" | "lift" | "carry" | "light" | "put_out" | "take" | "give" | "offer" | "raise" => Pose::Hold,
        _ => Pose::Stand,
    }
}

/// Whether a framing shows what the body does: near ones end above the hip, and a close-up shows no arm that points.
fn seen_in(pose: Pose, framing: Framing) -> bool {
    match framing {
        Framing::Wide | Framing::Full => true,
        Framing::MediumTwo => matches!(pose, Pose::Stand | Pose::Sit | Pose::Hold | Pose::Point | Pose::Embrace),
        Framing::Medium => matches!(pose, Pose::Stand | Pose::Sit | Pose::Hold | Pose::Point),
        Framing::OverShoulder | Framing::Close | Framing::Insert => matches!(pose, Pose::Stand | Pose::Hold),
    }
}

/// How a shot takes a face. Two close-ups that answer one another are of one size (art direction §2), so sizes change with
/// every other close-up of a scene; turn and bend change with every one. What weighs most comes nearest.
fn take(scene: &Scene, beat: &Beat, framing: Framing, pose: Pose, speaks: bool, feels: Option<EmotionTag>, coverage: &Coverage) -> Take {
    // Which of its framing this is in the scene, counted as the director alone would have chosen.
    let n = coverage.framings.iter().filter(|f| **f == framing).count() as u64;
    let first = Seed::of(&["take", &scene.id]).below(60);
    let at = |row: &[i16], k: u64| row[((first + k) % row.len() as u64) as usize];
    let gaze = match feels.map(|e| (e.tag, e.level)) {
        Some((Emotion::Shame | Emotion::Grief, 2..)) => Gaze::Down,
        Some((Emotion::Guarded | Emotion::Irony, 2..)) => Gaze::Aside,
        _ => Gaze::Partner,
    };
    match framing {
        Framing::Close => {
            // Somebody who only looks is a line against the light; once in a scene, and never twice running.
            let watches = !speaks && feels.is_none() && n % 3 != 1;
            let turn = match (first + n) % 4 {
                _ if watches => Turn::Profile,
                1 => Turn::Slight,
                _ => Turn::ThreeQuarter,
            };
            let strong = weighty(beat) || feels.is_some_and(|e| e.level >= 3);
            let nearer = if strong { at(&[190, 240], n / 2) } else { at(&[0, -130, 90, -70], n / 2) };
            Take { turn, gaze, nearer, tilt: at(&[0, 45, -25, 70, -40], n) }
        }
        Framing::Medium => Take { turn: Turn::ThreeQuarter, gaze, nearer: at(&[0, 90, -60], n), tilt: at(&[25, -20, 50], n) },
        // The one who listens turns wholly to the one who speaks, every other time.
        Framing::MediumTwo if pose == Pose::Embrace => Take { tilt: 60, ..Take::default() },
        Framing::MediumTwo => {
            let turn = if !speaks && n % 2 == 1 { Turn::Profile } else { Turn::ThreeQuarter };
            Take { turn, gaze, nearer: 0, tilt: if speaks { at(&[30, 10, 45], n) } else { at(&[0, 35, -25], n) } }
        }
        Framing::OverShoulder => Take { gaze, tilt: at(&[0, 40, -20], n), ..Take::default() },
        Framing::Full | Framing::Wide if matches!(pose, Pose::Walk | Pose::Run) => Take { turn: Turn::Profile, ..Take::default() },
        Framing::Full => Take { tilt: at(&[0, 50, -30], n), ..Take::default() },
        Framing::Wide | Framing::Insert => Take::default(),
    }
}

fn leads(cast: &Cast, id: &Id) -> bool {
    cast.members.iter().any(|m| &m.id == id && m.part == Part::Lead)
}

/// How the people of a scene stand, from left to right: the lead at the left, whoever answers at the right, others between
/// them. Every shot of the scene keeps this order, so that the line between any two is never crossed.
fn axis<'a>(cast: &Cast, seen: &[&'a Id]) -> Vec<&'a Id> {
    let mut order: Vec<&Id> = seen.to_vec();
    order.sort_by_key(|id| (!leads(cast, id), id.as_str().to_owned()));
    if order.len() > 2 {
        let answers = order.remove(1);
        order.push(answers);
    }
    order
}

/// The face of an emotion (sixteen tags, ten faces).
pub fn face(emotion: EmotionTag) -> Expression {
    match (emotion.tag, emotion.level) {
        (Emotion::Calm, _) => Expression::Neutral,
        (Emotion::Guarded | Emotion::Contempt, _) => Expression::Stern,
        (Emotion::Warmth | Emotion::Relief, 2..) => Expression::Happy,
        (Emotion::Warmth | Emotion::Relief | Emotion::Tenderness | Emotion::Irony | Emotion::Hope, _) => Expression::Soft,
        (Emotion::Fear, 3..) | (Emotion::Alarm, 3..) => Expression::Afraid,
        (Emotion::Wonder, 2..) | (Emotion::Alarm, 2) => Expression::Surprised,
        (Emotion::Wonder, _) => Expression::Soft,
        (Emotion::Fear | Emotion::Alarm | Emotion::Pleading, _) => Expression::Worried,
        (Emotion::Grief | Emotion::Shame, _) => Expression::Sad,
        (Emotion::Anger, _) => Expression::Angry,
        (Emotion::Resolve, _) => Expression::Determined,
    }
}

fn listening(mood: Mood) -> Expression {
    match mood {
        Mood::Uneasy | Mood::Tense => Expression::Worried,
        Mood::Wary | Mood::Watchful => Expression::Stern,
        Mood::Heavy => Expression::Sad,
        Mood::Tender | Mood::Hopeful => Expression::Soft,
        Mood::Calm => Expression::Neutral,
    }
}

/// Push-in 3–5 % or pan 2–4 % of the width, never both (art direction §9). A tall frame has no room at its sides: it tilts
/// where a wide one pans, 2–3 % of its height.
fn movement(beat: &Beat, framing: Framing, toward: Facing, aspect: Aspect) -> Movement {
    let mut seed = Seed::of(&["movement", &beat.id]);
    let tall = aspect == Aspect::Tall;
    let (kind, amount) = match (beat.function, framing) {
        (BeatFn::LastImage, Framing::Insert) => (MoveKind::PushIn, 55),
        (BeatFn::LastImage, _) => (MoveKind::PullOut, 40),
        (BeatFn::Turn | BeatFn::Climax, _) => (MoveKind::PushIn, 50),
        // From the sky down to people, or from their feet up to their faces.
        (_, Framing::Wide) if tall => (if seed.below(3) == 0 { MoveKind::TiltUp } else { MoveKind::TiltDown }, 30),
        (_, Framing::Full) if tall => (MoveKind::TiltUp, 26),
        (_, Framing::MediumTwo | Framing::Medium) if tall => (MoveKind::PushIn, 24),
        (_, Framing::OverShoulder) => (MoveKind::PushIn, 24),
        (_, Framing::Wide) => (if seed.below(2) == 0 { MoveKind::PanLeft } else { MoveKind::PanRight }, 30),
        (_, Framing::Full) => (MoveKind::PushIn, 40),
        (_, Framing::MediumTwo) => (if seed.below(2) == 0 { MoveKind::PushIn } else { MoveKind::PanRight }, 22),
        (_, Framing::Medium) => (if toward == Facing::Left { MoveKind::PanLeft } else { MoveKind::PanRight }, 20),
        (_, Framing::Close) => (MoveKind::PushIn, 32),
        (_, Framing::Insert) => (MoveKind::PushIn, 36),
    };
    Movement::new(kind, amount)
}
