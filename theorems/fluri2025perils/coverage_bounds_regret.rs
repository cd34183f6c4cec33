//! A small error on data that covers everything bounds the regret of what it is optimised to.

use crate::prelude::*;

theorem! {
    /// # Coverage gives safety
    ///
    /// ## Statement
    ///
    /// For every MDP with $J^* > J_{\min}$, every distribution $D$ over state-action pairs that is positive everywhere
    /// and every reward $\hat R$ with $\mathbb{E}_D |\hat R - R| \le \epsilon\, \mathrm{range}(R)$: every policy
    /// $\hat\pi$ that is optimal for $\hat R$ has $$\frac{J^* - J(\hat\pi)}{J^* - J_{\min}} \le \frac{\epsilon\,
    /// \mathrm{range}(R)}{\min D\; (J^* - J_{\min})}$$ with returns normalised by $1 - \gamma$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, with the smallest $\epsilon$ there is. Two arms and an error on the better one alone attain the
    /// bound.
    ///
    /// ## Known limits
    ///
    /// Up to three states. The constant is ours; the paper's proposition of this shape has its own.
    id: "coverage-bounds-regret",
    claim: "mean error over the least coverage bounds the regret of a policy that is optimal for the learnt reward",
    paper: "fluri2025perils", "derived here; the shape of the paper's positive result",
    tags: ["hacking", "reward-learning", "regret"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [two_arms],
    hypotheses: {
        /// The policy is optimal for the learnt reward.
        optimal: optimal, Broken(without_optimal);
        /// The data cover every pair. The least coverage is that of pairs in the data.
        covered: covered, Broken(without_covered);
        /// Returns are normalised as occupancies are.
        normalised_returns: normalised_returns, Broken(without_normalised_returns);
        /// The reward is not trivial.
        not_trivial: not_trivial, Redundant("without it regret is 0 over 0, and the undivided inequality still holds");
    }
}

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (r, noise) = (draw.reward("r", &world), draw.reward("learnt", &world));
    let learnt = combination(&r, &draw.number_of("size of noise", &["1/10", "0", "1"]), &noise);
    Case::new(world).reward("r", r).reward("learnt", learnt)
}

fn finished(case: Case, data: Vec<Q>, returns: &'static str) -> Case {
    let best = case.world.pure(&case.world.optimum(&case.r("learnt")).choice);
    case.vector("data", data).policy("pi", best).choice("returns", returns)
}

fn data(draw: &mut Draw, case: &Case) -> Vec<Q> {
    draw.mixture("data", (0, 0), case.world.n_rows())
}

fn instance(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let data = data(draw, &case);
    finished(case, data, "normalised")
}

fn two_arms() -> Case {
    let world = World::bandit(&["good", "bad"]);
    let r = world.over_rows(&[("prompt", "good", "1")]);
    let pi = world.playing(&[("prompt", "bad")]);
    Case::new(world)
        .reward("r", r)
        .reward("learnt", vec![Q::ZERO; 2])
        .vector("data", ["1/4", "3/4"].map(number).to_vec())
        .policy("pi", pi)
        .choice("returns", "normalised")
}

fn optimal(case: &Case) -> bool {
    let (world, learnt) = (&case.world, case.r("learnt"));
    world.j(case.pi("pi"), &learnt) == dot(&world.mu0, &world.optimum(&learnt).v)
}

fn without_optimal(draw: &mut Draw) -> Case {
    let mut case = instance(draw);
    let pi = draw.policy("pi", &case.world);
    case.policies.clear();
    case.policy("pi", pi)
}

fn covered(case: &Case) -> bool {
    case.x("data").iter().all(|x| !x.is_zero())
}

/// What is learnt is wrong mostly where there are no data.
fn without_covered(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let data = draw.distribution("data", (0, 0), world.n_rows(), 0);
    let (r, noise) = (draw.reward("r", &world), draw.reward("learnt", &world));
    let seen = draw.number_of("size of noise in the data", &["0", "1/10"]);
    let size = |row: usize| if data[row].is_zero() { Q::ONE } else { seen.clone() };
    let learnt = (0..world.n_rows()).map(|row| &r[row] + size(row) * &noise[row]).collect();
    finished(Case::new(world).reward("r", r).reward("learnt", learnt), data, "normalised")
}

fn normalised_returns(case: &Case) -> bool {
    case.chosen("returns") == "normalised" || case.world.gamma.is_zero()
}

fn without_normalised_returns(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (r, learnt) = (draw.reward("r", &world), draw.reward("learnt", &world));
    let case = Case::new(world).reward("r", r).reward("learnt", learnt);
    let data = data(draw, &case);
    finished(case, data, "sums")
}

fn not_trivial(case: &Case) -> bool {
    case.world.range(&case.r("r")) > Q::ZERO
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r, learnt, data) = (&case.world, case.r("r"), case.r("learnt"), case.x("data"));
    let error = dot(data, &minus(&learnt, &r).iter().map(abs).collect::<Vec<_>>());
    let least = data.iter().filter(|x| !x.is_zero()).min().expect("probabilities");
    let scale = if case.chosen("returns") == "sums" { Q::ONE } else { Q::ONE - &world.gamma };
    let lost = dot(&world.mu0, &world.optimum(&r).v) - world.j(case.pi("pi"), &r);
    let spread = world.range(&r);
    let bound = strength.constant(Q::ONE) * error / (least * scale * &spread);
    Finding::at_most("regret", &(lost / spread), &bound)
}
