//! A scale and a potential found in doubles, tried as fractions: one pass over a model that is too large to be solved in
//! fractions.

use dashu::rational::RBig;

use super::Link;
use crate::base::number::as_stored;
use crate::model::Mdp;
use crate::model::reward::ExpectedReward;

/// How far from the double the fraction is looked for, relative to the largest of its kind. It decides nothing: what is
/// found is checked without rounding.
const NEAR: f64 = 1e-9;

/// The simplest scale and potential near those found in doubles, if they turn `x` into `y` exactly. O(nnz) operations on
/// fractions; `None` where the model or a reward has none.
pub fn guess(mdp: &Mdp, x: &ExpectedReward, y: &ExpectedReward, scale: f64, potential: &[f64]) -> Option<Link> {
    let (model, rx, ry) = (mdp.fractions()?, x.fractions.as_ref()?, y.fractions.as_ref()?);
    let scale = simplest(scale, scale.abs())?;
    let largest = potential.iter().fold(0.0f64, |m, phi| m.max(phi.abs()));
    let at = |s: usize| if mdp.is_terminal(s) { Some(RBig::ZERO) } else { simplest(potential[s], largest) };
    let potential: Vec<RBig> = (0..mdp.n_states()).map(at).collect::<Option<_>>()?;
    let counts = |s: &usize| !mdp.is_terminal(*s) && (mdp.gamma() > 0.0 || mdp.mu0()[*s] > 0.0);
    let holds = (0..mdp.n_states()).filter(counts).all(|s| {
        mdp.rows(s).all(|row| {
            let next = mdp.p(row).0.iter().zip(&model.p[mdp.transitions(row)]);
            let arrival = next.fold(RBig::ZERO, |sum, (&t, p)| sum + p * &potential[t as usize]);
            ry[row] == &scale * &rx[row] + &model.gamma * arrival - &potential[s]
        })
    });
    (holds && scale != RBig::ZERO).then_some(Link { scale, potential })
}

fn simplest(x: f64, size: f64) -> Option<RBig> {
    if !x.is_finite() {
        return None;
    }
    let slack = NEAR * size.max(f64::MIN_POSITIVE);
    let (lo, hi) = (as_stored(x - slack), as_stored(x + slack));
    Some(if lo == hi { lo } else { RBig::simplest_in(lo, hi) })
}
