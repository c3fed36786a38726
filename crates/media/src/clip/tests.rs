use contracts::EditRate;
use kit::process::{Invocation, Runner, System, Tool};

use super::*;

const FORMAT: VideoFormat = VideoFormat { width: 160, height: 90, rate: EditRate::FILM };

/// A folder that goes away with the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new(label: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("reelwright-clip-{label}-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        Self(dir)
    }

    /// A clip encoded from raw frames by other hands than ours.
    fn clip(&self, name: &str, (width, height): (u32, u32), rate: &str, frames: &[Vec<u8>], options: &[&str]) -> PathBuf {
        let path = self.0.join(name);
        let size = format!("{width}x{height}");
        let input = ["-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", &size, "-r", rate, "-i", "pipe:0"];
        let run = Invocation::new(&Tool::find("ffmpeg").unwrap()).args(input).args(options.iter().copied());
        System.run(run.arg(&path).stdin(frames.concat())).unwrap();
        path
    }
}

impl Scratch {
    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        kit::files::Files::write_atomic(&kit::files::SystemFiles::new(), &path, bytes).unwrap();
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn flat((width, height): (u32, u32), [y, u, v]: [u8; 3]) -> Vec<u8> {
    let pixels = (width * height) as usize;
    [vec![y; pixels], vec![u; pixels / 4], vec![v; pixels / 4]].concat()
}

fn conform(format: VideoFormat) -> Conform {
    Conform { format, fit: Fit::Cover, skip_ms: 0, first: 0 }
}

const H264: [&str; 6] = ["-c:v", "libx264", "-preset", "ultrafast", "-qp", "4"];

/// The YUV of a frame's pixel.
fn pixel(frame: &[u8], format: VideoFormat, x: usize, y: usize) -> [u8; 3] {
    let (w, h) = (format.width as usize, format.height as usize);
    let chroma = w * h + y / 2 * (w / 2) + x / 2;
    [frame[y * w + x], frame[chroma], frame[chroma + w * h / 4]]
}

#[test]
fn colours_are_read_by_the_clips_own_tags() {
    let (scratch, ffmpeg) = (Scratch::new("colour"), Ffmpeg::find().unwrap());
    // A strong red as each coding writes it; all mean one BT.709 limited red: 63, 102, 240.
    type Case<'a> = (&'a str, (u32, u32), [u8; 3], &'a [&'a str]);
    let cases: [Case<'_>; 6] = [
        ("709", (320, 180), [63, 102, 240], &["-color_range", "tv", "-colorspace", "bt709"]),
        ("601", (320, 180), [81, 90, 240], &["-color_range", "tv", "-colorspace", "smpte170m"]),
        ("full", (320, 180), [54, 98, 255], &["-color_range", "pc", "-colorspace", "bt709"]),
        ("full601", (1280, 720), [76, 85, 255], &["-color_range", "pc", "-colorspace", "bt470bg"]),
        ("untagged small", (320, 180), [81, 90, 240], &[]),
        ("untagged large", (1280, 720), [63, 102, 240], &[]),
    ];
    for (name, size, yuv, tags) in cases {
        let path = scratch.clip("c.mp4", size, "24", &[flat(size, yuv)], &[&H264, tags].concat());
        let mut clip = ffmpeg.clip(&path, conform(FORMAT)).unwrap();
        let found = pixel(clip.frame(0).unwrap(), FORMAT, 80, 44);
        let near = found.iter().zip([63, 102, 240]).all(|(&a, b)| a.abs_diff(b) <= 2);
        assert!(near, "{name}: {found:?}");
    }
}

#[test]
fn rates_are_met_by_the_nearest_frame_and_nothing_drifts() {
    let (scratch, ffmpeg) = (Scratch::new("rate"), Ffmpeg::find().unwrap());
    // Luma tells which frame it is.
    let size = (64, 36);
    let frames: Vec<Vec<u8>> = (0..130).map(|k| flat(size, [20 + k, 128, 128])).collect();
    let format = VideoFormat { width: 64, height: 36, rate: EditRate::FILM };
    for (rate, num, den) in [("30000/1001", 30_000, 1001), ("24", 24, 1), ("25", 25, 1), ("12", 12, 1)] {
        let webm: &[&str] = &["-c:v", "libvpx-vp9", "-lossless", "1", "-cpu-used", "8", "-f", "webm"];
        for (name, options) in [("r.mp4", &[&H264[..4], &["-qp", "0"]].concat()[..]), ("r.webm", webm)] {
            if name == "r.webm" && num != 25 {
                continue;
            }
            let path = scratch.clip(name, size, rate, &frames, options);
            for (skip_ms, first) in [(0, 0), (1500, 17)] {
                let mut clip = ffmpeg.clip(&path, Conform { skip_ms, first, ..conform(format) }).unwrap();
                for k in (0..40_u64).step_by(7) {
                    let luma = i64::from(clip.frame(k).unwrap()[0]) - 20;
                    // In 1/24000 of the clip's frames.
                    let wanted = (i64::try_from(first + k).unwrap() * 1000 + i64::from(skip_ms) * 24) * num;
                    let found = luma * 24_000 * den;
                    let apart = (wanted - found).abs();
                    // Half a frame of either rate, and what the file's own clock rounds.
                    let half = 12_000 * den + 500 * num + num * 24;
                    assert!(apart <= half, "{name} at {rate} {skip_ms} {first} {k}: {luma}, {apart} beyond {half}");
                }
            }
        }
    }
}

#[test]
fn what_is_too_short_holds_its_last_frame_and_says_so() {
    let (scratch, ffmpeg) = (Scratch::new("short"), Ffmpeg::find().unwrap());
    let frames: Vec<Vec<u8>> = (0..10).map(|k| flat((64, 36), [40 + 10 * k, 128, 128])).collect();
    let path = scratch.clip("s.mp4", (64, 36), "24", &frames, &H264);
    let mut clip = ffmpeg.clip(&path, conform(FORMAT)).unwrap();
    assert!(clip.frame(9).unwrap()[0].abs_diff(130) <= 2);
    assert_eq!(clip.held(), 0);
    assert!(clip.frame(12).unwrap()[0].abs_diff(130) <= 2);
    assert_eq!(clip.held(), 3);
    // As the outgoing side of a transition, too.
    let mut after = ffmpeg.clip(&path, Conform { first: 40, ..conform(FORMAT) }).unwrap();
    assert!(after.frame(3).unwrap()[0].abs_diff(130) <= 2);
    // Nothing is left of it after a second.
    let late = ffmpeg.clip(&path, Conform { skip_ms: 1000, ..conform(FORMAT) }).unwrap().frame(0).unwrap_err().to_string();
    assert!(late.ends_with("it has no frame at the time that is wanted"), "{late}");
}

#[test]
fn shapes_turns_and_pixels_that_are_no_squares_are_honoured() {
    let (scratch, ffmpeg) = (Scratch::new("shape"), Ffmpeg::find().unwrap());
    // The left half is bright, the right half dark; square.
    let size = (96, 96);
    let mut halves = flat(size, [50, 128, 128]);
    for row in 0..96 {
        halves[row * 96..row * 96 + 48].fill(200);
    }
    let luma = |path: &Path, fit: Fit, x: usize, y: usize| {
        let mut clip = ffmpeg.clip(path, Conform { fit, ..conform(FORMAT) }).unwrap();
        pixel(clip.frame(0).unwrap(), FORMAT, x, y)[0]
    };
    let near = |a: u8, b: u8| a.abs_diff(b) <= 3;
    let plain = scratch.clip("p.mp4", size, "24", &[halves.clone()], &H264);
    assert!(near(luma(&plain, Fit::Cover, 10, 45), 200) && near(luma(&plain, Fit::Cover, 150, 45), 50));
    // Contained, it stands in the middle, 90 wide; beside it is black.
    assert!(near(luma(&plain, Fit::Contain, 10, 45), 16) && near(luma(&plain, Fit::Contain, 150, 45), 16));
    assert!(near(luma(&plain, Fit::Contain, 40, 45), 200) && near(luma(&plain, Fit::Contain, 120, 45), 50));
    // A quarter turn: the halves lie one over the other.
    let mut bytes = std::fs::read(&plain).unwrap();
    let matrix = bytes.windows(4).position(|w| w == b"tkhd").unwrap() + 44;
    let quarter = [0, 1 << 16, 0, -(1 << 16), 0, 0, 96 << 16, 0, 1 << 30];
    bytes[matrix..matrix + 36].copy_from_slice(&quarter.map(i32::to_be_bytes).concat());
    let turned = scratch.file("t.mp4", &bytes);
    let (over, under) = (luma(&turned, Fit::Cover, 80, 10), luma(&turned, Fit::Cover, 80, 80));
    assert!(over.abs_diff(under) > 100 && near(over, luma(&turned, Fit::Cover, 20, 10)), "{over} {under}");
    // Pixels twice as wide as high: the square is 2:1, and only its height is cut to cover 16:9.
    let wide = scratch.clip("w.mp4", size, "24", &[halves], &[&H264[..], &["-bsf:v", "h264_metadata=sample_aspect_ratio=2/1"]].concat());
    assert!(near(luma(&wide, Fit::Contain, 80, 2), 16) && near(luma(&wide, Fit::Contain, 4, 45), 200));
}

#[test]
fn what_is_no_clip_of_standard_range_is_refused_by_name() {
    let (scratch, ffmpeg) = (Scratch::new("refused"), Ffmpeg::find().unwrap());
    let size = (64, 36);
    let frames = [flat(size, [90, 128, 128])];
    let refused = |path: &Path| ffmpeg.clip(path, conform(FORMAT)).err().map(|e| e.to_string()).unwrap_or_default();
    for (transfer, name) in [("smpte2084", "PQ"), ("arib-std-b67", "HLG"), ("linear", "`linear`")] {
        let path = scratch.clip("h.mp4", size, "24", &frames, &[&H264[..], &["-color_trc", transfer]].concat());
        assert!(refused(&path).contains(name), "{}", refused(&path));
    }
    let mpeg4 = scratch.clip("m.mp4", size, "24", &frames, &["-c:v", "mpeg4"]);
    assert!(refused(&mpeg4).contains("`mpeg4`"), "{}", refused(&mpeg4));
    let interlaced = scratch.clip("i.mp4", size, "24", &frames, &[&H264[..], &["-x264-params", "tff=1"]].concat());
    assert!(refused(&interlaced).contains("interlaced"), "{}", refused(&interlaced));
    // A list that names another file is no clip, whatever it is called.
    let list = scratch.file("list.mp4", b"ffconcat version 1.0\nfile h.mp4\n");
    assert!(refused(&list).contains("no clip"), "{}", refused(&list));
    // Cut short it is refused at once or when it is read.
    let whole = std::fs::read(scratch.clip("c.mp4", size, "24", &vec![frames[0].clone(); 48], &H264)).unwrap();
    for percent in [1, 30, 60, 90] {
        let cut = scratch.file("cut.mp4", &whole[..whole.len() * percent / 100]);
        assert!(ffmpeg.clip(&cut, conform(FORMAT)).is_err(), "{percent} %");
    }
}

#[test]
fn fitted_pictures_cover_or_stay_inside_and_are_even() {
    for (shown, frame) in [((1920, 1080), (1280, 720)), ((1, 3), (160, 90)), ((4000, 3), (90, 160)), ((853, 480), (854, 480))] {
        let (cover, _) = fitted(shown, frame, Fit::Cover);
        assert!(cover.0 >= frame.0 && cover.1 >= frame.1 && cover.0 % 2 == 0 && cover.1 % 2 == 0, "{cover:?}");
        let (contain, _) = fitted(shown, frame, Fit::Contain);
        assert!(contain.0 <= frame.0 && contain.1 <= frame.1 && (contain.0 == frame.0 || contain.1 == frame.1), "{contain:?}");
    }
}
