//! What stands in a place because the shot names it: things on walls, boards and floors, lamps with their light.

use contracts::picture::{Framing, PropSpec};

use super::{
    Site,
    palette::{hex, mix},
    parallax,
    pen::{Pen, group},
    plate::Plate,
    rig::{self, Rig, is_great, is_lamp},
};
use crate::{light::Lit, paint::PaintedPlane, paper::Rgb, props};

/// The lamp that stands in a place's picture: the first lamp among its props, lit ones first.
pub fn lamp_prop<'a>(site: &Site<'a>) -> Option<&'a PropSpec> {
    rig::lamp(site.place).or_else(|| site.place.props.iter().find(|q| is_lamp(q)))
}

/// A prop standing at a spot: its height in units, its middle at (x, y). Returns where it burns, in units.
pub fn stand(pen: &mut Pen, prop: &PropSpec, x: f32, y: f32, height: f32, rig: &Rig) -> Option<(f32, f32, f32)> {
    let k = height / 200.0;
    props::paint(&mut pen.at(x, y, k, 1.0), prop, rig.style).map(|f| (x + f.x * k, y + f.y * k, f.r * k.max(0.4)))
}

/// The shot's lamp, if it names one, with its foot at `foot`; a great lamp keeps its own spot.
pub(super) fn lamp_on(site: &Site, plate: &mut Plate, foot: f32) {
    if let Some(prop) = lamp_prop(site) {
        let great = is_great(prop);
        let (x, y, size) = rig::lamp_spot(site.rig.scene, site.framing, site.rig.side, great, &site.stage);
        lamp_with_glow(site, plate, prop, x, if great { y } else { foot - size * 0.5 }, size, 380.0);
    }
}

/// A lamp and its light in the air.
pub fn lamp_with_glow(site: &Site, plate: &mut Plate, prop: &PropSpec, x: f32, y: f32, size: f32, reach: f32) {
    let (rig, stage) = (site.rig, &site.stage);
    let u = stage.u;
    let mut g = group(stage, x - size * 0.7, y - size * 0.7, x + size * 0.7, y + size * 0.7, site.number("lamp") ^ size as u64);
    let flame = stand(&mut Pen::new(&mut g, stage, rig.style), prop, x, y, size, rig);
    let mut on = Lit::plain().ambient(mix(rig.room, Rgb::WHITE, if prop.lit { 0.45 } else { 0.12 })).shadow(0.0, 6.0 * u, 10.0 * u, 0.45);
    if let Some((fx, fy, _)) = flame {
        let (px, py) = stage.xf().pt(fx, fy);
        on = on.light(px, py, size * u, Rgb(1.0, 0.78, 0.46), 0.55, 1.4);
    } else {
        on = rig.key.on(on, stage.ub);
    }
    plate.paper(&g, &on);
    if let Some((fx, fy, _)) = flame {
        let (px, py) = stage.xf().pt(fx, fy);
        let k = if rig.hour.lamps { 1.0 } else { 0.6 };
        plate.fire(site, (px, py), reach * u * rig.style.glow(), hex("#ffb45c"), k, site.number("lamp-glow"));
    }
}

/// The lamp of a close or medium framing: near, out of focus, in the answer-space, its glow before the person.
pub fn lamp_in_front(site: &Site) -> Option<PaintedPlane> {
    let rig = site.rig;
    if !rig.flame {
        return None;
    }
    let prop = rig::lamp(site.place)?;
    // Out of doors the great lamp is only its light: it stands in the tower.
    if is_great(prop) && !rig.scene.indoors() {
        return None;
    }
    let stage = &rig.stage;
    let half = stage.halved();
    let great = is_great(prop);
    let (x, y, size) = rig::lamp_spot(rig.scene, site.framing, rig.side, great, stage);
    let mut plate = Plate::new(stage);
    let mut g = group(&half, x - size, y - size, x + size, y + size, site.number("lamp-front"));
    let flame = stand(&mut Pen::new(&mut g, &half, rig.style), prop, x, y, size, rig);
    let blur = if site.framing == Framing::Close { 7.0 } else { 2.6 };
    let mut small = Plate::new(&half);
    small.paper(&g, &Lit::plain().ambient(Rgb(0.9, 0.8, 0.7)).blur(blur * half.ub).grain(0.0));
    plate.over(small.doubled(stage).plane());
    if let Some((fx, fy, _)) = flame {
        let (px, py) = (fx * stage.ub, fy * stage.ub);
        let r = if site.framing == Framing::Close { 520.0 } else { 440.0 };
        let k = if rig.hour.lamps { 0.95 } else { 0.55 };
        plate.fire(site, (px, py), r * stage.ub * rig.style.glow(), hex("#ffb45c"), k, site.number("front-glow"));
    }
    Some(plate.done("lamp", parallax::FRONT, 800, None))
}

/// Things that lie and hang in a room seen whole: on walls, on boards, on the floor.
pub struct Spots<'a> {
    /// Nails: x, y.
    pub wall: &'a [(f32, f32)],
    /// Boards and tables: x, y of what stands on them.
    pub board: &'a [(f32, f32)],
    /// Floor: x, y of what stands on it.
    pub floor: &'a [(f32, f32)],
    /// Size of a head, which all statures refer to.
    pub head: f32,
}

/// Puts a place's props (but its lamps, unless `lamps`) at spots. Returns where they burn.
pub fn furnish(pen: &mut Pen, site: &Site, spots: &Spots, lamps: bool) -> Vec<(f32, f32, f32)> {
    let (mut walls, mut boards, mut floors) = (spots.wall.iter(), spots.board.iter(), spots.floor.iter());
    let mut flames = Vec::new();
    for prop in &site.place.props {
        if is_lamp(prop) && (!lamps || is_great(prop)) || props::drawn_as(&prop.shape).0 == "boat" {
            continue;
        }
        let height = props::stature(prop.shape.as_str()) * spots.head;
        let drawn = props::drawn_as(&prop.shape).0;
        let spot = match props::rest(&prop.shape) {
            props::Rest::Wall => walls.next().or_else(|| boards.next()).copied(),
            props::Rest::Board => boards.next().map(|&(x, y)| (x, y - height * 0.5)),
            props::Rest::Floor => floors.next().map(|&(x, y)| (x, y - height * if drawn == "tarpaulin" { 0.6 } else { 0.5 })),
        };
        if let Some((x, y)) = spot {
            let height = if drawn == "tarpaulin" { height * 1.6 } else { height };
            // A beast at the frame's edge is seen whole.
            let (left, right) = props::reach(&prop.shape);
            let (least, most) = (height * left + 12.0, site.stage.w - height * right - 12.0);
            let x = if matches!(drawn, "camel" | "mule") && least < most { x.clamp(least, most) } else { x };
            flames.extend(stand(pen, prop, x, y, height, site.rig));
        }
    }
    flames
}

/// The glow of things that burn where they stand.
pub fn burn(site: &Site, plate: &mut Plate, flames: &[(f32, f32, f32)]) {
    let stage = &site.stage;
    for (i, &(x, y, r)) in flames.iter().enumerate() {
        let (px, py) = stage.xf().pt(x, y);
        let r = r.max(150.0) * stage.u * site.rig.style.glow();
        plate.fire(site, (px, py), r, hex("#ffb45c"), 0.9, site.number("burn") ^ i as u64);
    }
}
