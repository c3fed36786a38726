//! The round room of glass over the sea, the great lamp in its middle.

use contracts::picture::PropSpec;

use super::{
    Scene, Site,
    interior::{Woods, chair, floor, lit, room_glow, shelves},
    palette::{hex, mix},
    parallax,
    pen::{Pen, group, sheet},
    plate::Plate,
    rig::{self, is_great, is_lamp},
    sky::{self, Sea, fog, sea, wet_glass},
    stood::{Spots, burn, furnish, lamp_with_glow},
};
use crate::{light::Lit, paint::PaintedPlane};

/// A round room of glass over the sea, the great lamp in its middle.
pub fn paint(site: &Site, near: bool) -> Vec<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let woods = Woods::of(site);
    let (w, h) = (stage.w, stage.h);
    let u = stage.u;
    let mut planes = Vec::new();
    let horizon = h * (if near { 0.60 } else { 0.56 } + 0.035 * rig.lay.lift);
    let mut far = Plate::new(stage);
    sky::sky(site, horizon, &mut far);
    fog(site, horizon - 90.0, horizon + 70.0, 1.0, "horizon-fog", &mut far);
    sea(site, Sea { horizon, span: h * 0.30, scale: 0.6 }, 0, 3, &mut far);
    planes.push(far.done("outside", parallax::FAR, 0, None));
    let foot = h * if near { 0.84 } else { 0.70 };
    let (l, r, t, b) = (stage.left() - 8.0, stage.right() + 8.0, stage.top() - 8.0, stage.bottom() + 8.0);
    let iron = rig.style.tone(hex("#2e3444"));
    let pale = mix(iron, rig.style.tone(hex("#a8b4c4")), 0.25);
    let mut plate = Plate::new(stage);
    // The glass: a cool film, bright lines of shine, the lamp's own reflection.
    let mut g = sheet(stage, site.number("glass"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let film = mix(hour.sky[1], hour.sky[2], 0.5);
        pen.rect(l, t, r, foot, film, |q| q.flat().tex(0.3).alpha(0.12));
        let mut seed = site.seed("shine");
        for _ in 0..5 {
            let x = seed.range(-0.05, 1.0) as f32 * w;
            let wide = seed.range(20.0, 70.0) as f32;
            pen.poly(&[(x, t), (x + wide, t), (x + wide - 190.0, foot), (x - 190.0, foot)], mix(film, hex("#ffffff"), 0.5), |q| {
                q.flat().tex(0.0).alpha(0.05)
            });
        }
        if hour.rain > 0.0 {
            let clip = pen.outline(&[(l, t), (r, t), (r, foot), (l, foot)]);
            wet_glass(&mut pen, &mut seed, l, t, r, foot, &clip);
        }
    }
    plate.paper(&g, &Lit::plain().grain(0.0));
    let mut g = sheet(stage, site.number("iron"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        // Uprights stand closer together towards the sides: the room is round.
        let n = [4, 5, 3][rig.lay.kind];
        let cx = w * 0.5;
        let half = w * if near { 0.66 } else { 0.60 };
        for i in -n..=n {
            let a = i as f32 / n as f32 * 1.45;
            let x = cx + half * libm::sinf(a);
            let thick = (if near { 9.0 } else { 7.0 }) * (0.55 + 0.45 * libm::cosf(a)) + 2.0;
            pen.poly(&[(x - thick, t), (x + thick, t), (x + thick, foot + 6.0), (x - thick, foot + 6.0)], iron, |q| {
                q.sh(4.0, 3.0, 7.0, 0.4)
            });
            pen.line(&[(x - thick * 0.6, t), (x - thick * 0.6, foot)], pale, 1.6, 0.55, false);
        }
        // Bars bend down towards the sides.
        for y in [[0.10, 0.40], [0.16, 0.48], [0.06, 0.30]][rig.lay.kind] {
            let bar: Vec<(f32, f32)> = (0..=12)
                .map(|i| l + (r - l) * i as f32 / 12.0)
                .map(|x| (x, h * y + (foot - h * y) * 0.10 * ((x - cx) / half) * ((x - cx) / half)))
                .collect();
            pen.line(&bar, iron, if near { 11.0 } else { 8.0 }, 1.0, true);
            let shine: Vec<(f32, f32)> = bar.iter().map(|&(x, y)| (x, y - 3.0)).collect();
            pen.line(&shine, pale, 1.4, 0.5, true);
        }
        // The low wall under the glass.
        pen.rect(l, foot, r, b, mix(iron, woods.wall, 0.5), |q| q.sh(0.0, -4.0, 10.0, 0.45));
        pen.rect(l, foot - 8.0, r, foot + 12.0, pale, |q| q.sh(0.0, 5.0, 6.0, 0.5));
        if !near {
            let base = h * 0.755;
            floor(&mut pen, site, base, mix(woods.table[0], woods.deep, 0.45), woods.deep);
            pen.rect(l, base - 10.0, r, base + 3.0, iron, |q| q.sh(0.0, 4.0, 6.0, 0.5));
        } else {
            for i in -6..=6 {
                let x = cx + 130.0 * i as f32;
                pen.line(&[(x, foot + 16.0), (x, b)], mix(iron, hour.near, 0.4), 2.4, 0.5, false);
            }
        }
    }
    plate.paper(&g, &lit(site, rig.room).shadow(0.0, 4.0 * u, 9.0 * u, 0.35));
    room_glow(site, &mut plate);
    planes.push(plate.done("glass", parallax::SET, 500, None));
    let fallback = PropSpec {
        prop_id: contracts::Id::slug("great-lamp"),
        shape: contracts::Id::slug("lamp"),
        colours: Vec::new(),
        look: "great brass drum behind ribbed glass".into(),
        lit: false,
        inscription: None,
    };
    let prop = site.place.props.iter().find(|q| is_lamp(q) && is_great(q)).unwrap_or(&fallback);
    let mut plate = Plate::new(stage);
    let (x, y, size) = rig::lamp_spot(Scene::LampRoom, site.framing, rig.side, true, stage);
    if !near {
        let k = stage.scale();
        let mut g = group(stage, 0.0, h * 0.3, w, stage.bottom(), site.number("furniture"));
        let flames;
        {
            let mut pen = Pen::new(&mut g, stage, rig.style);
            let base = h * 0.80;
            let rows = [h * 0.745];
            shelves(&mut pen, site, &woods, "log-shelf", w * 0.055, w * 0.235, h * 0.615, h * 0.80, &rows, 0.78 * k);
            pen.rect(w * 0.045, h * 0.603, w * 0.245, h * 0.622, woods.board, |q| q.sh(0.0, 4.0, 6.0, 0.5));
            chair(&mut pen, &woods, w * 0.82, base + 26.0, 1.12 * k, -1.0);
            // The iron stand's plinth.
            pen.ellipse(x, base + 4.0, 150.0 * k, 15.0, rig.style.tone(hex("#0c0c14")), |q| q.flat().tex(0.0).blur(8.0).alpha(0.5));
            pen.poly(
                &[(x - 96.0 * k, base), (x - 84.0 * k, y + size * 0.49), (x + 84.0 * k, y + size * 0.49), (x + 96.0 * k, base)],
                iron,
                |q| q.sh(4.0, 4.0, 8.0, 0.45),
            );
            pen.rect(x - 108.0 * k, base - 8.0, x + 108.0 * k, base + 8.0, pale, |q| q.sh(0.0, 4.0, 6.0, 0.45));
            let spots = Spots {
                wall: &[(w * 0.155, h * 0.52), (w * 0.90, h * 0.45)],
                board: &[(w * 0.11, h * 0.603), (w * 0.82, h * 0.80 + 26.0 - 112.0 * k), (w * 0.19, h * 0.603)],
                floor: &[(w * 0.29, base + 20.0), (w * 0.72, base + 20.0), (w * 0.90, base + 20.0), (w * 0.36, base + 14.0)],
                head: 70.0 * k,
            };
            flames = furnish(&mut pen, site, &spots, true);
        }
        plate.paper(&g, &lit(site, rig.room).shadow(4.0 * u, 4.0 * u, 9.0 * u, 0.4));
        burn(site, &mut plate, &flames);
        lamp_with_glow(site, &mut plate, prop, x, y, size, 520.0);
        planes.push(plate.done("lamp", parallax::SET + 80, 560, None));
    } else {
        lamp_with_glow(site, &mut plate, prop, x, y, size, 560.0);
        let top = y + size * 0.49;
        if top < stage.bottom() {
            let mut g = group(stage, x - size * 0.6, top - 10.0, x + size * 0.6, stage.bottom(), site.number("plinth"));
            {
                let mut pen = Pen::new(&mut g, stage, rig.style);
                pen.poly(&[(x - size * 0.30, top), (x + size * 0.30, top), (x + size * 0.34, b), (x - size * 0.34, b)], iron, |q| {
                    q.sh(4.0, 4.0, 8.0, 0.45).grad((x - size * 0.3, 0.0), (x + size * 0.3, 0.0), pale, iron)
                });
                pen.rect(x - size * 0.34, top - 6.0, x + size * 0.34, top + 12.0, pale, |q| q.sh(0.0, 5.0, 6.0, 0.45));
            }
            plate.paper(&g, &lit(site, rig.room).shadow(4.0 * u, 4.0 * u, 9.0 * u, 0.4));
        }
        planes.push(plate.done("lamp", parallax::ACTORS + 60, 720, None));
    }
    planes
}
