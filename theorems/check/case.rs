//! One instance of a theorem: a world and everything its statement names.

use super::{Q, World};

/// A reward as the statement has it.
#[derive(Clone, Debug, PartialEq)]
pub enum Reward {
    /// `R(s,a)` over rows.
    Pair(Vec<Q>),
    /// `R(s,a,s')` as rows x states.
    Triple(Vec<Vec<Q>>),
}

/// An instance: a world, and rewards, policies, vectors over states, numbers and choices by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Dynamics.
    pub world: World,
    /// Rewards by name.
    pub rewards: Vec<(&'static str, Reward)>,
    /// Policies by name, as probabilities over rows.
    pub policies: Vec<(&'static str, Vec<Q>)>,
    /// Potentials and other vectors by name.
    pub vectors: Vec<(&'static str, Vec<Q>)>,
    /// Numbers by name.
    pub numbers: Vec<(&'static str, Q)>,
    /// What was chosen among named alternatives.
    pub choices: Vec<(&'static str, &'static str)>,
}

fn find<'a, T>(list: &'a [(&'static str, T)], kind: &str, name: &str) -> &'a T {
    match list.iter().find(|(known, _)| *known == name) {
        Some((_, value)) => value,
        None => panic!("the instance has no {kind} `{name}`"),
    }
}

impl Case {
    /// An instance that is a world and nothing else yet.
    pub fn new(world: World) -> Self {
        Case {
            world,
            rewards: Vec::new(),
            policies: Vec::new(),
            vectors: Vec::new(),
            numbers: Vec::new(),
            choices: Vec::new(),
        }
    }

    /// The same with a reward `R(s,a)` over rows.
    #[must_use]
    pub fn reward(mut self, name: &'static str, r: Vec<Q>) -> Self {
        assert_eq!(r.len(), self.world.n_rows(), "reward `{name}`: a number for each row");
        self.rewards.push((name, Reward::Pair(r)));
        self
    }

    /// The same with a reward `R(s,a,s')`, rows x states.
    #[must_use]
    pub fn reward_sas(mut self, name: &'static str, r: Vec<Vec<Q>>) -> Self {
        assert_eq!(r.len(), self.world.n_rows(), "reward `{name}`: a list for each row");
        self.rewards.push((name, Reward::Triple(r)));
        self
    }

    /// The same with a policy over rows.
    #[must_use]
    pub fn policy(mut self, name: &'static str, pi: Vec<Q>) -> Self {
        self.policies.push((name, pi));
        self
    }

    /// The same with a vector: a potential over states, an advice over rows.
    #[must_use]
    pub fn vector(mut self, name: &'static str, x: Vec<Q>) -> Self {
        self.vectors.push((name, x));
        self
    }

    /// The same with a number.
    #[must_use]
    pub fn number(mut self, name: &'static str, x: Q) -> Self {
        self.numbers.push((name, x));
        self
    }

    /// The same with a choice.
    #[must_use]
    pub fn choice(mut self, name: &'static str, chosen: &'static str) -> Self {
        self.choices.push((name, chosen));
        self
    }

    /// `r(s,a)` over rows of a named reward.
    pub fn r(&self, name: &str) -> Vec<Q> {
        match find(&self.rewards, "reward", name) {
            Reward::Pair(r) => r.clone(),
            Reward::Triple(r) => self.world.expected(r),
        }
    }

    /// `R(s,a,s')` of a named reward, rows x states.
    pub fn sas(&self, name: &str) -> Vec<Vec<Q>> {
        match find(&self.rewards, "reward", name) {
            Reward::Pair(r) => r.iter().map(|r| vec![r.clone(); self.world.n_states()]).collect(),
            Reward::Triple(r) => r.clone(),
        }
    }

    /// A named policy over rows.
    pub fn pi(&self, name: &str) -> &[Q] {
        find::<Vec<Q>>(&self.policies, "policy", name)
    }

    /// A named vector.
    pub fn x(&self, name: &str) -> &[Q] {
        find::<Vec<Q>>(&self.vectors, "vector", name)
    }

    /// A named number.
    pub fn n(&self, name: &str) -> &Q {
        find(&self.numbers, "number", name)
    }

    /// A named choice.
    pub fn chosen(&self, name: &str) -> &'static str {
        find::<&'static str>(&self.choices, "choice", name)
    }
}
