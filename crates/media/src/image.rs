//! PNG files and pictures in memory: premultiplied RGBA inside the house, straight alpha in the file.

use std::io::Cursor;

use png::{BitDepth, ColorType, Compression, Decoder, DecodingError, Encoder, Filter, Limits, Transformations};

/// The largest picture that is decoded, in pixels.
pub const MAX_PIXELS: u64 = crate::ffmpeg::MAX_PIXELS;

/// A picture: 8-bit RGBA, colours multiplied by alpha, rows from the top, no padding.
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    /// Width in pixels, at least 1.
    pub width: u32,
    /// Height in pixels, at least 1.
    pub height: u32,
    /// `width * height * 4` bytes; no colour exceeds its alpha.
    pub rgba: Vec<u8>,
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Image({}×{})", self.width, self.height)
    }
}

/// Why bytes are not a picture that can be used, or a picture not one that can be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// It is larger than [`MAX_PIXELS`].
    #[error("the picture has {width}×{height} pixels; at most {MAX_PIXELS} are read")]
    TooLarge {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// It is not whole and well-formed.
    #[error("the picture cannot be read: {0}")]
    Malformed(String),
    /// It is of a kind that is not read.
    #[error("the file is {0}; a picture is a PNG, a JPEG or a WebP: save it as one of them")]
    Unsupported(&'static str),
    /// It moves.
    #[error("the picture is animated ({0} frames); save the one frame that is meant as a picture of its own")]
    Animated(u32),
    /// Its pixels do not fill its sides.
    #[error("a picture of {width}×{height} has {} bytes, {bytes} were given", u64::from(*width) * u64::from(*height) * 4)]
    Size {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Bytes given.
        bytes: usize,
    },
}

/// A colour value multiplied by alpha, both 0 to 255, rounded to nearest.
pub fn premultiply(colour: u8, alpha: u8) -> u8 {
    let t = u32::from(colour) * u32::from(alpha) + 128;
    ((t + (t >> 8)) >> 8) as u8
}

/// The colour value that was multiplied by alpha, rounded to nearest; 0 where alpha is 0. A value above alpha is taken
/// as alpha. [`premultiply`] of the result gives back every value from 0 to alpha.
pub fn unpremultiply(value: u8, alpha: u8) -> u8 {
    match u32::from(alpha) {
        0 => 0,
        a => ((u32::from(value.min(alpha)) * 255 + a / 2) / a) as u8,
    }
}

/// Writes a picture as PNG with straight alpha. The same picture gives the same bytes.
pub fn encode(image: &Image) -> Result<Vec<u8>, ImageError> {
    let Image { width, height, ref rgba } = *image;
    check_size(width, height, rgba.len())?;
    let mut straight = rgba.clone();
    for pixel in straight.as_chunks_mut::<4>().0 {
        if pixel[3] < 255 {
            let [r, g, b, a] = *pixel;
            *pixel = [unpremultiply(r, a), unpremultiply(g, a), unpremultiply(b, a), a];
        }
    }
    write(width, height, ColorType::Rgba, &straight)
}

/// Writes opaque pixels, three bytes each, as PNG.
pub fn encode_rgb(width: u32, height: u32, rgb: &[u8]) -> Result<Vec<u8>, ImageError> {
    check_size(width, height, rgb.len() / 3 * 4)?;
    write(width, height, ColorType::Rgb, rgb)
}

fn check_size(width: u32, height: u32, bytes: usize) -> Result<(), ImageError> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MAX_PIXELS {
        return Err(ImageError::TooLarge { width, height });
    }
    if pixels == 0 || pixels * 4 != bytes as u64 { Err(ImageError::Size { width, height, bytes }) } else { Ok(()) }
}

fn write(width: u32, height: u32, colour: ColorType, bytes: &[u8]) -> Result<Vec<u8>, ImageError> {
    let mut out = Vec::with_capacity(bytes.len() / 4 + 1024);
    let mut encoder = Encoder::new(&mut out, width, height);
    encoder.set_color(colour);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Fast);
    encoder.set_filter(Filter::Up);
    let written = encoder.write_header().and_then(|mut w| w.write_image_data(bytes).and_then(|()| w.finish()));
    written.map_err(|e| ImageError::Malformed(e.to_string()))?;
    Ok(out)
}

/// Reads a PNG of any colour type and depth. Refuses pictures above [`MAX_PIXELS`] before it takes memory for them,
/// and files that are cut short or fail their checksums.
pub fn decode(bytes: &[u8]) -> Result<Image, ImageError> {
    let bad = |e: DecodingError| ImageError::Malformed(e.to_string());
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: MAX_PIXELS as usize * 5 });
    decoder.set_transformations(Transformations::normalize_to_color8() | Transformations::ALPHA);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let header = decoder.read_header_info().map_err(bad)?;
    let (width, height) = (header.width, header.height);
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(ImageError::TooLarge { width, height });
    }
    let mut reader = decoder.read_info().map_err(bad)?;
    let size = reader.output_buffer_size().ok_or(ImageError::TooLarge { width, height })?;
    let mut raw = vec![0; size];
    let frame = reader.next_frame(&mut raw).map_err(bad)?;
    reader.finish().map_err(bad)?;
    let mut rgba = match frame.color_type {
        ColorType::Rgba => raw,
        ColorType::GrayscaleAlpha => raw.as_chunks::<2>().0.iter().flat_map(|&[l, a]| [l, l, l, a]).collect(),
        other => return Err(ImageError::Malformed(format!("colour type {other:?} was not expanded"))),
    };
    check_size(width, height, rgba.len())?;
    for pixel in rgba.as_chunks_mut::<4>().0 {
        if pixel[3] < 255 {
            let [r, g, b, a] = *pixel;
            *pixel = [premultiply(r, a), premultiply(g, a), premultiply(b, a), a];
        }
    }
    Ok(Image { width, height, rgba })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_premultiplied_value_survives_the_file() {
        let mut rgba = Vec::new();
        for a in 0..=255_u8 {
            for v in 0..=255_u8 {
                if v <= a {
                    assert_eq!(premultiply(unpremultiply(v, a), a), v, "{v} at alpha {a}");
                }
                rgba.extend([v.min(a), 0, a, a]);
            }
        }
        let image = Image { width: 256, height: 256, rgba };
        assert!(decode(&encode(&image).unwrap()).unwrap() == image);
    }

    #[test]
    fn the_same_picture_is_the_same_bytes() {
        let image = Image { width: 3, height: 2, rgba: (0..24).map(|i| if i % 4 == 3 { 255 } else { i * 10 }).collect() };
        let bytes = encode(&image).unwrap();
        assert_eq!(bytes, encode(&image).unwrap());
        assert_eq!(contracts::Hash::of(&bytes).short(), "f43ee06af928", "a new writer changes every address of a plate");
    }

    fn with(colour: ColorType, depth: BitDepth, palette: Option<&[u8]>, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = Encoder::new(&mut out, 2, 1);
        encoder.set_color(colour);
        encoder.set_depth(depth);
        if let Some(palette) = palette {
            encoder.set_palette(palette);
            encoder.set_trns(&[255, 128][..]);
        }
        encoder.write_header().unwrap().write_image_data(bytes).unwrap();
        out
    }

    #[test]
    fn other_colour_types_and_depths_are_expanded() {
        let read = |b: Vec<u8>| decode(&b).unwrap().rgba;
        assert_eq!(read(with(ColorType::Grayscale, BitDepth::One, None, &[0b0100_0000])), [0, 0, 0, 255, 255, 255, 255, 255]);
        assert_eq!(read(with(ColorType::GrayscaleAlpha, BitDepth::Eight, None, &[7, 255, 200, 128])), [7, 7, 7, 255, 100, 100, 100, 128]);
        assert_eq!(read(with(ColorType::Rgb, BitDepth::Eight, None, &[1, 2, 3, 4, 5, 6])), [1, 2, 3, 255, 4, 5, 6, 255]);
        let sixteen = [0x12, 0x34, 0xff, 0xff, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(read(with(ColorType::Rgba, BitDepth::Sixteen, None, &sixteen)), [0x12, 255, 0, 255, 0, 0, 0, 0]);
        let palette = with(ColorType::Indexed, BitDepth::Eight, Some(&[9, 8, 7, 200, 100, 0]), &[0, 1]);
        assert_eq!(read(palette), [9, 8, 7, 255, 100, 50, 0, 128]);
    }

    #[test]
    fn a_bomb_and_a_cut_file_are_refused() {
        let mut out = Vec::new();
        drop(Encoder::new(&mut out, 20_000, 20_000).write_header().unwrap());
        assert_eq!(decode(&out), Err(ImageError::TooLarge { width: 20_000, height: 20_000 }));
        let whole = encode(&Image { width: 8, height: 8, rgba: vec![200; 256] }).unwrap();
        for cut in 0..whole.len() {
            assert!(decode(&whole[..cut]).is_err(), "cut at {cut} of {}", whole.len());
        }
        let mut flipped = whole.clone();
        for i in 0..whole.len() - 12 {
            flipped[i] ^= 4;
            assert!(decode(&flipped).map_or(true, |image| (image.width, image.height) == (8, 8)), "flip at {i}");
            flipped[i] ^= 4;
        }
        assert!(decode(b"<svg/>").is_err());
    }
}
