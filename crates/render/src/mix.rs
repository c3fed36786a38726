//! The mixer: sounds on four buses, music and ambience ducked under voices, BS.1770 loudness, a true-peak limiter, 16-bit
//! stereo at 48 kHz out.
//!
//! Everything here is pure: constants of the standard, the `libm` crate, one fixed order of sums, a master gain snapped
//! to 0.1 dB, dither from a seed. The same plan gives the same bytes on every machine.

mod duck;
mod limiter;
mod loudness;

use std::error::Error;

use contracts::{
    Hash, Id, Seed,
    render::{Bus, MixSettings, PlannedSound},
};
use media::wav::{self, WavError};

pub use loudness::{Loudness, true_peak};

/// The longest film that is mixed, in samples: one hour.
pub const MAX_SAMPLES: u64 = 48_000 * 3_600;
/// Reported for loudness at or below the absolute gate of BS.1770: nothing was heard. Hundredths of LUFS.
pub const INAUDIBLE_CB: i32 = -7_000;
/// A mix quieter than this is left as it is: what would be raised is noise. Hundredths of LUFS.
const TOO_QUIET_CB: i32 = -5_000;

/// A mix and what was measured on its samples. Decibels and LUFS in hundredths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mix {
    /// Stereo WAV, 48 kHz, 16-bit.
    pub wav: Vec<u8>,
    /// Integrated loudness; [`INAUDIBLE_CB`] when nothing was heard.
    pub loudness_cb: i32,
    /// True peak; −12 000 for digital silence.
    pub true_peak_cb: i32,
    /// Gain of the master before the limiter, in steps of 0.1 dB.
    pub gain_cb: i32,
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
}

/// Gives the bytes of a WAV file by its address.
pub type Fetch<'a> = dyn Fn(&Hash) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> + 'a;

/// Mixes the sounds of a film of `total_samples`. `fetch` gives a WAV file by its address. A sound shorter than planned
/// ends early; a longer one is cut where the plan says, with the plan's fade.
///
/// # Errors
/// A sound that cannot be read, is no 48 kHz WAV, or a film longer than an hour.
pub fn mix(sounds: &[PlannedSound], settings: &MixSettings, total_samples: u64, fetch: &Fetch<'_>) -> Result<Mix, MixError> {
    if total_samples > MAX_SAMPLES {
        return Err(MixError::TooLong { samples: total_samples });
    }
    let voices = sounds.iter().filter(|s| s.bus == Bus::Voices).map(|s| (s.start, s.start.saturating_add(s.samples)));
    let ducking = duck::Ducking::new(voices, settings);
    let mut bed = vec![0f32; total_samples as usize * 2];
    for sound in sounds {
        let need = || sound.need_id.clone();
        let bytes = fetch(&sound.audio).map_err(|source| MixError::Fetch { need: need(), source })?;
        let played = wav::read(&bytes).map_err(|source| MixError::Wav { need: need(), source })?;
        if played.rate != 48_000 {
            return Err(MixError::Rate { need: need(), rate: played.rate });
        }
        let under = matches!(sound.bus, Bus::Music | Bus::Ambience).then_some(&ducking);
        add(&mut bed, sound, &played, under);
    }
    Ok(master(&bed, settings))
}

/// Adds one sound at its place, with its gain, fades and ducking.
fn add(bed: &mut [f32], sound: &PlannedSound, played: &wav::Sound, ducking: Option<&duck::Ducking>) {
    let total = bed.len() as u64 / 2;
    let length = sound.samples.min(played.frames() as u64).min(total.saturating_sub(sound.start));
    let gain = db(sound.gain_cb) / 32_768.0;
    let channels = usize::from(played.channels);
    let mut duck = ducking.map(|d| d.from(sound.start));
    for k in 0..length {
        let mut g = gain;
        if k < sound.fade_in {
            g *= equal_power(k, sound.fade_in);
        }
        let left = length - 1 - k;
        if left < sound.fade_out {
            g *= equal_power(left, sound.fade_out);
        }
        if let Some(duck) = &mut duck {
            g *= duck.next();
        }
        let at = k as usize * channels;
        let (a, b) = (played.samples[at], played.samples[at + channels - 1]);
        let to = (sound.start + k) as usize * 2;
        bed[to] += (f64::from(a) * g) as f32;
        bed[to + 1] += (f64::from(b) * g) as f32;
    }
}

/// Loudness, peaks, dither.
fn master(bed: &[f32], settings: &MixSettings) -> Mix {
    let frames = bed.len() / 2;
    let at = |k: usize, g: f64| (f64::from(bed[2 * k]) * g, f64::from(bed[2 * k + 1]) * g);
    let loudness = |envelope: &[f32], gain: f64| {
        let mut meter = Loudness::new();
        for k in 0..frames {
            let (l, r) = at(k, gain * f64::from(envelope.get(k).copied().unwrap_or(1.0)));
            meter.push(l, r);
        }
        meter.integrated_cb()
    };
    let before = loudness(&[], 1.0);
    let mut gain_cb = if before > TOO_QUIET_CB { snap(settings.loudness_cb - before) } else { 0 };
    let mut ceiling_cb = settings.true_peak_cb;
    // The gain may still rise by a few decibels: what stays under the ceiling even then needs no look between its samples.
    let peaks = limiter::peaks(bed, db(ceiling_cb - gain_cb - 300) / loudness::RISE);
    let mut envelope = limiter::envelope(&peaks, db(gain_cb), db(ceiling_cb));
    // The limiter takes some loudness away, and a moving gain can lift a peak between samples by a hair: look again, twice.
    for _ in 0..2 {
        let after = loudness(&envelope, db(gain_cb));
        let off = settings.loudness_cb - after;
        let more = if before > TOO_QUIET_CB && off.abs() > 10 { snap(off) } else { 0 };
        let over = loudness::true_peak((0..frames).map(|k| at(k, db(gain_cb) * f64::from(envelope[k])))) - settings.true_peak_cb;
        if more == 0 && over <= 0 {
            break;
        }
        gain_cb += more.min(150);
        ceiling_cb -= over.clamp(0, 50);
        envelope = limiter::envelope(&peaks, db(gain_cb), db(ceiling_cb));
    }

    let mut seed = Seed::of(&["mix", "dither"]);
    let silent = bed.iter().all(|x| *x == 0.0);
    let mut samples = Vec::with_capacity(bed.len());
    for (k, limited) in envelope.iter().enumerate() {
        let (l, r) = at(k, db(gain_cb) * f64::from(*limited));
        for x in [l, r] {
            // Triangular dither of ±1 step; digital silence stays silent.
            let noise = if silent { 0.0 } else { triangular(seed.next_u64()) };
            samples.push((x * 32_767.0 + noise).round().clamp(-32_768.0, 32_767.0) as i16);
        }
    }
    let pairs = || samples.chunks_exact(2).map(|p| (f64::from(p[0]) / 32_768.0, f64::from(p[1]) / 32_768.0));
    let mut meter = Loudness::new();
    pairs().for_each(|(l, r)| meter.push(l, r));
    let (loudness_cb, true_peak_cb) = (meter.integrated_cb(), loudness::true_peak(pairs()));
    // The length was checked and the samples come in pairs, so that writing has no reason left to fail.
    let wav = wav::write(48_000, 2, &samples).unwrap_or_default();
    Mix { wav, loudness_cb, true_peak_cb, gain_cb }
}

/// A factor from hundredths of a decibel.
fn db(cb: i32) -> f64 {
    libm::pow(10.0, f64::from(cb) / 2_000.0)
}

/// Hundredths of a decibel to the nearest tenth of a decibel.
fn snap(cb: i32) -> i32 {
    (f64::from(cb) / 10.0).round() as i32 * 10
}

fn equal_power(k: u64, of: u64) -> f64 {
    libm::sin(std::f64::consts::FRAC_PI_2 * (k as f64 + 0.5) / of as f64)
}

/// Two even choices of 32 bits each, added: −1..1, densest at 0.
fn triangular(bits: u64) -> f64 {
    const STEP: f64 = 1.0 / 4_294_967_296.0;
    ((bits >> 32) as f64 + (bits & 0xffff_ffff) as f64) * STEP - 1.0
}

#[cfg(test)]
mod tests;
