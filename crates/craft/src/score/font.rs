//! The same notes by the instruments of a soundfont (SF2): General MIDI programs in the place of our players, as loud as they
//! would be. What it plays is the same for one build of the synthesiser and one library of mathematics, not for every machine:
//! its users pin it.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rustysynth::{SoundFont, Synthesizer, SynthesizerSettings};

use super::{
    compose::{Note, Player},
    dsp::{bend, smooth},
};

/// The synthesiser, for what is kept of its work.
pub const SYNTHESISER: &str = "rustysynth 1.3.8";

/// Instruments of a soundfont.
pub struct Font(Arc<SoundFont>);

impl Font {
    /// Reads a soundfont.
    ///
    /// # Errors
    /// It is none, or it is damaged: in words.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let read = || SoundFont::new(&mut Cursor::new(bytes)).map_err(|e| e.to_string());
        let font = guarded(read).and_then(|read| read).map_err(|why| format!("it is no soundfont (SF2) that can be played: {why}"))?;
        if font.get_presets().is_empty() {
            return Err("it is a soundfont without instruments".to_owned());
        }
        Ok(Self(Arc::new(font)))
    }
}

/// A file that deceives may lead the reader astray: that is an answer about the file, not a fault of ours.
fn guarded<T>(act: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(act)).map_err(|_| "what it says of itself does not fit together".to_owned())
}

/// Events happen on multiples of this, in samples.
const BLOCK: usize = 64;
/// The channel of drums.
const DRUMS: i32 = 9;
/// A fifth of a second, over which loudness is held down.
const WINDOW: usize = 9_600;
/// No fifth of a second is louder than this: then it stays under three tenths of a line while one is spoken.
const LOUDEST: f32 = 0.14;

/// A player's General MIDI program; of drums the key.
fn program(player: Player) -> (bool, i32) {
    match player {
        Player::Strings { tremolo, .. } if tremolo > 0.3 => (false, 44),
        Player::Strings { bright, .. } => (false, if bright > 0.5 { 48 } else { 49 }),
        Player::Solo => (false, 42),
        Player::Held => (false, 40),
        Player::Felt => (false, 0),
        Player::Glass => (false, 8),
        Player::Pulse => (false, 47),
        Player::Harp => (false, 46),
        Player::Lute => (false, 24),
        Player::Pizzicato => (false, 45),
        Player::Flute => (false, 73),
        Player::Reed => (false, 71),
        Player::Horn => (false, 60),
        Player::Drum => (true, 64),
        Player::Tick => (true, 37),
    }
}

/// One thing that happens.
enum Event {
    On { channel: i32, key: i32, velocity: i32, pan: i32 },
    Off { channel: i32, key: i32 },
}

/// Plays all notes into interleaved stereo, about as loud as `ours`, which our own players made of them.
///
/// # Errors
/// The soundfont cannot be played: in words.
pub(super) fn play(font: &Font, notes: &[Note], ours: &[f32]) -> Result<Vec<f32>, String> {
    let samples = ours.len() / 2;
    let mut channels: BTreeMap<i32, i32> = BTreeMap::new();
    let mut events: BTreeMap<(usize, u8, usize), Event> = BTreeMap::new();
    for (number, note) in notes.iter().enumerate().filter(|(_, n)| n.amp > 0.0 && n.at < samples as i64) {
        let (drum, program) = program(note.player);
        let (channel, key) = if drum {
            (DRUMS, program)
        } else {
            let next = channels.len() as i32;
            (*channels.entry(program).or_insert(next + i32::from(next >= DRUMS)), note.pitch.clamp(0, 127))
        };
        let velocity = ((note.amp.clamp(0.0, 1.6).sqrt() * 96.0) as i32).clamp(1, 127);
        let pan = ((note.pan.clamp(-1.0, 1.0) * 63.0) as i32 + 64).clamp(0, 127);
        let block = |at: i64| (at.max(0) as usize).min(samples) / BLOCK;
        // Of what happens at once, ends come first.
        events.insert((block(note.at), 1, number), Event::On { channel, key, velocity, pan });
        events.insert((block(note.at + note.held.max(1)).max(block(note.at) + 1), 0, number), Event::Off { channel, key });
    }
    let mut settings = SynthesizerSettings::new(48_000);
    settings.block_size = BLOCK;
    let mut out = guarded(|| -> Result<Vec<f32>, String> {
        let mut synth = Synthesizer::new(&font.0, &settings).map_err(|e| e.to_string())?;
        for (program, channel) in &channels {
            synth.process_midi_message(*channel, 0xC0, *program, 0);
        }
        let mut out = Vec::with_capacity(ours.len());
        let (mut left, mut right) = ([0.0; BLOCK], [0.0; BLOCK]);
        let mut events = events.into_iter().peekable();
        for block in 0..samples.div_ceil(BLOCK) {
            while let Some((_, event)) = events.next_if(|((at, _, _), _)| *at <= block) {
                match event {
                    Event::On { channel, key, velocity, pan } => {
                        synth.process_midi_message(channel, 0xB0, 0x0A, pan);
                        synth.note_on(channel, key, velocity);
                    }
                    Event::Off { channel, key } => synth.note_off(channel, key),
                }
            }
            synth.render(&mut left, &mut right);
            out.extend(left.iter().zip(&right).flat_map(|(l, r)| [*l, *r]));
        }
        Ok(out)
    })
    .and_then(|played| played)?;
    out.truncate(ours.len());
    if out.iter().any(|x| !x.is_finite()) {
        return Err("its samples are no sound".to_owned());
    }
    level(&mut out, ours);
    Ok(out)
}

fn power(sound: &[f32]) -> f32 {
    (sound.iter().map(|x| x * x).sum::<f32>() / sound.len().max(1) as f32).sqrt()
}

/// As loud as `ours` on the whole, held down where it is too loud for words, and in and out with the film.
fn level(out: &mut [f32], ours: &[f32]) {
    let gain = (power(ours) / power(out).max(1e-6)).min(32.0);
    let caps: Vec<f32> = out.chunks(2 * WINDOW).map(|w| (LOUDEST / (power(w) * gain).max(1e-6)).min(1.0)).collect();
    // Neighbours hold each other down, so that no gain between two windows is above either's.
    let held = |k: usize| caps[k.saturating_sub(1)..(k + 2).min(caps.len())].iter().copied().fold(1.0, f32::min);
    let samples = out.len() / 2;
    for k in 0..samples {
        let (window, part) = (k / WINDOW, (k % WINDOW) as f32 / WINDOW as f32);
        let (a, b) = (held(window), held((window + 1).min(caps.len() - 1)));
        let ends = (smooth((samples - 1 - k) as f64 / 48_000.0) * smooth(k as f64 / 480.0)) as f32;
        for x in &mut out[2 * k..2 * k + 2] {
            *x = bend(*x * gain * (a + (b - a) * part) * ends, 0.34, 0.5);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::{score, score_with};
    use contracts::{Id, Seed, assets::MusicSpec, shots::MusicCue, story::Mood};

    fn chunk(name: &str, body: &[u8]) -> Vec<u8> {
        let mut out = name.as_bytes().to_vec();
        out.extend((body.len() as u32).to_le_bytes());
        out.extend(body);
        out.extend(vec![0; body.len() % 2]);
        out
    }

    fn list(name: &str, chunks: &[Vec<u8>]) -> Vec<u8> {
        let mut body = name.as_bytes().to_vec();
        body.extend(chunks.concat());
        chunk("LIST", &body)
    }

    fn named(name: &str, rest: &[u16]) -> Vec<u8> {
        let mut out = [0u8; 20];
        out[..name.len()].copy_from_slice(name.as_bytes());
        let mut out = out.to_vec();
        out.extend(rest.iter().flat_map(|n| n.to_le_bytes()));
        out
    }

    fn words(words: &[u16]) -> Vec<u8> {
        words.iter().flat_map(|n| n.to_le_bytes()).collect()
    }

    /// A soundfont of one instrument: a looped wave of 100 samples at 48 kHz, key 71 or so.
    fn soundfont() -> Vec<u8> {
        let wave: Vec<u8> = (0..1_000 + 46)
            .flat_map(|k| {
                let x = if k < 1_000 { libm::sin(f64::from(k % 100) / 100.0 * std::f64::consts::TAU) } else { 0.0 };
                ((x * 20_000.0) as i16).to_le_bytes()
            })
            .collect();
        let mut sample = [0u8; 20].to_vec();
        sample[..4].copy_from_slice(b"wave");
        for number in [0u32, 1_000, 100, 900, 48_000] {
            sample.extend(number.to_le_bytes());
        }
        sample.extend([71, 0]);
        sample.extend(words(&[0, 1]));
        let end = [vec![b'E', b'O', b'S'], vec![0; 43]].concat();
        let info = [chunk("ifil", &words(&[2, 1])), chunk("isng", b"EMU8000\0"), chunk("INAM", b"one\0")];
        // Generator 54: the sample loops; 53 names the sample, 41 the instrument.
        let data = [
            chunk("phdr", &[named("one", &[0, 0, 0, 0, 0, 0, 0, 0, 0]), named("EOP", &[0, 0, 1, 0, 0, 0, 0, 0, 0])].concat()),
            chunk("pbag", &words(&[0, 0, 1, 0])),
            chunk("pmod", &[0; 10]),
            chunk("pgen", &words(&[41, 0, 0, 0])),
            chunk("inst", &[named("one", &[0]), named("EOI", &[1])].concat()),
            chunk("ibag", &words(&[0, 0, 2, 0])),
            chunk("imod", &[0; 10]),
            chunk("igen", &words(&[54, 1, 53, 0, 0, 0])),
            chunk("shdr", &[sample, end].concat()),
        ];
        let mut body = b"sfbk".to_vec();
        body.extend(list("INFO", &info));
        body.extend(list("sdta", &[chunk("smpl", &wave)]));
        body.extend(list("pdta", &data));
        chunk("RIFF", &body)
    }

    fn film() -> MusicSpec {
        let cue = |n: u64, mood, level| MusicCue { scene_id: None, mood, level, start: n * 480_000, samples: 480_000 };
        MusicSpec {
            theme: Id::slug("lighthouse"),
            genre: Id::slug("mystery"),
            cues: vec![cue(0, Mood::Uneasy, 2), cue(1, Mood::Hopeful, 3)],
            lines: vec![(100_000, 200_000)],
            samples: 960_000,
            scenes: std::collections::BTreeMap::new(),
        }
    }

    #[test]
    fn a_soundfont_plays_our_notes_as_loud_as_we_do_and_never_over_words() {
        let font = Font::read(&soundfont()).expect("a soundfont");
        let (film, ours) = (film(), score(&film()));
        let out = score_with(&film, Some(&font), &[], &[]).expect("plays");
        assert_eq!(out, score_with(&film, Some(&font), &[], &[]).expect("plays"), "twice the same");
        assert_eq!(out.len(), ours.len());
        assert!(out != ours);
        assert!(out.iter().all(|x| x.abs() <= 0.5));
        for (k, window) in out.chunks(2 * WINDOW).enumerate() {
            assert!(power(window) <= LOUDEST * 1.02, "{k}: {}", power(window));
        }
        let (a, b) = (power(&out), power(&ours));
        assert!(a > b * 0.5 && a < b * 1.3, "{a} beside {b}");
        // Where we are silent, so is it: the first and the last sample.
        assert!(out[0].abs() < 0.01 && out[out.len() - 1].abs() < 0.001);
    }

    #[test]
    fn a_file_that_is_none_or_is_damaged_is_named_and_harms_nobody() {
        for bytes in [&b""[..], b"RIFF", b"RIFF\xff\xff\xff\xffsfbkLIST\xff\xff\xff\x7fINFO", &[0; 4_096]] {
            assert!(Font::read(bytes).err().is_some_and(|why| why.contains("SF2")));
        }
        let whole = soundfont();
        let mut seed = Seed::new(7);
        let film = MusicSpec { samples: 48_000, ..film() };
        let mut refused = 0;
        for n in 0..200 {
            let mut bytes = whole.clone();
            if n % 4 == 0 {
                bytes.truncate(seed.below(whole.len() as u64) as usize);
            } else {
                for _ in 0..=seed.below(6) {
                    // The wave is most of the file, and any wave is a wave: what says how to play it is damaged.
                    let at = if seed.below(2) == 0 { seed.below(120) } else { whole.len() as u64 - 1 - seed.below(500) };
                    bytes[at as usize] = seed.below(256) as u8;
                }
            }
            match Font::read(&bytes).and_then(|font| score_with(&film, Some(&font), &[], &[])) {
                Ok(out) => assert!(out.iter().all(|x| x.abs() <= 0.5)),
                Err(why) => {
                    assert!(!why.is_empty());
                    refused += 1;
                }
            }
        }
        assert!(refused > 40, "{refused}");
    }
}
