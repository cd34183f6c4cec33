//! Where data hardly cover a bad policy, a reward that fits them well is optimised by it.

use crate::prelude::*;

theorem! {
    /// # Low coverage is unsafe
    ///
    /// ## Statement
    ///
    /// For every MDP, reward $R$, distribution $D$ over state-action pairs and policy $\hat\pi$ with
    /// $D(\mathrm{supp}\, \mu_{\hat\pi}) < \epsilon$, the reward that is $\max R$ where $\hat\pi$ goes and $R$
    /// elsewhere has $\mathbb{E}_D |\hat R - R| \le \epsilon\, \mathrm{range}(R)$, and $\hat\pi$ is optimal for it,
    /// whatever its regret.
    ///
    /// ## How it is checked
    ///
    /// In fractions: the reward is built, its error summed and its optimum found by policy iteration.
    ///
    /// ## Known limits
    ///
    /// Up to three states. The worse policies tie with it where they earn the maximum too.
    id: "low-coverage-is-unsafe",
    claim: "a policy the data hardly cover is optimal for some reward that fits the data",
    paper: "fluri2025perils", "derived here; the construction behind the paper's negative results",
    tags: ["hacking", "reward-learning", "regret"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [worst_arm],
    hypotheses: {
        /// The data hardly cover the policy.
        low_coverage: low_coverage, Broken(without_low_coverage);
        /// The reward is raised to its maximum wherever the policy goes.
        raised_everywhere: raised_everywhere, Broken(without_raised_everywhere);
    }
}

fn drawn(draw: &mut Draw, epsilon: &[&str], raised: &'static str) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (r, pi) = (draw.reward("r", &world), draw.policy("pi", &world));
    let data = draw.mixture("data", (0, 0), world.n_rows());
    let epsilon = draw.number_of("epsilon", epsilon);
    Case::new(world).reward("r", r).policy("pi", pi).vector("data", data).number("epsilon", epsilon).choice("raised", raised)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, &["3/4", "1/2", "9/10", "1/3"], "everywhere")
}

fn worst_arm() -> Case {
    let world = World::bandit(&["good", "bad"]);
    let r = world.over_rows(&[("prompt", "good", "1")]);
    let pi = world.playing(&[("prompt", "bad")]);
    let data = ["501/1000", "499/1000"].map(number).to_vec();
    let case = Case::new(world).reward("r", r).policy("pi", pi).vector("data", data);
    case.number("epsilon", number("1/2")).choice("raised", "everywhere")
}

fn support(case: &Case) -> Vec<bool> {
    case.world.measure(case.pi("pi")).iter().map(|x| !x.is_zero()).collect()
}

fn low_coverage(case: &Case) -> bool {
    let covered = case.x("data").iter().zip(support(case)).filter(|(_, is_visited)| *is_visited);
    total(covered.map(|(x, _)| x)) < *case.n("epsilon")
}

fn without_low_coverage(draw: &mut Draw) -> Case {
    drawn(draw, &["1/10", "1/100"], "everywhere")
}

fn raised_everywhere(case: &Case) -> bool {
    case.chosen("raised") == "everywhere"
}

fn without_raised_everywhere(draw: &mut Draw) -> Case {
    drawn(draw, &["1", "9/10"], "at the first pair")
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r) = (&case.world, case.r("r"));
    let (most, least) = (r.iter().max().expect("a row"), r.iter().min().expect("a row"));
    let mut raised = r.clone();
    for (row, is_visited) in support(case).into_iter().enumerate() {
        if is_visited {
            raised[row] = most.clone();
            if !raised_everywhere(case) {
                break;
            }
        }
    }
    let error = dot(case.x("data"), &minus(&raised, &r));
    let allowed = strength.constant(Q::ONE) * case.n("epsilon") * (most - least);
    let best = dot(&world.mu0, &world.optimum(&raised).v);
    Finding::at_most("mean error", &error, &allowed)
        .and(Finding::equal("best return of the raised reward", &world.j(case.pi("pi"), &raised), &best))
}
