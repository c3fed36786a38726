//! Repairs the gate proposes: each, applied to the script, makes its finding go away and brings no other (requirement 002-18.4).

use std::collections::{BTreeMap, BTreeSet};

use canon::{address, gate, repair::mended};
use contracts::{
    Document,
    canon::{Canon, CanonDiff, Finding},
    story::{Cast, Script},
};
use serde_json::json;

use crate::regression::{cases, changed, take};

#[test]
fn a_proposal_applied_takes_its_finding_away_and_brings_none() {
    let (mut with, mut without) = (BTreeMap::<String, u32>::new(), BTreeMap::<String, u32>::new());
    let mut wrong = Vec::new();
    for case in cases("contradictions/reject.toml").iter().filter(|case| case["gate"].is_null()) {
        let mut story = changed(case);
        let canon: Canon = take(&story, "canon");
        story["diff"]["base"] = json!(address(&canon).expect("an address"));
        let (cast, script, diff): (Cast, Script, CanonDiff) = (take(&story, "cast"), take(&story, "script"), take(&story, "diff"));
        let held = canon.seal().expect("seals").1;
        let found = gate(&canon, &cast, &script, &diff).findings;
        let told = |f: &Finding| (f.code.clone(), f.message.clone());
        let before: BTreeSet<_> = found.iter().map(told).collect();
        for finding in &found {
            let Some(repair) = &finding.repair else {
                *without.entry(finding.code.clone()).or_default() += 1;
                continue;
            };
            *with.entry(finding.code.clone()).or_default() += 1;
            let mended = mended(&script, repair).unwrap_or_else(|e| panic!("{}: {e}", case["name"]));
            let after: BTreeSet<_> = gate(&canon, &cast, &mended, &diff).findings.iter().map(told).collect();
            if after.contains(&told(finding)) || !after.is_subset(&before) || repair.edits.is_empty() || mended == script {
                wrong.push(format!("{}: {repair:?} leaves {after:?}", case["name"]));
            }
            // An edit that has been made does not fit again, and none is of canon.
            assert!(canon::repair::mended(&mended, repair).is_err() || repair.edits.iter().all(|e| e.from.is_none()), "{repair:?}");
        }
        assert_eq!(canon.seal().expect("seals").1, held);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for code in [
        "name",
        "age",
        "death",
        "location",
        "knowledge",
        "told_the_known",
        "absent",
        "possession",
        "unknown_place",
        "unknown_prop",
        "unclaimed",
    ] {
        assert!(with.contains_key(&format!("canon.{code}")), "no repair for any {code}");
    }
    let (some, none) = (with.values().sum::<u32>(), without.values().sum::<u32>());
    assert!(some > none, "{some} with a repair, {none} without");
}
