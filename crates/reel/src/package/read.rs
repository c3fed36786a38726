//! Reading a package: the request itself, and the three documents it names or holds.

use std::io::Read;
use std::path::{Path, PathBuf};

use contracts::{
    Document, Hash,
    assets::AssetManifest,
    canonical_value,
    package::{DocumentRef, RenderFault, RenderPackage},
    render::RenderPlan,
    shots::ShotList,
};
use kit::{files::read_at_most, inside::inside};
use serde_json::Value;

use crate::{
    failure::exit,
    shop::{Home, tenant},
    verbs::{MAX_DOCUMENT, document_faults},
};

/// The largest package that is read, in bytes: pictures may stand in it.
const MAX_PACKAGE: u64 = 256 << 20;
/// The most characters of an idempotency key.
const MAX_KEY: usize = 200;
/// The most callbacks.
const MAX_CALLBACKS: usize = 8;

/// A request that is not worked on.
pub struct Refused {
    /// As far as it could be read.
    pub request_id: String,
    /// All that was found wrong.
    pub faults: Vec<RenderFault>,
    /// Exit code.
    pub exit: u8,
}

/// A request whose own fields are in order.
pub struct Asked {
    pub package: RenderPackage,
    /// As it was received.
    value: Value,
}

/// A document as it was received, and as this build reads it.
pub struct Input<T> {
    pub doc: T,
    /// Canonical bytes.
    pub bytes: Vec<u8>,
    /// Their address.
    pub hash: Hash,
}

/// A request with its documents.
pub struct Inputs {
    pub package: RenderPackage,
    /// What is asked for, by content: the request without its own id, with the addresses of its documents in place of their
    /// names. Media are not in it: the plan names them by content.
    pub body: Hash,
    pub list: Input<ShotList>,
    pub manifest: Input<AssetManifest>,
    pub plan: Input<RenderPlan>,
}

/// A fault in the words of the contract.
pub fn fault(code: &str, stage: &str, message: impl Into<String>, recoverable: bool) -> RenderFault {
    RenderFault { code: code.into(), message: message.into(), stage: stage.into(), recoverable }
}

/// Reads and checks the request, and says in which folder its files are looked for.
pub fn request(file: Option<&Path>) -> Result<(Asked, Option<PathBuf>), Refused> {
    let refuse = |request_id: &str, faults: Vec<RenderFault>| Refused { request_id: request_id.to_owned(), faults, exit: exit::USAGE };
    let malformed = |message: String| fault("package.malformed", "request", message, false);
    let bytes = match file {
        Some(file) => read_at_most(file, MAX_PACKAGE).map_err(|e| format!("{} cannot be read: {e}", file.display())),
        None => {
            let mut bytes = Vec::new();
            let read = std::io::stdin().lock().take(MAX_PACKAGE + 1).read_to_end(&mut bytes);
            match read {
                Ok(n) if n as u64 > MAX_PACKAGE => Err(format!("the package is larger than {MAX_PACKAGE} bytes: send its media as files")),
                Ok(_) => Ok(bytes),
                Err(error) => Err(format!("standard input cannot be read: {error}")),
            }
        }
    };
    let bytes = bytes.map_err(|why| refuse("", vec![malformed(why)]))?;
    let value: Value = match serde_json::from_slice(&bytes) {
        Ok(value) => value,
        Err(error) => return Err(refuse("", vec![malformed(format!("the package is not valid JSON: {error}"))])),
    };
    let id = value.get("request_id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let package: RenderPackage = match contracts::read(&bytes) {
        Ok(package) => package,
        Err(error) => {
            let mut faults = document_faults(&bytes, RenderPackage::SCHEMA_ID);
            if faults.is_empty() {
                faults.push(error.to_string());
            }
            return Err(refuse(&id, faults.into_iter().map(malformed).collect()));
        }
    };
    let faults = fields(&package);
    if !faults.is_empty() {
        return Err(refuse(&id, faults));
    }
    let folder = |file: &Path| match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    Ok((Asked { package, value }, file.map(folder)))
}

/// What is wrong with the request's own fields.
fn fields(package: &RenderPackage) -> Vec<RenderFault> {
    let mut faults = Vec::new();
    let mut malformed = |message: String| faults.push(fault("package.malformed", "request", message, false));
    if !uuid(&package.request_id) {
        malformed(format!("/request_id: `{}` is not a UUID (8-4-4-4-12 hexadecimal digits)", shown(&package.request_id)));
    }
    let key = &package.idempotency_key;
    let characters = key.chars().count();
    if !(1..=MAX_KEY).contains(&characters) || key.chars().any(char::is_control) || key.trim().is_empty() {
        malformed(format!("/idempotency_key: `{}` has {characters} characters; expected 1 to {MAX_KEY} printable ones", shown(key)));
    }
    let profile = package.render_profile.as_str();
    if !matches!(profile, "preview_local" | "standard_local" | "draft_local") && profile.strip_prefix("hq_").is_none_or(str::is_empty) {
        malformed(format!(
            "/render_profile: `{profile}` is not one of preview_local, standard_local, hq_PROVIDER (or draft_local, for looking)"
        ));
    }
    let mut wanted = package.desired_outputs.clone();
    wanted.sort_unstable();
    wanted.dedup();
    if wanted.is_empty() || wanted.len() < package.desired_outputs.len() {
        let found = if wanted.is_empty() { "is empty" } else { "names an output twice" };
        malformed(format!("/desired_outputs: it {found}; expected one or more of video, captions, audio_stems, run_summary, each once"));
    }
    if package.callbacks.len() > MAX_CALLBACKS {
        malformed(format!("/callbacks: {} addresses; at most {MAX_CALLBACKS}", package.callbacks.len()));
    }
    for (at, address) in package.callbacks.iter().enumerate() {
        if let Err(why) = callback(address) {
            malformed(format!("/callbacks/{at}: `{}` {why}", shown(address)));
        }
    }
    for (at, name) in package.logging_options.iter().flat_map(|o| &o.redact).enumerate() {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
        if name.is_empty() || name.len() > 200 || !name.chars().all(plain) {
            malformed(format!("/logging_options/redact/{at}: `{}` is not the name of a field", shown(name)));
        }
    }
    if package.tenant_id != tenant() {
        let message = format!(
            "/tenant_id: `{}` does not live here: an embedded registry holds one tenant, `{}`. A registry for many tenants comes with scale-out; until then each tenant has a data home of its own (REELWRIGHT_HOME)",
            package.tenant_id,
            tenant()
        );
        faults.push(fault("package.tenant", "request", message, false));
    }
    faults
}

/// What a client wrote, short enough to be shown.
fn shown(text: &str) -> String {
    let short: String = text.chars().take(80).collect();
    format!("{}{}", short.escape_debug(), if short.len() < text.len() { "…" } else { "" })
}

fn uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.iter().map(|p| p.len()).eq([8, 4, 4, 4, 12]) && parts.iter().all(|p| p.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Whether an address may be told how a render goes: https, without a name or a password in it.
fn callback(address: &str) -> Result<(), String> {
    if address.len() > 2048 {
        return Err("is longer than 2048 bytes".into());
    }
    let url = url::Url::parse(address).map_err(|e| format!("is not an address: {e}"))?;
    if url.scheme() != "https" || url.host_str().is_none() {
        return Err("is not an https address".into());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a name or a password: an address is written into records, a secret is not".into());
    }
    Ok(())
}

/// Reads the three documents.
pub fn inputs(asked: Asked, root: Option<&Path>, home: &Home) -> Result<Inputs, Refused> {
    let Asked { package, mut value } = asked;
    let mut faults = Vec::new();
    let list = document::<ShotList>(&package.inputs.shotlist_ref, "shotlist_ref", root, home, &mut faults);
    let manifest = document::<AssetManifest>(&package.inputs.asset_manifest_ref, "asset_manifest_ref", root, home, &mut faults);
    let plan = document::<RenderPlan>(&package.inputs.render_plan_ref, "render_plan_ref", root, home, &mut faults);
    let request_id = package.request_id.clone();
    let refused = move |faults| Refused { request_id, faults, exit: exit::PROJECT };
    let (Some(list), Some(manifest), Some(plan)) = (list, manifest, plan) else { return Err(refused(faults)) };
    if let Value::Object(map) = &mut value {
        map.remove("request_id");
        if let Some(Value::Object(inputs)) = map.get_mut("inputs") {
            inputs.remove("media");
            for (name, hash) in [("shotlist_ref", &list.hash), ("asset_manifest_ref", &manifest.hash), ("render_plan_ref", &plan.hash)] {
                inputs.insert(name.into(), hash.to_string().into());
            }
        }
    }
    let body = match canonical_value(&value) {
        Ok(bytes) => Hash::of(&bytes),
        Err(error) => return Err(refused(vec![fault("package.malformed", "request", error.to_string(), false)])),
    };
    Ok(Inputs { package, body, list, manifest, plan })
}

/// Reads one document; what is wrong with it goes to `faults`.
fn document<T: Document>(
    named: &DocumentRef,
    field: &str,
    root: Option<&Path>,
    home: &Home,
    faults: &mut Vec<RenderFault>,
) -> Option<Input<T>> {
    let place = format!("/inputs/{field}");
    let mut refuse = |code: &str, why: String, recoverable| {
        faults.push(fault(code, "inputs", format!("{place}: {why}"), recoverable));
        None
    };
    let value: Value = match named {
        DocumentRef::Inline(value) => value.clone(),
        DocumentRef::Uri(address) => {
            let bytes = match bytes_of(address, root, home) {
                Ok(bytes) => bytes,
                Err((why, later)) => return refuse("package.reference", why, later),
            };
            match serde_json::from_slice(&bytes) {
                Ok(value) => value,
                Err(error) => return refuse("package.document", format!("not valid JSON: {error}"), false),
            }
        }
    };
    if let Some(other) =
        value.get("render_runtime").and_then(Value::as_str).filter(|r| T::SCHEMA_ID == RenderPlan::SCHEMA_ID && *r != "ffmpeg")
    {
        let why = format!(
            "/render_runtime: the plan is locked to `{}`; this build plays `ffmpeg`, and never swaps one for another",
            shown(other)
        );
        return refuse("package.runtime", why, false);
    }
    let bytes = match canonical_value(&value) {
        Ok(bytes) => bytes,
        Err(error) => return refuse("package.document", error.to_string(), false),
    };
    match contracts::read::<T>(&bytes) {
        Ok(doc) => Some(Input { doc, hash: Hash::of(&bytes), bytes }),
        Err(error) => {
            // All at once where the schema sees more than the reader, which stops at the first.
            let mut told = document_faults(&bytes, T::SCHEMA_ID);
            if told.is_empty() {
                told.push(error.to_string());
            }
            for why in told {
                refuse("package.document", why, false);
            }
            None
        }
    }
}

/// The bytes an address names, or why not and whether they may come later.
fn bytes_of(address: &str, root: Option<&Path>, home: &Home) -> Result<Vec<u8>, (String, bool)> {
    if let Some(hex) = address.strip_prefix("sha256:") {
        let hash = Hash::try_from(hex.to_owned()).map_err(|e| (e.to_string(), false))?;
        return home.registry.bytes(&hash).map_err(|e| (e.to_string(), true));
    }
    let path = file(address, root)?;
    read_at_most(&path, MAX_DOCUMENT).map_err(|e| (format!("`{}`: {e}", shown(address)), false))
}

/// Where a `file:` address leads, inside the package's own folder.
pub fn file(address: &str, root: Option<&Path>) -> Result<PathBuf, (String, bool)> {
    let Some(name) = address.strip_prefix("file:") else {
        return Err((format!("`{}` is no address this build follows: expected file:NAME or sha256:HASH", shown(address)), false));
    };
    let Some(root) = root else {
        return Err((
            format!("`{}`: a package from standard input has no folder; name files by content, or send them in it", shown(address)),
            false,
        ));
    };
    inside(root, Path::new(name)).map_err(|e| (format!("`{}`: {e}", shown(address)), e.kind() == std::io::ErrorKind::NotFound))
}
