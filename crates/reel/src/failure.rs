//! What a person reads when something did not work: what happened, why, what to do next; a stable code with a page in
//! `docs/errors`; a documented exit code; runnable next actions for programs (design §9).

use std::fmt::Display;

use contracts::{Id, canon::Verdict, choice::Choice, run::RunStatus};
use routing::SelectError;
use serde_json::{Value, json};

/// Exit codes, as documented in `docs/errors/README.md` and `reel help`.
pub mod exit {
    /// A fault of ours.
    pub const INTERNAL: u8 = 1;
    /// The command line is not understood.
    pub const USAGE: u8 = 2;
    /// The project is missing or malformed.
    pub const PROJECT: u8 = 3;
    /// A program that is needed is not installed.
    pub const TOOL: u8 = 4;
    /// A gate said no.
    pub const BLOCKED: u8 = 5;
    /// A folder cannot be written.
    pub const UNWRITABLE: u8 = 6;
    /// Stored data is damaged.
    pub const DAMAGED: u8 = 7;
    /// A step could not be done.
    pub const STEP: u8 = 8;
    /// A person must say yes first.
    pub const APPROVAL: u8 = 10;
    /// Stopped by Ctrl-C.
    pub const INTERRUPTED: u8 = 130;
}

/// What ends a look ahead, inside.
const FORESEEN: &str = "plan.foreseen";

/// Findings told in a message; a program gets them all.
const SHOWN: usize = 8;

/// With less room than this on its disk, in bytes, the data home counts as full.
const ROOM: u64 = 256 * 1024;

/// A failure on its way to a person or a program.
#[derive(Debug)]
pub struct Failure {
    /// Stable code; `docs/errors/{code}.md` explains it.
    pub code: &'static str,
    /// Exit code.
    pub exit: u8,
    /// What happened, and why, in a sentence or two.
    pub message: String,
    /// What to do next, in a sentence.
    pub hint: Box<str>,
    /// Runnable next steps, as argument vectors.
    pub next_actions: Vec<Vec<String>>,
    /// What a gate found, where it was the canon gate that said no; the message is made from it.
    pub verdict: Option<Box<Verdict>>,
    /// The run that ended so, where one had begun.
    pub run: Option<Box<Id>>,
    /// The empty choice with every exclusion, where no tool was chosen.
    pub choice: Option<Box<Choice>>,
    /// More of it for programs: what stands beside code and message.
    pub more: Option<Box<Value>>,
}

impl Failure {
    fn new(code: &'static str, exit: u8, message: impl Display, hint: impl Display) -> Self {
        Self {
            code,
            exit,
            message: message.to_string(),
            hint: hint.to_string().into(),
            next_actions: Vec::new(),
            verdict: None,
            run: None,
            choice: None,
            more: None,
        }
    }

    /// Says what to do next in other words.
    pub fn hint(mut self, hint: impl Display) -> Self {
        self.hint = hint.to_string().into();
        self
    }

    /// Names the run that ended so.
    pub fn of_run(mut self, run: &Id) -> Self {
        self.run = Some(Box::new(run.clone()));
        self
    }

    /// The status of a run that ends so: a gate or a person who has not said yes blocks, who is stopped has done a part,
    /// anything else fails.
    pub fn status(&self) -> RunStatus {
        match self.exit {
            _ if self.code == "run.drained" => RunStatus::Partial,
            _ if self.code == "run.cancelled" => RunStatus::Cancelled,
            exit::INTERRUPTED => RunStatus::Partial,
            exit::BLOCKED | exit::APPROVAL => RunStatus::Blocked,
            _ => RunStatus::Failed,
        }
    }

    /// Adds a runnable next step.
    pub fn next(mut self, argv: &[&str]) -> Self {
        self.next_actions.push(argv.iter().map(|a| (*a).to_owned()).collect());
        self
    }

    /// The command line is not understood.
    pub fn usage(message: impl Display, hint: impl Display) -> Self {
        Self::new("usage", exit::USAGE, message, hint)
    }

    /// There is no project there.
    pub fn project_missing(path: &std::path::Path, why: impl Display) -> Self {
        let hint = format!("make one with `reel new {0}`, or give the folder that holds `project.toml`", path.display());
        Self::new("project.missing", exit::PROJECT, format!("no project at {}: {why}", path.display()), hint).next(&[
            "reel",
            "new",
            &path.to_string_lossy(),
        ])
    }

    /// A file of the project cannot be understood.
    pub fn project_malformed(path: &std::path::Path, why: impl Display) -> Self {
        Self::new(
            "project.malformed",
            exit::PROJECT,
            format!("{}: {why}", path.display()),
            "correct the named field and run the same command again",
        )
    }

    /// A document cannot be read, or not be brought to this build's version.
    pub fn document(path: &std::path::Path, why: impl Display) -> Self {
        let message = format!("{}: {why}", path.display());
        Self::new("document.refused", exit::PROJECT, message, "`reel schema list` names the documents and versions of this build")
    }

    /// What a verb was given as JSON is not what it reads.
    pub fn given(message: impl Display, hint: impl Display) -> Self {
        Self::new("document.refused", exit::PROJECT, message, hint)
    }

    /// A policy file says what no policy file may say.
    pub fn policy_file(path: &str, why: impl Display) -> Self {
        let hint = "correct what is named; docs/choosing.md lists every key. Nothing was chosen by it";
        Self::new("policy.malformed", exit::PROJECT, format!("{path}: {why}"), hint)
    }

    /// A policy in Rego was not loaded.
    pub fn policy_refused(why: impl Display) -> Self {
        let hint = "correct the line that is named; `policies/gates` has examples, each with its samples beside it";
        Self::new("policy.refused", exit::PROJECT, why, hint)
    }

    /// No tool was chosen: none is feasible, or what is preferred contradicts what was promised.
    pub fn not_chosen(error: SelectError) -> Self {
        let message = error.to_string();
        match error {
            SelectError::UnknownPolicy { .. } => Self::usage(message, "give one of the names that are listed"),
            SelectError::NoTool { choice, .. } => {
                let hint = "change what excludes one of the tools that are listed, or drop in a manifest of another; docs/choosing.md says what each reason means";
                Self { choice: Some(choice), ..Self::new("choice.no_tool", exit::BLOCKED, message, hint) }
            }
            SelectError::Contradiction { choice, .. } => {
                let hint = "prefer a tool that moves, or have another promise approved";
                Self { choice: Some(choice), ..Self::new("choice.contradiction", exit::BLOCKED, message, hint) }
            }
        }
    }

    /// The canon contradicts itself before a line is written, or cannot be read.
    pub fn canon_malformed(path: &std::path::Path, why: impl Display) -> Self {
        Self::new(
            "canon.malformed",
            exit::PROJECT,
            format!("{}: {why}", path.display()),
            "correct the named entry and run the same command again",
        )
    }

    /// A diff of the author's changes what is not what it was any more.
    pub fn canon_conflict(what: &str, why: impl Display, root: &std::path::Path, before: u32) -> Self {
        let hint = format!(
            "look at what stands there now with the command below, and apply another diff in its place; {what} stays until you remove it or put it right"
        );
        let project = root.to_string_lossy();
        Self::new("canon.conflict", exit::BLOCKED, format!("{what} (before episode {before}): {why}"), hint)
            .next(&["reel", "canon", "show", &project])
    }

    /// A diff was made over a canon that is not the one at hand.
    pub fn canon_stale(why: impl Display, root: &std::path::Path, before: u32) -> Self {
        let hint = "read the canon again (the address it gives is the new base), and make the diff over what stands there now; nothing was applied";
        let (project, before) = (root.to_string_lossy(), before.to_string());
        Self::new("canon.stale", exit::PROJECT, why, hint).next(&["reel", "canon", "show", &project, "--before", &before, "--json"])
    }

    /// A diff that is none an author may apply.
    pub fn canon_diff(what: &str, why: impl Display) -> Self {
        let hint = "correct it and apply it again; docs/canon.md shows every key of a diff";
        Self::new("canon.diff_malformed", exit::PROJECT, format!("{what}: {why}"), hint)
    }

    /// The author's notes on an episode cannot be followed.
    pub fn notes(code: &'static str, message: impl Display) -> Self {
        let hint = "correct the named line of notes.toml and run the same command again; docs/notes.md shows every form";
        Self::new(code, exit::PROJECT, message, hint)
    }

    /// Somebody else has changed the notes since they were read.
    pub fn stale(file: &std::path::Path, tag: &str, present: &str, root: &std::path::Path, episode: u32) -> Self {
        let tag: String = tag.escape_debug().take(80).collect();
        let message = format!("{} is not as it was read: its etag is {present}, not {tag}", file.display());
        let hint = "read it again, and make the change to what stands there now";
        let project = root.to_string_lossy();
        Self::new("notes.stale", exit::PROJECT, message, hint).next(&["reel", "notes", "read", &project, "--episode", &episode.to_string()])
    }

    /// A screenplay that is no film.
    pub fn screenplay(message: impl Display) -> Self {
        Self::new("fountain.malformed", exit::PROJECT, message, "correct the screenplay at the named line and run the same command again")
    }

    /// Nobody here writes that.
    pub fn story(code: &'static str, message: impl Display, hint: impl Display) -> Self {
        Self::new(code, exit::PROJECT, message, hint)
    }

    /// A program is not installed.
    pub fn tool_missing(program: &str, package: &str, hint: impl Display) -> Self {
        let message = format!("`{program}` was not found on the PATH");
        let hint = format!("install it (Debian, Ubuntu: apt-get install {package}){hint}");
        Self::new("tool.missing", exit::TOOL, message, hint).next(&["apt-get", "install", "-y", package])
    }

    /// Captions hold letters that no font here has.
    pub fn glyphs(message: impl Display, packages: &[&str]) -> Self {
        let list = packages.join(" ");
        let hint = format!(
            "install a font that has them (Debian, Ubuntu: apt-get install {list}), or leave captions beside the film (`--burn-in none`); `reel doctor` says what can be drawn here"
        );
        let argv: Vec<&str> = ["apt-get", "install", "-y"].into_iter().chain(packages.iter().copied()).collect();
        Self::new("captions.missing_glyph", exit::BLOCKED, message, hint).next(&argv)
    }

    /// A gate of a policy failed, and the policy enforces its gates. What was made is at `file`.
    pub fn policy_gate(refused: &gates::native::Refused, file: &std::path::Path) -> Self {
        let message = format!("{refused}; what was made is written: {}", file.display());
        let mut failure = Self::new(gates::native::POLICY_GATE_FAILED, exit::BLOCKED, message, gates::native::Refused::FIX);
        failure.more = Some(Box::new(json!({"gates": refused.failed, "visuals": file.display().to_string()})));
        failure
    }

    /// A gate said no.
    pub fn blocked(message: impl Display, hint: impl Display) -> Self {
        Self::new("gate.blocked", exit::BLOCKED, message, hint)
    }

    /// The promise is not kept, or is not the one that was locked.
    pub fn promise(verdict: &Verdict) -> Self {
        let findings: Vec<_> = verdict.findings.iter().filter(|f| f.blocks).cloned().collect();
        let has = |code: &str| findings.iter().any(|f| f.code == code);
        let hint = if has("promise.options") || has("promise.no_tool") {
            "promise in [promise] of project.toml what can be kept here: `reel propose PROJECT` lists every option, and why it cannot be"
        } else if has("promise.changed") || has("promise.change_refused") {
            "put [promise] of project.toml back, or have the change approved: `reel propose PROJECT --approve --reason TEXT`"
        } else {
            "make it as promised, or promise another type in [promise] of project.toml: `reel propose PROJECT` lists them"
        };
        let told: Vec<String> = findings.iter().take(SHOWN).map(gates::told).collect();
        let more = findings.len().saturating_sub(SHOWN);
        let more = if more == 0 { String::new() } else { format!("; and {more} more") };
        let message = format!("the promise is not kept: {}{more}", told.join("; "));
        let verdict = Some(Box::new(Verdict { findings, ..verdict.clone() }));
        Self { verdict, ..Self::new("promise.broken", exit::BLOCKED, message, hint) }
    }

    /// The canon gate said no: two places say what cannot both be true.
    pub fn contradiction(verdict: &Verdict) -> Self {
        let hint = "correct one of the places named in brackets and run the same command again; no film was made";
        let findings = verdict.findings.iter().filter(|f| f.blocks).cloned().collect();
        let verdict = Some(Box::new(Verdict { findings, ..verdict.clone() }));
        Self { verdict, ..Self::new("canon.contradiction", exit::BLOCKED, "", hint) }.worded()
    }

    /// The same failure with every source of a finding named by `place`.
    pub fn located(mut self, place: impl Fn(&str) -> String) -> Self {
        for source in self.verdict.iter_mut().flat_map(|v| &mut v.findings).flat_map(|f| &mut f.sources) {
            *source = place(source);
        }
        self.worded()
    }

    fn worded(mut self) -> Self {
        if let Some(verdict) = &self.verdict {
            let told: Vec<String> = verdict.findings.iter().take(SHOWN).map(canon::told).collect();
            let more = verdict.findings.len().saturating_sub(SHOWN);
            let more = if more == 0 { String::new() } else { format!("; and {more} more") };
            self.message = format!("the story contradicts itself: {}{more}", told.join("; "));
        }
        self
    }

    /// A folder cannot be written.
    pub fn unwritable(path: &std::path::Path, why: impl Display) -> Self {
        let message = format!("{} cannot be written: {why}", path.display());
        Self::new("out.unwritable", exit::UNWRITABLE, message, "give a folder you may write to (`--out DIR`), or change its permissions")
    }

    /// Another run writes that folder.
    pub fn busy(path: &std::path::Path, run: Option<&Id>) -> Self {
        let by = run.map_or_else(|| "another run".to_owned(), |run| format!("run {run}"));
        let message = format!("{} is being written by {by}", path.display());
        Self::new("out.busy", exit::UNWRITABLE, message, "wait until it has ended, or give another folder (`--out DIR`)")
    }

    /// Somebody else has changed what was to be changed.
    pub fn moved(message: impl Display, hint: impl Display) -> Self {
        Self::new("takes.moved", exit::UNWRITABLE, message, hint)
    }

    /// A run is going, and what it touches must stay.
    pub fn going(run: &Id) -> Self {
        let hint = "wait until it has ended; `--dry-run` says now what would go";
        Self::new("registry.busy", exit::UNWRITABLE, format!("run {run} is going: nothing may be removed beside it"), hint).next(&[
            "reel",
            "artifacts",
            "gc",
            "--dry-run",
        ])
    }

    /// A failure that a full disk caused is told as such, whatever it stopped.
    pub fn or_full(self, home: &std::path::Path) -> Self {
        const SAID: [&str; 4] = ["No space left on device", "disk is full", "Disk quota exceeded", "File too large"];
        let told = SAID.iter().any(|text| self.message.contains(text));
        let could_be = matches!(self.exit, exit::UNWRITABLE | exit::DAMAGED | exit::STEP | exit::INTERNAL);
        let empty = || could_be && kit::files::free_bytes(home).is_some_and(|free| free < ROOM);
        if !(told || empty()) {
            return self;
        }
        let message = format!("no space is left for {}: {}", home.display(), self.message);
        let hint = "free space on that disk (`reel artifacts gc --dry-run` says what of this home may go) and run the same command again: finished steps are kept";
        let full = Self::new("disk.full", exit::UNWRITABLE, message, hint).next(&["reel", "artifacts", "gc", "--dry-run"]);
        Self { run: self.run, ..full }
    }

    /// A recorded result is gone, and nothing can make it again.
    pub fn recorded_lost(message: impl Display) -> Self {
        Self::new(
            "registry.recorded_lost",
            exit::DAMAGED,
            message,
            "restore the named file from a backup of the data home, or ask for another take; `reel artifacts verify` names all that is lost",
        )
        .next(&["reel", "artifacts", "verify"])
    }

    /// Stored data is damaged.
    pub fn damaged(message: impl Display) -> Self {
        let message = message.to_string();
        // SQLite's word for a write that waited as long as it may.
        if message.contains("database is locked") {
            return Self::locked(&message);
        }
        Self::new(
            "registry.damaged",
            exit::DAMAGED,
            message,
            "`reel artifacts verify` names all that is damaged; run the same command again: what can be made again is made again; restore the data home from a backup otherwise",
        )
        .next(&["reel", "artifacts", "verify"])
    }

    /// Another process holds the database and does not let go.
    fn locked(message: &str) -> Self {
        let message = format!("another process has held the data home's database for half a minute: {message}");
        let hint = "look for a `reel` that stands still (one that was suspended with Ctrl-Z or SIGSTOP): let it go on or end it, and run the same command again; finished steps are kept";
        Self::new("registry.locked", exit::UNWRITABLE, message, hint).next(&["reel", "runs"])
    }

    /// A step could not be done.
    pub fn step(message: impl Display) -> Self {
        Self::new("step.failed", exit::STEP, message, "finished steps are kept: correct the cause and run the same command again")
    }

    /// A person must say yes first. `again` is the same command with the yes, `look` one that shows what it is about.
    pub fn approval(point: &str, subject: impl Display, run: &Id, again: Vec<String>, look: Vec<String>) -> Self {
        let approve: Vec<String> = ["reel", "approve", run.as_str(), point].map(str::to_owned).to_vec();
        let message = format!("{point} waits for a yes: {subject}");
        let hint = format!(
            "look at it with `{}`, say yes with `{}`, and go on with `{}`; what is finished is kept",
            look.join(" "),
            approve.join(" "),
            again.join(" ")
        );
        let mut failure = Self::new("approval.needed", exit::APPROVAL, message, hint);
        failure.next_actions = vec![approve, again, look];
        failure
    }

    /// Nobody is asked there, and nothing was decided.
    pub fn nothing_to_decide(message: impl Display, hint: impl Display) -> Self {
        Self::new("approval.nothing", exit::USAGE, message, hint)
    }

    /// The same was decided before.
    pub fn decided(message: impl Display, hint: impl Display) -> Self {
        Self::new("approval.decided", exit::USAGE, message, hint)
    }

    /// Somebody has said no.
    pub fn rejected(point: &str, subject: impl Display, no: &contracts::run::Approval, again: Vec<String>) -> Self {
        let notes = no.notes.as_ref().map_or(String::new(), |notes| format!(": {notes}"));
        let message = format!("{point} was refused by {} at {}{notes} ({subject})", no.approver, no.at);
        let hint = format!("change what was refused and run again, or say yes after all with `{}`", again.join(" "));
        let mut failure = Self::new("approval.refused", exit::APPROVAL, message, hint);
        failure.next_actions = vec![again];
        failure
    }

    /// A path of a call leaves the folder that the server may not leave.
    pub fn outside(message: impl Display, root: &std::path::Path) -> Self {
        let hint = format!("give a path inside {}; the server was started with --root", root.display());
        Self::new("path.outside", exit::USAGE, message, hint)
    }

    /// Too many calls at once.
    pub fn crowded(most: usize) -> Self {
        Self::new(
            "call.crowded",
            exit::USAGE,
            format!("{most} calls are on their way, and no more are taken"),
            "repeat it when one of them has been answered",
        )
    }

    /// An answer nobody could read.
    pub fn too_much(most: usize) -> Self {
        let hint = "ask for less: a smaller limit, or one part of it";
        Self::new("call.too_much", exit::USAGE, format!("the answer has more than {most} bytes"), hint)
    }

    /// The run has ended: nothing can be asked of it. `again` is the command that makes it again.
    pub fn ended(run: &Id, status: &str, again: Option<Vec<String>>) -> Self {
        let message = format!("RUN is `{run}`, which has ended ({status}); expected a run that is going");
        let how = again.as_ref().map_or_else(|| "the same `reel produce`".to_owned(), |argv| format!("`{}`", argv.join(" ")));
        let hint = format!("`reel runs --status running` lists those that are going; {how} goes on where this one stopped");
        let mut failure = Self::new("run.ended", exit::USAGE, message, hint).next(&["reel", "runs", "--status", "running"]);
        failure.next_actions.extend(again);
        failure
    }

    /// A step that is not to be tried again: it is none of the run's, or it did not fail. `allowed` are those that did.
    pub fn not_retried(run: &Id, step: &str, state: Option<&str>, allowed: &[&str]) -> Self {
        let is = state.map_or_else(|| "which the run does not have".to_owned(), |state| format!("which is {state}"));
        let which = match allowed.len() {
            0 => "none of its steps is".to_owned(),
            n if n > SHOWN => format!("{} and {} more", allowed[..SHOWN].join(", "), n - SHOWN),
            _ => allowed.join(", "),
        };
        let message =
            format!("STEP is `{}`, {is}; expected a step of run {run} that is failed, lost or dead ({which})", step.escape_debug());
        Self::new("step.not_retried", exit::USAGE, message, format!("`reel show {run} --steps` lists the steps and how they stand"))
            .next(&["reel", "show", run.as_str(), "--steps"])
    }

    /// Ended because somebody asked the run to drain.
    pub fn drained() -> Self {
        let message = "drained, as asked: what was running is finished, and nothing new was started";
        Self::new("run.drained", exit::INTERRUPTED, message, "finished steps are kept: the same command goes on where this one stopped")
    }

    /// Ended because somebody cancelled the run.
    pub fn cancelled() -> Self {
        let message = "cancelled, as asked";
        Self::new("run.cancelled", exit::INTERRUPTED, message, "finished steps are kept: the same command goes on where this one stopped")
    }

    /// The same failure with the command that goes on, where it has no next step of its own.
    pub fn go_on(mut self, again: &[String]) -> Self {
        if self.next_actions.is_empty() && !again.is_empty() && matches!(self.exit, exit::INTERRUPTED | exit::STEP | exit::DAMAGED) {
            self.next_actions.push(again.to_vec());
            if self.exit == exit::INTERRUPTED {
                self.hint = format!("finished steps are kept; go on with `{}`", again.join(" ")).into();
            }
        }
        self
    }

    /// The same failure as the one that ended a season at this episode: what goes on goes on with all of them.
    pub fn of_season(mut self, number: u32, episodes: u32) -> Self {
        let all = |argv: Vec<String>| crate::verbs::season::season_words(argv, number, episodes);
        let before = match number {
            1 => String::new(),
            2 => "; episode 1 is made and stays".to_owned(),
            n => format!("; episodes 1 to {} are made and stay", n - 1),
        };
        for argv in std::mem::take(&mut self.next_actions) {
            let (one, whole) = (argv.join(" "), all(argv));
            self.hint = self.hint.replace(&one, &whole.join(" ")).into();
            self.next_actions.push(whole);
        }
        self.message = format!("episode {number} of {episodes}: {}", self.message);
        self.hint = format!("{}{before}", self.hint).into();
        self
    }

    /// Stopped by Ctrl-C.
    pub fn interrupted() -> Self {
        Self::new(
            "run.interrupted",
            exit::INTERRUPTED,
            "stopped",
            "finished steps are kept: the same command goes on where this one stopped",
        )
    }

    /// Not a failure: a look ahead has seen as far as it can. Never shown.
    pub fn foreseen() -> Self {
        Self::new(FORESEEN, exit::INTERNAL, "a look ahead has ended", "")
    }

    /// Whether this is the end of a look ahead.
    pub fn is_foreseen(&self) -> bool {
        self.code == FORESEEN
    }

    /// A fault of ours.
    pub fn internal(message: impl Display) -> Self {
        Self::new("internal", exit::INTERNAL, message, "this is a fault of reel, not of your project: please report it with this message")
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let mut out = json!({
            "status": self.status(),
            "error": {"code": self.code, "message": self.message, "hint": self.hint, "exit_code": self.exit},
            "next_actions": self.next_actions,
        });
        if let Some(verdict) = &self.verdict {
            out["error"]["findings"] = json!(verdict.findings);
        }
        if let (Some(Value::Object(more)), Value::Object(error)) = (self.more.as_deref(), &mut out["error"]) {
            error.extend(more.clone());
        }
        if let Some(run) = &self.run {
            out["run_id"] = json!(run);
        }
        if let Some(choice) = &self.choice {
            out["error"]["choice"] = json!(choice);
        }
        out
    }

    /// For people.
    pub fn text(&self) -> String {
        format!("error[{}]: {}\n  next: {}", self.code, self.message, self.hint)
    }
}
