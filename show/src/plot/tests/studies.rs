//! Easy and awkward data for the pictures of reward-design studies.

use super::super::*;
use super::gallery::{LAKE, LAKE8, grid, polygon, round};

const MOVES: [&str; 4] = ["left", "down", "right", "up"];

/// `rows` states over the given breakpoints; every other state has a tie in its second part.
pub(super) fn ladder(rows: usize, breaks: &[f64]) -> Vec<LadderRow> {
    let row = |s: usize| LadderRow {
        name: if s == 1 {
            "frozen(0,1), a name that is rather long for a strip".into()
        } else {
            format!("frozen(0,{s})")
        },
        rungs: breaks
            .windows(2)
            .enumerate()
            .map(|(k, w)| {
                let first = MOVES[(s + k * usize::from(s % 3 != 2)) % 4].to_string();
                let tied = (k == 1 && s.is_multiple_of(2)).then(|| MOVES[(s + k + 2) % 4].to_string());
                Rung { from: w[0], to: w[1], actions: std::iter::once(first).chain(tied).collect() }
            })
            .collect(),
    };
    (0..rows).map(row).collect()
}

/// Pieces between the breakpoints whose returns fall, then rise a little.
pub(super) fn cliff(breaks: &[f64], rows: usize, unit: f64) -> CliffCurve {
    let returns = [0.542, 0.5325, 0.0964, 0.0439, 0.061, 0.04];
    let height = |k: usize| returns[k.min(5)] * unit;
    let pieces = breaks.windows(2).enumerate().map(|(k, w)| {
        let slack = if k == 3 { 0.04 * unit.abs() } else { 0.0 };
        CliffPiece { from: w[0], to: w[1], worst: [height(k); 2], best: [height(k) + slack; 2] }
    });
    CliffCurve {
        title: "True return of the policies that are optimal for goal − x·step".into(),
        x_label: "x in goal − x·step".into(),
        y_label: "return in truth: goal".into(),
        pieces: pieces.collect(),
        points: Vec::new(),
        rows: ladder(rows, breaks),
    }
}

pub(super) const BREAKS: [f64; 7] = [0.0, 0.0021, 0.0131, 0.0176, 0.034, 0.061, 0.1];

pub(super) fn gamma(range: [f64; 2], switches: &[f64], rows: usize) -> GammaLadder {
    let breaks: Vec<f64> = std::iter::once(range[0]).chain(switches.iter().copied()).chain([range[1]]).collect();
    GammaLadder {
        title: "Best actions over the discount".into(),
        range,
        rows: ladder(rows, &breaks),
        switches: switches.iter().map(|&g| DiscountSwitch { gamma: g, lo: g, hi: g }).collect(),
        touches: switches.iter().take(2).map(|g| g * 0.8).collect(),
        blackwell: switches.last().copied(),
        blackwell_to: 1.0,
        is_whole: true,
        current: Some(0.9),
    }
}

pub(super) fn soft(n: usize, unit: f64) -> SoftTradeOff {
    let point = |k: usize| {
        let t = 10f64.powf(-3.0 + 4.0 * k as f64 / (n.max(2) - 1) as f64);
        SoftPoint {
            temperature: t,
            policy_return: 0.542 * unit - 0.5 * unit.abs() * t / (t + 0.3),
            floor: 0.542 * unit - 7.0 * unit.abs() * t,
            local: (n != 2).then(|| 0.3 / (t + 0.01)),
            worst: 5.0 / t,
        }
    };
    SoftTradeOff {
        title: "What a temperature costs, and what it buys".into(),
        return_label: "return of goal".into(),
        sensitivity_label: "TV per reward error".into(),
        points: (0..n).map(point).collect(),
        optimum: 0.542 * unit,
        marked: (n > 3).then(|| (0.05, "TV at most 0.1 for errors of 0.001".into())),
    }
}

pub(super) fn goodhart(n: usize, falls: bool) -> GoodhartCurve {
    let point = |k: usize| {
        let x = k as f64 / (n.max(2) - 1) as f64;
        let truth = if falls { 0.3 + 1.6 * x - 1.5 * x * x } else { 0.3 + 0.5 * x };
        GoodhartPoint { x, proxy: 0.2 + 0.8 * x.sqrt(), truth }
    };
    GoodhartCurve {
        title: "What optimising the proxy does to truth".into(),
        x_label: "steps of steepest ascent in the proxy".into(),
        y_label: "share of the return range".into(),
        points: (0..n).map(point).collect(),
        peak: (0..n).max_by(|&i, &j| point(i).truth.total_cmp(&point(j).truth)),
        unfinished: None,
        stop: falls.then(|| Stop { x: 0.35, name: "safe for every truth within 20° of the proxy".into() }),
    }
}

pub(super) fn frontier(curves: usize, n: usize, unit: f64) -> BoundFrontier {
    let names = ["χ² of occupancies", "KL of occupancies", "KL of actions", "none of these"];
    let curve = |i: usize| FrontierCurve {
        name: names[i].into(),
        points: (0..n)
            .map(|k| {
                let c = 0.4 + 3.0 * k as f64 / n as f64 + i as f64 * 0.2;
                let proxy = unit * (0.2 + 0.5 * c / (1.0 + 0.3 * c) - 0.05 * i as f64);
                let truth = unit * (0.2 + 0.3 * c - 0.11 * c * c - 0.02 * i as f64);
                let bound = (i == 0).then_some(unit * (0.2 + 0.1 * c - 0.12 * c * c));
                FrontierPoint { weight: 1.0 / (1.0 + k as f64), chi2: c * c, proxy, truth, bound }
            })
            .collect(),
    };
    BoundFrontier {
        title: "What is to be had at a distance from the reference policy".into(),
        proxy_label: "proxy return".into(),
        truth_label: "true return".into(),
        curves: (0..curves).map(curve).collect(),
        reference: (curves != 2).then_some([0.2 * unit, 0.2 * unit]),
        critical_weight: (curves != 2).then_some(0.1234),
    }
}

/// `n` rewards on a line, merged neighbour by neighbour; every fifth is the same task as the one before it.
pub(super) fn matrix(n: usize, has_tree: bool) -> DistanceMatrix {
    let place = |k: usize| (k - usize::from(k % 5 == 4)) as f64 / n as f64;
    let merge = |k: usize| Merge {
        left: if k == 0 { 0 } else { n + k - 1 },
        right: k + 1,
        height: 0.4 * (k + 1) as f64 / n as f64,
    };
    DistanceMatrix {
        title: "Distances between rewards".into(),
        value_label: "starc-range".into(),
        sides: if has_tree { Default::default() } else { ["truth".into(), "proxy".into()] },
        names: (0..n)
            .map(|k| if k == 2 { "goal − 0.05·step + 0.3·progress".into() } else { format!("r{k}") })
            .collect(),
        cells: (0..n * n).map(|k| (k % 13 != 5).then(|| (place(k / n) - place(k % n)).abs())).collect(),
        order: if has_tree { (0..n).collect() } else { (0..n).rev().collect() },
        merges: if has_tree { (0..n - 1).map(merge).collect() } else { Vec::new() },
        tasks: (0..n).map(|k| k - usize::from(k % 5 == 4)).collect(),
    }
}

pub(super) fn radius(rows: &[&str], spread: f64) -> RadiusGrid {
    let map = grid(rows, 1.0);
    let columns = map.columns;
    let cell = |(k, c): (usize, Cell)| RadiusCell {
        radius: match k % 9 {
            _ if c.actions.is_empty() => None,
            4 => Some(0.0),
            7 => Some(f64::INFINITY),
            _ => Some(0.37 * spread.powf((k % 6) as f64 / 6.0)),
        },
        rival: c.actions.first().map(|a| match a {
            Action::Move(Direction::Up, _) => Action::Move(Direction::Left, "left".into()),
            _ => Action::Move(Direction::Up, "up".into()),
        }),
        state: c.state,
        letter: c.letter,
        best: c.actions.into_iter().take(1).collect(),
        critical: k == columns + 2,
        wall: c.wall,
    };
    RadiusGrid {
        title: "How large an error of goal changes the best action".into(),
        rows: map.rows,
        columns,
        cells: map.cells.into_iter().enumerate().map(cell).collect(),
        label: "radius (L∞)".into(),
    }
}

pub(super) fn radius_bars(n: usize, spread: f64) -> RadiusBars {
    let cell = |k: usize| RadiusCell {
        state: Some(if k == 3 { "worn, engine hot, night shift".into() } else { format!("s{k}") }),
        radius: match k % 11 {
            5 => Some(0.0),
            8 => Some(f64::INFINITY),
            9 => None,
            _ => Some(0.01 * spread.powf((k % 10) as f64 / 5.0)),
        },
        best: vec![Action::Named("wait".into())],
        rival: (k % 4 != 3).then(|| Action::Named("replace the machine at once".into())),
        critical: k == 1,
        ..RadiusCell::default()
    };
    RadiusBars {
        title: "How large an error of profit changes the best action".into(),
        states: (0..n).map(cell).collect(),
        top: 25,
        label: "radius (L∞)".into(),
    }
}

fn hacked() -> ReturnPolygon {
    let mut picture = polygon(&round(9, 1.0));
    let middle = Point { truth: 0.33, proxy: -1.95 };
    picture.reference = Some(middle);
    picture.path = (0..12)
        .map(|k| f64::from(k) / 11.0)
        .map(|t| Point { truth: middle.truth + 0.2 * t - 0.25 * t * t, proxy: middle.proxy + 0.8 * t })
        .collect();
    picture.path_label = "steepest ascent in the proxy".into();
    picture
}

pub(super) fn gallery() -> Vec<(&'static str, Box<dyn Picture>)> {
    let many: Vec<f64> = (0..200).map(|k| 0.1 * f64::from(k) / 199.0).collect();
    let mut bracketed = gamma([0.0, 0.999], &[0.38, 0.381966, 0.9, 0.95, 0.951, 0.9985], 6);
    bracketed.switches[2] = DiscountSwitch { gamma: 0.9, lo: 0.88, hi: 0.92 };
    let mut gaping = cliff(&BREAKS, 3, 1.0);
    gaping.pieces.remove(3);
    gaping.points =
        gaping.pieces.windows(2).map(|w| CliffPoint { x: w[1].from, worst: 0.02, best: w[0].best[1] }).collect();
    let still = GammaLadder { blackwell: Some(0.0), touches: Vec::new(), ..gamma([0.0, 0.5], &[], 0) };
    let mut standing = hacked();
    standing.path.truncate(1);
    vec![
        ("cliff", Box::new(cliff(&BREAKS, 9, 1.0))),
        ("cliff-one", Box::new(cliff(&[0.0, 0.1], 0, 1.0))),
        ("cliff-point", Box::new(cliff(&[0.5, 0.5], 0, 0.0))),
        ("cliff-tiny", Box::new(cliff(&BREAKS.map(|x| x * 1e-7), 3, -1e-7))),
        ("cliff-gap", Box::new(gaping)),
        ("cliff-crowd", Box::new(cliff(&many, 60, 40.0))),
        ("gamma", Box::new(gamma([0.0, 0.5], &[0.2, 0.381966], 3))),
        ("gamma-horizon", Box::new(bracketed)),
        ("gamma-still", Box::new(still)),
        ("gamma-crowd", Box::new(gamma([0.0, 1.0], &many.iter().map(|x| 0.5 + 4.0 * x).collect::<Vec<_>>(), 40))),
        ("soft", Box::new(soft(13, 1.0))),
        ("soft-two", Box::new(soft(2, -1e6))),
        ("soft-one", Box::new(soft(1, 1.0))),
        ("soft-crowd", Box::new(soft(400, 1.0))),
        ("goodhart", Box::new(goodhart(21, true))),
        ("goodhart-fine", Box::new(goodhart(200, false))),
        ("goodhart-one", Box::new(goodhart(1, false))),
        ("frontier", Box::new(frontier(3, 20, 1.0))),
        ("frontier-two", Box::new(frontier(2, 3, 1e-6))),
        ("frontier-one", Box::new(frontier(1, 1, -50.0))),
        ("matrix", Box::new(matrix(12, true))),
        ("matrix-sides", Box::new(matrix(7, false))),
        ("matrix-one", Box::new(matrix(1, true))),
        ("matrix-two", Box::new(matrix(2, true))),
        ("matrix-60", Box::new(matrix(60, true))),
        ("matrix-500", Box::new(matrix(500, true))),
        ("radius", Box::new(radius(&LAKE, 500.0))),
        ("radius-8x8", Box::new(radius(&LAKE8, 2.0))),
        ("radius-1x1", Box::new(radius(&["G"], 2.0))),
        ("radius-bars", Box::new(radius_bars(40, 50.0))),
        ("radius-bars-even", Box::new(radius_bars(7, 1.0))),
        ("polygon-path", Box::new(hacked())),
        ("polygon-standing", Box::new(standing)),
    ]
}
