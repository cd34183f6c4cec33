//! Whether two rewards put all policies in the same order.
//!
//! Owns: the decision, and the exact scale and potential between rewards that are one task.
//! May use: `base`, `model`, `solve`, `returns`.
//! Must not: measure how far apart rewards are; that is `distance`.
//! To add one: another way to decide is a function that returns an [`Order`] or nothing.
//!
//! The advantages `A(s,a) = r + gamma P V - V(s)` of one fixed policy are a form of a reward that shaping and
//! redistribution leave alone, and they determine the order: two rewards order all policies alike iff their advantages,
//! where a return can feel them, are positive multiples of each other (Skalse et al. 2023, for shaping and redistribution;
//! every state must be reachable). In fractions that is a question of equality.

mod guess;

use dashu_ratio::RBig;

use crate::analysis::returns::ReturnRange;
use crate::base::{Bounded, Decision, Doubt};
use crate::model::Mdp;
use crate::model::reward::ExpectedReward;
use crate::solve::{Exactly, Solver};

pub use guess::guess;

/// How two rewards order policies.
#[derive(Clone, Debug)]
pub struct Order {
    /// Whether both put all policies in the same order.
    pub same: Decision,
    /// Whether one puts them in the opposite order of the other.
    pub opposite: Decision,
    /// What turns the first reward into the second, where that is known exactly.
    pub link: Option<Link>,
}

/// `R2 = scale R1 + gamma Phi(s') - Phi(s)` in expectation.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// Negative where the orders are opposite.
    pub scale: RBig,
    /// `Phi`, length S; 0 at terminal states.
    pub potential: Vec<RBig>,
}

/// A reward without what no policy can feel.
#[derive(Clone, Debug)]
pub struct Form {
    /// Advantages over the rows that count, divided by the size of the first that is not 0.
    unit: Vec<RBig>,
    /// That size; 0 for a trivial reward.
    size: RBig,
    /// Values of the fixed policy.
    v: Vec<RBig>,
}

impl Form {
    /// In fractions: one exact evaluation of the policy that takes the first action everywhere.
    pub fn new(solver: &Solver<'_>, reward: &ExpectedReward) -> Result<Self, Doubt> {
        let (room, rewards) = solver.exactly_for(reward)?;
        Self::of(solver.mdp(), &room, &rewards)
    }

    fn of(mdp: &Mdp, room: &Exactly<'_>, rewards: &[RBig]) -> Result<Self, Doubt> {
        let first: Vec<usize> = (0..mdp.n_states()).map(|s| mdp.rows(s).start).collect();
        let values = room.values(&first, rewards)?;
        let v: Vec<RBig> = (0..mdp.n_states()).map(|s| values.value(s)).collect();
        let counts = |s: &usize| !mdp.is_terminal(*s) && (mdp.gamma() > 0.0 || mdp.mu0()[*s] > 0.0);
        let rows = (0..mdp.n_states()).filter(counts).flat_map(|s| mdp.rows(s).map(move |row| (s, row)));
        let mut unit: Vec<RBig> = rows.map(|(s, row)| &rewards[row] + room.backup(row, &v) - &v[s]).collect();
        let largest = unit.iter().find(|x| **x != RBig::ZERO).cloned().unwrap_or(RBig::ZERO);
        let size = if largest < RBig::ZERO { -largest } else { largest };
        if size != RBig::ZERO {
            unit.iter_mut().for_each(|x| *x /= &size);
        }
        Ok(Form { unit, size, v })
    }

    /// Whether all policies earn the same.
    pub fn is_trivial(&self) -> bool {
        self.size == RBig::ZERO
    }

    /// What two rewards that are one task share, and no two others: the directions of their advantages.
    pub fn direction(&self) -> &[RBig] {
        &self.unit
    }

    /// What turns this reward into another: the scale is positive, negative or nothing.
    fn link(&self, other: &Form) -> Option<Link> {
        let is_same = self.unit == other.unit;
        let is_opposite = || self.unit.iter().zip(&other.unit).all(|(x, y)| *x == -y.clone());
        let scale = match (self.is_trivial(), other.is_trivial()) {
            (true, true) => RBig::ONE,
            (true, false) | (false, true) => return None,
            _ if is_same => &other.size / &self.size,
            _ if is_opposite() => -(&other.size / &self.size),
            _ => return None,
        };
        let potential = self.v.iter().zip(&other.v).map(|(x, y)| &scale * x - y).collect();
        Some(Link { scale, potential })
    }
}

/// How two rewards order policies; `distance` is range STARC between them, which settles most pairs that differ.
pub fn order(solver: &Solver<'_>, x: &ReturnRange, y: &ReturnRange, distance: Bounded) -> Order {
    let differ = |evidence: Decision| Order { same: evidence.clone(), opposite: evidence, link: None };
    match (&x.trivial, &y.trivial) {
        // All policies alike, in any order.
        (Decision::Yes(_), Decision::Yes(_)) => {
            let both = x.trivial.clone().and(y.trivial.clone());
            let link = exact_link(solver, x, y).unwrap_or_default();
            return Order { same: both.clone(), opposite: both, link };
        }
        (Decision::Yes(_), Decision::No(_)) | (Decision::No(_), Decision::Yes(_)) => {
            return differ(x.trivial.clone().and(y.trivial.clone()));
        }
        _ => {}
    }
    // At distance 2 the orders are opposite, and the bounds of a distance do not tell that from nearly so.
    let apart = Decision::is_positive(distance, || Doubt::Limit);
    if apart.is_yes() && distance.hi < 2.0 {
        return differ(apart.not());
    }
    match exact_link(solver, x, y) {
        Ok(link) => {
            let scale = link.as_ref().map_or(RBig::ZERO, |link| link.scale.clone());
            let is_trivial = x.is_trivial() && y.is_trivial();
            Order {
                same: Decision::exact(is_trivial || scale > RBig::ZERO),
                opposite: Decision::exact(is_trivial || scale < RBig::ZERO),
                link,
            }
        }
        Err(doubt) => {
            let undecided = Decision::Undecided(doubt);
            let same = if apart.is_yes() { apart.not() } else { undecided.clone() };
            let is_close = distance.hi < 2.0 && x.trivial.is_no() && y.trivial.is_no();
            let opposite = if is_close { Decision::No(crate::base::Evidence::Bounds) } else { undecided };
            Order { same, opposite, link: None }
        }
    }
}

fn exact_link(solver: &Solver<'_>, x: &ReturnRange, y: &ReturnRange) -> Result<Option<Link>, Doubt> {
    Ok(Form::new(solver, &x.reward)?.link(&Form::new(solver, &y.reward)?))
}
