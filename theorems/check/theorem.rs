//! A theorem as a value.

use super::{Case, Draw, Finding, Strength};

/// A paper theorems come from.
#[derive(Clone, Copy, Debug)]
pub struct Paper {
    /// Key by which theorems cite it.
    pub key: &'static str,
    /// Family names.
    pub authors: &'static str,
    /// Title.
    pub title: &'static str,
    /// Journal, conference or archive number.
    pub venue: &'static str,
    /// Year.
    pub year: u16,
}

/// What a full run is expected to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// No counterexample.
    Held,
    /// The statement is false as printed; a counterexample is known.
    Refuted,
}

/// How the claim is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// In fractions, without rounding.
    Exact,
    /// On intervals with outward rounding.
    Bounds,
}

/// One hypothesis of a theorem.
#[derive(Clone, Copy, Debug)]
pub struct Hypothesis {
    /// Name after `--drop`.
    pub name: &'static str,
    /// What it asks, in a sentence.
    pub text: &'static str,
    /// Whether an instance satisfies it; decided exactly.
    pub holds: fn(&Case) -> bool,
    /// What happens without it.
    pub without: Without,
}

/// What becomes of a theorem without one hypothesis.
#[derive(Clone, Copy, Debug)]
pub enum Without {
    /// The generator of instances among which a counterexample is to be found.
    Broken(fn(&mut Draw) -> Case),
    /// The claim stays true, and this is why.
    Redundant(&'static str),
}

/// A claim of a paper, with everything needed to check it and to break it.
#[derive(Debug)]
pub struct Theorem {
    /// Permanent name, as the claim reads.
    pub id: &'static str,
    /// The claim in one line, without maths.
    pub claim: &'static str,
    /// Key of its paper.
    pub paper: &'static str,
    /// Where in the paper, or what we changed.
    pub number: &'static str,
    /// Words to find it by.
    pub tags: &'static [&'static str],
    /// How it is decided.
    pub kind: Kind,
    /// What a run is expected to say.
    pub expected: Expected,
    /// Whether its constants cannot be made smaller: checked by making them smaller.
    pub is_sharp: bool,
    /// Title, statement, how it is checked, known limits; Markdown with `$` maths.
    pub doc: &'static str,
    /// Source file.
    pub file: &'static str,
    /// Hypotheses in the order of the statement.
    pub hypotheses: &'static [Hypothesis],
    /// Instances that satisfy every hypothesis.
    pub instance: fn(&mut Draw) -> Case,
    /// Instances made by hand: those of the paper, extremal ones, and the counterexample of a false statement.
    pub by_hand: &'static [fn() -> Case],
    /// The claim.
    pub predicate: fn(&Case, Strength) -> Finding,
}

impl Theorem {
    /// First line of the documentation: the title.
    pub fn title(&self) -> &'static str {
        self.doc
            .lines()
            .map(|line| line.trim().trim_start_matches("# "))
            .find(|line| !line.is_empty())
            .unwrap_or(self.id)
    }

    /// The hypothesis of that name.
    pub fn hypothesis(&self, name: &str) -> Option<usize> {
        self.hypotheses.iter().position(|h| h.name == name)
    }

    /// Whether every hypothesis but the one dropped holds, and that one does not.
    pub fn admits(&self, case: &Case, dropped: Option<usize>) -> bool {
        self.hypotheses.iter().enumerate().all(|(i, h)| (h.holds)(case) != (dropped == Some(i)))
    }
}

/// Declares the theorem of a file as `THEOREM`, and its tests: one for the claim, one for its sharpness, and one for each
/// hypothesis, under its name.
///
/// ```text
/// theorem! {
///     /// # Title
///     ///
///     /// ## Statement
///     /// For all ... $J_{R+F}(\pi) = J_R(\pi) - ...$
///     /// ## How it is checked
///     /// ## Known limits
///     id: "potential-shaping-keeps-order",
///     claim: "one line without maths",
///     paper: "ng1999policy", "Theorem 1, sufficiency",
///     tags: ["shaping"],
///     kind: Exact, expected: Held, sharp: false,
///     instance: instance, predicate: predicate,
///     by_hand: [two_rooms],
///     hypotheses: {
///         /// The shaping term uses the discount of the MDP.
///         same_discount: same_discount, Broken(without_same_discount);
///     }
/// }
/// ```
#[macro_export]
macro_rules! theorem {
    (
        $(#[doc = $doc:literal])*
        id: $id:literal,
        claim: $claim:literal,
        paper: $paper:literal, $number:literal,
        tags: [$($tag:literal),* $(,)?],
        kind: $kind:ident, expected: $expected:ident, sharp: $sharp:literal,
        instance: $instance:expr, predicate: $predicate:expr,
        by_hand: [$($hand:expr),* $(,)?],
        hypotheses: { $($(#[doc = $text:literal])* $name:ident: $holds:expr, $without:ident($by:expr);)* }
    ) => {
        $(#[doc = $doc])*
        pub static THEOREM: $crate::check::Theorem = $crate::check::Theorem {
            id: $id,
            claim: $claim,
            paper: $paper,
            number: $number,
            tags: &[$($tag),*],
            kind: $crate::check::Kind::$kind,
            expected: $crate::check::Expected::$expected,
            is_sharp: $sharp,
            doc: concat!($($doc, "\n"),*),
            file: file!(),
            hypotheses: &[$($crate::check::Hypothesis {
                name: stringify!($name),
                text: concat!($($text),*),
                holds: $holds,
                without: $crate::check::Without::$without($by),
            }),*],
            instance: $instance,
            by_hand: &[$($hand),*],
            predicate: $predicate,
        };

        #[cfg(test)]
        mod checks {
            #[test]
            fn is_as_expected() {
                $crate::check::testing::claim(&super::THEOREM);
            }

            #[test]
            fn constants_are_as_sharp_as_said() {
                $crate::check::testing::sharpness(&super::THEOREM);
            }

            $(#[test]
            fn $name() {
                $crate::check::testing::without(&super::THEOREM, stringify!($name));
            })*
        }
    };
}

pub use crate::theorem;
