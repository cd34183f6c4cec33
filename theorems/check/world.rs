//! A finite MDP in fractions: what theorems are checked on.

use std::ops::Range;

use super::Q;

/// An MDP whose numbers are fractions, small enough to be solved by elimination.
///
/// As in [`Mdp`](truenorth::model::Mdp) a *row* is one available pair `(s, a)`, rows are grouped by state in order of action,
/// and vectors "over rows" are what other texts call `[S][A]` arrays.
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    /// Names of the states.
    pub states: Vec<String>,
    /// Names of the actions.
    pub actions: Vec<String>,
    /// Discount.
    pub gamma: Q,
    /// Start distribution, length S.
    pub mu0: Vec<Q>,
    /// States that end episodes: absorbing, worth nothing.
    pub terminal: Vec<bool>,
    rows: Vec<Row>,
    /// First row of each state, length S + 1.
    first: Vec<usize>,
}

/// One available pair `(s, a)` and where it leads.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// State.
    pub s: usize,
    /// Action.
    pub a: usize,
    /// Probability of each next state, length S.
    pub p: Vec<Q>,
}

/// `numerator / denominator`.
pub fn fraction(numerator: i64, denominator: u64) -> Q {
    Q::from_parts(numerator.into(), denominator.into())
}

/// A number written as `"3"`, `"-1/3"` or `"0.95"`, for instances written by hand.
pub fn number(text: &str) -> Q {
    truenorth::base::number::rational(text).unwrap_or_else(|| panic!("`{text}` is no number"))
}

/// `|x|`.
pub fn abs(x: &Q) -> Q {
    if *x < Q::ZERO { -x } else { x.clone() }
}

impl World {
    /// A world from its rows, with states and actions called `s0..` and `a0..`. Every state needs a row.
    pub fn new(gamma: Q, mu0: Vec<Q>, mut rows: Vec<Row>) -> Self {
        rows.sort_by_key(|row| (row.s, row.a));
        let n = mu0.len();
        let first: Vec<usize> = (0..=n).map(|s| rows.partition_point(|row| row.s < s)).collect();
        assert!(first.windows(2).all(|w| w[0] < w[1]), "every state needs an action");
        let n_actions = rows.iter().map(|row| row.a + 1).max().unwrap_or(0);
        World {
            states: (0..n).map(|s| format!("s{s}")).collect(),
            actions: (0..n_actions).map(|a| format!("a{a}")).collect(),
            gamma,
            mu0,
            terminal: vec![false; n],
            rows,
            first,
        }
    }

    /// A world written by hand as `(state, action, next state, probability)`, starting in the state named first.
    pub fn list(gamma: &str, transitions: &[(&str, &str, &str, &str)]) -> Self {
        let (mut states, mut actions) = (Vec::<String>::new(), Vec::<String>::new());
        let place = |names: &mut Vec<String>, name: &str| match names.iter().position(|known| known == name) {
            Some(i) => i,
            None => {
                names.push(name.into());
                names.len() - 1
            }
        };
        let mut entries = Vec::new();
        for (s, a, next, p) in transitions {
            let s = place(&mut states, s);
            let a = place(&mut actions, a);
            entries.push((s, a, place(&mut states, next), number(p)));
        }
        let n = states.len();
        let mut rows: Vec<Row> = Vec::new();
        for (s, a, next, p) in entries {
            let row = match rows.iter().position(|row| (row.s, row.a) == (s, a)) {
                Some(row) => row,
                None => {
                    rows.push(Row { s, a, p: vec![Q::ZERO; n] });
                    rows.len() - 1
                }
            };
            rows[row].p[next] += p;
        }
        let mut mu0 = vec![Q::ZERO; n];
        mu0[0] = Q::ONE;
        World { states, actions, ..World::new(number(gamma), mu0, rows) }
    }

    /// A world in which every action leads to one state for certain: `(state, action, next state)`.
    pub fn moves(gamma: &str, moves: &[(&str, &str, &str)]) -> Self {
        Self::list(gamma, &moves.iter().map(|&(s, a, next)| (s, a, next, "1")).collect::<Vec<_>>())
    }

    /// One choice without consequences: a state, an arm an action, discount 0. Returns are rewards of arms.
    pub fn bandit(arms: &[&str]) -> Self {
        let rows = (0..arms.len()).map(|a| Row { s: 0, a, p: vec![Q::ONE] }).collect();
        let mut world = World::new(Q::ZERO, vec![Q::ONE], rows);
        world.states = vec!["prompt".into()];
        world.actions = arms.iter().map(|&arm| arm.into()).collect();
        world
    }

    /// The same world with states that end episodes, by name.
    pub fn ending_in(mut self, states: &[&str]) -> Self {
        for name in states {
            let s = self.state(name);
            self.terminal[s] = true;
        }
        self
    }

    /// The same world with another start.
    pub fn starting(mut self, mu0: Vec<Q>) -> Self {
        assert_eq!(mu0.len(), self.n_states(), "a probability for each state");
        self.mu0 = mu0;
        self
    }

    /// The same world with another discount.
    pub fn discounted(&self, gamma: Q) -> Self {
        World { gamma, ..self.clone() }
    }

    /// The same world with other transitions: one distribution for each row.
    pub fn moving(&self, p: Vec<Vec<Q>>) -> Self {
        let mut world = self.clone();
        world.rows.iter_mut().zip(p).for_each(|(row, p)| row.p = p);
        world
    }

    /// S.
    pub fn n_states(&self) -> usize {
        self.mu0.len()
    }

    /// A: actions that exist somewhere.
    pub fn n_actions(&self) -> usize {
        self.actions.len()
    }

    /// Number of available pairs.
    pub fn n_rows(&self) -> usize {
        self.rows.len()
    }

    /// All rows.
    pub fn all_rows(&self) -> &[Row] {
        &self.rows
    }

    /// Rows of a state.
    pub fn rows(&self, s: usize) -> Range<usize> {
        self.first[s]..self.first[s + 1]
    }

    /// One row.
    pub fn row(&self, row: usize) -> &Row {
        &self.rows[row]
    }

    /// Index of a state by name.
    pub fn state(&self, name: &str) -> usize {
        self.states.iter().position(|known| known == name).unwrap_or_else(|| panic!("there is no state `{name}`"))
    }

    /// Index of a row by names.
    pub fn row_named(&self, s: &str, a: &str) -> usize {
        let s = self.state(s);
        self.rows(s).find(|&row| self.actions[self.rows[row].a] == a).unwrap_or_else(|| panic!("no `{a}` in state {s}"))
    }

    /// A vector over rows: 0, and what is listed as `(state, action, number)`.
    pub fn over_rows(&self, entries: &[(&str, &str, &str)]) -> Vec<Q> {
        let mut x = vec![Q::ZERO; self.n_rows()];
        for (s, a, value) in entries {
            x[self.row_named(s, a)] = number(value);
        }
        x
    }

    /// A vector over states: 0, and what is listed as `(state, number)`.
    pub fn over_states(&self, entries: &[(&str, &str)]) -> Vec<Q> {
        let mut x = vec![Q::ZERO; self.n_states()];
        for (s, value) in entries {
            x[self.state(s)] = number(value);
        }
        x
    }

    /// The policy that plays the listed actions, and the first available one elsewhere.
    pub fn playing(&self, choices: &[(&str, &str)]) -> Vec<Q> {
        let mut chosen: Vec<usize> = (0..self.n_states()).map(|s| self.first[s]).collect();
        for (s, a) in choices {
            chosen[self.state(s)] = self.row_named(s, a);
        }
        self.pure(&chosen)
    }

    /// The policy that plays one row in each state.
    pub fn pure(&self, chosen: &[usize]) -> Vec<Q> {
        let mut pi = vec![Q::ZERO; self.n_rows()];
        chosen.iter().for_each(|&row| pi[row] = Q::ONE);
        pi
    }

    /// The policy that plays every available action alike.
    pub fn uniform(&self) -> Vec<Q> {
        self.rows.iter().map(|row| fraction(1, self.rows(row.s).len() as u64)).collect()
    }

    /// Every deterministic policy, as the row of each state. Their number is the product of the action counts.
    pub fn choices(&self) -> Vec<Vec<usize>> {
        (0..self.n_states()).fold(vec![Vec::new()], |prefixes, s| {
            prefixes.iter().flat_map(|p| self.rows(s).map(move |row| [p.as_slice(), &[row]].concat())).collect()
        })
    }

    /// Every deterministic policy.
    pub fn policies(&self) -> Vec<Vec<Q>> {
        self.choices().iter().map(|chosen| self.pure(chosen)).collect()
    }

    /// Which states some policy visits from the start.
    pub fn reachable(&self) -> Vec<bool> {
        let mut seen: Vec<bool> = self.mu0.iter().map(|m| *m > Q::ZERO).collect();
        for _ in 0..self.n_states() {
            for row in &self.rows {
                if seen[row.s] {
                    row.p.iter().enumerate().filter(|(_, p)| **p > Q::ZERO).for_each(|(t, _)| seen[t] = true);
                }
            }
        }
        seen
    }

    /// Whether every state is reachable.
    pub fn is_whole(&self) -> bool {
        self.reachable().iter().all(|&seen| seen)
    }

    /// Whether every transition is certain.
    pub fn is_deterministic(&self) -> bool {
        self.rows.iter().all(|row| row.p.contains(&Q::ONE))
    }

    /// Whether the state is never left.
    pub fn is_absorbing(&self, s: usize) -> bool {
        self.rows(s).all(|row| self.rows[row].p[s] == Q::ONE)
    }
}
