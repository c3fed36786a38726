//! F16: bombs. What is small on disk and huge in memory, or endless, is refused at once and for little.

use std::fs;
use std::io::Write;
use std::path::Path;

use crate::corpus;
use crate::run::Tally;
use crate::targets::Target;
use crate::world::{World, finish};

/// What a refusal may take beyond a bare start of the binary: milliseconds of processor time, and kilobytes.
const SLOWEST_MS: u64 = 1000;
const DEAREST_KB: u64 = 256 * 1024;

pub fn run(world: &World) -> Result<Tally, String> {
    let mut tally = Tally::default();
    let picture = corpus::find("picture").ok_or("no target `picture`")?;
    let sound = corpus::find("wav").ok_or("no target `wav`")?;
    for (what, bytes) in pictures() {
        inside(&picture, what, &bytes, media::image::decode(&bytes).is_err(), &mut tally);
    }
    for (what, bytes) in sounds() {
        inside(&sound, what, &bytes, media::wav::read(&bytes).is_err(), &mut tally);
    }
    outside(world, &mut tally)?;
    Ok(tally)
}

/// A bomb given to its reader: refused, quickly, cheaply.
fn inside(target: &Target, what: &str, bytes: &[u8], refused: bool, tally: &mut Tally) {
    let cost = corpus::measured(target, bytes);
    tally.case(match cost {
        Err(why) => Err(format!("{what}: {why}")),
        Ok(_) if !refused => Err(format!("{what} is read")),
        Ok(cost) if cost.mb * 1024 > DEAREST_KB || cost.ms > SLOWEST_MS => Err(format!("{what}: {} ms, {} MB", cost.ms, cost.mb)),
        Ok(_) => Ok(()),
    });
}

/// Bits in the order of deflate.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    held: u64,
    count: u32,
}

impl Bits {
    fn put(&mut self, value: u64, count: u32) {
        self.held |= value << self.count;
        self.count += count;
        while self.count >= 8 {
            self.bytes.push(self.held as u8);
            self.held >>= 8;
            self.count -= 8;
        }
    }

    /// A code of the fixed tree: its bits stand the other way round (RFC 1951, section 3.1.1).
    fn code(&mut self, code: u64, count: u32) {
        self.put(code.reverse_bits() >> (64 - count), count);
    }
}

/// `count` zero bytes in zlib form: a thousandth of their size.
fn zeros(count: u64) -> Vec<u8> {
    let mut bits = Bits { bytes: vec![0x78, 0x01], ..Bits::default() };
    bits.put(0b011, 3);
    bits.code(0x30, 8);
    let mut left = count.saturating_sub(1);
    while left >= 258 {
        // Length 258 is code 285, eight bits; distance 1 is code 0, five bits.
        bits.code(0b1100_0101, 8);
        bits.code(0, 5);
        left -= 258;
    }
    for _ in 0..left {
        bits.code(0x30, 8);
    }
    bits.code(0, 7);
    bits.put(0, 7);
    let adler = ((count % 65_521) << 16 | 1) as u32;
    bits.bytes.extend(adler.to_be_bytes());
    bits.bytes
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

/// A PNG of these chunks after its header.
fn png(width: u32, height: u32, depth: u8, colour: u8, chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([depth, colour, 0, 0, 0]);
    for (kind, data) in
        [(b"IHDR", header)].iter().map(|(k, d)| (*k, d)).chain(chunks.iter().map(|(k, d)| (*k, d))).chain([(b"IEND", &Vec::new())])
    {
        out.extend((data.len() as u32).to_be_bytes());
        let body = [kind.as_slice(), data].concat();
        out.extend(&body);
        out.extend(crc(&body).to_be_bytes());
    }
    out
}

fn pictures() -> Vec<(&'static str, Vec<u8>)> {
    let text = |kind: &'static [u8; 4], size: u64| (kind, [b"Comment\0\0".to_vec(), zeros(size)].concat());
    vec![
        ("a picture of 12000×12000 in 200 kB", png(12_000, 12_000, 8, 0, &[(b"IDAT", zeros(12_000 * 12_001))])),
        ("a picture of 20000×20000 with one bit a pixel", png(20_000, 20_000, 1, 0, &[(b"IDAT", zeros(20_000 * 2501))])),
        ("a picture of 2147483647 pixels a side", png(0x7fff_ffff, 0x7fff_ffff, 8, 6, &[(b"IDAT", zeros(1000))])),
        ("a picture one pixel wide and a thousand million high", png(1, 1_000_000_000, 8, 6, &[(b"IDAT", zeros(1000))])),
        ("a large picture whose data ends at once", png(5000, 5000, 8, 6, &[(b"IDAT", zeros(10))])),
        ("a picture of no size", png(0, 0, 8, 6, &[(b"IDAT", zeros(10))])),
        ("a small picture with a text of a gigabyte and no data", png(4, 4, 8, 0, &[text(b"zTXt", 1 << 30)])),
        ("a small picture with a profile of a gigabyte and no data", png(4, 4, 8, 0, &[text(b"iCCP", 1 << 30)])),
        (
            "an animation that says it has four thousand million frames",
            png(4, 4, 8, 0, &[(b"acTL", [u32::MAX.to_be_bytes(), [0; 4]].concat())]),
        ),
        ("a GIF that says 65535×65535", b"GIF89a\xff\xff\xff\xff\xf7\0\0".to_vec()),
        ("a WebP that says it is four gigabytes", b"RIFF\xff\xff\xff\xffWEBPVP8 \xff\xff\xff\xff".to_vec()),
        ("a JPEG of 65535×65535", b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03\x01\x11\0\x02\x11\x01\x03\x11\x01\xff\xd9".to_vec()),
        ("a JPEG 2000 header", b"\0\0\0\x0cjP  \r\n\x87\n".to_vec()),
    ]
}

fn sounds() -> Vec<(&'static str, Vec<u8>)> {
    let wav = |riff: u32, fmt: u32, channels: u16, rate: u32, data: u32| {
        let mut out =
            [b"RIFF".as_slice(), &riff.to_le_bytes(), b"WAVEfmt ", &fmt.to_le_bytes(), &1_u16.to_le_bytes(), &channels.to_le_bytes()]
                .concat();
        out.extend(rate.to_le_bytes());
        out.extend([0; 4]);
        out.extend([2, 0, 16, 0]);
        out.extend(b"data");
        out.extend(data.to_le_bytes());
        out.extend([0; 64]);
        out
    };
    vec![
        ("a sound that says four gigabytes", wav(u32::MAX, 16, 1, 48_000, u32::MAX)),
        ("a sound of 65535 channels", wav(100, 16, u16::MAX, 48_000, 64)),
        ("a sound of no channels", wav(100, 16, 0, 48_000, 64)),
        ("a sound of four thousand million samples a second", wav(100, 16, 1, u32::MAX, 64)),
        ("a sound of no samples a second", wav(100, 16, 1, 0, 64)),
        ("a sound whose format says four gigabytes", wav(100, u32::MAX, 1, 48_000, 64)),
    ]
}

/// Bombs as a person meets them: in the files of a project and in documents.
fn outside(world: &World, tally: &mut Tally) -> Result<(), String> {
    let base = world.folder("bombs")?;
    let home = base.join("home");
    let start = finish({
        let mut command = world.reel(&home);
        command.args(["schema", "list", "--json"]);
        command
    })?;
    let mut worst = (0_u64, 0_u64);
    let mut refused = |what: String, command| -> Result<(), String> {
        let ended = finish(command)?;
        let (ms, kb) = (ended.worked_ms.saturating_sub(start.worked_ms), ended.peak_kb.saturating_sub(start.peak_kb));
        worst = (worst.0.max(ms), worst.1.max(kb));
        tally.case(match () {
            () if !(ended.status.code().is_some_and(|c| c > 1 && c <= 10)) => Err(format!("{what}: {}", ended.said())),
            () if kb > DEAREST_KB => Err(format!("{what}: {} MB", kb / 1024)),
            () if ms > SLOWEST_MS => Err(format!("{what}: {ms} ms")),
            () => Ok(()),
        });
        Ok(())
    };
    let texts: Vec<(&str, Vec<u8>)> = vec![
        ("a list a hundred thousand deep", [b"a = ".to_vec(), vec![b'['; 100_000]].concat()),
        ("a closed list a hundred thousand deep", [b"a = ".to_vec(), vec![b'['; 100_000], vec![b']'; 100_000]].concat()),
        ("tables a hundred thousand deep", [b"a = ".to_vec(), b"{a=".repeat(100_000)].concat()),
        ("a key a hundred thousand deep", [b"a".to_vec(), b".a".repeat(100_000), b" = 1".to_vec()].concat()),
        ("a heading a hundred thousand deep", [b"[a".to_vec(), b".a".repeat(100_000), b"]".to_vec()].concat()),
        ("a hundred thousand keys", (0..120_000).flat_map(|n| format!("k{n} = 1\n").into_bytes()).collect()),
        ("half a million keys", (0..500_000).flat_map(|n| format!("a_rather_long_key_{n} = 1\n").into_bytes()).collect()),
        ("nine megabytes of spaces", vec![b' '; 9 << 20]),
        ("a number of a million digits", [b"a = ".to_vec(), vec![b'9'; 1_000_000]].concat()),
        ("a text that does not end", [b"a = \"".to_vec(), vec![b'x'; 4 << 20]].concat()),
    ];
    for (n, (what, bytes)) in texts.iter().enumerate() {
        for file in ["project.toml", "canon.toml", "library/library.toml"] {
            let project = world.project_copy(&format!("bombs/{n}-{}", file.replace('/', "-")))?;
            fs::create_dir_all(project.join("library")).map_err(|e| e.to_string())?;
            fs::write(project.join(file), bytes).map_err(|e| e.to_string())?;
            let mut command = world.reel(&home);
            command.args(["write", "--json"]).arg(&project);
            refused(format!("{file}: {what}"), command)?;
        }
    }
    let deep = |open: &[u8], close: &[u8]| {
        [b"{\"schema_id\":\"script\",\"schema_version\":\"0.1.0\",\"scenes\":".to_vec(), open.repeat(100_000), close.repeat(100_000)]
            .concat()
    };
    for (n, (what, bytes)) in [
        ("lists a hundred thousand deep", deep(b"[", b"]")),
        ("objects a hundred thousand deep", deep(b"{\"a\":", b"}")),
        ("a text that does not end", [b"{\"schema_id\":\"".to_vec(), vec![b'x'; 16 << 20]].concat()),
        ("a million numbers", [b"{\"schema_id\":[".to_vec(), b"1,".repeat(1_000_000), b"1]}".to_vec()].concat()),
    ]
    .iter()
    .enumerate()
    {
        let file = base.join(format!("{n}.json"));
        fs::write(&file, bytes).map_err(|e| e.to_string())?;
        let mut command = world.reel(&home);
        command.args(["schema", "validate", "--json"]).arg(&file);
        refused(format!("a document: {what}"), command)?;
    }
    for (name, head) in [("sparse.json", &b"{\"schema_id\":\"script\","[..]), ("Script.json", b"")] {
        sparse(&base.join(name), head)?;
        let mut command = world.reel(&home);
        command.args(["schema", "validate", "--json"]).arg(base.join(name));
        refused(format!("a document of a gigabyte ({name})"), command)?;
        let mut command = world.reel(&home);
        command.args(["schema", "migrate", "--json"]).arg(base.join(name));
        refused(format!("a document of a gigabyte to migrate ({name})"), command)?;
    }
    tally.note = format!("slowest {} ms, dearest {} MB", worst.0, worst.1 / 1024);
    Ok(())
}

/// A file of a gigabyte that takes no room.
fn sparse(path: &Path, head: &[u8]) -> Result<(), String> {
    let mut file = fs::File::create(path).map_err(|e| e.to_string())?;
    file.write_all(head).and_then(|()| file.set_len(1 << 30)).map_err(|e| format!("{}: {e}", path.display()))
}
