//! Whether policies that use some rows are optimal for another reward.

use serde::Serialize;

use crate::model::Mdp;

/// How many of some policies are optimal, from the start, for a reward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Agreement {
    /// All of them.
    All,
    /// Some of them, not all.
    Some,
    /// None.
    None,
}

/// Of the policies that use only rows of `used`: how many use, wherever they get from the start, only rows of `wanted`.
///
/// With `used` all optimal rows of a proxy and `wanted` all optimal rows of a truth this decides whether proxy-optimal
/// policies are truth-optimal from the start, without a number: a policy's return falls short of the optimum by the sum
/// over visited states of visits times gap. What it would do where it never gets does not count. O(nnz) for `All`, for the
/// rest O(nnz S) at worst.
pub fn agreement(mdp: &Mdp, used: &[bool], wanted: &[bool]) -> Agreement {
    let visited = visited(mdp, used);
    let mut at_visited = (0..mdp.n_states()).filter(|&s| visited[s] && !mdp.is_terminal(s));
    if at_visited.all(|s| mdp.rows(s).all(|row| !used[row] || wanted[row])) {
        return Agreement::All;
    }
    let good = closed(mdp, |row| used[row] && wanted[row]);
    if starts(mdp).all(|s| good[s]) { Agreement::Some } else { Agreement::None }
}

/// States with positive probability at the start.
pub(crate) fn starts(mdp: &Mdp) -> impl Iterator<Item = usize> + '_ {
    mdp.mu0().iter().enumerate().filter(|(_, m)| **m > 0.0).map(|(s, _)| s)
}

/// Next states of a row that count: none without a discount above 0.
pub(crate) fn next(mdp: &Mdp, row: usize) -> impl Iterator<Item = usize> + '_ {
    let (col, p) = mdp.p(row);
    let counts = mdp.gamma() > 0.0;
    col.iter().zip(p).filter(move |(_, p)| counts && **p > 0.0).map(|(&t, _)| t as usize)
}

/// States that policies with these rows visit from the start.
pub fn visited(mdp: &Mdp, used: &[bool]) -> Vec<bool> {
    let mut seen = vec![false; mdp.n_states()];
    let mut open: Vec<usize> = starts(mdp).collect();
    open.iter().for_each(|&s| seen[s] = true);
    while let Some(s) = open.pop() {
        for row in mdp.rows(s).filter(|&row| used[row]) {
            for t in next(mdp, row) {
                if !std::mem::replace(&mut seen[t], true) {
                    open.push(t);
                }
            }
        }
    }
    seen
}

/// The largest set of states each of which has a row that may be used and does not leave the set.
fn closed(mdp: &Mdp, may_use: impl Fn(usize) -> bool) -> Vec<bool> {
    let mut inside = vec![true; mdp.n_states()];
    loop {
        let stays =
            |s: usize| mdp.is_terminal(s) || mdp.rows(s).any(|row| may_use(row) && next(mdp, row).all(|t| inside[t]));
        let leaving: Vec<usize> = (0..mdp.n_states()).filter(|&s| inside[s] && !stays(s)).collect();
        if leaving.is_empty() {
            return inside;
        }
        leaving.into_iter().for_each(|s| inside[s] = false);
    }
}
