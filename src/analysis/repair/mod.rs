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
//! returns: see [`family::agreement`](crate::analysis::family::agreement). Sets that are known only from bounds decide what
//! they can, fractions the rest on small models, and what is left is undecided: no tolerance decides anything here.

mod check;
mod decimal;
mod flows;
mod joint;
mod nearest;
mod program;
mod rivals;
mod search;
mod simplex;
mod single;
mod targets;

use std::sync::Arc;

use dashu_ratio::RBig;
use serde::Serialize;

pub use check::Check;
pub use joint::{Infeasible, Joint, Least, Mixture};
pub use nearest::{Mending, Nearest};
pub use single::{Interval, Side, Single};
pub use targets::Tried;

use crate::analysis::returns::ReturnRange;
use crate::base::number::Number;
use crate::base::{Decision, Doubt, Evidence};
use crate::model::reward::ExpectedReward;
use crate::model::{Mdp, Reward};
use crate::solve::{Exactly, Sense, Solver, Task};

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

/// Everything found.
#[derive(Clone, Debug)]
pub struct Repair {
    /// Whether all policies earn the same under the truth: then nothing can be wrong.
    pub truth_is_trivial: Decision,
    /// The proxy as it is.
    pub before: Check,
    /// Whether some coefficients of the features mend it.
    pub mends: Decision,
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
    /// Whether the proxy needs no repair: every policy that is optimal for it is optimal for the truth.
    pub fn fine(&self) -> &Decision {
        &self.before.all
    }

    /// Whether it certainly needs none.
    pub fn is_fine(&self) -> bool {
        self.before.all.is_yes()
    }
}

/// What several parts work with.
struct Workshop<'a> {
    request: &'a Request<'a>,
    mdp: &'a Mdp,
    truth: ReturnRange,
    proxy: ReturnRange,
    /// The model in fractions, if truth, proxy and features are known so too and it is small enough.
    room: Result<Exactly<'a>, Doubt>,
}

/// Looks for every kind of repair.
///
/// Two [families](crate::analysis::family) a feature; for several together a linear program with one inequality for each
/// policy that has to be beaten, found one by one by solving the model, in fractions; for the nearest reward one program a
/// truth-optimal policy. Every repair named is solved again before it is called one.
pub fn repair(request: &Request<'_>) -> Repair {
    let (solver, mdp) = (request.solver, request.mdp.as_ref());
    let truth = ReturnRange::of(solver, request.truth.expected(mdp));
    let proxy = ReturnRange::of(solver, request.proxy.expected(mdp));
    let features = request.features.iter().map(|feature| &feature.reward);
    let all_known = [request.truth, request.proxy].into_iter().chain(features).all(|r| r.fractions(mdp).is_some());
    let room = if all_known { solver.exactly() } else { solver.exactly().and(Err(Doubt::InputRounding)) };
    let workshop = Workshop { request, mdp, truth, proxy, room };
    let before = workshop.check(request.proxy.expected(mdp));
    let mut repair = Repair {
        truth_is_trivial: workshop.truth.trivial.clone(),
        before,
        mends: Decision::Undecided(Doubt::Limit),
        single: Vec::new(),
        joint: None,
        nearest: Vec::new(),
        is_complete: true,
    };
    if repair.is_fine() {
        // No coefficient at all is one.
        repair.mends = repair.before.all.clone();
        return repair;
    }
    repair.single = request.features.iter().map(|feature| workshop.single(feature)).collect();
    let useful: Vec<usize> = (0..request.features.len()).filter(|&k| !repair.single[k].trivial.is_yes()).collect();
    let targets = workshop.targets();
    // One feature that fails on its own has its proof here too.
    if useful.len() >= 2 || !useful.is_empty() && repair.single.iter().all(|single| single.best().is_none()) {
        repair.joint = Some(workshop.joint(&useful, &targets));
    }
    if request.nearest && mdp.n_states() <= NEAREST_STATES {
        repair.nearest = [Norm::Linf, Norm::L2].iter().filter_map(|&norm| workshop.nearest(norm, &targets)).collect();
    }
    repair.mends = mends(&repair, useful.len());
    let mut sides = repair.single.iter().flat_map(|single| &single.sides);
    repair.is_complete = sides.all(|side| side.is_complete) && !solver.is_out_of_time();
    repair
}

/// Whether some coefficients mend: by one feature, by several, or by none at all.
fn mends(repair: &Repair, n_useful: usize) -> Decision {
    let alone = repair.single.iter().map(|single| single.mends.clone());
    let together = match &repair.joint {
        Some(joint) => joint.mends.clone(),
        None if n_useful < 2 => Decision::No(Evidence::Structure),
        None => Decision::Undecided(Doubt::Limit),
    };
    // A proof about all features together speaks for each of them and for none.
    if together.is_no() && repair.joint.is_some() {
        return together;
    }
    let one = alone.fold(repair.before.all.clone(), Decision::or);
    // One feature alone is all there is.
    if n_useful < 2 && one.is_no() { one } else { one.or(together) }
}

impl Workshop<'_> {
    /// Proxy plus multiples of features, in fractions where they are known.
    fn mixed(&self, features: &[usize], theta: &[RBig]) -> ExpectedReward {
        let proxy = self.request.proxy.expected(self.mdp);
        let add = |sum: ExpectedReward, (&k, c): (&usize, &RBig)| {
            sum.plus_exactly(&Number::of(c.clone()), &self.request.features[k].reward.expected(self.mdp))
        };
        features.iter().zip(theta).fold(proxy, add)
    }

    /// A policy that is optimal for the proxy among some rows.
    fn liked(&self, allowed: &[bool]) -> Vec<usize> {
        let task = Task { allowed: Some(allowed), ..Task::new(&self.proxy.reward, Sense::Max) };
        self.request.solver.policy(&task)
    }
}
