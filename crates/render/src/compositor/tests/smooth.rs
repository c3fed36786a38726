//! How evenly things move: the centre of a soft dot, measured to a small part of a pixel, against where it should be.

use super::*;

/// A soft white dot on black, `size` pixels wide, its centre in the middle.
fn dot(size: u32, sigma: f64) -> Image {
    let centre = f64::from(size) / 2.0;
    let level = |x: u32, y: u32| {
        let (dx, dy) = (f64::from(x) + 0.5 - centre, f64::from(y) + 0.5 - centre);
        (255.0 * libm::exp(-(dx * dx + dy * dy) / (2.0 * sigma * sigma))).round() as u8
    };
    let rgba = (0..size).flat_map(|y| (0..size).map(move |x| (x, y))).flat_map(|(x, y)| [level(x, y), level(x, y), level(x, y), 255]);
    Image { width: size, height: size, rgba: rgba.collect() }
}

/// The centre of what is bright around a place, in pixels.
fn centre(frame: &Frame, near: (f64, f64), reach: i32) -> (f64, f64) {
    let (mut x_sum, mut y_sum, mut sum) = (0.0, 0.0, 0.0);
    for y in near.1 as i32 - reach..near.1 as i32 + reach {
        for x in near.0 as i32 - reach..near.0 as i32 + reach {
            // Squared: where the rim is a single level high, that level comes and goes by whole pixels.
            let v = f64::from(frame.yuv[y as usize * frame.width + x as usize]) - f64::from(BLACK_Y);
            let v = v * v;
            x_sum += v * (f64::from(x) + 0.5);
            y_sum += v * (f64::from(y) + 0.5);
            sum += v;
        }
    }
    (x_sum / sum, y_sum / sum)
}

#[test]
fn nothing_jitters() {
    let canvas = Canvas { width: 320, height: 240 };
    let mut blobs = Blobs::default();
    let mut handheld = Movement::new(MoveKind::Handheld, 30);
    handheld.seed = 5;
    let moves = [
        Movement::new(MoveKind::PushIn, 150),
        Movement::new(MoveKind::PullOut, 40),
        Movement::new(MoveKind::PanLeft, 60),
        Movement::new(MoveKind::TrackRight, 31),
        Movement::new(MoveKind::TiltDown, 45),
        handheld,
    ];
    // As it is, and from a picture of another size.
    for (source, placed) in [(64, 64), (97, 64)] {
        for filter in [Filter::Linear, Filter::Cubic] {
            for movement in moves {
                let image = dot(source, 5.0 * f64::from(source) / f64::from(placed));
                let mut layer = blobs.layer("dot", 60, 50, &image);
                (layer.rect.width, layer.rect.height) = (placed, placed);
                let mut shot = shot(vec![layer], movement);
                (shot.canvas, shot.filter, shot.frames, shot.move_frames) = (canvas, filter, 96, 96);
                let mut scene = blobs.scene(&shot).unwrap();
                let (mut squares, mut most) = (0.0, 0.0_f64);
                for frame in 0..96 {
                    let place = shot.layers[0].placement(&shot, frame);
                    // The middle of the dot, moved as the placement says.
                    let wanted = (160.0 + (92.0 - 160.0) * place.scale + place.dx, 120.0 + (82.0 - 120.0) * place.scale + place.dy);
                    let found = centre(scene.compose(frame).0, wanted, 26);
                    let off = ((found.0 - wanted.0) * (found.0 - wanted.0) + (found.1 - wanted.1) * (found.1 - wanted.1)).sqrt();
                    squares += off * off;
                    most = most.max(off);
                }
                let rms = (squares / 96.0).sqrt();
                assert!(rms <= 0.02 && most < 0.06, "{movement:?} {filter:?} {source}: {rms:.4} px RMS, {most:.4} at most");
            }
        }
    }
}

#[test]
fn a_large_picture_keeps_its_detail_when_the_camera_comes_near() {
    // Stripes three source pixels apart: a picture reduced to its place at rest would be grey; kept for the move they are seen.
    let stripes = Image {
        width: 400,
        height: 300,
        rgba: (0..400 * 300).flat_map(|i| [if i % 400 % 3 == 0 { 255 } else { 0 }; 3].into_iter().chain([255])).collect(),
    };
    let mut blobs = Blobs::default();
    let mut layer = blobs.layer("stripes", 0, 0, &stripes);
    (layer.rect.width, layer.rect.height) = (200, 150);
    let contrast = |amount: u32| {
        let mut shot = shot(vec![layer.clone()], Movement::new(MoveKind::PushIn, amount));
        shot.canvas = Canvas { width: 200, height: 150 };
        let mut scene = blobs.scene(&shot).unwrap();
        let row = scene.compose(9).0.yuv[75 * 200 + 60..75 * 200 + 140].to_vec();
        row.windows(2).map(|w| u32::from(w[0].abs_diff(w[1]))).sum::<u32>() / 80
    };
    assert!(contrast(0) < 25 && contrast(800) > 60, "{} {}", contrast(0), contrast(800));
}
