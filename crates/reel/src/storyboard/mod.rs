//! A film as a storyboard: one panel a shot, read off the documents of its run. The page of `reel watch`, the HTML page and
//! the PNG sheets of `reel storyboard` all show these panels.

pub mod html;
pub mod sheet;

use std::collections::BTreeMap;

use contracts::{
    EditRate, Hash, Id,
    assets::AssetManifest,
    canon::Canon,
    picture::{Canvas, CardKind},
    render::RenderPlan,
    shots::{MoveKind, Movement, Shot, ShotContent, ShotList, Transition},
    story::Cast,
};

use crate::{failure::Failure, finished::Finished};

/// The documents a storyboard is read off.
pub struct Documents {
    /// Shots, when lines and sounds start.
    pub shots: ShotList,
    /// Captions, stand-ins, chapters.
    pub plan: RenderPlan,
    /// Which shot needs what.
    pub manifest: AssetManifest,
    /// Names of people.
    pub cast: Cast,
    /// Names of places.
    pub canon: Canon,
}

impl Documents {
    /// Those of a finished run.
    pub fn of(run: &Finished<'_>) -> Result<Self, Failure> {
        Ok(Self { shots: run.document()?, plan: run.document()?, manifest: run.document()?, cast: run.document()?, canon: run.document()? })
    }
}

/// A film, panel by panel.
#[derive(Clone, Debug, PartialEq)]
pub struct Board {
    /// Title of the film.
    pub title: String,
    /// The project.
    pub project_id: Id,
    /// From 1.
    pub episode: u32,
    /// The frame.
    pub canvas: Canvas,
    /// Frames per second.
    pub rate: EditRate,
    /// Whole frames.
    pub frames: u64,
    /// The timing lock.
    pub lock: Hash,
    /// Shots in order.
    pub panels: Vec<Panel>,
}

/// One shot.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// From 1.
    pub number: usize,
    /// The shot.
    pub shot_id: Id,
    /// The scene; absent for cards.
    pub scene_id: Option<Id>,
    /// First frame in the film.
    pub start_frame: u64,
    /// Whole frames.
    pub frames: u64,
    /// The frame of the film that stands for the shot: its middle, after its mix.
    pub picture: u64,
    /// What the picture is for, such as `establish`; absent for cards.
    pub purpose: Option<String>,
    /// How near, such as `medium two`; `card` for a card.
    pub framing: String,
    /// Such as `push in 6 %`, `hold`.
    pub movement: String,
    /// How it begins, when that is no cut.
    pub transition: Option<String>,
    /// Where and when, such as `the lamp room, night, fog`; absent for cards.
    pub place: Option<String>,
    /// Who is seen.
    pub who: Vec<String>,
    /// What happens, in words; of a card, its words.
    pub action: String,
    /// What is said in it.
    pub lines: Vec<Spoken>,
    /// Sounds that start in it, then the air of its place.
    pub sounds: Vec<String>,
    /// The music over most of it; absent for silence.
    pub music: Option<String>,
    /// Whether something in it stands in for something else.
    pub stand_in: bool,
}

/// A line, or the part of it that sounds in a shot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// The line.
    pub line_id: Id,
    /// Who.
    pub speaker: String,
    /// The words.
    pub text: String,
    /// Whether it began in an earlier shot.
    pub runs_on: bool,
}

/// Hours, minutes, seconds and frames of a frame, counted without dropping any.
pub fn timecode(rate: EditRate, frame: u64) -> String {
    let base = frames_a_second(rate);
    let seconds = frame / base;
    format!("{:02}:{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60, frame % base)
}

/// Frames in a second of timecode: the rate, rounded up.
pub fn frames_a_second(rate: EditRate) -> u64 {
    u64::from(rate.num).div_ceil(u64::from(rate.den))
}

/// A length in seconds with one decimal.
pub fn seconds(rate: EditRate, frames: u64) -> String {
    let tenths = (rate.ms(frames) + 50) / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// The lower-case name of an enum's variant, in words.
fn words<T: serde::Serialize>(value: &T) -> String {
    crate::stages::json(value).as_str().unwrap_or_default().replace('_', " ")
}

impl Board {
    /// Reads the panels off the documents.
    pub fn of(docs: &Documents) -> Self {
        let Documents { shots: list, plan, .. } = docs;
        Self {
            title: plan.title.clone(),
            project_id: plan.project_id.clone(),
            episode: plan.episode,
            canvas: plan.canvas,
            rate: list.edit_rate,
            frames: list.total_frames,
            lock: list.timing_lock.clone(),
            panels: list.shots.iter().enumerate().map(|(at, shot)| panel(docs, at + 1, shot)).collect(),
        }
    }

    /// The panel that shows this frame of the film.
    pub fn at(&self, frame: u64) -> Option<&Panel> {
        self.panels.iter().find(|p| (p.start_frame..p.start_frame + p.frames).contains(&frame))
    }

    /// Length of the film in words.
    pub fn length(&self) -> String {
        format!("{} s, {} frames, {} shots", seconds(self.rate, self.frames), self.frames, self.panels.len())
    }
}

fn panel(docs: &Documents, number: usize, shot: &Shot) -> Panel {
    let rate = docs.shots.edit_rate;
    let span = (rate.samples_at(shot.start_frame), rate.samples_at(shot.start_frame + shot.frames));
    let mix = shot.transition.frames();
    let names: BTreeMap<&Id, &str> = docs.cast.members.iter().map(|m| (&m.id, m.name.as_str())).collect();
    let (framing, place, who, action) = match &shot.content {
        ShotContent::Picture(p) => {
            let location = docs.canon.locations.iter().find(|l| l.id == p.location_id).map_or(p.location_id.as_str(), |l| &l.name);
            let place = format!("{location}, {}, {}", words(&p.time_of_day), words(&p.weather));
            let who = p.figures.iter().map(|f| names.get(&f.character_id).copied().unwrap_or(f.character_id.as_str()).to_owned());
            (words(&p.framing), Some(place), who.collect(), p.description.clone())
        }
        ShotContent::Card(card) => {
            let kind = match card.card {
                CardKind::Title => "title card",
                CardKind::Intertitle => "intertitle",
                CardKind::End => "end card",
                CardKind::Location => "location card",
            };
            // The words of an intertitle are its line.
            let shown = card.card != CardKind::Intertitle;
            let text: Vec<&str> = card.text.iter().chain(&card.small).filter(|_| shown).map(String::as_str).collect();
            (kind.to_owned(), None, Vec::new(), text.join(" / "))
        }
    };
    let over = |start: u64, samples: u64| start < span.1 && start + samples > span.0;
    let lines = docs.plan.captions.iter().filter(|c| over(c.start, c.end - c.start)).map(|c| Spoken {
        line_id: c.line_id.clone(),
        speaker: c.speaker.clone(),
        text: c.text.clone(),
        runs_on: c.start < span.0,
    });
    let effects = docs.shots.sounds.iter().filter(|s| !s.ambience && s.shot_id == shot.id);
    let air = docs.shots.sounds.iter().filter(|s| s.ambience && over(s.start, s.samples));
    let mut sounds: Vec<String> = Vec::new();
    for sound in effects.chain(air).map(|s| s.sound.replace(['_', '-'], " ")) {
        if !sounds.contains(&sound) {
            sounds.push(sound);
        }
    }
    let heard = |start: u64, samples: u64| span.1.min(start + samples).saturating_sub(span.0.max(start));
    let cue = docs.shots.music.iter().filter(|m| heard(m.start, m.samples) > 0).max_by_key(|m| heard(m.start, m.samples));
    let stand_in = docs.manifest.needs.iter().any(|n| docs.plan.stand_ins.contains(&n.id) && n.used_by.contains(&shot.id));
    Panel {
        number,
        shot_id: shot.id.clone(),
        scene_id: shot.scene_id.clone(),
        start_frame: shot.start_frame,
        frames: shot.frames,
        picture: shot.start_frame + (shot.frames / 2).max(mix).min(shot.frames.saturating_sub(1)),
        purpose: shot.purpose.map(|p| words(&p)),
        framing,
        movement: movement(shot.movement),
        transition: transition(shot.transition),
        place,
        who,
        action,
        lines: lines.collect(),
        sounds,
        music: cue.filter(|m| m.level > 0).map(|m| format!("{}, level {}", words(&m.mood), m.level)),
        stand_in,
    }
}

fn movement(movement: Movement) -> String {
    let (whole, tenth) = (movement.amount / 10, movement.amount % 10);
    match movement.kind {
        MoveKind::Hold => "hold".into(),
        kind if tenth == 0 => format!("{} {whole} %", words(&kind)),
        kind => format!("{} {whole}.{tenth} %", words(&kind)),
    }
}

fn transition(transition: Transition) -> Option<String> {
    match transition {
        Transition::Cut => None,
        Transition::Dissolve { frames } => Some(format!("dissolve in, {frames} frames")),
        Transition::FromBlack { frames } => Some(format!("out of black, {frames} frames")),
        Transition::Dip { frames, colour } => Some(format!("dip to {}, {frames} frames", words(&colour))),
        Transition::Wipe { frames, from } => Some(format!("wipe from {}, {frames} frames", words(&from))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timecode_counts_whole_frames_at_every_rate() {
        assert_eq!(timecode(EditRate::FILM, 24 * 3600 + 25), "01:00:01:01");
        let ntsc = EditRate { num: 30_000, den: 1001 };
        assert_eq!((timecode(ntsc, 29), timecode(ntsc, 30)), ("00:00:00:29".to_owned(), "00:00:01:00".to_owned()));
        assert_eq!(seconds(EditRate::FILM, 25), "1.0");
    }

    #[test]
    fn moves_are_told_in_percent() {
        let told = |kind, amount| movement(Movement::new(kind, amount));
        assert_eq!(told(MoveKind::PushIn, 60), "push in 6 %");
        assert_eq!(told(MoveKind::PanLeft, 25), "pan left 2.5 %");
        assert_eq!(told(MoveKind::Hold, 0), "hold");
    }
}
