//! Recall finds names near a text, loses to canon, and changes no verdict.

use canon::{
    Book, accept, address, apply, context,
    context::{Need, text},
    gate,
    recall::{Embedder, Hashing, Hit, Memory, Recall, SIZE, Shelf, fused, held, memories, nearness},
};
use contracts::{
    canon::CanonDiff,
    context::ContextKind,
    story::{Cast, Script},
};

use crate::{
    context::{at, canon, need_of},
    regression::document,
};

fn memory(name: &str, text: &str) -> Memory {
    Memory { name: name.into(), text: text.into() }
}

fn shelf() -> Shelf<Hashing> {
    let canon = canon();
    let mut shelf = Shelf::new(Hashing);
    shelf.remember(&memories(&Book::new(&canon), &canon.facts)).expect("remembered");
    shelf
}

#[test]
fn near_texts_are_found_and_the_order_is_the_same_on_every_machine() {
    let of = |text: &str| Hashing.embed(text).expect("a vector");
    let (lamp, near, far) = (of("the great lamp burned out"), of("The lamps had burned out"), of("salt on the road to market"));
    assert_eq!(lamp.len(), SIZE);
    assert!(nearness(&lamp, &near) > nearness(&lamp, &far) + 200, "{} {}", nearness(&lamp, &near), nearness(&lamp, &far));
    assert_eq!((nearness(&lamp, &lamp), nearness(&of(""), &lamp), nearness(&lamp[1..], &lamp)), (1000, 0, -1000));
    // The length of one vector, squared: an embedder that makes another needs another name.
    assert_eq!(lamp.iter().map(|n| i64::from(*n) * i64::from(*n)).sum::<i64>(), 131, "{lamp:?}");
    let hits = shelf().recall("Who held the green lantern as a child?", 5).expect("hits");
    assert_eq!(hits, shelf().recall("Who held the green lantern as a child?", 5).expect("hits"));
    assert!(hits.iter().any(|h| h.name == "fact ol-child-held"), "{hits:?}");
    assert!(hits.len() <= 5 && hits.windows(2).all(|w| w[0].score >= w[1].score));
    let both = fused(&["a".into(), "b".into()], &["c".into(), "b".into()], 3);
    assert_eq!(both.iter().map(|h| h.name.as_str()).collect::<Vec<_>>(), ["b", "a", "c"]);
}

#[test]
fn what_is_remembered_otherwise_loses_to_canon() {
    let canon = canon();
    let (book, hash, now) = (Book::new(&canon), address(&canon).expect("an address"), at("0131-10-21T00:10"));
    let mut poisoned = shelf();
    let lies = [
        memory("fact ol-dark", "the great lamp burned bright all night and steered every boat home"),
        memory("fact ol-invented", "the great lamp burned bright: Nessa never slept"),
        memory("script ep1", "the great lamp burned bright"),
        memory("fact ol-came-to-meet", "the great lamp burned bright and the light came out"),
    ];
    poisoned.remember(&lies).expect("remembered");
    let hits = poisoned.recall("the great lamp burned bright", 8).expect("hits");
    assert!(lies.iter().all(|lie| hits.iter().any(|h| h.name == lie.name)), "{hits:?}");
    let names = held(&book, &now, &hits);
    assert!(names.contains(&"fact ol-dark".to_owned()));
    assert!(!names.iter().any(|n| n.contains("invented") || n.contains("script") || n.contains("came-to-meet")), "{names:?}: not yet true");
    // Even unsifted, a pack takes only what canon says.
    let all: Vec<String> = hits.iter().map(|h| h.name.clone()).collect();
    let people = [contracts::Id::slug("bram")];
    let pack = context(&book, &Need { recalled: &all, people: &people, ..need_of(&hash, &now) }).expect("a pack");
    assert!(!text(&pack).contains("bright") && text(&pack).contains("burned out"), "{}", text(&pack));
    assert!(pack.items.iter().any(|i| i.kind == ContextKind::Fact && i.reason.starts_with("recalled")));
    let left = pack.left_out.iter().find(|l| l.reason.starts_with("recalled")).expect("told");
    assert_eq!(left.count, 3);
}

#[test]
fn a_project_passes_from_an_empty_index_as_from_a_full_one() {
    let canon = canon();
    let (cast, script): (Cast, Script) = (
        serde_json::from_value(document("fixtures/lighthouse/Cast.json")).expect("a cast"),
        serde_json::from_value(document("fixtures/lighthouse/Script.json")).expect("a script"),
    );
    let mut diff = document("contradictions/CanonDiff.json");
    diff["base"] = address(&canon).expect("an address").as_str().into();
    let diff: CanonDiff = serde_json::from_value(diff).expect("a diff");
    let (empty, full) = (Shelf::new(Hashing), shelf());
    assert_eq!(empty.recall("the great lamp", 5).expect("nothing"), Vec::<Hit>::new());
    let (book, now) = (Book::new(&canon), at("0131-10-21T06:40"));
    for index in [&empty, &full] {
        let names = held(&book, &now, &index.recall("the great lamp", 5).expect("hits"));
        let pack = context(&book, &Need { recalled: &names, ..need_of(&diff.base, &now) }).expect("a pack");
        assert!(pack.items.iter().any(|i| i.id.as_str() == "ol-dark"));
        let verdict = gate(&canon, &cast, &script, &diff);
        assert!(verdict.pass && apply(&canon, &accept(diff.clone(), verdict), Some(&script)).is_ok());
    }
}
