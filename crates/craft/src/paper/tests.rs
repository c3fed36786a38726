use super::{Cover, Edge, Group, Lay, Outline, Piece, Rect, Rgb, Rule, TILE, Xf, c, p, spline, stroke, tile, vnoise_in};

fn square(x0: f32, y0: f32, x1: f32, y1: f32) -> Vec<[f32; 2]> {
    vec![[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
}

#[test]
fn coverage_is_the_exact_area() {
    let cover = Cover::fill(&[square(1.25, 1.5, 3.75, 3.0)], Rule::NonZero, Rect::new(0, 0, 6, 6));
    assert_eq!(cover.at(1, 1), 96); // .75 × .5 of 255
    assert_eq!(cover.at(2, 2), 255);
    assert_eq!(cover.at(3, 2), 191);
    assert_eq!(cover.at(2, 3), 0);
    assert_eq!(cover.at(0, 2), 0);
}

#[test]
fn rules_differ_on_nested_outlines() {
    let nest = [square(0.0, 0.0, 8.0, 8.0), square(2.0, 2.0, 6.0, 6.0)];
    let rect = Rect::new(0, 0, 8, 8);
    assert_eq!(Cover::fill(&nest, Rule::NonZero, rect).at(4, 4), 255);
    assert_eq!(Cover::fill(&nest, Rule::EvenOdd, rect).at(4, 4), 0);
    assert_eq!(Cover::fill(&nest, Rule::EvenOdd, rect).at(1, 4), 255);
}

fn blob() -> Vec<[f32; 2]> {
    spline(&[p(-7.3, 4.1), p(18.9, -3.2), p(41.7, 12.8), p(33.3, 37.4), c(9.1, 44.6)], true, 3.0)
}

#[test]
fn a_pixel_is_the_same_in_every_window() {
    let whole = Cover::fill(&[blob()], Rule::NonZero, Rect::new(-20, -20, 90, 90));
    for window in [Rect::new(5, 5, 20, 20), Rect::new(-3, 11, 7, 30), Rect::new(30, -9, 15, 31)] {
        let part = Cover::fill(&[blob()], Rule::NonZero, window);
        for sigma in [0.0, 0.7, 2.3, 5.0, 10.0] {
            let near = Cover::fill(&[blob()], Rule::NonZero, window.grow((3.0 * sigma) as i32 + 24));
            let (a, b) = (whole.blurred(sigma, window, false), near.blurred(sigma, window, false));
            assert_eq!(a.a, b.a, "sigma {sigma} in {window:?}");
        }
        for y in window.y..window.bottom() {
            for x in window.x..window.right() {
                assert_eq!(part.at(x, y), whole.at(x, y), "at {x}, {y}");
            }
        }
    }
}

#[test]
fn blur_has_the_width_it_is_asked_for() {
    let half = Cover::fill(&[square(-300.0, -300.0, 0.0, 300.0)], Rule::NonZero, Rect::new(-300, -60, 600, 120));
    // What is left in a pixel about one sigma beyond the edge, by the normal distribution.
    for (sigma, x, left) in [(1.0f32, 0, 79u8), (2.5, 2, 40), (6.0, 5, 46), (14.0, 13, 43)] {
        let soft = half.blurred(sigma, Rect::new(-100, 0, 200, 1), false);
        let at = soft.at(x, 0);
        assert!(at.abs_diff(left) < 6, "sigma {sigma}: {at}");
        let edge = soft.at(-1, 0);
        assert!((118..=180).contains(&edge), "sigma {sigma}: {edge} at the edge");
    }
}

#[test]
fn strokes_cover_their_width() {
    for smooth in [true, false] {
        let polys = stroke(&[[10.0, 10.0], [30.0, 10.0], [50.0, 10.0]], 6.0, smooth);
        let cover = Cover::fill(&polys, Rule::NonZero, Rect::new(0, 0, 60, 20));
        assert_eq!((cover.at(30, 7), cover.at(30, 12), cover.at(30, 5), cover.at(30, 14)), (255, 255, 0, 0));
        assert!(cover.at(8, 9) > 200 && cover.at(51, 9) > 200 && cover.at(5, 9) == 0, "round ends");
    }
}

#[test]
fn texture_is_periodic_and_grey_on_average() {
    let t = tile();
    let mean = t.iter().map(|&v| f64::from(v)).sum::<f64>() / t.len() as f64;
    assert!((mean - 127.5).abs() < 3.0, "{mean}");
    let spread = (t.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / t.len() as f64).sqrt();
    assert!((8.0..30.0).contains(&spread), "{spread}");
    for n in 0..24 {
        let mut walk = Lay::nth(n).row(-5, 7);
        let first: Vec<u8> = (0..TILE + 3).map(|_| walk.next(t)).collect();
        assert_eq!(first[..3], first[TILE..]);
        let mut later = Lay::nth(n).row(-4, 7);
        assert_eq!(later.next(t), first[1]);
    }
}

#[test]
fn value_noise_does_not_depend_on_the_window() {
    let whole = vnoise_in(Rect::new(-40, -30, 120, 80), 30.0, 4, 0.5, 9);
    let part = vnoise_in(Rect::new(3, 5, 10, 10), 30.0, 4, 0.5, 9);
    assert_eq!(part[0], whole[35 * 120 + 43]);
    assert_eq!(part[55], whole[40 * 120 + 48]);
    assert!(whole.iter().all(|v| (-0.3..1.3).contains(v)));
}

fn leaf(g: &mut Group, x: f32, key: &str) -> Outline {
    let points = [p(x, 10.0), p(x + 40.0, 14.0), p(x + 36.0, 50.0), p(x - 4.0, 46.0)];
    g.piece(&Piece::new(&points, Rgb::hex("#b4554a")).edge(Edge::Torn).core(Rgb::hex("#efe6d6")).key(key))
}

#[test]
fn a_keyed_piece_is_the_same_whatever_else_is_glued() {
    let mut a = Group::new(200, 60, 4);
    leaf(&mut a, 10.0, "one");
    let mut b = Group::new(200, 60, 4);
    leaf(&mut b, 120.0, "other");
    leaf(&mut b, 10.0, "one");
    let left = |g: &Group| -> Vec<u8> { g.pixmap.data().chunks_exact(800).flat_map(|r| r[..320].to_vec()).collect() };
    assert_eq!(left(&a), left(&b));
    let mut d = Group::new(200, 60, 5);
    leaf(&mut d, 10.0, "one");
    assert_ne!(left(&a), left(&d), "another group's seed tears another edge");
}

#[test]
fn clips_and_alpha_hold() {
    let mut g = Group::new(60, 60, 1);
    let clip = Outline::new(vec![square(10.0, 10.0, 30.0, 50.0)], Rule::NonZero);
    let sheet = [c(0.0, 0.0), c(60.0, 0.0), c(60.0, 60.0), c(0.0, 60.0)];
    g.piece(&Piece::new(&sheet, Rgb::WHITE).straight().clip(&clip).alpha(0.5).tex(0.0).edge(Edge::Clean));
    let at = |g: &Group, x: usize, y: usize| g.pixmap.data()[(y * 60 + x) * 4 + 3];
    assert!(at(&g, 20, 30).abs_diff(128) < 50 && at(&g, 40, 30) == 0 && at(&g, 9, 30) == 0);
    g.set_clip(Some(&clip));
    g.piece(&Piece::new(&sheet, Rgb::WHITE).straight().no_shadow().xf(&Xf::ID));
    assert_eq!((at(&g, 20, 30), at(&g, 40, 30)), (255, 0));
    g.set_clip(None);
    g.piece(&Piece::new(&sheet, Rgb::WHITE).straight().no_shadow());
    assert_eq!(at(&g, 40, 30), 255);
}

#[test]
fn a_sheet_of_too_few_points_is_nothing() {
    let mut g = Group::new(20, 20, 1);
    g.piece(&Piece::new(&[p(1.0, 1.0), p(9.0, 9.0)], Rgb::WHITE));
    g.line(&[], Rgb::WHITE, 3.0, &Xf::ID, 1.0, true);
    g.piece(&Piece::new(&[p(f32::NAN, 1.0), p(9.0, f32::INFINITY), p(4.0, 4.0)], Rgb::WHITE));
    g.piece(&Piece::new(&[p(f32::INFINITY, 1.0), p(9.0, 3.0), p(4.0, 1e30)], Rgb::WHITE).straight().edge(Edge::Rag));
    g.line(&[p(f32::INFINITY, 1.0), p(9.0, 3.0), p(4.0, 1e30)], Rgb::WHITE, 3.0, &Xf::ID, 1.0, true);
    g.piece(&Piece::new(&[p(5.0, 5.0), p(5.0, 5.0), p(5.0, 5.0)], Rgb::WHITE));
}

#[test]
fn a_shadow_beside_the_window_darkens_nothing() {
    // The sheet reaches the last rows of the window; its shadow falls beyond either side of it.
    for dx in [-400.0, 400.0] {
        let sheet = [p(2.0, 4.0), p(18.0, 4.0), p(18.0, 26.0), p(2.0, 26.0)];
        let cut = |shadow: bool| {
            let mut g = Group::new(20, 20, 1);
            let piece = Piece::new(&sheet, Rgb::WHITE).straight();
            g.piece(&if shadow { piece.shadow(dx, 0.0, 1.0, 0.5) } else { piece.no_shadow() });
            // A sheet that lies beside the window altogether.
            let beside: Vec<_> = sheet.iter().map(|q| p(q.x + dx, q.y)).collect();
            g.piece(&Piece::new(&beside, Rgb::WHITE).straight().shadow(3.0, 3.0, 2.0, 0.5));
            g.pixmap.data().to_vec()
        };
        assert_eq!(cut(true), cut(false), "dx {dx}");
    }
}

#[test]
fn colours_read_from_text() {
    assert_eq!(Rgb::hex("#ff8000"), Rgb(1.0, 128.0 / 255.0, 0.0));
    assert_eq!(Rgb::hex("#f80"), Rgb::hex("#ff8800"));
    assert_eq!(Rgb::hex("no colour"), Rgb(0.5, 0.5, 0.5));
}
