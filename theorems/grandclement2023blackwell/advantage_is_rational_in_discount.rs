//! The advantage of an action has at most as many zeros in the discount as there are states.

use crate::prelude::*;

theorem! {
    /// # An advantage has at most as many zeros in the discount as there are states
    ///
    /// ## Statement
    ///
    /// For every MDP, reward, policy $\pi$ and pair $(s,a)$, with $X = \begin{pmatrix} I & r_\pi \\ e_s & r_{sa}\end{pmatrix}$,
    /// $Y = \begin{pmatrix} P_\pi & 0 \\ P_{sa} & 0\end{pmatrix}$: $\det(X - gY) = \det(I - gP_\pi)\,A^\pi_g(s,a)$ is a
    /// polynomial in $g$ of degree at most $|S|$. So $A^\pi_g(s,a)$, unless it vanishes for all $g$, has at most $|S|$ zeros
    /// in $(0,1)$.
    ///
    /// ## How it is checked
    ///
    /// In fractions: both determinants at $|S|+2$ discounts, and the divided difference of the left one over all of them,
    /// which is 0 exactly if its degree is at most $|S|$.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "advantage-is-rational-in-discount",
    claim: "for a fixed policy an advantage times a determinant is a polynomial in the discount of degree at most the number of states",
    paper: "grandclement2023blackwell", "zeros of advantages as eigenvalues of a pencil, derived here",
    tags: ["stability", "discount"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// One policy is kept for all discounts.
        fixed_policy: |case| case.chosen("policy") == "fixed", Broken(without_fixed_policy);
        /// The reward does not depend on the discount.
        fixed_reward: |case| case.chosen("reward") == "fixed", Broken(without_fixed_reward);
    }
}

fn drawn(draw: &mut Draw, policy: &'static str, reward: &'static str) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let r = draw.reward("r", &world);
    let pi = draw.policy("pi", &world);
    Case::new(world).reward("r", r).policy("pi", pi).choice("policy", policy).choice("reward", reward)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, "fixed", "fixed")
}

fn without_fixed_policy(draw: &mut Draw) -> Case {
    drawn(draw, "best for each discount", "fixed")
}

fn without_fixed_reward(draw: &mut Draw) -> Case {
    drawn(draw, "fixed", "paid a step late")
}

/// `[[I - g P_pi, r_pi], [e_s - g P_sa, r_sa]]`, or its upper left part where no row is named.
fn pencil(world: &World, pi: &[Q], r: &[Q], row: Option<usize>) -> Vec<Vec<Q>> {
    let n = world.n_states();
    let unit = |s: usize, t: usize| Q::from(u8::from(s == t));
    let line = |s: usize, weights: Vec<(usize, Q)>| {
        let left = |t: usize| weights.iter().fold(unit(s, t), |x, (row, w)| x - &world.gamma * w * &world.row(*row).p[t]);
        let mut line: Vec<Q> = (0..n).map(left).collect();
        if row.is_some() {
            line.push(weights.iter().fold(Q::ZERO, |sum, (row, w)| sum + w * &r[*row]));
        }
        line
    };
    let played = |s: usize| world.rows(s).map(|row| (row, pi[row].clone())).collect();
    let below = row.map(|row| line(world.row(row).s, vec![(row, Q::ONE)]));
    (0..n).map(|s| line(s, played(s))).chain(below).collect()
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, n) = (&case.world, case.world.n_states());
    let points: Vec<Q> = (0..n + 2).map(|i| fraction(i as i64, n as u64 + 2)).collect();
    let at = |g: &Q| {
        let world = world.discounted(g.clone());
        let r = match case.chosen("reward") {
            "fixed" => case.r("r"),
            _ => scaled(g, &case.r("r")),
        };
        let pi = match case.chosen("policy") {
            "fixed" => case.pi("pi").to_vec(),
            _ => world.pure(&world.optimum(&r).choice),
        };
        (world, r, pi)
    };
    let models: Vec<_> = points.iter().map(at).collect();
    Finding::all((0..world.n_rows()).map(|row| {
        let pencils: Vec<Q> =
            models.iter().map(|(world, r, pi)| determinant(pencil(world, pi, r, Some(row)))).collect();
        let products = models.iter().map(|(world, r, pi)| determinant(pencil(world, pi, r, None)) * &world.advantage(pi, r)[row]);
        Finding::all_equal("determinants", &pencils, &products.collect::<Vec<_>>())
            .and(Finding::equal("coefficient beyond the number of states", &divided_difference(&points, &pencils), &Q::ZERO))
    }))
}
