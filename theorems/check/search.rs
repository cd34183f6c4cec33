//! The search for an instance on which a claim is false.

use std::panic::{AssertUnwindSafe, catch_unwind};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rayon::prelude::*;

use super::shrink::{Drawn, Instances, Tree};
use super::tape::mix;
use super::{Budget, Case, Counterexample, Draw, Finding, Strength, Tape, Theorem, Verdict, Without};

/// Instances looked at between two looks at the clock.
const BATCH: usize = 32;
/// Simpler instances tried for one counterexample.
const SHRINKS: usize = 2_000;

/// How an instance made by hand is named in a replay text.
pub(super) const BY_HAND: &str = "by-hand-";

/// What was seen so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// Instances looked at.
    pub tried: usize,
    /// Those that met the hypotheses.
    pub met: usize,
    /// Those among them on which bounds were too wide, and an example.
    pub undecided: usize,
    doubt: Option<String>,
    /// Whether the time ended before the count.
    pub is_cut: bool,
}

impl Found {
    fn add(&mut self, finding: &Finding) {
        self.tried += 1;
        match finding {
            Finding::Vacuous => {}
            Finding::Holds | Finding::Fails(_) => self.met += 1,
            Finding::Undecided(why) => {
                self.met += 1;
                self.undecided += 1;
                self.doubt.get_or_insert_with(|| why.clone());
            }
        }
    }

    /// Why there is no counterexample: as many as were looked at, no more.
    pub fn shortfall(&self) -> String {
        let end = if self.is_cut { ", then the time ended" } else { "" };
        format!(
            "no counterexample among {} instances, {} of which meet the other hypotheses{end}",
            self.tried, self.met
        )
    }
}

/// A theorem as stated, or with a hypothesis dropped, and the instances among which a counterexample may be.
#[derive(Clone, Copy)]
pub(super) struct Search {
    theorem: &'static Theorem,
    dropped: Option<usize>,
    generate: fn(&mut Draw) -> Case,
    strength: Strength,
}

impl Search {
    /// For the claim as stated, or with its constants made smaller.
    pub fn claim(theorem: &'static Theorem, strength: Strength) -> Self {
        Search { theorem, dropped: None, generate: theorem.instance, strength }
    }

    /// For the claim without a hypothesis; the reason where that is declared not to break it.
    pub fn without(theorem: &'static Theorem, dropped: usize) -> Result<Self, &'static str> {
        match theorem.hypotheses[dropped].without {
            Without::Redundant(why) => Err(why),
            Without::Broken(generate) => {
                Ok(Search { theorem, dropped: Some(dropped), generate, strength: Strength::default() })
            }
        }
    }

    /// The instance of a replay text.
    pub fn replay(&self, text: &str) -> Option<Case> {
        match text.strip_prefix(BY_HAND) {
            Some(i) => self.theorem.by_hand.get(i.parse::<usize>().ok()?).map(|make| make()),
            None => Some(Drawn::read(self.generate, Tape::parse(text)?).case),
        }
    }

    /// What the predicate says, or the message of its panic. An instance that is not one of the search is vacuous.
    pub fn look(&self, case: &Case) -> Result<Finding, String> {
        caught(|| match self.theorem.admits(case, self.dropped) {
            true => (self.theorem.predicate)(case, self.strength),
            false => Finding::Vacuous,
        })
    }

    /// One instance of the search, reproducible on any machine.
    fn tree(&self, seed: u64, index: usize) -> Tree {
        let name = self.dropped.map_or("", |i| self.theorem.hypotheses[i].name);
        let salt = self.theorem.id.bytes().chain(name.bytes()).fold(seed, |x, byte| mix(x ^ u64::from(byte)));
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&mix(salt).to_le_bytes());
        bytes[8..16].copy_from_slice(&(index as u64).to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        match Instances(self.generate).new_tree(&mut runner) {
            Ok(tree) => tree,
            Err(reason) => unreachable!("instances are never rejected: {reason}"),
        }
    }

    /// One instance and what the predicate says of it.
    fn drawn(&self, seed: u64, index: usize) -> Result<(Tree, Finding), String> {
        let tree = caught(|| self.tree(seed, index))?;
        let finding = self.look(&tree.current().case)?;
        Ok((tree, finding))
    }

    /// The first instance, in order, on which the claim is false; the same for any number of threads.
    fn first_failure(&self, seed: u64, budget: Budget, found: &mut Found) -> Result<Option<Tree>, String> {
        for batch in 0..budget.count.div_ceil(BATCH) {
            let end = budget.count.min((batch + 1) * BATCH);
            let looks: Vec<_> = (batch * BATCH..end).into_par_iter().map(|index| self.drawn(seed, index)).collect();
            for look in looks {
                let (tree, finding) = look?;
                found.add(&finding);
                if matches!(finding, Finding::Fails(_)) {
                    return Ok(Some(tree));
                }
            }
            if end < budget.count && budget.is_over() {
                found.is_cut = true;
                break;
            }
        }
        Ok(None)
    }

    /// A counterexample among drawn instances, made as simple as the time allows.
    pub fn counterexample(
        &self,
        seed: u64,
        budget: Budget,
        found: &mut Found,
    ) -> Result<Option<Counterexample>, String> {
        let tree = self.first_failure(seed, budget, found)?;
        Ok(tree.map(|tree| self.shrunk(tree, budget)))
    }

    /// The verdict on a claim: instances by hand first, then drawn ones.
    pub fn verdict(&self, seed: u64, budget: Budget) -> (Verdict, Found) {
        let mut found = Found::default();
        let refuted = self.by_hand(&mut found).and_then(|known| {
            known.map_or_else(|| self.counterexample(seed, budget, &mut found), |known| Ok(Some(known)))
        });
        let verdict = match refuted {
            Err(message) => Verdict::Error(message),
            Ok(Some(counterexample)) => Verdict::Refuted(Box::new(counterexample)),
            Ok(None) if found.met == 0 => Verdict::Vacuous,
            Ok(None) if found.undecided == found.met => Verdict::Inconclusive(found.doubt.clone().unwrap_or_default()),
            Ok(None) => Verdict::Held,
        };
        (verdict, found)
    }

    /// The first instance made by hand on which the claim is false.
    fn by_hand(&self, found: &mut Found) -> Result<Option<Counterexample>, String> {
        for (i, make) in self.theorem.by_hand.iter().enumerate() {
            let case = caught(make)?;
            if !self.theorem.admits(&case, self.dropped) {
                return Err(format!("instance {i} made by hand does not meet the hypotheses"));
            }
            let finding = self.look(&case)?;
            found.add(&finding);
            if let Finding::Fails(why) = finding {
                return Ok(Some(Counterexample { case, why, replay: format!("{BY_HAND}{i}") }));
            }
        }
        Ok(None)
    }

    /// The simplest counterexample that can be reached from one.
    fn shrunk(&self, mut tree: Tree, budget: Budget) -> Counterexample {
        let mut why = String::new();
        let fails = |drawn: &Drawn, why: &mut String| match self.look(&drawn.case) {
            Ok(Finding::Fails(text)) => {
                *why = text;
                true
            }
            _ => false,
        };
        fails(&tree.current(), &mut why);
        for _ in 0..SHRINKS {
            if budget.is_over() || !tree.simplify() {
                break;
            }
            if !fails(&tree.current(), &mut why) {
                tree.complicate();
            }
        }
        let drawn = tree.current();
        Counterexample { replay: drawn.tape.replay(), case: drawn.case, why }
    }

    /// Whether some instance, by hand or drawn, refutes the claim.
    pub fn is_refuted(&self, seed: u64, count: usize) -> Result<bool, String> {
        let mut found = Found::default();
        if self.by_hand(&mut found)?.is_some() {
            return Ok(true);
        }
        Ok(self.first_failure(seed, Budget { count, deadline: None }, &mut found)?.is_some())
    }

    /// How many drawn instances are looked at until one refutes, if one of the first `most` does: how well the generator
    /// is aimed.
    #[cfg(test)]
    pub fn needed(&self, seed: u64, most: usize) -> Result<Option<usize>, String> {
        let mut found = Found::default();
        let failure = self.first_failure(seed, Budget { count: most, deadline: None }, &mut found)?;
        Ok(failure.map(|_| found.tried))
    }
}

/// The value, or the message of the panic on the way to it.
fn caught<T>(make: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(make)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("the predicate panicked").to_owned()
    })
}
