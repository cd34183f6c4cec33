//! A tie broken by any amount can cost a fixed amount under another reward.

use crate::prelude::*;

theorem! {
    /// # A tie broken by any amount can cost a fixed amount under another reward
    ///
    /// ## Statement
    ///
    /// On the fork, where $h$ and $k$ lead to states that pay alike for ever and the true reward is less by $L$ in the state
    /// behind $k$: for every $\delta > 0$ added to $k$, every policy that is optimal for the reward of training has a true
    /// return that is lower than that of $h$ by $\gamma L / (1 - \gamma)$, whatever $\delta$ is.
    ///
    /// ## How it is checked
    ///
    /// In fractions. At $\gamma = 0.9$ and $L = 5$ the return falls from 9 to -36. The library's
    /// values and visits of the other policy are held against them, too.
    ///
    /// ## Known limits
    ///
    /// One small model: it shows that the map from rewards to true returns has jumps of any height.
    id: "broken-tie-costs-the-true-return",
    claim: "an arbitrarily small change of the trained reward lowers the true return by a fixed amount",
    paper: "xu2025cliff", "an example derived here for Propositions 2.9 and 3.1",
    tags: ["stability", "ties", "misspecification"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [nine_to_minus_thirty_six],
    hypotheses: {
        /// The two actions tie before the change.
        tied: tied, Broken(without_tied);
        /// The change favours the action with the worse future.
        favours_worse: favours_worse, Broken(without_favours_worse);
    }
}

/// `ahead` is what `h` is paid more than `k` before the change.
fn stated(gamma: Q, loss: Q, ahead: Q, delta: Q) -> Case {
    let world = World::fork("0").discounted(gamma);
    let mut train = world.over_rows(&[("s1", "stay", "1"), ("s2", "stay", "1")]);
    train[0] = ahead;
    Case::new(world).reward("train", train).number("loss", loss).number("delta", delta)
}

fn drawn(draw: &mut Draw, ahead: Q, deltas: &[&str]) -> Case {
    let (gamma, loss) = (draw.number_of("gamma", &["9/10", "1/2", "99/100"]), draw.positive("loss"));
    let delta = draw.number_of("delta", deltas);
    stated(gamma, loss, ahead, delta)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, Q::ZERO, &["1", "1/1000", "1/1000000000"])
}

fn nine_to_minus_thirty_six() -> Case {
    stated(number("9/10"), number("5"), Q::ZERO, number("1/1000000000"))
}

fn tied(case: &Case) -> bool {
    case.world.optimum(&case.r("train")).gap[..2].iter().all(Q::is_zero)
}

fn without_tied(draw: &mut Draw) -> Case {
    drawn(draw, number("1/10"), &["1/1000"])
}

fn favours_worse(case: &Case) -> bool {
    *case.n("delta") > Q::ZERO
}

fn without_favours_worse(draw: &mut Draw) -> Case {
    drawn(draw, Q::ZERO, &["-1", "-1/1000"])
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, train, loss) = (&case.world, case.r("train"), case.n("loss"));
    let mut truth = train.clone();
    truth[3] -= loss;
    let mut moved = train;
    moved[1] += case.n("delta");
    let of_h = world.j(&world.playing(&[("s0", "h")]), &truth);
    let said = &world.gamma * loss / (Q::ONE - &world.gamma);
    let optimal = world.policies().into_iter().filter(|pi| world.is_optimal(pi, &moved));
    let falls = optimal.map(|pi| Finding::equal("fall of the true return", &(&of_h - world.j(&pi, &truth)), &said));
    let (lab, of_k) = (Lab::of(case), [1, 2, 3]);
    Finding::all(falls.chain([lab.values_hold(&of_k, "train"), lab.visits_hold(&of_k)]))
}
