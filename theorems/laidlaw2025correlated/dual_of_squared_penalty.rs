//! Any values over states bound the objective with a squared penalty, and the clipped tilt attains the bound.

use crate::prelude::*;

theorem! {
    /// # The dual of the squared penalty
    ///
    /// ## Statement
    ///
    /// For $\eta > 0$, a reference $\pi_0$ of full support and every $V: S \to \mathbb{R}$, with $\delta = \tilde R +
    /// \gamma P V - V$ and $\varphi(u) = u + u^2 / 2\eta$ for $u \ge -\eta$, $-\eta / 2$ below, every policy satisfies
    /// $$\langle \tilde R, \mu_\pi \rangle - \tfrac{\eta}{2} \chi^2(\mu_\pi \| \mu_{\pi_0}) \le (1 - \gamma) \langle
    /// \mu_0, V \rangle + \sum \mu_{\pi_0} \varphi(\delta),$$ with equality if $\mu_\pi = \mu_{\pi_0} [1 + \delta /
    /// \eta]_+$.
    ///
    /// ## How it is checked
    ///
    /// In fractions. A policy and $V$ are drawn and the proxy is built for which the policy is the clipped tilt; the
    /// inequality is checked on another policy.
    ///
    /// ## Known limits
    ///
    /// Up to three states, all reachable.
    id: "dual-of-squared-penalty",
    claim: "values over states bound the objective with a squared penalty, and the clipped tilt attains them",
    paper: "laidlaw2025correlated", "derived here, on the objective of equation (5) with a squared penalty",
    tags: ["hacking", "chi2", "optimisation"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The reference plays every action. The divergence is summed over what it visits.
        full_support: full_support, Broken(without_full_support);
        /// The tilt is clipped at 0, and the dual is flat there.
        clipped: is_clipped, Broken(without_clipped);
    }
}

fn drawn(draw: &mut Draw, world: World, reference: Vec<Q>) -> Case {
    let (pi, other) = (draw.policy("pi", &world), draw.policy("other", &world));
    let (v, eta) = (draw.potential("v", &world), draw.positive("eta"));
    let (q, mu) = (world.measure(&reference), world.measure(&pi));
    let tilt = |draw: &mut Draw, row: usize| match (q[row].is_zero(), mu[row].is_zero()) {
        (true, _) => draw.number(("free", row)),
        (_, true) => -&eta - draw.number_of(("below", row), &["0", "1", "1/2"]),
        _ => &eta * (&mu[row] / &q[row] - Q::ONE),
    };
    let proxy = (0..q.len()).map(|row| tilt(draw, row) + &v[world.row(row).s] - &world.gamma * world.next(row, &v));
    let proxy = proxy.collect();
    let case = Case::new(world).policy("reference", reference).policy("pi", pi).policy("other", other);
    case.reward("proxy", proxy).vector("v", v).number("eta", eta)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).whole());
    let reference = draw.mixed_policy("reference", &world);
    drawn(draw, world, reference).choice("dual", "clipped")
}

fn full_support(case: &Case) -> bool {
    case.world.measure(case.pi("reference")).iter().all(|x| !x.is_zero())
}

fn without_full_support(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 2).whole());
    let reference = draw.policy("reference", &world);
    drawn(draw, world, reference).choice("dual", "clipped")
}

fn is_clipped(case: &Case) -> bool {
    case.chosen("dual") == "clipped"
}

fn without_clipped(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).whole());
    let reference = draw.mixed_policy("reference", &world);
    drawn(draw, world, reference).choice("dual", "quadratic everywhere")
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, proxy, v, eta) = (&case.world, case.r("proxy"), case.x("v"), case.n("eta"));
    let q = world.measure(case.pi("reference"));
    let two = Q::from(2u8);
    let phi = |u: &Q| match *u < -eta && is_clipped(case) {
        true => -eta / &two,
        false => u + u * u / (&two * eta),
    };
    let delta = |row: usize| &proxy[row] + &world.gamma * world.next(row, v) - &v[world.row(row).s];
    let tilted = total((0..q.len()).map(|row| &q[row] * phi(&delta(row))));
    let dual = (Q::ONE - &world.gamma) * dot(&world.mu0, v) + tilted;
    let primal = |name: &str| {
        let mu = world.measure(case.pi(name));
        dot(&mu, &proxy) - eta / &two * chi2(&mu, &q)
    };
    Finding::at_most("objective of another policy", &primal("other"), &dual)
        .and(Finding::equal("objective of the clipped tilt", &primal("pi"), &dual))
}
