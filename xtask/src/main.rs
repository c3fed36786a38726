//! Everything that is done to this repository: `cargo xtask demo` and `cargo xtask test` are all that a newcomer needs.
#![allow(
    clippy::disallowed_methods,
    reason = "xtask runs cargo, apt-get and the built binary; the product's guards do not apply to its own build"
)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "xtask talks to a person at a terminal")]

mod bench;
mod demo;
mod faults;
mod gallery;
mod packages;
mod peers;
mod schemas;
mod sh;
mod story;
mod test;
mod tidy;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  demo                 make examples/lighthouse into a film, from nothing, and say where it is
  test                 format, lints, tidy, tests, golden, a sample of the faults, fuzz corpora: what CI runs
  faults [--lane short|long] [--seed N] [--only Fxx] [--sample N] [--at POINT]
                       kills, stopped workers, full disks, rot, hostile input against the built binary; the short lane is
                       what CI runs, --sample 0 tries every kill point
  fuzz-corpus          every file of tests/corpus through its parser, with limits of time and memory
  fuzz [--seed N] [--seconds N] [--only TARGET]
                       change the corpora at random and keep what breaks a parser
  peers [--accept]     programs of other people against the built binary; what is not to be had here is skipped and counted
  tidy                 the house rules: arrows, file sizes, schemas, goldens, marks
  schemas              write schemas/ from the contract types
  schemas --keep DIR   keep a document of each kind and version of a run folder in tests/old/, to be read for ever
  golden               accept the outputs of this build as goldens (refused where a step's version did not change)
  golden DIR           run the vectors of selection.json, routing.json and multimodal.json in DIR through routing and gates
  story-check [--judge measure.py] [--project DIR] [--episode N | --drawn N --seed N]
                       export an episode, or N drawn over all genres, for the story judge, and run it if given
  gallery [--judge]    paint docs/gallery anew, and judge every framing, pose, expression and style; --judge alone paints nothing
  bench                cold film seconds per wall second, peak memory, second run; prints ratios, asserts nothing
  bench render [--json] [--rounds N] [--shots N] [--standard] [--motion] [--no-peers] [--parts]
                       the same film by us, by the bare encoder and by ffmpeg's zoompan, in interleaved rounds
  bench runner [--json]
                       what the runner costs, each figure against its bound and against the medium's own
  bench batch          twenty films at once over two workers, and one by one
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let rest = args.get(1..).unwrap_or_default();
    let done = match args.first().map(String::as_str) {
        Some("demo") => demo::run(),
        Some("test") => test::run(),
        Some("tidy") => tidy::run(),
        Some("schemas") if rest.first().is_some_and(|a| a == "--keep") => match rest.get(1) {
            Some(run) => schemas::keep(run),
            None => Err("schemas --keep needs a run folder".into()),
        },
        Some("schemas") => schemas::write(),
        Some("faults") => faults::run(rest),
        Some("fuzz-corpus") => faults::corpus(),
        Some("fuzz") => faults::mutate(rest),
        Some("peers") => peers::run(rest),
        Some("gallery") => gallery::run(rest),
        Some("golden") => match rest.first() {
            Some(folder) => test::vectors(folder),
            None => test::accept_goldens(),
        },
        Some("story-check") => story::run(rest),
        Some("bench") if rest.first().is_some_and(|a| a == "render") => bench::render(&rest[1..]),
        Some("bench") if rest.first().is_some_and(|a| a == "runner" || a == "batch") => bench::workload(&rest[0], &rest[1..]),
        Some("bench") => bench::run(),
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
