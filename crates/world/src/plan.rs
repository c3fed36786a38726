//! The episode plan: sixty-four drawn from the kernel's episode, the best kept. No sentence exists yet; lengths come from the bands of
//! the line intents.

use contracts::{
    Id,
    canon::StoryTime,
    story::{BeatFn, BeatSheetRow, Clue, EpisodePlan, PlannedScene},
};

use crate::{
    WorldError,
    judge::{CARD_END_MS, CARD_TITLE_MS, Pace},
    pack::{BeatT, EpisodeT, SceneT},
    template::Desk,
    text::capital,
};

/// Plans drawn for an episode; one is kept.
const DRAWN: u64 = 64;

/// The id of a beat: `sc01-b02`.
pub(crate) fn beat_id(scene: &Id, beat: &str) -> Result<Id, WorldError> {
    scene.child(beat).map_err(|e| WorldError::Pack { file: "kernel".into(), message: e.to_string() })
}

struct Draft {
    /// Which optional beats are left out.
    out: Vec<Id>,
    title: usize,
    score: i64,
}

pub(crate) fn plan(desk: &Desk<'_>, number: u32) -> Result<EpisodePlan, WorldError> {
    let episode = desk.episode(number)?;
    follows(desk, number)?;
    let mut best: Option<Draft> = None;
    for n in 0..DRAWN {
        let draft = draw(desk, episode, n)?;
        if best.as_ref().is_none_or(|b| draft.score > b.score) {
            best = Some(draft);
        }
    }
    let draft = best.ok_or_else(|| WorldError::NoScript { number, why: "no plan could be drawn".into() })?;
    write(desk, episode, &draft)
}

/// An episode stands on the facts of the one before it.
fn follows(desk: &Desk<'_>, number: u32) -> Result<(), WorldError> {
    let Some(before) = desk.kernel.episodes.iter().find(|e| e.number + 1 == number) else { return Ok(()) };
    let begun = before.scenes.iter().flat_map(|s| &s.beats).flat_map(|b| &b.begins).map(|f| &f.id);
    for id in begun {
        if !desk.canon.facts.iter().any(|f| f.id == *id) {
            return Err(WorldError::TooEarly { wanted: number, needs: before.number });
        }
    }
    Ok(())
}

fn optional(episode: &EpisodeT) -> Result<Vec<Id>, WorldError> {
    let beats = episode.scenes.iter().flat_map(|s| s.beats.iter().map(move |b| (s, b)));
    beats.filter(|(_, b)| b.optional).map(|(s, b)| beat_id(&s.id, &b.id)).collect()
}

fn draw(desk: &Desk<'_>, episode: &EpisodeT, n: u64) -> Result<Draft, WorldError> {
    let what = format!("ep{} plan {n}", episode.number);
    let mut out = Vec::new();
    for id in optional(episode)? {
        if desk.stream(&what, id.as_str()).below(2) == 0 {
            out.push(id);
        }
    }
    // One title a project, whatever else the plans try.
    let title = desk.stream(&format!("ep{}", episode.number), "title").below(episode.titles.len() as u64) as usize;
    let mut draft = Draft { out, title, score: 0 };
    draft.score = score(desk, episode, &draft, n)?;
    Ok(draft)
}

/// Whole numbers: near the target length, the turn and the cost where they belong, a title that names a thing in few words, and a
/// little of chance so that two projects differ.
fn score(desk: &Desk<'_>, episode: &EpisodeT, draft: &Draft, n: u64) -> Result<i64, WorldError> {
    let mut pace = Pace::default();
    for scene in &episode.scenes {
        pace.scene();
        for beat in kept(scene, draft)? {
            let speech: Vec<u64> = beat.lines.iter().map(expected_ms).collect();
            pace.beat(
                beat.function,
                beat.action.as_ref().map(|a| a.weight),
                beat.line_after_ms,
                &speech.iter().zip(&beat.lines).map(|(ms, l)| (*ms, l.hold_before)).collect::<Vec<_>>(),
                beat.hold_after,
            );
            if beat_id(&scene.id, &beat.id)? == episode.title_after {
                pace.card(CARD_TITLE_MS);
            }
        }
    }
    pace.card(CARD_END_MS);
    let total = pace.at.max(1);
    let percent = |f: BeatFn| pace.first.iter().find(|(g, _)| *g == f).map_or(0, |(_, at)| at * 100 / total);
    let target = u64::from(desk.project.target_duration_s) * 1000;
    let mut score = -((total.abs_diff(target) / 250) as i64);
    score -= 40 * i64::from(!(40..=65).contains(&percent(BeatFn::Turn)));
    score -= 40 * i64::from(!(48..=82).contains(&percent(BeatFn::Cost)));
    score += desk.stream(&format!("ep{} plan {n}", episode.number), "chance").below(6) as i64;
    Ok(score)
}

/// What a line of its band takes at 1.3 syllables a word.
fn expected_ms(line: &crate::pack::LineT) -> u64 {
    let words = (line.words[0] + line.words[1]) as u64;
    280 + 190 * words * 13 / 20 + if words > 12 { 300 } else { 0 }
}

fn kept<'s>(scene: &'s SceneT, draft: &Draft) -> Result<Vec<&'s BeatT>, WorldError> {
    let mut kept = Vec::new();
    for beat in &scene.beats {
        if !draft.out.contains(&beat_id(&scene.id, &beat.id)?) {
            kept.push(beat);
        }
    }
    Ok(kept)
}

fn write(desk: &Desk<'_>, episode: &EpisodeT, draft: &Draft) -> Result<EpisodePlan, WorldError> {
    let fill = |text: &str| desk.bound.fill(text);
    let sentence = |text: &str| fill(text).map(|t| capital(&t));
    let mut scenes = Vec::new();
    let mut sheet: Vec<BeatSheetRow> = Vec::new();
    let mut new_facts = Vec::new();
    let mut last: Option<(Id, Vec<Id>, StoryTime)> = None;
    for scene in &episode.scenes {
        let location_id = desk.bound.id(&scene.place)?;
        let present = desk.bound.ids(&scene.present)?;
        let mut story_time = desk.bound.moment(&scene.at)?;
        // A world with longer ways than the kernel's has later scenes, not people in two places.
        if let Some((from, who, at)) = &last
            && who.iter().any(|w| present.contains(w))
        {
            let way = travel(desk, from, &location_id);
            let earliest = canon::time::shift(at, way).map_err(|why| WorldError::Binding { slot: scene.place.clone(), why })?;
            story_time = story_time.max(earliest);
        }
        let mut beats = Vec::new();
        for beat in kept(scene, draft)? {
            let id = beat_id(&scene.id, &beat.id)?;
            match sheet.last_mut() {
                Some(row) if row.beat == beat.row => row.script_beats.push(id.clone()),
                _ => {
                    let what = episode.rows.iter().find(|r| r.row == beat.row).map_or(Ok(String::new()), |r| sentence(&r.what))?;
                    sheet.push(BeatSheetRow { beat: beat.row.clone(), what, script_beats: vec![id.clone()] });
                }
            }
            new_facts.extend(beat.begins.iter().map(|f| f.id.clone()));
            beats.push(id);
        }
        last = Some((location_id.clone(), present, story_time.clone()));
        scenes.push(PlannedScene {
            id: scene.id.clone(),
            location_id,
            story_time,
            goal: fill(&scene.goal)?,
            obstacle: fill(&scene.obstacle)?,
            price: fill(&scene.price)?,
            reversal: fill(&scene.reversal)?,
            beats,
        });
    }
    let mut unresolved: Vec<Id> = desk
        .canon
        .threads
        .iter()
        .filter(|t| t.state == contracts::canon::ThreadState::Open)
        .map(|t| t.id.clone())
        .chain(episode.threads.iter().filter(|t| t.opened_by.is_some()).map(|t| t.id.clone()))
        .filter(|id| !episode.threads.iter().any(|t| t.id == *id && t.paid_by.is_some()))
        .collect();
    unresolved.sort();
    unresolved.dedup();
    Ok(EpisodePlan {
        project_id: desk.project.id.clone(),
        number: episode.number,
        title: titled(&fill(&episode.titles[draft.title])?),
        arc_reference: episode.number,
        summary: sentence(&episode.summary)?,
        question: sentence(&episode.question)?,
        question_beat: episode.question_beat.clone(),
        answer: sentence(&episode.answer)?,
        turn: sentence(&episode.turn)?,
        cost: sentence(&episode.cost)?,
        forms: episode.forms.clone(),
        scenes,
        beat_sheet: sheet,
        clues: episode
            .clues
            .iter()
            .map(|c| {
                Ok(Clue {
                    id: c.id.clone(),
                    observable: fill(&c.observable)?,
                    planted_by: c.planted_by.clone(),
                    false_reading: fill(&c.false_reading)?,
                    true_reading: fill(&c.true_reading)?,
                    paid_by: c.paid_by.clone(),
                })
            })
            .collect::<Result<_, WorldError>>()?,
        new_facts,
        unresolved_threads: unresolved,
    })
}

/// A title in title case.
fn titled(text: &str) -> String {
    text.split(' ').map(capital).collect::<Vec<_>>().join(" ")
}

fn travel(desk: &Desk<'_>, from: &Id, to: &Id) -> i64 {
    let way = |a: &Id, b: &Id| desk.canon.locations.iter().find(|l| l.id == *a).and_then(|l| l.travel_min.get(b)).copied();
    i64::from(way(from, to).or_else(|| way(to, from)).unwrap_or(0))
}
