//! What soft policies tend to as the temperature goes to zero.

use std::collections::BTreeMap;

use dashu_ratio::RBig;

use super::SoftValues;
use crate::base::{Decision, Doubt, Evidence, Interval};
use crate::model::Policy;
use crate::model::reward::ExpectedReward;
use crate::solve::{Solution, Solver};

/// Where a row leads: classes of states, each with its probability.
type Move = Vec<(usize, RBig)>;

/// The limit of the soft policies of one reward.
#[derive(Clone, Debug)]
pub struct Limit {
    /// Among the optimal policies the one with most discounted entropy to come. Where not all ties are decided: among those
    /// that may be.
    pub policy: Policy,
    /// Expected discounted entropy of its choices from each state, in nats; an upper bound where not all ties are decided.
    pub entropy: Vec<f64>,
    /// Whether it plays the optimal actions of some state, but not all of them alike.
    pub differs_from_uniform: Decision,
}

/// `pi_tau` for `tau -> 0`: not uniform over the optimal actions, since `Q_tau = Q* + tau h + o(tau)` where `h` solves the
/// soft Bellman equation of temperature 1 with reward zero over the optimal actions alone. An action that leads to more
/// choices among optimal actions is played more.
pub fn limit(solver: &Solver<'_>, optimum: &Solution) -> Limit {
    let mdp = solver.mdp();
    let nothing = ExpectedReward::exact(vec![0.0; mdp.n_rows()]);
    let start = vec![0.0; mdp.n_states()];
    let soft = SoftValues::of(solver, &nothing, Some(&optimum.optimal), 1.0, &start);
    let differs_from_uniform = match &optimum.doubt {
        Some(doubt) => Decision::Undecided(doubt.clone()),
        None => differs(solver, &optimum.optimal, &soft),
    };
    Limit { policy: soft.policy, entropy: soft.v, differs_from_uniform }
}

/// By bounds on `h` where two actions are told apart; by structure where all choices are alike.
fn differs(solver: &Solver<'_>, optimal: &[bool], soft: &SoftValues) -> Decision {
    let mdp = solver.mdp();
    let ahead = |row: usize| {
        let (col, p) = mdp.p(row);
        let known = |t: usize| Interval { lo: soft.lo[t], hi: soft.hi[t] };
        let next =
            col.iter().zip(p).fold(Interval::point(0.0), |sum, (&t, &p)| sum + known(t as usize) * Interval::around(p));
        next * Interval::around(mdp.gamma())
    };
    let is_uneven = |s: usize| {
        let rows: Vec<Interval> = mdp.rows(s).filter(|&row| optimal[row]).map(ahead).collect();
        let top = rows.iter().map(|x| x.lo).fold(f64::NEG_INFINITY, f64::max);
        rows.iter().any(|x| x.hi < top)
    };
    if (0..mdp.n_states()).any(|s| !mdp.is_terminal(s) && is_uneven(s)) {
        return Decision::Yes(Evidence::Bounds);
    }
    let tied = |s: usize| !mdp.is_terminal(s) && mdp.rows(s).filter(|&row| optimal[row]).count() > 1;
    if mdp.gamma() == 0.0 || !(0..mdp.n_states()).any(tied) || are_alike(solver, optimal) {
        return Decision::structure(false);
    }
    Decision::Undecided(match soft.is_converged {
        false => Doubt::Limit,
        true if mdp.is_rounded() => Doubt::InputRounding,
        true => Doubt::bounds("more digits of the entropies to come"),
    })
}

/// Whether states fall into classes such that those of a class have as many optimal actions, and all of these, in every state
/// of the class, lead to each class with the same probability: then `h` is the same all over a class, and no action is played
/// more than another. Classes are split until they do or cannot be; O(S) passes over the model at most.
fn are_alike(solver: &Solver<'_>, optimal: &[bool]) -> bool {
    let mdp = solver.mdp();
    let Some(fractions) = mdp.fractions() else { return false };
    let next = |row: usize, class: &[usize]| {
        let mut next: BTreeMap<usize, RBig> = BTreeMap::new();
        for (&t, p) in mdp.p(row).0.iter().zip(&fractions.p[mdp.transitions(row)]) {
            *next.entry(class[t as usize]).or_insert(RBig::ZERO) += p;
        }
        next.into_iter().filter(|(_, p)| *p != RBig::ZERO).collect::<Vec<_>>()
    };
    let rows = |s: usize| mdp.rows(s).filter(|&row| optimal[row]);
    let mut class: Vec<usize> =
        (0..mdp.n_states()).map(|s| if mdp.is_terminal(s) { 0 } else { rows(s).count() }).collect();
    let count = |class: &[usize]| class.iter().collect::<std::collections::BTreeSet<_>>().len();
    loop {
        if solver.is_out_of_time() {
            return false;
        }
        let mut of: BTreeMap<(usize, Vec<Move>), usize> = BTreeMap::new();
        let mut split = vec![0; class.len()];
        for s in 0..mdp.n_states() {
            let mut ways: Vec<_> = match mdp.is_terminal(s) {
                true => Vec::new(),
                false => rows(s).map(|row| next(row, &class)).collect(),
            };
            ways.sort();
            let fresh = of.len();
            split[s] = *of.entry((class[s], ways)).or_insert(fresh);
        }
        if of.len() == count(&class) {
            let alike = |ways: &[Move]| ways.windows(2).all(|pair| pair[0] == pair[1]);
            return of.keys().all(|(_, ways)| alike(ways));
        }
        class = split;
    }
}
