//! ffmpeg as a guarded process: raw frames in and an H.264 segment out, a file in and raw frames or samples out, and the
//! join of segments, sound and chapters into a film. One builder writes every argument vector, so that every input has a
//! forced format and a protocol whitelist and every output is free of versions and dates.

use std::{
    ffi::OsString,
    io::{Read, Write},
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock, PoisonError},
    time::Duration,
};

use contracts::{EditRate, render::EncodeSettings};
use kit::{
    files::{Files, SystemFiles},
    process::{Invocation, Pipes, Runner, Running, System, Tool},
};

use crate::MediaError;

/// The largest picture that is decoded, in pixels: 7680×4320.
pub const MAX_PIXELS: u64 = 33_177_600;
/// How long one call may run.
const DEADLINE: Duration = Duration::from_secs(3600);
/// What a decoder may address, in bytes: a hostile header must not take the machine.
const MEMORY: u64 = 4 << 30;
/// How much sound is decoded at once, in bytes: a second.
const SOUND_BLOCK: usize = 8 * 48_000;
/// Presets of x264 that a plan may name.
const PRESETS: [&str; 9] = ["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"];

/// AAC bits per second that a plan may ask for.
const BIT_RATES: std::ops::RangeInclusive<u32> = 32_000..=512_000;

/// The shape of raw video: planar 4:2:0, 8 bits, BT.709 limited range, chroma sited left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VideoFormat {
    /// Width in pixels, even.
    pub width: u32,
    /// Height in pixels, even.
    pub height: u32,
    /// Frames per second.
    pub rate: EditRate,
}

impl VideoFormat {
    /// Bytes of one frame.
    pub fn frame_bytes(self) -> usize {
        self.width as usize * self.height as usize * 3 / 2
    }

    /// Ticks per second of the video track. A whole number of ticks makes a frame at every edit rate.
    pub fn timescale(self) -> u64 {
        u64::from(self.rate.num) * self.ticks_factor()
    }

    /// Ticks of one frame.
    pub fn frame_ticks(self) -> u64 {
        u64::from(self.rate.den) * self.ticks_factor()
    }

    fn ticks_factor(self) -> u64 {
        if self.rate.num < 1000 { 512 } else { 1 }
    }
}

/// An argument vector in the making.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Argv(Vec<OsString>);

impl Argv {
    fn new() -> Self {
        Self(["-hide_banner", "-nostdin", "-loglevel", "error", "-xerror", "-y"].map(OsString::from).to_vec())
    }

    fn options(mut self, options: &[&str]) -> Self {
        self.0.extend(options.iter().map(OsString::from));
        self
    }

    /// An input: its format is forced and it may open nothing but local files and pipes.
    fn input(self, format: &str, options: &[&str], source: OsString) -> Self {
        let mut argv = self.options(&["-protocol_whitelist", "file,pipe", "-err_detect", "explode", "-threads", "1"]).options(options);
        argv.0.extend(["-f".into(), format.into(), "-i".into(), source]);
        argv
    }

    /// An output: no version of a library, no date, and nothing inherited.
    fn output(self, format: &str, options: &[&str], target: OsString) -> Self {
        let mut argv = self.options(options).options(&["-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]);
        argv.0.extend(["-f".into(), format.into(), target]);
        argv
    }
}

/// A path as ffmpeg takes it: never an option, never another protocol.
fn file(path: &Path) -> OsString {
    let mut text = OsString::from("file:");
    text.push(path);
    text
}

/// What a film is joined from.
#[derive(Clone, Debug)]
pub struct Join<'a> {
    /// One segment a shot, in order.
    pub segments: &'a [PathBuf],
    /// The sound as [`Ffmpeg::encode_sound`] wrote it.
    pub sound: &'a Path,
    /// The shape all segments have.
    pub format: VideoFormat,
    /// Title of the film.
    pub title: &'a str,
    /// Language of the lines, BCP 47.
    pub language: &'a str,
    /// Chapters: name, first frame, one past the last frame.
    pub chapters: &'a [(String, u64, u64)],
}

/// ffmpeg and ffprobe, found on this machine.
#[derive(Debug)]
pub struct Ffmpeg {
    ffmpeg: Tool,
    ffprobe: Tool,
    fingerprint: OnceLock<String>,
    /// Held while the fingerprint is taken: who asks meanwhile waits for it.
    asking: Mutex<()>,
}

impl Ffmpeg {
    /// Finds both programs on `PATH`.
    pub fn find() -> Result<Self, MediaError> {
        let ffprobe = Tool::find_packaged("ffprobe", "ffmpeg")?;
        Ok(Self { ffmpeg: Tool::find("ffmpeg")?, ffprobe, fingerprint: OnceLock::new(), asking: Mutex::default() })
    }

    /// What decides the bytes it writes: the versions of ffmpeg and its libraries, the build of x264, and whether the
    /// processor has SSSE3, below which x264 rounds differently. Part of the key of every step that encodes.
    ///
    /// # Errors
    /// When ffmpeg does not run, or has no x264.
    pub fn fingerprint(&self) -> Result<String, MediaError> {
        let _asking = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = self.fingerprint.get() {
            return Ok(known.clone());
        }
        let picture = vec![128_u8; 16 * 16 * 3 / 2];
        // One start tells both: a start costs more than all it does here. The banner is said at this level alone.
        let argv = Argv(["-nostdin", "-loglevel", "info", "-nostats", "-xerror", "-y"].map(OsString::from).to_vec())
            .input("rawvideo", &["-pix_fmt", "yuv420p", "-video_size", "16x16", "-framerate", "24"], "pipe:0".into())
            .output("h264", &["-c:v", "libx264", "-threads", "1"], "pipe:1".into());
        let said = System.run(Invocation::new(&self.ffmpeg).args(argv.0).stdin(picture))?;
        let text = fingerprint_of(&said.stderr, &said.stdout)
            .ok_or_else(|| MediaError::Fault { what: "ffmpeg".into(), fault: "it does not say which build of x264 it holds".into() })?;
        Ok(self.fingerprint.get_or_init(|| text).clone())
    }

    /// Starts an encoder that writes a segment: H.264 in MP4, one closed group of pictures after another, the first
    /// frame an IDR, constant frame times, BT.709 limited range, one thread.
    ///
    /// # Errors
    /// When a setting or the shape is not one that can be encoded, or ffmpeg does not start.
    pub fn encode(&self, format: VideoFormat, settings: &EncodeSettings, out: &Path) -> Result<Encoder, MediaError> {
        let argv = encode_argv(format, settings, out)?;
        let running = System.start(Invocation::new(&self.ffmpeg).args(argv.0).deadline(DEADLINE), Pipes::Feed)?;
        Ok(Encoder { running: Some(running), frame_bytes: format.frame_bytes(), frames: 0 })
    }

    /// Starts a decoder of an MP4's video. Any damage that decoding can see is an error, at the latest at the end.
    pub fn decode(&self, path: &Path, format: VideoFormat) -> Result<Decoder, MediaError> {
        self.decode_with(path, &["-pix_fmt", "yuv420p"], format.frame_bytes())
    }

    /// As [`Ffmpeg::decode`]; all is decoded, and only the luma of each frame given: a third less goes through the pipe.
    pub fn decode_luma(&self, path: &Path, format: VideoFormat) -> Result<Decoder, MediaError> {
        // Taken out as it is; a conversion to grey would stretch its range.
        self.decode_with(path, &["-vf", "extractplanes=y"], format.width as usize * format.height as usize)
    }

    fn decode_with(&self, path: &Path, options: &[&str], frame_bytes: usize) -> Result<Decoder, MediaError> {
        let max = MAX_PIXELS.to_string();
        let argv = Argv::new()
            .input("mov", &["-max_pixels", &max], file(path))
            .options(&["-map", "0:v:0", "-fps_mode", "passthrough", "-c:v", "rawvideo"])
            .output("rawvideo", options, "pipe:1".into());
        let invocation = Invocation::new(&self.ffmpeg).args(argv.0).deadline(DEADLINE).memory(MEMORY);
        let running = System.start(invocation, Pipes::Read)?;
        Ok(Decoder { path: path.to_owned(), running: Some(running), frame: vec![0; frame_bytes], frames: 0 })
    }

    /// Starts a decoder of an MP4's sound, as 48 kHz stereo.
    pub fn decode_sound(&self, path: &Path) -> Result<SoundDecoder, MediaError> {
        self.decode_sound_of(path, "mov")
    }

    /// As [`Ffmpeg::decode_sound`], of a file whose demuxer is forced.
    pub(crate) fn decode_sound_of(&self, path: &Path, demuxer: &str) -> Result<SoundDecoder, MediaError> {
        let options = ["-map", "0:a:0", "-c:a", "pcm_f32le", "-ar", "48000", "-ac", "2"];
        let argv = Argv::new().input(demuxer, &[], file(path)).output("f32le", &options, "pipe:1".into());
        let invocation = Invocation::new(&self.ffmpeg).args(argv.0).deadline(DEADLINE).memory(MEMORY);
        Ok(SoundDecoder { running: Some(System.start(invocation, Pipes::Read)?), bytes: vec![0; SOUND_BLOCK] })
    }

    /// Encodes a mix, 48 kHz stereo WAV, as AAC in MP4 of `bit_rate` bits per second.
    ///
    /// # Errors
    /// When the bit rate is not one that can be had, or ffmpeg fails.
    pub fn encode_sound(&self, mix: &Path, bit_rate: u32, out: &Path) -> Result<(), MediaError> {
        let argv = sound_argv(mix, bit_rate, out)?;
        System.run(Invocation::new(&self.ffmpeg).args(argv.0).deadline(DEADLINE))?;
        Ok(())
    }

    /// Joins segments and sound without touching their packets, and writes title, language and chapters. The film's index
    /// stands at its front. `work` is an empty directory for the lists this needs.
    pub fn join(&self, join: &Join<'_>, work: &Path, out: &Path) -> Result<(), MediaError> {
        let named = |path: &Path, error| MediaError::File { path: path.to_owned(), error };
        let mut list = String::from("ffconcat version 1.0\n");
        for (i, segment) in join.segments.iter().enumerate() {
            // ffmpeg's list knows only names of our own making; where a segment lies never becomes text in it.
            let (name, target) = (format!("s{i:05}.mp4"), std::path::absolute(segment).map_err(|e| named(segment, e))?);
            std::os::unix::fs::symlink(target, work.join(&name)).map_err(|e| named(segment, e))?;
            list.push_str(&format!("file {name}\n"));
        }
        let files = SystemFiles::new();
        for (name, text) in [("list.txt", list), ("chapters.txt", chapters_text(join))] {
            let path = work.join(name);
            files.write_atomic(&path, text.as_bytes()).map_err(|e| named(&path, e))?;
        }
        let argv = join_argv(join, work, out);
        System.run(Invocation::new(&self.ffmpeg).args(argv.0).deadline(DEADLINE))?;
        Ok(())
    }

    /// Starts a decoder of a clip whose demuxer is forced, behind filters of our own making.
    pub(crate) fn decode_clip(&self, path: &Path, demuxer: &str, filters: &str) -> Result<Running, MediaError> {
        let max = MAX_PIXELS.to_string();
        let argv = Argv::new()
            .input(demuxer, &["-max_pixels", &max], file(path))
            .options(&[
                "-map",
                "0:V:0",
                "-an",
                "-sn",
                "-dn",
                "-filter_threads",
                "1",
                "-vf",
                filters,
                "-fps_mode",
                "passthrough",
                "-c:v",
                "rawvideo",
            ])
            .output("rawvideo", &["-pix_fmt", "yuv420p", "-threads", "1"], "pipe:1".into());
        Ok(System.start(Invocation::new(&self.ffmpeg).args(argv.0).deadline(DEADLINE).memory(MEMORY), Pipes::Read)?)
    }

    /// Asks ffprobe; the answer is JSON.
    pub(crate) fn probe(&self, path: &Path, demuxer: &str, options: &[&str]) -> Result<Vec<u8>, MediaError> {
        let mut args: Vec<OsString> =
            ["-v", "error", "-protocol_whitelist", "file,pipe", "-f", demuxer, "-of", "json"].map(Into::into).to_vec();
        args.extend(options.iter().map(OsString::from));
        args.push(file(path));
        Ok(System.run(Invocation::new(&self.ffprobe).args(args).deadline(DEADLINE).memory(MEMORY))?.stdout)
    }
}

/// Reads until the buffer is full or the stream ends.
pub(crate) fn fill(source: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut n = 0;
    while n < buffer.len() {
        match source.read(&mut buffer[n..]) {
            Ok(0) => break,
            Ok(k) => n += k,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(n)
}

fn fingerprint_of(version: &str, coded: &[u8]) -> Option<String> {
    let mark = b"x264 - core ";
    let at = coded.windows(mark.len()).position(|w| w == mark)? + b"x264 - ".len();
    let core: String = coded[at..].iter().take_while(|&&b| b != b'-').map(|&b| char::from(b)).collect();
    let lines = || version.lines().map(str::trim);
    let first = lines().find(|l| l.starts_with("ffmpeg version"))?.split(" Copyright").next()?.trim();
    let libraries: Vec<String> = lines()
        .filter(|l| l.starts_with("lib") && l.contains('/'))
        .filter_map(|l| Some(l.split('/').next()?.split_whitespace().collect::<Vec<_>>().join(" ")))
        .collect();
    Some(format!("{first}; x264 {}; {}; {}", core.trim(), libraries.join(", "), processor()))
}

/// The part of the processor that x264's result depends on.
fn processor() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("ssse3") { "x86-64 ssse3" } else { "x86-64 sse2" }
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        std::env::consts::ARCH
    }
}

/// Whether frames of this shape can be encoded with these settings.
///
/// # Errors
/// Names the setting, what it is and what it may be.
pub fn encodable(format: VideoFormat, settings: &EncodeSettings) -> Result<(), MediaError> {
    let fault = |fault: String| Err(MediaError::Fault { what: "encoder settings".into(), fault });
    let VideoFormat { width, height, .. } = format;
    if width < 16 || height < 16 || width % 2 == 1 || height % 2 == 1 || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return fault(format!("a frame of {width}×{height} cannot be encoded: both sides must be even and at least 16"));
    }
    if !PRESETS.contains(&settings.preset.as_str()) {
        return fault(format!("`{}` is not a preset of x264; it is one of {}", settings.preset, PRESETS.join(", ")));
    }
    if !(1..=51).contains(&settings.crf) {
        return fault(format!("a rate factor of {} is outside 1 to 51", settings.crf));
    }
    if !BIT_RATES.contains(&settings.audio_bit_rate) {
        return fault(format!(
            "{} bits of sound a second are outside {} to {}",
            settings.audio_bit_rate,
            BIT_RATES.start(),
            BIT_RATES.end()
        ));
    }
    Ok(())
}

fn encode_argv(format: VideoFormat, settings: &EncodeSettings, out: &Path) -> Result<Argv, MediaError> {
    encodable(format, settings)?;
    let VideoFormat { width, height, rate } = format;
    // A shot begins with an IDR; inside it one more every ten seconds lets players seek in a long one.
    let keyint = keyint(format);
    let x264 = format!("open-gop=0:keyint={keyint}:min-keyint={keyint}:scenecut=0:sliced-threads=0:lookahead-threads=1:sar=1/1");
    let (size, rate, scale) = (format!("{width}x{height}"), format!("{}/{}", rate.num, rate.den), format.timescale().to_string());
    let crf = settings.crf.to_string();
    let argv = Argv::new()
        .input("rawvideo", &["-pix_fmt", "yuv420p", "-video_size", &size, "-framerate", &rate], "pipe:0".into())
        .options(&["-map", "0:v:0", "-c:v", "libx264", "-preset", &settings.preset, "-crf", &crf, "-threads", "1", "-x264-params", &x264])
        .options(&["-pix_fmt", "yuv420p", "-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"])
        // x264 writes its version and options into an SEI message: not part of the picture.
        .options(&["-chroma_sample_location", "left", "-fps_mode", "passthrough", "-bsf:v", "filter_units=remove_types=6"])
        // Equal time scales, or an edit list rounds the length of a segment and the joined film drifts.
        .options(&["-video_track_timescale", &scale, "-movie_timescale", &scale, "-map_metadata", "-1"])
        .output("mp4", &[], file(out));
    Ok(argv)
}

/// Frames of a group of pictures at most: ten seconds.
pub(crate) fn keyint(format: VideoFormat) -> u64 {
    (10 * u64::from(format.rate.num)).div_ceil(u64::from(format.rate.den))
}

fn sound_argv(mix: &Path, bit_rate: u32, out: &Path) -> Result<Argv, MediaError> {
    if !BIT_RATES.contains(&bit_rate) {
        let fault = format!("{bit_rate} bits per second is outside 32000 to 512000");
        return Err(MediaError::Fault { what: "encoder settings".into(), fault });
    }
    // ffmpeg's own account: `fast` is better than `twoloop`, and three times as fast, but for low bit rates. Measured on a film
    // at 160 kbit/s it leaves 2.7 dB less noise below each Bark band's signal.
    let (bit_rate, coder) = (bit_rate.to_string(), if bit_rate < 96_000 { "twoloop" } else { "fast" });
    Ok(Argv::new()
        .input("wav", &[], file(mix))
        // Noise in place of sound (PNS) is louder than what it replaces: it lifts the peaks of a film by up to 2 dB.
        .options(&["-map", "0:a:0", "-c:a", "aac", "-aac_coder", coder, "-aac_pns", "0"])
        // In this time scale the encoder's delay at the front and the sound's end are told to the sample.
        .options(&["-b:a", &bit_rate, "-ar", "48000", "-ac", "2", "-threads", "1", "-map_metadata", "-1", "-movie_timescale", "48000"])
        .output("mp4", &[], file(out)))
}

fn join_argv(join: &Join<'_>, work: &Path, out: &Path) -> Argv {
    let (ticks, scale) = (join.format.frame_ticks(), join.format.timescale());
    // ffmpeg counts where a segment starts in microseconds; at 30000/1001 that is not a whole number of ticks. And a
    // segment too short for B-frames stores its packets without their delay of two frames, so that decoding times would
    // run backwards after it: all get the same.
    let setts = format!("setts=pts=round(PTS/{ticks})*{ticks}:dts=(N-2)*{ticks}");
    let movie_scale = (scale / gcd(scale, 48_000) * 48_000).to_string();
    let scale = scale.to_string();
    let language = format!("language={}", iso_639_2(join.language));
    let title = format!("title={}", join.title.replace('\0', " "));
    Argv::new()
        .input("concat", &["-safe", "1", "-auto_convert", "0"], file(&work.join("list.txt")))
        .input("mov", &[], file(join.sound))
        .input("ffmetadata", &[], file(&work.join("chapters.txt")))
        .options(&["-map", "0:v:0", "-c:v", "copy", "-bsf:v", &setts])
        .options(&["-map", "1:a:0", "-c:a", "copy", "-threads", "1"])
        .options(&["-map_metadata", "2", "-map_chapters", "2", "-metadata", &title, "-metadata:s:a:0", &language])
        .options(&["-metadata:s:v:0", &language, "-video_track_timescale", &scale, "-movie_timescale", &movie_scale])
        .output("mp4", &["-movflags", "+faststart"], file(out))
}

/// Chapters in ffmpeg's metadata format, with `=`, `;`, `#`, `\` and line ends escaped.
fn chapters_text(join: &Join<'_>) -> String {
    let mut text = String::from(";FFMETADATA1\n");
    for (title, start, end) in join.chapters {
        let ticks = join.format.frame_ticks();
        text.push_str(&format!("[CHAPTER]\nTIMEBASE=1/{}\nSTART={}\nEND={}\ntitle=", join.format.timescale(), start * ticks, end * ticks));
        for c in title.chars().map(|c| if c.is_control() { ' ' } else { c }) {
            if matches!(c, '=' | ';' | '#' | '\\') {
                text.push('\\');
            }
            text.push(c);
        }
        // ffmpeg takes a line end after a backslash as escaped, even when that backslash is itself: the next chapters
        // would be part of this title.
        text.push_str(if title.ends_with('\\') { " \n" } else { "\n" });
    }
    text
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// The ISO 639-2 code MP4 stores, of a BCP 47 tag; `und` for a language that is not in this table.
fn iso_639_2(tag: &str) -> &'static str {
    let primary = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let table = [
        ("en", "eng"),
        ("de", "ger"),
        ("fr", "fre"),
        ("es", "spa"),
        ("it", "ita"),
        ("pt", "por"),
        ("nl", "dut"),
        ("sv", "swe"),
        ("da", "dan"),
        ("nb", "nob"),
        ("no", "nor"),
        ("fi", "fin"),
        ("pl", "pol"),
        ("cs", "cze"),
        ("hu", "hun"),
        ("tr", "tur"),
        ("ru", "rus"),
        ("uk", "ukr"),
        ("el", "gre"),
        ("ja", "jpn"),
        ("zh", "chi"),
        ("ko", "kor"),
        ("ar", "ara"),
        ("he", "heb"),
        ("hi", "hin"),
    ];
    table.iter().find(|(two, three)| *two == primary || *three == primary).map_or("und", |(_, three)| three)
}

/// An encoder that takes frames.
pub struct Encoder {
    running: Option<Running>,
    frame_bytes: usize,
    frames: u64,
}

impl Encoder {
    /// Encodes a frame: its Y plane, then U, then V.
    pub fn frame(&mut self, yuv: &[u8]) -> Result<(), MediaError> {
        if yuv.len() != self.frame_bytes {
            let fault = format!("{} bytes were given, a frame has {}", yuv.len(), self.frame_bytes);
            return Err(MediaError::Fault { what: "raw frame".into(), fault });
        }
        let written = self.running.as_mut().map_or(Ok(()), |running| running.write_all(yuv));
        if let Err(error) = written {
            return Err(self.running.take().map_or_else(
                || MediaError::Fault { what: "encoder".into(), fault: "it has ended".into() },
                |running| running.broken(&error).into(),
            ));
        }
        self.frames += 1;
        Ok(())
    }

    /// Ends the segment. Gives the number of frames that were taken.
    pub fn finish(mut self) -> Result<u64, MediaError> {
        if let Some(running) = self.running.take() {
            running.finish()?;
        }
        Ok(self.frames)
    }
}

/// A decoder that gives frames.
pub struct Decoder {
    path: PathBuf,
    running: Option<Running>,
    frame: Vec<u8>,
    frames: u64,
}

impl Decoder {
    /// The next frame: its Y plane, then U, then V. `None` at the end of a file that decoded without fault.
    pub fn next_frame(&mut self) -> Result<Option<&[u8]>, MediaError> {
        let Some(running) = self.running.as_mut() else { return Ok(None) };
        let filled = fill(running, &mut self.frame);
        match (filled, self.running.take()) {
            (Ok(n), running) if n == self.frame.len() => {
                self.running = running;
                self.frames += 1;
                Ok(Some(&self.frame))
            }
            (Ok(n), Some(running)) => {
                running.finish()?;
                if n == 0 {
                    return Ok(None);
                }
                Err(MediaError::of_file(
                    &self.path,
                    format!("after {} frames it ends inside a frame, or its frames have another size", self.frames),
                ))
            }
            (Err(error), Some(running)) => Err(running.broken(&error).into()),
            (_, None) => Ok(None),
        }
    }
}

/// A decoder that gives sound.
pub struct SoundDecoder {
    running: Option<Running>,
    bytes: Vec<u8>,
}

impl SoundDecoder {
    /// The next block of samples in −1..1, left and right in turn. `None` at the end of sound that decoded without fault.
    pub fn next_block(&mut self) -> Result<Option<Vec<f32>>, MediaError> {
        let Some(mut running) = self.running.take() else { return Ok(None) };
        let n = match fill(&mut running, &mut self.bytes) {
            Ok(n) => n,
            Err(error) => return Err(running.broken(&error).into()),
        };
        if n < self.bytes.len() {
            running.finish()?;
        } else {
            self.running = Some(running);
        }
        let samples: Vec<f32> = self.bytes[..n].as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
        Ok(if samples.is_empty() { None } else { Some(samples) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMAT: VideoFormat = VideoFormat { width: 64, height: 36, rate: EditRate::FILM };

    fn settings() -> EncodeSettings {
        EncodeSettings { preset: "veryfast".into(), crf: 23, audio_bit_rate: 160_000 }
    }

    fn join<'a>(title: &'a str, chapters: &'a [(String, u64, u64)]) -> Join<'a> {
        Join { segments: &[], sound: Path::new("mix.wav"), format: FORMAT, title, language: "en", chapters }
    }

    #[test]
    fn every_input_has_a_forced_format_and_a_whitelist() {
        let argvs = [
            encode_argv(FORMAT, &settings(), Path::new("-o.mp4")).unwrap(),
            join_argv(&join("a", &[]), Path::new("w"), Path::new("o.mp4")),
            sound_argv(Path::new("mix.wav"), 160_000, Path::new("o.mp4")).unwrap(),
        ];
        for Argv(argv) in argvs {
            let text: Vec<&str> = argv.iter().filter_map(|a| a.to_str()).collect();
            let inputs: Vec<usize> = (0..text.len()).filter(|&i| text[i] == "-i").collect();
            let mut from = 0;
            for &i in &inputs {
                assert_eq!(text[i - 2], "-f");
                assert!(text[from..i].windows(2).any(|w| w == ["-protocol_whitelist", "file,pipe"]), "{text:?}");
                assert!(text[i + 1].starts_with("file:") || text[i + 1] == "pipe:0");
                from = i;
            }
            assert!(!inputs.is_empty() && text.contains(&"-nostdin") && text.contains(&"-xerror"));
            assert!(text[text.len() - 1].starts_with("file:") && text.windows(2).any(|w| w == ["-fflags", "+bitexact"]));
        }
    }

    #[test]
    fn settings_that_cannot_be_encoded_are_refused() {
        let out = Path::new("o.mp4");
        let with = |preset: &str, crf| EncodeSettings { preset: preset.into(), crf, audio_bit_rate: 160_000 };
        assert!(encode_argv(FORMAT, &with("veryfast:crf=0", 23), out).is_err());
        assert!(encode_argv(FORMAT, &with("veryfast", 0), out).is_err());
        assert!(encode_argv(VideoFormat { width: 63, ..FORMAT }, &settings(), out).is_err());
        assert!(sound_argv(Path::new("mix.wav"), 1, out).is_err());
    }

    #[test]
    fn a_title_stays_one_value() {
        let title = "The Keeper's \"Log\"; a=b # c\\d\n[CHAPTER]\nSTART=0";
        let chapters = [(title.to_owned(), 0, 24)];
        let text = chapters_text(&join(title, &chapters));
        assert_eq!(text.lines().count(), 6);
        assert_eq!(text.lines().filter(|l| *l == "[CHAPTER]").count(), 1);
        assert!(text.ends_with("title=The Keeper's \"Log\"\\; a\\=b \\# c\\\\d [CHAPTER] START\\=0\n"), "{text}");
        assert!(chapters_text(&join(title, &[("C:\\".into(), 0, 1)])).ends_with("title=C:\\\\ \n"));
        let Argv(argv) = join_argv(&join(title, &chapters), Path::new("w"), Path::new("o.mp4"));
        assert!(argv.contains(&OsString::from(format!("title={title}"))));
    }

    #[test]
    fn the_fingerprint_names_every_part_that_decides_bytes() {
        let text = Ffmpeg::find().unwrap().fingerprint().unwrap();
        for part in ["ffmpeg version ", "x264 core ", "libavcodec ", "libswresample "] {
            assert!(text.contains(part), "{text}");
        }
        assert!(!text.contains('\n') && !text.contains("Copyright"));
    }

    #[test]
    fn a_frame_lasts_whole_ticks_at_every_rate() {
        for (num, den) in [(24, 1), (25, 1), (30, 1), (24_000, 1001), (30_000, 1001), (60_000, 1001)] {
            let format = VideoFormat { rate: EditRate { num, den }, ..FORMAT };
            assert_eq!(format.timescale() * u64::from(den), format.frame_ticks() * u64::from(num));
        }
    }

    #[test]
    fn encoded_sound_is_the_mix_to_the_sample_and_no_noise_made_up_for_it() {
        let ffmpeg = Ffmpeg::find().unwrap();
        let dir = std::env::temp_dir().join(format!("reelwright-sound-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let (wav, out) = (dir.join("mix.wav"), dir.join("sound.mp4"));
        // Noise is what the encoder would replace by noise of its own.
        let mut seed = contracts::Seed::of(&["noise"]);
        let samples: Vec<i16> = (0..2 * 50_001).map(|_| seed.between(-8000, 8000) as i16).collect();
        SystemFiles::new().write_atomic(&wav, &crate::wav::write(48_000, 2, &samples).unwrap()).unwrap();
        ffmpeg.encode_sound(&wav, 192_000, &out).unwrap();
        let (mut decoder, mut heard) = (ffmpeg.decode_sound(&out).unwrap(), Vec::new());
        while let Some(block) = decoder.next_block().unwrap() {
            heard.extend(block);
        }
        std::fs::remove_dir_all(&dir).unwrap();
        // The last packet may be longer than the sound.
        assert!(heard.len() >= samples.len() && heard.len() - samples.len() < 2 * 1024, "{} of {}", heard.len(), samples.len());
        let (mut own, mut missed) = (0.0, 0.0);
        for (&a, &b) in samples.iter().zip(&heard) {
            let a = f32::from(a) / 32_768.0;
            own += a * a;
            missed += (a - b) * (a - b);
        }
        // With noise put in place of noise it is four fifths.
        assert!(missed < 0.6 * own, "{} of the sound is another", missed / own);
    }

    #[test]
    fn an_encoder_that_dies_says_why() {
        let mut encoder = Ffmpeg::find().unwrap().encode(FORMAT, &settings(), Path::new("/no/such/directory/o.mp4")).unwrap();
        let frame = vec![128; FORMAT.frame_bytes()];
        let failed = (0..10_000).find_map(|_| encoder.frame(&frame).err());
        let error = failed.or_else(|| encoder.finish().err()).unwrap().to_string();
        assert!(error.contains("No such file or directory"), "{error}");
    }
}
