//! What is said of a finished film, measured on its file: frames, loudness, true peak, and whether each line is heard.
//!
//! A line is heard when the film's sound, in the line's span, is loud enough and is the line: it correlates with the
//! voice that was spoken for it. Music alone, however loud, is no voice.

use std::path::Path;

use contracts::{
    EditRate, Id,
    render::{Bus, Measured, PlannedSound},
    time::ms_of_samples,
};
use media::{ffmpeg::Ffmpeg, wav};

use crate::{
    RenderError,
    mix::{Fetch, Meter},
};

/// The least level of a span in which a line is heard: −45 dBFS, as the mean square of samples in −1..1.
const HEARD_MEAN_SQUARE: f64 = 3.162_277_660_168_379e-5;
/// The least correlation of a span with its line.
const HEARD_CORRELATION: f64 = 0.3;
/// Sound of which no sample reaches this is silence: −60 dBFS.
const SILENCE: f32 = 0.001;
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
pub fn measure_film(film: Film<'_>, ffmpeg: &Ffmpeg, fetch: &Fetch<'_>) -> Result<Measured, RenderError> {
    let video = ffmpeg.video(film.path).map_err(RenderError::media(FILM))?;
    let frames = video.constant_rate(film.path, film.rate).map_err(RenderError::media(FILM))?;
    let sound = hear(film, ffmpeg, fetch)?;
    let bytes = std::fs::metadata(film.path).map_err(|error| media::MediaError::File { path: film.path.to_owned(), error });
    Ok(Measured {
        frames,
        duration_ms: film.rate.ms(frames),
        loudness_cb: sound.loudness_cb,
        true_peak_cb: sound.true_peak_cb,
        lines_heard: sound.lines_heard,
        lines_planned: sound.lines_planned,
        captions: film.captions,
        caption_ms: 0,
        longest_silence_ms: ms_of_samples(sound.longest_silence),
        clipped_samples: sound.clipped,
        bytes: bytes.map_err(RenderError::media(FILM))?.len(),
    })
}

/// What was heard of a film.
struct Sound {
    loudness_cb: i32,
    true_peak_cb: i32,
    lines_heard: u64,
    lines_planned: u64,
    /// Frames of the longest time in which nothing sounds.
    longest_silence: u64,
    clipped: u64,
}

/// Decodes a film's sound to its end, a second at a time. Voices are read by parts: an hour takes the memory of a minute.
fn hear(film: Film<'_>, ffmpeg: &Ffmpeg, fetch: &Fetch<'_>) -> Result<Sound, RenderError> {
    let mut sources = Vec::new();
    for sound in film.sounds.iter().filter(|s| s.bus == Bus::Voices) {
        let fault = |text: String| RenderError::fault(&sound.need_id, text);
        sources.push((sound, fetch(&sound.audio).map_err(|e| fault(e.to_string()))?));
    }
    let mut lines = Vec::new();
    for (sound, source) in &sources {
        lines.push(Line::new(sound, source)?);
    }
    let mut meter = Meter::default();
    let (mut position, mut clipped, mut quiet, mut longest_silence) = (0, 0, 0_u64, 0);
    let mut decoder = ffmpeg.decode_sound(film.path).map_err(RenderError::media(FILM))?;
    while let Some(block) = decoder.next_block().map_err(RenderError::media(FILM))? {
        let pairs = block.as_chunks::<2>().0;
        meter.push(pairs);
        for pair in pairs {
            clipped += pair.iter().filter(|x| x.abs() >= 1.0).count() as u64;
            quiet = if pair.iter().all(|x| x.abs() < SILENCE) { quiet + 1 } else { 0 };
            longest_silence = longest_silence.max(quiet);
        }
        for line in &mut lines {
            line.hear(position, pairs)?;
        }
        position += pairs.len() as u64;
    }
    let (loudness_cb, true_peak_cb) = meter.finish();
    Ok(Sound {
        loudness_cb,
        true_peak_cb,
        lines_heard: lines.iter().filter(|line| line.heard()).count() as u64,
        lines_planned: lines.len() as u64,
        longest_silence,
        clipped,
    })
}

/// A line and what was heard in its span.
struct Line<'a> {
    need: &'a Id,
    start: u64,
    /// Frames that are listened to.
    frames: u64,
    source: &'a wav::Source,
    /// Open while it sounds.
    voice: Option<wav::Reader<'a>>,
    samples: Vec<i16>,
    /// Sums of voice², film², voice × film.
    sums: [f64; 3],
}

impl<'a> Line<'a> {
    fn new(sound: &'a PlannedSound, source: &'a wav::Source) -> Result<Self, RenderError> {
        let opened = source.open().map_err(|e| RenderError::fault(&sound.need_id, e.to_string()))?;
        let frames = opened.frames.min(sound.samples);
        Ok(Self { need: &sound.need_id, start: sound.start, frames, source, voice: None, samples: Vec::new(), sums: [0.0; 3] })
    }

    /// Hears a block of the film that begins at sample `position`.
    fn hear(&mut self, position: u64, block: &[[f32; 2]]) -> Result<(), RenderError> {
        let end = self.start.saturating_add(self.frames);
        let (first, last) = (position.max(self.start), end.min(position + block.len() as u64));
        if first >= last {
            self.voice = None;
            return Ok(());
        }
        let fault = |error: wav::WavError| RenderError::fault(self.need, error.to_string());
        let voice = match &mut self.voice {
            Some(voice) => voice,
            closed => closed.insert(self.source.open().map_err(fault)?),
        };
        voice.read(first - self.start, last - first, &mut self.samples).map_err(fault)?;
        let channels = usize::from(voice.channels);
        let film = &block[(first - position) as usize..];
        for (spoken, [left, right]) in self.samples.chunks_exact(channels).zip(film) {
            let voice = spoken.iter().map(|s| f64::from(*s)).sum::<f64>() / (channels as f64 * 32_768.0);
            let film = (f64::from(*left) + f64::from(*right)) / 2.0;
            self.sums[0] += voice * voice;
            self.sums[1] += film * film;
            self.sums[2] += voice * film;
        }
        Ok(())
    }

    fn heard(&self) -> bool {
        let [voice, film, both] = self.sums;
        film > HEARD_MEAN_SQUARE * self.frames as f64 && both > 0.0 && both * both > HEARD_CORRELATION * HEARD_CORRELATION * voice * film
    }
}
