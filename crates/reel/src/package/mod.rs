//! A client's RenderPackage: read, checked whole before any work, rendered once, and answered (002-21). The way from plan to
//! film is the one an episode takes; nothing of a story is read.

mod answer;
mod check;
mod film;
mod media;
mod read;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use contracts::{
    Id,
    package::{RenderFault, RenderResponse, RenderStatus},
};
use kit::Timestamp;
use registry::Claim;

use crate::{
    failure::{Failure, exit},
    progress::Progress,
    shop::{Home, tenant},
};
pub use answer::copy_out;
use read::{Asked, Refused};

/// How long an answer is kept under its key, in days. Then the key is free again.
pub const ANSWER_DAYS: i64 = 30;
/// How often somebody who waits for another process looks again.
const LOOK: Duration = Duration::from_millis(200);

/// Where the package stands, and how it is to be rendered.
pub struct Order {
    /// The package; none for standard input.
    pub file: Option<PathBuf>,
    /// Steps at a time.
    pub jobs: Option<usize>,
    /// Whether to wait while another process is at the same request.
    pub wait: bool,
    /// Where copies of the outputs go.
    pub out: Option<PathBuf>,
}

/// What a client hears.
pub struct Answer {
    /// In the words of the contract.
    pub response: RenderResponse,
    /// Exit code.
    pub exit: u8,
    /// The run that did the work, where one did in this call.
    pub run: Option<Id>,
    /// Whether it was answered from the registry.
    pub replayed: bool,
}

impl Answer {
    fn refused(request_id: &str, refused: Refused) -> Self {
        let mut response = failed(request_id);
        response.errors = refused.faults;
        Self { response, exit: refused.exit, run: None, replayed: false }
    }

    fn of_failure(request_id: &str, stage: &str, failure: &Failure) -> Self {
        let mut response = failed(request_id);
        response.errors.push(fault_of(stage, failure));
        Self { response, exit: failure.exit, run: failure.run.as_deref().cloned(), replayed: false }
    }
}

/// A response without a film.
fn failed(request_id: &str) -> RenderResponse {
    RenderResponse {
        request_id: request_id.to_owned(),
        status: RenderStatus::Failed,
        artifact_uris: Default::default(),
        lineage_hashes: Default::default(),
        run_summary: None,
        errors: Vec::new(),
        notes: Vec::new(),
    }
}

/// A failure in the words of the contract. What a gate or a reader refused will be refused again.
fn fault_of(stage: &str, failure: &Failure) -> RenderFault {
    let recoverable = !matches!(failure.exit, exit::BLOCKED | exit::USAGE | exit::PROJECT);
    let message = format!("{}: {}", failure.message, failure.hint);
    RenderFault { code: failure.code.to_owned(), message, stage: stage.to_owned(), recoverable }
}

/// Does what a package asks, or answers what was answered before. Everything a client must hear is in the answer.
pub fn render(order: &Order) -> Answer {
    let (asked, root) = match read::request(order.file.as_deref()) {
        Ok(read) => read,
        Err(refused) => return Answer::refused(&refused.request_id.clone(), refused),
    };
    let id = asked.package.request_id.clone();
    let home = match Home::open() {
        Ok(home) => home,
        Err(failure) => return Answer::of_failure(&id, "request", &failure),
    };
    let answer = with_home(order, asked, root.as_deref(), &home).unwrap_or_else(|failure| Answer::of_failure(&id, "request", &failure));
    home.make_room();
    home.close();
    answer
}

fn with_home(order: &Order, asked: Asked, root: Option<&std::path::Path>, home: &Home) -> Result<Answer, Failure> {
    let id = asked.package.request_id.clone();
    let inputs = match read::inputs(asked, root, home) {
        Ok(inputs) => inputs,
        Err(refused) => return Ok(Answer::refused(&id, refused)),
    };
    let key = &inputs.package.idempotency_key;
    let known = home.runtime.block_on(home.registry.request(&tenant(), key)).map_err(Failure::damaged)?;
    if let Some(answer) = known.and_then(|claim| answered(home, &inputs, claim).transpose()).transpose()? {
        return Ok(answer);
    }
    let ready = match check::all(home, &inputs, root) {
        Ok(ready) => ready,
        Err(refused) => return Ok(Answer::refused(&id, refused)),
    };
    loop {
        let mut txn = home.registry.begin();
        txn.request_claim(&tenant(), key, &inputs.body);
        let claim = home.runtime.block_on(txn.commit()).map_err(Failure::damaged)?.claims.pop();
        let claim = claim.ok_or_else(|| Failure::internal("a claim without an answer"))?;
        if claim == Claim::Mine {
            break;
        }
        if let Some(answer) = answered(home, &inputs, claim)? {
            return Ok(answer);
        }
        if !order.wait {
            let mut response = failed(&id);
            response.status = RenderStatus::InProgress;
            response.notes.push("another process is at this request: ask again under the same idempotency_key".into());
            return Ok(Answer { response, exit: 0, run: None, replayed: false });
        }
        if home.stopped() {
            return Err(Failure::interrupted());
        }
        home.runtime.block_on(async { tokio::time::sleep(LOOK).await });
        home.runtime.block_on(home.registry.declare_lost()).map_err(Failure::damaged)?;
    }
    let (answer, stage) = film::render(home, order, &inputs, &ready, Arc::new(Progress::new()));
    settle(home, key, &answer).map_err(|failure| {
        let run = answer.run.clone();
        run.map_or(Failure::internal(format!("{stage}: {}", failure.message)), |run| failure.of_run(&run))
    })?;
    Ok(answer)
}

/// What was answered before, or that something else was asked under this key; nothing when a process is still at it.
fn answered(home: &Home, inputs: &read::Inputs, claim: Claim) -> Result<Option<Answer>, Failure> {
    let request_id = &inputs.package.request_id;
    let (body, response) = match claim {
        Claim::Mine => return Ok(None),
        Claim::Held { body, .. } => (body, None),
        Claim::Answered { body, response } => (body, Some(response)),
    };
    if body != inputs.body {
        let message = format!(
            "the idempotency_key `{}` was used for another request: nothing was done. Send this one under a key of its own, or send the first again as it was",
            inputs.package.idempotency_key
        );
        let fault = read::fault("package.conflict", "request", message, false);
        return Ok(Some(Answer::refused(request_id, Refused { request_id: request_id.clone(), faults: vec![fault], exit: exit::USAGE })));
    }
    let Some(response) = response else { return Ok(None) };
    let mut response: RenderResponse = home.registry.artifact(&response).map_err(Failure::damaged)?;
    response.request_id.clone_from(request_id);
    let exit = answer::exit_of(&response);
    Ok(Some(Answer { response, exit, run: None, replayed: true }))
}

/// Keeps the answer under its key; gives the key back when the same request may succeed later.
fn settle(home: &Home, key: &str, answer: &Answer) -> Result<(), Failure> {
    let mut txn = home.registry.begin();
    if answer.response.errors.iter().any(|e| e.recoverable) {
        txn.request_release(&tenant(), key);
    } else {
        let origin = registry::Origin { run: answer.run.clone(), step: None };
        let kept = txn.put_document(&tenant(), &answer.response, origin).map_err(Failure::damaged)?;
        let expires = Timestamp(home.registry.clock().now_utc().ms() + ANSWER_DAYS * 86_400_000);
        txn.request_answer(&tenant(), key, &kept.hash, expires);
    }
    home.runtime.block_on(txn.commit()).map(drop).map_err(Failure::damaged)
}
