//! No locked field changes unseen: every leaf of a proposal's terms is changed in every way JSON allows, at all three places.

use contracts::{
    Id, MicroUsd,
    canon::Verdict,
    promise::{CostEstimate, DeliveryPromise, PromiseOption, PromiseType, Proposal, Ranked, Rankings, RenderRuntime, Terms, TermsChange},
};
use gates::promise::{Cut, CutKind, compose, edit, proposal, rendered};
use serde_json::{Value, json};

fn terms(kind: PromiseType) -> Terms {
    let mut promise = DeliveryPromise::of(kind);
    promise.motion_required = true;
    promise.approved_fallback = Some("still_led".into());
    Terms { delivery_promise: promise, render_runtime: RenderRuntime::Ffmpeg, renderer_family: Some("animation-first".into()) }
}

fn option(id: &str, terms: &Terms) -> PromiseOption {
    PromiseOption { option_id: Id::slug(id), label: id.into(), terms: terms.clone(), blocked_because: None }
}

fn proposed(kind: PromiseType) -> Proposal {
    let terms = terms(kind);
    let tool = Ranked { tool: "t".into(), provider: "p".into(), reason: "r".into(), score_milli: None, blocked_because: None };
    Proposal {
        project_id: Id::slug("p"),
        episode: 1,
        locked: terms.lock().expect("hashes"),
        options: vec![option("a", &terms), PromiseOption { blocked_because: Some("no tool".into()), ..option("b", &terms) }],
        terms,
        provider_rankings: Rankings { video: vec![tool], ..Rankings::default() },
        cost: CostEstimate::of(Some(MicroUsd(0)), Some(MicroUsd(0))),
        selected: Id::slug("a"),
        notes: vec![],
    }
}

fn cuts() -> Vec<Cut> {
    (0..4)
        .map(|n| Cut { shot_id: format!("s{n}"), frames: 24, kind: CutKind::Video, from_source: true, stand_in: false, moving: Some(true) })
        .collect()
}

fn everywhere(proposal: Option<&Proposal>, carried: Option<&Terms>, changes: &[TermsChange]) -> [Verdict; 3] {
    let ours = RenderRuntime::Ffmpeg;
    [
        edit(proposal, carried, changes),
        compose(proposal, carried, ours, &cuts(), changes),
        rendered(proposal, carried, ours, &cuts(), changes),
    ]
}

/// Every document that differs from this one in one place.
fn mutants(value: &Value) -> Vec<Value> {
    let mut out = Vec::new();
    if let Value::Object(map) = value {
        for (key, child) in map {
            let mut without = map.clone();
            without.remove(key);
            out.push(Value::Object(without));
            for changed in mutants(child) {
                let mut with = map.clone();
                with.insert(key.clone(), changed);
                out.push(Value::Object(with));
            }
        }
        let mut more = map.clone();
        more.insert("extra".into(), json!(1));
        out.push(Value::Object(more));
        return out;
    }
    let words: Vec<&str> =
        PromiseType::ALL.map(PromiseType::name).into_iter().chain(["remotion", "hyperframes", "ffmpeg", "", "x"]).collect();
    out.extend(words.into_iter().map(|w| json!(w)));
    out.extend([json!(true), json!(false), json!(null), json!(0), json!([]), json!({})]);
    if let Value::String(text) = value {
        out.extend([json!(format!("{text} ")), json!(text.to_uppercase()), json!(text[..text.len() - 1])]);
    }
    out.retain(|v| v != value);
    out
}

#[test]
fn any_mutation_of_a_locked_field_is_caught_at_all_three_places() {
    let (mut read, mut unreadable) = (0, 0);
    for kind in PromiseType::ALL {
        let proposal = proposed(kind);
        for verdict in everywhere(Some(&proposal), Some(&proposal.terms), &[]) {
            assert!(verdict.pass, "{verdict:?}");
        }
        for mutant in mutants(&serde_json::to_value(&proposal.terms).expect("is JSON")) {
            let Ok(carried) = serde_json::from_value::<Terms>(mutant.clone()) else {
                unreadable += 1; // Refused where it is read: it never gets here.
                continue;
            };
            if carried == proposal.terms {
                continue; // A field that says its default, left out: the same terms, and the same lock.
            }
            read += 1;
            for verdict in everywhere(Some(&proposal), Some(&carried), &[]) {
                let changed = verdict.findings.iter().find(|f| f.code == "promise.changed");
                assert!(!verdict.pass && changed.is_some_and(|f| f.message.contains("was promised")), "{mutant} passed");
            }
            // A proposal that was changed after it was locked is no proposal.
            let mut forged = proposal.clone();
            forged.terms = carried.clone();
            for verdict in everywhere(Some(&forged), Some(&carried), &[]) {
                assert_eq!(verdict.findings.first().map(|f| f.code.as_str()), Some("promise.lock_broken"), "{mutant}");
            }
        }
    }
    assert!(read > 200 && unreadable > 200, "{read} mutants read, {unreadable} refused");
}

#[test]
fn a_promise_that_is_missing_blocks_everywhere() {
    let proposal = proposed(PromiseType::Hybrid);
    for verdict in everywhere(None, Some(&proposal.terms), &[]).into_iter().chain(everywhere(Some(&proposal), None, &[])) {
        assert_eq!(verdict.findings[0].code, "promise.missing");
    }
}

fn change(proposal: &Proposal, to: &Terms) -> TermsChange {
    TermsChange {
        decision_id: Id::slug("d1"),
        departs_from: proposal.locked.clone(),
        options: vec![option("keep", &proposal.terms), option("change", to)],
        selected: Id::slug("change"),
        reason: "the generator is gone".into(),
        approved_by: Some("mara".into()),
    }
}

#[test]
fn an_approved_change_that_names_its_options_is_in_force_and_nothing_less_is() {
    let proposal = proposed(PromiseType::MotionLed);
    let to = terms(PromiseType::Hybrid);
    let whole = change(&proposal, &to);
    for verdict in everywhere(Some(&proposal), Some(&to), std::slice::from_ref(&whole)) {
        assert!(verdict.pass, "{verdict:?}");
    }
    for verdict in everywhere(Some(&proposal), Some(&proposal.terms), std::slice::from_ref(&whole)) {
        assert!(!verdict.pass, "the old terms are in force no more");
    }
    let back = TermsChange {
        departs_from: to.lock().expect("hashes"),
        options: vec![option("keep", &to), option("change", &proposal.terms)],
        ..whole.clone()
    };
    for verdict in everywhere(Some(&proposal), Some(&proposal.terms), &[whole.clone(), back.clone()]) {
        assert!(verdict.pass, "one change departs from another: {verdict:?}");
    }
    let spoilt: Vec<(&str, TermsChange)> = vec![
        ("unapproved", TermsChange { approved_by: None, ..whole.clone() }),
        ("approved by nobody", TermsChange { approved_by: Some("  ".into()), ..whole.clone() }),
        ("no reason", TermsChange { reason: " ".into(), ..whole.clone() }),
        ("no options", TermsChange { options: vec![], ..whole.clone() }),
        ("the change alone", TermsChange { options: vec![option("change", &to)], ..whole.clone() }),
        ("no other option", TermsChange { options: vec![option("change", &proposal.terms)], ..whole.clone() }),
        ("chosen is none of them", TermsChange { selected: Id::slug("third"), ..whole.clone() }),
        ("two of one name", TermsChange { options: vec![option("change", &proposal.terms), option("change", &to)], ..whole.clone() }),
        ("another proposal's", back),
        ("other terms than those", change(&proposal, &terms(PromiseType::SourceLed))),
        ("a blocked option", {
            let mut blocked = whole.clone();
            blocked.options[1].blocked_because = Some("no tool".into());
            blocked
        }),
    ];
    for (what, change) in spoilt {
        for verdict in everywhere(Some(&proposal), Some(&to), &[change]) {
            assert!(!verdict.pass, "{what}");
        }
    }
}

#[test]
fn a_runtime_is_refused_never_swapped() {
    let mut proposal = proposed(PromiseType::Hybrid);
    proposal.terms.render_runtime = RenderRuntime::Remotion;
    proposal.locked = proposal.terms.lock().expect("hashes");
    let [edited, composed, rendered] = everywhere(Some(&proposal), Some(&proposal.terms), &[]);
    assert!(edited.pass, "it is carried unchanged");
    for verdict in [composed, rendered] {
        assert_eq!(verdict.findings.iter().map(|f| f.code.as_str()).collect::<Vec<_>>(), ["promise.runtime"]);
    }
}

#[test]
fn cuts_are_held_against_what_was_promised_not_against_what_the_film_says() {
    let proposal = proposed(PromiseType::MotionLed);
    let still: Vec<Cut> = cuts().into_iter().map(|c| Cut { kind: CutKind::Still, moving: Some(false), ..c }).collect();
    let says = terms(PromiseType::Localization);
    let verdict = rendered(Some(&proposal), Some(&says), RenderRuntime::Ffmpeg, &still, &[]);
    assert!(verdict.findings.iter().any(|f| f.code == "promise.motion_floor"), "{verdict:?}");
}

#[test]
fn a_proposal_is_judged_before_anybody_is_asked() {
    let whole = proposed(PromiseType::MotionLed);
    assert!(proposal(&whole).pass, "{:?}", proposal(&whole));
    type Spoil = fn(&mut Proposal);
    let relock: Spoil = |p| {
        p.locked = p.terms.lock().expect("hashes");
        p.options[0].terms = p.terms.clone();
    };
    let spoilt: [(&str, Spoil); 9] = [
        ("promise.lock_broken", |p| p.locked = contracts::Hash::of(b"other")),
        ("promise.options", |p| p.options.clear()),
        ("promise.options", |p| p.selected = Id::slug("none")),
        ("promise.options", |p| p.selected = Id::slug("b")),
        ("promise.options", |p| p.options[1].option_id = Id::slug("a")),
        ("promise.contradictory", |p| p.terms.delivery_promise.motion_required = false),
        ("promise.no_tool", |p| p.provider_rankings.video[0].blocked_because = Some("no key".into())),
        ("promise.cost", |p| p.cost.worst_micro_usd = Some(MicroUsd(7))),
        ("promise.cost", |p| p.cost = CostEstimate::of(Some(MicroUsd(7)), Some(MicroUsd(6)))),
    ];
    for (code, spoil) in spoilt {
        let mut spoilt = whole.clone();
        spoil(&mut spoilt);
        if code == "promise.contradictory" {
            relock(&mut spoilt);
        }
        let verdict = proposal(&spoilt);
        assert!(!verdict.pass && verdict.findings.iter().any(|f| f.code == code), "{code}: {verdict:?}");
    }
}
