//! `cargo xtask golden DIR`: the vectors of a folder through the public API. Prints passed and total of each suite; ends with 1
//! when a case came out otherwise, a file cannot be read, or nothing was run.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it talks to a person at a terminal")]

use std::process::ExitCode;

#[path = "../tests/it/suites.rs"]
mod suites;

/// The most bytes of a file that are read.
const MOST: u64 = 64 * 1024 * 1024;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(std::path::PathBuf::from) else {
        eprintln!("golden: name the folder that holds {}", suites::FILES.join(", "));
        return ExitCode::from(2);
    };
    let (mut passed, mut asked, mut later, mut wrong) = (0, 0, 0, 0);
    for name in suites::FILES {
        let path = folder.join(name);
        let read = || -> Result<serde_json::Value, String> {
            let size = std::fs::metadata(&path).map_err(|e| e.to_string())?.len();
            if size > MOST {
                return Err(format!("{size} bytes are more than the {MOST} that are read"));
            }
            serde_json::from_slice(&std::fs::read(&path).map_err(|e| e.to_string())?).map_err(|e| e.to_string())
        };
        let file = match read() {
            Ok(file) => file,
            Err(why) => {
                eprintln!("golden: {}: {why}", path.display());
                wrong += 1;
                continue;
            }
        };
        for suite in suites::run(name, &file) {
            if let Some(why) = suite.later {
                println!("{:<48} later: {} cases wait for {why}", suite.name, suite.total);
                later += suite.total;
                continue;
            }
            println!("{:<48} {}/{}", suite.name, suite.passed, suite.total);
            passed += suite.passed;
            asked += suite.total;
            wrong += suite.failures.len();
            for failure in &suite.failures {
                println!("    {}", failure.chars().take(600).collect::<String>());
            }
        }
    }
    println!("{passed}/{asked} passed, {later} later");
    if wrong == 0 && asked > 0 && passed == asked { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
