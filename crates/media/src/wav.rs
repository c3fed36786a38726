//! 16-bit PCM WAV, whole or by parts: the sound of the house is 48 kHz, mono or stereo; speech engines speak at rates of
//! their own. Lines of our own, because a reader that trusts no length is shorter than the checks around one that does.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom, Write},
    path::PathBuf,
};

/// The largest sound that is read, in bytes: an hour of 48 kHz stereo.
const MAX_BYTES: u64 = 48_000 * 4 * 3600;
/// The most bytes of a file that are looked at: its sound, and what stands beside it.
const MAX_FILE: u64 = MAX_BYTES + 4096;
/// The most parts a file is searched through for its sound.
const MAX_CHUNKS: usize = 1000;

/// Interleaved 16-bit sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sound {
    /// Samples a second.
    pub rate: u32,
    /// 1 or 2.
    pub channels: u16,
    /// Samples, interleaved: `frames * channels` of them.
    pub samples: Vec<i16>,
}

impl Sound {
    /// Samples per channel.
    pub fn frames(&self) -> usize {
        self.samples.len() / usize::from(self.channels.max(1))
    }
}

/// Why bytes are not a sound we play.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WavError {
    /// No RIFF/WAVE header.
    #[error("not a WAV file: it does not start with RIFF…WAVE")]
    NotWav,
    /// A chunk says it is longer than the file.
    #[error("the WAV is cut short: chunk `{chunk}` says {said} bytes, {left} are left")]
    CutShort {
        /// Chunk name.
        chunk: String,
        /// Its own length.
        said: u64,
        /// What is there.
        left: u64,
    },
    /// Not 16-bit PCM in one or two channels.
    #[error("unsupported WAV: {what}; expected 16-bit PCM, mono or stereo")]
    Unsupported {
        /// What it is instead.
        what: String,
    },
    /// Header and data disagree, or a chunk is missing.
    #[error("malformed WAV: {what}")]
    Malformed {
        /// What is wrong.
        what: String,
    },
    /// The system could not read or write it.
    #[error("the WAV could not be read or written: {what}")]
    Io {
        /// What the system said.
        what: String,
    },
}

impl From<std::io::Error> for WavError {
    fn from(error: std::io::Error) -> Self {
        Self::Io { what: error.to_string() }
    }
}

/// Reads a complete WAV file. Chunks other than `fmt ` and `data` are passed over.
///
/// # Errors
/// Anything but 16-bit PCM in one or two channels at 4 to 192 kHz, and any length that does not fit.
pub fn read(bytes: &[u8]) -> Result<Sound, WavError> {
    parse(bytes, false)
}

/// Reads what a tool wrote to a pipe: it could not go back to fill in the lengths, so the data runs to the end.
///
/// # Errors
/// As [`read`], but a data chunk longer than what is there ends with the bytes.
pub fn read_stream(bytes: &[u8]) -> Result<Sound, WavError> {
    parse(bytes, true)
}

/// Where the first WAV file in `bytes` ends by its own header, when it has one and it fits.
pub fn end_of(bytes: &[u8]) -> Option<usize> {
    let said = bytes.get(4..8).map(le32)? as usize;
    (bytes.starts_with(b"RIFF") && said <= bytes.len() - 8).then_some(said + 8)
}

/// Writes a 16-bit PCM WAV file; `samples` are interleaved.
///
/// # Errors
/// When the samples do not fill the channels, or the sound is longer than an hour of 48 kHz stereo.
pub fn write(rate: u32, channels: u16, samples: &[i16]) -> Result<Vec<u8>, WavError> {
    if !samples.len().is_multiple_of(usize::from(channels.max(1))) {
        return Err(WavError::Malformed { what: format!("{} samples in {channels} channels", samples.len()) });
    }
    let mut out = Vec::with_capacity(44 + samples.len() * 2);
    out.extend_from_slice(&header(rate, channels, samples.len() as u64 * 2)?);
    for sample in samples {
        out.extend_from_slice(&sample.to_le_bytes());
    }
    Ok(out)
}

fn header(rate: u32, channels: u16, bytes: u64) -> Result<[u8; 44], WavError> {
    if !(1..=2).contains(&channels) || !(4_000..=192_000).contains(&rate) {
        return Err(WavError::Unsupported { what: format!("{channels} channels at {rate} Hz") });
    }
    if bytes > MAX_BYTES {
        return Err(WavError::Malformed { what: format!("{bytes} bytes of sound, at most {MAX_BYTES} are written") });
    }
    let mut out = *b"RIFF    WAVEfmt \x10\0\0\0\x01\0              data    ";
    out[4..8].copy_from_slice(&(36 + bytes as u32).to_le_bytes());
    out[22..24].copy_from_slice(&channels.to_le_bytes());
    out[24..28].copy_from_slice(&rate.to_le_bytes());
    out[28..32].copy_from_slice(&(rate * u32::from(channels) * 2).to_le_bytes());
    out[32..34].copy_from_slice(&(channels * 2).to_le_bytes());
    out[34..36].copy_from_slice(&16u16.to_le_bytes());
    out[40..44].copy_from_slice(&(bytes as u32).to_le_bytes());
    Ok(out)
}

/// Where the bytes of a WAV file are.
#[derive(Clone, Debug)]
pub enum Source {
    /// Here.
    Bytes(Vec<u8>),
    /// In a file that nobody changes while it is read.
    File(PathBuf),
}

impl From<Vec<u8>> for Source {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl Source {
    /// Opens it and reads its header; samples are read when they are asked for.
    ///
    /// # Errors
    /// As [`read`], and when the file cannot be read.
    pub fn open(&self) -> Result<Reader<'_>, WavError> {
        let (mut from, size) = match self {
            Self::Bytes(bytes) => (Held::Bytes(bytes), bytes.len() as u64),
            Self::File(path) => {
                let file = File::open(path)?;
                let size = file.metadata()?.len();
                (Held::File(file), size)
            }
        };
        let layout = layout(size, false, |at, out| from.read(at, out))?;
        Ok(Reader { rate: layout.rate, channels: layout.channels, frames: layout.frames(), data: layout.at, from, bytes: Vec::new() })
    }
}

enum Held<'a> {
    Bytes(&'a [u8]),
    File(File),
}

impl Held<'_> {
    fn read(&mut self, at: u64, out: &mut [u8]) -> Result<(), WavError> {
        match self {
            Self::Bytes(bytes) => {
                let from = bytes.get(at as usize..).and_then(|b| b.get(..out.len()));
                out.copy_from_slice(from.ok_or_else(|| WavError::Io { what: format!("it ends before byte {at}") })?);
            }
            Self::File(file) => {
                file.seek(SeekFrom::Start(at))?;
                file.read_exact(out)?;
            }
        }
        Ok(())
    }
}

/// A WAV file that is read by parts: an hour of sound takes no more memory than the part.
pub struct Reader<'a> {
    /// Samples a second.
    pub rate: u32,
    /// 1 or 2.
    pub channels: u16,
    /// Samples per channel.
    pub frames: u64,
    data: u64,
    from: Held<'a>,
    bytes: Vec<u8>,
}

impl Reader<'_> {
    /// Replaces `out` by the samples of `frames` frames from frame `first` on, interleaved; fewer at the sound's end.
    ///
    /// # Errors
    /// When the file cannot be read, or has become shorter.
    pub fn read(&mut self, first: u64, frames: u64, out: &mut Vec<i16>) -> Result<(), WavError> {
        let frames = frames.min(self.frames.saturating_sub(first));
        let frame_bytes = 2 * u64::from(self.channels);
        self.bytes.resize((frames * frame_bytes) as usize, 0);
        self.from.read(self.data + first.min(self.frames) * frame_bytes, &mut self.bytes)?;
        out.clear();
        out.extend(self.bytes.as_chunks::<2>().0.iter().map(|b| i16::from_le_bytes(*b)));
        Ok(())
    }
}

/// A WAV file of a known length that is written part by part.
pub struct Writer<W: Write + Seek> {
    to: W,
    /// Bytes of sound that are still to come, of how many.
    left: u64,
    whole: u64,
    bytes: Vec<u8>,
}

impl<W: Write + Seek> Writer<W> {
    /// Begins a sound of `frames` frames at the place where `to` stands.
    ///
    /// # Errors
    /// As [`write`], and when nothing can be written.
    pub fn new(mut to: W, rate: u32, channels: u16, frames: u64) -> Result<Self, WavError> {
        let whole = frames.saturating_mul(2 * u64::from(channels));
        to.write_all(&header(rate, channels, whole)?)?;
        Ok(Self { to, left: whole, whole, bytes: Vec::new() })
    }

    /// Adds samples, interleaved.
    ///
    /// # Errors
    /// When there are more than were said, or they cannot be written.
    pub fn push(&mut self, samples: &[i16]) -> Result<(), WavError> {
        self.bytes.clear();
        samples.iter().for_each(|s| self.bytes.extend_from_slice(&s.to_le_bytes()));
        let more = || WavError::Malformed { what: "more samples came than were said".into() };
        self.left = self.left.checked_sub(self.bytes.len() as u64).ok_or_else(more)?;
        Ok(self.to.write_all(&self.bytes)?)
    }

    /// Forgets the samples that were written: others follow in their place.
    ///
    /// # Errors
    /// When the file cannot go back.
    pub fn restart(&mut self) -> Result<(), WavError> {
        self.to.seek_relative(-((self.whole - self.left) as i64))?;
        self.left = self.whole;
        Ok(())
    }

    /// Ends the sound.
    ///
    /// # Errors
    /// When samples are missing, or they cannot be written.
    pub fn finish(mut self) -> Result<W, WavError> {
        if self.left > 0 {
            return Err(WavError::Malformed { what: format!("{} bytes of its sound are missing", self.left) });
        }
        self.to.flush()?;
        Ok(self.to)
    }
}

/// A sample from a number in −1..1, rounded to nearest, clipped.
pub fn to_i16(x: f64) -> i16 {
    // `as` saturates and maps NaN to 0, so no number is out of range here.
    (x * 32767.0).round() as i16
}

fn parse(bytes: &[u8], stream: bool) -> Result<Sound, WavError> {
    let mut from = Held::Bytes(bytes);
    let layout = layout(bytes.len() as u64, stream, |at, out| from.read(at, out))?;
    let body = &bytes[layout.at as usize..(layout.at + layout.bytes) as usize];
    let samples = body.as_chunks::<2>().0.iter().map(|b| i16::from_le_bytes(*b)).collect();
    Ok(Sound { rate: layout.rate, channels: layout.channels, samples })
}

/// What a header says of the sound, checked against the size of the file.
struct Layout {
    rate: u32,
    channels: u16,
    /// First byte of the sound, and how many there are.
    at: u64,
    bytes: u64,
}

impl Layout {
    fn frames(&self) -> u64 {
        self.bytes / (2 * u64::from(self.channels))
    }
}

/// Finds the sound in a file of `size` bytes; `read` fills a buffer from a byte on.
fn layout(size: u64, stream: bool, mut read: impl FnMut(u64, &mut [u8]) -> Result<(), WavError>) -> Result<Layout, WavError> {
    if size > MAX_FILE {
        return Err(WavError::Unsupported { what: format!("{size} bytes, more than an hour") });
    }
    let mut riff = [0_u8; 12];
    if size < 12 {
        return Err(WavError::NotWav);
    }
    read(0, &mut riff)?;
    if &riff[..4] != b"RIFF" || &riff[8..12] != b"WAVE" {
        return Err(WavError::NotWav);
    }
    let mut format: Option<(u32, u16)> = None;
    let mut at = 12;
    for _ in 0..MAX_CHUNKS {
        if at + 8 > size {
            return Err(WavError::Malformed { what: if format.is_some() { "no data chunk".into() } else { "no fmt chunk".into() } });
        }
        let mut head = [0_u8; 8];
        read(at, &mut head)?;
        let (name, said, left) = (&head[..4], u64::from(le32(&head[4..])), size - at - 8);
        let open_end = stream && name == b"data";
        if said > left && !open_end {
            let chunk = String::from_utf8_lossy(name).escape_debug().to_string();
            return Err(WavError::CutShort { chunk, said, left });
        }
        let bytes = said.min(left);
        if name == b"fmt " {
            let mut body = vec![0; bytes.min(40) as usize];
            read(at + 8, &mut body)?;
            format = Some(parse_format(&body)?);
        } else if name == b"data" {
            let (rate, channels) = format.ok_or_else(|| WavError::Malformed { what: "data before fmt".into() })?;
            let whole = bytes - bytes % (2 * u64::from(channels));
            if whole != bytes && !stream {
                return Err(WavError::Malformed { what: format!("{bytes} data bytes do not fill {channels} channels") });
            }
            return Ok(Layout { rate, channels, at: at + 8, bytes: whole });
        }
        at += 8 + said + said % 2;
    }
    Err(WavError::Malformed { what: format!("no sound among its first {MAX_CHUNKS} chunks") })
}

fn parse_format(body: &[u8]) -> Result<(u32, u16), WavError> {
    if body.len() < 16 {
        return Err(WavError::Malformed { what: format!("fmt chunk of {} bytes", body.len()) });
    }
    let u16_at = |i: usize| u16::from_le_bytes([body[i], body[i + 1]]);
    let (mut tag, channels, rate, bits) = (u16_at(0), u16_at(2), le32(&body[4..8]), u16_at(14));
    if tag == 0xFFFE && body.len() >= 26 {
        tag = u16_at(24); // WAVE_FORMAT_EXTENSIBLE: the sub-format's first two bytes are the tag
    }
    if tag != 1 || bits != 16 || !(1..=2).contains(&channels) || !(4_000..=192_000).contains(&rate) {
        return Err(WavError::Unsupported { what: format!("format {tag}, {bits} bits, {channels} channels, {rate} Hz") });
    }
    Ok((rate, channels))
}

fn le32(b: &[u8]) -> u32 {
    u32::from_le_bytes([b[0], b[1], b[2], b[3]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let samples: Vec<i16> = (0..600).map(|i| (i * 97 % 65536 - 32768) as i16).collect();
        for channels in [1u16, 2] {
            let bytes = write(48_000, channels, &samples).expect("valid sound");
            let back = read(&bytes).expect("own file");
            assert_eq!((back.rate, back.channels, &back.samples), (48_000, channels, &samples));
            assert_eq!(end_of(&bytes), Some(bytes.len()));
        }
    }

    #[test]
    fn every_cut_is_an_error_and_never_a_panic() {
        let bytes = write(48_000, 2, &[1, 2, 3, 4]).expect("valid sound");
        for cut in 0..bytes.len() {
            assert!(read(&bytes[..cut]).is_err(), "cut at {cut}");
            let _ = read_stream(&bytes[..cut]);
        }
        for at in 0..bytes.len() {
            for value in [0u8, 1, 0x7f, 0xff] {
                let mut broken = bytes.clone();
                broken[at] = value;
                let _ = read(&broken);
                let _ = end_of(&broken);
            }
        }
    }

    #[test]
    fn an_open_ended_stream_is_read_to_its_end() {
        let mut bytes = write(22_050, 1, &[5, 6, 7]).expect("valid sound");
        bytes[40..44].copy_from_slice(&0x7fff_f000u32.to_le_bytes());
        assert!(matches!(read(&bytes), Err(WavError::CutShort { .. })));
        assert_eq!(read_stream(&bytes).expect("stream").samples, [5, 6, 7]);
    }

    #[test]
    fn other_formats_are_named() {
        let mut bytes = write(48_000, 1, &[0; 8]).expect("valid sound");
        bytes[34] = 24;
        let error = read(&bytes).expect_err("24 bits").to_string();
        assert!(error.contains("24 bits"), "{error}");
        assert_eq!(read(b"OggS........................"), Err(WavError::NotWav));
        assert!(write(48_000, 2, &[1]).is_err());
    }

    #[test]
    fn parts_of_a_file_are_those_of_the_whole() {
        let samples: Vec<i16> = (0..600).map(|i| (i * 97 % 65536 - 32768) as i16).collect();
        for channels in [1u16, 2] {
            let mut bytes = write(48_000, channels, &samples).expect("valid sound");
            // A chunk in front of the sound, of odd length: its padding byte is no sample.
            bytes.splice(36..36, *b"LIST\x03\0\0\0abc\0");
            let source = Source::Bytes(bytes);
            let mut reader = source.open().expect("own file");
            let n = u64::from(channels);
            assert_eq!((reader.rate, reader.channels, reader.frames), (48_000, channels, 600 / n));
            let mut part = Vec::new();
            for (first, frames) in [(0, 600), (7, 1), (299, 10), (599, 5), (600, 1), (0, 0), (9_999, 3)] {
                reader.read(first, frames, &mut part).expect("reads");
                let from = (first.min(600 / n) * n) as usize;
                let to = ((first + frames).min(600 / n) * n) as usize;
                assert_eq!(part, samples[from..to.max(from)], "{first} {frames}");
            }
        }
        let absent = Source::File("/no/such/file.wav".into()).open().err().expect("absent").to_string();
        assert!(absent.contains("No such file"), "{absent}");
    }

    #[test]
    fn a_sound_written_in_parts_is_that_written_at_once() {
        let samples: Vec<i16> = (0..600).collect();
        let mut writer = Writer::new(std::io::Cursor::new(Vec::new()), 48_000, 2, 300).expect("begins");
        writer.push(&[9; 100]).expect("writes");
        writer.restart().expect("goes back");
        samples.chunks(70).for_each(|part| writer.push(part).expect("writes"));
        assert!(writer.push(&[1]).is_err());
        assert_eq!(writer.finish().expect("whole").into_inner(), write(48_000, 2, &samples).expect("valid"));
        let short = Writer::new(std::io::Cursor::new(Vec::new()), 48_000, 2, 1).expect("begins");
        assert!(short.finish().is_err());
    }

    #[test]
    fn a_file_of_nothing_but_chunks_is_given_up() {
        let mut bytes = b"RIFF\0\0\0\0WAVE".to_vec();
        (0..2000).for_each(|_| bytes.extend_from_slice(b"junk\0\0\0\0"));
        assert!(read(&bytes).expect_err("no sound").to_string().contains("1000"));
    }
}
