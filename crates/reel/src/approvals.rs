//! Approval points: where a person must say yes.

use std::sync::Arc;

use contracts::{Hash, run::Approval};

use crate::{failure::Failure, produce::Request};

/// Approval points: a yes is recorded by name and time; without one the run stops here.
pub struct Approvals<'a> {
    pub clock: Arc<dyn kit::Clock>,
    pub request: &'a Request,
    pub given: &'a mut Vec<Approval>,
}

impl Approvals<'_> {
    /// Asks for a yes about `subject`; nothing is asked where the project wants no question.
    pub fn ask(&mut self, point: &str, asked: bool, subject: &Hash, what: &str) -> Result<(), Failure> {
        // A look accepts and spends nothing: there is nothing to say yes to.
        if !asked || self.request.look {
            return Ok(());
        }
        if !self.request.yes {
            return Err(Failure::approval(point, what, self.request.argv("--yes"), self.request.look()));
        }
        let approver = ["USER", "LOGNAME"]
            .iter()
            .find_map(|v| std::env::var(v).ok())
            .filter(|u| !u.is_empty())
            .unwrap_or_else(|| "unnamed user".into());
        self.given.push(Approval {
            point: point.to_owned(),
            approver,
            at: self.clock.now_utc().rfc3339(),
            subject: subject.clone(),
            approved: true,
            notes: Some("given by --yes".into()),
        });
        Ok(())
    }
}
