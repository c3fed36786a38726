//! Approval points: where a person must say yes.
//!
//! A yes is about content, not about a run: who has said yes to a diff is not asked about that diff again, in no run, however
//! long ago it was. A no stands in the same way, until the content is another one or somebody says yes.

use std::io::{BufRead, IsTerminal, Write};
use std::sync::Arc;

use contracts::{Hash, Id, run::Approval};
use registry::Registry;
use serde_json::json;

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
        let mut txn = self.registry.begin();
        txn.review_ask(&self.run, point, subject, what);
        txn.event(Some(&self.run), "review_requested", json!({"point": point, "subject": subject, "what": what}));
        self.runtime.block_on(txn.commit()).map_err(Failure::damaged)?;
        Err(Failure::approval(point, what, &self.run, self.request.argv(""), self.request.look()))
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
