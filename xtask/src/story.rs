//! `cargo xtask story-check`: an episode in the shape that the story judge reads, and the judge run on it.

use crate::sh;

/// Exports an episode; runs the judge when its path is given.
pub fn run(args: &[String]) -> Result<(), String> {
    let (mut judge, mut project, mut episode) = (None, "examples/lighthouse".to_owned(), "1".to_owned());
    let mut it = args.iter();
    while let Some(flag) = it.next() {
        let value = it.next().ok_or_else(|| format!("{flag} needs a value"))?.clone();
        match flag.as_str() {
            "--judge" => judge = Some(value),
            "--project" => project = value,
            "--episode" => episode = value,
            other => return Err(format!("unknown option {other}: expected --judge, --project or --episode")),
        }
    }
    let reel = sh::build_reel()?;
    let folder = sh::fresh("story-check")?;
    let file = folder.join(format!("{}.ep{episode}.json", project.rsplit('/').next().unwrap_or("episode")));
    let text = sh::read(&reel.to_string_lossy(), &["write", &project, "--episode", &episode, "--as", "sample"])?;
    std::fs::write(&file, text).map_err(|e| e.to_string())?;
    println!("exported {}", file.display());
    match judge {
        Some(judge) => sh::run("python3", &[&judge, &file.to_string_lossy()]),
        None => {
            println!("no judge was run: give one with --judge PATH/measure.py");
            Ok(())
        }
    }
}
