//! Screenplays from other programs, and for them.

use std::fs;

use crate::season::project;
use crate::{ok, reel, refused, root};

#[test]
fn a_screenplay_goes_out_as_final_draft_and_comes_back_the_same() {
    let dir = tempfile::tempdir().expect("a folder");
    let project = project(dir.path());
    let out = dir.path().join("one.fdx");
    let export = |episode: &str, format: &str| {
        let mut command = reel(dir.path());
        command.args(["export", "--json", "--episode", episode, "--to", format, "--project"]).arg(&project);
        command
    };
    assert_eq!(ok(export("1", "fdx").arg("--out").arg(&out))["scenes"], 1);
    let import = |episode: &str| {
        let mut command = reel(dir.path());
        command.args(["import", "--json", "--episode", episode]).arg(&out).arg(&project);
        command
    };
    // It is not put over another unless that is asked for, and a check writes nothing.
    refused(&mut import("2"), 2, "usage");
    let there = project.join("episodes/02/script.fountain");
    let before = fs::read_to_string(&there).expect("reads");
    assert_eq!(ok(import("2").arg("--check"))["written"], false);
    assert_eq!(fs::read_to_string(&there).expect("reads"), before);
    let fourth = ok(&mut import("4"));
    assert_eq!((fourth["speeches"].as_u64(), fourth["written"].as_bool()), (Some(2), Some(true)), "{fourth}");
    assert_eq!(ok(&mut import("4"))["written"], false, "it stands there already");
    // Both tell the same in Fountain, and the pack's own script goes out too.
    let text = |episode: &str| ok(&mut export(episode, "fountain"))["text"].as_str().expect("a text").to_owned();
    assert_eq!(text("1"), text("4"));
    let lighthouse = root().join("examples/lighthouse");
    let pack = ok(reel(dir.path()).args(["export", "--json", "--to", "fdx", "--project"]).arg(&lighthouse));
    assert!(pack["text"].as_str().is_some_and(|t| t.contains("<FinalDraft") && t.contains("Type=\"Dialogue\"")), "{pack}");
    // What no film is made of is refused by its line, and leaves what was there.
    fs::write(&out, "<!DOCTYPE a><FinalDraft/>").expect("writes");
    refused(import("2").arg("--replace"), 3, "fountain.malformed");
    fs::write(&out, "<FinalDraft><Content><Paragraph Type=\"Action\"><Text> </Text></Paragraph></Content></FinalDraft>").expect("writes");
    refused(import("2").arg("--replace"), 3, "fountain.malformed");
    assert_eq!(fs::read_to_string(&there).expect("reads"), before);
    refused(reel(dir.path()).args(["export", "--json"]), 2, "usage");
}
