//! The best of `n` answers by the proxy: an exact distribution, ties and all.
//!
//! Where what is chosen changes nothing about what comes next, an answer is an action and its score the reward it brings.
//! The start policy is read as the law that answers are drawn from: its probabilities are exact. Shares of recorded answers
//! are not that law; what they say of it is a question of sampling, which is not asked here.

use super::curve::{Stage, Stages};
use super::{End, Setting};
use crate::model::{Mdp, Policy};

/// `ln n - (n - 1) / n`: the KL of the best of `n` from one draw where no two answers score alike, and at most this in
/// general.
pub fn kl_without_ties(n: u64) -> f64 {
    let n = n as f64;
    n.ln() - (n - 1.0) / n
}

/// `n^2 / (2n - 1) - 1`: the chi-squared of the best of `n` from one draw where scores have no atoms, and at most this in
/// general.
pub fn chi2_without_ties(n: u64) -> f64 {
    let n = n as f64;
    n * n / (2.0 * n - 1.0) - 1.0
}

/// Distribution of the best of `n` independent draws from `base` by `score`; among equals each is as likely as the base
/// has it. `O(k log k)`, with `P = F(s)^n - F(s-)^n` free of cancellation.
pub fn best_of_n(base: &[f64], score: &[f64], n: u64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..base.len()).filter(|&i| base[i] > 0.0).collect();
    order.sort_by(|&i, &j| score[i].total_cmp(&score[j]));
    let mut best = vec![0.0; base.len()];
    let (n, mut below) = (n as f64, 0.0f64);
    for equal in order.chunk_by(|&i, &j| score[i] == score[j]) {
        let mass: f64 = equal.iter().map(|&i| base[i]).sum();
        // (b + m)^n - b^n.
        let wins = match below {
            0.0 => mass.powf(n),
            b => b.powf(n) * (n * (mass / b).ln_1p()).exp_m1(),
        };
        equal.iter().for_each(|&i| best[i] = wins * base[i] / mass);
        below += mass;
    }
    // A base that misses 1 by rounding is that base divided by its sum.
    let total: f64 = best.iter().sum();
    if total > 0.0 {
        best.iter_mut().for_each(|x| *x /= total);
    }
    best
}

/// Scores with the same order as those of the proxy, which are known to `error`. Those that rounding may have set apart or
/// together are told apart by `then`, lowest first, or tie where it is 0.
fn ranks(score: &[f64], error: f64, then: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..score.len()).collect();
    order.sort_by(|&i, &j| score[i].total_cmp(&score[j]));
    let (mut ranks, mut rank) = (vec![0.0; score.len()], 0.0);
    for alike in order.chunk_by_mut(|&i, &j| score[j] - score[i] <= 2.0 * error) {
        alike.sort_by(|&i, &j| then(i).total_cmp(&then(j)));
        for equal in alike.chunk_by(|&i, &j| then(i) == then(j)) {
            rank += 1.0;
            equal.iter().for_each(|&i| ranks[i] = rank);
        }
    }
    ranks
}

/// Why the best of `n` actions is not the best of `n` answers on this model; `None` where it is.
pub fn reason_against(mdp: &Mdp) -> Option<String> {
    if mdp.gamma() == 0.0 {
        return None;
    }
    let ahead = |row| {
        let (col, p) = mdp.p(row);
        // Nothing is chosen and nothing earned after an end, so ends are all one.
        col.iter().zip(p).filter(|(t, _)| !mdp.is_terminal(**t as usize))
    };
    let differs = |s: usize| mdp.rows(s).skip(1).any(|row| !ahead(row).eq(ahead(mdp.rows(s).start)));
    let s = (0..mdp.n_states()).find(|&s| !mdp.is_terminal(s) && differs(s))?;
    Some(format!("what is chosen in `{}` decides where the episode goes next", mdp.states().name(s)))
}

/// One, two, four draws and so on.
pub(super) fn stages(setting: &Setting<'_>, most: u64) -> Result<Stages, String> {
    let solver = setting.solver;
    let mdp = solver.mdp();
    if let Some(why) = reason_against(mdp) {
        return Err(why);
    }
    let start: Vec<f64> =
        (0..mdp.n_states()).flat_map(|s| mdp.rows(s).map(move |row| setting.start.prob(s, row))).collect();
    let (proxy, truth) = (&setting.proxy.reward, &setting.truth.reward.r);
    // Where rounding hides whether answers tie, the truth lies between that of the unluckiest and the luckiest order.
    let policy = |n: u64, luck: f64| {
        let best = |s: usize| {
            let rows = mdp.rows(s);
            let then = |i: usize| luck * truth[rows.start + i];
            best_of_n(&start[rows.clone()], &ranks(&proxy.r[rows.clone()], proxy.err, then), n)
        };
        Policy::Stochastic((0..mdp.n_states()).flat_map(best).collect())
    };
    let stage = |n: u64| {
        let tied = policy(n, 0.0);
        let others = if proxy.err > 0.0 { vec![policy(n, -1.0), policy(n, 1.0)] } else { Vec::new() };
        let visits = setting.visits(&tied);
        Stage { others, ..Stage::of(n as f64, tied, visits) }
    };
    let mut stages = Vec::new();
    let mut n = 1;
    loop {
        stages.push(stage(n));
        if n >= most {
            return Ok(Stages { stages, end: End::Last });
        }
        if solver.is_out_of_time() {
            return Ok(Stages { stages, end: End::Limit });
        }
        n = n.saturating_mul(2).min(most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kl(p: &[f64], q: &[f64]) -> f64 {
        p.iter().zip(q).filter(|(p, _)| **p > 0.0).map(|(p, q)| p * (p / q).ln()).sum()
    }

    fn chi2(p: &[f64], q: &[f64]) -> f64 {
        p.iter().zip(q).map(|(p, q)| p * p / q).sum::<f64>() - 1.0
    }

    #[test]
    fn distinct_answers_come_close_to_the_formulas_from_below() {
        let even = |n: usize| vec![1.0 / n as f64; n];
        let climbing: Vec<f64> = (0..50).map(f64::from).collect();
        let found = kl(&best_of_n(&even(50), &climbing, 64), &even(50));
        assert!((found - 3.1088).abs() < 5e-5 && (kl_without_ties(64) - 3.1745).abs() < 5e-5, "{found}");
        let many: Vec<f64> = (0..1_000_000).map(f64::from).collect();
        let (base, best) = (even(many.len()), best_of_n(&even(many.len()), &many, 16));
        for (found, limit) in [(kl(&best, &base), kl_without_ties(16)), (chi2(&best, &base), chi2_without_ties(16))] {
            assert!(found <= limit + 1e-9 && limit - found < 1e-4 * limit, "{found} {limit}");
        }
    }

    #[test]
    fn answers_that_score_alike_are_not_moved() {
        let base = [0.2, 0.3, 0.5];
        let alike = best_of_n(&base, &[7.0; 3], 1000);
        base.iter().zip(&alike).for_each(|(x, y)| assert!((x - y).abs() < 1e-15));
        // The first of equals instead would be a point mass, with a KL of ln 5: ties have to be drawn.
        assert!(kl(&[1.0, 0.0, 0.0], &base) > 1.6);
    }

    #[test]
    fn nearly_equal_scores_are_not_equal_and_rounding_is_both() {
        // By a hair the second is better, and two draws take it three times in four.
        assert_eq!(best_of_n(&[0.5, 0.5], &[1.0, 1.0f64.next_up()], 2), [0.25, 0.75]);
        let scores = [1.0, 0.5, 1.0f64.next_up()];
        assert_eq!(ranks(&scores, 0.0, |_| 0.0), [2.0, 1.0, 3.0]);
        assert_eq!(ranks(&scores, 1e-15, |_| 0.0), [2.0, 1.0, 2.0]);
        assert_eq!(ranks(&scores, 1e-15, |i| i as f64), [2.0, 1.0, 3.0]);
        assert_eq!(ranks(&scores, 1e-15, |i| -(i as f64)), [3.0, 1.0, 2.0]);
    }

    #[test]
    fn a_million_draws_keep_their_digits() {
        // The second best of two answers of 1/2 wins with probability 2^-n; the best answer of 1e-6 with 1 - (1 - 1e-6)^n.
        let found = best_of_n(&[1e-6, 1.0 - 1e-6], &[1.0, 0.0], 1_000_000);
        assert!((found[0] - (1.0 - (-1.0000005f64).exp())).abs() < 1e-12, "{}", found[0]);
        assert_eq!(best_of_n(&[0.0, 1.0], &[1.0, 0.0], 8), [0.0, 1.0]);
    }
}
