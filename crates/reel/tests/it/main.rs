//! The binary as its users meet it: a person with a terminal, a program with JSON.
#![allow(
    clippy::disallowed_methods,
    reason = "tests start the built binary and lay out folders; the product's guards are not under test here"
)]

mod again;
mod approvals;
mod bad_input;
mod canon;
mod captions;
mod choosing;
mod contradictions;
mod control;
mod deciding;
mod exchange;
mod film;
mod fountain;
mod golden;
mod integrity;
mod mcp;
mod model_server;
mod motion;
mod music;
mod notes;
mod package;
mod profiles;
mod project;
mod promise;
mod safety;
mod salt_road;
mod season;
mod shapes;
mod sound;
mod speech;
mod takes;
mod versions;
mod views;
mod watch;
mod words;
mod writing;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// The repository's root.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The built binary with a home of its own and nothing of the caller's environment but the PATH.
pub fn reel(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reel"));
    command.env_clear().env("REELWRIGHT_HOME", home).env("HOME", home);
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}

/// The last line of what it printed, as JSON.
pub fn json(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().last().unwrap_or_default();
    serde_json::from_str(line).unwrap_or_else(|e| panic!("not JSON ({e}): {text}\n{}", String::from_utf8_lossy(&output.stderr)))
}

/// Runs it and expects it to end well.
pub fn ok(command: &mut Command) -> Value {
    let output = command.output().expect("the binary starts");
    assert!(
        output.status.success(),
        "{:?}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    let answer = json(&output);
    says_what_comes_next(&answer);
    answer
}

/// Every answer of every verb, in every test: a list of commands, empty only where nothing is left to do.
fn says_what_comes_next(answer: &Value) {
    let next = answer["next_actions"].as_array().unwrap_or_else(|| panic!("says nothing of what comes next: {answer}"));
    let runs = |argv: &Value| {
        let words = argv.as_array().map(|words| words.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
        words.flatten().is_some_and(|words| words.len() > 1 && matches!(words[0], "reel" | "apt-get"))
    };
    assert!(next.iter().all(runs), "{next:?}");
}

/// Runs it and expects this exit code and error code.
pub fn refused(command: &mut Command, exit: i32, code: &str) -> Value {
    let output = command.output().expect("the binary starts");
    let answer = json(&output);
    assert_eq!((output.status.code(), answer["error"]["code"].as_str()), (Some(exit), Some(code)), "{answer}");
    says_what_comes_next(&answer);
    let page = root().join(format!("docs/errors/{code}.md"));
    assert!(page.is_file(), "{code} has no page in docs/errors");
    assert!(
        !answer["error"]["message"].as_str().unwrap_or_default().is_empty()
            && !answer["error"]["hint"].as_str().unwrap_or_default().is_empty()
    );
    answer
}
