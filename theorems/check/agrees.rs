//! Numbers of the library held against the same numbers in fractions.

use super::{Finding, Lab, Q, bounds, real};
use truenorth::analysis::canon::Context;
use truenorth::analysis::distance::{Pair, angle_degrees};
use truenorth::analysis::regret::worst_case_by_lp;
use truenorth::base::{Bounded, Interval};
use truenorth::model::Policy;

/// Relative accuracy that the interior-point oracle claims for itself, with a factor 10 of room.
const LP: f64 = 1e-7;

/// Rounding that the error of a canonical form does not count, relative to the largest reward times the squared
/// horizon: the forms are graded as bounded in exact arithmetic, and residuals of their systems are themselves rounded.
const FORM: f64 = 1e-14;

/// Roundings in the residual of an occupancy that its error does not count: one for each number that flows.
const FLOW: f64 = 4.0 * f64::EPSILON;

impl Lab {
    /// The library's canonical form of a reward is that of the formula in every entry.
    pub fn form_agrees(&self, canon: &str, name: &str) -> Finding {
        let exact = self.world().form(canon, &self.world().uniform(), &self.sas(name));
        let exact: Vec<Interval> = exact.iter().flatten().map(real).collect();
        let horizon = self.solver().horizon().longest();
        let radius = FORM * self.reward(name).size() * horizon * horizon;
        let wider = |x: &Interval| *x + Interval { lo: -radius, hi: radius };
        let found: Vec<Interval> = self.canonical(canon, name).iter().flatten().map(wider).collect();
        Finding::all_equal(&format!("library's {canon} of {name}"), &found, &exact)
    }

    /// The library's occupancy of a policy over rows with its bounds, and the policy it was given in fractions.
    pub fn occupancy(&self, pi: &[Q]) -> (Vec<Interval>, Vec<Q>) {
        let (stored, read) = self.policy(pi);
        let found = self.solver().occupancy(&stored);
        let horizon = self.solver().horizon().longest();
        let radius = found.error + FLOW * self.mdp().n_rows() as f64 * horizon * horizon;
        (found.occ_sa.iter().map(|&x| Interval::ball(x, radius)).collect(), read)
    }

    /// The library's occupancy is the solution of its equations.
    pub fn occupancy_agrees(&self, pi: &[Q]) -> Finding {
        let (found, read) = self.occupancy(pi);
        let exact: Vec<Interval> = self.world().occupancy(&read).iter().map(real).collect();
        Finding::all_equal("library's occupancy", &found, &exact)
    }

    /// The library's return range is the difference of the best and the worst return.
    pub fn range_agrees(&self, name: &str) -> Finding {
        agrees(&format!("library's range of {name}"), &self.range(name).rho, &self.world().range(&self.r(name)))
    }

    /// Whether a reward is trivial but for the rounding of its numbers: then normalised quantities are those of noise, and
    /// what works in doubles cannot see them.
    pub fn is_noise(&self, name: &str) -> bool {
        /// Below this share of the largest conceivable return a range is rounding.
        const NOISE: f64 = 1e-9;
        let range = self.range(name);
        range.rho.hi <= NOISE * self.solver().scale(&range.reward) && !range.is_trivial()
    }

    /// The library's worst-case regret is that of the polygon of returns.
    pub fn regret_agrees(&self, truth: &str, proxy: &str) -> Finding {
        if self.is_noise(truth) || self.is_noise(proxy) {
            return Finding::Vacuous;
        }
        let exact = self.world().worst_case(&self.r(truth), &self.r(proxy)).value;
        agrees("library's worst-case regret", &self.worst_case(truth, proxy).value, &exact)
    }

    /// Range STARC of the library is that of the definition.
    pub fn range_distance_agrees(&self, x: &str, y: &str) -> Finding {
        if self.is_noise(x) || self.is_noise(y) {
            return Finding::Vacuous;
        }
        let exact = self.world().range_distance(&self.r(x), &self.r(y));
        match self.distance("starc-range", x, y) {
            Some(found) => agrees("library's starc-range", &found, &exact),
            None => Finding::Fails("starc-range is defined for every pair".into()),
        }
    }

    /// A distance of the library is a number in these bounds.
    pub fn distance_agrees(&self, metric: &str, x: &str, y: &str, exact: Interval) -> Finding {
        if self.is_noise(x) || self.is_noise(y) {
            return Finding::Vacuous;
        }
        match self.distance(metric, x, y) {
            Some(found) => Finding::equal(&format!("library's {metric}"), &bounds(&found), &exact),
            None => Finding::Fails(format!("the library has no {metric} here")),
        }
    }

    /// The linear program's worst-case regret, good to its own tolerance, is that of the polygon of returns.
    pub fn regret_by_lp_agrees(&self, truth: &str, proxy: &str) -> Finding {
        if self.is_noise(truth) || self.is_noise(proxy) {
            return Finding::Vacuous;
        }
        let mdp = self.mdp();
        let (x, y) = (self.reward(truth).expected(mdp), self.reward(proxy).expected(mdp));
        let found = worst_case_by_lp(mdp, &x, &y).unwrap_or_else(|diag| panic!("no linear program: {diag}"));
        let near = Interval::ball(found, LP * self.solver().scale(&x));
        let exact = real(&self.world().worst_case(&self.r(truth), &self.r(proxy)).value);
        Finding::is(near.lo <= exact.hi && exact.lo <= near.hi, || {
            format!("linear program: {found} is not {}", exact.mid())
        })
    }

    /// The pair of policies that the library names realises its worst-case regret, and the proxy accepts it.
    pub fn witness_agrees(&self, truth: &str, proxy: &str) -> Finding {
        let found = self.worst_case(truth, proxy);
        let (better, worse) = (found.witness.better_returns, found.witness.worse_returns);
        let (drop, gain) = (better.0 - worse.0, worse.1 - better.1);
        Finding::equal("drop of the library's pair", &bounds(&drop), &bounds(&found.value))
            .and(Finding::is(gain.hi >= 0.0, || format!("the proxy loses {} by the library's pair", -gain.value)))
    }

    /// Angle between the P-weighted minimal forms, in degrees; `None` where one of them is 0.
    pub fn angle(&self, x: &str, y: &str) -> Option<Bounded> {
        let (solver, reference) = (self.solver(), Policy::uniform(self.mdp()));
        let context = Context { solver: &solver, reference: &reference };
        let (range_x, range_y) = (self.range(x), self.range(y));
        let pair = Pair { x: self.reward(x), y: self.reward(y), range_x: &range_x, range_y: &range_y };
        angle_degrees(&context, &pair).value()
    }
}

fn agrees(what: &str, found: &Bounded, exact: &Q) -> Finding {
    Finding::equal(what, &bounds(found), &real(exact))
}
