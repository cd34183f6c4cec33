//! Exact worst-case regret by its one-dimensional dual.
//!
//! `WCR(R1,R2) = max { J1(pi1) - J1(pi2) : J2(pi2) >= J2(pi1) } = min over lambda >= 0 of rho(R1 - lambda R2)`. The right
//! side is convex and piecewise linear in `lambda`; an evaluation is two MDP solves, whose policies give the
//! supporting line. Lines from the left and the right meet at the next `lambda` until the function lies on them.
//! Upper bound: any `lambda`. Lower bound: an explicit pair of mixed policies that satisfies the constraint.

use crate::analysis::returns::ReturnRange;
use crate::base::{Bounded, Grade, Interval};
use crate::model::Policy;
use crate::model::reward::ExpectedReward;
use crate::solve::Solver;

/// Stop once the function is this close to its supporting lines, in units of the return range.
const TOLERANCE: f64 = 1e-12;
/// Lines after which the bounds so far are returned; random models of 32 states need about 8.
const MAX_LINES: usize = 200;

/// Height of a pair of policies that was not found by solving for a `lambda`.
const NOT_A_BOUND: Bounded =
    Bounded { value: f64::INFINITY, lo: f64::NEG_INFINITY, hi: f64::INFINITY, grade: Grade::None };

/// Worst-case regret with its certificate.
#[derive(Clone, Debug)]
pub struct WorstCase {
    /// `WCR`, in units of the true return.
    pub value: Bounded,
    /// `WCR / rho(R1)`, in [0, 1]; 0 for a trivial truth.
    pub normalised: Bounded,
    /// Minimiser of `rho(R1 - lambda R2)`.
    pub lambda: f64,
    /// The pair that realises it.
    pub witness: Witness,
    /// Number of lines evaluated, two solves each.
    pub n_lines: usize,
}

/// Two policies: the proxy does not prefer the first, the truth does, by the lower bound of the regret.
#[derive(Clone, Debug)]
pub struct Witness {
    /// What the truth would have.
    pub better: Policy,
    /// What the proxy accepts instead.
    pub worse: Policy,
    /// Truth and proxy return of `better`.
    pub better_returns: (Bounded, Bounded),
    /// Truth and proxy return of `worse`.
    pub worse_returns: (Bounded, Bounded),
}

/// Two deterministic policies and what they earn, in normalised rewards.
struct Line {
    plus: Vec<usize>,
    minus: Vec<usize>,
    /// The function at the line's own `lambda`; its upper end bounds the regret.
    height: Bounded,
    /// `J1(plus) - J1(minus)`.
    drop: Bounded,
    /// `J2(minus) - J2(plus)`, the slope; the pair is feasible when it is at least 0.
    slope: Bounded,
}

struct Problem<'a> {
    solver: &'a Solver<'a>,
    x: ExpectedReward,
    y: ExpectedReward,
}

impl Problem<'_> {
    fn line(&self, range: &ReturnRange) -> Line {
        self.line_of(&range.best.policy, &range.worst.policy, range.max - range.min)
    }

    fn line_of(&self, plus: &[usize], minus: &[usize], height: Bounded) -> Line {
        let mdp = self.solver.mdp();
        let value = |rows: &[usize]| {
            let policy = Policy::Deterministic(rows.to_vec());
            let both = self.solver.evaluate(&policy, &[&self.x, &self.y]);
            (both[0].at_start(mdp), both[1].at_start(mdp))
        };
        let (p, m) = (value(plus), value(minus));
        Line { plus: plus.to_vec(), minus: minus.to_vec(), height, drop: p.0 - m.0, slope: m.1 - p.1 }
    }

    fn at(&self, lambda: f64, near: &ReturnRange) -> ReturnRange {
        ReturnRange::near(self.solver, self.x.plus(-lambda, &self.y), near)
    }
}

/// Worst-case regret of accepting what `proxy` prefers, paid in `truth`.
pub fn worst_case(solver: &Solver<'_>, truth: &ReturnRange, proxy: &ReturnRange) -> WorstCase {
    let (a, b) = (truth.unit(), proxy.unit());
    let problem = Problem { solver, x: truth.reward.scaled(a), y: proxy.reward.scaled(b) };
    if truth.is_trivial {
        let line = problem.line(truth);
        let nothing = Bounded { value: 0.0, lo: 0.0, hi: truth.rho.hi, grade: Grade::Bounded };
        let witness = witness(solver, truth, proxy, &[(1.0, &line)]);
        return WorstCase { value: nothing, normalised: Bounded::exact(0.0), lambda: 0.0, witness, n_lines: 0 };
    }
    if proxy.is_trivial {
        let line = problem.line(truth);
        let witness = witness(solver, truth, proxy, &[(1.0, &line)]);
        let value = truth.rho.at_most(Grade::Bounded);
        let one = Bounded::exact(1.0).at_most(Grade::Bounded);
        return WorstCase { value, normalised: one, lambda: 0.0, witness, n_lines: 1 };
    }
    // Bracket in normalised units: rho(x - 2 y) >= 2 rho(y) - rho(x) = 1 = rho(x), so no minimiser lies beyond 2.
    let at_zero = problem.at(0.0, truth);
    let mut lines = vec![problem.line(&at_zero)];
    let mut lambda = 0.0;
    if lines[0].slope.value < 0.0 {
        let at_two = problem.at(2.0, truth);
        lines.push(problem.line(&at_two));
        let (mut left, mut right) = (0, 1);
        let mut near = at_zero;
        lambda = 2.0;
        while lines.len() < MAX_LINES {
            let (l, r) = (&lines[left], &lines[right]);
            let bend = r.slope.value - l.slope.value;
            if bend <= 0.0 {
                break;
            }
            lambda = ((l.drop.value - r.drop.value) / bend).clamp(0.0, 2.0);
            let met = l.drop.value + lambda * l.slope.value;
            near = problem.at(lambda, &near);
            let line = problem.line(&near);
            let reached = line.height.value <= met + TOLERANCE;
            let repeated = lines.iter().any(|old| old.plus == line.plus && old.minus == line.minus);
            let falls = line.slope.value < 0.0;
            lines.push(line);
            *(if falls { &mut left } else { &mut right }) = lines.len() - 1;
            if reached || repeated {
                break;
            }
        }
    }
    // A pair that is feasible with room to spare absorbs the rounding of the others.
    lines.push(problem.line_of(&proxy.worst.policy, &proxy.best.policy, NOT_A_BOUND));
    finish(solver, truth, proxy, a, lambda * b / a, &lines)
}

fn finish(
    solver: &Solver<'_>,
    truth: &ReturnRange,
    proxy: &ReturnRange,
    a: f64,
    lambda: f64,
    lines: &[Line],
) -> WorstCase {
    let upper = lines.iter().map(|l| l.height.hi).fold(f64::INFINITY, f64::min);
    let estimate = lines.iter().map(|l| l.height.value).fold(f64::INFINITY, f64::min);
    // Doing nothing (both policies the same) is always feasible with drop 0.
    let mut best: (f64, Vec<(f64, &Line)>) = (0.0, Vec::new());
    let mut consider = |mix: Vec<(f64, &'_ Line)>, drop: f64| {
        if drop > best.0 || best.1.is_empty() {
            let known: Vec<(f64, &Line)> = mix
                .iter()
                .filter_map(|(w, l)| lines.iter().find(|line| std::ptr::eq(*line, *l)).map(|line| (*w, line)))
                .collect();
            best = (drop.max(0.0), known);
        }
    };
    for feasible in lines.iter().filter(|l| l.slope.lo >= 0.0) {
        consider(vec![(1.0, feasible)], feasible.drop.lo);
        for other in lines.iter().filter(|l| l.slope.lo < 0.0) {
            // Largest weight of `other` for which w s_o + (1 - w) s_f >= 0 holds with rounding.
            let room = feasible.slope.lo - other.slope.lo;
            let mut weight = if room > 0.0 { feasible.slope.lo / room } else { 0.0 };
            for _ in 0..8 {
                let w = Interval::point(weight);
                let rest = Interval::point(1.0) - w;
                let mixed = |o: Bounded, f: Bounded| w * o.interval() + rest * f.interval();
                if mixed(other.slope, feasible.slope).lo >= 0.0 {
                    consider(vec![(weight, other), (1.0 - weight, feasible)], mixed(other.drop, feasible.drop).lo);
                    break;
                }
                weight *= 1.0 - 1e-15;
            }
        }
    }
    let lower = best.0.min(upper);
    // x = a R1 to within its own error, so dividing by a gives the regret in true units.
    let unit = Interval::point(a);
    let whole = Interval { lo: lower, hi: upper };
    let value = whole.checked_div(unit).unwrap_or(whole);
    let normalised = whole.checked_div(unit * truth.rho.interval()).unwrap_or(Interval { lo: 0.0, hi: 1.0 });
    let certified = |value: f64, x: Interval| Bounded::around(value, x, Grade::Certified);
    let mix = if best.1.is_empty() { vec![(1.0, &lines[0])] } else { best.1 };
    WorstCase {
        value: certified(estimate / a, value).clamped(0.0, truth.rho.hi),
        normalised: certified(estimate / (a * truth.rho.value), normalised).clamped(0.0, 1.0),
        lambda,
        witness: witness(solver, truth, proxy, &mix),
        n_lines: lines.len() - 1,
    }
}

/// Mixes the pairs in the space of occupancies and reads stationary policies off.
fn witness(solver: &Solver<'_>, truth: &ReturnRange, proxy: &ReturnRange, mix: &[(f64, &Line)]) -> Witness {
    let mdp = solver.mdp();
    let side = |rows: fn(&Line) -> &Vec<usize>| {
        let mut parts = mix.iter().filter(|(w, _)| *w > 0.0).peekable();
        if let (Some((_, only)), 1) = (parts.peek(), mix.iter().filter(|(w, _)| *w > 0.0).count()) {
            return Policy::Deterministic(rows(only).clone());
        }
        let mut total = vec![0.0; mdp.n_rows()];
        for (weight, line) in parts {
            let occupancy = solver.occupancy(&Policy::Deterministic(rows(line).clone()));
            total.iter_mut().zip(&occupancy.occ_sa).for_each(|(t, o)| *t += weight * o);
        }
        Policy::from_occupancy(mdp, &total)
    };
    let (better, worse) = (side(|l| &l.plus), side(|l| &l.minus));
    let returns = |policy: &Policy| {
        let both = solver.evaluate(policy, &[&truth.reward, &proxy.reward]);
        (both[0].at_start(mdp), both[1].at_start(mdp))
    };
    Witness { better_returns: returns(&better), worse_returns: returns(&worse), better, worse }
}
