//! 16-bit PCM WAV in memory: the sound of the house is 48 kHz, mono or stereo; speech engines speak at rates of their own.
//! Eighty lines of our own, because a reader that trusts no length is shorter than the checks around one that does.

/// The largest sound that is read, in bytes: an hour of 48 kHz stereo.
const MAX_BYTES: usize = 48_000 * 4 * 3600;

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
    if !(1..=2).contains(&channels) || !(4_000..=192_000).contains(&rate) {
        return Err(WavError::Unsupported { what: format!("{channels} channels at {rate} Hz") });
    }
    let bytes = samples.len() * 2;
    if bytes > MAX_BYTES || !samples.len().is_multiple_of(usize::from(channels)) {
        return Err(WavError::Malformed { what: format!("{} samples in {channels} channels", samples.len()) });
    }
    let mut out = Vec::with_capacity(44 + bytes);
    out.extend_from_slice(b"RIFF");
    out.extend_from_slice(&(36 + bytes as u32).to_le_bytes());
    out.extend_from_slice(b"WAVEfmt ");
    out.extend_from_slice(&16u32.to_le_bytes());
    out.extend_from_slice(&1u16.to_le_bytes());
    out.extend_from_slice(&channels.to_le_bytes());
    out.extend_from_slice(&rate.to_le_bytes());
    out.extend_from_slice(&(rate * u32::from(channels) * 2).to_le_bytes());
    out.extend_from_slice(&(channels * 2).to_le_bytes());
    out.extend_from_slice(&16u16.to_le_bytes());
    out.extend_from_slice(b"data");
    out.extend_from_slice(&(bytes as u32).to_le_bytes());
    for sample in samples {
        out.extend_from_slice(&sample.to_le_bytes());
    }
    Ok(out)
}

/// A sample from a number in −1..1, rounded to nearest, clipped.
pub fn to_i16(x: f64) -> i16 {
    // `as` saturates and maps NaN to 0, so no number is out of range here.
    (x * 32767.0).round() as i16
}

fn parse(bytes: &[u8], stream: bool) -> Result<Sound, WavError> {
    if bytes.len() > MAX_BYTES + 4096 {
        return Err(WavError::Unsupported { what: format!("{} bytes, more than an hour", bytes.len()) });
    }
    if bytes.len() < 12 || &bytes[..4] != b"RIFF" || &bytes[8..12] != b"WAVE" {
        return Err(WavError::NotWav);
    }
    let mut format: Option<(u32, u16)> = None;
    let mut at = 12;
    while at + 8 <= bytes.len() {
        let name = &bytes[at..at + 4];
        let said = le32(&bytes[at + 4..at + 8]) as usize;
        let left = bytes.len() - at - 8;
        let open_end = stream && name == b"data";
        if said > left && !open_end {
            let chunk = String::from_utf8_lossy(name).escape_debug().to_string();
            return Err(WavError::CutShort { chunk, said: said as u64, left: left as u64 });
        }
        let body = &bytes[at + 8..at + 8 + said.min(left)];
        if name == b"fmt " {
            format = Some(parse_format(body)?);
        } else if name == b"data" {
            let (rate, channels) = format.ok_or_else(|| WavError::Malformed { what: "data before fmt".into() })?;
            let whole = body.len() - body.len() % (2 * usize::from(channels));
            if whole != body.len() && !stream {
                return Err(WavError::Malformed { what: format!("{} data bytes do not fill {channels} channels", body.len()) });
            }
            let samples = body[..whole].chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]])).collect();
            return Ok(Sound { rate, channels, samples });
        }
        at += 8 + said + said % 2;
    }
    Err(WavError::Malformed { what: if format.is_some() { "no data chunk".into() } else { "no fmt chunk".into() } })
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
}
