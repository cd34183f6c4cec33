//! A model as the oracle knows it, the text of its file, and the part of it that returns can feel.

use std::fmt::Write;

use crate::truth::num::{Q, dot, solve, text};

/// A reward: its expectation, and how it is written.
#[derive(Clone)]
pub struct Pay {
    pub name: String,
    /// `[S][A]`; zero where there is nothing to pay for.
    pub sa: Vec<Vec<Q>>,
    /// `[S][A][S]`, if it is written by transition.
    pub sas: Option<Vec<Vec<Vec<Q>>>>,
}

/// A model in fractions.
#[derive(Clone)]
pub struct World {
    pub gamma: Q,
    /// `[S][A][S]`, `None` where the action is not offered. A terminal state stays where it is.
    pub p: Vec<Vec<Option<Vec<Q>>>>,
    pub mu0: Vec<Q>,
    pub terminal: Vec<bool>,
    pub rewards: Vec<Pay>,
}

fn list(items: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", items.into_iter().collect::<Vec<_>>().join(","))
}

impl World {
    pub fn n(&self) -> usize {
        self.p.len()
    }

    pub fn m(&self) -> usize {
        self.p[0].len()
    }

    /// The model file; every number in it is exactly the oracle's.
    pub fn json(&self) -> String {
        let row = |row: &Option<Vec<Q>>| row.as_ref().map_or("null".into(), |row| list(row.iter().map(text)));
        let p = list(self.p.iter().map(|rows| list(rows.iter().map(row))));
        let ends = list((0..self.n()).filter(|&s| self.terminal[s]).map(|s| s.to_string()));
        let mut rewards = String::new();
        for (i, pay) in self.rewards.iter().enumerate() {
            let offered = |s: usize, a: usize| self.p[s][a].is_some();
            let cell = |s: usize, a: usize| match &pay.sas {
                _ if !offered(s, a) => "null".into(),
                Some(sas) => list(sas[s][a].iter().map(text)),
                None => text(&pay.sa[s][a]),
            };
            let rows = list((0..self.n()).map(|s| list((0..self.m()).map(|a| cell(s, a)))));
            let (kind, comma) = (if pay.sas.is_some() { "sas" } else { "sa" }, if i > 0 { "," } else { "" });
            let _ = write!(rewards, "{comma}\"{}\":{{\"{kind}\":{rows}}}", pay.name);
        }
        format!(
            "{{\"format\":\"truenorth-mdp/1\",\"gamma\":{},\"states\":{},\"actions\":{},\"mu0\":{},\"p\":{p},\
             \"terminal\":{ends},\"rewards\":{{{rewards}}}}}\n",
            text(&self.gamma),
            self.n(),
            self.m(),
            list(self.mu0.iter().map(text)),
        )
    }

    /// A reward by name.
    pub fn pay(&self, name: &str) -> &Pay {
        self.rewards.iter().find(|pay| pay.name == name).expect("a reward of that name")
    }
}

/// One action of a live state.
#[derive(Clone, Debug)]
pub struct Row {
    /// Place among the live states.
    pub at: usize,
    pub action: usize,
    /// To live states; what is missing from 1 ends the episode.
    pub p: Vec<Q>,
    /// All probabilities as written, of next states that are felt or terminal.
    pub full: Vec<Q>,
}

/// What returns can feel: states that are reached with some weight and are not terminal.
#[derive(Clone)]
pub struct Part {
    pub gamma: Q,
    /// Their numbers in the model.
    pub live: Vec<usize>,
    pub rows: Vec<Row>,
    /// Rows of each live state.
    pub of: Vec<std::ops::Range<usize>>,
    pub mu: Vec<Q>,
    /// Reached, terminal ones included.
    pub felt: Vec<bool>,
    /// Terminal states that are reached, with their start weight.
    pub ends: Vec<(usize, Q)>,
}

impl Part {
    pub fn new(world: &World) -> Self {
        let n = world.n();
        let mut felt: Vec<bool> = world.mu0.iter().map(|m| !m.is_zero()).collect();
        if !world.gamma.is_zero() {
            let mut open: Vec<usize> = (0..n).filter(|&s| felt[s]).collect();
            while let Some(s) = open.pop() {
                if world.terminal[s] {
                    continue;
                }
                for row in world.p[s].iter().flatten() {
                    for t in (0..n).filter(|&t| !row[t].is_zero()) {
                        if !felt[t] {
                            felt[t] = true;
                            open.push(t);
                        }
                    }
                }
            }
        }
        let live: Vec<usize> = (0..n).filter(|&s| felt[s] && !world.terminal[s]).collect();
        let (mut rows, mut of) = (Vec::new(), Vec::new());
        for (at, &s) in live.iter().enumerate() {
            let first = rows.len();
            for (action, full) in world.p[s].iter().enumerate() {
                if let Some(full) = full {
                    let p = live.iter().map(|&t| full[t].clone()).collect();
                    rows.push(Row { at, action, p, full: full.clone() });
                }
            }
            of.push(first..rows.len());
        }
        let mu = live.iter().map(|&s| world.mu0[s].clone()).collect();
        let ended = (0..n).filter(|&s| felt[s] && world.terminal[s]);
        let ends = ended.map(|s| (s, world.mu0[s].clone())).collect();
        Part { gamma: world.gamma.clone(), live, rows, of, mu, felt, ends }
    }

    pub fn n(&self) -> usize {
        self.live.len()
    }

    /// A reward over the rows.
    pub fn over_rows(&self, sa: &[Vec<Q>]) -> Vec<Q> {
        self.rows.iter().map(|row| sa[self.live[row.at]][row.action].clone()).collect()
    }

    /// `I - gamma P` of a mixture: the probability of each row.
    fn system(&self, mixture: &[Q]) -> Vec<Vec<Q>> {
        let n = self.n();
        let mut a: Vec<Vec<Q>> = (0..n).map(|s| (0..n).map(|t| Q::from(u8::from(s == t))).collect()).collect();
        for (row, weight) in self.rows.iter().zip(mixture).filter(|(_, weight)| !weight.is_zero()) {
            let weight = weight * &self.gamma;
            for (t, p) in row.p.iter().enumerate().filter(|(_, p)| !p.is_zero()) {
                a[row.at][t] -= &weight * p;
            }
        }
        a
    }

    /// The mixture that is certain of one row a state.
    pub fn certain(&self, policy: &[usize]) -> Vec<Q> {
        let mut mixture = vec![Q::ZERO; self.rows.len()];
        policy.iter().for_each(|&row| mixture[row] = Q::ONE);
        mixture
    }

    /// Each action alike.
    pub fn uniform(&self) -> Vec<Q> {
        self.rows.iter().map(|row| Q::ONE / Q::from(self.of[row.at].len() as u64)).collect()
    }

    /// Value of a mixture in each live state.
    pub fn value(&self, mixture: &[Q], r: &[Q]) -> Vec<Q> {
        let paid = self.of.iter().map(|rows| dot(&mixture[rows.clone()], &r[rows.clone()])).collect();
        solve(self.system(mixture), paid).expect("episodes end or are discounted")
    }

    /// Discounted visits of each live state, not normalised.
    pub fn visits(&self, mixture: &[Q]) -> Vec<Q> {
        let (a, n) = (self.system(mixture), self.n());
        let transposed = (0..n).map(|t| (0..n).map(|s| a[s][t].clone()).collect()).collect();
        solve(transposed, self.mu.clone()).expect("episodes end or are discounted")
    }

    /// Discounted visits of each row.
    pub fn occupancy(&self, mixture: &[Q]) -> Vec<Q> {
        let visits = self.visits(mixture);
        self.rows.iter().zip(mixture).map(|(row, weight)| &visits[row.at] * weight).collect()
    }

    /// `r + gamma P v` of a row.
    pub fn backup(&self, row: usize, r: &[Q], v: &[Q]) -> Q {
        &r[row] + &self.gamma * dot(&self.rows[row].p, v)
    }

    /// Every deterministic policy, as the row of each live state.
    pub fn policies(&self) -> Vec<Vec<usize>> {
        let mut all = vec![Vec::new()];
        for rows in &self.of {
            let longer = |policy: Vec<usize>| {
                rows.clone().map(move |row| policy.iter().copied().chain([row]).collect::<Vec<usize>>())
            };
            all = all.into_iter().flat_map(longer).collect();
        }
        all
    }

    /// Optimal values by policy iteration.
    pub fn optimum(&self, r: &[Q], maximise: bool) -> Vec<Q> {
        let mut policy: Vec<usize> = self.of.iter().map(|rows| rows.start).collect();
        loop {
            let v = self.value(&self.certain(&policy), r);
            let mut changed = false;
            for (s, rows) in self.of.iter().enumerate() {
                let mut best = v[s].clone();
                for row in rows.clone() {
                    let q = self.backup(row, r, &v);
                    if if maximise { q > best } else { q < best } {
                        (best, policy[s], changed) = (q, row, true);
                    }
                }
            }
            if !changed {
                return v;
            }
        }
    }

    /// `V* - Q*` of each row, which is zero for optimal ones.
    pub fn gaps(&self, r: &[Q], v: &[Q]) -> Vec<Q> {
        self.rows.iter().enumerate().map(|(row, of)| &v[of.at] - self.backup(row, r, v)).collect()
    }
}
