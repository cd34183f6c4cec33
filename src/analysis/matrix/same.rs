//! Which rewards are the same task.
//!
//! Pairs whose least-squares forms are certainly apart are different. The others are compared in fractions where the model
//! is small enough; beyond, a distance above 0 tells them apart, a scale and a potential that hold exactly make them one
//! task, and what neither shows is undecided.

use std::sync::OnceLock;

use crate::analysis::canon::Canonical;
use crate::analysis::distance::range_distance;
use crate::analysis::order::{Form, guess};
use crate::analysis::returns::ReturnRange;
use crate::base::sum::{dot, max_abs};
use crate::base::{Decision, Doubt};
use crate::solve::Solver;

/// Forms of length 1 that are farther apart than this, errors of the forms counted, are not looked at more closely.
const LOOK: f64 = 1e-6;

/// Which rewards are the same task.
#[derive(Clone, Debug, Default)]
pub struct SameTask {
    /// Rewards that certainly order all policies alike, two and more together; each list and all of them in order.
    pub groups: Vec<Vec<usize>>,
    /// Pairs of which it is not decided.
    pub undecided: Vec<(usize, usize)>,
    /// Why the first of them is not.
    pub doubt: Option<Doubt>,
}

/// Groups of rewards connected by certain comparisons.
pub(super) fn same_task(solver: &Solver<'_>, ranges: &[ReturnRange], forms: Option<&[Canonical]>) -> SameTask {
    let n = ranges.len();
    let mut sets = Sets((0..n).collect());
    let trivial: Vec<usize> = (0..n).filter(|&i| ranges[i].is_trivial()).collect();
    trivial.windows(2).for_each(|w| sets.join(w[0], w[1]));
    let mut undecided: Vec<(usize, usize, Doubt)> = Vec::new();
    let live: Vec<usize> = (0..n).filter(|&i| !ranges[i].is_trivial()).collect();
    let exact: Vec<OnceLock<Result<Form, Doubt>>> = (0..n).map(|_| OnceLock::new()).collect();
    let form = |i: usize| exact[i].get_or_init(|| Form::new(solver, &ranges[i].reward)).as_ref().map_err(Doubt::clone);
    let decide = |i: usize, j: usize| {
        if let (Ok(x), Ok(y)) = (form(i), form(j)) {
            return Decision::exact(x.direction() == y.direction());
        }
        if solver.is_out_of_time() {
            return Decision::Undecided(Doubt::Limit);
        }
        let distance = range_distance(solver, &ranges[i], &ranges[j]);
        let doubt = || form(i).err().or_else(|| form(j).err()).unwrap_or(Doubt::Limit);
        let different = Decision::is_positive(distance, doubt);
        different.not().or_else(|| match forms.and_then(|forms| linked(solver, ranges, forms, i, j)) {
            Some(is_same) => Decision::exact(is_same),
            None => Decision::Undecided(doubt()),
        })
    };
    for (i, j) in candidates(&live, forms) {
        if sets.root(i) == sets.root(j) {
            continue;
        }
        match decide(i, j) {
            Decision::Yes(_) => sets.join(i, j),
            Decision::No(_) => {}
            Decision::Undecided(doubt) => undecided.push((i, j, doubt)),
        }
    }
    // A reward that may be trivial beside those that are.
    if let Some(&first) = trivial.first() {
        let may_be = live.iter().filter_map(|&i| match &ranges[i].trivial {
            Decision::Undecided(doubt) => Some((first.min(i), first.max(i), doubt.clone())),
            _ => None,
        });
        undecided.extend(may_be);
    }
    undecided.retain(|&(i, j, _)| sets.root(i) != sets.root(j));
    let doubt = undecided.first().map(|(_, _, doubt)| doubt.clone());
    SameTask { groups: sets.groups(), undecided: undecided.into_iter().map(|(i, j, _)| (i, j)).collect(), doubt }
}

/// Whether the scale and the potential between two forms, made simple fractions, hold exactly; `None` if they do not.
fn linked(solver: &Solver<'_>, ranges: &[ReturnRange], forms: &[Canonical], i: usize, j: usize) -> Option<bool> {
    let (x, y) = (&forms[i], &forms[j]);
    let (fx, fy) = (x.form.base(), y.form.base());
    let unit = 1.0 / max_abs(fx).max(f64::MIN_POSITIVE);
    let ux: Vec<f64> = fx.iter().map(|v| v * unit).collect();
    let scale = unit * dot(&ux, fy) / dot(&ux, &ux);
    let (px, py) = (x.potential.as_ref()?, y.potential.as_ref()?);
    let phi: Vec<f64> = px.iter().zip(py).map(|(x, y)| scale * x - y).collect();
    guess(solver.mdp(), &ranges[i].reward, &ranges[j].reward, scale, &phi).map(|link| link.scale > Default::default())
}

/// Pairs whose forms, scaled to length 1, may be close; all pairs if there are no forms. Forms are sorted by their product
/// with one fixed vector, which brings close ones close.
fn candidates(live: &[usize], forms: Option<&[Canonical]>) -> Vec<(usize, usize)> {
    let Some(forms) = forms else {
        return live.iter().enumerate().flat_map(|(k, &i)| live[k + 1..].iter().map(move |&j| (i, j))).collect();
    };
    // A form of length 1, and how far it may be from the true one.
    let unit = |i: usize| -> (Vec<f64>, f64) {
        let form = forms[i].form.base();
        // Scaled by the largest entry first, so that squares of 1e-200 do not vanish.
        let largest = max_abs(form).max(f64::MIN_POSITIVE);
        let length = form.iter().map(|x| (x / largest).powi(2)).sum::<f64>().sqrt();
        if length == 0.0 {
            // Too small to be seen in doubles: it may point anywhere.
            return (vec![0.0; form.len()], 2.0);
        }
        let slack = 2.0 * forms[i].err * (form.len() as f64).sqrt() / (largest * length);
        (form.iter().map(|x| x / largest / length).collect(), if slack.is_finite() { slack } else { 2.0 })
    };
    let units: Vec<(usize, Vec<f64>, f64)> = live.iter().map(|&i| (i, unit(i))).map(|(i, (x, e))| (i, x, e)).collect();
    let slack = units.iter().fold(0.0f64, |m, (_, _, e)| m.max(*e));
    // Entries between -1 and 1, so the product of two forms apart by `LOOK` differs by no more than that times the
    // vector's length.
    let length = units.first().map_or(0, |(_, x, _)| x.len());
    let fixed: Vec<f64> = (0..length).map(|k| (1.0 + k as f64).sqrt().sin()).collect();
    let window = (LOOK + 2.0 * slack) * (length as f64).sqrt();
    let mut sorted: Vec<(f64, usize)> = units.iter().enumerate().map(|(k, (_, x, _))| (dot(x, &fixed), k)).collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut pairs = Vec::new();
    for (at, &(x, k)) in sorted.iter().enumerate() {
        for &(_, l) in sorted[at + 1..].iter().take_while(|(y, _)| y - x <= window) {
            let gap = units[k].1.iter().zip(&units[l].1).map(|(x, y)| (x - y).powi(2)).sum::<f64>().sqrt();
            if gap <= LOOK + units[k].2 + units[l].2 {
                let (i, j) = (units[k].0, units[l].0);
                pairs.push((i.min(j), i.max(j)));
            }
        }
    }
    pairs.sort_unstable();
    pairs
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
