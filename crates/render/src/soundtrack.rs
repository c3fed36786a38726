//! The mix → the film's sound: encoded, decoded and measured. A codec moves peaks and takes what it thinks nobody hears:
//! where that goes too far, the mix is mastered once more, with more room under the ceiling or a little more loudness, and
//! encoded again. Most films need no second look.

use std::path::{Path, PathBuf};

use contracts::{
    Hash, Id,
    render::{Bus, EncodeSettings, MixSettings, PlannedSound},
};
use media::{ffmpeg::Ffmpeg, wav::Source};

use crate::{
    RenderError,
    join::encode_sound,
    mix::{Meter, Sinks, TOO_QUIET_CB, mix},
};

const FILM: &str = "film";
/// What the decoded film must hold, hundredths of dBTP.
const CEILING_CB: i32 = -100;
/// How far beyond the ceiling's excess the limiter goes down: the codec answers each mix a little differently.
const MARGIN_CB: i32 = 15;
/// How far the decoded loudness may be from what was planned, hundredths of a LU, before it is looked at again.
const OFF_CB: i32 = 35;
/// How often it is encoded at most.
const LOOKS: u32 = 4;

/// What was measured on the decoded sound. Decibels and LUFS in hundredths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Soundtrack {
    /// Integrated loudness.
    pub loudness_cb: i32,
    /// True peak.
    pub true_peak_cb: i32,
    /// How often it was encoded.
    pub looks: u32,
}

/// Encodes `mix`, 48 kHz stereo WAV, as the film holds it, into the file `out`: an MP4 without a picture. `settings` says how
/// loud it was to be. `work` is a folder of the caller's own.
///
/// # Errors
/// When the mix cannot be read, nothing can be written, or ffmpeg fails. Sound that is over the ceiling after the last look
/// is no error here: the film's gate refuses it.
pub fn soundtrack(
    settings: &MixSettings,
    encode: &EncodeSettings,
    path: &Path,
    ffmpeg: &Ffmpeg,
    work: &Path,
    out: &Path,
) -> Result<Soundtrack, RenderError> {
    encode_sound(encode, path, ffmpeg, out)?;
    let mut seen = listen(ffmpeg, out)?;
    let mut wanted = settings.clone();
    for looks in 1.. {
        let (loudness_cb, true_peak_cb) = seen;
        let over = true_peak_cb - CEILING_CB;
        let off = if loudness_cb > TOO_QUIET_CB { settings.loudness_cb - loudness_cb } else { 0 };
        if (over <= 0 && off.abs() <= OFF_CB) || looks == LOOKS {
            return Ok(Soundtrack { loudness_cb, true_peak_cb, looks });
        }
        if over > 0 {
            wanted.true_peak_cb = (wanted.true_peak_cb - over - MARGIN_CB).max(-2_000);
        }
        wanted.loudness_cb = (wanted.loudness_cb + off).clamp(-4_000, -500);
        let again = master(path, &wanted, &work.join(format!("again-{looks}.wav")))?;
        encode_sound(encode, &again, ffmpeg, out)?;
        seen = listen(ffmpeg, out)?;
    }
    Err(RenderError::fault(FILM, "its sound was never encoded"))
}

/// A finished mix as the only sound of another one.
fn master(path: &Path, settings: &MixSettings, out: &Path) -> Result<PathBuf, RenderError> {
    let fault = |error: &dyn std::fmt::Display| RenderError::fault(FILM, error.to_string());
    let source = Source::File(path.to_owned());
    let samples = source.open().map_err(|e| fault(&e))?.frames;
    let whole = PlannedSound {
        need_id: Id::slug("mix"),
        bus: Bus::Effects,
        audio: Hash::of(b"mix"),
        start: 0,
        samples,
        gain_cb: 0,
        fade_in: 0,
        fade_out: 0,
        room: None,
    };
    let mut file = media::create(out).map_err(RenderError::media(FILM))?;
    mix(&[whole], settings, samples, &|_| Ok(source.clone()), Sinks { mix: &mut file, stems: None }).map_err(|e| fault(&e))?;
    Ok(out.to_owned())
}

fn listen(ffmpeg: &Ffmpeg, path: &Path) -> Result<(i32, i32), RenderError> {
    let mut meter = Meter::default();
    let mut decoder = ffmpeg.decode_sound(path).map_err(RenderError::media(FILM))?;
    while let Some(block) = decoder.next_block().map_err(RenderError::media(FILM))? {
        meter.push(block.as_chunks::<2>().0);
    }
    Ok(meter.finish())
}
