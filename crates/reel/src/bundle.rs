//! `reel pack` and `reel replay`: a run as one file, and the proof on another machine that its film comes of it. A bundle holds
//! the author's folder as far as it is read, the documents, the film, and the key and outputs of every step. Nothing in it
//! names a machine, a folder or a person; a secret in it refuses the pack.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use contracts::{
    Document, Hash,
    bundle::{Bundle, PackedApproval, PackedStep},
    canonical_value,
    choice::Decisions,
    render::RenderOutput,
    run::RunSummary,
    takes::Selections,
};
use kit::{Files as _, SystemFiles, files::read_at_most, inside::inside, redact::redactor};
use registry::{Grade, Memo, MemoLookup, Origin, Outputs, Registry, RunRow, StepState};
use tokio::runtime::Runtime;

use crate::{
    choosing::asked::{Asked, POLICY_FILE},
    failure::Failure,
    produce::{Request, produce_at},
    project::ProjectFolder,
    shop::{Home, tenant},
    takes::selections_of,
};

/// The list of contents, the first file of a bundle.
const LIST: &str = "bundle.json";
/// The largest file of a bundle that is read, in bytes.
const MAX_FILE: u64 = 4 << 30;
/// The most files of a bundle that are read.
const MAX_FILES: usize = 10_000;
/// The largest text file of a project, in bytes.
const MAX_TEXT: u64 = 8 << 20;
/// What a workflow's policy file is called in a bundle: no name that a project's folder is read by.
const WORKFLOW_POLICY: &str = "policy.workflow.json";
/// The largest list of contents, in bytes.
const MAX_LIST: u64 = 64 << 20;

/// What was packed.
pub struct Packed {
    /// The bundle's own address.
    pub hash: Hash,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its list of contents.
    pub list: Bundle,
}

/// Packs a finished run that its project still makes.
pub fn pack(registry: &Registry, runtime: &Runtime, row: &RunRow, request: &Request, to: &Path) -> Result<Packed, Failure> {
    let summary = crate::verbs::summary(registry, row).filter(|s| s.artifacts.contains_key(RenderOutput::SCHEMA_ID));
    let summary =
        summary.ok_or_else(|| Failure::usage(format!("RUN is `{}`, which made no film", row.id), "`reel runs` lists the runs"))?;
    let mut files = Files::new();
    author(&request.project, &mut files)?;
    workflow(request, &mut files)?;
    film(registry, &summary, &mut files)?;
    let steps = steps(registry, runtime, &row.id)?;
    for hash in steps.iter().filter(|step| step.recorded.is_some()).flat_map(|step| step.outputs.values()) {
        files.insert(format!("recorded/{hash}"), registry.bytes(hash).map_err(Failure::damaged)?);
    }
    for (name, bytes) in &files {
        if let Ok(text) = std::str::from_utf8(bytes)
            && redactor().text(text) != text
        {
            return Err(Failure::usage(
                format!("{name} holds what looks like a secret"),
                "take it out of the project, and produce and pack again",
            ));
        }
    }
    let mut people: Vec<&str> = summary.approvals.iter().map(|yes| yes.approver.as_str()).collect();
    people.sort_unstable();
    people.dedup();
    let approvals = summary.approvals.iter().map(|yes| PackedApproval {
        point: yes.point.clone(),
        approver: format!("approver-{}", people.iter().position(|name| *name == yes.approver).unwrap_or(0) + 1),
        at: yes.at.clone(),
        subject: yes.subject.clone(),
    });
    let list = Bundle {
        project_id: row.project.clone(),
        episode: row.episode,
        status: summary.status,
        build: env!("CARGO_PKG_VERSION").to_owned(),
        flags: Request { choosing: Asked { policy: None, ..request.choosing.clone() }, ..request.clone() }.flags(),
        files: files.iter().map(|(name, bytes)| (name.clone(), Hash::of(bytes))).collect(),
        artifacts: summary.artifacts.clone(),
        steps,
        approvals: approvals.collect(),
    };
    let mut tar = tar::Builder::new(Vec::new());
    let first = std::iter::once((LIST.to_owned(), list.seal().map_err(Failure::internal)?.0));
    for (name, bytes) in first.chain(files) {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        tar.append_data(&mut header, &name, bytes.as_slice()).map_err(Failure::internal)?;
    }
    let bytes = tar.into_inner().map_err(Failure::internal)?;
    SystemFiles::new().write_atomic(to, &bytes).map_err(|e| Failure::unwritable(to, e))?;
    Ok(Packed { hash: Hash::of(&bytes), bytes: bytes.len() as u64, list })
}

/// The author's folder, as far as a production reads it.
fn author(root: &Path, files: &mut Files) -> Result<(), Failure> {
    let folder = ProjectFolder::open(root)?;
    let mut names: Vec<PathBuf> = ["project.toml", "canon.toml", "library/library.toml", POLICY_FILE].map(PathBuf::from).to_vec();
    let system = SystemFiles::new();
    for episode in system.list(&root.join("episodes")).map_err(|e| Failure::project_missing(root, e))? {
        for file in ["script.fountain", "notes.toml"] {
            names.extend(episode.file_name().map(|name| Path::new("episodes").join(name).join(file)));
        }
    }
    names.extend(folder.amended.iter().map(|a| PathBuf::from(a.file())));
    for name in names {
        if let Ok(path) = inside(root, &name) {
            let bytes = read_at_most(&path, MAX_TEXT).map_err(|e| Failure::project_malformed(&path, e))?;
            files.insert(format!("project/{}", name.display()), bytes);
        }
    }
    for entry in folder.library.entries.values() {
        // What cannot be read was a stand-in in the film, and is one again.
        if let Ok(bytes) = folder.library_file(entry) {
            files.insert(format!("project/library/{}", entry.file), bytes);
        }
    }
    Ok(())
}

/// The workflow's policy file, where the run was asked to read one.
fn workflow(request: &Request, files: &mut Files) -> Result<(), Failure> {
    if let Some(path) = &request.choosing.policy {
        let bytes = read_at_most(path, MAX_TEXT).map_err(|e| Failure::project_malformed(path, e))?;
        files.insert(format!("project/{WORKFLOW_POLICY}"), bytes);
    }
    Ok(())
}

/// The documents and the film.
fn film(registry: &Registry, summary: &RunSummary, files: &mut Files) -> Result<(), Failure> {
    let mut put = |name: String, hash: &Hash| -> Result<(), Failure> {
        files.insert(format!("film/{name}"), registry.bytes(hash).map_err(Failure::damaged)?);
        Ok(())
    };
    for (id, hash) in &summary.artifacts {
        put(format!("{id}.json"), hash)?;
    }
    let Some(hash) = summary.artifacts.get(RenderOutput::SCHEMA_ID) else { return Ok(()) };
    let output: RenderOutput = registry.artifact(hash).map_err(Failure::damaged)?;
    for (format, hash) in &output.captions {
        put(if format == "timestamps" { "timestamps.json".to_owned() } else { format!("captions.{format}") }, hash)?;
    }
    put("contact_sheet.png".to_owned(), &output.contact_sheet)?;
    put("final.mp4".to_owned(), &output.film)
}

/// Every finished step of a run with what it made.
fn steps(registry: &Registry, runtime: &Runtime, run: &contracts::Id) -> Result<Vec<PackedStep>, Failure> {
    let rows = runtime.block_on(registry.steps(run)).map_err(Failure::damaged)?;
    let rows: Vec<_> = rows.into_iter().filter(|row| row.state == StepState::Done).map(|row| row.step).collect();
    let keys: Vec<Hash> = rows.iter().map(|step| step.memo_key.clone()).collect();
    let memos = runtime.block_on(registry.memo_get_many(&tenant(), &keys)).map_err(Failure::damaged)?;
    let packed = rows.into_iter().zip(memos).map(|(step, memo)| {
        let MemoLookup::Hit(memo) = memo else {
            return Err(Failure::damaged(format!("what `{}` made is not remembered any more", step.name)));
        };
        let stated = Some(&memo.outputs.facts).filter(|facts| !facts.is_null());
        let facts = stated.map(canonical_value).transpose().map_err(Failure::internal)?.map(|bytes| Hash::of(&bytes));
        let recorded = (step.grade == Grade::Recorded).then(|| crate::stages::json(&memo.outputs));
        Ok(PackedStep {
            facts,
            recorded,
            name: step.name,
            kind: step.kind,
            version: step.kind_version,
            grade: step.grade.as_str().to_owned(),
            key: step.memo_key,
            outputs: memo.outputs.files.iter().map(|(name, output)| (name.clone(), output.hash.clone())).collect(),
        })
    });
    packed.collect()
}

/// What a replay found.
#[derive(Default)]
pub struct Replayed {
    /// Files whose bytes are those of their address.
    pub files: u64,
    /// Steps made again with the same outputs.
    pub same: u64,
    /// Steps that read something else here than there, by why.
    pub other: BTreeMap<String, u64>,
    /// What does not hold.
    pub faults: Vec<String>,
    /// The list of contents.
    pub list: Option<Bundle>,
}

/// Files by name.
type Files = BTreeMap<String, Vec<u8>>;

/// Reads a bundle and checks every file of it.
fn unpack(path: &Path) -> Result<(Bundle, Files, Replayed), Failure> {
    let bad = |why: String| Failure::document(path, why);
    let open = SystemFiles::new().open(path).map_err(|e| Failure::document(path, e))?;
    let mut archive = tar::Archive::new(open);
    let mut files = Files::new();
    let mut list: Option<Bundle> = None;
    for entry in archive.entries().map_err(|e| Failure::document(path, e))? {
        let entry = entry.map_err(|e| bad(format!("it is no bundle: {e}")))?;
        let name = String::from_utf8(entry.path_bytes().into_owned()).map_err(|_| bad("a file's name is not UTF-8".to_owned()))?;
        let plain = Path::new(&name).components().all(|part| matches!(part, Component::Normal(_)));
        if entry.header().entry_type() != tar::EntryType::Regular || !plain || name.is_empty() {
            return Err(bad(format!("`{}` is not a plain file inside the bundle", name.escape_debug())));
        }
        let most = if list.is_none() { MAX_LIST } else { MAX_FILE };
        if files.len() >= MAX_FILES || entry.size() > most {
            return Err(bad(format!("it holds more than {MAX_FILES} files, or `{}` has more than {most} bytes", name.escape_debug())));
        }
        let mut bytes = Vec::new();
        entry.take(most).read_to_end(&mut bytes).map_err(|e| bad(format!("`{}`: {e}", name.escape_debug())))?;
        match &list {
            None if name == LIST => list = Some(contracts::read(&bytes).map_err(|e| bad(format!("{LIST}: {e}")))?),
            None => return Err(bad(format!("its first file is `{}`; expected {LIST}", name.escape_debug()))),
            Some(known) if known.files.contains_key(&name) => drop(files.insert(name, bytes)),
            Some(_) => return Err(bad(format!("`{}` is not on its list", name.escape_debug()))),
        }
    }
    let list = list.ok_or_else(|| bad("it is empty".to_owned()))?;
    let mut found = Replayed::default();
    for (name, hash) in &list.files {
        match files.get(name).map(|bytes| Hash::of(bytes)) {
            Some(is) if is == *hash => found.files += 1,
            Some(is) => found.faults.push(format!("{name} is {}, and the list says {}", is.short(), hash.short())),
            None => found.faults.push(format!("{name} is on the list and not in the bundle")),
        }
    }
    for (id, hash) in &list.artifacts {
        if list.files.get(&format!("film/{id}.json")) != Some(hash) {
            found.faults.push(format!("the document {id} is not {}", hash.short()));
        }
    }
    Ok((list, files, found))
}

/// Proves a bundle: every file is what the list says and, unless only files are asked about, every step is made again here, in
/// an empty home of its own, and held against the list.
pub fn replay(path: &Path, request: &dyn Fn(&Bundle, &Path) -> Result<Request, Failure>, only_files: bool) -> Result<Replayed, Failure> {
    let (list, files, mut found) = unpack(path)?;
    if only_files || !found.faults.is_empty() {
        found.list = Some(list);
        return Ok(found);
    }
    let own = Home::open()?;
    let work = own.registry.temp_dir("replay").map_err(Failure::damaged)?;
    let work = work.ok_or_else(|| Failure::internal("a home on no disk"))?;
    let project = work.path().join("project");
    for (name, bytes) in files.iter().filter_map(|(name, bytes)| Some((name.strip_prefix("project/")?, bytes))) {
        let to = project.join(name);
        own.registry.files().write_atomic(&to, bytes).map_err(|e| Failure::unwritable(&to, e))?;
    }
    let home = Home::at(&work.path().join("home"))?;
    if let Some(bytes) = files.get(&format!("film/{}.json", Selections::SCHEMA_ID)) {
        let mut txn = home.registry.begin();
        let kept = txn.put_artifact(&tenant(), bytes, Origin::default()).map_err(Failure::damaged)?;
        txn.ref_cas(&tenant(), &selections_of(&list.project_id, list.episode), 0, &kept.hash);
        home.runtime.block_on(txn.commit()).map_err(Failure::damaged)?;
    }
    remember(&home, &list, &files)?;
    let mut request = Request { out: Some(work.path().join("film")), ..request(&list, &project)? };
    request.choosing.policy = files.contains_key(&format!("project/{WORKFLOW_POLICY}")).then(|| project.join(WORKFLOW_POLICY));
    let produced = produce_at(&home, &request)?;
    compare(&mut found, &list, &steps(&home.registry, &home.runtime, &produced.summary.run_id)?);
    // What a machine had to choose among is its own; what was chosen, and made, is compared by the steps.
    for (id, hash) in list.artifacts.iter().filter(|(id, _)| *id != Decisions::SCHEMA_ID) {
        let same = produced.summary.artifacts.get(id) == Some(hash);
        if !same && found.other.is_empty() {
            found.faults.push(format!("the document {id} came out otherwise, and every step read the same"));
        }
    }
    home.close();
    drop(work);
    own.close();
    found.list = Some(list);
    Ok(found)
}

/// Recorded answers are an input: they are kept where the film is made again, and never asked for a second time (law 2).
fn remember(home: &Home, list: &Bundle, files: &Files) -> Result<(), Failure> {
    let mut txn = home.registry.begin();
    for step in &list.steps {
        let Some(outputs) = step.recorded.clone() else { continue };
        let outputs: Outputs =
            serde_json::from_value(outputs).map_err(|e| Failure::document(Path::new(LIST), format!("`{}`: {e}", step.name)))?;
        for output in outputs.files.values() {
            if let Some(bytes) = files.get(&format!("recorded/{}", output.hash)) {
                home.registry.blobs().put_bytes(bytes).map_err(Failure::damaged)?;
            }
            txn.record(&tenant(), output, Origin::default());
        }
        let memo = Memo { key: step.key.clone(), grade: Grade::Recorded, kind: step.kind.clone(), kind_version: step.version, outputs };
        txn.memo_put(&tenant(), memo, None);
    }
    if txn.is_empty() {
        return Ok(());
    }
    home.runtime.block_on(txn.commit()).map(drop).map_err(Failure::damaged)
}

/// Steps made here against the steps of the list.
fn compare(found: &mut Replayed, list: &Bundle, here: &[PackedStep]) {
    let made: BTreeMap<&str, &PackedStep> = here.iter().map(|step| (step.name.as_str(), step)).collect();
    for there in &list.steps {
        let why = match made.get(there.name.as_str()) {
            None => "is not made by this build".to_owned(),
            Some(step) if step.key == there.key && step.outputs == there.outputs && step.facts == there.facts => {
                found.same += 1;
                continue;
            }
            Some(step) if step.key == there.key => {
                found.faults.push(format!("`{}` read the same and came out otherwise", there.name));
                continue;
            }
            Some(step) if step.version != there.version => format!("is made by another version of `{}` in this build", there.kind),
            Some(_) if there.grade == "recorded" => "was answered by somebody who is not set up here".to_owned(),
            Some(_) if there.grade == "pinned" => "has another build of its tool here".to_owned(),
            Some(_) => "reads what such a step made".to_owned(),
        };
        *found.other.entry(why).or_default() += 1;
    }
}
