//! The mixer: sounds on four buses, music and ambience ducked under voices, rooms that answer, BS.1770 loudness, a
//! true-peak limiter, 16-bit stereo at 48 kHz out, in whole or with its stems.
//!
//! Everything here is pure: constants of the standard, the `libm` crate, one fixed order of sums, a master gain snapped
//! to 0.1 dB, dither from a seed. The same plan gives the same bytes on every machine.
//!
//! Nothing is held in whole: the film is played block by block as often as it must be heard (once to learn how loud it
//! is, then until what comes out is as loud as it should be), its sources are read by parts, and what comes out is written
//! as it comes. An hour takes the memory of a minute.
//!
//! A sample is: the source's, times gain, times its fades (equal power), times ducking where the bus is ducked; the sum of
//! these and of the rooms' answers, times the master's gain, times the limiter's.

mod bed;
mod duck;
mod limiter;
mod loudness;
mod peaks;
mod room;

use std::{
    error::Error,
    io::{Seek, Write},
    path::{Path, PathBuf},
};

use contracts::{
    Hash, Id, Seed,
    render::{MixSettings, PlannedSound},
};
use media::{
    MediaError,
    wav::{self, WavError},
};

use self::{bed::Block, loudness::Loudness, peaks::TruePeak};

/// The longest film that is mixed, in samples: one hour.
pub const MAX_SAMPLES: u64 = 48_000 * 3_600;
/// Reported for loudness at or below the absolute gate of BS.1770: nothing was heard. Hundredths of LUFS.
pub const INAUDIBLE_CB: i32 = -7_000;
/// Names of the stems, in the order in which they are added. The air of a place belongs to the effects.
pub const STEM_NAMES: [&str; STEMS] = ["voices", "music", "effects"];
/// How many stems there are.
pub const STEMS: usize = 3;
/// A mix quieter than this is left as it is: what would be raised is noise. Hundredths of LUFS.
pub(crate) const TOO_QUIET_CB: i32 = -5_000;
/// Frames that are worked on at once. What comes out does not depend on it.
const BLOCK: usize = 4_096;
/// How often a mix is made again because the limiter took some of its loudness away.
const CORRECTIONS: usize = 2;

/// What was measured on a mix's samples. Decibels and LUFS in hundredths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mix {
    /// Integrated loudness; [`INAUDIBLE_CB`] when nothing was heard.
    pub loudness_cb: i32,
    /// True peak; −12 000 for digital silence.
    pub true_peak_cb: i32,
    /// Gain of the master before the limiter, in steps of 0.1 dB.
    pub gain_cb: i32,
}

/// Where a mix is written.
pub trait Sink: Write + Seek {}

impl<T: Write + Seek> Sink for T {}

/// Where a mix and, when they are asked for, its stems are written: WAV, 48 kHz, stereo, 16-bit.
pub struct Sinks<'a> {
    /// The mix.
    pub mix: &'a mut dyn Sink,
    /// [`STEM_NAMES`], each with all that is done to the mix but its dither: their sum is the mix before it. A stem that is
    /// louder than full scale alone, which the sum is not, is clipped.
    pub stems: Option<[&'a mut dyn Sink; STEMS]>,
}

/// Why a mix was not made.
#[derive(Debug, thiserror::Error)]
pub enum MixError {
    /// A sound could not be fetched.
    #[error("sound `{need}` could not be read: {source}")]
    Fetch {
        /// The need it meets.
        need: Id,
        /// Why.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A sound is not a WAV file we play.
    #[error("sound `{need}`: {source}")]
    Wav {
        /// The need it meets.
        need: Id,
        /// Why.
        source: WavError,
    },
    /// A sound is not at 48 kHz.
    #[error("sound `{need}` is at {rate} Hz; a mix takes 48 000 Hz, convert it when it is taken in")]
    Rate {
        /// The need it meets.
        need: Id,
        /// Its rate.
        rate: u32,
    },
    /// The film is longer than an hour.
    #[error("a film of {samples} samples is too long to mix; at most {MAX_SAMPLES}")]
    TooLong {
        /// Its length.
        samples: u64,
    },
    /// A number of the plan is outside what a mix can do.
    #[error("`{field}` is {value}; it must be from {low} to {high}")]
    Range {
        /// Where it stands in the plan.
        field: String,
        /// What it is.
        value: i64,
        /// The least it may be.
        low: i64,
        /// The most it may be.
        high: i64,
    },
    /// What was made could not be written.
    #[error("the mix could not be written: {0}")]
    Write(WavError),
    /// Its file could not be begun.
    #[error("the mix could not be written: {0}")]
    Create(MediaError),
}

/// Gives a WAV file by its address: its bytes, or the name of a file that nobody changes meanwhile.
pub type Fetch<'a> = dyn Fn(&Hash) -> Result<wav::Source, Box<dyn Error + Send + Sync>> + 'a;

/// Whether a mix can be made of these numbers. [`mix`] asks this first; whoever takes plans from outside can ask earlier.
///
/// # Errors
/// The first number that is out of its range.
pub fn check(sounds: &[PlannedSound], settings: &MixSettings) -> Result<(), MixError> {
    let MixSettings { duck_cb, duck_lookahead_ms, duck_attack_ms, duck_release_ms, loudness_cb, true_peak_cb } = *settings;
    let within = |field: &str, value: i64, low: i64, high: i64| {
        if (low..=high).contains(&value) { Ok(()) } else { Err(MixError::Range { field: field.to_owned(), value, low, high }) }
    };
    within("mix.duck_cb", duck_cb.into(), -6_000, 0)?;
    within("mix.duck_lookahead_ms", duck_lookahead_ms.into(), 0, 5_000)?;
    within("mix.duck_attack_ms", duck_attack_ms.into(), 0, 5_000)?;
    within("mix.duck_release_ms", duck_release_ms.into(), 0, 10_000)?;
    within("mix.loudness_cb", loudness_cb.into(), -4_000, -500)?;
    within("mix.true_peak_cb", true_peak_cb.into(), -2_000, 0)?;
    for (i, sound) in sounds.iter().enumerate() {
        within(&format!("sounds[{i}].gain_cb"), sound.gain_cb.into(), -12_000, 4_000)?;
        if let Some(room) = sound.room {
            within(&format!("sounds[{i}].room.decay_ms"), room.decay_ms.into(), 100, 4_000)?;
            within(&format!("sounds[{i}].room.wet_cb"), room.wet_cb.into(), -6_000, 0)?;
        }
    }
    Ok(())
}

/// Mixes the sounds of a film of `total_samples` into `sinks`. `fetch` gives a WAV file by its address. A sound shorter than
/// planned ends early; a longer one is cut where the plan says, with the plan's fade.
///
/// # Errors
/// A number out of its range, a sound that cannot be read or is no 48 kHz WAV, a film longer than an hour, or a sink that
/// cannot be written.
pub fn mix(
    sounds: &[PlannedSound],
    settings: &MixSettings,
    total_samples: u64,
    fetch: &Fetch<'_>,
    sinks: Sinks<'_>,
) -> Result<Mix, MixError> {
    mix_by(BLOCK, sounds, settings, total_samples, fetch, sinks)
}

/// Files by name.
pub type Files = Vec<(&'static str, PathBuf)>;

/// [`mix`] into `mix.wav` and, with `stems`, one file for each of [`STEM_NAMES`], in a folder of the caller's own. Gives the
/// files by name, the mix first.
///
/// # Errors
/// As [`mix`], and when a file cannot be begun.
pub fn mix_to_folder(
    sounds: &[PlannedSound],
    settings: &MixSettings,
    total_samples: u64,
    fetch: &Fetch<'_>,
    folder: &Path,
    stems: bool,
) -> Result<(Mix, Files), MixError> {
    let begin = |name: &'static str| -> Result<_, MixError> {
        let path = folder.join(format!("{name}.wav"));
        Ok((media::create(&path).map_err(MixError::Create)?, (name, path)))
    };
    let (mut whole, whole_path) = begin("mix")?;
    if !stems {
        let mix = mix(sounds, settings, total_samples, fetch, Sinks { mix: &mut whole, stems: None })?;
        return Ok((mix, vec![whole_path]));
    }
    let [voices, music, effects] = STEM_NAMES.map(begin);
    let ((mut voices, voices_path), (mut music, music_path), (mut effects, effects_path)) = (voices?, music?, effects?);
    let sinks = Sinks { mix: &mut whole, stems: Some([&mut voices, &mut music, &mut effects]) };
    let mix = mix(sounds, settings, total_samples, fetch, sinks)?;
    Ok((mix, vec![whole_path, voices_path, music_path, effects_path]))
}

/// [`mix`], so many frames at a time.
fn mix_by(
    block: usize,
    sounds: &[PlannedSound],
    settings: &MixSettings,
    total: u64,
    fetch: &Fetch<'_>,
    sinks: Sinks<'_>,
) -> Result<Mix, MixError> {
    if total > MAX_SAMPLES {
        return Err(MixError::TooLong { samples: total });
    }
    check(sounds, settings)?;
    let voices = sounds.iter().filter(|s| s.bus == contracts::render::Bus::Voices);
    let ducking = duck::Ducking::new(voices.map(|s| (s.start.min(total), s.start.saturating_add(s.samples).min(total))), settings);
    let sounds = bed::Sounds::new(sounds, ducking, total, fetch)?;
    let writer = |to| wav::Writer::new(to, 48_000, 2, total).map_err(MixError::Write);
    let mut master = Master {
        sounds: &sounds,
        block,
        mix: writer(sinks.mix)?,
        stems: sinks.stems.map_or(Ok(Vec::new()), |stems| stems.into_iter().map(writer).collect())?,
    };
    let (before, silent) = master.listen()?;
    let audible = before > TOO_QUIET_CB;
    let mut gain_cb = if audible { snap(settings.loudness_cb - before) } else { 0 };
    let mut ceiling_cb = settings.true_peak_cb;
    let mut made = master.round(gain_cb, ceiling_cb, silent)?;
    // The limiter takes some loudness away, and a moving gain can lift a peak between samples by a hair.
    for _ in 0..CORRECTIONS {
        let off = settings.loudness_cb - made.loudness_cb;
        let more = if audible && off.abs() > 10 { snap(off) } else { 0 };
        let over = made.true_peak_cb - settings.true_peak_cb;
        if more == 0 && over <= 0 {
            break;
        }
        gain_cb += more.min(150);
        ceiling_cb -= over.clamp(0, 50);
        made = master.round(gain_cb, ceiling_cb, silent)?;
    }
    for written in master.stems.into_iter().chain([master.mix]) {
        written.finish().map_err(MixError::Write)?;
    }
    Ok(made)
}

/// A film's sounds on the way into its files.
struct Master<'a, 's> {
    sounds: &'a bed::Sounds<'a>,
    block: usize,
    mix: wav::Writer<&'s mut dyn Sink>,
    stems: Vec<wav::Writer<&'s mut dyn Sink>>,
}

impl Master<'_, '_> {
    /// How loud the film is as it is planned, and whether it is digital silence.
    fn listen(&self) -> Result<(i32, bool), MixError> {
        let (mut player, mut stems, mut whole) = (self.sounds.play(), <[Block; STEMS]>::default(), Block::default());
        let (mut loudness, mut silent) = (Loudness::new(), true);
        while player.next(self.block, &mut stems)? > 0 {
            sum(&stems, &mut whole);
            loudness.push(whole.both());
            silent = silent && whole.sides.iter().flatten().all(|x| *x == 0.0);
        }
        Ok((loudness.integrated_cb(), silent))
    }

    /// Makes the mix with this gain and this ceiling, and measures what was written.
    fn round(&mut self, gain_cb: i32, ceiling_cb: i32, silent: bool) -> Result<Mix, MixError> {
        self.mix.restart().map_err(MixError::Write)?;
        for stem in &mut self.stems {
            stem.restart().map_err(MixError::Write)?;
        }
        let gain = db(gain_cb);
        let (mut player, mut stems, mut whole) = (self.sounds.play(), <[Block; STEMS]>::default(), Block::default());
        // What waits for its gain: the limiter looks ahead. Stems wait only when they are asked for.
        let mut waiting: Vec<Block> = vec![Block::default(); 1 + self.stems.len()];
        let (mut limiter, mut gains) = (limiter::Limiter::new(gain, db(ceiling_cb)), Vec::new());
        let mut out = Out { dither: (!silent).then(|| Seed::of(&["mix", "dither"])), ..Out::default() };
        loop {
            let frames = player.next(self.block, &mut stems)?;
            gains.clear();
            if frames > 0 {
                sum(&stems, &mut whole);
                limiter.push(whole.both(), &mut gains);
                waiting[0].append(&whole);
                waiting[1..].iter_mut().zip(&stems).for_each(|(waiting, stem)| waiting.append(stem));
            } else {
                limiter.finish(&mut gains);
            }
            gains.iter_mut().for_each(|g| *g *= gain as f32);
            for (waiting, writer) in waiting[1..].iter_mut().zip(&mut self.stems) {
                writer.push(plain(waiting, &gains, &mut out.pairs)).map_err(MixError::Write)?;
                waiting.drop_first(gains.len());
            }
            self.mix.push(out.quantise(&waiting[0], &gains)).map_err(MixError::Write)?;
            waiting[0].drop_first(gains.len());
            if frames == 0 {
                break;
            }
        }
        Ok(Mix { loudness_cb: out.loudness.integrated_cb(), true_peak_cb: out.true_peak.finish(), gain_cb })
    }
}

impl Block {
    fn append(&mut self, other: &Block) {
        self.sides.iter_mut().zip(&other.sides).for_each(|(to, from)| to.extend_from_slice(from));
    }

    fn drop_first(&mut self, frames: usize) {
        self.sides.iter_mut().for_each(|side| drop(side.drain(..frames)));
    }
}

/// Voices plus music, plus effects.
fn sum(stems: &[Block; STEMS], whole: &mut Block) {
    let [voices, music, effects] = stems;
    for (side, out) in whole.sides.iter_mut().enumerate() {
        out.clear();
        let parts = voices.sides[side].iter().zip(&music.sides[side]).zip(&effects.sides[side]);
        out.extend(parts.map(|((v, m), e)| (v + m) + e));
    }
}

/// A stem's samples: rounded, without dither, so that they add up.
fn plain<'p>(stem: &Block, gains: &[f32], pairs: &'p mut Vec<i16>) -> &'p [i16] {
    let [left, right] = stem.both();
    pairs.clear();
    pairs.extend(left.iter().zip(right).zip(gains).flat_map(|((l, r), g)| [rounded(l * g * 32_767.0), rounded(r * g * 32_767.0)]));
    pairs
}

/// What is written, and what is measured on it.
#[derive(Default)]
struct Out {
    loudness: Loudness,
    true_peak: TruePeak,
    /// Triangular dither of ±1 step; digital silence stays silent.
    dither: Option<Seed>,
    written: Block,
    pairs: Vec<i16>,
}

impl Out {
    /// The first frames of `whole`, as many as there are gains, as they are written.
    fn quantise(&mut self, whole: &Block, gains: &[f32]) -> &[i16] {
        self.pairs.clear();
        let [left, right] = whole.both();
        for ((l, r), g) in left.iter().zip(right).zip(gains) {
            let mut noise = || self.dither.as_mut().map_or(0.0, |seed| triangular(seed.next_u64()));
            let (first, second) = (noise(), noise());
            self.pairs.extend([rounded(l * g * 32_767.0 + first), rounded(r * g * 32_767.0 + second)]);
        }
        for (side, out) in self.written.sides.iter_mut().enumerate() {
            out.clear();
            out.extend(self.pairs.as_chunks::<2>().0.iter().map(|pair| f32::from(pair[side]) * (1.0 / 32_768.0)));
        }
        self.loudness.push(self.written.both());
        self.true_peak.push(self.written.both());
        &self.pairs
    }
}

/// To the nearest whole number, half up, clipped.
fn rounded(x: f32) -> i16 {
    // Positive before it is cut off, so that cutting is rounding down.
    let up = (x.clamp(-32_768.0, 32_767.0) + 32_768.5) as i32 - 32_768;
    up as i16
}

/// Measures loudness and true peak of sound that comes in blocks of pairs.
#[derive(Default)]
pub struct Meter {
    loudness: Loudness,
    true_peak: TruePeak,
    sides: [Vec<f32>; 2],
}

impl Meter {
    /// Hears a block: left and right in −1..1, in turn.
    pub fn push(&mut self, pairs: &[[f32; 2]]) {
        for (k, side) in self.sides.iter_mut().enumerate() {
            side.clear();
            side.extend(pairs.iter().map(|pair| pair[k]));
        }
        let both = self.sides.each_ref().map(Vec::as_slice);
        self.loudness.push(both);
        self.true_peak.push(both);
    }

    /// Integrated loudness and true peak in hundredths.
    pub fn finish(self) -> (i32, i32) {
        (self.loudness.integrated_cb(), self.true_peak.finish())
    }
}

/// A factor from hundredths of a decibel.
fn db(cb: i32) -> f64 {
    libm::pow(10.0, f64::from(cb) / 2_000.0)
}

/// Hundredths of a decibel to the nearest tenth of a decibel.
fn snap(cb: i32) -> i32 {
    (f64::from(cb) / 10.0).round() as i32 * 10
}

/// Two even choices of 32 bits each, added: −1..1, densest at 0.
fn triangular(bits: u64) -> f32 {
    const STEP: f32 = 1.0 / 8_388_608.0;
    // The upper 23 bits of each half: what an f32 holds.
    ((bits >> 41) + ((bits >> 9) & 0x7f_ffff)) as f32 * STEP - 1.0
}

#[cfg(test)]
mod tests;
