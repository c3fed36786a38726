//! The sounds of a film at their places, in blocks: voices, music, effects. Sources are read by parts while they sound.
//!
//! The sum has one order: in each stem the sounds as they are planned, then the rooms they sound in; the film is voices
//! plus music, plus effects. No sample depends on where a block begins.

use std::collections::BTreeMap;

use contracts::{
    Hash, Id,
    render::{Bus, PlannedSound, Room},
};
use media::wav::{Reader, Source};

use super::{Fetch, MixError, STEMS, db, duck::Ducking, room};

/// Points of a quarter of a sine, for fades.
const QUARTER: usize = 1_024;

/// A stretch of stereo sound.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// Left and right, of one length.
    pub sides: [Vec<f32>; 2],
}

impl Block {
    /// Left and right.
    pub fn both(&self) -> [&[f32]; 2] {
        self.sides.each_ref().map(Vec::as_slice)
    }

    fn silence(&mut self, frames: usize) {
        for side in &mut self.sides {
            side.clear();
            side.resize(frames, 0.0);
        }
    }
}

/// The sounds of a film, looked through and ready to be played as often as is needed.
pub struct Sounds<'a> {
    planned: &'a [PlannedSound],
    sources: BTreeMap<Hash, Source>,
    /// What of each sound is played: its first sample in the film, and its length.
    spans: Vec<(u64, u64)>,
    /// Sounds in the order in which they begin.
    order: Vec<usize>,
    rooms: Vec<RoomPlan>,
    ducking: Ducking,
    total: u64,
    quarter: Vec<f32>,
}

/// A room on a bus, and when it is heard.
struct RoomPlan {
    bus: Bus,
    room: Room,
    /// Stretches of the film, apart from each other; in between it is at rest.
    spans: Vec<(u64, u64)>,
    /// The room at rest.
    still: room::Reverb,
}

impl<'a> Sounds<'a> {
    /// Looks every source through.
    pub fn new(planned: &'a [PlannedSound], ducking: Ducking, total: u64, fetch: &Fetch<'_>) -> Result<Self, MixError> {
        let mut sources: BTreeMap<Hash, Source> = BTreeMap::new();
        let mut lengths: BTreeMap<&Hash, u64> = BTreeMap::new();
        let mut spans = Vec::new();
        let mut rooms: Vec<RoomPlan> = Vec::new();
        for sound in planned {
            let frames = match lengths.get(&sound.audio) {
                Some(frames) => *frames,
                None => {
                    let need = || sound.need_id.clone();
                    let source = fetch(&sound.audio).map_err(|source| MixError::Fetch { need: need(), source })?;
                    let opened = open(&source, &sound.need_id)?;
                    if opened.rate != 48_000 {
                        return Err(MixError::Rate { need: need(), rate: opened.rate });
                    }
                    let frames = opened.frames;
                    drop(opened);
                    sources.insert(sound.audio.clone(), source);
                    lengths.insert(&sound.audio, frames);
                    frames
                }
            };
            let length = sound.samples.min(frames).min(total.saturating_sub(sound.start));
            spans.push((sound.start, length));
            if let Some(room) = sound.room.filter(|_| length > 0) {
                let heard = (sound.start, (sound.start + length + room::tail(room)).min(total));
                match rooms.iter_mut().find(|r| (r.bus, r.room) == (sound.bus, room)) {
                    Some(known) => known.spans.push(heard),
                    None => rooms.push(RoomPlan { bus: sound.bus, room, spans: vec![heard], still: room::Reverb::new(room) }),
                }
            }
        }
        for room in &mut rooms {
            room.spans.sort_unstable();
            let mut joined: Vec<(u64, u64)> = Vec::new();
            for (start, end) in room.spans.drain(..) {
                match joined.last_mut() {
                    Some(last) if start <= last.1 => last.1 = last.1.max(end),
                    _ => joined.push((start, end)),
                }
            }
            room.spans = joined;
        }
        let mut order: Vec<usize> = (0..planned.len()).filter(|i| spans[*i].1 > 0).collect();
        order.sort_by_key(|i| spans[*i].0);
        let angle = |k: usize| std::f64::consts::FRAC_PI_2 * k as f64 / QUARTER as f64;
        let quarter = (0..=QUARTER + 1).map(|k| libm::sin(angle(k.min(QUARTER))) as f32).collect();
        Ok(Self { planned, sources, spans, order, rooms, ducking, total, quarter })
    }

    /// Plays them from the first sample on.
    pub fn play(&self) -> Player<'_> {
        let rooms = self.rooms.iter().map(|plan| RoomPlayer { plan, reverb: plan.still.clone(), next: 0, send: Vec::new() });
        Player {
            sounds: self,
            at: 0,
            begun: 0,
            playing: Vec::new(),
            rooms: rooms.collect(),
            ducked: Vec::new(),
            gains: Vec::new(),
            samples: Vec::new(),
            answer: Block::default(),
        }
    }

    /// The gain of an equal-power fade at its `k`th sample of `of`.
    fn fade(&self, k: u64, of: u64) -> f32 {
        let place = (k as f64 + 0.5) / of as f64 * QUARTER as f64;
        let at = place as usize;
        let (low, high) = (self.quarter[at], self.quarter[at + 1]);
        low + (high - low) * (place - at as f64) as f32
    }
}

fn open<'s>(source: &'s Source, need: &Id) -> Result<Reader<'s>, MixError> {
    source.open().map_err(|source| MixError::Wav { need: need.clone(), source })
}

/// Sounds being played.
pub struct Player<'a> {
    sounds: &'a Sounds<'a>,
    at: u64,
    /// How many of the sounds have begun.
    begun: usize,
    /// Those that sound now, as they are planned.
    playing: Vec<(usize, Reader<'a>)>,
    rooms: Vec<RoomPlayer<'a>>,
    ducked: Vec<f32>,
    gains: Vec<f32>,
    samples: Vec<i16>,
    answer: Block,
}

struct RoomPlayer<'a> {
    plan: &'a RoomPlan,
    reverb: room::Reverb,
    /// The stretch that is heard next, or now.
    next: usize,
    send: Vec<f32>,
}

impl Player<'_> {
    /// Replaces what is in the stems by the next `frames` frames, fewer at the film's end; says how many.
    pub fn next(&mut self, frames: usize, stems: &mut [Block; STEMS]) -> Result<usize, MixError> {
        let sounds = self.sounds;
        let n = (sounds.total - self.at).min(frames as u64) as usize;
        let (from, to) = (self.at, self.at + n as u64);
        stems.iter_mut().for_each(|stem| stem.silence(n));
        while let Some(&i) = sounds.order.get(self.begun).filter(|i| sounds.spans[**i].0 < to) {
            self.begun += 1;
            let planned = &sounds.planned[i];
            let Some(source) = sounds.sources.get(&planned.audio) else { continue };
            let reader = open(source, &planned.need_id)?;
            let place = self.playing.partition_point(|(p, _)| *p < i);
            self.playing.insert(place, (i, reader));
        }
        self.ducked.resize(n, 1.0);
        sounds.ducking.fill(from, &mut self.ducked);
        for room in &mut self.rooms {
            room.send.clear();
            room.send.resize(n, 0.0);
        }
        for (i, reader) in &mut self.playing {
            let (sound, (start, length)) = (&sounds.planned[*i], sounds.spans[*i]);
            let (first, last) = (from.max(start), to.min(start + length));
            let wav = |source| MixError::Wav { need: sound.need_id.clone(), source };
            reader.read(first - start, last - first, &mut self.samples).map_err(wav)?;
            self.gains.clear();
            self.gains.resize((last - first) as usize, (db(sound.gain_cb) / 32_768.0) as f32);
            // The same from both ends: how far a sample is from the first, and from the last.
            for (fade, backwards) in [(sound.fade_in, false), (sound.fade_out, true)] {
                let whole = (start, start + length);
                let faded = if backwards { (whole.1.saturating_sub(fade), whole.1) } else { (whole.0, whole.0.saturating_add(fade)) };
                for at in faded.0.max(first)..faded.1.min(last) {
                    let k = if backwards { whole.1 - 1 - at } else { at - whole.0 };
                    self.gains[(at - first) as usize] *= sounds.fade(k, fade);
                }
            }
            let offset = (first - from) as usize;
            if let Some(room) = sound.room
                && let Some(room) = self.rooms.iter_mut().find(|r| (r.plan.bus, r.plan.room) == (sound.bus, room))
            {
                let send = room.send[offset..].iter_mut().zip(&self.gains);
                match reader.channels {
                    1 => send.zip(&self.samples).for_each(|((send, g), x)| *send += f32::from(*x) * g),
                    _ => send.zip(self.samples.as_chunks::<2>().0).for_each(|((send, g), [l, r])| {
                        *send += (f32::from(*l) + f32::from(*r)) * 0.5 * g;
                    }),
                }
            }
            if ducked(sound.bus) {
                self.gains.iter_mut().zip(&self.ducked[offset..]).for_each(|(g, d)| *g *= d);
            }
            let [left, right] = &mut stems[stem(sound.bus)].sides;
            let out = left[offset..].iter_mut().zip(&mut right[offset..]).zip(&self.gains);
            match reader.channels {
                1 => out.zip(&self.samples).for_each(|(((left, right), g), x)| {
                    let x = f32::from(*x) * g;
                    *left += x;
                    *right += x;
                }),
                _ => out.zip(self.samples.as_chunks::<2>().0).for_each(|(((left, right), g), [l, r])| {
                    *left += f32::from(*l) * g;
                    *right += f32::from(*r) * g;
                }),
            }
        }
        self.playing.retain(|(i, _)| sounds.spans[*i].0 + sounds.spans[*i].1 > to);
        for room in &mut self.rooms {
            while let Some((start, end)) = room.plan.spans.get(room.next).copied().filter(|s| s.0 < to) {
                let (first, last) = ((from.max(start) - from) as usize, (to.min(end) - from) as usize);
                self.answer.silence(last - first);
                let [left, right] = &mut self.answer.sides;
                room.reverb.play(&room.send[first..last], left, right);
                for (out, answer) in stems[stem(room.plan.bus)].sides.iter_mut().zip(&self.answer.sides) {
                    let out = out[first..].iter_mut().zip(answer);
                    if ducked(room.plan.bus) {
                        out.zip(&self.ducked[first..]).for_each(|((out, x), d)| *out += x * d);
                    } else {
                        out.for_each(|(out, x)| *out += x);
                    }
                }
                if end > to {
                    break;
                }
                room.reverb.clear();
                room.next += 1;
            }
        }
        self.at = to;
        Ok(n)
    }
}

/// Music and the air of a place step back under voices.
fn ducked(bus: Bus) -> bool {
    matches!(bus, Bus::Music | Bus::Ambience)
}

/// Which stem a bus belongs to: the air of a place is an effect.
fn stem(bus: Bus) -> usize {
    match bus {
        Bus::Voices => 0,
        Bus::Music => 1,
        Bus::Ambience | Bus::Effects => 2,
    }
}
