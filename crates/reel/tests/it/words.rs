//! Words that nobody here knows: the film is made with the nearest, and everybody who asks is told so.

use std::fs;

use contracts::{assets::ResolvedAssets, lexicon::Substitution, read, run::RunSummary};
use serde_json::json;

use crate::{
    notes::{example, note},
    ok, reel,
};

#[test]
fn what_is_not_known_becomes_the_nearest_on_record_and_on_the_screen() {
    let dir = tempfile::tempdir().expect("a folder");
    let (project, out) = (example(dir.path()), dir.path().join("out"));
    // A style, a place, a thing, a sound and a mood that nobody here knows.
    let swap = |file: &str, swaps: &[(&str, &str)]| {
        let path = project.join(file);
        let mut text = fs::read_to_string(&path).expect("reads");
        for (from, to) in swaps {
            assert!(text.contains(from), "{from}");
            text = text.replacen(from, to, 1);
        }
        fs::write(path, text).expect("writes");
    };
    swap("project.toml", &[("visual_style = \"paper\"", "visual_style = \"watercolour\"")]);
    swap(
        "canon.toml",
        &[
            ("family = \"workshop\"", "family = \"smithy\""),
            ("shape = \"can\"", "shape = \"barrel\""),
            ("sounds = [\"drip\"]", "sounds = [\"trombone\"]"),
        ],
    );
    let story = ok(reel(dir.path()).arg("write").arg(&project).arg("--json"));
    let scene = story["script"]["scenes"][0]["id"].as_str().expect("a scene");
    note(&project, &format!("[[music]]\nscene = \"{scene}\"\nmood = \"melancholy\"\nlevel = 2\n"));

    let produce = |json: bool| {
        let mut command = reel(dir.path());
        command.arg("produce").arg(&project).args(["--yes", "--draft", "--no-voice", "--out"]).arg(&out);
        if json { command.arg("--json") } else { &mut command }.output().expect("starts")
    };
    let done = produce(true);
    let done = crate::json(&done);
    // Nothing is missing: it is another thing than was asked for, and that is said.
    assert_eq!((&done["status"], &done["stand_ins"]), (&json!("completed"), &json!([])), "{done}");
    let summary: RunSummary = read(&fs::read(out.join("run_summary.json")).expect("reads")).expect("is a document");
    let resolved: ResolvedAssets = read(&fs::read(out.join("ResolvedAssets.json")).expect("reads")).expect("is a document");
    let used = |asked: &str| {
        let found: Vec<&Substitution> = summary.substitutions.iter().filter(|s| s.asked == asked).collect();
        assert_eq!(found.len(), 1, "{asked}: {:?}", summary.substitutions);
        found[0].clone()
    };
    for (asked, nearest) in
        [("watercolour", "pastel"), ("smithy", "workshop"), ("trombone", "fog_horn"), ("melancholy", "heavy"), ("barrel", "can")]
    {
        assert_eq!(used(asked).used, nearest);
    }
    for asked in ["barrel", "trombone"] {
        assert!(resolved.assets.values().any(|a| a.substitutions.contains(&used(asked))), "{asked} is not on record beside its asset");
    }
    // Told to a program, on the terminal, and to whoever asks later.
    assert_eq!(done["substitutions"].as_array().map(Vec::len), Some(summary.substitutions.len()));
    let (terminal, later) = (produce(false), reel(dir.path()).arg("show").output().expect("starts"));
    for output in [terminal, later] {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        for substitution in &summary.substitutions {
            assert!(text.contains(&substitution.told()), "{} is not in:\n{text}", substitution.told());
        }
    }
}
