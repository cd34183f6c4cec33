//! A soft policy leaves the optimal action with a probability that is exponential in the gap.

use crate::prelude::*;

theorem! {
    /// # A soft policy leaves the optimal action with a probability that is exponential in the gap
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$, every reward with one optimal action $a^*$ in $s$, gap $g$ of the next best one, and
    /// every $\tau > 0$: $1 - \pi_\tau(a^*|s) \le (|A(s)| - 1) \exp(-(g - \gamma \tau \ln |A| / (1 - \gamma)) / \tau)$ with
    /// $|A|$ the largest number of actions of a state. The allowance says that entropy ahead can outweigh the gap.
    ///
    /// ## How it is checked
    ///
    /// Soft policies are enclosed by one soft backup on intervals.
    ///
    /// ## Known limits
    ///
    /// Up to three states; it says something only where the gap exceeds the allowance.
    id: "soft-policy-errs-exponentially-little",
    claim: "the probability of sub-optimal actions falls exponentially with the gap over the temperature",
    paper: "xu2025cliff", "for its soft policies; as restated and derived here",
    tags: ["soft", "stability"],
    kind: Bounds, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [free_or_bound],
    hypotheses: {
        /// The gap is reduced by the entropy that may lie ahead.
        allows_entropy: allows_entropy, Broken(without_allows_entropy);
        /// The optimal action is unique in every state.
        unique: unique, Broken(without_unique);
    }
}

fn stated(world: World, r: Vec<Q>, tau: Q, allowance: Q) -> Case {
    Case::new(world).reward("r", r).number("temperature", tau).number("part of the entropy allowed", allowance)
}

fn tau(draw: &mut Draw) -> Q {
    draw.number_of("temperature", &["1", "1/2", "1/4"])
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).gammas(&["1/2", "0", "3/10"]));
    let (r, tau) = (draw.reward_without_tie("r", &world), tau(draw));
    stated(world, r, tau, Q::ONE)
}

/// The optimal action leads to where nothing is left to choose, the other to a choice among three.
fn futures(gamma: Q, gap: Q) -> (World, Vec<Q>) {
    let moves = [
        ("s", "x", "bound"),
        ("s", "y", "free"),
        ("bound", "x", "end"),
        ("free", "x", "end"),
        ("free", "y", "end"),
        ("free", "z", "end"),
        ("end", "x", "end"),
    ];
    let world = World::moves("0", &moves).discounted(gamma);
    let mut r = world.over_rows(&[("free", "y", "-1/100"), ("free", "z", "-1/100")]);
    r[0] = gap;
    (world, r)
}

fn free_or_bound() -> Case {
    let (world, r) = futures(number("1/2"), number("2"));
    stated(world, r, Q::ONE, Q::ONE)
}

fn allows_entropy(case: &Case) -> bool {
    *case.n("part of the entropy allowed") == Q::ONE
}

fn without_allows_entropy(draw: &mut Draw) -> Case {
    let (gamma, gap) = (draw.number_of("gamma", &["1/2", "9/10"]), draw.positive("gap"));
    let (world, r) = futures(gamma, gap);
    let tau = tau(draw);
    stated(world, r, tau, Q::ZERO)
}

fn unique(case: &Case) -> bool {
    !case.world.optimum(&case.r("r")).has_tie(&case.world)
}

fn without_unique(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).gammas(&["1/2", "0"]));
    let (r, tau) = (draw.reward_with_tie("r", &world), tau(draw));
    stated(world, r, tau, Q::ONE)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r, tau) = (&case.world, case.r("r"), case.n("temperature"));
    let (optimum, soft) = (world.optimum(&r), world.soft(&r, tau));
    let actions = (0..world.n_states()).map(|s| world.rows(s).len()).max().unwrap_or(1);
    let factor = case.n("part of the entropy allowed") * &world.gamma / (Q::ONE - &world.gamma);
    let allowed = real(&factor) * Interval::point(actions as f64).ln();
    Finding::all((0..world.n_states()).filter(|&s| world.rows(s).len() > 1).map(|s| {
        let others = || world.rows(s).filter(|row| *row != optimum.choice[s]);
        let wrong = others().fold(Interval::point(0.0), |sum, row| sum + soft.pi[row]);
        // The least gap among tied actions too is that of the next best one that is worse.
        let gap = others().map(|row| &optimum.gap[row]).filter(|gap| !gap.is_zero()).min().cloned().unwrap_or(Q::ONE);
        let most = (allowed - real(&(gap / tau))).exp().scale(others().count() as f64);
        Finding::at_most("probability of other actions", &wrong, &most)
    }))
}
