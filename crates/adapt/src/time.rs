//! Timing: beats become shots of whole frames around lines that were really spoken; then the lock is set.

use contracts::{
    EditRate, Id, SAMPLE_RATE,
    canon::Location,
    picture::{CardKind, Framing},
    shots::{CardContent, LineCue, MoveKind, Movement, MusicCue, Picture, Shot, ShotContent, ShotList, SoundCue, Transition},
    story::{Beat, BeatFn, Line, Mood, Scene},
    table_read::ReadLine,
    time::samples_of_ms,
};

use crate::{
    AdaptError, Story,
    direct::{Coverage, direct},
    hand::{END_CARD, Hand},
};

/// The longest a shot may last (design §7).
pub const MAX_SHOT_MS: u64 = 8_000;

// Silences of the table read, in milliseconds (writing direction §1, measured on its samples).
const LEAD: u64 = 200;
const LEAD_UNDER_ACTION: u64 = 600;
const GAP: u64 = 250;
const SCENE: u64 = 250;
const TITLE: u64 = 1_800;
const END: u64 = 2_000;
const DISSOLVE: u64 = 420;
const FROM_BLACK: u64 = 330;
const EFFECT: u64 = 2_800;
/// A picture in which nothing happens and nobody speaks.
const LOOK: u64 = 1_400;

/// Adapts a script: shots with lengths, line cues, sounds and music, under a timing lock.
pub fn shot_list(story: &Story<'_>) -> Result<ShotList, AdaptError> {
    let mut film = Film {
        story,
        hand: Hand::new(story.script, story.cast, story.notes)?,
        rate: story.project.edit_rate,
        frame: 0,
        shots: Vec::new(),
        lines: Vec::new(),
        sounds: Vec::new(),
        music: Vec::new(),
    };
    for (nth, scene) in story.script.scenes.iter().enumerate() {
        film.scene(scene, nth)?;
    }
    if film.shots.is_empty() {
        return Err(AdaptError::Empty);
    }
    film.end_card()?;
    film.hand.all_met(film.shots.iter().map(|s| &s.id))?;
    film.close_sounds();
    let Film { shots, lines, sounds, music, frame, rate, .. } = film;
    let timing_lock = ShotList::compute_lock(rate, &shots)?;
    Ok(ShotList {
        project_id: story.project.id.clone(),
        episode: story.script.episode,
        edit_rate: rate,
        shots,
        lines,
        sounds,
        music,
        total_frames: frame,
        timing_lock,
    })
}

struct Film<'a> {
    story: &'a Story<'a>,
    hand: Hand<'a>,
    rate: EditRate,
    frame: u64,
    shots: Vec<Shot>,
    lines: Vec<LineCue>,
    sounds: Vec<SoundCue>,
    music: Vec<MusicCue>,
}

/// A stretch of a beat that becomes one shot: milliseconds are settled as samples before frames are counted.
struct Stretch<'a> {
    suffix: String,
    samples: u64,
    /// Line and its start in samples from the start of the stretch.
    lines: Vec<(&'a Line, u64, u64)>,
    /// A line that began in the stretch before, and the sample of this one at which it ends, or would.
    running: Option<(&'a Line, u64)>,
    card: Option<CardContent>,
}

/// Whether a beat is seen. One that lost its only line and shows nothing is passed over, unless something hangs on its
/// picture, or its scene would be left without one.
pub fn stays(scene: &Scene, beat: &Beat) -> bool {
    let bare = |b: &Beat| b.action.is_none() && b.lines.is_empty() && b.effects.is_empty() && b.sounds.is_empty();
    !bare(beat) || (scene.beats.iter().all(bare) && scene.beats.first().is_some_and(|b| b.id == beat.id))
}

impl<'a> Film<'a> {
    fn scene(&mut self, scene: &'a Scene, nth: usize) -> Result<(), AdaptError> {
        let story = self.story;
        let location = story.canon.locations.iter().find(|l| l.id == scene.location_id).ok_or_else(|| AdaptError::Unknown {
            place: scene.id.to_string(),
            what: "location",
            id: scene.location_id.to_string(),
            missing_from: "canon",
        })?;
        let first_frame = self.frame;
        let mut coverage = Coverage::new(story.project.aspect, nth);
        let mut begun = false;
        for beat in &scene.beats {
            let stretches = if stays(scene, beat) { self.stretches(beat, !begun && !self.shots.is_empty())? } else { Vec::new() };
            // However many pictures a beat needs, the beats after it are directed from its first: a line that grows or is
            // added changes no picture but those it sounds over.
            let mut later: Option<Coverage> = None;
            for (n, stretch) in stretches.into_iter().enumerate() {
                let transition = match (self.shots.is_empty(), begun) {
                    (true, _) => Transition::FromBlack { frames: self.rate.frames_from_ms(FROM_BLACK) },
                    (false, false) => Transition::Dissolve { frames: self.rate.frames_from_ms(DISSOLVE) },
                    _ => Transition::Cut,
                };
                let seen = if n == 0 { &mut coverage } else { later.get_or_insert_with(|| coverage.clone()) };
                self.shot(scene, beat, location, stretch, transition, n == 0, seen)?;
                begun = true;
            }
            if beat.id == story.script.title_after {
                let text = vec![story.script.title.clone()];
                let small = vec![story.project.title.clone()];
                self.card(beat.id.child("title")?, CardKind::Title, text, small, TITLE)?;
            }
        }
        self.air(scene, location, first_frame);
        self.score(scene, first_frame);
        Ok(())
    }

    /// Cuts a beat into stretches: one picture, or several when it would outlast the longest shot; silent films get an
    /// intertitle for each line.
    fn stretches(&self, beat: &'a Beat, scene_change: bool) -> Result<Vec<Stretch<'a>>, AdaptError> {
        let head = if scene_change { samples_of_ms(SCENE) } else { 0 };
        let bare = if beat.lines.is_empty() { LOOK } else { 0 };
        let action = beat.action.as_ref().map_or(bare, |a| a.weight.ms());
        let hold = samples_of_ms(beat.hold_after.ms());
        if !self.story.read.voiced {
            let mut out = vec![Stretch {
                suffix: "s1".into(),
                samples: head + samples_of_ms(action.max(LOOK)) + hold,
                lines: Vec::new(),
                running: None,
                card: None,
            }];
            for line in &beat.lines {
                let read = self.read_line(line)?;
                out.extend(cards(beat, line, read.samples, &self.speaker(line)));
            }
            return Ok(out);
        }
        let mut at = head;
        let mut placed: Vec<(&Line, u64, u64)> = Vec::new();
        if !beat.lines.is_empty() {
            let lead =
                if beat.action.is_some() { u64::from(beat.line_after_ms.unwrap_or(LEAD_UNDER_ACTION as u32)).max(LEAD) } else { LEAD };
            at += samples_of_ms(lead);
            for (n, line) in beat.lines.iter().enumerate() {
                if n > 0 {
                    at += samples_of_ms(GAP);
                }
                at += samples_of_ms(line.hold_before.ms());
                let read = self.read_line(line)?;
                placed.push((line, at, read.samples));
                at += read.samples;
            }
            at += samples_of_ms(GAP);
        }
        let total = at.max(head + samples_of_ms(action)) + hold;
        Ok(split(placed, total))
    }

    fn read_line(&self, line: &Line) -> Result<&'a ReadLine, AdaptError> {
        self.story.read.lines.iter().find(|r| r.line_id == line.id).ok_or_else(|| AdaptError::Unknown {
            place: line.id.to_string(),
            what: "line",
            id: line.id.to_string(),
            missing_from: "table read",
        })
    }

    fn speaker(&self, line: &Line) -> String {
        self.story.cast.members.iter().find(|m| m.id == line.speaker_id).map_or_else(|| line.speaker_id.to_string(), |m| m.name.clone())
    }

    #[allow(clippy::too_many_arguments, reason = "everything a shot hangs on; a struct for one caller would only rename it")]
    fn shot(
        &mut self,
        scene: &Scene,
        beat: &Beat,
        location: &Location,
        stretch: Stretch<'_>,
        transition: Transition,
        first: bool,
        coverage: &mut Coverage,
    ) -> Result<(), AdaptError> {
        let id = beat.id.child(&stretch.suffix)?;
        let asked = self.hand.shot(&id);
        let ends = stretch.lines.iter().map(|(_, at, samples)| at + samples).chain(stretch.running.map(|(_, end)| end)).max().unwrap_or(0);
        let usual = self.rate.frames_to_hold(stretch.samples).max(1);
        let frames = asked.frames(self.rate, usual, ends, ends > stretch.samples)?;
        let mix = self.rate.frames_from_ms(DISSOLVE).min(frames / 2);
        let transition = asked.transition(transition, mix, self.shots.is_empty())?;
        let transition = transition.lasting(transition.frames().min(frames / 2));
        let start = self.rate.samples_at(self.frame);
        let (mut content, movement, purpose) = match stretch.card {
            Some(card) => (ShotContent::Card(card), Movement::new(MoveKind::PushIn, 12), None),
            None => {
                let spoken: Vec<&Line> = stretch.running.iter().map(|(l, _)| *l).chain(stretch.lines.iter().map(|(l, _, _)| *l)).collect();
                let directed = direct(self.story.cast, scene, beat, location, &spoken, asked.framing(), coverage);
                let mut props: Vec<Id> = beat.action.iter().flat_map(|a| a.props.iter().cloned()).collect();
                if let Some(prop) = &directed.insert {
                    // The thing that fills the frame comes first.
                    props.retain(|p| p != prop);
                    props.insert(0, prop.clone());
                }
                let framing =
                    if directed.framing == Framing::Insert && directed.insert.is_none() { Framing::Medium } else { directed.framing };
                let picture = Picture {
                    location_id: scene.location_id.clone(),
                    time_of_day: scene.time_of_day,
                    weather: scene.weather,
                    mood: scene.mood,
                    framing,
                    toward: directed.toward,
                    figures: directed.figures,
                    props,
                    description: beat.action.as_ref().map_or_else(String::new, |a| a.text.clone()),
                    library_id: None,
                };
                (ShotContent::Picture(picture), directed.movement, Some(directed.purpose))
            }
        };
        asked.picture(&mut content);
        let movement = asked.movement(movement, &id);
        for (line, offset, samples) in &stretch.lines {
            self.lines.push(LineCue {
                line_id: line.id.clone(),
                speaker_id: line.speaker_id.clone(),
                shot_id: id.clone(),
                start: start + offset,
                samples: *samples,
            });
        }
        if first {
            for sound in &beat.sounds {
                self.sounds.push(SoundCue {
                    sound: sound.clone(),
                    shot_id: id.clone(),
                    start,
                    samples: samples_of_ms(EFFECT),
                    ambience: false,
                });
            }
        }
        self.shots.push(Shot {
            id,
            scene_id: Some(scene.id.clone()),
            beat_id: Some(beat.id.clone()),
            function: Some(beat.function),
            purpose,
            start_frame: self.frame,
            frames,
            content,
            movement,
            transition,
        });
        self.frame += frames;
        Ok(())
    }

    fn card(&mut self, id: Id, card: CardKind, text: Vec<String>, small: Vec<String>, ms: u64) -> Result<(), AdaptError> {
        let asked = self.hand.shot(&id);
        let frames = asked.frames(self.rate, self.rate.frames_from_ms(ms).max(1), 0, false)?;
        let mix = self.rate.frames_from_ms(DISSOLVE).min(frames / 2);
        let transition = asked.transition(Transition::Dissolve { frames: mix }, mix, false)?;
        let movement = asked.movement(Movement::new(MoveKind::PushIn, 14), &id);
        self.shots.push(Shot {
            id,
            scene_id: None,
            beat_id: None,
            function: None,
            purpose: None,
            start_frame: self.frame,
            frames,
            content: ShotContent::Card(CardContent { card, text, small }),
            movement,
            transition,
        });
        self.frame += frames;
        Ok(())
    }

    fn end_card(&mut self) -> Result<(), AdaptError> {
        let project = self.story.project;
        let start = self.rate.samples_at(self.frame);
        let text = vec![self.story.script.title.clone()];
        let small = vec![
            format!("{}, episode {}", project.title, self.story.script.episode),
            "Written, painted, spoken and scored by Reelwright".to_owned(),
        ];
        self.card(Id::new(END_CARD)?, CardKind::End, text, small, END)?;
        let samples = self.rate.samples_at(self.frame) - start;
        self.music.push(MusicCue { scene_id: None, mood: Mood::Watchful, level: 2, start, samples });
        Ok(())
    }

    /// The air of the place, from the scene's first frame to its last.
    fn air(&mut self, scene: &Scene, location: &Location, first_frame: u64) {
        let (start, end) = (self.rate.samples_at(first_frame), self.rate.samples_at(self.frame));
        let Some(shot) = self.shots.iter().find(|s| s.scene_id.as_ref() == Some(&scene.id)).map(|s| s.id.clone()) else { return };
        for sound in &location.sounds {
            if let Ok(sound) = Id::new(sound.clone()) {
                self.sounds.push(SoundCue { sound, shot_id: shot.clone(), start, samples: end - start, ambience: true });
            }
        }
    }

    /// One cue a scene, one degree stronger from the beat on that turns it.
    fn score(&mut self, scene: &Scene, first_frame: u64) {
        let end = self.rate.samples_at(self.frame);
        let turn = self
            .shots
            .iter()
            .find(|s| {
                s.scene_id.as_ref() == Some(&scene.id)
                    && matches!(s.function, Some(BeatFn::Turn | BeatFn::Cost | BeatFn::Climax | BeatFn::LastImage))
            })
            .map(|s| self.rate.samples_at(s.start_frame));
        let start = self.rate.samples_at(first_frame);
        let note = self.hand.music(&scene.id);
        let mood = note.and_then(|n| n.mood).unwrap_or(scene.mood);
        let mut cue = |from: u64, to: u64, level: u8| {
            if to > from {
                self.music.push(MusicCue { scene_id: Some(scene.id.clone()), mood, level, start: from, samples: to - from });
            }
        };
        match turn {
            // A level of the author's holds from end to end.
            _ if note.is_some_and(|n| n.level.is_some()) => cue(start, end, note.and_then(|n| n.level).unwrap_or(1)),
            Some(at) => {
                cue(start, at, 1);
                cue(at, end, 2);
            }
            None => cue(start, end, 1),
        }
    }

    /// `oars_stop` ends every `oars` that is still sounding; nothing sounds past the film.
    fn close_sounds(&mut self) {
        let stops: Vec<(String, u64)> =
            self.sounds.iter().filter_map(|s| s.sound.strip_suffix("_stop").map(|name| (name.to_owned(), s.start))).collect();
        self.sounds.retain(|s| !s.sound.ends_with("_stop"));
        let film = self.rate.samples_at(self.frame);
        for sound in &mut self.sounds {
            for (name, at) in &stops {
                let same = sound.sound.as_str() == name || sound.sound.strip_suffix("_far") == Some(name.as_str());
                if same && sound.start < *at && sound.start + sound.samples > *at {
                    sound.samples = at - sound.start;
                }
            }
            sound.samples = sound.samples.min(film.saturating_sub(sound.start));
        }
        self.sounds.retain(|s| s.samples > SAMPLE_RATE / 10);
        self.sounds.sort_by(|a, b| (a.start, &a.sound).cmp(&(b.start, &b.sound)));
    }
}

/// One stretch, or several of nearly equal length, cut between lines where one can be.
fn split<'a>(lines: Vec<(&'a Line, u64, u64)>, total: u64) -> Vec<Stretch<'a>> {
    let longest = samples_of_ms(MAX_SHOT_MS) - samples_of_ms(60);
    let parts = total.div_ceil(longest).max(1);
    if parts == 1 {
        return vec![Stretch { suffix: "s1".into(), samples: total, lines, running: None, card: None }];
    }
    let mut cuts = vec![0];
    for n in 1..parts {
        let ideal = total * n / parts;
        // Between two lines if that is near enough, else inside a line: it runs over the cut.
        let between = lines.windows(2).map(|w| (w[0].1 + w[0].2 + w[1].1) / 2).min_by_key(|c| c.abs_diff(ideal));
        let previous = cuts.last().copied().unwrap_or(0);
        let fits = |c: u64| c > previous + samples_of_ms(800) && c - previous <= longest && total - c <= longest * (parts - n);
        cuts.push(between.filter(|c| fits(*c)).unwrap_or_else(|| ideal.min(previous + longest)));
    }
    cuts.push(total);
    cuts.windows(2)
        .enumerate()
        .map(|(n, w)| Stretch {
            suffix: format!("s{}", n + 1),
            samples: w[1] - w[0],
            lines: lines.iter().filter(|(_, at, _)| (w[0]..w[1]).contains(at)).map(|(l, at, len)| (*l, at - w[0], *len)).collect(),
            running: lines.iter().rev().find(|(_, at, len)| *at < w[0] && at + len > w[0]).map(|(l, at, len)| (*l, at + len - w[0])),
            card: None,
        })
        .collect()
}

/// A line to be read: one card, or as many as it takes so that none outlasts the longest shot, the words shared out between them.
fn cards<'a>(beat: &Beat, line: &'a Line, samples: u64, speaker: &str) -> Vec<Stretch<'a>> {
    let lead = samples_of_ms(GAP);
    let longest = samples_of_ms(MAX_SHOT_MS) - samples_of_ms(60) - 2 * lead;
    let parts = samples.div_ceil(longest).max(1);
    let words: Vec<&str> = line.text.split_whitespace().collect();
    let name = title_of(beat, line);
    (0..parts)
        .map(|n| {
            let (from, to) = (samples * n / parts, samples * (n + 1) / parts);
            let share = |n: u64| (words.len() as u64 * n / parts) as usize;
            // Fewer words than cards: each shows them all.
            let text = if words.len() as u64 >= parts { words[share(n)..share(n + 1)].join(" ") } else { line.text.clone() };
            let card = CardContent { card: CardKind::Intertitle, text: vec![text], small: vec![speaker.to_owned()] };
            let (before, after) = (if n == 0 { lead } else { 0 }, if n + 1 == parts { lead } else { 0 });
            Stretch {
                suffix: if n == 0 { name.clone() } else { format!("{name}-{}", n + 1) },
                samples: before + (to - from) + after,
                lines: if n == 0 { vec![(line, lead, samples)] } else { vec![] },
                running: (n > 0).then(|| (line, samples - from)),
                card: Some(card),
            }
        })
        .collect()
}

/// What the card of a line is called: it hangs on the line (`l2` → `t2`), so that a line more renames no other card.
fn title_of(beat: &Beat, line: &Line) -> String {
    let own = line.id.strip_prefix(beat.id.as_str()).and_then(|rest| rest.strip_prefix('-')).unwrap_or(&line.id);
    match own.strip_prefix('l') {
        Some(n) if !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()) => format!("t{n}"),
        _ => format!("t-{own}"),
    }
}
