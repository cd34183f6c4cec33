//! The coefficient by which the proxy differs from the truth, varied: where exactly does the true return fall off?

use dashu_ratio::RBig;

use super::Query;
use crate::analysis::family::{Family, FamilySpec, Piece, Request};
use crate::analysis::returns::ReturnRange;
use crate::base::Bounded;
use crate::base::number::Number;
use crate::model::{Model, Reachable};
use crate::solve::Solver;

/// States up to which it is worked out without being asked for: a fraction of a second.
const MOST_STATES: usize = 64;

/// The family between truth and proxy, piece by piece.
#[derive(Clone, Debug)]
pub struct Along {
    /// `truth + x other` for `x` from 0 to its value in the proxy.
    pub spec: FamilySpec,
    /// Its pieces, with what is earned in truth on each.
    pub family: Family,
    /// The one fall that matters, if there is one.
    pub cliff: Option<Cliff>,
}

/// Between two neighbouring pieces the true return falls off.
#[derive(Clone, Copy, Debug)]
pub struct Cliff {
    /// Where.
    pub x: Bounded,
    /// True return before it, worst over ties.
    pub before: Bounded,
    /// True return after it.
    pub after: Bounded,
}

/// The family between two rewards, if the proxy is the truth plus a multiple of one other thing and the model is small.
pub(super) fn along(
    solver: &Solver<'_>,
    model: &Model,
    part: &Reachable,
    (truth, range): (&Query, &ReturnRange),
    proxy: &Query,
) -> Option<Along> {
    if part.mdp.n_states() > MOST_STATES || solver.is_out_of_time() {
        return None;
    }
    let spec = between(model, truth, proxy)?;
    let request = Request { truth: Some(range), ..Request::default() };
    let family = Family::of(solver, &part.mdp, &spec.rewards(model, part), spec.ends.clone(), &request);
    let cliff = if family.is_complete { cliff(range, &family.pieces) } else { None };
    Some(Along { spec, family, cliff })
}

fn between(model: &Model, truth: &Query, proxy: &Query) -> Option<FamilySpec> {
    let (t, p) = (truth.linear.as_ref()?, proxy.linear.as_ref()?);
    let other = p.minus(t);
    let (name, c) = other.iter().next().filter(|_| other.len() == 1)?;
    if t.terms.contains_key(name) {
        return None;
    }
    let is_less = *c < RBig::ZERO;
    let end = Number::of(if is_less { -c } else { c.clone() });
    // A coefficient that no double holds has no range.
    if end.value <= 0.0 || !end.value.is_finite() {
        return None;
    }
    let factor = if name.is_empty() { "x".to_owned() } else { format!("x*{name}") };
    let text = format!("{} {} {factor}", t.text, if is_less { '-' } else { '+' });
    // A name that an expression cannot hold has no family.
    let linear = model.expression(&text).ok()?;
    Some(FamilySpec { linear, range: (0.0, end.value), ends: (Number::from(0.0), end) })
}

/// The largest fall between neighbours, if it is certainly a tenth of the return range and half of all that is lost.
fn cliff(truth: &ReturnRange, pieces: &[Piece]) -> Option<Cliff> {
    let worst = pieces.iter().map(|piece| piece.earned.map(|earned| earned.worst)).collect::<Option<Vec<_>>>()?;
    let fall = |w: &[Bounded]| w[0].lo - w[1].hi;
    let (before, drop) = worst.windows(2).map(fall).enumerate().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let most = worst.iter().fold(f64::NEG_INFINITY, |m, x| m.max(x.hi));
    let least = worst.iter().fold(f64::INFINITY, |m, x| m.min(x.lo));
    let found = Cliff { x: pieces[before + 1].from, before: worst[before], after: worst[before + 1] };
    (drop > 0.1 * truth.rho.hi && drop > 0.5 * (most - least)).then_some(found)
}
