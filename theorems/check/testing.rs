//! What the tests of every theorem file run, with small budgets.

use std::time::Instant;

use super::run::overstatement_is_refuted;
use super::search::Search;
use super::{
    Budget, Expected, MutantVerdict, Outcome, Report, Theorem, Verdict, Without, check, check_claim, check_without,
    replay,
};

/// Instances of a claim in the tests.
const COUNT: usize = 48;
/// Seed of the tests.
const SEED: u64 = 1;
/// Instances of a mutant among which its generator has to show a counterexample, whatever the seed.
const AIM: usize = 60;
/// Seeds from which it has to.
const SEEDS: u64 = 4;
/// Of the instances of a claim that meet its hypotheses, at most one in so many is left undecided by bounds.
const DECIDED: usize = 5;

/// The verdict is the expected one, and what refutes can be replayed.
pub(crate) fn claim(theorem: &'static Theorem) {
    let report = check_claim(theorem, SEED, Budget { count: COUNT, deadline: None });
    assert_eq!(report.outcome(), Outcome::Expected, "{}: {:?}", theorem.id, report.verdict);
    assert!(report.undecided * DECIDED <= report.instances, "{}: bounds are too wide", theorem.id);
    if let Verdict::Refuted(found) = &report.verdict {
        assert_eq!(replay(theorem, None, &found.replay).as_ref(), Some(&found.case), "the replay is another instance");
    }
    without_luck(theorem);
}

/// Neither few instances nor no time at all make a known verdict another one.
fn without_luck(theorem: &'static Theorem) {
    let is_known = |report: &Report| {
        assert_ne!(report.outcome(), Outcome::Unexpected, "{}: {report:?}", theorem.id);
        assert!(report.mutants.iter().all(|mutant| mutant.outcome() == Outcome::Expected), "{}", theorem.id);
        assert!(theorem.expected == Expected::Held || matches!(report.verdict, Verdict::Refuted(_)), "{}", theorem.id);
    };
    for seed in 2..2 + SEEDS {
        is_known(&check(theorem, seed, Budget { count: 1, deadline: None }));
    }
    is_known(&check(theorem, SEED, Budget { count: COUNT, deadline: Some(Instant::now()) }));
}

/// Smaller constants are refuted where the theorem says that its own are sharp.
pub(crate) fn sharpness(theorem: &'static Theorem) {
    if theorem.is_sharp {
        let refuted = overstatement_is_refuted(theorem, SEED, 10 * COUNT).unwrap();
        assert!(refuted, "{}: constants divided by 1.01 survive", theorem.id);
    }
}

/// The claim breaks without the hypothesis, on an instance that meets all others and can be replayed, and its generator
/// finds another one soon.
pub(crate) fn without(theorem: &'static Theorem, name: &str) {
    let i = theorem.hypothesis(name).unwrap();
    if let Without::Redundant(why) = theorem.hypotheses[i].without {
        assert!(why.len() > 20, "{name}: a reason is a sentence");
        return;
    }
    match &check_without(theorem, i, SEED, Budget { count: COUNT, deadline: None }).verdict {
        MutantVerdict::Broken(found) => {
            assert_eq!(Some(found.replay.as_str()), theorem.stored(i), "its counterexample is not stored: dev docs");
            let again = replay(theorem, Some(i), &found.replay).unwrap();
            assert_eq!(again, found.case, "the replay is another instance");
            assert!(theorem.admits(&again, Some(i)));
        }
        verdict => panic!("{} without {name}: {verdict:?}", theorem.id),
    }
    let search = Search::without(theorem, i).unwrap();
    for seed in 1..=SEEDS {
        let needed = search.needed(seed, AIM).unwrap();
        assert!(needed.is_some(), "{} without {name}: no counterexample among {AIM} of seed {seed}", theorem.id);
    }
}
