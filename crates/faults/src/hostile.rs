//! F18: text that wants to be syntax. Whatever a person writes is shown, spoken and stored; it never becomes a filter, an
//! option, a path, a tag or a format.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use contracts::{
    EditRate,
    assets::{AssetManifest, NeedSpec},
    picture::{Canvas, CardKind, CardSpec, PlaceSpec},
    render::{EncodeSettings, RenderPlan},
};
use media::ffmpeg::{Ffmpeg, Join, VideoFormat};

use crate::run::Tally;
use crate::targets;
use crate::world::{Door, Golden, World, finish};

/// The letters of a text as a caption shows them: without white space, controls and the joiner.
pub fn as_shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !c.is_control() && *c != '\u{2060}').collect()
}

/// At least two hundred texts, each of which is syntax somewhere. `canary` is a file whose text must never be seen.
pub fn texts(canary: &Path) -> Vec<String> {
    let canary = canary.display();
    let attacks = [
        format!("hi',drawtext=textfile={canary}:fontsize=40,drawtext=text='"),
        format!("movie={canary}[a];[0:v][a]overlay"),
        format!("[in]subtitles={canary}[out]"),
        format!("amovie={canary}"),
        format!("concat:{canary}|{canary}"),
        format!("subfile,,start,0,end,0,,:{canary}"),
        format!("file:{canary}"),
        format!("@{canary}"),
        format!("$(cat {canary})"),
        format!("`cat {canary}`"),
        format!("; cat {canary} #"),
        format!("\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=1\ntitle={canary}"),
        format!("<!DOCTYPE x [<!ENTITY e SYSTEM \"file://{canary}\">]>&e;"),
        "%{gmtime}".into(),
        "%{pts:hms}".into(),
        "%{expr:random(1)}".into(),
        "%{metadata:title}".into(),
        "%%{n}".into(),
        "%n%s%x%p".into(),
        "{\\p1}m 0 0 l 999 0 999 999 0 999{\\p0}".into(),
        "{\\an8}{\\fs200}{\\c&HFFFFFF&}".into(),
        "{\\fnArial\\b1}x".into(),
        "<b><i><font color=\"red\">x</font></i></b>".into(),
        "<v Narrator>x</v>".into(),
        "<00:00:01.000>x".into(),
        "STYLE\n::cue{color:red}".into(),
        "NOTE x".into(),
        "1\n00:00:00,000 --> 00:00:09,000\nx".into(),
        "--> -->".into(),
        "-y".into(),
        "-i /etc/passwd".into(),
        "--help".into(),
        "-f lavfi".into(),
        "--".into(),
        "=;#\\=;#\\".into(),
        "a:b,c;d[e]f'g\"h\\i".into(),
        "'''\"\"\"```".into(),
        "\\'\\\\'\\\\\\'".into(),
        "]]>".into(),
        "&lt;&amp;&#x41;".into(),
        "\u{202e}txet desrever\u{202c}".into(),
        "\u{2066}\u{2067}\u{2068}x\u{2069}".into(),
        "\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}x".into(),
        "\u{0}x\u{0}".into(),
        "\u{1}\u{2}\u{7}\u{8}\u{1b}[31mred\u{1b}[0m".into(),
        "\u{1b}]0;title\u{7}".into(),
        "👩‍👩‍👧‍👦 🏳️‍🌈 🧑🏿".into(),
        "e\u{301}\u{302}\u{303}\u{304}\u{305}".into(),
        "Z\u{334}\u{335}\u{336}\u{337}a\u{338}l\u{339}g\u{33a}o\u{33b}".into(),
        "日本語の長い文がここにあります。句読点、も、あります。".into(),
        "مرحبا بالعالم".into(),
        "שלום עולם".into(),
        "ﬁ ﬂ ﷺ ꧅".into(),
        "\u{1f}\u{7f}\u{85}\u{a0}\u{2028}\u{2029}x".into(),
        "\r\n\r\n\r".into(),
        "\t\t\t".into(),
        "%ff%fe%00".into(),
        "..\\..\\..\\windows".into(),
        "../../../etc/passwd".into(),
        "CON NUL AUX".into(),
        "null true false {} []".into(),
        "'; DROP TABLE memo; --".into(),
        "0x7fffffffffffffff 1e999 NaN".into(),
        "word ".repeat(400),
        "x".repeat(100_000),
        "ab ".repeat(33_000),
        "\u{301}".repeat(300),
        "expansion=normal:text=%{localtime}".into(),
        "drawtext=fontfile=/x:text=y,nullsink".into(),
        "sws_flags=neighbor;[0:v]split[a][b]".into(),
        "http://127.0.0.1:1/x.mp4".into(),
        "data:text/plain,CANARY".into(),
        "title=x\\\nartist=y".into(),
        "{{7*7}} ${HOME} ~ $PATH".into(),
    ];
    let frames: [fn(&str) -> String; 3] = [str::to_owned, |t| format!("She said: {t}"), |t| format!("{t}, and then nothing.")];
    attacks.iter().flat_map(|t| frames.iter().map(move |f| f(t))).collect()
}

pub fn run(world: &World) -> Result<Tally, String> {
    let golden = world.golden()?;
    let dir = world.folder("text")?;
    let canary = dir.join("canary.txt");
    fs::write(&canary, "CANARY-7F3A").map_err(|e| e.to_string())?;
    let texts = texts(&canary);
    let mut tally = Tally::default();
    for text in &texts {
        // The same function that the fuzzer calls: caption files give the letters back.
        let done = std::panic::catch_unwind(|| targets::captions(text));
        tally.hold(done.is_ok(), || format!("the caption files do not give back {:?}", short(text)));
    }
    joined(&dir, golden, &texts, &mut tally)?;
    painted(golden, &canary, &texts, &mut tally)?;
    produced(world, golden, &mut tally)?;
    tally.note = format!("{} texts", texts.len());
    Ok(tally)
}

fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

/// Titles and chapters of a film: one argument, one shape, and the text back from the file.
fn joined(dir: &Path, golden: &Golden, texts: &[String], tally: &mut Tally) -> Result<(), String> {
    let plan: RenderPlan = contracts::read(&golden.files["RenderPlan.json"]).map_err(|e| e.to_string())?;
    let format = VideoFormat { width: 64, height: 36, rate: EditRate::FILM };
    let settings = EncodeSettings { preset: "ultrafast".into(), ..plan.encode };
    let ffmpeg = Ffmpeg::find().map_err(|e| e.to_string())?;
    let segment = dir.join("segment.mp4");
    let frames = texts.len() as u64;
    let mut encoder = ffmpeg.encode(format, &settings, &segment).map_err(|e| e.to_string())?;
    for _ in 0..frames {
        encoder.frame(&vec![128; format.frame_bytes()]).map_err(|e| e.to_string())?;
    }
    encoder.finish().map_err(|e| e.to_string())?;
    let (mix, sound) = (dir.join("mix.wav"), dir.join("sound.mp4"));
    let silence = vec![0; EditRate::FILM.samples_at(frames) as usize * 2];
    fs::write(&mix, media::wav::write(48_000, 2, &silence).map_err(|e| e.to_string())?).map_err(|e| e.to_string())?;
    ffmpeg.encode_sound(&mix, 64_000, &sound).map_err(|e| e.to_string())?;
    // Chapters may not be long without end in MP4: their names are counted in a byte.
    let chapter = |text: &String| text.chars().take(40).collect::<String>();
    let chapters: Vec<(String, u64, u64)> = texts.iter().zip(0..).map(|(t, i)| (chapter(t), i, i + 1)).collect();
    let mut shapes = BTreeSet::new();
    let segments = [segment];
    for (n, title) in texts.iter().enumerate().step_by(9) {
        let work = dir.join(format!("join-{n}"));
        fs::create_dir_all(&work).map_err(|e| e.to_string())?;
        let out = work.join("film.mp4");
        let join = Join { segments: &segments, sound: &sound, format, title, language: "en", chapters: &chapters };
        if let Err(error) = ffmpeg.join(&join, &work, &out) {
            tally.failed.push(format!("the title {:?} broke the join: {error}", short(title)));
            continue;
        }
        let list = fs::read_to_string(work.join("chapters.txt")).map_err(|e| e.to_string())?;
        shapes.insert((
            list.lines().count(),
            list.lines().filter(|l| *l == "[CHAPTER]").count(),
            fs::read_to_string(work.join("list.txt")).unwrap_or_default(),
        ));
        let (_, found) = ffmpeg.streams(&out).map_err(|e| e.to_string())?;
        let names: Vec<String> = found.iter().map(|c| as_shown(c.tags.get("title").map_or("", String::as_str))).collect();
        let wanted: Vec<String> = chapters.iter().map(|c| as_shown(&c.0)).collect();
        let different = names.iter().zip(&wanted).find(|(a, b)| a != b);
        tally.hold(names.len() == wanted.len() && different.is_none(), || match different {
            Some((found, wanted)) => format!("a chapter called {wanted:?} comes back as {found:?}"),
            None => format!("{} chapters of {} came back", names.len(), wanted.len()),
        });
    }
    tally.hold(shapes.len() == 1, || format!("the lists for ffmpeg have {} shapes", shapes.len()));
    Ok(())
}

/// Cards: the same twice, and the same whatever the canary holds.
fn painted(golden: &Golden, canary: &Path, texts: &[String], tally: &mut Tally) -> Result<(), String> {
    let manifest: AssetManifest = contracts::read(&golden.files["AssetManifest.json"]).map_err(|e| e.to_string())?;
    let card = manifest.needs.iter().find_map(|need| match &need.spec {
        NeedSpec::Card(card) => Some(card.clone()),
        _ => None,
    });
    let card: CardSpec = card.ok_or("the fixture has no card")?;
    let (style, place): (_, PlaceSpec) = (card.style, card.place);
    let canvas = Canvas { width: 160, height: 90 };
    for text in texts.iter().filter(|t| t.len() < 4000).step_by(3) {
        let spec =
            CardSpec { card: CardKind::Intertitle, text: vec![text.clone()], small: Vec::new(), style, place: place.clone(), over: None };
        let paint = || craft::paint::card(&spec, canvas).into_iter().map(|p| p.pixels.rgba).collect::<Vec<_>>();
        let first = paint();
        fs::write(canary, "another canary altogether").map_err(|e| e.to_string())?;
        let second = paint();
        fs::write(canary, "CANARY-7F3A").map_err(|e| e.to_string())?;
        tally.hold(first == second, || format!("a card with {:?} is not the same twice", short(text)));
    }
    Ok(())
}

/// A whole film with hostile words in its project: the programs it starts are asked the same as in the uncut run, but for
/// the title's value and sizes.
fn produced(world: &World, golden: &Golden, tally: &mut Tally) -> Result<(), String> {
    let project = world.project_copy("text-film")?;
    let base = world.folder("text-film")?;
    let file = project.join("project.toml");
    let text = fs::read_to_string(&file).map_err(|e| e.to_string())?;
    let title = r#"title = "-y ',drawtext=text='%{gmtime}';[a]{p1}:#""#;
    let lines: Vec<&str> = text.lines().map(|l| if l.starts_with("title = ") { title } else { l }).collect();
    fs::write(&file, lines.join("\n")).map_err(|e| e.to_string())?;
    let spoken = [
        "Time is %{gmtime} and ',drawtext=text='x'.",
        "-y -i x; movie=x[a];[0:v][a]overlay",
        r#"{\p1}m 0 0 l 9 9{\p0} a:b,c;d[e]f"g\h"#,
        "--> $(id) `id` %n 100% <b>yes</b> &amp;",
    ];
    let mut script = String::from("Title: The Gate\n\nINT. LAMP ROOM - NIGHT\n\n");
    spoken.iter().for_each(|line| script.push_str(&format!("NESSA\n{line}\n\n")));
    fs::write(project.join("episodes/01/script.fountain"), script).map_err(|e| e.to_string())?;
    let door = Door::new(&base.join("door"))?;
    let mut command = world.produce(&project, &base.join("home"), &base.join("out"));
    command.env("PATH", door.path());
    let ended = finish(command)?;
    tally.hold(ended.status.success(), || format!("a film with a hostile title: {}", ended.said()));
    let script: contracts::story::Script = fs::read(base.join("out/Script.json"))
        .map_err(|e| e.to_string())
        .and_then(|bytes| contracts::read(&bytes).map_err(|e| e.to_string()))?;
    let captions = fs::read_to_string(base.join("out/captions.srt")).map_err(|e| e.to_string())?;
    let shown = as_shown(&render::captions::srt_text(&captions).concat());
    let written: String = script.lines().map(|(_, _, line)| as_shown(&line.text)).collect();
    tally.hold(shown == written && script.lines().count() == spoken.len(), || {
        format!("the film's captions say {shown:?}, its script {written:?}")
    });
    let (own, other) = (shapes(&golden.argvs), shapes(&door.argvs()?));
    let strange: Vec<_> = other.difference(&own).collect();
    tally.hold(strange.is_empty(), || format!("hostile words made a new shape of call: {strange:?}"));
    Ok(())
}

/// Argument vectors with their values taken out: what is left is options, filters and formats.
pub fn shapes(argvs: &[Vec<String>]) -> BTreeSet<Vec<String>> {
    let values = ["-i", "-video_size", "-framerate", "-crf", "-b:a", "-x264-params", "-video_track_timescale", "-movie_timescale"];
    let mask = |argv: &Vec<String>| -> Vec<String> {
        let mut out = Vec::new();
        let mut before = "";
        for arg in argv {
            let free = values.contains(&before) || arg.starts_with("file:");
            out.push(match () {
                () if free => "…".to_owned(),
                () if before == "-metadata" && arg.starts_with("title=") => "title=…".to_owned(),
                () => arg.clone(),
            });
            before = arg;
        }
        out
    };
    argvs.iter().map(mask).collect()
}
