//! `reel mcp`: a Model Context Protocol server on standard input and output. Its tools are the verbs; a call runs the same
//! command and hands over its JSON and its pictures. Nothing but the protocol reaches standard output.

mod call;
mod confine;
mod door;
mod pictures;
mod tools;

use std::path::Path;
use std::sync::Arc;

use kit::scratch::{Scratch, TempDir};
use rmcp::{
    RoleServer, ServerHandler, ServiceExt,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, CustomRequest, CustomResult, ErrorCode, ErrorData,
        Implementation, ListToolsResult, PaginatedRequestParams, ProgressNotificationParam, ServerCapabilities, ServerConfig,
        ToolAnnotations,
    },
    service::{RequestContext, ServerInitializeError},
};
use serde_json::{Map, Value, json};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use crate::{approvals::approver, failure::Failure, verbs::Offer};
use call::{Answer, Calls};
use confine::Root;
use door::Door;
use pictures::Picture;
use tools::{Tool, tools};

const INSTRUCTIONS: &str = "\
Reelwright turns a story project into a film on this machine. The loop: `new` makes a project, `produce` makes its film (begin with \
draft), `storyboard` and `frame` show it, `notes_read` and `notes_edit` change lines and shots by hand, `produce` again makes only what \
changed. A run that waits for a yes answers approval.needed: show a person what it is about before you call `approve`. Every answer and \
every error says what can be done next in next_actions, and as calls in next_calls.";

/// Serves until the input ends or somebody stops it.
///
/// # Errors
/// When it cannot begin, or the first message begins no session.
pub fn serve(root: Option<&Path>) -> Result<(), Failure> {
    let root = root.map(Root::new).transpose()?;
    let ourselves = kit::process::Tool::ourselves().map_err(Failure::internal)?;
    let calls = Arc::new(Calls::new(ourselves, root.as_ref().map(|r| r.dir().to_owned())));
    let server = Server { tools: Arc::new(tools()), root: root.map(Arc::new), calls: Arc::clone(&calls) };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(Failure::internal)?;
    let done = runtime.block_on(async {
        let mut signals = Vec::new();
        for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
            let mut one = signal(kind).map_err(Failure::internal)?;
            signals.push(Box::pin(async move { one.recv().await }));
        }
        let asked = futures_util::future::select_all(signals);
        let session = async {
            match server.serve(Door::open()).await {
                Ok(session) => session.waiting().await.map(|_| ()).map_err(Failure::internal),
                // Input that ends before it began asked for nothing.
                Err(ServerInitializeError::ConnectionClosed(_)) => Ok(()),
                Err(error) => {
                    let error: String = error.to_string().chars().take(300).collect();
                    Err(Failure::usage(
                        format!("no session began: {error}"),
                        "a client begins with `initialize`, or with `server/discover`",
                    ))
                }
            }
        };
        tokio::select! {
            done = session => done,
            _ = asked => Err(Failure::interrupted()),
        }
    });
    calls.end();
    // A thread may still wait for input; it ends with the process.
    runtime.shutdown_background();
    done
}

#[derive(Clone)]
struct Server {
    tools: Arc<Vec<Tool>>,
    root: Option<Arc<Root>>,
    calls: Arc<Calls>,
}

impl Tool {
    /// As the protocol describes it.
    fn described(&self) -> rmcp::model::Tool {
        let (reads, replaces, repeats) = match self.offer {
            Offer::Reads | Offer::Shows(_) => (true, false, true),
            Offer::Repeats => (false, false, true),
            Offer::Replaces => (false, true, false),
            Offer::Adds | Offer::No | Offer::Each(_) => (false, false, false),
        };
        let hints = ToolAnnotations::new().read_only(reads).destructive(replaces).idempotent(repeats).open_world(false);
        rmcp::model::Tool::new(self.name.clone(), self.about.clone(), self.schema()).with_annotations(hints)
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let named = Implementation::new("reelwright", env!("CARGO_PKG_VERSION"));
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build()).with_server_info(named).with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(&self, _: Option<PaginatedRequestParams>, _: RequestContext<RoleServer>) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.tools.iter().map(Tool::described).collect()))
    }

    async fn call_tool(&self, request: CallToolRequestParams, context: RequestContext<RoleServer>) -> Result<CallToolResponse, ErrorData> {
        let Some(at) = self.tools.iter().position(|tool| tool.name == request.name) else {
            let name: String = request.name.escape_debug().take(60).collect();
            return Err(ErrorData::invalid_params(format!("there is no tool `{name}`; `tools/list` names them all"), None));
        };
        let told = match self.call(at, request.arguments.unwrap_or_default(), &context).await {
            Ok(told) => told,
            Err(failure) => Told { well: false, json: failure.json(), pictures: Vec::new() },
        };
        Ok(self.result(told).into())
    }

    async fn on_custom_request(&self, request: CustomRequest, _: RequestContext<RoleServer>) -> Result<CustomResult, ErrorData> {
        let method: String = request.method.escape_debug().take(60).collect();
        // The library takes a known request whose parameters it cannot read for one that it does not know.
        if ["initialize", "ping", "tools/list", "tools/call", "server/discover"].contains(&request.method.as_str()) {
            return Err(ErrorData::invalid_params(format!("the parameters of `{method}` are not of the protocol's types"), None));
        }
        Err(ErrorData::new(ErrorCode::METHOD_NOT_FOUND, format!("there is no method `{method}`"), None))
    }
}

/// What came of a call.
struct Told {
    well: bool,
    json: Value,
    pictures: Vec<Picture>,
}

impl Server {
    /// Runs a call to its end. When the client takes it back it is stopped; its answer is then nobody's.
    async fn call(&self, at: usize, arguments: Map<String, Value>, context: &RequestContext<RoleServer>) -> Result<Told, Failure> {
        let tool = &self.tools[at];
        let room = if let Offer::Shows(_) = tool.offer { Some(room()?) } else { None };
        let shown = room.as_ref().map(|(_, dir)| dir.path().join("shown.png"));
        let named = shown.as_ref().map(|place| place.display().to_string());
        let mut argv = tool.argv(&arguments, self.root.as_deref(), &signer(context), named.as_deref())?;
        let token = context.meta.get_progress_token();
        // A verb that can tell what happens step by step does so, when somebody listens.
        let steps = token.is_some() && tool.tells;
        if steps {
            argv.insert(argv.iter().position(|a| a == "--").unwrap_or(argv.len()), "--events".into());
        }
        let seat = self.calls.seat()?;
        let number = seat.number;
        let (say, mut lines) = mpsc::channel::<String>(256);
        let mut work = tokio::task::spawn_blocking(move || {
            // Who listens slowly misses lines; the work goes on.
            let line = say.clone();
            let heard = Box::new(move |said: &str| {
                if !steps {
                    drop(line.try_send(said.trim().to_owned()));
                }
            });
            let answer = seat.run(argv, heard, &mut |event| drop(event_line(event).map(|line| say.try_send(line))))?;
            let (pictures, more) = match &shown {
                Some(place) if answer.well => pictures::at(place)?,
                _ => (Vec::new(), 0),
            };
            drop(room);
            Ok(Told::of(answer, pictures, more))
        });
        let (mut said, mut stopped) = (0.0, false);
        loop {
            tokio::select! {
                biased;
                () = context.ct.cancelled(), if !stopped => {
                    stopped = true;
                    self.calls.interrupt(number);
                }
                // Lines come before the answer that follows them.
                Some(line) = lines.recv() => if let Some(token) = token.clone().filter(|_| !line.is_empty()) {
                    said += 1.0;
                    let notice = ProgressNotificationParam::new(token, said).with_message(line);
                    let _ = context.peer.notify_progress(notice).await;
                },
                done = &mut work => return done.map_err(Failure::internal)?,
            }
        }
    }

    fn result(&self, told: Told) -> CallToolResult {
        let mut json = told.json;
        if let (Some(next), false) = (json.get("next_actions").cloned(), json.get("next_calls").is_some()) {
            let lines: Vec<Vec<String>> = serde_json::from_value(next).unwrap_or_default();
            let calls: Vec<Value> = lines.iter().filter_map(|argv| tools::call(&self.tools, argv)).collect();
            json["next_calls"] = calls.into();
        }
        let mut content = vec![ContentBlock::text(json.to_string())];
        content.extend(told.pictures.into_iter().map(|p| ContentBlock::image(p.data, "image/png")));
        let mut result = if told.well { CallToolResult::success(content) } else { CallToolResult::error(content) };
        result.structured_content = Some(json);
        result
    }
}

impl Told {
    fn of(answer: Answer, pictures: Vec<Picture>, more: usize) -> Self {
        let Answer { well, mut json } = answer;
        if let Some(object) = json.as_object_mut().filter(|o| o.get("event").is_some_and(|e| e == "result")) {
            object.remove("event");
        }
        // What a schema promises is an object.
        if !json.is_object() {
            json = json!({"answer": json});
        }
        if !pictures.is_empty() {
            if let Some(object) = json.as_object_mut() {
                // Files that are gone when this is read.
                object.remove("file");
                object.remove("files");
            }
            json["pictures"] = pictures.iter().map(|p| p.facts.clone()).collect();
            json["pictures_left_out"] = more.into();
        }
        Self { well, json, pictures }
    }
}

/// What a person would want to hear of an event of a run.
fn event_line(event: &[u8]) -> Option<String> {
    let event: Value = serde_json::from_slice(event).ok()?;
    let text = |key: &str| event[key].as_str().unwrap_or_default();
    match text("event") {
        "stage_started" => match (event["steps"].as_u64()?, event["hits"].as_u64()?) {
            (steps, hits) if hits == steps => Some(format!("{}: from memory", text("stage"))),
            (steps, 0) => Some(format!("{}: {steps} to make", text("stage"))),
            (steps, hits) => Some(format!("{}: {} to make, {hits} from memory", text("stage"), steps - hits)),
        },
        "step_finished" => Some(format!("{}: {} made", text("stage"), text("step"))),
        "step_failed" => Some(format!("{}: {} failed", text("stage"), text("step"))),
        _ => None,
    }
}

/// A folder for the pictures of one call, gone when it ends however it ends.
fn room() -> Result<(Scratch, TempDir), Failure> {
    let home = kit::home::data_home().map_err(Failure::internal)?;
    let scratch = Scratch::open(&home.join("tmp"), "mcp").map_err(|e| Failure::unwritable(&home, e))?;
    let dir = scratch.temp_dir("shown").map_err(|e| Failure::unwritable(&home, e))?;
    Ok((scratch, dir))
}

/// Who decides through this server: the person who started it, and the program that speaks.
fn signer(context: &RequestContext<RoleServer>) -> String {
    let client = context.peer.peer_info().map(|info| info.client_info.name.clone()).unwrap_or_default();
    let client: String = client.chars().filter(|c| !c.is_control()).take(40).collect();
    let by = if client.trim().is_empty() { String::new() } else { format!(" ({})", client.trim()) };
    format!("{} through reel mcp{by}", approver())
}
