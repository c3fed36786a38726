//! The cottage with its hearth, bed and low beams; a bakehouse and a mill are built the same.

use contracts::picture::Framing;

use super::{
    Scene, Site,
    hall::View,
    interior::{Woods, chair, lit, outside, pane, plain_table, room_glow, table, window},
    palette::{hex, mix},
    parallax,
    parts::{self, Tones, fire, within},
    pen::{Pen, sheet},
    plate::Plate,
    stood::{Spots, burn, furnish, lamp_on},
    tent,
};
use crate::{
    light::Lit,
    paint::PaintedPlane,
    paper::{Edge, Outline, Rgb, Rule, c, p},
};

/// Paints a cottage or a tent.
pub fn paint(site: &Site) -> Vec<PaintedPlane> {
    if site.rig.scene == Scene::Tent { tent::paint(site) } else { room(site) }
}

/// Where the parts of a cottage stand, in fractions of the width: hearth, window, door, bed, dresser.
fn plan(site: &Site) -> [f32; 5] {
    let s = 0.015 * site.rig.lay.spread;
    match site.rig.lay.kind {
        0 => [0.205 + s, 0.50 + s, 0.80, 0.93, 0.655],
        1 => [0.60 + s, 0.235, 0.405 + s, 0.90, 0.06],
        _ => [0.84 - s, 0.58 + s, 0.125, 0.335 + s, 0.70],
    }
}

fn room(site: &Site) -> Vec<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let near = site.framing == Framing::MediumTwo;
    let woods = Woods::of(site);
    let u = stage.u;
    let v = View::of(site, 0.75);
    let mut seed = site.seed("cottage");
    let plaster = rig.style.tone(hex(["#8a7a64", "#84806e", "#8c7468", "#767a70"][seed.below(4) as usize]));
    let timber = mix(woods.frame, woods.deep, 0.35);
    let rock = Tones {
        dark: rig.style.tone(hex("#3a3430")),
        body: rig.style.tone(hex(["#6c645a", "#5f6062", "#70604e"][seed.below(3) as usize])),
        light: rig.style.tone(hex("#9a8e7c")),
        lip: rig.style.tone(hex("#b4a894")),
    };
    let at = plan(site);
    let (l, r, t, b) = (stage.left() - 8.0, stage.right() + 8.0, stage.top() - 8.0, stage.bottom() + 8.0);
    let (ww, wh) = (v.k(150.0), v.k(132.0));
    let (wx, wy) = (v.x(at[1]) - ww * 0.5, v.y(0.24));
    let mut planes = vec![outside(site, wy + wh * 0.66)];
    let mut plate = Plate::new(stage);
    let mut g = sheet(stage, site.number("walls"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let hole = vec![(wx, wy), (wx + ww, wy), (wx + ww, wy + wh), (wx, wy + wh)];
        let wall = vec![(l, t), (r, t), (r, b), (l, b)];
        pen.frame(&[wall.clone(), hole.clone()], plaster, |q| q.flat().tex(0.9));
        let clip = Outline::new([wall, hole].iter().flat_map(|q| pen.outline(q).polys().to_vec()).collect(), Rule::EvenOdd);
        // Where the whitewash has worn, and the timbers of the wall.
        for _ in 0..9 {
            let (x, y, rx) = (within(&mut seed, l, r), within(&mut seed, t, v.foot), within(&mut seed, 40.0, 130.0));
            let tone = mix(plaster, if seed.below(2) == 0 { rock.light } else { woods.deep }, 0.22);
            pen.ellipse(x, y, rx, rx * 0.5, tone, |q| q.flat().alpha(0.5).edge(Edge::Rag).clip(&clip));
        }
        for x in [at[1] - 0.10, at[1] + 0.10, at[2] + 0.10, at[0] - 0.14] {
            let x = v.x(x);
            pen.poly(&[(x - v.k(13.0), t), (x + v.k(13.0), t), (x + v.k(12.0), v.foot), (x - v.k(12.0), v.foot)], timber, |q| {
                q.sh(3.0, 2.0, 5.0, 0.4).clip(&clip)
            });
        }
        pen.rect(l, v.y(0.150), r, v.y(0.178), timber, |q| q.sh(0.0, 5.0, 7.0, 0.45).clip(&clip));
        // Flagstones or boards.
        if site.says(&["stone", "flags", "flagstones", "mill", "bakehouse"]) || rig.lay.kind == 1 {
            flags(&mut pen, site, v.foot, mix(rock.body, woods.deep, 0.35), rock.dark);
        } else {
            super::interior::floor(&mut pen, site, v.foot, mix(woods.table[0], woods.deep, 0.4), woods.deep);
        }
        pen.rect(l, v.foot - v.k(12.0), r, v.foot + 3.0, timber, |q| q.sh(0.0, 5.0, 6.0, 0.5));
        // Low beams run towards us.
        pen.rect(l, t, r, v.y(0.035), mix(woods.deep, woods.frame, 0.3), |q| q.sh(0.0, 9.0, 12.0, 0.5));
        for i in 0..5 {
            let x = v.x(0.04 + 0.23 * i as f32);
            let lean = (x - stage.w * 0.5) * 0.16;
            pen.poly(
                &[(x - v.k(20.0) + lean, t), (x + v.k(20.0) + lean, t), (x + v.k(15.0), v.y(0.085)), (x - v.k(15.0), v.y(0.085))],
                timber,
                |q| q.sh(4.0, 8.0, 9.0, 0.5).grad((0.0, t), (0.0, v.y(0.085)), woods.deep, mix(timber, woods.table[0], 0.2)),
            );
        }
    }
    plate.paper(&g, &lit(site, rig.room));
    let mut g = sheet(stage, site.number("pane"));
    pane(&mut Pen::new(&mut g, stage, rig.style), site, wx, wy, wx + ww, wy + wh);
    plate.paper(&g, &Lit::plain());
    let mut flames = Vec::new();
    let mut g = sheet(stage, site.number("fittings"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        window(&mut pen, &woods, wx, wy, ww, wh, 0.55 * v.k(1.0), rig.lay.kind != 1);
        door(&mut pen, site, &v, at[2], &woods);
        dresser(&mut pen, site, &v, at[4], &woods);
        hearth(&mut pen, site, &v, at[0], &rock, &woods, &mut flames);
        if site.says(&["mill", "millstone"]) {
            millstone(&mut pen, site, &v, at[3].min(0.86), &woods, &rock);
        } else if !site.says(&["bakehouse", "bakery", "kitchen", "inn"]) {
            bed(&mut pen, site, &v, at[3], &woods);
        }
        herbs(&mut pen, site, &v, (at[0] + at[1]) * 0.5, &woods);
    }
    let mut on = lit(site, rig.room).shadow(5.0, 7.0, 10.0, 0.45).blur(if near { 0.8 * u } else { 0.0 });
    for &(x, y, r) in &flames {
        let (px, py) = stage.xf().pt(x, y);
        on = on.light(px, py, r * 1.7 * u, Rgb(1.0, 0.68, 0.36), 0.55, 1.5);
    }
    plate.paper(&g, &on);
    for &(x, y, r) in &flames {
        parts::glow(site, &mut plate, x, y, r, "#ff9c45", if hour.lamps { 0.95 } else { 0.5 });
    }
    room_glow(site, &mut plate);
    planes.push(plate.done("room", parallax::SET, 500, None));
    if near {
        planes.push(table(site, &woods));
        return planes;
    }
    let mut plate = Plate::new(stage);
    let mut g = sheet(stage, site.number("table"));
    let (tx, ty) = (stage.w * 0.5, v.y(0.625));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let k = v.k(1.0);
        pen.ellipse(tx, v.foot + v.k(60.0), v.k(190.0), 16.0, rig.style.tone(hex("#120e14")), |q| q.flat().tex(0.0).blur(8.0).alpha(0.45));
        chair(&mut pen, &woods, tx + v.m() * v.k(170.0), v.foot + v.k(48.0), 1.0 * k, -v.m());
        plain_table(&mut pen, &woods, tx, ty, v.k(260.0), v.foot + v.k(54.0));
        let boards = [(tx - v.k(64.0), ty - 4.0), (tx + v.k(76.0), ty - 4.0), (tx - v.k(104.0), ty - 4.0), (tx + v.k(22.0), ty - 4.0)];
        let floors = [
            (v.x(0.30), v.foot + v.k(52.0)),
            (v.x(0.72), v.foot + v.k(56.0)),
            (v.x(0.20), v.foot + v.k(70.0)),
            (v.x(0.92), v.foot + v.k(70.0)),
        ];
        let nails = [(v.x(at[1] + 0.13), v.y(0.34)), (v.x(at[1] - 0.135), v.y(0.36)), (v.x(at[2] + 0.125), v.y(0.36))];
        let spots = Spots { wall: &nails, board: &boards, floor: &floors, head: 64.0 * k };
        let more = furnish(&mut pen, site, &spots, false);
        flames = more;
    }
    plate.paper(&g, &lit(site, rig.room).shadow(0.0, 5.0, 9.0, 0.4));
    burn(site, &mut plate, &flames);
    lamp_on(site, &mut plate, ty - 8.0);
    planes.push(plate.done("furniture", parallax::SET + 80, 560, None));
    planes
}

/// Uneven slabs of a stone floor.
pub fn flags(pen: &mut Pen, site: &Site, y: f32, stone: Rgb, seam: Rgb) {
    let stage = &site.stage;
    let (l, r, b) = (stage.left() - 6.0, stage.right() + 6.0, stage.bottom() + 6.0);
    pen.rect(l, y, r, b, seam, |q| q.flat().tex(0.6));
    let mut seed = site.seed("flags");
    let mut yy = y + 2.0;
    let mut tall = 15.0;
    while yy < b {
        let mut x = l - within(&mut seed, 0.0, 90.0);
        while x < r {
            let wide = tall * within(&mut seed, 2.6, 4.6);
            let tone = mix(stone, if seed.below(2) == 0 { Rgb::WHITE } else { seam }, within(&mut seed, 0.0, 0.12));
            pen.poly(
                &[(x + 1.5, yy + 1.5), (x + wide - 1.5, yy + 1.5), (x + wide + 1.0, yy + tall - 1.0), (x, yy + tall - 1.0)],
                tone,
                |q| q.flat().k(0.8).tex(0.7),
            );
            x += wide;
        }
        yy += tall;
        tall *= 1.34;
    }
}

/// The chimney breast with its fire and what hangs over it; a domed oven in a bakehouse.
fn hearth(pen: &mut Pen, site: &Site, v: &View, at: f32, rock: &Tones, woods: &Woods, flames: &mut Vec<(f32, f32, f32)>) {
    let mut seed = site.seed("hearth");
    let (x, foot) = (v.x(at), v.foot + v.k(10.0));
    let (half, high) = (v.k(118.0), v.k(178.0));
    let oven = site.says(&["oven", "bakehouse", "bakery"]);
    let breast =
        [(x - half * 0.94, foot - high), (x - half * 0.62, v.y(-0.02)), (x + half * 0.62, v.y(-0.02)), (x + half * 0.94, foot - high)];
    let body = pen.poly(&breast, rock.step(-0.2), |q| q.sh(6.0, 4.0, 10.0, 0.45));
    let stones = |pen: &mut Pen, seed: &mut contracts::Seed, clip: &Outline, y0: f32, y1: f32, count: usize| {
        for _ in 0..count {
            let (sx, sy) = (x + within(seed, -1.0, 1.0) * half, within(seed, y0, y1));
            let w = v.k(within(seed, 16.0, 30.0));
            pen.ellipse(sx, sy, w, w * 0.56, rock.step(within(seed, -0.8, 0.9)), |q| {
                q.sh(1.0, 2.0, 3.0, 0.35).edge(Edge::Cut).k(0.8).clip(clip)
            });
        }
    };
    stones(pen, &mut seed, &body, v.y(-0.02), foot - high, 26);
    let body = pen.rect(x - half, foot - high, x + half, foot, rock.body, |q| q.sh(6.0, 4.0, 10.0, 0.5));
    stones(pen, &mut seed, &body, foot - high, foot, 44);
    let soot = mix(woods.deep, Rgb(0.02, 0.015, 0.02), 0.6);
    let (open, top) = if oven { (half * 0.46, high * 0.60) } else { (half * 0.72, high * 0.70) };
    let mouth = pen.shape(&super::interior::arch(x - open, x + open, foot - top * 0.62, foot + 2.0, top * 0.34), soot, |q| q.flat());
    pen.line(
        &super::interior::arch(x - open, x + open, foot - top * 0.62, foot + 2.0, top * 0.34)
            .iter()
            .skip(1)
            .take(7)
            .map(|q| (q.x, q.y))
            .collect::<Vec<_>>(),
        rock.step(0.7),
        v.k(12.0),
        1.0,
        true,
    );
    let burns =
        site.rig.hour.lamps || site.rig.hour.rain > 0.0 || site.rig.hour.snow > 0.0 || site.says(&["fire", "stove", "oven", "hearth"]);
    for dx in [-0.34f32, 0.02, 0.36] {
        pen.line(
            &[(x + open * (dx - 0.4), foot - v.k(6.0)), (x + open * (dx + 0.4), foot - v.k(15.0))],
            mix(soot, hex("#7a5232"), 0.6),
            v.k(12.0),
            1.0,
            false,
        );
    }
    if burns {
        pen.ellipse(x, foot - v.k(6.0), open * 0.8, v.k(16.0), hex("#ff8a3a"), |q| {
            q.flat().tex(0.0).blur(v.k(10.0)).alpha(0.7).clip(&mouth)
        });
        fire(pen, &mut seed, x, foot - v.k(10.0), v.k(if oven { 44.0 } else { 62.0 }));
        flames.push((x, foot - v.k(38.0), v.k(330.0)));
    }
    if !oven {
        // The pot on its chain.
        let (py, pr) = (foot - v.k(76.0), v.k(27.0));
        let iron = mix(woods.deep, Rgb(0.03, 0.03, 0.04), 0.5);
        pen.line(&[(x, foot - top), (x, py - pr)], iron, v.k(3.0), 1.0, false);
        pen.curve(
            &[
                (x - pr, py - pr * 0.5),
                (x - pr * 1.06, py + pr * 0.3),
                (x - pr * 0.5, py + pr * 0.9),
                (x + pr * 0.5, py + pr * 0.9),
                (x + pr * 1.06, py + pr * 0.3),
                (x + pr, py - pr * 0.5),
            ],
            iron,
            |q| q.sh(2.0, 3.0, 4.0, 0.4).grad((0.0, py - pr), (0.0, py + pr), mix(iron, rock.light, 0.25), iron),
        );
        pen.ellipse(x, py - pr * 0.5, pr, pr * 0.26, mix(iron, rock.light, 0.18), |q| q.clean().flat());
    }
    // The mantel and what stands on it.
    let my = foot - high;
    pen.rect(x - half * 1.10, my - v.k(12.0), x + half * 1.10, my + v.k(8.0), woods.frame, |q| q.sh(0.0, 7.0, 8.0, 0.5));
    for (dx, kind) in [(-0.72f32, 0), (-0.30, 1), (0.28, 2), (0.70, 0)] {
        let (sx, sy) = (x + half * dx, my - v.k(12.0));
        let t = |s: &str| site.rig.style.tone(hex(s));
        match kind {
            0 => pen.curve(
                &[
                    (sx - v.k(10.0), sy),
                    (sx - v.k(13.0), sy - v.k(18.0)),
                    (sx - v.k(6.0), sy - v.k(34.0)),
                    (sx + v.k(6.0), sy - v.k(34.0)),
                    (sx + v.k(13.0), sy - v.k(18.0)),
                    (sx + v.k(10.0), sy),
                ],
                t("#6a7a80"),
                |q| q.sh(2.0, 2.0, 3.0, 0.4),
            ),
            1 => pen.disc(sx, sy - v.k(17.0), v.k(17.0), t("#b8a888"), |q| q.sh(2.0, 2.0, 3.0, 0.4)),
            _ => pen.rect(sx - v.k(5.0), sy - v.k(26.0), sx + v.k(5.0), sy, t("#e0d4b4"), |q| q.sh(2.0, 2.0, 3.0, 0.4)),
        };
    }
}

/// A plank door, or the doorway's striped blanket.
fn door(pen: &mut Pen, site: &Site, v: &View, at: f32, woods: &Woods) {
    let t = |s: &str| site.rig.style.tone(hex(s));
    let (x, half, top, foot) = (v.x(at), v.k(62.0), v.y(0.27), v.foot - 2.0);
    pen.rect(x - half - v.k(13.0), top - v.k(14.0), x + half + v.k(13.0), foot, mix(woods.frame, woods.deep, 0.2), |q| {
        q.sh(5.0, 5.0, 9.0, 0.45)
    });
    if site.says(&["blanket", "curtain", "striped"]) {
        pen.rect(x - half, top, x + half, foot, mix(woods.deep, Rgb(0.02, 0.02, 0.04), 0.5), |q| q.flat());
        let cloth = t("#e4dcc8");
        let body = pen.shape(
            &[
                c(x - half, top),
                c(x + half, top),
                p(x + half * 0.96, (top + foot) * 0.5),
                c(x + half * 0.98, foot - v.k(6.0)),
                p(x, foot - v.k(2.0)),
                c(x - half * 0.98, foot - v.k(8.0)),
                p(x - half * 0.96, (top + foot) * 0.5),
            ],
            cloth,
            |q| q.sh(3.0, 4.0, 6.0, 0.4).grad((x - half, 0.0), (x + half, 0.0), cloth, mix(cloth, woods.deep, 0.35)),
        );
        for i in 0..6 {
            let y = top + (foot - top) * (i as f32 * 0.17 + 0.05);
            pen.curve(
                &[
                    (x - half, y),
                    (x, y + v.k(3.0)),
                    (x + half, y - v.k(1.0)),
                    (x + half, y + v.k(22.0)),
                    (x, y + v.k(26.0)),
                    (x - half, y + v.k(23.0)),
                ],
                t("#a23f36"),
                |q| q.flat().clip(&body),
            );
        }
        for k in [-0.5f32, 0.0, 0.45] {
            pen.curve(
                &[(x + half * k, top), (x + half * (k + 0.1), top), (x + half * (k + 0.14), foot), (x + half * k, foot)],
                woods.deep,
                |q| q.flat().alpha(0.25).clip(&body),
            );
        }
        return;
    }
    let leaf = t(["#6a4a34", "#4c5a48", "#5a3f3a", "#42505e"][site.seed("door").below(4) as usize]);
    pen.rect(x - half, top, x + half, foot, leaf, |q| {
        q.flat().grad((x - half, 0.0), (x + half, 0.0), mix(leaf, hex("#d0b088"), 0.14), mix(leaf, woods.deep, 0.5))
    });
    for i in 1..5 {
        let px = x - half + half * 2.0 * i as f32 / 5.0;
        pen.line(&[(px, top), (px, foot)], woods.deep, 2.4, 0.7, false);
    }
    let iron = mix(woods.deep, Rgb(0.03, 0.03, 0.05), 0.5);
    for y in [0.18f32, 0.78] {
        let y = top + (foot - top) * y;
        pen.poly(
            &[
                (x - half * v.m(), y - v.k(5.0)),
                (x + half * 0.5 * v.m(), y - v.k(3.0)),
                (x + half * 0.62 * v.m(), y),
                (x + half * 0.5 * v.m(), y + v.k(3.0)),
                (x - half * v.m(), y + v.k(5.0)),
            ],
            iron,
            |q| q.sh(0.0, 2.0, 3.0, 0.4),
        );
    }
    pen.disc(x + half * 0.74 * v.m(), (top + foot) * 0.5, v.k(5.0), iron, |q| q.clean());
}

/// A dresser of plates and jugs.
fn dresser(pen: &mut Pen, site: &Site, v: &View, at: f32, woods: &Woods) {
    let mut seed = site.seed("dresser");
    let t = |s: &str| site.rig.style.tone(hex(s));
    let x = v.x(at);
    let half = v.k(74.0);
    for (row, y) in [0.30f32, 0.42].iter().enumerate() {
        let y = v.y(*y);
        let mut px = x - half + v.k(18.0);
        while px < x + half - v.k(8.0) {
            let kind = seed.below(3);
            let color = t(["#c8bca0", "#7a8a90", "#a8604a", "#8a8f78", "#d8cdb0"][seed.below(5) as usize]);
            if kind == 0 && row == 0 {
                let r = v.k(17.0);
                pen.disc(px, y - r, r, color, |q| q.sh(2.0, 3.0, 4.0, 0.4));
                pen.disc(px, y - r, r * 0.62, mix(color, woods.deep, 0.15), |q| q.flat());
                px += r * 2.2;
            } else {
                let (w, h) = (v.k(within(&mut seed, 9.0, 13.0)), v.k(within(&mut seed, 22.0, 36.0)));
                pen.curve(
                    &[
                        (px - w, y),
                        (px - w * 1.15, y - h * 0.5),
                        (px - w * 0.7, y - h),
                        (px + w * 0.7, y - h),
                        (px + w * 1.15, y - h * 0.5),
                        (px + w, y),
                    ],
                    color,
                    |q| q.sh(2.0, 2.0, 3.0, 0.4).grad((px - w, 0.0), (px + w, 0.0), color, mix(color, woods.deep, 0.4)),
                );
                px += w * 2.8;
            }
        }
        pen.rect(x - half, y, x + half, y + v.k(10.0), woods.board, |q| q.sh(0.0, 7.0, 7.0, 0.5));
    }
    let top = v.y(0.52);
    pen.rect(x - half * 1.06, top, x + half * 1.06, v.foot + v.k(8.0), mix(woods.frame, woods.deep, 0.3), |q| q.sh(5.0, 4.0, 9.0, 0.5));
    pen.rect(x - half * 1.12, top - v.k(8.0), x + half * 1.12, top + v.k(6.0), woods.table[0], |q| q.sh(0.0, 5.0, 6.0, 0.5));
    for s in [-0.5f32, 0.5] {
        let cx = x + half * s;
        pen.rect(cx - half * 0.42, top + v.k(20.0), cx + half * 0.42, v.foot - v.k(8.0), mix(woods.frame, woods.table[0], 0.3), |q| {
            q.sh(2.0, 3.0, 4.0, 0.4)
        });
        pen.disc(cx, top + v.k(46.0), v.k(4.0), t("#b9873a"), |q| q.clean());
    }
}

/// A bed along the wall with a quilt of patches.
fn bed(pen: &mut Pen, site: &Site, v: &View, at: f32, woods: &Woods) {
    let mut seed = site.seed("bed");
    let t = |s: &str| site.rig.style.tone(hex(s));
    let m = if at > 0.5 { -v.m() } else { v.m() };
    let (x, foot) = (v.x(at), v.foot + v.k(34.0));
    let mut pen = pen.at(x, foot, v.k(1.0), m);
    let wood = mix(woods.frame, woods.table[0], 0.3);
    pen.rect(-128.0, -120.0, -112.0, 0.0, wood, |q| q.sh(4.0, 3.0, 6.0, 0.45));
    pen.curve(&[(-124.0, -112.0), (-100.0, -128.0), (-96.0, -60.0), (-124.0, -50.0)], mix(wood, woods.deep, 0.2), |q| {
        q.sh(3.0, 3.0, 5.0, 0.4)
    });
    pen.rect(106.0, -74.0, 122.0, 0.0, wood, |q| q.sh(4.0, 3.0, 6.0, 0.45));
    pen.rect(-116.0, -46.0, 110.0, -14.0, woods.deep, |q| q.flat());
    let linen = t("#d8cdb4");
    pen.curve(&[(-108.0, -66.0), (-96.0, -86.0), (-58.0, -84.0), (-46.0, -66.0), (-60.0, -52.0), (-104.0, -52.0)], linen, |q| {
        q.sh(3.0, 3.0, 5.0, 0.4).edge(Edge::Soft)
    });
    let quilt = woods.curtain[0];
    let body = pen.curve(
        &[(-64.0, -66.0), (-20.0, -74.0), (60.0, -70.0), (112.0, -62.0), (116.0, -26.0), (112.0, -10.0), (-60.0, -12.0), (-70.0, -40.0)],
        quilt,
        |q| q.sh(3.0, 4.0, 7.0, 0.45).grad((0.0, -74.0), (0.0, -10.0), mix(quilt, Rgb::WHITE, 0.12), mix(quilt, woods.deep, 0.4)),
    );
    for i in 0..6 {
        for j in 0..2 {
            let tone = mix([t("#c8a868"), t("#7a8a78"), t("#a85a4a"), t("#5a6a80")][seed.below(4) as usize], quilt, 0.3);
            let (px, py) = (-58.0 + 28.0 * i as f32, -64.0 + 26.0 * j as f32);
            pen.rect(px, py, px + 24.0, py + 22.0, tone, |q| q.flat().alpha(0.75).clip(&body));
        }
    }
}

/// The stones and the great wheel of a mill.
fn millstone(pen: &mut Pen, site: &Site, v: &View, at: f32, woods: &Woods, rock: &Tones) {
    let (x, foot) = (v.x(at), v.foot + v.k(30.0));
    let k = v.k(1.0);
    let wood = mix(woods.frame, woods.table[0], 0.25);
    // The great cogged wheel on its shaft.
    pen.rect(x - 12.0 * k, v.y(0.0), x + 12.0 * k, foot - 90.0 * k, wood, |q| q.sh(5.0, 3.0, 7.0, 0.45));
    let cy = v.y(0.34);
    pen.ellipse(x, cy, 132.0 * k, 30.0 * k, mix(wood, woods.deep, 0.3), |q| q.sh(0.0, 8.0, 10.0, 0.5));
    pen.ellipse(x, cy - 5.0 * k, 112.0 * k, 22.0 * k, mix(wood, woods.deep, 0.6), |q| q.flat());
    for i in 0..14 {
        let a = core::f32::consts::TAU * i as f32 / 14.0 + site.seed("cogs").unit() as f32;
        let (dx, dy) = (132.0 * k * libm::cosf(a), 30.0 * k * libm::sinf(a));
        if dy > -10.0 * k {
            pen.rect(x + dx - 6.0 * k, cy + dy, x + dx + 6.0 * k, cy + dy + 22.0 * k, wood, |q| q.sh(2.0, 3.0, 4.0, 0.4));
        }
    }
    // Two stones, the flour bin below.
    for (y, half) in [(-74.0f32, 92.0f32), (-48.0, 96.0)] {
        pen.curve(
            &[
                (x - half * k, foot + y * k),
                (x - half * k, foot + (y + 20.0) * k),
                (x, foot + (y + 30.0) * k),
                (x + half * k, foot + (y + 20.0) * k),
                (x + half * k, foot + y * k),
                (x, foot + (y - 10.0) * k),
            ],
            rock.body,
            |q| q.sh(4.0, 5.0, 8.0, 0.45).grad((x - half * k, 0.0), (x + half * k, 0.0), rock.light, rock.dark),
        );
    }
    pen.ellipse(x, foot - 80.0 * k, 30.0 * k, 8.0 * k, rock.dark, |q| q.flat());
    pen.rect(x - 108.0 * k, foot - 26.0 * k, x + 108.0 * k, foot, wood, |q| q.sh(4.0, 4.0, 7.0, 0.5));
}

/// Bundles drying under the beams.
fn herbs(pen: &mut Pen, site: &Site, v: &View, at: f32, woods: &Woods) {
    let mut seed = site.seed("herbs");
    for i in 0..4 {
        let x = v.x(at + 0.036 * (i as f32 - 1.5));
        let top = v.y(0.085);
        let long = v.k(within(&mut seed, 38.0, 64.0));
        let green = mix(site.rig.style.tone(hex(["#6a7a4a", "#7a6a3a", "#5a6e58"][seed.below(3) as usize])), woods.deep, 0.25);
        pen.line(&[(x, top), (x, top + long * 0.3)], woods.deep, 1.6, 1.0, false);
        pen.curve(
            &[
                (x - v.k(3.0), top + long * 0.28),
                (x + v.k(3.0), top + long * 0.28),
                (x + v.k(13.0), top + long * 0.8),
                (x, top + long),
                (x - v.k(13.0), top + long * 0.82),
            ],
            green,
            |q| q.edge(Edge::Rag).k(0.7).sh(3.0, 4.0, 5.0, 0.4),
        );
    }
}
