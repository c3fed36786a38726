//! What a file says of itself, and what is really in it: the streams as ffprobe's JSON with a forced format, and every
//! video packet as it stands in the file. Headers are claims; packets are counted.

use std::path::Path;

use contracts::EditRate;
use serde::Deserialize;

use crate::{
    MediaError,
    ffmpeg::Ffmpeg,
    mp4::{self, Refused},
};

/// One stream's parameters. Fields a stream does not have are absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Stream {
    /// `video`, `audio`, `data`.
    #[serde(default)]
    pub codec_type: String,
    /// Such as `h264`, `aac`.
    #[serde(default)]
    pub codec_name: String,
    /// Width in pixels.
    pub width: Option<u32>,
    /// Height in pixels.
    pub height: Option<u32>,
    /// Such as `yuv420p`.
    pub pix_fmt: Option<String>,
    /// `tv` for limited range.
    pub color_range: Option<String>,
    /// Matrix, such as `bt709`.
    pub color_space: Option<String>,
    /// Transfer function, such as `bt709`.
    pub color_transfer: Option<String>,
    /// Primaries, such as `bt709`.
    pub color_primaries: Option<String>,
    /// Seconds of a tick as a fraction, such as `1/12288`.
    #[serde(default)]
    pub time_base: String,
    /// Hash of the parameter sets (SPS and PPS); absent when ffprobe was asked.
    pub extradata_hash: Option<String>,
    /// Samples per second.
    pub sample_rate: Option<String>,
    /// Channels of sound.
    pub channels: Option<u32>,
    /// Text such as `language` and `title`.
    #[serde(default)]
    pub tags: std::collections::BTreeMap<String, String>,
}

/// One video packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// When it shows, in ticks.
    pub pts: Option<i64>,
    /// How long, in ticks.
    pub duration: Option<i64>,
    /// `K` when decoding may start here.
    pub flags: String,
    /// Hash of its bytes, SHA-256.
    pub data_hash: String,
}

/// A file's first video stream, its packets in storage order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Video {
    /// Parameters.
    pub stream: Stream,
    /// Packets.
    pub packets: Vec<Packet>,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    streams: Vec<Stream>,
    #[serde(default)]
    chapters: Vec<Chapter>,
}

/// A chapter as the file holds it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Chapter {
    /// Seconds of a tick as a fraction.
    pub time_base: String,
    /// First tick.
    pub start: i64,
    /// One past the last tick.
    pub end: i64,
    /// Its `title`.
    #[serde(default)]
    pub tags: std::collections::BTreeMap<String, String>,
}

fn parse(path: &Path, json: &[u8]) -> Result<Answer, MediaError> {
    serde_json::from_slice(json).map_err(|e| MediaError::of_file(path, format!("ffprobe's answer is not what it should be: {e}")))
}

impl Ffmpeg {
    /// Every stream of an MP4, and its chapters.
    pub fn streams(&self, path: &Path) -> Result<(Vec<Stream>, Vec<Chapter>), MediaError> {
        let answer = parse(path, &self.probe(path, "mov", &["-show_streams", "-show_chapters"])?)?;
        Ok((answer.streams, answer.chapters))
    }

    /// The video of an MP4: parameters and every packet. The file must be whole to its last byte.
    pub fn video(&self, path: &Path) -> Result<Video, MediaError> {
        let named = |error| MediaError::File { path: path.to_owned(), error };
        let file = std::fs::File::open(path).map_err(named)?;
        let size = file.metadata().map_err(named)?.len();
        video_of(file, size, path)
    }
}

/// As [`Ffmpeg::video`], of an MP4 of `size` bytes that is no file.
pub fn read_video(mp4: impl std::io::Read + std::io::Seek, size: u64) -> Result<Video, MediaError> {
    video_of(mp4, size, Path::new("an MP4"))
}

fn video_of(mp4: impl std::io::Read + std::io::Seek, size: u64, path: &Path) -> Result<Video, MediaError> {
    mp4::video(mp4, size).map_err(|refused| match refused {
        Refused::Io(error) => MediaError::File { path: path.to_owned(), error },
        Refused::Fault(fault) => MediaError::of_file(path, fault),
    })
}

impl Video {
    /// Checks that every frame lasts exactly one step of the edit rate and that none is missing or doubled, and gives
    /// the number of frames.
    pub fn constant_rate(&self, path: &Path, rate: EditRate) -> Result<u64, MediaError> {
        let fault = |text: String| Err(MediaError::of_file(path, text));
        let scale = self.stream.time_base.strip_prefix("1/").and_then(|s| s.parse::<i64>().ok()).unwrap_or(0);
        let (num, den) = (i64::from(rate.num), i64::from(rate.den));
        if scale <= 0 || scale > i64::from(u32::MAX) || scale * den % num != 0 {
            return fault(format!("a time base of {} holds no whole frames at {num}/{den}", self.stream.time_base));
        }
        let step = scale * den / num;
        let mut times = Vec::with_capacity(self.packets.len());
        for packet in &self.packets {
            match packet.pts {
                Some(pts) => times.push(pts),
                None => return fault("a frame has no time".into()),
            }
        }
        times.sort_unstable();
        let first = times.first().copied().unwrap_or(0);
        if first != 0 {
            return fault(format!("its first frame shows at tick {first}, not 0"));
        }
        match times.iter().zip(0_i64..).find(|&(&t, i)| t != i * step) {
            Some((t, i)) => fault(format!("frame {i} shows at tick {t}, it should at {}", i * step)),
            None => Ok(times.len() as u64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn video(time_base: &str, times: &[i64]) -> Video {
        let packet = |&t: &i64| Packet { pts: Some(t), duration: None, flags: "K_".into(), data_hash: String::new() };
        Video { stream: Stream { time_base: time_base.into(), ..Stream::default() }, packets: times.iter().map(packet).collect() }
    }

    #[test]
    fn frames_must_follow_each_other_without_gap() {
        let count = |v: Video| v.constant_rate(Path::new("x.mp4"), EditRate::FILM).map_err(|e| e.to_string());
        assert_eq!(count(video("1/12288", &[0, 1024, 512, 1536])), Ok(4));
        assert_eq!(count(video("1/12288", &[0, 512, 1536])), Err("x.mp4: frame 2 shows at tick 1536, it should at 1024".into()));
        assert_eq!(count(video("1/12288", &[0, 512, 513])), Err("x.mp4: frame 2 shows at tick 513, it should at 1024".into()));
        assert!(count(video("1/12288", &[512, 1024])).is_err());
        assert!(count(video("1/1000", &[0])).is_err());
        assert!(count(video("1/0", &[0])).is_err());
    }

    #[test]
    fn nonsense_is_refused() {
        for json in ["", "1", r#"{"chapters":[{"start":"x"}]}"#, r#"{"streams":[{"width":-1}]}"#] {
            assert!(parse(Path::new("x"), json.as_bytes()).is_err(), "{json}");
        }
    }
}
