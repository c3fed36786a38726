//! An MP4 of one video written again with other packets: everything its index says stays, but for times and places.

use super::{Checked, boxes, moov, needed, refuse, u32_at, video_track, walk};

/// A picture as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Coded {
    /// Its bytes.
    pub data: Vec<u8>,
    /// Which picture of the video it is, in the order of showing, from 0.
    pub shows: u64,
    /// Decoding may start here.
    pub key: bool,
}

/// A video's packets in storage order, and its parameter sets (the content of `avcC`).
pub(crate) fn read(mp4: &[u8], ticks: u64) -> Checked<(Vec<Coded>, Vec<u8>)> {
    let size = mp4.len() as u64;
    let moov = moov(&mut std::io::Cursor::new(mp4), size)?;
    let track = video_track(&moov)?;
    let stsd = needed(track, &[b"mdia", b"minf", b"stbl", b"stsd"])?;
    let [(_, entry)] = boxes(stsd.get(8..).unwrap_or_default())?[..] else { return refuse("its video is not of one kind") };
    let sets = needed(entry.get(78..).unwrap_or_default(), &[b"avcC"])?.to_vec();
    let mut packets = Vec::new();
    let mut uneven = false;
    walk(track, std::io::Cursor::new(mp4), size, |entry, bytes| {
        uneven |= entry.shows < 0 || !entry.shows.unsigned_abs().is_multiple_of(ticks);
        packets.push(Coded { data: bytes.to_vec(), shows: entry.shows.unsigned_abs() / ticks, key: entry.key });
    })?;
    if uneven { refuse("a picture of it shows between two frames") } else { Ok((packets, sets)) }
}

/// The same MP4 with these packets, in storage order, one every `ticks`. Its media comes before its index.
pub(crate) fn write(mp4: &[u8], packets: &[Coded], ticks: u32) -> Checked<Vec<u8>> {
    let parts = boxes(mp4)?;
    let part = |kind: &[u8; 4]| parts.iter().find(|(k, _)| k == kind).map(|(_, content)| *content);
    let (Some(ftyp), Some(moov)) = (part(b"ftyp"), part(b"moov")) else { return refuse("it has no header") };
    let Ok(count) = u32::try_from(packets.len()) else { return refuse("it has too many packets") };
    let Some(length) = count.checked_mul(ticks) else { return refuse("it is too long") };
    // No picture is shown before it is decoded.
    let delay = packets.iter().zip(0_u64..).map(|(p, stored)| stored.saturating_sub(p.shows)).max().unwrap_or(0) as u32;
    let bytes: usize = packets.iter().map(|p| p.data.len()).sum();
    let mut file = boxed(b"ftyp", ftyp);
    let Ok(place) = u32::try_from(file.len() + 8) else { return refuse("its header is too long") };
    let Some(media) = u32::try_from(bytes).ok().and_then(|b| b.checked_add(8)).filter(|m| m.checked_add(place).is_some()) else {
        return refuse("its packets have more than 4 GB");
    };
    file.extend_from_slice(&media.to_be_bytes());
    file.extend_from_slice(b"mdat");
    packets.iter().for_each(|p| file.extend_from_slice(&p.data));
    let index = Index { packets, ticks, count, length, delay: delay * ticks, place };
    file.extend_from_slice(&boxed(b"moov", &index.again(moov)?));
    Ok(file)
}

fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [&(content.len() as u32 + 8).to_be_bytes(), kind.as_slice(), content].concat()
}

/// What the new index says.
struct Index<'a> {
    packets: &'a [Coded],
    ticks: u32,
    count: u32,
    /// Ticks of the whole video.
    length: u32,
    /// The tick at which the presentation begins.
    delay: u32,
    /// Where the first packet stands in the file.
    place: u32,
}

impl Index<'_> {
    /// The content of a box of boxes, with what changes in it changed.
    fn again(&self, content: &[u8]) -> Checked<Vec<u8>> {
        let mut made = Vec::with_capacity(content.len());
        for (kind, content) in boxes(content)? {
            let content = match &kind {
                b"trak" | b"mdia" | b"minf" | b"edts" => self.again(content)?,
                // Movie and track have one time scale.
                b"mvhd" | b"mdhd" => self.with(content, 16, self.length)?,
                b"tkhd" => self.with(content, 20, self.length)?,
                b"elst" => self.with(&self.with(content, 8, self.length)?, 12, self.delay)?,
                b"stbl" => self.tables(content)?,
                _ => content.to_vec(),
            };
            made.extend_from_slice(&boxed(&kind, &content));
        }
        Ok(made)
    }

    /// A box of version 0 with the number at `at` replaced.
    fn with(&self, content: &[u8], at: usize, value: u32) -> Checked<Vec<u8>> {
        u32_at(content, at)?;
        if content.first() != Some(&0) {
            return refuse("its index has times of 64 bits");
        }
        let mut content = content.to_vec();
        content[at..at + 4].copy_from_slice(&value.to_be_bytes());
        Ok(content)
    }

    fn tables(&self, content: &[u8]) -> Checked<Vec<u8>> {
        let mut made = Vec::new();
        for (kind, content) in boxes(content)? {
            match &kind {
                b"stsd" => made.extend_from_slice(&boxed(&kind, content)),
                b"stts" | b"ctts" | b"stss" | b"stsz" | b"stsc" | b"stco" => {}
                _ => return refuse(format!("its index has a table `{}`, which is not known here", kind.escape_ascii())),
            }
        }
        let table = |kind: &[u8; 4], head: &[u32], rows: &[u32]| {
            let numbers: Vec<u8> = [&[0], head, rows].concat().iter().flat_map(|n| n.to_be_bytes()).collect();
            boxed(kind, &numbers)
        };
        let keys: Vec<u32> = self.packets.iter().zip(1..).filter(|(p, _)| p.key).map(|(_, number)| number).collect();
        let sizes: Vec<u32> = self.packets.iter().map(|p| p.data.len() as u32).collect();
        let mut waits: Vec<u32> = Vec::new();
        for (packet, stored) in self.packets.iter().zip(0_u32..) {
            let wait = packet.shows as u32 * self.ticks + self.delay - stored * self.ticks;
            match waits.as_chunks_mut::<2>().0.last_mut() {
                Some([run, last]) if *last == wait => *run += 1,
                _ => waits.extend([1, wait]),
            }
        }
        made.extend(table(b"stts", &[1], &[self.count, self.ticks]));
        made.extend(table(b"stss", &[keys.len() as u32], &keys));
        made.extend(table(b"ctts", &[waits.len() as u32 / 2], &waits));
        made.extend(table(b"stsc", &[1], &[1, self.count, 1]));
        made.extend(table(b"stsz", &[0, self.count], &sizes));
        made.extend(table(b"stco", &[1], &[self.place]));
        Ok(made)
    }
}
