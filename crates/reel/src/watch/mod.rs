//! `reel watch`: a draft at once, and again whenever something the episode reads was saved. Only what changed is made
//! again, because every step asks the memo first; here is only the loop around it, and the page.

mod desk;
mod files;
mod page;
mod server;

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use contracts::{Hash, lexicon::Substitution, run::RunSummary};
use orchestrator::{Observer, Progress as Event};
use serde_json::{Value, json};

use crate::{
    failure::{Failure, exit},
    finished,
    produce::{Film, Request, look},
    progress::Progress,
    project::ProjectFolder,
    shop::Home,
    storyboard::{Board, Documents},
    tools::Tools,
};
use desk::{Desk, Draft, Trouble};
use files::Snapshot;
use server::Server;

/// Between two looks at the files.
const LOOK: Duration = Duration::from_millis(80);
/// Files that were the same for so long have been saved: editors write several times.
const SETTLED: u32 = 2;
/// Looks after which a draft is begun although files still change.
const PATIENCE: u32 = 25;

/// What is watched, and how it is told.
pub struct Wish {
    pub project: PathBuf,
    pub episode: u32,
    pub port: u16,
    pub voiced: bool,
    pub jobs: Option<usize>,
    /// One line of JSON an event, for programs.
    pub json: bool,
}

/// Watches until somebody stops it; says how many drafts were made.
pub fn watch(wish: &Wish) -> Result<u64, Failure> {
    let request =
        Request { jobs: wish.jobs, voiced: wish.voiced, draft: true, look: true, ..Request::new(wish.project.clone(), wish.episode) };
    // Without a project, or a tool that every draft needs, there is nothing to wait for.
    match ProjectFolder::open(&request.project).and_then(|folder| Tools::find(&folder, wish.voiced, &request.choosing)) {
        Err(failure) if failure.code == "project.missing" || failure.exit == exit::TOOL => return Err(failure),
        _ => {}
    }
    let home = Home::open()?;
    let desk = Desk::new();
    let server = Server::start(&home.runtime, &desk, wish.port)?;
    let voice = Arc::new(Voice { json: wish.json, desk: Arc::clone(&desk), stages: Mutex::default(), shown: Mutex::default() });
    voice.serving(wish, &server);
    let mut drafts = 0;
    let mut seen = Snapshot::of(&request.project);
    loop {
        match draft(&home, &desk, &request, &voice, drafts + 1) {
            Ok((summary, draft)) => {
                drafts += 1;
                let draft = Arc::new(draft);
                desk.set(|now| {
                    (now.draft, now.trouble, now.making) = (Some(Arc::clone(&draft)), None, String::new());
                    now.version += 1;
                });
                // Who hears of it finds it on the page.
                voice.finished(&server, &summary, &draft);
            }
            Err(_) if home.stopped() => break,
            Err(failure) => {
                desk.set(|now| {
                    (now.trouble, now.making) = (Some(Trouble::of(&failure)), String::new());
                    now.version += 1;
                });
                voice.failed(&failure, drafts);
            }
        }
        // What was saved while the draft was made is seen now, all of it at once.
        match next_save(&home, &request, &seen) {
            Some(files) => {
                voice.changed(&files.changed(&seen));
                seen = files;
            }
            None => break,
        }
    }
    home.close();
    Ok(drafts)
}

/// Waits until files are other than `seen` and rest; nothing when somebody asked to stop.
fn next_save(home: &Home, request: &Request, seen: &Snapshot) -> Option<Snapshot> {
    let clock = home.registry.clock();
    let (mut last, mut same, mut looks) = (seen.clone(), 0, 0);
    loop {
        if home.stopped() {
            return None;
        }
        let from = clock.monotonic_ms();
        let now = Snapshot::of(&request.project);
        // Looking may take a twentieth of the time, however many files there are.
        let cost = Duration::from_millis(20 * clock.monotonic_ms().saturating_sub(from));
        if now == *seen {
            (same, looks) = (0, 0);
        } else {
            same = if now == last { same + 1 } else { 0 };
            looks += 1;
            if same >= SETTLED - 1 || looks >= PATIENCE {
                return Some(now);
            }
        }
        last = now;
        std::thread::sleep(LOOK.max(cost).min(Duration::from_secs(2)));
    }
}

/// Makes one draft and puts it where the page finds it.
fn draft(home: &Home, desk: &Arc<Desk>, request: &Request, voice: &Arc<Voice>, number: u64) -> Result<(RunSummary, Draft), Failure> {
    voice.started();
    let folder = ProjectFolder::open(&request.project)?;
    let tools = Arc::new(Tools::find(&folder, request.voiced, &request.choosing)?);
    let observer: Arc<dyn Observer> = Arc::clone(voice) as Arc<dyn Observer>;
    let made = look(home, &folder, &tools, request, observer);
    voice.settle();
    let (summary, film) = made?;
    let draft = shown(home, desk, &summary, &film, number)?;
    Ok((summary, draft))
}

fn shown(home: &Home, desk: &Desk, summary: &RunSummary, film: &Film, number: u64) -> Result<Draft, Failure> {
    let registry = &home.registry;
    let board = Board::of(&Documents {
        shots: finished::of(registry, summary)?,
        plan: finished::of(registry, summary)?,
        manifest: finished::of(registry, summary)?,
        cast: finished::of(registry, summary)?,
        canon: finished::of(registry, summary)?,
    });
    let offer = |hash: &Hash, end: &str, kind| -> Result<String, Failure> {
        let path = registry.blobs().path_of(hash).map_err(Failure::damaged)?;
        Ok(desk.offer(hash, path, end, kind))
    };
    let output = &film.output.doc;
    let plan: contracts::render::RenderPlan = finished::of(registry, summary)?;
    let captions = output.captions.get("vtt").ok_or_else(|| Failure::internal("a film without captions"))?;
    Ok(Draft {
        number,
        remade: board.panels.iter().map(|p| film.remade.contains(&p.shot_id)).collect(),
        film: offer(&output.film, "mp4", "video/mp4")?,
        drawn: plan.burn_in.is_some(),
        captions: offer(captions, "vtt", "text/vtt; charset=utf-8")?,
        stills: film.stills.iter().map(|s| offer(s, "png", "image/png")).collect::<Result<_, _>>()?,
        stand_ins: film.stand_ins.iter().map(|s| (s.missing_id.clone(), s.reason.clone())).collect(),
        notes: summary.substitutions.iter().map(Substitution::told).chain(summary.notes.iter().cloned()).collect(),
        elapsed_ms: summary.elapsed_ms,
        board,
    })
}

/// Tells terminal, program and page how it goes.
struct Voice {
    json: bool,
    desk: Arc<Desk>,
    /// Of each stage that runs: steps that are done, and all of them.
    stages: Mutex<BTreeMap<String, (usize, usize)>>,
    /// The first draft shows its stages on a terminal; later ones take moments.
    shown: Mutex<Option<Progress>>,
}

impl Voice {
    fn say(&self, event: Value, text: &str) {
        let mut out = std::io::stdout().lock();
        // A reader who went away has heard enough; the page is still there.
        let _ = if self.json { writeln!(out, "{event}") } else { writeln!(out, "{text}") };
        let _ = out.flush();
    }

    fn serving(&self, wish: &Wish, server: &Server) {
        let moved = if server.moved { format!(" (port {} was taken)", wish.port) } else { String::new() };
        let text =
            format!("watching {}, episode {}\n  page   {}{moved}\n  stop   Ctrl-C", wish.project.display(), wish.episode, server.url());
        self.say(
            json!({"event": "serving", "url": server.url(), "port": server.port, "moved": server.moved, "episode": wish.episode}),
            &text,
        );
        if !self.json && std::io::stderr().is_terminal() {
            *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(Progress::new());
        }
    }

    fn started(&self) {
        self.desk.set(|now| now.making = "the story".into());
        if self.json {
            self.say(json!({"event": "started"}), "");
        }
    }

    fn changed(&self, files: &[String]) {
        let few: Vec<&str> = files.iter().take(4).map(String::as_str).collect();
        let more = if files.len() > few.len() { format!(" and {} more", files.len() - few.len()) } else { String::new() };
        self.say(json!({"event": "changed", "files": files}), &format!("saved  {}{more}", few.join(", ")));
    }

    fn finished(&self, server: &Server, s: &RunSummary, draft: &Draft) {
        let again = match s.remade.len() as u64 {
            0 => "no shot made again".to_owned(),
            n if n == s.shots => "all made".to_owned(),
            n => {
                let ids: Vec<&str> = s.remade.iter().take(6).map(|id| id.as_str()).collect();
                let more = if n > 6 { ", …" } else { "" };
                format!("{n} made again ({}{more})", ids.join(", "))
            }
        };
        let mut text = format!(
            "draft {}  {}.{} s, {} shots, {again}, in {}.{} s",
            draft.number,
            s.duration_ms / 1000,
            s.duration_ms % 1000 / 100,
            s.shots,
            s.elapsed_ms / 1000,
            s.elapsed_ms % 1000 / 100
        );
        for stand_in in &s.stand_ins {
            text.push_str(&format!("\n  stand-in for {}: {}", stand_in.missing_id, stand_in.reason));
        }
        s.substitutions.iter().for_each(|made| text.push_str(&format!("\n  note: {}", made.told())));
        if draft.number == 1 {
            s.notes.iter().for_each(|note| text.push_str(&format!("\n  note: {note}")));
        }
        self.say(
            json!({
                "event": "finished", "draft": draft.number, "run_id": s.run_id, "status": s.status, "film": format!("{}file/{}", server.url(), draft.film),
                "duration_ms": s.duration_ms, "frames": s.frames, "shots": s.shots, "remade": s.remade, "elapsed_ms": s.elapsed_ms,
                "stand_ins": s.stand_ins, "substitutions": s.substitutions, "notes": s.notes,
            }),
            &text,
        );
    }

    fn failed(&self, failure: &Failure, drafts: u64) {
        let kept = if drafts > 0 { format!("\n  the page keeps showing draft {drafts}") } else { String::new() };
        let mut event = failure.json();
        event["event"] = json!("failed");
        self.say(event, &format!("{}{kept}", failure.text()));
    }

    /// No stage runs any more.
    fn settle(&self) {
        self.stages.lock().unwrap_or_else(PoisonError::into_inner).clear();
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Observer for Voice {
    fn note(&self, event: Event<'_>) {
        if let Some(progress) = &*self.shown.lock().unwrap_or_else(PoisonError::into_inner) {
            progress.note(event);
        }
        let mut stages = self.stages.lock().unwrap_or_else(PoisonError::into_inner);
        let told = match event {
            Event::StageStarted { stage, steps, hits } if hits < steps => {
                stages.insert(stage.to_owned(), (hits, steps));
                stage
            }
            Event::StepFinished { stage, hit: false, ok: true, .. } => match stages.get_mut(stage) {
                Some(done) => {
                    done.0 += 1;
                    stage
                }
                None => return,
            },
            Event::StageFinished(summary) => {
                stages.remove(&summary.name);
                return;
            }
            _ => return,
        };
        let (done, of) = stages.get(told).copied().unwrap_or_default();
        drop(stages);
        let what = told.replace('_', " ");
        self.desk.set(|now| now.making = if of > 1 { format!("{what} {done} of {of}") } else { what });
        if self.json {
            self.say(json!({"event": "stage", "stage": told, "done": done, "of": of}), "");
        }
    }
}
