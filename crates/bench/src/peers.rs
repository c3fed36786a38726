//! What a user could pick instead: ffmpeg's zoompan, the whole job in one call. The same shots, dissolves, drawn lines, speech
//! and music, ducked, levelled and encoded with the same settings. Plain, and from pictures blown up four times, which is the
//! usual trick against its jitter.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use crate::{
    film::{DISSOLVE, FRAMES, LINE, LINES, Workload},
    time::{Cost, run},
};

/// A font for its drawtext; it has none of its own.
const FONTS: [&str; 3] = [
    "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSans-Bold.ttf",
    "/usr/share/fonts/truetype/noto/NotoSans-Bold.ttf",
];

/// Makes the film with zoompan; what it cost, and the bytes of the file.
pub fn zoompan(workload: &Workload, enlarged: u32, out: &Path) -> Result<(Cost, u64), String> {
    let font = FONTS.into_iter().find(|f| Path::new(f).is_file());
    let plan = &workload.plan;
    let (width, height) = (plan.canvas.width, plan.canvas.height);
    let mut command = Command::new("ffmpeg");
    command.args(["-hide_banner", "-nostdin", "-loglevel", "error", "-y"]);
    for file in workload.pictures.iter().chain(&workload.lines).chain([&workload.music]) {
        command.arg("-i").arg(file);
    }
    let shots = workload.pictures.len();
    let mut graph = String::new();
    for n in 0..shots {
        let t = format!("(on/{FRAMES})");
        let (z, x, y) = match n % 4 {
            0 => (format!("1+0.15*{t}"), "iw/2-iw/zoom/2".to_owned(), "ih/2-ih/zoom/2".to_owned()),
            1 => (format!("1.17-0.15*{t}"), "iw/2-iw/zoom/2".to_owned(), "ih/2-ih/zoom/2".to_owned()),
            2 => ("1.12".to_owned(), format!("(iw-iw/zoom)*(0.05+0.8*{t})"), "ih/2-ih/zoom/2".to_owned()),
            _ => (format!("1.02+0.18*{t}"), format!("(iw-iw/zoom)*(0.2+0.5*{t})"), format!("(ih-ih/zoom)*(0.7-0.4*{t})")),
        };
        let (big, high) = (1920 * enlarged, 1080 * enlarged);
        let scale = if enlarged > 1 { format!("scale={big}:{high}:flags=bicubic,") } else { String::new() };
        let frames = FRAMES + if n + 1 < shots { DISSOLVE } else { 0 };
        // In the encoder's own format from the start: half the memory, and no conversion between the filters.
        // Writing to a String cannot fail.
        let _ = write!(graph, "[{n}:v]format=yuv420p,{scale}zoompan=z='{z}':x='{x}':y='{y}':d={frames}:s={width}x{height}:fps=24");
        if let Some(font) = font {
            let text = LINES[n % LINES.len()].replace(',', "\\,");
            let (from, to) = (LINE.0 as f64 / 48_000.0, LINE.1 as f64 / 48_000.0);
            let _ = write!(
                graph,
                ",drawtext=fontfile={font}:text='{text}':fontsize={}:fontcolor=white:borderw=2:x=(w-tw)/2:y=h-th-{}:enable='between(t,{from},{to})'",
                height / 20,
                height / 12
            );
        }
        let _ = write!(graph, ",setsar=1[s{n}];");
    }
    let mut last = "s0".to_owned();
    for n in 1..shots {
        let at = n as u64 * FRAMES;
        let seconds = DISSOLVE as f64 / 24.0;
        let _ = write!(graph, "[{last}][s{n}]xfade=transition=fade:duration={seconds}:offset={}[x{n}];", at as f64 / 24.0);
        last = format!("x{n}");
    }
    let mut voices = String::new();
    for n in 0..shots {
        let ms = n as u64 * FRAMES * 1000 / 24 + LINE.0 / 48;
        let _ = write!(graph, "[{}:a]adelay={ms}[a{n}];", shots + n);
        let _ = write!(voices, "[a{n}]");
    }
    let _ = write!(graph, "{voices}amix=inputs={shots}:normalize=0:duration=longest,apad=whole_dur={},", shots * 5);
    let _ = write!(graph, "aformat=channel_layouts=stereo,asplit[say][key];[{}:a]volume=-9dB[bed];", 2 * shots);
    let _ = write!(graph, "[bed][key]sidechaincompress=threshold=0.03:ratio=8:attack=180:release=600[low];");
    let _ = write!(graph, "[say][low]amix=inputs=2:normalize=0:duration=first,loudnorm=I=-16:TP=-2:LRA=11[sound]");
    let frames = (shots as u64 * FRAMES).to_string();
    command.args(["-filter_complex", &graph, "-map", &format!("[{last}]"), "-map", "[sound]", "-frames:v", &frames]);
    command.args(["-c:v", "libx264", "-preset", &plan.encode.preset, "-crf", &plan.encode.crf.to_string(), "-pix_fmt", "yuv420p"]);
    command
        .args(["-c:a", "aac", "-aac_coder", "fast", "-aac_pns", "0", "-b:a", "160k", "-ar", "48000", "-movflags", "+faststart"])
        .arg(out);
    let (_, cost) = run(&mut command)?;
    let bytes = std::fs::metadata(out).map_err(|e| format!("{}: {e}", out.display()))?.len();
    Ok((cost, bytes))
}
