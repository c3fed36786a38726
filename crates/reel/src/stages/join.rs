//! Segments + sound → the film, joined without re-encoding, with captions and a contact sheet beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use contracts::{Hash, render::RenderPlan};
use orchestrator::{Grade, Outputs};
use serde_json::json;

use super::{FnStep, Made, Shop, burn, fault, json, shots::Shot, step};
use crate::{failure::Failure, tools::Tools};

/// What captions are written as, beside the film.
const CAPTIONS: [&str; 4] = ["srt", "vtt", "ass", "timestamps"];

/// The film and what lies beside it.
pub struct Joined {
    pub film: Hash,
    pub captions: BTreeMap<String, Hash>,
    pub contact_sheet: Hash,
}

pub fn run(shop: &mut Shop, plan: &Made<RenderPlan>, shots: &[Shot], sound: &Hash, tools: &Arc<Tools>) -> Result<Joined, Failure> {
    let works = vec![film(plan, shots, sound, tools)?, captions(plan), sheet(shots)];
    let results = shop.all("join", works)?;
    let output = |at: usize, name: &str| -> Result<Hash, Failure> {
        results.get(at).and_then(|r| r.outputs.hash(name).cloned()).ok_or_else(|| Failure::internal(format!("join made no {name}")))
    };
    let captions = CAPTIONS.iter().map(|format| Ok(((*format).to_owned(), output(1, format)?))).collect::<Result<_, Failure>>()?;
    Ok(Joined { film: output(0, "film")?, captions, contact_sheet: output(2, "sheet")? })
}

/// The captions, where nobody wants the film.
pub fn captions_alone(shop: &mut Shop, plan: &Made<RenderPlan>) -> Result<BTreeMap<String, Hash>, Failure> {
    let made = shop.all("join", vec![captions(plan)])?;
    Ok(made.into_iter().flat_map(|r| r.outputs.files).map(|(format, file)| (format, file.hash)).collect())
}

fn film(plan: &Made<RenderPlan>, shots: &[Shot], sound: &Hash, tools: &Arc<Tools>) -> Result<FnStep, Failure> {
    let videos: Vec<Hash> = shots.iter().map(|s| s.segment.video.clone()).collect();
    let doc = &plan.doc;
    let projection = json!({
        "segments": json(&videos), "sound": sound, "chapters": json(&doc.chapters), "title": doc.title, "language": doc.language,
        "edit_rate": json(&doc.edit_rate), "canvas": json(&doc.canvas), "frames": json(&doc.shots.iter().map(|s| s.frames).collect::<Vec<_>>()), "encoder": tools.encoder_fingerprint()?,
    });
    let (plan, sound, tools) = (Arc::clone(&plan.doc), sound.clone(), Arc::clone(tools));
    Ok(step("film", "join", Grade::Pinned, projection, move |cx| {
        let folder = cx.temp_dir()?;
        let paths = videos.iter().map(|v| cx.path_of(v)).collect::<Result<Vec<_>, _>>()?;
        let out = folder.join("film.mp4");
        render::join::join(&plan, &paths, &cx.path_of(&sound)?, &tools.ffmpeg, folder, &out).map_err(fault)?;
        Ok(Outputs::new().with("film", cx.put_file(&out)?))
    }))
}

fn captions(plan: &Made<RenderPlan>) -> FnStep {
    let (inner, screen) = (plan.doc.captions.clone(), burn::screen(&plan.doc));
    let projection = json!({"captions": json(&inner), "canvas": json(&screen.canvas), "side": screen.side, "bottom": screen.bottom});
    step("captions", "captions", Grade::Pure, projection, move |cx| {
        let mut outputs = Outputs::new();
        for format in CAPTIONS {
            let bytes = match format {
                "srt" => render::captions::srt(&inner).into_bytes(),
                "vtt" => render::captions::vtt(&inner).into_bytes(),
                "ass" => render::captions::ass(&inner, &screen).into_bytes(),
                _ => render::captions::timestamps(&inner).map_err(fault)?,
            };
            outputs = outputs.with(format, cx.put_bytes(&bytes)?);
        }
        Ok(outputs)
    })
}

fn sheet(shots: &[Shot]) -> FnStep {
    let stills: Vec<Hash> = shots.iter().map(|s| s.still.clone()).collect();
    step("sheet", "sheet", Grade::Pure, json(&stills), move |cx| {
        let pictures = stills.iter().map(|s| cx.get_bytes(s)).collect::<Result<Vec<_>, _>>()?;
        Ok(Outputs::new().with("sheet", cx.put_bytes(&render::sheet::contact_sheet(&pictures).map_err(fault)?)?))
    })
}
