//! How notes sound: bowed and blown wave tables, plucked delay lines, ringing partials, in one room.

mod bowed;
mod plucked;
mod struck;
mod wind;

use std::collections::BTreeMap;

use contracts::Seed;

use super::{
    compose::{Note, Player},
    dsp::{Room, Table, bend, smooth},
};

/// Samples between two looks at slow values.
const BLOCK: usize = 64;

/// Plays all notes into interleaved stereo.
pub fn play(notes: &[Note], samples: usize) -> Vec<f32> {
    let mut stage = Stage {
        dry: vec![0.0; samples * 2],
        wet: vec![0.0; samples],
        samples: samples as i64,
        sine: Table::sine(),
        tables: BTreeMap::new(),
    };
    for (number, note) in notes.iter().enumerate().filter(|(_, n)| n.amp > 0.0 && n.at < samples as i64) {
        let seed = Seed::of(&["note", &number.to_string(), &note.pitch.to_string()]);
        match note.player {
            Player::Strings { bright, tremolo } => stage.strings(note, bright, tremolo, &seed),
            Player::Solo => stage.solo(note, &seed),
            Player::Held => stage.held(note, &seed),
            Player::Felt => stage.felt(note, seed),
            Player::Glass => stage.glass(note),
            Player::Pulse => stage.pulse(note),
            Player::Drum => stage.drum(note, seed),
            Player::Tick => stage.tick(note, seed),
            Player::Harp => stage.pluck(note, seed, &plucked::HARP),
            Player::Lute => stage.pluck(note, seed, &plucked::LUTE),
            Player::Pizzicato => stage.pluck(note, seed, &plucked::FINGER),
            Player::Flute => stage.blow(note, &seed, &wind::FLUTE),
            Player::Reed => stage.blow(note, &seed, &wind::REED),
            Player::Horn => stage.blow(note, &seed, &wind::HORN),
        }
    }
    let Stage { mut dry, wet, .. } = stage;
    let mut room = Room::new(2.6, 0.42, 1.0);
    for (k, (pair, x)) in dry.chunks_exact_mut(2).zip(wet).enumerate() {
        let (l, r) = room.next(x);
        // The room goes out with the film, and opens with it.
        let end = 1.4 * (smooth((samples - 1 - k) as f64 / 48_000.0) * smooth(k as f64 / 480.0)) as f32;
        pair[0] = bend((pair[0] + l) * end, 0.34, 0.5);
        pair[1] = bend((pair[1] + r) * end, 0.34, 0.5);
    }
    dry
}

struct Stage {
    dry: Vec<f32>,
    wet: Vec<f32>,
    samples: i64,
    sine: Vec<f32>,
    /// Dark and bright wave of a pitch, by who plays it.
    tables: BTreeMap<(u8, i32), (Table, Table)>,
}

impl Stage {
    /// Adds a sample with a pan and a share for the room.
    #[inline]
    fn add(&mut self, at: i64, x: f32, left: f32, right: f32, room: f32) {
        if at >= 0 && at < self.samples {
            let k = at as usize;
            self.dry[2 * k] += x * left;
            self.dry[2 * k + 1] += x * right;
            self.wet[k] += x * room;
        }
    }
}

/// Shares of both sides for a pan of −1 to 1.
fn sides(pan: f32) -> (f32, f32) {
    let pan = pan.clamp(-1.0, 1.0);
    ((1.0 - pan) * 0.5, (1.0 + pan) * 0.5)
}
