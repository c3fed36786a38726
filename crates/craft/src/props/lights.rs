//! Things that give light.

use contracts::picture::PropSpec;

use super::{Flame, Paints};
use crate::{
    paper::{Rgb, c, p},
    places::{
        palette::{hex, mix},
        pen::Pen,
    },
};

/// The light of a lamp that does not burn like a flame: the lightest of its colours, when that one is green or blue.
fn cool_light(prop: &PropSpec) -> Option<Rgb> {
    let light = prop.colours.iter().map(|c| hex(c)).max_by(|a, b| a.luma().total_cmp(&b.luma()))?;
    let cool = light.1.max(light.2) - light.0;
    if cool < 0.08 {
        return None;
    }
    // What shines is a purer colour than the paper that stands for it.
    let l = light.luma();
    let pure = |v: f32| (l + (v - l) * 1.9).clamp(0.0, 1.0);
    Some(Rgb(pure(light.0), pure(light.1), pure(light.2)))
}

/// The colour a lamp gives to the air and to what stands near it.
pub fn light_of(prop: &PropSpec) -> Rgb {
    cool_light(prop).unwrap_or_else(|| hex("#ffb45c"))
}

/// The oil lamp of the study: brass foot and vessel, glass chimney, flame.
pub(super) fn oil_lamp(pen: &mut Pen, q: &Paints) -> Option<Flame> {
    let brass = q.own(0, "#c8963c");
    let dark = mix(brass, q.tone("#3a2010"), 0.55);
    let mut pen = pen.at(0.0, 0.0, 0.662, 1.0);
    let pen = &mut pen;
    pen.curve(
        &[(-50.0, 151.0), (-34.0, 121.0), (-18.0, 93.0), (-22.0, 53.0), (22.0, 53.0), (18.0, 93.0), (34.0, 121.0), (50.0, 151.0)],
        brass,
        |s| s.sh(0.0, 5.0, 8.0, 0.5).grad((-40.0, 0.0), (50.0, 0.0), brass, dark).clean(),
    );
    pen.curve(&[(-46.0, 151.0), (-40.0, 140.0), (40.0, 140.0), (46.0, 151.0)], mix(brass, dark, 0.5), |s| s.flat().clean());
    pen.curve(
        &[(-36.0, 53.0), (-44.0, 21.0), (-28.0, -5.0), (0.0, -11.0), (28.0, -5.0), (44.0, 21.0), (36.0, 53.0)],
        mix(brass, dark, 0.15),
        |s| s.sh(0.0, 2.0, 3.0, 0.4).grad((-44.0, 0.0), (44.0, 0.0), mix(brass, hex("#fff0c0"), 0.12), dark).clean(),
    );
    pen.curve(&[(-26.0, 12.0), (-22.0, 0.0), (-14.0, -2.0), (-18.0, 24.0)], mix(brass, hex("#fff0c0"), 0.5), |s| {
        s.flat().clean().alpha(0.6)
    });
    pen.rect(-17.0, -20.0, 17.0, -6.0, mix(brass, dark, 0.35), |s| s.clean().sh(0.0, 2.0, 3.0, 0.4));
    let glass = if q.prop.lit { hex("#ffcf7a") } else { q.tone("#9fb2bc") };
    let a = if q.prop.lit { 0.45 } else { 0.34 };
    if q.prop.lit {
        pen.shape(&[c(0.0, -95.0), p(16.0, -55.0), p(8.0, -23.0), p(-8.0, -23.0), p(-16.0, -55.0)], hex("#fff3cf"), |s| {
            s.flat().tex(0.0).clean()
        });
    } else {
        pen.rect(-5.0, -32.0, 5.0, -18.0, q.tone("#2a2018"), |s| s.clean().flat());
    }
    pen.curve(
        &[
            (-24.0, -7.0),
            (-38.0, -47.0),
            (-34.0, -87.0),
            (-18.0, -127.0),
            (-18.0, -151.0),
            (18.0, -151.0),
            (18.0, -127.0),
            (34.0, -87.0),
            (38.0, -47.0),
            (24.0, -7.0),
        ],
        glass,
        |s| s.flat().tex(0.0).clean().alpha(a),
    );
    pen.curve(&[(-26.0, -44.0), (-24.0, -84.0), (-14.0, -114.0), (-16.0, -80.0), (-20.0, -44.0)], hex("#fff8e6"), |s| {
        s.flat().tex(0.0).clean().alpha(0.4)
    });
    q.prop.lit.then_some(Flame { x: 0.0, y: -38.0, r: 300.0 })
}

/// The great lamp of a tower: a brass drum with ribbed glass on an iron stand.
pub(super) fn great_lamp(pen: &mut Pen, q: &Paints) -> Option<Flame> {
    let brass = q.own(0, "#b9873a");
    let dark = mix(brass, q.tone("#2a1810"), 0.60);
    let light = mix(brass, hex("#fff0c0"), 0.35);
    let iron = q.own(1, "#2a2c38");
    for s in [-1.0f32, 1.0] {
        pen.poly(&[(s * 20.0, 64.0), (s * 28.0, 64.0), (s * 44.0, 100.0), (s * 34.0, 100.0)], iron, |k| k.sh(2.0, 2.0, 3.0, 0.4).clean());
    }
    pen.rect(-7.0, 60.0, 7.0, 100.0, mix(iron, hex("#8090a0"), 0.12), |k| k.clean().sh(2.0, 2.0, 3.0, 0.4));
    pen.rect(-42.0, 82.0, 42.0, 87.0, iron, |k| k.clean().sh(0.0, 2.0, 2.0, 0.4));
    let across = |s: crate::places::pen::Sheet<'static>, a: Rgb| s.grad((-44.0, 0.0), (48.0, 0.0), a, dark).clean();
    pen.poly(&[(-50.0, 34.0), (50.0, 34.0), (46.0, 66.0), (-46.0, 66.0)], brass, |s| across(s, light).sh(0.0, 3.0, 6.0, 0.5));
    pen.rect(-52.0, 30.0, 52.0, 38.0, light, |s| across(s, light).sh(0.0, 2.0, 3.0, 0.4));
    // The lens: rings of ribbed glass, brightest at the flame.
    let lit = q.prop.lit;
    let (glass, edge) = if lit { (hex("#ffe7a8"), hex("#e8a24a")) } else { (q.tone("#6f8492"), q.tone("#33465a")) };
    let barrel = [
        (-44.0, 30.0),
        (-52.0, 0.0),
        (-53.0, -18.0),
        (-50.0, -40.0),
        (-42.0, -64.0),
        (42.0, -64.0),
        (50.0, -40.0),
        (53.0, -18.0),
        (52.0, 0.0),
        (44.0, 30.0),
    ];
    let lens = pen.curve(&barrel, glass, |s| s.clean().tex(0.1).grad((-10.0, 0.0), (54.0, 0.0), glass, edge).sh(0.0, 2.0, 4.0, 0.4));
    for i in 0..11 {
        let y = -58.0 + 8.4 * i as f32;
        let near = 1.0 - ((y + 16.0) / 48.0).abs();
        let rib = if lit { mix(edge, hex("#fffbe6"), near.clamp(0.0, 1.0)) } else { mix(edge, glass, 0.3 + 0.5 * near.clamp(0.0, 1.0)) };
        let bow = (y + 16.0) * 0.10;
        pen.curve(
            &[
                (-54.0, y),
                (-20.0, y + bow),
                (20.0, y + bow),
                (54.0, y),
                (54.0, y + 3.2),
                (20.0, y + 3.2 + bow),
                (-20.0, y + 3.2 + bow),
                (-54.0, y + 3.2),
            ],
            rib,
            |s| s.clean().flat().tex(0.0).clip(&lens).alpha(0.75),
        );
    }
    if lit {
        pen.ellipse(0.0, -16.0, 24.0, 30.0, hex("#fff6d8"), |s| s.flat().tex(0.0).blur(6.0).alpha(0.9));
        pen.shape(&[c(0.0, -38.0), p(9.0, -14.0), p(5.0, 2.0), p(-5.0, 2.0), p(-9.0, -14.0)], hex("#fffdf0"), |s| {
            s.flat().tex(0.0).clean()
        });
    } else {
        pen.poly(&[(-13.0, 30.0), (-8.0, 0.0), (8.0, 0.0), (13.0, 30.0)], mix(brass, dark, 0.35), |s| {
            s.clean().flat().clip(&lens).alpha(0.85)
        });
        pen.rect(-2.0, -5.0, 2.0, 1.0, q.tone("#1c1814"), |s| s.clean().flat().clip(&lens));
        pen.curve(&[(-40.0, 20.0), (-46.0, -10.0), (-40.0, -50.0), (-34.0, -48.0), (-38.0, -12.0), (-33.0, 18.0)], hex("#e6f0f4"), |s| {
            s.flat().tex(0.0).clean().alpha(0.35)
        });
    }
    for x in [-53.0f32, -26.0, 26.0, 53.0] {
        let b = x * 0.80;
        pen.curve(
            &[(b - 2.2, -64.0), (b + 2.2, -64.0), (x + 2.2, -18.0), (x * 0.86 + 2.2, 32.0), (x * 0.86 - 2.2, 32.0), (x - 2.2, -18.0)],
            mix(brass, dark, 0.35),
            |s| s.clean().sh(1.0, 1.0, 2.0, 0.35),
        );
    }
    pen.poly(&[(-48.0, -62.0), (48.0, -62.0), (44.0, -72.0), (-44.0, -72.0)], light, |s| across(s, light).sh(0.0, 3.0, 4.0, 0.45));
    pen.curve(&[(-42.0, -71.0), (-34.0, -84.0), (-12.0, -91.0), (12.0, -91.0), (34.0, -84.0), (42.0, -71.0)], brass, |s| {
        across(s, light).sh(0.0, 2.0, 3.0, 0.35)
    });
    pen.disc(0.0, -95.0, 5.5, light, |s| s.clean().sh(0.0, 1.0, 2.0, 0.4));
    lit.then_some(Flame { x: 0.0, y: -16.0, r: 330.0 })
}

pub(super) fn candle(pen: &mut Pen, q: &Paints) -> Option<Flame> {
    let wax = q.own(0, "#e6dcc4");
    pen.curve(&[(-44.0, 92.0), (-40.0, 82.0), (40.0, 82.0), (44.0, 92.0), (30.0, 100.0), (-30.0, 100.0)], q.tone("#8a6428"), |s| {
        s.clean().sh(0.0, 3.0, 5.0, 0.5)
    });
    pen.poly(&[(-16.0, 86.0), (-15.0, -40.0), (15.0, -40.0), (17.0, 86.0)], wax, |s| {
        s.clean().grad((-16.0, 0.0), (18.0, 0.0), wax, mix(wax, q.tone("#6a5040"), 0.5))
    });
    pen.line(&[(0.0, -40.0), (1.0, -54.0)], q.tone("#2a1a14"), 3.0, 1.0, false);
    if q.prop.lit {
        pen.shape(&[c(0.0, -98.0), p(12.0, -68.0), p(6.0, -46.0), p(-6.0, -46.0), p(-12.0, -68.0)], hex("#fff3cf"), |s| {
            s.flat().tex(0.0).clean()
        });
    }
    q.prop.lit.then_some(Flame { x: 0.0, y: -68.0, r: 260.0 })
}

/// A stick whose head is bound with rags.
pub(super) fn torch(pen: &mut Pen, q: &Paints) -> Option<Flame> {
    let wood = q.own(0, "#7a5636");
    let rag = mix(wood, q.tone("#2c2420"), 0.62);
    pen.poly(&[(-8.0, 98.0), (-15.0, -30.0), (15.0, -30.0), (9.0, 98.0)], wood, |s| {
        s.clean().grad((-14.0, 0.0), (15.0, 0.0), wood, mix(wood, q.tone("#3a2a20"), 0.5))
    });
    pen.curve(&[(-20.0, -12.0), (-27.0, -34.0), (-22.0, -58.0), (0.0, -64.0), (22.0, -58.0), (27.0, -34.0), (20.0, -12.0)], rag, |s| {
        s.sh(0.0, 3.0, 4.0, 0.5)
    });
    for y in [-50.0, -36.0, -22.0] {
        pen.line(&[(-25.0, y + 5.0), (0.0, y - 2.0), (25.0, y - 6.0)], mix(rag, q.tone("#cbb592"), 0.45), 3.0, 0.8, true);
    }
    if q.prop.lit {
        pen.shape(&[c(2.0, -118.0), p(20.0, -84.0), p(17.0, -56.0), p(-17.0, -56.0), p(-21.0, -82.0)], hex("#ffd98a"), |s| {
            s.flat().tex(0.0).clean()
        });
        pen.shape(&[c(0.0, -98.0), p(10.0, -76.0), p(8.0, -56.0), p(-8.0, -56.0), p(-10.0, -76.0)], hex("#fff6dc"), |s| {
            s.flat().tex(0.0).clean()
        });
    }
    q.prop.lit.then_some(Flame { x: 0.0, y: -76.0, r: 320.0 })
}

pub(super) fn lantern(pen: &mut Pen, q: &Paints) -> Option<Flame> {
    let metal = q.own(0, "#2a1f18");
    let light = mix(metal, q.tone("#a08a6a"), 0.30);
    let ring: Vec<(f32, f32)> =
        (0..=12).map(|i| core::f32::consts::PI * i as f32 / 12.0).map(|a| (-34.0 * libm::cosf(a), -58.0 - 38.0 * libm::sinf(a))).collect();
    pen.line(&ring, metal, 7.0, 1.0, true);
    pen.line(&ring, light, 2.0, 0.5, true);
    let lit = q.prop.lit;
    let cool = cool_light(q.prop);
    let (glass, low, hot, flame) = match cool {
        _ if !lit => (q.tone("#6a7884"), q.tone("#46525e"), Rgb::WHITE, Rgb::WHITE),
        Some(own) => (own, mix(own, Rgb::BLACK, 0.45), mix(own, Rgb::WHITE, 0.6), mix(own, Rgb::WHITE, 0.85)),
        None => (hex("#ffcf6a"), hex("#e89a3c"), hex("#fff2c4"), hex("#fffae6")),
    };
    pen.poly(&[(-38.0, -36.0), (38.0, -36.0), (44.0, 70.0), (-44.0, 70.0)], glass, |s| {
        s.clean().tex(0.0).flat().grad((0.0, -10.0), (0.0, 76.0), glass, low)
    });
    if lit {
        pen.ellipse(0.0, 22.0, 26.0, 34.0, hot, |s| s.flat().tex(0.0).blur(7.0).alpha(0.9));
        pen.shape(&[c(0.0, -14.0), p(14.0, 22.0), p(7.0, 50.0), p(-7.0, 50.0), p(-14.0, 22.0)], flame, |s| s.flat().tex(0.0).clean());
    } else {
        pen.rect(-3.0, 46.0, 3.0, 62.0, q.tone("#1a1614"), |s| s.flat().clean());
        pen.poly(&[(-32.0, -28.0), (-24.0, -28.0), (-18.0, 60.0), (-30.0, 60.0)], hex("#e6f0f4"), |s| s.flat().tex(0.0).clean().alpha(0.3));
    }
    for (a, b) in [(-40.0, -46.0), (0.0, 0.0), (40.0, 46.0)] {
        pen.line(&[(a, -36.0), (b, 70.0)], metal, 5.0, 1.0, false);
    }
    pen.poly(&[(-48.0, -34.0), (-26.0, -62.0), (26.0, -62.0), (48.0, -34.0)], metal, |s| {
        s.clean().sh(0.0, 3.0, 4.0, 0.4).grad((-40.0, 0.0), (48.0, 0.0), light, metal)
    });
    pen.poly(&[(-54.0, 66.0), (54.0, 66.0), (48.0, 100.0), (-48.0, 100.0)], metal, |s| {
        s.clean().sh(0.0, 3.0, 5.0, 0.45).grad((-48.0, 0.0), (52.0, 0.0), light, metal)
    });
    lit.then_some(Flame { x: 0.0, y: 22.0, r: 300.0 })
}

/// Points of a five-pointed star.
pub(super) fn star_points(x: f32, y: f32, r: f32) -> Vec<(f32, f32)> {
    (0..10)
        .map(|i| {
            let a = core::f32::consts::PI * (i as f32 / 5.0 - 0.5);
            let r = if i % 2 == 0 { r } else { r * 0.42 };
            (x + r * libm::cosf(a), y + r * libm::sinf(a))
        })
        .collect()
}

/// A tin lamp punched with one star, with a corded grip.
pub(super) fn star_lamp(pen: &mut Pen, q: &Paints) -> Option<Flame> {
    let tin = q.own(0, "#23242c");
    let light = mix(tin, q.tone("#a8a8b0"), 0.32);
    let cord = q.own(1, "#b08a52");
    let arc: Vec<(f32, f32)> =
        (0..=12).map(|i| core::f32::consts::PI * i as f32 / 12.0).map(|a| (-40.0 * libm::cosf(a), -54.0 - 44.0 * libm::sinf(a))).collect();
    pen.line(&arc, tin, 4.0, 1.0, true);
    pen.line(&arc[3..10], cord, 10.0, 1.0, true);
    for &(x, y) in &arc[3..10] {
        pen.line(&[(x - 3.0, y - 5.0), (x + 3.0, y + 5.0)], mix(cord, q.tone("#3a2a1a"), 0.5), 1.6, 0.8, false);
    }
    pen.poly(&[(-46.0, -40.0), (46.0, -40.0), (50.0, 92.0), (-50.0, 92.0)], tin, |s| {
        s.clean().sh(0.0, 4.0, 6.0, 0.5).grad((-48.0, 0.0), (50.0, 0.0), light, tin)
    });
    pen.curve(&[(-50.0, 92.0), (-50.0, 86.0), (0.0, 92.0), (50.0, 86.0), (50.0, 92.0), (0.0, 100.0)], mix(tin, light, 0.4), |s| {
        s.clean().flat()
    });
    pen.poly(&[(-50.0, -38.0), (-18.0, -68.0), (18.0, -68.0), (50.0, -38.0)], tin, |s| {
        s.clean().sh(0.0, 3.0, 4.0, 0.4).grad((-44.0, 0.0), (46.0, 0.0), light, tin)
    });
    pen.ellipse(0.0, -68.0, 18.0, 5.0, light, |s| s.clean().flat());
    let lit = q.prop.lit;
    let hole = if lit { cool_light(q.prop).map_or(hex("#fff0bc"), |own| mix(own, Rgb::WHITE, 0.5)) } else { q.tone("#0c0c10") };
    pen.poly(&star_points(0.0, 24.0, 40.0), mix(tin, q.tone("#c8c8d0"), 0.35), |s| s.clean().flat().k(0.3));
    pen.poly(&star_points(0.0, 24.0, 36.0), hole, |s| s.clean().flat().k(0.3).tex(if lit { 0.0 } else { 0.4 }));
    for (x, y) in [(-34.0, 70.0), (-12.0, 78.0), (30.0, 66.0)] {
        pen.curve(&[(x, y), (x + 8.0, y - 5.0), (x + 13.0, y + 3.0), (x + 4.0, y + 6.0)], mix(tin, q.tone("#8a8a90"), 0.5), |s| {
            s.flat().clean().alpha(0.6)
        });
    }
    lit.then_some(Flame { x: 0.0, y: 24.0, r: 280.0 })
}
