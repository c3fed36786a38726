//! RenderPackage v1: what any client sends to have a film rendered, and what it gets back (002-21.1 to 21.3).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Document, Hash, Id, run::RunSummary};

/// A request to render a film. Only validated documents, never prose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RenderPackage {
    /// Names this request: a UUID.
    pub request_id: String,
    /// The client's name for what it wants once, 1 to 200 printable characters: the same key with the same request answers
    /// from the registry, with another request it is a conflict.
    pub idempotency_key: String,
    /// Whose it is.
    pub tenant_id: Id,
    /// `preview_local`, `standard_local`, `hq_{provider}`; the plan's own.
    pub render_profile: Id,
    /// What is rendered.
    pub inputs: PackageInputs,
    /// What is wanted of it, at least one.
    pub desired_outputs: Vec<DesiredOutput>,
    /// Where to tell how it goes: `https` addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub callbacks: Vec<String>,
    /// How much is written to the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logging_options: Option<LoggingOptions>,
}

impl Document for RenderPackage {
    const SCHEMA_ID: &'static str = "render_package";
    const SCHEMA_VERSION: &'static str = "1.0.0";
}

/// The documents of a package.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PackageInputs {
    /// A ShotList.
    pub shotlist_ref: DocumentRef,
    /// An AssetManifest.
    pub asset_manifest_ref: DocumentRef,
    /// A RenderPlan.
    pub render_plan_ref: DocumentRef,
    /// Files whose content the plan names by hash and the registry may not hold yet: `file:` addresses, taken from the
    /// package's own folder, or `data:` addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<String>,
}

/// A document, by address or as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum DocumentRef {
    /// `sha256:…` in the registry, or `file:` from the package's own folder.
    Uri(String),
    /// The document with its envelope.
    Inline(Value),
}

/// What a client can want.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each name is its own description")]
pub enum DesiredOutput {
    Video,
    Captions,
    AudioStems,
    RunSummary,
}

/// How much is written to the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoggingOptions {
    /// From nothing to everything.
    #[serde(default)]
    pub trace_level: TraceLevel,
    /// What is left out: names of fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redact: Vec<String>,
}

/// How much is written to a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each name is its own description")]
pub enum TraceLevel {
    Off,
    Error,
    Warn,
    #[default]
    Info,
    Debug,
    Trace,
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RenderResponse {
    /// The request's.
    pub request_id: String,
    /// How far it is.
    pub status: RenderStatus,
    /// Where each output is: name to `sha256:…`. Filled when it is completed or degraded.
    pub artifact_uris: BTreeMap<String, String>,
    /// Content hash of every document and output, inputs included, by name.
    pub lineage_hashes: BTreeMap<String, Hash>,
    /// What was done, when it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_summary: Option<RunSummary>,
    /// What went wrong.
    pub errors: Vec<RenderFault>,
    /// What a client must know beside: what was accepted and is not done yet, what was done otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl Document for RenderResponse {
    const SCHEMA_ID: &'static str = "render_response";
    const SCHEMA_VERSION: &'static str = "1.0.0";
}

/// How far a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RenderStatus {
    /// Taken, not begun.
    Queued,
    /// Being rendered.
    InProgress,
    /// The film is there, decoded and measured.
    Completed,
    /// There is no film.
    Failed,
    /// The film is there; something in it stands in for something else.
    Degraded,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RenderFault {
    /// A stable code, with a page in `docs/errors`.
    pub code: String,
    /// What happened, why, and what to do next.
    pub message: String,
    /// Where: `request`, `inputs`, `shots`, `mix`, `join`, `publish`.
    pub stage: String,
    /// Whether the same request may succeed later.
    pub recoverable: bool,
}
