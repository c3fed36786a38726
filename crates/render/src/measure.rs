//! What is said of a finished film, measured on its file: frames, loudness, true peak, and whether each line is heard.
//!
//! A line is heard when the film's sound, in the line's span, is loud enough and is the line: it correlates with the
//! voice that was spoken for it. Music alone, however loud, is no voice.

use std::path::Path;

use contracts::{
    EditRate,
    render::{Bus, Measured, PlannedSound},
};
use media::{ffmpeg::Ffmpeg, wav};

use crate::{
    RenderError,
    compositor::Fetch,
    mix::{Loudness, true_peak},
};

/// The least level of a span in which a line is heard: −45 dBFS, as the mean square of samples in −1..1.
const HEARD_MEAN_SQUARE: f64 = 3.162_277_660_168_379e-5;
/// The least correlation of a span with its line.
const HEARD_CORRELATION: f64 = 0.3;
const FILM: &str = "film";

/// A finished film and what it was made from.
#[derive(Clone, Copy)]
pub struct Film<'a> {
    /// The file.
    pub path: &'a Path,
    /// Frames per second.
    pub rate: EditRate,
    /// The plan's sounds; those on the voices bus are its lines.
    pub sounds: &'a [PlannedSound],
    /// Captions that were written beside it.
    pub captions: u64,
}

/// Measures a film. Its picture is counted packet by packet (the join has proven that they are the segments', which were
/// decoded); its sound is decoded to the end.
///
/// # Errors
/// When the file is damaged, a frame is missing or doubled, or a voice cannot be read.
pub fn measure_film(film: Film<'_>, ffmpeg: &Ffmpeg, fetch: &dyn Fetch) -> Result<Measured, RenderError> {
    let video = ffmpeg.video(film.path).map_err(RenderError::media(FILM))?;
    let frames = video.constant_rate(film.path, film.rate).map_err(RenderError::media(FILM))?;
    let mut lines = Vec::new();
    for sound in film.sounds.iter().filter(|s| s.bus == Bus::Voices) {
        lines.push(Line::load(sound, fetch)?);
    }
    let mut loudness = Loudness::new();
    let mut decoder = ffmpeg.decode_sound(film.path).map_err(RenderError::media(FILM))?;
    let (mut block, mut at, mut position, mut failed) = (Vec::new(), 0, 0_u64, None);
    let pairs = std::iter::from_fn(|| {
        if at == block.len() {
            at = 0;
            match decoder.next_block() {
                Ok(Some(next)) => {
                    block = next.as_chunks::<2>().0.to_vec();
                    lines.iter_mut().for_each(|line| line.hear(position, &block));
                    position += block.len() as u64;
                }
                Ok(None) => return None,
                Err(error) => {
                    failed = Some(error);
                    return None;
                }
            }
        }
        let [left, right] = block.get(at).copied()?.map(f64::from);
        at += 1;
        loudness.push(left, right);
        Some((left, right))
    });
    let true_peak_cb = true_peak(pairs);
    if let Some(error) = failed {
        return Err(RenderError::media(FILM)(error));
    }
    let bytes = std::fs::metadata(film.path).map_err(|error| media::MediaError::File { path: film.path.to_owned(), error });
    Ok(Measured {
        frames,
        duration_ms: film.rate.ms(frames),
        loudness_cb: loudness.integrated_cb(),
        true_peak_cb,
        lines_heard: lines.iter().filter(|line| line.heard()).count() as u64,
        lines_planned: lines.len() as u64,
        captions: film.captions,
        caption_ms: 0,
        longest_silence_ms: 0,
        clipped_samples: 0,
        bytes: bytes.map_err(RenderError::media(FILM))?.len(),
    })
}

/// A line and what was heard in its span.
struct Line {
    start: u64,
    voice: Vec<f32>,
    /// Sums of voice², film², voice × film.
    sums: [f64; 3],
}

impl Line {
    fn load(sound: &PlannedSound, fetch: &dyn Fetch) -> Result<Self, RenderError> {
        let fault = |text: String| RenderError::fault(&sound.need_id, text);
        let bytes = fetch.fetch(&sound.audio).map_err(fault)?;
        let spoken = wav::read(&bytes).map_err(|e| fault(e.to_string()))?;
        let channels = usize::from(spoken.channels.max(1));
        let frames = spoken.samples.chunks_exact(channels).take(sound.samples as usize);
        let voice = frames.map(|f| f.iter().map(|&s| f32::from(s)).sum::<f32>() / (channels as f32 * 32_768.0)).collect();
        Ok(Self { start: sound.start, voice, sums: [0.0; 3] })
    }

    /// Hears a block of the film that begins at sample `position`.
    fn hear(&mut self, position: u64, block: &[[f32; 2]]) {
        let end = self.start + self.voice.len() as u64;
        for at in position.max(self.start)..end.min(position + block.len() as u64) {
            let [left, right] = block[(at - position) as usize].map(f64::from);
            let (voice, film) = (f64::from(self.voice[(at - self.start) as usize]), (left + right) / 2.0);
            self.sums[0] += voice * voice;
            self.sums[1] += film * film;
            self.sums[2] += voice * film;
        }
    }

    fn heard(&self) -> bool {
        let [voice, film, both] = self.sums;
        film > HEARD_MEAN_SQUARE * self.voice.len() as f64
            && both > 0.0
            && both * both > HEARD_CORRELATION * HEARD_CORRELATION * voice * film
    }
}
