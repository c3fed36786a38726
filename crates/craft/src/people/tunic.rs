//! What a bust wears in place of a coat (whole figures: `garb`).

use contracts::story::Garment;

use super::{Cast, Desk, HEM, Person};
use crate::paper::{Edge, Outline, Rgb, disc};

fn cast(d: &Desk, m: f32) -> Cast {
    let k = d.t.k;
    Some((-d.light * d.t.m * 0.014 * k * m, 0.02 * k * m, 0.03 * k * m, 0.45))
}

/// Whether a garment opens over a shirt with lapels or a scarf.
pub(super) fn opens(w: &Person) -> bool {
    matches!(w.garment, Garment::Coat | Garment::Suit)
}

/// Paints what lies on the breast of a bust whose body is `body`; `ox` is its middle.
pub(super) fn front(d: &mut Desk, w: &Person, ox: f32, body: &Outline) {
    match w.garment {
        Garment::Coat => {}
        Garment::Suit => tie(d, w, ox),
        Garment::Robe => crossed(d, w, ox, body),
        Garment::Dress => neckline(d, w, ox, body, true),
        Garment::Apron => {
            neckline(d, w, ox, body, w.is_soft());
            apron(d, w, ox, body);
        }
        Garment::Shawl => {
            neckline(d, w, ox, body, w.is_soft());
            shawl(d, w, ox);
        }
        Garment::Coverall => coverall(d, w, ox, body),
        Garment::Spacesuit => sealed(d, w, ox, body),
    }
}

fn tie(d: &mut Desk, w: &Person, ox: f32) {
    let s = cast(d, 0.4);
    if w.is_soft() {
        // A brooch at the throat in place of a tie.
        d.put("brooch", &disc(ox, 0.78, 0.055), w.accent[1], |q| q.cast(s).k(0.3).tex(0.3));
        d.put("brooch/light", &disc(ox + d.light * 0.015, 0.765, 0.022), w.accent[2], |q| q.k(0.2).tex(0.2));
        return;
    }
    let knot = pts![(ox - 0.055, 0.80, c), (ox + 0.095, 0.80, c), (ox + 0.06, 0.92, c), (ox - 0.02, 0.92, c)];
    let blade = pts![(ox - 0.015, 0.91, c), (ox + 0.055, 0.91, c), (ox + 0.10, 1.36), (ox + 0.02, 1.58, c), (ox - 0.06, 1.36)];
    d.put("tie", &blade, w.accent[1], |q| q.cast(s).k(0.3).tex(0.5));
    d.put("tie/knot", &knot, w.accent[2], |q| q.cast(s).k(0.3).tex(0.5));
}

/// Two edges of a robe, the near one over the far one.
fn crossed(d: &mut Desk, w: &Person, ox: f32, body: &Outline) {
    let under = pts![(ox - 0.22, 0.62, c), (ox + 0.20, 0.62, c), (ox + 0.04, 1.12, c)];
    d.put("under", &under, w.under, |q| q.k(0.4).tex(0.5));
    let s = cast(d, 0.8);
    for (i, sgn) in [1.0f32, -1.0].into_iter().enumerate() {
        // The far edge ends under the near one, which goes down to the sash.
        let (mx, my, end) = if sgn > 0.0 { (0.10, 1.12, 1.34) } else { (0.14, 1.22, 2.5) };
        let low = if sgn > 0.0 { 0.0 } else { 0.34 };
        let edge = pts![
            (ox + sgn * 0.19, 0.58, c),
            (ox + sgn * 0.36, 0.66, c),
            (ox + sgn * mx, my),
            (ox - sgn * low, end, c),
            (ox - sgn * (low + 0.17), end - 0.05, c),
            (ox + sgn * (mx - 0.18), my - 0.06)
        ];
        let tone = if sgn == d.light { w.accent[2] } else { w.accent[1] };
        d.put(&format!("edge/{i}"), &edge, tone, |q| q.edge(Edge::Cut).cast(s).k(0.5).tex(0.5).clip(body));
    }
    let sash = pts![(ox - 1.4, 2.35), (ox + 1.4, 2.35), (ox + 1.4, 2.72), (ox - 1.4, 2.72)];
    d.put("sash", &sash, w.accent[0], |q| q.cast(s).k(0.5).tex(0.5).clip(body));
}

/// A round neckline: skin to the collarbones, two leaves of a collar, buttons. Without `round`, a shirt's collar.
fn neckline(d: &mut Desk, w: &Person, ox: f32, body: &Outline, round: bool) {
    let s = cast(d, 0.5);
    if round {
        // Below the shade of the jaw, in the neck's own tone: no seam shows between them.
        let skin = pts![
            (ox - 0.12, 0.70),
            (ox + 0.10, 0.70),
            (ox + 0.30, 0.70),
            (ox + 0.24, 0.98),
            (ox + 0.01, 1.09),
            (ox - 0.24, 0.98),
            (ox - 0.33, 0.70)
        ];
        d.put("throat", &skin, Rgb::mix(w.skin, w.skin_shade, 0.35), |q| q.k(0.3).tex(0.5));
        let bone = pts![(ox - 0.20, 0.86), (ox - 0.08, 0.90), (ox - 0.03, 0.95)];
        d.line(&bone, w.skin_shade, 0.010, 0.7, 0.5);
        d.line(&pts![(ox + 0.20, 0.86), (ox + 0.10, 0.90), (ox + 0.05, 0.95)], w.skin_shade, 0.010, 0.7, 0.5);
    }
    let leaf_color = if round { w.under } else { w.coat[2] };
    for (i, sgn) in [1.0f32, -1.0].into_iter().enumerate() {
        let leaf = if round {
            pts![
                (ox + sgn * 0.26, 0.60, c),
                (ox + sgn * 0.47, 0.76),
                (ox + sgn * 0.42, 1.06),
                (ox + sgn * 0.20, 1.24),
                (ox + sgn * 0.015, 1.10, c),
                (ox + sgn * 0.20, 0.97),
                (ox + sgn * 0.29, 0.76)
            ]
        } else {
            pts![
                (ox + sgn * 0.18, 0.56, c),
                (ox + sgn * 0.30, 0.62),
                (ox + sgn * 0.36, 0.80),
                (ox + sgn * 0.24, 1.06, c),
                (ox + sgn * 0.03, 0.86, c),
                (ox + sgn * 0.09, 0.74),
                (ox + sgn * 0.15, 0.64)
            ]
        };
        let tone = if sgn == d.light { leaf_color } else { leaf_color.scale(0.88) };
        d.put(&format!("leaf/{i}"), &leaf, tone, |q| q.edge(Edge::Cut).cast(s).k(0.5).tex(0.5));
    }
    for (i, y) in [1.36f32, 1.64, 1.92, 2.2].into_iter().enumerate() {
        let dot = disc(ox + 0.03, y, 0.034);
        d.put(&format!("button/{i}"), &dot, w.accent[2], |q| q.cast(s).k(0.3).tex(0.3).clip(body));
    }
}

fn apron(d: &mut Desk, w: &Person, ox: f32, body: &Outline) {
    let linen = w.linen();
    let dark = Rgb::mix(linen, w.coat[0], 0.35);
    let s = cast(d, 0.7);
    for (i, sgn) in [1.0f32, -1.0].into_iter().enumerate() {
        let strap = pts![(ox + sgn * 0.46, 0.74, c), (ox + sgn * 0.62, 0.80, c), (ox + sgn * 0.56, 1.60, c), (ox + sgn * 0.40, 1.60, c)];
        let tone = if sgn == d.light { linen } else { dark };
        d.put(&format!("strap/{i}"), &strap, tone, |q| q.edge(Edge::Cut).cast(s).k(0.5).tex(0.5).clip(body));
    }
    let bib = pts![(ox - 0.58, 1.50, c), (ox + 0.60, 1.50, c), (ox + 0.68, 2.6), (ox + 0.9, HEM, c), (ox - 0.9, HEM, c), (ox - 0.68, 2.6)];
    let (a, b) = (d.t.pt(ox + d.light * 0.6, 1.5), d.t.pt(ox - d.light * 0.6, 2.2));
    let cloth = d.put("bib", &bib, linen, |q| q.edge(Edge::Cut).cast(s).k(0.6).tex(0.6).grad(a, b, linen, dark));
    let seam = pts![(ox - 0.7, 1.58, c), (ox + 0.7, 1.58, c), (ox + 0.7, 1.61, c), (ox - 0.7, 1.61, c)];
    d.put("bib/seam", &seam, dark, |q| q.straight().alpha(0.8).k(0.2).tex(0.3).clip(&cloth));
    let pocket = pts![(ox - 0.26, 2.0), (ox + 0.28, 2.0), (ox + 0.26, 2.5), (ox - 0.24, 2.5)];
    d.put("bib/pocket", &pocket, Rgb::mix(linen, dark, 0.5), |q| q.straight().cast(s).k(0.4).tex(0.5).clip(&cloth));
    for (i, x) in [-0.36f32, 0.40].into_iter().enumerate() {
        let fold = pts![(ox + x, 1.64, c), (ox + x * 1.1, 2.2), (ox + x * 1.3, 3.2, c), (ox + x * 0.9, 2.2)];
        d.put(&format!("bib/fold/{i}"), &fold, dark, |q| q.alpha(0.6).k(0.3).tex(0.4).clip(&cloth));
    }
}

fn shawl(d: &mut Desk, w: &Person, ox: f32) {
    let a = w.accent;
    let s = cast(d, 1.0);
    let wide = w.girth * if w.is_soft() { 0.94 } else { 1.12 };
    for (i, sgn) in [1.0f32, -1.0].into_iter().enumerate() {
        let low = if sgn > 0.0 { 1.9 } else { 2.35 };
        let end = pts![
            (ox + sgn * 0.28, 0.60),
            (ox + sgn * wide * 0.80, 0.84),
            (ox + sgn * (wide + 0.10), 1.16),
            (ox + sgn * (wide + 0.12), 1.75),
            (ox + sgn * wide * 0.72, 2.05),
            (ox - sgn * 0.10, low, c),
            (ox - sgn * 0.34, low - 0.22, c),
            (ox + sgn * 0.02, 1.22),
            (ox + sgn * 0.24, 0.86)
        ];
        let (lit, dark) = if sgn == d.light { (a[2], a[1]) } else { (a[1], a[0]) };
        let (from, to) = (d.t.pt(ox + sgn * wide, 0.9), d.t.pt(ox, 1.8));
        let cloth = d.put(&format!("shawl/{i}"), &end, lit, |q| q.edge(Edge::Cut).cast(s).k(0.8).tex(0.7).grad(from, to, lit, dark));
        for (j, t) in [0.25f32, 0.5, 0.74].into_iter().enumerate() {
            let x = ox + sgn * wide * (1.0 - t * 0.8);
            let fold = pts![(x, 0.86, c), (x - sgn * 0.10, 1.3), (ox - sgn * (0.04 + 0.16 * t), low - 0.3, c), (x - sgn * 0.20, 1.35)];
            d.put(&format!("shawl/{i}/fold/{j}"), &fold, a[0], |q| q.alpha(0.55).k(0.3).tex(0.5).clip(&cloth));
        }
        for j in 0..5 {
            let t = j as f32 / 5.0;
            let (x, y) = (ox - sgn * (0.12 + 0.20 * t), low - 0.02 - 0.18 * t);
            d.line(&pts![(x, y), (x - 0.01, y + 0.20)], a[0], 0.022, 0.8, 0.9);
        }
    }
}

fn coverall(d: &mut Desk, w: &Person, ox: f32, body: &Outline) {
    let c = w.coat;
    let s = cast(d, 0.6);
    let shirt = pts![(ox - 0.18, 0.60, c), (ox + 0.18, 0.60, c), (ox + 0.03, 0.98, c)];
    d.put("shirt", &shirt, w.under.scale(0.92), |q| q.k(0.3).tex(0.5));
    for (i, sgn) in [1.0f32, -1.0].into_iter().enumerate() {
        let tip = pts![
            (ox + sgn * 0.16, 0.50, c),
            (ox + sgn * 0.36, 0.58),
            (ox + sgn * 0.45, 0.86, c),
            (ox + sgn * 0.26, 1.10, c),
            (ox + sgn * 0.03, 0.94, c),
            (ox + sgn * 0.13, 0.70)
        ];
        d.put(&format!("collar/{i}"), &tip, if sgn == d.light { c[2] } else { c[1] }, |q| q.edge(Edge::Cut).cast(s).k(0.5).tex(0.5));
        let yoke = pts![(ox + sgn * 0.30, 1.18, c), (ox + sgn * 0.95, 1.10), (ox + sgn * 1.25, 1.16, c), (ox + sgn * 0.95, 1.135)];
        d.put(&format!("yoke/{i}"), &yoke, c[0].scale(0.7), |q| q.alpha(0.8).k(0.2).tex(0.3).clip(body));
        let x = ox + sgn * 0.46;
        let pocket = pts![(x - 0.20, 1.46), (x + 0.20, 1.46), (x + 0.20, 2.0), (x, 2.06), (x - 0.20, 2.0)];
        d.put(&format!("pocket/{i}"), &pocket, Rgb::mix(c[1], c[0], 0.4), |q| q.straight().cast(s).k(0.4).tex(0.5).clip(body));
        let flap = pts![(x - 0.22, 1.42), (x + 0.22, 1.42), (x + 0.20, 1.56), (x - 0.20, 1.56)];
        d.put(&format!("flap/{i}"), &flap, c[0], |q| q.straight().k(0.4).tex(0.5).clip(body));
    }
    let zip = pts![(ox + 0.025, 0.98), (ox + 0.06, 1.8), (ox + 0.09, HEM)];
    d.line(&zip, c[0].scale(0.6), 0.055, 1.0, 1.0);
    d.line(&zip, Rgb::mix(c[0], Rgb::hex("#d8d4c8"), 0.6), 0.022, 0.8, 0.95);
    let x = ox + 0.46;
    let patch = pts![(x - 0.19, 1.25), (x + 0.19, 1.25), (x + 0.19, 1.38), (x - 0.19, 1.38)];
    d.put("patch", &patch, w.accent[1], |q| q.straight().k(0.2).tex(0.4).clip(body));
}

fn sealed(d: &mut Desk, w: &Person, ox: f32, body: &Outline) {
    let c = w.coat;
    let s = cast(d, 1.0);
    let metal = Rgb::mix(c[2], Rgb::hex("#c8ccd0"), 0.55);
    for (i, sgn) in [1.0f32, -1.0].into_iter().enumerate() {
        let stripe = pts![(ox + sgn * 0.70, 1.02, c), (ox + sgn * 1.4, 1.30, c), (ox + sgn * 1.4, 1.50, c), (ox + sgn * 0.68, 1.20, c)];
        d.put(&format!("stripe/{i}"), &stripe, w.accent[1], |q| q.k(0.4).tex(0.4).clip(body));
        let hose = pts![(ox + sgn * 0.40, 1.78), (ox + sgn * 0.74, 1.62), (ox + sgn * 0.66, 1.16), (ox + sgn * 0.40, 0.92)];
        d.line(&hose, c[0].scale(0.55), 0.10, 1.5, 1.0);
        d.line(&hose, c[0].scale(0.8), 0.045, 0.8, 0.9);
    }
    let unit = pts![(ox - 0.42, 1.58), (ox + 0.44, 1.58), (ox + 0.40, 2.26), (ox - 0.38, 2.26)];
    d.put("unit", &unit, c[0].scale(0.75), |q| q.straight().edge(Edge::Cut).cast(s).k(0.5).tex(0.4));
    for (i, (x, color)) in [(-0.22f32, "#ffb45c"), (0.01, "#8fd0c0"), (0.24, "#d8584a")].into_iter().enumerate() {
        d.put(&format!("unit/{i}"), &disc(ox + x, 1.76, 0.065), Rgb::hex(color), |q| q.k(0.2).tex(0.1));
    }
    let slot = pts![(ox - 0.28, 1.94), (ox + 0.30, 1.94), (ox + 0.30, 2.08), (ox - 0.28, 2.08)];
    d.put("unit/slot", &slot, Rgb::hex("#23262c"), |q| q.straight().k(0.2).tex(0.2));
    // The ring the helmet locks into: seen from a little above.
    let ring = pts![
        (ox - 0.62, 0.78),
        (ox - 0.50, 0.62),
        (ox - 0.2, 0.55),
        (ox + 0.2, 0.55),
        (ox + 0.50, 0.62),
        (ox + 0.62, 0.78),
        (ox + 0.50, 0.98),
        (ox + 0.2, 1.10),
        (ox - 0.2, 1.10),
        (ox - 0.50, 0.98)
    ];
    let (a, b) = (d.t.pt(ox + d.light * 0.6, 0.7), d.t.pt(ox - d.light * 0.6, 0.9));
    d.put("ring", &ring, metal, |q| q.edge(Edge::Clean).cast(s).k(0.5).tex(0.3).grad(a, b, metal.scale(1.1), metal.scale(0.7)));
    let inner = pts![(ox - 0.46, 0.76), (ox - 0.2, 0.64), (ox + 0.2, 0.64), (ox + 0.46, 0.76), (ox + 0.2, 0.92), (ox - 0.2, 0.92)];
    d.put("ring/inner", &inner, metal.scale(0.42), |q| q.k(0.4).tex(0.2));
    let neck = pts![(ox - 0.22, 0.50), (ox + 0.20, 0.50), (ox + 0.24, 0.80), (ox, 0.88), (ox - 0.26, 0.80)];
    d.put("ring/neck", &neck, c[0].scale(0.5), |q| q.k(0.4).tex(0.4));
}

/// What lies on the back of a bust.
pub(super) fn back(d: &mut Desk, w: &Person, width: f32) {
    let s = cast(d, 1.0);
    match w.garment {
        Garment::Shawl => {
            let fall = pts![
                (-0.36, 0.60),
                (-width - 0.1, 1.0),
                (-width - 0.2, 1.8),
                (0.0, 3.2, c),
                (width + 0.2, 1.8),
                (width + 0.1, 1.0),
                (0.36, 0.60)
            ];
            d.put("shawl", &fall, w.accent[1], |q| q.edge(Edge::Cut).cast(s).k(0.8).tex(0.7));
        }
        Garment::Spacesuit => {
            let pack = pts![(-0.66, 0.98), (0.66, 0.98), (0.72, 3.4), (-0.72, 3.4)];
            d.put("pack", &pack, w.coat[0].scale(0.9), |q| q.straight().edge(Edge::Cut).cast(s).k(0.6).tex(0.5));
        }
        Garment::Apron => {
            for (i, sgn) in [1.0f32, -1.0].into_iter().enumerate() {
                let strap = pts![(sgn * 0.46, 0.76, c), (sgn * 0.60, 0.80, c), (-sgn * 0.30, 3.0, c), (-sgn * 0.46, 3.0, c)];
                d.put(&format!("strap/{i}"), &strap, w.linen(), |q| q.edge(Edge::Cut).cast(s).k(0.5).tex(0.5));
            }
        }
        _ => {}
    }
}
