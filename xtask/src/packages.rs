//! System packages: installed when we may, else named with the command that installs them.

use std::process::{Command, Stdio};

/// Program and the Debian/Ubuntu package that holds it.
const NEEDED: &[(&str, &str)] =
    &[("ffmpeg", "ffmpeg"), ("ffprobe", "ffmpeg"), ("flite", "flite"), ("espeak-ng", "espeak-ng"), ("script", "bsdutils"), ("cc", "gcc")];

/// A font file and the package that holds it: captions in Chinese and Japanese, and emoji, are drawn with them by tests.
const FONTS: &[(&str, &str)] = &[
    ("DejaVuSans-Bold.ttf", "fonts-dejavu-core"),
    ("DroidSansFallbackFull.ttf", "fonts-droid-fallback"),
    ("NotoColorEmoji.ttf", "fonts-noto-color-emoji"),
];

/// Where such packages put fonts.
const FONT_FOLDER: &str = "/usr/share/fonts/truetype";

/// What breaking the product on purpose needs beside.
const FAULTS: &[(&str, &str)] = &[("strace", "strace"), ("mkfifo", "coreutils")];

/// Makes sure every needed program is there.
pub fn ensure() -> Result<(), String> {
    let all: Vec<(&str, &'static str)> = NEEDED.iter().chain(FONTS).copied().collect();
    ensure_all(&all)
}

/// The same, and what the fault harness needs.
pub fn ensure_for_faults() -> Result<(), String> {
    ensure().and_then(|()| ensure_all(FAULTS))
}

fn ensure_all(needed: &[(&str, &'static str)]) -> Result<(), String> {
    let missing = missing(needed);
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    eprintln!("missing system packages: {names}");
    let apt = has("apt-get");
    let prefix: &[&str] = if is_root() {
        &[]
    } else if quiet("sudo", &["-n", "true"]) {
        &["sudo", "-n"]
    } else {
        return Err(format!("install them and run this again:\n  sudo apt-get install -y {names}"));
    };
    if !apt {
        return Err(format!("this is not a Debian or Ubuntu machine; install what provides {names} and run this again"));
    }
    let apt_get = |args: &[&str]| {
        let all: Vec<&str> =
            prefix.iter().copied().chain(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]).chain(args.iter().copied()).collect();
        Command::new(all[0]).args(&all[1..]).stdout(Stdio::null()).status().is_ok_and(|s| s.success())
    };
    let mut install = vec!["install", "-y", "--no-install-recommends"];
    install.extend(missing.iter().copied());
    eprintln!("installing: apt-get {}", install.join(" "));
    if !apt_get(&install) {
        apt_get(&["update"]);
        if !apt_get(&install) {
            return Err(format!(
                "could not install them; run this yourself, then start again:\n  sudo apt-get update && sudo apt-get install -y {names}"
            ));
        }
    }
    let still = self::missing(needed);
    if still.is_empty() { Ok(()) } else { Err(format!("still missing after the installation: {}", still.join(" "))) }
}

fn missing(needed: &[(&str, &'static str)]) -> Vec<&'static str> {
    let mut packages: Vec<&'static str> =
        needed.iter().filter(|(wanted, _)| !has(wanted) && !has_font(wanted)).map(|(_, package)| *package).collect();
    packages.dedup();
    packages
}

fn has(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).is_file()))
}

/// Whether a font file lies in one of the folders of fonts.
fn has_font(name: &str) -> bool {
    let folders = std::fs::read_dir(FONT_FOLDER).into_iter().flatten().flatten();
    name.ends_with(".ttf") && folders.map(|folder| folder.path().join(name)).any(|file| file.is_file())
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|o| o.stdout.starts_with(b"0\n"))
}

fn quiet(program: &str, args: &[&str]) -> bool {
    Command::new(program).args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
}
