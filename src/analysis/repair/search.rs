//! The search for coefficients with which one truth-optimal policy beats all that are not.
//!
//! Of the inequalities those are gathered that matter: with the coefficients at hand the best policy is looked for, and added
//! if it is not truth-optimal.

use dashu_ratio::RBig;

use super::joint::{Infeasible, Least, Mixture};
use super::rivals::{Rival, Span, lower_bound, size_of};
use super::simplex::Program;
use super::{Check, Norm, Workshop, program};
use crate::base::number::{as_stored, shortest};
use crate::base::{Bounded, Doubt, Grade, Interval};

/// Inequalities after which the search is given up.
const MAX_RIVALS: usize = 400;

/// The search for one truth-optimal policy.
pub(super) struct Search<'a> {
    workshop: &'a Workshop<'a>,
    features: &'a [usize],
    target: &'a [usize],
    target_returns: Vec<Span>,
    rivals: Vec<Rival>,
}

/// How a search for any coefficients ends.
pub(super) enum Any {
    /// These mend.
    Mends(Inside),
    /// These weights on the rivals prove that none do.
    None(Vec<RBig>),
    /// Cut short.
    Unclear(Doubt),
}

/// Coefficients that mend.
pub(super) struct Inside {
    theta: Vec<RBig>,
    /// Whether the target is certainly optimal with them: then it beats all that are not truth-optimal.
    is_on_top: bool,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        workshop: &'a Workshop<'a>,
        features: &'a [usize],
        target: &'a [usize],
        target_returns: Vec<Span>,
    ) -> Self {
        Search { workshop, features, target, target_returns, rivals: Vec::new() }
    }

    /// Coefficients with which the target beats every rival, or the proof that there are none.
    pub(super) fn any(&mut self) -> Any {
        while self.rivals.len() < MAX_RIVALS {
            let theta = match self.beat() {
                Ok(theta) => theta,
                Err(weights) => return Any::None(weights),
            };
            let Some((check, rival)) = self.best(&theta) else { return Any::Unclear(Doubt::Limit) };
            if check.all.is_yes() {
                return Any::Mends(Inside { is_on_top: self.is_on_top(&rival, &theta), theta });
            }
            if let Some(doubt) = self.doubt(&check, &rival) {
                return Any::Unclear(doubt);
            }
            self.rivals.push(rival);
        }
        Any::Unclear(Doubt::bounds(format!("to compare more than {MAX_RIVALS} policies")))
    }

    /// Why a rival is of no use: it is known already, or not certainly worse in truth.
    fn doubt(&self, check: &Check, rival: &Rival) -> Option<Doubt> {
        if self.workshop.request.solver.is_out_of_time() {
            return Some(Doubt::Limit);
        }
        let is_new = self.rivals.iter().all(|known| known.policy != rival.policy);
        if is_new && rival.is_worse(&self.target_returns) {
            return None;
        }
        Some(match (&check.all, &self.workshop.room) {
            (crate::base::Decision::Undecided(doubt), _) => doubt.clone(),
            (_, Err(doubt)) => doubt.clone(),
            _ => Doubt::bounds("exact arithmetic"),
        })
    }

    /// Whether the target is certainly optimal, seen from a policy that is.
    fn is_on_top(&self, optimal: &Rival, theta: &[RBig]) -> bool {
        self.workshop.room.is_ok() && optimal.value(theta) <= RBig::ZERO
    }

    /// Coefficients that beat the rivals known, or weights that say why there are none.
    fn beat(&self) -> Result<Vec<RBig>, Vec<RBig>> {
        let (n, k) = (self.rivals.len(), self.features.len());
        let of = |pick: &dyn Fn(&Rival) -> RBig| self.rivals.iter().map(pick).collect::<Vec<RBig>>();
        // Largest sum of weights up to 1 with `sum w g = 0` and `sum w h >= 0`: 0 or 1.
        let mut a = Vec::new();
        for i in 0..k {
            a.push(of(&|rival| rival.g(i)));
            a.push(of(&|rival| -rival.g(i)));
        }
        a.push(of(&|rival| -rival.h()));
        a.push(vec![RBig::ONE; n]);
        let mut b = vec![RBig::ZERO; a.len()];
        b[a.len() - 1] = RBig::ONE;
        // The sum is bounded, so there is an optimum.
        let Some(found) = (Program { a, b, c: vec![RBig::ONE; n] }).solve() else { return Ok(vec![RBig::ZERO; k]) };
        if found.value > RBig::ZERO {
            return Err(found.x);
        }
        // Prices y and z with `y . g - z h >= 1` for every rival.
        let y = |i: usize| &found.prices[2 * i] - &found.prices[2 * i + 1];
        let z = &found.prices[2 * k];
        let scale = match z.is_zero() {
            false => RBig::ONE / z,
            true => self.rivals.iter().map(Rival::h).max().unwrap_or(RBig::ZERO).max(RBig::ZERO) + RBig::ONE,
        };
        let theta: Vec<RBig> = (0..k).map(|i| -(&scale * y(i))).collect();
        // Doubles do as well if they beat the same rivals, and are shorter.
        let near: Vec<RBig> = theta.iter().map(|x| as_stored(x.to_f64().value())).collect();
        let beats = |theta: &[RBig]| self.rivals.iter().all(|rival| rival.value(theta) < RBig::ZERO);
        Ok(if beats(&near) { near } else { theta })
    }

    /// A lower bound on the coefficients with which no rival beats the target, and the least that mend.
    pub(super) fn least(&mut self, norm: Norm, inside: &Inside) -> (f64, Option<Least>) {
        let (mut below, mut below_exactly) = (0.0, Some(RBig::ZERO));
        let (edge, touches) = loop {
            let Some((edge, weights)) = self.edge(norm, inside) else { return (below, None) };
            let lower = lower_bound(norm, &self.rivals, &weights);
            if lower.lo >= below {
                (below, below_exactly) = (lower.lo, lower.exactly);
            }
            let Some((check, rival)) = self.best(&edge) else { return (below, None) };
            // At the edge itself it may do, or tie.
            let is_closed = check.all.is_yes() || inside.is_on_top && self.is_on_top(&rival, &edge);
            if is_closed || self.doubt(&check, &rival).is_some() || self.rivals.len() >= MAX_RIVALS {
                break (edge, is_closed);
            }
            self.rivals.push(rival);
        };
        let Some((chosen, check)) = self.near(&edge, inside) else { return (below, None) };
        let theta: Vec<RBig> = chosen.iter().map(|&c| shortest(c)).collect();
        let (size, exactly) = size_of(norm, if touches { &edge } else { &theta });
        let of_edge = size_of(norm, &edge).0.mid();
        let size = match exactly.filter(|x| touches && below_exactly.as_ref() == Some(x)) {
            Some(x) => (Bounded::of_fraction(&x), Some(x)),
            None => {
                let bounds = Interval { lo: below.min(size.hi), hi: size.hi };
                (Bounded::around(of_edge, bounds, Grade::Certified), None)
            }
        };
        let edge = edge.iter().map(|x| x.to_f64().value()).collect();
        (below, Some(Least { norm, size: size.0, size_exactly: size.1, edge, chosen, check }))
    }

    /// Coefficients close to an edge that mend: what lies between the edge and the inside of a convex set is inside.
    fn near(&self, edge: &[RBig], inside: &Inside) -> Option<(Vec<f64>, Check)> {
        for share in [0.001, 0.01, 0.1, 0.5, 1.0] {
            let share = shortest(share);
            let towards = |(edge, inside): (&RBig, &RBig)| (edge + &share * (inside - edge)).to_f64().value();
            let close: Vec<f64> = edge.iter().zip(&inside.theta).map(towards).collect();
            // Few digits if they do.
            for chosen in [rounded(&close), close] {
                let theta: Vec<RBig> = chosen.iter().map(|&c| shortest(c)).collect();
                let check = self.workshop.check(self.workshop.mixed(self.features, &theta));
                if check.all.is_yes() {
                    return Some((chosen, check));
                }
                if self.workshop.request.solver.is_out_of_time() {
                    return None;
                }
            }
        }
        None
    }

    /// The least coefficients with which no rival known beats the target, and weights on the rivals that say why not less.
    fn edge(&self, norm: Norm, inside: &Inside) -> Option<(Vec<RBig>, Vec<RBig>)> {
        match norm {
            Norm::Linf => self.least_linf(),
            Norm::L2 => {
                let (edge, weights) = self.least_l2()?;
                Some((self.moved_in(edge, inside), weights))
            }
        }
    }

    /// Smallest largest coefficient, in fractions, by the dual program.
    fn least_linf(&self) -> Option<(Vec<RBig>, Vec<RBig>)> {
        let (n, k) = (self.rivals.len(), self.features.len());
        // Weights of the rivals, then of `theta_i <= t`, then of `-theta_i <= t`.
        let mut a = Vec::new();
        for i in 0..k {
            for sign in [RBig::ONE, -RBig::ONE] {
                let mut row: Vec<RBig> = self.rivals.iter().map(|rival| &sign * rival.g(i)).collect();
                row.resize(n + 2 * k, RBig::ZERO);
                row[n + a.len()] = -RBig::ONE;
                a.push(row);
            }
        }
        let mut last = vec![RBig::ZERO; n];
        last.resize(n + 2 * k, RBig::ONE);
        a.push(last);
        let mut b = vec![RBig::ZERO; a.len()];
        b[2 * k] = RBig::ONE;
        let mut c: Vec<RBig> = self.rivals.iter().map(Rival::h).collect();
        c.resize(n + 2 * k, RBig::ZERO);
        let found = (Program { a, b, c }).solve()?;
        let theta = (0..k).map(|i| &found.prices[2 * i + 1] - &found.prices[2 * i]).collect();
        Some((theta, found.x[..n].to_vec()))
    }

    /// Smallest sum of squares, in doubles.
    fn least_l2(&self) -> Option<(Vec<RBig>, Vec<RBig>)> {
        let (n, k) = (self.rivals.len(), self.features.len());
        let h: Vec<RBig> = self.rivals.iter().map(Rival::h).collect();
        if h.iter().all(|h| *h <= RBig::ZERO) {
            return Some((vec![RBig::ZERO; k], vec![RBig::ZERO; n]));
        }
        let mut least = program::Program::new(k);
        least.quadratic.fill(1.0);
        let (mut scales, mut largest) = (Vec::with_capacity(n), 0.0f64);
        for (rival, h) in self.rivals.iter().zip(&h) {
            let g: Vec<f64> = (0..k).map(|i| rival.g(i).to_f64().value()).collect();
            let size = Norm::Linf.of(&g);
            scales.push(if size > 0.0 { size } else { 1.0 });
            largest = largest.max(h.to_f64().value() / scales[scales.len() - 1]);
        }
        // In units of the largest step that is asked for.
        let unit = if largest > 0.0 { largest } else { 1.0 };
        for ((rival, h), scale) in self.rivals.iter().zip(&h).zip(&scales) {
            let row = (0..k).map(|i| (i, rival.g(i).to_f64().value() / scale)).collect();
            least.at_most(row, -h.to_f64().value() / scale / unit);
        }
        let found = least.solve(self.workshop.request.solver.options().limits.deadline)?;
        let theta = found.x.iter().map(|x| as_stored(x * unit)).collect();
        let weights = found.at_most.iter().zip(&scales).map(|(w, scale)| as_stored((w / scale).max(0.0))).collect();
        Some((theta, weights))
    }

    /// Coefficients moved towards the inside just as far as it takes to be beaten by none of the rivals known.
    fn moved_in(&self, edge: Vec<RBig>, inside: &Inside) -> Vec<RBig> {
        let mut share = RBig::ZERO;
        for rival in &self.rivals {
            let (here, there) = (rival.value(&edge), rival.value(&inside.theta));
            if here > RBig::ZERO && there < RBig::ZERO {
                share = share.max(&here / (&here - there));
            }
        }
        edge.iter().zip(&inside.theta).map(|(edge, inside)| edge + &share * (inside - edge)).collect()
    }

    /// Solves the proxy with some coefficients; the worst in truth of what is optimal for it.
    fn best(&self, theta: &[RBig]) -> Option<(Check, Rival)> {
        let (check, found) = self.workshop.look(self.workshop.mixed(self.features, theta));
        let policy = found.unlucky.policy;
        let returns = self.workshop.earned(&policy, &self.workshop.rewards(self.features))?;
        Some((check, Rival::new(policy, returns, &self.target_returns)))
    }

    /// What weights on the rivals say.
    pub(super) fn proof(&self, weights: &[RBig]) -> Infeasible {
        let middle = |x: &[Span]| x.iter().map(|x| (&x[0] + &x[1]) / RBig::from(2)).collect::<Vec<RBig>>();
        let total = weights.iter().fold(RBig::ZERO, |sum, w| sum + w);
        let used = self.rivals.iter().zip(weights).filter(|(_, w)| !w.is_zero());
        let mixture = used.map(|(rival, w)| Mixture {
            weight: w / &total,
            policy: rival.policy.clone(),
            returns: middle(&rival.returns),
        });
        Infeasible {
            target: self.target.to_vec(),
            target_returns: middle(&self.target_returns),
            mixture: mixture.collect(),
            is_exact: self.workshop.room.is_ok(),
        }
    }
}

/// Coefficients to a thousandth of the largest.
fn rounded(theta: &[f64]) -> Vec<f64> {
    let largest = Norm::Linf.of(theta);
    if largest == 0.0 {
        return theta.to_vec();
    }
    let exponent = largest.log10().floor() as i32 - 3;
    let short = |x: &f64| format!("{:.0}e{exponent}", x * 10f64.powi(-exponent)).parse().unwrap_or(*x);
    theta.iter().map(short).collect()
}
