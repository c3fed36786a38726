//! The author's hand on shots and music (law 5). A note changes its own shot and nothing else: what the director would have
//! chosen stays what the shots after it are chosen from.

use std::collections::{BTreeMap, BTreeSet};

use contracts::{
    EditRate, Id, Seed,
    notes::{MusicNote, NoteFault, NoteRef, Notes, ShotNote},
    picture::Framing,
    shots::{MoveKind, Movement, ShotContent, Transition},
    story::{Beat, Cast, Scene, Script},
    time::ms_of_samples,
};

use crate::time::{MAX_SHOT_MS, stays};

/// The shortest a person may make a shot.
const MIN_SHOT_MS: u64 = 250;

/// Holds the notes on shots and music against the script, as far as that can be done before a line is spoken.
///
/// # Errors
/// The first note that names a beat or scene that is not there, or asks for what its beat cannot show.
pub fn check_notes(script: &Script, cast: &Cast, notes: &Notes) -> Result<(), NoteFault> {
    Hand::new(script, cast, notes).map(|_| ())
}

/// The notes, by the shot or scene they are about.
pub struct Hand<'a> {
    shots: BTreeMap<Id, (usize, &'a ShotNote)>,
    music: BTreeMap<&'a Id, &'a MusicNote>,
    met: BTreeSet<Id>,
}

impl<'a> Hand<'a> {
    pub fn new(script: &Script, cast: &Cast, notes: &'a Notes) -> Result<Self, NoteFault> {
        notes.check()?;
        let mut shots = BTreeMap::new();
        for (n, note) in notes.shots.iter().enumerate() {
            let at = NoteRef::Shot(n);
            if let Some(ms) = note.length_ms.filter(|ms| !(MIN_SHOT_MS..=MAX_SHOT_MS).contains(&u64::from(*ms))) {
                let why = format!(
                    "length of {} is {}; expected {} to {}",
                    note.at,
                    seconds(ms.into()),
                    seconds(MIN_SHOT_MS),
                    seconds(MAX_SHOT_MS)
                );
                return Err(NoteFault::malformed(at, why));
            }
            let beat = script.beats().find(|(_, b)| b.id == note.at || part_of(&b.id, &note.at).is_some());
            let shot = match beat {
                Some((_, beat)) if beat.id == note.at => {
                    beat.id.child("s1").map_err(|e| NoteFault::malformed(at.clone(), e.to_string()))?
                }
                _ => note.at.clone(),
            };
            match beat {
                Some((scene, beat)) if is_picture(part_of(&beat.id, &shot)) => can_show(scene, beat, cast, note, at)?,
                Some(_) => only_a_card(note, at)?,
                None if note.at.as_str() == END_CARD => only_a_card(note, at)?,
                None => return Err(NoteFault::unknown(at, "shot or beat", &note.at, script.beats().map(|(_, b)| b.id.as_str()))),
            }
            shots.insert(shot, (n, note));
        }
        let mut music = BTreeMap::new();
        for (n, note) in notes.music.iter().enumerate() {
            if !script.scenes.iter().any(|s| s.id == note.scene_id) {
                let known = script.scenes.iter().map(|s| s.id.as_str());
                return Err(NoteFault::unknown(NoteRef::Music(n), "scene", &note.scene_id, known));
            }
            music.insert(&note.scene_id, note);
        }
        Ok(Self { shots, music, met: BTreeSet::new() })
    }

    /// What a person decided about a shot.
    pub fn shot(&mut self, id: &Id) -> Asked<'a> {
        let note = self.shots.get(id).copied();
        if note.is_some() {
            self.met.insert(id.clone());
        }
        Asked(note)
    }

    /// What a person decided about the music of a scene.
    pub fn music(&self, scene: &Id) -> Option<&'a MusicNote> {
        self.music.get(scene).copied()
    }

    /// Every note found its shot. How many shots a beat has is known only once its lines are spoken.
    pub fn all_met<'s>(&self, shots: impl Iterator<Item = &'s Id> + Clone) -> Result<(), NoteFault> {
        match self.shots.iter().find(|(id, _)| !self.met.contains(*id)) {
            None => Ok(()),
            Some((id, (n, _))) => Err(NoteFault::unknown(NoteRef::Shot(*n), "shot in this film called", id, shots.map(|s| s.as_str()))),
        }
    }
}

/// The id of the card that ends a film.
pub const END_CARD: &str = "end-card";

/// `s1` of `sc01-b02-s1`, when the beat is `sc01-b02`.
fn part_of<'i>(beat: &Id, shot: &'i Id) -> Option<&'i str> {
    shot.strip_prefix(beat.as_str())?.strip_prefix('-')
}

fn is_picture(part: Option<&str>) -> bool {
    part.and_then(|p| p.strip_prefix('s')).is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether the beat has what the note wants to be seen.
fn can_show(scene: &Scene, beat: &Beat, cast: &Cast, note: &ShotNote, at: NoteRef) -> Result<(), NoteFault> {
    if !stays(scene, beat) {
        return Err(NoteFault::impossible(at, format!("{} has no picture: nothing happens in it and nothing is said any more", beat.id)));
    }
    let seen = scene.present.iter().filter(|id| cast.members.iter().any(|m| m.id == **id && m.look.is_some())).count();
    let why = match note.framing {
        Some(Framing::Insert) if beat.action.as_ref().is_none_or(|a| a.props.is_empty()) => {
            "an insert shows a thing, and its beat has none"
        }
        Some(Framing::MediumTwo) if seen < 2 => "medium_two shows two people, and its scene has fewer",
        Some(Framing::OverShoulder) if seen < 2 => "over_shoulder shows two people, and its scene has fewer",
        Some(Framing::Medium | Framing::Close) if seen == 0 => "it shows a person, and nobody is in its scene",
        _ => return Ok(()),
    };
    Err(NoteFault::impossible(at, format!("framing of {}: {why}", note.at)))
}

fn only_a_card(note: &ShotNote, at: NoteRef) -> Result<(), NoteFault> {
    if note.framing.is_none() && note.library_id.is_none() {
        return Ok(());
    }
    Err(NoteFault::impossible(at, format!("{} is a card: it has length, move and begins, but neither framing nor picture", note.at)))
}

/// What was asked of one shot, if anything.
#[derive(Clone, Copy)]
pub struct Asked<'a>(Option<(usize, &'a ShotNote)>);

impl Asked<'_> {
    pub fn framing(self) -> Option<Framing> {
        self.0.and_then(|(_, note)| note.framing)
    }

    /// Whole frames of a shot that would have `usual`: as many as were asked for, never fewer than its lines need. `sounding` is
    /// the sample at which its last line ends, `runs_over` whether a line goes on in the shot after it.
    pub fn frames(self, rate: EditRate, usual: u64, sounding: u64, runs_over: bool) -> Result<u64, NoteFault> {
        let Some((n, note, ms)) = self.0.and_then(|(n, note)| note.length_ms.map(|ms| (n, note, u64::from(ms)))) else { return Ok(usual) };
        let at = NoteRef::Shot(n);
        if runs_over {
            let why = format!("length of {}: a line runs over its end; set the length of the last shot of its beat", note.at);
            return Err(NoteFault::impossible(at, why));
        }
        let mut frames = rate.frames_from_ms(ms).max(1);
        while rate.ms(frames) > MAX_SHOT_MS {
            frames -= 1;
        }
        if frames < rate.frames_to_hold(sounding) {
            // Rounded up to a tenth, so that the figure named can be written down.
            let needs = ms_of_samples(sounding).div_ceil(100) * 100 + 100;
            let why = format!(
                "length of {} is {}, and its lines sound until {} in it: give that, or cut a line",
                note.at,
                seconds(ms),
                seconds(needs.min(MAX_SHOT_MS))
            );
            return Err(NoteFault::impossible(at, why));
        }
        Ok(frames)
    }

    /// The move: the director's when it is the one asked for. No two shots tremble alike: a held camera's tremor hangs on the
    /// shot's id.
    pub fn movement(self, usual: Movement, shot: &Id) -> Movement {
        match self.0.and_then(|(_, note)| note.movement) {
            Some(MoveKind::Handheld) => {
                let seed = Seed::of(&["handheld", shot]).below(u64::from(u32::MAX)) as u32;
                Movement { seed, ..Movement::new(MoveKind::Handheld, amount(MoveKind::Handheld)) }
            }
            Some(kind) if kind != usual.kind => Movement::new(kind, amount(kind)),
            _ => usual,
        }
    }

    /// How it begins. `mix` is the length of a dissolve in frames, `first` whether it is the film's first shot.
    pub fn transition(self, usual: Transition, mix: u64, first: bool) -> Result<Transition, NoteFault> {
        let Some((n, note, asked)) = self.0.and_then(|(n, note)| note.transition.map(|t| (n, note, t))) else { return Ok(usual) };
        match asked {
            Transition::Cut => Ok(Transition::Cut),
            Transition::FromBlack { .. } if first => Ok(usual),
            asked if first && asked.shows_previous() => {
                Err(NoteFault::impossible(NoteRef::Shot(n), format!("{} begins the film: nothing stands before it to come from", note.at)))
            }
            Transition::FromBlack { .. } => Ok(Transition::Dissolve { frames: mix }),
            asked => Ok(asked.lasting(mix)),
        }
    }

    /// A picture of the author's is the whole picture: nobody is put before it.
    pub fn picture(self, content: &mut ShotContent) {
        if let (Some(id), ShotContent::Picture(picture)) = (self.0.and_then(|(_, note)| note.library_id.clone()), content) {
            picture.library_id = Some(id);
            picture.figures.clear();
        }
    }
}

/// How far a move goes that the director did not choose (art direction §9: push 3–5 %, pan 2–4 %).
fn amount(kind: MoveKind) -> u32 {
    match kind {
        MoveKind::Hold => 0,
        MoveKind::PushIn | MoveKind::PullOut => 40,
        MoveKind::PanLeft | MoveKind::PanRight | MoveKind::TrackLeft | MoveKind::TrackRight => 30,
        MoveKind::ParallaxLeft | MoveKind::ParallaxRight => 25,
        MoveKind::Handheld => 4,
        MoveKind::TiltUp | MoveKind::TiltDown => 20,
    }
}

/// `3.5 s`.
fn seconds(ms: u64) -> String {
    format!("{}.{} s", ms / 1000, ms % 1000 / 100)
}
