//! Approval points: where a person must say yes.
//!
//! A yes is about content, not about a run: who has said yes to a diff is not asked about that diff again, in no run, however
//! long ago it was. A no stands in the same way, until the content is another one or somebody says yes.

use std::io::{BufRead, IsTerminal, Write};
use std::sync::Arc;
use std::time::Duration;

use contracts::{Hash, Id, run::Approval};
use kit::egress::{Endpoint, Limits};
use registry::Registry;
use serde_json::{Value, json};

use crate::{failure::Failure, produce::Request, shop::tenant};

/// A yes is recorded by name and time; without one the run stops here, and says how to go on.
pub struct Approvals<'a> {
    pub registry: Registry,
    pub runtime: Arc<tokio::runtime::Runtime>,
    /// The run that asks.
    pub run: Id,
    pub request: &'a Request,
    pub given: &'a mut Vec<Approval>,
    /// Points at which a run would wait, for one that only looks ahead.
    pub ahead: Vec<(String, String)>,
}

/// Names the address that is told when a person is asked.
pub const WEBHOOK: &str = "REELWRIGHT_REVIEW_WEBHOOK";

/// What telling it may take.
const LIMITS: Limits = Limits { deadline: Duration::from_secs(10), answer: 64 * 1024 };

/// Posts a question to an address; says to which host it went, or why it did not. The address itself may be a secret: it is never
/// repeated.
fn post(url: &str, question: &Value) -> Result<String, String> {
    let hook = Endpoint::hook(url).map_err(|e| e.to_string())?;
    let answer = hook.post("", "application/json", question.to_string().as_bytes(), LIMITS).map_err(|e| e.to_string())?;
    match answer.status {
        200..300 => Ok(hook.authority()),
        status => Err(format!("{} answered with the status {status}", hook.authority())),
    }
}

/// Who decides: the name of this session's user.
pub fn approver() -> String {
    let names = ["USER", "LOGNAME"].iter().find_map(|v| std::env::var(v).ok()).filter(|u| !u.is_empty());
    names.unwrap_or_else(|| "unnamed user".into())
}

impl Approvals<'_> {
    /// Asks for a yes about `subject`; nothing is asked where the project wants no question.
    pub fn ask(&mut self, point: &str, asked: bool, subject: &Hash, what: &str) -> Result<(), Failure> {
        // A look accepts and spends nothing: there is nothing to say yes to.
        if !asked || self.request.look && !self.request.plan {
            return Ok(());
        }
        let decided = self.runtime.block_on(self.registry.decided(&tenant(), point, subject)).map_err(Failure::damaged)?;
        match decided {
            Some((_, yes)) if yes.approved => {
                self.given.push(yes);
                return Ok(());
            }
            // A look ahead asks nobody and records nothing: it says where the run would wait.
            _ if self.request.plan => {
                self.ahead.extend((!self.request.yes).then(|| (point.to_owned(), what.to_owned())));
                return Ok(());
            }
            _ if self.request.yes => {
                return self.say(point, subject, "given by --yes");
            }
            Some((_, no)) => return Err(Failure::rejected(point, what, &no, self.request.argv("--yes"))),
            None => {}
        }
        if self.request.may_ask && self.say_yes(point, what)? {
            return self.say(point, subject, "given at the terminal");
        }
        let failure = Failure::approval(point, what, &self.run, self.request.argv(""), self.request.look());
        let open = self.runtime.block_on(self.registry.reviews(None)).map_err(Failure::damaged)?;
        let asked = open.iter().any(|review| review.point == point && review.subject == *subject);
        let approve = ["reel", "approve", self.run.as_str(), point];
        let (again, look) = (self.request.again(), self.request.look());
        let json = json!({"point": point, "subject": subject, "what": what, "approve": approve, "again": again, "look": look});
        let mut txn = self.registry.begin();
        txn.review_ask(&self.run, point, subject, what);
        txn.event(Some(&self.run), "review_requested", json.clone());
        self.runtime.block_on(txn.commit()).map_err(Failure::damaged)?;
        if !asked {
            self.call(json)?;
        }
        Err(failure)
    }

    /// Tells whoever the operator of this machine has named that a person is asked. It may fail, and is then recorded and said:
    /// the question stands all the same.
    fn call(&self, mut question: Value) -> Result<(), Failure> {
        let Some(url) = std::env::var_os(WEBHOOK).filter(|v| !v.is_empty()) else { return Ok(()) };
        let row = self.runtime.block_on(self.registry.run(&self.run)).map_err(Failure::damaged)?;
        question["run"] = json!(self.run);
        question["project"] = json!(row.as_ref().map(|row| &row.project));
        question["episode"] = json!(self.request.episode);
        let url = url.to_string_lossy();
        let (kind, json) = match post(&url, &question) {
            Ok(host) => ("review_sent", json!({"point": question["point"], "subject": question["subject"], "host": host})),
            Err(why) => {
                let _ = writeln!(std::io::stderr().lock(), "note: nobody was told by {WEBHOOK}: {why}");
                ("review_not_sent", json!({"point": question["point"], "subject": question["subject"], "why": why}))
            }
        };
        let mut txn = self.registry.begin();
        txn.event(Some(&self.run), kind, json);
        self.runtime.block_on(txn.commit()).map_err(Failure::damaged)?;
        Ok(())
    }

    /// Records a yes, at once: whoever said it is not asked again, even if this run is cut off.
    fn say(&mut self, point: &str, subject: &Hash, notes: &str) -> Result<(), Failure> {
        let yes = Approval {
            point: point.to_owned(),
            approver: approver(),
            at: self.registry.clock().now_utc().rfc3339(),
            subject: subject.clone(),
            approved: true,
            notes: Some(notes.to_owned()),
        };
        let mut txn = self.registry.begin();
        txn.approval(&self.run, yes.clone());
        self.runtime.block_on(txn.commit()).map_err(Failure::damaged)?;
        self.given.push(yes);
        Ok(())
    }

    /// Asks the person at the terminal, if there is one. Anything but a yes is none.
    fn say_yes(&self, point: &str, what: &str) -> Result<bool, Failure> {
        if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
            return Ok(false);
        }
        let mut ask = std::io::stderr().lock();
        let look = self.request.look().join(" ");
        let _ = write!(ask, "\n{point}: {what}\n  look at it with `{look}`\n  yes? [y/N] ");
        let _ = ask.flush();
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer).map_err(Failure::internal)?;
        Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
    }
}
