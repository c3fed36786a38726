//! `cargo xtask peers`: programs of other people against the built binary. A peer that cannot be had here is skipped, named
//! and counted; it never counts as passed.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::sh;

/// The protocol authors' own client, at the version the transcript was recorded with.
const MCP_CLIENT: &str = "mcp==2.3.0";

/// What came of one peer.
enum Came {
    Passed,
    Skipped(String),
}

/// A peer, and what it does.
type Peer = (&'static str, fn(bool) -> Result<Came, String>);

/// Every peer.
const PEERS: [Peer; 1] = [("mcp: the official Python client drives `reel mcp`", mcp)];

/// Runs every peer. With `accept` what passed between them becomes the transcript that `cargo test` replays.
pub fn run(args: &[String]) -> Result<(), String> {
    let accept = match args {
        [] => false,
        [flag] if flag == "--accept" => true,
        other => return Err(format!("peers knows only --accept, not `{}`", other.join(" "))),
    };
    let mut skipped = Vec::new();
    for (name, peer) in PEERS {
        println!("peer {name}");
        match peer(accept)? {
            Came::Passed => println!("  passed"),
            Came::Skipped(why) => {
                println!("  SKIPPED: {why}");
                skipped.push(name);
            }
        }
    }
    println!("{} of {} peers passed, {} skipped", PEERS.len() - skipped.len(), PEERS.len(), skipped.len());
    if accept && !skipped.is_empty() { Err("nothing was recorded: a peer was skipped".into()) } else { Ok(()) }
}

fn mcp(accept: bool) -> Result<Came, String> {
    let python = match client()? {
        Ok(python) => python,
        Err(why) => return Ok(Came::Skipped(why)),
    };
    sh::run(&sh::cargo(), &["build", "--locked", "-p", "reel", "--all-targets"])?;
    let reel = sh::target_directory()?.join("debug/reel");
    let work = sh::fresh("peers")?;
    let log = work.join("session.jsonl");
    let script = sh::root().join("tests/peers/mcp/client.py");
    let screenplay = sh::root().join("tests/fixtures/mcp/script.fountain");
    let text = |path: &Path| path.to_string_lossy().into_owned();
    sh::run(&text(&python), &[&text(&script), &text(&reel), &text(&work), &text(&screenplay), &text(&log)])?;
    // One place knows what of a session is passing: the test that replays it.
    let mut test = Command::new(sh::cargo());
    test.args(["test", "--locked", "-q", "-p", "reel", "--test", "it", "the_recorded_session_passes_again"]);
    test.current_dir(sh::root()).env("REELWRIGHT_MCP_RAW", &log);
    if accept {
        test.env("REELWRIGHT_MCP_ACCEPT", "1");
    }
    let status = test.status().map_err(|e| e.to_string())?;
    if status.success() { Ok(Came::Passed) } else { Err("the recorded session does not pass again".into()) }
}

/// A Python that has the client, in a folder of its own under target; or why there is none.
fn client() -> Result<Result<PathBuf, String>, String> {
    let folder = sh::root().join("target/peers-python");
    let python = folder.join("bin/python");
    let version = MCP_CLIENT.rsplit('=').next().unwrap_or_default();
    let has = || {
        let line = format!("import importlib.metadata as m, sys; sys.exit(m.version('mcp') != '{version}')");
        Command::new(&python).args(["-c", &line]).output().is_ok_and(|out| out.status.success())
    };
    if has() {
        return Ok(Ok(python));
    }
    for (program, args) in [
        ("python3".to_owned(), vec!["-m".to_owned(), "venv".into(), folder.to_string_lossy().into_owned()]),
        (python.to_string_lossy().into_owned(), vec!["-m".into(), "pip".into(), "install".into(), "-q".into(), MCP_CLIENT.into()]),
    ] {
        match Command::new(&program).args(&args).status() {
            Ok(status) if status.success() => {}
            Ok(status) => return Ok(Err(format!("`{program} {}` failed ({status})", args.join(" ")))),
            Err(e) => return Ok(Err(format!("`{program}` cannot be run: {e}"))),
        }
    }
    if has() { Ok(Ok(python)) } else { Ok(Err(format!("{MCP_CLIENT} was installed and cannot be imported"))) }
}
