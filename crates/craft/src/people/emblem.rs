//! The mark on the coat: key, rope, button, star.

use contracts::story::Emblem;

use super::{Desk, Person};
use crate::paper::{Edge, Group, Outline, Piece, Pt, Rgb, Xf, c, disc, p};

/// Paints a person's emblem; `xf` has its origin at the middle of the mark and is about four marks long a unit.
pub fn emblem(g: &mut Group, xf: &Xf, w: &Person, light: f32) {
    let mut desk = Desk { g, t: *xf, light, part: "emblem" };
    let d = &mut desk;
    let kk = xf.k;
    let [dark, own, bright] = w.badge;
    let small = Some((-light * xf.m * 0.012 * kk, 0.016 * kk, 0.016 * kk, 0.4));
    match w.emblem {
        Emblem::None => {}
        Emblem::Key => {
            for (color, dx, dy) in [(dark, 0.006, 0.01), (own, 0.0, 0.0)] {
                let ring = |r: f32| disc(dx, dy - 0.09, r);
                let polys = [0.069, 0.041].map(|r| Outline::smooth(&ring(r), xf, 1.0).polys().concat());
                let bow = Outline::new(polys.to_vec(), crate::paper::Rule::EvenOdd);
                d.g.piece(&Piece::ready(&bow, color).no_shadow().tex(0.0));
                for (a, b, width) in [
                    (p(dx, dy - 0.035), p(dx, dy + 0.17), 0.028),
                    (p(dx, dy + 0.16), p(dx + 0.055, dy + 0.16), 0.026),
                    (p(dx, dy + 0.11), p(dx + 0.045, dy + 0.11), 0.024),
                ] {
                    d.g.line(&[a, b], color, width * kk, xf, 1.0, false);
                }
            }
            d.g.line(&[p(-0.045, -0.115), p(-0.01, -0.142)], bright, 0.012 * kk, xf, 1.0, false);
            d.g.line(&[p(-0.006, -0.02), p(-0.006, 0.14)], bright, 0.008 * kk, xf, 1.0, false);
        }
        Emblem::Rope => {
            // A hank: three loops bound in the middle, one end hanging.
            let loops: Vec<Pt> = (0..=60)
                .map(|i| {
                    let a = i as f32 / 60.0 * core::f32::consts::TAU * 3.0 + 1.2;
                    let r = 0.072 - 0.038 * (i as f32 / 60.0);
                    p(r * libm::cosf(a), (0.055 + r) * libm::sinf(a))
                })
                .collect();
            let tail = pts![(0.04, 0.06), (0.075, 0.13), (0.055, 0.2)];
            for (color, width, shift) in [(dark, 0.034, 0.007), (own, 0.026, 0.0)] {
                let moved = |points: &[Pt]| -> Vec<Pt> { points.iter().map(|q| p(q.x + shift, q.y + shift)).collect() };
                d.g.line(&moved(&tail), color, width * kk, xf, 1.0, true);
                d.g.line(&moved(&loops), color, width * kk, xf, 1.0, true);
            }
            for (i, y) in [-0.028f32, 0.0, 0.028].into_iter().enumerate() {
                let turn = [p(-0.082, y + 0.01), p(0.082, y - 0.01)];
                d.g.line(&turn, if i == 1 { bright } else { own }, 0.026 * kk, xf, 1.0, false);
                d.g.line(&[p(-0.08, y + 0.022), p(0.08, y + 0.002)], dark, 0.007 * kk, xf, 0.8, false);
            }
        }
        Emblem::Button => {
            d.put("button", &disc(0.0, 0.0, 0.085), dark, |q| q.cast(small).tex(0.3).k(0.3));
            d.put("button/face", &disc(-0.006, -0.008, 0.072), own, |q| q.tex(0.3).k(0.3));
            d.put("button/inner", &disc(-0.004, -0.004, 0.046), dark, |q| q.tex(0.2).k(0.3).alpha(0.6));
            d.put("button/shine", &pts![(-0.055, -0.03, c), (-0.03, -0.06), (0.01, -0.068, c), (-0.025, -0.045)], bright, |q| {
                q.tex(0.0).k(0.2)
            });
            for (x, y) in [(-0.016, -0.016), (0.016, -0.016), (-0.016, 0.016), (0.016, 0.016)] {
                d.g.line(&[p(x, y), p(x + 0.001, y)], Rgb::hex("#2a1c10"), 0.014 * kk, xf, 0.9, false);
            }
        }
        Emblem::Star => {
            let star = |r: f32, q: f32, dx: f32| -> Vec<Pt> {
                (0..10)
                    .map(|i| {
                        let a = core::f32::consts::PI * (i as f32 / 5.0 - 0.5);
                        let r = if i % 2 == 0 { r } else { q };
                        c(dx + r * libm::cosf(a), dx + r * libm::sinf(a))
                    })
                    .collect()
            };
            d.put("star", &star(0.125, 0.055, 0.006), dark, |q| q.cast(small).straight().edge(Edge::Clean).tex(0.3).k(0.1));
            d.put("star/face", &star(0.115, 0.050, 0.0), own, |q| q.straight().tex(0.3).k(0.1));
            for i in 0..5 {
                let a = core::f32::consts::PI * (i as f32 / 2.5 - 0.5);
                let b = a - core::f32::consts::PI / 5.0;
                let facet = [c(0.0, 0.0), c(0.115 * libm::cosf(a), 0.115 * libm::sinf(a)), c(0.05 * libm::cosf(b), 0.05 * libm::sinf(b))];
                d.put(&format!("star/{i}"), &facet, bright, |q| q.straight().tex(0.0).k(0.1).alpha(0.55));
            }
        }
    }
}
