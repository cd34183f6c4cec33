//! What a run says: of a claim, of each hypothesis dropped, and whether that is what the theorem's file expects.

use super::{Case, Expected, Theorem};

/// An instance on which a claim is false.
#[derive(Clone, Debug)]
pub struct Counterexample {
    /// The instance, made as simple as it goes.
    pub case: Case,
    /// What is false about it.
    pub why: String,
    /// Gives the instance again: [`replay`](super::replay).
    pub replay: String,
}

/// What a run says of a claim. Never "proved".
#[derive(Clone, Debug)]
pub enum Verdict {
    /// True of every instance on which it could be decided.
    Held,
    /// False of this one.
    Refuted(Box<Counterexample>),
    /// No instance met the hypotheses.
    Vacuous,
    /// Bounds too wide on every instance; an example.
    Inconclusive(String),
    /// The check itself failed.
    Error(String),
}

/// What became of a theorem without one hypothesis.
#[derive(Clone, Debug)]
pub enum MutantVerdict {
    /// False of this instance.
    Broken(Box<Counterexample>),
    /// The hypothesis is not needed: declared by the file, which says why.
    Redundant(&'static str),
    /// The instance that is stored as its counterexample no longer is one, and no other was found: something changed.
    Survived(String),
    /// No counterexample among the instances looked at, which says nothing about the others.
    Undecided(String),
    /// The check itself failed.
    Error(String),
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
    /// Those among them on which bounds were too wide.
    pub undecided: usize,
    /// Seed of the run.
    pub seed: u64,
    /// Each hypothesis dropped, in order.
    pub mutants: Vec<Mutant>,
}

/// Whether what was found is what the theorem's file expects. Ordered: the worst of several parts is that of the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It is.
    Expected,
    /// Too few instances, or too wide bounds, to say; more of them may decide it.
    Undecided,
    /// It is not, and an instance shows it.
    Unexpected,
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

    /// Against what is expected. A claim that is false as printed is known to be by an instance made by hand, so where it
    /// held that instance is what changed.
    fn outcome(&self, expected: Expected) -> Outcome {
        match (self, expected) {
            (Verdict::Held, Expected::Held) | (Verdict::Refuted(_), Expected::Refuted) => Outcome::Expected,
            (Verdict::Vacuous | Verdict::Inconclusive(_), _) => Outcome::Undecided,
            (Verdict::Held | Verdict::Refuted(_) | Verdict::Error(_), _) => Outcome::Unexpected,
        }
    }
}

impl MutantVerdict {
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            MutantVerdict::Broken(_) => "broken",
            MutantVerdict::Redundant(_) => "redundant",
            MutantVerdict::Survived(_) => "survived",
            MutantVerdict::Undecided(_) => "undecided",
            MutantVerdict::Error(_) => "error",
        }
    }
}

impl Mutant {
    /// Against what its file expects.
    pub fn outcome(&self) -> Outcome {
        match self.verdict {
            MutantVerdict::Broken(_) | MutantVerdict::Redundant(_) => Outcome::Expected,
            MutantVerdict::Undecided(_) => Outcome::Undecided,
            MutantVerdict::Survived(_) | MutantVerdict::Error(_) => Outcome::Unexpected,
        }
    }
}

impl Report {
    /// Against what its file expects, of the claim and of every mutant.
    pub fn outcome(&self) -> Outcome {
        let claim = self.verdict.outcome(self.theorem.expected);
        self.mutants.iter().map(Mutant::outcome).fold(claim, Outcome::max)
    }

    /// Instances on which the claim was decided.
    pub fn decided(&self) -> usize {
        self.instances - self.undecided
    }
}
