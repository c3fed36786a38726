//! Tools, tables and requests that the tests choose among.

use std::sync::LazyLock;

use contracts::MicroUsd;
use contracts::choice::{CostUnit, Modality, Policy, Price, SelectionRequest, ToolId, ToolManifest};
use routing::{Catalogue, Surroundings, Tables, manifest};

/// A tool's name.
pub fn id(name: &str) -> ToolId {
    ToolId::new(name).expect("is a name")
}

/// Every file of a folder of the repository, by name.
pub fn files(folder: &str) -> Vec<(String, String)> {
    let root = format!("{}/../../{folder}", env!("CARGO_MANIFEST_DIR"));
    let entries = std::fs::read_dir(&root).unwrap_or_else(|e| panic!("{root}: {e}"));
    let mut files: Vec<(String, String)> = entries
        .flatten()
        .map(|f| (f.file_name().to_string_lossy().into_owned(), std::fs::read_to_string(f.path()).expect("is text")))
        .collect();
    files.sort();
    files
}

/// Pairs of texts as the loaders take them.
pub fn pairs(files: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    files.iter().map(|(name, text)| (name.as_str(), text.as_str()))
}

/// What ships.
pub fn shipped() -> (Catalogue, Tables) {
    let (providers, routing) = (files("policies/providers"), files("policies/routing"));
    let (catalogue, faults) = Catalogue::load(pairs(&providers));
    assert!(faults.is_empty(), "{faults:?}");
    let (tables, faults) = Tables::load(pairs(&routing));
    assert!(faults.is_empty(), "{faults:?}");
    (catalogue, tables)
}

/// What every clip tool of the tests is made of.
static CLIP: LazyLock<ToolManifest> = LazyLock::new(|| {
    let text = "tool = \"x\"\nprovider = \"x\"\npayer = \"x\"\ncapability = \"video_generation\"\nmodality = \"video\"\n\
        operations = [\"text_to_video\", \"image_to_video\"]\ntier = \"generate\"\nstability = \"beta\"\nruntime = \"api\"\n\
        cost_tier = \"low\"\ncommercial = true\ndata_classes = [\"public\", \"internal\"]\n";
    manifest::parse("clip.toml", text).unwrap_or_else(|e| panic!("{e}"))
});

/// A manifest of a clip tool from elsewhere. `micro_usd` is for a call; none is unknown.
pub fn clip(name: &str, moves: bool, micro_usd: Option<i64>) -> ToolManifest {
    let company = id(&format!("{name}-co"));
    ToolManifest {
        tool: id(name),
        provider: company.clone(),
        payer: Some(company),
        capability: if moves { "video_generation" } else { "image_generation" }.into(),
        moves,
        price: micro_usd.map(|m| Price { per: CostUnit::Call, micro_usd: Some(m) }),
        ..CLIP.clone()
    }
}

/// A request for a clip under a policy.
pub fn wanted(policy: Policy) -> SelectionRequest {
    SelectionRequest { policy, operation: Some("text_to_video".into()), ..SelectionRequest::of("sc01-b02-s1", Modality::Video) }
}

/// Surroundings with so much left.
pub fn left(micro_usd: i64) -> Surroundings {
    let mut around = Surroundings::default();
    around.budget.remaining_micro_usd = Some(MicroUsd(micro_usd));
    around
}
