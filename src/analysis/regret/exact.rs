//! Worst-case regret in fractions, where bounds in doubles are not close.
//!
//! The dual of `dual.rs` without rounding: `rho(R1 - lambda R2)` is convex and piecewise linear in `lambda`, and two of its
//! supporting lines meet in its minimum. Every evaluation is two policy iterations in fractions.

use dashu_ratio::RBig;

use crate::analysis::returns::ReturnRange;
use crate::base::Doubt;
use crate::solve::{Exactly, Sense, Solver};

/// Most states, terminal ones not counted: the multiplier is a fraction of returns, and what is solved for it has numbers as
/// many times longer.
const MOST_STATES: usize = 24;

/// Two deterministic policies and what they earn.
#[derive(Clone)]
pub(super) struct Line {
    pub plus: Vec<usize>,
    pub minus: Vec<usize>,
    /// `J1(plus) - J1(minus)`.
    drop: RBig,
    /// `J2(minus) - J2(plus)`.
    slope: RBig,
}

/// The worst case itself.
pub(super) struct Exact {
    pub value: RBig,
    /// That as a share of the true return range.
    pub share: RBig,
    pub lambda: RBig,
    /// Pairs of policies that realise it, with weights that sum to 1.
    pub mix: Vec<(RBig, Line)>,
}

struct Problem<'a> {
    room: Exactly<'a>,
    x: &'a [RBig],
    y: &'a [RBig],
}

impl Problem<'_> {
    fn earns(&self, policy: &[usize]) -> Result<[RBig; 2], Doubt> {
        let of = |r: &[RBig]| Ok(self.room.values(policy, r)?.dot(&self.room.fractions.mu0));
        Ok([of(self.x)?, of(self.y)?])
    }

    /// The supporting line at `lambda`.
    fn line(&self, lambda: &RBig, near: [&[usize]; 2]) -> Result<Line, Doubt> {
        let reward: Vec<RBig> = self.x.iter().zip(self.y).map(|(x, y)| x - lambda * y).collect();
        let plus = self.room.optimum(&reward, Sense::Max, None, near[0])?.policy;
        let minus = self.room.optimum(&reward, Sense::Min, None, near[1])?.policy;
        let ([x_plus, y_plus], [x_minus, y_minus]) = (self.earns(&plus)?, self.earns(&minus)?);
        Ok(Line { plus, minus, drop: x_plus - x_minus, slope: y_minus - y_plus })
    }
}

impl Line {
    fn at(&self, lambda: &RBig) -> RBig {
        &self.drop + lambda * &self.slope
    }

    fn near(&self) -> [&[usize]; 2] {
        [&self.plus, &self.minus]
    }
}

/// Of two rewards that are not trivial; what stood in the way otherwise.
pub(super) fn worst_case(solver: &Solver<'_>, truth: &ReturnRange, proxy: &ReturnRange) -> Result<Exact, Doubt> {
    let mdp = solver.mdp();
    let n_live = (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).count();
    if n_live > MOST_STATES {
        return Err(Doubt::too_large(n_live, MOST_STATES));
    }
    let (room, x) = solver.exactly_for(&truth.reward)?;
    let (_, y) = solver.exactly_for(&proxy.reward)?;
    let problem = Problem { room, x: &x, y: &y };
    let zero = RBig::ZERO;
    let mut left = problem.line(&zero, [&truth.best.policy, &truth.worst.policy])?;
    let rho = left.drop.clone();
    if rho == zero {
        return Err(Doubt::bounds("a truth that is not trivial"));
    }
    let found = |value: RBig, lambda, mix| Exact { share: &value / &rho, value, lambda, mix };
    if left.slope >= zero {
        return Ok(found(rho.clone(), zero, vec![(RBig::ONE, left)]));
    }
    let opposite = problem.line(&zero, [&proxy.best.policy, &proxy.worst.policy])?;
    // rho(R1 - lambda R2) >= lambda rho2 - rho1, so no minimiser lies beyond 2 rho1 / rho2.
    let ends = [(Sense::Max, &proxy.best.policy), (Sense::Min, &proxy.worst.policy)].map(|(sense, near)| {
        let policy = problem.room.optimum(&y, sense, None, near)?.policy;
        Ok(problem.earns(&policy)?[1].clone())
    });
    let [max, min] = ends;
    let rho_proxy: RBig = max? - min?;
    if rho_proxy == zero {
        return Err(Doubt::bounds("a proxy that is not trivial"));
    }
    let mut lambda = RBig::from(2) * &rho / rho_proxy;
    let mut right = problem.line(&lambda, opposite.near())?;
    while right.slope < zero {
        lambda *= RBig::from(2);
        right = problem.line(&lambda, right.near())?;
    }
    loop {
        let lambda = (&left.drop - &right.drop) / (&right.slope - &left.slope);
        let met = left.at(&lambda);
        let line = problem.line(&lambda, right.near())?;
        if line.at(&lambda) <= met {
            let weight = &right.slope / (&right.slope - &left.slope);
            let rest = RBig::ONE - &weight;
            return Ok(found(met, lambda, vec![(weight, left), (rest, right)]));
        }
        let side = if line.slope < zero { &mut left } else { &mut right };
        *side = line;
    }
}
