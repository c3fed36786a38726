//! Moving pictures from elsewhere, conformed by their own tags: whatever their size, rate, range, matrix or way up, frames
//! come out in the house format (4:2:0 BT.709 limited, chroma sited left, square pixels). The kind of a file is read off its
//! first bytes and forced; the filters' text is ours alone and holds nothing but numbers.

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use contracts::render::Fit;
use kit::process::Running;
use serde::Deserialize;

use crate::{
    MediaError,
    ffmpeg::{Ffmpeg, MAX_PIXELS, VideoFormat, fill},
};

/// The largest file that is read, in bytes.
pub const MAX_BYTES: u64 = 1 << 30;
/// The longest clip that is read, in seconds.
pub const MAX_SECONDS: u64 = 3600;
/// Frames a clip may show a second.
const MAX_RATE: u64 = 1000;
/// Codecs that are decoded.
const CODECS: [&str; 5] = ["h264", "hevc", "vp8", "vp9", "av1"];
/// Lines from which on a picture without tags is taken to be BT.709.
const HD_LINES: u32 = 720;

/// What a clip is to become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conform {
    /// Size and rate.
    pub format: VideoFormat,
    /// What is done when its shape is another.
    pub fit: Fit,
    /// How much of its beginning is left away, milliseconds.
    pub skip_ms: u32,
    /// How many frames after that, at the new rate, too.
    pub first: u64,
}

/// What a clip's header says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
struct Tags {
    #[serde(default)]
    codec_name: String,
    #[serde(default)]
    width: u32,
    #[serde(default)]
    height: u32,
    #[serde(default)]
    pix_fmt: String,
    sample_aspect_ratio: Option<String>,
    color_range: Option<String>,
    color_space: Option<String>,
    color_transfer: Option<String>,
    chroma_location: Option<String>,
    field_order: Option<String>,
    avg_frame_rate: Option<String>,
    duration: Option<String>,
    #[serde(default)]
    side_data_list: Vec<SideData>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
struct SideData {
    rotation: Option<i64>,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    streams: Vec<Tags>,
    #[serde(default)]
    format: Container,
}

#[derive(Default, Deserialize)]
struct Container {
    duration: Option<String>,
}

impl Ffmpeg {
    /// Opens a clip and conforms it. Its frames come at the rate that is asked for: each is the one that shows nearest to
    /// its time, counted from the clip's beginning, so that nothing drifts.
    ///
    /// # Errors
    /// When it is no MP4, MOV, WebM or Matroska with a codec that is read here, too large or too long, interlaced, or HDR;
    /// later, when it is damaged.
    pub fn clip(&self, path: &Path, conform: Conform) -> Result<ClipDecoder, MediaError> {
        let demuxer = demuxer(path)?;
        let options = ["-select_streams", "V:0", "-show_streams", "-show_format"];
        let json = self.probe(path, demuxer, &options)?;
        let fault = |text: String| MediaError::of_file(path, text);
        let answer: Answer = serde_json::from_slice(&json).map_err(|e| fault(format!("ffprobe's answer is not what it should be: {e}")))?;
        let Some(tags) = answer.streams.first() else { return Err(fault("it holds no moving picture".into())) };
        let filters = filters(tags, answer.format.duration.as_deref(), conform).map_err(fault)?;
        let running = self.decode_clip(path, demuxer, &filters)?;
        let frame = vec![0; conform.format.frame_bytes()];
        Ok(ClipDecoder { path: path.to_owned(), running: Some(running), frame, read: 0, held: 0 })
    }
}

/// The demuxer of a file, by its first bytes.
fn demuxer(path: &Path) -> Result<&'static str, MediaError> {
    let named = |error| MediaError::File { path: path.to_owned(), error };
    let mut file = std::fs::File::open(path).map_err(named)?;
    let size = file.metadata().map_err(named)?.len();
    if size > MAX_BYTES {
        return Err(MediaError::of_file(path, format!("a clip of {size} bytes is too large: at most {MAX_BYTES} are read")));
    }
    let mut head = [0; 12];
    let n = fill(&mut file.by_ref().take(12), &mut head).map_err(named)?;
    match &head[..n] {
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Ok("mov"),
        [0x1a, 0x45, 0xdf, 0xa3, ..] => Ok("matroska"),
        _ => Err(MediaError::of_file(path, "it is no clip that is read here: MP4, MOV, WebM or Matroska is wanted")),
    }
}

/// The filters that conform a clip.
fn filters(tags: &Tags, container: Option<&str>, conform: Conform) -> Result<String, String> {
    let (width, height) = (tags.width, tags.height);
    if !CODECS.contains(&tags.codec_name.as_str()) {
        return Err(format!("its codec is `{}`, one of {} is read here", tags.codec_name, CODECS.join(", ")));
    }
    if width == 0 || height == 0 || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(format!("{width}×{height} pixels are not a size that is read here: 1 to {MAX_PIXELS} pixels"));
    }
    let seconds = tags.duration.as_deref().or(container).and_then(|d| d.parse::<f64>().ok());
    if let Some(seconds) = seconds.filter(|&s| s > MAX_SECONDS as f64) {
        return Err(format!("it lasts {seconds} s, at most {MAX_SECONDS} s are read"));
    }
    if let Some((num, den)) = tags.avg_frame_rate.as_deref().and_then(|r| fraction(r, '/'))
        && num > MAX_RATE * den
    {
        return Err(format!("{num}/{den} frames a second are not a rate that is read here: at most {MAX_RATE}"));
    }
    if let Some(order) = tags.field_order.as_deref().filter(|o| !matches!(*o, "progressive" | "unknown")) {
        return Err(format!("it is interlaced ({order}): a clip must be progressive"));
    }
    match tags.color_transfer.as_deref().unwrap_or("unknown") {
        "bt709" | "smpte170m" | "bt470m" | "bt470bg" | "iec61966-2-1" | "bt2020-10" | "bt2020-12" | "unknown" | "reserved" => {}
        "smpte2084" => return Err("it is HDR (PQ, smpte2084): give a clip of standard range, BT.709".into()),
        "arib-std-b67" => return Err("it is HDR (HLG, arib-std-b67): give a clip of standard range, BT.709".into()),
        other => return Err(format!("its transfer function `{other}` is not known here: give a clip in BT.709")),
    }
    let full = tags.color_range.as_deref() == Some("pc") || tags.pix_fmt.starts_with("yuvj");
    let matrix = match tags.color_space.as_deref().unwrap_or("unknown") {
        "bt709" => "bt709",
        "smpte170m" | "bt470bg" => "smpte170m",
        "fcc" => "fcc",
        "smpte240m" => "smpte240m",
        "bt2020nc" => "bt2020",
        // RGB in the file: the matrix is not asked.
        "gbr" => "bt709",
        "unknown" | "reserved" => {
            if height >= HD_LINES {
                "bt709"
            } else {
                "smpte170m"
            }
        }
        other => return Err(format!("its matrix `{other}` is not known here: give a clip in BT.709")),
    };
    let turned = match tags.side_data_list.iter().find_map(|s| s.rotation).unwrap_or(0) {
        turn if turn % 180 == 0 => false,
        turn if turn % 90 == 0 => true,
        turn => return Err(format!("it is turned by {turn} degrees: only quarters of a turn are known here")),
    };
    // Width and height as they are shown, to a common scale.
    let (across, down) = tags.sample_aspect_ratio.as_deref().and_then(|r| fraction(r, ':')).unwrap_or((1, 1));
    if across > 100 * down || down > 100 * across {
        return Err(format!("its pixels are {across}:{down}: that is no picture"));
    }
    let mut shown = (u128::from(width) * u128::from(across), u128::from(height) * u128::from(down));
    if turned {
        shown = (shown.1, shown.0);
    }
    let VideoFormat { width, height, rate } = conform.format;
    let (scaled, place) = fitted(shown, (width, height), conform.fit);
    let range = if full { "pc" } else { "tv" };
    let sited = match (tags.pix_fmt.contains("420"), tags.chroma_location.as_deref()) {
        (true, Some("center")) => ":in_h_chr_pos=128:in_v_chr_pos=128",
        (true, Some("topleft")) => ":in_h_chr_pos=0:in_v_chr_pos=0",
        (true, _) => ":in_h_chr_pos=0:in_v_chr_pos=128",
        _ => "",
    };
    let first = conform.first;
    let skip = format!("{}.{:03}", conform.skip_ms / 1000, conform.skip_ms % 1000);
    // First the time, so that what is not seen is not scaled. A clip that ends before the first frame that is wanted is
    // drawn out up to it.
    Ok(format!(
        "fps=fps={}/{}:start_time={skip}:round=near,tpad=stop={first}:stop_mode=clone,trim=start_frame={first},\
         scale=w={}:h={}:in_color_matrix={matrix}:in_range={range}:out_color_matrix=bt709:out_range=tv{sited}\
         :out_h_chr_pos=0:out_v_chr_pos=128:flags=bicubic+accurate_rnd+full_chroma_int+bitexact,\
         format=pix_fmts=yuv420p,{place},setsar=sar=1/1",
        rate.num, rate.den, scaled.0, scaled.1
    ))
}

/// The size a picture is scaled to, and how it is brought to that of the frame.
fn fitted(shown: (u128, u128), frame: (u32, u32), fit: Fit) -> ((u32, u32), String) {
    let (w, h) = (u128::from(frame.0), u128::from(frame.1));
    let wider = shown.0 * h > shown.1 * w;
    let even = |n: u128| (n.div_ceil(2) * 2).clamp(2, 65_536) as u32;
    // One side fits; the other follows, to the nearest even number.
    let follows = |side: u128, over: u128| even((side + over / 2) / over.max(1));
    let fits_height = wider == (fit == Fit::Cover);
    let scaled = if fits_height { (follows(shown.0 * h, shown.1), frame.1) } else { (frame.0, follows(shown.1 * w, shown.0)) };
    match fit {
        Fit::Cover => {
            let scaled = (scaled.0.max(frame.0), scaled.1.max(frame.1));
            let (x, y) = ((scaled.0 - frame.0) / 4 * 2, (scaled.1 - frame.1) / 4 * 2);
            (scaled, format!("crop=w={}:h={}:x={x}:y={y}:exact=1", frame.0, frame.1))
        }
        Fit::Contain => {
            let scaled = (scaled.0.min(frame.0), scaled.1.min(frame.1));
            let (x, y) = ((frame.0 - scaled.0) / 4 * 2, (frame.1 - scaled.1) / 4 * 2);
            (scaled, format!("pad=w={}:h={}:x={x}:y={y}:color=black", frame.0, frame.1))
        }
    }
}

/// A fraction of two numbers above 0.
fn fraction(text: &str, sign: char) -> Option<(u64, u64)> {
    let (num, den) = text.split_once(sign)?;
    Some((num.parse().ok()?, den.parse().ok()?)).filter(|&(num, den): &(u64, u64)| num > 0 && den > 0 && num < 1 << 32 && den < 1 << 32)
}

/// The frames of a clip, in the house format.
pub struct ClipDecoder {
    path: PathBuf,
    running: Option<Running>,
    frame: Vec<u8>,
    /// Frames that were read.
    read: u64,
    held: u64,
}

impl ClipDecoder {
    /// The frame at an index, never lower than one asked for before: its Y plane, then U, then V. Past the end the last one.
    ///
    /// # Errors
    /// When the clip is damaged, or has no frame at all.
    pub fn frame(&mut self, index: u64) -> Result<&[u8], MediaError> {
        while self.read <= index {
            let Some(running) = self.running.as_mut() else { break };
            // At the end nothing is read, and the last frame stays.
            match fill(running, &mut self.frame) {
                Ok(n) if n == self.frame.len() => {
                    self.read += 1;
                }
                Ok(n) => {
                    if let Some(running) = self.running.take() {
                        running.finish()?;
                    }
                    if n > 0 {
                        return Err(MediaError::of_file(&self.path, format!("after {} frames it ends inside a frame", self.read)));
                    }
                }
                Err(error) => {
                    return Err(match self.running.take() {
                        Some(running) => running.broken(&error).into(),
                        None => MediaError::of_file(&self.path, error.to_string()),
                    });
                }
            }
        }
        if self.read == 0 {
            return Err(MediaError::of_file(&self.path, "it has no frame at the time that is wanted"));
        }
        self.held = self.held.max((index + 1).saturating_sub(self.read));
        Ok(&self.frame)
    }

    /// How many frames were asked for past its end.
    pub fn held(&self) -> u64 {
        self.held
    }
}

#[cfg(test)]
mod tests;
