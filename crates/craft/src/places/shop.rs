//! A workshop: a bench under a wide window, tools on the wall, shelves of what is made and mended.

use contracts::picture::Framing;

use super::{
    Site,
    hall::View,
    interior::{Woods, floor, lit, outside, pane, room_glow, table},
    palette::{hex, mix},
    parallax,
    parts::within,
    pen::{Pen, sheet},
    plate::Plate,
    stood::{Spots, burn, furnish, lamp_on},
};
use crate::{
    light::Lit,
    paint::PaintedPlane,
    paper::{Outline, Rgb, Rule},
};

/// Paints a workshop.
pub fn paint(site: &Site) -> Vec<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.stage);
    let near = site.framing == Framing::MediumTwo;
    let woods = Woods::of(site);
    let u = stage.u;
    let v = View::of(site, 0.755);
    let mut seed = site.seed("shop");
    let spread = 0.02 * rig.lay.spread;
    // Window, tools, shelves, door.
    let at = match rig.lay.kind {
        0 => [0.50 + spread, 0.22, 0.76, 0.93],
        1 => [0.24, 0.55 + spread, 0.82, 0.06],
        _ => [0.74, 0.44 + spread, 0.16, 0.95],
    };
    let board = mix(woods.wall, rig.style.tone(hex(["#7a5f44", "#6a6258", "#74664c"][seed.below(3) as usize])), 0.5);
    let (l, r, t, b) = (stage.left() - 8.0, stage.right() + 8.0, stage.top() - 8.0, stage.bottom() + 8.0);
    let (ww, wh) = (v.k(300.0), v.k(172.0));
    let (wx, wy) = (v.x(at[0]) - ww * 0.5, v.y(0.16));
    let mut planes = vec![outside(site, wy + wh * 0.72)];
    let mut plate = Plate::new(stage);
    let mut g = sheet(stage, site.number("walls"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let hole = vec![(wx, wy), (wx + ww, wy), (wx + ww, wy + wh), (wx, wy + wh)];
        let wall = vec![(l, t), (r, t), (r, b), (l, b)];
        pen.frame(&[wall.clone(), hole.clone()], board, |q| q.flat().tex(0.9));
        let clip = Outline::new([wall, hole].iter().flat_map(|q| pen.outline(q).polys().to_vec()).collect(), Rule::EvenOdd);
        let mut y = t;
        while y < v.foot {
            let high = v.k(within(&mut seed, 34.0, 46.0));
            pen.rect(
                l,
                y,
                r,
                y + high - 3.0,
                mix(board, if seed.below(2) == 0 { woods.deep } else { woods.table[0] }, within(&mut seed, 0.0, 0.24)),
                |q| q.sh(0.0, 2.0, 3.0, 0.35).clip(&clip),
            );
            y += high;
        }
        floor(&mut pen, site, v.foot, mix(woods.table[0], woods.deep, 0.4), woods.deep);
        pen.rect(l, t, r, v.y(0.03), mix(woods.deep, woods.frame, 0.3), |q| q.sh(0.0, 9.0, 12.0, 0.5));
        // Rafters, and a hoist or a hanging frame between them.
        for i in 0..3 {
            let x = v.x(0.12 + 0.38 * i as f32 + spread);
            pen.poly(
                &[(x - v.k(150.0), t), (x - v.k(118.0), t), (x + v.k(16.0), v.y(0.11)), (x - v.k(16.0), v.y(0.11))],
                woods.frame,
                |q| q.sh(4.0, 8.0, 9.0, 0.45),
            );
            pen.poly(
                &[(x + v.k(150.0), t), (x + v.k(118.0), t), (x - v.k(16.0), v.y(0.11)), (x + v.k(16.0), v.y(0.11))],
                woods.frame,
                |q| q.sh(4.0, 8.0, 9.0, 0.45),
            );
        }
    }
    plate.paper(&g, &lit(site, rig.room));
    let mut g = sheet(stage, site.number("pane"));
    pane(&mut Pen::new(&mut g, stage, rig.style), site, wx, wy, wx + ww, wy + wh);
    plate.paper(&g, &Lit::plain());
    let mut g = sheet(stage, site.number("fittings"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        // The window's bars: many small panes.
        let frame = woods.frame;
        let outer =
            vec![(wx - 16.0, wy - 16.0), (wx + ww + 16.0, wy - 16.0), (wx + ww + 16.0, wy + wh + 16.0), (wx - 16.0, wy + wh + 16.0)];
        pen.frame(&[outer, vec![(wx, wy), (wx + ww, wy), (wx + ww, wy + wh), (wx, wy + wh)]], frame, |q| q.sh(4.0, 6.0, 9.0, 0.5));
        for i in 1..5 {
            let x = wx + ww * i as f32 / 5.0;
            pen.rect(x - v.k(3.5), wy, x + v.k(3.5), wy + wh, frame, |q| q.sh(2.0, 3.0, 4.0, 0.4));
        }
        for i in 1..3 {
            let y = wy + wh * i as f32 / 3.0;
            pen.rect(wx, y - v.k(3.0), wx + ww, y + v.k(3.0), frame, |q| q.sh(2.0, 3.0, 4.0, 0.4));
        }
        tools(&mut pen, site, &v, at[1], &woods);
        shelf(&mut pen, site, &v, at[2], &woods);
        let (dx, top) = (v.x(at[3]), v.y(0.24));
        pen.rect(dx - v.k(74.0), top - v.k(14.0), dx + v.k(74.0), v.foot, woods.frame, |q| q.sh(5.0, 5.0, 9.0, 0.45));
        pen.rect(dx - v.k(60.0), top, dx + v.k(60.0), v.foot, mix(woods.frame, woods.deep, 0.5), |q| q.flat());
        pen.poly(
            &[
                (dx - v.k(60.0), v.foot - v.k(30.0)),
                (dx - v.k(60.0), v.foot - v.k(60.0)),
                (dx + v.k(60.0), top + v.k(60.0)),
                (dx + v.k(60.0), top + v.k(90.0)),
            ],
            woods.frame,
            |q| q.sh(2.0, 3.0, 4.0, 0.4),
        );
    }
    plate.paper(&g, &lit(site, rig.room).shadow(5.0, 7.0, 10.0, 0.45).blur(if near { 0.8 * u } else { 0.0 }));
    room_glow(site, &mut plate);
    planes.push(plate.done("shop", parallax::SET, 500, None));
    if near {
        planes.push(table(site, &woods));
        return planes;
    }
    let mut plate = Plate::new(stage);
    let mut g = sheet(stage, site.number("bench"));
    let flames;
    let (bx, top) = (stage.w * 0.5, v.y(0.60));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let foot = v.foot + v.k(48.0);
        let half = v.k(230.0);
        pen.ellipse(bx, foot, half, 15.0, rig.style.tone(hex("#120e14")), |q| q.flat().tex(0.0).blur(8.0).alpha(0.45));
        for s in [-1.0f32, 1.0] {
            pen.rect(bx + s * half * 0.86 - v.k(15.0), top, bx + s * half * 0.86 + v.k(15.0), foot, woods.table[1], |q| {
                q.sh(4.0, 3.0, 6.0, 0.45)
            });
        }
        pen.rect(bx - half * 0.86, foot - v.k(40.0), bx + half * 0.86, foot - v.k(24.0), woods.table[1], |q| q.sh(0.0, 4.0, 6.0, 0.45));
        pen.rect(bx - half, top - v.k(8.0), bx + half, top + v.k(24.0), woods.table[0], |q| {
            q.sh(0.0, 7.0, 9.0, 0.5).grad((bx - half, 0.0), (bx + half, 0.0), mix(woods.table[0], hex("#d8b080"), 0.2), woods.table[1])
        });
        // A vice at one end, shavings and a block of wood.
        let vx = bx + v.m() * half * 0.80;
        let iron = mix(woods.deep, Rgb(0.2, 0.22, 0.26), 0.6);
        pen.rect(vx - v.k(20.0), top - v.k(42.0), vx - v.k(4.0), top, iron, |q| q.sh(2.0, 3.0, 4.0, 0.4));
        pen.rect(vx + v.k(4.0), top - v.k(42.0), vx + v.k(20.0), top, iron, |q| q.sh(2.0, 3.0, 4.0, 0.4));
        pen.rect(vx - v.k(30.0), top - v.k(24.0), vx + v.k(36.0), top - v.k(16.0), mix(iron, Rgb::WHITE, 0.15), |q| {
            q.sh(0.0, 2.0, 3.0, 0.4)
        });
        let boards = [
            (bx - half * 0.5, top - v.k(6.0)),
            (bx + half * 0.36, top - v.k(6.0)),
            (bx - half * 0.78, top - v.k(6.0)),
            (bx + half * 0.06, top - v.k(6.0)),
        ];
        let floors = [
            (v.x(0.22), v.foot + v.k(50.0)),
            (v.x(0.80), v.foot + v.k(50.0)),
            (v.x(0.13), v.foot + v.k(70.0)),
            (v.x(0.90), v.foot + v.k(72.0)),
        ];
        let nails = [(v.x(at[1] + 0.15), v.y(0.34)), (v.x(at[2] - 0.12), v.y(0.30))];
        flames = furnish(&mut pen, site, &Spots { wall: &nails, board: &boards, floor: &floors, head: 66.0 * v.k(1.0) }, false);
    }
    plate.paper(&g, &lit(site, rig.room).shadow(0.0, 5.0, 9.0, 0.4));
    burn(site, &mut plate, &flames);
    lamp_on(site, &mut plate, top - v.k(8.0));
    planes.push(plate.done("bench", parallax::SET + 80, 560, None));
    planes
}

/// A board with tools hung on it: saw, hammer, square, chisels, pliers.
fn tools(pen: &mut Pen, site: &Site, v: &View, at: f32, woods: &Woods) {
    let t = |s: &str| site.rig.style.tone(hex(s));
    let (x, y) = (v.x(at), v.y(0.36));
    let (steel, wood) = (t("#8d979c"), t("#9a6e42"));
    let dark = mix(steel, woods.deep, 0.6);
    pen.rect(x - v.k(132.0), y - v.k(96.0), x + v.k(132.0), y + v.k(86.0), mix(woods.frame, woods.deep, 0.45), |q| {
        q.sh(4.0, 5.0, 8.0, 0.45)
    });
    let mut pen = pen.at(x, y, v.k(1.0), v.m());
    pen.poly(&[(-112.0, -66.0), (-30.0, -78.0), (-30.0, -64.0), (-104.0, -30.0)], steel, |q| q.sh(3.0, 4.0, 4.0, 0.45).clean());
    pen.curve(&[(-34.0, -84.0), (-8.0, -86.0), (-4.0, -62.0), (-30.0, -56.0)], wood, |q| q.sh(3.0, 4.0, 4.0, 0.45));
    pen.rect(26.0, -80.0, 34.0, -6.0, wood, |q| q.sh(3.0, 3.0, 4.0, 0.45));
    pen.poly(&[(8.0, -86.0), (44.0, -88.0), (52.0, -78.0), (44.0, -68.0), (8.0, -70.0)], dark, |q| q.sh(3.0, 4.0, 4.0, 0.45).clean());
    pen.poly(&[(70.0, -84.0), (78.0, -84.0), (78.0, -30.0), (120.0, -30.0), (120.0, -22.0), (70.0, -22.0)], steel, |q| {
        q.sh(3.0, 4.0, 4.0, 0.45).clean()
    });
    for i in 0..6 {
        let cx = -108.0 + 22.0 * i as f32;
        let long = 44.0 - 4.0 * (i % 3) as f32;
        pen.rect(cx - 5.0, 0.0, cx + 5.0, 28.0, wood, |q| q.sh(2.0, 3.0, 3.0, 0.4).k(0.5));
        pen.poly(&[(cx - 3.0, 28.0), (cx + 3.0, 28.0), (cx + 4.0, 28.0 + long * 0.8), (cx - 3.0, 28.0 + long)], steel, |q| {
            q.sh(2.0, 3.0, 3.0, 0.4).clean()
        });
    }
    pen.rect(-118.0, 12.0, 20.0, 18.0, woods.board, |q| q.sh(0.0, 3.0, 4.0, 0.45));
    for s in [-1.0f32, 1.0] {
        pen.line(&[(70.0 + s * 5.0, 4.0), (70.0 - s * 3.0, 26.0), (70.0 + s * 12.0, 70.0)], dark, 7.0, 1.0, true);
    }
    let ring: Vec<(f32, f32)> = (0..=16)
        .map(|i| core::f32::consts::TAU * i as f32 / 16.0)
        .map(|a| (108.0 + 16.0 * libm::cosf(a), 34.0 + 26.0 * libm::sinf(a)))
        .collect();
    pen.line(&ring, t("#8a6f4a"), 8.0, 1.0, true);
}

/// Shelves of boxes, jars and unfinished work.
fn shelf(pen: &mut Pen, site: &Site, v: &View, at: f32, woods: &Woods) {
    let mut seed = site.seed("shelf");
    let t = |s: &str| site.rig.style.tone(hex(s));
    let (x, half) = (v.x(at), v.k(104.0));
    pen.rect(x - half, v.y(0.14), x + half, v.foot - v.k(4.0), woods.deep, |q| q.sh(6.0, 5.0, 10.0, 0.5));
    for row in 0..4 {
        let y = v.y(0.27 + 0.145 * row as f32);
        let mut px = x - half + v.k(8.0);
        while px < x + half - v.k(24.0) {
            let (w, h) = (v.k(within(&mut seed, 18.0, 44.0)), v.k(within(&mut seed, 26.0, 64.0)));
            let color =
                mix(t(["#8a6f4a", "#6f7f78", "#a8604a", "#5a6878", "#a8966a", "#7a4a3a"][seed.below(6) as usize]), woods.deep, 0.12);
            if px + w > x + half - v.k(4.0) {
                break;
            }
            match seed.below(3) {
                0 => {
                    pen.curve(
                        &[
                            (px, y),
                            (px - 1.0, y - h * 0.7),
                            (px + w * 0.25, y - h),
                            (px + w * 0.75, y - h),
                            (px + w + 1.0, y - h * 0.7),
                            (px + w, y),
                        ],
                        color,
                        |q| {
                            q.sh(2.0, 2.0, 4.0, 0.4).grad(
                                (px, 0.0),
                                (px + w, 0.0),
                                mix(color, Rgb::WHITE, 0.15),
                                mix(color, woods.deep, 0.4),
                            )
                        },
                    );
                }
                1 => {
                    pen.rect(px, y - h * 0.6, px + w, y, color, |q| q.sh(2.0, 2.0, 4.0, 0.4));
                    pen.rect(px + w * 0.25, y - h * 0.4, px + w * 0.75, y - h * 0.2, t("#d8cdb0"), |q| q.flat().alpha(0.7));
                }
                _ => {
                    let r = w * 0.5;
                    pen.disc(px + r, y - r, r, color, |q| q.sh(2.0, 2.0, 4.0, 0.4));
                    pen.disc(px + r, y - r, r * 0.45, woods.deep, |q| q.flat());
                }
            }
            px += w + v.k(6.0);
        }
        pen.rect(x - half, y, x + half, y + v.k(11.0), woods.board, |q| q.sh(0.0, 6.0, 7.0, 0.5));
    }
}
