//! What of H.264 (ITU-T H.264) is read and written here without an encoder: parameter sets, the number of a picture in its
//! slice's header, and a picture that repeats another.

/// What a sequence parameter set says of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sequence {
    pub width: u32,
    pub height: u32,
    /// 1 for 4:2:0.
    pub chroma: u32,
    /// Bits of luma.
    pub depth: u32,
    pub full_range: Option<bool>,
    /// Primaries, transfer, matrix.
    pub colours: Option<[u8; 3]>,
    /// Bits of a picture's number.
    number_bits: u32,
    /// Bits of its place in the order of showing; absent when pictures are shown as they are stored.
    order_bits: Option<u32>,
    /// Blocks of 16×16 in a picture.
    blocks: u32,
    /// Every picture is a frame, and the order of showing is told in one of the two plain ways.
    plain: bool,
}

impl Sequence {
    /// Reads a NAL unit. `None` when it ends too soon or says what cannot be.
    pub fn of(unit: &[u8]) -> Option<Self> {
        let mut bits = Bits::of(unit.get(1..)?);
        let profile = bits.take(8)?;
        bits.take(16)?;
        bits.code()?;
        let (mut chroma, mut depth) = (1, 8);
        if [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135].contains(&profile) {
            chroma = bits.code()?;
            if chroma == 3 {
                bits.take(1)?;
            }
            depth = bits.code()?.checked_add(8)?;
            bits.code()?;
            bits.take(1)?;
            if bits.take(1)? == 1 {
                bits.scaling_lists(if chroma == 3 { 12 } else { 8 })?;
            }
        }
        let number_bits = bits.code()?.checked_add(4)?;
        let order = bits.code()?;
        let mut order_bits = None;
        match order {
            0 => order_bits = Some(bits.code()?.checked_add(4)?),
            1 => {
                bits.take(1)?;
                bits.code()?;
                bits.code()?;
                for _ in 0..bits.code()?.min(255) {
                    bits.code()?;
                }
            }
            _ => {}
        }
        bits.code()?;
        bits.take(1)?;
        let (across, down) = (bits.code()?.checked_add(1)?, bits.code()?.checked_add(1)?);
        let fields = 2 - bits.take(1)?;
        if fields == 2 {
            bits.take(1)?;
        }
        bits.take(1)?;
        let crop = if bits.take(1)? == 1 { [bits.code()?, bits.code()?, bits.code()?, bits.code()?] } else { [0; 4] };
        let (unit_x, unit_y) = (if matches!(chroma, 1 | 2) { 2 } else { 1 }, if chroma == 1 { 2 * fields } else { fields });
        let cut = |blocks: u32, a: u32, b: u32, unit: u32| blocks.checked_mul(16)?.checked_sub(a.checked_add(b)?.checked_mul(unit)?);
        let (width, height) = (cut(across, crop[0], crop[1], unit_x)?, cut(down.checked_mul(fields)?, crop[2], crop[3], unit_y)?);
        let (mut full_range, mut colours) = (None, None);
        if bits.take(1)? == 1 {
            if bits.take(1)? == 1 && bits.take(8)? == 255 {
                bits.take(32)?;
            }
            if bits.take(1)? == 1 {
                bits.take(1)?;
            }
            if bits.take(1)? == 1 {
                bits.take(3)?;
                full_range = Some(bits.take(1)? == 1);
                if bits.take(1)? == 1 {
                    colours = Some([bits.take(8)? as u8, bits.take(8)? as u8, bits.take(8)? as u8]);
                }
            }
        }
        let blocks = across.checked_mul(down)?;
        let plain = fields == 1 && order != 1 && number_bits <= 16 && order_bits.is_none_or(|bits| bits <= 16);
        Some(Self { width, height, chroma, depth, full_range, colours, number_bits, order_bits, blocks, plain })
    }
}

/// A bit at a time, without the bytes that keep start codes away.
struct Bits {
    bytes: Vec<u8>,
    at: usize,
}

impl Bits {
    fn of(unit: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(unit.len());
        let mut zeros = 0;
        for &byte in unit {
            if zeros >= 2 && byte == 3 {
                zeros = 0;
                continue;
            }
            zeros = if byte == 0 { zeros + 1 } else { 0 };
            bytes.push(byte);
        }
        Self { bytes, at: 0 }
    }

    fn take(&mut self, count: u32) -> Option<u32> {
        let mut value = 0;
        for _ in 0..count {
            let byte = self.bytes.get(self.at / 8)?;
            value = value << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }

    /// An unsigned Exp-Golomb code (H.264 §9.1).
    fn code(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while self.take(1)? == 0 {
            zeros += 1;
        }
        if zeros > 31 { None } else { Some((1 << zeros) - 1 + self.take(zeros)?) }
    }

    /// A signed one.
    fn signed(&mut self) -> Option<i32> {
        let code = i64::from(self.code()?);
        i32::try_from(if code % 2 == 1 { code / 2 + 1 } else { -(code / 2) }).ok()
    }

    /// Passes over scaling lists (H.264 §7.3.2.1.1.1).
    fn scaling_lists(&mut self, lists: usize) -> Option<()> {
        for list in 0..lists {
            if self.take(1)? == 0 {
                continue;
            }
            let (mut last, mut next) = (8_i64, 8_i64);
            for _ in 0..if list < 6 { 16 } else { 64 } {
                if next != 0 {
                    next = (last + i64::from(self.signed()?)).rem_euclid(256);
                }
                last = if next == 0 { last } else { next };
            }
        }
        Some(())
    }
}

/// What a picture parameter set says of slices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct PictureSet {
    id: u32,
    /// Numbers are coded by CABAC, else by CAVLC.
    arithmetic: bool,
    weighted: bool,
    /// The quantiser a slice starts from.
    quantiser: i32,
    deblocking: bool,
    plain: bool,
}

impl PictureSet {
    fn of(unit: &[u8]) -> Option<Self> {
        let mut bits = Bits::of(unit.get(1..)?);
        let (id, _) = (bits.code()?, bits.code()?);
        let arithmetic = bits.take(1)? == 1;
        let fields = bits.take(1)? == 1;
        let groups = bits.code()?;
        if groups > 0 {
            return None;
        }
        let (_, _, weighted, _) = (bits.code()?, bits.code()?, bits.take(1)? == 1, bits.take(2)?);
        let quantiser = 26_i32.checked_add(bits.signed()?)?;
        let (_, _, deblocking, _) = (bits.signed()?, bits.signed()?, bits.take(1)? == 1, bits.take(1)?);
        let redundant = bits.take(1)? == 1;
        Some(Self { id, arithmetic, weighted, quantiser, deblocking, plain: !fields && !redundant })
    }
}

/// What the header of a slice says of its picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slice {
    number: u32,
    /// Its place in the order of showing, in its last bits.
    order: u32,
    /// Later pictures may be made from it.
    reference: bool,
}

/// Makes pictures that repeat the last one shown, to the last bit: P-slices of skipped blocks, some thirty bytes each.
pub(crate) struct Repeater {
    sequence: Sequence,
    picture: PictureSet,
    /// Number of the picture that is repeated.
    repeated: u32,
    /// Number of the next picture.
    number: u32,
    /// Place of the last picture in the order of showing.
    order: u32,
}

impl Repeater {
    /// Repeats the picture `shown_last` of an encoded video. `sets` is the `avcC` box's content, `packets` those of the
    /// video in storage order. `None` when the video uses what is not known here.
    pub fn new<'a>(sets: &[u8], packets: impl Iterator<Item = &'a [u8]>, shown_last: usize) -> Option<Self> {
        let (sequence, picture) = sets_of(sets)?;
        if !sequence.plain || !picture.plain || sequence.chroma != 1 || sets.get(4)? & 3 != 3 {
            return None;
        }
        let (mut newest, mut repeated) = (0, None);
        for (at, packet) in packets.enumerate() {
            let slice = Slice::of(packet, &sequence)?;
            if slice.reference {
                newest = slice.number;
            }
            if at == shown_last {
                repeated = Some(slice).filter(|slice| slice.reference);
            }
        }
        let repeated = repeated?;
        let number = (newest + 1) % (1 << sequence.number_bits);
        Some(Self { sequence, picture, repeated: repeated.number, number, order: repeated.order })
    }

    /// The next picture, as a packet of an MP4.
    pub fn next_packet(&mut self) -> Vec<u8> {
        let Self { sequence, picture, .. } = self;
        let range = 1 << sequence.number_bits;
        let apart = (self.number + range - self.repeated) % range;
        let mut bits = Writer::default();
        bits.code(0);
        // Every slice of the picture is a P-slice.
        bits.code(5);
        bits.code(picture.id);
        bits.put(self.number, sequence.number_bits);
        if let Some(length) = sequence.order_bits {
            self.order = (self.order + 2) % (1 << length);
            bits.put(self.order, length);
        }
        // One reference: the picture that lies `apart` numbers before.
        bits.put(1, 1);
        bits.code(0);
        bits.put(1, 1);
        bits.code(0);
        bits.code(apart.max(1) - 1);
        bits.code(3);
        if picture.weighted {
            bits.code(0);
            bits.code(0);
            bits.put(0, 2);
        }
        // Marked as a reference in the plain way, the oldest goes.
        bits.put(0, 1);
        if picture.arithmetic {
            bits.code(2);
        }
        let quantiser = if picture.arithmetic { 51 } else { picture.quantiser };
        bits.signed(quantiser - picture.quantiser);
        if picture.deblocking {
            bits.code(1);
        }
        if picture.arithmetic {
            skip_all(&mut bits, sequence.blocks);
        } else {
            bits.code(sequence.blocks);
            bits.put(1, 1);
            bits.align(0);
        }
        self.repeated = self.number;
        self.number = (self.number + 1) % range;
        // A reference of middling priority, type 1: a slice of a picture that decoding cannot start at.
        let mut unit = vec![0x41];
        escape(&bits.bytes, &mut unit);
        let mut packet = (unit.len() as u32).to_be_bytes().to_vec();
        packet.append(&mut unit);
        packet
    }
}

fn sets_of(sets: &[u8]) -> Option<(Sequence, PictureSet)> {
    let part = |at: usize| -> Option<&[u8]> {
        let length = usize::from(u16::from_be_bytes(*sets.get(at..)?.first_chunk()?));
        sets.get(at + 2..at + 2 + length)
    };
    let sequence = part(6)?;
    let at = 8 + sequence.len();
    match (sets.get(5)? & 31, sets.get(at)?) {
        (1, 1) => Some((Sequence::of(sequence)?, PictureSet::of(part(at + 1)?)?)),
        _ => None,
    }
}

impl Slice {
    /// Reads the first slice of a packet of an MP4.
    fn of(packet: &[u8], sequence: &Sequence) -> Option<Self> {
        let mut rest = packet;
        loop {
            let (&length, after) = rest.split_first_chunk::<4>()?;
            let unit = after.get(..u32::from_be_bytes(length) as usize)?;
            let header = *unit.first()?;
            let kind = header & 31;
            if kind != 1 && kind != 5 {
                rest = &after[unit.len()..];
                continue;
            }
            let mut bits = Bits::of(unit.get(1..unit.len().min(64))?);
            let (_, _, _, number) = (bits.code()?, bits.code()?, bits.code()?, bits.take(sequence.number_bits)?);
            if kind == 5 {
                bits.code()?;
            }
            let order = sequence.order_bits.map_or(Some(0), |length| bits.take(length))?;
            return Some(Self { number, order, reference: header >> 5 & 3 != 0 });
        }
    }
}

/// Bits, highest first.
#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    used: u32,
}

impl Writer {
    fn put(&mut self, value: u32, count: u32) {
        for k in (0..count).rev() {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= ((value >> k & 1) as u8) << (7 - self.used % 8);
            }
            self.used += 1;
        }
    }

    /// An unsigned Exp-Golomb code.
    fn code(&mut self, value: u32) {
        let length = (value + 1).ilog2();
        self.put(0, length);
        self.put(value + 1, length + 1);
    }

    /// A signed one.
    fn signed(&mut self, value: i32) {
        self.code(if value > 0 { 2 * value.unsigned_abs() - 1 } else { 2 * value.unsigned_abs() });
    }

    /// Fills the last byte.
    fn align(&mut self, bit: u32) {
        while !self.used.is_multiple_of(8) {
            self.put(bit, 1);
        }
    }
}

/// Keeps start codes out of a unit (§7.4.1).
fn escape(bytes: &[u8], unit: &mut Vec<u8>) {
    let mut zeros = 0;
    for &byte in bytes {
        if zeros >= 2 && byte <= 3 {
            unit.push(3);
            zeros = 0;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        unit.push(byte);
    }
}

/// The range of the less probable symbol in states 44 to 62, by two bits of the range (table 9-44).
const LESS_PROBABLE: [[u32; 4]; 19] = [
    [14, 18, 21, 24],
    [14, 17, 20, 23],
    [13, 16, 19, 22],
    [12, 15, 18, 21],
    [12, 14, 17, 20],
    [11, 14, 16, 19],
    [11, 13, 15, 18],
    [10, 12, 15, 17],
    [10, 12, 14, 16],
    [9, 11, 13, 15],
    [9, 11, 12, 14],
    [8, 10, 12, 14],
    [8, 9, 11, 13],
    [7, 9, 11, 12],
    [7, 9, 10, 12],
    [7, 8, 10, 11],
    [6, 8, 9, 11],
    [6, 7, 9, 10],
    [6, 7, 8, 9],
];

/// A slice's data in CABAC: every block skipped. With `cabac_init_idc` 2 and quantiser 51 the flag that says so starts as
/// the more probable symbol of state 44 (§9.3.1.1: ((29 × 51) >> 4) + 16 − 64), and stays it.
fn skip_all(bits: &mut Writer, blocks: u32) {
    bits.align(1);
    let mut coder = Coder { low: 0, range: 510, first: true, outstanding: 0, bits };
    let mut state = 0;
    for block in 1..=blocks {
        let column = (coder.range >> 6 & 3) as usize;
        coder.range -= LESS_PROBABLE[state][column];
        state = (state + 1).min(LESS_PROBABLE.len() - 1);
        coder.renormalise();
        // Whether the slice ends here.
        coder.range -= 2;
        if block == blocks {
            coder.finish();
        } else {
            coder.renormalise();
        }
    }
}

/// The arithmetic encoder of §9.3.4.2, for symbols that are what was expected.
struct Coder<'a> {
    low: u32,
    range: u32,
    first: bool,
    outstanding: u32,
    bits: &'a mut Writer,
}

impl Coder<'_> {
    fn renormalise(&mut self) {
        while self.range < 256 {
            if self.low < 256 {
                self.bit(0);
            } else if self.low >= 512 {
                self.low -= 512;
                self.bit(1);
            } else {
                self.low -= 256;
                self.outstanding += 1;
            }
            self.range <<= 1;
            self.low <<= 1;
        }
    }

    fn bit(&mut self, bit: u32) {
        if self.first {
            self.first = false;
        } else {
            self.bits.put(bit, 1);
        }
        for _ in 0..std::mem::take(&mut self.outstanding) {
            self.bits.put(1 - bit, 1);
        }
    }

    /// The end of the slice, with its stop bit.
    fn finish(&mut self) {
        self.low += self.range;
        self.range = 2;
        self.renormalise();
        self.bit(self.low >> 9 & 1);
        self.bits.put(self.low >> 7 & 3 | 1, 2);
        self.bits.align(0);
    }
}
