//! The picture of an MP4, read from its boxes: parameters, and every packet with its time and the hash of its bytes.
//! Starting ffprobe costs fifty milliseconds of linking alone, forty times a film; ISO/IEC 14496-12, -15 and ITU-T H.264
//! §7.3.2 say where everything stands. What is no part of a plain film (fragments, encryption, edits) is refused.

pub(crate) mod write;

use std::{
    io::{Read, Seek, SeekFrom},
    ops::Range,
};

use contracts::Hash;

use crate::{
    h264::Sequence,
    probe::{Packet, Stream, Video},
};

/// The longest index that is read, in bytes: an hour at 60 frames a second has some ten million.
const MAX_INDEX: u64 = 64 << 20;
/// The largest packet that is read, in bytes.
const MAX_PACKET: u32 = 64 << 20;

/// Why a file is not one that can be read.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The system could not read it.
    Io(std::io::Error),
    /// It is not what it should be.
    Fault(String),
}

impl From<std::io::Error> for Refused {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

type Checked<T> = Result<T, Refused>;

fn refuse<T>(fault: impl Into<String>) -> Checked<T> {
    Err(Refused::Fault(fault.into()))
}

/// Reads the first video track of an MP4 of `size` bytes, whose boxes must fill it exactly.
pub(crate) fn video(mut file: impl Read + Seek, size: u64) -> Checked<Video> {
    let moov = moov(&mut file, size)?;
    let track = video_track(&moov)?;
    let stream = stream(track)?;
    let mut packets = Vec::new();
    walk(track, file, size, |entry, bytes| {
        packets.push(Packet {
            pts: Some(entry.shows),
            duration: Some(entry.lasts),
            flags: if entry.key { "K_".into() } else { "__".into() },
            data_hash: Hash::of(bytes).to_string(),
        });
    })?;
    Ok(Video { stream, packets })
}

fn moov(file: &mut (impl Read + Seek), size: u64) -> Checked<Vec<u8>> {
    let index = index_of(file, size)?;
    let mut moov = vec![0; (index.end - index.start) as usize];
    file.seek(SeekFrom::Start(index.start))?;
    file.read_exact(&mut moov)?;
    Ok(moov)
}

fn video_track(moov: &[u8]) -> Checked<&[u8]> {
    for (_, track) in boxes(moov)?.into_iter().filter(|(kind, _)| kind == b"trak") {
        if path(track, &[b"mdia", b"hdlr"])?.is_some_and(|hdlr| hdlr.get(8..12) == Some(b"vide")) {
            return Ok(track);
        }
    }
    refuse("it holds no video")
}

/// Where the content of the index stands. A file whose last bytes are missing, or without index or media, is refused.
fn index_of(file: &mut (impl Read + Seek), size: u64) -> Checked<Range<u64>> {
    let (mut at, mut found, mut index) = (0, Vec::new(), 0..0);
    while at < size {
        let mut header = [0_u8; 16];
        file.seek(SeekFrom::Start(at))?;
        let n = (size - at).min(16) as usize;
        file.read_exact(&mut header[..n])?;
        let [a, b, c, d, kind @ ..] = header[..8].try_into().unwrap_or([0_u8; 8]);
        let (length, head) = match u32::from_be_bytes([a, b, c, d]) {
            0 => (size - at, 8),
            1 => (u64::from_be_bytes(header[8..].try_into().unwrap_or_default()), 16),
            n => (u64::from(n), 8),
        };
        if n < 8 || length < head || length > size - at {
            return refuse(format!("it is not a whole MP4: byte {at} begins a part of {length} bytes, {} are left", size - at));
        }
        if &kind == b"moov" {
            index = at + head..at + length;
        }
        found.push(kind);
        at += length;
    }
    if let Some(kind) = [b"ftyp", b"moov", b"mdat"].iter().find(|&&kind| !found.contains(kind)) {
        return refuse(format!("it is not a whole MP4: it has no `{}`", String::from_utf8_lossy(*kind)));
    }
    if index.end - index.start > MAX_INDEX { refuse("its index is too long") } else { Ok(index) }
}

/// Boxes that stand one after the other: kinds and contents.
fn boxes(mut bytes: &[u8]) -> Checked<Vec<([u8; 4], &[u8])>> {
    let mut found = Vec::new();
    while let Some((&header, _)) = bytes.split_first_chunk::<8>() {
        let [a, b, c, d, kind @ ..] = header;
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        if length < 8 || length > bytes.len() {
            return refuse(format!("a part `{}` of its index does not end inside it", kind.escape_ascii()));
        }
        found.push((kind, &bytes[8..length]));
        bytes = &bytes[length..];
    }
    Ok(found)
}

/// The content of the first box of a kind.
fn child<'a>(bytes: &'a [u8], kind: &[u8; 4]) -> Checked<Option<&'a [u8]>> {
    Ok(boxes(bytes)?.into_iter().find(|(k, _)| k == kind).map(|(_, content)| content))
}

fn path<'a>(mut bytes: &'a [u8], kinds: &[&[u8; 4]]) -> Checked<Option<&'a [u8]>> {
    for kind in kinds {
        match child(bytes, kind)? {
            Some(content) => bytes = content,
            None => return Ok(None),
        }
    }
    Ok(Some(bytes))
}

fn needed<'a>(bytes: &'a [u8], kinds: &[&[u8; 4]]) -> Checked<&'a [u8]> {
    let name = || kinds.last().map(|k| String::from_utf8_lossy(*k).into_owned()).unwrap_or_default();
    path(bytes, kinds)?.map_or_else(|| refuse(format!("its video has no `{}`", name())), Ok)
}

fn u16_at(bytes: &[u8], at: usize) -> Checked<u16> {
    bytes
        .get(at..)
        .and_then(|b| b.first_chunk())
        .map_or_else(|| refuse("a table of its index is cut short"), |b| Ok(u16::from_be_bytes(*b)))
}

fn u32_at(bytes: &[u8], at: usize) -> Checked<u32> {
    bytes
        .get(at..)
        .and_then(|b| b.first_chunk())
        .map_or_else(|| refuse("a table of its index is cut short"), |b| Ok(u32::from_be_bytes(*b)))
}

/// The rows of a table of `N` numbers each; its length stands at `at`, its rows follow.
fn table<const N: usize>(bytes: &[u8], at: usize) -> Checked<Vec<[u32; N]>> {
    let rows = u32_at(bytes, at)? as usize;
    let numbers = bytes[at + 4..].as_chunks::<4>().0;
    match rows.checked_mul(N).filter(|&n| n <= numbers.len()) {
        Some(n) => Ok(numbers[..n].as_chunks::<N>().0.iter().map(|row| row.map(u32::from_be_bytes)).collect()),
        None => refuse("a table of its index is cut short"),
    }
}

/// Parameters of a track: its shape and colours as the decoder's parameter sets say them, its time base.
fn stream(track: &[u8]) -> Checked<Stream> {
    let mdhd = needed(track, &[b"mdia", b"mdhd"])?;
    let scale = u32_at(mdhd, if mdhd.first() == Some(&1) { 20 } else { 12 })?;
    let stsd = needed(track, &[b"mdia", b"minf", b"stbl", b"stsd"])?;
    let [(coding, entry)] = boxes(stsd.get(8..).unwrap_or_default())?[..] else { return refuse("its video is not of one kind") };
    let mut stream = Stream { codec_type: "video".into(), time_base: format!("1/{scale}"), ..Stream::default() };
    if coding != *b"avc1" {
        stream.codec_name = String::from_utf8_lossy(&coding).into_owned();
        return Ok(stream);
    }
    let Some(sets) = child(entry.get(78..).unwrap_or_default(), b"avcC")? else { return refuse("its video has no parameter sets") };
    let length = usize::from(u16_at(sets, 6)?);
    let (Some(1), Some(first)) = (sets.get(5).map(|n| n & 31), sets.get(8..8 + length)) else {
        return refuse("its video has not one sequence parameter set");
    };
    let Some(picture) = Sequence::of(first) else { return refuse("its sequence parameter set cannot be read") };
    let shape = (u32::from(u16_at(entry, 24)?), u32::from(u16_at(entry, 26)?));
    if shape != (picture.width, picture.height) {
        return refuse(format!("its header says {}×{}, its parameter sets {}×{}", shape.0, shape.1, picture.width, picture.height));
    }
    let name = |code: u8| if code == 1 { "bt709".to_owned() } else { format!("number {code}") };
    let [primaries, transfer, matrix] = picture.colours.map_or([None, None, None], |c| c.map(|code| Some(name(code))));
    Ok(Stream {
        codec_name: "h264".into(),
        width: Some(picture.width),
        height: Some(picture.height),
        pix_fmt: Some(match (picture.chroma, picture.depth) {
            (1, 8) => "yuv420p".into(),
            (chroma, depth) => format!("chroma format {chroma} of {depth} bits"),
        }),
        color_range: picture.full_range.map(|full| if full { "pc".into() } else { "tv".into() }),
        color_space: matrix,
        color_transfer: transfer,
        color_primaries: primaries,
        extradata_hash: Some(Hash::of(sets).to_string()),
        ..stream
    })
}

/// What the index says of a packet, in ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    shows: i64,
    lasts: i64,
    /// Decoding may start here.
    key: bool,
}

/// Reads every packet of a track, in storage order.
fn walk(track: &[u8], mut file: impl Read + Seek, size: u64, mut see: impl FnMut(Entry, &[u8])) -> Checked<()> {
    let tables = needed(track, &[b"mdia", b"minf", b"stbl"])?;
    let stsz = needed(tables, &[b"stsz"])?;
    let sizes: Vec<u32> = match u32_at(stsz, 4)? {
        0 => table::<1>(stsz, 8)?.into_iter().map(|[size]| size).collect(),
        one => {
            let count = u32_at(stsz, 8)?;
            if u64::from(one) * u64::from(count) > size {
                return refuse("its packets are longer than the file");
            }
            vec![one; count as usize]
        }
    };
    let mut durations = Vec::with_capacity(sizes.len());
    for [count, delta] in table::<2>(needed(tables, &[b"stts"])?, 4)? {
        durations.extend(std::iter::repeat_n(delta, (count as usize).min(sizes.len() - durations.len())));
    }
    let mut delays = Vec::with_capacity(sizes.len());
    match child(tables, b"ctts")? {
        None => delays.resize(sizes.len(), 0),
        Some(ctts) => {
            for [count, delay] in table::<2>(ctts, 4)? {
                // Version 1 has signs; version 0 holds no delay of half its range.
                delays.extend(std::iter::repeat_n(i64::from(delay.cast_signed()), (count as usize).min(sizes.len() - delays.len())));
            }
        }
    }
    let keys: Option<Vec<[u32; 1]>> = child(tables, b"stss")?.map(|stss| table(stss, 4)).transpose()?;
    let places = places(tables, &sizes)?;
    if durations.len() != sizes.len() || delays.len() != sizes.len() || places.len() != sizes.len() {
        return refuse("the tables of its index differ in length");
    }
    let shift = shift(track)?;
    let (mut time, mut bytes) = (0_i64, Vec::new());
    for (k, (&length, place)) in sizes.iter().zip(places).enumerate() {
        if length > MAX_PACKET || place.checked_add(u64::from(length)).is_none_or(|end| end > size) {
            return refuse(format!("packet {k} lies outside the file"));
        }
        bytes.resize(length as usize, 0);
        file.seek(SeekFrom::Start(place))?;
        file.read_exact(&mut bytes)?;
        let key = keys.as_ref().is_none_or(|keys| keys.binary_search(&[k as u32 + 1]).is_ok());
        see(Entry { shows: time + delays[k] - shift, lasts: i64::from(durations[k]), key }, &bytes);
        time += i64::from(durations[k]);
    }
    Ok(())
}

/// Where each packet begins in the file.
fn places(tables: &[u8], sizes: &[u32]) -> Checked<Vec<u64>> {
    let chunks: Vec<u64> = match (child(tables, b"stco")?, child(tables, b"co64")?) {
        (Some(stco), _) => table::<1>(stco, 4)?.into_iter().map(|[at]| u64::from(at)).collect(),
        (None, Some(co64)) => table::<2>(co64, 4)?.into_iter().map(|[high, low]| u64::from(high) << 32 | u64::from(low)).collect(),
        (None, None) => return refuse("its video has no `stco`"),
    };
    let runs = table::<3>(needed(tables, &[b"stsc"])?, 4)?;
    let mut places = Vec::with_capacity(sizes.len());
    let mut run = 0;
    for (number, &chunk) in (1_u32..).zip(&chunks) {
        while runs.get(run + 1).is_some_and(|[first, ..]| *first <= number) {
            run += 1;
        }
        let Some([_, held, _]) = runs.get(run) else { return refuse("its packets stand nowhere") };
        let mut at = chunk;
        for &size in sizes[places.len()..].iter().take(*held as usize) {
            places.push(at);
            at = at.saturating_add(u64::from(size));
        }
    }
    Ok(places)
}

/// The tick of the track at which its presentation begins. More than one edit is no plain film.
fn shift(track: &[u8]) -> Checked<i64> {
    let Some(elst) = path(track, &[b"edts", b"elst"])? else { return Ok(0) };
    let wide = elst.first() == Some(&1);
    if u32_at(elst, 4)? != 1 {
        return refuse("its video has edits");
    }
    let (high, low, rate) = if wide { (u32_at(elst, 16)?, u32_at(elst, 20)?, 24) } else { (0, u32_at(elst, 12)?, 16) };
    let start = if wide { (u64::from(high) << 32 | u64::from(low)).cast_signed() } else { i64::from(low.cast_signed()) };
    if start < 0 || u32_at(elst, rate)? != 0x1_0000 { refuse("its video has edits") } else { Ok(start) }
}

#[cfg(test)]
mod tests;
