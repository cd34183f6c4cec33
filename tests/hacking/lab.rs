//! Random instances with a given correlation, and an oracle of their occupancies that shares nothing with the library.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use truenorth::analysis::hacking::Setting;
use truenorth::model::reward::ExpectedReward;
use truenorth::model::{Mdp, Model, Policy};
use truenorth::solve::{Options, Solver};

use crate::common::draw::{Case, Kind, Start, Table, Tape, cases_of};

/// Every state may be the first, nothing is special.
pub const PLAIN: Kind = Kind { gammas: &[0.3, 0.6, 0.9, 0.95], n_rewards: 0, ..Kind::WHOLE };

/// A model with a reference, another policy, and numbers to draw rewards from.
pub struct Instance {
    pub model: Model,
    pub reference: Vec<f64>,
    pub policy: Vec<f64>,
    pub tape: Tape,
}

/// The same instances on every run.
pub fn instances(kind: Kind, n: usize) -> impl Iterator<Item = Instance> {
    let mut runner = TestRunner::deterministic();
    let strategy = cases_of(kind);
    (0..n).map(move |_| {
        let case: Case = strategy.new_tree(&mut runner).expect("a case").current();
        let model = case.model();
        let mut tape = case.tape;
        let reference = policy(model.mdp(), &mut tape, |u| -u.ln() + 0.05);
        let policy = policy(model.mdp(), &mut tape, |u| (-u.ln()).powi(3));
        Instance { model, reference, policy, tape }
    })
}

/// Probabilities over rows in proportion to drawn weights.
pub fn policy(mdp: &Mdp, tape: &mut Tape, weight: impl Fn(f64) -> f64) -> Vec<f64> {
    let mut prob: Vec<f64> = (0..mdp.n_rows()).map(|_| weight(tape.unit())).collect();
    for s in 0..mdp.n_states() {
        let total: f64 = prob[mdp.rows(s)].iter().sum();
        mdp.rows(s).for_each(|row| prob[row] /= total);
    }
    prob
}

impl Instance {
    pub fn mdp(&self) -> &Mdp {
        self.model.mdp()
    }

    /// Whether anything can be chosen.
    pub fn has_choice(&self) -> bool {
        self.mdp().n_rows() > self.mdp().n_states()
    }

    /// A reward over rows.
    pub fn draw(&mut self) -> Vec<f64> {
        let n = self.mdp().n_rows();
        (0..n).map(|_| self.tape.signed()).collect()
    }

    /// Runs `f` with the proxy, the truth and the reference.
    pub fn with<T>(&self, proxy: &[f64], truth: &[f64], f: impl FnOnce(&Setting<'_>) -> T) -> T {
        let solver = Solver::new(self.mdp(), Options::default()).unwrap();
        let [truth, proxy] = [truth, proxy].map(|r| ExpectedReward::exact(r.to_vec()));
        let reference = Policy::Stochastic(self.reference.clone());
        f(&Setting::new(&solver, &reference, truth, proxy).unwrap())
    }
}

/// Normalised occupancy over rows: `(I - gamma P') d = (1 - gamma) mu0` by elimination with pivots.
pub fn occupancy(mdp: &Mdp, prob: &[f64]) -> Vec<f64> {
    let (n, gamma) = (mdp.n_states(), mdp.gamma());
    let mut a = vec![vec![0.0; n + 1]; n];
    for s in 0..n {
        a[s][s] += 1.0;
        a[s][n] = (1.0 - gamma) * mdp.mu0()[s];
        for row in mdp.rows(s) {
            let (col, p) = mdp.p(row);
            col.iter().zip(p).for_each(|(&t, p)| a[t as usize][s] -= gamma * prob[row] * p);
        }
    }
    for i in 0..n {
        let best = (i..n).max_by(|&x, &y| a[x][i].abs().total_cmp(&a[y][i].abs())).unwrap();
        a.swap(i, best);
        for j in 0..n {
            if j != i && a[j][i] != 0.0 {
                let factor = a[j][i] / a[i][i];
                (i..=n).for_each(|k| a[j][k] -= factor * a[i][k]);
            }
        }
    }
    let mut occ = vec![0.0; mdp.n_rows()];
    for s in 0..n {
        mdp.rows(s).for_each(|row| occ[row] = prob[row] * a[s][n] / a[s][s]);
    }
    occ
}

pub fn mean(q: &[f64], x: &[f64]) -> f64 {
    q.iter().zip(x).map(|(q, x)| q * x).sum()
}

/// `(x - mean) / sigma` under `q`, and `sigma`.
pub fn standardised(q: &[f64], x: &[f64]) -> (Vec<f64>, f64) {
    let m = mean(q, x);
    let centred: Vec<f64> = x.iter().map(|x| x - m).collect();
    let sigma = q.iter().zip(&centred).map(|(q, x)| q * x * x).sum::<f64>().sqrt();
    (centred.iter().map(|x| x / sigma).collect(), sigma)
}

/// A reward whose correlation with `proxy` under `q` is exactly `r`, with mean and spread of its own; `None` where two
/// rewards cannot be independent.
pub fn correlated(q: &[f64], proxy: &[f64], r: f64, noise: &[f64]) -> Option<Vec<f64>> {
    let z = standardised(q, proxy).0;
    let n = standardised(q, noise).0;
    let along = q.iter().zip(z.iter().zip(&n)).map(|(q, (z, n))| q * z * n).sum::<f64>();
    let rest: Vec<f64> = n.iter().zip(&z).map(|(n, z)| n - along * z).collect();
    let (w, size) = standardised(q, &rest);
    (size > 1e-6).then(|| z.iter().zip(w).map(|(z, w)| 0.7 + 1.3 * (r * z + (1.0 - r * r).sqrt() * w)).collect())
}

pub fn chi2(p: &[f64], q: &[f64]) -> f64 {
    p.iter().zip(q).filter(|(_, q)| **q > 0.0).map(|(p, q)| (p - q).powi(2) / q).sum()
}

pub fn kl(p: &[f64], q: &[f64]) -> f64 {
    p.iter().zip(q).filter(|(p, _)| **p > 0.0).map(|(p, q)| p * (p / q).ln()).sum()
}

/// One state, or several that are never left: arms whose pulls change nothing.
pub fn bandit(arms: &[f64], start: &[f64]) -> Model {
    let n = start.len();
    let stay = |s: usize| Some((0..n).map(|t| f64::from(u8::from(t == s))).collect());
    let p = (0..n).map(|s| vec![stay(s); arms.len()]).collect();
    let rewards = vec![Table::Sa(vec![arms.to_vec(); n])];
    let tape = Tape::new(vec![0]);
    Case { gamma: 0.5, p, mu0: Start::Dense(start.to_vec()), terminal: Vec::new(), rewards, tape }.model()
}
