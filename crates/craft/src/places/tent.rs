//! The inside of a tent: cloth in stripes from the pole's head, an opening, carpets and cushions.

use contracts::picture::Framing;

use super::{
    Site,
    hall::View,
    interior::{lit, room_glow},
    palette::{hex, mix},
    parallax, parts,
    pen::{Pen, sheet},
    plate::Plate,
    rig::{self, is_great},
    sky,
    stood::{Spots, burn, furnish, lamp_prop, lamp_with_glow},
};
use crate::{
    light::{self, Lit},
    paint::PaintedPlane,
    paper::{Edge, Outline, Pt, Rgb, Rule, c, p},
};

/// The inside of a tent: cloth in stripes from the pole's head, an opening, carpets and cushions.
pub fn paint(site: &Site) -> Vec<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let near = site.framing == Framing::MediumTwo;
    let (w, h, u) = (stage.w, stage.h, stage.u);
    let v = View::of(site, 0.76);
    let t = |s: &str| rig.style.tone(hex(s));
    let mut seed = site.seed("tent");
    let sets = [
        ["#b08a5c", "#8a4a3c", "#d8c090"],
        ["#a89a80", "#4a5f6e", "#d8d0b8"],
        ["#b8945c", "#6a5a3a", "#e0cc98"],
        ["#a87a60", "#5a3f56", "#d8b898"],
    ];
    let set = sets[seed.below(4) as usize].map(t);
    let deep = t("#2a1c1c");
    let mut planes = Vec::new();
    // What the opening shows: sky over the land.
    let mut far = Plate::new(stage);
    let open = [0.50, 0.24, 0.76][rig.lay.kind] + 0.02 * rig.lay.spread;
    sky::sky(site, v.y(0.52), &mut far);
    let mut g = sky::band(site, v.y(0.45), stage.bottom(), "outside");
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let line = parts::slope(site, &[(0.0, v.y(0.53) / h), (0.3, v.y(0.50) / h), (0.6, v.y(0.54) / h), (1.0, v.y(0.51) / h)]);
        let sand = super::desert::sand(rig, site.place.time_of_day);
        parts::hill(&mut pen, site, &line, sand[1], sand[0]);
        let line: Vec<(f32, f32)> = line.iter().map(|q| (q.0, q.1 + v.k(46.0))).collect();
        parts::hill(&mut pen, site, &line, sand[2], sand[1]);
    }
    far.paper(&g, &Lit::plain().haze(hour.haze, (0.15 * hour.haze_k).min(0.5)));
    planes.push(far.done("outside", parallax::FAR, 0, None));
    let mut plate = Plate::new(stage);
    let mut g = sheet(stage, site.number("cloth"));
    let (ax, ay) = (v.x(0.5 + 0.05 * rig.lay.spread), v.y(-0.10));
    let (ox, half, top) = (v.x(open), v.k(if rig.lay.kind == 0 { 120.0 } else { 88.0 }), v.y(0.30));
    let (l, r, tt, b) = (stage.left() - 8.0, stage.right() + 8.0, stage.top() - 8.0, stage.bottom() + 8.0);
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let mouth: Vec<(f32, f32)> = vec![
            (ox - half, v.foot + 3.0),
            (ox - half * 0.72, v.y(0.5)),
            (ox - half * 0.2, top),
            (ox + half * 0.2, top),
            (ox + half * 0.72, v.y(0.5)),
            (ox + half, v.foot + 3.0),
        ];
        let wall = vec![(l, tt), (r, tt), (r, b), (l, b)];
        pen.frame(&[wall.clone(), mouth.clone()], set[0], |q| q.flat().tex(0.9));
        let clip = Outline::new([wall, mouth.clone()].iter().flat_map(|q| pen.outline(q).polys().to_vec()).collect(), Rule::EvenOdd);
        // Cloth hangs from the pole's head in gores, each a little lit and shaded.
        let n = 13;
        for i in 0..n {
            let (a, z) = (l + (r - l) * i as f32 / n as f32, l + (r - l) * (i as f32 + 1.0) / n as f32);
            let color = match i % 3 {
                0 => set[1],
                1 => set[0],
                _ => mix(set[0], set[2], 0.5),
            };
            let eave = v.y(0.34);
            let (ea, ez) = (ax + (a - ax) * 0.86, ax + (z - ax) * 0.86);
            pen.poly(&[(ax - 4.0, ay), (ax + 4.0, ay), (ez, eave), (ea, eave)], mix(color, deep, 0.16), |q| {
                q.sh(3.0, 4.0, 8.0, 0.3).clip(&clip).grad((0.0, ay), (0.0, eave), mix(color, deep, 0.4), mix(color, set[2], 0.12))
            });
            pen.shape(
                &[
                    c(ea, eave),
                    p((ea + ez) * 0.5, eave + v.k(8.0)),
                    c(ez, eave),
                    c(z, v.foot + 4.0),
                    p((a + z) * 0.5, v.foot + v.k(8.0)),
                    c(a, v.foot + 4.0),
                ],
                color,
                |q| q.sh(4.0, 2.0, 8.0, 0.3).clip(&clip).grad((a, 0.0), (z, 0.0), mix(color, set[2], 0.18), mix(color, deep, 0.34)),
            );
        }
        // A scalloped valance where roof and wall meet.
        let mut points: Vec<Pt> = vec![c(l, v.y(0.315))];
        let mut x = r;
        points.push(c(r, v.y(0.315)));
        while x > l {
            let wide = v.k(46.0);
            points.push(c(x, v.y(0.345)));
            points.push(p(x - wide * 0.5, v.y(0.345) + v.k(20.0)));
            x -= wide;
        }
        points.push(c(l, v.y(0.345)));
        pen.shape(&points, set[1], |q| q.sh(0.0, 6.0, 8.0, 0.45).clip(&clip).k(0.6));
        // The flaps, tied back.
        for s in [-1.0f32, 1.0] {
            pen.curve(
                &[
                    (ox + s * half * 0.18, top - v.k(4.0)),
                    (ox + s * half * 0.50, v.y(0.44)),
                    (ox + s * half * 0.82, v.y(0.58)),
                    (ox + s * half * 0.92, v.foot + 6.0),
                    (ox + s * half * 1.50, v.foot + 8.0),
                    (ox + s * half * 1.12, v.y(0.56)),
                    (ox + s * half * 0.9, v.y(0.42)),
                ],
                mix(set[2], set[0], 0.35),
                |q| {
                    q.sh(s * -4.0, 5.0, 9.0, 0.5).grad(
                        (ox, 0.0),
                        (ox + s * half * 1.4, 0.0),
                        mix(set[2], hour.sky[2], 0.25),
                        mix(set[0], deep, 0.35),
                    )
                },
            );
            let (kx, ky) = (ox + s * half * 1.02, v.y(0.575));
            pen.line(&[(kx - v.k(24.0), ky), (kx + v.k(26.0), ky + v.k(4.0))], set[1], v.k(8.0), 1.0, false);
        }
        carpet(&mut pen, site, &v, set, deep);
    }
    plate.paper(&g, &lit(site, rig.room));
    let mut g = sheet(stage, site.number("goods"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let pole = mix(t("#7a5a3c"), deep, 0.25);
        let px = v.x(if rig.lay.kind == 0 { 0.27 } else { 0.5 });
        pen.poly(
            &[(px - v.k(8.0), tt), (px + v.k(8.0), tt), (px + v.k(10.0), v.foot + v.k(24.0)), (px - v.k(10.0), v.foot + v.k(24.0))],
            pole,
            |q| q.sh(7.0, 3.0, 9.0, 0.45).grad((px - v.k(8.0), 0.0), (px + v.k(8.0), 0.0), mix(pole, set[2], 0.3), pole),
        );
        for (i, x) in [0.10f32, 0.205, 0.90, 0.79].into_iter().enumerate() {
            let x = v.x(x);
            let y = v.foot + v.k(36.0 + 8.0 * (i % 2) as f32);
            let color = mix([set[1], t("#b9873a"), t("#6a3f4a"), set[2]][i], deep, 0.08);
            let (rx, ry) = (v.k(72.0), v.k(34.0));
            pen.curve(
                &[
                    (x - rx, y),
                    (x - rx * 0.92, y - ry * 0.7),
                    (x - rx * 0.3, y - ry),
                    (x + rx * 0.4, y - ry * 0.96),
                    (x + rx * 0.94, y - ry * 0.6),
                    (x + rx, y),
                    (x, y + ry * 0.25),
                ],
                color,
                |q| {
                    q.sh(4.0, 5.0, 8.0, 0.45).edge(Edge::Soft).grad(
                        (0.0, y - ry),
                        (0.0, y + ry * 0.2),
                        mix(color, set[2], 0.25),
                        mix(color, deep, 0.4),
                    )
                },
            );
            pen.line(
                &[(x - rx * 0.8, y - ry * 0.4), (x, y - ry * 0.30), (x + rx * 0.8, y - ry * 0.42)],
                mix(set[2], color, 0.4),
                2.0,
                0.7,
                true,
            );
        }
        // A chest.
        let (cx, cy) = (v.x(if rig.lay.kind == 2 { 0.36 } else { 0.66 }), v.foot + v.k(20.0));
        pen.rect(cx - v.k(54.0), cy - v.k(52.0), cx + v.k(54.0), cy, mix(pole, deep, 0.2), |q| q.sh(5.0, 4.0, 8.0, 0.5));
        pen.curve(
            &[
                (cx - v.k(58.0), cy - v.k(50.0)),
                (cx - v.k(50.0), cy - v.k(76.0)),
                (cx + v.k(50.0), cy - v.k(76.0)),
                (cx + v.k(58.0), cy - v.k(50.0)),
            ],
            pole,
            |q| q.sh(0.0, 4.0, 6.0, 0.45),
        );
        for dx in [-34.0f32, 34.0] {
            pen.rect(cx + v.k(dx - 4.0), cy - v.k(74.0), cx + v.k(dx + 4.0), cy, t("#b9873a"), |q| q.flat());
        }
    }
    plate.paper(&g, &lit(site, rig.room).shadow(4.0 * u, 5.0 * u, 9.0 * u, 0.45).blur(if near { 0.8 * u } else { 0.0 }));
    if !rig.flame {
        let (px, py) = stage.xf().pt(ox, v.y(0.52));
        plate.screen(&light::rad(
            px,
            py,
            460.0 * u,
            1.8,
            hour.disc_colours[3],
            if hour.lamps { 0.14 } else { 0.26 },
            stage.rect(),
            site.number("opening"),
        ));
    }
    room_glow(site, &mut plate);
    planes.push(plate.done("tent", parallax::SET, 500, None));
    if near {
        return planes;
    }
    let mut plate = Plate::new(stage);
    let mut g = sheet(stage, site.number("things"));
    let flames;
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        // A low brass table.
        let brass = t("#a8803c");
        let (x, y) = (w * 0.5, v.foot + v.k(30.0));
        for s in [-1.0f32, 1.0] {
            pen.line(&[(x + s * v.k(58.0), y), (x - s * v.k(30.0), y + v.k(38.0))], mix(brass, deep, 0.5), v.k(6.0), 1.0, false);
        }
        pen.ellipse(x, y, v.k(92.0), v.k(14.0), brass, |q| {
            q.clean().sh(0.0, 6.0, 8.0, 0.5).grad(
                (x - v.k(90.0), 0.0),
                (x + v.k(90.0), 0.0),
                mix(brass, set[2], 0.5),
                mix(brass, deep, 0.3),
            )
        });
        if rig.flame && lamp_prop(site).is_none() {
            // A bowl of fire hangs where the light is.
            let (fx, fy) = (rig.key.x, rig.key.y);
            for s in [-1.0f32, 1.0] {
                pen.line(&[(fx + s * 26.0, fy + 18.0), (fx, stage.top() - 10.0)], mix(brass, deep, 0.6), 1.8, 1.0, false);
            }
            parts::fire(&mut pen, &mut site.seed("bowl"), fx, fy + 16.0, 40.0);
            pen.curve(
                &[(fx - 32.0, fy + 12.0), (fx - 18.0, fy + 34.0), (fx + 18.0, fy + 34.0), (fx + 32.0, fy + 12.0), (fx, fy + 18.0)],
                brass,
                |q| q.clean().sh(2.0, 4.0, 6.0, 0.45),
            );
        }
        let boards = [(x - v.k(44.0), y + 2.0), (x + v.k(46.0), y + 2.0), (x - v.k(4.0), y)];
        let floors = [
            (v.x(0.30), v.foot + v.k(60.0)),
            (v.x(0.72), v.foot + v.k(60.0)),
            (v.x(0.16), v.foot + v.k(74.0)),
            (v.x(0.86), v.foot + v.k(76.0)),
        ];
        let nails = [(v.x(0.34), v.y(0.46)), (v.x(0.66), v.y(0.46))];
        flames = furnish(&mut pen, site, &Spots { wall: &nails, board: &boards, floor: &floors, head: 64.0 * v.k(1.0) }, false);
    }
    plate.paper(&g, &lit(site, rig.room).shadow(2.0 * u, 4.0 * u, 8.0 * u, 0.4));
    burn(site, &mut plate, &flames);
    if rig.flame && lamp_prop(site).is_none() {
        parts::glow(site, &mut plate, rig.key.x, rig.key.y, 360.0, "#ffa850", 0.9);
    }
    if let Some(prop) = lamp_prop(site) {
        let (x, _, size) = rig::lamp_spot(rig.scene, site.framing, rig.side, is_great(prop), stage);
        lamp_with_glow(site, &mut plate, prop, x, v.foot + v.k(26.0) - size * 0.5, size, 420.0);
    }
    planes.push(plate.done("things", parallax::SET + 80, 560, None));
    planes
}

/// A carpet with a border and a row of lozenges, over sand.
fn carpet(pen: &mut Pen, site: &Site, v: &View, set: [Rgb; 3], deep: Rgb) {
    let stage = &site.stage;
    let (l, r, b) = (stage.left() - 8.0, stage.right() + 8.0, stage.bottom() + 8.0);
    let sand = mix(set[2], set[0], 0.6);
    pen.rect(l, v.foot, r, b, sand, |q| q.flat().tex(0.7).grad((0.0, v.foot), (0.0, b), mix(sand, deep, 0.4), mix(sand, deep, 0.15)));
    let x = v.x(0.5);
    let at = |s: f32, t: f32| (x + s * v.k(330.0) * (1.0 + 0.75 * t), v.foot + v.k(22.0) + (b - v.foot) * 0.9 * t);
    let wool = mix(site.rig.style.tone(hex("#7a2f30")), set[1], 0.35);
    let body = pen.poly(&[at(-1.0, 0.0), at(1.0, 0.0), at(1.0, 1.0), at(-1.0, 1.0)], wool, |q| q.sh(0.0, 3.0, 6.0, 0.4).tex(0.9));
    for (k, color) in [(0.94f32, set[2]), (0.88, wool), (0.84, mix(set[1], deep, 0.3))] {
        pen.poly(&[at(-k, 1.0 - k), at(k, 1.0 - k), at(k, k), at(-k, k)], color, |q| q.flat().clip(&body).tex(0.9));
    }
    pen.poly(&[at(-0.78, 0.22), at(0.78, 0.22), at(0.78, 0.78), at(-0.78, 0.78)], wool, |q| q.flat().tex(0.9));
    for i in 0..5 {
        let s = -0.6 + 0.3 * i as f32;
        pen.poly(&[at(s, 0.26), at(s + 0.13, 0.48), at(s, 0.74), at(s - 0.13, 0.48)], if i % 2 == 0 { set[2] } else { set[0] }, |q| {
            q.flat().clip(&body).tex(0.9)
        });
        pen.poly(&[at(s, 0.38), at(s + 0.06, 0.49), at(s, 0.62), at(s - 0.06, 0.49)], mix(set[1], deep, 0.2), |q| q.flat().clip(&body));
    }
}
