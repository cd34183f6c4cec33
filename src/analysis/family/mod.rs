//! One-parameter families of rewards, `r(x) = r0 + x r1`: every `x` at which the optimal policy changes.
//!
//! Owns: `Family`, its pieces and breakpoints, what proxy-optimal policies earn along the way, agreement of two sets of
//! optimal rows.
//! May use: `base`, `model`, `solve`, `returns`, `regret`.
//! Must not: look at a grid of `x`: a breakpoint is a root, not a neighbour of one.
//! To add one: another fact about a piece is a field of [`Piece`], filled where the pieces are put together.
//!
//! The return of a policy is a line in `x`, so the optimal value of every state is the largest of finitely many lines:
//! convex and piecewise linear. Of a policy that is optimal at some `x` all advantages are lines too,
//! `A(s,a;x) = A0(s,a) + x A1(s,a)`, and it stays optimal exactly between the nearest roots of those that rise. Such an
//! interval costs one solve and two evaluations. What is left of the range between known intervals is solved in its
//! middle, until intervals meet. That needs no rule for ties, cannot cycle, and in fractions misses no piece, however short;
//! in doubles it goes down to the [`RESOLUTION`], and what they leave open is undecided.

mod agree;
mod cover;
mod earned;
mod enclose;
mod fractions;
mod reach;
mod spec;

use std::sync::Arc;

use dashu_ratio::RBig;

pub use agree::{Agreement, agreement, visited};
pub(crate) use agree::{next, starts};
pub use earned::Earned;
pub use spec::{FamilySpec, Rewards};

use crate::analysis::returns::ReturnRange;
use crate::base::number::Number;
use crate::base::{Bounded, Decision, Doubt, Evidence};
use crate::model::Mdp;
use crate::solve::Solver;

/// In doubles, stretches shorter than this part of the largest `|x|` of the range are not looked into: the breakpoint that stands
/// for one says that it is undecided. Fractions miss none.
pub const RESOLUTION: f64 = 1e-13;

/// An interval of `x` with one set of optimal rows inside.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Left end.
    pub from: Bounded,
    /// Right end.
    pub to: Bounded,
    /// The ends as fractions, where they are roots that were found so.
    pub fractions: [Option<RBig>; 2],
    /// Rows that are optimal throughout the inside; all of them, at every state.
    pub optimal: Vec<bool>,
    /// Why some of these may not be, or end before the piece does, where doubles do not tell.
    pub doubt: Option<Doubt>,
    /// One of them a state.
    pub policy: Vec<usize>,
    /// States, other than terminal ones, with several of them: ties for every `x` inside.
    pub n_ties: usize,
    /// States whose optimal rows are not those of the piece before; empty for the first.
    pub changed: Vec<usize>,
    /// Optimal return from the start: its part without `x`, and its slope.
    pub line: [Bounded; 2],
    /// Optimal return from the start at the left end.
    pub value_from: Bounded,
    /// Optimal return from the start at the right end.
    pub value_to: Bounded,
    /// What policies that are optimal inside earn under the truth, if one was given.
    pub earned: Option<Earned>,
}

/// A point at which the set of optimal rows is another one than on either side.
#[derive(Clone, Debug)]
pub struct Breakpoint {
    /// Where.
    pub x: Bounded,
    /// Rows that are optimal there: those of both sides, and what mixes them.
    pub optimal: Vec<bool>,
    /// Why some of these may not be, where it was not found in fractions; then several breakpoints may lie within `x`.
    pub doubt: Option<Doubt>,
    /// One of them a state.
    pub policy: Vec<usize>,
    /// States, other than terminal ones, with several of them.
    pub n_ties: usize,
    /// States at which this set is not that of the left piece, or not that of the right one.
    pub changed: Vec<usize>,
    /// Whether a policy that is optimal here visits one of those from the start: else nothing is to be seen of it there.
    pub is_visited: bool,
    /// Optimal return from the start.
    pub value: Bounded,
    /// What policies that are optimal here earn under the truth, if one was given.
    pub earned: Option<Earned>,
}

/// A range of `x` with all its pieces.
#[derive(Clone, Debug)]
pub struct Family {
    /// Range asked for.
    pub range: (f64, f64),
    /// The model it was worked out on; indices of states and rows are of this one.
    pub mdp: Arc<Mdp>,
    /// From left to right. Where the family is incomplete, stretches between them are missing.
    pub pieces: Vec<Piece>,
    /// From left to right: one between each two neighbouring pieces, and one at an end of the range where a tie lies just
    /// there.
    pub breakpoints: Vec<Breakpoint>,
    /// Whether doubtful comparisons were made in fractions.
    pub is_exact: bool,
    /// Why they were not.
    pub doubt: Option<Doubt>,
    /// Policies evaluated.
    pub n_policies: usize,
    /// Whether the whole range is covered. If not, a limit was reached; the pieces that are there hold.
    pub is_complete: bool,
}

/// What to work out besides the pieces.
#[derive(Clone, Copy, Default)]
pub struct Request<'a> {
    /// A truth, whose return is followed along the family.
    pub truth: Option<&'a ReturnRange>,
    /// Keeps to doubles even where fractions are affordable.
    pub in_doubles: bool,
}

impl Family {
    /// All pieces of `rewards` between `range.0 < range.1`.
    ///
    /// One solve and two policy evaluations a piece, all unfinished gaps at once; with a truth, two more solves for each
    /// piece and each breakpoint. On small models whose numbers are known every comparison that doubles leave in doubt is
    /// made in fractions, and breakpoints are exact. Otherwise they are bracketed by bounds on the advantages, and what is
    /// optimal at them, and in pieces with an advantage that straddles zero, is undecided. A limit leaves gaps and
    /// [`is_complete`](Self::is_complete) false. A double stands for the shortest decimal that reads as it.
    pub fn of(
        solver: &Solver<'_>,
        mdp: &Arc<Mdp>,
        rewards: &Rewards,
        range: (impl Into<Number>, impl Into<Number>),
        request: &Request<'_>,
    ) -> Family {
        let range = (range.0.into(), range.1.into());
        let mut family = cover::cover(solver, mdp, rewards, range, request.in_doubles);
        if let Some(truth) = request.truth {
            earned::follow(solver, truth, &mut family);
        }
        family
    }

    /// Whether all changes of the set of optimal policies are known.
    pub fn every_switch(&self) -> Decision {
        let open = self.pieces.iter().any(|piece| piece.doubt.is_some()) || !self.breakpoints.is_empty();
        match &self.doubt {
            _ if !self.is_complete => Decision::Undecided(Doubt::Limit),
            Some(doubt) if open => Decision::Undecided(doubt.clone()),
            Some(_) => Decision::Yes(Evidence::Bounds),
            None => Decision::Yes(Evidence::Exact),
        }
    }

    /// The piece that certainly contains `x` in its inside, if there is one.
    pub fn piece_at(&self, x: f64) -> Option<&Piece> {
        self.pieces.iter().find(|piece| piece.from.hi < x && x < piece.to.lo)
    }
}

/// States, other than terminal ones, with several of some rows.
fn count_ties(mdp: &Mdp, optimal: &[bool]) -> usize {
    let tied = |s: &usize| mdp.rows(*s).filter(|&row| optimal[row]).count() > 1;
    (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).filter(tied).count()
}

/// States, other than terminal ones, at which two sets of rows differ.
fn differing<'a>(mdp: &'a Mdp, x: &'a [bool], y: &'a [bool]) -> impl Iterator<Item = usize> + 'a {
    (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s) && mdp.rows(s).any(|row| x[row] != y[row]))
}
