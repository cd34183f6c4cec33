//! With many bad policies that share nothing, every data distribution misses one.

use crate::prelude::*;

theorem! {
    /// # With many disjoint bad policies every data distribution is unsafe
    ///
    /// ## Statement
    ///
    /// For every MDP, reward $R$, distribution $D$ and $n$ policies whose occupancies have pairwise disjoint supports
    /// there is a reward $\hat R$ with $\mathbb{E}_D |\hat R - R| \le \frac1n \mathrm{range}(R)$ for which one of the
    /// $n$ is optimal. So if all of them have regret at least $L$, no data make mean error $\frac1n$ safe below $L$.
    ///
    /// ## How it is checked
    ///
    /// In fractions: the policy least covered is chosen, the reward raised where it goes.
    ///
    /// ## Known limits
    ///
    /// Up to three states and six actions; the policies are those that always play one action.
    id: "every-distribution-is-unsafe",
    claim: "of n policies with disjoint supports one is optimal for a reward of mean error at most 1/n",
    paper: "fluri2025perils", "derived here; the shape of the paper's negative result",
    tags: ["hacking", "reward-learning", "regret"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [four_bad_arms],
    hypotheses: {
        /// The policies visit no pair in common.
        disjoint: disjoint, Broken(without_disjoint);
    }
}

fn case(draw: &mut Draw, world: World, policies: Vec<Vec<Q>>) -> Case {
    let (r, data) = (draw.reward("r", &world), draw.mixture("data", (0, 0), world.n_rows()));
    Case::new(world).listing(policies).reward("r", r).vector("data", data)
}

fn constant_policies(world: &World) -> Vec<Vec<Q>> {
    let n = world.rows(0).len();
    let playing = |a: usize| (0..world.n_states()).map(|s| world.rows(s).start + a).collect::<Vec<_>>();
    (0..n).map(|a| world.pure(&playing(a))).collect()
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).actions(2, 5));
    let policies = constant_policies(&world);
    case(draw, world, policies)
}

/// All data on the bad arms, alike: each has a quarter.
fn four_bad_arms() -> Case {
    let world = World::bandit(&["good", "b1", "b2", "b3", "b4"]);
    let r = world.over_rows(&[("prompt", "good", "1")]);
    let policies = constant_policies(&world).split_off(1);
    let data = ["0", "1/4", "1/4", "1/4", "1/4"].map(number).to_vec();
    Case::new(world).listing(policies).reward("r", r).vector("data", data)
}

fn disjoint(case: &Case) -> bool {
    let points = case.listed();
    (0..case.world.n_rows()).all(|row| points.iter().filter(|mu| !mu[row].is_zero()).count() <= 1)
}

fn without_disjoint(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 2));
    let n = draw.between("policies", 2, 4);
    let policies = (0..n).map(|i| draw.policy(["p0", "p1", "p2", "p3"][i], &world)).collect();
    case(draw, world, policies)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r, data, points) = (&case.world, case.r("r"), case.x("data"), case.listed());
    let most = r.iter().max().expect("a row");
    let allowed = strength.constant(fraction(1, points.len() as u64)) * (most - r.iter().min().expect("a row"));
    let attempt = |mu: &Vec<Q>| {
        let raised: Vec<Q> = r.iter().zip(mu).map(|(r, mu)| if mu.is_zero() { r } else { most }.clone()).collect();
        let best = (Q::ONE - &world.gamma) * dot(&world.mu0, &world.optimum(&raised).v);
        (dot(data, &minus(&raised, &r)), dot(mu, &raised) == best)
    };
    let least = points.iter().map(attempt).filter(|(_, is_best)| *is_best).map(|(error, _)| error).min();
    match least {
        Some(error) => Finding::at_most("least mean error", &error, &allowed),
        None => Finding::Fails("no listed policy is optimal for the reward raised for it".into()),
    }
}
