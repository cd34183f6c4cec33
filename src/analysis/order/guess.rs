//! A scale and a potential found in doubles, tried as fractions: one pass over a model that is too large to be solved in
//! fractions.

use dashu_ratio::RBig;

use super::Link;
use crate::base::number::as_stored;
use crate::base::sum;
use crate::model::Mdp;
use crate::model::reward::ExpectedReward;

/// How far from the double the fraction is looked for, relative to the largest of its kind. It decides nothing: what is
/// found is checked without rounding.
const NEAR: f64 = 1e-9;

/// The simplest scale and potential near those found in doubles, if they turn `x` into `y` exactly. The errors of the
/// potential may be of the size of the rewards or of its own: both are tried. O(nnz) operations on fractions each; `None`
/// where the model or a reward has none.
pub fn guess(mdp: &Mdp, x: &ExpectedReward, y: &ExpectedReward, scale: f64, potential: &[f64]) -> Option<Link> {
    let own = sum::max_abs(potential);
    let scale = simplest(scale, scale.abs())?;
    [sum::max_abs(&y.r).max(own), own].into_iter().find_map(|size| {
        let at = |s: usize| if mdp.is_terminal(s) { Some(RBig::ZERO) } else { simplest(potential[s], size) };
        let potential = (0..mdp.n_states()).map(at).collect::<Option<_>>()?;
        let link = Link { scale: scale.clone(), potential };
        holds(mdp, x, y, &link)?.then_some(link)
    })
}

/// Whether `y = scale x + gamma P potential - potential` wherever a return can feel it, without rounding.
fn holds(mdp: &Mdp, x: &ExpectedReward, y: &ExpectedReward, link: &Link) -> Option<bool> {
    let (model, rx, ry) = (mdp.fractions()?, x.fractions.as_ref()?, y.fractions.as_ref()?);
    let counts = |s: &usize| !mdp.is_terminal(*s) && (mdp.gamma() > 0.0 || mdp.mu0()[*s] > 0.0);
    let holds_at = |s: usize, row: usize| {
        let next = mdp.p(row).0.iter().zip(&model.p[mdp.transitions(row)]);
        let arrival = next.fold(RBig::ZERO, |sum, (&t, p)| sum + p * &link.potential[t as usize]);
        ry[row] == &link.scale * &rx[row] + &model.gamma * arrival - &link.potential[s]
    };
    let all = (0..mdp.n_states()).filter(counts).all(|s| mdp.rows(s).all(|row| holds_at(s, row)));
    Some(all && link.scale != RBig::ZERO)
}

fn simplest(x: f64, size: f64) -> Option<RBig> {
    if !x.is_finite() {
        return None;
    }
    let slack = NEAR * size.max(f64::MIN_POSITIVE);
    let (lo, hi) = (as_stored(x - slack), as_stored(x + slack));
    Some(if lo == hi { lo } else { RBig::simplest_in(lo, hi) })
}
