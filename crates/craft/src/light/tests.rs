use super::{Lit, Plane, beam, finish, finish_in, flatten, fog, glow, rad, sky, vignette};
use crate::paper::{Edge, Group, Piece, Rect, Rgb, p};

const FRAME: Rect = Rect { x: -16, y: -9, w: 352, h: 198 };

fn sheet() -> Group {
    let mut g = Group::of(FRAME, 3);
    g.piece(
        &Piece::new(&[p(80.0, 40.0), p(200.0, 50.0), p(190.0, 150.0), p(90.0, 140.0)], Rgb::hex("#5a7a8a")).edge(Edge::Soft).no_shadow(),
    );
    g
}

fn valid(plane: &Plane) {
    assert_eq!(plane.rgba.len(), plane.w as usize * plane.h as usize * 4);
    assert!(plane.rgba.chunks_exact(4).all(|q| q[..3].iter().all(|v| *v <= q[3])), "no channel exceeds alpha");
}

fn pixel(plane: &Plane, x: i32, y: i32) -> [u8; 4] {
    if !plane.rect().holds(&Rect::new(x, y, 1, 1)) {
        return [0; 4];
    }
    let i = ((y - plane.y) as usize * plane.w as usize + (x - plane.x) as usize) * 4;
    [plane.rgba[i], plane.rgba[i + 1], plane.rgba[i + 2], plane.rgba[i + 3]]
}

#[test]
fn planes_of_light_are_valid_and_repeat() {
    let make = || {
        let warm = Rgb::hex("#ffb45c");
        [
            glow(100.0, 80.0, 120.0, warm, 1.0, FRAME, 1),
            rad(100.0, 80.0, 60.0, 2.0, warm, 0.8, FRAME, 1),
            beam(40.0, 40.0, 0.15, 0.21, 300.0, warm, 1.0, FRAME, 2),
            fog(Rgb::hex("#8fa0c0"), 60.0, 150.0, 0.5, 90.0, FRAME, 3),
            vignette(0.42, (0.5, 0.5), 320.0, 180.0, FRAME, 4),
            sky(&[(0.0, Rgb::hex("#0b1226")), (1.0, Rgb::hex("#2f4c72"))], 0.03, 180.0, 0.018, FRAME, 5),
        ]
    };
    let planes = make();
    assert_eq!(planes, make());
    planes.iter().for_each(valid);
    assert!(pixel(&planes[0], 100, 80)[0] > 240 && pixel(&planes[0], 100, 190)[3] < 20);
    assert!(pixel(&planes[2], 150, 56)[0] > 60 && pixel(&planes[2], 20, 40)[3] == 0);
    assert_eq!(pixel(&planes[4], 160, 90)[3], 0);
    assert!(pixel(&planes[4], -14, -8)[3] > 20);
    assert!(planes[5].rgba.chunks_exact(4).all(|q| q[3] == 255));
}

#[test]
fn a_plane_carries_its_own_shadow() {
    let plane = finish(&sheet(), &Lit::plain().shadow(12.0, 8.0, 4.0, 0.5));
    valid(&plane);
    let edge = (150..260).rfind(|x| pixel(&plane, *x, 110)[0] > 0).unwrap_or(0);
    let dark = pixel(&plane, edge + 4, 110);
    assert_eq!(dark[..3], [0, 0, 0]);
    assert!((60..=130).contains(&dark[3]), "{dark:?}");
    assert_eq!(pixel(&plane, 60, 90)[3], 0, "none towards the light");
    let over = flatten(&[sky(&[(0.0, Rgb::WHITE)], 0.0, 180.0, 0.0, FRAME, 1), plane], 320, 180);
    let at = |x: usize, y: usize| over[(y * 320 + x) * 4];
    assert!(at(edge as usize + 4, 110) < 200 && at(20, 20) == 255);
}

#[test]
fn lamps_rims_and_haze_change_what_they_should() {
    let plain = finish(&sheet(), &Lit::plain().grain(0.0));
    let night =
        finish(&sheet(), &Lit::plain().grain(0.0).ambient(Rgb(0.3, 0.4, 0.6)).light(200.0, 90.0, 120.0, Rgb(1.0, 0.7, 0.4), 1.2, 1.5));
    let (near, far) = (pixel(&night, 180, 90), pixel(&night, 96, 90));
    assert!(near[0] > 2 * far[0] && pixel(&plain, 96, 90)[0] > far[0]);
    let rim = finish(&sheet(), &Lit::plain().grain(0.0).rim(-4.0, 0.0, 1.0, Rgb::WHITE, 0.9, None));
    let gain = |x: i32| i32::from(pixel(&rim, x, 90)[1]) - i32::from(pixel(&plain, x, 90)[1]);
    assert!((185..215).any(|x| gain(x) > 50), "a rim on the lit side");
    assert_eq!(gain(140), 0);
    let hazy = finish(&sheet(), &Lit::plain().grain(0.0).haze(Rgb::WHITE, 0.5));
    assert!(pixel(&hazy, 140, 90)[0] > pixel(&plain, 140, 90)[0] + 40);
    let soft = finish(&sheet(), &Lit::plain().grain(0.0).blur(6.0));
    assert!(soft.w > plain.w + 16);
    valid(&soft);
}

#[test]
fn a_part_of_a_plane_is_the_plane_there() {
    let lit = Lit::plain().shadow(12.0, 8.0, 4.0, 0.5).rim(-4.0, 1.0, 1.5, Rgb::WHITE, 0.8, Some((220.0, 90.0, 200.0, 1.0))).blur(1.5);
    let rect = Rect::new(170, 60, 40, 50);
    let whole = finish_in(&sheet(), &lit, rect);
    let mut small = Group::of(rect.grow(lit.margin()), 3);
    small.piece(
        &Piece::new(&[p(80.0, 40.0), p(200.0, 50.0), p(190.0, 150.0), p(90.0, 140.0)], Rgb::hex("#5a7a8a")).edge(Edge::Soft).no_shadow(),
    );
    assert_eq!(whole, finish_in(&small, &lit, rect));
}

#[test]
fn straight_alpha_gives_the_colour_back() {
    let plane = Plane { x: 0, y: 0, w: 2, h: 1, rgba: vec![50, 25, 0, 100, 9, 9, 9, 255] };
    assert_eq!(plane.straight(), [128, 64, 0, 100, 9, 9, 9, 255]);
}

#[test]
fn an_empty_group_is_an_empty_plane() {
    let plane = finish(&Group::new(30, 30, 1), &Lit::plain().shadow(3.0, 3.0, 3.0, 0.5));
    assert_eq!((plane.w, plane.h, plane.rgba.as_slice()), (1, 1, &[0u8; 4][..]));
}

#[test]
fn a_plane_beside_the_canvas_is_not_seen() {
    let beside = |x: i32, y: i32| Plane { x, y, w: 4, h: 4, rgba: vec![255; 64] };
    let seen = flatten(&[beside(12, 0), beside(-4, 0), beside(0, 12), beside(20, -20)], 10, 10);
    assert!(seen.chunks_exact(4).all(|p| p == [0, 0, 0, 255]));
}
