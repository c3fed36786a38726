//! What travels, from within: a cabin of wood, of a carriage, of steel. Decks and cockpits have modules of their own.

use contracts::picture::Framing;

use super::{
    Scene, Site, cockpit, deck,
    hall::View,
    heaven::{stars, world},
    interior::{Woods, chair, floor, lit, outside, plain_table, room_glow, table},
    palette::{hex, mix},
    parallax,
    parts::{self, within},
    pen::{Pen, sheet},
    plate::Plate,
    stood::{Spots, burn, furnish, lamp_on},
};
use crate::{
    paint::PaintedPlane,
    paper::{Outline, Pt, Rgb, Rule, c, p},
};

/// Paints a vessel.
pub fn paint(site: &Site) -> Vec<PaintedPlane> {
    match site.rig.scene {
        Scene::Deck => deck::paint(site),
        Scene::Cockpit => cockpit::paint(site),
        _ => cabin(site),
    }
}

/// Whether it is one of those that fly between stars: steel and lamps in place of wood and portholes to the sea.
pub fn steel(site: &Site) -> bool {
    let id = site.place.location_id.as_str();
    site.says(&["steel", "metal", "station", "tug", "airlock", "lock", "hull", "stars", "space", "plant", "bulkhead", "capsule", "shuttle"])
        || ["airlock", "station", "plant-room", "plant_room", "bunk"].iter().any(|w| id.contains(w))
}

/// The panes a cabin looks through: middle, half width, half height in fractions and units.
struct Pane {
    x: f32,
    y: f32,
    rx: f32,
    ry: f32,
}

/// A cabin: of wood with portholes, of a carriage with wide panes, of steel with ribs and pipes.
fn cabin(site: &Site) -> Vec<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let lay = rig.lay;
    let near = site.framing == Framing::MediumTwo;
    let u = stage.u;
    let woods = Woods::of(site);
    let v = View::of(site, 0.76);
    let metal = steel(site);
    let carriage = site.says(&["train", "carriage", "wagon", "compartment", "coach", "tram", "caravan"]);
    let t = |s: &str| rig.style.tone(hex(s));
    let mut seed = site.seed("cabin");
    let wall = if metal {
        t(["#5e6a74", "#6a6e70", "#55646a"][seed.below(3) as usize])
    } else {
        mix(woods.wall, t(["#8a6240", "#74583c", "#6a5a48"][seed.below(3) as usize]), 0.6)
    };
    let frame = if metal { t("#8d979c") } else { mix(woods.frame, woods.table[0], 0.3) };
    let deep = mix(wall, woods.deep, 0.6);
    let s = 0.05 * lay.spread;
    let size = within(&mut seed, 0.78, 1.24);
    let rise = 0.05 * lay.lift;
    let panes: Vec<Pane> = if carriage {
        let at = [[0.27, 0.73], [0.36, 0.80], [0.20, 0.62]][lay.kind];
        at.iter().map(|&x| Pane { x: v.x(x + s), y: v.y(0.34 + rise), rx: v.k(150.0 * size), ry: v.k(96.0) }).collect()
    } else {
        let at: &[f32] = [&[0.34, 0.5, 0.66][..], &[0.24, 0.42][..], &[0.52, 0.78][..]][lay.kind];
        at.iter()
            .map(|&x| Pane {
                x: v.x(x + s),
                y: v.y(0.33 + rise),
                rx: v.k(size * if metal { 50.0 } else { 56.0 }),
                ry: v.k(size * if metal { 62.0 } else { 56.0 }),
            })
            .collect()
    };
    let contour = |q: &Pane, grow: f32| -> Vec<(f32, f32)> {
        let n = 28;
        (0..n)
            .map(|i| core::f32::consts::TAU * i as f32 / n as f32)
            .map(|a| {
                let (cx, sy) = (libm::cosf(a), libm::sinf(a));
                let round = if carriage {
                    0.28
                } else if metal {
                    0.6
                } else {
                    1.0
                };
                let f = |v: f32| if v < 0.0 { -libm::powf(-v, round) } else { libm::powf(v, round) };
                (q.x + (q.rx + grow) * f(cx), q.y + (q.ry + grow) * f(sy))
            })
            .collect()
    };
    let mut planes = Vec::new();
    if metal {
        let mut far = Plate::new(stage);
        stars(site, &mut far, 1.0);
        world(site, &mut far, panes[0].x + v.k(10.0), panes[0].y + v.k(14.0), v.k(52.0));
        planes.push(far.done("outside", parallax::FAR, 0, None));
    } else {
        planes.push(outside(site, v.y(0.36)));
    }
    let mut plate = Plate::new(stage);
    let (l, r, tt, b) = (stage.left() - 8.0, stage.right() + 8.0, stage.top() - 8.0, stage.bottom() + 8.0);
    let mut g = sheet(stage, site.number("walls"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let mut contours = vec![vec![(l, tt), (r, tt), (r, b), (l, b)]];
        contours.extend(panes.iter().map(|q| contour(q, 0.0)));
        pen.frame(&contours, wall, |q| q.flat().tex(0.8));
        let clip = Outline::new(contours.iter().flat_map(|q| pen.outline(q).polys().to_vec()).collect(), Rule::EvenOdd);
        if metal {
            // Plates and their rivets, ribs, and pipes along the top.
            for i in 0..7 {
                let x = l + (r - l) * i as f32 / 6.0;
                let wide = (r - l) / 6.0;
                for (a, z) in [(0.0f32, 0.20f32), (0.20, 0.50), (0.50, 0.78)] {
                    let tone = mix(wall, if seed.below(2) == 0 { frame } else { deep }, within(&mut seed, 0.05, 0.22));
                    pen.rect(x + 3.0, v.y(a) + 2.0, x + wide - 3.0, v.y(z) - 2.0, tone, |q| q.sh(1.0, 2.0, 3.0, 0.4).clip(&clip));
                    for dx in [14.0, wide - 14.0] {
                        for y in [v.y(a) + 14.0, v.y(z) - 14.0] {
                            pen.disc(x + dx, y, 2.6, mix(frame, wall, 0.4), |q| q.clean().sh(1.0, 1.0, 1.0, 0.4).clip(&clip));
                        }
                    }
                }
            }
            for (y, wide, c) in [(0.055f32, 13.0f32, "#8a6a3a"), (0.10, 9.0, "#5a7a80"), (0.135, 6.0, "#a8604a")] {
                let y = v.y(y);
                let color = t(c);
                pen.rect(l, y - wide, r, y + wide, color, |q| {
                    q.sh(0.0, 7.0, 8.0, 0.45).grad((0.0, y - wide), (0.0, y + wide), mix(color, Rgb::WHITE, 0.25), mix(color, deep, 0.55))
                });
                let mut x = l + within(&mut seed, 20.0, 120.0);
                while x < r {
                    pen.rect(x, y - wide - 3.0, x + 12.0, y + wide + 3.0, mix(color, frame, 0.4), |q| q.sh(1.0, 2.0, 3.0, 0.4));
                    x += 260.0;
                }
            }
        } else {
            let mut y = tt;
            while y < v.foot {
                let high = v.k(30.0 * size);
                pen.rect(
                    l,
                    y,
                    r,
                    y + high - 2.5,
                    mix(wall, if seed.below(2) == 0 { deep } else { frame }, within(&mut seed, 0.0, 0.20)),
                    |q| q.sh(0.0, 2.0, 3.0, 0.35).clip(&clip),
                );
                y += high;
            }
        }
        // Ribs that bend with the hull.
        for x in [0.03f32, 0.97] {
            let x = v.x(x);
            let s = if x < stage.w * 0.5 { 1.0 } else { -1.0 };
            pen.curve(
                &[
                    (x - 26.0, tt),
                    (x + 26.0, tt),
                    (x + 26.0 - s * v.k(20.0), v.y(0.4)),
                    (x + 22.0 - s * v.k(60.0), v.foot + 20.0),
                    (x - 22.0 - s * v.k(60.0), v.foot + 20.0),
                    (x - 26.0 - s * v.k(20.0), v.y(0.4)),
                ],
                frame,
                |q| q.sh(6.0 * s, 4.0, 10.0, 0.45).grad((x - 26.0, 0.0), (x + 26.0, 0.0), mix(frame, Rgb::WHITE, 0.1), deep),
            );
        }
        if metal {
            grating(&mut pen, site, v.foot, mix(deep, frame, 0.2), mix(deep, Rgb(0.02, 0.02, 0.03), 0.5));
        } else {
            floor(&mut pen, site, v.foot, mix(woods.table[0], woods.deep, 0.4), woods.deep);
        }
        pen.rect(l, v.foot - v.k(12.0), r, v.foot + 3.0, frame, |q| q.sh(0.0, 5.0, 6.0, 0.5));
        if !metal {
            pen.rect(l, tt, r, v.y(0.03), mix(deep, frame, 0.3), |q| q.sh(0.0, 9.0, 12.0, 0.5));
            for i in 0..6 {
                let x = v.x(0.02 + 0.192 * i as f32);
                pen.rect(x - v.k(15.0), tt, x + v.k(15.0), v.y(0.085), frame, |q| q.sh(4.0, 8.0, 9.0, 0.5));
            }
        }
    }
    plate.paper(&g, &lit(site, rig.room));
    let mut g = sheet(stage, site.number("fittings"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let brass = if metal { frame } else { t("#b9873a") };
        for q in &panes {
            pen.frame(&[contour(q, v.k(if carriage { 16.0 } else { 13.0 })), contour(q, 0.0)], if carriage { frame } else { brass }, |q| {
                q.sh(3.0, 5.0, 7.0, 0.5)
            });
            if !carriage {
                for i in 0..8 {
                    let a = core::f32::consts::TAU * (i as f32 + 0.5) / 8.0;
                    pen.disc(
                        q.x + (q.rx + v.k(7.0)) * libm::cosf(a),
                        q.y + (q.ry + v.k(7.0)) * libm::sinf(a),
                        v.k(3.0),
                        mix(brass, deep, 0.5),
                        |s| s.clean().flat(),
                    );
                }
            } else {
                for s in [-1.0f32, 1.0] {
                    let cx = q.x + s * q.rx * 0.94;
                    pen.curve(
                        &[
                            (cx - v.k(22.0), q.y - q.ry * 1.12),
                            (cx + v.k(22.0), q.y - q.ry * 1.12),
                            (cx + v.k(14.0), q.y + q.ry * 0.4),
                            (cx + v.k(22.0), q.y + q.ry * 1.1),
                            (cx - v.k(22.0), q.y + q.ry * 1.1),
                            (cx - v.k(14.0), q.y + q.ry * 0.4),
                        ],
                        woods.curtain[0],
                        |s| s.sh(3.0, 5.0, 7.0, 0.45).grad((cx - 20.0, 0.0), (cx + 20.0, 0.0), woods.curtain[0], woods.curtain[1]),
                    );
                }
                pen.rect(q.x - q.rx * 1.3, q.y - q.ry * 1.2, q.x + q.rx * 1.3, q.y - q.ry * 1.12, brass, |s| s.sh(0.0, 3.0, 4.0, 0.4));
            }
        }
        let [berth, door] = [[0.88, 0.10], [0.80, 0.965], [0.19, 0.955]][lay.kind];
        if site.says(&["plant", "plants", "green", "garden"]) || site.place.location_id.as_str().contains("plant") {
            trays(&mut pen, site, &v, berth, frame, deep);
        } else if site.says(&["hold", "cargo", "crates", "load", "boxes"]) || site.place.location_id.as_str().contains("hold") {
            crates(&mut pen, site, &v, berth, &woods, metal, frame);
        } else if carriage {
            seat(&mut pen, &v, 0.10, &woods);
            seat(&mut pen, &v, 0.90, &woods);
        } else {
            bunk(&mut pen, site, &v, berth, &woods, if metal { frame } else { woods.frame }, deep);
        }
        if !carriage {
            hatchway(&mut pen, site, &v, door, if metal { mix(wall, frame, 0.4) } else { mix(woods.frame, woods.deep, 0.3) }, frame, deep);
        }
    }
    plate.paper(&g, &lit(site, rig.room).shadow(4.0, 6.0, 9.0, 0.45).blur(if near { 0.8 * u } else { 0.0 }));
    if metal && !rig.flame {
        for x in [0.3f32, 0.7] {
            parts::glow(site, &mut plate, v.x(x), v.y(0.16), 150.0, "#bfe0ff", if hour.lamps { 0.30 } else { 0.22 });
        }
    }
    room_glow(site, &mut plate);
    planes.push(plate.done("cabin", parallax::SET, 500, None));
    if near {
        planes.push(table(site, &woods));
        return planes;
    }
    let mut plate = Plate::new(stage);
    let mut g = sheet(stage, site.number("table"));
    let (tx, ty) = (stage.w * 0.5, v.y(0.635));
    let flames;
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        pen.ellipse(tx, v.foot + v.k(52.0), v.k(170.0), 14.0, t("#120e14"), |q| q.flat().tex(0.0).blur(8.0).alpha(0.45));
        if metal {
            pen.rect(tx - v.k(14.0), ty, tx + v.k(14.0), v.foot + v.k(46.0), deep, |q| q.sh(4.0, 3.0, 6.0, 0.45));
            pen.rect(tx - v.k(120.0), ty - v.k(7.0), tx + v.k(120.0), ty + v.k(9.0), frame, |q| q.sh(0.0, 6.0, 8.0, 0.5));
        } else {
            chair(&mut pen, &woods, tx - v.m() * v.k(158.0), v.foot + v.k(44.0), v.k(0.96), v.m());
            plain_table(&mut pen, &woods, tx, ty, v.k(240.0), v.foot + v.k(50.0));
        }
        let boards = [(tx - v.k(58.0), ty - 5.0), (tx + v.k(66.0), ty - 5.0), (tx - v.k(98.0), ty - 5.0), (tx + v.k(18.0), ty - 5.0)];
        let floors = [
            (v.x(0.30), v.foot + v.k(52.0)),
            (v.x(0.70), v.foot + v.k(54.0)),
            (v.x(0.22), v.foot + v.k(70.0)),
            (v.x(0.78), v.foot + v.k(72.0)),
        ];
        let nails = [(v.x(0.57), v.y(0.52)), (v.x(0.43), v.y(0.52))];
        flames = furnish(&mut pen, site, &Spots { wall: &nails, board: &boards, floor: &floors, head: 62.0 * v.k(1.0) }, false);
    }
    plate.paper(&g, &lit(site, rig.room).shadow(0.0, 5.0, 9.0, 0.4));
    burn(site, &mut plate, &flames);
    lamp_on(site, &mut plate, ty - 8.0);
    planes.push(plate.done("furniture", parallax::SET + 80, 560, None));
    planes
}

/// A floor of steel grating.
pub(super) fn grating(pen: &mut Pen, site: &Site, y: f32, plate: Rgb, seam: Rgb) {
    let stage = &site.stage;
    let (l, r, b) = (stage.left() - 6.0, stage.right() + 6.0, stage.bottom() + 6.0);
    pen.rect(l, y, r, b, plate, |q| q.flat().grad((0.0, y), (0.0, b), mix(plate, seam, 0.4), plate));
    let cx = stage.w * 0.5;
    for i in -18i32..=18 {
        let x = cx + 56.0 * i as f32;
        pen.line(&[(x, y), (cx + (x - cx) * 2.2, b + 60.0)], seam, 2.0, 0.7, false);
    }
    let mut yy = y + 8.0;
    let mut step = 10.0;
    while yy < b {
        pen.line(&[(l, yy), (r, yy)], seam, 2.0, 0.6, false);
        step *= 1.3;
        yy += step;
    }
}

fn bunk(pen: &mut Pen, site: &Site, v: &View, at: f32, woods: &Woods, frame: Rgb, deep: Rgb) {
    let x = v.x(at);
    let half = v.k(150.0);
    let t = |s: &str| site.rig.style.tone(hex(s));
    for (i, y) in [0.42f32, 0.655].into_iter().enumerate() {
        let y = v.y(y);
        pen.rect(x - half, y - v.k(104.0), x + half, y, mix(deep, Rgb(0.02, 0.02, 0.03), 0.4), |q| q.sh(4.0, 4.0, 8.0, 0.45));
        let cloth = if i == 0 { woods.curtain[0] } else { t("#6a7078") };
        pen.curve(
            &[
                (x - half * 0.94, y - v.k(6.0)),
                (x - half * 0.9, y - v.k(32.0)),
                (x, y - v.k(38.0)),
                (x + half * 0.94, y - v.k(30.0)),
                (x + half * 0.94, y - v.k(4.0)),
            ],
            cloth,
            |q| q.sh(2.0, 3.0, 5.0, 0.4).grad((0.0, y - v.k(38.0)), (0.0, y), mix(cloth, Rgb::WHITE, 0.14), mix(cloth, deep, 0.4)),
        );
        pen.curve(
            &[
                (x - half * 0.92, y - v.k(34.0)),
                (x - half * 0.84, y - v.k(50.0)),
                (x - half * 0.52, y - v.k(48.0)),
                (x - half * 0.46, y - v.k(32.0)),
            ],
            t("#d0c8b8"),
            |q| q.sh(2.0, 2.0, 4.0, 0.4),
        );
        pen.rect(x - half * 1.02, y - v.k(12.0), x + half * 1.02, y + v.k(10.0), frame, |q| q.sh(0.0, 6.0, 8.0, 0.5));
    }
    for s in [-1.0f32, 1.0] {
        pen.rect(x + s * half - v.k(9.0), v.y(0.16), x + s * half + v.k(9.0), v.foot + v.k(8.0), frame, |q| q.sh(4.0, 3.0, 6.0, 0.45));
    }
}

fn seat(pen: &mut Pen, v: &View, at: f32, woods: &Woods) {
    let (x, foot) = (v.x(at), v.foot + v.k(26.0));
    let m = if x < v.x(0.5) { 1.0 } else { -1.0 };
    let mut pen = pen.at(x, foot, v.k(1.0), m);
    let [cloth, fold] = woods.curtain;
    pen.curve(&[(-120.0, 0.0), (-118.0, -210.0), (-92.0, -232.0), (-58.0, -214.0), (-48.0, -90.0), (-44.0, 0.0)], cloth, |q| {
        q.sh(5.0, 4.0, 9.0, 0.45).grad((-120.0, 0.0), (-40.0, 0.0), cloth, fold)
    });
    pen.curve(&[(-60.0, -104.0), (70.0, -110.0), (84.0, -92.0), (82.0, -66.0), (-56.0, -62.0)], cloth, |q| {
        q.sh(0.0, 6.0, 8.0, 0.45).grad((0.0, -110.0), (0.0, -62.0), mix(cloth, Rgb::WHITE, 0.12), fold)
    });
    pen.rect(-60.0, -64.0, 78.0, 0.0, woods.deep, |q| q.flat());
    for y in [-180.0, -140.0] {
        pen.disc(-80.0, y, 4.0, fold, |q| q.clean());
    }
}

fn crates(pen: &mut Pen, site: &Site, v: &View, at: f32, woods: &Woods, metal: bool, frame: Rgb) {
    let mut seed = site.seed("crates");
    let base = v.foot + v.k(34.0);
    for (dx, dy, size) in [
        (-120.0f32, 0.0f32, 104.0f32),
        (4.0, 0.0, 118.0),
        (116.0, 6.0, 92.0),
        (-66.0, -104.0, 88.0),
        (50.0, -118.0, 96.0),
        (-10.0, -208.0, 76.0),
    ] {
        let (x, y, s) = (v.x(at) + v.k(dx), base + v.k(dy), v.k(size) * 0.5);
        let body = if metal {
            mix(frame, site.rig.style.tone(hex(["#7a6a3a", "#5a6a70", "#7a4a40"][seed.below(3) as usize])), 0.6)
        } else {
            mix(woods.table[0], woods.deep, within(&mut seed, 0.05, 0.35))
        };
        pen.rect(x - s, y - s * 2.0, x + s, y, body, |q| {
            q.sh(5.0, 4.0, 8.0, 0.5).grad((x - s, 0.0), (x + s, 0.0), mix(body, Rgb::WHITE, 0.10), mix(body, woods.deep, 0.4))
        });
        let edge = mix(body, woods.deep, 0.4);
        pen.frame(
            &[
                vec![(x - s, y - s * 2.0), (x + s, y - s * 2.0), (x + s, y), (x - s, y)],
                vec![(x - s * 0.8, y - s * 1.8), (x + s * 0.8, y - s * 1.8), (x + s * 0.8, y - s * 0.2), (x - s * 0.8, y - s * 0.2)],
            ],
            mix(body, Rgb::WHITE, 0.06),
            |q| q.sh(1.0, 2.0, 3.0, 0.4),
        );
        pen.line(&[(x - s * 0.8, y - s * 0.2), (x + s * 0.8, y - s * 1.8)], edge, s * 0.16, 0.9, false);
    }
}

/// Trays of green under lamps.
fn trays(pen: &mut Pen, site: &Site, v: &View, at: f32, frame: Rgb, deep: Rgb) {
    let mut seed = site.seed("trays");
    let (x, half) = (v.x(at), v.k(150.0));
    for y in [0.32f32, 0.50, 0.68] {
        let y = v.y(y);
        pen.rect(x - half, y - v.k(96.0), x + half, y - v.k(90.0), hex("#f0f4ff"), |q| q.flat().tex(0.0));
        for i in 0..11 {
            let px = x - half + half * 2.0 * (i as f32 + 0.5) / 11.0;
            let tall = v.k(within(&mut seed, 26.0, 62.0));
            let green = site.rig.style.tone(hex(["#5a8a4a", "#6f9a54", "#487a52"][seed.below(3) as usize]));
            parts::clump(pen, &mut seed, px, y - tall * 0.6, v.k(16.0), tall * 0.45, green, Some(mix(green, Rgb::WHITE, 0.35)), 0.3);
        }
        pen.rect(x - half, y - v.k(12.0), x + half, y + v.k(12.0), frame, |q| {
            q.sh(0.0, 7.0, 8.0, 0.5).grad((0.0, y - v.k(12.0)), (0.0, y + v.k(12.0)), mix(frame, Rgb::WHITE, 0.15), mix(frame, deep, 0.4))
        });
    }
    for s in [-1.0f32, 1.0] {
        pen.rect(x + s * half - v.k(6.0), v.y(0.14), x + s * half + v.k(6.0), v.foot + v.k(8.0), frame, |q| q.sh(4.0, 3.0, 6.0, 0.45));
    }
}

/// A door with rounded corners; a wheel on it when it is of steel.
fn hatchway(pen: &mut Pen, site: &Site, v: &View, at: f32, leaf: Rgb, frame: Rgb, deep: Rgb) {
    let (x, half, top, foot) = (v.x(at), v.k(66.0), v.y(0.22), v.foot + v.k(4.0));
    let shape = |k: f32| -> Vec<Pt> {
        let (a, b, t, f) = (x - half * k, x + half * k, top - half * (k - 1.0), foot);
        let r = half * 0.5;
        vec![c(a, f), p(a, t + r), p(a + r * 0.3, t + r * 0.3), p(a + r, t), p(b - r, t), p(b - r * 0.3, t + r * 0.3), p(b, t + r), c(b, f)]
    };
    pen.shape(&shape(1.18), frame, |q| q.sh(5.0, 5.0, 9.0, 0.5));
    pen.shape(&shape(1.0), leaf, |q| q.flat().grad((x - half, 0.0), (x + half, 0.0), mix(leaf, Rgb::WHITE, 0.10), mix(leaf, deep, 0.5)));
    let mid = (top + foot) * 0.5;
    if steel(site) {
        let ring: Vec<(f32, f32)> = (0..=22)
            .map(|i| core::f32::consts::TAU * i as f32 / 22.0)
            .map(|a| (x + v.k(26.0) * libm::cosf(a), mid + v.k(26.0) * libm::sinf(a)))
            .collect();
        pen.line(&ring, deep, v.k(9.0), 1.0, true);
        pen.line(&ring, frame, v.k(6.0), 1.0, true);
        for i in 0..3 {
            let a = core::f32::consts::PI * i as f32 / 3.0;
            let (dx, dy) = (v.k(26.0) * libm::cosf(a), v.k(26.0) * libm::sinf(a));
            pen.line(&[(x - dx, mid - dy), (x + dx, mid + dy)], frame, v.k(5.0), 1.0, false);
        }
    } else {
        for y in [0.30f32, 0.70] {
            let y = top + (foot - top) * y;
            pen.rect(x - half * 0.66, y - v.k(52.0), x + half * 0.66, y + v.k(46.0), mix(leaf, frame, 0.3), |q| q.sh(2.0, 3.0, 4.0, 0.4));
        }
        pen.disc(x + half * 0.8 * v.m(), mid, v.k(5.0), site.rig.style.tone(hex("#b9873a")), |q| q.clean());
    }
}
