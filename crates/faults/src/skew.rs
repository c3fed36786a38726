//! F25: malformed documents and other versions. No panic, a JSON pointer for every missing field, older and newer minors
//! read, other majors refused with what to do.

use contracts::{ReadError, documents};
use serde_json::Value;

use crate::mutate::mutated;
use crate::rng::Rng;
use crate::run::Tally;
use crate::world::{World, finish};
use crate::{corpus, targets};

/// Mutations of each document.
const EACH: usize = 400;

pub fn run(world: &World) -> Result<Tally, String> {
    let golden = world.golden()?;
    let mut tally = Tally::default();
    let mut rng = Rng::new(world.plan.seed, "skew");
    let mut mutations = 0;
    for kind in documents() {
        let own = golden.files.values().find(|b| is_kind(b, kind.id));
        let stored: Vec<Vec<u8>> =
            corpus::files(&world.plan.root, &format!("document_{}", kind.id)).iter().filter_map(|f| std::fs::read(f).ok()).collect();
        let Some(bytes) = own.or_else(|| stored.iter().find(|b| kind.check(b).is_ok())) else {
            tally.failed.push(format!("{}: neither the run nor tests/corpus holds one", kind.id));
            continue;
        };
        let value: Value = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        let ours: Vec<u64> = kind.version.split('.').filter_map(|p| p.parse().ok()).collect();
        let at = |version: String| {
            let mut value = value.clone();
            value["schema_version"] = version.into();
            kind.check(value.to_string().as_bytes())
        };
        for minor in [0, ours[1], ours[1] + 1, ours[1] + 1000] {
            // A field that an older minor did not know may be missing; here nothing is, so every minor reads.
            let version = format!("{}.{minor}.0", ours[0]);
            let read = at(version.clone());
            tally.hold(read.is_ok(), || {
                format!("{} {version} is refused: {}", kind.id, read.as_ref().err().map_or(String::new(), ToString::to_string))
            });
        }
        for major in [ours[0] + 1, ours[0] + 41, 4_294_967_295] {
            let read = at(format!("{major}.0.0"));
            let refused = matches!(&read, Err(e @ ReadError::Major { .. }) if e.to_string().contains(kind.id));
            tally.hold(refused, || format!("{} {major}.0.0 is not refused as another major: {read:?}", kind.id));
        }
        for nonsense in ["", "x", "1", "-1.0.0", "99999999999999999999.0.0", "0x0.1.0"] {
            let read = at(nonsense.to_owned());
            tally.hold(nonsense == "1" && kind.version.starts_with("1.") || read.is_err(), || {
                format!("{} of version `{nonsense}` is read", kind.id)
            });
        }
        let mut more = value.clone();
        more["a_field_of_tomorrow"] = serde_json::json!({"deep": [1, 2, 3]});
        tally.hold(kind.check(more.to_string().as_bytes()).is_ok(), || format!("{}: a field of a later version is refused", kind.id));
        for field in value.as_object().into_iter().flat_map(|m| m.keys()) {
            let mut less = value.clone();
            less.as_object_mut().map(|m| m.remove(field));
            if let Err(error) = kind.check(less.to_string().as_bytes()) {
                tally.hold(error.to_string().starts_with(&format!("/{field}: ")), || format!("{} without /{field}: {error}", kind.id));
            }
        }
        let seeds: Vec<Vec<u8>> = stored.iter().cloned().chain([bytes.clone()]).collect();
        let target = corpus::find(&format!("document_{}", kind.id)).ok_or_else(|| format!("{} has no target", kind.id))?;
        for n in 0..EACH {
            let bytes = mutated(&mut rng, &seeds, target.words);
            mutations += 1;
            tally.case(corpus::measured(&target, &bytes).map(|_| ()).map_err(|why| format!("{}, mutation {n}: {why}", kind.id)));
        }
    }
    from_outside(world, golden.files["Script.json"].as_slice(), &mut tally)?;
    tally.note = format!("{} kinds, {mutations} mutations, {} targets have corpora", documents().len(), targets::targets().len());
    Ok(tally)
}

fn is_kind(bytes: &[u8], id: &str) -> bool {
    serde_json::from_slice::<Value>(bytes).is_ok_and(|v| v["schema_id"] == id)
}

/// The same as a person meets it.
fn from_outside(world: &World, script: &[u8], tally: &mut Tally) -> Result<(), String> {
    let dir = world.folder("skew")?;
    let file = dir.join("Script.json");
    let mut value: Value = serde_json::from_slice(script).map_err(|e| e.to_string())?;
    value["schema_version"] = "77.0.0".into();
    for bytes in [value.to_string().into_bytes(), b"{\"schema_id\":\"script\"".to_vec(), vec![0xff; 100], Vec::new()] {
        std::fs::write(&file, bytes).map_err(|e| e.to_string())?;
        let mut command = world.reel(&dir.join("home"));
        command.args(["schema", "validate", "--json"]).arg(&file);
        let ended = finish(command)?;
        tally.hold(ended.status.code().is_some_and(|c| c > 0 && c < 100), || format!("a document that is none: {}", ended.said()));
    }
    Ok(())
}
