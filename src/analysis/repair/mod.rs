//! The smallest change of a proxy after which optimising it is optimising the truth.
//!
//! Owns: repair by one feature, by several, by any reward, and the proof that some features cannot.
//! May use: `base`, `model`, `solve`, `returns`, `regret`, `family`.
//! Must not: choose words; which features are tried is the caller's choice.
//! To add one: another kind of change is a new file here and a field of [`Repair`].
//!
//! *Optimal* is meant from the start: a proxy is mended when every policy with the largest proxy return from the start
//! distribution has the largest true return. What such a policy would do where it never gets does not count: nobody would
//! ever see it, and a repair that had to mend it too would be larger than needed. States that no policy visits are left out.
//! Because a policy falls short by the sum of visits times gap, this is decided by sets of actions, without comparing
//! returns: see [`agreement`].

mod joint;
mod nearest;
mod program;
mod simplex;
mod single;
mod targets;

use std::sync::Arc;

use dashu::rational::RBig;
use serde::Serialize;

pub use joint::{Infeasible, Joint, Least, Mixture};
pub use nearest::Nearest;
pub use single::{Interval, Side, Single};

use crate::analysis::family::{Agreement, agreement};
use crate::analysis::regret::{ProxyOptimal, proxy_optimal};
use crate::analysis::returns::ReturnRange;
use crate::base::Bounded;
use crate::model::reward::ExpectedReward;
use crate::model::{Mdp, Reward};
use crate::solve::{Sense, Solver, Task};

/// States above which the nearest reward is not looked for: its program has a variable an action and one a state.
const NEAREST_STATES: usize = 2_000;

/// How the size of a change is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Norm {
    /// Largest entry.
    Linf,
    /// Root of the sum of squares.
    L2,
}

impl Norm {
    /// Of a vector.
    pub fn of(self, x: &[f64]) -> f64 {
        match self {
            Norm::Linf => x.iter().fold(0.0, |m, x| m.max(x.abs())),
            Norm::L2 => x.iter().map(|x| x * x).sum::<f64>().sqrt(),
        }
    }
}

/// A thing that may be paid for, beside the proxy.
#[derive(Clone, Debug)]
pub struct Feature {
    /// As asked for.
    pub text: String,
    /// On the reachable part of the model.
    pub reward: Reward,
}

/// What is asked.
pub struct Request<'a> {
    /// A model of which every state can be reached.
    pub solver: &'a Solver<'a>,
    /// Its dynamics.
    pub mdp: &'a Arc<Mdp>,
    /// What is meant.
    pub truth: &'a Reward,
    /// What is optimised.
    pub proxy: &'a Reward,
    /// What may be added.
    pub features: &'a [Feature],
    /// Whether to look for the nearest reward of all.
    pub nearest: bool,
}

/// A reward looked at from the truth.
#[derive(Clone, Debug)]
pub struct Check {
    /// How many of the policies that are optimal for it are optimal for the truth.
    pub agreement: Agreement,
    /// Regret of the luckiest of them.
    pub best: Bounded,
    /// Regret of the unluckiest.
    pub worst: Bounded,
    /// `worst` as a share of the true return range.
    pub worst_normalised: Bounded,
}

/// Everything found.
#[derive(Clone, Debug)]
pub struct Repair {
    /// Whether all policies earn the same under the truth: then nothing can be wrong.
    pub truth_is_trivial: bool,
    /// The proxy as it is.
    pub before: Check,
    /// Each feature on its own; empty if there is nothing to mend.
    pub single: Vec<Single>,
    /// All features that can move anything, together; `None` where there is nothing to mend, no such feature, or only one,
    /// which mends on its own.
    pub joint: Option<Joint>,
    /// The nearest reward, by the largest entry and by the sum of squares; empty if not asked for or nothing to mend.
    pub nearest: Vec<Nearest>,
    /// Whether no limit was reached.
    pub is_complete: bool,
}

impl Repair {
    /// Whether the proxy needs no repair.
    pub fn is_fine(&self) -> bool {
        self.before.agreement == Agreement::All
    }
}

/// What several parts work with.
struct Workshop<'a> {
    request: &'a Request<'a>,
    mdp: &'a Mdp,
    truth: ReturnRange,
    /// Without rounding, on models small enough for it.
    exact: Option<Solver<'a>>,
}

/// Looks for every kind of repair.
///
/// Two [families](crate::analysis::family) a feature; for several together a linear program with one inequality for each
/// policy that has to be beaten, found one by one by solving the model, in fractions; for the nearest reward one program a
/// truth-optimal policy. Every repair named is solved again before it is called one.
pub fn repair(request: &Request<'_>) -> Repair {
    /// Fractions of longer chains take minutes.
    const EXACT_STATES: usize = 200;
    let (solver, mdp) = (request.solver, request.mdp.as_ref());
    let truth = ReturnRange::of(solver, request.truth.expected(mdp));
    let exact = (mdp.n_states() <= EXACT_STATES).then(|| solver.with_method("exact").ok()).flatten();
    let workshop = Workshop { request, mdp, truth, exact };
    let before = workshop.check(request.proxy.expected(mdp));
    let mut repair = Repair {
        truth_is_trivial: workshop.truth.is_trivial(),
        before,
        single: Vec::new(),
        joint: None,
        nearest: Vec::new(),
        is_complete: true,
    };
    if !repair.is_fine() {
        repair.single = request.features.iter().map(|feature| workshop.single(feature)).collect();
        let useful: Vec<usize> = (0..request.features.len()).filter(|&k| !repair.single[k].is_trivial).collect();
        let targets = workshop.targets();
        // One feature that fails on its own has its proof here too.
        if useful.len() >= 2 || !useful.is_empty() && repair.single.iter().all(|single| single.best().is_none()) {
            repair.joint = Some(workshop.joint(&useful, &targets));
        }
        if request.nearest && mdp.n_states() <= NEAREST_STATES {
            repair.nearest =
                [Norm::Linf, Norm::L2].iter().filter_map(|&norm| workshop.nearest(norm, &targets)).collect();
        }
    }
    let mut sides = repair.single.iter().flat_map(|single| &single.sides);
    repair.is_complete = sides.all(|side| side.is_complete) && !solver.is_out_of_time();
    repair
}

impl Workshop<'_> {
    /// Solves a reward and holds what is optimal for it against the truth.
    fn check(&self, reward: ExpectedReward) -> Check {
        self.look(reward).0
    }

    /// The same, with the policies it is about.
    fn look(&self, reward: ExpectedReward) -> (Check, ProxyOptimal) {
        let solver = self.request.solver;
        let proxy = ReturnRange::of(solver, reward);
        let found = proxy_optimal(solver, &self.truth, &proxy);
        let check = Check {
            agreement: agreement(self.mdp, &proxy.best.optimal, &self.truth.best.optimal),
            best: found.best,
            worst: found.worst,
            worst_normalised: found.worst_normalised,
        };
        (check, found)
    }

    /// Proxy plus multiples of features.
    fn mixed(&self, features: &[usize], theta: &[f64]) -> ExpectedReward {
        let proxy = self.request.proxy.expected(self.mdp);
        features
            .iter()
            .zip(theta)
            .fold(proxy, |sum, (&k, &c)| sum.plus(c, &self.request.features[k].reward.expected(self.mdp)))
    }

    /// What a policy earns of some rewards from the start: in fractions if that is affordable, else the doubles an
    /// evaluation gives, taken for fractions.
    fn earned(&self, rows: &[usize], rewards: &[&Reward]) -> Vec<RBig> {
        let mdp = self.mdp;
        let mut allowed = vec![false; mdp.n_rows()];
        rows.iter().for_each(|&row| allowed[row] = true);
        let exactly = |reward: &Reward, expected: &ExpectedReward| {
            let expected = ExpectedReward { fractions: Some(Arc::new(reward.rational(mdp))), ..expected.clone() };
            let task = Task { allowed: Some(&allowed), warm: Some(rows), ..Task::new(&expected, Sense::Max) };
            Some(self.exact.as_ref()?.optimise(&task).exact?.at_start(mdp))
        };
        let one = |reward: &&Reward| {
            let expected = reward.expected(mdp);
            exactly(reward, &expected).unwrap_or_else(|| {
                let [value] = self.request.solver.returns(rows, [&expected]);
                fraction(value)
            })
        };
        rewards.iter().map(one).collect()
    }
}

/// The fraction that a double is; 0 where an overflow has made it infinite.
fn fraction(x: f64) -> RBig {
    RBig::try_from(x).unwrap_or(RBig::ZERO)
}
