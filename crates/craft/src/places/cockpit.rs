//! Two seats and their instruments before a curved window of stars.

use contracts::picture::Framing;

use super::{
    Site,
    hall::View,
    heaven::{stars, world},
    interior::{lit, room_glow},
    palette::{hex, mix},
    parallax,
    parts::{self, within},
    pen::{Pen, sheet},
    plate::Plate,
    rig::{self, is_great},
    stood::{Spots, burn, furnish, lamp_prop, lamp_with_glow},
    vessel::grating,
};
use crate::{light::Lit, paint::PaintedPlane, paper::Rgb};

/// Two seats and their instruments before a curved window of stars.
pub fn paint(site: &Site) -> Vec<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.stage);
    let lay = rig.lay;
    let near = site.framing == Framing::MediumTwo;
    let (w, h, u) = (stage.w, stage.h, stage.u);
    let v = View::of(site, 0.70);
    let t = |s: &str| rig.style.tone(hex(s));
    let mut seed = site.seed("cockpit");
    let steel = t(["#4a545e", "#565a5c", "#455660"][seed.below(3) as usize]);
    let (pale, deep) = (mix(steel, t("#b8c4cc"), 0.35), mix(steel, t("#0c1018"), 0.65));
    let mut planes = Vec::new();
    let mut far = Plate::new(stage);
    stars(site, &mut far, 1.0);
    let (px, py, pr) = [(0.70, 0.30, 96.0), (0.30, 0.42, 150.0), (0.56, 0.20, 58.0)][lay.kind];
    world(site, &mut far, v.x(px + 0.03 * lay.spread), v.y(py), v.k(pr));
    planes.push(far.done("outside", parallax::FAR, 0, None));
    let mut plate = Plate::new(stage);
    let mut g = sheet(stage, site.number("shell"));
    let (l, r, tt, b) = (stage.left() - 8.0, stage.right() + 8.0, stage.top() - 8.0, stage.bottom() + 8.0);
    // The window: a wide curved band; its shape is the ship's own.
    let (x0, x1) = (v.x(if v.m() > 0.0 { 0.05 } else { 0.95 }), v.x(if v.m() > 0.0 { 0.95 } else { 0.05 }));
    let (top, low) = (v.y([0.10, 0.06, 0.16][lay.kind]), v.y(0.52));
    let bow = v.k([52.0, 84.0, 26.0][lay.kind]);
    let edge = |grow: f32| -> Vec<(f32, f32)> {
        let n = 14;
        let mut points: Vec<(f32, f32)> = (0..=n)
            .map(|i| i as f32 / n as f32)
            .map(|s| (x0 - grow + (x1 - x0 + 2.0 * grow) * s, top - grow + bow * (2.0 * s - 1.0) * (2.0 * s - 1.0)))
            .collect();
        points.extend(
            (0..=n)
                .rev()
                .map(|i| i as f32 / n as f32)
                .map(|s| (x0 - grow + (x1 - x0 + 2.0 * grow) * s, low + grow + bow * 0.45 * (1.0 - (2.0 * s - 1.0) * (2.0 * s - 1.0)))),
        );
        points
    };
    let mut lamps: Vec<(f32, f32, f32, &str)> = Vec::new();
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        pen.frame(&[vec![(l, tt), (r, tt), (r, b), (l, b)], edge(0.0)], steel, |q| q.flat().tex(0.7));
        pen.frame(&[edge(v.k(22.0)), edge(0.0)], pale, |q| q.sh(3.0, 6.0, 9.0, 0.5));
        // Struts between the panes.
        let struts: &[f32] = [&[0.33, 0.67][..], &[0.5][..], &[0.26, 0.5, 0.74][..]][lay.kind];
        for &s in struts {
            let x = x0 + (x1 - x0) * s;
            let lean = (s - 0.5) * v.k(120.0);
            pen.poly(
                &[
                    (x - lean - v.k(9.0), top - 20.0),
                    (x - lean + v.k(9.0), top - 20.0),
                    (x + v.k(13.0), low + bow * 0.5 + 20.0),
                    (x - v.k(13.0), low + bow * 0.5 + 20.0),
                ],
                pale,
                |q| q.sh(5.0, 4.0, 8.0, 0.45).grad((x - v.k(12.0), 0.0), (x + v.k(12.0), 0.0), pale, deep),
            );
        }
        // Overhead switches.
        for i in 0..18 {
            let x = v.x(0.18 + 0.038 * i as f32);
            let y = top - v.k(46.0) + bow * 0.1;
            pen.rect(x - v.k(7.0), y - v.k(11.0), x + v.k(7.0), y + v.k(11.0), deep, |q| q.sh(1.0, 2.0, 3.0, 0.4));
            let up = seed.below(2) == 0;
            pen.rect(x - v.k(3.0), if up { y - v.k(8.0) } else { y }, x + v.k(3.0), if up { y } else { y + v.k(8.0) }, pale, |q| q.flat());
        }
    }
    plate.paper(&g, &lit(site, rig.room));
    let mut g = sheet(stage, site.number("console"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        console(&mut pen, site, &v, low + bow * 0.5, steel, pale, deep, &mut lamps);
        if site.says(&["chart", "map"]) {
            let (x, y) = (v.x(0.5), low + bow * 0.5 + v.k(62.0));
            let paper = t("#141a26");
            pen.poly(
                &[
                    (x - v.k(104.0), y - v.k(26.0)),
                    (x + v.k(104.0), y - v.k(26.0)),
                    (x + v.k(124.0), y + v.k(30.0)),
                    (x - v.k(124.0), y + v.k(30.0)),
                ],
                paper,
                |q| q.sh(1.0, 3.0, 5.0, 0.4),
            );
            for i in 0..4 {
                let yy = y - v.k(16.0) + v.k(12.0) * i as f32;
                pen.line(
                    &[(x - v.k(104.0), yy), (x - v.k(20.0), yy - v.k(6.0)), (x + v.k(108.0), yy + v.k(3.0))],
                    t("#d8e0e8"),
                    1.4,
                    0.7,
                    true,
                );
            }
            pen.line(&[(x + v.k(40.0), y - v.k(6.0)), (x + v.k(52.0), y + v.k(6.0))], t("#f0f4f8"), 2.2, 1.0, false);
            pen.line(&[(x + v.k(52.0), y - v.k(6.0)), (x + v.k(40.0), y + v.k(6.0))], t("#f0f4f8"), 2.2, 1.0, false);
            pen.rect(x - v.k(130.0), y - v.k(4.0), x + v.k(130.0), y + v.k(3.0), pale, |q| q.sh(0.0, 2.0, 3.0, 0.4));
        }
    }
    plate.paper(&g, &lit(site, rig.room).shadow(0.0, -4.0 * u, 10.0 * u, 0.45).blur(if near { 0.8 * u } else { 0.0 }));
    for (x, y, r, color) in lamps {
        parts::glow(site, &mut plate, x, y, r, color, 0.6);
    }
    if !rig.flame {
        parts::glow(site, &mut plate, v.x(0.5), low + bow * 0.5 + v.k(30.0), 420.0 * v.k(1.0), "#7fb0d8", 0.26);
    }
    room_glow(site, &mut plate);
    planes.push(plate.done("cockpit", parallax::SET, 500, None));
    if near {
        planes.push(desk(site, steel, pale, deep));
        return planes;
    }
    // The seats, seen from behind, and the deck.
    let mut plate = Plate::new(stage);
    let mut g = sheet(stage, site.number("seats"));
    let flames;
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let floor = h * 0.80;
        grating(&mut pen, site, floor, mix(deep, steel, 0.4), deep);
        pen.rect(l, floor - 8.0, r, floor + 4.0, pale, |q| q.sh(0.0, 5.0, 6.0, 0.5));
        for x in [0.245f32, 0.755] {
            let x = w * x;
            let mut pen = pen.at(x, h * 0.90, 1.0, 1.0);
            let hide = mix(t("#6a4a38"), deep, 0.35);
            pen.rect(-16.0, -60.0, 16.0, 8.0, deep, |q| q.sh(4.0, 3.0, 7.0, 0.45));
            pen.curve(
                &[
                    (-70.0, -56.0),
                    (-80.0, -150.0),
                    (-62.0, -262.0),
                    (-34.0, -284.0),
                    (34.0, -284.0),
                    (62.0, -262.0),
                    (80.0, -150.0),
                    (70.0, -56.0),
                ],
                hide,
                |q| q.sh(6.0, 5.0, 12.0, 0.5).grad((-70.0, 0.0), (70.0, 0.0), mix(hide, pale, 0.25), mix(hide, deep, 0.6)),
            );
            for y in [-110.0, -160.0, -210.0] {
                pen.line(&[(-68.0, y), (0.0, y + 7.0), (68.0, y)], deep, 2.4, 0.6, true);
            }
            for s in [-1.0f32, 1.0] {
                pen.rect(s * 88.0 - 13.0, -140.0, s * 88.0 + 13.0, -120.0, mix(hide, deep, 0.3), |q| q.sh(2.0, 5.0, 6.0, 0.45));
                pen.rect(s * 88.0 - 5.0, -120.0, s * 88.0 + 5.0, -50.0, deep, |q| q.flat());
            }
        }
        let boards = [
            (w * 0.42, low + bow * 0.5 + v.k(40.0)),
            (w * 0.58, low + bow * 0.5 + v.k(40.0)),
            (w * 0.34, low + bow * 0.5 + v.k(40.0)),
            (w * 0.66, low + bow * 0.5 + v.k(40.0)),
        ];
        let floors = [(w * 0.40, h * 0.90), (w * 0.61, h * 0.90), (w * 0.12, h * 0.93), (w * 0.89, h * 0.93)];
        let nails = [(w * 0.08, h * 0.56), (w * 0.92, h * 0.56)];
        flames = furnish(&mut pen, site, &Spots { wall: &nails, board: &boards, floor: &floors, head: 60.0 * v.k(1.0) }, true);
    }
    plate.paper(&g, &lit(site, rig.room).shadow(4.0 * u, 5.0 * u, 10.0 * u, 0.45));
    burn(site, &mut plate, &flames);
    planes.push(plate.done("seats", parallax::SET + 80, 560, None));
    planes
}

/// Dials, lamps and levers along the foot of the window.
#[allow(clippy::too_many_arguments, reason = "a console is these numbers")]
fn console(pen: &mut Pen, site: &Site, v: &View, y: f32, steel: Rgb, pale: Rgb, deep: Rgb, lamps: &mut Vec<(f32, f32, f32, &'static str)>) {
    let stage = &site.stage;
    let t = |s: &str| site.rig.style.tone(hex(s));
    let (l, r, b) = (stage.left() - 8.0, stage.right() + 8.0, stage.bottom() + 8.0);
    let mut seed = site.seed("console");
    pen.poly(&[(l, y + v.k(20.0)), (v.x(0.5), y), (r, y + v.k(20.0)), (r, b), (l, b)], mix(steel, deep, 0.25), |q| {
        q.sh(0.0, -4.0, 10.0, 0.5).grad((0.0, y), (0.0, y + v.k(170.0)), mix(steel, pale, 0.25), deep)
    });
    pen.poly(
        &[
            (l, y + v.k(16.0)),
            (v.x(0.5), y - v.k(5.0)),
            (r, y + v.k(16.0)),
            (r, y + v.k(28.0)),
            (v.x(0.5), y + v.k(9.0)),
            (l, y + v.k(28.0)),
        ],
        pale,
        |q| q.sh(0.0, 4.0, 5.0, 0.45),
    );
    for i in 0..9 {
        let f = 0.08 + 0.105 * i as f32;
        let (x, cy) = (v.x(f), y + v.k(54.0 + 24.0 * (f - 0.5).abs()));
        match seed.below(3) {
            0 => {
                let rr = v.k(27.0);
                pen.disc(x, cy, rr, pale, |q| q.clean().sh(1.0, 3.0, 4.0, 0.45));
                pen.disc(x, cy, rr * 0.82, t("#10141c"), |q| q.clean().flat());
                for j in 0..7 {
                    let a = core::f32::consts::PI * (0.85 + 1.3 * j as f32 / 6.0);
                    pen.line(
                        &[
                            (x + rr * 0.6 * libm::cosf(a), cy + rr * 0.6 * libm::sinf(a)),
                            (x + rr * 0.74 * libm::cosf(a), cy + rr * 0.74 * libm::sinf(a)),
                        ],
                        t("#d8e0e0"),
                        1.6,
                        0.9,
                        false,
                    );
                }
                let a = core::f32::consts::PI * within(&mut seed, 0.9, 2.0);
                pen.line(&[(x, cy), (x + rr * 0.62 * libm::cosf(a), cy + rr * 0.62 * libm::sinf(a))], t("#e08a4a"), 2.4, 1.0, false);
            }
            1 => {
                pen.rect(x - v.k(38.0), cy - v.k(24.0), x + v.k(38.0), cy + v.k(24.0), deep, |q| q.sh(1.0, 3.0, 4.0, 0.45));
                pen.rect(x - v.k(33.0), cy - v.k(19.0), x + v.k(33.0), cy + v.k(19.0), t("#12343a"), |q| q.clean().flat());
                let wave: Vec<(f32, f32)> =
                    (0..=8).map(|j| (x - v.k(30.0) + v.k(7.5) * j as f32, cy + v.k(within(&mut seed, -12.0, 12.0)))).collect();
                pen.line(&wave, hex("#7fe0c0"), 1.8, 0.95, true);
                lamps.push((x, cy, v.k(70.0), "#4fc0a8"));
            }
            _ => {
                for j in 0..3 {
                    for m in 0..2 {
                        let (bx, by) = (x + v.k(22.0 * (j as f32 - 1.0)), cy + v.k(-12.0 + 24.0 * m as f32));
                        let color = ["#e0a040", "#c85040", "#6fb0d0", "#3a444c"][seed.below(4) as usize];
                        pen.disc(bx, by, v.k(7.5), if color == "#3a444c" { t(color) } else { hex(color) }, |q| {
                            q.clean().sh(1.0, 2.0, 2.0, 0.4)
                        });
                        if color == "#e0a040" {
                            lamps.push((bx, by, v.k(40.0), "#ffb050"));
                        }
                    }
                }
            }
        }
    }
}

/// The edge of the console before two people, with levers.
fn desk(site: &Site, steel: Rgb, pale: Rgb, deep: Rgb) -> PaintedPlane {
    let (rig, stage) = (site.rig, &site.stage);
    let (w, h, u) = (stage.w, stage.h, stage.u);
    let top = h * 0.833;
    let mut plate = Plate::new(stage);
    let mut g = sheet(stage, site.number("desk"));
    let (l, r, b) = (stage.left() - 6.0, stage.right() + 6.0, stage.bottom() + 6.0);
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        pen.rect(l, top, r, b, steel, |q| q.grad((0.0, top), (0.0, b), mix(steel, pale, 0.4), deep));
        pen.rect(l, top - 4.0, r, top + 9.0, pale, |q| q.sh(0.0, 4.0, 6.0, 0.45));
        let mut seed = site.seed("desk");
        for i in 0..7 {
            let x = w * (0.36 + 0.046 * i as f32);
            let y = h * 0.93;
            pen.rect(x - 9.0, y - 40.0, x + 9.0, y + 26.0, deep, |q| q.sh(1.0, 2.0, 4.0, 0.4));
            let ly = y - 30.0 + within(&mut seed, 0.0, 44.0);
            pen.rect(x - 14.0, ly - 8.0, x + 14.0, ly + 8.0, pale, |q| q.sh(1.0, 3.0, 4.0, 0.45));
        }
    }
    let on = Lit::plain().ambient(rig.room).shadow(0.0, -7.0 * u, 14.0 * u, 0.5);
    plate.paper(&g, &rig.key.on(on, stage.ub));
    if let Some(prop) = lamp_prop(site) {
        let (x, y, size) = rig::lamp_spot(rig.scene, Framing::MediumTwo, rig.side, is_great(prop), stage);
        lamp_with_glow(site, &mut plate, prop, x, y, size, 470.0);
    }
    plate.done("desk", parallax::ACTORS + 60, 720, None)
}
