//! What stands before two people out of doors, low and a little out of focus: without it they end in nothing.

use contracts::picture::Framing;

use super::{
    Scene, Site,
    palette::{hex, mix},
    parallax,
    pen::{Pen, band},
    plate::Plate,
};
use crate::{
    light::Lit,
    paint::PaintedPlane,
    paper::{Edge, Pt, Rgb, p},
};

/// The foreground of a two-shot, if its place has one: a rail, a coping with a mooring post, a fence.
pub fn before(site: &Site) -> Option<PaintedPlane> {
    if site.framing != Framing::MediumTwo {
        return None;
    }
    match site.rig.scene {
        Scene::Gallery | Scene::LampRoom => Some(rail(site, 0.905, 1.6)),
        Scene::Landing | Scene::Street | Scene::Water => Some(coping(site)),
        Scene::Headland => Some(fence(site)),
        _ => None,
    }
}

/// Light on what is so near: the place's, and its key.
fn lit(site: &Site) -> Lit {
    let (rig, s) = (site.rig, site.stage.u);
    let ambient = if rig.flame { rig.ambient } else { mix(rig.ambient, Rgb::WHITE, 0.25) };
    rig.key.on(Lit::plain().ambient(ambient).shadow(0.0, -4.0 * s, 12.0 * s, 0.45).grain(0.0), site.stage.ub * 0.5)
}

fn finish(site: &Site, name: &str, blur: f32, draw: impl FnOnce(&mut Pen, (f32, f32), f32)) -> PaintedPlane {
    let half = site.stage.halved();
    let mut g = band(&half, half.h * 0.5, site.number(name));
    draw(&mut Pen::new(&mut g, &half, site.rig.style), (half.left() - 12.0, half.right() + 12.0), half.bottom() + 12.0);
    let mut small = Plate::new(&half);
    small.paper(&g, &lit(site).blur(blur * half.ub));
    small.doubled(&site.stage).done(name, parallax::NEAR, 900, None)
}

/// An iron rail, frosted when the place says so: its bar at `at` of the height, `blur` units out of focus.
pub fn rail(site: &Site, at: f32, blur: f32) -> PaintedPlane {
    let hour = &site.rig.hour;
    let (w, h) = (site.stage.w, site.stage.h);
    let indoors = site.rig.scene.indoors();
    let iron = mix(hour.dark, hour.land_core[1], if indoors { 0.10 } else { 0.22 });
    let frosted = !indoors && site.says(&["frost", "ice", "snow", "white"]);
    let rime = if frosted {
        mix(hour.land_core[0], hex("#eef4fa"), if blur > 3.0 { 0.15 } else { 0.4 })
    } else {
        mix(iron, hour.land_core[0], 0.5)
    };
    finish(site, "fore-rail", blur, |pen, (left, right), bottom| {
        let y = |x: f32| h * at - 14.0 * ((x - w * 0.5) / w) * ((x - w * 0.5) / w) * 4.0;
        for x in [-0.02f32, 0.30, 0.62, 0.94] {
            let x = w * (x + 0.04);
            pen.poly(&[(x - 13.0, bottom), (x - 10.0, y(x)), (x + 10.0, y(x)), (x + 13.0, bottom)], iron, |q| q.sh(4.0, 3.0, 8.0, 0.4));
        }
        let along: Vec<(f32, f32)> = (0..=12).map(|i| left + (right - left) * i as f32 / 12.0).map(|x| (x, y(x))).collect();
        let strip = |a: f32, b: f32| -> Vec<Pt> {
            along.iter().map(|&(x, y)| p(x, y + a)).chain(along.iter().rev().map(|&(x, y)| p(x, y + b))).collect()
        };
        pen.shape(&strip(-16.0, 18.0), iron, |q| q.sh(0.0, 8.0, 10.0, 0.5).clean());
        let top = if frosted { strip(-23.0, -9.0) } else { strip(-16.0, -11.0) };
        pen.shape(&top, rime, |q| q.edge(if frosted { Edge::Torn } else { Edge::Clean }).flat().alpha(if frosted { 1.0 } else { 0.7 }));
    })
}

/// The stone edge of a quay with a mooring post and its rope.
fn coping(site: &Site) -> PaintedPlane {
    let hour = &site.rig.hour;
    let (w, h) = (site.stage.w, site.stage.h);
    let stone = mix(hour.land[1], hour.wall, if hour.lamps { 0.28 } else { 0.45 });
    let (top, face) = (mix(stone, hour.land_core[0], 0.40), mix(stone, hour.near, 0.55));
    let rope = mix(site.rig.style.tone(hex("#a08860")), hour.dark, 0.25);
    let mut seed = site.seed("fore-coping");
    finish(site, "fore-coping", 1.6, |pen, (left, right), bottom| {
        let y = h * 0.925;
        pen.poly(&[(left, y + 6.0), (right, y), (right, bottom), (left, bottom)], face, |q| q.sh(0.0, -4.0, 12.0, 0.45).k(1.4));
        let mut x = left;
        while x < right {
            let wide = seed.range(190.0, 300.0) as f32;
            let tone = mix(top, stone, seed.range(0.0, 0.5) as f32);
            pen.poly(&[(x + 2.0, y - 12.0), (x + wide - 2.0, y - 13.0), (x + wide - 4.0, y + 22.0), (x, y + 22.0)], tone, |q| {
                q.sh(0.0, 4.0, 6.0, 0.45).k(1.6)
            });
            x += wide;
        }
        // An iron post in the gap between two people, and the rope that goes over the edge.
        let px = w * 0.505;
        let iron = mix(hour.dark, hour.near, 0.25);
        let lip = mix(iron, hour.land_core[0], 0.35);
        pen.curve(
            &[
                (px - 26.0, y + 6.0),
                (px - 22.0, y - 50.0),
                (px - 24.0, y - 78.0),
                (px + 24.0, y - 78.0),
                (px + 22.0, y - 50.0),
                (px + 26.0, y + 6.0),
            ],
            iron,
            |q| q.sh(5.0, 3.0, 9.0, 0.45).grad((px - 26.0, 0.0), (px + 26.0, 0.0), lip, iron),
        );
        pen.ellipse(px, y - 80.0, 33.0, 13.0, mix(iron, lip, 0.45), |q| q.clean().sh(0.0, 4.0, 5.0, 0.5));
        for i in 0..3 {
            let ry = y - 46.0 + 12.0 * i as f32;
            pen.line(&[(px - 25.0, ry), (px, ry + 6.0), (px + 25.0, ry)], mix(rope, hour.dark, 0.12 * i as f32), 10.0, 1.0, true);
        }
        pen.line(&[(px + 22.0, y - 24.0), (px + 70.0, y + 4.0), (px + 120.0, y + 40.0), (px + 150.0, bottom)], rope, 10.0, 1.0, true);
    })
}

/// Two rails of a wooden fence with grass at its feet.
fn fence(site: &Site) -> PaintedPlane {
    let hour = &site.rig.hour;
    let (w, h) = (site.stage.w, site.stage.h);
    let wood = mix(site.rig.style.tone(hex("#6a5844")), hour.near, if hour.lamps { 0.55 } else { 0.25 });
    let light = mix(wood, hour.land_core[0], 0.30);
    let mut seed = site.seed("fore-fence");
    finish(site, "fore-fence", 1.6, |pen, (left, right), bottom| {
        for x in [0.03f32, 0.505, 0.97] {
            let x = w * x;
            pen.poly(
                &[(x - 17.0, bottom), (x - 14.0, h * 0.83), (x + 2.0, h * 0.815), (x + 15.0, h * 0.835), (x + 17.0, bottom)],
                wood,
                |q| q.sh(4.0, 3.0, 8.0, 0.4).grad((x - 16.0, 0.0), (x + 16.0, 0.0), light, wood),
            );
        }
        for (y, t) in [(0.875f32, 0.0f32), (0.965, 0.3)] {
            let y = h * y;
            pen.poly(
                &[(left, y - 8.0), (w * 0.5, y - 13.0), (right, y - 6.0), (right, y + 14.0), (w * 0.5, y + 10.0), (left, y + 16.0)],
                mix(light, wood, t),
                |q| q.sh(0.0, 5.0, 8.0, 0.45).k(1.4),
            );
        }
        super::sky::grass(pen, &mut seed, left, right, h * 1.03, (24.0, 70.0), 60, hour.near);
    })
}
