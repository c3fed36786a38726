//! Shoulders, neck and coat below a head.

use contracts::story::{Emblem, Garment};

use super::{Cast, Desk, HEM, Person, emblem, hair, spirit, tunic};
use crate::paper::{Edge, Group, Rgb, Xf, disc, p};

fn cast(d: &Desk, m: f32) -> Cast {
    let k = d.t.k;
    Some((-d.light * d.t.m * 0.014 * k * m, 0.02 * k * m, 0.03 * k * m, 0.45))
}

/// The transform of a bust's body below a head: a child's body is smaller against its head.
pub(super) fn below(xf: &Xf, w: &Person, yaw: f32) -> Xf {
    if w.is_child() { xf.sub(-0.02 * yaw, LOWER, w.bust_scale(), 0.0, 1.0) } else { *xf }
}

/// How much lower a child's body begins, hu.
pub(super) const LOWER: f32 = 0.17;

/// Half the width of a bust's shoulders, in the units of its body.
pub(super) fn shoulders(w: &Person) -> f32 {
    if w.is_soft() { 0.86 * w.girth } else { 1.05 * w.girth }
}

/// Paints the body below a head, down to [`super::HEM`]: call it before [`super::head`] with the head's transform, yaw and light.
pub fn bust(g: &mut Group, xf: &Xf, w: &Person, yaw: f32, light: f32) {
    if w.is_spirit() {
        return spirit::bust(g, xf, w, light);
    }
    // Below a head in profile the shoulders stay in three quarters.
    let yaw = yaw.min(1.0);
    hair::fall(g, xf, w, yaw, light);
    let t = below(xf, w, yaw);
    let hem = HEM / w.bust_scale();
    let mut desk = Desk { g, t, light, part: "bust" };
    let d = &mut desk;
    let soft = w.is_soft();
    let (y, coat) = (yaw, w.coat);
    let sw = shoulders(w);
    let ox = -0.08 * y;
    let opens = tunic::opens(w);
    let collared = opens || w.garment == Garment::Coverall;
    if !collared {
        // Nothing stands behind the neck.
    } else if soft {
        let s = cast(d, 1.0);
        let collar =
            pts![(ox - 0.40, 0.52), (ox - 0.25, 0.30), (ox, 0.26), (ox + 0.25, 0.32), (ox + 0.36, 0.54), (ox + 0.2, 0.9), (ox - 0.2, 0.9)];
        d.put("collar-back", &collar, coat[0].scale(0.75), |q| q.edge(Edge::Cut).cast(s).tex(0.5));
    } else if !w.scarf {
        let s = cast(d, 1.0);
        let collar =
            pts![(ox - 0.36, 0.60), (ox - 0.27, 0.40), (ox, 0.36), (ox + 0.27, 0.42), (ox + 0.34, 0.62), (ox + 0.2, 0.9), (ox - 0.2, 0.9)];
        d.put("collar-back", &collar, coat[0].scale(0.75), |q| q.edge(Edge::Cut).cast(s).tex(0.5));
    }
    let wide = if soft || w.scarf { 1.0 } else { 1.14 };
    let neck = pts![
        ((-0.16 - 0.05 * y) * wide, 0.22),
        ((0.16 - 0.06 * y) * wide, 0.25),
        ((0.14 - 0.04 * y) * wide, 0.6),
        (0.22, 0.86),
        (0.0, 1.02),
        (-0.25, 0.84),
        ((-0.17 - 0.06 * y) * wide, 0.58)
    ];
    let s = cast(d, 0.6);
    let neck = d.put("neck", &neck, Rgb::mix(w.skin, w.skin_shade, 0.35), |q| q.cast(s).tex(0.5));
    d.put("neck/shade", &pts![(-0.3, 0.3), (0.3, 0.34), (0.2, 0.5), (0.05, 0.6), (-0.14, 0.52)], w.skin_shade, |q| {
        q.alpha(0.9).tex(0.5).clip(&neck)
    });
    if !opens {
        // Closed, or open on what the garment brings itself.
    } else if soft {
        let s = cast(d, 0.5);
        let blouse = pts![(ox - 0.17, 0.62), (ox - 0.02, 0.84), (ox + 0.15, 0.64), (ox + 0.26, 1.1), (ox, 1.5), (ox - 0.26, 1.1)];
        d.put("blouse", &blouse, w.under, |q| q.edge(Edge::Cut).cast(s).tex(0.5));
    } else if !w.scarf {
        shirt(d, w, ox, light);
    }
    let front = pts![
        (ox - 0.2, 0.62),
        (ox - 0.45, 0.74),
        (ox - sw * 0.86, 0.88),
        (ox - sw - 0.06, 1.15),
        (ox - sw - 0.1, 1.7),
        (ox - sw - 0.06, hem),
        (ox + sw + 0.1, hem),
        (ox + sw + 0.06, 1.7),
        (ox + sw, 1.13),
        (ox + sw * 0.80, 0.88),
        (ox + 0.42, 0.74),
        (ox + 0.18, 0.62, c),
        (ox + if opens { 0.04 } else { 0.0 }, if opens { 1.12 } else { 0.68 }, c)
    ];
    let (a, b) = (d.t.pt(ox + light * sw, 0.8), d.t.pt(ox - light * sw, 1.8));
    let s = cast(d, 1.3);
    let body = d.put("coat", &front, coat[1], |q| q.edge(Edge::Cut).cast(s).tex(0.5).grad(a, b, coat[2], coat[0]));
    for (s, key) in [(-1.0, "seam-near"), (1.0, "seam-far")] {
        let seam = pts![
            (ox + s * sw * 0.74, 1.05, c),
            (ox + s * sw * 0.70, 1.9),
            (ox + s * sw * 0.78, hem),
            (ox + s * sw * 0.70, hem),
            (ox + s * sw * 0.665, 1.9)
        ];
        d.put(key, &seam, coat[0].scale(0.72), |q| q.edge(Edge::Cut).alpha(0.75).tex(0.5).clip(&body));
    }
    if opens {
        let middle = pts![(ox + 0.02, 1.1, c), (ox + 0.07, 1.8), (ox + 0.10, hem), (ox + 0.18, hem), (ox + 0.12, 1.8)];
        d.put("seam", &middle, coat[0].scale(0.6), |q| q.edge(Edge::Cut).alpha(0.8).tex(0.5).clip(&body));
    }
    for (i, (u, v)) in [(-0.5f32, 1.0f32), (0.45, 1.02), (-0.3, 1.9)].into_iter().enumerate() {
        let fold = pts![(ox + u, v, c), (ox + u * 0.75, v + 0.4), (ox + u * 0.8, v + 0.9, c), (ox + u * 0.86, v + 0.4)];
        d.put(&format!("fold/{i}"), &fold, if u * light > 0.0 { coat[2] } else { coat[0] }, |q| {
            q.edge(Edge::Cut).alpha(0.6).tex(0.5).clip(&body)
        });
    }
    let suit = w.garment == Garment::Suit;
    if opens && (soft || !w.scarf || suit) {
        lapels(d, w, ox, light, if soft { 1.0 } else { 1.08 });
    }
    tunic::front(d, w, ox, &body);
    if w.scarf && !matches!(w.garment, Garment::Spacesuit | Garment::Shawl) {
        scarf(d, w, ox, light, if soft { 0.90 } else { 1.0 });
        if w.emblem != Emblem::None {
            let at = d.t.sub(ox - 0.52, 1.22, 0.72, 0.16, 1.0);
            emblem(d.g, &at, w, light);
        }
    } else {
        let at = d.t.sub(ox - 0.37, 0.74, 0.72, 0.16, 1.0);
        emblem(d.g, &at, w, light);
    }
}

/// Paints the body below a head that is seen from behind: call it before [`super::head_back`].
pub fn bust_back(g: &mut Group, xf: &Xf, w: &Person, light: f32) {
    if w.is_spirit() {
        return spirit::bust(g, xf, w, light);
    }
    hair::fall(g, xf, w, 0.0, light);
    let t = below(xf, w, 0.0);
    let mut desk = Desk { g, t, light, part: "bust" };
    let d = &mut desk;
    let (coat, hem) = (w.coat, HEM / w.bust_scale());
    let sw = shoulders(w);
    let neck = pts![(-0.20, 0.2), (0.20, 0.2), (0.24, 0.8), (-0.24, 0.8)];
    d.put("neck", &neck, Rgb::mix(w.skin, w.skin_shade, 0.5), |q| q.tex(0.5));
    let back = pts![
        (-0.30, 0.62),
        (-0.50, 0.74),
        (-sw * 0.86, 0.88),
        (-sw - 0.06, 1.15),
        (-sw - 0.1, 1.7),
        (-sw - 0.06, hem),
        (sw + 0.1, hem),
        (sw + 0.06, 1.7),
        (sw, 1.13),
        (sw * 0.80, 0.88),
        (0.46, 0.74),
        (0.30, 0.62),
        (0.0, 0.66)
    ];
    let (a, b) = (d.t.pt(light * sw, 0.8), d.t.pt(-light * sw, 1.8));
    let s = cast(d, 1.3);
    d.put("coat", &back, coat[1], |q| q.edge(Edge::Cut).cast(s).tex(0.5).grad(a, b, coat[2], coat[0]));
    tunic::back(d, w, sw);
    if !w.scarf && !tunic::opens(w) && w.garment != Garment::Coverall {
        return;
    }
    let collar = pts![(-0.36, 0.46), (0.0, 0.40), (0.36, 0.46), (0.44, 0.78), (0.0, 0.90), (-0.44, 0.78)];
    let s = cast(d, 0.8);
    let tone = if w.scarf { w.accent[1] } else { coat[1] };
    d.put("collar", &collar, tone, |q| q.edge(Edge::Cut).cast(s).tex(0.5));
}

/// A buttoned shirt with a small collar, under a man's open coat.
fn shirt(d: &mut Desk, w: &Person, ox: f32, light: f32) {
    let s = cast(d, 0.5);
    let shirt = pts![
        (ox - 0.24, 0.66),
        (ox - 0.10, 0.80),
        (ox + 0.02, 0.86),
        (ox + 0.14, 0.80),
        (ox + 0.24, 0.66),
        (ox + 0.30, 1.1),
        (ox + 0.04, 1.6),
        (ox - 0.28, 1.1)
    ];
    d.put("shirt", &shirt, w.under, |q| q.edge(Edge::Cut).cast(s).tex(0.5));
    for (s, key) in [(-1.0, "shirt/near"), (1.0, "shirt/far")] {
        let tip =
            pts![(ox + s * 0.19, 0.60, c), (ox + s * 0.235, 0.70), (ox + s * 0.17, 0.97, c), (ox + 0.02, 0.845, c), (ox + s * 0.08, 0.76)];
        let tone = if s == light { w.under.scale(1.08) } else { w.under.scale(0.9) };
        let s = cast(d, 0.35);
        d.put(key, &tip, tone, |q| q.cast(s).k(0.4).tex(0.5));
    }
    d.put("shirt/button", &disc(ox + 0.02, 1.0, 0.022), w.under.scale(0.6), |q| q.tex(0.0).k(0.3));
}

fn lapels(d: &mut Desk, w: &Person, ox: f32, light: f32, wide: f32) {
    let coat = w.coat;
    let x = |v: f32| ox + v * wide;
    let s = cast(d, 0.9);
    let near = pts![
        (x(-0.20), 0.50, c),
        (x(-0.40), 0.60),
        (x(-0.47), 0.95, c),
        (x(-0.33), 1.0, c),
        (x(-0.36), 1.1, c),
        (x(0.03), 1.62, c),
        (x(-0.03), 1.1)
    ];
    d.put("lapel-near", &near, if light < 0.0 { coat[2] } else { coat[1] }, |q| q.edge(Edge::Cut).cast(s).tex(0.5));
    let far = pts![
        (x(0.18), 0.52, c),
        (x(0.36), 0.62),
        (x(0.43), 0.95, c),
        (x(0.30), 1.0, c),
        (x(0.33), 1.1, c),
        (x(0.05), 1.62, c),
        (x(0.08), 1.1)
    ];
    d.put("lapel-far", &far, if light > 0.0 { coat[2] } else { coat[1] }, |q| q.edge(Edge::Cut).cast(s).tex(0.5));
    let s = cast(d, 0.3);
    for (i, y) in [1.85, 2.3].into_iter().enumerate() {
        let button = if w.emblem == Emblem::None { w.accent[1] } else { Rgb::hex("#8a6a34") };
        d.put(&format!("button/{i}"), &disc(ox + 0.2, y, 0.045), button, |q| q.cast(s).k(0.5).tex(0.5));
    }
    if w.emblem == Emblem::None {
        // Without a mark the accent trims the lapels.
        for (key, points) in [
            (
                "trim-near",
                pts![
                    (x(-0.45), 0.93, c),
                    (x(-0.47), 0.95, c),
                    (x(-0.33), 1.0, c),
                    (x(-0.36), 1.1, c),
                    (x(0.03), 1.62, c),
                    (x(-0.005), 1.52, c),
                    (x(-0.315), 1.085, c),
                    (x(-0.295), 0.975, c)
                ],
            ),
            (
                "trim-far",
                pts![
                    (x(0.41), 0.93, c),
                    (x(0.43), 0.95, c),
                    (x(0.30), 1.0, c),
                    (x(0.33), 1.1, c),
                    (x(0.05), 1.62, c),
                    (x(0.075), 1.5, c),
                    (x(0.285), 1.085, c),
                    (x(0.265), 0.975, c)
                ],
            ),
        ] {
            d.put(key, &points, w.accent[1], |q| q.straight().k(0.3).tex(0.5));
        }
    }
}

/// The accent as a scarf: a hanging end with a fringe, a wound collar with three folds.
fn scarf(d: &mut Desk, w: &Person, ox: f32, light: f32, size: f32) {
    let o = w.accent;
    let k = d.t.k;
    let s = cast(d, 1.0);
    let tail =
        pts![(ox - 0.1, 1.0, c), (ox + 0.16, 1.0, c), (ox + 0.3, 1.75), (ox + 0.27, 2.25, c), (ox + 0.02, 2.28, c), (ox - 0.02, 1.7)];
    d.put("scarf-end", &tail, o[0], |q| q.edge(Edge::Cut).cast(s).tex(0.5));
    for i in 0..4 {
        let x = ox + 0.05 + i as f32 * 0.06;
        d.g.line(&[p(x, 2.25), p(x, 2.36)], o[0], k * 0.025, &d.t, 1.0, false);
    }
    let x = |v: f32| ox + v * size;
    let wound = pts![
        (x(-0.42), 0.62),
        (x(-0.2), 0.54),
        (x(0.1), 0.60),
        (x(0.4), 0.56),
        (x(0.46), 0.74),
        (x(0.3), 0.98),
        (x(0.0), 1.08),
        (x(-0.3), 1.0),
        (x(-0.47), 0.8)
    ];
    let (a, b) = (d.t.pt(ox + light * 0.45, 0.6), d.t.pt(ox - light * 0.45, 1.0));
    let s = cast(d, 1.1);
    d.put("scarf", &wound, o[1], |q| q.edge(Edge::Cut).cast(s).tex(0.5).grad(a, b, o[2], o[0]));
    for (i, (a, b)) in
        [((-0.42f32, 0.68f32), (0.42f32, 0.86f32)), ((-0.38, 0.84), (0.3, 0.98)), ((-0.2, 0.58), (0.44, 0.68))].into_iter().enumerate()
    {
        let m = (a.1 + b.1) / 2.0;
        let fold = pts![(x(a.0), a.1, c), (ox, m + 0.06), (x(b.0), b.1, c), (ox, m + 0.095)];
        d.put(&format!("scarf/{i}"), &fold, o[0], |q| q.edge(Edge::Cut).alpha(0.8).tex(0.5));
    }
    if !w.is_soft() {
        let s = cast(d, 0.3);
        for (i, y) in [1.5, 2.0].into_iter().enumerate() {
            d.put(&format!("button/{i}"), &disc(ox + 0.44, y, 0.05), Rgb::hex("#8a7a54"), |q| q.cast(s).k(0.5).tex(0.5));
        }
    }
}
