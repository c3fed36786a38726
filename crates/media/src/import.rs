//! An author's picture, whatever program wrote it: PNG, JPEG or WebP, told apart by its first bytes and never by its name.
//! It comes upright (EXIF), in 8-bit RGBA; colour profiles are not applied. Everything else is refused by what it is.

use std::io::Cursor;

use zune_jpeg::{
    JpegDecoder,
    errors::DecodeErrors,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

use crate::image::{Image, ImageError, MAX_PIXELS, decode, premultiply};

/// The longest side that is read, in pixels.
const MAX_SIDE: u32 = 16_384;

/// Reads an author's picture. Refuses what is animated, cut short, larger than [`MAX_PIXELS`] or of another kind; memory
/// is taken only after the size was read. The same bytes give the same pixels on every machine.
pub fn read(bytes: &[u8]) -> Result<Image, ImageError> {
    let (image, turn) = match bytes {
        [0x89, b'P', b'N', b'G', ..] => {
            still_png(bytes)?;
            (decode(bytes)?, orientation(bytes))
        }
        [0xff, 0xd8, 0xff, ..] => (jpeg(bytes)?, orientation(bytes)),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => (webp(bytes)?, orientation(bytes)),
        _ => return Err(ImageError::Unsupported(kind(bytes))),
    };
    Ok(upright(image, turn))
}

/// What bytes seem to be, for the message that refuses them.
fn kind(bytes: &[u8]) -> &'static str {
    let head = &bytes[..bytes.len().min(512)];
    let text = String::from_utf8_lossy(head).trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    match bytes {
        [] => "empty",
        [b'G', b'I', b'F', b'8', ..] => "a GIF",
        [b'B', b'M', ..] => "a BMP",
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => "a TIFF",
        [_, _, _, _, b'j', b'P', b' ', b' ', ..] | [0xff, 0x4f, 0xff, 0x51, ..] => "a JPEG 2000",
        [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', ..] => "an AVIF",
        [_, _, _, _, b'f', b't', b'y', b'p', b'h', b'e', ..] => "a HEIC",
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => "a film",
        [b'%', b'P', b'D', b'F', ..] => "a PDF",
        [b'8', b'B', b'P', b'S', ..] => "a Photoshop file",
        [0x1f, 0x8b, ..] | [b'P', b'K', 3, 4, ..] => "an archive",
        _ if text.starts_with("<svg") || text.starts_with("<?xml") => "an SVG or XML file",
        _ if text.starts_with("<!doctype") || text.starts_with("<html") => "a web page",
        _ if text.starts_with("ffconcat") || text.starts_with("#extm3u") || text.starts_with("v=0") => "a playlist",
        _ => "no picture this build knows",
    }
}

/// A PNG with more frames than one moves; a library's picture stands still.
fn still_png(bytes: &[u8]) -> Result<(), ImageError> {
    let mut at = 8;
    while let Some(head) = bytes.get(at..at + 8) {
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        match &head[4..] {
            b"acTL" => {
                let frames = bytes.get(at + 8..at + 12).map_or(0, |n| u32::from_be_bytes([n[0], n[1], n[2], n[3]]));
                return if frames > 1 { Err(ImageError::Animated(frames)) } else { Ok(()) };
            }
            b"IDAT" | b"IEND" => return Ok(()),
            _ => at = at.saturating_add(12).saturating_add(length),
        }
    }
    Ok(())
}

fn sized(width: u32, height: u32) -> Result<usize, ImageError> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MAX_PIXELS || width.max(height) > MAX_SIDE {
        return Err(ImageError::TooLarge { width, height });
    }
    Ok(pixels as usize)
}

fn jpeg(bytes: &[u8]) -> Result<Image, ImageError> {
    let bad = |e: DecodeErrors| ImageError::Malformed(format!("JPEG: {e:?}"));
    // A cut JPEG decodes to a picture that is grey from some line on: its end must be there.
    let last = |marker: [u8; 2]| bytes.windows(2).rposition(|w| w == marker);
    if last([0xff, 0xd9]) < last([0xff, 0xda]) {
        return Err(ImageError::Malformed("JPEG: it is cut short".into()));
    }
    let options = DecoderOptions::new_safe()
        .set_use_unsafe(false)
        .set_strict_mode(true)
        .set_max_width(MAX_SIDE as usize)
        .set_max_height(MAX_SIDE as usize)
        .jpeg_set_max_scans(100)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(bad)?;
    let info = decoder.info().ok_or_else(|| ImageError::Malformed("JPEG: it has no frame".into()))?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    let pixels = sized(width, height)?;
    let rgb = decoder.decode().map_err(bad)?;
    let rgba: Vec<u8> = rgb.as_chunks::<3>().0.iter().flat_map(|&[r, g, b]| [r, g, b, 255]).collect();
    if rgba.len() != pixels * 4 || pixels == 0 {
        return Err(ImageError::Size { width, height, bytes: rgba.len() });
    }
    Ok(Image { width, height, rgba })
}

fn webp(bytes: &[u8]) -> Result<Image, ImageError> {
    let bad = |e: image_webp::DecodingError| ImageError::Malformed(format!("WebP: {e}"));
    // The size stands in the header; a cut file may still decode to something.
    let stated = bytes.get(4..8).map_or(0, |n| u64::from(u32::from_le_bytes([n[0], n[1], n[2], n[3]])));
    if stated + 8 > bytes.len() as u64 {
        return Err(ImageError::Malformed("WebP: it is cut short".into()));
    }
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(bytes)).map_err(bad)?;
    decoder.set_memory_limit(MAX_PIXELS as usize * 4);
    if decoder.is_animated() {
        return Err(ImageError::Animated(decoder.num_frames()));
    }
    let (width, height) = decoder.dimensions();
    let pixels = sized(width, height)?;
    let size = decoder.output_buffer_size().ok_or(ImageError::TooLarge { width, height })?;
    let mut raw = vec![0; size];
    decoder.read_image(&mut raw).map_err(bad)?;
    let rgba: Vec<u8> = if decoder.has_alpha() {
        raw.as_chunks::<4>().0.iter().flat_map(|&[r, g, b, a]| [premultiply(r, a), premultiply(g, a), premultiply(b, a), a]).collect()
    } else {
        raw.as_chunks::<3>().0.iter().flat_map(|&[r, g, b]| [r, g, b, 255]).collect()
    };
    if rgba.len() != pixels * 4 || pixels == 0 {
        return Err(ImageError::Size { width, height, bytes: rgba.len() });
    }
    Ok(Image { width, height, rgba })
}

/// The EXIF orientation, 1 to 8 (CIPA DC-008, tag 0x0112); 1 when the file says none or says it badly.
fn orientation(bytes: &[u8]) -> u32 {
    let read = exif::Reader::new().read_from_container(&mut Cursor::new(bytes)).ok();
    let field = read.as_ref().and_then(|e| e.get_field(exif::Tag::Orientation, exif::In::PRIMARY));
    field.and_then(|f| f.value.get_uint(0)).filter(|n| (1..=8).contains(n)).unwrap_or(1)
}

/// The picture as it was seen: turned and mirrored as its orientation says.
fn upright(image: Image, turn: u32) -> Image {
    if turn == 1 {
        return image;
    }
    let (w, h) = (image.width as usize, image.height as usize);
    let (width, height) = if turn >= 5 { (h, w) } else { (w, h) };
    let mut rgba = Vec::with_capacity(image.rgba.len());
    for y in 0..height {
        for x in 0..width {
            let (sx, sy) = match turn {
                2 => (w - 1 - x, y),
                3 => (w - 1 - x, h - 1 - y),
                4 => (x, h - 1 - y),
                5 => (y, x),
                6 => (y, h - 1 - x),
                7 => (w - 1 - y, h - 1 - x),
                _ => (w - 1 - y, x),
            };
            let at = (sy * w + sx) * 4;
            rgba.extend_from_slice(&image.rgba[at..at + 4]);
        }
    }
    Image { width: width as u32, height: height as u32, rgba }
}

#[cfg(test)]
mod tests;
