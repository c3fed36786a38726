//! Prints an episode in the shape the season judge reads: `tell_sample GENRE KERNEL ID EPISODE`; with `lines` behind it, as words.

use std::{
    env,
    error::Error,
    io::{Write, stdout},
};

use contracts::{
    EditRate, Id, MicroUsd,
    project::{ApprovalPoints, Aspect, Audience, ContinuityMode, CostPolicy, External, Project, Safety, VisualStyle},
};
use world::{TemplateWriter, produce};

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = stdout().lock();
    let args: Vec<String> = env::args().skip(1).collect();
    let [genre, kernel, id, episode, rest @ ..] = args.as_slice() else {
        return Err("tell_sample GENRE KERNEL ID EPISODE [lines]".into());
    };
    let project = Project {
        id: Id::new(id.clone())?,
        title: "A title".into(),
        genre: Id::new(genre.clone())?,
        kernel: Some(Id::new(kernel.clone())?),
        visual_style: VisualStyle::Paper,
        target_duration_s: 62,
        edit_rate: EditRate::FILM,
        language: "en".into(),
        aspect: Aspect::Wide,
        premise: None,
        captions: None,
        render_profiles: vec![Id::new("preview_local")?],
        continuity_mode: ContinuityMode::Strict,
        promise: None,
        cost_policy: CostPolicy { budget_micro_usd: MicroUsd(0), external: External::Forbidden },
        safety: Safety { audience: Audience::General, mode: None },
        approval_points: ApprovalPoints::default(),
        pronounce: std::collections::BTreeMap::new(),
        writing: None,
    };
    let e = produce(&TemplateWriter, &project, None, episode.parse()?)?;
    if rest.is_empty() {
        let v = world::export::sample_shape(&project, &e.before, &e.arc, &e.plan, &e.cast, &e.script, &e.diff, &e.seen_before)?;
        writeln!(out, "{v}")?;
        return Ok(());
    }
    writeln!(out, "== {id} {episode}: {} | {}", e.plan.title, e.plan.question)?;
    for scene in &e.script.scenes {
        writeln!(out, "  -- {} {} {}", scene.id, scene.location_id, scene.story_time)?;
        for beat in &scene.beats {
            if let Some(action) = &beat.action {
                writeln!(out, "  {} ({})", beat.id, action.text)?;
            }
            for line in &beat.lines {
                writeln!(out, "      {}: {}", line.speaker_id, line.text)?;
            }
        }
    }
    Ok(())
}
