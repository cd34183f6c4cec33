//! Returns differ by at most the reward's range times the total variation of occupancies.

use crate::prelude::*;

theorem! {
    /// # Returns differ by at most range times total variation of occupancies
    ///
    /// ## Statement
    ///
    /// For every MDP, reward $R$ and all policies $\pi$, $\pi'$,
    /// $$|J_R(\pi) - J_R(\pi')| \le (\max R - \min R)\, \mathrm{TV}(\mu_\pi, \mu_{\pi'})$$
    /// with returns and occupancies normalised by $1 - \gamma$. Equality for $R = 1\{\mu_\pi > \mu_{\pi'}\}$.
    ///
    /// ## How it is checked
    ///
    /// In fractions; half of the rewards are the extremal ones.
    ///
    /// ## Known limits
    ///
    /// Up to four states.
    id: "return-difference-by-total-variation",
    claim: "normalised returns differ by at most the reward's range times the total variation of occupancies",
    paper: "laidlaw2023occupancy", "Proposition 3.2 with its constant halved; derived here",
    tags: ["hacking", "occupancy"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [two_arms],
    hypotheses: {
        /// The distance is that of occupancies, not the mean distance of action choices.
        of_occupancies: of_occupancies, Broken(without_of_occupancies);
        /// Returns are normalised as the occupancies are.
        normalised_returns: normalised_returns, Broken(without_normalised_returns);
    }
}

fn drawn(draw: &mut Draw, distance: &'static str, returns: &'static str) -> Case {
    let world = draw.world(Size::small());
    let (pi, other) = (draw.policy("pi", &world), draw.policy("other", &world));
    let r = match draw.below("reward", 2) {
        0 => {
            let (mu, nu) = (world.measure(&pi), world.measure(&other));
            mu.iter().zip(&nu).map(|(x, y)| if x > y { Q::ONE } else { Q::ZERO }).collect()
        }
        _ => draw.reward("r", &world),
    };
    let case = Case::new(world).policy("pi", pi).policy("other", other).reward("r", r);
    case.choice("distance", distance).choice("returns", returns)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, "occupancies", "normalised")
}

fn two_arms() -> Case {
    let world = World::bandit(&["x", "y"]);
    let [pi, other] = ["x", "y"].map(|arm| world.playing(&[("prompt", arm)]));
    let r = world.over_rows(&[("prompt", "x", "1")]);
    let case = Case::new(world).policy("pi", pi).policy("other", other).reward("r", r);
    case.choice("distance", "occupancies").choice("returns", "normalised")
}

fn of_occupancies(case: &Case) -> bool {
    case.chosen("distance") == "occupancies"
}

fn without_of_occupancies(draw: &mut Draw) -> Case {
    drawn(draw, "mean of action choices", "normalised")
}

fn normalised_returns(case: &Case) -> bool {
    case.chosen("returns") == "normalised" || case.world.gamma.is_zero()
}

fn without_normalised_returns(draw: &mut Draw) -> Case {
    drawn(draw, "occupancies", "sums")
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r, pi, other) = (&case.world, case.r("r"), case.pi("pi"), case.pi("other"));
    let (mu, nu) = (world.measure(pi), world.measure(other));
    let visits = world.over_its_states(&mu);
    let of_state = |s: usize| &visits[s] * World::total_variation(&pi[world.rows(s)], &other[world.rows(s)]);
    let distance = match of_occupancies(case) {
        true => World::total_variation(&mu, &nu),
        false => total((0..world.n_states()).map(of_state)),
    };
    let scale = if case.chosen("returns") == "sums" { Q::ONE } else { Q::ONE - &world.gamma };
    let difference = abs(&(scale * (world.j(pi, &r) - world.j(other, &r))));
    let range = r.iter().max().expect("a row") - r.iter().min().expect("a row");
    Finding::at_most("difference of returns", &difference, &(strength.constant(Q::ONE) * range * distance))
}
