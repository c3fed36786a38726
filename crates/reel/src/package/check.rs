//! Everything that can be known to be wrong before any work, all at once.

use std::path::Path;
use std::sync::Arc;

use contracts::{Hash, package::DesiredOutput, package::RenderFault};
use media::wav;
use registry::{OutputRef, Registry};
use render::package::{FaultKind, Medium, content};

use super::{
    media::{called, head, sniff, take_in},
    read::{Inputs, Refused, fault},
};
use crate::{failure::exit, shop::Home, tools::Tools};

/// What a request that is in order is rendered with.
pub struct Ready {
    /// None when nothing is encoded.
    pub tools: Option<Arc<Tools>>,
    /// What the package brought along, stored.
    pub media: Vec<OutputRef>,
    /// What the client should hear about its request.
    pub notes: Vec<String>,
}

/// Checks the documents against each other, takes in what the package brings, and looks for all that the plan names.
pub fn all(home: &Home, inputs: &Inputs, root: Option<&Path>) -> Result<Ready, Refused> {
    let package = &inputs.package;
    let (list, manifest, plan) = (&inputs.list.doc, &inputs.manifest.doc, &inputs.plan.doc);
    let mut faults: Vec<RenderFault> = Vec::new();
    if package.render_profile != plan.profile {
        let message = format!(
            "/render_profile: `{}` is asked for, the render plan is for `{}`: another profile is another plan, and another request",
            package.render_profile, plan.profile
        );
        faults.push(fault("package.mismatch", "inputs", message, false));
    }
    for found in render::package::check(list, manifest, plan) {
        let code = match found.kind {
            FaultKind::TimingLock => "package.timing_lock",
            FaultKind::Mismatch => "package.mismatch",
            FaultKind::Plan => "package.document",
        };
        faults.push(fault(code, "inputs", found.message, false));
    }
    let pictures = package.desired_outputs.contains(&DesiredOutput::Video);
    // Nothing but a film is encoded. The encoder is asked who it is while media are read.
    let tools = pictures.then(Tools::encoder).transpose();
    let taken = take_in(&package.inputs.media, root, home, &mut faults);
    let sounds = pictures || package.desired_outputs.contains(&DesiredOutput::AudioStems);
    let named = content(plan);
    for (hash, (medium, place)) in &named {
        if (*medium == Medium::Sound && sounds) || (*medium != Medium::Sound && pictures) {
            held(home, hash, *medium, place, &mut faults);
        }
    }
    let mut notes = Vec::new();
    let spare = taken.keys().filter(|h| !named.contains_key(h)).count();
    if spare > 0 {
        notes.push(format!("{spare} of the media that came with it are not named by the plan, and were not used"));
    }
    if !package.callbacks.is_empty() {
        notes.push("callbacks are accepted and not called yet: their delivery comes with the server; this answer is the result".into());
    }
    if package.logging_options.is_some() {
        notes.push("logging_options are accepted and have no effect yet: they come with the server's log".into());
    }
    let tools = tools.map_err(|failure| faults.push(super::fault_of("request", &failure)));
    match tools {
        Ok(tools) if faults.is_empty() => {
            let media = taken.into_iter().filter(|(hash, _)| named.contains_key(hash)).map(|(_, stored)| stored).collect();
            Ok(Ready { tools: tools.map(Arc::new), media, notes })
        }
        _ => {
            let tool = faults.iter().all(|f| f.code == "tool.missing");
            let exit = if tool { exit::TOOL } else { exit::PROJECT };
            Err(Refused { request_id: package.request_id.clone(), faults, exit })
        }
    }
}

/// Whether content is there, and is what the plan plays it as.
fn held(home: &Home, hash: &Hash, medium: Medium, place: &str, faults: &mut Vec<RenderFault>) {
    let mut add = |why: String, later| faults.push(fault("package.media", "inputs", format!("{place}: {} {why}", hash.short()), later));
    match home.registry.blobs().size(hash) {
        Ok(Some(_)) => {}
        Ok(None) => return add("is not in the registry: send it in /inputs/media".into(), true),
        Err(error) => return add(format!("cannot be looked for: {error}"), true),
    }
    let first = match head(&Registry::object_path(home.registry.home(), hash)) {
        Ok(first) => first,
        Err(error) => return add(format!("cannot be read: {error}"), true),
    };
    match sniff(&first) {
        Ok(found) if found == medium => {}
        Ok(found) => return add(format!("is {}; expected {}", called(found), called(medium)), false),
        Err(found) => return add(format!("is {found}; expected {}", called(medium)), false),
    }
    if medium == Medium::Sound {
        // Its head alone: a film's music is as long as the film.
        let sound = wav::Source::File(Registry::object_path(home.registry.home(), hash));
        match sound.open() {
            Ok(sound) if u64::from(sound.rate) == contracts::SAMPLE_RATE => {}
            Ok(sound) => add(format!("is at {} Hz; a mix takes 48000 Hz", sound.rate), false),
            Err(error) => add(error.to_string(), false),
        }
    }
}
