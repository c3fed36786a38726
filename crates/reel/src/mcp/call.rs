//! One call: the same command that a person types, run as a child of the server. So Ctrl-C is what it always was, a fault
//! of a call cannot end the server, and the server stays as small as it began.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kit::process::{Heard, Invocation, ProcessError, Stopper, System, Tool};
use serde_json::Value;

use crate::failure::Failure;

/// How many calls may be on their way at once; more are refused, and may be repeated.
const MOST: usize = 32;
/// The most bytes of an answer's JSON.
const MAX_ANSWER: usize = 8 << 20;
/// How long a call may take: films take hours, not weeks.
const DEADLINE: Duration = Duration::from_hours(7 * 24);
/// How long calls may take to end by themselves when the server ends.
const GRACE: Duration = Duration::from_secs(20);

/// What a command answered.
pub struct Answer {
    /// Whether it ended with exit code 0.
    pub well: bool,
    /// What it printed.
    pub json: Value,
}

/// The calls that are on their way.
pub struct Calls {
    ourselves: Tool,
    dir: Option<PathBuf>,
    running: Mutex<Running>,
    ended: Condvar,
}

#[derive(Default)]
struct Running {
    next: u64,
    /// Nothing new starts.
    closed: bool,
    calls: BTreeMap<u64, Call>,
}

/// A call that is on its way.
#[derive(Default)]
struct Call {
    /// Once its command has started.
    stopper: Option<Stopper>,
    /// Somebody asked it to stop.
    unwanted: bool,
}

impl Call {
    fn interrupt(&mut self) {
        self.unwanted = true;
        if let Some(stopper) = &self.stopper {
            stopper.interrupt();
        }
    }
}

/// A place among the calls that are on their way; given back when it is dropped.
pub struct Seat {
    calls: Arc<Calls>,
    /// Its number, for [`Calls::interrupt`].
    pub number: u64,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.calls.running().calls.remove(&self.number);
        self.calls.ended.notify_all();
    }
}

impl Seat {
    /// Runs a command to its end. Its last line is its answer; `told` is given each line before it, and `heard` what it says
    /// on standard error.
    ///
    /// # Errors
    /// When it could not be run, or what it printed is no answer.
    pub fn run(&self, argv: Vec<String>, heard: Heard, told: &mut dyn FnMut(&[u8])) -> Result<Answer, Failure> {
        let calls = &self.calls;
        let mut invocation = Invocation::new(&calls.ourselves).args(argv).whole_env().deadline(DEADLINE);
        invocation.current_dir.clone_from(&calls.dir);
        let mut child = System.start_heard(invocation, heard).map_err(Failure::internal)?;
        let stopper = child.stopper();
        if let Some(call) = calls.running().calls.get_mut(&self.number) {
            call.stopper = Some(stopper.clone());
            if call.unwanted {
                call.interrupt();
            }
        }
        let last = match last_line(&mut child, told) {
            Ok(Some(line)) => line,
            Ok(None) => {
                // It may be writing still, and nobody listens.
                stopper.kill();
                drop(child.finish());
                return Err(Failure::too_much(MAX_ANSWER));
            }
            Err(error) => return Err(Failure::internal(child.broken(&error))),
        };
        let well = match child.finish() {
            Ok(_) => true,
            Err(ProcessError::Failed { what, stderr, .. }) if last.is_empty() => {
                let said = stderr.lines().last().unwrap_or_default();
                return Err(Failure::internal(format!("the command ended without an answer ({what}): {said}")));
            }
            Err(ProcessError::Failed { .. }) => false,
            Err(error) => return Err(Failure::internal(error)),
        };
        let json = serde_json::from_slice(&last).map_err(|e| Failure::internal(format!("the command's answer is no JSON: {e}")))?;
        Ok(Answer { well, json })
    }
}

/// Reads lines to the end and gives back the last one; `None` when one is longer than an answer may be.
fn last_line(input: &mut dyn Read, told: &mut dyn FnMut(&[u8])) -> std::io::Result<Option<Vec<u8>>> {
    let mut input = BufReader::new(input);
    let mut last = Vec::new();
    loop {
        let mut line = Vec::new();
        (&mut input).take(MAX_ANSWER as u64 + 1).read_until(b'\n', &mut line)?;
        if line.len() > MAX_ANSWER {
            return Ok(None);
        }
        if line.is_empty() {
            return Ok(Some(last));
        }
        if !last.is_empty() {
            told(&last);
        }
        last = line;
    }
}

impl Calls {
    /// `dir` is where commands start; our own folder when absent.
    pub fn new(ourselves: Tool, dir: Option<PathBuf>) -> Self {
        Self { ourselves, dir, running: Mutex::default(), ended: Condvar::new() }
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for one more call.
    ///
    /// # Errors
    /// When too many are on their way, or the server is ending.
    pub fn seat(self: &Arc<Self>) -> Result<Seat, Failure> {
        let mut running = self.running();
        if running.closed {
            return Err(Failure::interrupted());
        }
        if running.calls.len() >= MOST {
            return Err(Failure::crowded(MOST));
        }
        let number = running.next;
        running.next += 1;
        running.calls.insert(number, Call::default());
        Ok(Seat { calls: Arc::clone(self), number })
    }

    /// Asks a call to stop, as Ctrl-C would.
    pub fn interrupt(&self, number: u64) {
        if let Some(call) = self.running().calls.get_mut(&number) {
            call.interrupt();
        }
    }

    /// Stops what is on its way, waits for it, and in the end no longer.
    pub fn end(&self) {
        let mut running = self.running();
        running.closed = true;
        running.calls.values_mut().for_each(Call::interrupt);
        let waited = self.ended.wait_timeout_while(running, GRACE, |r| !r.calls.is_empty());
        let (running, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let late: Vec<Stopper> = running.calls.values().filter_map(|call| call.stopper.clone()).collect();
        drop(running);
        for stopper in late {
            stopper.kill();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_is_the_answer_and_no_line_is_endless() {
        let mut before = Vec::new();
        let mut read = |bytes: &[u8]| last_line(&mut &bytes[..], &mut |line| before.push(line.len())).expect("reads");
        assert_eq!(read(b""), Some(Vec::new()));
        assert_eq!(read(b"{}\n"), Some(b"{}\n".to_vec()));
        assert_eq!(read(b"one\ntwo\nlast"), Some(b"last".to_vec()));
        assert_eq!(read(&vec![b'x'; MAX_ANSWER + 2]), None);
        assert_eq!(before, [4, 4]);
    }

    #[test]
    fn seats_are_counted_and_none_is_given_at_the_end() {
        let calls = Arc::new(Calls::new(Tool::scripted("reel"), None));
        let mut seats: Vec<Seat> = (0..MOST).map(|_| calls.seat().expect("a seat")).collect();
        assert_eq!(calls.seat().err().map(|f| f.code), Some("call.crowded"));
        seats.pop();
        assert!(calls.seat().is_ok());
        drop(seats);
        calls.end();
        assert_eq!(calls.seat().err().map(|f| f.code), Some("run.interrupted"));
    }
}
