//! The embedded store: SQLite, and its one writer. Whoever wants to write hands the writer a list of acts and waits; the writer
//! takes all lists that are waiting, applies each (under a savepoint of its own when one is refused), and commits them together,
//! so that ten steps that finish at once cost one flush. No caller ever holds an open transaction, so none can be left behind by
//! a caller that is cancelled. No other module of this crate speaks SQL.
//!
//! The writer has a thread of its own, and a question is asked on one: an act is some statements of some microseconds each, and a
//! way to another thread and back for every statement would cost more than all of them.

mod acts;
mod cells;
mod queue;
mod reads;
mod recall;
mod schema;
mod whole;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use contracts::run::Approval;
use contracts::{Hash, Id};
use futures_util::future::BoxFuture;
use kit::Timestamp;
use rusqlite::{Connection, ErrorCode, OpenFlags, Params, Row};
use tokio::sync::{mpsc, oneshot};
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use crate::RegistryError;
use crate::index::Index;
use crate::op::{Committed, Op};
use crate::rows::{
    ArtifactRow, AttemptRow, Claim, EventRow, Grade, Held, Lineage, RefMove, RefRow, ReviewRow, RunFilter, RunRow, StepRow, WorkerRow,
};
use crate::store::{Answer, Around, Decisions, MemoRow, Moves, Store};
use acts::apply;
pub use recall::{RecallIndex, Remembered};
use schema::{LAYOUT, migrate};

/// At most this many lists in one commit, so that the first of them does not wait for ever.
const GROUP: usize = 64;

/// How long another process may hold the database before a write gives up.
const BUSY: Duration = Duration::from_secs(30);

/// How long until somebody who was refused the database asks for it again.
const AGAIN: Duration = Duration::from_millis(10);

struct Request {
    ops: Vec<Op>,
    durable: bool,
    reply: oneshot::Sender<Result<Committed, RegistryError>>,
}

enum Message {
    Write(Request),
    Close(oneshot::Sender<()>),
}

/// How many statements each connection keeps ready.
const STATEMENTS: usize = 128;

/// A store in an SQLite file, or in memory. Two connections; in memory there is only one, which readers and the writer share.
pub struct SqliteStore {
    reader: Arc<Mutex<Connection>>,
    queue: mpsc::UnboundedSender<Message>,
}

impl SqliteStore {
    /// Opens a database, makes it when it is missing, and brings it to this build's layout. Must be called inside a tokio
    /// runtime, whose threads answer questions. The last drop closes it.
    pub async fn open(path: &Path, around: Around) -> Result<Self, RegistryError> {
        let opened = async {
            let writer = connect(path, false).await?;
            let (writer, layout) = off(move || Ok((migrate(&writer)?, writer))).await.map(|(layout, writer)| (writer, layout))?;
            let reader = connect(path, true).await?;
            Ok((writer, reader, layout))
        };
        let (writer, reader, layout) = opened.await.map_err(|error| match error {
            RegistryError::Database(source) => RegistryError::CannotOpen { path: path.to_owned(), source },
            other => other,
        })?;
        if let Err(found) = layout {
            return Err(RegistryError::NewerDatabase { path: path.to_owned(), found, ours: LAYOUT });
        }
        Self::over(Arc::new(Mutex::new(writer)), Arc::new(Mutex::new(reader)), around)
    }

    /// A database in memory, gone with its last hold.
    pub async fn in_memory(around: Around) -> Result<Self, RegistryError> {
        let conn = ready(Connection::open_in_memory()?)?;
        if let Err(found) = migrate(&conn)? {
            return Err(RegistryError::NewerDatabase { path: ":memory:".into(), found, ours: LAYOUT });
        }
        let conn = Arc::new(Mutex::new(conn));
        Self::over(Arc::clone(&conn), conn, around)
    }

    fn over(writer: Arc<Mutex<Connection>>, reader: Arc<Mutex<Connection>>, around: Around) -> Result<Self, RegistryError> {
        let (queue, inbox) = mpsc::unbounded_channel();
        let thread = std::thread::Builder::new().name("registry".to_owned());
        thread.spawn(move || write_all(writer, inbox, &around)).map_err(RegistryError::io("start the writer of", "registry.sqlite"))?;
        Ok(Self { reader, queue })
    }

    /// Asks the connection for reading, on a thread that may wait. It sees whole commits only.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, RegistryError> + Send + 'static,
    ) -> Result<T, RegistryError> {
        let reader = Arc::clone(&self.reader);
        off(move || question(&hold(&reader))).await
    }
}

/// Does something that may wait on a thread where it may.
async fn off<T: Send + 'static>(what: impl FnOnce() -> Result<T, RegistryError> + Send + 'static) -> Result<T, RegistryError> {
    match spawn_blocking(what).await {
        Ok(result) => result,
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is going away.
            Err(_) => Err(RegistryError::Closed),
        },
    }
}

/// A connection is whole whoever panicked over it: what was open is rolled back.
fn hold(conn: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    conn.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Store for SqliteStore {
    fn commit(&self, ops: Vec<Op>, durable: bool) -> Answer<'_, Committed> {
        Box::pin(async move {
            let (reply, answer) = oneshot::channel();
            self.queue.send(Message::Write(Request { ops, durable, reply })).map_err(|_| RegistryError::Closed)?;
            answer.await.map_err(|_| RegistryError::Closed)?
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let (done, wait) = oneshot::channel();
            if self.queue.send(Message::Close(done)).is_ok() {
                let _ = wait.await;
            }
        })
    }

    fn memos<'a>(&'a self, tenant: &'a Id, keys: &'a [Hash]) -> Answer<'a, Vec<MemoRow>> {
        let (tenant, keys) = (tenant.clone(), keys.to_vec());
        Box::pin(self.ask(move |conn| reads::memos(conn, &tenant, &keys)))
    }

    fn memo_reads<'a>(&'a self, tenant: &'a Id, keys: &'a [Hash]) -> Answer<'a, Vec<(Hash, String)>> {
        let (tenant, keys) = (tenant.clone(), keys.to_vec());
        Box::pin(self.ask(move |conn| reads::memo_reads(conn, &tenant, &keys)))
    }

    fn artifact<'a>(&'a self, tenant: &'a Id, hash: &'a Hash) -> Answer<'a, Option<ArtifactRow>> {
        let (tenant, hash) = (tenant.clone(), hash.clone());
        Box::pin(self.ask(move |conn| reads::artifact(conn, &tenant, &hash)))
    }

    fn lineage<'a>(&'a self, tenant: &'a Id, hash: &'a Hash) -> Answer<'a, Lineage> {
        let (tenant, hash) = (tenant.clone(), hash.clone());
        Box::pin(self.ask(move |conn| reads::lineage(conn, &tenant, &hash)))
    }

    fn get_ref<'a>(&'a self, tenant: &'a Id, name: &'a str) -> Answer<'a, Option<RefRow>> {
        let (tenant, name) = (tenant.clone(), name.to_owned());
        Box::pin(self.ask(move |conn| reads::get_ref(conn, &tenant, &name)))
    }

    fn ref_moves<'a>(&'a self, tenant: &'a Id, of: Moves<'a>) -> Answer<'a, Vec<RefMove>> {
        let (tenant, (sql, which)) = (tenant.clone(), reads::moves(of));
        Box::pin(self.ask(move |conn| reads::ref_moves(conn, &tenant, sql, &which)))
    }

    fn run<'a>(&'a self, id: &'a Id) -> Answer<'a, Option<RunRow>> {
        let id = id.clone();
        Box::pin(self.ask(move |conn| reads::run(conn, &id)))
    }

    fn runs<'a>(&'a self, tenant: &'a Id, filter: &'a RunFilter) -> Answer<'a, Vec<RunRow>> {
        let (tenant, filter) = (tenant.clone(), filter.clone());
        Box::pin(self.ask(move |conn| reads::runs(conn, &tenant, &filter)))
    }

    fn usual_ms<'a>(&'a self, tenant: &'a Id) -> Answer<'a, BTreeMap<String, u64>> {
        let tenant = tenant.clone();
        Box::pin(self.ask(move |conn| reads::usual_ms(conn, &tenant)))
    }

    fn steps<'a>(&'a self, run: &'a Id, names: Option<&'a [&'a str]>) -> Answer<'a, Vec<StepRow>> {
        let (run, names) = (run.clone(), names.map(|names| serde_json::to_string(names).unwrap_or_default()));
        Box::pin(self.ask(move |conn| reads::steps(conn, &run, names.as_deref())))
    }

    fn attempts<'a>(&'a self, run: &'a Id) -> Answer<'a, Vec<AttemptRow>> {
        let run = run.clone();
        Box::pin(self.ask(move |conn| reads::attempts(conn, &run)))
    }

    fn waiting<'a>(&'a self, queue: &'a str, kinds: &'a [(String, u32)]) -> Answer<'a, usize> {
        let (queue, kinds) = (queue.to_owned(), kinds.to_vec());
        Box::pin(self.ask(move |conn| reads::waiting(conn, &queue, &kinds)))
    }

    fn held<'a>(&'a self, not_by: &'a str) -> Answer<'a, Vec<Held>> {
        let not_by = not_by.to_owned();
        Box::pin(self.ask(move |conn| reads::elsewhere(conn, &not_by)))
    }

    fn workers(&self) -> Answer<'_, Vec<WorkerRow>> {
        Box::pin(self.ask(reads::workers))
    }

    fn holders(&self) -> Answer<'_, Vec<String>> {
        Box::pin(self.ask(reads::holders))
    }

    fn events<'a>(&'a self, run: Option<&'a Id>, after: i64, limit: u32) -> Answer<'a, Vec<EventRow>> {
        let run = run.cloned();
        Box::pin(self.ask(move |conn| reads::events(conn, run.as_ref(), after, limit)))
    }

    fn approvals<'a>(&'a self, run: &'a Id) -> Answer<'a, Vec<Approval>> {
        let run = run.clone();
        Box::pin(self.ask(move |conn| reads::approvals(conn, &run)))
    }

    fn decided<'a>(&'a self, tenant: &'a Id, point: &'a str, subject: &'a Hash) -> Answer<'a, Option<(Id, Approval)>> {
        let (tenant, point, subject) = (tenant.clone(), point.to_owned(), subject.clone());
        Box::pin(self.ask(move |conn| reads::decided(conn, &tenant, &point, &subject)))
    }

    fn reviews<'a>(&'a self, run: Option<&'a Id>) -> Answer<'a, Vec<ReviewRow>> {
        let run = run.cloned();
        Box::pin(self.ask(move |conn| reads::reviews(conn, run.as_ref())))
    }

    fn request<'a>(&'a self, tenant: &'a Id, key: &'a str, now: Timestamp) -> Answer<'a, Option<Claim>> {
        let (tenant, key) = (tenant.clone(), key.to_owned());
        Box::pin(self.ask(move |conn| reads::request(conn, &tenant, &key, now)))
    }

    fn index(&self, now: Timestamp) -> Answer<'_, Index> {
        Box::pin(self.ask(move |conn| whole::index(conn, now)))
    }

    fn finished(&self) -> Answer<'_, Vec<(Grade, String)>> {
        Box::pin(self.ask(whole::finished))
    }

    fn decisions(&self) -> Answer<'_, Decisions> {
        Box::pin(self.ask(whole::decisions))
    }

    fn complaints(&self) -> Answer<'_, Vec<String>> {
        Box::pin(self.ask(whole::complaints))
    }
}

/// Addresses as a JSON list, for `json_each`.
fn json_list(hashes: &[Hash]) -> String {
    let quoted: Vec<String> = hashes.iter().map(|h| format!("\"{h}\"")).collect();
    format!("[{}]", quoted.join(","))
}

/// Kinds with their versions, as a JSON list.
fn kind_list(kinds: &[(String, u32)]) -> String {
    let names: Vec<String> = kinds.iter().map(|(kind, version)| format!("{kind} {version}")).collect();
    serde_json::to_string(&names).unwrap_or_default()
}

/// Does one statement, and says how many rows it changed.
fn exec(conn: &Connection, sql: &str, with: impl Params) -> Result<usize, RegistryError> {
    Ok(conn.prepare_cached(sql)?.execute(with)?)
}

/// All rows of a question, each as `cell` reads it.
fn all<T, C: FromIterator<T>>(
    conn: &Connection,
    sql: &str,
    with: impl Params,
    cell: impl FnMut(&Row<'_>) -> Result<T, RegistryError>,
) -> Result<C, RegistryError> {
    conn.prepare_cached(sql)?.query_and_then(with, cell)?.collect()
}

/// The first row of a question, if there is one.
fn first<T>(
    conn: &Connection,
    sql: &str,
    with: impl Params,
    cell: impl FnOnce(&Row<'_>) -> Result<T, RegistryError>,
) -> Result<Option<T>, RegistryError> {
    conn.prepare_cached(sql)?.query(with)?.next()?.map(cell).transpose()
}

/// The row of a question that always has one.
fn one<T>(
    conn: &Connection,
    sql: &str,
    with: impl Params,
    cell: impl FnOnce(&Row<'_>) -> Result<T, RegistryError>,
) -> Result<T, RegistryError> {
    first(conn, sql, with, cell)?.ok_or_else(|| rusqlite::Error::QueryReturnedNoRows.into())
}

/// A connection, also while another process makes the database. The change to a write-ahead log reads and then writes, and SQLite
/// makes nobody wait who has read: of two who change it at one moment, one is refused at once, whatever its timeout.
async fn connect(path: &Path, reads_only: bool) -> Result<Connection, RegistryError> {
    let started = Instant::now();
    loop {
        let path = path.to_owned();
        match off(move || open(&path, reads_only)).await {
            Err(RegistryError::Database(error)) if is_busy(&error) && started.elapsed() < BUSY => tokio::time::sleep(AGAIN).await,
            result => return result,
        }
    }
}

fn open(path: &Path, reads_only: bool) -> Result<Connection, RegistryError> {
    // The path is a path, also where it reads like an address.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = ready(Connection::open_with_flags(path, flags)?)?;
    one::<String>(&conn, "PRAGMA journal_mode = WAL", [], |row| Ok(row.get(0)?))?;
    conn.execute_batch("PRAGMA synchronous = FULL")?;
    if reads_only {
        conn.execute_batch("PRAGMA query_only = ON")?;
    }
    Ok(conn)
}

/// What every connection keeps to.
fn ready(conn: Connection) -> Result<Connection, RegistryError> {
    conn.busy_timeout(BUSY)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    conn.execute_batch("PRAGMA foreign_keys = ON")?;
    Ok(conn)
}

/// Whether SQLite says that another connection holds the database.
fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}

/// What the writer remembers between commits.
struct State {
    /// Whether the connection flushes at a commit.
    full: bool,
    /// Whether this process has leased anything yet.
    leases: bool,
}

/// The writer: lives until the registry is dropped or closed.
fn write_all(conn: Arc<Mutex<Connection>>, mut inbox: mpsc::UnboundedReceiver<Message>, around: &Around) {
    let mut state = State { full: true, leases: false };
    let mut closing = None;
    while closing.is_none() {
        let Some(first) = inbox.blocking_recv() else { break };
        let mut group = Vec::new();
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Write(request) => group.push(request),
                Message::Close(done) => {
                    closing = Some(done);
                    break;
                }
            }
            next = if group.len() < GROUP { inbox.try_recv().ok() } else { None };
        }
        if !group.is_empty() {
            write_group(&hold(&conn), group, &mut state, around);
        }
    }
    if let Ok(conn) = Arc::try_unwrap(conn) {
        // Folds the log into the database file; when it fails, the next start does it.
        let _ = conn.into_inner().unwrap_or_else(PoisonError::into_inner).close();
    }
    if let Some(done) = closing {
        let _ = done.send(());
    }
}

/// One commit for a group of lists, and an answer to each.
fn write_group(conn: &Connection, group: Vec<Request>, state: &mut State, around: &Around) {
    let mut answers = Vec::with_capacity(group.len());
    let outcome = commit_group(conn, &group, state, around, &mut answers);
    match outcome {
        Ok(()) => {
            let wakes =
                |(request, answer): (&Request, &Result<Committed, RegistryError>)| answer.is_ok() && request.ops.iter().any(Op::wakes);
            if group.iter().zip(&answers).any(wakes) {
                around.tell();
            }
            for (request, answer) in group.into_iter().zip(answers) {
                let _ = request.reply.send(answer);
            }
        }
        Err(error) => {
            // Undo whatever is open; an error here means there was nothing left to undo.
            let _ = conn.execute_batch("ROLLBACK");
            for request in group {
                let _ = request.reply.send(Err(again(&error)));
            }
        }
    }
}

/// The same failure for every member of a group.
fn again(error: &RegistryError) -> RegistryError {
    match error {
        RegistryError::Injected(e) => RegistryError::Injected(e.clone()),
        RegistryError::Database(e) => RegistryError::Database(Arc::clone(e)),
        other => RegistryError::row("the commit it shared", other),
    }
}

/// Begins a transaction and applies the lists. Without savepoints, the first refusal undoes all, and there is no answer.
fn apply_all(
    conn: &Connection,
    group: &[Request],
    raises: bool,
    now: Timestamp,
    savepoints: bool,
) -> Result<Option<Vec<Result<Committed, RegistryError>>>, RegistryError> {
    conn.execute_batch("BEGIN IMMEDIATE")?;
    if raises {
        queue::raise_epoch(conn)?;
    }
    let mut answers = Vec::with_capacity(group.len());
    for request in group {
        if savepoints {
            conn.execute_batch("SAVEPOINT one")?;
        }
        let mut committed = Committed::default();
        let mut result = Ok(());
        for op in &request.ops {
            result = apply(conn, op, now, &mut committed);
            if result.is_err() && !savepoints {
                // Some failures have undone it already: then there is nothing left to undo.
                let _ = conn.execute_batch("ROLLBACK");
                return Ok(None);
            }
            if result.is_err() {
                conn.execute_batch("ROLLBACK TO one")?;
                break;
            }
        }
        if savepoints {
            conn.execute_batch("RELEASE one")?;
        }
        answers.push(result.map(|()| committed));
    }
    Ok(Some(answers))
}

fn commit_group(
    conn: &Connection,
    group: &[Request],
    state: &mut State,
    around: &Around,
    answers: &mut Vec<Result<Committed, RegistryError>>,
) -> Result<(), RegistryError> {
    // The first lease of a process raises the epoch, and that must stand: see `queue::raise_epoch`.
    let raises = !state.leases && group.iter().any(|r| r.ops.iter().any(Op::leases));
    let durable = raises || group.iter().any(|r| r.durable);
    // In the write-ahead log, a commit without a flush is carried along by the flush of the next one that has it.
    if durable != state.full {
        conn.execute_batch(if durable { "PRAGMA synchronous = FULL" } else { "PRAGMA synchronous = NORMAL" })?;
        state.full = durable;
    }
    let now = around.clock.now_utc();
    // A list is seldom refused: only when one was, all are done again, each under a savepoint of its own.
    let done = apply_all(conn, group, raises, now, false)?;
    *answers = match done {
        Some(done) => done,
        None => apply_all(conn, group, raises, now, true)?.unwrap_or_default(),
    };
    around.points(group.iter().map(|r| r.durable), "registry.before_commit", "registry.before_commit_soon")?;
    conn.execute_batch("COMMIT")?;
    state.leases |= raises;
    // Written, and nobody was told: the caller sees a failure and must find the result when it asks again.
    around.points(group.iter().map(|r| r.durable), "registry.after_commit", "registry.after_commit_soon")?;
    Ok(())
}
