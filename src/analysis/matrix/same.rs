//! Which rewards are the same task, by a comparison that cannot be wrong.
//!
//! If `R2 - c R1 - (shaping)` is `e` with `c > 0`, then `|rho2 - c rho1| <= rho(e)`, and range STARC is at most
//! `2 rho(e) / rho2 <= 4 h max|e| / rho2`, with `h` the horizon. Scale and shaping come from the least-squares forms, but
//! the bound holds for any; it takes one pass over the model. Pairs it does not decide are decided by their solves.

use crate::analysis::canon::Canonical;
use crate::analysis::distance::range_distance;
use crate::analysis::returns::ReturnRange;
use crate::analysis::shaping::SAME;
use crate::base::sum::{UNIT, dot, max_abs};
use crate::model::Mdp;
use crate::solve::Solver;

/// Forms of length 1 that are farther apart than this are not looked at more closely: the distance that makes two rewards
/// the same task is a thousandth of it.
const LOOK: f64 = 1e-6;

/// Which rewards are the same task.
#[derive(Clone, Debug, Default)]
pub struct SameTask {
    /// Rewards that certainly order all policies alike, two and more together; each list and all of them in order.
    pub groups: Vec<Vec<usize>>,
    /// Pairs that look alike and are not certainly so.
    pub undecided: Vec<(usize, usize)>,
}

/// Groups of rewards connected by certain comparisons.
pub(super) fn same_task(solver: &Solver<'_>, ranges: &[ReturnRange], forms: Option<&[Canonical]>) -> SameTask {
    let n = ranges.len();
    let mut sets = Sets((0..n).collect());
    let trivial: Vec<usize> = (0..n).filter(|&i| ranges[i].is_trivial()).collect();
    trivial.windows(2).for_each(|w| sets.join(w[0], w[1]));
    let mut undecided = Vec::new();
    let live: Vec<usize> = (0..n).filter(|&i| !ranges[i].is_trivial()).collect();
    for (i, j) in candidates(&live, forms) {
        if sets.root(i) == sets.root(j) || solver.is_out_of_time() {
            continue;
        }
        let is_same = |bound: f64| bound <= SAME;
        let bound = forms.map_or(f64::INFINITY, |forms| bound(solver, [i, j].map(|k| (&ranges[k], &forms[k]))));
        if is_same(bound) {
            sets.join(i, j);
            continue;
        }
        let distance = range_distance(solver, &ranges[i], &ranges[j]);
        if is_same(distance.hi) {
            sets.join(i, j);
        } else if is_same(distance.lo) {
            undecided.push((i, j));
        }
    }
    undecided.retain(|&(i, j)| sets.root(i) != sets.root(j));
    SameTask { groups: sets.groups(), undecided }
}

/// Pairs whose forms, scaled to length 1, are close; all pairs if there are no forms. Forms are sorted by their product
/// with one fixed vector, which brings close ones close.
fn candidates(live: &[usize], forms: Option<&[Canonical]>) -> Vec<(usize, usize)> {
    let Some(forms) = forms else {
        return live.iter().enumerate().flat_map(|(k, &i)| live[k + 1..].iter().map(move |&j| (i, j))).collect();
    };
    let unit = |i: usize| -> Vec<f64> {
        let form = forms[i].form.base();
        // Scaled by the largest entry first, so that squares of 1e-200 do not vanish.
        let largest = max_abs(form).max(f64::MIN_POSITIVE);
        let length = form.iter().map(|x| (x / largest).powi(2)).sum::<f64>().sqrt();
        form.iter().map(|x| x / largest / length).collect()
    };
    let units: Vec<(usize, Vec<f64>)> = live.iter().map(|&i| (i, unit(i))).collect();
    // Entries between -1 and 1, so the product of two forms apart by `LOOK` differs by no more than that times the
    // vector's length.
    let length = units.first().map_or(0, |(_, x)| x.len());
    let fixed: Vec<f64> = (0..length).map(|k| (1.0 + k as f64).sqrt().sin()).collect();
    let window = LOOK * (length as f64).sqrt();
    let mut sorted: Vec<(f64, usize)> = units.iter().enumerate().map(|(k, (_, x))| (dot(x, &fixed), k)).collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut pairs = Vec::new();
    for (at, &(x, k)) in sorted.iter().enumerate() {
        for &(_, l) in sorted[at + 1..].iter().take_while(|(y, _)| y - x <= window) {
            let gap = units[k].1.iter().zip(&units[l].1).map(|(x, y)| (x - y).powi(2)).sum::<f64>().sqrt();
            if gap <= LOOK {
                let (i, j) = (units[k].0, units[l].0);
                pairs.push((i.min(j), i.max(j)));
            }
        }
    }
    pairs.sort_unstable();
    pairs
}

/// An upper bound on the range distance of two rewards from their forms.
fn bound(solver: &Solver<'_>, [x, y]: [(&ReturnRange, &Canonical); 2]) -> f64 {
    let mdp = solver.mdp();
    let (Some(px), Some(py)) = (&x.1.potential, &y.1.potential) else { return f64::INFINITY };
    let (fx, fy) = (x.1.form.base(), y.1.form.base());
    let unit = 1.0 / max_abs(fx).max(f64::MIN_POSITIVE);
    let ux: Vec<f64> = fx.iter().map(|v| v * unit).collect();
    let scale = unit * dot(&ux, fy) / dot(&ux, &ux);
    if scale.is_nan() || scale <= 0.0 {
        return f64::INFINITY;
    }
    let phi: Vec<f64> = px.iter().zip(py).map(|(x, y)| y - scale * x).collect();
    let rest = largest_rest(mdp, (&x.0.reward.r, scale), &y.0.reward.r, &phi) + scale * x.0.reward.err + y.0.reward.err;
    4.0 * solver.horizon().longest() * rest / y.0.rho.lo.max(0.0)
}

/// Largest `|r2 - c r1 - (Phi(s) - gamma P Phi)|` over rows, with its rounding.
fn largest_rest(mdp: &Mdp, (x, scale): (&[f64], f64), y: &[f64], phi: &[f64]) -> f64 {
    let mut largest = 0.0f64;
    let mut next = Vec::new();
    for s in 0..mdp.n_states() {
        for row in mdp.rows(s) {
            let (col, p) = mdp.p(row);
            next.clear();
            next.extend(col.iter().map(|&t| phi[t as usize]));
            let terms = [y[row], -scale * x[row], -phi[s], mdp.gamma() * dot(p, &next)];
            let size: f64 = terms.iter().map(|x| x.abs()).sum::<f64>() + max_abs(&next);
            // The dot product is compensated: two roundings; each term has two more, their sum three.
            largest = largest.max(terms.iter().sum::<f64>().abs() + 8.0 * UNIT * size);
        }
    }
    largest * (1.0 + 4.0 * UNIT)
}

/// Disjoint sets.
struct Sets(Vec<usize>);

impl Sets {
    fn root(&mut self, mut i: usize) -> usize {
        while self.0[i] != i {
            self.0[i] = self.0[self.0[i]];
            i = self.0[i];
        }
        i
    }

    fn join(&mut self, i: usize, j: usize) {
        let (i, j) = (self.root(i), self.root(j));
        // The smaller number is the root, so groups come out in order.
        self.0[i.max(j)] = i.min(j);
    }

    fn groups(mut self) -> Vec<Vec<usize>> {
        let n = self.0.len();
        let mut of_root: Vec<Vec<usize>> = vec![Vec::new(); n];
        (0..n).for_each(|i| of_root[self.root(i)].push(i));
        of_root.into_iter().filter(|group| group.len() > 1).collect()
    }
}
