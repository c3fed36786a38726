//! What is played: from a theme, moods and the places of lines to notes. Nothing sounds here.

use contracts::{Seed, assets::MusicSpec};

pub use super::band::Player;
use super::{
    band::{Character, character},
    bars::{Bar, Cue, cues},
    theme::{Theme, Variation, variations},
};

/// A note.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// First sample in the film.
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

/// Loudness of the levels. A level is the players' own: it changes with the first note of a bar, never inside one.
const LEVELS: [f32; 4] = [0.0, 0.56, 0.8, 1.0];

/// Where lines sound, in order and apart from each other.
struct Lines(Vec<(i64, i64)>);

impl Lines {
    fn new(spec: &MusicSpec) -> Self {
        let mut lines: Vec<(i64, i64)> =
            spec.lines.iter().map(|l| (l.0 as i64, l.1.min(spec.samples) as i64)).filter(|l| l.1 > l.0).collect();
        lines.sort_unstable();
        let mut joined: Vec<(i64, i64)> = Vec::new();
        for (start, end) in lines {
            match joined.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => joined.push((start, end)),
            }
        }
        Self(joined)
    }

    /// How much of a stretch is spoken over, in hundredths.
    fn share(&self, from: i64, to: i64) -> i64 {
        let first = self.0.partition_point(|l| l.1 <= from);
        let covered: i64 = self.0[first..].iter().take_while(|l| l.0 < to).map(|l| l.1.min(to) - l.0.max(from)).sum();
        covered * 100 / (to - from).max(1)
    }
}

/// All notes of a film, in the cues, by place, that `plays` asks for.
pub fn compose(spec: &MusicSpec, plays: &dyn Fn(usize) -> bool) -> Vec<Note> {
    let seed = Seed::of(&["score", spec.theme.as_str(), spec.genre.as_str()]);
    let cues = cues(spec, &seed);
    let mut band = Band {
        genre: spec.genre.as_str(),
        theme: Theme::of(&seed),
        lines: Lines::new(spec),
        seed,
        notes: Vec::new(),
        voices: Vec::new(),
        sounding: Vec::new(),
        high: None,
    };
    for (k, cue) in cues.iter().enumerate() {
        if cue.level > 0 && plays(k) {
            band.cue(cue, k + 1 == cues.len());
        }
    }
    band.notes.sort_by_key(|n| (n.at, n.pitch));
    band.notes
}

/// A string of the bed that still sounds.
struct Bed {
    start: i64,
    pitch: i32,
    bright: f32,
    tremolo: f32,
    amp: f32,
    thin: bool,
}

struct Band<'a> {
    genre: &'a str,
    theme: Theme,
    lines: Lines,
    seed: Seed,
    notes: Vec<Note>,
    /// Pitches of the strings under the last chord.
    voices: Vec<i32>,
    sounding: Vec<Bed>,
    high: Option<(i64, i32, f32)>,
}

/// A chord from an eighth of its bar on.
struct Harmony {
    from: i64,
    chord: Vec<i32>,
}

impl Band<'_> {
    fn cue(&mut self, cue: &Cue, last: bool) {
        let mut who = character(cue.mood, self.genre);
        let seed = self.seed.derive(&cue.name);
        let scene = self.seed.derive(cue.name.split('/').next().unwrap_or_default());
        let turned = scene.derive("harmony").below(2) as usize;
        let count = cue.bars.len();
        let plan: Vec<Vec<Harmony>> = (0..count).map(|b| harmony(&who, cue.bars[b].eighths, b, count, turned)).collect();
        let mut tune = Tune { stated: 0, first: pick_variation(&scene), bars_left: 0 };
        for (b, bar) in cue.bars.iter().enumerate() {
            let end = b + 1 == count;
            let mut choose = seed.derive(&format!("bar {b}"));
            if end {
                // The last bar rests.
                (who.tremolo, who.held) = (who.tremolo * 0.4, who.held.map(|_| who.root + 7));
            }
            for (k, harmony) in plan[b].iter().enumerate() {
                let to = plan[b].get(k + 1).map_or(bar.to, |next| bar.eighth(next.from));
                self.bed(bar.eighth(harmony.from), to, bar.to - bar.from, &harmony.chord, &who, cue.level);
            }
            self.beat(bar, &who, cue.level, end);
            if end && last {
                self.farewell(bar, &who, cue.level);
                continue;
            }
            self.figure(bar, &plan[b], &who, cue.level, end);
            self.tune(cue, b, &plan, &who, &mut tune, &mut choose);
        }
        // A cue ends on its bar line: what was bowed is let go there.
        let to = cue.to;
        let ended = std::mem::take(&mut self.sounding);
        self.let_go(ended, to);
        self.end_high(to);
    }

    /// Strings: every tone of the chord near where it or its neighbour was, tied when it stays; and a bass.
    fn bed(&mut self, from: i64, to: i64, bar: i64, chord: &[i32], who: &Character, level: u8) {
        let tonic = self.theme.tonic;
        let gain = LEVELS[usize::from(level)];
        let thin = self.lines.share(from, to) >= 45;
        let low = 49 + who.register;
        let mut pitches: Vec<i32> = Vec::new();
        for semitone in chord {
            let class = tonic + semitone;
            let near = self.voices.get(pitches.len()).copied().unwrap_or(low + 7);
            let pitch =
                (low..low + 19).filter(|p| (p - class).rem_euclid(12) == 0 && !pitches.contains(p)).min_by_key(|p| ((p - near).abs(), *p));
            pitches.extend(pitch);
        }
        self.voices.clone_from(&pitches);
        let root = tonic + chord.first().copied().unwrap_or(0);
        let bass = 34 + (root - 34).rem_euclid(12);
        let share = if thin { 0.72 } else { 1.0 } * who.strings * gain;
        let mut want: Vec<(i32, f32)> = vec![(bass, share * 0.95)];
        // Under a line the bed is two voices and the bass; the highest steps aside.
        let mut sorted = pitches;
        sorted.sort_unstable();
        let voices = if thin || level == 1 { 2 } else { 3 };
        want.extend(sorted.iter().take(voices).map(|p| (*p, share)));
        if level >= 3 && !thin {
            want.extend(sorted.iter().take(2).map(|p| (p + 12, share * 0.5)));
        }
        let bright = (who.bright + 0.12 * (f32::from(level) - 1.0)).min(1.0) * if thin { 0.7 } else { 1.0 };
        let stays = |s: &Bed| want.iter().any(|w| w.0 == s.pitch) && s.tremolo == who.tremolo && s.thin == thin && from - s.start < 4 * bar;
        let (kept, ended): (Vec<_>, Vec<_>) = std::mem::take(&mut self.sounding).into_iter().partition(stays);
        self.sounding = kept;
        self.let_go(ended, from);
        for (pitch, amp) in want {
            if !self.sounding.iter().any(|s| s.pitch == pitch) {
                self.sounding.push(Bed { start: from, pitch, bright, tremolo: who.tremolo, amp, thin });
            }
        }
        // One note held high over a mood, but not over words.
        let held = who.held.filter(|_| !thin).map(|h| 72 + (tonic + h - 72).rem_euclid(12));
        if self.high.map(|h| h.1) != held {
            self.end_high(from);
            self.high = held.map(|pitch| (from, pitch, 0.8 * gain));
        }
    }

    fn beat(&mut self, bar: &Bar, who: &Character, level: u8, end: bool) {
        if who.pulse <= 0.0 {
            return;
        }
        let player = match self.genre {
            "adventure" => Player::Drum,
            "science_fiction" => Player::Tick,
            _ => Player::Pulse,
        };
        let strength = who.pulse * LEVELS[usize::from(level)] * if level >= 2 { 1.0 } else { 0.6 };
        for (k, beat) in who.beats.iter().enumerate().filter(|(k, beat)| **beat < bar.eighths && !(end && *k > 0)) {
            let at = bar.eighth(*beat);
            let spoken = self.lines.share(at, at + bar.step()) > 30;
            if spoken && k > 0 {
                continue;
            }
            let amp = strength * if k == 0 { 1.0 } else { 0.62 } * if spoken { 0.6 } else { 1.0 };
            let pitch = if player == Player::Tick { self.theme.tonic + 48 } else { self.theme.tonic - 12 };
            self.notes.push(Note { at, held: bar.step(), pitch, amp, pan: 0.0, player });
        }
    }

    /// What goes on under a tune.
    fn figure(&mut self, bar: &Bar, plan: &[Harmony], who: &Character, level: u8, end: bool) {
        let (player, home) = who.figures;
        let gain = LEVELS[usize::from(level)];
        let quiet = self.lines.share(bar.from, bar.to) > 40;
        for (k, (eighth, tone)) in who.figure.iter().enumerate().filter(|(_, f)| f.0 < bar.eighths) {
            // The first degree of strength has every other note, a bar of rest its first one.
            if (level == 1 || quiet) && k % 2 == 1 || end && k > 0 {
                continue;
            }
            let at = bar.eighth(*eighth);
            let spoken = self.lines.share(at, at + 3 * bar.step()) > 10;
            if spoken && (player.sustains() || k % 3 > 0) {
                continue;
            }
            let chord = plan.iter().rev().find(|h| h.from <= *eighth).map_or(&[][..], |h| &h.chord);
            let Some(first) = chord.first() else { continue };
            let semitone = if *tone >= chord.len() { first + 12 } else { chord[*tone] };
            let base = home - 6 + (self.theme.tonic + first - home + 6).rem_euclid(12);
            let accent = if k == 0 { 1.0 } else { 0.72 };
            let amp = 0.62 * gain * accent * if spoken { 0.5 } else { 1.0 };
            let pan = [-0.28, 0.05, 0.3, -0.1][k % 4];
            self.notes.push(Note { at, held: 3 * bar.step(), pitch: base + semitone - first, amp, pan, player });
        }
    }

    /// The theme where there is room for it, single notes elsewhere.
    fn tune(&mut self, cue: &Cue, b: usize, plan: &[Vec<Harmony>], who: &Character, tune: &mut Tune, choose: &mut Seed) {
        if tune.bars_left > 0 {
            tune.bars_left -= 1;
            return;
        }
        let bar = &cue.bars[b];
        let next = cue.bars.get(b + 1);
        let spoken = self.lines.share(bar.from, next.map_or(bar.to, |n| n.to));
        let chance = choose.below(100);
        let odds = who.theme + 8 * u64::from(cue.level);
        let card = cue.name.starts_with("card");
        let states =
            b.is_multiple_of(2) && (spoken <= 30 && (chance < odds || card || tune.stated == 0) || spoken <= 60 && chance < odds / 2);
        if !states {
            self.single_notes(cue, b, &plan[b], who, choose);
            return;
        }
        let options = variations(cue.mood);
        // Where half of it would be covered by words, a fragment says enough.
        let how = if spoken > 30 { Variation::Broken } else { options[(tune.first + tune.stated / 2) % options.len()] };
        let steps = self.theme.vary(how, tune.stated % 2 == 1, bar.eighths);
        tune.stated += 1;
        tune.bars_left = usize::from(next.is_some());
        let (player, home) = who.tune;
        let tonic = self.theme.tonic + who.root;
        let middle = steps.iter().map(|s| who.pitch(0, s.degree)).sum::<i32>() / (steps.len() as i32).max(1);
        let base = home - middle - 6 + (tonic - (home - middle - 6)).rem_euclid(12);
        for step in steps {
            let in_next = step.at >= bar.eighths;
            let Some(own) = (if in_next { next } else { Some(bar) }) else { continue };
            let eighth = step.at % bar.eighths;
            let at = own.eighth(eighth);
            let until = own.eighth(eighth + step.length).min(cue.to);
            if self.covered(player, at, until, choose) {
                continue;
            }
            let number = b + usize::from(in_next);
            let chord = plan[number].iter().rev().find(|h| h.from <= eighth).map_or(&[][..], |h| &h.chord);
            let mut pitch = who.pitch(base, step.degree);
            // What is on a strong beat, and all of the last bar, belongs to the chord.
            if eighth % 4 == 0 || number + 1 == cue.bars.len() {
                pitch = nearest(pitch, chord, self.theme.tonic);
            }
            let accent = if eighth == 0 { 1.0 } else { choose.range(0.82, 0.94) as f32 };
            self.sound(player, at, until, pitch, 0.85 * accent * LEVELS[usize::from(cue.level)], choose);
        }
    }

    fn single_notes(&mut self, cue: &Cue, b: usize, plan: &[Harmony], who: &Character, choose: &mut Seed) {
        let bar = &cue.bars[b];
        let (player, home) = (who.figures.0, who.tune.1.max(60));
        let mut at: Vec<i64> =
            (0..choose.below(who.notes + u64::from(cue.level >= 2) + 1)).map(|_| *choose.pick(&[0i64, 3, 4, 6, 7]).unwrap_or(&0)).collect();
        at.sort_unstable();
        at.dedup();
        for eighth in at.into_iter().filter(|e| *e < bar.eighths) {
            let chord = plan.iter().rev().find(|h| h.from <= eighth).map_or(&[][..], |h| &h.chord);
            let semitone = choose.pick(chord).copied().unwrap_or(0);
            let (at, until) = (bar.eighth(eighth), bar.eighth(eighth + 4).min(cue.to));
            let pitch = home - 6 + (self.theme.tonic + semitone - home + 6).rem_euclid(12);
            if !self.covered(player, at, until, choose) {
                self.sound(player, at, until, pitch, 0.55 * LEVELS[usize::from(cue.level)], choose);
            }
        }
    }

    /// Whether words stand where a note would be: a held one gives way to any, one that dies away to most.
    fn covered(&self, player: Player, from: i64, to: i64, choose: &mut Seed) -> bool {
        let until = if player.sustains() { to.max(from + 3_200) } else { from + 14_400 };
        let spoken = self.lines.share(from - 4_800, until) > 0;
        // The choice is made either way, so that a line moves no other note.
        let kept = choose.below(100) < 15;
        spoken && (player.sustains() || !kept)
    }

    fn sound(&mut self, player: Player, at: i64, until: i64, pitch: i32, amp: f32, choose: &mut Seed) {
        // A hand is never exactly on the beat; it may be late, so that nothing sounds before its bar.
        let late = choose.between(0, 700);
        let pan = choose.range(-0.3, 0.3) as f32;
        self.notes.push(Note { at: at + late, held: (until - at - late).max(2_400), pitch, amp, pan, player });
    }

    /// The film's last bar: the theme's first note and the tonic under it, far apart, at rest and not answered.
    fn farewell(&mut self, bar: &Bar, who: &Character, level: u8) {
        let tonic = self.theme.tonic + who.root;
        let high = 72 + (tonic - 72).rem_euclid(12);
        let soft = if matches!(who.tune.0, Player::Glass) { Player::Glass } else { Player::Harp };
        let gain = LEVELS[usize::from(level)];
        for (k, (at, pitch, player)) in
            [(0, tonic, Player::Felt), (0, tonic + 12, Player::Felt), (1, high - 5, soft), (2, high, soft), (4, high + 2, soft)]
                .into_iter()
                .enumerate()
        {
            if at < bar.eighths {
                let (at, pan) = (bar.eighth(at), k as f32 * 0.12 - 0.2);
                self.notes.push(Note { at, held: bar.to - at, pitch, amp: if k < 2 { 0.45 } else { 0.8 } * gain, pan, player });
            }
        }
    }

    fn let_go(&mut self, ended: Vec<Bed>, at: i64) {
        for Bed { start, pitch, bright, tremolo, amp, .. } in ended {
            let pan = ((pitch - 52) as f32 / 24.0).clamp(-0.4, 0.4);
            self.notes.push(Note { at: start, held: at - start, pitch, amp, pan, player: Player::Strings { bright, tremolo } });
        }
    }

    fn end_high(&mut self, at: i64) {
        if let Some((start, pitch, amp)) = self.high.take() {
            self.notes.push(Note { at: start, held: at - start, pitch, amp, pan: 0.25, player: Player::Held });
        }
    }
}

/// Where a cue is with its tune.
struct Tune {
    stated: usize,
    first: usize,
    bars_left: usize,
}

fn pick_variation(scene: &Seed) -> usize {
    match scene.derive("variation").below(100) {
        0..55 => 0,
        55..85 => 1,
        _ => 2,
    }
}

/// The chords of a bar: a turn of four, then the way home, and home in the last bar of every cue.
fn harmony(who: &Character, eighths: i64, b: usize, count: usize, turned: usize) -> Vec<Harmony> {
    let half = eighths / 2;
    let whole = |chord| vec![Harmony { from: 0, chord }];
    let before = || who.chord(who.before.0, who.before.1);
    match count - b {
        1 if count == 1 => vec![Harmony { from: 0, chord: before() }, Harmony { from: half, chord: who.home() }],
        1 => whole(who.home()),
        2 if count == 2 => vec![Harmony { from: 0, chord: who.chord(0, false) }, Harmony { from: half, chord: before() }],
        2 => whole(before()),
        _ => whole(who.chord(who.turns[(turned + b / 4) % 2][b % 4], false)),
    }
}

/// The pitch of the chord nearest to a pitch, the lower of two.
fn nearest(pitch: i32, chord: &[i32], tonic: i32) -> i32 {
    let belongs = |p: &i32| chord.iter().any(|c| (p - tonic - c).rem_euclid(12) == 0);
    (pitch - 3..=pitch + 3).filter(belongs).min_by_key(|p| ((p - pitch).abs(), *p)).unwrap_or(pitch)
}
