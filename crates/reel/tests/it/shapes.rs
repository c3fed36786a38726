//! What the director asks for, as the artist will paint it: every shot of a stored story, in every shape of the frame.

use std::collections::BTreeMap;

use contracts::{
    Document, Id,
    assets::NeedSpec,
    canon::Canon,
    notes::Notes,
    picture::{FigureSpec, Framing},
    project::{Aspect, Project},
    read,
    shots::ShotContent,
    story::{Cast, Script},
    table_read::TableRead,
};
use craft::{frame::Margins, paint};

use super::root;

fn stored<T: Document>(name: &str) -> T {
    let path = root().join(format!("tests/fixtures/lighthouse/{name}.json"));
    read(&std::fs::read(&path).expect("a fixture")).expect("reads")
}

#[test]
fn every_shot_in_every_shape_has_whole_faces_that_do_not_overlap() {
    let (canon, cast, script, spoken): (Canon, Cast, Script, TableRead) =
        (stored("Canon"), stored("Cast"), stored("Script"), stored("TableRead"));
    let notes = Notes::none(Id::slug("lighthouse"), 1);
    for aspect in [Aspect::Wide, Aspect::Tall, Aspect::Square] {
        let mut project: Project = stored("Project");
        project.aspect = aspect;
        let story = adapt::Story { project: &project, canon: &canon, cast: &cast, script: &script, notes: &notes, read: &spoken };
        let list = adapt::shot_list(&story).expect("adapts");
        let manifest = adapt::manifest(&story, &list, 720).expect("has needs");
        let action = Margins::action(manifest.canvas).within(manifest.canvas);
        let mut people: BTreeMap<&Id, Vec<&FigureSpec>> = BTreeMap::new();
        for need in &manifest.needs {
            match &need.spec {
                NeedSpec::Figure(spec) => need.used_by.iter().for_each(|shot| people.entry(shot).or_default().push(spec)),
                NeedSpec::Card(spec) => {
                    let title = Margins::title(manifest.canvas).within(manifest.canvas);
                    let words = paint::text_boxes(spec, manifest.canvas);
                    assert!(!words.is_empty() && words.iter().all(|w| title.holds(w)), "{aspect:?} {}: {words:?}", need.id);
                }
                _ => {}
            }
        }
        let mut shown = 0;
        for shot in &list.shots {
            let ShotContent::Picture(picture) = &shot.content else { continue };
            let here = people.get(&shot.id).map_or(&[][..], Vec::as_slice);
            assert_eq!(here.len(), picture.figures.len(), "{aspect:?} {}", shot.id);
            let faces: Vec<_> = here.iter().filter_map(|spec| paint::head_boxes(spec, manifest.canvas)).map(|(face, _)| face).collect();
            let turned = usize::from(picture.framing == Framing::OverShoulder);
            assert_eq!(faces.len() + turned, here.len(), "{aspect:?} {}", shot.id);
            for (i, face) in faces.iter().enumerate() {
                assert!(action.holds(face), "{aspect:?} {}: {face:?} leaves {action:?}", shot.id);
                assert!(faces[i + 1..].iter().all(|other| face.meet(other).is_empty()), "{aspect:?} {}: {faces:?}", shot.id);
                shown += 1;
            }
        }
        assert!(shown >= 10, "{aspect:?}: only {shown} faces");
    }
}
