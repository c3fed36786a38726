//! Pictures as part of an answer: PNG, of a size that a model looks at.

use std::path::{Path, PathBuf};

use base64::{Engine, engine::general_purpose::STANDARD};
use media::image::{Image, decode, encode_rgb};
use serde_json::{Value, json};

use crate::failure::Failure;

/// The longest side of a picture, in pixels.
const SIDE: u32 = 1280;
/// The most bytes of one PNG.
const BYTES: usize = 2 << 20;
/// The most pictures of one answer.
const MOST: usize = 3;

/// A picture, ready to be handed over.
pub struct Picture {
    /// PNG, as base64.
    pub data: String,
    /// What it is, for the JSON beside it.
    pub facts: Value,
}

/// The pictures a command made at `place`, a file or a folder of them, in the order of their names; and how many more there are.
///
/// # Errors
/// When one cannot be read.
pub fn at(place: &Path) -> Result<(Vec<Picture>, usize), Failure> {
    let mut files: Vec<PathBuf> = Vec::new();
    if place.is_dir() {
        let entries = std::fs::read_dir(place).map_err(Failure::internal)?;
        files.extend(entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "png")));
        // `page-2` comes before `page-10`.
        files.sort_by_key(|p| (p.as_os_str().len(), p.clone()));
    } else {
        files.push(place.to_owned());
    }
    let more = files.len().saturating_sub(MOST);
    let pictures = files.iter().take(MOST).map(|file| Picture::read(file)).collect::<Result<_, _>>()?;
    Ok((pictures, more))
}

impl Picture {
    fn read(file: &Path) -> Result<Self, Failure> {
        let bytes = std::fs::read(file).map_err(Failure::internal)?;
        let whole = decode(&bytes).map_err(Failure::internal)?;
        let longest = whole.width.max(whole.height);
        let (mut png, mut size) = (bytes, (whole.width, whole.height));
        if longest > SIDE || png.len() > BYTES {
            let mut side = longest.min(SIDE);
            loop {
                size = fitted(&whole, side);
                let small = whole.cover(size.0, size.1);
                let rgb: Vec<u8> = small.rgba.as_chunks::<4>().0.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect();
                png = encode_rgb(size.0, size.1, &rgb).map_err(Failure::internal)?;
                if png.len() <= BYTES {
                    break;
                }
                side = side * 3 / 4;
            }
        }
        let facts = json!({"width": size.0, "height": size.1, "of_width": whole.width, "of_height": whole.height});
        Ok(Self { data: STANDARD.encode(png), facts })
    }
}

/// The size of a picture whose longest side is `side`.
fn fitted(picture: &Image, side: u32) -> (u32, u32) {
    let longest = picture.width.max(picture.height);
    let part = |n: u32| ((u64::from(n) * u64::from(side.min(longest)) + u64::from(longest) / 2) / u64::from(longest)).max(1) as u32;
    (part(picture.width), part(picture.height))
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "tests lay out files")]
mod tests {
    use super::*;

    fn png(width: u32, height: u32, noise: bool) -> Vec<u8> {
        let mut state = 1_u32;
        let rgb: Vec<u8> = (0..width * height * 3)
            .map(|i| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if noise { (state >> 24) as u8 } else { (i / 3 % width * 255 / width) as u8 }
            })
            .collect();
        encode_rgb(width, height, &rgb).expect("a picture")
    }

    #[test]
    fn pictures_fit_and_the_rest_is_counted() {
        let dir = tempfile::tempdir().expect("a folder");
        for (n, (width, height, noise)) in [(1920, 1080, false), (720, 1280, false), (1280, 720, true), (4, 4, false)].iter().enumerate() {
            std::fs::write(dir.path().join(format!("page-{}.png", n + 8)), png(*width, *height, *noise)).expect("writes");
        }
        std::fs::write(dir.path().join("page.html"), "x").expect("writes");
        let (pictures, more) = at(dir.path()).expect("pictures");
        assert_eq!((pictures.len(), more), (3, 1));
        let sizes: Vec<(u64, u64)> =
            pictures.iter().map(|p| (p.facts["width"].as_u64().unwrap_or(0), p.facts["height"].as_u64().unwrap_or(0))).collect();
        assert_eq!(sizes[..2], [(1280, 720), (720, 1280)]);
        // Noise does not shrink as PNG: it is made smaller until it is small enough.
        assert!(sizes[2].0 < 1280 && sizes[2].0 * 9 / 16 == sizes[2].1, "{sizes:?}");
        for picture in &pictures {
            let bytes = STANDARD.decode(&picture.data).expect("base64");
            let back = decode(&bytes).expect("a PNG");
            assert!(bytes.len() <= BYTES && u64::from(back.width) == picture.facts["width"]);
        }
        assert!(at(&dir.path().join("page.html")).is_err() && at(&dir.path().join("absent.png")).is_err());
    }
}
