use super::*;

fn stored(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../../tests/pictures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn at(image: &Image, x: u32, y: u32) -> [u8; 4] {
    let at = ((y * image.width + x) * 4) as usize;
    [image.rgba[at], image.rgba[at + 1], image.rgba[at + 2], image.rgba[at + 3]]
}

/// The stored picture: a white corner at the top left, red below and beside it, blue on the right half.
fn is_it(name: &str, image: &Image) {
    assert_eq!((image.width, image.height), (32, 16), "{name}");
    for (x, y, wanted) in [(3, 3, [255, 255, 255]), (12, 12, [200, 30, 30]), (28, 4, [30, 30, 200])] {
        let [r, g, b, a] = at(image, x, y);
        let near = [r, g, b].iter().zip(wanted).all(|(found, wanted)| found.abs_diff(wanted) <= 24);
        assert!(near && a == 255, "{name}: {:?} at {x},{y}, expected about {wanted:?}", [r, g, b, a]);
    }
}

#[test]
fn pictures_of_every_kind_come_upright_in_their_colours() {
    for name in [
        "base.jpg",
        "progressive.jpg",
        "cmyk.jpg",
        "turned-3.jpg",
        "turned-6.jpg",
        "turned-8.jpg",
        "turned-6.png",
        "lossless.webp",
        "lossy.webp",
    ] {
        is_it(name, &read(&stored(name)).unwrap_or_else(|e| panic!("{name}: {e}")));
    }
    let grey = read(&stored("grey.jpg")).expect("reads");
    assert_eq!((grey.width, at(&grey, 3, 3)), (32, [255; 4]));
    let sixteen = read(&stored("sixteen.png")).expect("reads");
    assert_eq!(at(&sixteen, 0, 0), [156, 156, 156, 255]);
}

#[test]
fn holes_show_the_sheet_they_lie_on() {
    for name in ["holes.png", "holes.webp"] {
        let image = read(&stored(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(at(&image, 20, 12), [0; 4], "{name}");
        let laid = image.on([1, 2, 3]);
        assert_eq!((at(&laid, 20, 12), at(&laid, 3, 3)), ([1, 2, 3, 255], [255; 4]), "{name}");
    }
}

#[test]
fn what_is_no_still_picture_is_refused_by_what_it_is() {
    let said = |bytes: &[u8]| read(bytes).expect_err("is refused").to_string();
    for (name, words) in [
        ("animated.png", "animated (2 frames)"),
        ("animated.webp", "animated (2 frames)"),
        ("animated.gif", "a GIF"),
        ("plain.bmp", "a BMP"),
        ("plain.tiff", "a TIFF"),
    ] {
        let message = said(&stored(name));
        assert!(message.contains(words), "{name}: {message}");
    }
    for (bytes, words) in [
        (&b""[..], "empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG"),
        (b"  <!DOCTYPE html><p>404", "a web page"),
        (b"ffconcat version 1.0\nfile a.mp4", "a playlist"),
        (b"#EXTM3U\n", "a playlist"),
        (b"\0\0\0\x20ftypisom", "a film"),
        (b"\0\0\0\x20ftypheic", "a HEIC"),
        (b"\0\0\0\x0cjP  \r\n", "a JPEG 2000"),
        (b"PK\x03\x04", "an archive"),
        (b"\x7fELF", "no picture"),
    ] {
        let message = said(bytes);
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn a_cut_picture_is_refused_at_every_length_and_a_changed_one_never_panics() {
    for name in ["base.jpg", "progressive.jpg", "cmyk.jpg", "turned-6.jpg", "lossless.webp", "lossy.webp", "holes.png", "sixteen.png"] {
        let whole = stored(name);
        for percent in 1..100 {
            assert!(read(&whole[..whole.len() * percent / 100]).is_err(), "{name} cut at {percent} %");
        }
        let mut seed = contracts::Seed::of(&["import", name]);
        for _ in 0..400 {
            let mut bytes = whole.clone();
            for _ in 0..seed.between(1, 6) {
                let place = seed.below(bytes.len() as u64) as usize;
                bytes[place] = seed.next_u64() as u8;
            }
            if let Ok(image) = read(&bytes) {
                assert_eq!(image.rgba.len() as u64, u64::from(image.width) * u64::from(image.height) * 4);
            }
        }
    }
}

#[test]
fn a_bomb_is_refused_by_its_size_before_memory_is_taken() {
    // Headers that promise 60,000 × 60,000 pixels.
    let mut jpeg = stored("base.jpg");
    let frame = jpeg.windows(2).position(|w| w == [0xff, 0xc0]).expect("a frame header");
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xea, 0x60, 0xea, 0x60]);
    assert!(read(&jpeg).is_err());
    let mut webp = stored("holes.webp");
    let lossless = webp.windows(4).position(|w| w == b"VP8L").expect("a lossless chunk");
    webp[lossless + 9..lossless + 13].copy_from_slice(&[0xff, 0xff, 0xff, 0x0f]);
    assert!(read(&webp).is_err());
}

#[test]
fn every_orientation_is_undone() {
    // A 2×1 picture: red, green.
    let picture = || Image { width: 2, height: 1, rgba: vec![255, 0, 0, 255, 0, 255, 0, 255] };
    let first_is_red = |image: &Image| image.rgba[0] == 255;
    for (turn, size, red_first) in [
        (1, (2, 1), true),
        (2, (2, 1), false),
        (3, (2, 1), false),
        (4, (2, 1), true),
        (5, (1, 2), true),
        (6, (1, 2), true),
        (7, (1, 2), false),
        (8, (1, 2), false),
    ] {
        let image = upright(picture(), turn);
        assert_eq!(((image.width, image.height), first_is_red(&image)), (size, red_first), "orientation {turn}");
    }
}
