//! Every way to solve against a pivoted dense solve, and against closed forms at sizes where that is too slow.

use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;
use rand::RngExt;
use rayon::ThreadPoolBuilder;

use super::refine::Norm;
use super::*;
use crate::model::mdp::random::rng;
use crate::solve::Limits;

const CLOSELY: Aim = Aim {
    residual: 0.0,
    memory: 1 << 30,
    limits: Limits { deadline: None, stop: None, meter: None },
    has_signs: false,
};

/// Shapes of chains that methods go wrong on.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// Any successors; some states are reached from nowhere.
    Random,
    /// Round and round, which never mixes.
    Cycle,
    /// Two halves, and a way from the first to the second.
    Halves,
    /// A walk to neighbours, with a state that is never left at its end.
    Walk,
    /// As `Random`, but every state may end: its row sums to less than 1.
    Ending,
}

fn chain(kind: Kind, n: usize, seed: u64) -> Chain<'static> {
    let mut rng = rng(seed);
    let (mut ptr, mut col, mut val) = (vec![0], Vec::new(), Vec::new());
    for i in 0..n {
        let mut draw = |from: usize, to: usize| from + rng.random_range(0..to - from);
        let mut successors: Vec<usize> = match kind {
            Kind::Cycle => vec![(i + 1) % n],
            Kind::Random | Kind::Ending => (0..3).map(|_| draw(0, n)).collect(),
            Kind::Halves if i == 0 => vec![n - 1, n / 4],
            Kind::Halves if i < n / 2 => (0..3).map(|_| draw(0, n / 2)).collect(),
            Kind::Halves => (0..3).map(|_| draw(n / 2, n)).collect(),
            Kind::Walk if i + 1 == n => vec![i],
            Kind::Walk => vec![i.saturating_sub(1), i, i + 1],
        };
        successors.sort_unstable();
        successors.dedup();
        let weights: Vec<f64> = successors.iter().map(|_| 0.05 + rng.random::<f64>()).collect();
        let ends = if matches!(kind, Kind::Ending) { 0.1 * rng.random::<f64>() + 0.01 } else { 0.0 };
        let total = weights.iter().sum::<f64>() / (1.0 - ends);
        col.extend(successors.iter().map(|&t| t as u32));
        val.extend(weights.iter().map(|w| w / total));
        ptr.push(col.len());
    }
    Chain::from_csr(ptr, col, val)
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop_oneof![Just(Kind::Random), Just(Kind::Cycle), Just(Kind::Halves), Just(Kind::Walk), Just(Kind::Ending)]
}

fn discounts() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), Just(0.5), Just(0.99), Just(1.0 - f64::powi(2.0, -20))]
}

/// `(I - gamma M)`, its solution for `b`, and the norm of its inverse.
struct Truth {
    x: DVector<f64>,
    inverse: f64,
}

fn truth(m: &Csr<'_>, gamma: f64, b: &[f64], norm: Norm) -> Truth {
    let n = m.n();
    let mut a = DMatrix::identity(n, n);
    (0..n).for_each(|s| m.pairs(s).for_each(|(t, p)| a[(s, t)] -= gamma * p));
    let lu = a.lu();
    let inverse = lu.try_inverse().expect("regular");
    let sums: Vec<f64> = match norm {
        Norm::Largest => (0..n).map(|s| inverse.row(s).iter().map(|x: &f64| x.abs()).sum()).collect(),
        Norm::Sum => (0..n).map(|s| inverse.column(s).iter().map(|x: &f64| x.abs()).sum()).collect(),
    };
    let x = lu.solve(&DVector::from_column_slice(b)).expect("regular");
    Truth { x, inverse: sums.into_iter().fold(0.0, f64::max) }
}

fn distance(x: &[f64], y: &DVector<f64>, norm: Norm) -> f64 {
    x.iter().zip(y).fold(0.0, |d, (x, y)| norm.add(d, (x - y).abs()))
}

fn size(x: &[f64], norm: Norm) -> f64 {
    x.iter().fold(0.0, |d, x| norm.add(d, x.abs()))
}

fn rhs(n: usize, norm: Norm) -> Vec<f64> {
    match norm {
        Norm::Largest => (0..n).map(|i| (i as f64 * 1.7).sin()).collect(),
        Norm::Sum => (0..n).map(|i| if i % 3 == 0 { 1.0 / (n as f64) } else { 0.0 }).collect(),
    }
}

/// Every way alone, for one system: is the solution as close as its residual says, and close where it says so?
fn check(m: &Csr<'_>, gamma: f64, norm: Norm, is_closed: bool) -> Result<(), String> {
    let b = rhs(m.n(), norm);
    let truth = truth(m, gamma, &b, norm);
    let part = Part { m, gamma, norm, is_closed };
    let (single, double) = (Level::<f32>::new(m, gamma), Level::<f64>::new(m, gamma));
    type Way<'a> = (&'static str, Box<dyn Fn(&mut Refinement<'_>) -> bool + 'a>);
    let ways: [Way<'_>; 8] = [
        ("fixed point, single", Box::new(|r| r.fixed_point(&single))),
        ("fixed point, double", Box::new(|r| r.fixed_point(&double))),
        ("BiCGSTAB, single", Box::new(|r| r.krylov(&single, None))),
        ("BiCGSTAB, double", Box::new(|r| r.krylov(&double, None))),
        ("multigrid, single", Box::new(|r| r.krylov(&single, aggregate::Hierarchy::new(&single)))),
        ("multigrid, double", Box::new(|r| r.krylov(&double, aggregate::Hierarchy::new(&double)))),
        ("elimination", Box::new(|r| r.eliminate())),
        (
            "what is chosen",
            Box::new(|r| {
                r.other_ways(r.may_be_single().then_some(&single));
                true
            }),
        ),
    ];
    for (name, way) in ways {
        for residual in [0.0, 1e-6] {
            let aim = Aim { residual, ..CLOSELY };
            let mut refinement = Refinement::new(&part, &b, &aim);
            let is_done = way(&mut refinement);
            let left = refinement.left;
            let x = refinement.solved(super::Way::Direct).x;
            let error = distance(&x, &truth.x, norm);
            let rounding = 1e-13 * (size(&b, norm) + size(&x, norm));
            // The oracle rounds too.
            let bound = (left + rounding) * truth.inverse;
            if error.is_nan() || error > bound {
                return Err(format!("{name}: off by {error}, where {left} is left and {bound} allowed"));
            }
            if is_done && (left.is_nan() || left > residual.max(100.0 * rounding)) {
                return Err(format!("{name}: {left} is left, not {residual}"));
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_way_is_as_close_as_its_residual_says(
        kind in kinds(), n in 2usize..70, seed in 0u64..1_000, gamma in discounts(),
    ) {
        let chain = chain(kind, n, seed);
        let is_closed = chain.p.is_stochastic();
        prop_assert_eq!(is_closed, !matches!(kind, Kind::Ending));
        check(&chain.p, gamma, Norm::Largest, is_closed).map_err(TestCaseError::fail)?;
        check(&chain.p.transposed(), gamma, Norm::Sum, is_closed).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn episodes_without_discount_end_in_every_way(n in 2usize..70, seed in 0u64..1_000) {
        let chain = chain(Kind::Ending, n, seed);
        check(&chain.p, 1.0, Norm::Largest, false).map_err(TestCaseError::fail)?;
        check(&chain.p.transposed(), 1.0, Norm::Sum, false).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn the_chain_solves_both_systems(kind in kinds(), n in 1usize..90, seed in 0u64..1_000, gamma in discounts()) {
        let chain = chain(kind, n, seed);
        let transposed = chain.p.transposed();
        for (m, norm) in [(&chain.p, Norm::Largest), (&transposed, Norm::Sum)] {
            let b = rhs(n, norm);
            let truth = truth(m, gamma, &b, norm);
            let solved = match norm {
                Norm::Largest => chain.solve(gamma, &b, &CLOSELY),
                Norm::Sum => chain.solve_transposed(gamma, &b, &CLOSELY),
            };
            let allowed = 1e-13 * (size(&b, norm) + size(&solved.x, norm)) * truth.inverse;
            prop_assert!(distance(&solved.x, &truth.x, norm) <= allowed);
        }
    }
}

/// Norm of the residual of a solution, worked out apart from everything that finds one.
fn residual(m: &Csr<'_>, gamma: f64, b: &[f64], x: &[f64], norm: Norm) -> f64 {
    let at = |s: usize| b[s] + gamma * m.pairs(s).map(|(t, p)| p * x[t]).sum::<f64>() - x[s];
    (0..m.n()).fold(0.0, |d, s| norm.add(d, at(s).abs()))
}

fn solve_both(chain: &Chain<'_>, gamma: f64, aim: &Aim) -> [Solved; 2] {
    let (b, start) = (rhs(chain.n(), Norm::Largest), rhs(chain.n(), Norm::Sum));
    [chain.solve(gamma, &b, aim), chain.solve_transposed(gamma, &start, aim)]
}

/// A walk over a square with walls: four neighbours, each as likely.
fn square(side: usize) -> Chain<'static> {
    let (mut ptr, mut col, mut val) = (vec![0], Vec::new(), Vec::new());
    for s in 0..side * side {
        let (y, x) = (s / side, s % side);
        let mut to = [
            if y > 0 { s - side } else { s },
            if x > 0 { s - 1 } else { s },
            if x + 1 < side { s + 1 } else { s },
            if y + 1 < side { s + side } else { s },
        ];
        to.sort_unstable();
        for (i, t) in to.into_iter().enumerate() {
            if i > 0 && to[i - 1] == t {
                *val.last_mut().expect("one was pushed") += 0.25;
            } else {
                col.push(t as u32);
                val.push(0.25);
            }
        }
        ptr.push(col.len());
    }
    Chain::from_csr(ptr, col, val)
}

#[test]
fn the_way_is_chosen_by_what_the_chain_is_like() {
    let ways = |chain: &Chain<'_>, gamma: f64, residual: f64| {
        let found = solve_both(chain, gamma, &Aim { residual, ..CLOSELY });
        let transposed = chain.p.transposed();
        for (solved, (m, norm)) in found.iter().zip([(&chain.p, Norm::Largest), (&transposed, Norm::Sum)]) {
            let left = self::residual(m, gamma, &rhs(chain.n(), norm), &solved.x, norm);
            let rounding = 1e-14 * size(&solved.x, norm);
            assert!(left <= residual + rounding, "{:?} leaves {left}", solved.way);
            assert!(!solved.is_cut);
        }
        found.map(|solved| solved.way)
    };
    assert_eq!(ways(&chain(Kind::Random, 30_000, 1), 0.99, 1e-9), [Way::FixedPoint; 2]);
    assert_eq!(ways(&square(450), 0.9999, 1e-9), [Way::Multigrid; 2]);
    assert_eq!(ways(&square(40), 0.9999, 0.0), [Way::SparseLu; 2], "one component past the dense limit");
    assert_eq!(ways(&chain(Kind::Walk, 25_000, 1), 0.9999, 1e-9), [Way::SparseLu; 2]);
    assert_eq!(ways(&chain(Kind::Walk, 500, 1), 0.9999, 1e-9), [Way::Direct; 2]);
}

#[test]
fn a_long_cycle_is_a_geometric_series() {
    let (n, gamma) = (25_000, 0.9999);
    let chain = chain(Kind::Cycle, n, 1);
    let mut b = vec![0.0; n];
    b[n - 1] = 1.0;
    let x = chain.solve(gamma, &b, &CLOSELY).x;
    for s in (0..n).step_by(997) {
        let exact = gamma.powi((n - 1 - s) as i32) / (1.0 - gamma.powi(n as i32));
        assert!((x[s] - exact).abs() < 1e-10, "state {s}: {} and not {exact}", x[s]);
    }
}

#[test]
fn threads_change_no_bit() {
    let large: [(fn() -> Chain<'static>, f64); 3] =
        [(|| square(450), 0.9999), (|| chain(Kind::Random, 30_000, 2), 0.99), (|| square(40), 1.0 - 1e-7)];
    for (make, gamma) in large {
        let with = |threads: usize| {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            pool.install(|| solve_both(&make(), gamma, &Aim { residual: 1e-9, ..CLOSELY }).map(|solved| solved.x))
        };
        assert!(with(1) == with(2));
    }
}

#[test]
fn a_limit_leaves_what_was_found_until_then() {
    let over = Limits { deadline: Some(std::time::Instant::now()), ..Limits::default() };
    for solved in solve_both(&square(150), 0.9999, &Aim { limits: over, ..CLOSELY }) {
        assert!(solved.is_cut && solved.x.iter().all(|x| x.is_finite()));
    }
}
