//! Checks that hold for every picture, over a gallery of easy and awkward data.

mod gallery;
mod studies;
mod truths;

use self::gallery::*;
use self::studies::{cliff, frontier, gamma, goodhart, matrix, radius, radius_bars, soft};
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
    let picture = cliff(&[0.0, 0.5, 1.0], 2, 1.0);
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
        let pictures: [&dyn Picture; 7] = [&map, &occ, &list, &states, &points, &both, &heat];
        for (k, picture) in pictures.iter().enumerate() {
            assert_eq!(picture.svg(&options).map_err(|e| e.code()), Err(code), "picture {k} with {bad}");
        }
    }
    for bad in [f64::NAN, f64::NEG_INFINITY, 1e200] {
        let code = if bad == 1e200 { "plot-out-of-range" } else { "plot-not-finite" };
        let mut curve = cliff(&[0.0, 0.5, 1.0], 2, 1.0);
        curve.pieces[1].best[0] = bad;
        let mut broken = cliff(&[0.0, 0.5, 1.0], 2, 1.0);
        broken.rows[1].rungs[0].to = bad;
        let mut discounts = gamma([0.0, 0.5], &[0.25], 2);
        discounts.touches.push(bad);
        let mut trade = soft(4, 1.0);
        trade.points[2].policy_return = bad;
        let mut over = goodhart(5, true);
        over.points[4].truth = bad;
        let mut front = frontier(3, 4, 1.0);
        front.curves[2].points[1].truth = bad;
        let mut pairs = matrix(4, true);
        pairs.cells[7] = Some(bad);
        let mut tree = matrix(4, true);
        tree.merges[1].height = bad;
        let mut map = radius(&LAKE, 2.0);
        map.cells[1].radius = Some(bad);
        let mut list = radius_bars(5, 2.0);
        list.states[0].radius = Some(bad);
        let mut way = polygon(&round(5, 1.0));
        way.path.push(Point { truth: bad, proxy: 0.0 });
        let pictures: [&dyn Picture; 11] =
            [&curve, &broken, &discounts, &trade, &over, &front, &pairs, &tree, &map, &list, &way];
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
fn what_has_no_place_on_a_logarithmic_axis_is_refused() {
    let code = |p: &dyn Picture| p.scene(&Options::default()).map(|_| ()).map_err(|e| e.code());
    let mut trade = soft(4, 1.0);
    trade.points[1].worst = 0.0;
    assert_eq!(code(&trade), Err("plot-not-positive"));
    trade = soft(4, 1.0);
    trade.points[0].temperature = -1.0;
    assert_eq!(code(&trade), Err("plot-not-positive"));
    trade = soft(4, 1.0);
    trade.marked = Some((0.0, "nothing".into()));
    assert_eq!(code(&trade), Err("plot-not-positive"));
    let mut front = frontier(1, 3, 1.0);
    front.curves[0].points[0].chi2 = -1e-3;
    assert_eq!(code(&front), Err("plot-not-positive"));
    let mut map = radius(&LAKE, 2.0);
    map.cells[0].radius = Some(-0.1);
    assert_eq!(code(&map), Err("plot-not-positive"));
}

#[test]
fn a_tree_that_is_none_is_refused() {
    let code = |p: &dyn Picture| p.scene(&Options::default()).map(|_| ()).map_err(|e| e.code());
    assert_eq!(code(&matrix(5, true)), Ok(()));
    let broken: [fn(&mut DistanceMatrix); 7] = [
        |m| m.merges.truncate(2),
        |m| m.merges[1].left = 4 + 5,
        |m| m.merges[1].left = 0,
        |m| m.order[0] = 1,
        |m| m.order[0] = 5,
        |m| m.tasks.truncate(4),
        |m| m.cells.truncate(24),
    ];
    for (k, break_it) in broken.iter().enumerate() {
        let mut m = matrix(5, true);
        break_it(&mut m);
        assert_eq!(code(&m), Err("plot-shape"), "{k}");
    }
    let nothing = DistanceMatrix::default();
    assert_eq!(code(&nothing), Err("plot-empty"));
    assert_eq!(code(&CliffCurve::default()), Err("plot-empty"));
    assert_eq!(code(&GoodhartCurve::default()), Err("plot-empty"));
    assert_eq!(code(&SoftTradeOff::default()), Err("plot-empty"));
    assert_eq!(code(&BoundFrontier::default()), Err("plot-empty"));
    assert_eq!(code(&RadiusBars::default()), Err("plot-empty"));
    assert_eq!(code(&RadiusGrid::default()), Err("plot-empty"));
}

#[test]
fn every_picture_gives_its_data_as_a_table() {
    for (name, picture) in gallery() {
        let data = picture.data();
        let lines = super::csv::parse(&data.to_string());
        assert_eq!(lines.len(), data.n_rows() + 1, "{name}");
        assert!(data.n_rows() > 0, "{name} has no data");
        assert!(lines.iter().all(|line| line.len() == data.header().len()), "{name}");
        let header: std::collections::BTreeSet<&String> = data.header().iter().collect();
        assert_eq!(header.len(), data.header().len(), "{name}: two columns of one name");
    }
}

#[test]
fn data_are_exact_and_whole() {
    let all = |p: &dyn Picture| super::csv::parse(&p.data().to_string());
    let map = radius(&LAKE, 500.0);
    let lines = all(&map);
    assert_eq!(lines[0], ["row", "column", "state", "radius", "best_actions", "takes_over", "critical"]);
    for (cell, line) in map.cells.iter().zip(&lines[1..]) {
        assert_eq!(line[3].parse::<f64>().ok(), cell.radius, "{line:?}");
    }
    // A picture of 500 rewards averages; its data do not.
    assert_eq!(all(&matrix(500, true)).len(), 250_001);
    let curve = cliff(&[0.0, 0.5, 1.0], 2, 1.0);
    let lines = all(&curve);
    assert_eq!((lines.len(), lines[2][0].as_str(), lines[2][1].as_str()), (3, "B", "0.5"));
    assert_eq!(lines[1][7], "left");
}

#[test]
fn the_cliff_curve_says_where_and_how_deep() {
    let svg = cliff(&studies::BREAKS, 9, 1.0).svg(&Options::default()).expect("drawable");
    assert!(svg.contains("cliff at 0.0131: 0.5325 → 0.0964"));
    assert!(svg.contains("5 exact breakpoints"));
}

#[test]
fn the_critical_weight_stands_at_the_end_of_the_straight_way() {
    let mut picture = frontier(1, 3, 1.0);
    picture.curves[0].points.iter_mut().zip([0.1234, 0.1234, 0.1]).for_each(|(p, weight)| p.weight = weight);
    let second = picture.curves[0].points[1].chi2.sqrt();
    let scene = picture.scene(&Options::default()).expect("drawable");
    let dashed = |s: &Shape| match s {
        Shape::Path { points, stroke } if stroke.colour == colour::VERMILLION => points.first().map(|p| p.0),
        _ => None,
    };
    let at = scene.items.iter().find_map(|i| dashed(&i.shape)).expect("an upright line");
    picture.curves[0].points[1].chi2 *= 1.01;
    let moved = picture.scene(&Options::default()).expect("drawable");
    let further = moved.items.iter().find_map(|i| dashed(&i.shape)).expect("an upright line");
    assert!(second > 0.0 && further > at, "{at} {further}");
}

#[test]
fn rewards_of_one_task_share_a_frame() {
    let svg = matrix(12, true).svg(&Options::default()).expect("drawable");
    assert_eq!(svg.matches("class=\"tn-same-task\"").count(), 2);
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
    map.cells[0].actions = vec![Action::Move(Direction::Left, "left".into()), Action::Named("dig".into())];
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
