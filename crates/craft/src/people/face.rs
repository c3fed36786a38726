//! Eyes, brows and mouths: the parts of a face that move.

use contracts::story::FigureKind;

use super::{Desk, Lips, Mien, Person};
use crate::paper::{Edge, Outline, Piece, Pt, Rgb, c, disc, p};

/// Which eye: its centre, its side (−1 near, 1 far), and how much it is foreshortened.
#[derive(Clone, Copy)]
pub(super) struct Side {
    pub cx: f32,
    pub cy: f32,
    pub s: f32,
    pub sx: f32,
}

fn ellipse(x: f32, y: f32, r: f32, sx: f32) -> Vec<Pt> {
    (0..20)
        .map(|i| {
            let a = core::f32::consts::TAU * i as f32 / 20.0;
            p(x + r * sx * libm::cosf(a), y + r * libm::sinf(a))
        })
        .collect()
}

/// One eye.
pub(super) fn eye(d: &mut Desk, side: Side, w: &Person, mien: &Mien, look: f32, closed: bool, face: &Outline) {
    let Side { cx, cy, s, sx } = side;
    let soft = w.is_soft();
    let lashes = w.kind == FigureKind::Woman || w.kind == FigureKind::Girl;
    let es = w.eye_scale();
    let we = if soft { 0.178 } else { 0.158 } * es;
    // Young eyes are not only larger but rounder; what years and paint add around them is not there yet.
    let youth = w.youth();
    let hu = if soft { 0.052 } else { 0.043 } * mien.open * es * (1.0 + 0.08 * youth);
    let lo = 0.029 * (1.0 - 0.75 * mien.squint);
    let x = |u: f32| cx + s * u * we * sx;
    let ui = (hu - 0.030 * mien.slant.max(0.0)).max(-0.004);
    let uo = (hu - 0.026 * (-mien.slant).max(0.0) - 0.004).max(0.0);
    let inn = (x(-0.5), cy + 0.013);
    let out = (x(0.5), cy - 0.004 + 0.012 * (-mien.slant).max(0.0));
    let up = [inn, (x(-0.28), cy - ui * 0.78), (x(0.06), cy - ui.max(uo) * 0.5 - (ui + uo) * 0.27), (x(0.34), cy - uo * 0.72), out];
    let dn = [(x(0.26), cy + lo * 0.8), (x(-0.12), cy + lo)];
    let k = d.t.k;
    let fine = d.fine();
    let socket = pts![
        (x(-0.58), cy),
        (x(-0.3), cy - ui - 0.032),
        (x(0.1), cy - hu - 0.040),
        (x(0.55), cy - uo - 0.012),
        (x(0.6), cy + 0.012),
        (x(0.1), cy + lo + 0.026),
        (x(-0.4), cy + lo + 0.018)
    ];
    let name = if s < 0.0 { "eye-near" } else { "eye-far" };
    d.put(&format!("{name}/socket"), &socket, w.skin_shade, |q| q.tex(0.3).alpha(0.42 - 0.24 * youth).clip(face));
    let almond = [
        c(inn.0, inn.1),
        p(up[1].0, up[1].1),
        p(up[2].0, up[2].1),
        p(up[3].0, up[3].1),
        c(out.0, out.1),
        p(dn[0].0, dn[0].1),
        p(dn[1].0, dn[1].1),
    ];
    let white = Outline::smooth(&almond, &d.t, 1.5);
    let dark = if lashes { Rgb::hex("#2a1216") } else { Rgb::hex("#33211e") };
    let lid_thickness: f32 = match w.kind {
        FigureKind::Boy => 0.012,
        FigureKind::Girl => 0.014,
        _ if soft => 0.019 - 0.004 * youth,
        _ => 0.010,
    };
    if closed {
        let lid = [
            c(inn.0, inn.1 - 0.004),
            p(up[1].0, up[1].1 - 0.008),
            p(up[2].0, up[2].1 - 0.010),
            p(up[3].0, up[3].1 - 0.008),
            c(out.0, out.1 - 0.004),
            p(dn[0].0, dn[0].1 + 0.006),
            p(dn[1].0, dn[1].1 + 0.006),
        ];
        let skin = Rgb::mix(w.skin, w.skin_shade, 0.30);
        d.put(&format!("{name}/lid-down"), &lid, skin, |q| q.tex(0.35).k(0.3));
        let th = lid_thickness.max(0.012);
        let lash = [
            c(inn.0, inn.1),
            p(dn[1].0, dn[1].1 + 0.002 - th * 0.2),
            p(dn[0].0, dn[0].1 + 0.002 - th * 0.2),
            c(x(if lashes { 0.60 } else { 0.52 }), out.1 - 0.002),
            p(dn[0].0, dn[0].1 + 0.004 + th * 0.7),
            p(dn[1].0, dn[1].1 + 0.004 + th * 0.6),
        ];
        d.put(&format!("{name}/lash-down"), &lash, dark, |q| q.tex(0.0).k(0.3));
        if fine {
            brow_fold(d, w, &x, cy, ui, hu, uo);
        }
        return;
    }
    d.g.piece(&Piece::ready(&white, Rgb::hex("#efe6d6")).no_shadow().tex(0.0));
    let (px, py) = (x(0.0) + look * 0.03 + mien.gaze[0] * 0.022, cy - 0.008 + mien.gaze[1] * 0.03 - 0.002 * mien.open);
    let r = if soft { 0.040 } else { 0.034 } * es * (1.0 + 0.08 * youth);
    let ex = if sx < 1.0 { 0.86 } else { 0.96 };
    let t = d.t;
    let spot = |d: &mut Desk, px: f32, py: f32, r: f32, color: Rgb, alpha: f32, ex: f32| {
        let shape = Outline::smooth(&ellipse(px, py, r, ex), &t, 1.5);
        d.g.piece(&Piece::ready(&shape, color).no_shadow().tex(0.0).alpha(alpha).clip(&white));
    };
    spot(d, px, py, r, w.iris.scale(0.5), 1.0, ex);
    spot(d, px, py + 0.003, r * 0.82, w.iris, 1.0, ex);
    spot(d, px + d.light * 0.006, py + 0.014, r * 0.5, w.iris.scale(1.5), 0.7, ex);
    spot(d, px, py, r * 0.5, Rgb::hex("#140c10"), 1.0, ex);
    let lowered: Vec<Pt> = up.iter().map(|q| p(q.0, q.1 + 0.016)).collect();
    d.g.line_in(&lowered, Rgb::hex("#3a2030"), 0.030 * k, &t, 0.42, true, Some(&white));
    spot(d, px + d.light * 0.013, py - 0.014, r * 0.24, Rgb::hex("#fffaf0"), 1.0, 1.0);
    // The lid: a tapered dark sheet, with a wing on women.
    let th = lid_thickness;
    let wing = if !lashes { 0.51 } else { 0.60 - 0.08 * youth };
    let lid = [
        c(inn.0, inn.1 - 0.002),
        p(up[1].0, up[1].1 - th * 0.7),
        p(up[2].0, up[2].1 - th),
        p(up[3].0, up[3].1 - th * 1.05),
        c(x(wing), out.1 - 0.014),
        p(out.0, out.1),
        p(up[3].0, up[3].1),
        p(up[2].0, up[2].1),
        p(up[1].0, up[1].1),
    ];
    d.put(&format!("{name}/lid"), &lid, dark, |q| q.tex(0.0).k(0.3));
    if fine {
        let under = pts![(x(0.46), cy + 0.006), (x(0.2), cy + lo + 0.004), (x(-0.2), cy + lo + 0.006)];
        d.line(&under, w.skin_shade.scale(0.75), 0.007, 0.8, 0.8 - 0.55 * youth);
        brow_fold(d, w, &x, cy, ui, hu, uo);
    }
}

/// The fold above the lid: the same for open and closed eyes.
fn brow_fold(d: &mut Desk, w: &Person, x: &dyn Fn(f32) -> f32, cy: f32, ui: f32, hu: f32, uo: f32) {
    let fold = pts![(x(-0.36), cy - ui - 0.020), (x(0.06), cy - hu - 0.034), (x(0.46), cy - uo - 0.018)];
    d.line(&fold, w.skin_shade.scale(0.7), 0.007, 0.8, 0.75 - 0.35 * w.youth());
}

/// One brow.
pub(super) fn brow(d: &mut Desk, side: Side, w: &Person, mien: &Mien) {
    let Side { cx, cy, s, sx } = side;
    let [bi, bm, bo] = mien.brow;
    let man = !w.is_soft();
    let y = cy - if man { 0.094 } else { 0.118 } - 0.020 * w.youth();
    let t = w.brow_thickness;
    let x = |u: f32| cx + s * u * sx;
    let shape = pts![
        (x(-0.082), y + bi + 0.012, c),
        (x(-0.075), y + bi - t * 0.55),
        (x(0.0), y + bm - 0.014 - t * 0.75),
        (x(0.07), y + bo * 0.6 + bm * 0.4 - 0.010 - t * 0.55),
        (x(0.118), y + bo + 0.018, c),
        (x(0.06), y + bo * 0.6 + bm * 0.4 + 0.004 + t * 0.12),
        (x(-0.005), y + bm + t * 0.28),
        (x(-0.07), y + bi + t * 0.5 + 0.006)
    ];
    let k = d.t.k;
    let name = if s < 0.0 { "brow-near" } else { "brow-far" };
    let edge = if man { Edge::Rag } else { Edge::Clean };
    d.put(name, &shape, w.brow, |q| q.edge(edge).shadow(0.0, 0.005 * k, 1.0, 0.25).k(if man { 0.0022 * k } else { 0.3 }));
    if man && d.fine() {
        let mut top: Vec<Pt> = shape[..5].iter().map(|q| Pt { x: q.x + 0.004 * s, y: q.y - 0.012, corner: q.corner }).collect();
        top.push(p(x(0.03), y + bm - 0.008));
        d.put(&format!("{name}/light"), &top, w.brow.scale(1.28), |q| q.edge(Edge::Rag).k(0.0016 * k).alpha(0.8));
    }
}

/// The mouth, centred at (cx, cy); `turned` in three-quarter view.
pub(super) fn mouth(d: &mut Desk, cx: f32, cy: f32, w: &Person, lips: Lips, turned: bool) {
    let Lips { w: mut mw, corner: co, open: op, press: pr } = lips;
    let youth = w.youth();
    mw *= 1.0 - 0.28 * youth;
    let size = 1.0 - 0.26 * youth;
    let (l, r) = if turned { (cx - mw * 1.02, cx + mw * 0.74) } else { (cx - mw, cx + mw) };
    let m = cx + if turned { 0.012 } else { 0.0 };
    let th = (1.0 - 0.55 * pr) * size;
    let yc = cy + co;
    let (ul, ll) = (cy - op * 0.38, cy + op * 0.62);
    if op > 0.004 {
        let inner = pts![
            (l, yc, c),
            (m - mw * 0.45, ul + 0.004 + co * 0.3),
            (m, ul + 0.006),
            (m + mw * 0.4, ul + 0.004 + co * 0.3),
            (r, yc, c),
            (m + mw * 0.42, ll + co * 0.35),
            (m, ll + 0.004),
            (m - mw * 0.46, ll + co * 0.35)
        ];
        let hole = Outline::smooth(&inner, &d.t, 1.5);
        d.g.piece(&Piece::ready(&hole, Rgb::hex("#2e0f14")).no_shadow().tex(0.0));
        if op > 0.055 {
            let tongue =
                pts![(m - mw * 0.6, ll + 0.02), (m - mw * 0.3, ll - op * 0.34), (m + mw * 0.3, ll - op * 0.34), (m + mw * 0.6, ll + 0.02)];
            d.put("mouth/tongue", &tongue, Rgb::hex("#8f3a3c"), |q| q.tex(0.0).clip(&hole));
        }
        let teeth = (op * 0.5).min(0.026);
        if mw > 0.08 * size {
            let strip = pts![(l, ul - 0.03), (r, ul - 0.03), (r, ul + teeth * 0.6), (m, ul + 0.006 + teeth), (l, ul + teeth * 0.6)];
            d.put("mouth/teeth", &strip, Rgb::hex("#efe6d8"), |q| q.tex(0.0).clip(&hole));
        }
    }
    let upper = pts![
        (l, yc, c),
        (m - mw * 0.45, ul - 0.020 * th + co * 0.45),
        (m - 0.022 * size, ul - 0.031 * th),
        (m, ul - 0.023 * th),
        (m + 0.020 * size, ul - 0.031 * th),
        (m + mw * 0.40, ul - 0.020 * th + co * 0.45),
        (r, yc, c),
        (m + mw * 0.42, ul + 0.006 + co * 0.3),
        (m, ul + 0.009),
        (m - mw * 0.46, ul + 0.006 + co * 0.3)
    ];
    let lower = pts![
        (l + mw * 0.05, yc + 0.002, c),
        (m - mw * 0.45, ll + 0.004 + co * 0.35),
        (m, ll + 0.006),
        (m + mw * 0.4, ll + 0.004 + co * 0.35),
        (r - mw * 0.05, yc + 0.002, c),
        (m + mw * 0.36, ll + 0.034 * th + co * 0.2),
        (m, ll + 0.043 * th),
        (m - mw * 0.42, ll + 0.034 * th + co * 0.2)
    ];
    let chin = pts![
        (m - mw * 0.45, ll + 0.05 * th),
        (m, ll + 0.056 * size),
        (m + mw * 0.4, ll + 0.05 * th),
        (m + mw * 0.2, ll + 0.078 * size),
        (m - mw * 0.24, ll + 0.078 * size)
    ];
    d.put("mouth/under", &chin, w.skin_shade, |q| q.alpha(0.5 - 0.32 * youth).tex(0.0).k(0.4));
    d.put("mouth/lower", &lower, w.lip[1], |q| q.tex(0.3).k(0.3));
    d.put("mouth/upper", &upper, w.lip[0], |q| q.tex(0.3).k(0.3));
    if op <= 0.02 {
        let seam = pts![
            (l - 0.004, yc),
            (m - mw * 0.45, cy + 0.003 + co * 0.32),
            (m, cy + 0.007),
            (m + mw * 0.4, cy + 0.003 + co * 0.32),
            (r + 0.003, yc)
        ];
        d.line(&seam, Rgb::hex("#3d1518"), 0.0085, 0.9, 0.9);
    }
    if d.fine() && youth < 0.5 {
        let dim = w.skin_shade.scale(0.7);
        for (x, q, key) in [(l, -1.0, "mouth/corner-near"), (r, 1.0, "mouth/corner-far")] {
            let dot = disc(x + q * 0.004, yc + 0.002, 0.006);
            d.put(key, &dot, dim, |q| q.tex(0.0).alpha(0.6).k(0.3));
        }
    }
}
