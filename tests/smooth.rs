//! Lipschitz constants of values for a metric on states: walks on a line, transport against linear programs, maps that
//! expand.

use good_lp::{Expression, Solution as _, SolverModel, constraint, microlp, variable, variables};
use truenorth::analysis::smooth::{Metric, Promise, Smooth, distance, smooth};
use truenorth::base::Code;
use truenorth::io::{self, gallery};
use truenorth::model::mdp::random;
use truenorth::model::{Mdp, Model};
use truenorth::solve::{Options, Sense, Solver, Task};

fn toml(text: &str) -> Model {
    let text = format!("format = \"truenorth-mdp/1\"\n{text}");
    Model::build(io::read_raw_text("test.mdp.toml", &text, io::format_by_id("toml").unwrap()).unwrap()).unwrap()
}

fn of(model: &Model, metric: &Metric) -> Smooth {
    let mdp = model.mdp();
    let solver = Solver::new(mdp, Options::default()).unwrap();
    let r = model.rewards()[0].1.expected(mdp);
    let optimum = solver.optimise(&Task::new(&r, Sense::Max));
    smooth(&solver, metric, &r, &optimum).unwrap().expect("no limit")
}

/// A lazy walk on `n` points that is drawn to the middle, a little to either side by choice.
fn walk(n: usize, gamma: f64) -> Model {
    let mut transitions = String::new();
    let mut rewards = String::new();
    for s in 0..n {
        let middle = (n - 1) as f64 / 2.0;
        let pull = (s as f64 - middle) / (4.0 * n as f64);
        for (a, lean) in [-0.1, 0.1].into_iter().enumerate() {
            let up = 0.3 - pull + lean;
            let down = 0.3 + pull - lean;
            let (above, below) = ((s + 1).min(n - 1), s.saturating_sub(1));
            transitions.push_str(&format!(
                "[{s}, {a}, {above}, {up:?}], [{s}, {a}, {below}, {down:?}], [{s}, {a}, {s}, 0.4],"
            ));
        }
        rewards.push_str(&format!("{:?},", (s as f64 / 3.0).sin()));
    }
    toml(&format!(
        "gamma = {gamma}\nstates = {n}\nactions = 2\nmu0 = \"uniform\"\ntransitions = [{transitions}]\n[rewards.r]\ns = [{rewards}]"
    ))
}

#[test]
fn values_of_a_walk_change_no_faster_than_promised() {
    let model = walk(11, 0.9);
    let mdp = model.mdp();
    let found = of(&model, &Metric::line_of_states(mdp));
    // The area between distribution functions, worked out again here.
    let dense = |row: usize| {
        let mut p = vec![0.0; 11];
        let (col, val) = mdp.p(row);
        col.iter().zip(val).for_each(|(&t, &x)| p[t as usize] += x);
        p
    };
    let area = |x: &[f64], y: &[f64]| {
        let (mut sum, mut total) = (0.0f64, 0.0);
        for i in 0..10 {
            sum += x[i] - y[i];
            total += sum.abs();
        }
        total
    };
    let (mut l_p, mut l_r, mut l_v) = (0.0f64, 0.0f64, 0.0f64);
    let solver = Solver::new(mdp, Options::default()).unwrap();
    let r = model.rewards()[0].1.expected(mdp);
    let v = solver.optimise(&Task::new(&r, Sense::Max)).v;
    for s in 0..11 {
        for t in 0..s {
            let d = (s - t) as f64;
            for a in 0..2 {
                let rows = [s, t].map(|s| mdp.row(s, a).unwrap());
                l_p = l_p.max(area(&dense(rows[0]), &dense(rows[1])) / d);
                l_r = l_r.max((r.r[rows[0]] - r.r[rows[1]]).abs() / d);
            }
            l_v = l_v.max((v[s] - v[t]).abs() / d);
        }
    }
    let near = |x: f64, y: f64| assert!((x - y).abs() < 1e-9, "{x} {y}");
    near(found.kernel.value.value, l_p);
    near(found.reward.value.value, l_r);
    near(found.value.value.value, l_v);
    assert!(l_p < 1.0, "the pull contracts");
    let Promise::Bound(bound) = found.promise else { panic!("no bound") };
    near(bound.value, l_r / (1.0 - 0.9 * l_p));
    assert!(0.0 < l_v && l_v <= bound.hi, "{l_v} {bound:?}");
    // As points of the plane and as a table of distances they are the same, by way of transport problems.
    let points = Metric::points(mdp, (0..11).map(|s| vec![f64::from(s), 2.0]).collect()).unwrap();
    let row = |s: i32| (0..11).map(|t: i32| f64::from((s - t).abs())).collect();
    let table = Metric::table(mdp, (0..11).map(row).collect()).unwrap();
    for metric in [points, table] {
        let again = of(&model, &metric);
        near(again.kernel.value.value, l_p);
        assert!(again.kernel.value.width() < 1e-9);
    }
}

/// `s -> 2 s` on a long line, which pays at its upper half.
fn doubling(n: usize) -> Model {
    let moves: String = (0..n).map(|s| format!("[{s}, 0, {}, 1],", (2 * s).min(n - 1))).collect();
    let pay: String = (0..n).map(|s| format!("{:?},", s as f64 / n as f64)).collect();
    toml(&format!(
        "gamma = 0.9\nstates = {n}\nactions = 1\nmu0 = \"uniform\"\ntransitions = [{moves}]\n[rewards.r]\ns = [{pay}]"
    ))
}

#[test]
fn expanding_maps_get_no_promise() {
    // In units of the reward's own constant 1/n the values steepen with the length of the line.
    let steepness = |n: usize| {
        let model = doubling(n);
        let found = of(&model, &Metric::line_of_states(model.mdp()));
        assert_eq!(found.promise, Promise::Expanding);
        assert!((found.kernel.value.value - 2.0).abs() < 1e-12 && found.gamma_kernel.lo > 1.0);
        found.value.value.value / found.reward.value.value
    };
    let [short, middle, long] = [8, 64, 512].map(steepness);
    assert!(middle > 2.0 * short && long > 2.0 * middle, "{short} {middle} {long}");
}

#[test]
fn different_actions_get_no_promise() {
    let model = toml(
        "gamma = 0.1\nstates = 2\nactions = 2\nmu0 = \"uniform\"\ntransitions = [[0, 0, 0, 1], [0, 1, 0, 1], [1, 0, 1, 1]]\n\
         [rewards.r]\nentries = [[0, 1, 0, 100]]",
    );
    let found = of(&model, &Metric::line_of_states(model.mdp()));
    // The actions both have are alike; the one that only the first has makes all the difference.
    assert!(found.reward.value.contains(0.0) && found.reward.value.hi < 1e-12);
    assert!(found.value.value.value > 100.0);
    assert_eq!(found.promise, Promise::ActionsDiffer(0, 1));
}

#[test]
fn grids_are_measured_in_steps() {
    let model = Model::build(gallery::read("frozenlake-4x4").unwrap()).unwrap();
    let metric = Metric::grid(&model).unwrap();
    assert_eq!((metric.d(0, 15), metric.d(0, 4), metric.d(5, 6)), (6.0, 1.0, 1.0));
    let found = of(&model, &metric);
    assert!(found.value.value.lo > 0.0 && found.kernel.value.value >= 1.0);
    let plain = toml("gamma = 0.5\nstates = 1\nactions = 1\nmu0 = \"uniform\"\np = [[[1]]]\n[rewards.r]\nsa = [[3]]");
    assert_eq!(Metric::grid(&plain).unwrap_err().code, Code::WrongShape);
}

#[test]
fn what_is_no_metric_is_refused() {
    let mdp: &Mdp = &random::dirichlet(&mut random::rng(1), 3, 2, 0.5).unwrap();
    let table = |rows: [[f64; 3]; 3]| Metric::table(mdp, rows.map(|row| row.to_vec()).to_vec());
    assert!(table([[0.0, 1.0, 2.0], [1.0, 0.0, 1.0], [2.0, 1.0, 0.0]]).is_ok());
    let wrong = [
        [[0.0, 1.0, 3.0], [1.0, 0.0, 1.0], [3.0, 1.0, 0.0]],
        [[0.0, 1.0, 2.0], [1.5, 0.0, 1.0], [2.0, 1.0, 0.0]],
        [[0.0, 0.0, 2.0], [0.0, 0.0, 2.0], [2.0, 2.0, 0.0]],
        [[1.0, 1.0, 2.0], [1.0, 0.0, 1.0], [2.0, 1.0, 0.0]],
    ];
    wrong.into_iter().for_each(|rows| assert_eq!(table(rows).unwrap_err().code, Code::BadNumber));
    assert_eq!(Metric::line(mdp, vec![0.0, 1.0]).unwrap_err().code, Code::WrongShape);
    assert_eq!(Metric::line(mdp, vec![0.0, 1.0, 0.0]).unwrap_err().code, Code::BadNumber);
    assert_eq!(Metric::points(mdp, vec![vec![0.0], vec![1.0, 2.0], vec![0.0]]).unwrap_err().code, Code::WrongShape);
}

#[test]
fn transport_agrees_with_a_linear_program() {
    let mut rng = random::rng(7);
    let mdp = random::dirichlet(&mut rng, 9, 4, 0.5).unwrap();
    let draws = random::normals(&mut rng, 18);
    let metric = Metric::points(&mdp, draws.chunks(2).map(<[f64]>::to_vec).collect()).unwrap();
    let list = |row: usize| -> Vec<(usize, f64)> {
        let (col, p) = mdp.p(row);
        col.iter().zip(p).map(|(&t, &p)| (t as usize, p)).collect()
    };
    for (x, y) in [(0, 1), (3, 17), (20, 35), (8, 30), (11, 12)] {
        let found = distance(&metric, &list(x), &list(y));
        assert!(found.hi - found.lo < 1e-12, "{found:?}");
        let truth = program(&metric, &list(x), &list(y));
        assert!((found.mid() - truth).abs() < 1e-9, "{found:?} {truth}");
        assert_eq!(distance(&metric, &list(x), &list(x)).hi, 0.0);
    }
}

/// The transport problem as it stands in books.
fn program(metric: &Metric, p: &[(usize, f64)], q: &[(usize, f64)]) -> f64 {
    let mut vars = variables!();
    let plan: Vec<Vec<_>> = p.iter().map(|_| q.iter().map(|_| vars.add(variable().min(0.0))).collect()).collect();
    let pairs = || (0..p.len()).flat_map(|i| (0..q.len()).map(move |j| (i, j)));
    let cost = |i: usize, j: usize| metric.d(p[i].0, q[j].0);
    let work: Expression = pairs().map(|(i, j)| cost(i, j) * plan[i][j]).sum();
    let mut problem = vars.minimise(work).using(microlp);
    for i in 0..p.len() {
        let sent: Expression = plan[i].iter().sum();
        problem = problem.with(constraint!(sent == p[i].1));
    }
    // The last demand follows from the others, up to rounding.
    for j in 0..q.len() - 1 {
        let got: Expression = plan.iter().map(|row| row[j]).sum();
        problem = problem.with(constraint!(got == q[j].1));
    }
    let solution = problem.solve().expect("a plan exists");
    pairs().map(|(i, j)| cost(i, j) * solution.value(plan[i][j])).sum()
}
