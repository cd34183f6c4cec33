//! The library's own code on an instance, beside the same instance in fractions.
//!
//! The library is given doubles and takes them at their word, rows and the start divided by their sums. What it is held
//! against is therefore not the instance but those fractions: then its bounds must hold without any slack.

use super::file::Words;
use super::world::Row;
use super::{Case, Q, World};
use truenorth::analysis::canon::{self, Context};
use truenorth::analysis::distance::{Metric, Pair, distances};
use truenorth::analysis::regret::{self, WorstCase};
use truenorth::analysis::returns::ReturnRange;
use truenorth::base::{Bounded, Interval};
use truenorth::model::{Mdp, Model, Policy, Reward};
use truenorth::solve::{Options, Solver};

/// An instance as the library sees it.
#[derive(Debug)]
pub struct Lab {
    model: Model,
    world: World,
}

fn exact(x: f64) -> Q {
    Q::try_from(x).expect("models hold finite numbers")
}

impl Lab {
    /// Builds the model of an instance.
    pub fn of(case: &Case) -> Self {
        let words = Words { name: "instance", description: "", source: "" };
        let model = Model::build(case.raw(words)).unwrap_or_else(|diag| panic!("the instance is no model: {diag}"));
        let mdp = model.mdp();
        let fractions = mdp.fractions().unwrap_or_else(|| panic!("an instance is small"));
        let dense = |row: usize| {
            let mut p = vec![Q::ZERO; mdp.n_states()];
            let next = mdp.p(row).0.iter().zip(&fractions.p[mdp.transitions(row)]);
            next.for_each(|(&t, x)| p[t as usize] = x.clone());
            Row { s: mdp.state(row), a: mdp.action(row), p }
        };
        let rows = (0..mdp.n_rows()).map(dense).collect();
        let mut world = World::new(fractions.gamma.clone(), fractions.mu0.clone(), rows);
        world.terminal.clone_from(&case.world.terminal);
        Lab { model, world }
    }

    /// The model as the library holds it.
    pub fn mdp(&self) -> &Mdp {
        self.model.mdp()
    }

    /// The model as the library holds it, in fractions.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// A solver with default options.
    pub fn solver(&self) -> Solver<'_> {
        Solver::new(self.mdp(), Options::default()).unwrap_or_else(|diag| panic!("no solver: {diag}"))
    }

    /// A named reward as the library holds it.
    pub fn reward(&self, name: &str) -> &Reward {
        match self.model.rewards().iter().find(|(known, _)| known == name) {
            Some((_, reward)) => reward,
            None => panic!("the instance has no reward `{name}`"),
        }
    }

    /// `R(s,a,s')` as the library holds it, in fractions, rows x states.
    pub fn sas(&self, name: &str) -> Vec<Vec<Q>> {
        let (reward, n) = (self.reward(name), self.world.n_states());
        (0..self.world.n_rows()).map(|row| (0..n).map(|t| exact(reward.at(row, t))).collect()).collect()
    }

    /// `r(s,a)` as the library holds it, in fractions, over rows.
    pub fn r(&self, name: &str) -> Vec<Q> {
        let reward = self.reward(name);
        match reward.is_constant_in_next() {
            true => reward.base().iter().map(|&r| exact(r)).collect(),
            false => self.world.expected(&self.sas(name)),
        }
    }

    /// A policy for the library, and the same policy in fractions.
    pub fn policy(&self, pi: &[Q]) -> (Policy, Vec<Q>) {
        let stored: Vec<f64> = pi.iter().map(|p| p.to_f64().value()).collect();
        let read = stored.iter().map(|&p| exact(p)).collect();
        (Policy::Stochastic(stored), read)
    }

    /// The library's canonical form of a named reward, rows x states, with its bounds. VAL refers to the uniform policy.
    pub fn canonical(&self, canon: &str, name: &str) -> Vec<Vec<Interval>> {
        let (solver, reference) = (self.solver(), Policy::uniform(self.mdp()));
        let context = Context { solver: &solver, reference: &reference };
        let form = canon::find(canon).and_then(|canon| canon.apply(&context, self.reward(name)));
        let form = form.unwrap_or_else(|diag| panic!("no form: {diag}"));
        let at = |row, t| Interval::ball(form.at(self.mdp(), row, t), form.err.next_up());
        (0..self.world.n_rows()).map(|row| (0..self.world.n_states()).map(|t| at(row, t)).collect()).collect()
    }

    /// Best and worst returns of a named reward.
    pub fn range(&self, name: &str) -> ReturnRange {
        ReturnRange::of(&self.solver(), self.reward(name).expected(self.mdp()))
    }

    /// A distance by its id; `None` where it is not defined.
    pub fn distance(&self, metric: &str, x: &str, y: &str) -> Option<Bounded> {
        let (solver, reference) = (self.solver(), Policy::uniform(self.mdp()));
        let context = Context { solver: &solver, reference: &reference };
        let metric = Metric::parse(metric).unwrap_or_else(|diag| panic!("no metric: {diag}"));
        let (range_x, range_y) = (self.range(x), self.range(y));
        let pair = Pair { x: self.reward(x), y: self.reward(y), range_x: &range_x, range_y: &range_y };
        distances(&context, &pair, &[metric]).first().and_then(|d| d.value())
    }

    /// Worst-case regret of a truth under a proxy.
    pub fn worst_case(&self, truth: &str, proxy: &str) -> WorstCase {
        regret::worst_case(&self.solver(), &self.range(truth), &self.range(proxy))
    }
}

/// The bounds of a number of the library.
pub fn bounds(b: &Bounded) -> Interval {
    Interval { lo: b.lo, hi: b.hi }
}
