//! An instance as a model file: what every other command opens.

use super::{Case, Q, Reward, World};
use truenorth::base::Source;
use truenorth::model::raw::{At, RawDynamics, RawInputs, RawModel, RawNames, RawReward, RawStart, RawTransition, Ref};

/// What the file says about itself.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    /// Field `name`.
    pub name: &'a str,
    /// Field `description`.
    pub description: &'a str,
    /// Field `source`.
    pub source: &'a str,
}

fn double(x: &Q) -> f64 {
    x.to_f64().value()
}

fn plain<T>(value: T) -> At<T> {
    At::nowhere(value)
}

impl Case {
    /// The model file of the instance: fractions are rounded to the nearest double. Vectors over states become rewards of
    /// their own, so that they can be looked at; an instance without a reward gets one that is 0.
    pub fn raw(&self, words: Words<'_>) -> RawModel {
        let world = &self.world;
        let names = |names: &[String]| RawNames::List(names.iter().map(|name| plain(name.clone())).collect());
        let terminal = (0..world.n_states()).filter(|&s| world.terminal[s]).map(|s| plain(state(world, s))).collect();
        let mut rewards: Vec<_> = self.rewards.iter().map(|(name, r)| (*name, raw_reward(world, r))).collect();
        let over_states = self.vectors.iter().filter(|(_, x)| x.len() == world.n_states());
        rewards
            .extend(over_states.map(|(name, x)| (*name, RawReward::S(x.iter().map(|x| plain(double(x))).collect()))));
        if rewards.is_empty() {
            rewards.push(("zero", RawReward::S(vec![plain(0.0); world.n_states()])));
        }
        RawModel {
            source_file: Source::binary(words.name),
            inputs: RawInputs::AsStored,
            name: Some(words.name.into()),
            description: Some(words.description.into()),
            source: Some(words.source.into()),
            gamma: plain(double(&world.gamma)),
            states: plain(names(&world.states)),
            actions: plain(names(&world.actions)),
            mu0: plain(start(world)),
            dynamics: plain(RawDynamics::List(transitions(world))),
            terminal,
            rewards: rewards.into_iter().map(|(name, r)| (plain(name.to_owned()), plain(r))).collect(),
            grid: None,
            expected: Vec::new(),
        }
    }
}

fn state(world: &World, s: usize) -> Ref {
    Ref::Name(world.states[s].clone())
}

fn start(world: &World) -> RawStart {
    match world.mu0.iter().position(|m| *m == Q::ONE) {
        Some(s) => RawStart::State(state(world, s)),
        None => RawStart::Dense(world.mu0.iter().map(|m| plain(double(m))).collect()),
    }
}

fn transitions(world: &World) -> Vec<At<RawTransition>> {
    let of_row = |row: &super::Row| {
        let possible = row.p.iter().enumerate().filter(|(_, p)| **p > Q::ZERO);
        possible
            .map(|(t, p)| {
                plain(RawTransition {
                    s: plain(state(world, row.s)),
                    a: plain(Ref::Name(world.actions[row.a].clone())),
                    s_next: plain(state(world, t)),
                    p: plain(double(p)),
                })
            })
            .collect::<Vec<_>>()
    };
    world.all_rows().iter().flat_map(of_row).collect()
}

/// `[S][A]` or `[S][A][S]`, with nothing where an action is not available.
fn raw_reward(world: &World, reward: &Reward) -> RawReward {
    match reward {
        Reward::Pair(r) => RawReward::Sa(table(world, |row| double(&r[row]))),
        Reward::Triple(r) => RawReward::Sas(table(world, |row| r[row].iter().map(|x| plain(double(x))).collect())),
    }
}

/// A list for each state with an entry for each action.
fn table<T: Clone>(world: &World, of: impl Fn(usize) -> T) -> Vec<At<Vec<At<Option<T>>>>> {
    let line = |s: usize| {
        let mut line = vec![None; world.n_actions()];
        world.rows(s).for_each(|row| line[world.row(row).a] = Some(of(row)));
        plain(line.into_iter().map(plain).collect())
    };
    (0..world.n_states()).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Draw, Size, Tape};
    use super::*;
    use truenorth::model::Model;

    #[test]
    fn every_instance_is_a_model_file() {
        for seed in 0..100 {
            let mut draw = Draw::new(Tape::seeded(seed));
            let world = draw.world(Size::small().ragged());
            let (r, sas) = (draw.reward("r", &world), draw.reward_sas("sas", &world));
            let case = Case::new(world).reward("r", r).reward_sas("sas", sas);
            let model = Model::build(case.raw(Words { name: "n", description: "d", source: "s" })).unwrap();
            assert_eq!(model.mdp().n_rows(), case.world.n_rows());
            assert_eq!(model.rewards().len(), 2);
        }
    }
}
