//! Easy and awkward data for every picture. A new picture gets a row in [`gallery`].

use super::super::*;

/// A grid from rows of letters: holes and goals have no actions, `#` is a wall, values fall with distance from the
/// last cell times `unit`.
pub(super) fn grid(rows: &[&str], unit: f64) -> GridMap {
    let columns = rows[0].len();
    let (last_row, last_column) = (rows.len() as f64 - 1.0, columns as f64 - 1.0);
    let moves =
        [(Direction::Right, "right"), (Direction::Down, "down"), (Direction::Left, "left"), (Direction::Up, "up")];
    let cell = |y: usize, x: usize, letter: char| {
        let away = (last_row - y as f64) + (last_column - x as f64);
        let live = matches!(letter, 'S' | 'F' | '.');
        let ties = if live { 1 + (x * y) % 3 + usize::from(x * y == 9) } else { 0 };
        let step = |k: usize| moves[(x + k) % 4];
        let actions = (0..ties).map(|k| Action::Move(step(k).0, step(k).1.into())).collect();
        Cell {
            state: Some(format!("r{y}c{x}")),
            letter: letter.to_string().replace('.', ""),
            value: Some(if live { 0.93f64.powf(away * 1.3) * unit } else { 0.0 }),
            actions,
            outlined: live && (x + 2 * y) % 5 == 1,
            wall: letter == '#',
        }
    };
    let cells = rows.iter().enumerate().flat_map(|(y, r)| r.chars().enumerate().map(move |(x, c)| (y, x, c)));
    GridMap {
        title: format!("Optimal value and policy under goal, γ = 0.99 ({} × {columns})", rows.len()),
        rows: rows.len(),
        columns,
        cells: cells.map(|(y, x, c)| cell(y, x, c)).collect(),
        value_label: "V*(s)".into(),
        outline_label: "optimal action differs (4 of 11 live states)".into(),
    }
}

pub(super) const LAKE: [&str; 4] = ["SFFF", "FHFH", "FFFH", "HFFG"];
pub(super) const LAKE8: [&str; 8] =
    ["SFFFFFFF", "FFFFFFFF", "FFFHFFFF", "FFFFFHFF", "FFFHFFFF", "FHHFFFHF", "FHFFHFHF", "FFFHFFFG"];
pub(super) const CLIFF: [&str; 4] = ["............", "............", "............", "SHHHHHHHHHHG"];

pub(super) fn big() -> GridMap {
    let rows: Vec<String> =
        (0..20).map(|y| (0..20).map(|x| if (x * 7 + y * 3) % 11 == 0 { '#' } else { '.' }).collect()).collect();
    grid(&rows.iter().map(String::as_str).collect::<Vec<_>>(), 1.0)
}

pub(super) fn diff(rows: &[&str]) -> GridDiff {
    let mut left = grid(rows, 1.0);
    let mut right = grid(rows, -20.0);
    left.title = "truth: goal".into();
    right.title = "proxy: goal − 0.05·step".into();
    left.cells.iter_mut().for_each(|c| c.outlined = false);
    right.cells.iter_mut().for_each(|c| c.value = c.value.map(|v| v - 1.0));
    GridDiff { title: "What changes when every step costs 0.05".into(), left, right }
}

pub(super) fn polygon(points: &[(f64, f64)]) -> ReturnPolygon {
    let vertices: Vec<Point> = points.iter().map(|&(truth, proxy)| Point { truth, proxy }).collect();
    let best = |key: fn(&Point) -> f64| vertices.iter().copied().max_by(|a, b| key(a).total_cmp(&key(b)));
    let (truth, proxy) = (best(|p| p.truth), best(|p| p.proxy));
    ReturnPolygon {
        title: "Every pair of returns a policy can have".into(),
        truth_label: "J under goal (truth)".into(),
        proxy_label: "J under goal − 0.05·step (proxy)".into(),
        chord: truth.zip(proxy).map(|(from, to)| Chord { from, to, name: "worst-case regret".into() }),
        truth_optima: truth.into_iter().collect(),
        proxy_optima: proxy.into_iter().collect(),
        reference: vertices.first().copied(),
        path: Vec::new(),
        path_label: String::new(),
        vertices,
    }
}

pub(super) fn round(n: usize, scale: f64) -> Vec<(f64, f64)> {
    let angle = |k: usize| k as f64 * std::f64::consts::TAU / n as f64;
    let point = |a: f64| (scale * (0.3 + a.cos() * 0.25 + 0.06 * a.sin()), scale * (-2.0 + a.sin() + 0.5 * a.cos()));
    (0..n).map(|k| point(angle(k))).collect()
}

pub(super) fn occupancy(rows: &[&str], scale: OccupancyScale) -> OccupancyGrid {
    let map = grid(rows, 1.0);
    let n = map.cells.len() as f64;
    let occ = |k: usize| match scale {
        OccupancyScale::Difference => ((k * 7) as f64 % n - n / 2.0) / n / 9.0,
        _ => 0.62f64.powf(k as f64) * f64::from(u8::from(k % 6 != 5)),
    };
    let cell =
        |(k, c): (usize, Cell)| OccupancyCell { state: c.state, letter: c.letter, occ: Some(occ(k)), wall: c.wall };
    OccupancyGrid {
        title: format!("Where the optimal policy spends its time ({scale:?})"),
        rows: map.rows,
        columns: map.columns,
        cells: map.cells.into_iter().enumerate().map(cell).collect(),
        label: "discounted occupancy, sums to 1".into(),
        scale,
        sides: (scale == OccupancyScale::Difference).then(|| ["under goal".into(), "under goal − 0.05·step".into()]),
    }
}

pub(super) fn bars(n: usize, signed: bool) -> OccupancyBars {
    let value = |k: usize| 0.8f64.powi(k as i32) * if signed && k % 3 == 1 { -0.7 } else { 1.0 };
    let name = |k: usize| {
        if k == 2 { "a state with quite a long name, really".into() } else { format!("state {k}") }
    };
    OccupancyBars {
        title: "Most visited states".into(),
        states: (0..n).map(|k| (name(k), value(k))).collect(),
        top: 15,
        label: "discounted occupancy, sums to 1/(1−γ)".into(),
        sides: signed.then(|| ["under the first policy".into(), "under the other".into()]),
    }
}

pub(super) fn table(n: usize, columns: usize, unit: f64) -> StateTable {
    let cell = |s: usize, c: usize| StateCell {
        value: (s != 3).then(|| ((s * 37 % 11) as f64 - 2.0 * c as f64) * unit / 3.0),
        actions: match s % 4 {
            0 => vec!["wait".into()],
            1 => vec!["buy".into(), "sell".into()],
            2 => vec!["replace the machine at once".into()],
            _ => Vec::new(),
        },
    };
    let titles = ["truth: profit", "proxy: profit − 0.2·noise"];
    StateTable {
        title: "Values and optimal actions by state".into(),
        value_label: "V*(s)".into(),
        names: (0..n)
            .map(|s| if s == 4 { "worn, engine hot, night shift, no spare".into() } else { format!("s{s}") })
            .collect(),
        changed: (0..n).map(|s| columns > 1 && s % 5 == 2).collect(),
        changed_label: String::new(),
        columns: (0..columns)
            .map(|c| StateColumn { title: titles[c % 2].into(), cells: (0..n).map(|s| cell(s, c)).collect() })
            .collect(),
    }
}

/// Two tables of `rows` x `groups` x `columns` numbers around `base`.
pub(super) fn heat_table(rows: usize, groups: usize, columns: usize, base: f64) -> HeatTable {
    let names = ["l1", "l2", "linf", "wl1", "wl2", "wlinf"];
    let group = |g: usize| ColumnGroup {
        name: names[g % 6].into(),
        columns: (0..columns).map(|c| names[c % 6].into()).collect(),
    };
    let cells = |scale: f64| {
        let value = |k: usize| base + scale * ((k * 37 % 101) as f64 / 100.0 - 0.3);
        (0..rows * groups * columns).map(|k| (k % 17 != 4).then(|| value(k))).collect()
    };
    HeatTable {
        title: "Correlation of every distance with regret".into(),
        value_label: "Pearson correlation".into(),
        rows: (0..rows)
            .map(|r| if r == 1 { "minimal-potential-weighted".into() } else { format!("row {r}") })
            .collect(),
        head_labels: ["normalised by".into(), "measured in".into()],
        groups: (0..groups).map(group).collect(),
        tables: vec![
            HeatCells { title: "with the regret of optimal policies".into(), cells: cells(0.6) },
            HeatCells { title: "with the worst case".into(), cells: cells(0.2) },
        ],
    }
}

/// Every picture the checks below are run on.
pub(super) fn gallery() -> Vec<(&'static str, Box<dyn Picture>)> {
    let mut all = basics();
    all.extend(super::studies::gallery());
    all
}

fn basics() -> Vec<(&'static str, Box<dyn Picture>)> {
    let mut long = grid(&LAKE, 1.0);
    long.title = "A title that is much longer than any picture of a small lake is wide, and then goes on for a while \
                  about discounting, ties, and the 11 live states of the model"
        .into();
    long.value_label = "an unreasonably long name for the value of a state under the optimal policy".into();
    let mut named = grid(&["SF", "FG"], 1e8);
    for cell in &mut named.cells {
        cell.actions = vec![Action::Named("noop".into()), Action::Named("recharge".into())];
    }
    let mut flat = grid(&LAKE, 1.0);
    flat.cells.iter_mut().for_each(|c| c.value = Some(2.5));
    let mut bare = grid(&["F"], 1.0);
    bare.cells[0].value = None;
    let mut lopsided = polygon(&round(7, 1.0));
    lopsided.truth_optima.push(lopsided.vertices[5]);
    lopsided.proxy_optima.push(lopsided.vertices[3]);
    vec![
        ("grid-4x4", Box::new(grid(&LAKE, 0.542))),
        ("grid-8x8", Box::new(grid(&LAKE8, 1.0))),
        ("grid-cliff", Box::new(grid(&CLIFF, -13.0))),
        ("grid-20x20", Box::new(big())),
        ("grid-1x1", Box::new(grid(&["G"], 1.0))),
        ("grid-bare", Box::new(bare)),
        ("grid-tiny", Box::new(grid(&LAKE, 1e-8))),
        ("grid-long", Box::new(long)),
        ("grid-named", Box::new(named)),
        ("grid-flat", Box::new(flat)),
        ("diff-4x4", Box::new(diff(&LAKE))),
        ("diff-8x8", Box::new(diff(&LAKE8))),
        ("diff-cliff", Box::new(diff(&CLIFF))),
        ("polygon-7", Box::new(lopsided)),
        ("polygon-60", Box::new(polygon(&round(60, 1.0)))),
        ("polygon-tiny", Box::new(polygon(&round(9, 1e-8)))),
        ("polygon-huge", Box::new(polygon(&round(9, -1e8)))),
        ("polygon-far", Box::new(polygon(&[(1e6, 3.0), (1e6 + 1e-3, 3.0), (1e6, 3.0 + 1e-9)]))),
        ("polygon-segment", Box::new(polygon(&[(0.0, -1.0), (0.6, 2.0)]))),
        ("polygon-level", Box::new(polygon(&[(0.0, 2.0), (0.6, 2.0)]))),
        ("polygon-point", Box::new(polygon(&[(0.0, 0.0)]))),
        ("polygon-same", Box::new(polygon(&[(-3.5, 1e-300); 5]))),
        ("occupancy-linear", Box::new(occupancy(&LAKE, OccupancyScale::Linear))),
        ("occupancy-log", Box::new(occupancy(&LAKE8, OccupancyScale::Log))),
        ("occupancy-diff", Box::new(occupancy(&CLIFF, OccupancyScale::Difference))),
        ("bars", Box::new(bars(40, false))),
        ("bars-diff", Box::new(bars(9, true))),
        ("bars-zero", Box::new(OccupancyBars { states: vec![("only".into(), 0.0)], ..bars(1, false) })),
        ("states-one", Box::new(table(12, 1, 1.0))),
        ("states-two", Box::new(table(17, 2, -40.0))),
        ("states-many", Box::new(table(400, 2, 1e-9))),
        ("heat-table", Box::new(heat_table(9, 6, 6, 0.5))),
        ("heat-table-negative", Box::new(heat_table(3, 2, 4, -40.0))),
        ("heat-table-one", Box::new(heat_table(1, 1, 1, 0.0))),
        ("heat-table-many", Box::new(heat_table(40, 30, 6, 0.0))),
        ("states-nothing", Box::new(table(1, 2, 0.0))),
    ]
}
