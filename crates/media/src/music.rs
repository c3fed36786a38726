//! Music of an author's own: WAV, FLAC, Ogg, MP3 or MP4 in, 48 kHz stereo out. Sixteen-bit WAV is read here, the same on
//! every machine; the others by ffmpeg, whose demuxer is forced by the file's first bytes.

use std::path::Path;

use crate::{MediaError, ffmpeg::Ffmpeg, resample::Resampler, wav};

/// The largest file that is read, in bytes.
pub const MAX_BYTES: u64 = 192 << 20;
/// The longest piece that is read, in samples: a quarter of an hour.
const MAX_FRAMES: usize = 15 * 60 * 48_000;

/// Whether ffmpeg is asked for a file; 16-bit WAV needs nobody.
pub fn needs_ffmpeg(bytes: &[u8]) -> bool {
    !bytes.starts_with(b"RIFF") || matches!(wav::read(bytes), Err(wav::WavError::Unsupported { .. }))
}

/// Reads a piece: 16-bit samples at 48 kHz, left and right in turn. `path` holds the same `bytes`.
///
/// # Errors
/// When it is no sound that is read here, is damaged, or is longer than a quarter of an hour.
pub fn read(bytes: &[u8], path: &Path, ffmpeg: &Ffmpeg) -> Result<Vec<i16>, String> {
    let sound = if needs_ffmpeg(bytes) {
        let demuxer = demuxer(bytes).ok_or("it is no music that is read here: WAV, FLAC, Ogg, MP3 or M4A is wanted")?;
        decoded(ffmpeg, path, demuxer)?
    } else {
        plain(&wav::read(bytes).map_err(|e| e.to_string())?)?
    };
    if sound.is_empty() { Err("there is no sound in it".into()) } else { Ok(sound) }
}

/// How much louder a piece may become, in hundredths of a decibel, before a fifth of a second of one side is above
/// `loudest` (root mean square) or a sample above `peak`; of full scale both.
pub fn headroom_cb(sound: &[i16], loudest: f64, peak: f64) -> i32 {
    let (mut power, mut top) = (1e-12f64, 1e-6f64);
    for window in sound.chunks(2 * 9_600) {
        for side in 0..2 {
            let one = || window.iter().skip(side).step_by(2).map(|x| f64::from(*x) / 32_768.0);
            power = power.max(one().map(|x| x * x).sum::<f64>() / (window.len() / 2).max(1) as f64);
            top = one().map(f64::abs).fold(top, f64::max);
        }
    }
    libm::floor(2_000.0 * libm::log10((loudest / power.sqrt()).min(peak / top))) as i32
}

/// The demuxer of a file, by its first bytes.
fn demuxer(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Some("wav"),
        [b'f', b'L', b'a', b'C', ..] => Some("flac"),
        [b'O', b'g', b'g', b'S', ..] => Some("ogg"),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some("mov"),
        // A tag before the frames, or a frame at once: eleven bits set, layer III.
        [b'I', b'D', b'3', ..] => Some("mp3"),
        [0xff, second, ..] if second & 0xe6 == 0xe2 => Some("mp3"),
        _ => None,
    }
}

fn too_long() -> String {
    format!("it lasts longer than {} minutes, the most that is read", MAX_FRAMES / (60 * 48_000))
}

fn plain(sound: &wav::Sound) -> Result<Vec<i16>, String> {
    let frames = sound.frames() as u64 * 48_000 / u64::from(sound.rate.max(1));
    if frames > MAX_FRAMES as u64 {
        return Err(too_long());
    }
    let channels = usize::from(sound.channels.max(1));
    if sound.rate == 48_000 {
        let side = |frame: &[i16], k: usize| frame.get(k).or(frame.first()).copied().unwrap_or(0);
        return Ok(sound.samples.chunks_exact(channels).flat_map(|frame| [side(frame, 0), side(frame, 1)]).collect());
    }
    let resampler = Resampler::new(sound.rate, 48_000);
    let side =
        |k: usize| resampler.run(&sound.samples.iter().skip(k).step_by(channels).map(|x| f64::from(*x) / 32_768.0).collect::<Vec<_>>());
    let (left, right) = (side(0), if channels > 1 { Some(side(1)) } else { None });
    let right = right.as_ref().unwrap_or(&left);
    Ok(left.iter().zip(right).flat_map(|(l, r)| [wav::to_i16(*l), wav::to_i16(*r)]).collect())
}

fn decoded(ffmpeg: &Ffmpeg, path: &Path, demuxer: &str) -> Result<Vec<i16>, String> {
    // What ffmpeg says names the file by a path of this run, which says nothing to its author.
    let told = |error: MediaError| error.to_string().replace(&path.display().to_string(), "the file");
    let mut decoder = ffmpeg.decode_sound_of(path, demuxer).map_err(told)?;
    let mut sound = Vec::new();
    while let Some(block) = decoder.next_block().map_err(told)? {
        sound.extend(block.iter().map(|x| wav::to_i16(f64::from(*x))));
        if sound.len() > 2 * MAX_FRAMES {
            return Err(too_long());
        }
    }
    Ok(sound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wav_of_any_rate_and_channels_becomes_stereo_at_48_khz() {
        for (rate, channels, frames) in [(48_000u32, 1u16, 4_800usize), (48_000, 2, 4_800), (44_100, 2, 4_410), (22_050, 1, 2_205)] {
            let samples: Vec<i16> = vec![8_000; frames * usize::from(channels)];
            let bytes = wav::write(rate, channels, &samples).unwrap();
            assert!(!needs_ffmpeg(&bytes));
            let sound = plain(&wav::read(&bytes).unwrap()).unwrap();
            assert_eq!(sound.len(), 9_600, "{rate} {channels}");
            assert!(sound[4_000..4_100].iter().all(|x| (x - 8_000).abs() < 20), "{:?}", &sound[4_000..4_010]);
        }
    }

    #[test]
    fn what_stands_out_has_less_room() {
        let mut sound = vec![1_000i16; 192_000];
        assert!((headroom_cb(&sound, 0.14, 0.5) - 1_323).abs() <= 1, "{}", headroom_cb(&sound, 0.14, 0.5));
        sound[30_000] = 16_384;
        assert_eq!(headroom_cb(&sound, 0.14, 0.5), 0);
        sound[50_000..70_000].fill(9_000);
        assert!(headroom_cb(&sound, 0.14, 0.5) < -300 && headroom_cb(&[], 0.14, 0.5) > 5_000);
    }

    #[test]
    fn other_files_are_told_apart_and_refused() {
        for (head, name) in
            [(&b"fLaC...."[..], Some("flac")), (b"OggS", Some("ogg")), (b"ID3\x04", Some("mp3")), (b"\xff\xfb\x90\0", Some("mp3"))]
        {
            assert_eq!(demuxer(head), name);
        }
        for head in [&b""[..], b"GIF89a", b"MZ", b"\xff\xd8\xff\xe0", b"<html>", b"#EXTM3U\nhttp://elsewhere/"] {
            assert!(demuxer(head).is_none() && needs_ffmpeg(head));
        }
    }

    #[test]
    fn what_is_too_long_or_damaged_is_refused() {
        let long = wav::Sound { rate: 4_000, channels: 1, samples: vec![0; 4_000 * 60 * 16] };
        assert!(plain(&long).unwrap_err().contains("15 minutes"));
        let Ok(ffmpeg) = Ffmpeg::find() else { return };
        let good = wav::write(48_000, 2, &[1; 400]).unwrap();
        let mut deep = good.clone();
        deep[34] = 24;
        for (k, bytes) in
            [&good[..300], b"", b"nothing", b"fLaC\0\0\0\x22\0\0\0", b"ID3\x04\0\0\0\0\0\0", &deep[..60]].into_iter().enumerate()
        {
            let path = std::env::temp_dir().join(format!("reelwright-piece-{}-{k}", std::process::id()));
            std::io::Write::write_all(&mut crate::create(&path).unwrap(), bytes).unwrap();
            let why = read(bytes, &path, &ffmpeg).unwrap_err();
            assert!(!why.is_empty() && !why.contains(&path.display().to_string()), "{why}");
            std::fs::remove_file(&path).unwrap();
        }
    }
}
