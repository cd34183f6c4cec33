//! Exact worst-case regret by its one-dimensional dual.
//!
//! `WCR(R1,R2) = max { J1(pi1) - J1(pi2) : J2(pi2) >= J2(pi1) } = min over lambda >= 0 of rho(R1 - lambda R2)`. The right
//! side is convex and piecewise linear in `lambda`; an evaluation is two MDP solves, whose policies give the
//! supporting line. Lines from the left and the right meet at the next `lambda` until the function lies on them.
//! Upper bound: any `lambda`. Lower bound: an explicit pair of mixed policies that satisfies the constraint.

use dashu_ratio::RBig;

use super::exact;
use crate::analysis::returns::ReturnRange;
use crate::base::{Bounded, Grade, Interval};
use crate::model::Policy;
use crate::model::reward::ExpectedReward;
use crate::solve::{Sense, Solver, Task};

/// Stop once the function is this close to its supporting lines, in units of the return range.
const TOLERANCE: f64 = 1e-12;
/// A worst case known less closely than this, relative to itself, is worked out in fractions where that is affordable.
const CLOSE: f64 = 1e-9;
/// Lines after which the bounds so far are returned; random models of 32 states need about 8.
const MAX_LINES: usize = 200;

/// Worst-case regret with its certificate.
#[derive(Clone, Debug)]
pub struct WorstCase {
    /// `WCR`, in units of the true return.
    pub value: Bounded,
    /// `WCR / rho(R1)`, in [0, 1]; 0 for a trivial truth, and all of [0, 1] where that is not decided.
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

/// Two deterministic policies and what they earn, in normalised rewards, without bounds.
struct Line {
    plus: Vec<usize>,
    minus: Vec<usize>,
    /// `J1(plus) - J1(minus)`.
    drop: f64,
    /// `J2(minus) - J2(plus)`; the pair is feasible when it is at least 0.
    slope: f64,
}

impl Line {
    /// Of two policies and their returns for both rewards.
    fn new((plus, p): (Vec<usize>, [f64; 2]), (minus, m): (Vec<usize>, [f64; 2])) -> Self {
        Line { plus, minus, drop: p[0] - m[0], slope: m[1] - p[1] }
    }

    fn at(&self, lambda: f64) -> f64 {
        self.drop + lambda * self.slope
    }
}

/// A pair of policies with certified drop and slope.
struct Pair {
    plus: Vec<usize>,
    minus: Vec<usize>,
    drop: Bounded,
    slope: Bounded,
}

struct Problem<'a> {
    solver: &'a Solver<'a>,
    x: ExpectedReward,
    y: ExpectedReward,
}

impl Problem<'_> {
    /// The line of two policies.
    fn line(&self, plus: &[usize], minus: &[usize]) -> Line {
        let side = |rows: &[usize]| (rows.to_vec(), self.solver.returns(rows, [&self.x, &self.y]));
        Line::new(side(plus), side(minus))
    }

    /// The supporting line at `lambda`, from the policies of a line nearby.
    fn line_at(&self, lambda: f64, near: &Line) -> Line {
        let reward = self.x.plus(-lambda, &self.y);
        let side = |sense, warm| {
            let task = Task { warm: Some(warm), ..Task::new(&reward, sense) };
            self.solver.policy_and_returns(&task, [&self.x, &self.y])
        };
        Line::new(side(Sense::Max, &near.plus), side(Sense::Min, &near.minus))
    }

    fn certify(&self, plus: &[usize], minus: &[usize]) -> Pair {
        let mdp = self.solver.mdp();
        let value = |rows: &[usize]| {
            let both = self.solver.evaluate_closely(&Policy::Deterministic(rows.to_vec()), &[&self.x, &self.y]);
            (both[0].at_start(mdp), both[1].at_start(mdp))
        };
        let (p, m) = (value(plus), value(minus));
        Pair { plus: plus.to_vec(), minus: minus.to_vec(), drop: p.0 - m.0, slope: m.1 - p.1 }
    }

    /// Certified value of the function at `lambda`.
    fn height(&self, lambda: f64, near: &Line) -> Bounded {
        let reward = self.x.plus(-lambda, &self.y);
        let solve = |sense, warm| {
            let task = Task { warm: Some(warm), ..Task::new(&reward, sense) };
            self.solver.optimise(&task).at_start(self.solver.mdp())
        };
        solve(Sense::Max, &near.plus) - solve(Sense::Min, &near.minus)
    }
}

impl WorstCase {
    /// That of two rewards which certainly order all policies alike.
    pub fn nothing(self) -> Self {
        let nothing = Bounded::exact(0.0);
        WorstCase { value: nothing, normalised: nothing, ..self }
    }
}

/// Worst-case regret of accepting what `proxy` prefers, paid in `truth`.
pub fn worst_case(solver: &Solver<'_>, truth: &ReturnRange, proxy: &ReturnRange) -> WorstCase {
    let (a, b) = (truth.unit(), proxy.unit());
    let problem = Problem { solver, x: truth.reward.scaled(a), y: proxy.reward.scaled(b) };
    let (plus, minus) = (&truth.best.policy, &truth.worst.policy);
    if truth.is_trivial() || proxy.is_trivial() && truth.trivial.is_no() {
        // Under a trivial truth any policy is as good as itself, and the proxy does not prefer it to itself either.
        let pair = problem.certify(plus, if truth.is_trivial() { plus } else { minus });
        let witness = witness(solver, truth, proxy, &[(1.0, &pair)]);
        // Nothing can be lost in a trivial truth; a trivial proxy accepts the worst for the best.
        let value = if truth.is_trivial() { Bounded::exact(0.0) } else { truth.rho };
        let share = Bounded::exact(if truth.is_trivial() { 0.0 } else { 1.0 });
        return WorstCase { value, normalised: share, lambda: 0.0, witness, n_lines: 1 };
    }
    let mut left = problem.line(plus, minus);
    let (mut lambda, mut n_lines) = (0.0, 1);
    let mut pairs = Vec::new();
    let mut near = None;
    if left.slope < 0.0 {
        // Bracket in normalised units: rho(x - 2 y) >= 2 rho(y) - rho(x) = 1 = rho(x), so no minimiser lies beyond 2.
        let mut right = problem.line_at(2.0, &left);
        lambda = 2.0;
        n_lines = 2;
        while n_lines < MAX_LINES && right.slope > left.slope && !solver.is_out_of_time() {
            lambda = ((left.drop - right.drop) / (right.slope - left.slope)).clamp(0.0, 2.0);
            let met = left.at(lambda);
            let line = problem.line_at(lambda, &right);
            n_lines += 1;
            let reached = line.at(lambda) <= met + TOLERANCE;
            if reached {
                near = Some(line);
                break;
            }
            let side = if line.slope < 0.0 { &mut left } else { &mut right };
            *side = line;
        }
        pairs.push(problem.certify(&right.plus, &right.minus));
    }
    let height = problem.height(lambda, near.as_ref().unwrap_or(&left));
    if let Some(line) = near {
        pairs.push(problem.certify(&line.plus, &line.minus));
    }
    pairs.push(problem.certify(&left.plus, &left.minus));
    // A pair that is feasible with room to spare absorbs the rounding of the others.
    pairs.push(problem.certify(&proxy.worst.policy, &proxy.best.policy));
    let zero = Bounded::exact(0.0);
    let nothing = Pair { plus: plus.clone(), minus: plus.clone(), drop: zero, slope: zero };
    let (lower, mix) = primal(&nothing, &pairs);
    // x = a R1 to within its own error, so dividing by a gives the regret in true units.
    let unit = Interval::point(a);
    let whole = Interval { lo: lower.min(height.hi), hi: height.hi };
    let value = whole.checked_div(unit).unwrap_or(whole);
    let all = Interval { lo: 0.0, hi: 1.0 };
    let normalised = whole.checked_div(unit * truth.rho.interval()).filter(|_| truth.trivial.is_no()).unwrap_or(all);
    let certified = |value: f64, x: Interval| Bounded::around(value, x, Grade::Certified);
    if whole.hi - whole.lo > CLOSE * whole.hi
        && let Ok(found) = exact::worst_case(solver, truth, proxy)
    {
        let nearest = |x: &RBig| x.to_f64().value();
        let pair =
            |line: &exact::Line| Pair { plus: line.plus.clone(), minus: line.minus.clone(), drop: zero, slope: zero };
        let pairs: Vec<(f64, Pair)> = found.mix.iter().map(|(w, line)| (nearest(w), pair(line))).collect();
        let mix: Vec<(f64, &Pair)> = pairs.iter().map(|(w, pair)| (*w, pair)).collect();
        return WorstCase {
            value: Bounded::of_fraction(&found.value),
            normalised: Bounded::of_fraction(&found.share),
            lambda: nearest(&found.lambda),
            witness: witness(solver, truth, proxy, &mix),
            n_lines,
        };
    }
    WorstCase {
        value: certified(height.value / a, value).clamped(0.0, truth.rho.hi),
        normalised: certified(height.value / (a * truth.rho.value).max(f64::MIN_POSITIVE), normalised)
            .clamped(0.0, 1.0),
        lambda: lambda * b / a,
        witness: witness(solver, truth, proxy, &mix),
        n_lines,
    }
}

/// Best mixture of at most two pairs that certainly satisfies the constraint: its drop from below, and the mixture.
/// Doing `nothing`, the same policy twice, is always feasible with drop 0.
fn primal<'a>(nothing: &'a Pair, pairs: &'a [Pair]) -> (f64, Vec<(f64, &'a Pair)>) {
    let mut best: (f64, Vec<(f64, &'a Pair)>) = (0.0, vec![(1.0, nothing)]);
    for feasible in pairs.iter().filter(|p| p.slope.lo >= 0.0) {
        if feasible.drop.lo > best.0 {
            best = (feasible.drop.lo, vec![(1.0, feasible)]);
        }
        for other in pairs.iter().filter(|p| p.slope.lo < 0.0) {
            // Largest weight of `other` for which w s_o + (1 - w) s_f >= 0 holds with rounding.
            let room = feasible.slope.lo - other.slope.lo;
            let mut weight = if room > 0.0 { feasible.slope.lo / room } else { 0.0 };
            for _ in 0..8 {
                let w = Interval::point(weight);
                let rest = Interval::point(1.0) - w;
                let mixed = |o: Bounded, f: Bounded| w * o.interval() + rest * f.interval();
                if mixed(other.slope, feasible.slope).lo >= 0.0 {
                    let drop = mixed(other.drop, feasible.drop).lo;
                    if drop > best.0 {
                        best = (drop, vec![(weight, other), (1.0 - weight, feasible)]);
                    }
                    break;
                }
                weight *= 1.0 - 1e-15;
            }
        }
    }
    best
}

/// Mixes the pairs in the space of occupancies and reads stationary policies off.
fn witness(solver: &Solver<'_>, truth: &ReturnRange, proxy: &ReturnRange, mix: &[(f64, &Pair)]) -> Witness {
    let mdp = solver.mdp();
    let side = |rows: fn(&Pair) -> &Vec<usize>| {
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
        let both = solver.evaluate_closely(policy, &[&truth.reward, &proxy.reward]);
        (both[0].at_start(mdp), both[1].at_start(mdp))
    };
    Witness { better_returns: returns(&better), worse_returns: returns(&worse), better, worse }
}
