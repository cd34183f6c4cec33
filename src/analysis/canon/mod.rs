//! Canonical forms: one representative for all rewards that differ in ways no policy can feel.
//!
//! Owns: the nine canonicalisations of the STARC paper and its predecessors, and their registry.
//! May use: `base`, `model`, `solve`.
//! Must not: normalise or measure; that is `distance`.
//! To add one: a new file with a `CANON`, and one line in [`CANONS`].

mod cholesky;
mod dard;
mod epic;
pub(crate) mod gram;
mod least_squares;
mod minimal;
mod minimal_potential;
mod none;
mod precise;
mod twice;
mod val;

pub use minimal::closest_shaping;

use nalgebra::DMatrix;
use rayon::prelude::*;

use crate::base::{Code, Diag, Result, sum};
use crate::model::reward::ExpectedReward;
use crate::model::{Mdp, Policy, Reward};
use crate::solve::Solver;

/// Everything a canonicalisation may look at besides the reward.
pub struct Context<'a> {
    /// Values of the reference policy come from here.
    pub solver: &'a Solver<'a>,
    /// The fixed policy of VAL; chosen before any reward is seen.
    pub reference: &'a Policy,
}

impl<'a> Context<'a> {
    /// The model.
    pub fn mdp(&self) -> &'a Mdp {
        self.solver.mdp()
    }
}

/// A canonical reward.
#[derive(Clone, Debug)]
pub struct Canonical {
    /// The form itself, on every transition, possible or not.
    pub form: Reward,
    /// A part that depends on the pair of states alone, `[s, s']`; only DARD has one.
    pub pair: Option<DMatrix<f64>>,
    /// The potential whose shaping turns the reward, up to S'-redistribution, into the form. Length S.
    pub potential: Option<Vec<f64>>,
    /// Bound on the error of every entry: every rounding, and what the inputs are off.
    pub err: f64,
}

impl Canonical {
    /// Value on one transition.
    pub fn at(&self, mdp: &Mdp, row: usize, s_next: usize) -> f64 {
        self.form.at(row, s_next) + self.pair.as_ref().map_or(0.0, |k| k[(mdp.state(row), s_next)])
    }

    /// Whether no entry depends on the next state.
    pub fn is_constant_in_next(&self) -> bool {
        self.pair.is_none() && self.form.is_constant_in_next()
    }

    /// Writes the values of a row of state `s` into `out`, length S.
    pub fn fill_row(&self, s: usize, row: usize, out: &mut [f64]) {
        self.form.fill_row(row, out);
        if let Some(pair) = &self.pair {
            out.iter_mut().enumerate().for_each(|(t, x)| *x += pair[(s, t)]);
        }
    }

    /// Writes the values of the stored transitions of a row of state `s` into `out`.
    pub fn fill_support(&self, mdp: &Mdp, s: usize, row: usize, out: &mut Vec<f64>) {
        self.form.fill_support(mdp, row, out);
        if let Some(pair) = &self.pair {
            mdp.p(row).0.iter().zip(out).for_each(|(&t, x)| *x += pair[(s, t as usize)]);
        }
    }
}

/// One canonicalisation.
pub struct Canon {
    /// Name in metric ids and on the command line.
    pub id: &'static str,
    /// One line for `--help` and reports.
    pub summary: &'static str,
    /// Whether shaping alone is removed, or S'-redistribution as well.
    pub removes_redistribution: bool,
    /// Whether values of the form on transitions that cannot happen depend on the rewards there.
    pub reads_impossible: bool,
    /// Whether even its values on possible transitions depend on rewards of impossible ones.
    pub spreads_impossible: bool,
    run: Run,
}

/// How forms are worked out.
enum Run {
    /// One reward at a time.
    Each(fn(&Context<'_>, &Reward, &ExpectedReward) -> Result<Canonical>),
    /// Many at once, from their expectations alone: what depends on the model is prepared once.
    Together(fn(&Context<'_>, &[&ExpectedReward]) -> Result<Vec<Canonical>>),
}

/// All canonicalisations, in the order of the STARC paper's table.
pub static CANONS: &[&Canon] = &[
    &none::CANON,
    &val::CANON,
    &val::POTENTIAL,
    &minimal::CANON,
    &minimal::WEIGHTED,
    &minimal_potential::CANON,
    &minimal_potential::WEIGHTED,
    &epic::CANON,
    &dard::CANON,
];

/// The canonicalisation of that name.
pub fn find(id: &str) -> Result<&'static Canon> {
    match CANONS.iter().find(|c| c.id == id) {
        Some(canon) => Ok(canon),
        None => Diag::new(Code::MetricUnknown, format!("there is no canonicalisation `{id}`"))
            .nearest(id, CANONS.iter().map(|c| c.id))
            .err(),
    }
}

impl Canon {
    /// The canonical form of a reward. Refused where its definition does not apply to the model.
    pub fn apply(&self, context: &Context<'_>, reward: &Reward) -> Result<Canonical> {
        self.apply_expected(context, reward, &reward.expected(context.mdp()))
    }

    /// The same, for callers who know the expectation of the reward already.
    pub fn apply_expected(
        &self,
        context: &Context<'_>,
        reward: &Reward,
        expected: &ExpectedReward,
    ) -> Result<Canonical> {
        self.apply_all(context, &[(reward, expected)]).map(|mut forms| forms.remove(0))
    }

    /// The forms of many rewards, in order; what they share is worked out once. Refused as a whole where the definition
    /// does not apply to the model.
    pub fn apply_all(&self, context: &Context<'_>, rewards: &[(&Reward, &ExpectedReward)]) -> Result<Vec<Canonical>> {
        match self.run {
            Run::Each(run) => rewards.par_iter().map(|(reward, expected)| run(context, reward, expected)).collect(),
            Run::Together(run) => run(context, &rewards.iter().map(|(_, expected)| *expected).collect::<Vec<_>>()),
        }
    }
}

/// The projection of a reward on the directions in which occupancies differ: the `minimal-weighted` form, over rows.
///
/// `r - G Phi` with `G Phi (s,a) = Phi(s) - gamma P Phi` and the `Phi` of least squares. One linear system in S unknowns.
/// Refused where that system is singular to rounding.
pub fn flow_projection(solver: &Solver<'_>, r: &ExpectedReward) -> Result<Vec<f64>> {
    let reference = Policy::uniform(solver.mdp());
    minimal::on_rows(&Context { solver, reference: &reference }, r)
}

/// Shaping potentials of the least-squares forms are 0 at terminal states: a reward is 0 there by definition, and a
/// potential that is not would change the order of policies.
fn pinned(mdp: &Mdp) -> Vec<bool> {
    (0..mdp.n_states()).map(|s| mdp.is_terminal(s)).collect()
}

/// Weights over rows without those of terminal states. What is paid there is 0 by definition, for every reward: such a row
/// says nothing, and how many actions a terminal state is written with must not matter.
fn counted(mdp: &Mdp, mut weights: Vec<f64>) -> Vec<f64> {
    (0..mdp.n_states()).filter(|&s| mdp.is_terminal(s)).for_each(|s| weights[mdp.rows(s)].fill(0.0));
    weights
}

/// Bound on the error of every entry of `R + gamma Phi(s') - Phi(s)` as it is stored and read, with `Phi` taken as exact.
fn shaped_error(mdp: &Mdp, reward: &Reward, phi: &[f64]) -> f64 {
    let (largest, size) = (sum::max_abs(phi), reward.size());
    // Two additions where it is stored and one where it is read, a product, and as much for what they are relative to.
    reward.entry_error() + mdp.gamma_error() * largest + 8.0 * sum::UNIT * (size + 2.0 * largest)
}

fn needs_discount(mdp: &Mdp, id: &str) -> Result<()> {
    if mdp.gamma() < 1.0 {
        return Ok(());
    }
    Diag::new(Code::MetricUnknown, format!("`{id}` is not defined for gamma = 1: a constant is then not a shaping"))
        .err()
}
