//! A yes or a no together with what decides it; or neither, and what would.
//!
//! No tolerance is ever part of one: bounds decide where they are apart from the border, exact arithmetic where they are
//! not, and what neither reaches stays undecided.

use super::bounded::{Bounded, Grade};

/// Answer to a yes/no question.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// It holds.
    Yes(Evidence),
    /// It does not hold.
    No(Evidence),
    /// What is known is compatible with both.
    Undecided(Doubt),
}

/// What decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Bounds on the numbers involved that stay clear of the border.
    Bounds,
    /// Exact arithmetic on the numbers as written.
    Exact,
    /// Structure alone: what can be reached, what is given twice, what holds by definition.
    Structure,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Doubt {
    /// The bounds reach across the border; what would decide it.
    Bounds {
        /// Completes "undecided: the bounds reach across the border; ... would decide it".
        needs: String,
    },
    /// The inputs are doubles, known to half a unit in their last place, and that rounding could turn the answer.
    InputRounding,
    /// A limit stopped the work before it was decided.
    Limit,
}

impl Doubt {
    /// Bounds that reach across the border on a model with more states than exact arithmetic is done for.
    pub fn too_large(n_states: usize, most: usize) -> Self {
        Doubt::Bounds { needs: format!("exact arithmetic, which is done up to {most} states and not for {n_states},") }
    }

    /// Bounds that reach across the border where no exact arithmetic is done; `needs` completes "... would decide it".
    pub fn bounds(needs: impl Into<String>) -> Self {
        Doubt::Bounds { needs: needs.into() }
    }

    /// One sentence without a capital and a full stop.
    pub fn words(&self) -> String {
        match self {
            Doubt::Bounds { needs } => format!("the bounds reach across the border; {needs} would decide it"),
            Doubt::InputRounding => {
                "within the rounding of the inputs: they are doubles, known to half a unit in the last place; \
                 --exact-inputs takes them at their word"
                    .into()
            }
            Doubt::Limit => "a limit stopped the work; more time or memory would decide it".into(),
        }
    }
}

impl Evidence {
    /// Completes "decided by ...".
    pub fn words(self) -> &'static str {
        match self {
            Evidence::Bounds => "bounds",
            Evidence::Exact => "exact arithmetic",
            Evidence::Structure => "structure alone",
        }
    }
}

impl Decision {
    /// What exact arithmetic found.
    pub fn exact(yes: bool) -> Self {
        if yes { Decision::Yes(Evidence::Exact) } else { Decision::No(Evidence::Exact) }
    }

    /// What holds by structure alone.
    pub fn structure(yes: bool) -> Self {
        if yes { Decision::Yes(Evidence::Structure) } else { Decision::No(Evidence::Structure) }
    }

    /// Whether `x > 0`, as far as its bounds tell.
    pub fn is_positive(x: Bounded, doubt: impl FnOnce() -> Doubt) -> Self {
        let evidence = if x.grade == Grade::Exact { Evidence::Exact } else { Evidence::Bounds };
        match x {
            x if x.lo > 0.0 => Decision::Yes(evidence),
            x if x.hi <= 0.0 => Decision::No(evidence),
            _ => Decision::Undecided(doubt()),
        }
    }

    /// Whether `x >= 0`, as far as its bounds tell.
    pub fn is_not_negative(x: Bounded, doubt: impl FnOnce() -> Doubt) -> Self {
        Decision::is_positive(Bounded { value: -x.value, lo: -x.hi, hi: -x.lo, grade: x.grade }, doubt).not()
    }

    /// Certainly yes.
    pub fn is_yes(&self) -> bool {
        matches!(self, Decision::Yes(_))
    }

    /// Certainly no.
    pub fn is_no(&self) -> bool {
        matches!(self, Decision::No(_))
    }

    /// Neither.
    pub fn is_undecided(&self) -> bool {
        matches!(self, Decision::Undecided(_))
    }

    /// `None` where undecided: `true`, `false` and `null` of JSON.
    pub fn answer(&self) -> Option<bool> {
        match self {
            Decision::Yes(_) => Some(true),
            Decision::No(_) => Some(false),
            Decision::Undecided(_) => None,
        }
    }

    /// What decided, or what would: the `why` of JSON.
    pub fn why(&self) -> String {
        match self {
            Decision::Yes(evidence) | Decision::No(evidence) => format!("decided by {}", evidence.words()),
            Decision::Undecided(doubt) => format!("undecided: {}", doubt.words()),
        }
    }

    /// The opposite question.
    #[allow(clippy::should_implement_trait)]
    pub fn not(self) -> Self {
        match self {
            Decision::Yes(evidence) => Decision::No(evidence),
            Decision::No(evidence) => Decision::Yes(evidence),
            undecided => undecided,
        }
    }

    /// Whether both hold.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Decision::No(evidence), _) | (_, Decision::No(evidence)) => Decision::No(evidence),
            (undecided @ Decision::Undecided(_), _) | (_, undecided @ Decision::Undecided(_)) => undecided,
            (Decision::Yes(a), Decision::Yes(b)) => Decision::Yes(a.weaker(b)),
        }
    }

    /// Whether one of them holds.
    pub fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }

    /// Another way to decide, taken only where this one did not.
    pub fn or_else(self, other: impl FnOnce() -> Self) -> Self {
        if self.is_undecided() { other() } else { self }
    }
}

impl Evidence {
    /// Of two that are both needed, the one that says how sure the whole is.
    fn weaker(self, other: Self) -> Self {
        match (self, other) {
            (Evidence::Bounds, _) | (_, Evidence::Bounds) => Evidence::Bounds,
            (Evidence::Exact, _) | (_, Evidence::Exact) => Evidence::Exact,
            _ => Evidence::Structure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Interval;

    fn known(lo: f64, hi: f64) -> Bounded {
        Bounded::from_interval(Interval { lo, hi }, Grade::Certified)
    }

    #[test]
    fn bounds_decide_only_what_they_stay_clear_of() {
        let sign = |lo, hi| Decision::is_positive(known(lo, hi), || Doubt::Limit).answer();
        assert_eq!([sign(1e-300, 1.0), sign(-1.0, 0.0), sign(0.0, 1e-300)], [Some(true), Some(false), None]);
        let at_least = |lo, hi| Decision::is_not_negative(known(lo, hi), || Doubt::Limit).answer();
        assert_eq!(
            [at_least(0.0, 1.0), at_least(-1.0, -1e-300), at_least(-1e-300, 1.0)],
            [Some(true), Some(false), None]
        );
    }

    #[test]
    fn logic_has_three_values() {
        let all = [Some(true), Some(false), None];
        let of = |x: Option<bool>| x.map_or(Decision::Undecided(Doubt::Limit), Decision::exact);
        for a in all {
            assert_eq!(of(a).not().answer(), a.map(|a| !a));
            for b in all {
                let and = if a == Some(false) || b == Some(false) { Some(false) } else { a.and(b) };
                let or = if a == Some(true) || b == Some(true) {
                    Some(true)
                } else {
                    a.or(b).filter(|_| a.is_some() && b.is_some())
                };
                assert_eq!(of(a).and(of(b)).answer(), and, "{a:?} and {b:?}");
                assert_eq!(of(a).or(of(b)).answer(), or, "{a:?} or {b:?}");
            }
        }
    }
}
