//! The lines of the workload, drawn as the product draws them.

use std::path::{Path, PathBuf};

use contracts::{
    Hash,
    render::{BurnIn, Overlay, RenderPlan},
};
use craft::{captions::Letters, frame::Margins};
use media::image;
use render::captions::{Screen, cues_within};

/// Draws a plan's captions into files of a folder: where each stands when, and the files.
pub fn drawn(plan: &RenderPlan, folder: &Path) -> Result<(Vec<Overlay>, Vec<PathBuf>), String> {
    let canvas = plan.canvas;
    let safe = Margins::title(canvas).within(canvas);
    let screen = Screen { canvas, side: safe.x.max(0) as u32, bottom: (canvas.height as i32 - safe.bottom()).max(0) as u32 };
    let letters = Letters::new(&[], &plan.language);
    let (mut overlays, mut files) = (Vec::new(), Vec::new());
    for cue in cues_within(&plan.captions, screen.columns()) {
        let caption = craft::captions::Caption {
            lines: &cue.lines,
            words: &[],
            from_right: cue.from_right,
            canvas,
            size: screen.size(),
            look: plan.burn_in.unwrap_or(BurnIn::Plain),
        };
        for sprite in craft::captions::draw(&letters, &caption) {
            let (width, height) = (sprite.pixels.width, sprite.pixels.height);
            let png = image::encode(&image::Image { width, height, rgba: sprite.pixels.rgba }).map_err(|e| e.to_string())?;
            let file = folder.join(format!("{}-{}.png", cue.line_id, cue.part));
            std::fs::write(&file, &png).map_err(|e| format!("{}: {e}", file.display()))?;
            let (start_frame, end) = (plan.edit_rate.frames_to_hold(cue.start), plan.edit_rate.frames_to_hold(cue.end));
            overlays.push(Overlay {
                image: Hash::of(&png),
                x: sprite.x,
                y: sprite.y,
                width,
                height,
                start_frame,
                frames: end - start_frame,
            });
            files.push(file);
        }
    }
    Ok((overlays, files))
}
