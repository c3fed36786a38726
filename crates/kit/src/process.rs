//! The one place where a child process is started. Argument vectors only, never a shell; a cleared environment; captured
//! or streamed pipes with size caps; a deadline after which the whole process group is killed; and a scripted twin for
//! tests.
//!
//! # Invariants
//! - The child sees `PATH`, `LC_ALL=C`, `TZ=UTC` and what the invocation names, nothing else of our environment.
//! - The child leads a process group of its own. When it has ended, failed, run past its deadline or its [`Running`] is
//!   dropped, whatever is left of that group is killed before the child is reaped, so that no grandchild outlives it.
//! - An exit code other than 0 is an error that carries the end of what the tool said.

use std::{
    collections::VecDeque,
    ffi::{OsStr, OsString},
    fmt,
    io::{self, Read, Write},
    os::unix::process::{CommandExt, ExitStatusExt},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

#[cfg(target_os = "linux")]
use rustix::pipe::fcntl_setpipe_size;
use rustix::process::{Pid, Resource, Rlimit, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, prlimit, waitid};

use crate::failpoint::{self, Injected};

/// How much of the end of standard error is kept, in bytes.
pub const STDERR_KEPT: usize = 64 * 1024;
/// What a captured standard output may hold unless the invocation says otherwise, in bytes.
pub const STDOUT_CAP: usize = 64 * 1024 * 1024;
/// What a pipe that the caller holds can hold, in bytes: the most that Linux lets anyone have by default.
const PIPE: usize = 1 << 20;
/// How long a child may run unless the invocation says otherwise.
pub const DEADLINE: Duration = Duration::from_secs(600);

/// Why a child process did not do its work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProcessError {
    /// The program is not installed.
    #[error("`{program}` was not found on PATH; install it, on Debian or Ubuntu with: apt-get install {package}")]
    Missing {
        /// The program.
        program: String,
        /// The package that holds it on Debian and Ubuntu.
        package: String,
    },
    /// It could not be started.
    #[error("`{program}` could not be started: {reason}")]
    Start {
        /// The program.
        program: String,
        /// What the system said.
        reason: String,
    },
    /// It ended with a code other than 0, or by a signal.
    #[error("`{program}` failed ({what}){}", tail(.stderr))]
    Failed {
        /// The program.
        program: String,
        /// Such as `exit code 1` or `signal 9`.
        what: String,
        /// The end of its standard error.
        stderr: String,
    },
    /// It ran past its deadline and was killed.
    #[error("`{program}` did not end within {} s and was stopped{}", .deadline.as_secs_f64(), tail(.stderr))]
    Deadline {
        /// The program.
        program: String,
        /// How long it was given.
        deadline: Duration,
        /// The end of its standard error.
        stderr: String,
    },
    /// It wrote more than the invocation allows and was killed.
    #[error("`{program}` wrote more than {cap} bytes and was stopped")]
    TooMuch {
        /// The program.
        program: String,
        /// The cap in bytes.
        cap: usize,
    },
    /// A pipe to it broke while it was still wanted.
    #[error("the pipe to `{program}` broke: {reason}{}", tail(.stderr))]
    Pipe {
        /// The program.
        program: String,
        /// What the system said.
        reason: String,
        /// The end of its standard error.
        stderr: String,
    },
    /// A scripted twin was asked for something its script does not hold.
    #[error("not in the script: {0}")]
    Unscripted(String),
}

/// The last lines of a tool's standard error, for a message.
fn tail(stderr: &str) -> String {
    let lines: Vec<&str> = stderr.lines().filter(|l| !l.trim().is_empty()).collect();
    let last = lines[lines.len().saturating_sub(6)..].join(" | ");
    if last.is_empty() { String::new() } else { format!(": {last}") }
}

/// A program that was found on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tool {
    name: String,
    path: PathBuf,
}

impl Tool {
    /// Looks a program up on `PATH`. The package that holds it is taken to have its name.
    pub fn find(name: &str) -> Result<Self, ProcessError> {
        Self::find_packaged(name, name)
    }

    /// Looks a program up on `PATH`; a miss names the package to install.
    pub fn find_packaged(name: &str, package: &str) -> Result<Self, ProcessError> {
        Self::find_in(name, package, &std::env::var_os("PATH").unwrap_or_default())
    }

    /// Looks a program up in the directories of `path_list`, a text in the form of `PATH`.
    pub fn find_in(name: &str, package: &str, path_list: &OsStr) -> Result<Self, ProcessError> {
        use std::os::unix::fs::PermissionsExt;
        let runs = |p: &PathBuf| std::fs::metadata(p).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0);
        let missing = || ProcessError::Missing { program: name.to_owned(), package: package.to_owned() };
        if name.is_empty() || name.contains('/') {
            return Err(missing());
        }
        let found = std::env::split_paths(path_list).filter(|d| d.is_absolute()).map(|d| d.join(name)).find(runs);
        found.map(|path| Self { name: name.to_owned(), path }).ok_or_else(missing)
    }

    /// This very program.
    pub fn ourselves() -> Result<Self, ProcessError> {
        let path = std::env::current_exe();
        let path = path.map_err(|e| ProcessError::Start { program: "this program".into(), reason: e.to_string() })?;
        let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        Ok(Self { name, path })
    }

    /// A tool that no one looks up, for [`Scripted`].
    pub fn scripted(name: &str) -> Self {
        Self { name: name.to_owned(), path: PathBuf::from(name) }
    }

    /// The name it was looked up by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// What a child process is asked to do.
#[derive(Clone, PartialEq, Eq)]
pub struct Invocation {
    /// The program.
    pub tool: Tool,
    /// Its arguments, one an element; nothing splits or expands them.
    pub args: Vec<OsString>,
    /// What it reads; null when absent. [`System::start`] ignores it when it hands the pipe to the caller.
    pub stdin: Option<Vec<u8>>,
    /// Where it starts; our own directory when absent.
    pub current_dir: Option<PathBuf>,
    /// Environment variables beside the fixed ones.
    pub env: Vec<(String, OsString)>,
    /// Whether it may see `HOME`.
    pub home: bool,
    /// Whether it sees all that we see, as when a person starts it: for [`Tool::ourselves`].
    pub whole_env: bool,
    /// What its captured standard output may hold, in bytes.
    pub stdout_cap: usize,
    /// How long it may run.
    pub deadline: Duration,
    /// How much memory it may address, in bytes; unlimited when absent.
    pub memory: Option<u64>,
}

impl Invocation {
    /// An invocation without arguments.
    pub fn new(tool: &Tool) -> Self {
        Self {
            tool: tool.clone(),
            args: Vec::new(),
            stdin: None,
            current_dir: None,
            env: Vec::new(),
            home: false,
            whole_env: false,
            stdout_cap: STDOUT_CAP,
            deadline: DEADLINE,
            memory: None,
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Gives it bytes to read.
    #[must_use]
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(bytes.into());
        self
    }

    /// Starts it in a directory.
    #[must_use]
    pub fn current_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.current_dir = Some(dir.into());
        self
    }

    /// Adds an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.env.push((name.to_owned(), value.into()));
        self
    }

    /// Lets it see `HOME`.
    #[must_use]
    pub fn home(mut self) -> Self {
        self.home = true;
        self
    }

    /// Lets it see our whole environment.
    #[must_use]
    pub fn whole_env(mut self) -> Self {
        self.whole_env = true;
        self
    }

    /// Caps its captured standard output, in bytes.
    #[must_use]
    pub fn stdout_cap(mut self, bytes: usize) -> Self {
        self.stdout_cap = bytes;
        self
    }

    /// Limits how long it may run.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Limits how much memory it may address, in bytes.
    #[must_use]
    pub fn memory(mut self, bytes: u64) -> Self {
        self.memory = Some(bytes);
        self
    }
}

impl fmt::Debug for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.tool.name, self.args)
    }
}

/// What a child process that ended with code 0 gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// Its standard output; empty when the caller read the pipe.
    pub stdout: Vec<u8>,
    /// The end of its standard error, at most [`STDERR_KEPT`] bytes.
    pub stderr: String,
}

/// Something that runs invocations: [`System`], or [`Scripted`] in tests.
pub trait Runner: Send + Sync {
    /// Runs an invocation to its end.
    fn run(&self, invocation: Invocation) -> Result<Output, ProcessError>;
}

/// Real child processes.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

/// Which pipes of a started child the caller holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pipes {
    /// The caller writes what it reads; its output is captured.
    Feed,
    /// The caller reads its output; it reads what the invocation gives it.
    Read,
    /// Both. The caller must not write so much before reading that both sides wait.
    Both,
}

impl Runner for System {
    fn run(&self, invocation: Invocation) -> Result<Output, ProcessError> {
        Running::start(invocation, false, false, None)?.finish()
    }
}

impl System {
    /// Starts an invocation whose pipes the caller holds: raw video in or out.
    pub fn start(&self, invocation: Invocation, pipes: Pipes) -> Result<Running, ProcessError> {
        Running::start(invocation, pipes != Pipes::Read, pipes != Pipes::Feed, None)
    }

    /// Starts an invocation whose standard output the caller reads; `heard` is given each line of its standard error.
    pub fn start_heard(&self, invocation: Invocation, heard: Heard) -> Result<Running, ProcessError> {
        Running::start(invocation, false, true, Some(heard))
    }
}

/// Who is given the lines of a child's standard error.
pub type Heard = Box<dyn FnMut(&str) + Send>;

/// Asks a child to stop, from another thread than the one that waits for it. Does nothing once the child has ended.
#[derive(Clone)]
pub struct Stopper {
    group: Option<Pid>,
    watch: Shared,
}

impl Stopper {
    /// As Ctrl-C would: the child alone is asked, and tidies up by itself.
    pub fn interrupt(&self) {
        if let (Some(child), false) = (self.group, lock(&self.watch).reaped) {
            let _ = kill_process(child, Signal::INT);
        }
    }

    /// The child and its group end at once.
    pub fn kill(&self) {
        if !lock(&self.watch).reaped {
            kill_group(self.group);
        }
    }
}

/// Where a child stands, shared with the thread that watches its deadline.
#[derive(Default)]
struct Watch {
    /// The child has been reaped: its id may belong to someone else now.
    reaped: bool,
    /// The deadline has passed.
    late: bool,
    /// The cap has been passed.
    too_much: bool,
}

type Shared = Arc<(Mutex<Watch>, Condvar)>;

fn lock(shared: &Shared) -> MutexGuard<'_, Watch> {
    shared.0.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A child that runs. Dropping it kills it.
pub struct Running {
    program: String,
    deadline: Duration,
    cap: usize,
    child: Child,
    group: Option<Pid>,
    watch: Shared,
    stdin: Option<ChildStdin>,
    stdout: Option<ChildStdout>,
    threads: Vec<JoinHandle<()>>,
    out: Option<JoinHandle<Vec<u8>>>,
    err: Option<JoinHandle<Vec<u8>>>,
    finished: bool,
}

/// Lets a pipe that carries frames hold [`PIPE`] bytes, so that both sides switch less often. Where that is refused it
/// stays as it is.
fn widen(pipe: &impl std::os::fd::AsFd) {
    #[cfg(target_os = "linux")]
    let _ = fcntl_setpipe_size(pipe, PIPE);
    #[cfg(not(target_os = "linux"))]
    let _ = pipe;
}

impl Running {
    fn start(invocation: Invocation, feed: bool, read: bool, heard: Option<Heard>) -> Result<Self, ProcessError> {
        let program = invocation.tool.name.clone();
        #[allow(clippy::disallowed_methods, reason = "this is the one place where a child process is started")]
        let mut command = Command::new(&invocation.tool.path);
        command.args(&invocation.args).process_group(0);
        if !invocation.whole_env {
            command.env_clear().env("LC_ALL", "C").env("TZ", "UTC");
            for name in ["PATH"].into_iter().chain(invocation.home.then_some("HOME")) {
                if let Some(value) = std::env::var_os(name) {
                    command.env(name, value);
                }
            }
        }
        command.envs(invocation.env.iter().map(|(k, v)| (k, v)));
        if let Some(dir) = &invocation.current_dir {
            command.current_dir(dir);
        }
        let has_input = feed || invocation.stdin.is_some();
        command.stdin(if has_input { Stdio::piped() } else { Stdio::null() }).stdout(Stdio::piped()).stderr(Stdio::piped());
        reached("process.before_start", &program)?;
        let mut child = command.spawn().map_err(|e| ProcessError::Start { program: program.clone(), reason: e.to_string() })?;
        let group = Pid::from_raw(child.id().cast_signed());
        let (mut stdin, mut stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let watch: Shared = Arc::default();
        let mut running = Self {
            program,
            deadline: invocation.deadline,
            cap: invocation.stdout_cap,
            child,
            group,
            watch: watch.clone(),
            stdin: None,
            stdout: None,
            threads: Vec::new(),
            out: None,
            err: stderr.map(|pipe| std::thread::spawn(move || keep_tail(pipe, heard))),
            finished: false,
        };
        if let Some(bytes) = invocation.memory {
            // Set from outside, an instant after the start: doing it between fork and exec would need unsafe code.
            prlimit(group, Resource::As, Rlimit { current: Some(bytes), maximum: Some(bytes) }).map_err(|e| ProcessError::Start {
                program: running.program.clone(),
                reason: format!("its memory limit could not be set: {e}"),
            })?;
        }
        running.threads.push(std::thread::spawn({
            let (watch, deadline) = (watch.clone(), invocation.deadline);
            move || {
                let guard = lock(&watch);
                let (mut guard, wait) = watch.1.wait_timeout_while(guard, deadline, |w| !w.reaped).unwrap_or_else(PoisonError::into_inner);
                if wait.timed_out() && !guard.reaped {
                    guard.late = true;
                    kill_group(group);
                }
            }
        }));
        if feed {
            running.stdin = stdin.take();
            running.stdin.as_ref().map(widen);
        } else if let (Some(mut pipe), Some(bytes)) = (stdin.take(), invocation.stdin) {
            // A child may end without reading all it was given; its exit code says whether that was well.
            running.threads.push(std::thread::spawn(move || drop(pipe.write_all(&bytes))));
        }
        if read {
            running.stdout = stdout.take();
            running.stdout.as_ref().map(widen);
        } else if let Some(pipe) = stdout.take() {
            let cap = invocation.stdout_cap;
            running.out = Some(std::thread::spawn(move || keep_capped(pipe, cap, &watch, group)));
        }
        reached("process.started", &running.program)?;
        Ok(running)
    }

    /// What asks it to stop.
    pub fn stopper(&self) -> Stopper {
        Stopper { group: self.group, watch: self.watch.clone() }
    }

    /// Waits for its end. A standard output that the caller holds and has not read to its end is closed first.
    pub fn finish(mut self) -> Result<Output, ProcessError> {
        let result = self.end(false);
        self.finished = true;
        result
    }

    /// What went wrong with a pipe: the child's own failure if it has one, else the broken pipe.
    pub fn broken(mut self, error: &io::Error) -> ProcessError {
        let reason = error.to_string();
        let program = self.program.clone();
        self.finished = true;
        match self.end(true) {
            Err(ProcessError::Failed { what, stderr, .. }) if what == format!("signal {}", Signal::KILL.as_raw()) => {
                ProcessError::Pipe { program, reason, stderr }
            }
            Err(own) => own,
            Ok(out) => ProcessError::Pipe { program, reason, stderr: out.stderr },
        }
    }

    fn end(&mut self, abandon: bool) -> Result<Output, ProcessError> {
        self.stdin = None;
        self.stdout = None;
        if abandon {
            // A child whose pipe broke is ending by itself; one that is not is killed a moment later.
            let runs = |pid| {
                let how = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
                matches!(waitid(WaitId::Pid(pid), how), Ok(None))
            };
            for _ in 0..40 {
                if !self.group.is_some_and(runs) {
                    break;
                }
                std::thread::sleep(Duration::from_millis(5));
            }
            kill_group(self.group);
        }
        if let Some(pid) = self.group {
            // Wait without reaping, so that the group's id stays ours until nothing of the group is left.
            while matches!(waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT), Err(rustix::io::Errno::INTR)) {}
        }
        let status = {
            let mut watch = lock(&self.watch);
            kill_group(self.group);
            let status = self.child.wait();
            watch.reaped = true;
            self.watch.1.notify_all();
            status
        };
        for thread in self.threads.drain(..) {
            drop(thread.join());
        }
        let stdout = self.out.take().and_then(|t| t.join().ok()).unwrap_or_default();
        let stderr = self.err.take().and_then(|t| t.join().ok()).unwrap_or_default();
        let stderr = String::from_utf8_lossy(&stderr).into_owned();
        let program = self.program.clone();
        let watch = lock(&self.watch);
        let status = status.map_err(|e| ProcessError::Start { program: program.clone(), reason: e.to_string() })?;
        if watch.too_much {
            Err(ProcessError::TooMuch { program, cap: self.cap })
        } else if watch.late {
            Err(ProcessError::Deadline { program, deadline: self.deadline, stderr })
        } else if status.success() {
            reached("process.ended", &program)?;
            Ok(Output { stdout, stderr })
        } else {
            let what = match (status.code(), status.signal()) {
                (Some(code), _) => format!("exit code {code}"),
                (None, Some(signal)) => format!("signal {signal}"),
                (None, None) => status.to_string(),
            };
            Err(ProcessError::Failed { program, what, stderr })
        }
    }
}

impl Write for Running {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stdin.as_mut().ok_or(io::ErrorKind::BrokenPipe)?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Running {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.stdout.as_mut().ok_or(io::ErrorKind::BrokenPipe)?.read(bytes)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.finished {
            kill_group(self.group);
            drop(self.end(false));
        }
    }
}

/// A failpoint on the way of a child.
fn reached(point: &str, program: &str) -> Result<(), ProcessError> {
    let stopped = |e: Injected| ProcessError::Start { program: program.to_owned(), reason: e.to_string() };
    failpoint::global().hit_at(point, program).map_err(stopped)
}

/// Kills a group that its leader has not been reaped from. A group that has ended is no error.
fn kill_group(group: Option<Pid>) {
    if let Some(group) = group {
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// The longest line that is handed on, in bytes; the rest of it is a line of its own.
const LINE: usize = 8 * 1024;

/// Reads a pipe to its end, hands its lines on, and keeps the last [`STDERR_KEPT`] bytes.
fn keep_tail(mut pipe: ChildStderr, mut heard: Option<Heard>) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut chunk = [0_u8; 4096];
    let mut line = Vec::new();
    while let Ok(n) = pipe.read(&mut chunk) {
        if n == 0 {
            break;
        }
        if let Some(heard) = &mut heard {
            for &byte in &chunk[..n] {
                if byte == b'\n' || line.len() >= LINE {
                    heard(&String::from_utf8_lossy(&line));
                    line.clear();
                }
                if byte != b'\n' {
                    line.push(byte);
                }
            }
        }
        kept.extend_from_slice(&chunk[..n]);
        if kept.len() > 2 * STDERR_KEPT {
            kept.drain(..kept.len() - STDERR_KEPT);
        }
    }
    let excess = kept.len().saturating_sub(STDERR_KEPT);
    kept.drain(..excess);
    kept
}

/// Reads a pipe to its end; kills the child when it says more than it may.
fn keep_capped(mut pipe: ChildStdout, cap: usize, watch: &Shared, group: Option<Pid>) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut chunk = vec![0_u8; 64 * 1024];
    while let Ok(n) = pipe.read(&mut chunk) {
        if n == 0 {
            break;
        }
        if kept.len() + n > cap {
            let mut watch = lock(watch);
            watch.too_much = true;
            if !watch.reaped {
                kill_group(group);
            }
            break;
        }
        kept.extend_from_slice(&chunk[..n]);
    }
    kept
}

/// A twin of [`System`] that answers from a script, in order, and remembers what it was asked.
#[derive(Default)]
pub struct Scripted {
    script: Mutex<VecDeque<(String, Result<Output, ProcessError>)>>,
    asked: Mutex<Vec<Invocation>>,
}

impl Scripted {
    /// An empty script.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next answer, for an invocation of `program`.
    #[must_use]
    pub fn then(self, program: &str, answer: Result<Output, ProcessError>) -> Self {
        self.script.lock().unwrap_or_else(PoisonError::into_inner).push_back((program.to_owned(), answer));
        self
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Invocation> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Runner for Scripted {
    fn run(&self, invocation: Invocation) -> Result<Output, ProcessError> {
        let next = self.script.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let asked = format!("{invocation:?}");
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(invocation.clone());
        match next {
            Some((program, answer)) if program == invocation.tool.name => answer,
            Some((program, _)) => Err(ProcessError::Unscripted(format!("{asked}; expected `{program}`"))),
            None => Err(ProcessError::Unscripted(asked)),
        }
    }
}

#[cfg(test)]
mod tests;
