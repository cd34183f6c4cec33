//! Checks that hold for every picture, over a gallery of easy and awkward data.

mod gallery;

use self::gallery::*;
use super::scene::{Label, Shape};
use super::*;

fn everywhere() -> impl Iterator<Item = (String, Scene)> {
    gallery().into_iter().flat_map(|(name, picture)| {
        [280.0, 360.0, 480.0, 640.0, 1000.0].map(|width| {
            let options = Options { width, ..Options::default() };
            let scene = picture.scene(&options).unwrap_or_else(|e| panic!("{name} at {width}: {e}"));
            (format!("{name} at {width}"), scene)
        })
    })
}

#[test]
fn no_text_is_clipped() {
    for (name, scene) in everywhere() {
        assert!(scene.width <= 1000.0 && scene.height > 20.0, "{name}: {} x {}", scene.width, scene.height);
        for label in scene.labels() {
            let (x0, y0, x1, y1) = label.bounds();
            let inside = x0 >= 0.0 && y0 >= 0.0 && x1 <= scene.width && y1 <= scene.height;
            assert!(inside, "{name}: {:?} leaves the picture: {:?}", label.text, label.bounds());
        }
    }
}

#[test]
fn no_text_covers_another() {
    let touch = |a: &Label, b: &Label| {
        let ((ax0, ay0, ax1, ay1), (bx0, by0, bx1, by1)) = (a.bounds(), b.bounds());
        ax0 < bx1 && bx0 < ax1 && ay0 < by1 && by0 < ay1
    };
    for (name, scene) in everywhere() {
        let labels: Vec<&Label> = scene.labels().collect();
        for (i, a) in labels.iter().enumerate() {
            for b in &labels[i + 1..] {
                assert!(!touch(a, b), "{name}: {:?} and {:?} overlap", a.text, b.text);
            }
        }
    }
}

#[test]
fn every_number_in_a_scene_is_finite_and_inside() {
    for (name, scene) in everywhere() {
        for item in &scene.items {
            let points = match &item.shape {
                Shape::Rect { x, y, w, h, .. } | Shape::Frame { x, y, w, h, .. } => {
                    vec![(*x, *y), (x + w, y + h)]
                }
                Shape::Polygon { points, .. } | Shape::Path { points, .. } => points.clone(),
                Shape::Disc { centre, .. } => vec![*centre],
                Shape::Text(label) => vec![(label.x, label.y)],
            };
            let inside = |p: &(f64, f64)| {
                (-1.0..=scene.width + 1.0).contains(&p.0) && (-1.0..=scene.height + 1.0).contains(&p.1)
            };
            assert!(points.iter().all(inside), "{name}: {:?}", item.shape);
        }
    }
}

#[test]
fn the_same_picture_gives_the_same_bytes() {
    let options = Options::default();
    for ((name, a), (_, b)) in gallery().into_iter().zip(gallery()) {
        assert_eq!(a.svg(&options), b.svg(&options), "{name}");
    }
    let (a, b) = (grid(&LAKE, 1.0), grid(&LAKE, 1.0));
    assert_eq!(a.png(&options, Scale::One), b.png(&options, Scale::One));
}

#[test]
fn a_png_has_the_size_of_the_scene_times_the_scale() {
    let options = Options { width: 420.0, ..Options::default() };
    let picture = sweep(1.0, 0.01);
    let scene = picture.scene(&options).expect("drawable");
    for scale in [Scale::One, Scale::Two] {
        let bytes = picture.png(&options, scale).expect("drawable");
        let side = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        assert_eq!(bytes[..4], *b"\x89PNG");
        assert_eq!((side(16), side(20)), (scene.width as u32 * scale.factor(), scene.height as u32 * scale.factor()));
    }
}

#[test]
fn each_changed_state_has_one_outline() {
    let options = Options::default();
    let outlines = |p: &dyn Picture| p.svg(&options).expect("drawable").matches("class=\"tn-changed\"").count();
    for map in [grid(&LAKE, 1.0), big()] {
        let changed = map.cells.iter().filter(|c| c.outlined && !c.wall).count();
        assert!(changed > 0);
        assert_eq!(outlines(&map), changed);
    }
    let diff = diff(&LAKE8);
    assert_eq!(outlines(&diff), diff.right.cells.iter().filter(|c| c.outlined).count());
    let table = table(20, 2, 1.0);
    assert_eq!(outlines(&table), table.changed.iter().filter(|c| **c).count());
}

#[test]
fn numbers_that_cannot_be_drawn_are_refused() {
    let options = Options::default();
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e200] {
        let code = if bad == 1e200 { "plot-out-of-range" } else { "plot-not-finite" };
        let mut map = grid(&LAKE, 1.0);
        map.cells[5].value = Some(bad);
        let mut series = sweep(1.0, 0.0);
        series.truth.points[2].hi = bad;
        let mut occ = occupancy(&LAKE, OccupancyScale::Log);
        occ.cells[1].occ = Some(bad);
        let mut list = bars(5, false);
        list.states[4].1 = bad;
        let mut states = table(8, 1, 1.0);
        states.columns[0].cells[7].value = Some(bad);
        let mut points = polygon(&round(5, 1.0));
        points.reference = Some(Point { truth: 0.0, proxy: bad });
        let mut heat = heat_table(2, 2, 2, 0.0);
        heat.tables[1].cells[3] = Some(bad);
        let both = GridDiff { title: String::new(), left: grid(&LAKE, 1.0), right: map.clone() };
        let pictures: [&dyn Picture; 8] = [&map, &series, &occ, &list, &states, &points, &both, &heat];
        for (k, picture) in pictures.iter().enumerate() {
            assert_eq!(picture.svg(&options).map_err(|e| e.code()), Err(code), "picture {k} with {bad}");
        }
    }
    let narrow = Options { width: f64::NAN, ..options };
    assert!(grid(&LAKE, 1.0).svg(&narrow).is_err());
}

#[test]
fn empty_and_misshapen_data_are_refused() {
    let options = Options::default();
    let code = |p: &dyn Picture| p.scene(&options).map(|_| ()).map_err(|e| e.code());
    let mut map = grid(&LAKE, 1.0);
    map.cells.pop();
    assert_eq!(code(&map), Err("plot-shape"));
    map.rows = 0;
    assert_eq!(code(&map), Err("plot-empty"));
    (map.rows, map.columns) = (usize::MAX, 3);
    assert_eq!(code(&map), Err("plot-too-large"));
    assert_eq!(code(&grid(&[&".".repeat(2001)], 1.0)), Err("plot-too-large"));
    assert_eq!(code(&polygon(&[])), Err("plot-empty"));
    let mut states = table(6, 2, 1.0);
    states.changed.pop();
    assert_eq!(code(&states), Err("plot-shape"));
    assert_eq!(code(&OccupancyBars { states: Vec::new(), ..bars(1, false) }), Err("plot-empty"));
    let mut heat = heat_table(3, 2, 2, 0.0);
    heat.tables[1].cells.pop();
    assert_eq!(code(&heat), Err("plot-shape"));
    assert_eq!(code(&heat_table(3, 0, 2, 0.0)), Err("plot-empty"));
    assert_eq!(code(&heat_table(3, 201, 1, 0.0)), Err("plot-too-large"));
}

#[test]
fn a_long_table_is_capped_and_says_so() {
    let svg = table(400, 2, 1.0).svg(&Options::default()).expect("drawable");
    assert!(svg.contains("… and 360 more, 40 of them outlined too"));
    assert_eq!(svg.matches("class=\"tn-changed\"").count(), 40);
}

#[test]
fn inline_pictures_can_share_a_page() {
    let options = Options { placement: Placement::Inline, ..Options::default() };
    for (name, picture) in gallery() {
        let svg = picture.svg(&options).expect("drawable");
        assert!(svg.starts_with("<svg ") && svg.contains("viewBox=\"0 0 "), "{name}");
        assert!(svg.contains("role=\"img\"") && svg.contains("<title>"), "{name}");
        assert!(!svg.contains(" id=") && !svg.contains("url("), "{name}");
        let root = svg.split_once('>').map_or("", |t| t.0);
        assert!(!root.contains(" width=") && !root.contains(" height="), "{name}: {root}");
    }
    let file = grid(&LAKE, 1.0).svg(&Options::default()).expect("drawable");
    assert!(file.starts_with("<?xml") && file.contains(" width=\""));
}

#[test]
fn the_legend_carries_the_regret() {
    let svg = polygon(&[(0.0, 0.0), (0.542, 0.1), (0.0439, 0.4)]).svg(&Options::default()).expect("drawable");
    assert!(svg.contains("worst-case regret: 0.4981"));
}

#[test]
fn values_in_cells_share_the_multiplier_of_the_bar() {
    let mut map = grid(&LAKE, 1.0);
    map.cells.iter_mut().for_each(|c| c.value = Some(0.0));
    for (largest, note, words) in [(0.99e-8, "×10⁻⁹", ">9.90<"), (1.02e-8, "×10⁻⁸", ">1.02<")] {
        map.cells[0].value = Some(largest);
        let svg = map.svg(&Options::default()).expect("drawable");
        assert!(svg.contains(note) && svg.contains(words), "{largest}");
    }
}

#[test]
fn moves_beside_a_named_action_are_written_out() {
    let mut map = grid(&["SG"], 1.0);
    map.cells[0].actions = vec![Action::Move(Direction::Left), Action::Named("dig".into())];
    assert!(map.svg(&Options::default()).expect("drawable").contains(">←, dig<"));
}

#[test]
fn the_largest_pictures_are_drawn_in_seconds() {
    let options = Options::default();
    let points = round(20_000, 1.0);
    let bytes = polygon(&points).png(&options, Scale::Two).expect("drawable");
    assert!(bytes.len() > 1000);
    let row = ".".repeat(500);
    let board = grid(&vec![row.as_str(); 500], 1.0);
    assert!(board.png(&options, Scale::One).expect("drawable").len() > 1000);
}
