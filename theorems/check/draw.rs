//! How generators ask for the parts of an instance.

use super::world::Row;
use super::{Place, Q, Tape, World, fraction, number};

/// Numbers of rewards and potentials, the simplest first.
const NUMBERS: &[&str] =
    &["0", "1", "-1", "2", "-2", "1/2", "-1/2", "3", "-3", "3/2", "-3/2", "1/3", "-1/4", "5", "-4", "1/5"];
/// Discounts, the simplest first.
const GAMMAS: &[&str] = &["1/2", "9/10", "0", "3/10", "19/20", "2/3", "3/4"];

/// Which worlds are wanted. Most theorems want `Size::small()`, with a word or two more.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    states: (usize, usize),
    actions: (usize, usize),
    gammas: &'static [&'static str],
    is_whole: bool,
    is_certain: bool,
    is_ragged: bool,
    is_hidden: bool,
}

impl Size {
    /// One to four states, two or three actions everywhere, any discount below 1.
    pub fn small() -> Self {
        Size {
            states: (1, 4),
            actions: (2, 3),
            gammas: GAMMAS,
            is_whole: false,
            is_certain: false,
            is_ragged: false,
            is_hidden: false,
        }
    }

    /// Fewest and most states.
    pub fn states(self, least: usize, most: usize) -> Self {
        Size { states: (least, most), ..self }
    }

    /// Fewest and most actions.
    pub fn actions(self, least: usize, most: usize) -> Self {
        Size { actions: (least, most), ..self }
    }

    /// Discounts to choose from, the simplest first.
    pub fn gammas(self, gammas: &'static [&'static str]) -> Self {
        Size { gammas, ..self }
    }

    /// Every state has a positive start probability, so every state is reachable.
    pub fn whole(self) -> Self {
        Size { is_whole: true, ..self }
    }

    /// The last state of several is one that no policy reaches.
    pub fn hidden(self) -> Self {
        Size { is_hidden: true, ..self }
    }

    /// Every transition is certain.
    pub fn certain(self) -> Self {
        Size { is_certain: true, ..self }
    }

    /// Later states may offer fewer actions.
    pub fn ragged(self) -> Self {
        Size { is_ragged: true, ..self }
    }
}

/// The source of one instance.
#[derive(Debug)]
pub struct Draw {
    tape: Tape,
}

impl Draw {
    pub(super) fn new(tape: Tape) -> Self {
        Draw { tape }
    }

    pub(super) fn into_tape(self) -> Tape {
        self.tape
    }

    /// A whole number below `n`; the simplest is 0.
    pub fn below(&mut self, place: impl Into<Place>, n: usize) -> usize {
        self.tape.below(place.into(), n)
    }

    /// A whole number from `least` to `most`; the simplest is `least`.
    pub fn between(&mut self, place: impl Into<Place>, least: usize, most: usize) -> usize {
        least + self.below(place, most + 1 - least)
    }

    /// One of a list, the simplest first.
    pub fn pick<T: Clone>(&mut self, place: impl Into<Place>, from: &[T]) -> T {
        from[self.below(place, from.len())].clone()
    }

    /// One of a list of numbers written as `"1/2"`, the simplest first.
    pub fn number_of(&mut self, place: impl Into<Place>, from: &[&str]) -> Q {
        number(self.pick(place, from))
    }

    /// A number between -4 and 5, the simplest is 0.
    pub fn number(&mut self, place: impl Into<Place>) -> Q {
        self.number_of(place, NUMBERS)
    }

    /// A number that is not 0; the simplest is 1.
    pub fn nonzero(&mut self, place: impl Into<Place>) -> Q {
        self.number_of(place, &NUMBERS[1..])
    }

    /// A positive number up to 3; the simplest is 1.
    pub fn positive(&mut self, place: impl Into<Place>) -> Q {
        self.number_of(place, &["1", "2", "1/2", "3", "1/3", "3/2", "1/10"])
    }

    /// `n` numbers.
    pub fn numbers(&mut self, name: &str, n: usize) -> Vec<Q> {
        (0..n).map(|i| self.number((name, i))).collect()
    }

    /// `n` probabilities, zeros among them; the simplest is certainty of `first`.
    pub fn distribution(&mut self, name: &str, index: (usize, usize), n: usize, first: usize) -> Vec<Q> {
        let weights = (0..n).map(|t| self.pick((name, index.0, index.1, t), &[0u64, 1, 0, 2, 3])).collect::<Vec<_>>();
        normalised(weights, first)
    }

    /// `n` positive probabilities; the simplest is the uniform distribution.
    pub fn mixture(&mut self, name: &str, index: (usize, usize), n: usize) -> Vec<Q> {
        let weights = (0..n).map(|t| self.pick((name, index.0, index.1, t), &[1u64, 2, 3, 5])).collect::<Vec<_>>();
        normalised(weights, 0)
    }

    /// A world.
    pub fn world(&mut self, size: Size) -> World {
        let n = self.between("states", size.states.0, size.states.1);
        let m = self.between("actions", size.actions.0, size.actions.1);
        let gamma = self.number_of("gamma", size.gammas);
        let is_certain = size.is_certain || self.below("certain", 2) == 0;
        // States that others and the start may lead to.
        let open = if size.is_hidden && n > 1 { n - 1 } else { n };
        let mut rows = Vec::new();
        for s in 0..n {
            let fewest = if size.is_ragged { 1 } else { m };
            let offered = if fewest == m { m } else { self.between(("offered", s), fewest, m) };
            let targets = if s < open { open } else { n };
            for a in 0..offered {
                let mut p = if is_certain {
                    let mut p = vec![Q::ZERO; targets];
                    p[self.below(("next", s, a), targets)] = Q::ONE;
                    p
                } else {
                    self.distribution("p", (s, a), targets, (s + a) % targets)
                };
                p.resize(n, Q::ZERO);
                rows.push(Row { s, a, p });
            }
        }
        let mut mu0 = match size.is_whole {
            true => self.mixture("mu0", (0, 0), open),
            false => self.distribution("mu0", (0, 0), open, 0),
        };
        mu0.resize(n, Q::ZERO);
        let mut world = World::new(gamma, mu0, rows);
        // Actions exist by declaration, also where no state happens to offer the last one.
        world.actions = (0..m).map(|a| format!("a{a}")).collect();
        world
    }

    /// A reward over rows.
    pub fn reward(&mut self, name: &str, world: &World) -> Vec<Q> {
        world.all_rows().iter().map(|row| self.number((name, row.s, row.a))).collect()
    }

    /// A reward `R(s,a,s')`, rows x states, impossible transitions included.
    pub fn reward_sas(&mut self, name: &str, world: &World) -> Vec<Vec<Q>> {
        let n = world.n_states();
        world.all_rows().iter().map(|row| (0..n).map(|t| self.number((name, row.s, row.a, t))).collect()).collect()
    }

    /// A potential, or any vector over states.
    pub fn potential(&mut self, name: &str, world: &World) -> Vec<Q> {
        self.numbers(name, world.n_states())
    }

    /// A policy over rows, zeros among its probabilities; the simplest plays first actions.
    pub fn policy(&mut self, name: &str, world: &World) -> Vec<Q> {
        (0..world.n_states()).flat_map(|s| self.distribution(name, (s, 0), world.rows(s).len(), 0)).collect()
    }

    /// A policy that plays every action; the simplest is uniform.
    pub fn mixed_policy(&mut self, name: &str, world: &World) -> Vec<Q> {
        (0..world.n_states()).flat_map(|s| self.mixture(name, (s, 0), world.rows(s).len())).collect()
    }

    /// A deterministic policy, as the row of each state; the simplest plays first actions.
    pub fn choice(&mut self, name: &str, world: &World) -> Vec<usize> {
        (0..world.n_states()).map(|s| world.rows(s).start + self.below((name, s), world.rows(s).len())).collect()
    }

    /// A reward over rows whose optimal values are a drawn vector and whose optimal actions are exactly those said: the
    /// Bellman equation read backwards. `is_optimal` holds at least one row of every state; other rows miss by a drawn
    /// positive gap.
    pub fn reward_with_optimum(&mut self, name: &str, world: &World, is_optimal: &[bool]) -> Vec<Q> {
        let v = self.numbers(name, world.n_states());
        let gap = |draw: &mut Draw, row: usize| match is_optimal[row] {
            true => Q::ZERO,
            false => draw.positive((name, row, 1)),
        };
        let q: Vec<Q> = (0..world.n_rows()).map(|row| &v[world.row(row).s] - gap(self, row)).collect();
        (0..world.n_rows()).map(|row| &q[row] - &world.gamma * world.next(row, &v)).collect()
    }
}

fn normalised(weights: Vec<u64>, first: usize) -> Vec<Q> {
    let total: u64 = weights.iter().sum();
    if total == 0 {
        return (0..weights.len()).map(|t| if t == first { Q::ONE } else { Q::ZERO }).collect();
    }
    weights.iter().map(|&w| fraction(w as i64, total)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worlds_are_valid_and_of_the_size_asked_for() {
        for seed in 0..300 {
            let mut draw = Draw::new(Tape::seeded(seed));
            let world = draw.world(Size::small().whole().ragged());
            assert!((1..=4).contains(&world.n_states()) && world.is_whole());
            for row in world.all_rows() {
                assert_eq!(row.p.iter().fold(Q::ZERO, |sum, p| sum + p), Q::ONE);
            }
            let pi = draw.policy("pi", &world);
            let r = draw.reward("r", &world);
            assert_eq!(world.evaluate(&pi, &r).len(), world.n_states());
        }
    }

    #[test]
    fn a_hidden_state_is_reached_by_no_policy() {
        for seed in 0..300 {
            let mut draw = Draw::new(Tape::seeded(seed));
            let world = draw.world(Size::small().states(2, 4).ragged().hidden());
            let last = world.n_states() - 1;
            assert!(!world.reachable()[last] && !world.is_whole(), "seed {seed}");
            assert_eq!(world.mu0.iter().fold(Q::ZERO, |sum, m| sum + m), Q::ONE);
        }
    }

    #[test]
    fn a_reward_built_backwards_has_the_optimum_it_was_built_for() {
        for seed in 0..100 {
            let mut draw = Draw::new(Tape::seeded(seed));
            let world = draw.world(Size::small());
            let is_optimal: Vec<bool> = (0..world.n_rows())
                .map(|row| row == world.rows(world.row(row).s).start || draw.below(("tie", row), 2) == 1)
                .collect();
            let r = draw.reward_with_optimum("r", &world, &is_optimal);
            let found = world.optimum(&r);
            assert_eq!(found.gap.iter().map(|gap| gap.is_zero()).collect::<Vec<_>>(), is_optimal);
        }
    }
}
