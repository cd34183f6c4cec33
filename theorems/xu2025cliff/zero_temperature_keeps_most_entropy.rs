//! As the temperature falls a soft policy tends to the optimal one of most discounted entropy.

use crate::prelude::*;

theorem! {
    /// # As the temperature falls a soft policy tends to the optimal one of most discounted entropy
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$ and every reward $r$, let $h$ be the soft values at temperature 1 of the reward 0 where
    /// only actions optimal for $r$ may be played, and $\pi_0$ their soft policy, which has the most discounted entropy among
    /// optimal ones. For every $\tau > 0$ and optimal $(s,a)$, $|\ln \pi_\tau(a|s) - \ln \pi_0(a|s)| \le \delta / (1 -
    /// \gamma)$ with $\delta = \max_s \sum_{b \notin A^*(s)} \exp(-g(s,b)/\tau + \gamma (P h)(s,b) - h(s))$ and gaps $g$; this
    /// vanishes with $\tau$.
    ///
    /// ## How it is checked
    ///
    /// On intervals at low temperatures. Where the bound is below rounding the two sides are compared as equal.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "zero-temperature-keeps-most-entropy",
    claim: "as the temperature falls a soft policy tends to the optimal policy of most discounted entropy",
    paper: "xu2025cliff", "the limit of its soft policies; derived here with a rate",
    tags: ["soft", "ties"],
    kind: Bounds, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [two_futures],
    hypotheses: {
        /// Entropy is counted among optimal actions alone.
        among_optimal: among_optimal, Broken(without_among_optimal);
        /// Entropy of the future is discounted as rewards are.
        same_discount: same_discount, Broken(without_same_discount);
    }
}

fn stated(world: World, r: Vec<Q>, tau: Q, among: &'static str, gamma: Q) -> Case {
    let case = Case::new(world).reward("r", r).number("temperature", tau);
    case.choice("entropy among", among).number("discount of entropy", gamma)
}

fn drawn(draw: &mut Draw) -> (World, Vec<Q>, Q) {
    let world = draw.world(Size::small().states(1, 3).gammas(&["1/2", "9/10", "3/4"]));
    let r = draw.reward_with_tie("r", &world);
    (world, r, draw.number_of("temperature", &["1/10", "1/5", "1/20"]))
}

fn instance(draw: &mut Draw) -> Case {
    let (world, r, tau) = drawn(draw);
    let gamma = world.gamma.clone();
    stated(world, r, tau, "optimal actions", gamma)
}

/// Two optimal actions: after one there is a choice between two more, after the other there is none.
fn two_futures() -> Case {
    let world = World::moves("9/10", &[
        ("s", "x", "free"), ("s", "y", "bound"), ("s", "z", "bound"), ("free", "x", "end"), ("free", "y", "end"),
        ("bound", "x", "end"), ("end", "x", "end"),
    ]);
    let r = world.over_rows(&[("s", "z", "-1")]);
    stated(world, r, number("1/10"), "optimal actions", number("9/10"))
}

fn among_optimal(case: &Case) -> bool {
    case.chosen("entropy among") == "optimal actions"
}

fn without_among_optimal(draw: &mut Draw) -> Case {
    let (world, r, tau) = drawn(draw);
    let gamma = world.gamma.clone();
    stated(world, r, tau, "all actions", gamma)
}

fn same_discount(case: &Case) -> bool {
    *case.n("discount of entropy") == case.world.gamma
}

fn without_same_discount(draw: &mut Draw) -> Case {
    let (world, r, tau) = drawn(draw);
    stated(world, r, tau, "optimal actions", Q::ZERO)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r, tau) = (&case.world, case.r("r"), case.n("temperature"));
    let gap = world.optimum(&r).gap;
    let kept: Vec<usize> = (0..gap.len()).filter(|&row| gap[row].is_zero() || !among_optimal(case)).collect();
    let gamma = case.n("discount of entropy");
    let rows = kept.iter().map(|&row| world.row(row).clone()).collect();
    let entropy = World::new(gamma.clone(), world.mu0.clone(), rows).soft(&vec![Q::ZERO; kept.len()], &Q::ONE);
    let soft = world.soft(&r, tau);
    let leak = |row: usize| {
        let Some(exponent) = real(&-&gap[row]).checked_div(real(tau)) else { return Interval::point(0.0) };
        let row = world.row(row);
        let ahead = row.p.iter().zip(&entropy.v).fold(Interval::point(0.0), |sum, (p, &h)| sum + real(p) * h);
        (exponent + real(gamma) * ahead - entropy.v[row.s]).exp()
    };
    let worse = |s: usize| world.rows(s).filter(|&row| !gap[row].is_zero());
    let leaks = (0..world.n_states()).map(|s| worse(s).map(leak).fold(Interval::point(0.0), |sum, x| sum + x));
    let most = greatest(leaks) * real(&(Q::ONE / (Q::ONE - &world.gamma)));
    let optimal = kept.iter().zip(&entropy.log_pi).filter(|&(&row, _)| gap[row].is_zero());
    Finding::all(optimal.map(|(&row, limit)| {
        let away = (soft.log_pi[row] - *limit).abs();
        match Finding::at_most("distance of logarithms", &away, &most) {
            // Both are of the size of rounding: nothing is refuted, and equality decides.
            Finding::Undecided(why) => match Finding::equal("logarithm of the probability", &soft.log_pi[row], limit) {
                Finding::Holds => Finding::Holds,
                _ => Finding::Undecided(why),
            },
            decided => decided,
        }
    }))
}
