//! The nearest reward under which a given policy is optimal, with a margin if asked for.
//!
//! Least `||D||` such that every other action of the policy falls short by the margin under `r + D`: a linear program in the
//! largest entry and in the sum, a quadratic one in the root of squares. In values instead of advantages its matrix is as
//! sparse as the model.

use super::ball::{Ball, Direction};
use super::program::Program;
use crate::base::sum::{gamma_n, max_abs, plus_scaled};
use crate::base::{Bounded, Code, Diag, Grade, Interval, Result};
use crate::model::reward::ExpectedReward;
use crate::model::{Mdp, Policy};
use crate::solve::{Advantages, Solver};

/// Largest number of pairs: interior points then take about a minute.
const PAIRS: usize = 20_000;
/// Multiplications spent on the sum of directions behind the lower bound: some seconds.
const WORK: usize = 4_000_000_000;
/// An excess below this many times what it may be off is no matter for a program: it is taken off as it is.
const DOUBT: f64 = 8.0;

/// The nearest such reward in one norm.
#[derive(Clone, Debug)]
pub struct Taught {
    /// The norm.
    pub ball: Ball,
    /// Its distance. The upper end is that of `change`, the lower one what the multipliers of the program prove.
    pub distance: Bounded,
    /// What is added to the reward, over rows. Under the sum the policy is optimal with the margin, rounding included.
    pub change: Vec<f64>,
    /// Largest advantage of another action over the policy before, plus the margin, or 0: the change in the largest entry is at
    /// most this, and at most half of it where nothing ends.
    pub excess: f64,
}

/// Finds it for a deterministic policy, one row a state, in the largest entry, the sum or the root of squares of `R(s,a)`.
pub fn teach(
    solver: &Solver<'_>,
    rows: &[usize],
    expected: &ExpectedReward,
    margin: f64,
    ball: Ball,
) -> Result<Taught> {
    let mdp = solver.mdp();
    if mdp.n_rows() > PAIRS {
        return Diag::new(Code::TooLarge, format!("the nearest reward was asked for among {} pairs", mdp.n_rows()))
            .expected(format!("at most {PAIRS} pairs of a state and an action"))
            .err();
    }
    let before = advantages(solver, rows, expected);
    let over = |of: &Advantages, row: usize| of.a[row] + of.error[row] + margin;
    let others = others(mdp, rows);
    let excess = others.iter().map(|&row| over(&before, row)).fold(0.0, f64::max);
    let mut found = Taught { ball, distance: Bounded::exact(0.0), change: vec![0.0; mdp.n_rows()], excess };
    if excess == 0.0 {
        return Ok(found);
    }
    let doubt = others.iter().map(|&row| before.error[row]).fold(0.0, f64::max);
    let mut price = Vec::new();
    if excess > DOUBT * doubt {
        let change;
        (change, price) = program(solver, rows, &before, margin, ball, excess)?;
        found.change = change.iter().map(|d| d * excess).collect();
    }
    let found_size = size(&found.change, ball);
    mend(solver, rows, expected, &mut found.change, over);
    let hi = size(&found.change, ball) * (1.0 + 4.0 * gamma_n(mdp.n_rows() + 2));
    let lo = below(solver, rows, &before, margin, &others, ball);
    let lo = lo.max(together(solver, rows, &before, margin, &others, &price, ball)).min(hi);
    found.distance = Bounded::around(found_size, Interval { lo, hi }, Grade::Bounded);
    Ok(found)
}

/// Rows of states with something left to do that the policy does not play.
fn others(mdp: &Mdp, rows: &[usize]) -> Vec<usize> {
    let states = (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s));
    states.flat_map(|s| mdp.rows(s).filter(move |&row| row != rows[s])).collect()
}

fn advantages(solver: &Solver<'_>, rows: &[usize], reward: &ExpectedReward) -> Advantages {
    let value = solver.evaluate_closely(&Policy::Deterministic(rows.to_vec()), &[reward]).swap_remove(0);
    solver.advantages(reward, &value)
}

fn size(change: &[f64], ball: Ball) -> f64 {
    match ball {
        Ball::L1 => change.iter().map(|d| d.abs()).sum(),
        Ball::L2 => change.iter().map(|d| d * d).sum::<f64>().sqrt(),
        _ => max_abs(change),
    }
}

/// The program in units of `unit`: what the change adds to values, then changes, then what bounds the changes. Advantages before
/// stand on the right-hand side, so that nothing in it is larger than the question. The change, and the multipliers of the
/// other actions.
fn program(
    solver: &Solver<'_>,
    rows: &[usize],
    before: &Advantages,
    margin: f64,
    ball: Ball,
    unit: f64,
) -> Result<(Vec<f64>, Vec<f64>)> {
    let mdp = solver.mdp();
    let (n, m) = (mdp.n_states(), mdp.n_rows());
    let extra = match ball {
        Ball::L1 => m,
        Ball::L2 => 0,
        _ => 1,
    };
    let mut program = Program::new(n + m + extra);
    for row in 0..m {
        match ball {
            Ball::L1 => {
                program.cost(n + m + row, 1.0, 0.0);
                program.within(n + row, n + m + row);
            }
            Ball::L2 => program.cost(n + row, 0.0, 1.0),
            _ => program.within(n + row, n + m),
        }
    }
    if extra == 1 {
        program.cost(n + m, 1.0, 0.0);
    }
    for s in 0..n {
        if mdp.is_terminal(s) {
            // Nothing is earned after the end, and nothing there is changed.
            program.equal(vec![(s, 1.0)], 0.0);
            mdp.rows(s).for_each(|row| program.equal(vec![(n + row, 1.0)], 0.0));
            continue;
        }
        for row in mdp.rows(s) {
            let (col, p) = mdp.p(row);
            let mut terms = vec![(s, -1.0), (n + row, 1.0)];
            terms.extend(col.iter().zip(p).map(|(&t, &p)| (t as usize, mdp.gamma() * p)));
            match row == rows[s] {
                true => program.equal(terms, 0.0),
                false => program.at_most(terms, (-margin - before.a[row]) / unit),
            }
        }
    }
    let found = program.solve(&solver.options().limits)?;
    // The bounds on the changes come first.
    let first = if ball == Ball::L2 { 0 } else { 2 * m };
    Ok((found.x[n..n + m].to_vec(), found.price[first..].to_vec()))
}

/// Lowers actions that are still too good by what they exceed: that moves no other advantage.
fn mend(
    solver: &Solver<'_>,
    rows: &[usize],
    expected: &ExpectedReward,
    change: &mut [f64],
    over: impl Fn(&Advantages, usize) -> f64,
) {
    let mdp = solver.mdp();
    // Rounding of the sum is another source of a last excess, so it takes a second look.
    for _ in 0..3 {
        let reward = ExpectedReward::rounded(plus_scaled(&expected.r, 1.0, change), expected.err);
        let after = advantages(solver, rows, &reward);
        for row in others(mdp, rows) {
            change[row] -= over(&after, row).max(0.0);
        }
    }
}

/// From below: each excess needs a change of at least itself over the dual norm. Of the largest ones.
fn below(solver: &Solver<'_>, rows: &[usize], before: &Advantages, margin: f64, others: &[usize], ball: Ball) -> f64 {
    /// Pairs looked at.
    const MOST: usize = 20;
    let shifts = solver.shifts(rows);
    let excess = |row: usize| before.a[row] - before.error[row] + margin;
    let mut order = others.to_vec();
    order.sort_by(|&x, &y| excess(y).total_cmp(&excess(x)));
    let largest = order.iter().take(MOST).filter(|&&row| excess(row) > 0.0);
    let bound = |&row: &usize| excess(row) / Direction::of(&shifts, row).dual(solver.mdp(), ball).hi;
    largest.map(bound).fold(0.0, f64::max)
}

/// From below, by all of them: `sum l_k excess_k / || sum l_k c_k ||_dual` for any `l >= 0`, here the multipliers that the program
/// found, the largest of them if there are too many.
fn together(
    solver: &Solver<'_>,
    rows: &[usize],
    before: &Advantages,
    margin: f64,
    others: &[usize],
    price: &[f64],
    ball: Ball,
) -> f64 {
    let mdp = solver.mdp();
    let mut used: Vec<(usize, f64)> = others.iter().copied().zip(price.iter().copied()).filter(|x| x.1 > 0.0).collect();
    used.sort_by(|x, y| y.1.total_cmp(&x.1));
    used.truncate(WORK / mdp.n_states().saturating_pow(2).max(1));
    let shifts = solver.shifts(rows);
    let (mut sum, mut error, mut needed) = (vec![0.0; mdp.n_rows()], 0.0, Interval::point(0.0));
    for &(row, weight) in &used {
        if solver.is_out_of_time() {
            break;
        }
        let c = Direction::of(&shifts, row);
        c.entries(mdp).for_each(|(row, x)| sum[row] += weight * x);
        error += weight * c.shift.error;
        let excess = Interval::ball(before.a[row], before.error[row]) + Interval::point(margin);
        needed = needed + excess.scale(weight);
    }
    // Each entry is a sum of as many products.
    let terms: f64 = used.iter().map(|x| x.1).sum();
    let rounding = 4.0 * gamma_n(used.len() + mdp.n_rows() + 4);
    let size = match ball {
        Ball::L1 => max_abs(&sum),
        Ball::L2 => sum.iter().map(|x| x * x).sum::<f64>().sqrt(),
        _ => sum.iter().map(|x| x.abs()).sum(),
    };
    let dual = 2.0 * solver.horizon().longest() + 1.0;
    let size = size * (1.0 + rounding) + 1.01 * error + rounding * terms * dual;
    if size > 0.0 { (needed.lo / size).next_down().max(0.0) } else { 0.0 }
}
