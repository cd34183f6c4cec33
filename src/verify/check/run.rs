//! Runs a theorem: instances until the budget ends, then each mutant until it breaks.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rayon::prelude::*;

use super::shrink::{Drawn, Instances, Tree};
use super::tape::mix;
use super::{Case, Draw, Expected, Finding, Strength, Tape, Theorem, Without};

/// How much to try.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Instances for the claim, and at most ten times as many for each mutant.
    pub count: usize,
    /// When to stop even before that. One batch is always finished.
    pub deadline: Option<Instant>,
}

/// Instances looked at between two looks at the clock.
const BATCH: usize = 32;
/// Mutants may look at this many times the instances of the claim: they end with the first that breaks.
const PATIENCE: usize = 10;
/// A run in which more than this part of the instances stays undecided says nothing.
const DOUBT: f64 = 0.1;
/// Simpler instances tried for one counterexample.
const SHRINKS: usize = 2_000;

/// An instance on which a claim is false.
#[derive(Clone, Debug)]
pub struct Counterexample {
    /// The instance, made as simple as it goes.
    pub case: Case,
    /// What is false about it.
    pub why: String,
    /// Gives the instance again: [`replay`].
    pub replay: String,
}

/// What a run says of a claim. Never "proved".
#[derive(Clone, Debug)]
pub enum Verdict {
    /// True of every instance looked at.
    Held,
    /// False of this one.
    Refuted(Box<Counterexample>),
    /// No instance met the hypotheses.
    Vacuous,
    /// Bounds too wide on too many instances; an example.
    Inconclusive(String),
    /// The check itself failed.
    Error(String),
}

impl Verdict {
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::Held => "held",
            Verdict::Refuted(_) => "refuted",
            Verdict::Vacuous => "vacuous",
            Verdict::Inconclusive(_) => "inconclusive",
            Verdict::Error(_) => "error",
        }
    }
}

/// What became of a theorem without one hypothesis.
#[derive(Clone, Debug)]
pub enum MutantVerdict {
    /// A counterexample was found.
    Broken(Box<Counterexample>),
    /// The hypothesis is not needed, and the file says why.
    Redundant(&'static str),
    /// No counterexample within the budget.
    Survived,
    /// The check itself failed.
    Error(String),
}

impl MutantVerdict {
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            MutantVerdict::Broken(_) => "broken",
            MutantVerdict::Redundant(_) => "redundant",
            MutantVerdict::Survived => "survived",
            MutantVerdict::Error(_) => "error",
        }
    }
}

/// One hypothesis dropped.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// Its name.
    pub hypothesis: &'static str,
    /// What happened.
    pub verdict: MutantVerdict,
}

/// What a run of a theorem found.
#[derive(Clone, Debug)]
pub struct Report {
    /// The theorem.
    pub theorem: &'static Theorem,
    /// Of its claim.
    pub verdict: Verdict,
    /// Instances that met the hypotheses.
    pub instances: usize,
    /// Those on which bounds were too wide.
    pub undecided: usize,
    /// Seed of the run.
    pub seed: u64,
    /// Each hypothesis dropped, in order.
    pub mutants: Vec<Mutant>,
}

impl Report {
    /// Whether everything is as the theorem's file expects.
    pub fn is_ok(&self) -> bool {
        let claim = matches!(
            (&self.verdict, self.theorem.expected),
            (Verdict::Held, Expected::Held) | (Verdict::Refuted(_), Expected::Refuted)
        );
        let fell = |m: &Mutant| matches!(m.verdict, MutantVerdict::Broken(_) | MutantVerdict::Redundant(_));
        claim && self.mutants.iter().all(fell)
    }
}

/// Runs a theorem with all its mutants.
pub fn check(theorem: &'static Theorem, seed: u64, budget: Budget) -> Report {
    let n = theorem.hypotheses.len();
    let mutants = (0..n).map(|i| check_without(theorem, i, seed, budget.share(n - i + 1))).collect();
    Report { mutants, ..check_claim(theorem, seed, budget) }
}

/// Runs the claim of a theorem and none of its mutants.
pub fn check_claim(theorem: &'static Theorem, seed: u64, budget: Budget) -> Report {
    let search = Search { theorem, dropped: None, generate: theorem.instance, strength: Strength::default() };
    let (verdict, found) = search.claim(seed, budget);
    Report { theorem, verdict, instances: found.met, undecided: found.undecided, seed, mutants: Vec::new() }
}

/// Runs one mutant of a theorem: the claim without the hypothesis of that index.
pub fn check_without(theorem: &'static Theorem, dropped: usize, seed: u64, budget: Budget) -> Mutant {
    let hypothesis = &theorem.hypotheses[dropped];
    let verdict = match hypothesis.without {
        Without::Redundant(why) => MutantVerdict::Redundant(why),
        Without::Broken(generate) => {
            let search = Search { theorem, dropped: Some(dropped), generate, strength: Strength::default() };
            let budget = Budget { count: budget.count * PATIENCE, ..budget };
            match search.first_failure(seed, budget).0 {
                Ok(Some(tree)) => MutantVerdict::Broken(Box::new(search.shrunk(tree))),
                Ok(None) => MutantVerdict::Survived,
                Err(message) => MutantVerdict::Error(message),
            }
        }
    };
    Mutant { hypothesis: hypothesis.name, verdict }
}

/// The instance of a replay text, with a hypothesis dropped or none.
pub fn replay(theorem: &Theorem, dropped: Option<usize>, text: &str) -> Option<Case> {
    if let Some(i) = text.strip_prefix(BY_HAND) {
        return theorem.by_hand.get(i.parse::<usize>().ok()?).map(|make| make());
    }
    let generate = match dropped.map(|i| theorem.hypotheses[i].without) {
        Some(Without::Broken(generate)) => generate,
        Some(Without::Redundant(_)) => return None,
        None => theorem.instance,
    };
    Some(Drawn::read(generate, Tape::parse(text)?).case)
}

const BY_HAND: &str = "by-hand-";

impl Budget {
    /// A part of the time that is left.
    fn share(self, parts: usize) -> Self {
        let now = Instant::now();
        let deadline = self.deadline.map(|end| now + end.saturating_duration_since(now) / parts as u32);
        Budget { deadline, ..self }
    }

    fn is_over(self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

/// What was seen so far.
#[derive(Clone, Copy, Debug, Default)]
struct Found {
    met: usize,
    undecided: usize,
}

/// A search for an instance on which the claim is false.
#[derive(Clone, Copy)]
pub(super) struct Search {
    pub theorem: &'static Theorem,
    pub dropped: Option<usize>,
    pub generate: fn(&mut Draw) -> Case,
    pub strength: Strength,
}

impl Search {
    /// What the predicate says, or the message of its panic. An instance that is not one of the search is vacuous.
    fn look(&self, case: &Case) -> Result<Finding, String> {
        let look = || match self.theorem.admits(case, self.dropped) {
            true => (self.theorem.predicate)(case, self.strength),
            false => Finding::Vacuous,
        };
        catch_unwind(AssertUnwindSafe(look)).map_err(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("the predicate panicked").to_owned()
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

    /// The first instance, in order, on which the claim is false.
    fn first_failure(&self, seed: u64, budget: Budget) -> (Result<Option<Tree>, String>, Found, Option<String>) {
        let (mut found, mut doubt) = (Found::default(), None);
        for batch in 0..budget.count.div_ceil(BATCH) {
            let end = budget.count.min((batch + 1) * BATCH);
            let looks: Vec<_> = (batch * BATCH..end)
                .into_par_iter()
                .map(|index| {
                    let tree = self.tree(seed, index);
                    let finding = self.look(&tree.current().case);
                    (tree, finding)
                })
                .collect();
            for (tree, finding) in looks {
                match finding {
                    Err(message) => return (Err(message), found, doubt),
                    Ok(Finding::Fails(_)) => return (Ok(Some(tree)), found, doubt),
                    Ok(Finding::Vacuous) => {}
                    Ok(Finding::Holds) => found.met += 1,
                    Ok(Finding::Undecided(why)) => {
                        found.met += 1;
                        found.undecided += 1;
                        doubt = doubt.or(Some(why));
                    }
                }
            }
            if budget.is_over() {
                break;
            }
        }
        (Ok(None), found, doubt)
    }

    /// The verdict on a claim: instances by hand first, then drawn ones.
    fn claim(&self, seed: u64, budget: Budget) -> (Verdict, Found) {
        let by_hand = self.by_hand();
        match by_hand {
            Err(message) => return (Verdict::Error(message), Found::default()),
            Ok(Some(found)) => return (Verdict::Refuted(Box::new(found)), Found::default()),
            Ok(None) => {}
        }
        let (failure, mut found, doubt) = self.first_failure(seed, budget);
        found.met += self.theorem.by_hand.len();
        let verdict = match failure {
            Err(message) => Verdict::Error(message),
            Ok(Some(tree)) => Verdict::Refuted(Box::new(self.shrunk(tree))),
            Ok(None) if found.met == 0 => Verdict::Vacuous,
            Ok(None) if found.undecided as f64 > DOUBT * found.met as f64 => {
                Verdict::Inconclusive(doubt.unwrap_or_default())
            }
            Ok(None) => Verdict::Held,
        };
        (verdict, found)
    }

    /// The first instance made by hand on which the claim is false.
    fn by_hand(&self) -> Result<Option<Counterexample>, String> {
        for (i, make) in self.theorem.by_hand.iter().enumerate() {
            let case = make();
            if !self.theorem.admits(&case, self.dropped) {
                return Err(format!("instance {i} made by hand does not meet the hypotheses"));
            }
            if let Finding::Fails(why) = self.look(&case)? {
                return Ok(Some(Counterexample { case, why, replay: format!("{BY_HAND}{i}") }));
            }
        }
        Ok(None)
    }

    /// The simplest counterexample that can be reached from one.
    fn shrunk(&self, mut tree: Tree) -> Counterexample {
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
            if !tree.simplify() {
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
    pub(super) fn is_refuted(&self, seed: u64, count: usize) -> Result<bool, String> {
        if self.by_hand()?.is_some() {
            return Ok(true);
        }
        Ok(self.first_failure(seed, Budget { count, deadline: None }).0?.is_some())
    }
}

impl Theorem {
    /// What the predicate says of one instance, with a hypothesis dropped or none; vacuous if it is no such instance.
    pub fn look(&'static self, case: &Case, dropped: Option<usize>) -> Finding {
        let search = Search { theorem: self, dropped, generate: self.instance, strength: Strength::default() };
        search.look(case).unwrap_or_else(Finding::Undecided)
    }
}

/// The claim of a sharp theorem with its constants made smaller: whether that is refuted, as it should be.
pub fn overstatement_is_refuted(theorem: &'static Theorem, seed: u64, count: usize) -> Result<bool, String> {
    let search = Search { theorem, dropped: None, generate: theorem.instance, strength: Strength::OVERSTATED };
    search.is_refuted(seed, count)
}
