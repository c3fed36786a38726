//! Things of a caravan: its beast and load, what marks the road, and what is carried in a hand.

use super::Paints;
use crate::{
    paper::Edge,
    places::{
        palette::{hex, mix},
        pen::Pen,
    },
};

/// A beast's leg from the side at `x`, its foot `lean` further: half the hip's width with the heights of its two ends, the knee's
/// reach forward and back with its height, the ankle's with its height, and the hoof's reach forward and back.
pub(super) fn leg(x: f32, lean: f32, hip: (f32, f32, f32), knee: (f32, f32, f32), ankle: (f32, f32), hoof: (f32, f32)) -> [(f32, f32); 7] {
    [
        (x - hip.0, hip.1),
        (x + hip.0, hip.2),
        (x + knee.0 + lean, knee.2),
        (x + ankle.0 + lean, ankle.1),
        (x + hoof.0 + lean, 100.0),
        (x - hoof.1 + lean, 100.0),
        (x - knee.1 + lean, knee.2),
    ]
}

/// An old mule from the side, a bell on a strap round its neck.
pub(super) fn mule(pen: &mut Pen, q: &Paints) {
    let coat = q.own(0, "#6f6a66");
    let light = q.own(1, "#8f8a84");
    let strap = q.own(2, "#a23b2a");
    let dark = mix(coat, q.tone("#14101a"), 0.55);
    // Legs of the far side, then tail, body, near legs, neck and head.
    for (x, lean) in [(-58.0f32, -4.0f32), (56.0, 5.0)] {
        pen.poly(&leg(x, lean, (13.0, 10.0, 10.0), (7.0, 5.0, 56.0), (8.0, 92.0), (12.0, 8.0)), mix(dark, coat, 0.25), |s| {
            s.clean().sh(2.0, 2.0, 4.0, 0.35)
        });
    }
    pen.curve(&[(-96.0, -24.0), (-112.0, 4.0), (-110.0, 44.0), (-116.0, 66.0), (-102.0, 62.0), (-98.0, 20.0), (-88.0, -8.0)], dark, |s| {
        s.sh(1.0, 2.0, 4.0, 0.35)
    });
    pen.curve(
        &[
            (-98.0, -24.0),
            (-84.0, -46.0),
            (-40.0, -42.0),
            (10.0, -36.0),
            (52.0, -48.0),
            (80.0, -40.0),
            (84.0, -8.0),
            (62.0, 26.0),
            (10.0, 38.0),
            (-46.0, 34.0),
            (-92.0, 18.0),
        ],
        coat,
        |s| s.sh(2.0, 5.0, 8.0, 0.45).grad((0.0, -48.0), (0.0, 40.0), light, mix(coat, dark, 0.45)).k(0.8),
    );
    for (x, lean) in [(-80.0f32, 3.0f32), (70.0, -3.0)] {
        pen.poly(&leg(x, lean, (15.0, 0.0, -2.0), (8.0, 6.0, 52.0), (9.0, 90.0), (14.0, 9.0)), mix(coat, light, 0.25), |s| {
            s.clean().sh(2.0, 2.0, 5.0, 0.4).grad((0.0, 0.0), (0.0, 100.0), coat, dark)
        });
    }
    pen.curve(&[(48.0, -36.0), (70.0, -74.0), (100.0, -92.0), (116.0, -72.0), (100.0, -44.0), (86.0, -10.0), (64.0, 2.0)], coat, |s| {
        s.sh(2.0, 3.0, 6.0, 0.4).grad((60.0, -80.0), (100.0, -10.0), light, coat)
    });
    for (x, y, k) in [(92.0f32, -88.0f32, 0.6f32), (104.0, -88.0, 1.0)] {
        pen.curve(
            &[(x - 7.0, y + 4.0), (x - 12.0, y - 20.0 * k), (x - 4.0, y - 42.0 * k), (x + 6.0, y - 18.0 * k), (x + 8.0, y + 4.0)],
            mix(coat, dark, 0.2),
            |s| s.clean().sh(1.0, 1.0, 3.0, 0.35),
        );
    }
    pen.curve(
        &[(92.0, -90.0), (112.0, -94.0), (130.0, -72.0), (152.0, -44.0), (154.0, -28.0), (138.0, -24.0), (116.0, -42.0), (96.0, -58.0)],
        mix(coat, light, 0.35),
        |s| s.sh(1.0, 3.0, 5.0, 0.4).grad((100.0, -94.0), (150.0, -24.0), light, coat),
    );
    pen.curve(&[(140.0, -44.0), (154.0, -42.0), (156.0, -28.0), (140.0, -24.0), (134.0, -34.0)], mix(light, hex("#f4ece0"), 0.35), |s| {
        s.flat().clean()
    });
    pen.ellipse(149.0, -36.0, 2.4, 3.4, dark, |s| s.flat().clean());
    // The eye is white as milk.
    pen.ellipse(118.0, -72.0, 6.5, 5.0, dark, |s| s.flat().clean());
    pen.ellipse(118.5, -72.5, 4.6, 3.6, hex("#eef0ea"), |s| s.flat().clean().tex(0.0));
    // The mane, the strap and the bell.
    for i in 0..7 {
        let t = i as f32 / 6.0;
        let (x, y) = (96.0 - 44.0 * t, -92.0 + 52.0 * t);
        pen.line(&[(x, y), (x - 10.0, y - 5.0), (x - 14.0, y + 6.0)], dark, 4.0, 0.9, true);
    }
    pen.line(&[(64.0, -58.0), (80.0, -40.0), (98.0, -36.0)], strap, 9.0, 1.0, true);
    let brass = q.tone("#b9873a");
    pen.curve(&[(72.0, -10.0), (76.0, -26.0), (84.0, -34.0), (92.0, -26.0), (97.0, -10.0), (84.0, -6.0)], brass, |s| {
        s.clean().sh(1.0, 2.0, 4.0, 0.45).grad((72.0, 0.0), (97.0, 0.0), mix(brass, hex("#fff0c0"), 0.4), mix(brass, dark, 0.4))
    });
    pen.disc(84.0, -5.0, 4.0, dark, |s| s.clean().flat());
}

/// A square pillar of cut salt; its top is running.
pub(super) fn marker(pen: &mut Pen, q: &Paints) {
    let front = q.own(1, "#dfe6e4");
    let side = q.own(0, "#b9c4c8");
    let white = q.own(2, "#fbfaf2");
    pen.poly(&[(24.0, -82.0), (46.0, -92.0), (52.0, 92.0), (28.0, 100.0)], side, |s| s.sh(4.0, 4.0, 8.0, 0.4).k(1.0));
    let body = pen.poly(&[(-40.0, -80.0), (26.0, -84.0), (30.0, 100.0), (-46.0, 98.0)], front, |s| {
        s.sh(3.0, 4.0, 8.0, 0.35).k(1.0).grad((-40.0, -80.0), (30.0, 90.0), white, mix(front, side, 0.55))
    });
    pen.curve(&[(-42.0, -78.0), (-30.0, -95.0), (0.0, -98.0), (34.0, -96.0), (48.0, -88.0), (26.0, -80.0), (-8.0, -74.0)], white, |s| {
        s.flat().edge(Edge::Soft)
    });
    for y in [-38.0, 8.0, 54.0] {
        pen.line(&[(-42.0, y), (-6.0, y + 3.0), (28.0, y - 2.0)], side, 2.0, 0.7, true);
        pen.line(&[(28.0, y - 2.0), (50.0, y - 9.0)], mix(side, q.tone("#3a4a54"), 0.3), 2.0, 0.6, false);
    }
    // Where it melts: runs from the top, and a hollow where the drop went in.
    for (x, long, w) in [(-30.0f32, 62.0f32, 7.0f32), (-14.0, 34.0, 5.0), (6.0, 88.0, 6.0), (20.0, 44.0, 5.0)] {
        pen.curve(
            &[
                (x - w * 0.6, -80.0),
                (x - w * 0.5, -80.0 + long * 0.6),
                (x, -80.0 + long),
                (x + w * 0.5, -80.0 + long * 0.6),
                (x + w * 0.6, -80.0),
            ],
            mix(white, side, 0.25),
            |s| s.flat().clean().alpha(0.85).clip(&body),
        );
    }
    pen.ellipse(2.0, -90.0, 9.0, 4.0, mix(side, q.tone("#3a4a54"), 0.4), |s| s.flat().clean());
}

/// Blocks of salt in a net.
pub(super) fn blocks(pen: &mut Pen, q: &Paints) {
    let shade = q.own(0, "#c4ccca");
    let white = q.own(1, "#eef0ea");
    let net = q.own(2, "#8a6a42");
    for (x, y) in [(-52.0f32, 52.0f32), (50.0, 54.0), (0.0, -38.0)] {
        pen.poly(&[(x + 38.0, y - 38.0), (x + 56.0, y - 50.0), (x + 57.0, y + 28.0), (x + 39.0, y + 44.0)], shade, |s| {
            s.sh(4.0, 4.0, 7.0, 0.45)
        });
        pen.poly(&[(x - 46.0, y - 38.0), (x + 39.0, y - 39.0), (x + 40.0, y + 44.0), (x - 47.0, y + 42.0)], white, |s| {
            s.sh(2.0, 4.0, 7.0, 0.4).grad(
                (x - 40.0, y - 30.0),
                (x + 40.0, y + 40.0),
                mix(white, hex("#ffffff"), 0.5),
                mix(white, shade, 0.6),
            )
        });
        pen.poly(
            &[(x - 46.0, y - 37.0), (x - 28.0, y - 50.0), (x + 56.0, y - 51.0), (x + 39.0, y - 38.0)],
            mix(white, hex("#ffffff"), 0.6),
            |s| s.flat(),
        );
    }
    for i in 0..7 {
        let x = -96.0 + 32.0 * i as f32;
        pen.line(&[(x, 98.0), (x + 30.0, 20.0), (10.0 + (x + 30.0) * 0.25, -96.0)], net, 3.4, 0.95, true);
        pen.line(&[(x, 98.0), (x - 24.0, 20.0), (-4.0 + (x - 24.0) * 0.25, -96.0)], net, 3.4, 0.95, true);
    }
    pen.line(&[(-22.0, -98.0), (4.0, -90.0), (30.0, -98.0)], net, 7.0, 1.0, true);
}

/// A standing stone: three bars near the top unless its look says that it has none, small cuts below when it has a number.
pub(super) fn stone(pen: &mut Pen, q: &Paints) {
    let rock = q.own(0, "#3d4148");
    let light = q.own(1, "#5c626b");
    let dark = mix(rock, q.tone("#08080e"), 0.6);
    let mut turned = pen.turned(0.0, 0.0, 1.0, if q.says(&["leaning"]) { 0.10 } else { 0.0 });
    let pen = &mut turned;
    pen.poly(&[(38.0, -78.0), (56.0, -66.0), (66.0, 92.0), (46.0, 100.0)], dark, |s| s.sh(4.0, 4.0, 8.0, 0.45).k(1.0));
    let body = pen.poly(
        &[(-52.0, -70.0), (-36.0, -92.0), (4.0, -98.0), (36.0, -84.0), (44.0, -40.0), (50.0, 100.0), (-60.0, 100.0), (-56.0, 10.0)],
        rock,
        |s| s.edge(Edge::Cut).k(1.2).sh(3.0, 4.0, 8.0, 0.4).grad((-50.0, -90.0), (46.0, 90.0), light, mix(rock, dark, 0.35)),
    );
    for (x, y, l) in [(-44.0f32, -20.0f32, 60.0f32), (10.0, 44.0, 34.0), (-30.0, 70.0, 50.0)] {
        pen.line(&[(x, y), (x + l * 0.5, y + 5.0), (x + l, y - 3.0)], mix(rock, light, 0.6), 1.6, 0.5, true);
    }
    let bars = !q.says(&["no bars", "without bars"]);
    if bars {
        for y in [-58.0f32, -36.0, -14.0] {
            pen.rect(-30.0, y, 24.0, y + 10.0, dark, |s| s.clean().flat().clip(&body));
            pen.line(&[(-30.0, y + 11.0), (24.0, y + 11.0)], mix(light, hex("#ffffff"), 0.35), 2.0, 0.8, false);
        }
    }
    let small = q.says(&["cuts"]) || (bars && !q.says(&["no other cut", "new"]));
    if small {
        let (rows, from) = if bars { (1, 16.0f32) } else { (6, -66.0) };
        for row in 0..rows {
            for i in 0..6 {
                let (x, y) = (-34.0 + 12.0 * i as f32, from + 24.0 * row as f32);
                pen.line(&[(x, y), (x + 1.5, y + 14.0)], dark, 3.6, 0.95, false);
                pen.line(&[(x + 2.6, y), (x + 4.0, y + 14.0)], mix(light, hex("#ffffff"), 0.25), 1.2, 0.6, false);
            }
        }
    }
    // Salt dust at the foot.
    pen.curve(&[(-64.0, 100.0), (-50.0, 88.0), (-8.0, 93.0), (36.0, 86.0), (68.0, 100.0)], q.tone("#d8d6cc"), |s| {
        s.flat().alpha(0.5).edge(Edge::Soft)
    });
}

/// A broad ring with three short bars.
pub(super) fn ring(pen: &mut Pen, q: &Paints) {
    let silver = q.own(0, "#8e979c");
    let light = q.own(1, "#d6dce0");
    let dark = mix(silver, q.tone("#10141c"), 0.6);
    let hoop = |rx: f32, ry: f32, dy: f32| -> Vec<(f32, f32)> {
        (0..=32).map(|i| core::f32::consts::TAU * i as f32 / 32.0).map(|a| (rx * libm::cosf(a), dy + ry * libm::sinf(a))).collect()
    };
    pen.line(&hoop(74.0, 70.0, 16.0), dark, 24.0, 1.0, true);
    pen.line(&hoop(73.0, 69.0, 13.0), silver, 19.0, 1.0, true);
    pen.line(&hoop(70.0, 66.0, 11.0), light, 4.0, 0.8, true);
    pen.poly(&[(-50.0, -98.0), (50.0, -98.0), (60.0, -36.0), (-60.0, -36.0)], silver, |s| {
        s.clean().sh(2.0, 5.0, 7.0, 0.5).grad((-50.0, -90.0), (56.0, -36.0), light, mix(silver, dark, 0.3))
    });
    for x in [-30.0f32, -5.0, 20.0] {
        pen.rect(x, -84.0, x + 11.0, -50.0, dark, |s| s.clean().flat());
        pen.line(&[(x + 12.0, -84.0), (x + 12.0, -50.0)], mix(light, hex("#ffffff"), 0.5), 2.0, 0.9, false);
    }
}

/// A short knife, its handle of bone.
pub(super) fn knife(pen: &mut Pen, q: &Paints) {
    let steel = q.own(0, "#8d979c");
    let bone = q.own(1, "#dcd2b6");
    let dark = mix(steel, q.tone("#10141c"), 0.6);
    let mut turned = pen.turned(0.0, 0.0, 1.0, -0.55);
    let pen = &mut turned;
    pen.curve(&[(-6.0, -14.0), (60.0, -20.0), (112.0, -10.0), (134.0, 12.0), (90.0, 18.0), (-6.0, 17.0)], steel, |s| {
        s.clean().sh(2.0, 5.0, 7.0, 0.5).grad((0.0, -18.0), (0.0, 20.0), mix(steel, hex("#ffffff"), 0.4), mix(steel, dark, 0.4))
    });
    pen.line(&[(0.0, 14.0), (80.0, 15.0), (130.0, 11.0)], hex("#f2f6f8"), 2.2, 0.9, true);
    pen.rect(-14.0, -24.0, -2.0, 26.0, q.tone("#6a4a2a"), |s| s.clean().sh(1.0, 2.0, 4.0, 0.4));
    pen.curve(
        &[(-12.0, -18.0), (-60.0, -15.0), (-112.0, -22.0), (-134.0, -10.0), (-132.0, 16.0), (-106.0, 24.0), (-60.0, 17.0), (-12.0, 20.0)],
        bone,
        |s| s.clean().sh(2.0, 5.0, 7.0, 0.45).grad((0.0, -20.0), (0.0, 24.0), mix(bone, hex("#ffffff"), 0.35), mix(bone, dark, 0.3)),
    );
    for x in [-40.0f32, -78.0, -114.0] {
        pen.disc(x, 1.0, 4.0, q.tone("#5a4632"), |s| s.clean().flat());
    }
}

/// A string with knots, hanging in a loop.
pub(super) fn string(pen: &mut Pen, q: &Paints) {
    let cord = q.own(0, "#a8895a");
    let light = q.own(1, "#d9c294");
    let dark = mix(cord, q.tone("#1c1410"), 0.6);
    let at = |t: f32| -> (f32, f32) {
        // Down one side, round, and up the other, a little uneven.
        let a = core::f32::consts::PI * (0.06 + 0.88 * t);
        (96.0 * libm::cosf(a) * (1.0 - 0.10 * libm::sinf(a)), -90.0 + 172.0 * libm::sinf(a) + 6.0 * libm::sinf(9.0 * t))
    };
    let line: Vec<(f32, f32)> = (0..=36).map(|i| at(i as f32 / 36.0)).collect();
    let low: Vec<(f32, f32)> = line.iter().map(|&(x, y)| (x + 1.5, y + 3.0)).collect();
    pen.line(&low, dark, 10.0, 0.8, true);
    pen.line(&line, cord, 8.5, 1.0, true);
    pen.line(&line, light, 2.2, 0.55, true);
    for i in 0..15 {
        let (x, y) = at((i as f32 + 0.5) / 15.0);
        let r = 9.5 + 1.6 * ((i * 5) % 3) as f32;
        pen.disc(x + 1.5, y + 3.0, r, dark, |s| s.clean().flat().alpha(0.7));
        pen.disc(x, y, r, mix(cord, light, 0.25), |s| s.clean().sh(1.0, 2.0, 3.0, 0.4).grad((x - r, y - r), (x + r, y + r), light, cord));
        pen.line(&[(x - r * 0.7, y - r * 0.4), (x, y + r * 0.2), (x + r * 0.7, y - r * 0.5)], dark, 2.0, 0.7, true);
    }
    for (x, dx) in [(94.0f32, 14.0f32), (-94.0, -14.0)] {
        pen.line(&[(x, -62.0), (x + dx * 0.6, -82.0), (x + dx, -99.0)], cord, 7.0, 1.0, true);
    }
}
