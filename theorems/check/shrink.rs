//! Instances as a proptest strategy: drawn from a seed, shrunk answer by answer, always valid.

use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use rand::Rng as _;

use super::{Case, Draw, Place, Tape};

/// An instance and the tape it was read from.
#[derive(Clone, Debug)]
pub(super) struct Drawn {
    pub case: Case,
    pub tape: Tape,
}

impl Drawn {
    pub(super) fn read(generate: fn(&mut Draw) -> Case, tape: Tape) -> Self {
        let mut draw = Draw::new(tape);
        let case = generate(&mut draw);
        Drawn { case, tape: draw.into_tape() }
    }
}

/// All instances of a generator.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instances(pub fn(&mut Draw) -> Case);

impl Strategy for Instances {
    type Tree = Tree;
    type Value = Drawn;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        Ok(Tree::new(self.0, Tape::seeded(runner.rng().next_u64())))
    }
}

/// An instance and the simpler ones next to it: one answer smaller, in the order in which answers were asked for, so
/// sizes come first.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    generate: fn(&mut Draw) -> Case,
    kept: Drawn,
    tried: Option<Drawn>,
    /// Place among the answers of `kept`, and how many ways to make it smaller were tried.
    at: usize,
    way: usize,
    /// Answers looked at since the last that could be made smaller.
    idle: usize,
}

impl Tree {
    fn new(generate: fn(&mut Draw) -> Case, tape: Tape) -> Self {
        Tree { generate, kept: Drawn::read(generate, tape), tried: None, at: 0, way: 0, idle: 0 }
    }

    /// The next smaller value of an answer to try, and what to try after it: every one of a few, else 0, half of it and
    /// one less.
    fn smaller(value: u32, way: usize) -> Option<(u32, usize)> {
        let ways = if value <= FEW { (0..value).collect() } else { vec![0, value / 2, value - 1] };
        ways.get(way).map(|&new| (new, way + 1))
    }

    /// The next tape to try in which this answer is smaller: all else as it was, or, for sizes, all else drawn anew.
    fn attempt(&self, place: Place, value: u32) -> Option<(Tape, usize)> {
        const WAYS: usize = FEW as usize;
        if let Some((new, way)) = Self::smaller(value, self.way) {
            return Some((self.kept.tape.edited(place, new), way));
        }
        let fresh = self.way.max(WAYS);
        let is_size = self.at < SIZES && value > 0 && fresh < WAYS + FRESH;
        is_size.then(|| (self.kept.tape.redrawn(SIZES, place, value - 1, fresh as u64), fresh + 1))
    }
}

/// Answers up to this are made smaller one by one.
const FEW: u32 = 16;
/// The first answers of an instance are its sizes.
const SIZES: usize = 2;
/// Smaller instances drawn anew: what is wrong may sit in the last state, which cannot go without it.
const FRESH: usize = 40;

impl ValueTree for Tree {
    type Value = Drawn;

    fn current(&self) -> Drawn {
        self.tried.as_ref().unwrap_or(&self.kept).clone()
    }

    fn simplify(&mut self) -> bool {
        if let Some(better) = self.tried.take() {
            // The last attempt still does what is wanted.
            self.kept = better;
            (self.way, self.idle) = (0, 0);
        }
        let n = self.kept.tape.asked().len();
        while self.idle < n {
            self.at %= n;
            let (place, value) = self.kept.tape.asked()[self.at];
            if let Some((tape, way)) = self.attempt(place, value) {
                self.way = way;
                self.tried = Some(Drawn::read(self.generate, tape));
                return true;
            }
            self.at += 1;
            self.way = 0;
            self.idle += 1;
        }
        false
    }

    fn complicate(&mut self) -> bool {
        self.tried.take().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Q, Size, number};
    use super::*;

    fn instance(draw: &mut Draw) -> Case {
        let world = draw.world(Size::small());
        let r = draw.reward("r", &world);
        Case::new(world).reward("r", r)
    }

    #[test]
    fn shrinking_finds_the_smallest_world_with_a_large_reward() {
        let is_wanted = |case: &Case| case.r("r").iter().any(|r| *r >= number("2"));
        let mut runner = TestRunner::deterministic();
        let mut tree = loop {
            let tree = Instances(instance).new_tree(&mut runner).unwrap();
            if is_wanted(&tree.current().case) && tree.current().case.world.n_states() > 1 {
                break tree;
            }
        };
        while tree.simplify() {
            if !is_wanted(&tree.current().case) {
                tree.complicate();
            }
        }
        let case = tree.current().case;
        assert_eq!((case.world.n_states(), case.world.n_actions()), (1, 2));
        let nonzero: Vec<Q> = case.r("r").into_iter().filter(|r| !r.is_zero()).collect();
        assert_eq!(nonzero, [number("2")]);
    }
}
