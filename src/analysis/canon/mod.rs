//! Canonical forms: one representative for all rewards that differ in ways no policy can feel.
//!
//! Owns: the nine canonicalisations of the STARC paper and its predecessors, and their registry.
//! May use: `base`, `model`, `solve`.
//! Must not: normalise or measure; that is `distance`.
//! To add one: a new file with a `CANON`, and one line in [`CANONS`].

mod cholesky;
mod dard;
mod epic;
pub(in crate::analysis) mod gram;
mod least_squares;
mod minimal;
mod minimal_potential;
mod none;
mod val;

use nalgebra::DMatrix;

use crate::base::{Code, Diag, Result};
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
    /// Bound on the error of every entry, rounding of the final additions not counted.
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
    run: fn(&Context<'_>, &Reward, &ExpectedReward) -> Result<Canonical>,
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
        (self.run)(context, reward, expected)
    }
}

/// Shaping potentials of the least-squares forms leave `Phi = 0` at terminal states when the discount is 1, where a
/// shift of all states is not visible to the equations.
fn pinned(mdp: &Mdp) -> Vec<bool> {
    (0..mdp.n_states()).map(|s| mdp.gamma() == 1.0 && mdp.is_terminal(s)).collect()
}

fn needs_discount(mdp: &Mdp, id: &str) -> Result<()> {
    if mdp.gamma() < 1.0 {
        return Ok(());
    }
    Diag::new(Code::MetricUnknown, format!("`{id}` is not defined for gamma = 1: a constant is then not a shaping"))
        .err()
}
