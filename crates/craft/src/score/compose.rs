//! What is played: from a theme, moods and the places of lines to notes. Nothing sounds here.

use contracts::{Seed, assets::MusicSpec, story::Mood};

/// A note.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// First sample in the film; may lie before it.
    pub at: i64,
    /// How long it is held, in samples.
    pub held: i64,
    /// MIDI note number.
    pub pitch: i32,
    /// Loudness, about 1 for a full note.
    pub amp: f32,
    /// −1 left to 1 right.
    pub pan: f32,
    /// Who plays it.
    pub player: Player,
}

/// Who plays a note.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Player {
    /// Low strings, bowed.
    Strings {
        /// Brightness, 0 to 1.
        bright: f32,
        /// Depth of tremolo, 0 to 1.
        tremolo: f32,
    },
    /// One thin high string.
    Held,
    /// A piano with felt.
    Felt,
    /// A celesta, or a music box.
    Glass,
    /// A soft low beat.
    Pulse,
    /// A hand drum.
    Drum,
    /// A damped high tick.
    Tick,
}

/// What a mood means in notes. Pitches are semitones above the tonic.
struct Character {
    scale: [i32; 7],
    chords: [&'static [i32]; 4],
    /// Where the strings lie, from the usual place.
    register: i32,
    bright: f32,
    tremolo: f32,
    /// How many single notes a bar may have, and how likely the theme is heard in two bars, in hundredths.
    notes: u64,
    theme: u64,
    /// Octaves above the tonic of what is plucked.
    octave: i32,
    glass: bool,
    /// Loudness of the pulse; from level 2 on in full, at level 1 by half.
    pulse: f32,
    /// Beats of a bar, in eighths, that the pulse has.
    beats: &'static [i64],
    /// The high held note.
    held: Option<i32>,
    strings: f32,
}

const AEOLIAN: [i32; 7] = [0, 2, 3, 5, 7, 8, 10];
const DORIAN: [i32; 7] = [0, 2, 3, 5, 7, 9, 10];
const PHRYGIAN: [i32; 7] = [0, 1, 3, 5, 7, 8, 10];
const HARMONIC: [i32; 7] = [0, 2, 3, 5, 7, 8, 11];

fn character(mood: Mood) -> Character {
    let plain = Character {
        scale: AEOLIAN,
        chords: [&[0, 3, 7], &[0, 3, 8], &[0, 5, 7], &[0, 2, 7]],
        register: 0,
        bright: 0.35,
        tremolo: 0.0,
        notes: 2,
        theme: 35,
        octave: 3,
        glass: false,
        pulse: 0.0,
        beats: &[0],
        held: None,
        strings: 1.0,
    };
    match mood {
        Mood::Calm => Character {
            scale: DORIAN,
            chords: [&[0, 7, 14, 15], &[5, 9, 12], &[0, 7, 10, 15], &[10, 14, 17]],
            bright: 0.3,
            theme: 55,
            strings: 0.85,
            ..plain
        },
        Mood::Uneasy => Character { chords: [&[0, 3, 7], &[0, 3, 8], &[0, 2, 7], &[0, 3, 11]], theme: 40, held: Some(7), ..plain },
        Mood::Wary => Character {
            scale: PHRYGIAN,
            chords: [&[0, 7, 10], &[1, 5, 8], &[0, 7, 12], &[0, 5, 10]],
            notes: 2,
            theme: 25,
            pulse: 0.6,
            beats: &[0, 3],
            held: Some(0),
            ..plain
        },
        Mood::Tense => Character {
            scale: HARMONIC,
            chords: [&[0, 1, 7], &[0, 3, 6], &[1, 5, 8], &[-1, 3, 6]],
            bright: 0.75,
            tremolo: 0.55,
            notes: 3,
            theme: 20,
            pulse: 1.0,
            beats: &[0, 2, 4, 6],
            held: Some(1),
            ..plain
        },
        Mood::Heavy => Character {
            chords: [&[0, 3, 7], &[-4, 0, 3], &[-7, -4, 0], &[-5, -1, 2]],
            register: -3,
            bright: 0.25,
            notes: 1,
            theme: 30,
            octave: 2,
            pulse: 0.7,
            beats: &[0],
            strings: 1.2,
            ..plain
        },
        Mood::Watchful => Character {
            chords: [&[0, 5, 7], &[0, 2, 7], &[-4, 0, 7], &[0, 2, 10]],
            bright: 0.3,
            notes: 2,
            theme: 50,
            glass: true,
            pulse: 0.25,
            held: Some(12),
            strings: 0.85,
            ..plain
        },
        Mood::Tender => Character {
            scale: DORIAN,
            chords: [&[-4, 0, 3, 7], &[3, 7, 10], &[5, 8, 12, 15], &[0, 3, 7, 14]],
            register: 3,
            bright: 0.4,
            notes: 2,
            theme: 75,
            ..plain
        },
        Mood::Hopeful => Character {
            scale: DORIAN,
            chords: [&[3, 7, 10, 14], &[10, 14, 17], &[5, 9, 12], &[3, 7, 10, 15]],
            register: 4,
            bright: 0.55,
            notes: 3,
            theme: 80,
            octave: 4,
            glass: true,
            held: Some(7),
            ..plain
        },
    }
}

/// What a series keeps: key, pace and a theme of a few notes.
struct Theme {
    tonic: i32,
    /// Samples of an eighth.
    eighth: i64,
    /// (eighth within two bars, degree of the scale)
    notes: Vec<(i64, i32)>,
}

impl Theme {
    fn of(seed: &Seed) -> Self {
        let mut choose = seed.derive("theme");
        let tonic = 36 + [2, 4, 5, 7, 9, 0][choose.below(6) as usize];
        let beats_a_minute = choose.between(54, 62);
        let eighth = 48_000 * 60 / beats_a_minute / 2;
        // A leap up, a fall by steps, and a last note that does not settle.
        let rhythms: [[i64; 5]; 4] = [[0, 3, 6, 8, 11], [0, 2, 3, 8, 12], [0, 3, 4, 8, 10], [0, 4, 6, 7, 12]];
        let shapes: [[i32; 5]; 5] = [[0, 4, 3, 2, 1], [2, 4, 3, 1, 0], [4, 2, 3, 0, 1], [0, 2, 4, 3, 1], [4, 5, 4, 2, 1]];
        let (rhythm, shape) = (rhythms[choose.below(4) as usize], shapes[choose.below(5) as usize]);
        Self { tonic, eighth, notes: rhythm.into_iter().zip(shape).collect() }
    }

    fn bar(&self) -> i64 {
        self.eighth * 8
    }
}

/// The moods of a film without gaps: what no cue covers keeps the mood before it.
pub fn moods(spec: &MusicSpec) -> Vec<(i64, i64, Mood, u8)> {
    let total = spec.samples as i64;
    let mut cues: Vec<_> = spec.cues.iter().filter(|c| c.samples > 0 && c.start < spec.samples).collect();
    cues.sort_by_key(|c| c.start);
    let mut out: Vec<(i64, i64, Mood, u8)> = Vec::new();
    for cue in cues {
        let (from, to) = (cue.start as i64, cue.start.saturating_add(cue.samples).min(spec.samples) as i64);
        match out.last_mut() {
            Some(last) => last.1 = from,
            None if from > 0 => out.push((0, from, cue.mood, cue.level)),
            None => {}
        }
        out.push((from, to, cue.mood, cue.level.min(3)));
    }
    if let Some(last) = out.last_mut() {
        last.1 = total;
    }
    out.retain(|m| m.1 > m.0);
    out
}

/// All notes of a film.
pub fn compose(spec: &MusicSpec) -> Vec<Note> {
    let moods = moods(spec);
    let Some(&(last_cue, ..)) = moods.last() else { return Vec::new() };
    let seed = Seed::of(&["score", spec.theme.as_str(), spec.genre.as_str()]);
    let theme = Theme::of(&seed);
    let bar = theme.bar();
    // The music comes home with the last cue, or two bars before the end of a long one; bars are counted from there.
    let home = last_cue.max(spec.samples as i64 - 2 * bar);
    let first = home.rem_euclid(bar) - bar;
    let bars = (spec.samples as i64 - first).div_euclid(bar) + 1;
    let ending = (home - first) / bar;

    let mut band = Band { spec, theme: &theme, seed, notes: Vec::new(), voices: Vec::new(), sounding: Vec::new(), high: None };
    let mut previous: Option<Mood> = None;
    let mut turn = 0;
    for b in 0..bars {
        let from = first + b * bar;
        // A mood rules a bar when it rules its middle: moods change on bar lines.
        let middle = (from + bar / 2).clamp(0, spec.samples as i64 - 1);
        let Some(&(.., mood, level)) = moods.iter().find(|m| middle >= m.0 && middle < m.1) else { continue };
        if previous != Some(mood) {
            turn = 0;
            previous = Some(mood);
        }
        let mut character = character(mood);
        let chord: Vec<i32> = match b {
            // Open at the end, with the second above: at rest, not answered.
            _ if b >= ending => vec![0, 7, 12, 14],
            _ if b + 1 == ending && bars > 2 => vec![-5, 0, 2],
            _ => character.chords[turn % 4].to_vec(),
        };
        if b >= ending {
            (character.held, character.tremolo, character.pulse) = (Some(12), 0.0, 0.0);
        }
        band.bar(b, from, &chord, &character, level, b - ending);
        turn += 1;
    }
    band.finish(first + bars * bar);
    band.notes
}

struct Band<'a> {
    spec: &'a MusicSpec,
    theme: &'a Theme,
    seed: Seed,
    notes: Vec<Note>,
    /// Pitches of the strings in the last bar.
    voices: Vec<i32>,
    /// Strings that still sound: (start, pitch, brightness, tremolo, loudness).
    sounding: Vec<(i64, i32, f32, f32, f32)>,
    high: Option<(i64, i32)>,
}

impl Band<'_> {
    fn bar(&mut self, b: i64, from: i64, chord: &[i32], who: &Character, level: u8, after: i64) {
        let mut choose = self.seed.derive(&format!("bar {b}"));
        let tonic = self.theme.tonic;
        let loud = f32::from(level.max(1));

        // Strings: every pitch class of the chord near where it or its neighbour was, tied when it stays.
        let low = tonic + 13 + who.register;
        let mut pitches: Vec<i32> = Vec::new();
        for semitone in chord {
            let class = tonic + semitone;
            let near = self.voices.get(pitches.len()).copied().unwrap_or(low + 6);
            let pitch =
                (low..low + 19).filter(|p| (p - class).rem_euclid(12) == 0 && !pitches.contains(p)).min_by_key(|p| ((p - near).abs(), *p));
            pitches.extend(pitch);
        }
        self.voices.clone_from(&pitches);
        let root = tonic + chord.first().copied().unwrap_or(0).rem_euclid(12) - if tonic > 41 { 12 } else { 0 };
        // The tonic stays under most chords; where harmony moves away, and where it is heavy, the bass goes along.
        let moves = who.register < 0 || matches!(chord.first(), Some(-5 | 3 | 5 | 8 | 10));
        let bass = if moves { root } else { tonic - if tonic > 41 { 12 } else { 0 } };
        let mut want: Vec<(i32, f32)> = pitches.iter().map(|p| (*p, who.strings)).collect();
        want.push((bass, who.strings * 0.95));
        if level >= 3 {
            want.extend(pitches.iter().take(2).map(|p| (p + 12, who.strings * 0.5)));
        }
        let bright = (who.bright + 0.12 * (loud - 1.0)).min(1.0);
        let keep =
            |s: &(i64, i32, f32, f32, f32)| want.iter().any(|w| w.0 == s.1) && s.3 == who.tremolo && from - s.0 < 4 * self.theme.bar();
        let (kept, ended): (Vec<_>, Vec<_>) = std::mem::take(&mut self.sounding).into_iter().partition(keep);
        self.sounding = kept;
        self.end_strings(&ended, from);
        for (pitch, amp) in want {
            if !self.sounding.iter().any(|s| s.1 == pitch) {
                self.sounding.push((from, pitch, bright, who.tremolo, amp));
            }
        }

        // One note held high over a whole mood.
        let held = who.held.map(|h| tonic + 24 + h);
        if self.high.map(|h| h.1) != held {
            self.end_high(from);
            self.high = held.map(|pitch| (from, pitch));
        }

        let eighth = self.theme.eighth;
        if who.pulse > 0.0 && level > 0 {
            let player = match self.spec.genre.as_str() {
                "adventure" => Player::Drum,
                "science_fiction" => Player::Tick,
                _ => Player::Pulse,
            };
            let strength = who.pulse * if level >= 2 { 1.0 } else { 0.5 };
            for (k, beat) in who.beats.iter().enumerate() {
                let amp = strength * if k == 0 { 1.0 } else { 0.62 };
                let pitch = if player == Player::Tick { tonic + 48 } else { tonic - 12 };
                self.notes.push(Note { at: from + beat * eighth, held: eighth, pitch, amp, pan: 0.0, player });
            }
        }
        if after <= 0 {
            self.pluck(b, from, chord, who, level, after == 0, &mut choose);
        }
    }

    /// The theme where two bars begin, single notes elsewhere, little of either under speech.
    #[allow(clippy::too_many_arguments, reason = "one call; a struct for it would only repeat the names")]
    fn pluck(&mut self, b: i64, from: i64, chord: &[i32], who: &Character, level: u8, ending: bool, choose: &mut Seed) {
        let (tonic, eighth) = (self.theme.tonic, self.theme.eighth);
        let base = tonic + 12 * who.octave;
        let player = if who.glass || self.spec.genre.as_str() == "fairy_tale" { Player::Glass } else { Player::Felt };
        if ending {
            // The theme's first note and the tonic under it, far apart, and nothing after.
            for (k, (at, pitch)) in [(0, tonic), (0, tonic + 12), (1, base + 7), (2, base + 12), (4, base + 14)].into_iter().enumerate() {
                let felt = if k < 2 { Player::Felt } else { player };
                self.notes.push(Note {
                    at: from + at * eighth,
                    held: eighth * 8,
                    pitch,
                    amp: 0.8,
                    pan: k as f32 * 0.12 - 0.2,
                    player: felt,
                });
            }
            return;
        }
        let mut wanted: Vec<(i64, i32, f32)> = Vec::new();
        let states = b.rem_euclid(2) == 0 && choose.below(100) < who.theme + 8 * u64::from(level);
        if states {
            for (at, degree) in &self.theme.notes {
                let pitch = base + who.scale[(degree % 7) as usize] + 12 * (degree / 7);
                wanted.push((*at, pitch, 0.85));
            }
        } else {
            let most = who.notes + u64::from(level >= 3);
            for _ in 0..choose.below(most + 1) {
                let semitone = choose.pick(chord).copied().unwrap_or(0).rem_euclid(12);
                let at = *choose.pick(&[0i64, 3, 4, 6, 7]).unwrap_or(&0);
                wanted.push((at, base + semitone - if choose.below(4) == 0 { 12 } else { 0 }, 0.6));
            }
            wanted.sort_unstable_by_key(|w| (w.0, w.1));
            wanted.dedup_by_key(|w| w.0);
        }
        for (at, pitch, amp) in wanted {
            // A hand is never exactly on the beat.
            let at = from + at * eighth + choose.between(-500, 700);
            let speech = self.spec.lines.iter().any(|l| at + 14_000 > l.0 as i64 && at < l.1 as i64);
            if speech && choose.below(100) >= 22 {
                continue;
            }
            // What is on a strong beat belongs to the chord.
            let pitch = if (at - from).rem_euclid(4 * eighth) < eighth / 2 { nearest(pitch, chord, tonic) } else { pitch };
            let amp = amp * if speech { 0.5 } else { 1.0 } * choose.range(0.82, 1.0) as f32;
            let pan = choose.range(-0.35, 0.35) as f32;
            self.notes.push(Note { at, held: eighth * 6, pitch, amp, pan, player });
        }
    }

    fn end_strings(&mut self, ended: &[(i64, i32, f32, f32, f32)], at: i64) {
        for &(start, pitch, bright, tremolo, amp) in ended {
            let pan = ((pitch - self.theme.tonic) as f32 / 24.0 - 0.35).clamp(-0.4, 0.4);
            self.notes.push(Note { at: start, held: at - start, pitch, amp, pan, player: Player::Strings { bright, tremolo } });
        }
    }

    fn end_high(&mut self, at: i64) {
        if let Some((start, pitch)) = self.high.take() {
            self.notes.push(Note { at: start, held: at - start, pitch, amp: 0.8, pan: 0.25, player: Player::Held });
        }
    }

    fn finish(&mut self, at: i64) {
        let ended = std::mem::take(&mut self.sounding);
        self.end_strings(&ended, at);
        self.end_high(at);
        self.notes.sort_by_key(|n| (n.at, n.pitch));
    }
}

/// The pitch of the chord nearest to a pitch, the lower of two.
fn nearest(pitch: i32, chord: &[i32], tonic: i32) -> i32 {
    let belongs = |p: &i32| chord.iter().any(|c| (p - tonic - c).rem_euclid(12) == 0);
    (pitch - 3..=pitch + 3).filter(belongs).min_by_key(|p| ((p - pitch).abs(), *p)).unwrap_or(pitch)
}
