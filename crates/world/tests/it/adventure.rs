//! The adventure pack: the shipped example, another world, and projects with nothing but a title.

use std::collections::BTreeSet;

use contracts::{canon::Canon, project::Project, story::VoiceType};
use world::{Episode, TemplateWriter, produce};

use crate::{id, project, season_holds, texts};

fn adventure(name: &str) -> Project {
    Project { genre: id("adventure"), ..project(name) }
}

fn season(project: &Project, author: Option<&Canon>) -> Vec<Episode> {
    let write = |n| produce(&TemplateWriter, project, author, n).unwrap_or_else(|e| panic!("{} episode {n}: {e}", project.id));
    (1..=3).map(write).collect()
}

#[test]
fn forty_titles_give_forty_seasons() {
    let mut scripts = BTreeSet::new();
    let mut casts = BTreeSet::new();
    for n in 0..40 {
        let episodes = season(&adventure(&format!("road-{n}")), None);
        season_holds(&episodes);
        scripts.extend(episodes.iter().map(|e| texts(&e.script).join("\n")));
        casts.insert(episodes[0].cast.members.iter().map(|m| m.name.clone()).collect::<Vec<_>>());
        let voices: BTreeSet<VoiceType> = episodes[0].cast.members.iter().map(|m| m.voice.reference).collect();
        assert_eq!(voices.len(), 3, "three people, three voices");
    }
    assert_eq!(scripts.len(), 120, "no two of 120 scripts are the same");
    assert!(casts.len() >= 38, "{} casts of 40 differ", casts.len());
}
