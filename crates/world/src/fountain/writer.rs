//! The writer that takes an author's screenplay where there is one, and the genre's pack where there is none.

use std::collections::{BTreeMap, BTreeSet};

use contracts::{
    Id,
    canon::{Canon, CanonDiff, Character, StoryTime},
    notes::Notes,
    project::Project,
    story::{ArcEpisode, Cast, EpisodePlan, Part, Script, StoryArc},
};

use super::{
    Manuscript,
    build::{Built, build},
    people::{Bring, called, introduce, member, narrator, opening, teller},
};
use crate::{StoryWriter, TemplateWriter, WorldError, complete_canon, season::no_change, starter_canon};

/// Writes from screenplays; episodes before the first of them may be the pack's.
#[derive(Clone, Debug)]
pub struct FountainWriter {
    manuscripts: BTreeMap<u32, Manuscript>,
    pack: bool,
}

/// A project that was opened: its canon, who writes it, and what to tell the author.
pub struct Opened {
    /// The canon, complete.
    pub canon: Canon,
    /// Who writes.
    pub writer: FountainWriter,
    /// What was taken from the screenplays, and what the pack does not write.
    pub notes: Vec<String>,
}

/// Opens a project. The pack tells one story from its first episode on, so it writes only what stands before the first screenplay;
/// a series that begins with a screenplay is the author's alone, in any genre.
///
/// # Errors
/// What the pack or the canon gate says; a screenplay with too many people or places.
pub fn open(project: &Project, author: Option<&Canon>, manuscripts: Vec<Manuscript>) -> Result<Opened, WorldError> {
    let packed = || match author {
        Some(canon) => complete_canon(project, canon),
        None => starter_canon(project),
    };
    let manuscripts: BTreeMap<u32, Manuscript> = manuscripts.into_iter().map(|m| (m.number, m)).collect();
    let Some((first, opener)) = manuscripts.first_key_value() else {
        return Ok(Opened { canon: packed()?, writer: FountainWriter { manuscripts, pack: true }, notes: vec![] });
    };
    let mut notes = Vec::new();
    let mut base = None;
    if *first > 1 {
        match packed().and_then(|canon| TemplateWriter.arc(project, &canon).map(|_| canon)) {
            Ok(canon) => base = Some(canon),
            Err(
                why @ (WorldError::UnknownGenre { .. } | WorldError::Binding { .. } | WorldError::Names { .. } | WorldError::Length { .. }),
            ) => notes.push(format!("no pack writes the episodes before {first}: {why}")),
            Err(other) => return Err(other),
        }
    }
    let pack = base.is_some();
    let base = match base {
        Some(canon) => canon,
        None => own_canon(project, author)?,
    };
    let bring = match author {
        None => Bring { people: true, places: true, things: true },
        Some(canon) => Bring {
            people: !pack && canon.characters.is_empty(),
            places: !pack && canon.locations.is_empty(),
            things: !pack && canon.props.is_empty(),
        },
    };
    let all: Vec<&Manuscript> = manuscripts.values().collect();
    let (canon, taken) = introduce(&base, &all, bring).map_err(|e| e.of(&opener.name))?;
    notes.extend(taken);
    let verdict = canon::check(&canon);
    if !verdict.pass {
        return Err(WorldError::Refused(verdict));
    }
    Ok(Opened { canon, writer: FountainWriter { manuscripts, pack }, notes })
}

/// The author's canon as it is written, or an empty one.
fn own_canon(project: &Project, author: Option<&Canon>) -> Result<Canon, WorldError> {
    let Some(author) = author else { return Ok(crate::template::empty(project)) };
    if author.project_id != project.id && author.project_id.as_str() != canon::author::NO_PROJECT {
        return Err(WorldError::OtherProject { canon: author.project_id.clone(), project: project.id.clone() });
    }
    Ok(Canon { project_id: project.id.clone(), ..author.clone() })
}

impl FountainWriter {
    /// Whether the genre's pack writes any episode.
    pub fn asks_pack(&self) -> bool {
        self.pack
    }

    /// The screenplay of an episode, when the author wrote one.
    pub fn manuscript(&self, number: u32) -> Option<&Manuscript> {
        self.manuscripts.get(&number)
    }

    /// The episodes the author wrote.
    pub fn numbers(&self) -> Vec<u32> {
        self.manuscripts.keys().copied().collect()
    }

    /// What the cast depends on besides the canon: whom the screenplays call, and when they begin.
    pub fn casting(&self, canon: &Canon) -> (Vec<Id>, Option<StoryTime>) {
        let all: Vec<&Manuscript> = self.manuscripts.values().collect();
        let starts = all.first().map(|m| m.first_time(&opening(canon, m.number)));
        (called(&canon.characters, &all), starts)
    }

    /// What the camera words of a screenplay ask of its shots: weaker than any note of the author's.
    ///
    /// # Errors
    /// A screenplay that is refused.
    pub fn hints(&self, project: &Project, canon: &Canon, number: u32) -> Result<Notes, WorldError> {
        let mut notes = Notes::none(project.id.clone(), number);
        if let Some(manuscript) = self.manuscript(number) {
            notes.shots = self.built(project, canon, manuscript)?.shots;
        }
        Ok(notes)
    }

    fn built(&self, project: &Project, canon: &Canon, manuscript: &Manuscript) -> Result<Built, WorldError> {
        build(project, canon, manuscript).map_err(|e| e.of(&manuscript.name))
    }

    fn own_arc(&self, project: &Project, canon: &Canon) -> StoryArc {
        let none = || Id::slug("none");
        let lead = self.casting(canon).0.into_iter().find(|id| *id != narrator());
        StoryArc {
            project_id: project.id.clone(),
            pack: "author".into(),
            kernel: Id::slug("screenplay"),
            truth_type: none(),
            premise: project.premise.clone().unwrap_or_default(),
            truth: vec![],
            decoy: String::new(),
            totem: canon.props.first().map_or_else(none, |p| p.id.clone()),
            sound: none(),
            roles: lead.map(|id| ("lead".to_owned(), id)).into_iter().collect(),
            threads: canon.threads.iter().map(|t| t.id.clone()).collect(),
            episodes: vec![],
        }
    }
}

impl StoryWriter for FountainWriter {
    fn arc(&self, project: &Project, canon: &Canon) -> Result<StoryArc, WorldError> {
        let mut arc = if self.pack { TemplateWriter.arc(project, canon)? } else { self.own_arc(project, canon) };
        if let Some(first) = self.manuscripts.keys().next() {
            arc.episodes.retain(|e| e.number < *first);
            let blank = |number: u32| ArcEpisode { number, value: String::new(), question: String::new(), reveal: String::new() };
            arc.episodes.extend(self.numbers().into_iter().map(blank));
        }
        Ok(arc)
    }

    fn truth(&self, project: &Project, canon: &Canon, arc: &StoryArc) -> Result<CanonDiff, WorldError> {
        if self.pack {
            return TemplateWriter.truth(project, canon, arc);
        }
        no_change(canon, "the author keeps what is hidden".into(), "author".into())
    }

    fn cast(&self, project: &Project, canon: &Canon, arc: &StoryArc) -> Result<(Cast, CanonDiff), WorldError> {
        let (mut cast, mut diff) = if self.pack {
            TemplateWriter.cast(project, canon, arc)?
        } else {
            let diff = no_change(canon, "looks and voices, fixed before a line is spoken".into(), "author cast".into())?;
            (Cast { project_id: project.id.clone(), members: vec![] }, diff)
        };
        let (ids, starts) = self.casting(canon);
        let Some(starts) = starts else { return Ok((cast, diff)) };
        let have: BTreeSet<Id> = cast.members.iter().map(|m| m.id.clone()).collect();
        for id in ids.into_iter().filter(|id| !have.contains(id)) {
            let Some(person) = canon.characters.iter().find(|c| c.id == id) else {
                cast.members.push(teller());
                continue;
            };
            let taken: Vec<_> = cast.members.iter().map(|m| m.voice.reference).collect();
            let part = if cast.members.iter().any(|m| m.part == Part::Lead) { Part::Other } else { Part::Lead };
            let member = member(person, &starts, part, &taken);
            diff.characters.push(Character { look: member.look.clone(), voice: Some(member.voice.clone()), ..person.clone() });
            cast.members.push(member);
        }
        Ok((cast, diff))
    }

    fn plan(&self, project: &Project, canon: &Canon, arc: &StoryArc, number: u32) -> Result<EpisodePlan, WorldError> {
        match self.manuscript(number) {
            Some(manuscript) => Ok(self.built(project, canon, manuscript)?.plan),
            None => TemplateWriter.plan(project, canon, arc, number),
        }
    }

    fn script(
        &self,
        project: &Project,
        canon: &Canon,
        arc: &StoryArc,
        plan: &EpisodePlan,
        cast: &Cast,
    ) -> Result<(Script, CanonDiff), WorldError> {
        match self.manuscript(plan.number) {
            Some(manuscript) => self.built(project, canon, manuscript).map(|b| (b.script, b.diff)),
            None => TemplateWriter.script(project, canon, arc, plan, cast),
        }
    }
}
