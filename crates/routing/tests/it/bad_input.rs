//! What a person can get wrong: every fault names the file and the field, and what is right still stands.

use contracts::choice::{Modality, Policy};
use routing::{Catalogue, SelectError, Tables, manifest, select, snapshot};

use crate::world::{clip, files, id, left, pairs, shipped, wanted};

const GOOD: &str = "tool = \"acme.clip\"\nprovider = \"acme\"\npayer = \"acme\"\ncapability = \"video_generation\"\nmodality = \"video\"\n\
    operations = [\"text_to_video\"]\nmoves = true\nstability = \"beta\"\nruntime = \"api\"\ncost_tier = \"low\"\n\
    data_classes = [\"public\"]\n[price]\nper = \"second\"\nmicro_usd = 50000\n[limits]\ndurations_ms = [4000, 8000]\n";

#[test]
fn a_malformed_manifest_is_named_with_its_field_and_the_others_load() {
    let broken = [
        ("micro_usd = 50000", "micro_usd = -1", "price.micro_usd: -1 is no price"),
        ("micro_usd = 50000", "micro_usd = nan", "price.micro_usd: NaN is no price"),
        ("micro_usd = 50000", "micro_usd = inf", "price.micro_usd: inf is no price"),
        ("micro_usd = 50000", "micro_usd = 0.05", "price.micro_usd: 0.05 is no price"),
        ("micro_usd = 50000", "micro_usd = \"5 cents\"", "price.micro_usd: a string is no price"),
        ("micro_usd = 50000", "micro_usd = 9000000000000000000", "price.micro_usd: 9000000000000000000 is no price"),
        ("modality = \"video\"", "modality = \"smell\"", "modality: unknown variant `smell`"),
        ("tool = \"acme.clip\"", "tool = \"../acme\"", "tool: `../acme` is not a tool's name"),
        ("tool = \"acme.clip\"", "", "tool: required field is missing"),
        ("moves = true", "moves = \"yes\"", "moves: invalid type"),
        ("moves = true", "moves = true\nlicense = \"MIT\"", "unknown field `license`"),
        ("operations = [\"text_to_video\"]", "operations = []", "operations: name at least one"),
        ("data_classes = [\"public\"]", "data_classes = []", "data_classes: name what"),
        ("durations_ms = [4000, 8000]", "durations_ms = [0]", "limits: a length of 0 ms"),
        ("durations_ms = [4000, 8000]", "max_duration_ms = 5\ndurations_ms = [9]", "limits.durations_ms: 9 ms is longer"),
        ("durations_ms = [4000, 8000]", "aspects = [\"wide\"]", "limits.aspects: `wide` is no aspect"),
        ("payer = \"acme\"", "", "payer: somebody sends the bill"),
        ("moves = true", "moves = true\nquality_ppm = 1000001", "quality_ppm: 1000001 is above 1000000"),
        ("moves = true", "moves = true\nenvironment = [\"KEY=secret\"]", "environment: `KEY=secret` is no name"),
        ("moves = true", "moves = true\nfallback = [\"acme.clip\"]", "fallback: `acme.clip` falls back on itself"),
        ("moves = true", "moves == true", "line 7"),
    ];
    manifest::parse("good.toml", GOOD).expect("the good one is good");
    for (before, after, told) in broken {
        assert!(GOOD.contains(before), "{before}");
        let text = GOOD.replace(before, after);
        let painter = std::fs::read_to_string(format!("{}/../../policies/providers/craft.painter.toml", env!("CARGO_MANIFEST_DIR")));
        let painter = painter.expect("ships");
        let (catalogue, faults) = Catalogue::load([("broken.toml", text.as_str()), ("painter.toml", painter.as_str())]);
        assert_eq!((catalogue.tools().len(), faults.len()), (1, 1), "{after}: {faults:?}");
        let said = faults[0].to_string();
        assert!(said.starts_with("broken.toml: ") && said.contains(told), "{after}: {said}");
    }
    let huge = format!("# {}\n{GOOD}", "x".repeat(10 * 1024 * 1024));
    let said = manifest::parse("huge.toml", &huge).expect_err("is refused").to_string();
    assert!(said.starts_with("huge.toml: 10486") && said.contains("at most 262144"), "{said}");
}

#[test]
fn a_tool_named_twice_and_a_ring_of_fallbacks_are_left_out_with_everyone_in_them() {
    let named = |name: &str, more: &str| GOOD.replace("acme.clip", name).replace("moves = true", &format!("moves = true\n{more}"));
    let texts = [
        ("1.toml", named("a", "")),
        ("2.toml", named("a", "")),
        ("3.toml", named("b", "fallback = [\"c\"]")),
        ("4.toml", named("c", "fallback = [\"x\", \"d\"]")),
        ("5.toml", named("d", "fallback = [\"b\"]")),
        ("6.toml", named("x", "fallback = [\"unheard-of\"]")),
        ("7.toml", named("y", "fallback = [\"b\"]")),
    ];
    for turn in 0..texts.len() {
        let turned: Vec<(&str, &str)> = texts.iter().cycle().skip(turn).take(texts.len()).map(|(f, t)| (*f, t.as_str())).collect();
        let (catalogue, faults) = Catalogue::load(turned);
        let tools: Vec<&str> = catalogue.tools().iter().map(|t| t.tool.as_str()).collect();
        assert_eq!(tools, ["x", "y"], "whoever only leads into a ring is well");
        let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "1.toml: tool: `a` is named by 1.toml and 2.toml: a tool has one manifest, and none of these is used",
                "3.toml: fallback: the chain comes back to where it began: b → c → d → b",
                "4.toml: fallback: the chain comes back to where it began: c → d → b → c",
                "5.toml: fallback: the chain comes back to where it began: d → b → c → d",
            ]
        );
    }
}

#[test]
fn an_unknown_policy_lists_the_valid_ones() {
    let said = routing::policy("cheapest").expect_err("there is none").to_string();
    assert_eq!(
        said,
        "policy `cheapest`: there is none of that name; there are configured, balanced, cost-first, quality-first, scored, adaptive"
    );
    assert_eq!(routing::policy("cost-first"), Ok(Policy::CostFirst));
}

#[test]
fn a_preference_that_contradicts_the_promise_chooses_nothing() {
    let catalogue = Catalogue::of([clip("still", false, Some(1)), clip("move", true, Some(2))]);
    let mut request = wanted(Policy::Balanced);
    request.preferred = vec![id("still")];
    let before = select(&snapshot(&catalogue, request.clone(), None, &left(10))).expect("nothing was promised");
    assert_eq!(before.first, Some(id("still")));
    request.motion_required = true;
    for preferred in ["still", "still-co"] {
        request.preferred = vec![id(preferred)];
        let error = select(&snapshot(&catalogue, request.clone(), None, &left(10))).expect_err("contradicts");
        let SelectError::Contradiction { choice, .. } = &error else { panic!("{error}") };
        assert!(choice.first.is_none() && choice.order.is_empty());
        assert!(
            error.to_string().starts_with(&format!("`{preferred}` is preferred for `sc01-b02-s1`, and motion was promised")),
            "{error}"
        );
    }
    // Not feasible for another reason: the preference gives way, and says so among the exclusions.
    request.preferred = vec![id("move")];
    let error = select(&snapshot(&catalogue, request, None, &left(1))).expect_err("nothing moves for 1 micro-dollar");
    assert!(matches!(error, SelectError::NoTool { .. }), "{error}");
}

#[test]
fn tables_are_checked_as_manifests_are() {
    let table = |more: &str| format!("version = \"1.0.0\"\nmodality = \"image\"\norder = [\"a\", \"b\"]\n{more}");
    for (text, told) in [
        (table("tasks = 1"), "t.toml: tasks: no such field; there are version, modality, task, local_only, order"),
        (table("").replace("1.0.0", "1"), "t.toml: version: `1` is not major.minor.patch"),
        (table("").replace("\"b\"", "\"a\""), "t.toml: order: `a` stands twice"),
        ("order = [".to_owned(), "t.toml: "),
    ] {
        let (_, faults) = Tables::load([("t.toml", text.as_str())]);
        assert!(faults.len() == 1 && faults[0].to_string().starts_with(told), "{faults:?}");
    }
    let (tables, faults) = Tables::load([("1", table("").as_str()), ("2", table("").as_str()), ("3", table("task = \"plate\"").as_str())]);
    assert_eq!(faults.len(), 1);
    assert!(tables.of(Modality::Image, None).is_none() && tables.of(Modality::Image, Some("plate")).is_some());
}

#[test]
fn what_ships_is_whole_and_stays_here() {
    let (catalogue, tables) = shipped();
    assert_eq!(tables.strangers(&catalogue), Vec::<String>::new());
    assert!(catalogue.tools().len() >= 10);
    for tool in catalogue.tools() {
        assert!(tool.runtime.is_local(), "{}: local first", tool.tool);
        let table = tables.of(tool.modality, None).unwrap_or_else(|| panic!("{}: no table", tool.modality.name()));
        assert!(table.order.contains(&tool.tool), "{} is in no table", tool.tool);
    }
    // A file dropped into a folder is selectable, and nothing else was touched.
    let mut providers = files("policies/providers");
    providers.push(("mine.toml".into(), GOOD.into()));
    let (catalogue, faults) = Catalogue::load(pairs(&providers));
    assert!(faults.is_empty());
    let mut request = wanted(Policy::Configured);
    request.duration_ms = Some(5_000);
    let choice = select(&snapshot(&catalogue, request, tables.of(Modality::Video, None).cloned(), &left(400_000))).expect("there is one");
    assert_eq!(choice.first, Some(id("acme.clip")));
    assert_eq!(choice.order[0].quote_micro_usd.map(|q| q.0), Some(400_000), "8 s are ordered, because 5 s are not offered");
}
