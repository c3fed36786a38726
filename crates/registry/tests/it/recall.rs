//! The index of recall: finds by words and keeps vectors, project by project, and may be lost.

use contracts::Id;
use registry::{RecallIndex, RegistryError, Remembered};

fn entry(name: &str, text: &str, vector: &[i16]) -> Remembered {
    Remembered { name: name.into(), text: text.into(), vector: vector.to_vec() }
}

#[test]
fn names_are_found_by_words_and_vectors_are_kept_by_embedder() {
    let index = RecallIndex::in_memory().expect("an index");
    let (one, other) = (Id::slug("one"), Id::slug("other"));
    assert_eq!(index.by_words(&one, "lamp", 5).expect("empty"), Vec::<String>::new());
    let lamp = entry("fact lamp", "the great lamp burned out", &[1, -2, i16::MIN]);
    let all = [lamp.clone(), entry("fact boat", "nine boats went out", &[3]), entry("event fire", "a lamp set fire to the store", &[4])];
    index.remember(&one, "hashing", &all).expect("remembered");
    index.remember(&other, "hashing", &[entry("fact theirs", "another great lamp", &[9])]).expect("remembered");
    assert_eq!(index.by_words(&one, "Which lamps burn?", 5).expect("found"), ["fact lamp", "event fire"], "stems, the best first");
    assert_eq!(index.by_words(&one, "lamp", 1).expect("found").len(), 1);
    let hostile =
        ["\" OR name:x", "lamp* NEAR(", "remembered MATCH", "';DROP TABLE vectors;--", "\0", "((((", "!!!", &"lamp ".repeat(10_000)];
    for text in hostile {
        let found = index.by_words(&one, text, 5).unwrap_or_else(|e| panic!("{text:.20}: {e}"));
        assert!(!found.contains(&"fact theirs".to_owned()));
    }
    assert_eq!(index.vectors(&one, "hashing").expect("kept")[2], ("fact lamp".to_owned(), lamp.vector.clone()));
    assert!(index.vectors(&one, "another").expect("none").is_empty());
    // Said again under the same name, it stands in the place of what was there.
    index.remember(&one, "another", &[entry("fact lamp", "a wick", &[7, 7])]).expect("remembered");
    assert_eq!(index.by_words(&one, "lamp", 5).expect("found"), ["event fire"]);
    assert_eq!((index.vectors(&one, "another").expect("kept").len(), index.vectors(&one, "hashing").expect("kept").len()), (1, 2));
    index.forget(&one).expect("forgotten");
    assert!(index.by_words(&one, "lamp wick boats", 5).expect("empty").is_empty());
    assert_eq!(index.by_words(&other, "lamp", 5).expect("found"), ["fact theirs"]);
}

#[test]
fn it_stands_in_a_file_that_may_be_lost_and_another_file_is_refused() {
    let home = tempfile::tempdir().expect("a folder");
    let path = home.path().join("recall.sqlite");
    let project = Id::slug("one");
    let index = RecallIndex::open(&path).expect("made");
    index.remember(&project, "hashing", &[entry("fact lamp", "the lamp", &[1])]).expect("remembered");
    drop(index);
    let again = RecallIndex::open(&path).expect("opened");
    assert_eq!(again.by_words(&project, "lamp", 5).expect("found"), ["fact lamp"]);
    drop(again);
    let other = home.path().join("other.sqlite");
    std::fs::copy(home.path().join("recall.sqlite"), &other).expect("copied");
    for file in std::fs::read_dir(home.path()).expect("listed").flatten() {
        if file.file_name() != "other.sqlite" {
            std::fs::remove_file(file.path()).expect("removed");
        }
    }
    assert!(RecallIndex::open(&path).expect("made again").by_words(&project, "lamp", 5).expect("empty").is_empty());
    let folder = home.path().join("folder");
    std::fs::create_dir(&folder).expect("a folder");
    assert!(matches!(RecallIndex::open(&folder), Err(RegistryError::CannotOpen { .. })));
}
