//! A segment in the making: frames in, an MP4 of closed groups of pictures out. A picture that stands to the segment's end
//! is encoded once: what follows repeats it, to the last bit, in packets of some thirty bytes, and every ten seconds the
//! whole group again, so that players can seek. Every frame has its packet and its time.

use std::path::{Path, PathBuf};

use contracts::render::EncodeSettings;
use kit::files::{Files, SystemFiles};

use crate::{
    MediaError,
    ffmpeg::{Encoder, Ffmpeg, VideoFormat, keyint},
    h264::Repeater,
    mp4::{
        Refused,
        write::{self, Coded},
    },
};

/// How many equal frames the encoder is given before the rest is repeated: it gives a picture that stands more bits when
/// it sees it stand.
pub const STANDS: u64 = 24;
/// Fewer frames than these are not worth writing a file again for.
const WORTH: u64 = 12;

/// Takes the frames of a segment.
pub struct SegmentWriter<'a> {
    ffmpeg: &'a Ffmpeg,
    format: VideoFormat,
    settings: &'a EncodeSettings,
    out: PathBuf,
    encoder: Encoder,
    /// Frames the encoder was given.
    given: u64,
    /// Equal frames at the end of them.
    run: u64,
    /// How many more were not given to it, and their picture.
    waiting: u64,
    picture: Vec<u8>,
}

impl Ffmpeg {
    /// Starts a segment in the file `out`.
    ///
    /// # Errors
    /// As [`Ffmpeg::encode`].
    pub fn segment<'a>(&'a self, format: VideoFormat, settings: &'a EncodeSettings, out: &Path) -> Result<SegmentWriter<'a>, MediaError> {
        let encoder = self.encode(format, settings, out)?;
        Ok(SegmentWriter { ffmpeg: self, format, settings, out: out.into(), encoder, given: 0, run: 0, waiting: 0, picture: Vec::new() })
    }
}

impl SegmentWriter<'_> {
    /// Takes a frame: its Y plane, then U, then V. `changed` is false when it is known to equal the one before.
    ///
    /// # Errors
    /// When the encoder ends, or the frame has another size.
    pub fn frame(&mut self, yuv: &[u8], changed: bool) -> Result<(), MediaError> {
        if changed || self.given == 0 {
            self.give_waiting()?;
            self.run = 0;
        } else if self.run >= STANDS {
            if self.waiting == 0 {
                self.picture.clear();
                self.picture.extend_from_slice(yuv);
            }
            self.waiting += 1;
            return Ok(());
        }
        self.encoder.frame(yuv)?;
        self.given += 1;
        self.run += 1;
        Ok(())
    }

    fn give_waiting(&mut self) -> Result<(), MediaError> {
        for _ in 0..std::mem::take(&mut self.waiting) {
            self.encoder.frame(&self.picture)?;
            self.given += 1;
        }
        Ok(())
    }

    /// Ends the segment. Gives the number of frames that were taken.
    ///
    /// # Errors
    /// When the encoder fails, or a file cannot be written.
    pub fn finish(mut self) -> Result<u64, MediaError> {
        if self.waiting < WORTH {
            self.give_waiting()?;
        }
        let (given, waiting) = (self.given, self.waiting);
        self.encoder.finish()?;
        if waiting > 0 {
            let whole = given == STANDS;
            let apart = self.out.with_extension("unit.mp4");
            let unit = if whole || waiting < keyint(self.format) {
                None
            } else {
                let mut encoder = self.ffmpeg.encode(self.format, self.settings, &apart)?;
                for _ in 0..STANDS {
                    encoder.frame(&self.picture)?;
                }
                encoder.finish()?;
                Some(&apart)
            };
            lengthen(&self.out, unit.map(PathBuf::as_path), waiting, self.format)?;
            if unit.is_some() {
                SystemFiles::new().remove(&apart).map_err(|error| MediaError::File { path: apart, error })?;
            }
        }
        Ok(given + waiting)
    }
}

/// Repeats the last picture of the video at `path` `more` times. Where that takes longer than a group of pictures, whole
/// groups follow: those of the video `unit`, or of the video itself when it shows one picture only.
fn lengthen(path: &Path, unit: Option<&Path>, more: u64, format: VideoFormat) -> Result<(), MediaError> {
    let named = |path: &Path, error| MediaError::File { path: path.to_owned(), error };
    let refused = |error| match error {
        Refused::Io(error) => named(path, error),
        Refused::Fault(fault) => MediaError::of_file(path, fault),
    };
    let load = |path: &Path| -> Result<_, MediaError> {
        let mp4 = std::fs::read(path).map_err(|e| named(path, e))?;
        let (packets, sets) = write::read(&mp4, format.frame_ticks()).map_err(refused)?;
        Ok((mp4, packets, sets))
    };
    let stands = |mut packets: Vec<Coded>, sets: &[u8], more: u64| -> Result<Vec<Coded>, MediaError> {
        let last = packets.len() as u64 - 1;
        let shown_last = packets.iter().position(|p| p.shows == last);
        let repeater = shown_last.and_then(|at| Repeater::new(sets, packets.iter().map(|p| p.data.as_slice()), at));
        let Some(mut repeater) = repeater else {
            return Err(MediaError::of_file(path, "its last picture cannot be repeated: the encoder wrote what is not known here"));
        };
        packets.extend((1..=more).map(|k| Coded { data: repeater.next_packet(), shows: last + k, key: false }));
        Ok(packets)
    };
    let group = keyint(format);
    let (mp4, packets, sets) = load(path)?;
    let mut all = stands(packets.clone(), &sets, more % group)?;
    if more >= group {
        let (packets, sets) = match unit {
            None => (packets, sets),
            Some(unit) => load(unit).map(|(_, packets, sets)| (packets, sets))?,
        };
        let rest = group - packets.len() as u64;
        let unit = stands(packets, &sets, rest)?;
        for _ in 0..more / group {
            let from = all.len() as u64;
            all.extend(unit.iter().map(|p| Coded { shows: from + p.shows, ..p.clone() }));
        }
    }
    let ticks = u32::try_from(format.frame_ticks()).map_err(|_| MediaError::of_file(path, "a frame has too many ticks"))?;
    let written = write::write(&mp4, &all, ticks).map_err(refused)?;
    SystemFiles::new().write_atomic(path, &written).map_err(|e| named(path, e))
}

#[cfg(test)]
mod tests {
    use contracts::{EditRate, Seed};

    use super::*;

    /// Encodes `moving` frames of a picture that slides, then its last position for `held` frames, and decodes.
    fn film(preset: &str, rate: EditRate, moving: u64, held: u64) -> (Vec<Vec<u8>>, crate::probe::Video, u64) {
        let format = VideoFormat { width: 96, height: 64, rate };
        let settings = EncodeSettings { preset: preset.into(), crf: 23, audio_bit_rate: 128_000 };
        let ffmpeg = Ffmpeg::find().unwrap();
        let dir = std::env::temp_dir().join(format!("reelwright-segment-{preset}-{moving}-{held}-{}-{}", rate.num, std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let path = dir.join("s.mp4");
        let mut seed = Seed::of(&["segment"]);
        let texture: Vec<u8> = (0..400 * 8).map(|_| seed.between(40, 200) as u8).collect();
        let at = |k: u64| -> Vec<u8> {
            let luma = (0..64_usize).flat_map(|y| (0..96_usize).map(move |x| (x, y)));
            let mut yuv: Vec<u8> = luma.map(|(x, y)| texture[(y / 8) * 400 + (x + k as usize) / 4]).collect();
            yuv.resize(format.frame_bytes(), 110);
            yuv
        };
        let mut writer = ffmpeg.segment(format, &settings, &path).unwrap();
        for k in 0..moving {
            writer.frame(&at(k), true).unwrap();
        }
        for k in 0..held {
            writer.frame(&at(moving), k == 0).unwrap();
        }
        assert_eq!(writer.finish().unwrap(), moving + held);
        let video = ffmpeg.video(&path).unwrap();
        assert_eq!(video.constant_rate(&path, rate).unwrap(), moving + held);
        let mut decoder = ffmpeg.decode(&path, format).unwrap();
        let mut frames = Vec::new();
        while let Some(frame) = decoder.next_frame().unwrap() {
            frames.push(frame.to_vec());
        }
        let bytes = std::fs::metadata(&path).unwrap().len();
        // Nothing is left beside it.
        assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 1);
        std::fs::remove_dir_all(&dir).unwrap();
        (frames, video, bytes)
    }

    #[test]
    fn a_picture_that_stands_is_encoded_once_and_repeated_to_the_last_bit() {
        let ntsc = EditRate { num: 30_000, den: 1001 };
        for (preset, rate, moving, held) in [
            ("veryfast", EditRate::FILM, 0, 100),
            ("veryfast", EditRate::FILM, 13, 61),
            ("veryfast", EditRate::FILM, 230, 47),
            ("veryfast", ntsc, 1, 121),
            ("ultrafast", EditRate::FILM, 7, 60),
            ("superfast", EditRate::FILM, 5, 60),
            ("medium", ntsc, 31, 90),
            ("slow", EditRate::FILM, 40, 77),
        ] {
            let (frames, video, _) = film(preset, rate, moving, held);
            let what = format!("{preset} {moving}+{held}");
            assert_eq!(frames.len() as u64, moving + held, "{what}");
            let given = (moving + STANDS) as usize;
            assert!(frames[given..].iter().all(|f| f == &frames[given - 1]), "{what}");
            // Moving segments have the same parameter sets, or no join would take both.
            let (_, plain, _) = film(preset, rate, 30, 0);
            assert_eq!(video.stream, plain.stream, "{what}");
        }
    }

    #[test]
    fn a_long_hold_repeats_whole_groups_and_can_be_entered_every_ten_seconds() {
        for (moving, held) in [(0, 24 + 240 * 3 + 5), (9, 24 + 240 * 2), (0, 24 + 239), (0, 24 + 240)] {
            let (frames, video, bytes) = film("veryfast", EditRate::FILM, moving, held);
            assert_eq!(frames.len() as u64, moving + held);
            let keys: Vec<usize> = (0..video.packets.len()).filter(|&k| video.packets[k].flags.starts_with('K')).collect();
            let groups = (held - STANDS) / 240;
            assert_eq!(keys.len() as u64, 1 + groups);
            assert!(keys.windows(2).all(|k| k[1] - k[0] < 2 * 240 + STANDS as usize), "{keys:?}");
            // Entering a group again is not seen: mean luma differs by less than a tenth of a level. Where the first follows
            // a move it is coded anew, and on this hard texture by two levels otherwise.
            let luma = 96 * 64;
            for (n, &key) in keys[1..].iter().enumerate() {
                let pairs = frames[key - 1][..luma].iter().zip(&frames[key][..luma]);
                let difference: u64 = pairs.map(|(&a, &b)| u64::from(a.abs_diff(b))).sum();
                let tenths = if moving > 0 && n == 0 { 20 } else { 1 };
                assert!(difference * 10 < luma as u64 * tenths, "{moving} {held}: {difference} over {luma} pixels");
            }
            let (_, _, whole) = film("veryfast", EditRate::FILM, moving, STANDS);
            assert!(bytes < whole * (2 + groups) + 60 * held, "{bytes} against {whole}");
        }
    }

    #[test]
    fn a_picture_that_moves_again_is_given_in_full() {
        let format = VideoFormat { width: 32, height: 32, rate: EditRate::FILM };
        let settings = EncodeSettings { preset: "veryfast".into(), crf: 23, audio_bit_rate: 128_000 };
        let ffmpeg = Ffmpeg::find().unwrap();
        let path = std::env::temp_dir().join(format!("reelwright-again-{}.mp4", std::process::id()));
        let mut writer = ffmpeg.segment(format, &settings, &path).unwrap();
        let frame = |luma: u8| vec![luma; format.frame_bytes()];
        for (luma, count) in [(60, 50), (200, 30)] {
            for k in 0..count {
                writer.frame(&frame(luma), k == 0).unwrap();
            }
        }
        assert_eq!(writer.finish().unwrap(), 80);
        let mut decoder = ffmpeg.decode(&path, format).unwrap();
        let mut lumas = Vec::new();
        while let Some(frame) = decoder.next_frame().unwrap() {
            lumas.push(frame[0]);
        }
        std::fs::remove_file(&path).unwrap();
        let near = |luma: u8, wanted: u8| luma.abs_diff(wanted) <= 3;
        assert_eq!(lumas.len(), 80);
        assert!(lumas[..50].iter().all(|&l| near(l, 60)) && lumas[50..].iter().all(|&l| near(l, 200)), "{lumas:?}");
    }
}
