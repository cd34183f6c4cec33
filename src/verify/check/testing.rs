//! What the tests of every theorem file run, with small budgets.

use super::run::overstatement_is_refuted;
use super::{Budget, MutantVerdict, Theorem, Verdict, Without, check_claim, check_without, replay};

/// Instances of a claim in the tests.
const COUNT: usize = 48;
/// Seed of the tests.
const SEED: u64 = 1;

/// The verdict is the expected one, and what refutes can be replayed.
pub(crate) fn claim(theorem: &'static Theorem) {
    let report = check_claim(theorem, SEED, Budget { count: COUNT, deadline: None });
    assert!(report.is_ok(), "{}: {:?}", theorem.id, report.verdict);
    if let Verdict::Refuted(found) = &report.verdict {
        assert_eq!(replay(theorem, None, &found.replay).as_ref(), Some(&found.case), "the replay is another instance");
    }
}

/// Smaller constants are refuted where the theorem says that its own are sharp.
pub(crate) fn sharpness(theorem: &'static Theorem) {
    if theorem.is_sharp {
        let refuted = overstatement_is_refuted(theorem, SEED, 10 * COUNT).unwrap();
        assert!(refuted, "{}: constants divided by 1.01 survive", theorem.id);
    }
}

/// The claim breaks without the hypothesis, on an instance that meets all others and can be replayed.
pub(crate) fn without(theorem: &'static Theorem, name: &str) {
    let i = theorem.hypothesis(name).unwrap();
    if let Without::Redundant(why) = theorem.hypotheses[i].without {
        assert!(why.len() > 20, "{name}: a reason is a sentence");
        return;
    }
    match &check_without(theorem, i, SEED, Budget { count: COUNT, deadline: None }).verdict {
        MutantVerdict::Broken(found) => {
            let again = replay(theorem, Some(i), &found.replay).unwrap();
            assert_eq!(again, found.case, "the replay is another instance");
            assert!(theorem.admits(&again, Some(i)));
        }
        verdict => panic!("{} without {name}: {verdict:?}", theorem.id),
    }
}
