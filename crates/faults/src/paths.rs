//! F14: ids and paths that lead elsewhere. Refused where they are read; and whatever is refused or made, nothing is
//! opened outside the project, the home, the output and the system's own places: strace says so.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use contracts::Id;

use crate::rng::Rng;
use crate::run::Tally;
use crate::world::{World, finish, in_parallel};

/// Ids tried through the built binary; all are tried inside.
const OUTSIDE: usize = 60;
/// Where any program may look: its libraries, the kernel's files, its locale.
const SYSTEM: [&str; 9] = ["/usr", "/lib", "/lib64", "/etc", "/proc", "/sys", "/dev", "/opt", "/run"];

/// Ids that must not be: at least five hundred, no two equal, all different from what an id may be.
fn ids(seed: u64) -> Vec<String> {
    let bases = [
        "..",
        ".",
        "/",
        "//",
        "../x",
        "../../etc/passwd",
        "/etc/passwd",
        "a/b",
        "a/../b",
        "./a",
        "a/",
        "/a",
        "~",
        "~root",
        "a\\b",
        "..\\x",
        "C:\\x",
        "C:x",
        "\\\\host\\share",
        "%2e%2e%2f",
        "%2e%2e/",
        "..%2f",
        "%252e%252e%252f",
        "..%c0%af",
        "%00",
        "a%00b",
        "....//",
        "..;/",
        "file:///etc/passwd",
        "http://x/",
        "a b",
        " a",
        "a ",
        "a\tb",
        "a\nb",
        "a\rb",
        "A",
        "Ab",
        "aB",
        "LIGHTHOUSE",
        "ünder",
        "ａ",
        "ⅰ",
        "ß",
        "ſ",
        "İ",
        "ı",
        "K",
        "a\u{301}",
        "é",
        "日本",
        "🚪",
        "a\u{202e}b",
        "\u{feff}a",
        "a\u{200b}",
        "a\u{0}",
        "\u{0}",
        "a\u{0}.mp4",
        "-a",
        "_a",
        "--",
        "-",
        "_",
        "",
        "a.b",
        "a.mp4",
        ".hidden",
        "a:b",
        "a*",
        "a?",
        "a|b",
        "a<b",
        "a>b",
        "a\"b",
        "a'b",
        "a`b",
        "$(x)",
        "$HOME",
        "${x}",
        ";x",
        "a&b",
        "a#b",
        "a!b",
        "a@b",
        "a=b",
        "a+b",
        "a,b",
        "(a)",
        "[a]",
        "{a}",
        "CON",
        "NUL",
        "AUX.txt",
        "COM1",
        "LPT9",
        "a\u{7f}",
        "a\u{1b}[2J",
        "\u{85}",
        "a\u{2028}b",
        "\u{2024}\u{2024}/",
        "\u{ff0e}\u{ff0e}\u{ff0f}",
        "\u{2215}a",
        "a\u{2044}b",
    ];
    let mut all: Vec<String> = bases.iter().map(|b| (*b).to_owned()).collect();
    for length in [64, 65, 100, 255, 256, 4096, 65_536] {
        all.push("a".repeat(length));
        all.push("../".repeat(length / 3 + 1));
        all.push("é".repeat(length));
    }
    // Each place of an otherwise good id holds each thing that may not be there.
    for bad in ["/", ".", "..", "\\", "\0", " ", "A", "é", "\u{202e}", "%2f", ":", "~", "\n", "'", "$", "*"] {
        for at in 0..12 {
            let mut id = "good-id_0123".to_owned();
            id.insert_str(at, bad);
            all.push(id);
        }
    }
    let mut rng = Rng::new(seed, "ids");
    let letters: Vec<char> = "abz019-_./\\%~ \0é\u{202e}AZ:".chars().collect();
    while all.len() < 1200 {
        let id: String = (0..=rng.below(24)).filter_map(|_| rng.pick(&letters).copied()).collect();
        // Now and then the dice throw a good one.
        let good = !id.is_empty() && id.len() <= 63 && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c));
        if !good {
            all.push(id);
        }
    }
    all.sort();
    all.dedup();
    all
}

pub fn run(world: &World) -> Result<Tally, String> {
    let mut tally = Tally::default();
    let ids = ids(world.plan.seed);
    for id in &ids {
        tally.hold(Id::new(id.as_str()).is_err(), || format!("{id:?} is an id"));
        tally.hold(Id::new(Id::slug(id).as_str()).is_ok(), || format!("the slug of {id:?} is no id"));
    }
    let inside = tally.passed;
    let strace = Strace::find()?;
    let base = world.folder("paths")?;
    let home = base.join("home");
    // A registry to ask, so that an id is looked up and not refused for want of one.
    finish({
        let mut command = world.reel(&home);
        command.args(["runs", "--json"]);
        command
    })?;
    let mut cases = verbs(world, &ids, &home);
    cases.extend(projects(world, &ids)?);
    cases.extend(outputs(world, &base)?);
    let outcomes = in_parallel(&cases, |n, case| case.outcome(world, &strace, &base, n));
    for outcome in outcomes {
        tally.case(outcome);
    }
    tally.note = format!("{} ids inside, {} through the binary under strace", ids.len(), cases.len());
    debug_assert!(inside >= 500);
    Ok(tally)
}

/// One start of the binary that must be refused, or must stay where it may be.
struct Case {
    what: String,
    args: Vec<OsString>,
    home: PathBuf,
    /// Folders it may open files in, beside the system's.
    allowed: Vec<PathBuf>,
    /// Whether it must be refused with a code; else it may end as it likes.
    refused: bool,
}

impl Case {
    fn outcome(&self, world: &World, strace: &Strace, base: &Path, n: usize) -> Result<(), String> {
        let log = base.join(format!("strace-{n}"));
        let mut command = strace.over(world, &self.home, &log);
        command.args(&self.args);
        let ended = finish(command).map_err(|why| format!("{}: {why}", self.what))?;
        let text = fs::read(&log).map_err(|e| format!("strace wrote nothing: {e}"))?;
        let _ = fs::remove_file(&log);
        if self.refused && !ended.refused() {
            return Err(format!("{} was not refused: {}", self.what, ended.said()));
        }
        if ended.stderr.contains("panicked") || ended.status.code().is_none_or(|c| c == 1 || c > 130) {
            return Err(format!("{}: {}", self.what, ended.said()));
        }
        let text = String::from_utf8_lossy(&text);
        let opens: Vec<&str> = text.lines().filter_map(opened).collect();
        if opens.is_empty() {
            return Err(format!("{}: strace saw nothing opened", self.what));
        }
        let fine = |path: &str| {
            let path = Path::new(path);
            !path.is_absolute()
                || SYSTEM.iter().any(|s| path.starts_with(s))
                || self.allowed.iter().chain([&self.home]).any(|a| path.starts_with(a))
        };
        match opens.into_iter().find(|path| !fine(path) || path.split('/').any(|part| part == "..")) {
            Some(path) => Err(format!("{} opened {path}", self.what)),
            None => Ok(()),
        }
    }
}

/// The path of a line of strace that opened or made something; lines that failed because nothing is there count too.
fn opened(line: &str) -> Option<&str> {
    let call = ["openat(", "open(", "creat(", "mkdir(", "rename(", "unlink(", "link(", "symlink("].iter().find(|c| line.contains(*c))?;
    let rest = line.split_once(call)?.1;
    let from = rest.find('"')? + 1;
    let path = rest.get(from..)?.split('"').next()?;
    (!line.contains("O_DIRECTORY")).then_some(path)
}

fn verbs(world: &World, ids: &[String], home: &Path) -> Vec<Case> {
    let mut rng = Rng::new(world.plan.seed, "verbs");
    let mut chosen: Vec<&String> = ids.iter().filter(|id| !id.contains('\0') && id.len() < 100_000).collect();
    rng.shuffle(&mut chosen);
    let case = |args: Vec<OsString>, what: String| Case {
        what,
        args,
        home: home.to_owned(),
        allowed: vec![world.plan.root.clone()],
        refused: true,
    };
    let mut cases = Vec::new();
    for id in chosen.iter().take(OUTSIDE) {
        for verb in [&["show", "--json", "--"][..], &["frame", "--json", "--"], &["storyboard", "--json", "--"]] {
            let mut args: Vec<OsString> = verb.iter().map(Into::into).collect();
            args.push((*id).into());
            if verb[0] == "frame" {
                args.push("1s".into());
            }
            cases.push(case(args, format!("{} {id:?}", verb[0])));
        }
        cases.push(case(vec!["runs".into(), "--json".into(), format!("--project={id}").into()], format!("runs --project {id:?}")));
    }
    // Bytes that are no text.
    for bytes in [&b"\xc0\xaf..\xc0\xaf"[..], b"\xff\xfe", b"a\x80", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\xaf"] {
        cases.push(case(vec!["show".into(), "--json".into(), "--".into(), OsString::from_vec(bytes.to_vec())], format!("show {bytes:?}")));
    }
    for episode in ["0", "-1", "1/../2", "../1", "1e9", "99999999999999999999", " 1", "1 ", "１", "0x1", ""] {
        let args = vec!["produce".into(), world.project().into_os_string(), "--json".into(), format!("--episode={episode}").into()];
        cases.push(case(args, format!("produce --episode {episode:?}")));
    }
    cases
}

/// Projects whose own files name what they may not.
fn projects(world: &World, ids: &[String]) -> Result<Vec<Case>, String> {
    let mut rng = Rng::new(world.plan.seed, "projects");
    let mut cases = Vec::new();
    let secret = world.folder("secret")?.join("secret.png");
    fs::write(&secret, "CANARY-7F3A").map_err(|e| e.to_string())?;
    let made = |name: &str| world.project_copy(&format!("paths/{name}"));
    let mut case = |project: PathBuf, what: String, refused: bool| {
        let home = project.with_file_name("home");
        // `write` reads everything that `produce` does, and draws nothing.
        let verb = if refused { "write" } else { "produce" };
        let mut args: Vec<OsString> = vec![verb.into(), project.clone().into(), "--json".into()];
        if !refused {
            args.extend(["--draft", "--no-voice", "--yes", "--out"].map(OsString::from));
            args.push(project.with_file_name("out").into());
        }
        let allowed = vec![project.parent().unwrap_or(&project).to_owned()];
        cases.push(Case { what, args, home, allowed, refused });
    };
    let quoted = |text: &str| serde_json::to_string(text).unwrap_or_default();
    let texts: Vec<&String> = ids.iter().filter(|i| !i.contains('\0') && i.len() < 5000).collect();
    for n in 0..24 {
        let Some(id) = rng.pick(&texts) else { break };
        let project = made(&format!("id-{n}"))?;
        let file = project.join("project.toml");
        let text = fs::read_to_string(&file).map_err(|e| e.to_string())?;
        let lines: Vec<String> =
            text.lines().map(|l| if l.starts_with("id = ") { format!("id = {}", quoted(id)) } else { l.to_owned() }).collect();
        fs::write(&file, lines.join("\n")).map_err(|e| e.to_string())?;
        case(project, format!("project id {id:?}"), true);
    }
    let files = [
        "../secret.png",
        "/etc/passwd",
        "a/../../x.png",
        "",
        ".",
        "..",
        "./",
        "sub/../../../x",
        "a\u{0}b.png",
        "/",
        "//x",
        "../../../../../../../../etc/passwd",
    ];
    for (n, name) in files.iter().enumerate() {
        let project = made(&format!("library-{n}"))?;
        fs::create_dir_all(project.join("library")).map_err(|e| e.to_string())?;
        let entry = format!("[lamp]\nfile = {}\ntags = [\"background\", \"night\"]\nlicence = \"CC0-1.0\"\nauthor = \"a\"\n", quoted(name));
        fs::write(project.join("library/library.toml"), entry).map_err(|e| e.to_string())?;
        case(project, format!("a library file {name:?}"), true);
    }
    for (n, key) in ["../up", "a/b", "A", ".", ""].iter().enumerate() {
        let project = made(&format!("entry-{n}"))?;
        fs::create_dir_all(project.join("library")).map_err(|e| e.to_string())?;
        let entry = format!("[{}]\nfile = \"x.png\"\ntags = [\"a\", \"b\"]\nlicence = \"CC0-1.0\"\nauthor = \"a\"\n", quoted(key));
        fs::write(project.join("library/library.toml"), entry).map_err(|e| e.to_string())?;
        case(project, format!("a library entry {key:?}"), true);
    }
    // Files of the project that are something else.
    for (n, name) in
        ["project.toml", "canon.toml", "library/library.toml", "episodes/01/notes.toml", "episodes/01/script.fountain"].iter().enumerate()
    {
        for (kind, make) in [("a pipe", 0), ("a link to a device", 1), ("a link to itself", 2), ("a folder", 3)] {
            let project = made(&format!("other-{n}-{make}"))?;
            let path = project.join(name);
            fs::create_dir_all(path.parent().unwrap_or(&project)).map_err(|e| e.to_string())?;
            let _ = fs::remove_file(&path);
            let link = |to: &Path| std::os::unix::fs::symlink(to, &path).map_err(|e| e.to_string());
            match make {
                0 => drop(Command::new("mkfifo").arg(&path).status().map_err(|e| format!("mkfifo: {e}"))?),
                1 => link(Path::new("/dev/zero"))?,
                2 => link(&path)?,
                _ => fs::create_dir(&path).map_err(|e| e.to_string())?,
            }
            case(project, format!("{name} is {kind}"), true);
        }
    }
    Ok(cases)
}

/// Output folders that are none, or lead elsewhere.
fn outputs(world: &World, base: &Path) -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    let file = base.join("a-file");
    fs::write(&file, "x").map_err(|e| e.to_string())?;
    let outs: Vec<OsString> = vec![
        "/dev/null".into(),
        "/dev/null/x".into(),
        "/proc/self/x".into(),
        "/sys/x".into(),
        file.clone().into(),
        file.join("x").into(),
        base.join("n".repeat(4096)).into(),
        base.join("n".repeat(300)).into(),
        OsString::new(),
    ];
    for (n, out) in outs.into_iter().enumerate() {
        let home = base.join(format!("out-home-{n}"));
        let what = format!("--out {:?}", out.to_string_lossy().chars().take(40).collect::<String>());
        let mut joined = OsString::from("--out=");
        joined.push(&out);
        let args = vec![
            "produce".into(),
            world.project().into_os_string(),
            "--json".into(),
            "--yes".into(),
            "--no-voice".into(),
            "--draft".into(),
            joined,
        ];
        let allowed = vec![world.plan.root.clone(), base.to_owned()];
        cases.push(Case { what, args, home, allowed, refused: true });
    }
    Ok(cases)
}

/// The tracer. A machine without it has not shown anything.
struct Strace(PathBuf);

impl Strace {
    fn find() -> Result<Self, String> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let found = std::env::split_paths(&path).map(|d| d.join("strace")).find(|p| p.is_file());
        let found = found.ok_or("strace is not installed (on Debian and Ubuntu: apt-get install strace)")?;
        let works = Command::new(&found).args(["-f", "-o", "/dev/null", "true"]).stderr(Stdio::null()).status().is_ok_and(|s| s.success());
        if works { Ok(Self(found)) } else { Err("strace may not trace on this machine".into()) }
    }

    /// The binary under the tracer, with what it and its children open in a file.
    fn over(&self, world: &World, home: &Path, log: &Path) -> Command {
        let plain = world.reel(home);
        let mut command = Command::new(&self.0);
        command
            .args(["-f", "-qq", "-s", "5000", "-e", "trace=open,openat,creat,mkdir,rename,unlink,link,symlink", "-e", "signal=none", "-o"])
            .arg(log);
        command.arg(plain.get_program());
        command.env_clear().envs(plain.get_envs().filter_map(|(k, v)| Some((k, v?))));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}
