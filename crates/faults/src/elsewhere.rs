//! F17: media that points elsewhere. A file is what its owner says it is, never what its content asks to be; no tool opens
//! anything but what it was given, and nobody is called over the network.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use contracts::EditRate;
use media::ffmpeg::{Ffmpeg, VideoFormat};

use crate::run::Tally;
use crate::world::{Door, World, finish, tree};

/// A word that stands in a file nobody may show, and nowhere else.
const CANARY: &str = "CANARY-7F3A-ELSEWHERE";

/// A listener on this machine that counts who comes.
struct Listener {
    port: u16,
    hits: Arc<AtomicUsize>,
}

impl Listener {
    fn open() -> Result<Self, String> {
        let socket = TcpListener::bind("127.0.0.1:0").map_err(|e| format!("no listener: {e}"))?;
        let port = socket.local_addr().map_err(|e| e.to_string())?.port();
        let hits = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&hits);
        // Lives as long as the harness does.
        std::thread::spawn(move || {
            for visitor in socket.incoming() {
                count.fetch_add(1, Ordering::SeqCst);
                drop(visitor);
            }
        });
        Ok(Self { port, hits })
    }
}

/// Files that ask for others: a name for the message, and their bytes.
fn files(canary: &Path, port: u16) -> Vec<(&'static str, Vec<u8>)> {
    let (path, url) = (canary.display(), format!("http://127.0.0.1:{port}/x"));
    let text = |name, text: String| (name, text.into_bytes());
    vec![
        text("a list with a neighbour", "ffconcat version 1.0\nfile canary.mp4\n".to_owned()),
        text("a list with an absolute path", format!("ffconcat version 1.0\nfile '{path}'\n")),
        text("a list with an address", format!("ffconcat version 1.0\nfile '{url}'\n")),
        text("a playlist with an absolute path", format!("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{path}\n#EXT-X-ENDLIST\n")),
        text("a playlist with a file address", format!("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://{path}\n#EXT-X-ENDLIST\n")),
        text("a playlist with an address", format!("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{url}\n#EXT-X-ENDLIST\n")),
        text("a playlist of playlists", format!("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{url}.m3u8\n")),
        text("a playlist with a key", format!("#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"{url}\"\n#EXTINF:9,\n{path}\n#EXT-X-ENDLIST\n")),
        text(
            "a session",
            format!("v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video {port} RTP/AVP 96\na=rtpmap:96 H264/90000\n"),
        ),
        text(
            "a drawing with a file",
            format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"><image href=\"file://{path}\" width=\"9\" height=\"9\"/></svg>"
            ),
        ),
        text("a drawing with an address", format!("<svg xmlns=\"http://www.w3.org/2000/svg\"><image href=\"{url}\"/></svg>")),
        text(
            "a drawing with an entity",
            format!(
                "<!DOCTYPE svg [<!ENTITY x SYSTEM \"file://{path}\">]><svg xmlns=\"http://www.w3.org/2000/svg\"><text>&x;</text></svg>"
            ),
        ),
        text(
            "a manifest",
            format!(
                "<?xml version=\"1.0\"?><MPD><Period><AdaptationSet><Representation><BaseURL>{url}</BaseURL></Representation></AdaptationSet></Period></MPD>"
            ),
        ),
        text("a command for a terminal", "\u{1b}[2J\u{1b}[31mtty".to_owned()),
        text("a script of pictures", format!("push graphic-context\nviewbox 0 0 9 9\nfill 'url({url})'\npop graphic-context\n")),
        text(
            "subtitles with a font",
            format!("[Script Info]\n[Fonts]\nfontname: {path}\n[Events]\nDialogue: 0,0:00:00.00,0:00:09.00,,,0,0,0,,{{\\p1}}m 0 0 l 9 9\n"),
        ),
    ]
}

pub fn run(world: &World) -> Result<Tally, String> {
    let golden = world.golden()?;
    let dir = world.folder("elsewhere")?;
    let canary = dir.join("canary.mp4");
    let listener = Listener::open()?;
    // The canary is a film that could be shown: a tool that follows a path finds frames there.
    fs::write(&canary, &golden.files["final.mp4"]).map_err(|e| e.to_string())?;
    let text_canary = dir.join("canary.txt");
    fs::write(&text_canary, CANARY).map_err(|e| e.to_string())?;
    let mut tally = Tally::default();
    let ffmpeg = Ffmpeg::find().map_err(|e| e.to_string())?;
    let format = VideoFormat { width: 640, height: 360, rate: EditRate::FILM };
    let all: Vec<(&str, Vec<u8>)> = files(&canary, listener.port).into_iter().chain(files(&text_canary, listener.port)).collect();
    for (what, bytes) in &all {
        for name in ["x.mp4", "x.png"] {
            let path = dir.join(name);
            fs::write(&path, bytes).map_err(|e| e.to_string())?;
            tally.hold(decoded(&ffmpeg, &path, format).is_err(), || format!("{what}, called {name}, was decoded"));
            tally
                .hold(ffmpeg.decode_sound(&path).and_then(|mut d| d.next_block()).is_err(), || format!("{what}, called {name}, was heard"));
            tally.hold(ffmpeg.video(&path).is_err() && ffmpeg.streams(&path).is_err(), || format!("{what}, called {name}, was believed"));
        }
        let clip = dir.join("clip.mp4");
        fs::write(&clip, bytes).map_err(|e| e.to_string())?;
        tally.hold(clip_frame(&ffmpeg, &clip, format).is_err(), || format!("{what} played as a clip"));
        tally.hold(media::image::decode(bytes).is_err(), || format!("{what} is a picture"));
    }
    // Names that are addresses.
    for name in [
        format!("http://127.0.0.1:{}/x.mp4", listener.port),
        format!("tcp://127.0.0.1:{}", listener.port),
        "concat:a|b".into(),
        "-i".into(),
        "pipe:0".into(),
    ] {
        let path = PathBuf::from(&name);
        tally.hold(decoded(&ffmpeg, &path, format).is_err() && ffmpeg.streams(&path).is_err(), || format!("{name} was opened"));
    }
    let argvs = film(world, &canary, &listener, &mut tally)?;
    for argv in argvs.iter().chain(&golden.argvs) {
        tally.case(guarded(argv));
    }
    let hits = listener.hits.load(Ordering::SeqCst);
    tally.hold(hits == 0, || format!("the listener was called {hits} times"));
    tally.note =
        format!("{} files, {} calls of ffmpeg looked at, listener called {hits} times", all.len(), argvs.len() + golden.argvs.len());
    Ok(tally)
}

fn decoded(ffmpeg: &Ffmpeg, path: &Path, format: VideoFormat) -> Result<(), String> {
    let mut decoder = ffmpeg.decode(path, format).map_err(|e| e.to_string())?;
    while decoder.next_frame().map_err(|e| e.to_string())?.is_some() {}
    Ok(())
}

/// The first frame of a clip.
fn clip_frame(ffmpeg: &Ffmpeg, path: &Path, format: VideoFormat) -> Result<(), String> {
    let conform = media::clip::Conform { format, fit: contracts::render::Fit::Cover, skip_ms: 0, first: 0 };
    ffmpeg.clip(path, conform).and_then(|mut clip| clip.frame(0).map(|_| ())).map_err(|e| e.to_string())
}

/// A film whose library holds nothing but such files: they become stand-ins or are passed over, and the film holds
/// nothing of what they point at.
fn film(world: &World, canary: &Path, listener: &Listener, tally: &mut Tally) -> Result<Vec<Vec<String>>, String> {
    let project = world.project_copy("elsewhere-film")?;
    let base = world.folder("elsewhere-film")?;
    let library = project.join("library");
    fs::create_dir_all(&library).map_err(|e| e.to_string())?;
    let mut entries = String::new();
    for (n, (_, bytes)) in files(canary, listener.port).iter().enumerate() {
        fs::write(library.join(format!("p{n}.png")), bytes).map_err(|e| e.to_string())?;
        // Each kind of day a picture may be of, so that some are asked for.
        let time = ["night", "day", "dusk", "dawn"][n % 4];
        entries.push_str(&format!(
            "[p{n}]\nfile = \"p{n}.png\"\ntags = [\"background\", \"{time}\"]\nlicence = \"CC0-1.0\"\nauthor = \"nobody\"\n\n"
        ));
    }
    fs::write(library.join("library.toml"), entries).map_err(|e| e.to_string())?;
    let door = Door::new(&base.join("door"))?;
    let mut command = world.produce(&project, &base.join("home"), &base.join("out"));
    command.env("PATH", door.path());
    let ended = finish(command)?;
    let stand_ins = ended.json["stand_ins"].as_array().map_or(0, Vec::len);
    tally.hold(ended.status.success() && stand_ins > 0, || format!("a library of such files: {stand_ins} stand-ins, {}", ended.said()));
    for path in tree(&base)? {
        let bytes = fs::read(&path).unwrap_or_default();
        let shown = bytes.windows(CANARY.len()).any(|w| w == CANARY.as_bytes());
        tally.hold(!shown, || format!("{} holds the canary", path.display()));
    }
    door.argvs()
}

/// Filters that conform a clip or take the luma out of a frame, with numbers and names of ours as their options: none
/// opens a file, and no letter is left with which a text could begin one.
fn ours(graph: &str) -> bool {
    let known = ["extractplanes", "fps", "tpad", "trim", "scale", "format", "crop", "pad", "setsar"];
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_=:/.+,-".contains(c);
    graph.chars().all(plain) && graph.split(',').all(|filter| known.contains(&filter.split('=').next().unwrap_or_default()))
}

/// Every input of a call has a forced format and a protocol whitelist of its own.
fn guarded(argv: &[String]) -> Result<(), String> {
    let bad = |why: &str| Err(format!("{why}: {}", argv.join(" ")));
    if argv.iter().any(|a| a == "-version") {
        return Ok(());
    }
    let probe = argv.first().is_some_and(|p| p == "ffprobe");
    let mut inputs = 0;
    let mut own: &[String] = argv;
    while let Some(at) = own.iter().position(|a| a == "-i").or_else(|| (probe && inputs == 0).then_some(own.len())) {
        let options = &own[..at];
        let value = |name: &str| options.iter().position(|a| a == name).and_then(|i| options.get(i + 1));
        if value("-f").is_none() {
            return bad("an input without a forced format");
        }
        if value("-protocol_whitelist").is_none_or(|p| p != "file,pipe") {
            return bad("an input without a protocol whitelist");
        }
        inputs += 1;
        own = own.get(at + 2..).unwrap_or_default();
    }
    if inputs == 0 {
        return bad("no input was found");
    }
    if !probe && !argv.iter().any(|a| a == "-nostdin") {
        return bad("a call without -nostdin");
    }
    let graphs = argv.windows(2).filter(|w| ["-vf", "-af", "-filter", "-filter_complex", "-lavfi"].contains(&w[0].as_str()));
    for graph in graphs {
        if !ours(&graph[1]) {
            return bad(&format!("a filter graph that is not of our making ({})", graph[1]));
        }
    }
    Ok(())
}
