//! Runs a theorem: instances until the budget ends, then each mutant until it breaks.
//!
//! Known counterexamples come first, so that no verdict of `broken` or `refuted` depends on seed, count or time.

use std::time::Instant;

use super::search::{Found, Search};
use super::{Case, Finding, Mutant, MutantVerdict, Report, Strength, Theorem};

/// How much to try.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Instances for the claim, and at most ten times as many for a mutant of which no counterexample is known.
    pub count: usize,
    /// When to stop even before that. One batch is always finished.
    pub deadline: Option<Instant>,
}

/// Mutants may look at this many times the instances of the claim: they end with the first that breaks.
const PATIENCE: usize = 10;

/// Runs a theorem with all its mutants.
pub fn check(theorem: &'static Theorem, seed: u64, budget: Budget) -> Report {
    let n = theorem.hypotheses.len();
    let mutants = (0..n).map(|i| check_without(theorem, i, seed, budget.share(n - i + 1))).collect();
    Report { mutants, ..check_claim(theorem, seed, budget) }
}

/// Runs the claim of a theorem and none of its mutants.
pub fn check_claim(theorem: &'static Theorem, seed: u64, budget: Budget) -> Report {
    let (verdict, found) = Search::claim(theorem, Strength::default()).verdict(seed, budget);
    Report { theorem, verdict, instances: found.met, undecided: found.undecided, seed, mutants: Vec::new() }
}

/// Runs one mutant of a theorem: the claim without the hypothesis of that index. The stored counterexample is looked at
/// first, others are drawn only where there is none or it no longer is one.
pub fn check_without(theorem: &'static Theorem, dropped: usize, seed: u64, budget: Budget) -> Mutant {
    let verdict = match Search::without(theorem, dropped) {
        Err(why) => MutantVerdict::Redundant(why),
        Ok(search) => broken(&search, theorem.stored(dropped), seed, budget),
    };
    Mutant { hypothesis: theorem.hypotheses[dropped].name, verdict }
}

fn broken(search: &Search, stored: Option<&str>, seed: u64, budget: Budget) -> MutantVerdict {
    let known = stored.and_then(|text| Some((text, search.replay(text)?)));
    let seen = known.as_ref().map(|(_, case)| search.look(case));
    if let (Some((text, case)), Some(Ok(Finding::Fails(why)))) = (&known, &seen) {
        let found = super::Counterexample { case: case.clone(), why: why.clone(), replay: (*text).to_owned() };
        return MutantVerdict::Broken(Box::new(found));
    }
    let mut found = Found::default();
    let budget = Budget { count: budget.count.saturating_mul(PATIENCE), ..budget };
    match (search.counterexample(seed, budget, &mut found), seen) {
        (Ok(Some(found)), _) => MutantVerdict::Broken(Box::new(found)),
        (Err(message), _) | (_, Some(Err(message))) => MutantVerdict::Error(message),
        (Ok(None), Some(Ok(Finding::Holds))) => {
            MutantVerdict::Survived(format!("the stored counterexample is none any more; {}", found.shortfall()))
        }
        (Ok(None), _) => MutantVerdict::Undecided(found.shortfall()),
    }
}

/// The instance of a replay text, with a hypothesis dropped or none.
pub fn replay(theorem: &'static Theorem, dropped: Option<usize>, text: &str) -> Option<Case> {
    let search = match dropped {
        Some(dropped) => Search::without(theorem, dropped).ok()?,
        None => Search::claim(theorem, Strength::default()),
    };
    search.replay(text)
}

impl Budget {
    /// A part of the time that is left.
    fn share(self, parts: usize) -> Self {
        let now = Instant::now();
        let deadline = self.deadline.map(|end| now + end.saturating_duration_since(now) / parts as u32);
        Budget { deadline, ..self }
    }

    pub(super) fn is_over(self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

impl Theorem {
    /// What the predicate says of one instance, with a hypothesis dropped or none; vacuous if it is no such instance.
    pub fn look(&'static self, case: &Case, dropped: Option<usize>) -> Finding {
        let search = match dropped.map(|dropped| Search::without(self, dropped)) {
            Some(Ok(search)) => search,
            Some(Err(_)) => return Finding::Vacuous,
            None => Search::claim(self, Strength::default()),
        };
        search.look(case).unwrap_or_else(Finding::Undecided)
    }
}

/// The claim of a sharp theorem with its constants made smaller: whether that is refuted, as it should be.
pub fn overstatement_is_refuted(theorem: &'static Theorem, seed: u64, count: usize) -> Result<bool, String> {
    Search::claim(theorem, Strength::OVERSTATED).is_refuted(seed, count)
}

#[cfg(test)]
mod tests {
    use super::super::{Draw, Expected, Hypothesis, Kind, Outcome, Verdict, Without, World, number};
    use super::*;

    /// Numbers drawn for a mutant are from 0 to one less than this, and the claim is false of the last alone.
    const MANY: usize = 100_000;

    fn known(x: &'static str) -> Case {
        Case::new(World::bandit(&["arm"])).number("x", number(x))
    }

    fn rare(draw: &mut Draw) -> Case {
        match draw.below("x", MANY) {
            x if x + 1 == MANY => known("2"),
            _ => known("1"),
        }
    }

    fn small(case: &Case) -> bool {
        *case.n("x") <= number("0")
    }

    fn predicate(case: &Case, _: Strength) -> Finding {
        Finding::at_most("x", case.n("x"), &number("1"))
    }

    const CLAIM: Theorem = Theorem {
        id: "a-number-is-at-most-one",
        claim: "",
        paper: "",
        number: "",
        tags: &[],
        kind: Kind::Exact,
        expected: Expected::Held,
        is_sharp: false,
        doc: "",
        file: "",
        hypotheses: &[Hypothesis { name: "small", text: "", holds: small, without: Without::Broken(rare) }],
        instance: |_| known("0"),
        by_hand: &[],
        predicate,
    };
    static THEOREM: Theorem = CLAIM;
    static EMPTY: Theorem = Theorem { instance: |_| known("1"), ..CLAIM };
    static FALSE: Theorem = Theorem { predicate: |_, _| Finding::Fails("always".into()), ..CLAIM };
    static DOUBTFUL: Theorem = Theorem { predicate: |_, _| Finding::Undecided("wide".into()), ..CLAIM };
    static BROKEN_CHECK: Theorem = Theorem { instance: |_| panic!("no instance"), ..CLAIM };

    const FEW: Budget = Budget { count: 2, deadline: None };

    /// The verdict on the mutant with this text stored.
    fn with_stored(text: Option<&str>, budget: Budget) -> MutantVerdict {
        broken(&Search::without(&THEOREM, 0).unwrap(), text, 1, budget)
    }

    #[test]
    fn what_was_not_shown_is_undecided() {
        let mutant = check_without(&THEOREM, 0, 1, FEW);
        assert_eq!((mutant.verdict.word(), mutant.outcome()), ("undecided", Outcome::Undecided));
        assert_eq!(check(&THEOREM, 1, FEW).outcome(), Outcome::Undecided);
        let over = Budget { count: usize::MAX / 1_000, deadline: Some(Instant::now()) };
        let MutantVerdict::Undecided(why) = with_stored(None, over) else { panic!("one batch shows nothing") };
        assert!(why.contains("32 instances") && why.contains("time ended"), "{why}");
    }

    #[test]
    fn a_stored_counterexample_needs_neither_luck_nor_time() {
        let over = Budget { count: 1, deadline: Some(Instant::now()) };
        for budget in [FEW, over] {
            let MutantVerdict::Broken(found) = with_stored(Some("99999"), budget) else { panic!("it is stored") };
            assert_eq!((found.case.clone(), found.replay.as_str()), (known("2"), "99999"));
        }
    }

    #[test]
    fn a_stored_counterexample_that_is_none_any_more_is_no_success() {
        let verdict = with_stored(Some("5"), FEW);
        assert_eq!(verdict.word(), "survived");
        assert_eq!(Mutant { hypothesis: "small", verdict }.outcome(), Outcome::Unexpected);
        // A text that is no replay says nothing.
        assert_eq!(with_stored(Some("x"), FEW).word(), "undecided");
    }

    #[test]
    fn only_an_instance_makes_a_claim_unexpected() {
        let claim = |theorem: &'static Theorem| {
            let report = check_claim(theorem, 1, FEW);
            (report.verdict.word(), report.outcome())
        };
        assert_eq!(claim(&THEOREM), ("held", Outcome::Expected));
        assert_eq!(claim(&EMPTY), ("vacuous", Outcome::Undecided));
        assert_eq!(claim(&DOUBTFUL), ("inconclusive", Outcome::Undecided));
        assert_eq!(claim(&FALSE), ("refuted", Outcome::Unexpected));
        assert_eq!(claim(&BROKEN_CHECK), ("error", Outcome::Unexpected));
        assert!(matches!(check_claim(&FALSE, 1, FEW).verdict, Verdict::Refuted(_)));
    }
}
