//! Whether a canonical form is zero, and what a distance may be where that is not known.

use super::Distance;
use super::norm::{Norm, Power, Sums, of_ones};
use super::starc::{Known, rounding};
use crate::analysis::canon::{Canon, Canonical};
use crate::analysis::returns::ReturnRange;
use crate::base::sum::gamma_n;
use crate::base::{Bounded, Grade, Interval};
use crate::model::Mdp;

/// What bounds on norms need to know of a model.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub n_states: usize,
    pub n_rows: usize,
    pub p_error: f64,
    /// Most successors of a row.
    longest: usize,
}

impl Size {
    pub(super) fn of(mdp: &Mdp) -> Self {
        let longest = (0..mdp.n_rows()).map(|row| mdp.transitions(row).len()).max().unwrap_or(1);
        Size { n_states: mdp.n_states(), n_rows: mdp.n_rows(), p_error: mdp.p_error(), longest }
    }

    fn ones(self, norm: &Norm) -> f64 {
        of_ones(norm, self.n_rows, self.n_states)
    }
}

/// What is known of whether a form is zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Zero {
    /// It is not, and its direction is known up to its error.
    No,
    /// It is.
    Yes,
    /// It is not, but what is known of it may all be rounding.
    Unseen,
    /// It may be.
    #[default]
    Maybe,
}

impl Zero {
    /// From the norm of a form and the bound on its error; where these do not tell, from what is `decided` otherwise.
    pub(super) fn of(size: Size, form: &Canonical, norms: &Sums, by: &Norm, decided: Option<bool>) -> Self {
        let off = size.ones(by) * form.err;
        // Of the norm itself: a rounding a row and as many as there are next states, and of the probabilities in it.
        let relative = 4.0 * gamma_n(size.n_states + size.n_rows + 4) + 4.0 * size.p_error;
        let norm = norms.get(by);
        if norm * (1.0 - relative) > off {
            return Zero::No;
        }
        Zero::Maybe.knowing(if norm == 0.0 && form.err == 0.0 { Some(true) } else { decided })
    }

    /// The same where more is known.
    pub(super) fn knowing(self, decided: Option<bool>) -> Self {
        match (self, decided) {
            (Zero::Maybe, Some(true)) => Zero::Yes,
            (Zero::Maybe, Some(false)) => Zero::Unseen,
            _ => self,
        }
    }

    /// What a form is multiplied by: one over its norm, nothing where it is zero or may be.
    pub(super) fn factor(self, norm: f64) -> f64 {
        match self {
            Zero::No => 1.0 / norm,
            Zero::Unseen if norm > 0.0 => 1.0 / norm,
            _ => 0.0,
        }
    }
}

/// Whether the form of a reward is zero, as far as its return range tells: forms that remove all that no policy feels vanish
/// for trivial rewards, and for no others where every state can be reached.
pub(super) fn decide_zero(mdp: &Mdp, canon: &Canon, range: &ReturnRange) -> Option<bool> {
    if !canon.removes_redistribution {
        return None;
    }
    let is_whole = (0..mdp.n_states()).all(|s| mdp.is_reachable(s));
    trivial(range).filter(|&trivial| is_whole || !trivial)
}

/// Whether a reward is trivial, as far as that is decided.
pub fn trivial(range: &ReturnRange) -> Option<bool> {
    range.trivial.answer()
}

/// A distance: `value` with its error where it is known which forms are zero, else all that it may be.
pub(super) fn hull(
    size: Size,
    value: f64,
    known: [Known; 2],
    (by, in_norm): (&Norm, &Norm),
    is_constant_in_next: bool,
) -> Distance {
    let is_same = by.id == in_norm.id;
    let is_open = |known: &Known| matches!(known.zero, Zero::Maybe | Zero::Unseen);
    let of = |bounds: Interval, value: f64| {
        let most = if is_same { 2.0 } else { f64::INFINITY };
        Distance::Value(Bounded::around(value, bounds, Grade::Bounded).clamped(0.0, most))
    };
    if !known.iter().any(is_open) {
        let live = || known.iter().filter(|known| known.zero == Zero::No);
        let ratios = live().map(|known| known.ratio).sum();
        let errors: f64 = live().map(|known| known.error).sum();
        let radius = if live().count() == 0 { 0.0 } else { rounding(size, value, ratios) + errors };
        return of(Interval::ball(value, radius), value);
    }
    let largest = largest_ratio(size, by, in_norm, is_constant_in_next);
    if largest == f64::INFINITY {
        return Distance::Undefined("a form may be zero, and two norms have no common bound".into());
    }
    let top = |known: &Known| match known.zero {
        Zero::Yes => 0.0,
        Zero::No => known.ratio + known.error + rounding(size, known.ratio, known.ratio),
        Zero::Unseen | Zero::Maybe => largest,
    };
    let zeros = known.map(|known| known.zero);
    // A form of norm 1 against none.
    let is_one = is_same && zeros.contains(&Zero::Yes) && zeros.contains(&Zero::Unseen);
    let hi: f64 = known.iter().map(top).sum();
    of(Interval { lo: if is_one { 1.0 } else { 0.0 }, hi: hi * (1.0 + 1e-15) }, value)
}

/// Bound on `m(x)/n(x)` over all forms; infinite where there is none.
fn largest_ratio(size: Size, by: &Norm, in_norm: &Norm, is_constant_in_next: bool) -> f64 {
    if by.id == in_norm.id {
        return 1.0;
    }
    let ones = size.ones(in_norm);
    match (by.is_weighted, is_constant_in_next, by.power) {
        // Every plain norm is at least the largest entry.
        (false, ..) => ones,
        // Rows sum to 1, up to rounding; the largest probability of a row is at least its share.
        (true, true, Power::Inf) => 2.0 * ones * size.longest as f64,
        (true, true, _) => 2.0 * ones,
        (true, false, _) => f64::INFINITY,
    }
}
