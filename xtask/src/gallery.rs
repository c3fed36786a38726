//! `cargo xtask gallery`: the target frames, people and styles painted anew into `docs/gallery`, and every figure judged.

use crate::{packages, sh};

/// Paints the gallery, keeps it as small JPEGs, and judges every framing, pose, expression and style.
pub fn run(args: &[String]) -> Result<(), String> {
    packages::ensure()?;
    let work = sh::fresh("gallery")?;
    let work_name = work.to_string_lossy().into_owned();
    let example = ["run", "--release", "--locked", "-p", "craft", "--example", "gallery", "--", &work_name];
    if !args.iter().any(|a| a == "--judge") {
        sh::run(&sh::cargo(), &example)?;
        let mut pictures: Vec<_> = std::fs::read_dir(&work).map_err(|e| e.to_string())?.flatten().map(|e| e.path()).collect();
        pictures.sort();
        for picture in pictures {
            let name = picture.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let (from, to) = (picture.to_string_lossy().into_owned(), format!("docs/gallery/{name}.jpg"));
            sh::run("ffmpeg", &["-nostdin", "-loglevel", "error", "-y", "-i", &from, "-q:v", "4", "-bitexact", &to])?;
        }
        println!("docs/gallery holds the pictures; docs/gallery/README.md says what each is");
    }
    let judge: Vec<&str> = example.into_iter().chain(["--judge"]).collect();
    sh::run(&sh::cargo(), &judge)
}
