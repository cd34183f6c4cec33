//! How far a policy has gone from the reference, measured on what they visit.

use super::{Maybe, Visits};
use crate::base::{Bounded, Grade, Interval};
use crate::model::Mdp;

/// Divergences of the occupancies `p` of a policy from those `q` of the reference.
#[derive(Clone, Debug)]
pub struct Divergences {
    /// `sum p^2 / q - 1` over pairs.
    pub chi2: Maybe<Bounded>,
    /// The same over states: what matters where rewards depend on states alone.
    pub chi2_state: Maybe<Bounded>,
    /// `sum p ln(p / q)` over pairs.
    pub kl: Maybe<Bounded>,
    /// `sum q ln(q / p)` over pairs.
    pub kl_reverse: Maybe<Bounded>,
    /// `1/2 sum |p - q|` over pairs.
    pub tv: Bounded,
    /// `E_p KL(pi(.|s) || pi_ref(.|s))`: the penalty of actions, between `(1 - gamma) kl` and `kl`.
    pub action_kl: Maybe<Bounded>,
}

/// All divergences of one policy. O(rows).
pub fn divergences(mdp: &Mdp, policy: &Visits, reference: &Visits) -> Divergences {
    let off = policy.row_off(reference).map(|row| off_support(mdp, row, "the policy", "the reference"));
    let state_off = (0..mdp.n_states()).find(|&s| policy.reached[s] && !reference.reached[s]);
    let state_off = state_off
        .map(|s| format!("infinite: the policy comes to state {}, where the reference never is", mdp.states().name(s)));
    let reverse_off = reference.row_off(policy).map(|row| off_support(mdp, row, "the reference", "the policy"));
    if policy.policy == reference.policy {
        // Known, though not from fractions: logarithms are none.
        let none = Bounded::exact(0.0).at_most(Grade::Certified);
        return Divergences {
            chi2: Ok(none),
            chi2_state: Ok(none),
            kl: Ok(none),
            kl_reverse: Ok(none),
            tv: none,
            action_kl: Ok(none),
        };
    }
    let defined = |off: &Option<String>, of: &dyn Fn() -> Bounded| off.clone().map_or_else(|| Ok(of()), Err);
    Divergences {
        chi2: defined(&off, &|| chi2(mdp, policy, reference)),
        chi2_state: defined(&state_off, &|| chi2_state(policy, reference)),
        kl: defined(&off, &|| kl(policy, reference)),
        kl_reverse: defined(&reverse_off, &|| kl(reference, policy)),
        tv: tv(policy, reference),
        action_kl: defined(&off, &|| action_kl(mdp, policy, reference)),
    }
}

fn off_support(mdp: &Mdp, row: usize, who: &str, not: &str) -> String {
    let (s, a) = (mdp.state(row), mdp.action(row));
    format!("infinite: {who} plays {} in state {}, which {not} never does", mdp.actions().name(a), mdp.states().name(s))
}

/// An estimate that is not negative, `error` to either side.
fn about(value: f64, error: f64) -> Bounded {
    let value = value.max(0.0);
    let x = Interval { lo: (value - error).max(0.0), hi: value + error };
    Bounded::around(value, x, Grade::Bounded)
}

/// Errors of two occupancies as they enter a divergence with these largest derivatives. Twice the first order covers the
/// rest as long as the error is a small part of every number divided by; else nothing is known above.
fn carried(p: &Visits, q: &Visits, by_p: f64, by_q: f64) -> f64 {
    /// Part of a divisor that an error may be.
    const SMALL: f64 = 0.1;
    let states = (0..q.occ_s.len()).filter(|&s| p.reached[s]);
    let least = states.fold(f64::INFINITY, |m, s| m.min(q.occ_s[s]));
    if p.error + q.error == 0.0 {
        return 0.0;
    }
    if q.error > SMALL * least || least == 0.0 {
        return f64::INFINITY;
    }
    2.0 * (p.error * by_p + q.error * by_q)
}

/// `mu_p / mu_q` at a row of the support of `q`.
pub(super) fn ratio(p: &Visits, q: &Visits, row: usize) -> f64 {
    p.occ_sa[row] / q.occ_sa[row]
}

/// `E_q (L - 1)^2`, which is `E_p L - 1` without its cancellation.
fn chi2(mdp: &Mdp, p: &Visits, q: &Visits) -> Bounded {
    let value = q.mean(|row| (ratio(p, q, row) - 1.0).powi(2));
    // The ratio of the actions is exact; a state's term is d_p^2 / d_q times the mean of that ratio.
    let (mut by_p, mut by_q) = (0.0f64, 0.0f64);
    for s in (0..p.occ_s.len()).filter(|&s| p.reached[s]) {
        let actions: f64 = p.policy.support(mdp, s).map(|(row, x)| x * x / q.policy.prob(s, row)).sum();
        let states = p.occ_s[s] / q.occ_s[s];
        by_p = by_p.max(2.0 * states * actions);
        by_q = by_q.max(states * states * actions);
    }
    about(value, carried(p, q, by_p, by_q))
}

fn chi2_state(p: &Visits, q: &Visits) -> Bounded {
    let states = || (0..q.occ_s.len()).filter(|&s| q.reached[s]);
    let ratio = |s: usize| p.occ_s[s] / q.occ_s[s];
    let value = states().map(|s| q.occ_s[s] * (ratio(s) - 1.0).powi(2)).sum();
    let largest = states().filter(|&s| p.reached[s]).fold(0.0, |m, s| f64::max(m, ratio(s)));
    about(value, carried(p, q, 2.0 * largest, largest * largest))
}

/// Summed as `p ln(p/q) - p + q`, whose terms are not negative.
fn kl(p: &Visits, q: &Visits) -> Bounded {
    let value = q.mean(|row| {
        let x = ratio(p, q, row);
        if x > 0.0 { x * x.ln() - x + 1.0 } else { 1.0 }
    });
    let error = p.error.max(f64::MIN_POSITIVE);
    // Below its error an occupancy contributes as if it were that error.
    let by_p = p.largest(|row| (p.occ_sa[row].max(error) / q.occ_sa[row]).ln()) + 2.0;
    let by_q = p.largest(|row| ratio(p, q, row));
    about(value, carried(p, q, by_p, by_q))
}

fn tv(p: &Visits, q: &Visits) -> Bounded {
    let value: f64 = p.occ_sa.iter().zip(&q.occ_sa).map(|(p, q)| (p - q).abs()).sum::<f64>() / 2.0;
    about(value.min(1.0), (p.error + q.error) / 2.0).clamped(0.0, 1.0)
}

fn action_kl(mdp: &Mdp, p: &Visits, q: &Visits) -> Bounded {
    let of = |s: usize| -> f64 {
        p.policy.support(mdp, s).map(|(row, x)| x * (x / q.policy.prob(s, row)).ln()).sum::<f64>().max(0.0)
    };
    let states = || (0..p.occ_s.len()).filter(|&s| p.reached[s]);
    let value = states().map(|s| p.occ_s[s] * of(s)).sum();
    about(value, p.error * states().fold(0.0, |m, s| f64::max(m, of(s))))
}
