//! Manifests of tools, and the catalogue they make. A file that is wrong is named with its field and left out; the others still
//! stand. Texts are handed in: who reads folders is `reel`.

use std::collections::{BTreeMap, BTreeSet};

use contracts::choice::{CostTier, Modality, ToolId, ToolManifest, WHOLE};
use contracts::tool::CostUnit;
use serde_json::{Value, json};

/// The most bytes of one manifest.
pub const MAX_BYTES: usize = 256 * 1024;

/// What is wrong with one file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {field}{message}")]
pub struct ManifestError {
    /// The file, as it was handed in.
    pub file: String,
    /// The field and a colon, or nothing where the file as a whole is wrong.
    pub field: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

fn fault(file: &str, field: &str, message: impl Into<String>) -> ManifestError {
    let field = if field.is_empty() { String::new() } else { format!("{field}: ") };
    ManifestError { file: file.to_owned(), field, message: message.into() }
}

/// One manifest out of its TOML text.
pub fn parse(file: &str, text: &str) -> Result<ToolManifest, ManifestError> {
    if text.len() > MAX_BYTES {
        return Err(fault(file, "", format!("{} bytes; a manifest has at most {MAX_BYTES}", text.len())));
    }
    let value: toml::Table = toml::from_str(text).map_err(|e| fault(file, &line(text, e.span()), e.message()))?;
    if let Some(money) = value.get("price").and_then(|p| p.get("micro_usd")) {
        let told = "expected a whole number of micro-dollars, 0 to 1000000000 (0.04 USD is 40000); leave it out where nobody knows";
        match money.as_integer() {
            Some(0..=1_000_000_000) => {}
            _ => {
                let given = match money {
                    toml::Value::Integer(n) => n.to_string(),
                    toml::Value::Float(n) => n.to_string(),
                    other => format!("a {}", other.type_str()),
                };
                return Err(fault(file, "price.micro_usd", format!("{given} is no price: {told}")));
            }
        }
    }
    let value = serde_json::to_value(value).map_err(|e| fault(file, "", e.to_string()))?;
    let manifest: ToolManifest = contracts::document::from_value(value).map_err(|e| match e {
        contracts::document::ReadError::Field { pointer, message } => {
            fault(file, pointer.trim_start_matches('/').replace('/', ".").as_str(), message)
        }
        other => fault(file, "", other.to_string()),
    })?;
    check(file, &manifest)?;
    Ok(manifest)
}

/// The line of a span, for an error of the syntax.
fn line(text: &str, span: Option<std::ops::Range<usize>>) -> String {
    let at = span.and_then(|span| text.get(..span.start)).map(|before| before.matches('\n').count() + 1);
    at.map(|line| format!("line {line}")).unwrap_or_default()
}

fn check(file: &str, tool: &ToolManifest) -> Result<(), ManifestError> {
    let wrong = |field: &str, message: String| Err(fault(file, field, message));
    if tool.operations.is_empty() || tool.operations.iter().any(String::is_empty) {
        return wrong("operations", "name at least one operation, none of them empty".into());
    }
    if tool.capability.is_empty() {
        return wrong("capability", "it is empty; say what it is listed under, such as image_generation".into());
    }
    if tool.data_classes.is_empty() {
        return wrong("data_classes", "name what it may be handed: public, internal, confidential, restricted".into());
    }
    if let Some(quality) = tool.quality_ppm.filter(|q| i64::from(*q) > WHOLE) {
        return wrong("quality_ppm", format!("{quality} is above {WHOLE}, which is the best there is"));
    }
    if tool.cost_tier == CostTier::Free && tool.price.is_some_and(|p| p.micro_usd.is_none_or(|m| m > 0)) {
        return wrong("cost_tier", "`free` with a price that is not 0".into());
    }
    if tool.cost_tier != CostTier::Free && tool.payer.is_none() {
        return wrong("payer", format!("somebody sends the bill for a tool of tier `{}`: name who", tool.cost_tier.name()));
    }
    let limits = &tool.limits;
    if limits.durations_ms.contains(&0) || limits.max_duration_ms == Some(0) {
        return wrong("limits", "a length of 0 ms".into());
    }
    if let (Some(most), Some(longest)) = (limits.max_duration_ms, limits.durations_ms.iter().max())
        && *longest > most
    {
        return wrong("limits.durations_ms", format!("{longest} ms is longer than limits.max_duration_ms, {most}"));
    }
    if limits.max_width == Some(0) || limits.max_height == Some(0) || limits.fps.contains(&0) {
        return wrong("limits", "a size or a rate of 0".into());
    }
    for aspect in &limits.aspects {
        let fits = aspect.split_once(':').is_some_and(|(w, h)| [w, h].iter().all(|n| n.parse::<u16>().is_ok_and(|n| n > 0)));
        if !fits {
            return wrong("limits.aspects", format!("`{aspect}` is no aspect; expected width:height, such as 16:9"));
        }
    }
    for (field, schema) in [("input_schema", &tool.input_schema), ("output_schema", &tool.output_schema)] {
        if schema.as_ref().is_some_and(|schema| !schema.is_object()) {
            return wrong(field, "a JSON Schema is a table".into());
        }
    }
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    if let Some(name) = tool.environment.iter().find(|name| name.is_empty() || !name.chars().all(plain)) {
        return wrong("environment", format!("`{name}` is no name of a variable; values do not belong in a manifest"));
    }
    if tool.fallback.contains(&tool.tool) {
        return wrong("fallback", format!("`{}` falls back on itself", tool.tool));
    }
    match contracts::canonical_bytes(tool) {
        Ok(_) => Ok(()),
        Err(why) => wrong("", format!("it has no canonical form: {why}")),
    }
}

/// Tools, found by name and by modality.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    tools: Vec<ToolManifest>,
    by_modality: BTreeMap<Modality, Vec<usize>>,
    by_operation: BTreeMap<(Modality, String), Vec<usize>>,
}

impl Catalogue {
    /// A catalogue of files (name, text), in any order, and everything that is wrong with them. What is wrong is left out: a tool
    /// that is named twice altogether, because nobody can say which of them was meant; a ring of fallbacks with all its members.
    pub fn load<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> (Self, Vec<ManifestError>) {
        let mut faults = Vec::new();
        let mut found: BTreeMap<ToolId, Vec<(String, ToolManifest)>> = BTreeMap::new();
        for (file, text) in files {
            match parse(file, text) {
                Ok(manifest) => found.entry(manifest.tool.clone()).or_default().push((file.to_owned(), manifest)),
                Err(why) => faults.push(why),
            }
        }
        for (tool, mut files) in std::mem::take(&mut found) {
            if files.len() == 1 {
                found.insert(tool, files);
                continue;
            }
            files.sort_by(|a, b| a.0.cmp(&b.0));
            let names: Vec<&str> = files.iter().map(|(file, _)| file.as_str()).collect();
            let told = format!("`{tool}` is named by {}: a tool has one manifest, and none of these is used", names.join(" and "));
            faults.push(fault(names[0], "tool", told));
        }
        let ring = rings(&found);
        for (tool, through) in &ring {
            if let Some((file, _)) = found.remove(tool).into_iter().flatten().next() {
                faults.push(fault(&file, "fallback", format!("the chain comes back to where it began: {through}")));
            }
        }
        faults.sort_by(|a, b| (&a.file, &a.field).cmp(&(&b.file, &b.field)));
        (Self::of(found.into_values().flatten().map(|(_, manifest)| manifest)), faults)
    }

    /// A catalogue of manifests that were checked before; the last of a name stays.
    pub fn of(manifests: impl IntoIterator<Item = ToolManifest>) -> Self {
        let tools: BTreeMap<ToolId, ToolManifest> = manifests.into_iter().map(|m| (m.tool.clone(), m)).collect();
        let mut catalogue = Self { tools: tools.into_values().collect(), ..Self::default() };
        for (at, tool) in catalogue.tools.iter().enumerate() {
            catalogue.by_modality.entry(tool.modality).or_default().push(at);
            for operation in &tool.operations {
                catalogue.by_operation.entry((tool.modality, operation.clone())).or_default().push(at);
            }
        }
        catalogue
    }

    /// All tools, by name.
    pub fn tools(&self) -> &[ToolManifest] {
        &self.tools
    }

    /// The tool of a name.
    pub fn get(&self, tool: &ToolId) -> Option<&ToolManifest> {
        self.tools.binary_search_by(|one| one.tool.cmp(tool)).ok().map(|at| &self.tools[at])
    }

    /// Tools of a modality, by name; of those only the ones that know the operation, where one is given.
    pub fn making(&self, modality: Modality, operation: Option<&str>) -> impl Iterator<Item = &ToolManifest> {
        let found = match operation {
            Some(operation) => self.by_operation.get(&(modality, operation.to_owned())),
            None => self.by_modality.get(&modality),
        };
        found.into_iter().flatten().map(|&at| &self.tools[at])
    }
}

/// Tools that reach themselves over fallbacks, each with the way.
fn rings(found: &BTreeMap<ToolId, Vec<(String, ToolManifest)>>) -> BTreeMap<ToolId, String> {
    let next = |tool: &ToolId| found.get(tool).into_iter().flatten().flat_map(|(_, manifest)| manifest.fallback.iter());
    let mut rings = BTreeMap::new();
    for start in found.keys() {
        // The shortest way back, by breadth: from whom each tool was reached.
        let mut from: BTreeMap<&ToolId, &ToolId> = BTreeMap::new();
        let mut edge: Vec<&ToolId> = vec![start];
        while let Some(tool) = edge.first().copied() {
            edge.remove(0);
            for other in next(tool) {
                if !from.contains_key(other) {
                    from.insert(other, tool);
                    edge.push(other);
                }
            }
        }
        if !from.contains_key(start) {
            continue;
        }
        let mut way = vec![start.as_str()];
        let mut at = from[start];
        while at != start {
            way.push(at.as_str());
            at = from[at];
        }
        way.push(start.as_str());
        way.reverse();
        rings.insert(start.clone(), way.join(" → "));
    }
    rings
}

/// The capabilities of a tool as 002 §22.1 lists them: a view, stored nowhere.
pub fn capabilities(tool: &ToolManifest) -> Value {
    let limits = &tool.limits;
    let longest = limits.max_duration_ms.or_else(|| limits.durations_ms.iter().max().copied());
    let mut view = json!({
        "provider_id": tool.tool,
        "supported_aspect_ratios": limits.aspects,
        "supported_fps": limits.fps,
        "audio_support": tool.supports.contains("native_audio") || matches!(tool.modality, Modality::Speech | Modality::Music | Modality::Sound),
        "image_to_video": tool.operations.contains("image_to_video"),
        "text_to_video": tool.operations.contains("text_to_video"),
    });
    if let Some(longest) = longest {
        // Whole seconds, downwards: a hard cap.
        view["max_clip_duration_sec"] = json!(longest / 1000);
    }
    if let (Some(width), Some(height)) = (limits.max_width, limits.max_height) {
        view["max_resolution"] = json!(format!("{width}x{height}"));
    }
    view
}

/// How much of what is paid for a request needs, so that the worst case can be told; absent where that cannot be known.
pub(crate) fn units(tool: &ToolManifest, request: &contracts::choice::SelectionRequest, unit: CostUnit) -> Option<(i64, i64)> {
    match unit {
        CostUnit::Call => Some((1, 1)),
        CostUnit::Second => Some((i64::from(ordered_ms(tool, request.duration_ms?)?), 1_000)),
        CostUnit::KiloToken => Some((i64::from(request.tokens?), 1_000)),
        CostUnit::Megapixel => Some((i64::from(request.width?) * i64::from(request.height?), 1_000_000)),
    }
}

/// The length that must be ordered: the shortest of the menu that is long enough.
pub(crate) fn ordered_ms(tool: &ToolManifest, wanted: u32) -> Option<u32> {
    if tool.limits.durations_ms.is_empty() {
        return Some(wanted);
    }
    tool.limits.durations_ms.iter().copied().filter(|ms| *ms >= wanted).min()
}

/// Variables of a catalogue's tools: what the caller looks up, and hands in as set or not.
pub fn environment(catalogue: &Catalogue) -> BTreeSet<&str> {
    catalogue.tools.iter().flat_map(|tool| tool.environment.iter().map(String::as_str)).collect()
}
