//! Reading documents: versions, unknown fields, missing fields by JSON pointer, keys that a law forbids (design §4).

use schemars::{JsonSchema, Schema};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{CanonicalError, Hash, canonical_bytes};

/// A document of the chain: a type with a schema id and a version.
pub trait Document: Serialize + DeserializeOwned + JsonSchema {
    /// The name in `schema_id`, and of the file in a run folder.
    const SCHEMA_ID: &'static str;
    /// The version written by this build, `major.minor.patch`.
    const SCHEMA_VERSION: &'static str;
    /// Keys refused at any depth, because a law says so.
    const FORBIDDEN_KEYS: &'static [&'static str] = &[];

    /// The document with its envelope, in canonical bytes, and their address.
    fn seal(&self) -> Result<(Vec<u8>, Hash), CanonicalError> {
        let mut value = serde_json::to_value(self)?;
        if let Value::Object(map) = &mut value {
            map.insert("schema_id".into(), Self::SCHEMA_ID.into());
            map.insert("schema_version".into(), Self::SCHEMA_VERSION.into());
        }
        let bytes = canonical_bytes(&value)?;
        let hash = Hash::of(&bytes);
        Ok((bytes, hash))
    }
}

/// Why bytes are not the document they should be. The CLI adds the file's name.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Not JSON.
    #[error("not valid JSON: {0}")]
    Json(serde_json::Error),
    /// A required field is absent or has the wrong type.
    #[error("{pointer}: {message}")]
    Field {
        /// Where, as a JSON pointer.
        pointer: String,
        /// What is wrong there.
        message: String,
    },
    /// Another kind of document.
    #[error("/schema_id: expected `{expected}`, found `{found}`")]
    Kind {
        /// What the reader asked for.
        expected: String,
        /// What the document says it is.
        found: String,
    },
    /// Another major version: it needs a migration, or a newer build.
    #[error(
        "/schema_version: {kind} {found} cannot be read by this build, which reads {ours}; {}",
        crate::migrate::advice(kind, found, ours, crate::migrate::MIGRATIONS)
    )]
    Major {
        /// The schema id.
        kind: String,
        /// The version in the document.
        found: String,
        /// The version of this build.
        ours: String,
    },
    /// A key that may not appear in this document at any depth.
    #[error("{pointer}: the key `{key}` may not appear in a {kind}")]
    Forbidden {
        /// Where, as a JSON pointer.
        pointer: String,
        /// The key.
        key: String,
        /// The schema id.
        kind: String,
    },
}

/// Reads a sealed document: unknown fields are tolerated, missing required ones named by JSON pointer, an older or newer
/// minor version accepted, another major refused.
pub fn read<T: Document>(bytes: &[u8]) -> Result<T, ReadError> {
    let value: Value = serde_json::from_slice(bytes).map_err(ReadError::Json)?;
    check_envelope(&value, T::SCHEMA_ID, T::SCHEMA_VERSION)?;
    if let Some((pointer, key)) = find_key(&value, T::FORBIDDEN_KEYS, &mut String::new()) {
        return Err(ReadError::Forbidden { pointer, key, kind: T::SCHEMA_ID.into() });
    }
    from_value(value)
}

/// Reads any serde type from a value, naming the field by JSON pointer when it does not fit.
pub fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, ReadError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let mut pointer: String = error
            .path()
            .iter()
            .map(|segment| match segment {
                serde_path_to_error::Segment::Seq { index } => format!("/{index}"),
                serde_path_to_error::Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
                serde_path_to_error::Segment::Enum { variant } => format!("/{variant}"),
                serde_path_to_error::Segment::Unknown => "/?".to_owned(),
            })
            .collect();
        let mut message = error.inner().to_string();
        if let Some(name) = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
            pointer = format!("{pointer}/{name}");
            message = "required field is missing".to_owned();
        }
        ReadError::Field { pointer, message }
    })
}

fn check_envelope(value: &Value, id: &str, ours: &str) -> Result<(), ReadError> {
    let text = |key: &str| {
        value
            .get(key)
            .and_then(Value::as_str)
            .ok_or_else(|| ReadError::Field { pointer: format!("/{key}"), message: "required field is missing".into() })
    };
    let found = text("schema_id")?;
    if found != id {
        return Err(ReadError::Kind { expected: id.into(), found: found.into() });
    }
    let version = text("schema_version")?;
    let major = |v: &str| v.split('.').next().and_then(|m| m.parse::<u32>().ok());
    match (major(version), major(ours)) {
        (Some(a), Some(b)) if a == b => Ok(()),
        (Some(_), _) => Err(ReadError::Major { kind: id.into(), found: version.into(), ours: ours.into() }),
        (None, _) => Err(ReadError::Field {
            pointer: "/schema_version".into(),
            message: format!("`{version}` is not a version; expected major.minor.patch"),
        }),
    }
}

fn find_key(value: &Value, keys: &[&str], pointer: &mut String) -> Option<(String, String)> {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), v)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(i, v)| (i.to_string(), v)).collect(),
        _ => return None,
    };
    for (name, child) in children {
        let length = pointer.len();
        pointer.push('/');
        pointer.push_str(&name);
        if value.is_object() && keys.contains(&name.as_str()) {
            return Some((pointer.clone(), name));
        }
        if let Some(found) = find_key(child, keys, pointer) {
            return Some(found);
        }
        pointer.truncate(length);
    }
    None
}

/// One kind of document, for `reel schema` and for the generated files in `schemas/`.
pub struct DocumentKind {
    /// `schema_id`.
    pub id: &'static str,
    /// `schema_version` of this build.
    pub version: &'static str,
    /// What it is, in one sentence.
    pub about: &'static str,
    /// Keys refused at any depth.
    pub forbidden_keys: &'static [&'static str],
    schema: fn() -> Schema,
    read: fn(&[u8]) -> Result<(), ReadError>,
}

impl DocumentKind {
    const fn of<T: Document>(about: &'static str) -> Self {
        Self {
            id: T::SCHEMA_ID,
            version: T::SCHEMA_VERSION,
            about,
            forbidden_keys: T::FORBIDDEN_KEYS,
            schema: schemars::schema_for_document::<T>,
            read: |bytes| read::<T>(bytes).map(|_| ()),
        }
    }

    /// The JSON Schema (2020-12) of the sealed document, envelope included.
    pub fn schema(&self) -> Value {
        let mut schema = Value::from((self.schema)());
        if let Value::Object(map) = &mut schema {
            map.insert("$id".into(), format!("urn:reelwright:schema:{}:{}", self.id, self.version).into());
            map.insert("title".into(), self.id.into());
            map.insert("description".into(), self.about.into());
            if let Some(Value::Object(properties)) = map.get_mut("properties") {
                properties.insert("schema_id".into(), serde_json::json!({"const": self.id}));
                properties.insert("schema_version".into(), serde_json::json!({"type": "string", "pattern": "^[0-9]+\\.[0-9]+\\.[0-9]+$"}));
            }
            if let Some(Value::Array(required)) = map.get_mut("required") {
                required.push("schema_id".into());
                required.push("schema_version".into());
                required.sort_by_key(|v| v.as_str().map(str::to_owned));
            }
        }
        schema
    }

    /// Reads bytes as this kind and says what is wrong with them.
    pub fn check(&self, bytes: &[u8]) -> Result<(), ReadError> {
        (self.read)(bytes)
    }
}

mod schemars {
    pub use ::schemars::*;
    /// The schema of `T` with the 2020-12 generator.
    pub fn schema_for_document<T: JsonSchema>() -> Schema {
        generate::SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>()
    }
}

/// Every kind of document, in the order of the chain.
pub fn documents() -> &'static [DocumentKind] {
    use crate::{
        assets, bundle, canon, choice, context, decision_log, notes, package, project, promise, render, run, shots, story, table_read,
        takes,
    };
    const ALL: &[DocumentKind] = &[
        DocumentKind::of::<project::Project>("The settings of one series."),
        DocumentKind::of::<promise::Proposal>("What is promised, by which tools and at what cost, before work starts; locked by hash."),
        DocumentKind::of::<promise::PromiseLock>(
            "What an episode is held to: its locked proposal, and every approved change. A record, not a chain artifact.",
        ),
        DocumentKind::of::<canon::Canon>("The structured truth of the story world at one version."),
        DocumentKind::of::<canon::CanonDiff>("A proposed change to the canon, with justification, provenance and verdict."),
        DocumentKind::of::<story::StoryArc>("What the season asks, hides and pays."),
        DocumentKind::of::<story::EpisodePlan>(
            "One episode: question, turn, cost, last image, scenes and beats, before a line is written.",
        ),
        DocumentKind::of::<story::Cast>("Look and voice of each character."),
        DocumentKind::of::<story::Script>("Scenes, actions and lines. No camera."),
        DocumentKind::of::<context::ContextPack>("What a writer may know for one step, and why. No earlier script."),
        DocumentKind::of::<notes::Notes>("What a person changed by hand: lines, shots, music, pronunciation."),
        DocumentKind::of::<takes::Selections>("Which take of each shot a person has chosen."),
        DocumentKind::of::<table_read::TableRead>("Every line spoken once: engine, voice, samples, word marks."),
        DocumentKind::of::<shots::ShotList>("Timed shots under a timing lock."),
        DocumentKind::of::<assets::AssetManifest>("What the film needs. No provider."),
        DocumentKind::of::<assets::ResolvedAssets>("What met the needs, with rights."),
        DocumentKind::of::<render::RenderPlan>("Everything the renderer plays, for one profile."),
        DocumentKind::of::<render::RenderOutput>("The film and the files beside it, measured."),
        DocumentKind::of::<package::RenderPackage>("A request to render a film: three documents, and what is wanted of them."),
        DocumentKind::of::<package::RenderResponse>("What came of a request to render a film."),
        DocumentKind::of::<choice::Decision>("One choice of a tool, with everything it rested on. A record, not a chain artifact."),
        DocumentKind::of::<choice::Decisions>("Every choice of a tool for one episode. A record, not a chain artifact."),
        DocumentKind::of::<decision_log::DecisionLog>(
            "What was decided in one project, in order, each entry chained to the one before it. A record, not a chain artifact.",
        ),
        DocumentKind::of::<bundle::Bundle>("What a packed run holds, and what it made. A record, not a chain artifact."),
        DocumentKind::of::<takes::Takes>("The takes that were made of shots. A record, not a chain artifact."),
        DocumentKind::of::<run::RunSummary>(
            "What one run did: stages, times, cache hits, stand-ins, cost. A record, not a chain artifact.",
        ),
    ];
    ALL
}
