//! The embedded store: SQLite, and its one writer. Whoever wants to write hands the writer a list of acts and waits; the writer
//! takes all lists that are waiting, applies each (under a savepoint of its own when one is refused), and commits them together,
//! so that ten steps that finish at once cost one flush. No caller ever holds an open transaction, so none can be left behind by
//! a caller that is cancelled. No other module of this crate speaks SQL.

mod acts;
mod cells;
mod queue;
mod reads;
mod schema;
mod whole;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use contracts::run::Approval;
use contracts::{Hash, Id};
use futures_util::future::BoxFuture;
use kit::Timestamp;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::sync::{Mutex, MutexGuard, mpsc, oneshot};
use tokio::time::Instant;

use crate::RegistryError;
use crate::index::Index;
use crate::op::{Committed, Op};
use crate::rows::{
    ArtifactRow, AttemptRow, Claim, EventRow, Grade, Held, Lineage, RefMove, RefRow, ReviewRow, RunFilter, RunRow, StepRow, WorkerRow,
};
use crate::store::{Answer, Around, Decisions, MemoRow, Moves, Store};
use acts::apply;
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

/// A store in an SQLite file, or in memory. Two connections; in memory there is only one, which readers and the writer share.
pub struct SqliteStore {
    reader: Arc<Mutex<SqliteConnection>>,
    queue: mpsc::UnboundedSender<Message>,
}

impl SqliteStore {
    /// Opens a database, makes it when it is missing, and brings it to this build's layout. Must be called inside a tokio
    /// runtime, which then carries the writer. The last drop closes it.
    pub async fn open(path: &Path, around: Around) -> Result<Self, RegistryError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY)
            .disable_statement_logging();
        let opened = async {
            let mut writer = connect(&options).await?;
            let layout = migrate(&mut writer).await?;
            let reader = connect(&options.pragma("query_only", "ON")).await?;
            Ok((writer, reader, layout))
        };
        let (writer, reader, layout) = opened.await.map_err(|error| match error {
            RegistryError::Database(source) => RegistryError::CannotOpen { path: path.to_owned(), source },
            other => other,
        })?;
        if let Err(found) = layout {
            return Err(RegistryError::NewerDatabase { path: path.to_owned(), found, ours: LAYOUT });
        }
        Ok(Self { reader: Arc::new(Mutex::new(reader)), queue: start(Arc::new(Mutex::new(writer)), around) })
    }

    /// A database in memory, gone with its last hold.
    pub async fn in_memory(around: Around) -> Result<Self, RegistryError> {
        let options = SqliteConnectOptions::new().disable_statement_logging();
        let mut conn = options.connect().await?;
        if let Err(found) = migrate(&mut conn).await? {
            return Err(RegistryError::NewerDatabase { path: ":memory:".into(), found, ours: LAYOUT });
        }
        let conn = Arc::new(Mutex::new(conn));
        Ok(Self { reader: Arc::clone(&conn), queue: start(conn, around) })
    }

    /// The connection for reading. It sees whole commits only.
    async fn read(&self) -> MutexGuard<'_, SqliteConnection> {
        self.reader.lock().await
    }
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
        Box::pin(async move { reads::memos(&mut *self.read().await, tenant, keys).await })
    }

    fn memo_reads<'a>(&'a self, tenant: &'a Id, keys: &'a [Hash]) -> Answer<'a, Vec<(Hash, String)>> {
        Box::pin(async move { reads::memo_reads(&mut *self.read().await, tenant, keys).await })
    }

    fn artifact<'a>(&'a self, tenant: &'a Id, hash: &'a Hash) -> Answer<'a, Option<ArtifactRow>> {
        Box::pin(async move { reads::artifact(&mut *self.read().await, tenant, hash).await })
    }

    fn lineage<'a>(&'a self, tenant: &'a Id, hash: &'a Hash) -> Answer<'a, Lineage> {
        Box::pin(async move { reads::lineage(&mut *self.read().await, tenant, hash).await })
    }

    fn get_ref<'a>(&'a self, tenant: &'a Id, name: &'a str) -> Answer<'a, Option<RefRow>> {
        Box::pin(async move { reads::get_ref(&mut *self.read().await, tenant, name).await })
    }

    fn ref_moves<'a>(&'a self, tenant: &'a Id, of: Moves<'a>) -> Answer<'a, Vec<RefMove>> {
        Box::pin(async move { reads::ref_moves(&mut *self.read().await, tenant, of).await })
    }

    fn run<'a>(&'a self, id: &'a Id) -> Answer<'a, Option<RunRow>> {
        Box::pin(async move { reads::run(&mut *self.read().await, id).await })
    }

    fn runs<'a>(&'a self, tenant: &'a Id, filter: &'a RunFilter) -> Answer<'a, Vec<RunRow>> {
        Box::pin(async move { reads::runs(&mut *self.read().await, tenant, filter).await })
    }

    fn usual_ms<'a>(&'a self, tenant: &'a Id) -> Answer<'a, BTreeMap<String, u64>> {
        Box::pin(async move { reads::usual_ms(&mut *self.read().await, tenant).await })
    }

    fn steps<'a>(&'a self, run: &'a Id, names: Option<&'a [&'a str]>) -> Answer<'a, Vec<StepRow>> {
        Box::pin(async move { reads::steps(&mut *self.read().await, run, names).await })
    }

    fn attempts<'a>(&'a self, run: &'a Id) -> Answer<'a, Vec<AttemptRow>> {
        Box::pin(async move { reads::attempts(&mut *self.read().await, run).await })
    }

    fn waiting<'a>(&'a self, queue: &'a str, kinds: &'a [(String, u32)]) -> Answer<'a, usize> {
        Box::pin(async move { reads::waiting(&mut *self.read().await, queue, kinds).await })
    }

    fn held<'a>(&'a self, not_by: &'a str) -> Answer<'a, Vec<Held>> {
        Box::pin(async move { reads::elsewhere(&mut *self.read().await, not_by).await })
    }

    fn workers(&self) -> Answer<'_, Vec<WorkerRow>> {
        Box::pin(async move { reads::workers(&mut *self.read().await).await })
    }

    fn holders(&self) -> Answer<'_, Vec<String>> {
        Box::pin(async move { reads::holders(&mut *self.read().await).await })
    }

    fn events<'a>(&'a self, run: Option<&'a Id>, after: i64, limit: u32) -> Answer<'a, Vec<EventRow>> {
        Box::pin(async move { reads::events(&mut *self.read().await, run, after, limit).await })
    }

    fn approvals<'a>(&'a self, run: &'a Id) -> Answer<'a, Vec<Approval>> {
        Box::pin(async move { reads::approvals(&mut *self.read().await, run).await })
    }

    fn decided<'a>(&'a self, tenant: &'a Id, point: &'a str, subject: &'a Hash) -> Answer<'a, Option<(Id, Approval)>> {
        Box::pin(async move { reads::decided(&mut *self.read().await, tenant, point, subject).await })
    }

    fn reviews<'a>(&'a self, run: Option<&'a Id>) -> Answer<'a, Vec<ReviewRow>> {
        Box::pin(async move { reads::reviews(&mut *self.read().await, run).await })
    }

    fn request<'a>(&'a self, tenant: &'a Id, key: &'a str, now: Timestamp) -> Answer<'a, Option<Claim>> {
        Box::pin(async move { reads::request(&mut *self.read().await, tenant, key, now).await })
    }

    fn index(&self, now: Timestamp) -> Answer<'_, Index> {
        Box::pin(async move { whole::index(&mut *self.read().await, now).await })
    }

    fn finished(&self) -> Answer<'_, Vec<(Grade, String)>> {
        Box::pin(async move { whole::finished(&mut *self.read().await).await })
    }

    fn decisions(&self) -> Answer<'_, Decisions> {
        Box::pin(async move { whole::decisions(&mut *self.read().await).await })
    }

    fn complaints(&self) -> Answer<'_, Vec<String>> {
        Box::pin(async move { whole::complaints(&mut *self.read().await).await })
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

/// A connection, also while another process makes the database. The change to a write-ahead log reads and then writes, and SQLite
/// makes nobody wait who has read: of two who change it at one moment, one is refused at once, whatever its timeout.
async fn connect(options: &SqliteConnectOptions) -> Result<SqliteConnection, sqlx::Error> {
    let started = Instant::now();
    loop {
        match options.connect().await {
            Err(error) if is_busy(&error) && started.elapsed() < BUSY => tokio::time::sleep(AGAIN).await,
            result => return result,
        }
    }
}

/// Whether SQLite says that another connection holds the database: code 5, in the low byte of all that are said in more detail.
fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|e| e.code()).and_then(|code| code.parse::<i32>().ok());
    code.is_some_and(|code| code & 0xff == 5)
}

fn start(conn: Arc<Mutex<SqliteConnection>>, around: Around) -> mpsc::UnboundedSender<Message> {
    let (queue, inbox) = mpsc::unbounded_channel();
    tokio::spawn(write_all(conn, inbox, around));
    queue
}

/// What the writer remembers between commits.
struct State {
    /// Whether the connection flushes at a commit.
    full: bool,
    /// Whether this process has leased anything yet.
    leases: bool,
}

/// The writer: lives until the registry is dropped or closed.
async fn write_all(conn: Arc<Mutex<SqliteConnection>>, mut inbox: mpsc::UnboundedReceiver<Message>, around: Around) {
    let mut state = State { full: true, leases: false };
    let mut closing = None;
    while closing.is_none() {
        let Some(first) = inbox.recv().await else { break };
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
            let mut conn = conn.lock().await;
            write_group(&mut conn, group, &mut state, &around).await;
        }
    }
    if let Ok(conn) = Arc::try_unwrap(conn) {
        // Folds the log into the database file; when it fails, the next start does it.
        let _ = conn.into_inner().close().await;
    }
    if let Some(done) = closing {
        let _ = done.send(());
    }
}

/// One commit for a group of lists, and an answer to each.
async fn write_group(conn: &mut SqliteConnection, group: Vec<Request>, state: &mut State, around: &Around) {
    let mut answers = Vec::with_capacity(group.len());
    let outcome = commit_group(conn, &group, state, around, &mut answers).await;
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
            let _ = sqlx::raw_sql("ROLLBACK").execute(conn).await;
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
        other => RegistryError::Database(Arc::new(sqlx::Error::Protocol(other.to_string()))),
    }
}

/// Begins a transaction and applies the lists. Without savepoints, the first refusal undoes all, and there is no answer.
async fn apply_all(
    conn: &mut SqliteConnection,
    group: &[Request],
    raises: bool,
    now: Timestamp,
    savepoints: bool,
) -> Result<Option<Vec<Result<Committed, RegistryError>>>, RegistryError> {
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut *conn).await?;
    if raises {
        queue::raise_epoch(conn).await?;
    }
    let mut answers = Vec::with_capacity(group.len());
    for request in group {
        if savepoints {
            sqlx::raw_sql("SAVEPOINT one").execute(&mut *conn).await?;
        }
        let mut committed = Committed::default();
        let mut result = Ok(());
        for op in &request.ops {
            result = apply(conn, op, now, &mut committed).await;
            if result.is_err() && !savepoints {
                // Some failures have undone it already: then there is nothing left to undo.
                let _ = sqlx::raw_sql("ROLLBACK").execute(&mut *conn).await;
                return Ok(None);
            }
            if result.is_err() {
                sqlx::raw_sql("ROLLBACK TO one").execute(&mut *conn).await?;
                break;
            }
        }
        if savepoints {
            sqlx::raw_sql("RELEASE one").execute(&mut *conn).await?;
        }
        answers.push(result.map(|()| committed));
    }
    Ok(Some(answers))
}

async fn commit_group(
    conn: &mut SqliteConnection,
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
        sqlx::raw_sql(if durable { "PRAGMA synchronous = FULL" } else { "PRAGMA synchronous = NORMAL" }).execute(&mut *conn).await?;
        state.full = durable;
    }
    let now = around.clock.now_utc();
    // A list is seldom refused: only when one was, all are done again, each under a savepoint of its own.
    let done = apply_all(conn, group, raises, now, false).await?;
    *answers = match done {
        Some(done) => done,
        None => apply_all(conn, group, raises, now, true).await?.unwrap_or_default(),
    };
    around.points(group.iter().map(|r| r.durable), "registry.before_commit", "registry.before_commit_soon")?;
    sqlx::raw_sql("COMMIT").execute(&mut *conn).await?;
    state.leases |= raises;
    // Written, and nobody was told: the caller sees a failure and must find the result when it asks again.
    around.points(group.iter().map(|r| r.durable), "registry.after_commit", "registry.after_commit_soon")?;
    Ok(())
}
