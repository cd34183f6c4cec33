//! A drawn model with everything the analyses ask for, and the transformations no policy can feel.

use proptest::prelude::TestCaseError;
use truenorth::analysis::canon::{Canonical, Context};
use truenorth::analysis::distance::{self, Distance, Metric, Pair};
use truenorth::analysis::returns::ReturnRange;
use truenorth::base::Bounded;
use truenorth::model::reward::Listed;
use truenorth::model::{Mdp, Model, Policy, Reward};
use truenorth::solve::{Options, Solver};

use super::draw::{Case, Tape, reward};

/// A model, its solver, and VAL's uniform reference policy.
pub struct Lab<'a> {
    pub model: &'a Model,
    pub mdp: &'a Mdp,
    pub solver: &'a Solver<'a>,
    pub context: &'a Context<'a>,
}

/// Runs `f` on the model of a case.
pub fn with_lab<T>(case: &Case, f: impl FnOnce(&Lab<'_>) -> T) -> T {
    let model = case.model();
    with_model(&model, f)
}

/// Runs `f` on a model.
pub fn with_model<T>(model: &Model, f: impl FnOnce(&Lab<'_>) -> T) -> T {
    let mdp = model.mdp();
    let solver = Solver::new(mdp, Options::default()).unwrap();
    let reference = Policy::uniform(mdp);
    let context = Context { solver: &solver, reference: &reference };
    f(&Lab { model, mdp, solver: &solver, context: &context })
}

/// For the last line of a property.
pub fn hold(result: Result<(), String>) -> Result<(), TestCaseError> {
    result.map_err(TestCaseError::fail)
}

impl Lab<'_> {
    /// The reward `i` of the model.
    pub fn reward(&self, i: usize) -> Reward {
        reward(self.model, i).clone()
    }

    pub fn range(&self, reward: &Reward) -> ReturnRange {
        ReturnRange::of(self.solver, reward.expected(self.mdp))
    }

    /// Several distances of one pair.
    pub fn distances(&self, metrics: &[Metric], x: &Reward, y: &Reward) -> Vec<Distance> {
        let (range_x, range_y) = (self.range(x), self.range(y));
        distance::distances(self.context, &Pair { x, y, range_x: &range_x, range_y: &range_y }, metrics)
    }

    /// The distance of that id, where it is defined.
    pub fn distance(&self, id: &str, x: &Reward, y: &Reward) -> Bounded {
        let found = self.distances(&[Metric::parse(id).unwrap()], x, y).remove(0);
        found.value().unwrap_or_else(|| panic!("{id}: {found:?}"))
    }

    /// A reward from its value on every row and next state.
    pub fn dense(&self, value: impl Fn(usize, usize) -> f64) -> Reward {
        let n = self.mdp.n_states();
        let n_rows = self.mdp.n_rows();
        let listed = Listed {
            ptr: (0..=n_rows).map(|row| row * n).collect(),
            col: (0..n_rows).flat_map(|_| 0..n as u32).collect(),
            val: (0..n_rows).flat_map(|row| (0..n).map(move |t| (row, t))).map(|(row, t)| value(row, t)).collect(),
        };
        Reward::with_listed(vec![0.0; n_rows], listed)
    }

    /// The canonical form as a reward again.
    pub fn as_reward(&self, form: &Canonical) -> Reward {
        self.dense(|row, t| form.at(self.mdp, row, t))
    }

    /// `P(t|row)`.
    pub fn p(&self, row: usize, t: usize) -> f64 {
        let (col, val) = self.mdp.p(row);
        col.iter().position(|&c| c as usize == t).map_or(0.0, |i| val[i])
    }

    /// All rows and next states.
    pub fn entries(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (n_rows, n) = (self.mdp.n_rows(), self.mdp.n_states());
        (0..n_rows).flat_map(move |row| (0..n).map(move |t| (row, t)))
    }

    /// Largest `|R|`, impossible transitions included.
    pub fn size(&self, reward: &Reward) -> f64 {
        self.entries().fold(0.0, |m, (row, t)| f64::max(m, reward.at(row, t).abs()))
    }

    /// A potential that is 0 at terminal states.
    pub fn potential(&self, tape: &mut Tape, scale: f64) -> Vec<f64> {
        let draw = |s| if self.mdp.is_terminal(s) { 0.0 } else { scale * tape.signed() };
        (0..self.mdp.n_states()).map(draw).collect()
    }

    /// A reward whose mean over next states is zero at every row; anything on impossible transitions.
    pub fn redistribution(&self, tape: &mut Tape, scale: f64) -> Reward {
        let mut d: Vec<f64> = self.entries().map(|_| scale * tape.signed()).collect();
        let n = self.mdp.n_states();
        for row in 0..self.mdp.n_rows() {
            let (col, val) = self.mdp.p(row);
            let (mass, flow) = col
                .iter()
                .zip(val)
                .fold((0.0, 0.0), |(mass, flow), (&t, p)| (mass + p, flow + p * d[row * n + t as usize]));
            col.iter().for_each(|&t| d[row * n + t as usize] -= flow / mass);
        }
        self.dense(|row, t| d[row * n + t])
    }

    /// `c R + shaping`, and `+ redistribution` if asked: the same task. Returns the factor too.
    pub fn same_task(&self, tape: &mut Tape, r: &Reward, redistribute: bool) -> (Reward, f64) {
        let c = 10f64.powf(3.0 * tape.signed());
        let size = c * self.size(r).max(1e-3);
        let shaped = r.scaled(c).shaped(self.mdp, &self.potential(tape, size));
        match redistribute {
            false => (shaped, c),
            true => (Reward::linear(&[(1.0, &shaped), (1.0, &self.redistribution(tape, size))]), c),
        }
    }
}
